//! Initialisers of ONNX models, with their data in the file or beside it, and scales applied where the graph says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use forebear_types::RepoPath;
use forebear_types::fact::{Problem, ProblemKind, Reading};

use super::bytes::{Bytes, Span, Stream};
use super::element::{Element, Plain};
use super::model::{Raw, Stored};
use super::safetensors::{header_of, listed};
use super::scaled::{Grid, Scaled};
use super::values::{Constant, Held, Values};
use super::{Files, problem};
use crate::formats::onnx::{self, Data, Node};
use crate::formats::tensor_list::{elements, shown};

/// Longest field of numbers without a fixed width that is decoded: such fields hold shapes and zero points.
const VARINTS: u64 = 4 << 20;

/// Reads the model.
pub(super) fn read(bytes: &Arc<Bytes>, files: &mut Files<'_>, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut reading = Reading::default();
    let places = onnx::read_places(header_of(bytes), &mut Stream::new(bytes), &mut reading);
    let tensors = listed(&mut reading);
    problems.append(&mut reading.problems);
    let known: BTreeMap<_, _> = places.tensors.iter().map(|place| (&place.name, place)).collect();
    let mut raw = BTreeMap::new();
    for tensor in tensors {
        let (name, shape) = (tensor.name, tensor.shape.unwrap_or_default());
        let one = match known.get(&name) {
            Some(place) => initialiser(bytes, &name, &tensor.element, shape, place, files, problems),
            None => Raw::lost(&name, &tensor.element, shape, &bytes.path, "its place is not known"),
        };
        raw.insert(name, one);
    }
    quantised(&mut raw, &places.nodes, bytes, problems);
    raw.into_values().collect()
}

fn initialiser(
    bytes: &Arc<Bytes>,
    name: &str,
    element_name: &str,
    shape: Box<[u64]>,
    place: &onnx::Place,
    files: &mut Files<'_>,
    problems: &mut Vec<Problem>,
) -> Raw {
    let element = Element::named(element_name);
    let lost = |why: String| Raw::lost(name, element_name, shape.clone(), &bytes.path, why);
    match &place.data {
        Data::Missing if elements(&shape) == Some(0) => {
            Raw::plain(name, element_name, shape, element, false, (bytes, 0, 0))
        }
        Data::Missing => lost("the file holds no elements for it".to_owned()),
        Data::Odd(why) => lost((*why).to_owned()),
        Data::Fixed(start, length) => {
            Raw::plain(name, element_name, shape, element, false, (bytes, *start, start + length))
        }
        Data::Varints(start, length) => {
            let span = Span { file: Arc::clone(bytes), start: *start, length: *length };
            match varints(&span, element) {
                Ok(values) => Raw {
                    name: name.into(),
                    path: bytes.path.clone(),
                    element: element_name.into(),
                    quantised: element.is_some_and(Element::is_coarse),
                    stored: *length,
                    values: Stored::Other(Box::new(Held { values, span })),
                    shape,
                },
                Err(why) => lost(why),
            }
        }
        Data::External(location, offset, length) => {
            match external(bytes, location, offset.as_deref(), length.as_deref(), files) {
                Ok((file, start, length)) => {
                    let whole = element
                        .and_then(|element| elements(&shape)?.checked_mul(element.bits()))
                        .map(|bits| bits.div_ceil(8));
                    let end = start.saturating_add(length.or(whole).unwrap_or(0));
                    let mut raw = Raw::plain(name, element_name, shape, element, false, (&file, start, end));
                    // The model is the file that names the tensor.
                    raw.path = bytes.path.clone();
                    raw
                }
                Err(Ok(problem)) => {
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                    lost(format!("its data in {} cannot be read", shown(location)))
                }
                Err(Err(why)) => lost(why),
            }
        }
    }
}

/// The file, the first byte and the number of bytes of external data. `location` is relative to the model's folder and stays in it
/// (`docs/ExternalData.md` of ONNX).
#[allow(clippy::type_complexity, reason = "a problem of the file, or a clause about the tensor")]
fn external(
    model: &Bytes,
    location: &str,
    offset: Option<&str>,
    length: Option<&str>,
    files: &mut Files<'_>,
) -> Result<(Arc<Bytes>, u64, Option<u64>), Result<Problem, String>> {
    let number = |text: &str| {
        text.trim().parse::<u64>().map_err(|_| Err(format!("its place {} is no number", shown(text))))
    };
    let start = offset.map_or(Ok(0), number)?;
    let length = length.map(number).transpose()?;
    let below = RepoPath::new(location).ok().filter(|path| !path.is_root());
    let below =
        below.ok_or_else(|| Err(format!("its data lie outside of the folder, at {}", shown(location))))?;
    let path = model.path.parent().unwrap_or_default().join_path(&below);
    Ok((files.open(&path).map_err(Ok)?, start, length))
}

/// Numbers of variable width: signed ones are sign-extended to 64 bits; 16-bit floats stand as their bits.
fn varints(span: &Span, element: Option<Element>) -> Result<Vec<f32>, String> {
    let element = element.ok_or_else(|| "values of its type are not read".to_owned())?;
    if span.length > VARINTS {
        return Err(format!("its elements have no fixed width and take {} bytes", span.length));
    }
    if element.bits() < 8 {
        return Err("elements of less than a byte in numbers of variable width are not read".to_owned());
    }
    let mut bytes = vec![0; span.length as usize];
    span.read(0, &mut bytes)?;
    let mut values = Vec::new();
    let (mut number, mut shift) = (0u64, 0);
    for byte in bytes {
        number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte < 0x80 {
            let mut value = [0.0];
            let width = (element.bits() / 8) as usize;
            match element {
                Element::F32 | Element::F64 => {
                    return Err("it has floats where whole numbers belong".to_owned());
                }
                _ => element.decode(false, &number.to_le_bytes()[..width], &mut value),
            }
            values.push(value[0]);
            (number, shift) = (0, 0);
        } else if shift > 63 {
            return Err("one of its numbers has no end".to_owned());
        }
    }
    Ok(values)
}

/// How an initialiser was quantised.
struct Scheme {
    codes: String,
    scale: String,
    zero: Option<String>,
    /// The dimension along which scales differ; `None` for the last.
    axis: Option<i64>,
    /// Elements of a block along the dimension, where there are blocks.
    block: u64,
}

/// Applies scales and zero points, and takes them from the list.
fn quantised(raw: &mut BTreeMap<Box<str>, Raw>, nodes: &[Node], file: &Bytes, problems: &mut Vec<Problem>) {
    let mut schemes: BTreeMap<String, Scheme> = BTreeMap::new();
    let mut four_bits = Vec::new();
    for node in nodes {
        let input = |index: usize| node.inputs.get(index).filter(|name| !name.is_empty()).cloned();
        let attribute =
            |name: &str| node.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
        let scheme = match node.operator.as_str() {
            // x, scale, zero point.
            "DequantizeLinear" => (input(0), input(1), input(2), Some(attribute("axis").unwrap_or(1))),
            // x, its scale and zero point, w, its scale and zero point: one scale for each output, the first dimension.
            "QLinearConv" => (input(3), input(4), input(5), Some(0)),
            "QLinearMatMul" => (input(3), input(4), input(5), None),
            "MatMulNBits" => {
                four_bits.push(node);
                continue;
            }
            // The scale is applied to the product: the quantiser's names say which it is.
            _ => continue,
        };
        let (Some(codes), Some(scale), zero, axis) = scheme else { continue };
        let block = attribute("block_size").and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        schemes.insert(codes.clone(), Scheme { codes, scale, zero, axis, block });
    }
    // `quant_utils.py` of onnxruntime: `<name>_quantized`, `<name>_scale`, `<name>_zero_point`.
    for name in raw.keys() {
        if let Some(base) = name.strip_suffix("_quantized") {
            let scheme = || Scheme {
                codes: name.to_string(),
                scale: format!("{base}_scale"),
                zero: Some(format!("{base}_zero_point")),
                axis: None,
                block: 0,
            };
            schemes.entry(name.to_string()).or_insert_with(scheme);
        }
    }
    let mut used = Vec::new();
    let mut odd: Option<(String, usize)> = None;
    for scheme in schemes.values() {
        if !raw.contains_key(&*scheme.codes) || !raw.contains_key(&*scheme.scale) {
            continue;
        }
        match apply(raw, scheme) {
            Some(()) => {
                used.push(scheme.scale.clone());
                used.extend(scheme.zero.clone());
            }
            None => odd = Some(odd.map_or((scheme.codes.clone(), 1), |(first, count)| (first, count + 1))),
        }
    }
    for node in four_bits {
        match n_bits(raw, node) {
            Some(parts) => used.extend(parts),
            None => {
                if let Some(name) = node.inputs.get(1).filter(|name| raw.contains_key(name.as_str())) {
                    odd = Some(odd.map_or((name.clone(), 1), |(first, count)| (first, count + 1)));
                }
            }
        }
    }
    for name in used {
        raw.remove(&*name);
    }
    if let Some((first, count)) = odd {
        let what = format!(
            "the scales of {count} quantised initialisers, such as {}, do not fit them: what is read are the codes",
            shown(&first)
        );
        problems.push(problem(&file.path, ProblemKind::Unsupported, what, "export the model again"));
    }
}

/// A part of a scheme, as it can be read by several.
fn part(raw: &BTreeMap<Box<str>, Raw>, name: &str) -> Option<(Box<dyn Values>, u64)> {
    let raw = raw.get(name)?;
    let count = elements(&raw.shape)?;
    let values: Box<dyn Values> = match &raw.values {
        Stored::Plain(plain) => Box::new(plain.clone()),
        // Small: read as a whole.
        Stored::Other(other) if count <= 1 << 16 => {
            let mut values = vec![0.0; count as usize];
            other.read(0, &mut values).ok()?;
            Box::new(super::values::Fixed(values))
        }
        Stored::Other(_) => return None,
    };
    Some((values, count))
}

fn apply(raw: &mut BTreeMap<Box<str>, Raw>, scheme: &Scheme) -> Option<()> {
    let (scales, count) = part(raw, &scheme.scale)?;
    let zeros = match &scheme.zero {
        Some(name) if raw.contains_key(name.as_str()) => {
            let (zeros, zero_count) = part(raw, name)?;
            if zero_count != count {
                return None;
            }
            Some(zeros)
        }
        _ => None,
    };
    let codes = raw.get_mut(&*scheme.codes)?;
    let plain = codes.as_plain()?.clone();
    if !matches!(plain.element, Element::I8 | Element::U8 | Element::I16 | Element::U16 | Element::I32)
        && !plain.element.is_coarse()
    {
        return None;
    }
    let rank = codes.shape.len();
    let axis = match scheme.axis {
        None => rank.checked_sub(1),
        Some(axis) if axis < 0 => rank.checked_sub(usize::try_from(-axis).ok()?),
        Some(axis) => usize::try_from(axis).ok(),
    };
    let grid = if count == 1 {
        Grid::whole(&codes.shape)?
    } else if scheme.block > 0 {
        let mut block = vec![1; rank];
        *block.get_mut(axis?)? = scheme.block;
        Grid::new(&codes.shape, &block, count)?
    } else {
        Grid::axis(&codes.shape, axis?, count)?
    };
    codes.quantised = true;
    codes.values =
        Stored::Other(Box::new(Scaled { codes: Box::new(plain), scales, zeros, factor: 1.0, grid }));
    Some(())
}

/// `MatMulNBits` of onnxruntime (`docs/ContribOperators.md`): B is `[N, blocks, bytes of a block]`, the first element in the lowest
/// bits; scales are `[N, blocks]`, zero points packed likewise, or half the range. The tensor becomes `[N, K]`.
fn n_bits(raw: &mut BTreeMap<Box<str>, Raw>, node: &Node) -> Option<Vec<String>> {
    let attribute = |name: &str| {
        let found = node.attributes.iter().find(|(key, _)| key == name);
        found.and_then(|(_, value)| u64::try_from(*value).ok()).filter(|value| *value > 0)
    };
    let (inputs, outputs, block) = (attribute("K")?, attribute("N")?, attribute("block_size")?);
    let bits = attribute("bits").unwrap_or(4);
    let element = match bits {
        2 => Element::U2,
        4 => Element::U4,
        8 => Element::U8,
        _ => return None,
    };
    let (name, scale) = (node.inputs.get(1)?, node.inputs.get(2)?);
    let blocks = inputs.div_ceil(block);
    // Elements that fill the last block of a row would stand between rows; exporters choose blocks that divide.
    if inputs % block != 0 || node.inputs.get(4).is_some_and(|order| !order.is_empty()) {
        return None;
    }
    let (scales, count) = part(raw, scale)?;
    let zero = node.inputs.get(3).filter(|name| !name.is_empty());
    let per_byte = 8 / bits;
    let mut parts = vec![scale.clone()];
    let zeros: Box<dyn Values> = match zero {
        None => Box::new(Constant(f32::from(1u8 << (bits - 1)))),
        Some(zero) => {
            let points = raw.get(&**zero)?.as_plain()?.clone();
            if points.element != Element::U8
                || blocks % per_byte != 0
                || points.span.length != outputs * blocks / per_byte
            {
                return None;
            }
            parts.push(zero.clone());
            Box::new(Plain { element, ..points })
        }
    };
    let shape = [outputs, inputs];
    let grid = Grid::new(&shape, &[1, block], count)?;
    let codes = raw.get_mut(&**name)?;
    let plain = codes.as_plain()?.clone();
    if plain.element != Element::U8
        || elements(&shape)?.checked_mul(bits)? != plain.span.length.checked_mul(8)?
    {
        return None;
    }
    codes.shape = shape.into();
    codes.element = format!("UINT{bits}").into();
    codes.quantised = true;
    let codes_of = Box::new(Plain { element, ..plain });
    codes.values =
        Stored::Other(Box::new(Scaled { codes: codes_of, scales, zeros: Some(zeros), factor: 1.0, grid }));
    Some(parts)
}
