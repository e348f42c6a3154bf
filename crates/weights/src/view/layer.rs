//! Layers: the number in a name, and what stands before it.

use std::collections::{BTreeMap, BTreeSet};

/// More layers than any model has: a number above is an id, not a layer.
const MOST_LAYERS: u64 = 4096;

/// The words that stand before the number of a layer.
const WORDS: [&str; 9] =
    ["layers", "layer", "h", "blocks", "block", "blk", "resblocks", "decoder_layers", "encoder_layers"];

/// For each name its layer, counted over all stacks, and the number of an expert if it says one.
///
/// `counts` says which names may found a stack: those of tensors with the residual stream on one side.
pub(super) fn layers(names: &[&str], counts: &[bool]) -> (Vec<Option<u16>>, Vec<Option<u32>>, u16) {
    // Where words for layers are used, other numbers are none: `conv1` is not the first layer of a stack.
    let known =
        names.iter().any(|name| numbers(name).iter().any(|found| WORDS.contains(&found.word.as_str())));
    let varying = if known { BTreeSet::new() } else { varying(names) };
    let found: Vec<Option<(String, u64)>> = names.iter().map(|name| number(name, &varying)).collect();
    let mut stacks: BTreeMap<&str, u64> = BTreeMap::new();
    for ((found, _), counts) in found.iter().zip(names).zip(counts) {
        if let (Some((prefix, number)), true) = (found, counts) {
            let most = stacks.entry(prefix.as_str()).or_insert(0);
            *most = (*most).max(number + 1);
        }
    }
    let mut offsets: BTreeMap<&str, u64> = BTreeMap::new();
    let mut total = 0u64;
    for (prefix, layers) in &stacks {
        offsets.insert(prefix, total);
        total += layers;
    }
    if total > MOST_LAYERS {
        return (vec![None; names.len()], vec![None; names.len()], 0);
    }
    let layers = found
        .iter()
        .map(|found| {
            let (prefix, number) = found.as_ref()?;
            let offset = offsets.get(prefix.as_str())?;
            u16::try_from(offset + number).ok().filter(|layer| u64::from(*layer) < total)
        })
        .collect();
    let experts = names.iter().map(|name| expert(name)).collect();
    (layers, experts, u16::try_from(total).unwrap_or(0))
}

/// The number of the expert in a name: the one after a word that ends in `experts`.
fn expert(name: &str) -> Option<u32> {
    let mut words = name.split(['.', '/', ':']);
    words.find(|word| word.to_ascii_lowercase().ends_with("experts"))?;
    words.next()?.parse().ok()
}

/// The prefix and the number of the layer: after a word for layers, else the first number that differs between names.
fn number(name: &str, varying: &BTreeSet<String>) -> Option<(String, u64)> {
    let numbers = numbers(name);
    let known = numbers.iter().position(|found| WORDS.contains(&found.word.as_str()));
    let index = known.or_else(|| {
        numbers.iter().position(|found| !found.word.ends_with("experts") && varying.contains(&found.prefix))
    })?;
    let found = &numbers[index];
    (found.value < MOST_LAYERS).then(|| (found.prefix.clone(), found.value))
}

/// A number in a name.
struct Number {
    /// All of the name before it.
    prefix: String,
    /// The word before it: `layer` in `layer_3`, in `layer.3` and in `layer3`.
    word: String,
    value: u64,
}

fn numbers(name: &str) -> Vec<Number> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['.', '/', ':']).collect();
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let digits = word.len() - word.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (head, number) = word.split_at(digits);
        let Ok(value) = number.parse::<u64>() else { continue };
        let head = head.trim_end_matches('_');
        let mut prefix = words[..index].join(".");
        let mut word = index.checked_sub(1).map_or("", |before| words[before]);
        if !head.is_empty() {
            prefix = format!("{prefix}.{head}");
            word = head;
        }
        found.push(Number { prefix, word: word.to_owned(), value });
    }
    found
}

/// The prefixes after which several numbers occur, each with several tensors: a number that every tensor has for itself is no layer.
fn varying(names: &[&str]) -> BTreeSet<String> {
    let mut after: BTreeMap<String, BTreeMap<u64, u32>> = BTreeMap::new();
    for number in names.iter().flat_map(|name| numbers(name)) {
        *after.entry(number.prefix).or_default().entry(number.value).or_default() += 1;
    }
    after
        .into_iter()
        .filter(|(_, numbers)| numbers.len() >= 2 && numbers.values().all(|tensors| *tensors >= 2))
        .map(|(prefix, _)| prefix)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::layers;

    #[test]
    fn numbers_of_layers_and_experts() {
        let names = [
            "decoder.layers.0.fc1.weight",
            "decoder.layers.1.fc1.weight",
            "encoder.layers.0.fc1.weight",
            "encoder.layers.0.experts.12.w1.weight",
            "decoder/layer_1/ffn/linear_0/weight",
            "embed_tokens.weight",
        ];
        let (found, experts, total) = layers(&names, &[true; 6]);
        // Stacks in order of their names: `decoder.layers` (2), `decoder.layer` has sorted before it (2), `encoder.layers` (1).
        assert_eq!(total, 5);
        assert_eq!(found[2], Some(4));
        assert_eq!(found[5], None);
        assert_eq!(experts[3], Some(12));
    }

    #[test]
    fn a_renamed_prefix_is_known_by_its_numbers() {
        let names = ["x.0.a", "x.0.b", "x.1.a", "x.1.b", "onnx::MatMul_11", "onnx::MatMul_12"];
        let with_words =
            ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "blocks.0.mlp.0.weight"];
        assert_eq!(layers(&with_words, &[true; 5]).2, 1);
        let (found, _, total) = layers(&names, &[true; 6]);
        assert_eq!(found[..4], [Some(0), Some(0), Some(1), Some(1)]);
        assert_eq!(found[4], None);
        assert_eq!(total, 2);
    }
}
