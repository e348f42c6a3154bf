//! Where, and in which snapshot, something was seen.

use crate::{ObjectId, RepoPath, Time};

/// Lines of a file, counted from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineSpan {
    /// First line, at least 1.
    pub first: u32,
    /// Last line, at least `first`.
    pub last: u32,
}

impl LineSpan {
    /// Lines `first` to `last`; the ends are put in order and raised to 1.
    pub fn new(first: u32, last: u32) -> Self {
        let (first, last) = if first <= last { (first, last) } else { (last, first) };
        Self { first: first.max(1), last: last.max(1) }
    }

    /// One line.
    pub fn line(line: u32) -> Self {
        Self::new(line, line)
    }

    /// Whether the two share a line.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Bytes of a file: offset and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSpan {
    /// Offset of the first byte.
    pub start: usize,
    /// Number of bytes.
    pub len: usize,
}

/// A value with the place it was read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Line of the key or value, from 1; 0 in a file without lines.
    pub line: u32,
    /// The bytes of key and value in the file, for reports that show the source.
    pub span: ByteSpan,
}

/// A file, and lines in it where they are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub path: RepoPath,
    /// The lines, if the statement is about a part of the file.
    pub lines: Option<LineSpan>,
    /// The bytes, if the report can underline them.
    pub span: Option<ByteSpan>,
}

impl Location {
    /// A whole file.
    pub fn file(path: RepoPath) -> Self {
        Self { path, lines: None, span: None }
    }

    /// Lines of a file.
    pub fn lines(path: RepoPath, lines: LineSpan) -> Self {
        Self { path, lines: Some(lines), span: None }
    }

    /// The place of a located value.
    pub fn of<T>(path: &RepoPath, value: &Located<T>) -> Self {
        if value.line == 0 {
            return Self::file(path.clone());
        }
        Self { path: path.clone(), lines: Some(LineSpan::line(value.line)), span: Some(value.span) }
    }
}

/// In which state of the repository a fact was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Snapshot {
    /// Files on disk.
    WorkTree,
    /// The staged index.
    Index,
    /// A commit.
    Commit {
        /// Its object id.
        id: ObjectId,
        /// Its committer time.
        time: Time,
    },
    /// A snapshot folder of a model cache (`models--org--name/snapshots/<revision>`).
    Cached {
        /// The folder's name: the revision at the Hub.
        revision: String,
    },
}
