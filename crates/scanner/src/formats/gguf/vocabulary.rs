//! `tokenizer.ggml.*` and `tokenizer.chat_template`.

use forebear_types::fact::{AddedToken, ProblemKind, Tokenizer, TokenizerKind};
use forebear_types::{ByteSpan, Located, Sha256};
use sha2::Digest;

use super::cursor::{Cursor, Fault, Scalar, Type};
use crate::formats::tokenizer::canonical::Alphabet;
use crate::formats::tokenizer::sketch::Sketcher;

/// Tokens that are looked at: sixteen times the largest vocabulary in use.
const MOST_TOKENS: u64 = 1 << 22;

/// Bytes of all tokens that are held: the largest vocabularies in use have 3 MB.
const MOST_BYTES: usize = 32 << 20;

/// The longest token or merge that is held.
const LONGEST: u64 = 1 << 16;

/// Added tokens that a fact holds.
const MOST_ADDED: usize = 4096;

/// Merges that the digest is over.
const FIRST_MERGES: usize = 50;

/// Why a list was passed over.
pub(super) type Unread = (ProblemKind, String);

/// What a header says of the tokenizer. Tokens are held until all keys are read, since their types stand in another array.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// Claimed number of tokens; all of them were passed, if not held.
    pub(super) count: Option<u64>,
    bytes: Vec<u8>,
    ends: Vec<u32>,
    types: Vec<u8>,
    merges: Option<u64>,
    first_merges: Vec<u8>,
}

/// Types of tokens that are none of the regular vocabulary, `llama_token_type` of llama.cpp (`gguf-py/gguf/constants.py`, `TokenType`).
const NORMAL: u8 = 1;
const UNKNOWN: u8 = 2;
const CONTROL: u8 = 3;
const USER_DEFINED: u8 = 4;
const UNUSED: u8 = 5;

impl Vocabulary {
    /// Reads `tokenizer.ggml.tokens`. `Some` says why not all of it is held.
    pub(super) fn read_tokens(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<Unread>, Fault> {
        let head = cursor.array_head()?;
        let (kind, count) = head;
        if kind != Type::Text || count > MOST_TOKENS {
            cursor.skip_elements(head)?;
            return Ok(Some(match kind {
                Type::Text => too_many(format!("{count} tokens"), MOST_TOKENS),
                _ => not_expected("a list of texts"),
            }));
        }
        self.count = Some(count);
        for number in 0..count {
            if self.bytes.len() > MOST_BYTES {
                cursor.skip_elements((kind, count - number))?;
                self.forget();
                return Ok(Some(too_many("the bytes of the tokens".to_owned(), MOST_BYTES as u64)));
            }
            // A longer one is no token; its place is kept by an empty one.
            cursor.bytes_into(LONGEST, &mut self.bytes)?;
            self.ends.push(self.bytes.len() as u32);
        }
        Ok(None)
    }

    /// Reads `tokenizer.ggml.token_type`.
    pub(super) fn read_types(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<Unread>, Fault> {
        let head = cursor.array_head()?;
        let (kind, count) = head;
        let numbers = matches!(kind, Type::Signed(_) | Type::Unsigned(_));
        if !numbers || count > MOST_TOKENS {
            cursor.skip_elements(head)?;
            return Ok(Some(match numbers {
                true => too_many(format!("{count} types of tokens"), MOST_TOKENS),
                false => not_expected("a list of whole numbers"),
            }));
        }
        for _ in 0..count {
            let number = match cursor.scalar(kind)? {
                Scalar::Integer(number) => u8::try_from(number).unwrap_or(NORMAL),
                _ => NORMAL,
            };
            self.types.push(number);
        }
        Ok(None)
    }

    /// Reads `tokenizer.ggml.merges`.
    pub(super) fn read_merges(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<Unread>, Fault> {
        let head = cursor.array_head()?;
        let (kind, count) = head;
        if kind != Type::Text {
            cursor.skip_elements(head)?;
            return Ok(Some(not_expected("a list of texts")));
        }
        let wanted = count.min(FIRST_MERGES as u64);
        let mut first = Vec::new();
        for number in 0..wanted {
            if number > 0 {
                first.push(b'\n');
            }
            cursor.bytes_into(LONGEST, &mut first)?;
        }
        cursor.skip_elements((kind, count - wanted))?;
        self.merges = Some(count);
        self.first_merges = first;
        Ok(None)
    }

    /// Drops what was read of the tokens; their number stays.
    fn forget(&mut self) {
        (self.bytes, self.ends) = (Vec::new(), Vec::new());
    }

    /// The text of a token.
    pub(super) fn text(&self, id: i64) -> Option<Located<String>> {
        let value = String::from_utf8_lossy(self.token(usize::try_from(id).ok()?)?).into_owned();
        Some(Located { value, line: 0, span: ByteSpan { start: 0, len: 0 } })
    }

    fn token(&self, id: usize) -> Option<&[u8]> {
        let end = *self.ends.get(id)? as usize;
        let start = match id {
            0 => 0,
            _ => self.ends[id - 1] as usize,
        };
        self.bytes.get(start..end)
    }

    /// The fact; `None` without tokens and merges. `model` is `tokenizer.ggml.model`.
    pub(super) fn tokenizer(&self, model: Option<&str>) -> Option<Tokenizer> {
        if self.count.is_none() && self.merges.is_none() {
            return None;
        }
        let mut regular = Regular::new(model);
        let mut added = Vec::new();
        for id in 0..self.ends.len() {
            let Some(token) = self.token(id) else { continue };
            match self.types.get(id).copied().unwrap_or(NORMAL) {
                UNKNOWN | CONTROL if added.len() < MOST_ADDED => added.push(AddedToken {
                    id: Some(id as u64),
                    text: String::from_utf8_lossy(token).into_owned(),
                    special: true,
                }),
                USER_DEFINED if added.len() < MOST_ADDED => added.push(AddedToken {
                    id: Some(id as u64),
                    text: String::from_utf8_lossy(token).into_owned(),
                    special: false,
                }),
                // Converters fill gaps and padded rows of the embedding with tokens of their own (`[PAD151665]`).
                UNKNOWN | CONTROL | USER_DEFINED | UNUSED => {}
                _ => regular.token(token, id as u32),
            }
        }
        let whole = self.count == Some(self.ends.len() as u64);
        Some(Tokenizer {
            kind: TokenizerKind::Gguf,
            tokens: whole.then_some(regular.tokens),
            added,
            merges: self.merges,
            first_merges: (self.merges >= Some(FIRST_MERGES as u64)).then(|| digest(&self.first_merges)),
            sketch: regular.sketcher.finish().filter(|_| whole),
            digest: None,
        })
    }
}

/// The regular entries of a vocabulary, as they pass.
struct Regular {
    tokens: u64,
    /// How tokens are written; `None` for a kind of tokenizer whose writing is not known, of which there is no sketch.
    alphabet: Option<Alphabet>,
    sketcher: Sketcher,
}

impl Regular {
    /// For `tokenizer.ggml.model`. Converters write WordPiece as sentencepiece does, with `U+2581` where a word begins
    /// (`convert_hf_to_gguf.py` of ggml-org/llama.cpp, `BertModel`).
    fn new(model: Option<&str>) -> Self {
        let alphabet = match model {
            Some("gpt2") => Some(Alphabet::ByteLevel),
            Some("llama" | "t5" | "bert") => Some(Alphabet::Pieces),
            _ => None,
        };
        Self { tokens: 0, alphabet, sketcher: Sketcher::default() }
    }

    fn token(&mut self, bytes: &[u8], id: u32) {
        self.tokens += 1;
        if let Some(alphabet) = self.alphabet {
            self.sketcher.token(bytes, alphabet, id);
        }
    }
}

pub(super) fn digest(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

fn too_many(what: String, most: u64) -> Unread {
    (ProblemKind::Oversized, format!("{what} are more than the {most} that are examined"))
}

fn not_expected(what: &str) -> Unread {
    (ProblemKind::Malformed, format!("{what} is expected"))
}
