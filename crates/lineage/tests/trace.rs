//! Declarations, shapes and prose joined into hops: what is a base, what is a hint, and what accuses nobody.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests of values")]

mod facts;

use std::collections::BTreeSet;
use std::sync::Arc;

use forebear_lineage::{Traced, named_in_prose};
use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{
    AdapterConfig, Fact, FactKind, LegalFile, LegalRole, ModelCard, ModelConfig, ProblemKind, Scope,
};
use forebear_types::license::{CopyrightLine, Recognition};
use forebear_types::lineage::{Confidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::run::StatedBase;
use forebear_types::{ByteSpan, LineSpan, Located, ModelId};

use facts::{CATALOG, fact, trace};

const DEEPSEEK_V3: &str = "deepseek-ai/DeepSeek-V3";

fn at<T>(line: u32, value: T) -> Located<T> {
    Located { value, line, span: ByteSpan { start: 0, len: 0 } }
}

fn config_of(id: &str) -> ModelConfig {
    facts::config_of(CATALOG.find(id).unwrap())
}

fn with(mut config: ModelConfig, field: ConfigField, value: ConfigValue) -> ModelConfig {
    config.fields.insert(field, at(1, value));
    config
}

fn config(path: &str, config: ModelConfig) -> Fact {
    fact(path, FactKind::ModelConfig(config))
}

/// A card that declares bases from line 2 on, and has a body.
fn card(bases: &[&str], relation: Option<&str>, body: &str) -> Fact {
    let mut text = String::from("---\n");
    let mut base_models = Vec::new();
    for (index, base) in bases.iter().enumerate() {
        base_models.push(at(index as u32 + 2, (*base).to_owned()));
        text.push_str(&format!("- {base}\n"));
    }
    text.push_str("---\n");
    let front = LineSpan::new(1, bases.len() as u32 + 2);
    text.push_str(body);
    fact(
        "README.md",
        FactKind::ModelCard(ModelCard {
            front_matter: Some(front),
            base_models,
            base_model_relation: relation.map(|word| at(1, word.to_owned())),
            text: Arc::from(text),
            ..ModelCard::default()
        }),
    )
}

fn adapter(base: &str) -> Fact {
    let base_model = Some(at(2, base.to_owned()));
    fact(
        "adapter_config.json",
        FactKind::AdapterConfig(AdapterConfig { base_model, ..AdapterConfig::default() }),
    )
}

fn legal(path: &str, scope: Scope, owner: &str, text: &str) -> Fact {
    let copyright = vec![CopyrightLine { text: owner.to_owned(), holder: None, years: None, line: 1 }];
    fact(
        path,
        FactKind::LegalFile(LegalFile {
            role: LegalRole::Notice,
            scope,
            recognition: Recognition { copyright, ..Recognition::default() },
            text: Arc::from(text),
            size: text.len() as u64,
            blob: None,
            examined: true,
        }),
    )
}

fn names(hop: &Hop) -> Vec<&str> {
    hop.candidates.iter().map(|candidate| candidate.model.as_str()).collect()
}

fn hidden_deepseek() -> Hop {
    trace(&CATALOG, &[config("config.json", config_of(DEEPSEEK_V3))], &[]).lineage.hops.remove(0)
}

#[test]
fn a_hidden_base_is_the_set_of_releases_that_share_the_shape() {
    let traced = trace(&CATALOG, &[config("config.json", config_of(DEEPSEEK_V3))], &[]);
    let [hop] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    let found: BTreeSet<&str> = names(hop).into_iter().collect();
    let releases = [
        "DeepSeek-V3-Base",
        "DeepSeek-V3",
        "DeepSeek-V3-0324",
        "DeepSeek-R1-Zero",
        "DeepSeek-R1",
        "DeepSeek-R1-0528",
        "DeepSeek-V3.1-Base",
        "DeepSeek-V3.1",
        "DeepSeek-V3.1-Terminus",
    ]
    .map(|name| format!("deepseek-ai/{name}"));
    assert_eq!(found, releases.iter().map(String::as_str).collect());
    assert_eq!(
        (hop.strength, hop.unique, hop.confidence, hop.declared),
        (Strength::Structural, true, Confidence::High, false)
    );
    assert!(hop.because[0].detail.contains("hidden_size 7168"), "{}", hop.because[0].detail);
    assert!(hop.because[0].location.is_some());
}

/// A fine-tune may change the context and the rope; that says who fits best, not who is ruled out.
#[test]
fn settings_that_a_fine_tune_changes_rule_nobody_out() {
    let longer = with(config_of(DEEPSEEK_V3), ConfigField::MaxPositions, ConfigValue::Integer(262_144));
    let traced = trace(&CATALOG, &[config("config.json", longer)], &[]);
    let hop = &traced.lineage.hops[0];
    assert_eq!((hop.candidates.len(), hop.unique), (9, true));
    assert!(hop.against.iter().any(|reason| reason.detail.contains("max_position_embeddings is 262144")));
}

/// The configuration of DeepSeek-V3 without experts is another kind of model.
/// A longer context takes a larger rope base: with a smaller one it is another training.
#[test]
fn a_lower_rope_base_is_no_extension_of_the_context() {
    let longer = |theta: i64| {
        let subject = config_of("Qwen/Qwen3-30B-A3B-Base");
        let subject = with(subject, ConfigField::MaxPositions, ConfigValue::Integer(131_072));
        let subject = with(subject, ConfigField::RopeTheta, ConfigValue::Integer(theta));
        trace(&CATALOG, &[config("config.json", subject)], &[]).lineage.hops
    };
    assert_eq!(longer(5_000_000)[0].strength, Strength::Structural);
    // A release whose own rope base is not on record may have another one than its parent: a hint, with what speaks against it.
    for hop in longer(500_000) {
        assert_eq!((hop.strength, hop.unique), (Strength::Circumstantial, false));
        assert!(hop.against.iter().any(|reason| reason.detail.contains("rope_theta is 500000")), "{hop:?}");
    }
}

/// The epsilon of Yi-1.5-34B is on record from Yi-34B's file only: another one rules nothing out, and proves nothing either.
#[test]
fn what_is_known_of_a_relative_only_rules_nothing_out() {
    let yi = CATALOG.find("01-ai/Yi-1.5-34B").unwrap();
    assert!(yi.is_borrowed(ConfigField::NormEpsilon));
    assert!(!CATALOG.find("01-ai/Yi-34B").unwrap().is_borrowed(ConfigField::NormEpsilon));
    let subject = config_of("01-ai/Yi-1.5-34B");
    let subject = with(subject, ConfigField::NormEpsilon, ConfigValue::Real("1e-6".to_owned()));
    let hops = trace(&CATALOG, &[config("config.json", subject)], &[]).lineage.hops;
    assert_eq!(hops[0].strength, Strength::Circumstantial);
    assert!(hops[0].candidates.iter().any(|one| one.model.as_str() == "01-ai/Yi-1.5-34B"), "{hops:?}");
}

#[test]
fn experts_on_one_side_only_match_nothing() {
    let mut dense = config_of(DEEPSEEK_V3);
    dense.fields.remove(&ConfigField::Experts);
    assert_eq!(trace(&CATALOG, &[config("config.json", dense)], &[]).lineage.hops, []);
}

#[test]
fn a_shape_of_independent_developers_is_a_hint_that_names_them() {
    let traced = trace(&CATALOG, &[config("config.json", config_of("meta-llama/Llama-2-7b-hf"))], &[]);
    let hop = &traced.lineage.hops[0];
    assert_eq!(
        (hop.strength, hop.unique, hop.confidence),
        (Strength::Circumstantial, false, Confidence::Low)
    );
    let reason = hop.against.iter().find(|reason| reason.detail.contains("independent developers")).unwrap();
    assert!(reason.detail.contains("Meta") && reason.detail.contains("OpenLM Research"), "{}", reason.detail);
}

#[test]
fn classic_encoders_prove_nothing() {
    for id in ["google-bert/bert-base-uncased", "openai-community/gpt2", "google-t5/t5-base"] {
        let traced = trace(&CATALOG, &[config("config.json", config_of(id))], &[]);
        assert!(
            traced.lineage.hops.iter().all(|hop| hop.strength == Strength::Circumstantial && !hop.unique),
            "{id}: {:?}",
            traced.lineage
        );
    }
}

/// What is known from memory stays in the set and adds no strength.
#[test]
fn memory_proves_nothing() {
    let remembered: Vec<_> = CATALOG.models().filter(|model| model.config_from_memory).collect();
    assert!(!remembered.is_empty());
    for model in remembered {
        for hop in trace(&CATALOG, &[config("config.json", config_of(model.id))], &[]).lineage.hops {
            let sourced = hop
                .candidates
                .iter()
                .any(|one| !CATALOG.find(one.model.as_str()).unwrap().config_from_memory);
            assert!(sourced || hop.strength == Strength::Circumstantial, "{}: {hop:?}", model.id);
            let said = hop.against.iter().any(|reason| reason.detail.contains("from memory only"));
            assert!(said || !names(&hop).contains(&model.id), "{}: {hop:?}", model.id);
        }
    }
}

#[test]
fn a_nested_language_model_is_compared_as_one() {
    let id = "Qwen/Qwen3-VL-30B-A3B-Instruct";
    let nested = ModelConfig { section: "text_config".to_owned(), ..config_of(id) };
    let traced = trace(&CATALOG, &[config("config.json", nested)], &[]);
    assert!(names(&traced.lineage.hops[0]).contains(&id), "{:?}", traced.lineage);
}

#[test]
fn without_facts_there_is_no_base() {
    let traced = trace(&CATALOG, &[], &[]);
    assert_eq!((traced.lineage.hops.len(), traced.problems.len()), (0, 0));
    let empty = trace(&CATALOG, &[config("config.json", ModelConfig::default()), card(&[], None, "")], &[]);
    assert_eq!(empty.lineage.hops, []);
}

/// Parts of a pipeline are subjects of their own, and no more than hints: what is declared for the whole speaks for them.
#[test]
fn a_part_of_a_pipeline_is_a_hint_for_its_folder() {
    let traced = trace(
        &CATALOG,
        &[
            config("config.json", ModelConfig::default()),
            config("text_encoder/config.json", config_of(DEEPSEEK_V3)),
        ],
        &[],
    );
    let [hop] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    assert_eq!((hop.subject.to_string().as_str(), hop.strength), ("text_encoder", Strength::Circumstantial));
    let only = trace(&CATALOG, &[config("text_encoder/config.json", config_of(DEEPSEEK_V3))], &[]);
    assert_eq!(
        (only.lineage.hops[0].subject.to_string().as_str(), only.lineage.hops[0].unique),
        ("text_encoder", true)
    );
}

/// Two models in one repository are two subjects, each with its own base.
#[test]
fn two_models_in_one_repository_are_two_subjects() {
    let facts = [
        config("chat/config.json", config_of("Qwen/Qwen2.5-7B")),
        config("large/config.json", config_of(DEEPSEEK_V3)),
    ];
    let hops = trace(&CATALOG, &facts, &[]).lineage.hops;
    let subjects: Vec<String> = hops.iter().map(|hop| hop.subject.to_string()).collect();
    assert_eq!(subjects, ["large", "chat"]);
}

#[test]
fn checkpoints_of_one_training_are_one_hop() {
    let facts: Vec<Fact> = (0..5)
        .map(|number| config(&format!("checkpoint-{number}/config.json"), config_of(DEEPSEEK_V3)))
        .collect();
    let traced = trace(&CATALOG, &facts, &[]);
    let [hop] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    assert!(hop.subject.is_root());
    let configurations = hop.because.iter().filter(|one| one.kind == EvidenceKind::Configuration).count();
    assert_eq!(configurations, 1);
}

#[test]
fn a_list_of_bases_is_a_merge() {
    let bases = ["Qwen/Qwen2.5-7B", "https://huggingface.co/Qwen/Qwen2.5-7B-Instruct"];
    for relation in [None, Some("merge")] {
        let traced = trace(&CATALOG, &[card(&bases, relation, "")], &[]);
        let found: Vec<_> = traced.lineage.hops.iter().map(|hop| (names(hop), hop.relation)).collect();
        assert_eq!(
            found,
            [(vec!["Qwen/Qwen2.5-7B"], Relation::Merge), (vec!["Qwen/Qwen2.5-7B-Instruct"], Relation::Merge)]
        );
    }
    let twice = trace(&CATALOG, &[card(&["Qwen/Qwen2.5-7B", "qwen/qwen2.5-7b/"], None, "")], &[]);
    assert_eq!(twice.lineage.hops.len(), 1, "one base, written twice");
}

/// A model of several parts declares a base for each; the one that is no language model is not contradicted.
#[test]
fn a_base_of_another_part_is_not_contradicted() {
    let facts = [
        card(&["Qwen/Qwen2.5-7B", "meta-llama/Llama-3.1-8B"], None, ""),
        config("config.json", config_of("Qwen/Qwen2.5-7B")),
    ];
    let traced = trace(&CATALOG, &facts, &[]);
    let other = traced.lineage.hops.iter().find(|hop| names(hop) == ["meta-llama/Llama-3.1-8B"]).unwrap();
    assert_eq!((other.against.len(), other.confidence), (0, Confidence::High));
}

#[test]
fn an_adapter_names_its_base_and_a_local_path_hides_it() {
    let named = trace(&CATALOG, &[adapter("Qwen/Qwen2.5-7B")], &[]);
    let hop = &named.lineage.hops[0];
    assert_eq!((hop.declared, hop.strength, hop.relation), (true, Strength::Declared, Relation::Adapter));

    for path in ["./output", "/data/checkpoints/final", "C:\\models\\mine", "output/merged", "merged"] {
        let traced = trace(&CATALOG, &[adapter(path)], &[]);
        assert_eq!(traced.lineage.hops, [], "{path}");
        let [problem] = traced.problems.as_slice() else { panic!("{path}: {:?}", traced.problems) };
        assert_eq!((problem.kind, problem.line), (ProblemKind::Tables, Some(2)));
        assert_eq!(problem.path.to_string(), "adapter_config.json");
    }

    let hinted = trace(&CATALOG, &[adapter("/data/models/Llama-2-7b-hf")], &[]);
    let hop = &hinted.lineage.hops[0];
    assert_eq!(names(hop), ["meta-llama/Llama-2-7b-hf"]);
    assert_eq!((hop.declared, hop.strength), (false, Strength::Circumstantial));
}

/// `base_model: DeepSeek-V3` is no id, but who writes it hides nothing.
#[test]
fn a_name_without_its_organisation_is_declared() {
    let facts = [card(&["DeepSeek-V3"], None, ""), config("config.json", config_of(DEEPSEEK_V3))];
    let traced = trace(&CATALOG, &facts, &[]);
    let [hop] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    assert_eq!((names(hop), hop.declared), (vec![DEEPSEEK_V3], true));
    assert!(
        traced.problems.iter().any(|problem| problem.remedy.contains("base_model: deepseek-ai/DeepSeek-V3"))
    );
}

#[test]
fn an_unknown_base_stands_beside_its_probable_ancestor() {
    let facts = [card(&["someone/kaguya-base"], None, ""), config("config.json", config_of(DEEPSEEK_V3))];
    let traced = trace(&CATALOG, &facts, &[]);
    let [declared, ancestor] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    assert_eq!((names(declared), declared.candidates[0].known), (vec!["someone/kaguya-base"], false));
    assert!(!ancestor.declared && ancestor.unique);
    assert!(ancestor.because.iter().any(|reason| reason.detail.contains("probably an ancestor")));
    let [problem] = traced.problems.as_slice() else { panic!("{:?}", traced.problems) };
    assert_eq!((problem.path.to_string().as_str(), problem.line), ("README.md", Some(2)));
}

#[test]
fn what_the_user_states_is_no_declaration_of_the_publisher() {
    let stated = [StatedBase { model: Some(ModelId::from(DEEPSEEK_V3)), ..StatedBase::default() }];
    let alone = trace(&CATALOG, &[], &stated);
    let hop = &alone.lineage.hops[0];
    assert_eq!((hop.strength, hop.declared), (Strength::Declared, false));
    let both = trace(&CATALOG, &[card(&[DEEPSEEK_V3], None, "")], &stated);
    let [hop] = both.lineage.hops.as_slice() else { panic!("{:?}", both.lineage) };
    assert!(hop.declared);
}

/// Who names the base in any of the ways that people write has not hidden it.
#[test]
fn prose_names_a_base_however_it_is_written() {
    let hop = hidden_deepseek();
    for body in [
        "built on DeepSeek V3",
        "a fine-tune of deepseek_v3",
        "DeepSeek-R1 was our start",
        "see https://huggingface.co/deepseek-ai/DeepSeek-V3.1",
        "DeepSeek\nV3",
    ] {
        let found = named_in_prose(&CATALOG, &[card(&[], None, body)], &hop);
        assert!(!found.is_empty() && found.iter().all(|one| one.kind == EvidenceKind::Prose), "{body}");
        assert!(found[0].detail.starts_with("README.md, line 3, names"), "{}", found[0].detail);
    }
    for body in ["we like DeepSeek", "DeepSeek-V3.2", "MyDeepSeek-V3", "a model", ""] {
        assert_eq!(named_in_prose(&CATALOG, &[card(&[], None, body)], &hop), [], "{body}");
    }
}

#[test]
fn an_owner_counts_in_a_copyright_line_of_any_legal_file() {
    let hop = hidden_deepseek();
    let line = "Copyright (c) 2023 DeepSeek";
    assert_eq!(named_in_prose(&CATALOG, &[legal("NOTICE", Scope::Model, line, line)], &hop).len(), 1);
    let apart = Scope::OtherComponent("a folder of its own".to_owned());
    assert_eq!(
        named_in_prose(&CATALOG, &[legal("third_party/base/LICENSE", apart, line, line)], &hop).len(),
        1
    );
    let elsewhere = card(&[], None, "Thanks to DeepSeek and Meta.");
    assert_eq!(named_in_prose(&CATALOG, &[elsewhere], &hop), [], "a developer's name alone");
    let other = "Copyright (c) 2026 Somebody";
    assert_eq!(named_in_prose(&CATALOG, &[legal("NOTICE", Scope::Model, other, other)], &hop), []);
}

/// `_name_or_path` names a base where few people look: that is not nowhere.
#[test]
fn what_was_loaded_counts_as_a_mention() {
    let saved = ModelConfig { name_or_path: Some(at(4, DEEPSEEK_V3.to_owned())), ..config_of(DEEPSEEK_V3) };
    let facts = [config("config.json", saved)];
    let traced = trace(&CATALOG, &facts, &[]);
    let hop = &traced.lineage.hops[0];
    assert_eq!(named_in_prose(&CATALOG, &facts, hop)[0].kind, EvidenceKind::ConfigName);
    let counted = hop.because.iter().filter(|one| one.kind == EvidenceKind::ConfigName).count();
    assert_eq!(counted, 1, "one sign is counted once");
}

/// The sentence that training libraries write into a card is a hint of its own.
#[test]
fn prose_about_descent_is_a_hint() {
    let body = "This model is a fine-tuned version of [openai-community/gpt2](https://huggingface.co/gpt2).";
    let traced = trace(&CATALOG, &[card(&[], None, body)], &[]);
    let [hop] = traced.lineage.hops.as_slice() else { panic!("{:?}", traced.lineage) };
    assert_eq!(names(hop), ["openai-community/gpt2"]);
    assert_eq!(
        (hop.strength, hop.confidence, hop.declared),
        (Strength::Circumstantial, Confidence::Low, false)
    );
    for body in ["We compare with openai-community/gpt2.", "based on someone/unknown", "based on gpt2"] {
        assert_eq!(trace(&CATALOG, &[card(&[], None, body)], &[]).lineage.hops, [], "{body}");
    }
}

/// Thousands of bases or configurations are bounded, and what was left out is said.
#[test]
fn hostile_numbers_are_bounded_and_reported() {
    let bases: Vec<String> = (0..5_000).map(|number| format!("org/model-{number}")).collect();
    let listed: Vec<&str> = bases.iter().map(String::as_str).collect();
    let body = "deepseek ".repeat(20_000);
    let traced = trace(&CATALOG, &[card(&listed, None, &body)], &[]);
    assert_eq!(traced.lineage.hops.len(), 64);
    assert!(traced.problems.iter().any(|problem| problem.kind == ProblemKind::Oversized));
    assert!(traced.problems.len() < 100, "{}", traced.problems.len());

    let facts: Vec<Fact> = (0..2_000)
        .map(|number| config(&format!("d{number:04}/config.json"), config_of(DEEPSEEK_V3)))
        .collect();
    let traced = trace(&CATALOG, &facts, &[]);
    assert_eq!(traced.lineage.hops.len(), 1);
    assert!(traced.problems.iter().any(|problem| problem.what.starts_with("2000 files describe models")));
}

#[test]
fn odd_values_are_compared_and_do_not_panic() {
    for value in [
        ConfigValue::Integer(i64::MIN),
        ConfigValue::Real("NaN".to_owned()),
        ConfigValue::Real("1e999".to_owned()),
        ConfigValue::Text("\u{0}é".to_owned()),
        ConfigValue::Integers(Vec::new()),
        ConfigValue::Flag(true),
    ] {
        let mut odd = config_of(DEEPSEEK_V3);
        for field in ConfigField::all() {
            odd = with(odd, field, value.clone());
        }
        odd.name_or_path = Some(at(0, "\u{202e}//::\\é".to_owned()));
        assert_eq!(trace(&CATALOG, &[config("config.json", odd)], &[]).lineage.hops, []);
    }
    for base in ["", "/", "//", "a/", "/b", "é/ü", "https://", "a/b/c/d", "\u{0}/\u{0}", "huggingface.co/"]
    {
        let traced: Traced = trace(&CATALOG, &[card(&[base], None, base), adapter(base)], &[]);
        assert_eq!(traced.lineage.hops, [], "{base:?}");
        assert!(!traced.problems.is_empty(), "{base:?}");
    }
}

/// Settings between those of two series of one shape: the declared base stays the only one.
#[test]
fn a_declared_base_of_the_same_shape_is_no_second_one() {
    let between =
        with(config_of("Qwen/Qwen2.5-72B"), ConfigField::MaxPositions, ConfigValue::Integer(360_448));
    let facts = [card(&["Qwen/Qwen2.5-72B"], None, ""), config("config.json", between)];
    let hops = trace(&CATALOG, &facts, &[]).lineage.hops;
    let found: Vec<Vec<&str>> = hops.iter().map(names).collect();
    assert_eq!(found, [vec!["Qwen/Qwen2.5-72B"]]);
    assert!(hops[0].because.iter().any(|reason| reason.kind == EvidenceKind::Configuration), "{hops:?}");
}

/// No hop stands twice, and the order does not depend on the order of the facts.
#[test]
fn the_order_is_stable() {
    let mut facts = vec![
        card(&["someone/kaguya", "Qwen/Qwen2.5-7B"], None, "based on openai-community/gpt2"),
        config("config.json", config_of("deepseek-ai/DeepSeek-R1-Distill-Llama-8B")),
        adapter("meta-llama/Llama-3.1-8B"),
    ];
    let hops = trace(&CATALOG, &facts, &[]).lineage.hops;
    let order: Vec<Vec<&str>> = hops.iter().map(names).collect();
    assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), order.len(), "{order:?}");
    facts.reverse();
    let reversed = trace(&CATALOG, &facts, &[]).lineage.hops;
    assert_eq!(order, reversed.iter().map(names).collect::<Vec<_>>());
}
