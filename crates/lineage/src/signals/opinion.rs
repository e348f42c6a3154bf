//! What vocabularies, templates and dates say of one candidate whose dimensions fit.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::fact::{AddedToken, ChatTemplate, Fact, FactKind, Tokenizer};
use forebear_types::history::History;
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::{RepoPath, Snapshot, Time};

use crate::catalog::{Catalog, Model};
use crate::signals::chat_template::{self, TemplateMatch};
use crate::signals::control_tokens::ControlTokens;
use crate::signals::tokenizer::{self, TokenizerMatch};

/// Why a candidate of the right shape is more likely than others, or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opinion {
    /// Why it cannot be the base.
    pub(crate) against: Option<Evidence>,
    /// Its vocabulary is the repository's, or the repository's was made from it.
    pub(crate) because: Option<Evidence>,
    /// Whether one developer only is known to ship that vocabulary.
    pub(crate) vocabulary_of_one: bool,
    /// Whether a chat template here is one that it ships: it orders candidates that fit equally well, and tells none out.
    pub(crate) template: bool,
    /// Whether the control tokens here are those of its family; `None` where that cannot be told. It orders and separates candidates
    /// that fit, and tells none out.
    pub(crate) controls: Option<bool>,
}

/// The facts that opinions rest on, for a whole repository.
pub(crate) struct Opinions<'a> {
    catalog: &'a Catalog,
    folders: BTreeMap<RepoPath, Folder<'a>>,
    /// The day of the newest commit on the line that was examined.
    newest: Option<String>,
}

/// What one folder holds.
#[derive(Default)]
struct Folder<'a> {
    tokenizers: Vec<(&'a RepoPath, &'a Tokenizer)>,
    templates: Vec<(&'a RepoPath, &'a ChatTemplate)>,
    vocabularies: Vec<TokenizerMatch>,
    known_templates: Vec<TemplateMatch>,
    added: BTreeSet<&'a str>,
    /// The file that lists most added tokens, and how many.
    most_added: Option<(&'a RepoPath, usize)>,
    controls: ControlTokens,
}

impl<'a> Folder<'a> {
    fn add(&mut self, path: &'a RepoPath, tokens: &'a [AddedToken]) {
        self.added.extend(tokens.iter().map(|token| token.text.as_str()));
        if tokens.len() > self.most_added.map_or(0, |(_, most)| most) {
            self.most_added = Some((path, tokens.len()));
        }
    }
}

impl<'a> Opinions<'a> {
    pub(crate) fn new(catalog: &'a Catalog, facts: &'a [Fact], history: &History) -> Self {
        let mut folders: BTreeMap<RepoPath, Folder<'a>> = BTreeMap::new();
        for fact in facts {
            let folder = fact.path.parent().unwrap_or_default();
            match &fact.kind {
                FactKind::Tokenizer(one) => {
                    let folder = folders.entry(folder).or_default();
                    folder.tokenizers.push((&fact.path, one));
                    folder.add(&fact.path, &one.added);
                }
                FactKind::TokenizerConfig(one) => {
                    folders.entry(folder).or_default().add(&fact.path, &one.added);
                }
                FactKind::ChatTemplate(one) => {
                    folders.entry(folder).or_default().templates.push((&fact.path, one))
                }
                FactKind::Pointer(pointer) => {
                    if let Some(known) = tokenizer::by_digest(catalog, &fact.path, &pointer.sha256) {
                        folders.entry(folder).or_default().vocabularies.push(known);
                    }
                }
                _ => {}
            }
        }
        for folder in folders.values_mut() {
            folder.vocabularies.extend(tokenizer::compare(catalog, &folder.tokenizers));
            folder.known_templates = chat_template::compare(&folder.templates);
            folder.controls = ControlTokens::compare(&folder.added, folder.most_added.map(|(path, _)| path));
        }
        let commits = history.line.iter().filter_map(|point| match point.last {
            Snapshot::Commit { time, .. } => Some(time),
            _ => None,
        });
        Self { catalog, folders, newest: commits.max().map(Time::date) }
    }

    /// What speaks for and against a model as the base of what a folder holds.
    pub(crate) fn of(&self, folder: &RepoPath, model: &'static Model) -> Opinion {
        if let Some(day) = &self.newest
            && let Some(against) = released_later(model, day)
        {
            return Opinion { against: Some(against), ..Opinion::default() };
        }
        let Some(folder) = self.folder(folder) else { return Opinion::default() };
        // A vocabulary is that of a family: the list of those that are known to ship it is not complete.
        let ships = |one: &&TokenizerMatch| {
            let mut known = one.models.iter().filter_map(|id| self.catalog.find(id));
            one.models.contains(&model.id) || known.any(|other| other.family == model.family)
        };
        let template =
            folder.known_templates.iter().any(|one| one.identical && one.models.contains(&model.id));
        let controls = folder.controls.agree(self.catalog, model);
        match folder.vocabularies.iter().find(ships) {
            Some(known) => Opinion {
                template,
                controls,
                because: Some(known.evidence.clone()),
                vocabulary_of_one: known.developers == 1,
                against: None,
            },
            None => Opinion {
                against: tokenizer::against(self.catalog, &folder.tokenizers, model),
                template,
                controls,
                ..Opinion::default()
            },
        }
    }

    /// Adds what vocabularies and templates say to the hops of their folder. Neither names a base by itself: anybody may take over a
    /// vocabulary, and many do.
    pub(crate) fn join(&self, hops: &mut [Hop]) {
        for hop in hops.iter_mut().filter(|hop| hop.child.is_none()) {
            let Some(folder) = self.folder(&hop.subject) else { continue };
            let ids: Vec<&str> = hop.candidates.iter().map(|one| one.model.as_str()).collect();
            let known = || ids.iter().filter_map(|id| self.catalog.find(id));
            let about = |models: &[&str]| models.iter().any(|model| ids.contains(model));
            let vocabulary = folder.vocabularies.iter().find(|one| about(&one.models));
            let template = folder.known_templates.iter().find(|one| about(one.models));
            let found: Vec<Evidence> = vocabulary
                .map(|one| &one.evidence)
                .into_iter()
                .chain(template.map(|one| &one.evidence))
                .cloned()
                .chain(known().find_map(|model| folder.controls.evidence(self.catalog, model)))
                .filter(|one| !hop.because.contains(one))
                .collect();
            hop.because.extend(found);
            let declared = hop.strength >= Strength::Declared;
            if let ([only], true, None) = (ids.as_slice(), declared, vocabulary) {
                let known = self.catalog.find(only);
                hop.against.extend(
                    known.and_then(|model| tokenizer::against(self.catalog, &folder.tokenizers, model)),
                );
            }
        }
    }

    /// A model in a folder without a vocabulary of its own uses that of the folder above, as checkpoints and formats do.
    fn folder(&self, folder: &RepoPath) -> Option<&Folder<'a>> {
        let mut at = Some(folder.clone());
        while let Some(path) = at {
            if let Some(found) = self.folders.get(&path) {
                return Some(found);
            }
            at = path.parent();
        }
        None
    }
}

/// What was committed before a model came out cannot come from it.
fn released_later(model: &Model, day: &str) -> Option<Evidence> {
    // A month or a year compares with as much of the day.
    let later = |released: &&str| day.get(..released.len()).is_some_and(|day| *released > day);
    let released = model.released.filter(later)?;
    Some(Evidence {
        kind: EvidenceKind::History,
        strength: Strength::Circumstantial,
        location: None,
        detail: format!("{} came out on {released}, after the newest commit here ({day})", model.id),
        p: None,
    })
}
