//! The layer map: which of the base's layers each of the suspect's comes from.
//!
//! The test of [`super::exchange`] for every pair of layers, on the rows and columns of their matrices. Gains and column norms are left
//! out: unlike rows they resemble each other between the layers of one model.

use std::collections::BTreeMap;

use super::Matched;
use crate::bits::{BitRows, both};
use crate::sketch::{FeatureKey, Group, Sketch};
use crate::view::Role;

/// A cell counts from here: with 10,000 pairs of layers a normal tail of 1e-9 each stays below 1e-5 together.
pub const LEAST_Z: f64 = 6.0;

/// The best base layer for one of the suspect's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerMatch {
    /// The suspect's layer.
    pub suspect: u16,
    /// The base's; `None` where no layer reaches [`LEAST_Z`].
    pub base: Option<u16>,
    /// The greatest z over the base's layers.
    pub z: f64,
}

/// All pairs of layers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerMatrix {
    /// The suspect's layers that have features, by number.
    pub suspect: Vec<u16>,
    /// The base's.
    pub base: Vec<u16>,
    /// z by suspect layer, then base layer; NaN where two layers share no feature.
    pub z: Vec<f32>,
}

impl LayerMatrix {
    /// The best base layer for each of the suspect's; the lower one of equals (a base may hold a layer twice).
    pub fn best(&self) -> Vec<LayerMatch> {
        let row = self.base.len();
        let mut best = Vec::new();
        for (index, suspect) in self.suspect.iter().enumerate() {
            let mut found: Option<(u16, f32)> = None;
            for (base, z) in self.base.iter().zip(&self.z[index * row..(index + 1) * row]) {
                if !z.is_nan() && found.is_none_or(|(_, most)| *z > most) {
                    found = Some((*base, *z));
                }
            }
            if let Some((base, z)) = found {
                let z = f64::from(z);
                best.push(LayerMatch { suspect: *suspect, base: (z >= LEAST_Z).then_some(base), z });
            }
        }
        best
    }
}

/// What a feature is within its layer: role and slot.
type Code = (Role, u16);

/// A layer's features, and how they overlap with each other.
struct Layer {
    number: u16,
    codes: Vec<Code>,
    rows: Vec<usize>,
    /// `x_f . x_g` of centred rows.
    gram: Vec<f64>,
}

fn layers_of(keys: &[FeatureKey], bits: &BitRows) -> Vec<Layer> {
    let mut found: BTreeMap<u16, (Vec<Code>, Vec<usize>)> = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        if key.group == Group::Weights && key.layer > 0 {
            let (codes, rows) = found.entry(key.layer - 1).or_default();
            codes.push((key.role, key.slot));
            rows.push(row);
        }
    }
    let columns = bits.columns() as f64;
    found
        .into_iter()
        .map(|(number, (codes, rows))| {
            let counts: Vec<f64> = rows.iter().map(|row| f64::from(bits.count(*row))).collect();
            let mut gram = Vec::with_capacity(rows.len() * rows.len());
            for (left, left_count) in rows.iter().zip(&counts) {
                for (right, right_count) in rows.iter().zip(&counts) {
                    let common = f64::from(both(bits.row(*left), bits.row(*right)));
                    gram.push(common - left_count * right_count / columns);
                }
            }
            Layer { number, codes, rows, gram }
        })
        .collect()
}

/// The sum of products of two lists of equal length. In eight sums, which a processor adds at once.
fn product(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for (sum, (left, right)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += left * right;
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    sums.iter().sum::<f64>() + rest
}

pub(super) fn matrix(suspect: &Sketch, base: &Sketch, matched: &Matched) -> LayerMatrix {
    let left = layers_of(&suspect.keys, &matched.suspect);
    let right = layers_of(&base.keys, &matched.base);
    let columns = matched.suspect.columns() as f64;
    let mut z = Vec::with_capacity(left.len() * right.len());
    let counts = |bits: &BitRows| (0..bits.len()).map(|row| f64::from(bits.count(row))).collect::<Vec<_>>();
    let (left_counts, right_counts) = (counts(&matched.suspect), counts(&matched.base));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for a in &left {
        for b in &right {
            pairs.clear();
            if a.codes == b.codes {
                pairs.extend((0..a.codes.len()).map(|index| (index, index)));
            } else {
                for (index, code) in a.codes.iter().enumerate() {
                    if let Ok(other) = b.codes.binary_search(code) {
                        pairs.push((index, other));
                    }
                }
            }
            let statistic: f64 = pairs
                .iter()
                .map(|(i, j)| {
                    let (x, y) = (a.rows[*i], b.rows[*j]);
                    let common = both(matched.suspect.row(x), matched.base.row(y));
                    f64::from(common) - left_counts[x] * right_counts[y] / columns
                })
                .sum();
            let variance: f64 = if a.codes == b.codes {
                product(&a.gram, &b.gram)
            } else {
                let gram = |(i, j): &(usize, usize), (k, l): &(usize, usize)| {
                    a.gram[i * a.codes.len() + k] * b.gram[j * b.codes.len() + l]
                };
                pairs.iter().flat_map(|one| pairs.iter().map(move |two| gram(one, two))).sum()
            };
            let variance = variance / (columns - 1.0);
            z.push(if variance > 1e-9 { (statistic / variance.sqrt()) as f32 } else { f32::NAN });
        }
    }
    LayerMatrix {
        suspect: left.iter().map(|layer| layer.number).collect(),
        base: right.iter().map(|layer| layer.number).collect(),
        z,
    }
}
