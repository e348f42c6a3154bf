//! What the verdict does not cover.

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::run::Run;

use super::paint::Painter;
use crate::safe;

/// Problems that a report usually lists; JSON has all.
pub(super) const USUAL: usize = 40;

/// Problems, and history that was not there or not walked.
pub(super) fn all(run: &Run, most: usize, paint: &Painter) -> String {
    let mut text = String::new();
    for problem in run.problems.iter().take(most) {
        text.push_str(&paint.wrap(&format!("- {}", words(problem)), "  ", "    "));
        if !problem.remedy.is_empty() {
            text.push_str(&paint.wrap(&paint.dim(&safe::line(&problem.remedy)), "    ", "    "));
        }
    }
    if run.problems.len() > most {
        let more = format!("- {} more, all of them in the JSON report", run.problems.len() - most);
        text.push_str(&paint.wrap(&more, "  ", "    "));
    }
    if let Some(history) = history(run) {
        text.push_str(&paint.wrap(&format!("- {history}"), "  ", "    "));
    }
    if text.is_empty() { text } else { format!("{}{text}", paint.heading("Not examined")) }
}

pub(super) fn history(run: &Run) -> Option<&'static str> {
    let examined = &run.source.examined;
    let said = run.problems.iter().any(|problem| problem.kind == ProblemKind::History);
    match examined.commits {
        None if run.facts.is_empty() => None,
        None => Some("no git history: nothing is known about earlier states"),
        Some(_) if !examined.history_complete && !said => {
            Some("the history is not complete: nothing is known about the commits that were not walked")
        }
        Some(_) => None,
    }
}

pub(super) fn words(problem: &Problem) -> String {
    let what = safe::line(&problem.what);
    let path = safe::line(&problem.path.to_string());
    match (problem.path.is_root(), problem.line) {
        (true, _) => what,
        (false, None) => format!("{path}: {what}"),
        (false, Some(line)) => format!("{path}:{line}: {what}"),
    }
}
