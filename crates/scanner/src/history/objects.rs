//! Commits and trees by number, each read once.
//!
//! What the packs say is taken from there, where they were decoded; everything else is asked of libgit2, one object at a
//! time. Both ways give the same bytes to the same parsers.

use std::collections::HashMap;
use std::rc::Rc;
use std::thread;

use forebear_types::Time;
use git2::{ObjectType, Odb, Oid};

use super::cache::Known;
use super::names::{NameId, Names, Wanted};
use super::packs::{self, Decoded};
use super::parse::{self, Entries, Kind};
use super::projection::Entry;
use super::{Engine, Progress, Request};
use crate::source::GitHandle;
use crate::source::indexes::object_folders;

/// Packs with this many objects are read as a whole: below, finding single objects is as fast.
const LARGE: u64 = 20_000;

/// More threads than this wait for memory.
const THREADS: usize = 4;

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
    pub(crate) files: Vec<(NameId, Entry)>,
    /// All sub-folders.
    pub(crate) folders: Vec<(NameId, Number)>,
}

/// The table of objects.
pub(crate) struct Objects<'h> {
    handle: &'h GitHandle,
    /// What the packs say, where they were read as a whole. Its numbers and names come first.
    decoded: Option<Rc<Decoded>>,
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
            handle,
            decoded: None,
            odb: handle.repository.odb().ok(),
            wanted,
            names: Names::of(names),
            numbers: HashMap::new(),
            ids: Vec::new(),
            known,
            fresh: 0,
        }
    }

    /// Decodes the packs, if that is asked for or pays: before any object has a number.
    pub(crate) fn prepare(&mut self, request: &Request, progress: &dyn Progress) {
        let folders = object_folders(self.handle.repository.commondir());
        let wanted = match request.engine {
            Engine::Packs => true,
            Engine::Objects => false,
            // A walk of few commits reads less than all packs hold.
            Engine::Fitting => request.commits == usize::MAX && packs::count(&folders) >= LARGE,
        };
        if !wanted || !self.ids.is_empty() {
            return;
        }
        let threads = match request.threads {
            0 => thread::available_parallelism().map_or(1, |threads| threads.get().min(THREADS)),
            threads => threads,
        };
        let of_interest = |name: &[u8]| self.wanted.name(name, false);
        let decoded = packs::decode(&folders, &packs::Names { wanted: &of_interest }, threads, progress);
        self.names =
            Names::of((0..decoded.names() as NameId).map(|name| decoded.name(packs::NameId(name)).to_vec()));
        self.decoded = Some(Rc::new(decoded));
    }

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
        self.packed() + self.ids.len()
    }

    /// How many numbers are those of the packs.
    fn packed(&self) -> usize {
        self.decoded.as_ref().map_or(0, |decoded| decoded.len())
    }

    /// The number of an object that has one.
    pub(crate) fn find(&self, id: Oid) -> Option<Number> {
        let packed = self.decoded.as_ref().and_then(|decoded| decoded.find(&id));
        packed.or_else(|| self.numbers.get(&id).copied())
    }

    /// Whether an object is known to be a commit, without asking the object store.
    pub(crate) fn is_commit(&self, id: Oid) -> bool {
        let packed = self.decoded.as_ref();
        self.known.contains_key(&id)
            || packed
                .is_some_and(|decoded| decoded.find(&id).and_then(|number| decoded.commit(number)).is_some())
    }

    /// The number of an object, known or not.
    pub(crate) fn number(&mut self, id: Oid) -> Number {
        if let Some(number) = self.find(id) {
            return number;
        }
        let number = self.len() as Number;
        self.ids.push(id);
        self.numbers.insert(id, number);
        number
    }

    /// The id of a number.
    pub(crate) fn id(&self, number: Number) -> Oid {
        match (&self.decoded, (number as usize).checked_sub(self.packed())) {
            (Some(decoded), None) => decoded.id(number),
            (_, own) => self.ids[own.unwrap_or_default()],
        }
    }

    /// The number of an object that a pack names.
    fn named(&mut self, object: packs::Object) -> Number {
        match object {
            packs::Object::Number(number) => number,
            packs::Object::Id(id) => self.number(id),
        }
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
        let decoded = self.decoded.clone();
        if let Some(commit) = decoded.as_ref().and_then(|decoded| decoded.commit(number)) {
            let (author_time, time) = (commit.author.time(), commit.committer.time());
            let tree = TreeOf::Tree(self.named(commit.tree()));
            let parents = commit.parents().map(|parent| self.named(parent)).collect();
            return Ok(CommitData { tree, parents, author_time, time });
        }
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
        // What a folder of licences holds is wanted whatever its name: packs were read without knowing where a tree stands.
        let decoded = self.decoded.clone().filter(|_| !in_licenses);
        if let Some(packed) = decoded.as_ref().and_then(|decoded| decoded.tree(number)) {
            let files = packed.files().map(|(name, kind, blob)| (name.0, Entry { kind, blob })).collect();
            let folders = packed.folders().map(|(name, child)| (name.0, self.named(child))).collect();
            return Ok(TreeData { files, folders });
        }
        let bytes = self.read(number, ObjectType::Tree)?;
        let mut tree = TreeData::default();
        for entry in Entries::of(&bytes) {
            let (kind, name, id) = entry.map_err(|()| "its entries are broken".to_owned())?;
            if kind == Kind::Folder {
                let child = self.number(id);
                tree.folders.push((self.names.number(name), child));
            } else if self.names.is_wanted(name, in_licenses, &self.wanted) {
                tree.files.push((self.names.number(name), Entry { kind, blob: id }));
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
