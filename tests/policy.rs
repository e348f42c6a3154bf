//! `forebear.toml` from outside: severities, accepted licences, personas, `waive` and `init`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::fs;
use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{is_snapshot, json, stderr, stdout};
use forebear_testkit::repo::Repo;
use serde_json::Value;

/// 2027-06-01, after the last day of the waivers below.
const LATER: &str = "1811808000";

fn run(arguments: &[&str], folder: &Path, day: Option<&str>) -> Output {
    let mut command = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")));
    command.args(arguments).current_dir(folder);
    if let Some(day) = day {
        command.env("SOURCE_DATE_EPOCH", day);
    }
    let output = command.output().unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    output
}

fn forebear(arguments: &[&str], folder: &Path) -> Output {
    run(arguments, folder, None)
}

/// A declared derivative of DeepSeek-V3-0324 without a word of its licence.
fn careless() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    repo
}

/// A hidden derivative: violations with a fix and without one, and a licence of its own that is there.
fn hidden() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: apache-2.0\n---\n# Kaguya\n");
    repo.write("LICENSE", forebear_testkit::spdx_text("Apache-2.0", &[]));
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    repo
}

fn report(folder: &Path) -> Value {
    json(&forebear(&["check", ".", "--format", "json"], folder))
}

fn fingerprint(report: &Value, rule: &str) -> String {
    let findings = report["findings"].as_array().unwrap();
    let found =
        findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {report}"));
    found["fingerprint"].as_str().unwrap().to_owned()
}

fn has(report: &Value, rule: &str) -> bool {
    report["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == rule)
}

/// An error: exit code 2, nothing on standard output, these words and a remedy on standard error.
fn refused(output: &Output, words: &str) {
    let message = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(output.stdout.is_empty());
    // Words may be wrapped.
    let flat = message.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(flat.contains(words), "{words}: {message}");
    assert!(flat.contains("help:"), "{message}");
}

#[test]
fn help_says_what_there_is() {
    let here = tempfile::tempdir().unwrap();
    for command in ["check", "explain", "waive", "init"] {
        let help = stdout(&forebear(&[command, "--help"], here.path()));
        is_snapshot(&format!("help-{command}.txt"), &help);
    }
}

#[test]
fn a_waiver_is_written_once_and_covers_its_finding() {
    let mut repo = careless();
    // Windows line ends, comments, and a table behind which the entry goes.
    let before = "# Ours.\r\n[project] # who\r\nname = 'Kaguya'\r\n# The end.\r\n";
    repo.write("forebear.toml", before);
    let print = fingerprint(&report(repo.path()), "missing-license-text");
    let file = repo.path().join("forebear.toml");

    let waive =
        ["waive", &print[..8], ".", "--reason", "They \"agreed\" by letter.", "--until", "2027-01-31"];
    let output = forebear(&waive, repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains(&print) && stdout(&output).contains("waived now"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(before), "{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "one kind of line end");
    let after = report(repo.path());
    assert!(!has(&after, "missing-license-text") && !has(&after, "unused-waiver"));
    assert_eq!(after["summary"]["waived"], 1);

    // Again: not a byte changes.
    let again = forebear(&waive, repo.path());
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert!(stdout(&again).contains("already"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    // Another reason changes the entry in its place and adds none.
    let renamed = forebear(&["waive", &print, "--reason", "New.", "--owner", "Ada"], repo.path());
    assert_eq!(renamed.status.code(), Some(0), "{}", stderr(&renamed));
    let changed = fs::read_to_string(&file).unwrap();
    assert_eq!(changed.matches("[[waiver]]").count(), 1);
    assert!(
        changed.contains("reason = \"New.\"\r\n")
            && changed.contains("owner = \"Ada\"")
            && changed.starts_with(before)
    );
}

#[test]
fn a_waiver_that_expired_is_found_and_renewed() {
    let repo = careless();
    let print = fingerprint(&report(repo.path()), "missing-license-text");
    forebear(&["waive", &print, "--reason", "For now.", "--until", "2027-01-31"], repo.path());
    let late = |arguments: &[&str]| run(arguments, repo.path(), Some(LATER));
    let expired = json(&late(&["check", ".", "--format", "json"]));
    assert!(has(&expired, "expired-waiver") && has(&expired, "missing-license-text"));
    refused(&late(&["waive", &print, "--reason", "For now."]), "expired on 2027-01-31");
    let about = fingerprint(&expired, "expired-waiver");
    refused(&late(&["waive", &about, "--reason", "x"]), "is about a waiver in forebear.toml");
    assert_eq!(
        late(&["waive", &print, "--reason", "For now.", "--until", "2027-12-31"]).status.code(),
        Some(0)
    );
    let renewed = json(&late(&["check", ".", "--format", "json"]));
    assert!(!has(&renewed, "expired-waiver") && !has(&renewed, "missing-license-text"));
}

#[test]
fn a_finding_may_come_from_a_report() {
    let repo = careless();
    let reports = tempfile::tempdir().unwrap();
    let file = reports.path().join("report.json");
    fs::write(&file, serde_json::to_vec(&report(repo.path())).unwrap()).unwrap();
    let file = file.to_str().unwrap();
    let print = fingerprint(&report(repo.path()), "missing-upstream-copyright");
    let own = reports.path().join("own.toml");
    fs::write(&own, "").unwrap();
    let own = own.to_str().unwrap();
    let output =
        forebear(&["waive", &print, "--report", file, "--config", own, "--reason", "Asked."], repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!repo.path().join("forebear.toml").exists());
    let checked = json(&forebear(&["check", ".", "--config", own, "--format", "json"], repo.path()));
    assert_eq!(checked["summary"]["waived"], 1);
    refused(
        &forebear(&["waive", "0011223344", "--report", file, "--reason", "x"], repo.path()),
        "no finding in",
    );
}

#[test]
fn what_cannot_be_waived_is_refused_and_nothing_is_written() {
    let mut repo = careless();
    let here = repo.path().to_path_buf();
    let print = fingerprint(&report(&here), "missing-license-text");
    let waive = |arguments: &[&str]| {
        let mut all = vec!["waive"];
        all.extend_from_slice(arguments);
        forebear(&all, &here)
    };
    refused(
        &waive(&["00112233445566778899aabbccddeeff", "--reason", "x"]),
        "no finding in . has the fingerprint",
    );
    refused(&waive(&["missing-license-text", "--reason", "x"]), "is no fingerprint");
    refused(&waive(&[&print, "--reason", "  "]), "--reason is empty");
    refused(&waive(&[&print, "--reason", "a\nb"]), "several lines");
    refused(&waive(&[&print, "--reason", "x", "--until", "soon"]), "is no day");
    refused(&waive(&[&print, "--reason", "x", "--until", "2026-03-31"]), "is past");
    refused(&waive(&[&print, "--reason", "x", "--report", "config.json"]), "config.json: not a report");
    fs::write(here.join("other.json"), "{\"schema_version\": 2, \"tool\": {\"name\": \"forebear\"}}")
        .unwrap();
    refused(&waive(&[&print, "--reason", "x", "--report", "other.json"]), "schema version 2");
    refused(&waive(&[&print, "--reason", "x", "--config", "none.toml"]), "none.toml");
    assert_eq!(waive(&[&print]).status.code(), Some(2), "--reason is required");
    // What is met has a fingerprint as well, which an auditor's report shows.
    let auditor = stdout(&forebear(&["check", ".", "--persona", "auditor"], &here));
    let met = auditor.split("\nMet\n").nth(1).unwrap().split("fingerprint ").nth(1).unwrap();
    refused(&waive(&[&met[..32], "--reason", "x"]), "is met: there is nothing to waive");
    assert!(!here.join("forebear.toml").exists());
    // A configuration that is wrong is not made longer.
    repo.write("forebear.toml", "[rules]\nbase-undeclard = 'off'\n");
    refused(&waive(&[&print, "--reason", "x"]), "there is no rule `base-undeclard`");
    assert_eq!(fs::read_to_string(here.join("forebear.toml")).unwrap(), "[rules]\nbase-undeclard = 'off'\n");
}

#[test]
fn a_finding_that_another_entry_covers_is_left_to_it() {
    let mut repo = careless();
    let print = fingerprint(&report(repo.path()), "missing-license-text");
    let text = "[[waiver]]\nrule = \"missing-license-text\"\nreason = \"By letter.\"\n";
    repo.write("forebear.toml", text);
    let output = forebear(&["waive", &print, "--reason", "Mine."], repo.path());
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("By letter."), "{}", stdout(&output));
    assert_eq!(fs::read_to_string(repo.path().join("forebear.toml")).unwrap(), text);
}

#[cfg(unix)]
#[test]
fn only_a_file_of_the_folder_is_written() {
    let repo = careless();
    let print = fingerprint(&report(repo.path()), "missing-license-text");
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("theirs.toml");
    fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, repo.path().join("forebear.toml")).unwrap();
    refused(&forebear(&["waive", &print, "--reason", "x"], repo.path()), "is a link that leaves the folder");
    refused(&forebear(&["init"], repo.path()), "is a link that leaves the folder");
    assert_eq!(fs::read_to_string(&target).unwrap(), "");
    // A bare repository has no files.
    let git = repo.path().join(".git");
    refused(&forebear(&["init", git.to_str().unwrap()], outside.path()), ".git");
}

#[test]
fn init_writes_what_holds_without_it() {
    let repo = hidden();
    let before = stdout(&forebear(&["check", ".", "--format", "json"], repo.path()));
    let output = forebear(&["init"], repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = fs::read_to_string(repo.path().join("forebear.toml")).unwrap();
    is_snapshot("init.txt", &format!("{}\n{text}", stdout(&output)));
    let count = |report: &str| serde_json::from_str::<Value>(report).unwrap()["findings"].clone();
    assert_eq!(count(&before), count(&stdout(&forebear(&["check", ".", "--format", "json"], repo.path()))));
    // Every setting is one, once its `#` is gone.
    let used: String = text
        .lines()
        .map(|line| {
            line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned() + "\n"
        })
        .collect();
    fs::write(repo.path().join("forebear.toml"), used).unwrap();
    let checked = forebear(&["check", ".", "--fail-on", "never"], repo.path());
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    // Never twice.
    refused(&forebear(&["init"], repo.path()), "is there already");
}

#[test]
fn a_card_cannot_write_settings() {
    let mut repo = Repo::new();
    let card = "---\nlicense: \"mit\\n[rules]\\nbase-undeclared = 'off'\\n#\"\nbase_model: \"a/b\\\"]\\n[rules]\\n\"\n---\n# K\n";
    repo.write("README.md", card);
    let output = forebear(&["init"], repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = fs::read_to_string(repo.path().join("forebear.toml")).unwrap();
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "{text}");
    assert_ne!(forebear(&["check", "."], repo.path()).status.code(), Some(2));
}

#[test]
fn personas_choose_what_people_read_and_nothing_else() {
    let mut repo = hidden();
    repo.write("NOTICE.pdf", "%PDF-1.7\n");
    let text = |persona: &str| stdout(&forebear(&["check", ".", "--persona", persona], repo.path()));
    let (publisher, maintainer, auditor) = (text("publisher"), text("maintainer"), text("auditor"));
    assert_eq!(maintainer, stdout(&forebear(&["check", "."], repo.path())));
    assert!(!publisher.contains("What is owed") && !publisher.contains('✔'));
    // Which of several releases was the base is for a person to say.
    let decisions = publisher.find("To decide").unwrap();
    assert!(publisher.find("base-undeclared").unwrap() > decisions);
    assert!(publisher.contains("could not be examined"), "{publisher}");
    assert!(maintainer.contains("What is owed") && maintainer.contains("What changed last"));
    for heading in ["Legal files and cards", "What is owed", "\nMet\n", "oldest first", "Not examined"] {
        assert!(auditor.contains(heading), "{heading}: {auditor}");
    }
    let machine = |persona: &str| {
        stdout(&forebear(&["check", ".", "--persona", persona, "--format", "json"], repo.path()))
    };
    assert_eq!(machine("publisher"), machine("auditor"));
    assert_eq!(machine("publisher"), machine("maintainer"));
    assert_eq!(forebear(&["check", ".", "--persona", "lawyer"], repo.path()).status.code(), Some(2));
}

#[test]
fn severities_decide_the_exit_code_and_are_shown() {
    let mut repo = hidden();
    let rules = ["base-undeclared", "missing-license-text", "missing-upstream-copyright"];
    assert_eq!(forebear(&["check", "."], repo.path()).status.code(), Some(1));
    let levels: String = rules.iter().map(|rule| format!("{rule} = \"note\"\n")).collect();
    repo.write("forebear.toml", format!("[rules]\n{levels}"));
    let output = forebear(&["check", "."], repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("severities by configuration: base-undeclared note"),
        "{}",
        stdout(&output)
    );
    let noted = report(repo.path());
    assert_eq!(noted["summary"]["violations"], Value::from(0));
    for rule in rules {
        let findings = noted["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
        let severities: Vec<&Value> = findings.map(|finding| &finding["severity"]).collect();
        assert!(
            !severities.is_empty() && severities.iter().all(|one| *one == "note"),
            "{rule}: {severities:?}"
        );
    }
    // A severity does not change a fingerprint.
    repo.write("forebear.toml", "");
    assert_eq!(fingerprint(&report(repo.path()), rules[1]), fingerprint(&noted, rules[1]));
    repo.write("forebear.toml", "[rules]\nmissing-license-text = 'off'\n");
    assert!(!has(&report(repo.path()), rules[1]));
}

#[test]
fn accepted_licences_are_those_of_the_configuration() {
    let mut repo = careless();
    repo.write("forebear.toml", "[licenses]\ndeny = [\"MIT\"]\n");
    let denied = report(repo.path());
    let found: Vec<&Value> = denied["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "license-not-accepted")
        .collect();
    assert_eq!(found.len(), 2);
    for finding in found {
        assert_eq!(finding["severity"], "violation");
        assert_eq!(finding["locations"][1]["path"], "forebear.toml");
        assert_eq!(finding["locations"][1]["line"], 2);
    }
    for (text, words) in [
        ("[licenses]\nallow = [\"MTI\"]\n", "`MTI` is not a licence that forebear knows"),
        ("[licenses]\nallow = [\"MIT\"]\nreview = [\"mit\"]\n", "one licence cannot be both"),
        ("[project]\ncopyright = \"Copyright 2026 K\"\n", "forebear.toml: invalid type"),
        ("[rules]\nunused-waiver = true\n", "forebear.toml: invalid type"),
    ] {
        repo.write("forebear.toml", text);
        let output = forebear(&["check", "."], repo.path());
        refused(&output, words);
        assert!(stderr(&output).contains("[forebear.toml:"), "the place: {}", stderr(&output));
    }
}

/// What the documentation shows is what the program takes.
#[test]
fn the_documented_configuration_is_one() {
    let page = fs::read_to_string(forebear_testkit::workspace().join("docs/configuration.md")).unwrap();
    let shown: Vec<&str> =
        page.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(shown.len() >= 5);
    let mut repo = careless();
    repo.write("forebear.toml", shown.concat());
    let output = forebear(&["check", ".", "--fail-on", "never"], repo.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn the_own_copyright_line_stands_in_the_help_for_the_own_licence() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n# Kaguya\n");
    repo.write("forebear.toml", "[project]\ncopyright = [\"Copyright (c) 2026 Kaguya AI\"]\n");
    let found = report(repo.path());
    let help = found["findings"][0]["help"].as_str().unwrap();
    assert!(help.contains("“Copyright (c) 2026 Kaguya AI”"), "{help}");
}
