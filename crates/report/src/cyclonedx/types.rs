//! The output types: the part of CycloneDX 1.6 and 1.7 that forebear writes. They are frozen; names are those of the specification.

use std::borrow::Cow;

use serde::Serialize;

/// A whole document. Fields stand in the order of the specification's examples.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The address of the schema.
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    /// Always `CycloneDX`.
    pub bom_format: &'static str,
    /// `1.6` or `1.7`.
    pub spec_version: &'static str,
    /// `urn:uuid:…`, which follows from the rest of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// Always 1: another content is another document.
    pub version: u32,
    /// What made the document, when, and about what it is.
    pub metadata: Metadata,
    /// Models in folders, and the weight files.
    pub components: Vec<Component>,
    /// What needs what.
    pub dependencies: Vec<Dependency>,
    /// How complete the lists are.
    pub compositions: Vec<Composition>,
    /// The findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
    /// Who supplied which part (1.7).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation>,
}

/// What made the document, when, and about what it is.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    /// RFC 3339.
    pub timestamp: String,
    /// forebear.
    pub tools: Tools,
    /// The model.
    pub component: Component,
    /// What has no field of its own.
    pub properties: Vec<Property>,
}

/// The tools that made the document.
#[derive(Clone, Debug, Serialize)]
pub struct Tools {
    /// Each of them.
    pub components: Vec<Component>,
}

/// A thing: a model, a file, a program.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// `machine-learning-model`, `file` or `application`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name within the document.
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub bom_ref: Option<String>,
    /// The organisation before the slash of an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it is called.
    pub name: String,
    /// Its revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Digests of its bytes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash>,
    /// Declared and concluded licences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<LicenseChoice>,
    /// The package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Whom it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pedigree: Option<Pedigree>,
    /// Addresses that are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_references: Vec<ExternalReference>,
    /// Licence texts and owners' lines that are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What the files say of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_card: Option<ModelCard>,
    /// What has no field of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// A digest.
#[derive(Clone, Debug, Serialize)]
pub struct Hash {
    /// `SHA-256`.
    pub alg: &'static str,
    /// Hexadecimal, in lower case.
    pub content: String,
}

/// A licence by itself, or an expression.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum LicenseChoice {
    /// A licence.
    License {
        /// The licence.
        license: License,
    },
    /// An SPDX expression. Version 1.6 has it only where there is no other entry.
    Expression {
        /// The expression.
        expression: String,
        /// `declared` or `concluded`.
        acknowledgement: &'static str,
        /// What has no field of its own (1.7).
        #[serde(skip_serializing_if = "Vec::is_empty")]
        properties: Vec<Property>,
    },
}

/// A licence by itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct License {
    /// An id of the SPDX list, as far as the schemas know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Any other name. Either this or `id` is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `declared` or `concluded`; absent for evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<&'static str>,
    /// What has no field of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// Whom a component comes from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pedigree {
    /// Models that it descends from for certain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<Component>,
    /// Models that it may descend from: related, in a direction that is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Component>,
    /// Commits that changed legal texts or declarations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<Commit>,
    /// What a reader has to know of the variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// A commit.
#[derive(Clone, Debug, Serialize)]
pub struct Commit {
    /// The full id.
    pub uid: String,
    /// When it was committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committer: Option<Action>,
    /// First line of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// When something was done.
#[derive(Clone, Debug, Serialize)]
pub struct Action {
    /// RFC 3339.
    pub timestamp: String,
}

/// An address.
#[derive(Clone, Debug, Serialize)]
pub struct ExternalReference {
    /// What is there.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The address.
    pub url: String,
}

/// What was found in the files of a component.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// Licence texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<LicenseChoice>,
    /// Owners' lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copyright: Vec<Copyright>,
}

/// An owner's line.
#[derive(Clone, Debug, Serialize)]
pub struct Copyright {
    /// Verbatim.
    pub text: String,
}

/// What the files say of a model.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelCard {
    /// Architecture and data sets.
    pub model_parameters: ModelParameters,
    /// Sizes and dimensions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// Architecture and data sets.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelParameters {
    /// `model_type` of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture_family: Option<String>,
    /// The first of `architectures`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_architecture: Option<String>,
    /// What the card names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Dataset>,
}

/// A data set.
#[derive(Clone, Debug, Serialize)]
pub struct Dataset {
    /// Always `dataset`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name within the document.
    #[serde(rename = "bom-ref")]
    pub bom_ref: String,
    /// As the card writes it.
    pub name: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
}

/// Where a data set is.
#[derive(Clone, Debug, Serialize)]
pub struct Contents {
    /// The address.
    pub url: String,
}

/// What a component needs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// The component.
    #[serde(rename = "ref")]
    pub of: String,
    /// What it needs; always there, since readers trip over a list that is absent.
    pub depends_on: Vec<String>,
}

/// How complete a list is.
#[derive(Clone, Debug, Serialize)]
pub struct Composition {
    /// `incomplete`.
    pub aggregate: &'static str,
    /// The components of which that is said.
    pub assemblies: Vec<String>,
}

/// A remark of a tool.
#[derive(Clone, Debug, Serialize)]
pub struct Annotation {
    /// Its name within the document.
    #[serde(rename = "bom-ref")]
    pub bom_ref: String,
    /// On what.
    pub subjects: Vec<String>,
    /// Whose.
    pub annotator: Annotator,
    /// When.
    pub timestamp: String,
    /// The remark.
    pub text: String,
}

/// Who made a remark.
#[derive(Clone, Debug, Serialize)]
pub struct Annotator {
    /// The tool.
    pub component: Component,
}

/// Who supplied a part of the document (1.7).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Citation {
    /// Its name within the document.
    #[serde(rename = "bom-ref")]
    pub bom_ref: String,
    /// The parts, as JSON pointers.
    pub pointers: Vec<String>,
    /// When.
    pub timestamp: String,
    /// The component that supplied it.
    pub attributed_to: String,
    /// From what.
    pub note: &'static str,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Property {
    /// `forebear:…`.
    pub name: Cow<'static, str>,
    /// The value.
    pub value: String,
}

impl Property {
    /// A property of forebear's name space.
    pub(super) fn new(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
