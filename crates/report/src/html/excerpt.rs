//! Lines of files on the page: around what a finding points at, and the bytes that meet a duty.

use forebear_types::Location;
use forebear_types::finding::Finding;
use forebear_types::run::Run;

use super::markup::{Html, class, value};
use crate::text::excerpt::{self, Shown, text_of};

/// Characters of a label beside a line.
const LABEL: usize = 120;

/// Lines and bytes that show how a duty is met; a licence's text may span hundreds of lines.
const LINES: usize = 24;
const BYTES: usize = 3_000;

/// The lines that a finding points at, each span with its label below it. Gives the numbers of the places that are shown.
pub(super) fn of_finding(run: &Run, finding: &Finding, html: &mut Html) -> Vec<usize> {
    let Some(shown) = excerpt::of(run, finding, LABEL, false) else { return Vec::new() };
    html.el("figure", &[class("excerpt")], |html| {
        html.el("figcaption", &[], |html| html.leaf("code", &[], &shown.excerpt.name));
        html.el("pre", &[], |html| numbered(&shown, html));
    });
    shown.places
}

fn numbered(shown: &Shown, html: &mut Html) {
    let text = shown.excerpt.text.as_str();
    let mut spans: Vec<(usize, usize, &str)> = shown
        .labels
        .iter()
        .map(|label| (label.offset(), label.offset() + label.len(), label.label().unwrap_or("")))
        .collect();
    spans.sort_unstable();
    let mut start = 0;
    for (index, line) in text.split('\n').enumerate() {
        let end = start + line.len();
        let number = (shown.excerpt.lines_before + index + 1).to_string();
        html.el("span", &[class("line"), value("data-n", &number)], |html| {
            if index == 0 && shown.excerpt.bytes_before > 0 {
                html.text("…");
            }
            marked(text, start, end, &spans, html);
        });
        // A label stands below the line on which its span ends.
        for (.., label) in
            spans.iter().filter(|(_, to, label)| (start..=end).contains(to) && !label.is_empty())
        {
            html.leaf("span", &[class("said")], label);
        }
        start = end + 1;
    }
}

/// A line, with the parts that lie in a span marked.
fn marked(text: &str, start: usize, end: usize, spans: &[(usize, usize, &str)], html: &mut Html) {
    let mut at = start;
    for (from, to, _) in spans {
        let (from, to) = ((*from).clamp(at, end), (*to).clamp(at, end));
        if from == to {
            continue;
        }
        html.lines(text.get(at..from).unwrap_or_default());
        html.el("mark", &[], |html| html.lines(text.get(from..to).unwrap_or_default()));
        at = to;
    }
    html.lines(text.get(at..end).unwrap_or_default());
}

/// The lines of a location, where the run holds the text of the file. Gives whether there are any.
pub(super) fn of_location(run: &Run, location: &Location, html: &mut Html) -> bool {
    let (Some(lines), Some(text)) = (location.lines, text_of(run, &location.path)) else { return false };
    let (first, last) = (lines.first as usize, lines.last as usize);
    let all: Vec<&str> = text.lines().skip(first - 1).take(last - first + 1).collect();
    if all.is_empty() {
        return false;
    }
    html.el("pre", &[class("met")], |html| {
        let mut left = BYTES;
        for (index, line) in all.iter().enumerate() {
            if index == LINES || line.len() > left {
                let more = format!("… {} more", crate::text::count(all.len() - index, "line"));
                html.leaf("span", &[class("said")], &more);
                break;
            }
            left -= line.len();
            let number = (first + index).to_string();
            html.el("span", &[class("line"), value("data-n", &number)], |html| html.lines(line));
        }
    });
    true
}
