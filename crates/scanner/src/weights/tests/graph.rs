//! ONNX: where initialisers may stand, and what the graph says of their scales.

use super::*;
use crate::formats::onnx::encode::{bytes as field, number as number_field, varint};

/// An initialiser with such a field of data.
fn tensor(name: &str, data_type: u64, shape: &[u64], data: Vec<u8>) -> Vec<u8> {
    let shape: Vec<u8> = shape.iter().flat_map(|size| number_field(1, *size)).collect();
    field(5, &[shape, number_field(2, data_type), field(8, name.as_bytes()), data].concat())
}

fn raw(name: &str, data_type: u64, shape: &[u64], bytes: &[u8]) -> Vec<u8> {
    tensor(name, data_type, shape, field(9, bytes))
}

fn node(operator: &str, inputs: &[&str], attributes: &[(&str, i64)]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|name| field(1, name.as_bytes())).collect();
    let attributes: Vec<u8> = attributes
        .iter()
        .flat_map(|(name, value)| {
            field(5, &[field(1, name.as_bytes()), number_field(3, *value as u64)].concat())
        })
        .collect();
    field(1, &[inputs, field(4, operator.as_bytes()), attributes].concat())
}

fn model(parts: &[Vec<u8>]) -> Vec<u8> {
    [number_field(1, 8), field(7, &parts.concat())].concat()
}

/// A model with scales of several kinds.
pub(super) fn sample() -> Vec<u8> {
    model(&[
        node("DequantizeLinear", &["rows", "rows_s", "rows_z"], &[("axis", 0)]),
        node("MatMulNBits", &["x", "w", "s"], &[("K", 4), ("N", 2), ("bits", 4), ("block_size", 2)]),
        raw("rows", 3, &[2, 2], &[1, 2, 3, 0xff]),
        raw("rows_s", 1, &[2], &floats(&[0.5, 2.0])),
        tensor("rows_z", 3, &[2], field(5, &[1, 0])),
        raw("w", 2, &[2, 2, 1], &[0x98, 0x0f, 0x88, 0x19]),
        raw("s", 1, &[4], &floats(&[1.0, 2.0, 0.5, 4.0])),
    ])
}

/// `Constant` with such a tensor, as the value of its output.
fn constant(name: &str, data_type: u64, shape: &[u64], bytes: &[u8]) -> Vec<u8> {
    let shape: Vec<u8> = shape.iter().flat_map(|size| number_field(1, *size)).collect();
    let tensor = [shape, number_field(2, data_type), field(9, bytes)].concat();
    let value = field(5, &[field(1, b"value"), field(5, &tensor)].concat());
    field(1, &[field(2, name.as_bytes()), field(4, b"Constant"), value].concat())
}

#[test]
fn constants_of_the_graph_are_tensors_and_its_small_ones_are_not() {
    let many: Vec<f32> = (0..64).map(|index| index as f32).collect();
    let opened = of_memory(BTreeMap::from([(
        path("model.onnx"),
        model(&[
            constant("weight", 1, &[8, 8], &floats(&many)),
            constant("axes", 7, &[1], &1i64.to_le_bytes()),
            constant("codes", 3, &[2], &[1, 2]),
            constant("scale", 1, &[1], &floats(&[0.5])),
            node("DequantizeLinear", &["codes", "scale"], &[]),
            raw("other", 1, &[1], &floats(&[7.0])),
        ]),
    )]));
    let names: Vec<&str> = opened.model.tensors().iter().map(|tensor| &*tensor.name).collect();
    assert_eq!(names, ["codes", "other", "weight"], "{:?}", opened.problems);
    let mut values = [0.0; 2];
    opened.model.read(2, 9, &mut values).unwrap();
    assert_eq!(values, [9.0, 10.0]);
    opened.model.read(0, 0, &mut values).unwrap();
    assert_eq!(values, [0.5, 1.0]);
}

/// Both branches of an `If` hold weights, as voice detectors for two sampling rates do, and may name them alike.
#[test]
fn tensors_of_graphs_inside_of_nodes_are_tensors_too() {
    let many = |first: f32| floats(&(0..32).map(|index| first + index as f32).collect::<Vec<f32>>());
    let branch =
        |name: &[u8], parts: &[Vec<u8>]| field(5, &[field(1, name), field(6, &parts.concat())].concat());
    let inner = |first: f32| {
        let inside = constant("inner", 1, &[32], &many(first));
        field(1, &[field(4, b"If"), branch(b"then_branch", &[inside])].concat())
    };
    let outer = field(
        1,
        &[
            field(4, b"If"),
            branch(b"then_branch", &[constant("same", 1, &[4, 8], &many(100.0)), inner(300.0)]),
            branch(b"else_branch", &[raw("same", 1, &[4, 8], &many(200.0))]),
        ]
        .concat(),
    );
    let opened = of_memory(BTreeMap::from([(
        path("model.onnx"),
        model(&[outer, raw("top", 1, &[1], &floats(&[7.0]))]),
    )]));
    let mut firsts: Vec<(String, f32)> = Vec::new();
    for (index, tensor) in opened.model.tensors().iter().enumerate() {
        let mut value = [0.0];
        opened.model.read(index, 0, &mut value).unwrap();
        firsts.push((tensor.name.to_string(), value[0]));
    }
    firsts.sort_by(|left, right| left.1.total_cmp(&right.1));
    let told: Vec<(&str, f32)> = firsts.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(told, [("top", 7.0), ("same (2)", 100.0), ("same", 200.0), ("inner", 300.0)]);
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
}

#[test]
fn elements_stand_in_raw_data_typed_fields_or_another_file() {
    let pair =
        |key: &str, value: &str| field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat());
    let outside =
        [number_field(14, 1), pair("location", "weights.data"), pair("offset", "4"), pair("length", "8")];
    let minus_two = u64::MAX - 1;
    let file = model(&[
        raw("raw", 10, &[2], &[0, 0x3c, 0, 0xc0]),
        tensor("floats", 1, &[2], field(4, &floats(&[1.5, 2.5]))),
        tensor("doubles", 11, &[1], field(10, &0.5f64.to_le_bytes())),
        tensor("bytes", 3, &[2], field(5, &[varint(minus_two), varint(5)].concat())),
        tensor("halves", 10, &[1], field(5, &varint(0x3c00))),
        tensor("longs", 7, &[2], field(7, &[varint(300), varint(minus_two)].concat())),
        tensor("outside", 1, &[2], outside.concat()),
        raw("nibbles", 22, &[3], &[0x8f, 0x07]),
        tensor("none", 1, &[0], Vec::new()),
    ]);
    let opened = open(&[
        ("onnx/model.onnx", file),
        ("onnx/weights.data", [&[9; 4][..], &floats(&[7.0, 8.0]), &[9; 4]].concat()),
    ]);
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
    for (name, wanted) in [
        ("raw", vec![1.0, -2.0]),
        ("floats", vec![1.5, 2.5]),
        ("doubles", vec![0.5]),
        ("bytes", vec![-2.0, 5.0]),
        ("halves", vec![1.0]),
        ("longs", vec![300.0, -2.0]),
        ("outside", vec![7.0, 8.0]),
        ("nibbles", vec![-1.0, -8.0, 7.0]),
        ("none", vec![]),
    ] {
        assert_eq!(values(&opened, name).unwrap(), wanted, "{name}");
    }
    assert_eq!(bytes_of(&opened, "outside").unwrap(), floats(&[7.0, 8.0]));
}

#[test]
fn data_that_lie_elsewhere_are_an_error_of_their_tensor() {
    let pair =
        |key: &str, value: &str| field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat());
    let of = |location: &str, offset: &str| {
        let data = [number_field(14, 1), pair("location", location), pair("offset", offset)].concat();
        let file = model(&[tensor("t", 1, &[2], data), raw("good", 2, &[1], &[7])]);
        open(&[("model.onnx", file), ("short.data", vec![0; 4])])
    };
    for (location, offset, wanted) in [
        ("../secret", "0", "outside of the folder"),
        ("/etc/passwd", "0", "outside of the folder"),
        ("gone.data", "0", "cannot be read"),
        ("short.data", "zero", "no number"),
        ("short.data", "0", "beyond the end"),
        ("short.data", "18446744073709551615", "beyond the end"),
    ] {
        let opened = of(location, offset);
        let error = values(&opened, "t").unwrap_err();
        assert!(error.what.contains(wanted) || error.what.contains("needs"), "{wanted}: {error:?}");
        assert_eq!(values(&opened, "good").unwrap(), [7.0]);
    }
    assert!(whats(&of("gone.data", "0"))[0].contains("no such file"));
}

#[test]
fn scales_are_applied_where_the_graph_says_so() {
    let file = model(&[
        node("DequantizeLinear", &["rows", "rows_s", "rows_z"], &[("axis", 0)]),
        node("DequantizeLinear", &["one", "one_s"], &[]),
        node("DequantizeLinear", &["blocks", "blocks_s"], &[("axis", 1), ("block_size", 2)]),
        node("DequantizeLinear", &["activation", "act_s", "act_z"], &[]),
        node("MatMulInteger", &["x", "w_quantized", "x_z", "w_zero_point"], &[]),
        raw("rows", 3, &[2, 2], &[1, 2, 3, 0xff]),
        raw("rows_s", 1, &[2], &floats(&[0.5, 2.0])),
        raw("rows_z", 3, &[2], &[1, 0]),
        raw("one", 2, &[2], &[4, 255]),
        raw("one_s", 1, &[], &floats(&[0.25])),
        raw("blocks", 3, &[1, 4], &[1, 1, 1, 1]),
        raw("blocks_s", 1, &[1, 2], &floats(&[3.0, 4.0])),
        raw("act_s", 1, &[], &floats(&[9.0])),
        raw("w_quantized", 2, &[2, 2], &[0, 128, 255, 129]),
        raw("w_scale", 1, &[2], &floats(&[1.0, 10.0])),
        raw("w_zero_point", 2, &[2], &[128, 128]),
    ]);
    let opened = fine("model.onnx", file.clone());
    assert_eq!(names(&opened), ["act_s", "blocks", "one", "rows", "w_quantized"], "scales are no weights");
    assert_eq!(values(&opened, "rows").unwrap(), [0.0, 0.5, 6.0, -2.0]);
    assert_eq!(values(&opened, "one").unwrap(), [1.0, 63.75]);
    assert_eq!(values(&opened, "blocks").unwrap(), [3.0, 3.0, 4.0, 4.0]);
    assert_eq!(values(&opened, "w_quantized").unwrap(), [-128.0, 0.0, 127.0, 10.0]);
    assert!(opened.model.tensors().iter().all(|tensor| tensor.quantised == (&*tensor.name != "act_s")));
    assert_eq!(bytes_of(&opened, "one").unwrap(), [&[4, 255][..], &floats(&[0.25])].concat());
    for end in 0..file.len() {
        let opened = open(&[("model.onnx", file[..end].to_vec())]);
        assert!(!opened.problems.is_empty(), "{end}");
        for tensor in opened.model.tensors() {
            let _: Result<_, ReadError> = values(&opened, &tensor.name);
        }
    }
}

#[test]
fn packed_matrices_of_onnxruntime_are_unpacked() {
    let attributes = [("K", 4), ("N", 2), ("bits", 4), ("block_size", 2)];
    let file = |zero: &[&str]| {
        model(&[
            node("MatMulNBits", &[&["x", "w", "s"], zero].concat(), &attributes),
            raw("w", 2, &[2, 2, 1], &[0x98, 0x0f, 0x88, 0x19]),
            raw("s", 1, &[4], &floats(&[1.0, 2.0, 0.5, 4.0])),
            raw("z", 2, &[2], &[0x80, 0x08]),
        ])
    };
    let opened = fine("model.onnx", file(&[]));
    assert_eq!(names(&opened), ["w", "z"]);
    assert_eq!(*opened.model.tensors()[0].shape, [2, 4]);
    assert_eq!(values(&opened, "w").unwrap(), [0.0, 1.0, 14.0, -16.0, 0.0, 0.0, 4.0, -28.0]);
    let opened = fine("model.onnx", file(&["z"]));
    assert_eq!(names(&opened), ["w"]);
    assert_eq!(values(&opened, "w").unwrap(), [8.0, 9.0, 14.0, -16.0, 0.0, 0.0, 36.0, 4.0]);
}

#[test]
fn scales_that_do_not_fit_are_said_and_leave_the_codes() {
    let file = model(&[
        node("DequantizeLinear", &["w", "s"], &[("axis", 1)]),
        raw("w", 3, &[2, 2], &[1, 2, 3, 4]),
        raw("s", 1, &[3], &floats(&[1.0; 3])),
    ]);
    let opened = open(&[("model.onnx", file)]);
    assert!(whats(&opened)[0].contains("do not fit"), "{:?}", opened.problems);
    assert_eq!(values(&opened, "w").unwrap(), [1.0, 2.0, 3.0, 4.0]);
}
