//! The Hub's names of licences.
//!
//! Source: the list of identifiers in the Hub's documentation ("Licenses", `docs/hub/repositories-licenses.md` of
//! huggingface/hub-docs at commit 242f4a1eeb86), November 2026. Most are SPDX ids in lower case; the others stand in a
//! table of this module.

use forebear_types::LicenseId;

/// What a `license:` value stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubLicense {
    /// One licence, or the licences of an expression.
    Known {
        /// The ids, in the order of the expression.
        ids: Vec<LicenseId>,
        /// The SPDX expression, if the value is one with operators.
        expression: Option<String>,
    },
    /// `other`: see `license_name` and `license_link`.
    Other,
    /// `unknown`, or no name that the Hub or SPDX knows.
    Unknown,
}

/// The Hub's names that are not SPDX ids in lower case. Licences outside the SPDX list get the `LicenseRef-` by which
/// forebear calls them. A family without a version (`openrail`, `cc`, `gpl`) names no licence text.
const NAMES: &[(&str, &str)] = &[
    ("apple-amlr", "LicenseRef-apple-amlr"),
    ("apple-ascl", "LicenseRef-apple-ascl"),
    ("bigcode-openrail-m", "LicenseRef-bigcode-openrail-m-v1"),
    ("bigscience-bloom-rail-1.0", "LicenseRef-bigscience-bloom-rail-1.0"),
    ("bigscience-openrail-m", "LicenseRef-bigscience-openrail-m"),
    ("creativeml-openrail-m", "LicenseRef-creativeml-openrail-m"),
    ("deepfloyd-if-license", "LicenseRef-deepfloyd-if"),
    ("fair-noncommercial-research-license", "LicenseRef-fair-noncommercial-research"),
    ("gemma", "LicenseRef-gemma-terms"),
    ("gpl-2.0", "GPL-2.0-only"),
    ("gpl-3.0", "GPL-3.0-only"),
    ("agpl-3.0", "AGPL-3.0-only"),
    ("lgpl-2.1", "LGPL-2.1-only"),
    ("lgpl-3.0", "LGPL-3.0-only"),
    ("gfdl", "GFDL-1.3-only"),
    ("intel-research", "LicenseRef-intel-research"),
    ("llama2", "LicenseRef-llama-2-community"),
    ("llama3", "LicenseRef-llama-3-community"),
    ("llama3.1", "LicenseRef-llama-3.1-community"),
    ("llama3.2", "LicenseRef-llama-3.2-community"),
    ("llama3.3", "LicenseRef-llama-3.3-community"),
    ("llama4", "LicenseRef-llama-4-community"),
    ("openmdw-1.0", "OpenMDW-1.0"),
    ("openrail++", "LicenseRef-openrail-plus-plus-m-sdxl"),
    ("wtfpl", "WTFPL"),
];

/// The licence of a model card's `license:` value, in any case.
pub fn from_hub(value: &str) -> HubLicense {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    match lower.as_str() {
        "" | "unknown" => return HubLicense::Unknown,
        "other" => return HubLicense::Other,
        _ => {}
    }
    if let Some((_, id)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return one(id);
    }
    if value.starts_with("LicenseRef-") {
        return one(value);
    }
    if let Some(license) =
        spdx::identifiers::LICENSES.iter().find(|license| license.name.eq_ignore_ascii_case(value))
    {
        return one(license.name);
    }
    expression(value).unwrap_or(HubLicense::Unknown)
}

/// The values of `license:` that stand for a licence, in order; the SPDX id in lower case for licences of that list.
pub fn names(id: &LicenseId) -> Vec<String> {
    let listed = NAMES.iter().filter(|(_, known)| *known == id.as_str()).map(|(name, _)| (*name).to_owned());
    let mut names: Vec<String> = listed.collect();
    if names.is_empty() && spdx::license_id(id.as_str()).is_some_and(|license| license.name == id.as_str()) {
        names.push(id.as_str().to_ascii_lowercase());
    }
    names
}

fn one(id: &str) -> HubLicense {
    HubLicense::Known { ids: vec![LicenseId::from(id)], expression: None }
}

fn expression(value: &str) -> Option<HubLicense> {
    // Only a text with an operator is worth a parser; its length bounds the parser's work.
    if !value.contains(' ') || value.len() > 500 {
        return None;
    }
    let parsed = spdx::Expression::parse_mode(value, spdx::ParseMode::LAX).ok()?;
    let ids = parsed
        .requirements()
        .filter_map(|requirement| Some(LicenseId::from(requirement.req.license.id()?.name)))
        .collect::<Vec<_>>();
    (!ids.is_empty()).then(|| HubLicense::Known { ids, expression: Some(value.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(value: &str) -> Vec<String> {
        match from_hub(value) {
            HubLicense::Known { ids, .. } => ids.iter().map(ToString::to_string).collect(),
            HubLicense::Other | HubLicense::Unknown => Vec::new(),
        }
    }

    #[test]
    fn the_hubs_names_are_known() {
        assert_eq!(ids("mit"), ["MIT"]);
        assert_eq!(ids("Apache-2.0"), ["Apache-2.0"]);
        assert_eq!(ids("cc-by-nc-sa-4.0"), ["CC-BY-NC-SA-4.0"]);
        assert_eq!(ids("llama3.1"), ["LicenseRef-llama-3.1-community"]);
        assert_eq!(ids("bsd-3-clause-clear"), ["BSD-3-Clause-Clear"]);
        assert_eq!(ids("MIT OR Apache-2.0"), ["MIT", "Apache-2.0"]);
        assert_eq!(from_hub("other"), HubLicense::Other);
        assert_eq!(from_hub("openrail"), HubLicense::Unknown);
        assert_eq!(from_hub("unknown"), HubLicense::Unknown);
        assert_eq!(from_hub("my own words about it"), HubLicense::Unknown);
    }

    #[test]
    fn names_lead_back() {
        assert_eq!(names(&LicenseId::from("LicenseRef-llama-3.1-community")), ["llama3.1"]);
        assert_eq!(names(&LicenseId::from("GPL-3.0-only")), ["gpl-3.0"]);
        assert_eq!(names(&LicenseId::from("MIT")), ["mit"]);
        assert!(names(&LicenseId::from("LicenseRef-kaguya")).is_empty());
    }

    #[test]
    fn names_are_sorted_out_from_spdx_ids() {
        for (name, id) in NAMES {
            assert!(id.starts_with("LicenseRef-") || spdx::license_id(id).is_some(), "{name} → {id}");
        }
    }
}
