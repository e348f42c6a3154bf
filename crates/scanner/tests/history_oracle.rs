//! The walk held against git: every (commit, parent) pair of a repository, and every first commit, as `git diff-tree` sees it.
//!
//! Always on histories made up here; and on every repository named in `FOREBEAR_REPOS` (folders, with colons between them), at all
//! their references. For large ones:
//!
//! ```text
//! FOREBEAR_REPOS=a/repo:b/repo cargo test --release -p forebear-scanner --test history_oracle -- --nocapture
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds repositories, and says what it compared"
)]

mod history_common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use forebear_scanner::formats::{self, Interest};
use forebear_scanner::history::{self, Engine, RawEntry, Request};
use forebear_scanner::source::{self, EntryKind, What};
use forebear_testkit::repo::{Repo, git, git_command, has_git};
use forebear_types::history::EventKind;
use forebear_types::{RepoPath, Snapshot};
use history_common::walk_by;

/// One difference: commit, parent (`None`: a first commit), path, and both sides as `type object`; a side that is not there
/// is empty.
type Change = (String, Option<usize>, RepoPath, String, String);

/// A multiset.
type Changes = BTreeMap<Change, usize>;

/// What forebear's history looks at, said here once more: the walk must not decide by itself what it is compared on.
fn is_looked_at(path: &RepoPath) -> bool {
    use Interest::{
        AdapterConfig, LegalFile, MergeRecipe, ModelCard, ModelConfig, Tokenizer, TokenizerConfig, Weights,
    };
    matches!(
        formats::interest(path),
        Some(
            LegalFile(_)
                | ModelCard
                | ModelConfig
                | AdapterConfig
                | MergeRecipe
                | Tokenizer(_)
                | TokenizerConfig
                | Weights(_)
        )
    )
}

/// All differences by forebear.
fn ours(folder: &Path, engine: Engine, all_refs: bool) -> Changes {
    let opened = source::open(folder, What::Revision("HEAD".to_owned())).unwrap();
    let request = Request { all_refs, engine, ..Request::of(opened.head.unwrap()) };
    let (changes, history) = history::raw_changes(opened.repository.as_ref().unwrap(), &request);
    assert!(history.complete, "{:?}", history.problems);
    let side = |entry: Option<RawEntry>| {
        entry.map_or_else(String::new, |entry| {
            let kind = match entry.kind {
                EntryKind::Symlink => "link",
                EntryKind::Submodule => "module",
                _ => "file",
            };
            format!("{kind} {}", entry.object)
        })
    };
    let mut all = Changes::new();
    for change in changes {
        let change =
            (change.commit.to_string(), change.parent, change.path, side(change.old), side(change.new));
        *all.entry(change).or_default() += 1;
    }
    all
}

/// All differences by git, and how many pairs were compared.
fn theirs(folder: &Path, all_refs: bool) -> (Changes, usize) {
    let listing = git(folder, &["rev-list", "--parents", if all_refs { "--all" } else { "HEAD" }, "HEAD"]);
    let mut pairs: Vec<(&str, Option<usize>, Option<&str>)> = Vec::new();
    for line in listing.lines() {
        let mut ids = line.split(' ');
        let commit = ids.next().unwrap();
        let parents: Vec<&str> = ids.collect();
        if parents.is_empty() {
            pairs.push((commit, None, None));
        }
        pairs.extend(parents.iter().enumerate().map(|(at, parent)| (commit, Some(at), Some(*parent))));
    }
    let mut child = git_command(folder)
        .args([
            "diff-tree", "--stdin", "-r", "--root", "--raw", "-z", "--no-renames", "--no-abbrev", "--always",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let asked: String = pairs
        .iter()
        .map(|(commit, _, parent)| match parent {
            Some(parent) => format!("{commit} {parent}\n"),
            None => format!("{commit}\n"),
        })
        .collect();
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let mut parts = BufReader::new(child.stdout.take().unwrap()).split(0);
    let mut all = Changes::new();
    let mut pair = 0_usize;
    while let Some(part) = parts.next() {
        let part = part.unwrap();
        if part.first() != Some(&b':') {
            // A pair is introduced by its commit.
            assert_eq!(part, pairs[pair].0.as_bytes(), "git answers in order");
            pair += 1;
            continue;
        }
        // `:100644 100644 <old> <new> M`, then the path.
        let head = String::from_utf8(part).unwrap();
        let fields: Vec<&str> = head[1..].split(' ').collect();
        let path = RepoPath::new(parts.next().unwrap().unwrap()).unwrap();
        if !is_looked_at(&path) {
            continue;
        }
        let side = |mode: &str, id: &str| match mode {
            "000000" => String::new(),
            "120000" => format!("link {id}"),
            "160000" => format!("module {id}"),
            _ => format!("file {id}"),
        };
        let (old, new) = (side(fields[0], fields[2]), side(fields[1], fields[3]));
        if old == new {
            // Only its mode differs.
            continue;
        }
        let (commit, parent, _) = pairs[pair - 1];
        *all.entry((commit.to_owned(), parent, path, old, new)).or_default() += 1;
    }
    writer.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(pair, pairs.len(), "every pair was compared");
    (all, pairs.len())
}

/// Asserts that both engines see what git sees; gives how many pairs and differences there are.
#[track_caller]
fn compare(folder: &Path, all_refs: bool) -> (usize, usize) {
    let (theirs, pairs) = theirs(folder, all_refs);
    for engine in [Engine::Objects, Engine::Packs] {
        let ours = ours(folder, engine, all_refs);
        let only = |one: &Changes, other: &Changes| -> Vec<String> {
            let differing = one.iter().filter(|(change, count)| other.get(change) != Some(count));
            differing
                .take(20)
                .map(|((commit, parent, path, old, new), count)| {
                    format!("{commit} parent {parent:?} {path}: [{old}] -> [{new}], {count} times")
                })
                .collect()
        };
        let (too_many, missing) = (only(&ours, &theirs), only(&theirs, &ours));
        assert!(
            too_many.is_empty() && missing.is_empty(),
            "{engine:?}: only by forebear: {too_many:#?}\nonly by git: {missing:#?}"
        );
    }
    (pairs, theirs.values().sum())
}

/// Asserts that the whole history is the same by both engines, and by any number of threads.
#[track_caller]
fn compare_engines(folder: &Path, all_refs: bool) {
    let change = |request: &mut Request| request.all_refs = all_refs;
    let objects = walk_by(folder, Engine::Objects, 1, change).unwrap();
    for (engine, threads) in [(Engine::Packs, 1), (Engine::Packs, 4), (Engine::Fitting, 0)] {
        let other = walk_by(folder, engine, threads, change).unwrap();
        if other == objects {
            continue;
        }
        // The whole of a large history would fill the screen.
        for (one, two) in objects.events.iter().zip(&other.events) {
            assert_eq!(one, two, "{engine:?} with {threads} threads");
        }
        assert_eq!(objects.problems, other.problems);
        assert_eq!((objects.commits, objects.events.len()), (other.commits, other.events.len()));
        panic!("{engine:?} with {threads} threads gives another history, with the same events");
    }
}

/// Asserts that no difference is lost on its way to the timeline, and none made up: in commits with one parent or none, the paths of
/// legal files that differ are those that events name. Gives how many.
#[track_caller]
fn compare_events(folder: &Path, all_refs: bool) -> usize {
    let history = walk_by(folder, Engine::Fitting, 0, |request| request.all_refs = all_refs).unwrap();
    let mut told: BTreeSet<(String, RepoPath)> = BTreeSet::new();
    for event in history.events.iter().filter(|event| event.is_legal() && event.parents < 2) {
        let Snapshot::Commit { id, .. } = &event.snapshot else { panic!("HEAD is a commit") };
        told.insert((id.to_string(), event.path.clone()));
        if event.kind == EventKind::Renamed {
            told.insert((id.to_string(), RepoPath::new(event.from.as_deref().unwrap()).unwrap()));
        }
    }
    let (theirs, _) = theirs(folder, all_refs);
    let merges = git(folder, &["rev-list", "--merges", "--all", "HEAD"]);
    let merges: BTreeSet<&str> = merges.lines().collect();
    let is_text = |side: &str| side.starts_with("file") || side.starts_with("link");
    let differing: BTreeSet<(String, RepoPath)> = theirs
        .into_keys()
        .filter(|(commit, _, path, old, new)| {
            matches!(formats::interest(path), Some(Interest::LegalFile(_)))
                && !merges.contains(commit.as_str())
                && (is_text(old) || is_text(new))
        })
        .map(|(commit, _, path, _, _)| (commit, path))
        .collect();
    // What a card links to is a legal file too, whatever its name.
    told.retain(|(_, path)| matches!(formats::interest(path), Some(Interest::LegalFile(_))));
    let lost: Vec<_> = differing.difference(&told).take(20).collect();
    let made_up: Vec<_> = told.difference(&differing).take(20).collect();
    assert!(lost.is_empty() && made_up.is_empty(), "no event for {lost:#?}\nonly an event for {made_up:#?}");
    differing.len()
}

/// Asserts that what other references hold changes nothing in what is said of HEAD.
#[track_caller]
fn compare_references(folder: &Path) {
    let walk =
        |all_refs: bool| walk_by(folder, Engine::Fitting, 0, |request| request.all_refs = all_refs).unwrap();
    let (plain, all) = (walk(false), walk(true));
    let of_head = all.events.iter().filter(|event| event.is_of_head());
    for (one, two) in plain.events.iter().zip(of_head.clone()) {
        assert_eq!(one, two, "an event of HEAD");
    }
    assert_eq!(plain.events.len(), of_head.count());
    assert_eq!(plain.line.len(), all.line.len());
    for (one, two) in plain.line.iter().zip(&all.line) {
        assert_eq!((&one.snapshot, one.commits), (&two.snapshot, two.commits));
        assert_eq!(plain.states[one.state].facts.len(), all.states[two.state].facts.len());
    }
}

/// Numbers that look thrown and are the same each time (Steele, Lea and Flood's SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % bound as u64) as usize
    }
}

/// Paths that the history looks at, ones that it nearly looks at, and ones that are none of its business; files and folders that
/// take each other's place.
const PATHS: &[&str] = &[
    "LICENSE",
    "LICENSE/MIT",
    "license",
    "LICENSE.md",
    "NOTICE",
    "NOTICE.txt/deep/NOTICE",
    "README.md",
    "licenses/MIT.txt",
    "licenses/README",
    "sub/LICENSES/Apache-2.0.txt",
    "sub/LICENSE",
    "sub/licenses.rs",
    "a/b/c/d/e/COPYING",
    "a/b/c/config.json",
    "config.json",
    "adapter_config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "mergekit_config.yml",
    "src/main.rs",
    "src/license.py",
    "docs/a.txt",
    "docs/b.txt",
    "docs/c/d.txt",
];

/// A history of made-up commits with up to three parents; its newest commits are branches, so that all of it is reached.
fn made_up(seed: u64, commits: usize) -> Repo {
    let mut dice = Dice(seed);
    let mut repo = Repo::new();
    let mut ids: Vec<String> = Vec::new();
    let mut trees: Vec<BTreeMap<&str, String>> = Vec::new();
    for number in 0..commits {
        let count = match dice.below(60) {
            0 => 0,
            1..=36 => 1,
            37..=54 => 2,
            _ => 3,
        };
        let mut parents: Vec<usize> = Vec::new();
        for _ in 0..count.min(number) {
            let parent = number - 1 - dice.below(number.min(6));
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        // Begin with one parent's files, take some of another's, and change a few.
        let mut files = parents.first().map(|at| trees[*at].clone()).unwrap_or_default();
        for other in parents.iter().skip(1) {
            for (path, content) in &trees[*other] {
                if dice.below(3) == 0 {
                    put(&mut files, path, content.clone());
                }
            }
        }
        for _ in 0..dice.below(4) {
            let path = PATHS[dice.below(PATHS.len())];
            if dice.below(4) == 0 {
                files.remove(path);
            } else {
                put(&mut files, path, format!("{path}\nversion {}\n{}", dice.below(5), "line\n".repeat(40)));
            }
        }
        let listed: Vec<(&str, &str)> =
            files.iter().map(|(path, content)| (*path, content.as_str())).collect();
        let parent_ids: Vec<&str> = parents.iter().map(|at| ids[*at].as_str()).collect();
        let time = format!("2026-{:02}-{:02}T00:00:00Z", 1 + number / 28 % 12, 1 + number % 28);
        ids.push(repo.commit_tree(&format!("Commit {number}"), &time, &parent_ids, &listed));
        trees.push(files);
    }
    for (number, id) in ids.iter().enumerate().rev().take(8) {
        repo.point(&format!("refs/heads/branch-{number}"), id);
    }
    repo.point("refs/heads/main", ids.last().unwrap());
    repo
}

/// Puts a file into a tree; files and folders that stand in its way give way.
fn put<'p>(files: &mut BTreeMap<&'p str, String>, path: &'p str, content: String) {
    let within =
        |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    files.retain(|other, _| !within(other, path) && !within(path, other));
    files.insert(path, content);
}

#[test]
fn made_up_histories_are_what_git_says() {
    if !has_git() {
        eprintln!("skipped: git is not there to compare with");
        return;
    }
    let mut differences = 0;
    for seed in 0..6 {
        let repo = made_up(seed, 120);
        for packed in [false, true] {
            if packed {
                repo.pack();
            }
            for all_refs in [false, true] {
                let (pairs, found) = compare(repo.path(), all_refs);
                assert!(pairs >= 20 && found >= 20, "seed {seed}: {pairs} pairs, {found} differences");
                differences += found;
                compare_engines(repo.path(), all_refs);
                assert!(compare_events(repo.path(), all_refs) > 0);
            }
            compare_references(repo.path());
        }
    }
    assert!(differences > 3000, "{differences}");
}

/// Half packed, half loose; deltas against bases named by id; several packs with the same objects.
#[test]
fn packs_of_every_kind_are_what_git_says() {
    if !has_git() {
        eprintln!("skipped: git is not there to compare with");
        return;
    }
    let repo = made_up(77, 150);
    let mut answers = Vec::new();
    for options in [
        &["repack", "-adfq", "--depth=200", "--window=100"][..],
        &["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50"],
        &["-c", "pack.indexVersion=1", "repack", "-adfq", "--depth=0"],
        &["-c", "pack.packSizeLimit=1", "-c", "pack.compression=0", "repack", "-adfq", "--max-pack-size=20k"],
        &["-c", "core.compression=9", "repack", "-adfq", "--path-walk"],
        &["multi-pack-index", "write", "--bitmap"],
    ] {
        // An option that this version of git does not know changes nothing.
        let _ = forebear_testkit::repo::try_git(repo.path(), options);
        answers.push(compare(repo.path(), true));
        compare_engines(repo.path(), true);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "however they are packed: {answers:?}");
}

#[test]
fn repositories_named_in_the_environment_are_what_git_says() {
    let named = std::env::var("FOREBEAR_REPOS").unwrap_or_default();
    if named.is_empty() {
        eprintln!("skipped: FOREBEAR_REPOS names no repositories (folders, with colons between them)");
        return;
    }
    for folder in named.split(':') {
        let (pairs, found) = compare(Path::new(folder), true);
        eprintln!("{folder}: {pairs} pairs, {found} differences, the same by both engines and by git");
        compare_engines(Path::new(folder), true);
        eprintln!("{folder}: one history by both engines");
        let told = compare_events(Path::new(folder), true);
        eprintln!("{folder}: {told} differences of legal files outside merges, each with its event");
        compare_references(Path::new(folder));
        eprintln!("{folder}: other references change nothing in what is said of HEAD");
    }
}
