//! The names of licences in model cards: `license:`, and `license_name:` with `license_link:` where it says `other`.
//!
//! Most values of `license:` are SPDX ids in lower case; the others, and the names that people write, stand in
//! `data/license-names.txt` with their sources.

mod names;

use forebear_types::LicenseId;

use names::{Entry, List};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubLicense {
    /// One licence, or the licences of an expression.
    Known {
        /// The ids, in the order of the expression.
        ids: Vec<LicenseId>,
        /// The SPDX expression, if the value is one with operators.
        expression: Option<String>,
    },
    /// One of several texts: the name alone does not tell which.
    OneOf {
        /// The candidates, newest first.
        ids: Vec<LicenseId>,
        /// Whether it is one of these for certain; else others go by the same name.
        complete: bool,
    },
    /// `other`: see `license_name` and `license_link`.
    Other,
    /// `unknown`, or no name that is known here.
    Unknown,
}

impl HubLicense {
    /// All licences that it may be.
    pub fn candidates(&self) -> &[LicenseId] {
        match self {
            Self::Known { ids, .. } | Self::OneOf { ids, .. } => ids,
            Self::Other | Self::Unknown => &[],
        }
    }
}

/// The licence of a model card's `license:` value, in any case.
pub fn from_hub(value: &str) -> HubLicense {
    let value = value.trim();
    match value.to_ascii_lowercase().as_str() {
        "" | "unknown" => return HubLicense::Unknown,
        "other" => return HubLicense::Other,
        _ => {}
    }
    if let Some(entry) = names::find(List::Hub, value) {
        return stands_for(&entry);
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

/// The licence of `license_name:` and `license_link:`, which stand beside `license: other`.
///
/// Case and punctuation do not matter. A name that several texts bear gives them all, unless the link tells which; a link
/// alone counts only if its address is known.
///
/// ```
/// use forebear_licenses::hub::{HubLicense, from_name};
///
/// assert_eq!(from_name("Llama 3.1", None), from_name("llama3.1", None));
/// assert!(matches!(from_name("exaone", None), HubLicense::OneOf { ids, complete: true } if ids.len() == 3));
/// ```
pub fn from_name(name: &str, link: Option<&str>) -> HubLicense {
    let named = by_name(name.trim());
    let Some(linked) = link.and_then(by_link) else { return named };
    let common: Vec<LicenseId> =
        named.candidates().iter().filter(|id| linked.candidates().contains(id)).cloned().collect();
    match &named {
        HubLicense::Other | HubLicense::Unknown => linked,
        // The link narrows the name down.
        HubLicense::OneOf { .. } if !common.is_empty() => candidates(common, true),
        HubLicense::Known { .. } if !common.is_empty() => named,
        // Name and address lead to different texts: it may be either.
        _ => {
            let mut ids = named.candidates().to_vec();
            ids.extend(linked.candidates().iter().cloned());
            candidates(ids, false)
        }
    }
}

fn by_name(name: &str) -> HubLicense {
    if name.is_empty() || name.len() > 200 {
        return HubLicense::Other;
    }
    let known = |name: &str| {
        let entry = names::find(List::Name, name).or_else(|| names::find(List::Hub, name));
        entry.map(|entry| stands_for(&entry)).or_else(|| spdx_name(name))
    };
    if let Some(found) = known(name) {
        return found;
    }
    // “The X License”, “X licence agreement”: the words around the name say nothing.
    let mut short = names::squash(name);
    short = short.strip_prefix("the").unwrap_or(&short).to_owned();
    for ending in ["agreement", "license", "licence"] {
        if let Some(rest) = short.strip_suffix(ending) {
            short = rest.to_owned();
            if let Some(found) = known(&short) {
                return found;
            }
        }
    }
    match from_hub(name) {
        HubLicense::Other => HubLicense::Unknown,
        found => found,
    }
}

/// An SPDX id, or the full name of a licence of the list, without regard to case and punctuation.
fn spdx_name(name: &str) -> Option<HubLicense> {
    let wanted = names::squash(name);
    let same = |license: &&spdx::License| {
        names::squash(license.name) == wanted || names::squash(license.full_name) == wanted
    };
    let mut found = spdx::identifiers::LICENSES.iter().filter(same);
    match (found.next(), found.next()) {
        (Some(only), None) => Some(one(only.name)),
        _ => None,
    }
}

fn by_link(link: &str) -> Option<HubLicense> {
    let lower = link.trim().to_ascii_lowercase();
    if lower.len() > 500 {
        return None;
    }
    if let Some(entry) = names::find_link(&lower) {
        return Some(stands_for(&entry));
    }
    // creativecommons.org/licenses/by-nc/4.0/ is CC-BY-NC-4.0; spdx.org/licenses/MIT.html is MIT.
    let id = if let Some((_, rest)) = lower.split_once("creativecommons.org/licenses/") {
        let mut parts = rest.split('/');
        format!("cc-{}-{}", parts.next()?, parts.next()?)
    } else {
        let (_, rest) = lower
            .split_once("spdx.org/licenses/")
            .or_else(|| lower.split_once("choosealicense.com/licenses/"))?;
        rest.trim_end_matches('/').trim_end_matches(".html").to_owned()
    };
    match from_hub(&id) {
        HubLicense::Other | HubLicense::Unknown => None,
        found => Some(found),
    }
}

fn stands_for(entry: &Entry<'_>) -> HubLicense {
    candidates(entry.ids.iter().map(|id| LicenseId::from(*id)).collect(), entry.complete)
}

fn candidates(ids: Vec<LicenseId>, complete: bool) -> HubLicense {
    match (ids.len(), complete) {
        (0, _) => HubLicense::Unknown,
        (1, true) => HubLicense::Known { ids, expression: None },
        _ => HubLicense::OneOf { ids, complete },
    }
}

/// The values of `license:` that stand for a licence, in order; the SPDX id in lower case for licences of that list.
pub fn names(id: &LicenseId) -> Vec<String> {
    let mut names: Vec<String> = names::of(List::Hub, id.as_str()).map(str::to_owned).collect();
    if names.is_empty() && spdx::license_id(id.as_str()).is_some_and(|license| license.name == id.as_str()) {
        names.push(id.as_str().to_ascii_lowercase());
    }
    names
}

/// The values of `license_name:`, beside `license: other`, that stand for a licence, in order.
pub fn other_names(id: &LicenseId) -> Vec<String> {
    names::of(List::Name, id.as_str()).map(str::to_owned).collect()
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
