//! The index beside a pack: which object lies where (gitformat-pack, "pack-*.idx files").

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Id;

const MAGIC: [u8; 4] = [0xff, b't', b'O', b'c'];
const FANOUT: usize = 256 * 4;
const CHECKSUMS: usize = 40;

/// An index, checked once: every id and every offset it speaks of is within its bytes.
pub(super) struct Index {
    bytes: Vec<u8>,
    count: u32,
    version: Version,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// One table of offset and id.
    One,
    /// A table of ids, of checksums, of offsets, and of those offsets that need 64 bits.
    Two,
}

/// How many objects an index has, by its head; 0 if it cannot be read.
pub(super) fn count(path: &Path) -> u64 {
    let mut head = [0; 8 + FANOUT];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let last = if head.starts_with(&MAGIC) { 4 + FANOUT } else { FANOUT - 4 };
    read.map_or(0, |()| u64::from(u32_at(&head, last)))
}

impl Index {
    /// Reads an index, or says what is wrong with it.
    pub(super) fn new(bytes: Vec<u8>) -> Result<Self, &'static str> {
        let version = if bytes.starts_with(&MAGIC) { Version::Two } else { Version::One };
        if version == Version::Two && bytes.get(4..8) != Some(&[0, 0, 0, 2]) {
            return Err("its index has an unknown version");
        }
        let fanout = if version == Version::Two { 8 } else { 0 };
        let Some(table) = bytes.get(fanout..fanout + FANOUT) else { return Err("its index is cut short") };
        let mut count = 0;
        for four in table.chunks_exact(4) {
            let next = u32_at(four, 0);
            if next < count {
                return Err("its index counts backwards");
            }
            count = next;
        }
        let index = Self { bytes, count, version };
        let n = u64::from(count);
        let len = index.bytes.len() as u64;
        let fits = match version {
            Version::One => len == FANOUT as u64 + 24 * n + CHECKSUMS as u64,
            // As many 64-bit offsets as there are objects, at most.
            Version::Two => {
                let least = 8 + FANOUT as u64 + 28 * n + CHECKSUMS as u64;
                (least..=least + 8 * n).contains(&len) && (len - least).is_multiple_of(8)
            }
        };
        if !fits {
            return Err("its index has not the length that it says");
        }
        let mut before: Option<&Id> = None;
        for rank in 0..count {
            let id = index.id(rank);
            if before.is_some_and(|before| before >= id) {
                return Err("its index is not in order");
            }
            before = Some(id);
        }
        Ok(index)
    }

    /// Number of objects.
    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// The id at a place in the order of ids.
    pub(super) fn id(&self, rank: u32) -> &Id {
        let at = match self.version {
            Version::One => FANOUT + 24 * rank as usize + 4,
            Version::Two => 8 + FANOUT + 20 * rank as usize,
        };
        self.bytes[at..].first_chunk().expect("the length was checked when the index was read")
    }

    /// Where in the pack that object begins; `None` where the index points nowhere.
    pub(super) fn offset(&self, rank: u32) -> Option<u64> {
        let (rank, count) = (rank as usize, self.count as usize);
        match self.version {
            Version::One => Some(u64::from(u32_at(&self.bytes, FANOUT + 24 * rank))),
            Version::Two => {
                let offsets = 8 + FANOUT + 24 * count;
                let offset = u32_at(&self.bytes, offsets + 4 * rank);
                if offset & 0x8000_0000 == 0 {
                    return Some(u64::from(offset));
                }
                let large = offsets + 4 * count + 8 * (offset & 0x7fff_ffff) as usize;
                let end = self.bytes.len() - CHECKSUMS;
                let bytes = self.bytes[..end].get(large..)?.first_chunk()?;
                Some(u64::from_be_bytes(*bytes))
            }
        }
    }

    /// The checksum (CRC-32) of the packed bytes of that object, header and all. Old indexes have none.
    pub(super) fn checksum(&self, rank: u32) -> Option<u32> {
        let checksums = 8 + FANOUT + 20 * self.count as usize;
        (self.version == Version::Two).then(|| u32_at(&self.bytes, checksums + 4 * rank as usize))
    }

    /// The place of an id in the order of ids.
    pub(super) fn rank(&self, id: &Id) -> Option<u32> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The checksum of the pack that this index was made for.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - CHECKSUMS;
        &self.bytes[end..end + 20]
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(*bytes[at..].first_chunk().expect("the caller checked the length"))
}
