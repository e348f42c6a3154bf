//! Commits and trees by number, each read once.
//!
//! What the packs say is taken from there, where they were decoded; everything else is asked of libgit2, one object at a
//! time. Both ways give the same bytes to the same parsers.

use std::collections::HashMap;

use forebear_types::Time;
use git2::{ObjectType, Odb, Oid};

use super::cache::Known;
use super::names::{NameId, Names, Wanted};
use super::parse::{self, Entries, Kind};
use super::{Progress, Request};
use crate::source::GitHandle;

/// The number of an object.
pub(crate) type Number = u32;

/// A commit, as far as a walk needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitData {
    pub(crate) tree: TreeOf,
    pub(crate) parents: Vec<Number>,
    pub(crate) author_time: Time,
    pub(crate) time: Time,
}

/// The tree of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TreeOf {
    /// To be projected.
    Tree(Number),
    /// Projected by an earlier walk.
    Projected(u32),
}

/// The entries of a tree that matter, in no order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TreeData {
    /// Files, links and modules of wanted names.
    pub(crate) files: Vec<(NameId, Kind, Oid)>,
    /// All sub-folders.
    pub(crate) folders: Vec<(NameId, Number)>,
}

/// The table of objects.
pub(crate) struct Objects<'h> {
    odb: Option<Odb<'h>>,
    wanted: Wanted,
    names: Names,
    numbers: HashMap<Oid, Number>,
    ids: Vec<Oid>,
    /// Commits that an earlier walk knew.
    known: HashMap<Oid, Known>,
    /// Commits that were read from the object store.
    fresh: usize,
}

impl<'h> Objects<'h> {
    /// A table with what an earlier walk knew: names by number, and commits.
    pub(crate) fn new(
        handle: &'h GitHandle,
        wanted: Wanted,
        names: Vec<Vec<u8>>,
        known: HashMap<Oid, Known>,
    ) -> Self {
        Self {
            odb: handle.repository.odb().ok(),
            wanted,
            names: Names::of(names),
            numbers: HashMap::new(),
            ids: Vec::new(),
            known,
            fresh: 0,
        }
    }

    /// Makes ready for a walk.
    pub(crate) fn prepare(&mut self, _request: &Request, _progress: &dyn Progress) {}

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// How many commits no earlier walk knew.
    pub(crate) fn fresh(&self) -> usize {
        self.fresh
    }

    /// The commits that an earlier walk knew.
    pub(crate) fn into_known(self) -> (Names, HashMap<Oid, Known>) {
        (self.names, self.known)
    }

    /// How many numbers were given.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of an object, known or not.
    pub(crate) fn number(&mut self, id: Oid) -> Number {
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let number = self.ids.len() as Number;
        self.ids.push(id);
        self.numbers.insert(id, number);
        number
    }

    /// The id of a number.
    pub(crate) fn id(&self, number: Number) -> Oid {
        self.ids[number as usize]
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn commit(&mut self, number: Number) -> Result<CommitData, String> {
        if let Some(known) = self.known.get(&self.id(number)) {
            let (author_time, time, tree) =
                (known.author_time, known.time, TreeOf::Projected(known.projection));
            let parents = known.parents.clone();
            let parents = parents.into_iter().map(|parent| self.number(parent)).collect();
            return Ok(CommitData { tree, parents, author_time, time });
        }
        self.fresh += 1;
        let bytes = self.read(number, ObjectType::Commit)?;
        let header = parse::commit(&bytes).ok_or("its header is broken")?;
        Ok(CommitData {
            tree: TreeOf::Tree(self.number(header.tree)),
            parents: header.parents.into_iter().map(|parent| self.number(parent)).collect(),
            author_time: header.author_time,
            time: header.time,
        })
    }

    /// Reads a tree; `in_licenses` says whether it is a folder in which every file is a licence text.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn tree(&mut self, number: Number, in_licenses: bool) -> Result<TreeData, String> {
        let bytes = self.read(number, ObjectType::Tree)?;
        let mut tree = TreeData::default();
        for entry in Entries::of(&bytes) {
            let (kind, name, id) = entry.map_err(|()| "its entries are broken".to_owned())?;
            if kind == Kind::Folder {
                let child = self.number(id);
                tree.folders.push((self.names.number(name), child));
            } else if self.names.is_wanted(name, in_licenses, &self.wanted) {
                tree.files.push((self.names.number(name), kind, id));
            }
        }
        Ok(tree)
    }

    fn read(&self, number: Number, kind: ObjectType) -> Result<Vec<u8>, String> {
        let odb = self.odb.as_ref().ok_or("the object store cannot be opened")?;
        let object = odb.read(self.id(number)).map_err(|error| error.message().to_owned())?;
        if object.kind() != kind {
            return Err(format!("it is a {}", object.kind().str()));
        }
        Ok(object.data().to_vec())
    }
}
