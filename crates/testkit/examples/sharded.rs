//! Writes a model of 163 shards and 90,000 tensors (660 GB that take 20 MB), and a file of 700 GB beside it, to measure forebear on:
//! `cargo run --package forebear-testkit --example sharded -- target/sharded`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example writes files and says so"
)]

use std::fs;
use std::path::PathBuf;

use forebear_testkit::{large, snippet};

fn main() {
    let target: PathBuf = std::env::args().nth(1).unwrap_or_else(|| "target/sharded".to_owned()).into();
    let (sharded, huge) = (target.join("sharded"), target.join("huge"));
    let bytes = large::sharded(&sharded, 163, 90_000).unwrap();
    fs::create_dir_all(&huge).unwrap();
    large::huge(&huge.join("model.safetensors"), 700_000_000_000).unwrap();
    for folder in [&sharded, &huge] {
        fs::write(folder.join("config.json"), snippet("deepseek-v3-config.json")).unwrap();
        fs::write(folder.join("README.md"), "---\nlicense: mit\n---\n# Kaguya\n").unwrap();
    }
    println!("{}: {bytes} bytes; {}", sharded.display(), huge.display());
}
