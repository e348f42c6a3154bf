//! `required-display-missing`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("required-display-missing"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the licence asks for a displayed phrase, and no card or notice displays it",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::DisplayPhrase, help };
    duty::judge(&wording, context, findings);
}

fn help(obligation: &Obligation, _upstream: &str) -> String {
    match obligation.subject.as_str() {
        "" => format!("Display what {} asks for, on the card.", obligation.license),
        phrase => format!("Display “{phrase}” prominently on the card."),
    }
}
