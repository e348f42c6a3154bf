//! How a rule makes a finding.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Fingerprint, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;

/// The parts of a finding that every rule fills in; the rest has a usual value.
pub(crate) struct Draft {
    pub(crate) rule: RuleId,
    pub(crate) answer: Answer,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) places: Vec<Place>,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Draft {
    /// A finding without obligation, upstream, exposure or fix; met and unknown answers are notes.
    pub(crate) fn finding(self) -> Finding {
        let severity = if self.answer == Answer::Unmet { self.severity } else { Severity::Note };
        Finding {
            rule: self.rule,
            answer: self.answer,
            severity,
            confidence: self.confidence,
            obligation: None,
            upstream: Vec::new(),
            places: self.places,
            exposure: None,
            message: self.message,
            help: self.help,
            fix: None,
            edits: Vec::new(),
            fingerprint: Fingerprint(String::new()),
            waived: None,
            known: false,
        }
    }
}
