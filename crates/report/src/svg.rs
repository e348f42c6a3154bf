//! The lineage as a picture: `forebear lineage --format svg`.
//!
//! One self-contained SVG file: no scripts, no fonts, nothing from outside. It is read on a telephone as on a large screen, so
//! there is one column of boxes in order of the graph's layers (the examined model first, every base below what descends from
//! it), and the lines run in a gutter on the left, each kind in a lane of its own. Strength is a word and a style of line, never
//! a colour alone. Colours follow `prefers-color-scheme`.
//!
//! Source: SVG 1.1 (second edition); `role`, `aria-labelledby`, `title` and `desc` as in the SVG Accessibility API Mappings.

pub(crate) mod boxes;
pub(crate) mod lanes;
pub(crate) mod measure;
pub(crate) mod xml;

use std::fmt::Write as _;
use std::io::{self, Write};

use forebear_types::lineage::{Hop, Strength};
use forebear_types::run::Run;

use crate::graph::{self, Graph, Kind};
use boxes::Card;
use lanes::Lanes;
use xml::{escape, wrapped_text};

/// Distance of everything from the edges of the picture.
const MARGIN: f64 = 12.0;

/// Width of a box.
pub(crate) const CARD: f64 = 352.0;

/// Distance between boxes.
const GAP: f64 = 22.0;

/// Size of the picture on a screen that has room for it, as a multiple of its own units.
const ENLARGED: f64 = 1.2;

/// Where everything stands: for this picture, and for those that other formats draw with their own means.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) graph: Graph,
    /// One for each node, in their order.
    pub(crate) cards: Vec<Card>,
    pub(crate) lanes: Lanes,
    /// The left edge of the boxes.
    pub(crate) left: f64,
    /// Where what follows the boxes may begin.
    pub(crate) bottom: f64,
}

impl Layout {
    /// The layout of a run's lineage.
    pub(crate) fn of(run: &Run) -> Self {
        let graph = Graph::of(run);
        let mut cards: Vec<Card> = (0..graph.nodes.len()).map(|node| Card::new(run, &graph, node)).collect();
        let mut bottom = MARGIN;
        for card in &mut cards {
            card.top = bottom;
            bottom += card.height + GAP;
        }
        let lanes = Lanes::of(run, &graph, &cards);
        let left = MARGIN + lanes.width();
        Self { graph, cards, lanes, left, bottom }
    }

    /// The width of the picture.
    pub(crate) fn width(&self) -> f64 {
        self.left + CARD + MARGIN
    }
}

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;font-size:13px;fill:#1f2328}\
.h{font-size:14px;font-weight:600}.q{fill:#57606a}\
.b{fill:#fff;stroke:#8c959f}.m{fill:#f6f8fa;stroke:#1f2328;stroke-width:2}.p{fill:#fff}\
.e{fill:none;stroke:#24527a}.a{fill:#24527a}\
.s4,.s3{stroke-width:3.5}.s2{stroke-width:1.8}.s1{stroke-width:1.8;stroke-dasharray:8 4}\
.s0{stroke-width:1.8;stroke-dasharray:2 4}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.q{fill:#9ea7b1}.b{fill:#161b22;stroke:#6e7681}\
.m{fill:#21262d;stroke:#e6edf3}.p{fill:#0d1117}.e{stroke:#79b8ff}.a{fill:#79b8ff}}";

/// Writes the picture.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let layout = Layout::of(run);
    let (graph, left) = (&layout.graph, layout.left);
    let mut body = String::new();
    layout.lanes.draw(run, left, &mut body);
    for card in &layout.cards {
        card.draw(left, &mut body);
    }
    let bottom = closing(run, graph, left, layout.bottom, &mut body);

    let width = layout.width();
    let height = bottom + MARGIN;
    let mut picture = String::new();
    // The size is that on a large screen; the style lets it shrink with its frame. A picture that is opened by itself would else
    // be squeezed into the height of the window.
    write!(
        picture,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{:.0}\" height=\"{:.0}\" \
         style=\"display:block;margin:0 auto;max-width:100%;height:auto\" role=\"img\" aria-labelledby=\"forebear-title forebear-desc\">\n\
         <title id=\"forebear-title\">Who this model descends from</title>\n<desc id=\"forebear-desc\">{}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"p\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n",
        width * ENLARGED,
        height * ENLARGED,
        escape(&described(run)),
    )
    .expect("writing to a string cannot fail");
    picture.push_str(&body);
    picture.push_str("</svg>\n");
    out.write_all(picture.as_bytes())
}

/// The whole picture in words, for those who cannot see it.
pub(crate) fn described(run: &Run) -> String {
    const HOPS: usize = 12;
    let hops = &run.lineage.hops;
    if hops.is_empty() {
        return "No base was found.".to_owned();
    }
    let mut sentences: Vec<String> = hops.iter().take(HOPS).map(sentence).collect();
    if hops.len() > HOPS {
        sentences.push(format!("There are {} more steps.", hops.len() - HOPS));
    }
    sentences.join(" ")
}

fn sentence(hop: &Hop) -> String {
    const MOST: usize = 8;
    let mut bases: Vec<String> =
        hop.candidates.iter().take(MOST).map(|one| crate::safe::line(one.model.as_str())).collect();
    if hop.candidates.len() > MOST {
        bases.push(format!("{} more", hop.candidates.len() - MOST));
    }
    let child = match &hop.child {
        Some(child) => crate::safe::line(child.as_str()),
        None if hop.subject.is_root() => "This model".to_owned(),
        None => format!("The model in {}", crate::safe::line(&hop.subject.to_string())),
    };
    format!("{child} descends from {} ({}).", bases.join(" or "), graph::standing(hop).join("; "))
}

/// Distance of lines below the boxes.
const LINE: f64 = 19.0;

/// What stands below the boxes: what is not shown, and what the lines mean. Gives the new bottom.
fn closing(run: &Run, graph: &Graph, left: f64, mut bottom: f64, body: &mut String) -> f64 {
    const SAMPLE: f64 = 34.0;
    if run.lineage.hops.is_empty() {
        let words = "no base found: nothing declares one, and nothing that was examined points to one";
        bottom = note(words, left, bottom, body);
    }
    if graph.left_out > 0 {
        bottom = note(&format!("{} more steps in the text report", graph.left_out), left, bottom, body);
    }
    for strength in graph::strengths(run) {
        let middle = bottom - 1.0;
        let class = line_class(strength);
        writeln!(body, "<path class=\"e {class}\" d=\"M{left:.0} {middle:.1}h{SAMPLE:.0}\"/>")
            .expect("writing to a string cannot fail");
        let words = [format!("{}: {}", strength.name(), meaning(strength))];
        wrapped_text(body, "q", left + SAMPLE + 10.0, bottom + 3.5, LINE, &words);
        bottom += LINE;
    }
    if graph.nodes.iter().any(|node| matches!(&node.kind, Kind::Models(models) if models.len() > 1)) {
        bottom = note("A set of models: the evidence cannot tell them apart.", left, bottom, body);
    }
    bottom - LINE / 2.0
}

fn note(words: &str, left: f64, bottom: f64, body: &mut String) -> f64 {
    let lines = measure::wrap(words, CARD, measure::BODY, 2);
    wrapped_text(body, "q", left, bottom + 4.0, LINE, &lines);
    bottom + lines.len() as f64 * LINE
}

/// The class of a line.
pub(crate) fn line_class(strength: Strength) -> &'static str {
    match strength {
        Strength::Identical => "s4",
        Strength::Weights => "s3",
        Strength::Declared => "s2",
        Strength::Structural => "s1",
        Strength::Circumstantial => "s0",
    }
}

pub(crate) fn meaning(strength: Strength) -> &'static str {
    match strength {
        Strength::Identical => "the same bytes",
        Strength::Weights => "a statistical test on the weights",
        Strength::Declared => "the publisher or you say so",
        Strength::Structural => "the same configuration",
        Strength::Circumstantial => "a hint, which proves nothing",
    }
}
