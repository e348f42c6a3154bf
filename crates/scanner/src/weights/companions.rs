//! Tensors that are one only together: codes with their scales, zero points and tables. They become one tensor with the values that
//! the model computes with, and the parts leave the list.
//!
//! Which parts belong together is told by names and shapes, as the loaders of each method do; sources stand with each. Shards do not
//! matter: the parts may lie in different files.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use forebear_types::RepoPath;
use forebear_types::fact::{Problem, ProblemKind};
use serde_json::Value;

use super::element::{Element, Plain};
use super::model::{Raw, Stored};
use super::packed::{Fit, Packed, Packing, Panel, is_word};
use super::scaled::{Grid, Levels, NestedScales, Scaled};
use super::values::{Constant, Values};
use super::{Files, problem};
use crate::formats::tensor_list::{elements, shown};

type Tensors = BTreeMap<Box<str>, Raw>;

/// What the configuration says of quantisation, as far as reading needs it.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// `quant_method`.
    method: String,
    /// `checkpoint_format`.
    format: String,
    /// `weight_block_size`.
    block: Option<(u64, u64)>,
}

/// Methods whose tensors are read, and those whose layouts are those of plain tensors.
const METHODS: &[&str] = &[
    "", "awq", "bitsandbytes", "compressed-tensors", "fbgemm_fp8", "fp8", "gptq", "modelopt", "mxfp4",
    "torchao",
];

/// Most bytes of a configuration.
const LIMIT: u64 = 4 << 20;

impl Config {
    /// Reads `config.json` or `quantize_config.json`, the one nearest to the top. Their faults are told elsewhere.
    pub(super) fn read(paths: &[RepoPath], files: &mut Files<'_>) -> Self {
        let named = |name: &str| {
            paths.iter().filter(|path| path.file_name() == name.as_bytes()).min_by_key(|path| path.depth())
        };
        for path in [named("config.json"), named("quantize_config.json")].into_iter().flatten() {
            let json = files.small(path, LIMIT).ok();
            let json: Option<Value> = json.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let Some(json) = json else { continue };
            let table = ["quantization_config", "compression_config"].iter().find_map(|key| json.get(key));
            let table = table.unwrap_or(&json);
            let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            if table.get("quant_method").is_none() && table.get("bits").is_none() {
                continue;
            }
            let block = table.get("weight_block_size").and_then(|block| {
                Some((block.get(0)?.as_u64()?, block.get(1)?.as_u64()?))
                    .filter(|(one, two)| *one > 0 && *two > 0)
            });
            return Self { method: text("quant_method"), format: text("checkpoint_format"), block };
        }
        Self::default()
    }
}

/// Puts parts together.
pub(super) fn resolve(mut tensors: Tensors, config: &Config, problems: &mut Vec<Problem>) -> Tensors {
    let names: Vec<Box<str>> = tensors.keys().cloned().collect();
    let panel = Arc::new(Mutex::new(Panel::default()));
    let mut odd: BTreeMap<&'static str, (First, usize)> = BTreeMap::new();
    for (number, name) in names.iter().enumerate() {
        let known = tensors.contains_key(name);
        let joined = match () {
            () if !known => continue,
            () if name.ends_with(".qweight") => words(name, number, &panel, &mut tensors, config),
            () if name.ends_with(".weight_packed") => packed(name, &mut tensors),
            () if name.ends_with("_blocks") || name.ends_with(".blocks") => microscaled(name, &mut tensors),
            () if tensors.contains_key(&*format!("{name}.quant_map")) => levels(name, &mut tensors),
            () => scaled(name, &mut tensors, config),
        };
        match joined {
            Ok(()) => {}
            Err(what) => {
                if let Some(raw) = tensors.get(name) {
                    odd.entry(what)
                        .or_insert_with(|| (First { path: raw.path.clone(), name: name.clone() }, 0))
                        .1 += 1;
                }
            }
        }
    }
    for (what, (first, count)) in odd {
        let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        let what = format!("{}{more}: {what}; what is read are the codes", shown(&first.name));
        problems.push(problem(&first.path, ProblemKind::Unsupported, what, REMEDY));
    }
    if !METHODS.contains(&config.method.as_str())
        && let Some(raw) = tensors.values().next()
    {
        let what = format!(
            "the weights were quantised with {}, whose layout is not read: integer tensors are codes and not weights",
            shown(&config.method)
        );
        problems.push(problem(&raw.path, ProblemKind::Unsupported, what, REMEDY));
    }
    tensors
}

const REMEDY: &str = "compare the model from before quantisation, or a conversion of it";

/// The first of several tensors.
struct First {
    path: RepoPath,
    name: Box<str>,
}

/// Puts a joined tensor in the place of its parts.
fn put(
    tensors: &mut Tensors,
    parts: &[&str],
    name: &str,
    shape: Vec<u64>,
    element: String,
    values: Box<dyn Values>,
) {
    let mut path = RepoPath::root();
    let mut stored = 0;
    for (index, part) in parts.iter().enumerate() {
        if let Some(raw) = tensors.remove(*part) {
            stored += raw.stored;
            if index == 0 {
                path = raw.path;
            }
        }
    }
    let raw = Raw {
        name: name.into(),
        path,
        shape: shape.into(),
        element: element.into(),
        quantised: true,
        stored,
        values: Stored::Other(values),
    };
    tensors.insert(name.into(), raw);
}

/// A part that lies in one piece, with its shape.
fn part<'t>(tensors: &'t Tensors, name: &str) -> Option<(&'t Plain, &'t [u64])> {
    let raw = tensors.get(name)?;
    Some((raw.as_plain()?, &raw.shape))
}

fn count(shape: &[u64]) -> u64 {
    elements(shape).unwrap_or(u64::MAX)
}

/// GPTQ and AWQ: `qweight`, `qzeros`, `scales`, `g_idx`.
fn words(
    name: &str,
    number: usize,
    panel: &Arc<Mutex<Panel>>,
    tensors: &mut Tensors,
    config: &Config,
) -> Result<(), &'static str> {
    const ODD: &str = "it is packed in a way that is neither that of GPTQ (2, 4 or 8 bits) nor that of AWQ";
    let base = name.strip_suffix("qweight").unwrap_or_default();
    let [zeros, scales, group_of] = ["qzeros", "scales", "g_idx"].map(|part| format!("{base}{part}"));
    let ((codes, shape), (zero_points, zero_shape), (scale, scale_shape)) = (
        part(tensors, name).ok_or(ODD)?,
        part(tensors, &zeros).ok_or(ODD)?,
        part(tensors, &scales).ok_or(ODD)?,
    );
    let groups = part(tensors, &group_of);
    let plus = u8::from(config.format != "gptq_v2");
    let fit = Fit::of(shape, zero_shape, scale_shape, groups.map(|(_, shape)| shape), plus).ok_or(ODD)?;
    if !is_word(codes.element) || !is_word(zero_points.element) || codes.big {
        return Err(ODD);
    }
    let method = if fit.packing == Packing::Awq { "AWQ" } else { "GPTQ" };
    let element = format!("{method} {}-bit", fit.bits);
    let values = Packed {
        packing: fit.packing,
        bits: fit.bits,
        inputs: fit.inputs,
        outputs: fit.outputs,
        groups: fit.groups,
        codes: codes.span.clone(),
        zeros: zero_points.span.clone(),
        scales: scale.clone(),
        group_of: groups.map(|(plain, _)| plain.clone()),
        panel: Arc::clone(panel),
        number,
    };
    let weight = format!("{base}weight");
    put(
        tensors,
        &[name, &zeros, &scales, &group_of],
        &weight,
        vec![fit.outputs, fit.inputs],
        element,
        Box::new(values),
    );
    Ok(())
}

/// compressed-tensors: `pack_to_int32` in `compressed_tensors/compressors/quantized_compressors/pack_quantized.py` (codes with the
/// offset of their sign, the first in the lowest bits), and `nvfp4_quantized.py` (4-bit floats, scales in E4M3 divided by
/// `weight_global_scale`).
fn packed(name: &str, tensors: &mut Tensors) -> Result<(), &'static str> {
    const ODD: &str = "it is packed in a way of compressed-tensors that is not read";
    let base = name.strip_suffix("weight_packed").unwrap_or_default();
    let named = |part: &str| format!("{base}{part}");
    let (scale_name, shape_name, global_name) =
        (named("weight_scale"), named("weight_shape"), named("weight_global_scale"));
    let (codes, shape) = part(tensors, name).ok_or(ODD)?;
    let (scales, scale_shape) = part(tensors, &scale_name).ok_or(ODD)?;
    let [rows, width] = shape else { return Err(ODD) };
    if tensors.contains_key(&*named("weight_zero_point")) || tensors.contains_key(&*named("weight_g_idx")) {
        return Err(ODD);
    }
    let (element, columns, zeros, factor, label): (_, _, Option<Box<dyn Values>>, _, _) = match codes.element
    {
        Element::U8 => {
            let global = part(tensors, &global_name).ok_or(ODD)?.0;
            let mut value = [0.0];
            global.read(0, &mut value).map_err(|_| ODD)?;
            (Element::E2m1, width.checked_mul(2).ok_or(ODD)?, None, 1.0 / value[0], "NVFP4")
        }
        element if is_word(element) => {
            let sizes = part(tensors, &shape_name).ok_or(ODD)?.0;
            let mut size = [0.0; 2];
            sizes.read(0, &mut size).map_err(|_| ODD)?;
            let columns = size[1] as u64;
            match columns.checked_div(*width) {
                Some(8) if columns.is_multiple_of(8) => {
                    (Element::U4, columns, Some(Box::new(Constant(8.0)) as _), 1.0, "INT4")
                }
                Some(4) if columns.is_multiple_of(4) => {
                    (Element::U8, columns, Some(Box::new(Constant(128.0)) as _), 1.0, "INT8")
                }
                _ => return Err(ODD),
            }
        }
        _ => return Err(ODD),
    };
    let whole = vec![*rows, columns];
    if count(&whole).checked_mul(element.bits()) != codes.span.length.checked_mul(8) {
        return Err(ODD);
    }
    let groups = scale_shape.get(1).copied().unwrap_or(1).max(1);
    let block = [if count(scale_shape) == 1 { *rows } else { 1 }, columns.div_ceil(groups)];
    let grid = Grid::new(&whole, &block, count(scale_shape)).ok_or(ODD)?;
    let values = Scaled {
        codes: Box::new(Plain { element, ..codes.clone() }),
        scales: Box::new(scales.clone()),
        zeros,
        factor,
        grid,
    };
    let weight = named("weight");
    put(
        tensors,
        &[name, &scale_name, &shape_name, &global_name],
        &weight,
        whole,
        label.to_owned(),
        Box::new(values),
    );
    Ok(())
}

/// MXFP4 as gpt-oss ships it: `convert_moe_packed_tensors` in `transformers/integrations/mxfp4.py`. Groups of 32 elements, whose
/// exponents are bytes.
fn microscaled(name: &str, tensors: &mut Tensors) -> Result<(), &'static str> {
    const ODD: &str = "its blocks do not fit the scales beside them";
    // In the layout of its first release a dot stands where the other has a line.
    let Some(base) = name.strip_suffix("blocks").map(|base| &base[..base.len() - 1]) else { return Ok(()) };
    let scale_name = format!("{}scales", &name[..=base.len()]);
    let (Some((codes, shape)), Some((scales, scale_shape))) =
        (part(tensors, name), part(tensors, &scale_name))
    else {
        return Ok(());
    };
    if codes.element != Element::U8 || scales.element != Element::U8 || tensors.contains_key(base) {
        return Ok(());
    }
    let Some((16, outer)) = shape.split_last().map(|(last, outer)| (*last, outer)) else { return Err(ODD) };
    if outer != scale_shape || outer.is_empty() {
        return Err(ODD);
    }
    let mut whole = outer.to_vec();
    let groups = whole.pop().unwrap_or(0);
    whole.push(groups.checked_mul(32).ok_or(ODD)?);
    let mut block = vec![1; whole.len()];
    *block.last_mut().ok_or(ODD)? = 32;
    let grid = Grid::new(&whole, &block, count(scale_shape)).ok_or(ODD)?;
    let values = Scaled {
        codes: Box::new(Plain { element: Element::E2m1, ..codes.clone() }),
        scales: Box::new(Plain { element: Element::E8m0, ..scales.clone() }),
        zeros: None,
        factor: 1.0,
        grid,
    };
    put(tensors, &[name, &scale_name], base, whole, "MXFP4".to_owned(), Box::new(values));
    Ok(())
}

/// The 4-bit types of bitsandbytes: `absmax`, `quant_map`, `nested_absmax`, `nested_quant_map`, and a table as JSON.
fn levels(name: &str, tensors: &mut Tensors) -> Result<(), &'static str> {
    const ODD: &str = "the tables of bitsandbytes beside it do not fit";
    let named = |part: &str| format!("{name}.{part}");
    let prefix = named("quant_state.bitsandbytes__");
    let state = tensors
        .range::<str, _>((Bound::Included(&*prefix), Bound::Unbounded))
        .next()
        .map(|(key, _)| key.clone());
    let state = state.filter(|key| key.starts_with(&prefix)).ok_or(ODD)?;
    let (json, shape) = part(tensors, &state).ok_or(ODD)?;
    if count(shape) > 4096 || json.element != Element::U8 {
        return Err(ODD);
    }
    let mut bytes = vec![0; json.span.length as usize];
    json.span.read(0, &mut bytes).map_err(|_| ODD)?;
    let json: Value = serde_json::from_slice(&bytes).map_err(|_| ODD)?;
    let number = |key: &str| json.get(key).and_then(Value::as_u64).filter(|number| *number > 0);
    let sizes = json.get("shape").and_then(Value::as_array).ok_or(ODD)?;
    let whole: Option<Vec<u64>> = sizes.iter().map(Value::as_u64).collect();
    let (whole, block) = (whole.ok_or(ODD)?, number("blocksize").ok_or(ODD)?);
    let (absmax, map, nested, nested_map) =
        (named("absmax"), named("quant_map"), named("nested_absmax"), named("nested_quant_map"));
    let (codes, _) = part(tensors, name).ok_or(ODD)?;
    let (largest, largest_shape) = part(tensors, &absmax).ok_or(ODD)?;
    let (table, table_shape) = part(tensors, &map).ok_or(ODD)?;
    let fits = elements(&whole).is_some_and(|count_of| {
        count_of > 0
            && count_of.div_ceil(2) == codes.span.length
            && count_of.div_ceil(block) == count(largest_shape)
    });
    if !fits || codes.element != Element::U8 || count(table_shape) != 16 {
        return Err(ODD);
    }
    let mut levels = [0.0; 16];
    table.read(0, &mut levels).map_err(|_| ODD)?;
    let scales: Box<dyn Values> = match (part(tensors, &nested), part(tensors, &nested_map)) {
        (Some((outer, outer_shape)), Some((table, table_shape))) => {
            let size = count(table_shape);
            let block = number("nested_blocksize").ok_or(ODD)?;
            if size > 256 || count(largest_shape).div_ceil(block) != count(outer_shape) {
                return Err(ODD);
            }
            let mut levels = vec![0.0; size as usize];
            table.read(0, &mut levels).map_err(|_| ODD)?;
            let offset = json.get("nested_offset").and_then(Value::as_f64).unwrap_or(0.0) as f32;
            let codes = Box::new(largest.clone());
            Box::new(NestedScales { codes, levels, largest: Box::new(outer.clone()), block, offset })
        }
        _ if largest.element == Element::F32 => Box::new(largest.clone()),
        _ => return Err(ODD),
    };
    let kind = json.get("quant_type").and_then(Value::as_str).unwrap_or("4-bit").to_uppercase();
    let values = Levels { codes: Box::new(codes.clone()), levels, largest: scales, block };
    put(tensors, &[name, &absmax, &map, &nested, &nested_map, &state], name, whole, kind, Box::new(values));
    Ok(())
}

/// 8-bit floats and integers with scales: `<name>_scale_inv` (DeepSeek-V3), `<name>_scale` (compressed-tensors, FBGEMM, ModelOpt),
/// `SCB` (bitsandbytes), `scale` (the original DeepSeek layout); and the NVFP4 of ModelOpt, whose scales have a scale.
fn scaled(name: &str, tensors: &mut Tensors, config: &Config) -> Result<(), &'static str> {
    const ODD: &str = "the scales beside it do not fit its shape";
    let Some((codes, shape)) = part(tensors, name) else { return Ok(()) };
    let coarse = codes.element.is_coarse();
    if !coarse && !matches!(codes.element, Element::I8 | Element::U8) {
        return Ok(());
    }
    let base = name.strip_suffix("weight").unwrap_or_default();
    let mut found = None;
    for (scale_name, factor) in [
        (format!("{name}_scale_inv"), 1.0),
        (format!("{name}_scale"), 1.0),
        (format!("{base}SCB"), 1.0 / 127.0),
        (format!("{base}scale"), 1.0),
    ] {
        if !(scale_name == "SCB" || scale_name == "scale") && tensors.contains_key(&*scale_name) {
            found = Some((scale_name, factor));
            break;
        }
    }
    let Some((scale_name, factor)) = found else { return Ok(()) };
    let (scales, scale_shape) = part(tensors, &scale_name).ok_or(ODD)?;
    let (second_name, zero_name, format_name) =
        (format!("{name}_scale_2"), format!("{name}_zero_point"), format!("{base}weight_format"));
    let mut whole = shape.to_vec();
    let (mut element, mut factor) = (codes.element, factor);
    if element == Element::U8 {
        // Two 4-bit floats to a byte, a scale for 16 of them.
        let Some((second, _)) = part(tensors, &second_name) else { return Err(ODD) };
        let mut value = [0.0];
        second.read(0, &mut value).map_err(|_| ODD)?;
        let columns = whole.last_mut().ok_or(ODD)?;
        *columns = columns.checked_mul(2).ok_or(ODD)?;
        (element, factor) = (Element::E2m1, value[0]);
    }
    let zeros = part(tensors, &zero_name);
    if zeros.is_some_and(|(_, shape)| shape != scale_shape) {
        return Err(ODD);
    }
    let zeros = zeros.map(|(zeros, _)| Box::new(zeros.clone()) as Box<dyn Values>);
    let last = if element == Element::E2m1 { 16 } else { config.block.map_or(128, |block| block.1) };
    let block = blocks(&whole, scale_shape, [config.block.map_or(128, |block| block.0), last]).ok_or(ODD)?;
    let grid = Grid::new(&whole, &block, count(scale_shape)).ok_or(ODD)?;
    let label = if element == Element::E2m1 {
        "NVFP4".to_owned()
    } else {
        tensors.get(name).map(|raw| raw.element.to_string()).unwrap_or_default()
    };
    let values = Scaled {
        codes: Box::new(Plain { element, ..codes.clone() }),
        scales: Box::new(scales.clone()),
        zeros,
        factor,
        grid,
    };
    let mut parts = vec![name, &*scale_name, &*zero_name];
    if element == Element::E2m1 {
        parts.push(&second_name);
    }
    if scale_name.ends_with("SCB") {
        parts.push(&format_name);
    }
    put(tensors, &parts, name, whole, label, Box::new(values));
    Ok(())
}

/// How far a scale reaches in each dimension: all of it where there is one scale, one element where there are as many scales, or
/// blocks of a known size.
fn blocks(shape: &[u64], scales: &[u64], known: [u64; 2]) -> Option<Vec<u64>> {
    if elements(scales) == Some(1) {
        return Some(shape.to_vec());
    }
    let mut padded = scales.to_vec();
    while padded.len() < shape.len() {
        padded.push(1);
    }
    let pairs = shape.iter().zip(&padded).enumerate().map(|(index, (size, scales))| {
        let block = if index + 1 == shape.len() { known[1] } else { known[0] };
        match *scales {
            1 => Some(*size),
            scales if scales == *size => Some(1),
            scales if scales == size.div_ceil(block) => Some(block),
            _ => None,
        }
    });
    if padded.len() == shape.len() { pairs.collect() } else { None }
}
