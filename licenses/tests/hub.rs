//! The names of licences in model cards.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads the survey")]

use forebear_licenses::hub::{HubLicense, from_hub, from_name};
use forebear_licenses::terms;

/// Every identifier of the Hub's list (docs/hub/repositories-licenses.md of huggingface/hub-docs at 242f4a1eeb86).
const HUB: &[&str] = &[
    "apache-2.0",
    "mit",
    "openrail",
    "bigscience-openrail-m",
    "creativeml-openrail-m",
    "bigscience-bloom-rail-1.0",
    "bigcode-openrail-m",
    "afl-3.0",
    "artistic-2.0",
    "bsl-1.0",
    "bsd",
    "bsd-2-clause",
    "bsd-3-clause",
    "bsd-3-clause-clear",
    "c-uda",
    "cc",
    "cc0-1.0",
    "cc-by-2.0",
    "cc-by-2.5",
    "cc-by-3.0",
    "cc-by-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc-by-nc-2.0",
    "cc-by-nc-3.0",
    "cc-by-nc-4.0",
    "cc-by-nd-4.0",
    "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0",
    "cc-by-nc-sa-3.0",
    "cc-by-nc-sa-4.0",
    "cdla-sharing-1.0",
    "cdla-permissive-1.0",
    "cdla-permissive-2.0",
    "wtfpl",
    "ecl-2.0",
    "epl-1.0",
    "epl-2.0",
    "etalab-2.0",
    "eupl-1.1",
    "eupl-1.2",
    "agpl-3.0",
    "gfdl",
    "gpl",
    "gpl-2.0",
    "gpl-3.0",
    "lgpl",
    "lgpl-2.1",
    "lgpl-3.0",
    "isc",
    "h-research",
    "intel-research",
    "lppl-1.3c",
    "ms-pl",
    "apple-ascl",
    "apple-amlr",
    "mpl-2.0",
    "odc-by",
    "odbl",
    "openmdw-1.0",
    "openmdw-1.1",
    "openrail++",
    "osl-3.0",
    "postgresql",
    "ofl-1.1",
    "ncsa",
    "unlicense",
    "zlib",
    "pddl",
    "lgpl-lr",
    "deepfloyd-if-license",
    "fair-noncommercial-research-license",
    "llama2",
    "llama3",
    "llama3.1",
    "llama3.2",
    "llama3.3",
    "llama4",
    "grok2-community",
    "gemma",
];

fn ids(license: &HubLicense) -> Vec<&str> {
    license.candidates().iter().map(|id| id.as_str()).collect()
}

fn name(name: &str) -> Vec<String> {
    ids(&from_name(name, None)).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_whole_list_of_the_hub_is_known() {
    for identifier in HUB {
        assert!(!from_hub(identifier).candidates().is_empty(), "{identifier}");
        assert_eq!(from_hub(identifier), from_hub(&identifier.to_uppercase()), "{identifier}");
    }
    assert_eq!(from_hub("other"), HubLicense::Other);
    assert_eq!(from_hub("unknown"), HubLicense::Unknown);
    assert_eq!(from_hub("my own words about it"), HubLicense::Unknown);
}

#[test]
fn identifiers_stand_for_their_licences() {
    for (value, id) in [
        ("mit", "MIT"),
        ("Apache-2.0", "Apache-2.0"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
        ("llama3.1", "LicenseRef-llama-3.1-community"),
        ("bsd-3-clause-clear", "BSD-3-Clause-Clear"),
        ("bsl-1.0", "BSL-1.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("odbl", "ODbL-1.0"),
    ] {
        assert_eq!(ids(&from_hub(value)), [id], "{value}");
    }
    assert_eq!(ids(&from_hub("MIT OR Apache-2.0")), ["MIT", "Apache-2.0"]);
}

/// A family gives candidates; whether they are all is said.
#[test]
fn families_are_never_guessed() {
    for (value, count, all) in [
        ("gemma", 3, true),
        ("openrail++", 2, true),
        ("openrail", 6, false),
        ("bsd", 3, false),
        ("gpl", 3, false),
    ] {
        let HubLicense::OneOf { ids, complete } = from_hub(value) else { panic!("{value}") };
        assert_eq!((ids.len(), complete), (count, all), "{value}");
    }
}

#[test]
fn names_as_people_write_them() {
    for (written, id) in [
        ("llama3.1", "LicenseRef-llama-3.1-community"),
        ("Llama 3.1", "LicenseRef-llama-3.1-community"),
        ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", "LicenseRef-llama-3.1-community"),
        ("llama-3.2-community-license", "LicenseRef-llama-3.2-community"),
        ("qwen", "LicenseRef-qwen"),
        ("Qwen LICENSE AGREEMENT", "LicenseRef-qwen"),
        ("tongyi-qianwen", "LicenseRef-tongyi-qianwen"),
        ("tongyi_qianwen", "LicenseRef-tongyi-qianwen"),
        ("tongyi-qianwen-research", "LicenseRef-tongyi-qianwen-research"),
        ("qwen-research", "LicenseRef-qwen-research"),
        ("deepseek", "LicenseRef-deepseek-model-1.0"),
        ("deepseek-license", "LicenseRef-deepseek-model-1.0"),
        ("kimi-k2", "LicenseRef-kimi-k2-modified-mit"),
        ("kimi-k3", "LicenseRef-kimi-k3"),
        ("stabilityai-ai-community", "LicenseRef-stability-community"),
        ("mrl", "LicenseRef-mistral-mrl-0.1"),
        ("mnpl", "LicenseRef-mistral-mnpl-0.1"),
        ("glm-4", "LicenseRef-glm-4-9b"),
        ("jamba-open-model-license", "LicenseRef-jamba-open-model-license"),
        ("falcon-llm-license", "LicenseRef-falcon-3-tii"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0"),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
        ("apache 2.0", "Apache-2.0"),
        ("The MIT License", "MIT"),
        ("lfm1.0", "LicenseRef-lfm-open-1.0"),
        ("health-ai-developer-foundations", "LicenseRef-health-ai-developer-foundations"),
        ("flux-dev-non-commercial-license", "LicenseRef-flux-dev-nc-2.0"),
        ("minimax-m2.7-license", "LicenseRef-minimax-m2.7-nc"),
        ("openrail", ""),
        ("gemma", ""),
        ("modified-mit", ""),
        ("nvidia-open-model-license", ""),
        ("flux-1-dev-non-commercial-license", ""),
        ("yi-license", ""),
        ("hunyuan", ""),
        ("tencent-hunyuan-community", ""),
        ("exaone", ""),
        ("llama", ""),
    ] {
        let found = from_name(written, None);
        match id {
            "" => assert!(matches!(found, HubLicense::OneOf { .. }), "{written}: {found:?}"),
            id => {
                assert_eq!(found, HubLicense::Known { ids: vec![id.into()], expression: None }, "{written}")
            }
        }
    }
    for nothing in ["house-rules", "license", "my license"] {
        assert_eq!(from_name(nothing, None), HubLicense::Unknown, "{nothing}");
    }
    assert_eq!(from_name("", None), HubLicense::Other);
}

#[test]
fn the_link_narrows_a_name_down() {
    let kimi = "https://huggingface.co/moonshotai/Kimi-K2.5/blob/main/LICENSE";
    assert_eq!(ids(&from_name("modified-mit", Some(kimi))), ["LicenseRef-kimi-k2.5-modified-mit"]);
    let by_nc = "https://creativecommons.org/licenses/by-nc/4.0/deed.en";
    assert_eq!(ids(&from_name("non-commercial", Some(by_nc))), ["CC-BY-NC-4.0"]);
    assert_eq!(ids(&from_name("", Some("https://spdx.org/licenses/Zlib.html"))), ["Zlib"]);
    // A file beside the card says nothing by itself.
    assert_eq!(name("qwen"), ids(&from_name("qwen", Some("LICENSE"))));
    // Name and address disagree: either.
    let HubLicense::OneOf { ids, complete: false } = from_name("qwen", Some(by_nc)) else { panic!() };
    assert_eq!(ids.len(), 2);
}

/// Every name that the survey of texts met leads to its text.
#[test]
fn the_names_of_the_survey_lead_to_their_texts() {
    let shared = std::env::var("FOREBEAR_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
    let Ok(manifest) = std::fs::read_to_string(format!("{shared}/license-texts/manifest.toml")) else {
        println!("skipped: the survey is not part of the project; set FOREBEAR_SHARED");
        return;
    };
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let mut count = 0;
    for license in manifest["license"].as_array().unwrap() {
        let text = |key: &str| license.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        let leads = |found: &HubLicense, value: &str| {
            assert!(ids(found).contains(&text("spdx")), "{value} → {found:?}, not {}", text("spdx"));
        };
        // Families, names that say nothing, and policies beside an ordinary licence.
        let vague = ["", "other", "unknown", "openrail", "cc-by-nc-4.0", "apache-2.0"];
        if text("kind") == "license" && !vague.contains(&text("hf_license")) {
            leads(&from_hub(text("hf_license")), text("hf_license"));
            count += 1;
        }
        let names = license.get("hf_license_name").and_then(toml::Value::as_array);
        for value in names.into_iter().flatten().filter_map(toml::Value::as_str) {
            if !["license", "model-license"].contains(&value) {
                leads(&from_name(value, None), value);
                count += 1;
            }
        }
    }
    println!("{count} names");
    assert!(count > 80);
}

#[test]
fn every_table_outside_the_spdx_list_has_a_well_formed_id() {
    for id in terms::known() {
        assert_eq!(ids(&from_hub(id)), [id], "{id}");
    }
}
