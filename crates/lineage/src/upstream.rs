//! A repository beside a local copy of its suspected base.
//!
//! [`compare`] says what is the same and what the copy has that the repository lacks; [`join`] brings what that proves into the
//! lineage. That somebody suspects a base proves nothing: only the same bytes do. An equal configuration, tokenizer or chat
//! template is a hint, because nobody knows from two repositories how many others have it; the catalog does, and
//! [`trace`](crate::trace()) asks it.

mod identical;
mod legal;
mod parts;

use forebear_types::fact::{Fact, FactKind, ModelCard, Problem, ProblemKind};
use forebear_types::lineage::{
    Candidate, Confidence, Evidence, EvidenceKind, Hop, Lineage, Relation, Strength,
};
use forebear_types::upstream::{NamedBy, SameWeights, UpstreamComparison};
use forebear_types::{Location, ModelId, RepoPath};

use crate::catalog::Catalog;
use crate::hub_id::{Named, parse};

/// Compares the facts of a repository with those of a copy of its suspected base.
///
/// `same` are pairs of weight files, ours first, whose bytes were found equal where facts cannot tell. `name` is whose copy it is,
/// if that is known, and by what.
pub fn compare(
    ours: &[Fact],
    theirs: &[Fact],
    same: &[(RepoPath, RepoPath)],
    name: Option<(ModelId, NamedBy)>,
) -> UpstreamComparison {
    let (model, named_by) =
        name.unwrap_or_else(|| (ModelId::from(UpstreamComparison::NAMELESS), NamedBy::Nothing));
    let card = main_card(theirs);
    let declared = card.map(|card| {
        let values = card.license.iter().chain(&card.license_name);
        values.map(|value| value.value.as_str()).collect::<Vec<_>>().join(", ")
    });
    let legal_files = legal::fates(ours, theirs);
    let identical = identical::files(ours, theirs, same);
    UpstreamComparison {
        model,
        named_by,
        license: legal::license(theirs),
        declared_license: declared.filter(|license| !license.is_empty()),
        base_models: card
            .map(|card| card.base_models.iter().map(|base| base.value.clone()).collect())
            .unwrap_or_default(),
        copyright_lost: legal::lost_lines(ours, theirs),
        legal_files,
        weights: identical::weights(ours, theirs, &identical),
        identical,
        configuration: parts::configuration(ours, theirs),
        tokenizer: parts::tokenizer(ours, theirs),
        chat_template: parts::chat_template(ours, theirs),
    }
}

/// Whose copy it is, from the ids under which it is known and from its configuration, if exactly one model of the catalog has it.
pub fn name(catalog: &Catalog, known_as: &[ModelId], theirs: &[Fact]) -> Option<(ModelId, NamedBy)> {
    let parsed = |id: &ModelId| match parse(catalog, id.as_str()) {
        Named::Id(id) => Some(id),
        Named::Local(_) => None,
    };
    let known = known_as.iter().filter_map(parsed).find(|id| catalog.find(id.as_str()).is_some());
    if let Some(id) = known.or_else(|| known_as.iter().find_map(parsed)) {
        return Some((id, NamedBy::Address));
    }
    // Its card is left out: it names a base of its own, not the model itself.
    let configurations: Vec<Fact> =
        theirs.iter().filter(|fact| matches!(fact.kind, FactKind::ModelConfig(_))).cloned().collect();
    let lineage = crate::trace(catalog, &configurations, &[]).lineage;
    let mut fitting = lineage.hops.iter().filter(|hop| {
        hop.child.is_none() && hop.because.iter().any(|reason| reason.kind == EvidenceKind::Configuration)
    });
    match (fitting.next().map(|hop| hop.candidates.as_slice()), fitting.next()) {
        (Some([only]), None) => Some((only.model.clone(), NamedBy::Configuration)),
        _ => None,
    }
}

/// Brings what a comparison proves into the lineage.
///
/// Evidence goes to the hop of that base. Where the weights are the same the hop is narrowed to it and becomes *identical*; without
/// such a hop one is made, if anything is the same at all.
pub fn join(lineage: &mut Lineage, comparison: &UpstreamComparison) {
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
            candidates: vec![Candidate { model: comparison.model.clone(), revision: None, known: false }],
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
    // Stable: what `trace` put in order stays so. Bases of ancestors stay last.
    lineage.hops.sort_by_key(|hop| {
        (hop.child.is_some(), std::cmp::Reverse((hop.strength, hop.unique, hop.confidence)))
    });
}

/// Whether a comparison settles what a problem of [`trace`](crate::trace()) says: that the licence of a base is not known, because
/// the catalog lacks it. The copy tells the licence.
pub fn settles(comparison: &UpstreamComparison, problem: &Problem) -> bool {
    let unknown = format!("the catalog does not know {}:", comparison.model);
    comparison.license.is_some() && problem.kind == ProblemKind::Tables && problem.what.starts_with(&unknown)
}

fn relation(weights: SameWeights) -> Relation {
    if weights.all_of_here { Relation::Rehost } else { Relation::Unknown }
}

/// Reasons for and against descent.
fn evidence(comparison: &UpstreamComparison) -> (Vec<Evidence>, Vec<Evidence>) {
    let of = &comparison.model;
    let reason = |strength, location, detail| Evidence {
        kind: EvidenceKind::UpstreamComparison,
        strength,
        location: Some(location),
        detail,
    };
    let (mut because, mut against) = (Vec::new(), Vec::new());
    let mut same = comparison.identical.iter().filter(|file| file.weights);
    if let (Some(weights), Some(first)) = (comparison.weights, same.next()) {
        let share = share(weights);
        let files = same.count() + 1;
        let (strength, detail) = if weights.proof {
            (
                Strength::Identical,
                format!(
                    "{files} weight files, {share} of the bytes of {of}, are byte for byte those of the local copy"
                ),
            )
        } else {
            (
                Strength::Circumstantial,
                format!(
                    "{files} weight files, {share} of the bytes of {of}, are byte for byte those of the local copy; both may \
                     have a part of that size from a third model"
                ),
            )
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
                    "all {} shape fields that both state equal those of the local copy of {of}",
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
                    format!(
                        "{number} shape fields differ from those of the local copy of {of}: {}",
                        listed.join(", ")
                    ),
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

/// The card least deep in the tree; `README.md` sorts before others of a folder in practice.
fn main_card(facts: &[Fact]) -> Option<&ModelCard> {
    facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::ModelCard(card) => Some((fact.path.depth(), !is_readme(&fact.path), &fact.path, card)),
            _ => None,
        })
        .min_by_key(|(depth, other, path, _)| (*depth, *other, *path))
        .map(|(.., card)| card)
}

fn is_readme(path: &RepoPath) -> bool {
    path.file_name().eq_ignore_ascii_case(b"readme.md")
}

#[cfg(test)]
mod tests;
