use std::sync::Arc;

use forebear_lineage::catalog::Catalog;
use forebear_types::edit::Reach;
use forebear_types::fact::{Fact, FactKind, LegalFile, ModelCard, Scope, WeightsFile, WeightsFormat};
use forebear_types::finding::Finding;
use forebear_types::history::History;
use forebear_types::license::{Coverage, LicenseMatch, Recognition};
use forebear_types::lineage::{Candidate, Confidence, Lineage, Strength};
use forebear_types::{LineSpan, Snapshot};

use super::*;
use crate::Input;

fn fact(path: &str, kind: FactKind) -> Fact {
    Fact { path: RepoPath::new(path).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

fn legal(path: &str, licenses: &[&str]) -> Fact {
    let found = |id: &&str| LicenseMatch {
        id: LicenseId::from(*id),
        coverage: Coverage::FULL,
        status: MatchStatus::Exact,
        lines: LineSpan::line(1),
    };
    let recognition =
        Recognition { licenses: licenses.iter().map(found).collect(), ..Recognition::default() };
    let file = LegalFile {
        role: LegalRole::License,
        scope: Scope::Model,
        recognition,
        text: Arc::from("x\n"),
        size: 2,
        blob: None,
        examined: true,
    };
    fact(path, FactKind::LegalFile(file))
}

fn judged(mut facts: Vec<Fact>, hops: Vec<Hop>) -> Vec<Finding> {
    let weights =
        WeightsFile { format: WeightsFormat::Safetensors, size: 1 << 30, pointer: None, adapter: false };
    facts.push(fact("model.safetensors", FactKind::Weights(weights)));
    let (catalog, history, lineage) = (Catalog::embedded(), History::default(), Lineage { hops });
    let policy = crate::Policy::default();
    crate::judge(Input::of_work_tree(&facts, &catalog, &lineage, &history, &policy)).findings
}

fn edits(findings: &[Finding], rule: &str) -> Vec<Edit> {
    findings.iter().filter(|one| one.rule.0 == rule).flat_map(|one| one.edits.clone()).collect()
}

fn card() -> Fact {
    fact("README.md", FactKind::ModelCard(ModelCard { text: Arc::from("# K\n"), ..ModelCard::default() }))
}

#[test]
fn a_licence_that_the_hub_has_no_word_for_is_declared_by_name_and_link() {
    let findings = judged(vec![legal("LICENSE", &["LicenseRef-qwen-research"]), card()], Vec::new());
    let [Edit::Declare(keys)] = &edits(&findings, "no-license-declared")[..] else { panic!("{findings:?}") };
    let keys: Vec<(&str, &str)> = keys.iter().map(|one| (one.key.name(), one.values[0].as_str())).collect();
    assert_eq!(keys[0], ("license", "other"));
    assert_eq!(keys[1].0, "license_name");
    assert_eq!(keys[2], ("license_link", "LICENSE"));
    // What is written is understood as that licence.
    let understood = hub::from_name(keys[1].1, Some(keys[2].1));
    assert_eq!(understood.candidates(), [LicenseId::from("LicenseRef-qwen-research")]);
}

#[test]
fn a_licence_is_declared_only_where_one_file_tells_one() {
    for facts in [
        vec![legal("LICENSE", &["MIT", "Apache-2.0"]), card()],
        vec![legal("LICENSE", &["MIT"]), legal("LICENSE-APACHE", &["Apache-2.0"]), card()],
        vec![legal("LICENSE", &["MIT"])],
    ] {
        assert_eq!(edits(&judged(facts, Vec::new()), "no-license-declared"), []);
    }
}

fn hop(models: &[&str], relation: Relation, strength: Strength) -> Hop {
    let candidate = |id: &&str| Candidate { model: ModelId::from(*id), revision: None, known: true };
    Hop {
        subject: RepoPath::root(),
        child: None,
        candidates: models.iter().map(candidate).collect(),
        relation,
        strength,
        unique: strength > Strength::Structural,
        confidence: Confidence::High,
        declared: false,
        because: Vec::new(),
        against: Vec::new(),
    }
}

#[test]
fn a_base_is_declared_if_it_is_proven_and_one() {
    let proven = hop(&["deepseek-ai/DeepSeek-R1"], Relation::Quantised, Strength::Identical);
    let found = edits(&judged(vec![card()], vec![proven]), "base-undeclared");
    let expected = vec![
        Declaration::one(CardKey::BaseModel, "deepseek-ai/DeepSeek-R1"),
        Declaration::one(CardKey::BaseModelRelation, "quantized"),
    ];
    assert_eq!(found, [Edit::Declare(expected)]);
    let several = ["deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-R1-0528"];
    for hop in [
        hop(&several, Relation::Unknown, Strength::Identical),
        hop(&several[..1], Relation::Unknown, Strength::Structural),
        hop(&several[..1], Relation::Unknown, Strength::Circumstantial),
    ] {
        assert_eq!(edits(&judged(vec![card()], vec![hop]), "base-undeclared"), []);
    }
}

/// Whatever is offered for a duty of an ancestor rests on a hop that carries a violation, and on candidates that agree.
#[test]
fn nothing_is_offered_on_weak_or_split_evidence() {
    let differ = ["deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-R1"];
    for hop in [
        hop(&differ, Relation::FineTune, Strength::Declared),
        hop(&differ[1..], Relation::FineTune, Strength::Structural),
    ] {
        for finding in judged(vec![card()], vec![hop]) {
            assert_eq!(finding.edits, [], "{finding:?}");
        }
    }
    let agreed = judged(vec![card()], vec![hop(&differ[1..], Relation::FineTune, Strength::Declared)]);
    assert_eq!(edits(&agreed, "missing-license-text"), [Edit::WriteNotice]);
    assert!(agreed.iter().flat_map(|one| &one.edits).all(|edit| edit.reach() == Reach::Safe));
}
