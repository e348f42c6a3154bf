//! Why a finding is as grave as it is, and what would settle it.

use forebear_types::finding::Finding;
use forebear_types::lineage::{Hop, Strength};
use forebear_types::obligation::{Answer, Creditor, Obligation};

use super::finding::Known;

/// What made the verdict as grave as it is, and no graver; one sentence each.
pub(super) fn weighed(
    known: &Known<'_>,
    finding: &Finding,
    owed: Option<&Obligation>,
    steps: &[&Hop],
) -> Vec<String> {
    let mut sentences = Vec::new();
    match finding.answer {
        Answer::Met => {
            sentences.push("What the rule asks for is there; there is nothing to weigh.".to_owned())
        }
        Answer::Unknown => {
            sentences.push("It could not be told, so it is a note and accuses nobody.".to_owned());
        }
        Answer::Unmet => {}
    }
    if finding.answer != Answer::Met {
        match owed.map(|owed| (&owed.creditor, owed.certain)) {
            Some((Creditor::Own, _)) => sentences.push(
                "It is the repository's own licence: who leaves out the own text breaks nobody's right, but recipients need it, so \
                 it is a warning at most."
                    .to_owned(),
            ),
            Some((Creditor::Ancestor { .. }, false)) => sentences.push(
                "It is owed only if the base is the one named, which the evidence cannot tell, so it is a note.".to_owned(),
            ),
            Some((Creditor::Ancestor { candidates, .. }, true)) if candidates.len() > 1 => sentences.push(format!(
                "The evidence fits {} releases, and each of their licences that is known asks for the like (for its own text, say): the duty \
                 stands whichever was used.",
                candidates.len()
            )),
            _ => {}
        }
        if steps.is_empty() && owed.is_none() {
            sentences.push("The repository's own files show it; no base has to be known for it.".to_owned());
        }
        sentences.extend(steps.iter().map(|hop| carries(hop)));
    }
    if let Some((_, level)) = known.levels.iter().find(|(rule, _)| *rule == finding.rule) {
        sentences.push(format!(
            "forebear.toml gives the rule the severity `{}`; weaker evidence still lowers it.",
            level.name()
        ));
    }
    if let Some(waiver) = finding.waived.and_then(|index| known.waivers.get(index)) {
        let by = waiver.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
        let until = waiver.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        sentences.push(format!("It is waived{by}{until}, and does not count: {}", waiver.reason));
    }
    sentences.push(format!(
        "Its confidence, {}, is that of the weakest link of its chain.",
        finding.confidence.name()
    ));
    sentences
}

/// What a step of the lineage can carry.
fn carries(hop: &Hop) -> String {
    let who = short(hop);
    match (hop.strength, hop.unique) {
        (Strength::Identical, _) => {
            format!("The weights are those of {who}, byte for byte: that carries a violation.")
        }
        (Strength::Weights, true) => {
            format!("A test on the weights points to {who}: that carries a violation.")
        }
        (Strength::Weights, false) => {
            format!(
                "A test on the weights points to {who}, which may be a sibling: that carries a warning at most."
            )
        }
        (Strength::Declared, _) if hop.declared => {
            format!("The publisher declares {who}: that carries a violation.")
        }
        (Strength::Declared, _) => {
            format!(
                "{who} is stated, by you or by an earlier state of the repository: that carries a violation."
            )
        }
        (Strength::Structural, true) => {
            format!(
                "Only {who} is known to have this shape: that carries a violation, if weights or a card lie beside it."
            )
        }
        (Strength::Structural, false) => {
            format!("An independent model may have the shape of {who}: that carries a warning at most.")
        }
        (Strength::Circumstantial, _) => {
            format!("What points to {who} is a hint: it lays no duty on anybody.")
        }
    }
}

/// The candidates in few words; the step shows them all.
fn short(hop: &Hop) -> String {
    match hop.candidates.as_slice() {
        [one, two, rest @ ..] if rest.len() > 1 => {
            format!("one of {}, {} and {} more", one.model, two.model, rest.len())
        }
        _ => hop.title(),
    }
}

/// What would settle it; one sentence each.
pub(super) fn settles(finding: &Finding, owed: Option<&Obligation>, steps: &[&Hop]) -> Vec<String> {
    let mut sentences = Vec::new();
    if finding.answer == Answer::Met {
        return sentences;
    }
    if !finding.help.is_empty() {
        sentences.push(finding.help.clone());
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !finding.help.contains(&fix.summary)) {
        sentences.push(format!("{}.", fix.summary.trim_end_matches('.')));
    }
    let open = steps.iter().any(|hop| !hop.carries_violation() || hop.candidates.len() > 1);
    if open || owed.is_some_and(|owed| !owed.certain) {
        sentences.push(
            "Which base it is: `base_model` in the card, `--base MODEL@REV` for one run, or `--upstream DIR` with a clone of the \
             suspected base, whose weights are then compared."
                .to_owned(),
        );
    }
    if finding.waived.is_none() {
        sentences.push(format!(
            "To accept it as it is: forebear waive {} --reason \"…\" --until YYYY-MM-DD",
            finding.fingerprint
        ));
    }
    sentences
}
