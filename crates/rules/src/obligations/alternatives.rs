//! Under which licences the candidates of a hop may have been copied, and which of their duties are the same thing to do.

use forebear_licenses::terms::{Term, Terms};
use forebear_types::lineage::Hop;
use forebear_types::obligation::Duty;
use forebear_types::{LicenseId, ModelId, Snapshot};

use super::carries_code;
use crate::Input;
use crate::satisfaction;

/// One licence state of one candidate.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) model: ModelId,
    pub(crate) developer: &'static str,
    pub(crate) weights: LicenseId,
    pub(crate) code: Option<LicenseId>,
    pub(crate) owners: Vec<String>,
    pub(crate) notice_upstream: Option<bool>,
}

/// Alternatives that agree on the licence (and for owner lines on the lines).
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) license: LicenseId,
    pub(super) developer: &'static str,
    pub(super) term: Term,
    pub(super) owners: Vec<String>,
    pub(super) notice_upstream: Option<bool>,
    pub(super) models: Vec<ModelId>,
}

/// The day by which the base was copied: that of the first commit with weights, else of the first commit, else today.
pub(crate) fn day_of_copy(input: &Input<'_>) -> String {
    let history = input.history;
    let point = history
        .line
        .iter()
        .find(|point| history.states[point.state].weights)
        .or_else(|| history.line.first());
    match point.map(|point| &point.snapshot) {
        Some(Snapshot::Commit { time, .. }) => time.date(),
        _ => input.today.to_owned(),
    }
}

/// The licence states of a hop's candidates, and the candidates whose licence no source gives.
pub(crate) fn alternatives(input: &Input<'_>, hop: &Hop, day: &str) -> (Vec<Alternative>, Vec<ModelId>) {
    let mut alternatives = Vec::new();
    let mut unsourced = Vec::new();
    for candidate in &hop.candidates {
        let model = &candidate.model;
        let said = input.stated.iter().find(|base| {
            base.license.is_some() && base.model.as_ref().is_some_and(|id| id.same_as(model.as_str()))
        });
        if let Some(base) = said
            && let Some(license) = &base.license
        {
            alternatives.push(Alternative {
                model: model.clone(),
                developer: "",
                weights: license.clone(),
                code: None,
                owners: base.copyright.clone(),
                notice_upstream: base.notice,
            });
            continue;
        }
        if let Some(known) = input.catalog.find(model.as_str()) {
            let before = alternatives.len();
            for period in known.periods(candidate.revision.as_deref(), day) {
                let Some(weights) = period.weights else { continue };
                alternatives.push(Alternative {
                    model: model.clone(),
                    developer: known.developer,
                    weights: LicenseId::from(weights),
                    code: period.code.map(LicenseId::from),
                    owners: period.copyright.iter().map(|line| (*line).to_owned()).collect(),
                    notice_upstream: (!period.files.is_empty()).then(|| {
                        period.files.iter().any(|file| file.to_ascii_uppercase().starts_with("NOTICE"))
                    }),
                });
            }
            if alternatives.len() == before {
                unsourced.push(model.clone());
            }
        }
        // A base that the catalog does not know is reported by the lineage, where it is declared.
    }
    (alternatives, unsourced)
}

/// Under which licences a hop's candidates may have been copied, each named once.
pub(crate) struct CopiedUnder {
    /// Licences of the weights.
    pub(crate) weights: Vec<LicenseId>,
    /// Licences of code that lies here; empty if none does.
    pub(crate) code: Vec<LicenseId>,
    /// Candidates whose licence no source gives; all of them are named where the catalog knows none.
    pub(crate) unsourced: Vec<ModelId>,
}

/// The licences of a hop's candidates on the day of the copy.
pub(crate) fn copied_under(input: &Input<'_>, hop: &Hop) -> CopiedUnder {
    let (alternatives, _) = alternatives(input, hop, &day_of_copy(input));
    let with_code = input.facts.iter().any(|fact| carries_code(&fact.kind));
    let once = |licenses: &mut Vec<LicenseId>, license: &LicenseId| {
        if !licenses.contains(license) {
            licenses.push(license.clone());
        }
    };
    let (mut weights, mut code) = (Vec::new(), Vec::new());
    for alternative in &alternatives {
        once(&mut weights, &alternative.weights);
        if with_code {
            once(&mut code, alternative.code.as_ref().unwrap_or(&alternative.weights));
        }
    }
    let sourced = |model: &ModelId| alternatives.iter().any(|alternative| alternative.model == *model);
    let models = hop.candidates.iter().map(|candidate| candidate.model.clone());
    CopiedUnder { weights, code, unsourced: models.filter(|model| !sourced(model)).collect() }
}

/// Groups alternatives whose duty is the same thing to do; `nth` of its kind in each licence.
pub(super) fn choices(duty: Duty, nth: usize, known: &[(&Alternative, Terms)]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for (alternative, terms) in known {
        let Some(term) = terms.of(duty).nth(nth) else { continue };
        if duty == Duty::KeepNoticeFile && alternative.notice_upstream == Some(false) {
            // The duty is to carry on a NOTICE file that upstream has; the catalog's list of its files has none.
            continue;
        }
        let same = choices.iter_mut().find(|choice| match duty {
            // An owner's line is the same duty whichever of two licences asks for it, and a release whose own line is not
            // recorded is taken to carry the line of the same developer's other releases, if its licence asks for one.
            Duty::KeepCopyrightNotice => {
                let unrecorded = alternative.owners.is_empty() && !term.when_present;
                satisfaction::same_holders(&choice.owners, &alternative.owners)
                    || (unrecorded && choice.developer == alternative.developer)
            }
            _ => choice.license == alternative.weights,
        });
        match same {
            Some(choice) => {
                if !choice.models.contains(&alternative.model) {
                    choice.models.push(alternative.model.clone());
                }
            }
            None => choices.push(Choice {
                license: alternative.weights.clone(),
                developer: alternative.developer,
                term: term.clone(),
                owners: alternative.owners.clone(),
                notice_upstream: alternative.notice_upstream,
                models: vec![alternative.model.clone()],
            }),
        }
    }
    choices
}
