//! What configurations prove: the catalog against itself, and the cases that decide between a violation and silence.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads snippets")]

mod facts;

use forebear_lineage::Traced;
use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{FactKind, ModelCard, ModelConfig};
use forebear_types::lineage::Strength;

use facts::{CATALOG, config_of, fact, located, trace, trace_config};

fn with_card(config: ModelConfig, bases: &[&str]) -> Traced {
    let card = ModelCard {
        base_models: bases.iter().map(|base| located((*base).to_owned())).collect(),
        ..ModelCard::default()
    };
    trace(
        &CATALOG,
        &[fact("README.md", FactKind::ModelCard(card)), fact("config.json", FactKind::ModelConfig(config))],
        &[],
    )
}

fn set(config: &mut ModelConfig, field: ConfigField, value: i64) {
    config.fields.insert(field, located(ConfigValue::Integer(value)));
}

/// Each model's own configuration leads back to it, and never to a unique match with several independent developers.
#[test]
fn the_catalog_finds_itself() {
    let (mut matchable, mut itself, mut unique) = (0, 0, 0);
    let mut lost = Vec::new();
    for model in CATALOG.models() {
        let traced = trace_config(config_of(model));
        let Some(hop) = traced.lineage.hops.first() else { continue };
        matchable += 1;
        if hop.candidates.iter().any(|candidate| candidate.model.as_str() == model.id) {
            itself += 1;
        } else {
            lost.push(model.id);
        }
        if hop.unique {
            unique += 1;
            let roots: std::collections::BTreeSet<&str> = hop
                .candidates
                .iter()
                .map(|candidate| CATALOG.root(CATALOG.find(candidate.model.as_str()).unwrap()).developer)
                .collect();
            assert_eq!(roots.len(), 1, "{}: {roots:?}", model.id);
        }
    }
    println!(
        "{matchable} of {} have a match, {itself} find themselves, {unique} are unique; lost: {lost:?}",
        CATALOG.models().count()
    );
    assert!(matchable > 350, "{matchable}");
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn a_renamed_copy_of_deepseek_v3_is_its_releases_and_nothing_else() {
    let mut config = config_of(CATALOG.find("deepseek-ai/DeepSeek-V3").unwrap());
    config.model_type = Some(located("kaguya".to_owned()));
    config.architectures = vec![located("KaguyaForCausalLM".to_owned())];
    let traced = trace_config(config);
    let [hop] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    assert_eq!((hop.strength, hop.unique, hop.declared), (Strength::Structural, true, false));
    let names: Vec<&str> = hop.candidates.iter().map(|candidate| candidate.model.name()).collect();
    for name in ["DeepSeek-V3", "DeepSeek-V3-0324", "DeepSeek-R1", "DeepSeek-V3.1"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("V3.2") || name.contains("Kimi")), "{names:?}");
}

#[test]
fn shared_and_dense_shapes_carry_no_violation() {
    for (id, strength) in [
        ("meta-llama/Llama-2-7b-hf", Strength::Circumstantial),
        ("Qwen/Qwen2.5-0.5B", Strength::Circumstantial),
        ("Qwen/Qwen2.5-7B", Strength::Structural),
        ("meta-llama/Llama-3.1-8B", Strength::Structural),
    ] {
        let traced = trace_config(config_of(CATALOG.find(id).unwrap()));
        let hop = &traced.lineage.hops[0];
        assert_eq!((hop.strength, hop.carries_violation()), (strength, false), "{id}");
    }
    // These have too few fields to match anything.
    for id in ["google-bert/bert-base-uncased", "openai-community/gpt2"] {
        let traced = trace_config(config_of(CATALOG.find(id).unwrap()));
        assert!(traced.lineage.hops.iter().all(|hop| hop.strength == Strength::Circumstantial), "{id}");
    }
}

/// An independent model whose vocabulary alone differs is a hint, with the difference said.
#[test]
fn another_vocabulary_is_evidence_against() {
    let mut config = config_of(CATALOG.find("Qwen/Qwen2.5-7B").unwrap());
    set(&mut config, ConfigField::VocabularySize, 152_100);
    let hop = &trace_config(config).lineage.hops[0];
    assert_eq!(hop.strength, Strength::Circumstantial);
    assert!(hop.against.iter().any(|reason| reason.detail.contains("vocabulary")));
}

#[test]
fn a_declared_base_that_fits_is_confirmed_and_one_that_does_not_is_doubted() {
    let qwen = || config_of(CATALOG.find("Qwen/Qwen2.5-7B").unwrap());
    let fits = with_card(qwen(), &["Qwen/Qwen2.5-7B-Instruct"]);
    assert_eq!(fits.lineage.hops.len(), 1);
    assert!(
        fits.lineage.hops[0].declared
            && fits.lineage.hops[0].against.iter().all(|one| !one.detail.contains("hidden_size"))
    );
    let other = with_card(qwen(), &["meta-llama/Llama-3.1-8B"]);
    assert_eq!(other.lineage.hops.len(), 2);
    assert!(other.lineage.hops[0].against.iter().any(|one| one.detail.contains("hidden_size")));
    let unknown = with_card(qwen(), &["somebody/unknown-7b"]);
    assert!(
        unknown.problems.iter().any(|problem| problem.what.contains("does not know somebody/unknown-7b"))
    );
    assert_eq!(unknown.lineage.hops.len(), 2, "the shape still names an ancestor");
}

/// The licence is that of the day of the copy; where no date tells, all states stay possible.
#[test]
fn licence_periods_follow_the_day_of_the_copy() {
    let weights = |id: &str, day: &str| -> Vec<&str> {
        let model = CATALOG.find(id).unwrap();
        model.periods(None, day).iter().map(|period| period.weights.unwrap()).collect()
    };
    assert_eq!(weights("01-ai/Yi-34B", "2024-05-29"), ["LicenseRef-yi-series-2.1"]);
    assert_eq!(weights("01-ai/Yi-34B", "2025-01-01"), ["Apache-2.0"]);
    assert_eq!(weights("microsoft/phi-1_5", "2024-03-01").len(), 2);
    assert_eq!(weights("deepseek-ai/DeepSeek-V3", "2020-01-01"), ["LicenseRef-deepseek-model-1.0"]);
}

/// Who descends from a derivative owes to its base's developer too.
#[test]
fn ancestors_of_another_developer_are_added() {
    let config = config_of(CATALOG.find("deepseek-ai/DeepSeek-R1-Distill-Llama-8B").unwrap());
    let traced = with_card(config, &["deepseek-ai/DeepSeek-R1-Distill-Llama-8B"]);
    let ancestor = traced.lineage.hops.iter().find(|hop| hop.child.is_some()).expect("an ancestor");
    assert_eq!(ancestor.candidates[0].model.organisation(), "meta-llama");
    let own =
        with_card(config_of(CATALOG.find("deepseek-ai/DeepSeek-R1").unwrap()), &["deepseek-ai/DeepSeek-R1"]);
    assert!(own.lineage.hops.iter().all(|hop| hop.child.is_none()), "a developer's own line is one");
}
