//! `forebear explain` from outside: licences by all their names, models with their twins, findings from bytes to verdict.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::fs;
use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{is_snapshot, json, stderr, stdout};
use forebear_testkit::repo::Repo;
use serde_json::Value;

fn forebear(arguments: &[&str], folder: &Path) -> Output {
    let output = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    output
}

fn explained(arguments: &[&str], folder: &Path) -> String {
    let output = forebear(arguments, folder);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// The base is declared, its licence is under another licence's name, and the history shows since when.
fn derivative() -> Repo {
    let mut repo = Repo::new();
    repo.write(
        "README.md",
        "---\nlicense: apache-2.0\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n",
    );
    repo.write("LICENSE", forebear_testkit::spdx_text("Apache-2.0", &[]));
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    repo
}

fn print_of(report: &Value, rule: &str) -> String {
    let findings = report["findings"].as_array().unwrap();
    let found =
        findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {report}"));
    found["fingerprint"].as_str().unwrap().to_owned()
}

fn report(folder: &Path) -> Value {
    json(&forebear(&["check", ".", "--format", "json"], folder))
}

/// The text without its line breaks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_licence_has_one_page_whatever_it_is_called() {
    let here = tempfile::tempdir().unwrap();
    let page = explained(&["explain", "LicenseRef-llama-3.1-community"], here.path());
    for name in ["llama3.1", "llama-3.1-community", "LLAMA3.1"] {
        assert_eq!(explained(&["explain", name], here.path()), page, "{name}");
    }
    assert_eq!(page, stdout(&forebear(&["licenses", "show", "llama3.1"], here.path())));
    assert!(page.contains("1.b.i") && page.contains("use policy"));
    assert_eq!(explained(&["explain", "mit"], here.path()), explained(&["explain", "MIT"], here.path()));
    // A name of several texts shows them all, and says so.
    let several = explained(&["explain", "exaone"], here.path());
    assert!(several.starts_with("`exaone` may stand for each of "), "{several}");
    assert!(several.matches("What it asks").count() > 1);
}

#[test]
fn a_model_shows_its_ancestors_its_licences_and_its_twins() {
    let here = tempfile::tempdir().unwrap();
    let twins = flat(&explained(&["explain", "openlm-research/open_llama_7b"], here.path()));
    assert!(twins.contains("Shape twins") && twins.contains("meta-llama/Llama-2-7b-hf (Meta)"), "{twins}");
    let none = flat(&explained(&["explain", "deepseek-ai/DeepSeek-R1"], here.path()));
    assert!(
        none.contains("Descent")
            && none.contains("from 2025-01-20")
            && none.contains("no independent developer")
    );
}

#[test]
fn a_finding_is_told_from_its_bytes_to_its_verdict() {
    let repo = derivative();
    let print = print_of(&report(repo.path()), "missing-license-text");
    let account = explained(&["explain", &print], repo.path());
    is_snapshot("explain-finding.txt", &account);
    // The beginning of the fingerprint is enough, and the place does not matter.
    let path = repo.path().to_str().unwrap();
    assert_eq!(explained(&["explain", &print[..8], path], Path::new("/")), account);
    assert!(!account.contains(path));
}

/// Each candidate stands under its own licence, and one without a source is named.
#[test]
fn candidates_are_told_with_the_licence_of_each() {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: apache-2.0\n---\n# Kaguya\n");
    repo.write("LICENSE", forebear_testkit::spdx_text("Apache-2.0", &[]));
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    let print = print_of(&report(repo.path()), "missing-license-text");
    let account = flat(&explained(&["explain", &print], repo.path()));
    for words in [
        "it stands for 9 candidates, each under the licence that is listed for it",
        "deepseek-ai/DeepSeek-V3: weights LicenseRef-deepseek-model-1.0",
        "deepseek-ai/DeepSeek-R1: weights MIT",
        "deepseek-ai/DeepSeek-V3.1: no source for its licence is in the catalog",
        "each of their licences that is known asks for the like",
    ] {
        assert!(account.contains(words), "{words}: {account}");
    }
}

#[test]
fn a_report_tells_the_same_chain() {
    let repo = derivative();
    let report = report(repo.path());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    fs::write(&file, serde_json::to_vec(&report).unwrap()).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    for finding in report["findings"].as_array().unwrap() {
        let print = finding["fingerprint"].as_str().unwrap();
        let from_report =
            explained(&["explain", print, "--report", file.to_str().unwrap()], elsewhere.path());
        let from_run = explained(&["explain", print], repo.path());
        // A report lacks labels, plain cards and the day of the copy; what it has is said in the same words.
        let run_lines: Vec<&str> = from_run.lines().collect();
        for part in [
            "Which base, and how that is known",
            "Which clause asks for it",
            "Why it weighs",
            "What would settle it",
        ] {
            let section = |text: &str| {
                let from = text.find(part)?;
                Some(text[from..].split("\n\n").next().unwrap_or_default().to_owned())
            };
            assert_eq!(section(&from_report), section(&from_run), "{part}");
        }
        assert!(run_lines.len() >= from_report.lines().count());
    }
}

#[test]
fn every_answer_is_explained() {
    let mut repo = derivative();
    // The licence file cannot be read: could not tell.
    repo.write("LICENSE", forebear_testkit::pointer("LICENSE"));
    let unknown = report(repo.path());
    let account = flat(&explained(&["explain", &print_of(&unknown, "missing-license-text")], repo.path()));
    assert!(account.contains("could not tell, a note"), "{account}");
    assert!(
        account.contains("accuses nobody") && account.contains("in LICENSE: could not be examined"),
        "{account}"
    );

    // The own licence.
    let mut own = Repo::new();
    own.write("README.md", "---\nlicense: mit\n---\n# Kaguya\n");
    let print = print_of(&report(own.path()), "missing-license-text");
    let account = flat(&explained(&["explain", &print], own.path()));
    assert!(account.contains("breaks nobody's right"), "{account}");

    // Waived, with a severity of the configuration.
    own.write(
        "forebear.toml",
        format!(
            "[rules]\nmissing-license-text = 'note'\n[[waiver]]\nfingerprint = '{print}'\nreason = 'Soon.'\n"
        ),
    );
    let account = flat(&explained(&["explain", &print], own.path()));
    assert!(account.contains("It is waived, and does not count: Soon."), "{account}");
    assert!(account.contains("the severity `note`"), "{account}");

    // A shape that independent models share.
    let mut weak = Repo::new();
    weak.write("README.md", "---\nlicense: apache-2.0\n---\n# Kaguya\n");
    weak.write("config.json", forebear_testkit::snippet("qwen2.5-7b-config.json"));
    weak.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    let print = print_of(&report(weak.path()), "base-undeclared");
    let account = flat(&explained(&["explain", &print], weak.path()));
    assert!(account.contains("that carries a warning at most"), "{account}");
    assert!(account.contains("Which base it is: `base_model` in the card"), "{account}");

    // What is met has an account too.
    let auditor = stdout(&forebear(&["check", ".", "--persona", "auditor"], weak.path()));
    let met = auditor.split("\nMet\n").nth(1).unwrap().split("fingerprint ").nth(1).unwrap()[..32].to_owned();
    let account = explained(&["explain", &met], weak.path());
    assert!(account.contains(": met, confidence") && account.contains("nothing to weigh"), "{account}");
}

#[test]
fn what_is_not_known_is_an_error_with_a_remedy() {
    let repo = derivative();
    for (arguments, words) in [
        (&["explain", "no-such-thing"][..], "is no rule, licence, base model or fingerprint"),
        (&["explain", "base-undeclred"], "did you mean `base-undeclared`"),
        (&["explain", "0011223344"], "no finding in . has the fingerprint"),
        (&["explain", "0011223344", "nowhere"], "nowhere does not exist"),
        (&["explain", "0011223344", "--report", "README.md"], "README.md: not a report"),
        (&["explain", "0011223344", "--report", "nothing.json"], "nothing.json:"),
        (&["explain", "0011223344", "--report", "."], "is no plain file"),
    ] {
        let output = forebear(arguments, repo.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let message = flat(&stderr(&output));
        assert!(message.contains(words) && message.contains("help:"), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
    }
}

/// A report is a stranger's file: whatever it holds, nothing of it reaches the terminal as more than words.
#[test]
fn a_hostile_report_is_words() {
    let repo = derivative();
    let mut report = report(repo.path());
    let print = print_of(&report, "missing-license-text");
    for finding in report["findings"].as_array_mut().unwrap() {
        finding["message"] = "a\u{1b}[2Jb\nforged line".into();
        finding["obligation"] = 9_999_999.into();
    }
    report["lineage"][0]["evidence"][0]["detail"] = "\u{202e}\u{1b}]0;x\u{7}".into();
    let file = repo.path().join("report.json");
    fs::write(&file, serde_json::to_vec(&report).unwrap()).unwrap();
    let account = explained(&["explain", &print, "--report", "report.json"], repo.path());
    assert!(!account.contains('\u{1b}') && !account.contains('\u{202e}'), "{account}");
    assert!(account.lines().all(|line| !line.starts_with("forged")));
    report["findings"][0]["locations"][0]["path"] = "../../etc/passwd".into();
    fs::write(&file, serde_json::to_vec(&report).unwrap()).unwrap();
    let output = forebear(&["explain", &print, "--report", "report.json"], repo.path());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}
