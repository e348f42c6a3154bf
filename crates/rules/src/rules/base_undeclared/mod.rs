//! `base-undeclared`.

use forebear_types::finding::{Finding, Fix, Place, Severity};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::obligation::Answer;
use forebear_types::{ModelId, RuleId};

use crate::draft::Draft;
use crate::fix;
use crate::words::{candidates_title, declared_earlier, models};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("base-undeclared"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "evidence names a base model, and no card declares one",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // An ancestor's own ancestors are that repository's to declare.
    let hops: Vec<&Hop> = context.input.lineage.hops.iter().filter(|hop| hop.child.is_none()).collect();
    for hop in &hops {
        if hop.declared {
            let names: Vec<ModelId> = models(hop);
            let message = format!("The base {} is declared.", candidates_title(&names));
            findings.push(finding(
                context,
                hop,
                Answer::Met,
                Severity::Note,
                message,
                context.hop_places(hop),
            ));
        }
    }
    // A card that declares some base of this model hides nothing; whether it is the right one is another rule's matter.
    let some_declared = |hop: &Hop| hops.iter().any(|other| other.declared && other.subject == hop.subject);
    for hop in hops.iter().filter(|hop| !hop.declared && !some_declared(hop)) {
        undeclared(context, hop, findings);
    }
}

fn undeclared(context: &Context<'_>, hop: &Hop, findings: &mut Vec<Finding>) {
    let names = models(hop);
    let title = candidates_title(&names);
    if let Some(why) = doubt(context, hop, &title) {
        let message = format!("Could not tell whether a base should be declared: {why}");
        let places = context.hop_places(hop);
        findings.push(finding(context, hop, Answer::Unknown, Severity::Note, message, places));
        return;
    }
    let mentions = forebear_lineage::named_in_prose(context.input.catalog, context.input.facts, hop);
    let mut places = context.hop_places(hop);
    let (severity, message) = if hop.strength == Strength::Weights && mentions.is_empty() {
        let (severity, hidden) = if hop.carries_violation() {
            let words = "the base is hidden. Which of two models was first, weights do not tell.";
            (Severity::Violation, words.to_owned())
        } else {
            let words = format!(
                "if it is the base, it is hidden. It is not proof: they may be siblings, since nothing says that others are made from \
                 {title}."
            );
            (Severity::Warning, words)
        };
        let message = format!(
            "The weights here come from {title}, or both from a third model, and nothing in the repository names it: {hidden}"
        );
        (severity, message)
    } else if !hop.carries_violation() && hop.strength != Strength::Weights {
        let message = format!(
            "The configuration is that of {title}, and no card declares a base. It is not proof: an independent model may \
             have been trained with the same configuration."
        );
        (Severity::Warning, message)
    } else if context.bare_configuration(hop) {
        let message = format!(
            "The configuration is that of {title}, and no card says whose model this is. With neither weights nor a card beside \
             it, an official release looks the same."
        );
        (Severity::Warning, message)
    } else if let Some(mention) = mentions.first() {
        let message = format!(
            "The model is built on {title}; the repository names it ({}), but no card declares it in `base_model`, where tools and \
             people look.",
            mention.detail
        );
        (Severity::Warning, message)
    } else if let Some(earlier) = declared_earlier(hop) {
        let message =
            format!("The base {title} was declared and no longer is: {}. It is hidden.", earlier.detail);
        (Severity::Violation, message)
    } else {
        let message = format!(
            "The model is built on {title}, and nothing in the repository names it: the base is hidden."
        );
        (Severity::Violation, message)
    };
    for mention in mentions {
        if let Some(location) = mention.location
            && places.iter().all(|place| place.location != location)
        {
            places.push(Place { location, commit: None, label: mention.detail });
        }
    }
    findings.push(finding(context, hop, Answer::Unmet, severity, message, places));
}

/// Why nobody can say that a base should be declared, if so.
fn doubt(context: &Context<'_>, hop: &Hop, title: &str) -> Option<String> {
    if context.presents_itself_as(hop) {
        return Some(format!(
            "the repository presents itself as {title}. An official release has no base to declare; a copy of it does."
        ));
    }
    if context.of_a_program(hop) {
        return Some(format!(
            "a configuration here is that of {title}, but the repository holds no weights that it could belong to. Programs \
             keep such files as examples and for their tests."
        ));
    }
    let by_prose = |reason: &Evidence| matches!(reason.kind, EvidenceKind::Prose | EvidenceKind::Name);
    let by_weights = |reason: &Evidence| reason.kind == EvidenceKind::Weights;
    (hop.strength == Strength::Circumstantial).then(|| {
        let why = if hop.because.iter().any(by_weights) {
            "is an agreement of weights that has other explanations, too: a common parent, or a common random seed"
        } else if hop.because.iter().all(by_prose) {
            "is a sentence or a name, not a declaration"
        } else {
            "also fits unrelated models"
        };
        format!("what points to {title} {why}.")
    })
}

fn finding(
    context: &Context<'_>,
    hop: &Hop,
    answer: Answer,
    severity: Severity,
    message: String,
    places: Vec<Place>,
) -> Finding {
    let places = if places.is_empty() { vec![context.anchor("the model")] } else { places };
    let help = match (answer, hop.candidates.as_slice()) {
        (Answer::Met, _) => String::new(),
        (_, [only]) if hop.strength == Strength::Weights => format!(
            "If the model was made from it, add `base_model: {0}` to the front matter of README.md; with `--base {0}`, --fix writes it.",
            only.model
        ),
        (_, [only]) => format!("Add `base_model: {}` to the front matter of README.md.", only.model),
        (_, _) => "Add `base_model:` with the one that was used to the front matter of README.md; nobody but you knows which. \
                   With `--base MODEL`, --fix writes it."
            .to_owned(),
    };
    let edits = match answer {
        Answer::Unmet => fix::declare_base(context, hop),
        Answer::Met | Answer::Unknown => Vec::new(),
    };
    let one = hop.candidates.len() == 1;
    let fix = (answer == Answer::Unmet && one).then(|| Fix { summary: help.clone() });
    let mut finding =
        Draft { rule: RULE.id, answer, severity, confidence: hop.confidence, places, message, help }
            .finding();
    finding.upstream = models(hop);
    finding.fix = fix;
    finding.edits = edits;
    finding
}
