//! Files on disk: a work tree, a plain folder, a snapshot of a model cache.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::run::SourceKind;
use forebear_types::{RepoPath, Snapshot};
use walkdir::WalkDir;

use super::git::GitHandle;
use super::tree::{DEPTH, ENTRIES, too_deep, too_many};
use super::{Content, Entry, EntryKind, Listing, ReadSeek, Source, unreadable};
use crate::native;

/// A folder on disk.
#[derive(Debug)]
pub(crate) struct Folder {
    /// The folder, canonical.
    pub(crate) root: PathBuf,
    /// Links may lead anywhere below this folder: the root itself, or for a model cache the model's folder.
    pub(crate) fence: PathBuf,
    /// The repository that tracks it.
    pub(crate) handle: Option<Rc<GitHandle>>,
    pub(crate) kind: SourceKind,
    pub(crate) snapshot: Snapshot,
}

impl Source for Folder {
    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn snapshot(&self) -> Snapshot {
        self.snapshot.clone()
    }

    /// Everything on disk but `.git`; in a work tree without what is ignored and not tracked. What is tracked is what is
    /// distributed: an ignore pattern does not hide a tracked file.
    fn list(&self) -> Listing {
        let mut listing = Listing::default();
        let tracked = self.handle.as_ref().map(|handle| handle.tracked()).unwrap_or_default();
        let below_tracked =
            |path: &RepoPath| tracked.range(path..).next().is_some_and(|next| next.is_within(path));
        let mut walk = WalkDir::new(&self.root)
            .follow_links(false)
            .max_depth(DEPTH)
            .max_open(64)
            .sort_by_file_name()
            .min_depth(1)
            .into_iter();
        while let Some(step) = walk.next() {
            if listing.entries.len() >= ENTRIES {
                listing.problems.push(too_many());
                break;
            }
            let step = match step {
                Ok(step) => step,
                Err(error) => {
                    let path = error.path().and_then(|path| self.relative(path)).unwrap_or_default();
                    let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    listing.problems.push(if path.depth() > DEPTH / 2 {
                        too_deep(&path)
                    } else {
                        unreadable(&path, cause)
                    });
                    continue;
                }
            };
            let is_folder = step.file_type().is_dir();
            if step.file_name() == ".git" {
                if is_folder {
                    walk.skip_current_dir();
                }
                continue;
            }
            let Some(path) = self.relative(step.path()) else { continue };
            if is_folder {
                if step.depth() >= DEPTH {
                    listing.problems.push(too_deep(&path));
                } else if self.ignored(&path, true) && !below_tracked(&path) {
                    walk.skip_current_dir();
                }
                continue;
            }
            if !tracked.contains(&path) && self.ignored(&path, false) {
                continue;
            }
            let (kind, size) = self.kind_of(step.path(), step.file_type());
            listing.entries.push(Entry { path, kind, size, blob: None });
        }
        listing.entries.sort();
        listing
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Content, Problem> {
        let (file, size) = self.file(entry)?;
        let mut bytes = Vec::new();
        if size <= limit {
            file.take(limit).read_to_end(&mut bytes).map_err(|error| failed(entry, &error))?;
        }
        Ok(Content { bytes, size })
    }

    fn open<'s>(&'s self, entry: &Entry) -> Result<Box<dyn ReadSeek + 's>, Problem> {
        Ok(Box::new(self.file(entry)?.0))
    }
}

fn failed(entry: &Entry, error: &std::io::Error) -> Problem {
    Problem {
        remedy: match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                "give yourself the right to read it, and check again".to_owned()
            }
            _ => "check that it is a readable file, and check again".to_owned(),
        },
        ..unreadable(&entry.path, error)
    }
}

impl Folder {
    /// The file of an entry, opened, and its size.
    pub(crate) fn file(&self, entry: &Entry) -> Result<(File, u64), Problem> {
        let path = self.root.join(native::path(entry.path.as_bytes()));
        let metadata = fs::metadata(&path).map_err(|error| failed(entry, &error))?;
        if !metadata.is_file() {
            return Err(unreadable(&entry.path, "it is not a plain file"));
        }
        let file = File::open(&path).map_err(|error| failed(entry, &error))?;
        Ok((file, metadata.len()))
    }

    fn relative(&self, path: &Path) -> Option<RepoPath> {
        native::repo_path(path.strip_prefix(&self.root).ok()?)
    }

    fn ignored(&self, path: &RepoPath, folder: bool) -> bool {
        let Some(handle) = &self.handle else { return false };
        let mut whole = handle.prefix.as_bytes().to_vec();
        if !whole.is_empty() {
            whole.push(b'/');
        }
        whole.extend_from_slice(path.as_bytes());
        if folder {
            whole.push(b'/');
        }
        handle.repository.is_path_ignored(native::path(&whole)).unwrap_or(false)
    }

    /// What a directory entry is. A link to a file inside the fence is that file.
    fn kind_of(&self, path: &Path, kind: fs::FileType) -> (EntryKind, Option<u64>) {
        if kind.is_file() {
            return (EntryKind::File, None);
        }
        if !kind.is_symlink() {
            return (EntryKind::Special, None);
        }
        let inside = fs::canonicalize(path).ok().filter(|target| target.starts_with(&self.fence));
        match inside.and_then(|target| fs::metadata(target).ok()) {
            Some(metadata) if metadata.is_file() => (EntryKind::File, Some(metadata.len())),
            _ => (EntryKind::Symlink, None),
        }
    }
}

/// A folder that cannot be listed at all.
pub(crate) fn check_listable(root: &Path) -> Result<(), std::io::Error> {
    fs::read_dir(root).map(|_| ())
}

pub(crate) fn untracked_note() -> Problem {
    Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::History,
        what:
            "the folder lies inside a git repository that does not track it: there is no history to examine"
                .to_owned(),
        remedy: "commit the folder, or check the repository that holds it".to_owned(),
    }
}
