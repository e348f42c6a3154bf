//! `contradicted-origin-claim`.

use forebear_lineage::{Claim, ClaimKind, claims};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::{Confidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::obligation::Answer;
use forebear_types::{Location, RuleId};

use crate::draft::Draft;
use crate::words::{candidates_title, declared_earlier, models};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("contradicted-origin-claim"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "a card claims an origin that evidence contradicts",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    let mut claims = claims(context.input.facts);
    // The stronger claim is the one to look at.
    claims.sort_by_key(|claim| claim.kind);
    let Some(first) = claims.first() else { return };
    // What the card says of this model is not about the ancestors of its base.
    let hops: Vec<&Hop> = context
        .input
        .lineage
        .hops
        .iter()
        .filter(|hop| hop.child.is_none() && hop.relation != Relation::DistilledInto)
        .collect();
    let (contrary, open): (Vec<&Hop>, Vec<&Hop>) =
        hops.into_iter().partition(|hop| stands_against(hop, first.kind) && !context.presents_itself_as(hop));
    let said = format!("he card says “{}”, {}", first.words, kind_words(first.kind));
    let strongest = contrary.iter().max_by_key(|hop| (hop.strength, hop.unique));
    let finding = if let Some(hop) = strongest {
        let message = format!("T{said}, and {}", contradiction(hop, &candidates_title(&models(hop))));
        finding(context, Answer::Unmet, &claims, &contrary, message)
    } else if let Some(hop) = open.first() {
        let message = format!("Could not tell whether the claim stands: t{said}; {}.", doubt(context, hop));
        finding(context, Answer::Unknown, &claims, &open, message)
    } else {
        let message = format!("T{said}; nothing that was examined contradicts it. That is no proof of it.");
        finding(context, Answer::Met, &claims, &[], message)
    };
    findings.push(finding);
}

/// Whether a hop contradicts a claim. What the user of forebear stated is an opinion about the repository, not in it. Who
/// declares a base and calls the model an own development may mean what was done on that base.
fn stands_against(hop: &Hop, claim: ClaimKind) -> bool {
    let stated = hop.because.iter().all(|reason| reason.kind == EvidenceKind::StatedByUser);
    let strong = hop.declared || hop.strength >= Strength::Structural;
    strong && !stated && (!hop.declared || claim == ClaimKind::FromScratch)
}

fn doubt(context: &Context<'_>, hop: &Hop) -> String {
    let title = candidates_title(&models(hop));
    if context.presents_itself_as(hop) {
        format!("the repository presents itself as {title}, and an official release may well say so")
    } else if hop.declared {
        format!("it may be meant of what was done on {title}, which is declared as the base")
    } else if hop.strength >= Strength::Structural {
        format!("that {title} is the base is stated by you, not by the repository")
    } else {
        format!("what points to {title} is no more than a hint")
    }
}

fn contradiction(hop: &Hop, title: &str) -> String {
    if hop.declared {
        format!(
            "the repository itself declares {title} as the base: one of the two is a mistake, or needs explaining."
        )
    } else if let Some(earlier) = declared_earlier(hop) {
        format!("{}.", earlier.detail)
    } else if hop.carries_violation() {
        format!("what the repository holds points to {title}.")
    } else {
        format!(
            "the configuration is that of {title}. It is not proof: an independent model may have been trained with the same \
             configuration."
        )
    }
}

fn finding(
    context: &Context<'_>,
    answer: Answer,
    claims: &[Claim],
    hops: &[&Hop],
    message: String,
) -> Finding {
    let mut places: Vec<Place> = claims
        .iter()
        .map(|claim| Place {
            location: Location::lines(claim.path.clone(), claim.lines),
            commit: None,
            label: format!("“{}”", claim.words),
        })
        .collect();
    for place in hops.iter().flat_map(|hop| context.hop_places(hop)) {
        if places.iter().all(|known| known.location != place.location) {
            places.push(place);
        }
    }
    let confidence = hops.iter().map(|hop| hop.confidence).max().unwrap_or(Confidence::Low);
    let help = match answer {
        Answer::Unmet => {
            "Say in the card what was trained by you and from which weights the training started.".to_owned()
        }
        _ => String::new(),
    };
    let mut finding =
        Draft { rule: RULE.id, answer, severity: Severity::Note, confidence, places, message, help }
            .finding();
    finding.upstream = hops.first().map(|hop| models(hop)).unwrap_or_default();
    finding
}

fn kind_words(kind: ClaimKind) -> &'static str {
    match kind {
        ClaimKind::FromScratch => "a claim to have started from no other model",
        ClaimKind::InHouse => "a claim to be the publisher's own development",
    }
}
