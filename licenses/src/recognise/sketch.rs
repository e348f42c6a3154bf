//! Texts that the project does not carry, as figures: hashed word sequences and marks.
//!
//! Two committed files, made by the example `sketches` from upstream sources: `data/models.sketch` (licences of models) and
//! `data/templates.sketch` (what may vary in SPDX texts, the notices they prescribe, their addresses). A third,
//! `data/names.txt`, is written by hand: names by which licences go.
//!
//! Each is lines of text, so that a change can be reviewed. `words` lists the hashes of the words that the file uses, eleven
//! digits of base 64 each; the other lines refer to them by number, three digits each.

use super::index::{Kind, MarkKind};
use super::words;

/// What the two files say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketches {
    pub(crate) texts: Vec<Text>,
    pub(crate) marks: Vec<TextMark>,
    pub(crate) names: Vec<(String, Vec<u64>)>,
}

/// A text known by the hashes of its words.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) words: Vec<u64>,
}

/// A mark of an SPDX text.
#[derive(Clone, Debug)]
pub(crate) struct TextMark {
    pub(crate) id: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: MarkKind,
    pub(crate) words: Vec<u64>,
}

/// The committed files.
pub(crate) fn committed() -> Sketches {
    let mut sketches = Sketches::default();
    for file in [
        include_str!("../../data/models.sketch"),
        include_str!("../../data/templates.sketch"),
        include_str!("../../data/names.txt"),
    ] {
        read(file, &mut sketches);
    }
    sketches
}

fn read(file: &str, sketches: &mut Sketches) {
    let mut dictionary: Vec<u64> = Vec::new();
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
        if what == "words" {
            dictionary = rest.as_bytes().chunks(HASH_DIGITS).map(number).collect();
            continue;
        }
        let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let id = id.to_owned();
        let refer = |text: &str| -> Vec<u64> {
            let references = text.as_bytes().chunks(REFERENCE_DIGITS).map(number);
            references.filter_map(|place| dictionary.get(place as usize).copied()).collect()
        };
        match what {
            "text" | "header" => {
                let kind = if what == "text" { Kind::License } else { Kind::Header };
                sketches.texts.push(Text { id, kind, words: refer(rest) });
            }
            "optional" | "wild" | "listed" => {
                let mut parts = rest.split(' ');
                let mut place = || parts.next().and_then(|number| number.parse().ok()).unwrap_or(0);
                let (from, to) = (place(), place());
                let kind = match what {
                    "optional" => MarkKind::Optional,
                    "wild" => MarkKind::Wild,
                    _ => MarkKind::Listed,
                };
                let words = refer(parts.next().unwrap_or_default());
                sketches.marks.push(TextMark { id, from, to, kind, words });
            }
            "name" => sketches.names.push((id, hashes(rest))),
            _ => {}
        }
    }
}

/// The hashes of the words of a text, as they stand in the files and in the index.
pub fn hashes(text: &str) -> Vec<u64> {
    let mut hashes = Vec::new();
    words::tokens(text, |token| hashes.push(token.hash));
    hashes
}

/// Digits of a word's hash.
const HASH_DIGITS: usize = 11;

/// Digits of a reference to a word: a file has at most 2^18 words.
const REFERENCE_DIGITS: usize = 3;

/// The digits of base 64 (RFC 4648, section 5, the alphabet that is safe in file names), lowest place first.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn number(digits: &[u8]) -> u64 {
    digits.iter().enumerate().fold(0u64, |number, (place, digit)| {
        let value = DIGITS.iter().position(|known| known == digit).unwrap_or(0) as u64;
        number | value.checked_shl(6 * place as u32).unwrap_or(0)
    })
}

fn digits(number: u64, count: usize) -> impl Iterator<Item = char> {
    (0..count).map(move |place| char::from(DIGITS[(number >> (6 * place)) as usize & 63]))
}

/// Writes a file of sketches: the dictionary first, then the lines, each with the words that it refers to.
pub fn write(lines: &[(String, Vec<u64>)]) -> String {
    let mut dictionary: Vec<u64> = lines.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    let mut file = String::from("words ");
    file.extend(dictionary.iter().flat_map(|hash| digits(*hash, HASH_DIGITS)));
    for (line, words) in lines {
        file.push('\n');
        file.push_str(line);
        if !words.is_empty() {
            file.push(' ');
        }
        for word in words {
            let place = dictionary.binary_search(word).unwrap_or(0);
            file.extend(digits(place as u64, REFERENCE_DIGITS));
        }
    }
    file.push('\n');
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let words: Vec<u64> = [0, 1, u64::MAX, words::hash("license")].to_vec();
        let lines = [
            ("text LicenseRef-x".to_owned(), words.clone()),
            ("listed MIT 3 4".to_owned(), vec![1]),
            ("wild MIT 5 5".to_owned(), Vec::new()),
            ("name MIT mit license".to_owned(), Vec::new()),
        ];
        let mut read_back = Sketches::default();
        read(&write(&lines), &mut read_back);
        assert_eq!(read_back.texts[0].words, words);
        assert_eq!((read_back.marks[0].from, read_back.marks[0].to), (3, 4));
        assert_eq!(read_back.marks[0].words, [1]);
        assert_eq!(read_back.marks[1].kind, MarkKind::Wild);
        assert_eq!(read_back.names[0].1, hashes("MIT License"));
    }
}
