//! The entry as TOML, in the form of `crates/lineage/catalog/`.

use std::fmt::Write as _;

use forebear_types::config::ConfigValue;
use forebear_types::fact::ModelConfig;
use toml::Value;

use super::draft::{Draft, Origin, Sourced};

/// The text of the file.
pub(super) fn entry(origin: &Origin, draft: &Draft) -> String {
    let id = origin.id.as_str();
    let mut text = String::new();
    let state = match origin.revision() {
        Some((revision, Some(day))) => format!("its repository as of {day}, revision {revision}"),
        Some((revision, None)) => format!("its repository, revision {}", plain(&revision)),
        None => "a copy of its repository without history".to_owned(),
    };
    let _ = writeln!(text, "# {}: written by `forebear models add` from {state}.", plain(id));
    let _ = writeln!(text, "# What is not here is not known. Read it before you rely on it.");
    let _ = writeln!(text, "schema = 1\nfamily = {}", quoted(origin.id.name()));
    let _ = writeln!(text, "developer = {}\n\n[[model]]\nid = {}", quoted(&draft.developer), quoted(id));
    if let Some(Sourced { value, source }) = &draft.parent {
        let _ = writeln!(
            text,
            "derived_from = {{ id = {}, source = {}, confidence = \"primary\" }}",
            quoted(value),
            quoted(source)
        );
    }
    if let (Some((total, active)), Some(config)) = (draft.parameters, &draft.config) {
        // Of a dense model only the embedding is not active: the number would say nothing.
        let mixture = config.value.fields.contains_key(&forebear_types::config::ConfigField::Experts);
        let active = if mixture { format!(" active_billion = {active:?},") } else { String::new() };
        let _ = writeln!(
            text,
            "parameters = {{ total_billion = {total:?},{active} source = {}, confidence = \"primary\" }}",
            quoted(&format!("counted from {}", config.source))
        );
    }
    license(origin, draft, &mut text);
    if let Some(Sourced { value, source }) = &draft.config {
        config(value, &mut text);
        let _ = writeln!(
            text,
            "\n[[model.config_source]]\nsource = {}\nconfidence = \"primary\"",
            quoted(source)
        );
    }
    digests(origin, draft, &mut text);
    text
}

fn license(origin: &Origin, draft: &Draft, text: &mut String) {
    let Some(source) = draft.weights.as_ref().map(|weights| weights.source.clone()).or_else(|| {
        // Without a licence there may still be files and owners to keep.
        (!draft.legal_files.is_empty()).then(|| format!("{}, the legal files", origin.repository()))
    }) else {
        return;
    };
    text.push_str("\n[[model.license]]\n");
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    let revision = origin.revision();
    if let Some((revision, _)) = &revision {
        line("revision", quoted(revision));
    }
    if let Some(weights) = &draft.weights {
        line("weights", quoted(weights.value.as_str()));
    }
    if let Some(code) = &draft.code {
        line("code", quoted(code.as_str()));
    }
    if !draft.legal_files.is_empty() {
        line("files", list(&draft.legal_files));
    }
    if let Some(policy) = &draft.use_policy {
        line("use_policy", quoted(policy));
    }
    if !draft.copyright.is_empty() {
        line("copyright", list(&draft.copyright));
    }
    line("confidence", quoted("primary"));
    line("source", quoted(&source));
    if let Some((_, Some(day))) = revision {
        line("note", quoted(&format!("As of {day}; earlier states were not looked at.")));
    }
}

fn config(config: &ModelConfig, text: &mut String) {
    text.push_str("\n[model.config]\n");
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    if !config.architectures.is_empty() {
        let names: Vec<String> = config.architectures.iter().map(|name| name.value.clone()).collect();
        line("architectures", list(&names));
    }
    if let Some(name) = &config.model_type {
        line("model_type", quoted(&name.value));
    }
    for (field, value) in &config.fields {
        let value = match &value.value {
            ConfigValue::Integer(number) => number.to_string(),
            ConfigValue::Real(number) => match number.parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Float(number).to_string(),
                _ => continue,
            },
            ConfigValue::Flag(flag) => flag.to_string(),
            ConfigValue::Integers(numbers) => {
                format!("[{}]", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
            }
            ConfigValue::Text(_) => continue,
        };
        line(field.key(), value);
    }
    if let Some(scaling) = &config.rope_scaling {
        // A table stands behind the keys of the one that holds it.
        text.push_str("\n[model.config.rope_scaling]\n");
        if let Some(kind) = &scaling.value.kind {
            let _ = writeln!(text, "rope_type = {}", quoted(kind));
        }
        if let Some(factor) = scaling.value.factor.as_ref().and_then(ConfigValue::number) {
            let _ = writeln!(text, "factor = {}", Value::Float(factor));
        }
        if let Some(positions) = scaling.value.original_positions {
            let _ = writeln!(text, "original_max_position_embeddings = {positions}");
        }
    }
}

fn digests(origin: &Origin, draft: &Draft, text: &mut String) {
    if draft.digests.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n[[digests]]\nmodel = {}\nsource = {}\nconfidence = \"primary\"\nfiles = [",
        quoted(origin.id.as_str()),
        quoted(&format!("{}, Git LFS pointers", origin.repository()))
    );
    for (path, pointer) in &draft.digests {
        let _ = writeln!(
            text,
            "  {{ file = {}, sha256 = \"{}\", bytes = {} }},",
            quoted(path),
            pointer.sha256,
            pointer.size
        );
    }
    text.push_str("]\n");
}

/// The words that name a fingerprint file, for the end of the entry.
pub(super) fn fingerprint(origin: &Origin, file: &str) -> String {
    format!(
        "\n[[fingerprint]]\nmodel = {}\nfile = {}\nsource = {}\nconfidence = \"primary\"\n",
        quoted(origin.id.as_str()),
        quoted(file),
        quoted(&format!("{}, the weights in the folder", origin.repository()))
    )
}

/// A text as a basic string of TOML on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Control characters, and marks that a terminal or an editor could obey.
            other if other.is_control() || ('\u{200b}'..='\u{206f}').contains(&other) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

/// For a comment: nothing that could end it, or that a terminal could obey.
fn plain(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_graphic()).collect()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn any_text_reads_back_as_itself() {
        for text in
            ["", "a\"b\\c", "two\nlines\ttab", "\u{1b}[2J\u{7f}\u{85}", "\u{202e}right\u{2028}", "’ é 著作権"]
        {
            let table: toml::Table = toml::from_str(&format!("key = {}", quoted(text))).unwrap();
            assert_eq!(table["key"].as_str(), Some(text));
        }
    }
}
