//! Names for documents that follow from their content.

use sha2::{Digest, Sha256};

/// A name-based UUID of version 8: the first 128 bits of the SHA-256 of a name space and the content, with version and variant
/// set.
///
/// Source: RFC 9562, section 5.8 and appendix B.2, which shows this very use of SHA-256. Equal content has an equal UUID, so that
/// the same run gives the same bytes; other content has another one.
pub(crate) fn name_based(space: &str, content: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(space.as_bytes());
    hash.update([0]);
    hash.update(content);
    let mut bytes: [u8; 16] = hash.finalize()[..16].try_into().expect("SHA-256 has 32 bytes");
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_follows_from_the_content() {
        let one = name_based("a", b"content");
        assert_eq!(one, name_based("a", b"content"));
        assert_ne!(one, name_based("a", b"Content"));
        assert_ne!(one, name_based("b", b"content"));
        assert_eq!(one.len(), 36);
        assert_eq!(&one[14..15], "8", "the version");
        assert!(matches!(&one[19..20], "8" | "9" | "a" | "b"), "the variant");
    }
}
