//! How much of an owed licence text is there: which of the three rules about texts speaks of an obligation.
//!
//! `missing-license-text` speaks of a text that is nowhere, `license-text-incomplete` of one that is there in part, and
//! `license-text-altered` of one whose words were changed. Every obligation belongs to one of them, so that nothing is said twice.

use forebear_licenses::terms::same_text;
use forebear_types::fact::LegalRole;
use forebear_types::license::{Change, Coverage, MatchStatus};
use forebear_types::obligation::{Answer, Obligation};
use forebear_types::{LicenseId, Location};

use crate::documents::Document;
use crate::satisfaction::NEARLY_WHOLE;

/// The best of what is there, apart from whole texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// Nothing that is the text, changed or cut.
    Nothing,
    /// The text with changed words.
    Altered { place: Location, changes: Vec<Change> },
    /// A part of the text, with the opening words of each missing part.
    Part { place: Location, coverage: Coverage, missing: &'a [String] },
    /// A licence file that says which licence it is, and does not hold its text.
    Stub { place: Location },
}

/// What is there of the text that an obligation asks for.
pub(crate) fn found<'a>(documents: &[Document<'a>], obligation: &Obligation) -> Found<'a> {
    let mut part: Option<(Location, Coverage, &'a [String])> = None;
    for document in documents.iter().filter(|document| document.for_model()) {
        let licenses = &document.recognition().licenses;
        for one in licenses.iter().filter(|one| same_text(&one.id, &obligation.license)) {
            let place = || Location::lines(document.path.clone(), one.lines);
            match &one.status {
                MatchStatus::Exact | MatchStatus::Complete => {}
                MatchStatus::Altered { changes } => {
                    return Found::Altered { place: place(), changes: changes.clone() };
                }
                MatchStatus::Incomplete { missing } => {
                    if part.as_ref().is_none_or(|(_, coverage, _)| *coverage < one.coverage) {
                        part = Some((place(), one.coverage, missing));
                    }
                }
            }
        }
    }
    if let Some((place, coverage, missing)) = part {
        // Where the answer is open for another reason (a sibling's text, a file that was not read), that reason is the matter.
        let open = obligation.answer == Answer::Unknown && coverage.thousandths() < NEARLY_WHOLE;
        return if open { Found::Nothing } else { Found::Part { place, coverage, missing } };
    }
    if let Some((place, changes)) = altered_kin(documents, &obligation.license) {
        return Found::Altered { place, changes };
    }
    match stub(documents, obligation).filter(|_| obligation.answer == Answer::Unmet) {
        Some(place) => Found::Stub { place },
        None => Found::Nothing,
    }
}

/// The text with changes that make it look like another licence, itself changed: MIT with a ban in its middle looks like the JSON
/// licence. A text that *is* another known licence is none of ours.
fn altered_kin(documents: &[Document<'_>], license: &LicenseId) -> Option<(Location, Vec<Change>)> {
    documents.iter().filter(|document| document.for_model() && !document.is_card()).find_map(|document| {
        let (place, status) = beside_altered(document, license)?;
        match status {
            MatchStatus::Altered { changes } => Some((place, changes)),
            MatchStatus::Exact | MatchStatus::Complete | MatchStatus::Incomplete { .. } => None,
        }
    })
}

/// What becomes of a licence when it is laid beside a file that holds another one with changed words.
pub(crate) fn beside_altered(
    document: &Document<'_>,
    license: &LicenseId,
) -> Option<(Location, MatchStatus)> {
    let other = document.recognition().licenses.iter().find(|found| found.altered())?;
    let found = forebear_licenses::compare(document.text(), license)?;
    let same_place = found.lines.overlaps(other.lines);
    same_place.then(|| (Location::lines(document.path.clone(), found.lines), found.status))
}

/// A licence file of the model that names the licence as its whole content.
fn stub(documents: &[Document<'_>], obligation: &Obligation) -> Option<Location> {
    documents.iter().find_map(|document| {
        let of_model = document.for_model() && document.role() == Some(LegalRole::License);
        if !of_model || !document.recognition().licenses.is_empty() {
            return None;
        }
        let mut named = document.recognition().named.iter();
        named
            .any(|one| one.stands_alone && same_text(&one.id, &obligation.license))
            .then(|| document.location())
    })
}
