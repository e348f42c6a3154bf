//! Facts in a few words, for the two sides of an event.

use forebear_types::fact::{Fact, FactKind, LegalFile, ModelCard};
use forebear_types::license::MatchStatus;
use forebear_types::{LicenseId, Located};

/// A legal file: its licences and owners, `MIT; Copyright (c) 2023 DeepSeek`.
pub(crate) fn legal(file: &LegalFile) -> String {
    let mut parts: Vec<String> = file
        .recognition
        .licenses
        .iter()
        .map(|found| match found.status {
            MatchStatus::Exact | MatchStatus::Complete => found.id.to_string(),
            MatchStatus::Altered { .. } => format!("{} (altered)", found.id),
            MatchStatus::Incomplete { .. } => {
                format!("{} ({:.0} % of it)", found.id, found.coverage.ratio() * 100.0)
            }
        })
        .collect();
    parts.dedup();
    if !file.examined {
        parts.push("a text that could not be examined".to_owned());
    } else if file.text.trim().is_empty() {
        parts.push("an empty file".to_owned());
    } else if parts.is_empty() {
        match (file.recognition.unrecognised.is_empty(), file.recognition.named.first()) {
            (false, _) => parts.push("a legal text that is not recognised".to_owned()),
            (true, Some(named)) => parts.push(format!("the name {}", named.id)),
            (true, None) => parts.push("other text".to_owned()),
        }
    }
    let mut owners: Vec<String> = file.recognition.copyright.iter().map(|line| line.text.clone()).collect();
    owners.dedup();
    if owners.len() > 8 {
        let more = owners.len() - 8;
        owners.truncate(8);
        owners.push(format!("{more} more owners"));
    }
    parts.extend(owners);
    parts.join("; ")
}

/// The licences whose whole text a file holds, sorted.
pub(crate) fn whole(file: &LegalFile) -> Vec<LicenseId> {
    let mut ids: Vec<LicenseId> = file
        .recognition
        .licenses
        .iter()
        .filter(|found| found.whole())
        .map(|found| found.id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The value of a declaration; `None` where it is not made.
pub(crate) fn declaration(fact: Option<&Fact>, key: &str) -> Option<String> {
    match &fact?.kind {
        FactKind::ModelCard(card) => card_value(card, key),
        FactKind::AdapterConfig(adapter) if key == "base_model" => {
            adapter.base_model.as_ref().map(|base| base.value.clone())
        }
        _ => None,
    }
}

fn card_value(card: &ModelCard, key: &str) -> Option<String> {
    let values: &[Located<String>] = match key {
        "license" => &card.license,
        _ => &card.base_models,
    };
    let values: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
