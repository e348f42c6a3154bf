//! What a repository does with a base, as far as the hop to it shows: which of a licence's triggers it pulls.

use forebear_licenses::terms::{Term, Trigger};
use forebear_types::lineage::{Hop, Relation, Strength};

/// What is done with one base. `None` is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deeds {
    /// Whether something was changed.
    pub(crate) modified: Option<bool>,
    /// Whether another model was made with it, or with its outputs.
    pub(crate) made_with: Option<bool>,
}

impl Deeds {
    /// What the relation of a hop says. A base that is declared, or stated, without more is that of a fine-tune, as the Hub takes it.
    pub(crate) fn of(hop: &Hop) -> Self {
        let (modified, made_with) = match hop.relation {
            Relation::FineTune
            | Relation::ContinuedPreTraining
            | Relation::Merge
            | Relation::Pruned
            | Relation::LayersDropped
            | Relation::LayersDuplicated
            | Relation::ExpertsPruned
            | Relation::VocabularyExtended
            | Relation::ContextExtended => (Some(true), Some(true)),
            // None of the base's files is passed on, and yet a model was made with it.
            Relation::Adapter => (None, Some(true)),
            // Other files. Whether that makes another model is for the licence's own words to say.
            Relation::Quantised | Relation::Converted => (Some(true), None),
            // Another model's weights, made with outputs.
            Relation::DistilledInto => (None, Some(true)),
            Relation::Rehost => (Some(false), Some(false)),
            Relation::Unknown if hop.strength == Strength::Declared && hop.child.is_none() => {
                (Some(true), Some(true))
            }
            Relation::Unknown => (None, None),
        };
        Self { modified, made_with }
    }

    /// What the own licence's duties are triggered by: the repository passes on what it holds.
    pub(crate) fn own() -> Self {
        Self { modified: None, made_with: None }
    }

    /// Whether a duty applies: `None` where the repository cannot show it.
    pub(crate) fn trigger(self, term: &Term) -> Option<bool> {
        match term.trigger {
            Trigger::Redistribute
            | Trigger::DistributeOrOffer
            | Trigger::DistributedModel
            | Trigger::AnyOutputOrDistribution => Some(true),
            Trigger::RedistributeModified | Trigger::ModifiedModel => self.modified,
            Trigger::RedistributeUnmodified => self.modified.map(|modified| !modified),
            Trigger::TrainedWithMaterials
            | Trigger::TrainedWithMaterialsOrOutputs
            | Trigger::DerivedModel => self.made_with,
            Trigger::Use
            | Trigger::OutputsUsed
            | Trigger::CommercialUse
            | Trigger::CommercialProduct
            | Trigger::CommercialProductOverThreshold
            | Trigger::ModelAsAService
            | Trigger::ComponentOfSystem
            | Trigger::CosmosModel
            | Trigger::PublicStatement
            | Trigger::Publication
            | Trigger::PublicationOrOutputs
            | Trigger::Encouraged => None,
        }
    }
}

/// Whether a duty arises with a model that was made with the base, or from it: the relation to the base shows that.
pub fn is_made_with(term: &Term) -> bool {
    (Deeds { modified: Some(true), made_with: Some(true) }).trigger(term).is_some()
}
