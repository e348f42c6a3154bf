//! Everything that one run says about one repository.

use crate::fact::{Fact, Problem};
use crate::finding::{Exposure, Finding, Level, Severity};
use crate::history::{Event, History};
use crate::lineage::Lineage;
use crate::obligation::Obligation;
use crate::upstream::UpstreamComparison;
use crate::weights::WeightComparison;
use crate::{LicenseId, Location, ModelId, ObjectId, RepoPath, RuleId, Snapshot, Time};

/// What kind of source was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// Files on disk.
    WorkTree,
    /// The staged index.
    Index,
    /// One commit.
    Commit,
    /// The whole history.
    History,
    /// A snapshot of a model cache.
    Cache,
}

impl SourceKind {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkTree => "worktree",
            Self::Index => "index",
            Self::Commit => "commit",
            Self::History => "history",
            Self::Cache => "cache",
        }
    }
}

/// What was examined, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Files listed.
    pub files: usize,
    /// Legal files read.
    pub legal_files: usize,
    /// Model cards read.
    pub cards: usize,
    /// Configurations read (`config.json`, `adapter_config.json`).
    pub configs: usize,
    /// Weight files seen, or pointers to them.
    pub weights: usize,
    /// Commits walked; `None` when there is no git history.
    pub commits: Option<usize>,
    /// Whether the whole history reachable from the head was walked.
    pub history_complete: bool,
}

/// What was examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    /// What kind of source.
    pub kind: SourceKind,
    /// The state of the repository that facts were read from.
    pub snapshot: Snapshot,
    /// The commit that history was walked from.
    pub head: Option<ObjectId>,
    /// In numbers.
    pub examined: Examined,
}

/// How many parameters a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parameters {
    /// All of them, without layers for multi-token prediction.
    pub total: u64,
    /// Those that take part in one token: of a mixture of experts the chosen experts, of the input embedding one row, which is
    /// not counted.
    pub active: u64,
}

/// From what parameters were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountedFrom {
    /// The shapes of all tensors.
    Shapes,
    /// The configuration, by the formula of its architecture.
    Configuration,
}

/// A model of the repository whose parameters could be counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelSize {
    /// The configuration, or the file with the tensors where there is none.
    pub location: Location,
    /// `model_type`, as written; empty where no configuration names one.
    pub model_type: String,
    /// How many.
    pub parameters: Parameters,
    /// From what.
    pub counted_from: CountedFrom,
}

/// One value of `license:` in a card, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeclaredLicense {
    /// The value as written; for `other` the name beside it, where there is one.
    pub written: String,
    /// The SPDX id, `LicenseRef-…` or SPDX expression that it stands for; `None` where no licence is known by it, or more than
    /// one is.
    pub expression: Option<String>,
}

/// What the publisher declares about the model, from its main card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// `license:` as written; several values joined by `, `.
    pub license: Option<String>,
    /// The values of `license:`, in order, each with what it stands for.
    pub licenses: Vec<DeclaredLicense>,
    /// `license_name:`.
    pub license_name: Option<String>,
    /// `license_link:`.
    pub license_link: Option<String>,
    /// `base_model:` of all cards and adapter configurations, as written, in order, without repeats.
    pub base_models: Vec<String>,
    /// Where the licence is declared, or else the base model.
    pub source: Option<Location>,
}

/// A waiver of the configuration, as far as reports show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverUse {
    /// Why the finding is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// Until when, `2027-01-31`.
    pub until: Option<String>,
}

/// A base that the user states (`--base`, `[[upstream]]`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedBase {
    /// Hugging Face id.
    pub model: Option<ModelId>,
    /// Revision.
    pub revision: Option<String>,
    /// Its licence, if the user states it.
    pub license: Option<LicenseId>,
    /// Its owner line, if the user states it.
    pub copyright: Vec<String>,
    /// Whether it comes with a NOTICE file, where that is known.
    pub notice: Option<bool>,
    /// Where it was stated: the configuration file's lines; `None` for the command line.
    pub location: Option<Location>,
}

/// A licence that the weights of a candidate were under when they were copied, as the catalog or the user records it. A candidate with
/// several was under one of them, and it is not known which; one with none has no licence that is sourced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseLicense {
    /// Index into [`Lineage::hops`].
    pub hop: usize,
    /// The candidate.
    pub model: ModelId,
    /// The licence.
    pub license: LicenseId,
}

/// An interval on the line of one reference in which weights were there and a duty was unmet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineExposure {
    /// `HEAD` for the examined commit, else the reference's full name.
    pub reference: String,
    /// Index into [`Run::obligations`].
    pub obligation: usize,
    /// The interval.
    pub exposure: Exposure,
}

/// The part of a history that was asked for. All of it was walked: what a commit did is seen against its parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Only what is not reachable from this commit: `A` in `A..B`.
    pub after: Option<ObjectId>,
    /// Only commits of this moment or later.
    pub since: Option<Time>,
    /// Only commits of this moment or earlier.
    pub until: Option<Time>,
    /// Only these files, and what lies in these folders.
    pub paths: Vec<RepoPath>,
}

impl Part {
    fn is_about(&self, event: &Event) -> bool {
        let committed = matches!(event.snapshot, Snapshot::Commit { .. });
        event.in_range && (committed || self.until.is_none()) && self.holds(&event.path)
    }

    /// Whether a file belongs to it.
    pub fn holds(&self, path: &RepoPath) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|part| path.is_within(part))
    }
}

/// What reports tell of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its name.
    pub id: RuleId,
    /// First version of forebear that has it.
    pub since: &'static str,
    /// Severity on the best evidence.
    pub severity: Severity,
    /// One line without a full stop.
    pub summary: &'static str,
    /// What it checks, the clause, the evidence, what it cannot see, how to fix it: Markdown, the page of the rule.
    pub docs: &'static str,
}

/// What made a run, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// Version of forebear.
    pub version: &'static str,
    /// Version of the base-model catalog: a digest of its content.
    pub catalog: String,
    /// The address of the documentation, without a slash at its end; `None` where whoever built or runs forebear named none.
    pub docs: Option<String>,
    /// The rules that ran, in their order.
    pub rules: Vec<RuleInfo>,
    /// The moment of the run.
    pub time: Time,
}

impl Maker {
    /// The address of a rule's page, if there is one.
    pub fn rule_page(&self, rule: RuleId) -> Option<String> {
        self.docs.as_ref().map(|docs| format!("{docs}/rules/{}.html", rule.0))
    }
}

/// Everything that one run says about one repository. Renderers take `&Run` and a writer; nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What made it.
    pub maker: Maker,
    /// What reports call the repository: its id, where its remote or its cache folder tells one, else its folder's name.
    pub name: String,
    /// Its folder in the git repository that it is a part of; the root where it is the whole of it, or there is none. Every path of
    /// the run is relative to this folder; formats that are read beside the whole repository put it in front.
    pub folder: RepoPath,
    /// What was examined.
    pub source: SourceInfo,
    /// What was seen, in order of paths.
    pub facts: Vec<Fact>,
    /// What could not be examined, in order of paths.
    pub problems: Vec<Problem>,
    /// Sizes of the models whose architecture is known, in order of paths.
    pub models: Vec<ModelSize>,
    /// What the publisher declares.
    pub declared: Declared,
    /// Who the model descends from, best first.
    pub lineage: Lineage,
    /// The comparison with a local copy of the suspected base, if one was asked for.
    pub upstream: Option<UpstreamComparison>,
    /// The comparisons of weights with fingerprints of bases, in order of folders, then of what was found.
    pub weights: Vec<WeightComparison>,
    /// Under which licences the candidates' weights are, in the order of the hops.
    pub base_licenses: Vec<BaseLicense>,
    /// What is owed.
    pub obligations: Vec<Obligation>,
    /// What the rules say, worst first; met and waived ones included.
    pub findings: Vec<Finding>,
    /// The history that was walked.
    pub history: History,
    /// The part of the history that the report is about; `None` for all of it.
    pub part: Option<Part>,
    /// Since when what is owed was missing: on the line of HEAD first, then on those of other references.
    pub exposures: Vec<LineExposure>,
    /// The commit that findings were compared with.
    pub baseline: Option<ObjectId>,
    /// The waivers of the configuration, in its order.
    pub waivers: Vec<WaiverUse>,
    /// The rules whose severity the configuration decides, in the order of their names.
    pub levels: Vec<(RuleId, Level)>,
}

impl Run {
    /// The run of a folder in which nothing was examined.
    pub fn of_nothing(maker: Maker, name: String) -> Self {
        Self {
            maker,
            name,
            folder: RepoPath::root(),
            source: SourceInfo {
                kind: SourceKind::WorkTree,
                snapshot: Snapshot::WorkTree,
                head: None,
                examined: Examined::default(),
            },
            facts: Vec::new(),
            problems: Vec::new(),
            models: Vec::new(),
            declared: Declared::default(),
            lineage: Lineage::default(),
            upstream: None,
            weights: Vec::new(),
            base_licenses: Vec::new(),
            obligations: Vec::new(),
            findings: Vec::new(),
            history: History::default(),
            part: None,
            exposures: Vec::new(),
            baseline: None,
            waivers: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// The events that the report is about, oldest first. What is not committed comes after every moment.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.history.events.iter().filter(|event| self.part.as_ref().is_none_or(|part| part.is_about(event)))
    }
}
