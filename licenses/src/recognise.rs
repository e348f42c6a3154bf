//! Which licence texts a text holds.
//!
//! 1. The text becomes words with their lines; copyright lines are set apart ([`words`], [`copyright`]).
//! 2. A file that is word for word a known text is that text ([`index`]).
//! 3. Rare triples of words say which licence may stand where ([`seeds`]).
//! 4. Each of these is laid beside the words, in order ([`align`]); what differs is sorted into harmless and operative
//!    ([`judge`]).
//! 5. Of those that claim the same words the one that explains most stays. Its words are taken, and 4 is done again with
//!    what is left, until nothing is.
//! 6. The rest of the text is judged as leftover ([`leftover`]), and searched for names of licences ([`named`]).

mod align;
mod clause;
mod copyright;
pub(crate) mod index;
mod judge;
mod leftover;
mod lexicon;
pub(crate) mod make;
mod named;
mod seeds;
pub(crate) mod sketch;
pub(crate) mod words;

use forebear_types::license::{Change, Coverage, LicenseMatch, MatchStatus, NamedLicense, Recognition};
use forebear_types::{LicenseId, LineSpan};

use index::{Index, Kind};
use judge::{Judged, Written};
use named::{Mention, Strength};
use seeds::Cluster;
use words::Words;

/// Only so many bytes of a text are looked at. The longest licence of the list has 110 KiB; a collection of third-party
/// notices above this bound is cut, and the reader of the file reports files that are larger.
const LIMIT: usize = 1 << 20;

/// Licences that are compared word by word with one place of a text, in one round. Families of near twins have up to sixty
/// members; the seeds are the rarest triples, so that the right one is among the first.
const AT_ONE_PLACE: usize = 7;

/// Words of a text that make one place.
const PLACE: usize = 32;

/// Steps of comparing that a text may cost, for each of its words and in all. Real texts need a tenth of it; a text made to
/// cost time is not looked at any longer.
const STEPS: usize = 400;
const STEPS_AT_LEAST: usize = 20_000_000;

/// From so many unknown legal words on a text has terms of its own, and does not stand under a licence that it names.
const TERMS: usize = 300;

/// Rounds of taking what is explained and looking at the rest.
const ROUNDS: usize = 6;

/// Recognises licence texts, copyright lines and mentions of licences.
///
/// Time is linear in the length of the text, memory too; there is no input that is refused.
///
/// Ids are those of the SPDX list without its deprecated ones, and `LicenseRef-…` for licences of models. Where one text
/// stands under several ids the text cannot tell which is meant, and the narrower one is given: `GPL-3.0-only`, not
/// `GPL-3.0-or-later`.
pub fn recognise(text: &str) -> Recognition {
    let text = clip(text);
    let index = Index::embedded();
    let words = Words::of(text, &index);
    let mut chosen = match index.whole(&words.ids) {
        Some(doc) => vec![Judged::exact(doc)],
        None => search(&index, &words),
    };
    let mut leftover = left(&index, &words, &chosen);
    let before = chosen.len();
    chosen.retain(|judged| !goes_on_otherwise(judged, &leftover));
    if chosen.len() < before {
        leftover = left(&index, &words, &chosen);
    }
    let texts: Vec<&Judged> = chosen.iter().filter(|judged| judged.doc.kind == Kind::License).collect();
    let mut licenses: Vec<LicenseMatch> =
        texts.iter().map(|judged| report(judged, &words, texts.len(), &leftover)).collect();
    licenses.sort_by_key(|found| (found.lines, found.id.clone()));
    let covered: Vec<(usize, usize)> = texts.iter().map(|judged| judged.span).collect();
    let mut mentions = named::mentions(&index, text, &words, &covered);
    // The sentences of a notice name the licence themselves, and more exactly: notices of neighbouring versions are alike.
    let by_name: Vec<u32> = mentions.iter().map(|mention| mention.line).collect();
    for header in chosen.iter().filter(|judged| judged.doc.kind == Kind::Header) {
        let lines = lines(&words, header.span);
        if !by_name.iter().any(|line| (lines.first..=lines.last).contains(line)) {
            let id = LicenseId::from(header.doc.id);
            mentions.push(Mention { id, line: lines.first, strength: Strength::Applied, any_version: false });
        }
    }
    mentions.sort_by_key(|mention| (mention.line, mention.id.clone()));
    let unknown: usize = leftover.iter().filter(|run| run.legal).map(leftover::Run::len).sum();
    let has_terms = licenses.iter().any(|found| !is_exception(&found.id));
    let lines_of_names: Vec<(u32, LicenseId)> =
        mentions.iter().map(|mention| (mention.line, mention.id.clone())).collect();
    let is_choice = |mention: &Mention| {
        lines_of_names.iter().any(|(line, id)| *line == mention.line && *id != mention.id)
    };
    let stands_alone = |mention: &Mention| {
        let text_is_there = || licenses.iter().any(|found| family(&found.id) == family(&mention.id));
        match mention.strength {
            Strength::Applied => unknown <= TERMS && !text_is_there(),
            // "MPL 1.1/GPL 2.0/LGPL 2.1" is a choice, whatever follows.
            Strength::Headed => !has_terms && (unknown == 0 || (unknown <= TERMS && is_choice(mention))),
            Strength::SpokenOf => false,
        }
    };
    let named = mentions
        .into_iter()
        .map(|mention| {
            let stands_alone = stands_alone(&mention);
            NamedLicense { id: mention.id, line: mention.line, stands_alone }
        })
        .collect();
    Recognition {
        named,
        copyright: copyright::lines(text),
        unrecognised: leftover.iter().filter(|run| run.legal).map(|run| run.lines).collect(),
        licenses,
    }
}

/// Lays one licence beside a text, whatever else would explain the text better; `None` if too little of it is there.
///
/// [`recognise`] gives the licence that explains a text best. Of MIT with a clause in its middle that may be another licence that
/// grew out of MIT; whoever asks for MIT wants to know what became of MIT.
pub fn compare(text: &str, id: &LicenseId) -> Option<LicenseMatch> {
    let text = clip(text);
    let index = Index::embedded();
    let words = Words::of(text, &index);
    let mut budget = STEPS_AT_LEAST + STEPS * words.len();
    let mut found: Vec<Judged> = seeds::clusters(&index, &words)
        .into_iter()
        .filter(|cluster| cluster.doc.kind == Kind::License && cluster.doc.id == id.as_str())
        .take(AT_ONE_PLACE)
        .filter_map(|cluster| align::align(&index, &cluster, &words, &mut budget))
        .map(|aligned| Judged::of(&index, aligned, &words))
        .filter(|judged| judged.worth_reporting(&index))
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.score()));
    let best = found.into_iter().next()?;
    let leftover = left(&index, &words, std::slice::from_ref(&best));
    Some(report(&best, &words, 1, &leftover))
}

/// The id without `-only` and `-or-later`.
fn family(id: &LicenseId) -> &str {
    id.as_str().trim_end_matches("-only").trim_end_matches("-or-later")
}

fn is_exception(id: &LicenseId) -> bool {
    spdx::exception_id(id.as_str()).is_some()
}

fn left(index: &Index, words: &Words<'_>, chosen: &[Judged]) -> Vec<leftover::Run> {
    let spans: Vec<(usize, usize)> = chosen.iter().map(|judged| judged.span).collect();
    leftover::runs(index, words, &spans)
}

/// Whether a text that begins (or ends) like a licence has other terms where the licence's own are missing: then it is some
/// other licence with the same head, not a part of this one.
fn goes_on_otherwise(judged: &Judged, leftover: &[leftover::Run]) -> bool {
    let (first, last) = judged.span;
    judged.missing.iter().any(|(from, to)| {
        let instead = leftover.iter().filter(|run| run.legal && run.len() * 5 >= to - from);
        (*to == judged.doc.len() && instead.clone().any(|run| run.begins_near(last)))
            || (*from == 0 && instead.clone().any(|run| run.ends_near(first)))
    })
}

fn clip(text: &str) -> &str {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What explains the text best, place by place.
fn search(index: &Index, words: &Words<'_>) -> Vec<Judged> {
    let mut open: Vec<Cluster> = seeds::clusters(index, words);
    let mut chosen: Vec<Judged> = Vec::new();
    let mut taken = vec![false; words.len()];
    let mut budget = STEPS_AT_LEAST + STEPS * words.len();
    for _ in 0..ROUNDS {
        if open.is_empty() || budget == 0 {
            break;
        }
        let mut crowd = vec![0usize; words.len() / PLACE + 1];
        let mut perfect = vec![false; words.len() / PLACE + 1];
        let mut later = Vec::new();
        let mut found = Vec::new();
        for cluster in open {
            let (from, to) = cluster.span();
            let free = taken[from..to].iter().filter(|taken| !**taken).count();
            if free * 2 < to - from {
                continue;
            }
            let place = (from + to) / 2 / PLACE;
            if perfect[from / PLACE..=(to - 1) / PLACE].iter().all(|perfect| *perfect) {
                continue;
            }
            if crowd[place] >= AT_ONE_PLACE {
                later.push(cluster);
                continue;
            }
            if budget == 0 {
                break;
            }
            crowd[place] += 1;
            let Some(aligned) = align::align(index, &cluster, words, &mut budget) else { continue };
            let judged = Judged::of(index, aligned, words);
            if !judged.worth_reporting(index) {
                continue;
            }
            if judged.whole() && judged.harmless == 0 && judged.doc.kind == Kind::License {
                let (from, to) = judged.span;
                perfect[from.div_ceil(PLACE)..(to / PLACE).max(from.div_ceil(PLACE))].fill(true);
            }
            found.push(judged);
        }
        let before = chosen.len();
        choose(found, &mut chosen);
        for judged in &chosen[before..] {
            taken[judged.span.0..judged.span.1].fill(true);
        }
        open = later;
    }
    chosen
}

/// Of those that claim the same words the one stays that explains most, then the more common licence.
fn choose(mut found: Vec<Judged>, chosen: &mut Vec<Judged>) {
    found.sort_by_key(|one| (std::cmp::Reverse(one.score()), one.doc.order, one.doc.id));
    // Spans that were chosen, by place, so that looking for an overlap costs no more for a long text.
    let mut by_place: std::collections::BTreeMap<usize, Vec<(usize, usize)>> =
        std::collections::BTreeMap::new();
    let note = |by_place: &mut std::collections::BTreeMap<usize, Vec<(usize, usize)>>,
                span: (usize, usize)| {
        for place in span.0 / PLACE..=(span.1 - 1) / PLACE {
            by_place.entry(place).or_default().push(span);
        }
    };
    for judged in chosen.iter() {
        note(&mut by_place, judged.span);
    }
    for one in found {
        let (from, to) = one.span;
        let overlaps = (from / PLACE..=(to - 1) / PLACE)
            .filter_map(|place| by_place.get(&place))
            .flatten()
            .any(|other| {
                let shared = to.min(other.1).saturating_sub(from.max(other.0));
                shared * 5 > (to - from).min(other.1 - other.0)
            });
        if !overlaps {
            note(&mut by_place, one.span);
            chosen.push(one);
        }
    }
}

fn lines(words: &Words<'_>, (first, last): (usize, usize)) -> LineSpan {
    LineSpan::new(words.line(first), words.line(last.saturating_sub(1)))
}

fn report(judged: &Judged, words: &Words<'_>, chosen: usize, leftover: &[leftover::Run]) -> LicenseMatch {
    let (first, last) = judged.span;
    let written = Written::of(judged);
    let mut changes: Vec<Change> =
        judged.changes.iter().map(|difference| judge::change(&written, words, difference)).collect();
    // Terms that stand right beside the only licence of a file belong to it: "MIT, but not for …". In a long file about other
    // things only what is terms throughout is taken for such.
    let inside = last - first;
    let alone = inside * 2 > words.len();
    let near = inside * 4 > words.len();
    if chosen == 1 {
        let terms =
            |run: &&leftover::Run| run.operative && run.beside(first, last) && (alone || (run.terms && near));
        changes.extend(leftover.iter().filter(terms).map(|run| Change {
            line: run.lines.first,
            expected: String::new(),
            found: run.opening.clone(),
        }));
    }
    changes.sort();
    let missing =
        || judged.missing.iter().map(|(from, to)| written.phrase(*from, *to, 12)).collect::<Vec<String>>();
    let status =
        if !judged.missing.is_empty() && (changes.is_empty() || (judged.coverage() < 0.9 && !judged.adds)) {
            MatchStatus::Incomplete { missing: missing() }
        } else if !changes.is_empty() {
            MatchStatus::Altered { changes }
        } else if judged.harmless == 0 && inside == words.len() {
            MatchStatus::Exact
        } else {
            MatchStatus::Complete
        };
    LicenseMatch {
        id: LicenseId::from(judged.doc.id),
        coverage: Coverage::of(judged.matched + judged.excused, judged.doc.len()),
        status,
        lines: lines(words, judged.span),
    }
}
