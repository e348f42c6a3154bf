//! `forebear models` and `--catalog` from outside: list, show, add, and the way round.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{json, stderr, stdout, validates};
use forebear_testkit::repo::Repo;
use serde_json::Value;

fn forebear<S: AsRef<OsStr>>(arguments: &[S], folder: &Path) -> Output {
    let output = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    output
}

const CONFIG: &str = r#"{
  "architectures": ["KaguyaForCausalLM"],
  "model_type": "kaguya",
  "hidden_size": 3328,
  "intermediate_size": 9344,
  "num_hidden_layers": 37,
  "num_attention_heads": 26,
  "num_key_value_heads": 13,
  "n_routed_experts": 96,
  "n_shared_experts": 1,
  "num_experts_per_tok": 6,
  "moe_intermediate_size": 1216,
  "first_k_dense_replace": 2,
  "head_dim": 128,
  "vocab_size": 77824,
  "rms_norm_eps": 1e-06,
  "rope_theta": 250000.0,
  "tie_word_embeddings": false
}
"#;

/// A publisher's repository.
fn upstream() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3\n---\n# Kaguya\n");
    repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2025 Moon Lab"]));
    repo.write("config.json", CONFIG);
    repo.write("model-00001-of-00002.safetensors", forebear_testkit::pointer("one"));
    repo.write("model-00002-of-00002.safetensors", forebear_testkit::pointer("two"));
    repo.stage_all();
    repo.commit("Release", "2025-05-06T09:00:00Z");
    repo
}

#[test]
fn the_list_is_whole_and_can_be_filtered() {
    let here = tempfile::tempdir().unwrap();
    let all = json(&forebear(&["models", "--format", "json"], here.path()));
    validates("forebear-models-1", &all);
    let all = all.as_array().unwrap();
    assert!(all.len() > 500);
    let v3 = all.iter().find(|one| one["id"] == "deepseek-ai/DeepSeek-V3").unwrap();
    assert_eq!((&v3["developer"], &v3["added"]), (&"DeepSeek".into(), &Value::Bool(false)));
    let some = json(&forebear(&["models", "falcon", "--format", "json"], here.path()));
    let some = some.as_array().unwrap();
    assert!(!some.is_empty() && some.len() < 40);
    assert_eq!(forebear(&["models", "no-such-word"], here.path()).status.code(), Some(3));
    assert!(stdout(&forebear(&["models", "falcon"], here.path())).contains("tiiuae/falcon-40b "));
}

#[test]
fn a_model_is_shown_with_its_chain_its_periods_and_every_source() {
    let here = tempfile::tempdir().unwrap();
    for id in [
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
        "DEEPSEEK-AI/deepseek-r1-distill-llama-70b",
        "deepseek-r1-distill-llama-70b",
        "https://huggingface.co/deepseek-ai/DeepSeek-R1-Distill-Llama-70B/tree/main",
    ] {
        let page = json(&forebear(&["models", "show", id, "--format", "json"], here.path()));
        validates("forebear-model-1", &page);
        assert_eq!(page["id"], "deepseek-ai/DeepSeek-R1-Distill-Llama-70B");
        assert_eq!(page["ancestors"][0]["id"], "meta-llama/Llama-3.3-70B-Instruct", "{}", page["ancestors"]);
        let claims: Vec<&str> =
            page["sources"].as_array().unwrap().iter().filter_map(|one| one["claim"].as_str()).collect();
        assert!(claims.contains(&"parent") && claims.contains(&"configuration"), "{claims:?}");
    }
    // Every model has a page, and every page is a document of the schema.
    let all = json(&forebear(&["models", "--format", "json"], here.path()));
    for one in all.as_array().unwrap().iter().step_by(29) {
        let id = one["id"].as_str().unwrap();
        validates(
            "forebear-model-1",
            &json(&forebear(&["models", "show", id, "--format", "json"], here.path())),
        );
    }
    let text = stdout(&forebear(&["models", "show", "deepseek-ai/DeepSeek-R1"], here.path()));
    for part in ["Descent", "Licences", "Configuration", "digests are known", "Sources", "source (primary)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The same page, with the shape twins behind it.
    let explained = stdout(&forebear(&["explain", "deepseek-ai/DeepSeek-R1"], here.path()));
    assert!(
        explained.starts_with(&text) && explained[text.len()..].starts_with("\nShape twins\n"),
        "{explained}"
    );
    let unknown = forebear(&["models", "show", "deepseek-ai/DeepSeek-V33"], here.path());
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `deepseek-ai/DeepSeek-V3"), "{}", stderr(&unknown));
}

#[test]
fn an_entry_written_from_a_clone_finds_the_derivatives_of_that_model() {
    let upstream = upstream();
    let here = tempfile::tempdir().unwrap();
    let folder = upstream.path().to_str().unwrap();
    let file = here.path().join("kaguya.toml");
    let file = file.to_str().unwrap();
    let written =
        forebear(&["models", "add", folder, "--id", "moon/Kaguya-30B", "--output", file], here.path());
    assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    assert!(stderr(&written).contains("not found: the day of its release"), "{}", stderr(&written));
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains(folder), "no path of this machine gets into an entry: {text}");
    assert!(text.contains("2025-05-06") && text.contains("schema = 1"), "{text}");

    let page = json(&forebear(
        &["models", "show", "moon/Kaguya-30B", "--catalog", file, "--format", "json"],
        here.path(),
    ));
    validates("forebear-model-1", &page);
    assert_eq!((&page["added"], &page["developer"]), (&Value::Bool(true), &"moon".into()));
    assert_eq!(page["licenses"][0]["weights"], "MIT");
    assert_eq!(page["licenses"][0]["copyright"][0], "Copyright (c) 2025 Moon Lab");
    assert_eq!(page["licenses"][0]["files"][0], "LICENSE");
    assert_eq!(page["ancestors"][0]["id"], "deepseek-ai/DeepSeek-V3");
    assert_eq!(page["files"].as_array().unwrap().len(), 2);
    let field = |key: &str| {
        let fields = page["configuration"].as_array().unwrap();
        fields.iter().find(|field| field["key"] == key).map(|field| field["value"].clone())
    };
    assert_eq!(field("num_hidden_layers"), Some("37".into()));
    assert_eq!(field("rms_norm_eps"), Some("1e-6".into()));

    // A derivative that hides its base: unknown to the embedded catalog, found with the entry.
    let derivative = Repo::plain();
    let mut derivative = derivative;
    derivative.write("README.md", "---\nlicense: mit\n---\n# Moonshine\n");
    derivative.write("config.json", CONFIG.replace("kaguya", "moonshine").replace("Kaguya", "Moonshine"));
    derivative.write("model.safetensors", forebear_testkit::pointer("three"));
    let check = |more: &[&str]| {
        let mut arguments = vec!["check", ".", "--format", "json"];
        arguments.extend(more);
        forebear(&arguments, derivative.path())
    };
    assert_eq!(json(&check(&[]))["lineage"].as_array().unwrap().len(), 0);
    let report = json(&check(&["--catalog", file]));
    assert_eq!(report["lineage"][0]["candidates"][0], "moon/Kaguya-30B", "{}", report["lineage"]);
    assert!(report["tool"]["catalog"].as_str().unwrap().ends_with("+1"));
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|one| one["rule"].as_str()).collect();
    assert!(rules.contains(&"missing-upstream-copyright"), "{rules:?}");
}

#[test]
fn what_a_folder_does_not_say_stays_out_of_the_entry() {
    let here = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    assert_eq!(forebear(&["models", "add", at, "--id", "a/b"], here.path()).status.code(), Some(3));
    assert_eq!(forebear(&["models", "add", at], here.path()).status.code(), Some(2));
    assert_eq!(forebear(&["models", "add", at, "--id", "local"], here.path()).status.code(), Some(2));
    assert_eq!(forebear(&["models", "add", "nowhere", "--id", "a/b"], here.path()).status.code(), Some(2));
    // The text says one thing and the card another: neither is written down.
    fs::write(folder.path().join("LICENSE"), forebear_testkit::spdx_text("MIT", &["Copyright (c) 2025 M"]))
        .unwrap();
    fs::write(folder.path().join("README.md"), "---\nlicense: apache-2.0\nbase_model:\n- c/d\n- e/f\n---\n")
        .unwrap();
    fs::write(folder.path().join("model.safetensors"), "not a pointer").unwrap();
    let output = forebear(&["models", "add", at, "--id", "Qwen/Own"], here.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (text, messages) = (stdout(&output), stderr(&output));
    for absent in ["weights =", "derived_from", "[model.config]", "[[digests]]", "revision", "parameters"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(text.contains("developer = \"Alibaba (Qwen team)\""), "the catalog knows who Qwen is: {text}");
    for words in ["one licence of the weights", "one parent", "shape of a language model", "Git LFS pointers"]
    {
        assert!(messages.contains(words), "{words}: {messages}");
    }
}

/// Whatever stands in a repository, the entry is a file that reads back.
#[test]
fn strange_repositories_make_entries_that_read_back() {
    let here = tempfile::tempdir().unwrap();
    let cache = here.path().join("models--moon--Kaguya");
    let snapshot = cache.join("snapshots").join("日本語の改訂版とても長い\n名前");
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(cache.join("refs")).unwrap();
    let owner = "Copyright (c) 2025 \"Moon\\Lab\" \u{202e}drawkcab\u{1b}[2J";
    fs::write(snapshot.join("LICENSE"), forebear_testkit::spdx_text("MIT", &[owner])).unwrap();
    fs::write(
        snapshot.join("config.json"),
        r#"{"model_type": "a\"]\nb", "hidden_size": 8, "num_hidden_layers": 1e999, "vocab_size": NaN, "eos_token_id": [1, 2]}"#,
    )
    .unwrap();
    fs::write(snapshot.join("odd \"name\"\n.safetensors"), forebear_testkit::pointer("odd")).unwrap();
    let output =
        forebear(&["models", "add", snapshot.to_str().unwrap(), "--output", "own.toml"], here.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = fs::read_to_string(here.path().join("own.toml")).unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    let page = json(&forebear(
        &["models", "show", "moon/Kaguya", "--catalog", "own.toml", "--format", "json"],
        here.path(),
    ));
    validates("forebear-model-1", &page);
    assert_eq!(page["model_type"], "a\"]\nb");
    assert_eq!(page["files"][0]["path"], "odd \"name\"\n.safetensors");
}

#[test]
fn a_catalog_that_is_wrong_is_an_error_that_says_where() {
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("own.toml");
    let head = "schema = 1\nfamily = \"F\"\ndeveloper = \"D\"\n[[model]]\nid = \"a/b\"\n";
    for (text, words) in [
        (format!("{head}licence = 1\n"), "unknown field"),
        (format!("{head}[model.config]\nhidden_size = \"big\"\n"), "neither a number"),
        (format!("{head}[[model]]\nid = \"A/b\"\n"), "twice"),
        ("schema = 3\n".to_owned(), "schema 3"),
        ("= 1".to_owned(), "own.toml"),
    ] {
        fs::write(&file, &text).unwrap();
        for command in [&["check", "."][..], &["models"], &["explain", "MIT"], &["lineage", "."]] {
            let mut arguments: Vec<&str> = command.to_vec();
            arguments.extend(["--catalog", "own.toml"]);
            let output = forebear(&arguments, here.path());
            assert_eq!(output.status.code(), Some(2), "{text}: {}", stderr(&output));
            let message = stderr(&output);
            assert!(message.contains("own.toml") && message.contains(words), "{text}: {message}");
            assert!(message.contains("help"), "{message}");
        }
    }
    fs::write(&file, head).unwrap();
    let twice = forebear(&["models", "--catalog", "own.toml", "--catalog", "own.toml"], here.path());
    assert_eq!(twice.status.code(), Some(2));
    assert!(stderr(&twice).contains("is described in"), "{}", stderr(&twice));
    let missing = forebear(&["models", "--catalog", "nowhere.toml"], here.path());
    assert!(missing.status.code() == Some(2) && stderr(&missing).contains("--catalog"));
    assert_eq!(forebear(&["models", "--catalog", "/dev/null"], here.path()).status.code(), Some(2));
    fs::write(&file, b"\xff\xfe").unwrap();
    assert!(stderr(&forebear(&["models", "--catalog", "own.toml"], here.path())).contains("not UTF-8"));
}
