//! What the readers of vocabularies have in common: tokens go in; a sketch, counts and faults come out.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

use forebear_types::Sha256;
use forebear_types::fact::{AddedToken, Problem, ProblemKind, TokenSketch, Tokenizer, TokenizerKind};
use sha2::Digest;

use super::canonical::{Alphabet, canonical, has_byte_level_mark, has_lower_block, is_unused};
use super::sketch::{self, Sketcher};
use crate::formats::File;

/// Most entries of a vocabulary that are looked at: eight times the largest one seen (262,144).
pub(crate) const ENTRIES: usize = 1 << 21;

const TOO_MANY: &str = "entries beyond the first 2,097,152, which were not examined";

/// Most added tokens that a fact holds.
pub(crate) const ADDED: usize = 4096;

/// Most bytes of an added token's text that are kept; real ones stay below 100.
const LONGEST_ADDED: usize = 512;

/// Merges that the digest of the first merges covers.
const FIRST: usize = 50;

/// Longest merge that is kept for that digest; real ones stay below 256 bytes.
const LONGEST_MERGE: usize = 4096;

/// The tokens, merges and faults of one file.
#[derive(Debug)]
pub(crate) struct Collector {
    /// The alphabet, if the format settles it; else the tokens do.
    alphabet: Option<Alphabet>,
    /// Ids of tokens that are not regular, sorted.
    left_out: Vec<u32>,
    byte_level: Sketcher,
    pieces: Sketcher,
    /// Tokens that only one of the two alphabets would write.
    byte_level_marks: u64,
    piece_marks: u64,
    buffer: Vec<u8>,
    /// Every entry of the file: a hash of it as written, its id and its place.
    entries: Vec<(u64, u32, u32)>,
    pub(crate) added: Vec<AddedToken>,
    pub(crate) merges: Option<u64>,
    first: Vec<u8>,
    /// Kinds of faults: how many, and where the first is.
    faults: BTreeMap<&'static str, (u64, usize)>,
}

impl Collector {
    /// For a vocabulary in an alphabet; `None` lets the tokens decide between GPT-2's and sentencepiece's.
    pub(crate) fn new(alphabet: Option<Alphabet>) -> Self {
        Self {
            alphabet,
            left_out: Vec::new(),
            byte_level: Sketcher::default(),
            pieces: Sketcher::default(),
            byte_level_marks: 0,
            piece_marks: 0,
            buffer: Vec::new(),
            entries: Vec::new(),
            added: Vec::new(),
            merges: None,
            first: Vec::new(),
            faults: BTreeMap::new(),
        }
    }

    /// Sets the alphabet, and the ids of tokens that are not regular, before the first token.
    pub(crate) fn settle(&mut self, alphabet: Option<Alphabet>, mut left_out: Vec<u32>) {
        left_out.sort_unstable();
        self.alphabet = alphabet;
        self.left_out = left_out;
    }

    /// Takes an entry of the vocabulary as the file writes it, from the byte offset `at`.
    pub(crate) fn token(&mut self, raw: &[u8], id: u32, at: usize) {
        if self.entries.len() >= ENTRIES {
            self.fault(TOO_MANY, at);
            return;
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(raw);
        self.entries.push((hasher.finish(), id, u32::try_from(at).unwrap_or(u32::MAX)));
        let candidate = self.left_out.first().is_some_and(|first| *first <= id)
            && self.left_out.last().is_some_and(|last| id <= *last);
        if candidate && self.left_out.binary_search(&id).is_ok() {
            return;
        }
        if let Some(alphabet) = self.alphabet {
            self.pieces.token(raw, alphabet, id);
            return;
        }
        if is_unused(raw) {
            self.byte_level.keep(raw, id);
            self.pieces.keep(raw, id);
            return;
        }
        if raw.is_ascii() && !raw.starts_with(b"<0x") {
            let hash = sketch::hash(raw);
            self.byte_level.add_hashed(hash, id);
            self.pieces.add_hashed(hash, id);
            return;
        }
        self.byte_level_marks += u64::from(has_byte_level_mark(raw));
        self.piece_marks += u64::from(has_lower_block(raw));
        let one = sketch::hash(canonical(raw, Alphabet::ByteLevel, &mut self.buffer));
        self.byte_level.add_hashed(one, id);
        let other = sketch::hash(canonical(raw, Alphabet::Pieces, &mut self.buffer));
        self.pieces.add_hashed(other, id);
    }

    /// Takes an entry whose bytes need no reading: those of tiktoken and tekken.
    pub(crate) fn bytes(&mut self, bytes: &[u8], id: u32, at: usize) {
        if self.entries.len() < ENTRIES {
            let mut hasher = DefaultHasher::new();
            hasher.write(bytes);
            self.entries.push((hasher.finish(), id, u32::try_from(at).unwrap_or(u32::MAX)));
            self.pieces.add(bytes, id);
        } else {
            self.fault(TOO_MANY, at);
        }
    }

    /// Takes a token that is not regular.
    pub(crate) fn added(&mut self, mut token: AddedToken) {
        if self.added.len() < ADDED {
            let end = (0..=LONGEST_ADDED).rev().find(|end| token.text.is_char_boundary(*end)).unwrap_or(0);
            if token.text.len() > LONGEST_ADDED {
                token.text.truncate(end);
            }
            self.added.push(token);
        }
    }

    /// Takes a merge, in the order of the file.
    pub(crate) fn merge(&mut self, left: &str, right: &str) {
        let count = self.merges.get_or_insert(0);
        *count += 1;
        if *count <= FIRST as u64 && left.len() + right.len() <= LONGEST_MERGE {
            if *count > 1 {
                self.first.push(b'\n');
            }
            self.first.extend_from_slice(left.as_bytes());
            self.first.push(b' ');
            self.first.extend_from_slice(right.as_bytes());
        }
    }

    /// Notes a fault of the kind `what`: "tokens without an id".
    pub(crate) fn fault(&mut self, what: &'static str, at: usize) {
        self.faults.entry(what).or_insert((0, at)).0 += 1;
    }

    /// Whether anything of a vocabulary was seen.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.merges.is_none() && self.added.is_empty()
    }

    /// Entries of the file, those left out counted.
    pub(crate) fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The fact, and problems for the faults. Tokens and ids that stand twice are looked for here: a format that numbers its
    /// entries by their order has no ids to repeat.
    pub(crate) fn finish(
        mut self,
        file: File<'_>,
        kind: TokenizerKind,
        numbered_by_order: bool,
        problems: &mut Vec<Problem>,
    ) -> Tokenizer {
        self.find_repeats(numbered_by_order);
        let mut faults: Vec<_> = self.faults.iter().collect();
        faults.sort_by_key(|(_, (_, at))| *at);
        for (what, (count, at)) in faults {
            let line = line_of(file.bytes, *at);
            let what = format!("{what}: {count}, the first at byte {at}");
            problems.push(Problem { line, ..file.problem(ProblemKind::Malformed, what, super::REMEDY) });
        }
        let use_pieces =
            self.alphabet.is_some() || self.piece_marks > self.byte_level_marks || self.byte_level_marks == 0;
        let sketch: Option<TokenSketch> = if use_pieces { self.pieces } else { self.byte_level }.finish();
        let complete = self.merges.is_some_and(|merges| merges >= FIRST as u64);
        Tokenizer {
            kind,
            tokens: sketch.as_ref().map(|sketch| sketch.tokens),
            added: self.added,
            merges: self.merges,
            first_merges: complete.then(|| Sha256(sha2::Sha256::digest(&self.first).into())),
            sketch,
            digest: Some(Sha256(sha2::Sha256::digest(file.bytes).into())),
        }
    }

    fn find_repeats(&mut self, numbered_by_order: bool) {
        let mut hashes: Vec<u64> = self.entries.iter().map(|(hash, _, _)| *hash).collect();
        if let Some((count, at)) = repeats(&mut hashes, |hash| {
            self.entries.iter().filter(|(one, _, _)| *one == hash).nth(1).map_or(0, |entry| entry.2)
        }) {
            self.faults.insert("tokens that stand twice in the vocabulary", (count, at));
        }
        if numbered_by_order {
            return;
        }
        let mut ids: Vec<u32> = self.entries.iter().map(|(_, id, _)| *id).collect();
        if let Some((count, at)) = repeats(&mut ids, |id| {
            self.entries.iter().filter(|(_, one, _)| *one == id).nth(1).map_or(0, |entry| entry.2)
        }) {
            self.faults.insert("tokens with the id of another one", (count, at));
        }
    }
}

/// How many values are repetitions, and the place of the second occurrence of the smallest such value.
fn repeats<T: Copy + Ord>(values: &mut [T], place: impl Fn(T) -> u32) -> Option<(u64, usize)> {
    values.sort_unstable();
    let mut pairs = values.windows(2).filter(|pair| pair[0] == pair[1]);
    let first = pairs.next()?[0];
    Some((1 + pairs.count() as u64, place(first) as usize))
}

/// The line of an offset, from 1; `None` in a file without lines.
fn line_of(bytes: &[u8], at: usize) -> Option<u32> {
    let before = bytes.get(..at)?;
    if before.contains(&0) {
        return None;
    }
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).ok()
}
