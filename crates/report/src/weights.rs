//! What the renderers of `forebear fingerprint` and `forebear compare` are given.

pub(crate) mod words;

use forebear_types::weights::LayerOf;
use forebear_weights::Comparison;
use forebear_weights::compare::LayerMatch;
use forebear_weights::describe::Description;

/// One side of a comparison, or the model that was fingerprinted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The path as given on the command line.
    pub path: String,
    /// Whether it is a fingerprint file; else tensors were read.
    pub is_fingerprint: bool,
    /// What its fingerprint holds.
    pub description: Description,
    /// What could not be read.
    pub problems: Vec<Trouble>,
}

/// Something that could not be read, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// The file, inside of the model; empty for the model as a whole.
    pub path: String,
    /// The tensor, where one is to blame.
    pub tensor: Option<String>,
    /// What happened, without a full stop.
    pub what: String,
    /// What to do about it, where there is something.
    pub remedy: Option<String>,
}

/// Two models and what a comparison says of them.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'c> {
    /// Whose origin is asked for.
    pub suspect: &'c Side,
    /// What it may come from.
    pub base: &'c Side,
    /// The result.
    pub result: &'c Comparison,
}

impl Compared<'_> {
    /// What the comparison comes to, in a sentence.
    pub(crate) fn verdict(&self) -> String {
        let (suspect, base) = (crate::safe::line(&self.suspect.path), crate::safe::line(&self.base.path));
        words::verdict(self.result.verdict, &suspect, &base)
    }

    /// The most similar layer of the base for each of the suspect's.
    pub(crate) fn layers(&self) -> Vec<LayerOf> {
        layers(self.result)
    }
}

pub(crate) fn layers(result: &Comparison) -> Vec<LayerOf> {
    let of = |one: &LayerMatch| LayerOf { suspect: one.suspect, base: one.base, z: one.z };
    result.layer_map.iter().map(of).collect()
}

impl Trouble {
    /// Where and what, on one line: `MODEL: FILE, tensor NAME: WHAT`.
    pub fn sentence(&self, side: &Side) -> String {
        let mut words = format!("{}: ", side.path);
        if !self.path.is_empty() && !side.path.ends_with(&self.path) {
            words.push_str(&self.path);
            words.push_str(if self.tensor.is_some() { ", " } else { ": " });
        }
        if let Some(tensor) = &self.tensor {
            words.push_str(&format!("tensor {tensor}: "));
        }
        words.push_str(&self.what);
        words
    }
}
