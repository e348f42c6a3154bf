//! The history walk on hand-made histories: merges, moves, cuts, prefixes.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds repositories"
)]

use std::path::Path;

use forebear_scanner::history::{self, Request, Silent};
use forebear_scanner::source::{self, What};
use forebear_testkit::repo::Repo;
use forebear_testkit::{pointer, spdx_text};
use forebear_types::history::History;

const DEEPSEEK: &str = "Copyright (c) 2023 DeepSeek";

fn walk(folder: &Path, what: What) -> History {
    let opened = source::open(folder, what).unwrap();
    let (reading, _) = source::examine(opened.source.as_ref());
    let snapshot = opened.source.snapshot();
    let handle = opened.repository.as_ref().expect("a repository");
    history::walk(handle, &Request::of(opened.head.unwrap()), &snapshot, &reading.facts, &Silent)
}

/// Events as `kind path`, declarations left out.
fn events(history: &History) -> Vec<String> {
    let legal = history.events.iter().filter(|event| event.is_legal());
    legal.map(|event| format!("{} {}", event.kind.name(), event.path)).collect()
}

/// A repository with a licence and weights in its first commit; gives the commit too.
fn released() -> (Repo, String) {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n# Kaguya\n");
    repo.write("LICENSE", spdx_text("MIT", &[DEEPSEEK]));
    repo.write("model.safetensors", pointer("model"));
    repo.stage_all();
    let commit = repo.commit("Release", "2026-03-01T00:00:00Z");
    (repo, commit)
}

/// A topic branch with one more file, and `main` with another one, ready to be merged on `main`.
fn diverged() -> (Repo, String) {
    let (mut repo, first) = released();
    repo.branch("topic", &first);
    repo.write("topic.txt", "topic");
    repo.stage_all();
    let topic = repo.commit("Topic", "2026-03-02T00:00:00Z");
    repo.checkout("main");
    repo.write("main.txt", "main");
    repo.stage_all();
    repo.commit("Main", "2026-03-03T00:00:00Z");
    repo.write("topic.txt", "topic");
    (repo, topic)
}

#[test]
fn a_clean_merge_is_no_event() {
    let (mut repo, topic) = diverged();
    repo.stage_all();
    repo.commit_with("Merge", "2026-03-04T00:00:00Z", &[&topic]);
    assert_eq!(events(&walk(repo.path(), What::WorkTree)), ["added LICENSE"]);
}

#[test]
fn a_deletion_only_in_a_merge_is_found() {
    let (mut repo, topic) = diverged();
    repo.remove("LICENSE");
    repo.stage_all();
    let merge = repo.commit_with("Merge", "2026-03-04T00:00:00Z", &[&topic]);
    let history = walk(repo.path(), What::WorkTree);
    assert_eq!(events(&history), ["added LICENSE", "removed LICENSE"]);
    let forebear_types::Snapshot::Commit { id, .. } = &history.events.last().unwrap().snapshot else {
        panic!()
    };
    assert_eq!(id.to_string(), merge);
}

#[test]
fn a_licence_that_a_side_deleted_is_removed_once_and_not_by_the_merge() {
    let (mut repo, first) = released();
    repo.branch("topic", &first);
    repo.remove("LICENSE");
    repo.stage_all();
    let topic = repo.commit("Drop it", "2026-03-02T00:00:00Z");
    repo.checkout("main");
    repo.write("main.txt", "main");
    repo.remove("LICENSE");
    repo.stage_all();
    // The merge takes the side's deletion; `main` itself had kept the file.
    repo.write("LICENSE", spdx_text("MIT", &[DEEPSEEK]));
    repo.stage_all();
    repo.commit("Main", "2026-03-03T00:00:00Z");
    repo.remove("LICENSE");
    repo.stage_all();
    repo.commit_with("Merge", "2026-03-04T00:00:00Z", &[&topic]);
    let history = walk(repo.path(), What::WorkTree);
    assert_eq!(events(&history), ["added LICENSE", "removed LICENSE"]);
    assert_eq!(
        history.events.iter().find(|event| event.kind.name() == "removed").unwrap().subject,
        "Drop it"
    );
}

/// `git merge -s ours` throws away a licence that the side had added: the side's addition stands in the history, and the
/// merge that dropped it is an event.
#[test]
fn an_ours_merge_that_drops_a_new_licence_is_found() {
    let mut repo = Repo::new();
    repo.write("README.md", "# Kaguya\n");
    repo.stage_all();
    let first = repo.commit("Start", "2026-03-01T00:00:00Z");
    repo.branch("topic", &first);
    repo.write("LICENSE", spdx_text("MIT", &[DEEPSEEK]));
    repo.stage_all();
    let topic = repo.commit("Add the licence", "2026-03-02T00:00:00Z");
    repo.checkout("main");
    repo.write("main.txt", "main");
    repo.stage_all();
    repo.commit("Main", "2026-03-03T00:00:00Z");
    repo.commit_with("Merge, ours", "2026-03-04T00:00:00Z", &[&topic]);
    let history = walk(repo.path(), What::WorkTree);
    assert_eq!(events(&history), ["added LICENSE", "removed LICENSE"]);
    assert_eq!(history.events.last().unwrap().subject, "Merge, ours");
}

/// A branch from before the licence was there, merged later, removes nothing.
#[test]
fn an_old_topic_without_the_licence_is_no_noise() {
    let mut repo = Repo::new();
    repo.write("README.md", "# Kaguya\n");
    repo.stage_all();
    let first = repo.commit("Start", "2026-03-01T00:00:00Z");
    repo.branch("topic", &first);
    repo.write("topic.txt", "topic");
    repo.stage_all();
    let topic = repo.commit("Topic", "2026-03-02T00:00:00Z");
    repo.checkout("main");
    repo.write("LICENSE", spdx_text("MIT", &[DEEPSEEK]));
    repo.stage_all();
    repo.commit("Add the licence", "2026-03-03T00:00:00Z");
    repo.write("topic.txt", "topic");
    repo.stage_all();
    repo.commit_with("Merge", "2026-03-04T00:00:00Z", &[&topic]);
    assert_eq!(events(&walk(repo.path(), What::WorkTree)), ["added LICENSE"]);
}

#[test]
fn edits_are_told_apart() {
    let (mut repo, _) = released();
    let mut step = |text: String, day: u32| {
        repo.write("LICENSE", text);
        repo.stage_all();
        repo.commit("Edit", &format!("2026-03-{day:02}T00:00:00Z"));
    };
    step(spdx_text("MIT", &["Copyright (c) 2026 Somebody"]), 2);
    step(spdx_text("Apache-2.0", &[]), 3);
    step("Apache\n".to_owned(), 4);
    let history = walk(repo.path(), What::WorkTree);
    assert_eq!(
        events(&history),
        ["added LICENSE", "changed LICENSE", "relicensed LICENSE", "truncated LICENSE"]
    );
    let legal: Vec<_> = history.events.iter().filter(|event| event.is_legal()).collect();
    assert_eq!(legal[1].from.as_deref(), Some("MIT; Copyright (c) 2023 DeepSeek"));
    assert_eq!(legal[1].to.as_deref(), Some("MIT; Copyright (c) 2026 Somebody"));
    assert_eq!(legal[2].to.as_deref(), Some("Apache-2.0"));
}

#[test]
fn a_shallow_clone_says_so_and_invents_no_additions() {
    let (mut repo, _) = released();
    repo.write("note.txt", "x");
    repo.stage_all();
    let second = repo.commit("Note", "2026-03-02T00:00:00Z");
    repo.shallow(&second);
    let history = walk(repo.path(), What::WorkTree);
    assert!(!history.complete);
    assert!(history.problems.iter().any(|problem| problem.what.contains("shallow")));
    assert!(
        history.events.is_empty(),
        "what was there at the cut was not added by it: {:?}",
        events(&history)
    );
}

#[test]
fn a_bound_on_commits_is_reported() {
    let (mut repo, _) = released();
    for day in 2..6 {
        repo.write("note.txt", day.to_string());
        repo.stage_all();
        repo.commit("Note", &format!("2026-03-{day:02}T00:00:00Z"));
    }
    let opened = source::open(repo.path(), What::Revision("HEAD".to_owned())).unwrap();
    let handle = opened.repository.as_ref().unwrap();
    let history = history::walk(
        handle,
        &Request { commits: 3, ..Request::of(opened.head.unwrap()) },
        &opened.source.snapshot(),
        &[],
        &Silent,
    );
    assert_eq!((history.commits, history.complete), (3, false));
    assert!(history.problems[0].what.contains("only the newest 3 commits"));
    assert!(events(&history).is_empty(), "what was there before the bound was not added by it");
}

/// A folder of a larger repository has the history of that folder.
#[test]
fn a_sub_folder_has_its_own_history() {
    let mut repo = Repo::new();
    repo.write("LICENSE", spdx_text("Apache-2.0", &[]));
    repo.write("models/kaguya/README.md", "---\nlicense: mit\n---\n");
    repo.write("models/kaguya/LICENSE", spdx_text("MIT", &[DEEPSEEK]));
    repo.stage_all();
    repo.commit("Start", "2026-03-01T00:00:00Z");
    repo.remove("LICENSE");
    repo.stage_all();
    repo.commit("Elsewhere", "2026-03-02T00:00:00Z");
    let history = walk(&repo.path().join("models/kaguya"), What::WorkTree);
    assert_eq!(events(&history), ["added LICENSE"]);
    assert_eq!(history.line.iter().map(|point| point.commits).sum::<usize>(), 2);
    // A folder that git does not track has none, and says so.
    std::fs::create_dir(repo.path().join("scratch")).unwrap();
    let opened = source::open(&repo.path().join("scratch"), What::WorkTree).unwrap();
    assert!(opened.repository.is_none() && opened.problems[0].what.contains("does not track"));
}

#[test]
fn declarations_are_followed() {
    let (mut repo, _) = released();
    let mut step = |text: &str, day: u32| {
        repo.write("README.md", text);
        repo.stage_all();
        repo.commit("Card", &format!("2026-03-{day:02}T00:00:00Z"));
    };
    step("---\nlicense: mit\nbase_model: a/b\n---\n", 2);
    step("---\nlicense: apache-2.0\n---\n", 3);
    let history = walk(repo.path(), What::WorkTree);
    let seen: Vec<String> = history
        .events
        .iter()
        .filter(|event| event.about.declaration().is_some())
        .map(|event| {
            let (from, to) = (event.from.as_deref().unwrap_or("-"), event.to.as_deref().unwrap_or("-"));
            format!("{} {} {from} {to}", event.kind.name(), event.about.declaration().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        seen,
        [
            "added license - mit",
            "added base_model - a/b",
            "removed base_model a/b -",
            "relicensed license mit apache-2.0"
        ]
    );
}

#[test]
fn bare_repositories_and_git_folders_are_read_at_head() {
    let (repo, commit) = released();
    let opened = source::open(&repo.path().join(".git"), What::WorkTree).unwrap();
    assert_eq!(opened.head.unwrap().to_string(), commit);
    assert_eq!(opened.source.kind(), forebear_types::run::SourceKind::Commit);
    let bare = tempfile::tempdir().unwrap();
    git2::build::RepoBuilder::new().bare(true).clone(repo.path().to_str().unwrap(), bare.path()).unwrap();
    assert_eq!(events(&walk(bare.path(), What::WorkTree)), ["added LICENSE"]);
    let empty = tempfile::tempdir().unwrap();
    git2::Repository::init_bare(empty.path()).unwrap();
    let opened = source::open(empty.path(), What::WorkTree).unwrap();
    assert!(opened.head.is_none() && opened.source.list().entries.is_empty());
}

/// The layout of a model cache: snapshots of links into `blobs`.
#[test]
fn a_model_cache_is_read_at_its_main_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("models--deepseek-ai--DeepSeek-R1");
    let write = |path: &str, text: &str| {
        let path = model.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("blobs/1", "---\nlicense: mit\n---\n");
    write("blobs/2", &spdx_text("MIT", &[DEEPSEEK]));
    write("refs/main", "abc123");
    for (revision, blob) in [("abc123", "1"), ("zzz", "1")] {
        std::fs::create_dir_all(model.join("snapshots").join(revision)).unwrap();
        for (name, blob) in [("README.md", blob), ("LICENSE", "2")] {
            let target = format!("../../blobs/{blob}");
            std::os::unix::fs::symlink(target, model.join("snapshots").join(revision).join(name)).unwrap();
        }
    }
    for path in [model.clone(), model.join("snapshots/abc123")] {
        let opened = source::open(&path, What::WorkTree).unwrap();
        let (reading, _) = source::examine(opened.source.as_ref());
        assert_eq!(reading.facts.len(), 2, "links into the cache are followed");
        assert_eq!(opened.own[0].as_str(), "deepseek-ai/DeepSeek-R1");
        let revision = forebear_types::Snapshot::Cached { revision: "abc123".to_owned() };
        assert_eq!(opened.source.snapshot(), revision);
    }
}

/// What an earlier walk kept gives the same answer, and a cache that is broken gives it too.
#[test]
fn a_second_walk_goes_on_from_the_first() {
    let (mut repo, _) = released();
    for number in 0..1_000 {
        repo.commit("Note", &format!("2026-03-02T00:{:02}:{:02}Z", number / 60, number % 60));
    }
    let cache = tempfile::tempdir().unwrap();
    let walk = |repo: &Repo, cached: bool| {
        let opened = source::open(repo.path(), What::Revision("HEAD".to_owned())).unwrap();
        let folder = cached.then(|| cache.path().to_owned());
        let request = Request { cache: folder, ..Request::of(opened.head.unwrap()) };
        let handle = opened.repository.as_ref().unwrap();
        history::walk(handle, &request, &opened.source.snapshot(), &[], &Silent)
    };
    let files = || -> Vec<std::path::PathBuf> {
        std::fs::read_dir(cache.path()).unwrap().map(|file| file.unwrap().path()).collect()
    };
    let plain = walk(&repo, false);
    assert!(files().is_empty());
    assert_eq!(walk(&repo, true), plain);
    let kept = files();
    assert_eq!(kept.len(), 1, "one file and nothing half written: {kept:?}");
    assert_eq!(walk(&repo, true), plain);
    repo.remove("LICENSE");
    repo.stage_all();
    repo.commit("Tidy up", "2026-03-03T00:00:00Z");
    let grown = walk(&repo, false);
    assert_eq!(events(&grown), ["added LICENSE", "removed LICENSE"]);
    assert_eq!(walk(&repo, true), grown);
    let size = std::fs::metadata(&kept[0]).unwrap().len();
    assert_eq!(walk(&repo, true), grown);
    assert!(size > 20 * 1_000, "every commit is in it");
    std::fs::write(&kept[0], "not a cache").unwrap();
    assert_eq!(walk(&repo, true), grown);
    assert_eq!(walk(&repo, true), grown);
}
