//! `forebear lineage`: who the model descends from.

use forebear_report::text::View;

use super::{report, request};
use crate::cli::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{examine, found_nothing};

pub(super) fn run(options: &Look) -> Result<Exit, Error> {
    let run = examine(&request(&options.target, false)?)?;
    report(&run, &options.reporting, View::Lineage)?;
    Ok(if found_nothing(&run) { Exit::Nothing } else { Exit::Clean })
}
