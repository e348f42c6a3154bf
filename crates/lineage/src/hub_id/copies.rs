//! Copies of published models: uploads of the same weights by others, quantised or converted.
//!
//! A copy bears the name of what it copies, and the names of formats behind it. Whose copy it is follows from that name alone, so
//! an organisation that copies as its business is believed, and anybody else's name is a hint.

use forebear_types::ModelId;

use crate::catalog::{Catalog, Model};

/// A model that an id names a copy of.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) model: &'static Model,
    pub(crate) copier: Copier,
}

/// Who made a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copier {
    /// An organisation that copies as its business.
    Known,
    /// The publisher of the model, who gives it out in several formats.
    Publisher,
    /// Anybody else.
    Other,
}

/// Organisations that upload copies of other people's models under their names, and what each is known for. Some release models of
/// their own, too: those have other names, and nothing is said of them.
const COPIERS: &[(&str, &str)] = &[
    ("alpindale", "same weights, ungated"),
    ("amd", "FP8 and MXFP4 for its own accelerators"),
    ("bartowski", "GGUF"),
    ("casperhansen", "AWQ, by the author of AutoAWQ"),
    ("cognitivecomputations", "AWQ of large models"),
    ("context-labs", "same weights, ungated"),
    ("cpatonn", "AWQ and GPTQ"),
    ("DevQuasar", "GGUF"),
    ("ggml-org", "GGUF, by the authors of llama.cpp"),
    ("hugging-quants", "AWQ, GPTQ and bitsandbytes, by the Hub's own staff"),
    ("huggyllama", "the first LLaMA in the Hub's format"),
    ("Intel", "AutoRound, by its authors"),
    ("ISTA-DASLab", "GPTQ and AQLM, by their authors"),
    ("lmstudio-community", "GGUF and MLX for LM Studio"),
    ("LoneStriker", "EXL2 and GGUF"),
    ("MaziyarPanahi", "GGUF"),
    ("mistral-community", "weights that Mistral AI released outside the Hub"),
    ("mlx-community", "MLX"),
    ("ModelCloud", "GPTQ, by the authors of GPTQModel"),
    ("mradermacher", "GGUF"),
    ("Mungert", "GGUF"),
    ("neuralmagic", "FP8, w8a8 and w4a16, by the authors of llm-compressor"),
    ("NousResearch", "same weights of Meta's models, ungated"),
    ("nvidia", "FP8 and FP4 for its own accelerators"),
    ("onnx-community", "ONNX"),
    ("OPEA", "AutoRound"),
    ("QuantFactory", "GGUF"),
    ("RedHatAI", "FP8, w8a8 and w4a16: neuralmagic under its later name"),
    ("SanctumAI", "GGUF"),
    ("second-state", "GGUF for LlamaEdge"),
    ("solidrust", "AWQ"),
    ("tensorblock", "GGUF"),
    ("TheBloke", "GGML, GGUF, GPTQ and AWQ"),
    ("turboderp", "EXL2 and EXL3, by their author"),
    ("unsloth", "same weights, GGUF and bitsandbytes"),
    ("Xenova", "ONNX for transformers.js"),
];

/// Names of formats and of ways to quantise, as they stand behind the name of a model; parts of a name are separated by `-`.
/// Numbers of bits are told by their form: see [`is_format`].
const FORMATS: &[&str] = &[
    // Files and runtimes.
    "exl2", "exl3", "ggml", "gguf", "mlx", "onnx", "openvino", "ov", // Number formats.
    "bf16", "fp16", "fp32", "f16", "f32", "fp4", "fp8", "mxfp4", "mxfp8", "nf4", "nvfp4", "nvfp4a16",
    // Methods.
    "aqlm", "autoround", "awq", "bnb", "dwq", "eetq", "gptq", "hqq", "imatrix", "inc", "marlin", "qat",
    // Details of methods: dynamic scales, quantised key-value caches, weighted quantisation, groups, symmetry.
    "block", "dynamic", "i1", "kv", "sym", "asym", "ud", "unsloth", "128g", "g128", "mixed",
];

/// What an id is a copy of: the one model of the catalog whose name it bears. The id itself must not be the catalog's.
pub(crate) fn upstream(catalog: &Catalog, id: &ModelId) -> Option<Upstream> {
    let model = by_name(catalog, id.name()).or_else(|| catalog.find_by_name(id.name()))?;
    let is = |one: &str| one.eq_ignore_ascii_case(id.organisation());
    let copier = if is(ModelId::from(model.id).organisation()) {
        Copier::Publisher
    } else if COPIERS.iter().any(|(organisation, _)| is(organisation)) {
        Copier::Known
    } else {
        Copier::Other
    };
    Some(Upstream { model, copier })
}

/// The one model that a name stands for, formats behind it aside.
pub(crate) fn by_name(catalog: &Catalog, name: &str) -> Option<&'static Model> {
    let bare = without_formats(name);
    // As written; else with what copiers leave out or put before it.
    let exact = |own: &str, _: &str| own.eq_ignore_ascii_case(bare);
    let near = |own: &str, organisation: &str| {
        let bare = bare
            .get(..organisation.len())
            .filter(|start| start.eq_ignore_ascii_case(organisation))
            .and_then(|_| bare[organisation.len()..].strip_prefix(['_', '-']))
            .unwrap_or(bare);
        let own = own.strip_suffix("-hf").unwrap_or(own);
        let own = own.strip_prefix("Meta-").unwrap_or(own);
        own.eq_ignore_ascii_case(bare.strip_suffix("-hf").unwrap_or(bare))
    };
    only(catalog, exact).or_else(|| only(catalog, near))
}

/// The one model of which an id or alias fits.
fn only(catalog: &Catalog, fits: impl Fn(&str, &str) -> bool) -> Option<&'static Model> {
    let named = |id: &str| id.split_once('/').is_some_and(|(organisation, own)| fits(own, organisation));
    let mut found =
        catalog.models().filter(|model| named(model.id) || model.aliases.iter().any(|alias| named(alias)));
    found.next().filter(|_| found.next().is_none())
}

fn without_formats(name: &str) -> &str {
    let mut bare = name;
    while let Some((rest, last)) = bare.rsplit_once('-') {
        if rest.is_empty() || !is_format(&last.to_ascii_lowercase()) {
            break;
        }
        bare = rest;
    }
    bare
}

/// Whether a part of a name, in lower case, is that of a format: listed, or `4bit`, `int8`, `w4a16`, `quantized.w4a16`, `4.0bpw`,
/// `q4_k_m`, `iq2_xs`.
fn is_format(part: &str) -> bool {
    let part = part.strip_prefix("quantized.").unwrap_or(part);
    if FORMATS.contains(&part) {
        return true;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| text.split('.').all(digits);
    let bits = ["bits", "bit", "bpw"].iter().find_map(|unit| part.strip_suffix(unit));
    let width = part.strip_prefix("int");
    let weights = part.strip_prefix('w').and_then(|rest| rest.split_once('a'));
    let block =
        part.strip_prefix("iq").or_else(|| part.strip_prefix("tq")).or_else(|| part.strip_prefix('q'));
    bits.is_some_and(number)
        || width.is_some_and(digits)
        || weights.is_some_and(|(weights, activations)| digits(weights) && digits(activations))
        || block.is_some_and(|rest| rest.split('_').next().is_some_and(digits) && rest.contains('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    static CATALOG: Catalog = Catalog::embedded();

    #[test]
    fn copies_lead_to_what_they_copy() {
        use Copier::*;
        for (id, original, copier) in [
            ("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "meta-llama/Llama-3.1-8B-Instruct", Known),
            ("unsloth/llama-3-8b-Instruct-bnb-4bit", "meta-llama/Meta-Llama-3-8B-Instruct", Known),
            ("unsloth/Qwen2.5-7B", "Qwen/Qwen2.5-7B", Known),
            ("unsloth/Qwen3-8B-unsloth-bnb-4bit", "Qwen/Qwen3-8B", Known),
            ("NousResearch/Meta-Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", Known),
            ("TheBloke/Llama-2-7B-Chat-GPTQ", "meta-llama/Llama-2-7b-chat-hf", Known),
            ("TheBloke/Mistral-7B-Instruct-v0.2-AWQ", "mistralai/Mistral-7B-Instruct-v0.2", Known),
            ("mlx-community/Meta-Llama-3.1-8B-Instruct-4bit", "meta-llama/Llama-3.1-8B-Instruct", Known),
            ("lmstudio-community/gemma-2-9b-it-GGUF", "google/gemma-2-9b-it", Known),
            ("bartowski/Qwen_Qwen3-8B-GGUF", "Qwen/Qwen3-8B", Known),
            ("casperhansen/llama-3-70b-instruct-awq", "meta-llama/Meta-Llama-3-70B-Instruct", Known),
            ("ModelCloud/QwQ-32B-gptqmodel-4bit", "", Known),
            (
                "neuralmagic/Meta-Llama-3.1-8B-Instruct-quantized.w4a16",
                "meta-llama/Llama-3.1-8B-Instruct",
                Known,
            ),
            ("nvidia/Llama-3.3-70B-Instruct-FP8", "meta-llama/Llama-3.3-70B-Instruct", Known),
            ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "Qwen/Qwen2.5-7B-Instruct", Publisher),
            ("somebody/Qwen2.5-7B-Instruct-Q4_K_M-GGUF", "Qwen/Qwen2.5-7B-Instruct", Other),
            ("somebody/phi-4", "microsoft/phi-4", Other),
            ("google/gemma-3-4b-it-qat-q4_0-gguf", "google/gemma-3-4b-it", Publisher),
            ("meta-llama/Llama-2-7b", "meta-llama/Llama-2-7b-hf", Publisher),
            ("turboderp/Mixtral-8x7B-v0.1-4.0bpw-exl2", "mistralai/Mixtral-8x7B-v0.1", Known),
            ("unsloth/DeepSeek-R1-UD-IQ1_S", "deepseek-ai/DeepSeek-R1", Known),
            // Own models of copiers, and names that only begin with that of a model.
            ("NousResearch/Hermes-3-Llama-3.2-3B", "", Known),
            ("nvidia/Llama-3.1-Nemotron-51B-Instruct", "", Known),
            ("somebody/Qwen2.5-7B-Instruct-abliterated", "", Other),
            ("somebody/gguf", "", Other),
            ("somebody/-gguf", "", Other),
        ] {
            let found = upstream(&CATALOG, &ModelId::from(id));
            let expected = (!original.is_empty()).then_some((original, copier));
            assert_eq!(found.map(|one| (one.model.id, one.copier)), expected, "{id}");
        }
    }

    #[test]
    fn parts_of_names_are_told_from_formats() {
        for part in ["gguf", "4bit", "int8", "w4a16", "quantized.w8a8", "3.5bpw", "q4_k_m", "iq2_xs", "q8_0"]
        {
            assert!(is_format(part), "{part}");
        }
        for part in ["7b", "instruct", "v0.1", "q", "qwen2", "w4", "bit", "int", "quantized.", "base", "2507"]
        {
            assert!(!is_format(part), "{part}");
        }
        assert_eq!(without_formats("Qwen2.5-7B-Instruct-GPTQ-Int4"), "Qwen2.5-7B-Instruct");
        assert_eq!(without_formats("gguf"), "gguf");
    }

    #[test]
    fn the_table_is_in_order() {
        let names: Vec<String> = COPIERS.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
    }
}
