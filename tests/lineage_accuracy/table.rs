//! The facts of a set's models as a table that the repository carries: `models.jsonl`, one model a line, and `sketches.jsonl`, one
//! sample of a vocabulary a line, in `fixtures/lineage/tuned` and `fixtures/lineage/unseen`.
//!
//! Only facts are kept: fields of configurations under their canonical keys, counts and samples of vocabularies, digests of
//! pointers, and which base is declared. No file of a model is copied.

use std::collections::BTreeMap;
use std::path::Path;

use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{
    AdapterConfig, AddedToken, Fact, FactKind, GenerationConfig, LfsPointer, ModelCard, ModelConfig,
    RopeScaling, TokenSketch, Tokenizer, TokenizerConfig, TokenizerKind,
};
use forebear_types::{ByteSpan, Located, RepoPath, Sha256, Snapshot};
use serde_json::{Map, Value, json};

/// Samples of vocabularies by a short name.
pub(crate) type Sketches = BTreeMap<String, TokenSketch>;

const KINDS: &[(TokenizerKind, &str)] = &[
    (TokenizerKind::TokenizerJson, "tokenizer.json"),
    (TokenizerKind::Vocabulary, "vocab.json"),
    (TokenizerKind::Merges, "merges.txt"),
    (TokenizerKind::SentencePiece, "sentencepiece"),
    (TokenizerKind::Tiktoken, "tiktoken"),
    (TokenizerKind::Tekken, "tekken"),
    (TokenizerKind::WordPiece, "wordpiece"),
    (TokenizerKind::Gguf, "gguf"),
];

/// The facts that are kept, as JSON; samples go into `sketches`.
pub(crate) fn write(facts: &[Fact], sketches: &mut Sketches) -> Value {
    let list: Vec<Value> = facts.iter().filter_map(|fact| one(fact, sketches)).collect();
    Value::Array(list)
}

fn one(fact: &Fact, sketches: &mut Sketches) -> Option<Value> {
    let path = fact.path.to_string();
    let texts =
        |list: &[Located<String>]| -> Vec<String> { list.iter().map(|one| one.value.clone()).collect() };
    Some(match &fact.kind {
        FactKind::ModelConfig(config) => {
            let mut fields = Map::new();
            for (field, value) in &config.fields {
                fields.insert(field.key().to_owned(), number(&value.value)?);
            }
            json!({
                "config": path, "section": config.section, "architectures": texts(&config.architectures),
                "model_type": config.model_type.as_ref().map(|name| &name.value), "fields": fields,
                "rope_scaling": config.rope_scaling.as_ref().map(|scaling| json!({
                    "rope_type": scaling.value.kind,
                    "factor": scaling.value.factor.as_ref().and_then(ConfigValue::number),
                    "original": scaling.value.original_positions,
                })),
                "quantisation": config.quantisation.as_ref().map(|method| &method.value),
            })
        }
        FactKind::Tokenizer(tokenizer) => {
            let name = KINDS.iter().find(|(kind, _)| *kind == tokenizer.kind)?.1;
            let sketch = tokenizer.sketch.as_ref().map(|sketch| {
                let key =
                    format!("{:012x}-{}", sketch.sample.first().map_or(0, |(hash, _)| *hash), sketch.tokens);
                let same = sketches.entry(key.clone()).or_insert_with(|| sketch.clone());
                // Two vocabularies with one smallest hash and size that differ all the same get names of their own.
                if same == sketch {
                    return key;
                }
                let other = format!("{key}-{}", sketches.len());
                sketches.insert(other.clone(), sketch.clone());
                other
            });
            json!({
                "tokenizer": path, "kind": name, "tokens": tokenizer.tokens, "merges": tokenizer.merges,
                "first_merges": tokenizer.first_merges.map(|digest| digest.to_string()),
                "sha256": tokenizer.digest.map(|digest| digest.to_string()), "sketch": sketch,
                "added": few(&tokenizer.added),
            })
        }
        FactKind::TokenizerConfig(config) if !config.added.is_empty() => {
            json!({"tokenizer_config": path, "added": few(&config.added)})
        }
        FactKind::Pointer(pointer) => {
            json!({"pointer": path, "sha256": pointer.sha256.to_string(), "size": pointer.size})
        }
        FactKind::GenerationConfig(generation) => {
            json!({"generation": path, "bos": generation.bos, "eos": generation.eos, "pad": generation.pad})
        }
        FactKind::ModelCard(card) if !card.base_models.is_empty() => json!({
            "card": path,
            "base_models": card.base_models.iter().map(|base| end_of_path(&base.value)).collect::<Vec<_>>(),
            "relation": card.base_model_relation.as_ref().map(|word| &word.value),
        }),
        FactKind::AdapterConfig(adapter) => {
            json!({"adapter": path, "base_model": end_of_path(&adapter.base_model.as_ref()?.value)})
        }
        _ => return None,
    })
}

/// The first added tokens and the last one: what lies between is reserved.
fn few(added: &[AddedToken]) -> Vec<&str> {
    const FIRST: usize = 48;
    let last = added.iter().skip(FIRST).next_back();
    added.iter().take(FIRST).chain(last).map(|token| token.text.as_str()).collect()
}

/// Of a path on somebody's machine only its end is a fact about the model. It stays a path, which declares less than an id does.
fn end_of_path(base: &str) -> String {
    match base.rsplit_once('/') {
        Some((folders, end)) if folders.starts_with('/') || folders.is_empty() => format!("/models/{end}"),
        _ => base.to_owned(),
    }
}

fn number(value: &ConfigValue) -> Option<Value> {
    Some(match value {
        ConfigValue::Integer(number) => json!(number),
        ConfigValue::Real(text) => json!(text.parse::<f64>().ok()?),
        ConfigValue::Flag(flag) => json!(flag),
        ConfigValue::Integers(list) => json!(list),
        ConfigValue::Text(text) => json!(text),
    })
}

/// The facts of a line.
pub(crate) fn read(facts: &Value, sketches: &Sketches) -> Vec<Fact> {
    facts.as_array().unwrap().iter().map(|fact| back(fact, sketches)).collect()
}

fn back(value: &Value, sketches: &Sketches) -> Fact {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let texts = |key: &str| -> Vec<Located<String>> {
        let items = value[key].as_array().into_iter().flatten();
        items.filter_map(|item| Some(located(item.as_str()?.to_owned()))).collect()
    };
    let numbers =
        |key: &str| value[key].as_array().into_iter().flatten().filter_map(Value::as_i64).collect::<Vec<_>>();
    let digest = |key: &str| value[key].as_str().and_then(Sha256::from_hex);
    let key = ["config", "tokenizer", "tokenizer_config", "pointer", "generation", "card", "adapter"]
        .into_iter()
        .find(|key| value.get(*key).is_some())
        .unwrap();
    let kind = match key {
        "config" => FactKind::ModelConfig(ModelConfig {
            section: text("section").unwrap_or_default(),
            architectures: texts("architectures"),
            model_type: text("model_type").map(located),
            fields: value["fields"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(key, value)| (ConfigField::from_key(key).unwrap(), located(config_value(value))))
                .collect(),
            rope_scaling: value["rope_scaling"].as_object().map(|scaling| {
                located(RopeScaling {
                    kind: scaling["rope_type"].as_str().map(str::to_owned),
                    factor: scaling["factor"].as_f64().map(real),
                    original_positions: scaling["original"].as_u64(),
                })
            }),
            quantisation: text("quantisation").map(located),
            ..ModelConfig::default()
        }),
        "tokenizer" => FactKind::Tokenizer(Tokenizer {
            kind: KINDS.iter().find(|(_, name)| Some(*name) == value["kind"].as_str()).unwrap().0,
            tokens: value["tokens"].as_u64(),
            added: added(value),
            merges: value["merges"].as_u64(),
            first_merges: digest("first_merges"),
            sketch: text("sketch").map(|key| sketches[&key].clone()),
            digest: digest("sha256"),
        }),
        "tokenizer_config" => {
            FactKind::TokenizerConfig(TokenizerConfig { added: added(value), ..TokenizerConfig::default() })
        }
        "pointer" => FactKind::Pointer(LfsPointer {
            sha256: digest("sha256").unwrap(),
            size: value["size"].as_u64().unwrap(),
        }),
        "generation" => FactKind::GenerationConfig(GenerationConfig {
            bos: numbers("bos"),
            eos: numbers("eos"),
            pad: numbers("pad"),
            ..GenerationConfig::default()
        }),
        "card" => FactKind::ModelCard(ModelCard {
            base_models: texts("base_models"),
            base_model_relation: text("relation").map(located),
            ..ModelCard::default()
        }),
        _ => FactKind::AdapterConfig(AdapterConfig {
            base_model: text("base_model").map(located),
            ..AdapterConfig::default()
        }),
    };
    Fact { path: RepoPath::new(text(key).unwrap()).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

fn added(value: &Value) -> Vec<AddedToken> {
    let texts = value["added"].as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(|text| AddedToken { id: None, text: text.to_owned(), special: false }).collect()
}

fn located<T>(value: T) -> Located<T> {
    Located { value, line: 1, span: ByteSpan { start: 0, len: 0 } }
}

fn config_value(value: &Value) -> ConfigValue {
    match value {
        Value::Bool(flag) => ConfigValue::Flag(*flag),
        Value::String(text) => ConfigValue::Text(text.clone()),
        Value::Array(list) => ConfigValue::Integers(list.iter().filter_map(Value::as_i64).collect()),
        number => number.as_i64().map_or_else(|| real(number.as_f64().unwrap()), ConfigValue::Integer),
    }
}

fn real(number: f64) -> ConfigValue {
    ConfigValue::Real(format!("{number:?}"))
}

/// Reads the samples.
pub(crate) fn sketches(folder: &Path) -> Sketches {
    let text = std::fs::read_to_string(folder.join("sketches.jsonl")).unwrap();
    text.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            let sample = value["sample"].as_str().unwrap().split(' ').map(|pair| {
                let (hash, id) = pair.split_once(':').unwrap();
                (u64::from_str_radix(hash, 16).unwrap(), id.parse().unwrap())
            });
            let sketch = TokenSketch {
                tokens: value["tokens"].as_u64().unwrap(),
                sample: sample.collect(),
                ..TokenSketch::default()
            };
            (value["key"].as_str().unwrap().to_owned(), sketch)
        })
        .collect()
}

/// Writes the samples.
pub(crate) fn write_sketches(folder: &Path, sketches: &Sketches) {
    let mut text = String::new();
    for (key, sketch) in sketches {
        let sample: Vec<String> =
            sketch.sample.iter().map(|(hash, id)| format!("{hash:012x}:{id}")).collect();
        let line = json!({"key": key, "tokens": sketch.tokens, "sample": sample.join(" ")});
        text.push_str(&format!("{line}\n"));
    }
    std::fs::write(folder.join("sketches.jsonl"), text).unwrap();
}
