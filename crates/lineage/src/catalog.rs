//! Published base models: shapes, licences, parents, each fact with its source.
//!
//! The facts are kept as reviewed TOML in `catalog/`, one file a family, and digests of weight files in `catalog/digests/`.
//! What the program uses is `table.rs` and `digest_table.rs`, made from them by `tests/catalog.rs`: static data, so that
//! start-up costs nothing. [`mod@file`] reads the same format, for the tables and for a user's own entries.

pub mod file;

use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::{ModelId, Sha256};

use crate::{digest_table, hub_id, table};

/// A published model.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Hugging Face id.
    pub id: &'static str,
    /// Other names of the same weights.
    pub aliases: &'static [&'static str],
    /// What a reader must know or doubt.
    pub note: Option<&'static str>,
    /// The family it belongs to.
    pub family: &'static str,
    /// Who made it.
    pub developer: &'static str,
    /// The parent that its publisher names.
    pub derived_from: Option<&'static str>,
    /// Day, month or year of its release.
    pub released: Option<&'static str>,
    /// Parameters in billions.
    pub total_billion: Option<f64>,
    /// Parameters used per token, in billions.
    pub active_billion: Option<f64>,
    /// Licence states, oldest first; empty where no source gives one.
    pub licenses: &'static [Period],
    /// A licence known from memory only: never proof.
    pub memory_license: Option<&'static str>,
    /// `architectures` of its configuration.
    pub architectures: &'static [&'static str],
    /// `model_type` of its configuration.
    pub model_type: Option<&'static str>,
    /// The canonical fields of its language model.
    pub config: &'static [(ConfigField, Value)],
    /// Values that other sources give for a field; either is accepted.
    pub conflicts: &'static [(ConfigField, Value)],
    /// Whether `config` is known from memory only: it then supports a hint and no more.
    pub config_from_memory: bool,
    /// Where parent, release, parameters and configuration come from. Licence states have their own.
    pub sources: &'static [Source],
}

/// Where a claim of an entry comes from.
#[derive(Debug)]
pub struct Source {
    /// What it says.
    pub claim: Claim,
    /// The keys of the configuration that it covers; empty for all that no other source of the model lists.
    pub keys: &'static [&'static str],
    /// The release whose file the values were read from, if it is not this one.
    pub sibling: Option<&'static str>,
    /// The source.
    pub source: &'static str,
    /// How good it is.
    pub confidence: Sourcing,
}

/// What a source is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// The parent.
    Parent,
    /// The day of the release.
    Release,
    /// The number of parameters.
    Parameters,
    /// Values of the configuration.
    Config,
    /// Another value for a key of the configuration, which is accepted too.
    ConfigConflict,
}

impl Claim {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Release => "release",
            Self::Parameters => "parameters",
            Self::Config => "configuration",
            Self::ConfigConflict => "configuration-conflict",
        }
    }
}

/// A weight file of a known model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// SHA-256 of its bytes: what a Git LFS pointer states.
    pub sha256: Sha256,
    /// The model that it belongs to.
    pub model: &'static str,
    /// Its path upstream.
    pub file: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether it is a part that unrelated models ship too, as an image decoder or text encoder of a pipeline: it then proves
    /// that this part was copied, from somewhere.
    pub component: bool,
    /// Where the digest comes from.
    pub source: &'static str,
    /// How good the source is.
    pub confidence: Sourcing,
}

/// A time in which one licence state held.
#[derive(Debug)]
pub struct Period {
    /// First day.
    pub from: Option<&'static str>,
    /// First day on which it no longer held.
    pub until: Option<&'static str>,
    /// The upstream revision, where the source names one.
    pub revision: Option<&'static str>,
    /// Licence of the weights.
    pub weights: Option<&'static str>,
    /// Licence of the code, where it is stated apart.
    pub code: Option<&'static str>,
    /// Legal files upstream.
    pub files: &'static [&'static str],
    /// The use policy that belongs to the licence.
    pub use_policy: Option<&'static str>,
    /// Owner lines as upstream writes them.
    pub copyright: &'static [&'static str],
    /// How good the source is.
    pub confidence: Sourcing,
    /// The source.
    pub source: &'static str,
    /// What a reader should know besides.
    pub note: Option<&'static str>,
}

/// How good a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sourcing {
    /// Somebody's memory. Never proof.
    Memory,
    /// A third party's page or table, or a sibling's file.
    Secondary,
    /// The publisher's own repository.
    Primary,
}

impl Sourcing {
    /// The word used in reports and in the TOML files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Secondary => "secondary",
            Self::Primary => "primary",
        }
    }
}

/// A configuration value as static data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// A truth value.
    Flag(bool),
    /// Whole numbers.
    Integers(&'static [i64]),
    /// A text.
    Text(&'static str),
}

impl Value {
    /// Whether a value of a repository's configuration is the same. One end-of-text token equals a list that begins with it.
    pub fn is(&self, other: &ConfigValue) -> bool {
        match (self, other) {
            (Self::Integers(list), ConfigValue::Integers(others)) => list == others,
            (Self::Integers(list), ConfigValue::Integer(one)) => list.first() == Some(one),
            (Self::Integer(one), ConfigValue::Integers(list)) => list.first() == Some(one),
            (Self::Flag(one), ConfigValue::Flag(other)) => one == other,
            (Self::Text(one), ConfigValue::Text(other)) => one == other,
            (Self::Integer(one), _) => other.number() == Some(*one as f64),
            (Self::Real(one), _) => other.number() == Some(*one),
            _ => false,
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number:?}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Integers(numbers) => write!(f, "{numbers:?}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Model {
    /// The value of a field.
    pub fn field(&self, field: ConfigField) -> Option<&'static Value> {
        self.config.iter().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// Whether a value agrees with the catalog's, or with one that another source gives.
    pub fn accepts(&self, field: ConfigField, value: &ConfigValue) -> bool {
        self.field(field).is_some_and(|known| known.is(value))
            || self.conflicts.iter().any(|(other, known)| *other == field && known.is(value))
    }

    /// Whether a field of the configuration is known from the file of another release only.
    pub fn is_borrowed(&self, field: ConfigField) -> bool {
        let config = || self.sources.iter().filter(|source| source.claim == Claim::Config);
        let lists =
            |source: &&Source| source.keys.iter().any(|key| ConfigField::from_key(key) == Some(field));
        let listed = config().any(|source| lists(&source));
        let mut covering =
            config().filter(|source| if listed { lists(source) } else { source.keys.is_empty() }).peekable();
        covering.peek().is_some() && covering.all(|source| source.sibling.is_some())
    }

    /// The licence states that may apply to a copy of this model: that of the revision, if a period names it; else the last
    /// one that had begun on the day of the copy. Where no date says which of several states that was, all of them.
    pub fn periods(&self, revision: Option<&str>, day: &str) -> Vec<&'static Period> {
        let licenses = self.licenses;
        if let Some(named) =
            revision.and_then(|wanted| licenses.iter().find(|period| period.revision == Some(wanted)))
        {
            return vec![named];
        }
        // ISO dates, whole or cut to month or year, compare as text.
        let begun: Vec<&Period> =
            licenses.iter().filter(|period| period.from.is_none_or(|from| from <= day)).collect();
        match begun.as_slice() {
            // The copy is older than every state on record: the first one is the nearest.
            [] => licenses.first().into_iter().collect(),
            [.., last] if last.from.is_some() => vec![*last],
            _ => begun,
        }
    }
}

/// The models that a run knows: the embedded ones, and those of a file of the user's.
#[derive(Clone, Debug)]
pub struct Catalog {
    added: &'static [Model],
    files: &'static [KnownFile],
    /// Whether the embedded models are left out.
    alone: bool,
}

impl Default for Catalog {
    fn default() -> Self {
        Self::embedded()
    }
}

impl Catalog {
    /// The embedded models only.
    pub const fn embedded() -> Self {
        Self { added: &[], files: &[], alone: false }
    }

    /// These models in place of the embedded ones: to measure what is said of a model when its own developer is not known. Digests
    /// and vocabularies stay.
    ///
    /// The models stay in memory until the program ends, as those of [`Catalog::with`] do.
    pub fn of(models: Vec<Model>) -> Self {
        Self { alone: true, ..Self::with(models) }
    }

    /// The embedded models and others; one with the id of an embedded model takes its place.
    ///
    /// The models stay in memory until the program ends: entries are referred to from everywhere, and a program loads a catalog
    /// once.
    pub fn with(added: Vec<Model>) -> Self {
        Self { added: Box::leak(added.into_boxed_slice()), ..Self::embedded() }
    }

    /// The same with digests of further weight files, which stay in memory as the models do.
    pub fn and_files(self, mut files: Vec<KnownFile>) -> Self {
        files.sort_by_key(|file| (file.sha256, file.model, file.file));
        Self { files: Box::leak(files.into_boxed_slice()), ..self }
    }

    /// Whether a model is one of those added to the embedded ones.
    pub fn is_added(&self, model: &Model) -> bool {
        self.added.iter().any(|one| std::ptr::eq(one, model))
    }

    /// All models: added ones first, then the embedded ones by id.
    pub fn models(&self) -> impl Iterator<Item = &'static Model> + Clone + use<> {
        let added = self.added;
        let replaced = move |model: &&Model| added.iter().all(|one| !one.id.eq_ignore_ascii_case(model.id));
        let embedded: &[Model] = if self.alone { &[] } else { table::MODELS };
        added.iter().chain(embedded.iter().filter(replaced))
    }

    /// The known files with a digest. Several where one model has the same bytes twice, and where the same bytes were released
    /// as several models; between unrelated ones of these the digest proves nothing (see [`Catalog::is_one_line`]).
    pub fn files_with(&self, sha256: &Sha256) -> impl Iterator<Item = &'static KnownFile> + use<> {
        with_digest(self.files, sha256).iter().chain(with_digest(digest_table::FILES, sha256))
    }

    /// All known files: added ones first, each group by digest.
    pub fn files(&self) -> impl Iterator<Item = &'static KnownFile> + use<> {
        self.files.iter().chain(digest_table::FILES)
    }

    /// Whether models are releases of one line: they have one root in the catalog. A model that the catalog does not know is a
    /// line of its own.
    pub fn is_one_line<'a>(&self, models: impl IntoIterator<Item = &'a str>) -> bool {
        let mut roots = models.into_iter().map(|id| match self.find(id) {
            Some(model) => self.root(model).id.to_owned(),
            None => id.to_owned(),
        });
        let Some(first) = roots.next() else { return true };
        roots.all(|root| root == first)
    }

    /// Whether two models are one, or releases of one line.
    pub fn same_line(&self, one: &ModelId, other: &ModelId) -> bool {
        one.same_as(other.as_str()) || self.is_one_line([one.as_str(), other.as_str()])
    }

    /// A digest of the embedded catalog's content, and the number of models added to it, for reports: two reports with the same
    /// digest used the same facts.
    pub fn version(&self) -> String {
        match self.added.len() {
            0 => table::VERSION.to_owned(),
            added => format!("{}+{added}", table::VERSION),
        }
    }

    /// The model of an id, an alias or an address on the Hub (`https://huggingface.co/org/name/tree/main`); case does not
    /// matter.
    pub fn find(&self, id: &str) -> Option<&'static Model> {
        let id = hub_id::without_address(id);
        let has_id = |model: &&Model| model.id.eq_ignore_ascii_case(id);
        let has_alias = |model: &&Model| model.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(id));
        let replaced =
            |model: &&Model| self.alone || self.added.iter().any(|one| one.id.eq_ignore_ascii_case(model.id));
        let mut embedded = embedded(if self.alone { "" } else { id });
        // An embedded model whose id this is, and that an added one replaces, is found as the added one.
        let by_id = self.added.iter().find(has_id).or_else(|| embedded.clone().find(has_id));
        by_id
            .or_else(|| self.added.iter().find(has_alias))
            .or_else(|| embedded.find(|model| !replaced(model)))
    }

    /// The model whose name without the organisation is `name`, if the catalog has exactly one; case does not matter.
    pub(crate) fn find_by_name(&self, name: &str) -> Option<&'static Model> {
        let is = |id: &str| id.rsplit('/').next().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let mut found =
            self.models().filter(|model| is(model.id) || model.aliases.iter().any(|alias| is(alias)));
        found.next().filter(|_| found.next().is_none())
    }

    /// The family of a model's first ancestor: releases of one series share it, whoever released them.
    pub fn series(&self, model: &'static Model) -> &'static str {
        self.root(model).family
    }

    /// The first ancestor that the catalog knows without a parent of its own: the model itself where it has none.
    pub fn root(&self, model: &'static Model) -> &'static Model {
        self.ancestors(model).last().unwrap_or(model)
    }

    /// The ancestors of a model that the catalog knows, the nearest first.
    pub fn ancestors(&self, model: &'static Model) -> impl Iterator<Item = &'static Model> {
        let parent = |model: &&'static Model| model.derived_from.and_then(|parent| self.find(parent));
        // The lint of the catalog forbids circles; the bound holds even if it did not.
        std::iter::successors(Some(model), parent).skip(1).take(16)
    }
}

/// The embedded models with an id or alias, whatever its case: those with the id first.
fn embedded(name: &str) -> impl Iterator<Item = &'static Model> + Clone {
    let order = |known: &str| known.bytes().cmp(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    let first = table::NAMES.partition_point(|(known, _)| order(known).is_lt());
    let count = table::NAMES[first..].partition_point(|(known, _)| order(known).is_eq());
    table::NAMES[first..first + count].iter().filter_map(|(_, at)| table::MODELS.get(usize::from(*at)))
}

/// A digest from its 64 hexadecimal digits in lower case, for tables.
pub(crate) const fn hex(text: &[u8; 64]) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => panic!("a digit of a digest is none"),
        }
    }
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = digit(text[2 * at]) * 16 + digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

/// The rows of a sorted table with a digest.
fn with_digest(table: &'static [KnownFile], sha256: &Sha256) -> &'static [KnownFile] {
    let first = table.partition_point(|file| file.sha256 < *sha256);
    let count = table[first..].partition_point(|file| file.sha256 == *sha256);
    &table[first..first + count]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_id_alias_and_address() {
        let catalog = Catalog::embedded();
        for text in [
            "deepseek-ai/DeepSeek-V3",
            "DeepSeek-AI/deepseek-v3/",
            "https://huggingface.co/deepseek-ai/DeepSeek-V3",
            "https://huggingface.co/deepseek-ai/DeepSeek-V3/tree/main",
            "https://huggingface.co/deepseek-ai/DeepSeek-V3?library=transformers",
            "hf.co/deepseek-ai/DeepSeek-V3/blob/main/LICENSE-MODEL#L1",
        ] {
            assert_eq!(catalog.find(text).map(|model| model.id), Some("deepseek-ai/DeepSeek-V3"), "{text}");
        }
        assert_eq!(catalog.find("gpt2").map(|model| model.id), Some("openai-community/gpt2"));
        for text in ["", "/", "DeepSeek-V3", "deepseek-ai", "https://example.com/deepseek-ai/DeepSeek-V3"] {
            assert!(catalog.find(text).is_none(), "{text}");
        }
        assert_eq!(
            catalog.find_by_name("deepseek-v3").map(|model| model.id),
            Some("deepseek-ai/DeepSeek-V3")
        );
        assert!(catalog.find_by_name("").is_none());
    }

    /// What the sorted table finds is what a look at every model finds.
    #[test]
    fn every_name_is_found_whatever_its_case_and_added_models_come_first() {
        let plain = |catalog: &Catalog, name: &str| {
            let by_id = catalog.models().find(|model| model.id.eq_ignore_ascii_case(name));
            let by_alias = || {
                let mut models = catalog.models();
                models.find(|model| model.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name)))
            };
            by_id.or_else(by_alias).map(|model| model.id)
        };
        let entry = "schema = 1\nfamily = \"Kaguya\"\ndeveloper = \"Kaguya\"\n\n[[model]]\nid = \"DEEPSEEK-AI/DeepSeek-V3\"\n\n\
             [[model]]\nid = \"kaguya/Kaguya\"\naliases = [\"gpt2\", \"kaguya/old\"]\n";
        let added = file::parse(entry).unwrap().models;
        for catalog in [Catalog::embedded(), Catalog::with(added)] {
            let names = catalog.models().flat_map(|model| std::iter::once(&model.id).chain(model.aliases));
            for name in names.copied().chain(["kaguya", "a/a", "zz/zz"]) {
                for name in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
                    assert_eq!(catalog.find(&name).map(|model| model.id), plain(&catalog, &name), "{name}");
                }
            }
        }
    }
}
