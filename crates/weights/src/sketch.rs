//! The sketch RDX (residual-dimension exchangeability), version 1: one bit per feature and sampled residual dimension.
//!
//! A feature is a vector over the residual dimensions: a norm's gain, a row of a matrix that reads the residual stream, a column of
//! one that writes it, the embedding of a token, or the norm of a matrix along each residual dimension. Of each, the sketch keeps
//! whether the value in a sampled dimension is above the median of the sampled ones. Ranks survive positive scales and shifts, rounding
//! and the folding of positive gains. Definition: section "The sketch" of `docs/weights.md`.

mod collect;
mod norms;
mod tokens;

use forebear_types::weights::{ModelWeights, ReadError};

use crate::bits::BitRows;
use crate::view::{Role, View};

pub use tokens::TOKENS;

/// What a feature is made of. Tests are made for each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Group {
    /// Gains and biases of norms.
    Norms = 0,
    /// Rows and columns of the matrices of layers.
    Weights = 1,
    /// Embeddings of tokens.
    Embeddings = 2,
    /// Norms of whole matrices along each residual dimension.
    ColumnNorms = 3,
}

impl Group {
    /// All groups, in order.
    pub const ALL: [Self; 4] = [Self::Norms, Self::Weights, Self::Embeddings, Self::ColumnNorms];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Norms => "norms",
            Self::Weights => "weights",
            Self::Embeddings => "embeddings",
            Self::ColumnNorms => "column-norms",
        }
    }
}

/// Which feature of a group. Two features are compared if their keys are equal (for the layer map: but for the layer).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeatureKey {
    /// The group.
    pub group: Group,
    /// The layer plus one; 0 outside layers.
    pub layer: u16,
    /// The role.
    pub role: Role,
    /// Norms: 0 gain, 1 bias. Weights: which row (see [`row_slot`]) of which expert. Embeddings: the place in [`TOKENS`], or the token's id.
    pub slot: u16,
}

/// How much a sketch keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Profile {
    /// Sampled residual dimensions; never more than there are.
    pub dimensions: u32,
    /// Rows or columns of each matrix.
    pub rows: u8,
    /// Tokens.
    pub tokens: u8,
}

impl Profile {
    /// 64 dimensions: half a kilobyte for a small encoder.
    pub const MINI: Self = Self { dimensions: 64, rows: 1, tokens: 8 };
    /// 128 dimensions: the default.
    pub const DEFAULT: Self = Self { dimensions: 128, rows: 1, tokens: 16 };
    /// 256 dimensions, twice the rows and tokens.
    pub const FULL: Self = Self { dimensions: 256, rows: 2, tokens: 32 };

    /// As this, with every residual dimension: what robust comparison needs of the suspect.
    pub fn all_dimensions(self) -> Self {
        Self { dimensions: u32::MAX, ..self }
    }
}

/// Finds the row of a token by its bytes.
pub type Vocabulary<'a> = &'a dyn Fn(&[u8]) -> Option<u64>;

/// What a sketch is asked for.
#[derive(Clone, Copy)]
pub struct SketchOptions<'a> {
    /// How much.
    pub profile: Profile,
    /// Whether norms along residual dimensions are taken, which reads every matrix.
    pub column_norms: bool,
    /// The vocabulary: finds the row of a token by its bytes. Without one, rows are chosen by number.
    pub vocabulary: Option<Vocabulary<'a>>,
}

/// The bits, and what they are bits of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// The residual width.
    pub width: u32,
    /// Layers over all stacks.
    pub layers: u16,
    /// The profile that was asked for.
    pub profile: Profile,
    /// Whether tokens were chosen by their bytes.
    pub tokens_by_bytes: bool,
    /// What each row is, in order, each once.
    pub keys: Vec<FeatureKey>,
    /// A row for each key, a bit for each of [`Sketch::dimensions`].
    pub bits: BitRows,
    /// Features whose values were all equal or split to one side: gains of one, zeroed tensors.
    pub constant: u32,
    /// Features with values that are no numbers.
    pub not_finite: u32,
    /// Features that could not be read.
    pub unreadable: u32,
    /// Whether a table of fixed sinusoids is added to the residual stream: dimensions are then not exchangeable.
    pub fixed_sinusoids: bool,
}

impl Sketch {
    /// Sketches a model. What could not be read is said, and the rest is sketched.
    pub fn of(model: &dyn ModelWeights, view: &View, options: SketchOptions<'_>) -> (Self, Vec<ReadError>) {
        collect::sketch(model, view, options)
    }

    /// The sampled residual dimensions: `floor(i * d / n)`.
    pub fn dimensions(&self) -> Vec<u32> {
        dimensions(self.width, self.profile.dimensions)
    }

    /// How many features of a group it has.
    pub fn count(&self, group: Group) -> usize {
        self.keys.iter().filter(|key| key.group == group).count()
    }
}

/// `floor(i * d / n)` for `i < n`, `n` at most `d`.
pub fn dimensions(width: u32, asked: u32) -> Vec<u32> {
    let count = u64::from(asked.min(width));
    (0..count).map(|index| (index * u64::from(width) / count) as u32).collect()
}

/// The slot of row `j` of `m`: rows of sketches with different `m` are at other places and must not be compared.
pub fn row_slot(row: u8, rows: u8, expert: u16) -> u16 {
    let start = u16::from(rows) * (u16::from(rows).saturating_sub(1)) / 2;
    expert.min(15) << 8 | (start + u16::from(row)).min(255)
}
