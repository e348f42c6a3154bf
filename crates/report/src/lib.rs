//! Report formats: each module takes a [`Run`] and a writer, and nothing else.
//!
//! Machine formats own their output types, which are frozen: the internal types change without them.

use std::io::{self, Write};

use forebear_types::run::Run;

pub mod account;
pub mod dot;
mod graph;
pub mod json;
pub mod license;
pub mod model;
mod safe;
pub mod svg;
mod tally;
pub mod text;

use text::TextOptions;

/// The formats of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal: [`text`].
    Text,
    /// For scripts: [`json::v1`].
    Json,
    /// The lineage for Graphviz: [`dot`].
    Dot,
    /// The lineage as a picture: [`svg`].
    Svg,
}

/// A text of a stranger on one line, safe for a terminal: what a message beside the report may show.
pub fn safe_line(text: &str) -> String {
    safe::line(text)
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Text, Self::Json, Self::Dot, Self::Svg].into_iter()
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Dot => "dot",
            Self::Svg => "svg",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name() == name)
    }
}

/// A stranger's text on one line, with nothing that a terminal or a file of lines could obey.
pub fn printable(text: &str) -> String {
    safe::line(text)
}

/// Writes the report of a run. `options` are for people and do not touch machine formats.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, format: Format, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(run, options, out),
        Format::Json => json::v1::write(run, out),
        Format::Dot => dot::write(run, out),
        Format::Svg => svg::write(run, out),
    }
}
