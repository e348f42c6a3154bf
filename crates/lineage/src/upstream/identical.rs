//! Files with the same content on both sides.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::fact::{Fact, FactKind, WeightsFile, WeightsFormat};
use forebear_types::upstream::{IdenticalFile, SameBy, SameWeights};
use forebear_types::{RepoPath, Sha256};

/// Parts of pipelines that are the model itself; encoders and decoders beside them are taken from others.
///
/// Source: the pipelines of diffusers (`unet`, `transformer`, `transformer_2`, `prior`, `decoder`).
const DENOISERS: &[&[u8]] = &[b"unet", b"transformer", b"transformer_2", b"prior", b"decoder"];

/// Every file of ours with the content of one of theirs, in order of our paths.
pub(super) fn files(ours: &[Fact], theirs: &[Fact], same: &[(RepoPath, RepoPath)]) -> Vec<IdenticalFile> {
    let mut found: BTreeMap<&RepoPath, IdenticalFile> = BTreeMap::new();
    let mut digests: BTreeMap<Sha256, (&RepoPath, SameBy)> = BTreeMap::new();
    let mut texts: BTreeMap<&str, &RepoPath> = BTreeMap::new();
    let bytes: BTreeMap<&RepoPath, &RepoPath> = same.iter().map(|(here, there)| (here, there)).collect();
    for fact in theirs {
        if let Some((digest, by)) = digest(&fact.kind) {
            digests.entry(digest).or_insert((&fact.path, by));
        }
        if let Some(text) = whole_text(fact) {
            texts.entry(text).or_insert(&fact.path);
        }
    }
    for fact in ours {
        let by_digest = digest(&fact.kind).and_then(|(digest, by)| {
            let (path, other) = digests.get(&digest)?;
            let both_pointers = by == SameBy::LfsObject && *other == SameBy::LfsObject;
            Some((*path, if both_pointers { SameBy::LfsObject } else { SameBy::Bytes }))
        });
        let by_bytes = bytes.get(&fact.path).map(|path| (*path, SameBy::Bytes));
        let by_text = whole_text(fact).and_then(|text| texts.get(text)).map(|path| (*path, SameBy::Text));
        let Some((upstream, by)) = by_digest.or(by_bytes).or(by_text) else { continue };
        let (size, weights) = match &fact.kind {
            FactKind::Weights(file) => (Some(file.size), true),
            FactKind::Pointer(pointer) => (Some(pointer.size), false),
            FactKind::LegalFile(file) => (Some(file.size), false),
            _ => (None, false),
        };
        let one = IdenticalFile { here: fact.path.clone(), upstream: upstream.clone(), by, size, weights };
        found.entry(&fact.path).or_insert(one);
    }
    found.into_values().collect()
}

/// How much of their weights is here, and whether that proves descent.
pub(super) fn weights(ours: &[Fact], theirs: &[Fact], same: &[IdenticalFile]) -> Option<SameWeights> {
    let ours: Vec<(&RepoPath, &WeightsFile)> = Fact::weights(ours).collect();
    let theirs: Vec<(&RepoPath, &WeightsFile)> = Fact::weights(theirs).collect();
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    let same: Vec<&IdenticalFile> = same.iter().filter(|file| file.weights).collect();
    let copied: BTreeSet<&RepoPath> = same.iter().map(|file| &file.upstream).collect();
    let copies: BTreeSet<&RepoPath> = same.iter().map(|file| &file.here).collect();
    let sum = |files: &mut dyn Iterator<Item = u64>| files.fold(0_u64, u64::saturating_add);
    Some(SameWeights {
        same: sum(&mut theirs.iter().filter(|(path, _)| copied.contains(path)).map(|(_, file)| file.size)),
        upstream: sum(&mut theirs.iter().map(|(_, file)| file.size)),
        all_of_here: ours.iter().filter(|(_, file)| file.is_telling()).all(|(path, _)| copies.contains(path)),
        proof: proves(&theirs, &copied),
    })
}

/// Whether the copied files are at least half of the model itself.
///
/// The same weights often lie in a repository in several formats and folders, so each of these stands by itself. One that is much
/// smaller than the largest is a part, as are the encoders of a pipeline: an equal one may come from a third model.
fn proves(theirs: &[(&RepoPath, &WeightsFile)], copied: &BTreeSet<&RepoPath>) -> bool {
    let mut sets: BTreeMap<(RepoPath, WeightsFormat), (u64, u64)> = BTreeMap::new();
    for (path, file) in theirs.iter().filter(|(_, file)| file.is_telling()) {
        let (all, same) = sets.entry((path.parent().unwrap_or_default(), file.format)).or_default();
        *all = all.saturating_add(file.size);
        if copied.contains(path) {
            *same = same.saturating_add(file.size);
        }
    }
    let is_denoiser =
        |folder: &RepoPath| DENOISERS.iter().any(|name| folder.file_name().eq_ignore_ascii_case(name));
    let pipeline = sets.keys().any(|(folder, _)| is_denoiser(folder));
    let largest = sets.values().map(|(all, _)| *all).max().unwrap_or(0);
    sets.iter().any(|((folder, _), (all, same))| {
        let itself = if pipeline { is_denoiser(folder) } else { *all >= largest / 2 };
        itself && *same >= all.div_ceil(2)
    })
}

/// The SHA-256 of a file's bytes, where a fact gives it.
fn digest(kind: &FactKind) -> Option<(Sha256, SameBy)> {
    match kind {
        FactKind::Weights(file) => {
            file.pointer.filter(|_| file.is_telling()).map(|pointer| (pointer.sha256, SameBy::LfsObject))
        }
        FactKind::Pointer(pointer) => Some((pointer.sha256, SameBy::LfsObject)),
        FactKind::Tokenizer(tokenizer) => tokenizer.digest.map(|digest| (digest, SameBy::Bytes)),
        _ => None,
    }
}

/// The whole text of a file; of code only its head is kept, and a short text is nobody's.
fn whole_text(fact: &Fact) -> Option<&str> {
    const SHORTEST: usize = 64;
    let text = match &fact.kind {
        FactKind::SourceCode(_) => return None,
        // A recipe may be a block of a card.
        FactKind::MergeRecipe(_) => return None,
        _ => fact.text()?,
    };
    (text.len() >= SHORTEST).then_some(text)
}
