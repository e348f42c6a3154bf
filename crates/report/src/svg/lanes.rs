//! The lines: down from a child in a lane of the gutter, then right to its base.

use std::fmt::Write as _;

use forebear_types::lineage::Strength;
use forebear_types::run::Run;

use super::boxes::Card;
use super::line_class;
use super::xml::escape;
use crate::graph::{self, Graph};

/// Distance between lanes.
const LANE: f64 = 11.0;

/// Room for an arrow head, right of the lanes.
const ARROW: f64 = 16.0;

/// Lanes that are kept apart; more lines than that share the last one.
const MOST: usize = 10;

/// Every line with its lane; lane 0 is the one next to the boxes.
#[derive(Debug)]
pub(crate) struct Lanes {
    pub(crate) lines: Vec<Line>,
    count: usize,
}

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) strength: Strength,
    from: f64,
    to: f64,
    child: usize,
    /// The step: index into the hops of the run.
    pub(crate) hop: Option<usize>,
    lane: usize,
}

impl Lanes {
    pub(super) fn of(run: &Run, graph: &Graph, cards: &[Card]) -> Self {
        let mut lines: Vec<Line> = graph
            .edges
            .iter()
            .map(|edge| {
                let hop = edge.hop.and_then(|hop| run.lineage.hops.get(hop));
                Line {
                    strength: hop.map_or(Strength::Circumstantial, |hop| hop.strength),
                    from: cards[edge.from].exit(),
                    to: cards[edge.to].entry(),
                    child: edge.from,
                    hop: edge.hop,
                    lane: 0,
                }
            })
            .collect();
        // Short lines get the inner lanes, so that few lines cross. Lines of one child and one style may share a lane.
        lines.sort_by(|one, two| {
            (one.to - one.from).abs().total_cmp(&(two.to - two.from).abs()).then(one.hop.cmp(&two.hop))
        });
        let mut count = 0;
        for index in 0..lines.len() {
            let taken: Vec<usize> = lines[..index]
                .iter()
                .filter(|other| other.clashes(&lines[index]))
                .map(|other| other.lane)
                .collect();
            let lane = (0..MOST).find(|lane| !taken.contains(lane)).unwrap_or(MOST - 1);
            lines[index].lane = lane;
            count = count.max(lane + 1);
        }
        Self { lines, count }
    }

    /// The width of the gutter.
    pub(super) fn width(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.count as f64 * LANE + ARROW - LANE / 2.0 }
    }

    pub(super) fn draw(&self, run: &Run, left: f64, body: &mut String) {
        for line in &self.lines {
            line.draw(run, left, body).expect("writing to a string cannot fail");
        }
    }
}

impl Line {
    fn clashes(&self, other: &Self) -> bool {
        if self.child == other.child && self.strength == other.strength {
            return false;
        }
        let (low, high) = (self.from.min(self.to), self.from.max(self.to));
        let (other_low, other_high) = (other.from.min(other.to), other.from.max(other.to));
        low <= other_high && other_low <= high
    }

    /// The outlines of the line and of its arrow head, as the `d` of paths.
    pub(crate) fn outlines(&self, left: f64) -> (String, String) {
        let x = left - ARROW - self.lane as f64 * LANE;
        let (from, to) = (self.from, self.to);
        let bend = if to > from { 5.0 } else { -5.0 };
        let head = left - 8.0;
        let line = format!(
            "M{left:.0} {from:.1}H{:.1}q-5 0 -5 {bend}V{:.1}q0 {bend} 5 {bend}H{head:.1}",
            x + 5.0,
            to - bend,
        );
        (line, format!("M{left:.0} {to:.1}l-9 -4.5v9z"))
    }

    fn draw(&self, run: &Run, left: f64, body: &mut String) -> std::fmt::Result {
        let (line, arrow) = self.outlines(left);
        write!(body, "<path class=\"e {}\" d=\"{line}\">", line_class(self.strength))?;
        if let Some(hop) = self.hop.and_then(|hop| run.lineage.hops.get(hop)) {
            let mut words = vec![graph::standing(hop).join("; ")];
            words.extend(graph::evidence(hop));
            write!(body, "<title>{}</title>", escape(&words.join("\n")))?;
        }
        writeln!(body, "</path><path class=\"a\" d=\"{arrow}\"/>")
    }
}
