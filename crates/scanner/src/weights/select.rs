//! Which files are the model.

use std::collections::BTreeSet;

use forebear_types::fact::{Problem, ProblemKind, Reading, WeightsFormat};
use forebear_types::{RepoPath, Snapshot};

use super::bytes::Bytes;
use super::{Files, problem};
use crate::formats::lfs_pointer::{self, Parsed};
use crate::formats::{File, weight_index, weights};

/// Formats in the order in which they are preferred: what was published first, and rounded least.
const ORDER: [WeightsFormat; 4] =
    [WeightsFormat::Safetensors, WeightsFormat::Gguf, WeightsFormat::PyTorch, WeightsFormat::Onnx];

/// The files, in order of their paths, all of one format.
pub(super) struct Chosen {
    pub(super) files: Vec<RepoPath>,
    pub(super) format: WeightsFormat,
}

/// Chooses among the files of a folder.
pub(super) fn choose(paths: &[RepoPath], files: &mut Files<'_>, problems: &mut Vec<Problem>) -> Chosen {
    let known: Vec<(&RepoPath, WeightsFormat)> = paths
        .iter()
        .filter_map(|path| Some((path, weights::format(&lower(path))?)))
        .filter(|(path, format)| *format != WeightsFormat::Onnx || weights::is_onnx_model(path))
        .collect();
    let readable = |format: &WeightsFormat| ORDER.contains(format);
    let at_top = known.iter().any(|(path, format)| path.depth() == 1 && readable(format));
    let inside = |path: &RepoPath| !at_top || path.depth() == 1;
    let format = ORDER
        .into_iter()
        .find(|format| known.iter().any(|(path, one)| one == format && inside(path)))
        .unwrap_or(WeightsFormat::Safetensors);
    let candidates: Vec<&RepoPath> =
        known.iter().filter(|(path, one)| *one == format && inside(path)).map(|(path, _)| *path).collect();
    let mut chosen: Vec<RepoPath> = Vec::new();
    for folder in candidates.iter().filter_map(|path| path.parent()).collect::<BTreeSet<_>>() {
        let here: Vec<&RepoPath> =
            candidates.iter().filter(|path| path.parent().as_ref() == Some(&folder)).copied().collect();
        let indexed = indexed(paths, &folder, format, &here, files, problems);
        chosen.extend(
            here.into_iter().filter(|path| indexed.as_ref().is_none_or(|set| set.contains(*path))).cloned(),
        );
    }
    chosen.sort();
    let mut left = known.iter().map(|(path, _)| *path).filter(|path| !chosen.contains(path));
    if let Some(first) = left.next() {
        let more = match left.count() {
            0 => String::new(),
            more => format!(", as are {more} more"),
        };
        let what = match chosen.first() {
            Some(one) => format!(
                "the weights in it are not read{more}: the model is taken from {one}{}",
                if chosen.len() > 1 { " and the files beside it" } else { "" }
            ),
            None => format!("weights in this format are not read{more}"),
        };
        let remedy = "name the file, or the folder that holds it alone, to have it read";
        problems.push(problem(first, ProblemKind::Listing, what, remedy));
    }
    Chosen { files: chosen, format }
}

/// The files that the indexes of a folder name; `None` where there is none, or none of what it names is there.
fn indexed(
    paths: &[RepoPath],
    folder: &RepoPath,
    format: WeightsFormat,
    here: &[&RepoPath],
    files: &mut Files<'_>,
    problems: &mut Vec<Problem>,
) -> Option<BTreeSet<RepoPath>> {
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut index = None;
    for path in paths.iter().filter(|path| path.parent().as_ref() == Some(folder)) {
        if weight_index::format(&lower(path)) != Some(format) {
            continue;
        }
        let bytes = match files.small(path, weight_index::BUDGET) {
            Ok(bytes) => bytes,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let size = bytes.len() as u64;
        let file = File { path, bytes: &bytes, size, blob: None, snapshot: &Snapshot::WorkTree };
        let mut reading = Reading::default();
        weight_index::read_places(file, format, &mut reading, &mut |shard| {
            if !named.contains(shard) {
                named.insert(shard.to_owned());
            }
        });
        problems.append(&mut reading.problems);
        index = Some(path);
        // A second index is that of another variant.
        break;
    }
    let index = index?;
    let wanted: BTreeSet<RepoPath> =
        named.iter().filter_map(|name| Some(folder.join_path(&RepoPath::new(name).ok()?))).collect();
    let missing: Vec<&RepoPath> = wanted.iter().filter(|path| !here.contains(path)).collect();
    if let Some(first) = missing.first() {
        let what = format!(
            "{} of the {} files that it names are not there, such as {first}",
            missing.len(),
            wanted.len()
        );
        problems.push(problem(index, ProblemKind::Listing, what, "fetch the missing files"));
    }
    (missing.len() < wanted.len()).then_some(wanted)
}

/// Whether a file is what Git LFS leaves in the place of one; then it is said.
pub(super) fn is_pointer(file: &Bytes, problems: &mut Vec<Problem>) -> bool {
    if file.size >= lfs_pointer::LIMIT {
        return false;
    }
    let mut bytes = vec![0; file.size as usize];
    let read = file.read(0, &mut bytes);
    let pointer = read.is_ok() && !matches!(lfs_pointer::parse(&bytes), Parsed::Other);
    if pointer {
        let what = "the file is a pointer of Git LFS: the weights are elsewhere";
        problems.push(problem(&file.path, ProblemKind::PointerOnly, what, "fetch them with `git lfs pull`"));
    }
    pointer
}

fn lower(path: &RepoPath) -> String {
    String::from_utf8_lossy(path.file_name()).to_lowercase()
}
