//! What `forebear fingerprint` and `forebear compare` print for people.

use std::io::{self, Write};

use forebear_weights::compare::{Alignment, GroupResult, LayerMatch, TestGroup, Verdict};
use forebear_weights::describe::SketchDescription;
use forebear_weights::sketch::Group;
use forebear_weights::tokenizer::{Relation, TokenizerComparison};

use super::licenses::finish;
use super::paint::Painter;
use super::{TextOptions, count};
use crate::safe;
use crate::weights::{Compared, Side, Trouble};

/// Problems that are listed; JSON has all.
const MOST: usize = 20;

/// Writes what a fingerprint holds.
///
/// # Errors
/// What the writer says.
pub fn write_fingerprint(side: &Side, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let about = &side.description;
    let what = if side.is_fingerprint { "fingerprint file" } else { "model" };
    let mut text = paint.wrap(&paint.bold(&safe::line(&side.path)), "", "");
    let mut line = |words: &str| text.push_str(&paint.wrap(words, "  ", "    "));
    if let Some(name) = &about.name {
        line(&format!("name: {}", safe::line(name)));
    }
    line(&format!("{what}; {} as a fingerprint of version {}", count(about.bytes, "byte"), about.version));
    let tensors = &about.tensors;
    let mut words = count(tensors.count as usize, "tensor");
    match tensors.digests {
        Some(digests) => words.push_str(&format!(", {digests} of them with a digest")),
        None => words.push_str(", no digests taken"),
    }
    for (number, what) in [
        (tensors.deterministic, "that anybody would have"),
        (tensors.guessed, "with a role guessed from shape and order"),
        (tensors.unplaced, "without a known role"),
    ] {
        if number > 0 {
            words.push_str(&format!(", {number} {what}"));
        }
    }
    line(&words);
    match (&about.sketch, &about.reason) {
        (Some(found), _) => sketch(found).iter().for_each(|words| line(words)),
        (None, Some(reason)) => line(&format!("no sketch of the weights: {}", safe::line(reason))),
        (None, None) => line("no sketch of the weights"),
    }
    if about.unused_tokens > 0 {
        line(&format!("{} unused tokens with bits of their own", about.unused_tokens));
    }
    if let Some(vocabulary) = &about.tokenizer {
        line(&format!(
            "vocabulary: {}, {}; {} in the sample",
            count(vocabulary.tokens as usize, "token"),
            count(vocabulary.controls as usize, "control token"),
            vocabulary.sampled
        ));
    }
    text.push_str(&troubles(&[side], &paint));
    finish(text, options, out)
}

fn sketch(found: &SketchDescription) -> Vec<String> {
    let features: Vec<String> = found
        .features
        .iter()
        .filter(|group| group.features > 0)
        .map(|group| format!("{} {}", group.features, group.name.replace('-', " ")))
        .collect();
    let mut lines = vec![
        format!(
            "residual width {}, {}; {} sampled residual dimensions, {} of each matrix",
            found.width,
            count(usize::from(found.layers), "layer"),
            found.dimensions,
            count(usize::from(found.rows), "row"),
        ),
        format!("features: {}", features.join(", ")),
    ];
    let lost: Vec<String> = [
        (found.constant, "constant"),
        (found.not_finite, "with values that are no numbers"),
        (found.unreadable, "that could not be read"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if !lost.is_empty() {
        lines.push(format!("features left out: {}", lost.join(", ")));
    }
    if found.fixed_sinusoids {
        lines.push("fixed sinusoids are added to the residual stream".to_owned());
    }
    lines
}

/// Writes a comparison.
///
/// # Errors
/// What the writer says.
pub fn write_comparison(
    compared: Compared<'_>,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Painter::new(options);
    let Compared { suspect, base, result } = compared;
    let mut text = paint.wrap(&paint.bold(&verdict(compared)), "", "");
    text.push_str(&paint.wrap(&paint.dim(&format!("suspect: {}", named(suspect))), "", "  "));
    text.push_str(&paint.wrap(&paint.dim(&format!("base: {}", named(base))), "", "  "));
    if !result.groups.is_empty() || result.identical_tensors.is_some() {
        text.push_str(&paint.heading("Tests"));
    }
    if let Some(identical) = result.identical_tensors {
        let words =
            format!("identical tensors: {identical} of {} that have a digest", result.compared_tensors);
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    result.groups.iter().for_each(|group| text.push_str(&paint.wrap(&test(group), "  ", "    ")));
    if let Some(robust) = &result.robust {
        let words = format!(
            "after {} of the base were assigned dimensions of the suspect by {} ({} of them those of the same number):",
            count(robust.dimensions, "residual dimension"),
            count(robust.features, "feature"),
            robust.in_place
        );
        text.push_str(&paint.wrap(&words, "  ", "    "));
        robust.groups.iter().for_each(|group| text.push_str(&paint.wrap(&test(group), "    ", "      ")));
    }
    if !result.layer_map.is_empty() {
        text.push_str(&paint.heading("Layers"));
        for words in layers(&result.layer_map, base_layers(compared)) {
            text.push_str(&paint.wrap(&words, "  ", "    "));
        }
    }
    if let Some(vocabulary) = &result.tokenizer {
        text.push_str(&paint.heading("Vocabularies"));
        let words = format!(
            "{} {} This is a hint, and decides nothing.",
            relation(vocabulary.relation),
            vocabulary_figures(vocabulary)
        );
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    text.push_str(&paint.heading("What this rests on, and what it cannot see"));
    rests_on(compared).iter().for_each(|words| {
        text.push_str(&paint.wrap(&format!("- {words}"), "  ", "    "));
    });
    text.push_str(&troubles(&[suspect, base], &paint));
    finish(text, options, out)
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

fn named(side: &Side) -> String {
    let kind = if side.is_fingerprint { "fingerprint" } else { "model" };
    match &side.description.name {
        Some(name) => format!("{} ({kind} of {})", safe::line(&side.path), safe::line(name)),
        None => format!("{} ({kind})", safe::line(&side.path)),
    }
}

/// The verdict in a sentence.
fn verdict(compared: Compared<'_>) -> String {
    let (suspect, base) = (safe::line(&compared.suspect.path), safe::line(&compared.base.path));
    match compared.result.verdict {
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

fn test(result: &GroupResult) -> String {
    let name = match result.group {
        TestGroup::UnusedTokens => "unused tokens".to_owned(),
        TestGroup::Features(group) => group.name().replace('-', " "),
    };
    let what = match result.group {
        TestGroup::UnusedTokens => count(result.features, "common token"),
        TestGroup::Features(_) => {
            format!("{} in {} dimensions", count(result.features, "feature"), result.dimensions)
        }
    };
    let how = match result.alignment {
        Alignment::Number => "",
        Alignment::Map => ", layers matched by the map",
        Alignment::Assigned => ", dimensions assigned",
    };
    let draws = if result.at_floor {
        format!(" (none of {} random orders reached it)", result.p.draws)
    } else {
        String::new()
    };
    // Without draws there is a statistic and no p-value.
    let p = if result.p.draws == 0 { "not counted".to_owned() } else { short(result.p.p) };
    format!("{name}: z {:.1}, p {p}{draws}; {what}{how}", result.z + 0.0)
}

/// A probability, to two digits where it is small: `0.031`, `1e-6`.
fn short(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.0e}") }
}

fn base_layers(compared: Compared<'_>) -> usize {
    compared.result.layer_matrix.base.len()
}

/// The map in words: runs of layers that follow each other on both sides.
fn layers(map: &[LayerMatch], of_base: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(first) = map.get(at) {
        let follows = |step: usize| {
            let (before, here) = (map.get(at + step - 1)?, map.get(at + step)?);
            let next = match (before.base, here.base) {
                (None, None) => true,
                (Some(before), Some(here)) => here == before + 1,
                _ => false,
            };
            (next && here.suspect == before.suspect + 1).then_some(())
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

fn rests_on(compared: Compared<'_>) -> Vec<String> {
    let result = compared.result;
    let mut lines: Vec<String> = result.caveats.iter().map(|caveat| safe::line(&caveat.sentence())).collect();
    if let Some(least) = result.sensitivity {
        lines.push(format!(
            "The test of weights would have seen weight cosine >= {:.2}.",
            (least * 100.0).ceil() / 100.0
        ));
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
    lines.push(
        "Not shown by any of this: who was first, and by which way. Training on another model's outputs leaves no trace here."
            .to_owned(),
    );
    lines
}

fn troubles(sides: &[&Side], paint: &Painter) -> String {
    let all: Vec<(&Side, &Trouble)> =
        sides.iter().flat_map(|side| side.problems.iter().map(move |trouble| (*side, trouble))).collect();
    if all.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("Not read, or not wholly");
    for (side, trouble) in all.iter().take(MOST) {
        text.push_str(&paint.wrap(&format!("- {}", safe::line(&trouble.sentence(side))), "  ", "    "));
        if let Some(remedy) = &trouble.remedy {
            text.push_str(&paint.wrap(&format!("help: {}", safe::line(remedy)), "    ", "      "));
        }
    }
    if all.len() > MOST {
        text.push_str(&paint.wrap(&format!("… and {} more; JSON lists all", all.len() - MOST), "  ", "    "));
    }
    text
}
