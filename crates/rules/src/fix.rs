//! Which edits would mend a finding, as values.
//!
//! A rule asks here and puts the answer into [`Finding::edits`](forebear_types::finding::Finding::edits), best first. Nothing is offered
//! on evidence weaker than declared or unique, and nothing for candidates whose licences differ.

mod legal;

use forebear_licenses::hub;
use forebear_licenses::terms::{Ask, Phrase, same_text, terms};
use forebear_types::edit::{CardKey, Declaration, Edit};
use forebear_types::fact::LegalRole;
use forebear_types::license::{MatchStatus, NoticeWords};
use forebear_types::lineage::{Hop, Relation, Strength};
use forebear_types::obligation::{Creditor, Duty, Obligation};
use forebear_types::{LicenseId, ModelId, RepoPath};

use crate::declared::declared_licenses;
use crate::documents::Document;
use crate::notice::{agreed, has_blanks, holds_section, in_the_text, upstream_policy, upstream_text};
use crate::rule::Context;

pub use legal::{complete_text, insert_copyright};

/// Edits that would do an unmet duty.
pub(crate) fn of_duty(context: &Context<'_>, obligation: &Obligation) -> Vec<Edit> {
    let (hop, models) = match (&obligation.creditor, context.hop(obligation)) {
        (Creditor::Own, _) => return own_text(context, obligation),
        (Creditor::Ancestor { .. }, None) => return Vec::new(),
        (Creditor::Ancestor { candidates, .. }, Some(hop)) => (hop, candidates),
    };
    if !obligation.certain || agreed(context, hop).is_err() {
        return Vec::new();
    }
    let license = &obligation.license;
    match obligation.duty {
        Duty::IncludeLicenseText => {
            let mut edits = completed(context, license);
            if context.notice.gives_text(license) {
                edits.push(Edit::WriteNotice);
            }
            edits
        }
        Duty::KeepCopyrightNotice if !obligation.subject.is_empty() => {
            let mut edits = inserted(context, obligation);
            edits.push(Edit::WriteNotice);
            edits
        }
        Duty::PrescribedNoticeLine if !has_blanks(obligation) => vec![Edit::WriteNotice],
        Duty::KeepNoticeFile => {
            let there = models.iter().find_map(|model| context.notice.entry(model));
            there.filter(|entry| !entry.notices.is_empty()).map(|_| Edit::WriteNotice).into_iter().collect()
        }
        Duty::StateChanges if crate::notice::changes(hop.relation).is_some() && hop.child.is_none() => {
            vec![Edit::WriteNotice]
        }
        Duty::IncludeUsePolicy => policy(context, obligation, models),
        Duty::DisplayPhrase => displayed(obligation).into_iter().collect(),
        Duty::KeepCopyrightNotice
        | Duty::PrescribedNoticeLine
        | Duty::StateChanges
        | Duty::PassOnUseRestrictions
        | Duty::NamePrefix
        | Duty::SameLicense
        | Duty::NonCommercial
        | Duty::ScaleThreshold
        | Duty::TerritorialExclusion
        | Duty::OutputUseRestriction
        | Duty::DiscloseSource => Vec::new(),
    }
}

/// The declaration of a base that is proven: the one candidate, and how the model came from it where a tool's word for it exists.
pub(crate) fn declare_base(context: &Context<'_>, hop: &Hop) -> Vec<Edit> {
    let [only] = hop.candidates.as_slice() else { return Vec::new() };
    // Which of two models was first, weights do not tell: a declaration for the public is then its maker's to write.
    let by_weights_alone = hop.strength == Strength::Weights
        && hop.because.iter().all(|reason| reason.strength != Strength::Declared);
    let doubtful = !hop.carries_violation()
        || by_weights_alone
        || context.presents_itself_as(hop)
        || context.of_a_program(hop)
        || context.bare_configuration(hop);
    if doubtful || !hop.subject.is_root() || !only.model.as_str().contains('/') {
        return Vec::new();
    }
    let mut keys = vec![Declaration::one(CardKey::BaseModel, only.model.as_str())];
    let said = context
        .documents
        .iter()
        .any(|document| document.card().is_some_and(|card| card.base_model_relation.is_some()));
    if let Some(relation) = relation_word(hop.relation).filter(|_| !said) {
        keys.push(Declaration::one(CardKey::BaseModelRelation, relation));
    }
    vec![Edit::Declare(keys)]
}

/// The declaration of the licence that the repository's only licence file holds, where the main card does not name one.
pub(crate) fn declare_license(context: &Context<'_>) -> Vec<Edit> {
    let mut at_root = context.documents.iter().filter(|document| document.path.depth() == 1);
    let Some(card) = at_root.clone().find_map(Document::card) else { return Vec::new() };
    // A README without front matter, in a repository whose models lie elsewhere, is no model's card.
    let is_models = card.front_matter.is_some()
        || context.input.facts.iter().any(|fact| fact.path.depth() == 1 && fact.is_of_model());
    if !card.license.is_empty() || !is_models {
        return Vec::new();
    }
    let files: Vec<&Document<'_>> =
        at_root.by_ref().filter(|document| document.role() == Some(LegalRole::License)).collect();
    let [file] = files.as_slice() else { return Vec::new() };
    let recognition = file.recognition();
    let [only] = recognition.licenses.as_slice() else { return Vec::new() };
    if !only.whole() || !file.examined() || !recognition.unrecognised.is_empty() {
        return Vec::new();
    }
    let (Some(path), id) = (file.path.to_str(), &only.id) else { return Vec::new() };
    let mut keys = Vec::new();
    match hub::names(id).first() {
        Some(name) => keys.push(Declaration::one(CardKey::License, name.clone())),
        None => {
            let Some(name) = hub::other_names(id).into_iter().next() else { return Vec::new() };
            keys.push(Declaration::one(CardKey::License, "other"));
            if card.license_name.is_none() {
                keys.push(Declaration::one(CardKey::LicenseName, name));
            }
            if card.license_link.is_none() {
                keys.push(Declaration::one(CardKey::LicenseLink, path));
            }
        }
    }
    vec![Edit::Declare(keys)]
}

/// The word of the Hub for a relation.
fn relation_word(relation: Relation) -> Option<&'static str> {
    match relation {
        Relation::FineTune | Relation::ContinuedPreTraining => Some("finetune"),
        Relation::Quantised => Some("quantized"),
        Relation::Adapter => Some("adapter"),
        Relation::Merge => Some("merge"),
        Relation::Converted
        | Relation::Pruned
        | Relation::LayersDropped
        | Relation::LayersDuplicated
        | Relation::ExpertsPruned
        | Relation::VocabularyExtended
        | Relation::ContextExtended
        | Relation::DistilledInto
        | Relation::Rehost
        | Relation::Unknown => None,
    }
}

/// The repository's own licence, if the declaration stands for that one licence and SPDX has its text.
fn own_text(context: &Context<'_>, obligation: &Obligation) -> Vec<Edit> {
    let declared = declared_licenses(context.declared);
    let only = declared.iter().flat_map(|license| license.candidates()).all(|id| *id == obligation.license);
    let license = &obligation.license;
    if obligation.duty != Duty::IncludeLicenseText || !only || forebear_licenses::text(license).is_none() {
        return Vec::new();
    }
    let mut edits = completed(context, license);
    if edits.is_empty() {
        edits.push(Edit::AddLicenseFile { license: license.clone() });
    }
    edits
}

/// The file that holds a part of a licence's text, completed.
pub(crate) fn completed(context: &Context<'_>, license: &LicenseId) -> Vec<Edit> {
    if forebear_licenses::text(license).is_none() {
        return Vec::new();
    }
    let part = legal_files(context).find(|document| {
        document.recognition().licenses.iter().any(|found| {
            same_text(&found.id, license) && matches!(found.status, MatchStatus::Incomplete { .. })
        })
    });
    let edit = |document: &Document<'_>| Edit::CompleteText {
        path: document.path.clone(),
        license: license.clone(),
    };
    part.map(edit).into_iter().collect()
}

/// The file that holds the licence's text without the owner, with the owner's lines.
fn inserted(context: &Context<'_>, obligation: &Obligation) -> Vec<Edit> {
    let license = &obligation.license;
    let holder = legal_files(context).find(|document| {
        document.recognition().licenses.iter().any(|found| found.whole() && same_text(&found.id, license))
    });
    let Some(document) = holder else { return Vec::new() };
    let here: Vec<NoticeWords> =
        document.recognition().copyright.iter().map(|line| NoticeWords::of(&line.text)).collect();
    let missing = |line: &&str| {
        let wanted = NoticeWords::of(line);
        !here.iter().any(|words| words.names(&wanted))
    };
    let lines: Vec<String> = obligation.subject.lines().filter(missing).map(str::to_owned).collect();
    let path = document.path.clone();
    vec![Edit::InsertCopyright { path, license: license.clone(), lines }]
}

fn legal_files<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = &'c Document<'a>> {
    // What `forebear notice` keeps is made anew, not edited.
    context
        .documents
        .iter()
        .filter(|document| document.for_model() && !document.is_card() && !holds_section(document.text()))
}

/// The use policy from the local copy; where it is a part of the licence, the licence's text from there.
fn policy(context: &Context<'_>, obligation: &Obligation, models: &[ModelId]) -> Vec<Edit> {
    let mut edits = Vec::new();
    if let Some(from) = upstream_policy(context, models) {
        let to = RepoPath::new(from.file_name()).unwrap_or_default();
        if !to.is_root() {
            edits.push(Edit::CopyFromUpstream { from: from.clone(), to });
        }
    }
    if in_the_text(obligation) && upstream_text(context, models, &obligation.license).is_some() {
        edits.push(Edit::WriteNotice);
    }
    edits
}

/// The phrase, if the licence fixes its words.
fn displayed(obligation: &Obligation) -> Option<Edit> {
    let fixed = terms(&obligation.license).is_some_and(|terms| {
        terms.of(Duty::DisplayPhrase).any(|term| {
            matches!(&term.ask, Ask::Display(ask) if ask.must && !matches!(ask.phrase, Phrase::Described(_)))
        })
    });
    let words = obligation.subject.clone();
    (fixed && !words.is_empty() && !has_blanks(obligation)).then_some(Edit::AppendToCard { words })
}

#[cfg(test)]
mod tests;
