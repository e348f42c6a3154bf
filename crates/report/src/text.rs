//! The report for people at a terminal.
//!
//! The verdict comes first, then what was examined, then the base with its evidence, then the duties as a checklist, then
//! the findings with the lines that prove them, then what was not examined. Nothing rests on colour.

pub mod account;
mod brief;
pub(crate) mod checklist;
pub(crate) mod excerpt;
mod findings;
pub(crate) mod fingerprints;
pub(crate) mod history;
pub mod licenses;
mod lineage;
pub mod models;
pub(crate) mod not_examined;
mod paint;
pub(crate) mod persona;
pub(crate) mod plain;
pub(crate) mod upstream;
pub mod weights;

use std::io::{self, Write};

use forebear_types::fact::Fact;
use forebear_types::run::{CountedFrom, Run, SourceKind};
use forebear_types::{Location, ModelId, Snapshot, Time};

use crate::safe;
use crate::tally::Tally;
use paint::Painter;

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether to colour.
    pub color: bool,
    /// Columns; fewer than 40 count as 40.
    pub width: usize,
    /// Whether characters outside ASCII may be written.
    pub unicode: bool,
    /// What to show.
    pub view: View,
    /// Whether names of rules are links to their pages (OSC 8), where the run knows an address.
    pub links: bool,
    /// The day of the run, where the report may say how long ago something was: to a reader of now, not in a file.
    pub today: Option<Time>,
}

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// For the maintainer: everything that a verdict needs, and what changed.
    Check,
    /// For the publisher: what has to be fixed.
    Publisher,
    /// For the auditor: everything, met duties and all evidence included.
    Auditor,
    /// The timeline, the intervals and the findings of the run.
    History,
    /// The ancestors with all evidence.
    Lineage,
    /// The verdict, and a line for each finding.
    Brief,
}

/// Writes the reports of several repositories, each under its name; of one as [`write()`] does.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if let [run] = runs {
        return write(run, options, out);
    }
    let paint = Painter::new(options);
    let mut summary = paint.heading(&count(runs.len(), "repository"));
    for run in runs {
        let name = safe::line(&run.name);
        let words = format!("{name}: {}", verdict_words(run, &Tally::of(run)));
        summary.push_str(&paint.wrap(&words, "  ", "    "));
        deliver(&paint.heading(&name), options, out)?;
        write(run, options, out)?;
    }
    deliver(&summary, options, out)
}

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let mut text = String::new();
    match options.view {
        View::Brief => {
            text.push_str(&brief::lines(run, &paint));
            text.push_str(&verdict(run, &paint));
            return deliver(&text, options, out);
        }
        View::Check => {
            text.push_str(&verdict(run, &paint));
            text.push_str(&examined(run, &paint));
            text.push_str(&persona::levels(run, &paint));
            text.push_str(&declared(run, &paint));
            text.push_str(&models(run, &paint));
            text.push_str(&lineage::brief(run, &paint));
            text.push_str(&upstream::comparison(run, &paint));
            text.push_str(&fingerprints::comparisons(run, &paint));
            text.push_str(&checklist::duties(run, &paint));
            text.push_str(&findings::all(run, &paint));
            text.push_str(&history::changes(run, &paint));
        }
        View::Publisher => {
            text.push_str(&verdict(run, &paint));
            text.push_str(&examined(run, &paint));
            text.push_str(&persona::levels(run, &paint));
            text.push_str(&persona::to_fix(run, &paint));
        }
        View::Auditor => {
            text.push_str(&verdict(run, &paint));
            text.push_str(&examined(run, &paint));
            text.push_str(&persona::levels(run, &paint));
            text.push_str(&declared(run, &paint));
            text.push_str(&models(run, &paint));
            text.push_str(&persona::legal_files(run, &paint));
            text.push_str(&lineage::whole(run, &paint));
            text.push_str(&upstream::comparison(run, &paint));
            text.push_str(&fingerprints::comparisons(run, &paint));
            text.push_str(&checklist::duties(run, &paint));
            text.push_str(&findings::all(run, &paint));
            text.push_str(&persona::met(run, &paint));
            text.push_str(&persona::waivers(run, &paint));
            text.push_str(&history::timeline(run, &paint));
            text.push_str(&history::intervals(run, &paint));
            text.push_str(&history::signs(run, &paint));
        }
        View::History => {
            text.push_str(&verdict(run, &paint));
            text.push_str(&examined(run, &paint));
            text.push_str(&history::timeline(run, &paint));
            text.push_str(&history::intervals(run, &paint));
            text.push_str(&findings::all(run, &paint));
            text.push_str(&history::signs(run, &paint));
        }
        View::Lineage => {
            text.push_str(&examined(run, &paint));
            text.push_str(&lineage::whole(run, &paint));
            text.push_str(&upstream::comparison(run, &paint));
            text.push_str(&fingerprints::comparisons(run, &paint));
        }
    }
    text.push_str(&match options.view {
        // Its own part says how much was not examined.
        View::Publisher | View::Brief => String::new(),
        View::Auditor => not_examined::all(run, usize::MAX, &paint),
        View::Check | View::History | View::Lineage => not_examined::all(run, not_examined::USUAL, &paint),
    });
    text.push('\n');
    if options.view != View::Lineage {
        text.push_str(&verdict(run, &paint));
    }
    let closing = "forebear reports facts and duties with their clauses. It is not legal advice.";
    text.push_str(&paint.wrap(&paint.dim(closing), "", ""));
    deliver(&text, options, out)
}

fn deliver(text: &str, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    match options.unicode {
        true => out.write_all(text.as_bytes()),
        false => out.write_all(safe::ascii(text).as_bytes()),
    }
}

/// "2 violations, 1 note", or why there are none.
fn verdict(run: &Run, paint: &Painter) -> String {
    let tally = Tally::of(run);
    paint.wrap(&paint.verdict(&verdict_words(run, &tally), &tally), "", "  ")
}

pub(crate) fn verdict_words(run: &Run, tally: &Tally) -> String {
    let mut parts = Vec::new();
    for (number, word) in
        [(tally.violations, "violation"), (tally.warnings, "warning"), (tally.notes, "note")]
    {
        if number > 0 {
            parts.push(count(number, word));
        }
    }
    let mut words = match parts.is_empty() {
        false => parts.join(", "),
        true if tally.known > 0 => "nothing new".to_owned(),
        true => nothing_found(run).to_owned(),
    };
    if let Some(baseline) = run.baseline.filter(|_| tally.known > 0) {
        words = format!("{words}, {} known at {}", tally.known, baseline.short());
    }
    if tally.waived > 0 {
        words = format!("{words}, {} waived", tally.waived);
    }
    if !run.problems.is_empty() {
        words = format!("{words}; not everything could be examined");
    }
    words
}

fn nothing_found(run: &Run) -> &'static str {
    let holds_model = run.facts.iter().any(Fact::is_of_model);
    match (run.facts.is_empty(), holds_model) {
        (true, _) => "nothing to check here: no legal file, no model card, no configuration, no weights",
        (false, false) => "no model here: nothing is missing",
        (false, true) => "nothing is missing",
    }
}

/// What was examined, in one sentence.
fn examined(run: &Run, paint: &Painter) -> String {
    let examined = &run.source.examined;
    let kind = match run.source.kind {
        SourceKind::WorkTree => "work tree",
        SourceKind::Index => "staged index",
        SourceKind::Commit => "commit",
        SourceKind::History if examined.history_complete => "whole history",
        SourceKind::History => "history, as far as it is here,",
        SourceKind::Cache => "model cache",
    };
    let at = match (&run.source.snapshot, &run.source.head) {
        (Snapshot::Cached { revision }, _) => format!(", revision {}", safe::line(revision)),
        (_, Some(head)) => format!(" at {}", head.short()),
        (_, None) => String::new(),
    };
    let history = match examined.commits {
        Some(commits) => count(commits, "commit"),
        None => "no git history".to_owned(),
    };
    let words = format!(
        "examined the {kind}{at}: {}, among them {}, {}, {} and {}; {history}",
        count(examined.files, "file"),
        count(examined.legal_files, "legal file"),
        count(examined.cards, "model card"),
        count(examined.configs, "configuration"),
        count(examined.weights, "weight file"),
    );
    paint.wrap(&paint.dim(&words), "", "  ")
}

/// How large the models are whose parameters can be counted.
fn models(run: &Run, paint: &Painter) -> String {
    const MODELS: usize = 5;
    let mut text = String::new();
    for model in run.models.iter().take(MODELS) {
        let (total, active) = (model.parameters.total, model.parameters.active);
        // Of a dense model the embedding is all that takes no part.
        let sparse = active * 10 < total * 8;
        let active = if sparse { format!(", {} active per token", size(active)) } else { String::new() };
        let name = if model.model_type.is_empty() { "a model" } else { &model.model_type };
        let by = match model.counted_from {
            CountedFrom::Shapes => "by the shapes of its tensors",
            CountedFrom::Configuration => "by its dimensions",
        };
        let words = format!(
            "{}: {} parameters{active}, {by} [{}]",
            safe::line(name),
            size(total),
            place(&model.location)
        );
        text.push_str(&paint.wrap(&paint.dim(&words), "", "  "));
    }
    if run.models.len() > MODELS {
        text.push_str(&paint.wrap(
            &paint.dim(&format!("and {} more models", run.models.len() - MODELS)),
            "",
            "  ",
        ));
    }
    text
}

/// "671 B", "8.0 B", "494 M": two digits or more.
pub(crate) fn size(parameters: u64) -> String {
    let (unit, name) = if parameters < 1_000_000_000 { (1_000_000, "M") } else { (1_000_000_000, "B") };
    let tenths = (parameters * 10 + unit / 2) / unit;
    if tenths < 100 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", (parameters + unit / 2) / unit)
    }
}

/// "12 kB", "1.2 GB": decimal units, as the Hub shows them.
fn size_in_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut amount = bytes as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    while amount >= 999.5 {
        let Some(next) = units.next() else { break };
        amount /= 1000.0;
        unit = next;
    }
    if amount < 9.95 { format!("{amount:.1} {unit}") } else { format!("{amount:.0} {unit}") }
}

/// What the publisher says about licence and base.
fn declared(run: &Run, paint: &Painter) -> String {
    const BASES: usize = 5;
    if run.facts.is_empty() {
        return String::new();
    }
    let declared = &run.declared;
    let named = |value: &Option<String>| value.as_ref().map(|value| format!(" {}", safe::line(value)));
    let license = match (&declared.license, named(&declared.license_name), named(&declared.license_link)) {
        (None, None, None) => "no licence".to_owned(),
        (license, name, link) => {
            let license = named(license).unwrap_or_else(|| " without an id".to_owned());
            format!("licence{license}{}{}", name.unwrap_or_default(), link.unwrap_or_default())
        }
    };
    let bases: Vec<String> = declared.base_models.iter().take(BASES).map(|base| safe::line(base)).collect();
    let bases = match declared.base_models.len() {
        0 => "no base model".to_owned(),
        1 => format!("base model {}", bases.join("")),
        number if number > BASES => format!("base models {} and {} more", bases.join(", "), number - BASES),
        _ => format!("base models {}", bases.join(", ")),
    };
    let at = declared.source.as_ref().map(|location| format!(" [{}]", place(location))).unwrap_or_default();
    paint.wrap(&paint.dim(&format!("declared: {license}; {bases}{at}")), "", "  ")
}

/// "1 file", "2 files", "3 repositories".
pub(crate) fn count(number: usize, word: &str) -> String {
    match (number, word.strip_suffix("ory")) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{number} {stem}ories"),
        (_, None) => format!("{number} {word}s"),
    }
}

/// "A", "A or B", "one of A, B or C". A list that a stranger wrote may have any length, so it is cut.
pub(crate) fn one_of<'a>(models: impl ExactSizeIterator<Item = &'a ModelId>) -> String {
    const MOST: usize = 60;
    let number = models.len();
    let names: Vec<String> = models.take(MOST).map(|model| safe::line(model.as_str())).collect();
    match names.as_slice() {
        [] => "an unknown model".to_owned(),
        [only] => only.clone(),
        [one, two] => format!("{one} or {two}"),
        [rest @ .., last] if number <= MOST => format!("one of {} or {last}", rest.join(", ")),
        _ => format!("one of {} or {} more", names.join(", "), number - MOST),
    }
}

/// "NOTICE:3-21".
pub(crate) fn place(location: &Location) -> String {
    let path = if location.path.is_root() {
        "the repository".to_owned()
    } else {
        safe::line(&location.path.to_string())
    };
    match location.lines {
        None => path,
        Some(lines) if lines.first == lines.last => format!("{path}:{}", lines.first),
        Some(lines) => format!("{path}:{}-{}", lines.first, lines.last),
    }
}
