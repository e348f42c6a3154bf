//! Writes the hand-built runs of the tests, and one with 10,000 findings, in a format: what validators read.
//!
//! `cargo run -p forebear-report --example hand_built -- cyclonedx target/hand-built` writes `target/hand-built/violation.cyclonedx` …
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    reason = "a tool of the tests writes files"
)]

#[path = "../tests/stories/mod.rs"]
mod stories;

use std::path::PathBuf;
use std::process::ExitCode;

use forebear_report::Format;
use forebear_report::text::{TextOptions, View};
use forebear_types::fact::{LfsPointer, WeightsFile, WeightsFormat};
use forebear_types::finding::Fingerprint;
use forebear_types::run::Run;
use forebear_types::{Location, Sha256, fact::FactKind};

/// Ten thousand findings, duties to match, and a thousand weight files.
fn large() -> Run {
    let mut run = stories::violation();
    let (finding, owed) = (run.findings[1].clone(), run.obligations[0].clone());
    run.findings = (0..10_000)
        .map(|number| {
            let mut one = finding.clone();
            one.fingerprint = Fingerprint(format!("{number:032x}"));
            one.places[0].location = Location::file(stories::path(&format!("folder-{number}/config.json")));
            one
        })
        .collect();
    run.obligations = vec![owed; 1000];
    run.facts.extend((0..1000_u32).map(|number| {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        let pointer = Some(LfsPointer { sha256: Sha256(digest), size: 1 << 30 });
        let file = WeightsFile { format: WeightsFormat::Safetensors, size: 1 << 30, pointer, adapter: false };
        stories::fact(&format!("model-{number:05}-of-01000.safetensors"), FactKind::Weights(file))
    }));
    run
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, folder] = arguments.as_slice() else {
        eprintln!("usage: hand_built FORMAT FOLDER");
        return ExitCode::FAILURE;
    };
    let Some(known) = Format::from_name(format) else {
        eprintln!("{format} is no format");
        return ExitCode::FAILURE;
    };
    let options =
        TextOptions { color: false, width: 100, unicode: true, view: View::Check, links: false, today: None };
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, run) in [
        ("empty", stories::empty()),
        ("violation", stories::violation()),
        ("life", stories::life()),
        ("clean", stories::clean()),
        ("family", stories::family()),
        ("hostile", stories::hostile()),
        ("adapter", stories::adapter()),
        ("large", large()),
    ] {
        let mut bytes = Vec::new();
        forebear_report::write(&[run], known, &options, &mut bytes).unwrap();
        std::fs::write(folder.join(format!("{name}.{format}")), bytes).unwrap();
    }
    ExitCode::SUCCESS
}
