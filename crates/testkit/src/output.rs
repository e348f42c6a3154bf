//! What a program wrote, and whether a document keeps the contract that is published for it.

use std::process::Output;

use serde_json::Value;

/// The standard output.
///
/// # Panics
/// If it is no UTF-8.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The standard error.
///
/// # Panics
/// If it is no UTF-8.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The standard output as JSON.
///
/// # Panics
/// If it is none; the message shows the standard error.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

/// Checks a document against `docs/schema/<schema>.schema.json`.
///
/// # Panics
/// If it does not keep the schema; the message names every place.
pub fn validates(schema: &str, document: &Value) {
    let path = crate::workspace().join(format!("docs/schema/{schema}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// Compares a text with `tests/snapshots/<name>`; `FOREBEAR_UPDATE=1` writes it.
///
/// # Panics
/// If they differ.
pub fn is_snapshot(name: &str, actual: &str) {
    let file = crate::workspace().join("tests/snapshots").join(name);
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&file)
        .unwrap_or_else(|cause| panic!("{name}: {cause}; FOREBEAR_UPDATE=1 writes it"));
    assert!(expected == actual, "{name} differs; FOREBEAR_UPDATE=1 rewrites it\n--- actual\n{actual}");
}
