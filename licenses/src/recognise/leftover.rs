//! What no known licence explains: other licences, or terms that were added.

use forebear_types::LineSpan;

use super::clause::{self, Place};
use super::index::Index;
use super::lexicon::{DUTY, LEGAL};
use super::words::Words;

/// A shorter run says nothing.
const SHORTEST: usize = 3;

/// A shorter run is no legal text.
const SHORT: usize = 8;

/// From this many words on, a run with four legal words, and one in every forty-five, is a legal text of its own.
const LONG: usize = 25;

/// Of so many words of terms one is a legal word.
const DENSE: usize = 15;

/// A run of words that no licence explains.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) lines: LineSpan,
    /// Words of the text, from and to.
    span: (usize, usize),
    /// The first words, for people.
    pub(crate) opening: String,
    /// Whether it is a legal text by itself.
    pub(crate) legal: bool,
    /// Whether it lays a duty or ban on somebody: beside a licence, such a run is a part of its terms.
    pub(crate) operative: bool,
    /// Whether it is full of legal words, terms from its beginning to its end, or one of its sentences says whom a licence binds.
    pub(crate) terms: bool,
}

impl Run {
    /// Words in the run.
    pub(crate) fn len(&self) -> usize {
        self.span.1 - self.span.0
    }

    /// Whether the run begins where a stretch of words ends.
    pub(crate) fn begins_near(&self, end: usize) -> bool {
        self.span.0.abs_diff(end) <= SHORT
    }

    /// Whether the run ends where a stretch of words begins.
    pub(crate) fn ends_near(&self, start: usize) -> bool {
        self.span.1.abs_diff(start) <= SHORT
    }

    /// Whether the run stands directly before or behind a stretch of words.
    pub(crate) fn beside(&self, from: usize, to: usize) -> bool {
        self.span.1 == from || self.span.0 == to
    }
}

/// The runs between the spans that licences explain.
pub(crate) fn runs(index: &Index, words: &Words<'_>, spans: &[(usize, usize)]) -> Vec<Run> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut runs = Vec::new();
    let mut from = 0;
    for (start, end) in spans.into_iter().chain([(words.len(), words.len())]) {
        if start > from
            && let Some(run) = judge(index, words, from, start, from == 0 && start < words.len())
        {
            runs.push(run);
        }
        from = from.max(end);
    }
    runs
}

fn judge(index: &Index, words: &Words<'_>, from: usize, to: usize, preface: bool) -> Option<Run> {
    let count = to - from;
    if count < SHORTEST && !begins_sentence(index, words, (from, to)) {
        return None;
    }
    let (mut legal, mut duties) = (0, 0);
    let mut at = from;
    while at < to {
        // The name of a licence is no clause, whatever its words: "NonCommercial", "General Public License".
        if let Some((name, _)) = index.name(&words.ids[at..to]) {
            at += name;
            continue;
        }
        let classes = index.classes(words.ids[at]);
        legal += usize::from(classes & LEGAL != 0);
        duties += usize::from(classes & DUTY != 0);
        at += 1;
    }
    let is_legal = match count {
        LONG.. => legal >= 4 && legal * 45 >= count,
        SHORT.. => legal >= 2 && duties >= 2,
        _ => false,
    };
    let place = if preface { Place::Preface } else { Place::Body };
    let operative =
        clause::has_clause(index, words, (from, to), place) || begins_sentence(index, words, (from, to));
    (is_legal || operative).then(|| Run {
        lines: LineSpan::new(words.line(from), words.line(to - 1)),
        span: (from, to),
        opening: words.phrase(from, to, 24),
        legal: is_legal,
        operative,
        terms: (is_legal && legal * DENSE >= count)
            || clause::has_clause(index, words, (from, to), Place::Elsewhere),
    })
}

/// Whether the last words before a licence begin the sentence that it goes on with, and have weight: "Non-commercial permission to
/// use …".
fn begins_sentence(index: &Index, words: &Words<'_>, (from, to): (usize, usize)) -> bool {
    let start = (from + 1..=to).rev().find(|at| *at < words.len() && words.starts_line(*at)).unwrap_or(from);
    // The sentence goes on: in a heading every word has a capital.
    let goes_on = to < words.len()
        && words.written(to).starts_with(char::is_lowercase)
        && !words.before(to).contains(['\n', '.', ':', '-', '*', '/']);
    let short = start < to && to - start <= SHORT;
    goes_on && short && words.ids[start..to].iter().any(|word| index.classes(*word) & DUTY != 0)
}
