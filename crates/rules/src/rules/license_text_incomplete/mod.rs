//! `license-text-incomplete`.

use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::license::Coverage;
use forebear_types::obligation::{Answer, Creditor, Duty, Obligation};
use forebear_types::{Location, RuleId};

use crate::duty::{self, Wording};
use crate::satisfaction::place_words;
use crate::texts::{Found, found};
use crate::words::clause_words;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("license-text-incomplete"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the text of a licence that applies is there only in part",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

/// Missing parts that a message quotes.
const QUOTED: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wording = Wording { rule: &RULE, duty: Duty::IncludeLicenseText, help };
    let mut judged = Vec::new();
    duty::judge(&wording, context, &mut judged);
    for mut finding in judged {
        let Some(obligation) = finding.obligation.and_then(|index| context.obligations.get(index)) else {
            continue;
        };
        let (place, what) = match found(&context.documents, obligation) {
            Found::Part { place, coverage, missing } => {
                let words = part_words(&place, coverage, missing, obligation);
                (place, words)
            }
            Found::Stub { place } => {
                let words = format!(
                    "{} says that it is {} and does not hold the text",
                    place.path, obligation.license
                );
                (place, words)
            }
            Found::Nothing | Found::Altered { .. } => continue,
        };
        let asks = format!("{}, {}", obligation.license, clause_words(&obligation.clause));
        finding.message = match finding.answer {
            Answer::Met => format!("{what}; {} ({asks}).", obligation.reason),
            Answer::Unknown => format!(
                "{what}, owed to {} ({asks}). That is nearly all: could not tell whether a clause is missing.",
                context.upstream_title(obligation)
            ),
            Answer::Unmet => match obligation.creditor {
                Creditor::Own => {
                    format!("{what}; the declared licence asks that its text travel along ({asks}).")
                }
                Creditor::Ancestor { .. } => {
                    format!("{what}; it is owed whole to {} ({asks}).", context.upstream_title(obligation))
                }
            },
        };
        let label = "here is a part of the text".to_owned();
        finding.places.insert(0, Place { location: place, commit: None, label });
        findings.push(finding);
    }
}

/// "LICENSE, lines 1 to 12, holds only 43 % of the words of Apache-2.0; missing: “…”".
fn part_words(place: &Location, coverage: Coverage, missing: &[String], obligation: &Obligation) -> String {
    let quoted: Vec<String> = missing
        .iter()
        .take(QUOTED)
        .map(|words| format!("“{} …”", words.trim_end_matches(['…', ' '])))
        .collect();
    let quoted = if quoted.is_empty() { String::new() } else { format!(", without {}", quoted.join(", ")) };
    format!(
        "{} holds {:.0} % of the words of {}{quoted}",
        place_words(place),
        coverage.ratio() * 100.0,
        obligation.license
    )
}

fn help(obligation: &Obligation, upstream: &str) -> String {
    match obligation.creditor {
        Creditor::Own => format!("Put the whole text of {} in its place.", obligation.license),
        Creditor::Ancestor { .. } => {
            format!("Copy the licence file of {upstream}, whole and unchanged, in its place or beside it.")
        }
    }
}
