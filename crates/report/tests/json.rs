//! The JSON contract against its published schema.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use forebear_report::json::v1;
use forebear_types::fact::{FactKind, ModelCard};
use forebear_types::finding::Severity;
use forebear_types::obligation::Answer;
use serde_json::{Value, json};

fn render(run: &forebear_types::run::Run) -> String {
    let mut bytes = Vec::new();
    v1::write(run, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn value(run: &forebear_types::run::Run) -> Value {
    serde_json::from_str(&render(run)).unwrap()
}

#[test]
fn documents_are_valid_and_as_expected() {
    let validator = jsonschema::draft202012::new(&v1::schema()).unwrap();
    for (name, run) in [
        ("violation", stories::violation()),
        ("clean", stories::clean()),
        ("weights", stories::weights()),
        ("empty", stories::empty()),
        ("family", stories::family()),
    ] {
        let document = value(&run);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        stories::compare(&format!("tests/snapshots/{name}.json"), &render(&run));
        assert_eq!(render(&run), render(&run), "two runs differ");
    }
}

#[test]
fn broken_documents_are_not_valid() {
    let validator = jsonschema::draft202012::new(&v1::schema()).unwrap();
    let mut run = stories::violation();
    run.upstream = Some(stories::comparison());
    run.weights = stories::weights().weights;
    let good = value(&run);
    assert!(validator.is_valid(&good));
    let replacements = [
        ("/schema_version", json!(2)),
        ("/tool/name", json!("another")),
        ("/source/kind", json!("tarball")),
        ("/source/head", json!("0202020")),
        ("/source/examined/files", json!(-1)),
        ("/source/problems/0/remedy", json!(null)),
        ("/declared/license", json!(["mit"])),
        ("/lineage/0/candidates", json!([])),
        ("/lineage/0/strength", json!("strong")),
        ("/lineage/0/evidence/0/p", json!(null)),
        ("/lineage/0/evidence/0/line", json!(0)),
        ("/lineage/0/subject", json!(null)),
        ("/upstream_comparison/named_by", json!("guess")),
        ("/upstream_comparison/legal_files/0/fate", json!("lost")),
        ("/upstream_comparison/copyright_lost/0/line", json!(0)),
        ("/upstream_comparison/identical_files/0/by", json!("name")),
        ("/weights/0/verdict", json!("maybe")),
        ("/weights/0/groups/0/p", json!(1.5)),
        ("/weights/0/layer_map/0", json!([0, 1])),
        ("/obligations/0/answer", json!("maybe")),
        ("/obligations/0/satisfied_by", json!({"path": "LICENSE", "lines": [1]})),
        ("/findings/0/severity", json!("error")),
        ("/findings/0/exposure/from", json!(null)),
        ("/findings/0/rule", json!("Missing License")),
        ("/timeline/0/event", json!("vanished")),
        ("/timeline/0/about", json!("legal_file")),
        ("/timeline/0/detail", json!("odd")),
        ("/timeline/0/reach", json!("remote")),
        ("/exposures/0/ref", json!(null)),
        ("/exposures/0/exposure/days", json!(-1)),
        ("/source/signs/0/kind", json!("odd")),
        ("/source/baseline", json!("0202020")),
        ("/findings/0/baseline", json!("old")),
        ("/summary/waived", json!(0.5)),
    ];
    for (pointer, wrong) in replacements {
        let mut broken = good.clone();
        match broken.pointer_mut(pointer) {
            Some(place) => *place = wrong,
            // `p` is the one field that may be absent.
            None => {
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                broken.pointer_mut(parent).unwrap()[key] = wrong;
            }
        }
        assert!(!validator.is_valid(&broken), "{pointer} may hold what it must not");
    }
    // Every field is required, and none may be added, at every level.
    let mut objects = vec![String::new()];
    let mut checked = 0;
    while let Some(pointer) = objects.pop() {
        match good.pointer(&pointer).unwrap() {
            Value::Object(fields) => {
                let mut more = good.clone();
                more.pointer_mut(&pointer).unwrap()["added"] = json!(1);
                assert!(!validator.is_valid(&more), "{pointer:?} may have another field");
                for key in fields.keys() {
                    let mut less = good.clone();
                    less.pointer_mut(&pointer).unwrap().as_object_mut().unwrap().remove(key);
                    assert!(!validator.is_valid(&less), "{pointer}/{key} may be absent");
                    objects.push(format!("{pointer}/{key}"));
                    checked += 1;
                }
            }
            Value::Array(items) => objects.extend((0..items.len()).map(|index| format!("{pointer}/{index}"))),
            _ => {}
        }
    }
    assert!(checked > 80, "only {checked} fields were looked at");
}

#[test]
fn evidence_may_carry_a_p_value_and_only_a_sane_one() {
    let validator = jsonschema::draft202012::new(&v1::schema()).unwrap();
    let mut document = value(&stories::violation());
    document["lineage"][0]["evidence"][0]["p"] = json!(1e-12);
    assert!(validator.is_valid(&document));
    document["lineage"][0]["evidence"][0]["p"] = json!(1.5);
    assert!(!validator.is_valid(&document));
}

#[test]
fn findings_list_what_is_not_met_and_not_waived() {
    let mut run = stories::violation();
    // A rule that forgets to lower a doubt to a note must not turn it into a violation.
    run.findings[2].severity = Severity::Violation;
    assert_eq!(run.findings[2].answer, Answer::Unknown);
    let document = v1::document(&run);
    let rules: Vec<&str> = document.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["license-removed-in-history", "base-undeclared", "missing-upstream-copyright"]);
    assert_eq!(document.findings[2].severity, v1::Severity::Note);
    assert_eq!(document.summary, v1::Summary { violations: 2, warnings: 0, notes: 1, waived: 1, known: 0 });
    assert_eq!(
        document.findings[0].upstream.as_deref(),
        Some("deepseek-ai/DeepSeek-V3-0324, deepseek-ai/DeepSeek-R1")
    );
}

#[test]
fn what_the_baseline_has_is_told_apart() {
    let mut run = stories::violation();
    let baselines = |run: &forebear_types::run::Run| -> Vec<Value> {
        let document = value(run);
        document["findings"].as_array().unwrap().iter().map(|finding| finding["baseline"].clone()).collect()
    };
    assert_eq!(baselines(&run), [json!(null), json!(null), json!(null)]);
    run.baseline = Some(stories::commit(1));
    run.findings[1].known = true;
    assert_eq!(baselines(&run), [json!("new"), json!("unchanged"), json!("new")]);
    let summary = v1::document(&run).summary;
    assert_eq!(summary, v1::Summary { violations: 1, warnings: 0, notes: 1, waived: 1, known: 1 });
}

#[test]
fn a_part_of_the_history_limits_the_timeline() {
    use forebear_types::run::Part;
    let mut run = stories::violation();
    let events = |run: &forebear_types::run::Run| -> Vec<(String, String)> {
        let timeline = v1::document(run).timeline;
        timeline.into_iter().map(|event| (event.path, event.subject.unwrap())).collect()
    };
    let named = |path: &str, number: u8| (path.to_owned(), format!("Change number {number}"));
    run.history.events[0].in_range = false;
    assert_eq!(events(&run).len(), 3, "no part was asked for");
    run.part = Some(Part { after: Some(stories::commit(1)), ..Part::default() });
    assert_eq!(events(&run), [named("LICENSE", 2), named("README.md", 2)]);
    run.part = Some(Part { paths: vec![stories::path("README.md")], ..Part::default() });
    assert_eq!(events(&run), [named("README.md", 2)]);
    let part = value(&run)["source"]["part"].clone();
    assert_eq!(part, json!({"after": null, "since": null, "until": null, "paths": ["README.md"]}));
    let validator = jsonschema::draft202012::new(&v1::schema()).unwrap();
    assert!(validator.is_valid(&value(&run)));
}

#[test]
fn a_card_is_a_legal_file_only_if_it_holds_legal_text() {
    let mut run = stories::clean();
    assert_eq!(v1::document(&run).legal_files.len(), 1);
    let FactKind::LegalFile(file) = &run.facts[0].kind else { unreachable!("the first fact is LICENSE") };
    let card = ModelCard { recognition: file.recognition.clone(), ..ModelCard::default() };
    run.facts[1].kind = FactKind::ModelCard(card);
    let paths: Vec<String> = v1::document(&run).legal_files.into_iter().map(|file| file.path).collect();
    assert_eq!(paths, ["LICENSE", "README.md"]);
}

#[test]
fn a_closed_pipe_is_told_as_such() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = v1::write(&stories::empty(), &mut Closed).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}
