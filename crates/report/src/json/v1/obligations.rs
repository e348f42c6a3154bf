//! What is owed, and what is wrong.

use forebear_types::obligation::Creditor;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Confidence, Exposure, first_line, ids, lines};
use crate::tally;

/// A duty of a licence that applies here.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// To whom it is owed: ids joined by `, `; `null` for the repository's own licence.
    pub upstream: Option<String>,
    /// SPDX id or `LicenseRef-…`.
    pub license: String,
    /// The clause, as the licence numbers it.
    pub clause: String,
    /// The name of the duty. Duties may be added.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub duty: String,
    /// Whether it is owed for certain, or only if the base is the upstream named.
    pub certain: bool,
    /// Whether it is done.
    pub answer: Answer,
    /// The bytes that do it; `null` unless met.
    pub satisfied_by: Option<SatisfiedBy>,
}

/// Whether a duty is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Answer {
    Met,
    Unmet,
    Unknown,
}

/// The bytes that meet a duty.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatisfiedBy {
    /// The file.
    pub path: String,
    /// First and last line, from 1; `null` for the whole file.
    #[schemars(inner(inner(range(min = 1))))]
    pub lines: Option<[u32; 2]>,
}

/// Something unmet, or something that could not be told.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The name of the rule. Rules may be added.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub rule: String,
    /// `unmet`, or `unknown`: it could not be told.
    pub answer: Answer,
    /// How bad it is. What could not be told is a `note`.
    pub severity: Severity,
    /// How sure it is: the weakest link of its chain.
    pub confidence: Confidence,
    /// What is wrong.
    pub message: String,
    /// The ancestors concerned: ids joined by `, `; `null` where only the repository itself is.
    pub upstream: Option<String>,
    /// Which of the report's `obligations` it judges, from 0; `null` for a finding that is about none.
    pub obligation: Option<usize>,
    /// The places, the most telling first.
    pub locations: Vec<Place>,
    /// The interval in which the duty was unmet; `null` for findings that are not about time.
    pub exposure: Option<Exposure>,
    /// What to do; empty where there is nothing to do.
    pub help: String,
    /// A change that would mend it; `null` where forebear knows none.
    pub fix: Option<String>,
    /// Stable name of the finding: it does not depend on lines or wording.
    pub fingerprint: String,
    /// Whether it is new or stood at the baseline already; `null` where nothing was compared.
    pub baseline: Option<Baseline>,
}

/// How a finding compares with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Baseline {
    New,
    Unchanged,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Severity {
    Violation,
    Warning,
    Note,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file; empty for the repository as a whole.
    pub path: String,
    /// The line, from 1; `null` for the whole file.
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
    /// The commit; `null` for the examined state.
    #[schemars(regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))]
    pub commit: Option<String>,
}

impl Obligation {
    pub(super) fn of(obligation: &forebear_types::obligation::Obligation) -> Self {
        use forebear_types::obligation::Answer as A;
        Self {
            upstream: match &obligation.creditor {
                Creditor::Ancestor { candidates, .. } => ids(candidates),
                Creditor::Own => None,
            },
            license: obligation.license.to_string(),
            clause: obligation.clause.clone(),
            duty: obligation.duty.name().to_owned(),
            certain: obligation.certain,
            answer: Answer::of(obligation.answer),
            satisfied_by: obligation.satisfied_by.first().filter(|_| obligation.answer == A::Met).map(
                |location| SatisfiedBy { path: location.path.to_string(), lines: location.lines.map(lines) },
            ),
        }
    }
}

impl Answer {
    fn of(answer: forebear_types::obligation::Answer) -> Self {
        use forebear_types::obligation::Answer as A;
        match answer {
            A::Met => Self::Met,
            A::Unmet => Self::Unmet,
            A::Unknown => Self::Unknown,
        }
    }
}

impl Finding {
    pub(super) fn of(finding: &forebear_types::finding::Finding, compared: bool) -> Self {
        use forebear_types::finding::Severity as S;
        Self {
            rule: finding.rule.to_string(),
            answer: Answer::of(finding.answer),
            severity: match tally::severity(finding) {
                S::Violation => Severity::Violation,
                S::Warning => Severity::Warning,
                S::Note => Severity::Note,
            },
            confidence: Confidence::of(finding.confidence),
            message: finding.message.clone(),
            upstream: ids(&finding.upstream),
            obligation: finding.obligation,
            locations: finding.places.iter().map(Place::of).collect(),
            exposure: finding.exposure.as_ref().map(Exposure::of),
            help: finding.help.clone(),
            fix: finding.fix.as_ref().map(|fix| fix.summary.clone()),
            fingerprint: finding.fingerprint.to_string(),
            baseline: compared.then_some(if finding.known { Baseline::Unchanged } else { Baseline::New }),
        }
    }
}

impl Place {
    fn of(place: &forebear_types::finding::Place) -> Self {
        Self {
            path: place.location.path.to_string(),
            line: first_line(&place.location),
            commit: place.commit.map(|commit| commit.to_string()),
        }
    }
}
