//! `forebear history`: the timeline, and since when what is owed was missing.

use forebear_report::text::View;

use super::{report, request};
use crate::cli::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{examine, found_nothing};

pub(super) fn run(options: &Look) -> Result<Exit, Error> {
    let mut run = examine(&request(&options.target, true)?)?;
    run.findings.retain(|finding| {
        let name = finding.rule.0;
        name == "license-added-late" || name.ends_with("-in-history") || finding.exposure.is_some()
    });
    report(&run, &options.reporting, View::History)?;
    Ok(if found_nothing(&run) && run.history.events.is_empty() { Exit::Nothing } else { Exit::Clean })
}
