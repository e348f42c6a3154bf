//! `declared-license-removed-in-history`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::Answer;

use crate::past::{FETCH_ALL, by, declarations, finding, has_past, place, shown, taken_away};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("declared-license-removed-in-history"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "the card declared a licence once and declares none now",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !has_past(context) {
        return;
    }
    let gone = taken_away(context, "license");
    let found = match (&context.declared.license, gone) {
        (None, Some(event)) => finding(
            RULE.id,
            Answer::Unmet,
            RULE.severity,
            vec![place(event, "the declaration was removed here")],
            format!(
                "{} declared the licence `{}` until it was taken away {}; no card declares one now.",
                event.path,
                event.from.as_deref().unwrap_or_default(),
                by(event)
            ),
            format!(
                "Declare the licence again; copies that were taken meanwhile keep the terms of then.{}",
                shown(event)
            ),
        ),
        (Some(license), None)
            if context.input.history.complete && declarations(context, "license").next().is_some() =>
        {
            finding(
                RULE.id,
                Answer::Met,
                RULE.severity,
                vec![context.anchor("the licence is declared here")],
                format!("The licence `{license}` is declared, and no commit took a declaration away."),
                "",
            )
        }
        (None, None) if !context.input.history.complete => finding(
            RULE.id,
            Answer::Unknown,
            RULE.severity,
            vec![context.anchor("the history behind this is not complete")],
            "Could not tell whether a licence was ever declared: the history is not complete.".to_owned(),
            FETCH_ALL,
        ),
        _ => return,
    };
    findings.push(found);
}
