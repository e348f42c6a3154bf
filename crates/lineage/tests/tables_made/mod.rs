//! The static tables as Rust text.

use std::fmt::Write as _;

use forebear_lineage::catalog::{KnownFile, Model, Period, Source, Value};
use forebear_types::config::ConfigField;

/// `src/table.rs`.
pub(crate) fn models(models: &[Model]) -> String {
    let mut body = String::new();
    for model in models {
        one(&mut body, model);
    }
    // FNV-1a over the table itself: any change of content is another version.
    let digest = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!(
        "//! Made by `tests/catalog.rs` from `catalog/*.toml`. Do not edit.\n\n\
         use forebear_types::config::ConfigField as F;\n\n\
         use crate::catalog::Value::{{Flag, Integer, Integers, Real, Text}};\n\
         use crate::catalog::{{Claim, Model, Period, Source, Sourcing}};\n\n\
         pub(crate) const VERSION: &str = \"{digest:016x}\";\n\n\
         #[rustfmt::skip]\npub(crate) static MODELS: &[Model] = &[\n{body}];\n\n\
         /// Ids and aliases in lower case, ascending, each with the place of its model; of equal names an id stands first.\n\
         #[rustfmt::skip]\npub(crate) static NAMES: &[(&str, u16)] = &[\n{}];\n",
        names(models)
    )
}

fn names(models: &[Model]) -> String {
    let mut all: Vec<(String, bool, usize)> = Vec::new();
    for (at, model) in models.iter().enumerate() {
        all.push((model.id.to_ascii_lowercase(), false, at));
        all.extend(model.aliases.iter().map(|alias| (alias.to_ascii_lowercase(), true, at)));
    }
    all.sort();
    all.iter().fold(String::new(), |mut text, (name, _, at)| {
        let _ = writeln!(text, "    ({name:?}, {at}),");
        text
    })
}

/// `src/digest_table.rs`.
pub(crate) fn digests(files: &[KnownFile]) -> String {
    let mut sources: Vec<&str> = files.iter().map(|file| file.source).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut text = String::from(
        "//! Made by `tests/catalog.rs` from `catalog/digests/*.toml`. Do not edit.\n\n\
         use forebear_types::Sha256;\n\n\
         use crate::catalog::{KnownFile, Sourcing, hex};\n\n\
         #[rustfmt::skip]\nconst SOURCES: &[&str] = &[\n",
    );
    for source in &sources {
        let _ = writeln!(text, "    {source:?},");
    }
    text.push_str("];\n\n#[rustfmt::skip]\npub(crate) static FILES: &[KnownFile] = &[\n");
    for file in files {
        let source = sources.binary_search(&file.source).expect("the list holds every source");
        let _ = writeln!(
            text,
            "    KnownFile {{ sha256: Sha256(hex(b\"{}\")), model: {:?}, file: {:?}, bytes: {}, component: {}, source: SOURCES[{source}], confidence: Sourcing::{:?} }},",
            file.sha256, file.model, file.file, file.bytes, file.component, file.confidence
        );
    }
    text.push_str("];\n");
    text
}

fn one(out: &mut String, model: &Model) {
    let _ = writeln!(out, "    Model {{");
    let _ = writeln!(
        out,
        "        id: {:?}, family: {:?}, developer: {:?},",
        model.id, model.family, model.developer
    );
    let _ = writeln!(out, "        aliases: &{:?}, note: {:?},", model.aliases, model.note);
    let _ = writeln!(out, "        derived_from: {:?}, released: {:?},", model.derived_from, model.released);
    let _ = writeln!(
        out,
        "        total_billion: {:?}, active_billion: {:?},",
        model.total_billion, model.active_billion
    );
    let _ = writeln!(out, "        licenses: &[");
    model.licenses.iter().for_each(|one| period(out, one));
    let _ = writeln!(out, "        ],");
    let _ = writeln!(
        out,
        "        memory_license: {:?}, architectures: &{:?}, model_type: {:?},",
        model.memory_license, model.architectures, model.model_type
    );
    let _ = writeln!(out, "        config: &[{}],", pairs(model.config));
    let _ = writeln!(out, "        conflicts: &[{}],", pairs(model.conflicts));
    let _ = writeln!(out, "        config_from_memory: {},", model.config_from_memory);
    let _ = writeln!(out, "        sources: &[");
    for Source { claim, keys, sibling, source, confidence } in model.sources {
        let _ = writeln!(
            out,
            "            Source {{ claim: Claim::{claim:?}, keys: &{keys:?}, sibling: {sibling:?}, source: {source:?}, confidence: Sourcing::{confidence:?} }},"
        );
    }
    let _ = writeln!(out, "        ],\n    }},");
}

fn period(out: &mut String, period: &Period) {
    let Period {
        from,
        until,
        revision,
        weights,
        code,
        files,
        use_policy,
        copyright,
        confidence,
        source,
        note,
    } = period;
    let _ = writeln!(
        out,
        "            Period {{ from: {from:?}, until: {until:?}, revision: {revision:?}, weights: {weights:?}, code: {code:?}, files: &{files:?}, use_policy: {use_policy:?}, copyright: &{copyright:?}, confidence: Sourcing::{confidence:?}, source: {source:?}, note: {note:?} }},"
    );
}

fn pairs(fields: &[(ConfigField, Value)]) -> String {
    let pair = |(field, value): &(ConfigField, Value)| match value {
        Value::Integers(numbers) => format!("(F::{field:?}, Integers(&{numbers:?}))"),
        value => format!("(F::{field:?}, {value:?})"),
    };
    fields.iter().map(pair).collect::<Vec<_>>().join(", ")
}
