//! The index: every known text as a sequence of word ids, and where its rare word triples lead.
//!
//! One flat file, embedded, made by [`super::make`] and compared with what that makes by `tests/index.rs`. Nothing is built
//! at start-up: a look-up reads the bytes that it needs.
//!
//! Layout, little endian. Sections follow each other; the header holds the offset of each as `u32`, in the order of
//! [`Section`].

use super::lexicon;
use super::words::UNKNOWN;

/// Made by the test `index`.
static BYTES: &[u8] = include_bytes!("../../data/recognise.index");

/// First bytes of the file: name and version of the layout.
pub(crate) const MAGIC: &[u8; 8] = b"fbindex1";

/// Slots of the word table; a power of two, at most half full.
pub(crate) const SLOTS: usize = 1 << 16;

/// Buckets of the triples, by their first bits.
pub(crate) const BUCKETS: usize = 1 << 12;

/// Bytes of a record of [`Section::Docs`].
pub(crate) const DOC: usize = 36;

/// What the file holds.
#[derive(Clone, Copy)]
pub(crate) enum Section {
    /// A record for each text: id (offset `u32`, length `u16`), kind `u8`, place among equals `u8`, sequence (offset `u32`,
    /// length `u32`), marks (offset `u32`, length `u32`), seeds that must be there `u32`, hash of the sequence `u64`.
    Docs,
    /// The ids of licences, one after the other.
    Ids,
    /// The words of the texts, `u16` each.
    Words,
    /// Marks, `u16` each: from, to, kind, number of words, words.
    Marks,
    /// The word table's tags, `u32` each: the upper half of a word's hash, 0 for an empty slot. A word's first slot is the
    /// lower 16 bits of its hash; a taken slot leads to the next.
    Tags,
    /// The word table's ids, `u16` each.
    TagIds,
    /// The classes of each word, `u8` each.
    Classes,
    /// Where each bucket of triples begins, `u32` each, one more than there are buckets.
    Buckets,
    /// Hashes of the seed triples, `u32` each, ascending.
    Triples,
    /// Where the postings of each triple begin, `u32` each, one more than there are triples.
    Offsets,
    /// Postings: text `u16`, place in its sequence `u16`.
    Postings,
    /// Whole texts: hash `u64`, text `u16`; ascending.
    Whole,
    /// Names, ascending by words: licence id (offset `u32`, length `u16`), number of words `u16`, offset of the words `u32`.
    Names,
    /// The words of the names, `u16` each.
    NameWords,
}

/// How many sections there are.
pub(crate) const SECTIONS: usize = Section::NameWords as usize + 1;

/// What kind of text an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A licence or an exception to one.
    License,
    /// The notice that a licence tells authors to put into their files.
    Header,
}

/// A stretch of a known text that need not be there as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// May be left out. Source: `<optional>`, `<titleText>`, `<copyrightText>`.
    Optional = 0,
    /// May be any words. Source: `<alt>` with a pattern that takes everything.
    Wild = 1,
    /// May be other words of a list. Source: `<alt>` with alternatives.
    Listed = 2,
}

/// A mark of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Words from and to; equal where something may be put in.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: MarkKind,
    words: &'static [u8],
}

impl Mark {
    /// The words that may stand in place of the marked ones.
    pub(crate) fn words(&self) -> Vec<u16> {
        numbers(self.words).collect()
    }

    /// Whether a word may stand in place of the marked ones.
    pub(crate) fn lists(&self, word: u16) -> bool {
        numbers(self.words).any(|listed| listed == word)
    }
}

/// A known text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doc {
    /// Its number, by which postings name it.
    pub(crate) number: u16,
    /// Licence id.
    pub(crate) id: &'static str,
    pub(crate) kind: Kind,
    /// The place among texts that explain a file equally well: lower goes before.
    pub(crate) order: u8,
    /// Seeds outside optional parts.
    pub(crate) seeds: usize,
    words: &'static [u8],
    marks: &'static [u8],
}

impl Doc {
    pub(crate) fn len(&self) -> usize {
        self.words.len() / 2
    }

    pub(crate) fn word(&self, index: usize) -> u16 {
        u16_at(self.words, index)
    }

    /// The marks, in order of their first word.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Mark> {
        let mut rest = self.marks;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let count = usize::from(u16_at(rest, 3));
            let kind = match u16_at(rest, 2) {
                0 => MarkKind::Optional,
                1 => MarkKind::Wild,
                _ => MarkKind::Listed,
            };
            let mark = Mark {
                from: usize::from(u16_at(rest, 0)),
                to: usize::from(u16_at(rest, 1)),
                kind,
                words: &rest[8..8 + count * 2],
            };
            rest = &rest[8 + count * 2..];
            Some(mark)
        })
    }
}

/// A view of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index {
    sections: [&'static [u8]; SECTIONS],
}

impl Index {
    /// The embedded index.
    pub(crate) fn embedded() -> Self {
        Self::of(BYTES)
    }

    fn of(bytes: &'static [u8]) -> Self {
        let start = MAGIC.len();
        let offset = |section: usize| u32_at(&bytes[start..], section) as usize;
        let sections = std::array::from_fn(|section| &bytes[offset(section)..offset(section + 1)]);
        Self { sections }
    }

    fn section(&self, section: Section) -> &'static [u8] {
        self.sections[section as usize]
    }

    /// The id of a word, by its hash; variants of spelling have one id.
    pub(crate) fn word(&self, hash: u64) -> u16 {
        let (tags, ids) = (self.section(Section::Tags), self.section(Section::TagIds));
        let tag = tag(hash);
        let mut slot = hash as usize & (SLOTS - 1);
        loop {
            match u32_at(tags, slot) {
                0 => return UNKNOWN,
                found if found == tag => return u16_at(ids, slot),
                _ => slot = (slot + 1) & (SLOTS - 1),
            }
        }
    }

    /// The classes of a word: see [`lexicon`].
    pub(crate) fn classes(&self, word: u16) -> u8 {
        self.section(Section::Classes).get(usize::from(word)).copied().unwrap_or(0)
    }

    pub(crate) fn doc(&self, number: u16) -> Doc {
        let record = &self.section(Section::Docs)[usize::from(number) * DOC..][..DOC];
        let words = u32_at(&record[8..], 0) as usize * 2;
        let length = u32_at(&record[12..], 0) as usize * 2;
        let marks = u32_at(&record[16..], 0) as usize * 2;
        let marks_length = u32_at(&record[20..], 0) as usize * 2;
        Doc {
            number,
            id: self.id(u32_at(record, 0), u16_at(&record[4..], 0)),
            kind: if record[6] == 0 { Kind::License } else { Kind::Header },
            order: record[7],
            seeds: u32_at(&record[24..], 0) as usize,
            words: &self.section(Section::Words)[words..words + length],
            marks: &self.section(Section::Marks)[marks..marks + marks_length],
        }
    }

    pub(crate) fn docs(&self) -> usize {
        self.section(Section::Docs).len() / DOC
    }

    /// The text that is exactly these words.
    pub(crate) fn whole(&self, words: &[u16]) -> Option<Doc> {
        let table = self.section(Section::Whole);
        let wanted = sequence_hash(words);
        let at =
            |row: usize| u64::from_le_bytes(table[row * 10..row * 10 + 8].try_into().unwrap_or_default());
        let row = partition(table.len() / 10, |row| at(row) < wanted);
        if row >= table.len() / 10 || at(row) != wanted {
            return None;
        }
        let doc = self.doc(u16_at(&table[row * 10 + 8..], 0));
        (doc.len() == words.len() && numbers(doc.words).eq(words.iter().copied())).then_some(doc)
    }

    /// Where a triple of words leads: texts and places.
    pub(crate) fn postings(&self, triple: [u16; 3]) -> Postings {
        let hash = triple_hash(triple);
        let buckets = self.section(Section::Buckets);
        let bucket = (hash >> 20) as usize;
        let (from, to) = (u32_at(buckets, bucket) as usize, u32_at(buckets, bucket + 1) as usize);
        let triples = self.section(Section::Triples);
        let at = from + partition(to - from, |step| u32_at(triples, from + step) < hash);
        if at >= to || u32_at(triples, at) != hash {
            return Postings { bytes: &[] };
        }
        let offsets = self.section(Section::Offsets);
        let (first, last) = (u32_at(offsets, at) as usize, u32_at(offsets, at + 1) as usize);
        Postings { bytes: &self.section(Section::Postings)[first * 4..last * 4] }
    }

    /// The longest name that begins at the first of these words: how many words it has, and whose it is.
    pub(crate) fn name(&self, words: &[u16]) -> Option<(usize, &'static str)> {
        let first = *words.first()?;
        if self.classes(first) & lexicon::NAME == 0 {
            return None;
        }
        let table = self.section(Section::Names);
        let count = table.len() / 12;
        let words_of = |row: usize| {
            let record = &table[row * 12..][..12];
            let from = u32_at(&record[8..], 0) as usize * 2;
            &self.section(Section::NameWords)[from..from + usize::from(u16_at(&record[6..], 0)) * 2]
        };
        let from = partition(count, |row| u16_at(words_of(row), 0) < first);
        (from..count)
            .take_while(|row| u16_at(words_of(*row), 0) == first)
            .filter(|row| {
                let name = words_of(*row);
                name.len() / 2 <= words.len() && numbers(name).eq(words[..name.len() / 2].iter().copied())
            })
            .max_by_key(|row| words_of(*row).len())
            .map(|row| {
                let record = &table[row * 12..][..12];
                (words_of(row).len() / 2, self.id(u32_at(record, 0), u16_at(&record[4..], 0)))
            })
    }

    fn id(&self, offset: u32, length: u16) -> &'static str {
        let bytes = &self.section(Section::Ids)[offset as usize..][..usize::from(length)];
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// The places to which a triple leads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postings {
    bytes: &'static [u8],
}

impl Postings {
    pub(crate) fn len(self) -> usize {
        self.bytes.len() / 4
    }

    /// Number of the text and place in its sequence.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, u16)> {
        self.bytes.chunks_exact(4).map(|pair| (u16_at(pair, 0), u16_at(pair, 1)))
    }
}

/// The tag of a word's hash; never 0, which marks an empty slot.
pub(crate) fn tag(hash: u64) -> u32 {
    ((hash >> 32) as u32).max(1)
}

/// The hash of three words.
pub(crate) fn triple_hash([one, two, three]: [u16; 3]) -> u32 {
    let key = u64::from(one) << 32 | u64::from(two) << 16 | u64::from(three);
    (mix(key) >> 32) as u32
}

/// The hash of a sequence of words.
pub(crate) fn sequence_hash(words: &[u16]) -> u64 {
    words.iter().fold(words.len() as u64, |hash, word| mix(hash ^ u64::from(*word)))
}

/// A finaliser that spreads every bit over all (Stafford's variant 13 of the MurmurHash3 finaliser).
fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The first of `0..count` for which the test fails; it holds for all before it.
fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from + (to - from) / 2;
        if before(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

fn u16_at(bytes: &[u8], index: usize) -> u16 {
    u16::from_le_bytes([bytes[index * 2], bytes[index * 2 + 1]])
}

fn u32_at(bytes: &[u8], index: usize) -> u32 {
    u32::from_le_bytes([bytes[index * 4], bytes[index * 4 + 1], bytes[index * 4 + 2], bytes[index * 4 + 3]])
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// The embedded file.
pub fn bytes() -> &'static [u8] {
    BYTES
}
