//! The chain of evidence as a code flow: from the bytes that show the base to what is missing.

use forebear_types::finding::Finding;
use forebear_types::lineage::Hop;
use forebear_types::obligation::Obligation;
use forebear_types::run::Run;
use forebear_types::{Location, ModelId};

use super::log::{CodeFlow, Step, ThreadFlow};
use super::place;
use crate::anchor;
use crate::text::{checklist, one_of};

/// Pieces of evidence, and places of the finding, that are steps. GitHub keeps 1,000 steps of a result; nobody reads as many.
const EVIDENCE: usize = 6;
const PLACES: usize = 12;

/// Evidence, base, licence and clause, what is missing. Empty for a finding that is about no base, no duty and no past.
pub(super) fn of(run: &Run, finding: &Finding, at: &Location) -> Vec<CodeFlow> {
    let hop = anchor::hop(run, finding);
    let owed = finding.obligation.and_then(|index| run.obligations.get(index));
    let past = finding.places.iter().any(|place| place.commit.is_some());
    if hop.is_none() && owed.is_none() && !past {
        return Vec::new();
    }
    let mut locations = Vec::new();
    let mut step = |location: &Location, words: &str| {
        let location = if location.path.is_root() { at } else { location };
        locations.push(Step { location: place::location(run, location, None, Some(words)) });
    };
    if let Some(hop) = hop {
        for one in hop.because.iter().take(EVIDENCE) {
            step(one.location.as_ref().unwrap_or(at), &one.detail);
        }
        step(hop.because.iter().find_map(|one| one.location.as_ref()).unwrap_or(at), &base(hop));
    }
    if let Some(owed) = owed {
        step(at, &duty(owed));
    }
    let of_evidence = |one: &Location| {
        hop.is_some_and(|hop| hop.because.iter().any(|evidence| evidence.location.as_ref() == Some(one)))
    };
    let own = finding.places.iter().filter(|one| one.commit.is_some() || !of_evidence(&one.location));
    for one in own.take(PLACES) {
        step(&one.location, &place::label(one));
    }
    step(at, &finding.message);
    vec![CodeFlow { thread_flows: vec![ThreadFlow { locations }] }]
}

fn base(hop: &Hop) -> String {
    let models: Vec<&ModelId> = hop.candidates.iter().map(|candidate| &candidate.model).collect();
    let child = hop.child.as_ref().map_or("the model", ModelId::as_str);
    format!(
        "{child} descends from {} ({} evidence, confidence {})",
        one_of(models.into_iter()),
        hop.strength.name(),
        hop.confidence.name()
    )
}

/// "MIT, clause 2, asks to keep the copyright notice “…”: no file holds it".
fn duty(owed: &Obligation) -> String {
    let subject = match owed.subject.trim() {
        "" => String::new(),
        subject => format!(" “{subject}”"),
    };
    let condition = if owed.certain { "" } else { ", if this is the base" };
    let reason = match owed.reason.as_str() {
        "" => String::new(),
        reason => format!(": {reason}"),
    };
    let clause = match checklist::clause(&owed.clause) {
        clause if clause.is_empty() => clause,
        clause => format!("{clause},"),
    };
    format!("{}{clause} asks to {}{subject}{condition}{reason}", owed.license, owed.duty.sentence())
}
