//! Files that say how a model was made or of what it consists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::license::Recognition;
use crate::{Located, RepoPath};

/// A recipe of a merge: `mergekit_config.yml`, or the recipe in a card.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MergeRecipe {
    /// `merge_method`: `slerp`, `ties`, `passthrough` …
    pub method: Option<Located<String>>,
    /// `base_model`.
    pub base: Option<Located<String>>,
    /// Every model that takes part, each once, in the order of the file; ids or local paths without revision, adapters behind
    /// `+` apart.
    pub models: Vec<Located<String>>,
    /// Revisions that references of the form `model@revision` name, by model.
    pub revisions: BTreeMap<String, String>,
    /// Slices of layers, `(model, first, behind the last)`, as the recipe lists them.
    pub slices: Vec<(String, u64, u64)>,
    /// The model whose tokenizer was taken, where the recipe names one.
    pub tokenizer: Option<Located<String>>,
    /// The whole file; of a recipe in a card the whole card, so that lines are those of the file.
    pub text: Arc<str>,
}

/// `quantize_config.json`, `quant_config.json`, `quantization_config.json`, `hf_quant_config.json`, and the table of a
/// `config.json` that says the same (`quantization_config`, `compression_config`, `quantization`).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct QuantisationConfig {
    /// `gptq`, `awq`, `bitsandbytes`, `fp8`, `mlx`, `compressed-tensors` …, in lower case.
    pub method: Option<Located<String>>,
    /// Bits of a weight, where stated.
    pub bits: Option<Located<u64>>,
    /// A model or path that the file names as what was quantised.
    pub model: Option<Located<String>>,
    /// The form of the numbers where stated, as written: `e4m3`, `NVFP4`, `pack-quantized`.
    pub format: Option<Located<String>>,
    /// Rows and columns of the blocks that share a scale (`weight_block_size`); empty where not stated. A base that was
    /// released in FP8 (DeepSeek-V3) states `fp8`, `e4m3` and 128 × 128: such a table says nothing about a conversion.
    pub block: Vec<u64>,
    /// The program that wrote it, where stated: `modelopt 0.29.0`, `gptqmodel:1.4.0`.
    pub tool: Option<Located<String>>,
    /// The whole file.
    pub text: Arc<str>,
}

/// One part of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name: `unet`, `text_encoder`, `0_Transformer`.
    pub name: String,
    /// Library or module path that holds its class.
    pub library: String,
    /// Its class.
    pub class: String,
    /// The folder that holds it, if the file says so.
    pub folder: Option<RepoPath>,
    /// The repository that it is loaded from, if the file names another one (modular pipelines).
    pub from: Option<String>,
    /// Line in the file.
    pub line: u32,
}

/// `model_index.json` of diffusers, `modules.json` of sentence-transformers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Pipeline {
    /// `_class_name`; `SentenceTransformer` for `modules.json`.
    pub class: Option<Located<String>>,
    /// `_name_or_path`, where stated.
    pub name_or_path: Option<Located<String>>,
    /// Its parts.
    pub parts: Vec<Part>,
    /// The whole file.
    pub text: Arc<str>,
}

/// An Ollama `Modelfile`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Modelfile {
    /// `FROM`, each: a model of the Ollama library, `hf.co/…`, or a path. Quantisation tags are kept.
    pub from: Vec<Located<String>>,
    /// `ADAPTER`, each.
    pub adapters: Vec<Located<String>>,
    /// What `LICENSE` instructions hold.
    pub recognition: Recognition,
    /// The whole file.
    pub text: Arc<str>,
}

/// Python code that belongs to the model.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SourceCode {
    /// Licence names and copyright lines in the comment at its head.
    pub recognition: Recognition,
    /// Classes of models and configurations that it defines, with the class that each extends first (`""` without one).
    pub classes: Vec<(Located<String>, String)>,
    /// `model_type = "…"`.
    pub model_types: Vec<Located<String>>,
    /// What comments say was copied: `transformers.models.llama.modeling_llama.LlamaMLP`; one for each module.
    pub copied_from: Vec<Located<String>>,
    /// Modules of models and configurations that it imports: `configuration_deepseek`,
    /// `transformers.models.llama.modeling_llama`; each once.
    pub imports: Vec<Located<String>>,
    /// The first 16 KiB of the file.
    pub head: Arc<str>,
}
