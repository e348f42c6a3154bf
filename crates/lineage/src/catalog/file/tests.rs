use super::*;
use crate::catalog::Value;

const HEAD: &str = "schema = 1\nfamily = \"F\"\ndeveloper = \"D\"\n";

#[test]
fn an_entry_is_read_with_its_sources() {
    let text = format!(
        r#"{HEAD}
[[model]]
id = "a/b"
aliases = ["b"]
derived_from = {{ id = "c/d", source = "s", confidence = "primary" }}

[[model.license]]
from = "2024-05"
weights = "MIT"
confidence = "primary"
source = "s"

[model.config]
architectures = ["X"]
n_embd = 8
num_hidden_layers = 2
num_layers = 3
multi_query = true

[[model.config_source]]
source = "t"
confidence = "secondary"

[[digests]]
model = "a/b"
source = "u"
confidence = "primary"
files = [{{ file = "m.bin", sha256 = "{}", bytes = 3 }}]
"#,
        "ab".repeat(32)
    );
    let entries = parse(&text).unwrap();
    let model = &entries.models[0];
    assert_eq!((model.id, model.derived_from, model.family), ("a/b", Some("c/d"), "F"));
    assert_eq!(model.field(ConfigField::Layers), Some(&Value::Integer(2)));
    assert_eq!(model.field(ConfigField::HiddenSize), Some(&Value::Integer(8)));
    assert_eq!(model.field(ConfigField::KeyValueHeads), Some(&Value::Integer(1)));
    assert_eq!(model.licenses[0].weights, Some("MIT"));
    let claims: Vec<Claim> = model.sources.iter().map(|source| source.claim).collect();
    assert_eq!(claims, [Claim::Parent, Claim::Config]);
    assert_eq!((entries.files[0].model, entries.files[0].bytes), ("a/b", 3));
}

#[test]
fn the_nested_language_model_is_the_model() {
    let text = format!(
        "{HEAD}[[model]]\nid = \"a/b\"\n[model.config]\nmodel_type = \"outer\"\n\
         [model.config.text_config]\nhidden_size = 8\nnum_hidden_layers = 2\n"
    );
    let entries = parse(&text).unwrap();
    assert_eq!(entries.models[0].model_type, Some("outer"));
    assert_eq!(entries.models[0].field(ConfigField::HiddenSize), Some(&Value::Integer(8)));
}

#[test]
fn mistakes_are_errors_that_say_where_and_what_to_do() {
    let id = |body: &str| format!("{HEAD}[[model]]\nid = \"a/b\"\n{body}\n");
    let sourced = |key: &str, body: &str| {
        id(&format!("{key} = {{ {body}, source = \"s\", confidence = \"primary\" }}"))
    };
    let digest = "[[digests]]\nmodel = \"a/b\"\nsource = \"s\"\nconfidence = \"primary\"\n\
                  files = [{ file = \"f\", sha256 = \"zz\", bytes = 1 }]";
    for (text, words, place) in [
        (String::new(), "missing field", ""),
        ("schema = 2\n".to_owned(), "schema 2", "2"),
        ("schema = 1\n[[model]]\nid = \"a/b\"\n".to_owned(), "no `family`", ""),
        (format!("{HEAD}[[model]]\nid = \"local\"\n"), "no model id", "\"local\""),
        (id("licence = 1"), "unknown field", "licence"),
        (id("id = \"c/d\""), "duplicate key", "id"),
        (id("[[model]]\nid = \"A/B\""), "twice", "\"A/B\""),
        (sourced("released", "date = \"2024-13\""), "no date", "\"2024-13\""),
        (sourced("released", "date = 2024-01-01"), "invalid type", ""),
        (id("released = { date = \"2024\", source = \" \", confidence = \"primary\" }"), "is empty", "\" \""),
        (
            id("released = { date = \"2024\", source = \"s\", confidence = \"memory\" }"),
            "unknown variant",
            "\"memory\"",
        ),
        (sourced("derived_from", "id = \"a/B\""), "its own parent", "\"a/B\""),
        (sourced("parameters", "total_billion = -1.0"), "number of parameters", "-1.0"),
        (id("[model.config]\nhidden_size = \"big\""), "neither a number", "\"big\""),
        (id("[model.config]\nhidden_size = -8"), "negative", "-8"),
        (
            id("[[model.license]]\nweights = \"no such\"\nconfidence = \"primary\"\nsource = \"s\""),
            "no licence id",
            "\"no such\"",
        ),
        (id(digest), "no SHA-256", "\"zz\""),
    ] {
        let error = parse(&text).expect_err(&text);
        assert!(error.message.contains(words), "{text}: {error:?}");
        assert!(!error.help.is_empty());
        if !place.is_empty() {
            assert_eq!(&text[error.span.clone().unwrap()], place, "{text}");
        }
    }
}
