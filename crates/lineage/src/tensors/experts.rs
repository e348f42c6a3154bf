//! Which tensors of a layer belong to routed experts.
//!
//! Libraries call them `experts.3.`, or keep all of them in one tensor of three dimensions. Where no name tells, experts are many
//! numbered parts of a layer that are all alike and consist of two or three matrices and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::fact::Tensor;

/// Numbered parts of a layer from which on they are experts: sub-layers of encoder-decoders are at most three.
const MANY: usize = 4;

/// The number of an expert. `part` is what stands before it where no name tells: see [`numbered_parts`].
pub(super) fn expert_number(rest: &str, part: Option<&str>) -> Option<u64> {
    let after = match rest.split_once("experts.") {
        Some((_, after)) => after,
        None => rest.strip_prefix(part?)?,
    };
    after.split('.').next()?.parse().ok()
}

/// Whether a tensor belongs to routed experts: one of many, or all of them in one tensor of three dimensions.
pub(super) fn is_routed(rest: &str, tensor: &Tensor, experts: Option<u64>, part: Option<&str>) -> bool {
    if rest.contains("shared_expert") {
        return false;
    }
    expert_number(rest, part).is_some()
        || tensor
            .shape
            .as_deref()
            .is_some_and(|shape| shape.len() >= 2 && experts == Some(shape[0]) && rest.contains("exp"))
}

/// What stands before the numbers of parts that are experts by their likeness; `None` where a name tells, or there are none.
pub(super) fn numbered_parts<'a>(tensors: &[(&'a str, &'a Tensor)]) -> Option<&'a str> {
    if tensors.iter().any(|(rest, _)| rest.contains("exp")) {
        return None;
    }
    type Part<'a> = BTreeSet<(&'a str, &'a [u64])>;
    let mut parts: BTreeMap<&str, BTreeMap<u64, Part<'a>>> = BTreeMap::new();
    for (rest, tensor) in tensors {
        let Some((before, number, behind)) = split(rest) else { continue };
        let shape = tensor.shape.as_deref().unwrap_or_default();
        parts.entry(before).or_default().entry(number).or_default().insert((behind, shape));
    }
    parts.into_iter().find_map(|(before, numbers)| {
        let first = numbers.values().next()?;
        let matrices = first.iter().filter(|(_, shape)| shape.len() == 2).count();
        let alike = numbers.values().all(|part| part == first);
        (numbers.len() >= MANY && matches!(matrices, 2 | 3) && matrices == first.len() && alike)
            .then_some(before)
    })
}

/// A name at its first number: `some.3.x.weight` is `some.`, 3 and `x.weight`.
fn split(rest: &str) -> Option<(&str, u64, &str)> {
    let mut start = 0;
    for word in rest.split_inclusive('.') {
        let behind = start + word.len();
        let digits = word.trim_end_matches('.');
        if start > 0 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((&rest[..start], digits.parse().ok()?, &rest[behind..]));
        }
        start = behind;
    }
    None
}
