//! The metadata of GGUF files.

use super::ModelConfig;

/// What the header of a GGUF file says. Keys are those of the GGUF specification, `docs/gguf.md` of ggml-org/ggml.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Gguf {
    /// Version of the format: 1, 2 or 3.
    pub version: u32,
    /// Number of tensors that the file says it holds.
    pub tensors: u64,
    /// `general.architecture`.
    pub architecture: Option<String>,
    /// `general.name`.
    pub name: Option<String>,
    /// `general.author`.
    pub author: Option<String>,
    /// `general.quantized_by`.
    pub quantized_by: Option<String>,
    /// `general.license`: what the file declares of itself, apart from any card.
    pub license: Option<String>,
    /// `general.license.name`.
    pub license_name: Option<String>,
    /// `general.license.link`.
    pub license_link: Option<String>,
    /// `general.source.repo_url`: what the file was converted from.
    pub source_repo_url: Option<String>,
    /// `general.file_type`: 0, 1 and 32 are unquantised, others quantised.
    pub file_type: Option<u32>,
    /// Whether `general.type` is `adapter`.
    pub adapter: bool,
    /// `tokenizer.ggml.model`.
    pub tokenizer_model: Option<String>,
    /// `tokenizer.ggml.pre`.
    pub tokenizer_pre: Option<String>,
    /// Number of entries of `tokenizer.ggml.tokens`.
    pub tokens: Option<u64>,
    /// `general.base_model.*`.
    pub bases: Vec<GgufBase>,
    /// The shape, where the architecture is one whose fields are those of `config.json`. Its places have line 0.
    pub config: Option<ModelConfig>,
}

/// A parent as the metadata of a GGUF file name it: `general.base_model.<index>.*`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GgufBase {
    /// The number in the key, from 0.
    pub index: u32,
    /// `name`.
    pub name: Option<String>,
    /// `author`.
    pub author: Option<String>,
    /// `organization`.
    pub organization: Option<String>,
    /// `version`.
    pub version: Option<String>,
    /// `repo_url`.
    pub repo_url: Option<String>,
}
