//! Reads the packs of a repository, for a timer to measure: `history_speed floor REPOSITORY` inflates every commit and tree once and does
//! no more; `history_speed decode REPOSITORY [THREADS]` reads them as `--history` does. REPOSITORY is the folder with `objects` in it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program for measuring, not part of the tool"
)]

use std::path::Path;

use forebear_scanner::{formats, history::measure};
use forebear_types::RepoPath;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, repository, rest @ ..] = &arguments[..] else {
        return Err("floor or decode, and the folder of a repository".to_owned());
    };
    let objects = Path::new(repository).join("objects");
    let wanted = |name: &[u8]| RepoPath::new(name).is_ok_and(|path| formats::interest(&path).is_some());
    let threads =
        rest.first().map_or(Ok(1), |threads| threads.parse().map_err(|_| "not a number of threads"))?;
    match mode.as_str() {
        "floor" => println!("{:?} objects, bytes", measure::floor(&objects)),
        "decode" => println!("{:?} objects, folders, files", measure::read(&objects, &wanted, threads)),
        other => return Err(format!("{other} is neither floor nor decode")),
    }
    Ok(())
}
