//! What `forebear fingerprint` and `forebear compare` print for people.

use std::io::{self, Write};

use forebear_weights::compare::{GroupResult, TestGroup};
use forebear_weights::describe::SketchDescription;

use super::licenses::finish;
use super::paint::Painter;
use super::{TextOptions, count};
use crate::safe;
use crate::weights::{Compared, Side, Trouble, words};

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
    let mut text = paint.wrap(&paint.bold(&compared.verdict()), "", "");
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
        for line in words::layers(&compared.layers(), result.layer_matrix.base.len()) {
            text.push_str(&paint.wrap(&line, "  ", "    "));
        }
    }
    if let Some(vocabulary) = &result.tokenizer {
        text.push_str(&paint.heading("Vocabularies"));
        let words = format!("{} This is a hint, and decides nothing.", words::vocabulary(vocabulary));
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    text.push_str(&paint.heading("What this rests on, and what it cannot see"));
    words::rests_on(compared).iter().for_each(|words| {
        text.push_str(&paint.wrap(&format!("- {words}"), "  ", "    "));
    });
    text.push_str(&troubles(&[suspect, base], &paint));
    finish(text, options, out)
}

fn named(side: &Side) -> String {
    let kind = if side.is_fingerprint { "fingerprint" } else { "model" };
    match &side.description.name {
        Some(name) => format!("{} ({kind} of {})", safe::line(&side.path), safe::line(name)),
        None => format!("{} ({kind})", safe::line(&side.path)),
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
    let how = match words::matched(result.alignment) {
        "" => String::new(),
        how => format!(", {how}"),
    };
    let draws = if result.at_floor {
        format!(" (none of {} random orders reached it)", result.p.draws)
    } else {
        String::new()
    };
    // Without draws there is a statistic and no p-value.
    let p = if result.p.draws == 0 { "not counted".to_owned() } else { words::short(result.p.p) };
    format!("{name}: z {}, p {p}{draws}; {what}{how}", words::statistic(result.z))
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
