//! Files in memory, for tests and for callers that have them already.

use std::collections::BTreeMap;
use std::io::Cursor;

use forebear_types::fact::Problem;
use forebear_types::run::SourceKind;
use forebear_types::{RepoPath, Snapshot};

use super::{Content, Entry, EntryKind, Listing, ReadSeek, Source, unreadable};

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<RepoPath, Vec<u8>>,
}

impl Memory {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: RepoPath, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path, bytes.into());
    }
}

impl Source for Memory {
    fn kind(&self) -> SourceKind {
        SourceKind::WorkTree
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::WorkTree
    }

    fn list(&self) -> Listing {
        let entries = self
            .files
            .iter()
            .map(|(path, bytes)| Entry {
                path: path.clone(),
                kind: EntryKind::File,
                size: Some(bytes.len() as u64),
                blob: None,
            })
            .collect();
        Listing { entries, problems: Vec::new() }
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Content, Problem> {
        let bytes = self.bytes(entry)?;
        let kept = usize::try_from(limit).unwrap_or(usize::MAX).min(bytes.len());
        Ok(Content { bytes: bytes[..kept].to_vec(), size: bytes.len() as u64 })
    }

    fn open<'s>(&'s self, entry: &Entry) -> Result<Box<dyn ReadSeek + 's>, Problem> {
        Ok(Box::new(Cursor::new(self.bytes(entry)?)))
    }
}

impl Memory {
    fn bytes(&self, entry: &Entry) -> Result<&[u8], Problem> {
        let bytes = self.files.get(&entry.path);
        bytes.map(Vec::as_slice).ok_or_else(|| unreadable(&entry.path, "there is no such file"))
    }
}
