//! Sketches of vocabularies: the tokens with the smallest hashes, and their ids.
//!
//! The hash of a token is the first 48 bits of the SHA-256 of its canonical bytes ([`canonical`](super::canonical)). A uniform
//! choice of tokens by content, the same in every file, is what makes two samples comparable: the overlap of the samples estimates
//! the overlap of the vocabularies (bottom-k sketch; Broder 1997, "On the resemblance and containment of documents").

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::LazyLock;

use forebear_types::fact::TokenSketch;
use forebear_types::weights::ANCHORS;
use sha2::{Digest, Sha256};

use super::canonical::{Alphabet, canonical, is_unused};

/// Takes the regular tokens of a vocabulary, in any order, and keeps a sample. Memory does not grow with the vocabulary.
///
/// Special and added tokens are the caller's to leave out. In a GGUF file these are the tokens whose `tokenizer.ggml.token_type` is
/// unknown (2), control (3), user-defined (4) or unused (5); the alphabet is [`Alphabet::ByteLevel`] for the model `gpt2`, and
/// [`Alphabet::Pieces`] for `llama`, `t5`, `gemma4` and `bert`, whose word pieces the converter writes with `U+2581`.
#[derive(Debug, Default)]
pub(crate) struct Sketcher {
    tokens: u64,
    smallest: BinaryHeap<(u64, u32)>,
    anchors: BTreeMap<u8, u32>,
    reserve: BTreeMap<u32, Box<[u8]>>,
    buffer: Vec<u8>,
}

/// Hashes of the tokens whose ids are kept, in order, and their places in the list.
static ANCHOR_HASHES: LazyLock<Vec<(u64, u8)>> = LazyLock::new(|| {
    let mut hashes: Vec<(u64, u8)> =
        ANCHORS.iter().zip(0..).map(|(token, place)| (hash(token.as_bytes()), place)).collect();
    hashes.sort_unstable();
    hashes
});

/// The first 48 bits of the SHA-256 of a token's canonical bytes.
pub(crate) fn hash(canonical: &[u8]) -> u64 {
    let digest = Sha256::digest(canonical);
    digest.iter().take(6).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

impl Sketcher {
    /// Takes a token as a vocabulary in that alphabet writes it, and its id. Places for tokens to come are left out.
    pub(crate) fn token(&mut self, written: &[u8], alphabet: Alphabet, id: u32) {
        if is_unused(written) {
            self.keep(written, id);
        } else {
            let hash = hash(canonical(written, alphabet, &mut self.buffer));
            self.add_hashed(hash, id);
        }
    }

    /// Takes a place for a token to come, as it is written.
    pub(crate) fn keep(&mut self, written: &[u8], id: u32) {
        self.reserve.entry(id).or_insert_with(|| written.into());
        if self.reserve.len() > TokenSketch::RESERVE {
            self.reserve.pop_last();
        }
    }

    /// Takes the bytes that a token stands for, and its id.
    pub(crate) fn add(&mut self, canonical: &[u8], id: u32) {
        self.add_hashed(hash(canonical), id);
    }

    /// Takes a token by its [`hash()`].
    ///
    /// Of two tokens that stand for the same bytes (`A` and `<0x41>` of sentencepiece) the sample holds the smaller id.
    pub(crate) fn add_hashed(&mut self, hash: u64, id: u32) {
        self.tokens += 1;
        if let Ok(at) = ANCHOR_HASHES.binary_search_by_key(&hash, |(hash, _)| *hash) {
            let kept = self.anchors.entry(ANCHOR_HASHES[at].1).or_insert(id);
            *kept = id.min(*kept);
        }
        let full = self.smallest.len() >= TokenSketch::SAMPLE;
        if full && self.smallest.peek().is_some_and(|(largest, _)| hash > *largest) {
            return;
        }
        if self.smallest.iter().any(|(known, _)| *known == hash) {
            let lower = |(known, other)| (known, if known == hash { id.min(other) } else { other });
            self.smallest = self.smallest.drain().map(lower).collect();
            return;
        }
        self.smallest.push((hash, id));
        if self.smallest.len() > TokenSketch::SAMPLE {
            self.smallest.pop();
        }
    }

    /// The sketch; `None` if there was no token.
    pub(crate) fn finish(self) -> Option<TokenSketch> {
        let Self { tokens, smallest, anchors, reserve, .. } = self;
        (tokens > 0).then(|| TokenSketch {
            tokens,
            sample: smallest.into_sorted_vec(),
            anchors: anchors.into_iter().collect(),
            reserve: reserve.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_tokens_does_not_matter() {
        let words: Vec<String> = (0..5000).map(|number| format!("word{number}")).collect();
        let mut forth = Sketcher::default();
        let mut back = Sketcher::default();
        for (id, word) in words.iter().enumerate() {
            forth.add(word.as_bytes(), id as u32);
        }
        for (id, word) in words.iter().enumerate().rev() {
            back.add(word.as_bytes(), id as u32);
        }
        let sketch = forth.finish().unwrap();
        assert_eq!((sketch.tokens, sketch.sample.len()), (5000, 96));
        assert!(sketch.sample.is_sorted());
        assert_eq!(Some(sketch), back.finish());
    }

    #[test]
    fn two_ids_of_the_same_bytes_leave_the_smaller_one() {
        let mut sketcher = Sketcher::default();
        for id in [7, 3, 9] {
            sketcher.add(b"A", id);
        }
        let sketch = sketcher.finish().unwrap();
        assert_eq!(sketch.tokens, 3);
        // The SHA-256 of "A" begins 559aead08264.
        assert_eq!(sketch.sample, [(0x559a_ead0_8264, 3)]);
        assert_eq!(Sketcher::default().finish(), None);
    }

    #[test]
    fn anchors_and_places_to_come_keep_their_ids() {
        let mut sketcher = Sketcher::default();
        let word_piece = ["[unused7]", "the", "##the", "of", "[unused3]", "zebra"];
        for (id, token) in word_piece.iter().enumerate() {
            sketcher.token(token.as_bytes(), Alphabet::WordPiece, id as u32);
        }
        let sketch = sketcher.finish().unwrap();
        let id = |token: &str| {
            let of = |(place, _): &&(u8, u32)| ANCHORS[usize::from(*place)] == token;
            sketch.anchors.iter().find(of).map(|(_, id)| *id)
        };
        assert_eq!([id(" the"), id("the"), id(" of"), id(" and")], [Some(1), Some(2), Some(3), None]);
        assert_eq!(sketch.reserve, [(0, b"[unused7]"[..].into()), (4, b"[unused3]"[..].into())]);
        assert_eq!(sketch.tokens, 4);
    }
}
