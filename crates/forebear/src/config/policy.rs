//! `[project]`, `[rules]` and `[licenses]`.

use std::collections::BTreeMap;

use forebear_licenses::expression::Expression;
use forebear_licenses::hub::{self, HubLicense};
use forebear_rules::{AcceptedLicenses, List, ListedLicense, Policy, Project};
use forebear_types::RuleId;
use forebear_types::finding::Level;
use forebear_types::license::NoticeWords;
use serde::Deserialize;
use toml::Spanned;

use super::{Source, nearest};
use crate::error::Error;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProject {
    name: Option<Spanned<String>>,
    #[serde(default)]
    copyright: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLicenses {
    #[serde(default)]
    allow: Vec<Spanned<String>>,
    #[serde(default)]
    review: Vec<Spanned<String>>,
    #[serde(default)]
    deny: Vec<Spanned<String>>,
}

pub(super) type RawRules = BTreeMap<Spanned<String>, Spanned<String>>;

/// What to write instead of a licence that is not known.
pub(super) fn license_help(written: &str) -> String {
    let known = forebear_licenses::list();
    match nearest(written, known.iter().map(|listed| listed.id.as_str())) {
        Some(near) => format!("did you mean `{near}`? `forebear licenses` lists them"),
        None => "write an SPDX identifier or expression (MIT, Apache-2.0 OR MIT), a LicenseRef-…, or the Hub's name of one \
                 licence; `forebear licenses` lists them"
            .to_owned(),
    }
}

impl Source<'_> {
    pub(super) fn policy(
        &self,
        project: &RawProject,
        rules: &RawRules,
        licenses: &RawLicenses,
    ) -> Result<Policy, Error> {
        Ok(Policy {
            project: self.project(project)?,
            levels: self.levels(rules)?,
            licenses: self.licenses(licenses)?,
        })
    }

    fn project(&self, raw: &RawProject) -> Result<Project, Error> {
        let line = |text: &Spanned<String>, what: &str| {
            let trimmed = text.get_ref().trim();
            let one_line = !trimmed.is_empty() && !trimmed.chars().any(char::is_control);
            one_line.then(|| trimmed.to_owned()).ok_or_else(|| {
                let help = format!("write {what} as one line of text");
                self.error(format!("{what} is empty or has several lines"), help, Some(text.span()))
            })
        };
        let name = raw.name.as_ref().map(|name| line(name, "the project's name")).transpose()?;
        let mut copyright = Vec::new();
        for owner in &raw.copyright {
            let text = line(owner, "the copyright line")?;
            if NoticeWords::of(&text).holder.is_empty() {
                let help = "write it as it should stand in LICENSE: Copyright (c) 2026 Somebody".to_owned();
                return Err(self.error(format!("`{text}` names nobody"), help, Some(owner.span())));
            }
            copyright.push(text);
        }
        Ok(Project { name, copyright })
    }

    fn levels(&self, raw: &RawRules) -> Result<BTreeMap<RuleId, Level>, Error> {
        let mut levels = BTreeMap::new();
        for (rule, level) in raw {
            let id = self.rule(rule)?;
            let Some(known) = Level::from_name(level.get_ref()) else {
                let words: Vec<&str> = Level::all().map(Level::name).collect();
                let help = format!("write one of \"{}\"", words.join("\", \""));
                let message = format!("`{}` is no severity", level.get_ref());
                return Err(self.error(message, help, Some(level.span())));
            };
            levels.insert(id, known);
        }
        Ok(levels)
    }

    /// The rule of a name.
    pub(super) fn rule(&self, name: &Spanned<String>) -> Result<RuleId, Error> {
        if let Some(rule) = forebear_rules::rule(name.get_ref()) {
            return Ok(rule.id);
        }
        let help = match nearest(name.get_ref(), forebear_rules::RULES.iter().map(|rule| rule.id.0)) {
            Some(near) => format!("did you mean `{near}`? `forebear rules` lists them"),
            None => "`forebear rules` lists them".to_owned(),
        };
        Err(self.error(format!("there is no rule `{}`", name.get_ref()), help, Some(name.span())))
    }

    fn licenses(&self, raw: &RawLicenses) -> Result<AcceptedLicenses, Error> {
        let lists = [(List::Allow, &raw.allow), (List::Review, &raw.review), (List::Deny, &raw.deny)];
        let mut entries: Vec<ListedLicense> = Vec::new();
        for (list, texts) in lists {
            for text in texts {
                let entry = ListedLicense {
                    list,
                    license: self.license(text)?,
                    written: text.get_ref().clone(),
                    location: self.location(text.span()),
                };
                let other = entries
                    .iter()
                    .find(|other| other.list != list && overlap(&other.license, &entry.license));
                if let Some(other) = other {
                    let message = format!(
                        "`{}` is in `{}`, and `{}` is in `{}`: one licence cannot be both",
                        other.written,
                        other.list.name(),
                        entry.written,
                        list.name()
                    );
                    let help = "leave it in one of the lists".to_owned();
                    return Err(self.error(message, help, Some(text.span())));
                }
                entries.push(entry);
            }
        }
        Ok(AcceptedLicenses { entries })
    }

    /// An entry: an SPDX id or expression, a `LicenseRef-…`, or a name on the Hub; a name of several licences stands for each.
    fn license(&self, text: &Spanned<String>) -> Result<Expression, Error> {
        let leaves =
            |ids: Vec<forebear_types::LicenseId>| Expression::any(ids.into_iter().map(Expression::License));
        let written = text.get_ref().trim();
        let found = match hub::from_hub(written) {
            HubLicense::Known { expression: Some(_), .. } => Expression::parse(written),
            HubLicense::Known { ids, expression: None } | HubLicense::OneOf { ids, complete: true } => {
                Some(leaves(ids))
            }
            HubLicense::OneOf { complete: false, .. } | HubLicense::Other => None,
            // An expression of nothing but `LicenseRef-…` is none of the Hub's.
            HubLicense::Unknown => Expression::parse(written),
        };
        found.ok_or_else(|| {
            let message = format!("`{written}` is not a licence that forebear knows");
            self.error(message, license_help(written), Some(text.span()))
        })
    }
}

/// Whether some licence is covered by both.
fn overlap(one: &Expression, two: &Expression) -> bool {
    let parts = |license: &Expression| match license {
        Expression::Any(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    let two = parts(two);
    parts(one).iter().any(|part| two.contains(part))
}
