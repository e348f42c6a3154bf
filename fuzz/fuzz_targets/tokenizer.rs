//! The readers of vocabularies over bytes of strangers. The first byte picks the format.
#![no_main]

use forebear_scanner::formats::{File, interest, read};
use forebear_types::fact::{FactKind, TokenSketch};
use forebear_types::{RepoPath, Snapshot};
use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "tokenizer.json", "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "a.tiktoken", "tekken.json",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let path = RepoPath::new(name).expect("a plain name");
    let interest = interest(&path).expect("a vocabulary");
    let size = bytes.len() as u64;
    let file = File { path: &path, bytes, size, blob: None, snapshot: &Snapshot::WorkTree };
    let reading = read(file, interest);
    assert!(reading.problems.len() <= 16, "problems are counted, not listed");
    assert!(reading.facts.len() <= 1);
    let end = bytes.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
    for problem in &reading.problems {
        assert!(problem.line.is_none_or(|line| (1..=end).contains(&line)), "a line of the file");
    }
    let Some(FactKind::Tokenizer(tokenizer)) = reading.facts.first().map(|fact| &fact.kind) else { return };
    assert!(tokenizer.digest.is_some());
    assert!(tokenizer.added.len() <= 4096);
    let within = |count: Option<u64>| count.is_none_or(|count| count <= size);
    assert!(within(tokenizer.tokens) && within(tokenizer.merges), "each takes a byte at least");
    if let Some(TokenSketch { tokens, sample, .. }) = &tokenizer.sketch {
        assert!(sample.len() <= TokenSketch::SAMPLE && sample.len() as u64 <= *tokens && !sample.is_empty());
        assert!(sample.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, each once");
        assert!(sample.iter().all(|(hash, _)| *hash < 1 << 48));
    }
    assert_eq!(read(file, interest), reading, "the same bytes give the same answer");
});
