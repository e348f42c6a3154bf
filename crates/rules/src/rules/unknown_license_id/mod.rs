//! `unknown-license-id`.

use forebear_licenses::hub::{self, HubLicense};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{LicenseId, Location, RuleId};

use crate::declared::declared_license;
use crate::draft::Draft;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("unknown-license-id"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "the declared licence id is not one that the Hub or SPDX knows",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    let Some(declared) = declared_license(context.input.facts) else { return };
    for (value, _) in &declared.values {
        let Some((answer, message)) = judged(&value.value) else { continue };
        let place = Place {
            location: Location::of(declared.path, value),
            commit: None,
            label: format!("license: {}", value.value),
        };
        findings.push(
            Draft {
                rule: RULE.id,
                answer,
                severity: Severity::Note,
                confidence: Confidence::High,
                places: vec![place],
                message,
                help: help(answer, &value.value),
            }
            .finding(),
        );
    }
}

/// The answer for a value; `None` for plain ids of the Hub's list, `other` and `unknown`, of which there is nothing to say.
fn judged(value: &str) -> Option<(Answer, String)> {
    let license = hub::from_hub(value);
    match &license {
        HubLicense::Other => None,
        HubLicense::Unknown if value.eq_ignore_ascii_case("unknown") => None,
        HubLicense::Unknown => {
            Some((Answer::Unmet, format!("Neither the Hub nor SPDX knows a licence of the id `{value}`.")))
        }
        HubLicense::Known { ids, .. } | HubLicense::OneOf { ids, .. } => {
            let reference = ids.iter().find(|id| is_unknown_reference(id));
            if let Some(id) = reference {
                return Some((
                    Answer::Unknown,
                    format!(
                        "`{id}` is a reference as SPDX allows it; could not tell which text it stands for."
                    ),
                ));
            }
            let plain = ids.iter().any(|id| hub::names(id).iter().any(|name| name == value))
                || matches!(license, HubLicense::OneOf { .. });
            (!plain).then(|| (Answer::Met, format!("SPDX knows `{value}`.")))
        }
    }
}

/// Whether an id is a reference that no table explains.
fn is_unknown_reference(id: &LicenseId) -> bool {
    id.as_str().starts_with("LicenseRef-") && forebear_licenses::terms::terms(id).is_none()
}

fn help(answer: Answer, value: &str) -> String {
    match answer {
        Answer::Met => String::new(),
        Answer::Unknown => {
            "Put the text beside the card, and name it with `license_name` and `license_link`.".to_owned()
        }
        Answer::Unmet => {
            let meant = hub::from_name(value, None);
            let name = match meant.candidates() {
                [only] => hub::names(only).into_iter().next(),
                _ => None,
            };
            match name {
                Some(name) => format!("Write `license: {name}`."),
                None => {
                    "Use an id of the Hub's list, or `license: other` with `license_name` and `license_link`."
                        .to_owned()
                }
            }
        }
    }
}
