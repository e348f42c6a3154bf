//! The tables of terms against the licence texts, and against the survey from which they were made.
//!
//! Texts outside the SPDX list are not part of the project: the tests look for them in the folder that `FOREBEAR_SHARED`
//! names and say plainly what they skip.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads texts and says what it skips"
)]

mod clauses;
mod consistency;
mod mended;
mod places;
mod survey;
mod texts;
