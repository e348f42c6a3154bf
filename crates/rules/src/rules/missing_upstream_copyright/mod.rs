//! `missing-upstream-copyright`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("missing-upstream-copyright"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the copyright line of an ancestor is nowhere",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::KeepCopyrightNotice, help };
    duty::judge(&wording, context, findings);
}

fn help(obligation: &Obligation, upstream: &str) -> String {
    if obligation.subject.is_empty() {
        return format!(
            "Compare with the licence and notice files of {upstream}, and keep every copyright line found there."
        );
    }
    let line = obligation.subject.lines().next().unwrap_or_default();
    format!(
        "Add the line “{line}” with the licence text: in LICENSE, NOTICE, or a file of a licenses/ folder."
    )
}
