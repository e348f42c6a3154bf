//! Tensors with their values, from every format that forebear reads the headers of.
//!
//! [`open`] finds the files of a model, reads their headers (with the readers of [`crate::formats`]) and gives a [`ModelWeights`]
//! that reads any range of any tensor as 32-bit floats: what was rounded comes back through its scales, row orders of GGUF are
//! undone, parts that only together are a matrix are one tensor. Nothing of a checkpoint is executed. A range costs the bytes of that
//! range, and the blocks or scales that it touches.
//!
//! What cannot be had is a [`Problem`] here or an error when it is read, never a silent gap.

mod attention;
mod blocks;
mod bytes;
mod checkpoint;
mod companions;
mod element;
mod gguf;
mod model;
mod onnx;
mod packed;
mod safetensors;
mod scaled;
mod select;
mod values;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use forebear_types::fact::{Problem, ProblemKind, WeightsFormat};
use forebear_types::run::SourceKind;
use forebear_types::weights::{Attention, ModelWeights};
use forebear_types::{RepoPath, Snapshot};

use self::bytes::Bytes;
use self::model::{Model, Raw};
pub use self::vocabulary::{vocabulary, vocabulary_among};
use crate::native;
use crate::source::worktree::Folder;
use crate::source::{EntryKind, OpenError, Source, cache, unreadable};

/// A model whose tensors can be read.
pub struct Opened {
    /// The tensors. There may be none.
    pub model: Box<dyn ModelWeights + Send + Sync>,
    /// What could not be read, or is read in a way that the reader should know of; in order of paths.
    pub problems: Vec<Problem>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("tensors", &self.model.tensors().len())
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// Opens the model of a folder, of a model cache, or of one weight file.
///
/// Files that git ignores count: what is asked for is what lies there. A folder may hold a model in several formats; one is
/// read: safetensors before GGUF, then PyTorch, then ONNX. Weights in the folder itself go before those in folders below. An index of
/// shards says which files belong to the model. Of tensors with one name in several files the most precise file counts, then the first
/// by its path.
///
/// # Errors
/// If there is nothing at the path, or it cannot be listed.
pub fn open(path: &Path) -> Result<Opened, OpenError> {
    open_in(path, &RepoPath::root())
}

/// As [`open`], of the model in one folder of what lies at the path. Paths of tensors and problems are relative to that folder.
///
/// # Errors
/// As [`open`].
pub fn open_in(path: &Path, within: &RepoPath) -> Result<Opened, OpenError> {
    let root = fs::canonicalize(path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => OpenError::Missing(path.to_owned()),
        _ => OpenError::Unreadable { path: path.to_owned(), cause },
    })?;
    if root.is_file() {
        return Ok(open_file(path, &root));
    }
    fs::read_dir(&root).map_err(|cause| OpenError::Unreadable { path: path.to_owned(), cause })?;
    let mut problems = Vec::new();
    let (mut folder, problem) = folder(root);
    problems.extend(problem);
    if !within.is_root() {
        folder.root.push(native::path(within.as_bytes()));
    }
    let listing = folder.list();
    problems.extend(listing.problems);
    let entries: BTreeMap<RepoPath, _> = listing
        .entries
        .into_iter()
        .filter(|entry| entry.kind == EntryKind::File)
        .map(|entry| (entry.path.clone(), entry))
        .collect();
    let paths: Vec<RepoPath> = entries.keys().cloned().collect();
    let get = |path: &RepoPath| {
        let entry = entries.get(path).ok_or_else(|| unreadable(path, "there is no such file"))?;
        let (file, size) = folder.file(entry)?;
        Ok(Bytes::of_file(path.clone(), file, size))
    };
    Ok(read(&paths, &mut Files { get: &get, open: BTreeMap::new() }, problems))
}

/// A folder or a model cache with all its files, and what is wrong with the cache.
fn folder(root: PathBuf) -> (Folder, Option<Problem>) {
    let (root, fence, problem) = match cache::detect(&root) {
        Some(cached) => (cached.snapshot, cached.model_folder, cached.problem),
        None => (root.clone(), root, None),
    };
    let (kind, snapshot) = (SourceKind::WorkTree, Snapshot::WorkTree);
    (Folder { root, fence, handle: None, kind, snapshot }, problem)
}

/// A single file; data that it refers to lie beside it.
fn open_file(path: &Path, file: &Path) -> Opened {
    let name = file.file_name().map(|name| native::bytes(Path::new(name)).into_owned()).unwrap_or_default();
    let folder = file.parent().unwrap_or(Path::new("."));
    let get = |path: &RepoPath| {
        let place = folder.join(native::path(path.as_bytes()));
        let opened = fs::File::open(&place).and_then(|file| {
            let metadata = file.metadata()?;
            Ok((file, metadata))
        });
        match opened {
            Ok((file, metadata)) if metadata.is_file() => {
                Ok(Bytes::of_file(path.clone(), file, metadata.len()))
            }
            Ok(_) => Err(unreadable(path, "it is not a plain file")),
            Err(cause) => Err(unreadable(path, cause)),
        }
    };
    match RepoPath::new(&name) {
        Ok(name) => read(&[name], &mut Files { get: &get, open: BTreeMap::new() }, Vec::new()),
        Err(cause) => {
            let problem = unreadable(&RepoPath::root(), format!("{}: {cause}", path.display()));
            Opened { model: Box::new(Model::default()), problems: vec![problem] }
        }
    }
}

/// Opens a model that is in memory, for tests and for callers that have the bytes already.
pub fn of_memory(files: BTreeMap<RepoPath, Vec<u8>>) -> Opened {
    let files: BTreeMap<RepoPath, Arc<[u8]>> =
        files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect();
    let paths: Vec<RepoPath> = files.keys().cloned().collect();
    let get = |path: &RepoPath| match files.get(path) {
        Some(bytes) => Ok(Bytes::of_memory(path.clone(), Arc::clone(bytes))),
        None => Err(unreadable(path, "there is no such file")),
    };
    read(&paths, &mut Files { get: &get, open: BTreeMap::new() }, Vec::new())
}

/// How a file is opened.
type Get<'g> = dyn Fn(&RepoPath) -> Result<Bytes, Problem> + 'g;

/// The files of a model, each opened once.
struct Files<'g> {
    get: &'g Get<'g>,
    open: BTreeMap<RepoPath, Result<Arc<Bytes>, Problem>>,
}

impl Files<'_> {
    fn open(&mut self, path: &RepoPath) -> Result<Arc<Bytes>, Problem> {
        let opened = self.open.entry(path.clone()).or_insert_with(|| (self.get)(path).map(Arc::new));
        opened.clone()
    }

    /// A small file as a whole.
    fn small(&mut self, path: &RepoPath, limit: u64) -> Result<Vec<u8>, Problem> {
        let file = self.open(path)?;
        if file.size > limit {
            let what = format!("the file has {} bytes, more than the {limit} that are examined", file.size);
            return Err(problem(path, ProblemKind::Oversized, what, "look at it by hand"));
        }
        let mut bytes = vec![0; file.size as usize];
        file.read(0, &mut bytes).map_err(|what| unreadable(path, what))?;
        Ok(bytes)
    }
}

fn problem(path: &RepoPath, kind: ProblemKind, what: impl Into<String>, remedy: &str) -> Problem {
    Problem { path: path.clone(), line: None, kind, what: what.into(), remedy: remedy.to_owned() }
}

/// Reads the headers of the files that make the model.
fn read(paths: &[RepoPath], files: &mut Files<'_>, mut problems: Vec<Problem>) -> Opened {
    let chosen = select::choose(paths, files, &mut problems);
    let mut raw = Vec::new();
    for path in &chosen.files {
        let found = match (files.open(path), chosen.format) {
            (Err(problem), _) => Err(problem),
            (Ok(file), _) if select::is_pointer(&file, &mut problems) => continue,
            (Ok(file), WeightsFormat::Safetensors) => Ok(safetensors::read(&file, &mut problems)),
            (Ok(file), WeightsFormat::Gguf) => Ok(gguf::read(&file, &mut problems)),
            (Ok(file), WeightsFormat::PyTorch) => Ok(checkpoint::read(&file, &mut problems)),
            (Ok(file), _) => Ok(onnx::read(&file, files, &mut problems)),
        };
        match found {
            Ok(found) => raw.push(found),
            Err(problem) => problems.push(problem),
        }
    }
    let raw = merge(raw, &mut problems);
    let raw = match chosen.format {
        WeightsFormat::Safetensors | WeightsFormat::PyTorch => {
            companions::resolve(raw, &companions::Config::read(paths, files), &mut problems)
        }
        _ => raw,
    };
    problems.sort();
    problems.dedup();
    // llama.cpp's converters have brought rows into an order of their own, which no configuration beside the file describes.
    let attention = match chosen.format {
        WeightsFormat::Gguf => Attention::default(),
        _ => attention::read(paths, &chosen.files, files),
    };
    Opened { model: Box::new(Model::new(raw, attention)), problems }
}

/// One list of the tensors of several files, each name once.
fn merge(mut lists: Vec<Vec<Raw>>, problems: &mut Vec<Problem>) -> BTreeMap<Box<str>, Raw> {
    // Stable: files of equal precision stay in the order of their paths.
    lists.sort_by_key(|list| std::cmp::Reverse(precision(list)));
    let mut merged: BTreeMap<Box<str>, Raw> = BTreeMap::new();
    for list in lists {
        let mut twice: Option<(Raw, usize)> = None;
        for raw in list {
            if merged.contains_key(&raw.name) {
                twice = match twice {
                    Some((first, count)) => Some((first, count + 1)),
                    None => Some((raw, 1)),
                };
            } else {
                merged.insert(raw.name.clone(), raw);
            }
        }
        if let Some((first, count)) = twice {
            let counts = merged.get(&first.name).map(|raw| raw.path.to_string()).unwrap_or_default();
            let what = format!(
                "{count} of its tensors, {} the first, have names that tensors of other files have too; that of {counts} counts",
                crate::formats::tensor_list::shown(&first.name)
            );
            let remedy = "name the one file that is meant, or keep the models in folders of their own";
            problems.push(problem(&first.path, ProblemKind::Listing, what, remedy));
        }
    }
    merged
}

/// Bits of an element, over all elements of a file.
fn precision(list: &[Raw]) -> u64 {
    let (bits, elements) = list.iter().fold((0u128, 0u128), |(bits, elements), raw| {
        let count = crate::formats::tensor_list::elements(&raw.shape).unwrap_or(0);
        (bits + u128::from(raw.stored) * 8, elements + u128::from(count))
    });
    (bits * 1000 / elements.max(1)).min(64_000) as u64
}
