//! The history as tables.

use forebear_types::Snapshot;
use forebear_types::finding::Exposure;
use forebear_types::history::{Event, EventKind, Reach};

use super::super::markup::{Html, class, id, ours};
use super::super::page::{self, Page};
use super::interval_words;
use crate::text::{count, history};

/// Events of one table; JSON has all.
const EVENTS: usize = 2_000;

/// Tags that an interval names.
const TAGS: usize = 12;

/// Rows of a table that stand open from the beginning.
const FEW: usize = 40;

/// Every interval in which weights were there and something that was owed was not.
pub(super) fn intervals(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    if run.exposures.is_empty() {
        return;
    }
    html.leaf(page.heading(1), &[], "Weights without what was owed");
    // Branches that part from the line later have its intervals; they are told once, at the first of them.
    let mut told: Vec<(usize, usize, &Exposure, Vec<&str>)> = Vec::new();
    for (number, one) in run.exposures.iter().enumerate() {
        let same =
            told.iter_mut().find(|(_, owed, known, _)| *owed == one.obligation && **known == one.exposure);
        match same {
            Some((.., references)) => references.push(&one.reference),
            None => told.push((number, one.obligation, &one.exposure, vec![&one.reference])),
        }
    }
    let columns = ["What was owed", "Interval", "On", "Tags"];
    page::table(html, "Intervals in which weights were there and a duty was not met", &columns, |html| {
        for (number, owed, exposure, references) in &told {
            let own = page.id("interval", *number);
            page::row(html, &[id(&own)], |html| {
                page::row_header(html, |html| match run.obligations.get(*owed) {
                    Some(owed) => html.text(&history::what_is_owed(owed)),
                    None => html.text("what was owed"),
                });
                page::cell(html, columns[1], |html| {
                    if exposure.is_open() {
                        page::tag(html, "sign unmet", "still open");
                        html.text(" ");
                    }
                    html.text(&interval_words(exposure, run.maker.time));
                });
                page::cell(html, columns[2], |html| html.text(&history::names(references)));
                page::cell(html, columns[3], |html| tags(&exposure.tags, html));
            });
        }
    });
    html.leaf("p", &[class("quiet")], history::CLOSING);
}

fn tags(tags: &[String], html: &mut Html) {
    if tags.is_empty() {
        html.text("none");
    }
    for tag in tags.iter().take(TAGS) {
        html.leaf("span", &[class("chip")], tag);
        html.text(" ");
    }
    if tags.len() > TAGS {
        html.text(&format!("and {} more", tags.len() - TAGS));
    }
}

/// Every event: on the line of the examined commit, then elsewhere.
pub(super) fn events(page: &Page<'_>, events: &[&Event], html: &mut Html) {
    let groups = [
        (Reach::Head, "Every change, oldest first"),
        (Reach::Own, "On other branches, tags and work trees"),
        (Reach::Foreign, "On other references (others' proposals; not judged)"),
        (Reach::Unreachable, "In commits that are no longer reachable (not judged)"),
    ];
    for (reach, heading) in groups {
        let own: Vec<(usize, &Event)> = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.reach == reach)
            .map(|(n, event)| (n, *event))
            .collect();
        if own.is_empty() {
            continue;
        }
        let mut attributes = vec![class("fold")];
        if own.len() <= FEW {
            attributes.push(ours("open", ""));
        }
        html.el("details", &attributes, |html| {
            html.el("summary", &[], |html| {
                html.leaf(page.heading(1), &[], heading);
                html.leaf("span", &[class("count")], &count(own.len(), "event"));
            });
            let columns: &[&'static str] = match reach {
                Reach::Head => &["When", "What", "Change", "Commit"],
                _ => &["When", "What", "Change", "Commit", "Reference"],
            };
            page::table(html, heading, columns, |html| {
                for (number, event) in own.iter().take(EVENTS) {
                    row(page, *number, event, columns.len() > 4, html);
                }
            });
            if own.len() > EVENTS {
                let more = format!("{} more in the JSON report.", own.len() - EVENTS);
                html.leaf("p", &[class("more")], &more);
            }
        });
        html.line_end();
    }
}

fn row(page: &Page<'_>, number: usize, event: &Event, referenced: bool, html: &mut Html) {
    let own = page.id("event", number);
    page::row(html, &[id(&own)], |html| {
        page::row_header(html, |html| match &event.snapshot {
            Snapshot::Commit { time, .. } => page::time(html, *time),
            Snapshot::Index => html.text("staged"),
            Snapshot::WorkTree | Snapshot::Cached { .. } => html.text("not committed"),
        });
        page::cell(html, "What", |html| page::tag(html, kind_class(event.kind), event.kind.name()));
        page::cell(html, "Change", |html| html.text(&history::words(event)));
        page::cell(html, "Commit", |html| {
            if let Some(commit) = page::commit_of(&event.snapshot) {
                html.el("p", &[], |html| {
                    html.leaf("code", &[], &commit);
                    html.text(" ");
                    html.text(&event.subject);
                });
                html.el("p", &[class("quiet")], |html| {
                    html.text("by ");
                    html.text(&event.author);
                    match event.parents {
                        0 | 1 => {}
                        2 => html.text(", a merge"),
                        sides => html.text(&format!(", a merge of {sides} sides")),
                    }
                    if let Some(date) = history::written(event) {
                        html.text(&format!(", written {date}"));
                    }
                });
            }
            if let Some(command) = event.command(false) {
                page::command(html, &command);
            }
        });
        if referenced {
            page::cell(html, "Reference", |html| {
                html.text(event.reference.as_deref().unwrap_or("none"));
            });
        }
    });
}

/// The sign of an event: what took something away, what brought something, and the rest.
fn kind_class(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Removed | EventKind::Truncated | EventKind::Relicensed => "sign unmet",
        EventKind::Added | EventKind::Restored => "sign met",
        EventKind::Changed | EventKind::Renamed => "sign waived",
    }
}

/// How the history shows that it is not what it was.
pub(super) fn signs(page: &Page<'_>, html: &mut Html) {
    let signs = &page.run.history.signs;
    if signs.is_empty() {
        return;
    }
    html.leaf(page.heading(1), &[], "The history is not what it was");
    html.el("ul", &[class("plain")], |html| {
        for sign in signs {
            html.el("li", &[], |html| {
                html.text(&sign.what);
                html.text(". ");
                html.leaf("span", &[class("quiet")], &sign.remedy);
            });
        }
    });
}
