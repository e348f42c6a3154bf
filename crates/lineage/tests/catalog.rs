//! The catalog's files are sound, and the tables are made from them. `FOREBEAR_UPDATE=1` writes the tables.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads the catalog and writes the table"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use forebear_lineage::catalog::{Catalog, file};
use forebear_types::config::ConfigField;
use toml::{Table, Value};

mod tables_made;

const KEYS: &[&str] = &[
    "id", "aliases", "note", "derived_from", "released", "parameters", "license", "config", "config_source",
    "config_conflict", "memory",
];
const PERIOD_KEYS: &[&str] = &[
    "from", "until", "revision", "weights", "code", "files", "use_policy", "copyright", "confidence",
    "source", "note",
];

/// Parents that the catalog does not describe. Each entry is a gap that a reader may fill.
const EXTERNAL_PARENTS: &[&str] = &[];

/// Tables inside a model, and the keys that each may have.
const INNER_KEYS: &[(&str, &[&str])] = &[
    ("derived_from", &["id", "source", "confidence"]),
    ("released", &["date", "source", "confidence"]),
    ("parameters", &["total_billion", "active_billion", "source", "confidence"]),
    ("config_source", &["keys", "sibling", "source", "confidence"]),
    ("config_conflict", &["key", "value", "source"]),
    ("memory", &["license", "released", "config"]),
];

fn texts(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        // Chat templates: `tests/tokenizers.rs` reads them.
        .filter(|path| !path.ends_with("templates.toml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), text)
        })
        .collect();
    files.sort_by(|one, two| one.0.cmp(&two.0));
    files
}

fn files() -> Vec<(String, Table)> {
    let read = |(name, text): (String, String)| {
        let table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, table)
    };
    texts("catalog").into_iter().map(read).collect()
}

/// The entries of a folder, as the program reads them.
fn entries(folder: &str) -> file::Entries {
    let mut all = file::Entries::default();
    for (name, text) in texts(folder) {
        let mut read = file::parse(&text).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        all.models.append(&mut read.models);
        all.files.append(&mut read.files);
    }
    all.models.sort_by_key(|model| model.id);
    all.files.sort_by_key(|file| (file.sha256, file.model, file.file));
    all
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

/// Independent developers of one shape are counted by name: one developer has one name, and an organisation's models are of one
/// developer, but for those made with somebody else.
#[test]
fn a_developer_has_one_name() {
    const JOINT: &[(&str, &str)] = &[("mistralai", "Mistral AI & NVIDIA")];
    let mut spellings = BTreeMap::new();
    let mut organisations: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, (file, _, developer, _)) in models(&files()) {
        let folded: String =
            developer.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let other = spellings.entry(folded).or_insert_with(|| developer.clone());
        assert_eq!(*other, developer, "{file}: {id}");
        let organisation = id.split('/').next().unwrap().to_lowercase();
        if !JOINT.contains(&(organisation.as_str(), developer.as_str())) {
            organisations.entry(organisation).or_default().insert(developer);
        }
    }
    for (organisation, developers) in organisations {
        assert_eq!(developers.len(), 1, "{organisation}: {developers:?}");
    }
}

/// Digests belong to models of the catalog, a path stands once for each, and the bytes of one digest are as many everywhere.
#[test]
fn digests_are_sound() {
    let catalog = Catalog::embedded();
    let files = entries("catalog/digests").files;
    assert!(files.len() >= 455);
    let mut paths = BTreeSet::new();
    let mut sizes = BTreeMap::new();
    for file in &files {
        assert_eq!(catalog.find(file.model).map(|model| model.id), Some(file.model), "{file:?}");
        assert!(paths.insert((file.model, file.file)), "{file:?} stands twice");
        assert!(file.bytes > 0 && *sizes.entry(file.sha256).or_insert(file.bytes) == file.bytes, "{file:?}");
        assert!(catalog.files_with(&file.sha256).any(|known| known == file), "{file:?}");
    }
    assert!(entries("catalog").files.is_empty(), "digests stand in catalog/digests");
}

#[test]
fn the_tables_are_made_from_the_files() {
    let models = tables_made::models(&entries("catalog").models);
    let digests = tables_made::digests(&entries("catalog/digests").files);
    for (name, made) in [("src/table.rs", models), ("src/digest_table.rs", digests)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if std::env::var_os("FOREBEAR_UPDATE").is_some() {
            std::fs::write(path, made).unwrap();
            continue;
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(
            made == committed,
            "{name} is not made from the catalog; run this test with FOREBEAR_UPDATE=1"
        );
    }
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
