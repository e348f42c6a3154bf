//! What `forebear models` prints.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::write_pretty;
use crate::model::{Ancestor, Entry, Field, File, Page, Period, Source};

/// One model of the list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedModel {
    /// Hugging Face id.
    pub id: String,
    /// Who made it.
    pub developer: String,
    /// The family it belongs to.
    pub family: String,
    /// Day, month or year of its release; `null` where no source gives one.
    pub released: Option<String>,
    /// The parent that its publisher names; `null` where none is known, which is not the same as none.
    pub derived_from: Option<String>,
    /// The licence of the weights that holds now; `null` where no source gives one.
    pub license: Option<String>,
    /// Number of configuration facts that have a source.
    pub configuration_facts: usize,
    /// Number of weight files whose digests are known.
    pub known_files: usize,
    /// Whether it stands in a file named with `--catalog`.
    pub added: bool,
}

/// Everything that is known of one model.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Version of this contract.
    #[schemars(extend("const" = 1))]
    pub schema_version: u8,
    /// Hugging Face id.
    pub id: String,
    /// Other names of the same weights.
    pub aliases: Vec<String>,
    /// Who made it.
    pub developer: String,
    /// The family it belongs to.
    pub family: String,
    /// Whether it stands in a file named with `--catalog`.
    pub added: bool,
    /// What a reader must know or doubt.
    pub note: Option<String>,
    /// Day, month or year of its release; `null` where no source gives one.
    pub released: Option<String>,
    /// Parameters in billions; `null` where no source gives the number.
    pub total_billion: Option<f64>,
    /// Parameters used for one token, in billions; `null` where no source gives the number.
    pub active_billion: Option<f64>,
    /// The way to the root: the parent, its parent, and so on.
    pub ancestors: Vec<ModelAncestor>,
    /// Models that name this one as their parent.
    pub descendants: Vec<String>,
    /// Licence states, oldest first; empty where no source gives one, which is not the same as no licence.
    pub licenses: Vec<ModelLicense>,
    /// A licence known from memory only: never proof.
    pub license_from_memory: Option<String>,
    /// `architectures` of its configuration.
    pub architectures: Vec<String>,
    /// `model_type` of its configuration.
    pub model_type: Option<String>,
    /// Fields of its configuration.
    pub configuration: Vec<ModelField>,
    /// Whether the configuration is known from memory only: never proof.
    pub configuration_from_memory: bool,
    /// Weight files whose digests are known.
    pub files: Vec<ModelFile>,
    /// Where parent, release, parameters and configuration come from.
    pub sources: Vec<ModelSource>,
}

/// A step to the root.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelAncestor {
    /// Its id.
    pub id: String,
    /// Who made it; `null` where the catalog does not know it.
    pub developer: Option<String>,
    /// The licence of its weights that holds now; `null` where no source gives one.
    pub license: Option<String>,
}

/// A time in which one licence state held.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelLicense {
    /// First day; `null` where it is not known.
    pub from: Option<String>,
    /// First day on which it no longer held; `null` while it holds, or where it is not known.
    pub until: Option<String>,
    /// The upstream revision.
    pub revision: Option<String>,
    /// Licence of the weights.
    pub weights: Option<String>,
    /// Licence of the code, where it is stated apart.
    pub code: Option<String>,
    /// Legal files upstream.
    pub files: Vec<String>,
    /// The use policy that belongs to the licence.
    pub use_policy: Option<String>,
    /// Owners' lines as upstream writes them.
    pub copyright: Vec<String>,
    /// `primary` or `secondary`.
    pub confidence: String,
    /// The source.
    pub source: String,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// A field of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelField {
    /// The canonical key.
    pub key: String,
    /// The value, as text.
    pub value: String,
    /// Values that other sources give; each is accepted.
    pub or: Vec<String>,
    /// Whether shapes or the number of tensors fix it.
    pub shape: bool,
}

/// A weight file whose digest is known.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its path upstream.
    pub path: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether unrelated models ship it too: it then proves that a part was copied, not from where.
    pub component: bool,
    /// Where the digest comes from.
    pub source: String,
    /// `primary` or `secondary`.
    pub confidence: String,
}

/// Where a claim comes from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSource {
    /// `parent`, `release`, `parameters`, `configuration` or `configuration-conflict`.
    pub claim: String,
    /// Keys of the configuration that it covers; empty for all that no other source lists.
    pub keys: Vec<String>,
    /// The release whose file was read, if it is not this one.
    pub sibling: Option<String>,
    /// The source.
    pub source: String,
    /// `primary` or `secondary`.
    pub confidence: String,
}

/// Writes the list.
///
/// # Errors
/// What the writer says.
pub fn write_list(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&entries.iter().map(ListedModel::of).collect::<Vec<_>>(), out)
}

/// Writes one model.
///
/// # Errors
/// What the writer says.
pub fn write_model(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Model::of(page), out)
}

/// The published schemas of these documents, by name (draft 2020-12).
pub fn schemas() -> [(&'static str, serde_json::Value); 2] {
    fn of<T: JsonSchema>(title: &str) -> serde_json::Value {
        let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut schema = generator.into_root_schema_for::<T>();
        schema.insert("title".to_owned(), title.into());
        schema.to_value()
    }
    [
        ("forebear-model-1", of::<Model>("forebear models show, schema version 1")),
        ("forebear-models-1", of::<Vec<ListedModel>>("forebear models, schema version 1")),
    ]
}

impl ListedModel {
    fn of(entry: &Entry) -> Self {
        let Entry { id, developer, family, released, derived_from, license, configuration, files, added } =
            entry.clone();
        Self {
            id,
            developer,
            family,
            released,
            derived_from,
            license,
            configuration_facts: configuration,
            known_files: files,
            added,
        }
    }
}

impl Model {
    fn of(page: &Page) -> Self {
        let Page { entry, aliases, note, parameters: (total_billion, active_billion), .. } = page.clone();
        Self {
            schema_version: 1,
            id: entry.id,
            aliases,
            developer: entry.developer,
            family: entry.family,
            added: entry.added,
            note,
            released: entry.released,
            total_billion,
            active_billion,
            ancestors: page.ancestors.iter().map(ModelAncestor::of).collect(),
            descendants: page.descendants.clone(),
            licenses: page.licenses.iter().map(ModelLicense::of).collect(),
            license_from_memory: page.memory_license.clone(),
            architectures: page.architectures.clone(),
            model_type: page.model_type.clone(),
            configuration: page.config.iter().map(ModelField::of).collect(),
            configuration_from_memory: page.config_from_memory,
            files: page.files.iter().map(ModelFile::of).collect(),
            sources: page.sources.iter().map(ModelSource::of).collect(),
        }
    }
}

impl ModelAncestor {
    fn of(ancestor: &Ancestor) -> Self {
        let Ancestor { id, developer, license } = ancestor.clone();
        Self { id, developer, license }
    }
}

impl ModelLicense {
    fn of(period: &Period) -> Self {
        let period = period.clone();
        Self {
            from: period.from,
            until: period.until,
            revision: period.revision,
            weights: period.weights,
            code: period.code,
            files: period.files,
            use_policy: period.use_policy,
            copyright: period.copyright,
            confidence: period.confidence,
            source: period.source,
            note: period.note,
        }
    }
}

impl ModelField {
    fn of(field: &Field) -> Self {
        let Field { key, value, or, shape } = field.clone();
        Self { key, value, or, shape }
    }
}

impl ModelFile {
    fn of(file: &File) -> Self {
        let File { path, sha256, bytes, component, source, confidence } = file.clone();
        Self { path, sha256, bytes, component, source, confidence }
    }
}

impl ModelSource {
    fn of(one: &Source) -> Self {
        let Source { claim, keys, sibling, source, confidence } = one.clone();
        Self { claim, keys, sibling, source, confidence }
    }
}
