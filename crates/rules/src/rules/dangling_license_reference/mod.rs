//! `dangling-license-reference`.

mod links;
mod target;

use forebear_licenses::hub::{self, HubLicense};
use forebear_types::fact::LegalRole;
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RuleId};

use crate::declared::{DeclaredLicense, declared_license};
use crate::documents::Document;
use crate::draft::Draft;
use crate::{Context, Rule, Stage};
use target::{Leads, leads};

pub(super) static RULE: Rule = Rule {
    id: RuleId("dangling-license-reference"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "a card points to a licence file that is not there, or says `other` and names nothing",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    for document in &context.documents {
        let Some(card) = document.card().filter(|_| document.path.depth() == 1) else { continue };
        let mut seen: Vec<String> = Vec::new();
        if let Some(link) = &card.license_link {
            let location = Location::of(document.path, link);
            findings.extend(reference(context, document, location, &link.value, true));
            seen.push(link.value.clone());
        }
        let from = card.front_matter.map_or(0, |lines| lines.last);
        for (line, link) in links::links(&card.text, from) {
            // A file that several sentences point to is missing once.
            if target::is_legal(&link) && !seen.contains(&link) {
                let location = Location::lines(document.path.clone(), forebear_types::LineSpan::line(line));
                findings.extend(reference(context, document, location, &link, false));
                seen.push(link);
            }
        }
    }
    if let Some(declared) = declared_license(context.input.facts) {
        findings.extend(other_without_name(context, &declared));
    }
}

/// What becomes of a reference: nothing is said of addresses elsewhere, which nobody can look up from here.
fn reference(
    context: &Context<'_>,
    document: &Document<'_>,
    location: Location,
    link: &str,
    key: bool,
) -> Option<Finding> {
    let said = if key { format!("`license_link: {link}`") } else { format!("the link to `{link}`") };
    let (answer, message) = match leads(context, document.path, link) {
        Leads::Elsewhere => return None,
        Leads::To(path) => (Answer::Met, format!("The file that {said} leads to is there: {path}.")),
        Leads::Nowhere(Some(near)) => (
            Answer::Unmet,
            format!("There is no such file as {said} leads to; {near} is there, and names have a case."),
        ),
        Leads::Nowhere(None) => (
            Answer::Unmet,
            format!("There is no such file as {said} leads to, so nobody can read the terms."),
        ),
        Leads::Unknown => (
            Answer::Unknown,
            format!(
                "Could not tell whether the file that {said} leads to is there: none of that name was read; it may be a link or lie in a \
                 submodule."
            ),
        ),
    };
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unmet | Answer::Unknown => {
            "Add the file, or let the reference lead to where the terms are.".to_owned()
        }
    };
    let places = vec![Place { location, commit: None, label: "the reference".to_owned() }];
    Some(finding(answer, Severity::Warning, places, message, help))
}

/// `license: other` with neither `license_name` nor `license_link`.
fn other_without_name(context: &Context<'_>, declared: &DeclaredLicense<'_>) -> Option<Finding> {
    let (value, _) =
        declared.values.iter().find(|(value, _)| hub::from_hub(&value.value) == HubLicense::Other)?;
    if declared.card.license_name.is_some() || declared.card.license_link.is_some() {
        return None;
    }
    let file = context.documents.iter().find(|document| {
        document.for_model() && document.path.depth() == 1 && document.role() == Some(LegalRole::License)
    });
    // Who looks for the terms finds a licence file at the root, even if the Hub's page does not lead there.
    let (severity, message) = match file {
        Some(file) => (
            Severity::Note,
            format!(
                "`license: other` names no licence and links to none; {} is not shown with the model.",
                file.path
            ),
        ),
        None => (
            Severity::Warning,
            "`license: other` names no licence and links to none, so nobody can find the terms.".to_owned(),
        ),
    };
    let location = Location::of(declared.path, value);
    let places = vec![Place { location, commit: None, label: "license: other".to_owned() }];
    let help = "Add `license_name:` and `license_link:` beside `license: other`.".to_owned();
    Some(finding(Answer::Unmet, severity, places, message, help))
}

fn finding(answer: Answer, severity: Severity, places: Vec<Place>, message: String, help: String) -> Finding {
    Draft { rule: RULE.id, answer, severity, confidence: Confidence::High, places, message, help }.finding()
}
