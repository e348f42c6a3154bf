//! The life of legal files and declarations.

use std::sync::Arc;

use crate::fact::{Fact, Problem};
use crate::{ObjectId, RepoPath, Snapshot, Time};

/// What happened to a file or a declaration in one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the design's own terms")]
pub enum EventKind {
    Added,
    Changed,
    Relicensed,
    Truncated,
    Renamed,
    Removed,
    Restored,
}

impl EventKind {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Relicensed => "relicensed",
            Self::Truncated => "truncated",
            Self::Renamed => "renamed",
            Self::Removed => "removed",
            Self::Restored => "restored",
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// The state it led to: a commit, or the examined work tree or index.
    pub snapshot: Snapshot,
    /// Author time of the commit; `None` for what is not committed.
    pub author_time: Option<Time>,
    /// Author, `Name <mail>`; empty for what is not committed.
    pub author: String,
    /// First line of the commit message; empty for what is not committed.
    pub subject: String,
    /// The file. For a rename, the new path.
    pub path: RepoPath,
    /// What happened.
    pub kind: EventKind,
    /// For a declaration its key (`license`, `base_model`); empty for a legal file.
    pub declaration: String,
    /// What was there before: for a legal file its licences and owners, for a declaration its value, for a rename the
    /// old path. `None` for an addition.
    pub from: Option<String>,
    /// What is there now. `None` for a removal.
    pub to: Option<String>,
}

/// One distinct legal state: everything that rules look at, with the same facts for every commit that shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether weights, or pointers to them, are there.
    pub weights: bool,
    /// Facts of legal files, cards, adapter configurations and configurations, in order of their paths.
    pub facts: Vec<Arc<Fact>>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A point on the first-parent line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// A commit, or the examined work tree or index as the last point.
    pub snapshot: Snapshot,
    /// Author, `Name <mail>`; empty for what is not committed.
    pub author: String,
    /// First line of the message; empty for what is not committed.
    pub subject: String,
    /// Index into [`History::states`].
    pub state: usize,
}

/// The history reachable from the examined commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The commit from which history was walked; `None` when there is none.
    pub head: Option<ObjectId>,
    /// Commits looked at.
    pub commits: usize,
    /// Whether every commit reachable from `head` was looked at. What was missed is in `problems`.
    pub complete: bool,
    /// The distinct legal states.
    pub states: Vec<State>,
    /// The first-parent line, oldest first; ends with the examined snapshot.
    pub line: Vec<Point>,
    /// Events on every path of the history, oldest first.
    pub events: Vec<Event>,
    /// What could not be examined.
    pub problems: Vec<Problem>,
}
