//! From a table to terms.

use forebear_types::LicenseId;
use forebear_types::obligation::Duty;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ask::{Ask, Display, NameRule, Phrase, UsePolicy};
use super::facts::{Difference, Facts, Further, Withholds};
use super::vocabulary::{Class, FlowDown, PolicyKind, Trigger};
use super::{Term, Terms};

/// Reads one table. Unknown keys, keys of another kind of duty and unknown words are errors.
pub(super) fn read(text: &str) -> Result<Terms, String> {
    let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut duties = Vec::with_capacity(table.duty.len());
    for row in table.duty {
        duties.push(term(row)?);
    }
    duties.sort_by_key(Term::duty);
    Ok(Terms {
        id: LicenseId::new(table.id),
        title: table.title,
        class: table.class,
        family: table.family,
        version: table.version,
        source: table.source,
        note: table.note,
        duties,
        withholds: table.withholds,
        facts: table.facts,
        further: table.further,
        differs: table.differs,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    id: String,
    title: String,
    class: Class,
    family: String,
    version: Option<String>,
    source: String,
    note: Option<String>,
    #[serde(default)]
    duty: Vec<toml::Table>,
    #[serde(default)]
    withholds: Withholds,
    #[serde(default)]
    facts: Facts,
    #[serde(default)]
    further: Vec<Further>,
    #[serde(default)]
    differs: Vec<Difference>,
}

/// What every row has; the rest of its keys belongs to its kind of duty.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    clause: String,
    trigger: Trigger,
    cue: Option<String>,
    #[serde(default)]
    when_present: bool,
    note: Option<String>,
}

const COMMON: &[&str] = &["clause", "trigger", "cue", "when_present", "note"];

fn term(mut row: toml::Table) -> Result<Term, String> {
    let name = match row.remove("name") {
        Some(toml::Value::String(name)) => name,
        _ => return Err("a duty has no name".to_owned()),
    };
    let duty = Duty::from_name(&name).ok_or_else(|| format!("there is no duty `{name}`"))?;
    let common: toml::Table =
        COMMON.iter().filter_map(|key| Some(((*key).to_owned(), row.remove(*key)?))).collect();
    let common: Common = typed(common, &name)?;
    let ask = ask(duty, row, &name)?;
    // A prescribed line or phrase is its own cue.
    let cue = common
        .cue
        .or_else(|| ask.prescribed().map(str::to_owned))
        .ok_or_else(|| format!("{name}: no cue"))?;
    Ok(Term {
        ask,
        clause: common.clause,
        trigger: common.trigger,
        cue,
        when_present: common.when_present,
        note: common.note,
    })
}

fn ask(duty: Duty, rest: toml::Table, name: &str) -> Result<Ask, String> {
    Ok(match duty {
        Duty::IncludeLicenseText => Ask::LicenseText(typed(rest, name)?),
        Duty::KeepCopyrightNotice => plain(rest, Ask::CopyrightNotice, name)?,
        Duty::KeepNoticeFile => Ask::NoticeFile(typed(rest, name)?),
        Duty::PrescribedNoticeLine => Ask::NoticeLine(typed(rest, name)?),
        Duty::StateChanges => plain(rest, Ask::StateChanges, name)?,
        Duty::PassOnUseRestrictions => Ask::PassOnRestrictions(policy(rest, name)?),
        Duty::IncludeUsePolicy => Ask::IncludePolicy(policy(rest, name)?),
        Duty::DisplayPhrase => Ask::Display(display(rest, name)?),
        Duty::NamePrefix => Ask::Name(name_rule(rest, name)?),
        Duty::SameLicense => Ask::SameLicense(typed(rest, name)?),
        Duty::NonCommercial => Ask::NonCommercial(typed(rest, name)?),
        Duty::ScaleThreshold => Ask::Threshold(typed(rest, name)?),
        Duty::TerritorialExclusion => Ask::Territory(typed(rest, name)?),
        Duty::OutputUseRestriction => Ask::Outputs(typed(rest, name)?),
        Duty::DiscloseSource => plain(rest, Ask::DiscloseSource, name)?,
    })
}

fn typed<T: DeserializeOwned>(table: toml::Table, name: &str) -> Result<T, String> {
    table.try_into().map_err(|error: toml::de::Error| format!("{name}: {}", error.message()))
}

/// A duty without keys of its own.
fn plain(rest: toml::Table, ask: Ask, name: &str) -> Result<Ask, String> {
    match rest.keys().next() {
        None => Ok(ask),
        Some(key) => Err(format!("{name}: unknown key `{key}`")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyRow {
    kind: PolicyKind,
    attachment: Option<String>,
    policy: Option<String>,
    url: Option<String>,
    flow_down: FlowDown,
}

fn policy(rest: toml::Table, name: &str) -> Result<UsePolicy, String> {
    let row: PolicyRow = typed(rest, name)?;
    Ok(UsePolicy {
        kind: row.kind,
        attachment: row.attachment,
        policy: row.policy.map(LicenseId::new),
        url: row.url,
        flow_down: row.flow_down,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisplayRow {
    phrase: Option<String>,
    any_of: Option<Vec<String>>,
    #[serde(default = "yes")]
    verbatim: bool,
    #[serde(rename = "where")]
    place: Option<String>,
    #[serde(default = "yes")]
    must: bool,
    #[serde(default)]
    blanks: Vec<String>,
}

fn yes() -> bool {
    true
}

fn display(rest: toml::Table, name: &str) -> Result<Display, String> {
    let row: DisplayRow = typed(rest, name)?;
    let phrase = match (row.phrase, row.any_of, row.verbatim) {
        (Some(words), None, true) => Phrase::Words(words),
        (Some(words), None, false) => Phrase::Described(words),
        (None, Some(words), true) if !words.is_empty() => Phrase::AnyOf(words),
        _ => return Err(format!("{name}: give either `phrase` or `any_of`")),
    };
    Ok(Display { phrase, place: row.place, must: row.must, blanks: row.blanks })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameRow {
    begins_with: Option<String>,
    contains: Option<String>,
}

fn name_rule(rest: toml::Table, name: &str) -> Result<NameRule, String> {
    let row: NameRow = typed(rest, name)?;
    match (row.begins_with, row.contains) {
        (Some(word), None) => Ok(NameRule::BeginsWith(word)),
        (None, Some(word)) => Ok(NameRule::Contains(word)),
        _ => Err(format!("{name}: give either `begins_with` or `contains`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(duty: &str) -> Result<Terms, String> {
        read(&format!(
            "id = \"X\"\ntitle = \"X\"\nclass = \"permissive\"\nfamily = \"x\"\nsource = \"here\"\n\
             [[duty]]\nclause = \"1\"\ntrigger = \"redistribute\"\n{duty}"
        ))
    }

    #[test]
    fn a_key_of_another_duty_is_an_error() {
        assert!(table("name = \"state-changes\"\ncue = \"x\"").is_ok());
        assert!(table("name = \"state-changes\"\ncue = \"x\"\nline = \"y\"").is_err());
        assert!(table("name = \"include-license-text\"\ncue = \"x\"\nbegins_with = \"y\"").is_err());
        assert!(table("name = \"name-prefix\"\ncue = \"x\"").is_err());
        assert!(table("name = \"name-prefix\"\ncue = \"x\"\nbegins_with = \"a\"\ncontains = \"b\"").is_err());
        assert!(table("name = \"display-phrase\"\nphrase = \"a\"\nany_of = [\"a\"]").is_err());
        assert!(table("name = \"state-changes\"").is_err(), "no cue");
        assert!(table("name = \"waltz\"\ncue = \"x\"").is_err());
        assert!(table("name = \"same-license\"\ncue = \"x\"\nreach = \"half\"").is_err());
    }

    #[test]
    fn a_prescribed_phrase_is_its_own_cue() {
        let terms = table("name = \"display-phrase\"\nphrase = \"Built with X\"").unwrap();
        assert_eq!(terms.duties[0].cue, "Built with X");
    }
}
