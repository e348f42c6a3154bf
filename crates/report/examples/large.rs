//! Writes reports of runs that are built by hand, one of them with 10,000 findings, for validators of the formats:
//! `cargo run --package forebear-report --example large -- target/reports [FORMAT…]`; every format if none is named.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example writes files and says so"
)]

#[path = "../tests/stories/mod.rs"]
mod stories;

use std::fs;
use std::path::PathBuf;

use forebear_report::text::{TextOptions, View};
use forebear_report::{Format, write};
use forebear_types::run::Run;

fn main() {
    let target: PathBuf = std::env::args().nth(1).unwrap_or_else(|| "target/reports".to_owned()).into();
    fs::create_dir_all(&target).unwrap();
    let many = vec![stories::violation(), stories::markup(), stories::clean(), stories::life()];
    let repositories: [(&str, Vec<Run>); 9] = [
        ("empty", vec![stories::empty()]),
        ("clean", vec![stories::clean()]),
        ("violation", vec![stories::violation()]),
        ("life", vec![stories::life()]),
        ("family", vec![stories::family()]),
        ("hostile", vec![stories::hostile()]),
        ("markup", vec![stories::markup()]),
        ("many", many),
        ("large", vec![stories::large(10_000)]),
    ];
    let wanted: Vec<String> = std::env::args().skip(2).collect();
    let formats: Vec<Format> = match wanted.as_slice() {
        [] => Format::all().collect(),
        names => names.iter().map(|name| Format::from_name(name).expect("the name of a format")).collect(),
    };
    let options =
        TextOptions { color: false, width: 100, unicode: true, view: View::Check, links: false, today: None };
    for (name, runs) in &repositories {
        for format in formats.iter().copied().filter(|format| format.holds_many() || runs.len() == 1) {
            let mut bytes = Vec::new();
            write(runs, format, &options, &mut bytes).unwrap();
            let file = target.join(format!("{name}.{}", format.name()));
            fs::write(&file, bytes).unwrap();
        }
    }
    println!("{}: {} runs, {} formats", target.display(), repositories.len(), formats.len());
}
