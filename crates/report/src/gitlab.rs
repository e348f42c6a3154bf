//! GitLab Code Quality: what a merge request shows beside its lines.
//!
//! The shape is the part of the Code Climate format that GitLab reads: "Code Quality", "Code Quality report format" in GitLab's
//! documentation.

use std::collections::BTreeMap;
use std::io::{self, Write};

use forebear_types::finding::{Finding, Severity};
use forebear_types::run::Run;
use serde::Serialize;

use crate::anchor::Anchors;
use crate::{json, safe, tally};

/// Writes one list about all repositories. What is met or waived is not in it.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], out: &mut dyn Write) -> io::Result<()> {
    let mut names = BTreeMap::new();
    let mut issues = Vec::new();
    for run in runs {
        let repository = if runs.len() > 1 { format!("{}: ", safe::line(&run.name)) } else { String::new() };
        let anchors = Anchors::of(run);
        issues.extend(
            tally::listed(run)
                .map(|finding| issue(run, finding, &anchors.somewhere(finding), &repository, &mut names)),
        );
    }
    json::write_pretty(&issues, out)
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    /// GitLab does not read it; other readers of the Code Climate format ask for it.
    end: u32,
}

fn issue(
    run: &Run,
    finding: &Finding,
    at: &forebear_types::Location,
    repository: &str,
    names: &mut BTreeMap<String, usize>,
) -> Issue {
    let help =
        if finding.help.is_empty() { String::new() } else { format!(" {}", safe::line(&finding.help)) };
    Issue {
        description: format!("{repository}{}{help}", safe::line(&finding.message)),
        check_name: format!("forebear/{}", finding.rule),
        fingerprint: unique(finding, repository, names),
        severity: match tally::severity(finding) {
            // `blocker` is left to those who decide what blocks.
            Severity::Violation => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        },
        location: Location {
            path: run.folder.join_path(&at.path).to_string(),
            lines: at
                .lines
                .map_or(Lines { begin: 1, end: 1 }, |lines| Lines { begin: lines.first, end: lines.last }),
        },
    }
}

/// GitLab shows one of several entries with one fingerprint.
fn unique(finding: &Finding, repository: &str, names: &mut BTreeMap<String, usize>) -> String {
    let name = format!("{repository}{}", finding.fingerprint);
    let count = names.entry(name.clone()).or_default();
    *count += 1;
    if *count == 1 { name } else { format!("{name}:{count}") }
}
