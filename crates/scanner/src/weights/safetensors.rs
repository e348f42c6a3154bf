//! Tensors of safetensors files.

use std::collections::BTreeMap;
use std::sync::Arc;

use forebear_types::Snapshot;
use forebear_types::fact::{FactKind, Problem, Reading, Tensor};

use super::bytes::{Bytes, Stream};
use super::element::Element;
use super::model::Raw;
use crate::formats::{File, safetensors};

/// Reads the header.
pub(super) fn read(bytes: &Arc<Bytes>, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut places = BTreeMap::new();
    let mut reading = Reading::default();
    safetensors::read_places(
        header_of(bytes),
        &mut Stream::new(bytes),
        &mut reading,
        &mut |tensor, begin, end| {
            places.insert(tensor.name.clone(), (begin, end));
        },
    );
    let raw = listed(&mut reading)
        .into_iter()
        .map(|tensor| {
            let (name, shape) = (tensor.name, tensor.shape.unwrap_or_default());
            match places.get(&name) {
                Some((begin, end)) => {
                    let element = Element::named(&tensor.element);
                    Raw::plain(&name, &tensor.element, shape, element, false, (bytes, *begin, *end))
                }
                None => {
                    let why = "its data do not lie in the file";
                    Raw::lost(&name, &tensor.element, shape, &bytes.path, why)
                }
            }
        })
        .collect();
    problems.append(&mut reading.problems);
    raw
}

/// The file as the readers of headers want it.
pub(super) fn header_of(bytes: &Bytes) -> File<'_> {
    File { path: &bytes.path, bytes: &[], size: bytes.size, blob: None, snapshot: &Snapshot::WorkTree }
}

/// The tensors that a reader of headers listed.
pub(super) fn listed(reading: &mut Reading) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    for fact in &mut reading.facts {
        if let FactKind::Tensors(list) = &mut fact.kind {
            tensors.append(&mut list.tensors);
        }
    }
    tensors
}
