//! Tokens that training never saw: the angles between their embeddings are those of the initialisation, for ever.
//!
//! Vocabularies have tokens in reserve (BERT's `[unused12]`, Llama's reserved special tokens, the rows that pad a table). The Gram matrix
//! of their centred, normalised embeddings does not change when the residual stream is permuted or rotated. One bit for each pair,
//! above the median or not. The tokens are exchangeable among themselves, which gives the p-value (Mantel, "The detection of disease
//! clustering and a generalized regression approach", 1967). It dies when the rows are dropped or made anew.

use forebear_types::weights::{ModelWeights, ReadError};
use sha2::{Digest as _, Sha256};

use crate::bits::{BitRows, above_median};
use crate::compare::{Draws, PValue};
use crate::random::SplitMix64;
use crate::view::{Axis, Role, View};

/// Tokens that a fingerprint keeps.
pub const MOST_TOKENS: usize = 64;
/// Fewer common tokens have too few orders.
pub const FEWEST_TOKENS: usize = 16;

/// The bits for a set of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedGram {
    /// A key for each token, in order: the first 4 bytes of SHA-256 over its bytes.
    pub tokens: Vec<u32>,
    /// One row: the pairs (0, 1), (0, 2), … (1, 2), ….
    pub bits: BitRows,
}

impl UnusedGram {
    /// From the embedding rows of unused tokens (`bytes`, row). Of many tokens those with the least keys are taken, so that two models
    /// with lists of different lengths take the same ones. `None` where fewer than [`FEWEST_TOKENS`] have rows of their own.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub fn of(
        model: &dyn ModelWeights,
        view: &View,
        unused: &[(&[u8], u64)],
    ) -> Result<Option<Self>, ReadError> {
        let Some(part) = view.with_role(Role::Embedding).next() else { return Ok(None) };
        let mut chosen: Vec<(u32, u64)> = unused
            .iter()
            .filter(|(_, row)| *row < part.count)
            .map(|(bytes, row)| {
                let hash = Sha256::digest(bytes);
                (u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]), *row)
            })
            .collect();
        chosen.sort_unstable();
        chosen.dedup_by_key(|(key, _)| *key);
        chosen.truncate(MOST_TOKENS);
        if part.axis != Axis::Last {
            return Ok(None);
        }
        let width = view.width as usize;
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for (_, row) in &chosen {
            let mut values = vec![0.0f32; width];
            model.read(part.tensor, part.position(0, 0, width as u64) + row * width as u64, &mut values)?;
            rows.push(values.into_iter().map(f64::from).collect());
        }
        Ok(Self::from_rows(&chosen.iter().map(|(key, _)| *key).collect::<Vec<_>>(), &mut rows))
    }

    /// Centres, drops rows that are not of their own (all alike, zero, not finite), normalises.
    fn from_rows(keys: &[u32], rows: &mut [Vec<f64>]) -> Option<Self> {
        if rows.len() < FEWEST_TOKENS || rows.iter().flatten().any(|value| !value.is_finite()) {
            return None;
        }
        let width = rows[0].len();
        let scale = rows.iter().flatten().fold(0.0f64, |most, value| most.max(value.abs()));
        for column in 0..width {
            let mean = rows.iter().map(|row| row[column]).sum::<f64>() / rows.len() as f64;
            rows.iter_mut().for_each(|row| row[column] -= mean);
        }
        let mut kept = Vec::new();
        for (index, row) in rows.iter_mut().enumerate() {
            let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
            if norm > 1e-6 * scale * (width as f64).sqrt() {
                row.iter_mut().for_each(|value| *value /= norm);
                kept.push(index);
            }
        }
        if kept.len() < FEWEST_TOKENS {
            return None;
        }
        let mut gram = Vec::new();
        for (place, left) in kept.iter().enumerate() {
            for right in &kept[place + 1..] {
                gram.push(rows[*left].iter().zip(&rows[*right]).map(|(a, b)| a * b).sum::<f64>() as f32);
            }
        }
        let row = above_median(&gram)?;
        let mut bits = BitRows::new(row.len());
        bits.push(row);
        Some(Self { tokens: kept.into_iter().map(|index| keys[index]).collect(), bits })
    }

    fn bit(&self, left: usize, right: usize) -> bool {
        let (left, right) = (left.min(right), left.max(right));
        let size = self.tokens.len();
        left != right && self.bits.get(0, left * (2 * size - left - 1) / 2 + right - left - 1)
    }
}

/// The result of the test on common tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnusedTest {
    /// z by the exact moments over orders of the tokens.
    pub z: f64,
    /// Counted over a tenth of the usual draws: each costs a thousand additions.
    pub p: PValue,
    /// Common tokens.
    pub tokens: usize,
}

/// Compares two; `None` with fewer than [`FEWEST_TOKENS`] in common.
pub fn compare(suspect: &UnusedGram, base: &UnusedGram, draws: Draws) -> Option<UnusedTest> {
    let common: Vec<(usize, usize)> = suspect
        .tokens
        .iter()
        .enumerate()
        .filter_map(|(index, key)| Some((index, base.tokens.binary_search(key).ok()?)))
        .collect();
    let size = common.len().min(MOST_TOKENS);
    if size < FEWEST_TOKENS {
        return None;
    }
    let common = &common[..size];
    let words = |gram: &UnusedGram, side: fn(&(usize, usize)) -> usize| -> Vec<u64> {
        common
            .iter()
            .map(|left| {
                let bits = common.iter().enumerate();
                bits.fold(0u64, |word, (place, right)| {
                    word | u64::from(gram.bit(side(left), side(right))) << place
                })
            })
            .collect()
    };
    let (x, y) = (words(suspect, |pair| pair.0), words(base, |pair| pair.1));
    let z = mantel_z(&x, &y)?;
    let set: Vec<(u8, u8)> = (0..size)
        .flat_map(|left| (left + 1..size).map(move |right| (left, right)))
        .filter(|(left, right)| x[*left] >> right & 1 == 1)
        .map(|(left, right)| (left as u8, right as u8))
        .collect();
    let here = set.iter().filter(|(left, right)| y[usize::from(*left)] >> right & 1 == 1).count();
    let most = draws.most / 10;
    let mut random = SplitMix64::new(draws.seed);
    let (mut drawn, mut reached) = (0u64, 0u64);
    while drawn < most && reached < draws.enough {
        let order = random.permutation(size as u32);
        let common = set
            .iter()
            .filter(|(left, right)| {
                y[order[usize::from(*left)] as usize] >> order[usize::from(*right)] & 1 == 1
            })
            .count();
        drawn += 1;
        reached += u64::from(common >= here);
    }
    let p = PValue { p: (1 + reached) as f64 / (1 + drawn) as f64, draws: drawn, reached };
    Some(UnusedTest { z, p, tokens: size })
}

/// `T = sum of a_ij b_ij` over ordered pairs of different tokens, both centred off the diagonal. Over all orders its mean is 0 and its
/// variance the sum over pairs of pairs that share two tokens, one, or none (Mantel 1967, section 5).
fn mantel_z(x: &[u64], y: &[u64]) -> Option<f64> {
    let n = x.len() as f64;
    let moments = |bits: &[u64]| {
        let ones = bits.iter().map(|row| f64::from(row.count_ones())).sum::<f64>();
        let mean = ones / (n * (n - 1.0));
        let squares = ones * (1.0 - mean);
        let rows =
            bits.iter().map(|row| (f64::from(row.count_ones()) - mean * (n - 1.0)).powi(2)).sum::<f64>();
        (mean, squares, rows)
    };
    let ((x_mean, x_squares, x_rows), (y_mean, y_squares, y_rows)) = (moments(x), moments(y));
    let common = x.iter().zip(y).map(|(x, y)| f64::from((x & y).count_ones())).sum::<f64>();
    let statistic = common - n * (n - 1.0) * x_mean * y_mean;
    let two = 2.0 * x_squares * y_squares / (n * (n - 1.0));
    let one = 4.0 * (x_rows - x_squares) * (y_rows - y_squares) / (n * (n - 1.0) * (n - 2.0));
    let none = (2.0 * x_squares - 4.0 * x_rows) * (2.0 * y_squares - 4.0 * y_rows)
        / (n * (n - 1.0) * (n - 2.0) * (n - 3.0));
    let variance = two + one + none;
    (variance > 1e-9).then(|| statistic / variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::{UnusedGram, compare};
    use crate::compare::Draws;
    use crate::random::SplitMix64;

    fn gram(seed: u64, mix: &[Vec<f64>]) -> UnusedGram {
        let mut random = SplitMix64::new(seed);
        let mut value =
            || f64::from(random.below(1 << 20)) + f64::from(random.below(1 << 20)) - f64::from(1 << 20);
        let mut rows: Vec<Vec<f64>> = (0..64).map(|_| (0..48).map(|_| value()).collect()).collect();
        if !mix.is_empty() {
            rows = rows
                .iter()
                .map(|row| mix.iter().map(|axis| axis.iter().zip(row).map(|(a, b)| a * b).sum()).collect())
                .collect();
        }
        UnusedGram::from_rows(&(0..64).collect::<Vec<_>>(), &mut rows).expect("rows of their own")
    }

    /// A reflection: every residual dimension becomes a mixture of all.
    fn reflection() -> Vec<Vec<f64>> {
        let axis: Vec<f64> = (0..48).map(|index| f64::from(index % 7) - 3.0).collect();
        let norm: f64 = axis.iter().map(|value| value * value).sum();
        (0..48)
            .map(|i| (0..48).map(|j| f64::from(u8::from(i == j)) - 2.0 * axis[i] * axis[j] / norm).collect())
            .collect()
    }

    #[test]
    fn a_rotation_changes_nothing_and_strangers_are_strangers() {
        let draws = Draws { most: 20_000, ..Draws::default() };
        let same = compare(&gram(1, &[]), &gram(1, &reflection()), draws).expect("64 tokens");
        assert!(same.z > 40.0 && same.p.reached == 0, "{same:?}");
        let mut squares = 0.0;
        for seed in 2..202 {
            let other =
                compare(&gram(1, &[]), &gram(seed, &[]), Draws { most: 0, ..draws }).expect("64 tokens");
            assert!(other.z.abs() < 4.0, "{other:?}");
            squares += other.z * other.z;
        }
        assert!((0.8..1.25).contains(&(squares / 200.0)), "{}", squares / 200.0);
    }

    #[test]
    fn rows_that_are_alike_are_dropped() {
        let mut rows = vec![vec![1.0; 8]; 64];
        assert!(UnusedGram::from_rows(&(0..64).collect::<Vec<_>>(), &mut rows).is_none());
        let mut rows = vec![vec![f64::NAN; 8]; 64];
        assert!(UnusedGram::from_rows(&(0..64).collect::<Vec<_>>(), &mut rows).is_none());
    }
}
