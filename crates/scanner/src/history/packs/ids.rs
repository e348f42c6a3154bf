//! From an id to a number, and back.

use super::Id;

/// Numbers of objects by their ids. Whole ids are compared, and no choice of ids makes a look-up slower than a binary search.
#[derive(Default)]
pub(super) struct Ids {
    /// In the order of ids.
    sorted: Vec<(Id, u32)>,
    /// Place of each number in that order.
    places: Vec<u32>,
    /// Where the ids begin whose first bits are those.
    buckets: Vec<u32>,
    shift: u32,
}

impl Ids {
    /// `given` has every number below `count` once or more, each id always with one number.
    pub(super) fn new(sorted: Vec<(Id, u32)>, count: usize) -> Self {
        debug_assert!(sorted.is_sorted());
        // About one id a bucket.
        let bits = (usize::BITS - sorted.len().leading_zeros()).clamp(1, 31);
        let shift = 32 - bits;
        let mut buckets = Vec::with_capacity((1 << bits) + 1);
        buckets.push(0);
        let mut places = vec![0; count];
        for (place, (id, number)) in sorted.iter().enumerate() {
            let bucket = (prefix(id) >> shift) as usize;
            while buckets.len() <= bucket {
                buckets.push(place as u32);
            }
            places[*number as usize] = place as u32;
        }
        buckets.resize((1 << bits) + 1, sorted.len() as u32);
        Self { sorted, places, buckets, shift }
    }

    #[inline]
    pub(super) fn find(&self, id: &Id) -> Option<u32> {
        let bucket = (prefix(id) >> self.shift) as usize;
        let (from, to) = (*self.buckets.get(bucket)?, *self.buckets.get(bucket + 1)?);
        let some = &self.sorted[from as usize..to as usize];
        if some.len() <= 8 {
            return some.iter().find(|(other, _)| other == id).map(|(_, number)| *number);
        }
        some.binary_search_by(|(other, _)| other.cmp(id)).ok().map(|at| some[at].1)
    }

    #[inline]
    pub(super) fn id(&self, number: u32) -> &Id {
        &self.sorted[self.places[number as usize] as usize].0
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

#[inline]
fn prefix(id: &Id) -> u32 {
    u32::from_be_bytes([id[0], id[1], id[2], id[3]])
}
