//! Paths as relative references of URIs.

use std::fmt::Write as _;

use forebear_types::RepoPath;

/// The path as a relative reference. Git paths are bytes, so whatever is not allowed in a URI is percent-encoded byte by byte.
///
/// Source: RFC 3986, section 3.3 (`pchar`) and 4.2 (a first part with a colon would be read as a scheme).
pub(crate) fn relative(path: &RepoPath) -> String {
    let mut uri = String::with_capacity(path.as_bytes().len());
    for byte in path.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(char::from(*byte)),
            // `:` is left out: encoded it means the same everywhere.
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b','
            | b';' | b'=' | b'@' | b'/' => uri.push(char::from(*byte)),
            _ => write!(uri, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_a_relative_reference() {
        let uri = |bytes: &[u8]| relative(&RepoPath::new(bytes).unwrap());
        assert_eq!(uri(b"docs/LICENSE-1_a~b.txt"), "docs/LICENSE-1_a~b.txt");
        assert_eq!(uri(b"a b#c?d%25"), "a%20b%23c%3Fd%2525");
        assert_eq!(uri(b"javascript:alert(1)"), "javascript%3Aalert(1)");
        assert_eq!(uri(b"C:\\x\n\xff"), "C%3A%5Cx%0A%FF");
        assert_eq!(uri("Modèle".as_bytes()), "Mod%C3%A8le");
    }
}
