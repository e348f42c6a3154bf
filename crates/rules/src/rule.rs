//! What a rule is, and what it sees.

use forebear_types::fact::{FactKind, ModelConfig};
use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::{Confidence, EvidenceKind, Hop, Strength};
use forebear_types::obligation::{Creditor, Obligation};
use forebear_types::run::Declared;
use forebear_types::{LineSpan, Location, ModelId, RepoPath, RuleId};

use crate::Input;
use crate::documents::{Document, documents, holds_model};
use crate::exposure::{Line, line};
use crate::notice::Notice;
use crate::obligations::Derived;
use crate::presents::presents;
use crate::waivers::WaiverState;
use crate::words::candidates_title;

/// A rule: a plain value.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case, names the defect, never changes its meaning.
    pub id: RuleId,
    /// First version of forebear that has it.
    pub since: &'static str,
    /// Severity on the best evidence; weaker evidence lowers it.
    pub severity: Severity,
    /// One line for lists.
    pub summary: &'static str,
    /// What it checks, the clause, the evidence, what it cannot see, how to fix it. Markdown.
    pub docs: &'static str,
    /// When it runs.
    pub stage: Stage,
    /// Judges and adds what it has to say, *met* included.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// When a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On the repository.
    Repository,
    /// After waivers were applied: on the waivers themselves.
    Waivers,
}

/// What a rule sees.
#[derive(Debug)]
pub struct Context<'a> {
    /// Facts, lineage, history.
    pub input: Input<'a>,
    /// What the publisher declares.
    pub declared: &'a Declared,
    /// What is owed.
    pub obligations: &'a [Obligation],
    /// For every waiver of the input, how it was used.
    pub(crate) waivers: Vec<WaiverState>,
    /// Legal files and cards of the examined snapshot.
    pub(crate) documents: Vec<Document<'a>>,
    /// The first-parent line with, for every obligation, where it was unmet.
    pub(crate) line: Line,
    /// What is owed to the ancestors that are certain enough, as it would be written.
    pub(crate) notice: Notice,
}

impl<'a> Context<'a> {
    pub(crate) fn new(input: Input<'a>, declared: &'a Declared, derived: &'a Derived) -> Self {
        Self {
            documents: documents(input.facts.iter()),
            line: line(input.history, &derived.obligations, &derived.asked),
            waivers: vec![WaiverState::default(); input.waivers.len()],
            notice: Notice::default(),
            input,
            declared,
            obligations: &derived.obligations,
        }
    }

    /// Whether the repository holds a model: weights, a configuration, an adapter, or a card that says so.
    pub(crate) fn holds_model(&self) -> bool {
        holds_model(self.input.facts)
    }

    /// The hop to which an obligation is owed; `None` for the repository's own licence.
    pub(crate) fn hop(&self, obligation: &Obligation) -> Option<&'a Hop> {
        match obligation.creditor {
            Creditor::Ancestor { hop, .. } => self.input.lineage.hops.get(hop),
            Creditor::Own => None,
        }
    }

    /// The severity that the chain behind an obligation can carry, `best` at most (design, section 4).
    pub(crate) fn severity(&self, obligation: &Obligation, best: Severity) -> Severity {
        let Some(hop) = self.hop(obligation) else {
            // Nobody's licence is broken by the licensor's own omission, but recipients need the text.
            return best.min(Severity::Warning);
        };
        if obligation.certain { self.hop_severity(hop, best) } else { Severity::Note }
    }

    /// The severity that a hop can carry, `best` at most.
    pub(crate) fn hop_severity(&self, hop: &Hop, best: Severity) -> Severity {
        if self.presents_itself_as(hop) || self.of_a_program(hop) {
            // An official release owes nothing to itself; a copy under its name does, and nobody can tell from here.
            return Severity::Note;
        }
        if !hop.carries_violation() || self.adapter_only() || self.bare_configuration(hop) {
            return best.min(Severity::Warning);
        }
        best
    }

    /// Confidence of an obligation: that of its hop.
    pub(crate) fn confidence(&self, obligation: &Obligation) -> Confidence {
        self.hop(obligation).map_or(Confidence::High, |hop| hop.confidence)
    }

    /// The ancestors to whom an obligation is owed.
    pub(crate) fn upstream(&self, obligation: &Obligation) -> Vec<ModelId> {
        match &obligation.creditor {
            Creditor::Ancestor { candidates, .. } => candidates.clone(),
            Creditor::Own => Vec::new(),
        }
    }

    /// The upstream for a message: "deepseek-ai/DeepSeek-V3-0324", or "one of 7 releases of DeepSeek".
    pub(crate) fn upstream_title(&self, obligation: &Obligation) -> String {
        let upstream = self.upstream(obligation);
        match upstream.as_slice() {
            [] => "the declared licence".to_owned(),
            [only] => only.to_string(),
            several => candidates_title(several),
        }
    }

    /// Whether the repository redistributes an adapter only, none of the base's own weights.
    pub(crate) fn adapter_only(&self) -> bool {
        let mut adapter = false;
        for fact in self.input.facts {
            match &fact.kind {
                FactKind::Weights(weights) if !weights.adapter => return false,
                FactKind::ModelConfig(_) => return false,
                FactKind::Weights(_) | FactKind::AdapterConfig(_) => adapter = true,
                _ => {}
            }
        }
        adapter
    }

    /// Whether a hop rests on nothing but a configuration in a sub-folder, without weights that it could belong to, in a
    /// repository whose cards say nothing to the Hub: programs keep the configurations of the models that they run, as examples and
    /// for their tests.
    pub(crate) fn of_a_program(&self, hop: &Hop) -> bool {
        let mut cards = self.documents.iter().filter_map(Document::card);
        self.by_shape_alone(hop)
            && folders(hop).iter().all(|folder| !folder.is_root())
            && cards.all(|card| card.front_matter.is_none())
            && !self.weights_of(hop)
    }

    /// Whether a hop rests on nothing but a configuration, with neither weights nor a card beside it: nobody says whose it is, and an
    /// official release looks the same.
    pub(crate) fn bare_configuration(&self, hop: &Hop) -> bool {
        self.by_shape_alone(hop) && !self.documents.iter().any(Document::is_card) && !self.weights_of(hop)
    }

    fn by_shape_alone(&self, hop: &Hop) -> bool {
        hop.strength <= Strength::Structural && !hop.declared && !folders(hop).is_empty()
    }

    /// Whether there are weights, or pointers to them, in a folder of the hop's models, below it, or where no configuration stands
    /// above them: those may belong to a configuration in any folder.
    fn weights_of(&self, hop: &Hop) -> bool {
        let homes: Vec<RepoPath> = self
            .input
            .facts
            .iter()
            .filter(|fact| matches!(fact.kind, FactKind::ModelConfig(_)))
            .map(|fact| fact.path.parent().unwrap_or_default())
            .collect();
        let own = folders(hop);
        let holds =
            |folders: &[RepoPath], path: &RepoPath| folders.iter().any(|folder| path.is_within(folder));
        self.input.facts.iter().any(|fact| {
            let weights =
                matches!(fact.kind, FactKind::Weights(_) | FactKind::Tensors(_) | FactKind::Gguf(_));
            weights && (holds(&own, &fact.path) || !holds(&homes, &fact.path))
        })
    }

    /// Whether the repository presents itself as one of the hop's candidates: by its own id, or by how its main card
    /// begins. It may be the official release, which has no base to declare, or a copy under the same name.
    pub(crate) fn presents_itself_as(&self, hop: &Hop) -> bool {
        let known =
            |id: &ModelId| hop.candidates.iter().any(|candidate| id.same_as(candidate.model.as_str()));
        if self.input.own.iter().any(known) {
            return true;
        }
        let Some(body) = self.documents.iter().find_map(Document::card_body) else { return false };
        hop.candidates.iter().any(|candidate| {
            let id = &candidate.model;
            let aliases = self.input.catalog.find(id.as_str()).map_or(&[][..], |model| model.aliases);
            let names: Vec<&str> = std::iter::once(id.name())
                .chain(aliases.iter().map(|alias| alias.rsplit('/').next().unwrap_or(alias)))
                .collect();
            presents(body, id.organisation(), &names)
        })
    }

    /// The places that create a hop: the declaration, or the lines of the configuration.
    pub(crate) fn hop_places(&self, hop: &Hop) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for evidence in &hop.because {
            let Some(location) = &evidence.location else { continue };
            if places.iter().all(|place| place.location != *location) {
                places.push(Place {
                    location: location.clone(),
                    commit: None,
                    label: evidence.detail.clone(),
                });
            }
        }
        if places.is_empty() {
            places.push(self.anchor("the model"));
        }
        places
    }

    /// A place to point at when something is missing: the declaration of the licence, the card, the configuration, or
    /// the first file examined.
    pub(crate) fn anchor(&self, label: &str) -> Place {
        let location = self
            .declared
            .source
            .clone()
            .or_else(|| self.documents.iter().find(|document| document.is_card()).map(Document::location))
            .or_else(|| self.config().map(|(path, _)| Location::lines(path.clone(), LineSpan::line(1))))
            .or_else(|| self.input.facts.first().map(|fact| Location::file(fact.path.clone())))
            .unwrap_or_else(|| Location::file(RepoPath::root()));
        Place { location, commit: None, label: label.to_owned() }
    }

    /// The first model configuration.
    pub(crate) fn config(&self) -> Option<(&'a RepoPath, &'a ModelConfig)> {
        self.input.facts.iter().find_map(|fact| match &fact.kind {
            FactKind::ModelConfig(config) => Some((&fact.path, config)),
            _ => None,
        })
    }
}

/// The folders of the configurations that a hop rests on: several where models of one repository have one base.
fn folders(hop: &Hop) -> Vec<RepoPath> {
    hop.because
        .iter()
        .filter(|reason| reason.kind == EvidenceKind::Configuration)
        .filter_map(|reason| Some(reason.location.as_ref()?.path.parent().unwrap_or_default()))
        .collect()
}
