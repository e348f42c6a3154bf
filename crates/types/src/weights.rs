//! Tensors with their values: what a fingerprint of a model is made from.
//!
//! A model may have hundreds of gigabytes, so nothing here holds a whole tensor: whoever wants values asks for a range of
//! elements, and gets them as 32-bit floats whatever the file holds.

use crate::{ModelId, RepoPath};

/// One tensor that can be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeightTensor {
    /// Its name in the file.
    pub name: Box<str>,
    /// The file.
    pub path: RepoPath,
    /// Its dimensions, outermost first whatever order the file has. Elements are in row-major order of these.
    pub shape: Box<[u64]>,
    /// How elements are stored, as the format writes it (`BF16`, `F8_E4M3`, `Q4_K`, `FLOAT16`).
    pub element: Box<str>,
    /// Whether values went through a code of fewer than 8 bits, or of 8 bits with a scale: they are near what was trained, not equal.
    pub quantised: bool,
}

impl WeightTensor {
    /// The number of elements; `None` where the product is beyond 64 bits.
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1u64, |product, dimension| product.checked_mul(*dimension))
    }
}

/// Why values could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadError {
    /// The file.
    pub path: RepoPath,
    /// The tensor.
    pub tensor: Box<str>,
    /// What happened, a clause without a full stop.
    pub what: String,
}

/// What the configuration says of attention: fused matrices of some families cannot be taken apart without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attention {
    /// Heads of the queries.
    pub heads: Option<u64>,
    /// The family, as `model_type` has it; empty where it is not said.
    pub family: Box<str>,
}

/// A model whose tensors can be read, sharded or not.
pub trait ModelWeights {
    /// The tensors, in order of their names. A name occurs once.
    fn tensors(&self) -> &[WeightTensor];

    /// Reads elements `start..start + out.len()` of a tensor (index into [`ModelWeights::tensors`]) in row-major order.
    ///
    /// # Errors
    /// If the range is not in the tensor, the file is shorter than its header says, or an element type is not known.
    fn read(&self, tensor: usize, start: u64, out: &mut [f32]) -> Result<(), ReadError>;

    /// Feeds the tensor's bytes, as the file has them, in pieces: for digests. Two tensors with equal bytes, shapes and element types
    /// are the same tensor.
    ///
    /// # Errors
    /// As [`ModelWeights::read`].
    fn bytes(&self, tensor: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), ReadError>;

    /// What the configuration beside the tensors says of attention. Nothing, where there is none.
    fn attention(&self) -> Attention {
        Attention::default()
    }
}

/// Tokens that most vocabularies have, by their bytes, in order of preference: common English words as one token with and without the
/// space before, then letters and digits. A sketch takes the first ones that the vocabulary has; the place in this list is the key
/// of the feature, so that vocabularies that lack some of them can still be compared. The list is part of version 1: it never changes.
pub const ANCHORS: [&str; 96] = [
    "the", "of", "and", "to", "in", "is", "for", "that", "on", "with", "as", "by", "at", "from", "it", "be",
    "an", "are", "this", "was", "or", "not", "have", "which", "one", "all", "new", "more", "time", "other",
    " the", " of", " and", " to", " in", " is", " for", " that", " on", " with", " as", " by", " at",
    " from", " it", " be", " an", " are", " this", " was", " or", " not", " have", " which", " one", " all",
    " new", " more", " time", " other", "e", "t", "a", "o", "i", "n", "s", "h", "r", "d", "l", "u", "c", "m",
    "w", "f", "g", "y", "p", "b", "v", "k", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", ",", "-",
    ":",
];

/// What a comparison of two models' weights comes to; section "Compare two models" of `docs/weights.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Both hold the same tensors, byte for byte.
    Identical,
    /// Weights of layers come from one training.
    SharedWeights,
    /// Embeddings and the residual basis do, the blocks do not (or their rows are permuted).
    SharedEmbeddings,
    /// One training or one seed: these tests cannot tell.
    SharedSeedPossible,
    /// Something, too weak to conclude.
    Weak,
    /// Nothing, as far as the sensitivity reaches.
    None,
    /// The assumptions of the test do not hold, or there was nothing to test.
    Withheld,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::SharedWeights => "shared-weights",
            Self::SharedEmbeddings => "shared-embeddings",
            Self::SharedSeedPossible => "shared-seed-possible",
            Self::Weak => "weak",
            Self::None => "none",
            Self::Withheld => "withheld",
        }
    }

    /// Whether it shows that one of the two is made from the other, or both from a third.
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Identical | Self::SharedWeights)
    }
}

/// The test of one group of features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightTest {
    /// `norms`, `weights`, `embeddings`, `column-norms` or `unused-tokens`.
    pub group: &'static str,
    /// The statistic in standard deviations over orders of the residual dimensions.
    pub z: f64,
    /// The p-value, counted over random orders and multiplied by the tests made: groups, alignments, bases.
    pub p: f64,
    /// Features that both have.
    pub features: usize,
    /// Residual dimensions that both have; tokens for `unused-tokens`.
    pub dimensions: usize,
}

/// Which layer of the base a layer of the suspect is most like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerOf {
    /// The suspect's layer, from 0 over all stacks.
    pub suspect: u16,
    /// The base's; `None` where none is like it beyond chance.
    pub base: Option<u16>,
    /// The greatest z over the base's layers.
    pub z: f64,
}

/// One model of the repository, compared with the fingerprint of a base.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightComparison {
    /// The folder of the model here.
    pub subject: RepoPath,
    /// The first of its weight files that were read.
    pub file: RepoPath,
    /// Whether its weights went through a code of few bits.
    pub quantised: bool,
    /// The base, as its fingerprint names it; in the catalog's spelling where the catalog knows it.
    pub base: ModelId,
    /// The revision that the fingerprint names.
    pub revision: Option<String>,
    /// Where the fingerprint is from: `embedded`, or the name of its file.
    pub source: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// The tests.
    pub tests: Vec<WeightTest>,
    /// Layer by layer, by the suspect's number. Layers that share no feature with any of the base's are left out.
    pub layer_map: Vec<LayerOf>,
    /// z for each layer of `layer_map` (outer) and each of `base_layers` (inner), for a picture; NaN where two share no feature.
    pub layer_z: Vec<Vec<f32>>,
    /// Layers of the base that have features.
    pub base_layers: Vec<u16>,
    /// Tensors of the suspect whose bytes the base has; `None` where digests were not compared.
    pub identical_tensors: Option<u32>,
    /// Tensors of the suspect whose digests were compared.
    pub compared_tensors: u32,
    /// Whether both have residual streams of one width: dimensions were then compared by number.
    pub same_width: bool,
    /// Whether dimensions were assigned to each other, as for a copy whose dimensions are permuted or pruned.
    pub robust: bool,
    /// What the verdict rests on and cannot see: sentences.
    pub caveats: Vec<String>,
    /// The least correlation of raw weights that would have been seen; `None` where rows of matrices were not compared.
    pub sensitivity: Option<f64>,
    /// Other bases that the model was found to share weights with, and whose fingerprints share weights with this one's: one line.
    pub kin: Vec<ModelId>,
}

impl WeightComparison {
    /// The test of a group.
    pub fn test(&self, group: &str) -> Option<&WeightTest> {
        self.tests.iter().find(|test| test.group == group)
    }

    /// Whether it says that the two are independent: nothing was found, and what is left would be a weak correlation. A copy with
    /// permuted dimensions would have been seen too. Of streams of different widths nothing is said: another part of a model of several
    /// parts may be the one that matters.
    pub fn is_negative(&self) -> bool {
        self.verdict == Verdict::None
            && self.same_width
            && self.robust
            && self.sensitivity.is_some_and(|least| least <= Self::TELLING)
    }

    /// A test that would not have seen a correlation of this size says little about descent. Training goes on from the base's values
    /// and keeps far more (.8 after twice as many steps as the base had; `docs/weights.md`); a merge keeps this much of a model that
    /// gave it a fifth: .2 / sqrt(.2^2 + .8^2) = .24, for parts of equal variance.
    pub const TELLING: f64 = 0.25;
}
