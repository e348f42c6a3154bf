//! Every duty of every licence of the tables: met, unmet and could not tell, or a question that only the publisher can answer.

use forebear_licenses::terms::{FlowDown, LinePlace, NameRule, Phrase, Trigger, known, terms};
use forebear_types::fact::{Fact, FactKind, LegalFile, LegalRole, ModelCard, Scope};
use forebear_types::license::{CopyrightLine, LicenseMatch, Recognition};
use forebear_types::{RepoPath, Snapshot};

use super::*;
use crate::documents::documents;

/// What a repository holds, in the terms of this test.
#[derive(Clone, Copy)]
enum Holds<'a> {
    /// A card that says something.
    Card(&'a str),
    /// A licence file with the whole text of a licence and an owner's line.
    License(&'a LicenseId, &'a str),
    /// A notice file that says something.
    Notice(&'a str),
    /// A file that could not be read.
    Unread(LegalRole),
}

fn fact(holds: Holds<'_>) -> Fact {
    let legal = |role, text: &str, recognition, examined| {
        FactKind::LegalFile(LegalFile {
            role,
            scope: Scope::Model,
            recognition,
            text: text.into(),
            size: text.len() as u64,
            blob: None,
            examined,
        })
    };
    let (name, kind) = match holds {
        Holds::Card(text) => {
            ("README.md", FactKind::ModelCard(ModelCard { text: text.into(), ..ModelCard::default() }))
        }
        Holds::License(id, owner) => {
            let text = LicenseMatch {
                id: id.clone(),
                coverage: Coverage::FULL,
                status: MatchStatus::Exact,
                lines: LineSpan::new(1, 9),
            };
            let recognition = Recognition {
                licenses: vec![text],
                copyright: vec![CopyrightLine { text: owner.to_owned(), holder: None, years: None, line: 2 }],
                ..Recognition::default()
            };
            ("LICENSE", legal(LegalRole::License, &format!("x\n{owner}\n"), recognition, true))
        }
        Holds::Notice(text) => ("NOTICE", legal(LegalRole::Notice, text, Recognition::default(), true)),
        Holds::Unread(role) => ("NOTICE", legal(role, "", Recognition::default(), false)),
    };
    Fact { path: RepoPath::new(name).unwrap(), snapshot: Snapshot::WorkTree, kind }
}

/// Judges a term over what a repository holds.
struct Bench<'a> {
    term: &'a Term,
    license: &'a LicenseId,
    owners: Vec<String>,
    names: Names,
    declared: Declared,
}

impl Bench<'_> {
    fn judge(&self, holds: &[Holds<'_>]) -> Answer {
        let facts: Vec<Fact> = holds.iter().map(|one| fact(*one)).collect();
        let documents = documents(facts.iter());
        let state = State { documents: &documents, names: &self.names, declared: &self.declared };
        let satisfaction = judge(
            Question {
                term: self.term,
                license: self.license,
                owners: &self.owners,
                notice_upstream: Some(true),
                deeds: Deeds {
                    modified: Some(self.term.trigger != Trigger::RedistributeUnmodified),
                    made_with: Some(true),
                },
            },
            state,
        );
        assert!(!satisfaction.reason.is_empty() && !satisfaction.reason.ends_with('.'));
        satisfaction.answer
    }

    fn named(mut self, name: &str) -> Self {
        self.names = Names::published(name);
        self
    }

    fn declaring(mut self, license: &str) -> Self {
        self.declared.license = Some(license.to_owned());
        self.declared.source = Some(Location::file(RepoPath::new("README.md").unwrap()));
        self
    }

    fn all(&self, met: &[Holds<'_>], unmet: &[Holds<'_>], unknown: &[Holds<'_>]) {
        let place = format!("{} {}", self.license, self.term.clause);
        assert_eq!(self.judge(met), Answer::Met, "{place}: {:?}", self.term.ask);
        assert_eq!(self.judge(unmet), Answer::Unmet, "{place}: {:?}", self.term.ask);
        assert_eq!(self.judge(unknown), Answer::Unknown, "{place}: {:?}", self.term.ask);
    }
}

const OWNER: &str = "Copyright (c) 2023 Somebody Else";
const SILENT: Holds<'static> = Holds::Card("# Kaguya\n");

/// Words with the blanks filled in.
fn filled(words: &str, blanks: &[String]) -> String {
    blanks.iter().fold(words.to_owned(), |words, blank| words.replace(blank.as_str(), "Kaguya 8B"))
}

#[test]
fn every_duty_of_every_licence_has_its_answers() {
    let (mut judged, mut asked) = (0, 0);
    for id in known().map(LicenseId::from) {
        for term in &terms(&id).unwrap().duties {
            if answers(&id, term) { judged += 1 } else { asked += 1 }
        }
    }
    // The tables have about as many duties that a repository shows as questions that it cannot answer.
    assert!(judged > 400 && asked > 200, "{judged} judged, {asked} asked");
}

/// Whether a term is judged; then it has all three answers here.
fn answers(license: &LicenseId, term: &Term) -> bool {
    if (Deeds { modified: Some(true), made_with: Some(true) }).trigger(term).is_none() {
        return false;
    }
    let bench = || Bench {
        term,
        license,
        owners: Vec::new(),
        names: Names::default(),
        declared: Declared::default(),
    };
    let whole = Holds::License(license, OWNER);
    let unread = Holds::Unread(LegalRole::Notice);
    match &term.ask {
        Ask::LicenseText(_) => {
            bench().all(&[whole], &[SILENT], &[unread]);
            true
        }
        Ask::CopyrightNotice => {
            let bench = Bench { owners: vec![OWNER.to_owned()], ..bench() };
            bench.all(&[whole], &[SILENT], &[unread]);
            true
        }
        Ask::NoticeFile(_) => {
            // Only upstream's own NOTICE shows that a NOTICE carries its lines.
            assert_eq!(bench().judge(&[SILENT]), Answer::Unmet);
            assert_eq!(bench().judge(&[Holds::Notice("Some notice")]), Answer::Unknown);
            true
        }
        Ask::NoticeLine(ask) => {
            let line = filled(&ask.line, &ask.blanks);
            assert_eq!(bench().judge(&[Holds::Notice(&line)]), Answer::Met, "{license}: {line}");
            assert_eq!(bench().judge(&[Holds::Card(&line)]), Answer::Met, "{license}: {line}");
            let silent = bench().judge(&[SILENT]);
            let may_have_none = term.when_present || ask.place == LinePlace::NoticeFileIfAny;
            assert_eq!(silent, if may_have_none { Answer::Unknown } else { Answer::Unmet }, "{license}");
            assert_eq!(bench().judge(&[unread]), Answer::Unknown, "{license}");
            true
        }
        Ask::Display(ask) => {
            let words = match &ask.phrase {
                Phrase::Words(words) => filled(words, &ask.blanks),
                Phrase::AnyOf(several) => filled(&several[0], &ask.blanks),
                Phrase::Described(_) => return false,
            };
            if !ask.must {
                return false;
            }
            bench().all(&[Holds::Card(&words)], &[SILENT], &[unread]);
            true
        }
        Ask::Name(ask) => {
            let (NameRule::BeginsWith(word) | NameRule::Contains(word)) = ask;
            let good = bench().named(&format!("{word}-Kaguya-8B"));
            assert_eq!(good.judge(&[SILENT]), Answer::Met, "{license}");
            assert_eq!(bench().named("Kaguya-8B").judge(&[SILENT]), Answer::Unmet, "{license}");
            assert_eq!(bench().judge(&[SILENT]), Answer::Unknown, "{license}");
            true
        }
        Ask::StateChanges => {
            bench().all(&[Holds::Card("Fine-tuned on contracts.")], &[SILENT], &[unread]);
            true
        }
        Ask::PassOnRestrictions(_) => {
            let bench = bench().declaring("mit");
            assert_eq!(bench.judge(&[SILENT]), Answer::Unmet, "{license}");
            assert_eq!(bench.judge(&[whole]), Answer::Unknown, "{license}: the text, and other terms");
            let own = Bench { declared: Declared::default(), ..bench };
            assert_eq!(own.judge(&[whole]), Answer::Met, "{license}");
            true
        }
        Ask::IncludePolicy(ask) => {
            assert_eq!(ask.flow_down, FlowDown::ByAgreementCopy, "another way to pass it on needs a test");
            bench().all(&[whole], &[SILENT], &[unread]);
            true
        }
        Ask::SameLicense(_) => {
            assert_eq!(bench().judge(&[whole]), Answer::Met, "{license}");
            assert_eq!(bench().judge(&[SILENT]), Answer::Unknown, "{license}");
            let other = bench().declaring("mit").judge(&[SILENT]);
            assert_ne!(other, Answer::Met, "{license}");
            true
        }
        Ask::NonCommercial(_)
        | Ask::Threshold(_)
        | Ask::Territory(_)
        | Ask::Outputs(_)
        | Ask::DiscloseSource => {
            assert_eq!(bench().judge(&[whole, SILENT]), Answer::Unknown, "{license}: {:?}", term.ask);
            false
        }
    }
}
