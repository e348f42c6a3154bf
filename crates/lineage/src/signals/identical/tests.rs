use forebear_types::fact::{WeightsFile, WeightsFormat};
use forebear_types::{Sha256, Snapshot};

use super::*;
use crate::catalog::Sourcing;

fn fact(path: &str, size: u64, sha256: Option<Sha256>) -> Fact {
    let pointer = sha256.map(|sha256| LfsPointer { sha256, size });
    Fact {
        path: RepoPath::new(path).unwrap(),
        snapshot: Snapshot::WorkTree,
        kind: FactKind::Weights(WeightsFile {
            format: WeightsFormat::Safetensors,
            size,
            pointer,
            adapter: false,
        }),
    }
}

/// The known safetensors files of a model as pointers, below a folder.
fn copies(model: &str, folder: &str) -> Vec<Fact> {
    let files = Catalog::embedded().files().filter(|file| file.model == model);
    files
        .filter(|file| file.file.ends_with(".safetensors"))
        .map(|file| fact(&format!("{folder}{}", file.file), file.bytes, Some(file.sha256)))
        .collect()
}

fn ids(found: &IdenticalMatch) -> Vec<&str> {
    found.candidates.iter().map(|one| one.model.as_str()).collect()
}

fn known(digit: u8, model: &'static str) -> KnownFile {
    KnownFile {
        sha256: Sha256([digit; 32]),
        model,
        file: "model.safetensors",
        bytes: u64::from(digit),
        component: false,
        source: "a test",
        confidence: Sourcing::Secondary,
    }
}

#[test]
fn all_shards_of_one_base_are_one_match_and_a_rehost() {
    let facts = copies("meta-llama/Llama-2-7b-hf", "model/");
    let found = compare(&Catalog::embedded(), &facts);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(ids(one), ["meta-llama/Llama-2-7b-hf"]);
    assert_eq!((one.relation, one.strength, one.unique), (Relation::Rehost, Strength::Identical, true));
    assert_eq!(one.subject, RepoPath::new("model").unwrap());
    assert!(one.because[0].detail.contains("2 of 2 weight files"), "{:?}", one.because);
}

#[test]
fn files_of_its_own_beside_copied_ones_make_no_rehost() {
    let mut facts = copies("deepseek-ai/DeepSeek-R1", "");
    facts.push(fact("model-extra.safetensors", 77, Some(Sha256([7; 32]))));
    let found = compare(&Catalog::embedded(), &facts);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(one.relation, Relation::Unknown);
    assert!(one.because[0].detail.contains("163 of 164 weight files"), "{:?}", one.because[0]);
    assert!(one.because.len() <= 1 + LISTED);
}

#[test]
fn a_digest_with_another_size_is_a_false_statement_and_no_match() {
    let mut facts = copies("meta-llama/Llama-2-7b-hf", "");
    for fact in &mut facts {
        if let FactKind::Weights(file) = &mut fact.kind {
            file.pointer.as_mut().unwrap().size = 12;
        }
    }
    assert!(compare(&Catalog::embedded(), &facts).is_empty());
}

#[test]
fn parts_that_pipelines_share_are_a_hint() {
    let mut facts = copies("stable-diffusion-v1-5/stable-diffusion-v1-5", "");
    facts.retain(|fact| fact.path.as_bytes().starts_with(b"vae/"));
    let found = compare(&Catalog::embedded(), &facts);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((one.relation, one.strength), (Relation::Unknown, Strength::Circumstantial));
}

#[test]
fn one_digest_of_several_releases_leaves_all_of_them() {
    let related = vec![known(1, "meta-llama/Llama-2-7b-hf"), known(1, "meta-llama/Llama-2-7b-chat-hf")];
    let unrelated = vec![known(2, "meta-llama/Llama-2-7b-hf"), known(2, "tiiuae/falcon-40b")];
    for (files, digit, unique) in [(related, 1, true), (unrelated, 2, false)] {
        let catalog = Catalog::embedded().and_files(files);
        let facts = [fact("model.safetensors", u64::from(digit), Some(Sha256([digit; 32])))];
        let found = compare(&catalog, &facts);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.candidates.len(), one.unique), (2, unique), "{found:?}");
        assert_eq!(one.strength, Strength::Identical);
    }
}

#[test]
fn equal_sizes_of_files_that_are_here_are_a_hint() {
    let mut facts = copies("meta-llama/Llama-2-7b-hf", "");
    for fact in &mut facts {
        if let FactKind::Weights(file) = &mut fact.kind {
            file.pointer = None;
        }
    }
    let found = compare(&Catalog::embedded(), &facts);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((one.strength, one.relation), (Strength::Circumstantial, Relation::Unknown));
    assert!(one.because[0].detail.contains("not compared"));
    facts.push(fact("more.safetensors", 5, None));
    assert!(compare(&Catalog::embedded(), &facts).is_empty(), "one file of another size ends the likeness");
    assert!(compare(&Catalog::embedded(), &[fact("empty.safetensors", 0, None)]).is_empty());
}
