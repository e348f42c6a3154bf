//! JSON, schema version 1: the contract that scripts rely on. `docs/formats.md` explains it field by field.
//!
//! These types are frozen. A field is never renamed, never changes its meaning, and is never left out (but for
//! [`Evidence::p`]): what is unknown is `null`. A change that a reader could notice makes version 2.

use std::io::{self, Write};

use forebear_types::run::Run;
use schemars::JsonSchema;
use serde::Serialize;

mod fingerprints;
pub mod licenses;
mod lineage;
pub mod models;
mod obligations;
mod source;
mod timeline;
mod upstream;
pub mod weights;

pub use fingerprints::{Group, Verdict, WeightComparison};
pub use lineage::{Confidence, Evidence, Hop, Relation, Strength};
pub use obligations::{Answer, Baseline, Finding, Obligation, Place, SatisfiedBy, Severity};
pub use source::{
    Declared, DeclaredAt, Examined, LegalFile, LicenseMatch, Model, Parameters, Part, Problem, Sign,
    SignKind, Source, SourceKind, Status,
};
pub use timeline::{About, Detail, EventKind, Exposure, LineExposure, Moment, Reach, TimelineEvent};
pub use upstream::UpstreamComparison;

use crate::tally::{self, Tally};

/// Everything that one run of forebear says about one repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "forebear report, schema version 1")]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of this contract.
    #[schemars(extend("const" = 1))]
    pub schema_version: u8,
    /// What made the report.
    pub tool: Tool,
    /// What was examined.
    pub source: Source,
    /// Legal files, and cards whose body holds a licence text or an owner's line, in order of their paths.
    pub legal_files: Vec<LegalFile>,
    /// Sizes of the models whose parameters can be counted from their configuration, in order of paths.
    pub models: Vec<Model>,
    /// What the publisher declares.
    pub declared: Declared,
    /// Who the model descends from, best first; empty if no base was found.
    pub lineage: Vec<Hop>,
    /// The comparison with a local copy of the suspected base; `null` if none was asked for.
    pub upstream_comparison: Option<UpstreamComparison>,
    /// Comparisons of weights with fingerprints of bases, by folder, what was found first; empty where none was made.
    pub weights: Vec<WeightComparison>,
    /// What is owed, and whether it is done.
    pub obligations: Vec<Obligation>,
    /// What is unmet and what could not be told, worst first. Waived findings are left out.
    pub findings: Vec<Finding>,
    /// What happened to legal files and declarations, oldest first.
    pub timeline: Vec<TimelineEvent>,
    /// Since when what is owed was missing beside weights, for every reference that was walked: HEAD first.
    pub exposures: Vec<LineExposure>,
    /// How many findings there are.
    pub summary: Summary,
}

/// What made the report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name of the tool.
    #[schemars(extend("const" = "forebear"))]
    pub name: &'static str,
    /// Version of forebear.
    pub version: String,
    /// Version of the base-model catalog: a digest of its content.
    pub catalog: String,
}

/// How many findings there are.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Listed findings of severity `violation`, without those that the baseline has too.
    pub violations: usize,
    /// Listed findings of severity `warning`, likewise.
    pub warnings: usize,
    /// Listed findings of severity `note`, what could not be told among them, likewise.
    pub notes: usize,
    /// Findings that a waiver covers; they are not listed.
    pub waived: usize,
    /// Listed findings that the baseline has too; 0 where nothing was compared.
    pub known: usize,
}

/// Writes the report: two spaces of indentation, a line end at the end, the same bytes for the same run.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    super::write_pretty(&document(run), out)
}

/// Writes the reports of several repositories as an array of documents; of one as [`write()`] does.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], out: &mut dyn Write) -> io::Result<()> {
    match runs {
        [run] => write(run, out),
        runs => super::write_pretty(&runs.iter().map(document).collect::<Vec<_>>(), out),
    }
}

/// The report as values.
pub fn document(run: &Run) -> Document {
    let Tally { violations, warnings, notes, waived, known } = Tally::of(run);
    Document {
        schema_version: 1,
        tool: Tool {
            name: "forebear",
            version: run.maker.version.to_owned(),
            catalog: run.maker.catalog.clone(),
        },
        source: Source::of(run),
        legal_files: run.facts.iter().filter_map(LegalFile::of).collect(),
        models: run.models.iter().map(Model::of).collect(),
        declared: Declared::of(&run.declared),
        lineage: run.lineage.hops.iter().map(Hop::of).collect(),
        upstream_comparison: run.upstream.as_ref().map(UpstreamComparison::of),
        weights: run.weights.iter().map(WeightComparison::of).collect(),
        obligations: run.obligations.iter().map(Obligation::of).collect(),
        findings: tally::listed(run).map(|finding| Finding::of(finding, run.baseline.is_some())).collect(),
        timeline: run.events().map(TimelineEvent::of).collect(),
        exposures: run.exposures.iter().map(LineExposure::of).collect(),
        summary: Summary { violations, warnings, notes, waived, known },
    }
}

/// The JSON schema of [`Document`] (draft 2020-12), as published in `docs/schema/forebear-report-1.schema.json`.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document>()
        .to_value()
}

/// First and last line, as the contract writes them.
fn lines(lines: forebear_types::LineSpan) -> [u32; 2] {
    [lines.first, lines.last]
}

/// The line that a place points at.
fn first_line(location: &forebear_types::Location) -> Option<u32> {
    location.lines.map(|lines| lines.first)
}

/// Ids joined by `, `; `None` for none.
fn ids(models: &[forebear_types::ModelId]) -> Option<String> {
    let names: Vec<&str> = models.iter().map(forebear_types::ModelId::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
