//! Tensors by name and shape, as the headers of weight files and their indexes list them.

use super::WeightsFormat;

/// From what a list of tensors was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TensorSource {
    /// The header of a weight file: names, types and shapes.
    Header(WeightsFormat),
    /// An index of sharded weights (`*.index.json`): names only.
    Index(WeightsFormat),
}

impl TensorSource {
    /// Whether the list comes from the weight file itself.
    pub fn is_header(self) -> bool {
        matches!(self, Self::Header(_))
    }
}

/// One tensor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tensor {
    /// Its name in the file.
    pub name: Box<str>,
    /// The element type as the format writes it (`BF16`, `Q4_K`, `FloatStorage`); empty where only the name is known.
    pub element: Box<str>,
    /// Its dimensions, outermost first whatever order the file has; `None` where only the name is known.
    pub shape: Option<Box<[u64]>>,
}

/// The tensors that one file lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensors {
    /// From what.
    pub source: TensorSource,
    /// The tensors, in order of their names.
    pub tensors: Vec<Tensor>,
    /// Free metadata of the file (`__metadata__` of safetensors, `metadata` of an index), in order of the keys; values that
    /// are no texts as JSON. Long ones are left out.
    pub metadata: Vec<(String, String)>,
    /// Whether the whole list was read. `false` comes with a [`Problem`](super::Problem).
    pub complete: bool,
}

impl Tensor {
    /// The number of elements; `None` without a shape, and where the product is beyond 64 bits.
    pub fn elements(&self) -> Option<u64> {
        self.shape.as_ref()?.iter().try_fold(1u64, |product, dimension| product.checked_mul(*dimension))
    }
}
