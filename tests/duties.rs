//! The page of duties is that of the tables: every duty of every licence, the rule that judges it, and cases that show it met, unmet and
//! open. `FOREBEAR_UPDATE=1` writes the page.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads cases and writes a page"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use forebear_licenses::terms::{Ask, Term, known, terms};
use forebear_rules::{Judged, judged};
use forebear_types::LicenseId;
use forebear_types::obligation::Duty;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A case that shows an answer: its file, below the root, and its title.
type Shown = BTreeMap<(Duty, String), (String, String)>;

/// The first case for each duty and answer: those of the rule that judges the duty before others.
fn cases() -> Shown {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("crates/rules/src/rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("cases.md"))
        .filter(|path| path.exists())
        .collect();
    files.sort();
    let stories = ["stories", "lineage", "lineage-formats", "removed", "policy"];
    files.extend(stories.map(|name| root().join(format!("fixtures/{name}.md"))));
    let mut shown = Shown::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let (mut title, mut block) = (String::new(), None);
        for line in text.lines() {
            match (line.strip_prefix("## "), line.strip_prefix("```"), block) {
                (_, Some(""), Some(_)) => block = None,
                (_, Some(kind), None) => block = Some(kind == "obligations"),
                (Some(heading), _, None) => heading.clone_into(&mut title),
                (_, _, Some(true)) => note(&mut shown, line, &name, &title),
                _ => {}
            }
        }
    }
    shown
}

fn note(shown: &mut Shown, line: &str, file: &str, title: &str) {
    let mut words = line.split_whitespace();
    let (Some(answer), Some(duty)) = (words.next(), words.next().and_then(Duty::from_name)) else { return };
    // What is owed only if the base is another one shows nothing about the duty.
    if line.ends_with("conditional") {
        return;
    }
    let own = match judged(duty) {
        Judged::By(rule) => file.contains(&format!("/{}/", rule.replace('-', "_"))),
        Judged::Never(_) => false,
    };
    let key = (duty, answer.to_owned());
    let case = (file.to_owned(), title.to_owned());
    if own && !shown.get(&key).is_some_and(|(known, _)| known.contains("/rules/") && known == file) {
        shown.insert(key, case);
    } else {
        shown.entry(key).or_insert(case);
    }
}

fn link(shown: &Shown, duty: Duty, answer: &str) -> Option<String> {
    let (file, title) = shown.get(&(duty, answer.to_owned()))?;
    Some(format!("[{title}](../{file})"))
}

/// Duties of which one answer cannot be shown by a repository, and why.
const NOT_SHOWN: &[(Duty, &str, &str)] =
    &[(Duty::KeepNoticeFile, "met", "only a comparison with upstream's own NOTICE shows it (`--upstream`)")];

fn page() -> String {
    let shown = cases();
    let mut text = String::from(
        "# Duties\n\nMade from the tables and the cases by `FOREBEAR_UPDATE=1 cargo test --package forebear --test duties`.\n\n\
         What each kind of duty asks, which rule judges it, and a case of each answer. A rule that compares the declared licence with \
         the base's judges whether a limit of use is passed on; whether the limit itself is kept happens outside of a repository, and \
         is a question.\n\n\
         | duty | rule | met | unmet | could not tell |\n|---|---|---|---|---|\n",
    );
    for duty in Duty::all() {
        let rule = match judged(duty) {
            Judged::By(rule) => {
                format!("[`{rule}`](../crates/rules/src/rules/{}/docs.md)", rule.replace('-', "_"))
            }
            Judged::Never(why) => format!("none: {why}"),
        };
        let cell = |answer: &str| {
            link(&shown, duty, answer).unwrap_or_else(|| {
                let why = NOT_SHOWN.iter().find(|(known, of, _)| *known == duty && *of == answer);
                why.map_or_else(|| "the question is asked".to_owned(), |(.., why)| (*why).to_owned())
            })
        };
        let _ = writeln!(
            text,
            "| {}: {} | {rule} | {} | {} | {} |",
            duty.name(),
            duty.sentence(),
            cell("met"),
            cell("unmet"),
            cell("unknown")
        );
    }
    text.push_str(
        "\n## Licence by licence\n\nEvery duty of the tables with its clause. *Judged* duties are shown met, unmet and open for this very \
         licence by the test `every_duty_of_every_licence_has_its_answers` of `forebear-rules`; of the others the question is asked, \
         because what brings them about happens outside of a repository.\n\n\
         | licence | duty | clause | when | answer |\n|---|---|---|---|---|\n",
    );
    for id in known() {
        for term in &terms(&LicenseId::from(id)).unwrap().duties {
            let _ = writeln!(
                text,
                "| {id} | {} | {} | {} | {} |",
                term.duty().name(),
                term.clause.replace('|', "\\|"),
                term.trigger.meaning(),
                answer(term)
            );
        }
    }
    text
}

/// How a term is answered.
fn answer(term: &Term) -> String {
    let asked = term.trigger.question().is_some() && !forebear_rules::is_made_with(term);
    let optional = matches!(&term.ask, Ask::Display(ask) if !ask.must);
    match judged(term.duty()) {
        Judged::By(rule) if !asked && !optional && !is_of_use(term.duty()) => format!("judged: `{rule}`"),
        Judged::By(rule) if is_of_use(term.duty()) => {
            format!("asked; `{rule}` compares the declared licence")
        }
        _ if optional => "asked for, not required".to_owned(),
        _ => "asked".to_owned(),
    }
}

/// Whether a duty limits what is done with the model, which no repository shows.
fn is_of_use(duty: Duty) -> bool {
    matches!(
        duty,
        Duty::NonCommercial | Duty::ScaleThreshold | Duty::TerritorialExclusion | Duty::OutputUseRestriction
    )
}

#[test]
fn the_page_of_duties_is_that_of_the_tables() {
    let path = root().join("docs/duties.md");
    let made = page();
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(path, made).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        made == committed,
        "docs/duties.md is not that of the tables; run this test with FOREBEAR_UPDATE=1"
    );
}

/// No duty without a rule or a stated reason, no rule that is not there, and a case of every answer that a repository can show.
#[test]
fn every_duty_has_a_rule_and_cases() {
    let rules: BTreeSet<&str> = forebear_rules::RULES.iter().map(|rule| rule.id.0).collect();
    let shown = cases();
    for duty in Duty::all() {
        match judged(duty) {
            Judged::By(rule) => {
                assert!(rules.contains(rule), "{}: {rule}", duty.name());
                if is_of_use(duty) {
                    continue;
                }
                for answer in ["met", "unmet", "unknown"] {
                    let excused = NOT_SHOWN.iter().any(|(known, of, _)| *known == duty && *of == answer);
                    assert!(
                        excused || link(&shown, duty, answer).is_some(),
                        "{}: no {answer} case",
                        duty.name()
                    );
                }
            }
            Judged::Never(why) => assert!(!why.is_empty(), "{}: no reason", duty.name()),
        }
        assert!(link(&shown, duty, "unknown").is_some() || !in_tables(duty), "{}: never open", duty.name());
    }
}

fn in_tables(duty: Duty) -> bool {
    known().any(|id| terms(&LicenseId::from(id)).unwrap().duty(duty).is_some())
}
