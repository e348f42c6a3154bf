//! Who the model descends from.

use schemars::JsonSchema;
use serde::Serialize;

use super::first_line;

/// One step up in the family tree.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    /// The folder of the model of the repository that this is about; empty for the root.
    pub subject: String,
    /// The child, if it is an ancestor that the catalog knows; `null` if it is the model of the repository itself.
    pub child: Option<String>,
    /// Hugging Face ids, best first; several where the evidence cannot tell them apart.
    #[schemars(length(min = 1))]
    pub candidates: Vec<String>,
    /// How the child came from the base.
    pub relation: Relation,
    /// The strength of the strongest evidence.
    pub strength: Strength,
    /// Whether all candidates come from one developer and no independent model is known that the evidence would also fit.
    pub unique: bool,
    /// How sure the step is.
    pub confidence: Confidence,
    /// Whether the publisher names this base where tools look for it.
    pub declared: bool,
    /// Reasons for.
    pub evidence: Vec<Evidence>,
    /// Reasons against.
    pub against: Vec<Evidence>,
}

/// How a child came from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the contract")]
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

/// How much evidence proves, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Strength {
    Identical,
    Weights,
    Declared,
    Structural,
    Circumstantial,
}

/// How sure a statement is: the weakest link of its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Confidence {
    High,
    Medium,
    Low,
}

/// One reason for or against.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// From which kind of fact. Kinds may be added.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub kind: String,
    /// The file; `null` for what the catalog or the user says.
    pub path: Option<String>,
    /// The line, from 1; `null` where no one line says it.
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
    /// What was seen, with the figures that mattered.
    pub detail: String,
    /// The p-value of a statistical test, 0 to 1; left out for evidence that is not one.
    #[schemars(with = "f64", range(min = 0.0, max = 1.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
}

impl Hop {
    pub(super) fn of(hop: &forebear_types::lineage::Hop) -> Self {
        use forebear_types::lineage::{Relation as R, Strength as S};
        Self {
            subject: hop.subject.to_string(),
            child: hop.child.as_ref().map(ToString::to_string),
            candidates: hop.candidates.iter().map(|candidate| candidate.model.to_string()).collect(),
            relation: match hop.relation {
                R::FineTune => Relation::FineTune,
                R::ContinuedPreTraining => Relation::ContinuedPreTraining,
                R::Quantised => Relation::Quantised,
                R::Converted => Relation::Converted,
                R::Adapter => Relation::Adapter,
                R::Merge => Relation::Merge,
                R::Pruned => Relation::Pruned,
                R::LayersDropped => Relation::LayersDropped,
                R::LayersDuplicated => Relation::LayersDuplicated,
                R::ExpertsPruned => Relation::ExpertsPruned,
                R::VocabularyExtended => Relation::VocabularyExtended,
                R::ContextExtended => Relation::ContextExtended,
                R::DistilledInto => Relation::DistilledInto,
                R::Rehost => Relation::Rehost,
                R::Unknown => Relation::Unknown,
            },
            strength: match hop.strength {
                S::Identical => Strength::Identical,
                S::Weights => Strength::Weights,
                S::Declared => Strength::Declared,
                S::Structural => Strength::Structural,
                S::Circumstantial => Strength::Circumstantial,
            },
            unique: hop.unique,
            confidence: Confidence::of(hop.confidence),
            declared: hop.declared,
            evidence: hop.because.iter().map(Evidence::of).collect(),
            against: hop.against.iter().map(Evidence::of).collect(),
        }
    }
}

impl Confidence {
    pub(super) fn of(confidence: forebear_types::lineage::Confidence) -> Self {
        use forebear_types::lineage::Confidence as C;
        match confidence {
            C::High => Self::High,
            C::Medium => Self::Medium,
            C::Low => Self::Low,
        }
    }
}

impl Evidence {
    fn of(evidence: &forebear_types::lineage::Evidence) -> Self {
        Self {
            kind: evidence.kind.name().to_owned(),
            path: evidence.location.as_ref().map(|location| location.path.to_string()),
            line: evidence.location.as_ref().and_then(first_line),
            detail: evidence.detail.clone(),
            p: evidence.p.map(forebear_types::lineage::Probability::value),
        }
    }
}
