//! Who the model descends from: a picture, and the same as a list with all evidence.
//!
//! The picture is that of [`svg`](crate::svg), drawn with links: every step leads to its entry in the list, and the script shows
//! the entry's evidence beside the step that is hovered over or focused.

use forebear_types::lineage::{Evidence, Hop, Strength};
use forebear_types::run::Run;

use super::markup::{Attribute, Html, Id, class, id, number, ours, refers, refers_to_all, to, value};
use super::page::{self, Page};
use crate::graph::{self, Kind};
use crate::svg::boxes::{Block, Card, LINE, PADDING};
use crate::svg::{self, CARD, Layout};

/// Steps of the list; JSON has all.
const HOPS: usize = 200;

/// Reasons for, and reasons against, of one step; JSON has all.
const REASONS: usize = 100;

/// Candidates that a heading names.
const FEW: usize = 3;

/// Candidates of one step that are named; JSON has all.
const CANDIDATES: usize = 60;

/// The section.
pub(super) fn section(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let lead = match run.lineage.hops.len() {
        0 => "No base was found: nothing declares one, and nothing that was examined points to one.",
        _ => {
            "Every step to a base, with the evidence for and against it. A step is never surer than its evidence."
        }
    };
    page.section(html, "lineage", "Lineage", lead, |html| {
        if run.lineage.hops.is_empty() {
            return;
        }
        html.el("div", &[class("descent")], |html| {
            html.el("figure", &[class("graph")], |html| {
                picture(page, html);
                legend(run, html);
            });
            html.el("ol", &[class("hops")], |html| {
                for (index, hop) in run.lineage.hops.iter().enumerate().take(HOPS) {
                    entry(page, index, hop, html);
                }
            });
        });
        if run.lineage.hops.len() > HOPS {
            let more = format!("{} more steps in the JSON report.", run.lineage.hops.len() - HOPS);
            html.leaf("p", &[class("more")], &more);
        }
    });
}

fn picture(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let layout = Layout::of(run);
    let (title, described) = (page.id("graph-title", 0), page.id("graph-words", 0));
    let (width, height) = (layout.width(), layout.bottom - 8.0);
    let frame = format!("0 0 {width:.0} {height:.0}");
    let names = [title.clone()];
    let attributes = [
        value("viewBox", &frame),
        number("width", width),
        number("height", height),
        // Not an image: it holds links.
        ours("role", "group"),
        refers_to_all("aria-labelledby", &names),
        refers("aria-describedby", &described),
    ];
    html.el("svg", &attributes, |html| {
        html.leaf("title", &[id(&title)], "Who this model descends from");
        html.leaf("desc", &[id(&described)], &svg::described(run));
        html.line_end();
        for line in &layout.lanes.lines {
            let (outline, arrow) = line.outlines(layout.left);
            let hop = line.hop.map(|hop| page.id("hop", hop));
            let mut about: Vec<Attribute<'_>> =
                vec![ours("class", line_class(line.strength)), value("d", &outline)];
            about.extend(hop.as_ref().map(|hop| refers("data-tip", hop)));
            html.el("path", &about, |_| ());
            html.el("path", &[class("arrow"), value("d", &arrow)], |_| ());
            html.line_end();
        }
        for card in &layout.cards {
            draw(page, card, layout.left, html);
        }
    });
    html.line_end();
}

fn draw(page: &Page<'_>, card: &Card, left: f64, html: &mut Html) {
    let frame = [
        ours("class", if card.class == "m" { "box mine" } else { "box" }),
        number("x", left),
        number("y", card.top),
        number("width", CARD),
        number("height", card.height),
        ours("rx", "8"),
    ];
    html.el("rect", &frame, |_| ());
    for (block, top) in card.placed() {
        // What lies beyond the list has no entry to lead to.
        let Some(hop) = block.hop.filter(|hop| *hop < HOPS) else {
            lines(block, left, top, html);
            continue;
        };
        let entry = page.id("hop", hop);
        let words: Vec<&str> = block.lines.iter().map(|(_, line)| line.as_str()).collect();
        let name = format!("{}: {}", page.run.lineage.hops[hop].title(), words.join(" "));
        let attributes = [to(&entry), refers("data-tip", &entry), value("aria-label", &name)];
        html.el("a", &attributes, |html| {
            let height = block.lines.len() as f64 * LINE + 5.0;
            let room = [
                class("step"),
                number("x", left + 5.0),
                number("y", top - LINE + 2.0),
                number("width", CARD - 10.0),
                number("height", height),
                ours("rx", "5"),
            ];
            html.el("rect", &room, |_| ());
            lines(block, left, top, html);
        });
    }
    html.line_end();
}

fn lines(block: &Block, left: f64, top: f64, html: &mut Html) {
    for (index, (kind, text)) in block.lines.iter().enumerate() {
        let kind = match *kind {
            "h" => "title",
            "q" => "quiet",
            _ => "plain",
        };
        let y = top + index as f64 * LINE;
        if index > 0 {
            // Between the words of two lines, for those who hear them.
            html.text(" ");
        }
        html.leaf("text", &[ours("class", kind), number("x", left + PADDING), number("y", y)], text);
    }
}

/// The class of a line; the same styles as in the picture by itself.
fn line_class(strength: Strength) -> &'static str {
    match strength {
        Strength::Identical | Strength::Weights => "edge thick",
        Strength::Declared => "edge plain",
        Strength::Structural => "edge dashed",
        Strength::Circumstantial => "edge dotted",
    }
}

/// What the lines mean.
fn legend(run: &Run, html: &mut Html) {
    html.el("figcaption", &[], |html| {
        html.el("ul", &[class("legend")], |html| {
            for strength in graph::strengths(run) {
                html.el("li", &[], |html| {
                    let size = [ours("width", "34"), ours("height", "10"), ours("aria-hidden", "true")];
                    html.el("svg", &size, |html| {
                        let line = [ours("class", line_class(strength)), ours("d", "M0 5h34")];
                        html.el("path", &line, |_| ());
                    });
                    html.leaf("b", &[], strength.name());
                    html.text(&format!(" {}", svg::meaning(strength)));
                });
            }
        });
        let graph = graph::Graph::of(run);
        if graph.nodes.iter().any(|node| matches!(&node.kind, Kind::Models(models) if models.len() > 1)) {
            html.leaf("p", &[], "A set of models: the evidence cannot tell them apart.");
        }
        if graph.left_out > 0 {
            html.leaf("p", &[], &format!("{} more steps are in the list only.", graph.left_out));
        }
    });
}

/// One step in the list.
fn entry(page: &Page<'_>, index: usize, hop: &Hop, html: &mut Html) {
    let own = page.id("hop", index);
    html.el("li", &[id(&own), class("hop"), ours("tabindex", "-1")], |html| {
        if hop.candidates.len() > FEW {
            html.leaf(page.heading(1), &[], &format!("One of {} models", hop.candidates.len()));
            html.el("p", &[class("models")], |html| candidates(hop, html));
        } else {
            html.el(page.heading(1), &[], |html| candidates(hop, html));
        }
        let child = match (&hop.child, hop.subject.is_root()) {
            (Some(child), _) => Some(format!("as the base of {child}")),
            (None, true) => None,
            (None, false) => Some(format!("for the model in {}", hop.subject)),
        };
        html.el("p", &[class("standing")], |html| {
            for fact in child.into_iter().chain(graph::standing(hop)) {
                html.leaf("span", &[class("chip")], &fact);
                html.text(" ");
            }
        });
        reasons(page, index, "for", "For", &hop.because, html);
        reasons(page, index, "against", "Against", &hop.against, html);
        if hop.because.is_empty() && hop.against.is_empty() {
            html.leaf("p", &[class("quiet")], "No evidence is recorded for this step.");
        }
    });
    html.line_end();
}

/// The candidates, with their revisions: "A", "A or B", "A, B or C".
fn candidates(hop: &Hop, html: &mut Html) {
    let name = |html: &mut Html, one: &forebear_types::lineage::Candidate| {
        html.leaf("span", &[class("model")], one.model.as_str());
        if let Some(revision) = &one.revision {
            html.text(" at revision ");
            html.leaf("code", &[], revision);
        }
    };
    let count = hop.candidates.len();
    for (index, one) in hop.candidates.iter().take(CANDIDATES).enumerate() {
        html.text(match index {
            0 => "",
            _ if index + 1 == count => " or ",
            _ => ", ",
        });
        name(html, one);
    }
    if count > CANDIDATES {
        html.text(&format!(" or {} more", count - CANDIDATES));
    }
}

fn reasons(
    page: &Page<'_>,
    index: usize,
    kind: &'static str,
    name: &str,
    reasons: &[Evidence],
    html: &mut Html,
) {
    if reasons.is_empty() {
        return;
    }
    let label: Id = page.id(kind, index);
    let frame = if kind == "for" { "why for" } else { "why against" };
    html.el("div", &[ours("class", frame)], |html| {
        html.leaf("p", &[class("label"), id(&label)], name);
        html.el("ul", &[refers("aria-labelledby", &label)], |html| {
            for one in reasons.iter().take(REASONS) {
                html.el("li", &[], |html| {
                    html.text(&one.detail);
                    if let Some(location) = &one.location {
                        html.text(" ");
                        page::place(html, location);
                    }
                    html.text(" ");
                    let kind = format!("{}, {}", one.kind.name(), one.strength.name());
                    html.leaf("span", &[class("kind")], &kind);
                });
            }
            if reasons.len() > REASONS {
                html.leaf("li", &[], &format!("{} more in the JSON report", reasons.len() - REASONS));
            }
        });
    });
}
