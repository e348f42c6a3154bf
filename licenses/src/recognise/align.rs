//! A licence's words laid beside a text's words, in order.
//!
//! The hits of a cluster ascend on both sides; each is extended while the words are equal, and what stands between two of them is closed by a longest common subsequence of bounded size. What then stands on one side
//! only is a difference.

use super::index::{Doc, Index};
use super::lexicon::{NEUTRAL, OPERATIVE};
use super::seeds::Cluster;
use super::words::Words;

/// A gap with more cells than this is not closed: what stands in it is a difference as a whole.
const CELLS: usize = 25000;

/// Words of the licence before the first and behind the last hit that are looked for.
const ENDS: usize = 100;

/// Equal words in a row.
#[derive(Clone, Copy, Debug)]
struct Run {
    text: usize,
    doc: usize,
    len: usize,
}

/// A stretch in which licence and text differ; either side may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Words of the licence, from and to.
    pub(crate) doc: (usize, usize),
    /// Words of the text, from and to.
    pub(crate) text: (usize, usize),
}

/// A licence and a text side by side.
#[derive(Clone, Debug)]
pub(crate) struct Aligned {
    pub(crate) doc: Doc,
    /// Words of the text, from the first to the last equal one.
    pub(crate) span: (usize, usize),
    /// Words of the licence, from the first to the last equal one.
    pub(crate) doc_span: (usize, usize),
    /// Equal words.
    pub(crate) matched: usize,
    /// What differs between the first and the last equal word.
    pub(crate) differences: Vec<Difference>,
}

/// Lays the licence of a cluster beside the text. What it costs, in steps, is taken from `budget`.
pub(crate) fn align(
    index: &Index,
    cluster: &Cluster,
    text: &Words<'_>,
    budget: &mut usize,
) -> Option<Aligned> {
    let doc = cluster.doc;
    let mut runs: Vec<Run> = Vec::new();
    for &(at, place) in &cluster.hits {
        let (from_text, from_doc) = runs.last().map_or((0, 0), |run| (run.text + run.len, run.doc + run.len));
        if at < from_text || place < from_doc {
            continue;
        }
        let equal = |step: usize| {
            at + step < text.len()
                && place + step < doc.len()
                && text.ids[at + step] == doc.word(place + step)
        };
        let mut len = 0;
        while equal(len) {
            len += 1;
        }
        if len < 3 {
            continue;
        }
        let mut back = 0;
        while at - back > from_text
            && place - back > from_doc
            && text.ids[at - back - 1] == doc.word(place - back - 1)
        {
            back += 1;
        }
        let run = Run { text: at - back, doc: place - back, len: len + back };
        if runs.is_empty() {
            runs = head(doc, text, run, budget);
        } else {
            let pairs = common(doc, text, (from_text, run.text), (from_doc, run.doc), budget);
            push_pairs(&pairs, &mut runs);
        }
        runs.push(run);
    }
    let last = *runs.last()?;
    tail(doc, text, last, &mut runs, budget);
    *budget = budget.saturating_sub(doc.len());
    absorb(index, doc, &mut runs);
    let (first, last) = (*runs.first()?, *runs.last()?);
    let differences = runs
        .windows(2)
        .map(|pair| Difference {
            doc: (pair[0].doc + pair[0].len, pair[1].doc),
            text: (pair[0].text + pair[0].len, pair[1].text),
        })
        .filter(|difference| difference.doc.0 < difference.doc.1 || difference.text.0 < difference.text.1)
        .collect();
    Some(Aligned {
        doc,
        span: (first.text, last.text + last.len),
        doc_span: (first.doc, last.doc + last.len),
        matched: runs.iter().map(|run| run.len).sum(),
        differences,
    })
}

/// What stands before the first hit: a heading is too short for a seed. Returns the runs before it, in order.
fn head(doc: Doc, text: &Words<'_>, first: Run, budget: &mut usize) -> Vec<Run> {
    if first.doc == 0 {
        return Vec::new();
    }
    let from_doc = first.doc.saturating_sub(ENDS);
    // No further than twice its length, so that words of the text before are not taken for it.
    let from_text = first.text.saturating_sub((first.doc - from_doc) * 2 + 8);
    let mut pairs = common(doc, text, (from_text, first.text), (from_doc, first.doc), budget);
    pairs.reverse();
    let kept = worth(pairs.iter().map(|(at, place)| (first.text - at, first.doc - place)));
    pairs.truncate(kept);
    pairs.reverse();
    let mut runs = Vec::new();
    push_pairs(&pairs, &mut runs);
    runs
}

fn tail(doc: Doc, text: &Words<'_>, last: Run, runs: &mut Vec<Run>, budget: &mut usize) {
    let (end_text, end_doc) = (last.text + last.len, last.doc + last.len);
    let to_doc = doc.len().min(end_doc + ENDS);
    let to_text = text.len().min(end_text + (to_doc - end_doc) * 2 + 8);
    let mut pairs = common(doc, text, (end_text, to_text), (end_doc, to_doc), budget);
    let kept = worth(pairs.iter().map(|(at, place)| (at + 1 - end_text, place + 1 - end_doc)));
    pairs.truncate(kept);
    push_pairs(&pairs, runs);
}

/// How many pairs, going away from the sure part, belong to the licence: as many as give the best balance of equal words
/// against words passed over. `distances` are those of each pair on both sides, from 1.
fn worth(distances: impl Iterator<Item = (usize, usize)>) -> usize {
    let (mut best, mut kept) = (0i64, 0);
    for (index, (in_text, in_doc)) in distances.enumerate() {
        let equal = index as i64 + 1;
        let passed = (in_text as i64 - equal) + (in_doc as i64 - equal);
        let balance = 2 * equal - passed;
        if balance > best {
            (best, kept) = (balance, index + 1);
        }
    }
    kept
}

fn push_pairs(pairs: &[(usize, usize)], runs: &mut Vec<Run>) {
    for &(at, place) in pairs {
        match runs.last_mut() {
            Some(run) if run.text + run.len == at && run.doc + run.len == place => run.len += 1,
            _ => runs.push(Run { text: at, doc: place, len: 1 }),
        }
    }
}

/// The longest common subsequence of two short stretches, as pairs of places.
fn common(
    doc: Doc,
    text: &Words<'_>,
    in_text: (usize, usize),
    in_doc: (usize, usize),
    budget: &mut usize,
) -> Vec<(usize, usize)> {
    let (rows, columns) = (in_text.1.saturating_sub(in_text.0), in_doc.1.saturating_sub(in_doc.0));
    let mut pairs = Vec::new();
    if rows == 0 || columns == 0 || rows * columns > CELLS {
        return pairs;
    }
    *budget = budget.saturating_sub(rows * columns);
    let theirs: Vec<u16> = (in_doc.0..in_doc.1).map(|place| doc.word(place)).collect();
    let ours = &text.ids[in_text.0..in_text.1];
    // lengths[row][column] is the longest common subsequence of what follows.
    let width = columns + 1;
    let mut lengths = vec![0u16; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            lengths[row * width + column] = if ours[row] == theirs[column] {
                lengths[(row + 1) * width + column + 1] + 1
            } else {
                lengths[(row + 1) * width + column].max(lengths[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        if ours[row] == theirs[column] {
            pairs.push((in_text.0 + row, in_doc.0 + column));
            row += 1;
            column += 1;
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// A word or two that are equal by chance, between two larger differences, belong to the difference.
fn absorb(index: &Index, doc: Doc, runs: &mut Vec<Run>) {
    let gap = |one: &Run, two: &Run| (two.text - one.text - one.len).max(two.doc - one.doc - one.len);
    let mut at = 1;
    while at + 1 < runs.len() {
        let (before, run, after) = (runs[at - 1], runs[at], runs[at + 1]);
        let (left, right) = (gap(&before, &run), gap(&run, &after));
        let classes = (run.doc..run.doc + run.len).map(|place| index.classes(doc.word(place)));
        let weak = classes.clone().all(|class| class & (NEUTRAL | OPERATIVE) != 0);
        let chance = match run.len {
            1 => left + right >= 4 || (weak && left + right >= 3),
            2 => left.min(right) >= 3 || (weak && left.min(right) >= 2),
            3 => weak && left.min(right) >= 6,
            _ => false,
        };
        if chance && left > 0 && right > 0 {
            runs.remove(at);
        } else {
            at += 1;
        }
    }
}
