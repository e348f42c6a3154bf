//! Arguments of the commands that look into weights.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;

/// `forebear fingerprint`.
#[derive(Clone, Debug, Args)]
#[command(after_help = FINGERPRINT_HELP)]
pub struct Fingerprint {
    /// Folder of a model, model cache folder, weight file, or a fingerprint file, which is described
    pub path: PathBuf,
    /// Write the fingerprint to FILE, and print its description only if --format asks for it
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the description [default: text]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The name that the fingerprint bears, as reports are to show it: `org/name@revision`
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Sampled residual dimensions: more of them see more, in a larger fingerprint; 256 take twice the rows and tokens, too.
    /// Fingerprints of one number are compared best
    #[arg(long, value_name = "64|128|256", default_value = "128", value_parser = ["64", "128", "256"], hide_possible_values = true)]
    pub dimensions: String,
    /// Take norms of whole matrices along residual dimensions, which reads every byte, and finds copies with permuted rows
    #[arg(long)]
    pub column_norms: bool,
    /// Take no digests of tensors: reads little of the weights, and identical tensors are not found
    #[arg(long)]
    pub no_digests: bool,
}

const FINGERPRINT_HELP: &str = "A model gives the same fingerprint wherever and whenever it is made. What could not be read is said on \
standard error and in JSON.\n\
Exit codes: 0 a fingerprint was made or described; 2 usage, or no fingerprint that can be read; 3 no tensors there.";

/// `forebear compare`.
#[derive(Clone, Debug, Args)]
#[command(after_help = COMPARE_HELP)]
pub struct Compare {
    /// The suspect: folder of a model, weight file or fingerprint file
    #[arg(value_name = "SUSPECT")]
    pub suspect: PathBuf,
    /// What it may come from: the same
    #[arg(value_name = "BASE")]
    pub base: PathBuf,
    /// Random orders to draw for the p-values, at most: the least p is one in so many
    #[arg(long, value_name = "N", default_value_t = 999_999, value_parser = clap::value_parser!(u64).range(99..=100_000_000))]
    pub draws: u64,
    /// Whether residual dimensions are assigned to each other, which finds permuted and pruned copies; the suspect must be a model
    #[arg(long, value_enum, default_value_t)]
    pub robust: Robust,
    /// Format of the report
    #[arg(long, value_enum, default_value_t)]
    pub format: CompareFormat,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Report formats of `forebear compare`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// For people
    #[default]
    Text,
    /// JSON, schema version 1
    Json,
    /// One self-contained page, to look at and to show
    Html,
    /// The layer map as a picture
    Svg,
}

/// When residual dimensions are assigned to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Robust {
    /// Where the direct tests are silent or impossible
    #[default]
    Auto,
    /// Whatever the direct tests say
    Always,
    /// Not at all
    Never,
}

const COMPARE_HELP: &str = "It shows whether two models' weights have a common origin, not who was first. The verdict decides no exit \
code: read it from --format json.\n\
Exit codes: 0 compared; 2 usage, or no fingerprint that can be read; 3 nothing to compare.";
