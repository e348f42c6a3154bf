//! Where files come from: a work tree, the staged index, a commit, a model cache, memory.
//!
//! A [`Source`] lists entries and reads them within a bound; the same readers run over all of them. [`open`] finds out what
//! a path is, [`examine`] reads everything that is of interest.

pub(crate) mod cache;
pub(crate) mod git;
pub(crate) mod indexes;
mod memory;
mod open;
mod overlay;
mod same;
mod spent;
mod tree;
pub(crate) mod worktree;

use std::collections::BTreeSet;
use std::io::{Read, Seek};

use forebear_types::fact::{Fact, FactKind, LegalRole, Problem, ProblemKind, Reading};
use forebear_types::run::SourceKind;
use forebear_types::{ObjectId, RepoPath, Snapshot};

use crate::formats::{self, File, Interest};
use spent::{Limits, Metered, Spent};

pub use git::GitHandle;
pub use memory::Memory;
pub use open::{OpenError, Opened, What, open};
pub use overlay::Overlay;
pub use same::{Same, same_weights};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A file, or a link to one inside the source.
    File,
    /// A link that leaves the source, leads nowhere or in a circle. Never followed.
    Symlink,
    /// Another repository's commit.
    Submodule,
    /// A pipe, socket or device. Never opened.
    Special,
}

/// A file of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its path.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its size, where listing tells it.
    pub size: Option<u64>,
    /// Its git blob id, where listing tells it.
    pub blob: Option<ObjectId>,
}

/// The entries of a source, in order of their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries.
    pub entries: Vec<Entry>,
    /// What could not be listed.
    pub problems: Vec<Problem>,
}

/// A file's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// At most `limit` bytes; where the file is larger, any number of its first bytes.
    pub bytes: Vec<u8>,
    /// The size of the file.
    pub size: u64,
}

/// A file that is read in some places only: its header, its directory, its end.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// A place that files come from.
pub trait Source {
    /// What kind of source this is.
    fn kind(&self) -> SourceKind;

    /// The state of the repository that it shows.
    fn snapshot(&self) -> Snapshot;

    /// All entries, sorted by path.
    fn list(&self) -> Listing;

    /// Reads a file; no more than `limit` bytes are ever held.
    ///
    /// # Errors
    /// The problem that a report shows.
    fn read(&self, entry: &Entry, limit: u64) -> Result<Content, Problem>;

    /// Opens a file of any size, to read parts of it. Objects of git cannot be read in parts: those of more than
    /// 64 MiB are refused.
    ///
    /// # Errors
    /// The problem that a report shows.
    fn open<'s>(&'s self, entry: &Entry) -> Result<Box<dyn ReadSeek + 's>, Problem>;
}

/// The largest git object that is loaded for the sake of its header. Weights of that size are kept in Git LFS, where the object
/// is a pointer.
pub(crate) const WHOLE_OBJECT: u64 = 64 << 20;

/// Reads everything of interest in a source. The second value is the number of files listed.
///
/// What is read has a bound over all files beside that of each reader; the first file beyond it is named in a problem.
pub fn examine(source: &dyn Source) -> (Reading, usize) {
    examine_within(source, Limits::default())
}

fn examine_within(source: &dyn Source, limits: Limits) -> (Reading, usize) {
    let mut spent = Spent::new(limits);
    let snapshot = source.snapshot();
    let Listing { entries, problems } = source.list();
    let mut reading = Reading { facts: Vec::new(), problems };
    let files = entries.iter().filter(|entry| entry.kind == EntryKind::File).count();
    for entry in &entries {
        if let Some(interest) = formats::interest(&entry.path) {
            take(source, entry, interest, &snapshot, &mut spent, &mut reading);
        }
    }
    // A card may call any file its licence.
    let linked = linked_by_cards(&reading.facts);
    for entry in entries.iter().filter(|entry| linked.contains(&entry.path)) {
        if formats::interest(&entry.path).is_none() {
            let interest = Interest::LegalFile(LegalRole::License);
            take(source, entry, interest, &snapshot, &mut spent, &mut reading);
        }
    }
    spent.finish(&mut reading);
    let folders = model_folders(entries.iter().map(|entry| &entry.path));
    for fact in &mut reading.facts {
        formats::rescope(fact, &folders);
    }
    reading.facts.sort_by(|one, two| one.path.cmp(&two.path));
    reading.problems.sort();
    (reading, files)
}

/// Reads one file.
fn take(
    source: &dyn Source,
    entry: &Entry,
    interest: Interest,
    snapshot: &Snapshot,
    spent: &mut Spent,
    reading: &mut Reading,
) {
    match entry.kind {
        EntryKind::File => {}
        EntryKind::Symlink | EntryKind::Special => {
            reading.problems.push(not_opened(entry));
            return;
        }
        EntryKind::Submodule => return,
    }
    // Of weights, the name and a pointer still cost nothing.
    if spent.is_all() && !matches!(interest, Interest::Weights(_)) {
        spent.leave_out(&entry.path);
        let file = File { path: &entry.path, bytes: &[], size: 0, blob: entry.blob, snapshot };
        formats::note_unread(file, interest, reading);
        return;
    }
    match source.read(entry, formats::budget(interest)) {
        Ok(content) => {
            let file = File {
                path: &entry.path,
                bytes: &content.bytes,
                size: content.size,
                blob: entry.blob,
                snapshot,
            };
            let mut read = formats::read(file, interest);
            if formats::has_header(&read, file, interest) {
                if spent.is_all() {
                    spent.leave_out(&entry.path);
                } else {
                    match source.open(entry) {
                        Ok(stream) => {
                            let mut stream = Metered { stream, bytes: 0 };
                            formats::read_header(file, interest, &mut stream, &mut read);
                            spent.add_bytes(stream.bytes);
                        }
                        Err(problem) => read.problems.push(problem),
                    }
                }
            }
            spent.add_bytes(content.bytes.len() as u64);
            spent.add_facts(&read.facts);
            reading.facts.append(&mut read.facts);
            reading.problems.append(&mut read.problems);
        }
        Err(problem) => {
            // A legal file that is there but cannot be read must not count as absent.
            let file = File { path: &entry.path, bytes: &[], size: 0, blob: entry.blob, snapshot };
            formats::note_unread(file, interest, reading);
            reading.problems.push(problem);
        }
    }
}

/// The files that `license_link` of a card names: a path, or the address of a file on the Hub.
fn linked_by_cards(facts: &[Fact]) -> BTreeSet<RepoPath> {
    let links = facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::ModelCard(card) => Some(card.license_link.as_ref()?.value.as_str()),
        _ => None,
    });
    links.filter_map(linked_path).collect()
}

/// The path in `LICENSE.txt`, `./docs/TERMS.md`, or `https://…/org/name/blob/main/TERMS.md`.
fn linked_path(link: &str) -> Option<RepoPath> {
    let link = link.split(['#', '?']).next()?.trim();
    let path = match link.split_once("://") {
        None => link.trim_start_matches("./").trim_start_matches('/'),
        Some((_, address)) => {
            let file = ["/blob/", "/resolve/", "/raw/"].iter().find_map(|part| address.split_once(part))?;
            // The first part behind is the revision.
            file.1.split_once('/')?.1
        }
    };
    RepoPath::new(path).ok().filter(|path| !path.is_root())
}

/// The folders that hold a model: a configuration, an adapter or weights, by their names.
pub(crate) fn model_folders<'a>(paths: impl Iterator<Item = &'a RepoPath>) -> BTreeSet<RepoPath> {
    paths
        .filter(|path| {
            matches!(
                formats::interest(path),
                Some(
                    Interest::ModelConfig
                        | Interest::AdapterConfig
                        | Interest::Weights(_)
                        | Interest::WeightIndex(_)
                )
            )
        })
        .filter_map(RepoPath::parent)
        .collect()
}

fn not_opened(entry: &Entry) -> Problem {
    let (what, remedy) = match entry.kind {
        EntryKind::Special => {
            ("this is a pipe, socket or device: it is not opened", "put a plain file in its place")
        }
        _ => (
            "this link leaves the folder or leads nowhere: it is not followed",
            "put the file itself in its place: whoever copies the folder gets a dead link",
        ),
    };
    Problem {
        path: entry.path.clone(),
        line: None,
        kind: ProblemKind::Listing,
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    }
}

pub(crate) use tree::{Found, blob_bytes, follow_link};

pub(crate) fn unreadable(path: &RepoPath, cause: impl std::fmt::Display) -> Problem {
    Problem {
        path: path.clone(),
        line: None,
        kind: ProblemKind::Unreadable,
        what: format!("the file cannot be read: {cause}"),
        remedy: "check that it is a readable file, and check again".to_owned(),
    }
}

#[cfg(test)]
mod linked_tests {
    use super::*;

    #[test]
    fn a_link_names_a_file_of_the_repository() {
        let path = |link: &str| linked_path(link).map(|path| path.to_string());
        assert_eq!(path("TERMS.md").as_deref(), Some("TERMS.md"));
        assert_eq!(path("./docs/TERMS.md#use").as_deref(), Some("docs/TERMS.md"));
        assert_eq!(path("https://hub.example/o/n/blob/main/docs/T.md?x=1").as_deref(), Some("docs/T.md"));
        assert_eq!(path("https://hub.example/o/n/resolve/main/T.md").as_deref(), Some("T.md"));
        for elsewhere in
            ["https://hub.example/terms", "../../etc/passwd", "/", "", "https://hub.example/o/n/blob/main"]
        {
            assert_eq!(path(elsewhere), None, "{elsewhere}");
        }
    }
}
