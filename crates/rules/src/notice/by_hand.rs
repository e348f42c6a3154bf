//! What a notice lacks and a person has to add: one sentence each, with the address.

use forebear_licenses::terms::{Ask, FlowDown, terms};
use forebear_types::lineage::Candidate;
use forebear_types::obligation::{Answer, Duty, Obligation};

use super::compose::{add, has_blanks, owed, upstream_policy};
use super::{Body, Notice};
use crate::obligations::day_of_copy;
use crate::rule::Context;

/// What the notice lacks and a person has to copy or fill in.
pub(super) fn by_hand(context: &Context<'_>, notice: &mut Notice) {
    let mut left_out = Vec::new();
    for text in &notice.texts {
        if let Body::Elsewhere(addresses) = &text.body {
            let from = if addresses.is_empty() {
                "the upstream repository".to_owned()
            } else {
                addresses.join(", ")
            };
            left_out.push(format!(
                "{}: forebear does not have its text; copy the licence file whole from {from}, or name a local copy with \
                 --upstream",
                text.id
            ));
        }
    }
    for entry in &notice.entries {
        let title = entry.title();
        for terms in &entry.licenses {
            let asks = |duty| terms.asks.iter().any(|(one, _)| *one == duty);
            if asks(Duty::KeepCopyrightNotice) && entry.copyright.is_empty() {
                left_out.push(format!(
                    "{title}: its copyright line is not known here; copy it from its licence or notice file"
                ));
            }
            if asks(Duty::StateChanges) && entry.through.is_none() && entry.changes().is_none() {
                left_out
                    .push(format!("{title}: what was done to it is not known here; fill in the statement"));
            }
        }
    }
    left_out.extend(files_to_copy(context, notice));
    for obligation in context.obligations.iter().filter(|one| one.certain && has_blanks(one)) {
        left_out.push(format!("“{}” ({}): fill in and add it", obligation.subject, obligation.license));
    }
    for line in left_out {
        add(&mut notice.left_out, &line);
    }
}

/// Files of an ancestor that have to be here, and that only its repository has.
fn files_to_copy(context: &Context<'_>, notice: &Notice) -> Vec<String> {
    let mut files = Vec::new();
    for (index, hop) in context.input.lineage.hops.iter().enumerate() {
        let [candidate] = hop.candidates.as_slice() else { continue };
        let Some(entry) = notice.entry(&candidate.model) else { continue };
        for obligation in owed(context, index).filter(|one| one.answer == Answer::Unmet) {
            let (what, wanted): (_, fn(&str) -> bool) = match obligation.duty {
                Duty::KeepNoticeFile if entry.notices.is_empty() => {
                    ("NOTICE", |name| name.contains("NOTICE"))
                }
                // A policy that is a part of the licence's text comes with it.
                Duty::IncludeUsePolicy
                    if upstream_policy(context, &entry.models).is_none()
                        && !(in_the_text(obligation) && notice.gives_text(&obligation.license)) =>
                {
                    ("use policy", |name| name.contains("POLICY"))
                }
                _ => continue,
            };
            let from = addresses(context, candidate, wanted).join(", ");
            files.push(format!(
                "{}: copy its {what} from {from}, or name a local copy with --upstream",
                candidate.model
            ));
        }
    }
    files
}

/// Whether the use policy is a part of the licence's text.
pub(crate) fn in_the_text(obligation: &Obligation) -> bool {
    terms(&obligation.license).is_some_and(|terms| {
        terms.of(Duty::IncludeUsePolicy).any(
            |term| matches!(&term.ask, Ask::IncludePolicy(ask) if ask.flow_down == FlowDown::ByAgreementCopy),
        )
    })
}

pub(super) fn is_license(name: &str) -> bool {
    ["LICEN", "TERMS", "COPYING"].iter().any(|word| name.contains(word))
}

/// Where the files of a model are published whose names, in upper case, are wanted.
pub(super) fn addresses(
    context: &Context<'_>,
    candidate: &Candidate,
    wanted: fn(&str) -> bool,
) -> Vec<String> {
    let id = candidate.model.as_str();
    let Some(model) = context.input.catalog.find(id) else {
        return vec![format!("https://huggingface.co/{id}")];
    };
    let revision = candidate.revision.as_deref().unwrap_or("main");
    let day = day_of_copy(&context.input);
    let mut addresses = Vec::new();
    for period in model.periods(candidate.revision.as_deref(), &day) {
        for file in period.files.iter().chain(period.use_policy.as_ref()) {
            if wanted(&file.to_ascii_uppercase()) {
                add(&mut addresses, &format!("https://huggingface.co/{id}/blob/{revision}/{file}"));
            }
        }
    }
    if addresses.is_empty() {
        addresses.push(format!("https://huggingface.co/{id}"));
    }
    addresses
}
