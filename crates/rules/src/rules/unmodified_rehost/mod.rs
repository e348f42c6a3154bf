//! `unmodified-rehost`.

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Fix, Severity};
use forebear_types::lineage::{Hop, Relation, Strength};
use forebear_types::obligation::Answer;

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
    let mention =
        forebear_lineage::named_in_prose(context.input.catalog, context.input.facts, hop).into_iter().next();
    let (answer, message) = if hop.declared {
        (Answer::Met, format!("The weights are those of {title}, byte for byte, and the card declares it."))
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
                "Every weight file is that of {title}, byte for byte, and the repository presents it under another name \
                 without a word of where it comes from."
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
