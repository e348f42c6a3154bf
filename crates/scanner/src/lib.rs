//! The part of forebear that reads: sources (folders, the index, commits, model caches), file formats, git history.
//!
//! Everything here returns facts *and* problems: a file that cannot be examined is reported, never passed.
#![allow(clippy::disallowed_methods, reason = "this crate is where files and git are read")]

pub mod formats;
pub mod history;
pub mod native;
pub mod single;
pub mod source;
pub mod weights;
