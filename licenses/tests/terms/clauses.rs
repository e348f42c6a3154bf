//! The clause that is cited is the one that stands nearest before the cue in the text.

use crate::places::{places, tables};
use crate::texts::{fold, folded_lines, text_of};

/// Places whose nearest label is not the one cited, each with the reason.
///
/// Family of texts, clause (`*`: every clause), reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("ai2-tulu-v1", "*", "the copy counts on where a list should begin anew"),
    ("bigcode-openrail-m-v1", "3", "sections 2 and 3 have lost their numbers in the copy"),
    ("bigscience-openrail-m", "4.d", "item d stands in the line of item c"),
    ("databricks-open-model", "2.2", "the closing paragraph of the clause, after its list"),
    ("evolutionaryscale-community", "4", "the headings have lost their numbers in the copy"),
    ("evolutionaryscale-community", "5", "the headings have lost their numbers in the copy"),
    ("flux-1-dev-nc-1.1.1", "2.e(i)", "(i) holds (A) and (B)"),
    ("flux-dev-nc-2.0", "2.e(i)", "(i) holds (A) and (B)"),
    ("flux-nc-2.1", "2.e(i)", "(i) holds (A) and (B)"),
    ("gemma-terms-2024-02-21", "3.1", "the closing paragraph of the clause, after its list"),
    ("health-ai-developer-foundations", "3.1", "the closing paragraph of the clause, after its list"),
    ("kimi-k3", "2", "a line of the copy begins with a number of the sentence"),
    ("llama-3.2-community", "last section of the Acceptable Use Policy", "the paragraph has no label"),
    ("llama-3.3-community", "last section of the Acceptable Use Policy", "the paragraph has no label"),
    ("llama-4-community", "last section of the Acceptable Use Policy", "the paragraph has no label"),
    ("ltx-2-community", "13", "a line of the copy begins with a reference to section 2"),
    ("ltx-video-0.9-rail-m", "4", "the closing paragraph of the clause, after its list"),
    ("ltxv-open-weights", "3", "the closing paragraph of the clause, after its list"),
    ("minimax-m2.7-nc", "Appendix", "the first words of the appendix, which has no letter"),
    ("nexusflow-personal-use", "definition of Personal", "the definitions have no labels"),
    (
        "nvidia-open-model-2025",
        "*",
        "the copies have lost the list numbers; they count in the order of the text",
    ),
    ("nvidia-open-model-agreement-2026-04-02", "2", "the copy has lost the numbers of its headings"),
    ("nvidia-open-model-agreement-2026-04-02", "3", "the copy has lost the numbers of its headings"),
    ("openatom-model-1.0", "3.1", "the closing paragraph of the clause, after its list"),
    ("openrail-plus-plus-m-sdxl", "*", "the copy has lost its list numbers; they are those of its sibling"),
    ("orion-14b-community", "2", "the closing paragraph of the clause, after its list"),
    ("research-only-rail-m", "6", "the closing paragraph of the clause, after its list"),
    ("stable-beluga-nc", "1", "the copy has lost the number of its first section"),
    ("stable-video-diffusion-nc", "1", "the copy has lost the number of its first section"),
    ("yi-series-2.1", "2", "the closing paragraph of the clause, after its list"),
];

#[test]
fn every_clause_is_the_nearest_before_its_cue() {
    let mut wrong = Vec::new();
    let mut unused: Vec<_> = EXCEPTIONS.iter().collect();
    let (mut proved, mut seen) = (0, false);
    for terms in tables() {
        let Some(text) = text_of(&terms.id) else { continue };
        for place in places(&terms) {
            let Some(clause) = &place.clause else { continue };
            let other = match &place.text {
                Some(id) => text_of(id),
                None => Some(text.clone()),
            };
            let Some(text) = other else { continue };
            seen |= terms.id.as_str().starts_with("LicenseRef-");
            match proof(&text, clause, &place.words) {
                Ok(()) => proved += 1,
                Err(nearest) => {
                    let id = terms.id.as_str().trim_start_matches("LicenseRef-");
                    if EXCEPTIONS.iter().any(|(family, cited, _)| {
                        id.starts_with(family) && (*cited == "*" || cited == clause)
                    }) {
                        unused.retain(|(family, cited, _)| {
                            !(id.starts_with(family) && (*cited == "*" || cited == clause))
                        });
                    } else {
                        wrong.push(format!("{id} {}: {clause}, but {nearest}: “{}”", place.key, place.words));
                    }
                }
            }
        }
    }
    println!("{proved} clauses proved, {} exceptions", EXCEPTIONS.len());
    assert!(wrong.is_empty(), "{} clauses:\n{}", wrong.len(), wrong.join("\n"));
    assert!(!seen || unused.is_empty(), "exceptions that are none: {unused:?}");
}

/// Whether one of the cited clauses stands nearest before one of the occurrences of the words.
fn proof(text: &str, clause: &str, words: &str) -> Result<(), String> {
    let lines = folded_lines(text);
    let whole = fold(text);
    let words = fold(words);
    let mut nearest = "no label".to_owned();
    for (at, _) in whole.match_indices(&words) {
        for cited in clause.split([',', ';']) {
            let cited = cited.trim();
            match stands(&lines, &whole, at, cited) {
                Ok(()) => return Ok(()),
                Err(label) => nearest = label,
            }
        }
    }
    Err(nearest)
}

fn stands(lines: &[(usize, String)], whole: &str, at: usize, cited: &str) -> Result<(), String> {
    if cited.contains('¶') || ["introduction", "whole text"].contains(&cited) {
        // Paragraphs carry no label; the number is for readers who count.
        return Ok(());
    }
    // A heading (“Distribution”) or a defined word (“1 (Derivatives of the Model)”) has to stand before the cue.
    if let Some(heading) = heading(cited) {
        let before = &whole[..at];
        return if before.contains(&fold(heading)) { Ok(()) } else { Err(format!("no heading {heading}")) };
    }
    let wanted = parts(cited);
    let Some(last) = wanted.last() else { return Err("nothing cited".to_owned()) };
    let mut nearest: Vec<Vec<String>> = Vec::new();
    let mut like: Option<Vec<String>> = None;
    for (start, line) in lines.iter().take_while(|(start, _)| *start <= at) {
        if let Some(label) = label_of(line) {
            // The nearest label of the same kind: a closer one of another kind is a part of the clause.
            if label.last().is_some_and(|part| kind(part) == kind(last)) {
                like = Some(label.clone());
            }
            nearest = vec![label];
        }
        let upto = (at - start).min(line.len());
        if let Some(inner) = inner_labels(&line[..upto]).pop() {
            nearest.push(vec![inner]);
        }
    }
    nearest.extend(like);
    if nearest.iter().any(|label| wanted.ends_with(label)) {
        return Ok(());
    }
    Err(nearest.iter().map(|label| label.join(".")).collect::<Vec<_>>().join(" or "))
}

/// The heading that a clause names in words, if it does.
fn heading(cited: &str) -> Option<&str> {
    let in_words = |text: &str| {
        text.split(|character: char| !character.is_alphabetic()).any(|word| word.chars().count() > 4)
            && !["attachment", "exhibit", "appendix"].iter().any(|name| text.to_lowercase().starts_with(name))
    };
    let inner = cited.split_once(" (").map(|(_, inner)| inner.trim_end_matches(')'));
    let words = inner.unwrap_or(cited).trim_end_matches(|character: char| !character.is_alphabetic());
    Some(words).filter(|text| in_words(text))
}

/// Numbers, letters and roman numbers follow each other in their own rows.
fn kind(part: &str) -> u8 {
    match part {
        _ if part.bytes().all(|byte| byte.is_ascii_digit()) => 0,
        _ if part.bytes().all(|byte| b"ivx".contains(&byte)) => 1,
        _ if part.is_ascii() => 2,
        _ => 3,
    }
}

/// “1.b.iii” → 1, b, iii.
fn parts(clause: &str) -> Vec<String> {
    clause
        .to_lowercase()
        .split(|character: char| !character.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The label with which a line begins: “3.1”, “(b)”, “iii.”, “Section 4”, “Attachment A”.
fn label_of(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches(['-', '•', '·', ' ']);
    for name in ["attachment ", "exhibit ", "appendix "] {
        if let Some(rest) = line.strip_prefix(name) {
            let letter: String = rest.chars().take_while(|character| character.is_alphanumeric()).collect();
            if letter.len() == 1 {
                return Some(vec![name.trim().to_owned(), letter]);
            }
        }
    }
    let named = ["section ", "article ", "第"].iter().find_map(|name| line.strip_prefix(name));
    let line = named.unwrap_or(line);
    let open = line.starts_with(['(', '（']);
    let body = line.trim_start_matches(['(', '（']);
    let end = body
        .find(|character: char| {
            !(character.is_ascii_alphanumeric() || character == '.' || CHINESE.contains(character))
        })
        .unwrap_or(body.len());
    let label = body[..end].trim_end_matches('.');
    let ended = open && body[end..].starts_with([')', '）'])
        || body[..end].ends_with('.')
        || body[end..].starts_with([')', ':', '、', ' ', '条'])
        || body[end..].is_empty();
    let parts = parts(label);
    let numbered = parts
        .first()
        .is_some_and(|first| first.len() <= 2 && first.bytes().all(|byte| byte.is_ascii_digit()));
    let marked = open || body[..end].ends_with('.') || body[end..].starts_with([')', '、', '条']);
    let lettered = parts.len() == 1 && marked && is_mark(&parts[0]);
    (ended && (numbered || lettered) && parts.iter().all(|part| is_mark(part))).then_some(parts)
}

const CHINESE: &str = "一二三四五六七八九十";

/// A number, a letter, a roman number or a Chinese numeral.
fn is_mark(word: &str) -> bool {
    let digits = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let letter = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let roman = word.len() <= 5 && word.bytes().all(|byte| b"ivx".contains(&byte));
    let chinese = word.chars().count() <= 2 && word.chars().all(|character| CHINESE.contains(character));
    !word.is_empty() && (digits || letter || roman || chinese)
}

/// “… (i) … (b)” within a line.
fn inner_labels(line: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for (at, _) in line.match_indices('(') {
        let rest = &line[at + 1..];
        // Not the “(s)” of “copy(s)”.
        let word_before = line[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if !word_before
            && let Some(end) = rest.find(')')
            && is_mark(&rest[..end])
        {
            labels.push(rest[..end].to_owned());
        }
    }
    labels
}
