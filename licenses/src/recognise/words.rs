//! A text as words that can be compared: folded, hashed, with their lines.

use super::copyright;

/// One word.
#[derive(Clone, Copy, Debug)]
struct Word {
    hash: u64,
    line: u32,
    start: u32,
    end: u32,
}

/// The words of a text, without its copyright lines.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    text: &'a str,
    words: Vec<Word>,
}

impl<'a> Words<'a> {
    /// Splits a text. Case, punctuation, quotes, white space, HTML tags and comment leaders do not matter; spelling
    /// variants are folded as the SPDX matching guidelines list them.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut words = Self { text, words: Vec::with_capacity(text.len() / 6) };
        let mut offset = 0;
        let mut after_notice = false;
        let mut lines = text.split_inclusive('\n').peekable();
        let mut number = 0;
        while let Some(line) = lines.next() {
            number += 1;
            let notice = copyright::is_notice(line);
            // A notice that was wrapped goes on in a short line before a blank one.
            let ends_paragraph = lines.peek().is_none_or(|next| !next.contains(char::is_alphanumeric));
            let goes_on = after_notice && ends_paragraph && line.split_whitespace().count() <= 6;
            if !notice && !goes_on {
                words.line_words(line, offset, number);
            }
            after_notice = notice;
            offset += line.len();
        }
        words
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// Line of a word, from 1.
    pub(crate) fn line(&self, index: usize) -> u32 {
        self.words.get(index).map_or(1, |word| word.line)
    }

    /// The word itself, as written.
    pub(crate) fn written(&self, index: usize) -> &'a str {
        self.words.get(index).map_or("", |word| &self.text[word.start as usize..word.end as usize])
    }

    /// The word in lower case.
    pub(crate) fn lower(&self, index: usize) -> String {
        fold(self.written(index))
    }

    /// Words `from..to` as written, at most `most` of them.
    pub(crate) fn phrase(&self, from: usize, to: usize, most: usize) -> String {
        let end = to.min(from + most);
        let mut phrase: Vec<&str> = (from..end).map(|index| self.written(index)).collect();
        if end < to {
            phrase.push("…");
        }
        phrase.join(" ")
    }

    pub(crate) fn hash(&self, index: usize) -> u64 {
        self.words[index].hash
    }

    /// The hash of the three words from `index` on.
    pub(crate) fn trigram(&self, index: usize) -> u64 {
        let mut hash = self.words[index].hash;
        for word in &self.words[index + 1..index + 3] {
            hash = (hash.rotate_left(21) ^ word.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        hash ^ (hash >> 29)
    }

    /// How many trigrams there are.
    pub(crate) fn trigrams(&self) -> usize {
        self.words.len().saturating_sub(2)
    }

    fn line_words(&mut self, line: &str, offset: usize, number: u32) {
        let mut rest = line;
        while let Some(start) =
            rest.find(|character: char| character.is_alphanumeric() || character == '<' || character == '\\')
        {
            let at = offset + line.len() - rest.len() + start;
            let tail = &rest[start..];
            if tail.starts_with('<') {
                rest = &tail[tag_len(tail)..];
            } else if let Some(escaped) = tail.strip_prefix('\\') {
                // A text inside a JSON string: `\n` is a line end, not a letter.
                rest = escaped.strip_prefix(['n', 'r', 't']).unwrap_or(escaped);
            } else {
                let len = tail.find(|character: char| !character.is_alphanumeric()).unwrap_or(tail.len());
                let word = fold(&tail[..len]);
                let (start, end) = (at as u32, (at + len) as u32);
                self.words.push(Word { hash: hash(&word), line: number, start, end });
                rest = &tail[len..];
            }
        }
    }
}

/// The length of an HTML tag or template mark at the start of a text, or 1 for a mere `<`.
fn tag_len(text: &str) -> usize {
    match text.bytes().take(60).position(|byte| byte == b'>') {
        Some(end) if !text[..end].contains('\n') => {
            let inner = text[1..end].trim_start_matches('/');
            let is_tag = inner.starts_with(|c: char| c.is_ascii_alphabetic()) && !inner.contains(['@', ':']);
            if is_tag { end + 1 } else { 1 }
        }
        _ => 1,
    }
}

/// Lower case, and one spelling. Source of the variants: SPDX matching guidelines, "equivalent words".
fn fold(word: &str) -> String {
    let lower = word.to_lowercase();
    let folded = match lower.as_str() {
        "licence" => "license",
        "licences" => "licenses",
        "licenced" => "licensed",
        "sublicence" => "sublicense",
        "https" => "http",
        "organisation" => "organization",
        "organisational" => "organizational",
        "acknowledgement" => "acknowledgment",
        "analogue" => "analog",
        "analyse" => "analyze",
        "artefact" => "artifact",
        "authorisation" => "authorization",
        "authorised" => "authorized",
        "calibre" => "caliber",
        "cancelled" => "canceled",
        "capitalisations" => "capitalizations",
        "catalogue" => "catalog",
        "categorise" => "categorize",
        "centre" => "center",
        "emphasised" => "emphasized",
        "favour" => "favor",
        "favourite" => "favorite",
        "fulfil" => "fulfill",
        "fulfilment" => "fulfillment",
        "initialise" => "initialize",
        "judgement" => "judgment",
        "labelling" => "labeling",
        "labour" => "labor",
        "maximise" => "maximize",
        "modelled" => "modeled",
        "modelling" => "modeling",
        "offence" => "offense",
        "optimise" => "optimize",
        "practise" => "practice",
        "programme" => "program",
        "realise" => "realize",
        "recognise" => "recognize",
        "signalling" => "signaling",
        "utilisation" => "utilization",
        "whilst" => "while",
        "wilful" => "wilfull",
        "noncommercial" => "noncommercial",
        _ => return lower,
    };
    folded.to_owned()
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): stable across machines and versions, which the committed index needs.
fn hash(word: &str) -> u64 {
    word.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(text: &str) -> Vec<String> {
        let words = Words::of(text);
        (0..words.len()).map(|index| words.lower(index)).collect()
    }

    #[test]
    fn layout_and_spelling_do_not_matter() {
        let plain = lower("The licence, \"as is\" - see https://x.org");
        for variant in [
            "// THE LICENSE, ‘as is’\n// see http://x.org",
            "<p>The <b>license</b> &mdash; as is: see\nhttp://x.org</p>",
            "\"The license\\nas is\\n\\nsee http://x.org\"",
        ] {
            let words = lower(&variant.replace("&mdash;", ""));
            assert_eq!(words, plain, "{variant}");
        }
    }

    #[test]
    fn copyright_lines_are_set_apart_and_lines_are_kept() {
        let words = Words::of("MIT License\n\nCopyright (c) 2023 DeepSeek\n\nPermission is");
        assert_eq!(words.len(), 4);
        assert_eq!((words.line(0), words.line(2)), (1, 5));
        assert_eq!(words.phrase(0, 4, 3), "MIT License Permission …");
    }
}
