//! Equal configurations: how much they prove.
//!
//! A configuration can be copied by anybody who trains from scratch, and two trainings can choose the same one by
//! themselves. What an equal configuration proves therefore depends on how many *independent* developers are known to have
//! it, and on how unlikely it is to be chosen twice:
//!
//! - **unique**: one developer's releases only, a mixture of experts or latent attention, and at least [`DISTINCTIVE`] equal
//!   shape fields. Such a shape is the outcome of a long search. Of models of [`HUGE_BILLION`] billion parameters and more
//!   [`ENOUGH`] equal fields will do: a training costs millions, and nobody is known to have spent them on somebody else's
//!   shape.
//! - **structural**: one developer's releases only, a dense model of at least [`LARGE_BILLION`] billion parameters.
//! - **circumstantial**: everything else. Independent models of one dense shape are known (kanana-1.5-8b and Llama-3-8B;
//!   OpenLLaMA and LLaMA), and small shapes are taken over for experiments every day.
//!
//! Whatever a match proves must hold by configurations that have a source: those known from memory stay in the candidate
//! set, because leaving them out would make it look narrower than it is, but they lend it no strength.
//!
//! A field that one side does not state is unknown. Libraries fill it in with defaults of the class, which differ between
//! families and versions, so nothing is derived from its absence, not even a head dimension from hidden size and heads.

use forebear_types::config::{ConfigField, ConfigFields};
use forebear_types::fact::ModelConfig;
use forebear_types::lineage::{Candidate, Evidence, EvidenceKind, Strength};
use forebear_types::{Location, ModelId, RepoPath};

use crate::catalog::{Catalog, Model};

/// Equal shape fields from which on a match can be unique. A dense decoder states at most eight; mixtures of experts state
/// ten to sixteen.
const DISTINCTIVE: usize = 10;

/// Equal shape fields that any match needs: hidden size, layers, vocabulary and three more.
const ENOUGH: usize = 6;

/// A mixture of experts of this size, in billions of parameters, is not trained from scratch on another's shape.
const HUGE_BILLION: f64 = 100.0;

/// Below this size (in billions of parameters) a dense shape is a hint only: small models are trained from scratch on
/// other people's configurations as a matter of course.
const LARGE_BILLION: f64 = 3.0;

/// Fields that make a model another kind of model: where only one side has them, the two do not match. Latent ranks are not
/// among them: a configuration may leave them to the defaults of its class.
const KINDS: &[ConfigField] =
    &[ConfigField::Experts, ConfigField::IndexHeads, ConfigField::StateSize, ConfigField::DecoderLayers];

/// Settings that a fine-tune does not change: where they differ, another candidate fits better. Tied embeddings are not among
/// them: DeepSeek-R1-Distill-Qwen-1.5B has an output layer of its own, the Qwen2.5 models of that size have none.
const FIRM: &[ConfigField] = &[
    ConfigField::NormEpsilon,
    ConfigField::ExpertsPerToken,
    ConfigField::ExpertGroups,
    ConfigField::ExpertGroupsPerToken,
    ConfigField::RoutedScalingFactor,
    ConfigField::PartialRotaryFactor,
    ConfigField::AttentionBias,
];

/// What equal configurations say about one subject.
#[derive(Clone, Debug)]
pub(crate) struct StructuralMatch {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) strength: Strength,
    pub(crate) unique: bool,
    pub(crate) because: Vec<Evidence>,
    pub(crate) against: Vec<Evidence>,
}

/// One catalog model beside the configuration.
struct Comparison {
    model: &'static Model,
    shape_equal: Vec<ConfigField>,
    shape_differs: Vec<ConfigField>,
    settings_equal: usize,
    settings_differ: Vec<ConfigField>,
}

/// Compares a configuration with the catalog.
pub(crate) fn compare(catalog: &Catalog, path: &RepoPath, config: &ModelConfig) -> Option<StructuralMatch> {
    let comparisons: Vec<Comparison> =
        catalog.models().filter_map(|model| beside(&config.fields, model)).collect();
    let exact: Vec<&Comparison> = comparisons.iter().filter(|one| one.shape_differs.is_empty()).collect();
    if !exact.is_empty() {
        return Some(exact_match(catalog, path, config, exact));
    }
    let near: Vec<&Comparison> = comparisons
        .iter()
        .filter(|one| {
            one.shape_differs == [ConfigField::VocabularySize]
                && one.shape_equal.len() >= ENOUGH
                && [ConfigField::IntermediateSize, ConfigField::AttentionHeads]
                    .iter()
                    .all(|f| one.shape_equal.contains(f))
        })
        .collect();
    (!near.is_empty()).then(|| near_match(path, config, near))
}

/// Whether two models known to the catalog have different shapes, by the fields that both state.
pub(crate) fn contradicts(config: &ModelConfig, model: &'static Model) -> Option<Vec<ConfigField>> {
    let differs: Vec<ConfigField> = config
        .fields
        .iter()
        .filter(|(field, value)| {
            // Layers are dropped and duplicated, vocabularies extended: neither speaks against descent.
            field.is_shape()
                && ![ConfigField::Layers, ConfigField::VocabularySize].contains(field)
                && model.field(**field).is_some()
                && !model.accepts(**field, &value.value)
        })
        .map(|(field, _)| *field)
        .collect();
    (differs.len() >= 2).then_some(differs)
}

fn beside(fields: &ConfigFields, model: &'static Model) -> Option<Comparison> {
    let states = |field: ConfigField| fields.contains_key(&field);
    if KINDS.iter().any(|field| states(*field) != model.field(*field).is_some()) {
        return None;
    }
    let mut found = Comparison {
        model,
        shape_equal: Vec::new(),
        shape_differs: Vec::new(),
        settings_equal: 0,
        settings_differ: Vec::new(),
    };
    for (field, value) in fields {
        if model.field(*field).is_none() {
            continue;
        }
        let equal = model.accepts(*field, &value.value);
        match (field.is_shape(), equal) {
            (true, true) => found.shape_equal.push(*field),
            (true, false) => found.shape_differs.push(*field),
            (false, true) => found.settings_equal += 1,
            (false, false) => found.settings_differ.push(*field),
        }
    }
    let has = |field: ConfigField| found.shape_equal.contains(&field);
    let core = has(ConfigField::HiddenSize) && has(ConfigField::Layers);
    (core && found.shape_equal.len() >= ENOUGH - 1 && found.shape_differs.len() <= 1)
        .then_some(found)
        .filter(|found| found.shape_equal.len() >= ENOUGH || !found.shape_differs.is_empty())
        .filter(|found| {
            found.shape_differs.contains(&ConfigField::VocabularySize)
                || found.shape_equal.contains(&ConfigField::VocabularySize)
        })
}

fn exact_match(
    catalog: &Catalog,
    path: &RepoPath,
    config: &ModelConfig,
    exact: Vec<&Comparison>,
) -> StructuralMatch {
    let developers = independent_developers(catalog, exact.iter().map(|one| one.model));
    let firm = |one: &Comparison| one.settings_differ.iter().filter(|field| FIRM.contains(field)).count();
    let least = exact.iter().map(|one| firm(one)).min().unwrap_or(0);
    let (mut fitting, ruled_out): (Vec<&Comparison>, Vec<&Comparison>) =
        exact.into_iter().partition(|one| firm(one) == least);
    fitting.sort_by_key(|one| {
        (
            std::cmp::Reverse(one.settings_equal as i64 - one.settings_differ.len() as i64),
            one.model.released.unwrap_or("9999"),
            one.model.id,
        )
    });
    let one_developer = developers.len() == 1;
    let (unique, structural) = proves(&fitting, one_developer);

    let mut because =
        vec![configuration_evidence(path, config, &fitting[0].shape_equal, &fitting, structural)];
    because.extend(names(path, config, &fitting));
    let mut against = Vec::new();
    if !one_developer {
        against.push(Evidence {
            kind: EvidenceKind::Catalog,
            strength: Strength::Circumstantial,
            location: None,
            detail: format!("independent developers have this shape: {}", developers.join(", ")),
        });
    }
    for one in fitting.iter().take(1) {
        against.extend(differences(path, config, one));
    }
    against.extend(fitting.iter().filter(|one| one.model.config_from_memory).map(|one| Evidence {
        kind: EvidenceKind::Catalog,
        strength: Strength::Circumstantial,
        location: None,
        detail: format!("the configuration of {} is known from memory only", one.model.id),
    }));
    for one in ruled_out {
        let fields: Vec<&str> =
            one.settings_differ.iter().filter(|field| FIRM.contains(field)).map(|f| f.key()).collect();
        against.push(Evidence {
            kind: EvidenceKind::ConfigurationDetail,
            strength: Strength::Circumstantial,
            location: None,
            detail: format!(
                "{} has the same shape, but another {}: ruled out",
                one.model.id,
                fields.join(", ")
            ),
        });
    }
    StructuralMatch {
        candidates: candidates(&fitting),
        strength: if structural { Strength::Structural } else { Strength::Circumstantial },
        unique,
        because,
        against,
    }
}

/// Whether an exact match is unique, and whether it is structural: see the head of this module.
fn proves(fitting: &[&Comparison], one_developer: bool) -> (bool, bool) {
    let sourced: Vec<&Comparison> =
        fitting.iter().copied().filter(|one| !one.model.config_from_memory).collect();
    let equal = sourced.iter().map(|one| one.shape_equal.len()).max().unwrap_or(0);
    if !one_developer || equal < ENOUGH {
        return (false, false);
    }
    let special = sourced.iter().any(|one| {
        one.shape_equal.contains(&ConfigField::Experts)
            || one.shape_equal.contains(&ConfigField::KeyValueLoraRank)
    });
    let sizes: Vec<f64> = sourced.iter().filter_map(|one| one.model.total_billion).collect();
    let huge = !sizes.is_empty() && sizes.iter().all(|size| *size >= HUGE_BILLION);
    let unique = special && (equal >= DISTINCTIVE || huge);
    (unique, unique || sizes.iter().any(|size| *size >= LARGE_BILLION))
}

fn near_match(path: &RepoPath, config: &ModelConfig, mut near: Vec<&Comparison>) -> StructuralMatch {
    near.sort_by_key(|one| {
        (std::cmp::Reverse(one.settings_equal), one.model.released.unwrap_or("9999"), one.model.id)
    });
    let because = vec![configuration_evidence(path, config, &near[0].shape_equal, &near, false)];
    let mut against = Vec::new();
    if let Some(value) = config.fields.get(&ConfigField::VocabularySize)
        && let Some(known) = near[0].model.field(ConfigField::VocabularySize)
    {
        against.push(Evidence {
            kind: EvidenceKind::ConfigurationDetail,
            strength: Strength::Circumstantial,
            location: Some(Location::of(path, value)),
            detail: format!(
                "the vocabulary has {} entries, that of {} has {known}",
                value.value, near[0].model.id
            ),
        });
    }
    StructuralMatch {
        candidates: candidates(&near),
        strength: Strength::Circumstantial,
        unique: false,
        because,
        against,
    }
}

fn candidates(comparisons: &[&Comparison]) -> Vec<Candidate> {
    comparisons
        .iter()
        .map(|one| Candidate { model: ModelId::from(one.model.id), revision: None, known: true })
        .collect()
}

/// The developers of the models' first ancestors.
fn independent_developers(
    catalog: &Catalog,
    models: impl Iterator<Item = &'static Model>,
) -> Vec<&'static str> {
    let mut developers: Vec<&str> = models.map(|model| catalog.root(model).developer).collect();
    developers.sort_unstable();
    developers.dedup();
    developers
}

fn configuration_evidence(
    path: &RepoPath,
    config: &ModelConfig,
    equal: &[ConfigField],
    models: &[&Comparison],
    structural: bool,
) -> Evidence {
    let shape = config.fields.keys().filter(|field| field.is_shape()).count();
    let listed: Vec<String> = equal
        .iter()
        .filter_map(|field| Some(format!("{} {}", field.key(), config.fields.get(field)?.value)))
        .collect();
    let whose = match models {
        [only] => format!("those of {}", only.model.id),
        [first, rest @ ..] => format!("those of {} and {} more", first.model.id, rest.len()),
        [] => String::new(),
    };
    let place = equal.iter().filter_map(|field| config.fields.get(field)).min_by_key(|value| value.line);
    Evidence {
        kind: EvidenceKind::Configuration,
        strength: if structural { Strength::Structural } else { Strength::Circumstantial },
        location: place.map(|value| Location::of(path, value)),
        detail: format!("{} of {shape} shape fields equal {whose}: {}", equal.len(), listed.join(", ")),
    }
}

/// The names in the configuration: agreement is one more sign, another name is none against, because names are free.
fn names(path: &RepoPath, config: &ModelConfig, models: &[&Comparison]) -> Vec<Evidence> {
    let mut found = Vec::new();
    for name in config.architectures.iter().chain(&config.model_type) {
        let known = models.iter().any(|one| {
            one.model.architectures.contains(&name.value.as_str())
                || one.model.model_type == Some(name.value.as_str())
        });
        let recorded =
            models.iter().any(|one| !one.model.architectures.is_empty() || one.model.model_type.is_some());
        let detail = match (known, recorded) {
            (true, _) => format!("the configuration calls the model {}, as theirs does", name.value),
            (false, true) => format!(
                "the configuration calls the model {}, which theirs does not: names are free",
                name.value
            ),
            (false, false) => continue,
        };
        found.push(Evidence {
            kind: EvidenceKind::ConfigurationDetail,
            strength: Strength::Circumstantial,
            location: Some(Location::of(path, name)),
            detail,
        });
    }
    found
}

fn differences(path: &RepoPath, config: &ModelConfig, one: &Comparison) -> Vec<Evidence> {
    one.settings_differ
        .iter()
        .filter_map(|field| {
            let value = config.fields.get(field)?;
            let known = one.model.field(*field)?;
            Some(Evidence {
                kind: EvidenceKind::ConfigurationDetail,
                strength: Strength::Circumstantial,
                location: Some(Location::of(path, value)),
                detail: format!("{} is {}, that of {} is {known}", field.key(), value.value, one.model.id),
            })
        })
        .collect()
}
