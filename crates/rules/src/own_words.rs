//! The words that a repository says itself: those of its legal files and cards that are not the text of a licence.
//!
//! A prescribed line stands in the licence that prescribes it. Who looks for the line must look outside of it.

use forebear_types::license::{LicenseMatch, MatchStatus};
use forebear_types::{LineSpan, Location};

use crate::documents::Document;
use crate::notice::listing;

/// A licence's text is longer than the notices that name it; shorter matches are taken for such a notice.
const LINES_OF_A_TEXT: u32 = 6;

/// Words that a blank may be filled in with, at most.
const BLANK: usize = 12;

/// A word and the line that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    text: String,
    line: u32,
}

/// A part of a phrase: a word, or a blank for one or several words.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    Blank,
}

/// Words to look for, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    parts: Vec<Part>,
}

impl Wanted {
    /// The words of a phrase; what stands in `blanks` may be filled in.
    pub(crate) fn new(phrase: &str, blanks: &[String]) -> Self {
        let mut parts = Vec::new();
        let mut rest = phrase;
        while let Some((at, blank)) = blanks
            .iter()
            .filter(|blank| !blank.is_empty())
            .filter_map(|blank| Some((rest.find(blank.as_str())?, blank)))
            .min_by_key(|(at, _)| *at)
        {
            parts.extend(words(&rest[..at], 1).into_iter().map(|word| Part::Word(word.text)));
            parts.push(Part::Blank);
            rest = &rest[at + blank.len()..];
        }
        parts.extend(words(rest, 1).into_iter().map(|word| Part::Word(word.text)));
        Self { parts }
    }

    /// The lines of the first place that has the words.
    fn find(&self, text: &[Word]) -> Option<LineSpan> {
        let (first, rest) = self.parts.split_first()?;
        (0..text.len()).find_map(|from| {
            let end = match first {
                Part::Word(word) if text[from].text == *word => tail(rest, text, from + 1)?,
                Part::Word(_) => return None,
                Part::Blank => tail(&self.parts, text, from)?,
            };
            Some(LineSpan::new(text[from].line, text[end - 1].line))
        })
    }
}

/// The end of a match that goes on at `from`.
fn tail(parts: &[Part], text: &[Word], from: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return Some(from) };
    match part {
        Part::Word(word) => (text.get(from)?.text == *word).then(|| tail(rest, text, from + 1)).flatten(),
        Part::Blank => (1..=BLANK)
            .filter(|more| from + more <= text.len())
            .find_map(|more| tail(rest, text, from + more)),
    }
}

/// The words of a text: letters and digits in lower case, whatever stands between them. A copyright sign is the word `c`, as
/// `(c)` is.
fn words(text: &str, first_line: u32) -> Vec<Word> {
    let mut words = Vec::new();
    for (line, number) in text.lines().zip(first_line..) {
        let mut word = String::new();
        for character in line.chars() {
            let letter = match character {
                '©' => Some('c'),
                _ if character.is_alphanumeric() => Some(character),
                _ => None,
            };
            match letter {
                // A sign stands for itself, and does not run into the word behind it.
                Some('c') if character == '©' => {
                    end(&mut word, number, &mut words);
                    word.push('c');
                    end(&mut word, number, &mut words);
                }
                Some(letter) => word.extend(letter.to_lowercase()),
                // An apostrophe is part of its word, however it is drawn.
                None if matches!(character, '\'' | '’') => {}
                None => end(&mut word, number, &mut words),
            }
        }
        end(&mut word, number, &mut words);
    }
    words
}

fn end(word: &mut String, line: u32, words: &mut Vec<Word>) {
    if !word.is_empty() {
        words.push(Word { text: std::mem::take(word), line });
    }
}

/// The first document that says one of some phrases in its own words, and where.
pub(crate) fn says(documents: &[Document<'_>], wanted: &[Wanted]) -> Option<Location> {
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let text = own_words(document);
        let lines = wanted.iter().find_map(|wanted| wanted.find(&text))?;
        Some(Location::lines(document.path.clone(), lines))
    })
}

/// The first line of a document's own words that satisfies a test, given in lower case.
pub(crate) fn line_where(documents: &[Document<'_>], test: impl Fn(&str) -> bool) -> Option<Location> {
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let (_, number) = own_lines(document).find(|(line, _)| test(&line.to_lowercase()))?;
        Some(Location::lines(document.path.clone(), LineSpan::line(number)))
    })
}

/// As [`line_where`], without what a notice of `forebear notice` lists: that something is owed does not say that it is done.
pub(crate) fn stated_where(documents: &[Document<'_>], test: impl Fn(&str) -> bool) -> Option<Location> {
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let listed = listing(document.text());
        let (_, number) = own_lines(document).find(|(line, number)| {
            !listed.contains(&LineSpan::line(*number)) && test(&line.to_lowercase())
        })?;
        Some(Location::lines(document.path.clone(), LineSpan::line(number)))
    })
}

fn own_words(document: &Document<'_>) -> Vec<Word> {
    own_lines(document).flat_map(|(line, number)| words(line, number)).collect()
}

fn own_lines<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (&'d str, u32)> {
    let texts: Vec<LineSpan> = document
        .recognition()
        .licenses
        .iter()
        .filter(|found| is_text(found))
        .map(|found| found.lines)
        .collect();
    document.text().lines().zip(1..).filter(move |(_, number)| {
        let line = LineSpan::line(*number);
        texts.iter().all(|text| !text.overlaps(line))
    })
}

/// Whether a match is a licence's text, not a notice that names it.
fn is_text(found: &LicenseMatch) -> bool {
    match found.status {
        MatchStatus::Exact | MatchStatus::Complete | MatchStatus::Altered { .. } => true,
        MatchStatus::Incomplete { .. } => found.lines.last - found.lines.first >= LINES_OF_A_TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, blanks: &[&str], text: &str) -> Option<(u32, u32)> {
        let blanks: Vec<String> = blanks.iter().map(|blank| (*blank).to_owned()).collect();
        let lines = Wanted::new(phrase, &blanks).find(&words(text, 1))?;
        Some((lines.first, lines.last))
    }

    #[test]
    fn layout_and_marks_do_not_matter() {
        assert_eq!(
            found("Built with Llama", &[], "x\n**Built with [Llama](https://llama.com)**"),
            Some((2, 2))
        );
        assert_eq!(found("Built with Llama", &[], "built\nwith\n\nLLAMA"), Some((1, 4)));
        assert_eq!(found("Built with Llama", &[], "Built with Llamas"), None);
        assert_eq!(found("Copyright © Meta Platforms", &[], "Copyright (c) Meta Platforms"), Some((1, 1)));
        assert_eq!(found("Copyright © Meta", &[], "Copyright ©Meta"), Some((1, 1)));
        assert_eq!(found("It's here", &[], "it’s here"), Some((1, 1)));
        assert_eq!(found("", &[], "anything"), None);
    }

    #[test]
    fn blanks_are_filled_in() {
        let blanks = ["[name]", "[year]"];
        assert_eq!(
            found("[name] is from [year] on", &blanks, "So Kaguya 8B is from 2025 on, they say"),
            Some((1, 1))
        );
        assert_eq!(found("Powered by [name]", &blanks, "powered by"), None, "nothing was filled in");
        assert_eq!(found("Powered by [name]", &blanks, "powered by us"), Some((1, 1)));
    }
}
