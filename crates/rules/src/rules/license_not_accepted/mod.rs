//! `license-not-accepted`.

mod subject;

use forebear_types::RuleId;
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::obligation::Answer;

use crate::draft::Draft;
use crate::policy::{ListedLicense, Verdict};
use crate::satisfaction::place_words;
use crate::{Context, Rule, Stage};
use subject::{Certainty, Subject};

pub(super) static RULE: Rule = Rule {
    id: RuleId("license-not-accepted"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "the own licence or an ancestor's is one that the configuration denies, wants reviewed, or does not list",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.input.policy.licenses.is_empty() || !context.holds_model() {
        return;
    }
    for subject in subject::all(context) {
        findings.extend(judge(context, subject));
    }
}

/// One finding for each licence that stands here; none for a hint at a base.
fn judge(context: &Context<'_>, subject: Subject) -> Option<Finding> {
    let lists = &context.input.policy.licenses;
    let verdicts: Vec<Verdict<'_>> = subject.licenses.iter().map(|license| lists.verdict(license)).collect();
    let mildest = verdicts.iter().copied().min_by_key(Verdict::rank);
    let all_refused = mildest.is_some_and(|verdict| verdict.rank() > 0);
    let all_accepted = verdicts.iter().all(|verdict| verdict.rank() == 0);
    let (answer, verdict) = match (&subject.certainty, mildest) {
        // A base that is not certain is nobody's finding as long as its licence would be accepted.
        (Certainty::Doubtful(_), Some(_)) if all_accepted && !subject.incomplete() => return None,
        (Certainty::Doubtful(_), Some(verdict)) => (Answer::Unknown, verdict),
        (Certainty::Doubtful(_), None) => return None,
        (Certainty::Certain, Some(verdict)) if subject.incomplete() => (Answer::Unknown, verdict),
        (Certainty::Certain, Some(verdict)) if all_refused => (Answer::Unmet, verdict),
        (Certainty::Certain, Some(verdict)) if all_accepted => (Answer::Met, verdict),
        (Certainty::Certain, Some(verdict)) => (Answer::Unknown, verdict),
        (Certainty::Certain, None) => (Answer::Unknown, Verdict::Unlisted),
    };
    let severity = match verdict {
        Verdict::Denied(_) => Severity::Violation,
        Verdict::Accepted(_) | Verdict::Review(_) | Verdict::Unlisted => Severity::Warning,
    };
    let message = match answer {
        Answer::Unmet => format!("{}, {}.", subject.sentence, words(verdict)),
        Answer::Met => format!("{}, {}.", subject.sentence, accepted_words(verdict)),
        Answer::Unknown => {
            format!("Could not tell whether the licence is accepted: {}.", doubt(&subject, &verdicts))
        }
    };
    let mut places = subject.places;
    let named = verdicts.iter().filter_map(|verdict| entry(*verdict));
    for listed in named.filter(|_| answer != Answer::Unknown).take(1) {
        let label = format!("listed under `{}`", listed.list.name());
        places.push(Place { location: listed.location.clone(), commit: None, label });
    }
    let mut finding = Draft {
        rule: RULE.id,
        answer,
        severity,
        confidence: subject.confidence,
        places,
        message,
        help: help(answer, verdict, subject.upstream.is_empty()),
    }
    .finding();
    finding.upstream = subject.upstream;
    Some(finding)
}

fn entry(verdict: Verdict<'_>) -> Option<&ListedLicense> {
    match verdict {
        Verdict::Accepted(listed) => listed,
        Verdict::Review(listed) | Verdict::Denied(listed) => Some(listed),
        Verdict::Unlisted => None,
    }
}

/// "which `deny` refuses (forebear.toml, line 4)".
fn words(verdict: Verdict<'_>) -> String {
    let at = entry(verdict).map(|listed| format!(" ({})", place_words(&listed.location)));
    let at = at.unwrap_or_default();
    match verdict {
        Verdict::Denied(_) => format!("which the configuration denies{at}"),
        Verdict::Review(_) => format!("which the configuration wants reviewed first{at}"),
        Verdict::Unlisted => "which none of the configuration's lists of licences has".to_owned(),
        Verdict::Accepted(_) => accepted_words(verdict),
    }
}

fn accepted_words(verdict: Verdict<'_>) -> String {
    match entry(verdict) {
        Some(listed) => format!("which the configuration allows ({})", place_words(&listed.location)),
        None => "which the configuration does not deny".to_owned(),
    }
}

/// Why nobody can say.
fn doubt(subject: &Subject, verdicts: &[Verdict<'_>]) -> String {
    if let Certainty::Doubtful(why) = &subject.certainty {
        return format!("{}; {why}", subject.sentence);
    }
    if let Some(missing) = &subject.missing {
        return missing.clone();
    }
    let worst = verdicts.iter().copied().max_by_key(Verdict::rank);
    let worst = worst.map(words).unwrap_or_default();
    format!("{}; one of these is a licence {worst}", subject.sentence)
}

fn help(answer: Answer, verdict: Verdict<'_>, own: bool) -> String {
    match (answer, verdict) {
        (Answer::Met, _) => String::new(),
        (Answer::Unknown, _) if own => {
            "Name the licence by its SPDX id, or by `license: other` with `license_name` and `license_link`.".to_owned()
        }
        (Answer::Unknown, _) => "Name the base that was used in `base_model`, or state it with its licence under [[upstream]] in \
                                 forebear.toml."
            .to_owned(),
        (Answer::Unmet, Verdict::Denied(_)) if own => {
            "Release the model under a licence that the configuration accepts, as far as the base's terms allow one."
                .to_owned()
        }
        (Answer::Unmet, Verdict::Denied(_)) => {
            "Build on another base, or have whoever decides on licences change the list.".to_owned()
        }
        (Answer::Unmet, _) => "Have the licence reviewed by whoever decides on licences, then put it into `allow` or `deny`, or accept \
                               this one use with `forebear waive`."
            .to_owned(),
    }
}
