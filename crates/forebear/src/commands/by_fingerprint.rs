//! Findings by their fingerprints.

use forebear_types::finding::Finding;

use crate::error::Error;

/// Digits of a whole fingerprint.
const WHOLE: usize = 32;

/// Digits from which on the beginning of a fingerprint is taken for one.
const SHORTEST: usize = 8;

/// Whether a text may be a fingerprint, or the beginning of one.
pub(super) fn is_one(text: &str) -> bool {
    (SHORTEST..=WHOLE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The finding of a fingerprint. `place` says where it was looked for.
///
/// # Errors
/// If the text is no fingerprint, or none or several of the findings have it.
pub(super) fn find<'f>(findings: &'f [Finding], text: &str, place: &str) -> Result<&'f Finding, Error> {
    if !is_one(text) {
        return Err(Error::Argument {
            message: format!("`{text}` is no fingerprint"),
            help: format!(
                "a fingerprint has {WHOLE} hexadecimal digits, of which the first {SHORTEST} are enough; `forebear check` prints it \
                 below each finding"
            ),
        });
    }
    let wanted = text.to_ascii_lowercase();
    let mut found = findings.iter().filter(|finding| finding.fingerprint.0.starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Error::Argument {
            message: format!("no finding in {place} has the fingerprint `{text}`"),
            help: "it may be mended, or another state's: `forebear check` prints the fingerprints of this one, and --report FILE \
                   takes the finding from a JSON report"
                .to_owned(),
        }),
        (Some(one), Some(two)) => Err(Error::Argument {
            message: format!(
                "several findings in {place} begin with `{text}`: {} ({}) and {} ({})",
                one.fingerprint, one.rule, two.fingerprint, two.rule
            ),
            help: "give more digits".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_enough_and_letters_are_none() {
        assert!(is_one("00112233") && is_one("0011223344556677889900aabbccddee"));
        assert!(is_one("DEADBEEF"));
        for text in ["", "0011223", "gpl-3.0", "0011223344556677889900aabbccddee0", "mit"] {
            assert!(!is_one(text), "{text}");
        }
    }
}
