//! From a comparison to the lineage.

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::lineage::{
    Candidate, Confidence, Evidence, EvidenceKind, Hop, Lineage, Relation, Strength,
};
use forebear_types::upstream::{NamedBy, SameWeights, UpstreamComparison};
use forebear_types::{Location, ModelId, RepoPath};

use super::parts;
use crate::catalog::Catalog;
use crate::hub_id::{Named, parse};

/// Brings what a comparison proves into the lineage. Gives what could not be looked up.
///
/// Evidence goes to the hop of that base. Where the weights are the same the hop is narrowed to it and becomes *identical*; without
/// such a hop one is made, if anything is the same at all. The bases that the copy's card declares become bases of it, as far as it
/// is known that the model descends from the copy: to them, too, something is owed.
pub fn join(catalog: &Catalog, lineage: &mut Lineage, comparison: &UpstreamComparison) -> Vec<Problem> {
    let (because, against) = evidence(comparison);
    let proof = comparison.weights.filter(|weights| weights.proof);
    let named = |candidate: &Candidate| candidate.model.same_as(comparison.model.as_str());
    let found = lineage
        .hops
        .iter_mut()
        .filter(|hop| hop.child.is_none() && hop.candidates.iter().any(named))
        .min_by_key(|hop| hop.candidates.len());
    match found {
        Some(hop) => {
            if let Some(weights) = proof {
                hop.candidates.retain(named);
                hop.strength = Strength::Identical;
                hop.unique = true;
                hop.confidence = Confidence::High;
                if hop.relation == Relation::Unknown {
                    hop.relation = relation(weights);
                }
            }
            hop.because.extend(because);
            hop.against.extend(against);
        }
        None if !because.is_empty() => lineage.hops.push(Hop {
            subject: RepoPath::root(),
            child: None,
            candidates: vec![Candidate {
                model: comparison.model.clone(),
                revision: None,
                known: catalog.find(comparison.model.as_str()).is_some(),
            }],
            relation: proof.map_or(Relation::Unknown, relation),
            strength: if proof.is_some() { Strength::Identical } else { Strength::Circumstantial },
            unique: proof.is_some(),
            confidence: if proof.is_some() { Confidence::High } else { Confidence::Low },
            declared: false,
            because,
            against,
        }),
        None => {}
    }
    let problems = join_bases(catalog, lineage, comparison);
    // Stable: what `trace` put in order stays so. Bases of ancestors stay last.
    lineage.hops.sort_by_key(|hop| {
        (hop.child.is_some(), std::cmp::Reverse((hop.strength, hop.unique, hop.confidence)))
    });
    problems
}

/// Bases that a card names beyond these are not looked at.
const BASES: usize = 16;

/// A step up from a model, and who says so.
struct Step {
    child: ModelId,
    base: ModelId,
    kind: EvidenceKind,
}

/// The ancestors of a proven base: what the copy's card declares, and what the catalog knows of both. Only where the developer
/// changes: who releases an own model anew gives the new licence for all of it.
fn join_bases(catalog: &Catalog, lineage: &mut Lineage, comparison: &UpstreamComparison) -> Vec<Problem> {
    let mut problems = Vec::new();
    let only = |hop: &&Hop| match hop.candidates.as_slice() {
        [only] => hop.child.is_none() && only.model.same_as(comparison.model.as_str()),
        _ => false,
    };
    let Some(hop) = lineage.hops.iter().find(only).filter(|hop| hop.strength >= Strength::Declared) else {
        return problems;
    };
    let (subject, confidence) = (hop.subject.clone(), hop.confidence.min(Confidence::Medium));
    let unknown = |model: &ModelId, why: &str| Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::Tables,
        what: format!("the catalog does not know {model}{why}: its licence and its duties were not judged"),
        remedy: "read its licence, and state it under [[upstream]] in forebear.toml".to_owned(),
    };
    // What a publisher or the user declares `trace` has looked up already.
    if hop.strength == Strength::Identical && !hop.candidates[0].known && comparison.license.is_none() {
        problems.push(unknown(&comparison.model, ", and its local copy tells no licence"));
    }
    for Step { child, base, kind } in steps(catalog, comparison) {
        let named = |hop: &Hop| hop.candidates.iter().any(|one| one.model.same_as(base.as_str()));
        if developer(catalog, &base) == developer(catalog, &child) || lineage.hops.iter().any(named) {
            continue;
        }
        let known = catalog.find(base.as_str()).is_some();
        if !known {
            problems.push(unknown(&base, ", which the local copy declares as its base"));
        }
        let detail = match kind {
            EvidenceKind::Catalog => format!("{child} descends from {base}, as its publisher says"),
            _ => format!("the card of the local copy declares {base} as its base"),
        };
        lineage.hops.push(Hop {
            subject: subject.clone(),
            child: Some(child),
            candidates: vec![Candidate { model: base, revision: None, known }],
            relation: Relation::Unknown,
            strength: Strength::Declared,
            unique: true,
            confidence,
            declared: false,
            because: vec![Evidence { kind, strength: Strength::Declared, location: None, detail, p: None }],
            against: Vec::new(),
        });
    }
    problems
}

fn steps(catalog: &Catalog, comparison: &UpstreamComparison) -> Vec<Step> {
    let mut steps = Vec::new();
    for written in comparison.base_models.iter().take(BASES) {
        if let Named::Id(base) = parse(catalog, written) {
            steps.push(Step {
                child: comparison.model.clone(),
                base,
                kind: EvidenceKind::UpstreamComparison,
            });
        }
    }
    let starts: Vec<ModelId> =
        std::iter::once(comparison.model.clone()).chain(steps.iter().map(|step| step.base.clone())).collect();
    for start in starts {
        let Some(mut known) = catalog.find(start.as_str()) else { continue };
        for parent in catalog.ancestors(known) {
            let (child, base) = (ModelId::from(known.id), ModelId::from(parent.id));
            steps.push(Step { child, base, kind: EvidenceKind::Catalog });
            known = parent;
        }
    }
    steps
}

/// Who made a model: by the catalog, else whose name the id bears.
fn developer(catalog: &Catalog, model: &ModelId) -> String {
    match catalog.find(model.as_str()) {
        Some(known) => known.developer.to_owned(),
        None => model.organisation().to_ascii_lowercase(),
    }
}

fn relation(weights: SameWeights) -> Relation {
    if weights.all_of_here { Relation::Rehost } else { Relation::Unknown }
}

/// Reasons for and against descent.
fn evidence(comparison: &UpstreamComparison) -> (Vec<Evidence>, Vec<Evidence>) {
    let copy = match comparison.named_by {
        NamedBy::Nothing => "the local clone".to_owned(),
        _ => format!("the local copy of {}", comparison.model),
    };
    let reason = |strength, location, detail| Evidence {
        kind: EvidenceKind::UpstreamComparison,
        strength,
        location: Some(location),
        detail,
        p: None,
    };
    let (mut because, mut against) = (Vec::new(), Vec::new());
    let mut same = comparison.identical.iter().filter(|file| file.weights);
    if let (Some(weights), Some(first)) = (comparison.weights, same.next()) {
        let share = share(weights);
        let files = same.count() + 1;
        let seen =
            format!("{files} weight files, {share} of the weights of {copy}, are byte for byte the same");
        let (strength, detail) = if weights.proof {
            (Strength::Identical, seen)
        } else {
            let doubt = "both may have a part of that size from a third model";
            (Strength::Circumstantial, format!("{seen}; {doubt}"))
        };
        because.push(reason(strength, Location::file(first.here.clone()), singular(files, detail)));
    }
    if let Some(configuration) = &comparison.configuration {
        let here = configuration.here.clone();
        match configuration.shape_differences() {
            0 if configuration.same_shape >= parts::ENOUGH => because.push(reason(
                Strength::Circumstantial,
                here,
                format!(
                    "all {} shape fields that both state equal those of {copy}",
                    configuration.same_shape
                ),
            )),
            0 => {}
            number => {
                let listed: Vec<String> = configuration
                    .differences
                    .iter()
                    .filter(|one| one.shape)
                    .filter_map(|one| {
                        Some(format!(
                            "{} {} instead of {}",
                            one.field,
                            one.here.as_ref()?,
                            one.upstream.as_ref()?
                        ))
                    })
                    .take(6)
                    .collect();
                against.push(reason(
                    Strength::Circumstantial,
                    here,
                    format!("{number} shape fields differ from those of {copy}: {}", listed.join(", ")),
                ));
            }
        }
    }
    for part in [&comparison.tokenizer, &comparison.chat_template].into_iter().flatten() {
        let one = reason(Strength::Circumstantial, Location::file(part.here.clone()), part.detail.clone());
        if part.same { because.push(one) } else { against.push(one) }
    }
    (because, against)
}

/// "1 weight file … is", for one.
fn singular(files: usize, detail: String) -> String {
    match files {
        1 => detail.replacen("1 weight files", "1 weight file", 1).replacen(", are byte", ", is byte", 1),
        _ => detail,
    }
}

/// "100 %", "37 %", "less than 1 %".
fn share(weights: SameWeights) -> String {
    match (u128::from(weights.same) * 100).checked_div(u128::from(weights.upstream)) {
        None | Some(0) => "less than 1 %".to_owned(),
        Some(share) => format!("{share} %"),
    }
}
