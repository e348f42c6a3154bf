//! What one thread found out, in few large pieces: an object has a record, and its record points into tables.

use super::Id;
use super::commit::When;
use super::ids::Ids;

/// A file, link or linked repository whose name is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileRecord {
    pub(super) name: u32,
    pub(super) kind: super::Kind,
    pub(super) id: Id,
}

/// Where in the tables of a part the entries of a tree are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TreeRecord {
    pub(super) folders: Span,
    pub(super) files: Span,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CommitRecord {
    pub(super) tree: Target,
    pub(super) parents: Span,
    pub(super) author: When,
    pub(super) committer: When,
}

/// A stretch of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Span {
    #[inline]
    pub(super) fn of<'t, T>(&self, table: &'t [T]) -> &'t [T] {
        &table[self.from as usize..self.to as usize]
    }
}

/// What an object names. While packs are read, the place of its id among those that the part has met: to look ids up one by one
/// would wait for memory each time. Afterwards a number, or [`Self::STRANGER`] and the place of its id among the strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target(pub(super) u32);

impl Target {
    pub(super) const STRANGER: u32 = 1 << 31;
}

/// The record of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Tree(u32),
    Commit(u32),
    Tag(u32),
}

#[derive(Default)]
pub(super) struct Part {
    pub(super) folders: Vec<(u32, Target)>,
    pub(super) files: Vec<FileRecord>,
    pub(super) parents: Vec<Target>,
    /// While packs are read, all ids that were met. Afterwards those of objects that are in no pack.
    pub(super) strangers: Vec<Id>,
    pub(super) trees: Vec<TreeRecord>,
    pub(super) commits: Vec<CommitRecord>,
    pub(super) tags: Vec<Target>,
    /// The objects of the pack that is read, by number.
    pub(super) done: Vec<(u32, Record)>,
}

/// How much a part held at some time.
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    folders: usize,
    files: usize,
    parents: usize,
    strangers: usize,
    trees: usize,
    commits: usize,
    tags: usize,
}

impl Mark {
    /// The place of the next tree. A pack has fewer objects than 2³², and a part is dropped with its pack.
    pub(super) fn tree(&self) -> u32 {
        self.trees as u32
    }

    pub(super) fn commit(&self) -> u32 {
        self.commits as u32
    }

    pub(super) fn tag(&self) -> u32 {
        self.tags as u32
    }
}

impl Part {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            folders: self.folders.len(),
            files: self.files.len(),
            parents: self.parents.len(),
            strangers: self.strangers.len(),
            trees: self.trees.len(),
            commits: self.commits.len(),
            tags: self.tags.len(),
        }
    }

    /// Forgets all since then.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.folders.truncate(mark.folders);
        self.files.truncate(mark.files);
        self.parents.truncate(mark.parents);
        self.strangers.truncate(mark.strangers);
        self.trees.truncate(mark.trees);
        self.commits.truncate(mark.commits);
        self.tags.truncate(mark.tags);
    }

    /// Bytes in the tables that a forged pack could make large.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = self.folders.len() * size_of::<(u32, Target)>()
            + self.files.len() * size_of::<FileRecord>()
            + (self.parents.len() + self.tags.len()) * size_of::<Target>()
            + self.strangers.len() * size_of::<Id>();
        bytes as u64
    }

    /// Remembers an id. `None` if there are too many.
    #[inline]
    pub(super) fn target(&mut self, id: &Id) -> Option<Target> {
        let at = u32::try_from(self.strangers.len()).ok().filter(|at| *at < Target::STRANGER)?;
        self.strangers.push(*id);
        Some(Target(at))
    }

    /// Makes numbers of all ids that are known, and of all names the numbers that `names` has for them.
    pub(super) fn settle(&mut self, ids: &Ids, names: &[u32]) {
        let met = std::mem::take(&mut self.strangers);
        let mut numbers: Vec<u32> = met.iter().map(|id| ids.find(id).unwrap_or(Target::STRANGER)).collect();
        for (number, id) in numbers.iter_mut().zip(&met).filter(|(number, _)| **number == Target::STRANGER) {
            *number |= self.strangers.len() as u32;
            self.strangers.push(*id);
        }
        let settle = |target: &mut Target| target.0 = numbers[target.0 as usize];
        for (name, target) in &mut self.folders {
            *name = names[*name as usize];
            settle(target);
        }
        for file in &mut self.files {
            file.name = names[file.name as usize];
        }
        self.parents.iter_mut().chain(&mut self.tags).for_each(settle);
        self.commits.iter_mut().for_each(|commit| settle(&mut commit.tree));
    }
}

/// The stretch of a table from a place to its end.
pub(super) fn since<T>(table: &[T], from: usize) -> Option<Span> {
    Some(Span { from: u32::try_from(from).ok()?, to: u32::try_from(table.len()).ok()? })
}
