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
use crate::vocabularies::{self, Controls, Vocabulary};

/// A control token of more vocabularies than these is nobody's (`<s>`, `<|endoftext|>`).
const COMMON: usize = 3;

/// Control tokens of another vocabulary that say something: ChatML's two were taken over by everybody.
const FOREIGN: usize = 3;

/// Control tokens of one vocabulary beside the regular tokens of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Whose the control tokens are.
    pub(crate) title: &'static str,
    /// How many of them are here, and how many are known that the vocabulary's own are not.
    pub(crate) of_theirs: (usize, usize),
    /// How many of the vocabulary's own are here, and how many are known that the others' are not.
    pub(crate) of_own: (usize, usize),
}

/// The known vocabulary whose control tokens were added to another one, if it is not the one that the regular tokens are of: DeepSeek's
/// tokens in Qwen's vocabulary. Releases take over some of such tokens, and keep some of their base's: both counts are told.
pub(crate) fn foreign(added: &BTreeSet<&str>, own: &Vocabulary) -> Option<Foreign> {
    let all = vocabularies::all();
    let of = |one: &'static Vocabulary| {
        let controls = one.controls.iter().flat_map(|set| set.tokens.iter());
        one.special.iter().chain(controls).copied().collect::<BTreeSet<&str>>()
    };
    let marks: Vec<(&Vocabulary, BTreeSet<&str>)> = all.iter().map(|one| (one, of(one))).collect();
    let is_common = |token: &str| marks.iter().filter(|(_, tokens)| tokens.contains(token)).count() > COMMON;
    let (_, ours) = marks.iter().find(|(one, _)| one.title == own.title)?;
    let known = |tokens: &BTreeSet<&str>, without: &BTreeSet<&str>| {
        let distinct: Vec<&str> =
            tokens.iter().copied().filter(|token| !without.contains(token) && !is_common(token)).collect();
        (distinct.iter().filter(|token| added.contains(**token)).count(), distinct.len())
    };
    marks
        .iter()
        .filter(|(one, _)| one.title != own.title)
        .map(|(one, theirs)| Foreign {
            title: one.title,
            of_theirs: known(theirs, ours),
            of_own: known(ours, theirs),
        })
        .filter(|found| found.of_theirs.0 >= FOREIGN)
        // Of several, that of which most is here; of two the first by its title.
        .max_by(|one, two| {
            let key = |found: &Foreign| (found.of_theirs.0, usize::MAX - found.of_theirs.1);
            key(one).cmp(&key(two)).then(two.title.cmp(one.title))
        })
}

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
    fn control_tokens_of_another_vocabulary_are_named() {
        let find = |title: &str| vocabularies::all().iter().find(|one| one.title == title).unwrap();
        let found = |own: &str, added: &[&str]| {
            let added: BTreeSet<&str> = added.iter().copied().collect();
            foreign(&added, find(own)).map(|found| (found.title, found.of_theirs.0, found.of_own.0))
        };
        // Every list of control tokens in every other vocabulary that knows none or few of them.
        for theirs in vocabularies::all() {
            let own_list = foreign(&theirs.special.iter().copied().collect(), theirs);
            assert_eq!(own_list, None, "{}: its own", theirs.title);
        }
        let deepseek = find("DeepSeek V3").special;
        assert_eq!(found("Qwen", deepseek).map(|found| (found.0, found.2)), Some(("DeepSeek V3", 0)));
        assert_eq!(
            found("Llama 3", find("Gemma 3 and 4").special).map(|found| found.0),
            Some("Gemma 3 and 4")
        );
        // Two tokens of ChatML and tokens that everybody has say nothing.
        assert_eq!(found("Llama 3", &["<|im_start|>", "<|im_end|>"]), None);
        assert_eq!(found("Qwen", &["<s>", "</s>", "<unk>", "<|endoftext|>"]), None);
        assert_eq!(found("Qwen", &[]), None);
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
