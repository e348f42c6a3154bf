//! `restrictions-not-passed-on`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("restrictions-not-passed-on"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the base has use restrictions to pass on, and the terms here have none",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::PassOnUseRestrictions, help };
    duty::judge(&wording, context, findings);
}

fn help(obligation: &Obligation, _upstream: &str) -> String {
    format!(
        "Pass the model on under {}, with its text, or take its use restrictions into your own terms.",
        obligation.license
    )
}
