//! Sentences about descent: whether a card says of a name that it is the base.

use forebear_types::fact::{Fact, FactKind};
use forebear_types::lineage::{Candidate, Confidence, Relation};
use forebear_types::{ModelId, RepoPath};

use super::words::{AFTER, BEFORE, COMPARISONS, CUES, NOT_ITSELF, NOT_THE_MODEL, OTHER_SECTIONS};
use super::{MOST, mention};
use crate::catalog::{Catalog, Model};
use crate::hub_id;
use crate::signals::declared::Declaration;
use crate::signals::name::Names;
use crate::signals::text::{Code, paragraphs};

/// How far before an id, in bytes of the same sentence, a word may stand that makes it a base.
const REACH: usize = 80;

/// How far behind a name such a word may stand, in bytes.
const BEHIND: usize = 40;

/// Names of one card that are looked at closely.
const MOST_LOOKS: usize = 500;

/// The longest sentence that is looked at, in bytes.
const LONGEST: usize = 2000;

/// The bases that cards name in a sentence about descent, by full id, if the catalog knows them: a hint.
pub(crate) fn stated_in_prose(catalog: &Catalog, facts: &[Fact]) -> Vec<Declaration> {
    let mut found: Vec<Declaration> = Vec::new();
    for fact in facts {
        let FactKind::ModelCard(card) = &fact.kind else { continue };
        let body = card.front_matter.map_or(0, |front| front.last);
        for (index, line) in card.text.lines().enumerate().skip(body as usize) {
            // An id has a slash.
            if !line.contains('/') {
                continue;
            }
            for (at, word) in ids(line) {
                if found.len() >= MOST {
                    return found;
                }
                if !after_cue(line, at) {
                    continue;
                }
                let Some(model) = catalog.find(word) else { continue };
                if found.iter().all(|one| one.candidate.model.as_str() != model.id) {
                    found.push(statement(&fact.path, index as u32 + 1, model));
                }
            }
        }
    }
    found
}

fn statement(path: &RepoPath, number: u32, model: &Model) -> Declaration {
    Declaration {
        candidate: Candidate { model: ModelId::from(model.id), revision: None, known: true },
        relation: Relation::Unknown,
        evidence: mention(
            path,
            number,
            format!("{path}, line {number}, says in prose that the base is {}", model.id),
        ),
        confidence: Confidence::Low,
        by_publisher: false,
        license_stated: false,
        against: Vec::new(),
    }
}

/// The words of a line that have the form of an id, with their places.
fn ids(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + line[rest..].find(part)?;
        let end = line[start..].find(|character| !part(character)).map_or(line.len(), |len| start + len);
        rest = end;
        // Of an address, the scheme's colon ends the word before.
        let word = line[start..end].trim_end_matches(['.', '/']).trim_start_matches('/');
        Some((start, hub_id::without_address(word)))
    })
    .filter(|(_, word)| word.matches('/').count() == 1 && word.len() <= 200)
}

/// Whether a cue stands before a place, in the same sentence.
fn after_cue(line: &str, at: usize) -> bool {
    let mut from = at.saturating_sub(REACH);
    while !line.is_char_boundary(from) {
        from += 1;
    }
    let before = line[from..at].to_lowercase();
    let sentence = before.rsplit(". ").next().unwrap_or(&before);
    CUES.iter().any(|cue| sentence.contains(cue))
        && !["not based", "not derived", "not a ", "unlike", "compared"]
            .iter()
            .any(|word| sentence.contains(word))
}

/// What a card says that it was made from, by name: the models, the line, and the name as it stands there.
///
/// The name has to stand in a sentence about descent ("fine-tuned from …", …をベースに, 基于 … 微调) that is not about a tokenizer, an
/// architecture, data or other models. Tables, code, quotes, and sections of thanks, references and results are left out.
pub(crate) fn descriptions(names: &Names, text: &str, skip: u32) -> Vec<(Vec<&'static str>, u32, String)> {
    let mut found: Vec<(Vec<&'static str>, u32, String)> = Vec::new();
    let mut elsewhere = false;
    let mut looks = 0;
    for paragraph in paragraphs(text, skip, Code::Kept) {
        if paragraph.heading {
            let title = paragraph.text.to_lowercase();
            elsewhere = OTHER_SECTIONS.iter().any(|word| title.contains(word));
        }
        if elsewhere {
            continue;
        }
        for (start, sentence) in paragraph.sentences() {
            if found.len() >= MOST || sentence.len() > LONGEST {
                break;
            }
            if sentence.trim_end().ends_with(['?', '？']) {
                continue;
            }
            let lower = sentence.to_ascii_lowercase();
            if !BEFORE.iter().chain(CUES).chain(AFTER).any(|cue| lower.contains(cue)) {
                continue;
            }
            for (from, to, models) in names.places(sentence) {
                looks += 1;
                if looks > MOST_LOOKS {
                    return found;
                }
                if describes(&lower, from, to) && found.iter().all(|(known, ..)| known != models) {
                    found.push((
                        models.clone(),
                        paragraph.line_at(start + from),
                        sentence[from..to].to_owned(),
                    ));
                }
            }
        }
    }
    found
}

/// Whether a sentence in lower case says of the name at a place that it is the base.
fn describes(lower: &str, from: usize, to: usize) -> bool {
    let mark = |character: char| matches!(character, ';' | '，' | '；' | '、' | '(' | ')' | '（' | '）');
    let clause_from =
        lower[..from].rfind(mark).map_or(0, |at| at + lower[at..].chars().next().map_or(0, char::len_utf8));
    let before = &lower[clause_from..from];
    let near = cut_front(before, REACH);
    let after = cut_back(&lower[to..], BEHIND);
    let cued = CUES.iter().chain(BEFORE).filter_map(|cue| near.rfind(cue).map(|at| at + cue.len())).max();
    let follows = AFTER.iter().filter_map(|cue| after.find(cue)).min();
    let between = match (cued, follows) {
        (Some(end), _) => near[end..].to_owned(),
        (None, Some(at)) => after[..at].to_owned(),
        (None, None) => return false,
    };
    // What stands between cue and name, or right behind the name, may make it a thing of the model's.
    let rest = cut_back(&lower[to..], 24);
    let thing = NOT_ITSELF.iter().any(|word| between.contains(word))
        || NOT_ITSELF
            .iter()
            .any(|word| rest.trim_start_matches([' ', '\'', '’', 's', '-', '的', 'の']).starts_with(word));
    !thing && !compares(before) && !NOT_THE_MODEL.iter().any(|word| before.contains(word))
}

/// Whether words in lower case deny or compare.
pub(crate) fn compares(lower: &str) -> bool {
    COMPARISONS.iter().any(|word| lower.contains(word))
}

fn cut_front(text: &str, most: usize) -> &str {
    let mut from = text.len().saturating_sub(most);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

fn cut_back(text: &str, most: usize) -> &str {
    let mut to = text.len().min(most);
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    &text[..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_words_with_one_slash() {
        let line = "See [Qwen/Qwen2.5-7B](https://huggingface.co/Qwen/Qwen2.5-7B), a/b. /c and é/ü.";
        let found: Vec<&str> = ids(line).map(|(_, word)| word).collect();
        assert_eq!(found, ["Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B", "a/b"]);
    }

    #[test]
    fn a_cue_makes_an_id_a_base_within_its_sentence() {
        let at = |line: &str| after_cue(line, line.find("Qwen/").unwrap());
        assert!(at("This model is a fine-tuned version of [Qwen/Qwen2.5-7B](…)"));
        assert!(at("**Base model:** Qwen/Qwen2.5-7B"));
        assert!(!at("Training was based on our data. We compare with Qwen/Qwen2.5-7B"));
        assert!(!at("It is not based on Qwen/Qwen2.5-7B"));
        assert!(!at(&format!("based on {} Qwen/Qwen2.5-7B", "é".repeat(60))));
    }
}
