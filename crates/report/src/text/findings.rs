//! Findings as diagnostics, with the lines that prove them.

use std::collections::BTreeSet;
use std::fmt;

use forebear_types::Snapshot;
use forebear_types::edit::{Edit, Reach};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::history::Event;
use forebear_types::run::Run;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};

use super::excerpt::{self, CONTEXT, Excerpt};
use super::paint::Painter;
use super::place;
use crate::{safe, tally};

/// Places listed below a finding; JSON has all.
const PLACES: usize = 6;

/// What is unmet or could not be told, worst first; then what stood at the baseline already, and what is waived.
pub(super) fn all(run: &Run, paint: &Painter) -> String {
    let mut text = String::new();
    let mut listed = tally::listed(run).filter(|finding| !finding.known).peekable();
    if listed.peek().is_some() {
        text.push_str(&paint.heading("Findings"));
    }
    let mut seen = Seen::default();
    for finding in listed {
        text.push_str(&one(run, finding, &mut seen, paint));
    }
    text.push_str(&known(run, paint));
    let mut waived = tally::waived(run).peekable();
    if waived.peek().is_some() {
        text.push_str(&paint.heading("Waived"));
    }
    for finding in waived {
        text.push_str(&waived_line(run, finding, paint));
    }
    text
}

/// What stood at the baseline already, a line each.
fn known(run: &Run, paint: &Painter) -> String {
    let Some(baseline) = run.baseline else { return String::new() };
    let mut text = String::new();
    for finding in tally::listed(run).filter(|finding| finding.known) {
        let words = format!(
            "- {} {}: {}",
            tally::severity(finding).name(),
            finding.rule.0,
            safe::line(&finding.message)
        );
        text.push_str(&paint.wrap(&paint.dim(&words), "  ", "    "));
        text.push_str(&paint.wrap(
            &paint.dim(&format!("fingerprint {}", finding.fingerprint)),
            "    ",
            "    ",
        ));
    }
    if text.is_empty() {
        text
    } else {
        format!("{}{text}", paint.heading(&format!("Known at {}", baseline.short())))
    }
}

/// The excerpts that a report shows already. One line of a card is often what several findings rest on.
#[derive(Default)]
pub(super) struct Seen(BTreeSet<String>);

/// One finding. An excerpt that stands above is not shown again.
pub(super) fn one(run: &Run, finding: &Finding, seen: &mut Seen, paint: &Painter) -> String {
    // A label begins below the middle of its span, so only a part of the line is left for it.
    let shown = excerpt::of(run, finding, paint.width * 3 / 5, !paint.unicode);
    let (excerpt, labels, places, above) = match shown {
        Some(shown) if seen.0.insert(shown.name()) => (Some(shown.excerpt), shown.labels, shown.places, None),
        Some(shown) => (None, Vec::new(), shown.places.clone(), shown.places.first().copied()),
        None => (None, Vec::new(), Vec::new(), None),
    };
    let diagnostic = Rendered {
        rule: paint.rule(run, finding.rule),
        severity: tally::severity(finding),
        message: safe::line(&finding.message),
        help: safe::line(&finding.help),
        excerpt,
        labels,
    };
    let mut text = String::from("\n");
    if handler(paint).render_report(&mut text, &diagnostic).is_err() {
        // A span outside of its source is the only way to fail, and the excerpt has none; the words remain anyhow.
        text = paint.wrap(&format!("{}: {}", finding.rule, diagnostic.message), "  ", "    ");
    }
    // The handler pads some lines; a report in a file should not have spaces at the ends of its lines.
    text = text.lines().map(str::trim_end).fold(String::new(), |text, line| text + line + "\n");
    if let Some(one) = above.and_then(|index| finding.places.get(index)) {
        let words = format!("at: {}, as shown above", place(&one.location));
        text.push_str(&paint.wrap(&words, "  ", "      "));
    }
    let rest: Vec<&Place> = finding
        .places
        .iter()
        .enumerate()
        .filter(|(index, _)| !places.contains(index))
        .map(|(_, one)| one)
        .collect();
    for one in rest.iter().take(PLACES) {
        text.push_str(&place_line(&run.history.events, one, paint));
    }
    if rest.len() > PLACES {
        text.push_str(&paint.wrap(&format!("at: {} more", rest.len() - PLACES), "  ", "      "));
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !finding.help.contains(&fix.summary)) {
        text.push_str(&paint.wrap(&format!("fix: {}", safe::line(&fix.summary)), "  ", "       "));
    }
    if let Some(reach) = finding.edits.iter().map(Edit::reach).min() {
        let command = match reach {
            Reach::Safe => "--fix",
            Reach::All => "--fix=all",
        };
        text.push_str(&paint.wrap(&format!("`forebear check {command}` does it"), "  ", "  "));
    }
    let name = format!("confidence {}; fingerprint {}", finding.confidence.name(), finding.fingerprint);
    text.push_str(&paint.wrap(&paint.dim(&name), "  ", "  "));
    text
}

/// A place that no excerpt shows; for a commit with the command that shows it.
pub(super) fn place_line(events: &[Event], one: &Place, paint: &Painter) -> String {
    let at = place(&one.location);
    let label = match safe::line(&one.label) {
        label if label.is_empty() => label,
        label => format!(": {label}"),
    };
    let Some(commit) = one.commit else { return paint.wrap(&format!("at: {at}{label}"), "  ", "      ") };
    // A merge is shown in another way than other commits.
    let here = |event: &&Event| {
        event.path == one.location.path
            && matches!(event.snapshot, Snapshot::Commit { id, .. } if id == commit)
    };
    let event = events.iter().find(here).and_then(|event| event.command(!paint.unicode));
    let command = match (event, one.location.path.is_root()) {
        (Some(command), _) => command,
        (None, true) => format!("git show {}", commit.short()),
        (None, false) => {
            format!("git show {} -- {}", commit.short(), safe::shell_word(&one.location.path, !paint.unicode))
        }
    };
    let mut text = paint.wrap(&format!("commit {}: {at}{label}", commit.short()), "  ", "      ");
    // The command stays on one line, so that it can be copied.
    text.push_str(&format!("      {}\n", paint.bold(&command)));
    text
}

fn waived_line(run: &Run, finding: &Finding, paint: &Painter) -> String {
    let words = format!(
        "- {} {}: {}",
        paint.severity(tally::severity(finding)),
        paint.bold(finding.rule.0),
        safe::line(&finding.message)
    );
    let mut text = paint.wrap(&words, "  ", "    ");
    if let Some(waiver) = finding.waived.and_then(|index| run.waivers.get(index)) {
        let by = waiver.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
        let until = waiver.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        let reason = safe::line(&format!("waived{by}{until}: {}", waiver.reason));
        text.push_str(&paint.wrap(&paint.dim(&reason), "    ", "    "));
    }
    text
}

fn handler(paint: &Painter) -> GraphicalReportHandler {
    let mut theme = GraphicalTheme {
        characters: if paint.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if paint.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    // Words instead of signs: nothing may rest on colour.
    theme.characters.error = "violation:".to_owned();
    theme.characters.warning = "warning:".to_owned();
    theme.characters.advice = "note:".to_owned();
    GraphicalReportHandler::new_themed(theme)
        .with_width(paint.width)
        .with_context_lines(CONTEXT)
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// A finding as miette sees it.
struct Rendered {
    rule: String,
    severity: Severity,
    message: String,
    help: String,
    excerpt: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rendered {}

impl Diagnostic for Rendered {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Violation => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
