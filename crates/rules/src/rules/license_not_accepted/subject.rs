//! Whose licences are compared with the lists: the own, and that of every ancestor.

use forebear_licenses::expression::Expression;
use forebear_licenses::hub::{self, HubLicense};
use forebear_types::finding::Place;
use forebear_types::lineage::{Confidence, Hop, Strength};
use forebear_types::{LicenseId, ModelId};

use crate::Context;
use crate::obligations::{CopiedUnder, copied_under};
use crate::words::{candidates_title, sentence_start};

/// A licence that stands here, or several of which one does.
pub(super) struct Subject {
    /// "deepseek-ai/DeepSeek-R1 is passed on here under MIT".
    pub(super) sentence: String,
    /// What it may be; one where it is known.
    pub(super) licenses: Vec<Expression>,
    /// What is not known of it, a clause; then the licences are not all that it may be.
    pub(super) missing: Option<String>,
    /// Whether it is sure that this licence stands here at all.
    pub(super) certainty: Certainty,
    pub(super) upstream: Vec<ModelId>,
    pub(super) confidence: Confidence,
    pub(super) places: Vec<Place>,
}

/// Whether the one whose licence it is stands in the lineage for certain.
pub(super) enum Certainty {
    /// It does.
    Certain,
    /// It may not, for this reason.
    Doubtful(String),
}

impl Subject {
    /// Whether other licences than those that are known may stand here.
    pub(super) fn incomplete(&self) -> bool {
        self.missing.is_some()
    }
}

/// The own licence, then the ancestors' in their order.
pub(super) fn all(context: &Context<'_>) -> Vec<Subject> {
    let mut subjects = own(context);
    for hop in &context.input.lineage.hops {
        subjects.extend(ancestor(context, hop));
    }
    subjects
}

/// Each licence that the card declares. Two values apply beside each other: to code and weights, or together.
fn own(context: &Context<'_>) -> Vec<Subject> {
    let declared = context.declared;
    let Some(license) = &declared.license else { return Vec::new() };
    let name = context.input.policy.project.name.as_deref().unwrap_or("The repository");
    license
        .split(", ")
        .map(|value| {
            let mut meant = hub::from_hub(value);
            let mut shown = value.to_owned();
            if meant == HubLicense::Other {
                let written = declared.license_name.as_deref().unwrap_or_default();
                meant = hub::from_name(written, declared.license_link.as_deref());
                if !written.is_empty() {
                    shown = format!("{value}, {written}");
                }
            }
            let (licenses, missing) = meaning(&meant, &shown);
            let sentence = match licenses.as_slice() {
                [Expression::License(id)] => format!("{name} is declared under {id}"),
                _ => format!("{name} is declared under `{shown}`"),
            };
            Subject {
                sentence,
                licenses,
                missing,
                certainty: Certainty::Certain,
                upstream: Vec::new(),
                confidence: Confidence::High,
                places: vec![context.anchor("the licence is declared here")],
            }
        })
        .collect()
}

/// What a declared value may stand for, and what is not known of it.
fn meaning(license: &HubLicense, shown: &str) -> (Vec<Expression>, Option<String>) {
    let leaves = |ids: &[LicenseId]| ids.iter().map(|id| Expression::License(id.clone())).collect::<Vec<_>>();
    match license {
        HubLicense::Known { expression: Some(text), .. } => match Expression::parse(text) {
            Some(parsed) => (vec![parsed], None),
            None => (Vec::new(), Some(format!("`{shown}` is an expression that cannot be read"))),
        },
        HubLicense::Known { ids, expression: None } => (leaves(ids), None),
        HubLicense::OneOf { ids, complete: true } => (leaves(ids), None),
        HubLicense::OneOf { ids, complete: false } => {
            (leaves(ids), Some(format!("`{shown}` is the name of several licences")))
        }
        // The Hub's names do not cover expressions in small letters, or of nothing but `LicenseRef-…`.
        HubLicense::Other | HubLicense::Unknown => match Expression::parse(shown) {
            Some(parsed) => (vec![parsed], None),
            None => (Vec::new(), Some(format!("`{shown}` is no licence that forebear knows"))),
        },
    }
}

/// The licences of an ancestor: of its weights, and of its code where that lies here under another one.
fn ancestor(context: &Context<'_>, hop: &Hop) -> Vec<Subject> {
    if hop.strength == Strength::Circumstantial {
        // A hint is no ancestor.
        return Vec::new();
    }
    let CopiedUnder { weights, code, unsourced } = copied_under(&context.input, hop);
    let models: Vec<ModelId> = hop.candidates.iter().map(|candidate| candidate.model.clone()).collect();
    let title = candidates_title(&models);
    let missing = (!unsourced.is_empty())
        .then(|| format!("the licence of {} is not sourced in the catalog", candidates_title(&unsourced)));
    let subject = |licenses: &[LicenseId], what: &str| {
        let names: Vec<&str> = licenses.iter().map(LicenseId::as_str).collect();
        let under = match names.as_slice() {
            [] => "a licence that is not known".to_owned(),
            names => names.join(" or "),
        };
        let start = if what.is_empty() { sentence_start(&title) } else { format!("{what} {title}") };
        Subject {
            sentence: format!("{start} is passed on here under {under}"),
            licenses: licenses.iter().map(|id| Expression::License(id.clone())).collect(),
            missing: missing.clone(),
            certainty: certainty(context, hop, &title),
            upstream: models.clone(),
            confidence: hop.confidence,
            places: context.hop_places(hop).into_iter().take(1).collect(),
        }
    };
    let mut subjects = vec![subject(&weights, "")];
    if !code.is_empty() && code != weights {
        subjects.push(subject(&code, "The code of"));
    }
    subjects
}

fn certainty(context: &Context<'_>, hop: &Hop, title: &str) -> Certainty {
    if !hop.carries_violation() {
        Certainty::Doubtful("an unrelated model may have been trained with the same configuration".to_owned())
    } else if context.presents_itself_as(hop) {
        Certainty::Doubtful(format!(
            "the repository presents itself as {title}, which then needs no leave of its own"
        ))
    } else if context.of_a_program(hop) || context.bare_configuration(hop) {
        Certainty::Doubtful("a configuration alone does not show whose model this is".to_owned())
    } else {
        Certainty::Certain
    }
}
