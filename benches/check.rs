//! `forebear check` as a whole process on a small model repository (30 files, 20 commits), beside
//! `git log --name-status` on the same repository. Run: `cargo bench --package forebear --bench check`.
#![allow(clippy::disallowed_methods, missing_docs, reason = "a benchmark runs programs")]

use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use forebear_testkit::repo::Repo;

/// 30 files and 20 commits: a model card, a configuration, shards, a tokenizer, a licence, and the usual edits.
fn small_model_repository() -> Repo {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"]));
    for name in
        ["generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json"]
    {
        repo.write(name, "{}\n");
    }
    for shard in 1..=23 {
        let name = format!("model-{shard:05}-of-00023.safetensors");
        let pointer = forebear_testkit::pointer(&name);
        repo.write(&name, pointer);
    }
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    for number in 1..20 {
        let text = format!(
            "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n\nEdit {number}.\n"
        );
        repo.write("README.md", text);
        repo.stage_all();
        repo.commit(&format!("Edit {number}"), &format!("2026-03-{:02}T09:00:00Z", number + 1));
    }
    repo
}

fn quietly(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()));
}

fn check(criterion: &mut Criterion) {
    let repo = small_model_repository();
    let program = Path::new(env!("CARGO_BIN_EXE_forebear"));
    let mut group = criterion.benchmark_group("small model repository");
    group.bench_function("forebear check", |bencher| {
        bencher.iter(|| quietly(Command::new(program).args(["check", "."]).current_dir(repo.path())));
    });
    group.bench_function("git log --name-status", |bencher| {
        bencher.iter(|| {
            let mut git = Command::new("git");
            quietly(git.args(["log", "--name-status"]).current_dir(repo.path()));
        });
    });
    group.finish();
}

criterion_group!(benches, check);
criterion_main!(benches);
