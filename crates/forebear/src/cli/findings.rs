//! Arguments of the commands that explain and accept findings, and that write the configuration.

use std::path::PathBuf;

use clap::Args;

use super::{Catalogs, Target};

/// `forebear explain`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXPLAIN_HELP)]
pub struct Explain {
    /// A rule (`missing-license-text`), a licence by its SPDX id, `LicenseRef-…` or name on the Hub (`llama3.1`), a base model
    /// (`deepseek-ai/DeepSeek-R1`), or the fingerprint of a finding
    pub what: String,
    /// Where a finding is looked for.
    #[command(flatten)]
    pub target: Target,
    /// Take the finding from this JSON report instead of checking PATH
    #[arg(long, value_name = "FILE", conflicts_with_all = ["staged", "rev", "bases"])]
    pub report: Option<PathBuf>,
}

const EXPLAIN_HELP: &str = "PATH and its options matter for fingerprints only: PATH is checked, and the account of the finding goes from \
the bytes to the verdict. A fingerprint may be cut to its first 8 digits or more.";

/// `forebear waive`.
#[derive(Clone, Debug, Args)]
#[command(after_help = WAIVE_HELP)]
pub struct Waive {
    /// The fingerprint of the finding, or its first 8 digits or more
    pub fingerprint: String,
    /// Where the finding is looked for, and whose forebear.toml is written.
    #[command(flatten)]
    pub target: Target,
    /// Why the finding is accepted, in a sentence
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who accepts it
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// The last day on which the waiver holds
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
    /// Take the finding from this JSON report instead of checking PATH
    #[arg(long, value_name = "FILE", conflicts_with_all = ["staged", "rev", "bases"])]
    pub report: Option<PathBuf>,
}

const WAIVE_HELP: &str = "The waiver is written to forebear.toml in PATH, or to the FILE of --config. A new entry is put at the end; the \
entry of a finding that has one is changed in its place. Comments and order stay.\n\
Exit codes: 0 the waiver is there; 2 usage, no such finding, or a file that cannot be written.";

/// `forebear init`.
#[derive(Clone, Debug, Args)]
#[command(after_help = INIT_HELP)]
pub struct Init {
    /// Folder of the model
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Which base models are known.
    #[command(flatten)]
    pub catalogs: Catalogs,
}

const INIT_HELP: &str = "Every setting of the new file is commented out: what it says is what holds without it. A file that is there is \
never overwritten.\n\
Exit codes: 0 the file was written; 2 usage, or there is one.";
