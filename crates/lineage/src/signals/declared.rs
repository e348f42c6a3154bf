//! What the publisher, or the user of forebear, says the base is.

use std::collections::BTreeMap;

use forebear_types::config::ConfigField;
use forebear_types::fact::{AdapterConfig, Fact, FactKind, ModelCard, ModelConfig, Problem, ProblemKind};
use forebear_types::lineage::{Candidate, Evidence, EvidenceKind, Relation, Strength};
use forebear_types::run::StatedBase;
use forebear_types::{Located, Location, ModelId, RepoPath};

use crate::catalog::{Catalog, Model};
use crate::hub_id::{Named, parse};

/// Different bases that are looked at. Merges of some thirty models exist; a list of thousands is an attack or a mistake, and
/// its rest is reported as not examined.
const MOST: usize = 64;

/// Declarations of one base that a report needs: the checkpoints of one training all repeat it.
const MOST_OF_ONE: usize = 8;

/// A base that somebody named.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) candidate: Candidate,
    pub(crate) relation: Relation,
    pub(crate) evidence: Evidence,
    /// Whether the publisher said it where tools look.
    pub(crate) by_publisher: bool,
    /// Whether the user gave its licence: the catalog need not know it then.
    pub(crate) license_stated: bool,
}

/// Collects what is declared in cards, adapter configurations, configurations, and by the user.
pub(crate) fn declarations(
    catalog: &Catalog,
    facts: &[Fact],
    stated: &[StatedBase],
    problems: &mut Vec<Problem>,
) -> Vec<Declaration> {
    let mut kept = Kept::default();
    for base in stated {
        if let Some(model) = &base.model {
            kept.add(by_user(catalog, base, model));
        }
    }
    for fact in facts {
        match &fact.kind {
            FactKind::AdapterConfig(adapter) => {
                adapter_base(catalog, &fact.path, adapter, problems)
                    .into_iter()
                    .for_each(|one| kept.add(one));
            }
            FactKind::ModelCard(card) => card_bases(catalog, &fact.path, card, facts, problems, &mut kept),
            FactKind::ModelConfig(config) => {
                loaded_from(catalog, &fact.path, config).into_iter().for_each(|one| kept.add(one));
            }
            _ => {}
        }
    }
    problems.extend(kept.left_out.as_ref().map(|first| too_many(first.location.as_ref())));
    kept.declarations
}

/// Declarations within the bounds, and the first that was too many.
#[derive(Default)]
struct Kept {
    declarations: Vec<Declaration>,
    of_model: BTreeMap<String, usize>,
    left_out: Option<Evidence>,
}

impl Kept {
    fn add(&mut self, one: Declaration) {
        let model = one.candidate.model.as_str().to_ascii_lowercase();
        if self.of_model.len() >= MOST && !self.of_model.contains_key(&model) {
            self.left_out.get_or_insert(one.evidence);
            return;
        }
        let count = self.of_model.entry(model).or_default();
        *count += 1;
        if *count <= MOST_OF_ONE {
            self.declarations.push(one);
        }
    }
}

fn too_many(location: Option<&Location>) -> Problem {
    Problem {
        path: location.map_or_else(RepoPath::root, |location| location.path.clone()),
        line: location.and_then(|location| location.lines).map(|lines| lines.first),
        kind: ProblemKind::Oversized,
        what: format!("more than {MOST} different bases are declared: those from here on were not judged"),
        remedy: "declare the bases that this model was made from, and no others".to_owned(),
    }
}

fn by_user(catalog: &Catalog, base: &StatedBase, model: &ModelId) -> Declaration {
    let evidence = Evidence {
        kind: EvidenceKind::StatedByUser,
        strength: Strength::Declared,
        location: base.location.clone(),
        detail: format!("you stated {model} as the base"),
    };
    Declaration {
        candidate: candidate(catalog, model.clone(), base.revision.clone()),
        relation: Relation::Unknown,
        evidence,
        by_publisher: false,
        license_stated: base.license.is_some(),
    }
}

fn card_bases(
    catalog: &Catalog,
    path: &RepoPath,
    card: &ModelCard,
    facts: &[Fact],
    problems: &mut Vec<Problem>,
    kept: &mut Kept,
) {
    let relation = match card.base_model_relation.as_ref().map(|relation| relation.value.to_ascii_lowercase())
    {
        Some(word) => match word.as_str() {
            "adapter" => Relation::Adapter,
            "finetune" | "fine-tune" => Relation::FineTune,
            "merge" => Relation::Merge,
            "quantized" | "quantised" => Relation::Quantised,
            _ => Relation::Unknown,
        },
        // Several bases without a word on how are a merge, as the Hub reads them.
        None if card.base_models.len() > 1 => Relation::Merge,
        None if facts.iter().any(|fact| matches!(fact.kind, FactKind::AdapterConfig(_))) => Relation::Adapter,
        None => quantised(facts),
    };
    for base in card.base_models.iter().take(MOST) {
        match parse(catalog, &base.value) {
            Named::Id(model) => kept.add(Declaration {
                candidate: candidate(catalog, model.clone(), None),
                relation,
                evidence: Evidence {
                    kind: EvidenceKind::CardDeclaration,
                    strength: Strength::Declared,
                    location: Some(Location::of(path, base)),
                    detail: format!("the card declares base_model {model}"),
                },
                by_publisher: true,
                license_stated: false,
            }),
            Named::Local(text) => match catalog.find_by_name(&text) {
                Some(known) => {
                    problems.push(half_an_id(path, base, known));
                    kept.add(named_in_card(catalog, path, base, known, relation));
                }
                None => problems.push(not_an_id(path, base, &text)),
            },
        }
    }
    if let Some(next) = card.base_models.get(MOST) {
        problems.push(too_many(Some(&Location::of(path, next))));
    }
}

/// A name without its organisation is no id, but it names the base where tools look: a declaration that proves little.
fn named_in_card(
    catalog: &Catalog,
    path: &RepoPath,
    base: &Located<String>,
    known: &Model,
    relation: Relation,
) -> Declaration {
    Declaration {
        candidate: candidate(catalog, ModelId::from(known.id), None),
        relation,
        evidence: Evidence {
            kind: EvidenceKind::CardDeclaration,
            strength: Strength::Circumstantial,
            location: Some(Location::of(path, base)),
            detail: format!("the card declares base_model `{}`, the name of {}", base.value, known.id),
        },
        by_publisher: true,
        license_stated: false,
    }
}

fn quantised(facts: &[Fact]) -> Relation {
    let is =
        |fact: &Fact| matches!(&fact.kind, FactKind::ModelConfig(config) if config.quantisation.is_some());
    if facts.iter().any(is) { Relation::Quantised } else { Relation::Unknown }
}

fn adapter_base(
    catalog: &Catalog,
    path: &RepoPath,
    adapter: &AdapterConfig,
    problems: &mut Vec<Problem>,
) -> Option<Declaration> {
    let base = adapter.base_model.as_ref()?;
    let model = match parse(catalog, &base.value) {
        Named::Id(model) => model,
        Named::Local(text) => {
            problems.push(not_an_id(path, base, &text));
            // The last part of a local path is often the name of the model: a hint, if the catalog has that very name.
            let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
            let known = catalog.find_by_name(name)?;
            return Some(Declaration {
                candidate: candidate(catalog, ModelId::from(known.id), None),
                relation: Relation::Adapter,
                evidence: Evidence {
                    kind: EvidenceKind::AdapterDeclaration,
                    strength: Strength::Circumstantial,
                    location: Some(Location::of(path, base)),
                    detail: format!(
                        "the adapter was trained on the local path `{text}`, which ends in the name of {}",
                        known.id
                    ),
                },
                by_publisher: false,
                license_stated: false,
            });
        }
    };
    Some(Declaration {
        candidate: candidate(
            catalog,
            model.clone(),
            adapter.revision.as_ref().map(|revision| revision.value.clone()),
        ),
        relation: Relation::Adapter,
        evidence: Evidence {
            kind: EvidenceKind::AdapterDeclaration,
            strength: Strength::Declared,
            location: Some(Location::of(path, base)),
            detail: format!("the adapter configuration names {model} as its base"),
        },
        by_publisher: true,
        license_stated: false,
    })
}

/// `_name_or_path` says what was loaded when the configuration was saved: often a base, often the model itself.
fn loaded_from(catalog: &Catalog, path: &RepoPath, config: &ModelConfig) -> Option<Declaration> {
    let name = config.name_or_path.as_ref()?;
    let Named::Id(model) = parse(catalog, &name.value) else { return None };
    let known = catalog.find(model.as_str())?;
    // A configuration of another shape cannot have been saved from that model.
    let fits = config.fields.iter().all(|(field, value)| {
        !field.is_shape()
            || *field == ConfigField::VocabularySize
            || *field == ConfigField::Layers
            || known.field(*field).is_none()
            || known.accepts(*field, &value.value)
    });
    fits.then(|| Declaration {
        candidate: candidate(catalog, model.clone(), None),
        relation: Relation::Unknown,
        evidence: Evidence {
            kind: EvidenceKind::ConfigName,
            strength: Strength::Circumstantial,
            location: Some(Location::of(path, name)),
            detail: format!("the configuration was saved from {model} (_name_or_path)"),
        },
        by_publisher: false,
        license_stated: false,
    })
}

fn candidate(catalog: &Catalog, model: ModelId, revision: Option<String>) -> Candidate {
    let known = catalog.find(model.as_str());
    Candidate {
        model: known.map_or(model, |known| ModelId::from(known.id)),
        revision,
        known: known.is_some(),
    }
}

fn not_an_id(path: &RepoPath, base: &Located<String>, text: &str) -> Problem {
    Problem {
        path: path.clone(),
        line: Some(base.line),
        kind: ProblemKind::Tables,
        what: format!(
            "the declared base `{text}` is a local path or no id of the Hub: what is owed to it was not judged"
        ),
        remedy: "write the base's id on the Hub, organisation/name".to_owned(),
    }
}

fn half_an_id(path: &RepoPath, base: &Located<String>, known: &Model) -> Problem {
    Problem {
        path: path.clone(),
        line: Some(base.line),
        kind: ProblemKind::Tables,
        what: format!(
            "the declared base `{}` is no id of the Hub: it was taken for {}, as a hint",
            base.value, known.id
        ),
        remedy: format!("if that is the base, write base_model: {}", known.id),
    }
}
