//! Reads a JSON report of forebear's own (schema version 1), as far as `waive` and `explain` need it.
//!
//! Members that this version does not know are left alone; what it needs and does not find is an error with the file and the place.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use forebear_types::finding::{Finding, Fingerprint, Fix, Place, Severity};
use forebear_types::license::{
    CopyrightLine, Coverage, LicenseMatch, MatchStatus, NamedLicense, Recognition,
};
use forebear_types::lineage::{Candidate, Confidence, Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::obligation::{Answer, Artefact, Creditor, Duty, Obligation};
use forebear_types::{LicenseId, LineSpan, Location, ModelId, ObjectId, RepoPath};
use serde::Deserialize;

use crate::error::Error;

/// A report with more bytes is none of a model repository.
const LIMIT: u64 = 256 << 20;

/// What a report says, as the values that it was made from.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) hops: Vec<Hop>,
    /// Legal files, and cards that hold a text or an owner's line.
    pub(crate) documents: Vec<(RepoPath, Recognition)>,
}

/// Reads a report.
///
/// # Errors
/// If the file cannot be read, or is no report of schema version 1.
pub(crate) fn read(path: &Path) -> Result<Report, Error> {
    let failed = |what: String| Error::Source {
        message: format!("{}: {what}", path.display()),
        help: "name a report that `forebear check --format json --output FILE` wrote".to_owned(),
    };
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(failed("it is no plain file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|cause| failed(cause.to_string()))?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|cause| failed(cause.to_string()))?;
    if bytes.len() as u64 > LIMIT {
        return Err(failed(format!("it has more than {LIMIT} bytes")));
    }
    let head: Head =
        serde_json::from_slice(&bytes).map_err(|error| failed(format!("not a report: {error}")))?;
    if head.schema_version != 1 || head.tool.name != "forebear" {
        let (name, version) = (head.tool.name, head.schema_version);
        return Err(failed(format!(
            "a document of {name}, schema version {version}, is not a report of version 1"
        )));
    }
    let document: Document =
        serde_json::from_slice(&bytes).map_err(|error| failed(format!("not a report: {error}")))?;
    document.report().map_err(failed)
}

#[derive(Deserialize)]
struct Head {
    schema_version: u64,
    tool: Tool,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
}

#[derive(Deserialize)]
struct Document {
    legal_files: Vec<RawFile>,
    lineage: Vec<RawHop>,
    obligations: Vec<RawObligation>,
    findings: Vec<RawFinding>,
}

#[derive(Deserialize)]
struct RawFile {
    path: String,
    licenses: Vec<RawLicense>,
    copyright: Vec<String>,
}

#[derive(Deserialize)]
struct RawLicense {
    id: String,
    coverage: f64,
    status: String,
    lines: [u32; 2],
}

#[derive(Deserialize)]
struct RawHop {
    #[serde(default)]
    subject: String,
    child: Option<String>,
    candidates: Vec<String>,
    relation: String,
    strength: String,
    #[serde(default)]
    unique: bool,
    confidence: String,
    declared: bool,
    evidence: Vec<RawEvidence>,
    against: Vec<RawEvidence>,
}

#[derive(Deserialize)]
struct RawEvidence {
    path: Option<String>,
    line: Option<u32>,
    detail: String,
}

#[derive(Deserialize)]
struct RawObligation {
    upstream: Option<String>,
    license: String,
    clause: String,
    duty: String,
    certain: bool,
    answer: String,
    satisfied_by: Option<RawPlace>,
}

#[derive(Deserialize)]
struct RawFinding {
    rule: String,
    answer: String,
    severity: String,
    confidence: String,
    message: String,
    upstream: Option<String>,
    obligation: Option<usize>,
    locations: Vec<RawPlace>,
    help: String,
    fix: Option<String>,
    fingerprint: String,
    #[serde(default)]
    baseline: Option<String>,
}

#[derive(Deserialize)]
struct RawPlace {
    path: String,
    line: Option<u32>,
    lines: Option<[u32; 2]>,
    commit: Option<String>,
}

impl Document {
    fn report(self) -> Result<Report, String> {
        let hops: Vec<Hop> = self.lineage.into_iter().map(hop).collect::<Result<_, _>>()?;
        let obligations: Vec<Obligation> =
            self.obligations.into_iter().map(|raw| obligation(raw, &hops)).collect::<Result<_, _>>()?;
        let findings =
            self.findings.into_iter().map(|raw| finding(raw, &obligations)).collect::<Result<_, _>>()?;
        let documents = self
            .legal_files
            .into_iter()
            .map(|raw| Ok((repo_path(&raw.path)?, recognition(raw)?)))
            .collect::<Result<_, String>>()?;
        Ok(Report { findings, obligations, hops, documents })
    }
}

fn finding(raw: RawFinding, obligations: &[Obligation]) -> Result<Finding, String> {
    let rule = forebear_rules::rule(&raw.rule).ok_or_else(|| {
        format!("it has a finding of the rule {}, which this version does not have", raw.rule)
    })?;
    let obligation = raw.obligation.filter(|index| *index < obligations.len());
    let severity =
        word(&raw.severity, [Severity::Note, Severity::Warning, Severity::Violation], Severity::name)?;
    Ok(Finding {
        rule: rule.id,
        answer: answer(&raw.answer)?,
        severity,
        confidence: confidence(&raw.confidence)?,
        obligation,
        upstream: models(raw.upstream.as_deref()),
        places: raw.locations.iter().map(place).collect::<Result<_, _>>()?,
        exposure: None,
        message: raw.message,
        help: raw.help,
        fix: raw.fix.map(|summary| Fix { summary }),
        edits: Vec::new(),
        fingerprint: Fingerprint(raw.fingerprint),
        waived: None,
        known: raw.baseline.as_deref() == Some("unchanged"),
    })
}

fn obligation(raw: RawObligation, hops: &[Hop]) -> Result<Obligation, String> {
    let candidates = models(raw.upstream.as_deref());
    let creditor = match candidates.is_empty() {
        true => Creditor::Own,
        false => {
            let of =
                |hop: &Hop| candidates.iter().all(|id| hop.candidates.iter().any(|one| one.model == *id));
            let hop = hops
                .iter()
                .position(of)
                .ok_or_else(|| "an obligation is owed to nobody of the lineage".to_owned())?;
            Creditor::Ancestor { hop, candidates }
        }
    };
    Ok(Obligation {
        creditor,
        license: LicenseId::new(raw.license),
        artefact: Artefact::Weights,
        clause: raw.clause,
        duty: Duty::from_name(&raw.duty)
            .ok_or_else(|| format!("`{}` is no duty that this version knows", raw.duty))?,
        subject: String::new(),
        certain: raw.certain,
        answer: answer(&raw.answer)?,
        satisfied_by: raw
            .satisfied_by
            .iter()
            .map(|raw| Ok(place(raw)?.location))
            .collect::<Result<_, String>>()?,
        reason: String::new(),
    })
}

fn hop(raw: RawHop) -> Result<Hop, String> {
    let strengths = [
        Strength::Circumstantial,
        Strength::Structural,
        Strength::Declared,
        Strength::Weights,
        Strength::Identical,
    ];
    let strength = word(&raw.strength, strengths, Strength::name)?;
    let evidence = |raw: Vec<RawEvidence>| -> Result<Vec<Evidence>, String> {
        raw.into_iter()
            .map(|raw| {
                let location = raw.path.as_deref().map(|path| location(path, raw.line)).transpose()?;
                // The kind of an observation is not shown where its words are.
                Ok(Evidence { kind: EvidenceKind::Catalog, strength, location, detail: raw.detail, p: None })
            })
            .collect()
    };
    let candidate = |id: String| Candidate { model: ModelId::new(id), revision: None, known: true };
    Ok(Hop {
        subject: repo_path(&raw.subject)?,
        child: raw.child.map(ModelId::new),
        candidates: raw.candidates.into_iter().map(candidate).collect(),
        relation: word(&raw.relation, Relation::all(), Relation::name)?,
        strength,
        unique: raw.unique,
        confidence: confidence(&raw.confidence)?,
        declared: raw.declared,
        because: evidence(raw.evidence)?,
        against: evidence(raw.against)?,
    })
}

fn recognition(raw: RawFile) -> Result<Recognition, String> {
    let mut recognition = Recognition::default();
    for license in raw.licenses {
        let (id, lines) = (LicenseId::new(license.id), LineSpan::new(license.lines[0], license.lines[1]));
        if license.coverage <= 0.0 {
            recognition.named.push(NamedLicense { id, line: lines.first, stands_alone: false });
            continue;
        }
        let status = match license.status.as_str() {
            "exact" => MatchStatus::Exact,
            "complete" => MatchStatus::Complete,
            "altered" => MatchStatus::Altered { changes: Vec::new() },
            "incomplete" => MatchStatus::Incomplete { missing: Vec::new() },
            other => return Err(format!("`{other}` is a word that version 1 does not have")),
        };
        let coverage = Coverage::of((license.coverage.clamp(0.0, 1.0) * 1000.0).round() as usize, 1000);
        recognition.licenses.push(LicenseMatch { id, coverage, status, lines });
    }
    let line = |text| CopyrightLine { text, holder: None, years: None, line: 1 };
    recognition.copyright = raw.copyright.into_iter().map(line).collect();
    Ok(recognition)
}

fn place(raw: &RawPlace) -> Result<Place, String> {
    let mut location = location(&raw.path, raw.line)?;
    if let Some([first, last]) = raw.lines {
        location.lines = Some(LineSpan::new(first, last));
    }
    Ok(Place { location, commit: raw.commit.as_deref().and_then(ObjectId::from_hex), label: String::new() })
}

fn location(path: &str, line: Option<u32>) -> Result<Location, String> {
    let path = repo_path(path)?;
    Ok(match line {
        Some(line) => Location::lines(path, LineSpan::line(line)),
        None => Location::file(path),
    })
}

fn repo_path(path: &str) -> Result<RepoPath, String> {
    match path {
        "" => Ok(RepoPath::root()),
        path => RepoPath::new(path).map_err(|error| error.to_string()),
    }
}

fn models(joined: Option<&str>) -> Vec<ModelId> {
    joined.map(|ids| ids.split(", ").map(ModelId::from).collect()).unwrap_or_default()
}

fn confidence(text: &str) -> Result<Confidence, String> {
    word(text, [Confidence::Low, Confidence::Medium, Confidence::High], Confidence::name)
}

fn answer(text: &str) -> Result<Answer, String> {
    word(text, [Answer::Met, Answer::Unmet, Answer::Unknown], Answer::name)
}

/// The value of a word of the contract.
fn word<T: Copy>(
    text: &str,
    all: impl IntoIterator<Item = T>,
    name: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    all.into_iter()
        .find(|one| name(*one) == text)
        .ok_or_else(|| format!("`{text}` is a word that version 1 does not have"))
}
