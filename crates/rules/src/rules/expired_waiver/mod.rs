//! `expired-waiver`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::Answer;

use crate::waivers::finding;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("expired-waiver"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "the last day of a waiver is past",
    docs: include_str!("docs.md"),
    stage: Stage::Waivers,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (waiver, state) in context.input.waivers.iter().zip(&context.waivers) {
        let Some(until) = &waiver.until else { continue };
        let (answer, message) = match (state.expired, state.covers) {
            (true, 0) => (
                Answer::Unknown,
                format!(
                    "The waiver expired on {until}; could not tell what it was for: it covers no finding."
                ),
            ),
            (true, covers) => (
                Answer::Unmet,
                format!("The waiver expired on {until}; {covers} finding(s) that it covered count again."),
            ),
            (false, _) => (Answer::Met, format!("The waiver holds until {until}.")),
        };
        let help = "Settle the findings, or decide again and write a new `until`.";
        findings.push(finding(RULE.id, waiver, answer, message, help));
    }
}
