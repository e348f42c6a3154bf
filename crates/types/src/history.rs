//! The life of legal files and declarations.

use std::sync::Arc;

use crate::fact::{Fact, Problem};
use crate::shell::shell_word;
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

/// What an event was, more closely than its kind says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// A change that leaves every licence text and every owner's line as it was: layout, prose around the texts, an owner added.
    Harmless,
    /// Words of a licence text were changed.
    Altered,
    /// An owner's line went, and no other came in its place.
    CopyrightRemoved,
    /// An owner's line went, and another owner's came.
    CopyrightReplaced,
    /// A new file with the text of one that stays where it was.
    Copied,
    /// The text went into a file that was there before.
    MergedInto,
    /// What had been removed in an earlier commit came back under another path.
    ReAdded,
}

impl Detail {
    /// The words used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Altered => "altered",
            Self::CopyrightRemoved => "copyright-removed",
            Self::CopyrightReplaced => "copyright-replaced",
            Self::Copied => "copied",
            Self::MergedInto => "merged-into",
            Self::ReAdded => "re-added",
        }
    }
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// The text of a legal file.
    LegalFile,
    /// A declaration: `license`, `base_model`.
    Declaration(String),
    /// A file that tells of the model's descent (card, configuration, adapter, tokenizer, recipe): that it vanished or came back.
    Evidence,
}

impl About {
    /// The key of a declaration; `None` for files.
    pub fn declaration(&self) -> Option<&str> {
        match self {
            Self::Declaration(key) => Some(key),
            Self::LegalFile | Self::Evidence => None,
        }
    }
}

/// From where a commit can be reached, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// From the examined commit.
    #[default]
    Head,
    /// From another branch, tag or work tree of the repository.
    Own,
    /// Only from references that others may have made: pull requests (`refs/pull/*`, `refs/pr/*`), merge requests, conversions
    /// by bots (`refs/convert/*`). They are reported, and never judged.
    Foreign,
    /// From no reference: what was rewritten away and is still in the object store.
    Unreachable,
}

impl Reach {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Own => "own",
            Self::Foreign => "foreign",
            Self::Unreachable => "unreachable",
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
    /// What it was more closely, where there is more to say.
    pub detail: Option<Detail>,
    /// What it is about.
    pub about: About,
    /// How many parents the commit has; 0 for a first commit and for what is not committed.
    pub parents: usize,
    /// From where the commit can be reached.
    pub reach: Reach,
    /// A reference from which it can be reached, where that is not the examined commit.
    pub reference: Option<String>,
    /// Whether the commit lies in the range that was asked for; everything does if none was.
    pub in_range: bool,
    /// What was there before: for a legal file its licences and owners, for a declaration its value, for a rename the
    /// old path. `None` for an addition.
    pub from: Option<String>,
    /// What is there now. `None` for a removal.
    pub to: Option<String>,
}

impl Event {
    /// Whether it is about the text of a legal file.
    pub fn is_legal(&self) -> bool {
        self.about == About::LegalFile
    }

    /// Whether it is part of the examined commit's own history: what verdicts are about.
    pub fn is_of_head(&self) -> bool {
        self.reach == Reach::Head
    }

    /// The git command that shows the change, to be run in the examined folder; `None` for what is not committed.
    ///
    /// A merge is shown against what git would have made of it (`--remerge-diff`, git 2.36), one of three and more sides, which
    /// git does not merge anew, against its first parent. With `ascii`, what is outside ASCII is escaped.
    pub fn command(&self, ascii: bool) -> Option<String> {
        let Snapshot::Commit { id, .. } = &self.snapshot else { return None };
        let id = id.short();
        let path = shell_word(&self.path, ascii);
        Some(match self.parents {
            0 | 1 => format!("git show {id} -- {path}"),
            2 => format!("git show --remerge-diff {id} -- {path}"),
            _ => format!("git diff {id}^1 {id} -- {path}"),
        })
    }
}

/// One distinct legal state: everything that rules look at, with the same facts for every commit that shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether weights, or pointers to them, are there.
    pub weights: bool,
    /// Whether a part of the tree could not be read: what seems to be missing may be there.
    pub partial: bool,
    /// Facts of legal files, cards, adapter configurations and configurations, in order of their paths.
    pub facts: Vec<Arc<Fact>>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A run of commits on a first-parent line that share one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The first commit of the run, or the examined work tree or index as the last point.
    pub snapshot: Snapshot,
    /// The last commit of the run; the same as `snapshot` for a run of one.
    pub last: Snapshot,
    /// Author of that commit, `Name <mail>`; empty for what is not committed.
    pub author: String,
    /// First line of its message; empty for what is not committed.
    pub subject: String,
    /// Index into [`History::states`].
    pub state: usize,
    /// Commits in the run; 0 for what is not committed.
    pub commits: usize,
    /// Whether the first commit lies in the range that was asked for.
    pub in_range: bool,
}

/// The first-parent line of a reference other than the examined commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its full name, `refs/heads/main`, or of a linked work tree `worktrees/<name>/HEAD`.
    pub reference: String,
    /// How many points of [`History::line`] it begins with: branches have most of their past in common.
    pub shared: usize,
    /// Its other points, oldest first.
    pub points: Vec<Point>,
}

/// A tag or release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its short name, `v1.0`.
    pub name: String,
    /// The commit that it names.
    pub commit: Snapshot,
    /// Index into [`History::states`].
    pub state: usize,
    /// The point of [`History::line`] in whose run the commit is; `None` where it lies on another branch.
    pub point: Option<usize>,
}

/// How a history shows that it is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignKind {
    /// Commits were made anew: by `filter-branch`, `filter-repo`, a rebase of everything.
    Rewritten,
    /// Many commits were made one.
    Squashed,
    /// `refs/replace/*` or grafts show other parents than the commits have. They are ignored: the real ones were walked.
    Replaced,
    /// The clone was made to fetch objects when they are wanted; forebear fetches nothing.
    Partial,
}

/// A sign that earlier states are not all here, although everything that is here was examined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sign {
    /// What kind.
    pub kind: SignKind,
    /// What was seen, a clause: "refs/original/ keeps commits from before `git filter-branch`".
    pub what: String,
    /// What to do, as a command or a clause.
    pub remedy: String,
}

/// The history reachable from the examined commit, and from other references where they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The commit from which history was walked; `None` when there is none.
    pub head: Option<ObjectId>,
    /// Commits looked at.
    pub commits: usize,
    /// Whether every commit that was asked for was looked at, with everything in it that matters. What was missed is in
    /// `problems`.
    pub complete: bool,
    /// The distinct legal states.
    pub states: Vec<State>,
    /// The first-parent line of the examined commit, oldest first; ends with the examined snapshot.
    pub line: Vec<Point>,
    /// The lines of the repository's other branches and work trees, in order of their names; empty unless all references were
    /// asked for.
    pub others: Vec<Line>,
    /// Tags whose commits were walked, in order of their names.
    pub tags: Vec<Tag>,
    /// Events on every path of the history, oldest first.
    pub events: Vec<Event>,
    /// Whether only a part of the history was asked for: `in_range` of points and events says which.
    pub ranged: bool,
    /// Signs that the history is not what it was.
    pub signs: Vec<Sign>,
    /// What could not be examined.
    pub problems: Vec<Problem>,
}

impl History {
    /// The whole line of another reference, oldest first.
    pub fn points_of<'a>(&'a self, other: &'a Line) -> impl Iterator<Item = &'a Point> {
        self.line.iter().take(other.shared).chain(&other.points)
    }

    /// Whether a commit that an event or a point stands for lies in the range that was asked for. One that stands for none does
    /// not, if a range was asked for.
    pub fn is_in_range(&self, commit: ObjectId) -> bool {
        let same = |snapshot: &Snapshot| matches!(snapshot, Snapshot::Commit { id, .. } if *id == commit);
        !self.ranged
            || self.events.iter().any(|event| event.in_range && same(&event.snapshot))
            || self.line.iter().any(|point| point.in_range && same(&point.snapshot))
    }
}
