//! A comparison with a local copy of the suspected base: what was there and is not here, and what is the same.

use crate::fact::LegalRole;
use crate::license::Change;
use crate::{LicenseId, Location, ModelId, RepoPath};

/// What a comparison with a local copy of the suspected base gave. Paths of the copy are relative to it, as those of the
/// repository are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamComparison {
    /// Whose copy it is; [`UpstreamComparison::NAMELESS`] if nothing tells.
    pub model: ModelId,
    /// What tells.
    pub named_by: NamedBy,
    /// The licence of the model in the copy, where its files hold exactly one or its card says which.
    pub license: Option<LicenseId>,
    /// `license:` and `license_name:` of the copy's main card, as written.
    pub declared_license: Option<String>,
    /// `base_model:` of the copy's main card, as written.
    pub base_models: Vec<String>,
    /// The legal files of the copy that speak for the model, in order of their paths, and what became of each.
    pub legal_files: Vec<LegalFileFate>,
    /// Owner lines of the copy that stand nowhere here, in order of their places.
    pub copyright_lost: Vec<LostLine>,
    /// Files with the same content, in order of the paths here.
    pub identical: Vec<IdenticalFile>,
    /// How much of the copy's weights is here; `None` if one of the two has none.
    pub weights: Option<SameWeights>,
    /// The configurations side by side; `None` if one of the two has none.
    pub configuration: Option<ConfigurationComparison>,
    /// Whether the vocabularies are the same; `None` if one of the two has none that was read.
    pub tokenizer: Option<Sameness>,
    /// Whether the chat templates are the same; `None` if one of the two has none.
    pub chat_template: Option<Sameness>,
}

impl UpstreamComparison {
    /// Stands for the id of a copy whose model nothing tells.
    pub const NAMELESS: &'static str = "the local clone";
}

/// What tells whose copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedBy {
    /// `--base`.
    User,
    /// A remote of its repository, or the name of its folder in a model cache.
    Address,
    /// Its configuration, which one model of the catalog has.
    Configuration,
    /// Nothing.
    Nothing,
}

impl NamedBy {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Address => "address",
            Self::Configuration => "configuration",
            Self::Nothing => "nothing",
        }
    }
}

/// A legal file of the copy, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalFileFate {
    /// The file, in the copy.
    pub path: RepoPath,
    /// Its purpose.
    pub role: LegalRole,
    /// The licences whose text it holds.
    pub licenses: Vec<LicenseId>,
    /// Its owner lines.
    pub copyright: Vec<String>,
    /// What became of it.
    pub fate: Fate,
    /// Where its text, or what is like it, stands here.
    pub here: Option<Location>,
    /// What differs, if it is altered; at most [`LegalFileFate::DIFFERENCES`].
    pub differences: Vec<Change>,
}

impl LegalFileFate {
    /// Differences of one file that are kept.
    pub const DIFFERENCES: usize = 20;
}

/// What became of a legal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Its text is here, alone or in another file.
    Copied,
    /// The same licence, or most of the same lines, with differences.
    Altered,
    /// It is not here.
    Missing,
    /// It, or a legal file here, could not be examined.
    Unknown,
}

impl Fate {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }
}

/// An owner line of the copy that stands nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LostLine {
    /// The file, in the copy.
    pub path: RepoPath,
    /// Its line.
    pub line: u32,
    /// The owner line, verbatim.
    pub text: String,
}

/// A file here with the content of a file of the copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdenticalFile {
    /// The file here.
    pub here: RepoPath,
    /// The file of the copy.
    pub upstream: RepoPath,
    /// How that is known.
    pub by: SameBy,
    /// Its size in bytes, where the facts tell.
    pub size: Option<u64>,
    /// Whether it holds weights.
    pub weights: bool,
}

/// How it is known that two files have the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SameBy {
    /// Both are LFS pointers to one object.
    LfsObject,
    /// All bytes were compared, or their SHA-256.
    Bytes,
    /// The texts are the same.
    Text,
}

impl SameBy {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::LfsObject => "lfs-object",
            Self::Bytes => "bytes",
            Self::Text => "text",
        }
    }
}

/// How much of the copy's weights is here, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SameWeights {
    /// Bytes of weights of the copy that are here as well.
    pub same: u64,
    /// Bytes of weights of the copy.
    pub upstream: u64,
    /// Whether every weight file here is one of the copy's.
    pub all_of_here: bool,
    /// Whether the same files are most of the model itself, and not a part that others use as well (an image encoder, a text
    /// encoder of a pipeline), so that they prove descent.
    pub proof: bool,
}

/// Two configurations side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationComparison {
    /// The one here.
    pub here: Location,
    /// The one of the copy.
    pub upstream: RepoPath,
    /// Whether the two files have the same text.
    pub same_text: bool,
    /// Shape fields that both state with the same value.
    pub same_shape: usize,
    /// Fields that differ, or that one of the two does not state; shapes first, in the canonical order.
    pub differences: Vec<FieldDifference>,
}

impl ConfigurationComparison {
    /// The number of shape fields that both state with different values.
    pub fn shape_differences(&self) -> usize {
        self.differences
            .iter()
            .filter(|one| one.shape && one.here.is_some() && one.upstream.is_some())
            .count()
    }
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldDifference {
    /// The canonical key, `model_type` or `architectures`.
    pub field: String,
    /// Whether tensor shapes fix the value.
    pub shape: bool,
    /// The value here; `None` if it is not stated.
    pub here: Option<String>,
    /// The value of the copy; `None` if it is not stated.
    pub upstream: Option<String>,
}

/// Whether two parts are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sameness {
    /// Whether they are.
    pub same: bool,
    /// The file here.
    pub here: RepoPath,
    /// One sentence without a full stop: what was compared, with the figures that mattered.
    pub detail: String,
}
