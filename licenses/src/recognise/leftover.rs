//! What no known licence explains: other licences, or terms that were added.

use forebear_types::LineSpan;

use super::index::Index;
use super::lexicon::{self, DUTY, LEGAL, OPERATIVE, WEIGHTY};
use super::words::Words;

/// A shorter run says nothing.
const SHORTEST: usize = 4;

/// A shorter run is no legal text.
const SHORT: usize = 8;

/// From this many words on, a run with four legal words, and one in every forty-five, is a legal text of its own.
const LONG: usize = 25;

/// A sentence is cut behind so many words.
const LONGEST_SENTENCE: usize = 80;

/// "Except where otherwise noted, everything here is under …" says where a licence holds, and adds nothing to it.
const EXCEPT: &[&str] = &["except", "unless"];
const NOTED: &[&str] = &["noted", "stated", "specified", "indicated", "mentioned", "marked", "listed"];

/// Words of duty that stand in descriptions as well: "does not need", "requires Python", "provided by".
const MILD: &[&str] = &[
    "not", "cannot", "without", "except", "unless", "provided", "required", "requires", "require", "allowed",
    "obtain", "commercial", "neither", "never", "may", "inform", "excludes", "excluded", "inspect",
    "expires", "purchase", "pay", "noncommercial",
];

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
    if count < SHORTEST {
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
    let clause = if preface { Weight::is_clause_of_preface } else { Weight::is_clause };
    let operative = any_sentence(index, words, (from, to), clause);
    (is_legal || operative).then(|| Run {
        lines: LineSpan::new(words.line(from), words.line(to - 1)),
        span: (from, to),
        opening: words.phrase(from, to, 24),
        legal: is_legal,
        operative,
    })
}

/// Whether one of the sentences of a stretch of words lays a duty or ban on somebody.
pub(crate) fn has_clause(index: &Index, words: &Words<'_>, from: usize, to: usize) -> bool {
    any_sentence(index, words, (from, to), Weight::is_clause)
}

fn any_sentence(
    index: &Index,
    words: &Words<'_>,
    (from, to): (usize, usize),
    holds: impl Fn(&Weight) -> bool,
) -> bool {
    let mut start = from;
    (from + 1..=to).any(|at| {
        if at < to && at - start < LONGEST_SENTENCE && !words.ends_sentence(at) {
            return false;
        }
        let sentence = (start, at);
        start = at;
        holds(&Weight::of(index, words, sentence))
    })
}

/// How sure a sentence lays a duty or ban on somebody: a word of duty counts two, a weaker one that needs another one.
struct Weight {
    words: usize,
    /// Words that hardly stand in a description: "must", "prohibited".
    firm: usize,
    points: usize,
    weighty: usize,
}

impl Weight {
    fn of(index: &Index, words: &Words<'_>, (from, to): (usize, usize)) -> Self {
        let mut weight = Self { words: 0, firm: 0, points: 0, weighty: 0 };
        let (mut excepts, mut noted) = (0, false);
        let mut at = from;
        while at < to {
            if let Some((name, _)) = index.name(&words.ids[at..to]) {
                at += name;
                continue;
            }
            let classes = index.classes(words.ids[at]);
            weight.words += 1;
            weight.weighty += usize::from(classes & (LEGAL | OPERATIVE | DUTY | WEIGHTY) != 0);
            if classes & DUTY != 0 {
                let word = words.lower(at);
                let by = word == "provided"
                    && at + 1 < to
                    && matches!(words.lower(at + 1).as_str(), "by" | "in" | "with");
                weight.points += if by { 0 } else { 2 };
                // "May" alone allows, "may not" forbids.
                let ban = word == "not" && at > from && words.lower(at - 1) == "may";
                weight.firm += usize::from(ban || !MILD.contains(&word.as_str()));
                excepts += usize::from(EXCEPT.contains(&word.as_str()));
            } else if classes & WEIGHTY != 0 {
                weight.points += usize::from(lexicon::is_weak(&words.lower(at)));
            } else if excepts > 0 && !noted {
                noted = NOTED.contains(&words.lower(at).as_str());
            }
            at += 1;
        }
        if noted {
            weight.points -= 2 * excepts;
        }
        weight
    }

    fn is_clause(&self) -> bool {
        let least = if self.words <= 10 { 2 } else { 3 };
        self.words >= SHORTEST && self.points >= 2 && self.weighty >= least && self.weighty * 8 >= self.words
    }

    /// Before a licence stands what it is about: only what cannot be read otherwise is a term.
    fn is_clause_of_preface(&self) -> bool {
        self.is_clause() && (self.firm >= 1 || (self.points >= 6 && self.weighty >= 6))
    }
}
