//! The comparison with a local copy of the suspected base.

use forebear_types::upstream as from;
use schemars::JsonSchema;
use serde::Serialize;

use super::first_line;

/// What the comparison with a local copy of the suspected base gave (`--upstream`).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamComparison {
    /// Whose copy it is: a Hugging Face id, or `the local clone` if nothing tells.
    pub upstream: String,
    /// What tells.
    pub named_by: NamedBy,
    /// The licence of the model in the copy; `null` if it is not told.
    pub license: Option<String>,
    /// The licence that the copy's card declares, as written.
    pub declared_license: Option<String>,
    /// The bases that the copy's card declares, as written.
    pub base_models: Vec<String>,
    /// The legal files of the copy that speak for the model, by path.
    pub legal_files: Vec<UpstreamLegalFile>,
    /// Owner lines of the copy that stand nowhere in the repository.
    pub copyright_lost: Vec<LostLine>,
    /// Files with the same content, by path.
    pub identical_files: Vec<IdenticalFile>,
    /// How much of the copy's weights is in the repository; `null` if one of the two has none.
    pub weights: Option<SameWeights>,
    /// The configurations side by side; `null` if one of the two has none.
    pub configuration: Option<Configuration>,
    /// Whether the vocabularies are the same; `null` if that was not compared.
    pub tokenizer: Option<Sameness>,
    /// Whether the chat templates are the same; `null` if one of the two has none.
    pub chat_template: Option<Sameness>,
}

/// What tells whose copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum NamedBy {
    User,
    Address,
    Configuration,
    Nothing,
}

/// A legal file of the copy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamLegalFile {
    /// The file, in the copy.
    pub path: String,
    /// Its purpose, from its name.
    pub role: Role,
    /// The licences whose text it holds.
    pub licenses: Vec<String>,
    /// Its owner lines.
    pub copyright: Vec<String>,
    /// What became of it.
    pub fate: Fate,
    /// Where its text, or what is like it, stands in the repository; `null` if nowhere.
    pub here: Option<Here>,
    /// What differs, if it is altered.
    pub differences: Vec<Difference>,
}

/// The purpose of a legal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Role {
    License,
    Notice,
    Copyright,
    UsePolicy,
    ThirdParty,
    Patents,
}

/// What became of a legal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Fate {
    Copied,
    Altered,
    Missing,
    Unknown,
}

/// A place in the repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Here {
    /// The file.
    pub path: String,
    /// The first line, from 1; `null` for the whole file.
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
}

/// A difference between a text of the copy and the one in the repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The line in the repository's file where it is, or before which words are missing.
    pub line: u32,
    /// The words that are not there; empty for an addition.
    pub expected: String,
    /// The words that stand there instead; empty for a removal.
    pub found: String,
}

/// An owner line that stands nowhere in the repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LostLine {
    /// The file, in the copy.
    pub path: String,
    /// Its line, from 1.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// The owner line, verbatim.
    pub text: String,
}

/// A file with the content of one of the copy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdenticalFile {
    /// The file in the repository.
    pub path: String,
    /// The file of the copy.
    pub upstream_path: String,
    /// How it is known that they are the same.
    pub by: SameBy,
    /// Its size in bytes; `null` where it was not kept.
    pub size: Option<u64>,
    /// Whether it holds weights.
    pub weights: bool,
}

/// How it is known that two files are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum SameBy {
    LfsObject,
    Bytes,
    Text,
}

/// How much of the copy's weights is in the repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SameWeights {
    /// Bytes of weights of the copy that are in the repository as well.
    pub same_bytes: u64,
    /// Bytes of weights of the copy.
    pub upstream_bytes: u64,
    /// Whether every weight file of the repository is one of the copy's.
    pub all_of_repository: bool,
    /// Whether this proves descent.
    pub proof: bool,
}

/// Two configurations side by side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The one in the repository.
    pub path: String,
    /// The one of the copy.
    pub upstream_path: String,
    /// Whether the two have the same text.
    pub same_text: bool,
    /// Number of shape fields that both state with the same value.
    pub same_shape_fields: usize,
    /// Fields that differ, or that one of the two does not state; shapes first.
    pub differences: Vec<FieldDifference>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldDifference {
    /// Its canonical key, `model_type` or `architectures`.
    pub field: String,
    /// Whether tensor shapes fix the value.
    pub shape: bool,
    /// The value in the repository; `null` if it is not stated.
    pub here: Option<String>,
    /// The value of the copy; `null` if it is not stated.
    pub upstream: Option<String>,
}

/// Whether two parts are the same.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sameness {
    /// Whether they are.
    pub same: bool,
    /// The file in the repository.
    pub path: String,
    /// What was compared, with the figures that mattered.
    pub detail: String,
}

impl UpstreamComparison {
    pub(super) fn of(comparison: &from::UpstreamComparison) -> Self {
        Self {
            upstream: comparison.model.to_string(),
            named_by: match comparison.named_by {
                from::NamedBy::User => NamedBy::User,
                from::NamedBy::Address => NamedBy::Address,
                from::NamedBy::Configuration => NamedBy::Configuration,
                from::NamedBy::Nothing => NamedBy::Nothing,
            },
            license: comparison.license.as_ref().map(ToString::to_string),
            declared_license: comparison.declared_license.clone(),
            base_models: comparison.base_models.clone(),
            legal_files: comparison.legal_files.iter().map(UpstreamLegalFile::of).collect(),
            copyright_lost: comparison
                .copyright_lost
                .iter()
                .map(|lost| LostLine {
                    path: lost.path.to_string(),
                    line: lost.line,
                    text: lost.text.clone(),
                })
                .collect(),
            identical_files: comparison.identical.iter().map(IdenticalFile::of).collect(),
            weights: comparison.weights.map(|weights| SameWeights {
                same_bytes: weights.same,
                upstream_bytes: weights.upstream,
                all_of_repository: weights.all_of_here,
                proof: weights.proof,
            }),
            configuration: comparison.configuration.as_ref().map(Configuration::of),
            tokenizer: comparison.tokenizer.as_ref().map(Sameness::of),
            chat_template: comparison.chat_template.as_ref().map(Sameness::of),
        }
    }
}

impl UpstreamLegalFile {
    fn of(file: &from::LegalFileFate) -> Self {
        use forebear_types::fact::LegalRole;
        Self {
            path: file.path.to_string(),
            role: match file.role {
                LegalRole::License => Role::License,
                LegalRole::Notice => Role::Notice,
                LegalRole::Copyright => Role::Copyright,
                LegalRole::UsePolicy => Role::UsePolicy,
                LegalRole::ThirdParty => Role::ThirdParty,
                LegalRole::Patents => Role::Patents,
            },
            licenses: file.licenses.iter().map(ToString::to_string).collect(),
            copyright: file.copyright.clone(),
            fate: match file.fate {
                from::Fate::Copied => Fate::Copied,
                from::Fate::Altered => Fate::Altered,
                from::Fate::Missing => Fate::Missing,
                from::Fate::Unknown => Fate::Unknown,
            },
            here: file
                .here
                .as_ref()
                .map(|location| Here { path: location.path.to_string(), line: first_line(location) }),
            differences: file
                .differences
                .iter()
                .map(|change| Difference {
                    line: change.line,
                    expected: change.expected.clone(),
                    found: change.found.clone(),
                })
                .collect(),
        }
    }
}

impl IdenticalFile {
    fn of(file: &from::IdenticalFile) -> Self {
        Self {
            path: file.here.to_string(),
            upstream_path: file.upstream.to_string(),
            by: match file.by {
                from::SameBy::LfsObject => SameBy::LfsObject,
                from::SameBy::Bytes => SameBy::Bytes,
                from::SameBy::Text => SameBy::Text,
            },
            size: file.size,
            weights: file.weights,
        }
    }
}

impl Configuration {
    fn of(configuration: &from::ConfigurationComparison) -> Self {
        Self {
            path: configuration.here.path.to_string(),
            upstream_path: configuration.upstream.to_string(),
            same_text: configuration.same_text,
            same_shape_fields: configuration.same_shape,
            differences: configuration
                .differences
                .iter()
                .map(|one| FieldDifference {
                    field: one.field.clone(),
                    shape: one.shape,
                    here: one.here.clone(),
                    upstream: one.upstream.clone(),
                })
                .collect(),
        }
    }
}

impl Sameness {
    fn of(part: &from::Sameness) -> Self {
        Self { same: part.same, path: part.here.to_string(), detail: part.detail.clone() }
    }
}
