//! `no-license-declared`.

use forebear_types::fact::LegalRole;
use forebear_types::finding::{Finding, Fix, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{LineSpan, Location, RuleId};

use crate::documents::Document;
use crate::draft::Draft;
use crate::fix;
use crate::notice::holds_section;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("no-license-declared"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "neither the card nor a file names any licence",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    let (answer, place, message) = if let Some((place, what)) = declared(context) {
        (Answer::Met, place, what)
    } else if let Some((document, reason)) = doubtful(context) {
        let place = Place { location: document.location(), commit: None, label: reason.to_owned() };
        (
            Answer::Unknown,
            place,
            format!("Could not tell whether a licence is named: {} {reason}.", document.path),
        )
    } else {
        let place = context.anchor("no licence is named here");
        let message =
            "Neither a model card nor a licence file names a licence, so nobody may rely on one.".to_owned();
        (Answer::Unmet, place, message)
    };
    let mut finding = Draft {
        rule: RULE.id,
        answer,
        severity: Severity::Warning,
        confidence: Confidence::High,
        places: vec![place],
        message,
        help: match answer {
            Answer::Met => String::new(),
            _ => "Name the licence with `license:` in the front matter of README.md and add its text as LICENSE. A \
                  derivative's licence must be one that the base's terms allow."
                .to_owned(),
        },
    }
    .finding();
    if answer == Answer::Unmet {
        finding.fix = Some(Fix { summary: "add `license:` to the front matter of README.md".to_owned() });
    }
    if answer == Answer::Met {
        // A file names it; on the Hub it is seen only if the card does.
        finding.edits = fix::declare_license(context);
    }
    findings.push(finding);
}

/// The first place that names a licence.
fn declared(context: &Context<'_>) -> Option<(Place, String)> {
    for document in &context.documents {
        if let Some(license) = document.card().and_then(|card| card.license.first()) {
            if license.value.eq_ignore_ascii_case("unknown") {
                continue;
            }
            let location = Location::of(document.path, license);
            let label = format!("license: {}", license.value);
            let message = format!("{} declares the licence {}.", document.path, license.value);
            return Some((Place { location, commit: None, label }, message));
        }
    }
    for document in context.documents.iter().filter(|document| speaks_for_itself(document)) {
        let recognition = document.recognition();
        let text = recognition.licenses.first().map(|found| (found.id.clone(), found.lines));
        let name = recognition.named.first().map(|named| (named.id.clone(), LineSpan::line(named.line)));
        if let Some((id, lines)) = text.or(name) {
            let location = Location::lines(document.path.clone(), lines);
            let message = format!("{} names the licence {id}.", document.path);
            return Some((Place { location, commit: None, label: id.to_string() }, message));
        }
    }
    None
}

/// Whether a document may name the repository's own licence; notices of third parties name those of others.
fn speaks_for_itself(document: &Document<'_>) -> bool {
    document.for_model() && document.role() != Some(LegalRole::ThirdParty) && !holds_section(document.text())
}

/// A document that may name a licence in a way that could not be read.
fn doubtful<'c, 'a>(context: &'c Context<'a>) -> Option<(&'c Document<'a>, &'static str)> {
    context.documents.iter().filter(|document| document.for_model()).find_map(|document| {
        let card_value = document.card().and_then(|card| card.license.first());
        let legal =
            matches!(document.role(), Some(LegalRole::License | LegalRole::Notice | LegalRole::Copyright));
        if card_value.is_some() {
            Some((document, "says `license: unknown`"))
        } else if legal && !document.examined() {
            Some((document, "could not be examined"))
        } else if legal && document.unknown_terms().is_some() {
            Some((document, "holds a legal text that is not recognised"))
        } else {
            None
        }
    })
}
