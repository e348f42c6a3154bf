//! Runs every literate case through the whole pipeline: the rules' `cases.md` and the stories under `fixtures/`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads its cases")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use forebear::cli::{Arguments, Command};
use forebear::pipeline::{Request, Walk, counted, examine};
use forebear_lineage::catalog::Catalog;
use forebear_scanner::source::What;
use forebear_testkit::case::{CaseRepo, Observed, run_cases};
use forebear_types::finding::{Finding, Place};
use forebear_types::history::About;
use forebear_types::lineage::{Candidate, Evidence, Hop, Relation};
use forebear_types::location::Location;
use forebear_types::obligation::Answer;
use forebear_types::run::Run;
use forebear_types::{RepoPath, Time};

/// The moment at which all cases are judged: 2026-04-01.
const NOW: i64 = 1_775_001_600;

#[test]
fn every_rule_does_what_its_cases_say() {
    let rules = root().join("crates/rules/src/rules");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(rules).unwrap().map(|entry| entry.unwrap().path().join("cases.md")).collect();
    files.sort();
    assert_eq!(files.len(), forebear_rules::RULES.len());
    run_all(&files);
}

#[test]
fn the_stories_come_out_as_told() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("fixtures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    run_all(&files);
}

/// Each rule shows at least one met, one unmet and one could-not-tell case.
#[test]
fn every_rule_has_cases_of_all_three_answers() {
    for rule in forebear_rules::RULES {
        let folder = rule.id.0.replace('-', "_");
        let path = root().join(format!("crates/rules/src/rules/{folder}/cases.md"));
        let text = std::fs::read_to_string(&path).unwrap();
        let has = |words: &[&str]| {
            text.lines().any(|line| {
                let mut parts = line.split_whitespace();
                parts.next().is_some_and(|first| words.contains(&first)) && parts.next() == Some(rule.id.0)
            })
        };
        assert!(has(&["met"]), "{folder}: no met case");
        assert!(has(&["violation", "warning", "note"]), "{folder}: no unmet case");
        assert!(has(&["unknown"]), "{folder}: no could-not-tell case");
    }
}

fn run_all(files: &[PathBuf]) {
    let mut failures = String::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let origin = file.to_str().unwrap();
        let report = run_cases(&text, origin, &mut observe);
        if !report.passed() {
            failures.push_str(&report.to_string());
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the pipeline on a case's repository and writes down what it says, in the cases' own form.
fn observe(case: &CaseRepo) -> Observed {
    let path = case.path().to_path_buf();
    let mut arguments = vec!["forebear".to_owned(), "check".to_owned(), path.to_str().unwrap().to_owned()];
    arguments.extend(case.options().iter().cloned());
    let Command::Check(check) = Arguments::try_parse_from(arguments).expect("options of a case").command
    else {
        unreachable!("the command is check")
    };
    let what = match (check.state.rev, check.state.staged) {
        (Some(revision), _) => What::Revision(revision),
        (None, true) => What::Index,
        (None, false) => What::WorkTree,
    };
    let bases = check
        .state
        .bases
        .iter()
        .map(|base| forebear_types::run::StatedBase {
            model: Some(forebear_types::ModelId::from(base.as_str())),
            ..Default::default()
        })
        .collect();
    let request = Request {
        path,
        what,
        walk: Walk { whole: check.history, all_refs: check.reach.all_refs, ..Walk::default() },
        baseline: check.baseline,
        bases,
        upstream: check.upstream,
        config: None,
        catalog: Catalog::embedded(),
        fingerprints: Arc::from([]),
        now: Time::utc(NOW),
    };
    match examine(&request) {
        Ok(run) => observed(&run),
        Err(error) => Observed {
            problems: vec![error.to_string()],
            exit: i32::from(error.exit().code()),
            ..Observed::default()
        },
    }
}

fn observed(run: &Run) -> Observed {
    let counts = counted(run).any(|finding| finding.severity == forebear_types::finding::Severity::Violation);
    Observed {
        findings: run.findings.iter().map(finding_line).collect(),
        obligations: run
            .obligations
            .iter()
            .map(|obligation| {
                let place = obligation.satisfied_by.first().map_or_else(|| "-".to_owned(), location_words);
                let conditional = if obligation.certain { "" } else { " conditional" };
                let (answer, duty, license) =
                    (obligation.answer.name(), obligation.duty.name(), &obligation.license);
                format!("{answer} {duty} {license} {place}{conditional}")
            })
            .collect(),
        lineage: run.lineage.hops.iter().map(hop_line).collect(),
        evidence: run.lineage.hops.first().map(evidence_lines).unwrap_or_default(),
        problems: run.problems.iter().map(|problem| format!("{} {}", problem.path, problem.what)).collect(),
        history: run
            .history
            .events
            .iter()
            .map(|event| {
                let about = match &event.about {
                    About::LegalFile => "",
                    About::Declaration(key) => key,
                    About::Evidence => "evidence",
                };
                format!("{} {} {about}", event.kind.name(), event.path).trim_end().to_owned()
            })
            .collect(),
        exit: i32::from(counts),
    }
}

fn hop_line(hop: &Hop) -> String {
    let names: Vec<String> = hop
        .candidates
        .iter()
        .map(|Candidate { model, revision, .. }| match revision {
            Some(revision) => format!("{model}@{revision}"),
            None => model.to_string(),
        })
        .collect();
    let mut words = vec![hop.strength.name()];
    if hop.unique {
        words.push("unique");
    }
    words.push(if hop.declared { "declared" } else { "undeclared" });
    if hop.relation != Relation::Unknown {
        words.push(hop.relation.name());
    }
    let mut line = format!("{} {}", words.join(" "), names.join(", "));
    if hop.subject != RepoPath::root() {
        line.push_str(&format!(" in {}/", hop.subject));
    }
    line
}

fn evidence_lines(hop: &Hop) -> Vec<String> {
    let line = |side: &str, one: &Evidence| format!("{side} {}: {}", one.kind.name(), one.detail);
    let because = hop.because.iter().map(|one| line("for", one));
    because.chain(hop.against.iter().map(|one| line("against", one))).collect()
}

fn finding_line(finding: &Finding) -> String {
    let answer = match finding.answer {
        Answer::Met => "met",
        Answer::Unknown => "unknown",
        Answer::Unmet => finding.severity.name(),
    };
    let upstream = match finding.upstream.as_slice() {
        [] => "-".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}+{}", rest.len()),
    };
    let place = finding
        .places
        .first()
        .map_or_else(|| "-".to_owned(), |Place { location, .. }| location_words(location));
    let mut line = format!("{answer} {} {upstream} {place}", finding.rule);
    if let Some(exposure) = &finding.exposure {
        line.push_str(if exposure.to.is_some() { " exposure=closed" } else { " exposure=open" });
        line.push_str(&format!(" commits={}", exposure.commits));
    }
    if finding.waived.is_some() {
        line.push_str(" waived");
    }
    line
}

fn location_words(location: &Location) -> String {
    match location.lines {
        None => location.path.to_string(),
        Some(lines) if lines.first == lines.last => format!("{}:{}", location.path, lines.first),
        Some(lines) => format!("{}:{}-{}", location.path, lines.first, lines.last),
    }
}
