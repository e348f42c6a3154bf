//! Bills of materials in CycloneDX: as expected, whole within themselves, and nothing in them invented.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use std::collections::BTreeSet;

use forebear_report::cyclonedx::{self, Version};
use forebear_types::finding::Severity;
use forebear_types::lineage::Strength;
use forebear_types::obligation::Answer;
use forebear_types::run::{DeclaredLicense, Run};
use serde_json::{Value, json};

fn render(run: &Run, version: Version) -> String {
    let mut bytes = Vec::new();
    cyclonedx::write(run, version, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn value(run: &Run, version: Version) -> Value {
    serde_json::from_str(&render(run, version)).unwrap()
}

/// Every value of a key, anywhere in the document.
fn values<'a>(document: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match document {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == key {
                    found.push(value);
                }
                values(value, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, key, found)),
        _ => {}
    }
}

fn every<'a>(document: &'a Value, key: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    values(document, key, &mut found);
    found
}

fn property<'a>(of: &'a Value, name: &str) -> Vec<&'a str> {
    let list = of["properties"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter(|one| one["name"] == name).map(|one| one["value"].as_str().unwrap()).collect()
}

#[test]
fn documents_are_as_expected() {
    for (name, run) in
        stories::all().into_iter().filter(|(name, _)| ["violation", "clean", "adapter"].contains(name))
    {
        stories::compare(&format!("tests/snapshots/{name}.cdx.json"), &render(&run, Version::V1_7));
    }
    stories::compare("tests/snapshots/adapter-1.6.cdx.json", &render(&stories::adapter(), Version::V1_6));
}

#[test]
fn names_are_unique_and_every_reference_leads_somewhere() {
    for (name, run) in stories::all() {
        for version in [Version::V1_6, Version::V1_7] {
            let document = value(&run, version);
            let refs: Vec<&str> =
                every(&document, "bom-ref").into_iter().map(|one| one.as_str().unwrap()).collect();
            let known: BTreeSet<&str> = refs.iter().copied().collect();
            assert_eq!(known.len(), refs.len(), "{name}: a name is used twice");
            let single = ["ref", "attributedTo"];
            let lists = ["dependsOn", "subjects", "assemblies"];
            let mut used: Vec<&Value> = single.iter().flat_map(|key| every(&document, key)).collect();
            used.extend(
                lists.iter().flat_map(|key| every(&document, key)).flat_map(|list| list.as_array().unwrap()),
            );
            assert!(used.len() >= 2, "{name}: only {} references", used.len());
            for one in used {
                assert!(known.contains(one.as_str().unwrap()), "{name}: {one} leads nowhere");
            }
            for pointer in every(&document, "pointers").into_iter().flat_map(|list| list.as_array().unwrap())
            {
                assert!(document.pointer(pointer.as_str().unwrap()).is_some(), "{name}: {pointer}");
            }
        }
    }
}

#[test]
fn the_serial_number_follows_from_the_content() {
    let serial = |run: &Run, version| value(run, version)["serialNumber"].as_str().unwrap().to_owned();
    let run = stories::violation();
    assert_eq!(render(&run, Version::V1_7), render(&run, Version::V1_7), "two writings differ");
    assert_ne!(serial(&run, Version::V1_7), serial(&run, Version::V1_6));
    let mut other = run.clone();
    other.findings[0].severity = Severity::Warning;
    assert_ne!(serial(&run, Version::V1_7), serial(&other, Version::V1_7));
}

#[test]
fn only_certain_lineage_is_an_ancestor() {
    let lists = |run: &Run| -> (usize, usize) {
        let pedigree = value(run, Version::V1_7)["metadata"]["component"]["pedigree"].clone();
        let count = |key: &str| pedigree[key].as_array().map_or(0, Vec::len);
        (count("ancestors"), count("variants"))
    };
    let mut run = stories::clean();
    assert_eq!(lists(&run), (1, 0), "declared");
    run.lineage.hops[0].strength = Strength::Structural;
    assert_eq!(lists(&run), (1, 0), "structural and unique");
    run.lineage.hops[0].unique = false;
    assert_eq!(lists(&run), (0, 1), "structural, and others have the shape");
    run.lineage.hops[0].strength = Strength::Circumstantial;
    run.lineage.hops[0].unique = true;
    assert_eq!(lists(&run), (0, 1), "a hint");
    assert_eq!(lists(&stories::violation()), (0, 2), "a candidate set");
}

#[test]
fn an_ancestor_of_an_ancestor_stands_with_it() {
    let document = value(&stories::family(), Version::V1_7);
    let main = &document["metadata"]["component"]["pedigree"];
    let names: Vec<&str> =
        main["ancestors"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["DeepSeek-R1-Distill-Llama-70B", "Qwen2.5-72B-Instruct"]);
    let of_distill = &main["ancestors"][0]["pedigree"]["ancestors"];
    assert_eq!(of_distill[0]["name"], "Llama-3.3-70B-Instruct");
    assert_eq!(main["variants"].as_array().unwrap().len(), 11);
    let draft = &document["components"][0];
    assert_eq!((&draft["name"], &draft["bom-ref"]), (&json!("example/model/draft"), &json!("model:draft")));
    assert_eq!(draft["pedigree"]["variants"][0]["name"], "Qwen2.5-0.5B");
    // A circle, which only a wrong catalog can make, ends.
    let mut circle = stories::family();
    circle.lineage.hops[0].child = Some("meta-llama/Llama-3.3-70B-Instruct".into());
    let document = value(&circle, Version::V1_7);
    let components = every(&document, "name");
    assert!(components.iter().any(|name| **name == json!("DeepSeek-R1-Distill-Llama-70B")));
}

#[test]
fn declared_and_concluded_licences_are_told_apart() {
    let licenses = |run: &Run, version| value(run, version)["metadata"]["component"]["licenses"].clone();
    let mut run = stories::clean();
    run.declared.licenses[0] =
        DeclaredLicense { written: "apache-2.0".into(), expression: Some("Apache-2.0".into()) };
    let told = licenses(&run, Version::V1_6);
    assert_eq!(told[0], json!({"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}));
    assert_eq!(told[1]["license"]["id"], "MIT");
    assert_eq!(told[1]["license"]["acknowledgement"], "concluded");
    let because: Vec<&str> = property(&told[1]["license"], "forebear:because");
    assert_eq!(
        because,
        ["its whole text is in LICENSE:3-21", "the base, deepseek-ai/DeepSeek-V3-0324, is under it"]
    );
    // Two licences apply: one expression where the version takes it beside others.
    run.base_licenses[0].license = "LicenseRef-deepseek-model-1.0".into();
    assert_eq!(licenses(&run, Version::V1_7)[1]["expression"], "LicenseRef-deepseek-model-1.0 AND MIT");
    let split = licenses(&run, Version::V1_6);
    assert_eq!(split[1]["license"]["name"], "LicenseRef-deepseek-model-1.0");
    assert_eq!(split[2]["license"]["id"], "MIT");
    // A choice stands as it is, unless another licence stands beside it.
    run.declared.licenses[0].expression = Some("MIT OR Apache-2.0".into());
    assert_eq!(licenses(&run, Version::V1_7)[0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(licenses(&run, Version::V1_6)[0]["license"]["name"], "MIT OR Apache-2.0");
    run.base_licenses.clear();
    run.facts.clear();
    assert_eq!(
        licenses(&run, Version::V1_6),
        json!([{"expression": "MIT OR Apache-2.0", "acknowledgement": "declared"}])
    );
}

#[test]
fn what_could_not_be_told_is_left_out() {
    let mut run = stories::empty();
    run.declared.license = Some("unknown".into());
    run.declared.licenses = vec![DeclaredLicense { written: "unknown".into(), expression: None }];
    for version in [Version::V1_6, Version::V1_7] {
        let component = value(&run, version)["metadata"]["component"].clone();
        let fields: Vec<&String> = component.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["bom-ref", "group", "name", "type"], "{version:?}");
    }
    // A base that is only one of several possible ones leaves the licence open.
    let mut run = stories::violation();
    run.base_licenses[1].license = "LicenseRef-deepseek-model-1.0".into();
    let licenses = value(&run, Version::V1_7)["metadata"]["component"]["licenses"].clone();
    assert_eq!(licenses.as_array().unwrap().len(), 1, "{licenses}");
    // An altered text is not the licence.
    let mut run = stories::clean();
    run.base_licenses.clear();
    let change = forebear_types::license::MatchStatus::Altered { changes: Vec::new() };
    if let forebear_types::fact::FactKind::LegalFile(file) = &mut run.facts[0].kind {
        file.recognition.licenses[0].status = change;
    }
    let component = value(&run, Version::V1_7)["metadata"]["component"].clone();
    assert_eq!(component["licenses"].as_array().unwrap().len(), 1, "declared only");
    assert_eq!(property(&component["evidence"]["licenses"][0]["license"], "forebear:status"), ["altered"]);
}

#[test]
fn findings_and_duties_are_all_there() {
    let document = value(&stories::violation(), Version::V1_7);
    let texts: Vec<&str> =
        document["annotations"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    let kinds: Vec<&str> = texts.iter().map(|text| text.split(']').next().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "violation [license-removed-in-history",
            "violation [base-undeclared",
            "could not tell [missing-upstream-copyright",
            "warning [license-added-late",
        ]
    );
    assert!(texts[3].contains("\nWaived: pushed late\n"), "{}", texts[3]);
    let duties = property(&document["metadata"]["component"], "forebear:obligation");
    assert_eq!(duties.len(), 2);
    assert!(
        duties[0].starts_with("unmet: MIT, permission notice: include the text of the licence, owed to ")
    );
    let mut met = stories::clean();
    met.obligations.truncate(1);
    assert_eq!(met.obligations[0].answer, Answer::Met);
    let duties = value(&met, Version::V1_7);
    let duties = property(&duties["metadata"]["component"], "forebear:obligation").join("\n");
    assert!(duties.ends_with("; met by LICENSE:3-21"), "{duties}");
    let not_examined = property(&document["metadata"], "forebear:not-examined").join("\n");
    assert_eq!(not_examined, "docs/terms.pdf: the format PDF is not examined; read it yourself");
}

#[test]
fn an_adapter_needs_its_base() {
    let document = value(&stories::adapter(), Version::V1_7);
    let needs = |of: &str| {
        let list = document["dependencies"].as_array().unwrap();
        list.iter().find(|one| one["ref"] == of).unwrap()["dependsOn"].clone()
    };
    assert_eq!(needs("model:lora"), json!(["ancestor:meta-llama/Llama-3.1-8B"]));
    assert_eq!(needs("ancestor:meta-llama/Llama-3.1-8B"), json!([]));
    let base = &document["components"][0]["pedigree"]["ancestors"][0];
    assert_eq!(
        base["purl"],
        "pkg:huggingface/meta-llama/Llama-3.1-8B@d04e592bb4f6aa9cfee91e2e20afa771667e1d4b"
    );
}

#[test]
fn what_a_stranger_wrote_stays_a_value() {
    let text = render(&stories::hostile(), Version::V1_7);
    for forbidden in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'] {
        assert!(!text.contains(forbidden), "{forbidden:?} is in the file");
    }
    let document = value(&stories::hostile(), Version::V1_7);
    assert_eq!(document["bomFormat"], "CycloneDX");
    for address in every(&document, "url").into_iter().chain(every(&document, "purl")) {
        let address = address.as_str().unwrap();
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address:?}");
    }
    for id in every(&document, "id").into_iter().chain(every(&document, "expression")) {
        assert!(!id.as_str().unwrap().contains("owned"), "{id}");
    }
}
