//! `history-not-examined`.

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RepoPath, RuleId};

use crate::draft::Draft;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("history-not-examined"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "a part of the history could not be examined, so that verdicts about the past do not cover it",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let history = context.input.history;
    // A folder without git has no history that could be missing; the report says so by itself.
    if !context.holds_model() || history.head.is_none() {
        return;
    }
    // What cannot be read in the present state either is a matter of the present.
    let present = history.line.last().and_then(|point| history.states.get(point.state));
    let is_present = |problem: &Problem| present.is_some_and(|state| state.problems.contains(problem));
    let (of_commits, of_files): (Vec<&Problem>, Vec<&Problem>) = history
        .problems
        .iter()
        .filter(|problem| !is_present(problem))
        .partition(|problem| problem.kind == ProblemKind::History);
    let commits = match history.commits {
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    };
    let (answer, message) = if let Some(first) = of_commits.first() {
        let more = more(of_commits.len(), "reasons");
        let message = format!(
            "Not all of the history was examined: {}{more}. Of {commits} the state is known; what was removed or changed \
             elsewhere is not.",
            first.what
        );
        (Answer::Unmet, message)
    } else if let Some(first) = of_files.first() {
        let more = more(of_files.len(), "faults");
        let message = format!(
            "Every commit was looked at ({commits}), but in earlier ones not every file could be read: {}, {}{more}. Could not \
             tell what it said then.",
            first.path, first.what
        );
        (Answer::Unknown, message)
    } else if history.complete || !history.problems.is_empty() {
        (Answer::Met, format!("The whole history was examined: {commits}."))
    } else {
        (Answer::Unmet, format!("Not all of the history was examined: no more than {commits}."))
    };
    let remedies = of_commits.iter().chain(&of_files).map(|problem| problem.remedy.as_str());
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unmet | Answer::Unknown => remedies.take(1).collect::<String>(),
    };
    let path =
        of_commits.iter().chain(&of_files).next().map_or_else(RepoPath::root, |first| first.path.clone());
    let place =
        Place { location: Location::file(path), commit: history.head, label: "the history".to_owned() };
    findings.push(
        Draft {
            rule: RULE.id,
            answer,
            severity: Severity::Note,
            confidence: Confidence::High,
            places: vec![place],
            message,
            help,
        }
        .finding(),
    );
}

/// ", and 2 more files", if there are more than one.
fn more(count: usize, what: &str) -> String {
    match count {
        0 | 1 => String::new(),
        count => format!(", and {} more {what}", count - 1),
    }
}
