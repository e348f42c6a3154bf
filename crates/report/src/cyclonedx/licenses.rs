//! Licences as each version of the specification writes them.

use forebear_types::Location;

use super::ids::is_in_schema;
use super::types::{License, LicenseChoice, Property};
use super::{Version, Writer};
use crate::bom::{self, Concluded, Declared, Model};

const DECLARED: &str = "declared";
const CONCLUDED: &str = "concluded";

impl Writer<'_> {
    /// What is declared, then what was concluded.
    ///
    /// Version 1.7 takes expressions beside licences. Version 1.6 takes one expression and nothing else, or licences: there an
    /// expression among others stands as a name.
    pub(super) fn licenses(&self, declared: &[Declared<'_>], concluded: &[Concluded]) -> Vec<LicenseChoice> {
        let one = |statement: &Declared<'_>| match statement {
            Declared::Expression(expression) => choice(expression, DECLARED, Vec::new()),
            Declared::Name(name) => {
                single(License { name: Some((*name).to_owned()), ..License::default() }, DECLARED)
            }
        };
        let mut choices: Vec<LicenseChoice> = declared.iter().map(one).collect();
        match (self.version, concluded, Concluded::expression(concluded)) {
            (Version::V1_7, [_, _, ..], Some(expression)) => {
                let because = concluded
                    .iter()
                    .flat_map(|one| one.because.iter().map(|why| format!("{}: {why}", one.license)));
                let properties = because.map(|why| Property::new("forebear:because", why)).collect();
                choices.push(LicenseChoice::Expression {
                    expression,
                    acknowledgement: CONCLUDED,
                    properties,
                });
            }
            _ => choices.extend(concluded.iter().map(|one| {
                let because = one.because.iter().map(|why| Property::new("forebear:because", why));
                choice(one.license.as_str(), CONCLUDED, because.collect())
            })),
        }
        if self.version == Version::V1_6 && choices.len() > 1 {
            choices = choices.into_iter().map(LicenseChoice::without_expression).collect();
        }
        choices
    }

    /// The licence texts that are there, whole or not.
    pub(super) fn texts(&self, model: &Model<'_>) -> Vec<LicenseChoice> {
        let texts = model.texts.iter().map(|(path, text)| {
            let at = Location::lines((*path).clone(), text.lines);
            let properties = vec![
                Property::new("forebear:place", bom::place(&at)),
                Property::new("forebear:status", text.status.name()),
                Property::new("forebear:coverage", format!("{}", text.coverage.ratio())),
            ];
            LicenseChoice::License { license: License { properties, ..named(text.id.as_str()) } }
        });
        texts.collect()
    }
}

impl LicenseChoice {
    /// Whether forebear found it.
    pub(super) fn is_concluded(&self) -> bool {
        match self {
            Self::License { license } => license.acknowledgement == Some(CONCLUDED),
            Self::Expression { acknowledgement, .. } => *acknowledgement == CONCLUDED,
        }
    }

    fn without_expression(self) -> Self {
        match self {
            Self::Expression { expression, acknowledgement, .. } => {
                single(named(&expression), acknowledgement)
            }
            license => license,
        }
    }
}

/// A licence, or an expression with operators. Whatever is neither stands as a name.
fn choice(expression: &str, acknowledgement: &'static str, properties: Vec<Property>) -> LicenseChoice {
    if expression.contains(' ') && bom::is_expression(expression) {
        let expression = expression.to_owned();
        return LicenseChoice::Expression { expression, acknowledgement, properties: Vec::new() };
    }
    single(License { properties, ..named(expression) }, acknowledgement)
}

fn single(license: License, acknowledgement: &'static str) -> LicenseChoice {
    LicenseChoice::License { license: License { acknowledgement: Some(acknowledgement), ..license } }
}

fn named(id: &str) -> License {
    if is_in_schema(id) {
        License { id: Some(id.to_owned()), ..License::default() }
    } else {
        License { name: Some(id.to_owned()), ..License::default() }
    }
}
