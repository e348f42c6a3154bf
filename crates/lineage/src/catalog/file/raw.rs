//! The tables of a catalog file as they stand there.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

/// Keys and values of a model's own configuration file.
pub(super) type Config = BTreeMap<String, Spanned<Value>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) schema: Spanned<i64>,
    pub(super) family: Option<String>,
    pub(super) developer: Option<String>,
    #[serde(default)]
    pub(super) model: Vec<Spanned<Model>>,
    #[serde(default)]
    pub(super) digests: Vec<Digests>,
    #[serde(default)]
    pub(super) fingerprint: Vec<Fingerprint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
    pub(super) note: Option<String>,
    pub(super) derived_from: Option<Parent>,
    pub(super) released: Option<Release>,
    pub(super) parameters: Option<Parameters>,
    #[serde(default)]
    pub(super) license: Vec<Period>,
    pub(super) config: Option<Config>,
    #[serde(default)]
    pub(super) config_source: Vec<ConfigSource>,
    #[serde(default)]
    pub(super) config_conflict: Vec<Conflict>,
    pub(super) memory: Option<Memory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parent {
    pub(super) id: Spanned<String>,
    pub(super) source: Spanned<String>,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) date: Spanned<String>,
    pub(super) source: Spanned<String>,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    pub(super) total_billion: Option<Spanned<f64>>,
    pub(super) active_billion: Option<Spanned<f64>>,
    pub(super) source: Spanned<String>,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Period {
    pub(super) from: Option<Spanned<String>>,
    pub(super) until: Option<Spanned<String>>,
    pub(super) revision: Option<String>,
    pub(super) weights: Option<Spanned<String>>,
    pub(super) code: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) files: Vec<String>,
    pub(super) use_policy: Option<String>,
    #[serde(default)]
    pub(super) copyright: Vec<String>,
    pub(super) confidence: Confidence,
    pub(super) source: Spanned<String>,
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigSource {
    #[serde(default)]
    pub(super) keys: Vec<String>,
    pub(super) sibling: Option<String>,
    pub(super) source: Spanned<String>,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conflict {
    pub(super) key: Spanned<String>,
    pub(super) value: Spanned<Value>,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    pub(super) license: Option<String>,
    pub(super) released: Option<Spanned<String>>,
    pub(super) config: Option<Config>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Digests {
    pub(super) model: Spanned<String>,
    pub(super) source: Spanned<String>,
    pub(super) confidence: Confidence,
    #[serde(default)]
    pub(super) files: Vec<Digest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Digest {
    pub(super) file: String,
    pub(super) sha256: Spanned<String>,
    pub(super) bytes: u64,
    #[serde(default)]
    pub(super) component: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fingerprint {
    pub(super) model: Spanned<String>,
    pub(super) file: Spanned<String>,
    pub(super) source: Spanned<String>,
    pub(super) confidence: Confidence,
}

/// `memory` is no confidence of a sourced claim: what is known from memory stands under `memory`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Confidence {
    Primary,
    Secondary,
}
