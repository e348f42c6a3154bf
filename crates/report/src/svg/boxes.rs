//! The boxes.

use std::fmt::Write as _;

use forebear_types::run::Run;

use super::CARD;
use super::measure::{self, BODY, HEADING};
use super::xml::escape;
use crate::graph::{self, Edge, Graph, Kind};
use crate::safe;
use crate::text::{count, size};

/// Distance of the text from the edges of its box.
pub(crate) const PADDING: f64 = 12.0;
/// Distance of lines, base line to base line.
pub(crate) const LINE: f64 = 17.5;

/// Candidates of one set that are listed.
const MEMBERS: usize = 8;

/// A box with its text.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) class: &'static str,
    /// Text that belongs together, with what hovering over it shows.
    pub(crate) blocks: Vec<Block>,
    pub(crate) top: f64,
    pub(crate) height: f64,
}

/// Lines of a box that belong together.
#[derive(Debug, Default)]
pub(crate) struct Block {
    tooltip: String,
    /// Class and text.
    pub(crate) lines: Vec<(&'static str, String)>,
    /// The step to a base that they tell of: index into the hops of the run.
    pub(crate) hop: Option<usize>,
}

impl Block {
    fn add(&mut self, class: &'static str, text: &str, most: usize) {
        let size = if class == "h" { HEADING } else { BODY };
        let room = CARD - 2.0 * PADDING;
        self.lines.extend(measure::wrap(text, room, size, most).into_iter().map(|line| (class, line)));
    }
}

impl Card {
    pub(super) fn new(run: &Run, graph: &Graph, node: usize) -> Self {
        let mut head = Block::default();
        let about = &graph.nodes[node];
        let class = match &about.kind {
            Kind::Subject(folder) => {
                head.add("h", &capitalised(&about.title()), 3);
                subject(run, folder.is_root(), &mut head);
                "m"
            }
            Kind::Models(models) if models.len() > 1 => {
                head.add("h", &capitalised(&about.title()), 1);
                for model in models.iter().take(MEMBERS) {
                    head.add("", &format!("• {model}"), 3);
                }
                if models.len() > MEMBERS {
                    head.add("q", &format!("and {} more", models.len() - MEMBERS), 1);
                    head.tooltip = models.iter().take(100).cloned().collect::<Vec<_>>().join("\n");
                }
                "b"
            }
            Kind::Models(_) => {
                head.add("h", &about.title(), 4);
                "b"
            }
        };
        if let Some(licenses) = graph::licenses(about) {
            head.add("", &format!("licence: {licenses}"), 3);
        }
        let mut blocks = vec![head];
        let incoming: Vec<&Edge> = graph.edges.iter().filter(|edge| edge.to == node).collect();
        for edge in &incoming {
            blocks.push(step(run, graph, edge, incoming.len() > 1));
        }
        let lines: usize = blocks.iter().map(|block| block.lines.len()).sum();
        let height = 2.0 * PADDING + lines as f64 * LINE + (blocks.len() - 1) as f64 * (LINE / 3.0) - 4.0;
        Self { class, blocks, top: 0.0, height }
    }

    pub(super) fn draw(&self, left: f64, body: &mut String) {
        let mut drawn = || -> std::fmt::Result {
            writeln!(
                body,
                "<rect class=\"{}\" x=\"{left:.0}\" y=\"{:.1}\" width=\"{CARD:.0}\" height=\"{:.1}\" rx=\"6\"/>",
                self.class, self.top, self.height
            )?;
            for (block, mut y) in self.placed() {
                body.push_str("<g>");
                if !block.tooltip.is_empty() {
                    write!(body, "<title>{}</title>", escape(&block.tooltip))?;
                }
                for (class, text) in &block.lines {
                    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
                    write!(
                        body,
                        "<text{class} x=\"{:.0}\" y=\"{y:.1}\">{}</text>",
                        left + PADDING,
                        escape(text)
                    )?;
                    y += LINE;
                }
                body.push_str("</g>\n");
            }
            Ok(())
        };
        drawn().expect("writing to a string cannot fail");
    }

    /// The blocks, each with the base line of its first line.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (&Block, f64)> {
        self.blocks.iter().scan(self.top + PADDING + 10.0, |next, block| {
            let top = *next;
            *next += block.lines.len() as f64 * LINE + LINE / 3.0;
            Some((block, top))
        })
    }

    /// Where a line arrives.
    pub(super) fn entry(&self) -> f64 {
        self.top + PADDING + 6.0
    }

    /// Where lines start.
    pub(super) fn exit(&self) -> f64 {
        self.top + self.height - PADDING.min(self.height / 3.0)
    }
}

/// What is declared, and how large the model is, for the box of the examined model.
fn subject(run: &Run, root: bool, head: &mut Block) {
    if !root {
        return;
    }
    if !run.facts.is_empty() {
        let license = run.declared.license.as_ref().or(run.declared.license_name.as_ref());
        match license {
            Some(license) => head.add("", &format!("declares licence: {}", safe::line(license)), 2),
            None => head.add("", "declares no licence", 1),
        }
        if run.declared.base_models.is_empty() {
            head.add("", "declares no base model", 1);
        }
    }
    if let [only] = run.models.as_slice() {
        let (total, active) = (only.parameters.total, only.parameters.active);
        // As in the text report: of a dense model the embedding is all that takes no part.
        let active = if active < total / 10 * 8 {
            format!(", {} active per token", size(active))
        } else {
            String::new()
        };
        head.add("q", &format!("{} parameters{active}", size(total)), 2);
    }
}

/// How a child came from this base, and how that is known.
fn step(run: &Run, graph: &Graph, edge: &Edge, several: bool) -> Block {
    let mut block = Block::default();
    let child = match (&graph.nodes[edge.from].kind, edge.member) {
        (Kind::Models(models), Some(member)) => models.get(member).cloned(),
        (Kind::Models(_), None) => Some(graph.nodes[edge.from].title()),
        (Kind::Subject(_), _) => several.then(|| graph.nodes[edge.from].title()),
    };
    let Some(hop) = edge.hop.and_then(|hop| run.lineage.hops.get(hop)) else {
        block.add("q", "an ancestor, by the catalog", 1);
        return block;
    };
    block.hop = edge.hop;
    if let Some(child) = child {
        let words = match edge.member {
            Some(_) => format!("if it is {child}, the base of it:"),
            None => format!("base of {child}:"),
        };
        block.add("q", &words, 3);
    }
    block.add("", &graph::standing(hop).join("; "), 4);
    let reasons = match (hop.because.len(), hop.against.len()) {
        (0, 0) => None,
        (for_it, 0) => Some(format!("{} for", count(for_it, "reason"))),
        (for_it, against) => Some(format!("{} for, {against} against", count(for_it, "reason"))),
    };
    if let Some(reasons) = reasons {
        block.add("q", &reasons, 1);
    }
    block.tooltip = graph::evidence(hop).join("\n");
    block
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
