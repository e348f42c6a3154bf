//! The catalog of vocabularies and chat templates is sound, and the table is made from it. `FOREBEAR_UPDATE=1` writes the table.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads the catalog and writes the table"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use forebear_lineage::catalog::Catalog;
use toml::{Table, Value};

const KEYS: &[&str] = &[
    "schema", "title", "note", "models", "ggml_pre", "special", "merges", "sketch", "file", "control",
    "source",
];

/// Tables of a vocabulary, and the keys that each has; all but `note` must be there.
const INNER_KEYS: &[(&str, &[&str])] = &[
    ("merges", &["count", "first"]),
    ("sketch", &["tokens", "source", "sample"]),
    ("file", &["name", "sha256", "models", "source"]),
    ("control", &["note", "tokens", "models", "source"]),
    ("source", &["models", "source"]),
];

const TEMPLATE_KEYS: &[&str] = &["title", "sha256", "rare_marks", "models", "source", "note"];

/// Models that are known to ship a vocabulary or template and that the catalog of models does not describe.
const NOT_IN_THE_CATALOG: &[&str] = &[
    "BAAI/AquilaChat",
    "ByteDance-Seed/Seed-OSS-36B-Instruct",
    "CohereLabs/c4ai-command-r-plus",
    "CohereLabs/c4ai-command-r7b-12-2024",
    "decapoda-research/llama-7b-hf",
    "nomic-ai/nomic-embed-text-v2-moe",
    "smallcloudai/Refact-1_6-base",
    "swiss-ai/Apertus-8B-Instruct-2509",
    "upstage/Solar-Open-100B",
];

/// Entries of a sample: [`forebear_types::fact::TokenSketch::SAMPLE`].
const SAMPLE: usize = forebear_types::fact::TokenSketch::SAMPLE;

fn catalog() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog")
}

fn parse(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The vocabularies by the names of their files.
fn vocabularies() -> BTreeMap<String, Table> {
    let files = std::fs::read_dir(catalog().join("tokenizers")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), parse(&path))).collect()
}

fn templates() -> Vec<Table> {
    let table = parse(&catalog().join("templates.toml"));
    assert_eq!(table["schema"].as_integer(), Some(1));
    tables(&table, "template").into_iter().cloned().collect()
}

fn tables<'a>(table: &'a Table, key: &str) -> Vec<&'a Table> {
    match table.get(key) {
        Some(Value::Table(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().map(|one| one.as_table().unwrap()).collect(),
        Some(other) => panic!("{key} is {other}"),
        None => Vec::new(),
    }
}

fn texts<'a>(table: &'a Table, key: &str) -> Vec<&'a str> {
    let list = table.get(key).and_then(Value::as_array);
    list.into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

/// Hashes and ids of a sketch, as the file has them.
fn sample(vocabulary: &Table) -> Vec<(u64, u32)> {
    let Some(sketch) = vocabulary.get("sketch") else { return Vec::new() };
    let entry = |entry: &str| {
        let (hash, id) = entry.split_once(':').unwrap();
        assert_eq!(hash.len(), 12, "{entry}");
        (u64::from_str_radix(hash, 16).unwrap(), id.parse().unwrap())
    };
    sketch["sample"].as_str().unwrap().split_whitespace().map(entry).collect()
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[test]
fn no_key_is_unknown_and_none_is_missing() {
    for (file, vocabulary) in vocabularies() {
        assert_eq!(vocabulary["schema"].as_integer(), Some(1), "{file}");
        for key in vocabulary.keys() {
            assert!(KEYS.contains(&key.as_str()), "{file}: {key}");
        }
        for (name, known) in INNER_KEYS {
            for inner in tables(&vocabulary, name) {
                let keys: BTreeSet<&str> =
                    inner.keys().map(String::as_str).filter(|key| *key != "note").collect();
                let known = known.iter().copied().filter(|key| *key != "note");
                assert_eq!(keys, known.collect(), "{file}: {name}");
            }
        }
        assert!(
            vocabulary.contains_key("sketch") || vocabulary.contains_key("merges"),
            "{file}: nothing to go by"
        );
    }
    for template in templates() {
        for key in template.keys() {
            assert!(TEMPLATE_KEYS.contains(&key.as_str()), "{}: {key}", template["title"]);
        }
        assert!(!texts(&template, "source").is_empty() && !texts(&template, "sha256").is_empty());
    }
}

#[test]
fn every_model_is_known_and_has_a_source() {
    let catalog = Catalog::embedded();
    let mut outside = BTreeSet::new();
    let mut check = |id: &str| {
        if catalog.find(id).is_none_or(|model| model.id != id) {
            outside.insert(id.to_owned());
        }
    };
    for (file, vocabulary) in vocabularies() {
        let models = texts(&vocabulary, "models");
        assert!(!models.is_empty() && models.is_sorted(), "{file}: models");
        models.iter().for_each(|id| check(id));
        let sourced: BTreeSet<&str> =
            tables(&vocabulary, "source").into_iter().flat_map(|source| texts(source, "models")).collect();
        assert_eq!(sourced, models.iter().copied().collect(), "{file}: every model once, each with a source");
        for known in tables(&vocabulary, "file") {
            for model in texts(known, "models") {
                assert!(models.contains(&model), "{file}: {model} ships a file and not the vocabulary");
            }
        }
    }
    for (file, vocabulary) in vocabularies() {
        for control in tables(&vocabulary, "control") {
            let (tokens, models) = (texts(control, "tokens"), texts(control, "models"));
            assert!(!tokens.is_empty() && !models.is_empty() && models.is_sorted(), "{file}: control");
            assert!(!texts(control, "source").is_empty(), "{file}: control without a source");
            models.iter().for_each(|id| check(id));
        }
    }
    for template in templates() {
        let models = texts(&template, "models");
        assert!(!models.is_empty() && models.is_sorted(), "{}", template["title"]);
        models.iter().for_each(|id| check(id));
    }
    let known: BTreeSet<String> = NOT_IN_THE_CATALOG.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(outside, known, "describe the model in the catalog, or list it");
}

#[test]
fn digests_and_samples_are_possible() {
    let mut digests = BTreeSet::new();
    let mut titles = BTreeSet::new();
    for (file, vocabulary) in vocabularies() {
        assert!(titles.insert(vocabulary["title"].as_str().unwrap().to_owned()), "{file}: title");
        for known in tables(&vocabulary, "file") {
            let digest = known["sha256"].as_str().unwrap();
            assert!(is_digest(digest) && digests.insert(digest.to_owned()), "{file}: {digest}");
        }
        for merges in tables(&vocabulary, "merges") {
            assert!(is_digest(merges["first"].as_str().unwrap()), "{file}");
            assert!(merges["count"].as_integer().unwrap() > 50, "{file}");
        }
        if let Some(sketch) = vocabulary.get("sketch") {
            let sample = sample(&vocabulary);
            let tokens = sketch["tokens"].as_integer().unwrap();
            assert_eq!(sample.len(), SAMPLE, "{file}");
            assert!(sample.is_sorted_by(|one, two| one.0 < two.0), "{file}: hashes in order, each once");
            // The largest of 96 smallest hashes of n tokens lies near 96/n of the range.
            let expected = (1_u64 << 48) as f64 * SAMPLE as f64 / tokens as f64;
            let reach = sample[SAMPLE - 1].0 as f64 / expected;
            assert!(
                (0.6..1.6).contains(&reach),
                "{file}: {tokens} tokens do not fit the sample ({reach:.2})"
            );
            let largest = sample.iter().map(|(_, id)| *id).max().unwrap();
            assert!(i64::from(largest) < tokens + tokens / 8 + 2000, "{file}: an id of {largest}");
        }
    }
    for template in templates() {
        for digest in texts(&template, "sha256") {
            assert!(
                is_digest(digest) && digests.insert(digest.to_owned()),
                "{}: {digest}",
                template["title"]
            );
        }
    }
}

#[test]
fn the_table_is_made_from_the_files() {
    let made = generate();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tokenizer_table.rs");
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(path, made).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        made == committed,
        "src/tokenizer_table.rs is not made from catalog/; run this test with FOREBEAR_UPDATE=1"
    );
}

fn generate() -> String {
    let mut text = String::from(
        "//! Made by `tests/tokenizers.rs` from `catalog/tokenizers/*.toml` and `catalog/templates.toml`. Do not edit.\n\n\
         use crate::vocabularies::{Controls, KnownFile, Template, Vocabulary};\n\n\
         #[rustfmt::skip]\npub(crate) static VOCABULARIES: &[Vocabulary] = &[\n",
    );
    for vocabulary in vocabularies().values() {
        one(&mut text, vocabulary);
    }
    text.push_str("];\n\n#[rustfmt::skip]\npub(crate) static TEMPLATES: &[Template] = &[\n");
    for template in templates() {
        let _ = writeln!(
            text,
            "    Template {{\n        title: {:?},\n        digests: &{:?},\n        rare_marks: &{:?},\n        models: &{:?},\n    }},",
            template["title"].as_str().unwrap(),
            texts(&template, "sha256"),
            texts(&template, "rare_marks"),
            texts(&template, "models")
        );
    }
    text.push_str("];\n");
    text
}

fn one(out: &mut String, vocabulary: &Table) {
    let tokens = vocabulary.get("sketch").map(|sketch| sketch["tokens"].as_integer().unwrap());
    let merges: Vec<(i64, &str)> = tables(vocabulary, "merges")
        .into_iter()
        .map(|merges| (merges["count"].as_integer().unwrap(), merges["first"].as_str().unwrap()))
        .collect();
    let _ = writeln!(out, "    Vocabulary {{");
    let _ = writeln!(out, "        title: {:?}, tokens: {tokens:?},", vocabulary["title"].as_str().unwrap());
    let _ = writeln!(out, "        merges: &{merges:?},");
    let _ = writeln!(out, "        sample: &[");
    for line in sample(vocabulary).chunks(8) {
        let entries: Vec<String> = line.iter().map(|(hash, id)| format!("(0x{hash:012x}, {id})")).collect();
        let _ = writeln!(out, "            {},", entries.join(", "));
    }
    let _ = writeln!(out, "        ],");
    let _ = writeln!(out, "        models: &{:?},", texts(vocabulary, "models"));
    let _ = writeln!(out, "        special: &{:?},", texts(vocabulary, "special"));
    let _ = writeln!(out, "        files: &[");
    for file in tables(vocabulary, "file") {
        let _ = writeln!(
            out,
            "            KnownFile {{ sha256: {:?}, name: {:?}, models: &{:?} }},",
            file["sha256"].as_str().unwrap(),
            file["name"].as_str().unwrap(),
            texts(file, "models")
        );
    }
    let _ = writeln!(out, "        ],\n        controls: &[");
    for control in tables(vocabulary, "control") {
        let (tokens, models) = (texts(control, "tokens"), texts(control, "models"));
        let _ = writeln!(out, "            Controls {{ tokens: &{tokens:?}, models: &{models:?} }},");
    }
    let _ = writeln!(out, "        ],\n    }},");
}
