//! Robust mode: the residual dimensions of one model were permuted, or some of them removed.
//!
//! Each of the base's sampled dimensions is assigned one of all the suspect's, so that gains and column norms agree best; rows of
//! matrices and embeddings, which the assignment has not seen, are then tested in the assigned dimensions.
//!
//! Only gains tell shared training from a shared seed, and they may be asked only where rows or embeddings have shown that the assignment
//! is true. Gains and column norms depend on each other in every model (a dimension with large weights has an unusual gain), so that
//! strangers' gains agree once dimensions were assigned by column norms: all-MiniLM-L6-v2 and multilingual-e5-small with z of 13.

use std::collections::BTreeMap;

use super::alignment::{pairs, results};
use super::assign::assign;
use super::exchange::{Draws, Table};
use super::verdict::STRONG_Z;
use super::{Alignment, GroupResult, thin};
use crate::bits::both;
use crate::sketch::{Group, Sketch};

/// The result of robust mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Robust {
    /// The tests on features that the assignment has not seen.
    pub groups: Vec<GroupResult>,
    /// Features that assigned dimensions.
    pub features: usize,
    /// Dimensions assigned.
    pub dimensions: usize,
    /// Sampled dimensions of the base that were assigned the suspect's of the same number.
    pub in_place: usize,
}

/// Fewer features cannot tell dimensions apart.
const FEWEST_FEATURES: usize = 8;

/// Whether the suspect's sketch has all of its dimensions, and the two share enough features to assign them by.
pub(super) fn possible(suspect: &Sketch, base: &Sketch) -> bool {
    let by_number = by_number(suspect);
    let features: usize = [Group::Norms, Group::ColumnNorms]
        .into_iter()
        .map(|group| pairs(&suspect.keys, &base.keys, group, &by_number).len())
        .sum();
    suspect.bits.columns() as u64 == u64::from(suspect.width) && features >= FEWEST_FEATURES
}

pub(super) fn robust(suspect: &Sketch, base: &Sketch, draws: Draws) -> Robust {
    let by_number = by_number(suspect);
    // The columns of the base that take part: all but of the widest sketches.
    let kept = thin(&(0..base.bits.columns()).collect::<Vec<_>>());
    let dimensions: Vec<u32> = base.dimensions();
    let dimensions: Vec<u32> = kept.iter().filter_map(|column| dimensions.get(*column).copied()).collect();
    let base = &Sketch { bits: base.bits.select(&kept), ..base.clone() };
    let of = |group| pairs(&suspect.keys, &base.keys, group, &by_number);
    let (norms, columns) = (of(Group::Norms), of(Group::ColumnNorms));
    let both_kinds: Vec<(usize, usize)> = norms.iter().chain(&columns).copied().collect();
    let assigned = assigned(suspect, base, &both_kinds);
    let tokens = suspect.tokens_by_bytes == base.tokens_by_bytes;
    let (rows, embeddings) = (of(Group::Weights), if tokens { of(Group::Embeddings) } else { Vec::new() });
    let test = |group, assigned: &[(usize, usize)], features: &[(usize, usize)]| {
        (!features.is_empty()).then(|| (group, Alignment::Assigned, table(suspect, base, assigned, features)))
    };
    let tables: Vec<_> =
        [test(Group::Weights, &assigned, &rows), test(Group::Embeddings, &assigned, &embeddings)]
            .into_iter()
            .flatten()
            .collect();
    let mut groups = results(&tables, draws);
    if groups.iter().any(|result| result.z >= STRONG_Z && result.at_floor) {
        // All that agrees but the gains says which dimension is which.
        let without_gains: Vec<(usize, usize)> =
            rows.iter().chain(&embeddings).chain(&columns).copied().collect();
        let by_the_rest = self::assigned(suspect, base, &without_gains);
        let gains: Vec<_> = test(Group::Norms, &by_the_rest, &norms).into_iter().collect();
        groups.splice(0..0, results(&gains, draws));
    }
    let in_place =
        assigned.iter().filter(|(suspect, base)| suspect_dimension(*suspect) == dimensions[*base]).count();
    Robust { groups, features: both_kinds.len(), dimensions: assigned.len(), in_place }
}

/// A sketch of all dimensions has each at its own place.
fn suspect_dimension(column: usize) -> u32 {
    u32::try_from(column).unwrap_or(u32::MAX)
}

fn by_number(suspect: &Sketch) -> BTreeMap<u16, u16> {
    (0..suspect.layers).map(|layer| (layer, layer)).collect()
}

/// Pairs of a column of the suspect and one of the base whose bits agree in most features. The fewer columns all get one.
fn assigned(suspect: &Sketch, base: &Sketch, features: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (left, right): (Vec<usize>, Vec<usize>) = features.iter().copied().unzip();
    let (left, right) = (suspect.bits.transpose(&left), base.bits.transpose(&right));
    let ones = |rows: &crate::bits::BitRows| (0..rows.len()).map(|row| rows.count(row)).collect::<Vec<_>>();
    let (of_left, of_right) = (ones(&left), ones(&right));
    // Bits that agree: both set, or neither; up to a constant that is twice the common ones less those of each side.
    let score = |i: usize, j: usize| {
        2 * both(left.row(i), right.row(j)) as i32 - of_left[i] as i32 - of_right[j] as i32
    };
    let (columns, rows) = (suspect.bits.columns(), base.bits.columns());
    if rows <= columns {
        let scores: Vec<i32> =
            (0..rows).flat_map(|j| (0..columns).map(move |i| (i, j))).map(|(i, j)| score(i, j)).collect();
        assign(rows, columns, &scores).into_iter().enumerate().map(|(j, i)| (i, j)).collect()
    } else {
        let scores: Vec<i32> =
            (0..columns).flat_map(|i| (0..rows).map(move |j| (i, j))).map(|(i, j)| score(i, j)).collect();
        assign(columns, rows, &scores).into_iter().enumerate().collect()
    }
}

fn table(suspect: &Sketch, base: &Sketch, assigned: &[(usize, usize)], features: &[(usize, usize)]) -> Table {
    let (left, right): (Vec<usize>, Vec<usize>) = assigned.iter().copied().unzip();
    Table::new(&suspect.bits.select(&left), &base.bits.select(&right), features)
}
