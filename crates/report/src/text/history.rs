//! The timeline, and since when what is owed was missing.

mod age;
mod intervals;

use forebear_types::Snapshot;
use forebear_types::history::{About, Detail, Event, EventKind, Reach};
use forebear_types::run::{Part, Run};

use super::count;
use super::paint::Painter;
use crate::safe;

pub(super) use intervals::{interval, intervals, owed};

/// Events that a check shows.
const RECENT: usize = 8;

/// The latest events of the examined history.
pub(super) fn changes(run: &Run, paint: &Painter) -> String {
    let events: Vec<&Event> = run.events().filter(|event| event.is_of_head()).collect();
    if events.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("What changed last in legal files and declarations");
    let earlier = events.len().saturating_sub(RECENT);
    if earlier > 0 {
        let words = format!("{} by `forebear history`", count(earlier, "earlier event"));
        text.push_str(&paint.wrap(&paint.dim(&words), "  ", "  "));
    }
    let mut last: Option<&Snapshot> = None;
    for event in &events[earlier..] {
        if last != Some(&event.snapshot) {
            text.push_str(&paint.wrap(&title(event, true, paint), "  ", "      "));
            last = Some(&event.snapshot);
        }
        text.push_str(&change(event, paint));
    }
    text
}

/// Every event, oldest first: the examined history, then what else was walked.
pub(super) fn timeline(run: &Run, paint: &Painter) -> String {
    let of = |reach: Reach| -> Vec<&Event> { run.events().filter(|event| event.reach == reach).collect() };
    let head = of(Reach::Head);
    let mut text = paint.heading("Legal files and declarations, oldest first");
    if let Some(part) = run.part.as_ref() {
        text.push_str(&paint.wrap(&paint.dim(&part_words(part)), "  ", "  "));
    }
    if head.is_empty() {
        let why = match (&run.history.head, &run.part) {
            (None, _) => "no git history",
            (Some(_), None) => "no event in the history",
            (Some(_), Some(_)) => "no event in this part of the history",
        };
        text.push_str(&format!("  {why}\n"));
    }
    text.push_str(&listed(&head, paint));
    let others = [
        (Reach::Own, "On other branches, tags and work trees"),
        (Reach::Foreign, "On other references (others' proposals; not judged)"),
        (Reach::Unreachable, "In commits that are no longer reachable (not judged)"),
    ];
    for (reach, heading) in others {
        let events = of(reach);
        if !events.is_empty() {
            text.push_str(&paint.heading(heading));
            text.push_str(&by_reference(&events, paint));
        }
    }
    text
}

/// How the history shows that it is not what it was.
pub(super) fn signs(run: &Run, paint: &Painter) -> String {
    let signs = &run.history.signs;
    if signs.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("The history is not what it was");
    for sign in signs {
        text.push_str(&paint.wrap(&format!("- {}", safe::line(&sign.what)), "  ", "    "));
        text.push_str(&paint.wrap(&paint.dim(&safe::line(&sign.remedy)), "    ", "    "));
    }
    text
}

/// "only what 1a2b3c4 does not reach, since 2026-01-31, only LICENSE".
fn part_words(part: &Part) -> String {
    let mut words = Vec::new();
    words.extend(part.after.map(|commit| format!("what {} does not reach", commit.short())));
    words.extend(part.since.map(|time| format!("since {time}")));
    words.extend(part.until.map(|time| format!("until {time}")));
    let paths: Vec<String> = part.paths.iter().map(|path| safe::line(&path.to_string())).collect();
    if !paths.is_empty() {
        words.push(format!("in {}", paths.join(", ")));
    }
    format!("only {}", words.join(", "))
}

/// Events below the references that reach them, each reference where its first event stands.
fn by_reference(events: &[&Event], paint: &Painter) -> String {
    let mut references: Vec<&Option<String>> = Vec::new();
    for event in events {
        if !references.contains(&&event.reference) {
            references.push(&event.reference);
        }
    }
    let mut text = String::new();
    for reference in references {
        if let Some(name) = reference {
            text.push_str(&paint.wrap(&paint.bold(&safe::line(name)), "  ", "    "));
        }
        let own: Vec<&Event> = events.iter().filter(|event| event.reference == *reference).copied().collect();
        text.push_str(&listed(&own, paint));
    }
    text
}

/// Events, each commit once above them, each with the command that shows it.
fn listed(events: &[&Event], paint: &Painter) -> String {
    let mut text = String::new();
    let mut last: Option<&Snapshot> = None;
    let mut commands = events.iter().map(|event| event.command(!paint.unicode)).peekable();
    for event in events {
        if last != Some(&event.snapshot) {
            text.push_str(&paint.wrap(&title(event, false, paint), "  ", "      "));
            text.push_str(&byline(event, paint));
            last = Some(&event.snapshot);
        }
        text.push_str(&change(event, paint));
        // Two declarations of one card are seen with one command.
        let command = commands.next().flatten();
        if let Some(command) = command.filter(|command| commands.peek() != Some(&Some(command.clone()))) {
            // It stays on one line, so that it can be copied.
            text.push_str(&format!("               {}\n", paint.dim(&command)));
        }
    }
    text
}

/// "2026-02-10 (7 weeks ago) 2c373ea Tidy up".
pub(super) fn title(event: &Event, with_author: bool, paint: &Painter) -> String {
    let (id, time) = match &event.snapshot {
        Snapshot::Commit { id, time } => (id, time),
        Snapshot::Index => return "staged, not committed".to_owned(),
        Snapshot::WorkTree | Snapshot::Cached { .. } => return "in the files, not committed".to_owned(),
    };
    let age = paint.today.and_then(|today| age::words(*time, today));
    let age = age.map(|age| paint.dim(&format!(" ({age})"))).unwrap_or_default();
    let mut words =
        format!("{}{age} {} {}", time.date(), paint.bold(&id.short()), safe::line(&event.subject));
    if with_author {
        let written = written(event).map(|date| format!(", written {date}")).unwrap_or_default();
        words.push_str(&format!(" ({}{written})", safe::line(&event.author)));
    }
    words
}

/// "by Ada <ada@example.org>, a merge, written 2026-02-01".
fn byline(event: &Event, paint: &Painter) -> String {
    if !matches!(event.snapshot, Snapshot::Commit { .. }) {
        return String::new();
    }
    let merge = match event.parents {
        0 | 1 => String::new(),
        2 => ", a merge".to_owned(),
        sides => format!(", a merge of {sides} sides"),
    };
    let written = written(event).map(|date| format!(", written {date}")).unwrap_or_default();
    let words = format!("by {}{merge}{written}", safe::line(&event.author));
    paint.wrap(&paint.dim(&words), "    ", "      ")
}

/// The day on which a commit was written, if it is another one: it was rebased, amended or carried over.
fn written(event: &Event) -> Option<String> {
    let Snapshot::Commit { time, .. } = &event.snapshot else { return None };
    event.author_time.map(|time| time.date()).filter(|date| *date != time.date())
}

pub(super) fn change(event: &Event, paint: &Painter) -> String {
    let (from, to) = (event.from.as_deref().map(safe::line), event.to.as_deref().map(safe::line));
    let path = safe::line(&event.path.to_string());
    let what = match &event.about {
        About::LegalFile => path,
        About::Declaration(key) => format!("{path}, {}", safe::line(key)),
        About::Evidence => {
            let what = from.as_deref().or(to.as_deref()).unwrap_or("a file");
            return line(event, &format!("{path}: {what}, which tells of the descent"), paint);
        }
    };
    let change = match (from, to) {
        (Some(from), Some(to)) => match (event.kind, event.detail) {
            (EventKind::Renamed, Some(Detail::MergedInto)) => format!(": {to}, with what {from} held"),
            (EventKind::Renamed, _) => format!(", was {from}"),
            (EventKind::Added, Some(Detail::Copied)) => format!(": {to}, a copy of {from}"),
            (EventKind::Restored, Some(Detail::ReAdded)) => format!(": {to}, what {from} was"),
            _ if from == to => format!(": {to}"),
            _ => format!(": {from} → {to}"),
        },
        (Some(from), None) => format!(", was {from}"),
        (None, Some(to)) => format!(": {to}"),
        (None, None) => String::new(),
    };
    let detail = event.detail.and_then(detail).map(|words| format!("; {words}")).unwrap_or_default();
    line(event, &format!("{what}{change}{detail}"), paint)
}

fn line(event: &Event, words: &str, paint: &Painter) -> String {
    let kind = paint.event(event.kind, event.detail);
    let gap = " ".repeat(10usize.saturating_sub(event.kind.name().len()));
    paint.wrap(&format!("{kind}{gap} {words}"), "    ", "               ")
}

/// What a change was; what a move was stands in its sentence.
fn detail(detail: Detail) -> Option<&'static str> {
    match detail {
        Detail::Harmless => Some("licences and owners as before"),
        Detail::Altered => Some("words of the licence were changed"),
        Detail::CopyrightRemoved => Some("the owner's line went"),
        Detail::CopyrightReplaced => Some("the owner's line made way for another's"),
        Detail::Copied | Detail::MergedInto | Detail::ReAdded => None,
    }
}
