//! Licence expressions as trees: what has to be accepted for a licence to be accepted.

use forebear_types::LicenseId;

/// A licence, or several joined by `AND` and `OR`.
///
/// Parts are in order and without repeats, so that two expressions that say the same in another order are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expression {
    /// One licence. With an exception it is a licence of its own: `GPL-2.0-only WITH Classpath-exception-2.0`.
    License(LicenseId),
    /// All of them apply.
    All(Vec<Self>),
    /// The recipient may choose.
    Any(Vec<Self>),
}

/// A longer text is no expression: the length bounds the parser's work.
const LONGEST: usize = 500;

impl Expression {
    /// Reads an SPDX expression; ids may be in any case.
    ///
    /// ```
    /// use forebear_licenses::expression::Expression;
    ///
    /// assert_eq!(Expression::parse("MIT OR Apache-2.0"), Expression::parse("apache-2.0 or mit"));
    /// assert_eq!(Expression::parse("MIT OR"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let parsed = spdx::Expression::parse_mode(&canonical(text), spdx::ParseMode::LAX).ok()?;
        let mut stack: Vec<Self> = Vec::new();
        for node in parsed.iter() {
            match node {
                spdx::expression::ExprNode::Req(required) => {
                    stack.push(Self::License(LicenseId::new(required.req.to_string())));
                }
                spdx::expression::ExprNode::Op(operator) => {
                    let (two, one) = (stack.pop()?, stack.pop()?);
                    stack.push(match operator {
                        spdx::expression::Operator::And => Self::all([one, two]),
                        spdx::expression::Operator::Or => Self::any([one, two]),
                    });
                }
            }
        }
        let whole = stack.pop()?;
        stack.is_empty().then_some(whole)
    }

    /// Each of the parts applies; one part stands for itself.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        joined(flat, Self::All)
    }

    /// One of the parts is enough; one part stands for itself.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        joined(flat, Self::Any)
    }
}

/// The text with the ids and operators of the SPDX list as the list writes them.
fn canonical(text: &str) -> String {
    let mut canonical = String::with_capacity(text.len());
    let separates = |character: char| character.is_whitespace() || matches!(character, '(' | ')' | '+');
    for word in text.split_inclusive(separates) {
        let (word, end) = match word.char_indices().next_back() {
            Some((at, last)) if separates(last) => word.split_at(at),
            _ => (word, ""),
        };
        canonical.push_str(listed(word).unwrap_or(word));
        canonical.push_str(end);
    }
    canonical
}

/// The listed spelling of a word that differs from it in case only.
fn listed(word: &str) -> Option<&'static str> {
    let licenses = spdx::identifiers::LICENSES.iter().map(|license| license.name);
    let exceptions = spdx::identifiers::EXCEPTIONS.iter().map(|exception| exception.name);
    let mut known = ["AND", "OR", "WITH"].into_iter().chain(licenses).chain(exceptions);
    known.find(|known| known.eq_ignore_ascii_case(word))
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    parts.sort();
    parts.dedup();
    if parts.len() == 1 { parts.swap_remove(0) } else { join(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn license(id: &str) -> Expression {
        Expression::License(LicenseId::from(id))
    }

    #[test]
    fn operators_bind_as_spdx_says() {
        let parsed = Expression::parse("MIT OR Apache-2.0 AND BSD-3-Clause").unwrap();
        let both = Expression::All(vec![license("Apache-2.0"), license("BSD-3-Clause")]);
        assert_eq!(parsed, Expression::any([license("MIT"), both]));
    }

    #[test]
    fn an_exception_makes_a_licence_of_its_own() {
        let parsed = Expression::parse("GPL-2.0-only WITH Classpath-exception-2.0").unwrap();
        assert_eq!(parsed, license("GPL-2.0-only WITH Classpath-exception-2.0"));
        assert_eq!(
            Expression::parse("LicenseRef-own AND MIT").map(|parsed| parsed == license("MIT")),
            Some(false)
        );
    }

    #[test]
    fn what_is_no_expression_is_none() {
        for text in ["", "MIT OR", "no such licence", "(MIT", "MIT WITH nonsense"] {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
        assert_eq!(Expression::parse(&"MIT OR ".repeat(200)), None);
    }

    #[test]
    fn case_says_nothing() {
        for text in [
            "(gpl-2.0-ONLY with classpath-exception-2.0) Or mit",
            "MIT\tor\nGPL-2.0-only With Classpath-Exception-2.0",
        ] {
            let written = "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT";
            assert_eq!(Expression::parse(text), Expression::parse(written), "{text}");
        }
        assert_eq!(Expression::parse("apache-2.0+"), Expression::parse("Apache-2.0+"));
        assert!(Expression::parse("mit+é(").is_none());
    }

    #[test]
    fn repeats_say_nothing() {
        assert_eq!(Expression::parse("MIT OR MIT"), Some(license("MIT")));
    }
}
