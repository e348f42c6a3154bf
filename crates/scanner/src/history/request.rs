//! What is asked of a walk, and who hears how far it has come.

use std::path::PathBuf;

use forebear_types::{ObjectId, Time};

/// What to walk, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The commit from which to walk.
    pub head: ObjectId,
    /// Most commits to look at; the newest ones are.
    pub commits: usize,
    /// Whether to walk all references too: branches, tags, the HEADs of linked work trees, pull requests.
    pub all_refs: bool,
    /// Whether to look at commits that no reference reaches any more, too.
    pub unreachable: bool,
    /// Which commits are asked for. All that can be reached are walked whatever it says: what a commit did is seen against
    /// its parents.
    pub range: Range,
    /// How objects are read.
    pub engine: Engine,
    /// Threads for packs; 0 for as many as the machine has, and no more than four.
    pub threads: usize,
    /// The folder in which walks keep what they found out, so that the next one costs what is new. It is safe to delete.
    pub cache: Option<PathBuf>,
}

impl Request {
    /// Everything that can be reached from a commit.
    pub fn of(head: ObjectId) -> Self {
        Self {
            head,
            commits: usize::MAX,
            all_refs: false,
            unreachable: false,
            range: Range::default(),
            engine: Engine::Fitting,
            threads: 0,
            cache: None,
        }
    }
}

/// A part of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Only commits that cannot be reached from this one: `A` in `A..B`.
    pub after: Option<ObjectId>,
    /// Only commits whose committer time is this or later.
    pub since: Option<Time>,
    /// Only commits whose committer time is before this or this.
    pub until: Option<Time>,
}

impl Range {
    /// Whether it is no restriction.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// How objects are read. The answer is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Whatever fits the repository: the packs in their order where they are large, else single objects.
    #[default]
    Fitting,
    /// Every object by itself, when it is wanted.
    Objects,
    /// All commits and trees of all packs in the order in which they lie there, then single objects for what is left.
    Packs,
}

/// Hears how far a walk has come, and can say that it is not wanted any longer.
pub trait Progress {
    /// A step of the work, and how much of how much is done (`None`: nobody knows how much there is).
    fn at(&self, step: &str, done: usize, of: Option<usize>);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _: &str, _: usize, _: Option<usize>) {}
}
