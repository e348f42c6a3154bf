//! Sources of git objects: a commit's tree, and the staged index.

use std::io::Cursor;
use std::rc::Rc;

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::run::SourceKind;
use forebear_types::{ObjectId, RepoPath, Snapshot};
use git2::{ObjectType, Oid};

use crate::formats;

use super::git::{GitHandle, header, object_id, read_verified};
use super::{Content, Entry, EntryKind, Listing, ReadSeek, Source, WHOLE_OBJECT, unreadable};

/// Trees nested deeper are not followed; git itself refuses them (`core.maxTreeDepth`, 2048).
pub(crate) const DEPTH: usize = 2048;

/// A link that leads to another link is followed so often.
const LINKS: usize = 8;

/// A source lists no more entries than this.
pub(crate) const ENTRIES: usize = 1_000_000;

/// One commit.
#[derive(Debug)]
pub(crate) struct CommitSource {
    pub(crate) handle: Rc<GitHandle>,
    pub(crate) commit: Oid,
    pub(crate) snapshot: Snapshot,
}

/// The staged index.
pub(crate) struct IndexSource {
    pub(crate) handle: Rc<GitHandle>,
    pub(crate) index: git2::Index,
}

impl Source for CommitSource {
    fn kind(&self) -> SourceKind {
        SourceKind::Commit
    }

    fn snapshot(&self) -> Snapshot {
        self.snapshot.clone()
    }

    fn list(&self) -> Listing {
        let mut listing = Listing::default();
        match self.handle.tree_of(self.commit) {
            Ok(Some(tree)) => list_tree(&self.handle, tree, &mut listing),
            Ok(None) => {}
            Err(error) => listing.problems.push(unreadable(&RepoPath::root(), error.message())),
        }
        listing.entries.sort();
        follow_links(&self.handle, &mut listing);
        listing
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Content, Problem> {
        read_blob(&self.handle, entry, limit)
    }

    fn open<'s>(&'s self, entry: &Entry) -> Result<Box<dyn ReadSeek + 's>, Problem> {
        open_blob(&self.handle, entry)
    }
}

impl Source for IndexSource {
    fn kind(&self) -> SourceKind {
        SourceKind::Index
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::Index
    }

    fn list(&self) -> Listing {
        let mut listing = Listing::default();
        let mut conflicted = Vec::new();
        for entry in self.index.iter().take(ENTRIES) {
            let Some(path) = self.handle.below_prefix(&entry.path) else { continue };
            // Stages 1 to 3 are the sides of a conflict: the file says several things at once.
            if (entry.flags >> 12) & 3 != 0 {
                conflicted.push(path.clone());
            }
            listing.entries.push(Entry {
                path,
                kind: kind_of(entry.mode as i32),
                size: None,
                blob: object_id(entry.id),
            });
        }
        conflicted.dedup();
        listing.problems.extend(conflicted.into_iter().map(|path| Problem {
            path,
            line: None,
            kind: ProblemKind::Conflicted,
            what: "the file is in conflict in the index".to_owned(),
            remedy: "resolve the conflict and stage the result".to_owned(),
        }));
        listing.entries.sort();
        listing.entries.dedup_by(|one, two| one.path == two.path);
        follow_links(&self.handle, &mut listing);
        listing
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Content, Problem> {
        read_blob(&self.handle, entry, limit)
    }

    fn open<'s>(&'s self, entry: &Entry) -> Result<Box<dyn ReadSeek + 's>, Problem> {
        open_blob(&self.handle, entry)
    }
}

fn list_tree(handle: &GitHandle, root: Oid, listing: &mut Listing) {
    let mut stack = vec![(root, RepoPath::root(), 0usize)];
    while let Some((tree, path, depth)) = stack.pop() {
        if depth > DEPTH {
            listing.problems.push(too_deep(&path));
            continue;
        }
        let found = read_verified(handle, tree, ObjectType::Tree)
            .and_then(|_| handle.repository.find_tree(tree).map_err(|error| error.message().to_owned()));
        let tree = match found {
            Ok(tree) => tree,
            Err(why) => {
                listing.problems.push(unreadable(&path, why));
                continue;
            }
        };
        for entry in &tree {
            if listing.entries.len() >= ENTRIES {
                listing.problems.push(too_many());
                return;
            }
            // A name with a slash or NUL, or `..`, is not one that git writes: such a tree was forged.
            let Ok(path) = path.join(entry.name_bytes()) else {
                listing.problems.push(unreadable(&path, "the tree holds an entry with a forbidden name"));
                continue;
            };
            if entry.kind() == Some(ObjectType::Tree) {
                stack.push((entry.id(), path, depth + 1));
            } else {
                let kind = kind_of(entry.filemode());
                listing.entries.push(Entry { path, kind, size: None, blob: object_id(entry.id()) });
            }
        }
    }
}

/// What stands at a path.
pub(crate) enum Found<T> {
    File(T),
    Link(ObjectId),
}

/// The file of the same tree to which a link leads; `None` where it leads elsewhere, nowhere or in a circle.
pub(crate) fn follow_link<T>(
    handle: &GitHandle,
    path: &RepoPath,
    link: ObjectId,
    at: impl Fn(&RepoPath) -> Option<Found<T>>,
) -> Option<T> {
    let (mut path, mut link) = (path.clone(), link);
    for _ in 0..LINKS {
        let (target, _) = blob_bytes(handle, link, formats::LINK).ok()?;
        path = path.parent()?.follow(&target)?;
        match at(&path)? {
            Found::File(file) => return Some(file),
            Found::Link(next) => link = next,
        }
    }
    None
}

/// Links of interest that lead to a file of the same tree stand for that file, as they do in a work tree.
fn follow_links(handle: &GitHandle, listing: &mut Listing) {
    let at = |path: &RepoPath| {
        let found = listing.entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        let entry = &listing.entries[found];
        match entry.kind {
            EntryKind::File => Some(Found::File(entry.clone())),
            EntryKind::Symlink => entry.blob.map(Found::Link),
            EntryKind::Submodule | EntryKind::Special => None,
        }
    };
    let links =
        listing.entries.iter().enumerate().filter(|(_, entry)| {
            entry.kind == EntryKind::Symlink && formats::interest(&entry.path).is_some()
        });
    let found: Vec<(usize, Entry)> = links
        .filter_map(|(index, entry)| Some((index, follow_link(handle, &entry.path, entry.blob?, at)?)))
        .collect();
    for (index, target) in found {
        let path = listing.entries[index].path.clone();
        listing.entries[index] = Entry { path, ..target };
    }
}

fn kind_of(mode: i32) -> EntryKind {
    match mode & 0o170_000 {
        0o120_000 => EntryKind::Symlink,
        0o160_000 => EntryKind::Submodule,
        _ => EntryKind::File,
    }
}

pub(crate) fn too_deep(path: &RepoPath) -> Problem {
    // The path itself would fill pages: its beginning says enough.
    let start: Vec<&[u8]> = path.components().take(4).collect();
    Problem {
        path: RepoPath::new(start.join(&b'/')).unwrap_or_default(),
        line: None,
        kind: ProblemKind::Listing,
        what: format!("the folders below nest deeper than {DEPTH} levels: the rest is not examined"),
        remedy: "flatten the folders; git does not check out such a tree".to_owned(),
    }
}

pub(crate) fn too_many() -> Problem {
    Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::Listing,
        what: format!("there are more than {ENTRIES} files: the rest is not examined"),
        remedy: "check a sub-folder at a time".to_owned(),
    }
}

/// Reads a blob. Its size is asked for first: a large one is never loaded.
pub(crate) fn read_blob(handle: &GitHandle, entry: &Entry, limit: u64) -> Result<Content, Problem> {
    let failed = |error: git2::Error| unreadable(&entry.path, error.message());
    let id = entry.blob.ok_or_else(|| unreadable(&entry.path, "it has no object id"))?;
    let (bytes, size) = blob_bytes(handle, id, limit).map_err(failed)?;
    Ok(Content { bytes, size })
}

/// A blob as a file that can be read in parts: it is loaded whole.
fn open_blob(handle: &GitHandle, entry: &Entry) -> Result<Box<dyn ReadSeek>, Problem> {
    let content = read_blob(handle, entry, WHOLE_OBJECT)?;
    if content.size > WHOLE_OBJECT {
        return Err(Problem {
            path: entry.path.clone(),
            line: None,
            kind: ProblemKind::Oversized,
            what: format!(
                "the object in git has {} bytes, more than the {WHOLE_OBJECT} that are loaded to read a header",
                content.size
            ),
            remedy: "check the folder of the checked-out files".to_owned(),
        });
    }
    Ok(Box::new(Cursor::new(content.bytes)))
}

/// The bytes of a blob, none if it is larger than `limit`, and its size.
pub(crate) fn blob_bytes(
    handle: &GitHandle,
    id: ObjectId,
    limit: u64,
) -> Result<(Vec<u8>, u64), git2::Error> {
    let oid = Oid::from_bytes(id.as_bytes())?;
    let odb = handle.repository.odb()?;
    let (size, kind) = header(&odb, oid)?;
    if kind != ObjectType::Blob {
        return Err(git2::Error::from_str("the object is not a file"));
    }
    let size = size as u64;
    if size > limit {
        return Ok((Vec::new(), size));
    }
    read_verified(handle, oid, ObjectType::Blob)
        .map(|bytes| (bytes, size))
        .map_err(|why| git2::Error::from_str(&why))
}
