//! Codes and their scales in safetensors.

use super::*;

/// A tensor of a file: name, type, shape, bytes.
type Part<'a> = (&'a str, &'a str, &'a [u64], Vec<u8>);

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn block_scales_of_deepseek_multiply() {
    // 130 rows and columns: blocks of 128, and what is left. Every code is one (0x38).
    let codes = vec![0x38; 130 * 130];
    let parts: [Part<'_>; 2] = [
        ("w.weight", "F8_E4M3", &[130, 130], codes),
        ("w.weight_scale_inv", "F32", &[2, 2], floats(&[1.0, 2.0, 3.0, 4.0])),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(names(&opened), ["w.weight"]);
    assert!(opened.model.tensors()[0].quantised);
    let found = values(&opened, "w.weight").unwrap();
    for (row, column, wanted) in
        [(0, 0, 1.0), (127, 127, 1.0), (127, 128, 2.0), (128, 0, 3.0), (129, 129, 4.0)]
    {
        assert_eq!(found[row * 130 + column], wanted, "{row} {column}");
    }
    // The parts may lie in different files, and the configuration may have another size of blocks.
    let opened = open(&[
        ("1.safetensors", safetensors(&[("w.weight", "F8_E4M3", &[4, 2], vec![0x38; 8])])),
        ("2.safetensors", safetensors(&[("w.weight_scale_inv", "F32", &[2, 1], floats(&[1.0, 2.0]))])),
        (
            "config.json",
            br#"{"quantization_config": {"quant_method": "fp8", "weight_block_size": [2, 2]}}"#.to_vec(),
        ),
    ]);
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
    assert_eq!(values(&opened, "w.weight").unwrap(), [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
}

#[test]
fn scales_of_tensors_and_rows_multiply() {
    for (shape, scales, wanted) in [
        (vec![], vec![0.5], [0.5, 0.5, 1.0, 1.0]),
        (vec![1], vec![0.5], [0.5, 0.5, 1.0, 1.0]),
        (vec![2], vec![1.0, 3.0], [1.0, 1.0, 6.0, 6.0]),
        (vec![2, 1], vec![1.0, 3.0], [1.0, 1.0, 6.0, 6.0]),
        (vec![1, 2], vec![1.0, 3.0], [1.0, 3.0, 2.0, 6.0]),
    ] {
        let parts: [Part<'_>; 2] = [
            ("a.weight", "F8_E4M3", &[2, 2], vec![0x38, 0x38, 0x40, 0x40]),
            ("a.weight_scale", "F32", &shape, floats(&scales)),
        ];
        let opened = fine("model.safetensors", safetensors(&parts));
        assert_eq!(values(&opened, "a.weight").unwrap(), wanted, "{shape:?}");
    }
    let parts: [Part<'_>; 3] = [
        ("a.weight", "I8", &[2, 2], vec![127, 0, 0x81, 1]),
        ("a.SCB", "F32", &[2], floats(&[1.0, 2.0])),
        ("a.weight_format", "U8", &[], vec![0]),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(names(&opened), ["a.weight"]);
    let found = values(&opened, "a.weight").unwrap();
    assert!((found[0] - 1.0).abs() < 1e-6 && (found[2] + 2.0).abs() < 1e-6, "{found:?}");
}

#[test]
fn scales_that_do_not_fit_are_said_and_leave_the_codes() {
    let parts: [Part<'_>; 2] =
        [("a.weight", "F8_E4M3", &[2, 2], vec![0x38; 4]), ("a.weight_scale", "F32", &[3], floats(&[1.0; 3]))];
    let opened = open(&[("model.safetensors", safetensors(&parts))]);
    assert_eq!(names(&opened), ["a.weight", "a.weight_scale"]);
    assert!(whats(&opened)[0].contains("do not fit its shape"), "{:?}", opened.problems);
    assert_eq!(values(&opened, "a.weight").unwrap(), [1.0; 4]);
}

/// 8 inputs, 8 outputs, one group: code of input i and output o is (i + o) % 16, zero point stored as 7, scales are 1 to 8.
fn gptq() -> Vec<Part<'static>> {
    let word = |output: u32| (0..8).fold(0, |word, input| word | (((input + output) % 16) << (4 * input)));
    vec![
        ("w.qweight", "I32", &[1, 8], words(&(0..8).map(word).collect::<Vec<u32>>())),
        ("w.qzeros", "I32", &[1, 1], words(&[0x7777_7777])),
        ("w.scales", "F32", &[1, 8], floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])),
        ("w.g_idx", "I32", &[8], words(&[0; 8])),
    ]
}

#[test]
fn matrices_of_gptq_are_unpacked() {
    for (config, zero) in [("{}", 8.0), (r#"{"bits": 4, "checkpoint_format": "gptq_v2"}"#, 7.0)] {
        let opened = open(&[
            ("model.safetensors", safetensors(&gptq())),
            ("quantize_config.json", config.as_bytes().to_vec()),
        ]);
        assert!(opened.problems.is_empty(), "{:?}", opened.problems);
        assert_eq!(names(&opened), ["w.weight"]);
        let tensor = &opened.model.tensors()[0];
        assert_eq!((&*tensor.shape, &*tensor.element, tensor.quantised), (&[8, 8][..], "GPTQ 4-bit", true));
        let wanted: Vec<f32> = (0..64u16)
            .map(|at| (f32::from(at / 8) + 1.0) * (f32::from((at / 8 + at % 8) % 16) - zero))
            .collect();
        assert_eq!(values(&opened, "w.weight").unwrap(), wanted);
    }
    // An input of a group that is not there.
    let mut parts = gptq();
    parts[3].3 = words(&[0, 0, 0, 9, 0, 0, 0, 0]);
    let opened = fine("model.safetensors", safetensors(&parts));
    let mut one = [0.0];
    opened.model.read(0, 0, &mut one).unwrap();
    assert!(opened.model.read(0, 3, &mut one).unwrap_err().what.contains("group 9 of 1"));
    let mut parts = gptq();
    parts[1].2 = &[1, 3];
    parts[1].3 = words(&[0; 3]);
    let opened = open(&[("model.safetensors", safetensors(&parts))]);
    assert!(whats(&opened)[0].contains("neither that of GPTQ"), "{:?}", opened.problems);
}

#[test]
fn a_panel_gives_what_single_elements_give() {
    // 256 inputs in 4 groups, 72 outputs: more than a panel.
    let mut state = 1u32;
    let mut random = |count: usize| -> Vec<u32> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state
        };
        (0..count).map(|_| next()).collect()
    };
    let (codes, zeros, awq) = (random(32 * 72), random(4 * 9), random(256 * 9));
    let scales: Vec<f32> = (0..4 * 72).map(|index| index as f32 / 64.0).collect();
    for (shape, codes) in [([32u64, 72u64], codes), ([256, 9], awq)] {
        let parts: [Part<'_>; 3] = [
            ("w.qweight", "I32", &shape, words(&codes)),
            ("w.qzeros", "I32", &[4, 9], words(&zeros)),
            ("w.scales", "F32", &[4, 72], floats(&scales)),
        ];
        let opened = fine("model.safetensors", safetensors(&parts));
        assert_eq!(*opened.model.tensors()[0].shape, [72, 256]);
        // `values` compares the two ways.
        let found = values(&opened, "w.weight").unwrap();
        assert!(found.iter().any(|value| *value != 0.0));
    }
}

#[test]
fn matrices_of_awq_are_unpacked() {
    // Two inputs, 8 outputs. In a word stand outputs 0 2 4 6 1 3 5 7.
    let parts: [Part<'_>; 3] = [
        ("w.qweight", "I32", &[2, 1], words(&[0x7531_6420, 0xffff_ffff])),
        ("w.qzeros", "I32", &[1, 1], words(&[0])),
        ("w.scales", "F16", &[1, 8], [0x00, 0x3c].repeat(8)),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    let tensor = &opened.model.tensors()[0];
    assert_eq!((&*tensor.name, &*tensor.shape, &*tensor.element), ("w.weight", &[8, 2][..], "AWQ 4-bit"));
    let wanted: Vec<f32> = (0..8u8).flat_map(|output| [f32::from(output), 15.0]).collect();
    assert_eq!(values(&opened, "w.weight").unwrap(), wanted);
}

#[test]
fn four_bits_of_bitsandbytes_are_looked_up() {
    let state = br#"{"quant_type": "nf4", "blocksize": 2, "dtype": "float16", "shape": [2, 3], "nested_blocksize": 2, "nested_offset": 0.5}"#;
    let levels: Vec<f32> = (0..16u8).map(|level| f32::from(level) - 8.0).collect();
    let mut parts: Vec<Part<'_>> = vec![
        ("a.weight", "U8", &[3, 1], vec![0x9a, 0x7f, 0x80]),
        ("a.weight.absmax", "F32", &[3], floats(&[1.0, 2.0, 3.0])),
        ("a.weight.quant_map", "F32", &[16], floats(&levels)),
        ("a.weight.quant_state.bitsandbytes__nf4", "U8", &[127], state.to_vec()),
    ];
    let length = [state.len() as u64];
    parts[3].2 = &length;
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(names(&opened), ["a.weight"]);
    let tensor = &opened.model.tensors()[0];
    assert_eq!((&*tensor.shape, &*tensor.element, tensor.quantised), (&[2, 3][..], "NF4", true));
    assert_eq!(values(&opened, "a.weight").unwrap(), [1.0, 2.0, -2.0, 14.0, 0.0, -24.0]);
    // The largest values as places in a table of their own.
    parts[1] = ("a.weight.absmax", "U8", &[3], vec![0, 1, 1]);
    parts.push(("a.weight.nested_absmax", "F32", &[2], floats(&[2.0, 4.0])));
    parts.push(("a.weight.nested_quant_map", "F32", &[2], floats(&[0.25, 0.75])));
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(values(&opened, "a.weight").unwrap(), [1.0, 2.0, -2.0, 14.0, 0.0, -28.0]);
    parts[1] = ("a.weight.absmax", "U8", &[3], vec![0, 2, 1]);
    let opened = fine("model.safetensors", safetensors(&parts));
    assert!(values(&opened, "a.weight").unwrap_err().what.contains("too short"));
    parts[0] = ("a.weight", "U8", &[2, 1], vec![0; 2]);
    let opened = open(&[("model.safetensors", safetensors(&parts))]);
    assert!(whats(&opened)[0].contains("tables of bitsandbytes"), "{:?}", opened.problems);
}

#[test]
fn four_bit_floats_are_unpacked() {
    // gpt-oss: exponents 127 and 128 are one and two; codes 2 and 10 are one and minus one.
    let parts: [Part<'_>; 2] = [
        ("e.gate_up_proj_blocks", "U8", &[1, 2, 1, 16], [vec![0xa2; 16], vec![0x22; 16]].concat()),
        ("e.gate_up_proj_scales", "U8", &[1, 2, 1], vec![127, 128]),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(names(&opened), ["e.gate_up_proj"]);
    assert_eq!(*opened.model.tensors()[0].shape, [1, 2, 32]);
    let found = values(&opened, "e.gate_up_proj").unwrap();
    assert_eq!((&found[..3], &found[32..34]), (&[1.0, -1.0, 1.0][..], &[2.0, 2.0][..]));

    // ModelOpt: a scale for 16 elements, and one for the tensor.
    let parts: [Part<'_>; 3] = [
        ("w.weight", "U8", &[1, 16], vec![0xa2; 16]),
        ("w.weight_scale", "F8_E4M3", &[1, 2], vec![0x38, 0x40]),
        ("w.weight_scale_2", "F32", &[], floats(&[0.5])),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    let found = values(&opened, "w.weight").unwrap();
    assert_eq!((found.len(), &found[..2], &found[30..]), (32, &[0.5, -0.5][..], &[1.0, -1.0][..]));
    // compressed-tensors divides by the one for the tensor.
    let parts: [Part<'_>; 3] = [
        ("w.weight_packed", "U8", &[1, 16], vec![0xa2; 16]),
        ("w.weight_scale", "F8_E4M3", &[1, 2], vec![0x38, 0x40]),
        ("w.weight_global_scale", "F32", &[1], floats(&[2.0])),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(names(&opened), ["w.weight"]);
    assert_eq!(values(&opened, "w.weight").unwrap(), found);
}

#[test]
fn words_of_compressed_tensors_are_unpacked() {
    let parts: [Part<'_>; 3] = [
        ("w.weight_packed", "I32", &[2, 1], words(&[0xfedc_ba98, 0x7654_3210])),
        (
            "w.weight_scale",
            "BF16",
            &[2, 2],
            [[0x80, 0x3f], [0x00, 0x40], [0x80, 0x3f], [0x80, 0x3f]].concat(),
        ),
        ("w.weight_shape", "I64", &[2], [2u64.to_le_bytes(), 8u64.to_le_bytes()].concat()),
    ];
    let opened = fine("model.safetensors", safetensors(&parts));
    assert_eq!(names(&opened), ["w.weight"]);
    let found = values(&opened, "w.weight").unwrap();
    assert_eq!(found[..8], [0.0, 1.0, 2.0, 3.0, 8.0, 10.0, 12.0, 14.0]);
    assert_eq!(found[8..], [-8.0, -7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0]);
}

#[test]
fn a_method_that_is_not_read_is_said() {
    let opened = open(&[
        ("model.safetensors", safetensors(&[("a.W_q", "U8", &[1], vec![3])])),
        ("config.json", br#"{"quantization_config": {"quant_method": "hqq"}}"#.to_vec()),
    ]);
    assert!(whats(&opened)[0].contains("`hqq`, whose layout is not read"), "{:?}", opened.problems);
}
