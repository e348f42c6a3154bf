//! What the tests of the history walk share: a walk by every engine, and its events in a few words.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use forebear_scanner::history::{self, Engine, Request, Silent};
use forebear_scanner::source::{self, What};
use forebear_testkit::repo::Repo;
use forebear_testkit::{pointer, spdx_text};
use forebear_types::history::{Event, History};
use forebear_types::{ObjectId, RepoPath, Snapshot};

/// The history of a folder's HEAD by one engine; an error if there is nothing to walk from.
pub fn walk_by(
    folder: &Path,
    engine: Engine,
    threads: usize,
    change: impl Fn(&mut Request),
) -> Result<History, String> {
    let opened =
        source::open(folder, What::Revision("HEAD".to_owned())).map_err(|error| error.to_string())?;
    let (reading, _) = source::examine(opened.source.as_ref());
    let handle = opened.repository.as_ref().ok_or("no repository")?;
    let mut request = Request { engine, threads, ..Request::of(opened.head.ok_or("no commit")?) };
    change(&mut request);
    Ok(history::walk(handle, &request, &opened.source.snapshot(), &reading.facts, &Silent))
}

/// The history of a folder's HEAD by both engines, which must agree; `change` changes what is asked for.
#[track_caller]
pub fn walk_with(folder: &Path, change: impl Fn(&mut Request)) -> History {
    let objects = walk_by(folder, Engine::Objects, 1, &change).unwrap();
    for threads in [1, 3] {
        let packs = walk_by(folder, Engine::Packs, threads, &change).unwrap();
        assert_eq!(packs, objects, "single objects, and packs with {threads} threads");
    }
    objects
}

/// The history of a folder that is damaged, by both engines. They must agree on all but the words in which they say what is
/// wrong; an error if HEAD itself cannot be opened.
#[track_caller]
pub fn walk_damaged(folder: &Path) -> Result<History, String> {
    let objects = walk_by(folder, Engine::Objects, 1, |_| {});
    let packs = walk_by(folder, Engine::Packs, 2, |_| {});
    match (&objects, &packs) {
        (Ok(objects), Ok(packs)) => {
            assert_eq!(without_problems(packs), without_problems(objects), "both engines give one answer");
            assert_eq!(packs.problems.is_empty(), objects.problems.is_empty());
            for history in [objects, packs] {
                assert_eq!(history.complete, history.problems.is_empty(), "{:?}", history.problems);
            }
        }
        (Err(_), Err(_)) => {}
        _ => panic!("one engine gave an error: {:?} {:?}", objects.err(), packs.err()),
    }
    objects
}

/// What the history says that is refuted when its objects are hashed again.
pub fn refuted(folder: &Path, history: &History) -> Vec<String> {
    let opened = source::open(folder, What::Revision("HEAD".to_owned())).unwrap();
    let statements: Vec<(ObjectId, RepoPath)> = history
        .events
        .iter()
        .filter_map(|event| match &event.snapshot {
            Snapshot::Commit { id, .. } => Some((*id, event.path.clone())),
            _ => None,
        })
        .collect();
    let failed = history::verify(opened.repository.as_ref().unwrap(), &statements);
    failed.into_values().collect()
}

fn without_problems(history: &History) -> History {
    History { problems: Vec::new(), ..history.clone() }
}

/// The history of a folder's HEAD by both engines, which must agree.
#[track_caller]
pub fn walk(folder: &Path) -> History {
    walk_with(folder, |_| {})
}

/// Events of legal files as `kind path: subject of the commit`.
pub fn events(history: &History) -> Vec<String> {
    history.events.iter().filter(|event| event.is_legal()).map(words).collect()
}

fn words(event: &Event) -> String {
    format!("{} {}: {}", event.kind.name(), event.path, event.subject)
}

/// All that the history says of problems, one a line.
pub fn problems(history: &History) -> String {
    history.problems.iter().map(|problem| format!("{}\n", problem.what)).collect()
}

/// What a model repository of four commits has: the licence added, edited, deleted in a merged branch, restored.
pub const LIFE: [&str; 4] = [
    "added LICENSE: Release",
    "changed LICENSE: Another owner",
    "removed LICENSE: Drop it",
    "restored LICENSE: Put it back",
];

pub fn mit() -> String {
    spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"])
}

pub fn other_mit() -> String {
    spdx_text("MIT", &["Copyright (c) 2026 Somebody"])
}

/// A repository with that life on `main`, and the ids of its commits.
pub fn lived() -> (Repo, Vec<String>) {
    let mut repo = Repo::new();
    let (mit, other, pointer) = (mit(), other_mit(), pointer("model"));
    let card = "---\nlicense: mit\n---\n# Kaguya\n";
    let steps: [(&str, Option<&str>); 4] = [
        ("Release", Some(&mit)),
        ("Another owner", Some(&other)),
        ("Drop it", None),
        ("Put it back", Some(&other)),
    ];
    let mut ids: Vec<String> = Vec::new();
    for (day, (message, licence)) in steps.iter().enumerate() {
        let note = format!("{message}\n");
        let mut files = vec![
            ("README.md", card),
            ("model.safetensors", pointer.as_str()),
            ("docs/guide/note.txt", note.as_str()),
        ];
        files.extend(licence.map(|text| ("LICENSE", text)));
        let parents: Vec<&str> = ids.last().map(String::as_str).into_iter().collect();
        ids.push(repo.commit_tree(message, &format!("2026-03-0{}T00:00:00Z", day + 1), &parents, &files));
    }
    repo.point("refs/heads/main", &ids[3]);
    (repo, ids)
}

/// The one pack of a repository, its index (`idx`), or the index over all packs (`multi-pack-index`).
pub fn the_pack(folder: &Path, extension: &str) -> PathBuf {
    let files = fs::read_dir(folder.join(".git/objects/pack")).unwrap().flatten().map(|file| file.path());
    let wanted = |path: &PathBuf| path.extension().or(path.file_name()).is_some_and(|end| end == extension);
    files.into_iter().find(wanted).unwrap()
}

/// What cannot be seen is said, and never counted as removed.
#[track_caller]
pub fn assert_incomplete(history: &History) {
    assert!(!history.complete);
    assert!(!history.problems.is_empty());
}

pub fn removals(history: &History) -> Vec<String> {
    events(history).into_iter().filter(|event| event.starts_with("removed")).collect()
}

/// The tree of a commit.
pub fn tree(repo: &Repo, commit: &str) -> String {
    let repository = git2::Repository::open(repo.path()).unwrap();
    let commit = repository.find_commit(git2::Oid::from_str(commit).unwrap()).unwrap();
    commit.tree_id().to_string()
}
