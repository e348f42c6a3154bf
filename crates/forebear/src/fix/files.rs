//! The files of the folder that is fixed: read only where writing them back would be safe, and written whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use forebear_scanner::native;
use forebear_types::RepoPath;
use forebear_types::fact::ProblemKind;
use forebear_types::run::Run;

use crate::error::Error;
use crate::whole_file::{Ready, replace};

/// A file larger than this is no card and no licence.
const BYTES: u64 = 4 << 20;

/// The folder, and what is known to be wrong with its files.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Files that could not be examined, or not wholly, with the reason.
    doubtful: BTreeMap<RepoPath, String>,
}

impl Folder {
    /// `root` is canonical.
    pub(crate) fn new(root: PathBuf, run: &Run) -> Self {
        let doubtful = run
            .problems
            .iter()
            .filter(|problem| {
                matches!(
                    problem.kind,
                    ProblemKind::Unreadable
                        | ProblemKind::Oversized
                        | ProblemKind::PointerOnly
                        | ProblemKind::Conflicted
                        | ProblemKind::Malformed
                        | ProblemKind::Unsupported
                        | ProblemKind::Listing
                )
            })
            .map(|problem| (problem.path.clone(), problem.what.clone()))
            .collect();
        Self { root, doubtful }
    }

    /// The path on disk.
    pub(crate) fn at(&self, path: &RepoPath) -> PathBuf {
        self.root.join(native::path(path.as_bytes()))
    }

    /// The bytes of a file; `None` if there is nothing at the path.
    ///
    /// # Errors
    /// Why the file may not be changed: it, or a folder above it, is a link; it is no plain file; it could not be examined.
    pub(crate) fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, String> {
        let mut at = self.root.clone();
        for part in path.components() {
            at.push(native::path(part));
            match fs::symlink_metadata(&at) {
                Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(cause) => return Err(format!("{path}: {cause}")),
                Ok(found) if found.file_type().is_symlink() => {
                    return Err(format!("{path}: a link leads there, and nothing is written through links"));
                }
                Ok(_) => {}
            }
        }
        let metadata = fs::metadata(&at).map_err(|cause| format!("{path}: {cause}"))?;
        if !metadata.is_file() {
            return Err(format!("{path}: this is not a plain file"));
        }
        if let Some(why) = self.doubtful.get(path) {
            return Err(format!("{path}: {why}"));
        }
        if metadata.len() > BYTES {
            return Err(format!("{path}: the file is larger than {BYTES} bytes"));
        }
        fs::read(&at).map(Some).map_err(|cause| format!("{path}: {cause}"))
    }

    /// Names at the root, to see that a new file does not differ from one only in case.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

/// Writes files: each into a new file beside it, then all are moved into place.
///
/// # Errors
/// [`Error::Fix`] with the file. What could not be written whole leaves nothing behind; files that were moved before are named.
pub(crate) fn write(folder: &Folder, files: &BTreeMap<RepoPath, Vec<u8>>) -> Result<(), Error> {
    let mut ready = Vec::new();
    for (path, bytes) in files {
        let beside = Ready::beside(&folder.at(path), bytes);
        ready.push(beside.map_err(|cause| Error::Fix {
            path: path.to_string(),
            written: Vec::new(),
            cause,
        })?);
    }
    replace(ready).map_err(|(moved, cause)| {
        let mut paths = files.keys().map(ToString::to_string);
        let written = paths.by_ref().take(moved).collect();
        Error::Fix { path: paths.next().unwrap_or_default(), written, cause }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn folder(root: &Path) -> Folder {
        Folder { root: root.to_path_buf(), doubtful: BTreeMap::new() }
    }

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    fn names(root: &Path) -> Vec<String> {
        folder(root).names()
    }

    /// The second of two files cannot be written: the first is not, either, and nothing lies about.
    #[test]
    fn what_cannot_be_written_whole_is_not_written() {
        let root = tempfile::tempdir().unwrap();
        let files =
            BTreeMap::from([(path("LICENSE"), b"new".to_vec()), (path("no/NOTICE"), b"new".to_vec())]);
        match write(&folder(root.path()), &files) {
            Err(Error::Fix { path, written, .. }) => {
                assert_eq!((path.as_str(), written), ("no/NOTICE", Vec::new()));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(names(root.path()), Vec::<String>::new());
    }

    /// A folder in the place of the second file: what was moved before is named.
    #[test]
    fn what_was_written_before_a_failure_is_said() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("NOTICE/x")).unwrap();
        let files = BTreeMap::from([(path("LICENSE"), b"new".to_vec()), (path("NOTICE"), b"new".to_vec())]);
        match write(&folder(root.path()), &files) {
            Err(Error::Fix { path, written, .. }) => {
                assert_eq!((path.as_str(), written), ("NOTICE", vec!["LICENSE".to_owned()]));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(names(root.path()), ["LICENSE", "NOTICE"]);
    }

    #[test]
    fn rights_stay_and_content_is_replaced() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("README.md");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        write(&folder(root.path()), &BTreeMap::from([(path("README.md"), b"new".to_vec())])).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(root.path()), ["README.md"]);
    }
}
