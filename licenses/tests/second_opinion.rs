//! askalono as an independent second opinion: both are asked about the same texts, and every disagreement is listed.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test prints what it finds"
)]

use askalono::{Store, TextData};
use forebear_licenses::{recognise, text};
use forebear_types::LicenseId;

/// The licences that model repositories carry most, and the near twins that similarity confuses them with.
const LICENSES: &[&str] = &[
    "MIT", "Apache-2.0", "Pixar", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "MIT-0", "CC0-1.0",
    "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0",
    "GPL-2.0-only", "GPL-3.0-only", "LGPL-2.1-only", "AGPL-3.0-only", "MPL-2.0", "Unlicense", "Zlib",
    "BSL-1.0",
];

fn ours(text: &str) -> String {
    let found = recognise(text);
    let whole: Vec<String> =
        found.licenses.iter().filter(|one| one.whole()).map(|one| one.id.to_string()).collect();
    if whole.is_empty() { "nothing whole".to_owned() } else { whole.join(" and ") }
}

fn theirs(store: &Store, text: &str) -> String {
    let found = store.analyze(&TextData::from(text));
    // Its own threshold for a confident match.
    if found.score >= 0.9 { found.name.to_owned() } else { "nothing whole".to_owned() }
}

#[test]
fn both_recognise_whole_texts_and_ours_also_what_similarity_cannot() {
    let mut store = Store::new();
    let known = |id: &str| text(&LicenseId::from(id)).unwrap();
    for id in LICENSES {
        store.add_license((*id).to_owned(), TextData::from(known(id)));
    }
    let mut disagreements = Vec::new();
    let mut ask = |name: &str, text: &str, truth: &str| {
        let (ours, theirs) = (ours(text), theirs(&store, text));
        assert_eq!(ours, truth, "{name}");
        if ours != theirs {
            disagreements.push(format!("{name}: ours {ours}, askalono {theirs}"));
        }
    };
    for id in LICENSES {
        ask(&format!("{id}, whole"), known(id), id);
    }
    let apache = known("Apache-2.0");
    let end = apache.find("END OF TERMS AND CONDITIONS").unwrap();
    ask("Apache-2.0 without its appendix", &apache[..end], "Apache-2.0");
    let mit = known("MIT");
    ask("MIT and Apache-2.0 in one file", &format!("{mit}\n\n{apache}"), "MIT and Apache-2.0");
    let clause = "The Software may be used for non-commercial research only.";
    ask("MIT with a clause", &format!("{mit}\n\n{clause}\n"), "nothing whole");
    println!("{} disagreements:\n{}", disagreements.len(), disagreements.join("\n"));
    // Similarity has no way to see a clause more, or two licences in one file: it is a second opinion on whole texts.
    assert!(disagreements.iter().all(|line| !line.contains(", whole")), "{disagreements:#?}");
}
