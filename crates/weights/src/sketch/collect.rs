//! Reads the features of a sketch.

use std::collections::BTreeMap;

use forebear_types::weights::{ModelWeights, ReadError};

use super::{FeatureKey, Group, Sketch, SketchOptions, TOKENS, dimensions, norms, row_slot, tokens};
use crate::bits::{BitRows, above_median};
use crate::digest::is_sinusoid;
use crate::view::{Axis, Placed, Role, View};

/// Experts of one matrix that are sampled: the first ones, the first of which is compared with a dense network.
const EXPERTS: u32 = 4;

pub(super) fn sketch(
    model: &dyn ModelWeights,
    view: &View,
    options: SketchOptions<'_>,
) -> (Sketch, Vec<ReadError>) {
    let dimensions = dimensions(view.width, options.profile.dimensions);
    let mut collect = Collect {
        model,
        width: u64::from(view.width),
        features: BTreeMap::new(),
        problems: Vec::new(),
        constant: 0,
        not_finite: 0,
        unreadable: 0,
        dimensions: &dimensions,
    };
    let mut final_norms = [0u16; 2];
    for part in &view.placed {
        let layer = part.layer.map_or(0, |layer| layer + 1);
        if part.role.is_norm() {
            // Encoder and decoder each have a last norm: the second one gets the next pair of slots.
            let mut slot = u16::from(part.bias);
            if part.layer.is_none() && part.role == Role::NormFinal {
                let seen = &mut final_norms[usize::from(part.bias)];
                slot += 2 * *seen;
                *seen += 1;
            }
            collect.row(part, 0, FeatureKey { group: Group::Norms, layer, role: part.role, slot });
        } else if part.role.is_matrix() && part.expert < EXPERTS {
            let rows = options.profile.rows;
            for row in 0..rows {
                let free = (2 * u64::from(row) + 1).saturating_mul(part.count) / (2 * u64::from(rows));
                let slot = row_slot(row, rows, part.expert as u16);
                collect.row(part, free, FeatureKey { group: Group::Weights, layer, role: part.role, slot });
            }
        }
    }
    let tokens_by_bytes = collect.embeddings(view, options);
    if options.column_norms {
        for ((layer, role), values) in norms::column_norms(model, view, &mut collect.problems) {
            let key = FeatureKey { group: Group::ColumnNorms, layer, role, slot: 0 };
            match values {
                Some(values) => {
                    let sampled: Vec<f32> =
                        dimensions.iter().map(|dimension| values[*dimension as usize] as f32).collect();
                    collect.keep(key, &sampled);
                }
                None => collect.unreadable += 1,
            }
        }
    }
    let fixed_sinusoids = view.with_role(Role::Position).any(|part| is_sinusoid(model, part.tensor));
    let mut bits = BitRows::new(dimensions.len());
    let mut keys = Vec::with_capacity(collect.features.len());
    for (key, row) in collect.features {
        keys.push(key);
        bits.push(row);
    }
    let sketch = Sketch {
        width: view.width,
        layers: view.layers,
        profile: options.profile,
        tokens_by_bytes,
        keys,
        bits,
        constant: collect.constant,
        not_finite: collect.not_finite,
        unreadable: collect.unreadable,
        fixed_sinusoids,
    };
    (sketch, collect.problems)
}

struct Collect<'a> {
    model: &'a dyn ModelWeights,
    width: u64,
    dimensions: &'a [u32],
    features: BTreeMap<FeatureKey, Vec<bool>>,
    problems: Vec<ReadError>,
    constant: u32,
    not_finite: u32,
    unreadable: u32,
}

impl Collect<'_> {
    /// Reads one row (or column) of a part. The first part with a key wins.
    fn row(&mut self, part: &Placed, free: u64, key: FeatureKey) {
        if self.features.contains_key(&key) || free >= part.count {
            return;
        }
        match self.values(part, free) {
            Ok(values) => self.keep(key, &values),
            Err(error) => {
                self.unreadable += 1;
                // One sentence for each tensor.
                if !self.problems.contains(&error) {
                    self.problems.push(error);
                }
            }
        }
    }

    fn values(&self, part: &Placed, free: u64) -> Result<Vec<f32>, ReadError> {
        let mut values = vec![0.0f32; self.dimensions.len()];
        match part.axis {
            Axis::Last => {
                let mut row = vec![0.0f32; self.width as usize];
                self.model.read(part.tensor, part.position(free, 0, self.width), &mut row)?;
                for (value, dimension) in values.iter_mut().zip(self.dimensions) {
                    *value = row[*dimension as usize];
                }
            }
            Axis::First => {
                for (value, dimension) in values.iter_mut().zip(self.dimensions) {
                    let position = part.position(free, u64::from(*dimension), self.width);
                    self.model.read(part.tensor, position, std::slice::from_mut(value))?;
                }
            }
        }
        Ok(values)
    }

    fn keep(&mut self, key: FeatureKey, values: &[f32]) {
        if values.iter().any(|value| !value.is_finite()) {
            self.not_finite += 1;
        } else if let Some(bits) = above_median(values) {
            self.features.insert(key, bits);
        } else {
            self.constant += 1;
        }
    }

    fn embeddings(&mut self, view: &View, options: SketchOptions<'_>) -> bool {
        let Some(part) = view.with_role(Role::Embedding).next() else { return options.vocabulary.is_some() };
        let most = usize::from(options.profile.tokens);
        let key = |slot| FeatureKey { group: Group::Embeddings, layer: 0, role: Role::Embedding, slot };
        if let Some(vocabulary) = options.vocabulary {
            let rows: Vec<(u16, u64)> = (0u16..)
                .zip(TOKENS)
                .filter_map(|(slot, token)| Some((slot, vocabulary(token.as_bytes())?)))
                .filter(|(_, row)| *row < part.count)
                .take(most)
                .collect();
            if rows.len() >= most.min(4) {
                for (slot, row) in rows {
                    self.row(part, row, key(slot));
                }
                return true;
            }
        }
        for index in 0..u16::from(options.profile.tokens) {
            if let Some(row) = tokens::fixed_row(index, part.count) {
                self.row(part, row, key(row as u16));
            }
        }
        false
    }
}
