//! Which shapes of the catalog independent developers share, and what a match with each proves. `FOREBEAR_UPDATE=1` writes
//! `docs/shape-twins.md`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test writes a page of the documentation"
)]

mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use facts::{CATALOG, config_of, trace_config};
use forebear_lineage::twins::{SIGNATURE, signature};
use forebear_types::config::ConfigField;
use forebear_types::lineage::Strength;

#[test]
fn the_page_of_shape_twins_is_that_of_the_catalog() {
    let made = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/shape-twins.md");
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(path, made).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        made == committed,
        "docs/shape-twins.md is not that of the catalog; run this test with FOREBEAR_UPDATE=1"
    );
}

/// What several independent developers have accuses nobody, whatever else agrees.
#[test]
fn no_shared_shape_carries_a_violation() {
    for model in CATALOG.models().filter(|model| !model.config_from_memory) {
        for hop in trace_config(config_of(model)).lineage.hops {
            let developers: BTreeSet<&str> = hop
                .candidates
                .iter()
                .map(|one| CATALOG.root(CATALOG.find(one.model.as_str()).unwrap()).developer)
                .collect();
            assert!(
                developers.len() == 1 || hop.strength == Strength::Circumstantial,
                "{}: {hop:?}",
                model.id
            );
        }
    }
}

/// Models of each signature by their developers; only signatures of several developers.
type Shared = Vec<(Vec<String>, BTreeMap<&'static str, Vec<&'static str>>)>;

/// The signatures of the catalog that several independent developers have, and how many signatures there are.
fn shared(fields: &[ConfigField]) -> (Shared, usize) {
    let mut groups: BTreeMap<Vec<String>, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for model in CATALOG.models() {
        let Some(signature) = signature(model, fields) else { continue };
        let developer = CATALOG.root(model).developer;
        groups.entry(signature).or_default().entry(developer).or_default().push(model.id);
    }
    let all = groups.len();
    (groups.into_iter().filter(|(_, developers)| developers.len() > 1).collect(), all)
}

fn listed(developers: &BTreeMap<&str, Vec<&str>>) -> String {
    let each: Vec<String> = developers
        .iter()
        .map(|(developer, models)| {
            let names: Vec<&str> = models.iter().map(|id| id.rsplit('/').next().unwrap()).collect();
            format!("{developer}: {}", names.join(", "))
        })
        .collect();
    each.join("; ")
}

/// What forebear says of a configuration, in two cells: how strong, and who.
fn said(id: &str) -> (String, String) {
    let hops = trace_config(config_of(CATALOG.find(id).unwrap())).lineage.hops;
    let Some(hop) = hops.first() else { return ("no match: too few fields".to_owned(), "-".to_owned()) };
    let ruled_out = hop.against.iter().filter(|reason| reason.detail.contains("ruled out")).count();
    let apart = if ruled_out > 0 { format!("; {ruled_out} ruled out") } else { String::new() };
    let unique = if hop.unique { " and unique" } else { "" };
    (format!("{}{unique}", hop.strength.name()), format!("{}{apart}", hop.candidates.len()))
}

fn page() -> String {
    let (twins, all) = shared(SIGNATURE);
    let without: Vec<ConfigField> =
        SIGNATURE.iter().copied().filter(|field| *field != ConfigField::VocabularySize).collect();
    let (near, bodies) = shared(&without);
    let mut text = format!(
        "# Shape twins\n\n\
         Made from the catalog by `FOREBEAR_UPDATE=1 cargo test --package forebear-lineage --test twins`.\n\n\
         Of {all} signatures in the catalog (hidden size, layers, inner size, heads, vocabulary, experts), {} are those of several\n\
         independent developers: models that are not each other's descendants, as far as their publishers say. An equal\n\
         configuration then says nothing about descent, and forebear says so: the hop is *circumstantial*, names the other\n\
         developers under *against*, and carries no violation. The last two columns are what forebear says of a repository that\n\
         holds the configuration of the first model named, and nothing else.\n\n\
         | hidden / layers / inner / heads / vocabulary / experts | developers and their models | a match is | candidates |\n\
         |---|---|---|---|\n",
        twins.len()
    );
    for (signature, developers) in twins {
        let (strength, candidates) = said(developers.values().next().unwrap()[0]);
        writeln!(text, "| {} | {} | {strength} | {candidates} |", signature.join(" / "), listed(&developers))
            .unwrap();
    }
    write!(
        text,
        "\n## Twins but for the vocabulary\n\n\
         Of {bodies} signatures without the vocabulary, {} are those of several independent developers. Their vocabularies tell them\n\
         apart, so a match needs the vocabulary too: with another one it is at most *circumstantial*, unless the repository's\n\
         tokenizer is seen to have grown out of the base's.\n\n\
         | hidden / layers / inner / heads / experts | developers and their models |\n\
         |---|---|\n",
        near.len()
    )
    .unwrap();
    for (signature, developers) in near {
        writeln!(text, "| {} | {} |", signature.join(" / "), listed(&developers)).unwrap();
    }
    text
}
