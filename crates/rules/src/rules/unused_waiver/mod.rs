//! `unused-waiver`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::Answer;

use crate::waivers::{Waiver, finding};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("unused-waiver"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "a waiver covers no finding",
    docs: include_str!("docs.md"),
    stage: Stage::Waivers,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (waiver, state) in context.input.waivers.iter().zip(&context.waivers) {
        let (answer, message) = if state.covers > 0 {
            (Answer::Met, format!("The waiver covers {} finding(s).", state.covers))
        } else if of_history(waiver) && !context.input.history.complete {
            let why = "its rule looks at history, which is missing or not complete here";
            (Answer::Unknown, format!("Could not tell whether the waiver is still needed: {why}."))
        } else {
            (Answer::Unmet, format!("The waiver (“{}”) covers no finding.", waiver.reason))
        };
        findings.push(finding(
            RULE.id,
            waiver,
            answer,
            message,
            "Remove it, or correct its rule, path or fingerprint: a waiver that covers nothing hides what comes later.",
        ));
    }
}

fn of_history(waiver: &Waiver) -> bool {
    waiver.rule.as_deref().is_none_or(|rule| rule == "license-added-late" || rule.ends_with("-in-history"))
}
