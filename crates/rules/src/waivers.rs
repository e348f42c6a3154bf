//! Waivers: findings that somebody accepted, with a reason.

use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RepoPath, RuleId};

use crate::draft::Draft;

/// One `[[waiver]]` of the configuration. All of rule, path and fingerprint that are given must agree with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule.
    pub rule: Option<String>,
    /// The file that the finding points at first, or a folder above it.
    pub path: Option<RepoPath>,
    /// The fingerprint.
    pub fingerprint: Option<String>,
    /// Why the finding is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// The last day on which it holds, `2027-01-31`.
    pub until: Option<String>,
    /// Where it stands in the configuration.
    pub location: Location,
}

/// What became of a waiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WaiverState {
    /// Findings that it covers, or would cover if it had not expired.
    pub(crate) covers: usize,
    /// Whether its last day is past.
    pub(crate) expired: bool,
}

/// Marks the findings that a waiver covers; a waiver that has expired covers none.
pub(crate) fn apply(waivers: &[Waiver], today: &str, findings: &mut [Finding]) -> Vec<WaiverState> {
    waivers
        .iter()
        .enumerate()
        .map(|(index, waiver)| {
            // Both are ISO dates, whose order is the order of their text.
            let expired = waiver.until.as_deref().is_some_and(|until| until < today);
            let mut covers = 0;
            for finding in findings.iter_mut().filter(|finding| finding.answer != Answer::Met) {
                if covered(waiver, finding) {
                    covers += 1;
                    if !expired && finding.waived.is_none() {
                        finding.waived = Some(index);
                    }
                }
            }
            WaiverState { covers, expired }
        })
        .collect()
}

fn covered(waiver: &Waiver, finding: &Finding) -> bool {
    let rule = waiver.rule.as_deref().is_none_or(|rule| rule == finding.rule.0);
    let path = waiver
        .path
        .as_ref()
        .is_none_or(|path| finding.places.first().is_some_and(|place| place.location.path.is_within(path)));
    let fingerprint = waiver.fingerprint.as_deref().is_none_or(|print| print == finding.fingerprint.0);
    rule && path && fingerprint
}

/// A finding about a waiver, at its place in the configuration.
pub(crate) fn finding(rule: RuleId, waiver: &Waiver, answer: Answer, message: String, help: &str) -> Finding {
    let place = Place { location: waiver.location.clone(), commit: None, label: "this waiver".to_owned() };
    Draft {
        rule,
        answer,
        severity: Severity::Warning,
        confidence: Confidence::High,
        places: vec![place],
        message,
        help: if answer == Answer::Met { String::new() } else { help.to_owned() },
    }
    .finding()
}
