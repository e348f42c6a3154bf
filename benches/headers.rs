//! `forebear check` as a whole process where the weights are here: a model of 163 shards and 90,000 tensors, one file of
//! 700 GB (both sparse), and a model without weights. Run: `cargo bench --package forebear --bench headers`.
#![allow(clippy::disallowed_methods, missing_docs, reason = "a benchmark runs programs")]

use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use forebear_testkit::large;
use forebear_testkit::repo::Repo;

fn model() -> Repo {
    let mut repo = Repo::plain();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("LICENSE", forebear_testkit::spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"]));
    repo
}

fn headers(criterion: &mut Criterion) {
    let (none, sharded, huge) = (model(), model(), model());
    let written = large::sharded(sharded.path(), 163, 90_000)
        .and_then(|_| large::huge(&huge.path().join("model.safetensors"), 700_000_000_000));
    assert!(written.is_ok(), "a sparse file of 700 GB needs a file system that allows it: {written:?}");
    let program = Path::new(env!("CARGO_BIN_EXE_forebear"));
    let mut group = criterion.benchmark_group("weight headers");
    group.sample_size(20);
    for (name, repo) in [("no weights", &none), ("163 shards", &sharded), ("one file of 700 GB", &huge)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut check = Command::new(program);
                check.args(["check", "."]).current_dir(repo.path());
                let status = check.stdout(Stdio::null()).stderr(Stdio::null()).status();
                assert!(status.is_ok_and(|status| status.code().is_some_and(|code| code < 2)));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, headers);
criterion_main!(benches);
