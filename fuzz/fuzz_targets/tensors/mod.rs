//! What the targets of lists of tensors share: how a file is read, and what must hold of the answer.

use std::io::Cursor;

use forebear_scanner::formats::{self, File};
use forebear_types::fact::{FactKind, Reading, Tensors};
use forebear_types::{RepoPath, Snapshot};

/// Longest value of the metadata that is kept.
const VALUE: usize = 4096;

/// Reads a file as `forebear check` does, twice, and checks what it says.
pub fn hold(name: &str, bytes: &[u8], most: usize) {
    let reading = read(name, bytes);
    assert!(reading.problems.len() <= 24, "problems are counted, not listed without end");
    for problem in &reading.problems {
        assert!(problem.what.len() <= 2000, "{}", problem.what.len());
        assert!(!problem.what.contains(char::is_control), "{:?}", problem.what);
    }
    let mut lists = reading.facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::Tensors(tensors) => Some(tensors),
        _ => None,
    });
    match lists.next() {
        Some(tensors) => list(tensors, most, reading.problems.is_empty()),
        None => assert!(!reading.problems.is_empty(), "nothing was read, and nothing says why"),
    }
    assert!(lists.next().is_none(), "a file has one list");
    assert_eq!(reading, read(name, bytes), "the same bytes give the same answer");
}

fn list(found: &Tensors, most: usize, fine: bool) {
    assert!(found.complete || !fine, "a list that is not complete comes with a problem");
    assert!(found.tensors.len() <= most, "{} tensors of at most {most}", found.tensors.len());
    for pair in found.tensors.windows(2) {
        assert!(pair[0].name < pair[1].name, "names are in order, each once");
    }
    for tensor in &found.tensors {
        assert!(tensor.shape.as_ref().is_none_or(|shape| shape.len() <= 64));
        tensor.elements();
    }
    for pair in found.metadata.windows(2) {
        assert!(pair[0].0 < pair[1].0, "keys are in order, each once");
    }
    for (key, value) in &found.metadata {
        assert!(key.len() <= VALUE && value.len() <= VALUE);
    }
}

fn read(name: &str, bytes: &[u8]) -> Reading {
    let path = RepoPath::new(name).expect("a relative path");
    let interest = formats::interest(&path).expect("a name of interest");
    let size = bytes.len() as u64;
    let file = File { path: &path, bytes, size, blob: None, snapshot: &Snapshot::WorkTree };
    let mut reading = formats::read(file, interest);
    if formats::has_header(&reading, file, interest) {
        formats::read_header(file, interest, &mut Cursor::new(bytes), &mut reading);
    }
    reading
}
