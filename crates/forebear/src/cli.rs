//! Arguments.

mod findings;
mod reports;
mod weights;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use findings::{Explain, Init, Waive};
pub use reports::{Output, Place, Reports};
pub use weights::{Compare, CompareFormat, Fingerprint, Robust};

/// Licence compliance for machine-learning model repositories: names a model's ancestors, says what is owed to them,
/// what is missing and since when.
#[derive(Clone, Debug, Parser)]
#[command(name = "forebear", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 usage or configuration; \
3 nothing to check here; 4 incomplete and --strict; 70 a bug in forebear; 130 interrupted.\n\
forebear reports facts and duties with their clauses. It is not legal advice.";

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Check a model repository: facts, lineage, obligations, findings
    Check(Check),
    /// Show the life of every legal file and declaration, oldest first, and since when what is owed was missing
    History(Look),
    /// Show who the model descends from, with the evidence for and against
    Lineage(Lineage),
    /// Print or write the attribution notice that is owed to every ancestor
    Notice(Notice),
    /// Explain a rule, a licence, a base model, or how a finding came about
    Explain(Explain),
    /// Accept a finding: write a waiver with its reason into forebear.toml
    Waive(Waive),
    /// Write a commented forebear.toml, and say which licence and bases were found
    Init(Init),
    /// List the rules
    Rules,
    /// List the licences that are known, show what one asks, or identify licence texts
    Licenses(Licenses),
    /// List the base models that are known, show one with its sources, or write an entry for one more
    Models(Models),
    /// Make the fingerprint of a model's weights: a few kilobytes that show later whether another model comes from it
    Fingerprint(Fingerprint),
    /// Say whether one model's weights come from another's, with a p-value; of models or their fingerprints
    Compare(Compare),
    /// Print the completions of a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(Completions),
    /// Print the manual page of forebear or of one of its commands, or write all of them into a folder
    Man(Man),
}

/// `forebear completions`.
#[derive(Clone, Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

const COMPLETIONS_HELP: &str = "Bash: forebear completions bash > ~/.local/share/bash-completion/completions/forebear\n\
Zsh: forebear completions zsh > a folder of $fpath, as _forebear\n\
Fish: forebear completions fish > ~/.config/fish/completions/forebear.fish";

/// `forebear man`.
#[derive(Clone, Debug, Args)]
pub struct Man {
    /// The command, with those below it: `licenses identify`; without, the page of forebear itself
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub output: Option<PathBuf>,
}

/// What to look at.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// Folder of the model: a work tree, a bare repository, a plain folder, or a model cache folder
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Which state of it.
    #[command(flatten)]
    pub state: State,
}

/// Which state of a repository to look at, and what is known beside it.
#[derive(Clone, Debug, Args)]
pub struct State {
    /// Check the staged index, as a pre-commit hook does
    #[arg(long, conflicts_with = "rev")]
    pub staged: bool,
    /// Look at one commit. `check` and `history` take A..B too: the commit B, and of its history what A does not reach
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// State the base model yourself; may be repeated
    #[arg(long = "base", value_name = "MODEL[@REV]")]
    pub bases: Vec<String>,
    /// Configuration to use instead of forebear.toml at the root of PATH
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Which base models are known.
    #[command(flatten)]
    pub catalogs: Catalogs,
    /// Compare the weights with this fingerprint of a base, or with all in a folder (see `forebear fingerprint`); may be repeated
    #[arg(long, value_name = "PATH")]
    pub fingerprints: Vec<PathBuf>,
}

/// Base models beside the embedded ones.
#[derive(Clone, Debug, Default, Args)]
pub struct Catalogs {
    /// Add the base models of this file to those that are known (see `forebear models add`); may be repeated
    #[arg(long = "catalog", value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// How far a history is looked into.
#[derive(Clone, Debug, Default, Args)]
pub struct Reach {
    /// Walk all references too: branches, tags, linked work trees, proposals. What others propose is shown apart, not judged
    #[arg(long)]
    pub all_refs: bool,
    /// Look at commits that no reference reaches any more, too
    #[arg(long)]
    pub unreachable: bool,
    /// Read all of the history anew, and keep nothing of it in the cache folder
    #[arg(long)]
    pub no_cache: bool,
    /// How objects are read; the report is the same
    #[arg(long, value_enum, default_value_t, hide = true)]
    pub engine: Engine,
}

/// How objects are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Whatever fits the repository
    #[default]
    Fitting,
    /// One by one
    Objects,
    /// Packs in their order
    Packs,
}

/// How to report.
#[derive(Clone, Debug, Default, Args)]
pub struct Reporting {
    /// Format of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `forebear check`.
#[derive(Clone, Debug, Args)]
pub struct Check {
    /// Folders of models: work trees, bare repositories, plain folders, or model cache folders. Several make one report
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which state of them.
    #[command(flatten)]
    pub state: State,
    /// How to report.
    #[command(flatten)]
    pub reports: Reports,
    /// Compare with a local clone of the suspected base: legal files that were not copied, texts altered, what is the same
    #[arg(long, value_name = "DIR")]
    pub upstream: Option<PathBuf>,
    /// Walk the whole history reachable from HEAD, however long, and put the timeline into the report
    #[arg(long)]
    pub history: bool,
    /// How far the history is looked into.
    #[command(flatten)]
    pub reach: Reach,
    /// Tell findings that stood at this commit already from new ones, which alone count for the exit code; with --rev A..B it
    /// is A unless this says otherwise
    #[arg(long, value_name = "COMMIT")]
    pub baseline: Option<String>,
    /// For whom the text report is written; other formats do not change [default: maintainer]
    #[arg(long, value_enum)]
    pub persona: Option<Persona>,
    /// Add what is missing and check again: `safe` adds files and front-matter keys only, `all` also adds lines to files
    #[arg(long, value_enum, value_name = "REACH", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub fix: Option<Fix>,
    /// Print what --fix would change as a patch instead of a report, and write nothing
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// End with exit code 1 if a finding is at least this severe
    #[arg(long, value_enum, default_value_t = FailOn::Violation)]
    pub fail_on: FailOn,
    /// End with exit code 4 if anything could not be examined
    #[arg(long)]
    pub strict: bool,
    /// End with exit code 0 instead of 3 where there is nothing to check
    #[arg(long)]
    pub allow_empty: bool,
}

/// How far `--fix` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fix {
    /// Add files and front-matter keys; nothing that is there is changed
    Safe,
    /// Add lines to files that are there as well
    All,
}

/// `forebear notice`.
#[derive(Clone, Debug, Args)]
pub struct Notice {
    /// What to look at.
    #[command(flatten)]
    pub target: Target,
    /// Take texts that forebear does not have from a local clone of the base
    #[arg(long, value_name = "DIR")]
    pub upstream: Option<PathBuf>,
    /// Write it into the repository: into the file that has it, else into NOTICE or THIRD_PARTY_NOTICES.txt
    #[arg(long)]
    pub write: bool,
}

/// `forebear history`.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// What to look at.
    #[command(flatten)]
    pub target: Target,
    /// How to report.
    #[command(flatten)]
    pub reports: Reports,
    /// How far the history is looked into.
    #[command(flatten)]
    pub reach: Reach,
    /// Show what happened on this day or later (2026-01-31, or a moment as in RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Show what happened on this day or earlier
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Show what happened to this file, or in this folder; may be repeated
    #[arg(long = "path", value_name = "FILE")]
    pub paths: Vec<String>,
    /// End with exit code 4 if anything could not be examined
    #[arg(long)]
    pub strict: bool,
}

/// `forebear lineage`.
#[derive(Clone, Debug, Args)]
pub struct Lineage {
    /// What to look at.
    #[command(flatten)]
    pub target: Target,
    /// Compare with a local clone of the suspected base
    #[arg(long, value_name = "DIR")]
    pub upstream: Option<PathBuf>,
    /// Format of the report
    #[arg(long, value_enum, default_value_t = LineageFormat::Text)]
    pub format: LineageFormat,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `forebear licenses`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Licenses {
    /// `show` or `identify`; without, the list.
    #[command(subcommand)]
    pub command: Option<LicensesCommand>,
    /// List only licences that hold this word in their id, title, class or name on the Hub
    pub word: Option<String>,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// The commands below `forebear licenses`.
#[derive(Clone, Debug, Subcommand)]
pub enum LicensesCommand {
    /// Show what is known of a licence: its duties with their clauses, what it withholds, its names on the Hub
    Show(LicensesShow),
    /// Say which licence texts files hold, how whole and how unchanged they are, and whose copyright lines
    Identify(LicensesIdentify),
}

/// `forebear licenses show`.
#[derive(Clone, Debug, Args)]
pub struct LicensesShow {
    /// SPDX id or `LicenseRef-…`, in any case, or a name on the Hub (`llama3.1`)
    pub id: String,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// `forebear licenses identify`.
#[derive(Clone, Debug, Args)]
#[command(after_help = IDENTIFY_CODES)]
pub struct LicensesIdentify {
    /// Files to look at; `-` or none for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
    /// End with exit code 4 if anything could not be examined
    #[arg(long)]
    pub strict: bool,
}

const IDENTIFY_CODES: &str = "Exit codes: 0 a licence is there or named in at least one file; 2 usage, no such file, or a \
folder; 3 no licence in any file; 4 something could not be examined and --strict.";

/// `forebear models`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Models {
    /// `show` or `add`; without, the list.
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
    /// List only models that hold this word in their id, developer, family, other names, model type or licence
    pub word: Option<String>,
    /// Which base models are known.
    #[command(flatten)]
    pub catalogs: Catalogs,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// The commands below `forebear models`.
#[derive(Clone, Debug, Subcommand)]
pub enum ModelsCommand {
    /// Show what is known of a base model: its ancestors, its licences and since when, its configuration, and every source
    Show(ModelsShow),
    /// Write a catalog entry from a local copy of a publisher's repository
    Add(ModelsAdd),
}

/// `forebear models show`.
#[derive(Clone, Debug, Args)]
pub struct ModelsShow {
    /// Id on the Hub (`deepseek-ai/DeepSeek-R1`) in any case, another name of the model, or its address
    pub id: String,
    /// Which base models are known.
    #[command(flatten)]
    pub catalogs: Catalogs,
    /// How to report.
    #[command(flatten)]
    pub reporting: Reporting,
}

/// `forebear models add`.
#[derive(Clone, Debug, Args)]
#[command(after_help = ADD_HELP)]
pub struct ModelsAdd {
    /// Folder with the publisher's repository: a clone (its HEAD is read, so that Git LFS pointers count), a plain folder or a
    /// model cache folder
    #[arg(value_name = "DIR")]
    pub path: PathBuf,
    /// Id of the model on the Hub; without, that of the clone's remote or of the cache folder
    #[arg(long, value_name = "ORG/NAME")]
    pub id: Option<String>,
    /// Who made it; without, the developer that the catalog knows for the organisation, or its name
    #[arg(long, value_name = "NAME")]
    pub developer: Option<String>,
    /// Make the fingerprint of its weights, too, which reads all of them; write it to FILE, and name it in the entry
    #[arg(long, value_name = "FILE")]
    pub fingerprint: Option<PathBuf>,
    /// Write the entry to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

const ADD_HELP: &str = "What the folder does not say stays out of the entry and is listed on standard error. Read the entry before \
you use it with --catalog FILE.\n\
Exit codes: 0 an entry was written; 2 usage; 3 the folder says nothing of a model.";

/// Report formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// JSON, schema version 1
    Json,
}

/// Report formats of `forebear lineage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LineageFormat {
    /// For people
    Text,
    /// JSON, schema version 1
    Json,
    /// A graph for Graphviz: `forebear lineage --format dot | dot -Tpdf -o lineage.pdf`
    Dot,
    /// A picture
    Svg,
}

/// For whom a text report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Persona {
    /// What has to be fixed: unmet findings, those with a known fix first
    Publisher,
    /// The verdict with its evidence, the checklist, and what changed last
    Maintainer,
    /// Everything: all evidence, met duties, all history, whatever was not examined
    Auditor,
}

/// From which severity on the exit code says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Violations only
    Violation,
    /// Violations and warnings
    Warning,
    /// Never: the exit code is 0 whatever is found
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
