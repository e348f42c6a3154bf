//! Declarations in all the places where they are made, and what contradicts them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads snippets")]

mod facts;

use forebear_lineage::Traced;
use forebear_types::fact::{
    AdapterConfig, Fact, FactKind, Gguf, GgufBase, MergeRecipe, ModelCard, ModelConfig, Modelfile, Pipeline,
    QuantisationConfig, TokenizerConfig,
};
use forebear_types::lineage::{Confidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::{Located, RepoPath};

use facts::{CATALOG, fact, trace};

fn located(value: &str) -> Located<String> {
    facts::located(value.to_owned())
}

fn card(bases: &[&str]) -> Fact {
    let base_models = bases.iter().map(|base| located(base)).collect();
    fact("README.md", FactKind::ModelCard(ModelCard { base_models, ..ModelCard::default() }))
}

fn adapter(base: &str, revision: Option<&str>) -> Fact {
    let config = AdapterConfig {
        base_model: Some(located(base)),
        revision: revision.map(located),
        ..AdapterConfig::default()
    };
    fact("adapter_config.json", FactKind::AdapterConfig(config))
}

fn gguf_of(base: GgufBase) -> Fact {
    fact("model.gguf", FactKind::Gguf(Box::new(Gguf { version: 3, bases: vec![base], ..Gguf::default() })))
}

fn gguf(repo_url: &str) -> Fact {
    gguf_of(GgufBase { repo_url: Some(repo_url.to_owned()), ..GgufBase::default() })
}

fn modelfile(from: &str) -> Fact {
    fact("Modelfile", FactKind::Modelfile(Modelfile { from: vec![located(from)], ..Modelfile::default() }))
}

fn recipe(models: &[&str], slices: &[(&str, u64, u64)]) -> Fact {
    let recipe = MergeRecipe {
        models: models.iter().map(|model| located(model)).collect(),
        slices: slices.iter().map(|(model, first, end)| ((*model).to_owned(), *first, *end)).collect(),
        ..MergeRecipe::default()
    };
    fact("mergekit_config.yml", FactKind::MergeRecipe(recipe))
}

fn traced(facts: &[Fact]) -> Traced {
    trace(&CATALOG, facts, &[])
}

/// The hops to bases, without ancestors of bases.
fn hops(traced: &Traced) -> Vec<&Hop> {
    traced.lineage.hops.iter().filter(|hop| hop.child.is_none()).collect()
}

fn only(facts: &[Fact]) -> (Hop, usize) {
    let traced = traced(facts);
    let hops = hops(&traced);
    let [hop] = hops.as_slice() else { panic!("{hops:?}") };
    ((*hop).clone(), traced.problems.len())
}

#[test]
fn a_re_upload_stands_for_its_original_and_says_so() {
    let (hop, problems) = only(&[card(&["unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit"])]);
    assert_eq!(hop.candidates[0].model.as_str(), "meta-llama/Llama-3.1-8B-Instruct");
    assert_eq!((hop.strength, hop.confidence, hop.declared), (Strength::Declared, Confidence::Medium, true));
    assert_eq!(problems, 0);
    let detail = &hop.because[0].detail;
    assert!(detail.contains("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit, a re-upload of"), "{detail}");
    // Declared by its own name as well, it is sure, and one hop.
    let (hop, _) =
        only(&[card(&["unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "meta-llama/Llama-3.1-8B-Instruct"])]);
    assert_eq!((hop.confidence, hop.because.len()), (Confidence::High, 2));
    assert_ne!(hop.relation, Relation::Merge, "a model and its copy are one model");
}

#[test]
fn a_copy_by_anybody_is_declared_and_its_original_a_hint() {
    let traced = traced(&[card(&["somebody/Qwen2.5-7B-Instruct-GPTQ"])]);
    let hops = hops(&traced);
    let found: Vec<_> = hops.iter().map(|hop| (hop.candidates[0].model.as_str(), hop.strength)).collect();
    assert_eq!(
        found,
        [
            ("somebody/Qwen2.5-7B-Instruct-GPTQ", Strength::Declared),
            ("Qwen/Qwen2.5-7B-Instruct", Strength::Circumstantial)
        ]
    );
    assert!(!hops[1].declared && traced.problems[0].what.contains("does not know somebody/"));
}

#[test]
fn a_path_in_the_hubs_cache_is_the_id_and_the_revision() {
    let (hop, problems) = only(&[adapter(
        "/data/.cache/huggingface/hub/models--meta-llama--Meta-Llama-3-8B/snapshots/62bd457b6fe961a4/",
        None,
    )]);
    let base = &hop.candidates[0];
    assert_eq!(
        (base.model.as_str(), base.revision.as_deref()),
        ("meta-llama/Meta-Llama-3-8B", Some("62bd457b6fe961a4"))
    );
    assert_eq!((hop.strength, hop.relation, problems), (Strength::Declared, Relation::Adapter, 0));
    // The revision of a copy is none of the original.
    let (hop, _) = only(&[adapter("unsloth/Qwen2.5-7B", Some("abc"))]);
    assert_eq!(hop.candidates[0].revision, None);
    let (hop, _) = only(&[adapter("Qwen/Qwen2.5-7B", Some("abc"))]);
    assert_eq!(hop.candidates[0].revision.as_deref(), Some("abc"));
    // Other local paths stay hints, with the problem that they are no ids.
    let (hop, problems) = only(&[adapter("/data/Qwen/Qwen2___5-7B", None)]);
    assert_eq!(hop.candidates[0].model.as_str(), "Qwen/Qwen2.5-7B");
    assert_eq!((hop.strength, hop.declared, problems), (Strength::Circumstantial, false, 1));
}

#[test]
fn gguf_files_declare_by_address_and_by_names_with_spaces() {
    let (hop, _) = only(&[gguf("https://huggingface.co/Qwen/Qwen2.5-7B-Instruct")]);
    assert_eq!((hop.strength, hop.confidence, hop.declared), (Strength::Declared, Confidence::High, true));
    assert_eq!(hop.because[0].kind, EvidenceKind::GgufDeclaration);
    let base = |organization: Option<&str>, name: &str| GgufBase {
        name: Some(name.to_owned()),
        organization: organization.map(str::to_owned),
        ..GgufBase::default()
    };
    let (hop, _) = only(&[gguf_of(base(Some("Meta Llama"), "Meta Llama 3.1 8B Instruct"))]);
    assert_eq!(hop.candidates[0].model.as_str(), "meta-llama/Llama-3.1-8B-Instruct");
    assert_eq!((hop.strength, hop.confidence), (Strength::Declared, Confidence::Medium));
    let (hop, _) = only(&[gguf_of(base(None, "Qwen2.5 7B"))]);
    assert_eq!((hop.strength, hop.declared), (Strength::Circumstantial, false));
    let unknown = traced(&[gguf_of(base(Some("Kaguya"), "Moon 7B"))]);
    assert!(hops(&unknown).is_empty() && unknown.problems[0].line.is_none(), "{:?}", unknown.problems);
}

#[test]
fn gguf_files_say_what_they_were_converted_from_and_are_called() {
    let file = |file_type| {
        let gguf = Gguf {
            source_repo_url: Some("https://huggingface.co/Qwen/Qwen2.5-7B".to_owned()),
            file_type: Some(file_type),
            ..Gguf::default()
        };
        only(&[fact("model.gguf", FactKind::Gguf(Box::new(gguf)))]).0
    };
    assert_eq!((file(1).relation, file(15).relation), (Relation::Converted, Relation::Quantised));
    assert_eq!(file(1).strength, Strength::Declared);
    let named = Gguf { name: Some("Qwen2.5 7B Instruct".to_owned()), ..Gguf::default() };
    let (hop, _) = only(&[fact("model.gguf", FactKind::Gguf(Box::new(named)))]);
    assert_eq!(
        (hop.strength, hop.confidence, hop.declared),
        (Strength::Circumstantial, Confidence::Low, false)
    );
}

#[test]
fn every_model_of_a_merge_is_a_base() {
    let traced = traced(&[recipe(&["Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-Coder-7B", "./local-model"], &[])]);
    let hops = hops(&traced);
    assert_eq!(hops.len(), 2);
    assert!(hops.iter().all(|hop| hop.relation == Relation::Merge && hop.strength == Strength::Declared));
    assert!(traced.problems[0].what.contains("./local-model"));
}

#[test]
fn slices_of_one_model_are_layers_that_are_there_twice_or_left_out() {
    let one = "mistralai/Mistral-7B-v0.1";
    for (slices, relation) in [
        (vec![(one, 0, 24), (one, 8, 32)], Relation::LayersDuplicated),
        (vec![(one, 8, 32), (one, 0, 24)], Relation::LayersDuplicated),
        (vec![(one, 0, 20), (one, 28, 32)], Relation::LayersDropped),
        (vec![(one, 0, 20)], Relation::LayersDropped),
        (vec![(one, 0, 16), (one, 16, 32)], Relation::Merge),
        (vec![], Relation::Merge),
    ] {
        let (hop, _) = only(&[recipe(&[one], &slices)]);
        assert_eq!(hop.relation, relation, "{slices:?}");
    }
}

#[test]
fn modelfiles_name_repositories_library_models_and_files() {
    let (hop, _) = only(&[modelfile("hf.co/bartowski/Qwen2.5-7B-Instruct-GGUF:Q4_K_M")]);
    assert_eq!(hop.candidates[0].model.as_str(), "Qwen/Qwen2.5-7B-Instruct");
    assert_eq!(hop.because[0].kind, EvidenceKind::ModelfileDeclaration);
    let (hop, _) = only(&[modelfile("llama3.1:8b-instruct-q4_K_M")]);
    assert_eq!(hop.candidates[0].model.as_str(), "meta-llama/Llama-3.1-8B-Instruct");
    assert_eq!((hop.strength, hop.confidence), (Strength::Declared, Confidence::Medium));
    let file = traced(&[modelfile("./model-q4.gguf")]);
    assert!(hops(&file).is_empty() && file.problems.is_empty(), "the file is the model itself");
    // Organisations of the library's registry are not those of the Hub.
    let other = traced(&[modelfile("qwen/unheard-of:7b")]);
    assert!(hops(&other).is_empty() && other.problems.len() == 1);
}

#[test]
fn what_was_loaded_at_some_time_is_a_hint() {
    let name = || Some(located("unsloth/Qwen2.5-7B-Instruct-bnb-4bit"));
    for kind in [
        FactKind::ModelConfig(ModelConfig { name_or_path: name(), ..ModelConfig::default() }),
        FactKind::TokenizerConfig(TokenizerConfig { name_or_path: name(), ..TokenizerConfig::default() }),
        FactKind::Quantisation(QuantisationConfig { model: name(), ..QuantisationConfig::default() }),
        FactKind::Pipeline(Pipeline { name_or_path: name(), ..Pipeline::default() }),
    ] {
        let (hop, problems) = only(&[fact("some.json", kind)]);
        assert_eq!(hop.candidates[0].model.as_str(), "Qwen/Qwen2.5-7B-Instruct");
        assert_eq!(
            (hop.strength, hop.confidence, hop.declared),
            (Strength::Circumstantial, Confidence::Low, false)
        );
        assert_eq!((hop.because[0].kind, problems), (EvidenceKind::ConfigName, 0));
    }
    let config = TokenizerConfig { name_or_path: Some(located("./out/final")), ..TokenizerConfig::default() };
    let nothing = traced(&[fact("tokenizer_config.json", FactKind::TokenizerConfig(config))]);
    assert!(hops(&nothing).is_empty() && nothing.problems.is_empty());
}

#[test]
fn declarations_that_contradict_each_other_are_both_kept_with_the_other_against_each() {
    let traced =
        traced(&[card(&["Qwen/Qwen2.5-7B"]), gguf("https://huggingface.co/meta-llama/Llama-3.1-8B")]);
    let hops = hops(&traced);
    assert_eq!(hops.len(), 2);
    for hop in &hops {
        assert_eq!((hop.strength, hop.confidence), (Strength::Declared, Confidence::Medium));
        let against = hop.against.iter().find(|one| one.detail.contains("is declared here instead"));
        let against = against.unwrap_or_else(|| panic!("{hop:?}"));
        let other = hops.iter().find(|other| other.candidates != hop.candidates).unwrap();
        assert!(against.detail.starts_with(other.candidates[0].model.as_str()), "{}", against.detail);
    }
}

#[test]
fn ancestors_copies_merges_and_other_folders_are_no_contradictions() {
    let quiet = |facts: &[Fact]| {
        let traced = traced(facts);
        let said = |hop: &&Hop| hop.against.iter().any(|one| one.detail.contains("instead"));
        assert!(!hops(&traced).iter().any(said), "{:?}", traced.lineage);
    };
    // The file carries the declaration of the model that it was made from.
    quiet(&[card(&["Qwen/Qwen2.5-7B-Instruct"]), gguf("https://huggingface.co/Qwen/Qwen2.5-7B")]);
    quiet(&[card(&["meta-llama/Llama-3.1-8B"]), adapter("unsloth/Meta-Llama-3.1-8B-bnb-4bit", None)]);
    quiet(&[card(&["somebody/unknown-7b"]), gguf("https://huggingface.co/Qwen/Qwen2.5-7B")]);
    quiet(&[card(&["Qwen/Qwen2.5-7B", "meta-llama/Llama-3.1-8B"])]);
    let mut elsewhere = adapter("meta-llama/Llama-3.1-8B", None);
    elsewhere.path = RepoPath::new("one/adapter_config.json").unwrap();
    let mut file = gguf("https://huggingface.co/Qwen/Qwen2.5-7B");
    file.path = RepoPath::new("two/model.gguf").unwrap();
    quiet(&[elsewhere, file]);
}
