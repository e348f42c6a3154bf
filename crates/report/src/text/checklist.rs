//! The checklist: what is owed to whom, and whether it is done.

use forebear_types::obligation::{Answer, Artefact, Creditor, Obligation};
use forebear_types::run::Run;

use super::paint::Painter;
use super::{one_of, place};
use crate::safe;

/// Every duty, grouped by those to whom it is owed.
pub(super) fn duties(run: &Run, paint: &Painter) -> String {
    if run.obligations.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("What is owed");
    // Duties of one creditor need not follow each other: several licences of a base have duties in turn.
    let mut groups: Vec<(String, Vec<&Obligation>)> = Vec::new();
    for obligation in &run.obligations {
        let to = owed_to(obligation);
        match groups.iter_mut().find(|(known, _)| *known == to) {
            Some((_, group)) => group.push(obligation),
            None => groups.push((to, vec![obligation])),
        }
    }
    for (to, group) in groups {
        text.push_str(&paint.wrap(&to, "  ", "    "));
        for obligation in group {
            text.push_str(&duty(obligation, paint));
        }
    }
    text
}

fn owed_to(obligation: &Obligation) -> String {
    match &obligation.creditor {
        Creditor::Own => "under the repository's own licence, to whoever receives the model:".to_owned(),
        Creditor::Ancestor { candidates, .. } => format!("to the owners of {}:", one_of(candidates.iter())),
    }
}

pub(super) fn duty(obligation: &Obligation, paint: &Painter) -> String {
    let subject = match obligation.subject.trim() {
        "" => String::new(),
        subject => format!(" “{}”", safe::line(subject)),
    };
    let artefact = match obligation.artefact {
        Artefact::Weights => "",
        Artefact::Code => ", for the code",
    };
    let condition = if obligation.certain { "" } else { ", if this is the base" };
    let words = format!(
        "{} {}{subject} ({}{}{artefact}{condition})",
        paint.mark(obligation.answer),
        obligation.duty.sentence(),
        safe::line(obligation.license.as_str()),
        clause(&obligation.clause),
    );
    let mut text = paint.wrap(&words, "    ", "      ");
    let detail = match (obligation.answer, obligation.satisfied_by.as_slice()) {
        (Answer::Met, [first, rest @ ..]) => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!("by {}{more}", place(first))
        }
        _ => safe::line(&obligation.reason),
    };
    if !detail.is_empty() {
        text.push_str(&paint.wrap(&paint.dim(&detail), "      ", "      "));
    }
    text
}

/// ", clause 4(a)"; licences that do not number their clauses have them named by words.
pub(crate) fn clause(clause: &str) -> String {
    match clause.chars().next() {
        None => String::new(),
        Some(first) if first.is_ascii_digit() => format!(", clause {}", safe::line(clause)),
        Some(_) => format!(", {}", safe::line(clause)),
    }
}
