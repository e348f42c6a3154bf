//! An opened repository, and the prefix in it that is examined.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::{ModelId, ObjectId, RepoPath, Time};
use git2::{ObjectType, Odb, Oid, Repository};

/// A repository with the folder of it that is examined.
pub struct GitHandle {
    pub(crate) repository: Repository,
    /// The examined folder, relative to the root of the repository's trees.
    pub(crate) prefix: RepoPath,
}

impl std::fmt::Debug for GitHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitHandle").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl GitHandle {
    /// The examined folder, as a path of the repository; the root for the whole of it.
    pub fn folder(&self) -> &RepoPath {
        &self.prefix
    }

    /// The commit that HEAD names; `None` before the first commit.
    ///
    /// # Errors
    /// If HEAD or its commit cannot be read.
    pub(crate) fn head(&self) -> Result<Option<ObjectId>, git2::Error> {
        match self.repository.head() {
            Ok(head) => Ok(object_id(head.peel_to_commit()?.id())),
            Err(error) if matches!(error.code(), git2::ErrorCode::UnbornBranch) => Ok(None),
            Err(error)
                if error.code() == git2::ErrorCode::NotFound
                    && self.repository.is_empty().unwrap_or(false) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The commit that a revision names, by any name that git knows it by; `None` if there is none.
    pub fn commit(&self, revision: &str) -> Option<ObjectId> {
        let object = self.repository.revparse_single(revision).ok()?;
        object_id(object.peel_to_commit().ok()?.id())
    }

    /// Whether a commit descends from another one.
    pub fn reaches(&self, commit: ObjectId, ancestor: ObjectId) -> bool {
        let oid = |id: ObjectId| Oid::from_bytes(id.as_bytes());
        let (Ok(commit), Ok(ancestor)) = (oid(commit), oid(ancestor)) else { return false };
        self.repository.graph_descendant_of(commit, ancestor).unwrap_or(false)
    }

    /// The tree of the examined folder in a commit; `None` if the commit has no such folder.
    pub(crate) fn tree_of(&self, commit: Oid) -> Result<Option<Oid>, git2::Error> {
        read_verified(self, commit, ObjectType::Commit).map_err(|why| git2::Error::from_str(&why))?;
        let mut tree = self.repository.find_commit(commit)?.tree_id();
        for part in self.prefix.components() {
            let object = self.repository.find_tree(tree)?;
            let next = object
                .iter()
                .find(|entry| entry.name_bytes() == part)
                .map(|entry| (entry.id(), entry.filemode()));
            match next {
                Some((id, 0o040_000)) => tree = id,
                _ => return Ok(None),
            }
        }
        Ok(Some(tree))
    }

    /// A path of the repository as seen from the examined folder.
    pub(crate) fn below_prefix(&self, path: &[u8]) -> Option<RepoPath> {
        let path = RepoPath::new(path).ok()?;
        if self.prefix.is_root() {
            return Some(path);
        }
        if !path.is_within(&self.prefix) || path == self.prefix {
            return None;
        }
        RepoPath::new(&path.as_bytes()[self.prefix.as_bytes().len() + 1..]).ok()
    }

    /// The paths in the index below the examined folder.
    pub(crate) fn tracked(&self) -> BTreeSet<RepoPath> {
        let Ok(index) = self.repository.index() else { return BTreeSet::new() };
        index.iter().filter_map(|entry| self.below_prefix(&entry.path)).collect()
    }

    /// Ids under which the repository is known: the last two parts of its remotes' addresses, `organisation/name`.
    pub(crate) fn own_ids(&self) -> Vec<ModelId> {
        if !self.prefix.is_root() {
            return Vec::new();
        }
        let Ok(remotes) = self.repository.remotes() else { return Vec::new() };
        let mut ids = BTreeSet::new();
        for index in 0..remotes.len() {
            let Ok(Some(name)) = remotes.get(index) else { continue };
            let Ok(remote) = self.repository.find_remote(name) else { continue };
            let Ok(url) = remote.url() else { continue };
            if !url.contains("://") && !url.contains('@') {
                continue;
            }
            let path = url.trim_end_matches('/').trim_end_matches(".git").replace(':', "/");
            let mut parts = path.rsplit('/');
            if let (Some(name), Some(organisation)) = (parts.next(), parts.next())
                && !name.is_empty()
                && !organisation.is_empty()
            {
                ids.insert(ModelId::new(format!("{organisation}/{name}")));
            }
        }
        ids.into_iter().collect()
    }
}

thread_local! {
    /// Whether this thread asks for a header just now, and a panic of the binding is an answer.
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// The size and kind of an object, without reading it.
///
/// Version 0.21 of the binding panics where a forged pack gives an entry a type that git does not have; that is an error here, and
/// nothing is printed.
pub(crate) fn header(odb: &Odb<'_>, id: Oid) -> Result<(usize, ObjectType), git2::Error> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !ASKING.get() {
                usual(info);
            }
        }));
    });
    ASKING.set(true);
    let asked = panic::catch_unwind(AssertUnwindSafe(|| odb.read_header(id)));
    ASKING.set(false);
    asked.unwrap_or_else(|_| {
        Err(git2::Error::from_str("the entry in the pack has a type that git does not have"))
    })
}

/// Reads an object and checks that its content has the id under which it lies.
pub(crate) fn read_verified(handle: &GitHandle, id: Oid, kind: ObjectType) -> Result<Vec<u8>, String> {
    let odb = handle.repository.odb().map_err(|error| error.message().to_owned())?;
    let object = odb.read(id).map_err(|error| error.message().to_owned())?;
    if object.kind() != kind {
        return Err(format!("object {id} is a {}, not a {}", object.kind().str(), kind.str()));
    }
    match Oid::hash_object(kind, object.data()) {
        Ok(real) if real == id => Ok(object.data().to_vec()),
        Ok(real) => {
            Err(format!("the content under {id} has the id {real}: somebody changed it, or the disk did"))
        }
        Err(error) => Err(error.message().to_owned()),
    }
}

pub(crate) fn object_id(oid: Oid) -> Option<ObjectId> {
    ObjectId::from_bytes(oid.as_bytes())
}

pub(crate) fn time_of(time: git2::Time) -> Time {
    Time { seconds: time.seconds(), offset_minutes: time.offset_minutes().clamp(-6000, 6000) as i16 }
}

pub(crate) fn history_problem(what: String, remedy: &str) -> Problem {
    Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::History,
        what,
        remedy: remedy.to_owned(),
    }
}
