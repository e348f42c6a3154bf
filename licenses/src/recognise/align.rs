//! A licence's words laid beside a text's words, in order.
//!
//! Anchors are word trigrams that the licence has once. Anchors close together in the text form a cluster; within it the
//! longest ascending chain of licence positions is kept, and the gaps between anchors are closed by a longest common
//! subsequence of bounded size. What then stands on one side only is a difference: harmless, a change, or a missing part.

use forebear_types::license::Change;

use super::index::Candidate;
use super::words::Words;

/// Words of the text without an anchor that end a cluster.
const GAP: usize = 120;

/// A gap with more cells than this is not closed: what stands in it is a difference as a whole.
const CELLS: usize = 60_000;

/// A missing piece of at most this many words is a change; a longer one is a missing part.
const PIECE: usize = 40;

/// Below this share of its words a licence is not reported, not even as incomplete: shared boilerplate (a disclaimer, a
/// grant) is no licence.
const LEAST: f64 = 0.35;

/// A licence with operative changes needs this share of its words to be called that licence, changed.
const LEAST_ALTERED: f64 = 0.75;

/// Words that make a difference operative: what one may, must or must not do, and to whom.
const OPERATIVE: &[&str] = &[
    "not",
    "no",
    "never",
    "shall",
    "must",
    "may",
    "only",
    "except",
    "unless",
    "without",
    "provided",
    "prohibited",
    "prohibit",
    "forbidden",
    "commercial",
    "noncommercial",
    "non",
    "commercially",
    "restricted",
    "restriction",
    "restrictions",
    "permitted",
    "permission",
    "required",
    "require",
    "requires",
    "evil",
    "military",
    "weapons",
    "users",
    "revenue",
    "display",
    "displayed",
    "academic",
    "research",
    "company",
    "companies",
    "employees",
    "country",
    "territory",
    "fee",
    "royalty",
    "obtain",
    "prior",
    "written",
    "agree",
    "terminate",
    "terminates",
    "cannot",
    "disallowed",
    "personal",
    "individuals",
    "sell",
    "resell",
    "redistribute",
    "hosting",
    "hosted",
    "compete",
    "competing",
    "train",
    "training",
];

/// Words that differ between equal licences: names of holders and of the thing licensed, list marks, links.
const NEUTRAL: &[&str] = &[
    "the",
    "a",
    "an",
    "of",
    "and",
    "or",
    "by",
    "its",
    "their",
    "this",
    "that",
    "these",
    "copyright",
    "holder",
    "holders",
    "owner",
    "owners",
    "author",
    "authors",
    "contributors",
    "contributor",
    "regents",
    "university",
    "california",
    "foundation",
    "project",
    "software",
    "program",
    "library",
    "work",
    "works",
    "package",
    "code",
    "material",
    "inc",
    "corporation",
    "company",
    "organization",
    "name",
    "names",
    "license",
    "licenses",
    "version",
    "http",
    "www",
    "org",
    "com",
    "html",
    "txt",
    "legalcode",
    "c",
    "all",
    "rights",
    "reserved",
    "following",
    "above",
    "paragraph",
    "section",
    "including",
    "next",
    "is",
    "are",
    "new",
    "modified",
    "simplified",
    "clause",
];

/// Openings of a licence's optional last part (how to apply it, who publishes it). Source: the `<optional>` parts of the
/// SPDX templates of Apache-2.0, the GPL family and the Creative Commons licences.
const OPTIONAL_TAIL: &[&str] = &[
    "end of terms and conditions",
    "appendix how to apply",
    "how to apply these terms",
    "creative commons is not a party",
    "creative commons may be contacted",
    "creative commons notice",
    "exhibit a",
    "gnu general public license version 3",
    "to apply the",
    "statement of purpose",
    "for more information please refer",
];

/// Marks of a licence's optional first part.
const OPTIONAL_HEAD: &[&str] = &[
    "not a law firm",
    "preamble",
    "statement of purpose",
    "creative commons corporation",
    "does not provide legal services",
];

/// Words with which the terms of a licence begin, where an explanation stands before them.
const TERMS_BEGIN: &[&str] = &["by exercising the licensed rights"];

/// Words that come right after the terms: what follows says how to apply the licence, and is none of it.
const TERMS_END: &[&str] = &[
    "end of terms and conditions",
    "how to apply these terms to your new",
    "creative commons is not a party to its public licenses",
    "creative commons may be contacted at",
];

/// One occurrence of a licence in a text.
#[derive(Clone, Debug)]
pub(crate) struct Alignment {
    pub(crate) id: &'static str,
    /// Words of the text, from and to.
    pub(crate) span: (usize, usize),
    /// Words of the licence.
    pub(crate) total: usize,
    /// Of these, found in order.
    pub(crate) matched: usize,
    /// Of these, missing and optional or of no weight.
    pub(crate) excused: usize,
    /// Words that differ without weight, on either side.
    pub(crate) harmless: usize,
    /// Differences that have weight.
    pub(crate) changes: Vec<Change>,
    /// Openings of missing parts.
    pub(crate) missing: Vec<String>,
    /// What the changes weigh, in words: what is gone counts three times what is new, because a licence that is all there
    /// with an addition explains a text better than one of which words are replaced.
    pub(crate) weight: usize,
}

impl Alignment {
    /// The share of the licence's words that are there or need not be.
    pub(crate) fn coverage(&self) -> f64 {
        (self.matched + self.excused) as f64 / self.total.max(1) as f64
    }

    /// Whole before altered before incomplete.
    pub(crate) fn rank(&self) -> u8 {
        match (self.changes.is_empty(), self.missing.is_empty()) {
            (true, true) => 0,
            (false, true) => 1,
            _ => 2,
        }
    }
}

/// Every occurrence of a licence in a text that is worth reporting.
pub(crate) fn align(candidate: &Candidate, text: &Words<'_>) -> Vec<Alignment> {
    let licence = &candidate.words;
    clusters(licence, text)
        .into_iter()
        .filter_map(|anchors| {
            let pairs = pairs(licence, text, &ascending(&anchors));
            let alignment = differences(candidate.id, licence, text, &pairs)?;
            worth_reporting(&alignment).then_some(alignment)
        })
        .collect()
}

fn worth_reporting(alignment: &Alignment) -> bool {
    let coverage = alignment.coverage();
    let inside = alignment.span.1 - alignment.span.0;
    let dense = alignment.matched as f64 / inside.max(1) as f64;
    match alignment.rank() {
        0 => coverage >= 0.9 && dense >= 0.7,
        1 => coverage >= LEAST_ALTERED && dense >= 0.6,
        _ => coverage >= LEAST && alignment.matched >= 40 && dense >= 0.8,
    }
}

/// Anchors `(text, licence)` in order of the text, cut where the text has none for a while or the licence begins again.
fn clusters(licence: &Words<'_>, text: &Words<'_>) -> Vec<Vec<(usize, usize)>> {
    let mut unique: Vec<(u64, usize)> =
        (0..licence.trigrams()).map(|index| (licence.trigram(index), index)).collect();
    unique.sort_unstable();
    let hashes: Vec<u64> = unique.iter().map(|(hash, _)| *hash).collect();
    let position = |hash: u64| {
        let first = hashes.partition_point(|known| *known < hash);
        let (known, index) = *unique.get(first)?;
        let once = unique.get(first + 1).is_none_or(|(next, _)| *next != hash);
        (known == hash && once).then_some(index)
    };
    let mut clusters: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut current: Vec<(usize, usize)> = Vec::new();
    // Two anchors in a row far back in the licence: another copy begins.
    let mut back: Option<(usize, usize)> = None;
    for at in 0..text.trigrams() {
        let Some(in_licence) = position(text.trigram(at)) else { continue };
        if let Some(&(last_at, last)) = current.last() {
            if at - last_at > GAP {
                clusters.push(std::mem::take(&mut current));
                back = None;
            } else if in_licence + licence.len() / 2 < last {
                if let Some(first) = back.take() {
                    clusters.push(std::mem::take(&mut current));
                    current.push(first);
                } else {
                    back = Some((at, in_licence));
                    continue;
                }
            }
        }
        current.push((at, in_licence));
    }
    clusters.push(current);
    clusters.retain(|cluster| cluster.len() >= 4);
    clusters
}

/// The longest chain in which the licence's positions ascend (patience sorting).
fn ascending(anchors: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; anchors.len()];
    for (index, (_, position)) in anchors.iter().enumerate() {
        let place = tails.partition_point(|tail| anchors[*tail].1 < *position);
        before[index] = place.checked_sub(1).map(|place| tails[place]);
        if place == tails.len() {
            tails.push(index);
        } else {
            tails[place] = index;
        }
    }
    let mut chain = Vec::with_capacity(tails.len());
    let mut at = tails.last().copied();
    while let Some(index) = at {
        chain.push(anchors[index]);
        at = before[index];
    }
    chain.reverse();
    chain
}

/// Pairs of equal words, both sides ascending.
fn pairs(licence: &Words<'_>, text: &Words<'_>, anchors: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut push = |pairs: &mut Vec<(usize, usize)>, at: usize, in_licence: usize| {
        if pairs.last().is_none_or(|(last_at, last)| at > *last_at && in_licence > *last) {
            pairs.push((at, in_licence));
        }
    };
    let Some(&(first_at, first)) = anchors.first() else { return pairs };
    // Backwards from the first anchor: a licence's heading is too short for anchors. No further than twice its length,
    // so that words of the text before are not taken for it.
    let reach = first_at.min(first * 2 + 8);
    close(licence, text, (first_at - reach, first_at), (0, first), &mut pairs, &mut push);
    for &(at, in_licence) in anchors {
        let (from_at, from) = pairs.last().map_or((at, in_licence), |(at, position)| (at + 1, position + 1));
        if at > from_at && in_licence > from && !pairs.is_empty() {
            close(licence, text, (from_at, at), (from, in_licence), &mut pairs, &mut push);
        }
        for step in 0..3 {
            push(&mut pairs, at + step, in_licence + step);
        }
    }
    if let Some(&(last_at, last)) = pairs.last() {
        let left = licence.len() - last - 1;
        let end = text.len().min(last_at + 1 + left * 2 + 8);
        close(licence, text, (last_at + 1, end), (last + 1, licence.len()), &mut pairs, &mut push);
    }
    pairs
}

/// The longest common subsequence of two short stretches.
fn close(
    licence: &Words<'_>,
    text: &Words<'_>,
    in_text: (usize, usize),
    in_licence: (usize, usize),
    pairs: &mut Vec<(usize, usize)>,
    push: &mut impl FnMut(&mut Vec<(usize, usize)>, usize, usize),
) {
    let (rows, columns) = (in_text.1.saturating_sub(in_text.0), in_licence.1.saturating_sub(in_licence.0));
    if rows == 0 || columns == 0 || rows * columns > CELLS {
        return;
    }
    // lengths[row][column] is the longest common subsequence of what follows.
    let width = columns + 1;
    let mut lengths = vec![0u16; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            lengths[row * width + column] =
                if text.hash(in_text.0 + row) == licence.hash(in_licence.0 + column) {
                    lengths[(row + 1) * width + column + 1] + 1
                } else {
                    lengths[(row + 1) * width + column].max(lengths[row * width + column + 1])
                };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        if text.hash(in_text.0 + row) == licence.hash(in_licence.0 + column) {
            push(pairs, in_text.0 + row, in_licence.0 + column);
            row += 1;
            column += 1;
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
}

fn differences(
    id: &'static str,
    licence: &Words<'_>,
    text: &Words<'_>,
    pairs: &[(usize, usize)],
) -> Option<Alignment> {
    let (&(first_at, first), &(last_at, last)) = (pairs.first()?, pairs.last()?);
    let mut found = Alignment {
        id,
        span: (first_at, last_at + 1),
        total: licence.len(),
        matched: pairs.len(),
        excused: 0,
        harmless: 0,
        changes: Vec::new(),
        missing: Vec::new(),
        weight: 0,
    };
    let begin = TERMS_BEGIN.iter().find_map(|mark| find(licence, mark)).unwrap_or(0);
    let end = TERMS_END.iter().filter_map(|mark| find(licence, mark)).min().unwrap_or(licence.len());
    if first > 0 {
        let head = lower(licence, 0, first);
        let optional = first <= 15 || OPTIONAL_HEAD.iter().any(|mark| head.contains(mark));
        found.missing_words(licence, 0, first, optional);
    }
    for pair in pairs.windows(2) {
        let ((at, position), (next_at, next)) = (pair[0], pair[1]);
        if next_at > at + 1 || next > position + 1 {
            let outside = next <= begin || position + 1 >= end;
            found.difference(licence, text, (position + 1, next), (at + 1, next_at), outside);
        }
    }
    let left = licence.len() - last - 1;
    if left > 0 {
        let tail = lower(licence, last + 1, licence.len());
        let optional = left <= 6
            || OPTIONAL_TAIL
                .iter()
                .any(|mark| tail.starts_with(mark) || tail[..floor(&tail, 120)].contains(mark));
        found.missing_words(licence, last + 1, licence.len(), optional);
    }
    Some(found)
}

impl Alignment {
    /// Words of the licence that are not in the text.
    fn missing_words(&mut self, licence: &Words<'_>, from: usize, to: usize, optional: bool) {
        let count = to - from;
        if optional {
            self.excused += count;
            self.harmless += count;
        } else {
            self.missing.push(licence.phrase(from, to, 12));
        }
    }

    /// A stretch in which licence and text differ; either side may be empty. Outside the terms no difference has weight.
    fn difference(
        &mut self,
        licence: &Words<'_>,
        text: &Words<'_>,
        expected: (usize, usize),
        found: (usize, usize),
        outside: bool,
    ) {
        let gone = expected.1 - expected.0;
        let new = found.1 - found.0;
        // The instructions between a licence and its filled-in notice are optional wherever they are left out.
        let start = lower(licence, expected.0, expected.1.min(expected.0 + 12));
        let optional = new <= 3 && OPTIONAL_TAIL.iter().any(|mark| start.starts_with(mark));
        // A clause with duties does not lose its weight by standing behind the terms.
        let duties =
            (found.0..found.1).filter(|index| OPERATIVE.contains(&text.lower(*index).as_str())).count();
        let outside = outside && duties < 2;
        if outside || optional || harmless(licence, text, expected, found) {
            self.excused += gone;
            self.harmless += gone + new;
        } else if gone > PIECE && new < gone / 4 {
            self.missing.push(licence.phrase(expected.0, expected.1, 12));
        } else {
            self.weight += 3 * gone + new;
            self.changes.push(Change {
                line: text.line(found.0.min(text.len().saturating_sub(1))),
                expected: licence.phrase(expected.0, expected.1, 24),
                found: text.phrase(found.0, found.1, 24),
            });
        }
    }
}

/// Whether a difference has no weight: names of holders, list marks, links, spelling, hyphens.
fn harmless(licence: &Words<'_>, text: &Words<'_>, expected: (usize, usize), found: (usize, usize)) -> bool {
    let gone: Vec<String> =
        (expected.0..expected.1.min(expected.0 + 64)).map(|index| licence.lower(index)).collect();
    let new: Vec<String> = (found.0..found.1.min(found.0 + 64)).map(|index| text.lower(index)).collect();
    // "sub-license" and "sublicense", "non-infringement" and "noninfringement".
    if gone.concat() == new.concat() {
        return true;
    }
    // Another number is another version, section or threshold.
    let digits = |words: &[String]| {
        !words.is_empty() && words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if digits(&gone) && digits(&new) {
        return false;
    }
    let count = |words: (usize, usize)| words.1 - words.0;
    let operative = |words: &[String]| words.iter().any(|word| OPERATIVE.contains(&word.as_str()));
    if operative(&gone) || operative(&new) {
        return false;
    }
    let is_mark = |word: &str| {
        word.len() == 1
            || word.bytes().all(|byte| byte.is_ascii_digit())
            || word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'))
    };
    let neutral = |word: &String| NEUTRAL.contains(&word.as_str()) || is_mark(word);
    if gone.is_empty() && count(found) <= 14 && new.first().is_some_and(|word| word == "copyright") {
        // A notice in the middle of a text that stands on one line.
        return true;
    }
    if gone.iter().all(neutral) {
        // A name in place of "the copyright holder", or a short insertion such as a product's name.
        let named = !gone.is_empty() && count(found) <= 12;
        return named || new.iter().all(neutral) || count(found) <= 2;
    }
    // One word for another that is nearly the same: a typing error, a plural.
    gone.len() == new.len() && gone.iter().zip(&new).all(|(one, two)| nearly(one, two))
}

fn nearly(one: &str, two: &str) -> bool {
    let shared = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
    let tail = one.bytes().rev().zip(two.bytes().rev()).take_while(|(a, b)| a == b).count();
    let longer = one.len().max(two.len());
    longer >= 4 && (shared + tail) + 1 >= longer.min(one.len().min(two.len()) + 1)
}

/// Where a phrase (lower case, single spaces) stands in a licence.
fn find(licence: &Words<'_>, phrase: &str) -> Option<usize> {
    let phrase = Words::of(phrase);
    (0..licence.len().saturating_sub(phrase.len()))
        .find(|start| (0..phrase.len()).all(|step| licence.hash(start + step) == phrase.hash(step)))
}

fn lower(words: &Words<'_>, from: usize, to: usize) -> String {
    (from..to).map(|index| words.lower(index)).collect::<Vec<_>>().join(" ")
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
