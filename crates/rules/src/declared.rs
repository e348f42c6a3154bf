//! What the publisher declares.

use forebear_licenses::hub::{self, HubLicense};
use forebear_types::fact::{Fact, FactKind, ModelCard};
use forebear_types::run::Declared;
use forebear_types::{Location, RepoPath};

/// Collects the declarations: licence from the main card, bases from all cards and adapter configurations.
///
/// The main card is the README.md at the root, else the first card with a `license:`; the Hub reads README.md only.
pub fn declared(facts: &[Fact]) -> Declared {
    let mut cards: Vec<(&RepoPath, &ModelCard)> = facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::ModelCard(card) => Some((&fact.path, card)),
            _ => None,
        })
        .collect();
    cards.sort_by_key(|(path, _)| (path.as_bytes() != b"README.md", path.depth(), *path));

    let mut declared = Declared::default();
    if let Some((path, card)) = cards.iter().find(|(_, card)| !card.license.is_empty()) {
        let values: Vec<&str> = card.license.iter().map(|license| license.value.as_str()).collect();
        declared.license = Some(values.join(", "));
        declared.license_name = card.license_name.as_ref().map(|name| name.value.clone());
        declared.license_link = card.license_link.as_ref().map(|link| link.value.clone());
        declared.source = card.license.first().map(|license| Location::of(path, license));
    }
    for (path, card) in &cards {
        for base in &card.base_models {
            note_base(&mut declared, path, base);
        }
    }
    for fact in facts {
        if let FactKind::AdapterConfig(adapter) = &fact.kind
            && let Some(base) = &adapter.base_model
        {
            note_base(&mut declared, &fact.path, base);
        }
    }
    declared
}

/// The licences that the declared names stand for, in their order: `other` by its name and link.
pub(crate) fn declared_licenses(declared: &Declared) -> Vec<HubLicense> {
    let values = declared.license.iter().flat_map(|license| license.split(", "));
    values
        .map(|value| match hub::from_hub(value) {
            HubLicense::Other => {
                let name = declared.license_name.as_deref().unwrap_or_default();
                hub::from_name(name, declared.license_link.as_deref())
            }
            known => known,
        })
        .collect()
}

fn note_base(declared: &mut Declared, path: &RepoPath, base: &forebear_types::Located<String>) {
    if !declared.base_models.contains(&base.value) {
        declared.base_models.push(base.value.clone());
    }
    declared.source.get_or_insert_with(|| Location::of(path, base));
}
