//! The direct test: dimensions by number, layers by number or by a map.
//!
//! A layer map is found by looking at the data, and looking is paid for: the map comes from every other common dimension, the test
//! from the ones between. Given the first half, the order of the second half is as random as before, so that the p-value stays exact.

use std::collections::BTreeMap;

use super::exchange::{Draws, Table, p_values};
use super::layers::{self, LayerMatrix};
use super::verdict::STRONG_Z;
use super::{Alignment, GroupResult, Matched, TestGroup};
use crate::sketch::{FeatureKey, Group, Sketch};

/// In one half a layer is matched from here.
const LEAST_HALF_Z: f64 = 4.0;

pub(super) struct Direct {
    pub(super) groups: Vec<GroupResult>,
    pub(super) layers: LayerMatrix,
    /// How many ways of matching layers were looked at.
    pub(super) alignments: u32,
}

/// The direct tests. Sketches have one width.
pub(super) fn direct(suspect: &Sketch, base: &Sketch, draws: Draws) -> Direct {
    let matched = Matched::of(suspect, base);
    let layers = layers::matrix(suspect, base, &matched);
    let by_number: BTreeMap<u16, u16> = (0..suspect.layers).map(|layer| (layer, layer)).collect();
    let tables = tables(suspect, base, &matched, &by_number);
    let best = layers.best();
    let moved = best.iter().any(|cell| cell.base.is_some_and(|base| base != cell.suspect));
    let weights = |tables: &[(Group, Table)]| {
        tables
            .iter()
            .find(|(group, _)| *group == Group::Weights)
            .and_then(|(_, table)| table.z())
            .unwrap_or(0.0)
    };
    let mut alignments = 1;
    // Without a cell that counts there is no map to test. Leaving a test out makes no false alarm.
    let any = best.iter().any(|cell| cell.base.is_some());
    if any && (suspect.layers != base.layers || moved || weights(&tables) < STRONG_Z) {
        alignments = 2;
        if let Some(mapped) = mapped(suspect, base, &matched)
            && weights(&mapped) > weights(&tables)
        {
            // Embeddings and the last norm need no map: they keep all their dimensions.
            let chosen: Vec<(Group, Alignment, Table)> = tables
                .into_iter()
                .map(|(group, table)| match mapped.iter().find(|(other, _)| *other == group) {
                    Some((_, half)) if group != Group::Embeddings => (group, Alignment::Map, half.clone()),
                    _ => (group, Alignment::Number, table),
                })
                .collect();
            return Direct { groups: results(&chosen, draws), layers, alignments };
        }
    }
    let chosen: Vec<(Group, Alignment, Table)> =
        tables.into_iter().map(|(group, table)| (group, Alignment::Number, table)).collect();
    Direct { groups: results(&chosen, draws), layers, alignments }
}

/// z and p of each table; tables of one size share their orders.
pub(super) fn results(tables: &[(Group, Alignment, Table)], draws: Draws) -> Vec<GroupResult> {
    let mut found = Vec::new();
    let mut sizes: Vec<usize> = tables.iter().map(|(_, _, table)| table.size()).collect();
    sizes.sort_unstable();
    sizes.dedup();
    for size in sizes {
        let of_size: Vec<&(Group, Alignment, Table)> =
            tables.iter().filter(|(_, _, table)| table.size() == size && table.z().is_some()).collect();
        let values = p_values(&of_size.iter().map(|(_, _, table)| table).collect::<Vec<_>>(), draws);
        for ((group, alignment, table), p) in of_size.into_iter().zip(values) {
            if let (Some(z), Some(p)) = (table.z(), p) {
                found.push(GroupResult {
                    group: TestGroup::Features(*group),
                    z,
                    p,
                    corrected: 1.0,
                    at_floor: p.at_floor(draws),
                    features: table.features(),
                    dimensions: table.size(),
                    alignment: *alignment,
                });
            }
        }
    }
    found.sort_by_key(|result| result.group);
    found
}

/// Matched rows of a group, with the suspect's layers sent to the base's by `map`.
pub(super) fn pairs(
    suspect: &[FeatureKey],
    base: &[FeatureKey],
    group: Group,
    map: &BTreeMap<u16, u16>,
) -> Vec<(usize, usize)> {
    suspect
        .iter()
        .enumerate()
        .filter(|(_, key)| key.group == group)
        .filter_map(|(row, key)| {
            let layer = match key.layer.checked_sub(1) {
                None => 0,
                Some(layer) => map.get(&layer)? + 1,
            };
            Some((row, base.binary_search(&FeatureKey { layer, ..*key }).ok()?))
        })
        .collect()
}

fn tables(
    suspect: &Sketch,
    base: &Sketch,
    matched: &Matched,
    map: &BTreeMap<u16, u16>,
) -> Vec<(Group, Table)> {
    Group::ALL
        .into_iter()
        .filter(|group| {
            // Without a vocabulary tokens go by number: a key is then a row, not a place in the list.
            *group != Group::Embeddings || suspect.tokens_by_bytes == base.tokens_by_bytes
        })
        .map(|group| {
            let pairs = pairs(&suspect.keys, &base.keys, group, map);
            (group, Table::new(&matched.suspect, &matched.base, &pairs))
        })
        .filter(|(_, table)| table.features() > 0)
        .collect()
}

/// The tables under the map that half of the dimensions shows, in the other half. `None` where no layer is matched.
fn mapped(suspect: &Sketch, base: &Sketch, matched: &Matched) -> Option<Vec<(Group, Table)>> {
    let half = |start: usize| -> Vec<usize> { (start..matched.suspect.columns()).step_by(2).collect() };
    let part =
        |kept: &[usize]| Matched { suspect: matched.suspect.select(kept), base: matched.base.select(kept) };
    let matrix = layers::matrix(suspect, base, &part(&half(0)));
    let row = matrix.base.len();
    let mut map = BTreeMap::new();
    for (index, layer) in matrix.suspect.iter().enumerate() {
        let mut best: Option<(u16, f32)> = None;
        for (base, z) in matrix.base.iter().zip(&matrix.z[index * row..(index + 1) * row]) {
            if f64::from(*z) >= LEAST_HALF_Z && best.is_none_or(|(_, most)| *z > most) {
                best = Some((*base, *z));
            }
        }
        if let Some((base, _)) = best {
            map.insert(*layer, base);
        }
    }
    (!map.is_empty()).then(|| tables(suspect, base, &part(&half(1)), &map))
}
