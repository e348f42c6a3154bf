//! Writes HTML reports that no small repository gives, for the browser tests:
//! `large_html findings 10000 FILE`, `large_html repositories 2000 FILE`, `large_html life 1 FILE`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "an example reads its arguments and writes a file"
)]

#[path = "../tests/stories/mod.rs"]
mod stories;

use std::process::ExitCode;

use forebear_types::run::Run;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, number, file] = arguments.as_slice() else {
        eprintln!("usage: large_html findings|repositories|life NUMBER FILE");
        return ExitCode::from(2);
    };
    let number: usize = number.parse().unwrap();
    let runs: Vec<Run> = match kind.as_str() {
        "findings" => vec![stories::large_for_html(number)],
        "life" => vec![stories::life(), stories::family()].into_iter().take(number).collect(),
        _ => (0..number).map(repository).collect(),
    };
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    forebear_report::html::write_all(&runs, &mut out).unwrap();
    ExitCode::SUCCESS
}

/// One of many repositories, each of its own name.
fn repository(number: usize) -> Run {
    let stories = [stories::clean, stories::violation, stories::family, stories::empty, stories::life];
    let mut run = stories[number % stories.len()]();
    run.name = format!("organisation-{}/model-{number}", number % 37);
    run
}
