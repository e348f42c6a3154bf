//! What the results do not cover, as notifications of the run.

use forebear_types::Location;
use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::run::Run;

use super::log::{Configuration, Descriptor, Help, Level, Notification, Reference, Text};
use super::place;

/// What could not be examined.
const NOT_EXAMINED: usize = 0;
/// What the file leaves out.
const LEFT_OUT: usize = 1;

/// Id, name and description of each kind of notification.
const KINDS: &[(&str, &str, &str)] = &[
    (
        "forebear/not-examined",
        "NotExamined",
        "Something could not be examined, or not wholly. No verdict covers it.",
    ),
    ("forebear/left-out", "LeftOut", "The file leaves results out, so that code scanning takes it."),
];

/// Problems in one file that code scanning gets; it shows none of them.
const PROBLEMS: usize = 500;

pub(super) fn descriptors() -> Vec<Descriptor> {
    let one = |(id, name, words): &(&str, &str, &str)| Descriptor {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        short_description: Text { text: (*words).to_owned() },
        full_description: Text { text: (*words).to_owned() },
        // GitHub asks for it, of notifications too.
        help: Help { text: (*words).to_owned(), markdown: (*words).to_owned() },
        help_uri: None,
        default_configuration: Configuration { level: Level::Warning },
        properties: None,
    };
    KINDS.iter().map(one).collect()
}

/// A notification about what the file leaves out.
pub(super) fn left_out(words: &str) -> Notification {
    notification(LEFT_OUT, Level::Warning, words, Vec::new())
}

/// Every problem, and a history that was not there or not walked.
pub(super) fn problems(run: &Run, limited: bool) -> Vec<Notification> {
    let most = if limited { PROBLEMS } else { usize::MAX };
    let mut notices: Vec<Notification> =
        run.problems.iter().take(most).map(|one| problem(run, one)).collect();
    if run.problems.len() > most {
        let more = run.problems.len() - most;
        notices.push(left_out(&format!("{more} more could not be examined; the JSON report has all.")));
    }
    let examined = &run.source.examined;
    let said = run.problems.iter().any(|problem| problem.kind == ProblemKind::History);
    if examined.commits.is_some() && !examined.history_complete && !said {
        let words = "The history is not complete: nothing is known about the commits that were not walked.";
        notices.push(notification(NOT_EXAMINED, Level::Warning, words, Vec::new()));
    }
    notices
}

fn problem(run: &Run, problem: &Problem) -> Notification {
    let remedy = match problem.remedy.as_str() {
        "" => String::new(),
        remedy => format!(" To do: {remedy}."),
    };
    let lines = problem.line.map(forebear_types::LineSpan::line);
    let at = Location { path: problem.path.clone(), lines, span: None };
    let places = if at.path.is_root() { Vec::new() } else { vec![place::location(run, &at, None, None)] };
    notification(NOT_EXAMINED, Level::Warning, &format!("{}.{remedy}", problem.what), places)
}

fn notification(
    kind: usize,
    level: Level,
    words: &str,
    locations: Vec<super::log::Location>,
) -> Notification {
    let descriptor = Reference { id: KINDS[kind].0.to_owned(), index: kind };
    Notification { descriptor, level, message: place::message(words), locations }
}
