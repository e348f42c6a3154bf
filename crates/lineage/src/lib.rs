//! Who a model descends from.
//!
//! [`catalog`] holds facts about published base models. The signals compare what a repository holds with
//! it, and [`trace()`] joins what they say into hops with evidence for and against. [`parameters`] counts the
//! parameters of a model from its configuration, and [`upstream`] compares with a local copy of a suspected base. Nothing here reads files.

pub mod catalog;
mod digest_table;
pub mod fingerprints;
mod hub_id;
pub mod parameters;
mod signals;
mod subject;
mod table;
mod tensors;
mod tokenizer_table;
mod trace;
pub mod twins;
pub mod upstream;
mod vocabularies;

pub use signals::claims::{Claim, ClaimKind, claims};
pub use signals::prose::named_in_prose;
pub use trace::{Traced, trace};
