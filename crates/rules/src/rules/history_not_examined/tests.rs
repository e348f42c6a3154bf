use forebear_lineage::catalog::Catalog;
use forebear_types::fact::{WeightsFile, WeightsFormat};
use forebear_types::history::{History, SignKind};
use forebear_types::lineage::Lineage;
use forebear_types::{ObjectId, Snapshot};

use super::*;
use crate::{Input, Policy};

fn found(signs: &[&str], gap: Option<&str>) -> Finding {
    let sign = |what: &&str| Sign {
        kind: SignKind::Squashed,
        what: (*what).to_owned(),
        remedy: "ask for the history from before".into(),
    };
    let problem = |what: &str| Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::History,
        what: what.to_owned(),
        remedy: "git fetch --unshallow".into(),
    };
    let history = History {
        head: ObjectId::from_bytes(&[1; 20]),
        commits: 3,
        complete: gap.is_none(),
        signs: signs.iter().map(sign).collect(),
        problems: gap.map(problem).into_iter().collect(),
        ..History::default()
    };
    let weights = WeightsFile { format: WeightsFormat::Safetensors, size: 1, pointer: None, adapter: false };
    let facts = [Fact {
        path: RepoPath::new("model.safetensors").unwrap(),
        snapshot: Snapshot::WorkTree,
        kind: FactKind::Weights(weights),
    }];
    let (catalog, lineage, policy) = (Catalog::embedded(), Lineage::default(), Policy::default());
    let findings = crate::judge(Input::of_work_tree(&facts, &catalog, &lineage, &history, &policy)).findings;
    findings.into_iter().find(|finding| finding.rule == RULE.id).unwrap()
}

const SQUASHED: &str = "the first commit says “Squashed commit of the following”";

#[test]
fn a_sign_is_a_note_about_what_nobody_can_see() {
    let finding = found(&[SQUASHED], None);
    assert_eq!((finding.answer, finding.severity), (Answer::Unmet, Severity::Note));
    assert!(finding.message.contains(SQUASHED) && !finding.message.contains("more sign"));
    assert_eq!(finding.help, "To see more: ask for the history from before.");
    assert!(found(&[SQUASHED, "another"], None).message.contains(", and 1 more sign"));
}

#[test]
fn a_gap_speaks_first_and_the_sign_is_told_too() {
    let finding = found(&[SQUASHED], Some("the clone is shallow"));
    let (gap, sign) = (finding.message.find("the clone is shallow"), finding.message.find(SQUASHED));
    assert!(gap.unwrap() < sign.unwrap(), "{}", finding.message);
    assert_eq!(finding.help, "To examine it: git fetch --unshallow.");
}

#[test]
fn a_history_without_signs_is_whole() {
    assert_eq!(found(&[], None).answer, Answer::Met);
}
