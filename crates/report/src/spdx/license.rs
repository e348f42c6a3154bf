//! Licences as elements.

use super::Builder;
use super::types::{Element, Entry, LicenseExpression, LicensingText, Node};
use crate::bom::{self, Concluded, Declared, Model};

/// No assertion can be made.
const NO_ASSERTION: &str = "expandedlicensing_NoAssertionLicense";

/// There is none.
const NONE: &str = "expandedlicensing_NoneLicense";

impl Builder<'_> {
    /// What the card declares, and what a reader has to know of it.
    ///
    /// *None* where a card was read and declares none; no assertion where no card tells, or where it names several licences, which
    /// leaves open whether one may be chosen.
    pub(super) fn declared(&mut self) -> (String, Option<String>) {
        let run = self.run;
        match bom::declared(run).as_slice() {
            [Declared::Expression(expression)] => (self.expression(expression, None), None),
            [Declared::Name(name)] => {
                let id = custom_id(name);
                let comment = "The card names a licence that forebear does not know.".to_owned();
                (self.expression(&id, Some(name)), Some(comment))
            }
            [] if run.declared.license.is_none() && run.source.examined.cards > 0 => {
                (NONE.to_owned(), Some("The card declares no licence.".to_owned()))
            }
            [] => (NO_ASSERTION.to_owned(), None),
            several => {
                let words: Vec<&str> = several
                    .iter()
                    .map(|one| match one {
                        Declared::Expression(text) | Declared::Name(text) => *text,
                    })
                    .collect();
                let comment = format!(
                    "The card names {} and does not say whether all apply or one may be chosen.",
                    words.join(", ")
                );
                (NO_ASSERTION.to_owned(), Some(comment))
            }
        }
    }

    /// What was concluded, and why.
    pub(super) fn concluded(&mut self, model: &Model<'_>) -> (String, Option<String>) {
        let Some(expression) = Concluded::expression(&model.concluded) else {
            return (NO_ASSERTION.to_owned(), None);
        };
        let because: Vec<String> = model
            .concluded
            .iter()
            .map(|one| format!("{}: {}", one.license, one.because.join("; ")))
            .collect();
        (self.expression(&expression, None), Some(because.join("\n")))
    }

    /// The licences of an ancestor, as far as they are known.
    pub(super) fn of_ancestor(&mut self, license: Option<&forebear_types::LicenseId>) -> String {
        match bom::joined(license) {
            Some(expression) => self.expression(&expression, None),
            None => no_assertion(),
        }
    }

    /// The element of an expression; `name` is how the card calls a licence that is not known.
    fn expression(&mut self, expression: &str, name: Option<&str>) -> String {
        debug_assert!(bom::is_expression(expression), "only expressions get here");
        if let Some(id) = self.expressions.get(expression) {
            return id.clone();
        }
        let mut custom = Vec::new();
        for reference in bom::references(expression) {
            let id = self.custom(reference, name);
            custom.push(Entry::new(reference, id));
        }
        let element = self.element("simplelicensing_LicenseExpression", "license-expression");
        let id = element.spdx_id.clone();
        self.expressions.insert(expression.to_owned(), id.clone());
        self.add(Node::LicenseExpression(LicenseExpression {
            element,
            expression: expression.to_owned(),
            custom,
        }));
        id
    }

    /// The element of a licence outside the SPDX list. SPDX asks for its text: it is said where the text is.
    fn custom(&mut self, license: &str, name: Option<&str>) -> String {
        if let Some(id) = self.licenses.get(license) {
            return id.clone();
        }
        let places: Vec<String> = self
            .run
            .facts
            .iter()
            .filter_map(|fact| Some((fact, fact.recognition()?)))
            .flat_map(|(fact, recognition)| {
                let found = recognition.licenses.iter().filter(|text| text.id.as_str() == license);
                found.map(|text| bom::place(&forebear_types::Location::lines(fact.path.clone(), text.lines)))
            })
            .collect();
        let link = self.run.declared.license_link.as_deref().filter(|_| name.is_some());
        let text = match (places.as_slice(), link) {
            ([], None) => "The text is not repeated here, and the repository does not hold it.".to_owned(),
            ([], Some(link)) => format!("The text is not repeated here; the card links to {link}"),
            (places, _) => {
                format!(
                    "The text is not repeated here; it stands in the repository, in {}.",
                    places.join(", ")
                )
            }
        };
        let element = self.element("simplelicensing_SimpleLicensingText", "license");
        let id = element.spdx_id.clone();
        self.licenses.insert(license.to_owned(), id.clone());
        let name = Some(name.unwrap_or(license).to_owned());
        self.add(Node::LicensingText(LicensingText { element: Element { name, ..element }, text }));
        id
    }
}

/// The individual for what cannot be told.
pub(super) fn no_assertion() -> String {
    NO_ASSERTION.to_owned()
}

/// A `LicenseRef-…` for a name of the card: letters, digits, dots and hyphens, as the grammar of expressions has it.
fn custom_id(name: &str) -> String {
    const LONGEST: usize = 100;
    let plain = name.chars().take(LONGEST).map(|character| match character {
        '.' | '-' => character,
        _ if character.is_ascii_alphanumeric() => character,
        _ => '-',
    });
    format!("LicenseRef-declared-{}", plain.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_reference_that_expressions_take() {
        for name in ["kaguya-1.0", "My licence (v2)", "\u{1b}[2J\n", "ライセンス"] {
            assert!(bom::is_expression(&custom_id(name)), "{name:?}");
        }
        assert_eq!(custom_id("My licence (v2)"), "LicenseRef-declared-My-licence--v2-");
    }
}
