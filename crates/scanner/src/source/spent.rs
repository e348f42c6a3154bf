//! What reading one source costs in all: each reader has a bound of its own, and a thousand files a thousand times that.

use std::io::{self, Read, Seek, SeekFrom};

use forebear_types::RepoPath;
use forebear_types::fact::{Fact, FactKind, Problem, ProblemKind, Reading};

use super::ReadSeek;

/// The most that is read of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of files and of headers. A repository with 64 checkpoints, each with a vocabulary of 12 MB, stays below.
    pub(super) bytes: u64,
    /// Tensors that are kept. The largest model with a public index has 150,000.
    pub(super) tensors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 30, tensors: 2_000_000 }
    }
}

/// What was read so far, and what was left out for the sake of [`Limits`]. The file that reaches a limit is read to its end, so that
/// the sum exceeds it by no more than the bound of one reader.
#[derive(Debug, Default)]
pub(super) struct Spent {
    limits: Limits,
    bytes: u64,
    tensors: usize,
    /// The first file that was not read.
    first: Option<RepoPath>,
    /// How many were not read.
    left_out: usize,
}

impl Spent {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Whether a limit is reached.
    pub(super) fn is_all(&self) -> bool {
        self.bytes >= self.limits.bytes || self.tensors >= self.limits.tensors
    }

    /// Notes a file that is not read.
    pub(super) fn leave_out(&mut self, path: &RepoPath) {
        self.first.get_or_insert_with(|| path.clone());
        self.left_out += 1;
    }

    /// Counts bytes that were read.
    pub(super) fn add_bytes(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Counts the tensors of a file.
    pub(super) fn add_facts(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let FactKind::Tensors(list) = &fact.kind {
                self.tensors = self.tensors.saturating_add(list.tensors.len());
            }
        }
    }

    /// Says what was left out, at the first such file.
    pub(super) fn finish(self, reading: &mut Reading) {
        let Some(first) = self.first else { return };
        let limit = match self.tensors >= self.limits.tensors {
            true => format!("{} tensors", self.limits.tensors),
            false => format!("{} bytes", self.limits.bytes),
        };
        let unread = match self.left_out {
            0 | 1 => "it was not read".to_owned(),
            2 => "it and one further file were not read".to_owned(),
            more => format!("it and {} further files were not read", more - 1),
        };
        reading.problems.push(Problem {
            path: first,
            line: None,
            kind: ProblemKind::Oversized,
            what: format!(
                "the files before this one use up the {limit} that are examined of a repository: {unread}"
            ),
            remedy: "check the folders of the repository one by one".to_owned(),
        });
    }
}

/// A stream that counts what is read of it.
pub(super) struct Metered<'s> {
    pub(super) stream: Box<dyn ReadSeek + 's>,
    pub(super) bytes: u64,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.stream.seek(position)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Memory, examine, examine_within};
    use super::*;

    fn header(names: &[&str]) -> Vec<u8> {
        let entries: Vec<String> = names
            .iter()
            .map(|name| format!(r#""{name}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#))
            .collect();
        let header = format!("{{{}}}", entries.join(","));
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()
    }

    fn source(files: &[(&str, Vec<u8>)]) -> Memory {
        let mut source = Memory::new();
        for (path, bytes) in files {
            source.insert(RepoPath::new(*path).unwrap(), bytes.clone());
        }
        source
    }

    fn lists(reading: &Reading) -> usize {
        reading.facts.iter().filter(|fact| matches!(fact.kind, FactKind::Tensors(_))).count()
    }

    #[test]
    fn headers_beyond_the_tensors_of_a_repository_are_left_out_and_the_first_is_named() {
        let files: Vec<(String, Vec<u8>)> =
            (0..5).map(|number| (format!("{number}.safetensors"), header(&["a", "b"]))).collect();
        let files: Vec<(&str, Vec<u8>)> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        let (reading, count) = examine_within(&source(&files), Limits { tensors: 3, ..Limits::default() });
        assert_eq!((count, lists(&reading)), (5, 2));
        let weights = reading.facts.iter().filter(|fact| matches!(fact.kind, FactKind::Weights(_))).count();
        assert_eq!(weights, 5, "each file still counts as weights");
        let [problem] = &reading.problems[..] else { panic!("{:?}", reading.problems) };
        assert_eq!(
            (problem.path.to_string().as_str(), problem.kind),
            ("2.safetensors", ProblemKind::Oversized)
        );
        assert!(
            problem.what.ends_with(
                "use up the 3 tensors that are examined of a repository: it and 2 further files were not read"
            ),
            "{problem:?}"
        );
        let (reading, _) = examine(&source(&files));
        assert_eq!((lists(&reading), reading.problems.len()), (5, 0));
    }

    #[test]
    fn beyond_the_bytes_of_a_repository_a_licence_is_there_and_not_examined() {
        let files = [
            ("README.md", b"# Kaguya\n".to_vec()),
            ("model.safetensors", header(&["a"])),
            ("sub/LICENSE", b"MIT License\n".to_vec()),
            ("sub/config.json", b"{}".to_vec()),
        ];
        let limit = |bytes| Limits { bytes, ..Limits::default() };
        // The card has 9 bytes; the file that reaches the limit is still read.
        let (reading, _) = examine_within(&source(&files), limit(10));
        assert_eq!(lists(&reading), 1);
        let [problem] = &reading.problems[..] else { panic!("{:?}", reading.problems) };
        assert_eq!(problem.path.to_string(), "sub/LICENSE");
        assert!(
            problem.what.contains("10 bytes") && problem.what.contains("one further file"),
            "{problem:?}"
        );
        let legal = reading.facts.iter().find_map(|fact| match &fact.kind {
            FactKind::LegalFile(legal) => Some(legal.examined),
            _ => None,
        });
        assert_eq!(legal, Some(false));
        let (reading, _) = examine_within(&source(&files), limit(9));
        assert_eq!(lists(&reading), 0);
        assert_eq!(reading.problems[0].path.to_string(), "model.safetensors");
    }
}
