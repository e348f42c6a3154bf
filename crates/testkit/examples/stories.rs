//! Builds the four story repositories into a folder, to try forebear on:
//! `cargo run --package forebear-testkit --example stories -- target/stories`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example writes files and says so"
)]

use std::fs;
use std::path::{Path, PathBuf};

use forebear_testkit::{case, workspace};

fn main() {
    let target: PathBuf = std::env::args().nth(1).unwrap_or_else(|| "target/stories".to_owned()).into();
    let stories = fs::read_to_string(workspace().join("fixtures/stories.md")).unwrap();
    for (name, repo) in case::build_all(&stories).unwrap() {
        // "(b) Never copied …" becomes the folder `b`.
        let letter = name.trim_start_matches('(').chars().next().unwrap().to_string();
        let folder = target.join(letter);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        copy(repo.path(), &folder);
        println!("{}: {name}", folder.display());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
