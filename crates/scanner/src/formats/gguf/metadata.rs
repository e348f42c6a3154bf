//! The keys and values of a header: those that forebear uses, each with its place.

use std::collections::BTreeMap;

use forebear_types::config::ConfigValue;
use forebear_types::fact::ProblemKind;

use super::Header;
use super::cursor::{Cursor, Fault, Scalar, Type};
use super::vocabulary::Vocabulary;

/// Keys that are read. Real files have 20 to 60.
const MOST_KEYS: u64 = 1 << 14;

/// The longest key that is held. The specification allows 65,535 bytes, and no key that is in use has 100.
const LONGEST_KEY: u64 = 512;

/// The longest text that is held, chat templates aside.
const LONGEST_TEXT: u64 = 1 << 14;

/// The longest chat template, and the number of templates, that are held.
const LONGEST_TEMPLATE: u64 = 1 << 20;
const MOST_TEMPLATES: usize = 16;

/// Elements of a list of numbers that are compared: one for each layer.
const LONGEST_LIST: u64 = 4096;

/// Parents that are read.
const MOST_BASES: u32 = 256;

/// Texts of the model itself that a fact holds.
const TEXTS: &[&str] = &[
    "general.architecture",
    "general.author",
    "general.license",
    "general.license.link",
    "general.license.name",
    "general.name",
    "general.quantized_by",
    "general.source.repo_url",
    "general.type",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
];

/// Fields of a parent that a fact holds.
const BASE_TEXTS: &[&str] = &["name", "author", "organization", "version", "repo_url"];

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(ConfigValue),
    Text(String),
    /// Numbers of a list with one entry for each layer: the one that all layers have, zeros aside (a layer without attention
    /// has no heads); `None` where layers differ.
    Each(Option<i64>),
    /// A value that is not held.
    Other(Type),
}

#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// Values and the bytes at which their keys begin.
    values: BTreeMap<String, (u64, Value)>,
    pub(super) vocabulary: Vocabulary,
    /// Names and sources of chat templates, in the order of the file.
    pub(super) templates: Vec<(Option<String>, String)>,
}

impl Metadata {
    /// Reads `count` keys with their values. What was read before a fault is kept.
    pub(super) fn read(
        &mut self,
        count: u64,
        cursor: &mut Cursor<'_>,
        header: &mut Header<'_, '_>,
    ) -> Result<(), Fault> {
        if count > MOST_KEYS {
            return Err(Fault {
                kind: ProblemKind::Oversized,
                ..cursor
                    .fault(format!("the header claims {count} keys, more than the {MOST_KEYS} that are read"))
            });
        }
        for number in 0..count {
            let at = cursor.at;
            let named = |fault: Fault, key: &str| Fault {
                what: format!("key {} of {count}, `{}`: {}", number + 1, shown(key), fault.what),
                ..fault
            };
            let Some(bytes) = cursor.bytes(LONGEST_KEY).map_err(|fault| named(fault, ""))? else {
                header.malformed(at, format!("a key has more than {LONGEST_KEY} bytes: it is passed over"));
                let kind = cursor.value_type()?;
                cursor.skip_value(kind)?;
                continue;
            };
            let key = String::from_utf8_lossy(&bytes).into_owned();
            self.read_value(&key, at, cursor, header).map_err(|fault| named(fault, &key))?;
        }
        Ok(())
    }

    fn read_value(
        &mut self,
        key: &str,
        at: u64,
        cursor: &mut Cursor<'_>,
        header: &mut Header<'_, '_>,
    ) -> Result<(), Fault> {
        let kind = cursor.value_type()?;
        if self.values.contains_key(key) {
            header.malformed(at, format!("the key `{}` is there twice: the first one counts", shown(key)));
            return cursor.skip_value(kind);
        }
        let value = match (kind, kind.size()) {
            (_, Some(_)) => number(cursor.scalar(kind)?).map_or(Value::Other(kind), Value::Number),
            (Type::Text, _) => self.read_text(key, at, cursor, header)?,
            _ => self.read_list(key, at, cursor, header)?,
        };
        self.values.insert(key.to_owned(), (at, value));
        Ok(())
    }

    fn read_text(
        &mut self,
        key: &str,
        at: u64,
        cursor: &mut Cursor<'_>,
        header: &mut Header<'_, '_>,
    ) -> Result<Value, Fault> {
        let template = key
            .strip_prefix("tokenizer.chat_template")
            .filter(|rest| rest.is_empty() || rest.starts_with('.'));
        let longest = match template {
            Some(_) if self.templates.len() < MOST_TEMPLATES => LONGEST_TEMPLATE,
            None if TEXTS.contains(&key) || base_field(key).is_some() => LONGEST_TEXT,
            _ => {
                cursor.skip_value(Type::Text)?;
                return Ok(Value::Other(Type::Text));
            }
        };
        let Some(bytes) = cursor.bytes(longest)? else {
            let what = format!("`{}` has more than the {longest} bytes that are examined", shown(key));
            header.problem(ProblemKind::Oversized, at, what);
            return Ok(Value::Other(Type::Text));
        };
        let text = String::from_utf8(bytes).unwrap_or_else(|fault| {
            header.malformed(at, format!("`{}` is no UTF-8: it is read as far as it is", shown(key)));
            String::from_utf8_lossy(fault.as_bytes()).into_owned()
        });
        Ok(match template {
            Some(rest) => {
                self.templates.push((rest.strip_prefix('.').map(str::to_owned), text));
                Value::Other(Type::Text)
            }
            None => Value::Text(text),
        })
    }

    fn read_list(
        &mut self,
        key: &str,
        at: u64,
        cursor: &mut Cursor<'_>,
        header: &mut Header<'_, '_>,
    ) -> Result<Value, Fault> {
        let unread = match key {
            "tokenizer.ggml.tokens" => self.vocabulary.read_tokens(cursor)?,
            "tokenizer.ggml.token_type" => self.vocabulary.read_types(cursor)?,
            "tokenizer.ggml.merges" => self.vocabulary.read_merges(cursor)?,
            _ => return read_numbers(cursor),
        };
        if let Some((kind, what)) = unread {
            header.problem(kind, at, format!("`{key}`: {what}"));
        }
        Ok(Value::Other(Type::Array))
    }

    /// A text; a value of another type is a problem.
    pub(super) fn text(&self, key: &str, header: &mut Header<'_, '_>) -> Option<String> {
        let (at, value) = self.values.get(key)?;
        match value {
            Value::Text(text) => return Some(text.clone()),
            // Too long: that was said.
            Value::Other(Type::Text) => {}
            other => header.malformed(*at, format!("`{key}` is {}: a text is expected", other.name())),
        }
        None
    }

    /// A number, or what all layers have; a value of another type is a problem.
    pub(super) fn number(&self, key: &str, header: &mut Header<'_, '_>) -> Option<ConfigValue> {
        let (at, value) = self.values.get(key)?;
        match value {
            Value::Number(number) => return Some(number.clone()),
            Value::Each(each) => return each.map(ConfigValue::Integer),
            other => header.malformed(*at, format!("`{key}` is {}: a number is expected", other.name())),
        }
        None
    }

    /// A whole number.
    pub(super) fn integer(&self, key: &str, header: &mut Header<'_, '_>) -> Option<i64> {
        match self.number(key, header)? {
            ConfigValue::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// Rows of an attention head's queries: `attention.key_length`, or the width over the number of heads.
    pub(super) fn head(&self, architecture: &str) -> Option<u64> {
        let count = |key: &str| {
            let (_, value) = self.values.get(&format!("{architecture}.{key}"))?;
            let number = match value {
                Value::Number(ConfigValue::Integer(number)) | Value::Each(Some(number)) => *number,
                _ => return None,
            };
            u64::try_from(number).ok().filter(|number| *number > 0)
        };
        count("attention.key_length").or_else(|| {
            let (width, heads) = (count("embedding_length")?, count("attention.head_count")?);
            (width % heads == 0).then(|| width / heads)
        })
    }

    /// The numbers of the parents that the keys name, in order.
    pub(super) fn bases(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.values.keys().filter_map(|key| Some(base_field(key)?.0)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

impl Value {
    fn name(&self) -> &'static str {
        match self {
            Self::Number(ConfigValue::Flag(_)) => Type::Flag.name(),
            Self::Number(ConfigValue::Real(_)) => Type::Float32.name(),
            Self::Number(_) => Type::Unsigned(8).name(),
            Self::Text(_) => Type::Text.name(),
            Self::Each(_) => Type::Array.name(),
            Self::Other(kind) => kind.name(),
        }
    }
}

/// Number of the parent and name of the field, of keys that are read.
fn base_field(key: &str) -> Option<(u32, &str)> {
    let (number, field) = key.strip_prefix("general.base_model.")?.split_once('.')?;
    let number = number.parse().ok().filter(|number| *number < MOST_BASES)?;
    BASE_TEXTS.contains(&field).then_some((number, field))
}

/// A list: its one number where it has one and is short.
fn read_numbers(cursor: &mut Cursor<'_>) -> Result<Value, Fault> {
    let head = cursor.array_head()?;
    let (kind, count) = head;
    if !matches!(kind, Type::Unsigned(_) | Type::Signed(_)) || count > LONGEST_LIST {
        cursor.skip_elements(head)?;
        return Ok(Value::Other(Type::Array));
    }
    let mut each = None;
    let mut differ = false;
    for _ in 0..count {
        if let Scalar::Integer(number) = cursor.scalar(kind)?
            && number != 0
        {
            differ |= each.is_some_and(|known| known != number);
            each = Some(number);
        }
    }
    Ok(Value::Each(each.filter(|_| !differ).and_then(|number| i64::try_from(number).ok())))
}

/// A number as a configuration has it. Fractions of 32 bits are meant as the shortest decimal that gives them: 1e-6, not
/// 9.999999974752427e-7. `None` for what is no number, and beyond 64 bits.
fn number(scalar: Scalar) -> Option<ConfigValue> {
    let real = match scalar {
        Scalar::Integer(number) => return i64::try_from(number).ok().map(ConfigValue::Integer),
        Scalar::Flag(flag) => return Some(ConfigValue::Flag(flag)),
        Scalar::Float32(number) => format!("{number:?}").parse().ok()?,
        Scalar::Float64(number) => number,
    };
    if !real.is_finite() {
        return None;
    }
    Some(if real.fract() == 0.0 && real.abs() < 9e15 {
        ConfigValue::Integer(real as i64)
    } else {
        ConfigValue::Real(format!("{real:?}"))
    })
}

/// A key for people: keys are made by strangers.
fn shown(key: &str) -> String {
    key.chars().take(80).collect()
}
