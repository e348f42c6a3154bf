//! `forebear lineage`: who the model descends from.

use forebear_report::text::{self, TextOptions, View};
use forebear_report::{dot, json, svg};

use super::{deliver_as, request};
use crate::cli::{Lineage, LineageFormat};
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{examine, found_nothing};

pub(super) fn run(options: &Lineage) -> Result<Exit, Error> {
    let mut request = request(&options.target)?;
    request.upstream = options.upstream.clone();
    let run = examine(&request)?;
    deliver_as(options.output.as_deref(), |look, out| match options.format {
        LineageFormat::Text => text::write(&run, &TextOptions { view: View::Lineage, ..*look }, out),
        LineageFormat::Json => json::v1::write(&run, out),
        LineageFormat::Dot => dot::write(&run, out),
        LineageFormat::Svg => svg::write(&run, out),
    })?;
    Ok(if found_nothing(&run) { Exit::Nothing } else { Exit::Clean })
}
