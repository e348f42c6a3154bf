//! `vocab.txt` of WordPiece: a token a line, its id the number of the line from 0.
//!
//! Source of the layout: google-research/bert, `tokenization.py` (`load_vocab`).

use forebear_types::fact::{AddedToken, FactKind, Reading, TokenizerKind};

use super::canonical::Alphabet;
use super::collect::Collector;
use crate::formats::File;

/// The special tokens of BERT and of its descendants; a tokenizer.json lists them as added.
const SPECIAL: &[&[u8]] = &[b"[PAD]", b"[UNK]", b"[CLS]", b"[SEP]", b"[MASK]"];

/// Reads the tokens. A `vocab.txt` without pieces that go on with a word is some other list, and gives nothing.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let mut collector = Collector::new(Some(Alphabet::WordPiece));
    let mut continues = false;
    let mut at = 0;
    for (id, line) in file.bytes.split(|byte| *byte == b'\n').enumerate() {
        let token = line.strip_suffix(b"\r").unwrap_or(line);
        let last = at + line.len() >= file.bytes.len();
        if !(token.is_empty() && last) {
            let id = u32::try_from(id).unwrap_or(u32::MAX);
            if SPECIAL.contains(&token) {
                let text = String::from_utf8_lossy(token).into_owned();
                collector.added(AddedToken { id: Some(u64::from(id)), text, special: true });
            } else {
                continues |= token.len() > 2 && token.starts_with(b"##");
                collector.token(token, id, at);
            }
        }
        at += line.len() + 1;
    }
    if !continues {
        return;
    }
    let tokenizer = collector.finish(file, TokenizerKind::WordPiece, true, &mut reading.problems);
    reading.facts.push(file.fact(FactKind::Tokenizer(tokenizer)));
}
