//! forebear, the program: arguments, configuration, terminal, exit codes, and the pipeline that joins the crates.
//!
//! The library half exists for tests and benchmarks of the pipeline; the program is `src/main.rs`.
#![allow(
    clippy::disallowed_methods,
    reason = "the binary is where arguments, environment, clock and files come in"
)]

mod by_weights;
mod cache;
mod catalogs;
pub mod cli;
mod commands;
pub mod config;
pub mod error;
mod evidence;
pub mod exit;
mod fix;
pub mod interrupt;
pub mod pipeline;
mod prints;
mod progress;
mod report_file;
mod revision;
mod upstream;
mod weights;
mod whole_file;

pub use commands::run;
