//! Public training sets: the table of `data/datasets.toml`, and which of them the cards declare.

use forebear_types::{Location, RepoPath};
use serde::Deserialize;

use crate::Context;
use crate::documents::Document;

const TABLE: &str = include_str!("../data/datasets.toml");

/// The table. Read when a card declares data sets, never at start-up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Datasets {
    #[serde(rename = "schema")]
    _schema: u32,
    /// The day on which the sources were read last.
    pub(crate) as_of: String,
    terms: Vec<ProviderTerms>,
    dataset: Vec<Dataset>,
}

/// What a provider says about training on what its models write.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderTerms {
    id: String,
    pub(crate) provider: String,
    /// In our own words.
    pub(crate) says: String,
    pub(crate) clause: String,
    pub(crate) source: String,
    #[serde(rename = "checked")]
    _checked: Checked,
}

/// One set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dataset {
    pub(crate) id: String,
    #[serde(default)]
    also: Vec<String>,
    /// Who wrote it, where that was read.
    pub(crate) text: Option<Text>,
    /// Its licence, where that was read.
    pub(crate) license: Option<SetLicense>,
}

/// Who wrote the text of a set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) by: Writer,
    /// The models, where models wrote it.
    #[serde(default)]
    pub(crate) models: Vec<String>,
    #[serde(default)]
    terms: Vec<String>,
    pub(crate) source: String,
    #[serde(rename = "checked")]
    _checked: Checked,
}

/// The licence of a set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetLicense {
    pub(crate) name: String,
    pub(crate) commercial: CommercialUse,
    pub(crate) source: String,
    #[serde(rename = "checked")]
    _checked: Checked,
}

/// Who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Writer {
    /// Models.
    Model,
    /// Models wrote parts.
    Mixed,
    /// A model only judged.
    Scored,
    /// People.
    People,
}

/// Whether a set may be used commercially.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CommercialUse {
    /// It may.
    Allowed,
    /// It may not.
    Withheld,
    /// Parts of it may not.
    Parts,
    /// Its pages contradict each other, or whoever published it may not have had the right to.
    Disputed,
}

/// How a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Checked {
    /// The source itself.
    Read,
    /// What somebody else quotes of it.
    Quoted,
}

impl Datasets {
    fn read() -> Self {
        toml::from_str(TABLE).expect("the tests read the same embedded table")
    }

    /// The set of an id, in any case, or of an address on the Hub.
    fn find(&self, id: &str) -> Option<&Dataset> {
        let id = id.trim().trim_end_matches('/');
        let id = id.split_once("huggingface.co/datasets/").map_or(id, |(_, id)| id);
        self.dataset
            .iter()
            .find(|set| std::iter::once(&set.id).chain(&set.also).any(|known| known.eq_ignore_ascii_case(id)))
    }

    /// The terms that a text came under.
    pub(crate) fn terms_of(&self, text: &Text) -> Vec<&ProviderTerms> {
        self.terms.iter().filter(|terms| text.terms.contains(&terms.id)).collect()
    }

    /// The sets among declared ones that the table has, each with its place.
    pub(crate) fn known<'t>(&'t self, declared: &[(Location, String)]) -> Vec<(Location, &'t Dataset)> {
        declared.iter().filter_map(|(location, id)| Some((location.clone(), self.find(id)?))).collect()
    }
}

/// The data sets that cards of the model declare, with their places, and the table that says what is known of them; `None` where no
/// card declares any.
pub(crate) fn declared(context: &Context<'_>) -> Option<(Datasets, Vec<(Location, String)>)> {
    let mut declared: Vec<(Location, String)> = Vec::new();
    for document in &context.documents {
        let Some(card) = document.card().filter(|_| is_main(document)) else { continue };
        for set in &card.datasets {
            if declared.iter().all(|(_, id)| !id.eq_ignore_ascii_case(&set.value)) {
                declared.push((Location::of(document.path, set), set.value.clone()));
            }
        }
    }
    (!declared.is_empty()).then(|| (Datasets::read(), declared))
}

/// Whether a card is the one that the Hub shows.
fn is_main(document: &Document<'_>) -> bool {
    document.path.parent().is_none_or(|folder: RepoPath| folder.is_root())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_a_source_and_every_name_is_known() {
        let table = Datasets::read();
        let mut seen: Vec<String> = Vec::new();
        for set in &table.dataset {
            for id in std::iter::once(&set.id).chain(&set.also) {
                let id = id.to_ascii_lowercase();
                assert!(id.split('/').count() == 2 && !seen.contains(&id), "{id}");
                seen.push(id);
            }
            assert!(set.text.is_some() || set.license.is_some(), "{}: nothing is known of it", set.id);
            if let Some(text) = &set.text {
                assert!(!text.source.is_empty(), "{}", set.id);
                assert_eq!(table.terms_of(text).len(), text.terms.len(), "{}: unknown terms", set.id);
                assert_eq!(text.by == Writer::People, text.models.is_empty(), "{}", set.id);
            }
            if let Some(license) = &set.license {
                let id = forebear_types::LicenseId::from(license.name.as_str());
                assert!(forebear_licenses::name(&id).is_some(), "{}: {}", set.id, license.name);
                assert!(!license.source.is_empty(), "{}", set.id);
            }
        }
        for terms in &table.terms {
            assert!(!terms.source.is_empty() && !terms.clause.is_empty(), "{}", terms.id);
        }
    }

    #[test]
    fn sets_are_found_by_id_copy_and_address() {
        let table = Datasets::read();
        for id in [
            "Open-Orca/OpenOrca",
            "open-orca/openorca",
            "https://huggingface.co/datasets/Open-Orca/OpenOrca/",
            "NurtureAI/OpenHermes-2.5-flattened",
        ] {
            assert!(table.find(id).is_some(), "{id}");
        }
        for id in ["OpenOrca", "", "kaguya/tales"] {
            assert!(table.find(id).is_none(), "{id}");
        }
    }
}
