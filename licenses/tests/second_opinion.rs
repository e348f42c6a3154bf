//! askalono as an independent second opinion: both are asked about the same texts, and every disagreement gets a reason.
//!
//! `FOREBEAR_CORPUS` names a folder with an `index.jsonl`, a line for each file: `{"file", "class", "truth": [ids]}`. With
//! `FOREBEAR_UPDATE=1` the list of disagreements is written into that folder as `second-opinion.md`. A debug build asks
//! about every tenth file. Without the variable the texts of the SPDX list and the cases below are all there is.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads a corpus and prints what it finds"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use askalono::{Store, TextData};
use forebear_licenses::{decode, list, recognise, text};
use forebear_types::LicenseId;
use forebear_types::license::{MatchStatus, Recognition};

/// Of a thousand files of the corpus, those about which askalono may be right while we are wrong. They are printed, and stand
/// first in the written list. The bound is a share and not a list of names, since the corpus is not part of the project.
const WE_ARE_WRONG: usize = 2;

/// A text, and what it is.
struct Question {
    name: String,
    class: String,
    text: String,
    truth: BTreeSet<String>,
}

/// Why two opinions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// askalono has the truth, and we have not.
    OursWrong,
    /// Ours is the same licence, and says that operative words differ.
    Altered,
    /// Ours is the same licence, and says that a part is missing.
    Incomplete,
    /// Ours has several licences; a similarity of whole files has one or none.
    Several,
    /// One text has several ids.
    SameText,
    /// The text is none of the SPDX list's, which is all that askalono has.
    NotOnItsList,
    /// The file names a licence, and holds no text.
    OnlyNamed,
    /// We have the truth, and askalono another licence.
    ItsWrong,
    /// We have the truth, and askalono nothing above its threshold.
    BelowItsThreshold,
    /// Neither has the truth.
    BothWrong,
}

const REASONS: &[(Reason, &str)] = &[
    (Reason::OursWrong, "ours wrong: askalono has the truth"),
    (Reason::Altered, "ours more precise: operative words differ"),
    (Reason::Incomplete, "ours more precise: a part is missing"),
    (Reason::Several, "several licences in one file"),
    (Reason::SameText, "one text under several ids"),
    (Reason::NotOnItsList, "not on askalono's list"),
    (Reason::OnlyNamed, "only named"),
    (Reason::ItsWrong, "askalono wrong: another licence"),
    (Reason::BelowItsThreshold, "askalono below its threshold"),
    (Reason::BothWrong, "neither has the truth"),
];

struct Disagreement {
    name: String,
    class: String,
    truth: String,
    ours: String,
    theirs: String,
    reason: Option<Reason>,
}

/// askalono with the texts that we recognise, the model licences excepted: of those there is no text here.
struct Second {
    store: Store,
    /// One id for each group of equal texts.
    same: BTreeMap<String, String>,
}

impl Second {
    fn new() -> Self {
        let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let (mut store, mut same) = (Store::new(), BTreeMap::new());
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for listed in list() {
            let Some(text) = text(&listed.id) else { continue };
            let id = base(listed.id.as_str());
            let group = first.entry(fold(text)).or_insert_with(|| {
                // Of equal texts one is enough: which of them askalono names is chance.
                store.add_license(listed.id.to_string(), TextData::from(text));
                id.clone()
            });
            same.insert(id, group.clone());
        }
        Self { store, same }
    }

    /// The licence and its score, if that is above askalono's own threshold for a confident match.
    fn ask(&self, text: &str) -> (Option<String>, f32) {
        let found = self.store.analyze(&TextData::from(text));
        ((found.score >= 0.9).then(|| found.name.to_owned()), found.score)
    }

    fn group(&self, id: &str) -> String {
        let id = base(id);
        self.same.get(&id).cloned().unwrap_or(id)
    }

    fn groups<'a>(&self, ids: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
        // An exception is no licence of its own, and a corpus names the licence.
        ids.filter(|id| spdx::exception_id(id).is_none()).map(|id| self.group(id)).collect()
    }
}

/// An id without the part that no text shows: which versions besides.
fn base(id: &str) -> String {
    let id = id.split(" WITH ").next().unwrap_or(id);
    ["-only", "-or-later", "+"].iter().find_map(|end| id.strip_suffix(end)).unwrap_or(id).to_owned()
}

/// Compares the two about one text. `None` if they agree.
fn compare(second: &Second, question: &Question) -> Option<Disagreement> {
    let found = recognise(&question.text);
    let (theirs, score) = second.ask(&question.text);
    let whole: Vec<&str> =
        found.licenses.iter().filter(|one| one.whole()).map(|one| one.id.as_str()).collect();
    let same = match (&theirs, whole.as_slice()) {
        (None, []) => true,
        (Some(theirs), [first, rest @ ..]) => {
            // The same text twice is one licence.
            base(theirs) == base(first) && rest.iter().all(|other| base(other) == base(first))
        }
        _ => false,
    };
    if same {
        return None;
    }
    let reason = reason(second, question, &found, &whole, theirs.as_deref());
    Some(Disagreement {
        name: question.name.clone(),
        class: question.class.clone(),
        truth: joined(question.truth.iter().map(String::as_str)),
        ours: described(&found),
        theirs: theirs
            .map_or_else(|| format!("nothing ({score:.2})"), |theirs| format!("{theirs} ({score:.2})")),
        reason,
    })
}

fn reason(
    second: &Second,
    question: &Question,
    found: &Recognition,
    whole: &[&str],
    theirs: Option<&str>,
) -> Option<Reason> {
    let truth = second.groups(question.truth.iter().map(String::as_str));
    let plain = second.groups(whole.iter().copied());
    let any = second.groups(found.licenses.iter().map(|one| one.id.as_str()));
    let named = second.groups(found.named.iter().map(|one| one.id.as_str()));
    let theirs = theirs.map(|theirs| second.group(theirs));
    let their_set: BTreeSet<String> = theirs.iter().cloned().collect();
    // A changed text is no plain one; what holds no licence has no plain one either.
    let ours_right =
        plain == truth || (any == truth && !truth.is_empty()) || (any.is_empty() && named == truth);
    let theirs_right = their_set == truth;
    let status = |wanted: fn(&MatchStatus) -> bool| {
        found.licenses.iter().any(|one| {
            wanted(&one.status)
                && theirs.as_ref().is_none_or(|theirs| second.group(one.id.as_str()) == *theirs)
        })
    };
    if theirs_right && !ours_right {
        return Some(Reason::OursWrong);
    }
    if status(|status| matches!(status, MatchStatus::Altered { .. })) && theirs.is_some() {
        return Some(Reason::Altered);
    }
    if status(|status| matches!(status, MatchStatus::Incomplete { .. })) && theirs.is_some() {
        return Some(Reason::Incomplete);
    }
    if found.licenses.len() > 1 {
        return Some(Reason::Several);
    }
    if !plain.is_empty() && plain == their_set {
        return Some(Reason::SameText);
    }
    if any.iter().any(|id| !second.same.contains_key(id)) {
        return Some(Reason::NotOnItsList);
    }
    if found.licenses.is_empty() && !named.is_empty() {
        return Some(Reason::OnlyNamed);
    }
    match (ours_right, theirs.is_some()) {
        (true, true) => Some(Reason::ItsWrong),
        (true, false) => Some(Reason::BelowItsThreshold),
        (false, _) => (!theirs_right).then_some(Reason::BothWrong),
    }
}

fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = ids.collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn described(found: &Recognition) -> String {
    let mut parts: Vec<String> = Vec::new();
    for one in &found.licenses {
        let mut part = one.id.to_string();
        if !one.whole() {
            let _ = write!(part, " {} {:.1} %", one.status.name(), one.coverage.ratio() * 100.0);
        }
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        parts = found.named.iter().map(|named| format!("{} named", named.id)).collect();
        parts.dedup();
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// Asks both about all questions, on all processors.
fn ask_all(second: &Second, questions: &[Question]) -> Vec<Disagreement> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = questions.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let handles: Vec<_> = questions
            .chunks(share)
            .map(|chunk| {
                scope.spawn(move || chunk.iter().filter_map(|one| compare(second, one)).collect::<Vec<_>>())
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    })
}

/// How many disagreements have which reason, class by class.
fn table(questions: &[Question], disagreements: &[Disagreement]) -> String {
    let classes: BTreeSet<&str> = questions.iter().map(|question| question.class.as_str()).collect();
    let mut out = String::from("| reason |");
    for class in &classes {
        let _ = write!(out, " {class} |");
    }
    out.push_str(" all |\n|---|");
    (0..=classes.len()).for_each(|_| out.push_str("---|"));
    out.push('\n');
    let mut row = |name: &str, count: &dyn Fn(&str) -> usize| {
        let _ = write!(out, "| {name} |");
        for class in &classes {
            let _ = write!(out, " {} |", count(class));
        }
        let _ = writeln!(out, " {} |", classes.iter().map(|class| count(class)).sum::<usize>());
    };
    row("files", &|class| questions.iter().filter(|one| one.class == class).count());
    row("both say the same", &|class| {
        let all = questions.iter().filter(|one| one.class == class).count();
        all - disagreements.iter().filter(|one| one.class == class).count()
    });
    for (reason, name) in REASONS {
        row(name, &|class| {
            disagreements.iter().filter(|one| one.class == class && one.reason == Some(*reason)).count()
        });
    }
    out
}

fn words(reason: Option<Reason>) -> &'static str {
    REASONS.iter().find(|(known, _)| Some(*known) == reason).map_or("NO REASON", |(_, words)| words)
}

fn line(one: &Disagreement) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} |",
        one.name,
        one.class,
        one.truth,
        one.ours,
        one.theirs,
        words(one.reason)
    )
}

/// Whole texts of the list, and cases that similarity cannot tell.
fn own_questions() -> Vec<Question> {
    let known = |id: &str| text(&LicenseId::from(id)).unwrap().to_owned();
    let ask = |name: &str, class: &str, text: String, truth: &[&str]| Question {
        name: name.to_owned(),
        class: class.to_owned(),
        text,
        truth: truth.iter().map(|id| (*id).to_owned()).collect(),
    };
    let mut questions = Vec::new();
    let listed = list();
    let every = if cfg!(debug_assertions) { 6 } else { 1 };
    for listed in listed.iter().filter(|listed| listed.has_text && listed.title.is_some()).step_by(every) {
        questions.push(ask(listed.id.as_str(), "whole", known(listed.id.as_str()), &[listed.id.as_str()]));
    }
    let (mit, apache) = (known("MIT"), known("Apache-2.0"));
    let end = apache.find("END OF TERMS AND CONDITIONS").unwrap();
    questions.push(ask(
        "Apache-2.0 without its appendix",
        "derived",
        apache[..end].to_owned(),
        &["Apache-2.0"],
    ));
    questions.push(ask("MIT and Apache-2.0", "two", format!("{mit}\n\n{apache}"), &["MIT", "Apache-2.0"]));
    let clause = "The Software may be used for non-commercial research only.";
    questions.push(ask("MIT with a clause", "modified", format!("{mit}\n\n{clause}\n"), &[]));
    let cut = mit.find("THE SOFTWARE IS PROVIDED").unwrap();
    questions.push(ask("MIT without its disclaimer", "modified", mit[..cut].to_owned(), &[]));
    let header = "Licensed under the Apache License, Version 2.0 (the \"License\");\nyou may not use this file except in compliance with the License.\n";
    questions.push(ask("Apache-2.0, header", "notice", header.to_owned(), &["Apache-2.0"]));
    questions.push(ask("code", "code", "fn main() {\n    println!(\"licence\");\n}\n".to_owned(), &[]));
    questions
}

/// The files that the index of a corpus lists.
fn corpus(folder: &Path) -> Vec<Question> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let every = if cfg!(debug_assertions) { 10 } else { 1 };
    let mut questions = Vec::new();
    for line in index.lines().filter(|line| !line.trim().is_empty()).step_by(every) {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = row["file"].as_str().unwrap();
        let Ok(bytes) = std::fs::read(folder.join(name)) else {
            println!("skipped: {name} is in the index and cannot be read");
            continue;
        };
        let truth = row["truth"].as_array().unwrap().iter();
        questions.push(Question {
            name: name.to_owned(),
            class: row["class"].as_str().unwrap().to_owned(),
            text: decode(&bytes).text,
            truth: truth.map(|id| id.as_str().unwrap().to_owned()).collect(),
        });
    }
    questions
}

#[test]
fn on_our_own_texts_every_disagreement_has_a_reason_and_we_are_never_wrong() {
    let second = Second::new();
    let questions = own_questions();
    let disagreements = ask_all(&second, &questions);
    println!("{}", table(&questions, &disagreements));
    disagreements.iter().for_each(|one| println!("{}", line(one)));
    for one in &disagreements {
        assert!(one.reason.is_some(), "{}", line(one));
        assert_ne!(one.reason, Some(Reason::OursWrong), "{}", line(one));
    }
    // What similarity cannot tell, and why there is more than it.
    for (name, reason) in [
        ("MIT and Apache-2.0", Reason::Several),
        ("MIT with a clause", Reason::Altered),
        ("Apache-2.0 without its appendix", Reason::ItsWrong),
    ] {
        let found = disagreements.iter().find(|one| one.name == name).map(|one| one.reason);
        assert_eq!(found, Some(Some(reason)), "{name}");
    }
}

#[test]
fn on_the_corpus_every_disagreement_has_a_reason() {
    let Some(folder) = std::env::var_os("FOREBEAR_CORPUS") else {
        println!("skipped: the corpus is not part of the project; set FOREBEAR_CORPUS to its folder");
        return;
    };
    let folder = Path::new(&folder);
    let second = Second::new();
    let questions = corpus(folder);
    let disagreements = ask_all(&second, &questions);
    let summary = table(&questions, &disagreements);
    println!("{summary}");
    let ours_wrong: Vec<&Disagreement> =
        disagreements.iter().filter(|one| one.reason == Some(Reason::OursWrong)).collect();
    ours_wrong.iter().for_each(|one| println!("{}", line(one)));
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        let mut out = format!(
            "# askalono beside ours\n\n{} files, {} disagreements.\n\n{summary}\n| file | class | truth | ours | askalono | reason |\n|---|---|---|---|---|---|\n",
            questions.len(),
            disagreements.len()
        );
        let mut sorted: Vec<&Disagreement> = disagreements.iter().collect();
        sorted.sort_by_key(|one| (one.reason, one.class.clone(), one.name.clone()));
        for one in sorted {
            let _ = writeln!(out, "{}", line(one));
        }
        std::fs::write(folder.join("second-opinion.md"), out).unwrap();
    }
    let without: Vec<String> = disagreements.iter().filter(|one| one.reason.is_none()).map(line).collect();
    assert!(without.is_empty(), "no reason:\n{}", without.join("\n"));
    let allowed = questions.len() * WE_ARE_WRONG / 1000;
    assert!(ours_wrong.len() <= allowed, "{} files, at most {allowed} are allowed", ours_wrong.len());
}
