//! Which licence texts a text holds.
//!
//! 1. The text becomes words with their lines; copyright lines are set apart ([`words`], [`copyright`]).
//! 2. The index says which licences may be in it: the share of a licence's sampled word trigrams that occur ([`index`]).
//! 3. Each of these is aligned with the words, in order; what differs is sorted into harmless and operative ([`align`]).
//! 4. Alignments that claim the same words compete; the rest of the text is judged as leftover ([`leftover`]).

mod align;
mod copyright;
pub(crate) mod index;
mod leftover;
mod named;
mod words;

use forebear_types::license::{Change, Coverage, LicenseMatch, MatchStatus, Recognition};
use forebear_types::{LicenseId, LineSpan};

use align::Alignment;
use words::Words;

/// Only so many bytes of a text are looked at. The longest licence of the list has 110 KiB; a collection of third-party
/// notices above this bound is cut, and the reader of the file reports files that are larger.
const LIMIT: usize = 1 << 20;

/// Licences that are compared word by word with one text. A third-party notice holds some twenty.
const CANDIDATES: usize = 48;

/// Licences that go before others with the same words, most used first; the rest goes by name.
const COMMON: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "ISC",
    "0BSD",
    "GPL-3.0-only",
    "GPL-2.0-only",
    "LGPL-2.1-only",
    "LGPL-3.0-only",
    "AGPL-3.0-only",
    "LGPL-2.0-only",
    "GPL-1.0-only",
    "AGPL-1.0-only",
    "MPL-2.0",
    "CC0-1.0",
    "CC-BY-4.0",
];

/// Recognises licence texts, copyright lines and mentions of licences.
///
/// Time is linear in the length of the text, memory too; there is no input that is refused.
///
/// Ids are those of the SPDX list without its deprecated ones. Where one text stands under several ids the text cannot
/// tell which is meant, and the narrower one is given: `GPL-3.0-only`, not `GPL-3.0-or-later`.
pub fn recognise(text: &str) -> Recognition {
    let text = clip(text);
    let words = Words::of(text);
    let mut found: Vec<Alignment> = Vec::new();
    for candidate in index::candidates(&words, CANDIDATES) {
        found.extend(align::align(&candidate, &words));
    }
    let chosen = choose(found);
    let spans: Vec<(usize, usize)> = chosen.iter().map(|alignment| alignment.span).collect();
    let leftover = leftover::runs(&words, &spans);
    let mut licenses: Vec<LicenseMatch> =
        chosen.iter().map(|alignment| judge(alignment, &words, chosen.len(), &leftover)).collect();
    licenses.sort_by_key(|found| (found.lines, found.id.clone()));
    let covered: Vec<LineSpan> = licenses.iter().map(|found| found.lines).collect();
    Recognition {
        named: named::mentions(text, &covered),
        copyright: copyright::lines(text),
        unrecognised: leftover.iter().filter(|run| run.legal).map(|run| run.lines).collect(),
        licenses,
    }
}

fn clip(text: &str) -> &str {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Of alignments that claim the same words the best one stays: whole before altered before cut, then the one that explains
/// more words with fewer differences, then the more common licence.
fn choose(mut found: Vec<Alignment>) -> Vec<Alignment> {
    found.sort_by_key(|one| {
        let common = COMMON.iter().position(|id| *id == one.id).unwrap_or(COMMON.len());
        (one.rank(), one.weight, std::cmp::Reverse(one.matched), one.harmless, common, one.id)
    });
    let mut chosen: Vec<Alignment> = Vec::new();
    for one in found {
        let overlaps = chosen.iter().any(|other| {
            let shared = one.span.1.min(other.span.1).saturating_sub(one.span.0.max(other.span.0));
            let shorter = (one.span.1 - one.span.0).min(other.span.1 - other.span.0);
            shared * 5 > shorter
        });
        if !overlaps {
            chosen.push(one);
        }
    }
    chosen
}

fn judge(
    alignment: &Alignment,
    words: &Words<'_>,
    chosen: usize,
    leftover: &[leftover::Run],
) -> LicenseMatch {
    let (first, last) = alignment.span;
    let lines = LineSpan::new(words.line(first), words.line(last.saturating_sub(1)));
    let mut changes = alignment.changes.clone();
    // Terms that stand right beside the only licence of a file belong to it: "MIT, but not for …".
    let inside = last - first;
    if chosen == 1 && inside * 2 > words.len() {
        changes.extend(leftover.iter().filter(|run| run.operative && run.beside(first, last)).map(|run| {
            Change { line: run.lines.first, expected: String::new(), found: run.opening.clone() }
        }));
    }
    changes.sort();
    let status = if !alignment.missing.is_empty() && (changes.is_empty() || alignment.coverage() < 0.9) {
        MatchStatus::Incomplete { missing: alignment.missing.clone() }
    } else if !changes.is_empty() {
        MatchStatus::Altered { changes }
    } else if alignment.harmless == 0 && inside == words.len() {
        MatchStatus::Exact
    } else {
        MatchStatus::Complete
    };
    LicenseMatch {
        id: LicenseId::from(alignment.id),
        coverage: Coverage::of(alignment.matched + alignment.excused, alignment.total),
        status,
        lines,
    }
}
