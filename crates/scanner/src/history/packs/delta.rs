//! What a delta says (gitformat-pack, "Deltified representation").

use super::inflate::LARGEST;

/// A delta whose header fits its base.
pub(super) struct Delta<'d> {
    /// Length of what it makes.
    pub(super) len: usize,
    left: &'d [u8],
}

/// One step of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'d> {
    /// Bytes of the base.
    Copy { from: usize, len: usize },
    /// Bytes of its own.
    Insert(&'d [u8]),
}

impl<'d> Delta<'d> {
    /// Reads the header; `None` if the delta is not for a base of this length, or makes too much.
    pub(super) fn new(bytes: &'d [u8], base: usize) -> Option<Self> {
        let mut left = bytes;
        if length(&mut left)? != base as u64 {
            return None;
        }
        let len = length(&mut left).filter(|len| *len <= LARGEST)?;
        Some(Self { len: len as usize, left })
    }

    /// The next step: `Ok(None)` at the end, `Err` if the delta is broken there.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Step<'d>>, Broken> {
        let Some((&code, rest)) = self.left.split_first() else { return Ok(None) };
        if code & 0x80 == 0 {
            if code == 0 {
                return Err(Broken);
            }
            let (bytes, rest) = rest.split_at_checked(code as usize).ok_or(Broken)?;
            self.left = rest;
            return Ok(Some(Step::Insert(bytes)));
        }
        let mut rest = rest;
        let mut number = |mask: u8, bytes: u32| {
            let mut number = 0;
            for byte in 0..bytes {
                if mask >> byte & 1 == 1 {
                    let (&next, after) = rest.split_first().ok_or(Broken)?;
                    rest = after;
                    number |= (next as usize) << (8 * byte);
                }
            }
            Ok(number)
        };
        let from = number(code & 0xf, 4)?;
        let len = match number(code >> 4 & 7, 3)? {
            0 => 0x1_0000,
            len => len,
        };
        self.left = rest;
        Ok(Some(Step::Copy { from, len }))
    }
}

/// A delta cannot be read further.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Applies a delta to anything: `out` grows where it is shorter. The length of the result, `None` if the delta is broken.
pub(super) fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let mut delta = Delta::new(delta, base.len())?;
    let total = delta.len;
    if out.len() < total {
        out.resize(total, 0);
    }
    let mut at = 0;
    while let Some(step) = delta.next().ok()? {
        let bytes = match step {
            Step::Copy { from, len } => base.get(from..from.checked_add(len)?)?,
            Step::Insert(bytes) => bytes,
        };
        let end = at + bytes.len();
        out[..total].get_mut(at..end)?.copy_from_slice(bytes);
        at = end;
    }
    (at == total).then_some(total)
}

/// A length in base 128, lowest digits first.
fn length(bytes: &mut &[u8]) -> Option<u64> {
    let mut length = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        length |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}
