//! The vocabulary of forebear.
//!
//! Plain values with an order and a few invariants. This crate does no I/O, knows no git library and no
//! serialisation format: machine formats own their output types (`forebear-report`), readers own their parsers
//! (`forebear-scanner`).
//!
//! The values follow the questions that forebear answers: what is here ([`fact`]), who does it descend from
//! ([`lineage`]), what is owed ([`obligation`]), is it done ([`finding`]; [`edit`] would do it), since when ([`history`]). A [`run::Run`]
//! holds all of them for one repository.

pub mod config;
pub mod edit;
pub mod fact;
pub mod finding;
pub mod history;
pub mod id;
pub mod license;
pub mod lineage;
pub mod location;
pub mod obligation;
pub mod path;
pub mod run;
pub mod shell;
pub mod time;
pub mod upstream;
pub mod weights;

pub use id::{LicenseId, ModelId, ObjectId, RuleId, Sha256};
pub use location::{ByteSpan, LineSpan, Located, Location, Snapshot};
pub use path::RepoPath;
pub use time::Time;
