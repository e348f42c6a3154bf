//! `forebear licenses show`: what is known of one licence. One function for each part of the page.

use forebear_licenses::terms::{self, Terms};
use forebear_licenses::{Listed, hub, list};
use forebear_report::json::v1::licenses as json;
use forebear_report::license::{Ask, Page, Withheld};
use forebear_report::text::licenses as text;
use forebear_types::obligation::Duty;

use super::entry;
use crate::cli::{Format, LicensesShow};
use crate::commands::deliver;
use crate::config::{license_id, nearest};
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run(options: &LicensesShow) -> Result<Exit, Error> {
    let page = page(&find(options.id.trim())?);
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_license(&page, out),
        Format::Text => text::write_license(&page, look, out),
    })?;
    Ok(Exit::Clean)
}

/// A licence by its id in any case, by its id without `LicenseRef-`, or by its name on the Hub.
fn find(wanted: &str) -> Result<Listed, Error> {
    let list = list();
    let by_id = |wanted: &str| {
        list.iter().find(|listed| {
            let id = listed.id.as_str();
            id.eq_ignore_ascii_case(wanted)
                || id.strip_prefix("LicenseRef-").is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        })
    };
    let found = by_id(wanted).or_else(|| by_id(license_id(wanted)?.as_str()));
    found.cloned().ok_or_else(|| unknown(wanted, &list))
}

fn unknown(wanted: &str, list: &[Listed]) -> Error {
    // People misspell an id in any case; distances count letters in one.
    let lower: Vec<String> = list.iter().map(|listed| listed.id.as_str().to_ascii_lowercase()).collect();
    let folded = wanted.to_ascii_lowercase();
    let short = lower.iter().map(|id| id.strip_prefix("licenseref-").unwrap_or(id));
    let near = nearest(&folded, lower.iter().map(String::as_str).chain(short)).and_then(|near| {
        lower.iter().position(|id| id == near || id.strip_prefix("licenseref-") == Some(near))
    });
    Error::Argument {
        message: format!("forebear knows no licence `{wanted}`"),
        help: match near {
            Some(index) => format!("did you mean `{}`?", list[index].id),
            None => "`forebear licenses` lists the licences, `forebear licenses WORD` those that hold a word"
                .to_owned(),
        },
    }
}

fn page(listed: &Listed) -> Page {
    let terms = terms::terms(&listed.id);
    Page {
        entry: entry(listed),
        source: terms.as_ref().map(|terms| terms.source.clone()),
        hub_names: hub::names(&listed.id),
        duties: terms.as_ref().map(duties),
        withholds: terms.as_ref().map(withholds),
    }
}

/// What it asks, in the order of the table.
fn duties(terms: &Terms) -> Vec<Ask> {
    let asks = terms.duties.iter().map(|term| Ask {
        duty: term.duty,
        clause: term.clause.clone(),
        trigger: term.trigger.to_string(),
        cue: term.cue.clone(),
        when_present: term.when_present,
        note: term.note.clone(),
    });
    asks.collect()
}

/// What it does not give: the duties that are limits of what may be done.
fn withholds(terms: &Terms) -> Vec<Withheld> {
    let limits = terms.duties.iter().filter_map(|term| {
        let what = match term.duty {
            Duty::NonCommercial => "commercial use",
            Duty::ScaleThreshold => "use above a number of users or an amount of revenue",
            Duty::TerritorialExclusion => "use in the excluded territories",
            Duty::OutputUseRestriction => "free use of its outputs",
            Duty::PassOnUseRestrictions | Duty::IncludeUsePolicy => "the uses that it restricts",
            Duty::SameLicense => "passing it on under another licence",
            _ => return None,
        };
        Some(Withheld { what: what.to_owned(), clause: term.clause.clone() })
    });
    limits.collect()
}
