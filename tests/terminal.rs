//! What people at a terminal meet beside the report itself: several folders, several outputs, less and more, help.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::fs;
use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{json, stderr, stdout};

fn forebear(arguments: &[&str], folder: &Path) -> Output {
    env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Two folders: `good`, which keeps what it owes, and `bad`, which does not.
fn folders() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in ["good", "bad"] {
        let folder = root.path().join(name);
        fs::create_dir(&folder).unwrap();
        let card = "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n";
        fs::write(folder.join("README.md"), card).unwrap();
        fs::write(folder.join("config.json"), forebear_testkit::snippet("deepseek-v3-config.json")).unwrap();
    }
    let text = forebear_testkit::spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"]);
    fs::write(root.path().join("good/LICENSE"), text).unwrap();
    root
}

#[test]
fn several_folders_make_one_report() {
    let root = folders();
    let output = forebear(&["check", "good", "bad", "--format", "json"], root.path());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let documents = json(&output);
    let violations: Vec<u64> = documents
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["summary"]["violations"].as_u64().unwrap())
        .collect();
    assert_eq!(violations[0], 0);
    assert!(violations[1] >= 2);

    let text = stdout(&forebear(&["check", "good", "bad"], root.path()));
    assert!(text.contains("\ngood\n") && text.contains("\nbad\n"), "{text}");
    assert!(text.contains("\n2 repositories\n  good: nothing is missing\n  bad: "), "{text}");
    // One model is one array member or none: the document of a single folder stays what it was.
    assert!(json(&forebear(&["check", "good", "--format", "json"], root.path())).is_object());
}

#[test]
fn a_folder_that_cannot_be_opened_is_reported_and_the_others_are_checked() {
    let root = folders();
    let output = forebear(&["check", "good", "nowhere", "--format", "json"], root.path());
    assert_eq!(output.status.code(), Some(2), "what was not examined is no success");
    assert!(stderr(&output).contains("not examined: nowhere does not exist"), "{}", stderr(&output));
    let documents = json(&output);
    assert_eq!(documents[1]["source"]["problems"][0]["what"], "the repository could not be opened");
    // A violation weighs more.
    assert_eq!(forebear(&["check", "bad", "nowhere"], root.path()).status.code(), Some(1));
}

#[test]
fn what_works_on_one_folder_says_so() {
    let root = folders();
    for arguments in [["check", "good", "bad", "--fix"], ["check", "good", "bad", "--diff"]] {
        let output = forebear(&arguments, root.path());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("work on one folder"), "{}", stderr(&output));
    }
    let output = forebear(&["check", "good", "bad", "--format", "svg"], root.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("about one repository"), "{}", stderr(&output));
}

#[test]
fn folders_of_one_name_are_told_apart() {
    let root = folders();
    fs::create_dir_all(root.path().join("other")).unwrap();
    fs::rename(root.path().join("good"), root.path().join("other/bad")).unwrap();
    let text = stdout(&forebear(&["check", "bad", "other/bad"], root.path()));
    assert!(text.contains("\nbad (bad)\n") && text.contains("\nbad (other/bad)\n"), "{text}");
}

#[test]
fn several_outputs_are_written_at_once() {
    let root = folders();
    let arguments = ["check", "bad", "--output", "out.json", "--output", "svg=picture", "--output", "text=-"];
    let output = forebear(&arguments, root.path());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("missing-license-text"));
    let document: serde_json::Value =
        serde_json::from_slice(&fs::read(root.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert!(fs::read_to_string(root.path().join("picture")).unwrap().contains("<svg"));
    let twice = forebear(&["check", "bad", "--output", "a", "--output", "json=a"], root.path());
    assert_eq!(twice.status.code(), Some(2));
    assert!(!root.path().join("a").exists());
}

#[test]
fn quiet_is_a_line_for_each_finding_and_verbose_says_what_was_used() {
    let root = folders();
    let quiet = forebear(&["check", "bad", "--quiet"], root.path());
    assert_eq!(quiet.status.code(), Some(1));
    let text = stdout(&quiet);
    assert!(stderr(&quiet).is_empty(), "{}", stderr(&quiet));
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines.iter().any(|line| line.starts_with("README.md:3: violation missing-license-text: ")),
        "{text}"
    );
    assert!(lines.last().unwrap().starts_with("2 violations"), "{text}");
    assert!(text.lines().count() < 10, "{text}");

    let verbose = forebear(&["check", "bad", "--verbose"], root.path());
    assert!(stderr(&verbose).contains("bad: forebear "), "{}", stderr(&verbose));
    assert!(stdout(&verbose).contains("Legal files and cards"), "the auditor's view");
    assert_eq!(forebear(&["check", "bad", "-q", "-v"], root.path()).status.code(), Some(2));
}

#[test]
fn nothing_to_check_may_be_allowed() {
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(forebear(&["check", "."], empty.path()).status.code(), Some(3));
    assert_eq!(forebear(&["check", ".", "--allow-empty"], empty.path()).status.code(), Some(0));
}

#[test]
fn completions_and_manual_pages_come_from_the_command_line_itself() {
    let here = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&forebear(&["completions", shell], here.path()));
        assert!(script.contains("fail-on") && script.contains("history"), "{shell}");
    }
    let page = stdout(&forebear(&["man", "check"], here.path()));
    assert!(page.contains(".TH") && page.contains("fail\\-on"), "{page}");
    let misspelt = forebear(&["man", "licences"], here.path());
    assert_eq!(misspelt.status.code(), Some(2));
    assert!(stderr(&misspelt).contains("did you mean `licenses`"), "{}", stderr(&misspelt));
    assert_eq!(forebear(&["man", "--output", "."], here.path()).status.code(), Some(0));
    for page in ["forebear.1", "forebear-check.1", "forebear-licenses-identify.1", "forebear-models-add.1"] {
        assert!(here.path().join(page).exists(), "{page}");
    }
}

#[test]
fn a_misspelt_base_gets_a_hint_and_is_taken_at_its_word() {
    let root = folders();
    let output = forebear(&["check", "bad", "--base", "deepseek-ai/DeepSeek-V3-0323"], root.path());
    assert!(stderr(&output).contains("did you mean `deepseek-ai/DeepSeek-V3-0324`"), "{}", stderr(&output));
    assert!(stdout(&output).contains("deepseek-ai/DeepSeek-V3-0323 (stated by you"), "{}", stdout(&output));
}
