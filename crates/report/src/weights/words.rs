//! What comparisons of weights come to, in words that every format for people uses.

use forebear_types::weights::{LayerOf, Verdict};
use forebear_weights::compare::{Alignment, TestGroup};
use forebear_weights::sketch::Group;
use forebear_weights::tokenizer::{Relation, TokenizerComparison};

use super::Compared;
use crate::safe;
use crate::text::count;

/// What the verdict shows, in a sentence. Names come as they are to be shown.
pub(crate) fn verdict(verdict: Verdict, suspect: &str, base: &str) -> String {
    match verdict {
        Verdict::Identical => format!("{suspect} and {base} hold the same tensors, byte for byte."),
        Verdict::SharedWeights => {
            format!(
                "The weights of {suspect} and {base} come from one training: one is made from the other, or both from a third."
            )
        }
        Verdict::SharedEmbeddings => {
            format!(
                "{suspect} and {base} share embeddings and the residual basis; that their blocks come from one training is not shown."
            )
        }
        Verdict::SharedSeedPossible => {
            format!(
                "The weights of {suspect} and {base} are not independent: they come from one training, or began with one random seed."
            )
        }
        Verdict::Weak => {
            format!(
                "Something connects the weights of {suspect} and {base}, and it is too weak to conclude anything."
            )
        }
        Verdict::None => {
            format!("Nothing shows that the weights of {suspect} and {base} have a common origin.")
        }
        Verdict::Withheld => {
            format!(
                "No verdict on {suspect} and {base}: there was nothing to test, or the tests do not hold here."
            )
        }
    }
}

/// What the verdict does not show, in a sentence.
pub(crate) fn limit(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Identical => "It does not show who had them first.",
        Verdict::SharedWeights => "It does not show who was first, nor by which of the two ways.",
        Verdict::SharedEmbeddings => {
            "It does not show that layers come from one training, nor who was first."
        }
        Verdict::SharedSeedPossible => {
            "It does not show that one descends from the other: gains, which carry no seed, do not witness a common training."
        }
        Verdict::Weak => "Nothing follows from it, neither for a common origin nor against one.",
        Verdict::None => {
            "It does not show that there is no relation: one that is weaker than these tests can see is not ruled out."
        }
        Verdict::Withheld => "It speaks neither for a common origin nor against one.",
    }
}

/// A probability, to two digits where it is small: `0.031`, `1e-6`.
pub(crate) fn short(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.0e}") }
}

/// A statistic; no sign before a zero.
pub(crate) fn statistic(z: f64) -> String {
    let shown = format!("{z:.1}");
    if shown == "-0.0" { "0.0".to_owned() } else { shown }
}

/// The least correlation that would have been seen, rounded up.
pub(crate) fn least(sensitivity: f64) -> String {
    format!("{:.2}", (sensitivity * 100.0).ceil() / 100.0)
}

/// How layers and dimensions were matched; nothing for the usual way.
pub(crate) fn matched(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Number => "",
        Alignment::Map => "layers matched by the map",
        Alignment::Assigned => "dimensions assigned",
    }
}

/// The map in words: runs of layers that follow each other on both sides.
pub(crate) fn layers(map: &[LayerOf], of_base: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(first) = map.get(at) {
        let follows = |step: usize| {
            let (before, here) = (map.get(at + step - 1)?, map.get(at + step)?);
            let next = match (before.base, here.base) {
                (None, None) => true,
                (Some(before), Some(here)) => before.checked_add(1) == Some(here),
                _ => false,
            };
            (next && before.suspect.checked_add(1) == Some(here.suspect)).then_some(())
        };
        let mut length = 1;
        while follows(length).is_some() {
            length += 1;
        }
        let last = map[at + length - 1];
        let run = |first: u16, last: u16| {
            if first == last { format!("layer {first}") } else { format!("layers {first} to {last}") }
        };
        let (least, most) =
            map[at..at + length].iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), cell| {
                (least.min(cell.z), most.max(cell.z))
            });
        let z = if length == 1 { format!("z {most:.1}") } else { format!("z {least:.1} to {most:.1}") };
        lines.push(match (first.base, last.base) {
            (Some(from), Some(to)) => {
                format!(
                    "{} of the suspect: {} of the base ({z})",
                    run(first.suspect, last.suspect),
                    run(from, to)
                )
            }
            _ => format!("{} of the suspect: like none of the base ({z})", run(first.suspect, last.suspect)),
        });
        at += length;
    }
    let mut used: Vec<u16> = map.iter().filter_map(|cell| cell.base).collect();
    let matched = used.len();
    used.sort_unstable();
    used.dedup();
    if matched > 0 {
        let (dropped, repeated) = (of_base.saturating_sub(used.len()), matched - used.len());
        if dropped > 0 {
            lines.push(format!("of the base, {} not found again", are(dropped)));
        }
        if repeated > 0 {
            lines.push(format!("{} found more than once", are(repeated)));
        }
    }
    lines
}

fn are(layers: usize) -> String {
    format!("{} {}", count(layers, "layer"), if layers == 1 { "is" } else { "are" })
}

/// How two vocabularies stand to each other, and the figures that say so.
pub(crate) fn vocabulary(found: &TokenizerComparison) -> String {
    format!("{} {}", relation(found.relation), vocabulary_figures(found))
}

/// How two vocabularies are related.
fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "The vocabularies are the same.",
        Relation::Moved => "The vocabularies have the same tokens, some with other ids.",
        Relation::Extended => "The suspect's vocabulary is the base's with more tokens.",
        Relation::Pruned => "The suspect's vocabulary is the base's with fewer tokens.",
        Relation::SharedTokens => "The vocabularies share many tokens in another order.",
        Relation::Independent => "The vocabularies are independent.",
        Relation::TooFew => "The vocabularies have too little in common to be compared.",
    }
}

/// What a relation of vocabularies rests on.
fn vocabulary_figures(found: &TokenizerComparison) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let mut words = match (found.suspect_in_base, found.base_in_suspect) {
        (Some(suspect), Some(base)) => format!(
            "By {}, {} of the suspect's are in the base and {} of the base's in the suspect",
            count(found.shared, "shared sampled token"),
            percent(suspect),
            percent(base)
        ),
        _ => return "One of them has no tokens.".to_owned(),
    };
    if let Some(order) = found.spearman {
        words += &format!("; ids are in one order by {order:.2}");
    }
    match found.offset {
        Some((by, share)) if by != 0 && share > 0.5 => {
            words += &format!(", {} moved by {by:+}", percent(share))
        }
        _ if found.shared > 0 => words += &format!(", {} equal", percent(found.equal_ids)),
        _ => {}
    }
    if let Some(controls) = found.controls_shared {
        words += &format!("; {} of the fewer control tokens are in both", percent(controls));
    }
    words + "."
}

/// What nothing of this shows.
pub(crate) const NOT_SHOWN: &str = "Not shown by any of this: who was first, and by which way. Training on another model's outputs leaves no trace here.";

/// What a comparison rests on and cannot see, in sentences.
pub(crate) fn rests_on(compared: Compared<'_>) -> Vec<String> {
    let result = compared.result;
    let mut lines: Vec<String> = result.caveats.iter().map(|caveat| safe::line(&caveat.sentence())).collect();
    if let Some(sensitivity) = result.sensitivity {
        lines.push(format!("The test of weights would have seen weight cosine >= {}.", least(sensitivity)));
    }
    let tested = result.groups.iter().any(|group| group.group != TestGroup::UnusedTokens);
    if tested {
        lines.push(
            "Assumed: two independent trainings do not care how residual dimensions are numbered.".to_owned(),
        );
        lines.push(format!(
            "Unrelated models get a positive verdict by these tests with a probability of at most {}.",
            short(result.false_positives_at_most)
        ));
    }
    let silent =
        |group| tested && !result.groups.iter().any(|found| found.group == TestGroup::Features(group));
    if silent(Group::ColumnNorms) {
        lines.push("Column norms were not compared: a fingerprint has them with --column-norms.".to_owned());
    }
    if result.identical_tensors.is_none() {
        lines.push("Tensors were not compared byte by byte: one side has no digests.".to_owned());
    }
    lines.push(NOT_SHOWN.to_owned());
    lines
}
