//! Bills of materials in SPDX 3.0.1: as expected, whole within themselves, and nothing in them invented.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use std::collections::BTreeSet;

use forebear_report::spdx;
use forebear_types::lineage::Strength;
use forebear_types::run::BaseLicense;
use forebear_types::run::{DeclaredLicense, Run};
use serde_json::{Value, json};

fn render(run: &Run) -> String {
    let mut bytes = Vec::new();
    spdx::write(run, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The graph, with the space of ids left out of them.
fn graph(run: &Run) -> Vec<Value> {
    let text = render(run);
    let document: Value = serde_json::from_str(&text).unwrap();
    let graph = document["@graph"].as_array().unwrap();
    let id = graph.iter().find(|one| one["type"] == "SpdxDocument").unwrap()["spdxId"].as_str().unwrap();
    let space = id.strip_suffix("#document").unwrap();
    assert!(space.starts_with("urn:uuid:"), "{space}");
    let document: Value = serde_json::from_str(&text.replace(&format!("{space}#"), "#")).unwrap();
    document["@graph"].as_array().unwrap().clone()
}

fn of_type<'a>(graph: &'a [Value], kind: &str) -> Vec<&'a Value> {
    graph.iter().filter(|one| one["type"] == kind).collect()
}

fn relationships<'a>(graph: &'a [Value], kind: &str) -> Vec<&'a Value> {
    graph.iter().filter(|one| one["relationshipType"] == kind).collect()
}

/// The expression, or the word for none, to which the only relationship of a kind leads.
fn license(graph: &[Value], package: &Value, kind: &str) -> String {
    let found: Vec<&Value> =
        relationships(graph, kind).into_iter().filter(|one| one["from"] == package["spdxId"]).collect();
    assert_eq!(found.len(), 1, "{kind} of {}", package["name"]);
    let to = found[0]["to"].as_array().unwrap();
    assert_eq!(to.len(), 1);
    let target = to[0].as_str().unwrap();
    match graph.iter().find(|one| one["spdxId"] == target) {
        Some(element) => element["simplelicensing_licenseExpression"].as_str().unwrap().to_owned(),
        None => target.to_owned(),
    }
}

fn main_model(graph: &[Value]) -> &Value {
    of_type(graph, "ai_AIPackage")[0]
}

#[test]
fn documents_are_as_expected() {
    for (name, run) in
        stories::all().into_iter().filter(|(name, _)| ["violation", "clean", "adapter"].contains(name))
    {
        stories::compare(&format!("tests/snapshots/{name}.spdx.json"), &render(&run));
        assert_eq!(render(&run), render(&run), "two writings differ");
    }
}

#[test]
fn every_package_has_one_declared_and_one_concluded_licence() {
    for (name, run) in stories::all() {
        let graph = graph(&run);
        let mut packages = of_type(&graph, "ai_AIPackage");
        packages.extend(of_type(&graph, "dataset_DatasetPackage"));
        assert!(!packages.is_empty(), "{name}");
        for package in packages {
            for kind in ["hasDeclaredLicense", "hasConcludedLicense"] {
                assert!(!license(&graph, package, kind).is_empty(), "{name}");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_every_reference_leads_somewhere() {
    for (name, run) in stories::all() {
        let graph = graph(&run);
        let ids: Vec<&str> = graph.iter().filter_map(|one| one["spdxId"].as_str()).collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "{name}: an id is used twice");
        let mut used: Vec<&Value> = Vec::new();
        for one in &graph {
            used.extend(["from", "subject", "suppliedBy"].iter().filter_map(|key| one.get(key)));
            for key in ["to", "element", "rootElement", "createdBy"] {
                used.extend(one[key].as_array().into_iter().flatten());
            }
            let custom = one["simplelicensing_customIdToUri"].as_array().into_iter().flatten();
            used.extend(custom.map(|entry| &entry["value"]));
        }
        for one in used {
            let one = one.as_str().unwrap();
            let individual = one.starts_with("expandedlicensing_No");
            assert!(individual || known.contains(one), "{name}: {one} leads nowhere");
        }
        // The document holds everything but itself.
        let document = of_type(&graph, "SpdxDocument");
        assert_eq!(document.len(), 1);
        let held = document[0]["element"].as_array().unwrap().len();
        assert_eq!(held, ids.len() - 1, "{name}");
    }
}

#[test]
fn declared_is_what_the_card_says() {
    let declared = |run: &Run| {
        let graph = graph(run);
        license(&graph, main_model(&graph), "hasDeclaredLicense")
    };
    let mut run = stories::clean();
    assert_eq!(declared(&run), "MIT");
    run.declared
        .licenses
        .push(DeclaredLicense { written: "x".into(), expression: Some("Apache-2.0".into()) });
    assert_eq!(declared(&run), "expandedlicensing_NoAssertionLicense", "which of two, or both");
    run.declared.licenses = vec![DeclaredLicense { written: "unknown".into(), expression: None }];
    assert_eq!(declared(&run), "expandedlicensing_NoAssertionLicense");
    run.declared = forebear_types::run::Declared::default();
    assert_eq!(declared(&run), "expandedlicensing_NoneLicense", "the card declares none");
    assert_eq!(declared(&stories::empty()), "expandedlicensing_NoAssertionLicense", "there is no card");
    assert_eq!(declared(&stories::adapter()), "LicenseRef-declared-Kaguya-1.0");
}

#[test]
fn concluded_is_what_forebear_found() {
    let concluded = |run: &Run| {
        let graph = graph(run);
        license(&graph, main_model(&graph), "hasConcludedLicense")
    };
    assert_eq!(concluded(&stories::violation()), "MIT", "every candidate is under it");
    // One candidate is under another licence, under one of two, or under none that is known: duties may be the same, the licence is not.
    let with = |change: fn(&mut Vec<BaseLicense>)| {
        let mut run = stories::violation();
        change(&mut run.base_licenses);
        concluded(&run)
    };
    let unknown = "expandedlicensing_NoAssertionLicense";
    assert_eq!(with(|known| known[0].license = "LicenseRef-deepseek-model-1.0".into()), unknown);
    let other = |base: &BaseLicense| BaseLicense { license: "Apache-2.0".into(), ..base.clone() };
    assert_eq!(with(|known| known.truncate(1)), unknown);
    let mut run = stories::violation();
    run.base_licenses.push(other(&stories::violation().base_licenses[0]));
    assert_eq!(concluded(&run), unknown);
    // A text of one's own says nothing of what a base leaves of it.
    let mut run = stories::clean();
    assert_eq!(concluded(&run), "MIT");
    run.base_licenses.clear();
    assert_eq!(concluded(&run), unknown);
    assert_eq!(concluded(&stories::empty()), "expandedlicensing_NoAssertionLicense");
}

#[test]
fn only_certain_lineage_asserts_descent() {
    let kinds = |run: &Run| {
        let graph = graph(run);
        (relationships(&graph, "descendantOf").len(), relationships(&graph, "other").len())
    };
    let mut run = stories::clean();
    assert_eq!(kinds(&run), (1, 0));
    run.lineage.hops[0].strength = Strength::Circumstantial;
    assert_eq!(kinds(&run), (0, 1));
    let graph = graph(&stories::violation());
    let weak = relationships(&graph, "other");
    assert_eq!(weak.len(), 1, "one step");
    assert_eq!(weak[0]["to"].as_array().unwrap().len(), 2, "both candidates");
    assert_eq!(weak[0]["completeness"], "noAssertion");
    assert!(
        weak[0]["comment"]
            .as_str()
            .unwrap()
            .starts_with("Weak lineage, which asserts no descent: one of 2 models")
    );
}

#[test]
fn data_sets_and_weights_are_listed() {
    let graph = graph(&stories::adapter());
    let names: Vec<&Value> =
        of_type(&graph, "dataset_DatasetPackage").into_iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["example/instructions", "my own data"]);
    let trained = relationships(&graph, "trainedOn");
    assert_eq!(trained[0]["to"].as_array().unwrap().len(), 2);
    let file = of_type(&graph, "software_File")[0];
    assert_eq!(file["name"], "lora/adapter_model.safetensors");
    assert_eq!(file["verifiedUsing"][0]["hashValue"], json!("ab".repeat(32)));
    let profiles = &of_type(&graph, "SpdxDocument")[0]["profileConformance"];
    assert_eq!(*profiles, json!(["core", "software", "simpleLicensing", "ai", "dataset"]));
}

#[test]
fn what_a_stranger_wrote_stays_a_value() {
    let text = render(&stories::hostile());
    for forbidden in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'] {
        assert!(!text.contains(forbidden), "{forbidden:?} is in the file");
    }
    let graph = graph(&stories::hostile());
    for one in &graph {
        for key in [
            "spdxId",
            "software_downloadLocation",
            "software_packageUrl",
            "simplelicensing_licenseExpression",
        ] {
            let value = one[key].as_str().unwrap_or_default();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -.:/#_@+()".contains(&byte);
            assert!(value.bytes().all(plain), "{key}: {value:?}");
        }
    }
}
