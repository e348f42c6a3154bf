//! Comparisons of weights with fingerprints of bases.

use schemars::JsonSchema;
use serde::Serialize;

pub use super::weights::Verdict;

/// A model of the repository, compared with the fingerprint of a base.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightComparison {
    /// The folder of the model; empty for the root.
    pub subject: String,
    /// The first of its weight files that were read.
    pub file: String,
    /// The base, as its fingerprint names it.
    pub base: String,
    /// The revision that the fingerprint names.
    pub revision: Option<String>,
    /// Where the fingerprint is from: `embedded`, or the name of its file.
    pub fingerprint: String,
    /// What it comes to, as in the output of `forebear compare`.
    pub verdict: Verdict,
    /// The tests.
    pub groups: Vec<Group>,
    /// Layer of the model, layer of the base that it is most like (`null`: none beyond chance), and z.
    pub layer_map: Vec<(u16, Option<u16>, f64)>,
    /// Tensors of the model whose bytes the base has; `null` where digests were not compared.
    pub identical_tensors: Option<u32>,
    /// Whether residual dimensions were assigned to each other, as for permuted or pruned copies.
    pub robust: bool,
    /// The least correlation of raw weights that would have been seen; `null` where rows of matrices were not compared.
    pub sensitivity: Option<f64>,
    /// What the verdict rests on and cannot see: sentences.
    pub caveats: Vec<String>,
}

/// The test of one group of features.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `norms`, `weights`, `embeddings`, `column-norms` or `unused-tokens`.
    pub name: String,
    /// The statistic in standard deviations over orders of the residual dimensions.
    pub z: f64,
    /// The p-value, multiplied by the tests made.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p: f64,
    /// Features that both have.
    pub n: usize,
    /// Dimensions, or unused tokens, that both have.
    pub dimensions: usize,
}

impl WeightComparison {
    pub(super) fn of(one: &forebear_types::weights::WeightComparison) -> Self {
        Self {
            subject: one.subject.to_string(),
            file: one.file.to_string(),
            base: one.base.to_string(),
            revision: one.revision.clone(),
            fingerprint: one.source.clone(),
            verdict: Verdict::of(one.verdict),
            groups: one
                .tests
                .iter()
                .map(|test| Group {
                    name: test.group.to_owned(),
                    z: test.z,
                    p: test.p,
                    n: test.features,
                    dimensions: test.dimensions,
                })
                .collect(),
            layer_map: one.layer_map.iter().map(|cell| (cell.suspect, cell.base, cell.z)).collect(),
            identical_tensors: one.identical_tensors,
            robust: one.robust,
            sensitivity: one.sensitivity,
            caveats: one.caveats.clone(),
        }
    }
}
