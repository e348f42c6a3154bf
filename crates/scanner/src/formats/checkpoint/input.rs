//! A pickle as a stream of bytes, within bounds.

use std::io::{self, BufReader, Read, SeekFrom};

use crate::source::ReadSeek;

/// Most bytes of a pickle that are read; what is skipped (arrays that stand in the pickle itself) costs nothing.
pub(super) const PICKLE: u64 = 64 << 20;

/// Why reading a pickle stops before its end.
#[derive(Debug)]
pub(super) enum Stop {
    Io(io::Error),
    /// The bytes end.
    Cut,
    /// What is wrong.
    Broken(String),
    /// Which bound is reached.
    Bound(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The bytes from a place on.
pub(super) struct Input<'s> {
    stream: BufReader<&'s mut dyn ReadSeek>,
    /// Bytes that are there.
    left: u64,
    /// Bytes that may be read.
    budget: u64,
    /// Bytes passed.
    passed: u64,
}

impl<'s> Input<'s> {
    /// The `length` bytes from `start` on, which are there.
    pub(super) fn new(stream: &'s mut dyn ReadSeek, start: u64, length: u64) -> io::Result<Self> {
        stream.seek(SeekFrom::Start(start))?;
        Ok(Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            left: length,
            budget: PICKLE,
            passed: 0,
        })
    }

    /// Bytes passed since the start.
    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// Bytes that follow.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn byte(&mut self) -> Result<u8, Stop> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        self.spend(N as u64)?;
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Stop::Cut,
            _ => Stop::Io(error),
        })?;
        Ok(bytes)
    }

    /// So many bytes, if they are there.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Stop> {
        self.spend(length)?;
        let mut bytes = Vec::new();
        (&mut self.stream).take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length { Err(Stop::Cut) } else { Ok(bytes) }
    }

    /// Passes over so many bytes without reading them.
    pub(super) fn skip(&mut self, length: u64) -> Result<(), Stop> {
        if length > self.left {
            return Err(Stop::Cut);
        }
        self.left -= length;
        self.passed += length;
        self.stream.seek_relative(i64::try_from(length).map_err(|_| Stop::Cut)?)?;
        Ok(())
    }

    /// The bytes up to a line feed, without it.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, Stop> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Ok(line),
                byte => line.push(byte),
            }
        }
    }

    fn spend(&mut self, length: u64) -> Result<(), Stop> {
        if length > self.left {
            return Err(Stop::Cut);
        }
        if length > self.budget {
            return Err(Stop::Bound(format!("the pickle has more than {PICKLE} bytes")));
        }
        self.left -= length;
        self.budget -= length;
        self.passed += length;
        Ok(())
    }
}
