//! A file of weights: ranges of bytes at any place, opened once.
//!
//! Fingerprints ask for single elements that lie near each other (spread over a row) or far apart (down a column). A window over
//! the file serves both: a miss far from the window reads [`SMALL`] bytes, a miss just behind it doubles what is read, up to
//! [`LARGE`]. Requests of a window or more pass it by.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use forebear_types::RepoPath;

/// Bytes that a miss reads: a page, which the system reads whole in any case.
const SMALL: usize = 4 << 10;

/// The most bytes that a run of neighbouring requests reads at once.
const LARGE: usize = 64 << 10;

/// Where the bytes are.
enum Store {
    File(File),
    Memory(Arc<[u8]>),
}

/// A file that can be read at any place.
pub(super) struct Bytes {
    pub(super) path: RepoPath,
    pub(super) size: u64,
    store: Store,
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
    /// Bytes to read at the next miss that follows the window.
    step: usize,
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bytes").field("path", &self.path).field("size", &self.size).finish_non_exhaustive()
    }
}

impl Bytes {
    pub(super) fn of_file(path: RepoPath, file: File, size: u64) -> Self {
        Self { path, size, store: Store::File(file), window: Mutex::default() }
    }

    pub(super) fn of_memory(path: RepoPath, bytes: Arc<[u8]>) -> Self {
        let size = bytes.len() as u64;
        Self { path, size, store: Store::Memory(bytes), window: Mutex::default() }
    }

    /// Fills `out` with the bytes from `at` on.
    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> Result<(), String> {
        let end = at.checked_add(out.len() as u64).filter(|end| *end <= self.size);
        let Some(end) = end else {
            return Err(format!(
                "its bytes {at} to {} reach beyond the end of the file, which has {} bytes",
                at.saturating_add(out.len() as u64),
                self.size
            ));
        };
        if out.len() >= SMALL || matches!(self.store, Store::Memory(_)) {
            // Elsewhere seeking and reading are two steps, which other threads must not come between.
            let _alone = (!cfg!(unix)).then(|| self.window.lock());
            return self.fill(at, out).map_err(|cause| failed(&cause));
        }
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let reached = window.start + window.bytes.len() as u64;
        if at < window.start || end > reached {
            let near = at >= window.start && at <= reached.saturating_add(window.bytes.len() as u64);
            window.step = if near { (window.step * 2).clamp(SMALL, LARGE) } else { SMALL };
            // From a page's first byte on, and far enough to hold what is asked for.
            let start = at - at % SMALL as u64;
            let wanted = (window.step as u64).max(end - start).min(self.size - start);
            let mut bytes = std::mem::take(&mut window.bytes);
            bytes.resize(wanted as usize, 0);
            // Until the window is filled it holds nothing.
            self.fill(start, &mut bytes).map_err(|cause| failed(&cause))?;
            (window.start, window.bytes) = (start, bytes);
        }
        let from = (at - window.start) as usize;
        out.copy_from_slice(&window.bytes[from..from + out.len()]);
        Ok(())
    }

    fn fill(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        match &self.store {
            Store::File(file) => read_exact_at(file, at, out),
            Store::Memory(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                let part = bytes.get(from..).and_then(|rest| rest.get(..out.len()));
                out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

fn failed(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => "the file has become shorter since it was opened".to_owned(),
        _ => format!("the file cannot be read: {cause}"),
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, at: u64, out: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, at)
}

/// In two steps: the caller holds the window's lock.
#[cfg(not(unix))]
fn read_exact_at(mut file: &File, at: u64, out: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(out)
}

/// The file as the readers of headers want it. They buffer for themselves.
pub(super) struct Stream<'b> {
    bytes: &'b Bytes,
    at: u64,
}

impl<'b> Stream<'b> {
    pub(super) fn new(bytes: &'b Bytes) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.bytes.size.saturating_sub(self.at);
        let length = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.bytes.fill(self.at, &mut out[..length])?;
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A range of a file.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) file: Arc<Bytes>,
    pub(super) start: u64,
    pub(super) length: u64,
}

impl Span {
    /// Fills `out` with the bytes from `at` on, counted in the range.
    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> Result<(), String> {
        let end = at.checked_add(out.len() as u64);
        match self.start.checked_add(at) {
            Some(start) if end.is_some_and(|end| end <= self.length) => self.file.read(start, out),
            _ => Err(format!("its shape needs more than the {} bytes that it has in the file", self.length)),
        }
    }

    /// Hands over all its bytes, in pieces.
    pub(super) fn each(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let reached = self.start.checked_add(self.length);
        if reached.is_none_or(|reached| reached > self.file.size) {
            // Before anything of that size is held.
            return self.file.read(self.start, &mut [0; 1]).and_then(|()| {
                Err(format!("it reaches beyond the end of the file, which has {} bytes", self.file.size))
            });
        }
        let mut piece = vec![0; LARGE.min(usize::try_from(self.length).unwrap_or(LARGE))];
        let mut at = 0;
        while at < self.length {
            let length = (self.length - at).min(LARGE as u64) as usize;
            self.read(at, &mut piece[..length])?;
            each(&piece[..length]);
            at += length as u64;
        }
        Ok(())
    }
}
