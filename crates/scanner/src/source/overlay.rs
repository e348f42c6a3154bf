//! A source with some files changed in memory: what a repository would look like.

use std::collections::BTreeMap;
use std::io::Cursor;

use forebear_types::fact::Problem;
use forebear_types::run::SourceKind;
use forebear_types::{RepoPath, Snapshot};

use super::{Content, Entry, EntryKind, Listing, ReadSeek, Source};

/// Files in memory over those of another source.
pub struct Overlay<'a> {
    /// What lies below.
    pub below: &'a dyn Source,
    /// Files that are added, or that take the place of others.
    pub files: &'a BTreeMap<RepoPath, Vec<u8>>,
}

impl Source for Overlay<'_> {
    fn kind(&self) -> SourceKind {
        self.below.kind()
    }

    fn snapshot(&self) -> Snapshot {
        self.below.snapshot()
    }

    fn list(&self) -> Listing {
        let mut listing = self.below.list();
        listing.entries.retain(|entry| !self.files.contains_key(&entry.path));
        listing.entries.extend(self.files.iter().map(|(path, bytes)| Entry {
            path: path.clone(),
            kind: EntryKind::File,
            size: Some(bytes.len() as u64),
            blob: None,
        }));
        listing.entries.sort();
        listing
    }

    fn read(&self, entry: &Entry, limit: u64) -> Result<Content, Problem> {
        let Some(bytes) = self.files.get(&entry.path) else { return self.below.read(entry, limit) };
        let kept = usize::try_from(limit).unwrap_or(usize::MAX).min(bytes.len());
        Ok(Content { bytes: bytes[..kept].to_vec(), size: bytes.len() as u64 })
    }

    fn open<'s>(&'s self, entry: &Entry) -> Result<Box<dyn ReadSeek + 's>, Problem> {
        match self.files.get(&entry.path) {
            Some(bytes) => Ok(Box::new(Cursor::new(bytes.as_slice()))),
            None => self.below.open(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    #[test]
    fn files_above_take_the_place_of_those_below() {
        let path = |text: &str| RepoPath::new(text).unwrap();
        let mut below = Memory::new();
        below.insert(path("LICENSE"), "old");
        below.insert(path("config.json"), "{}");
        let files = BTreeMap::from([(path("LICENSE"), b"new".to_vec()), (path("NOTICE"), b"n".to_vec())]);
        let overlay = Overlay { below: &below, files: &files };
        let listing = overlay.list();
        let names: Vec<String> = listing.entries.iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(names, ["LICENSE", "NOTICE", "config.json"]);
        assert_eq!(overlay.read(&listing.entries[0], 10).unwrap().bytes, b"new");
        assert_eq!(overlay.read(&listing.entries[2], 10).unwrap().bytes, b"{}");
    }
}
