//! Control tokens: which of the releases that share a vocabulary a repository's tokens are those of.
//!
//! Generations of one developer often share dimensions and vocabulary and differ in what they add to it: Qwen2 has three control
//! tokens, Qwen2.5 twenty-two, Qwen3 four more. A fine-tune keeps them and may add its own. So tokens are those of a release if all
//! of its tokens are there and none that only other releases of the vocabulary have. Tokens are taken over and taken out as easily
//! as templates are: they order the releases that fit, and rule none out.

use std::collections::BTreeSet;

use forebear_types::Location;
use forebear_types::RepoPath;
use forebear_types::lineage::{Evidence, EvidenceKind, Strength};

use crate::catalog::{Catalog, Model};
use crate::vocabularies::{self, Controls};

/// The control tokens of one folder beside the known ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct ControlTokens {
    /// The sets that agree, and those that do not, each with the vocabulary's title.
    sets: Vec<(&'static str, &'static Controls, bool)>,
    /// The file that lists most of them.
    place: Option<RepoPath>,
}

impl ControlTokens {
    /// Compares added tokens, and the file that lists most of them, with the known sets of every vocabulary.
    pub(crate) fn compare(added: &BTreeSet<&str>, place: Option<&RepoPath>) -> Self {
        let mut sets = Vec::new();
        for vocabulary in vocabularies::all() {
            for one in vocabulary.controls {
                let others = vocabulary.controls.iter().flat_map(|other| other.tokens);
                let foreign =
                    others.filter(|token| !one.tokens.contains(token)).any(|token| added.contains(token));
                let whole = one.tokens.iter().all(|token| added.contains(token));
                sets.push((vocabulary.title, one, whole && !foreign));
            }
        }
        if sets.iter().all(|(.., agrees)| !agrees) {
            return Self::default();
        }
        Self { sets, place: place.cloned() }
    }

    /// Whether the tokens here are those of a model's family; `None` where nothing is known of it, or nothing agrees.
    pub(crate) fn agree(&self, catalog: &Catalog, model: &Model) -> Option<bool> {
        let mut known = self.of_family(catalog, model).peekable();
        known.peek()?;
        Some(known.any(|(_, _, agrees)| *agrees))
    }

    /// The statement of it, about a model that agrees.
    pub(crate) fn evidence(&self, catalog: &Catalog, model: &Model) -> Option<Evidence> {
        let (title, set, _) = self.of_family(catalog, model).find(|(.., agrees)| *agrees)?;
        let others = self.sets.iter().any(|(other, .., agrees)| other == title && !agrees);
        let shown: Vec<String> = set.tokens.iter().rev().take(3).map(|token| format!("`{token}`")).collect();
        others.then(|| Evidence {
            kind: EvidenceKind::Tokenizer,
            strength: Strength::Circumstantial,
            location: self.place.clone().map(Location::file),
            detail: format!(
                "of the releases with the vocabulary of {title}, those of {} have these control tokens ({})",
                model.family,
                shown.join(", ")
            ),
            p: None,
        })
    }

    fn of_family<'a>(
        &'a self,
        catalog: &'a Catalog,
        model: &'a Model,
    ) -> impl Iterator<Item = &'a (&'static str, &'static Controls, bool)> {
        self.sets.iter().filter(move |(_, set, _)| {
            let mut known = set.models.iter().filter_map(|id| catalog.find(id));
            known.any(|other| other.family == model.family)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOG: Catalog = Catalog::embedded();

    fn agrees(added: &[&str], id: &str) -> Option<bool> {
        let added: BTreeSet<&str> = added.iter().copied().collect();
        ControlTokens::compare(&added, None).agree(&CATALOG, CATALOG.find(id).unwrap())
    }

    #[test]
    fn generations_differ_in_their_control_tokens() {
        let qwen_2 = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
        assert_eq!(agrees(&qwen_2, "Qwen/Qwen2-7B"), Some(true));
        assert_eq!(agrees(&qwen_2, "Qwen/Qwen2.5-7B"), Some(false));
        let own: Vec<&str> = qwen_2.iter().copied().chain(["<image>", "<box>"]).collect();
        assert_eq!(agrees(&own, "Qwen/Qwen2-7B"), Some(true), "tokens of its own");
        let vocabulary = vocabularies::all().iter().find(|one| one.title == "Qwen").unwrap();
        let qwen_25 = vocabulary.controls.iter().find(|set| set.models.contains(&"Qwen/Qwen2.5-7B")).unwrap();
        assert_eq!(agrees(qwen_25.tokens, "Qwen/Qwen2.5-7B"), Some(true));
        assert_eq!(agrees(qwen_25.tokens, "Qwen/Qwen2-7B"), Some(false));
        assert_eq!(agrees(qwen_25.tokens, "meta-llama/Llama-2-7b-hf"), None, "nothing is known of it");
        assert_eq!(agrees(&[], "Qwen/Qwen2-7B"), None, "no tokens say nothing");
        assert_eq!(
            agrees(&["<|im_end|>", "<tool_call>"], "Qwen/Qwen2-7B"),
            None,
            "none of the sets is whole"
        );
    }
}
