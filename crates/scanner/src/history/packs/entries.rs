//! One pass over a pack, in the order of its bytes: which entries are commits, trees and tags, and their packed bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::Id;
use super::index::Index;
use super::inflate::{LARGEST, crc32};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Tag,
}

/// The commits, trees and tags of a pack, as they are packed, in the order of the pack.
pub(super) struct Found {
    pub(super) nodes: Vec<Node>,
    /// Length of the file.
    len: u64,
    packed: Vec<u8>,
    /// The node of each object of the index, in the order of ids.
    of_rank: Vec<u32>,
}

/// An entry that is not a blob, nor made of one.
pub(super) struct Node {
    /// Where its packed bytes are kept, and how many.
    at: u64,
    packed: u32,
    /// Length of what they inflate to, as the entry says.
    pub(super) size: u32,
    /// The node that it is a delta of.
    base: u32,
    /// `None`: unknown, since what it is a delta of is not in the pack.
    kind: Option<Kind>,
}

/// The same, in the order in which deltas are applied.
pub(super) struct Pack {
    /// Each object is followed by all that is built on it. Of the deltas of one object, the one on which most others are built
    /// is the last.
    pub(super) steps: Vec<Step>,
    /// Steps that are no deltas.
    pub(super) roots: Vec<u32>,
    /// Length of the file.
    pub(super) len: u64,
    packed: Vec<u8>,
}

/// An object, made of nothing or of the one before that still lacks a delta.
#[derive(Clone, Copy)]
pub(super) struct Step {
    at: u64,
    packed: u32,
    /// Length of what its bytes inflate to, as the entry says.
    pub(super) size: u32,
    /// Its number: at first in the order of the pack, then among all objects of all packs.
    pub(super) number: u32,
    /// How many steps are built on it, with its own.
    pub(super) all: u32,
    pub(super) kind: Kind,
    /// Whether it is the last delta of its base.
    pub(super) last: bool,
}

impl Found {
    /// The packed bytes of a node.
    pub(super) fn packed(&self, node: &Node) -> &[u8] {
        &self.packed[node.at as usize..][..node.packed as usize]
    }
}

impl Pack {
    /// The packed bytes of an object.
    #[inline]
    pub(super) fn packed(&self, step: &Step) -> &[u8] {
        &self.packed[step.at as usize..][..step.packed as usize]
    }
}

/// What a place in a pack holds, by what is known when the pass comes there.
const BLOB: u32 = NONE;
const LEFT_OUT: u32 = NONE - 1;
const NOT_YET: u32 = NONE - 2;

/// Reads a pack.
pub(super) fn read(path: &Path, index: &Index) -> Result<Found, String> {
    let said = |what: &str| what.to_owned();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let len = file.metadata().map_err(|error| error.to_string())?.len();
    let mut window = Window::new(&file, len);
    let trailer = len.checked_sub(20).filter(|end| *end >= 12).ok_or_else(|| said("it is cut short"))?;
    let unreadable = |error: io::Error| error.to_string();
    if window.get(trailer, 20).map_err(unreadable)? != index.pack_checksum() {
        return Err(said("it is not the pack of its index"));
    }
    let header: [u8; 12] =
        *window.get(0, 12).map_err(unreadable)?.first_chunk().expect("it is longer than that");
    if !header.starts_with(b"PACK\0\0\0") || !matches!(header[7], 2 | 3) {
        return Err(said("it does not begin as a pack does"));
    }
    if header[8..] != index.len().to_be_bytes() {
        return Err(said("it has not as many objects as its index"));
    }
    let places = Places::new(index, trailer)?;
    let mut held = vec![NOT_YET; places.offsets.len()];
    let mut nodes: Vec<Node> = Vec::new();
    let mut packed = Vec::new();
    // Deltas whose base lies further on: the node and the place of its base.
    let mut waiting = Vec::new();
    for place in 0..places.offsets.len() {
        let offset = places.offsets[place];
        let end = places.offsets.get(place + 1).copied().unwrap_or(trailer);
        let want = (end - offset).min(HEADER) as usize;
        let Some(entry) = Entry::new(window.get(offset, want).map_err(unreadable)?) else {
            held[place] = LEFT_OUT;
            continue;
        };
        let mut base = NONE;
        let mut kind = None;
        match entry.what {
            What::Object(object) => kind = Some(object),
            What::Blob => held[place] = BLOB,
            What::Delta(Base::Back(distance)) => {
                let at = offset.checked_sub(distance).and_then(|at| places.at(at));
                match at {
                    Some(at) if at < place => base = held[at],
                    _ => base = LEFT_OUT,
                }
            }
            What::Delta(Base::Id(id)) => match index.rank(&id).map(|rank| places.of_rank[rank as usize]) {
                Some(at) if held[at as usize] == NOT_YET => {
                    waiting.push((nodes.len() as u32, at));
                    base = NOT_YET;
                }
                Some(at) => base = held[at as usize],
                None => base = LEFT_OUT,
            },
        }
        if matches!(entry.what, What::Delta(_)) && matches!(base, BLOB | LEFT_OUT) {
            held[place] = base;
        }
        if held[place] == BLOB {
            continue;
        }
        let data = offset + entry.header as u64;
        let fits = entry.size <= LARGEST && end - data <= u64::from(u32::MAX);
        if held[place] == LEFT_OUT || !fits {
            held[place] = LEFT_OUT;
            // Whoever waits for its base must not be taken for the node that comes next.
            waiting.pop_if(|(node, _)| *node == nodes.len() as u32);
            continue;
        }
        let at = packed.len();
        window.copy(offset, (end - offset) as usize, &mut packed).map_err(unreadable)?;
        // Deflated bytes have a checksum of their own, but no header has: a damaged one could name another base.
        let checksum = index.checksum(places.ranks[place]);
        if checksum.is_some_and(|checksum| checksum != crc32(&packed[at..])) {
            packed.truncate(at);
            held[place] = LEFT_OUT;
            waiting.pop_if(|(node, _)| *node == nodes.len() as u32);
            continue;
        }
        held[place] = nodes.len() as u32;
        let at = (at + entry.header) as u64;
        nodes.push(Node { at, packed: (end - data) as u32, size: entry.size as u32, base, kind });
    }
    for (node, place) in waiting {
        nodes[node as usize].base = held[place as usize];
    }
    let of_rank = places
        .of_rank
        .iter()
        .map(|place| held[*place as usize])
        .map(|node| if (node as usize) < nodes.len() { node } else { NONE })
        .collect();
    Ok(Found { nodes, len, packed, of_rank })
}

/// Finds what each node is, and the order in which deltas are applied. Beside it, the number of each object of the index.
pub(super) fn plan(found: Found) -> (Pack, Vec<u32>) {
    let Found { mut nodes, len, packed, mut of_rank } = found;
    let (mut children, begin) = children(&nodes);
    let of = |node: u32| begin[node as usize] as usize..begin[node as usize + 1] as usize;
    // From the roots outwards: a ring of deltas is never reached, and stays unknown.
    let mut order: Vec<u32> =
        (0..).zip(&nodes).filter(|(_, node)| node.kind.is_some()).map(|(at, _)| at).collect();
    let (count, mut done) = (order.len(), 0);
    while let Some(&node) = order.get(done) {
        done += 1;
        for child in &children[of(node)] {
            nodes[*child as usize].kind = nodes[node as usize].kind;
            order.push(*child);
        }
    }
    let mut built = vec![1_u32; nodes.len()];
    for node in order.iter().rev() {
        let own = &mut children[of(*node)];
        let mut all = 1;
        let mut most = (0, 0);
        for (at, child) in own.iter().enumerate() {
            let below = built[*child as usize];
            all += below;
            most = most.max((below, at));
        }
        built[*node as usize] = all;
        if let Some(last) = own.len().checked_sub(1) {
            own.swap(most.1, last);
        }
    }
    let mut numbers = vec![NONE; nodes.len()];
    for (number, (of_node, _)) in
        (0..).zip(numbers.iter_mut().zip(&nodes).filter(|(_, node)| node.kind.is_some()))
    {
        *of_node = number;
    }
    for node in of_rank.iter_mut().filter(|node| **node != NONE) {
        *node = numbers[*node as usize];
    }
    let mut steps = Vec::with_capacity(order.len());
    let mut roots = Vec::with_capacity(count);
    let mut stack = Vec::new();
    for &root in &order[..count] {
        roots.push(steps.len() as u32);
        stack.push((root, false));
        while let Some((at, last)) = stack.pop() {
            let node = &nodes[at as usize];
            let Some(kind) = node.kind else { continue };
            let &Node { at: place, packed, size, .. } = node;
            let (number, all) = (numbers[at as usize], built[at as usize]);
            steps.push(Step { at: place, packed, size, number, all, kind, last });
            let own = children[of(at)].iter().rev().enumerate();
            stack.extend(own.map(|(from_last, child)| (*child, from_last == 0)));
        }
    }
    (Pack { steps, roots, len, packed }, of_rank)
}

/// Nodes by what they are deltas of, and where those of each node begin.
fn children(nodes: &[Node]) -> (Vec<u32>, Vec<u32>) {
    let count = nodes.len();
    // A base that is none of these nodes is a blob, or damaged: what it would be is then unknown.
    let is_child = |node: &Node| (node.base as usize) < count;
    let mut begin = vec![0_u32; count + 1];
    for node in nodes.iter().filter(|node| is_child(node)) {
        begin[node.base as usize + 1] += 1;
    }
    for at in 0..count {
        begin[at + 1] += begin[at];
    }
    let mut children = vec![0; begin[count] as usize];
    let mut next = begin.clone();
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| is_child(node)) {
        let at = &mut next[node.base as usize];
        children[*at as usize] = number as u32;
        *at += 1;
    }
    (children, begin)
}

/// Where the objects of a pack begin, in the order of the pack.
struct Places {
    offsets: Vec<u64>,
    /// The objects of the index in that order.
    ranks: Vec<u32>,
    /// The place of each object of the index.
    of_rank: Vec<u32>,
    /// The first place in each stretch of the pack; all stretches have the length `1 << shift`.
    stretches: Vec<u32>,
    shift: u32,
}

impl Places {
    fn new(index: &Index, end: u64) -> Result<Self, String> {
        let count = index.len();
        let bits = u32::BITS - count.leading_zeros();
        if end >= 1 << (63 - bits) {
            return Err("it is too large".to_owned());
        }
        let mut sorted = Vec::with_capacity(count as usize);
        for rank in 0..count {
            match index.offset(rank) {
                Some(offset) if (12..end).contains(&offset) => sorted.push(offset << bits | u64::from(rank)),
                _ => return Err("its index points beside it".to_owned()),
            }
        }
        sorted.sort_unstable();
        let mut of_rank = vec![0; count as usize];
        let mut offsets = Vec::with_capacity(count as usize);
        let mut ranks = Vec::with_capacity(count as usize);
        for (place, entry) in sorted.iter().enumerate() {
            let offset = entry >> bits;
            if offsets.last() == Some(&offset) {
                return Err("its index has two objects at one place".to_owned());
            }
            offsets.push(offset);
            let rank = (entry & ((1 << bits) - 1)) as u32;
            of_rank[rank as usize] = place as u32;
            ranks.push(rank);
        }
        // About one object a stretch.
        let shift = (u64::BITS - end.leading_zeros()).saturating_sub(bits);
        let mut stretches = vec![0];
        for (place, offset) in offsets.iter().enumerate() {
            let stretch = (offset >> shift) as usize;
            while stretches.len() <= stretch {
                stretches.push(place as u32);
            }
        }
        stretches.resize((end >> shift) as usize + 2, count);
        Ok(Self { offsets, ranks, of_rank, stretches, shift })
    }

    /// The place that begins at an offset.
    fn at(&self, offset: u64) -> Option<usize> {
        let stretch = (offset >> self.shift) as usize;
        let (from, to) = (*self.stretches.get(stretch)? as usize, *self.stretches.get(stretch + 1)? as usize);
        self.offsets[from..to].binary_search(&offset).ok().map(|at| from + at)
    }
}

/// The header of an entry.
struct Entry {
    what: What,
    size: u64,
    header: usize,
}

enum What {
    Object(Kind),
    Blob,
    Delta(Base),
}

enum Base {
    /// So many bytes before the entry.
    Back(u64),
    Id(Id),
}

/// Most bytes of a header that is of any use: a length of 64 bits and an id.
const HEADER: u64 = 32;

impl Entry {
    fn new(bytes: &[u8]) -> Option<Self> {
        let mut left = bytes.iter().copied();
        let first = left.next()?;
        let mut size = u64::from(first & 0xf);
        let mut shift = 4;
        let mut byte = first;
        while byte & 0x80 != 0 {
            byte = left.next()?;
            if shift > 56 {
                return None;
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        let what = match first >> 4 & 7 {
            1 => What::Object(Kind::Commit),
            2 => What::Object(Kind::Tree),
            3 => What::Blob,
            4 => What::Object(Kind::Tag),
            6 => {
                let mut byte = left.next()?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = left.next()?;
                    distance = distance.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
                }
                What::Delta(Base::Back(distance))
            }
            7 => {
                let mut id = [0; 20];
                for byte in &mut id {
                    *byte = left.next()?;
                }
                What::Delta(Base::Id(id))
            }
            _ => return None,
        };
        Some(Self { what, size, header: bytes.len() - left.len() })
    }
}

/// A part of a file, which moves on.
struct Window<'f> {
    file: &'f File,
    len: u64,
    buffer: Vec<u8>,
    /// What of the file is in the buffer.
    from: u64,
    to: u64,
}

/// Large enough that a call of the system costs little, small enough that jumping over large blobs does not read them.
const WINDOW: usize = 64 << 10;

impl<'f> Window<'f> {
    fn new(file: &'f File, len: u64) -> Self {
        Self { file, len, buffer: vec![0; WINDOW], from: 0, to: 0 }
    }

    /// A few bytes, all within the file.
    fn get(&mut self, offset: u64, len: usize) -> io::Result<&[u8]> {
        if offset < self.from || offset + len as u64 > self.to {
            self.fill(offset)?;
        }
        let at = (offset - self.from) as usize;
        Ok(&self.buffer[at..at + len])
    }

    /// Appends bytes, all within the file.
    fn copy(&mut self, mut offset: u64, mut len: usize, to: &mut Vec<u8>) -> io::Result<()> {
        while len > 0 {
            if (self.from..self.to).contains(&offset) {
                let at = (offset - self.from) as usize;
                let here = len.min((self.to - offset) as usize);
                to.extend_from_slice(&self.buffer[at..at + here]);
                offset += here as u64;
                len -= here;
            } else {
                self.fill(offset)?;
            }
        }
        Ok(())
    }

    fn fill(&mut self, offset: u64) -> io::Result<()> {
        let len = self.len.saturating_sub(offset).min(WINDOW as u64) as usize;
        let mut file = self.file;
        if self.to != offset || self.from == self.to {
            file.seek(SeekFrom::Start(offset))?;
        }
        (self.from, self.to) = (0, 0);
        file.read_exact(&mut self.buffer[..len])?;
        if len == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        (self.from, self.to) = (offset, offset + len as u64);
        Ok(())
    }
}
