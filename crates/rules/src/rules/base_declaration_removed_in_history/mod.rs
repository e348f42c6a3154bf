//! `base-declaration-removed-in-history`.

use std::collections::BTreeSet;

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::history::EventKind;
use forebear_types::obligation::Answer;

use crate::past::{by, declarations, finding, has_past, place, shown};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("base-declaration-removed-in-history"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "a card or an adapter declared a base once and it is declared no more",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !has_past(context) {
        return;
    }
    let now = &context.declared.base_models;
    let is_now = |base: &str| now.iter().any(|known| known.eq_ignore_ascii_case(base));
    let mut told: BTreeSet<String> = BTreeSet::new();
    for event in declarations(context, "base_model").rev() {
        let here: BTreeSet<&str> = bases(event.to.as_deref()).collect();
        for base in bases(event.from.as_deref()).filter(|base| !here.contains(base) && !is_now(base)) {
            if !told.insert(base.to_lowercase()) {
                continue;
            }
            let places = vec![place(event, "the declaration was removed here")];
            findings.push(if event.kind == EventKind::Removed && now.is_empty() {
                let message = format!(
                    "{} declared the base `{base}` until it was taken away {}; no base is declared now.",
                    event.path,
                    by(event)
                );
                let help = format!("Declare the base again, if it was the base.{}", shown(event));
                finding(RULE.id, Answer::Unmet, RULE.severity, places, message, help)
            } else {
                let message = format!(
                    "{} declared the base `{base}` until it was changed {}: could not tell which of the declarations is true.",
                    event.path,
                    by(event)
                );
                let help = format!("Say in the card why the base is another one now.{}", shown(event));
                finding(RULE.id, Answer::Unknown, RULE.severity, places, message, help)
            });
        }
    }
    let declared_before = declarations(context, "base_model").next().is_some();
    if told.is_empty() && !now.is_empty() && declared_before && context.input.history.complete {
        findings.push(finding(
            RULE.id,
            Answer::Met,
            RULE.severity,
            vec![context.anchor("the base is declared here")],
            format!("The base `{}` is declared, and no commit took a base away.", now.join("`, `")),
            "",
        ));
    }
}

/// The bases of a declaration.
fn bases(value: Option<&str>) -> impl Iterator<Item = &str> {
    value.into_iter().flat_map(|value| value.split(", "))
}
