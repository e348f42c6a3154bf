//! Vocabularies of published models, and their chat templates.
//!
//! The facts are kept as reviewed TOML in `catalog/tokenizers/` (one file a distinct vocabulary) and `catalog/templates.toml`. What
//! the program uses is `tokenizer_table.rs`, made from them by `tests/tokenizers.rs`.

use forebear_types::Sha256;
use forebear_types::config::ConfigField;

use crate::catalog::{Catalog, Model};
use crate::tokenizer_table;

/// A vocabulary that published models ship: the regular tokens and their order, whatever the file format.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// For people: "Llama 3".
    pub(crate) title: &'static str,
    /// Regular tokens, special and added ones not counted; `None` where only counts from elsewhere are known.
    pub(crate) tokens: Option<u64>,
    /// Merges in a `tokenizer.json`, how many, and the SHA-256 of the first 50 (see
    /// [`forebear_types::fact::Tokenizer::first_merges`]): one pair for each way in which it was converted.
    pub(crate) merges: &'static [(u64, &'static str)],
    /// The sample of a [`forebear_types::fact::TokenSketch`].
    pub(crate) sample: &'static [(u64, u32)],
    /// Ids of the models known to ship it.
    pub(crate) models: &'static [&'static str],
    /// Files known to hold it.
    pub(crate) files: &'static [KnownFile],
    /// Control tokens that it is known by, as far as they are known.
    pub(crate) special: &'static [&'static str],
    /// Control tokens that releases add to it.
    pub(crate) controls: &'static [Controls],
}

/// Control tokens that releases of one vocabulary have, and that others of it have not.
#[derive(Debug)]
pub(crate) struct Controls {
    /// The tokens, all of which these releases have.
    pub(crate) tokens: &'static [&'static str],
    /// Ids of the models known to have them.
    pub(crate) models: &'static [&'static str],
}

/// A file that is known by its digest.
#[derive(Debug)]
pub(crate) struct KnownFile {
    /// SHA-256 in lower-case hexadecimal.
    pub(crate) sha256: &'static str,
    /// Its name: `tokenizer.json`, `tokenizer.model`.
    pub(crate) name: &'static str,
    /// Ids of the models that ship this very file.
    pub(crate) models: &'static [&'static str],
}

/// A chat template that published models ship.
#[derive(Debug)]
pub(crate) struct Template {
    /// For people.
    pub(crate) title: &'static str,
    /// SHA-256 of its source, in each form that it is shipped in.
    pub(crate) digests: &'static [&'static str],
    /// Marks that it writes and that at most one other known template has.
    pub(crate) rare_marks: &'static [&'static str],
    /// Ids of the models known to ship it.
    pub(crate) models: &'static [&'static str],
}

/// All known vocabularies.
pub(crate) fn all() -> &'static [Vocabulary] {
    tokenizer_table::VOCABULARIES
}

/// All known chat templates.
pub(crate) fn templates() -> &'static [Template] {
    tokenizer_table::TEMPLATES
}

/// The vocabularies, and the known file, that a digest stands for.
pub(crate) fn by_digest(digest: &Sha256) -> Option<(&'static Vocabulary, &'static KnownFile)> {
    let digest = digest.to_string();
    all().iter().find_map(|vocabulary| {
        vocabulary.files.iter().find(|file| file.sha256 == digest).map(|file| (vocabulary, file))
    })
}

/// The developers that ship a vocabulary in models which are not made from each other's: one for the origin of each line of
/// descent. Models that the catalog does not describe count by their organisation.
pub(crate) fn developers(catalog: &Catalog, models: &[&'static str]) -> Vec<&'static str> {
    let origin = |id: &'static str| match catalog.find(id) {
        Some(model) => catalog.root(model).developer,
        None => id.split_once('/').map_or(id, |(organisation, _)| organisation),
    };
    let mut developers: Vec<&str> = models.iter().map(|id| origin(id)).collect();
    developers.sort_unstable();
    developers.dedup();
    developers
}

/// The vocabularies that a model ships, and whose word it is: the model's own, or that of a relative whose vocabulary has the same
/// size in the catalog (a release of the same family, else the nearest ancestor).
pub(crate) fn of_model(
    catalog: &Catalog,
    wanted: &'static Model,
) -> Option<(&'static Model, Vec<&'static Vocabulary>)> {
    let shipped = |model: &Model| -> Vec<&'static Vocabulary> {
        // Whose name an id is, is asked for those only that it can be.
        let is = |id: &str| {
            std::iter::once(&model.id).chain(model.aliases).any(|name| name.eq_ignore_ascii_case(id))
                && catalog.find(id).is_some_and(|known| known.id == model.id)
        };
        let ships = |vocabulary: &&Vocabulary| vocabulary.models.iter().any(|id| is(id));
        all().iter().filter(ships).collect()
    };
    let own = shipped(wanted);
    if !own.is_empty() {
        return Some((wanted, own));
    }
    let size = wanted.field(ConfigField::VocabularySize)?;
    let of_that_size = |model: &&'static Model| model.field(ConfigField::VocabularySize) == Some(size);
    let siblings = catalog.models().filter(|model| model.family == wanted.family && model.id != wanted.id);
    siblings.chain(catalog.ancestors(wanted)).filter(of_that_size).find_map(|relative| {
        let theirs = shipped(relative);
        (!theirs.is_empty()).then_some((relative, theirs))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shippers(title: &str) -> Vec<&'static str> {
        let vocabulary = all().iter().find(|vocabulary| vocabulary.title == title).unwrap();
        developers(&Catalog::embedded(), vocabulary.models)
    }

    #[test]
    fn a_derivative_does_not_count_as_another_developer() {
        // DeepSeek's distilled Llamas ship it too.
        assert_eq!(shippers("Llama 3"), ["Meta"]);
        let gpt_2 = shippers("GPT-2");
        assert!(gpt_2.len() >= 3 && gpt_2.contains(&"Microsoft"), "{gpt_2:?}");
    }

    #[test]
    fn a_release_without_an_entry_has_the_vocabulary_of_its_relatives() {
        let catalog = Catalog::embedded();
        let titles = |id: &str| {
            let (model, vocabularies) = of_model(&catalog, catalog.find(id).unwrap())?;
            Some((model.id, vocabularies.iter().map(|vocabulary| vocabulary.title).collect::<Vec<_>>()))
        };
        assert_eq!(titles("openai-community/gpt2"), Some(("openai-community/gpt2", vec!["GPT-2"])));
        let (relative, found) = titles("deepseek-ai/DeepSeek-R1").unwrap();
        assert_ne!(relative, "deepseek-ai/DeepSeek-R1");
        assert_eq!(found, ["DeepSeek V3"]);
        // One family, two vocabularies: the size tells them apart.
        assert_eq!(titles("deepseek-ai/DeepSeek-R1-Distill-Llama-8B").unwrap().1, ["Llama 3"]);
        assert_eq!(titles("facebook/opt-6.7b"), None, "nothing is known of it");
    }
}
