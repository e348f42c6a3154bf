//! The verdict at a glance, and what it covers.

use forebear_types::Snapshot;
use forebear_types::fact::Fact;
use forebear_types::obligation::Answer;
use forebear_types::run::{CountedFrom, Run, SourceKind};

use super::markup::{Html, class, ours};
use super::page::{self, Page};
use crate::tally::{self, Tally};
use crate::text::{count, size, verdict_words};

/// Counts of one repository, with those that could not be answered, which are a part of the notes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) tally: Tally,
    pub(super) open: usize,
    pub(super) met: usize,
}

impl Counts {
    pub(super) fn of(run: &Run) -> Self {
        let open = tally::listed(run).filter(|one| one.answer == Answer::Unknown && !one.known).count();
        let met = run.obligations.iter().filter(|one| one.answer == Answer::Met).count();
        Self { tally: Tally::of(run), open, met }
    }

    /// The worst of it, as the class of a sign.
    pub(super) fn worst(&self, run: &Run) -> &'static str {
        match &self.tally {
            tally if tally.violations > 0 => "violation",
            tally if tally.warnings > 0 => "warning",
            _ if self.open > 0 || !run.problems.is_empty() => "unknown",
            tally if tally.notes > 0 => "note",
            _ if !run.facts.iter().any(Fact::is_of_model) => "nothing",
            _ => "fine",
        }
    }

    /// Number, its name, the class of its sign, and what it means.
    fn tiles(&self) -> [(usize, &'static str, &'static str, &'static str); 5] {
        [
            (
                self.tally.violations,
                "Violations",
                "violation",
                "a duty is not met, on evidence that carries it",
            ),
            (self.tally.warnings, "Warnings", "warning", "likely wrong, or wrong if the evidence holds"),
            (self.tally.notes, "Notes", "note", "worth knowing"),
            (self.open, "Could not tell", "unknown", "questions without an answer, counted among the notes"),
            (self.tally.waived, "Waived", "waived", "accepted by the configuration, with a reason"),
        ]
    }
}

/// The verdict of one repository in words and in numbers.
pub(super) fn verdict(run: &Run, html: &mut Html) {
    let counts = Counts::of(run);
    html.el("div", &[class("verdict"), ours("data-worst", counts.worst(run))], |html| {
        html.el("p", &[class("ruling")], |html| {
            html.el("span", &[ours("class", sign(counts.worst(run))), ours("aria-hidden", "true")], |_| ());
            html.leaf("span", &[], &capitalised(&verdict_words(run, &counts.tally)));
        });
        tiles(&counts, html);
    });
    html.line_end();
}

/// The numbers.
pub(super) fn tiles(counts: &Counts, html: &mut Html) {
    html.el("ul", &[class("tiles")], |html| {
        for (number, name, kind, meaning) in counts.tiles() {
            let state = if number == 0 { "zero" } else { "some" };
            html.el("li", &[ours("data-count", state), ours("data-kind", kind)], |html| {
                html.el("span", &[ours("class", sign(kind)), ours("aria-hidden", "true")], |_| ());
                html.leaf("b", &[], &number.to_string());
                html.text(" ");
                html.leaf("span", &[class("name")], name);
                html.text(" ");
                html.leaf("span", &[class("meaning")], meaning);
            });
        }
    });
}

/// The classes of a sign.
pub(super) fn sign(kind: &'static str) -> &'static str {
    match kind {
        "violation" => "sign violation",
        "warning" => "sign warning",
        "note" => "sign note",
        "unknown" => "sign unknown",
        "waived" => "sign waived",
        "fine" | "met" => "sign met",
        _ => "sign nothing",
    }
}

/// What was examined, when, and by what.
pub(super) fn examined(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let examined = &run.source.examined;
    html.el("dl", &[class("facts")], |html| {
        fact(html, "Examined", |html| {
            html.text(source(run));
            match (&run.source.snapshot, &run.source.head) {
                (Snapshot::Cached { revision }, _) => {
                    html.text(" at revision ");
                    html.leaf("code", &[], revision);
                }
                (_, Some(head)) => {
                    html.text(" at commit ");
                    html.leaf("code", &[], &head.short());
                }
                (_, None) => {}
            }
        });
        fact(html, "Found", |html| {
            html.text(&format!(
                "{}: {}, {}, {}, {}",
                count(examined.files, "file"),
                count(examined.legal_files, "legal file"),
                count(examined.cards, "model card"),
                count(examined.configs, "configuration"),
                count(examined.weights, "weight file"),
            ));
        });
        fact(html, "History", |html| match (examined.commits, examined.history_complete) {
            (None, _) => html.text("no git history"),
            (Some(commits), true) => html.text(&format!("{}, all that lead to it", count(commits, "commit"))),
            (Some(commits), false) => html.text(&format!("{}, not complete", count(commits, "commit"))),
        });
        declared(run, html);
        models(run, html);
        if !run.levels.is_empty() {
            fact(html, "Severities", |html| {
                let each: Vec<String> =
                    run.levels.iter().map(|(rule, level)| format!("{rule}: {}", level.name())).collect();
                html.text(&format!("by configuration {}", each.join(", ")));
            });
        }
        if let Some(baseline) = run.baseline {
            fact(html, "Compared with", |html| {
                html.text("the baseline at commit ");
                html.leaf("code", &[], &baseline.short());
            });
        }
        fact(html, "Checked", |html| {
            html.text("on ");
            page::time(html, run.maker.time);
            html.text(&format!(" by forebear {}, catalog ", run.maker.version));
            html.leaf("code", &[], &run.maker.catalog);
        });
    });
    html.line_end();
}

fn source(run: &Run) -> &'static str {
    match run.source.kind {
        SourceKind::WorkTree => "the work tree",
        SourceKind::Index => "the staged index",
        SourceKind::Commit => "one commit",
        SourceKind::History if run.source.examined.history_complete => "the whole history",
        SourceKind::History => "the history, as far as it is here,",
        SourceKind::Cache => "a snapshot of a model cache",
    }
}

fn declared(run: &Run, html: &mut Html) {
    const BASES: usize = 8;
    let declared = &run.declared;
    fact(html, "Declared licence", |html| {
        let named = [&declared.license, &declared.license_name, &declared.license_link];
        if named.iter().all(|value| value.is_none()) {
            html.text("none");
        }
        for (index, value) in named.into_iter().flatten().enumerate() {
            html.text(if index == 0 { "" } else { ", " });
            html.leaf("code", &[], value);
        }
        if let Some(location) = &declared.source {
            html.text(" in ");
            page::place(html, location);
        }
    });
    fact(html, "Declared base", |html| {
        for (index, base) in declared.base_models.iter().take(BASES).enumerate() {
            html.text(if index == 0 { "" } else { ", " });
            html.leaf("span", &[class("model")], base);
        }
        match declared.base_models.len() {
            0 => html.text("none"),
            number if number > BASES => html.text(&format!(" and {} more", number - BASES)),
            _ => {}
        }
    });
}

fn models(run: &Run, html: &mut Html) {
    const MODELS: usize = 5;
    for model in run.models.iter().take(MODELS) {
        fact(html, "Size", |html| {
            let (total, active) = (model.parameters.total, model.parameters.active);
            // Of a dense model the embedding is all that takes no part.
            let sparse = active < total / 10 * 8;
            let active = if sparse { format!(", {} active per token", size(active)) } else { String::new() };
            let by = match model.counted_from {
                CountedFrom::Shapes => "by the shapes of its tensors",
                CountedFrom::Configuration => "by its dimensions",
            };
            html.text(&format!("{} parameters{active}, {by} in ", size(total)));
            page::place(html, &model.location);
        });
    }
}

/// One of the facts of a list.
pub(super) fn fact(html: &mut Html, name: &str, content: impl FnOnce(&mut Html)) {
    html.el("div", &[], |html| {
        html.leaf("dt", &[], name);
        html.el("dd", &[], content);
    });
}

/// The text with its first letter large.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
