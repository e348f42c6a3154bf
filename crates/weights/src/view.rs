//! The canonical view of a model: which tensor does what, in which layer, and on which side of it the residual stream is.
//!
//! The residual width `d` is the dimension that nearly all matrices of a transformer share: readers (query, key, value, gate, up) take
//! a vector of that length, writers (output, down) make one. Names say which is which where they are known; shapes and order say it
//! elsewhere. A fused matrix becomes its parts, a stack of experts its experts, a transposed layout an [`Axis`].
//!
//! Section “The sketch” of `docs/weights.md` needs no more than this: vectors over the residual dimensions.

mod anonymous;
mod fused;
mod layer;
mod names;
mod place;

use forebear_types::weights::{Attention, WeightTensor};

/// What a tensor, or a part of one, does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Reads the residual stream into queries.
    Query = 0,
    /// Into keys.
    Key = 1,
    /// Into values.
    Value = 2,
    /// Writes what attention made.
    Output = 3,
    /// The gate of a gated feed-forward network.
    Gate = 4,
    /// The first matrix of a feed-forward network.
    Up = 5,
    /// The last one, which writes.
    Down = 6,
    /// As [`Role::Query`], of cross-attention.
    CrossQuery = 7,
    /// As [`Role::Key`], of cross-attention.
    CrossKey = 8,
    /// As [`Role::Value`], of cross-attention.
    CrossValue = 9,
    /// As [`Role::Output`], of cross-attention.
    CrossOutput = 10,
    /// The low-rank first half of the queries (multi-head latent attention).
    QueryDown = 11,
    /// The low-rank first half of keys and values.
    KeyValueDown = 12,
    /// Chooses experts.
    Router = 13,
    /// The gate of the expert that every token visits.
    SharedGate = 14,
    /// Its first matrix.
    SharedUp = 15,
    /// Its last matrix.
    SharedDown = 16,
    /// Queries, keys and values in one matrix whose order of rows depends on the number of heads, which is not known.
    QueryKeyValue = 17,
    /// The norm before attention.
    NormAttention = 32,
    /// The norm after attention.
    NormAttentionAfter = 33,
    /// The norm before the feed-forward network.
    NormFeedForward = 34,
    /// The norm after it.
    NormFeedForwardAfter = 35,
    /// The norm of cross-attention.
    NormCross = 36,
    /// The norm after the last layer.
    NormFinal = 37,
    /// The norm after the embeddings.
    NormEmbedding = 38,
    /// A vector for each token.
    Embedding = 48,
    /// A vector for each position.
    Position = 49,
    /// A vector for each segment.
    TokenType = 50,
    /// Turns the last residual vector into scores of tokens.
    Head = 51,
}

impl Role {
    /// Every role, in order of its number.
    pub const ALL: [Self; 29] = [
        Self::Query,
        Self::Key,
        Self::Value,
        Self::Output,
        Self::Gate,
        Self::Up,
        Self::Down,
        Self::CrossQuery,
        Self::CrossKey,
        Self::CrossValue,
        Self::CrossOutput,
        Self::QueryDown,
        Self::KeyValueDown,
        Self::Router,
        Self::SharedGate,
        Self::SharedUp,
        Self::SharedDown,
        Self::QueryKeyValue,
        Self::NormAttention,
        Self::NormAttentionAfter,
        Self::NormFeedForward,
        Self::NormFeedForwardAfter,
        Self::NormCross,
        Self::NormFinal,
        Self::NormEmbedding,
        Self::Embedding,
        Self::Position,
        Self::TokenType,
        Self::Head,
    ];

    /// The role with that number, as fingerprint files have it.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|role| *role as u8 == number)
    }

    /// Whether it is a matrix of a layer with the residual stream on one side.
    pub fn is_matrix(self) -> bool {
        (self as u8) < 32
    }

    /// Whether it is a gain (or bias) over the residual dimensions.
    pub fn is_norm(self) -> bool {
        (32..48).contains(&(self as u8))
    }

    /// Whether the matrix writes into the residual stream.
    pub fn writes(self) -> bool {
        matches!(self, Self::Output | Self::Down | Self::CrossOutput | Self::SharedDown)
    }
}

/// Where the residual dimension is in a matrix as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Outermost: element (i, r) for residual dimension i.
    First,
    /// Innermost: element (r, i).
    Last,
}

/// A tensor, or a part of one, whose role is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placed {
    /// Index into the model's tensors.
    pub tensor: usize,
    /// The layer, counted over all stacks (the stacks in order of their names); `None` outside layers.
    pub layer: Option<u16>,
    /// What it does.
    pub role: Role,
    /// Whether it is the bias that goes with a norm's gain.
    pub bias: bool,
    /// The number of the expert; 0 for a dense network, so that an expert made from one is compared with it.
    pub expert: u32,
    /// Which side the residual dimension is on. Vectors have it last.
    pub axis: Axis,
    /// The first element of the matrix in the tensor (experts are stacked).
    pub base: u64,
    /// The first row or column, counted on the other side than the residual dimension.
    pub first: u64,
    /// How many there are in this part.
    pub count: u64,
    /// How many of them follow each other: all, or those of one head where heads are interleaved.
    pub run: u64,
    /// From the first one of a run to the first one of the next.
    pub stride: u64,
    /// How many there are in the matrix as stored.
    pub stored: u64,
    /// Whether shape and order decided, not a name.
    pub guessed: bool,
}

impl Placed {
    /// The position of element (`free`, `residual`) in the tensor.
    pub fn position(&self, free: u64, residual: u64, width: u64) -> u64 {
        let free = self.first + free / self.run * self.stride + free % self.run;
        match self.axis {
            Axis::Last => self.base + free * width + residual,
            Axis::First => self.base + residual * self.stored + free,
        }
    }
}

/// The canonical view of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The residual width; 0 where there is none.
    pub width: u32,
    /// The number of layers over all stacks.
    pub layers: u16,
    /// What could be placed, in order of layer, role, bias and expert.
    pub placed: Vec<Placed>,
    /// Tensors that could not, by index, in order.
    pub unplaced: Vec<usize>,
    /// Why nothing was placed, where nothing was: a clause without a full stop.
    pub reason: Option<String>,
}

impl View {
    /// Looks at names, shapes and what the configuration says of attention; no values are read.
    pub fn of(tensors: &[WeightTensor], attention: &Attention) -> Self {
        place::view(tensors, attention)
    }

    /// The parts with that role, in order of layer and expert.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Placed> {
        self.placed.iter().filter(move |placed| placed.role == role)
    }
}
