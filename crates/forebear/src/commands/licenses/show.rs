//! `forebear licenses show`: what is known of one licence. One function for each part of the page.

use forebear_licenses::terms::{self, Accepts, Ask, Display, NameRule, Phrase, Terms, UsePolicy};
use forebear_licenses::{Listed, hub, list};
use forebear_report::json::v1::licenses as json;
use forebear_report::license::{Asked, Differs, Furthermore, Page, Withheld};
use forebear_report::text::licenses as text;

use super::entry;
use crate::cli::{Format, LicensesShow};
use crate::commands::deliver;
use crate::config::{license_id, nearest};
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run(options: &LicensesShow) -> Result<Exit, Error> {
    let id = options.id.trim();
    let list = list();
    let page = page(&find(id, &list).ok_or_else(|| unknown(id, &list))?);
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_license(&page, out),
        Format::Text => text::write_license(&page, look, out),
    })?;
    Ok(Exit::Clean)
}

/// A licence by its id in any case, by its id without `LicenseRef-`, or by its name on the Hub.
fn find(wanted: &str, list: &[Listed]) -> Option<Listed> {
    let found = by_id(wanted, list).or_else(|| by_id(license_id(wanted)?.as_str(), list));
    found.cloned()
}

/// Every licence that a name may stand for: an id in any case, a name on the Hub, or one that stands beside `license: other`.
pub(in crate::commands) fn all_of(wanted: &str) -> Vec<Page> {
    let list = list();
    if let Some(only) = by_id(wanted, &list) {
        return vec![page(only)];
    }
    let mut meant = hub::from_hub(wanted);
    if meant.candidates().is_empty() && !wanted.contains('/') {
        meant = hub::from_name(wanted, None);
    }
    meant.candidates().iter().filter_map(|id| by_id(id.as_str(), &list)).map(page).collect()
}

fn by_id<'l>(wanted: &str, list: &'l [Listed]) -> Option<&'l Listed> {
    list.iter().find(|listed| {
        let id = listed.id.as_str();
        id.eq_ignore_ascii_case(wanted)
            || id.strip_prefix("LicenseRef-").is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    })
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
        note: terms.as_ref().and_then(|terms| terms.note.clone()),
        hub_names: hub::names(&listed.id),
        other_names: hub::other_names(&listed.id),
        duties: terms.as_ref().map(duties),
        withholds: terms.as_ref().map(withholds),
        further: terms.as_ref().map(further).unwrap_or_default(),
        differs: terms.as_ref().map(differs).unwrap_or_default(),
    }
}

/// What it asks, in the order of the table.
fn duties(terms: &Terms) -> Vec<Asked> {
    let asked = terms.duties.iter().map(|term| Asked {
        duty: term.duty(),
        clause: term.clause.clone(),
        trigger: term.trigger.to_string(),
        when: term.trigger.meaning().to_owned(),
        cue: term.cue.clone(),
        when_present: term.when_present,
        prescribed: prescribed(&term.ask),
        details: details(&term.ask),
        note: term.note.clone(),
    });
    asked.collect()
}

/// The words that the licence prescribes: one of these has to be there.
fn prescribed(ask: &Ask) -> Vec<String> {
    match ask {
        Ask::Display(Display { phrase: Phrase::AnyOf(words), .. }) => words.clone(),
        ask => ask.prescribed().map(str::to_owned).into_iter().collect(),
    }
}

/// What exactly is asked, in short sentences.
fn details(ask: &Ask) -> Vec<String> {
    let policy = |policy: &UsePolicy| {
        let place =
            policy.attachment.as_ref().map(|attachment| format!("the restrictions stand in {attachment}"));
        let text = policy.policy.as_ref().map(|id| format!("the policy is {id}"));
        let url = policy.url.as_ref().map(|url| format!("published at {url}"));
        let flow = format!("passed on: {}", policy.flow_down.meaning());
        [place, text, url, Some(flow)].into_iter().flatten().collect()
    };
    match ask {
        Ask::LicenseText(ask) => match ask.accepts {
            Accepts::Text => Vec::new(),
            accepts => vec![accepts.meaning().to_owned()],
        },
        Ask::NoticeFile(ask) => vec![format!("the file is called {}", ask.file)],
        Ask::NoticeLine(ask) => {
            let blanks =
                (!ask.blanks.is_empty()).then(|| format!("to be filled in: {}", ask.blanks.join(", ")));
            [Some(ask.place.meaning().to_owned()), blanks].into_iter().flatten().collect()
        }
        Ask::PassOnRestrictions(ask) | Ask::IncludePolicy(ask) => policy(ask),
        Ask::Display(ask) => {
            let described = match &ask.phrase {
                Phrase::Described(what) => Some(format!("to be shown: {what}")),
                Phrase::Words(_) | Phrase::AnyOf(_) => None,
            };
            let place = ask.place.as_ref().map(|place| format!("where: {place}"));
            let asked = (!ask.must).then(|| "asked for, not required".to_owned());
            [described, place, asked].into_iter().flatten().collect()
        }
        Ask::Name(NameRule::BeginsWith(word)) => vec![format!("the name begins with “{word}”")],
        Ask::Name(NameRule::Contains(word)) => vec![format!("the name contains “{word}”")],
        Ask::SameLicense(ask) => vec![ask.reach.meaning().to_owned()],
        Ask::NonCommercial(ask) => vec![ask.kind.meaning().to_owned()],
        Ask::Threshold(ask) => {
            let than = if ask.inclusive { "at least" } else { "more than" };
            let size = format!(
                "{}: {than} {} {}: {}",
                ask.metric.meaning(),
                ask.over,
                ask.unit,
                ask.effect.meaning()
            );
            [Some(size), ask.as_of.clone()].into_iter().flatten().collect()
        }
        Ask::Territory(ask) => vec![format!("excluded: {}; {}", ask.excludes.join(", "), ask.scope)],
        Ask::Outputs(ask) => vec![ask.train_models.meaning().to_owned(), ask.rights.meaning().to_owned()],
        Ask::CopyrightNotice | Ask::StateChanges | Ask::DiscloseSource => Vec::new(),
    }
}

/// What it gives or withholds, and the other facts by which licences are compared.
fn withholds(terms: &Terms) -> Vec<Withheld> {
    let mut list = Vec::new();
    let mut put =
        |what: &str, says: &str, meaning: String, clause: &str, cue: &str, note: Option<&String>| {
            list.push(Withheld {
                what: what.to_owned(),
                says: says.to_owned(),
                meaning,
                clause: clause.to_owned(),
                cue: cue.to_owned(),
                note: note.cloned(),
            });
        };
    macro_rules! fact {
        ($what:literal, $fact:expr) => {
            if let Some(fact) = &$fact {
                let meaning = fact.says.meaning().to_owned();
                put($what, fact.says.name(), meaning, &fact.clause, &fact.cue, fact.note.as_ref());
            }
        };
    }
    let (withholds, facts) = (&terms.withholds, &terms.facts);
    fact!("commercial use", withholds.commercial_use);
    fact!("relicensing", withholds.relicensing);
    if let Some(fact) = &withholds.territory {
        let meaning = format!("no licence in {}", fact.excludes.join(", "));
        put("territory", &fact.excludes.join(" "), meaning, &fact.clause, &fact.cue, None);
    }
    fact!("scale", withholds.scale);
    if let Some(fact) = &withholds.outputs {
        let meaning = format!("{}; {}", fact.train_models.meaning(), fact.rights.meaning());
        put("outputs", fact.train_models.name(), meaning, &fact.clause, &fact.cue, fact.note.as_ref());
    }
    fact!("redistribution", withholds.redistribution);
    fact!("uses", withholds.uses);
    fact!("hosting", facts.hosting);
    fact!("patents", facts.patents);
    fact!("litigation", facts.litigation);
    fact!("termination", facts.termination);
    list
}

/// What else it asks, in words.
fn further(terms: &Terms) -> Vec<Furthermore> {
    let further = terms.further.iter().map(|further| Furthermore {
        what: further.what.clone(),
        clause: further.clause.clone(),
        cue: further.cue.clone(),
    });
    further.collect()
}

/// What differs from other versions.
fn differs(terms: &Terms) -> Vec<Differs> {
    let differs = terms.differs.iter().map(|difference| Differs {
        from: difference.from.to_string(),
        what: difference.what.clone(),
        clause: difference.clause.clone(),
    });
    differs.collect()
}
