//! `relicensed-in-history`.

use std::collections::BTreeSet;

use forebear_types::RuleId;
use forebear_types::fact::{FactKind, Scope};
use forebear_types::finding::{Finding, Severity};
use forebear_types::history::{Event, EventKind};
use forebear_types::obligation::Answer;

use crate::past::{FETCH_ALL, by, events, finding, has_past, place, shown};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("relicensed-in-history"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "the licence, by its text or its declaration, was another one once",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !has_past(context) {
        return;
    }
    let history = context.input.history;
    let changes: Vec<&Event> = events(context)
        .filter(|event| event.kind == EventKind::Relicensed && speaks_for_the_model(context, event))
        .collect();
    let mut told: BTreeSet<(Vec<u8>, &forebear_types::history::About)> = BTreeSet::new();
    for last in changes.iter().rev() {
        if !told.insert((last.path.as_bytes().to_vec(), &last.about)) {
            continue;
        }
        let same = |event: &&&Event| event.path == last.path && event.about == last.about;
        let first = changes.iter().find(same).unwrap_or(last);
        // What went and came back is what it was.
        if first.from == last.to {
            continue;
        }
        let (from, to) = (first.from.as_deref().unwrap_or_default(), last.to.as_deref().unwrap_or_default());
        let what = if last.is_legal() { "held" } else { "declared" };
        findings.push(finding(
            RULE.id,
            Answer::Unmet,
            RULE.severity,
            vec![place(last, "the licence became another one here")],
            format!("{} {what} {from} and has {to} since {}.", last.path, by(last)),
            format!(
                "Whoever took a copy before keeps the terms of then: keep the former text in a licenses/ folder, and say in the card \
                 from when on which terms hold.{}",
                shown(last)
            ),
        ));
    }
    let known = context.declared.license.is_some() || context.documents.iter().any(|one| !one.is_card());
    if !told.is_empty() || !known {
        return;
    }
    let (answer, message) = match history.complete {
        true => (Answer::Met, "The licence is what it was in every commit."),
        false => (
            Answer::Unknown,
            "Could not tell whether the licence was another one: the history is not complete.",
        ),
    };
    let help = if history.complete { "" } else { FETCH_ALL };
    findings.push(finding(
        RULE.id,
        answer,
        RULE.severity,
        vec![context.anchor("the licence is named here")],
        message.to_owned(),
        help,
    ));
}

/// Whether a legal file speaks for the model; a declaration always does.
fn speaks_for_the_model(context: &Context<'_>, event: &Event) -> bool {
    let states = context.input.history.states.iter().flat_map(|state| state.facts.iter());
    !event.is_legal()
        || states
            .filter(|fact| fact.path == event.path)
            .any(|fact| matches!(&fact.kind, FactKind::LegalFile(file) if file.scope == Scope::Model))
}
