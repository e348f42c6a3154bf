//! The vocabulary that goes with weights: the one file of a folder that tells most, or the header of a GGUF file.

use std::fs;
use std::path::Path;

use forebear_types::fact::{Fact, FactKind, Tokenizer, TokenizerKind, WeightsFormat};
use forebear_types::{RepoPath, Snapshot};

use super::folder;
use crate::formats::{self, File, Interest};
use crate::native;
use crate::source::{Entry, EntryKind, ReadSeek, Source as _};

/// The vocabulary of a folder, of a model cache, or of a GGUF file. Of several files the one nearest to the top counts, and of those that which
/// tells control tokens from regular ones; no other is read. What is wrong with it is for the readers of whole repositories to
/// say: here it is missing then.
pub fn vocabulary(path: &Path) -> Option<Tokenizer> {
    let root = fs::canonicalize(path).ok()?;
    if root.is_file() {
        let name = RepoPath::new(native::bytes(Path::new(root.file_name()?))).ok()?;
        let file = fs::File::open(&root).ok()?;
        let size = file.metadata().ok()?.len();
        return match formats::interest(&name)? {
            Interest::Weights(WeightsFormat::Gguf) => header(&name, size, &mut { file }),
            _ => None,
        };
    }
    let (folder, _) = folder(root);
    let mut found: Vec<_> = folder
        .list()
        .entries
        .into_iter()
        .filter(|entry| entry.kind == EntryKind::File)
        .filter_map(|entry| {
            let interest = formats::interest(&entry.path)?;
            Some(((entry.path.depth(), rank(interest)?, entry.path.clone()), interest, entry))
        })
        .collect();
    found.sort_by(|one, two| one.0.cmp(&two.0));
    found.into_iter().find_map(|(_, interest, entry)| {
        let content = folder.read(&entry, formats::budget(interest)).ok()?;
        if let Interest::Weights(_) = interest {
            let mut stream = folder.open(&entry).ok()?;
            return header(&entry.path, content.size, &mut *stream);
        }
        let Entry { path, blob, .. } = &entry;
        let snapshot = &Snapshot::WorkTree;
        let file = File { path, bytes: &content.bytes, size: content.size, blob: *blob, snapshot };
        formats::read(file, interest).facts.into_iter().find_map(|fact| with_sketch(fact.kind))
    })
}

/// The vocabulary in the header of a GGUF file.
fn header(path: &RepoPath, size: u64, stream: &mut dyn ReadSeek) -> Option<Tokenizer> {
    let file = File { path, bytes: &[], size, blob: None, snapshot: &Snapshot::WorkTree };
    let mut reading = forebear_types::fact::Reading::default();
    formats::gguf::read_places(file, stream, &mut reading);
    reading.facts.into_iter().find_map(|fact| with_sketch(fact.kind))
}

fn with_sketch(kind: FactKind) -> Option<Tokenizer> {
    match kind {
        FactKind::Tokenizer(tokenizer) if tokenizer.sketch.is_some() => Some(tokenizer),
        _ => None,
    }
}

/// The vocabulary of the model in a folder, among facts that were read already: of the folder itself, else of the one nearest above, else of
/// the nearest at all.
pub fn vocabulary_among(facts: &[Fact], folder: &RepoPath) -> Option<Tokenizer> {
    let found = facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::Tokenizer(tokenizer) if tokenizer.sketch.is_some() => {
            let home = fact.path.parent().unwrap_or_default();
            let distance = home.depth().abs_diff(folder.depth());
            Some(((!folder.is_within(&home), distance, order(tokenizer.kind), &fact.path), tokenizer))
        }
        _ => None,
    });
    found.min_by(|one, two| one.0.cmp(&two.0)).map(|(_, tokenizer)| tokenizer.clone())
}

fn rank(interest: Interest) -> Option<u8> {
    match interest {
        // Merges by themselves have no sketch.
        Interest::Tokenizer(TokenizerKind::Merges) => None,
        Interest::Tokenizer(kind) => Some(order(kind)),
        Interest::Weights(WeightsFormat::Gguf) => Some(order(TokenizerKind::Gguf)),
        _ => None,
    }
}

/// Which of several files of one vocabulary counts: those that tell control tokens from regular ones first.
fn order(kind: TokenizerKind) -> u8 {
    match kind {
        TokenizerKind::TokenizerJson => 0,
        TokenizerKind::Tekken => 1,
        TokenizerKind::SentencePiece => 2,
        TokenizerKind::Tiktoken => 3,
        TokenizerKind::Vocabulary => 4,
        TokenizerKind::WordPiece => 5,
        TokenizerKind::Gguf => 6,
        TokenizerKind::Merges => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_vocabulary_counts_and_what_cannot_be_read_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert_eq!(vocabulary(folder.path()), None);
        write("below/vocab.json", r#"{"a": 0, "b": 1, "c": 2}"#);
        assert_eq!(vocabulary(folder.path()).and_then(|found| found.tokens), Some(3));
        write("vocab.txt", "[PAD]\nword\n##piece\n");
        assert_eq!(vocabulary(folder.path()).map(|found| found.kind), Some(TokenizerKind::WordPiece));
        // Of one folder the kind that tells more goes first, unless nothing is in it.
        write("tokenizer.json", "{");
        assert_eq!(vocabulary(folder.path()).map(|found| found.kind), Some(TokenizerKind::WordPiece));
        write("vocab.json", r#"{"a": 0, "b": 1}"#);
        assert_eq!(vocabulary(folder.path()).map(|found| found.kind), Some(TokenizerKind::Vocabulary));
        assert_eq!(vocabulary(&folder.path().join("vocab.json")), None);
        assert_eq!(vocabulary(&folder.path().join("missing")), None);
    }
}
