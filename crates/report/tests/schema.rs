//! The published schema is that of the output types. `FOREBEAR_UPDATE=1` writes it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test writes its file")]

use std::path::Path;

#[test]
fn the_published_schemas_are_those_of_the_output() {
    use forebear_report::json::v1;
    let report = [("forebear-report-1", v1::schema())];
    for (name, schema) in report
        .into_iter()
        .chain(v1::licenses::schemas())
        .chain(v1::models::schemas())
        .chain(v1::weights::schemas())
    {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schema/{name}.schema.json"));
        let made = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("FOREBEAR_UPDATE").is_some() {
            std::fs::write(path, made).unwrap();
            continue;
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            made == published,
            "the published schema {name} differs; run this test with FOREBEAR_UPDATE=1 and note the change"
        );
    }
}

/// The schema refuses what is not a report: it has required fields and allows no others.
#[test]
fn the_schema_refuses_other_documents() {
    let schema = forebear_report::json::v1::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for text in ["{}", "[]", "{\"schema_version\": 1}", "{\"schema_version\": 1, \"extra\": true}"] {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(!validator.is_valid(&document), "{text}");
    }
}
