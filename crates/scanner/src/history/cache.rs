//! What an earlier walk found out, kept in the user's cache folder: a second walk costs what is new.
//!
//! Everything in it is named by content: a commit's id stands for its parents, times and projection, a blob's id for the licences
//! in it. So nothing in it goes stale; it may be deleted at any time, and a file that is broken, of another version or for other
//! questions is as good as none. Findings do not rest on it: [`verify`](super::verify()) reads what supports them again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use forebear_types::license::{
    Change, CopyrightLine, Coverage, LicenseMatch, MatchStatus, NamedLicense, Recognition,
};
use forebear_types::{LicenseId, LineSpan, RepoPath, Time};
use git2::Oid;
use sha2::{Digest, Sha256};

use super::parse::Kind;
use super::projection::Entry;

/// Changes with everything that changes what is kept or how: the layout below, and which files a history looks at.
const FORMAT: &[u8] = b"forebear history 1\n";

/// Below this many commits that are not in it, a cache is not written: reading them costs less.
const WORTH: usize = 1_000;

/// A cache file larger than this is not read.
const LARGEST: u64 = 1 << 30;

/// A commit as the cache knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) parents: Vec<Oid>,
    pub(crate) author_time: Time,
    pub(crate) time: Time,
    pub(crate) projection: u32,
}

/// A projection's own entries: files, and folders with the numbers of their projections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownNode {
    pub(crate) files: Vec<(u32, Entry)>,
    pub(crate) folders: Vec<(u32, u32)>,
}

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// Names by number.
    pub(crate) names: Vec<Vec<u8>>,
    /// Projections by number.
    pub(crate) nodes: Vec<KnownNode>,
    pub(crate) commits: HashMap<Oid, Known>,
    /// What was recognised in blobs. Legal files and cards are read differently, so the way is part of the key.
    pub(crate) recognised: BTreeMap<(Oid, u8), Recognition>,
    /// Merges that did nothing of their own.
    pub(crate) quiet: BTreeSet<Oid>,
}

/// A cache file, there or to be written.
#[derive(Debug)]
pub(crate) struct Cache {
    file: Option<PathBuf>,
    was_there: bool,
    pub(crate) content: Content,
}

impl Cache {
    /// Reads the cache for a repository's folder and for what is looked at in it; `folder` is that of all caches.
    pub(crate) fn read(
        folder: Option<&Path>,
        repository: &Path,
        prefix: &RepoPath,
        linked: &[&RepoPath],
    ) -> Self {
        let Some(folder) = folder else {
            return Self { file: None, was_there: false, content: Content::default() };
        };
        let mut key = Sha256::new();
        key.update(FORMAT);
        key.update(env!("CARGO_PKG_VERSION"));
        for part in [repository.as_os_str().as_encoded_bytes(), prefix.as_bytes()]
            .into_iter()
            .chain(linked.iter().map(|path| path.as_bytes()))
        {
            key.update((part.len() as u64).to_le_bytes());
            key.update(part);
        }
        let name: String = key.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let file = folder.join(format!("{name}.history"));
        let content: Content = fs::metadata(&file)
            .ok()
            .filter(|data| data.len() <= LARGEST)
            .and_then(|_| fs::read(&file).ok())
            .and_then(|bytes| parse(&bytes))
            // Without commits its numbers serve nothing, and packs bring names of their own.
            .filter(|content| !content.commits.is_empty())
            .unwrap_or_default();
        Self { was_there: !content.commits.is_empty(), file: Some(file), content }
    }

    /// Whether there was a cache of this repository.
    pub(crate) fn was_there(&self) -> bool {
        self.was_there
    }

    /// Whether a walk that read so many commits anew should be kept.
    pub(crate) fn is_worth(&self, fresh: usize) -> bool {
        self.file.is_some() && (fresh >= WORTH || (self.was_there && fresh > 0))
    }

    /// Writes what a walk found out. That it cannot be written is no problem of the repository: the next walk takes as long as
    /// this one did.
    pub(crate) fn write(&self, content: &Content) {
        let Some(file) = &self.file else { return };
        let Some(folder) = file.parent() else { return };
        let bytes = write(content);
        // Written whole under a name of its own first: nobody reads half a cache, and an interrupted run leaves the old one.
        let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::File::create(&temporary))
            .and_then(|mut out| out.write_all(&bytes))
            .and_then(|()| fs::rename(&temporary, file));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
    }
}

/// The content as bytes, with a digest at the end.
fn write(content: &Content) -> Vec<u8> {
    let mut out = Out(FORMAT.to_vec());
    out.list(&content.names, |out, name| out.bytes(name));
    out.list(&content.nodes, |out, node| {
        out.list(&node.files, |out, (name, entry)| {
            out.number(u64::from(*name));
            out.number(kind_number(entry.kind));
            out.oid(entry.blob);
        });
        out.list(&node.folders, |out, (name, child)| {
            out.number(u64::from(*name));
            out.number(u64::from(*child));
        });
    });
    let mut commits: Vec<(&Oid, &Known)> = content.commits.iter().collect();
    commits.sort_by_key(|(id, _)| **id);
    out.list(&commits, |out, (id, known)| {
        out.oid(**id);
        out.list(&known.parents, |out, parent| out.oid(*parent));
        out.time(known.author_time);
        out.time(known.time);
        out.number(u64::from(known.projection));
    });
    let recognised: Vec<_> = content.recognised.iter().collect();
    out.list(&recognised, |out, ((id, way), recognition)| {
        out.oid(*id);
        out.number(u64::from(*way));
        out.recognition(recognition);
    });
    let quiet: Vec<Oid> = content.quiet.iter().copied().collect();
    out.list(&quiet, |out, id| out.oid(*id));
    let digest = Sha256::digest(&out.0);
    out.0.extend_from_slice(&digest);
    out.0
}

fn parse(bytes: &[u8]) -> Option<Content> {
    let (body, digest) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    (Sha256::digest(body).as_slice() == digest).then_some(())?;
    let mut input = In(body.strip_prefix(FORMAT)?);
    let names = input.list(|input| input.bytes().map(<[u8]>::to_vec))?;
    let (known_names, mut last) = (names.len() as u64, 0u64);
    let nodes = input.list(|input| {
        let files = input.list(|input| {
            let name = input.below(known_names)?;
            let kind = number_kind(input.number()?)?;
            Some((name, Entry { kind, blob: input.oid()? }))
        })?;
        // Children come before their folders, but for the two that stand for "nothing" and "unknown".
        let folders = input.list(|input| Some((input.below(known_names)?, input.below(last.max(2))?)))?;
        last += 1;
        Some(KnownNode { files, folders })
    })?;
    let projections = nodes.len() as u64;
    let commits = input.list(|input| {
        let id = input.oid()?;
        let parents = input.list(In::oid)?;
        let (author_time, time) = (input.time()?, input.time()?);
        Some((id, Known { parents, author_time, time, projection: input.below(projections)? }))
    })?;
    let recognised = input.list(|input| {
        let id = input.oid()?;
        let way = input.below(256)? as u8;
        Some(((id, way), input.recognition()?))
    })?;
    let quiet = input.list(In::oid)?.into_iter().collect();
    input.0.is_empty().then(|| Content {
        quiet,
        names,
        nodes,
        commits: commits.into_iter().collect(),
        recognised: recognised.into_iter().collect(),
    })
}

fn kind_number(kind: Kind) -> u64 {
    match kind {
        Kind::File => 0,
        Kind::Link => 1,
        Kind::Module => 2,
        Kind::Folder => 3,
    }
}

fn number_kind(number: u64) -> Option<Kind> {
    [Kind::File, Kind::Link, Kind::Module, Kind::Folder].get(usize::try_from(number).ok()?).copied()
}

/// Bytes being written: numbers in LEB128, lists and strings with their length before them.
struct Out(Vec<u8>);

impl Out {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn oid(&mut self, id: Oid) {
        self.0.extend_from_slice(id.as_bytes());
    }

    fn time(&mut self, time: Time) {
        self.0.extend_from_slice(&time.seconds.to_le_bytes());
        self.0.extend_from_slice(&time.offset_minutes.to_le_bytes());
    }

    fn list<T>(&mut self, list: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u64);
        list.iter().for_each(|item| each(self, item));
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&String>) {
        self.number(u64::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn lines(&mut self, lines: LineSpan) {
        self.number(u64::from(lines.first));
        self.number(u64::from(lines.last));
    }

    fn recognition(&mut self, recognition: &Recognition) {
        self.list(&recognition.licenses, |out, found| {
            out.text(found.id.as_str());
            out.number(u64::from(found.coverage.thousandths()));
            out.lines(found.lines);
            match &found.status {
                MatchStatus::Exact => out.number(0),
                MatchStatus::Complete => out.number(1),
                MatchStatus::Altered { changes } => {
                    out.number(2);
                    out.list(changes, |out, change| {
                        out.number(u64::from(change.line));
                        out.text(&change.expected);
                        out.text(&change.found);
                    });
                }
                MatchStatus::Incomplete { missing } => {
                    out.number(3);
                    out.list(missing, |out, words| out.text(words));
                }
            }
        });
        self.list(&recognition.copyright, |out, line| {
            out.text(&line.text);
            out.optional(line.holder.as_ref());
            out.optional(line.years.as_ref());
            out.number(u64::from(line.line));
        });
        self.list(&recognition.named, |out, named| {
            out.text(named.id.as_str());
            out.number(u64::from(named.line));
            out.number(u64::from(named.stands_alone));
        });
        self.list(&recognition.unrecognised, |out, lines| out.lines(*lines));
    }
}

/// Bytes being read. Whatever ends too early or is out of range makes the whole cache as good as none.
struct In<'b>(&'b [u8]);

impl<'b> In<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn below(&mut self, bound: u64) -> Option<u32> {
        self.number().filter(|number| *number < bound).and_then(|number| u32::try_from(number).ok())
    }

    fn line(&mut self) -> Option<u32> {
        self.below(1 << 32)
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn oid(&mut self) -> Option<Oid> {
        Oid::from_bytes(self.take(20)?).ok()
    }

    fn time(&mut self) -> Option<Time> {
        let seconds = i64::from_le_bytes(self.take(8)?.try_into().ok()?);
        let offset_minutes = i16::from_le_bytes(self.take(2)?.try_into().ok()?);
        Some(Time { seconds, offset_minutes })
    }

    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        // Every item has a byte at least: a length that lies cannot make room for more.
        let mut list = Vec::with_capacity(usize::try_from(length).ok()?.min(self.0.len()));
        for _ in 0..length {
            list.push(each(self)?);
        }
        Some(list)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn optional(&mut self) -> Option<Option<String>> {
        match self.number()? {
            0 => Some(None),
            _ => self.text().map(Some),
        }
    }

    fn lines(&mut self) -> Option<LineSpan> {
        Some(LineSpan { first: self.line()?, last: self.line()? })
    }

    fn recognition(&mut self) -> Option<Recognition> {
        let licenses = self.list(|input| {
            let id = LicenseId::new(input.text()?);
            let coverage = Coverage::of(input.below(1001)? as usize, 1000);
            let lines = input.lines()?;
            let status = match input.number()? {
                0 => MatchStatus::Exact,
                1 => MatchStatus::Complete,
                2 => MatchStatus::Altered {
                    changes: input.list(|input| {
                        Some(Change { line: input.line()?, expected: input.text()?, found: input.text()? })
                    })?,
                },
                3 => MatchStatus::Incomplete { missing: input.list(In::text)? },
                _ => return None,
            };
            Some(LicenseMatch { id, coverage, status, lines })
        })?;
        let copyright = self.list(|input| {
            Some(CopyrightLine {
                text: input.text()?,
                holder: input.optional()?,
                years: input.optional()?,
                line: input.line()?,
            })
        })?;
        let named = self.list(|input| {
            Some(NamedLicense {
                id: LicenseId::new(input.text()?),
                line: input.line()?,
                stands_alone: input.number()? != 0,
            })
        })?;
        Some(Recognition { licenses, copyright, named, unrecognised: self.list(In::lines)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        let id = |byte: u8| Oid::from_bytes(&[byte; 20]).unwrap();
        let entry = Entry { kind: Kind::File, blob: id(9) };
        let altered = "Permission is hereby granted to nobody at all. Copyright (c) 2023 DeepSeek";
        let recognition = forebear_licenses::recognise(altered);
        Content {
            names: vec![b"LICENSE".to_vec(), b"\xff".to_vec()],
            nodes: vec![
                KnownNode::default(),
                KnownNode::default(),
                KnownNode { files: vec![(0, entry)], folders: vec![] },
                KnownNode { files: vec![], folders: vec![(1, 2)] },
            ],
            commits: HashMap::from([(
                id(1),
                Known {
                    parents: vec![id(2), id(3)],
                    author_time: Time { seconds: -5, offset_minutes: 90 },
                    time: Time { seconds: 1 << 40, offset_minutes: -480 },
                    projection: 3,
                },
            )]),
            recognised: BTreeMap::from([((id(9), 1), recognition)]),
            quiet: BTreeSet::from([id(1), id(4)]),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let content = content();
        assert_eq!(parse(&write(&content)), Some(content));
        assert_eq!(parse(&write(&Content::default())), Some(Content::default()));
    }

    #[test]
    fn what_is_broken_is_as_good_as_none() {
        let bytes = write(&content());
        for cut in 0..bytes.len() {
            assert_eq!(parse(&bytes[..cut]), None);
        }
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 0x10;
            assert_eq!(parse(&broken), None);
        }
    }

    /// The digest guards against accidents only: numbers are checked all the same.
    #[test]
    fn numbers_out_of_range_are_refused() {
        let sealed = |body: &[u8]| [body, Sha256::digest(body).as_slice()].concat();
        let whole = write(&content());
        let body = &whole[..whole.len() - 32];
        for at in FORMAT.len()..body.len() {
            let mut forged = body.to_vec();
            forged[at] = 0xff;
            if let Some(parsed) = parse(&sealed(&forged)) {
                assert!(
                    parsed
                        .nodes
                        .iter()
                        .flat_map(|node| &node.folders)
                        .all(|(_, child)| (*child as usize) < parsed.nodes.len())
                );
            }
        }
    }
}
