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
    /// Whether it may have begun earlier: what lies before was not examined.
    pub or_earlier: bool,
    /// The state that met it; `null` while the interval is open.
    pub to: Option<Moment>,
    /// Whole days from one end to the other; `null` while the interval is open, or if an end is not committed.
    pub days: Option<u64>,
    /// Commits in it on the first-parent line, the closing one not counted.
    pub commits: usize,
    /// Tags in it whose own state lacks what is owed, by name.
    pub tags: Vec<String>,
    /// Whether nothing has met the duty yet.
    pub open: bool,
}

/// An interval on the line of one reference.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineExposure {
    /// `HEAD` for the examined commit, else the full name of the reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Which of the report's `obligations` was unmet, from 0.
    pub obligation: usize,
    /// The interval.
    pub exposure: Exposure,
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
    /// When the commit was written, RFC 3339; `null` for the examined work tree or index.
    pub author_time: Option<String>,
    /// Who wrote it, `Name <mail>`; `null` for the examined work tree or index.
    pub author: Option<String>,
    /// The first line of its message; `null` for the examined work tree or index.
    pub subject: Option<String>,
    /// What the event is about.
    pub about: About,
    /// The key of the declaration; `null` for files.
    pub declaration: Option<String>,
    /// What happened more closely; `null` where there is no more to say.
    pub detail: Option<Detail>,
    /// The git command that shows the change; `null` for what is not committed.
    pub command: Option<String>,
    /// From where the commit can be reached. Only what `head` reaches is judged.
    pub reach: Reach,
    /// A reference that reaches it, where that is not the examined commit; `null` else.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum About {
    LegalFile,
    Declaration,
    Evidence,
}

/// What happened more closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Detail {
    Harmless,
    Altered,
    CopyrightRemoved,
    CopyrightReplaced,
    Copied,
    MergedInto,
    ReAdded,
}

/// From where a commit can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the contract")]
pub enum Reach {
    Head,
    Own,
    Foreign,
    Unreachable,
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
        Self {
            from: Moment::of(&exposure.from),
            or_earlier: exposure.or_earlier,
            to: exposure.to.as_ref().map(Moment::of),
            days: exposure.days(),
            commits: exposure.commits,
            tags: exposure.tags.clone(),
            open: exposure.is_open(),
        }
    }
}

impl LineExposure {
    pub(super) fn of(one: &forebear_types::run::LineExposure) -> Self {
        Self {
            reference: one.reference.clone(),
            obligation: one.obligation,
            exposure: Exposure::of(&one.exposure),
        }
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
        use forebear_types::history::{About as A, EventKind as E};
        // The first readers of the contract had no field for the key of a declaration: the values carry it, too.
        let with_key = |value: &String| match event.about.declaration() {
            None => value.clone(),
            Some(key) => format!("{key}: {value}"),
        };
        let (commit, time) = match &event.snapshot {
            Snapshot::Commit { id, time } => (Some(id.to_string()), Some(time.to_string())),
            Snapshot::WorkTree | Snapshot::Index | Snapshot::Cached { .. } => (None, None),
        };
        let committed = commit.is_some();
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
            author_time: event.author_time.filter(|_| committed).map(|time| time.to_string()),
            author: committed.then(|| event.author.clone()),
            subject: committed.then(|| event.subject.clone()),
            about: match event.about {
                A::LegalFile => About::LegalFile,
                A::Declaration(_) => About::Declaration,
                A::Evidence => About::Evidence,
            },
            declaration: event.about.declaration().map(str::to_owned),
            detail: event.detail.map(Detail::of),
            command: event.command(true),
            reach: Reach::of(event.reach),
            reference: event.reference.clone(),
        }
    }
}

impl Detail {
    fn of(detail: forebear_types::history::Detail) -> Self {
        use forebear_types::history::Detail as D;
        match detail {
            D::Harmless => Self::Harmless,
            D::Altered => Self::Altered,
            D::CopyrightRemoved => Self::CopyrightRemoved,
            D::CopyrightReplaced => Self::CopyrightReplaced,
            D::Copied => Self::Copied,
            D::MergedInto => Self::MergedInto,
            D::ReAdded => Self::ReAdded,
        }
    }
}

impl Reach {
    fn of(reach: forebear_types::history::Reach) -> Self {
        use forebear_types::history::Reach as R;
        match reach {
            R::Head => Self::Head,
            R::Own => Self::Own,
            R::Foreign => Self::Foreign,
            R::Unreachable => Self::Unreachable,
        }
    }
}
