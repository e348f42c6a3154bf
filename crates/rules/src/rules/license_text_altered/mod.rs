//! `license-text-altered`.

use forebear_types::finding::{Finding, Fix, Place, Severity};
use forebear_types::license::Change;
use forebear_types::lineage::Hop;
use forebear_types::obligation::{Answer, Creditor, Duty, Obligation};
use forebear_types::{LineSpan, Location, RuleId};

use crate::duty::{self, Wording};
use crate::satisfaction::place_words;
use crate::texts::{Found, found};
use crate::words::clause_words;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("license-text-altered"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the text of a licence that applies is there with changed operative words",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

/// Changes that a message quotes; the places show the others.
const QUOTED: usize = 2;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::IncludeLicenseText, help };
    let mut judged = Vec::new();
    duty::judge(&wording, context, &mut judged);
    for mut finding in judged {
        let Some(obligation) = finding.obligation.and_then(|index| context.obligations.get(index)) else {
            continue;
        };
        let Found::Altered { place, changes } = found(&context.documents, obligation) else { continue };
        judge(context, obligation, &place, &changes, &mut finding);
        let mut places = vec![Place {
            location: place.clone(),
            commit: None,
            label: format!("{} with changed words", obligation.license),
        }];
        places.extend(changes.iter().map(|change| Place {
            location: Location::lines(place.path.clone(), LineSpan::line(change.line)),
            commit: None,
            label: change_words(change),
        }));
        places.append(&mut finding.places);
        finding.places = places;
        findings.push(finding);
    }
}

fn judge(
    context: &Context<'_>,
    obligation: &Obligation,
    place: &Location,
    changes: &[Change],
    finding: &mut Finding,
) {
    let quoted: Vec<String> = changes.iter().take(QUOTED).map(change_words).collect();
    let what =
        format!("{} is {} with changed words: {}", place_words(place), obligation.license, quoted.join("; "));
    let asks = format!("{}, {}", obligation.license, clause_words(&obligation.clause));
    let upstream = context.upstream_title(obligation);
    if obligation.answer == Answer::Met {
        finding.message = format!("{what}. The unchanged text is there too: {} ({asks}).", obligation.reason);
        return;
    }
    if let Some(why) = doubt(context, obligation, changes, &upstream) {
        finding.answer = Answer::Unknown;
        finding.severity = Severity::Note;
        finding.message = format!("{what}. Could not tell whose change it is: {why}.");
        return;
    }
    finding.answer = Answer::Unmet;
    finding.severity = context.severity(obligation, Severity::Violation);
    finding.message = match obligation.creditor {
        Creditor::Own => {
            format!("{what}. Whoever reads {} in the card expects other terms.", obligation.license)
        }
        Creditor::Ancestor { .. } => {
            format!("{what}. What {upstream} asks to be kept is its own text and no other ({asks}).")
        }
    };
    finding.fix = Some(Fix { summary: help(obligation, &upstream) });
}

/// Why the change may be the upstream's own, if so.
fn doubt(
    context: &Context<'_>,
    obligation: &Obligation,
    changes: &[Change],
    upstream: &str,
) -> Option<String> {
    let other = context.declared.license.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("other"));
    let hop = match context.hop(obligation) {
        None if other => {
            return Some("terms declared as `other` are worded by whoever grants them".to_owned());
        }
        None if obligation.certain => return None,
        None => return Some("the declared name stands for several texts".to_owned()),
        Some(hop) => hop,
    };
    if context.presents_itself_as(hop) {
        return Some(format!("the repository presents itself as {upstream}, whose own text it may be"));
    }
    if changes.is_empty() {
        return Some("the change could not be told word for word".to_owned());
    }
    let names = names(context, hop);
    let own = changes.iter().find_map(|change| {
        let found = words(&change.found);
        names.iter().find(|name| found.contains(name))
    });
    own.map(|name| {
        format!("the words name “{name}”, so that they may be those of {upstream}; compare with its file")
    })
}

/// Words that name the upstream: organisation, developer, and the name of the model without numbers and sizes.
fn names(context: &Context<'_>, hop: &Hop) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for candidate in &hop.candidates {
        let known = context.input.catalog.find(candidate.model.as_str());
        names.extend(words(candidate.model.organisation()));
        names.extend(words(candidate.model.name()));
        names.extend(known.map(|model| words(model.developer)).unwrap_or_default());
    }
    // Short words and words of many names ("ai", "base", "chat") name nobody.
    names.retain(|name| {
        name.len() >= 4
            && name.chars().any(char::is_alphabetic)
            && !["base", "chat", "instruct", "model", "language", "research"].contains(&name.as_str())
    });
    names.sort();
    names.dedup();
    names
}

fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn change_words(change: &Change) -> String {
    match (change.expected.as_str(), change.found.as_str()) {
        ("", found) => format!("“{found}” was added"),
        (expected, "") => format!("“{expected}” is gone"),
        (expected, found) => format!("“{found}” stands for “{expected}”"),
    }
}

fn help(obligation: &Obligation, upstream: &str) -> String {
    match obligation.creditor {
        Creditor::Own => format!(
            "Restore the text of {}, or declare `license: other` with a name and a link for terms of your own.",
            obligation.license
        ),
        Creditor::Ancestor { .. } => format!(
            "Put the licence file of {upstream} back, word for word; terms of your own belong in a file of their own."
        ),
    }
}
