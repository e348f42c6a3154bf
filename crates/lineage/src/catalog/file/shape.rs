//! The canonical fields of a configuration that is kept in a catalog file.

use std::collections::BTreeMap;
use std::ops::Range;

use forebear_types::config::{self, ConfigField};
use toml::{Spanned, Value as Toml};

use super::FileError;
use super::raw::Config;
use crate::catalog::Value;

/// What a configuration says of the language model.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) architectures: Vec<String>,
    pub(super) model_type: Option<String>,
    pub(super) fields: BTreeMap<ConfigField, Value>,
}

impl Shape {
    /// The part is chosen as the reader of `config.json` chooses it: the root if it has a shape, else the nested language model.
    pub(super) fn of(config: &Config) -> Result<Self, FileError> {
        let nested = |key: &&str| {
            let place = config.get(*key)?;
            Some((place.span(), place.get_ref().as_table()?))
        };
        let part = ["text_config", "llm_config", "language_config"]
            .iter()
            .filter_map(nested)
            .find(|(_, table)| is_shaped(table.keys()))
            .filter(|_| !is_shaped(config.keys()));
        let mut shape = Self::default();
        match &part {
            None => {
                for (key, raw) in config {
                    shape.put(key, raw.get_ref(), raw.span())?;
                }
            }
            Some((span, table)) => {
                for (key, raw) in *table {
                    shape.put(key, raw, span.clone())?;
                }
            }
        }
        // As the reader of `config.json` takes the tables of parts: only for what the model itself does not say.
        let table = |name: &str| match &part {
            Some((span, part)) => part.get(name).and_then(Toml::as_table).map(|table| (span.clone(), table)),
            None => config.get(name).and_then(|raw| Some((raw.span(), raw.get_ref().as_table()?))),
        };
        for name in ["attn_config", "ffn_config", "rope_parameters"] {
            let Some((span, nested)) = table(name) else { continue };
            let inner = nested.get("full_attention").and_then(Toml::as_table).unwrap_or(nested);
            let mut found = Self::default();
            for (key, raw) in inner {
                found.put(key, raw, span.clone())?;
            }
            for (field, value) in found.fields {
                shape.fields.entry(field).or_insert(value);
            }
        }
        for name in ["rope_scaling", "rope_parameters"] {
            let Some((span, nested)) = table(name) else { continue };
            let inner = nested.get("full_attention").and_then(Toml::as_table).unwrap_or(nested);
            for (key, raw) in inner {
                shape.put_scaling(key, raw, span.clone())?;
            }
        }
        let outer = |key: &str| config.get(key).map(Spanned::get_ref);
        let inner = |key: &str| part.as_ref().and_then(|(_, table)| table.get(key));
        if let Some(list) = outer("architectures").or_else(|| inner("architectures")).and_then(Toml::as_array)
        {
            shape.architectures = list.iter().filter_map(Toml::as_str).map(str::to_owned).collect();
        }
        let model_type = outer("model_type").or_else(|| inner("model_type"));
        shape.model_type = model_type.and_then(Toml::as_str).map(str::to_owned);
        let multi_query = if part.is_some() { inner("multi_query") } else { outer("multi_query") };
        if multi_query.and_then(Toml::as_bool) == Some(true) {
            shape.fields.entry(ConfigField::KeyValueHeads).or_insert(Value::Integer(1));
        }
        let rotary =
            if part.is_some() { inner(config::ROTARY_DIMENSIONS) } else { outer(config::ROTARY_DIMENSIONS) };
        if let Some(share) = rotary.and_then(Toml::as_integer).and_then(|number| shape.rotary_share(number)) {
            shape.fields.entry(ConfigField::PartialRotaryFactor).or_insert(Value::Real(share));
        }
        Ok(shape)
    }

    fn rotary_share(&self, dimensions: i64) -> Option<f64> {
        let whole = |field| match self.fields.get(&field)? {
            Value::Integer(number) => u64::try_from(*number).ok(),
            _ => None,
        };
        config::rotary_share(
            u64::try_from(dimensions).ok()?,
            whole(ConfigField::HeadDimension),
            whole(ConfigField::HiddenSize),
            whole(ConfigField::AttentionHeads),
        )
    }

    /// A member of `rope_scaling`. The type `default` says that there is none.
    fn put_scaling(&mut self, key: &str, raw: &Toml, span: Range<usize>) -> Result<(), FileError> {
        let key = format!("rope_scaling.{key}");
        match raw.as_str() {
            Some("default") => Ok(()),
            Some(text) => {
                if let Some(field) = ConfigField::from_key(&key) {
                    self.fields.entry(field).or_insert(Value::Text(String::from(text).leak()));
                }
                Ok(())
            }
            None => self.put(&key, raw, span),
        }
    }

    /// A value under the canonical key takes precedence over one under another key of the same meaning.
    fn put(&mut self, key: &str, raw: &Toml, span: Range<usize>) -> Result<(), FileError> {
        let Some(field) = ConfigField::from_key(key) else { return Ok(()) };
        let value = value(key, raw, span.clone())?;
        if field.is_shape() && matches!(value, Value::Integer(number) if number < 0) {
            return Err(FileError::at(span, format!("{key} is negative"), "leave out what is not known"));
        }
        if key == field.key() || !self.fields.contains_key(&field) {
            self.fields.insert(field, value);
        }
        Ok(())
    }
}

fn is_shaped<'a>(keys: impl Iterator<Item = &'a String>) -> bool {
    let fields: Vec<ConfigField> = keys.filter_map(|key| ConfigField::from_key(key)).collect();
    fields.contains(&ConfigField::HiddenSize) && fields.contains(&ConfigField::Layers)
}

/// A value of a canonical field.
pub(super) fn value(key: &str, raw: &Toml, span: Range<usize>) -> Result<Value, FileError> {
    let value = match raw {
        Toml::Integer(number) => Some(Value::Integer(*number)),
        Toml::Float(number) if number.is_finite() => Some(Value::Real(*number)),
        Toml::Boolean(flag) => Some(Value::Flag(*flag)),
        Toml::Array(list) => {
            let numbers: Option<Vec<i64>> = list.iter().map(Toml::as_integer).collect();
            numbers.map(|numbers| Value::Integers(numbers.leak()))
        }
        _ => None,
    };
    value.ok_or_else(|| {
        let message = format!("{key} is neither a number nor a truth value");
        FileError::at(span, message, "write the value as it stands in the model's config.json")
    })
}
