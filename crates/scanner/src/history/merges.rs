//! What a merge itself did: the three-way rule, path by path.
//!
//! A change that one side made and the merge kept is no event of the merge; that every commit of the sides has its own events says
//! it already. A merge has an event where its result is not what the sides and the base ask for: something that no side did, a
//! side's change that was dropped, a conflict that was settled otherwise than by joining the two texts.

use std::collections::BTreeSet;

use forebear_types::RepoPath;
use git2::{MergeFileInput, MergeOptions, Oid, Repository};

use super::objects::Objects;
use super::parse::Kind;
use super::projection::{Difference, Entry, Projections};
use crate::source::git::object_id;
use crate::source::{GitHandle, blob_bytes};

/// The projections that meet in a merge.
pub(crate) struct Meeting<'a> {
    pub(crate) parents: &'a [u32],
    /// Those of the merge bases: none for unrelated histories, several for branches that crossed.
    pub(crate) bases: &'a [u32],
    pub(crate) result: u32,
}

/// A change that a merge made, and whether another program that merges may see it otherwise: both sides changed the path.
pub(crate) struct Made {
    pub(crate) difference: Difference,
    pub(crate) of_two_sides: bool,
    /// The side that `old` is of.
    pub(crate) side: usize,
}

/// The changes that a merge itself made.
pub(crate) fn made(projections: &Projections, objects: &Objects<'_>, meeting: &Meeting<'_>) -> Vec<Made> {
    let differing: Vec<BTreeSet<RepoPath>> = meeting
        .parents
        .iter()
        .map(|parent| {
            let found = projections.differences(objects, *parent, meeting.result);
            found.into_iter().map(|difference| difference.path).collect()
        })
        .collect();
    let paths: BTreeSet<&RepoPath> = differing.iter().flatten().collect();
    let mut all = Vec::new();
    for path in paths {
        let at = |projection: &u32| projections.at(objects, *projection, path);
        let (Ok(result), Ok(sides), Ok(bases)) = (
            at(&meeting.result),
            meeting.parents.iter().map(at).collect::<Result<Vec<_>, ()>>(),
            meeting.bases.iter().map(at).collect::<Result<Vec<_>, ()>>(),
        ) else {
            continue;
        };
        if let Some((side, of_two_sides)) = judge(&sides, &bases, result) {
            let difference = Difference { path: path.clone(), old: sides[side], new: result };
            all.push(Made { difference, of_two_sides, side });
        }
    }
    all
}

/// The side against which the result is an event, and whether both sides had changed the path.
fn judge(sides: &[Option<Entry>], bases: &[Option<Entry>], result: Option<Entry>) -> Option<(usize, bool)> {
    let first = sides.first()?;
    if sides.iter().all(|side| side == first) {
        return (result != *first).then_some((0, false));
    }
    // Without a base nothing was there.
    let is_of_base =
        |side: &Option<Entry>| if bases.is_empty() { side.is_none() } else { bases.contains(side) };
    let changed: Vec<usize> = (0..sides.len()).filter(|side| !is_of_base(&sides[*side])).collect();
    let Some(expected) = changed.first() else {
        // Branches that crossed: each side has the value of some base.
        return (!sides.contains(&result)).then_some((0, false));
    };
    if changed.iter().all(|side| sides[*side] == sides[*expected]) {
        return (result != sides[*expected]).then_some((*expected, false));
    }
    let dropped = changed.iter().find(|side| sides[**side] != result)?;
    Some((*dropped, true))
}

/// Whether joining the texts of all sides by git's own rules, one after the other, gives the result.
pub(crate) fn joins(
    handle: &GitHandle,
    base: Option<Entry>,
    sides: &[Option<Entry>],
    result: Option<Entry>,
) -> bool {
    let text = |entry: Option<Entry>| {
        let entry = entry.filter(|entry| entry.kind == Kind::File)?;
        let (bytes, size) = blob_bytes(handle, object_id(entry.blob)?, TEXT).ok()?;
        (bytes.len() as u64 == size).then_some(bytes)
    };
    let joined = || -> Option<Vec<u8>> {
        let base = text(base)?;
        let mut joined: Option<Vec<u8>> = None;
        for side in sides {
            let side = text(*side)?;
            joined = Some(match joined {
                None => side,
                Some(ours) => join(&base, &ours, &side)?,
            });
        }
        joined
    };
    result.is_some_and(|result| result.kind == Kind::File)
        && joined().is_some_and(|joined| text(result).is_some_and(|result| result == joined))
}

/// Texts larger than this are not joined: no licence is.
const TEXT: u64 = 1 << 20;

fn join(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (mut one, mut two, mut three) = (MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new());
    let merged = git2::merge_file(one.content(base), two.content(ours), three.content(theirs), None).ok()?;
    merged.is_automergeable().then(|| merged.content().to_vec())
}

/// The tree that git would make of two commits, renames and crossed branches included.
pub(crate) struct Anew {
    index: git2::Index,
}

impl Anew {
    /// Merges two commits from a base; `None` where libgit2 cannot. What libgit2 writes for it goes to memory: see
    /// `source::open`. The base is given, for libgit2 looks long for one in a long history.
    pub(crate) fn of(repository: &Repository, base: Oid, ours: Oid, theirs: Oid) -> Option<Self> {
        let mut options = MergeOptions::new();
        options.find_renames(true);
        let tree = |commit: Oid| repository.find_commit(commit).and_then(|commit| commit.tree()).ok();
        let index =
            repository.merge_trees(&tree(base)?, &tree(ours)?, &tree(theirs)?, Some(&options)).ok()?;
        Some(Self { index })
    }

    /// Whether the merge gives this result at a path of the repository, without a conflict.
    pub(crate) fn gives(&self, path: &[u8], result: Option<Entry>) -> bool {
        let mut stages = self.index.iter().filter(|entry| entry.path == path).peekable();
        match (stages.peek().is_some(), result) {
            (false, None) => true,
            (false, Some(_)) => false,
            (true, None) => false,
            (true, Some(result)) => {
                stages.all(|entry| (entry.flags >> 12) & 3 == 0 && entry.id == result.blob)
            }
        }
    }

    /// The paths at which the merge has a file without a conflict, with it.
    pub(crate) fn files(&self) -> impl Iterator<Item = (Vec<u8>, Entry)> + '_ {
        self.index.iter().filter(|entry| (entry.flags >> 12) & 3 == 0).map(|entry| {
            let kind = Kind::of_mode(entry.mode);
            (entry.path, Entry { kind, blob: entry.id })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u8) -> Option<Entry> {
        (number > 0).then(|| Entry { kind: Kind::File, blob: Oid::from_bytes(&[number; 20]).unwrap() })
    }

    /// Sides, bases, result; 0 is "not there".
    fn event(sides: &[u8], bases: &[u8], result: u8) -> Option<(usize, bool)> {
        let of = |numbers: &[u8]| numbers.iter().map(|number| entry(*number)).collect::<Vec<_>>();
        judge(&of(sides), &of(bases), entry(result))
    }

    #[test]
    fn the_rule_of_three_sides() {
        // All sides alike: whatever differs, the merge did it.
        assert_eq!(event(&[1, 1], &[1], 1), None);
        assert_eq!(event(&[1, 1], &[1], 0), Some((0, false)));
        assert_eq!(event(&[1, 1, 1], &[1], 2), Some((0, false)));
        // One side changed it, and that stands, or was dropped.
        assert_eq!(event(&[1, 2], &[1], 2), None);
        assert_eq!(event(&[1, 2], &[1], 1), Some((1, false)));
        assert_eq!(event(&[1, 0], &[1], 0), None);
        assert_eq!(event(&[0, 1], &[1], 0), None);
        assert_eq!(event(&[0, 1], &[1], 1), Some((0, false)));
        // A topic from before the licence was there.
        assert_eq!(event(&[1, 0], &[0], 1), None);
        assert_eq!(event(&[1, 0], &[0], 0), Some((0, false)));
        // Unrelated histories.
        assert_eq!(event(&[0, 1], &[], 1), None);
        // Both changed it, differently.
        assert_eq!(event(&[2, 3], &[1], 4), Some((0, true)));
        assert_eq!(event(&[2, 3], &[1], 2), Some((1, true)));
        assert_eq!(event(&[2, 0], &[1], 0), Some((0, true)));
        // Two bases: a side that has either has not changed it.
        assert_eq!(event(&[1, 2], &[1, 2], 1), None);
        assert_eq!(event(&[1, 2], &[1, 2], 3), Some((0, false)));
    }
}
