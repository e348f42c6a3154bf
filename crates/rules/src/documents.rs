//! Legal files and cards as one kind of thing: places in which an obligation can be met.

use forebear_types::fact::{Fact, FactKind, LegalFile, LegalRole, ModelCard, Scope};
use forebear_types::license::Recognition;
use forebear_types::{LineSpan, Location, RepoPath};

use crate::notice::within_section;

/// A legal file or a card.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a> {
    pub(crate) path: &'a RepoPath,
    kind: Kind<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    Legal(&'a LegalFile),
    Card(&'a ModelCard),
}

/// The documents among facts: those that are most likely to hold an attribution first (legal files before cards, upper
/// folders before lower ones), then by path.
pub(crate) fn documents<'a>(facts: impl Iterator<Item = &'a Fact>) -> Vec<Document<'a>> {
    let mut documents: Vec<Document<'a>> = facts
        .filter_map(|fact| {
            let kind = match &fact.kind {
                FactKind::LegalFile(file) => Kind::Legal(file),
                FactKind::ModelCard(card) => Kind::Card(card),
                _ => return None,
            };
            Some(Document { path: &fact.path, kind })
        })
        .collect();
    documents
        .sort_by_key(|document| (document.is_card(), document.path.depth(), document.role(), document.path));
    documents
}

impl<'a> Document<'a> {
    pub(crate) fn recognition(&self) -> &'a Recognition {
        match self.kind {
            Kind::Legal(file) => &file.recognition,
            Kind::Card(card) => &card.recognition,
        }
    }

    /// The whole text; empty if it could not be read.
    pub(crate) fn text(&self) -> &'a str {
        match self.kind {
            Kind::Legal(file) => &file.text,
            Kind::Card(card) => &card.text,
        }
    }

    pub(crate) fn is_card(&self) -> bool {
        matches!(self.kind, Kind::Card(_))
    }

    pub(crate) fn card(&self) -> Option<&'a ModelCard> {
        match self.kind {
            Kind::Card(card) => Some(card),
            Kind::Legal(_) => None,
        }
    }

    pub(crate) fn role(&self) -> Option<LegalRole> {
        match self.kind {
            Kind::Legal(file) => Some(file.role),
            Kind::Card(_) => None,
        }
    }

    /// Whether it speaks for the model, not for a bundled component.
    pub(crate) fn for_model(&self) -> bool {
        match self.kind {
            Kind::Legal(file) => file.scope == Scope::Model,
            Kind::Card(_) => true,
        }
    }

    /// Whether the text could be examined.
    pub(crate) fn examined(&self) -> bool {
        match self.kind {
            Kind::Legal(file) => file.examined,
            Kind::Card(_) => true,
        }
    }

    /// The first lines that read like terms and are no known licence's; a notice that forebear wrote has none.
    pub(crate) fn unknown_terms(&self) -> Option<LineSpan> {
        let unknown = self.recognition().unrecognised.iter().copied();
        unknown.into_iter().find(|lines| !within_section(self.text(), *lines))
    }

    pub(crate) fn location(&self) -> Location {
        Location::file(self.path.clone())
    }

    /// The text of a card at the root, without its front matter.
    pub(crate) fn card_body(&self) -> Option<&'a str> {
        let card = self.card().filter(|_| self.path.depth() == 1)?;
        let lines = card.front_matter.map_or(0, |lines| lines.last as usize);
        let from: usize = card.text.split_inclusive('\n').take(lines).map(str::len).sum();
        card.text.get(from..)
    }
}

/// Whether the facts show a model at all. Rules stay silent on repositories that hold none.
pub(crate) fn holds_model(facts: &[Fact]) -> bool {
    facts.iter().any(Fact::is_of_model)
}
