//! The catalog's files are sound, and the table is made from them. `FOREBEAR_UPDATE=1` writes the table.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads the catalog and writes the table"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use forebear_types::config::ConfigField;
use toml::{Table, Value};

const KEYS: &[&str] = &[
    "id", "aliases", "note", "derived_from", "released", "parameters", "license", "config", "config_source",
    "config_conflict", "memory",
];
const PERIOD_KEYS: &[&str] = &[
    "from", "until", "revision", "weights", "code", "files", "use_policy", "copyright", "confidence",
    "source", "note",
];

/// Parents that the catalog does not describe. Each entry is a gap that a reader may fill.
const EXTERNAL_PARENTS: &[&str] = &[
    "ibm-granite/granite-3.1-8b-base",
    "ibm-granite/granite-3.3-8b-base",
    "microsoft/MiniLM-L12-H384-uncased",
    "mistralai/Mistral-Small-3.1-24B-Instruct-2503",
];

/// Tables inside a model, and the keys that each may have.
const INNER_KEYS: &[(&str, &[&str])] = &[
    ("derived_from", &["id", "source", "confidence"]),
    ("released", &["date", "source", "confidence"]),
    ("parameters", &["total_billion", "active_billion", "source", "confidence"]),
    ("config_source", &["keys", "sibling", "source", "confidence"]),
    ("config_conflict", &["key", "value", "source"]),
    ("memory", &["license", "released", "config"]),
];

fn files() -> Vec<(String, Table)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let mut files: Vec<(String, Table)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        // Chat templates: `tests/tokenizers.rs` reads them.
        .filter(|path| !path.ends_with("templates.toml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, table)
        })
        .collect();
    files.sort_by(|one, two| one.0.cmp(&two.0));
    files
}

/// Models with their file, family and developer, by id.
fn models(files: &[(String, Table)]) -> BTreeMap<String, (String, String, String, Table)> {
    let mut models = BTreeMap::new();
    for (file, table) in files {
        let text = |key: &str| table[key].as_str().unwrap_or_else(|| panic!("{file}: no {key}")).to_owned();
        for model in table["model"].as_array().unwrap() {
            let model = model.as_table().unwrap().clone();
            let id = model["id"].as_str().unwrap().to_owned();
            let before = models.insert(id.clone(), (file.clone(), text("family"), text("developer"), model));
            assert!(before.is_none(), "{file}: {id} stands twice");
        }
    }
    models
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let within = |part: Option<&&str>, most: u32| {
        part.is_none_or(|part| part.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number)))
    };
    parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        && matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2])
        && within(parts.get(1), 12)
        && within(parts.get(2), 31)
}

/// One table, or each of a list of tables.
fn tables<'a>(model: &'a Table, key: &str) -> Vec<&'a Table> {
    match model.get(key) {
        Some(Value::Table(table)) => vec![table],
        Some(Value::Array(list)) => list.iter().map(|one| one.as_table().unwrap()).collect(),
        Some(other) => panic!("{key} is {other}"),
        None => Vec::new(),
    }
}

/// The head of each file, and the tables inside each model.
#[test]
fn no_key_is_unknown() {
    let files = files();
    for (file, table) in &files {
        assert_eq!(table["schema"].as_integer(), Some(1), "{file}");
        for key in table.keys() {
            assert!(["schema", "family", "developer", "model"].contains(&key.as_str()), "{file}: {key}");
        }
    }
    for (id, (file, _, _, model)) in models(&files) {
        for (name, known) in INNER_KEYS {
            for inner in tables(&model, name) {
                for key in inner.keys() {
                    assert!(known.contains(&key.as_str()), "{file}: {id}: {name} has the unknown key {key}");
                }
                let confidence = inner.get("confidence").and_then(Value::as_str);
                assert!(
                    confidence.is_none_or(|word| ["primary", "secondary"].contains(&word)),
                    "{file}: {id}: {name} is {confidence:?}; what is known from memory stands under memory"
                );
            }
        }
    }
}

#[test]
fn parents_are_in_the_catalog_or_known_to_be_missing() {
    let files = files();
    let models = models(&files);
    let missing: BTreeSet<&str> = models
        .values()
        .filter_map(|(_, _, _, model)| model.get("derived_from")?["id"].as_str())
        .filter(|parent| !models.contains_key(*parent))
        .collect();
    assert_eq!(missing, EXTERNAL_PARENTS.iter().copied().collect(), "fill the gap, or list it");
}

/// Numbers that no configuration can have are slips of whoever wrote them down.
#[test]
fn configurations_are_possible() {
    let files = files();
    for (id, (file, _, _, model)) in models(&files) {
        let memory = model.get("memory").and_then(|memory| memory.get("config"));
        let kept = [model.get("config"), memory];
        for config in kept.into_iter().flatten().filter_map(Value::as_table) {
            let part = language_part(config);
            let number = |wanted: ConfigField| {
                part.iter()
                    .find(|(key, _)| ConfigField::from_key(key) == Some(wanted))
                    .and_then(|(_, value)| value.as_integer())
            };
            let place = format!("{file}: {id}");
            for (key, value) in part {
                if ConfigField::from_key(key).is_some_and(ConfigField::is_shape) {
                    assert!(value.as_integer().is_none_or(|number| number >= 0), "{place}: {key} is {value}");
                }
            }
            if let (Some(heads), Some(shared)) =
                (number(ConfigField::AttentionHeads), number(ConfigField::KeyValueHeads))
            {
                assert!(shared > 0 && heads % shared == 0, "{place}: {shared} key-value heads of {heads}");
            }
            for field in [ConfigField::HiddenSize, ConfigField::Layers, ConfigField::VocabularySize] {
                assert!(number(field).is_none_or(|number| number > 0), "{place}: {}", field.key());
            }
            if let (Some(experts), Some(used)) =
                (number(ConfigField::Experts), number(ConfigField::ExpertsPerToken))
            {
                assert!(used <= experts, "{place}: {used} of {experts} experts");
            }
            if let (Some(layers), Some(dense)) =
                (number(ConfigField::Layers), number(ConfigField::FirstDenseLayers))
            {
                assert!(dense <= layers, "{place}: {dense} of {layers} layers");
            }
        }
        for conflict in tables(&model, "config_conflict") {
            assert!(conflict.contains_key("value") && conflict.contains_key("key"), "{file}: {id}");
        }
    }
}

#[test]
fn the_files_are_sound() {
    let files = files();
    let models = models(&files);
    assert!(models.len() > 500);
    let mut names = BTreeMap::new();
    for (id, (file, _, developer, model)) in &models {
        let place = format!("{file}: {id}");
        assert_eq!(id.split('/').count(), 2, "{place}");
        assert!(!developer.is_empty(), "{place}");
        for key in model.keys() {
            assert!(KEYS.contains(&key.as_str()), "{place}: unknown key {key}");
        }
        let aliases = model.get("aliases").and_then(Value::as_array).cloned().unwrap_or_default();
        for name in
            aliases.iter().map(|alias| alias.as_str().unwrap().to_lowercase()).chain([id.to_lowercase()])
        {
            let other = names.insert(name.clone(), id.clone());
            assert!(other.as_ref().is_none_or(|other| other == id), "{place}: {name} is also {other:?}");
        }
        if let Some(released) = model.get("released") {
            assert!(is_date(released["date"].as_str().unwrap()), "{place}");
            assert!(!released["source"].as_str().unwrap().is_empty(), "{place}");
        }
        for period in model.get("license").and_then(Value::as_array).into_iter().flatten() {
            let period = period.as_table().unwrap();
            for key in period.keys() {
                assert!(PERIOD_KEYS.contains(&key.as_str()), "{place}: unknown key {key}");
            }
            for key in ["weights", "code"] {
                if let Some(license) = period.get(key).and_then(Value::as_str) {
                    let known = license.starts_with("LicenseRef-") || spdx::license_id(license).is_some();
                    assert!(known, "{place}: {license} is no licence id");
                }
            }
            for key in ["from", "until"] {
                assert!(period.get(key).and_then(Value::as_str).is_none_or(is_date), "{place}");
            }
            assert!(!period["source"].as_str().unwrap().is_empty(), "{place}");
            assert!(["primary", "secondary"].contains(&period["confidence"].as_str().unwrap()), "{place}");
        }
        // No circle among the parents.
        let mut seen = BTreeSet::from([id.clone()]);
        let mut at = model;
        while let Some(parent) = at.get("derived_from").map(|parent| parent["id"].as_str().unwrap()) {
            assert!(seen.insert(parent.to_owned()), "{place}: a circle of parents");
            let Some((_, _, _, next)) = models.get(parent) else { break };
            at = next;
        }
    }
}

#[test]
fn the_table_is_made_from_the_files() {
    let made = generate();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/table.rs");
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(path, made).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        made == committed,
        "src/table.rs is not made from catalog/; run this test with FOREBEAR_UPDATE=1"
    );
}

fn generate() -> String {
    let files = files();
    let mut text = String::from(
        "//! Made by `tests/catalog.rs` from `catalog/*.toml`. Do not edit.\n\n\
         use forebear_types::config::ConfigField as F;\n\n\
         use crate::catalog::Value::{Flag, Integer, Integers, Real};\n\
         use crate::catalog::{Model, Period, Sourcing};\n\n",
    );
    let mut body = String::new();
    for (id, (_, family, developer, model)) in models(&files) {
        one(&mut body, &id, &family, &developer, &model);
    }
    // FNV-1a over the table itself: any change of content is another version.
    let digest = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let _ = writeln!(text, "pub(crate) const VERSION: &str = \"{digest:016x}\";\n");
    let _ = writeln!(text, "#[rustfmt::skip]\npub(crate) static MODELS: &[Model] = &[\n{body}];");
    text
}

fn option(value: Option<&str>) -> String {
    value.map_or_else(|| "None".to_owned(), |text| format!("Some({text:?})"))
}

fn list(value: Option<&Value>) -> String {
    let items: Vec<String> = value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|item| format!("{:?}", item.as_str().unwrap()))
        .collect();
    format!("&[{}]", items.join(", "))
}

fn one(out: &mut String, id: &str, family: &str, developer: &str, model: &Table) {
    let nested = |key: &str, inner: &str| model.get(key).and_then(|table| table.get(inner));
    let number = |key: &str| {
        nested("parameters", key)
            .and_then(|value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)))
    };
    let number =
        |key: &str| number(key).map_or_else(|| "None".to_owned(), |number| format!("Some({number:?})"));
    let memory = model.get("memory").and_then(Value::as_table);
    let sourced = model.get("config").and_then(Value::as_table).filter(|config| !config.is_empty());
    let remembered = memory.and_then(|memory| memory.get("config")).and_then(Value::as_table);
    let config = sourced.or(remembered);
    let empty = Table::new();
    let whole = config.unwrap_or(&empty);
    let part = language_part(whole);
    let architectures = whole.get("architectures").or_else(|| part.get("architectures"));
    let model_type = whole.get("model_type").or_else(|| part.get("model_type")).and_then(Value::as_str);
    let _ = writeln!(out, "    Model {{");
    let _ = writeln!(out, "        id: {id:?}, family: {family:?}, developer: {developer:?},");
    let _ = writeln!(out, "        aliases: {},", list(model.get("aliases")));
    let _ = writeln!(
        out,
        "        derived_from: {}, released: {},",
        option(nested("derived_from", "id").and_then(Value::as_str)),
        option(nested("released", "date").and_then(Value::as_str))
    );
    let _ = writeln!(
        out,
        "        total_billion: {}, active_billion: {},",
        number("total_billion"),
        number("active_billion")
    );
    let _ = writeln!(out, "        licenses: &[");
    for period in model.get("license").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| option(period.get(key).and_then(Value::as_str));
        let _ = writeln!(
            out,
            "            Period {{ from: {}, until: {}, revision: {}, weights: {}, code: {}, files: {}, use_policy: {}, copyright: {}, confidence: Sourcing::{}, source: {:?}, note: {} }},",
            text("from"),
            text("until"),
            text("revision"),
            text("weights"),
            text("code"),
            list(period.get("files")),
            text("use_policy"),
            list(period.get("copyright")),
            if period["confidence"].as_str() == Some("primary") { "Primary" } else { "Secondary" },
            period["source"].as_str().unwrap(),
            text("note"),
        );
    }
    let _ = writeln!(out, "        ],");
    let _ = writeln!(
        out,
        "        memory_license: {}, architectures: {}, model_type: {},",
        option(memory.and_then(|memory| memory.get("license")).and_then(Value::as_str)),
        list(architectures),
        option(model_type)
    );
    let fields = fields(part);
    let _ = writeln!(out, "        config: &[{}],", pairs(&fields));
    let mut conflicts = Vec::new();
    for conflict in model.get("config_conflict").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(field), Some(value)) =
            (conflict["key"].as_str().and_then(ConfigField::from_key), value(&conflict["value"]))
        {
            conflicts.push((field, value));
        }
    }
    let _ = writeln!(out, "        conflicts: &[{}],", pairs(&conflicts));
    let _ = writeln!(out, "        config_from_memory: {},", sourced.is_none() && remembered.is_some());
    let _ = writeln!(out, "    }},");
}

fn pairs(fields: &[(ConfigField, String)]) -> String {
    fields.iter().map(|(field, value)| format!("(F::{field:?}, {value})")).collect::<Vec<_>>().join(", ")
}

/// As the reader of `config.json` chooses it: the root if it has a shape, else the nested language model.
fn language_part(config: &Table) -> &Table {
    let shaped = |table: &Table| {
        let has = |field| table.keys().any(|key| ConfigField::from_key(key) == Some(field));
        has(ConfigField::HiddenSize) && has(ConfigField::Layers)
    };
    if shaped(config) {
        return config;
    }
    ["text_config", "llm_config", "language_config"]
        .iter()
        .filter_map(|key| config.get(*key).and_then(Value::as_table))
        .find(|table| shaped(table))
        .unwrap_or(config)
}

fn fields(table: &Table) -> Vec<(ConfigField, String)> {
    let mut fields: BTreeMap<ConfigField, String> = BTreeMap::new();
    for (key, raw) in table {
        let (Some(field), Some(value)) = (ConfigField::from_key(key), value(raw)) else { continue };
        if key == field.key() || !fields.contains_key(&field) {
            fields.insert(field, value);
        }
    }
    if !fields.contains_key(&ConfigField::KeyValueHeads)
        && table.get("multi_query") == Some(&Value::Boolean(true))
    {
        fields.insert(ConfigField::KeyValueHeads, "Integer(1)".to_owned());
    }
    fields.into_iter().collect()
}

fn value(raw: &Value) -> Option<String> {
    Some(match raw {
        Value::Integer(number) => format!("Integer({number})"),
        Value::Float(number) => format!("Real({number:?})"),
        Value::Boolean(flag) => format!("Flag({flag})"),
        Value::Array(items) => {
            let numbers: Option<Vec<String>> =
                items.iter().map(|item| Some(item.as_integer()?.to_string())).collect();
            format!("Integers(&[{}])", numbers?.join(", "))
        }
        _ => return None,
    })
}
