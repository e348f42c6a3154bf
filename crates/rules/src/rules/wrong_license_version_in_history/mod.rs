//! `wrong-license-version-in-history`.

use forebear_licenses::hub;
use forebear_licenses::terms::{same_text, terms};
use forebear_types::fact::{Fact, FactKind};
use forebear_types::finding::{Finding, Moment, Place, Severity};
use forebear_types::history::Point;
use forebear_types::obligation::{Answer, Creditor, Duty, Obligation};
use forebear_types::{LicenseId, Location, RuleId};

use crate::past::{FETCH_ALL, finding, has_past};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("wrong-license-version-in-history"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "for a time, another version of the base's licence was here or declared",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !has_past(context) {
        return;
    }
    for (index, obligation) in context.obligations.iter().enumerate() {
        let owed = obligation.duty == Duty::IncludeLicenseText
            && obligation.certain
            && matches!(obligation.creditor, Creditor::Ancestor { .. });
        let family =
            terms(&obligation.license).map(|terms| terms.family).filter(|family| family != "ordinary");
        let (true, Some(family)) = (owed, family) else { continue };
        if let Some(mut found) = judge(context, obligation, &family) {
            found.obligation = Some(index);
            found.upstream = context.upstream(obligation);
            findings.push(found);
        }
    }
}

fn judge(context: &Context<'_>, obligation: &Obligation, family: &str) -> Option<Finding> {
    let history = context.input.history;
    let wrong = |point: &Point| {
        let facts = history.states[point.state].facts.iter().map(AsRef::as_ref);
        facts.flat_map(versions).find(|(id, _)| {
            !same_text(id, &obligation.license) && terms(id).is_some_and(|terms| terms.family == family)
        })
    };
    let right = |point: &Point| {
        let facts = history.states[point.state].facts.iter().map(AsRef::as_ref);
        facts.flat_map(versions).any(|(id, _)| same_text(&id, &obligation.license))
    };
    let was_wrong = history
        .line
        .iter()
        // Where a part could not be read, the right one may be there.
        .filter(|point| !history.states[point.state].partial)
        .find_map(|point| (!right(point)).then(|| wrong(point)).flatten().map(|found| (point, found)));
    let now = history.line.last()?;
    match was_wrong {
        // What is wrong now is for the rules about the present.
        Some((point, (id, location))) if right(now) => {
            let commit = Moment::of(&point.snapshot).commit;
            let place = Place { location, commit, label: format!("{id} is here") };
            let from =
                commit.map_or_else(|| "the work tree".to_owned(), |id| format!("commit {}", id.short()));
            let message = format!(
                "For a time, from {from} on, {id} was here, another version of what {} is under ({}).",
                context.upstream_title(obligation),
                obligation.license
            );
            let help =
                "Copies that were taken meanwhile came with the wrong terms: say so where they are offered.";
            Some(finding(RULE.id, Answer::Unmet, RULE.severity, vec![place], message, help))
        }
        None if right(now) && history.complete => {
            let message = format!("No other version of {} was ever here.", obligation.license);
            let places = vec![context.anchor("the licence is named here")];
            Some(finding(RULE.id, Answer::Met, RULE.severity, places, message, ""))
        }
        None if right(now) => {
            let message = format!(
                "Could not tell whether another version of {} was here: the history is not complete.",
                obligation.license
            );
            let help = FETCH_ALL;
            let places = vec![context.anchor("the history behind this is not complete")];
            Some(finding(RULE.id, Answer::Unknown, RULE.severity, places, message, help))
        }
        _ => None,
    }
}

/// Licences that a fact holds whole, or declares by a name that stands for one.
fn versions(fact: &Fact) -> Vec<(LicenseId, Location)> {
    let mut found: Vec<(LicenseId, Location)> = fact
        .recognition()
        .into_iter()
        .flat_map(|recognition| recognition.licenses.iter().filter(|found| found.whole()))
        .map(|found| (found.id.clone(), Location::lines(fact.path.clone(), found.lines)))
        .collect();
    if let FactKind::ModelCard(card) = &fact.kind {
        for value in &card.license {
            if let [only] = hub::from_hub(&value.value).candidates() {
                found.push((only.clone(), Location::of(&fact.path, value)));
            }
        }
    }
    found
}
