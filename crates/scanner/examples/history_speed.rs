//! Reads the history of a repository in several ways, for a timer to measure:
//!
//! - `history_speed floor REPOSITORY` inflates every commit and tree of the packs once, and does no more;
//! - `history_speed decode REPOSITORY [THREADS]` reads them, with delta chains, as a walk does;
//! - `history_speed packs|objects REPOSITORY [THREADS]` walks all references to the bare differences of every commit.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a program for measuring, which is told what to measure and says what it did"
)]

use std::path::Path;

use forebear_scanner::formats;
use forebear_scanner::history::{Engine, Request, measure, raw_changes};
use forebear_scanner::source::{self, What};
use forebear_types::RepoPath;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, repository, rest @ ..] = &arguments[..] else {
        return Err("floor, decode, packs or objects, and the folder of a repository".to_owned());
    };
    let threads =
        rest.first().map_or(Ok(1), |threads| threads.parse().map_err(|_| "not a number of threads"))?;
    let path = Path::new(repository);
    match mode.as_str() {
        "floor" => eprintln!("{:?} objects, bytes", measure::floor(&objects(path)?)),
        "decode" => {
            let wanted =
                |name: &[u8]| RepoPath::new(name).is_ok_and(|path| formats::interest(&path).is_some());
            eprintln!("{:?} objects, folders, files", measure::read(&objects(path)?, &wanted, threads));
        }
        "packs" => walk(path, Engine::Packs, threads)?,
        "objects" => walk(path, Engine::Objects, threads)?,
        other => return Err(format!("{other} is none of floor, decode, packs and objects")),
    }
    Ok(())
}

/// The folder of objects of a work tree or of a bare repository.
fn objects(path: &Path) -> Result<std::path::PathBuf, String> {
    let folders = [path.join(".git/objects"), path.join("objects")];
    folders.into_iter().find(|folder| folder.is_dir()).ok_or_else(|| "no folder of objects".to_owned())
}

fn walk(path: &Path, engine: Engine, threads: usize) -> Result<(), String> {
    let opened = source::open(path, What::WorkTree).map_err(|error| error.to_string())?;
    let (Some(handle), Some(head)) = (&opened.repository, opened.head) else {
        return Err("no commit".to_owned());
    };
    let request = Request { all_refs: true, engine, threads, ..Request::of(head) };
    let (changes, history) = raw_changes(handle, &request);
    eprintln!(
        "{} commits, {} differences, {} problems",
        history.commits,
        changes.len(),
        history.problems.len()
    );
    Ok(())
}
