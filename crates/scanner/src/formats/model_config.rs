//! `config.json`: what a model's configuration says of its shape.
//!
//! A multimodal model nests the language model (`text_config`, `llm_config` …); its vision and audio parts are other
//! models and are not read as this one.

use forebear_types::Located;
use forebear_types::config::{ConfigField, ConfigFields, ConfigValue};
use forebear_types::fact::{FactKind, ModelConfig, Reading};

use super::json::View;
use super::{File, located_text};

/// Tables that hold the language model of a multimodal one, in the order in which they are tried.
const LANGUAGE_PARTS: &[&str] = &[
    "text_config",
    "llm_config",
    "language_config",
    "language_model_config",
    "llm",
    "model_config",
    "thinker_config",
];

/// Reads a configuration. A `config.json` of something else (a tokenizer, a service) gives nothing.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some((text, json)) = file.object(&mut reading.problems, "restore the model's configuration") else {
        return;
    };
    let Some(root) = json.root() else { return };
    let mut config = ModelConfig { text: text.clone(), ..ModelConfig::default() };
    let (section, part) = language_part(root);
    config.section = section;
    config.fields = fields(part);
    config.architectures = texts(root, "architectures");
    if config.architectures.is_empty() {
        config.architectures = texts(part, "architectures");
    }
    config.model_type = root.get("model_type").or_else(|| part.get("model_type")).and_then(located_text);
    config.name_or_path = [root, part]
        .iter()
        .filter_map(|view| view.get("_name_or_path").and_then(located_text))
        .find(|name| !name.value.trim().is_empty());
    config.quantisation = root
        .get("quantization_config")
        .and_then(|quantisation| quantisation.get("quant_method"))
        .and_then(located_text);
    config.auto_map = root.get("auto_map").map_or_else(Vec::new, |map| {
        map.members()
            .filter_map(|(_, value)| located_text(value).or_else(|| value.items().find_map(located_text)))
            .collect()
    });
    if is_model(file, &config) {
        reading.facts.push(file.fact(FactKind::ModelConfig(config)));
    } else {
        // Some other program's file: its faults are not ours to report.
        reading.problems.clear();
    }
}

/// Whether this is a model's configuration. `params.json` is Meta's layout only with its own keys.
fn is_model(file: File<'_>, config: &ModelConfig) -> bool {
    let shaped = config.fields.contains_key(&ConfigField::HiddenSize)
        && config.fields.contains_key(&ConfigField::Layers);
    if file.path.file_name().eq_ignore_ascii_case(b"params.json") {
        return shaped;
    }
    shaped || !config.architectures.is_empty() || config.model_type.is_some()
}

/// The part that describes the language model: the root if it has a shape of its own, else a nested table.
fn language_part(root: View<'_>) -> (String, View<'_>) {
    let shaped = |view: &View<'_>| {
        let has = |field: ConfigField| {
            view.members()
                .any(|(key, value)| ConfigField::from_key(key) == Some(field) && value.number().is_some())
        };
        has(ConfigField::HiddenSize) && has(ConfigField::Layers)
    };
    if shaped(&root) {
        return (String::new(), root);
    }
    for name in LANGUAGE_PARTS {
        let Some(part) = root.get(name).filter(View::is_object) else { continue };
        if shaped(&part) {
            return ((*name).to_owned(), part);
        }
        // Qwen-Omni nests twice: `thinker_config.text_config`.
        for inner in LANGUAGE_PARTS {
            if let Some(inner_part) = part.get(inner).filter(shaped) {
                return (format!("{name}.{inner}"), inner_part);
            }
        }
    }
    (String::new(), root)
}

fn fields(part: View<'_>) -> ConfigFields {
    let mut fields = ConfigFields::new();
    for (key, view) in part.members() {
        let Some(field) = ConfigField::from_key(key) else { continue };
        let Some(value) = value(view) else { continue };
        let located = Located { value, line: view.line(), span: view.span() };
        // The canonical key beats an alias; of equal keys the last one counts, as in Python.
        if key == field.key() || !fields.contains_key(&field) {
            fields.insert(field, located);
        }
    }
    // Falcon says `multi_query: true` for one key-value head.
    if !fields.contains_key(&ConfigField::KeyValueHeads)
        && let Some(view) = part.get("multi_query").filter(|view| view.flag() == Some(true))
    {
        let located = Located { value: ConfigValue::Integer(1), line: view.line(), span: view.span() };
        fields.insert(ConfigField::KeyValueHeads, located);
    }
    fields
}

fn value(view: View<'_>) -> Option<ConfigValue> {
    if let Some(text) = view.number() {
        if let Ok(number) = text.parse() {
            return Some(ConfigValue::Integer(number));
        }
        let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
        return Some(if number.fract() == 0.0 && number.abs() < 9e15 {
            ConfigValue::Integer(number as i64)
        } else {
            ConfigValue::Real(format!("{number:?}"))
        });
    }
    if let Some(flag) = view.flag() {
        return Some(ConfigValue::Flag(flag));
    }
    let numbers: Vec<i64> = view.items().filter_map(|item| item.number()?.parse().ok()).collect();
    (!numbers.is_empty()).then_some(ConfigValue::Integers(numbers))
}

fn texts(view: View<'_>, key: &str) -> Vec<Located<String>> {
    view.get(key).map_or_else(Vec::new, |list| {
        let one = located_text(list);
        one.into_iter().chain(list.items().filter_map(located_text)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_text;
    use super::*;

    fn config_of(text: &str) -> ModelConfig {
        match read_text("config.json", text).facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::ModelConfig(config)) => config,
            other => panic!("no configuration: {other:?}"),
        }
    }

    #[test]
    fn fields_get_their_canonical_names_and_places() {
        let text = "{\n \"architectures\": [\"GPT2LMHeadModel\"],\n \"n_embd\": 768,\n \"n_layer\": 12,\n \"layer_norm_epsilon\": 1e-05,\n \"rope_theta\": 10000.0\n}";
        let config = config_of(text);
        let hidden = &config.fields[&ConfigField::HiddenSize];
        assert_eq!((&hidden.value, hidden.line), (&ConfigValue::Integer(768), 3));
        assert_eq!(config.fields[&ConfigField::NormEpsilon].value, ConfigValue::Real("1e-5".into()));
        assert_eq!(config.fields[&ConfigField::RopeTheta].value, ConfigValue::Integer(10_000));
        assert_eq!(config.architectures[0].value, "GPT2LMHeadModel");
    }

    #[test]
    fn the_language_part_is_read_and_the_vision_part_is_not() {
        let text = r#"{"model_type": "llava", "vision_config": {"hidden_size": 1024, "num_hidden_layers": 24},
            "text_config": {"hidden_size": 4096, "num_hidden_layers": 32, "_name_or_path": "lmsys/vicuna-7b-v1.5"}}"#;
        let config = config_of(text);
        assert_eq!(config.section, "text_config");
        assert_eq!(config.fields[&ConfigField::HiddenSize].value, ConfigValue::Integer(4096));
        assert_eq!(config.name_or_path.unwrap().value, "lmsys/vicuna-7b-v1.5");
        let falcon = config_of(r#"{"hidden_size": 4544, "num_hidden_layers": 32, "multi_query": true}"#);
        assert_eq!(falcon.fields[&ConfigField::KeyValueHeads].value, ConfigValue::Integer(1));
    }

    #[test]
    fn duplicate_keys_and_faults_are_problems_beside_the_facts() {
        let reading =
            read_text("config.json", "{\"model_type\": \"llama\", \"hidden_size\": 1,\n\"hidden_size\": 2}");
        assert_eq!(reading.problems.len(), 1);
        assert_eq!(reading.problems[0].line, Some(2));
        assert_eq!(reading.facts.len(), 1);
        let reading = read_text("config.json", "{\"model_type\": \"llama\", \"hidden_size\": 1,");
        assert_eq!((reading.problems.len(), reading.facts.len()), (1, 1));
    }

    #[test]
    fn other_configurations_are_left_alone() {
        for text in ["{\"port\": 80}", "{\"port\": 80, \"port\": 81}"] {
            let reading = read_text("config.json", text);
            assert!(reading.facts.is_empty() && reading.problems.is_empty());
        }
        assert!(read_text("params.json", "{\"dim\": 4096}").facts.is_empty());
        assert_eq!(read_text("params.json", "{\"dim\": 4096, \"n_layers\": 32}").facts.len(), 1);
        assert!(read_text("config.json", "not json").facts.is_empty());
    }
}
