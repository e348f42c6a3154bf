//! The directory of a zip archive, as far as checkpoints need it.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (zip64
//! and end records), 4.5.3 (zip64 extra field). Archives of several disks are refused.

use std::io::{self, Read, SeekFrom};

use crate::source::ReadSeek;

/// Most bytes of a directory: 300,000 entries with names of 60 bytes.
const DIRECTORY: u64 = 32 << 20;

/// An end record, and the longest comment behind it.
const TAIL: u64 = 22 + 0xffff;

/// An entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name; bytes that are no UTF-8 are replaced.
    pub(crate) name: String,
    /// 0 is stored, 8 deflated.
    pub(crate) method: u16,
    pub(crate) encrypted: bool,
    /// Bytes in the archive.
    pub(crate) packed: u64,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// Where its local header stands.
    offset: u64,
    /// Bytes of the name as it stands in the archive.
    name_length: u64,
}

/// The entries of an archive, in the order of its directory.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) entries: Vec<Entry>,
    /// What breaks the rules.
    pub(crate) faults: Vec<String>,
}

/// Why there is no directory.
#[derive(Debug)]
pub(crate) enum Failure {
    Io(io::Error),
    /// What is wrong with the archive.
    Broken(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn broken<T>(what: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Broken(what.into()))
}

/// Where the directory stands.
struct End {
    entries: u64,
    length: u64,
    start: u64,
    /// Where the records that end the archive begin.
    records: u64,
}

/// Reads the directory of an archive of `size` bytes.
pub(crate) fn directory(stream: &mut dyn ReadSeek, size: u64) -> Result<Directory, Failure> {
    let end = end(stream, size)?;
    if end.start.checked_add(end.length).is_none_or(|last| last > end.records) {
        return broken(format!(
            "the directory of the archive is said to have {} bytes from byte {}, beyond byte {} where it ends",
            end.length, end.start, end.records
        ));
    }
    if end.length > DIRECTORY {
        return broken(format!(
            "the directory of the archive has {} bytes, more than {DIRECTORY}",
            end.length
        ));
    }
    if end.entries > end.length / 46 {
        return broken(format!(
            "the archive is said to hold {} entries, more than its directory of {} bytes can list",
            end.entries, end.length
        ));
    }
    let bytes = read_at(stream, end.start, end.length)?;
    let mut directory = Directory::default();
    let mut rest = bytes.as_slice();
    for number in 0..end.entries {
        let at = end.start + (bytes.len() - rest.len()) as u64;
        let Some((entry, length)) = entry(rest) else {
            directory
                .faults
                .push(format!("the entry {number} of the directory is cut or damaged (byte {at})"));
            break;
        };
        rest = &rest[length..];
        directory.entries.push(entry);
    }
    directory.overlaps(end.start);
    Ok(directory)
}

impl Directory {
    /// Entries that lie in each other, or in the directory: a way to make a small archive look immense.
    fn overlaps(&mut self, end: u64) {
        let mut spans: Vec<(u64, u64, usize)> = Vec::with_capacity(self.entries.len());
        for (number, entry) in self.entries.iter().enumerate() {
            // The local header has 30 bytes, the name again, and an extra field of its own that is not known here.
            let header = 30 + entry.name_length;
            spans.push((
                entry.offset,
                entry.offset.saturating_add(header).saturating_add(entry.packed),
                number,
            ));
        }
        spans.sort_unstable();
        let mut reached = 0;
        let (mut overlapping, mut beyond) = (0, 0);
        let mut first = None;
        for (start, last, number) in spans {
            if last > end {
                beyond += 1;
                first = first.or(Some(number));
            } else if start < reached {
                overlapping += 1;
                first = first.or(Some(number));
            }
            reached = reached.max(last);
        }
        let name = first.map(|number| super::shown(&self.entries[number].name)).unwrap_or_default();
        if beyond > 0 {
            self.faults.push(format!(
                "{beyond} of the archive's entries reach beyond the place of their data, such as {name}"
            ));
        }
        if overlapping > 0 {
            self.faults
                .push(format!("{overlapping} of the archive's entries overlap others, such as {name}"));
        }
    }
}

/// Where the bytes of an entry begin, by its local header.
pub(crate) fn start(stream: &mut dyn ReadSeek, size: u64, entry: &Entry) -> Result<u64, Failure> {
    if entry.offset.checked_add(30).is_none_or(|last| last > size) {
        return broken(format!("the entry is said to stand at byte {}, beyond the file", entry.offset));
    }
    let header = read_at(stream, entry.offset, 30)?;
    if !header.starts_with(b"PK\x03\x04") {
        return broken(format!("no entry begins at byte {}, where the directory places one", entry.offset));
    }
    let (name, extra) = (u64::from(u16_at(&header, 26)), u64::from(u16_at(&header, 28)));
    let start = entry.offset + 30 + name + extra;
    if start.checked_add(entry.packed).is_none_or(|last| last > size) {
        return broken(format!(
            "the entry is said to have {} bytes from byte {start}, and the file has {size}",
            entry.packed
        ));
    }
    let name = read_at(stream, entry.offset + 30, name)?;
    if String::from_utf8_lossy(&name) != entry.name {
        return broken(format!("the entry at byte {} has another name than in the directory", entry.offset));
    }
    Ok(start)
}

fn end(stream: &mut dyn ReadSeek, size: u64) -> Result<End, Failure> {
    let tail_start = size.saturating_sub(TAIL);
    let tail = read_at(stream, tail_start, size - tail_start)?;
    // The record that ends the file: its comment reaches to the last byte. A comment may hold the mark itself.
    let found = (0..tail.len().saturating_sub(21)).rev().find(|at| {
        tail[*at..].starts_with(b"PK\x05\x06") && at + 22 + usize::from(u16_at(&tail, at + 20)) == tail.len()
    });
    let Some(at) = found else {
        return broken("the archive has no end record: it was cut, or something was added behind it");
    };
    let record = &tail[at..];
    let at = tail_start + at as u64;
    let (disk, disk_of_directory) = (u16_at(record, 4), u16_at(record, 6));
    let mut end = End {
        entries: u64::from(u16_at(record, 10)),
        length: u64::from(u32_at(record, 12)),
        start: u64::from(u32_at(record, 16)),
        records: at,
    };
    let small = end.entries == 0xffff || end.length == 0xffff_ffff || end.start == 0xffff_ffff;
    if small && at >= 20 {
        let locator = read_at(stream, at - 20, 20)?;
        if locator.starts_with(b"PK\x06\x07") {
            let place = u64_at(&locator, 8);
            if place.checked_add(56).is_none_or(|last| last > at - 20) {
                return broken(format!("the zip64 record is said to stand at byte {place}, where none can"));
            }
            let record = read_at(stream, place, 56)?;
            if !record.starts_with(b"PK\x06\x06") {
                return broken(format!("there is no zip64 record at byte {place}"));
            }
            end = End {
                entries: u64_at(&record, 32),
                length: u64_at(&record, 40),
                start: u64_at(&record, 48),
                records: place,
            };
        }
    } else if disk != 0 || disk_of_directory != 0 {
        return broken("the archive is one of several disks");
    }
    Ok(end)
}

/// The first entry of a directory's rest, and its length.
fn entry(rest: &[u8]) -> Option<(Entry, usize)> {
    let fixed = rest.get(..46)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(fixed, at)));
    let length = 46 + name + extra + comment;
    let bytes = rest.get(..length)?;
    let mut entry = Entry {
        name: String::from_utf8_lossy(&bytes[46..46 + name]).into_owned(),
        encrypted: u16_at(fixed, 8) & 1 == 1,
        method: u16_at(fixed, 10),
        packed: u64::from(u32_at(fixed, 20)),
        size: u64::from(u32_at(fixed, 24)),
        offset: u64::from(u32_at(fixed, 42)),
        name_length: name as u64,
    };
    zip64(&bytes[46 + name..46 + name + extra], &mut entry)?;
    Some((entry, length))
}

/// Replaces the values that did not fit by those of the zip64 field; `None` where it lacks them.
fn zip64(mut extra: &[u8], entry: &mut Entry) -> Option<()> {
    let mut long = None;
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let field = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == 1 {
            long = Some(field);
        }
        extra = &extra[4 + length..];
    }
    for value in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
        if *value == 0xffff_ffff {
            // Without the field the value may be meant as it is.
            let Some(field) = long else { return Some(()) };
            *value = u64::from_le_bytes(field.get(..8)?.try_into().ok()?);
            long = field.get(8..);
        }
    }
    Some(())
}

/// Reads `length` bytes, which the caller has compared with the size of the file.
pub(crate) fn read_at(stream: &mut dyn ReadSeek, at: u64, length: u64) -> Result<Vec<u8>, Failure> {
    stream.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    stream.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return broken(format!("the file ends at byte {}", at + bytes.len() as u64));
    }
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    little(bytes, at, 2) as u16
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    little(bytes, at, 4) as u32
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    little(bytes, at, 8)
}

/// A little-endian number; bytes beyond the end count as zero.
fn little(bytes: &[u8], at: usize, length: usize) -> u64 {
    (0..length)
        .rev()
        .fold(0, |number, index| number << 8 | u64::from(bytes.get(at + index).copied().unwrap_or(0)))
}
