//! Every model of the catalog, examined by a catalog that does not know its developer: whatever is then named is named wrongly.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a test prints what it found")]

mod facts;

use std::collections::BTreeMap;

use facts::{CATALOG, config_of, fact};
use forebear_lineage::catalog::{Catalog, Model};
use forebear_types::fact::FactKind;
use forebear_types::history::History;
use forebear_types::lineage::Strength;

/// A model that nobody in the catalog is an ancestor of is accused of nothing, and hardly any is taken for another's by more than
/// a hint.
#[test]
fn a_model_of_an_unknown_developer_is_nobody_elses() {
    let mut by_developer: BTreeMap<&str, Vec<&'static Model>> = BTreeMap::new();
    for model in CATALOG.models() {
        by_developer.entry(CATALOG.root(model).developer).or_default().push(model);
    }
    let (mut examined, mut hinted, mut named) = (0, 0, Vec::new());
    for (developer, own) in &by_developer {
        let others =
            CATALOG.models().filter(|model| CATALOG.root(model).developer != *developer).copied().collect();
        let catalog = Catalog::of(others);
        for model in own {
            let config = fact("config.json", FactKind::ModelConfig(config_of(model)));
            let hops =
                forebear_lineage::trace(&catalog, &[config], &History::default(), &[], &[]).lineage.hops;
            examined += 1;
            hinted += usize::from(!hops.is_empty());
            assert!(hops.iter().all(|hop| !hop.carries_violation()), "{} is accused: {hops:?}", model.id);
            let above = hops.iter().find(|hop| hop.strength > Strength::Circumstantial);
            named.extend(above.map(|hop| format!("{} as {}", model.id, hop.title())));
        }
    }
    println!(
        "{examined} models of {} developers: {hinted} hinted, {} named: {named:?}",
        by_developer.len(),
        named.len()
    );
    assert!(examined > 500);
    assert!(named.len() * 20 <= examined, "{} of {examined}: {named:?}", named.len());
}
