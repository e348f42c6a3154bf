//! What the publisher declares.

use forebear_licenses::hub::{self, HubLicense};
use forebear_licenses::terms::same_text;
use forebear_types::fact::{Fact, FactKind, ModelCard};
use forebear_types::run::{self, Declared};
use forebear_types::{LicenseId, Located, Location, RepoPath};

/// The licence declaration of the main card.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredLicense<'a> {
    pub(crate) path: &'a RepoPath,
    pub(crate) card: &'a ModelCard,
    /// The values of `license:`, each with what it stands for; `other` is looked up by `license_name` and `license_link`.
    pub(crate) values: Vec<(&'a Located<String>, HubLicense)>,
}

/// The licence declaration, if a card has one.
pub(crate) fn declared_license(facts: &[Fact]) -> Option<DeclaredLicense<'_>> {
    let (path, card) = cards(facts).into_iter().find(|(_, card)| !card.license.is_empty())?;
    let values = card.license.iter().map(|value| (value, stands_for(card, &value.value))).collect();
    Some(DeclaredLicense { path, card, values })
}

fn stands_for(card: &ModelCard, value: &str) -> HubLicense {
    let name = card.license_name.as_ref().map(|name| name.value.as_str());
    by_name(value, name, card.license_link.as_ref().map(|link| link.value.as_str()))
}

/// What a value of `license:` stands for; `other` is what its name and link say.
fn by_name(value: &str, name: Option<&str>, link: Option<&str>) -> HubLicense {
    match hub::from_hub(value) {
        HubLicense::Other => hub::from_name(name.unwrap_or_default(), link),
        known => known,
    }
}

/// The licences that the declared names stand for, in their order.
pub(crate) fn declared_licenses(declared: &Declared) -> Vec<HubLicense> {
    let (name, link) = (declared.license_name.as_deref(), declared.license_link.as_deref());
    let values = declared.license.iter().flat_map(|license| license.split(", "));
    values.map(|value| by_name(value, name, link)).collect()
}

impl DeclaredLicense<'_> {
    /// The first value, as a location.
    pub(crate) fn location(&self) -> Location {
        self.values
            .first()
            .map_or_else(|| Location::file(self.path.clone()), |(value, _)| Location::of(self.path, value))
    }

    /// The values as they stand in the card, with the name beside `other`: "other (kaguya-1.0)".
    pub(crate) fn words(&self) -> String {
        let word = |value: &str| match (&self.card.license_name, value.eq_ignore_ascii_case("other")) {
            (Some(name), true) => format!("{value} ({})", name.value),
            _ => value.to_owned(),
        };
        let words: Vec<String> = self.values.iter().map(|(value, _)| word(&value.value)).collect();
        words.join(", ")
    }
}

/// The cards: the README.md at the root first, then the least deep.
fn cards(facts: &[Fact]) -> Vec<(&RepoPath, &ModelCard)> {
    let mut cards: Vec<(&RepoPath, &ModelCard)> = facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::ModelCard(card) => Some((&fact.path, card)),
            _ => None,
        })
        .collect();
    cards.sort_by_key(|(path, _)| (path.as_bytes() != b"README.md", path.depth(), *path));
    cards
}

/// Collects the declarations: licence from the main card, bases from all cards and adapter configurations.
///
/// The main card is the README.md at the root, else the first card with a `license:`; the Hub reads README.md only.
pub fn declared(facts: &[Fact]) -> Declared {
    let cards = cards(facts);
    let mut declared = Declared::default();
    if let Some((path, card)) = cards.iter().find(|(_, card)| !card.license.is_empty()) {
        let values: Vec<&str> = card.license.iter().map(|license| license.value.as_str()).collect();
        declared.license = Some(values.join(", "));
        declared.licenses = values.iter().map(|value| declared_as(card, value)).collect();
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

/// A value with what it stands for, where that is one licence or one expression.
fn declared_as(card: &ModelCard, value: &str) -> run::DeclaredLicense {
    let expression = match stands_for(card, value) {
        HubLicense::Known { expression: Some(expression), .. } => Some(expression),
        HubLicense::Known { ids, expression: None } => match ids.as_slice() {
            [only] => Some(only.to_string()),
            _ => None,
        },
        HubLicense::OneOf { .. } | HubLicense::Other | HubLicense::Unknown => None,
    };
    let name = card.license_name.as_ref().filter(|_| value.trim().eq_ignore_ascii_case("other"));
    run::DeclaredLicense { written: name.map_or(value, |name| &name.value).to_owned(), expression }
}

fn note_base(declared: &mut Declared, path: &RepoPath, base: &Located<String>) {
    if !declared.base_models.contains(&base.value) {
        declared.base_models.push(base.value.clone());
    }
    declared.source.get_or_insert_with(|| Location::of(path, base));
}

/// Whether two ids stand for one licence: the same text, or the same version with and without "or later".
pub(crate) fn same_license(one: &LicenseId, two: &LicenseId) -> bool {
    same_text(one, two) || version(one) == version(two)
}

fn version(id: &LicenseId) -> &str {
    let id = id.as_str();
    ["-only", "-or-later", "+"].iter().find_map(|ending| id.strip_suffix(ending)).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use forebear_types::{ByteSpan, Snapshot};

    use super::*;

    fn card(license: &[&str], name: Option<&str>) -> Vec<Fact> {
        let at =
            |value: &str| Located { value: value.to_owned(), line: 2, span: ByteSpan { start: 4, len: 1 } };
        let card = ModelCard {
            license: license.iter().map(|value| at(value)).collect(),
            license_name: name.map(at),
            ..ModelCard::default()
        };
        let path = RepoPath::new("README.md").expect("a plain path");
        vec![Fact { path, snapshot: Snapshot::WorkTree, kind: FactKind::ModelCard(card) }]
    }

    #[test]
    fn each_value_is_told_with_what_it_stands_for() {
        let told = |license: &[&str], name| -> Vec<(String, Option<String>)> {
            let declared = declared(&card(license, name)).licenses;
            declared.into_iter().map(|one| (one.written, one.expression)).collect()
        };
        let pair =
            |written: &str, expression: Option<&str>| (written.to_owned(), expression.map(str::to_owned));
        assert_eq!(
            told(&["apache-2.0", "mit"], None),
            [pair("apache-2.0", Some("Apache-2.0")), pair("mit", Some("MIT"))]
        );
        assert_eq!(
            told(&["MIT OR Apache-2.0"], None),
            [pair("MIT OR Apache-2.0", Some("MIT OR Apache-2.0"))]
        );
        assert_eq!(told(&["other"], Some("kaguya-1.0")), [pair("kaguya-1.0", None)]);
        assert_eq!(told(&["other"], None), [pair("other", None)]);
        assert_eq!(told(&["unknown"], None), [pair("unknown", None)]);
    }
}
