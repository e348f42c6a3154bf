//! Fingerprints of weights and vocabularies: whether one model's weights come from another's.
//!
//! The method, its derivation, its calibration and its limits stand in `docs/weights.md`.

pub mod bits;
pub mod digest;
pub mod random;
pub mod sketch;
pub mod view;
