//! What the parts of a page share: where they stand, and the small things that occur everywhere.

use forebear_types::finding::Severity;
use forebear_types::obligation::Answer;
use forebear_types::run::Run;
use forebear_types::{Location, ModelId, Snapshot, Time};

use super::markup::{Attribute, Html, Id, class, id, ours, refers, value};
use crate::text;

/// One repository on the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'a> {
    pub(super) run: &'a Run,
    /// Its number, which makes ids unique.
    pub(super) number: usize,
    /// The level of the headings of its sections: 2 for the only repository, 3 below the heading of one of several.
    pub(super) level: usize,
}

/// The elements of headings by their level. HTML has six.
const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// The element of a heading of this level, from 1.
pub(super) fn heading(level: usize) -> &'static str {
    HEADINGS[level.clamp(1, HEADINGS.len()) - 1]
}

impl Page<'_> {
    /// The id of one of many: `r0-finding-12`.
    pub(super) fn id(&self, what: &'static str, number: usize) -> Id {
        Id::numbered(self.number, what, number)
    }

    /// The element of a heading, this many levels below those of sections.
    pub(super) fn heading(&self, below: usize) -> &'static str {
        heading(self.level + below)
    }

    /// A part of the page with its heading, and a sentence on what it shows.
    pub(super) fn section(
        &self,
        html: &mut Html,
        name: &'static str,
        title: &str,
        lead: &str,
        content: impl FnOnce(&mut Html),
    ) {
        section(html, (self.number, self.level), name, title, lead, content);
    }
}

/// A part of a page: of a repository's number and at a level of headings.
pub(super) fn section(
    html: &mut Html,
    (number, level): (usize, usize),
    name: &'static str,
    title: &str,
    lead: &str,
    content: impl FnOnce(&mut Html),
) {
    let label = Id::numbered(number, name, 0);
    let section = Id::section(number, name);
    let mut attributes = vec![id(&section), ours("class", name)];
    // A section with a name is a landmark; those of many repositories would all have the same names.
    if level == 2 {
        attributes.push(refers("aria-labelledby", &label));
    }
    html.el("section", &attributes, |html| {
        html.leaf(heading(level), &[id(&label), class("section")], title);
        if !lead.is_empty() {
            html.leaf("p", &[class("lead")], lead);
        }
        content(html);
    });
    html.line_end();
}

/// A table whose rows become small cards where there is no room. The roles say again what the elements are: a browser forgets
/// it when the style sheet changes how they are laid out.
pub(super) fn table(html: &mut Html, caption: &str, columns: &[&'static str], rows: impl FnOnce(&mut Html)) {
    html.el("table", &[ours("role", "table")], |html| {
        html.leaf("caption", &[], caption);
        html.el("thead", &[ours("role", "rowgroup")], |html| {
            html.el("tr", &[ours("role", "row")], |html| {
                for column in columns {
                    html.leaf("th", &[ours("role", "columnheader"), ours("scope", "col")], column);
                }
            });
        });
        html.el("tbody", &[ours("role", "rowgroup")], rows);
    });
}

/// A row of a [`table`].
pub(super) fn row(html: &mut Html, attributes: &[Attribute<'_>], cells: impl FnOnce(&mut Html)) {
    let mut all = vec![ours("role", "row")];
    all.extend_from_slice(attributes);
    html.el("tr", &all, cells);
    html.line_end();
}

/// A cell, with the name of its column for the narrow form.
pub(super) fn cell(html: &mut Html, column: &'static str, content: impl FnOnce(&mut Html)) {
    html.el("td", &[ours("role", "cell"), ours("data-label", column)], content);
}

/// The cell that names its row.
pub(super) fn row_header(html: &mut Html, content: impl FnOnce(&mut Html)) {
    html.el("th", &[ours("role", "rowheader"), ours("scope", "row")], content);
}

/// The class of a severity: colour and shape of its sign.
pub(super) fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Violation => "violation",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A word with a sign; the sign's shape is another one for every word.
pub(super) fn tag(html: &mut Html, kind: &'static str, word: &str) {
    html.el("span", &[class("tag")], |html| {
        html.el("span", &[ours("class", kind), ours("aria-hidden", "true")], |_| ());
        html.text(word);
    });
}

/// Class of the sign, and words, of an answer.
pub(super) fn answer(answer: Answer) -> (&'static str, &'static str) {
    match answer {
        Answer::Met => ("sign met", "met"),
        Answer::Unmet => ("sign unmet", "not met"),
        Answer::Unknown => ("sign unknown", "could not tell"),
    }
}

/// A file and its lines.
pub(super) fn place(html: &mut Html, location: &Location) {
    html.leaf("code", &[class("place")], &text::place(location));
}

/// A command of a shell, whole, so that it can be copied.
pub(super) fn command(html: &mut Html, command: &str) {
    html.el("code", &[class("copy")], |html| html.lines(command));
}

/// A moment: the day, and the whole moment for whoever hovers over it.
pub(super) fn time(html: &mut Html, time: Time) {
    let whole = time.to_string();
    html.el("time", &[value("datetime", &whole), value("title", &whole)], |html| html.text(&time.date()));
}

/// The abbreviated commit of a state; nothing for what is not committed.
pub(super) fn commit_of(snapshot: &Snapshot) -> Option<String> {
    match snapshot {
        Snapshot::Commit { id, .. } => Some(id.short()),
        _ => None,
    }
}

/// Sentences in which commands and keys stand between backticks.
pub(super) fn sentences(html: &mut Html, text: &str) {
    let text = crate::safe::line(text);
    // A backtick without a partner is one.
    let pairs = text.matches('`').count() / 2 * 2;
    for (index, part) in text.splitn(pairs + 1, '`').enumerate() {
        if index % 2 == 1 {
            html.leaf("code", &[], part);
        } else {
            html.text(part);
        }
    }
}

/// Ids of models as a list of words: "A", "A or B", "A, B or C"; a long list is cut.
pub(super) fn models<'a>(html: &mut Html, models: impl ExactSizeIterator<Item = &'a ModelId>, most: usize) {
    let count = models.len();
    for (index, model) in models.take(most).enumerate() {
        let between = match index {
            0 => "",
            _ if index + 1 == count => " or ",
            _ => ", ",
        };
        html.text(between);
        html.leaf("span", &[class("model")], model.as_str());
    }
    match count {
        0 => html.text("an unknown model"),
        _ if count > most => html.text(&format!(" or {} more", count - most)),
        _ => {}
    }
}
