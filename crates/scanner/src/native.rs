//! Paths of the system and paths of a repository.
//!
//! A repository's path is bytes with `/`. On Unix so is the system's, and every name goes both ways unchanged. Elsewhere names are
//! text: what is not UTF-8 is shown with the replacement character, and the system's separators become `/`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use forebear_types::RepoPath;

/// The bytes of a path of the system, as reports show it.
#[cfg(unix)]
pub fn bytes(path: &Path) -> Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt as _;
    Cow::Borrowed(path.as_os_str().as_bytes())
}

/// The bytes of a path of the system, as reports show it.
#[cfg(not(unix))]
pub fn bytes(path: &Path) -> Cow<'_, [u8]> {
    Cow::Owned(path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/").into_bytes())
}

/// The path of the system for bytes of a repository.
#[cfg(unix)]
pub fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// The path of the system for bytes of a repository.
#[cfg(not(unix))]
pub fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A relative path of the system as a repository's; `None` where it leaves its folder.
pub fn repo_path(relative: &Path) -> Option<RepoPath> {
    RepoPath::new(bytes(relative)).ok()
}
