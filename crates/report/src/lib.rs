//! Report formats: each module takes one [`Run`] or several and a writer, and nothing else.
//!
//! Machine formats own their output types, which are frozen: the internal types change without them.

use std::io::{self, Write};

use forebear_types::run::Run;

pub mod account;
mod anchor;
mod bom;
pub mod cyclonedx;
pub mod dot;
pub mod github;
pub mod gitlab;
mod graph;
pub mod html;
pub mod json;
pub mod junit;
pub mod layer_map;
pub mod license;
pub mod markdown;
pub mod model;
mod safe;
pub mod sarif;
pub mod spdx;
pub mod svg;
mod tally;
pub mod text;
mod uri;
pub mod weights;

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
    /// For code scanning: [`sarif`].
    Sarif,
    /// SARIF with what is met and waived: [`sarif`].
    SarifAudit,
    /// Annotations of GitHub Actions: [`github`].
    Github,
    /// The job summary of GitHub Actions: [`markdown`].
    GithubSummary,
    /// GitLab Code Quality: [`gitlab`].
    Gitlab,
    /// Test results: [`junit`].
    Junit,
    /// For a comment: [`markdown`].
    Markdown,
    /// A bill of materials of CycloneDX 1.7: [`cyclonedx`].
    CycloneDx,
    /// A bill of materials of CycloneDX 1.6: [`cyclonedx`].
    CycloneDx1_6,
    /// A bill of materials of SPDX 3.0.1: [`spdx`].
    Spdx,
}

/// Format, its name, what it is for in a few words, and how the names of its files end. Of two endings that fit, the longer holds.
const FORMATS: &[(Format, &str, &str, &[&str])] = &[
    (Format::Text, "text", "for people at a terminal", &[".txt"]),
    (Format::Json, "json", "JSON, schema version 1", &[".json"]),
    (Format::Html, "html", "one self-contained page, to look at and to show", &[".html", ".htm"]),
    (Format::Dot, "dot", "the lineage as a graph for Graphviz", &[".dot", ".gv"]),
    (Format::Svg, "svg", "the lineage as a picture", &[".svg"]),
    (Format::Sarif, "sarif", "SARIF 2.1.0 for code scanning", &[".sarif", ".sarif.json"]),
    (
        Format::SarifAudit,
        "sarif-audit",
        "SARIF 2.1.0 with what is met and what is waived",
        &[".audit.sarif", ".audit.sarif.json"],
    ),
    (Format::Github, "github", "annotations of GitHub Actions", &[]),
    (
        Format::GithubSummary,
        "github-summary",
        "Markdown for the job summary of GitHub Actions",
        &[".summary.md"],
    ),
    (Format::Gitlab, "gitlab", "GitLab Code Quality", &[".codequality.json", "gl-code-quality-report.json"]),
    (Format::Junit, "junit", "JUnit XML", &[".junit.xml", ".xml"]),
    (Format::Markdown, "markdown", "Markdown for a comment or a discussion", &[".md"]),
    (Format::CycloneDx, "cyclonedx", "a bill of materials, CycloneDX 1.7", &[".cdx.json", ".bom.json"]),
    (Format::CycloneDx1_6, "cyclonedx-1.6", "a bill of materials, CycloneDX 1.6", &[]),
    (Format::Spdx, "spdx", "a bill of materials, SPDX 3.0.1", &[".spdx.json", ".spdx3.json", ".jsonld"]),
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
        !matches!(self, Self::Dot | Self::Svg | Self::CycloneDx | Self::CycloneDx1_6 | Self::Spdx)
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
        Format::Sarif => sarif::write_all(runs, sarif::Reader::CodeScanning, out),
        Format::SarifAudit => sarif::write_all(runs, sarif::Reader::Auditor, out),
        Format::Github => github::write_all(runs, out),
        Format::GithubSummary => markdown::write_all(runs, markdown::SUMMARY, out),
        Format::Gitlab => gitlab::write_all(runs, out),
        Format::Junit => junit::write_all(runs, out),
        Format::Markdown => markdown::write_all(runs, markdown::COMMENT, out),
        Format::CycloneDx => cyclonedx::write(one()?, cyclonedx::Version::V1_7, out),
        Format::CycloneDx1_6 => cyclonedx::write(one()?, cyclonedx::Version::V1_6, out),
        Format::Spdx => spdx::write(one()?, out),
    }
}

/// The runs of the integration tests, for what is tested from inside.
#[cfg(test)]
#[path = "../tests/stories/mod.rs"]
#[allow(clippy::disallowed_methods, reason = "expected output is in files")]
mod stories;

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
        assert_eq!(Format::of_file("gl-code-quality-report.json"), Some(Format::Gitlab));
        assert_eq!(Format::of_file("a.sarif.json"), Some(Format::Sarif));
        assert_eq!(Format::of_file("a.audit.sarif"), Some(Format::SarifAudit));
        assert_eq!(Format::of_file("model.cdx.json"), Some(Format::CycloneDx));
        assert_eq!(Format::of_file("model.spdx.json"), Some(Format::Spdx));
    }
}
