//! Fingerprints of weights and vocabularies: whether one model's weights come from another's.
//!
//! The method, its derivation, its calibration and its limits stand in `docs/weights.md`. No I/O here: tensors come as
//! [`ModelWeights`](forebear_types::weights::ModelWeights), vocabularies and fingerprint files as values.

pub mod bits;
pub mod compare;
pub mod describe;
pub mod digest;
pub mod file;
pub mod fingerprint;
pub mod random;
pub mod sketch;
pub mod tokenizer;
pub mod unused;
pub mod view;

pub use compare::{Comparison, compare};
pub use fingerprint::Fingerprint;
