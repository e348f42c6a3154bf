//! `check --fix`, `--diff` and `forebear notice` from outside: what is found is mended, once, and nothing else is touched.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

#[path = "fix/families.rs"]
mod families;
#[path = "fix/mended.rs"]
mod mended;
#[path = "fix/notice.rs"]
mod notice;
#[path = "fix/refused.rs"]
mod refused;
#[path = "fix/stories.rs"]
mod stories;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use forebear_testkit::output::{json, stderr, stdout, validates};
use forebear_testkit::repo::Repo;
use forebear_testkit::{env, pointer};
use serde_json::Value;

pub const DEEPSEEK: &str = "Copyright (c) 2023 DeepSeek";

pub fn forebear(arguments: &[&str], folder: &Path) -> Output {
    env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A repository with weights and a card.
pub fn model(card: &str) -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", card);
    repo.write("model.safetensors", pointer("model.safetensors"));
    repo
}

/// The report of a check, held to the published schema.
pub fn check(repo: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["check", ".", "--format", "json", "--fail-on", "never"];
    arguments.extend(more);
    let output = forebear(&arguments, repo);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    let report = json(&output);
    validates("forebear-report-1", &report);
    report
}

pub fn has(report: &Value, rule: &str) -> bool {
    report["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == rule)
}

/// The answers to a duty, each once.
pub fn answers(report: &Value, duty: &str) -> Vec<String> {
    let all = report["obligations"].as_array().unwrap().iter();
    let mut answers: Vec<String> = all
        .filter(|one| one["duty"] == duty && one["certain"] == true)
        .map(|one| one["answer"].as_str().unwrap().to_owned())
        .collect();
    answers.sort();
    answers.dedup();
    answers
}

/// Every file of a folder but those of git.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| name == ".git") {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else {
                let content = std::fs::read(&path).unwrap_or_default();
                files.insert(path.strip_prefix(folder).unwrap().to_path_buf(), content);
            }
        }
    }
    files
}

pub fn read(repo: &Path, file: &str) -> String {
    std::fs::read_to_string(repo.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Fixes, and shows that the patch says the same, that a second fix changes nothing and has nothing to show.
pub fn fix(repo: &Path, reach: &str, more: &[&str]) -> (Value, String) {
    let arguments: Vec<&str> = [reach].into_iter().chain(more.iter().copied()).collect();
    let before = tree(repo);
    let patch = patch(repo, &arguments);
    assert_eq!(tree(repo), before, "--diff writes nothing");

    let mut all = vec!["check", ".", "--format", "json", "--fail-on", "never"];
    all.extend(&arguments);
    let output = forebear(&all, repo);
    assert!(output.status.success(), "{}", stderr(&output));
    let report = json(&output);
    validates("forebear-report-1", &report);
    let after = tree(repo);
    assert_eq!(applied(&before, &patch), after, "the patch is what is written");
    assert_eq!(check(repo, more), report, "the report is that of a second check");

    let again = forebear(&all, repo);
    assert_eq!(tree(repo), after, "a second fix changes nothing");
    assert!(!stderr(&again).contains("\nfixed: "), "{}", stderr(&again));
    assert_eq!(self::patch(repo, &arguments), b"");
    (report, stderr(&output))
}

fn patch(repo: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut all = vec!["check", ".", "--diff", "--fail-on", "never"];
    all.extend(arguments);
    let output = forebear(&all, repo);
    assert!(output.status.success(), "{}", stderr(&output));
    output.stdout
}

/// The files after a patch, by libgit2: ours is not the only program that has to understand it.
fn applied(before: &BTreeMap<PathBuf, Vec<u8>>, patch: &[u8]) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let repository = git2::Repository::init(folder.path()).unwrap();
    repository.config().unwrap().set_str("core.autocrlf", "false").unwrap();
    for (path, content) in before {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    if !patch.is_empty() {
        let diff = git2::Diff::from_buffer(patch).unwrap();
        repository.apply(&diff, git2::ApplyLocation::WorkDir, None).unwrap();
    }
    tree(folder.path())
}

/// A finding of the rule is there before the fix, and none after it.
pub fn mends(repo: &Path, rule: &str, reach: &str, more: &[&str]) -> (Value, String) {
    let before = check(repo, more);
    assert!(has(&before, rule), "{rule}: {:#}", before["findings"]);
    let (after, said) = fix(repo, reach, more);
    assert!(!has(&after, rule), "{rule}: {:#}", after["findings"]);
    (after, said)
}

pub fn shown(output: &Output) -> String {
    format!("{}{}", stdout(output), stderr(output))
}
