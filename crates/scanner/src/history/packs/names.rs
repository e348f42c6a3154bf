//! Names of tree entries: each is stored once, and whether a file of that name is wanted is asked once.

use std::hash::{BuildHasher, RandomState};

/// Which files matter, by their names.
#[derive(Clone, Copy)]
pub(crate) struct Names<'n> {
    /// Whether files of that name are wanted. It is asked about once a name and thread.
    pub(crate) wanted: &'n (dyn Fn(&[u8]) -> bool + Sync),
}

/// Most bytes and most names that are remembered only because nobody wants files of that name.
const BOUND: usize = 32 << 20;
const MOST: usize = 1 << 20;
/// Most bytes of all names together. Trees with still more names are left out.
const ALL: usize = 256 << 20;

/// The names that one thread has met.
pub(super) struct Met<'n> {
    names: Names<'n>,
    bytes: Vec<u8>,
    known: Vec<Known>,
    /// Number of a name plus one at the place of its hash, or the next free place after it. A power of two, half empty.
    slots: Vec<Slot>,
    /// A forged repository cannot know which names share a place.
    keys: [u64; 2],
}

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    name: u32,
}

#[derive(Clone, Copy)]
struct Known {
    at: u32,
    len: u32,
    /// `None`: no file has had the name so far.
    wanted: Option<bool>,
}

impl<'n> Met<'n> {
    pub(super) fn new(names: Names<'n>) -> Self {
        let keys = RandomState::new();
        Self {
            names,
            bytes: Vec::new(),
            known: Vec::new(),
            slots: vec![Slot::default(); 1 << 12],
            keys: [keys.hash_one(1_u8) | 1, keys.hash_one(2_u8) | 1],
        }
    }

    /// The number of a folder's name; `None` if there are too many names.
    #[inline]
    pub(super) fn folder(&mut self, name: &[u8]) -> Option<u32> {
        self.number(name)
    }

    /// The number of a file's name, if such files are wanted.
    #[inline]
    pub(super) fn file(&mut self, name: &[u8]) -> Option<u32> {
        let full = self.known.len() >= MOST || self.bytes.len() >= BOUND;
        if full && self.find(name).is_none() && !(self.names.wanted)(name) {
            return None;
        }
        let number = self.number(name)?;
        let known = &mut self.known[number as usize];
        let wanted = *known.wanted.get_or_insert_with(|| (self.names.wanted)(name));
        wanted.then_some(number)
    }

    /// All names, by their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.known.iter().map(|known| self.name(*known))
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    fn name(&self, known: Known) -> &[u8] {
        &self.bytes[known.at as usize..][..known.len as usize]
    }

    fn number(&mut self, name: &[u8]) -> Option<u32> {
        match self.look(name) {
            Ok(number) => Some(number),
            Err((place, hash)) => self.add(name, place, hash),
        }
    }

    fn find(&self, name: &[u8]) -> Option<u32> {
        self.look(name).ok()
    }

    /// The number of a name, or the free place for it.
    #[inline]
    fn look(&self, name: &[u8]) -> Result<u32, (usize, u32)> {
        let hash = self.hash(name);
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot.name == 0 {
                return Err((place, hash));
            }
            if slot.hash == hash && self.name(self.known[slot.name as usize - 1]) == name {
                return Ok(slot.name - 1);
            }
            place = (place + 1) & mask;
        }
    }

    #[cold]
    fn add(&mut self, name: &[u8], place: usize, hash: u32) -> Option<u32> {
        let number = self.known.len() as u32;
        let at = self.bytes.len() as u32;
        if self.bytes.len() + name.len() > ALL {
            return None;
        }
        self.bytes.extend_from_slice(name);
        self.known.push(Known { at, len: name.len() as u32, wanted: None });
        self.slots[place] = Slot { hash, name: number + 1 };
        if self.known.len() * 2 > self.slots.len() {
            let mask = self.slots.len() * 2 - 1;
            let mut slots = vec![Slot::default(); mask + 1];
            for slot in self.slots.iter().filter(|slot| slot.name != 0) {
                let mut place = slot.hash as usize & mask;
                while slots[place].name != 0 {
                    place = (place + 1) & mask;
                }
                slots[place] = *slot;
            }
            self.slots = slots;
        }
        Some(number)
    }

    /// Multiplies and folds, eight bytes at a time.
    #[inline]
    fn hash(&self, name: &[u8]) -> u32 {
        let fold = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            (product as u64) ^ (product >> 64) as u64
        };
        let [first, second] = self.keys;
        let mut hash = first ^ name.len() as u64;
        let (eights, rest) = name.as_chunks::<8>();
        for eight in eights {
            hash = fold(hash ^ u64::from_le_bytes(*eight), second);
        }
        let mut last = 0;
        for byte in rest {
            last = last << 8 | u64::from(*byte);
        }
        hash = fold(hash ^ last, second);
        fold(hash, first) as u32
    }
}
