//! `notice-missing`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("notice-missing"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "a NOTICE that the licence asks to carry on, or a line that it prescribes, is nowhere",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = |duty| Wording { rule: &RULE, duty, help };
    duty::judge(&wording(Duty::PrescribedNoticeLine), context, findings);
    duty::judge(&wording(Duty::KeepNoticeFile), context, findings);
}

fn help(obligation: &Obligation, upstream: &str) -> String {
    match obligation.duty {
        Duty::PrescribedNoticeLine => {
            format!("Add the line “{}” to a NOTICE file, as the licence words it.", obligation.subject)
        }
        _ => format!("Copy the attributions of the NOTICE file of {upstream} into a NOTICE file here."),
    }
}
