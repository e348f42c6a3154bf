//! `--upstream DIR` from outside: two repositories side by side.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::path::Path;
use std::process::Output;

use forebear_testkit::output::{json, validates};
use forebear_testkit::repo::Repo;
use forebear_testkit::{env, pointer, snippet, spdx_text};
use serde_json::Value;

const OWNER: &str = "Copyright (c) 2024 Nobody Knows";

fn forebear(arguments: &[&str], folder: &Path) -> Output {
    env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn report(repo: &Repo, upstream: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["check", ".", "--format", "json", "--upstream", upstream.to_str().unwrap()];
    arguments.extend(more);
    let output = forebear(&arguments, repo.path());
    let report = json(&output);
    validates("forebear-report-1", &report);
    report
}

/// A model that no catalog knows, under MIT, with a NOTICE.
fn base() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\n---\n# Base\n");
    repo.write("config.json", "{\n  \"model_type\": \"hidden\",\n  \"hidden_size\": 3000\n}\n");
    repo.write("model-00001-of-00002.safetensors", pointer("first"));
    repo.write("model-00002-of-00002.safetensors", pointer("second"));
    repo.write("LICENSE", spdx_text("MIT", &[OWNER]));
    repo.write("NOTICE", "Base\nPowered by Nobody Knows\n");
    repo.stage_all();
    repo.commit("Release", "2026-01-01T09:00:00Z");
    repo
}

/// The same weights under other names and another licence.
fn rebrand() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: apache-2.0\n---\n# Kaguya\n");
    repo.write("kaguya-00001.safetensors", pointer("first"));
    repo.write("kaguya-00002.safetensors", pointer("second"));
    repo.write("LICENSE", spdx_text("Apache-2.0", &[]));
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    repo
}

fn find<'r>(report: &'r Value, list: &str, key: &str, value: &str) -> &'r Value {
    let all = report[list].as_array().unwrap();
    all.iter().find(|one| one[key] == value).unwrap_or_else(|| panic!("no {key} {value} in {list}: {all:#?}"))
}

#[test]
fn the_same_weights_prove_a_base_that_no_catalog_knows() {
    let (base, repo) = (base(), rebrand());
    let report = report(&repo, base.path(), &["--base", "nobody/Base-7B"]);
    let comparison = &report["upstream_comparison"];
    assert_eq!(comparison["upstream"], "nobody/Base-7B");
    assert_eq!(comparison["license"], "MIT");
    assert_eq!(comparison["weights"]["proof"], true);
    assert_eq!(comparison["identical_files"][0]["by"], "lfs-object");
    let fates: Vec<(&str, &str)> = comparison["legal_files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["path"].as_str().unwrap(), file["fate"].as_str().unwrap()))
        .collect();
    assert_eq!(fates, [("LICENSE", "missing"), ("NOTICE", "missing")]);
    assert_eq!(comparison["copyright_lost"][0]["text"], OWNER);

    let hop = find(&report, "lineage", "strength", "identical");
    assert_eq!(hop["candidates"][0], "nobody/Base-7B");
    assert_eq!(hop["relation"], "rehost");
    assert_eq!(hop["subject"], "");
    for rule in ["missing-license-text", "missing-upstream-copyright"] {
        assert_eq!(find(&report, "findings", "rule", rule)["severity"], "violation");
    }
    let owed = find(&report, "obligations", "duty", "keep-copyright-notice");
    assert_eq!((&owed["license"], &owed["answer"]), (&Value::from("MIT"), &Value::from("unmet")));
    // The catalog lacks the base, and the copy tells its licence: nothing is left to say.
    let problems = report["source"]["problems"].to_string();
    assert!(!problems.contains("does not know"), "{problems}");
}

#[test]
fn without_a_name_it_is_the_local_clone() {
    let (base, repo) = (base(), rebrand());
    let report = report(&repo, base.path(), &[]);
    assert_eq!(report["upstream_comparison"]["named_by"], "nothing");
    assert_eq!(report["lineage"][0]["candidates"][0], "the local clone");
    assert_eq!(report["lineage"][0]["strength"], "identical");
}

#[test]
fn a_copy_that_has_nothing_in_common_accuses_nobody() {
    let base = base();
    let mut repo = rebrand();
    repo.write("kaguya-00001.safetensors", pointer("another"));
    repo.write("kaguya-00002.safetensors", pointer("and another"));
    let report = report(&repo, base.path(), &[]);
    assert_eq!(report["lineage"], Value::Array(Vec::new()));
    assert_eq!(report["summary"]["violations"], 0);
    assert_eq!(report["upstream_comparison"]["weights"]["same_bytes"], 0);
}

#[test]
fn an_honest_copy_is_shown_as_such() {
    let base = base();
    let mut repo = rebrand();
    repo.write("LICENSE-BASE", spdx_text("MIT", &[OWNER]));
    repo.write("NOTICE", "Kaguya\n\nBase\nPowered by Nobody Knows\n");
    let report = report(&repo, base.path(), &["--base", "nobody/Base-7B"]);
    let comparison = &report["upstream_comparison"];
    assert_eq!(comparison["legal_files"][0]["here"]["path"], "LICENSE-BASE");
    for file in comparison["legal_files"].as_array().unwrap() {
        assert_eq!(file["fate"], "copied", "{file}");
    }
    assert_eq!(comparison["copyright_lost"], Value::Array(Vec::new()));
    assert_eq!(find(&report, "obligations", "duty", "include-license-text")["answer"], "met");
}

#[test]
fn an_altered_text_is_compared_with_upstreams() {
    let base = base();
    let mut repo = rebrand();
    let altered = spdx_text("MIT", &[OWNER]).replace("free of charge", "for a fee");
    repo.write("LICENSE-BASE", altered);
    let report = report(&repo, base.path(), &[]);
    let file = &report["upstream_comparison"]["legal_files"][0];
    assert_eq!(file["fate"], "altered", "{file}");
    assert!(file["differences"][0]["found"].as_str().unwrap().contains("fee"), "{file}");
}

#[test]
fn real_bytes_and_pointers_compare() {
    let bytes: Vec<u8> = (0..40_000_u32).map(|number| (number % 253) as u8).collect();
    let mut upstream = Repo::plain();
    upstream.write("model.gguf", &bytes);
    let mut repo = Repo::plain();
    repo.write("kaguya.gguf", &bytes);
    let report = report(&repo, upstream.path(), &["--base", "nobody/Base-7B"]);
    assert_eq!(report["upstream_comparison"]["identical_files"][0]["by"], "bytes");
    assert_eq!(find(&report, "lineage", "strength", "identical")["relation"], "rehost");
}

#[test]
fn a_known_base_keeps_its_name_from_a_model_cache() {
    let cache = tempfile::tempdir().unwrap();
    let snapshot = cache.path().join("models--deepseek-ai--DeepSeek-V3-0324/snapshots/0123abcd");
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::write(snapshot.join("config.json"), snippet("deepseek-v3-config.json")).unwrap();
    std::fs::write(snapshot.join("LICENSE"), spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"])).unwrap();
    let mut repo = rebrand();
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    let report = report(&repo, snapshot.parent().unwrap().parent().unwrap(), &[]);
    let comparison = &report["upstream_comparison"];
    assert_eq!(comparison["upstream"], "deepseek-ai/DeepSeek-V3-0324");
    assert_eq!(comparison["named_by"], "address");
    assert_eq!(comparison["configuration"]["same_text"], true);
    let kinds = report["lineage"][0]["evidence"].to_string();
    assert!(kinds.contains("upstream-comparison"), "{kinds}");
}

#[test]
fn problems_of_the_copy_bear_its_name_and_no_absolute_path_gets_out() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = folder.path().join("base-clone");
    std::fs::create_dir(&upstream).unwrap();
    std::fs::write(upstream.join("LICENSE"), pointer("LICENSE")).unwrap();
    let repo = rebrand();
    let given = upstream.to_str().unwrap();
    for arguments in [
        ["check", ".", "--format", "json", "--upstream", given],
        ["check", ".", "--format", "text", "--upstream", given],
        ["lineage", ".", "--format", "text", "--upstream", given],
        ["lineage", ".", "--format", "svg", "--upstream", given],
    ] {
        let shown = text(&forebear(&arguments, repo.path()).stdout);
        assert!(!shown.contains(folder.path().to_str().unwrap()), "{shown}");
        if arguments[3] != "svg" {
            assert!(shown.contains("base-clone/LICENSE"), "{shown}");
        }
    }
}

#[test]
fn a_copy_that_is_not_there_or_is_the_repository_itself_is_a_mistake() {
    let repo = rebrand();
    for wrong in ["no-such-folder", "."] {
        let output = forebear(&["check", ".", "--upstream", wrong], repo.path());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
}

#[test]
fn the_lineage_is_drawn_and_written_to_a_file() {
    let (base, repo) = (base(), rebrand());
    let given = base.path().to_str().unwrap();
    let target = repo.path().join("lineage.out");
    for (format, start) in [("svg", "<svg "), ("dot", "digraph "), ("json", "{"), ("text", "examined ")] {
        let mut arguments = vec!["lineage", ".", "--format", format, "--upstream", given];
        let shown = text(&forebear(&arguments, repo.path()).stdout);
        assert!(shown.starts_with(start) && shown.contains("the local clone"), "{format}: {shown}");
        arguments.extend(["--output", target.to_str().unwrap()]);
        let output = forebear(&arguments, repo.path());
        assert!(output.stdout.is_empty() && output.status.code() == Some(0));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), shown);
        std::fs::remove_file(&target).unwrap();
    }
    // A check draws it too, beside its other reports.
    let drawn = forebear(&["check", ".", "--format", "svg", "--fail-on", "never"], repo.path());
    assert!(drawn.status.code() == Some(0) && text(&drawn.stdout).starts_with("<svg "));
}
