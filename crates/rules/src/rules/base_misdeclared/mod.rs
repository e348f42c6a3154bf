//! `base-misdeclared`.

use forebear_types::finding::{Finding, Fix, Place, Severity};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::obligation::Answer;
use forebear_types::{ModelId, RuleId};

use crate::draft::Draft;
use crate::words::{candidates_title, models};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("base-misdeclared"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the declared base contradicts the evidence",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

/// Dimensions that have to differ. One may be a mistake of the catalog or of the configuration.
const DIFFERENT: usize = 2;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let hops: Vec<&Hop> = context.input.lineage.hops.iter().filter(|hop| hop.child.is_none()).collect();
    // An adapter has the dimensions of its own matrices, and what they are added to is not here.
    if context.adapter_only() {
        return;
    }
    let mut two_named = false;
    for hop in hops.iter().filter(|hop| hop.declared && hop.strength >= Strength::Declared) {
        let refuted = hop.against.iter().any(is_by_weights);
        if let Some(place) = hop.because.iter().find(|reason| is_by_weights(reason)) {
            let message =
                format!("The weights here are related to those of the declared base {}.", title(hop));
            findings.push(finding(context, hop, Answer::Met, Severity::Note, message, Some(place)));
        } else if let (Some(place), false) = (hop.because.iter().find(|reason| is_shape(reason)), refuted) {
            let message = format!("The declared base {} has the dimensions of the model here.", title(hop));
            findings.push(finding(context, hop, Answer::Met, Severity::Note, message, Some(place)));
        } else if let Some(found) = contradicted(context, hop, &hops) {
            findings.push(found);
        } else if !two_named && let Some(found) = two_declarations(context, hop) {
            // Each of the two contradicts the other: once is enough.
            two_named = true;
            findings.push(found);
        }
    }
}

/// A declared base that the model here cannot have come from by what is known of both.
fn contradicted(context: &Context<'_>, hop: &Hop, hops: &[&Hop]) -> Option<Finding> {
    let copied = hops.iter().find(|other| {
        let whole = other.strength == Strength::Identical && other.relation == Relation::Rehost;
        whole && other.unique && accusable(context, hop, other)
    });
    if let Some(other) = copied {
        let by_files = other.because.iter().any(|reason| reason.kind == EvidenceKind::FileDigest);
        let message = format!(
            "The card declares {}, but every {} is that of {}, byte for byte.",
            title(hop),
            if by_files { "weight file" } else { "tensor" },
            title(other)
        );
        return Some(accused(context, hop, other, message));
    }
    if let Some(found) = by_weights(context, hop, hops) {
        return Some(found);
    }
    let differences: Vec<&str> = differences(hop).map(|reason| reason.detail.as_str()).collect();
    if differences.len() < DIFFERENT {
        return None;
    }
    let what =
        format!("The card declares {}, whose dimensions are others: {}", title(hop), differences.join("; "));
    let fits =
        hops.iter().find(|other| other.strength >= Strength::Structural && accusable(context, hop, other));
    let Some(other) = fits.filter(|_| !explained(hop, hops)) else {
        let message = format!(
            "{what}. Could not tell whether the declaration is wrong: the base may have been pruned, merged or distilled, and \
             {}.",
            match fits {
                Some(_) => "the repository declares more than one",
                None => "no base of another developer is known that fits",
            }
        );
        let against = hop.against.first();
        return Some(finding(context, hop, Answer::Unknown, Severity::Note, message, against));
    };
    let proof = match other.carries_violation() {
        true => "",
        false => " It is not proof: such dimensions may have been chosen twice.",
    };
    let message = format!("{what}. They are those of {}.{proof}", title(other));
    Some(accused(context, hop, other, message))
}

/// A declared base whose weights were compared, and share nothing with those here.
fn by_weights(context: &Context<'_>, hop: &Hop, hops: &[&Hop]) -> Option<Finding> {
    let reason = hop.against.iter().find(|reason| is_by_weights(reason))?;
    let what = format!("The card declares {}, but {}", title(hop), reason.detail);
    let other = hops.iter().find(|other| {
        other.strength >= Strength::Weights
            && other.because.iter().any(is_by_weights)
            && !other.declared
            && !context.presents_itself_as(other)
            && other_hands(context, hop, other)
    });
    let Some(other) = other.filter(|_| !explained(hop, hops)) else {
        let message = format!(
            "{what}. Could not tell whether the declaration is wrong: a model that was distilled from it, or trained anew in its shape, \
             shows nothing in its weights."
        );
        return Some(finding(context, hop, Answer::Unknown, Severity::Note, message, Some(reason)));
    };
    let message = format!("{what}. They are related to those of {}.", title(other));
    // Whether that one is the base or a sibling: the declared one is not among its ancestors.
    let mut found = accused(context, hop, other, message);
    found.severity = Severity::Violation;
    Some(found)
}

/// Whether no developer has candidates of both hops. Weights tell unrelated models apart by themselves; but of one developer's models one is
/// easily taken for another. Of a model that the catalog does not know, the organisation stands for the developer.
fn other_hands(context: &Context<'_>, hop: &Hop, other: &Hop) -> bool {
    let hands = |hop: &Hop| -> Vec<String> {
        let of = |id: &ModelId| match context.input.catalog.find(id.as_str()) {
            Some(model) => model.developer.to_ascii_lowercase(),
            None => id.organisation().to_ascii_lowercase(),
        };
        hop.candidates.iter().map(|one| of(&one.model)).collect()
    };
    let theirs = hands(other);
    !hands(hop).iter().any(|one| theirs.contains(one))
}

/// Whether a reason is a test of weights.
fn is_by_weights(reason: &Evidence) -> bool {
    reason.kind == EvidenceKind::Weights && reason.strength >= Strength::Weights
}

/// Whether the way in which the model was made explains that the dimensions of a declared base are not here.
fn explained(hop: &Hop, hops: &[&Hop]) -> bool {
    let declared = hops.iter().filter(|other| other.declared).count();
    match hop.relation {
        Relation::Merge | Relation::DistilledInto | Relation::Pruned | Relation::Adapter => true,
        Relation::FineTune
        | Relation::ContinuedPreTraining
        | Relation::Quantised
        | Relation::Converted
        | Relation::LayersDropped
        | Relation::LayersDuplicated
        | Relation::ExpertsPruned
        | Relation::VocabularyExtended
        | Relation::ContextExtended
        | Relation::Rehost
        | Relation::Unknown => declared > 1,
    }
}

/// Two places that declare unrelated bases for one model.
fn two_declarations(context: &Context<'_>, hop: &Hop) -> Option<Finding> {
    let other = hop.against.iter().find(|reason| {
        matches!(
            reason.kind,
            EvidenceKind::CardDeclaration
                | EvidenceKind::AdapterDeclaration
                | EvidenceKind::GgufDeclaration
                | EvidenceKind::ModelfileDeclaration
        )
    })?;
    let message = format!(
        "Could not tell which declaration is right: {} is declared, and {}.",
        title(hop),
        other.detail
    );
    Some(finding(context, hop, Answer::Unknown, Severity::Note, message, Some(other)))
}

fn accused(context: &Context<'_>, hop: &Hop, other: &Hop, message: String) -> Finding {
    let mut found = finding(
        context,
        hop,
        Answer::Unmet,
        context.hop_severity(other, Severity::Violation),
        message,
        hop.against.iter().find(|reason| is_by_weights(reason)).or_else(|| differences(hop).next()),
    );
    found.confidence = other.confidence;
    found.upstream = models(other);
    found.places.extend(context.hop_places(other));
    found
}

/// Whether another hop may speak against a declared one: nobody declares it, it is of another line, and it is not what the repository
/// says that it is itself.
fn accusable(context: &Context<'_>, hop: &Hop, other: &Hop) -> bool {
    !other.declared && unrelated(context, hop, other) && !context.presents_itself_as(other)
}

/// Whether two hops are about models of different lines: none of one is an ancestor, descendant or sibling of one of the other.
fn unrelated(context: &Context<'_>, hop: &Hop, other: &Hop) -> bool {
    let catalog = context.input.catalog;
    let root = |id: &ModelId| catalog.find(id.as_str()).map(|model| catalog.root(model).id);
    let developers = |hop: &Hop| -> Vec<&'static str> {
        let known = hop.candidates.iter().filter_map(|one| catalog.find(one.model.as_str()));
        known.map(|model| model.developer).collect()
    };
    let roots: Option<Vec<&str>> = hop.candidates.iter().map(|one| root(&one.model)).collect();
    let others: Option<Vec<&str>> = other.candidates.iter().map(|one| root(&one.model)).collect();
    let (Some(roots), Some(others)) = (roots, others) else { return false };
    // Of one developer's models one is easily taken for another, and their relations are known the least well.
    let theirs = developers(other);
    !roots.iter().any(|root| others.contains(root)) && !developers(hop).iter().any(|one| theirs.contains(one))
}

fn is_shape(reason: &Evidence) -> bool {
    matches!(reason.kind, EvidenceKind::Configuration | EvidenceKind::Tensors)
}

/// The dimensions in which the model here is another than the declared base.
fn differences(hop: &Hop) -> impl Iterator<Item = &Evidence> {
    hop.against.iter().filter(|reason| reason.kind == EvidenceKind::ConfigurationDetail)
}

fn title(hop: &Hop) -> String {
    candidates_title(&models(hop))
}

fn finding(
    context: &Context<'_>,
    hop: &Hop,
    answer: Answer,
    severity: Severity,
    message: String,
    reason: Option<&Evidence>,
) -> Finding {
    let mut places = context.hop_places(hop);
    places.truncate(1);
    if let Some(reason) = reason
        && let Some(location) = &reason.location
        && places.iter().all(|place| place.location != *location)
    {
        places.push(Place { location: location.clone(), commit: None, label: reason.detail.clone() });
    }
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unknown => {
            "Say in the card how the model was made, and state it with `base_model_relation`.".to_owned()
        }
        Answer::Unmet => "Declare the base that the weights come from in `base_model`; a teacher or a model that only gave data \
                          belongs in the card's text."
            .to_owned(),
    };
    let fix = (answer == Answer::Unmet).then(|| Fix { summary: help.clone() });
    let mut finding =
        Draft { rule: RULE.id, answer, severity, confidence: hop.confidence, places, message, help }
            .finding();
    finding.upstream = models(hop);
    finding.fix = fix;
    finding
}
