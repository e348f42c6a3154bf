//! Several repositories in one report: how many are how, and a table that leads to each.

use forebear_types::finding::Moment;
use forebear_types::run::Run;

use super::markup::{Html, Id, class, id, number, ours, percent, refers, to, value};
use super::page;
use super::verdict::{Counts, sign};
use crate::tally::Tally;
use crate::text::count;

/// Kinds of verdicts, worst first: the class of the sign, and words for a number of repositories.
const KINDS: [(&str, &str); 6] = [
    ("violation", "with violations"),
    ("warning", "with warnings"),
    ("unknown", "with questions that could not be answered"),
    ("note", "with notes only"),
    ("fine", "with nothing missing"),
    ("nothing", "without a model"),
];

const COLUMNS: [&str; 8] =
    ["Repository", "Violations", "Warnings", "Notes", "Could not tell", "Waived", "Open since", "Base"];

/// The section.
pub(super) fn section(runs: &[Run], html: &mut Html) {
    let (own, label) = (Id::of("overview"), Id::of("overview-title"));
    html.el("section", &[id(&own), class("overview"), refers("aria-labelledby", &label)], |html| {
        html.leaf("h2", &[id(&label), class("section")], "Overview");
        shares(runs, html);
        page::table(html, "Repositories", &COLUMNS, |html| {
            for (index, run) in runs.iter().enumerate() {
                row(index, run, html);
            }
        });
    });
    html.line_end();
}

/// The counts of all repositories together.
pub(super) fn total(runs: &[Run]) -> Counts {
    let mut total = Counts::default();
    for counts in runs.iter().map(Counts::of) {
        let sum = |to: &mut Tally, one: &Tally| {
            to.violations += one.violations;
            to.warnings += one.warnings;
            to.notes += one.notes;
            to.waived += one.waived;
            to.known += one.known;
        };
        sum(&mut total.tally, &counts.tally);
        total.open += counts.open;
        total.met += counts.met;
    }
    total
}

/// How many repositories are how: a bar, and the same in words.
fn shares(runs: &[Run], html: &mut Html) {
    let worst: Vec<&str> = runs.iter().map(|run| Counts::of(run).worst(run)).collect();
    let of = |kind: &str| worst.iter().filter(|one| **one == kind).count();
    let all = runs.len().max(1) as f64;
    html.el("div", &[class("shares")], |html| {
        let size = [ours("width", "100%"), ours("height", "16"), ours("aria-hidden", "true")];
        html.el("svg", &size, |html| {
            let mut from = 0.0;
            for (kind, _) in KINDS {
                let share = of(kind) as f64 * 100.0 / all;
                let part = [
                    ours("class", kind),
                    percent("x", from),
                    percent("width", share),
                    number("height", 16.0),
                ];
                if share > 0.0 {
                    html.el("rect", &part, |_| ());
                }
                from += share;
            }
        });
        html.el("ul", &[class("legend")], |html| {
            for (kind, words) in KINDS.into_iter().filter(|(kind, _)| of(kind) > 0) {
                html.el("li", &[], |html| {
                    html.el("span", &[ours("class", sign(kind)), ours("aria-hidden", "true")], |_| ());
                    html.leaf("b", &[], &of(kind).to_string());
                    html.text(" ");
                    html.text(words);
                });
            }
        });
    });
}

fn row(index: usize, run: &Run, html: &mut Html) {
    let counts = Counts::of(run);
    let repository = repository(index);
    let since = open_since(run);
    page::row(html, &[ours("data-worst", counts.worst(run))], |html| {
        page::row_header(html, |html| {
            html.el("span", &[ours("class", sign(counts.worst(run))), ours("aria-hidden", "true")], |_| ());
            html.leaf("a", &[to(&repository)], &run.name);
        });
        let numbers = [
            counts.tally.violations,
            counts.tally.warnings,
            counts.tally.notes,
            counts.open,
            counts.tally.waived,
        ];
        for (number, column) in numbers.into_iter().zip(&COLUMNS[1..6]) {
            let state = if number == 0 { "zero" } else { "number" };
            let attributes = [ours("role", "cell"), ours("data-label", column), ours("class", state)];
            html.leaf("td", &attributes, &number.to_string());
        }
        let date = since.and_then(|moment| moment.time).map(|time| time.date()).unwrap_or_default();
        let sort = if date.is_empty() { "9999" } else { date.as_str() };
        let attributes = [ours("role", "cell"), ours("data-label", COLUMNS[6]), value("data-value", sort)];
        html.leaf("td", &attributes, if date.is_empty() { "–" } else { &date });
        page::cell(html, COLUMNS[7], |html| match run.lineage.hops.first() {
            None => html.text("none found"),
            Some(hop) => {
                const MOST: usize = 2;
                for (index, one) in hop.candidates.iter().take(MOST).enumerate() {
                    html.text(if index == 0 { "" } else { " or " });
                    html.leaf("span", &[class("model")], one.model.as_str());
                }
                if hop.candidates.len() > MOST {
                    html.text(&format!(" or {} more", hop.candidates.len() - MOST));
                }
            }
        });
    });
}

/// The beginning of the oldest interval on the line of the examined commit that is still open.
fn open_since(run: &Run) -> Option<&Moment> {
    run.exposures
        .iter()
        .filter(|one| one.reference == "HEAD" && one.exposure.is_open())
        .map(|one| &one.exposure.from)
        .min_by_key(|moment| moment.time)
}

/// The id of a repository's part of the page.
pub(super) fn repository(index: usize) -> Id {
    Id::numbered(index, "repository", 0)
}

/// "3 repositories".
pub(super) fn title(runs: &[Run]) -> String {
    count(runs.len(), "repository")
}
