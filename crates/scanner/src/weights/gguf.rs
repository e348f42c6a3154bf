//! Tensors of GGUF files.

use std::collections::BTreeMap;
use std::sync::Arc;

use forebear_types::fact::{Problem, ProblemKind, Reading};

use super::blocks::{Blocks, decoder};
use super::bytes::{Bytes, Span, Stream};
use super::element::Element;
use super::model::{Raw, Stored};
use super::problem;
use super::safetensors::{header_of, listed};
use super::values::{Interleaved, Opaque, Values};
use crate::formats::gguf::{self, elements};
use crate::formats::tensor_list;

/// Architectures (`general.architecture`) whose converter reorders the rows of queries and keys.
///
/// Source: the classes in `conversion/` of ggml-org/llama.cpp that call `permute` or `_reverse_hf_permute`, or derive from `LlamaModel`
/// without `undo_permute = False`, as of version 0.19 of its package. `clip` (vision towers) is left out: it is done for some
/// of its models only, and the file does not say which.
const REORDERED: &[&str] = &[
    "arcee", "baichuan", "bailingmoe", "deci", "deepseek", "eagle3", "granite", "granitehybrid",
    "granitemoe", "internlm2", "llama", "llama-embed", "minicpm", "mistral3", "nanbeige", "olmo", "smollm3",
    "xverse",
];

/// Reads the header.
pub(super) fn read(bytes: &Arc<Bytes>, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut reading = Reading::default();
    let places = gguf::read_places(header_of(bytes), &mut Stream::new(bytes), &mut reading);
    let tensors = listed(&mut reading);
    problems.append(&mut reading.problems);
    let mut known = BTreeMap::new();
    for (name, element, start) in places.tensors {
        known.entry(name).or_insert((element, start));
    }
    let reordered = places.architecture.as_deref().is_some_and(|name| REORDERED.contains(&name));
    let mut kept_order = 0;
    let mut raw = Vec::new();
    for tensor in tensors {
        let (name, shape) = (tensor.name, tensor.shape.unwrap_or_default());
        let Some((element, start)) = known.get(&name) else {
            let why = "the list of tensors ends before the place of its data is known";
            raw.push(Raw::lost(&name, &tensor.element, shape, &bytes.path, why));
            continue;
        };
        let mut one = tensor_of(bytes, &name, &tensor.element, shape, *element, *start, places.big);
        if reordered && is_query_or_key(&name) && one.shape.len() <= 2 {
            match places.head.filter(|head| *head > 0 && head % 2 == 0 && is_whole(&one.shape, *head)) {
                Some(head) => {
                    let row = one.shape.iter().skip(1).product::<u64>().max(1);
                    let inner: Box<dyn Values> = one.values.into();
                    one.values = Stored::Other(Box::new(Interleaved { inner, head, row }));
                }
                None => kept_order += 1,
            }
        }
        raw.push(one);
    }
    if kept_order > 0 {
        let what = format!(
            "the rows of {kept_order} query and key tensors stand in the order of llama.cpp: the size of a head, which is needed to undo it, is not known or does not fit"
        );
        problems.push(problem(&bytes.path, ProblemKind::Malformed, what, "convert the model again"));
    }
    raw
}

fn is_query_or_key(name: &str) -> bool {
    let part = name.strip_prefix("blk.").and_then(|rest| rest.split_once('.'));
    part.is_some_and(|(_, part)| {
        matches!(part, "attn_q.weight" | "attn_k.weight" | "attn_q.bias" | "attn_k.bias")
    })
}

fn is_whole(shape: &[u64], head: u64) -> bool {
    shape.first().is_some_and(|rows| rows % head == 0)
}

fn tensor_of(
    bytes: &Arc<Bytes>,
    name: &str,
    element_name: &str,
    shape: Box<[u64]>,
    element: u32,
    start: u64,
    big: bool,
) -> Raw {
    let length = elements::bytes(element, &shape);
    let end = start.saturating_add(length.unwrap_or(0));
    let Some(decode) = decoder(element_name) else {
        let element = Element::named(element_name);
        if element.is_none() && length.is_none() {
            let why = format!("{element_name} is a type of elements that is not known, or was removed");
            return Raw::lost(name, element_name, shape, &bytes.path, why);
        }
        return Raw::plain(name, element_name, shape, element, big, (bytes, start, end));
    };
    let span = Span { file: Arc::clone(bytes), start, length: end - start };
    let (block, size) = elements::block(element).unwrap_or((1, 0));
    let row = shape.last().copied().unwrap_or(0);
    let fault = if big {
        Some(format!("values of the type {element_name} are not read from big-endian files"))
    } else if tensor_list::elements(&shape).is_none() || length.is_none() {
        Some("its shape is beyond 64 bits".to_owned())
    } else if row % block != 0 {
        Some(format!("its rows of {row} elements are no whole number of blocks of {block}"))
    } else {
        None
    };
    let stored = span.length;
    let values: Box<dyn Values> = match fault {
        Some(why) => Box::new(Opaque { span, why }),
        None => Box::new(Blocks { decode, elements: block as usize, size: size as usize, span }),
    };
    Raw {
        name: name.into(),
        path: bytes.path.clone(),
        shape,
        element: element_name.into(),
        quantised: true,
        stored,
        values: Stored::Other(values),
    }
}
