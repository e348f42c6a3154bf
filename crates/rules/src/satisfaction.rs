//! Is a duty done, and by which bytes?
//!
//! The same function judges the examined snapshot and every earlier state, so that a timeline and a verdict cannot
//! disagree.

mod name;
mod restrictions;
#[cfg(test)]
mod tests;
mod words;

use forebear_licenses::terms::{Accepts, Ask, Term, same_text, terms};
use forebear_types::license::{Coverage, MatchStatus, NoticeWords};
use forebear_types::obligation::Answer;
use forebear_types::run::Declared;
use forebear_types::{LicenseId, LineSpan, Location};

use crate::deeds::Deeds;
use crate::documents::Document;
use crate::not_judged::not_judged;
pub(crate) use name::Names;

/// From this share of a licence's words on, a text that is cut short may as well be a variant that the recogniser does
/// not know: the answer is then *unknown*, never *unmet*. A text from which a tenth is missing lacks a whole clause in
/// every licence of the tables, so anything below is judged.
pub(crate) const NEARLY_WHOLE: u16 = 900;

/// An answer with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Satisfaction {
    pub(crate) answer: Answer,
    pub(crate) places: Vec<Location>,
    /// One sentence without a full stop.
    pub(crate) reason: String,
}

impl Satisfaction {
    fn met(places: Vec<Location>, reason: impl Into<String>) -> Self {
        Self { answer: Answer::Met, places, reason: reason.into() }
    }

    fn unmet(reason: impl Into<String>) -> Self {
        Self { answer: Answer::Unmet, places: Vec::new(), reason: reason.into() }
    }

    fn unknown(reason: impl Into<String>) -> Self {
        Self { answer: Answer::Unknown, places: Vec::new(), reason: reason.into() }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) term: &'a Term,
    pub(crate) license: &'a LicenseId,
    /// The upstream's owner lines, for the duty to keep them and to tell whose copy of a text a component carries.
    pub(crate) owners: &'a [String],
    /// Whether upstream ships a NOTICE file: `None` if that is not known.
    pub(crate) notice_upstream: Option<bool>,
    /// What is done with the upstream's work.
    pub(crate) deeds: Deeds,
}

/// One state of the repository, as duties see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State<'a> {
    /// Its legal files and cards.
    pub(crate) documents: &'a [Document<'a>],
    /// What the model is called.
    pub(crate) names: &'a Names,
    /// What its publisher declares.
    pub(crate) declared: &'a Declared,
}

/// Judges one duty over one state.
pub(crate) fn judge(question: Question<'_>, state: State<'_>) -> Satisfaction {
    let documents = state.documents;
    let term = question.term;
    if question.deeds.trigger(term).is_none() {
        return Satisfaction::unknown(not_judged(term));
    }
    match &term.ask {
        Ask::LicenseText(_) => license_text(question, documents),
        Ask::CopyrightNotice => copyright_notice(question, documents),
        Ask::NoticeFile(_) => notice_file(question, documents),
        Ask::NoticeLine(ask) => words::notice_line(ask, term.when_present, documents),
        Ask::StateChanges => words::changes(documents),
        Ask::PassOnRestrictions(ask) => {
            restrictions::passed_on(ask, question.license, state.declared, documents)
        }
        Ask::IncludePolicy(ask) => restrictions::policy(ask, question.license, documents),
        Ask::Display(ask) if ask.must => words::display(ask, documents),
        Ask::SameLicense(ask) => restrictions::same_license(ask, question.license, state.declared, documents),
        Ask::Name(ask) => name::judge(ask, state.names),
        Ask::Display(_)
        | Ask::NonCommercial(_)
        | Ask::Threshold(_)
        | Ask::Territory(_)
        | Ask::Outputs(_)
        | Ask::DiscloseSource => Satisfaction::unknown(not_judged(term)),
    }
}

fn license_text(question: Question<'_>, documents: &[Document<'_>]) -> Satisfaction {
    let wanted = question.license;
    let mut places = Vec::new();
    let mut part: Option<(&Document<'_>, Coverage, LineSpan)> = None;
    let mut altered: Option<(&Document<'_>, LineSpan)> = None;
    for document in documents {
        if !document.for_model() && owner_places(question.owners, document).is_empty() {
            // A bundled library's copy of the same licence is not the upstream model's, unless it names its owner.
            continue;
        }
        for found in document.recognition().licenses.iter().filter(|found| same_text(&found.id, wanted)) {
            match found.status {
                MatchStatus::Exact | MatchStatus::Complete => {
                    places.push(Location::lines(document.path.clone(), found.lines));
                }
                MatchStatus::Altered { .. } => {
                    altered.get_or_insert((document, found.lines));
                }
                MatchStatus::Incomplete { .. } => {
                    if part.is_none_or(|(_, coverage, _)| coverage < found.coverage) {
                        part = Some((document, found.coverage, found.lines));
                    }
                }
            }
        }
    }
    if let Some(first) = places.first() {
        let reason = format!("the text of {wanted} is in {}", place_words(first));
        return Satisfaction::met(places, reason);
    }
    if let Some(location) = linked(question.term, documents) {
        let reason = format!("{} links to {wanted}", place_words(&location));
        return Satisfaction::met(vec![location], reason);
    }
    if let Some((document, lines)) = altered {
        return Satisfaction::unknown(format!(
            "{} holds a text like {wanted} whose operative words differ from it",
            place_words(&Location::lines(document.path.clone(), lines))
        ));
    }
    if let Some((document, coverage, lines)) = part
        && coverage.thousandths() >= NEARLY_WHOLE
    {
        return Satisfaction::unknown(format!(
            "{} holds {:.0} % of the words of {wanted}",
            place_words(&Location::lines(document.path.clone(), lines)),
            coverage.ratio() * 100.0
        ));
    }
    if let Some((document, sibling, lines)) = sibling(wanted, documents) {
        return Satisfaction::unknown(format!(
            "{} holds {sibling}, another text of the same family",
            place_words(&Location::lines(document.path.clone(), lines))
        ));
    }
    if let Some(document) = unexamined(documents) {
        return Satisfaction::unknown(format!("{} could not be examined", document.path));
    }
    if forebear_licenses::text(wanted).is_none()
        && let Some((document, lines)) = unrecognised(documents)
    {
        return Satisfaction::unknown(format!(
            "{} holds a legal text that is not recognised; it may be {wanted}",
            place_words(&Location::lines(document.path.clone(), lines))
        ));
    }
    if let Some((document, coverage, lines)) = part {
        return Satisfaction::unmet(format!(
            "{} holds only {:.0} % of the words of {wanted}",
            place_words(&Location::lines(document.path.clone(), lines)),
            coverage.ratio() * 100.0
        ));
    }
    if let Some((document, line)) = named(wanted, documents) {
        if link_will_do(question.term) {
            return Satisfaction::unknown(format!(
                "{} names {wanted}; the text or a link to it is nowhere",
                place_words(&Location::lines(document.path.clone(), LineSpan::line(line)))
            ));
        }
        return Satisfaction::unmet(format!(
            "{} names {wanted}, but no file holds its text",
            place_words(&Location::lines(document.path.clone(), LineSpan::line(line)))
        ));
    }
    Satisfaction::unmet(format!("no legal file, notice or card holds the text of {wanted}"))
}

/// Where a document links to the licence, if a link will do.
fn linked(term: &Term, documents: &[Document<'_>]) -> Option<Location> {
    let Ask::LicenseText(ask) = &term.ask else { return None };
    if !link_will_do(term) {
        return None;
    }
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let line = document.text().lines().position(|line| {
            let line = line.to_ascii_lowercase();
            ask.links.iter().any(|link| line.contains(link.as_str()))
        })?;
        let line = LineSpan::line(u32::try_from(line + 1).unwrap_or(u32::MAX));
        Some(Location::lines(document.path.clone(), line))
    })
}

/// Whether the licence asks for its text or a link to it.
pub(crate) fn link_will_do(term: &Term) -> bool {
    matches!(&term.ask, Ask::LicenseText(ask) if ask.accepts == Accepts::TextOrLink)
}

/// A whole text of another licence of the same family: the version may be the matter, not the absence.
fn sibling<'d, 'a>(
    wanted: &LicenseId,
    documents: &'d [Document<'a>],
) -> Option<(&'d Document<'a>, LicenseId, LineSpan)> {
    let family = terms(wanted)?.family;
    if family == "ordinary" {
        return None;
    }
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let mut found = document.recognition().licenses.iter().filter(|found| found.whole());
        let other = found.find(|found| terms(&found.id).is_some_and(|terms| terms.family == family))?;
        Some((document, other.id.clone(), other.lines))
    })
}

fn copyright_notice(question: Question<'_>, documents: &[Document<'_>]) -> Satisfaction {
    if question.owners.is_empty() {
        return Satisfaction::unknown(
            "the upstream's copyright line is not in the catalog; compare with the upstream's own licence file",
        );
    }
    let mut exact = Vec::new();
    let mut other_years = Vec::new();
    for document in documents {
        for place in owner_places(question.owners, document) {
            if place.years_agree { exact.push(place.location) } else { other_years.push(place.location) }
        }
    }
    if let Some(first) = exact.first() {
        let reason = format!("the owner's line is in {}", place_words(first));
        return Satisfaction::met(exact, reason);
    }
    if let Some(first) = other_years.first() {
        let reason = format!("the owner's line, with other years, is in {}", place_words(first));
        return Satisfaction::met(other_years, reason);
    }
    if let Some(document) = unexamined(documents) {
        return Satisfaction::unknown(format!("{} could not be examined", document.path));
    }
    Satisfaction::unmet(format!("no legal file, notice or card holds “{}”", question.owners.join("” or “")))
}

fn notice_file(question: Question<'_>, documents: &[Document<'_>]) -> Satisfaction {
    use forebear_types::fact::LegalRole;
    let here = documents.iter().find(|document| {
        document.for_model() && document.role() == Some(LegalRole::Notice) && document.examined()
    });
    match (question.notice_upstream, here) {
        (Some(true), None) => Satisfaction::unmet("upstream ships a NOTICE file, and there is none here"),
        (_, Some(document)) => Satisfaction::unknown(format!(
            "{} is here; whether it carries upstream's attributions cannot be told without upstream's NOTICE",
            document.path
        )),
        (_, None) => Satisfaction::unknown("whether upstream ships a NOTICE file is not in the catalog"),
    }
}

struct OwnerPlace {
    location: Location,
    years_agree: bool,
}

/// Where a document holds one of the owner lines.
fn owner_places(owners: &[String], document: &Document<'_>) -> Vec<OwnerPlace> {
    let mut places = Vec::new();
    for line in &document.recognition().copyright {
        let words = NoticeWords::of(&line.text);
        for owner in owners {
            let wanted = NoticeWords::of(owner);
            if !words.names(&wanted) {
                continue;
            }
            places.push(OwnerPlace {
                location: Location::lines(document.path.clone(), LineSpan::line(line.line)),
                years_agree: words.has_years(&wanted),
            });
            break;
        }
    }
    places
}

/// Whether two sets of owner lines name the same holders; years may differ.
pub(crate) fn same_holders(one: &[String], two: &[String]) -> bool {
    let holders = |lines: &[String]| {
        let mut holders: Vec<Vec<String>> = lines.iter().map(|line| NoticeWords::of(line).holder).collect();
        holders.sort();
        holders
    };
    holders(one) == holders(two)
}

fn unexamined<'d, 'a>(documents: &'d [Document<'a>]) -> Option<&'d Document<'a>> {
    documents.iter().find(|document| document.for_model() && !document.examined())
}

fn unrecognised<'d, 'a>(documents: &'d [Document<'a>]) -> Option<(&'d Document<'a>, LineSpan)> {
    documents
        .iter()
        .filter(|document| document.for_model() && !document.is_card())
        .find_map(|document| document.unknown_terms().map(|lines| (document, lines)))
}

fn named<'d, 'a>(license: &LicenseId, documents: &'d [Document<'a>]) -> Option<(&'d Document<'a>, u32)> {
    documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let named = document.recognition().named.iter().find(|named| same_text(&named.id, license))?;
        Some((document, named.line))
    })
}

/// "NOTICE, lines 3 to 21".
pub(crate) fn place_words(location: &Location) -> String {
    match location.lines {
        Some(lines) if lines.first == lines.last => format!("{}, line {}", location.path, lines.first),
        Some(lines) => format!("{}, lines {} to {}", location.path, lines.first, lines.last),
        None => location.path.to_string(),
    }
}
