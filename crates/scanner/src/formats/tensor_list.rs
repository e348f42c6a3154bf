//! A list of tensors while it is read: what the readers of headers and indexes share.
//!
//! The list is bounded, its faults are told once each and counted beyond [`FAULTS`], and what could be read survives what
//! could not.

use forebear_types::fact::{FactKind, ProblemKind, Reading, Tensor, TensorSource, Tensors};

use super::{FAULTS, File};

/// Most tensors of one file. The largest model with a public index (2,000 layers of experts, each by itself) has 150,000.
const TENSORS: usize = 1_000_000;

/// Most dimensions of a tensor. NumPy and PyTorch allow 64.
pub(crate) const DIMENSIONS: usize = 64;

/// Longest value of the metadata that is kept, in bytes; the tag counts that trainers of adapters write have megabytes.
const VALUE: usize = 4096;

/// Most pairs of metadata that are kept.
const PAIRS: usize = 512;

/// The tensors of one file, and what was wrong with it.
pub(crate) struct TensorList<'a> {
    file: File<'a>,
    /// What may be done about a fault that says nothing better.
    remedy: &'static str,
    /// The tensors, in the order of the file.
    pub(crate) tensors: Vec<Tensor>,
    metadata: Vec<(String, String)>,
    complete: bool,
    faults: Vec<(ProblemKind, String, &'static str)>,
    /// Faults beyond those in words.
    more: usize,
}

impl<'a> TensorList<'a> {
    /// An empty list.
    pub(crate) fn new(file: File<'a>, remedy: &'static str) -> Self {
        Self {
            file,
            remedy,
            tensors: Vec::new(),
            metadata: Vec::new(),
            complete: true,
            faults: Vec::new(),
            more: 0,
        }
    }

    /// Adds a tensor. `false` when the list is full, which is said once.
    pub(crate) fn push(&mut self, tensor: Tensor) -> bool {
        if self.tensors.len() < TENSORS {
            self.tensors.push(tensor);
            return true;
        }
        if self.complete {
            let what =
                format!("the file lists more than {TENSORS} tensors; the first {TENSORS} were examined");
            self.cut(ProblemKind::Oversized, what, "split the file");
        }
        false
    }

    /// Keeps a pair of metadata, unless it is long.
    pub(crate) fn note(&mut self, key: &str, value: &str) {
        if key.len() <= VALUE && value.len() <= VALUE && self.metadata.len() < PAIRS {
            self.metadata.push((key.to_owned(), value.to_owned()));
        }
    }

    /// Something breaks the rules of the format; the list goes on.
    pub(crate) fn fault(&mut self, what: String) {
        self.tell(ProblemKind::Malformed, what, self.remedy);
    }

    /// Something breaks the rules of the format, and tensors may be missing from the list.
    pub(crate) fn lost(&mut self, what: String) {
        self.complete = false;
        self.fault(what);
    }

    /// Tensors may be missing, for a reason that is told elsewhere.
    pub(crate) fn incomplete(&mut self) {
        self.complete = false;
    }

    /// A part of the list is not read.
    pub(crate) fn cut(&mut self, kind: ProblemKind, what: String, remedy: &'static str) {
        self.complete = false;
        self.tell(kind, what, remedy);
    }

    /// Reading fails below the format.
    pub(crate) fn unreadable(&mut self, cause: &std::io::Error) {
        let remedy = "check that it is a readable file, and check again";
        self.cut(ProblemKind::Unreadable, format!("the file cannot be read: {cause}"), remedy);
    }

    /// A fault of any kind.
    pub(crate) fn tell(&mut self, kind: ProblemKind, what: String, remedy: &'static str) {
        if self.faults.len() < FAULTS {
            self.faults.push((kind, what, remedy));
        } else {
            self.more += 1;
        }
    }

    /// Whether the whole list was read so far.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Hands the list over: sorted by name, each name once. Of tensors with one name the last counts, as Python's reader of
    /// JSON takes it. Nothing is handed over where nothing could be read.
    pub(crate) fn finish(mut self, source: TensorSource, reading: &mut Reading) {
        // Stable: equal names stay in the order of the file.
        self.tensors.sort_by(|one, two| one.name.cmp(&two.name));
        let mut tensors: Vec<Tensor> = Vec::with_capacity(self.tensors.len());
        let mut twice = Vec::new();
        for tensor in std::mem::take(&mut self.tensors) {
            match tensors.last_mut() {
                Some(last) if last.name == tensor.name => {
                    twice.push(shown(&tensor.name));
                    *last = tensor;
                }
                _ => tensors.push(tensor),
            }
        }
        twice.dedup();
        for name in twice {
            self.fault(format!("the tensor {name} is listed twice; the last one counts"));
        }
        // Stable too: of equal keys the last is kept.
        self.metadata.sort_by(|one, two| one.0.cmp(&two.0));
        self.metadata.reverse();
        self.metadata.dedup_by(|next, kept| next.0 == kept.0);
        self.metadata.reverse();
        if self.more > 0 {
            let what = format!("{} more faults of the kinds above", self.more);
            self.faults.push((ProblemKind::Malformed, what, self.remedy));
        }
        if self.complete || !tensors.is_empty() || !self.metadata.is_empty() {
            let (metadata, complete) = (self.metadata, self.complete);
            reading.facts.push(self.file.fact(FactKind::Tensors(Tensors {
                source,
                tensors,
                metadata,
                complete,
            })));
        }
        for (kind, what, remedy) in self.faults {
            reading.problems.push(self.file.problem(kind, what, remedy));
        }
    }
}

/// A name from a file as a message shows it: quoted, escaped, cut.
pub(crate) fn shown(name: &str) -> String {
    const LONGEST: usize = 80;
    let cut: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    let more = if name.chars().nth(LONGEST).is_some() { "…" } else { "" };
    format!("`{cut}{more}`")
}

/// The product of dimensions; `None` beyond 64 bits. A zero makes it zero, whatever stands beside it.
pub(crate) fn elements(shape: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1u64, |product, dimension| product.checked_mul(*dimension))
}

/// What is in a file that is not of its format, where the first bytes tell: for the message that says so.
pub(crate) fn looks_like(first: &[u8]) -> Option<&'static str> {
    let text = first.trim_ascii_start();
    let starts = |magic: &[u8]| first.starts_with(magic);
    if text
        .get(..5)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"<html") || word.eq_ignore_ascii_case(b"<!doc"))
    {
        Some("a web page, such as a failed download leaves")
    } else if starts(b"PK\x03\x04") {
        Some("a zip archive, as PyTorch writes checkpoints")
    } else if starts(b"GGUF") || starts(b"FUGG") {
        Some("a GGUF file")
    } else if [&b"lmgg"[..], b"fmgg", b"tjgg", b"algg"].iter().any(|magic| starts(magic)) {
        Some("a GGML file, the forerunner of GGUF")
    } else if starts(b"\x89HDF\r\n\x1a\n") {
        Some("an HDF5 file")
    } else if starts(b"\x1f\x8b") {
        Some("a gzip archive")
    } else if first.len() >= 2 && first[0] == 0x80 && (2..=5).contains(&first[1]) {
        Some("a Python pickle")
    } else if !first.is_empty() && first.iter().all(|byte| *byte == 0) {
        Some("nothing but zeros, such as an unfinished download leaves")
    } else {
        None
    }
}
