//! The readers of files that say how a model was made, over bytes of strangers.
//!
//! The first byte chooses the name of the file, and with it the reader; the rest is its content.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod places;

/// Names of files, one for each reader or layout.
const NAMES: &[&str] = &[
    "adapter_config.json",
    "mergekit_config.yml",
    "README.md",
    "quantize_config.json",
    "hf_quant_config.json",
    "model_index.json",
    "modules.json",
    "Modelfile",
    "config.json",
    "original/params.json",
    "model_config.yaml",
    "model.nemo",
];

fuzz_target!(|input: &[u8]| {
    let Some((which, bytes)) = input.split_first() else { return };
    places::examined(NAMES[usize::from(*which) % NAMES.len()], bytes);
});
