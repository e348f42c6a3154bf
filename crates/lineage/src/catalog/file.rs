//! Entries of the catalog from their TOML form: those in `catalog/`, from which the tables are made, and a user's own.
//!
//! The format is described in `catalog/README.md`. Nothing is guessed: a key that is not known, a value of the wrong type, a
//! date that is none are errors with the place, because a fact that was misread could accuse somebody.

use std::collections::BTreeMap;
use std::ops::Range;

use forebear_types::Sha256;
use forebear_types::config::ConfigField;
use toml::Spanned;

use super::{Claim, KnownFile, Model, Period, Source, Sourcing};
use raw::Confidence;
use shape::{Shape, value};

mod raw;
mod shape;

/// What a file holds. Texts stay in memory until the program ends, as [`super::Catalog::with`] says.
#[derive(Debug, Default)]
pub struct Entries {
    /// The models, in the order of the file.
    pub models: Vec<Model>,
    /// Digests of weight files.
    pub files: Vec<KnownFile>,
    /// Fingerprints of weights.
    pub fingerprints: Vec<NamedFingerprint>,
}

/// A fingerprint file that a catalog file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFingerprint {
    /// The model whose weights it is of.
    pub model: &'static str,
    /// The file, relative to the catalog file.
    pub file: String,
    /// From which weights it was made.
    pub source: &'static str,
    /// How good that source is.
    pub confidence: Sourcing,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The place, in bytes of the text.
    pub span: Option<Range<usize>>,
}

impl FileError {
    fn at(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), span: Some(span) }
    }
}

/// Reads one file.
///
/// # Errors
/// The first thing that is not as `catalog/README.md` says.
pub fn parse(text: &str) -> Result<Entries, FileError> {
    let raw: raw::File = toml::from_str(text).map_err(|error| FileError {
        message: error.message().to_owned(),
        help: "crates/lineage/catalog/README.md lists the keys; `forebear models add DIR` writes an entry"
            .to_owned(),
        span: error.span(),
    })?;
    if *raw.schema.get_ref() != 1 {
        let message = format!("the file is of schema {}", raw.schema.get_ref());
        return Err(FileError::at(raw.schema.span(), message, "this version reads `schema = 1`"));
    }
    let mut entries = Entries::default();
    let mut names = BTreeMap::new();
    for model in raw.model {
        let span = model.span();
        let head = |value: &Option<String>, key: &str| match value {
            Some(value) if !value.is_empty() => Ok(leak(value.clone())),
            _ => Err(FileError::at(
                span.clone(),
                format!("the file has models and no `{key}`"),
                format!("write `{key} = \"…\"` above the first model"),
            )),
        };
        let (family, developer) = (head(&raw.family, "family")?, head(&raw.developer, "developer")?);
        let model = model.into_inner();
        for name in std::iter::once(&model.id).chain(&model.aliases) {
            let id = model.id.span();
            if *names.entry(name.get_ref().to_ascii_lowercase()).or_insert(id.clone()) != id {
                let message = format!("{} stands twice in this file", name.get_ref());
                return Err(FileError::at(name.span(), message, "leave one of the two"));
            }
        }
        entries.models.push(one(model, family, developer)?);
    }
    for digests in raw.digests {
        files(digests, &mut entries.files)?;
    }
    for print in raw.fingerprint {
        check_id(&print.model)?;
        if print.file.get_ref().trim().is_empty() {
            let help = "name the file that `forebear fingerprint` wrote, relative to this one";
            return Err(FileError::at(print.file.span(), "the fingerprint has no file", help));
        }
        entries.fingerprints.push(NamedFingerprint {
            model: leak(print.model.into_inner()),
            file: print.file.into_inner(),
            source: cited(print.source)?,
            confidence: print.confidence.into(),
        });
    }
    Ok(entries)
}

fn one(raw: raw::Model, family: &'static str, developer: &'static str) -> Result<Model, FileError> {
    check_id(&raw.id)?;
    let id = leak(raw.id.into_inner());
    let mut sources = Vec::new();
    let mut cite = |claim, source, confidence: Confidence| {
        let source = cited(source)?;
        sources.push(Source { claim, keys: &[], sibling: None, source, confidence: confidence.into() });
        Ok::<(), FileError>(())
    };
    let mut derived_from = None;
    if let Some(parent) = raw.derived_from {
        check_id(&parent.id)?;
        if parent.id.get_ref().eq_ignore_ascii_case(id) {
            let help = "leave `derived_from` out where no parent is known";
            return Err(FileError::at(parent.id.span(), format!("{id} is its own parent"), help));
        }
        derived_from = Some(leak(parent.id.into_inner()));
        cite(Claim::Parent, parent.source, parent.confidence)?;
    }
    let mut released = None;
    if let Some(release) = raw.released {
        released = Some(date(release.date)?);
        cite(Claim::Release, release.source, release.confidence)?;
    }
    let (mut total_billion, mut active_billion) = (None, None);
    if let Some(parameters) = raw.parameters {
        total_billion = parameters.total_billion.map(billions).transpose()?;
        active_billion = parameters.active_billion.map(billions).transpose()?;
        cite(Claim::Parameters, parameters.source, parameters.confidence)?;
    }
    for source in raw.config_source {
        sources.push(Source {
            claim: Claim::Config,
            keys: texts(source.keys),
            sibling: source.sibling.map(leak),
            source: cited(source.source)?,
            confidence: source.confidence.into(),
        });
    }
    let mut conflicts = Vec::new();
    for conflict in raw.config_conflict {
        let key = conflict.key.into_inner();
        if let Some(field) = ConfigField::from_key(&key) {
            conflicts.push((field, value(&key, conflict.value.get_ref(), conflict.value.span())?));
        }
        sources.push(Source {
            claim: Claim::ConfigConflict,
            keys: texts(vec![key]),
            sibling: None,
            source: cited(conflict.source)?,
            confidence: Sourcing::Secondary,
        });
    }
    let (mut memory_license, mut remembered) = (None, None);
    if let Some(memory) = raw.memory {
        memory_license = memory.license.map(leak);
        memory.released.map(date).transpose()?;
        remembered = memory.config.filter(|config| !config.is_empty());
    }
    let sourced = raw.config.filter(|config| !config.is_empty());
    let config_from_memory = sourced.is_none() && remembered.is_some();
    let shape = Shape::of(&sourced.or(remembered).unwrap_or_default())?;
    let aliases = raw.aliases.into_iter().map(Spanned::into_inner).collect();
    let licenses: Vec<Period> = raw.license.into_iter().map(period).collect::<Result<_, _>>()?;
    Ok(Model {
        id,
        aliases: texts(aliases),
        note: raw.note.map(leak),
        family,
        developer,
        derived_from,
        released,
        total_billion,
        active_billion,
        licenses: licenses.leak(),
        memory_license,
        architectures: texts(shape.architectures),
        model_type: shape.model_type.map(leak),
        config: shape.fields.into_iter().collect::<Vec<_>>().leak(),
        conflicts: conflicts.leak(),
        config_from_memory,
        sources: sources.leak(),
    })
}

fn period(raw: raw::Period) -> Result<Period, FileError> {
    for license in raw.weights.iter().chain(&raw.code) {
        let text = license.get_ref();
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || "-.+".contains(c)) {
            let help = "write an SPDX identifier (MIT, Apache-2.0) or a LicenseRef-…";
            return Err(FileError::at(license.span(), format!("`{text}` is no licence id"), help));
        }
    }
    Ok(Period {
        from: raw.from.map(date).transpose()?,
        until: raw.until.map(date).transpose()?,
        revision: raw.revision.map(leak),
        weights: raw.weights.map(|id| leak(id.into_inner())),
        code: raw.code.map(|id| leak(id.into_inner())),
        files: texts(raw.files),
        use_policy: raw.use_policy.map(leak),
        copyright: texts(raw.copyright),
        confidence: raw.confidence.into(),
        source: cited(raw.source)?,
        note: raw.note.map(leak),
    })
}

fn files(raw: raw::Digests, into: &mut Vec<KnownFile>) -> Result<(), FileError> {
    check_id(&raw.model)?;
    let model = leak(raw.model.into_inner());
    let (source, confidence) = (cited(raw.source)?, raw.confidence.into());
    for file in raw.files {
        let Some(sha256) = Sha256::from_hex(file.sha256.get_ref()) else {
            let message = format!("`{}` is no SHA-256", file.sha256.get_ref());
            return Err(FileError::at(file.sha256.span(), message, "write its 64 hexadecimal digits"));
        };
        let (bytes, component) = (file.bytes, file.component);
        into.push(KnownFile { sha256, model, file: leak(file.file), bytes, component, source, confidence });
    }
    Ok(())
}

impl From<Confidence> for Sourcing {
    fn from(confidence: Confidence) -> Self {
        match confidence {
            Confidence::Primary => Self::Primary,
            Confidence::Secondary => Self::Secondary,
        }
    }
}

fn check_id(id: &Spanned<String>) -> Result<(), FileError> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if id.get_ref().split_once('/').is_some_and(|(one, two)| part(one) && part(two)) {
        return Ok(());
    }
    let message = format!("`{}` is no model id", id.get_ref());
    Err(FileError::at(id.span(), message, "write organisation/name, as on the Hub"))
}

fn date(text: Spanned<String>) -> Result<&'static str, FileError> {
    if is_date(text.get_ref()) {
        return Ok(leak(text.into_inner()));
    }
    let message = format!("`{}` is no date", text.get_ref());
    Err(FileError::at(text.span(), message, "write a day, a month or a year: 2024-12-26, 2024-12, 2024"))
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

fn billions(number: Spanned<f64>) -> Result<f64, FileError> {
    let value = *number.get_ref();
    if value.is_finite() && value > 0.0 {
        return Ok(value);
    }
    let message = format!("{value} is no number of parameters");
    Err(FileError::at(number.span(), message, "write it in billions: 6.7"))
}

fn cited(source: Spanned<String>) -> Result<&'static str, FileError> {
    if source.get_ref().trim().is_empty() {
        let help = "say where the fact stands, as crates/lineage/catalog/README.md shows under Sources";
        return Err(FileError::at(source.span(), "the source is empty", help));
    }
    Ok(leak(source.into_inner()))
}

fn texts(list: Vec<String>) -> &'static [&'static str] {
    list.into_iter().map(leak).collect::<Vec<_>>().leak()
}

fn leak(text: String) -> &'static str {
    text.leak()
}

#[cfg(test)]
mod tests;
