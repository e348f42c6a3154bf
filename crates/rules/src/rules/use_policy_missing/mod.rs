//! `use-policy-missing`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("use-policy-missing"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "the licence takes in a use policy, and neither it nor the licence is here",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::IncludeUsePolicy, help };
    duty::judge(&wording, context, findings);
}

fn help(obligation: &Obligation, upstream: &str) -> String {
    format!(
        "Add the use policy of {upstream} as USE_POLICY.md, or the text of {}, of which it is a part.",
        obligation.license
    )
}
