//! Equal dimensions: how much they prove.
//!
//! A configuration can be copied by anybody who trains from scratch, and two trainings can choose the same one by
//! themselves. What equal dimensions prove therefore depends on how many *independent* developers are known to have
//! them, and on how unlikely they are to be chosen twice:
//!
//! - **unique**: one developer's releases only, a mixture of experts or latent attention, and at least [`DISTINCTIVE`] equal
//!   shape fields. Such a shape is the outcome of a long search. Of models of [`HUGE_BILLION`] billion parameters and more
//!   [`ENOUGH`] equal fields will do: a training costs millions, and nobody is known to have spent them on somebody else's
//!   shape.
//! - **structural**: one developer's releases only, a dense model of at least [`LARGE_BILLION`] billion parameters.
//! - **circumstantial**: everything else. Independent models of one dense shape are known (kanana-1.5-8b and Llama-3-8B;
//!   OpenLLaMA and LLaMA), and small shapes are taken over for experiments every day.
//!
//! A derivative may have more tokens, fewer experts, other layers: such a match is a relation of its own and never unique.
//! Differences that nobody makes to a trained model (the norm's epsilon, the routing, a rope base without a longer context,
//! another vocabulary) rule a candidate out. What else differs ranks the candidates and, where it separates whole series of
//! releases, narrows them.
//!
//! Whatever a match proves must hold by configurations that have a source: those known from memory stay in the candidate
//! set, because leaving them out would make it look narrower than it is, but they lend it no strength.
//!
//! A field that one side does not state is unknown. Libraries fill it in with defaults of the class, which differ between
//! families and versions, so nothing is derived from its absence, not even a head dimension from hidden size and heads.

mod fit;
mod reasons;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use forebear_types::ModelId;
use forebear_types::config::ConfigField;
use forebear_types::lineage::{Candidate, Evidence, EvidenceKind, Relation, Strength};

use crate::catalog::{Catalog, Model};
use crate::signals::opinion::{Opinion, Opinions};
use crate::subject::Subject;
use fit::{Change, Fit};
use reasons::{called, changed, detail, differences, reason, shape_evidence};

/// Equal shape fields from which on a match can be unique. A dense decoder states at most eight; mixtures of experts state
/// ten to sixteen.
const DISTINCTIVE: usize = 10;

/// Equal shape fields that a match needs to be more than a hint: hidden size, layers, vocabulary and three more.
const ENOUGH: usize = 6;

/// A mixture of experts of this size, in billions of parameters, is not trained from scratch on another's shape.
const HUGE_BILLION: f64 = 100.0;

/// Below this size (in billions of parameters) a dense shape is a hint only: small models are trained from scratch on
/// other people's configurations as a matter of course.
const LARGE_BILLION: f64 = 3.0;

/// How much worse than the best candidate another release of its series may fit, in tenths of [`fit`]'s weights: end-of-text
/// token, context and padding together.
const WITHIN_SERIES: u32 = 24;

/// How much worse than the best candidate a release of another series may fit.
const BESIDE_SERIES: i64 = 3;

/// What control tokens of another release weigh, in tenths of [`fit`]'s weights: as much as a longer context, which separates series.
const OTHER_CONTROLS: u32 = 10;

/// Ruled-out candidates that a report names; more of them say nothing new.
const MOST_RULED_OUT: usize = 8;

/// Models whose dimensions fit, each with what other signals say of it.
type Judged = Vec<(Fit, Opinion)>;

/// What equal dimensions say about one subject.
#[derive(Clone, Debug)]
pub(crate) struct StructuralMatch {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) relation: Relation,
    pub(crate) strength: Strength,
    pub(crate) unique: bool,
    pub(crate) because: Vec<Evidence>,
    pub(crate) against: Vec<Evidence>,
    /// Models of the same dimensions that are no candidates, because others fit better: the dimensions do not speak against whoever
    /// declares one of them.
    pub(crate) also_fits: Vec<(&'static str, Evidence)>,
}

/// Compares a subject with the catalog. `opinions` are asked about every model whose dimensions fit.
pub(crate) fn compare(
    catalog: &Catalog,
    subject: &Subject<'_>,
    opinions: &Opinions<'_>,
) -> Option<StructuralMatch> {
    let names = fit::Names::of(catalog, subject);
    let mut fits: Judged = catalog
        .models()
        .filter_map(|model| fit::fit(catalog, subject, model, &names))
        .map(|fit| {
            let opinion = opinions.of(&subject.folder, fit.model);
            (fit, opinion)
        })
        .collect();
    // Control tokens that one release has speak for it and against the others of its vocabulary.
    if fits.iter().any(|(_, opinion)| opinion.controls == Some(true)) {
        for (fit, _) in fits.iter_mut().filter(|(_, opinion)| opinion.controls == Some(false)) {
            fit.penalty += OTHER_CONTROLS;
        }
    }
    let copies = copies(catalog, subject, &fits);
    let best_change = |fits: &[(Fit, Opinion)]| {
        fits.iter()
            .filter(|(fit, opinion)| !is_ruled_out(fit, opinion, subject))
            .min_by_key(|(fit, _)| (fit.score(), fit.change))
            .map(|(fit, _)| fit.change)
    };
    let change = best_change(&fits)?;
    // A part of a pipeline is looked at as it is: encoders of twelve layers are common, and nobody extends their vocabulary.
    if subject.part && change != Change::None {
        return None;
    }
    // The parents of candidates are candidates too, if they fit at all: see [`kin`].
    let near: Vec<&'static Model> = fits
        .iter()
        .filter(|(fit, opinion)| fit.is_near(subject) && !is_ruled_out(fit, opinion, subject))
        .map(|(fit, _)| fit.model)
        .collect();
    let mut of_change: Judged = fits.into_iter().filter(|(fit, _)| fit.change == change).collect();
    let developers = independent_developers(catalog, of_change.iter().map(|(fit, _)| fit.model));
    let alone = developers.len() == 1;
    of_change.sort_by_key(|(fit, opinion)| {
        (
            copies.contains(fit.model.id),
            if alone { i64::from(fit.penalty) } else { fit.score() },
            opinion.because.is_none(),
            !opinion.template,
            Reverse(fit.settings_equal),
            fit.model.released.unwrap_or("9999"),
            fit.model.id,
        )
    });
    let (ruled_out, fitting): (Vec<_>, Vec<_>) =
        of_change.into_iter().partition(|(fit, opinion)| is_ruled_out(fit, opinion, subject));
    let (fitting, beside) = narrow(catalog, fitting, alone);
    let confirmed = fitting.iter().any(|(_, opinion)| opinion.vocabulary_of_one);
    let (unique, structural) = proves(&fitting, change, alone, confirmed, subject);

    let mut because = vec![shape_evidence(subject, &fitting, developers.len(), structural)];
    because.extend(called(subject, &fitting));
    because.extend(fitting.iter().find_map(|(_, opinion)| opinion.because.clone()));
    let mut against: Vec<Evidence> = subject
        .disagreements
        .iter()
        .map(|(location, words)| detail(Some(location.clone()), format!("{words}: the tensors count")))
        .collect();
    if developers.len() > 1 {
        let words = format!("independent developers have this shape: {}", developers.join(", "));
        against.push(Evidence { kind: EvidenceKind::Catalog, ..detail(None, words) });
    }
    if !beside.is_empty() {
        let names: Vec<&str> = beside.iter().take(MOST_RULED_OUT).map(|(fit, _)| fit.model.id).collect();
        let words =
            format!("the shape is also that of {}, of which less agrees or is on record", names.join(", "));
        against.push(Evidence { kind: EvidenceKind::Catalog, ..detail(None, words) });
    }
    against.extend(changed(subject, change, &fitting[0].0));
    against.extend(differences(subject, &fitting[0].0));
    against.extend(fitting.iter().filter(|(fit, _)| fit.model.config_from_memory).map(|(fit, _)| {
        let words = format!("the configuration of {} is known from memory only", fit.model.id);
        Evidence { kind: EvidenceKind::Catalog, ..detail(None, words) }
    }));
    against.extend(ruled_out.iter().take(MOST_RULED_OUT).map(|(fit, opinion)| reason(fit, opinion, subject)));
    let also_fits = beside
        .iter()
        .chain(&ruled_out)
        .map(|one| {
            let evidence = shape_evidence(subject, std::slice::from_ref(one), developers.len(), false);
            (one.0.model.id, evidence)
        })
        .collect();
    let kin = kin(catalog, subject, &fitting, &near);
    against.extend(kin.iter().map(|(parent, child)| {
        let why = match parent.field(ConfigField::HiddenSize) {
            Some(_) => "fits less well",
            None => "has no dimensions on record",
        };
        let words = format!("{} {why}: it is a candidate as the parent of {}", parent.id, child.id);
        Evidence { kind: EvidenceKind::Catalog, ..detail(None, words) }
    }));
    let models = fitting.iter().map(|(fit, _)| fit.model).chain(kin.iter().map(|(parent, _)| *parent));
    Some(StructuralMatch {
        candidates: models
            .map(|model| Candidate { model: ModelId::from(model.id), revision: None, known: true })
            .collect(),
        relation: relation(subject, change, &fitting),
        strength: if structural { Strength::Structural } else { Strength::Circumstantial },
        unique,
        because,
        against,
        also_fits,
    })
}

/// What others made of a model that fits as well: it has the dimensions of its parent, so that it comes after it. One whose own
/// settings agree better is none of these; one that agrees better because less of it is on record is.
fn copies(catalog: &Catalog, subject: &Subject<'_>, fits: &[(Fit, Opinion)]) -> BTreeSet<&'static str> {
    let fitting: BTreeMap<&str, &Fit> = fits
        .iter()
        .filter(|(fit, opinion)| !is_ruled_out(fit, opinion, subject))
        .map(|(fit, _)| (fit.model.id, fit))
        .collect();
    let is_copy = |fit: &Fit| {
        let mut others =
            catalog.ancestors(fit.model).filter(|parent| parent.developer != fit.model.developer);
        others.any(|parent| {
            fitting
                .get(parent.id)
                .is_some_and(|parent| parent.score_beside(fit.model, subject) <= fit.score())
        })
    };
    fits.iter().map(|(fit, _)| fit).filter(|fit| is_copy(fit)).map(|fit| fit.model.id).collect()
}

fn is_ruled_out(fit: &Fit, opinion: &Opinion, subject: &Subject<'_>) -> bool {
    opinion.against.is_some() || !fit.firm_differences(subject).is_empty()
}

/// Whether two models known to the catalog have different shapes, by the fields that both state.
pub(crate) fn contradicts(subject: &Subject<'_>, model: &'static Model) -> Option<Vec<ConfigField>> {
    let differs: Vec<ConfigField> = subject
        .fields
        .iter()
        .filter(|(field, stated)| {
            // Layers are dropped and duplicated, vocabularies extended, experts pruned: none speaks against descent.
            field.is_shape()
                && ![ConfigField::Layers, ConfigField::VocabularySize, ConfigField::Experts].contains(field)
                && model.field(**field).is_some()
                && !model.accepts(**field, &stated.value)
        })
        .map(|(field, _)| *field)
        .collect();
    (differs.len() >= 2).then_some(differs)
}

/// The candidates that nothing tells apart, and the others: of the best one's series all stay that fit nearly as well, of other
/// series those that fit as well. `alone` says that they are all of one developer.
fn narrow(catalog: &Catalog, fitting: Judged, alone: bool) -> (Judged, Judged) {
    let Some((best, _)) = fitting.first() else { return (fitting, Vec::new()) };
    let measure = |fit: &Fit| if alone { i64::from(fit.penalty) } else { fit.score() };
    let series = |fit: &Fit| catalog.series(fit.model);
    let (least, lowest, own) = (measure(best), best.penalty, series(best));
    // A vocabulary that is known speaks for the releases that ship it, where others of the shape have none on record.
    let confirmed = fitting.iter().any(|(_, opinion)| opinion.because.is_some());
    fitting.into_iter().partition(|(fit, opinion)| {
        if series(fit) == own {
            fit.penalty <= lowest + WITHIN_SERIES
        } else {
            measure(fit) <= least + BESIDE_SERIES && (!confirmed || opinion.because.is_some())
        }
    })
}

/// Ancestors of candidates that cannot be left out: what descends from a release may descend from its parent. They fit too, if not as
/// well, or the catalog has no dimensions of them and they are of the same developer. Each with the candidate that it is an ancestor of.
fn kin(
    catalog: &Catalog,
    subject: &Subject<'_>,
    fitting: &[(Fit, Opinion)],
    near: &[&'static Model],
) -> Vec<(&'static Model, &'static Model)> {
    const MOST: usize = 4;
    let mut found: Vec<(&Model, &Model)> = Vec::new();
    for (fit, _) in fitting {
        let mut child = fit.model;
        for parent in catalog.ancestors(child) {
            let known = parent.field(ConfigField::HiddenSize).is_some()
                && parent.field(ConfigField::Layers).is_some();
            let fits = match known {
                true => near.iter().any(|model| model.id == parent.id),
                false => parent.developer == child.developer && contradicts(subject, parent).is_none(),
            };
            let new = fitting.iter().all(|(fit, _)| fit.model.id != parent.id)
                && found.iter().all(|(known, _)| known.id != parent.id);
            if !fits || found.len() >= MOST {
                break;
            }
            if new {
                found.push((parent, fit.model));
            }
            child = parent;
        }
    }
    found
}

/// Whether a candidate can prove anything: its configuration has a source, and no setting differs that its ancestors state, where its own
/// record is silent.
fn lends_strength(fit: &Fit, subject: &Subject<'_>) -> bool {
    !fit.model.config_from_memory && !fit.differs_from_ancestors(subject)
}

/// Whether a match is unique, and whether it is structural: see the head of this module.
fn proves(
    fitting: &[(Fit, Opinion)],
    change: Change,
    one_developer: bool,
    confirmed: bool,
    subject: &Subject<'_>,
) -> (bool, bool) {
    let sourced: Vec<&Fit> =
        fitting.iter().map(|(fit, _)| fit).filter(|fit| lends_strength(fit, subject)).collect();
    let equal = sourced.iter().map(|fit| fit.equal.len()).max().unwrap_or(0);
    // The parts of a pipeline come with the pipeline: what is declared for the whole speaks for them.
    if !one_developer || equal < ENOUGH || subject.is_adapter() || subject.part {
        return (false, false);
    }
    let special =
        sourced.iter().any(|fit| fit.has(ConfigField::Experts) || fit.has(ConfigField::KeyValueLoraRank));
    let sizes: Vec<f64> = sourced.iter().filter_map(|fit| fit.model.total_billion).collect();
    let huge = !sizes.is_empty() && sizes.iter().all(|size| *size >= HUGE_BILLION);
    let large = sizes.iter().any(|size| *size >= LARGE_BILLION);
    match change {
        Change::None => {
            let unique = special && (equal >= DISTINCTIVE || huge);
            (unique, unique || large)
        }
        // A vocabulary that grew out of one that is theirs alone, on their dimensions.
        Change::Vocabulary => (false, large && confirmed),
        // The mixture's other dimensions are as many as make a match unique; what was changed keeps it from being one.
        Change::Experts => (false, equal >= DISTINCTIVE),
        Change::Layers | Change::Upcycled => (false, false),
    }
}

/// How the subject came from the candidates, as far as dimensions and settings tell.
fn relation(subject: &Subject<'_>, change: Change, fitting: &[(Fit, Opinion)]) -> Relation {
    let model = fitting[0].0.model;
    let more = |field| {
        subject.whole(field).zip(fit::whole(model, field)).is_some_and(|(ours, theirs)| ours > theirs)
    };
    if subject.is_adapter() {
        return Relation::Adapter;
    }
    match change {
        Change::Vocabulary if more(ConfigField::VocabularySize) => Relation::VocabularyExtended,
        Change::Vocabulary => Relation::Pruned,
        Change::Experts if more(ConfigField::Experts) => Relation::Unknown,
        Change::Experts => Relation::ExpertsPruned,
        Change::Layers if more(ConfigField::Layers) => Relation::LayersDuplicated,
        Change::Layers => Relation::LayersDropped,
        Change::Upcycled => Relation::Merge,
        Change::None if subject.is_quantised() => Relation::Quantised,
        Change::None if subject.is_converted() => Relation::Converted,
        Change::None => {
            let longer = fitting.iter().all(|(fit, _)| {
                subject
                    .whole(ConfigField::MaxPositions)
                    .zip(fit::whole(fit.model, ConfigField::MaxPositions))
                    .is_some_and(|(ours, theirs)| ours > theirs)
            });
            if longer { Relation::ContextExtended } else { Relation::Unknown }
        }
    }
}

/// The developers of the models' first ancestors.
pub(crate) fn independent_developers(
    catalog: &Catalog,
    models: impl Iterator<Item = &'static Model>,
) -> Vec<&'static str> {
    let mut developers: Vec<&str> = models.map(|model| catalog.root(model).developer).collect();
    developers.sort_unstable();
    developers.dedup();
    developers
}
