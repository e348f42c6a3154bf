//! Paths inside a repository.

use std::fmt;

/// A path inside a repository: relative bytes separated by `/`, without empty, `.` or `..` parts.
///
/// Git paths are bytes, not text, so a `RepoPath` keeps them as they are. Absolute paths cannot be represented, which
/// is how they stay out of every report. The empty path is the root of what was examined.
///
/// `Display` writes valid UTF-8 as it is, and every other byte and every control character as `\xNN`, so that a
/// hostile name cannot break a terminal or a report. A backslash is written as `\\` only if an escape occurs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(Box<[u8]>);

/// Why bytes are not a path inside a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The path begins with `/`.
    Absolute,
    /// The path has a part `..`, so it could leave the repository.
    Parent,
    /// The path holds a NUL byte.
    Nul,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "the path is absolute",
            Self::Parent => "the path has a part `..` and could leave the repository",
            Self::Nul => "the path holds a NUL byte",
        })
    }
}

impl std::error::Error for PathError {}

impl RepoPath {
    /// The root of what was examined.
    pub fn root() -> Self {
        Self::default()
    }

    /// Makes a path from bytes; empty parts and `.` are dropped.
    ///
    /// # Errors
    /// If the bytes are absolute, hold a part `..` or a NUL byte.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, PathError> {
        let bytes = bytes.as_ref();
        if bytes.first() == Some(&b'/') {
            return Err(PathError::Absolute);
        }
        if bytes.contains(&0) {
            return Err(PathError::Nul);
        }
        let mut kept = Vec::with_capacity(bytes.len());
        for part in bytes.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => continue,
                b".." => return Err(PathError::Parent),
                _ => {}
            }
            if !kept.is_empty() {
                kept.push(b'/');
            }
            kept.extend_from_slice(part);
        }
        Ok(Self(kept.into_boxed_slice()))
    }

    /// The bytes, `/`-separated.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the root itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts from the root to the file.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
    }

    /// How many parts the path has: 0 for the root, 1 for a file at the root.
    pub fn depth(&self) -> usize {
        self.components().count()
    }

    /// The last part; empty for the root.
    pub fn file_name(&self) -> &[u8] {
        self.components().next_back().unwrap_or_default()
    }

    /// The folder that holds the file; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let cut = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Some(Self(self.0[..cut].into()))
    }

    /// This folder's entry `name`. `name` must be one part, as git tree entries and directory entries are.
    ///
    /// # Errors
    /// As [`RepoPath::new`].
    pub fn join(&self, name: impl AsRef<[u8]>) -> Result<Self, PathError> {
        let name = name.as_ref();
        if self.is_root() {
            return Self::new(name);
        }
        let mut bytes = self.0.to_vec();
        bytes.push(b'/');
        bytes.extend_from_slice(name);
        Self::new(bytes)
    }

    /// A path below this one.
    pub fn join_path(&self, below: &Self) -> Self {
        if self.is_root() {
            return below.clone();
        }
        if below.is_root() {
            return self.clone();
        }
        Self([&self.0[..], b"/", &below.0[..]].concat().into_boxed_slice())
    }

    /// Where a symbolic link with this target leads that lies in this folder; `None` where it leaves the repository.
    pub fn follow(&self, target: &[u8]) -> Option<Self> {
        if target.is_empty() || target.first() == Some(&b'/') || target.contains(&0) {
            return None;
        }
        let mut parts: Vec<&[u8]> = self.components().collect();
        for part in target.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop()?;
                }
                _ => parts.push(part),
            }
        }
        Self::new(parts.join(&b'/')).ok()
    }

    /// Whether `folder` is this path or one of its parents.
    pub fn is_within(&self, folder: &Self) -> bool {
        folder.is_root()
            || self.0 == folder.0
            || (self.0.starts_with(&folder.0) && self.0.get(folder.0.len()) == Some(&b'/'))
    }

    /// The path as text, if it is UTF-8.
    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PathBytes(&self.0).fmt(f)
    }
}

/// The bytes of any path, to be shown as [`RepoPath`]s are: a file named on the command line may lie anywhere.
#[derive(Clone, Copy, Debug)]
pub struct PathBytes<'a>(pub &'a [u8]);

impl fmt::Display for PathBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(text) = std::str::from_utf8(self.0)
            && !text.chars().any(char::is_control)
        {
            return f.write_str(text);
        }
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\\' => f.write_str("\\\\")?,
                    _ if character.is_control() => {
                        let mut buffer = [0; 4];
                        for byte in character.encode_utf8(&mut buffer).bytes() {
                            write!(f, "\\x{byte:02x}")?;
                        }
                    }
                    _ => write!(f, "{character}")?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoPath({self})")
    }
}

impl std::str::FromStr for RepoPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_and_stays_inside() {
        assert_eq!(RepoPath::new("/etc/passwd"), Err(PathError::Absolute));
        assert_eq!(RepoPath::new("a/../../b"), Err(PathError::Parent));
        assert_eq!(RepoPath::new(b"a\0b"), Err(PathError::Nul));
        assert_eq!(RepoPath::new("./a//b/").unwrap().as_bytes(), b"a/b");
    }

    #[test]
    fn display_escapes_what_is_not_printable_text() {
        assert_eq!(RepoPath::new("Modèle/LICENSE").unwrap().to_string(), "Modèle/LICENSE");
        assert_eq!(RepoPath::new(b"caf\xe9/\x1b[31m").unwrap().to_string(), "caf\\xe9/\\x1b[31m");
    }

    #[test]
    fn parents_and_containment_follow_parts_not_bytes() {
        let path = RepoPath::new("vendor/lib/LICENSE").unwrap();
        assert_eq!(path.parent().unwrap().to_string(), "vendor/lib");
        assert_eq!(path.file_name(), b"LICENSE");
        assert!(path.is_within(&RepoPath::new("vendor").unwrap()));
        assert!(!path.is_within(&RepoPath::new("vend").unwrap()));
        assert!(path.is_within(&RepoPath::root()));
        assert_eq!(RepoPath::root().parent(), None);
    }
}
