//! `forebear.toml`: the own work, bases stated by hand, severities, accepted licences, and waivers.
//!
//! The file is read from the scanned snapshot itself (the work tree, the index, the commit), so that a verdict on a commit
//! uses the waivers of that commit. Unknown keys are errors with a span: a misspelt waiver must not pass unnoticed.

pub(crate) mod edit;
mod policy;

use std::sync::Arc;

use forebear_licenses::hub::{self, HubLicense};
use forebear_rules::{Policy, Waiver};
use forebear_types::run::StatedBase;
use forebear_types::{LicenseId, LineSpan, Location, ModelId, RepoPath};
use miette::{NamedSource, SourceSpan};
use serde::Deserialize;
use toml::Spanned;

use crate::error::Error;

/// What a configuration says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[[upstream]]`.
    pub upstreams: Vec<StatedBase>,
    /// `[[waiver]]`.
    pub waivers: Vec<Waiver>,
    /// `[project]`, `[rules]` and `[licenses]`.
    pub policy: Policy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    project: policy::RawProject,
    #[serde(default)]
    rules: policy::RawRules,
    #[serde(default)]
    licenses: policy::RawLicenses,
    #[serde(default)]
    upstream: Vec<Spanned<Upstream>>,
    #[serde(default)]
    waiver: Vec<Spanned<RawWaiver>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upstream {
    model: Spanned<String>,
    revision: Option<String>,
    license: Option<Spanned<String>>,
    #[serde(default)]
    copyright: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWaiver {
    rule: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    fingerprint: Option<String>,
    reason: Spanned<String>,
    owner: Option<String>,
    until: Option<Spanned<toml::value::Datetime>>,
}

/// The file's text with what errors and locations need.
struct Source<'a> {
    path: &'a RepoPath,
    text: &'a str,
}

/// Reads a configuration. `path` is its path in the report.
///
/// # Errors
/// [`Error::Config`] with the place, for anything that is not as `docs/configuration.md` says.
pub fn parse(path: &RepoPath, text: &str) -> Result<Config, Error> {
    let source = Source { path, text };
    let document: Document = toml::from_str(text).map_err(|error| {
        let lists = "docs/configuration.md lists the keys; [project], [rules], [licenses], [[upstream]] and [[waiver]] are the \
                     tables of this version";
        let help = match near_key(error.message()) {
            Some(near) => format!("did you mean `{near}`? {lists}"),
            None => lists.to_owned(),
        };
        source.error(error.message().to_owned(), help, error.span())
    })?;
    let upstreams = document.upstream.iter().map(|table| source.upstream(table)).collect::<Result<_, _>>()?;
    let waivers = document.waiver.iter().map(|table| source.waiver(table)).collect::<Result<_, _>>()?;
    let policy = source.policy(&document.project, &document.rules, &document.licenses)?;
    Ok(Config { upstreams, waivers, policy })
}

impl Source<'_> {
    fn upstream(&self, table: &Spanned<Upstream>) -> Result<StatedBase, Error> {
        let upstream = table.get_ref();
        let model = model_id(upstream.model.get_ref()).ok_or_else(|| {
            self.error(
                format!("`{}` is not a model id", upstream.model.get_ref()),
                "write organisation/name, as on the Hub".to_owned(),
                Some(upstream.model.span()),
            )
        })?;
        let license = match &upstream.license {
            None => None,
            Some(name) => Some(license_id(name.get_ref()).ok_or_else(|| {
                self.error(
                    format!("`{}` is not a licence that forebear knows", name.get_ref()),
                    policy::license_help(name.get_ref()),
                    Some(name.span()),
                )
            })?),
        };
        Ok(StatedBase {
            model: Some(model),
            revision: upstream.revision.clone(),
            license,
            copyright: upstream.copyright.clone(),
            notice: None,
            location: Some(self.location(table.span())),
        })
    }

    fn waiver(&self, table: &Spanned<RawWaiver>) -> Result<Waiver, Error> {
        let raw = table.get_ref();
        if raw.reason.get_ref().trim().is_empty() {
            let help = "say in a sentence why the finding is accepted".to_owned();
            return Err(self.error("the waiver has no reason".to_owned(), help, Some(raw.reason.span())));
        }
        if raw.rule.is_none() && raw.path.is_none() && raw.fingerprint.is_none() {
            return Err(self.error(
                "the waiver would cover every finding".to_owned(),
                "name a rule, a path or a fingerprint".to_owned(),
                Some(table.span()),
            ));
        }
        if let Some(rule) = &raw.rule {
            self.rule(rule)?;
        }
        let path = match &raw.path {
            None => None,
            Some(path) => Some(RepoPath::new(path.get_ref()).map_err(|error| {
                let help = "write the path as reports do: relative to the root, with /".to_owned();
                self.error(error.to_string(), help, Some(path.span()))
            })?),
        };
        let until = match &raw.until {
            None => None,
            Some(until) => match until.get_ref().date {
                Some(date) if until.get_ref().time.is_none() => Some(date.to_string()),
                _ => {
                    let help = "write a day: until = 2027-01-31".to_owned();
                    return Err(self.error("`until` is not a day".to_owned(), help, Some(until.span())));
                }
            },
        };
        Ok(Waiver {
            rule: raw.rule.as_ref().map(|rule| rule.get_ref().clone()),
            path,
            fingerprint: raw.fingerprint.clone(),
            reason: raw.reason.get_ref().clone(),
            owner: raw.owner.clone(),
            until,
            location: self.location(table.span()),
        })
    }

    fn location(&self, span: std::ops::Range<usize>) -> Location {
        let line = |offset: usize| {
            let before = &self.text.as_bytes()[..offset.min(self.text.len())];
            before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1
        };
        Location::lines(self.path.clone(), LineSpan::new(line(span.start), line(span.end.saturating_sub(1))))
    }

    fn error(&self, message: String, help: String, span: Option<std::ops::Range<usize>>) -> Error {
        Error::Config {
            message: format!("{}: {message}", self.path),
            help,
            source_code: Arc::new(NamedSource::new(self.path.to_string(), self.text.to_owned())),
            span: span.map(|span| SourceSpan::from((span.start, span.end.saturating_sub(span.start)))),
        }
    }
}

/// The known key next to an unknown one, out of serde's own words: "unknown field `waver`, expected one of `project`, `rules`". Without
/// those words there is no suggestion, and the message says all anyhow.
fn near_key(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown field `")?.split('`');
    let unknown = quoted.next()?;
    // What stands between two known keys is no key: ", ".
    nearest(unknown, quoted.skip(1).step_by(2))
}

/// A model id `organisation/name`; the characters are those that the Hub allows.
pub(crate) fn model_id(text: &str) -> Option<ModelId> {
    let (organisation, name) = text.split_once('/')?;
    let valid = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    (valid(organisation) && valid(name)).then(|| ModelId::from(text))
}

/// A licence by its SPDX id, its `LicenseRef-`, or its name on the Hub; a name that stands for several versions means the
/// newest, to which the Hub links.
pub(crate) fn license_id(text: &str) -> Option<LicenseId> {
    if text.starts_with("LicenseRef-") {
        return Some(LicenseId::from(text));
    }
    match hub::from_hub(text) {
        HubLicense::Known { ids, .. } if ids.len() == 1 => ids.into_iter().next(),
        HubLicense::OneOf { ids, complete: true } => ids.into_iter().next(),
        _ => None,
    }
}

/// The known word nearest to a misspelt one, at most a third of its letters away.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits * 3 <= candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, by one row.
fn edits(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, from) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in two.iter().enumerate() {
            let replace = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        parse(&RepoPath::new("forebear.toml").unwrap(), text).map_err(|error| error.to_string())
    }

    #[test]
    fn upstreams_and_waivers_are_read_with_their_places() {
        let config = read(
            "[[upstream]]\nmodel = \"a/b\"\nlicense = \"mit\"\ncopyright = [\"Copyright (c) 2024 B\"]\n\n\
             [[waiver]]\nrule = \"license-added-late\"\nreason = \"pushed later\"\nuntil = 2027-01-31\n",
        )
        .unwrap();
        assert_eq!(config.upstreams[0].license, Some(LicenseId::from("MIT")));
        assert_eq!(config.waivers[0].until.as_deref(), Some("2027-01-31"));
        assert_eq!(config.waivers[0].location.lines.unwrap().first, 6);
    }

    #[test]
    fn the_policy_is_read_with_its_places() {
        let config = read(
            "[project]\nname = \"kaguya/kaguya-7b\"\ncopyright = [\"Copyright (c) 2026 Kaguya\"]\n\n\
             [rules]\nbase-undeclared = \"off\"\nunused-waiver = \"note\"\n\n\
             [licenses]\nallow = [\"mit\", \"Apache-2.0 OR BSD-3-Clause\"]\nreview = [\"llama3.1\"]\ndeny = [\n  \
             \"LicenseRef-house-rules\",\n]\n",
        )
        .unwrap();
        assert_eq!(config.policy.project.name.as_deref(), Some("kaguya/kaguya-7b"));
        let levels: Vec<_> =
            config.policy.levels.iter().map(|(rule, level)| (rule.0, level.name())).collect();
        assert_eq!(levels, [("base-undeclared", "off"), ("unused-waiver", "note")]);
        let entries = &config.policy.licenses.entries;
        let read: Vec<_> = entries
            .iter()
            .map(|entry| (entry.list.name(), entry.written.as_str(), entry.location.lines.unwrap().first))
            .collect();
        let expected = [
            ("allow", "mit", 10),
            ("allow", "Apache-2.0 OR BSD-3-Clause", 10),
            ("review", "llama3.1", 11),
            ("deny", "LicenseRef-house-rules", 13),
        ];
        assert_eq!(read, expected);
        let llama = LicenseId::from("LicenseRef-llama-3.1-community");
        assert_eq!(entries[2].license, forebear_licenses::expression::Expression::License(llama));
    }

    #[test]
    fn mistakes_are_errors_that_say_where() {
        for (text, words) in [
            ("[[waver]]\n", "unknown field"),
            ("[[waiver]]\nreason = \"x\"\n", "every finding"),
            ("[[waiver]]\nrule = \"missing-licence-text\"\nreason = \"x\"\n", "there is no rule"),
            ("[[waiver]]\nrule = \"base-undeclared\"\nreason = \" \"\n", "no reason"),
            ("[[waiver]]\npath = \"../x\"\nreason = \"x\"\n", "could leave"),
            ("[[waiver]]\npath = \"x\"\nreason = \"x\"\nuntil = 10:00:00\n", "not a day"),
            ("[[upstream]]\nmodel = \"./local\"\n", "not a model id"),
            ("[[upstream]]\nmodel = \"a/b\"\nlicense = \"no-such\"\n", "not a licence"),
            ("[[upstream]]\nmodel = \"a/b\"\nlicence = \"mit\"\n", "unknown field"),
            ("[rules]\nbase-undeclare = \"off\"\n", "there is no rule"),
            ("[rules]\nbase-undeclared = \"error\"\n", "no severity"),
            ("[licenses]\nallow = [\"MTI\"]\n", "not a licence"),
            ("[licenses]\nallow = [\"other\"]\n", "not a licence"),
            ("[licenses]\nallow = [\"MIT\"]\ndeny = [\"Apache-2.0 OR mit\"]\n", "cannot be both"),
            ("[licenses]\nforbid = []\n", "unknown field"),
            ("[project]\nname = \" \"\n", "is empty"),
            ("[project]\ncopyright = [\"Copyright (c) 2026\"]\n", "names nobody"),
            ("[project]\nlicense = \"MIT\"\n", "unknown field"),
            ("= 1", "forebear.toml"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_misspelt_key_gets_a_suggestion() {
        let help = |text: &str| match parse(&RepoPath::new("forebear.toml").unwrap(), text) {
            Err(Error::Config { help, .. }) => help,
            other => panic!("{other:?}"),
        };
        assert!(help("[[waver]]\n").starts_with("did you mean `waiver`?"));
        assert!(
            help("[[upstream]]\nmodel = \"a/b\"\nlicence = \"mit\"\n").starts_with("did you mean `license`?")
        );
        assert!(help("[licenses]\nalow = []\n").starts_with("did you mean `allow`?"));
        assert!(help("[something-else]\n").starts_with("docs/configuration.md"));
    }

    #[test]
    fn a_misspelt_rule_gets_a_suggestion() {
        let rules = || forebear_rules::RULES.iter().map(|rule| rule.id.0);
        assert_eq!(nearest("missing-licence-text", rules()), Some("missing-license-text"));
        assert_eq!(nearest("something-else-entirely", rules()), None);
    }
}
