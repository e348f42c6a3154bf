//! `changes-not-stated`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("changes-not-stated"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "the licence asks that changes be stated, and nothing here states them",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::StateChanges, help };
    duty::judge(&wording, context, findings);
}

fn help(_obligation: &Obligation, upstream: &str) -> String {
    format!("Say in the card or a NOTICE file that {upstream} was changed, and how.")
}
