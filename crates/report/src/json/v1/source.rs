//! What was examined, what is there, and what is declared.

use forebear_types::fact::{Fact, FactKind};
use forebear_types::license::{MatchStatus, Recognition};
use forebear_types::run::Run;
use schemars::JsonSchema;
use serde::Serialize;

use super::{first_line, lines};

/// What was examined.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What the repository is called: its id, where its remote or its cache folder tells one, else its folder's name.
    pub name: String,
    /// What kind of source.
    pub kind: SourceKind,
    /// The commit that history was walked from; `null` where there is no git history.
    #[schemars(regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))]
    pub head: Option<String>,
    /// What was examined, in numbers.
    pub examined: Examined,
    /// What could not be examined, or not wholly.
    pub problems: Vec<Problem>,
    /// Signs that earlier states are not all here, although everything that is here was examined.
    pub signs: Vec<Sign>,
    /// The part of the history that `timeline` is limited to; `null` for all of it.
    pub part: Option<Part>,
    /// The commit that findings were compared with; `null` if none was named.
    #[schemars(regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))]
    pub baseline: Option<String>,
}

/// A sign that a history is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// What kind.
    pub kind: SignKind,
    /// What was seen.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// How a history shows that it is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum SignKind {
    Rewritten,
    Squashed,
    Replaced,
    Partial,
}

/// A part of a history.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Only commits that this one does not reach; `null` for no such bound.
    #[schemars(regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))]
    pub after: Option<String>,
    /// Only commits of this time or later, RFC 3339; `null` for no such bound.
    pub since: Option<String>,
    /// Only commits of this time or earlier, RFC 3339; `null` for no such bound.
    pub until: Option<String>,
    /// Only these files and folders; empty for all.
    pub paths: Vec<String>,
}

/// Kinds of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum SourceKind {
    Worktree,
    Index,
    Commit,
    History,
    Cache,
}

/// What was examined, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examined {
    /// Files listed.
    pub files: usize,
    /// Legal files read.
    pub legal_files: usize,
    /// Model cards read.
    pub cards: usize,
    /// Configurations read.
    pub configs: usize,
    /// Weight files seen, or pointers to them.
    pub weights: usize,
    /// Commits walked; `null` where there is no git history.
    pub commits: Option<usize>,
    /// Whether every commit reachable from the head was walked.
    pub history_complete: bool,
}

/// Something that could not be examined, or not wholly.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// The file or folder; empty for the repository as a whole.
    pub path: String,
    /// What happened; begins with `line N: ` where one line is to blame.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// A legal file, or a card that holds a licence text or an owner's line.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalFile {
    /// The file.
    pub path: String,
    /// The licence texts in it, in order of their first line. Of a file without any, the licences that it names, each with
    /// a coverage of 0.
    pub licenses: Vec<LicenseMatch>,
    /// The owners' lines in it, verbatim, in order.
    pub copyright: Vec<String>,
}

/// A licence text, or a licence that is only named.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseMatch {
    /// SPDX id or `LicenseRef-…`.
    pub id: String,
    /// The share of the licence's words that are there in order, 0 to 1, in steps of a thousandth. 0 exactly if the licence is
    /// named and nothing of its text is there.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub coverage: f64,
    /// How the text compares with the known text.
    pub status: Status,
    /// Whether operative words differ.
    pub altered: bool,
    /// First and last line, from 1.
    #[schemars(inner(range(min = 1)))]
    pub lines: [u32; 2],
}

/// How a text compares with the known text of its licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Status {
    Exact,
    Complete,
    Altered,
    Incomplete,
}

/// What the publisher declares.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// `license` of the main card, as written; several values are joined by `, `.
    pub license: Option<String>,
    /// `license_name` of the main card.
    pub license_name: Option<String>,
    /// `license_link` of the main card.
    pub license_link: Option<String>,
    /// Bases that cards and adapter configurations name, as written, without repeats.
    pub base_models: Vec<String>,
    /// Where the licence is declared, or else the base; `null` if neither is.
    pub source: Option<DeclaredAt>,
}

/// Where something is declared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredAt {
    /// The file.
    pub path: String,
    /// The line, from 1; `null` for the whole file.
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
}

impl Source {
    pub(super) fn of(run: &Run) -> Self {
        use forebear_types::run::SourceKind as Kind;
        let examined = &run.source.examined;
        Self {
            name: run.name.clone(),
            kind: match run.source.kind {
                Kind::WorkTree => SourceKind::Worktree,
                Kind::Index => SourceKind::Index,
                Kind::Commit => SourceKind::Commit,
                Kind::History => SourceKind::History,
                Kind::Cache => SourceKind::Cache,
            },
            head: run.source.head.map(|head| head.to_string()),
            examined: Examined {
                files: examined.files,
                legal_files: examined.legal_files,
                cards: examined.cards,
                configs: examined.configs,
                weights: examined.weights,
                commits: examined.commits,
                history_complete: examined.history_complete,
            },
            problems: run.problems.iter().map(Problem::of).collect(),
            signs: run.history.signs.iter().map(Sign::of).collect(),
            part: run.part.as_ref().map(Part::of),
            baseline: run.baseline.map(|commit| commit.to_string()),
        }
    }
}

impl Sign {
    fn of(sign: &forebear_types::history::Sign) -> Self {
        use forebear_types::history::SignKind as Kind;
        Self {
            kind: match sign.kind {
                Kind::Rewritten => SignKind::Rewritten,
                Kind::Squashed => SignKind::Squashed,
                Kind::Replaced => SignKind::Replaced,
                Kind::Partial => SignKind::Partial,
            },
            what: sign.what.clone(),
            remedy: sign.remedy.clone(),
        }
    }
}

impl Part {
    fn of(part: &forebear_types::run::Part) -> Self {
        Self {
            after: part.after.map(|commit| commit.to_string()),
            since: part.since.map(|time| time.to_string()),
            until: part.until.map(|time| time.to_string()),
            paths: part.paths.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Problem {
    fn of(problem: &forebear_types::fact::Problem) -> Self {
        Self {
            path: problem.path.to_string(),
            what: match problem.line {
                Some(line) => format!("line {line}: {}", problem.what),
                None => problem.what.clone(),
            },
            remedy: problem.remedy.clone(),
        }
    }
}

impl LegalFile {
    /// What was recognised in a file, with its path as the report is to show it.
    pub fn new(path: impl Into<String>, recognition: &Recognition) -> Self {
        let mut licenses: Vec<LicenseMatch> = recognition.licenses.iter().map(LicenseMatch::of).collect();
        // A header or a tag is no text, and says so by its coverage; but who asks what the file is about gets the id.
        for named in recognition.named.iter().filter(|named| named.stands_alone) {
            if licenses.iter().all(|known| known.id != named.id.as_str()) {
                licenses.push(LicenseMatch::named(named));
            }
        }
        Self {
            path: path.into(),
            licenses,
            copyright: recognition.copyright.iter().map(|line| line.text.clone()).collect(),
        }
    }

    pub(super) fn of(fact: &Fact) -> Option<Self> {
        let recognition = fact.recognition()?;
        let holds_something = !recognition.licenses.is_empty() || !recognition.copyright.is_empty();
        let listed = matches!(fact.kind, FactKind::LegalFile(_)) || holds_something;
        listed.then(|| Self::new(fact.path.to_string(), recognition))
    }
}

impl LicenseMatch {
    fn of(found: &forebear_types::license::LicenseMatch) -> Self {
        Self {
            id: found.id.to_string(),
            coverage: found.coverage.ratio(),
            status: match found.status {
                MatchStatus::Exact => Status::Exact,
                MatchStatus::Complete => Status::Complete,
                MatchStatus::Altered { .. } => Status::Altered,
                MatchStatus::Incomplete { .. } => Status::Incomplete,
            },
            altered: found.altered(),
            lines: lines(found.lines),
        }
    }

    fn named(named: &forebear_types::license::NamedLicense) -> Self {
        Self {
            id: named.id.to_string(),
            coverage: 0.0,
            status: Status::Incomplete,
            altered: false,
            lines: [named.line, named.line],
        }
    }
}

/// A model of the repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The configuration, or the file with the tensors where there is none.
    pub path: String,
    /// `model_type`, as written; `null` where no configuration names one.
    pub model_type: Option<String>,
    /// How many parameters it has.
    pub parameters: Parameters,
}

/// How many parameters a model has.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// All, without layers for multi-token prediction.
    pub total: u64,
    /// Those that take part in one token; the input embedding is not counted.
    pub active: u64,
    /// From what they were counted.
    pub counted_from: CountedFrom,
}

/// From what parameters were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CountedFrom {
    /// The configuration, by the formula of its architecture.
    Config,
    /// The shapes of all tensors.
    Shapes,
}

impl Model {
    pub(super) fn of(model: &forebear_types::run::ModelSize) -> Self {
        Self {
            path: model.location.path.to_string(),
            model_type: Some(model.model_type.clone()).filter(|name| !name.is_empty()),
            parameters: Parameters {
                total: model.parameters.total,
                active: model.parameters.active,
                counted_from: match model.counted_from {
                    forebear_types::run::CountedFrom::Shapes => CountedFrom::Shapes,
                    forebear_types::run::CountedFrom::Configuration => CountedFrom::Config,
                },
            },
        }
    }
}

impl Declared {
    pub(super) fn of(declared: &forebear_types::run::Declared) -> Self {
        Self {
            license: declared.license.clone(),
            license_name: declared.license_name.clone(),
            license_link: declared.license_link.clone(),
            base_models: declared.base_models.clone(),
            source: declared
                .source
                .as_ref()
                .map(|location| DeclaredAt { path: location.path.to_string(), line: first_line(location) }),
        }
    }
}
