use std::sync::Arc;

use forebear_lineage::catalog::Catalog;
use forebear_types::fact::{
    Fact, FactKind, LegalFile, LegalRole, ModelCard, Scope, WeightsFile, WeightsFormat,
};
use forebear_types::finding::Finding;
use forebear_types::history::{About, Event, EventKind, Line as OtherLine, Reach, State};
use forebear_types::license::{CopyrightLine, Coverage, LicenseMatch, MatchStatus, Recognition};
use forebear_types::lineage::{Candidate, Confidence, Hop, Lineage, Relation, Strength};
use forebear_types::{LineSpan, ModelId, ObjectId, RepoPath, Time};

use super::*;
use crate::{Input, Judgement, Policy};

const OWNER: &str = "Copyright (c) 2023 DeepSeek";

/// States of these tests, by their places.
const BARE: usize = 0;
const WHOLE: usize = 1;
const EMPTY: usize = 2;
const PARTIAL: usize = 3;
const DOCS: usize = 4;

fn fact(path: &str, kind: FactKind) -> Fact {
    Fact { path: RepoPath::new(path).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

fn license() -> Fact {
    let recognition = Recognition {
        licenses: vec![LicenseMatch {
            id: "MIT".into(),
            coverage: Coverage::FULL,
            status: MatchStatus::Exact,
            lines: LineSpan::new(1, 20),
        }],
        copyright: vec![CopyrightLine {
            text: OWNER.into(),
            holder: Some("DeepSeek".into()),
            years: Some("2023".into()),
            line: 1,
        }],
        ..Recognition::default()
    };
    let file = LegalFile {
        role: LegalRole::License,
        scope: Scope::Model,
        recognition,
        text: Arc::from(OWNER),
        size: 1,
        blob: None,
        examined: true,
    };
    fact("LICENSE", FactKind::LegalFile(file))
}

fn card() -> Fact {
    fact("README.md", FactKind::ModelCard(ModelCard { text: Arc::from("# K\n"), ..ModelCard::default() }))
}

fn weights() -> Fact {
    let weights =
        WeightsFile { format: WeightsFormat::Safetensors, size: 1 << 30, pointer: None, adapter: false };
    fact("model.safetensors", FactKind::Weights(weights))
}

fn states() -> Vec<State> {
    let state = |facts: &[Fact], weights, partial| State {
        weights,
        partial,
        facts: facts.iter().cloned().map(Arc::new).collect(),
        problems: Vec::new(),
    };
    vec![
        state(&[card()], true, false),
        state(&[license(), card()], true, false),
        state(&[card()], false, false),
        state(&[], true, true),
        state(&[card()], false, false),
    ]
}

/// A commit of a day.
fn at(day: u8) -> Snapshot {
    let id = ObjectId::from_bytes(&[day; 20]).unwrap();
    Snapshot::Commit { id, time: Time::utc(1_767_225_600 + i64::from(day) * 86_400) }
}

fn points(line: &[(u8, usize, usize)]) -> Vec<Point> {
    let point = |(day, state, commits): &(u8, usize, usize)| Point {
        snapshot: at(*day),
        last: at(*day),
        author: "Ada <ada@example.org>".into(),
        subject: format!("Day {day}"),
        state: *state,
        commits: *commits,
        in_range: true,
    };
    line.iter().map(point).collect()
}

/// A history of runs: day, state, commits.
fn history(line: &[(u8, usize, usize)]) -> History {
    History {
        head: ObjectId::from_bytes(&[9; 20]),
        commits: line.len(),
        complete: true,
        states: states(),
        line: points(line),
        ..History::default()
    }
}

/// Judges a derivative of DeepSeek-R1 whose files are those of the last state.
fn judge(history: &History) -> Judgement {
    let hop = Hop {
        subject: RepoPath::root(),
        child: None,
        candidates: vec![Candidate {
            model: ModelId::from("deepseek-ai/DeepSeek-R1"),
            revision: None,
            known: true,
        }],
        relation: Relation::FineTune,
        strength: Strength::Declared,
        unique: true,
        confidence: Confidence::High,
        declared: true,
        because: Vec::new(),
        against: Vec::new(),
    };
    let last = history.line.last().unwrap().state;
    let mut facts: Vec<Fact> = history.states[last].facts.iter().map(|fact| fact.as_ref().clone()).collect();
    facts.push(weights());
    let (catalog, lineage) = (Catalog::embedded(), Lineage { hops: vec![hop] });
    let policy = Policy::default();
    crate::judge(Input::of_work_tree(&facts, &catalog, &lineage, history, &policy))
}

/// The intervals of the licence text: reference, first day, last day, commits, tags.
fn intervals(history: &History) -> Vec<(String, u8, Option<u8>, usize, String)> {
    let judgement = judge(history);
    let day = |moment: &Moment| moment.commit.unwrap().as_bytes()[0];
    let text = |one: &&LineExposure| judgement.obligations[one.obligation].duty == Duty::IncludeLicenseText;
    judgement
        .exposures
        .iter()
        .filter(text)
        .map(|LineExposure { reference, exposure, .. }| {
            let to = exposure.to.as_ref().map(day);
            (reference.clone(), day(&exposure.from), to, exposure.commits, exposure.tags.join(" "))
        })
        .collect()
}

fn head(from: u8, to: Option<u8>, commits: usize, tags: &str) -> (String, u8, Option<u8>, usize, String) {
    (HEAD.to_owned(), from, to, commits, tags.to_owned())
}

fn tag(name: &str, day: u8, state: usize, point: Option<usize>) -> Tag {
    Tag { name: name.into(), commit: at(day), state, point }
}

#[test]
fn runs_count_their_commits() {
    let history = history(&[(1, BARE, 3), (5, EMPTY, 2), (6, BARE, 4), (20, WHOLE, 7)]);
    assert_eq!(intervals(&history), [head(1, Some(20), 9, "")]);
    let exposure = &judge(&history).exposures[0].exposure;
    assert_eq!((exposure.days(), exposure.is_open()), (Some(19), false));
}

/// Where the line begins because nothing older is here, nobody can say since when.
#[test]
fn the_first_commit_that_is_here_need_not_be_the_first() {
    let mut history = history(&[(1, BARE, 1), (2, WHOLE, 1), (3, BARE, 1)]);
    let earlier = |history: &History| -> Vec<bool> {
        judge(history).exposures.iter().map(|one| one.exposure.or_earlier).collect()
    };
    assert_eq!(earlier(&history), [false; 4]);
    history.complete = false;
    assert_eq!(earlier(&history), [true, false, true, false], "of two duties, the first interval each");
}

#[test]
fn text_and_line_have_intervals_of_their_own() {
    let judgement = judge(&history(&[(1, BARE, 1), (2, WHOLE, 1), (3, BARE, 1)]));
    let duties: Vec<Duty> =
        judgement.exposures.iter().map(|one| judgement.obligations[one.obligation].duty).collect();
    use Duty::{IncludeLicenseText as Text, KeepCopyrightNotice as Line};
    assert_eq!(duties, [Text, Text, Line, Line]);
    let open: Vec<bool> = judgement.exposures.iter().map(|one| one.exposure.is_open()).collect();
    assert_eq!(open, [false, true, false, true]);
}

#[test]
fn what_could_not_be_read_neither_opens_nor_closes() {
    let seen = |line: &[(u8, usize, usize)]| intervals(&history(line));
    assert_eq!(seen(&[(1, WHOLE, 1), (2, PARTIAL, 5), (3, WHOLE, 1)]), []);
    assert_eq!(
        seen(&[(1, BARE, 1), (2, PARTIAL, 5), (3, BARE, 1), (4, WHOLE, 1)]),
        [head(1, Some(4), 7, "")]
    );
    // Nothing is known of the time between: the text was lost when it is seen to be gone.
    let judgement = judge(&history(&[(1, WHOLE, 1), (2, PARTIAL, 1), (3, BARE, 1)]));
    assert_eq!(judgement.exposures[0].exposure.from.commit, Moment::of(&at(3)).commit);
}

#[test]
fn tags_lie_in_an_interval_by_their_place_or_their_time() {
    let mut history = history(&[(1, BARE, 3), (10, WHOLE, 1), (12, BARE, 1)]);
    history.tags = vec![
        tag("v1.0", 3, BARE, Some(0)),
        tag("v1.1", 11, WHOLE, Some(1)),
        // Off the line: without the text, with it, and before there were weights on the line.
        tag("v1.0.1", 4, BARE, None),
        tag("v1.0.2", 5, WHOLE, None),
        tag("v0.9", 0, BARE, None),
        // On the day on which the line met the duty.
        tag("v1.0.3", 10, BARE, None),
        tag("v2.0", 13, BARE, None),
        tag("v2.1", 14, PARTIAL, None),
    ];
    assert_eq!(intervals(&history), [head(1, Some(10), 3, "v1.0 v1.0.1"), head(12, None, 1, "v2.0")]);
}

#[test]
fn other_references_come_after_head_and_only_if_they_hold_weights() {
    let mut history = history(&[(1, BARE, 1), (3, WHOLE, 1)]);
    history.others = vec![
        OtherLine { reference: "refs/heads/docs".into(), shared: 0, points: points(&[(1, DOCS, 1)]) },
        OtherLine { reference: "refs/heads/old".into(), shared: 1, points: points(&[(2, BARE, 2)]) },
    ];
    history.tags = vec![tag("v1", 1, BARE, Some(0)), tag("v2", 3, WHOLE, Some(1))];
    let old = ("refs/heads/old".to_owned(), 1, None, 3, "v1".to_owned());
    assert_eq!(intervals(&history), [head(1, Some(3), 1, "v1"), old]);
}

#[test]
fn without_any_weights_all_commits_count() {
    let mut history = history(&[(1, EMPTY, 1), (3, EMPTY, 1)]);
    history.others =
        vec![OtherLine { reference: "refs/heads/docs".into(), shared: 0, points: points(&[(2, DOCS, 1)]) }];
    let docs = ("refs/heads/docs".to_owned(), 2, None, 1, String::new());
    assert_eq!(intervals(&history), [head(1, None, 2, ""), docs]);
}

fn gone(reach: Reach) -> Vec<Event> {
    let event = |kind, about, path: &str, from: Option<&str>, to: Option<&str>| Event {
        snapshot: at(2),
        author_time: None,
        author: "Eve <eve@example.org>".into(),
        subject: "Tidy".into(),
        path: RepoPath::new(path).unwrap(),
        kind,
        detail: None,
        about,
        parents: 1,
        reach,
        reference: Some("refs/pull/7/head".into()),
        in_range: true,
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    let key = |key: &str| About::Declaration(key.into());
    vec![
        event(EventKind::Removed, About::LegalFile, "LICENSE", Some("MIT"), None),
        event(EventKind::Removed, key("license"), "README.md", Some("mit"), None),
        event(EventKind::Removed, key("base_model"), "README.md", Some("Qwen/Qwen2.5-7B"), None),
        event(EventKind::Relicensed, key("license"), "CARD.md", Some("mit"), Some("apache-2.0")),
    ]
}

/// What others propose and what no reference reaches is shown, and nobody is judged by it.
#[test]
fn only_the_examined_history_makes_findings() {
    let findings = |reach| {
        let mut history = history(&[(1, WHOLE, 1), (2, BARE, 1)]);
        history.events = gone(reach);
        judge(&history).findings
    };
    let cites = |findings: &[Finding]| -> Vec<&'static str> {
        let eve = |finding: &&Finding| finding.message.contains("eve@example.org");
        findings.iter().filter(eve).map(|finding| finding.rule.0).collect()
    };
    assert_eq!(
        cites(&findings(Reach::Head)),
        [
            "license-removed-in-history",
            "base-declaration-removed-in-history",
            "declared-license-removed-in-history",
            "relicensed-in-history",
        ]
    );
    for reach in [Reach::Own, Reach::Foreign, Reach::Unreachable] {
        assert_eq!(cites(&findings(reach)), Vec::<&str>::new(), "{reach:?}");
    }
}

#[test]
fn findings_give_the_command_that_shows_the_change() {
    let mut history = history(&[(1, WHOLE, 1), (2, BARE, 1)]);
    history.events = gone(Reach::Head);
    history.events[0].parents = 2;
    let findings = judge(&history).findings;
    let removed = findings.iter().find(|one| one.rule.0 == "license-removed-in-history").unwrap();
    assert!(removed.message.contains("in merge commit 0202020"), "{}", removed.message);
    assert!(removed.help.contains("git checkout 0202020^1 -- LICENSE, or 0202020^2"), "{}", removed.help);
    history.tags = vec![tag("v1.1", 2, BARE, Some(1))];
    let tagged = judge(&history).findings;
    let message = &tagged.iter().find(|one| one.rule.0 == "license-removed-in-history").unwrap().message;
    assert!(message.ends_with("1 commit, the tag v1.1."), "{message}");
    assert!(removed.help.ends_with("git show --remerge-diff 0202020 -- LICENSE"), "{}", removed.help);
}
