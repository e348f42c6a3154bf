//! What a text that names a base stands for, and the declaration that it makes.

use forebear_types::lineage::{Confidence, Evidence, EvidenceKind, Relation, Strength};
use forebear_types::{Location, ModelId};

use super::{Declaration, candidate};
use crate::catalog::{Catalog, Model};
use crate::hub_id::{self, Copier, Named, Upstream};

/// What a text names, best first; empty where it names nothing that is known.
pub(super) struct Target {
    pub(super) model: ModelId,
    pub(super) revision: Option<String>,
    pub(super) strength: Strength,
    pub(super) confidence: Confidence,
    /// The text for people, and what has to be said of it behind the sentence.
    pub(super) name: String,
    pub(super) how: String,
}

/// Finds what a text names.
///
/// A copy stands for what it copies (Llama-3.1-8B-Instruct, not unsloth's upload of it in 4 bits): to its developer something is
/// owed. That follows from the copy's name, so the hop is no more than likely, and a hint where the copier is not known for copies.
pub(super) fn targets(catalog: &Catalog, text: &str) -> Vec<Target> {
    let reference = hub_id::read(catalog, text);
    let id = match reference.named {
        Named::Id(id) => id,
        Named::Local(text) => {
            let known = hub_id::at_end_of_path(catalog, &text);
            return known.map(|known| ends_in_name(&text, known)).into_iter().collect();
        }
    };
    let how = if reference.cached { " (by its path in the Hub's cache)" } else { "" };
    let as_written = |revision| Target {
        name: id.to_string(),
        model: id.clone(),
        revision,
        strength: Strength::Declared,
        confidence: Confidence::High,
        how: how.to_owned(),
    };
    if catalog.find(id.as_str()).is_some() {
        return vec![as_written(reference.revision)];
    }
    let Some(Upstream { model, copier }) = hub_id::upstream(catalog, &id) else {
        return vec![as_written(reference.revision)];
    };
    let (organisation, original) = (id.organisation(), model.id);
    let likely = |how: String| Target {
        name: id.to_string(),
        model: ModelId::from(original),
        // A revision of the copy is none of the original.
        revision: None,
        strength: Strength::Declared,
        confidence: Confidence::Medium,
        how,
    };
    match copier {
        Copier::Known => vec![likely(format!(", a re-upload of {original} by {organisation}, by its name"))],
        Copier::Publisher => vec![likely(format!(", its publisher's own copy of {original}, by its name"))],
        Copier::Other => vec![
            as_written(reference.revision),
            Target {
                strength: Strength::Circumstantial,
                confidence: Confidence::Low,
                ..likely(format!(", which has the name of {original}: it may be a copy of it"))
            },
        ],
    }
}

pub(super) fn ends_in_name(text: &str, known: &Model) -> Target {
    Target {
        model: ModelId::from(known.id),
        revision: None,
        strength: Strength::Circumstantial,
        confidence: Confidence::Low,
        name: format!("the local path `{text}`"),
        how: format!(", which ends in the name of {}", known.id),
    }
}

/// A place that names bases: what kind of evidence it is, and at most how much it proves.
pub(super) struct Place<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) kind: EvidenceKind,
    pub(super) relation: Relation,
    pub(super) strongest: Strength,
    pub(super) location: Location,
}

impl Place<'_> {
    /// The declaration of a target; `say` makes the sentence around its name.
    pub(super) fn declare(&self, target: Target, say: impl Fn(&str) -> String) -> Declaration {
        let strength = target.strength.min(self.strongest);
        Declaration {
            candidate: candidate(self.catalog, target.model, target.revision),
            relation: self.relation,
            evidence: Evidence {
                kind: self.kind,
                strength,
                location: Some(self.location.clone()),
                detail: format!("{}{}", say(&target.name), target.how),
                p: None,
            },
            confidence: if strength == Strength::Declared { target.confidence } else { Confidence::Low },
            by_publisher: strength == Strength::Declared,
            license_stated: false,
            against: Vec::new(),
        }
    }
}

impl<'a> Place<'a> {
    /// A place that says what was loaded at the time: a hint.
    pub(super) fn of_loaded(catalog: &'a Catalog, location: Location, relation: Relation) -> Self {
        let kind = EvidenceKind::ConfigName;
        Self { catalog, kind, relation, strongest: Strength::Circumstantial, location }
    }
}

/// What a text names of the models that the catalog knows. What was loaded at some time is no declaration, so that a name that
/// nobody knows is not worth a report.
pub(super) fn known_targets(catalog: &Catalog, text: &str) -> impl Iterator<Item = Target> {
    targets(catalog, text).into_iter().filter(|target| catalog.find(target.model.as_str()).is_some())
}
