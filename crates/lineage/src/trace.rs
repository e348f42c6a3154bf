//! The signals joined into hops.

use forebear_types::config::ConfigField;
use forebear_types::fact::{Fact, Problem, ProblemKind};
use forebear_types::history::History;
use forebear_types::lineage::{
    Candidate, Confidence, Evidence, EvidenceKind, Hop, Lineage, Relation, Strength,
};
use forebear_types::run::StatedBase;
use forebear_types::weights::WeightComparison;
use forebear_types::{Location, ModelId, RepoPath};

use crate::catalog::{Catalog, Model};
use crate::signals::declared::{self, Declaration};
use crate::signals::opinion::Opinions;
use crate::signals::prose::{named_in_prose, stated_in_prose};
use crate::signals::removed;
use crate::signals::structural::{self, StructuralMatch};
use crate::signals::{code, identical, name, weights};
use crate::subject::{Subject, subjects};

/// Who a model descends from, and what could not be looked up.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// The hops, best first.
    pub lineage: Lineage,
    /// Declared bases that the catalog does not know, or that are no ids.
    pub problems: Vec<Problem>,
}

/// Traces the ancestors that facts and statements name.
///
/// A configuration that fits a declared base confirms it; one that fits another base becomes a hop of its own, and evidence
/// against the declared one. What earlier commits said and the facts no longer say is added from the history. Ancestors of a
/// base are added from the catalog where the developer changes.
///
/// `comparisons` are those of the weights here with fingerprints, sorted by folder.
pub fn trace(
    catalog: &Catalog,
    facts: &[Fact],
    history: &History,
    stated: &[StatedBase],
    comparisons: &[WeightComparison],
) -> Traced {
    let mut traced = Traced::default();
    let mut hops = from_declarations(catalog, facts, stated, &mut traced.problems);
    let subjects = subjects(facts, &mut traced.problems);
    identical::join(catalog, facts, &mut hops);
    let opinions = Opinions::new(catalog, facts, history);
    for subject in &subjects {
        if let Some(found) = structural::compare(catalog, subject, &opinions) {
            join(catalog, &mut hops, subject, found);
        }
    }
    note_contradictions(catalog, &mut hops, &subjects);
    weights::join(catalog, comparisons, history, &mut hops);
    traced.problems.extend(unknown_by_weights(&hops, stated));
    for one in stated_in_prose(catalog, facts) {
        if hops.iter().all(|hop| hop.candidates.iter().all(|other| other.model != one.candidate.model)) {
            hops.push(declared_hop(one));
        }
    }
    removed::join(catalog, history, facts, &subjects, &mut hops);
    opinions.join(&mut hops);
    code::join(catalog, facts, &mut hops);
    name::join(catalog, facts, &mut hops);
    weights::contradict(catalog, comparisons, &mut hops);
    let ancestors: Vec<Hop> = hops.iter().flat_map(|hop| ancestors(catalog, hop)).collect();
    for ancestor in ancestors {
        let named = |hop: &Hop| hop.candidates.iter().any(|one| one.model == ancestor.candidates[0].model);
        if !hops.iter().any(named) {
            hops.push(ancestor);
        }
    }
    for hop in &mut hops {
        let mentions = named_in_prose(catalog, facts, hop);
        let new = |one: &Evidence| {
            one.kind == EvidenceKind::Prose && hop.because.iter().all(|known| known.location != one.location)
        };
        let new: Vec<Evidence> = mentions.into_iter().filter(new).collect();
        hop.because.extend(new);
    }
    hops.sort_by_cached_key(rank);
    traced.lineage = Lineage { hops };
    traced
}

fn rank(hop: &Hop) -> impl Ord + use<> {
    (
        hop.child.is_some(),
        std::cmp::Reverse((hop.strength, hop.unique, hop.confidence)),
        hop.candidates.iter().map(|one| one.model.as_str().to_owned()).collect::<Vec<_>>(),
    )
}

fn from_declarations(
    catalog: &Catalog,
    facts: &[Fact],
    stated: &[StatedBase],
    problems: &mut Vec<Problem>,
) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    for one in declared::declarations(catalog, facts, stated, problems) {
        let same = hops.iter_mut().find(|hop| hop.candidates[0].model.same_as(one.candidate.model.as_str()));
        match same {
            Some(hop) => strengthen(hop, one),
            None => {
                if !one.candidate.known && !one.license_stated {
                    problems.push(unknown_base(&one));
                }
                hops.push(declared_hop(one));
            }
        }
    }
    hops
}

fn declared_hop(one: Declaration) -> Hop {
    Hop {
        subject: RepoPath::root(),
        child: None,
        candidates: vec![one.candidate],
        relation: one.relation,
        strength: one.evidence.strength,
        unique: one.evidence.strength == Strength::Declared,
        confidence: one.confidence,
        declared: one.by_publisher,
        because: vec![one.evidence],
        against: one.against,
    }
}

fn strengthen(hop: &mut Hop, one: Declaration) {
    if one.evidence.strength > hop.strength {
        hop.strength = one.evidence.strength;
        hop.unique = true;
        hop.confidence = one.confidence;
    } else if one.evidence.strength == hop.strength {
        hop.confidence = hop.confidence.max(one.confidence);
    }
    if hop.relation == Relation::Unknown {
        hop.relation = one.relation;
    }
    if hop.candidates[0].revision.is_none() {
        hop.candidates[0].revision = one.candidate.revision;
    }
    hop.declared |= one.by_publisher;
    hop.because.push(one.evidence);
    hop.against.extend(one.against);
}

/// Adds what dimensions say: to the declared base that they fit, or as a hop of its own.
fn join(catalog: &Catalog, hops: &mut Vec<Hop>, subject: &Subject<'_>, found: StructuralMatch) {
    let among =
        |hop: &Hop| found.candidates.iter().any(|one| hop.candidates[0].model.same_as(one.model.as_str()));
    if let Some(hop) = hops.iter_mut().find(|hop| among(hop)) {
        if hop.strength < Strength::Structural && found.strength == Strength::Structural {
            // What was loaded and what fits agree: the name narrows the set that the dimensions allow.
            hop.strength = Strength::Structural;
            hop.unique = found.unique;
            hop.confidence = Confidence::Medium;
        }
        if !hop.because.iter().any(is_shape) {
            hop.subject = subject.folder.clone();
        } else if hop.subject != subject.folder {
            // Several models of one shape, as the checkpoints of a training: the hop is about all of them.
            hop.subject = RepoPath::root();
            return;
        } else {
            // Several files describe one model: `config.json` and a conversion beside it.
            return;
        }
        if hop.relation == Relation::Unknown {
            hop.relation = found.relation;
        }
        hop.because.extend(found.because);
        hop.against.extend(found.against);
        return;
    }
    // A declared base of the same line (an instruct release for its base, another size's name) that the catalog cannot
    // compare by shape: the dimensions add nothing that would be owed to somebody else.
    let related = |hop: &Hop| {
        let Some(known) = catalog.find(hop.candidates[0].model.as_str()) else { return false };
        let root = catalog.root(known).id;
        found
            .candidates
            .iter()
            .filter_map(|one| catalog.find(one.model.as_str()))
            .any(|model| catalog.root(model).id == root)
            && structural::contradicts(subject, known).is_none()
    };
    if hops.iter().any(|hop| hop.strength == Strength::Declared && related(hop)) {
        return;
    }
    // A declared base that has these dimensions is no other base, even if the settings are nearer to somebody else's.
    for hop in hops.iter_mut().filter(|hop| hop.strength == Strength::Declared) {
        let same = found.also_fits.iter().find(|(id, _)| hop.candidates[0].model.same_as(id));
        if let Some((_, evidence)) = same {
            hop.because.push(evidence.clone());
            return;
        }
    }
    let mut because = found.because;
    because.extend(unknown_descendant(hops));
    let confidence = match (found.strength, found.unique) {
        (Strength::Structural, true) => Confidence::High,
        (Strength::Structural, false) => Confidence::Medium,
        _ => Confidence::Low,
    };
    hops.push(Hop {
        subject: subject.folder.clone(),
        child: None,
        candidates: found.candidates,
        relation: found.relation,
        strength: found.strength,
        unique: found.unique,
        confidence,
        declared: false,
        because,
        against: found.against,
    });
}

/// Whether a reason is that of a shape.
fn is_shape(reason: &Evidence) -> bool {
    matches!(reason.kind, EvidenceKind::Configuration | EvidenceKind::Tensors)
}

/// Why a shape and a declared base that the catalog does not know go together.
fn unknown_descendant(hops: &[Hop]) -> Option<Evidence> {
    let unknown = hops.iter().find(|hop| hop.declared && !hop.candidates[0].known)?;
    let model = &unknown.candidates[0].model;
    Some(Evidence {
        kind: EvidenceKind::Catalog,
        strength: Strength::Circumstantial,
        location: unknown.because.iter().find_map(|reason| reason.location.clone()),
        detail: format!(
            "the card declares {model}, which the catalog does not know: a model of this shape is probably an ancestor of it"
        ),
        p: None,
    })
}

/// Declared bases of another shape than every model here: the declarations stand, with what speaks against them.
///
/// Where another declared base fits, the one that does not is left alone: models of several parts (a language model and an
/// image encoder) declare them all.
fn note_contradictions(catalog: &Catalog, hops: &mut [Hop], subjects: &[Subject<'_>]) {
    let fits = |hop: &Hop| hop.strength >= Strength::Declared && hop.because.iter().any(is_shape);
    if hops.iter().any(fits) {
        return;
    }
    for hop in hops.iter_mut().filter(|hop| hop.strength == Strength::Declared) {
        if hop.relation == Relation::DistilledInto {
            continue;
        }
        let Some(known) = catalog.find(hop.candidates[0].model.as_str()) else { continue };
        let contradicts: Option<Vec<_>> = subjects
            .iter()
            .filter(|subject| !subject.part)
            .map(|subject| Some((subject, structural::contradicts(subject, known)?)))
            .collect();
        if let Some((subject, fields)) = contradicts.and_then(|all| all.into_iter().next()) {
            note_contradiction(hop, subject, known, &fields);
        }
    }
}

fn note_contradiction(hop: &mut Hop, subject: &Subject<'_>, known: &Model, fields: &[ConfigField]) {
    hop.confidence = Confidence::Medium;
    for field in fields {
        let (Some(stated), Some(theirs)) = (subject.fields.get(field), known.field(*field)) else { continue };
        hop.against.push(Evidence {
            kind: EvidenceKind::ConfigurationDetail,
            strength: Strength::Circumstantial,
            location: Some(stated.location.clone()),
            detail: format!("{} is {}, that of {} is {theirs}", field.key(), stated.value, known.id),
            p: None,
        });
    }
}

/// The ancestors of a hop's only candidate, from the catalog, where the developer changes: to them, too, something is owed.
/// A developer who releases an own model anew, under another licence, gives that licence for all of it.
fn ancestors(catalog: &Catalog, hop: &Hop) -> Vec<Hop> {
    let mut found = Vec::new();
    let [only] = hop.candidates.as_slice() else { return found };
    if hop.strength < Strength::Declared {
        return found;
    }
    let Some(mut child) = catalog.find(only.model.as_str()) else { return found };
    for parent in catalog.ancestors(child) {
        if parent.developer != child.developer {
            found.push(Hop {
                subject: hop.subject.clone(),
                child: Some(ModelId::from(child.id)),
                candidates: vec![Candidate { model: ModelId::from(parent.id), revision: None, known: true }],
                relation: Relation::Unknown,
                strength: hop.strength,
                unique: true,
                confidence: hop.confidence.min(Confidence::Medium),
                declared: false,
                because: vec![Evidence {
                    kind: EvidenceKind::Catalog,
                    strength: hop.strength,
                    location: hop.because.iter().find_map(|evidence| evidence.location.clone()),
                    detail: format!("{} descends from {}, as its publisher says", child.id, parent.id),
                    p: None,
                }],
                against: Vec::new(),
            });
        }
        child = parent;
    }
    found
}

fn unknown_base(one: &Declaration) -> Problem {
    unknown(&one.candidate.model, one.evidence.location.as_ref())
}

/// Bases that only weights name, and of which the catalog knows nothing. Of those that are declared it was said already.
fn unknown_by_weights(hops: &[Hop], stated: &[StatedBase]) -> Vec<Problem> {
    let licensed = |model: &ModelId| {
        stated.iter().any(|base| {
            base.license.is_some() && base.model.as_ref().is_some_and(|id| id.same_as(model.as_str()))
        })
    };
    let of = |hop: &Hop| {
        let place = hop.because.iter().find(|reason| reason.kind == EvidenceKind::Weights)?.location.clone();
        let new = !hop.declared && hop.strength >= Strength::Weights;
        let model = hop.candidates.iter().map(|one| (&one.model, one.known)).find(|(_, known)| !known)?.0;
        (new && !licensed(model)).then(|| unknown(model, place.as_ref()))
    };
    hops.iter().filter_map(of).collect()
}

fn unknown(model: &ModelId, location: Option<&Location>) -> Problem {
    Problem {
        path: location.map_or_else(RepoPath::root, |location| location.path.clone()),
        line: location.and_then(|location| location.lines).map(|lines| lines.first),
        kind: ProblemKind::Tables,
        what: format!(
            "the catalog does not know {model}: its licence, its duties and its own ancestors were not judged"
        ),
        remedy: "read its licence, and state it under [[upstream]] in forebear.toml".to_owned(),
    }
}
