//! Tensors of PyTorch checkpoints that are zip archives.

use std::collections::BTreeMap;
use std::sync::Arc;

use forebear_types::fact::{Problem, ProblemKind, Reading};

use super::bytes::{Bytes, Span, Stream};
use super::element::{Element, Plain};
use super::model::{Raw, Stored};
use super::problem;
use super::safetensors::{header_of, listed};
use super::values::Strided;
use crate::formats::{checkpoint, tensor_list};

/// Reads the pickle, without running it.
pub(super) fn read(bytes: &Arc<Bytes>, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut reading = Reading::default();
    let places = checkpoint::read_places(header_of(bytes), &mut Stream::new(bytes), &mut reading);
    let tensors = listed(&mut reading);
    problems.append(&mut reading.problems);
    if !places.archive && !tensors.is_empty() {
        let what =
            "the checkpoint is no zip archive: its tensors are listed, and their elements are not read";
        let remedy =
            "load it with `weights_only=True` and save it again with PyTorch 1.6 or later, or as safetensors";
        problems.push(problem(&bytes.path, ProblemKind::Unsupported, what, remedy));
    }
    let known: BTreeMap<_, _> = places.tensors.iter().map(|place| (&place.name, place)).collect();
    tensors
        .into_iter()
        .map(|tensor| {
            let (name, shape) = (tensor.name, tensor.shape.unwrap_or_default());
            let lost = |why: &str| Raw::lost(&name, &tensor.element, shape.clone(), &bytes.path, why);
            let Some(place) = known.get(&name) else {
                return lost("the place of its elements is not known");
            };
            let (start, length) = match &place.storage {
                Ok(storage) => *storage,
                Err(why) => return lost(why),
            };
            let Some(element) = Element::named(&tensor.element) else {
                return lost(&format!("values of the type {} are not read", tensor.element));
            };
            tensor_of(bytes, &name, &tensor.element, shape, element, place, (start, length), places.big)
        })
        .collect()
}

#[allow(clippy::too_many_arguments, reason = "the parts of one entry")]
fn tensor_of(
    bytes: &Arc<Bytes>,
    name: &str,
    element_name: &str,
    shape: Box<[u64]>,
    element: Element,
    place: &checkpoint::Place,
    (start, length): (u64, u64),
    big: bool,
) -> Raw {
    let width = element.bits() / 8;
    let has = length / width;
    let count = tensor_list::elements(&shape);
    let reach = reach(&shape, place);
    let (Some(count), Some(reach)) = (count, reach) else {
        return Raw::lost(name, element_name, shape, &bytes.path, "its shape is beyond 64 bits");
    };
    if count > 0 && reach > has {
        let why = format!("it reaches to element {reach} of its storage, which has {has}");
        return Raw::lost(name, element_name, shape, &bytes.path, why);
    }
    if count > has {
        let why = format!("its {count} elements are a view that repeats the {has} of its storage");
        return Raw::lost(name, element_name, shape, &bytes.path, why);
    }
    if Strided::is_contiguous(&shape, &place.strides) || count == 0 {
        // Both products are within the storage, which the checks above found in the file's own numbers.
        let begin = start.saturating_add(if count == 0 { 0 } else { place.offset * width });
        return Raw::plain(
            name,
            element_name,
            shape,
            Some(element),
            big,
            (bytes, begin, begin.saturating_add(count * width)),
        );
    }
    let span = Span { file: Arc::clone(bytes), start, length };
    let storage = Plain { element, span, big };
    let strided =
        Strided { storage, offset: place.offset, shape: shape.clone(), strides: place.strides.clone() };
    Raw {
        name: name.into(),
        path: bytes.path.clone(),
        shape,
        element: element_name.into(),
        quantised: element.is_coarse(),
        stored: count * width,
        values: Stored::Other(Box::new(strided)),
    }
}

/// Elements that the storage must have.
fn reach(shape: &[u64], place: &checkpoint::Place) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    let last = shape.iter().zip(&place.strides).try_fold(place.offset, |reach, (size, stride)| {
        (size - 1).checked_mul(*stride).and_then(|step| reach.checked_add(step))
    });
    last?.checked_add(1)
}
