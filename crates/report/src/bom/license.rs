//! Licences as bills of materials write them.

use forebear_types::LicenseId;
use forebear_types::run::Run;

use super::Concluded;

/// A licence that the card declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Declared<'a> {
    /// An SPDX id, `LicenseRef-…` or an expression of them.
    Expression(&'a str),
    /// A name that stands for no known licence, as written.
    Name(&'a str),
}

/// What the card declares, in its order. `unknown`, and `other` without a name, name no licence.
pub(crate) fn declared(run: &Run) -> Vec<Declared<'_>> {
    let mut declared = Vec::new();
    for one in &run.declared.licenses {
        let written = one.written.trim();
        let names_none = ["", "other", "unknown"].iter().any(|word| written.eq_ignore_ascii_case(word));
        let told = match &one.expression {
            Some(expression) if is_expression(expression) => Declared::Expression(expression),
            _ if names_none => continue,
            _ => Declared::Name(written),
        };
        if !declared.contains(&told) {
            declared.push(told);
        }
    }
    declared
}

/// Whether a text is an SPDX licence expression: one id, or ids with operators.
///
/// Ids that the list has given up stand in old expressions.
pub(crate) fn is_expression(text: &str) -> bool {
    const LONGEST: usize = 500;
    text.len() <= LONGEST && spdx::Expression::parse_mode(text, spdx::ParseMode::LAX).is_ok()
}

/// Whether it is a single id of the SPDX list.
pub(crate) fn is_listed(text: &str) -> bool {
    spdx::license_id(text).is_some_and(|license| license.name == text)
}

/// All licences of a list together, as one expression: "Apache-2.0 AND MIT"; `None` for an empty list, and where an id is none.
///
/// Two texts beside each other may be a choice or apply together, which they do not tell: `AND` is what a recipient is safe with.
pub(crate) fn joined<'a>(licenses: impl IntoIterator<Item = &'a LicenseId>) -> Option<String> {
    let ids: Vec<&str> = licenses.into_iter().map(LicenseId::as_str).collect();
    let whole = ids.join(" AND ");
    (!ids.is_empty() && is_expression(&whole)).then_some(whole)
}

/// The `LicenseRef-…` ids of an expression, in order, without repeats.
pub(crate) fn references(expression: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for word in expression.split(|character: char| character.is_whitespace() || "()".contains(character)) {
        if word.starts_with("LicenseRef-") && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

impl Concluded {
    /// The expression of several together.
    pub(crate) fn expression(concluded: &[Self]) -> Option<String> {
        joined(concluded.iter().map(|one| &one.license))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_is_no_expression() {
        for good in
            ["MIT", "LicenseRef-llama-3.3", "MIT OR Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"]
        {
            assert!(is_expression(good), "{good}");
        }
        for wrong in ["", "kaguya-1.0", "MIT OR", "\u{1b}[2J", "my licence", "MIT\nApache-2.0"] {
            assert!(!is_expression(wrong), "{wrong:?}");
        }
        assert!(is_listed("OpenMDW-1.0") && !is_listed("mit") && !is_listed("LicenseRef-x"));
    }

    #[test]
    fn several_are_joined_and_references_are_found() {
        let ids: Vec<LicenseId> = ["Apache-2.0", "LicenseRef-a"].map(LicenseId::from).to_vec();
        assert_eq!(joined(&ids).as_deref(), Some("Apache-2.0 AND LicenseRef-a"));
        assert_eq!(joined(&[]), None);
        assert_eq!(joined(&["no licence".into()]), None);
        assert_eq!(
            references("(LicenseRef-a OR MIT) AND LicenseRef-b AND LicenseRef-a"),
            ["LicenseRef-a", "LicenseRef-b"]
        );
    }
}
