//! Wordings that several rules share.

use forebear_types::ModelId;
use forebear_types::finding::{Exposure, Moment};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::obligation::{Duty, Obligation};

/// "one of a/X, a/Y and 5 more" for messages; the whole list is in the lineage.
pub(crate) fn candidates_title(candidates: &[ModelId]) -> String {
    match candidates {
        [] => "an unknown model".to_owned(),
        [only] => only.to_string(),
        [one, two] => format!("{one} or {two}"),
        [one, two, three] => format!("one of {one}, {two} or {three}"),
        [one, two, rest @ ..] => format!("one of {one}, {two} and {} more", rest.len()),
    }
}

/// The candidates of a hop.
pub(crate) fn models(hop: &Hop) -> Vec<ModelId> {
    hop.candidates.iter().map(|candidate| candidate.model.clone()).collect()
}

/// The declaration of a base that an earlier commit held and a later one took away.
pub(crate) fn declared_earlier(hop: &Hop) -> Option<&Evidence> {
    hop.because
        .iter()
        .find(|reason| reason.kind == EvidenceKind::History && reason.strength == Strength::Declared)
}

/// What an obligation wants to have kept: "the text of MIT", or "the line “Copyright (c) 2023 DeepSeek”".
pub(crate) fn subject_words(obligation: &Obligation) -> String {
    match obligation.duty {
        Duty::KeepCopyrightNotice if obligation.subject.is_empty() => {
            "the upstream's copyright line".to_owned()
        }
        Duty::KeepCopyrightNotice => format!("the line “{}”", obligation.subject.replace('\n', "” or “")),
        Duty::PrescribedNoticeLine => format!("the line “{}”", obligation.subject),
        Duty::KeepNoticeFile => "upstream's NOTICE".to_owned(),
        Duty::DisplayPhrase if obligation.subject.is_empty() => "what the licence wants displayed".to_owned(),
        Duty::DisplayPhrase => format!("the phrase “{}”", obligation.subject),
        Duty::NamePrefix => format!("“{}” in the model's name", obligation.subject),
        Duty::IncludeUsePolicy => format!("the use policy of {}", obligation.license),
        Duty::PassOnUseRestrictions => format!("the use restrictions of {}", obligation.license),
        Duty::StateChanges => "that it was changed".to_owned(),
        Duty::IncludeLicenseText
        | Duty::SameLicense
        | Duty::NonCommercial
        | Duty::ScaleThreshold
        | Duty::TerritorialExclusion
        | Duty::OutputUseRestriction
        | Duty::DiscloseSource => format!("the text of {}", obligation.license),
    }
}

/// The interval in words: "from 2026-03-17 (1a2b3c4) to 2026-03-18 (5d6e7f8), 1 day, 3 commits", "in what is not committed yet".
pub(crate) fn exposure_words(exposure: &Exposure) -> String {
    let name = |moment: &Moment| match (moment.time, moment.commit) {
        (Some(time), Some(commit)) => format!("{} ({})", time.date(), commit.short()),
        _ => "the state that is not committed yet".to_owned(),
    };
    let earlier = if exposure.or_earlier { " or earlier" } else { "" };
    let commits = match exposure.commits {
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    };
    let commits = format!("{commits}{}", tags_words(&exposure.tags));
    match &exposure.to {
        Some(to) => {
            let days = match exposure.days() {
                Some(0) => ", less than a day".to_owned(),
                Some(1) => ", 1 day".to_owned(),
                Some(days) => format!(", {days} days"),
                None => String::new(),
            };
            format!("from {}{earlier} to {}{days}, {commits}", name(&exposure.from), name(to))
        }
        None if exposure.from.commit.is_none() => "in what is not committed yet".to_owned(),
        None => format!("since {}{earlier}, {commits}", name(&exposure.from)),
    }
}

/// ", the tags v1.0, v1.1 and 3 more".
fn tags_words(tags: &[String]) -> String {
    const NAMED: usize = 4;
    match tags {
        [] => String::new(),
        [only] => format!(", the tag {only}"),
        several if several.len() <= NAMED => format!(", the tags {}", several.join(", ")),
        several => {
            format!(", the tags {} and {} more", several[..NAMED].join(", "), several.len() - NAMED)
        }
    }
}

/// "clause 4(a)": the clause as the licence labels it.
pub(crate) fn clause_words(clause: &str) -> String {
    match clause.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("clause {clause}"),
        _ => clause.to_owned(),
    }
}

/// "One of a/X …" with a capital letter; an id stays as it is.
pub(crate) fn sentence_start(title: &str) -> String {
    if title.starts_with("one of ") { capital(title) } else { title.to_owned() }
}

/// The sentence with a capital first letter.
pub(crate) fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
