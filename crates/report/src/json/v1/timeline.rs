//! Since when.

use forebear_types::Snapshot;
use forebear_types::history::Event;
use schemars::JsonSchema;
use serde::Serialize;

/// The interval in which weights were in the history and a duty was not met.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// The first state in which the duty was unmet.
    pub from: Moment,
    /// The state that met it; `null` while the interval is open.
    pub to: Option<Moment>,
}

/// One end of an interval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The commit; `null` for a state that is not committed.
    #[schemars(regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))]
    pub commit: Option<String>,
    /// Its committer time, RFC 3339; `null` for a state that is not committed.
    pub time: Option<String>,
}

/// What happened to a legal file or a declaration in one commit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimelineEvent {
    /// The commit; `null` for the examined work tree or index.
    #[schemars(regex(pattern = "^([0-9a-f]{40}|[0-9a-f]{64})$"))]
    pub commit: Option<String>,
    /// Its committer time, RFC 3339; `null` for the examined work tree or index.
    pub time: Option<String>,
    /// The file; for a rename, the new path.
    pub path: String,
    /// What happened.
    pub event: EventKind,
    /// What was there before: a legal file's licences and owners, a declaration as `key: value`, a rename's old path;
    /// `null` for an addition.
    pub from: Option<String>,
    /// What is there now; `null` for a removal.
    pub to: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum EventKind {
    Added,
    Changed,
    Relicensed,
    Truncated,
    Renamed,
    Removed,
    Restored,
}

impl Exposure {
    pub(super) fn of(exposure: &forebear_types::finding::Exposure) -> Self {
        Self { from: Moment::of(&exposure.from), to: exposure.to.as_ref().map(Moment::of) }
    }
}

impl Moment {
    fn of(moment: &forebear_types::finding::Moment) -> Self {
        Self {
            commit: moment.commit.map(|commit| commit.to_string()),
            time: moment.time.map(|time| time.to_string()),
        }
    }
}

impl TimelineEvent {
    pub(super) fn of(event: &Event) -> Self {
        use forebear_types::history::EventKind as E;
        // The contract has no field for the key of a declaration, so the values carry it.
        let with_key = |value: &String| match event.about.declaration() {
            None => value.clone(),
            Some(key) => format!("{key}: {value}"),
        };
        let (commit, time) = match &event.snapshot {
            Snapshot::Commit { id, time } => (Some(id.to_string()), Some(time.to_string())),
            Snapshot::WorkTree | Snapshot::Index | Snapshot::Cached { .. } => (None, None),
        };
        Self {
            commit,
            time,
            path: event.path.to_string(),
            event: match event.kind {
                E::Added => EventKind::Added,
                E::Changed => EventKind::Changed,
                E::Relicensed => EventKind::Relicensed,
                E::Truncated => EventKind::Truncated,
                E::Renamed => EventKind::Renamed,
                E::Removed => EventKind::Removed,
                E::Restored => EventKind::Restored,
            },
            from: event.from.as_ref().map(with_key),
            to: event.to.as_ref().map(with_key),
        }
    }
}
