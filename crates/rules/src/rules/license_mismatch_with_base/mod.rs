//! `license-mismatch-with-base`.

mod compare;

use forebear_licenses::hub::HubLicense;
use forebear_licenses::terms::{Class, Terms, terms};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::{Hop, Relation, Strength};
use forebear_types::obligation::{Answer, Creditor, Duty};
use forebear_types::{LicenseId, ModelId, RuleId};

use crate::declared::{DeclaredLicense, declared_license};
use crate::draft::Draft;
use crate::obligations::alternatives::{alternatives, day_of_copy};
use crate::words::candidates_title;
use crate::{Context, Rule, Stage};
use compare::{Gap, Outcome, compare};

pub(super) static RULE: Rule = Rule {
    id: RuleId("license-mismatch-with-base"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the declared licence grants what the base's licence withholds",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

/// A licence that the base may have, and what comes of the declared licence then.
struct Judged {
    base: Terms,
    models: Vec<ModelId>,
    outcome: Outcome,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(declared) = declared_license(context.input.facts) else { return };
    if declared.values.iter().all(|(value, _)| value.value.eq_ignore_ascii_case("unknown")) {
        return;
    }
    for (index, hop) in context.input.lineage.hops.iter().enumerate() {
        // A hint lays nothing on anybody, and an official release may have any licence.
        let skipped = hop.strength == Strength::Circumstantial
            || context.presents_itself_as(hop)
            || context.of_a_program(hop);
        if !skipped {
            findings.extend(judge(context, index, hop, &declared));
        }
    }
}

fn judge(context: &Context<'_>, index: usize, hop: &Hop, declared: &DeclaredLicense<'_>) -> Option<Finding> {
    let (alternatives, _) = alternatives(&context.input, hop, &day_of_copy(&context.input));
    let mut judged: Vec<Judged> = Vec::new();
    let mut every = true;
    for alternative in alternatives {
        let Some(base) = terms(&alternative.weights).filter(|base| base.class != Class::Policy) else {
            every = false;
            continue;
        };
        match judged.iter_mut().find(|one| one.base.id == base.id) {
            Some(one) if one.models.contains(&alternative.model) => {}
            Some(one) => one.models.push(alternative.model),
            None => {
                let outcome = outcome(&base, declared, hop);
                judged.push(Judged { base, models: vec![alternative.model], outcome });
            }
        }
    }
    let grants = |one: &&Judged| matches!(one.outcome, Outcome::Grants { .. });
    let open = |one: &&Judged| matches!(one.outcome, Outcome::Open(_));
    let (leader, certain) = match judged.iter().find(grants) {
        Some(one) => (one, every && judged.iter().all(|one| grants(&one))),
        None => (judged.iter().find(open).or(judged.first())?, every),
    };
    Some(finding(context, index, hop, declared, leader, certain))
}

/// What comes of the declared values together: one that the base's terms allow is enough, since it is declared as well.
fn outcome(base: &Terms, declared: &DeclaredLicense<'_>, hop: &Hop) -> Outcome {
    let mut outcomes: Vec<Outcome> =
        declared.values.iter().map(|(_, license)| of_value(base, license, declared, hop)).collect();
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Allowed(_) => 0,
        Outcome::Open(_) => 1,
        Outcome::Grants { .. } => 2,
    };
    outcomes.sort_by_key(rank);
    outcomes.into_iter().next().unwrap_or_else(|| Outcome::Open("no licence is declared".to_owned()))
}

fn of_value(base: &Terms, license: &HubLicense, declared: &DeclaredLicense<'_>, hop: &Hop) -> Outcome {
    let mut outcomes: Vec<Outcome> = license.candidates().iter().map(|id| compare(base, id)).collect();
    let allowed = outcomes.iter().position(|outcome| matches!(outcome, Outcome::Allowed(_)));
    let all_grant = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Grants { .. }));
    match license {
        HubLicense::Other | HubLicense::Unknown => unnamed(base, declared, hop),
        HubLicense::Known { expression: Some(expression), .. } if offers_a_choice(expression) => {
            // Whoever receives it may choose: each of the choices has to be one that the base allows.
            match outcomes.iter().position(|outcome| !matches!(outcome, Outcome::Allowed(_))) {
                Some(_) if allowed.is_some() => Outcome::Open(format!(
                    "of `{expression}` not every choice is one that {} allows",
                    base.id
                )),
                Some(first) => outcomes.swap_remove(first),
                None => Outcome::Allowed("every choice is one that it allows".to_owned()),
            }
        }
        HubLicense::Known { .. } | HubLicense::OneOf { complete: true, .. } => match allowed {
            Some(index) => outcomes.swap_remove(index),
            None if all_grant && !outcomes.is_empty() => outcomes.swap_remove(0),
            None => outcomes
                .into_iter()
                .find(|outcome| matches!(outcome, Outcome::Open(_)))
                .unwrap_or_else(|| unnamed(base, declared, hop)),
        },
        HubLicense::OneOf { complete: false, .. } => match allowed {
            Some(index) => outcomes.swap_remove(index),
            None => Outcome::Open(format!("`{}` stands for several texts", declared.words())),
        },
    }
}

fn offers_a_choice(expression: &str) -> bool {
    expression.split_whitespace().any(|word| word.eq_ignore_ascii_case("or"))
}

/// Terms that no table knows: fine where the base withholds nothing, or where they bear the base's name.
fn unnamed(base: &Terms, declared: &DeclaredLicense<'_>, hop: &Hop) -> Outcome {
    if matches!(compare(base, &LicenseId::from("MIT")), Outcome::Allowed(_)) {
        return Outcome::Allowed(format!("{} withholds nothing", base.id));
    }
    if bears_name(declared, hop) {
        return Outcome::Allowed(format!("it bears the name of the base, which is under {}", base.id));
    }
    Outcome::Open(format!("the terms called `{}` are not known", declared.words()))
}

/// Whether `license_name` or `license_link` name the base: its id, its organisation, or the first word of its name.
fn bears_name(declared: &DeclaredLicense<'_>, hop: &Hop) -> bool {
    let said: Vec<String> = [&declared.card.license_name, &declared.card.license_link]
        .into_iter()
        .flatten()
        .map(|value| value.value.to_lowercase())
        .collect();
    hop.candidates.iter().any(|candidate| {
        let name = candidate.model.name().to_lowercase();
        let word: String = name.chars().take_while(|letter| letter.is_alphabetic()).collect();
        let organisation = candidate.model.organisation().to_lowercase();
        [word, organisation].iter().any(|word| word.len() >= 4 && said.iter().any(|text| text.contains(word)))
    })
}

fn finding(
    context: &Context<'_>,
    index: usize,
    hop: &Hop,
    declared: &DeclaredLicense<'_>,
    leader: &Judged,
    certain: bool,
) -> Finding {
    let base = format!("{} ({})", candidates_title(&leader.models), leader.base.id);
    let words = declared.words();
    let (answer, severity, message) = match &leader.outcome {
        Outcome::Allowed(why) if certain => (
            Answer::Met,
            Severity::Note,
            format!("The card declares {words}, and the licence of {base} allows that: {why}."),
        ),
        Outcome::Allowed(why) => (
            Answer::Unknown,
            Severity::Note,
            format!(
                "The licence of {base} allows the declared {words} ({why}). Could not tell of another licence under which the base \
                 may have been copied: it is not in the tables."
            ),
        ),
        Outcome::Open(why) => (
            Answer::Unknown,
            Severity::Note,
            format!("Could not tell whether the licence of {base} allows the declared {words}: {why}."),
        ),
        Outcome::Grants { gaps, own_terms, open } => {
            let gaps_in_words = gap_words(gaps);
            let what = format!("{words} grants what the licence of {base} withholds: {gaps_in_words}");
            if !certain {
                let message = format!(
                    "If the base is {base}, the declared {words} grants what that licence withholds: {gaps_in_words}. Could not \
                     tell which base it is."
                );
                (Answer::Unknown, Severity::Note, message)
            } else if hop.relation == Relation::DistilledInto {
                let message = format!(
                    "The declared {what}. Could not tell whether that licence reaches a model that was trained on outputs and \
                     holds none of the base's weights."
                );
                (Answer::Unknown, Severity::Note, message)
            } else {
                let best = severity(context, index, leader, gaps, *own_terms, *open);
                let through = hop.child.as_ref().map_or_else(String::new, |child| {
                    format!(" It is an ancestor by way of {child}, whose licence may hide that.")
                });
                (Answer::Unmet, context.hop_severity(hop, best), format!("The declared {what}.{through}"))
            }
        }
    };
    let mut places =
        vec![Place { location: declared.location(), commit: None, label: format!("license: {words}") }];
    places.extend(context.hop_places(hop).into_iter().take(1));
    let help = help(context, answer, leader, hop);
    let mut finding =
        Draft { rule: RULE.id, answer, severity, confidence: hop.confidence, places, message, help }
            .finding();
    finding.upstream = leader.models.clone();
    finding
}

/// The severity before the strength of the lineage is looked at. A licence that is itself restricted, or a base that lets derivatives
/// have own terms within its conditions, withholds less than an open licence on a closed base.
fn severity(
    context: &Context<'_>,
    index: usize,
    leader: &Judged,
    gaps: &[Gap],
    own_terms: bool,
    open: bool,
) -> Severity {
    // With the base's text beside it, a recipient sees the limits: the card is wrong, and nobody is misled for long.
    let text_here = context.obligations.iter().any(|obligation| {
        obligation.duty == Duty::IncludeLicenseText
            && obligation.answer == Answer::Met
            && obligation.license == leader.base.id
            && matches!(obligation.creditor, Creditor::Ancestor { hop, .. } if hop == index)
    });
    // Who declares what a model in between declares follows its publisher: the mismatch was handed down.
    let handed_down = context.input.lineage.hops.get(index).is_some_and(|hop| hop.child.is_some());
    let hard = gaps.iter().any(|gap| gap.hard);
    if !text_here && !handed_down && (hard || (open && !own_terms)) {
        Severity::Violation
    } else {
        Severity::Warning
    }
}

fn gap_words(gaps: &[Gap]) -> String {
    gaps.iter().map(|gap| gap.words.as_str()).collect::<Vec<&str>>().join("; ")
}

fn help(context: &Context<'_>, answer: Answer, leader: &Judged, hop: &Hop) -> String {
    if answer == Answer::Met {
        return String::new();
    }
    let id = &leader.base.id;
    let value = forebear_licenses::hub::names(id).into_iter().next();
    let name = forebear_licenses::hub::other_names(id).into_iter().next();
    let declare = match (value, name) {
        (Some(value), _) => format!("`license: {value}`"),
        (None, Some(name)) => format!("`license: other` with `license_name: {name}` and a link to it"),
        (None, None) => "the base's licence as the base's own card does".to_owned(),
    };
    let mut help = format!(
        "Declare {declare}, or terms of your own that keep the base's limits. A licence of your own for what you added can be named \
         in the card's text."
    );
    if context.adapter_only() {
        help.push_str(
            " The repository holds an adapter and none of the base's own weights; whether the base's terms reach it is not settled.",
        );
    } else if !hop.carries_violation() {
        help.push_str(
            " The configuration is no proof: an unrelated model may have been trained with the same one. State the true base with \
             --base, or in base_model of the card, to settle it.",
        );
    }
    help
}
