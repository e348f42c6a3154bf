//! Inflating an object whose length is known.

use libdeflater::{Crc, Decompressor};

/// Most bytes of a commit, a tree or a delta that are inflated here. Git's own trees stay far below; libgit2 may try the rest.
pub(super) const LARGEST: u64 = 64 << 20;

/// Inflates one zlib stream after the other.
pub(super) struct Inflater(Decompressor);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Inflates the stream at the start of `packed` to the start of `out`, which grows to `len` where it is shorter.
    /// Whether the stream is whole, has exactly that length and its checksum.
    pub(super) fn inflate(&mut self, packed: &[u8], len: usize, out: &mut Vec<u8>) -> bool {
        if out.len() < len {
            out.resize(len, 0);
        }
        self.0.zlib_decompress(packed, &mut out[..len]) == Ok(len)
    }
}

/// The checksum that an index has of each entry.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
