//! JUnit XML: what CI systems show as tests.
//!
//! A repository is a suite. Cases are, in this order: the findings, met ones included; the duties that no finding judges; the
//! rules that found nothing; what could not be examined. JUnit knows passed, failed and skipped, and no warnings. Only a
//! violation that is neither waived nor known from a baseline fails. Warnings, notes, what could not be told, what is waived and
//! what was not examined are skipped with the reason: viewers show that, and no build breaks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Answer, Creditor, Obligation};
use forebear_types::run::Run;
use forebear_types::{RepoPath, Time};

use crate::anchor::Anchors;
use crate::svg::xml::escape;
use crate::tally::Tally;
use crate::text::{checklist, count, one_of, verdict_words};
use crate::{safe, tally};

/// Writes one file about all repositories.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<(&Run, Vec<Case>)> = runs.iter().map(|run| (run, cases(run))).collect();
    let all: Vec<&Case> = suites.iter().flat_map(|(_, cases)| cases).collect();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    line(&mut text, 0, &format!("<testsuites name=\"forebear\" {}>", numbers(&all)));
    for (run, cases) in &suites {
        suite(&mut text, run, cases);
    }
    line(&mut text, 0, "</testsuites>");
    out.write_all(text.as_bytes())
}

/// How a case ended.
enum Outcome {
    Passed,
    /// What is wrong, and what to do.
    Failed(String, String),
    /// Why nothing can be said, or why it does not count.
    Skipped(String),
}

struct Case {
    class: String,
    name: String,
    /// The file that GitLab links to.
    file: Option<String>,
    outcome: Outcome,
}

fn cases(run: &Run) -> Vec<Case> {
    let anchors = Anchors::of(run);
    let mut cases: Vec<Case> =
        run.findings.iter().map(|finding| of_finding(run, finding, &anchors)).collect();
    let judged: BTreeSet<usize> = run.findings.iter().filter_map(|finding| finding.obligation).collect();
    let duties = run.obligations.iter().enumerate().filter(|(index, _)| !judged.contains(index));
    cases.extend(duties.map(|(_, owed)| of_duty(run, owed)));
    let quiet =
        run.maker.rules.iter().filter(|rule| run.findings.iter().all(|finding| finding.rule != rule.id));
    cases.extend(quiet.map(|rule| Case {
        class: class(rule.id.0),
        name: "nothing found".to_owned(),
        file: None,
        outcome: Outcome::Passed,
    }));
    cases.extend(run.problems.iter().map(|problem| Case {
        class: "forebear.not-examined".to_owned(),
        name: if problem.path.is_root() {
            "the repository".to_owned()
        } else {
            safe::line(&problem.path.to_string())
        },
        file: (!problem.path.is_root()).then(|| file(run, &problem.path)),
        outcome: Outcome::Skipped(safe::line(&format!("{}: {}", problem.what, problem.remedy))),
    }));
    // Viewers take cases of one name for one case.
    let mut names: BTreeMap<(String, String), usize> = BTreeMap::new();
    for case in &mut cases {
        let count = names.entry((case.class.clone(), case.name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            write!(case.name, " ({count})").expect("writing to a string cannot fail");
        }
    }
    cases
}

/// A path of the whole repository.
fn file(run: &Run, path: &RepoPath) -> String {
    safe::line(&run.folder.join_path(path).to_string())
}

fn of_finding(run: &Run, finding: &Finding, anchors: &Anchors<'_>) -> Case {
    let at = anchors.anchor(finding);
    let file = at.as_ref().map(|at| file(run, &at.path));
    let about = match (finding.upstream.as_slice(), &file) {
        ([], Some(file)) => file.clone(),
        ([], None) => "the repository".to_owned(),
        (models, _) => one_of(models.iter().take(3)),
    };
    let severity = tally::severity(finding);
    let words = safe::line(&finding.message);
    let waiver = finding.waived.and_then(|index| run.waivers.get(index));
    let outcome = match (finding.answer, waiver, severity) {
        (Answer::Met, ..) => Outcome::Passed,
        (_, Some(waiver), _) => Outcome::Skipped(format!("waived: {}. {words}", safe::line(&waiver.reason))),
        _ if finding.known => Outcome::Skipped(format!("known at the baseline: {words}")),
        (Answer::Unknown, ..) => Outcome::Skipped(format!("could not tell: {words}")),
        (Answer::Unmet, None, Severity::Violation) => Outcome::Failed(words, detail(finding)),
        (Answer::Unmet, None, milder) => Outcome::Skipped(format!("{}: {words}", milder.name())),
    };
    Case { class: class(finding.rule.0), name: safe::shorten(&about, 200), file, outcome }
}

/// A duty that no rule judges: met, owed under a condition only, or of a rule that is off.
fn of_duty(run: &Run, owed: &Obligation) -> Case {
    let to = match &owed.creditor {
        Creditor::Ancestor { candidates, .. } => format!("owed to {}", one_of(candidates.iter().take(3))),
        Creditor::Own => "owed to whoever receives the model".to_owned(),
    };
    let clause = checklist::clause(&owed.clause);
    Case {
        class: class(owed.duty.name()),
        name: safe::shorten(&format!("{}{clause}, {to}", safe::line(owed.license.as_str())), 300),
        file: owed.satisfied_by.first().filter(|at| !at.path.is_root()).map(|at| file(run, &at.path)),
        outcome: match owed.answer {
            Answer::Met => Outcome::Passed,
            Answer::Unmet | Answer::Unknown => {
                let condition = if owed.certain { "" } else { ", if this is the base" };
                let reason = safe::line(&owed.reason);
                Outcome::Skipped(format!("no rule judges it: {}{condition}: {reason}", owed.answer.name()))
            }
        },
    }
}

fn detail(finding: &Finding) -> String {
    let places: Vec<String> = finding
        .places
        .iter()
        .take(10)
        .map(|place| {
            let commit =
                place.commit.map(|commit| format!("commit {}, ", commit.short())).unwrap_or_default();
            let at = crate::text::place(&place.location);
            format!("at {commit}{at}: {}", safe::line(&place.label))
        })
        .collect();
    format!("{}\n{}\nfingerprint {}", safe::line(&finding.help), places.join("\n"), finding.fingerprint)
}

fn class(name: &str) -> String {
    format!("forebear.{name}")
}

fn suite(text: &mut String, run: &Run, cases: &[Case]) {
    let all: Vec<&Case> = cases.iter().collect();
    // XML Schema's dateTime without a zone, in UTC, as the readers of Ant's reports expect it.
    let time = Time::utc(run.maker.time.seconds).to_string();
    let time = time.trim_end_matches('Z');
    let name = escape(&safe::line(&run.name));
    let skipped = cases.iter().filter(|case| matches!(case.outcome, Outcome::Skipped(_))).count();
    line(
        text,
        1,
        &format!("<testsuite name=\"{name}\" {} skipped=\"{skipped}\" timestamp=\"{time}\">", numbers(&all)),
    );
    for case in cases {
        element(text, case);
    }
    let verdict = escape(&verdict_words(run, &Tally::of(run)));
    let problems = count(run.problems.len(), "thing");
    line(text, 2, &format!("<system-out>{verdict}; {problems} not examined</system-out>"));
    line(text, 1, "</testsuite>");
}

fn element(text: &mut String, case: &Case) {
    let mut attributes =
        format!("classname=\"{}\" name=\"{}\" time=\"0\"", escape(&case.class), escape(&case.name));
    if let Some(file) = &case.file {
        write!(attributes, " file=\"{}\"", escape(file)).expect("writing to a string cannot fail");
    }
    let inner = match &case.outcome {
        Outcome::Passed => return line(text, 2, &format!("<testcase {attributes}/>")),
        Outcome::Failed(message, detail) => {
            format!(
                "<failure message=\"{}\" type=\"violation\">{}</failure>",
                escape(message),
                escape(detail)
            )
        }
        Outcome::Skipped(why) => format!("<skipped message=\"{}\"/>", escape(why)),
    };
    line(text, 2, &format!("<testcase {attributes}>"));
    line(text, 3, &inner);
    line(text, 2, "</testcase>");
}

fn numbers(cases: &[&Case]) -> String {
    let failed = cases.iter().filter(|case| matches!(case.outcome, Outcome::Failed(..))).count();
    format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" time=\"0\"", cases.len())
}

fn line(text: &mut String, depth: usize, words: &str) {
    writeln!(text, "{:indent$}{words}", "", indent = 2 * depth).expect("writing to a string cannot fail");
}
