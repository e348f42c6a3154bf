//! Repositories of every shape, and broken ones: what is there is walked, what is not is said, and nothing that merely cannot be
//! seen counts as removed. Each by both engines.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds repositories"
)]

mod history_common;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use forebear_scanner::history::Engine;
use forebear_scanner::source::{self, What};
use forebear_testkit::repo::{Repo, git, git_command, has_git, try_git};
use forebear_testkit::spdx_text;
use forebear_types::fact::FactKind;
use forebear_types::history::{Detail, SignKind};
use git2::ObjectType;
use history_common::{
    LIFE, assert_incomplete, events, lived, mit, other_mit, problems, refuted, removals, the_pack, tree,
    walk, walk_by, walk_damaged, walk_with,
};

/// A commit on top of another one without the licence.
fn dropped(repo: &mut Repo, message: &str, parent: &str) -> String {
    repo.commit_tree(message, "2026-03-10T00:00:00Z", &[parent], &[("README.md", "# Kaguya\n")])
}

/// A folder beside a repository, for clones and linked work trees.
fn beside() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clone");
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_ordinary_repository_loose_and_packed() {
    let (repo, _) = lived();
    let loose = walk(repo.path());
    assert_eq!(events(&loose), LIFE);
    assert_eq!((loose.commits, loose.complete, problems(&loose).as_str()), (4, true, ""));
    if !has_git() {
        return;
    }
    repo.pack();
    assert_eq!(walk(repo.path()), loose);
    // Deltas that name their bases by id, in an index of the first version.
    repo.git(&["-c", "repack.useDeltaBaseOffset=false", "-c", "pack.indexVersion=1", "repack", "-adfq"]);
    assert_eq!(walk(repo.path()), loose);
    // An index over all packs, which may stand in for theirs.
    repo.git(&["multi-pack-index", "write"]);
    assert_eq!(walk(repo.path()), loose);
    // A commit graph, and objects that are there twice: packed and loose.
    repo.git(&["commit-graph", "write", "--reachable"]);
    let pack = the_pack(repo.path(), "pack");
    let moved = repo.path().join("moved.pack");
    fs::copy(&pack, &moved).unwrap();
    let again = Repo::new();
    let input = fs::File::open(&moved).unwrap();
    assert!(
        git_command(again.path()).args(["unpack-objects", "-q"]).stdin(input).status().unwrap().success()
    );
    copy_objects(again.path(), repo.path());
    assert_eq!(walk(repo.path()), loose);
}

/// Copies loose objects.
fn copy_objects(from: &Path, to: &Path) {
    for folder in fs::read_dir(from.join(".git/objects")).unwrap().flatten() {
        if folder.file_name().len() == 2 {
            let target = to.join(".git/objects").join(folder.file_name());
            fs::create_dir_all(&target).unwrap();
            for file in fs::read_dir(folder.path()).unwrap().flatten() {
                fs::copy(file.path(), target.join(file.file_name())).unwrap();
            }
        }
    }
}

#[test]
fn several_packs_and_loose_objects_together() {
    if !has_git() {
        return;
    }
    let (mut repo, ids) = lived();
    repo.git(&["repack", "-dq"]);
    let next = dropped(&mut repo, "Gone", &ids[3]);
    repo.point("refs/heads/main", &next);
    repo.git(&["repack", "-dq"]);
    let card = [("README.md", "# Kaguya\n"), ("LICENSE", &mit())];
    let last = repo.commit_tree("Back", "2026-03-11T00:00:00Z", &[&next], &card);
    repo.point("refs/heads/main", &last);
    let life = LIFE.iter().copied().chain(["removed LICENSE: Gone", "restored LICENSE: Back"]);
    assert_eq!(events(&walk(repo.path())), life.collect::<Vec<_>>());
}

#[test]
fn bare_repositories_git_folders_work_trees_and_alternates() {
    if !has_git() {
        return;
    }
    let (repo, ids) = lived();
    assert_eq!(events(&walk(&repo.path().join(".git"))), LIFE);
    let (_keep, bare) = beside();
    git(repo.path(), &["clone", "-q", "--bare", ".", text(&bare)]);
    assert_eq!(events(&walk(&bare)), LIFE);
    // Objects that lie in another repository, packed and loose.
    let (_keep, shared) = beside();
    git(repo.path(), &["clone", "-q", "--shared", ".", text(&shared)]);
    assert!(shared.join(".git/objects/info/alternates").is_file());
    let alternate = walk(&shared);
    assert_eq!((events(&alternate), alternate.complete), (LIFE.map(str::to_owned).to_vec(), true));
    repo.pack();
    assert_eq!(walk(&shared), alternate);
    // A linked work tree has a `.git` file and a HEAD of its own.
    let (_keep, linked) = beside();
    repo.git(&["worktree", "add", "-q", "--detach", text(&linked), &ids[2]]);
    assert_eq!(events(&walk(&linked)), LIFE[..3]);
    // The index is git's memory of the work tree; the history does not need it.
    repo.git(&["reset", "-q", "--hard"]);
    fs::remove_file(repo.path().join(".git/index")).unwrap();
    assert_eq!(events(&walk(repo.path())), LIFE);
}

#[test]
fn a_detached_head_judges_from_where_it_is() {
    let (mut repo, ids) = lived();
    repo.init().set_head_detached(git2::Oid::from_str(&ids[1]).unwrap()).unwrap();
    assert_eq!(events(&walk(repo.path())), LIFE[..2]);
    let all = walk_with(repo.path(), |request| request.all_refs = true);
    assert_eq!(events(&all), LIFE);
}

/// A branch, a tag, a stash, a reference under a name of somebody's own, pull requests: each is walked with all references,
/// and says from where it is reached. None is judged.
#[test]
fn every_reference_is_walked_when_asked_for() {
    for (reference, reach) in [
        ("refs/heads/topic", "own"),
        ("refs/tags/v1", "own"),
        ("refs/stash", "own"),
        ("refs/remotes/origin/topic", "own"),
        ("refs/kaguya/keep", "own"),
        ("refs/pull/7/head", "foreign"),
        ("refs/pr/7", "foreign"),
        ("refs/merge-requests/7/head", "foreign"),
        ("refs/convert/parquet", "foreign"),
    ] {
        let (mut repo, ids) = lived();
        let topic = dropped(&mut repo, "Topic", &ids[1]);
        repo.point(reference, &topic);
        assert_eq!(events(&walk(repo.path())), LIFE, "{reference}");
        let all = walk_with(repo.path(), |request| request.all_refs = true);
        let found: Vec<_> = all.events.iter().filter(|event| event.subject == "Topic").collect();
        let legal = found.iter().find(|event| event.is_legal()).unwrap_or_else(|| panic!("{reference}"));
        assert_eq!((legal.kind.name(), legal.reach.name()), ("removed", reach), "{reference}");
        assert_eq!(legal.reference.as_deref(), Some(reference));
        assert_eq!(all.commits, 5);
    }
}

/// `git log --all` sees it, and few tools do: a linked work tree whose HEAD is on no branch.
#[test]
fn the_detached_head_of_another_work_tree_is_a_reference() {
    if !has_git() {
        return;
    }
    let (mut repo, ids) = lived();
    let topic = dropped(&mut repo, "Elsewhere", &ids[1]);
    let (_keep, linked) = beside();
    repo.git(&["worktree", "add", "-q", "--detach", text(&linked), &topic]);
    assert_eq!(events(&walk(repo.path())), LIFE);
    let all = walk_with(repo.path(), |request| request.all_refs = true);
    let found = all.events.iter().find(|event| event.subject == "Elsewhere" && event.is_legal()).unwrap();
    assert_eq!((found.kind.name(), found.reach.name()), ("removed", "own"));
    assert_eq!(found.reference.as_deref(), Some("worktrees/clone/HEAD"));
    // The other way round, `main` is what lies elsewhere.
    let all = walk_with(&linked, |request| request.all_refs = true);
    let found = all.events.iter().find(|event| event.subject == "Put it back" && event.is_legal()).unwrap();
    assert_eq!(found.reach.name(), "own");
}

#[test]
fn what_was_rewritten_away_is_seen_only_when_asked_for() {
    let (mut repo, ids) = lived();
    let gone = dropped(&mut repo, "Rewritten away", &ids[3]);
    // The reflog still knows it, no reference does.
    repo.point("refs/heads/main", &gone);
    repo.point("refs/heads/main", &ids[3]);
    let check = |repo: &Repo| {
        for all_refs in [false, true] {
            let plain = walk_with(repo.path(), |request| request.all_refs = all_refs);
            assert_eq!(events(&plain), LIFE);
        }
        let all = walk_with(repo.path(), |request| request.unreachable = true);
        let found = all.events.iter().find(|event| event.subject == "Rewritten away" && event.is_legal());
        let found = found.expect("the rewritten commit");
        assert_eq!((found.kind.name(), found.reach.name()), ("removed", "unreachable"));
        assert!(
            all.events
                .iter()
                .filter(|event| event.subject != "Rewritten away")
                .all(|event| event.is_of_head())
        );
    };
    check(&repo);
    if has_git() {
        repo.git(&["repack", "-adkq"]);
        repo.git(&["prune-packed"]);
        assert!(!repo.loose(&gone).exists(), "it lies in the pack");
        check(&repo);
    }
}

#[test]
fn a_shallow_clone_is_cut_and_says_so() {
    if !has_git() {
        return;
    }
    let (repo, _) = lived();
    let (_keep, clone) = beside();
    let address = format!("file://{}", repo.path().display());
    git(repo.path(), &["clone", "-q", "--depth=2", &address, text(&clone)]);
    let history = walk(&clone);
    assert_incomplete(&history);
    assert!(problems(&history).contains("shallow"), "{}", problems(&history));
    assert_eq!(events(&history), ["added LICENSE: Put it back"]);
    assert_eq!(history.commits, 2);
}

/// Grafts and replacements show another history than the one that was made. The real one is walked, and they are named.
#[test]
fn grafts_and_replacements_hide_nothing() {
    let (mut repo, ids) = lived();
    fs::create_dir_all(repo.path().join(".git/info")).unwrap();
    fs::write(repo.path().join(".git/info/grafts"), format!("{} {}\n", ids[3], ids[1])).unwrap();
    let history = walk(repo.path());
    assert_eq!(events(&history), LIFE);
    assert_eq!(history.signs.iter().filter(|sign| sign.kind == SignKind::Replaced).count(), 1);
    fs::remove_file(repo.path().join(".git/info/grafts")).unwrap();

    // As `git replace --graft` does: the last commit is shown as one with another parent.
    let forged = repo.commit_of("Put it back", "2026-03-04T00:00:00Z", &[&ids[1]], &tree(&repo, &ids[3]));
    repo.point(&format!("refs/replace/{}", ids[3]), &forged);
    if has_git() {
        let shown = git_command(repo.path())
            .env_remove("GIT_NO_REPLACE_OBJECTS")
            .args(["log", "--format=%s"])
            .output();
        assert!(!String::from_utf8(shown.unwrap().stdout).unwrap().contains("Drop it"), "git is deceived");
    }
    let history = walk(repo.path());
    assert_eq!(events(&history), LIFE);
    assert_eq!(history.signs.iter().filter(|sign| sign.kind == SignKind::Replaced).count(), 1);
}

/// A history of hand-made trees: one commit for each, on `main`.
fn of_trees(repo: &mut Repo, trees: &[(&str, String)]) {
    let mut last: Option<String> = None;
    for (day, (message, tree)) in trees.iter().enumerate() {
        let parents: Vec<&str> = last.iter().map(String::as_str).collect();
        last = Some(repo.commit_of(message, &format!("2026-03-{:02}T00:00:00Z", day + 1), &parents, tree));
    }
    repo.point("refs/heads/main", &last.unwrap());
}

/// A submodule has no text here, whatever it is called.
#[test]
fn a_submodule_with_the_name_of_a_licence_is_none() {
    let mut repo = Repo::new();
    let (card, licence) = (repo.blob("# Kaguya\n"), repo.blob(mit()));
    let elsewhere = "1234567890123456789012345678901234567890";
    let with = repo.tree_of(&[
        ("100644", b"LICENSE", &licence),
        ("160000", b"LICENSE-model", elsewhere),
        ("100644", b"README.md", &card),
    ]);
    let without = repo.tree_of(&[("100644", b"LICENSE", &licence), ("100644", b"README.md", &card)]);
    of_trees(&mut repo, &[("Start", without.clone()), ("Link", with), ("Unlink", without)]);
    let history = walk(repo.path());
    assert_eq!((events(&history), history.complete), (vec!["added LICENSE: Start".to_owned()], true));
}

/// A link counts for the file that it leads to, if that lies in the same tree; nothing outside it is ever read. A licence that
/// became a link to elsewhere is one whose text nobody knows.
#[test]
fn a_licence_that_becomes_a_link_and_a_folder() {
    let mut repo = Repo::new();
    let (card, licence) = (repo.blob("# Kaguya\n"), repo.blob(mit()));
    let (nowhere, inside) = (repo.blob("/etc/passwd"), repo.blob("legal/LICENSE"));
    let card = ("100644", &b"README.md"[..], card.as_str());
    let file = repo.tree_of(&[("100644", b"LICENSE", &licence), card]);
    let link = repo.tree_of(&[("120000", b"LICENSE", &nowhere), card]);
    let folder = repo.tree_of(&[("100644", b"MIT.txt", &licence)]);
    let folder = repo.tree_of(&[("40000", b"LICENSE", &folder), card]);
    of_trees(
        &mut repo,
        &[
            ("File", file.clone()),
            ("Link", link.clone()),
            ("Folder", folder),
            ("Link again", link),
            ("File again", file.clone()),
        ],
    );
    let history = walk(repo.path());
    assert_eq!(
        events(&history),
        [
            "added LICENSE: File",
            "changed LICENSE: Link",
            "removed LICENSE: Folder",
            "added LICENSE/MIT.txt: Folder",
            "restored LICENSE: Link again",
            "removed LICENSE/MIT.txt: Link again",
            "changed LICENSE: File again",
        ]
    );
    let link = history.events.iter().find(|event| event.subject == "Link").unwrap();
    assert_eq!(link.from.as_deref(), Some("MIT; Copyright (c) 2023 DeepSeek"));
    assert_eq!(link.to.as_deref(), Some("a text that could not be examined"));

    let legal = repo.tree_of(&[("100644", b"LICENSE", &licence)]);
    let linked = repo.tree_of(&[("120000", b"LICENSE", &inside), card, ("40000", b"legal", &legal)]);
    of_trees(&mut repo, &[("File", file), ("Link", linked)]);
    let history = walk(repo.path());
    let expected = ["added LICENSE: File", "changed LICENSE: Link", "added legal/LICENSE: Link"];
    assert_eq!(events(&history), expected);
    let same = history.events.iter().find(|event| event.kind.name() == "changed").unwrap();
    assert_eq!((same.detail, &same.from), (Some(Detail::Harmless), &same.to), "the text is the same");
}

#[test]
fn an_executable_licence_is_one_and_its_mode_is_no_event() {
    let mut repo = Repo::new();
    let licence = repo.blob(mit());
    let plain = repo.tree_of(&[("100644", b"LICENSE", &licence)]);
    let executable = repo.tree_of(&[("100755", b"LICENSE", &licence)]);
    let group = repo.tree_of(&[("100664", b"LICENSE", &licence)]);
    of_trees(&mut repo, &[("Plain", plain), ("Executable", executable), ("Group", group)]);
    assert_eq!(events(&walk(repo.path())), ["added LICENSE: Plain"]);
}

#[test]
fn paths_are_bytes() {
    let mut repo = Repo::new();
    let (card, licence) = (repo.blob("# Kaguya\n"), repo.blob(mit()));
    let folder = repo.tree_of(&[("100644", b"LICENSE", &licence)]);
    let with = repo.tree_of(&[("100644", b"README.md", &card), ("40000", b"mod\xe8le", &folder)]);
    let without = repo.tree_of(&[("100644", b"README.md", &card)]);
    of_trees(&mut repo, &[("With", with), ("Without", without)]);
    let history = walk(repo.path());
    let found: Vec<_> = history.events.iter().filter(|event| event.is_legal()).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1].kind.name(), "removed");
    assert_eq!(found[1].path.as_bytes(), b"mod\xe8le/LICENSE");
    assert_eq!(std::ffi::OsStr::from_bytes(found[1].path.as_bytes()).len(), 14);
}

/// On a disk that folds case they would be one file; in git they are three.
#[test]
fn names_that_differ_in_case_are_several_files() {
    let mut repo = Repo::new();
    let texts = [mit(), other_mit(), spdx_text("Apache-2.0", &[])];
    let blobs: Vec<String> = texts.iter().map(|text| repo.blob(text)).collect();
    let all: Vec<(&str, &[u8], &str)> = [&b"LICENSE"[..], b"License", b"license"]
        .into_iter()
        .zip(&blobs)
        .map(|(name, blob)| ("100644", name, blob.as_str()))
        .collect();
    let (three, two) = (repo.tree_of(&all), repo.tree_of(&[all[0], all[2]]));
    of_trees(&mut repo, &[("Three", three), ("Two", two)]);
    assert_eq!(
        events(&walk(repo.path())),
        ["added LICENSE: Three", "added License: Three", "added license: Three", "removed License: Two"]
    );
}

fn partial_clone(of: &Repo, filter: &str) -> (tempfile::TempDir, PathBuf) {
    let (keep, clone) = beside();
    of.git(&["config", "uploadpack.allowFilter", "true"]);
    let address = format!("file://{}", of.path().display());
    git(of.path(), &["clone", "-q", "--bare", &format!("--filter={filter}"), &address, text(&clone)]);
    (keep, clone)
}

/// Commits and trees are there: what happened is known, and not to which text.
#[test]
fn a_clone_without_blobs_knows_what_happened_and_not_the_texts() {
    if !has_git() {
        return;
    }
    let (repo, _) = lived();
    let (_keep, clone) = partial_clone(&repo, "blob:none");
    let history = walk(&clone);
    assert_incomplete(&history);
    assert!(history.signs.iter().any(|sign| sign.kind == SignKind::Partial), "{:?}", history.signs);
    assert_eq!(events(&history), LIFE);
    for event in history.events.iter().filter(|event| event.is_legal()) {
        for side in event.from.iter().chain(&event.to) {
            assert!(!side.contains("MIT"), "nobody has read it: {event:?}");
        }
    }
    assert!(
        git(&clone, &["rev-list", "--objects", "--all", "--missing=print"]).contains('?'),
        "nothing was fetched"
    );
}

#[test]
fn a_clone_without_trees_says_so_and_removes_nothing() {
    if !has_git() {
        return;
    }
    let (repo, _) = lived();
    let (_keep, clone) = partial_clone(&repo, "tree:0");
    match walk_damaged(&clone) {
        Ok(history) => {
            assert_incomplete(&history);
            assert!(history.signs.iter().any(|sign| sign.kind == SignKind::Partial));
            assert!(removals(&history).is_empty(), "{:?}", events(&history));
            assert_eq!(history.commits, 4);
            assert!(history.line.iter().all(|point| history.states[point.state].partial));
        }
        Err(error) => panic!("{error}"),
    }
    assert!(git(&clone, &["rev-list", "--all", "--count"]).starts_with('4'));
}

#[test]
fn nothing_committed_yet() {
    let mut repo = Repo::new();
    repo.init();
    let opened = source::open(repo.path(), What::WorkTree).unwrap();
    assert!(opened.head.is_none() && opened.problems.is_empty());
    assert!(walk_by(repo.path(), Engine::Packs, 1, |_| {}).is_err(), "there is no HEAD to walk from");
    repo.write("LICENSE", mit());
    repo.stage_all();
    let staged = source::open(repo.path(), What::Index).unwrap();
    assert!(staged.head.is_none());
    let (reading, _) = source::examine(staged.source.as_ref());
    assert!(matches!(reading.facts[0].kind, FactKind::LegalFile(_)), "what is staged is read");
}

/// Repositories that this build of libgit2 cannot read are an error or a problem, never an empty history.
#[test]
fn other_hashes_and_other_stores_of_references_are_said() {
    if !has_git() {
        return;
    }
    for options in [["--object-format=sha256"], ["--ref-format=reftable"]] {
        let folder = tempfile::tempdir().unwrap();
        if !try_git(folder.path(), &[&["init", "-q"][..], &options[..]].concat()).status.success() {
            continue;
        }
        fs::write(folder.path().join("LICENSE"), mit()).unwrap();
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-qm", "Release"]);
        let bare = folder.path().join(".git");
        for path in [folder.path(), bare.as_path()] {
            match walk_by(path, Engine::Fitting, 1, |_| {}) {
                Err(_) => {
                    // With the work tree at hand its files are checked, and the gap is said.
                    if let Ok(opened) = source::open(path, What::WorkTree) {
                        assert!(!opened.problems.is_empty(), "{options:?}: the gap is said");
                    }
                }
                Ok(history) if history.complete => {
                    assert_eq!(events(&history), ["added LICENSE: Release"], "{options:?}");
                }
                Ok(history) => assert_incomplete(&history),
            }
        }
    }
}

/// A reference that names nothing, or nonsense, may stand for commits that are gone.
#[test]
fn broken_references_are_said() {
    for content in ["1234567890123456789012345678901234567890\n", "nonsense\n", ""] {
        let (repo, _) = lived();
        fs::write(repo.path().join(".git/refs/heads/broken"), content).unwrap();
        let plain = walk(repo.path());
        assert_eq!((events(&plain), plain.complete), (LIFE.map(str::to_owned).to_vec(), true), "{content:?}");
        let all = walk_with(repo.path(), |request| request.all_refs = true);
        assert_eq!(events(&all), LIFE, "{content:?}");
        assert!(!all.complete && !all.problems.is_empty(), "{content:?}");
        assert!(problems(&all).contains("heads/broken"), "{content:?}: {}", problems(&all));
    }
    // The HEAD of a remote whose branch was not fetched leads nowhere by design.
    let (repo, _) = lived();
    fs::create_dir_all(repo.path().join(".git/refs/remotes/origin")).unwrap();
    fs::write(repo.path().join(".git/refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/main\n").unwrap();
    let all = walk_with(repo.path(), |request| request.all_refs = true);
    assert_eq!((events(&all), all.complete), (LIFE.map(str::to_owned).to_vec(), true));
}

/// Tags may name anything. One of a tree or a blob is no history; one of a tag is followed.
#[test]
fn tags_of_anything() {
    let (mut repo, ids) = lived();
    let topic = dropped(&mut repo, "Topic", &ids[1]);
    let blob = repo.blob("a key");
    let tree = tree(&repo, &ids[0]);
    let tag = |repo: &mut Repo, name: &str, kind: &str, of: &str| {
        let text = format!(
            "object {of}\ntype {kind}\ntag {name}\ntagger Kaguya <kaguya@example.org> 1775001600 +0000\n\n{name}\n"
        );
        let id = repo.object(ObjectType::Tag, text.as_bytes());
        repo.point(&format!("refs/tags/{name}"), &id);
        id
    };
    tag(&mut repo, "of-a-blob", "blob", &blob);
    tag(&mut repo, "of-a-tree", "tree", &tree);
    repo.point("refs/tags/light-tree", &tree);
    repo.point("refs/tags/light-blob", &blob);
    let inner = tag(&mut repo, "inner", "commit", &topic);
    let nested = tag(&mut repo, "nested", "tag", &inner);
    tag(&mut repo, "twice", "tag", &nested);
    let check = |repo: &Repo| {
        let all = walk_with(repo.path(), |request| request.all_refs = true);
        assert_eq!((problems(&all).as_str(), all.complete), ("", true));
        assert_eq!(all.commits, 5);
        let tags: Vec<&str> = all.tags.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(tags, ["inner", "nested", "twice"]);
        assert!(all.events.iter().any(|event| event.subject == "Topic" && event.kind.name() == "removed"));
    };
    check(&repo);
    if has_git() {
        repo.pack();
        repo.git(&["pack-refs", "--all"]);
        check(&repo);
    }
}

/// A tree that is no tree, in the middle of the history: its commit is unreadable, and neither it nor its neighbours removed
/// or restored anything.
#[test]
fn a_garbage_tree_removes_nothing() {
    for at_root in [true, false] {
        let mut repo = Repo::new();
        let licence = repo.blob(mit());
        let garbage = repo.object(ObjectType::Tree, b"this is no tree");
        let sub = repo.tree_of(&[("100644", b"LICENSE", &licence)]);
        let entry = |tree: &str| [("40000", &b"model"[..], tree.to_owned())];
        let make = |repo: &mut Repo, tree: &str| {
            let entries = entry(tree);
            let entries: Vec<(&str, &[u8], &str)> =
                entries.iter().map(|(mode, name, id)| (*mode, *name, id.as_str())).collect();
            repo.tree_of(&entries)
        };
        let good = make(&mut repo, &sub);
        let bad = if at_root { garbage } else { make(&mut repo, &garbage) };
        of_trees(&mut repo, &[("Good", good.clone()), ("Bad", bad), ("Good again", good)]);
        let history = walk_damaged(repo.path()).unwrap();
        assert_incomplete(&history);
        assert_eq!(events(&history), ["added model/LICENSE: Good"], "at the root: {at_root}");
        assert!(history.line.iter().any(|point| history.states[point.state].partial));
    }
}

#[test]
fn a_missing_commit_cuts_the_history_and_is_said() {
    let (repo, ids) = lived();
    fs::remove_file(repo.loose(&ids[1])).unwrap();
    let history = walk_damaged(repo.path()).unwrap();
    assert_incomplete(&history);
    assert!(problems(&history).contains(&ids[1][..7]), "{}", problems(&history));
    // What the commit after the hole did cannot be known: its parent is not here.
    assert_eq!(events(&history), ["added LICENSE: Put it back"]);
}

#[test]
fn a_missing_tree_removes_nothing() {
    let (repo, ids) = lived();
    fs::remove_file(repo.loose(&tree(&repo, &ids[1]))).unwrap();
    let history = walk_damaged(repo.path()).unwrap();
    assert_incomplete(&history);
    assert!(removals(&history).is_empty(), "{:?}", events(&history));
}

/// An object whose content is another one's: somebody put it there, or the disk did. The walk says so, or what it says of that
/// commit is refuted when it is hashed again.
#[test]
fn wrong_content_under_an_id_is_found() {
    let blob_of = |repo: &Repo, commit: &str| {
        let repository = git2::Repository::open(repo.path()).unwrap();
        let commit = repository.find_commit(git2::Oid::from_str(commit).unwrap()).unwrap();
        commit.tree().unwrap().get_name("LICENSE").unwrap().id().to_string()
    };
    type Choice<'a> = &'a dyn Fn(&Repo, &[String]) -> (String, String);
    let cases: [(&str, Choice<'_>); 3] = [
        ("commit", &|_, ids| (ids[1].clone(), ids[0].clone())),
        ("tree", &|repo, ids| (tree(repo, &ids[1]), tree(repo, &ids[2]))),
        ("blob", &|repo, ids| (blob_of(repo, &ids[1]), blob_of(repo, &ids[0]))),
    ];
    for (kind, choose) in cases {
        let (repo, ids) = lived();
        let (tampered, with) = choose(&repo, &ids);
        let target = repo.loose(&tampered);
        fs::remove_file(&target).unwrap();
        fs::copy(repo.loose(&with), target).unwrap();
        match walk_damaged(repo.path()) {
            Ok(history) if history.complete => {
                let refuted = refuted(repo.path(), &history).concat();
                assert!(refuted.contains(&tampered), "{kind}: {refuted:?}");
            }
            Ok(history) => assert!(problems(&history).contains(&tampered[..7]), "{}", problems(&history)),
            Err(error) => assert!(!error.is_empty(), "{kind}"),
        }
    }
    let (intact, _) = lived();
    assert!(refuted(intact.path(), &walk(intact.path())).is_empty(), "what is as it was stands");
}

/// Git itself stops at 2048 levels. A forged tree may nest without end; no reader may follow it by recursion.
#[test]
fn a_tree_of_sixty_thousand_levels() {
    let folder = tempfile::tempdir().unwrap();
    let repository = git2::Repository::init(folder.path()).unwrap();
    let odb = repository.odb().unwrap();
    // In memory first: sixty thousand loose files would be slow.
    let _memory = odb.add_new_mempack_backend(1000).unwrap();
    let mut builder = repository.packbuilder().unwrap();
    let mut write = |kind: ObjectType, bytes: &[u8]| {
        let id = odb.write(kind, bytes).unwrap();
        builder.insert_object(id, None).unwrap();
        id
    };
    let entry = |mode: &str, name: &str, id: git2::Oid| {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", id.as_bytes()].concat()
    };
    let licence = write(ObjectType::Blob, mit().as_bytes());
    let mut deepest = write(ObjectType::Tree, &entry("100644", "LICENSE", licence));
    for _ in 0..60_000 {
        deepest = write(ObjectType::Tree, &entry("40000", "d", deepest));
    }
    let root = [entry("100644", "LICENSE", licence), entry("40000", "d", deepest)].concat();
    let root = write(ObjectType::Tree, &root);
    let who = "K <k@example.org> 1775001600 +0000";
    let commit = format!("tree {root}\nauthor {who}\ncommitter {who}\n\nDeep\n");
    let commit = write(ObjectType::Commit, commit.as_bytes());
    let fresh = git2::Repository::open(folder.path()).unwrap();
    let mut pack = git2::Buf::new();
    builder.write_buf(&mut pack).unwrap();
    let fresh_odb = fresh.odb().unwrap();
    let mut writer = fresh_odb.packwriter().unwrap();
    std::io::Write::write_all(&mut writer, &pack).unwrap();
    writer.commit().unwrap();
    fresh.set_head("refs/heads/main").unwrap();
    fresh.reference("refs/heads/main", commit, true, "test").unwrap();
    let history = walk(folder.path());
    assert_incomplete(&history);
    assert!(problems(&history).contains("2048"), "{}", problems(&history));
    assert_eq!(events(&history), ["added LICENSE: Deep"]);
}

/// A file of 300 MB under the name of a licence is never loaded: what it is, is its size.
#[test]
fn a_licence_of_three_hundred_megabytes_is_not_read() {
    let mut repo = Repo::new();
    let size = 300_usize << 20;
    let zeros = vec![0_u8; 1 << 20];
    let blob = {
        let odb = repo.init().odb().unwrap();
        let mut writer = odb.writer(size, ObjectType::Blob).unwrap();
        for _ in 0..300 {
            std::io::Write::write_all(&mut writer, &zeros).unwrap();
        }
        writer.finalize().unwrap().to_string()
    };
    let licence = repo.blob(mit());
    let large = repo.tree_of(&[("100644", b"LICENSE", &blob)]);
    let small = repo.tree_of(&[("100644", b"LICENSE", &licence)]);
    of_trees(&mut repo, &[("Large", large), ("Small", small)]);
    let history = walk(repo.path());
    assert_eq!(events(&history), ["added LICENSE: Large", "changed LICENSE: Small"]);
    let first = &history.states[history.line[0].state];
    assert!(first.facts.iter().any(|fact| matches!(&fact.kind, FactKind::LegalFile(file) if !file.examined)));
    assert!(
        first.problems.iter().any(|problem| problem.kind == forebear_types::fact::ProblemKind::Oversized)
    );
}

/// A model cache holds snapshots without a history: there is no repository to walk.
#[test]
fn a_model_cache_has_no_history() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("models--deepseek-ai--DeepSeek-R1");
    let snapshot = model.join("snapshots/abc123");
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(model.join("blobs")).unwrap();
    fs::create_dir_all(model.join("refs")).unwrap();
    fs::write(model.join("refs/main"), "abc123").unwrap();
    fs::write(model.join("blobs/1"), mit()).unwrap();
    std::os::unix::fs::symlink("../../blobs/1", snapshot.join("LICENSE")).unwrap();
    for path in [&model, &snapshot] {
        let opened = source::open(path, What::WorkTree).unwrap();
        assert!(opened.repository.is_none() && opened.head.is_none());
        assert_eq!(source::examine(opened.source.as_ref()).0.facts.len(), 1);
        assert!(walk_by(path, Engine::Fitting, 1, |_| {}).is_err());
    }
}

/// A commit that claims to be its own ancestor cannot be made; one that names the same parent twice can.
#[test]
fn a_parent_named_twice() {
    let (mut repo, ids) = lived();
    let files = [("README.md", "# Kaguya\n")];
    let twice = repo.commit_tree("Twice", "2026-03-10T00:00:00Z", &[&ids[3], &ids[3]], &files);
    repo.point("refs/heads/main", &twice);
    let life = LIFE.iter().copied().chain(["removed LICENSE: Twice"]);
    assert_eq!(events(&walk(repo.path())), life.collect::<Vec<_>>());
}

/// Dates are what somebody's clock said, or what somebody wished. What came first is what is the parent.
#[test]
fn clocks_that_lie_change_nothing() {
    let mut repo = Repo::new();
    let text = mit();
    let files: [&[(&str, &str)]; 2] =
        [&[("LICENSE", &text), ("README.md", "# K\n")], &[("README.md", "# K\n")]];
    let steps = [("Added", 0, 2050), ("Removed", 1, 1980), ("Put back", 0, 2026), ("Removed again", 1, 1971)];
    let mut last: Option<String> = None;
    for (message, content, year) in steps {
        let parents: Vec<&str> = last.iter().map(String::as_str).collect();
        last = Some(repo.commit_tree(message, &format!("{year}-01-01T00:00:00Z"), &parents, files[content]));
    }
    repo.point("refs/heads/main", &last.unwrap());
    let history = walk(repo.path());
    assert_eq!(
        events(&history),
        [
            "added LICENSE: Added",
            "removed LICENSE: Removed",
            "restored LICENSE: Put back",
            "removed LICENSE: Removed again"
        ]
    );
    let subjects: Vec<&str> = history.line.iter().map(|point| point.subject.as_str()).collect();
    assert_eq!(subjects, ["Added", "Removed", "Put back", "Removed again"], "oldest first by parents");
}

/// Headers that git wrote long ago, that other programs write, and that nobody should: walked, or said to be unreadable.
#[test]
fn odd_commits() {
    let who = "Kaguya <kaguya@example.org> 1775001600 +0000";
    let whole = |author: &str, rest: &str| format!("author {author}\ncommitter {who}\n{rest}");
    let readable = [
        whole("Kaguya <kaguya@example.org> 99999999999999999999999 +0000", "\nTime too large\n"),
        whole("Kaguya <kaguya@example.org> -86400 +0000", "\nBefore 1970\n"),
        whole("Kaguya <kaguya@example.org> 1775001600 +999999999999", "\nZone too large\n"),
        whole("Kaguya <kaguya@example.org>", "\nNo time\n"),
        whole("<> 0 +0000", "\nNobody\n"),
        whole("A > B <a>b> 1775001600 +0000", "\nBrackets\n"),
        whole(who, "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nSigned\n"),
        whole(who, "encoding ISO-8859-1\n\nEncoded\n"),
        whole(who, "\n"),
        whole(who, "\n\n\nLate subject\n"),
        whole(who, "\nWithout an end"),
    ];
    let broken = [
        format!("committer {who}\n\nNo author\n"),
        format!("author {who}\n\nNo committer\n"),
        String::new(),
        "\0".repeat(64),
        format!("parent nonsense\nauthor {who}\ncommitter {who}\n\nNo parent\n"),
    ];
    for rest in &readable {
        let mut repo = Repo::new();
        let text = mit();
        let files = [("LICENSE", text.as_str()), ("README.md", "# K\n")];
        let first = repo.commit_tree("First", "2026-03-01T00:00:00Z", &[], &files);
        let bare = repo.commit_tree("Bare", "2026-03-02T00:00:00Z", &[&first], &files[1..]);
        let odd = format!("tree {}\nparent {first}\n{rest}", tree(&repo, &bare));
        let odd = repo.object(ObjectType::Commit, odd.as_bytes());
        let last = repo.commit_tree("Last", "2026-03-04T00:00:00Z", &[&odd], &files);
        repo.point("refs/heads/main", &last);
        let loose = walk(repo.path());
        assert_eq!((problems(&loose).as_str(), loose.complete), ("", true), "{rest:?}");
        let legal = loose.events.iter().filter(|event| event.is_legal());
        let kinds: Vec<&str> = legal.map(|event| event.kind.name()).collect();
        assert_eq!(kinds, ["added", "removed", "restored"], "{rest:?}");
        if has_git() {
            repo.pack();
            assert_eq!(walk(repo.path()), loose, "{rest:?}");
        }
    }
    for rest in &broken {
        check_broken(rest);
    }
}

/// A broken commit between two whole ones: said, and nothing is removed by it.
#[track_caller]
fn check_broken(rest: &str) {
    let mut repo = Repo::new();
    let text = mit();
    let files = [("LICENSE", text.as_str()), ("README.md", "# K\n")];
    let first = repo.commit_tree("First", "2026-03-01T00:00:00Z", &[], &files);
    let odd = format!("tree {}\nparent {first}\n{rest}", tree(&repo, &first));
    let odd = repo.object(ObjectType::Commit, odd.as_bytes());
    let last = repo.commit_tree("Last", "2026-03-04T00:00:00Z", &[&odd], &files);
    repo.point("refs/heads/main", &last);
    let history = walk_damaged(repo.path()).unwrap();
    assert_incomplete(&history);
    assert!(removals(&history).is_empty(), "{rest:?}");
}

/// Trees that git would refuse to check out, and some that it once wrote itself.
#[test]
fn odd_trees() {
    let null = "0000000000000000000000000000000000000000";
    let mut repo = Repo::new();
    let (licence, card) = (repo.blob(mit()), repo.blob("# K\n"));
    let sub = repo.tree_of(&[("100644", b"LICENSE", &licence)]);
    let plain = repo.tree_of(&[("100644", b"LICENSE", &licence), ("100644", b"README.md", &card)]);
    type Entry<'a> = (&'a str, &'a [u8], &'a str);
    let odd: [(&str, &[Entry<'_>]); 9] = [
        ("unsorted", &[("100644", b"README.md", &card), ("100644", b"LICENSE", &licence)]),
        (
            "twice",
            &[
                ("100644", b"LICENSE", &licence),
                ("100644", b"LICENSE", &card),
                ("100644", b"README.md", &card),
            ],
        ),
        (
            "with dots",
            &[("40000", b"..", &sub), ("100644", b"LICENSE", &licence), ("100644", b"README.md", &card)],
        ),
        (
            "with git",
            &[("40000", b".git", &sub), ("100644", b"LICENSE", &licence), ("100644", b"README.md", &card)],
        ),
        (
            "with a slash",
            &[
                ("100644", b"LICENSE", &licence),
                ("100644", b"README.md", &card),
                ("100644", b"a/LICENSE", &licence),
            ],
        ),
        (
            "with a zero",
            &[("040000", b"D", &sub), ("100644", b"LICENSE", &licence), ("100644", b"README.md", &card)],
        ),
        (
            "of nothing",
            &[
                ("100644", b"COPYING", null),
                ("100644", b"LICENSE", &licence),
                ("100644", b"README.md", &card),
            ],
        ),
        (
            "a tree as file",
            &[
                ("100644", b"COPYING", &sub),
                ("100644", b"LICENSE", &licence),
                ("100644", b"README.md", &card),
            ],
        ),
        (
            "a file as tree",
            &[
                ("40000", b"COPYING", &card),
                ("100644", b"LICENSE", &licence),
                ("100644", b"README.md", &card),
            ],
        ),
    ];
    for (what, entries) in odd {
        let tree = repo.tree_of(entries);
        of_trees(&mut repo, &[("Plain", plain.clone()), ("Odd", tree), ("Plain again", plain.clone())]);
        let history = walk_damaged(repo.path()).unwrap();
        let of_licence: Vec<String> =
            events(&history).into_iter().filter(|event| event.contains(" LICENSE:")).collect();
        assert_eq!(of_licence, ["added LICENSE: Plain"], "{what}");
        for event in &history.events {
            let path = event.path.as_bytes();
            assert!(
                !path.starts_with(b"/") && !path.split(|byte| *byte == b'/').any(|part| part == b".."),
                "{what}: {event:?}"
            );
        }
    }
}

/// What was removed on one branch is not restored by another one that has it for the first time: "restored" is said only where the
/// removal lies before. What other references hold changes nothing in what is said of HEAD.
#[test]
fn a_removal_elsewhere_restores_nothing() {
    let mut repo = Repo::new();
    let text = mit();
    let (licence, card) = (("LICENSE", text.as_str()), ("README.md", "# K\n"));
    let start = repo.commit_tree("Start", "2026-03-01T00:00:00Z", &[], &[card]);
    let there = repo.commit_tree("There", "2026-03-02T00:00:00Z", &[&start], &[card, licence]);
    let gone = repo.commit_tree("Gone", "2026-03-03T00:00:00Z", &[&there], &[card, ("x", "1")]);
    let main = repo.commit_tree("Main", "2026-03-04T00:00:00Z", &[&start], &[card, licence, ("y", "1")]);
    let moved = [card, ("legal/LICENSE", text.as_str()), ("z", "1")];
    let other = repo.commit_tree("Other", "2026-03-05T00:00:00Z", &[&start], &moved);
    repo.point("refs/heads/main", &main);
    repo.point("refs/pull/1/head", &gone);
    repo.point("refs/heads/other", &other);
    assert_eq!(events(&walk(repo.path())), ["added LICENSE: Main"]);
    let all = walk_with(repo.path(), |request| request.all_refs = true);
    let mut found = events(&all);
    found.sort();
    assert_eq!(
        found,
        [
            "added LICENSE: Main",
            "added LICENSE: There",
            "added legal/LICENSE: Other",
            "removed LICENSE: Gone"
        ]
    );
    // The same within one history: the branch on which it was removed is merged in the end.
    let files = [card, licence, ("x", "1"), ("y", "1")];
    let merge = repo.commit_tree("Merge", "2026-03-06T00:00:00Z", &[&main, &gone], &files);
    repo.point("refs/heads/main", &merge);
    let found = events(&walk(repo.path()));
    assert!(found.contains(&"added LICENSE: Main".to_owned()), "{found:?}");
    assert!(!found.iter().any(|event| event.starts_with("restored LICENSE: Main")), "{found:?}");
}
