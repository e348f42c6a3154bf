//! What a fingerprint holds, as JSON: the frozen output of `forebear fingerprint --format json`, version 1.
//!
//! The bits themselves are in the file; this says what they are bits of. Fields are added, never renamed or given another meaning.

use serde::Serialize;

use crate::file::VERSION;
use crate::fingerprint::Fingerprint;
use crate::sketch::Group;

/// The description of a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Description {
    /// The version of the file format.
    pub version: u16,
    /// The name its maker gave it.
    pub name: Option<String>,
    /// Bytes of the file.
    pub bytes: usize,
    /// The sketch of weights.
    pub sketch: Option<SketchDescription>,
    /// Why there is none.
    pub reason: Option<String>,
    /// Tensors.
    pub tensors: TensorDescription,
    /// Unused tokens whose Gram bits it has.
    pub unused_tokens: usize,
    /// The vocabulary.
    pub tokenizer: Option<TokenizerDescription>,
}

/// The sketch of weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SketchDescription {
    /// The residual width.
    pub width: u32,
    /// Layers over all stacks.
    pub layers: u16,
    /// Sampled residual dimensions.
    pub dimensions: usize,
    /// Rows or columns of each matrix.
    pub rows: u8,
    /// Features of each group.
    pub features: Vec<GroupDescription>,
    /// How embeddings were chosen: `bytes` or `rows`.
    pub tokens_by: &'static str,
    /// Features that were constant.
    pub constant: u32,
    /// Features with values that are no numbers.
    pub not_finite: u32,
    /// Features that could not be read.
    pub unreadable: u32,
    /// Whether a table of fixed sinusoids is added to the residual stream.
    pub fixed_sinusoids: bool,
}

/// Features of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupDescription {
    /// `norms`, `weights`, `embeddings` or `column-norms`.
    pub name: &'static str,
    /// How many.
    pub features: usize,
}

/// Tensors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TensorDescription {
    /// All of them.
    pub count: u32,
    /// Those with a digest; `null` where none were taken.
    pub digests: Option<usize>,
    /// Those that anybody would have: constants, masks, tables of sinusoids.
    pub deterministic: u32,
    /// Those whose role was guessed from shape and order.
    pub guessed: u32,
    /// Those without a role.
    pub unplaced: u32,
}

/// The vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenizerDescription {
    /// Tokens that are no control tokens.
    pub tokens: u32,
    /// Control tokens.
    pub controls: u32,
    /// Tokens in the sample.
    pub sampled: usize,
}

impl Description {
    /// Describes a fingerprint.
    pub fn of(fingerprint: &Fingerprint) -> Self {
        Self {
            version: VERSION,
            name: fingerprint.name.clone(),
            bytes: fingerprint.to_bytes().len(),
            sketch: fingerprint.sketch.as_ref().map(|sketch| SketchDescription {
                width: sketch.width,
                layers: sketch.layers,
                dimensions: sketch.bits.columns(),
                rows: sketch.profile.rows,
                features: Group::ALL
                    .into_iter()
                    .map(|group| GroupDescription { name: group.name(), features: sketch.count(group) })
                    .collect(),
                tokens_by: if sketch.tokens_by_bytes { "bytes" } else { "rows" },
                constant: sketch.constant,
                not_finite: sketch.not_finite,
                unreadable: sketch.unreadable,
                fixed_sinusoids: sketch.fixed_sinusoids,
            }),
            reason: fingerprint.reason.clone(),
            tensors: TensorDescription {
                count: fingerprint.tensors,
                digests: fingerprint.digests.as_ref().map(Vec::len),
                deterministic: fingerprint.deterministic,
                guessed: fingerprint.guessed,
                unplaced: fingerprint.unplaced,
            },
            unused_tokens: fingerprint.unused.as_ref().map_or(0, |unused| unused.tokens.len()),
            tokenizer: fingerprint.tokenizer.as_ref().map(|tokenizer| TokenizerDescription {
                tokens: tokenizer.size,
                controls: tokenizer.controls,
                sampled: tokenizer.sample.len(),
            }),
        }
    }
}
