//! The ancestors: in brief for a check, with everything for the lineage.

use forebear_types::lineage::{Evidence, Hop, Strength};
use forebear_types::run::Run;

use super::paint::Painter;
use super::{count, one_of, place};
use crate::graph::standing;
use crate::safe;

/// Reasons for, and reasons against, that a check shows of a hop.
const BRIEF: usize = 3;

/// Hops that a check shows. A model may be merged from dozens.
const HOPS: usize = 8;

/// The ancestors with the best evidence.
pub(super) fn brief(run: &Run, paint: &Painter) -> String {
    let hops = &run.lineage.hops;
    if run.facts.is_empty() {
        return String::new();
    }
    if hops.is_empty() {
        return none(paint);
    }
    let (strong, hints): (Vec<&Hop>, Vec<&Hop>) =
        hops.iter().partition(|hop| hop.strength > Strength::Circumstantial);
    let mut text = paint.heading("Descends from");
    for hop in strong.iter().take(HOPS) {
        text.push_str(&title(hop, paint));
        text.push_str(&reasons(hop, BRIEF, paint));
    }
    if strong.is_empty() {
        text.push_str(&paint.wrap("No base is declared or proven. Hints, which prove nothing:", "  ", "  "));
        for hop in hints.iter().take(BRIEF) {
            text.push_str(&title(hop, paint));
            text.push_str(&reasons(hop, 1, paint));
        }
    }
    let shown = if strong.is_empty() { hints.len().min(BRIEF) } else { strong.len().min(HOPS) };
    if hops.len() > shown {
        let more = format!("{} more by `forebear lineage`", hops.len() - shown);
        text.push_str(&paint.wrap(&paint.dim(&more), "  ", "  "));
    }
    text
}

/// Every ancestor with all evidence.
pub(super) fn whole(run: &Run, paint: &Painter) -> String {
    if run.lineage.hops.is_empty() {
        return none(paint);
    }
    let mut text = paint.heading("Descends from");
    for hop in &run.lineage.hops {
        text.push_str(&one(hop, paint));
    }
    text
}

/// One ancestor with all evidence.
pub(super) fn one(hop: &Hop, paint: &Painter) -> String {
    format!("{}{}", title(hop, paint), reasons(hop, usize::MAX, paint))
}

fn none(paint: &Painter) -> String {
    let words = "no base found: nothing declares one, and nothing that was examined points to one";
    format!("{}{}", paint.heading("Descends from"), paint.wrap(words, "  ", "    "))
}

/// All candidates, and how strong the evidence is.
fn title(hop: &Hop, paint: &Painter) -> String {
    let models = one_of(hop.candidates.iter().map(|candidate| &candidate.model));
    let revision = match hop.candidates.as_slice() {
        [only] => only.revision.as_ref().map(|revision| format!(" at revision {}", safe::line(revision))),
        _ => None,
    };
    let subject = match (&hop.child, hop.subject.is_root()) {
        (Some(child), _) => format!(" as the base of {}", safe::line(child.as_str())),
        (None, true) => String::new(),
        (None, false) => format!(" for the model in {}", safe::line(&hop.subject.to_string())),
    };
    let facts = standing(hop);
    let words =
        format!("{}{}{subject} ({})", paint.bold(&models), revision.unwrap_or_default(), facts.join("; "));
    paint.wrap(&words, "  ", "    ")
}

fn reasons(hop: &Hop, most: usize, paint: &Painter) -> String {
    format!("{}{}", bullets(&hop.because, most, "for", paint), bullets(&hop.against, most, "against", paint))
}

fn bullets(evidence: &[Evidence], most: usize, word: &str, paint: &Painter) -> String {
    let mut text = String::new();
    for one in evidence.iter().take(most) {
        let at = one.location.as_ref().map(|location| format!(" [{}]", place(location))).unwrap_or_default();
        text.push_str(&paint.wrap(&format!("- {word}: {}{at}", safe::line(&one.detail)), "    ", "      "));
    }
    if evidence.len() > most {
        let more = format!("- {word}: {}", count(evidence.len() - most, "more reason"));
        text.push_str(&paint.wrap(&paint.dim(&more), "    ", "      "));
    }
    text
}
