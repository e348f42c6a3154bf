//! What `forebear licenses` prints for people: one function a part.

use std::io::{self, Write};

use forebear_types::license::{Change, LicenseMatch, MatchStatus, NamedLicense, Recognition};
use forebear_types::{LicenseId, LineSpan};

use super::paint::Painter;
use super::{TextOptions, count};
use crate::license::{Asked, Entry, Identified, Page};
use crate::safe;

/// Changes, missing parts, owners' lines and places of one file that are listed; JSON has all owners' lines.
const MOST: usize = 20;

/// Writes the list.
///
/// # Errors
/// What the writer says.
pub fn write_list(entries: &[Entry], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0).min(48);
    let class =
        entries.iter().filter_map(|entry| entry.class.as_ref()).map(String::len).max().unwrap_or(0).max(1);
    let mut text = String::new();
    for entry in entries {
        let terms = if entry.has_terms { "terms" } else { "-" };
        let known = if entry.has_text { "text" } else { "-" };
        let line = format!(
            "{:width$}  {:class$}  {terms:5}  {known:4}  {}",
            entry.id,
            entry.class.as_deref().unwrap_or("-"),
            entry.title.as_deref().unwrap_or("-"),
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let closing = format!(
        "{}. `terms`: what it asks is known; `text`: its text is recognised. `forebear licenses show ID` says more.",
        count(entries.len(), "licence")
    );
    text.push('\n');
    text.push_str(&paint.wrap(&paint.dim(&closing), "", ""));
    finish(text, options, out)
}

/// Writes one licence.
///
/// # Errors
/// What the writer says.
pub fn write_license(page: &Page, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let mut text = heading(page, &paint);
    text.push_str(&names(page, &paint));
    text.push_str(&duties(page, &paint));
    text.push_str(&withholds(page, &paint));
    text.push_str(&further(page, &paint));
    text.push_str(&differs(page, &paint));
    text.push_str(&source(page, &paint));
    finish(text, options, out)
}

/// Writes what was recognised in files.
///
/// # Errors
/// What the writer says.
pub fn write_legal_files(files: &[Identified], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let mut text = String::new();
    for file in files {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&identified(file, &paint));
    }
    finish(text, options, out)
}

pub(super) fn finish(text: String, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let text = if options.unicode { text } else { safe::ascii(&text) };
    out.write_all(text.as_bytes())
}

fn heading(page: &Page, paint: &Painter) -> String {
    let entry = &page.entry;
    let mut text = format!("{}\n", paint.bold(&safe::line(&entry.id)));
    if let Some(title) = &entry.title {
        text.push_str(&paint.wrap(title, "", ""));
    }
    let class =
        entry.class.as_deref().map_or_else(|| "not classified".to_owned(), |class| format!("class {class}"));
    let known = if entry.has_text { "its text is recognised" } else { "its text is not recognised" };
    text.push_str(&paint.wrap(&paint.dim(&format!("{class}; {known}")), "", ""));
    text
}

fn names(page: &Page, paint: &Painter) -> String {
    let quoted = |key: &str, names: &[String]| -> Vec<String> {
        names.iter().map(|name| format!("`{key}: {name}`")).collect()
    };
    let mut names = quoted("license", &page.hub_names);
    names.extend(quoted("license_name", &page.other_names));
    if names.is_empty() {
        return String::new();
    }
    paint.wrap(&paint.dim(&format!("in model cards: {}", names.join(", "))), "", "  ")
}

fn duties(page: &Page, paint: &Painter) -> String {
    let mut text = paint.heading("What it asks");
    let Some(duties) = &page.duties else {
        text.push_str(&paint.wrap(
            "Its duties are not in the tables of this version: read the licence.",
            "  ",
            "  ",
        ));
        return text;
    };
    if duties.is_empty() {
        text.push_str(&paint.wrap("Nothing of those who pass it on.", "  ", "  "));
    }
    duties.iter().for_each(|ask| text.push_str(&duty(ask, paint)));
    text
}

fn duty(ask: &Asked, paint: &Painter) -> String {
    let present = if ask.when_present { ", where upstream has one" } else { "" };
    let words =
        format!("- {} ({}): {}; {}{present}", ask.duty.sentence(), ask.clause, ask.duty.name(), ask.when);
    let mut text = paint.wrap(&words, "  ", "    ");
    match ask.prescribed.as_slice() {
        [] => {}
        [words] => text.push_str(&paint.wrap(&format!("“{words}”"), "    ", "     ")),
        several => {
            let quoted: Vec<String> = several.iter().map(|words| format!("“{words}”")).collect();
            text.push_str(&paint.wrap(&format!("one of {}", quoted.join(", ")), "    ", "    "));
        }
    }
    for detail in ask.details.iter().chain(&ask.note) {
        text.push_str(&paint.wrap(detail, "    ", "    "));
    }
    if !ask.cue.is_empty() {
        text.push_str(&paint.wrap(&paint.dim(&format!("in the text: “{}”", ask.cue)), "    ", "    "));
    }
    text
}

fn withholds(page: &Page, paint: &Painter) -> String {
    let Some(list) = page.withholds.as_ref().filter(|list| !list.is_empty()) else { return String::new() };
    let mut text = paint.heading("What it gives and withholds");
    for withheld in list {
        let words = format!("- {}: {} ({})", withheld.what, withheld.meaning, withheld.clause);
        text.push_str(&paint.wrap(&words, "  ", "    "));
        if let Some(note) = &withheld.note {
            text.push_str(&paint.wrap(note, "    ", "    "));
        }
    }
    text
}

fn further(page: &Page, paint: &Painter) -> String {
    if page.further.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("What else it says");
    for further in &page.further {
        text.push_str(&paint.wrap(&format!("- {} ({})", further.what, further.clause), "  ", "    "));
    }
    text
}

fn differs(page: &Page, paint: &Painter) -> String {
    if page.differs.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("What differs from other versions");
    for difference in &page.differs {
        let clause = difference.clause.as_ref().map(|clause| format!(" ({clause})")).unwrap_or_default();
        let words = format!("- {}: {}{clause}", difference.from, difference.what);
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    text
}

fn source(page: &Page, paint: &Painter) -> String {
    let Some(source) = &page.source else { return String::new() };
    let mut text = String::from("\n");
    if let Some(note) = &page.note {
        text.push_str(&paint.wrap(note, "", ""));
    }
    text.push_str(&paint.wrap(&paint.dim(&format!("source: {source}")), "", "  "));
    text
}

fn identified(file: &Identified, paint: &Painter) -> String {
    let encoding = file.encoding.map(|name| paint.dim(&format!("  ({name})"))).unwrap_or_default();
    let mut text = format!("{}{encoding}\n", paint.bold(&safe::line(&file.path)));
    let found = &file.recognition;
    for license in &found.licenses {
        text.push_str(&one_license(license, paint));
    }
    text.push_str(&named(found, paint));
    text.push_str(&copyright(found, paint));
    text.push_str(&unexplained(&found.unrecognised, paint));
    let nothing = found.licenses.is_empty() && found.named.is_empty() && found.unrecognised.is_empty();
    if nothing && file.encoding.is_some() {
        text.push_str("  no licence recognised\n");
    }
    for problem in &file.problems {
        let line = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        text.push_str(&paint.wrap(
            &format!("not examined: {line}{}", safe::line(&problem.what)),
            "  ",
            "    ",
        ));
        text.push_str(&paint.wrap(&paint.dim(&safe::line(&problem.remedy)), "    ", "    "));
    }
    text
}

fn one_license(license: &LicenseMatch, paint: &Painter) -> String {
    let meaning = match &license.status {
        MatchStatus::Exact => "these words and nothing else",
        MatchStatus::Complete => "all operative words; what differs is harmless, or stands around them",
        MatchStatus::Altered { .. } => "operative words differ",
        MatchStatus::Incomplete { .. } => "a part only",
    };
    let words = format!(
        "{}  {}, {:.1} % of its words, {}: {meaning}",
        safe::line(license.id.as_str()),
        license.status.name(),
        license.coverage.ratio() * 100.0,
        lines(license.lines),
    );
    let mut text = paint.wrap(&words, "  ", "    ");
    match &license.status {
        MatchStatus::Exact | MatchStatus::Complete => {}
        MatchStatus::Altered { changes } => {
            changes.iter().take(MOST).for_each(|one| text.push_str(&change(one, paint)));
            text.push_str(&more(changes.len(), paint));
        }
        MatchStatus::Incomplete { missing } => {
            for part in missing.iter().take(MOST) {
                text.push_str(&paint.wrap(&format!("missing: “{}”", safe::line(part)), "    ", "      "));
            }
            text.push_str(&more(missing.len(), paint));
        }
    }
    text
}

fn change(change: &Change, paint: &Painter) -> String {
    let (expected, found) = (safe::line(&change.expected), safe::line(&change.found));
    let words = match (expected.is_empty(), found.is_empty()) {
        (true, _) => format!("added: “{found}”"),
        (false, true) => format!("removed: “{expected}”"),
        (false, false) => format!("“{found}” instead of “{expected}”"),
    };
    paint.wrap(&format!("line {}, {words}", change.line), "    ", "      ")
}

fn named(found: &Recognition, paint: &Painter) -> String {
    let with_text: Vec<&LicenseId> = found.licenses.iter().map(|license| &license.id).collect();
    let only: Vec<&NamedLicense> =
        found.named.iter().filter(|named| !with_text.contains(&&named.id)).collect();
    let mut text = String::new();
    for named in only.iter().take(MOST) {
        let words = format!(
            "{}  named only, line {}: its text is not here",
            safe::line(named.id.as_str()),
            named.line
        );
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    text.push_str(&more(only.len(), paint));
    text
}

fn copyright(found: &Recognition, paint: &Painter) -> String {
    let mut text = String::new();
    for line in found.copyright.iter().take(MOST) {
        text.push_str(&paint.wrap(&format!("line {}: {}", line.line, safe::line(&line.text)), "  ", "    "));
    }
    text.push_str(&more(found.copyright.len(), paint));
    text
}

fn unexplained(runs: &[LineSpan], paint: &Painter) -> String {
    let mut text = String::new();
    for run in runs.iter().take(MOST) {
        let words = format!("{}: words of law that no known text explains", lines(*run));
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    text.push_str(&more(runs.len(), paint));
    text
}

fn more(number: usize, paint: &Painter) -> String {
    if number <= MOST {
        String::new()
    } else {
        paint.wrap(&format!("… {} more", number - MOST), "    ", "    ")
    }
}

fn lines(span: LineSpan) -> String {
    if span.first == span.last {
        format!("line {}", span.first)
    } else {
        format!("lines {}-{}", span.first, span.last)
    }
}
