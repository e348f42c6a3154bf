//! Checkpoints of PyTorch: what tensors they hold, without running what they are.
//!
//! A checkpoint is a pickle, a program that can do anything when it is loaded. Here it is only read: see [`pickle`].
//!
//! Source: PyTorch's `torch/serialization.py`. Since version 1.6 `torch.save` writes a zip archive with `<name>/data.pkl` and
//! the elements of each storage in `<name>/data/<key>`, all stored as they are; before, five parts followed each other: a
//! magic number, a protocol number, facts about the machine, the pickle, the keys of the storages (each a pickle), then for
//! each storage the count of its elements (8 bytes) and the elements.

mod globals;
mod input;
mod pickle;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod zip;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, SeekFrom};

use forebear_types::fact::{ProblemKind, Reading, TensorSource, WeightsFormat};

use self::globals::element_bytes;
use self::input::{Input, PICKLE, Stop};
use self::pickle::{Machine, Value};
use self::state::Placed;
use super::File;
use super::tensor_list::{DIMENSIONS, TensorList, looks_like, shown};
use crate::source::ReadSeek;

/// `MAGIC_NUMBER` of `torch/serialization.py`, 0x1950a86a20f9469cfc6c, as a pickle of protocol 2 writes it.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// Most tensors that are taken from a pickle, which also bounds its names.
const TENSORS: usize = 1_000_000;

/// Names of code that are told; the others are counted.
const NAMED: usize = 5;

const REMEDY: &str = "download or write the file again; what could be read was used";

/// Where the tensors of a checkpoint lie.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Whether numbers are big-endian, as the archive's `byteorder` says.
    pub(crate) big: bool,
    /// Whether it is an archive. The elements of other checkpoints are not read.
    pub(crate) archive: bool,
    /// Of two with one name the last counts.
    pub(crate) tensors: Vec<Place>,
}

/// Where one tensor lies.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its name.
    pub(crate) name: Box<str>,
    /// First byte of its storage in the file, and the storage's bytes; or why they cannot be told.
    pub(crate) storage: Result<(u64, u64), String>,
    /// The first element, counted in the storage.
    pub(crate) offset: u64,
    /// Elements between neighbours in each dimension.
    pub(crate) strides: Box<[u64]>,
}

/// Reads the names and shapes; the elements of the tensors are not read.
pub(crate) fn read_header(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) {
    read_into(file, stream, reading, None);
}

/// As [`read_header`]; and says where the tensors lie.
pub(crate) fn read_places(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) -> Places {
    let mut places = Places::default();
    read_into(file, stream, reading, Some(&mut places));
    places
}

fn read_into(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading, places: Option<&mut Places>) {
    let mut list = TensorList::new(file, REMEDY);
    let mut first = Vec::new();
    let opening =
        stream.seek(SeekFrom::Start(0)).and_then(|_| (&mut *stream).take(16).read_to_end(&mut first));
    match opening {
        Err(cause) => list.unreadable(&cause),
        Ok(_) if first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06") => {
            archive(stream, file.size, &mut list, places);
        }
        Ok(_) if first.starts_with(MAGIC) => legacy(stream, file.size, &mut list),
        Ok(_) if first.len() >= 2 && first[0] == 0x80 && first[1] <= 5 => plain(stream, file.size, &mut list),
        Ok(_) => {
            let what = match looks_like(&first) {
                Some(other) => format!("this is no checkpoint of PyTorch but {other}"),
                None if first.is_empty() => "the file is empty".to_owned(),
                None => "this is no checkpoint of PyTorch: neither a zip archive nor a pickle".to_owned(),
            };
            let remedy = "if the file holds weights in another format, list their origin in the model card";
            list.cut(ProblemKind::Unsupported, what, remedy);
        }
    }
    list.finish(TensorSource::Header(WeightsFormat::PyTorch), reading);
}

/// A zip archive.
fn archive(stream: &mut dyn ReadSeek, size: u64, list: &mut TensorList<'_>, mut places: Option<&mut Places>) {
    let directory = match zip::directory(stream, size) {
        Ok(directory) => directory,
        Err(failure) => return failed(failure, "the archive", list),
    };
    for fault in &directory.faults {
        list.fault(fault.clone());
    }
    let is_pickle =
        |entry: &&zip::Entry| entry.name.strip_suffix("/data.pkl").is_some_and(|top| !top.contains('/'));
    let Some(entry) = directory.entries.iter().find(is_pickle) else {
        list.lost("the zip archive holds no `data.pkl`: it is no checkpoint of PyTorch".to_owned());
        return;
    };
    if entry.encrypted || !matches!(entry.method, 0 | 8) || entry.method == 0 && entry.packed != entry.size {
        let what = format!("{} in the archive is encrypted or packed in an unusual way", shown(&entry.name));
        list.cut(ProblemKind::Unsupported, what, REMEDY);
        return;
    }
    if entry.size > PICKLE || entry.packed > PICKLE {
        let what = format!(
            "{} in the archive has {} bytes ({} packed), more than the {PICKLE} that are examined",
            shown(&entry.name),
            entry.size,
            entry.packed
        );
        list.cut(ProblemKind::Oversized, what, "split the checkpoint, or write it as safetensors");
        return;
    }
    let start = match zip::start(stream, size, entry) {
        Ok(start) => start,
        Err(failure) => return failed(failure, &shown(&entry.name), list),
    };
    let prefix = entry.name.strip_suffix("data.pkl").unwrap_or_default();
    let entries: BTreeMap<&str, &zip::Entry> = directory
        .entries
        .iter()
        .filter_map(|entry| Some((entry.name.strip_prefix(prefix)?.strip_prefix("data/")?, entry)))
        .collect();
    let sizes = Sizes::Archive(entries.iter().map(|(key, entry)| (*key, entry.size)).collect());
    let mut found = places.is_some().then(Vec::new);
    if entry.method == 0 {
        match Input::new(stream, start, entry.packed) {
            Ok(mut input) => {
                walk(&mut input, &sizes, list, found.as_mut());
            }
            Err(cause) => list.unreadable(&cause),
        }
    } else {
        packed_pickle(stream, start, entry, &sizes, list, found.as_mut());
    }
    if let (Some(places), Some(found)) = (&mut places, found) {
        places.archive = true;
        places.big = is_big(stream, size, &directory, prefix);
        places.tensors = placed(stream, size, &entries, found);
    }
}

/// Whether the archive says that its numbers are big-endian.
fn is_big(stream: &mut dyn ReadSeek, size: u64, directory: &zip::Directory, prefix: &str) -> bool {
    let named = |entry: &&zip::Entry| entry.name.strip_prefix(prefix) == Some("byteorder");
    let entry = directory.entries.iter().find(named).filter(|entry| entry.method == 0 && entry.packed < 16);
    let bytes = entry.and_then(|entry| {
        let start = zip::start(stream, size, entry).ok()?;
        zip::read_at(stream, start, entry.packed).ok()
    });
    bytes.is_some_and(|bytes| bytes.trim_ascii() == b"big")
}

/// The places of tensors in the file; a storage is looked up once.
fn placed(
    stream: &mut dyn ReadSeek,
    size: u64,
    entries: &BTreeMap<&str, &zip::Entry>,
    found: Vec<(Box<str>, Placed)>,
) -> Vec<Place> {
    let mut known: BTreeMap<String, Result<(u64, u64), String>> = BTreeMap::new();
    let mut places = Vec::with_capacity(found.len());
    for (name, placed) in found {
        let key = placed.key.as_deref().unwrap_or_default();
        if !known.contains_key(key) {
            let place = match entries.get(key) {
                None => Err("the archive lacks its storage".to_owned()),
                Some(entry) if entry.encrypted || entry.method != 0 || entry.packed != entry.size => {
                    Err("its storage is packed or encrypted, and PyTorch stores them as they are".to_owned())
                }
                Some(entry) => match zip::start(stream, size, entry) {
                    Ok(start) => Ok((start, entry.size)),
                    Err(zip::Failure::Io(cause)) => Err(format!("the file cannot be read: {cause}")),
                    Err(zip::Failure::Broken(what)) => Err(what),
                },
            };
            known.insert(key.to_owned(), place);
        }
        let storage = known[key].clone();
        places.push(Place { name, storage, offset: placed.offset, strides: placed.strides });
    }
    places
}

/// A pickle that was deflated after PyTorch wrote it.
fn packed_pickle(
    stream: &mut dyn ReadSeek,
    start: u64,
    entry: &zip::Entry,
    sizes: &Sizes<'_>,
    list: &mut TensorList<'_>,
    found: Option<&mut Vec<(Box<str>, Placed)>>,
) {
    let packed = match zip::read_at(stream, start, entry.packed) {
        Ok(packed) => packed,
        Err(failure) => return failed(failure, &shown(&entry.name), list),
    };
    // No more is unpacked than the directory says, and that is bounded above.
    let limit = usize::try_from(entry.size).unwrap_or(0);
    let bytes = match miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, limit) {
        Ok(bytes) => bytes,
        Err(error) => {
            let what = format!(
                "{} in the archive cannot be unpacked to its {limit} bytes: {:?}",
                shown(&entry.name),
                error.status
            );
            list.lost(what);
            error.output
        }
    };
    let length = bytes.len() as u64;
    match Input::new(&mut Cursor::new(bytes), 0, length) {
        Ok(mut input) => {
            walk(&mut input, sizes, list, found);
        }
        Err(cause) => list.unreadable(&cause),
    };
}

/// The parts of a file from before version 1.6.
fn legacy(stream: &mut dyn ReadSeek, size: u64, list: &mut TensorList<'_>) {
    let mut input = match Input::new(stream, 0, size) {
        Ok(input) => input,
        Err(cause) => return list.unreadable(&cause),
    };
    for _ in 0..3 {
        if let Err(stop) = Machine::default().run(&mut input) {
            return stopped(stop, input.passed(), list);
        }
    }
    let Some(storages) = walk(&mut input, &Sizes::Unknown, list, None) else { return };
    if let Err(stop) = Machine::default().run(&mut input) {
        return stopped(stop, input.passed(), list);
    }
    // Of each storage its count and its elements.
    let needed = storages.values().try_fold(0u64, |sum, bytes| sum.checked_add(bytes.checked_add(8)?));
    if needed.is_none_or(|needed| needed > input.left()) {
        list.fault(format!(
            "the storages of the tensors need {} bytes, but only {} follow the pickles: the file was cut",
            needed.map_or("more than 2^64".to_owned(), |needed| needed.to_string()),
            input.left()
        ));
    }
}

/// A pickle by itself.
fn plain(stream: &mut dyn ReadSeek, size: u64, list: &mut TensorList<'_>) {
    match Input::new(stream, 0, size) {
        Ok(mut input) => {
            walk(&mut input, &Sizes::Unknown, list, None);
        }
        Err(cause) => list.unreadable(&cause),
    }
}

/// What the file says of the sizes of storages.
enum Sizes<'d> {
    /// Bytes of each storage by its key.
    Archive(BTreeMap<&'d str, u64>),
    Unknown,
}

/// Reads the pickle with the tensors. Gives the bytes that each storage needs by its key, if the pickle was read to its end.
fn walk(
    input: &mut Input<'_>,
    sizes: &Sizes<'_>,
    list: &mut TensorList<'_>,
    places: Option<&mut Vec<(Box<str>, Placed)>>,
) -> Option<BTreeMap<String, u64>> {
    let mut machine = Machine::default();
    let (root, ended) = match machine.run(input) {
        Ok(root) => (root, true),
        Err(stop) => {
            stopped(stop, input.passed(), list);
            (machine.rest(), false)
        }
    };
    tell_names(&machine, list);
    let storages = collect(&machine, root, sizes, list, places);
    ended.then_some(storages)
}

/// Lists the tensors, with what is wrong about their places.
fn collect(
    machine: &Machine,
    root: Value,
    sizes: &Sizes<'_>,
    list: &mut TensorList<'_>,
    mut places: Option<&mut Vec<(Box<str>, Placed)>>,
) -> BTreeMap<String, u64> {
    let found = state::tensors(machine, root, TENSORS);
    let mut storages = BTreeMap::new();
    for (tensor, placed) in found.tensors {
        if let Some(placed) = placed {
            let bytes = placed.elements.checked_mul(element_bytes(&placed.class).unwrap_or(1));
            if let Some(fault) = misplaced(&placed, bytes, sizes) {
                list.fault(format!("the tensor {} {fault}", shown(&tensor.name)));
            }
            if let Some(key) = &placed.key {
                storages.insert(key.to_string(), bytes.unwrap_or(u64::MAX));
            }
            if let Some(places) = &mut places {
                places.push((tensor.name.clone(), placed));
            }
        }
        if !list.push(tensor) {
            break;
        }
    }
    if let Some(bound) = found.bound {
        list.cut(ProblemKind::Oversized, format!("the checkpoint was examined in part: {bound}"), REMEDY);
    }
    storages
}

/// What is wrong about where a tensor's elements lie.
fn misplaced(placed: &Placed, bytes: Option<u64>, sizes: &Sizes<'_>) -> Option<String> {
    let has = match &placed.element {
        // A storage without a type is counted in bytes.
        Some(element) if placed.class.as_ref() == "UntypedStorage" => {
            placed.elements / element_bytes(element).unwrap_or(1)
        }
        _ => placed.elements,
    };
    if placed.reach.is_none_or(|reach| reach > has) {
        return Some(format!("reaches beyond its storage, which has {has} elements"));
    }
    let (Sizes::Archive(sizes), Some(key)) = (sizes, placed.key.as_deref()) else { return None };
    match (sizes.get(key), bytes) {
        (None, _) => {
            Some(format!("has its elements in {}, which the archive lacks", shown(&format!("data/{key}"))))
        }
        (Some(there), Some(bytes)) if *there >= bytes => None,
        (Some(there), _) => Some(format!("has a storage of {there} bytes, fewer than its elements need")),
    }
}

/// Says which code the checkpoint names.
fn tell_names(machine: &Machine, list: &mut TensorList<'_>) {
    if !machine.foreign.is_empty() {
        let named: Vec<String> = machine.foreign.iter().take(NAMED).map(|name| shown(name)).collect();
        let more = match machine.foreign.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let what = format!(
            "the checkpoint names code that is not part of loading tensors: {}{more}; it was not executed",
            named.join(", ")
        );
        list.tell(
            ProblemKind::Unsupported,
            what,
            "load it with `weights_only=True` only, or ask for safetensors",
        );
    }
    if machine.nested {
        let what = "the checkpoint holds pickles inside of its pickle; they were not examined".to_owned();
        list.cut(ProblemKind::Unsupported, what, "write the weights with `torch.save`, or as safetensors");
    }
    if machine.odd > 0 {
        list.lost(format!("{} of the tensors are built from what cannot be one", machine.odd));
    }
}

/// Says why a pickle was not read to its end.
fn stopped(stop: Stop, passed: u64, list: &mut TensorList<'_>) {
    match stop {
        Stop::Io(cause) => list.unreadable(&cause),
        Stop::Cut => list.lost(format!("the pickle ends in the middle, after {passed} of its bytes")),
        Stop::Broken(what) => list.lost(format!("the pickle is damaged before its byte {passed}: {what}")),
        Stop::Bound(what) => {
            let remedy = "split the checkpoint, or write it as safetensors";
            list.cut(
                ProblemKind::Oversized,
                format!("{what}; the first {passed} bytes were examined"),
                remedy,
            );
        }
    }
}

fn failed(failure: zip::Failure, what: &str, list: &mut TensorList<'_>) {
    match failure {
        zip::Failure::Io(cause) => list.unreadable(&cause),
        zip::Failure::Broken(cause) => list.lost(format!("{what} is damaged: {cause}")),
    }
}
