//! Who a model descends from, with graded evidence.

use crate::{Location, ModelId, RepoPath};

/// How much a piece of evidence proves. Ordered from weakest to strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Name, prose, code header, or a shape that unrelated models share.
    Circumstantial,
    /// A configuration that only this base (or its releases) has.
    Structural,
    /// The publisher says so.
    Declared,
    /// A statistical test on the weights.
    Weights,
    /// The same bytes.
    Identical,
}

impl Strength {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Circumstantial => "circumstantial",
            Self::Structural => "structural",
            Self::Declared => "declared",
            Self::Weights => "weights",
            Self::Identical => "identical",
        }
    }
}

/// How sure a statement is: the weakest link of its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely; another explanation is not ruled out.
    Medium,
    /// As sure as the facts that are shown.
    High,
}

impl Confidence {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How the child came from the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the terms of the field")]
pub enum Relation {
    FineTune,
    ContinuedPreTraining,
    Quantised,
    Converted,
    Adapter,
    Merge,
    Pruned,
    LayersDropped,
    LayersDuplicated,
    ExpertsPruned,
    VocabularyExtended,
    ContextExtended,
    DistilledInto,
    Rehost,
    Unknown,
}

impl Relation {
    /// All relations.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            Self::FineTune,
            Self::ContinuedPreTraining,
            Self::Quantised,
            Self::Converted,
            Self::Adapter,
            Self::Merge,
            Self::Pruned,
            Self::LayersDropped,
            Self::LayersDuplicated,
            Self::ExpertsPruned,
            Self::VocabularyExtended,
            Self::ContextExtended,
            Self::DistilledInto,
            Self::Rehost,
            Self::Unknown,
        ]
        .into_iter()
    }

    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::FineTune => "fine-tune",
            Self::ContinuedPreTraining => "continued-pre-training",
            Self::Quantised => "quantised",
            Self::Converted => "converted",
            Self::Adapter => "adapter",
            Self::Merge => "merge",
            Self::Pruned => "pruned",
            Self::LayersDropped => "layers-dropped",
            Self::LayersDuplicated => "layers-duplicated",
            Self::ExpertsPruned => "experts-pruned",
            Self::VocabularyExtended => "vocabulary-extended",
            Self::ContextExtended => "context-extended",
            Self::DistilledInto => "distilled-into",
            Self::Rehost => "rehost",
            Self::Unknown => "unknown",
        }
    }
}

/// From which kind of fact a piece of evidence comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// `base_model` in a card.
    CardDeclaration,
    /// `base_model_name_or_path` in an adapter configuration.
    AdapterDeclaration,
    /// `general.base_model.*` and its like in the metadata of a GGUF file.
    GgufDeclaration,
    /// A model that a merge recipe lists.
    MergeDeclaration,
    /// `FROM` in an Ollama `Modelfile`.
    ModelfileDeclaration,
    /// `_name_or_path` in a configuration, or what a quantisation or tokenizer configuration says was loaded.
    ConfigName,
    /// Stated by the person who runs forebear (`--base`, `[[upstream]]`).
    StatedByUser,
    /// Equal configuration.
    Configuration,
    /// One difference or agreement in the configuration that weighs for or against.
    ConfigurationDetail,
    /// Names and shapes of tensors.
    Tensors,
    /// Weights, compared with the fingerprint of a base.
    Weights,
    /// The same bytes: an LFS object id, a git blob id or a digest that the catalog knows.
    FileDigest,
    /// A vocabulary that a base's releases have.
    Tokenizer,
    /// A chat template, or the marks that it uses.
    ChatTemplate,
    /// Headers and class names of code that belongs to the model.
    SourceCode,
    /// A file that was there once and was removed or changed.
    History,
    /// A comparison with a local clone of the suspected base.
    UpstreamComparison,
    /// A model is named in prose.
    Prose,
    /// A file, a folder, a tag or the model itself bears a name that contains a model's name.
    Name,
    /// The catalog of base models says so.
    Catalog,
}

impl EvidenceKind {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::CardDeclaration => "card-declaration",
            Self::AdapterDeclaration => "adapter-declaration",
            Self::GgufDeclaration => "gguf-declaration",
            Self::MergeDeclaration => "merge-declaration",
            Self::ModelfileDeclaration => "modelfile-declaration",
            Self::ConfigName => "config-name",
            Self::StatedByUser => "stated-by-user",
            Self::Configuration => "configuration",
            Self::ConfigurationDetail => "configuration-detail",
            Self::Tensors => "tensors",
            Self::Weights => "weights",
            Self::FileDigest => "file-digest",
            Self::Tokenizer => "tokenizer",
            Self::ChatTemplate => "chat-template",
            Self::SourceCode => "source-code",
            Self::History => "history",
            Self::UpstreamComparison => "upstream-comparison",
            Self::Prose => "prose",
            Self::Name => "name",
            Self::Catalog => "catalog",
        }
    }
}

/// One reason for or against a hop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// From what.
    pub kind: EvidenceKind,
    /// How much it proves by itself.
    pub strength: Strength,
    /// Where it stands; `None` for what the user stated or the catalog says.
    pub location: Option<Location>,
    /// One sentence without a full stop: what was seen, with the figures that mattered.
    pub detail: String,
    /// The p-value, where it is a statistical test that found something.
    pub p: Option<Probability>,
}

/// A probability from 0 to 1, kept in parts of 10^-12 so that it has an order and an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probability(u64);

impl Probability {
    const PARTS: f64 = 1e12;

    /// Rounds up to the next part: what is claimed is never less than what was found. What is no number is 1.
    pub fn new(value: f64) -> Self {
        let value = if value.is_nan() { 1.0 } else { value.clamp(0.0, 1.0) };
        Self((value * Self::PARTS).ceil() as u64)
    }

    /// From 0 to 1.
    pub fn value(self) -> f64 {
        self.0 as f64 / Self::PARTS
    }
}

/// A model that may be the base.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Candidate {
    /// Hugging Face id, in the catalog's spelling where the catalog knows it.
    pub model: ModelId,
    /// Revision of the base, if stated.
    pub revision: Option<String>,
    /// Whether the catalog knows the model.
    pub known: bool,
}

/// One step up in the family tree: the examined model (or an ancestor) and the candidates for its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The folder of the model that this is about; the root for the usual one-model repository.
    pub subject: RepoPath,
    /// The child, if it is not the examined model itself but an ancestor known from the catalog.
    pub child: Option<ModelId>,
    /// The candidates, best first; more than one when the evidence cannot tell them apart. Never empty.
    pub candidates: Vec<Candidate>,
    /// How the child came from the base.
    pub relation: Relation,
    /// The strongest evidence.
    pub strength: Strength,
    /// Whether all candidates come from one developer and no independent model is known that the evidence would
    /// also fit. Only a unique match of a structure or of weights can carry a violation: weights agree with those of a sibling, too,
    /// so that the base must be known as one from which others are made, or its parent must be further away.
    pub unique: bool,
    /// How sure the hop is.
    pub confidence: Confidence,
    /// Whether the publisher names this base where tools look for it (front matter of a card, adapter configuration).
    pub declared: bool,
    /// Reasons for.
    pub because: Vec<Evidence>,
    /// Reasons against.
    pub against: Vec<Evidence>,
}

impl Hop {
    /// Whether a violation may rest on this hop (design, section 4): identical or declared, or by weights or structure and unique.
    pub fn carries_violation(&self) -> bool {
        match self.strength {
            Strength::Identical | Strength::Declared => true,
            Strength::Weights | Strength::Structural => self.unique,
            Strength::Circumstantial => false,
        }
    }

    /// The candidates for people: one id, or "one of A, B and C".
    pub fn title(&self) -> String {
        match self.candidates.as_slice() {
            [only] => only.model.to_string(),
            [one, two] => format!("{} or {}", one.model, two.model),
            several => {
                let names: Vec<&str> = several.iter().map(|candidate| candidate.model.as_str()).collect();
                match names.split_last() {
                    Some((last, rest)) => format!("one of {} or {last}", rest.join(", ")),
                    None => String::new(),
                }
            }
        }
    }
}

/// Hops, best first. Empty when no base was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// The hops.
    pub hops: Vec<Hop>,
}
