//! What the rules about earlier commits share.

use forebear_types::finding::{Finding, Moment, Place, Severity};
use forebear_types::history::{Event, EventKind};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RuleId, Snapshot};

use crate::draft::Draft;
use crate::rule::Context;

/// What to do where the history is not complete.
pub(crate) const FETCH_ALL: &str = "Fetch the whole history (`git fetch --unshallow`) and check again.";

/// "in commit 1a2b3c4 “Tidy up” by A. Author <a@b>".
pub(crate) fn by(event: &Event) -> String {
    match &event.snapshot {
        Snapshot::Commit { id, .. } => {
            let merge = if event.parents > 1 { "merge " } else { "" };
            format!("in {merge}commit {} “{}” by {}", id.short(), event.subject, event.author)
        }
        Snapshot::Index => "in the staged index".to_owned(),
        _ => "in the work tree".to_owned(),
    }
}

/// The place of an event.
pub(crate) fn place(event: &Event, label: &str) -> Place {
    Place {
        location: Location::file(event.path.clone()),
        commit: Moment::of(&event.snapshot).commit,
        label: label.to_owned(),
    }
}

/// The command that shows a change.
pub(crate) fn shown(event: &Event) -> String {
    event.command(false).map_or_else(String::new, |command| format!(" To see the change: {command}"))
}

/// The events of the examined commit's own history, oldest first. What others propose and what no reference reaches is reported, and
/// never judged.
pub(crate) fn events<'a>(context: &Context<'a>) -> impl DoubleEndedIterator<Item = &'a Event> {
    context.input.history.events.iter().filter(|event| event.is_of_head())
}

/// Whether there is a history of a model to judge.
pub(crate) fn has_past(context: &Context<'_>) -> bool {
    context.input.history.head.is_some() && context.holds_model()
}

/// The events of a declaration of the cards, oldest first.
pub(crate) fn declarations<'a>(
    context: &Context<'a>,
    key: &'a str,
) -> impl DoubleEndedIterator<Item = &'a Event> {
    events(context).filter(move |event| event.about.declaration() == Some(key))
}

/// The last event that took a declaration away, if none made it anew.
pub(crate) fn taken_away<'a>(context: &Context<'a>, key: &'a str) -> Option<&'a Event> {
    declarations(context, key).rev().find(|event| event.kind == EventKind::Removed)
}

/// A finding about something that happened.
pub(crate) fn finding(
    rule: RuleId,
    answer: Answer,
    severity: Severity,
    places: Vec<Place>,
    message: String,
    help: impl Into<String>,
) -> Finding {
    Draft { rule, answer, severity, confidence: Confidence::High, places, message, help: help.into() }
        .finding()
}
