//! The layout of a model cache: `models--<organisation>--<name>/{blobs,refs,snapshots/<revision>}`.
//!
//! Source: the Hugging Face Hub client's documentation, "Manage your cache". Files of a snapshot are links into `blobs`.

use std::fs;
use std::path::{Path, PathBuf};

use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::{ModelId, RepoPath};

/// A snapshot of a model in a cache.
#[derive(Debug)]
pub(crate) struct CachedModel {
    /// `models--…`.
    pub(crate) model_folder: PathBuf,
    /// `snapshots/<revision>` below it.
    pub(crate) snapshot: PathBuf,
    pub(crate) revision: String,
    pub(crate) id: Option<ModelId>,
    pub(crate) problem: Option<Problem>,
}

/// Whether a folder is a model's folder in a cache, or one of its snapshots.
pub(crate) fn detect(path: &Path) -> Option<CachedModel> {
    if is_model_folder(path) {
        let (revision, problem) = choose(path)?;
        return Some(cached(path.to_path_buf(), revision, problem));
    }
    let snapshots = path.parent()?;
    let model = snapshots.parent()?;
    if snapshots.file_name()? == "snapshots" && is_model_folder(model) {
        let revision = path.file_name()?.to_string_lossy().into_owned();
        return Some(cached(model.to_path_buf(), revision, None));
    }
    None
}

fn is_model_folder(path: &Path) -> bool {
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("models--"));
    named && path.join("snapshots").is_dir()
}

fn cached(model_folder: PathBuf, revision: String, problem: Option<Problem>) -> CachedModel {
    let name = model_folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let id = name
        .strip_prefix("models--")
        .and_then(|rest| rest.split_once("--"))
        .map(|(organisation, name)| ModelId::new(format!("{organisation}/{name}")));
    CachedModel {
        snapshot: model_folder.join("snapshots").join(&revision),
        model_folder,
        revision,
        id,
        problem,
    }
}

/// The snapshot that `refs/main` names, else the only one, else the last by name.
fn choose(model: &Path) -> Option<(String, Option<Problem>)> {
    let mut snapshots: Vec<String> = fs::read_dir(model.join("snapshots"))
        .ok()?
        .filter_map(|entry| entry.ok().filter(|entry| entry.path().is_dir())?.file_name().into_string().ok())
        .collect();
    snapshots.sort();
    let main = fs::metadata(model.join("refs/main"))
        .ok()
        .filter(|metadata| metadata.len() < 1000)
        .and_then(|_| fs::read_to_string(model.join("refs/main")).ok())
        .map(|text| text.trim().to_owned());
    if let Some(main) = main.filter(|main| snapshots.contains(main)) {
        return Some((main, None));
    }
    let last = snapshots.last()?.clone();
    let problem = (snapshots.len() > 1).then(|| Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::Listing,
        what: format!(
            "the cache holds {} snapshots and names none as main; {last} is examined",
            snapshots.len()
        ),
        remedy: "name the folder of the snapshot that you mean".to_owned(),
    });
    Some((last, problem))
}
