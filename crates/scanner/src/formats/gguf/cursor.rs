//! Reads the numbers and texts of a GGUF header, in the byte order and width of the file, and never beyond what is there.

use std::io::{BufReader, ErrorKind, Read};

use forebear_types::fact::ProblemKind;

use crate::source::ReadSeek;

/// The longest header that is read. A vocabulary of 262,144 tokens with merges takes 15 MB, a thousand tensors 100 KB.
pub(super) const LONGEST_HEADER: u64 = 256 << 20;

/// Arrays in arrays. The specification sets no bound; no key that is in use nests at all.
const DEEPEST: usize = 8;

/// Why reading stopped, and at which byte.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: ProblemKind,
    pub(super) what: String,
    pub(super) at: u64,
}

/// Types of values, `gguf_metadata_value_type` of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Unsigned(u8),
    Signed(u8),
    Float32,
    Float64,
    Flag,
    Text,
    Array,
}

impl Type {
    fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Unsigned(1),
            1 => Self::Signed(1),
            2 => Self::Unsigned(2),
            3 => Self::Signed(2),
            4 => Self::Unsigned(4),
            5 => Self::Signed(4),
            6 => Self::Float32,
            7 => Self::Flag,
            8 => Self::Text,
            9 => Self::Array,
            10 => Self::Unsigned(8),
            11 => Self::Signed(8),
            12 => Self::Float64,
            _ => return None,
        })
    }

    /// Bytes of a value; `None` for those of no fixed size.
    pub(super) fn size(self) -> Option<u64> {
        match self {
            Self::Unsigned(size) | Self::Signed(size) => Some(u64::from(size)),
            Self::Float32 => Some(4),
            Self::Float64 => Some(8),
            Self::Flag => Some(1),
            Self::Text | Self::Array => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unsigned(_) | Self::Signed(_) => "a whole number",
            Self::Float32 | Self::Float64 => "a fraction",
            Self::Flag => "a truth value",
            Self::Text => "a text",
            Self::Array => "an array",
        }
    }
}

/// A value of fixed size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Integer(i128),
    Float32(f32),
    Float64(f64),
    Flag(bool),
}

pub(super) struct Cursor<'a> {
    stream: BufReader<&'a mut dyn ReadSeek>,
    /// Bytes before the next one.
    pub(super) at: u64,
    /// Size of the file.
    pub(super) size: u64,
    /// Whether counts and lengths have 64 bits: from version 2 on.
    pub(super) wide: bool,
    /// Whether numbers are big-endian.
    pub(super) big: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(stream: &'a mut dyn ReadSeek, size: u64) -> Self {
        Self { stream: BufReader::with_capacity(1 << 16, stream), at: 0, size, wide: true, big: false }
    }

    pub(super) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { kind: ProblemKind::Malformed, what: what.into(), at: self.at }
    }

    /// Checks that `length` more bytes are there, and within the budget.
    fn claim(&self, length: u64) -> Result<(), Fault> {
        if length > self.size.saturating_sub(self.at) {
            let left = self.size.saturating_sub(self.at);
            return Err(self.fault(format!("{length} bytes are wanted, and the file ends after {left}")));
        }
        if length > LONGEST_HEADER.saturating_sub(self.at) {
            return Err(Fault {
                kind: ProblemKind::Oversized,
                ..self
                    .fault(format!("the header is longer than the {LONGEST_HEADER} bytes that are examined"))
            });
        }
        Ok(())
    }

    fn io(&self, cause: &std::io::Error) -> Fault {
        let kind = match cause.kind() {
            ErrorKind::UnexpectedEof => ProblemKind::Malformed,
            _ => ProblemKind::Unreadable,
        };
        Fault { kind, ..self.fault(format!("the file cannot be read on: {cause}")) }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.claim(N as u64)?;
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).map_err(|cause| self.io(&cause))?;
        self.at += N as u64;
        Ok(bytes)
    }

    pub(super) fn magic(&mut self) -> Result<[u8; 4], Fault> {
        self.array()
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.array()?;
        Ok(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        let bytes = self.array()?;
        Ok(if self.big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A count or length.
    pub(super) fn count(&mut self) -> Result<u64, Fault> {
        if self.wide { self.u64() } else { self.u32().map(u64::from) }
    }

    pub(super) fn value_type(&mut self) -> Result<Type, Fault> {
        let at = self.at;
        let number = self.u32()?;
        Type::from_number(number)
            .ok_or_else(|| Fault { at, ..self.fault(format!("{number} is no type of values")) })
    }

    pub(super) fn skip(&mut self, length: u64) -> Result<(), Fault> {
        self.claim(length)?;
        // Below the longest header, which is far below the bound of the type.
        self.stream.seek_relative(length as i64).map_err(|cause| self.io(&cause))?;
        self.at += length;
        Ok(())
    }

    /// Adds the bytes of a text to `bytes`. The caller has set a bound on the length.
    fn append(&mut self, length: u64, bytes: &mut Vec<u8>) -> Result<(), Fault> {
        self.claim(length)?;
        let start = bytes.len();
        bytes.resize(start + length as usize, 0);
        self.stream.read_exact(&mut bytes[start..]).map_err(|cause| self.io(&cause))?;
        self.at += length;
        Ok(())
    }

    /// A text of at most `longest` bytes; a longer one is passed over, and `None`.
    pub(super) fn bytes(&mut self, longest: u64) -> Result<Option<Vec<u8>>, Fault> {
        let mut bytes = Vec::new();
        Ok(self.bytes_into(longest, &mut bytes)?.then_some(bytes))
    }

    /// Adds a text of at most `longest` bytes to `bytes`; a longer one is passed over, and `false`.
    pub(super) fn bytes_into(&mut self, longest: u64, bytes: &mut Vec<u8>) -> Result<bool, Fault> {
        let length = self.count()?;
        if length > longest {
            self.skip(length)?;
            return Ok(false);
        }
        self.append(length, bytes)?;
        Ok(true)
    }

    /// A value of fixed size.
    pub(super) fn scalar(&mut self, kind: Type) -> Result<Scalar, Fault> {
        Ok(match kind {
            Type::Unsigned(1) => Scalar::Integer(self.array::<1>()?[0].into()),
            Type::Signed(1) => Scalar::Integer((self.array::<1>()?[0] as i8).into()),
            Type::Unsigned(2) => Scalar::Integer(self.u16()?.into()),
            Type::Signed(2) => Scalar::Integer((self.u16()? as i16).into()),
            Type::Unsigned(4) => Scalar::Integer(self.u32()?.into()),
            Type::Signed(4) => Scalar::Integer((self.u32()? as i32).into()),
            Type::Unsigned(_) => Scalar::Integer(self.u64()?.into()),
            Type::Signed(_) => Scalar::Integer((self.u64()? as i64).into()),
            Type::Float32 => Scalar::Float32(f32::from_bits(self.u32()?)),
            Type::Float64 => Scalar::Float64(f64::from_bits(self.u64()?)),
            Type::Flag => Scalar::Flag(self.array::<1>()?[0] != 0),
            Type::Text | Type::Array => return Err(self.fault("a value of fixed size is wanted")),
        })
    }

    fn u16(&mut self) -> Result<u16, Fault> {
        let bytes = self.array()?;
        Ok(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// Type and length of an array. That many of the smallest elements are there.
    pub(super) fn array_head(&mut self) -> Result<(Type, u64), Fault> {
        let kind = self.value_type()?;
        let at = self.at;
        let length = self.count()?;
        let width = if self.wide { 8 } else { 4 };
        let smallest = match kind {
            Type::Text => width,
            Type::Array => 4 + width,
            other => other.size().unwrap_or(1),
        };
        let left = self.size.saturating_sub(self.at);
        if length.checked_mul(smallest).is_none_or(|bytes| bytes > left) {
            let what = format!("the array claims {length} elements, and the file ends after {left} bytes");
            return Err(Fault { at, ..self.fault(what) });
        }
        Ok((kind, length))
    }

    /// Passes over a value.
    pub(super) fn skip_value(&mut self, kind: Type) -> Result<(), Fault> {
        match (kind, kind.size()) {
            (_, Some(size)) => self.skip(size),
            (Type::Array, _) => {
                let head = self.array_head()?;
                self.skip_elements(head)
            }
            _ => self.skip_text(),
        }
    }

    /// Passes over the elements of an array of which the head was read.
    pub(super) fn skip_elements(&mut self, head: (Type, u64)) -> Result<(), Fault> {
        let mut open = vec![head];
        while let Some((kind, left)) = open.last_mut() {
            if let Some(size) = kind.size() {
                // The head's check holds the product within the file.
                let length = left.saturating_mul(size);
                open.pop();
                self.skip(length)?;
            } else if *left == 0 {
                open.pop();
            } else {
                *left -= 1;
                if *kind == Type::Text {
                    self.skip_text()?;
                } else if open.len() >= DEEPEST {
                    return Err(self.fault(format!("arrays are nested more than {DEEPEST} deep")));
                } else {
                    open.push(self.array_head()?);
                }
            }
        }
        Ok(())
    }

    fn skip_text(&mut self) -> Result<(), Fault> {
        let length = self.count()?;
        self.skip(length)
    }
}
