//! The history drawn over time: the life of every legal file and declaration, and the intervals in which the weights were out without
//! what was owed. The same stands below as tables, with author, commit and the command that shows the change.
//!
//! Every lane is a small picture of its own whose positions are percentages, so that it fits any width while its text keeps its size.

mod lanes;
mod scale;
mod tables;

use forebear_types::finding::Exposure;
use forebear_types::history::{About, Detail, Event, EventKind};
use forebear_types::run::Run;
use forebear_types::{ObjectId, Time};

use super::markup::{Html, Id, class, number, ours, percent, refers, refers_to_all, to, value};
use super::page::Page;
use crate::text::{count, history};
use lanes::Lane;
use scale::Scale;

/// Lanes of files and declarations that are drawn; the table has all.
const LANES: usize = 24;

/// Duties whose intervals are drawn; the table has all.
const DUTIES: usize = 16;

/// Signs closer to each other than this many percent become one.
const NEAR: f64 = 5.0;

/// Height of a lane, and of the line of its life.
const HEIGHT: f64 = 34.0;
const MIDDLE: f64 = HEIGHT / 2.0;
const RADIUS: f64 = 9.0;

/// The section; nothing for a repository without a history.
pub(super) fn section(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let events: Vec<&Event> = run.events().collect();
    let mut lead = match (events.is_empty(), run.exposures.is_empty()) {
        (true, true) => match &run.history.head {
            None => "No git history was examined: nothing is known about earlier states.".to_owned(),
            Some(_) => "Nothing happened to legal files and declarations in the history that was examined.".to_owned(),
        },
        _ => "What became of legal files and declarations on the line of the examined commit. A solid line: it was there.".to_owned(),
    };
    if let Some(part) = &run.part {
        lead.push_str(&format!(" The report is about {}.", history::part_words(part)));
    }
    page.section(html, "timeline", "Timeline", &lead, |html| {
        if !events.is_empty() || !run.exposures.is_empty() {
            drawing(page, &events, html);
        }
        tables::intervals(page, html);
        tables::events(page, &events, html);
        tables::signs(page, html);
    });
}

fn drawing(page: &Page<'_>, events: &[&Event], html: &mut Html) {
    let run = page.run;
    let lanes = lanes::of(run, events);
    let exposures: Vec<(usize, &Exposure)> = run
        .exposures
        .iter()
        .enumerate()
        .filter(|(_, one)| one.reference == "HEAD")
        .map(|(number, one)| (number, &one.exposure))
        .collect();
    let Some(scale) = span(run, &lanes, &exposures) else { return };
    let (scale, marks) = (&scale, scale.marks());
    html.el("figure", &[class("chart")], |html| {
        html.el("div", &[class("axis"), ours("aria-hidden", "true")], |html| {
            track(html, 22.0, |html| {
                for (at, name) in &marks {
                    let text = [percent("x", *at), ours("y", "14"), ours("text-anchor", "middle")];
                    html.leaf("text", &text, name);
                }
            });
        });
        html.el("ul", &[], |html| {
            for lane in lanes.iter().take(LANES) {
                life(page, lane, scale, &marks, html);
            }
            let mut drawn: Vec<usize> = Vec::new();
            for (number, _) in &exposures {
                let obligation = run.exposures[*number].obligation;
                if !drawn.contains(&obligation) && drawn.len() < DUTIES {
                    drawn.push(obligation);
                    exposed(page, obligation, &exposures, scale, &marks, html);
                }
            }
        });
        html.el("figcaption", &[], |html| {
            key(&lanes, html);
            if scale.is_stretched() {
                html.leaf(
                    "p",
                    &[class("quiet")],
                    "Days close to each other are drawn apart; the marks of the axis are true.",
                );
            }
            if lanes.len() > LANES {
                html.leaf("p", &[], &format!("{} more are in the table only.", lanes.len() - LANES));
            }
        });
    });
    html.line_end();
}

/// From the first moment that is drawn to the last; an open interval goes on to the moment of the run.
fn span(run: &Run, lanes: &[Lane<'_>], exposures: &[(usize, &Exposure)]) -> Option<Scale> {
    let events = lanes.iter().flat_map(|lane| &lane.events).map(|(.., time)| *time);
    let ends = exposures.iter().flat_map(|(_, one)| [one.from.time, one.to.as_ref().and_then(|to| to.time)]);
    let open = exposures.iter().any(|(_, one)| one.is_open());
    let now = open.then_some(run.maker.time);
    Scale::new(events.chain(ends.flatten()).chain(now))
}

/// A picture of full width.
fn track(html: &mut Html, height: f64, content: impl FnOnce(&mut Html)) {
    html.el("svg", &[ours("width", "100%"), number("height", height), ours("overflow", "visible")], content);
}

fn grid(html: &mut Html, marks: &[(f64, String)], height: f64) {
    for (at, _) in marks {
        let line =
            [class("grid"), percent("x1", *at), percent("x2", *at), ours("y1", "0"), number("y2", height)];
        html.el("line", &line, |_| ());
    }
}

/// The life of one file or declaration.
fn life(page: &Page<'_>, lane: &Lane<'_>, scale: &Scale, marks: &[(f64, String)], html: &mut Html) {
    html.el("li", &[class("lane")], |html| {
        html.el("p", &[class("name")], |html| {
            html.leaf("code", &[], &lane.path.to_string());
            if let About::Declaration(key) = lane.about {
                html.text(" ");
                html.leaf("span", &[class("chip")], key);
            }
        });
        track(html, HEIGHT, |html| {
            grid(html, marks, HEIGHT);
            for (from, to) in &lane.lives {
                let from = from.map_or(0.0, |time| scale.share(time));
                let to = to.map_or(100.0, |time| scale.share(time));
                let line = [
                    class("alive"),
                    percent("x", from),
                    percent("width", (to - from).max(0.0)),
                    number("y", MIDDLE - 2.0),
                    ours("height", "4"),
                ];
                html.el("rect", &line, |_| ());
            }
            for group in near(lane, scale) {
                mark(page, &group, scale, html);
            }
        });
    });
    html.line_end();
}

/// Events whose signs would lie upon each other, together.
fn near<'a, 'b>(lane: &'b Lane<'a>, scale: &Scale) -> Vec<Vec<&'b (usize, &'a Event, Time)>> {
    let mut groups: Vec<Vec<&(usize, &Event, Time)>> = Vec::new();
    let mut sorted: Vec<&(usize, &Event, Time)> = lane.events.iter().collect();
    sorted.sort_by(|one, two| scale.share(one.2).total_cmp(&scale.share(two.2)));
    for event in sorted {
        match groups.last_mut() {
            Some(group) if scale.share(event.2) - scale.share(group[0].2) < NEAR => group.push(event),
            _ => groups.push(vec![event]),
        }
    }
    groups
}

/// A sign that leads to the row of its event, or of the first of its events.
fn mark(page: &Page<'_>, group: &[&(usize, &Event, Time)], scale: &Scale, html: &mut Html) {
    const TOLD: usize = 8;
    let rows: Vec<Id> = group.iter().take(TOLD).map(|(number, ..)| page.id("event", *number)).collect();
    let Some(row) = rows.first() else { return };
    let words: Vec<String> = group.iter().take(TOLD).map(|(_, event, time)| told(event, *time)).collect();
    let more = if group.len() > TOLD { format!("; {} more", group.len() - TOLD) } else { String::new() };
    let several = if group.len() > 1 { format!("{} changes: ", group.len()) } else { String::new() };
    let name = format!("{several}{}{more}", words.join("; "));
    let Some((_, event, time)) = group.last().copied() else { return };
    let at = [percent("x", scale.share(*time)), number("y", MIDDLE), ours("overflow", "visible")];
    html.el("a", &[to(row), refers_to_all("data-tip", &rows), value("aria-label", &name)], |html| {
        html.el("svg", &at, |html| {
            // Larger than what is seen, for fingers.
            html.el("circle", &[class("reach"), ours("r", "13")], |_| ());
            html.el("circle", &[ours("class", mark_class(event)), number("r", RADIUS)], |_| ());
            if group.len() > 1 {
                html.leaf("text", &[ours("text-anchor", "middle"), ours("y", "4")], &group.len().to_string());
            } else {
                html.el("path", &[class("glyph"), ours("d", glyph(event.kind))], |_| ());
            }
        });
    });
}

fn told(event: &Event, time: Time) -> String {
    format!("{}, {}: {}", time.date(), event.kind.name(), history::words(event))
}

/// The outline of a sign: another shape for every kind.
fn glyph(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Added => "M-4 0h8M0 -4v8",
        EventKind::Changed => "M-4 1q2 -4 4 -1t4 -1",
        EventKind::Relicensed => "M-3 -3.5h6M-3 0h6M-3 3.5h6",
        EventKind::Truncated => "M-4 -2h8M-4 2h3",
        EventKind::Renamed => "M-4 0h8M1 -3l3 3l-3 3",
        EventKind::Removed => "M-3 -3l6 6M3 -3l-6 6",
        EventKind::Restored => "M3.5 2a4 4 0 1 1 0 -4M3.5 -4.5v2.6h-2.6",
    }
}

fn mark_class(event: &Event) -> &'static str {
    match (event.kind, event.detail) {
        (EventKind::Removed | EventKind::Truncated | EventKind::Relicensed, _) => "mark bad",
        (_, Some(Detail::CopyrightRemoved | Detail::CopyrightReplaced | Detail::Altered)) => "mark bad",
        (EventKind::Added | EventKind::Restored, _) => "mark good",
        _ => "mark",
    }
}

/// What the signs mean: those that occur.
fn key(lanes: &[Lane<'_>], html: &mut Html) {
    let mut kinds: Vec<&Event> = Vec::new();
    for (_, event, _) in lanes.iter().flat_map(|lane| &lane.events) {
        if kinds.iter().all(|known| known.kind != event.kind) {
            kinds.push(event);
        }
    }
    kinds.sort_by_key(|event| event.kind);
    html.el("ul", &[class("legend")], |html| {
        for event in kinds {
            html.el("li", &[], |html| {
                let size = [
                    ours("width", "20"),
                    ours("height", "20"),
                    ours("viewBox", "-10 -10 20 20"),
                    ours("aria-hidden", "true"),
                ];
                html.el("svg", &size, |html| {
                    html.el("circle", &[class(mark_class(event)), number("r", RADIUS)], |_| ());
                    html.el("path", &[class("glyph"), ours("d", glyph(event.kind))], |_| ());
                });
                html.text(event.kind.name());
            });
        }
    });
}

/// The intervals of one duty.
fn exposed(
    page: &Page<'_>,
    obligation: usize,
    exposures: &[(usize, &Exposure)],
    scale: &Scale,
    marks: &[(f64, String)],
    html: &mut Html,
) {
    let run = page.run;
    let own = exposures.iter().filter(|(number, _)| run.exposures[*number].obligation == obligation);
    html.el("li", &[class("lane exposed")], |html| {
        html.el("p", &[class("name")], |html| {
            html.text("without ");
            match run.obligations.get(obligation) {
                Some(owed) => html.text(&history::what_is_owed(owed)),
                None => html.text("what was owed"),
            }
        });
        track(html, HEIGHT, |html| {
            grid(html, marks, HEIGHT);
            for (number, exposure) in own {
                bar(page, *number, exposure, scale, html);
            }
        });
    });
    html.line_end();
}

fn bar(page: &Page<'_>, row: usize, exposure: &Exposure, scale: &Scale, html: &mut Html) {
    let run = page.run;
    let row = page.id("interval", row);
    let now = run.maker.time;
    // A state that is not committed begins and ends now.
    let from = if exposure.or_earlier { 0.0 } else { scale.share(exposure.from.time.unwrap_or(now)) };
    let to_share = match &exposure.to {
        Some(to) => scale.share(to.time.unwrap_or(now)),
        None => 100.0,
    };
    let words = lasted(exposure, now);
    let name = format!("Without what was owed {}", interval_words(exposure, now));
    html.el("a", &[to(&row), refers("data-tip", &row), value("aria-label", &name)], |html| {
        let shape = [
            ours("class", if exposure.is_open() { "bar open" } else { "bar" }),
            percent("x", from),
            percent("width", (to_share - from).max(1.0)),
            number("y", MIDDLE - 10.0),
            ours("height", "20"),
            ours("rx", "3"),
        ];
        html.el("rect", &shape, |_| ());
        // What is written in a bar needs room; a short bar has it beside itself.
        let wide = to_share - from > 45.0;
        let (at, anchor, kind) = match (wide, to_share > 60.0) {
            (true, _) => ((from + to_share) / 2.0, "middle", "inside"),
            (false, true) => (from - 1.0, "end", "beside"),
            (false, false) => (to_share + 1.5, "start", "beside"),
        };
        let text =
            [ours("class", kind), percent("x", at), number("y", MIDDLE + 4.5), ours("text-anchor", anchor)];
        html.leaf("text", &text, &words);
    });
}

/// "still open, 90 days", "7 days".
fn lasted(exposure: &Exposure, now: Time) -> String {
    let days = match (exposure.days(), exposure.is_open(), exposure.from.time) {
        (Some(days), ..) => Some(days),
        (None, true, Some(from)) => Some(now.days_since(from)),
        _ => None,
    };
    let days = days.map(|days| match days {
        0 => "less than a day".to_owned(),
        days => count(usize::try_from(days).unwrap_or(usize::MAX), "day"),
    });
    match (days, exposure.is_open()) {
        (Some(days), true) => format!("open for {days}"),
        (None, true) => "open".to_owned(),
        (Some(days), false) => days,
        (None, false) => "until now".to_owned(),
    }
}

/// "from 2026-01-15 (0202020), open for 90 days, 2 commits".
pub(super) fn interval_words(exposure: &Exposure, now: Time) -> String {
    let moment = |time: Option<Time>, commit: Option<ObjectId>| match (time, commit) {
        (Some(time), Some(commit)) => format!("{} ({})", time.date(), commit.short()),
        _ => "the state that is not committed".to_owned(),
    };
    let earlier = if exposure.or_earlier { " or earlier" } else { "" };
    let mut words = format!("from {}{earlier}", moment(exposure.from.time, exposure.from.commit));
    if let Some(to) = &exposure.to {
        words.push_str(&format!(" to {}", moment(to.time, to.commit)));
    }
    format!("{words}, {}, {}", lasted(exposure, now), count(exposure.commits, "commit"))
}
