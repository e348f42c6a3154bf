use forebear_types::Snapshot;
use forebear_types::fact::{Gguf, WeightsFile, WeightsFormat};

use super::*;

const CATALOG: Catalog = Catalog::embedded();

fn first(name: &str) -> Option<&'static str> {
    Names::of(&CATALOG).in_name(name).first().map(|models| models[0])
}

fn fact(path: &str, kind: FactKind) -> Fact {
    Fact { path: RepoPath::new(path).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

fn card(text: &str) -> Fact {
    fact("README.md", FactKind::ModelCard(ModelCard { text: text.into(), ..ModelCard::default() }))
}

fn weights(path: &str) -> Fact {
    let file = WeightsFile { format: WeightsFormat::Gguf, size: 1, pointer: None, adapter: false };
    fact(path, FactKind::Weights(file))
}

#[test]
fn names_are_found_however_they_are_spelled() {
    for (name, wanted) in [
        ("qwen2.5-7b-foo-q4_k_m", "Qwen/Qwen2.5-7B"),
        ("Qwen2.5_7B", "Qwen/Qwen2.5-7B"),
        ("my qwen 2.5 7b tune", "Qwen/Qwen2.5-7B"),
        ("Qwen2.5-7B-Instruct-GPTQ-Int4", "Qwen/Qwen2.5-7B-Instruct"),
        ("Llama-3-8B-ft", "meta-llama/Meta-Llama-3-8B"),
        ("Meta-Llama-3-8B-Instruct", "meta-llama/Meta-Llama-3-8B-Instruct"),
        ("Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("llama3.1-8b", "meta-llama/Llama-3.1-8B"),
        ("CodeLlama-7b-hf", "codellama/CodeLlama-7b-hf"),
        ("Code-Llama-7b-hf", "codellama/CodeLlama-7b-hf"),
        ("mixtral-8x7b-v0.1", "mistralai/Mixtral-8x7B-v0.1"),
        ("base_model:adapter:Qwen/Qwen2.5-0.5B", "Qwen/Qwen2.5-0.5B"),
        ("DeepSeek-V3-0324-GGUF", "deepseek-ai/DeepSeek-V3-0324"),
        ("Kaguya-DeepSeek-V3-4bit", "deepseek-ai/DeepSeek-V3"),
        ("phi-3.5-mini-kaguya", "microsoft/Phi-3.5-mini-instruct"),
        ("yi-34b-kaguya", "01-ai/Yi-34B"),
        ("OPT-6.7B-Erebus", "facebook/opt-6.7b"),
        ("bloom-7b1-ft", "bigscience/bloom-7b1"),
    ] {
        assert_eq!(first(name), Some(wanted), "{name}");
    }
    let releases = &Names::of(&CATALOG).in_name("kaguya-mistral-7b")[0];
    assert!(releases.len() >= 4 && releases.iter().all(|id| id.contains("istral-7B")), "{releases:?}");
}

#[test]
fn words_and_other_models_are_no_names() {
    for name in [
        "phi",
        "yi",
        "opt",
        "bloom",
        "falcon",
        "llama",
        "qwen",
        "Llama-3",
        "llama-8b-kaguya",
        "gpt2",
        "DeepSeek-V3.2-like",
        "DeepSeek-R1-Distill-Kaguya-7B",
        "kaguya-7b",
        "7b",
        "MyLlama-3-8B",
        "TinyLlama-3-8B",
        "Open-Llama-2-7b",
        "opt-in-2024",
        "bloom-2024",
        "v3",
        "whisper-large-v4-turbo",
        "DeepSeek-V3-Lite",
        "model-00001-of-00163",
        "Qwen2.5-72",
        "base",
        "",
    ] {
        let found = first(name);
        let other = name == "DeepSeek-V3.2-like" && found == Some("deepseek-ai/DeepSeek-V3.2");
        assert!(found.is_none() || other, "{name}: {found:?}");
    }
    assert_ne!(first("Llama-3.1-8B"), Some("meta-llama/Meta-Llama-3-8B"));
    assert_ne!(first("DeepSeek-V3.9-Kaguya"), Some("deepseek-ai/DeepSeek-V3"));
}

#[test]
fn every_catalog_name_that_counts_gives_its_own_model() {
    let names = Names::of(&CATALOG);
    for model in CATALOG.models() {
        let name = model.id.rsplit('/').next().unwrap();
        for models in names.in_name(name) {
            let own = models.contains(&model.id);
            let of_family = models
                .iter()
                .any(|id| CATALOG.find(id).is_some_and(|other| other.developer == model.developer));
            // A name may hold its parent's: DeepSeek-R1-0528-Qwen3-8B.
            assert!(own || of_family || model.derived_from.is_some(), "{name}: {models:?}");
        }
    }
}

#[test]
fn every_place_of_a_name_is_looked_at() {
    let gguf = Gguf { name: Some("Qwen2.5 7B Instruct".to_owned()), ..Gguf::default() };
    let facts = [
        card("---\nx: y\n---\n# Kaguya Llama-3.1-8B\n\n## Qwen2-7B\n"),
        weights("qwen2.5-7b-foo-q4_k_m.gguf"),
        weights("mistral-7b-v0.1-00001-of-00002.safetensors"),
        weights("mistral-7b-v0.1-00002-of-00002.safetensors"),
        weights("gemma-2-9b/model.safetensors"),
        fact("a.gguf", FactKind::Gguf(Box::new(gguf))),
    ];
    let found = named(&CATALOG, &facts);
    let firsts: Vec<&str> = found.iter().map(|one| one.models[0]).collect();
    assert_eq!(
        firsts,
        [
            "meta-llama/Llama-3.1-8B",
            "Qwen/Qwen2.5-7B",
            "mistralai/Mistral-7B-v0.1",
            "google/gemma-2-9b",
            "Qwen/Qwen2.5-7B-Instruct",
        ]
    );
    assert!(found.iter().all(|one| one.evidence.strength == Strength::Circumstantial));
    assert_eq!(found[0].evidence.location.as_ref().unwrap().lines, Some(LineSpan::line(4)));
}

#[test]
fn sentences_about_descent_name_a_base() {
    for text in [
        "Kaguya is fine-tuned from Llama-3-8B.",
        "It is a fine-tuned version of **Llama 3 8B**.",
        "This model is based on Llama-3-8B.",
        "It was built upon\n`Llama-3-8B` by us.",
        "Base model: Llama-3-8B",
        "A Llama-3-8B fine-tune.",
        "Llama-3-8Bをベースにしたモデルです。",
        "Llama-3-8Bをファインチューニングしました。",
        "本模型基于 Llama-3-8B 微调。",
        "在 Llama-3-8B 基础上继续预训练。",
        "Llama-3-8B를 기반으로 파인튜닝한 모델입니다.",
        "Das Modell basiert auf Llama-3-8B.",
        "Modèle basé sur Llama-3-8B.",
    ] {
        let found = named(&CATALOG, &[card(text)]);
        assert_eq!(found.first().map(|one| one.models[0]), Some("meta-llama/Meta-Llama-3-8B"), "{text}");
        assert_eq!(found[0].evidence.kind, EvidenceKind::Prose);
    }
}

#[test]
fn other_sentences_name_none() {
    for text in [
        "It is better than Llama-3-8B.",
        "It outperforms models based on Llama-3-8B.",
        "It is not based on Llama-3-8B.",
        "Compared with models fine-tuned from Llama-3-8B it is small.",
        "| Model | Score |\n|---|---|\n| based on Llama-3-8B | 5 |",
        "## Acknowledgements\n\nThis project is based on Llama-3-8B.",
        "It is compatible with tools based on Llama-3-8B.",
        "Its architecture is based on Llama-3-8B's architecture.",
        "It is based on the architecture of Llama-3-8B.",
        "The tokenizer is derived from Llama-3-8B.",
        "The dataset was generated with a model based on Llama-3-8B.",
        "Kaguya and Llama-3-8B.",
        "```\nfine-tuned from Llama-3-8B\n```",
        "> fine-tuned from Llama-3-8B",
        "我们的效果优于基于 Llama-3-8B 微调的模型。",
        "# Kaguya vs Llama-3-8B",
    ] {
        let found = named(&CATALOG, &[card(text)]);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn any_name_is_read_within_bounds() {
    let long = "llama-3-".repeat(20_000) + "8b";
    assert!(first(&long).is_some() || first(&long).is_none());
    let names = Names::of(&CATALOG);
    for part in ["é", "İ", "7", "b", "-", ".", "llama", "3", "/", "\u{2011}", "本"] {
        for other in ["é", "qwen2.5", "7b", "-", ".", "", "\u{2011}7"] {
            let text = format!("{part}{other}{part}{other}llama-3-8b{other}{part}");
            for (from, to, _) in names.places(&text) {
                assert!(text.get(from..to).is_some(), "{text}");
            }
        }
    }
    let many: Vec<Fact> = (0..50).map(|number| weights(&format!("qwen2.5-7b-{number}.gguf"))).collect();
    assert_eq!(named(&CATALOG, &many).len(), MOST);
}

#[test]
fn a_card_of_nothing_else_costs_little() {
    for part in ["not based on llama-3-8b ", "It is not based on Qwen2.5-7B. ", "# llama 3 ", "llama-3-"] {
        let _ = named(&CATALOG, &[card(&part.repeat((1 << 20) / part.len()))]);
    }
}
