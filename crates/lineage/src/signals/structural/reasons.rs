//! What equal and different dimensions are in words: the evidence for and against.

use forebear_types::Location;
use forebear_types::config::ConfigField;
use forebear_types::lineage::{Evidence, EvidenceKind, Strength};

use super::fit::{Change, Fit};
use crate::catalog::Model;
use crate::signals::opinion::Opinion;
use crate::subject::Subject;

pub(super) fn detail(location: Option<Location>, detail: String) -> Evidence {
    Evidence {
        kind: EvidenceKind::ConfigurationDetail,
        strength: Strength::Circumstantial,
        location,
        detail,
        p: None,
    }
}

pub(super) fn shape_evidence(
    subject: &Subject<'_>,
    fitting: &[(Fit, Opinion)],
    developers: usize,
    structural: bool,
) -> Evidence {
    let best = &fitting[0].0;
    let shape = subject.fields.keys().filter(|field| field.is_shape()).count().max(best.equal.len());
    let mut shown = false;
    let listed: Vec<String> = best
        .equal
        .iter()
        .map(|field| match subject.fields.get(field) {
            Some(stated) => {
                shown |= stated.shown;
                format!("{} {}", field.key(), stated.value)
            }
            // Rows of a projection that fit; how they are cut into heads is not stated.
            None => field.key().to_owned(),
        })
        .collect();
    let whose = match fitting {
        [(only, _)] => format!("those of {}", only.model.id),
        [(first, _), rest @ ..] => format!("those of {} and {} more", first.model.id, rest.len()),
        [] => String::new(),
    };
    let measure = match developers {
        1 => "one developer in the catalog has this shape".to_owned(),
        several => format!("{several} independent developers in the catalog have this shape"),
    };
    // A configuration that the tensors contradict is no place to point to.
    let by_tensors = shown && (subject.config.is_none() || !subject.disagreements.is_empty());
    let place =
        best.equal.iter().filter_map(|field| subject.fields.get(field)).min_by_key(|stated| {
            (stated.shown != by_tensors, stated.location.lines.map(|lines| lines.first))
        });
    Evidence {
        kind: if by_tensors { EvidenceKind::Tensors } else { EvidenceKind::Configuration },
        strength: if structural { Strength::Structural } else { Strength::Circumstantial },
        location: place.map(|stated| stated.location.clone()),
        detail: format!(
            "{} of {shape} shape fields equal {whose}: {}; {measure}",
            best.equal.len(),
            listed.join(", ")
        ),
        p: None,
    }
}

/// What was changed, in words.
pub(super) fn changed(subject: &Subject<'_>, change: Change, best: &Fit) -> Option<Evidence> {
    let (field, words) = match change {
        Change::None => return None,
        Change::Vocabulary => (ConfigField::VocabularySize, "entries in the vocabulary"),
        Change::Experts => (ConfigField::Experts, "experts"),
        Change::Layers => (ConfigField::Layers, "layers"),
        Change::Upcycled => {
            let words = format!(
                "{} experts of the width of {}'s feed-forward part: a mixture made from dense models",
                subject.get(ConfigField::Experts)?,
                best.model.id
            );
            let location = subject.fields.get(&ConfigField::Experts).map(|stated| stated.location.clone());
            return Some(detail(location, words));
        }
    };
    let stated = subject.fields.get(&field)?;
    let theirs = best.model.field(field)?;
    let words = format!("{} {words}, where {} has {theirs}: all else is equal", stated.value, best.model.id);
    Some(detail(Some(stated.location.clone()), words))
}

/// The names in the configuration: agreement is one more sign, another name is none against, because names are free.
pub(super) fn called(subject: &Subject<'_>, fitting: &[(Fit, Opinion)]) -> Vec<Evidence> {
    let Some(config) = subject.config else { return Vec::new() };
    let mut found = Vec::new();
    let models = || fitting.iter().map(|(fit, _)| fit.model);
    for name in config.architectures.iter().chain(&config.model_type) {
        let known = models().any(|model| {
            model.architectures.contains(&name.value.as_str())
                || model.model_type == Some(name.value.as_str())
        });
        let recorded = models().any(|model| !model.architectures.is_empty() || model.model_type.is_some());
        let words = match (known, recorded) {
            (true, _) => format!("the configuration calls the model {}, as theirs does", name.value),
            (false, true) => format!(
                "the configuration calls the model {}, which theirs does not: names are free",
                name.value
            ),
            (false, false) => continue,
        };
        found.push(detail(Some(Location::of(&subject.path, name)), words));
    }
    found
}

/// Settings in which a candidate differs, by its own record or by what its ancestors state.
pub(super) fn differences(subject: &Subject<'_>, fit: &Fit) -> Vec<Evidence> {
    let difference = |field: ConfigField, model: &'static Model| {
        let stated = subject.fields.get(&field)?;
        let known = model.field(field)?;
        let whose = match model.id == fit.model.id {
            true => model.id.to_owned(),
            false => format!("{}, an ancestor of {},", model.id, fit.model.id),
        };
        let words = format!("{} is {}, that of {whose} is {known}", field.key(), stated.value);
        Some(detail(Some(stated.location.clone()), words))
    };
    let own = fit.settings_differ.iter().map(|field| (*field, fit.model));
    own.chain(fit.inherited_differ.iter().copied())
        .filter_map(|(field, model)| difference(field, model))
        .collect()
}

/// Why a model of the same shape is no candidate.
pub(super) fn reason(fit: &Fit, opinion: &Opinion, subject: &Subject<'_>) -> Evidence {
    if let Some(evidence) = &opinion.against {
        return Evidence {
            detail: format!("{}: {} is ruled out", evidence.detail, fit.model.id),
            ..evidence.clone()
        };
    }
    let fields: Vec<&str> = fit.firm_differences(subject).into_iter().map(ConfigField::key).collect();
    detail(None, format!("{} has the same shape, but another {}: ruled out", fit.model.id, fields.join(", ")))
}
