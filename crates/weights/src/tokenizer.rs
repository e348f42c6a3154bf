//! Sketches of vocabularies: which of two comes from the other, if any.
//!
//! The 96 tokens with the least hashes are a random sample that two vocabularies choose alike (Broder, "On the resemblance and
//! containment of documents", 1997; bottom-k sketches: Cohen and Kaplan, 2007). The hash is the first 6 bytes of SHA-256 over the
//! token's bytes. With 3 bytes for the id that is 864 bytes. Tokens are bytes: whoever calls has undone the byte-level alphabet, the mark for
//! spaces and `<0xNN>`. Control tokens are kept apart. A shared vocabulary is a hint, never proof of shared weights.

use sha2::{Digest as _, Sha256};

/// Tokens in the sample.
pub const SAMPLE: usize = 96;
/// Control tokens in theirs.
pub const CONTROL_SAMPLE: usize = 16;
/// With fewer shared tokens only what is beyond doubt is judged: a small vocabulary and one eight times as large share twelve sampled
/// tokens, if one holds the other.
pub const FEWEST_SHARED: usize = 20;
/// From so many on a vocabulary comes from another if all sampled tokens are shared and stand in one order without exception. Of two
/// vocabularies whose orders correlate by 0.86, the most that was seen of independent ones, 15 random tokens do so with probability 5e-6;
/// by 0.95, 1.5e-4 (200,000 draws of a normal copula).
pub const FEWEST_IN_ORDER: usize = 15;
/// From so many on a rank correlation below [`NO_ORDER`] says that no order is shared.
pub const FEWEST_APART: usize = 10;
/// See [`FEWEST_APART`].
pub const NO_ORDER: f64 = 0.9;
/// How much of the smaller vocabulary must be in the other.
pub const LEAST_CONTAINMENT: f64 = 0.95;
/// How well the order of ids must agree.
pub const LEAST_SPEARMAN: f64 = 0.99;
/// Ids are kept in 3 bytes; a token with a greater one is left out.
const MOST_ID: u32 = (1 << 24) - 1;

/// One token of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampledToken {
    /// The first 48 bits of SHA-256 over the token's bytes.
    pub hash: u64,
    /// Its id.
    pub id: u32,
}

/// The sketch of a vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenizerSketch {
    /// Tokens that are no control tokens, each counted once.
    pub size: u32,
    /// Control tokens.
    pub controls: u32,
    /// The sample, in order of the hashes.
    pub sample: Vec<SampledToken>,
    /// The sample of control tokens, of at most [`CONTROL_SAMPLE`].
    pub control_sample: Vec<SampledToken>,
}

impl TokenizerSketch {
    /// From tokens (bytes, id) and control tokens (bytes, id). Of a token that occurs twice the least id counts.
    pub fn of<'a>(
        tokens: impl IntoIterator<Item = (&'a [u8], u32)>,
        controls: impl IntoIterator<Item = (&'a [u8], u32)>,
    ) -> Self {
        let (size, sample) = bottom(tokens, SAMPLE);
        let (controls, control_sample) = bottom(controls, CONTROL_SAMPLE);
        Self { size, controls, sample, control_sample }
    }
}

fn bottom<'a>(tokens: impl IntoIterator<Item = (&'a [u8], u32)>, most: usize) -> (u32, Vec<SampledToken>) {
    let mut all: Vec<SampledToken> = tokens
        .into_iter()
        .filter(|(_, id)| *id <= MOST_ID)
        .map(|(bytes, id)| {
            let hash = Sha256::digest(bytes);
            let hash = hash[..6].iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
            SampledToken { hash, id }
        })
        .collect();
    all.sort_unstable();
    all.dedup_by_key(|token| token.hash);
    let size = u32::try_from(all.len()).unwrap_or(u32::MAX);
    all.truncate(most);
    (size, all)
}

/// How two vocabularies are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The same tokens in the same places.
    Same,
    /// The same tokens, all ids moved by one number or a few control tokens apart.
    Moved,
    /// The suspect's is the base's with more tokens.
    Extended,
    /// The suspect's is the base's with fewer.
    Pruned,
    /// Many of the same tokens in another order: the same texts or the same method, not the same vocabulary.
    SharedTokens,
    /// Neither.
    Independent,
    /// Too little in common to judge.
    TooFew,
}

impl Relation {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Moved => "moved",
            Self::Extended => "extended",
            Self::Pruned => "pruned",
            Self::SharedTokens => "shared-tokens",
            Self::Independent => "independent",
            Self::TooFew => "too-few",
        }
    }

    /// Whether one vocabulary was made from the other.
    pub fn is_derived(self) -> bool {
        matches!(self, Self::Same | Self::Moved | Self::Extended | Self::Pruned)
    }
}

/// A comparison of two vocabularies.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenizerComparison {
    /// The verdict.
    pub relation: Relation,
    /// Estimated share of the suspect's tokens that the base has.
    pub suspect_in_base: Option<f64>,
    /// Estimated share of the base's tokens that the suspect has.
    pub base_in_suspect: Option<f64>,
    /// Estimated share of all tokens that both have.
    pub jaccard: Option<f64>,
    /// Sampled tokens that both have.
    pub shared: usize,
    /// Share of those with equal ids.
    pub equal_ids: f64,
    /// The most frequent difference of ids, suspect minus base, and the share of tokens that have it.
    pub offset: Option<(i64, f64)>,
    /// Rank correlation of ids.
    pub spearman: Option<f64>,
    /// Share of the smaller sample of control tokens that the other has; `None` where one has none.
    pub controls_shared: Option<f64>,
}

/// Compares two vocabularies.
pub fn compare(suspect: &TokenizerSketch, base: &TokenizerSketch) -> TokenizerComparison {
    let shared = shared(&suspect.sample, &base.sample);
    let share = |eligible: usize| (eligible > 0).then(|| shared.len() as f64 / eligible as f64);
    let (of_suspect, of_base) = (eligible(suspect, base), eligible(base, suspect));
    let (suspect_in_base, base_in_suspect) = (share(of_suspect), share(of_base));
    let spearman = (shared.len() >= 3).then(|| spearman(&shared)).flatten();
    let equal = shared.iter().filter(|(left, right)| left == right).count();
    let equal_ids = if shared.is_empty() { 0.0 } else { equal as f64 / shared.len() as f64 };
    let sampled = if suspect.size <= base.size { of_suspect } else { of_base };
    let relation = relation(suspect, base, sampled, equal_ids, spearman, shared.len());
    TokenizerComparison {
        relation,
        suspect_in_base,
        base_in_suspect,
        jaccard: jaccard(suspect, base),
        shared: shared.len(),
        equal_ids,
        offset: offset(&shared),
        spearman,
        controls_shared: controls_shared(suspect, base),
    }
}

fn relation(
    suspect: &TokenizerSketch,
    base: &TokenizerSketch,
    sampled: usize,
    equal_ids: f64,
    spearman: Option<f64>,
    shared: usize,
) -> Relation {
    // A short sample is no answer, and neither is a full one that could not share more.
    if sampled < FEWEST_APART || suspect.sample.len().min(base.sample.len()) < FEWEST_SHARED {
        return Relation::TooFew;
    }
    let contained = shared as f64 / sampled as f64;
    let order = spearman.unwrap_or(0.0);
    let in_order = match shared {
        FEWEST_SHARED.. => contained >= LEAST_CONTAINMENT && order >= LEAST_SPEARMAN,
        _ => shared >= FEWEST_IN_ORDER && shared == sampled && order >= 1.0,
    };
    if in_order {
        return match suspect.size.cmp(&base.size) {
            std::cmp::Ordering::Greater => Relation::Extended,
            std::cmp::Ordering::Less => Relation::Pruned,
            std::cmp::Ordering::Equal if equal_ids >= 1.0 && contained >= 1.0 => Relation::Same,
            std::cmp::Ordering::Equal => Relation::Moved,
        };
    }
    if contained < 0.5 {
        return Relation::Independent;
    }
    let apart = shared >= FEWEST_SHARED || (shared >= FEWEST_APART && order < NO_ORDER);
    if apart { Relation::SharedTokens } else { Relation::TooFew }
}

/// Ids of tokens in both samples, in order of their hashes.
fn shared(left: &[SampledToken], right: &[SampledToken]) -> Vec<(u32, u32)> {
    left.iter()
        .filter_map(|token| {
            let at = right.binary_search_by_key(&token.hash, |token| token.hash).ok()?;
            Some((token.id, right[at].id))
        })
        .collect()
}

/// The sampled tokens of `of` that would be in the sample of `within` if it had them.
fn eligible(of: &TokenizerSketch, within: &TokenizerSketch) -> usize {
    let Some(last) = within.sample.last() else { return 0 };
    let complete = within.sample.len() < SAMPLE;
    of.sample.iter().filter(|token| complete || token.hash <= last.hash).count()
}

/// The share of the least hashes of both together that both have.
fn jaccard(left: &TokenizerSketch, right: &TokenizerSketch) -> Option<f64> {
    let mut all: Vec<u64> = left.sample.iter().chain(&right.sample).map(|token| token.hash).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(SAMPLE);
    let has = |sketch: &TokenizerSketch, hash: &u64| {
        sketch.sample.binary_search_by_key(hash, |token| token.hash).is_ok()
    };
    let common = all.iter().filter(|hash| has(left, hash) && has(right, hash)).count();
    (!all.is_empty()).then(|| common as f64 / all.len() as f64)
}

fn offset(shared: &[(u32, u32)]) -> Option<(i64, f64)> {
    let mut differences: Vec<i64> =
        shared.iter().map(|(left, right)| i64::from(*left) - i64::from(*right)).collect();
    differences.sort_unstable();
    let mut best: Option<(i64, usize)> = None;
    for run in differences.chunk_by(|a, b| a == b) {
        // Among equals the smaller move.
        if best.is_none_or(|(value, count)| {
            run.len() > count || (run.len() == count && run[0].abs() < value.abs())
        }) {
            best = Some((run[0], run.len()));
        }
    }
    best.map(|(value, count)| (value, count as f64 / shared.len() as f64))
}

/// Spearman's rank correlation; ids are different, so that ranks have no ties.
fn spearman(shared: &[(u32, u32)]) -> Option<f64> {
    let ranks = |side: fn(&(u32, u32)) -> u32| {
        let mut order: Vec<usize> = (0..shared.len()).collect();
        order.sort_by_key(|index| side(&shared[*index]));
        let mut ranks = vec![0.0f64; shared.len()];
        for (rank, index) in order.into_iter().enumerate() {
            ranks[index] = rank as f64;
        }
        ranks
    };
    let n = shared.len() as f64;
    let squares: f64 = ranks(|pair| pair.0)
        .iter()
        .zip(ranks(|pair| pair.1))
        .map(|(left, right)| (left - right).powi(2))
        .sum();
    (n > 1.0).then(|| 1.0 - 6.0 * squares / (n * (n * n - 1.0)))
}

fn controls_shared(left: &TokenizerSketch, right: &TokenizerSketch) -> Option<f64> {
    let fewer = left.control_sample.len().min(right.control_sample.len());
    let all = left.control_sample.len() < CONTROL_SAMPLE || right.control_sample.len() < CONTROL_SAMPLE;
    let common = shared(&left.control_sample, &right.control_sample).len();
    if fewer == 0 {
        return None;
    }
    if all {
        return Some(common as f64 / fewer as f64);
    }
    // Two full samples: as for tokens, of the smaller set.
    let last = left.control_sample.last()?.hash.min(right.control_sample.last()?.hash);
    let smaller = if left.controls <= right.controls { left } else { right };
    let eligible = smaller.control_sample.iter().filter(|token| token.hash <= last).count();
    Some(if eligible == 0 { 0.0 } else { common as f64 / eligible as f64 })
}
