//! What `forebear fingerprint` and `forebear compare` print.

use std::io::{self, Write};

use forebear_weights::compare::{Alignment, Caveat, GroupResult, LayerMatch, Robust};
use forebear_weights::describe::Description;
use forebear_weights::tokenizer::TokenizerComparison;
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::write_pretty;
use crate::weights::{Compared, Side, Trouble};

/// What a fingerprint holds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// Version of this contract.
    #[schemars(extend("const" = 1))]
    pub schema_version: u8,
    /// The path as given on the command line.
    pub path: String,
    /// What lies there.
    pub kind: SideKind,
    /// The version of the file format.
    pub format_version: u16,
    /// The name its maker gave it.
    pub name: Option<String>,
    /// Bytes of the fingerprint as a file.
    pub bytes: usize,
    /// The sketch of weights; `null` where none could be made.
    pub sketch: Option<Sketch>,
    /// Why there is no sketch: a clause without a full stop.
    pub reason: Option<String>,
    /// Tensors.
    pub tensors: Tensors,
    /// Unused tokens whose Gram bits it has.
    pub unused_tokens: usize,
    /// The sketch of the vocabulary.
    pub tokenizer: Option<Vocabulary>,
    /// What could not be read.
    pub problems: Vec<WeightProblem>,
}

/// The sketch of weights.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sketch {
    /// The residual width.
    pub width: u32,
    /// Layers over all stacks.
    pub layers: u16,
    /// Sampled residual dimensions.
    pub dimensions: usize,
    /// Rows or columns of each matrix.
    pub rows: u8,
    /// Features of each group.
    pub features: Vec<Features>,
    /// How embeddings were chosen: `bytes` of the tokens, or numbers of `rows`.
    pub tokens_by: String,
    /// Features that were constant, and say nothing.
    pub constant: u32,
    /// Features with values that are no numbers.
    pub not_finite: u32,
    /// Features that could not be read.
    pub unreadable: u32,
    /// Whether a table of fixed sinusoids is added to the residual stream.
    pub fixed_sinusoids: bool,
}

/// Features of one group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Features {
    /// `norms`, `weights`, `embeddings` or `column-norms`.
    pub name: String,
    /// How many.
    pub n: usize,
}

/// Tensors.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tensors {
    /// All of them.
    pub count: u32,
    /// Those with a digest; `null` where none were taken.
    pub digests: Option<usize>,
    /// Those that anybody would have: constants, masks, tables of sinusoids. They get no digest.
    pub deterministic: u32,
    /// Those whose role was guessed from shape and order.
    pub guessed: u32,
    /// Those without a role.
    pub unplaced: u32,
}

/// The sketch of a vocabulary.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Regular tokens.
    pub tokens: u32,
    /// Control tokens.
    pub controls: u32,
    /// Tokens in the sample.
    pub sampled: usize,
}

/// Something that could not be read, or not wholly.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightProblem {
    /// The file, inside of the model; empty for the model as a whole.
    pub path: String,
    /// The tensor, where one is to blame.
    pub tensor: Option<String>,
    /// What happened.
    pub what: String,
    /// What to do about it, where there is something.
    pub remedy: Option<String>,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SideKind {
    /// Weights: a folder, a model cache or one file.
    Model,
    /// A fingerprint file.
    Fingerprint,
}

/// Whether one model's weights come from another's.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Version of this contract.
    #[schemars(extend("const" = 1))]
    pub schema_version: u8,
    /// Whose origin is asked for.
    pub suspect: ComparedSide,
    /// What it may come from.
    pub base: ComparedSide,
    /// What the comparison comes to.
    pub verdict: Verdict,
    /// The tests that were made, in order of their groups.
    pub groups: Vec<Group>,
    /// For each layer of the suspect, by number from 0: the base's layer that it is most like, `null` where none is like it, and z.
    pub layer_map: Vec<(u16, Option<u16>, f64)>,
    /// Tensors of the suspect whose bytes the base has; `null` where one side has no digests.
    pub identical_tensors: Option<u32>,
    /// Tensors of the suspect that have a digest.
    pub compared_tensors: u32,
    /// What the verdict rests on and cannot see.
    pub caveats: Vec<CaveatNote>,
    /// The least correlation of raw weights that the test of weights would have seen; `null` without such a test.
    pub sensitivity: Option<f64>,
    /// The probability, at most, that unrelated models get a positive verdict by these tests.
    pub false_positives_at_most: f64,
    /// The comparison after residual dimensions were assigned to each other; `null` where it was not made.
    pub robust: Option<RobustMode>,
    /// The vocabularies: a hint, which decides nothing.
    pub tokenizer: Option<VocabularyComparison>,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparedSide {
    /// The path as given on the command line.
    pub path: String,
    /// What lies there.
    pub kind: SideKind,
    /// The name that the maker of a fingerprint gave it.
    pub name: Option<String>,
    /// What could not be read.
    pub problems: Vec<WeightProblem>,
}

/// Verdicts, from the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Both hold the same tensors, byte for byte.
    Identical,
    /// Weights of layers come from one training.
    SharedWeights,
    /// Embeddings and the residual basis do, the blocks do not, or their rows are permuted.
    SharedEmbeddings,
    /// One training or one random seed: these tests cannot tell.
    SharedSeedPossible,
    /// Something, too weak to conclude.
    Weak,
    /// Nothing, as far as the sensitivity reaches.
    None,
    /// The assumptions of the tests do not hold, or there was nothing to test.
    Withheld,
}

/// The test of one group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `norms`, `weights`, `embeddings`, `column-norms` or `unused-tokens`.
    pub name: String,
    /// The statistic in standard deviations of its permutation distribution.
    pub z: f64,
    /// Its p-value by counting random orders, of this test alone.
    pub p: f64,
    /// Features that were compared, or common unused tokens.
    pub n: usize,
    /// The p-value times the tests made, at most 1.
    pub corrected_p: f64,
    /// Random orders drawn.
    pub draws: u64,
    /// Those whose statistic was at least as large.
    pub reached: u64,
    /// Common residual dimensions.
    pub dimensions: usize,
    /// How layers were matched: by `number`, by the layer `map`, or by number after dimensions were `assigned`.
    pub alignment: String,
}

/// What a verdict rests on or cannot see.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaveatNote {
    /// A word for programs: `seed-not-excluded`.
    pub name: String,
    /// A sentence for people.
    pub sentence: String,
}

/// The comparison after residual dimensions were assigned to each other.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RobustMode {
    /// The tests on features that the assignment has not seen.
    pub groups: Vec<Group>,
    /// Features that assigned dimensions.
    pub features: usize,
    /// Dimensions assigned.
    pub dimensions: usize,
    /// Those that were assigned the dimension of the same number.
    pub in_place: usize,
}

/// How two vocabularies are related.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VocabularyComparison {
    /// `same`, `moved`, `extended`, `pruned`, `shared-tokens`, `independent` or `too-few`.
    pub relation: String,
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
    /// The commonest difference of ids; `null` where no sampled token is shared.
    pub offset: Option<Offset>,
    /// Rank correlation of ids.
    pub spearman: Option<f64>,
    /// Share of the smaller sample of control tokens that the other has; `null` where one has none.
    pub controls_shared: Option<f64>,
}

/// A difference of ids.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// The suspect's id minus the base's.
    pub by: i64,
    /// Share of the shared tokens with it.
    pub share: f64,
}

/// Writes what a fingerprint holds.
///
/// # Errors
/// What the writer says.
pub fn write_fingerprint(side: &Side, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Fingerprint::of(side), out)
}

/// Writes a comparison.
///
/// # Errors
/// What the writer says.
pub fn write_comparison(compared: Compared<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Comparison::of(compared), out)
}

/// The published schemas of these documents, by name (draft 2020-12).
pub fn schemas() -> [(&'static str, serde_json::Value); 2] {
    fn of<T: JsonSchema>(title: &str) -> serde_json::Value {
        let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut schema = generator.into_root_schema_for::<T>();
        schema.insert("title".to_owned(), title.into());
        schema.to_value()
    }
    [
        ("forebear-fingerprint-1", of::<Fingerprint>("forebear fingerprint, schema version 1")),
        ("forebear-comparison-1", of::<Comparison>("forebear compare, schema version 1")),
    ]
}

/// Three decimals say all that a statistic or a share has to say.
fn rounded(value: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (value * 1000.0).round() / 1000.0 + 0.0
}

impl Fingerprint {
    fn of(side: &Side) -> Self {
        let Description { version, name, bytes, sketch, reason, tensors, unused_tokens, tokenizer } =
            side.description.clone();
        Self {
            schema_version: 1,
            path: side.path.clone(),
            kind: SideKind::of(side),
            format_version: version,
            name,
            bytes,
            sketch: sketch.map(|sketch| Sketch {
                width: sketch.width,
                layers: sketch.layers,
                dimensions: sketch.dimensions,
                rows: sketch.rows,
                features: sketch
                    .features
                    .iter()
                    .map(|group| Features { name: group.name.to_owned(), n: group.features })
                    .collect(),
                tokens_by: sketch.tokens_by.to_owned(),
                constant: sketch.constant,
                not_finite: sketch.not_finite,
                unreadable: sketch.unreadable,
                fixed_sinusoids: sketch.fixed_sinusoids,
            }),
            reason,
            tensors: Tensors {
                count: tensors.count,
                digests: tensors.digests,
                deterministic: tensors.deterministic,
                guessed: tensors.guessed,
                unplaced: tensors.unplaced,
            },
            unused_tokens,
            tokenizer: tokenizer.map(|vocabulary| Vocabulary {
                tokens: vocabulary.tokens,
                controls: vocabulary.controls,
                sampled: vocabulary.sampled,
            }),
            problems: side.problems.iter().map(WeightProblem::of).collect(),
        }
    }
}

impl SideKind {
    fn of(side: &Side) -> Self {
        if side.is_fingerprint { Self::Fingerprint } else { Self::Model }
    }
}

impl WeightProblem {
    fn of(trouble: &Trouble) -> Self {
        let Trouble { path, tensor, what, remedy } = trouble.clone();
        Self { path, tensor, what, remedy }
    }
}

impl Comparison {
    fn of(compared: Compared<'_>) -> Self {
        let result = compared.result;
        Self {
            schema_version: 1,
            suspect: ComparedSide::of(compared.suspect),
            base: ComparedSide::of(compared.base),
            verdict: Verdict::of(result.verdict),
            groups: result.groups.iter().map(Group::of).collect(),
            layer_map: result
                .layer_map
                .iter()
                .map(|LayerMatch { suspect, base, z }| (*suspect, *base, rounded(*z)))
                .collect(),
            identical_tensors: result.identical_tensors,
            compared_tensors: result.compared_tensors,
            caveats: result.caveats.iter().map(CaveatNote::of).collect(),
            sensitivity: result.sensitivity.map(rounded),
            false_positives_at_most: result.false_positives_at_most,
            robust: result.robust.as_ref().map(RobustMode::of),
            tokenizer: result.tokenizer.as_ref().map(VocabularyComparison::of),
        }
    }
}

impl ComparedSide {
    fn of(side: &Side) -> Self {
        Self {
            path: side.path.clone(),
            kind: SideKind::of(side),
            name: side.description.name.clone(),
            problems: side.problems.iter().map(WeightProblem::of).collect(),
        }
    }
}

impl Verdict {
    pub(super) fn of(verdict: forebear_types::weights::Verdict) -> Self {
        use forebear_types::weights::Verdict as V;
        match verdict {
            V::Identical => Self::Identical,
            V::SharedWeights => Self::SharedWeights,
            V::SharedEmbeddings => Self::SharedEmbeddings,
            V::SharedSeedPossible => Self::SharedSeedPossible,
            V::Weak => Self::Weak,
            V::None => Self::None,
            V::Withheld => Self::Withheld,
        }
    }
}

impl Group {
    fn of(result: &GroupResult) -> Self {
        Self {
            name: result.group.name().to_owned(),
            z: rounded(result.z),
            p: result.p.p,
            n: result.features,
            corrected_p: result.corrected,
            draws: result.p.draws,
            reached: result.p.reached,
            dimensions: result.dimensions,
            alignment: match result.alignment {
                Alignment::Number => "number",
                Alignment::Map => "map",
                Alignment::Assigned => "assigned",
            }
            .to_owned(),
        }
    }
}

impl CaveatNote {
    fn of(caveat: &Caveat) -> Self {
        Self { name: caveat.name().to_owned(), sentence: caveat.sentence() }
    }
}

impl RobustMode {
    fn of(robust: &Robust) -> Self {
        Self {
            groups: robust.groups.iter().map(Group::of).collect(),
            features: robust.features,
            dimensions: robust.dimensions,
            in_place: robust.in_place,
        }
    }
}

impl VocabularyComparison {
    fn of(comparison: &TokenizerComparison) -> Self {
        Self {
            relation: comparison.relation.name().to_owned(),
            suspect_in_base: comparison.suspect_in_base.map(rounded),
            base_in_suspect: comparison.base_in_suspect.map(rounded),
            jaccard: comparison.jaccard.map(rounded),
            shared: comparison.shared,
            equal_ids: rounded(comparison.equal_ids),
            offset: comparison.offset.map(|(by, share)| Offset { by, share: rounded(share) }),
            spearman: comparison.spearman.map(rounded),
            controls_shared: comparison.controls_shared.map(rounded),
        }
    }
}
