//! The life of legal files and declarations, reachable from one commit.
//!
//! A commit's tree is projected to the entries that matter: legal files, cards, configurations, adapters, weights. Equal
//! subtrees are projected once (trees are named by their content), and equal projections share one number, so that a
//! commit that touches nothing of interest costs one comparison with its parent. Every blob is read and recognised once.

mod describe;
mod events;
#[allow(dead_code, reason = "the walk does not read packs by itself yet")]
mod packs;
mod projection;
mod states;

use std::collections::BTreeSet;

use forebear_types::fact::{Fact, FactKind, Problem};
use forebear_types::history::{History, Point};
use forebear_types::{ObjectId, Snapshot, Time};
use git2::{Commit, Oid, Sort};

use crate::formats;
use crate::source::GitHandle;
use crate::source::git::{history_problem, object_id, time_of};
use events::Events;
#[doc(hidden)]
pub use packs::measure;
use projection::Projections;
use states::States;

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

/// A commit with what the walk needs of it.
pub(crate) struct Seen {
    pub(crate) id: Oid,
    pub(crate) parents: Vec<Oid>,
    /// Whether its parents are not here: a shallow clone is cut at it.
    pub(crate) cut: bool,
    /// The number of its projection.
    pub(crate) projection: u32,
    pub(crate) snapshot: Snapshot,
    pub(crate) author: String,
    pub(crate) author_time: Option<Time>,
    pub(crate) subject: String,
}

/// Walks the history reachable from `head`, and ends it with the examined snapshot if that is not a commit.
///
/// Merges are judged by the three-way rule, per path: a change that one side made and the merge kept is no event of the
/// merge. Where both sides changed a path, the merge is an event only if it equals neither side.
pub fn walk(
    handle: &GitHandle,
    request: &Request,
    examined: &Snapshot,
    facts: &[Fact],
    _progress: &dyn Progress,
) -> History {
    let (head, limits) = (request.head, request);
    // libgit2's object cache is pure loss beside a memo of our own: twice the time, four times the memory.
    git2::opts::enable_caching(false);
    let mut history = History { head: Some(head), complete: true, ..History::default() };
    note_gaps(handle, &mut history);
    let Ok(tip) = Oid::from_bytes(head.as_bytes()) else { return history };
    let linked = facts
        .iter()
        .filter(|fact| matches!(fact.kind, FactKind::LegalFile(_)) && formats::interest(&fact.path).is_none())
        .map(|fact| fact.path.clone())
        .collect();
    let mut projections = Projections::new(handle, linked);
    let commits = collect(handle, tip, limits, &mut projections, &mut history);
    let mut states = States::new(handle, &mut projections);
    let mut events = Events::new(&commits);
    for commit in &commits {
        events.commit(handle, commit, &mut states);
    }
    history.line = first_parent_line(&commits, tip, &mut states);
    if !matches!(examined, Snapshot::Commit { .. }) {
        let current = states.of_snapshot(facts);
        let before = commits.iter().rfind(|commit| commit.id == tip).map(|commit| commit.projection);
        events.examined(examined, before, &current, &mut states);
        let state = states.add(current);
        history.line.push(Point {
            snapshot: examined.clone(),
            author: String::new(),
            subject: String::new(),
            state,
            commits: 0,
            in_range: true,
        });
    }
    history.commits = commits.len();
    history.events = events.finish();
    let (all, mut problems) = states.finish();
    history.states = all;
    problems.append(&mut projections.problems);
    if !problems.is_empty() {
        history.complete = false;
    }
    history.problems.append(&mut problems);
    history.problems.sort();
    history.problems.dedup();
    history
}

/// Whether weights are among facts.
pub(crate) fn has_weights(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact.kind, FactKind::Weights(_)))
}

/// What is known to be missing before the walk begins.
fn note_gaps(handle: &GitHandle, history: &mut History) {
    let repository = &handle.repository;
    let mut gap = |what: &str, remedy: &str| {
        history.complete = false;
        history.problems.push(history_problem(what.to_owned(), remedy));
    };
    if repository.is_shallow() {
        gap("the clone is shallow: older history is not here", "git fetch --unshallow");
    }
    if repository.commondir().join("info/grafts").is_file() {
        gap(
            "the repository has grafts, which are ignored: the real history was examined",
            "remove .git/info/grafts",
        );
    }
}

/// All commits, oldest first.
fn collect(
    handle: &GitHandle,
    tip: Oid,
    limits: &Request,
    projections: &mut Projections<'_>,
    history: &mut History,
) -> Vec<Seen> {
    let mut commits = Vec::new();
    let boundary = shallow_boundary(handle);
    let mut fail = |what: String| {
        history.complete = false;
        let remedy = "`git fsck` says what is broken; fetch the history again";
        history.problems.push(history_problem(what, remedy));
    };
    let walk = handle.repository.revwalk().and_then(|mut walk| {
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
        walk.push(tip)?;
        Ok(walk)
    });
    let walk = match walk {
        Ok(walk) => walk,
        Err(error) => {
            fail(format!("the history cannot be walked: {}", error.message()));
            return commits;
        }
    };
    for step in walk {
        if commits.len() >= limits.commits {
            fail(format!(
                "only the newest {} commits were examined (--history examines all)",
                limits.commits
            ));
            break;
        }
        let found = step.and_then(|id| handle.repository.find_commit(id));
        match found {
            Ok(commit) => {
                let cut = boundary.contains(&commit.id());
                commits.push(Seen { cut, ..seen(handle, &commit, projections) });
            }
            Err(error) => {
                fail(format!(
                    "a commit cannot be read, and what lies before it is not examined: {}",
                    error.message()
                ));
                break;
            }
        }
    }
    commits.reverse();
    commits
}

/// The commits at which a shallow clone is cut: one id a line (gitrepository-layout, `shallow`).
fn shallow_boundary(handle: &GitHandle) -> BTreeSet<Oid> {
    let file = handle.repository.commondir().join("shallow");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| Oid::from_str(line.trim()).ok()).collect()
}

fn seen(handle: &GitHandle, commit: &Commit<'_>, projections: &mut Projections<'_>) -> Seen {
    let projection = match handle.tree_of(commit.id()) {
        Ok(Some(tree)) => projections.of_tree(tree),
        Ok(None) => projection::EMPTY,
        Err(error) => {
            projections.problems.push(unreadable_commit(commit.id(), &error));
            projection::EMPTY
        }
    };
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let id = object_id(commit.id());
    Seen {
        id: commit.id(),
        parents: commit.parent_ids().collect(),
        cut: false,
        projection,
        snapshot: match id {
            Some(id) => Snapshot::Commit { id, time: time_of(commit.time()) },
            None => Snapshot::WorkTree,
        },
        author: format!("{} <{}>", text(author.name_bytes()), text(author.email_bytes())),
        author_time: Some(time_of(author.when())),
        subject: commit.message_bytes().split(|byte| *byte == b'\n').next().map(text).unwrap_or_default(),
    }
}

fn unreadable_commit(id: Oid, error: &git2::Error) -> Problem {
    history_problem(
        format!("the tree of commit {id} cannot be read: {}", error.message()),
        "`git fsck` says what is broken; fetch the history again",
    )
}

/// The line of first parents, oldest first.
fn first_parent_line(commits: &[Seen], tip: Oid, states: &mut States<'_, '_>) -> Vec<Point> {
    let by_id: std::collections::BTreeMap<Oid, &Seen> =
        commits.iter().map(|commit| (commit.id, commit)).collect();
    let mut line = Vec::new();
    let mut next = Some(tip);
    while let Some(commit) = next.and_then(|id| by_id.get(&id)) {
        line.push(Point {
            snapshot: commit.snapshot.clone(),
            author: commit.author.clone(),
            subject: commit.subject.clone(),
            state: states.of_projection(commit.projection),
            commits: 1,
            in_range: true,
        });
        next = commit.parents.first().copied();
    }
    line.reverse();
    line
}
