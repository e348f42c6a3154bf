//! Tensors with their values: what a fingerprint of a model is made from.
//!
//! A model may have hundreds of gigabytes, so nothing here holds a whole tensor: whoever wants values asks for a range of
//! elements, and gets them as 32-bit floats whatever the file holds.

use crate::RepoPath;

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
