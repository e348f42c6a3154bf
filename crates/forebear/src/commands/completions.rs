//! `forebear completions`: what a shell needs to complete commands and options.

use clap::CommandFactory as _;

use super::print_text;
use crate::cli::{Arguments, Completions};
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run(options: &Completions) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "forebear", &mut script);
    print_text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}
