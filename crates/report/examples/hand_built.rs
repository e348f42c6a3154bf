//! Writes reports of runs that are built by hand, for validators and browsers:
//! `cargo run --package forebear-report --example hand_built -- FOLDER [FORMAT…] [RUN…]`.
//!
//! Every format if none is named, and every run but the crowd. `FOLDER/large.sarif` is the run `large` in the format `sarif`. The run
//! `compared` stands for the pages and pictures of comparisons of weights, which are there in these formats only.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "an example reads its arguments and writes files"
)]

#[path = "../tests/compared/mod.rs"]
mod compared;
#[path = "../tests/stories/mod.rs"]
mod stories;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use forebear_report::layer_map::LayerMap;
use forebear_report::text::{TextOptions, View};
use forebear_report::{Format, html, write};
use forebear_types::run::Run;

/// The name of a report, and the repositories that it is about.
type Story = (&'static str, fn() -> Vec<Run>);

/// What is written if no run is named.
const RUNS: &[Story] = &[
    ("empty", || vec![stories::empty()]),
    ("clean", || vec![stories::clean()]),
    ("violation", || vec![stories::violation()]),
    ("life", || vec![stories::life()]),
    ("family", || vec![stories::family()]),
    ("adapter", || vec![stories::adapter()]),
    ("weights", || vec![stories::weights()]),
    ("hostile", || vec![stories::hostile()]),
    ("markup", || vec![stories::markup()]),
    ("many", || {
        vec![
            stories::violation(),
            stories::markup(),
            stories::clean(),
            stories::life(),
            stories::family(),
            stories::weights(),
        ]
    }),
    ("large", || vec![stories::large(10_000)]),
];

/// Two thousand repositories: too many for most formats, and so only for those who ask.
const CROWD: Story = ("crowd", || (0..2_000).map(repository).collect());

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: hand_built FOLDER [FORMAT…] [RUN…]");
        return ExitCode::from(2);
    };
    let (mut formats, mut runs, mut pairs) = (Vec::new(), Vec::new(), false);
    std::fs::create_dir_all(&folder).unwrap();
    for word in arguments {
        if word == "compared" {
            pairs = true;
            continue;
        }
        let run = RUNS.iter().chain([&CROWD]).find(|(name, _)| *name == word);
        match (Format::from_name(&word), run) {
            (Some(format), _) => formats.push(format),
            (None, Some(run)) => runs.push(*run),
            (None, None) => {
                eprintln!("{word} is neither a format nor a run");
                return ExitCode::from(2);
            }
        }
    }
    if formats.is_empty() {
        formats.extend(Format::all());
    }
    if runs.is_empty() && !pairs {
        runs.extend(RUNS);
        pairs = true;
    }
    if pairs {
        comparisons(&folder);
    }
    let options =
        TextOptions { color: false, width: 100, unicode: true, view: View::Check, links: false, today: None };
    for (name, make) in runs {
        let made = make();
        for format in formats.iter().filter(|format| format.holds_many() || made.len() == 1) {
            let mut bytes = Vec::new();
            write(&made, *format, &options, &mut bytes).unwrap();
            std::fs::write(folder.join(format!("{name}.{}", format.name())), bytes).unwrap();
        }
    }
    ExitCode::SUCCESS
}

/// Comparisons of weights: layers dropped, many layers, and nothing shared under names that are markup.
fn comparisons(folder: &Path) {
    let evil = format!("evil/{}", stories::MARKUP);
    let built = [
        ("compared-dropped", compared::dropped()),
        ("compared-deep", compared::deep(80, true)),
        ("compared-withheld", compared::withheld(&evil)),
    ];
    for (name, built) in built {
        let (mut page, mut picture) = (Vec::new(), Vec::new());
        html::comparison::write(built.compared(), "0.1.0", &mut page).unwrap();
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
        let map = LayerMap::of(&built.result).unwrap();
        map.write(&built.suspect.path, &built.base.path, &mut picture).unwrap();
        std::fs::write(folder.join(format!("{name}.svg")), picture).unwrap();
    }
}

/// One of many repositories, each of its own name.
fn repository(number: usize) -> Run {
    let stories = [stories::clean, stories::violation, stories::family, stories::empty, stories::life];
    let mut run = stories[number % stories.len()]();
    run.name = format!("organisation-{}/model-{number}", number % 37);
    run
}
