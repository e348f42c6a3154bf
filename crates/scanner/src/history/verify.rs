//! Evidence that stands up: what supports a finding is read again, and its content has to have the id under which it lies.
//!
//! A walk trusts ids, as git does when it reads. Whoever can write into the object store can put other content under an id; a
//! finding about a commit must not rest on that.

use std::collections::BTreeMap;

use forebear_types::{ObjectId, RepoPath};
use git2::{ObjectType, Oid};

use super::parse::{self, Entries};
use crate::source::GitHandle;
use crate::source::git::{header, read_verified};

/// Re-hashes everything on which statements about paths in commits rest: the commit and its parents, the trees down to the
/// path in each, and the file itself. Gives, for each statement that does not stand, what is wrong.
pub fn verify(
    handle: &GitHandle,
    statements: &[(ObjectId, RepoPath)],
) -> BTreeMap<(ObjectId, RepoPath), String> {
    let mut reader = Reader { handle, known: BTreeMap::new() };
    let mut failed = BTreeMap::new();
    for (commit, path) in statements {
        if let Err(why) = reader.statement(*commit, path) {
            failed.insert((*commit, path.clone()), why);
        }
    }
    failed
}

struct Reader<'h> {
    handle: &'h GitHandle,
    known: BTreeMap<Oid, Result<Vec<u8>, String>>,
}

impl Reader<'_> {
    fn statement(&mut self, commit: ObjectId, path: &RepoPath) -> Result<(), String> {
        let id = Oid::from_bytes(commit.as_bytes()).map_err(|error| error.message().to_owned())?;
        let header = self.commit(id)?;
        self.path(header.tree, path)?;
        for parent in header.parents {
            // A parent may not be here: then nothing was said of it.
            if self.handle.repository.odb().is_ok_and(|odb| odb.exists(parent)) {
                let header = self.commit(parent)?;
                self.path(header.tree, path)?;
            }
        }
        Ok(())
    }

    fn commit(&mut self, id: Oid) -> Result<parse::Header, String> {
        let bytes = self.read(id, ObjectType::Commit)?;
        parse::commit(bytes).ok_or_else(|| format!("commit {id} has a broken header"))
    }

    fn path(&mut self, tree: Oid, path: &RepoPath) -> Result<(), String> {
        let prefix = self.handle.prefix.clone();
        let mut tree = tree;
        let parts: Vec<&[u8]> = prefix.components().chain(path.components()).collect();
        if parts.is_empty() {
            self.read(tree, ObjectType::Tree)?;
        }
        for (depth, part) in parts.iter().enumerate() {
            let bytes = self.read(tree, ObjectType::Tree)?;
            let entry = Entries::of(bytes).flatten().find(|(_, name, _)| name == part);
            let Some((kind, _, id)) = entry else { return Ok(()) };
            match kind {
                parse::Kind::Folder => tree = id,
                parse::Kind::File | parse::Kind::Link if depth + 1 == parts.len() => {
                    // Large files and those of a partial clone are not read for what is said of them.
                    if self.is_small(id) {
                        self.read(id, ObjectType::Blob)?;
                    }
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    fn is_small(&self, id: Oid) -> bool {
        const SMALL: usize = 4 << 20;
        let odb = self.handle.repository.odb();
        odb.and_then(|odb| header(&odb, id)).is_ok_and(|(size, _)| size <= SMALL)
    }

    fn read(&mut self, id: Oid, kind: ObjectType) -> Result<&[u8], String> {
        let handle = self.handle;
        self.known
            .entry(id)
            .or_insert_with(|| read_verified(handle, id, kind))
            .as_deref()
            .map_err(Clone::clone)
    }
}
