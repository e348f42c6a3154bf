//! What cards claim about the origin of a model: trained from scratch, made in-house.
//!
//! A claim proves nothing. It is reported beside evidence that contradicts it, so what matters is that a sentence about
//! something else (a tokenizer, another model, a comparison, an instruction) is never taken for one. Where a sentence leaves
//! doubt, it is no claim.

mod words;

use std::collections::BTreeSet;

use forebear_types::fact::{Fact, FactKind, ModelCard};
use forebear_types::{LineSpan, RepoPath};

use crate::signals::text::{Code, Paragraph, paragraphs};

use words::{ENGLISH, LANGUAGES, Language, Pattern};

/// Claims that a report needs; more of them say nothing new.
const MOST: usize = 8;

/// The longest sentence that is looked at, in bytes: longer ones are lists, or no prose.
const LONGEST: usize = 2000;

/// What a claim says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimKind {
    /// No other model's weights were the start of the training.
    FromScratch,
    /// The model is the publisher's own, or the country's own, development. What was done on another's model may be meant.
    InHouse,
}

/// A sentence in a card that says where the model comes from, or rather does not come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The card.
    pub path: RepoPath,
    /// The lines on which the words stand.
    pub lines: LineSpan,
    /// The words, as they stand there without emphasis and links.
    pub words: String,
    /// What they say.
    pub kind: ClaimKind,
}

/// The claims in cards that stand at the root or beside a model, in the order of facts and lines; at most eight.
///
/// Front matter, code, tables, quotes, headings without a verb, links to papers, and sentences that training libraries write
/// by themselves are left out.
pub fn claims(facts: &[Fact]) -> Vec<Claim> {
    let folders: BTreeSet<RepoPath> = facts
        .iter()
        .filter(|fact| {
            matches!(
                fact.kind,
                FactKind::ModelConfig(_)
                    | FactKind::AdapterConfig(_)
                    | FactKind::Weights(_)
                    | FactKind::Gguf(_)
                    | FactKind::Tensors(_)
            )
        })
        .map(|fact| fact.path.parent().unwrap_or_default())
        .collect();
    let mut found = Vec::new();
    for fact in facts {
        let FactKind::ModelCard(card) = &fact.kind else { continue };
        let folder = fact.path.parent().unwrap_or_default();
        if folder.is_root() || folders.contains(&folder) {
            in_card(&fact.path, card, &mut found);
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

fn in_card(path: &RepoPath, card: &ModelCard, found: &mut Vec<Claim>) {
    let automatic = written_by_a_library(&card.text);
    let body = card.front_matter.map_or(0, |front| front.last);
    for paragraph in paragraphs(&card.text, body, Code::Dropped) {
        for (start, sentence) in paragraph.sentences() {
            if found.len() >= MOST {
                return;
            }
            if sentence.len() > LONGEST {
                continue;
            }
            let Some((kind, from, to)) = claim(sentence, &paragraph.text) else { continue };
            if automatic && is_automatic(sentence) {
                continue;
            }
            found.push(Claim {
                path: path.clone(),
                lines: lines(&paragraph, start + from, start + to),
                words: sentence[from..to].to_owned(),
                kind,
            });
        }
    }
}

fn lines(paragraph: &Paragraph, from: usize, to: usize) -> LineSpan {
    LineSpan::new(paragraph.line_at(from), paragraph.line_at(to.saturating_sub(1)))
}

/// Whether a training library made the card. Where it does not know what was loaded (a local path), it writes "This model was
/// trained from scratch on the … dataset": nobody claimed that. Source: huggingface/transformers,
/// `src/transformers/modelcard.py`.
fn written_by_a_library(text: &str) -> bool {
    text.contains("generated automatically according to the information") || text.contains("generated_from_")
}

fn is_automatic(sentence: &str) -> bool {
    let sentence = sentence.trim().to_lowercase();
    sentence.starts_with("this model was trained from scratch on ")
}

/// The first claim of a sentence, with its bytes. What it speaks of may stand in the same paragraph.
fn claim(sentence: &str, paragraph: &str) -> Option<(ClaimKind, usize, usize)> {
    // Lower case may change the length of a text in bytes; then places would not fit, and only ASCII is lowered.
    let full = sentence.to_lowercase();
    let lower = if full.len() == sentence.len() { full } else { sentence.to_ascii_lowercase() };
    let mut all: Vec<(ClaimKind, usize, usize)> = Vec::new();
    for language in LANGUAGES {
        for pattern in language.patterns {
            let subject = || names_a_model(language, paragraph);
            all.extend(find(language, pattern, &lower, subject).map(|(from, to)| (pattern.kind, from, to)));
        }
    }
    all.into_iter()
        .filter(|(_, from, to)| sentence.is_char_boundary(*from) && sentence.is_char_boundary(*to))
        .min_by_key(|(kind, from, to)| (*from, std::cmp::Reverse(*to), *kind))
}

/// Where a pattern stands in a sentence, if nothing there speaks against reading it as a claim about the model.
fn find(
    language: &Language,
    pattern: &Pattern,
    lower: &str,
    subject: impl Fn() -> bool,
) -> Option<(usize, usize)> {
    lower.match_indices(pattern.tail).find_map(|(at, tail)| {
        let end = at + tail.len();
        if language.spaced && !whole_words(lower, at, end) {
            return None;
        }
        let (from, to) = match pattern.verbs {
            [] => (at, end),
            verbs => with_verb(language, verbs, lower, at, end)?,
        };
        if pattern.sure {
            return Some((from, to));
        }
        let (clause_from, clause_to) = clause(language, lower, from, to);
        let has = |words: &[&str], text: &str| words.iter().any(|word| contains(language, text, word));
        // Where words stand apart, what denies a verb stands before it; elsewhere it may follow.
        let denied = if language.spaced { &lower[clause_from..to] } else { &lower[clause_from..clause_to] };
        // "Trained on our data from scratch": behind the preposition stands no object.
        let with_object = lower[from..to].split(" on ").next().map_or(to, |part| from + part.len());
        let other = has(language.other_subjects, &lower[clause_from..with_object])
            && !has(language.joined, &lower[clause_from..with_object]);
        let accepted = !has(language.against, denied)
            && !other
            && !other_object(language, &lower[to..clause_to])
            && subject()
            && (!std::ptr::eq(language, &ENGLISH) || of_itself(&lower[clause_from..from]));
        accepted.then_some((from, to))
    })
}

fn names_a_model(language: &Language, paragraph: &str) -> bool {
    let paragraph = paragraph.to_lowercase();
    language.subjects.is_empty() || language.subjects.iter().any(|word| contains(language, &paragraph, word))
}

/// The words from a verb to a tail, or from a tail to a verb behind it, within the reach of one clause.
fn with_verb(
    language: &Language,
    verbs: &[&str],
    lower: &str,
    at: usize,
    end: usize,
) -> Option<(usize, usize)> {
    const BEFORE: usize = 90;
    const AFTER: usize = 30;
    let mut from = at.saturating_sub(BEFORE);
    while !lower.is_char_boundary(from) {
        from += 1;
    }
    let before = verbs
        .iter()
        .flat_map(|verb| lower[from..at].rmatch_indices(verb).map(|(place, verb)| (from + place, verb)))
        .filter(|(place, verb)| !language.spaced || whole_words(lower, *place, place + verb.len()))
        .map(|(place, _)| place)
        .max();
    if let Some(place) = before
        && !lower[place..at].contains([',', ';', '、', '，'])
    {
        return Some((place, end));
    }
    let mut until = (end + AFTER).min(lower.len());
    while !lower.is_char_boundary(until) {
        until -= 1;
    }
    let behind = language.verb_behind.then(|| {
        verbs
            .iter()
            .filter_map(|verb| lower[end..until].find(verb).map(|place| end + place + verb.len()))
            .filter(|to| !language.spaced || whole_words(lower, end, *to))
            .min()
    });
    behind.flatten().map(|to| (at, to))
}

/// The clause around a match: back to the last comma or stronger mark, and over one more where the clause is a relative one.
fn clause(language: &Language, lower: &str, from: usize, to: usize) -> (usize, usize) {
    let mut start = boundary_before(language, lower, from);
    let first = lower[start..from].split_whitespace().next();
    let relative = match first {
        Some(word) => language.relative.contains(&word),
        None => start > 0 && !language.relative.is_empty(),
    };
    if relative && start > 0 {
        let before = lower[..start].trim_end_matches(|character: char| {
            character.is_whitespace() || language.marks.contains(&character)
        });
        start = boundary_before(language, lower, before.len());
    }
    let end = lower[to..].find(language.marks).map_or(lower.len(), |length| to + length);
    (start, end)
}

fn boundary_before(language: &Language, lower: &str, from: usize) -> usize {
    let mark = lower[..from]
        .rfind(language.marks)
        .map_or(0, |at| at + lower[at..].chars().next().map_or(0, char::len_utf8));
    let joined = [" but ", " – ", " — "]
        .iter()
        .filter_map(|word| lower[..from].rfind(word).map(|at| at + word.len()))
        .max()
        .unwrap_or(0);
    mark.max(joined)
}

/// Whether what follows the words is something other than a model: 自主研发的训练框架.
fn other_object(language: &Language, after: &str) -> bool {
    if language.spaced {
        return false;
    }
    let place = |words: &[&str]| words.iter().filter_map(|word| after.find(word)).min();
    match (place(language.other_subjects), place(language.subjects)) {
        (Some(other), Some(model)) => other < model,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Whether an English clause speaks of the model of the card, by what stands before its verb: nothing ("Trained from scratch
/// on …"), a finite verb or the publisher ("… is a model trained", "we trained"), or one model ("a 7B model trained"). "Models
/// trained from scratch need more data" is about models in general.
fn of_itself(before: &str) -> bool {
    let words: Vec<&str> = before
        .split(|character: char| !character.is_alphanumeric() && character != '\'')
        .filter(|word| !word.is_empty())
        .filter(|word| !words::ADVERBS.contains(word))
        .collect();
    match words.first() {
        None => true,
        Some(first) => {
            matches!(*first, "a" | "an" | "our" | "this" | "these")
                || words.iter().any(|word| words::FINITE.contains(word))
        }
    }
}

fn contains(language: &Language, text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, word)| !language.spaced || whole_words(text, at, at + word.len()))
}

/// Whether bytes begin and end at the edge of words. A word that ends in an apostrophe, or begins with one, has no edge there.
fn whole_words(text: &str, from: usize, to: usize) -> bool {
    let letter = |character: char| character.is_alphanumeric();
    let inner = &text[from..to];
    let starts = !inner.starts_with(letter) || !text[..from].ends_with(letter);
    let ends = !inner.ends_with(letter) || !text[to..].starts_with(letter);
    starts && ends
}

#[cfg(test)]
mod tests;
