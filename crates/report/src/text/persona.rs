//! Parts of a report that not everybody wants: what a publisher must fix, and what an auditor has to see.

use forebear_types::fact::{Fact, FactKind};
use forebear_types::finding::Finding;
use forebear_types::license::Recognition;
use forebear_types::obligation::Answer;
use forebear_types::run::Run;

use super::paint::Painter;
use super::{count, findings, place};
use crate::{safe, tally};

/// What is unmet: first what forebear knows a change for, then what somebody has to decide. Where the changes hang on which of
/// several bases it was, that decision comes first.
pub(super) fn to_fix(run: &Run, paint: &Painter) -> String {
    let unmet = || tally::listed(run).filter(|finding| finding.answer == Answer::Unmet && !finding.known);
    let (fixes, decisions): (Vec<&Finding>, Vec<&Finding>) =
        unmet().partition(|finding| finding.fix.is_some());
    // Without the base, `--fix` has nothing that it may write.
    let base = |finding: &&Finding| {
        finding.rule.0 == "base-undeclared"
            && finding.upstream.len() > 1
            && fixes.iter().any(|fix| fix.upstream == finding.upstream)
    };
    let (first, decisions): (Vec<&Finding>, Vec<&Finding>) = decisions.into_iter().partition(base);
    let (mut text, mut seen) = (String::new(), findings::Seen::default());
    let hint = (!first.is_empty()).then(|| {
        paint.wrap("`forebear check --base MODEL --fix` writes it; MODEL is the base that was used", "", "  ")
    });
    for (heading, group) in [("To decide first", first), ("To fix", fixes), ("To decide", decisions)] {
        if !group.is_empty() {
            text.push_str(&paint.heading(heading));
        }
        for finding in group {
            text.push_str(&findings::one(run, finding, &mut seen, paint));
        }
    }
    if let Some(hint) = hint {
        text.push('\n');
        text.push_str(&hint);
    }
    text.push_str(&elsewhere(run, paint));
    text
}

/// What this report leaves out, in numbers.
fn elsewhere(run: &Run, paint: &Painter) -> String {
    let new = || tally::listed(run).filter(|finding| !finding.known);
    let open = new().filter(|finding| finding.answer == Answer::Unknown).count();
    let mut parts = Vec::new();
    let known = tally::listed(run).count() - new().count();
    if let Some(baseline) = run.baseline.filter(|_| known > 0) {
        parts.push(format!("{} stood at {} already", count(known, "finding"), baseline.short()));
    }
    if open > 0 {
        parts.push(format!("{} could not be answered", count(open, "question")));
    }
    if !run.problems.is_empty() {
        parts.push(format!(
            "{} not be examined",
            match run.problems.len() {
                1 => "1 thing could".to_owned(),
                number => format!("{number} things could"),
            }
        ));
    }
    if parts.is_empty() {
        return String::new();
    }
    let words = format!("{}: --persona maintainer shows them", parts.join(", and "));
    format!("\n{}", paint.wrap(&words, "", "  "))
}

/// Rules whose severity the configuration decides.
pub(super) fn levels(run: &Run, paint: &Painter) -> String {
    if run.levels.is_empty() {
        return String::new();
    }
    let each: Vec<String> =
        run.levels.iter().map(|(rule, level)| format!("{rule} {}", level.name())).collect();
    paint.wrap(&paint.dim(&format!("severities by configuration: {}", each.join(", "))), "", "  ")
}

/// Legal files and cards with what they hold.
pub(super) fn legal_files(run: &Run, paint: &Painter) -> String {
    let mut text = String::new();
    for fact in &run.facts {
        let Some(words) = held(fact) else { continue };
        text.push_str(&paint.wrap(
            &format!("- {}: {words}", safe::line(&fact.path.to_string())),
            "  ",
            "    ",
        ));
    }
    if text.is_empty() { text } else { format!("{}{text}", paint.heading("Legal files and cards")) }
}

/// What a legal file or a card holds; `None` for other facts.
pub(crate) fn held(fact: &Fact) -> Option<String> {
    let (recognition, examined) = match &fact.kind {
        FactKind::LegalFile(file) => (&file.recognition, file.examined),
        FactKind::ModelCard(card) => (&card.recognition, true),
        _ => return None,
    };
    if !examined {
        return Some("could not be examined".to_owned());
    }
    Some(recognised(recognition))
}

/// "MIT (complete, lines 1 to 27); Copyright (c) 2023 DeepSeek".
pub(crate) fn recognised(recognition: &Recognition) -> String {
    let mut parts: Vec<String> = recognition
        .licenses
        .iter()
        .map(|found| {
            format!(
                "text of {} ({}, {}-{})",
                found.id,
                found.status.name(),
                found.lines.first,
                found.lines.last
            )
        })
        .collect();
    parts.extend(recognition.named.iter().map(|named| format!("names {} (line {})", named.id, named.line)));
    parts.extend(recognition.copyright.iter().map(|line| format!("“{}”", line.text)));
    for lines in &recognition.unrecognised {
        parts.push(format!("words of law that no known text explains ({}-{})", lines.first, lines.last));
    }
    match parts.is_empty() {
        true => "no licence and no owner's line".to_owned(),
        false => safe::line(&parts.join("; ")),
    }
}

/// What rules ask for and found.
pub(super) fn met(run: &Run, paint: &Painter) -> String {
    let mut text = String::new();
    for finding in run.findings.iter().filter(|finding| finding.answer == Answer::Met) {
        let at = finding.places.first().map(|one| format!(" [{}]", place(&one.location))).unwrap_or_default();
        let words = format!(
            "{} {}: {}{at}",
            paint.mark(Answer::Met),
            paint.bold(finding.rule.0),
            safe::line(&finding.message)
        );
        text.push_str(&paint.wrap(&words, "  ", "    "));
        text.push_str(&paint.wrap(
            &paint.dim(&format!("fingerprint {}", finding.fingerprint)),
            "    ",
            "    ",
        ));
    }
    if text.is_empty() { text } else { format!("{}{text}", paint.heading("Met")) }
}

/// All waivers of the configuration.
pub(super) fn waivers(run: &Run, paint: &Painter) -> String {
    let mut text = String::new();
    for (index, waiver) in run.waivers.iter().enumerate() {
        let covers = run.findings.iter().filter(|finding| finding.waived == Some(index)).count();
        let by = waiver.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
        let until = waiver.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        let words = format!("- covers {}{by}{until}: {}", count(covers, "finding"), waiver.reason);
        text.push_str(&paint.wrap(&safe::line(&words), "  ", "    "));
    }
    if text.is_empty() { text } else { format!("{}{text}", paint.heading("Waivers of the configuration")) }
}
