//! Report formats: each module takes one [`Run`] or several and a writer, and nothing else.
//!
//! Machine formats own their output types, which are frozen: the internal types change without them.

use std::io::{self, Write};

use forebear_types::run::Run;

pub mod account;
mod anchor;
pub mod dot;
mod graph;
pub mod html;
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
    /// For people who look and show: [`html`].
    Html,
    /// The lineage for Graphviz: [`dot`].
    Dot,
    /// The lineage as a picture: [`svg`].
    Svg,
}

/// Format, its name, what it is for in a few words, and how the names of its files end. Of two endings that fit, the longer holds.
const FORMATS: &[(Format, &str, &str, &[&str])] = &[
    (Format::Text, "text", "for people at a terminal", &[".txt"]),
    (Format::Json, "json", "JSON, schema version 1", &[".json"]),
    (Format::Html, "html", "one self-contained page, to look at and to show", &[".html", ".htm"]),
    (Format::Dot, "dot", "the lineage as a graph for Graphviz", &[".dot", ".gv"]),
    (Format::Svg, "svg", "the lineage as a picture", &[".svg"]),
];

impl Format {
    /// All formats, in the order in which help texts list them.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        FORMATS[self as usize].1
    }

    /// What it is for, in a few words.
    pub fn purpose(self) -> &'static str {
        FORMATS[self as usize].2
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name() == name)
    }

    /// The format that the name of a file asks for: `report.json`.
    pub fn of_file(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let endings =
            FORMATS.iter().flat_map(|(format, .., endings)| endings.iter().map(move |end| (*format, *end)));
        endings
            .filter(|(_, end)| name.ends_with(end))
            .max_by_key(|(_, end)| end.len())
            .map(|(format, _)| format)
    }

    /// Whether one report of the format can be about several repositories.
    pub fn holds_many(self) -> bool {
        !matches!(self, Self::Dot | Self::Svg)
    }
}

/// A stranger's text on one line, with nothing that a terminal or a file of lines could obey.
pub fn printable(text: &str) -> String {
    safe::line(text)
}

/// Writes the report of one repository or of several. `options` are for people and do not touch machine formats.
///
/// # Errors
/// What the writer says; [`io::ErrorKind::Unsupported`] for several repositories in a format that holds one
/// ([`Format::holds_many`]).
pub fn write(runs: &[Run], format: Format, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let one = || match runs {
        [run] => Ok(run),
        _ => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("a {} report is about one repository", format.name()),
        )),
    };
    match format {
        Format::Text => text::write_all(runs, options, out),
        Format::Json => json::v1::write_all(runs, out),
        Format::Html => html::write_all(runs, out),
        Format::Dot => dot::write(one()?, out),
        Format::Svg => svg::write(one()?, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_formats_follows_the_enum() {
        for (index, (format, name, ..)) in FORMATS.iter().enumerate() {
            assert_eq!(*format as usize, index);
            assert_eq!(Format::from_name(name), Some(*format));
        }
    }

    #[test]
    fn the_name_of_a_file_asks_for_a_format() {
        assert_eq!(Format::of_file("out/Report.JSON"), Some(Format::Json));
        assert_eq!(Format::of_file("json"), None);
    }
}
