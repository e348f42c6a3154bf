//! `vocab.json` and `merges.txt`: the two files of a byte-pair encoding as GPT-2 has it.
//!
//! Source of the layout: openai/gpt-2, `src/encoder.py`: an object of tokens and ids; after a line with the version, a merge a
//! line, its two tokens parted by a space.

use forebear_types::fact::{FactKind, ProblemKind, Reading, TokenizerKind};

use super::collect::Collector;
use super::{REMEDY, no_vocabulary, tokenizer_json};
use crate::formats::File;

/// Reads a `vocab.json`.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    tokenizer_json::read_vocabulary(file, reading);
}

/// Reads a `merges.txt`.
pub(crate) fn read_merges(file: File<'_>, reading: &mut Reading) {
    let Ok(text) = std::str::from_utf8(file.bytes) else {
        let what = "the list of merges is not UTF-8".to_owned();
        reading.problems.push(file.problem(ProblemKind::Malformed, what, REMEDY));
        return;
    };
    let mut collector = Collector::new(None);
    let mut at = 0;
    for line in text.split('\n') {
        let merge = line.strip_suffix('\r').unwrap_or(line);
        let version = at == 0 && merge.starts_with("#version");
        if !merge.is_empty() && !version {
            match merge.split_once(' ') {
                Some((left, right)) if !left.is_empty() && !right.is_empty() && !right.contains(' ') => {
                    collector.merge(left, right);
                }
                _ => collector.fault("lines that are not two tokens and a space", at),
            }
        }
        at += line.len() + 1;
    }
    if collector.is_empty() {
        no_vocabulary(file, &mut reading.problems);
        return;
    }
    let tokenizer = collector.finish(file, TokenizerKind::Merges, true, &mut reading.problems);
    reading.facts.push(file.fact(FactKind::Tokenizer(tokenizer)));
}
