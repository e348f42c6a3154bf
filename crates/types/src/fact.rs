//! What was seen in a repository, and what could not be seen.

mod declarations;
mod gguf;
mod tensors;
mod tokenizer;

use std::sync::Arc;

use crate::config::{ConfigFields, ConfigValue};
use crate::license::Recognition;
use crate::{LineSpan, Located, Location, ObjectId, RepoPath, Sha256, Snapshot};

pub use declarations::{MergeRecipe, Modelfile, Part, Pipeline, QuantisationConfig, SourceCode};
pub use gguf::{Gguf, GgufBase};
pub use tensors::{Tensor, TensorSource, Tensors};
pub use tokenizer::{
    AddedToken, ChatTemplate, GenerationConfig, TokenSketch, Tokenizer, TokenizerConfig, TokenizerKind,
};

/// One thing seen in one file of one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The file.
    pub path: RepoPath,
    /// In which state of the repository.
    pub snapshot: Snapshot,
    /// What it is.
    pub kind: FactKind,
}

/// The kinds of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A licence, notice or policy file.
    LegalFile(LegalFile),
    /// A model card or other README.
    ModelCard(ModelCard),
    /// A `config.json`.
    ModelConfig(ModelConfig),
    /// An `adapter_config.json`.
    AdapterConfig(AdapterConfig),
    /// A weight file, or the LFS pointer that stands for one.
    Weights(WeightsFile),
    /// Names of tensors, with their shapes where a header gives them.
    Tensors(Tensors),
    /// The metadata of a GGUF file.
    Gguf(Box<Gguf>),
    /// A vocabulary.
    Tokenizer(Tokenizer),
    /// How a tokenizer is set up.
    TokenizerConfig(TokenizerConfig),
    /// A chat template.
    ChatTemplate(ChatTemplate),
    /// A `generation_config.json`.
    GenerationConfig(GenerationConfig),
    /// A recipe of a merge.
    MergeRecipe(MergeRecipe),
    /// A quantisation configuration that stands in a file of its own.
    Quantisation(QuantisationConfig),
    /// The parts of a pipeline.
    Pipeline(Pipeline),
    /// An Ollama `Modelfile`.
    Modelfile(Modelfile),
    /// Code that belongs to the model (`modeling_*.py`, `configuration_*.py`).
    SourceCode(SourceCode),
    /// An LFS pointer that stands for a file other than weights.
    Pointer(LfsPointer),
}

/// A file that could not be examined, or not wholly.
///
/// Problems are part of every report: what was not examined never passes as fine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// The file or folder; the root when the repository as a whole is meant.
    pub path: RepoPath,
    /// Line, where one is to blame.
    pub line: Option<u32>,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// What happened, one sentence without a full stop.
    pub what: String,
    /// What to do about it, one sentence without a full stop.
    pub remedy: String,
}

/// Kinds of problems, so that rules can tell "not examined" from "examined with doubts".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The file could not be opened or read.
    Unreadable,
    /// The file is larger than the budget of its reader.
    Oversized,
    /// The file is an LFS pointer where its content is needed.
    PointerOnly,
    /// The file holds merge-conflict markers.
    Conflicted,
    /// The content breaks the rules of its format; what could be read was used.
    Malformed,
    /// The format is known but not examined by this version (PDF, DOCX).
    Unsupported,
    /// History is missing, shallow, cut by a budget, or unreadable.
    History,
    /// forebear's own tables lack what the verdict would need (a licence's duties, a model's licence).
    Tables,
    /// A part of the tree was not listed (too deep, too many entries, a link out of the root).
    Listing,
}

/// The purpose of a legal file, from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegalRole {
    /// `LICENSE*`, `LICENCE*`, `COPYING*`, `UNLICENSE`, files in a `licenses/` folder.
    License,
    /// `NOTICE*`.
    Notice,
    /// `COPYRIGHT*`.
    Copyright,
    /// `USE_POLICY*`.
    UsePolicy,
    /// `THIRD_PARTY*`.
    ThirdParty,
    /// `PATENTS`.
    Patents,
}

/// Whether a legal file speaks for the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The model, or the repository as a whole.
    Model,
    /// Plainly another component: a vendored library, a sub-project. Says why.
    OtherComponent(String),
}

/// A licence, notice or policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalFile {
    /// From its name.
    pub role: LegalRole,
    /// For what it speaks.
    pub scope: Scope,
    /// What its text is.
    pub recognition: Recognition,
    /// Its text, decoded; empty when it could not be read.
    pub text: Arc<str>,
    /// Size in bytes.
    pub size: u64,
    /// Its git blob id, where there is one.
    pub blob: Option<ObjectId>,
    /// Whether the text could be examined. `false` comes with a [`Problem`].
    pub examined: bool,
}

/// A model card: a Markdown file, with or without YAML front matter.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ModelCard {
    /// The lines of the front matter, delimiters included.
    pub front_matter: Option<LineSpan>,
    /// `license:`, one entry or several.
    pub license: Vec<Located<String>>,
    /// `license_name:`.
    pub license_name: Option<Located<String>>,
    /// `license_link:`.
    pub license_link: Option<Located<String>>,
    /// `base_model:`, one entry or several, as written.
    pub base_models: Vec<Located<String>>,
    /// `base_model_relation:`: `adapter`, `finetune`, `merge` or `quantized`.
    pub base_model_relation: Option<Located<String>>,
    /// `datasets:`.
    pub datasets: Vec<Located<String>>,
    /// `tags:`.
    pub tags: Vec<Located<String>>,
    /// `model_name:`.
    pub model_name: Option<Located<String>>,
    /// Licence texts, copyright lines and mentions in the body.
    pub recognition: Recognition,
    /// The whole file, front matter included.
    pub text: Arc<str>,
    /// Its git blob id, where there is one.
    pub blob: Option<ObjectId>,
}

/// A `config.json` (Meta's `params.json`, NeMo's `model_config.yaml`), or the part of one that describes a language model.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ModelConfig {
    /// `architectures`.
    pub architectures: Vec<Located<String>>,
    /// `model_type`.
    pub model_type: Option<Located<String>>,
    /// `_name_or_path`: what was loaded when the configuration was saved; a model id or a local path.
    pub name_or_path: Option<Located<String>>,
    /// The nested table that the fields were read from (`text_config`, `llm_config` …); empty for the root.
    pub section: String,
    /// The canonical fields of the language model.
    pub fields: ConfigFields,
    /// The method of `quantization_config` and its like, in lower case; a [`QuantisationConfig`] of the same path says more.
    pub quantisation: Option<Located<String>>,
    /// How the positions were stretched beyond those of the training.
    pub rope_scaling: Option<Located<RopeScaling>>,
    /// `hidden_act`.
    pub activation: Option<Located<String>>,
    /// Classes of custom code that `auto_map` names.
    pub auto_map: Vec<Located<String>>,
    /// The whole file.
    pub text: Arc<str>,
}

/// `rope_scaling`, or the same keys in `rope_parameters`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RopeScaling {
    /// `rope_type` or `type`: `linear`, `dynamic`, `yarn`, `llama3` …
    pub kind: Option<String>,
    /// `factor`.
    pub factor: Option<ConfigValue>,
    /// `original_max_position_embeddings`.
    pub original_positions: Option<u64>,
}

/// An `adapter_config.json` of PEFT, adapter-transformers or MLX.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AdapterConfig {
    /// `base_model_name_or_path` (adapter-transformers `model_name`, MLX `model`): a model id or a local path.
    pub base_model: Option<Located<String>>,
    /// `revision` of the base, where stated.
    pub revision: Option<Located<String>>,
    /// `peft_type`: `LORA`, `IA3` …; in upper case.
    pub peft_type: Option<Located<String>>,
    /// Whether the adapter decomposes weights (`use_dora`).
    pub dora: bool,
    /// `task_type`: `CAUSAL_LM` …
    pub task_type: Option<Located<String>>,
    /// The class of the base: `auto_mapping.base_model_class`, adapter-transformers `model_class`.
    pub base_class: Option<Located<String>>,
    /// The module or kind of model that holds the class: `auto_mapping.parent_library`, adapter-transformers `model_type`.
    pub parent_library: Option<Located<String>>,
    /// `r`, the rank.
    pub rank: Option<Located<u64>>,
    /// `target_modules`: names, or one expression.
    pub target_modules: Vec<Located<String>>,
    /// The name of the base that is left when the mark of a quantised re-upload is taken off (`-bnb-4bit`, `-GPTQ`, `-AWQ` …);
    /// `None` where `base_model` bears none.
    pub unquantised_name: Option<String>,
    /// The whole file.
    pub text: Arc<str>,
}

/// Formats of weight files, from their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WeightsFormat {
    /// `*.safetensors`.
    Safetensors,
    /// `*.gguf`, `*.ggml`.
    Gguf,
    /// `*.bin`, `*.pt`, `*.pth`, `*.ckpt` of PyTorch.
    PyTorch,
    /// `*.onnx`, `*.onnx_data`.
    Onnx,
    /// `*.h5`, `*.tflite`, `tf_model*`, `*.msgpack`, `*.nemo`, `*.npz` and others.
    Other,
}

/// A weight file, or the LFS pointer that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsFile {
    /// From its name.
    pub format: WeightsFormat,
    /// Size of the real file in bytes; for a pointer, as the pointer states.
    pub size: u64,
    /// The pointer, if the file's content is not here.
    pub pointer: Option<LfsPointer>,
    /// Whether the file holds an adapter only (`adapter_model.*`).
    pub adapter: bool,
}

impl WeightsFile {
    /// Whether equal bytes of such a file say anything: an empty file, or one of a few bytes, equals every other. From 1 KiB on.
    pub fn is_telling(&self) -> bool {
        self.size >= 1 << 10
    }
}

/// What an LFS pointer says of the real file.
///
/// Source of the format: the git-lfs specification, `docs/spec.md`, version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LfsPointer {
    /// SHA-256 of the real file.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size: u64,
}

/// What readers return: facts, and what they could not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What was seen.
    pub facts: Vec<Fact>,
    /// What could not be examined.
    pub problems: Vec<Problem>,
}

impl Fact {
    /// The weight files among facts, in their order.
    pub fn weights(facts: &[Self]) -> impl Iterator<Item = (&RepoPath, &WeightsFile)> {
        facts.iter().filter_map(|fact| match &fact.kind {
            FactKind::Weights(file) => Some((&fact.path, file)),
            _ => None,
        })
    }

    /// The file as a location.
    pub fn location(&self) -> Location {
        Location::file(self.path.clone())
    }

    /// The text of the file, for reports that show its lines; `None` where it was not kept.
    pub fn text(&self) -> Option<&str> {
        let text = match &self.kind {
            FactKind::LegalFile(file) => &file.text,
            FactKind::ModelCard(card) => &card.text,
            FactKind::ModelConfig(config) => &config.text,
            FactKind::AdapterConfig(adapter) => &adapter.text,
            FactKind::TokenizerConfig(config) => &config.text,
            FactKind::GenerationConfig(config) => &config.text,
            FactKind::MergeRecipe(recipe) => &recipe.text,
            FactKind::Quantisation(config) => &config.text,
            FactKind::Pipeline(pipeline) => &pipeline.text,
            FactKind::Modelfile(file) => &file.text,
            FactKind::SourceCode(code) => &code.head,
            FactKind::Weights(_)
            | FactKind::Tensors(_)
            | FactKind::Gguf(_)
            | FactKind::Tokenizer(_)
            | FactKind::ChatTemplate(_)
            | FactKind::Pointer(_) => return None,
        };
        Some(text)
    }

    /// Whether the file is a part of a model, or a card that speaks of one: there is something to owe for.
    pub fn is_of_model(&self) -> bool {
        match &self.kind {
            FactKind::ModelCard(card) => !card.license.is_empty() || !card.base_models.is_empty(),
            FactKind::LegalFile(_) | FactKind::Pointer(_) | FactKind::SourceCode(_) => false,
            FactKind::ModelConfig(_)
            | FactKind::AdapterConfig(_)
            | FactKind::Weights(_)
            | FactKind::Tensors(_)
            | FactKind::Gguf(_)
            | FactKind::MergeRecipe(_)
            | FactKind::Quantisation(_)
            | FactKind::Pipeline(_)
            | FactKind::Modelfile(_) => true,
            // A tokenizer alone may be anybody's: programs that only use one ship it.
            FactKind::Tokenizer(_)
            | FactKind::TokenizerConfig(_)
            | FactKind::ChatTemplate(_)
            | FactKind::GenerationConfig(_) => false,
        }
    }

    /// The recognised texts of a legal file or a card; `None` for other facts.
    pub fn recognition(&self) -> Option<&Recognition> {
        match &self.kind {
            FactKind::LegalFile(file) => Some(&file.recognition),
            FactKind::ModelCard(card) => Some(&card.recognition),
            _ => None,
        }
    }
}
