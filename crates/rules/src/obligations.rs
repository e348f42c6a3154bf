//! From ancestors and declarations to duties.
//!
//! Every candidate of a hop stands for an *alternative*: its licence, in one of the states that the catalog records.
//! A duty that all alternatives share is *certain*, even if the licences differ (each of them asks for its own text);
//! the others are *conditional*: owed only if the base is the candidate they belong to.

pub(crate) mod alternatives;

use forebear_licenses::hub::HubLicense;
use forebear_licenses::terms::{Term, Terms, terms};
use forebear_types::fact::{FactKind, Problem, ProblemKind};
use forebear_types::lineage::{Hop, Strength};
use forebear_types::obligation::{Answer, Artefact, Creditor, Duty, Obligation};
use forebear_types::run::{BaseLicense, Declared};
use forebear_types::{LicenseId, ModelId, RepoPath};

use crate::Input;
use crate::declared::declared_licenses;
use crate::deeds::Deeds;
use crate::documents::{documents, holds_model};
use crate::satisfaction::{self, Names, Question, Satisfaction, State};
use crate::words::candidates_title;
pub(crate) use alternatives::{Alternative, CopiedUnder, alternatives, copied_under, day_of_copy};
use alternatives::{Choice, choices};

/// What an obligation asks, kept beside it so that earlier states can be judged in the same way.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    term: Term,
    license: LicenseId,
    owners: Vec<String>,
    notice_upstream: Option<bool>,
    deeds: Deeds,
}

impl Asked {
    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            term: &self.term,
            license: &self.license,
            owners: &self.owners,
            notice_upstream: self.notice_upstream,
            deeds: self.deeds,
        }
    }
}

/// Obligations, with what each asks.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    pub(crate) base_licenses: Vec<BaseLicense>,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) problems: Vec<Problem>,
}

/// Derives everything that is owed.
pub(crate) fn derive(input: &Input<'_>, declared: &Declared) -> Derived {
    let mut derived = Derived::default();
    if !holds_model(input.facts) {
        return derived;
    }
    let documents = documents(input.facts.iter());
    let names = Names::of(input, &documents);
    let state = State { documents: &documents, names: &names, declared };
    for (index, hop) in input.lineage.hops.iter().enumerate() {
        derived.ancestor(input, index, hop, state);
    }
    derived.own(state);
    derived
}

impl Derived {
    fn ancestor(&mut self, input: &Input<'_>, index: usize, hop: &Hop, state: State<'_>) {
        let place = hop
            .because
            .iter()
            .find_map(|evidence| evidence.location.as_ref())
            .map_or_else(RepoPath::root, |location| location.path.clone());
        let (alternatives, unsourced) = alternatives(input, hop, &day_of_copy(input));
        for one in &alternatives {
            let base = BaseLicense { hop: index, model: one.model.clone(), license: one.weights.clone() };
            if !self.base_licenses.contains(&base) {
                self.base_licenses.push(base);
            }
        }
        // A hint lays no duty on anybody: what it would mean is listed as conditional, and tables that lack it are no gap.
        let hint = hop.strength == Strength::Circumstantial;
        if !unsourced.is_empty() && !hint {
            self.problems.push(table_problem(
                &place,
                format!("the licence of {} is not sourced in the catalog", candidates_title(&unsourced)),
                "look up the licence in the upstream repository, or state it under [[upstream]] in forebear.toml",
            ));
        }
        let with_code = input.facts.iter().any(|fact| carries_code(&fact.kind));
        let mut passes = vec![(Artefact::Weights, alternatives.clone())];
        if with_code {
            // Custom code travels with the weights (`auto_map`), so the code's licence applies as well: the one that is
            // stated for code, else the one of the whole release.
            let code = alternatives
                .into_iter()
                .map(|alternative| {
                    let code = alternative.code.clone().unwrap_or_else(|| alternative.weights.clone());
                    Alternative { weights: code, ..alternative }
                })
                .collect();
            passes.push((Artefact::Code, code));
        }
        for (artefact, alternatives) in passes {
            self.artefact(index, hop, artefact, &alternatives, state, &place);
        }
    }

    fn artefact(
        &mut self,
        index: usize,
        hop: &Hop,
        artefact: Artefact,
        alternatives: &[Alternative],
        state: State<'_>,
        place: &RepoPath,
    ) {
        let mut known: Vec<(&Alternative, Terms)> = Vec::new();
        let mut without: Vec<(&LicenseId, Vec<ModelId>)> = Vec::new();
        for alternative in alternatives {
            match terms(&alternative.weights) {
                Some(terms) => known.push((alternative, terms)),
                None => match without.iter_mut().find(|(license, _)| **license == alternative.weights) {
                    Some((_, models)) if models.contains(&alternative.model) => {}
                    Some((_, models)) => models.push(alternative.model.clone()),
                    None => without.push((&alternative.weights, vec![alternative.model.clone()])),
                },
            }
        }
        // What most candidates ask for speaks first; candidates whose owner lines are not recorded come last.
        let shared: Vec<usize> = known
            .iter()
            .map(|(one, _)| known.iter().filter(|(other, _)| other.weights == one.weights).count())
            .collect();
        let mut known: Vec<((&Alternative, Terms), usize)> = known.into_iter().zip(shared).collect();
        known.sort_by_key(|((alternative, _), count)| {
            (alternative.owners.is_empty(), std::cmp::Reverse(*count))
        });
        let known: Vec<(&Alternative, Terms)> = known.into_iter().map(|(entry, _)| entry).collect();
        let hint = hop.strength == Strength::Circumstantial;
        for (license, models) in without.iter().filter(|_| !hint) {
            self.problems.push(table_problem(
                place,
                format!(
                    "the duties of {license}, the licence of {}, are not in the tables",
                    candidates_title(models)
                ),
                "read the licence and check its duties by hand",
            ));
        }
        let deeds = Deeds::of(hop);
        for duty in Duty::all() {
            // A licence may ask for one kind of thing twice: two prescribed lines, two thresholds.
            let times = known.iter().map(|(_, terms)| terms.of(duty).count()).max().unwrap_or(0);
            for nth in 0..times {
                // What is known not to be done brings no duty about.
                let applies = |term: &Term| deeds.trigger(term) != Some(false);
                let mut choices = choices(duty, nth, &known);
                choices.retain(|choice| applies(&choice.term));
                let every = known.iter().all(|(_, terms)| terms.of(duty).nth(nth).is_some_and(applies));
                let certain = every && without.is_empty() && !hint;
                self.duty(index, hop, artefact, choices, certain, state);
            }
        }
    }

    fn duty(
        &mut self,
        index: usize,
        hop: &Hop,
        artefact: Artefact,
        choices: Vec<Choice>,
        certain: bool,
        state: State<'_>,
    ) {
        let deeds = Deeds::of(hop);
        let judged: Vec<(Choice, Satisfaction)> = choices
            .into_iter()
            .map(|choice| {
                let asked = asked(&choice, deeds);
                let satisfaction = satisfaction::judge(asked.question(), state);
                (choice, satisfaction)
            })
            .collect();
        // The leader speaks for the whole set: what is done, else what cannot be told, else what most candidates ask.
        let leader = judged
            .iter()
            .enumerate()
            .min_by_key(|(position, (choice, satisfaction))| {
                let rank = match satisfaction.answer {
                    Answer::Met => 0,
                    Answer::Unknown => 1,
                    Answer::Unmet => 2,
                };
                (rank, std::cmp::Reverse(choice.models.len()), *position)
            })
            .map(|(position, _)| position);
        let everyone: Vec<ModelId> = hop.candidates.iter().map(|candidate| candidate.model.clone()).collect();
        for (position, (choice, mut satisfaction)) in judged.into_iter().enumerate() {
            let leads = Some(position) == leader;
            let certain = certain && leads;
            // The same duty may stand already for another artefact; it took part in finding the leader all the same.
            if self.has(index, &choice) {
                continue;
            }
            if !certain && satisfaction.answer == Answer::Unmet {
                satisfaction.answer = Answer::Unknown;
                satisfaction.reason = format!(
                    "owed only if the base is {}, which the evidence cannot tell; {}",
                    candidates_title(&choice.models),
                    satisfaction.reason
                );
            }
            let models = if certain && satisfaction.answer == Answer::Unmet {
                everyone.clone()
            } else {
                choice.models.clone()
            };
            self.push(
                Creditor::Ancestor { hop: index, candidates: models },
                artefact,
                choice,
                certain,
                satisfaction,
                deeds,
            );
        }
    }

    /// The repository's own licence: who passes the repository on owes its text to the next one, so it has to be there.
    fn own(&mut self, state: State<'_>) {
        let declared = state.declared;
        let place = declared.source.as_ref().map_or_else(RepoPath::root, |source| source.path.clone());
        for license in declared_licenses(declared) {
            // Which text a name stands for is not always told by the name: without the text nothing is certain then.
            let told = !matches!(license, HubLicense::OneOf { complete: false, .. });
            // Of alternatives (`MIT OR Apache-2.0`, the versions of a family) one text is enough; of several ids all stand in
            // one expression, and the one whose text is here speaks for it.
            let mut best: Option<(Choice, Satisfaction)> = None;
            for id in license.candidates() {
                let Some(terms) = terms(id) else {
                    if best.is_none() && told {
                        self.problems.push(table_problem(
                            &place,
                            format!("the duties of {id}, the declared licence, are not in the tables"),
                            "read the licence and check its duties by hand",
                        ));
                    }
                    continue;
                };
                let Some(term) = terms.duty(Duty::IncludeLicenseText) else { continue };
                // A link is found by whoever knows the name, which the card declares.
                let by_link = satisfaction::link_will_do(term);
                let choice = Choice {
                    license: id.clone(),
                    developer: "",
                    term: term.clone(),
                    owners: Vec::new(),
                    notice_upstream: None,
                    models: Vec::new(),
                };
                let mut satisfaction = satisfaction::judge(asked(&choice, Deeds::own()).question(), state);
                if satisfaction.answer == Answer::Unmet && (by_link || !told) {
                    satisfaction.answer = Answer::Unknown;
                    if !told {
                        satisfaction.reason =
                            format!("the declared name stands for several licences; {}", satisfaction.reason);
                    }
                }
                if best.as_ref().is_none_or(|(_, earlier)| satisfaction.answer < earlier.answer) {
                    best = Some((choice, satisfaction));
                }
            }
            if let Some((choice, satisfaction)) = best {
                let owed_already = self.obligations.iter().any(|obligation| {
                    obligation.duty == Duty::IncludeLicenseText && obligation.license == choice.license
                });
                if !owed_already {
                    self.push(Creditor::Own, Artefact::Weights, choice, told, satisfaction, Deeds::own());
                }
            }
        }
    }

    /// Whether the same duty of the same licence is already recorded for the hop (for another artefact).
    fn has(&self, index: usize, choice: &Choice) -> bool {
        self.obligations.iter().any(|obligation| {
            obligation.duty == choice.term.duty()
                && obligation.license == choice.license
                && obligation.clause == choice.term.clause
                && (obligation.duty == Duty::KeepCopyrightNotice || obligation.subject == subject(choice))
                && matches!(obligation.creditor, Creditor::Ancestor { hop, .. } if hop == index)
        })
    }

    fn push(
        &mut self,
        creditor: Creditor,
        artefact: Artefact,
        choice: Choice,
        certain: bool,
        satisfaction: Satisfaction,
        deeds: Deeds,
    ) {
        self.asked.push(asked(&choice, deeds));
        self.obligations.push(Obligation {
            creditor,
            artefact,
            duty: choice.term.duty(),
            subject: subject(&choice),
            license: choice.license,
            clause: choice.term.clause,
            certain,
            answer: satisfaction.answer,
            satisfied_by: satisfaction.places,
            reason: satisfaction.reason,
        });
    }
}

/// What exactly is to be kept or shown: the owner's line, the prescribed words.
fn subject(choice: &Choice) -> String {
    match choice.term.duty() {
        Duty::KeepCopyrightNotice => choice.owners.join("\n"),
        _ => choice.term.ask.prescribed().unwrap_or_default().to_owned(),
    }
}

fn asked(choice: &Choice, deeds: Deeds) -> Asked {
    Asked {
        term: choice.term.clone(),
        license: choice.license.clone(),
        owners: choice.owners.clone(),
        notice_upstream: choice.notice_upstream,
        deeds,
    }
}

/// Whether a configuration names code that lies beside it; `repository--module.Class` lies elsewhere.
fn carries_code(fact: &FactKind) -> bool {
    matches!(fact, FactKind::ModelConfig(config) if config.auto_map.iter().any(|class| !class.value.contains("--")))
}

fn table_problem(path: &RepoPath, what: String, remedy: &str) -> Problem {
    Problem { path: path.clone(), line: None, kind: ProblemKind::Tables, what, remedy: remedy.to_owned() }
}
