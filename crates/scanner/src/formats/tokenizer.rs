//! Vocabularies: which file holds one, and in which format.
//!
//! A vocabulary alone never names a base: it may be anybody's. What its readers keep is a sketch ([`sketch`]), counts, special
//! tokens and the digest of the file, so that two of them can be compared without the files.

pub(crate) mod canonical;
mod collect;
mod sentencepiece;
pub(crate) mod sketch;
mod stream;
mod tekken;
mod tiktoken;
mod tokenizer_json;
mod vocabulary;
mod wordpiece;

use forebear_types::fact::{Problem, ProblemKind, Reading, TokenizerKind};

use super::File;

/// The most bytes of a file that are read: twice the largest one seen (Gemma 3's tokenizer.json, 33 MB).
pub(crate) const BUDGET: u64 = 64 << 20;

const REMEDY: &str = "take the tokenizer's files from its publisher again; what could be read was used";

/// The format from the name in lower case. Of `*.model` the bytes decide later.
pub(crate) fn kind(name: &str) -> Option<TokenizerKind> {
    match name {
        "tokenizer.json" => return Some(TokenizerKind::TokenizerJson),
        "vocab.json" => return Some(TokenizerKind::Vocabulary),
        "merges.txt" => return Some(TokenizerKind::Merges),
        "vocab.txt" => return Some(TokenizerKind::WordPiece),
        "tekken.json" => return Some(TokenizerKind::Tekken),
        _ => {}
    }
    if name.ends_with(".tiktoken") {
        return Some(TokenizerKind::Tiktoken);
    }
    // `.model` is used for anything; Mistral numbers its versions: `tokenizer.model.v3`.
    let stem = name
        .strip_suffix(".model")
        .or_else(|| name.strip_suffix(".spm"))
        .or_else(|| name.rsplit_once(".model.v").map(|(stem, _)| stem))?;
    ["tokenizer", "spiece", "sentencepiece", "spm", "bpe", "unigram", "ice_text", "vocab"]
        .iter()
        .any(|word| stem.contains(word))
        .then_some(TokenizerKind::SentencePiece)
}

/// Reads a vocabulary.
pub(crate) fn read(file: File<'_>, kind: TokenizerKind, reading: &mut Reading) {
    match kind {
        TokenizerKind::TokenizerJson => tokenizer_json::read(file, reading),
        TokenizerKind::Vocabulary => vocabulary::read(file, reading),
        TokenizerKind::Merges => vocabulary::read_merges(file, reading),
        TokenizerKind::WordPiece => wordpiece::read(file, reading),
        TokenizerKind::Tekken => tekken::read(file, reading),
        TokenizerKind::Tiktoken => tiktoken::read(file, reading),
        // A `tokenizer.model` of Llama 3 is tiktoken's.
        TokenizerKind::SentencePiece if tiktoken::is_ranks(file.bytes) => tiktoken::read(file, reading),
        TokenizerKind::SentencePiece if sentencepiece::is_model(file.bytes) => {
            sentencepiece::read(file, reading)
        }
        TokenizerKind::SentencePiece => no_vocabulary(file, &mut reading.problems),
        // Read by the reader of GGUF files.
        TokenizerKind::Gguf => {}
    }
}

/// The problem of a file in which no vocabulary was found.
fn no_vocabulary(file: File<'_>, problems: &mut Vec<Problem>) {
    if problems.is_empty() {
        let what = "the file holds no vocabulary in a known format".to_owned();
        problems.push(file.problem(ProblemKind::Malformed, what, REMEDY));
    }
}

/// The problem of JSON that breaks off or breaks the rules.
fn broken_json(
    file: File<'_>,
    end: Result<(), serde_json::Error>,
    tokens: usize,
    problems: &mut Vec<Problem>,
) {
    let Err(error) = end else { return };
    let how = if error.is_eof() { "ends in the middle" } else { "is no JSON from here on" };
    let what = format!("the file {how} (column {}); {tokens} tokens before were read", error.column());
    let line = u32::try_from(error.line()).ok();
    problems.push(Problem { line, ..file.problem(ProblemKind::Malformed, what, REMEDY) });
}

#[cfg(test)]
mod tests;
