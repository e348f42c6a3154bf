//! `declared-license-conflicts-with-file`.

mod body;
mod files;

use forebear_licenses::hub::HubLicense;
use forebear_licenses::terms::terms;
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::{Answer, Creditor};
use forebear_types::{LicenseId, RuleId};

use crate::declared::{DeclaredLicense, declared_license, same_license};
use crate::documents::Document;
use crate::draft::Draft;
use crate::satisfaction::place_words;
use crate::texts::beside_altered;
use crate::{Context, Rule, Stage};
use files::{Held, held};

pub(super) static RULE: Rule = Rule {
    id: RuleId("declared-license-conflicts-with-file"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the card declares one licence, the licence file or the card's own text is another",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    let Some(declared) = declared_license(context.input.facts) else { return };
    // Nothing can be compared with a name that nobody knows; other rules speak of it.
    let candidates: Vec<LicenseId> =
        declared.values.iter().flat_map(|(_, license)| license.candidates().to_vec()).collect();
    if candidates.is_empty() {
        return;
    }
    findings.extend(against_files(context, &declared, &candidates));
    findings.extend(against_body(context, &declared, &candidates));
}

/// Compares with the licence files at the root.
fn against_files(
    context: &Context<'_>,
    declared: &DeclaredLicense<'_>,
    candidates: &[LicenseId],
) -> Option<Finding> {
    let files: Vec<&Document<'_>> =
        context.documents.iter().filter(|document| files::speaks_for_all(document)).collect();
    let held: Vec<Held> = files.iter().flat_map(|document| held(document)).collect();
    let first = held.first()?;
    let words = declared.words();
    let agreeing = held.iter().find(|one| candidates.iter().any(|id| same_license(id, &one.id)));
    if let Some(one) = agreeing {
        let message = format!("The card declares {words}, and {} is {}.", place_words(&one.place), one.id);
        return Some(finding(declared, one, Answer::Met, Severity::Note, message));
    }
    // A changed text of the declared licence may look like another one: `license-text-altered` speaks of it.
    let changed =
        |document: &&Document<'_>| candidates.iter().any(|id| beside_altered(document, id).is_some());
    if files.iter().any(changed) {
        return None;
    }
    let conflict = format!("The card declares {words}, but {} is {}", place_words(&first.place), first.id);
    if let Some(why) = doubt(context, declared, &files, &held) {
        let message = format!("{conflict}. Could not tell whether the two contradict each other: {why}.");
        return Some(finding(declared, first, Answer::Unknown, Severity::Note, message));
    }
    let severity = if plain(first, candidates) { Severity::Violation } else { Severity::Warning };
    let message = format!("{conflict}: nobody can tell under which of the two the model is.");
    Some(finding(declared, first, Answer::Unmet, severity, message))
}

/// Why two different licences need not contradict each other, if so.
fn doubt(
    context: &Context<'_>,
    declared: &DeclaredLicense<'_>,
    files: &[&Document<'_>],
    held: &[Held],
) -> Option<String> {
    let open = |license: &HubLicense| matches!(license, HubLicense::OneOf { complete: false, .. });
    if let Some((value, _)) = declared.values.iter().find(|(_, license)| open(license)) {
        return Some(format!("`{}` stands for several texts", value.value));
    }
    if let Some(file) =
        files.iter().find(|file| !file.examined() || !file.recognition().unrecognised.is_empty())
    {
        return Some(format!("{} holds more than could be recognised", file.path));
    }
    let of_base = context.obligations.iter().find(|obligation| {
        matches!(obligation.creditor, Creditor::Ancestor { .. })
            && held.iter().any(|one| same_license(&one.id, &obligation.license))
    });
    if let Some(obligation) = of_base {
        return Some(format!(
            "it may be kept there for {}; a card that declares another licence should say so",
            context.upstream_title(obligation)
        ));
    }
    // Code and weights under two licences on purpose: a card that names the file's licence says so.
    let body = declared
        .card
        .recognition
        .named
        .iter()
        .find(|named| held.iter().any(|one| same_license(&one.id, &named.id)));
    body.map(|named| format!("the card's text names {} too, in line {}", named.id, named.line))
}

/// Whether nothing but a contradiction explains the two: a whole text, and licences that differ in more than their version.
fn plain(held: &Held, candidates: &[LicenseId]) -> bool {
    let Some(theirs) = terms(&held.id) else { return false };
    held.whole
        && candidates
            .iter()
            .all(|id| terms(id).is_some_and(|own| own.family != theirs.family || own.family == "ordinary"))
}

/// Compares with what the card's own text says of the model's licence.
fn against_body(
    context: &Context<'_>,
    declared: &DeclaredLicense<'_>,
    candidates: &[LicenseId],
) -> Option<Finding> {
    let named = &declared.card.recognition.named;
    if named.iter().any(|one| candidates.iter().any(|id| same_license(id, &one.id))) {
        return None;
    }
    let of_base = |id: &LicenseId| {
        context.obligations.iter().any(|obligation| {
            matches!(obligation.creditor, Creditor::Ancestor { .. }) && same_license(&obligation.license, id)
        })
    };
    let other = named.iter().find(|one| !of_base(&one.id) && body::of_the_model(&declared.card.text, one))?;
    let one = Held::named(declared.path, other);
    let message = format!(
        "The card declares {}, but its text says {} in line {}: nobody can tell which of the two is meant.",
        declared.words(),
        other.id,
        other.line
    );
    Some(finding(declared, &one, Answer::Unmet, Severity::Warning, message))
}

fn finding(
    declared: &DeclaredLicense<'_>,
    held: &Held,
    answer: Answer,
    severity: Severity,
    message: String,
) -> Finding {
    let places = vec![
        Place {
            location: declared.location(),
            commit: None,
            label: format!("license: {}", declared.words()),
        },
        Place { location: held.place.clone(), commit: None, label: held.id.to_string() },
    ];
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unmet | Answer::Unknown => {
            "Declare the licence whose text is in the licence file, or put the text of the declared licence there. Where code and \
             weights have licences of their own, name both in the card, and call the files LICENSE-CODE and LICENSE-MODEL; a \
             base's text belongs in NOTICE or in a licenses/ folder."
                .to_owned()
        }
    };
    Draft { rule: RULE.id, answer, severity, confidence: Confidence::High, places, message, help }.finding()
}
