//! Ctrl-C leaves nothing behind.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use forebear_testkit::env;
use forebear_testkit::repo::Repo;

/// What a fix may add.
const ADDED: [&str; 3] = ["LICENSE", "NOTICE", "THIRD_PARTY_NOTICES.txt"];

fn spawn(arguments: &[&str], folder: &Path) -> Child {
    env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(status.is_ok(), "there is no kill");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The program waits for the rest of its input when the signal comes: the pipe holds less than what was taken out of it.
#[test]
fn whoever_interrupts_gets_130_and_no_file() {
    for name in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("report.json"), "of yesterday").unwrap();
        let arguments = ["licenses", "identify", "--format", "json", "--output", "report.json", "-"];
        let mut child = spawn(&arguments, folder.path());
        let mut input = child.stdin.take().unwrap();
        input.write_all(&b"words \n".repeat(60_000)).unwrap();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{name}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
        drop(input);
        assert_eq!(names(folder.path()), ["report.json"], "{name}");
        assert_eq!(std::fs::read(folder.path().join("report.json")).unwrap(), b"of yesterday");
    }
}

/// Whenever the signal comes, before, within or after the writing: the file is as it was or whole, and nothing else is there.
#[test]
fn at_no_moment_is_anything_half_written_left() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    let before = names(repo.path());
    let card = std::fs::read(repo.path().join("README.md")).unwrap();
    for step in 0..15u64 {
        let output = tempfile::tempdir().unwrap();
        let report = output.path().join("report.json");
        let arguments = ["check", ".", "--fix=all", "--format", "json", "--output", report.to_str().unwrap()];
        let child = spawn(&arguments, repo.path());
        std::thread::sleep(Duration::from_millis(step * 10));
        signal(&child, "INT");
        child.wait_with_output().unwrap();
        match std::fs::read(&report) {
            Ok(bytes) => drop(serde_json::from_slice::<serde_json::Value>(&bytes).expect("a whole report")),
            Err(cause) => assert_eq!(cause.kind(), std::io::ErrorKind::NotFound),
        }
        assert!(names(output.path()).iter().all(|name| name == "report.json"), "{:?}", names(output.path()));
        let mut now = names(repo.path());
        now.retain(|name| !ADDED.contains(&name.as_str()));
        assert_eq!(now, before, "step {step}");
        for added in ADDED {
            let _ = std::fs::remove_file(repo.path().join(added));
        }
        std::fs::write(repo.path().join("README.md"), &card).unwrap();
    }
}

/// Progress is for terminals.
#[test]
fn a_pipe_hears_of_no_progress() {
    let mut repo = Repo::new();
    repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2026 Kaguya"]));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    let output = spawn(&["history", "."], repo.path()).wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
