//! How weights were quantised: files of their own, and the tables of a `config.json` that say the same.
//!
//! Sources of the keys: transformers `utils/quantization_config.py` (`quant_method` and the classes of each method; without it
//! `load_in_4bit` and `load_in_8bit` are those of bitsandbytes), AutoGPTQ `quantization/config.py` (`quantize_config.json`), AutoAWQ
//! `quant_config.json` (`w_bit`, `q_group_size`, `zero_point`), ModelOpt's `hf_quant_config.json` (`producer`,
//! `quantization.quant_algo`), MLX-LM `utils.py` (`quantization: {group_size, bits}`), compressed-tensors (`compression_config`
//! before it became `quantization_config`).

use std::sync::Arc;

use forebear_types::Located;
use forebear_types::fact::{FactKind, ProblemKind, QuantisationConfig, Reading};

use super::json::View;
use super::{File, located_count, located_text, located_texts};

/// Whether a file of this name (in lower case) is a quantisation configuration.
pub(crate) fn is_config(name: &str) -> bool {
    matches!(
        name,
        "quantize_config.json" | "quant_config.json" | "quantization_config.json" | "hf_quant_config.json"
    )
}

/// Reads a file of its own. One of another program gives nothing.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let remedy = "restore the file that the quantiser wrote";
    let Some((text, json)) = file.object(&mut reading.problems, remedy) else { return };
    let Some(root) = json.root() else { return };
    // Some tools wrap the table as in config.json.
    let table = ["quantization_config", "quantization"].iter().find_map(|key| part(root, key));
    let mut config = table.map_or_else(QuantisationConfig::default, |inner| of_table(inner, &text));
    let outer = of_table(root, &text);
    config.method = config.method.or(outer.method).or_else(|| by_name(file, root));
    config.bits = config.bits.or(outer.bits);
    config.model = config.model.or(outer.model);
    config.format = config.format.or(outer.format);
    config.tool = config.tool.or(outer.tool);
    config.text = text;
    if config.method.is_some() || config.bits.is_some() {
        reading.facts.push(file.fact(FactKind::Quantisation(config)));
    } else if reading.problems.is_empty() {
        let what = "the file says neither how nor to how many bits the weights were quantised".to_owned();
        reading.problems.push(file.problem(ProblemKind::Unsupported, what, remedy));
    }
}

/// The table of a `config.json` that tells of quantisation. `part` is the language model in it.
pub(crate) fn of_config(root: View<'_>, language: View<'_>, text: &Arc<str>) -> Option<QuantisationConfig> {
    let mlx = part(root, "quantization").filter(|table| table.get("bits").is_some());
    for (view, key) in [root, language]
        .into_iter()
        .flat_map(|view| ["quantization_config", "compression_config", "quantization"].map(|key| (view, key)))
    {
        let Some(table) = part(view, key) else { continue };
        let mut config = of_table(table, text);
        if config.method.is_none() {
            let name = match (key, mlx.is_some() && table.get("group_size").is_some()) {
                (_, true) => "mlx",
                ("compression_config", _) => "compressed-tensors",
                _ => "unknown",
            };
            config.method = Some(Located { value: name.to_owned(), line: table.line(), span: table.span() });
        }
        return Some(config);
    }
    None
}

fn part<'a>(view: View<'a>, key: &str) -> Option<View<'a>> {
    view.get(key).filter(View::is_object)
}

/// What a table says. Methods that it does not name are told by keys that only they have.
fn of_table(table: View<'_>, text: &Arc<str>) -> QuantisationConfig {
    let word = |key: &str| table.get(key).and_then(located_text).filter(|word| !word.value.trim().is_empty());
    let told = |key: &str, name: &str| {
        let view = table.get(key).filter(|view| !view.is_null())?;
        Some(Located { value: name.to_owned(), line: view.line(), span: view.span() })
    };
    let loaded = |key: &str| {
        table.get(key).filter(|view| view.flag() == Some(true)).map(|view| (view.line(), view.span()))
    };
    let four = loaded("load_in_4bit");
    let eight = loaded("load_in_8bit");
    let method = word("quant_method")
        .or_else(|| word("quant_type").filter(|kind| kind.value.eq_ignore_ascii_case("fp8")))
        .map(|method| Located { value: method.value.to_lowercase(), ..method })
        .or_else(|| {
            let (line, span) = four.or(eight)?;
            Some(Located { value: "bitsandbytes".to_owned(), line, span })
        })
        .or_else(|| told("quant_algo", "modelopt"))
        .or_else(|| told("config_groups", "compressed-tensors"))
        .or_else(|| told("w_bit", "awq"))
        .or_else(|| told("zero_point", "awq"))
        .or_else(|| told("desc_act", "gptq"))
        .or_else(|| told("damp_percent", "gptq"))
        .or_else(|| told("nbits_per_codebook", "aqlm"))
        .or_else(|| told("weight_quant_params", "hqq"))
        .or_else(|| told("bnb_4bit_quant_type", "bitsandbytes"))
        .or_else(|| told("weight_block_size", "fp8"));
    let bits = ["bits", "w_bit", "nbits", "num_bits", "weight_bits"]
        .iter()
        .find_map(|key| table.get(key).and_then(located_count))
        .or_else(|| four.map(|(line, span)| Located { value: 4, line, span }))
        .or_else(|| eight.map(|(line, span)| Located { value: 8, line, span }))
        .or_else(|| group_bits(table))
        .or_else(|| named_bits(table, method.as_ref()))
        .filter(|bits| (1..=64).contains(&bits.value));
    QuantisationConfig {
        bits,
        model: word("model_name_or_path")
            .or_else(|| word("_name_or_path"))
            .or_else(|| word("model_file_base_name")),
        format: ["fmt", "quant_algo", "format", "bnb_4bit_quant_type", "checkpoint_format", "version"]
            .iter()
            .find_map(|key| word(key)),
        block: table
            .get("weight_block_size")
            .into_iter()
            .flat_map(|list| list.items())
            .filter_map(|item| item.number()?.parse().ok())
            .take(4)
            .collect(),
        tool: tool(table),
        method,
        text: Arc::clone(text),
    }
}

/// compressed-tensors: `config_groups.<name>.weights.num_bits`; hqq: `weight_quant_params.nbits`.
fn group_bits(table: View<'_>) -> Option<Located<u64>> {
    let groups = table.get("config_groups").into_iter().flat_map(|groups| groups.members());
    groups
        .filter_map(|(_, group)| group.get("weights")?.get("num_bits"))
        .chain(table.get("weight_quant_params").and_then(|params| params.get("nbits")))
        .chain(table.get("quant_config").and_then(|inner| inner.get("weight_quant_params")?.get("nbits")))
        .find_map(located_count)
}

/// Methods whose names say the width, and `weights: int4` of quanto.
fn named_bits(table: View<'_>, method: Option<&Located<String>>) -> Option<Located<u64>> {
    if let Some(weights) = table.get("weights").and_then(located_text) {
        let digits = weights.value.trim_start_matches(|one: char| one.is_ascii_alphabetic());
        let value = digits.split('_').next().unwrap_or_default().parse().ok();
        // `float8` and `int4`; anything else is not ours to guess.
        return Some(Located { value: value?, line: weights.line, span: weights.span });
    }
    let method = method?;
    let value = match method.value.as_str() {
        "fp8" | "fbgemm_fp8" | "modelopt_fp8" => 8,
        "mxfp4" | "nvfp4" | "modelopt_fp4" | "bitsandbytes_4bit" => 4,
        "bitsandbytes_8bit" => 8,
        _ => return None,
    };
    Some(Located { value, line: method.line, span: method.span })
}

/// `producer: {name, version}` of ModelOpt, `meta.quantizer` of GPTQModel, `quantized_by` of some cards' tools.
fn tool(table: View<'_>) -> Option<Located<String>> {
    if let Some(producer) = part(table, "producer") {
        let mut name = producer.get("name").and_then(located_text)?;
        if let Some(version) = producer.get("version").and_then(|version| version.text()) {
            name.value = format!("{} {version}", name.value);
        }
        return Some(name);
    }
    let meta = part(table, "meta").and_then(|meta| meta.get("quantizer"));
    meta.and_then(|view| located_texts(view, 1).into_iter().next())
}

/// `quantize_config.json` with bits and nothing else is AutoGPTQ's, `quant_config.json` AutoAWQ's.
fn by_name(file: File<'_>, root: View<'_>) -> Option<Located<String>> {
    let bits =
        ["bits", "w_bit"].iter().find_map(|key| root.get(key).filter(|view| view.number().is_some()))?;
    let name = match file.path.file_name().to_ascii_lowercase().as_slice() {
        b"quantize_config.json" => "gptq",
        b"quant_config.json" => "awq",
        _ => return None,
    };
    Some(Located { value: name.to_owned(), line: bits.line(), span: bits.span() })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn of(path: &str, text: &str) -> QuantisationConfig {
        let found = read_text(path, text).facts.into_iter().find_map(|fact| match fact.kind {
            FactKind::Quantisation(config) => Some(config),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("nothing of quantisation in {text}"))
    }

    fn said(config: &QuantisationConfig) -> (&str, Option<u64>) {
        (
            config.method.as_ref().map_or("", |method| method.value.as_str()),
            config.bits.as_ref().map(|bits| bits.value),
        )
    }

    #[test]
    fn files_of_their_own_are_read() {
        for (path, text, method, bits) in [
            (
                "quantize_config.json",
                r#"{"bits": 4, "group_size": 128, "damp_percent": 0.01, "desc_act": true, "sym": true,
                "model_name_or_path": "meta-llama/Llama-2-7b-hf", "model_file_base_name": "model"}"#,
                "gptq",
                Some(4),
            ),
            ("quantize_config.json", r#"{"bits": 8, "group_size": 32}"#, "gptq", Some(8)),
            (
                "quantize_config.json",
                r#"{"zero_point": true, "bits": 4, "quant_method": "awq"}"#,
                "awq",
                Some(4),
            ),
            (
                "quant_config.json",
                r#"{"zero_point": true, "q_group_size": 128, "w_bit": 4, "version": "GEMM"}"#,
                "awq",
                Some(4),
            ),
            (
                "hf_quant_config.json",
                r#"{"producer": {"name": "modelopt", "version": "0.29.0"}, "quantization": {"quant_algo": "NVFP4", "group_size": 16}}"#,
                "modelopt",
                None,
            ),
            (
                "quantization_config.json",
                r#"{"quant_method": "AUTO-ROUND", "bits": 4}"#,
                "auto-round",
                Some(4),
            ),
        ] {
            let config = of(path, text);
            assert_eq!(said(&config), (method, bits), "{text}");
        }
        let gptq = of(
            "quantize_config.json",
            "{\"bits\": 4,\n\"desc_act\": true,\n\"model_name_or_path\": \"a/b\",\n \"meta\": {\"quantizer\": [\"gptqmodel:1.4.0\"]}}",
        );
        assert_eq!(
            (gptq.model.as_ref().unwrap().value.as_str(), gptq.model.as_ref().unwrap().line),
            ("a/b", 3)
        );
        assert_eq!(gptq.tool.unwrap().value, "gptqmodel:1.4.0");
        let modelopt = of(
            "hf_quant_config.json",
            r#"{"producer": {"name": "modelopt", "version": "0.29.0"}, "quantization": {"quant_algo": "NVFP4"}}"#,
        );
        assert_eq!(
            (modelopt.tool.unwrap().value.as_str(), modelopt.format.unwrap().value.as_str()),
            ("modelopt 0.29.0", "NVFP4")
        );
    }

    #[test]
    fn tables_in_a_configuration_are_read() {
        for (table, method, bits) in [
            (r#""quantization_config": {"quant_method": "gptq", "bits": 4}"#, "gptq", Some(4)),
            (
                r#""quantization_config": {"bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}"#,
                "awq",
                Some(4),
            ),
            (
                r#""quantization_config": {"load_in_4bit": true, "load_in_8bit": false, "bnb_4bit_quant_type": "nf4"}"#,
                "bitsandbytes",
                Some(4),
            ),
            (r#""quantization_config": {"load_in_8bit": true}"#, "bitsandbytes", Some(8)),
            (
                r#""quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128], "activation_scheme": "dynamic"}"#,
                "fp8",
                Some(8),
            ),
            (
                r#""quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0": {"weights": {"num_bits": 4}}}}"#,
                "compressed-tensors",
                Some(4),
            ),
            (
                r#""compression_config": {"format": "float-quantized", "sparsity_config": {}}"#,
                "compressed-tensors",
                None,
            ),
            (r#""quantization": {"group_size": 64, "bits": 4}"#, "mlx", Some(4)),
            (
                r#""quantization": {"group_size": 64, "bits": 4}, "quantization_config": {"group_size": 64, "bits": 4}"#,
                "mlx",
                Some(4),
            ),
            (r#""quantization_config": {"quant_method": "quanto", "weights": "int4"}"#, "quanto", Some(4)),
            (
                r#""quantization_config": {"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 3}}}"#,
                "hqq",
                Some(3),
            ),
            (r#""quantization_config": {"quant_method": "aqlm", "nbits_per_codebook": 16}"#, "aqlm", None),
            (
                r#""quantization_config": {"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig"}}}"#,
                "torchao",
                None,
            ),
            (
                r#""quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": []}"#,
                "mxfp4",
                Some(4),
            ),
            (r#""quantization_config": {"quant_method": "exl2", "bits": 4.65}"#, "exl2", None),
            (
                r#""text_config": {"hidden_size": 1, "num_hidden_layers": 1, "quantization_config": {"quant_method": "fp8"}}"#,
                "fp8",
                Some(8),
            ),
        ] {
            let text = format!("{{\"model_type\": \"llama\", {table}}}");
            let config = of("config.json", &text);
            assert_eq!(said(&config), (method, bits), "{text}");
            let reading = read_text("config.json", &text);
            let FactKind::ModelConfig(model) = &reading.facts[0].kind else { panic!("no configuration") };
            assert_eq!(model.quantisation.as_ref().unwrap().value, method);
        }
        let native = of(
            "config.json",
            r#"{"model_type": "deepseek_v3", "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}}"#,
        );
        assert_eq!(
            (native.format.unwrap().value.as_str(), native.block.as_slice()),
            ("e4m3", &[128, 128][..])
        );
        let none = read_text("config.json", r#"{"model_type": "llama", "quantization_config": null}"#);
        assert_eq!(none.facts.len(), 1);
    }

    #[test]
    fn wrong_types_claims_and_bytes_are_harmless() {
        let wild = of(
            "quantize_config.json",
            r#"{"bits": 99999999999, "desc_act": [], "model_name_or_path": {}, "weight_block_size": [1e400, -1, "x"]}"#,
        );
        assert_eq!((said(&wild), &wild.model), (("gptq", None), &None));
        assert!(wild.block.is_empty());
        for bytes in [&b"{"[..], b"[]", b"{\"bits\": \"4\"}", b"\xff\xfe\0", b"{\"bits\": 4"] {
            let reading = read_bytes("quantize_config.json", bytes);
            assert!(!reading.problems.is_empty(), "{bytes:?}");
        }
        assert_eq!(read_bytes("quantize_config.json", b"{\"bits\": 4").facts.len(), 1);
    }
}
