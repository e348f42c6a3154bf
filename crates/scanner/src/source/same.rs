//! Whether weight files of two sources have the same bytes, where no pointer says so.

use std::collections::BTreeMap;

use forebear_types::RepoPath;
use forebear_types::fact::{Fact, Problem, ProblemKind, WeightsFile};
use sha2::{Digest, Sha256};

use super::{Entry, EntryKind, Source, unreadable};

/// Files of theirs that one of ours is compared with: the one of the same path or name, and others of the same size.
const TRIES: usize = 4;

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 18;

/// Pairs of files, ours first, and what could not be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Same {
    /// Files with the same bytes.
    pub pairs: Vec<(RepoPath, RepoPath)>,
    /// What could not be read in ours, or was left out.
    pub ours: Vec<Problem>,
    /// What could not be read in theirs.
    pub theirs: Vec<Problem>,
}

/// Compares weight files of one size of which at least one side has the content. Where one side is a pointer, the SHA-256 of
/// the other is taken. At most `budget` bytes are read; what is left out is a problem.
pub fn same_weights(
    (ours, our_facts): (&dyn Source, &[Fact]),
    (theirs, their_facts): (&dyn Source, &[Fact]),
    mut budget: u64,
) -> Same {
    let mut same = Same::default();
    let here: Vec<(&RepoPath, &WeightsFile)> = Fact::weights(our_facts).collect();
    let mut by_size: BTreeMap<u64, Vec<(&RepoPath, &WeightsFile)>> = BTreeMap::new();
    for (path, file) in Fact::weights(their_facts) {
        by_size.entry(file.size).or_default().push((path, file));
    }
    let tries = |path: &RepoPath, file: &WeightsFile| {
        let all = by_size.get(&file.size).map(Vec::as_slice).unwrap_or_default();
        let same_path = all.iter().filter(|(other, _)| *other == path);
        let same_name =
            all.iter().filter(|(other, _)| *other != path && other.file_name() == path.file_name());
        let others = all.iter().filter(|(other, _)| other.file_name() != path.file_name());
        let of_use = |(_, other): &&(&RepoPath, &WeightsFile)| {
            file.is_telling() && (file.pointer.is_none() || other.pointer.is_none())
        };
        let tries: Vec<(&RepoPath, &WeightsFile)> = same_path
            .chain(same_name.take(TRIES))
            .chain(others.take(TRIES))
            .filter(of_use)
            .take(TRIES)
            .copied()
            .collect();
        tries
    };
    if here.iter().all(|(path, file)| tries(path, file).is_empty()) {
        return same;
    }
    let (our_entries, their_entries) = (ours.list().entries, theirs.list().entries);
    let mut left_out: Option<(RepoPath, usize)> = None;
    for (path, file) in here {
        for (other_path, other) in tries(path, file) {
            let (Some(entry), Some(other_entry)) =
                (find(&our_entries, path), find(&their_entries, other_path))
            else {
                continue;
            };
            if entry.blob.is_some() && entry.blob == other_entry.blob {
                same.pairs.push((path.clone(), other_path.clone()));
                break;
            }
            let cost = if file.pointer.is_none() && other.pointer.is_none() {
                file.size.saturating_mul(2)
            } else {
                file.size
            };
            if cost > budget {
                left_out.get_or_insert_with(|| (path.clone(), 0)).1 += 1;
                break;
            }
            let (read, equal) = match (file.pointer, other.pointer) {
                (Some(pointer), _) => is_sha256(theirs, other_entry, pointer.sha256, &mut same.theirs),
                (None, Some(pointer)) => is_sha256(ours, entry, pointer.sha256, &mut same.ours),
                (None, None) => equal_bytes((ours, entry), (theirs, other_entry), &mut same),
            };
            budget = budget.saturating_sub(read);
            if equal {
                same.pairs.push((path.clone(), other_path.clone()));
                break;
            }
        }
    }
    same.ours.extend(left_out.map(|(path, number)| Problem {
        path,
        line: None,
        kind: ProblemKind::Oversized,
        what: format!(
            "{number} weight files of the size of one in the local copy were not compared byte for byte: they are too large together"
        ),
        remedy: "compare their SHA-256 by hand, or check clones that hold the pointers of Git LFS".to_owned(),
    }));
    same
}

fn find<'e>(entries: &'e [Entry], path: &RepoPath) -> Option<&'e Entry> {
    let index = entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
    Some(&entries[index]).filter(|entry| entry.kind == EntryKind::File)
}

/// The number of bytes read, and whether they have the digest.
fn is_sha256(
    source: &dyn Source,
    entry: &Entry,
    wanted: forebear_types::Sha256,
    problems: &mut Vec<Problem>,
) -> (u64, bool) {
    let mut stream = match source.open(entry) {
        Ok(stream) => stream,
        Err(problem) => {
            problems.push(problem);
            return (0, false);
        }
    };
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut read = 0;
    loop {
        match fill(&mut *stream, &mut block) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&block[..count]);
                read += count as u64;
            }
            Err(cause) => {
                problems.push(unreadable(&entry.path, cause));
                return (read, false);
            }
        }
    }
    (read, hasher.finalize()[..] == wanted.0)
}

/// The number of bytes read from both, and whether they are equal.
fn equal_bytes(ours: (&dyn Source, &Entry), theirs: (&dyn Source, &Entry), same: &mut Same) -> (u64, bool) {
    let (mut one, mut two) = match (ours.0.open(ours.1), theirs.0.open(theirs.1)) {
        (Ok(one), Ok(two)) => (one, two),
        (one, two) => {
            same.ours.extend(one.err());
            same.theirs.extend(two.err());
            return (0, false);
        }
    };
    let (mut block, mut other) = (vec![0; BLOCK], vec![0; BLOCK]);
    let mut read = 0;
    loop {
        let count = match fill(&mut *one, &mut block) {
            Ok(count) => count,
            Err(cause) => {
                same.ours.push(unreadable(&ours.1.path, cause));
                return (read, false);
            }
        };
        let other_count = match fill(&mut *two, &mut other) {
            Ok(count) => count,
            Err(cause) => {
                same.theirs.push(unreadable(&theirs.1.path, cause));
                return (read, false);
            }
        };
        read += (count + other_count) as u64;
        if block[..count] != other[..other_count] {
            return (read, false);
        }
        if count == 0 {
            return (read, true);
        }
    }
}

/// Reads until the block is full or the file ends.
fn fill(stream: &mut dyn super::ReadSeek, block: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match stream.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::super::{Memory, examine};
    use super::*;

    fn source(files: &[(&str, Vec<u8>)]) -> Memory {
        let mut memory = Memory::new();
        for (path, bytes) in files {
            memory.insert(RepoPath::new(path).unwrap(), bytes.clone());
        }
        memory
    }

    fn compared(ours: &[(&str, Vec<u8>)], theirs: &[(&str, Vec<u8>)], budget: u64) -> Same {
        let (ours, theirs) = (source(ours), source(theirs));
        let (our, their) = (examine(&ours).0.facts, examine(&theirs).0.facts);
        same_weights((&ours, &our), (&theirs, &their), budget)
    }

    fn pointer_to(bytes: &[u8]) -> Vec<u8> {
        let mut hex = String::new();
        for byte in Sha256::digest(bytes) {
            hex.push_str(&format!("{byte:02x}"));
        }
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{hex}\nsize {}\n", bytes.len())
            .into_bytes()
    }

    #[test]
    fn equal_files_are_found_under_other_names_and_behind_pointers() {
        let bytes: Vec<u8> = (0..700_000_u32).map(|number| (number * 7 % 251) as u8).collect();
        let mut other = bytes.clone();
        other[699_999] ^= 1;
        let pair = |here: &str, there: &str| (RepoPath::new(here).unwrap(), RepoPath::new(there).unwrap());
        let wanted = vec![pair("kaguya.bin.gguf", "base.gguf")];
        let ours = [("kaguya.bin.gguf", bytes.clone()), ("other.gguf", other.clone())];
        assert_eq!(compared(&ours, &[("base.gguf", bytes.clone())], u64::MAX).pairs, wanted);
        assert_eq!(compared(&ours, &[("base.gguf", pointer_to(&bytes))], u64::MAX).pairs, wanted);
        let pointers = [("kaguya.bin.gguf", pointer_to(&bytes)), ("other.gguf", pointer_to(&other))];
        assert_eq!(compared(&pointers, &[("base.gguf", bytes.clone())], u64::MAX).pairs, wanted);
        assert!(compared(&ours[1..], &[("base.gguf", bytes)], u64::MAX).pairs.is_empty());
    }

    #[test]
    fn what_is_too_large_is_told_and_not_read() {
        let bytes = vec![1_u8; 10_000];
        let same = compared(&[("a.gguf", bytes.clone())], &[("a.gguf", bytes)], 15_000);
        assert!(same.pairs.is_empty() && same.theirs.is_empty());
        assert_eq!(same.ours[0].kind, ProblemKind::Oversized);
    }

    #[test]
    fn small_files_and_files_of_other_sizes_are_left_alone() {
        let small = vec![0_u8; 1000];
        let same = compared(
            &[("a.gguf", small.clone()), ("b.gguf", vec![0; 5000])],
            &[("a.gguf", small), ("b.gguf", vec![0; 5001])],
            0,
        );
        assert_eq!(same, Same::default());
    }
}
