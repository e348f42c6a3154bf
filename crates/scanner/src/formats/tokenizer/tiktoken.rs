//! Tiktoken files: `*.tiktoken`, and `tokenizer.model` of Llama 3 and later.
//!
//! Source of the layout: openai/tiktoken, `tiktoken/load.py`: each line is the base64 of a token's bytes, a space, and its rank,
//! which is its id. Special tokens stand elsewhere.

use forebear_types::fact::{FactKind, Reading, TokenizerKind};

use super::collect::Collector;
use super::no_vocabulary;
use crate::formats::File;

/// Whether the first line is one of such a file.
pub(crate) fn is_ranks(bytes: &[u8]) -> bool {
    let end = bytes.iter().take(4096).position(|byte| *byte == b'\n');
    let first = &bytes[..end.unwrap_or(bytes.len().min(4096))];
    entry(first, &mut Vec::new()).is_some()
}

/// Reads the ranks.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let mut collector = Collector::new(None);
    let mut token = Vec::new();
    let mut at = 0;
    for line in file.bytes.split(|byte| *byte == b'\n') {
        if !line.trim_ascii().is_empty() {
            match entry(line, &mut token) {
                Some(rank) => collector.bytes(&token, rank, at),
                None => collector.fault("lines that are not base64, a space and a rank", at),
            }
        }
        at += line.len() + 1;
    }
    if collector.is_empty() {
        no_vocabulary(file, &mut reading.problems);
        return;
    }
    let tokenizer = collector.finish(file, TokenizerKind::Tiktoken, false, &mut reading.problems);
    reading.facts.push(file.fact(FactKind::Tokenizer(tokenizer)));
}

/// The rank of a line; its bytes go to `token`.
fn entry(line: &[u8], token: &mut Vec<u8>) -> Option<u32> {
    let line = line.trim_ascii_end();
    let space = line.iter().position(|byte| *byte == b' ')?;
    let (text, rank) = line.split_at(space);
    let rank = std::str::from_utf8(rank.get(1..)?).ok()?.parse().ok()?;
    (!text.is_empty() && base64(text, token)).then_some(rank)
}

/// Decodes base64 (RFC 4648, section 4) into `out`; `false` if it is none.
pub(crate) fn base64(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    if padding > 2 || !text.len().is_multiple_of(4) {
        return false;
    }
    let (mut bits, mut count) = (0_u32, 0);
    for byte in digits {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    true
}
