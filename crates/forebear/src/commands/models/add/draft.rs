//! What a folder says of its model.

use std::collections::{BTreeMap, BTreeSet};

use forebear_licenses::hub::{self, HubLicense};
use forebear_types::config::ConfigField;
use forebear_types::fact::{Fact, FactKind, LegalFile, LegalRole, LfsPointer, ModelCard, ModelConfig, Scope};
use forebear_types::{LicenseId, ModelId, RepoPath, Snapshot};

use crate::config::model_id;

/// Which model, and which state of its repository.
pub(super) struct Origin {
    pub(super) id: ModelId,
    pub(super) snapshot: Snapshot,
}

impl Origin {
    /// The revision that was read, with its day where git tells it.
    pub(super) fn revision(&self) -> Option<(String, Option<String>)> {
        match &self.snapshot {
            Snapshot::Commit { id, time } => Some((id.to_string(), Some(time.date()))),
            Snapshot::Cached { revision } => Some((revision.to_string(), None)),
            _ => None,
        }
    }

    /// A file as a source: no path of this machine gets into an entry.
    pub(super) fn source(&self, path: &RepoPath) -> String {
        match self.revision() {
            Some((revision, _)) => format!("hub:{}@{}:{path}", self.id, &revision[..revision.len().min(12)]),
            None => format!("hub:{}: {path}", self.id),
        }
    }
}

/// A fact with its source.
pub(super) struct Sourced<T> {
    pub(super) value: T,
    pub(super) source: String,
}

/// What will be written.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) developer: String,
    pub(super) parent: Option<Sourced<String>>,
    pub(super) config: Option<Sourced<ModelConfig>>,
    /// Total and active, in billions.
    pub(super) parameters: Option<(f64, f64)>,
    pub(super) weights: Option<Sourced<LicenseId>>,
    pub(super) code: Option<LicenseId>,
    pub(super) legal_files: Vec<String>,
    pub(super) use_policy: Option<String>,
    pub(super) copyright: Vec<String>,
    pub(super) digests: BTreeMap<String, LfsPointer>,
    /// What the folder does not say, one clause each.
    pub(super) missing: Vec<String>,
}

impl Draft {
    pub(super) fn of(origin: &Origin, facts: &[Fact]) -> Self {
        let mut draft = Self::default();
        draft.configuration(origin, facts);
        draft.licenses(origin, facts);
        draft.parent(origin, facts);
        draft.digests(facts);
        draft.missing.push("the day of its release: add `released` from a source that names it".to_owned());
        draft
    }

    pub(super) fn is_empty(&self) -> bool {
        self.config.is_none()
            && self.weights.is_none()
            && self.legal_files.is_empty()
            && self.digests.is_empty()
    }

    fn configuration(&mut self, origin: &Origin, facts: &[Fact]) {
        let config = topmost(facts, |kind| match kind {
            FactKind::ModelConfig(config) => Some(config),
            _ => None,
        });
        let Some((path, config)) = config.filter(|(_, config)| !config.fields.is_empty()) else {
            self.missing.push("a configuration with the shape of a language model".to_owned());
            return;
        };
        for field in [ConfigField::HiddenSize, ConfigField::Layers, ConfigField::VocabularySize] {
            if !config.fields.contains_key(&field) {
                self.missing.push(format!("{} in {path}: without it no shape matches", field.key()));
            }
        }
        let billions = |count: u64| (count as f64 / 1e6).round() / 1e3;
        self.parameters = forebear_lineage::parameters::count(config)
            .map(|counted| (billions(counted.total), billions(counted.active)))
            .filter(|(total, _)| *total > 0.0);
        if self.parameters.is_none() {
            self.missing
                .push("the number of parameters: it cannot be counted from this configuration".to_owned());
        }
        self.config = Some(Sourced { value: config.clone(), source: origin.source(path) });
    }

    fn licenses(&mut self, origin: &Origin, facts: &[Fact]) {
        let legal: Vec<(&RepoPath, &LegalFile)> = facts
            .iter()
            .filter_map(|fact| match &fact.kind {
                FactKind::LegalFile(file) if file.scope == Scope::Model => Some((&fact.path, file)),
                _ => None,
            })
            .collect();
        self.legal_files = legal.iter().map(|(path, _)| path.to_string()).collect();
        self.use_policy = legal
            .iter()
            .find(|(_, file)| file.role == LegalRole::UsePolicy)
            .map(|(path, _)| path.to_string());
        let mut owners = BTreeSet::new();
        for (_, file) in &legal {
            for line in &file.recognition.copyright {
                if owners.insert(line.text.clone()) {
                    self.copyright.push(line.text.clone());
                }
            }
        }
        if self.copyright.is_empty() {
            self.missing.push("an owner's copyright line in a legal file".to_owned());
        }
        let mut texts: Vec<(&RepoPath, LicenseId)> = Vec::new();
        for (path, file) in legal.iter().filter(|(_, file)| file.role == LegalRole::License) {
            let found = &file.recognition.licenses;
            for one in found {
                texts.push((path, one.id.clone()));
                if !one.whole() {
                    self.missing.push(format!(
                        "the whole text of {} in {path}: it is {}",
                        one.id,
                        one.status.name()
                    ));
                }
            }
            if found.is_empty() {
                self.missing.push(format!("a licence that forebear knows in {path}"));
            }
        }
        // `LICENSE-CODE` beside `LICENSE-MODEL`: two licences for two things.
        let of_code = |path: &RepoPath| path.to_string().to_ascii_lowercase().contains("code");
        let (code, other): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(path, _)| of_code(path));
        self.choose(origin, &other, card_license(facts));
        self.code = only(code.iter().map(|(_, id)| id)).filter(|_| !other.is_empty());
    }

    /// The licence of the weights: what the text says, if the card does not say otherwise; without a text, what the card says.
    fn choose(
        &mut self,
        origin: &Origin,
        texts: &[(&RepoPath, LicenseId)],
        card: Option<(&RepoPath, Vec<LicenseId>)>,
    ) {
        let text = only(texts.iter().map(|(_, id)| id));
        let named = card.as_ref().and_then(|(_, ids)| only(ids.iter()));
        let agrees = |text: &LicenseId, ids: &[LicenseId]| {
            ids.is_empty() || ids.iter().any(|id| forebear_licenses::terms::same_text(id, text) || id == text)
        };
        match (text, &card) {
            (Some(text), card) if card.as_ref().is_none_or(|(_, ids)| agrees(&text, ids)) => {
                let path = texts.first().map(|(path, _)| *path);
                self.weights = path.map(|path| Sourced { value: text, source: origin.source(path) });
            }
            (Some(text), Some((path, ids))) => {
                let ids: Vec<&str> = ids.iter().map(LicenseId::as_str).collect();
                self.missing.push(format!(
                    "one licence of the weights: the text is {text}, and {path} declares {}",
                    ids.join(" or ")
                ));
            }
            (None, Some((path, _))) if texts.is_empty() && named.is_some() => {
                self.weights = named.map(|value| Sourced { value, source: origin.source(path) });
            }
            (None, Some((path, ids))) if texts.is_empty() && !ids.is_empty() => {
                let ids: Vec<&str> = ids.iter().map(LicenseId::as_str).collect();
                self.missing.push(format!("which licence {path} means: {}", ids.join(" or ")));
            }
            (None, _) if !texts.is_empty() => {
                let ids: BTreeSet<&str> = texts.iter().map(|(_, id)| id.as_str()).collect();
                let ids: Vec<&str> = ids.into_iter().collect();
                self.missing.push(format!("which of the texts is that of the weights: {}", ids.join(" or ")));
            }
            _ => self.missing.push("the licence of the weights".to_owned()),
        }
    }

    fn parent(&mut self, origin: &Origin, facts: &[Fact]) {
        let Some((path, card)) = card(facts) else {
            self.missing.push("a model card".to_owned());
            return;
        };
        let bases: Vec<&str> = card
            .base_models
            .iter()
            .map(|base| base.value.trim())
            .filter(|base| model_id(base).is_some() && !origin.id.same_as(base))
            .collect();
        match bases.as_slice() {
            [] => self.missing.push(format!("a parent: {path} declares no base model, so none is known")),
            [only] => {
                self.parent = Some(Sourced { value: (*only).to_owned(), source: origin.source(path) });
            }
            several => self.missing.push(format!("one parent: {path} declares {}", several.join(", "))),
        }
    }

    fn digests(&mut self, facts: &[Fact]) {
        let mut here = 0_usize;
        for fact in facts {
            let FactKind::Weights(file) = &fact.kind else { continue };
            match (file.pointer, fact.path.to_str()) {
                (Some(pointer), Some(path)) => {
                    self.digests.insert(path.to_owned(), pointer);
                }
                _ => here += 1,
            }
        }
        if here > 0 {
            let files = if here == 1 { "1 weight file".to_owned() } else { format!("{here} weight files") };
            self.missing.push(format!("the digests of {files}: only Git LFS pointers state them"));
        } else if self.digests.is_empty() {
            self.missing.push("weight files, or pointers to them".to_owned());
        }
    }
}

/// The licences that the main card declares; more than one where the name stands for several texts.
fn card_license(facts: &[Fact]) -> Option<(&RepoPath, Vec<LicenseId>)> {
    let (path, card) = card(facts)?;
    let declared = card.license.first()?;
    let mut ids: Vec<LicenseId> = Vec::new();
    for license in &card.license {
        ids.extend_from_slice(hub::from_hub(&license.value).candidates());
    }
    if hub::from_hub(&declared.value) == HubLicense::Other
        && let Some(name) = &card.license_name
    {
        let link = card.license_link.as_ref().map(|link| link.value.as_str());
        ids.extend_from_slice(hub::from_name(&name.value, link).candidates());
    }
    Some((path, ids))
}

fn card(facts: &[Fact]) -> Option<(&RepoPath, &ModelCard)> {
    topmost(facts, |kind| match kind {
        FactKind::ModelCard(card) => Some(card),
        _ => None,
    })
}

/// The fact of a kind that is least deep in the tree, the first of several.
fn topmost<'a, T>(
    facts: &'a [Fact],
    kind: impl Fn(&'a FactKind) -> Option<&'a T>,
) -> Option<(&'a RepoPath, &'a T)> {
    facts.iter().filter_map(|fact| Some((&fact.path, kind(&fact.kind)?))).min_by_key(|(path, _)| path.depth())
}

/// The value, if all are the same one.
fn only<'a>(mut ids: impl Iterator<Item = &'a LicenseId>) -> Option<LicenseId> {
    let first = ids.next()?;
    ids.all(|id| id == first).then(|| first.clone())
}
