//! Every licence that is known here by its text, its terms or the SPDX list.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::LicenseId;

use crate::recognise::index::{Index, Kind};
use crate::terms;

/// A licence, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: LicenseId,
    /// Its title on the SPDX list; `None` for licences outside of it and for exceptions.
    pub title: Option<&'static str>,
    /// Whether there is a table of what it asks.
    pub has_terms: bool,
    /// Whether its text is recognised.
    pub has_text: bool,
}

/// The licences, by id without regard to case. Deprecated ids of the SPDX list are among them only where their text is
/// recognised.
pub fn list() -> Vec<Listed> {
    let index = Index::embedded();
    let texts: BTreeSet<&str> = (0..index.docs())
        .map(|number| index.doc(number as u16))
        .filter(|doc| doc.kind == Kind::License)
        .map(|doc| doc.id)
        .collect();
    let tables: BTreeSet<&str> = terms::known().collect();
    let current = spdx::identifiers::LICENSES
        .iter()
        .map(|license| license.name)
        .filter(|name| spdx::license_id(name).is_some_and(|id| !id.is_deprecated()));
    let mut all: BTreeMap<String, Listed> = BTreeMap::new();
    for id in texts.iter().copied().chain(tables.iter().copied()).chain(current) {
        all.entry(id.to_ascii_lowercase()).or_insert_with(|| Listed {
            id: LicenseId::from(id),
            title: spdx::license_id(id).map(|license| license.full_name),
            has_terms: tables.contains(id),
            has_text: texts.contains(id),
        });
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_listed_once() {
        let list = list();
        let find = |id: &str| list.iter().find(|listed| listed.id.as_str() == id).unwrap();
        assert!(find("MIT").has_terms && find("MIT").has_text);
        assert_eq!(find("Apache-2.0").title, Some("Apache License 2.0"));
        assert!(find("LicenseRef-deepseek-model-1.0").has_terms);
        let ids: BTreeSet<&LicenseId> = list.iter().map(|listed| &listed.id).collect();
        assert_eq!(ids.len(), list.len());
        assert!(terms::known().all(|known| ids.contains(&LicenseId::from(known))));
    }
}
