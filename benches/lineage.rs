//! Tracing ancestors: of every configuration in the catalog, of a card full of names, and of 90,000 tensors.
//! Run: `cargo bench --package forebear-lineage --bench lineage`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

#[path = "../crates/lineage/tests/facts/mod.rs"]
mod facts;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use forebear_lineage::{parameters, trace};
use forebear_types::fact::{Fact, FactKind, ModelCard, Tensor, TensorSource, Tensors, WeightsFormat};
use forebear_types::history::History;

use facts::{CATALOG, config_of, fact};

/// Every configuration by itself, so that a thousand repositories of the catalog's shapes are what is timed, not one.
fn configurations(criterion: &mut Criterion) {
    let all: Vec<Fact> = CATALOG
        .models()
        .filter(|model| !model.config.is_empty())
        .map(|model| fact("config.json", FactKind::ModelConfig(config_of(model))))
        .collect();
    let history = History::default();
    let mut group = criterion.benchmark_group("trace");
    group.sample_size(10);
    group.bench_function(format!("{} configurations", all.len()), |bencher| {
        bencher.iter(|| {
            all.iter()
                .map(|one| trace(&CATALOG, std::slice::from_ref(one), &history, &[], &[]).lineage.hops.len())
                .sum::<usize>()
        });
    });
    let nothing: [Fact; 0] = [];
    group.bench_function("nothing", |bencher| {
        bencher.iter(|| trace(&CATALOG, black_box(&nothing), &history, &[], &[]));
    });
    let card = FactKind::ModelCard(ModelCard { text: Arc::from(card()), ..ModelCard::default() });
    let card = [fact("README.md", card)];
    group.bench_function("a card of 100 kB", |bencher| {
        bencher.iter(|| trace(&CATALOG, black_box(&card), &history, &[], &[]));
    });
    group.finish();
}

/// A card that names many models in many sentences.
fn card() -> String {
    let names: Vec<&str> = CATALOG.models().map(|model| model.id).collect();
    let mut text = String::from("# Kaguya\n\n");
    for at in 0.. {
        if text.len() > 100_000 {
            return text;
        }
        let (one, other) = (names[at * 7 % names.len()], names[at * 13 % names.len()]);
        let name = other.rsplit('/').next().unwrap();
        text.push_str(&format!(
            "It is compared with {one} and with {name} on tasks of the usual kind. Scores are means of five runs.\n\n"
        ));
    }
    text
}

/// The tensors of a mixture of 61 layers and 256 experts, in 163 files.
fn tensors(criterion: &mut Criterion) {
    let deepseek = CATALOG.find("deepseek-ai/DeepSeek-V3").unwrap();
    let mut facts = vec![fact("config.json", FactKind::ModelConfig(config_of(deepseek)))];
    let all: Vec<Tensor> = (0..90_000_u64)
        .map(|number| {
            let (layer, expert) = (number / 1536, number / 6 % 256);
            let part = ["gate_proj", "up_proj", "down_proj"][number as usize % 3];
            let end = if number % 6 < 3 { "weight" } else { "weight_scale_inv" };
            Tensor {
                name: format!("model.layers.{layer}.mlp.experts.{expert}.{part}.{end}").into(),
                element: "F8_E4M3".into(),
                shape: Some([2048, 7168].into()),
            }
        })
        .collect();
    for (number, some) in all.chunks(553).enumerate() {
        let list = Tensors {
            source: TensorSource::Header(WeightsFormat::Safetensors),
            tensors: some.to_vec(),
            metadata: Vec::new(),
            complete: true,
        };
        facts.push(fact(&format!("model-{number:05}-of-00163.safetensors"), FactKind::Tensors(list)));
    }
    let history = History::default();
    let mut group = criterion.benchmark_group("90,000 tensors");
    group.sample_size(10);
    group.bench_function("trace", |bencher| {
        bencher.iter(|| trace(&CATALOG, black_box(&facts), &history, &[], &[]));
    });
    let lineage = trace(&CATALOG, &facts, &history, &[], &[]).lineage;
    group.bench_function("sizes", |bencher| {
        bencher.iter(|| parameters::sizes(&CATALOG, black_box(&facts), &lineage));
    });
    group.finish();
}

criterion_group!(benches, configurations, tensors);
criterion_main!(benches);
