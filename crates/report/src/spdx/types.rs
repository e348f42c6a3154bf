//! The output types: the part of SPDX 3.0.1 that forebear writes, in its JSON-LD serialisation. They are frozen; names are those of
//! the specification's context file.

use serde::Serialize;

/// A whole document.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The context file of SPDX 3.0.1.
    #[serde(rename = "@context")]
    pub context: &'static str,
    /// The creation information first, then the elements.
    #[serde(rename = "@graph")]
    pub graph: Vec<Node>,
}

/// A thing in the graph.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "each variant holds the type of its name")]
pub enum Node {
    CreationInfo(CreationInfo),
    Element(Element),
    Collection(Collection),
    Package(Box<Package>),
    LicenseExpression(LicenseExpression),
    LicensingText(LicensingText),
    Relationship(Relationship),
    Annotation(Annotation),
}

/// Who made the elements, and when.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationInfo {
    /// `CreationInfo`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// A blank node: it is no element.
    #[serde(rename = "@id")]
    pub id: &'static str,
    /// `3.0.1`.
    pub spec_version: &'static str,
    /// UTC, to the second.
    pub created: String,
    /// forebear.
    pub created_by: Vec<String>,
}

/// What every element has: an agent has nothing else, a file no more than digests besides.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Element {
    /// `Agent`, `SoftwareAgent`, `software_File` …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `urn:uuid:…#…`.
    pub spdx_id: String,
    /// The creation information.
    pub creation_info: &'static str,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a reader has to know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Digests of its bytes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verified_using: Vec<Hash>,
    /// `file`, for files.
    #[serde(rename = "software_fileKind", skip_serializing_if = "Option::is_none")]
    pub file_kind: Option<&'static str>,
}

/// A digest.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hash {
    /// `Hash`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `sha256`.
    pub algorithm: &'static str,
    /// Hexadecimal, in lower case.
    pub hash_value: String,
}

/// The document or the bill of materials.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    /// What every element has.
    #[serde(flatten)]
    pub element: Element,
    /// Where a reader begins.
    pub root_element: Vec<String>,
    /// Everything in it.
    #[serde(rename = "element")]
    pub elements: Vec<String>,
    /// The profiles that it keeps to.
    pub profile_conformance: Vec<&'static str>,
    /// `analyzed`, for a bill of materials.
    #[serde(rename = "software_sbomType", skip_serializing_if = "Vec::is_empty")]
    pub sbom_type: Vec<&'static str>,
}

/// A model (`ai_AIPackage`) or a data set (`dataset_DatasetPackage`).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Package {
    /// What every element has.
    #[serde(flatten)]
    pub element: Element,
    /// Who passes it on.
    #[serde(rename = "suppliedBy", skip_serializing_if = "Option::is_none")]
    pub supplied_by: Option<String>,
    /// `model` or `data`.
    #[serde(rename = "software_primaryPurpose")]
    pub primary_purpose: &'static str,
    /// Its revision.
    #[serde(rename = "software_packageVersion", skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it can be had.
    #[serde(rename = "software_downloadLocation", skip_serializing_if = "Option::is_none")]
    pub download_location: Option<String>,
    /// The package URL.
    #[serde(rename = "software_packageUrl", skip_serializing_if = "Option::is_none")]
    pub package_url: Option<String>,
    /// The owners' lines in its files.
    #[serde(rename = "software_copyrightText", skip_serializing_if = "Option::is_none")]
    pub copyright: Option<String>,
    /// Lines that whoever passes it on has to carry.
    #[serde(rename = "software_attributionText", skip_serializing_if = "Vec::is_empty")]
    pub attribution: Vec<String>,
    /// Architecture and family.
    #[serde(rename = "ai_typeOfModel", skip_serializing_if = "Vec::is_empty")]
    pub type_of_model: Vec<String>,
    /// Dimensions and settings that the configuration states.
    #[serde(rename = "ai_hyperparameter", skip_serializing_if = "Vec::is_empty")]
    pub hyperparameters: Vec<Entry>,
    /// `noAssertion`, for data sets.
    #[serde(rename = "dataset_datasetType", skip_serializing_if = "Vec::is_empty")]
    pub dataset_type: Vec<&'static str>,
}

/// A key with a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `DictionaryEntry`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Entry {
    /// An entry.
    pub(super) fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { kind: "DictionaryEntry", key: key.into(), value: value.into() }
    }
}

/// An SPDX licence expression.
#[derive(Clone, Debug, Serialize)]
pub struct LicenseExpression {
    /// What every element has.
    #[serde(flatten)]
    pub element: Element,
    /// The expression.
    #[serde(rename = "simplelicensing_licenseExpression")]
    pub expression: String,
    /// Where its `LicenseRef-…` are.
    #[serde(rename = "simplelicensing_customIdToUri", skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<Entry>,
}

/// A licence that is not on the SPDX list.
#[derive(Clone, Debug, Serialize)]
pub struct LicensingText {
    /// What every element has.
    #[serde(flatten)]
    pub element: Element,
    /// Where the text is: texts of others are not repeated.
    #[serde(rename = "simplelicensing_licenseText")]
    pub text: String,
}

/// What one element has to do with others.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// What every element has.
    #[serde(flatten)]
    pub element: Element,
    /// The one.
    pub from: String,
    /// What it has to do with them.
    pub relationship_type: &'static str,
    /// The others, or a word for none or no assertion.
    pub to: Vec<String>,
    /// Whether these are all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<&'static str>,
}

/// A remark.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation {
    /// What every element has.
    #[serde(flatten)]
    pub element: Element,
    /// `review` for findings, `other` for duties and for what was not examined.
    pub annotation_type: &'static str,
    /// On what.
    pub subject: String,
    /// The remark.
    pub statement: String,
}
