//! The rules about declarations on honest derivatives of every licence of the catalog, on dishonest ones, and on programs.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds its repositories"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use forebear::pipeline::{Request, Walk, examine};
use forebear_licenses::terms::{Ask, NameRule, Phrase};
use forebear_licenses::{hub, terms};
use forebear_lineage::catalog::{Catalog, Model};
use forebear_scanner::source::What;
use forebear_testkit::repo::Repo;
use forebear_types::finding::{Finding, Severity};
use forebear_types::obligation::Answer;
use forebear_types::{LicenseId, Time};

/// The rules that look at what the card says, not at a duty.
const RULES: &[&str] = &[
    "base-misdeclared",
    "dangling-license-reference",
    "dataset-license-conflict",
    "declared-license-conflicts-with-file",
    "history-not-examined",
    "license-mismatch-with-base",
    "license-text-altered",
    "license-text-incomplete",
    "synthetic-data-terms",
    "unknown-license-id",
    "unmodified-rehost",
];

fn findings(repo: &Repo) -> Vec<Finding> {
    all_findings(repo).into_iter().filter(|finding| RULES.contains(&finding.rule.0)).collect()
}

fn all_findings(repo: &Repo) -> Vec<Finding> {
    let request = Request {
        path: repo.path().to_path_buf(),
        what: What::WorkTree,
        walk: Walk::default(),
        baseline: None,
        bases: Vec::new(),
        upstream: None,
        config: None,
        catalog: Catalog::embedded(),
        fingerprints: Arc::from([]),
        now: Time::utc(1_775_001_600), // 2026-04-01
    };
    examine(&request).unwrap().findings
}

/// One model for each licence of the catalog: the first that is under it today.
fn one_of_each() -> BTreeMap<&'static str, &'static Model> {
    let mut models: BTreeMap<&str, &Model> = BTreeMap::new();
    for model in Catalog::embedded().models().filter(|model| model.derived_from.is_none()) {
        if let Some(license) = model.licenses.last().and_then(|period| period.weights) {
            models.entry(license).or_insert(model);
        }
    }
    models
}

/// A fine-tune whose card declares the base; `license` are lines of the front matter.
fn derivative(base: &str, license: &str) -> Repo {
    let mut repo = Repo::plain();
    let front = format!("{license}base_model: {base}\nbase_model_relation: finetune\n");
    repo.write("README.md", format!("---\n{front}---\n# Kaguya\n\nA language model.\n"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo
}

/// How the base's own card declares its licence.
fn declaration(model: &Model, license: &str) -> String {
    let id = LicenseId::from(license);
    if let Some(value) = hub::names(&id).first() {
        return format!("license: {value}\n");
    }
    let name = hub::other_names(&id).first().cloned().unwrap_or_else(|| license.to_lowercase());
    let link = format!("https://huggingface.co/{}/blob/main/LICENSE", model.id);
    format!("license: other\nlicense_name: {name}\nlicense_link: {link}\n")
}

#[test]
fn an_honest_derivative_of_each_licence_is_left_alone() {
    let models = one_of_each();
    assert!(models.len() > 40, "{}", models.len());
    for (license, model) in models {
        let repo = derivative(model.id, &declaration(model, license));
        for finding in findings(&repo) {
            assert_ne!(finding.answer, Answer::Unmet, "{license}, {}: {}", model.id, finding.message);
        }
    }
}

/// The Hub's own values that stand for several texts, and a sibling's, for bases of that family.
#[test]
fn names_of_families_are_fine_for_their_bases() {
    for (base, license) in [
        ("google/gemma-2-9b", "gemma"),
        ("google/gemma-7b", "gemma"),
        ("google/gemma-3-1b-it", "gemma"),
        ("stabilityai/stable-diffusion-2-1", "openrail++"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "openrail++"),
        ("CompVis/stable-diffusion-v1-4", "openrail"),
        ("bigscience/bloom", "bigscience-bloom-rail-1.0"),
        ("bigscience/bloom", "openrail"),
        ("meta-llama/Meta-Llama-3-8B", "llama3.1"),
        ("meta-llama/Llama-3.2-11B-Vision", "llama3.2"),
        ("Qwen/Qwen2.5-7B", "mit"),
        ("deepseek-ai/DeepSeek-R1", "cc-by-nc-4.0"),
    ] {
        for finding in findings(&derivative(base, &format!("license: {license}\n"))) {
            assert_eq!(finding.answer, Answer::Met, "{license} on {base}: {}", finding.message);
        }
    }
}

/// Apache-2.0 on a base that withholds commercial use, or lets nobody choose other terms, is never passed over, and is never a violation
/// on one that withholds nothing.
#[test]
fn an_open_licence_on_each_licence_is_told_apart() {
    for (license, model) in one_of_each() {
        let Some(terms) = terms::terms(&LicenseId::from(license)) else { continue };
        let repo = derivative(model.id, "license: apache-2.0\n");
        let found = findings(&repo);
        let mismatch = found.iter().find(|finding| {
            finding.rule.0 == "license-mismatch-with-base"
                && finding.upstream.iter().any(|id| id.same_as(model.id))
        });
        let mismatch = mismatch.unwrap_or_else(|| panic!("{license}: nothing is said"));
        match terms.class {
            terms::Class::NonCommercial | terms::Class::ProprietaryGated => {
                // Of a base with several licence states the day of the copy may decide.
                assert_ne!(mismatch.answer, Answer::Met, "{license}: {}", mismatch.message);
            }
            terms::Class::Permissive | terms::Class::Attribution => {
                assert_ne!(mismatch.severity, Severity::Violation, "{license}: {}", mismatch.message);
            }
            terms::Class::UseRestricted | terms::Class::Copyleft | terms::Class::Policy => {}
        }
    }
}

#[test]
fn nothing_is_said_of_programs() {
    let mut repo = Repo::plain();
    let mit = forebear_testkit::spdx_text("MIT", &["Copyright (c) 2026 Kaguya AI"]);
    repo.write(
        "LICENSE",
        mit.replace("THE SOFTWARE IS PROVIDED", "It must not be used for evil. THE SOFTWARE IS"),
    );
    repo.write("COPYING", &mit[..mit.len() / 2]);
    repo.write(
        "README.md",
        "# Tools\n\nFor Llama 3.1 and Open-Orca/OpenOrca. See [the terms](LICENSE.md).\n\n## License\n\nApache License 2.0\n",
    );
    repo.write("src/main.py", "from transformers import AutoModel\n");
    repo.stage_all();
    repo.commit("Begin", "2026-03-01T00:00:00Z");
    assert_eq!(findings(&repo), []);
}

/// The texts of model licences are not part of the project: where they are at hand, an honest derivative that keeps the text of its base
/// is left alone, and one that puts its own name into a display clause, or a clause at the end, is not.
#[test]
fn kept_texts_are_left_alone_and_changed_ones_are_not() {
    let texts = texts();
    if texts.is_empty() {
        println!("skipped: the texts of model licences are not part of the project; set FOREBEAR_SHARED");
        return;
    }
    let mut seen = 0;
    for (license, model) in one_of_each() {
        let Some(text) = texts.get(license) else { continue };
        seen += 1;
        let with = |text: &str| {
            let mut repo = derivative(model.id, &declaration(model, license));
            repo.write("LICENSE", text);
            findings(&repo)
        };
        for finding in with(text) {
            assert_ne!(finding.answer, Answer::Unmet, "{license}, {}: {}", model.id, finding.message);
        }
        let clause = "The licensee must pay Kaguya AI one yen a token before the model may be used.";
        let changed = with(&format!("{text}\n\n{clause}\n"));
        let told = changed.iter().any(|finding| finding.rule.0 == "license-text-altered");
        assert!(told, "{license}: the clause is passed over");
    }
    assert!(seen > 20, "{seen}");
    let kimi = texts["LicenseRef-kimi-k2-modified-mit"].replace("Kimi K2", "Kaguya");
    let mut repo = derivative("moonshotai/Kimi-K2-Instruct", "license: other\nlicense_name: modified-mit\n");
    repo.write("LICENSE", kimi);
    let found = findings(&repo);
    let altered = found.iter().find(|finding| finding.rule.0 == "license-text-altered");
    assert_eq!(
        altered.map(|finding| (finding.answer, finding.severity)),
        Some((Answer::Unmet, Severity::Violation))
    );
}

/// Whoever keeps the text, the owners' lines and the prescribed ones, displays and names what is asked for and says what was done is told
/// of nothing by any rule: for each licence of the catalog whose text is at hand.
#[test]
fn whoever_does_all_that_is_asked_is_accused_of_nothing() {
    let texts = texts();
    let mut seen = 0;
    for (license, model) in one_of_each() {
        let id = LicenseId::from(license);
        let owners: Vec<&str> = model.licenses.last().map_or(&[][..], |period| period.copyright).to_vec();
        let text = match (texts.get(license), forebear_licenses::text(&id)) {
            (Some(text), _) => text.clone(),
            (None, Some(_)) => forebear_testkit::spdx_text(license, &owners),
            (None, None) => continue,
        };
        let Some(terms) = terms::terms(&id) else { continue };
        seen += 1;
        let mut name = "Kaguya-8B".to_owned();
        let mut card = format!("Fine-tuned from {}.\n\n", model.id);
        let mut notice = owners.join("\n");
        let filled = |words: &str, blanks: &[String]| {
            blanks.iter().fold(words.to_owned(), |words, blank| words.replace(blank.as_str(), "Kaguya 8B"))
        };
        for term in &terms.duties {
            match &term.ask {
                Ask::Name(NameRule::BeginsWith(word) | NameRule::Contains(word)) => {
                    name = format!("{word}-{name}")
                }
                Ask::NoticeLine(ask) => {
                    notice.push('\n');
                    notice.push_str(&filled(&ask.line, &ask.blanks));
                }
                Ask::Display(ask) => match &ask.phrase {
                    Phrase::Words(words) => card.push_str(&format!("{}\n\n", filled(words, &ask.blanks))),
                    Phrase::AnyOf(several) => {
                        card.push_str(&format!("{}\n\n", filled(&several[0], &ask.blanks)))
                    }
                    Phrase::Described(_) => {}
                },
                _ => {}
            }
        }
        let mut repo = Repo::plain();
        let front = format!(
            "{}base_model: {}\nbase_model_relation: finetune\n",
            declaration(model, license),
            model.id
        );
        repo.write("README.md", format!("---\n{front}---\n# {name}\n\n{card}"));
        repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
        repo.write("LICENSE", text);
        repo.write("NOTICE", format!("{notice}\n"));
        for finding in all_findings(&repo) {
            assert_ne!(
                finding.answer,
                Answer::Unmet,
                "{license}, {}: {}: {}",
                model.id,
                finding.rule.0,
                finding.message
            );
        }
    }
    println!("{seen} licences; without FOREBEAR_SHARED only those whose texts SPDX has");
    assert!(seen >= if texts.is_empty() { 3 } else { 30 }, "{seen}");
}

/// The texts of model licences by id, from outside of the project.
fn texts() -> BTreeMap<String, String> {
    let Ok(shared) = std::env::var("FOREBEAR_SHARED") else { return BTreeMap::new() };
    let folder = format!("{shared}/license-texts");
    let Ok(manifest) = std::fs::read_to_string(format!("{folder}/manifest.toml")) else {
        return BTreeMap::new();
    };
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let read = |license: &toml::Value| {
        let (name, id) = (license["id"].as_str().unwrap(), license["spdx"].as_str().unwrap());
        let bytes = std::fs::read(format!("{folder}/{name}.txt")).unwrap();
        (id.to_owned(), forebear_licenses::decode(&bytes).text)
    };
    manifest["license"].as_array().unwrap().iter().map(read).collect()
}
