//! What a comparison says, in words.

use forebear_types::weights::{Verdict, WeightComparison};

/// Layers that a sentence lists.
const LISTED: usize = 12;

/// "the weights agree with those of a/X: z 149 for weights, 32 for norms; …".
pub(super) fn agreement(one: &WeightComparison) -> String {
    let base = &one.base;
    if one.verdict == Verdict::Identical {
        return format!(
            "the tensors are those of {base}, byte for byte ({} of {})",
            one.identical_tensors.unwrap_or(0),
            one.compared_tensors
        );
    }
    let what = match one.verdict {
        Verdict::SharedEmbeddings => "the embeddings agree with those of",
        Verdict::SharedSeedPossible => {
            "the weights agree, by a common training or a common random seed, with those of"
        }
        _ => "the weights agree with those of",
    };
    let mut sentence = format!("{what} {base}");
    if !one.tests.is_empty() {
        sentence.push_str(&format!(": {}", tests(one)));
    }
    if let Some(identical) = one.identical_tensors.filter(|count| *count > 0) {
        sentence
            .push_str(&format!("; {identical} of {} tensors are equal byte for byte", one.compared_tensors));
    }
    if let Some(layers) = layers(one) {
        sentence.push_str(&format!("; {layers}"));
    }
    if one.robust {
        sentence.push_str("; residual dimensions were also assigned to each other");
    }
    sentence
}

/// "the weights share nothing with those of a/X: …".
pub(super) fn nothing(one: &WeightComparison) -> String {
    let least = one.sensitivity.unwrap_or(1.0);
    format!(
        "the weights share nothing with those of {}: {}; a correlation of {} would have been seen",
        one.base,
        tests(one),
        rounded_up(least)
    )
}

/// "z 149 for weights, 32 for norms, p at most 3e-6".
fn tests(one: &WeightComparison) -> String {
    let mut tests: Vec<_> = one.tests.iter().collect();
    tests.sort_by(|one, two| two.z.total_cmp(&one.z));
    let each: Vec<String> =
        tests.iter().map(|test| format!("{:.1} for {}", test.z, test.group.replace('-', " "))).collect();
    let p = one.tests.iter().map(|test| test.p).fold(1.0, f64::min);
    match one.verdict {
        Verdict::None => format!("z {}", each.join(", ")),
        _ => format!("z {}, p at most {}", each.join(", "), power(p)),
    }
}

/// Two digits, rounded up: `3.0e-6`, `0.012`.
fn power(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.1e}") }
}

fn rounded_up(least: f64) -> String {
    format!("{:.2}", (least * 100.0).ceil() / 100.0)
}

/// Where layers are not those of the same number: "its layers 0 to 3 are those of the base numbered 0, 2, 3, 5".
fn layers(one: &WeightComparison) -> Option<String> {
    let moved = one.layer_map.iter().any(|cell| cell.base.is_some_and(|base| base != cell.suspect));
    let fewer = one.layer_map.len() != one.base_layers.len();
    if !(moved || fewer) || one.layer_map.iter().all(|cell| cell.base.is_none()) {
        return None;
    }
    let mut listed: Vec<String> = one
        .layer_map
        .iter()
        .take(LISTED)
        .map(|cell| cell.base.map_or_else(|| "none".to_owned(), |base| base.to_string()))
        .collect();
    if one.layer_map.len() > LISTED {
        listed.push("…".to_owned());
    }
    Some(format!(
        "its {} layers are, in their order, layers {} of {} there",
        one.layer_map.len(),
        listed.join(", "),
        one.base_layers.len()
    ))
}
