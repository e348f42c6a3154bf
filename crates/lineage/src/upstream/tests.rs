//! Comparisons of facts that were made by hand.

use std::sync::Arc;

use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{
    ChatTemplate, LegalFile, LegalRole, LfsPointer, ModelConfig, Scope, TokenSketch, Tokenizer,
    TokenizerKind, WeightsFile, WeightsFormat,
};
use forebear_types::license::{Change, CopyrightLine, Coverage, LicenseMatch, MatchStatus, Recognition};
use forebear_types::lineage::{Candidate, Confidence, Lineage, Relation, Strength};
use forebear_types::run::StatedBase;
use forebear_types::upstream::{Fate, SameBy};
use forebear_types::{ByteSpan, LicenseId, LineSpan, Located, Sha256, Snapshot};

use super::*;

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn fact(file: &str, kind: FactKind) -> Fact {
    Fact { path: path(file), snapshot: Snapshot::WorkTree, kind }
}

fn located<T>(value: T, line: u32) -> Located<T> {
    Located { value, line, span: ByteSpan { start: 0, len: 1 } }
}

fn pointer(file: &str, seed: u8, size: u64) -> Fact {
    let pointer = Some(LfsPointer { sha256: Sha256([seed; 32]), size });
    let weights = WeightsFile { format: WeightsFormat::Safetensors, size, pointer, adapter: false };
    fact(file, FactKind::Weights(weights))
}

fn legal(
    file: &str,
    role: LegalRole,
    text: &str,
    license: Option<(&str, MatchStatus)>,
    owners: &[&str],
) -> Fact {
    let owner = |(index, text): (usize, &&str)| CopyrightLine {
        text: (*text).into(),
        holder: None,
        years: None,
        line: u32::try_from(index + 1).unwrap(),
    };
    let recognition = Recognition {
        licenses: license
            .into_iter()
            .map(|(id, status)| LicenseMatch {
                id: id.into(),
                coverage: Coverage::FULL,
                status,
                lines: LineSpan::new(3, 21),
            })
            .collect(),
        copyright: owners.iter().enumerate().map(owner).collect(),
        ..Recognition::default()
    };
    let file_of = LegalFile {
        role,
        scope: Scope::Model,
        recognition,
        text: Arc::from(text),
        size: text.len() as u64,
        blob: None,
        examined: true,
    };
    fact(file, FactKind::LegalFile(file_of))
}

fn config(file: &str, fields: &[(ConfigField, i64)]) -> Fact {
    let fields = fields
        .iter()
        .enumerate()
        .map(|(line, (field, value))| {
            (*field, located(ConfigValue::Integer(*value), u32::try_from(line + 2).unwrap()))
        })
        .collect();
    fact(file, FactKind::ModelConfig(ModelConfig { fields, ..ModelConfig::default() }))
}

const SHAPE: &[(ConfigField, i64)] = &[
    (ConfigField::HiddenSize, 4096),
    (ConfigField::Layers, 32),
    (ConfigField::VocabularySize, 100_000),
    (ConfigField::IntermediateSize, 11_008),
    (ConfigField::AttentionHeads, 32),
    (ConfigField::KeyValueHeads, 8),
    (ConfigField::RopeTheta, 10_000),
];

const GIGABYTE: u64 = 1_000_000_000;
const DEEPSEEK: &str = "Copyright (c) 2023 DeepSeek";

fn joined(lineage: &mut Lineage, comparison: &UpstreamComparison) {
    join(&Catalog::embedded(), lineage, comparison);
}

fn compared(ours: &[Fact], theirs: &[Fact]) -> UpstreamComparison {
    compare(ours, theirs, &[], Some((ModelId::from("some/Base"), NamedBy::User)))
}

#[test]
fn a_licence_that_was_not_copied_is_named_with_its_owner() {
    let theirs =
        [legal("LICENSE", LegalRole::License, "MIT …", Some(("MIT", MatchStatus::Exact)), &[DEEPSEEK])];
    let found = compared(&[], &theirs);
    assert_eq!(found.license.as_ref().map(LicenseId::as_str), Some("MIT"));
    let [file] = found.legal_files.as_slice() else { panic!("{found:?}") };
    assert_eq!((file.fate, file.role, file.here.as_ref()), (Fate::Missing, LegalRole::License, None));
    assert_eq!(found.copyright_lost[0].text, DEEPSEEK);
}

#[test]
fn a_text_under_another_name_and_with_more_owners_is_copied() {
    let exact = || Some(("MIT", MatchStatus::Complete));
    let theirs = [legal("LICENSE", LegalRole::License, "Copyright DeepSeek\nMIT", exact(), &[DEEPSEEK])];
    let ours = [legal(
        "licenses/base.txt",
        LegalRole::License,
        "Copyright Kaguya\nCopyright DeepSeek\nMIT",
        exact(),
        &["Copyright (c) 2026 Kaguya", "(C) 2023-2025 DeepSeek. All rights reserved"],
    )];
    let found = compared(&ours, &theirs);
    assert_eq!(found.legal_files[0].fate, Fate::Copied);
    assert_eq!(found.legal_files[0].here.as_ref().unwrap().path, path("licenses/base.txt"));
    assert!(found.copyright_lost.is_empty());
}

#[test]
fn what_differs_in_an_altered_text_is_said() {
    let change = Change { line: 9, expected: "any person".into(), found: "any student".into() };
    let altered = MatchStatus::Altered { changes: vec![change.clone()] };
    let theirs = [legal("LICENSE", LegalRole::License, "MIT", Some(("MIT", MatchStatus::Exact)), &[])];
    let ours = [legal("LICENSE", LegalRole::License, "MIT?", Some(("MIT", altered)), &[])];
    let found = compared(&ours, &theirs);
    assert_eq!(
        (found.legal_files[0].fate, &found.legal_files[0].differences),
        (Fate::Altered, &vec![change])
    );
}

#[test]
fn notices_compare_by_their_lines() {
    let notice = "Base model\nCopyright 2024 Base\n\nThis product has  parts of Other\nand of a third\n";
    let theirs = [legal("NOTICE", LegalRole::Notice, notice, None, &[])];
    let fate = |text: &str| {
        let ours = [legal("NOTICE.txt", LegalRole::Notice, text, None, &[])];
        let file = compared(&ours, &theirs).legal_files.remove(0);
        (file.fate, file.differences.len())
    };
    assert_eq!(
        fate(&format!("Kaguya\r\n{}", notice.replace('\n', "\r\n").replace("  ", " "))),
        (Fate::Copied, 0)
    );
    assert_eq!(fate(&notice.replace("and of a third", "")), (Fate::Altered, 1));
    assert_eq!(fate("Kaguya\n"), (Fate::Missing, 0));
}

#[test]
fn a_file_here_that_could_not_be_read_leaves_the_answer_open() {
    let theirs = [legal("LICENSE", LegalRole::License, "MIT", Some(("MIT", MatchStatus::Exact)), &[])];
    let mut unread = legal("LICENSE.pdf", LegalRole::License, "", None, &[]);
    if let FactKind::LegalFile(file) = &mut unread.kind {
        file.examined = false;
    }
    assert_eq!(compared(&[unread], &theirs).legal_files[0].fate, Fate::Unknown);
}

#[test]
fn equal_weights_prove_descent_and_narrow_the_candidates() {
    let theirs = [pointer("a.safetensors", 1, 5 * GIGABYTE), pointer("b.safetensors", 2, 4 * GIGABYTE)];
    let ours =
        [pointer("x-00001.safetensors", 1, 5 * GIGABYTE), pointer("x-00002.safetensors", 9, 4 * GIGABYTE)];
    let found = compared(&ours, &theirs);
    let weights = found.weights.unwrap();
    assert!(weights.proof && !weights.all_of_here);
    assert_eq!((weights.same, weights.upstream), (5 * GIGABYTE, 9 * GIGABYTE));
    assert_eq!(found.identical[0].by, SameBy::LfsObject);

    let catalog = Catalog::embedded();
    let stated = [StatedBase { model: Some("other/Sibling".into()), ..StatedBase::default() }];
    let mut lineage = crate::trace(&catalog, &[], &History::default(), &stated, &[]).lineage;
    let base = Candidate { model: "SOME/base".into(), revision: None, known: false };
    lineage.hops[0].candidates.push(base);
    joined(&mut lineage, &found);
    let [hop] = lineage.hops.as_slice() else { panic!("{lineage:?}") };
    assert_eq!((hop.strength, hop.unique, hop.candidates.len()), (Strength::Identical, true, 1));
    assert!(hop.candidates[0].model.same_as("some/Base"));
    assert!(
        hop.because
            .last()
            .unwrap()
            .detail
            .contains("1 weight file, 55 % of the weights of the local copy of some/Base, is byte")
    );
}

#[test]
fn a_copy_of_all_weights_is_a_rehost() {
    let theirs = [pointer("a.safetensors", 1, 5 * GIGABYTE)];
    let mut lineage = Lineage::default();
    joined(&mut lineage, &compared(&[pointer("b.safetensors", 1, 5 * GIGABYTE)], &theirs));
    assert_eq!(lineage.hops[0].relation, Relation::Rehost);
    assert!(lineage.hops[0].carries_violation());
}

#[test]
fn what_the_copy_declares_as_its_base_is_an_ancestor() {
    let card = |bases: &[&str]| {
        let base_models = bases.iter().map(|base| located((*base).to_owned(), 3)).collect();
        fact("README.md", FactKind::ModelCard(ModelCard { base_models, ..ModelCard::default() }))
    };
    let weights = || pointer("a.safetensors", 1, 5 * GIGABYTE);
    let bases = ["deepseek-ai/deepseek-v3", "./local", "some/Other-Size", "unknown/Model"];
    let found = compared(&[weights()], &[weights(), card(&bases)]);
    let mut lineage = Lineage::default();
    let problems = join(&Catalog::embedded(), &mut lineage, &found);
    let names: Vec<&str> = lineage.hops.iter().map(|hop| hop.candidates[0].model.as_str()).collect();
    assert_eq!(names, ["some/Base", "deepseek-ai/DeepSeek-V3", "unknown/Model"]);
    assert_eq!(lineage.hops[1].child.as_ref().map(ModelId::as_str), Some("some/Base"));
    // Neither the copy, which tells no licence, nor one of its bases is in the catalog.
    assert_eq!(problems.len(), 2, "{problems:?}");
    // Of a copy that is only suspected, the base is nobody's.
    let mut lineage = Lineage::default();
    let found = compared(&[pointer("a.safetensors", 2, GIGABYTE)], &[weights(), card(&bases)]);
    assert!(join(&Catalog::embedded(), &mut lineage, &found).is_empty() && lineage.hops.is_empty());
}

#[test]
fn ancestors_of_a_proven_base_come_from_the_catalog() {
    let weights = [pointer("a.safetensors", 1, 5 * GIGABYTE)];
    let distilled = ModelId::from("deepseek-ai/DeepSeek-R1-Distill-Llama-70B");
    let found = compare(&weights, &weights, &[], Some((distilled.clone(), NamedBy::Address)));
    let mut lineage = Lineage::default();
    assert!(join(&Catalog::embedded(), &mut lineage, &found).is_empty());
    assert!(lineage.hops[0].candidates[0].known);
    let llama = &lineage.hops[1];
    assert_eq!(llama.child.as_ref(), Some(&distilled));
    assert_eq!(llama.candidates[0].model.organisation(), "meta-llama");
}

#[test]
fn a_part_that_others_use_as_well_proves_nothing() {
    // A pipeline: the text encoder, the largest file, comes from a third model.
    let theirs = [
        pointer("text_encoder/model.safetensors", 1, 9 * GIGABYTE),
        pointer("transformer/model.safetensors", 2, 5 * GIGABYTE),
    ];
    let ours = [
        pointer("text_encoder/model.safetensors", 1, 9 * GIGABYTE),
        pointer("transformer/model.safetensors", 3, 5 * GIGABYTE),
    ];
    let found = compared(&ours, &theirs);
    assert!(!found.weights.unwrap().proof);
    let mut lineage = Lineage::default();
    joined(&mut lineage, &found);
    assert_eq!(
        (lineage.hops[0].strength, lineage.hops[0].confidence),
        (Strength::Circumstantial, Confidence::Low)
    );
    assert!(compared(&theirs[1..], &theirs).weights.unwrap().proof);
    // A small file beside the model: an image encoder, a draft.
    let theirs =
        [pointer("model.safetensors", 1, 9 * GIGABYTE), pointer("vision/model.safetensors", 2, GIGABYTE)];
    assert!(!compared(&theirs[1..], &theirs).weights.unwrap().proof);
    // One format of several is the whole model.
    let mut other = pointer("pytorch_model.bin", 7, 9 * GIGABYTE);
    if let FactKind::Weights(file) = &mut other.kind {
        file.format = WeightsFormat::PyTorch;
    }
    let both = [pointer("model.safetensors", 1, 9 * GIGABYTE), other];
    assert!(compared(&both[..1], &both).weights.unwrap().proof);
    // Empty files equal each other.
    let nothing = [pointer("model.safetensors", 1, 0)];
    let weights = compared(&nothing, &nothing).weights.unwrap();
    assert!(!weights.proof);
}

#[test]
fn suspicion_alone_adds_no_base() {
    let theirs =
        [legal("LICENSE", LegalRole::License, "MIT", Some(("MIT", MatchStatus::Exact)), &[DEEPSEEK])];
    let mut lineage = Lineage::default();
    joined(&mut lineage, &compared(&[config("config.json", SHAPE)], &theirs));
    assert_eq!(lineage, Lineage::default());
}

#[test]
fn configurations_compare_field_by_field() {
    let theirs = [config("config.json", SHAPE)];
    let mut shape = SHAPE.to_vec();
    shape[6].1 = 500_000;
    let found = compared(&[config("config.json", &shape)], &theirs).configuration.unwrap();
    assert_eq!((found.same_shape, found.shape_differences()), (6, 0));
    assert_eq!(found.differences.len(), 1);
    assert_eq!(found.differences[0].field, "rope_theta");

    let mut lineage = Lineage::default();
    joined(&mut lineage, &compared(&[config("config.json", &shape)], &theirs));
    assert_eq!(lineage.hops[0].strength, Strength::Circumstantial);

    shape[0].1 = 5120;
    let mut lineage = Lineage::default();
    let found = compared(&[config("config.json", &shape[..6])], &theirs);
    assert_eq!(found.configuration.as_ref().unwrap().differences[0].here.as_deref(), Some("5120"));
    assert_eq!(found.configuration.as_ref().unwrap().differences[1].here, None);
    joined(&mut lineage, &found);
    assert!(lineage.hops.is_empty(), "a difference alone is no base");
}

#[test]
fn vocabularies_and_templates_compare() {
    let tokenizer = |digest: u8, ids: std::ops::Range<u64>| {
        let sketch = TokenSketch {
            tokens: 1000,
            sample: ids.map(|id| (id * 7, 0)).collect(),
            ..TokenSketch::default()
        };
        fact(
            "tokenizer.json",
            FactKind::Tokenizer(Tokenizer {
                kind: TokenizerKind::TokenizerJson,
                tokens: Some(1000),
                added: Vec::new(),
                merges: None,
                first_merges: None,
                sketch: Some(sketch),
                digest: Some(Sha256([digest; 32])),
            }),
        )
    };
    let of = |ours: Fact, theirs: Fact| compared(&[ours], &[theirs]).tokenizer.unwrap();
    assert!(of(tokenizer(1, 0..96), tokenizer(1, 0..96)).same);
    assert!(of(tokenizer(1, 0..96), tokenizer(2, 0..96)).same);
    let other = of(tokenizer(1, 0..96), tokenizer(2, 48..144));
    assert!(!other.same && other.detail.contains("about 50 %"), "{other:?}");
    assert!(compared(&[tokenizer(1, 0..0)], &[tokenizer(2, 0..0)]).tokenizer.is_none());

    let template = |digest: u8| {
        let template =
            ChatTemplate { template: Arc::from("x"), digest: Sha256([digest; 32]), line: 1, name: None };
        fact("chat_template.jinja", FactKind::ChatTemplate(template))
    };
    assert!(compared(&[template(1)], &[template(1)]).chat_template.unwrap().same);
    assert!(!compared(&[template(1)], &[template(2)]).chat_template.unwrap().same);
}

#[test]
fn a_copy_is_named_by_its_address_before_its_configuration() {
    let catalog = Catalog::embedded();
    let known = [ModelId::from("someone/fork"), ModelId::from("deepseek-ai/deepseek-v3")];
    assert_eq!(name(&catalog, &known, &[]), Some(("deepseek-ai/DeepSeek-V3".into(), NamedBy::Address)));
    assert_eq!(name(&catalog, &known[..1], &[]), Some(("someone/fork".into(), NamedBy::Address)));
    assert_eq!(name(&catalog, &[], &[config("config.json", SHAPE)]), None);
    let nameless = compare(&[], &[], &[], None);
    assert_eq!(
        (nameless.model.as_str(), nameless.named_by),
        (UpstreamComparison::NAMELESS, NamedBy::Nothing)
    );
}

#[test]
fn a_copy_with_a_licence_settles_that_the_catalog_lacks_the_base() {
    let stated = [StatedBase { model: Some("some/Base".into()), ..StatedBase::default() }];
    let problems = crate::trace(&Catalog::embedded(), &[], &History::default(), &stated, &[]).problems;
    assert_eq!(problems.len(), 1);
    let licensed = [legal("LICENSE", LegalRole::License, "MIT", Some(("MIT", MatchStatus::Exact)), &[])];
    assert!(settles(&compared(&[], &licensed), &problems[0]));
    assert!(!settles(&compared(&[], &[]), &problems[0]));
}

#[test]
fn of_two_licences_the_models_own_is_told_by_the_name_of_its_file() {
    let whole = |id| Some((id, MatchStatus::Exact));
    let mut theirs = vec![
        legal("LICENSE-CODE", LegalRole::License, "a", whole("MIT"), &[]),
        legal("LICENSE-MODEL", LegalRole::License, "b", whole("LicenseRef-deepseek-model-1.0"), &[]),
    ];
    let license = |theirs: &[Fact]| compared(&[], theirs).license.map(|id| id.to_string());
    assert_eq!(license(&theirs).as_deref(), Some("LicenseRef-deepseek-model-1.0"));
    theirs[1].path = path("LICENSE-OTHER");
    assert_eq!(license(&theirs), None);
}
