//! The marked part of a file that the notice stands in. What is outside of it, and what a person wrote into its statements of
//! changes, stays.

use std::collections::BTreeMap;

use forebear_types::LineSpan;

use super::{Notice, changes, text};

/// The first line of the part.
pub(super) const BEGIN: &str =
    "-- begin: kept by `forebear notice`; write above it, below it, or between >>> and <<< --";

/// The last line of the part.
pub(super) const END: &str = "-- end: kept by `forebear notice` --";

/// Opens a statement of changes; the title of the ancestor follows.
pub(super) const OPEN: &str = ">>> ";

/// Closes a statement.
pub(super) const CLOSE: &str = "<<<";

/// Stands where a person has to say what was done.
pub(super) const BLANK: &str = "[not known to forebear: say here what was done to it]";

/// Whether a text holds the part, or a mark of it.
pub fn holds_section(text: &str) -> bool {
    text.lines().any(|line| is_mark(line, BEGIN) || is_mark(line, END))
}

/// Whether a statement of changes in a text waits for somebody to make it.
pub fn has_open_statement(text: &str) -> bool {
    text.lines().any(|line| line.trim() == BLANK)
}

/// Whether a text has lines that the part could be mistaken about, if it were taken into it.
pub(super) fn holds_marks(text: &str) -> bool {
    holds_section(text)
        || text.lines().any(|line| line.trim_start().starts_with(OPEN) || line.trim() == CLOSE)
}

/// Whether lines of a text lie within the part: forebear's own words there are no terms of anybody.
pub(crate) fn within_section(text: &str, lines: LineSpan) -> bool {
    let line =
        |mark: &str| text.lines().zip(1..).find(|(line, _)| is_mark(line, mark)).map(|(_, number)| number);
    match (line(BEGIN), line(END)) {
        (Some(first), Some(last)) => first <= lines.first && lines.last <= last,
        _ => false,
    }
}

/// The notice in a file: the part takes the place of an older one, or stands behind what is there.
///
/// # Errors
/// If the marks of the part are not one pair, first begin, then end. The text says so, without a full stop.
pub fn place(existing: Option<&str>, notice: &Notice) -> Result<String, String> {
    let Some(existing) = existing else { return Ok(text::render(notice, &BTreeMap::new())) };
    let end = line_end(existing);
    let in_form = |part: String| if end == "\n" { part } else { part.replace('\n', end) };
    let Some((from, to)) = bounds(existing)? else {
        let part = in_form(text::render(notice, &BTreeMap::new()));
        let gap = match existing {
            "" => "",
            text if text.ends_with('\n') => end,
            _ => &end.repeat(2),
        };
        return Ok(format!("{existing}{gap}{part}"));
    };
    let part = in_form(text::render(notice, &statements(&existing[from..to])));
    // The last line of the part may be the last of the file, without a line end.
    let part =
        if existing[from..to].ends_with('\n') { &part[..] } else { part.trim_end_matches(['\r', '\n']) };
    Ok(format!("{}{part}{}", &existing[..from], &existing[to..]))
}

/// The line end that a text uses first.
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The lines of the part that list what is owed: no statement that a person or a declaration made.
pub(crate) fn listing(text: &str) -> Vec<LineSpan> {
    let mut lines = Vec::new();
    let (mut inside, mut stating) = (false, false);
    for (line, number) in text.lines().zip(1..) {
        if is_mark(line, BEGIN) {
            inside = true;
        }
        if inside && !stating {
            lines.push(LineSpan::line(number));
        }
        if inside && line.trim_start().starts_with(OPEN) {
            stating = true;
        }
        if stating && line.trim() == CLOSE {
            stating = false;
            lines.push(LineSpan::line(number));
        }
        if is_mark(line, END) {
            (inside, stating) = (false, false);
        }
    }
    lines
}

fn is_mark(line: &str, mark: &str) -> bool {
    line.trim_start_matches('\u{feff}').trim() == mark
}

/// The bytes of the part.
fn bounds(text: &str) -> Result<Option<(usize, usize)>, String> {
    let mut begins = Vec::new();
    let mut ends = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if is_mark(line, BEGIN) {
            begins.push(offset + (line.len() - line.trim_start_matches('\u{feff}').len()));
        }
        offset += line.len();
        if is_mark(line, END) {
            ends.push(offset);
        }
    }
    match (begins.as_slice(), ends.as_slice()) {
        ([], []) => Ok(None),
        ([from], [to]) if from < to => Ok(Some((*from, *to))),
        _ => Err("the marks of the part that `forebear notice` keeps are not one pair; mend or remove them"
            .to_owned()),
    }
}

/// What people wrote into the statements of a part, by the title of the ancestor. What forebear writes itself is left out.
fn statements(part: &str) -> BTreeMap<String, String> {
    let mut statements = BTreeMap::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in part.lines() {
        match &mut open {
            None => {
                if let Some(title) = line.trim_start().strip_prefix(OPEN) {
                    open = Some((title.trim().to_owned(), Vec::new()));
                }
            }
            Some(_) if line.trim() == CLOSE => {
                if let Some((title, lines)) = open.take() {
                    let said = lines.join("\n");
                    if !is_ours(&said) {
                        statements.insert(title, said);
                    }
                }
            }
            Some((_, lines)) => lines.push(line.trim_end()),
        }
    }
    statements
}

fn is_ours(said: &str) -> bool {
    let said = said.trim();
    said.is_empty() || said == BLANK || text::RELATIONS.iter().any(|one| changes(*one) == Some(said))
}
