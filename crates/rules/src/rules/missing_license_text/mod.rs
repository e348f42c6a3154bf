//! `missing-license-text`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Creditor, Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("missing-license-text"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "a licence that asks for its text to be included applies, and its text is nowhere",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording {
        rule: RULE.id,
        duty: Duty::IncludeLicenseText,
        severity: RULE.severity,
        help,
        fixable: true,
    };
    duty::judge(&wording, context, findings);
}

fn help(obligation: &Obligation, upstream: &str) -> String {
    match obligation.creditor {
        Creditor::Own => {
            format!("Add a LICENSE file with the text of {} and your own copyright line.", obligation.license)
        }
        Creditor::Ancestor { .. } => format!(
            "Copy the licence file of {upstream}, whole and unchanged, into this repository: as LICENSE, in NOTICE, or in \
             a licenses/ folder."
        ),
    }
}
