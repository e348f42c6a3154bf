//! `forebear licenses`: the licences that are known, what one asks, and which one a file is.

mod identify;
mod show;

use forebear_licenses::{Listed, hub, list, terms};
use forebear_report::json::v1::licenses as json;
use forebear_report::license::Entry;
use forebear_report::text::licenses as text;

use super::deliver;
use crate::cli::{Format, Licenses, LicensesCommand};
use crate::error::Error;
use crate::exit::Exit;

pub(super) use show::all_of;

pub(super) fn run(options: &Licenses) -> Result<Exit, Error> {
    match &options.command {
        Some(LicensesCommand::Show(options)) => show::run(options),
        Some(LicensesCommand::Identify(options)) => identify::run(options),
        None => list_all(options),
    }
}

fn list_all(options: &Licenses) -> Result<Exit, Error> {
    let wanted = options.word.as_deref().unwrap_or_default().trim().to_lowercase();
    let entries: Vec<Entry> =
        list().iter().map(entry).filter(|entry| wanted.is_empty() || matches(entry, &wanted)).collect();
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_list(&entries, out),
        Format::Text => text::write_list(&entries, look, out),
    })?;
    Ok(if entries.is_empty() { Exit::Nothing } else { Exit::Clean })
}

/// What the list says of a licence. Title and class are those of its table, where it has one.
fn entry(listed: &Listed) -> Entry {
    let terms = if listed.has_terms { terms::terms(&listed.id) } else { None };
    Entry {
        id: listed.id.to_string(),
        title: match (&terms, listed.title) {
            (Some(terms), _) => Some(terms.title.clone()),
            (None, title) => title.map(str::to_owned),
        },
        class: terms.map(|terms| terms.class.to_string()),
        has_terms: listed.has_terms,
        has_text: listed.has_text,
    }
}

fn matches(entry: &Entry, wanted: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    holds(&entry.id)
        || entry.title.as_deref().is_some_and(holds)
        || entry.class.as_deref().is_some_and(holds)
        || hub::names(&entry.id.as_str().into()).iter().any(|name| holds(name))
}
