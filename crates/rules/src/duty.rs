//! What the rules that judge one duty share.

use forebear_types::finding::{Finding, Fix, Place};
use forebear_types::obligation::{Answer, Artefact, Creditor, Duty, Obligation};

use forebear_licenses::terms::{Ask, Term, terms};

use crate::deeds::Deeds;
use crate::draft::Draft;
use crate::fix;
use crate::rule::{Context, Rule};
use crate::words::{capital, clause_words, exposure_words, sentence_start, subject_words};

/// What a duty rule says in its own words.
pub(crate) struct Wording {
    /// Whose findings they are; its severity is that on the best evidence.
    pub(crate) rule: &'static Rule,
    pub(crate) duty: Duty,
    /// What to do when it is not done.
    pub(crate) help: fn(&Obligation, &str) -> String,
}

/// One finding for every obligation of the duty: met with its bytes, unmet, or could not tell.
pub(crate) fn judge(wording: &Wording, context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (index, obligation) in context.obligations.iter().enumerate() {
        if obligation.duty != wording.duty || (!obligation.certain && obligation.answer != Answer::Met) {
            // What is owed only if the base is another one stands in the obligations as conditional, and accuses nobody.
            continue;
        }
        if obligation.answer == Answer::Unknown
            && (may_have_none(obligation) || is_asked(context, obligation))
        {
            // Whether there is anything to do is not known: the checklist says so, and it is nobody's finding.
            continue;
        }
        findings.push(finding(wording, context, index, obligation));
    }
}

/// Whether the upstream may have nothing of what the duty asks to keep.
fn may_have_none(obligation: &Obligation) -> bool {
    let kept = match obligation.duty {
        Duty::KeepCopyrightNotice => obligation.subject.is_empty(),
        Duty::KeepNoticeFile => true,
        _ => return false,
    };
    kept && has_term(obligation, |term| term.when_present)
}

/// Whether only the publisher knows whether the duty applies: nothing here triggers it, or the licence asks and does not require.
fn is_asked(context: &Context<'_>, obligation: &Obligation) -> bool {
    let deeds = context.hop(obligation).map_or_else(Deeds::own, Deeds::of);
    has_term(obligation, |term| {
        deeds.trigger(term).is_none() || matches!(&term.ask, Ask::Display(ask) if !ask.must)
    })
}

fn has_term(obligation: &Obligation, is: impl Fn(&Term) -> bool) -> bool {
    terms(&obligation.license).is_some_and(|terms| {
        terms.of(obligation.duty).any(|term| term.clause == obligation.clause && is(term))
    })
}

fn finding(wording: &Wording, context: &Context<'_>, index: usize, obligation: &Obligation) -> Finding {
    let missing = subject_words(obligation);
    let upstream = context.upstream_title(obligation);
    let asks = format!("{}, {}", obligation.license, clause_words(&obligation.clause));
    let exposure = context.line.spells[index]
        .last()
        .filter(|spell| spell.to.is_none())
        .map(|spell| spell.exposure.clone());
    let message = match obligation.answer {
        Answer::Met => format!("{} ({asks})", capital(&obligation.reason)),
        Answer::Unknown => format!(
            "Could not tell whether {missing}, owed to {upstream} ({asks}), is kept: {}.",
            obligation.reason
        ),
        Answer::Unmet => {
            let whom = match obligation.creditor {
                Creditor::Own => format!("The declared licence asks that its text travel along ({asks})"),
                Creditor::Ancestor { .. } if obligation.artefact == Artefact::Code => {
                    format!("The code of {upstream} is passed on here under {asks}")
                }
                Creditor::Ancestor { .. } => {
                    format!("{} is passed on here under {asks}", sentence_start(&upstream))
                }
            };
            let since = exposure.as_ref().filter(|exposure| exposure.from.commit.is_some());
            let since =
                since.map_or_else(String::new, |exposure| format!(" Missing {}.", exposure_words(exposure)));
            let fails = match obligation.duty {
                Duty::NamePrefix => "its name is another one".to_owned(),
                Duty::StateChanges => format!("{missing} is not said"),
                Duty::PassOnUseRestrictions => format!("{missing} are not passed on"),
                _ => format!("{missing} is missing"),
            };
            format!("{whom}, but {fails}: {}.{since}", obligation.reason)
        }
    };
    let places = match (obligation.answer, context.hop(obligation)) {
        (Answer::Met, _) => obligation
            .satisfied_by
            .iter()
            .map(|location| Place {
                location: location.clone(),
                commit: None,
                label: format!("{missing} is here"),
            })
            .collect(),
        // The first place proves the base; `base-undeclared` and the lineage show the others.
        (_, Some(hop)) => context.hop_places(hop).into_iter().take(1).collect(),
        (_, None) => vec![context.anchor("the licence is declared here")],
    };
    let mut finding = Draft {
        rule: wording.rule.id,
        answer: obligation.answer,
        severity: context.severity(obligation, wording.rule.severity),
        confidence: context.confidence(obligation),
        places,
        message,
        help: help(wording, context, obligation, &upstream),
    }
    .finding();
    finding.obligation = Some(index);
    finding.upstream = context.upstream(obligation);
    finding.exposure = exposure;
    if obligation.answer == Answer::Unmet && obligation.certain && is_written(wording.duty) {
        finding.fix = Some(Fix { summary: (wording.help)(obligation, &upstream) });
        finding.edits = fix::of_duty(context, obligation);
    }
    finding
}

/// Whether a duty is done by adding words or files, which forebear can write; a name is for people to change.
fn is_written(duty: Duty) -> bool {
    duty != Duty::NamePrefix
}

/// What to do, and for weak evidence what would settle it.
fn help(wording: &Wording, context: &Context<'_>, obligation: &Obligation, upstream: &str) -> String {
    if obligation.answer == Answer::Met {
        return String::new();
    }
    let mut help = (wording.help)(obligation, upstream);
    let own = &context.input.policy.project.copyright;
    if obligation.creditor == Creditor::Own && !own.is_empty() {
        help.push_str(&format!(" The configuration has it: “{}”.", own.join("” and “")));
    }
    if let Some(hop) = context.hop(obligation)
        && !hop.carries_violation()
    {
        help.push_str(
            " The configuration is no proof: an unrelated model may have been trained with the same one. State the true base \
             with --base, or in base_model of the card, to settle it.",
        );
    } else if context.hop(obligation).is_some() && context.adapter_only() {
        help.push_str(
            " The repository holds an adapter and none of the base's own weights; whether the duty reaches it is not \
             settled.",
        );
    }
    if obligation.certain
        && let Creditor::Ancestor { candidates, .. } = &obligation.creditor
        && candidates.len() > 1
    {
        help.push_str(&format!(
            " The evidence fits {} releases, whose licences all ask for this: name the true one in base_model.",
            candidates.len()
        ));
    }
    help
}
