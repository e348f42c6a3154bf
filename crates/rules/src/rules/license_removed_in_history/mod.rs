//! `license-removed-in-history`.

use forebear_types::fact::{Fact, FactKind, Scope};
use forebear_types::finding::{Finding, Moment, Place, Severity};
use forebear_types::history::{Event, EventKind, History, State};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::{Answer, Duty, Obligation};
use forebear_types::shell::shell_word;
use forebear_types::{Location, RepoPath, RuleId};

use crate::draft::Draft;
use crate::exposure::Spell;
use crate::past::{FETCH_ALL, by, events, shown};
use crate::words::exposure_words;
use crate::words::subject_words;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("license-removed-in-history"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "a legal text that is still owed was deleted, truncated or blanked",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let history = context.input.history;
    if history.head.is_none() || !context.holds_model() {
        return;
    }
    // One event can take away a text and the owner's line in it: one finding, for the text.
    let events: Vec<&Event> = events(context).collect();
    let mut reported: Vec<&Event> = Vec::new();
    for (index, obligation) in context.obligations.iter().enumerate() {
        for spell in context.line.spells[index].iter().filter(|spell| spell.lost) {
            let Some(event) = culprit(history, &events, spell, obligation) else { continue };
            // A line that went out of a text that stayed is `copyright-line-removed-in-history`'s.
            if obligation.duty == Duty::KeepCopyrightNotice && event.kind == EventKind::Changed {
                continue;
            }
            if reported.iter().all(|known| *known != event) {
                reported.push(event);
                findings.push(loss(context, index, obligation, spell, event));
            }
        }
    }
    unowed(context, &events, &reported, findings);
    kept(context, findings);
    cut_short(context, findings);
}

/// The event that took a text away: in the state where it was first missing, or on the way to it (a merged branch).
fn culprit<'a>(
    history: &History,
    events: &[&'a Event],
    spell: &Spell,
    obligation: &Obligation,
) -> Option<&'a Event> {
    let missing_since = &history.line[spell.from].snapshot;
    let last = events.iter().rposition(|event| event.snapshot == *missing_since);
    let before = last.map_or(events.len(), |last| last + 1);
    let takes = |event: &&&Event| {
        event.is_legal()
            && match event.kind {
                EventKind::Removed | EventKind::Truncated | EventKind::Relicensed | EventKind::Changed => {
                    true
                }
                EventKind::Added | EventKind::Renamed | EventKind::Restored => false,
            }
    };
    let held = |event: &&&Event| {
        let word = obligation.license.as_str();
        let before = event.from.as_deref().unwrap_or_default();
        match obligation.duty {
            Duty::KeepCopyrightNotice => obligation.subject.lines().any(|line| before.contains(line)),
            _ => before.contains(word),
        }
    };
    let events = &events[..before];
    let here = |event: &&&Event| event.snapshot == *missing_since;
    // The best witness held this very text; a file that was edited by hand may be described in other words.
    events
        .iter()
        .rev()
        .filter(takes)
        .find(|event| here(event) && held(event))
        .or_else(|| events.iter().rev().filter(takes).find(held))
        .or_else(|| events.iter().rev().filter(takes).find(here))
        .copied()
}

fn loss(
    context: &Context<'_>,
    index: usize,
    obligation: &Obligation,
    spell: &Spell,
    event: &Event,
) -> Finding {
    let upstream = context.upstream_title(obligation);
    let interval = exposure_words(&spell.exposure);
    let what = event.from.clone().unwrap_or_else(|| format!("the text of {}", obligation.license));
    let verb = match event.kind {
        EventKind::Truncated => "was truncated",
        EventKind::Relicensed => "was replaced by another licence",
        EventKind::Changed => "was changed",
        _ => "was removed",
    };
    let by = by(event);
    let open = spell.to.is_none() && obligation.answer != Answer::Met;
    let message = if open {
        format!(
            "{} ({what}) {verb} {by}; {}, owed to {upstream}, was not moved elsewhere: missing {interval}.",
            event.path,
            subject_words(obligation)
        )
    } else {
        format!("{} ({what}) {verb} {by} and came back later: missing {interval}.", event.path)
    };
    let best = if open { Severity::Violation } else { Severity::Warning };
    let commit = Moment::of(&event.snapshot).commit;
    let mut places = vec![Place {
        location: Location::file(event.path.clone()),
        commit,
        label: format!("{} here", verb.trim_start_matches("was ")),
    }];
    if let Some(hop) = context.hop(obligation) {
        places.extend(context.hop_places(hop).into_iter().take(1));
    }
    let path = shell_word(&event.path, false);
    let help = match commit {
        // Which side of a merge had the text is for its reader to see.
        Some(commit) if event.parents > 1 => format!(
            "Restore it from the side of the merge that has it: git checkout {id}^1 -- {path}, or {id}^2.{}",
            shown(event),
            id = commit.short()
        ),
        Some(commit) => {
            format!("Restore it: git checkout {}~1 -- {path}.{}", commit.short(), shown(event))
        }
        None => format!("Restore it before it is committed: git checkout HEAD -- {path}."),
    };
    let mut finding = Draft {
        rule: RULE.id,
        answer: Answer::Unmet,
        severity: context.severity(obligation, best),
        confidence: context.confidence(obligation),
        places,
        message,
        help,
    }
    .finding();
    finding.obligation = Some(index);
    finding.upstream = context.upstream(obligation);
    finding.exposure = Some(spell.exposure.clone());
    finding
}

/// Legal files that are gone or were cut down, where nothing known shows that their text is still owed.
fn unowed(context: &Context<'_>, events: &[&Event], reported: &[&Event], findings: &mut Vec<Finding>) {
    let history = context.input.history;
    let mut seen: Vec<&RepoPath> = Vec::new();
    for event in events.iter().rev() {
        let newest = !seen.contains(&&event.path);
        if !event.is_legal() || !newest {
            continue;
        }
        seen.push(&event.path);
        let here = context.input.facts.iter().any(|fact| fact.path == event.path);
        let verb = match event.kind {
            EventKind::Removed if !here => "removed",
            EventKind::Truncated => "truncated",
            _ => continue,
        };
        if reported.contains(event) {
            continue;
        }
        let Some(fact) = last_seen(history, &event.path) else { continue };
        if is_kept(context, fact) {
            continue;
        }
        let message = format!(
            "{} ({}) was {verb} in commit {} “{}”; could not tell whether its text is still owed: nothing that was found \
             shows to whom.",
            event.path,
            event.from.as_deref().unwrap_or("a legal text"),
            Moment::of(&event.snapshot).commit.map_or_else(|| "to come".to_owned(), |id| id.short()),
            event.subject
        );
        let place = Place {
            location: Location::file(event.path.clone()),
            commit: Moment::of(&event.snapshot).commit,
            label: format!("{verb} here"),
        };
        let finding = Draft {
            rule: RULE.id,
            answer: Answer::Unknown,
            severity: Severity::Note,
            confidence: Confidence::Low,
            places: vec![place],
            message,
            help: "If the model or a part of it came under that text, restore it; declare the base with `base_model` so that \
                   its duties can be judged."
                .to_owned(),
        };
        findings.push(finding.finding());
    }
}

/// The legal file as the history last held it, if it spoke for the model.
fn last_seen<'a>(history: &'a History, path: &RepoPath) -> Option<&'a Fact> {
    // The line has an order of time; a file that was never on it stood in a branch.
    let on_line = history.line.iter().rev().map(|point| &history.states[point.state]);
    on_line
        .chain(history.states.iter().rev())
        .flat_map(|state: &State| state.facts.iter())
        .map(AsRef::as_ref)
        .find(|fact| fact.path == *path)
        .filter(|fact| matches!(&fact.kind, FactKind::LegalFile(file) if file.scope == Scope::Model))
}

/// Whether every licence text and owner line of a removed file stands somewhere else now, or it held none.
fn is_kept(context: &Context<'_>, fact: &Fact) -> bool {
    let Some(gone) = fact.recognition() else { return true };
    if gone.licenses.is_empty() && gone.copyright.is_empty() && gone.unrecognised.is_empty() {
        return true;
    }
    if !gone.unrecognised.is_empty() && gone.licenses.is_empty() {
        return false;
    }
    gone.licenses.iter().all(|found| {
        context.documents.iter().any(|document| {
            document.recognition().licenses.iter().any(|other| other.id == found.id && other.whole())
        })
    })
}

/// One *met* line for each text that is here and never went missing.
fn kept(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.input.history.complete {
        return;
    }
    for (index, obligation) in context.obligations.iter().enumerate() {
        let lost = context.line.spells[index].iter().any(|spell| spell.lost);
        if obligation.duty != Duty::IncludeLicenseText
            || obligation.answer != Answer::Met
            || !obligation.certain
            || lost
        {
            continue;
        }
        let places = obligation
            .satisfied_by
            .iter()
            .map(|location| Place {
                location: location.clone(),
                commit: None,
                label: "it is here".to_owned(),
            })
            .collect();
        let mut finding = Draft {
            rule: RULE.id,
            answer: Answer::Met,
            severity: Severity::Note,
            confidence: Confidence::High,
            places,
            message: format!("The text of {} was never taken away.", obligation.license),
            help: String::new(),
        }
        .finding();
        finding.obligation = Some(index);
        finding.upstream = context.upstream(obligation);
        findings.push(finding);
    }
}

/// A text that is missing now, with a history that does not reach back far enough to say whether it was there.
fn cut_short(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.input.history.complete {
        return;
    }
    for (index, obligation) in context.obligations.iter().enumerate() {
        let unmet = obligation.duty == Duty::IncludeLicenseText
            && obligation.answer == Answer::Unmet
            && obligation.certain;
        if !unmet || context.line.spells[index].iter().any(|spell| spell.lost) {
            continue;
        }
        let mut finding = Draft {
            rule: RULE.id,
            answer: Answer::Unknown,
            severity: Severity::Note,
            confidence: Confidence::Low,
            places: vec![context.anchor("the history behind this is not complete")],
            message: format!(
                "Could not tell whether the text of {} was ever here: the history is not complete.",
                obligation.license
            ),
            help: FETCH_ALL.to_owned(),
        }
        .finding();
        finding.obligation = Some(index);
        finding.upstream = context.upstream(obligation);
        findings.push(finding);
    }
}
