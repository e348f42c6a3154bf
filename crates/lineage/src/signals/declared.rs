//! What the publisher, or the user of forebear, says the base is.

mod contradictions;
mod sources;
mod target;

use std::collections::BTreeMap;

use forebear_types::config::ConfigField;
use forebear_types::fact::{AdapterConfig, Fact, FactKind, ModelCard, ModelConfig, Problem, ProblemKind};
use forebear_types::lineage::{Candidate, Confidence, Evidence, EvidenceKind, Relation, Strength};
use forebear_types::run::StatedBase;
use forebear_types::{Located, Location, ModelId, RepoPath};

use self::target::{Place, Target, ends_in_name, known_targets, targets};
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
    /// How sure the hop is if nothing else speaks for it.
    pub(crate) confidence: Confidence,
    /// Whether the publisher said it where tools look.
    pub(crate) by_publisher: bool,
    /// Whether the user gave its licence: the catalog need not know it then.
    pub(crate) license_stated: bool,
    /// Declarations elsewhere in the repository that name something unrelated instead.
    pub(crate) against: Vec<Evidence>,
}

/// Collects what is declared in cards, adapter configurations, configurations, GGUF files, recipes of merges, Modelfiles, and by
/// the user.
///
/// A declaration that names the model itself is kept: nothing in a repository says under which id it is published, and a copy of
/// somebody else's model has that model's name, too.
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
        let path = &fact.path;
        match &fact.kind {
            FactKind::AdapterConfig(adapter) => adapter_base(catalog, path, adapter, problems, &mut kept),
            FactKind::ModelCard(card) => card_bases(catalog, path, card, facts, problems, &mut kept),
            FactKind::ModelConfig(config) => loaded_from(catalog, path, config, &mut kept),
            FactKind::Gguf(gguf) => sources::gguf(catalog, path, gguf, problems, &mut kept),
            FactKind::MergeRecipe(recipe) => sources::merge(catalog, path, recipe, problems, &mut kept),
            FactKind::Modelfile(file) => sources::modelfile(catalog, path, file, problems, &mut kept),
            FactKind::TokenizerConfig(config) => sources::loaded_tokenizer(catalog, path, config, &mut kept),
            FactKind::Quantisation(config) => sources::quantised_model(catalog, path, config, &mut kept),
            FactKind::Pipeline(pipeline) => sources::loaded_pipeline(catalog, path, pipeline, &mut kept),
            _ => {}
        }
    }
    problems.extend(kept.left_out.as_ref().map(|first| too_many(first.location.as_ref())));
    contradictions::note(catalog, &mut kept.declarations);
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
        p: None,
    };
    Declaration {
        candidate: candidate(catalog, model.clone(), base.revision.clone()),
        relation: Relation::Unknown,
        evidence,
        confidence: Confidence::High,
        by_publisher: false,
        license_stated: base.license.is_some(),
        against: Vec::new(),
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
        None if different(catalog, &card.base_models) > 1 => Relation::Merge,
        None if facts.iter().any(|fact| matches!(fact.kind, FactKind::AdapterConfig(_))) => Relation::Adapter,
        None => quantised(facts),
    };
    for base in card.base_models.iter().take(MOST) {
        let place = Place {
            catalog,
            kind: EvidenceKind::CardDeclaration,
            relation,
            strongest: Strength::Declared,
            location: Location::of(path, base),
        };
        // A name without its organisation is no id, but it names the base where tools look: a declaration that proves little.
        if matches!(parse(catalog, &base.value), Named::Local(_))
            && let Some(known) = catalog.find_by_name(&base.value)
        {
            problems.push(half_an_id(path, base, known));
            let target = Target {
                name: format!("`{}`", base.value),
                how: format!(", the name of {}", known.id),
                ..ends_in_name(&base.value, known)
            };
            let declaration = place.declare(target, |name| format!("the card declares base_model {name}"));
            kept.add(Declaration { by_publisher: true, ..declaration });
            continue;
        }
        let found = targets(catalog, &base.value);
        if found.iter().all(|target| target.strength == Strength::Circumstantial) {
            problems.push(not_an_id(path, base, &base.value));
        }
        for target in found {
            kept.add(place.declare(target, |name| format!("the card declares base_model {name}")));
        }
    }
    if let Some(next) = card.base_models.get(MOST) {
        problems.push(too_many(Some(&Location::of(path, next))));
    }
}

/// How many different models a list names: a model and its copy are one.
fn different(catalog: &Catalog, names: &[Located<String>]) -> usize {
    let mut models: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| match targets(catalog, &name.value).into_iter().next() {
            Some(target) => target.model.as_str().to_ascii_lowercase(),
            None => name.value.to_ascii_lowercase(),
        })
        .collect();
    models.sort_unstable();
    models.dedup();
    models.len()
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
    kept: &mut Kept,
) {
    let Some(base) = &adapter.base_model else { return };
    let place = Place {
        catalog,
        kind: EvidenceKind::AdapterDeclaration,
        relation: Relation::Adapter,
        strongest: Strength::Declared,
        location: Location::of(path, base),
    };
    let found = targets(catalog, &base.value);
    // The last part of a local path is often the name of the model: a hint, if the catalog has that very name.
    if found.iter().all(|target| target.strength == Strength::Circumstantial) {
        problems.push(not_an_id(path, base, &base.value));
    }
    for mut target in found {
        // The key names the commit of the repository that was loaded, which is not that of a copy's original.
        let loaded = target.confidence == Confidence::High;
        if let Some(revision) = adapter.revision.as_ref().filter(|_| loaded) {
            target.revision = Some(revision.value.clone());
        }
        kept.add(place.declare(target, |name| format!("the adapter configuration names {name} as its base")));
    }
}

/// `_name_or_path` says what was loaded when the configuration was saved: often a base, often the model itself.
fn loaded_from(catalog: &Catalog, path: &RepoPath, config: &ModelConfig, kept: &mut Kept) {
    let Some(name) = &config.name_or_path else { return };
    let place = Place::of_loaded(catalog, Location::of(path, name), Relation::Unknown);
    for target in known_targets(catalog, &name.value) {
        let Some(known) = catalog.find(target.model.as_str()) else { continue };
        // A configuration of another shape cannot have been saved from that model.
        let fits = config.fields.iter().all(|(field, value)| {
            !field.is_shape()
                || *field == ConfigField::VocabularySize
                || *field == ConfigField::Layers
                || known.field(*field).is_none()
                || known.accepts(*field, &value.value)
        });
        if fits {
            let say = |name: &str| format!("the configuration was saved from {name} (_name_or_path)");
            kept.add(place.declare(target, say));
        }
    }
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
        line: Some(base.line).filter(|line| *line > 0),
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
