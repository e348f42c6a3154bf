//! Declarations in files other than cards and configurations: GGUF headers, recipes of merges, Modelfiles, and what tokenizers,
//! quantised models and pipelines say they were loaded from.

use forebear_types::config::ConfigField;
use forebear_types::fact::{
    Gguf, GgufBase, MergeRecipe, Modelfile, Pipeline, Problem, QuantisationConfig, TokenizerConfig,
};
use forebear_types::lineage::{Confidence, EvidenceKind, Relation, Strength};
use forebear_types::{Located, Location, ModelId, RepoPath};

use super::target::{Place, Target, ends_in_name, known_targets, targets};
use super::{Kept, MOST, different, not_an_id};
use crate::catalog::{Catalog, Model, Value};
use crate::hub_id::{self, Named};

/// `general.base_model.*` and `general.source.repo_url`: the file's own declaration. `general.name` is a name.
pub(super) fn gguf(
    catalog: &Catalog,
    path: &RepoPath,
    gguf: &Gguf,
    problems: &mut Vec<Problem>,
    kept: &mut Kept,
) {
    let relation = match gguf.bases.len() {
        _ if gguf.adapter => Relation::Adapter,
        0 | 1 => Relation::Unknown,
        _ => Relation::Merge,
    };
    let mut place = Place {
        catalog,
        kind: EvidenceKind::GgufDeclaration,
        relation,
        strongest: Strength::Declared,
        location: Location::file(path.clone()),
    };
    for base in gguf.bases.iter().take(MOST) {
        let key = format!("general.base_model.{}", base.index);
        let found = gguf_base(catalog, base);
        if found.is_empty()
            && let Some(text) = base.repo_url.as_ref().or(base.name.as_ref())
        {
            problems.push(not_an_id(path, &nowhere(text), text));
        }
        for target in found {
            kept.add(place.declare(target, |name| format!("the GGUF file names {name} as a base ({key})")));
        }
    }
    if let Some(url) = &gguf.source_repo_url
        && matches!(hub_id::parse(catalog, url), Named::Id(_))
    {
        let unquantised = gguf.file_type.is_none_or(|kind| [0, 1, 32].contains(&kind));
        place.relation = if unquantised { Relation::Converted } else { Relation::Quantised };
        for target in targets(catalog, url) {
            kept.add(place.declare(target, |name| {
                format!("the GGUF file says that it was converted from {name} (general.source.repo_url)")
            }));
        }
    }
    if let Some((name, known)) = gguf.name.as_ref().and_then(|name| Some((name, by_spaced(catalog, name)?))) {
        place.relation = Relation::Unknown;
        place.strongest = Strength::Circumstantial;
        let target = Target {
            name: format!("`{name}`"),
            how: format!(", the name of {}", known.id),
            ..ends_in_name(name, known)
        };
        kept.add(place.declare(target, |name| format!("the GGUF file calls the model {name}")));
    }
}

/// The parent by its address; else by organisation and name, which the converter writes with spaces for hyphens; else by name.
fn gguf_base(catalog: &Catalog, base: &GgufBase) -> Vec<Target> {
    if let Some(url) = &base.repo_url
        && matches!(hub_id::parse(catalog, url), Named::Id(_))
    {
        return targets(catalog, url);
    }
    let Some(name) = &base.name else { return Vec::new() };
    let named = |model: &'static Model, strength, confidence| Target {
        strength,
        confidence,
        name: format!("`{name}`"),
        how: format!(", the name of {}", model.id),
        ..ends_in_name(name, model)
    };
    let hyphenated = |text: &str| text.trim().replace(' ', "-");
    let id = base.organization.as_ref().map(|by| format!("{}/{}", hyphenated(by), hyphenated(name)));
    if let Some(model) = id.and_then(|id| catalog.find(&id)) {
        return vec![named(model, Strength::Declared, Confidence::Medium)];
    }
    let by_name = by_spaced(catalog, name);
    by_name.map(|model| named(model, Strength::Circumstantial, Confidence::Low)).into_iter().collect()
}

fn by_spaced(catalog: &Catalog, name: &str) -> Option<&'static Model> {
    hub_id::at_end_of_path(catalog, &name.trim().replace(' ', "-"))
}

/// Every model of a recipe takes part in what came out. Slices of one model alone make it deeper or shallower.
pub(super) fn merge(
    catalog: &Catalog,
    path: &RepoPath,
    recipe: &MergeRecipe,
    problems: &mut Vec<Problem>,
    kept: &mut Kept,
) {
    let all: Vec<Located<String>> = recipe.models.iter().chain(&recipe.base).cloned().collect();
    let relation = match different(catalog, &all) {
        1 => slices(catalog, recipe).unwrap_or(Relation::Merge),
        _ => Relation::Merge,
    };
    let mut seen: Vec<&str> = Vec::new();
    for name in all.iter().take(MOST) {
        if seen.contains(&name.value.as_str()) {
            continue;
        }
        seen.push(&name.value);
        let place = Place {
            catalog,
            kind: EvidenceKind::MergeDeclaration,
            relation,
            strongest: Strength::Declared,
            location: Location::of(path, name),
        };
        let found = targets(catalog, &name.value);
        if found.iter().all(|target| target.strength == Strength::Circumstantial) {
            problems.push(not_an_id(path, name, &name.value));
        }
        for target in found {
            kept.add(place.declare(target, |name| format!("the recipe of the merge lists {name}")));
        }
    }
}

/// What slices of one model make of it: layers that are there twice, or layers that are left out; `None` where neither shows.
fn slices(catalog: &Catalog, recipe: &MergeRecipe) -> Option<Relation> {
    let mut ranges: Vec<(u64, u64)> = recipe.slices.iter().map(|(_, first, end)| (*first, *end)).collect();
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Some(Relation::LayersDuplicated);
    }
    let (first, last) = (ranges.first()?, ranges.last()?);
    let layers = || {
        let model = candidate_of(catalog, &recipe.slices.first()?.0)?;
        match model.field(ConfigField::Layers)? {
            Value::Integer(layers) => u64::try_from(*layers).ok(),
            _ => None,
        }
    };
    let gap = first.0 > 0
        || ranges.windows(2).any(|pair| pair[0].1 < pair[1].0)
        || layers().is_some_and(|layers| last.1 < layers);
    gap.then_some(Relation::LayersDropped)
}

fn candidate_of(catalog: &Catalog, text: &str) -> Option<&'static Model> {
    let target = targets(catalog, text).into_iter().next()?;
    catalog.find(target.model.as_str())
}

/// `FROM`: a repository on the Hub, a name in the library of Ollama, or a file that lies beside the Modelfile.
pub(super) fn modelfile(
    catalog: &Catalog,
    path: &RepoPath,
    file: &Modelfile,
    problems: &mut Vec<Problem>,
    kept: &mut Kept,
) {
    for from in file.from.iter().take(MOST) {
        let text = from.value.trim();
        let place = Place {
            catalog,
            kind: EvidenceKind::ModelfileDeclaration,
            relation: if file.adapters.is_empty() { Relation::Unknown } else { Relation::Adapter },
            strongest: Strength::Declared,
            location: Location::of(path, from),
        };
        let found = if hub_id::is_address(text) {
            targets(catalog, text)
        } else if let Some(known) = hub_id::library_model(catalog, text) {
            vec![Target {
                model: ModelId::from(known.id),
                revision: None,
                strength: Strength::Declared,
                confidence: Confidence::Medium,
                name: text.to_owned(),
                how: format!(", in the library of Ollama {}", known.id),
            }]
        } else if is_file(text) {
            continue;
        } else {
            // A name in another registry, whose organisations are not those of the Hub.
            let name = text.rsplit('/').next().unwrap_or(text);
            let name = name.split(':').next().unwrap_or(name);
            hub_id::at_end_of_path(catalog, name).map(|known| ends_in_name(text, known)).into_iter().collect()
        };
        if found.iter().all(|target| target.strength == Strength::Circumstantial) {
            problems.push(not_an_id(path, from, text));
        }
        for target in found {
            kept.add(place.declare(target, |name| format!("the Modelfile is built FROM {name}")));
        }
    }
}

/// Whether `FROM` names a file or folder: what lies there is this model, not its base.
fn is_file(text: &str) -> bool {
    text.starts_with(['.', '/', '~', '\\'])
        || text.contains('\\')
        || [".gguf", ".ggml", ".bin", ".safetensors"]
            .iter()
            .any(|end| text.to_ascii_lowercase().ends_with(end))
}

/// `name_or_path` of a tokenizer: from where it was loaded when it was saved.
pub(super) fn loaded_tokenizer(
    catalog: &Catalog,
    path: &RepoPath,
    config: &TokenizerConfig,
    kept: &mut Kept,
) {
    let say = |name: &str| format!("the tokenizer was saved from {name} (name_or_path)");
    loaded(catalog, path, config.name_or_path.as_ref(), Relation::Unknown, say, kept);
}

/// What a quantisation configuration says was quantised.
pub(super) fn quantised_model(
    catalog: &Catalog,
    path: &RepoPath,
    config: &QuantisationConfig,
    kept: &mut Kept,
) {
    let say = |name: &str| format!("the quantisation configuration says that {name} was quantised");
    loaded(catalog, path, config.model.as_ref(), Relation::Quantised, say, kept);
}

/// `_name_or_path` of a pipeline.
pub(super) fn loaded_pipeline(catalog: &Catalog, path: &RepoPath, pipeline: &Pipeline, kept: &mut Kept) {
    let say = |name: &str| format!("the pipeline was saved from {name} (_name_or_path)");
    loaded(catalog, path, pipeline.name_or_path.as_ref(), Relation::Unknown, say, kept);
}

fn loaded(
    catalog: &Catalog,
    path: &RepoPath,
    name: Option<&Located<String>>,
    relation: Relation,
    say: impl Fn(&str) -> String,
    kept: &mut Kept,
) {
    let Some(name) = name else { return };
    let place = Place::of_loaded(catalog, Location::of(path, name), relation);
    for target in known_targets(catalog, &name.value) {
        kept.add(place.declare(target, &say));
    }
}

/// A value of a file without lines.
fn nowhere(text: &str) -> Located<String> {
    let span = forebear_types::ByteSpan { start: 0, len: 0 };
    Located { value: text.to_owned(), line: 0, span }
}
