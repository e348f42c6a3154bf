//! Damaged models: whatever a byte becomes, reading gives values or an error.

use super::*;

/// One model of every kind.
fn models() -> Vec<(&'static str, Vec<u8>)> {
    let state = br#"{"quant_type": "nf4", "blocksize": 2, "shape": [2, 3]}"#;
    let length = [state.len() as u64];
    let rounded = safetensors(&[
        ("a.weight", "U8", &[3, 1], vec![0x9a, 0x7f, 0x80]),
        ("a.weight.absmax", "F32", &[3], floats(&[1.0, 2.0, 3.0])),
        ("a.weight.quant_map", "F32", &[16], floats(&[0.5; 16])),
        ("a.weight.quant_state.bitsandbytes__nf4", "U8", &length, state.to_vec()),
        ("b.weight", "F8_E4M3", &[3, 2], vec![0x38; 6]),
        ("b.weight_scale_inv", "F32", &[1, 1], floats(&[2.0])),
        ("c.qweight", "I32", &[1, 8], vec![0x21; 32]),
        ("c.qzeros", "I32", &[1, 1], vec![7; 4]),
        ("c.scales", "F16", &[1, 8], vec![0x38; 16]),
        ("c.g_idx", "I32", &[8], vec![0; 32]),
        ("d_blocks", "U8", &[2, 1, 16], vec![0x21; 32]),
        ("d_scales", "U8", &[2, 1], vec![127; 2]),
        ("e.weight_packed", "I32", &[1, 1], vec![1; 4]),
        ("e.weight_scale", "F32", &[1, 1], floats(&[1.0])),
        ("e.weight_shape", "I64", &[2], [1u64.to_le_bytes(), 8u64.to_le_bytes()].concat()),
    ]);
    let plain = safetensors(&[("a", "BF16", &[2, 3], vec![1; 12]), ("b", "I64", &[1], vec![1; 8])]);
    vec![
        ("model.safetensors", rounded),
        ("model.safetensors", plain),
        ("model.gguf", blocks::sample()),
        ("model.onnx", graph::sample()),
        ("model.pt", archive::sample()),
    ]
}

#[test]
fn damage_of_any_byte_is_an_error_or_a_value_and_never_a_panic() {
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (name, whole) in models() {
        assert!(!open(&[(name, whole.clone())]).model.tensors().is_empty());
        for round in 0..1500 {
            let mut bytes = whole.clone();
            for _ in 0..=round % 3 {
                let at = random(bytes.len());
                bytes[at] = match random(4) {
                    0 => 0xff,
                    1 => 0,
                    2 => bytes[at].wrapping_add(1),
                    _ => random(256) as u8,
                };
            }
            let opened = open(&[(name, bytes)]);
            for (number, tensor) in opened.model.tensors().iter().enumerate() {
                let count = tensor.elements().unwrap_or(u64::MAX);
                let mut out = vec![0.0; count.min(80) as usize];
                let length = out.len() as u64;
                for start in [0, count / 2, count - length] {
                    if let Err(error) = opened.model.read(number, start, &mut out) {
                        assert_eq!(error.tensor, tensor.name);
                        assert!(!error.what.is_empty());
                    }
                }
                let mut seen = 0;
                if opened.model.bytes(number, &mut |piece| seen += piece.len()).is_ok() {
                    assert!(seen <= 4 * whole.len(), "{name}: {seen} bytes");
                }
            }
        }
    }
}
