//! What `forebear models` prints for people: one function a part.

use std::io::{self, Write};

use super::licenses::finish;
use super::paint::Painter;
use super::{TextOptions, count};
use crate::model::{Entry, Page, Period, Source};
use crate::safe;

/// Weight files and descendants that are listed; JSON has all.
const MOST: usize = 8;

/// Writes the list.
///
/// # Errors
/// What the writer says.
pub fn write_list(entries: &[Entry], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let id = entries.iter().map(|entry| entry.id.chars().count()).max().unwrap_or(0).min(48);
    let mut text = String::new();
    for entry in entries {
        let line = format!(
            "{:id$}  {:10}  {:34}  {}",
            entry.id,
            entry.released.as_deref().unwrap_or("-"),
            entry.license.as_deref().unwrap_or("-"),
            entry.derived_from.as_ref().map(|parent| format!("from {parent}")).unwrap_or_default(),
        );
        text.push_str(safe::line(line.trim_end()).as_str());
        text.push('\n');
    }
    let closing = format!(
        "{}: id, release, licence of the weights now, parent. `-`: no source says. `forebear models show ID` says more.",
        count(entries.len(), "model")
    );
    text.push('\n');
    text.push_str(&paint.wrap(&paint.dim(&closing), "", ""));
    finish(text, options, out)
}

/// Writes one model.
///
/// # Errors
/// What the writer says.
pub fn write_model(page: &Page, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let mut text = heading(page, &paint);
    text.push_str(&descent(page, &paint));
    text.push_str(&licenses(page, &paint));
    text.push_str(&configuration(page, &paint));
    text.push_str(&files(page, &paint));
    text.push_str(&sources(page, &paint));
    finish(text, options, out)
}

/// Writes which models of independent developers have the shape of a model; `None` where too little of its shape is known.
///
/// # Errors
/// What the writer says.
pub fn write_twins(twins: Option<&[String]>, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let words = match twins {
        None => "too little of its shape is known to say which models share it".to_owned(),
        Some([]) => "no independent developer of the catalog has its shape".to_owned(),
        Some(twins) => format!(
            "an equal configuration proves nothing about descent, because independent developers have it: {}",
            twins.join(", ")
        ),
    };
    let mut text = paint.heading("Shape twins");
    text.push_str(&paint.wrap(&safe::line(&words), "  ", "    "));
    finish(text, options, out)
}

fn heading(page: &Page, paint: &Painter) -> String {
    let entry = &page.entry;
    let mut text = format!("{}\n", paint.bold(&safe::line(&entry.id)));
    let mut line = |words: String| text.push_str(&paint.wrap(&safe::line(&words), "", "  "));
    line(format!("{} by {}", entry.family, entry.developer));
    if !page.aliases.is_empty() {
        line(format!("also known as {}", page.aliases.join(", ")));
    }
    if let Some(released) = &entry.released {
        line(format!("released {released}"));
    }
    match page.parameters {
        (Some(total), Some(active)) => line(format!("{total} billion parameters, {active} active per token")),
        (Some(total), None) => line(format!("{total} billion parameters")),
        (None, Some(active)) => line(format!("{active} billion parameters active per token")),
        (None, None) => {}
    }
    if entry.added {
        line("from a file named with --catalog".to_owned());
    }
    if let Some(note) = &page.note {
        text.push_str(&paint.wrap(&paint.dim(&safe::line(note)), "", "  "));
    }
    text
}

fn descent(page: &Page, paint: &Painter) -> String {
    let mut text = paint.heading("Descent");
    if page.ancestors.is_empty() {
        text.push_str("  no parent is known\n");
    }
    for ancestor in &page.ancestors {
        let who = match (&ancestor.developer, &ancestor.license) {
            (Some(developer), Some(license)) => format!("{developer}; {license} now"),
            (Some(developer), None) => format!("{developer}; no source for its licence"),
            (None, _) => "not in the catalog".to_owned(),
        };
        let line = format!("from {} ({who})", ancestor.id);
        text.push_str(&paint.wrap(&safe::line(&line), "  ", "    "));
    }
    if !page.descendants.is_empty() {
        let line = format!("parent of {}", some(&page.descendants));
        text.push_str(&paint.wrap(&safe::line(&line), "  ", "    "));
    }
    text
}

fn licenses(page: &Page, paint: &Painter) -> String {
    let mut text = paint.heading("Licences");
    if page.licenses.is_empty() {
        text.push_str("  no source for its licence is in the catalog\n");
        if let Some(license) = &page.memory_license {
            text.push_str(&paint.wrap(
                &format!("from memory, which proves nothing: {license}"),
                "  ",
                "    ",
            ));
        }
    }
    for one in &page.licenses {
        text.push_str(&period(one, paint));
    }
    text
}

fn period(one: &Period, paint: &Painter) -> String {
    let span = match (&one.from, &one.until) {
        (Some(from), Some(until)) => format!("from {from} until {until}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "always, as far as known".to_owned(),
    };
    let weights = one.weights.as_deref().unwrap_or("unknown");
    let mut text = paint.wrap(&safe::line(&format!("- {span}: weights {weights}")), "  ", "    ");
    let mut line = |words: String| text.push_str(&paint.wrap(&safe::line(&words), "    ", "      "));
    if let Some(code) = &one.code {
        line(format!("code: {code}"));
    }
    if let Some(revision) = &one.revision {
        line(format!("revision: {revision}"));
    }
    if !one.files.is_empty() {
        line(format!("files upstream: {}", one.files.join(", ")));
    }
    if let Some(policy) = &one.use_policy {
        line(format!("use policy: {policy}"));
    }
    for owner in &one.copyright {
        line(format!("owner's line: {owner}"));
    }
    if let Some(note) = &one.note {
        line(format!("note: {note}"));
    }
    let source = safe::line(&format!("source ({}): {}", one.confidence, one.source));
    text.push_str(&paint.wrap(&paint.dim(&source), "    ", "      "));
    text
}

fn configuration(page: &Page, paint: &Painter) -> String {
    if page.config.is_empty() && page.architectures.is_empty() && page.model_type.is_none() {
        return String::new();
    }
    let mut text = paint.heading("Configuration");
    if page.config_from_memory {
        text.push_str("  from memory, which proves nothing\n");
    }
    let mut line = |words: String| text.push_str(&paint.wrap(&safe::line(&words), "  ", "    "));
    let names: Vec<&str> =
        page.architectures.iter().map(String::as_str).chain(page.model_type.as_deref()).collect();
    if !names.is_empty() {
        line(format!("called {}", names.join(", ")));
    }
    for (shape, what) in [(true, "shape"), (false, "settings")] {
        let fields: Vec<String> = page
            .config
            .iter()
            .filter(|field| field.shape == shape)
            .map(|field| {
                let values: Vec<&str> =
                    std::iter::once(&field.value).chain(&field.or).map(String::as_str).collect();
                format!("{} {}", field.key, values.join(" or "))
            })
            .collect();
        if !fields.is_empty() {
            line(format!("{what}: {}", fields.join(", ")));
        }
    }
    text
}

fn files(page: &Page, paint: &Painter) -> String {
    if page.files.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("Weight files whose digests are known");
    for file in page.files.iter().take(MOST) {
        let part = if file.component { ", a part that unrelated models ship too" } else { "" };
        let line = format!("{}  {} ({} bytes{part})", file.sha256, file.path, file.bytes);
        text.push_str(&paint.wrap(&safe::line(&line), "  ", "    "));
    }
    if page.files.len() > MOST {
        text.push_str(&format!("  and {} more: see --format json\n", page.files.len() - MOST));
    }
    let mut sources: Vec<String> =
        page.files.iter().map(|file| format!("source ({}): {}", file.confidence, file.source)).collect();
    sources.dedup();
    for source in sources {
        text.push_str(&paint.wrap(&paint.dim(&safe::line(&source)), "  ", "    "));
    }
    text
}

fn sources(page: &Page, paint: &Painter) -> String {
    if page.sources.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("Sources");
    for Source { claim, keys, sibling, source, confidence } in &page.sources {
        let keys = if keys.is_empty() { String::new() } else { format!(" of {}", keys.join(", ")) };
        let sibling =
            sibling.as_ref().map(|sibling| format!(", read from the file of {sibling}")).unwrap_or_default();
        let line = format!("- {claim}{keys} ({confidence}{sibling}): {source}");
        text.push_str(&paint.wrap(&safe::line(&line), "  ", "    "));
    }
    text
}

/// Some of a list, and how many more there are.
fn some(names: &[String]) -> String {
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..MOST].join(", ")),
        _ => names.join(", "),
    }
}
