//! `unmodified-rehost`.

use forebear_types::finding::{Finding, Fix, Severity};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::obligation::Answer;
use forebear_types::{LineSpan, ModelId, RuleId};

use crate::documents::Document;
use crate::draft::Draft;
use crate::words::{candidates_title, models};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("unmodified-rehost"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "the weights are another model's, byte for byte, under another name and without credit",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let copies = context.input.lineage.hops.iter().filter(|hop| {
        hop.child.is_none() && hop.relation == Relation::Rehost && hop.strength == Strength::Identical
    });
    for hop in copies {
        // Under its own id it is no copy but the release itself.
        let own = |one: &forebear_types::lineage::Candidate| {
            context.input.own.iter().any(|id| id.same_as(one.model.as_str()))
        };
        if !hop.candidates.iter().any(own) {
            findings.push(judge(context, hop));
        }
    }
}

fn judge(context: &Context<'_>, hop: &Hop) -> Finding {
    let names = models(hop);
    let title = candidates_title(&names);
    let mention = forebear_lineage::named_in_prose(context.input.catalog, context.input.facts, hop)
        .into_iter()
        .find(|mention| !in_license_keys(context, mention));
    let (answer, message) = if declared(context, hop) {
        (
            Answer::Met,
            format!("The weights are those of {title}, byte for byte, and a base of that line is declared."),
        )
    } else if let Some(mention) = mention {
        (
            Answer::Met,
            format!(
                "The weights are those of {title}, byte for byte, and it is credited: {}.",
                mention.detail
            ),
        )
    } else if context.presents_itself_as(hop) {
        (
            Answer::Unknown,
            format!(
                "The weights are those of {title}, byte for byte, and the repository presents itself as that model. Could not \
                 tell whether it is the release or a copy that should say whose it is."
            ),
        )
    } else if !context.documents.iter().any(Document::is_card) {
        (
            Answer::Unknown,
            format!(
                "The weights are those of {title}, byte for byte. Without a card, could not tell under which name they are \
                 passed on."
            ),
        )
    } else {
        (
            Answer::Unmet,
            format!(
                "Every {} is that of {title}, byte for byte, and the repository presents it under another name \
                 without a word of where it comes from.",
                if by_tensors(hop) { "tensor" } else { "weight file" }
            ),
        )
    };
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unknown | Answer::Unmet => {
            "Say in the card whose weights these are, and declare them in `base_model`.".to_owned()
        }
    };
    let mut finding = Draft {
        rule: RULE.id,
        answer,
        severity: Severity::Warning,
        confidence: hop.confidence,
        places: context.hop_places(hop),
        message,
        help: help.clone(),
    }
    .finding();
    finding.upstream = names;
    finding.fix = (answer == Answer::Unmet).then_some(Fix { summary: help });
    finding
}

/// Whether the tensors are equal, whatever files hold them.
fn by_tensors(hop: &Hop) -> bool {
    hop.because.iter().all(|reason| reason.kind != EvidenceKind::FileDigest)
}

/// Whether the release, or another of its line, is declared.
fn declared(context: &Context<'_>, hop: &Hop) -> bool {
    let ids = |hop: &Hop| models(hop).into_iter();
    context.input.lineage.hops.iter().filter(|other| other.declared).any(|other| {
        let both: Vec<ModelId> = ids(hop).chain(ids(other)).collect();
        context.input.catalog.is_one_line(both.iter().map(ModelId::as_str))
    })
}

/// Whether a model is named only as a part of the licence's name (`license: llama2`): that says whose terms these are, not whose weights.
fn in_license_keys(context: &Context<'_>, mention: &Evidence) -> bool {
    let Some(location) = &mention.location else { return false };
    let cards = context.documents.iter().filter(|document| *document.path == location.path);
    cards.filter_map(Document::card).any(|card| {
        let keys = card.license.iter().chain(&card.license_name).chain(&card.license_link);
        let lines: Vec<LineSpan> = keys.map(|key| LineSpan::line(key.line)).collect();
        location.lines.is_some_and(|named| lines.iter().any(|line| line.overlaps(named)))
    })
}
