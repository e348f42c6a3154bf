//! The parts of a report below its verdict.

use forebear_types::Snapshot;
use forebear_types::edit::{Edit, Reach};
use forebear_types::finding::{Exposure, Finding, Place};
use forebear_types::lineage::{Evidence, Hop, Strength};
use forebear_types::obligation::{Answer, Artefact, Creditor, Obligation};
use forebear_types::run::Run;

use super::escape::{code, text};
use super::fit::Section;
use crate::graph::standing;
use crate::text::{checklist, count, one_of, place, plain};
use crate::{safe, tally};

/// Pieces of evidence for or against a step.
const REASONS: usize = 6;

/// Places of a finding.
const PLACES: usize = 10;

/// Characters of what stands at a place.
const LABEL: usize = 160;

/// Events and problems that are shown without folding.
const OPEN: usize = 5;

/// All parts in the order of the report, for one of `room` bytes. `level` is the headings' marks.
pub(super) fn all(run: &Run, level: &str, room: usize) -> Vec<Section> {
    let section = |heading: &str, unit, rank, blocks: Vec<String>| Section {
        heading: format!("{level} {heading}"),
        blocks,
        more: 0,
        unit,
        rank,
        folded: None,
    };
    let fold = |section: Section| {
        let words = count(section.blocks.len(), section.unit);
        let folded = (section.blocks.len() > OPEN).then_some(words);
        Section { folded, ..section }
    };
    let (found, more) = findings(run, level, room);
    vec![
        section("Descends from", "step", 2, lineage(run)),
        section("What is owed", "duty", 1, duties(run)),
        Section { more, ..section("Findings", "finding", 0, found) },
        section("Weights without what was owed", "interval", 4, exposures(run)),
        fold(section("What changed in legal files and declarations", "event", 6, events(run))),
        fold(section("Waived, or known before", "finding", 5, accepted(run))),
        fold(section("Not examined", "part", 3, not_examined(run))),
    ]
}

fn lineage(run: &Run) -> Vec<String> {
    if run.facts.is_empty() {
        return Vec::new();
    }
    let hops = &run.lineage.hops;
    if hops.is_empty() {
        let none = "No base was found: nothing declares one, and nothing that was examined points to one.\n";
        return vec![none.to_owned()];
    }
    let proven = hops.iter().any(|hop| hop.strength > Strength::Circumstantial);
    let mut blocks = Vec::new();
    if !proven {
        blocks.push("No base is declared or proven. Hints, which prove nothing:\n\n".to_owned());
    }
    let shown = hops.iter().filter(|hop| !proven || hop.strength > Strength::Circumstantial);
    blocks.extend(shown.map(step));
    blocks
}

fn step(hop: &Hop) -> String {
    let models = one_of(hop.candidates.iter().map(|candidate| &candidate.model));
    let subject = match (&hop.child, hop.subject.is_root()) {
        (Some(child), _) => format!(" as the base of {}", text(child.as_str())),
        (None, true) => String::new(),
        (None, false) => format!(" for the model in {}", code(&hop.subject.to_string())),
    };
    let mut block = format!("- **{}**{subject} ({})\n", text(&models), text(&standing(hop).join("; ")));
    for (word, reasons) in [("for", &hop.because), ("against", &hop.against)] {
        for one in reasons.iter().take(REASONS) {
            block.push_str(&format!("  - {word}: {}\n", reason(one)));
        }
        if reasons.len() > REASONS {
            block.push_str(&format!("  - {word}: {}\n", count(reasons.len() - REASONS, "more reason")));
        }
    }
    block
}

fn reason(one: &Evidence) -> String {
    let at = one.location.as_ref().map(|at| format!(" {}", code(&place(at)))).unwrap_or_default();
    format!("{}{at}", text(&one.detail))
}

/// The checklist, below those to whom the duties are owed, what is unmet first.
fn duties(run: &Run) -> Vec<String> {
    let mut groups: Vec<(String, Vec<&Obligation>)> = Vec::new();
    for owed in &run.obligations {
        let to = match &owed.creditor {
            Creditor::Own => "under the repository's own licence, to whoever receives the model".to_owned(),
            Creditor::Ancestor { candidates, .. } => {
                format!("to the owners of {}", text(&one_of(candidates.iter())))
            }
        };
        match groups.iter_mut().find(|(known, _)| *known == to) {
            Some((_, group)) => group.push(owed),
            None => groups.push((to, vec![owed])),
        }
    }
    let mut blocks = Vec::new();
    for (to, mut group) in groups {
        let order =
            |answer| [Answer::Unmet, Answer::Unknown, Answer::Met].iter().position(|one| *one == answer);
        group.sort_by_key(|owed| order(owed.answer));
        for (index, owed) in group.into_iter().enumerate() {
            let heading = if index == 0 { format!("- {to}:\n") } else { String::new() };
            blocks.push(format!("{heading}  - {}\n", duty(owed)));
        }
    }
    blocks
}

fn duty(owed: &Obligation) -> String {
    let (mark, word) = match owed.answer {
        Answer::Met => ("✔", "met"),
        Answer::Unmet => ("✘", "unmet"),
        Answer::Unknown => ("?", "could not tell"),
    };
    let subject = match owed.subject.trim() {
        "" => String::new(),
        subject => format!(" “{}”", text(subject)),
    };
    let artefact = match owed.artefact {
        Artefact::Weights => "",
        Artefact::Code => ", for the code",
    };
    let condition = if owed.certain { "" } else { ", if this is the base" };
    let license = format!("{}{}", owed.license, checklist::clause(&owed.clause));
    let detail = match (owed.answer, owed.satisfied_by.as_slice()) {
        (Answer::Met, [first, ..]) => format!(" by {}", code(&place(first))),
        _ if owed.reason.is_empty() => String::new(),
        _ => format!(": {}", text(&owed.reason)),
    };
    format!(
        "{mark} {}{subject} ({}{artefact}{condition}) — {word}{detail}",
        owed.duty.sentence(),
        text(&license)
    )
}

/// The findings until they take more than the room, and how many there are besides.
fn findings(run: &Run, level: &str, room: usize) -> (Vec<String>, usize) {
    let mut findings = tally::listed(run).filter(|finding| !finding.known);
    let (mut blocks, mut length) = (Vec::new(), 0);
    while length <= room
        && let Some(finding) = findings.next()
    {
        let block = wrong(run, finding, level);
        length += block.len();
        blocks.push(block);
    }
    (blocks, findings.count())
}

fn wrong(run: &Run, finding: &Finding, level: &str) -> String {
    let severity = match finding.answer {
        Answer::Unknown => "could not tell",
        _ => tally::severity(finding).name(),
    };
    let mut block = format!("{level}# {severity}: {}\n\n{}\n", rule(run, finding), text(&finding.message));
    let done = match finding.edits.iter().map(Edit::reach).min() {
        None => "",
        Some(Reach::Safe) => " `forebear check --fix` does it.",
        Some(Reach::All) => " `forebear check --fix=all` does it.",
    };
    if !finding.help.is_empty() || !done.is_empty() {
        block.push_str(&format!("\n**To mend it:** {}{done}\n", text(&finding.help)));
    }
    block.push_str("\n<details><summary>Where, and how sure</summary>\n\n");
    for one in finding.places.iter().take(PLACES) {
        block.push_str(&format!("- {}\n", at(run, one)));
    }
    if finding.places.len() > PLACES {
        block.push_str(&format!("- {}\n", count(finding.places.len() - PLACES, "more place")));
    }
    if let Some(exposure) = &finding.exposure {
        block.push_str(&format!("- missing beside weights {}\n", text(&plain::interval(exposure))));
    }
    block.push_str(&format!(
        "- confidence {}; fingerprint {}\n\n</details>\n\n",
        finding.confidence.name(),
        code(&finding.fingerprint.0)
    ));
    block
}

/// The name of the rule, linked to its page where one is known.
fn rule(run: &Run, finding: &Finding) -> String {
    let name = code(finding.rule.0);
    let plain =
        |page: &String| page.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>[]\\`\"".contains(&byte));
    match run.maker.rule_page(finding.rule).filter(plain) {
        Some(page) => format!("[{name}]({page})"),
        None => name,
    }
}

/// A place; for one in history with the command that shows it.
fn at(run: &Run, one: &Place) -> String {
    // In full it stands in the evidence.
    let label = safe::shorten(&safe::line(&one.label), LABEL);
    let label = if label.is_empty() { label } else { format!(": {}", text(&label)) };
    let here = code(&place(&one.location));
    let Some(commit) = one.commit else { return format!("{here}{label}") };
    let event = run.history.events.iter().find(|event| {
        event.path == one.location.path
            && matches!(event.snapshot, Snapshot::Commit { id, .. } if id == commit)
    });
    let command = event
        .and_then(|event| event.command(false))
        .unwrap_or_else(|| format!("git show {}", commit.short()));
    format!("commit {}, {here}{label} — {}", code(&commit.short()), code(&command))
}

fn exposures(run: &Run) -> Vec<String> {
    let mut blocks = Vec::new();
    for (index, owed) in run.obligations.iter().enumerate() {
        // Branches that part from the line later have its intervals; they are told once.
        let mut told: Vec<&Exposure> = Vec::new();
        for one in run.exposures.iter().filter(|one| one.obligation == index) {
            if told.contains(&&one.exposure) {
                continue;
            }
            let heading =
                if told.is_empty() { format!("- {}\n", text(&plain::owed(owed))) } else { String::new() };
            told.push(&one.exposure);
            let words = text(&plain::interval(&one.exposure));
            blocks.push(format!("{heading}  - {}: {words}\n", code(&one.reference)));
        }
    }
    blocks
}

/// The events of the examined history, the latest first: those are what a cut leaves.
fn events(run: &Run) -> Vec<String> {
    let events = run.events().filter(|event| event.is_of_head()).rev();
    events
        .map(|event| format!("- {}: {}\n", text(&plain::event_title(event)), text(&plain::event(event))))
        .collect()
}

fn accepted(run: &Run) -> Vec<String> {
    let line = |finding: &Finding, why: String| {
        let severity = tally::severity(finding).name();
        format!("- {severity} {}: {} — {why}\n", code(finding.rule.0), text(&finding.message))
    };
    let waived = tally::waived(run).map(|finding| {
        let waiver = finding.waived.and_then(|index| run.waivers.get(index));
        let why = waiver.map_or_else(String::new, |waiver| {
            let by = waiver.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
            let until = waiver.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
            format!("{by}{until}: {}", waiver.reason)
        });
        line(finding, text(&format!("waived{why}")))
    });
    let known = tally::listed(run).filter(|finding| finding.known).map(|finding| {
        let at = run.baseline.map(|commit| format!(" at {}", commit.short())).unwrap_or_default();
        line(finding, format!("known{at}"))
    });
    waived.chain(known).collect()
}

fn not_examined(run: &Run) -> Vec<String> {
    let one = |problem: &forebear_types::fact::Problem| {
        let remedy = match problem.remedy.as_str() {
            "" => String::new(),
            remedy => format!(" ({})", text(remedy)),
        };
        format!("- {}{remedy}\n", text(&plain::problem(problem)))
    };
    let mut blocks: Vec<String> = run.problems.iter().map(one).collect();
    blocks.extend(plain::history_not_examined(run).map(|words| format!("- {words}\n")));
    blocks.extend(run.history.signs.iter().map(|sign| {
        format!(
            "- the history is not what it was: {} ({})\n",
            text(&sign.what),
            text(&safe::line(&sign.remedy))
        )
    }));
    blocks
}
