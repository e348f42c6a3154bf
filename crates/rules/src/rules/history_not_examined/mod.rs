//! `history-not-examined`.

use forebear_types::fact::{Fact, FactKind, Problem, ProblemKind};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::history::Sign;
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RepoPath, RuleId};

use crate::draft::Draft;
use crate::{Context, Rule, Stage};

#[cfg(test)]
mod tests;

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
    let of_commits: Vec<&Problem> =
        history.problems.iter().filter(|problem| problem.kind == ProblemKind::History).collect();
    let unread = unread(context);
    let commits = match history.commits {
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    };
    let (answer, message) = if let Some(first) = of_commits.first() {
        let more = more(of_commits.len(), "reason");
        let message = format!(
            "Not all of the history was examined: {}{more}. Of {commits} the state is known; what was removed or changed \
             elsewhere is not.{}",
            first.what,
            also(&history.signs)
        );
        (Answer::Unmet, message)
    } else if let Some(first) = history.signs.first() {
        let more = more(history.signs.len(), "sign");
        let message = format!(
            "Everything that is here was examined ({commits}), but the history is not what it was: {}{more}. What was removed or \
             changed in states that are not here is not known.",
            first.what
        );
        (Answer::Unmet, message)
    } else if let Some(first) = unread.first() {
        let more = more(unread.len(), "file");
        let message = format!(
            "Every commit was looked at ({commits}), but in earlier ones {first}{more} could not be read. Could not tell what it \
             said then."
        );
        (Answer::Unknown, message)
    } else if history.complete {
        (Answer::Met, format!("The whole history was examined: {commits}."))
    } else {
        (Answer::Unmet, format!("Not all of the history was examined: no more than {commits}."))
    };
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unknown => "`git show` gives such a version; compare it by hand.".to_owned(),
        Answer::Unmet => match (of_commits.first(), history.signs.first()) {
            (Some(first), _) => format!("To examine it: {}.", first.remedy),
            (None, Some(first)) => format!("To see more: {}.", first.remedy),
            (None, None) => "Run `forebear check --history`.".to_owned(),
        },
    };
    let path = unread.first().filter(|_| answer == Answer::Unknown).cloned().unwrap_or_default();
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

/// Legal files that could not be read in an earlier state and are not so now: what cannot be read in the present is a matter of it.
fn unread(context: &Context<'_>) -> Vec<RepoPath> {
    let is_unread = |fact: &Fact| matches!(&fact.kind, FactKind::LegalFile(file) if !file.examined);
    let present: Vec<&RepoPath> =
        context.input.facts.iter().filter(|fact| is_unread(fact)).map(|fact| &fact.path).collect();
    // What others propose is not judged, so what cannot be read there is not missed.
    let history = context.input.history;
    let states = history.line.iter().map(|point| &history.states[point.state]);
    let mut paths: Vec<RepoPath> = states
        .flat_map(|state| &state.facts)
        .filter(|fact| is_unread(fact) && !present.contains(&&fact.path))
        .map(|fact| fact.path.clone())
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// " Besides, …", if the history shows that it is not what it was.
fn also(signs: &[Sign]) -> String {
    signs.first().map_or_else(String::new, |first| {
        format!(" Besides, the history is not what it was: {}{}.", first.what, more(signs.len(), "sign"))
    })
}

/// ", and 2 more files", if there are more than one.
fn more(count: usize, what: &str) -> String {
    match count {
        0 | 1 => String::new(),
        2 => format!(", and 1 more {what}"),
        count => format!(", and {} more {what}s", count - 1),
    }
}
