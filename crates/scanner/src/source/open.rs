//! What a path is, and which source shows it.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{env, fs, io};

use forebear_types::fact::Problem;
use forebear_types::run::SourceKind;
use forebear_types::{ModelId, ObjectId, RepoPath, Snapshot};
use git2::{Oid, Repository};

use super::Source;
use super::cache;
use super::git::{GitHandle, history_problem, time_of};
use super::indexes;
use super::tree::{CommitSource, IndexSource};
use super::worktree::{Folder, check_listable, untracked_note};
use crate::native;

/// Which state of a repository is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The files on disk; of a bare repository, HEAD.
    WorkTree,
    /// The staged index.
    Index,
    /// A commit, by any name that git knows it by.
    Revision(String),
}

/// An opened source, with the repository behind it.
pub struct Opened {
    /// The source.
    pub source: Box<dyn Source>,
    /// The repository, if there is one that tracks the source.
    pub repository: Option<Rc<GitHandle>>,
    /// The commit to walk history from: HEAD, or the revision that was asked for.
    pub head: Option<ObjectId>,
    /// Ids under which the repository is known (its remotes, its cache folder).
    pub own: Vec<ModelId>,
    /// What could not be opened, beside the source itself.
    pub problems: Vec<Problem>,
}

/// Why a source cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing at the path.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// The path is a file.
    #[error("{} is a file, not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder cannot be listed.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The index or a commit was asked for, where there is no repository.
    #[error("{} is not in a git repository, so it has no {wanted}", path.display())]
    NoRepository {
        /// The folder.
        path: PathBuf,
        /// "staged index", "revision".
        wanted: &'static str,
    },
    /// The repository is damaged, or not ours to open.
    #[error("the git repository of {} cannot be read: {cause}", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What libgit2 said.
        cause: String,
        /// What to do.
        help: String,
    },
    /// There is no such revision.
    #[error("{} has no revision `{revision}`", path.display())]
    UnknownRevision {
        /// The folder.
        path: PathBuf,
        /// As it was asked for.
        revision: String,
    },
}

impl OpenError {
    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            Self::Missing(_) => "check the path; it is taken from the folder you are in".to_owned(),
            Self::NotAFolder(path) => {
                let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                format!(
                    "name the folder that holds the model: {}",
                    folder.unwrap_or(Path::new(".")).display()
                )
            }
            Self::Unreadable { .. } => "give yourself the right to list it".to_owned(),
            Self::NoRepository { .. } => {
                "leave out --staged and --rev to check the files themselves".to_owned()
            }
            Self::Damaged { help, .. } => help.clone(),
            // What hooks and CI services give for a branch that is new.
            Self::UnknownRevision { revision, .. }
                if revision.len() >= 40 && revision.bytes().all(|byte| byte == b'0') =>
            {
                "a branch that is new has no commit before: check it without a range and without --baseline"
                    .to_owned()
            }
            Self::UnknownRevision { .. } => {
                "`git rev-parse` shows what git takes it for; in a shallow clone it may lie outside"
                    .to_owned()
            }
        }
    }
}

/// Opens a path.
///
/// The folder that was named decides: of git's own variables only `GIT_INDEX_FILE` is heeded, for the staged index of
/// the very repository that the path lies in, because that is how git tells a hook which index a commit will take.
///
/// # Errors
/// See [`OpenError`]. A repository that cannot be read is an error only if its index or a commit was asked for: the files
/// of a work tree are checked all the same, and the problem is reported.
pub fn open(path: &Path, what: What) -> Result<Opened, OpenError> {
    let root = match fs::canonicalize(path) {
        Ok(root) => root,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            return Err(OpenError::Missing(path.to_owned()));
        }
        Err(cause) => return Err(OpenError::Unreadable { path: path.to_owned(), cause }),
    };
    if !root.is_dir() {
        return Err(OpenError::NotAFolder(path.to_owned()));
    }
    check_listable(&root).map_err(|cause| OpenError::Unreadable { path: path.to_owned(), cause })?;
    if what == What::WorkTree
        && let Some(model) = cache::detect(&root)
    {
        return Ok(open_cache(model));
    }
    let repository = match discover(&root) {
        Ok(found) => found,
        Err(error) if what == What::WorkTree => {
            let mut opened = plain(root);
            opened.problems.push(history_problem(
                format!(
                    "the git repository cannot be read, so history was not examined: {}",
                    error.message()
                ),
                &open_help(&error),
            ));
            return Ok(opened);
        }
        Err(error) => {
            let (cause, help) = (error.message().to_owned(), open_help(&error));
            return Err(OpenError::Damaged { path: path.to_owned(), cause, help });
        }
    };
    let wanted = match what {
        What::Index => "staged index",
        _ => "revision",
    };
    let Some(repository) = repository else {
        return match what {
            What::WorkTree => Ok(plain(root)),
            _ => Err(OpenError::NoRepository { path: path.to_owned(), wanted }),
        };
    };
    open_repository(path, root, repository, what)
}

fn open_repository(
    path: &Path,
    root: PathBuf,
    repository: Repository,
    what: What,
) -> Result<Opened, OpenError> {
    // A git directory is named itself, bare or not: its files are git's, and what it holds is HEAD.
    let bare = repository.is_bare() || fs::canonicalize(repository.path()).is_ok_and(|folder| folder == root);
    let prefix = if bare { RepoPath::root() } else { prefix(&repository, &root) };
    let handle = Rc::new(GitHandle { repository, prefix });
    let damaged = |error: git2::Error| OpenError::Damaged {
        path: path.to_owned(),
        cause: error.message().to_owned(),
        help: "`git fsck` says what is broken; clone it again if you can".to_owned(),
    };
    let mut problems = Vec::new();
    let head = match handle.head() {
        Ok(head) => head,
        Err(error) if what == What::WorkTree && !bare => {
            problems.push(history_problem(
                format!("HEAD cannot be read, so history was not examined: {}", error.message()),
                "`git fsck` says what is broken",
            ));
            None
        }
        Err(error) => return Err(damaged(error)),
    };
    let own = handle.own_ids();
    let (source, head): (Box<dyn Source>, _) = match what {
        What::WorkTree if !bare => {
            if !handle.prefix.is_root() && !is_tracked(&handle, head) {
                let mut opened = plain(root);
                opened.problems.push(untracked_note());
                return Ok(opened);
            }
            let folder = Folder {
                fence: root.clone(),
                root,
                handle: Some(Rc::clone(&handle)),
                kind: SourceKind::WorkTree,
                snapshot: Snapshot::WorkTree,
            };
            (Box::new(folder), head)
        }
        What::WorkTree => match head {
            Some(head) => (commit_source(&handle, head).map_err(damaged)?, Some(head)),
            None => {
                // A bare repository before its first commit holds nothing; its own files are not a model.
                (Box::new(super::Memory::new()), None)
            }
        },
        What::Index => {
            let index = staged_index(&handle).map_err(damaged)?;
            (Box::new(IndexSource { handle: Rc::clone(&handle), index }), head)
        }
        What::Revision(revision) => {
            let unknown = || OpenError::UnknownRevision { path: path.to_owned(), revision: revision.clone() };
            let commit = handle.commit(&revision).ok_or_else(unknown)?;
            (commit_source(&handle, commit).map_err(damaged)?, Some(commit))
        }
    };
    Ok(Opened { source, repository: Some(handle), head, own, problems })
}

/// Before every other store of objects: libgit2 writes into the first one, and its own have the priorities 1 and 2.
const FIRST: i32 = 1_000;

/// The repository that holds a folder; `None` if there is none. Variables such as `GIT_DIR` are not heeded.
fn discover(root: &Path) -> Result<Option<Repository>, git2::Error> {
    // libgit2's object cache is pure loss beside a memo of our own: twice the time, four times the memory. And hashing every
    // object that a walk reads costs more than reading it: `read_verified` hashes what is examined, and `history::verify` what
    // supports a finding.
    git2::opts::enable_caching(false);
    git2::opts::strict_hash_verification(false);
    let no_ceiling: [&Path; 0] = [];
    match Repository::discover_path(root, no_ceiling) {
        Ok(found) => {
            let repository = Repository::open(found)?;
            indexes::check(repository.commondir()).map_err(|why| git2::Error::from_str(&why))?;
            // libgit2 writes the texts that it joins when it merges anew. They go to memory: nothing is written into a repository
            // that is looked at.
            repository.odb()?.add_new_mempack_backend(FIRST)?;
            Ok(Some(repository))
        }
        Err(error) if error.code() == git2::ErrorCode::NotFound => {
            // A `.git` that is there and is no repository is damage, not absence.
            if root.join(".git").exists() { Err(error) } else { Ok(None) }
        }
        Err(error) => Err(error),
    }
}

fn open_help(error: &git2::Error) -> String {
    if error.code() == git2::ErrorCode::Owner {
        return "the folder belongs to another user; if you trust it: git config --global --add safe.directory <folder>"
            .to_owned();
    }
    "`git fsck` says what is broken; clone it again if you can".to_owned()
}

/// The folder as a path in the repository's trees; the root for a bare repository.
fn prefix(repository: &Repository, root: &Path) -> RepoPath {
    let below = repository
        .workdir()
        .and_then(|workdir| fs::canonicalize(workdir).ok())
        .and_then(|workdir| root.strip_prefix(workdir).ok().map(Path::to_path_buf));
    below.and_then(|below| native::repo_path(&below)).unwrap_or_default()
}

fn is_tracked(handle: &GitHandle, head: Option<ObjectId>) -> bool {
    let in_head = head
        .and_then(|head| Oid::from_bytes(head.as_bytes()).ok())
        .is_some_and(|head| matches!(handle.tree_of(head), Ok(Some(_))));
    in_head || !handle.tracked().is_empty()
}

fn commit_source(handle: &Rc<GitHandle>, commit: ObjectId) -> Result<Box<dyn Source>, git2::Error> {
    let oid = Oid::from_bytes(commit.as_bytes())?;
    let time = time_of(handle.repository.find_commit(oid)?.time());
    let snapshot = Snapshot::Commit { id: commit, time };
    Ok(Box::new(CommitSource { handle: Rc::clone(handle), commit: oid, snapshot }))
}

/// The index that a commit will take: the one that git names to a hook, if it belongs to this repository.
fn staged_index(handle: &GitHandle) -> Result<git2::Index, git2::Error> {
    if let Some(named) = env::var_os("GIT_INDEX_FILE").filter(|named| !named.is_empty()) {
        let ours = match env::var_os("GIT_DIR").filter(|folder| !folder.is_empty()) {
            None => true,
            Some(folder) => match (fs::canonicalize(folder), fs::canonicalize(handle.repository.path())) {
                (Ok(theirs), Ok(ours)) => theirs == ours,
                _ => false,
            },
        };
        let from_here = PathBuf::from(&named);
        let from_root = handle.repository.workdir().map(|workdir| workdir.join(&named));
        let file = [Some(from_here), from_root].into_iter().flatten().find(|file| file.is_file());
        if ours && let Some(file) = file {
            return git2::Index::open(&file);
        }
    }
    handle.repository.index()
}

fn plain(root: PathBuf) -> Opened {
    let folder = Folder {
        fence: root.clone(),
        root,
        handle: None,
        kind: SourceKind::WorkTree,
        snapshot: Snapshot::WorkTree,
    };
    Opened { source: Box::new(folder), repository: None, head: None, own: Vec::new(), problems: Vec::new() }
}

fn open_cache(model: cache::CachedModel) -> Opened {
    let folder = Folder {
        root: model.snapshot,
        fence: model.model_folder,
        handle: None,
        kind: SourceKind::Cache,
        snapshot: Snapshot::Cached { revision: model.revision },
    };
    Opened {
        source: Box::new(folder),
        repository: None,
        head: None,
        own: model.id.into_iter().collect(),
        problems: model.problem.into_iter().collect(),
    }
}
