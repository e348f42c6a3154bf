//! Restrictions of use and use policies: whether they reach whoever takes the model from here.

use forebear_licenses::terms::{FlowDown, Reach, SameLicense, UsePolicy, same_text, terms};
use forebear_types::license::Recognition;
use forebear_types::run::Declared;
use forebear_types::{LicenseId, Location};

use super::{Satisfaction, place_words, unexamined, unrecognised};
use crate::declared::declared_licenses;
use crate::documents::Document;
use crate::own_words::line_where;

/// A use policy that has to go along. Where it is a part of the licence's text, a copy of that text carries it.
pub(super) fn policy(ask: &UsePolicy, license: &LicenseId, documents: &[Document<'_>]) -> Satisfaction {
    if let Some(met) = policy_itself(ask, documents) {
        return met;
    }
    if ask.flow_down == FlowDown::ByAgreementCopy
        && let Some(place) = whole(license, documents)
    {
        let reason =
            format!("the text of {license}, of which the policy is a part, is in {}", place_words(&place));
        return Satisfaction::met(vec![place], reason);
    }
    open(documents).unwrap_or_else(|| {
        Satisfaction::unmet(
            "neither the use policy, nor a link to it, nor the licence that takes it in is here",
        )
    })
}

/// Restrictions that one's own terms have to pass on.
pub(super) fn passed_on(
    ask: &UsePolicy,
    license: &LicenseId,
    declared: &Declared,
    documents: &[Document<'_>],
) -> Satisfaction {
    let own = named(declared);
    let text = whole(license, documents);
    let restricted = |id: &LicenseId| terms(id).is_none_or(|terms| terms.withholds.uses.is_some());
    let free: Vec<&LicenseId> = own.iter().filter(|id| !restricted(id)).collect();
    let same = own.iter().any(|id| same_text(id, license) || same_family(id, license));
    if same && let Some(source) = &declared.source {
        let reason = format!("the model is declared to be under {license}, in {}", place_words(source));
        return Satisfaction::met(text.into_iter().chain([source.clone()]).collect(), reason);
    }
    match (text, free.first()) {
        (Some(place), Some(free)) => Satisfaction::unknown(format!(
            "{} holds the restrictions of {license}, and the model is declared to be under {free}, which has none: which \
             terms bind those who take it?",
            place_words(&place)
        )),
        (Some(place), None) => {
            let reason =
                format!("the text of {license}, with its restrictions, is in {}", place_words(&place));
            Satisfaction::met(vec![place], reason)
        }
        (None, free) => {
            if let Some(met) = policy_itself(ask, documents) {
                return met;
            }
            if let Some(open) = open(documents) {
                return open;
            }
            match (free, own.is_empty()) {
                (Some(free), _) => Satisfaction::unmet(format!(
                    "the model is declared to be under {free}, which restricts no use, and no file holds the restrictions of \
                     {license}"
                )),
                (None, true) => Satisfaction::unmet(format!(
                    "no terms are declared, and no file holds the restrictions of {license}"
                )),
                (None, false) => Satisfaction::unknown(format!(
                    "do your own terms contain the restrictions of {license}? The declared licence has restrictions of its \
                     own"
                )),
            }
        }
    }
}

/// What is made from the work stays under its terms: what is declared has to be those terms.
pub(super) fn same_license(
    ask: &SameLicense,
    license: &LicenseId,
    declared: &Declared,
    documents: &[Document<'_>],
) -> Satisfaction {
    let own = named(declared);
    if let Some(source) = &declared.source
        && own.iter().any(|id| same_text(id, license))
    {
        let reason = format!("the model is declared to be under {license}, in {}", place_words(source));
        return Satisfaction::met(vec![source.clone()], reason);
    }
    if own.is_empty() {
        return match whole(license, documents) {
            Some(place) => {
                let reason = format!("{} is the licence here, and no other is declared", place_words(&place));
                Satisfaction::met(vec![place], reason)
            }
            None => Satisfaction::unknown("under which terms is the model passed on? None are declared"),
        };
    }
    let names = own.iter().map(LicenseId::as_str).collect::<Vec<_>>().join(" or ");
    // Licences that only hand their limits on leave the rest to the licensor; a later version may be compatible: both are for a
    // reader.
    let family = own.iter().any(|id| same_family(id, license) || compatible(license, id));
    if ask.reach == Reach::LimitsOnly || family {
        return Satisfaction::unknown(format!("do the terms of {names} keep what {license} asks to keep?"));
    }
    Satisfaction::unmet(format!("the model is declared to be under {names}"))
}

/// Licences of others under which the work may be adapted: the list of Creative Commons
/// (creativecommons.org/share-your-work/licensing-considerations/compatible-licenses) and section 13 of the GPL and the AGPL.
fn compatible(license: &LicenseId, other: &LicenseId) -> bool {
    let pairs = [
        ("CC-BY-SA-4.0", "GPL-3.0"),
        ("CC-BY-SA-4.0", "FreeArt-1.3"),
        ("GPL-3.0", "AGPL-3.0"),
        ("AGPL-3.0", "GPL-3.0"),
        ("CC-BY-NC-SA-4.0", "CC-BY-NC-SA"),
        ("CC-BY-SA-4.0", "CC-BY-SA"),
    ];
    pairs.iter().any(|(one, two)| license.as_str().starts_with(one) && other.as_str().starts_with(two))
}

/// The policy's text, or a link to it.
fn policy_itself(ask: &UsePolicy, documents: &[Document<'_>]) -> Option<Satisfaction> {
    if let Some(policy) = &ask.policy
        && let Some(place) = whole(policy, documents)
    {
        let reason = format!("the use policy is in {}", place_words(&place));
        return Some(Satisfaction::met(vec![place], reason));
    }
    let url = ask.url.as_ref()?.to_lowercase();
    let place = line_where(documents, |line| line.contains(&url))?;
    let reason = format!("{} links to the use policy", place_words(&place));
    Some(Satisfaction::met(vec![place], reason))
}

/// Where a text stands whole.
fn whole(license: &LicenseId, documents: &[Document<'_>]) -> Option<Location> {
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let recognition: &Recognition = document.recognition();
        let found =
            recognition.licenses.iter().find(|found| found.whole() && same_text(&found.id, license))?;
        Some(Location::lines(document.path.clone(), found.lines))
    })
}

fn open(documents: &[Document<'_>]) -> Option<Satisfaction> {
    if let Some(document) = unexamined(documents) {
        return Some(Satisfaction::unknown(format!("{} could not be examined", document.path)));
    }
    let (document, lines) = unrecognised(documents)?;
    Some(Satisfaction::unknown(format!(
        "{} holds a legal text that is not recognised; it may be what is asked for",
        place_words(&Location::lines(document.path.clone(), lines))
    )))
}

/// The licences that the declared names may stand for.
fn named(declared: &Declared) -> Vec<LicenseId> {
    declared_licenses(declared).iter().flat_map(|license| license.candidates().iter().cloned()).collect()
}

fn same_family(one: &LicenseId, two: &LicenseId) -> bool {
    let family = |id: &LicenseId| terms(id).map(|terms| terms.family).filter(|family| family != "ordinary");
    family(one).is_some_and(|one| family(two) == Some(one))
}
