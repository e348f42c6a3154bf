//! One base under each licence of the catalog: the fix comes to rest, and a notice that lists duties does not pass for doing them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use forebear_testkit::output::json;
use serde_json::Value;

use crate::{check, forebear, model, tree};

fn unmet(report: &Value) -> BTreeSet<(String, String)> {
    let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = report["obligations"].as_array().unwrap().iter();
    all.filter(|one| one["answer"] == "unmet" && !one["upstream"].is_null())
        .map(|one| (word(one, "license"), word(one, "duty")))
        .collect()
}

fn one_model_each() -> BTreeMap<String, String> {
    let listed = json(&forebear(&["models", "--format", "json"], Path::new(".")));
    let mut models = BTreeMap::new();
    for model in listed.as_array().unwrap() {
        if let Some(license) = model["license"].as_str() {
            models.entry(license.to_owned()).or_insert_with(|| model["id"].as_str().unwrap().to_owned());
        }
    }
    models
}

#[test]
fn every_licence_is_fixed_once_and_nothing_is_done_by_being_listed() {
    let models = one_model_each();
    assert!(models.len() > 40, "{}", models.len());
    let mut mended: BTreeSet<String> = BTreeSet::new();
    for (license, id) in models {
        let repo = model(&format!("---\nlicense: other\nbase_model: {id}\n---\n# Kaguya\n"));
        let before = unmet(&check(repo.path(), &[]));
        let after = unmet(&check(repo.path(), &["--fix=all"]));
        let files = tree(repo.path());
        assert_eq!(unmet(&check(repo.path(), &["--fix=all"])), after);
        assert_eq!(tree(repo.path()), files, "{id}: a second fix changes something");
        for (owed, duty) in before.difference(&after) {
            let known = forebear_licenses::text(&forebear_types::LicenseId::from(owed.as_str())).is_some();
            match duty.as_str() {
                "keep-copyright-notice" | "prescribed-notice-line" | "display-phrase" => {}
                "include-license-text" if known => {}
                other => panic!("{id} ({license}): {other} was not done, and passes for it"),
            }
            mended.insert(duty.clone());
        }
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "{id}: {new:?}");
    }
    assert_eq!(mended.len(), 4, "{mended:?}");
}
