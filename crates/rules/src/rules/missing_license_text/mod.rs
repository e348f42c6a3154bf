//! `missing-license-text`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Answer, Creditor, Duty, Obligation};

use crate::duty::{self, Wording};
use crate::texts::{Found, found};
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
    let wording = Wording { rule: &RULE, duty: Duty::IncludeLicenseText, help };
    let mut judged = Vec::new();
    duty::judge(&wording, context, &mut judged);
    // A text that is there in part or with changed words belongs to `license-text-incomplete` and `license-text-altered`.
    let elsewhere = |finding: &Finding| {
        let obligation = finding.obligation.and_then(|index| context.obligations.get(index));
        finding.answer != Answer::Met
            && obligation.is_some_and(|obligation| found(&context.documents, obligation) != Found::Nothing)
    };
    findings.extend(judged.into_iter().filter(|finding| !elsewhere(finding)));
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
