//! The bare differences, without reading a file: what the timeline is made from, comparable with git's own.

use forebear_types::history::History;
use forebear_types::{ObjectId, RepoPath};
use git2::Oid;

use super::parse::Kind;
use super::projection::{EMPTY, Entry, UNKNOWN};
use super::{Request, Silent, Walk};
use crate::source::git::object_id;
use crate::source::{EntryKind, GitHandle};

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawEntry {
    /// A file, a link, another repository's commit.
    pub kind: EntryKind,
    /// The object.
    pub object: ObjectId,
}

/// A path that differs between a commit and one of its parents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawChange {
    /// The commit.
    pub commit: ObjectId,
    /// Which of its parents, from 0; `None` for a first commit, against nothing.
    pub parent: Option<usize>,
    /// The path, from the examined folder.
    pub path: RepoPath,
    /// What the parent has there.
    pub old: Option<RawEntry>,
    /// What the commit has there.
    pub new: Option<RawEntry>,
}

/// Every difference in what the history looks at between each commit and each of its parents, in no promised order: what
/// `git diff-tree --raw` prints for the same paths. Commits whose parents are not here are left out.
///
/// # Errors
/// What could not be read, beside what could.
pub fn raw_changes(handle: &GitHandle, request: &Request) -> (Vec<RawChange>, History) {
    let mut history = History { head: Some(request.head), complete: true, ..History::default() };
    let mut changes = Vec::new();
    let Ok(head) = Oid::from_bytes(request.head.as_bytes()) else { return (changes, history) };
    let mut walk =
        Walk::begin(handle, request, head, std::collections::BTreeSet::new(), &mut history, &Silent);
    for (position, commit) in walk.graph.commits.iter().enumerate() {
        if commit.cut {
            continue;
        }
        let Some(id) = object_id(commit.id) else { continue };
        let new = walk.projected[position];
        let parents: Vec<(Option<usize>, u32)> = match commit.parents.as_ref() {
            [] => vec![(None, EMPTY)],
            parents => parents
                .iter()
                .enumerate()
                .map(|(index, parent)| {
                    (Some(index), walk.projected.get(*parent as usize).copied().unwrap_or(UNKNOWN))
                })
                .collect(),
        };
        for (parent, old) in parents {
            for difference in walk.projections.differences(&walk.objects, old, new) {
                changes.push(RawChange {
                    commit: id,
                    parent,
                    path: difference.path,
                    old: difference.old.and_then(raw),
                    new: difference.new.and_then(raw),
                });
            }
        }
    }
    history.commits = walk.graph.commits.len();
    history.problems.append(&mut walk.projections.problems);
    history.complete &= history.problems.is_empty();
    (changes, history)
}

fn raw(entry: Entry) -> Option<RawEntry> {
    let kind = match entry.kind {
        Kind::File => EntryKind::File,
        Kind::Link => EntryKind::Symlink,
        Kind::Module => EntryKind::Submodule,
        Kind::Folder => return None,
    };
    Some(RawEntry { kind, object: object_id(entry.blob)? })
}
