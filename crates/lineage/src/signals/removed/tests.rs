use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{AdapterConfig, FactKind, LegalFile, LegalRole, ModelCard, ModelConfig, Scope};
use forebear_types::history::State;
use forebear_types::license::{CopyrightLine, Recognition};
use forebear_types::{ByteSpan, Located, Time};

use super::*;
use crate::subject::subjects;

const CATALOG: Catalog = Catalog::embedded();

fn located<T>(value: T) -> Located<T> {
    Located { value, line: 3, span: ByteSpan { start: 0, len: 0 } }
}

fn fact(path: &str, kind: FactKind) -> Fact {
    Fact { path: RepoPath::new(path).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

fn card(bases: &[&str], text: &str) -> Fact {
    let base_models = bases.iter().map(|base| located((*base).to_owned())).collect();
    fact(
        "README.md",
        FactKind::ModelCard(ModelCard { base_models, text: text.into(), ..ModelCard::default() }),
    )
}

fn adapter(base: &str) -> Fact {
    let config = AdapterConfig { base_model: Some(located(base.to_owned())), ..AdapterConfig::default() };
    fact("adapter_config.json", FactKind::AdapterConfig(config))
}

fn config(hidden: i64, heads: i64, name: Option<&str>) -> Fact {
    let mut config =
        ModelConfig { name_or_path: name.map(|name| located(name.to_owned())), ..ModelConfig::default() };
    config.fields.insert(ConfigField::HiddenSize, located(ConfigValue::Integer(hidden)));
    config.fields.insert(ConfigField::AttentionHeads, located(ConfigValue::Integer(heads)));
    fact("config.json", FactKind::ModelConfig(config))
}

fn license(line: &str) -> Fact {
    let copyright = vec![CopyrightLine { text: line.to_owned(), holder: None, years: None, line: 3 }];
    let file = LegalFile {
        role: LegalRole::License,
        scope: Scope::Model,
        recognition: Recognition { copyright, ..Recognition::default() },
        text: line.into(),
        size: line.len() as u64,
        blob: None,
        examined: true,
    };
    fact("LICENSE", FactKind::LegalFile(file))
}

/// A line of commits with these facts each.
fn history(states: &[&[Fact]]) -> History {
    let line = (0..states.len())
        .map(|state| Snapshot::Commit {
            id: ObjectId::from_bytes(&[state as u8 + 1; 20]).unwrap(),
            time: Time::utc(1_700_000_000 + 86_400 * state as i64),
        })
        .enumerate()
        .map(|(state, snapshot)| Point {
            last: snapshot.clone(),
            snapshot,
            author: String::new(),
            subject: String::new(),
            state,
            commits: 1,
            in_range: true,
        })
        .collect();
    let states = states
        .iter()
        .map(|facts| State {
            weights: true,
            partial: false,
            facts: facts.iter().cloned().map(Arc::new).collect(),
            problems: Vec::new(),
        })
        .collect();
    History { line, states, complete: true, ..History::default() }
}

/// [`super::removed`] with the subjects of the facts.
fn removed(catalog: &Catalog, history: &History, facts: &[Fact]) -> Vec<RemovedEvidence> {
    super::removed(catalog, history, facts, &subjects(facts, &mut Vec::new()))
}

/// What was removed on the way to the last state: strength, first candidate, and the detail.
fn gone(states: &[&[Fact]]) -> Vec<(Strength, String, String)> {
    removed(&CATALOG, &history(states), states[states.len() - 1])
        .into_iter()
        .map(|one| {
            assert_eq!(one.evidence.kind, EvidenceKind::History);
            (one.evidence.strength, one.candidates[0].model.to_string(), one.evidence.detail)
        })
        .collect()
}

const QWEN: &str = "Qwen/Qwen2.5-7B-Instruct";

#[test]
fn a_declaration_that_was_removed_is_one_until_its_commit() {
    let found = gone(&[&[card(&[QWEN], "")], &[card(&[QWEN], "more")], &[card(&[], "")]]);
    assert_eq!(
        found,
        [(
            Strength::Declared,
            QWEN.to_owned(),
            format!(
                "README.md, line 3, declared base_model {QWEN} until commit 0202020 of 2023-11-15, and no longer in commit \
                 0303030 of 2023-11-16"
            )
        )]
    );
    let found = gone(&[&[adapter("someone/unknown-model")], &[card(&[], "")]]);
    assert_eq!((found[0].0, found[0].1.as_str()), (Strength::Declared, "someone/unknown-model"));
}

#[test]
fn what_is_still_said_somewhere_was_not_removed() {
    assert!(gone(&[&[card(&[QWEN], "")], &[card(&[QWEN], "x")]]).is_empty());
    assert!(gone(&[&[adapter(QWEN)], &[card(&[QWEN], "")]]).is_empty(), "moved to the card");
    assert!(
        gone(&[&[card(&[QWEN], "")], &[card(&[], "It is based on Qwen/Qwen2.5-7B-Instruct.")]]).is_empty()
    );
    assert!(gone(&[&[card(&[], "")], &[card(&[QWEN], "")]]).is_empty());
    assert!(gone(&[&[card(&[QWEN], "")]]).is_empty());
    assert!(removed(&CATALOG, &History::default(), &[]).is_empty());
}

#[test]
fn a_corrected_declaration_is_a_hint() {
    let found = gone(&[&[card(&["Qwen/Qwen2.5-7B"], "")], &[card(&[QWEN], "")]]);
    assert_eq!(found[0].0, Strength::Circumstantial);
    assert!(found[0].2.ends_with("another base is declared now"), "{}", found[0].2);
}

#[test]
fn another_shape_speaks_against_what_was_declared() {
    let found = gone(&[&[card(&[QWEN], "")], &[card(&[], ""), config(1234, 7, None)]]);
    assert_eq!(found[0].0, Strength::Circumstantial);
    let found = gone(&[&[card(&[QWEN], "")], &[card(&[], ""), config(3584, 28, None)]]);
    assert_eq!(found[0].0, Strength::Declared);
}

#[test]
fn what_was_loaded_and_what_was_written_are_hints() {
    let found = gone(&[&[config(3584, 28, Some(QWEN))], &[config(3584, 28, Some("./output"))]]);
    assert_eq!((found[0].0, found[0].1.as_str()), (Strength::Circumstantial, QWEN));
    let found =
        gone(&[&[card(&[], "It is a fine-tuned version of Qwen/Qwen2.5-7B-Instruct.")], &[card(&[], "")]]);
    assert_eq!((found[0].0, found[0].1.as_str()), (Strength::Circumstantial, QWEN));
}

#[test]
fn an_owner_who_was_removed_supports_a_base_and_names_none() {
    let states: [&[Fact]; 2] =
        [&[license("Copyright (c) 2023 DeepSeek")], &[license("Copyright (c) 2026 Kaguya")]];
    let all = removed(&CATALOG, &history(&states), states[1]);
    assert_eq!(all.len(), 1);
    assert!(
        !all[0].names_base
            && all[0].candidates.iter().all(|one| one.model.as_str().starts_with("deepseek-ai/"))
    );
    assert_eq!(all[0].commit, ObjectId::from_bytes(&[1; 20]).unwrap());
    let mut hops = Vec::new();
    join(&CATALOG, &history(&states), states[1], &[], &mut hops);
    assert!(hops.is_empty());
    assert!(gone(&[&[license("Copyright (c) 2023 Kaguya")], &[]]).is_empty(), "the publisher's own line");
}

#[test]
fn a_removed_declaration_picks_from_a_set() {
    let candidate = |id: &str| Candidate { model: ModelId::from(id), revision: None, known: true };
    let mut hop = own_hop(RemovedEvidence {
        candidates: vec![candidate("Qwen/Qwen2.5-7B"), candidate(QWEN)],
        relation: Relation::Unknown,
        evidence: Evidence {
            kind: EvidenceKind::Configuration,
            strength: Strength::Structural,
            location: None,
            detail: String::new(),
            p: None,
        },
        commit: ObjectId::from_bytes(&[1; 20]).unwrap(),
        names_base: true,
    });
    hop.unique = false;
    let states: [&[Fact]; 2] = [&[card(&[QWEN], "")], &[card(&[], "")]];
    let mut hops = vec![hop];
    join(&CATALOG, &history(&states), states[1], &[], &mut hops);
    assert_eq!(hops.len(), 1);
    assert_eq!(hops[0].candidates, [candidate(QWEN)]);
    assert_eq!((hops[0].strength, hops[0].confidence), (Strength::Declared, Confidence::Medium));
    assert!(!hops[0].declared);
}

#[test]
fn a_long_history_gives_a_bounded_answer() {
    let states: Vec<Vec<Fact>> = (0..200)
        .map(|number| vec![card(&[&format!("someone/model-{number}")], "")])
        .chain([vec![]])
        .collect();
    let states: Vec<&[Fact]> = states.iter().map(Vec::as_slice).collect();
    assert_eq!(gone(&states).len(), MOST);
}
