//! What comparisons of weights do to the lineage.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads snippets")]

mod facts;

use forebear_lineage::Traced;
use forebear_types::fact::{Fact, FactKind, ModelCard};
use forebear_types::history::{History, Point, State};
use forebear_types::lineage::{Confidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::weights::{LayerOf, Verdict, WeightComparison, WeightTest};
use forebear_types::{ModelId, ObjectId, RepoPath, Snapshot, Time};

use facts::{CATALOG, config_of, fact, located};

const LLAMA: &str = "meta-llama/Llama-2-7b-hf";
const VICUNA: &str = "lmsys/vicuna-7b-v1.5";
const MISTRAL: &str = "mistralai/Mistral-7B-v0.1";
const UNKNOWN: &str = "kaguya/moon-base";

/// A comparison of the root's model: rows of matrices agree with this z, gains with a third of it.
fn compared(base: &str, verdict: Verdict, z: f64) -> WeightComparison {
    let test = |group, z, features| WeightTest {
        group,
        z,
        p: if z > 8.0 { 4e-6 } else { 1.0 },
        features,
        dimensions: 128,
    };
    WeightComparison {
        subject: RepoPath::root(),
        file: RepoPath::new("model.safetensors").unwrap(),
        quantised: false,
        base: ModelId::from(base),
        revision: None,
        source: "base.print".to_owned(),
        verdict,
        tests: vec![test("norms", z / 3.0, 65), test("weights", z, 224)],
        layer_map: (0..4).map(|layer| LayerOf { suspect: layer, base: Some(layer), z }).collect(),
        layer_z: Vec::new(),
        base_layers: (0..4).collect(),
        identical_tensors: None,
        compared_tensors: 0,
        same_width: true,
        robust: verdict == Verdict::None,
        caveats: Vec::new(),
        sensitivity: Some(0.06),
        kin: Vec::new(),
    }
}

fn card(base: &str) -> Fact {
    let base_models = vec![located(base.to_owned())];
    fact("README.md", FactKind::ModelCard(ModelCard { base_models, ..ModelCard::default() }))
}

fn shape_of(model: &str) -> Fact {
    fact("config.json", FactKind::ModelConfig(config_of(CATALOG.find(model).unwrap())))
}

fn traced_after(history: &History, facts: &[Fact], comparisons: &[WeightComparison]) -> Traced {
    forebear_lineage::trace(&CATALOG, facts, history, &[], comparisons)
}

fn traced(facts: &[Fact], comparisons: &[WeightComparison]) -> Vec<Hop> {
    traced_after(&History::default(), facts, comparisons).lineage.hops
}

fn names(hop: &Hop) -> Vec<&str> {
    hop.candidates.iter().map(|one| one.model.as_str()).collect()
}

fn of<'h>(hops: &'h [Hop], model: &str) -> &'h Hop {
    hops.iter().find(|hop| names(hop).contains(&model)).unwrap_or_else(|| panic!("{model} is not named"))
}

/// A history whose first commit with weights is of this moment.
fn since(seconds: i64) -> History {
    let snapshot = Snapshot::Commit { id: ObjectId::from_bytes(&[1; 20]).unwrap(), time: Time::utc(seconds) };
    let point = Point {
        last: snapshot.clone(),
        snapshot,
        author: String::new(),
        subject: String::new(),
        state: 0,
        commits: 1,
        in_range: true,
    };
    let state = State { weights: true, partial: false, facts: Vec::new(), problems: Vec::new() };
    History { line: vec![point], states: vec![state], complete: true, ..History::default() }
}

#[test]
fn a_base_that_only_weights_name_is_a_hop_and_its_licence_is_asked_for() {
    let found = traced_after(&History::default(), &[], &[compared(UNKNOWN, Verdict::SharedWeights, 40.0)]);
    let [hop] = found.lineage.hops.as_slice() else { panic!("{:?}", found.lineage) };
    assert_eq!(names(hop), [UNKNOWN]);
    assert_eq!((hop.strength, hop.unique, hop.confidence), (Strength::Weights, false, Confidence::Medium));
    assert_eq!(hop.because[0].kind, EvidenceKind::Weights);
    assert_eq!(hop.because[0].p.unwrap().value(), 4e-6);
    assert!(
        hop.because[0].detail.contains("z 40.0 for weights, 13.3 for norms, p at most 4.0e-6"),
        "{}",
        hop.because[0].detail
    );
    assert!(found.problems.iter().any(|problem| problem.what.contains("does not know kaguya/moon-base")));
}

#[test]
fn a_declaration_and_weights_confirm_each_other() {
    let hops = traced(&[card(LLAMA)], &[compared(LLAMA, Verdict::SharedWeights, 40.0)]);
    let hop = of(&hops, LLAMA);
    assert!(hop.declared);
    assert_eq!((hop.strength, hop.confidence), (Strength::Weights, Confidence::High));
    // A relative of the declared base that is no nearer than chance adds no base of its own.
    let hops = traced(&[card(LLAMA)], &[compared(VICUNA, Verdict::SharedWeights, 40.0)]);
    assert_eq!(of(&hops, LLAMA).strength, Strength::Weights);
    assert!(hops.iter().all(|hop| !names(hop).contains(&VICUNA)));
}

#[test]
fn without_the_parents_fingerprint_only_the_root_is_sure() {
    let hops = traced(&[], &[compared(VICUNA, Verdict::SharedWeights, 40.0)]);
    let sure = of(&hops, LLAMA);
    assert_eq!((sure.strength, names(sure)), (Strength::Weights, vec![LLAMA]));
    assert!(sure.because[0].detail.contains("vicuna-7b-v1.5 descends from meta-llama/Llama-2-7b-hf"));
    assert_eq!(of(&hops, VICUNA).strength, Strength::Circumstantial);
}

#[test]
fn a_sibling_is_no_base() {
    // Of a model that is not known as an origin, the parent may be another's, too: that carries no violation.
    let hops = traced(&[], &[compared(UNKNOWN, Verdict::SharedWeights, 40.0)]);
    assert!(!hops[0].unique && !hops[0].carries_violation());
    let hops = traced(&[], &[compared(LLAMA, Verdict::SharedWeights, 40.0)]);
    assert!(hops[0].unique && hops[0].carries_violation());
    // Where a base is declared, it may be the parent of both.
    let hops = traced(&[card("kaguya/moon")], &[compared(UNKNOWN, Verdict::SharedWeights, 40.0)]);
    let hint = of(&hops, UNKNOWN);
    assert_eq!(hint.strength, Strength::Circumstantial);
    assert!(
        hint.because[0].detail.ends_with("both may come from kaguya/moon, which is declared"),
        "{hint:?}"
    );
    // Not if the declared base was compared, and shares nothing; nor beside an origin, which stands above whatever is declared.
    let mut both =
        [compared(UNKNOWN, Verdict::SharedWeights, 40.0), compared("kaguya/moon", Verdict::None, 0.3)];
    both[1].source = "moon.print".to_owned();
    assert_eq!(of(&traced(&[card("kaguya/moon")], &both), UNKNOWN).strength, Strength::Weights);
    let hops = traced(&[card("kaguya/moon")], &[compared(LLAMA, Verdict::SharedWeights, 40.0)]);
    assert_eq!(of(&hops, LLAMA).strength, Strength::Weights);
}

#[test]
fn of_parent_and_child_the_nearer_one_is_the_base() {
    let both = |parent, child| {
        let mut all = [
            compared(LLAMA, Verdict::SharedWeights, parent),
            compared(VICUNA, Verdict::SharedWeights, child),
        ];
        all.sort_by(|one, two| one.base.cmp(&two.base));
        traced(&[], &all)
    };
    // The child is nearer: the model was made from it, and the parent is an ancestor.
    let hops = both(60.0, 120.0);
    assert_eq!((names(&hops[0]), hops[0].strength), (vec![VICUNA], Strength::Weights));
    assert_eq!(of(&hops, LLAMA).child.as_ref().unwrap().as_str(), VICUNA);
    // The parent is nearer: the child is a sibling, to whom nothing is owed.
    let hops = both(120.0, 60.0);
    assert_eq!(names(&hops[0]), [LLAMA]);
    assert!(hops.iter().all(|hop| !names(hop).contains(&VICUNA)));
    // Equally near: it cannot be told.
    let hops = both(100.0, 101.0);
    assert_eq!(names(&hops[0]), [VICUNA, LLAMA]);
}

#[test]
fn two_lines_make_a_merge_and_kin_that_the_catalog_does_not_know_is_one_line() {
    let two =
        [compared(LLAMA, Verdict::SharedWeights, 40.0), compared(MISTRAL, Verdict::SharedWeights, 60.0)];
    let hops = traced(&[], &two);
    assert_eq!(hops.len(), 2);
    assert!(hops.iter().all(|hop| hop.relation == Relation::Merge && hop.strength == Strength::Weights));
    let mut kin = [
        compared("kaguya/one", Verdict::SharedWeights, 120.0),
        compared("kaguya/two", Verdict::SharedWeights, 40.0),
    ];
    kin[0].kin = vec![ModelId::from("kaguya/two")];
    let hops = traced(&[], &kin);
    assert_eq!(hops.iter().map(names).collect::<Vec<_>>(), [["kaguya/one"]]);
}

#[test]
fn weights_without_a_trace_speak_against_a_declaration() {
    let hops = traced(&[card(LLAMA)], &[compared(LLAMA, Verdict::None, 0.4)]);
    let hop = of(&hops, LLAMA);
    assert_eq!((hop.strength, hop.confidence), (Strength::Declared, Confidence::Medium));
    assert_eq!(hop.against[0].kind, EvidenceKind::Weights);
    assert!(hop.against[0].detail.contains("share nothing with those of meta-llama/Llama-2-7b-hf"));
    // Of a declared descendant the parent's fingerprint says the same.
    let hops = traced(&[card(VICUNA)], &[compared(LLAMA, Verdict::None, 0.4)]);
    assert_eq!(of(&hops, VICUNA).against[0].kind, EvidenceKind::Weights);
}

#[test]
fn a_shape_alone_does_not_name_a_base_that_weights_exclude() {
    let shape = [shape_of(MISTRAL)];
    let fits = traced(&shape, &[]);
    assert!(fits.iter().any(|hop| names(hop).contains(&MISTRAL)));
    let hops = traced(&shape, &[compared(MISTRAL, Verdict::None, 0.4)]);
    assert!(hops.iter().all(|hop| !names(hop).contains(&MISTRAL)), "{hops:?}");
    // A copy with renumbered dimensions is silent in the direct test: that alone excludes nothing.
    let direct = WeightComparison { robust: false, ..compared(MISTRAL, Verdict::None, 0.4) };
    assert!(traced(&shape, &[direct]).iter().any(|hop| names(hop).contains(&MISTRAL)));
    // Nor does a test of another width: some other part of the model may be the one that matters.
    let part = WeightComparison { same_width: false, ..compared(MISTRAL, Verdict::None, 0.4) };
    assert!(traced(&shape, &[part]).iter().any(|hop| names(hop).contains(&MISTRAL)));
    // Nor does a test that would not have seen much.
    let blind = WeightComparison { sensitivity: Some(0.4), ..compared(MISTRAL, Verdict::None, 0.4) };
    assert!(traced(&shape, &[blind]).iter().any(|hop| names(hop).contains(&MISTRAL)));
}

#[test]
fn weights_settle_what_a_shape_leaves_open() {
    let hops = traced(&[shape_of(LLAMA)], &[compared(LLAMA, Verdict::SharedWeights, 90.0)]);
    assert_eq!((names(&hops[0]), hops[0].strength, hops[0].unique), (vec![LLAMA], Strength::Weights, true));
    assert!(hops[0].because.iter().any(|reason| reason.kind == EvidenceKind::Configuration));
}

#[test]
fn a_model_that_was_there_before_the_base_is_no_descendant() {
    // Vicuna 1.5 was released on 2023-08-01.
    let comparisons = [compared(VICUNA, Verdict::SharedWeights, 40.0)];
    let hops = traced_after(&since(1_680_000_000), &[], &comparisons).lineage.hops;
    let hop = of(&hops, VICUNA);
    assert_eq!((hop.strength, hop.confidence), (Strength::Circumstantial, Confidence::Low));
    assert!(hop.against[0].detail.contains("dated 2023-08-01"));
    let hops = traced_after(&since(1_700_000_000), &[], &comparisons).lineage.hops;
    assert_eq!(of(&hops, LLAMA).strength, Strength::Weights);
}

#[test]
fn embeddings_or_a_seed_alone_are_hints() {
    for verdict in [Verdict::SharedEmbeddings, Verdict::SharedSeedPossible] {
        let hops = traced(&[], &[compared(UNKNOWN, verdict, 40.0)]);
        assert_eq!((hops[0].strength, hops[0].unique), (Strength::Circumstantial, false), "{verdict:?}");
    }
    for verdict in [Verdict::Weak, Verdict::None, Verdict::Withheld] {
        assert_eq!(traced(&[], &[compared(UNKNOWN, verdict, 6.0)]), [], "{verdict:?}");
    }
}

#[test]
fn equal_tensors_are_a_copy() {
    let mut same = compared(UNKNOWN, Verdict::Identical, 90.0);
    (same.identical_tensors, same.compared_tensors) = (Some(42), 42);
    let hops = traced(&[card(LLAMA)], &[same]);
    let hop = of(&hops, UNKNOWN);
    assert_eq!(
        (hop.strength, hop.relation, hop.confidence),
        (Strength::Identical, Relation::Rehost, Confidence::High)
    );
    assert!(hop.because[0].detail.contains("byte for byte (42 of 42)"));
    assert_eq!(of(&hops, LLAMA).strength, Strength::Declared);
}

#[test]
fn the_layer_map_says_how_the_model_was_made() {
    let mut dropped = compared(UNKNOWN, Verdict::SharedWeights, 40.0);
    dropped.layer_map = [0, 2, 3]
        .into_iter()
        .enumerate()
        .map(|(at, base)| LayerOf { suspect: at as u16, base: Some(base), z: 30.0 })
        .collect();
    assert_eq!(traced(&[], std::slice::from_ref(&dropped))[0].relation, Relation::LayersDropped);
    assert!(
        traced(&[], std::slice::from_ref(&dropped))[0].because[0]
            .detail
            .contains("its 3 layers are, in their order, layers 0, 2, 3 of 4 there")
    );
    let mut twice = dropped.clone();
    twice.layer_map.push(LayerOf { suspect: 3, base: Some(3), z: 30.0 });
    twice.layer_map.push(LayerOf { suspect: 4, base: Some(1), z: 30.0 });
    assert_eq!(traced(&[], &[twice])[0].relation, Relation::LayersDuplicated);
    let quantised = WeightComparison { quantised: true, ..compared(UNKNOWN, Verdict::SharedWeights, 40.0) };
    assert_eq!(traced(&[], &[quantised])[0].relation, Relation::Quantised);
}
