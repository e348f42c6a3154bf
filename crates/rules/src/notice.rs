//! The attribution notice that is owed along the whole chain: what `forebear notice` prints and `check --fix` adds.
//!
//! It names only ancestors that are certain enough: a hop that can carry a violation, and whose candidates all stand under the same
//! licence. What it asks is listed whether it is done or not, so that the notice does not change by being there.

mod by_hand;
mod compose;
mod section;
mod spdx;
mod text;

use forebear_types::lineage::Relation;
use forebear_types::obligation::{Artefact, Duty};
use forebear_types::{LicenseId, ModelId, RepoPath};

pub use section::{has_open_statement, holds_section, place};
pub use spdx::{filled, has_place};

pub(crate) use by_hand::in_the_text;
pub(crate) use compose::{agreed, compose, has_blanks, upstream_policy, upstream_text};
pub(crate) use section::{line_end, listing, within_section};

/// What is owed to the ancestors, ready to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// One for each ancestor, in the order of the lineage.
    pub entries: Vec<Entry>,
    /// The texts of their licences, each once.
    pub texts: Vec<Text>,
    /// Ancestors that are not in it, and what a person has to add by hand: one sentence each, without a full stop.
    pub left_out: Vec<String>,
}

/// One ancestor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The model; several where the evidence cannot tell them apart and all ask for the same.
    pub models: Vec<ModelId>,
    /// The revision that was copied, if it is stated.
    pub revision: Option<String>,
    /// The descendant through which it is an ancestor; `None` for a base of the repository itself.
    pub through: Option<ModelId>,
    /// How the descendant came from it.
    pub relation: Relation,
    /// Its licences, that of the weights first.
    pub licenses: Vec<Terms>,
    /// Its owners' lines, as upstream writes them.
    pub copyright: Vec<String>,
    /// Lines that its licences prescribe, word for word.
    pub lines: Vec<String>,
    /// Upstream's own notice files, from the local copy.
    pub notices: Vec<Copied>,
}

/// A licence of an ancestor, and what it asks here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which licence.
    pub id: LicenseId,
    /// Its title.
    pub title: String,
    /// To which part of the release it applies.
    pub artefact: Artefact,
    /// Duties with the clause, in the order of [`Duty`].
    pub asks: Vec<(Duty, String)>,
}

/// The text of a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Which licence.
    pub id: LicenseId,
    /// Its title.
    pub title: String,
    /// Whose licence it is.
    pub models: Vec<ModelId>,
    /// Where the text is.
    pub body: Body,
}

/// Where a licence's text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// In the notice.
    Full(String),
    /// In another file of the repository.
    Here(RepoPath),
    /// Behind a link, for licences that a link is enough for.
    Link(String),
    /// Nowhere here: forebear does not have it, and it has to be copied from these addresses.
    Elsewhere(Vec<String>),
}

/// A file of the local copy of an ancestor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its path there.
    pub path: RepoPath,
    /// Its text.
    pub text: String,
}

impl Notice {
    /// Whether nothing is owed to an ancestor that is certain enough.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it belongs in a file called NOTICE: a licence prescribes a line for one, or upstream has one.
    pub fn wants_notice_file(&self) -> bool {
        self.entries.iter().any(|entry| !entry.lines.is_empty() || !entry.notices.is_empty())
    }

    /// Whether it gives the text of a licence, or what the licence takes for it.
    pub(crate) fn gives_text(&self, license: &LicenseId) -> bool {
        self.texts.iter().any(|text| {
            forebear_licenses::terms::same_text(&text.id, license)
                && matches!(text.body, Body::Full(_) | Body::Link(_))
        })
    }

    /// The entry of an ancestor.
    pub(crate) fn entry(&self, model: &ModelId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.models.contains(model))
    }
}

impl Entry {
    /// The models for people: "a/X", "one of a/X, a/Y or a/Z".
    pub fn title(&self) -> String {
        match self.models.as_slice() {
            [only] => only.to_string(),
            several => {
                let names: Vec<&str> = several.iter().map(ModelId::as_str).collect();
                match names.split_last() {
                    Some((last, rest)) => format!("one of {} or {last}", rest.join(", ")),
                    None => String::new(),
                }
            }
        }
    }

    /// What was done with it here, as far as it is declared or seen. `None` is for a person to fill in.
    pub fn changes(&self) -> Option<&'static str> {
        changes(self.relation)
    }
}

/// A statement of what was done, where the relation says it.
pub(crate) fn changes(relation: Relation) -> Option<&'static str> {
    Some(match relation {
        Relation::FineTune => "Modified: fine-tuned.",
        Relation::ContinuedPreTraining => "Modified: trained further (continued pre-training).",
        Relation::Quantised => "Modified: the weights were quantised.",
        Relation::Converted => "Modified: the weights were converted to another format.",
        Relation::Adapter => {
            "An adapter was trained for it; none of its own weights are here, modified or not."
        }
        Relation::Merge => "Modified: merged with other models.",
        Relation::Pruned => "Modified: pruned.",
        Relation::LayersDropped => "Modified: layers were dropped.",
        Relation::LayersDuplicated => "Modified: layers were repeated.",
        Relation::ExpertsPruned => "Modified: experts were dropped.",
        Relation::VocabularyExtended => "Modified: the vocabulary was extended.",
        Relation::ContextExtended => "Modified: the context was extended.",
        Relation::DistilledInto => "Its outputs were used to train another model (distilled).",
        Relation::Rehost => "Passed on as it is.",
        Relation::Unknown => return None,
    })
}

#[cfg(test)]
mod tests;
