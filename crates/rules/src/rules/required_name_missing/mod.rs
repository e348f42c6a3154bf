//! `required-name-missing`.

use forebear_licenses::terms::{Ask, NameRule, terms};
use forebear_types::RuleId;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::{Duty, Obligation};

use crate::duty::{self, Wording};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("required-name-missing"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the licence asks for a word in the model's name, and the name has not got it",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::NamePrefix, help };
    duty::judge(&wording, context, findings);
}

fn help(obligation: &Obligation, _upstream: &str) -> String {
    let place = if has_prefix(obligation) { "at the beginning of" } else { "in" };
    format!("Rename the model: “{}” has to stand {place} its name.", obligation.subject)
}

fn has_prefix(obligation: &Obligation) -> bool {
    let Some(terms) = terms(&obligation.license) else { return true };
    terms.of(obligation.duty).all(|term| matches!(&term.ask, Ask::Name(NameRule::BeginsWith(_))))
}
