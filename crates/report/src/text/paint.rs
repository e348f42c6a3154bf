//! Colour, marks and wrapping.

use forebear_types::finding::Severity;
use forebear_types::history::{Detail, EventKind};
use forebear_types::obligation::Answer;
use forebear_types::run::Run;
use forebear_types::{RuleId, Time};

use super::TextOptions;
use crate::tally::Tally;

/// Colours text if that is wanted, and wraps it.
pub(super) struct Painter {
    pub(super) color: bool,
    pub(super) unicode: bool,
    pub(super) width: usize,
    pub(super) links: bool,
    pub(super) today: Option<Time>,
}

impl Painter {
    pub(super) fn new(options: &TextOptions) -> Self {
        Self {
            color: options.color,
            unicode: options.unicode,
            width: options.width.max(40),
            links: options.links,
            today: options.today,
        }
    }

    /// ANSI attributes around a text.
    fn with(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.with("2", text)
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    /// A heading, with an empty line before it.
    pub(super) fn heading(&self, text: &str) -> String {
        format!("\n{}\n", self.bold(text))
    }

    /// The verdict, coloured by the worst finding.
    pub(super) fn verdict(&self, text: &str, tally: &Tally) -> String {
        let code = match (tally.violations, tally.warnings) {
            (0, 0) => "1;32",
            (0, _) => "1;33",
            _ => "1;31",
        };
        self.with(code, text)
    }

    /// ✔ met, ✘ unmet, ? could not tell.
    pub(super) fn mark(&self, answer: Answer) -> String {
        match (answer, self.unicode) {
            (Answer::Met, true) => self.with("32", "✔"),
            (Answer::Unmet, true) => self.with("31", "✘"),
            (Answer::Unknown, true) => self.with("33", "?"),
            (Answer::Met, false) => self.with("32", "[met]"),
            (Answer::Unmet, false) => self.with("31", "[unmet]"),
            (Answer::Unknown, false) => self.with("33", "[could not tell]"),
        }
    }

    /// What somebody has to look at.
    pub(super) fn alarm(&self, text: &str) -> String {
        self.with("31", text)
    }

    /// The word of an event: red for what took something away, green for what brought it, yellow for what changed its meaning.
    pub(super) fn event(&self, kind: EventKind, detail: Option<Detail>) -> String {
        let code = match (kind, detail) {
            (EventKind::Removed | EventKind::Truncated, _) | (_, Some(Detail::CopyrightRemoved)) => "31",
            (EventKind::Added | EventKind::Restored, _) => "32",
            (EventKind::Relicensed, _) | (_, Some(Detail::Altered | Detail::CopyrightReplaced)) => "33",
            (EventKind::Renamed, _) => "36",
            (EventKind::Changed, Some(Detail::Harmless)) => "2",
            (EventKind::Changed, _) => "33",
        };
        self.with(code, kind.name())
    }

    /// The name of a rule, as a link to its page where the terminal follows links (OSC 8) and an address is known.
    pub(super) fn rule(&self, run: &Run, rule: RuleId) -> String {
        match run.maker.rule_page(rule).filter(|_| self.links) {
            Some(page) => format!("\u{1b}]8;;{page}\u{1b}\\{}\u{1b}]8;;\u{1b}\\", rule.0),
            None => rule.0.to_owned(),
        }
    }

    /// The word of a severity.
    pub(super) fn severity(&self, severity: Severity) -> String {
        let code = match severity {
            Severity::Violation => "31",
            Severity::Warning => "33",
            Severity::Note => "36",
        };
        self.with(code, severity.name())
    }

    /// Wraps at the width, with an indent for the first line and one for the others. Breaks at spaces only: paths, ids and
    /// commands stay whole, even if they are longer than a line.
    pub(super) fn wrap(&self, text: &str, first: &str, rest: &str) -> String {
        let options = textwrap::Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
            .break_words(false);
        let mut wrapped = textwrap::fill(text, options);
        wrapped.push('\n');
        wrapped
    }
}
