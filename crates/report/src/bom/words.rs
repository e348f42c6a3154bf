//! Sentences of bills of materials: what has no field of its own there.
//!
//! They are for people. JSON keeps whatever a stranger wrote apart from the document's own syntax, and
//! [`json::write_pretty`](crate::json) escapes what a terminal could obey, so that nothing is replaced or cut here.

use forebear_types::Location;
use forebear_types::fact::Problem;
use forebear_types::finding::Finding;
use forebear_types::lineage::{Evidence, Hop, Relation, Strength};
use forebear_types::obligation::{Answer, Creditor, Obligation};
use forebear_types::run::Run;

use crate::tally;

/// "LICENSE:3-21".
pub(crate) fn place(location: &Location) -> String {
    let path = if location.path.is_root() { "the repository".to_owned() } else { location.path.to_string() };
    match location.lines {
        None => path,
        Some(lines) if lines.first == lines.last => format!("{path}:{}", lines.first),
        Some(lines) => format!("{path}:{}-{}", lines.first, lines.last),
    }
}

/// How strong the evidence of a step is, how the child came from the base, and how sure that is.
pub(crate) fn standing(hop: &Hop) -> String {
    let mut words = vec![match (hop.strength, hop.declared, &hop.child) {
        (Strength::Declared, true, None) => "declared by the publisher".to_owned(),
        (Strength::Declared, false, None) => "stated by the user of forebear, not declared".to_owned(),
        (strength, true, _) => format!("{} evidence, declared by the publisher", strength.name()),
        (strength, false, _) => format!("{} evidence", strength.name()),
    }];
    if hop.strength == Strength::Structural && !hop.unique {
        words.push("no proof: an independent model may have this shape".to_owned());
    }
    if hop.strength == Strength::Circumstantial {
        words.push("a hint, which proves nothing".to_owned());
    }
    if hop.relation != Relation::Unknown {
        words.push(format!("relation {}", hop.relation.name()));
    }
    words.push(format!("confidence {}", hop.confidence.name()));
    words.join("; ")
}

/// What a reader has to know of a step that is not certain.
pub(crate) fn lineage_note(hop: &Hop) -> String {
    let whose = match &hop.child {
        None => "the model".to_owned(),
        Some(child) => child.to_string(),
    };
    match hop.candidates.as_slice() {
        [only] => format!(
            "{} may be the base of {whose}, or related to it in another way: {}",
            only.model,
            standing(hop)
        ),
        several if hop.carries_violation() => format!(
            "one of {} models is the base of {whose}, and the evidence cannot tell which: {}",
            several.len(),
            standing(hop)
        ),
        several => {
            format!("one of {} models may be the base of {whose}: {}", several.len(), standing(hop))
        }
    }
}

/// A reason for or against a step: "configuration: 256 routed experts [config.json:4]".
pub(crate) fn evidence(evidence: &Evidence) -> String {
    let at = evidence.location.as_ref().map(|location| format!(" [{}]", place(location)));
    format!("{}: {}{}", evidence.kind.name(), evidence.detail, at.unwrap_or_default())
}

/// "unmet: MIT, permission notice: keep the copyright notice (Copyright (c) 2023 X), owed to a/b; no file holds it".
pub(crate) fn obligation(owed: &Obligation) -> String {
    let mut words =
        format!("{}: {}, {}: {}", owed.answer.name(), owed.license, owed.clause, owed.duty.sentence());
    if !owed.subject.is_empty() {
        words.push_str(&format!(" ({})", owed.subject.replace('\n', " or ")));
    }
    match &owed.creditor {
        Creditor::Own => words.push_str(", by the repository's own licence"),
        Creditor::Ancestor { candidates, .. } if candidates.is_empty() => {
            words.push_str(", owed to the base")
        }
        Creditor::Ancestor { candidates, .. } => {
            let names: Vec<&str> = candidates.iter().map(|model| model.as_str()).collect();
            let whom = names.join(" or ");
            let word = if owed.certain { "owed to" } else { "owed if the base is" };
            words.push_str(&format!(", {word} {whom}"));
        }
    }
    if let (Answer::Met, Some(bytes)) = (owed.answer, owed.satisfied_by.first()) {
        words.push_str(&format!("; met by {}", place(bytes)));
    } else if !owed.reason.is_empty() {
        words.push_str(&format!("; {}", owed.reason));
    }
    words
}

/// A finding, with what to do, where, and its fingerprint.
pub(crate) fn finding(run: &Run, finding: &Finding) -> String {
    let kind = match finding.answer {
        Answer::Unknown => "could not tell",
        Answer::Met | Answer::Unmet => tally::severity(finding).name(),
    };
    let mut text = format!("{kind} [{}] {}", finding.rule, finding.message);
    if let Some(waiver) = finding.waived {
        let reason = run.waivers.get(waiver).map(|waiver| waiver.reason.as_str()).unwrap_or_default();
        text.push_str(&format!("\nWaived: {reason}"));
    }
    if finding.known {
        text.push_str("\nIt stood at the baseline already.");
    }
    if !finding.help.is_empty() {
        text.push_str(&format!("\nHelp: {}", finding.help));
    }
    for at in &finding.places {
        let commit = at.commit.map(|commit| format!(" in commit {commit}")).unwrap_or_default();
        text.push_str(&format!("\nAt {}{commit}", place(&at.location)));
    }
    text.push_str(&format!(
        "\nConfidence: {}. Fingerprint: {}",
        finding.confidence.name(),
        finding.fingerprint
    ));
    if let Some(page) = run.maker.rule_page(finding.rule) {
        text.push_str(&format!("\nRule: {page}"));
    }
    text
}

/// What could not be examined: "docs/terms.pdf: the format PDF is not examined; read it yourself".
pub(crate) fn problem(problem: &Problem) -> String {
    let path = if problem.path.is_root() { "the repository".to_owned() } else { problem.path.to_string() };
    format!("{path}: {}; {}", problem.what, problem.remedy)
}
