//! All that is kept of a model.

use forebear_types::weights::{ModelWeights, ReadError};

use crate::digest::{TensorDigest, digests};
use crate::sketch::{Profile, Sketch, SketchOptions, Vocabulary};
use crate::tokenizer::TokenizerSketch;
use crate::unused::UnusedGram;
use crate::view::View;

/// The fingerprint of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// What its maker called it (`org/name@revision`); at most 255 bytes are kept.
    pub name: Option<String>,
    /// Why there is no sketch, where there is none: a clause without a full stop.
    pub reason: Option<String>,
    /// The sketch.
    pub sketch: Option<Sketch>,
    /// Bits of unused tokens.
    pub unused: Option<UnusedGram>,
    /// Digests of tensors, in order; `None` where none were asked for.
    pub digests: Option<Vec<TensorDigest>>,
    /// Tensors that anybody would have, and that have no digest for that.
    pub deterministic: u32,
    /// All tensors.
    pub tensors: u32,
    /// Tensors whose role was guessed from shape and order.
    pub guessed: u32,
    /// Tensors without a place in the view.
    pub unplaced: u32,
    /// The vocabulary.
    pub tokenizer: Option<TokenizerSketch>,
}

/// What a fingerprint is asked for.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// How much of the sketch.
    pub profile: Profile,
    /// Norms along residual dimensions: reads every matrix.
    pub column_norms: bool,
    /// Digests of tensors: reads every byte.
    pub digests: bool,
    /// Finds the row of a token by its bytes.
    pub vocabulary: Option<Vocabulary<'a>>,
    /// Tokens that training never saw, by bytes and row.
    pub unused: &'a [(&'a [u8], u64)],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { profile: Profile::DEFAULT, column_norms: true, digests: true, vocabulary: None, unused: &[] }
    }
}

impl Fingerprint {
    /// Reads a model. What could not be read is said, and the rest is kept.
    pub fn of(model: &dyn ModelWeights, options: Options<'_>) -> (Self, Vec<ReadError>) {
        let view = View::of(model.tensors(), &model.attention());
        let mut problems = Vec::new();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut guessed: Vec<usize> =
            view.placed.iter().filter(|part| part.guessed).map(|part| part.tensor).collect();
        guessed.dedup();
        let mut made = Self {
            reason: view.reason.clone(),
            tensors: count(model.tensors().len()),
            guessed: count(guessed.len()),
            unplaced: count(view.unplaced.len()),
            ..Self::default()
        };
        if view.width > 0 {
            let sketch = SketchOptions {
                profile: options.profile,
                column_norms: options.column_norms,
                vocabulary: options.vocabulary,
            };
            let (sketch, found) = Sketch::of(model, &view, sketch);
            problems.extend(found);
            if sketch.keys.is_empty() {
                made.reason = Some("no feature of it could be used".to_owned());
            } else {
                made.sketch = Some(sketch);
            }
            match UnusedGram::of(model, &view, options.unused) {
                Ok(unused) => made.unused = unused,
                Err(error) => problems.push(error),
            }
        }
        if options.digests {
            let (digests, deterministic, found) = digests(model, &view);
            made.digests = Some(digests);
            made.deterministic = deterministic;
            problems.extend(found);
        }
        problems.sort();
        problems.dedup();
        (made, problems)
    }
}
