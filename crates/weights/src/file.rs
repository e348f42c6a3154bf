//! Fingerprint files, version 1: a documented, compact, deterministic form of [`Fingerprint`].
//!
//! All numbers are little-endian. `varint` is LEB128 of at most 64 bits.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `FBFP` |
//! | 2 | version |
//! | 4 | length of the whole file |
//! | … | sections: 1 byte tag, 4 bytes length, content; tags ascend, each at most once |
//! | 8 | the first 8 bytes of SHA-256 over all before |
//!
//! | tag | section | content |
//! |---|---|---|
//! | 1 | model | varints: tensors, deterministic, guessed, unplaced |
//! | 2 | name | UTF-8, at most 255 bytes |
//! | 3 | reason for no sketch | UTF-8, at most 1,024 bytes |
//! | 4 | sketch | varints: width, layers, dimensions, rows, tokens, flags (1 tokens by bytes, 2 fixed sinusoids), constant, not finite, unreadable; runs of keys; bits |
//! | 5 | unused tokens | 1 byte count, 4 bytes for each key, bits of the pairs |
//! | 6 | digests | varint count; for each varint layer + 1, 1 byte role (255 for none), 16 bytes |
//! | 7 | vocabulary | varints: size, controls; 1 byte count, 6 + 3 bytes a token (hash big-endian, id); the same for controls |
//!
//! Runs of keys: varint number of runs; for each 1 byte group, varint first layer + 1, varint number of consecutive layers with the same
//! keys, varint number of keys in each, and for each key 1 byte role and varint slot. Bits follow row by row, each row in whole bytes,
//! least significant bit first.

mod read;
mod write;

use std::fmt;

use crate::fingerprint::Fingerprint;

/// The first bytes of a fingerprint file.
pub const MAGIC: [u8; 4] = *b"FBFP";
/// The version that is written.
pub const VERSION: u16 = 1;
/// A longer file is no fingerprint: the digests of a million tensors need less.
pub const LONGEST: usize = 32 << 20;

/// Why a file is no fingerprint that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// It does not begin like one.
    NotAFingerprint,
    /// It is of a newer version.
    Newer(u16),
    /// It is shorter or longer than it says, or longer than [`LONGEST`].
    Length {
        /// Its length.
        found: usize,
        /// What it says.
        said: u64,
    },
    /// Its checksum is another.
    Checksum,
    /// A section says what cannot be.
    Content {
        /// Which section.
        section: &'static str,
        /// What is wrong: a clause without a full stop.
        what: &'static str,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFingerprint => write!(formatter, "not a fingerprint file: it does not begin with FBFP"),
            Self::Newer(version) => write!(
                formatter,
                "a fingerprint of version {version}, and this program reads versions up to {VERSION}: update it"
            ),
            Self::Length { found, said } => {
                write!(
                    formatter,
                    "the fingerprint has {found} bytes and says {said}: it is truncated or damaged"
                )
            }
            Self::Checksum => write!(formatter, "the fingerprint's checksum does not match: it is damaged"),
            Self::Content { section, what } => {
                write!(formatter, "the fingerprint's {section} section is wrong: {what}")
            }
        }
    }
}

impl std::error::Error for FileError {}

impl Fingerprint {
    /// The file. Equal fingerprints give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        write::write(self)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it is none, is of a newer version, or is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        read::read(bytes)
    }
}

/// Whether bytes begin like a fingerprint file.
pub fn is_fingerprint(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}
