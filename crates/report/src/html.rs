//! The report as one HTML file, for one repository or for many: what an auditor shows to a lawyer, and a lawyer to a judge.
//!
//! The file needs nothing from outside and is complete without its script, which adds filters, notes beside the pictures and buttons
//! that copy. Whatever comes from a repository passes through `markup`, and a Content-Security-Policy (`policy`) allows the page's
//! own style sheet and script and nothing else.
//!
//! Source: HTML Living Standard; WAI-ARIA 1.2 for roles and names; WCAG 2.2, levels A and AA.

pub mod comparison;
mod excerpt;
mod findings;
mod lineage;
pub(crate) mod markup;
mod obligations;
mod overview;
mod page;
mod policy;
mod rest;
mod rules;
mod timeline;
mod verdict;
mod weights;

use std::io::{self, Write};

use forebear_types::run::Run;

use crate::text::verdict_words;
use markup::{Html, Id, class, id, ours, to, value};
use page::Page;
use verdict::Counts;

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// What stands at the end of every report.
const CLOSING: &str = "forebear reports facts and duties with their clauses. It is not legal advice.";

/// Writes the report of one repository or of several.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], out: &mut dyn Write) -> io::Result<()> {
    let mut html = Html::default();
    out.write_all(b"<!DOCTYPE html>\n")?;
    let title = match runs {
        [run] => format!("Licence report: {}", run.name),
        several => format!("Licence report: {}", overview::title(several)),
    };
    begin(&title, "licence report", &contents(runs), &mut html);
    match runs {
        [run] => one(run, &mut html),
        several => {
            many(several, &mut html);
            for (index, run) in several.iter().enumerate() {
                folded(index, run, &mut html);
                // A report of thousands of repositories is not held in memory as a whole.
                out.write_all(html.take().as_bytes())?;
            }
            html.end("section");
        }
    }
    rules::section(runs, &mut html);
    html.end("main");
    footer(runs, &mut html);
    end(&mut html);
    out.write_all(html.take().as_bytes())
}

/// Everything before the first words of the page. `kind` says what page it is.
fn begin(title: &str, kind: &str, parts: &[(Id, String)], html: &mut Html) {
    html.open("html", &[ours("lang", "en")]);
    head(title, html);
    html.open("body", &[]);
    html.leaf("a", &[class("skip"), to(&Id::of("report"))], "Skip to the report");
    banner(kind, html);
    navigation(parts, html);
    html.open("main", &[id(&Id::of("report")), ours("tabindex", "-1")]);
    html.line_end();
}

/// Everything after the last ones.
fn end(html: &mut Html) {
    html.el("div", &[id(&Id::of("tip")), ours("role", "tooltip"), ours("hidden", "")], |_| ());
    html.included("script", SCRIPT);
    html.end("body");
    html.end("html");
    html.line_end();
}

fn head(title: &str, html: &mut Html) {
    let policy = policy::of(STYLE, SCRIPT);
    html.el("head", &[], |html| {
        html.void("meta", &[ours("charset", "utf-8")]);
        html.void("meta", &[ours("http-equiv", "Content-Security-Policy"), value("content", &policy)]);
        html.void(
            "meta",
            &[ours("name", "viewport"), ours("content", "width=device-width, initial-scale=1")],
        );
        html.void("meta", &[ours("name", "color-scheme"), ours("content", "light dark")]);
        html.void("meta", &[ours("name", "referrer"), ours("content", "no-referrer")]);
        html.leaf("title", &[], title);
        html.included("style", STYLE);
    });
    html.line_end();
}

fn banner(kind: &str, html: &mut Html) {
    html.el("header", &[class("banner")], |html| {
        html.el("p", &[class("brand")], |html| {
            html.leaf("b", &[], "forebear");
            html.leaf("span", &[], kind);
        });
        // The script puts its buttons here.
        html.el("div", &[id(&Id::of("tools"))], |_| ());
    });
    html.line_end();
}

/// What the page holds.
fn contents(runs: &[Run]) -> Vec<(Id, String)> {
    let mut parts: Vec<(Id, String)> = Vec::new();
    if let [run] = runs {
        let mut add = |name: &'static str, title: &str| parts.push((Id::section(0, name), title.to_owned()));
        add("lineage", "Lineage");
        if !run.weights.is_empty() {
            add("weights", "Weights");
        }
        add("timeline", "Timeline");
        add("obligations", "Obligations");
        add("findings", &verdict::capitalised(&findings::count(run)));
        if run.facts.iter().any(|fact| fact.recognition().is_some()) {
            add("legal-files", "Legal files");
        }
        if !run.waivers.is_empty() {
            add("waivers", "Waivers");
        }
        add("not-examined", "Not examined");
    } else {
        parts.push((Id::of("overview"), "Overview".to_owned()));
        parts.push((Id::of("repositories"), verdict::capitalised(&overview::title(runs))));
    }
    if !rules::used(runs).is_empty() {
        parts.push((Id::of("rules"), "Rules".to_owned()));
    }
    parts
}

fn navigation(parts: &[(Id, String)], html: &mut Html) {
    html.el("nav", &[class("contents"), ours("aria-label", "Contents")], |html| {
        html.el("ul", &[], |html| {
            for (target, title) in parts {
                html.el("li", &[], |html| html.leaf("a", &[to(target)], title));
            }
        });
    });
    html.line_end();
}

/// The report of the only repository.
fn one(run: &Run, html: &mut Html) {
    html.el("div", &[class("opening")], |html| {
        html.leaf("p", &[class("kicker")], "Licence report");
        html.leaf("h1", &[], &run.name);
        verdict::verdict(run, html);
        verdict::examined(&Page { run, number: 0, level: 2 }, html);
    });
    sections(&Page { run, number: 0, level: 2 }, html);
}

/// The beginning of a report of several.
fn many(runs: &[Run], html: &mut Html) {
    html.el("div", &[class("opening")], |html| {
        html.leaf("p", &[class("kicker")], "Licence report");
        html.leaf("h1", &[], &verdict::capitalised(&overview::title(runs)));
        html.el("div", &[class("verdict")], |html| verdict::tiles(&overview::total(runs), html));
    });
    overview::section(runs, html);
    let label = Id::of("repositories-title");
    html.open(
        "section",
        &[id(&Id::of("repositories")), class("repositories"), markup::refers("aria-labelledby", &label)],
    );
    html.leaf("h2", &[id(&label), class("section")], "Repositories");
    html.line_end();
}

/// One of several repositories, folded.
fn folded(index: usize, run: &Run, html: &mut Html) {
    let page = Page { run, number: index, level: 4 };
    let counts = Counts::of(run);
    let own = overview::repository(index);
    html.el("details", &[id(&own), class("repository"), ours("data-worst", counts.worst(run))], |html| {
        html.el("summary", &[], |html| {
            html.el(
                "span",
                &[ours("class", verdict::sign(counts.worst(run))), ours("aria-hidden", "true")],
                |_| (),
            );
            html.leaf("h3", &[], &run.name);
            html.text(" ");
            html.leaf("span", &[class("quiet")], &verdict_words(run, &counts.tally));
        });
        html.el("div", &[class("body")], |html| {
            verdict::examined(&page, html);
            sections(&page, html);
        });
    });
    html.line_end();
}

fn sections(page: &Page<'_>, html: &mut Html) {
    lineage::section(page, html);
    rest::comparison(page, html);
    weights::section(page, html);
    timeline::section(page, html);
    obligations::section(page, html);
    findings::section(page, html);
    rest::legal_files(page, html);
    rest::waivers(page, html);
    rest::not_examined(page, html);
}

fn footer(runs: &[Run], html: &mut Html) {
    html.el("footer", &[], |html| {
        html.leaf("p", &[class("closing")], CLOSING);
        if let Some(run) = runs.first() {
            html.el("p", &[], |html| {
                html.text(&format!("Made by forebear {}, catalog ", run.maker.version));
                html.leaf("code", &[], &run.maker.catalog);
                html.text(", on ");
                page::time(html, run.maker.time);
                html.text(". The file holds everything that it shows and fetches nothing.");
            });
        }
    });
    html.line_end();
}
