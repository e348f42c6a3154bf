//! The timeline and the intervals.

use forebear_types::Snapshot;
use forebear_types::finding::{Exposure, Moment};
use forebear_types::history::{Event, EventKind};
use forebear_types::run::Run;

use super::count;
use super::paint::Painter;
use crate::{safe, tally};

/// Events that a check shows.
const RECENT: usize = 8;

/// The latest events.
pub(super) fn changes(run: &Run, paint: &Painter) -> String {
    let events = &run.history.events;
    if events.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("What changed last in legal files and declarations");
    let earlier = events.len().saturating_sub(RECENT);
    if earlier > 0 {
        let words = format!("{} by `forebear history`", count(earlier, "earlier event"));
        text.push_str(&paint.wrap(&paint.dim(&words), "  ", "  "));
    }
    text.push_str(&listed(&events[earlier..], paint));
    text
}

/// Every event, oldest first.
pub(super) fn timeline(run: &Run, paint: &Painter) -> String {
    let mut text = paint.heading("Legal files and declarations, oldest first");
    if run.history.events.is_empty() {
        let why = if run.history.head.is_some() { "no event in the history" } else { "no git history" };
        text.push_str(&format!("  {why}\n"));
        return text;
    }
    text.push_str(&listed(&run.history.events, paint));
    text
}

/// Events, each commit once above them.
fn listed(events: &[Event], paint: &Painter) -> String {
    let mut text = String::new();
    let mut last: Option<&Snapshot> = None;
    for event in events {
        if last != Some(&event.snapshot) {
            text.push_str(&commit(event, paint));
            last = Some(&event.snapshot);
        }
        text.push_str(&change(event, paint));
    }
    text
}

/// Since when, and until when, what is owed was missing while weights were there.
pub(super) fn intervals(run: &Run, paint: &Painter) -> String {
    let mut text = String::new();
    for finding in tally::listed(run) {
        let Some(exposure) = &finding.exposure else { continue };
        let duty = finding.obligation.and_then(|index| run.obligations.get(index));
        let duty =
            duty.map(|owed| format!(" ({}, {})", owed.duty.sentence(), safe::line(owed.license.as_str())));
        let words =
            format!("{}{}: {}", paint.bold(finding.rule.0), duty.unwrap_or_default(), interval(exposure));
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    if text.is_empty() { text } else { format!("{}{text}", paint.heading("Weights without what was owed")) }
}

fn interval(exposure: &Exposure) -> String {
    let mut words = format!("from {}", moment(&exposure.from));
    match &exposure.to {
        Some(to) => words.push_str(&format!(" to {}", moment(to))),
        None => words.push_str(", still open"),
    }
    match exposure.days() {
        Some(0) => words.push_str(", less than a day"),
        Some(days) => {
            words.push_str(&format!(", {}", count(usize::try_from(days).unwrap_or(usize::MAX), "day")))
        }
        None => {}
    }
    words.push_str(&format!(", {}", count(exposure.commits, "commit")));
    words
}

fn moment(moment: &Moment) -> String {
    match (moment.time, moment.commit) {
        (Some(time), Some(commit)) => format!("{} ({})", time.date(), commit.short()),
        _ => "the state that is not committed".to_owned(),
    }
}

fn commit(event: &Event, paint: &Painter) -> String {
    let words = match &event.snapshot {
        Snapshot::Commit { id, time } => {
            // A commit that was rebased, amended or carried over keeps the day on which it was written.
            let written = event.author_time.map(|time| time.date()).filter(|date| *date != time.date());
            let written = written.map(|date| format!(", written {date}")).unwrap_or_default();
            format!(
                "{} {} {} ({}{written})",
                time.date(),
                paint.bold(&id.short()),
                safe::line(&event.subject),
                safe::line(&event.author)
            )
        }
        Snapshot::Index => "staged, not committed".to_owned(),
        Snapshot::WorkTree | Snapshot::Cached { .. } => "in the files, not committed".to_owned(),
    };
    paint.wrap(&words, "  ", "      ")
}

fn change(event: &Event, paint: &Painter) -> String {
    let path = safe::line(&event.path.to_string());
    let what = match event.about.declaration() {
        None => path,
        Some(key) => format!("{path}, {}", safe::line(key)),
    };
    let (from, to) = (event.from.as_deref().map(safe::line), event.to.as_deref().map(safe::line));
    let change = match (from, to) {
        (Some(from), Some(_)) if event.kind == EventKind::Renamed => format!(", was {from}"),
        (Some(from), Some(to)) => format!(": {from} → {to}"),
        (Some(from), None) => format!(", was {from}"),
        (None, Some(to)) => format!(": {to}"),
        (None, None) => String::new(),
    };
    paint.wrap(&format!("{:10} {what}{change}", event.kind.name()), "    ", "               ")
}
