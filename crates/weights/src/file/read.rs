//! Reads fingerprint files. Every length is checked against the bytes that are there before anything is allocated.

use sha2::{Digest as _, Sha256};

use super::{FileError, LONGEST, MAGIC, VERSION};
use crate::bits::BitRows;
use crate::digest::TensorDigest;
use crate::fingerprint::Fingerprint;
use crate::sketch::{FeatureKey, Group, Profile, Sketch};
use crate::tokenizer::{CONTROL_SAMPLE, SAMPLE, SampledToken, TokenizerSketch};
use crate::unused::{MOST_TOKENS, UnusedGram};
use crate::view::Role;

pub(super) fn read(bytes: &[u8]) -> Result<Fingerprint, FileError> {
    if !bytes.starts_with(&MAGIC) {
        return Err(FileError::NotAFingerprint);
    }
    let header: Option<&[u8; 10]> = bytes.first_chunk();
    let Some(header) = header else { return Err(FileError::Length { found: bytes.len(), said: 10 }) };
    let version = u16::from_le_bytes([header[4], header[5]]);
    if version > VERSION {
        return Err(FileError::Newer(version));
    }
    let said = u32::from_le_bytes([header[6], header[7], header[8], header[9]]);
    if said as usize != bytes.len() || bytes.len() > LONGEST || bytes.len() < 18 {
        return Err(FileError::Length { found: bytes.len(), said: said.into() });
    }
    let (content, checksum) = bytes.split_at(bytes.len() - 8);
    if Sha256::digest(content)[..8] != *checksum {
        return Err(FileError::Checksum);
    }
    let mut made = Fingerprint::default();
    let mut input = Input { rest: &content[10..], section: "outer" };
    let mut last = 0;
    while !input.rest.is_empty() {
        let tag = input.byte()?;
        if tag <= last {
            return Err(input.wrong("sections are not in order"));
        }
        last = tag;
        let length = u32::from_le_bytes(input.array()?);
        let mut section = Input {
            rest: input.take(length as usize)?,
            section: NAMES.get(usize::from(tag)).unwrap_or(&"outer"),
        };
        match tag {
            1 => {
                made.tensors = section.number()?;
                made.deterministic = section.number()?;
                made.guessed = section.number()?;
                made.unplaced = section.number()?;
            }
            2 => made.name = Some(section.text(255)?),
            3 => made.reason = Some(section.text(1024)?),
            4 => made.sketch = Some(sketch(&mut section)?),
            5 => made.unused = Some(gram(&mut section)?),
            6 => made.digests = Some(digests(&mut section)?),
            7 => made.tokenizer = Some(tokenizer(&mut section)?),
            _ => return Err(section.wrong("a section of this version has no such tag")),
        }
        if !section.rest.is_empty() {
            return Err(section.wrong("there are bytes behind its content"));
        }
    }
    // Equal fingerprints have equal files.
    if made.to_bytes() != bytes {
        return Err(FileError::Content { section: "outer", what: "it is not in the form that is written" });
    }
    Ok(made)
}

const NAMES: [&str; 8] =
    ["outer", "model", "name", "reason", "sketch", "unused-tokens", "digests", "vocabulary"];

struct Input<'a> {
    rest: &'a [u8],
    section: &'static str,
}

impl<'a> Input<'a> {
    fn wrong(&self, what: &'static str) -> FileError {
        FileError::Content { section: self.section, what }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FileError> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or(self.wrong("it is shorter than it says"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.wrong("it is shorter than it says"))
    }

    fn byte(&mut self) -> Result<u8, FileError> {
        Ok(self.array::<1>()?[0])
    }

    /// A varint that fits, in its shortest form, so that equal fingerprints have equal files.
    fn number<T: TryFrom<u64>>(&mut self) -> Result<T, FileError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if (bits << shift) >> shift != bits {
                return Err(self.wrong("a number is too large"));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(self.wrong("a number is longer than it needs to be"));
                }
                return T::try_from(value).map_err(|_| self.wrong("a number is too large"));
            }
        }
        Err(self.wrong("a number is too large"))
    }

    fn text(&mut self, most: usize) -> Result<String, FileError> {
        if self.rest.len() > most {
            return Err(self.wrong("it is too long"));
        }
        let bytes = self.take(self.rest.len())?;
        String::from_utf8(bytes.to_vec()).map_err(|_| self.wrong("it is not UTF-8"))
    }

    fn bits(&mut self, rows: usize, columns: usize) -> Result<BitRows, FileError> {
        let width = columns.div_ceil(8);
        let length = rows.checked_mul(width).ok_or(self.wrong("it has more rows than a file can hold"))?;
        let bytes = self.take(length)?;
        let mut out = BitRows::new(columns);
        for row in bytes.chunks_exact(width.max(1)) {
            if !columns.is_multiple_of(8) && row[width - 1] >> (columns % 8) != 0 {
                return Err(self.wrong("bits beyond the last column are set"));
            }
            out.push((0..columns).map(|column| row[column / 8] >> (column % 8) & 1 == 1));
        }
        Ok(out)
    }
}

/// More layers, rows of a matrix, keys of a layer in one group, or keys in all are not sketched; comparing costs their squares.
const MOST_LAYERS: u16 = 4096;
const MOST_ROWS: u8 = 4;
const MOST_KEYS_OF_LAYER: usize = 256;
const MOST_KEYS: usize = 1 << 16;

fn sketch(input: &mut Input<'_>) -> Result<Sketch, FileError> {
    let width: u32 = input.number()?;
    let layers: u16 = input.number()?;
    let profile = Profile { dimensions: input.number()?, rows: input.number()?, tokens: input.number()? };
    let flags: u8 = input.number()?;
    if width == 0
        || layers > MOST_LAYERS
        || width > 1 << 17
        || profile.dimensions == 0
        || !(1..=MOST_ROWS).contains(&profile.rows)
        || flags > 3
    {
        return Err(input.wrong("width, layers, profile or flags cannot be"));
    }
    let (constant, not_finite, unreadable) = (input.number()?, input.number()?, input.number()?);
    let runs: usize = input.number()?;
    let mut keys: Vec<FeatureKey> = Vec::new();
    let columns = profile.dimensions.min(width) as usize;
    // Every key has a row of bits, so that there are no more keys than bytes.
    let most = (input.rest.len() / columns.div_ceil(8)).min(MOST_KEYS);
    for _ in 0..runs {
        let group = usize::from(input.byte()?);
        let Some(group) = Group::ALL.get(group).copied() else {
            return Err(input.wrong("there is no such group"));
        };
        let first: u16 = input.number()?;
        let repeat: u16 = input.number()?;
        let count: usize = input.number()?;
        if repeat == 0
            || !(1..=MOST_KEYS_OF_LAYER).contains(&count)
            || usize::from(repeat).saturating_mul(count) > most.saturating_sub(keys.len())
        {
            return Err(input.wrong("it has more keys than rows"));
        }
        let mut codes = Vec::with_capacity(count);
        for _ in 0..count {
            let role = input.byte()?;
            let Some(role) = Role::from_number(role) else {
                return Err(input.wrong("there is no such role"));
            };
            codes.push((role, input.number()?));
        }
        for layer in 0..repeat {
            let layer = first.checked_add(layer).ok_or(input.wrong("a layer is too high"))?;
            if layer > layers {
                return Err(input.wrong("a layer is too high"));
            }
            keys.extend(codes.iter().map(|(role, slot)| FeatureKey {
                group,
                layer,
                role: *role,
                slot: *slot,
            }));
        }
    }
    if !keys.is_sorted_by(|left, right| left < right) {
        return Err(input.wrong("keys are not in order"));
    }
    let of_layer = keys.chunk_by(|left, right| (left.group, left.layer) == (right.group, right.layer));
    if of_layer.into_iter().any(|keys| keys.len() > MOST_KEYS_OF_LAYER) {
        return Err(input.wrong("a layer has more keys than are sketched"));
    }
    let bits = input.bits(keys.len(), columns)?;
    Ok(Sketch {
        width,
        layers,
        profile,
        tokens_by_bytes: flags & 1 != 0,
        keys,
        bits,
        constant,
        not_finite,
        unreadable,
        fixed_sinusoids: flags & 2 != 0,
    })
}

fn gram(input: &mut Input<'_>) -> Result<UnusedGram, FileError> {
    let count = usize::from(input.byte()?);
    if !(2..=MOST_TOKENS).contains(&count) {
        return Err(input.wrong("too many or too few tokens"));
    }
    let mut tokens = Vec::with_capacity(count);
    for _ in 0..count {
        tokens.push(u32::from_le_bytes(input.array()?));
    }
    if !tokens.is_sorted_by(|left, right| left < right) {
        return Err(input.wrong("tokens are not in order"));
    }
    Ok(UnusedGram { tokens, bits: input.bits(1, count * (count - 1) / 2)? })
}

fn digests(input: &mut Input<'_>) -> Result<Vec<TensorDigest>, FileError> {
    let count: usize = input.number()?;
    if count > input.rest.len() / 18 {
        return Err(input.wrong("it is shorter than it says"));
    }
    let mut found = Vec::with_capacity(count);
    for _ in 0..count {
        let layer = input.number()?;
        let role = match input.byte()? {
            255 => None,
            number => Some(Role::from_number(number).ok_or(input.wrong("there is no such role"))?),
        };
        found.push(TensorDigest { layer, role, digest: input.array()? });
    }
    if !found.is_sorted() {
        return Err(input.wrong("digests are not in order"));
    }
    Ok(found)
}

fn tokenizer(input: &mut Input<'_>) -> Result<TokenizerSketch, FileError> {
    let size = input.number()?;
    let controls = input.number()?;
    let mut sample = |most: usize, of: u32| -> Result<Vec<SampledToken>, FileError> {
        let count = usize::from(input.byte()?);
        if count > most || count != most.min(of as usize) {
            return Err(input.wrong("a sample has another size than its vocabulary gives"));
        }
        let mut found = Vec::with_capacity(count);
        for _ in 0..count {
            let [a, b, c, d, e, f] = input.array()?;
            let [x, y, z] = input.array()?;
            let hash = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
            found.push(SampledToken { hash, id: u32::from_le_bytes([x, y, z, 0]) });
        }
        if !found.is_sorted_by(|left, right| left.hash < right.hash) {
            return Err(input.wrong("a sample is not in order"));
        }
        Ok(found)
    };
    let (tokens, control_sample) = (sample(SAMPLE, size)?, sample(CONTROL_SAMPLE, controls)?);
    Ok(TokenizerSketch { size, controls, sample: tokens, control_sample })
}
