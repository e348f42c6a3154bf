//! Where in a text which licence may be: seeds, gathered into clusters.
//!
//! A seed is a triple of words that few texts share. Every triple of the text is looked up; each hit says "this text, this
//! place". Hits of one text that follow each other in both are a cluster: one occurrence, found where it is, however long
//! the file.

use super::index::{Doc, Index};
use super::words::{UNKNOWN, Words};

/// Words of the text without a seed that end a cluster.
const GAP: usize = 120;

/// The share of a licence's seeds from which on an occurrence is compared word by word. A text that holds a third of a
/// licence has a third of its seeds; comparing decides.
const SHARE: f64 = 0.22;

/// Hits that are kept, for each word of the text. Real texts have at most ten or so; more come from texts made to cost time.
const HITS: usize = 24;

/// One occurrence of a licence, as far as its seeds tell.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) doc: Doc,
    /// Word of the text and word of the licence, both ascending.
    pub(crate) hits: Vec<(usize, usize)>,
    /// The share of the seeds that must be there, in thousandths.
    pub(crate) share: usize,
}

impl Cluster {
    /// The words of the text from the first to the last hit.
    pub(crate) fn span(&self) -> (usize, usize) {
        (self.hits[0].0, self.hits[self.hits.len() - 1].0 + 3)
    }
}

/// All clusters of a text, the fullest first.
pub(crate) fn clusters(index: &Index, text: &Words<'_>) -> Vec<Cluster> {
    let hits = hits(index, text);
    let mut clusters = Vec::new();
    for (number, hits) in hits {
        let doc = index.doc(number);
        split(doc, &hits, &mut clusters);
    }
    clusters.sort_by_key(|cluster| {
        (
            std::cmp::Reverse(cluster.share),
            std::cmp::Reverse(cluster.hits.len()),
            cluster.doc.order,
            cluster.doc.number,
        )
    });
    clusters
}

/// The hits of every text that has enough of them, by number of the text, in order of the text.
fn hits(index: &Index, text: &Words<'_>) -> Vec<(u16, Vec<(usize, usize)>)> {
    let mut counts = vec![0u32; index.docs()];
    let mut found = Vec::new();
    let mut budget = HITS * text.len() + 4096;
    for (at, triple) in text.ids.windows(3).enumerate() {
        if triple.contains(&UNKNOWN) {
            continue;
        }
        let postings = index.postings([triple[0], triple[1], triple[2]]);
        if postings.len() == 0 || postings.len() > budget {
            continue;
        }
        budget -= postings.len();
        for (number, _) in postings.iter() {
            counts[usize::from(number)] += 1;
        }
        found.push((at, postings));
    }
    let mut slots: Vec<Option<usize>> = vec![None; counts.len()];
    let mut kept: Vec<(u16, Vec<(usize, usize)>)> = Vec::new();
    for (number, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let doc = index.doc(number as u16);
        if f64::from(*count) >= (SHARE * doc.seeds as f64).max(1.0) {
            slots[number] = Some(kept.len());
            kept.push((number as u16, Vec::with_capacity(*count as usize)));
        }
    }
    for (at, postings) in found {
        for (number, place) in postings.iter() {
            if let Some(slot) = slots[usize::from(number)] {
                kept[slot].1.push((at, usize::from(place)));
            }
        }
    }
    kept
}

/// What a hit counts in a chain, and what the text may cost that stands between two hits on one side only: a word costs a
/// twentieth of a hit, and no gap more than twelve.
const HIT: i64 = 20;
const DEAREST: i64 = 240;

/// Hits before a hit that may be the one before it in the chain.
const BACK: usize = 64;

/// Chains the hits of one licence: each chain ascends on both sides, and the text moves little against the licence between
/// two hits, so that a second copy is a second chain and a chance hit is in none (chaining with gap costs, as in aligning
/// genomes: Li, "Minimap2", 2018, section 2.1).
fn split(doc: Doc, hits: &[(usize, usize)], clusters: &mut Vec<Cluster>) {
    let mut scores: Vec<i64> = Vec::with_capacity(hits.len());
    let mut before: Vec<Option<usize>> = Vec::with_capacity(hits.len());
    for (index, &(at, place)) in hits.iter().enumerate() {
        let (mut best, mut from) = (0, None);
        for earlier in (index.saturating_sub(BACK)..index).rev() {
            let (other_at, other) = hits[earlier];
            if at - other_at > GAP {
                break;
            }
            if other_at == at || other >= place {
                continue;
            }
            let apart = ((at + other).abs_diff(other_at + place) as i64).min(DEAREST);
            if scores[earlier] - apart > best {
                (best, from) = (scores[earlier] - apart, Some(earlier));
            }
            if apart == 0 {
                break;
            }
        }
        scores.push(best + HIT);
        before.push(from);
    }
    let mut ends: Vec<usize> = (0..hits.len()).collect();
    ends.sort_by_key(|index| (std::cmp::Reverse(scores[*index]), *index));
    let mut used = vec![false; hits.len()];
    for end in ends {
        let mut chain = Vec::new();
        let mut at = Some(end);
        while let Some(index) = at.filter(|index| !used[*index]) {
            used[index] = true;
            chain.push(hits[index]);
            at = before[index];
        }
        chain.reverse();
        let share = chain.len() * 1000 / doc.seeds.max(1);
        if !chain.is_empty() && share as f64 >= SHARE * 1000.0 {
            clusters.push(Cluster { doc, hits: chain, share: share.min(1000) });
        }
    }
}
