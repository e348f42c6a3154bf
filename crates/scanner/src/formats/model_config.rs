//! `config.json`, and the `params.json` of Meta and Mistral: what a model's configuration says of its shape.
//!
//! A multimodal model nests the language model (`text_config`, `llm_config` …); its vision and audio parts are other
//! models and are not read as this one.

use forebear_types::Located;
use forebear_types::config::{self, ConfigField, ConfigFields, ConfigValue};
use forebear_types::fact::{FactKind, ModelConfig, Problem, ProblemKind, Reading, RopeScaling};

use super::json::View;
use super::{File, located_text, located_texts, quantisation};

/// Tables that hold the language model of a multimodal one, in the order in which they are tried.
const LANGUAGE_PARTS: &[&str] = &[
    "text_config",
    "llm_config",
    "language_config",
    "language_model_config",
    "llm",
    "model_config",
    "thinker_config",
    "decoder",
];

/// Tables of one part of the language model whose keys count where the part itself has none, in this order: MPT and DBRX
/// (`attn_config`, `ffn_config`), transformers from version 5 (`rope_parameters`).
const NESTED: &[&str] = &["attn_config", "ffn_config", "rope_parameters"];

/// Most classes of a list.
const CLASSES: usize = 64;

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
    if is_params(file) {
        add_params(part, &mut config.fields);
    }
    reading.problems.extend(texts_for_numbers(file, part));
    config.architectures = texts(root, "architectures");
    if config.architectures.is_empty() {
        config.architectures = texts(part, "architectures");
    }
    config.model_type = root.get("model_type").or_else(|| part.get("model_type")).and_then(located_text);
    config.name_or_path = [root, part]
        .iter()
        .filter_map(|view| view.get("_name_or_path").and_then(located_text))
        .find(|name| !name.value.trim().is_empty());
    let quantised = quantisation::of_config(root, part, &text);
    config.quantisation = quantised.as_ref().and_then(|quantised| quantised.method.clone());
    config.rope_scaling = rope_scaling(part);
    config.activation = ["hidden_act", "hidden_activation", "activation_function"]
        .iter()
        .find_map(|key| part.get(key).and_then(located_text));
    config.auto_map = root.get("auto_map").map_or_else(Vec::new, |map| {
        map.members()
            .filter_map(|(_, value)| located_text(value).or_else(|| value.items().find_map(located_text)))
            .collect()
    });
    if is_model(file, &config) {
        reading.facts.push(file.fact(FactKind::ModelConfig(config)));
        reading.facts.extend(quantised.map(|quantised| file.fact(FactKind::Quantisation(quantised))));
    } else {
        // Some other program's file: its faults are not ours to report.
        reading.problems.clear();
    }
}

/// Dimensions that are texts (`"hidden_size": "768"`): no library would run such a model, and a comparison without them says less.
fn texts_for_numbers(file: File<'_>, part: View<'_>) -> Vec<Problem> {
    let shape = |key: &str| ConfigField::from_key(key).is_some_and(ConfigField::is_shape);
    part.members()
        .filter(|(key, view)| shape(key) && view.text().is_some())
        .map(|(key, view)| {
            let what = format!("`{key}` is a text, not a number: it was not compared");
            let remedy = "restore the model's configuration";
            Problem { line: Some(view.line()), ..file.problem(ProblemKind::Malformed, what, remedy) }
        })
        .collect()
}

/// Whether this is a model's configuration. `params.json` is Meta's layout only with its own keys.
fn is_model(file: File<'_>, config: &ModelConfig) -> bool {
    let shaped = config.fields.contains_key(&ConfigField::HiddenSize)
        && config.fields.contains_key(&ConfigField::Layers);
    if is_params(file) {
        return shaped;
    }
    shaped || !config.architectures.is_empty() || config.model_type.is_some()
}

fn is_params(file: File<'_>) -> bool {
    file.path.file_name().eq_ignore_ascii_case(b"params.json")
}

/// What only Meta's and Mistral's own layouts say.
///
/// Sources: llama-models `models/llama3/args.py` and `model.py` (`FeedForward` gets `4 * dim`, takes two thirds of it, times
/// `ffn_dim_multiplier` where that is given, and rounds up to `multiple_of`; a `vocab_size` of -1 is to be asked of the tokenizer);
/// mistral-inference `args.py` (`hidden_dim` is the width of the feed-forward network, `moe` a table).
fn add_params(part: View<'_>, fields: &mut ConfigFields) {
    if fields.get(&ConfigField::VocabularySize).is_some_and(|size| size.value == ConfigValue::Integer(-1)) {
        fields.remove(&ConfigField::VocabularySize);
    }
    let mut add = |field, view: Option<View<'_>>| {
        let Some(view) = view else { return };
        let Some(value) = value(view) else { return };
        fields.entry(field).or_insert(Located { value, line: view.line(), span: view.span() });
    };
    add(ConfigField::IntermediateSize, part.get("hidden_dim"));
    let moe = part.get("moe").or_else(|| part.get("moe_args"));
    add(ConfigField::Experts, moe.and_then(|moe| moe.get("num_experts")));
    let per_token = moe.and_then(|moe| moe.get("num_experts_per_tok").or_else(|| moe.get("top_k")));
    add(ConfigField::ExpertsPerToken, per_token);
    // The experts of Llama 4 share the width in another way.
    if moe.is_none()
        && let Some((width, view)) = meta_width(part)
    {
        let located = Located { value: ConfigValue::Integer(width), line: view.line(), span: view.span() };
        fields.entry(ConfigField::IntermediateSize).or_insert(located);
    }
}

/// The width of the feed-forward network as Meta's code computes it, and the member that rounds it.
fn meta_width(part: View<'_>) -> Option<(i64, View<'_>)> {
    let rounding = part.get("multiple_of")?;
    let number = |view: View<'_>| view.number()?.parse::<i64>().ok().filter(|number| *number > 0);
    let (dim, multiple) = (number(part.get("dim")?)?, number(rounding)?);
    let mut width = dim.checked_mul(8)? / 3;
    if let Some(multiplier) = part.get("ffn_dim_multiplier").filter(|view| !view.is_null()) {
        let factor: f64 = multiplier.number()?.parse().ok()?;
        let scaled = factor * width as f64;
        if !(1.0..1e12).contains(&scaled) {
            return None;
        }
        width = scaled as i64;
    }
    let rounded = width.checked_add(multiple - 1)? / multiple;
    Some((rounded.checked_mul(multiple)?, rounding))
}

/// `rope_scaling`, `rope_parameters` of another kind than the default, or Meta's `use_scaled_rope`.
fn rope_scaling(part: View<'_>) -> Option<Located<RopeScaling>> {
    let tables = ["rope_scaling", "rope_parameters"].iter().filter_map(|key| part.get(key));
    for table in tables.filter(View::is_object) {
        // Where layers differ, the full attention is the one that is stretched.
        let inner = table.get("full_attention").filter(View::is_object).unwrap_or(table);
        let kind = ["rope_type", "type"].iter().find_map(|key| inner.get(key)?.text());
        let scaling = RopeScaling {
            kind: kind.map(str::to_owned),
            factor: inner.get("factor").filter(|view| view.number().is_some()).and_then(value),
            original_positions: inner
                .get("original_max_position_embeddings")
                .or_else(|| part.get("original_max_position_embeddings"))
                .and_then(|view| view.number()?.parse().ok()),
        };
        if scaling.factor.is_some() || kind.is_some_and(|kind| kind != "default") {
            return Some(Located { value: scaling, line: table.line(), span: table.span() });
        }
    }
    let scaled = part.get("use_scaled_rope").filter(|view| view.flag() == Some(true))?;
    let value = RopeScaling {
        kind: Some("llama3".to_owned()),
        factor: part.get("rope_scaling_factor").filter(|view| view.number().is_some()).and_then(value),
        original_positions: None,
    };
    Some(Located { value, line: scaled.line(), span: scaled.span() })
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
    // Whatever its name, a table with a shape and a vocabulary of its own is a language model.
    let words = |part: &View<'_>| {
        part.members().any(|(key, _)| ConfigField::from_key(key) == Some(ConfigField::VocabularySize))
    };
    let other = root.members().find(|(name, part)| !is_of_senses(name) && shaped(part) && words(part));
    other.map_or((String::new(), root), |(name, part)| (name.to_owned(), part))
}

/// Whether a table is about a part that sees or hears, by its name.
fn is_of_senses(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["vis", "image", "audio", "speech", "video", "codec", "talker"].iter().any(|word| name.contains(word))
}

/// The canonical fields of a part: its own members first, then those of [`NESTED`] tables.
pub(super) fn fields(part: View<'_>) -> ConfigFields {
    let mut fields = ConfigFields::new();
    add_members(part, &mut fields);
    for name in NESTED {
        let Some(table) = part.get(name).filter(View::is_object) else { continue };
        // Where layers differ in their positions, `rope_theta` of the full attention is the model's.
        let inner = table.get("full_attention").filter(View::is_object).unwrap_or(table);
        let mut nested = ConfigFields::new();
        add_members(inner, &mut nested);
        for (field, value) in nested {
            fields.entry(field).or_insert(value);
        }
    }
    if !fields.contains_key(&ConfigField::PartialRotaryFactor)
        && let Some(view) = part.get(config::ROTARY_DIMENSIONS)
        && let Some(share) = rotary_share(view, &fields)
    {
        let value = ConfigValue::Real(format!("{share:?}"));
        let located = Located { value, line: view.line(), span: view.span() };
        fields.insert(ConfigField::PartialRotaryFactor, located);
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

fn rotary_share(dimensions: View<'_>, fields: &ConfigFields) -> Option<f64> {
    let whole = |field| match fields.get(&field)?.value {
        ConfigValue::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    };
    config::rotary_share(
        dimensions.number()?.parse().ok()?,
        whole(ConfigField::HeadDimension),
        whole(ConfigField::HiddenSize),
        whole(ConfigField::AttentionHeads),
    )
}

fn add_members(part: View<'_>, fields: &mut ConfigFields) {
    for (key, view) in part.members() {
        let Some(field) = ConfigField::from_key(key) else { continue };
        let Some(value) = value(view) else { continue };
        let located = Located { value, line: view.line(), span: view.span() };
        // The canonical key beats an alias; of equal keys the last one counts, as in Python.
        if key == field.key() || !fields.contains_key(&field) {
            fields.insert(field, located);
        }
    }
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
    view.get(key).map_or_else(Vec::new, |list| located_texts(list, CLASSES))
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
        let phi = config_of(r#"{"n_embd": 2048, "n_layer": 24, "n_head": 32, "rotary_dim": 32}"#);
        let share = ConfigValue::Real("0.5".into());
        assert_eq!(phi.fields[&ConfigField::PartialRotaryFactor].value, share);
        let falcon = config_of(r#"{"hidden_size": 4544, "num_hidden_layers": 32, "multi_query": true}"#);
        assert_eq!(falcon.fields[&ConfigField::KeyValueHeads].value, ConfigValue::Integer(1));
    }

    #[test]
    fn parts_of_the_language_model_may_stand_in_tables_of_their_own() {
        let number = |config: &ModelConfig, field| config.fields.get(&field).map(|value| value.value.clone());
        let dbrx = config_of(
            r#"{"model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "vocab_size": 100352, "max_seq_len": 32768,
            "attn_config": {"clip_qkv": 8, "kv_n_heads": 8, "rope_theta": 500000, "model_type": ""},
            "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4}}"#,
        );
        for (field, wanted) in [
            (ConfigField::KeyValueHeads, 8),
            (ConfigField::RopeTheta, 500_000),
            (ConfigField::IntermediateSize, 10_752),
            (ConfigField::Experts, 16),
            (ConfigField::ExpertsPerToken, 4),
        ] {
            assert_eq!(number(&dbrx, field), Some(ConfigValue::Integer(wanted)), "{field:?}");
        }
        let own = config_of(
            r#"{"hidden_size": 8, "num_hidden_layers": 2, "rope_theta": 5, "rope_parameters": {"rope_theta": 7, "rope_type": "default"}}"#,
        );
        assert_eq!(number(&own, ConfigField::RopeTheta), Some(ConfigValue::Integer(5)));
        assert_eq!(own.rope_scaling, None);
        let layered = config_of(
            r#"{"text_config": {"hidden_size": 8, "num_hidden_layers": 2, "hidden_activation": "gelu", "rope_parameters":
            {"sliding_attention": {"rope_theta": 10000}, "full_attention": {"rope_theta": 1000000, "rope_type": "linear", "factor": 8.0}}}}"#,
        );
        assert_eq!(number(&layered, ConfigField::RopeTheta), Some(ConfigValue::Integer(1_000_000)));
        assert_eq!(layered.rope_scaling.unwrap().value.factor, Some(ConfigValue::Integer(8)));
        assert_eq!(layered.activation.unwrap().value, "gelu");
        let twice = config_of(
            r#"{"model_type": "qwen2_5_omni", "thinker_config": {"text_config": {"hidden_size": 8, "num_hidden_layers": 2}}}"#,
        );
        assert_eq!(twice.section, "thinker_config.text_config");
        let decoder = config_of(
            r#"{"model_type": "vision-encoder-decoder", "encoder": {"hidden_size": 1}, "decoder": {"d_model": 8, "decoder_layers": 4, "num_hidden_layers": 4}}"#,
        );
        assert_eq!(decoder.section, "decoder");
        let chatglm = config_of(
            r#"{"model_type": "chatglm", "hidden_size": 4096, "num_layers": 28, "inner_hidden_size": 16384, "max_sequence_length": 2048}"#,
        );
        assert_eq!(number(&chatglm, ConfigField::IntermediateSize), Some(ConfigValue::Integer(16_384)));
    }

    #[test]
    fn a_stretched_context_is_read() {
        let of = |table: &str| config_of(&format!("{{\"model_type\": \"x\", {table}}}")).rope_scaling;
        let yarn = of(
            r#""rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}"#,
        );
        let wanted = RopeScaling {
            kind: Some("yarn".into()),
            factor: Some(ConfigValue::Integer(4)),
            original_positions: Some(32_768),
        };
        assert_eq!(yarn.unwrap().value, wanted);
        let newer =
            of(r#""rope_parameters": {"rope_type": "llama3", "factor": 8.0, "rope_theta": 500000.0}"#);
        assert_eq!(newer.unwrap().value.kind.as_deref(), Some("llama3"));
        let phi = of(
            r#""original_max_position_embeddings": 4096, "rope_scaling": {"type": "longrope", "long_factor": [1.0]}"#,
        );
        assert_eq!(phi.unwrap().value.original_positions, Some(4096));
        for none in [
            r#""rope_scaling": null"#,
            r#""rope_scaling": "linear""#,
            r#""rope_scaling": {"factor": "x", "original_max_position_embeddings": -1}"#,
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn the_layouts_of_meta_and_mistral_are_read() {
        let params = |text: &str| match read_text("original/params.json", text).facts.into_iter().next() {
            Some(fact) => match fact.kind {
                FactKind::ModelConfig(config) => config,
                other => panic!("{other:?}"),
            },
            None => panic!("no configuration"),
        };
        let width = |text: &str| match params(text).fields.get(&ConfigField::IntermediateSize) {
            Some(Located { value: ConfigValue::Integer(width), .. }) => Some(*width),
            _ => None,
        };
        // Published widths: Llama-2-7B 11008, Llama-2-70B 28672, Llama-3-8B 14336, Llama-3.2-1B 8192, Llama-3.1-405B 53248.
        for (text, wanted) in [
            (
                r#"{"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "norm_eps": 1e-05, "vocab_size": -1}"#,
                11_008,
            ),
            (
                r#"{"dim": 8192, "multiple_of": 4096, "ffn_dim_multiplier": 1.3, "n_heads": 64, "n_kv_heads": 8, "n_layers": 80}"#,
                28_672,
            ),
            (
                r#"{"dim": 4096, "n_layers": 32, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 128256, "multiple_of": 1024, "ffn_dim_multiplier": 1.3}"#,
                14_336,
            ),
            (r#"{"dim": 2048, "n_layers": 16, "ffn_dim_multiplier": 1.5, "multiple_of": 256}"#, 8_192),
            (r#"{"dim": 16384, "n_layers": 126, "ffn_dim_multiplier": 1.2, "multiple_of": 4096}"#, 53_248),
            (r#"{"dim": 4096, "n_layers": 32, "hidden_dim": 14336, "head_dim": 128}"#, 14_336),
        ] {
            assert_eq!(width(text), Some(wanted), "{text}");
        }
        let llama = params(r#"{"dim": 4096, "n_layers": 32, "vocab_size": -1, "use_scaled_rope": true}"#);
        assert!(!llama.fields.contains_key(&ConfigField::VocabularySize));
        assert_eq!(llama.rope_scaling.unwrap().value.kind.as_deref(), Some("llama3"));
        let mixtral = params(
            r#"{"dim": 4096, "n_layers": 32, "hidden_dim": 14336, "moe": {"num_experts_per_tok": 2, "num_experts": 8}}"#,
        );
        assert_eq!(mixtral.fields[&ConfigField::Experts].value, ConfigValue::Integer(8));
        assert_eq!(mixtral.fields[&ConfigField::ExpertsPerToken].value, ConfigValue::Integer(2));
        for hostile in [
            r#"{"dim": 9223372036854775807, "n_layers": 1, "multiple_of": 256}"#,
            r#"{"dim": 4096, "n_layers": 1, "multiple_of": 0}"#,
            r#"{"dim": 4096, "n_layers": 1, "multiple_of": 9223372036854775807}"#,
            r#"{"dim": 4096, "n_layers": 1, "multiple_of": 256, "ffn_dim_multiplier": NaN}"#,
            r#"{"dim": 4096, "n_layers": 1, "multiple_of": 256, "ffn_dim_multiplier": 1e300}"#,
            r#"{"dim": 4096, "n_layers": 1, "multiple_of": "256", "moe": 3}"#,
        ] {
            assert_eq!(width(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn a_language_model_is_found_under_any_name() {
        let text = r#"{"model_type": "x", "visual_tower": {"hidden_size": 1, "num_hidden_layers": 2, "vocab_size": 3},
            "encoder": {"hidden_size": 4, "num_hidden_layers": 5},
            "my_llm": {"hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 32000}}"#;
        let config = config_of(text);
        assert_eq!(config.section, "my_llm");
        assert_eq!(config.fields[&ConfigField::VocabularySize].value, ConfigValue::Integer(32_000));
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
    fn a_dimension_that_is_a_text_is_a_problem() {
        let reading = read_text(
            "config.json",
            "{\"model_type\": \"llama\",\n\"hidden_size\": \"768\", \"vocab_size\": 5}",
        );
        assert_eq!((reading.problems.len(), reading.facts.len()), (1, 1));
        assert_eq!(reading.problems[0].line, Some(2));
        assert_eq!(reading.problems[0].what, "`hidden_size` is a text, not a number: it was not compared");
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
