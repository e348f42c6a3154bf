//! Tensors with their values, by strangers: no panic, no memory that the bytes do not pay for, and values or an error everywhere.
//!
//! The first byte says which format the rest is.
#![no_main]

use std::collections::BTreeMap;

use forebear_scanner::weights::of_memory;
use forebear_types::RepoPath;
use libfuzzer_sys::fuzz_target;

/// The most elements that are read at once.
const MOST: u64 = 600;

fuzz_target!(|input: &[u8]| {
    let [kind, file @ ..] = input else { return };
    let name = ["model.safetensors", "model.gguf", "model.onnx", "model.pt"][usize::from(kind % 4)];
    let Ok(path) = RepoPath::new(name) else { return };
    let opened = of_memory(BTreeMap::from([(path, file.to_vec())]));
    let tensors = opened.model.tensors();
    assert!(tensors.windows(2).all(|pair| pair[0].name < pair[1].name), "in order, named once");
    for (number, tensor) in tensors.iter().enumerate().take(64) {
        let count = tensor.elements().unwrap_or(u64::MAX);
        let length = count.min(MOST);
        let mut out = vec![0.0; length as usize];
        for start in [0, count / 2, count - length, u64::MAX] {
            if let Err(error) = opened.model.read(number, start, &mut out) {
                assert_eq!(error.tensor, tensor.name);
            }
        }
        if length > 0 {
            // One element is what it is among others.
            let mut one = [0.0];
            if opened.model.read(number, count - length, &mut out).is_ok()
                && opened.model.read(number, count - 1, &mut one).is_ok()
            {
                let last = out[out.len() - 1];
                assert!(one[0] == last || one[0].is_nan() && last.is_nan(), "{} and {last}", one[0]);
            }
        }
        let mut seen = 0;
        if opened.model.bytes(number, &mut |piece| seen += piece.len()).is_ok() {
            // Codes, scales and zero points; values of variable width are held as floats.
            assert!(seen <= 8 * input.len(), "{seen} bytes of {}", input.len());
        }
    }
});
