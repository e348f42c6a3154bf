//! Weight files with real headers and no data: what follows the header is a hole in a sparse file.

use std::fmt::Write as _;

/// A file's header, and how long the whole file is.
pub struct Header {
    /// The bytes of the header.
    pub bytes: Vec<u8>,
    /// The length of the file, with the data of all tensors.
    pub len: u64,
}

/// The header of a safetensors file. Each line is `NAME DTYPE DIMxDIM`, or `metadata KEY VALUE`; `{0..31}` in a name stands for
/// each of the numbers.
///
/// # Panics
/// If a line is not of that form.
pub fn safetensors(lines: &str) -> Header {
    let mut offset = 0_u64;
    let mut members = Vec::new();
    let mut metadata = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("metadata ") {
            let (key, value) = rest.split_once(' ').unwrap();
            metadata.push(format!("{key:?}:{value:?}"));
            continue;
        }
        let [name, dtype, dimensions] = parts(line);
        let shape = shape(dimensions);
        let bytes = elements(&shape) * width(dtype);
        for name in expand(name) {
            let end = offset + bytes;
            members.push(format!(
                "{name:?}:{{\"dtype\":\"{dtype}\",\"shape\":{shape:?},\"data_offsets\":[{offset},{end}]}}"
            ));
            offset = end;
        }
    }
    if !metadata.is_empty() {
        members.insert(0, format!("\"__metadata__\":{{{}}}", metadata.join(",")));
    }
    let mut json = format!("{{{}}}", members.join(","));
    // Readers expect the data at a multiple of eight.
    while json.len() % 8 != 0 {
        json.push(' ');
    }
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.as_bytes());
    let len = bytes.len() as u64 + offset;
    Header { bytes, len }
}

/// The header of a GGUF file, version 3. Each line is `KEY = TYPE VALUE` (`u32`, `u64`, `f32`, `bool`, `str`, or `strs` with texts
/// between `|`) or `tensor NAME TYPE DIMxDIM`, outermost dimension first.
///
/// # Panics
/// If a line is not of that form.
pub fn gguf(lines: &str) -> Header {
    let mut pairs = Vec::new();
    let mut tensors = Vec::new();
    let mut offset = 0_u64;
    let (mut pair_count, mut tensor_count) = (0_u64, 0_u64);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("tensor ") {
            let [name, kind, dimensions] = parts(rest);
            // The number of the type, the elements of a block, and its bytes (`ggml_type` in ggml.h of ggml-org/ggml).
            let (number, block, width) = match kind {
                "F32" => (0_u32, 1, 4),
                "F16" => (1, 1, 2),
                "Q4_K" => (12, 256, 144),
                "Q6_K" => (14, 256, 210),
                "BF16" => (30, 1, 2),
                _ => panic!("{line}: F32, F16, BF16, Q4_K or Q6_K"),
            };
            let shape = shape(dimensions);
            for name in expand(name) {
                text(&mut tensors, &name);
                tensors.extend((shape.len() as u32).to_le_bytes());
                shape.iter().rev().for_each(|dimension| tensors.extend(dimension.to_le_bytes()));
                tensors.extend(number.to_le_bytes());
                tensors.extend(offset.to_le_bytes());
                offset += (elements(&shape) / block * width).next_multiple_of(32);
                tensor_count += 1;
            }
            continue;
        }
        let (key, rest) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}: KEY = TYPE VALUE"));
        let (kind, value) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}: KEY = TYPE VALUE"));
        text(&mut pairs, key);
        pair(&mut pairs, kind, value);
        pair_count += 1;
    }
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(tensor_count.to_le_bytes());
    bytes.extend(pair_count.to_le_bytes());
    bytes.extend(pairs);
    bytes.extend(tensors);
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    let len = bytes.len() as u64 + offset;
    Header { bytes, len }
}

/// A value with the number of its type, as `docs/gguf.md` of ggml-org/ggml gives them.
fn pair(out: &mut Vec<u8>, kind: &str, value: &str) {
    match kind {
        "u32" => {
            out.extend(4_u32.to_le_bytes());
            out.extend(value.parse::<u32>().unwrap().to_le_bytes());
        }
        "f32" => {
            out.extend(6_u32.to_le_bytes());
            out.extend(value.parse::<f32>().unwrap().to_le_bytes());
        }
        "bool" => {
            out.extend(7_u32.to_le_bytes());
            out.push(u8::from(value == "true"));
        }
        "str" => {
            out.extend(8_u32.to_le_bytes());
            text(out, value);
        }
        "strs" => {
            let items: Vec<&str> = value.split('|').collect();
            out.extend(9_u32.to_le_bytes());
            out.extend(8_u32.to_le_bytes());
            out.extend((items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| text(out, item));
        }
        "u64" => {
            out.extend(10_u32.to_le_bytes());
            out.extend(value.parse::<u64>().unwrap().to_le_bytes());
        }
        _ => panic!("{kind} is no type of GGUF here"),
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn parts(line: &str) -> [&str; 3] {
    let parts: Vec<&str> = line.split_whitespace().collect();
    parts.try_into().unwrap_or_else(|_| panic!("{line}: NAME TYPE DIMxDIM"))
}

fn shape(dimensions: &str) -> Vec<u64> {
    dimensions.split('x').map(|dimension| dimension.parse().unwrap()).collect()
}

fn elements(shape: &[u64]) -> u64 {
    shape.iter().product()
}

fn width(dtype: &str) -> u64 {
    match dtype {
        "F64" | "I64" => 8,
        "F32" | "I32" | "U32" => 4,
        "F16" | "BF16" | "I16" => 2,
        "I8" | "U8" | "F8_E4M3" => 1,
        _ => panic!("{dtype} is no type of safetensors here"),
    }
}

/// `{a..b}` in a name as each of the numbers, several times if it stands several times.
fn expand(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else { return vec![name.to_owned()] };
    let (range, after) = rest.split_once('}').unwrap();
    let (first, last) = range.split_once("..").unwrap();
    let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
    let mut names = Vec::new();
    for number in first..=last {
        let mut one = String::from(before);
        write!(one, "{number}{after}").unwrap();
        names.extend(expand(&one));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safetensors_header_has_every_tensor_once() {
        let header = safetensors("metadata format pt\nl.{0..2}.w BF16 4x8\nn F32 8\n");
        let (length, json) = header.bytes.split_at(8);
        assert_eq!(u64::from_le_bytes(length.try_into().unwrap()), json.len() as u64);
        let json = std::str::from_utf8(json).unwrap();
        assert!(json.starts_with(
            r#"{"__metadata__":{"format":"pt"},"l.0.w":{"dtype":"BF16","shape":[4, 8],"data_offsets":[0,64]}"#
        ));
        assert!(json.contains(r#""n":{"dtype":"F32","shape":[8],"data_offsets":[192,224]}"#), "{json}");
        assert_eq!(header.len, header.bytes.len() as u64 + 224);
    }

    #[test]
    fn a_gguf_header_begins_with_its_counts() {
        let header = gguf(
            "general.architecture = str llama\nllama.block_count = u32 2\ntensor blk.{0..1}.attn_q.weight F16 8x4\n",
        );
        assert_eq!(&header.bytes[..8], b"GGUF\x03\0\0\0");
        assert_eq!((header.bytes[8], header.bytes[16]), (2, 2));
        assert_eq!(header.len, header.bytes.len() as u64 + 128);
    }
}
