//! Declarations of one model that cannot all be true.

use forebear_types::RepoPath;
use forebear_types::lineage::{Confidence, Evidence, Strength};

use super::{Declaration, MOST_OF_ONE};
use crate::catalog::Catalog;

/// Writes beside each declaration what other places of the same model declare instead, where the two are unrelated.
///
/// Bases that one place lists together are no contradiction, and neither are a model and its ancestor: a GGUF file carries the
/// declaration of the model that it was made from, whose base is a step further up. Of models that the catalog does not know
/// nothing follows.
pub(super) fn note(catalog: &Catalog, declarations: &mut [Declaration]) {
    let root =
        |one: &Declaration| catalog.find(one.candidate.model.as_str()).map(|known| catalog.root(known).id);
    let place = |one: &Declaration| {
        let folder = one.evidence.location.as_ref().map(|at| at.path.parent().unwrap_or_default());
        (one.evidence.kind, folder)
    };
    let declared: Vec<(usize, &str)> = declarations
        .iter()
        .enumerate()
        .filter(|(_, one)| one.by_publisher && one.evidence.strength == Strength::Declared)
        .filter_map(|(index, one)| Some((index, root(one)?)))
        .collect();
    let mut found: Vec<(usize, Evidence)> = Vec::new();
    for (index, own) in &declared {
        let one = &declarations[*index];
        let elsewhere = || {
            declared.iter().filter(|(other, _)| {
                let ((kind, folder), (other_kind, other_folder)) = (place(one), place(&declarations[*other]));
                kind != other_kind && same_model(folder.as_ref(), other_folder.as_ref())
            })
        };
        if elsewhere().any(|(_, other)| other == own) {
            continue;
        }
        for (other, _) in elsewhere().take(MOST_OF_ONE) {
            let Declaration { candidate, evidence, .. } = &declarations[*other];
            found.push((
                *index,
                Evidence {
                    strength: Strength::Circumstantial,
                    detail: format!("{} is declared here instead: {}", candidate.model, evidence.detail),
                    ..evidence.clone()
                },
            ));
        }
    }
    for (index, evidence) in found {
        declarations[index].confidence = declarations[index].confidence.min(Confidence::Medium);
        declarations[index].against.push(evidence);
    }
}

/// Whether files in two folders speak of one model: the same folder, or one below the other. What the user stated stands nowhere.
fn same_model(one: Option<&RepoPath>, other: Option<&RepoPath>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is_within(other) || other.is_within(one),
        _ => false,
    }
}
