//! A repository beside a local copy of its suspected base.
//!
//! [`compare`] says what is the same and what the copy has that the repository lacks; [`join`] brings what that proves into the
//! lineage. That somebody suspects a base proves nothing: only the same bytes do. An equal configuration, tokenizer or chat
//! template is a hint, because nobody knows from two repositories how many others have it; the catalog does, and
//! [`trace`](crate::trace()) asks it.

mod identical;
mod join;
mod legal;
mod parts;

use forebear_types::fact::{Fact, FactKind, ModelCard, Problem, ProblemKind};
use forebear_types::history::History;
use forebear_types::lineage::EvidenceKind;
use forebear_types::upstream::{NamedBy, UpstreamComparison};
use forebear_types::{ModelId, RepoPath};

use crate::catalog::Catalog;
use crate::hub_id::{Named, parse};

pub use join::join;

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
    let lineage = crate::trace(catalog, &configurations, &History::default(), &[], &[]).lineage;
    let mut fitting = lineage.hops.iter().filter(|hop| {
        hop.child.is_none() && hop.because.iter().any(|reason| reason.kind == EvidenceKind::Configuration)
    });
    match (fitting.next().map(|hop| hop.candidates.as_slice()), fitting.next()) {
        (Some([only]), None) => Some((only.model.clone(), NamedBy::Configuration)),
        _ => None,
    }
}

/// Whether a comparison settles what a problem of [`trace`](crate::trace()) says: that the licence of a base is not known, because
/// the catalog lacks it. The copy tells the licence.
pub fn settles(comparison: &UpstreamComparison, problem: &Problem) -> bool {
    let unknown = format!("the catalog does not know {}:", comparison.model);
    comparison.license.is_some() && problem.kind == ProblemKind::Tables && problem.what.starts_with(&unknown)
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
