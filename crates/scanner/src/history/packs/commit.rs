//! What a commit says of its tree, its parents and its times, and a tag of what it is of.
//!
//! Whatever is written in an unusual way is left to libgit2, which knows how it reads it.

use forebear_types::Time;

use super::Id;

/// The head of a commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'c> {
    pub(super) tree: Id,
    /// Lines of parents, each of [`PARENT`] bytes.
    parents: &'c [u8],
    pub(super) author: When,
    pub(super) committer: When,
}

/// A time and the offset of the zone in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// Seconds since 1970.
    pub(crate) seconds: i64,
    /// Minutes east of Greenwich.
    pub(crate) offset: i16,
}

impl When {
    /// As the rest of forebear has times.
    pub(crate) fn time(self) -> Time {
        Time { seconds: self.seconds, offset_minutes: self.offset }
    }
}

const PARENT: usize = "parent ".len() + 40 + 1;

impl<'c> Head<'c> {
    pub(super) fn new(bytes: &'c [u8]) -> Option<Self> {
        let (tree, rest) = line(bytes, b"tree ")?;
        let mut end = rest;
        while end.starts_with(b"parent ") {
            (_, end) = line(end, b"parent ")?;
        }
        let (parents, rest) = rest.split_at(rest.len() - end.len());
        let (author, rest) = when(rest, b"author ")?;
        let (committer, _) = when(rest, b"committer ")?;
        Some(Self { tree, parents, author, committer })
    }

    pub(super) fn parents(&self) -> impl Iterator<Item = Id> {
        self.parents.chunks_exact(PARENT).filter_map(|parent| Some(line(parent, b"parent ")?.0))
    }
}

/// What a tag is of.
pub(super) fn tagged(bytes: &[u8]) -> Option<Id> {
    let (id, rest) = line(bytes, b"object ")?;
    rest.starts_with(b"type ").then_some(id)
}

/// A line of a name and an id.
fn line<'b>(bytes: &'b [u8], name: &[u8]) -> Option<(Id, &'b [u8])> {
    let rest = bytes.strip_prefix(name)?;
    let (digits, rest) = rest.split_first_chunk::<40>()?;
    let rest = rest.strip_prefix(b"\n")?;
    let mut id = [0; 20];
    let mut wrong = 0;
    for (byte, [high, low]) in id.iter_mut().zip(digits.as_chunks::<2>().0) {
        let (high, low) = (DIGITS[*high as usize], DIGITS[*low as usize]);
        wrong |= high | low;
        *byte = high << 4 | low & 0xf;
    }
    (wrong <= 0xf).then_some((id, rest))
}

/// The time at the end of a line of a person.
fn when<'b>(bytes: &'b [u8], name: &[u8]) -> Option<(When, &'b [u8])> {
    let rest = bytes.strip_prefix(name)?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (&rest[..end], &rest[end + 1..]);
    let close = line.iter().rposition(|byte| *byte == b'>')?;
    let open = line.iter().rposition(|byte| *byte == b'<')?;
    let time = line[close..].strip_prefix(b"> ").filter(|_| open < close)?;
    let space = time.iter().position(|byte| *byte == b' ')?;
    let (seconds, [b' ', sign @ (b'+' | b'-'), zone @ ..]) = time.split_at(space) else { return None };
    let zone = number(zone).filter(|_| zone.len() == 4)?;
    let (hours, minutes) = (zone / 100, zone % 100);
    let seconds = number(seconds)?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    let offset = (hours * 60 + minutes) as i16;
    Some((When { seconds, offset: if *sign == b'-' { -offset } else { offset } }, rest))
}

fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + i64::from(digit - b'0')),
        _ => None,
    })
}

/// The value of each hexadecimal digit; 255 for all else.
const DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};
