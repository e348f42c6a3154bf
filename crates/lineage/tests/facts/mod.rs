//! Facts as a reader would give them, made from the catalog.
#![allow(dead_code, reason = "each test uses its own part")]

use std::sync::Arc;

use forebear_lineage::Traced;
use forebear_lineage::catalog::{Catalog, Model, Value};
use forebear_types::config::{ConfigFields, ConfigValue};
use forebear_types::fact::{Fact, FactKind, ModelConfig};
use forebear_types::history::History;
use forebear_types::run::StatedBase;
use forebear_types::{ByteSpan, Located, RepoPath, Snapshot};

pub(crate) static CATALOG: Catalog = Catalog::embedded();

pub(crate) fn located<T>(value: T) -> Located<T> {
    Located { value, line: 1, span: ByteSpan { start: 0, len: 0 } }
}

/// The configuration that the catalog has for a model.
pub(crate) fn config_of(model: &Model) -> ModelConfig {
    let fields: ConfigFields = model
        .config
        .iter()
        .map(|(field, value)| {
            let value = match value {
                Value::Integer(number) => ConfigValue::Integer(*number),
                Value::Real(number) => ConfigValue::Real(format!("{number:?}")),
                Value::Flag(flag) => ConfigValue::Flag(*flag),
                Value::Integers(numbers) => ConfigValue::Integers(numbers.to_vec()),
                Value::Text(text) => ConfigValue::Text((*text).to_owned()),
            };
            (*field, located(value))
        })
        .collect();
    ModelConfig { fields, text: Arc::from(""), ..ModelConfig::default() }
}

pub(crate) fn fact(path: &str, kind: FactKind) -> Fact {
    Fact { path: RepoPath::new(path).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

/// Without a history.
pub(crate) fn trace(catalog: &Catalog, facts: &[Fact], stated: &[StatedBase]) -> Traced {
    forebear_lineage::trace(catalog, facts, &History::default(), stated, &[])
}

pub(crate) fn trace_config(config: ModelConfig) -> Traced {
    trace(&CATALOG, &[fact("config.json", FactKind::ModelConfig(config))], &[])
}
