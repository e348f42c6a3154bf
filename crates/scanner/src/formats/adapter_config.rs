//! `adapter_config.json`, as PEFT, adapter-transformers and MLX write it.
//!
//! Sources of the keys: PEFT `src/peft/config.py` and `src/peft/tuners/*/config.py` (every kind of adapter has the same base
//! class); adapter-transformers `adapters/loading.py` (`model_name`, `model_type`, `model_class`); MLX-LM `lora.py`, which saves
//! its command line (`model`, `fine_tune_type`, `lora_parameters`).

use forebear_types::Located;
use forebear_types::fact::{AdapterConfig, FactKind, Problem, ProblemKind, Reading};

use super::json::View;
use super::{File, located_count, located_text, located_texts};

/// Names of modules that are kept; a model has a few dozen kinds.
const MODULES: usize = 256;

/// Ends of the names of quantised re-uploads, in lower case, each behind `-`, `_` or `.`.
const MARKS: &[&str] = &[
    "unsloth", "bnb", "nf4", "int4", "int8", "4bit", "8bit", "3bit", "6bit", "gptq", "awq", "gguf", "exl2",
    "hqq", "fp8", "mlx", "dynamic", "w4a16", "w8a8", "w8a16", "quantized", "128g",
];

/// Reads the base, its revision and the kind of adapter.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some((text, json)) = file.object(&mut reading.problems, "write the file again with PEFT") else {
        return;
    };
    let Some(root) = json.root() else { return };
    let part = |key: &str| root.get(key).filter(View::is_object);
    let name = |view: View<'_>, key: &str| {
        view.get(key).and_then(located_text).filter(|value| !value.value.trim().is_empty())
    };
    // The keys of PEFT decide; the others are looked at in files that lack them.
    let peft = root.get("peft_type").is_some() || root.get("base_model_name_or_path").is_some();
    let base_keys: &[&str] =
        if peft { &["base_model_name_or_path"] } else { &["base_model_name_or_path", "model_name", "model"] };
    for key in base_keys {
        if let Some(view) = root.get(key).filter(|view| view.text().is_none() && !view.is_null()) {
            reading.problems.push(Problem {
                line: Some(view.line()),
                ..file.problem(
                    ProblemKind::Malformed,
                    format!("`{key}` is no text, so the base is not known"),
                    "write the base's id on the Hub, organisation/name",
                )
            });
        }
    }
    let base_model = base_keys.iter().find_map(|key| name(root, key));
    let mapping = part("auto_mapping");
    let lora = part("lora_parameters");
    let kind = name(root, "peft_type")
        .or_else(|| name(root, "fine_tune_type"))
        .or_else(|| name(part("config")?, "architecture"))
        .map(|kind| Located { value: kind.value.to_ascii_uppercase(), ..kind });
    let adapter = AdapterConfig {
        unquantised_name: base_model.as_ref().and_then(|base| unquantised(&base.value)),
        revision: name(root, "revision"),
        dora: root.get("use_dora").and_then(|view| view.flag()) == Some(true)
            || kind.as_ref().is_some_and(|kind| kind.value == "DORA"),
        peft_type: kind,
        task_type: name(root, "task_type"),
        base_class: mapping
            .and_then(|mapping| name(mapping, "base_model_class"))
            .or_else(|| name(root, "model_class")),
        parent_library: mapping.and_then(|mapping| name(mapping, "parent_library")).or_else(|| {
            let older = name(root, "model_type");
            older.filter(|_| !peft)
        }),
        rank: root
            .get("r")
            .or_else(|| lora?.get("rank"))
            .or_else(|| part("config")?.get("r"))
            .and_then(located_count),
        target_modules: root
            .get("target_modules")
            .or_else(|| lora?.get("keys"))
            .map_or_else(Vec::new, |view| located_texts(view, MODULES)),
        base_model,
        text,
    };
    reading.facts.push(file.fact(FactKind::AdapterConfig(adapter)));
}

/// The name without the marks of a quantised re-upload; `None` where there is none, or nothing would be left.
fn unquantised(name: &str) -> Option<String> {
    let mut rest = name.trim();
    // A name has few marks; the bound keeps a hostile one cheap.
    for _ in 0..8 {
        let Some((before, last)) = rest.rsplit_once(['-', '_', '.']) else { break };
        if !MARKS.iter().any(|mark| last.eq_ignore_ascii_case(mark)) {
            break;
        }
        rest = before;
    }
    let short = rest.len() < name.trim().len();
    let own = rest.rsplit('/').next().unwrap_or_default();
    (short && !own.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn adapter(text: &str) -> AdapterConfig {
        match read_text("adapter_config.json", text).facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::AdapterConfig(adapter)) => adapter,
            other => panic!("no adapter: {other:?}"),
        }
    }

    #[test]
    fn the_base_is_read_with_its_place() {
        let adapter = adapter(
            "{\n  \"base_model_name_or_path\": \"Qwen/Qwen2.5-7B\",\n  \"peft_type\": \"LORA\",\n  \"revision\": null\n}",
        );
        let base = adapter.base_model.as_ref().unwrap();
        assert_eq!((base.value.as_str(), base.line), ("Qwen/Qwen2.5-7B", 2));
        assert_eq!((adapter.revision, adapter.unquantised_name), (None, None));
    }

    #[test]
    fn every_kind_of_peft_is_read() {
        for kind in [
            "LORA",
            "ADALORA",
            "IA3",
            "PREFIX_TUNING",
            "P_TUNING",
            "PROMPT_TUNING",
            "MULTITASK_PROMPT_TUNING",
            "OFT",
            "BOFT",
            "VERA",
            "LOHA",
            "LOKR",
            "ADAPTION_PROMPT",
            "POLY",
            "LN_TUNING",
            "FOURIERFT",
            "HRA",
            "BONE",
            "XLORA",
            "VBLORA",
            "CPT",
            "TRAINABLE_TOKENS",
            "RANDLORA",
            "SHIRA",
            "MISS",
        ] {
            let text =
                format!("{{\"peft_type\": \"{kind}\", \"base_model_name_or_path\": \"a/b\", \"r\": 16}}");
            let adapter = adapter(&text);
            assert_eq!(adapter.peft_type.unwrap().value, kind);
            assert_eq!(adapter.rank.unwrap().value, 16);
        }
        let adapter = adapter(
            r#"{"peft_type": "LORA", "use_dora": true, "task_type": "CAUSAL_LM", "base_model_name_or_path": "unsloth/Qwen2.5-7B-unsloth-bnb-4bit",
            "auto_mapping": {"base_model_class": "Qwen2ForCausalLM", "parent_library": "transformers.models.qwen2.modeling_qwen2"},
            "target_modules": ["q_proj", "v_proj", 3]}"#,
        );
        assert!(adapter.dora);
        assert_eq!(adapter.base_class.unwrap().value, "Qwen2ForCausalLM");
        assert!(adapter.parent_library.unwrap().value.ends_with("modeling_qwen2"));
        assert_eq!(adapter.task_type.unwrap().value, "CAUSAL_LM");
        assert_eq!(adapter.target_modules.len(), 2);
        assert_eq!(adapter.unquantised_name.as_deref(), Some("unsloth/Qwen2.5-7B"));
    }

    #[test]
    fn other_libraries_name_the_base_differently() {
        let older = adapter(
            r#"{"config": {"architecture": "lora", "r": 8}, "hidden_size": 768, "model_class": "BertAdapterModel",
                "model_name": "bert-base-uncased", "model_type": "bert", "name": "sst"}"#,
        );
        assert_eq!(older.base_model.unwrap().value, "bert-base-uncased");
        assert_eq!(older.peft_type.unwrap().value, "LORA");
        assert_eq!(
            (older.base_class.unwrap().value, older.parent_library.unwrap().value),
            ("BertAdapterModel".to_owned(), "bert".to_owned())
        );
        assert_eq!(older.rank.unwrap().value, 8);
        let mlx = adapter(
            r#"{"adapter_path": "adapters", "fine_tune_type": "dora", "model": "mlx-community/Qwen3-4B-4bit",
                "lora_parameters": {"rank": 8, "keys": ["self_attn.q_proj"], "scale": 20.0}}"#,
        );
        assert_eq!(mlx.base_model.unwrap().value, "mlx-community/Qwen3-4B-4bit");
        assert_eq!(mlx.unquantised_name.as_deref(), Some("mlx-community/Qwen3-4B"));
        assert!(mlx.dora);
        assert_eq!((mlx.rank.unwrap().value, mlx.target_modules.len()), (8, 1));
        // A key of another library beside PEFT's own is not the base.
        let both = adapter(r#"{"peft_type": "LORA", "base_model_name_or_path": null, "model_name": "x/y"}"#);
        assert_eq!(both.base_model, None);
    }

    #[test]
    fn marks_of_quantised_names_are_taken_off() {
        for (name, wanted) in [
            ("unsloth/llama-3-8b-bnb-4bit", Some("unsloth/llama-3-8b")),
            ("TheBloke/Llama-2-7B-GPTQ", Some("TheBloke/Llama-2-7B")),
            ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", Some("Qwen/Qwen2.5-7B-Instruct")),
            ("RedHatAI/Qwen3-8B-quantized.w4a16", Some("RedHatAI/Qwen3-8B")),
            ("./model_4bit", Some("./model")),
            ("Qwen/Qwen2.5-7B", None),
            ("org/-4bit", None),
            ("-4bit", None),
            ("", None),
        ] {
            assert_eq!(unquantised(name).as_deref(), wanted, "{name}");
        }
        assert!(unquantised(&"-4bit".repeat(1000)).is_some());
    }

    #[test]
    fn what_comes_before_a_fault_is_used() {
        let reading = read_text("adapter_config.json", "{\"base_model_name_or_path\": \"a/b\", ");
        assert_eq!(reading.problems.len(), 1);
        assert!(
            matches!(&reading.facts[0].kind, FactKind::AdapterConfig(adapter) if adapter.base_model.is_some())
        );
        assert_eq!(read_text("adapter_config.json", "[]").problems.len(), 1);
        assert!(read_text("adapter_config.json", "").facts.is_empty());
    }

    #[test]
    fn wrong_types_and_bytes_are_problems() {
        let wrong = read_text(
            "adapter_config.json",
            "{\"peft_type\": 1,\n\"base_model_name_or_path\": [\"a/b\"], \"r\": -1, \"target_modules\": {}}",
        );
        assert_eq!((wrong.problems.len(), wrong.problems[0].line), (1, Some(2)));
        let FactKind::AdapterConfig(adapter) = &wrong.facts[0].kind else { panic!("no adapter") };
        assert!(adapter.peft_type.is_none() && adapter.rank.is_none());
        let bytes = read_bytes("adapter_config.json", b"{\"base_model_name_or_path\": \"a/\xffb\0\"}");
        assert!(!bytes.problems.is_empty());
        let long = format!("{{\"base_model_name_or_path\": \"{}", "a".repeat(1 << 20));
        assert_eq!(read_text("adapter_config.json", &long).problems.len(), 1);
    }
}
