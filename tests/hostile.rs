//! Input made to break a reader: a clear message or a problem in the report, bounded memory, never a panic.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds hostile input"
)]

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use forebear_testkit::env;
use forebear_testkit::repo::Repo;
use serde_json::Value;

/// Most memory that any of these runs may need, in KiB.
const MEMORY: u64 = 200 * 1024;

/// Runs a check; it must end by itself, with a report.
fn check(folder: &Path, arguments: &[&str]) -> (Output, Value) {
    let output = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .arg("check")
        .arg(folder)
        .args(["--format", "json", "--fail-on", "never"])
        .args(arguments)
        .output()
        .unwrap();
    let code = output.status.code().expect("no signal ended it");
    assert!([0, 3].contains(&code), "{code}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output, report)
}

fn problems(report: &Value) -> Vec<String> {
    let list = report["source"]["problems"].as_array().unwrap();
    list.iter()
        .map(|problem| format!("{} {}", problem["path"].as_str().unwrap(), problem["what"].as_str().unwrap()))
        .collect()
}

fn has_problem(report: &Value, path: &str, words: &str) {
    let all = problems(report);
    assert!(
        all.iter().any(|problem| problem.starts_with(path) && problem.contains(words)),
        "{path} {words}: {all:?}"
    );
}

/// A model folder to which hostile files are added.
fn model() -> Repo {
    let mut repo = Repo::plain();
    repo.write("README.md", "---\nlicense: mit\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("llama-2-7b-config.json"));
    repo
}

#[test]
fn large_files_are_not_read() {
    let mut repo = model();
    // Sparse: the sizes are real, the disk is not filled.
    File::create(repo.path().join("LICENSE")).unwrap().set_len(300 << 20).unwrap();
    File::create(repo.path().join("model.safetensors")).unwrap().set_len(700 << 30).unwrap();
    repo.write("sub/x.txt", "");
    let config = repo.path().join("config.json");
    File::options().write(true).open(config).unwrap().set_len(100 << 20).unwrap();
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "LICENSE", "314572800 bytes");
    has_problem(&report, "config.json", "104857600 bytes");
    // What was not examined does not count as absent.
    let answers: Vec<&str> =
        report["obligations"].as_array().unwrap().iter().map(|one| one["answer"].as_str().unwrap()).collect();
    assert!(answers.contains(&"unknown") && !answers.contains(&"unmet"), "{answers:?}");
}

/// The same in git: a blob of 300 MB is not loaded, in the commit or in the history.
#[test]
fn large_blobs_are_not_loaded() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n# Kaguya\n");
    repo.write("LICENSE", vec![b'x'; 300 << 20]);
    repo.stage_all();
    repo.commit("Large", "2026-03-01T00:00:00Z");
    fs::remove_file(repo.path().join("LICENSE")).unwrap();
    let (_, report) = check(repo.path(), &["--rev", "HEAD"]);
    has_problem(&report, "LICENSE", "314572800 bytes");
    let peak = peak_memory(repo.path());
    assert!(peak < MEMORY, "{peak} KiB");
}

/// Peak resident memory of a check, in KiB, as the kernel counted it for the process itself.
fn peak_memory(folder: &Path) -> u64 {
    // A process that waits for its child is told the child's peak when it has ended.
    let script = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); \
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let output = Command::new("python3")
        .args(["-c", script, env!("CARGO_BIN_EXE_forebear"), "check"])
        .arg(folder)
        .args(["--fail-on", "never"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn broken_and_duplicate_json_is_reported_and_used_as_far_as_it_goes() {
    let mut repo = model();
    repo.write("config.json", "{\"model_type\": \"llama\",\n\"hidden_size\": 1,\n\"hidden_size\": 4096,\n\"num_hidden_layers\": 32,\n");
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "config.json", "line 3: the key `hidden_size` stands twice");
    has_problem(&report, "config.json", "ends in the middle");
    repo.write("config.json", "[".repeat(3_000_000));
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "config.json", "nests deeper");
}

/// A configuration on one line of 130 KB: a report that shows the line must not choke on the column.
#[test]
fn a_minified_configuration_is_shown() {
    let mut repo = Repo::plain();
    let config = forebear_testkit::snippet("deepseek-v3-config.json").replace(['\n', ' '], "");
    repo.write("README.md", "---\nlicense: apache-2.0\n---\n# Kaguya\n");
    repo.write("config.json", format!("{{\"padding\":\"{}\",{}", "x".repeat(130_000), &config[1..]));
    let output = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .arg("check")
        .arg(repo.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.len() < 100_000);
}

#[test]
fn yaml_bombs_and_conflicts_are_reported() {
    let mut repo = model();
    let mut bomb = String::from("---\nlicense: apache-2.0\na0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..30 {
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9)));
    }
    repo.write("README.md", format!("{bomb}---\n# Kaguya\n"));
    repo.write("NOTICE", "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> topic\n");
    let (_, report) = check(repo.path(), &[]);
    assert_eq!(report["declared"]["license"], "apache-2.0");
    has_problem(&report, "NOTICE", "merge-conflict");
    repo.write("README.md", "---\nlicense: mit\ntags: [a, b\nbase_model: a/b\n---\n");
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "README.md", "not valid YAML");
    assert_eq!(report["declared"]["base_models"][0], "a/b");
}

#[test]
fn links_pipes_and_odd_names_do_no_harm() {
    let repo = model();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "MIT License\n\nCopyright (c) 2020 Outside\n").unwrap();
    symlink(outside.path().join("secret"), repo.path().join("LICENSE")).unwrap();
    symlink("nowhere", repo.path().join("NOTICE")).unwrap();
    symlink("..", repo.path().join("loop")).unwrap();
    symlink("README.md", repo.path().join("README_en.md")).unwrap();
    let fifo = Command::new("mkfifo").arg(repo.path().join("COPYING")).status().unwrap();
    assert!(fifo.success());
    let odd = std::ffi::OsStr::from_bytes(b"LICENSE-\xff\x1b[2J");
    fs::write(repo.path().join(odd), "odd").unwrap();
    let (output, report) = check(repo.path(), &[]);
    has_problem(&report, "LICENSE", "link leaves the folder");
    has_problem(&report, "NOTICE", "link leaves the folder or leads nowhere");
    has_problem(&report, "COPYING", "pipe");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("Outside"), "a link out of the folder was followed");
    assert!(!text.contains('\u{1b}'));
    let cards = report["source"]["examined"]["cards"].as_u64().unwrap();
    assert_eq!(cards, 2, "a link inside the folder is the file");
}

#[test]
fn what_may_not_be_read_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let mut repo = model();
    let path = repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2024 Kaguya"]));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        println!("skipped in part: this user may read everything, so permissions cannot be tested");
        return;
    }
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "LICENSE", "cannot be read");
}

/// 60,000 folders in one another exist as git trees only: no file system takes them by path.
#[test]
fn a_deep_tree_is_cut_and_reported() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n");
    repo.stage_all();
    let head = repo.commit("Shallow", "2026-03-01T00:00:00Z");
    let git = git2::Repository::open(repo.path()).unwrap();
    let blob = git.blob(b"MIT License\n").unwrap();
    let mut builder = git.treebuilder(None).unwrap();
    builder.insert("LICENSE", blob, 0o100_644).unwrap();
    let mut tree = builder.write().unwrap();
    for _ in 0..60_000 {
        let mut builder = git.treebuilder(None).unwrap();
        builder.insert("a", tree, 0o040_000).unwrap();
        tree = builder.write().unwrap();
    }
    let parent = git.find_commit(git2::Oid::from_str(&head).unwrap()).unwrap();
    let author = git2::Signature::new("Kaguya", "k@example.org", &git2::Time::new(1_772_400_000, 0)).unwrap();
    let tree = git.find_tree(tree).unwrap();
    git.commit(Some("HEAD"), &author, &author, "Deep", &tree, &[&parent]).unwrap();
    let (_, report) = check(repo.path(), &["--rev", "HEAD"]);
    has_problem(&report, "a/a/a/a", "deeper than 2048 levels");
    has_problem(&report, "", "deeper than 2048 levels");
    assert!(peak_memory(repo.path()) < MEMORY);
}

#[test]
fn a_deep_folder_on_disk_is_cut_and_reported() {
    let repo = model();
    // As deep as the system lets a program go step by step.
    let script =
        "import os,sys\nos.chdir(sys.argv[1])\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\n";
    let made = Command::new("python3").args(["-c", script]).arg(repo.path()).status().unwrap();
    assert!(made.success());
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "d/d/d/d", "the rest is not examined");
    let remove = Command::new("rm").arg("-rf").arg(repo.path().join("d")).status().unwrap();
    assert!(remove.success());
}

#[test]
fn damaged_repositories_are_named_and_the_files_are_checked() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n");
    repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2024 Kaguya"]));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T00:00:00Z");
    // Every object gone: HEAD names a commit that cannot be read.
    fs::remove_dir_all(repo.path().join(".git/objects")).unwrap();
    fs::create_dir(repo.path().join(".git/objects")).unwrap();
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "", "HEAD cannot be read");
    assert_eq!(report["legal_files"][0]["licenses"][0]["id"], "MIT");
    // A HEAD that is nonsense.
    fs::write(repo.path().join(".git/HEAD"), "nonsense").unwrap();
    let (_, report) = check(repo.path(), &[]);
    assert!(!problems(&report).is_empty());
    assert_eq!(report["legal_files"][0]["licenses"][0]["id"], "MIT");
}

/// One object of the history is broken: what can be read is reported, and what could not be is named.
#[test]
fn a_missing_object_in_the_history_is_reported() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n");
    repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2024 Kaguya"]));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T00:00:00Z");
    let git = git2::Repository::open(repo.path()).unwrap();
    let blob = git.head().unwrap().peel_to_tree().unwrap().get_name("LICENSE").unwrap().id().to_string();
    repo.write("LICENSE", "gone\n");
    repo.stage_all();
    repo.commit("Shorten", "2026-03-02T00:00:00Z");
    fs::remove_file(repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let (_, report) = check(repo.path(), &[]);
    has_problem(&report, "", "cannot be read");
    assert_eq!(report["source"]["examined"]["history_complete"], false);
}

/// File names, cards and commit messages are strangers' texts: no escape sequence of theirs reaches the terminal.
#[test]
fn the_text_report_lets_no_escape_sequence_through() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: \"mit\\e[2J\u{202e}\"\nbase_model: deepseek-ai/DeepSeek-R1\n---\n\u{1b}[31m# Kaguya\u{9b}\n");
    repo.write("LICENSE\u{1b}[2J", "x\n");
    repo.write("model.safetensors", forebear_testkit::pointer("x"));
    repo.stage_all();
    repo.commit("Wipe \u{1b}[2J the screen", "2026-03-01T00:00:00Z");
    for command in ["check", "history", "lineage"] {
        let output = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
            .args([command])
            .arg(repo.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty());
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{command}: {text:?}");
    }
}
