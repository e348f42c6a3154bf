//! What a tree says, and what a tree says that was made of another one by a delta.
//!
//! Most trees differ in one entry from the tree that they are a delta of. So the entries that a delta copies are carried over
//! from what was read of the other tree, and only what lies between is read. The chain of entries is followed from the
//! start of the tree all the same: an entry is carried over only where that chain arrives at its first byte and the delta copies
//! it to its last. What is read is then what reading all of it would give.

use super::delta::{Delta, Step};
use super::names::Met;
use super::part::{FileRecord, Part, TreeRecord, since};
#[cfg(test)]
use super::part::{Span, Target};
use super::{Id, Kind};

/// Where the entries of a tree go.
pub(super) struct Sink<'s, 'n> {
    pub(super) part: &'s mut Part,
    pub(super) met: &'s mut Met<'n>,
}

/// A tree on which others are built.
#[derive(Default)]
pub(super) struct Open {
    /// Its bytes, and behind them what the buffer held before.
    pub(super) bytes: Vec<u8>,
    pub(super) len: usize,
    /// Where its entries begin, and where the last one ends.
    starts: Vec<u32>,
    /// Where the entries begin that the part has.
    folders: Vec<u32>,
    files: Vec<u32>,
    pub(super) record: TreeRecord,
}

impl Open {
    fn clear(&mut self) {
        self.starts.clear();
        self.folders.clear();
        self.files.clear();
    }

    /// Reads the tree that `bytes` hold. Whether it is one.
    pub(super) fn read(&mut self, sink: &mut Sink<'_, '_>) -> bool {
        self.clear();
        let mut reading = Reading::new(sink.part);
        let read = reading.read_to(self, self.len, sink).is_some();
        read && self.end(&reading, sink).is_some()
    }

    /// Makes this tree of another one, and reads it. Whether it is one. What the part got of a broken one is the caller's to
    /// take back.
    pub(super) fn read_delta(&mut self, base: &Self, delta: &[u8], sink: &mut Sink<'_, '_>) -> bool {
        self.try_delta(base, delta, sink).is_some()
    }

    fn try_delta(&mut self, base: &Self, delta: &[u8], sink: &mut Sink<'_, '_>) -> Option<()> {
        self.clear();
        let mut delta = Delta::new(delta, base.len)?;
        let total = delta.len;
        if self.bytes.len() < total {
            self.bytes.resize(total, 0);
        }
        self.len = total;
        let mut reading = Reading::new(sink.part);
        let mut at = 0;
        while let Some(step) = delta.next().ok()? {
            match step {
                Step::Insert(bytes) => {
                    let end = at + bytes.len();
                    self.bytes[..total].get_mut(at..end)?.copy_from_slice(bytes);
                    at = end;
                }
                Step::Copy { from, len } => {
                    let bytes = base.bytes[..base.len].get(from..from.checked_add(len)?)?;
                    let end = at + len;
                    self.bytes[..total].get_mut(at..end)?.copy_from_slice(bytes);
                    reading.carry(self, base, from, at, end, sink)?;
                    at = end;
                }
            }
        }
        if at != total {
            return None;
        }
        reading.read_to(self, total, sink)?;
        self.end(&reading, sink)
    }

    fn end(&mut self, reading: &Reading, sink: &Sink<'_, '_>) -> Option<()> {
        if reading.at != self.len {
            return None;
        }
        self.starts.push(self.len as u32);
        self.record = TreeRecord {
            folders: since(&sink.part.folders, reading.folders)?,
            files: since(&sink.part.files, reading.files)?,
        };
        Some(())
    }
}

/// How far the chain of entries is followed.
struct Reading {
    /// Where the next entry begins.
    at: usize,
    /// How far its name was looked at without finding its end.
    looked: usize,
    /// Where the entries of this tree begin in the part.
    folders: usize,
    files: usize,
}

impl Reading {
    fn new(part: &Part) -> Self {
        Self { at: 0, looked: 0, folders: part.folders.len(), files: part.files.len() }
    }

    /// Reads the entries that end at `end` or before. `None` if one of them is none.
    fn read_to(&mut self, tree: &mut Open, end: usize, sink: &mut Sink<'_, '_>) -> Option<()> {
        while self.at < end && self.read_one(tree, end, sink)? {}
        Some(())
    }

    /// Reads one entry, if it ends at `end` or before.
    #[inline]
    fn read_one(&mut self, tree: &mut Open, end: usize, sink: &mut Sink<'_, '_>) -> Option<bool> {
        let Some(entry) = Entry::new(&tree.bytes[..end], self.at, &mut self.looked)? else {
            return Some(false);
        };
        let start = self.at as u32;
        tree.starts.push(start);
        match entry.kind {
            Kind::Folder => {
                let name = sink.met.folder(entry.name)?;
                let target = sink.part.target(entry.id)?;
                sink.part.folders.push((name, target));
                tree.folders.push(start);
            }
            kind => {
                if let Some(name) = sink.met.file(entry.name) {
                    sink.part.files.push(FileRecord { name, kind, id: *entry.id });
                    tree.files.push(start);
                }
            }
        }
        self.at = entry.end;
        self.looked = 0;
        Some(true)
    }

    /// Reads what lies before `end`, where the bytes from `to` on were copied from `from` in `base`.
    fn carry(
        &mut self,
        tree: &mut Open,
        base: &Open,
        from: usize,
        to: usize,
        end: usize,
        sink: &mut Sink<'_, '_>,
    ) -> Option<()> {
        loop {
            if self.at >= to {
                let start = (from + (self.at - to)) as u32;
                if let Ok(first) = base.starts.binary_search(&start) {
                    self.carry_from(tree, base, first, from, to, end, sink.part);
                    return Some(());
                }
            }
            if self.at >= end || !self.read_one(tree, end, sink)? {
                return Some(());
            }
        }
    }

    /// Carries the entries over that end before the copied bytes do.
    #[expect(clippy::too_many_arguments, reason = "two trees, one entry, and the three numbers of a copy")]
    fn carry_from(
        &mut self,
        tree: &mut Open,
        base: &Open,
        first: usize,
        from: usize,
        to: usize,
        end: usize,
        part: &mut Part,
    ) {
        let until = (from + (end - to)) as u32;
        // The last place at which an entry ends, counted among the places at which one begins.
        let last = first + base.starts[first..].partition_point(|start| *start <= until) - 1;
        if last == first {
            return;
        }
        let (start, stop) = (base.starts[first], base.starts[last]);
        let shift = (to as u32).wrapping_sub(from as u32);
        let moved = |start: &u32| start.wrapping_add(shift);
        tree.starts.extend(base.starts[first..last].iter().map(moved));
        let within = |starts: &[u32]| {
            let low = starts.partition_point(|at| *at < start);
            low..low + starts[low..].partition_point(|at| *at < stop)
        };
        let folders = within(&base.folders);
        tree.folders.extend(base.folders[folders.clone()].iter().map(moved));
        let before = base.record.folders.from as usize;
        part.folders.extend_from_within(before + folders.start..before + folders.end);
        let files = within(&base.files);
        tree.files.extend(base.files[files.clone()].iter().map(moved));
        let before = base.record.files.from as usize;
        part.files.extend_from_within(before + files.start..before + files.end);
        self.at = moved(&stop) as usize;
        self.looked = 0;
    }
}

/// One entry of a tree.
struct Entry<'t> {
    kind: Kind,
    name: &'t [u8],
    id: &'t Id,
    end: usize,
}

/// Longest mode that is read here; git writes six digits at most.
const DIGITS: usize = 6;
/// Longest name, as for libgit2.
const NAME: usize = u16::MAX as usize;

impl<'t> Entry<'t> {
    /// The entry that begins at a place. `Some(None)` if it does not end within the bytes, `None` if it is no entry.
    #[inline]
    fn new(bytes: &'t [u8], at: usize, looked: &mut usize) -> Option<Option<Self>> {
        let rest = bytes.get(at..)?;
        let (kind, name) = match rest.first_chunk() {
            Some(b"100644 " | b"100755 ") => (Kind::File, at + 7),
            Some([b'4', b'0', b'0', b'0', b'0', b' ', _]) => (Kind::Folder, at + 6),
            _ => match mode(rest)? {
                Some((mode, len)) => (Kind::of_mode(u32::from(mode)), at + len),
                None => return Some(None),
            },
        };
        let from = name.max(*looked);
        let Some(found) = nul(bytes.get(from..)?) else {
            *looked = bytes.len();
            return if bytes.len() - name > NAME { None } else { Some(None) };
        };
        let nul = from + found;
        if nul == name || nul - name > NAME {
            return None;
        }
        let Some(id) = bytes[nul + 1..].first_chunk() else { return Some(None) };
        Some(Some(Self { kind, name: &bytes[name..nul], id, end: nul + 21 }))
    }
}

/// A mode, and how many bytes it has with the space behind it. `Some(None)` if it has no end, `None` if it is none.
fn mode(bytes: &[u8]) -> Option<Option<(u16, usize)>> {
    let mut mode = 0_u32;
    for (at, digit) in bytes.iter().enumerate() {
        match digit {
            b'0'..=b'7' if at < DIGITS => mode = mode << 3 | u32::from(digit - b'0'),
            b' ' if at > 0 => return Some(Some((u16::try_from(mode).ok()?, at + 1))),
            _ => return None,
        }
    }
    Some(None)
}

/// The place of the first byte that is zero. Names are short: eight bytes at a time cost less here than a search made for
/// long texts.
#[inline]
fn nul(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    let (eights, rest) = bytes.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        // Only a zero borrows from its highest bit without having had it; the lowest one that does is a zero for certain.
        let zeros = eight.wrapping_sub(ONES) & !eight & (ONES << 7);
        if zeros != 0 {
            return Some(8 * at + zeros.trailing_zeros() as usize / 8);
        }
    }
    let found = rest.iter().position(|byte| *byte == 0)?;
    Some(8 * eights.len() + found)
}

#[cfg(test)]
impl Open {
    /// A tree with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), len: bytes.len(), ..Self::default() }
    }

    /// Where its entries begin, and where the last one ends.
    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// All that was read of it.
    pub(super) fn said(&self, part: &Part) -> (Vec<u32>, Vec<(u32, Target)>, Vec<FileRecord>) {
        let TreeRecord { folders, files } = self.record;
        let same = |span: Span, starts: &[u32]| assert_eq!((span.to - span.from) as usize, starts.len());
        same(folders, &self.folders);
        same(files, &self.files);
        (self.starts.clone(), folders.of(&part.folders).to_vec(), files.of(&part.files).to_vec())
    }
}
