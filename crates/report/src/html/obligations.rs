//! What is owed, as a checklist: licence, clause, duty, to whom, whether it is done, and by which bytes.

use forebear_types::obligation::{Answer, Artefact, Creditor, Obligation};

use super::excerpt;
use super::markup::{Html, class, id, ours, to};
use super::page::{self, Page};
use crate::text::count;

/// Duties that are listed; JSON has all.
const MOST: usize = 400;

/// Candidates that a heading names, and that stand below it; the list of the lineage has all.
const FEW: usize = 3;
const CANDIDATES: usize = 12;

/// Places that meet one duty.
const PLACES: usize = 6;

/// The section.
pub(super) fn section(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let lead = match run.obligations.len() {
        0 => "Nothing is owed, as far as the lineage and the declarations tell.".to_owned(),
        _ => {
            let of = |answer| run.obligations.iter().filter(|one| one.answer == answer).count();
            format!(
                "{}: {} met, {} not met, {} could not be told.",
                match run.obligations.len() {
                    1 => "1 duty".to_owned(),
                    number => format!("{number} duties"),
                },
                of(Answer::Met),
                of(Answer::Unmet),
                of(Answer::Unknown)
            )
        }
    };
    page.section(html, "obligations", "Obligations", &lead, |html| {
        let mut groups: Vec<(&Creditor, Vec<(usize, &Obligation)>)> = Vec::new();
        for (index, obligation) in run.obligations.iter().enumerate().take(MOST) {
            match groups.iter_mut().find(|(known, _)| **known == obligation.creditor) {
                Some((_, group)) => group.push((index, obligation)),
                None => groups.push((&obligation.creditor, vec![(index, obligation)])),
            }
        }
        for (creditor, group) in groups {
            html.el(page.heading(1), &[], |html| owed_to(page, creditor, html));
            if let Creditor::Ancestor { candidates, .. } = creditor
                && candidates.len() > FEW
            {
                html.el("p", &[class("models")], |html| page::models(html, candidates.iter(), CANDIDATES));
            }
            html.el("ul", &[class("checklist")], |html| {
                for (index, obligation) in group {
                    item(page, index, obligation, html);
                }
            });
        }
        if run.obligations.len() > MOST {
            let more = format!("{} more in the JSON report.", run.obligations.len() - MOST);
            html.leaf("p", &[class("more")], &more);
        }
    });
}

fn owed_to(page: &Page<'_>, creditor: &Creditor, html: &mut Html) {
    match creditor {
        Creditor::Own => html.text("To whoever receives the model, under its own licence"),
        Creditor::Ancestor { hop, candidates } => {
            html.text("To the owners of ");
            match candidates.len() {
                number if number > FEW => html.text(&format!("one of {number} models")),
                _ => page::models(html, candidates.iter(), FEW),
            }
            if page.run.lineage.hops.len() > *hop {
                html.text(" ");
                let step = page.id("hop", *hop);
                html.leaf("a", &[to(&step), class("aside")], "how that is known");
            }
        }
    }
}

fn item(page: &Page<'_>, index: usize, obligation: &Obligation, html: &mut Html) {
    let own = page.id("duty", index);
    let (sign, word) = page::answer(obligation.answer);
    html.el(
        "li",
        &[id(&own), ours("data-answer", obligation.answer.name()), ours("tabindex", "-1")],
        |html| {
            html.el("p", &[class("answer")], |html| page::tag(html, sign, word));
            html.el("div", &[class("duty")], |html| {
                html.leaf("p", &[class("asks")], &super::verdict::capitalised(obligation.duty.sentence()));
                let subject = obligation.subject.trim();
                if !subject.is_empty() {
                    html.el("blockquote", &[], |html| html.lines(subject));
                }
                html.el("p", &[class("clause")], |html| {
                    html.leaf("b", &[], obligation.license.as_str());
                    html.text(&clause(&obligation.clause));
                    html.text(match obligation.artefact {
                        Artefact::Weights => "",
                        Artefact::Code => ", for the code",
                    });
                    html.text(if obligation.certain { "" } else { ", only if this is the base" });
                });
            });
            html.el("div", &[class("proof")], |html| proof(page, obligation, html));
        },
    );
    html.line_end();
}

/// The bytes that do it, or why it is not done.
fn proof(page: &Page<'_>, obligation: &Obligation, html: &mut Html) {
    let bytes = &obligation.satisfied_by;
    if obligation.answer != Answer::Met || bytes.is_empty() {
        html.el("p", &[], |html| page::sentences(html, &super::verdict::capitalised(&obligation.reason)));
        return;
    }
    for location in bytes.iter().take(PLACES) {
        let mut shown = Html::default();
        if excerpt::of_location(page.run, location, &mut shown) {
            html.el("details", &[class("bytes")], |html| {
                html.el("summary", &[], |html| {
                    html.text("by ");
                    page::place(html, location);
                });
                html.append(shown);
            });
        } else {
            html.el("p", &[], |html| {
                html.text("by ");
                page::place(html, location);
            });
        }
    }
    if bytes.len() > PLACES {
        html.leaf("p", &[], &format!("and {}", count(bytes.len() - PLACES, "more place")));
    }
}

/// ", clause 4(a)"; licences that do not number their clauses have them named by words.
pub(super) fn clause(clause: &str) -> String {
    match clause.chars().next() {
        None => String::new(),
        Some(first) if first.is_ascii_digit() => format!(", clause {clause}"),
        Some(_) => format!(", {clause}"),
    }
}
