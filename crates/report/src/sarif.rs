//! SARIF 2.1.0, for code scanning and for any other reader of it.
//!
//! There are two formats. `sarif` is for GitHub's code scanning, which makes an open alert of every result, whatever its `kind`
//! ([PSRule issue 955](https://github.com/microsoft/PSRule/issues/955)) and its `suppressions` (neither is among the properties
//! that "SARIF support for code scanning" lists): so it holds what is unmet and what could not be told, and nothing that is
//! met or waived. `sarif-audit` holds everything, for readers that know what `kind` and `suppressions` mean.
//!
//! There are no `fixes`: they need the text that is to be inserted, which whoever carries out an edit makes. The words of the
//! message say what to do. There is no `versionControlProvenance`: it needs the address of the repository.

mod chain;
mod log;
mod notices;
mod place;
mod result;
mod rules;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use forebear_types::Time;
use forebear_types::finding::Finding;
use forebear_types::obligation::Answer;
use forebear_types::run::Run;

use crate::text::count;
use crate::{json, safe, tally};
use log::{AutomationDetails, Driver, Invocation, Log, Notification, RunProperties, Tool};
use result::Results;
use rules::Rules;

/// Where the standard keeps its schema.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Which readers a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// GitHub's code scanning, within its limits.
    CodeScanning,
    /// Everybody else: what is met and what is waived too, without limits.
    Auditor,
}

/// Runs in a file that GitHub takes.
///
/// Source of this and of [`RESULTS`] and [`BYTES`]: "SARIF results exceed one or more limits" and "SARIF results file is too
/// large" in GitHub's documentation. 25,000 results of a run are taken, and 5,000 of them kept; a file may have 10 MB when
/// compressed.
const RUNS: usize = 20;

/// Results of a run that GitHub keeps.
const RESULTS: usize = 5_000;

/// Bytes of all results before indentation and compression. Results are much alike, and compress to a tenth and less.
const BYTES: usize = 24_000_000;

/// Writes one file about all repositories, a SARIF run for each.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let limited = reader == Reader::CodeScanning;
    let kept = if limited { worst(runs) } else { (0..runs.len()).collect() };
    let mut names = BTreeMap::new();
    let mut bytes = if limited { BYTES } else { usize::MAX };
    let mut written = Vec::with_capacity(kept.len());
    for (position, index) in kept.iter().enumerate() {
        let name = unique(&runs[*index].name, &mut names);
        // What one repository does not need of its share is there for those after it.
        let share = bytes / (kept.len() - position);
        let (run, used) = one(&runs[*index], &name, runs.len() > 1, limited.then_some(share));
        bytes -= used;
        written.push(run);
    }
    if let Some(first) = written.first_mut().filter(|_| kept.len() < runs.len()) {
        let more = count(runs.len() - kept.len(), "repository");
        let words =
            format!("{more} left out: code scanning takes {RUNS} in one file. They have fewer findings.");
        first.invocations[0].tool_execution_notifications.push(notices::left_out(&words));
    }
    json::write_pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: written }, out)
}

/// The repositories that fit into a file, in their own order: of too many, those with the worst findings.
fn worst(runs: &[Run]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    if runs.len() > RUNS {
        order.sort_by_key(|index| {
            let tally = tally::Tally::of(&runs[*index]);
            Reverse((tally.violations, tally.warnings, tally.notes))
        });
        order.truncate(RUNS);
        order.sort_unstable();
    }
    order
}

/// A name for each repository: GitHub refuses a file with two runs of one category.
fn unique(name: &str, names: &mut BTreeMap<String, usize>) -> String {
    let name = safe::line(name);
    let count = names.entry(name.clone()).or_default();
    *count += 1;
    if *count == 1 { name } else { format!("{name}#{count}") }
}

/// One repository, and how many bytes its results take.
fn one(run: &Run, name: &str, among_others: bool, most: Option<usize>) -> (log::Run, usize) {
    let rules = Rules::of(run);
    let prefix = if among_others { format!("{name}:") } else { String::new() };
    let mut made = Results::new(run, &rules, prefix);
    let (mut results, mut used) = (Vec::new(), 0);
    let findings = findings(run, most.is_some());
    for finding in &findings {
        let result = made.of(finding);
        if let Some(most) = most {
            let length = result::length(&result);
            if results.len() == RESULTS || used + length > most {
                break;
            }
            used += length;
        }
        results.push(result);
    }
    let mut notifications = notices::problems(run, most.is_some());
    notifications.extend(cut(findings.len(), results.len()));
    let invocation = Invocation {
        execution_successful: true,
        // §3.9: times are in UTC.
        end_time_utc: Time::utc(run.maker.time.seconds).to_string(),
        rule_configuration_overrides: rules.overrides(),
        tool_execution_notifications: notifications,
    };
    let driver = Driver {
        name: "forebear",
        semantic_version: run.maker.version,
        information_uri: run.maker.docs.clone(),
        language: "en",
        rules: rules.descriptors(),
        notifications: notices::descriptors(),
    };
    let written = log::Run {
        tool: Tool { driver },
        invocations: vec![invocation],
        // GitHub: what stands before the last slash is the category.
        automation_details: AutomationDetails { id: format!("forebear/{name}/") },
        column_kind: "unicodeCodePoints",
        results,
        properties: RunProperties {
            repository: safe::line(&run.name),
            revision: run.source.head.map(|head| head.to_string()),
            catalog: run.maker.catalog.clone(),
        },
    };
    (written, used)
}

/// The findings of a file, worst first; what stood at the baseline already comes later, what is met comes last.
fn findings(run: &Run, limited: bool) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> =
        if limited { tally::listed(run).collect() } else { run.findings.iter().collect() };
    findings.sort_by_key(|finding| {
        (
            finding.answer == Answer::Met,
            finding.waived.is_some(),
            finding.known,
            Reverse(tally::severity(finding)),
            finding.answer == Answer::Unknown,
        )
    });
    findings
}

fn cut(all: usize, kept: usize) -> Option<Notification> {
    let more = all.checked_sub(kept).filter(|more| *more > 0)?;
    let words = format!(
        "{} left out, the least grave ones: code scanning keeps {RESULTS} results of a repository. All are in the JSON report.",
        count(more, "result")
    );
    Some(notices::left_out(&words))
}
