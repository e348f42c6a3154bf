//! Which licences are worth comparing with a text.
//!
//! For every licence the index holds a bottom-k sketch of its word trigrams: the k smallest hashes of the set. They are a
//! uniform sample of the licence's trigrams, so the share of them that occurs in a text estimates how much of the licence
//! the text contains (containment by min-wise hashing; Broder, "On the resemblance and containment of documents", 1997),
//! whatever else the text holds. The sketches are a committed file, made and compared by `tests/index.rs`.

use super::words::Words;

/// Trigrams sampled of a licence.
const SKETCH: usize = 32;

/// A licence with fewer words is not recognised as a text: it could not be told from a sentence.
const SHORTEST: usize = 15;

/// The share of sampled trigrams from which on a licence is compared word by word. A text that holds a third of a licence
/// has on average 11 of 32; the bound lies well below, and comparing decides.
const CONTAINED: f64 = 0.2;

/// Made by `tests/index.rs`. Layout, little endian: number of entries (u32); each entry: length of the id (u8), id,
/// number of trigrams in the sketch (u8), trigram hashes (u32 each, ascending).
static INDEX: &[u8] = include_bytes!("../../data/spdx.sketch");

/// A licence that may be in a text.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) id: &'static str,
    pub(crate) words: Words<'static>,
}

/// The licences of which a text seems to hold a part, most contained first.
pub(crate) fn candidates(words: &Words<'_>, most: usize) -> Vec<Candidate> {
    if words.len() < SHORTEST {
        return Vec::new();
    }
    let mut present: Vec<u32> = (0..words.trigrams()).map(|index| short(words.trigram(index))).collect();
    present.sort_unstable();
    present.dedup();
    let mut scored: Vec<(u32, &'static str)> = Vec::new();
    for (id, sketch) in entries(INDEX) {
        let size = sketch.len() / 4;
        let hits = sketch
            .chunks_exact(4)
            .filter(|chunk| {
                let hash = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
                present.binary_search(&hash).is_ok()
            })
            .count();
        if size > 0 && hits as f64 >= CONTAINED * size as f64 {
            scored.push(((hits * 1000 / size) as u32, id));
        }
    }
    scored.sort_by_key(|(score, id)| (std::cmp::Reverse(*score), *id));
    scored
        .into_iter()
        .take(most)
        .filter_map(|(_, id)| Some(Candidate { id, words: Words::of(spdx::license_id(id)?.text()) }))
        .collect()
}

fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Ids and sketches of the index, lazily.
fn entries(mut bytes: &'static [u8]) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    bytes = bytes.get(4..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (len, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_at_checked(usize::from(*len))?;
        let (size, rest) = rest.split_first()?;
        let (sketch, rest) = rest.split_at_checked(usize::from(*size) * 4)?;
        bytes = rest;
        Some((std::str::from_utf8(id).ok()?, sketch))
    })
}

/// The committed index.
pub fn bytes() -> &'static [u8] {
    INDEX
}

/// Makes the index from the texts of the `spdx` crate. Deprecated ids and texts that are too short are left out; of ids
/// with one text (`GPL-3.0-only`, `GPL-3.0-or-later`) the first stays.
pub fn generate() -> Vec<u8> {
    let mut seen: Vec<Vec<u64>> = Vec::new();
    let mut out = Vec::new();
    let mut count = 0u32;
    for license in spdx::identifiers::LICENSES {
        let Some(id) = spdx::license_id(license.name) else { continue };
        let words = Words::of(id.text());
        if id.is_deprecated() || words.len() < SHORTEST || license.name.ends_with("-or-later") {
            continue;
        }
        let all: Vec<u64> = (0..words.len()).map(|index| words.hash(index)).collect();
        if seen.contains(&all) {
            continue;
        }
        seen.push(all);
        let mut sketch: Vec<u32> = (0..words.trigrams()).map(|index| short(words.trigram(index))).collect();
        sketch.sort_unstable();
        sketch.dedup();
        sketch.truncate(SKETCH);
        out.push(license.name.len() as u8);
        out.extend_from_slice(license.name.as_bytes());
        out.push(sketch.len() as u8);
        for hash in sketch {
            out.extend_from_slice(&hash.to_le_bytes());
        }
        count += 1;
    }
    [&count.to_le_bytes()[..], &out].concat()
}
