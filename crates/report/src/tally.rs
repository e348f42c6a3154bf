//! Which findings a report lists, and how many there are: the same for every format.
//!
//! What stood at the baseline already is listed, and counted apart.

use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::Answer;
use forebear_types::run::Run;

/// Findings by severity. What could not be told counts as a note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) violations: usize,
    pub(crate) warnings: usize,
    pub(crate) notes: usize,
    pub(crate) waived: usize,
    pub(crate) known: usize,
}

impl Tally {
    pub(crate) fn of(run: &Run) -> Self {
        let mut tally = Self { waived: waived(run).count(), ..Self::default() };
        for finding in listed(run) {
            if finding.known {
                tally.known += 1;
                continue;
            }
            match severity(finding) {
                Severity::Violation => tally.violations += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Note => tally.notes += 1,
            }
        }
        tally
    }
}

/// What is unmet or could not be told, and is not waived.
pub(crate) fn listed(run: &Run) -> impl Iterator<Item = &Finding> {
    run.findings.iter().filter(|finding| finding.answer != Answer::Met && finding.waived.is_none())
}

/// What is unmet or could not be told, and is waived. A waiver of what is met has nothing to accept.
pub(crate) fn waived(run: &Run) -> impl Iterator<Item = &Finding> {
    run.findings.iter().filter(|finding| finding.answer != Answer::Met && finding.waived.is_some())
}

/// The severity that reports show: a doubt is never worse than a note, whatever the rule says.
pub(crate) fn severity(finding: &Finding) -> Severity {
    match finding.answer {
        Answer::Unmet => finding.severity,
        Answer::Met | Answer::Unknown => Severity::Note,
    }
}
