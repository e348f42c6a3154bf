//! The program from outside: exit codes, streams, formats, hostile input, in a scrubbed environment.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{json, stderr, stdout, validates};
use forebear_testkit::repo::Repo;

const MIT: &str = "MIT";
const DEEPSEEK: &str = "Copyright (c) 2023 DeepSeek";

fn forebear(arguments: &[&str], folder: &Path) -> Output {
    env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A declared derivative that keeps what it owes.
fn honest() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo.write("LICENSE", forebear_testkit::spdx_text(MIT, &[DEEPSEEK]));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    repo
}

#[test]
fn an_honest_derivative_is_clean_and_every_duty_is_shown_as_met() {
    let repo = honest();
    let output = forebear(&["check", ".", "--format", "json", "--fail-on", "warning"], repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = json(&output);
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
    for obligation in report["obligations"].as_array().unwrap() {
        assert_eq!(obligation["answer"], "met", "{obligation}");
        assert_eq!(obligation["satisfied_by"]["path"], "LICENSE");
    }
    assert!(report["obligations"].as_array().unwrap().len() >= 2);
}

#[test]
fn exit_codes_are_as_documented() {
    let mut repo = honest();
    let here = repo.path().to_path_buf();
    assert_eq!(forebear(&["check", "."], &here).status.code(), Some(0));
    assert_eq!(forebear(&["check", "no-such-folder"], &here).status.code(), Some(2));
    assert_eq!(forebear(&["check", "README.md"], &here).status.code(), Some(2));
    assert_eq!(forebear(&["check", ".", "--rev", "no-such-revision"], &here).status.code(), Some(2));
    assert_eq!(forebear(&["check", ".", "--base", "local"], &here).status.code(), Some(2));
    assert_eq!(forebear(&["check", ".", "--no-such-flag"], &here).status.code(), Some(2));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(forebear(&["check", "."], empty.path()).status.code(), Some(3));
    repo.remove("LICENSE");
    assert_eq!(forebear(&["check", "."], &here).status.code(), Some(1));
    assert_eq!(forebear(&["check", ".", "--fail-on", "never"], &here).status.code(), Some(0));
    // What is committed is still fine.
    assert_eq!(forebear(&["check", ".", "--rev", "HEAD"], &here).status.code(), Some(0));
    // A file that cannot be examined is reported, and fatal only when asked for.
    repo.write("LICENSE", forebear_testkit::pointer("LICENSE"));
    assert_eq!(forebear(&["check", "."], &here).status.code(), Some(0));
    assert_eq!(forebear(&["check", ".", "--strict"], &here).status.code(), Some(4));
}

#[test]
fn errors_go_to_stderr_and_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let output = forebear(&["check", "nowhere"], folder.path());
    assert!(output.stdout.is_empty());
    assert!(stderr(&output).contains("nowhere") && stderr(&output).contains("help"), "{}", stderr(&output));

    std::fs::write(folder.path().join("README.md"), "---\nlicense: mit\n---\n").unwrap();
    std::fs::write(
        folder.path().join("forebear.toml"),
        "[[waiver]]\nrule = \"base-undeclare\"\nreason = \"x\"\n",
    )
    .unwrap();
    let output = forebear(&["check", "."], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `base-undeclared`"), "{}", stderr(&output));
}

#[test]
fn two_runs_are_byte_equal_and_no_absolute_path_gets_out() {
    let mut repo = honest();
    repo.remove("LICENSE");
    for format in ["json", "text"] {
        let first = forebear(&["check", ".", "--format", format], repo.path());
        let second = forebear(&["check", repo.path().to_str().unwrap(), "--format", format], Path::new("/"));
        assert_eq!(stdout(&first), stdout(&second));
        assert!(!stdout(&first).contains(repo.path().to_str().unwrap()));
        assert!(!stdout(&first).contains('\u{1b}'), "no colours into a pipe");
    }
}

#[test]
fn the_staged_index_is_checked_not_the_work_tree() {
    let mut repo = honest();
    repo.remove("LICENSE");
    repo.stage_all();
    repo.write("LICENSE", forebear_testkit::spdx_text(MIT, &[DEEPSEEK]));
    let work_tree = forebear(&["check", "."], repo.path());
    let index = forebear(&["check", ".", "--staged", "--format", "json"], repo.path());
    assert_eq!(work_tree.status.code(), Some(0));
    assert_eq!(index.status.code(), Some(1));
    let report = json(&index);
    assert_eq!(report["source"]["kind"], "index");
    let removed = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "license-removed-in-history")
        .expect("the staged deletion is found");
    assert_eq!(removed["severity"], "violation");
    assert_eq!(removed["locations"][0]["commit"], serde_json::Value::Null);
}

/// A pre-commit hook runs with git's own variables set; they may be relative and name another index.
#[test]
fn a_hook_environment_does_not_mislead() {
    let repo = honest();
    let other = honest();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")));
        command.args(arguments).current_dir(repo.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        command.output().unwrap()
    };
    let hook = [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")];
    assert_eq!(run(&["check", "--staged"], &hook).status.code(), Some(0));
    // A foreign GIT_DIR must not take the place of the folder that was named.
    let foreign = other.path().join(".git");
    let output = run(&["check", ".", "--format", "json"], &[("GIT_DIR", foreign.to_str().unwrap())]);
    assert_eq!(
        json(&output)["source"]["head"],
        json(&run(&["check", ".", "--format", "json"], &[]))["source"]["head"]
    );
}

#[test]
fn a_plain_folder_is_checked_and_the_report_says_that_there_is_no_history() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("README.md"), "---\nlicense: mit\n---\n# Kaguya\n").unwrap();
    let output = forebear(&["check", "."], folder.path());
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("no git history"), "{}", stdout(&output));
    let report = json(&forebear(&["check", ".", "--format", "json"], folder.path()));
    assert_eq!(report["source"]["head"], serde_json::Value::Null);
}

#[test]
fn rules_and_explain_print_the_same_pages() {
    let folder = tempfile::tempdir().unwrap();
    let rules = stdout(&forebear(&["rules"], folder.path()));
    for rule in forebear_rules::RULES {
        assert!(rules.contains(rule.id.0));
        assert_eq!(stdout(&forebear(&["explain", rule.id.0], folder.path())), rule.docs);
    }
    let license = stdout(&forebear(&["explain", "apache-2.0"], folder.path()));
    assert!(license.contains("4(d)"), "{license}");
    let model = stdout(&forebear(&["explain", "deepseek-ai/DeepSeek-V3"], folder.path()));
    assert!(model.contains("LicenseRef-deepseek-model-1.0") && model.contains("LICENSE-CODE"), "{model}");
    let unknown = forebear(&["explain", "missing-licence-text"], folder.path());
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `missing-license-text`"));
}

/// Whoever reads the report may stop early: that is no error.
#[test]
fn a_closed_pipe_is_quiet() {
    use std::process::Stdio;
    let repo = honest();
    let mut child = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(["check", ".", "--format", "json"])
        .current_dir(repo.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
    assert_ne!(output.status.code(), Some(70));
}

/// Every report validates against the published schema.
#[test]
fn reports_validate_against_the_published_schema() {
    let mut repo = honest();
    let mut reports = vec![json(&forebear(&["check", ".", "--format", "json"], repo.path()))];
    repo.remove("LICENSE");
    repo.stage_all();
    repo.commit("Clean up", "2026-03-02T09:00:00Z");
    for command in ["check", "history", "lineage"] {
        reports.push(json(&forebear(&[command, ".", "--format", "json"], repo.path())));
    }
    reports.push(json(&forebear(&["check", ".", "--format", "json", "--history"], repo.path())));
    for report in reports {
        validates("forebear-report-1", &report);
    }
}
