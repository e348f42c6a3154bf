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
/// With fewer shared tokens no order is judged.
pub const FEWEST_SHARED: usize = 20;
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
    let suspect_in_base = containment(suspect, base, shared.len());
    let base_in_suspect = containment(base, suspect, shared.len());
    let spearman = (shared.len() >= 3).then(|| spearman(&shared)).flatten();
    let equal = shared.iter().filter(|(left, right)| left == right).count();
    let equal_ids = if shared.is_empty() { 0.0 } else { equal as f64 / shared.len() as f64 };
    let smaller = if suspect.size <= base.size { suspect_in_base } else { base_in_suspect };
    let relation = relation(suspect, base, smaller, equal_ids, spearman, shared.len());
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
    smaller: Option<f64>,
    equal_ids: f64,
    spearman: Option<f64>,
    shared: usize,
) -> Relation {
    let Some(contained) = smaller else { return Relation::TooFew };
    if shared < FEWEST_SHARED {
        // A full sample that shares next to nothing is an answer; a short one is none.
        let full = suspect.sample.len().min(base.sample.len()) == SAMPLE;
        return if full && contained < LEAST_CONTAINMENT { Relation::Independent } else { Relation::TooFew };
    }
    if contained >= LEAST_CONTAINMENT && spearman.is_some_and(|rho| rho >= LEAST_SPEARMAN) {
        return match suspect.size.cmp(&base.size) {
            std::cmp::Ordering::Greater => Relation::Extended,
            std::cmp::Ordering::Less => Relation::Pruned,
            std::cmp::Ordering::Equal if equal_ids >= 1.0 && contained >= 1.0 => Relation::Same,
            std::cmp::Ordering::Equal => Relation::Moved,
        };
    }
    if contained >= 0.5 { Relation::SharedTokens } else { Relation::Independent }
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

/// Of the sampled tokens of `of` that would be in the sample of `within` if it had them, the share that is.
fn containment(of: &TokenizerSketch, within: &TokenizerSketch, shared: usize) -> Option<f64> {
    let last = within.sample.last()?.hash;
    let complete = within.sample.len() < SAMPLE;
    let eligible = of.sample.iter().filter(|token| complete || token.hash <= last).count();
    (eligible > 0).then(|| shared as f64 / eligible as f64)
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
