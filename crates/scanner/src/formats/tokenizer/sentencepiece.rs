//! Sentencepiece models: `tokenizer.model`, `spiece.model`, `sentencepiece.bpe.model`.
//!
//! Source of the layout: google/sentencepiece, `src/sentencepiece_model.proto`: `ModelProto` with `repeated SentencePiece pieces = 1`,
//! each `piece = 1` (text), `score = 2`, `type = 3` (1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; normal by
//! default). A piece's id is its place in the list.

use forebear_types::fact::{AddedToken, FactKind, ProblemKind, Reading, TokenizerKind};

use super::canonical::Alphabet;
use super::collect::Collector;
use super::{REMEDY, no_vocabulary};
use crate::formats::File;

const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;
const UNUSED: u64 = 5;

/// Whether the bytes begin as such a model does: with a piece that has a text.
pub(crate) fn is_model(bytes: &[u8]) -> bool {
    let mut message = Message { bytes, at: 0 };
    matches!(message.field(), Ok(Some((1, Value::Bytes(piece))))
        if matches!(piece_of(piece), Ok(Piece { text: Some(_), .. })))
}

/// Reads the pieces.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let mut collector = Collector::new(Some(Alphabet::Pieces));
    let mut message = Message { bytes: file.bytes, at: 0 };
    let mut id: u32 = 0;
    loop {
        let at = message.at;
        match message.field() {
            Ok(Some((1, Value::Bytes(bytes)))) => {
                match piece_of(bytes) {
                    Ok(Piece { text: Some(text), kind }) => piece(&mut collector, text, kind, id, at),
                    _ => collector.fault("pieces that cannot be read", at),
                }
                id = id.saturating_add(1);
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(what) => {
                let what = format!("{what} at byte {}; {id} pieces before were read", message.at);
                reading.problems.push(file.problem(ProblemKind::Malformed, what, REMEDY));
                break;
            }
        }
    }
    if collector.is_empty() {
        no_vocabulary(file, &mut reading.problems);
        return;
    }
    let tokenizer = collector.finish(file, TokenizerKind::SentencePiece, true, &mut reading.problems);
    reading.facts.push(file.fact(FactKind::Tokenizer(tokenizer)));
}

fn piece(collector: &mut Collector, text: &[u8], kind: u64, id: u32, at: usize) {
    if matches!(kind, UNKNOWN | CONTROL | USER_DEFINED | UNUSED) {
        let special = kind != USER_DEFINED;
        let text = String::from_utf8_lossy(text).into_owned();
        collector.added(AddedToken { id: Some(u64::from(id)), text, special });
    } else {
        collector.token(text, id, at);
    }
}

struct Piece<'a> {
    text: Option<&'a [u8]>,
    kind: u64,
}

fn piece_of(bytes: &[u8]) -> Result<Piece<'_>, &'static str> {
    let mut message = Message { bytes, at: 0 };
    let mut piece = Piece { text: None, kind: 1 };
    while let Some(field) = message.field()? {
        match field {
            (1, Value::Bytes(text)) => piece.text = Some(text),
            (3, Value::Number(kind)) => piece.kind = kind,
            _ => {}
        }
    }
    Ok(piece)
}

/// A Protocol Buffers message, read field by field. Source: the encoding guide of Protocol Buffers.
struct Message<'a> {
    bytes: &'a [u8],
    at: usize,
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

impl<'a> Message<'a> {
    /// The next field; `None` at the end.
    fn field(&mut self) -> Result<Option<(u64, Value<'a>)>, &'static str> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let tag = self.number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.number()?;
                let length = usize::try_from(length).map_err(|_| "a length is larger than the file")?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err("a field has a wire type that sentencepiece does not use"),
        };
        Ok(Some((tag >> 3, value)))
    }

    fn number(&mut self) -> Result<u64, &'static str> {
        let mut number: u64 = 0;
        for shift in 0..10 {
            let byte = *self.bytes.get(self.at).ok_or("the file ends in the middle of a number")?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << (7 * shift).min(63);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number has more than ten bytes")
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or("a field reaches beyond the end of the file")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }
}
