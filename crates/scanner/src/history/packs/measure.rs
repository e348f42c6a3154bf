//! How long reading packs takes, and how long it would take at least. For measuring programs only.

use std::path::Path;

use super::inflate::Inflater;
use super::{Index, Names, decode, entries, list};
use crate::history::Silent;

/// Inflates every commit, tree, tag and delta of one of the packs in a folder of objects once, and does nothing else with it.
/// The number of objects and of bytes.
pub fn floor(objects: &Path) -> (usize, u64) {
    let (mut count, mut bytes) = (0, 0);
    let mut inflater = Inflater::new();
    let mut out = Vec::new();
    for path in list(&objects.join("pack"), &mut Vec::new()) {
        let Ok(index) = std::fs::read(path.with_extension("idx")) else { continue };
        let Ok(index) = Index::new(index) else { continue };
        let Ok(found) = entries::read(&path, &index) else { continue };
        for node in &found.nodes {
            if inflater.inflate(found.packed(node), node.size as usize, &mut out) {
                count += 1;
                bytes += u64::from(node.size);
            }
        }
    }
    (count, bytes)
}

/// Reads the packs in a folder of objects as a history does, with these files wanted. The number of objects, of folders and of
/// files that were kept.
pub fn read(
    objects: &Path,
    wanted: &(dyn Fn(&[u8]) -> bool + Sync),
    threads: usize,
) -> (usize, usize, usize) {
    let decoded = decode(&[objects.to_owned()], &Names { wanted }, threads, &Silent);
    let folders = decoded.parts.iter().map(|part| part.folders.len()).sum();
    let files = decoded.parts.iter().map(|part| part.files.len()).sum();
    (decoded.places.iter().flatten().count(), folders, files)
}
