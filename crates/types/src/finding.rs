//! What the rules say.

use crate::edit::Edit;
use crate::lineage::Confidence;
use crate::obligation::Answer;
use crate::{Location, ModelId, ObjectId, RuleId, Snapshot, Time};

/// How bad a finding is. Ordered from mildest to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely wrong, or wrong if the evidence holds.
    Warning,
    /// A duty is not met, on evidence that carries it.
    Violation,
}

impl Severity {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Violation => "violation",
        }
    }
}

/// What the configuration makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// Its findings have this severity on the best evidence.
    At(Severity),
}

impl Level {
    /// All levels, from the mildest.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Off, Self::At(Severity::Note), Self::At(Severity::Warning), Self::At(Severity::Violation)]
            .into_iter()
    }

    /// The word used in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::At(severity) => severity.name(),
        }
    }

    /// The level of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|level| level.name() == name)
    }
}

/// A place, in a commit if it is not in the examined snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file and lines.
    pub location: Location,
    /// The commit, if the place is in history.
    pub commit: Option<ObjectId>,
    /// What stands there, a few words.
    pub label: String,
}

/// One end of an interval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The commit; `None` for a state that is not committed (work tree, index).
    pub commit: Option<ObjectId>,
    /// Its committer time; `None` for a state that is not committed.
    pub time: Option<Time>,
}

impl Moment {
    /// The moment of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        match snapshot {
            Snapshot::Commit { id, time } => Self { commit: Some(*id), time: Some(*time) },
            _ => Self { commit: None, time: None },
        }
    }
}

/// An interval in which weights were in the history and a duty was not met.
///
/// Commit time is not publication time: on the Hub a commit to `main` is a publication, in a repository that was pushed
/// later only its tip was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exposure {
    /// The first state in which the duty was unmet.
    pub from: Moment,
    /// Whether it may have begun earlier: what lies before was not examined (a shallow clone, a bounded walk).
    pub or_earlier: bool,
    /// The state that met it; `None` while it is open.
    pub to: Option<Moment>,
    /// Commits on the first-parent line in the interval, the closing one not counted.
    pub commits: usize,
    /// Tags and releases in the interval whose own state lacks what is owed, in order of their names.
    pub tags: Vec<String>,
}

impl Exposure {
    /// Whole days between the two ends, if both are committed.
    pub fn days(&self) -> Option<u64> {
        let to = self.to.as_ref()?.time?;
        Some(to.days_since(self.from.time?))
    }

    /// Whether nothing has met the duty yet.
    pub fn is_open(&self) -> bool {
        self.to.is_none()
    }
}

/// A change that would mend the finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fix {
    /// What to do, for people.
    pub summary: String,
}

/// What a rule says about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// Whether what the rule asks for is there. *Met* is reported too: compliance is a checklist.
    pub answer: Answer,
    /// How bad it is; [`Severity::Note`] unless unmet.
    pub severity: Severity,
    /// The weakest link of the chain.
    pub confidence: Confidence,
    /// Index into [`Run::obligations`](crate::run::Run::obligations), for rules that judge a duty.
    pub obligation: Option<usize>,
    /// The ancestors concerned; empty for what concerns only the repository itself.
    pub upstream: Vec<ModelId>,
    /// The places, the most telling first. Never empty.
    pub places: Vec<Place>,
    /// The interval, for rules about history.
    pub exposure: Option<Exposure>,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do, a sentence or two.
    pub help: String,
    /// How to mend it, where forebear knows.
    pub fix: Option<Fix>,
    /// Edits that would mend it, best first: one is enough. Empty where a person has to do it.
    pub edits: Vec<Edit>,
    /// Stable name of the finding: see [`Finding::fingerprint`].
    pub fingerprint: Fingerprint,
    /// The waiver that covers it: index into the waivers of the configuration.
    pub waived: Option<usize>,
    /// Whether it stood at the baseline already: it is shown, and does not count.
    pub known: bool,
}

/// A stable name of a finding: a digest of rule, upstream and path. No line and no message, so that edits above or
/// better wording do not make a new finding out of an old one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub String);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
