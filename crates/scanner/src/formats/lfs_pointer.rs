//! Git LFS pointers.
//!
//! Source: the git-lfs specification, `docs/spec.md`, version 1: UTF-8 text of under 1024 bytes, `version` first, then
//! the other keys in alphabetical order, each `key value` with `\n`; `oid sha256:<64 hex digits>` and `size <bytes>` are
//! required.

use forebear_types::Sha256;
use forebear_types::fact::LfsPointer;

/// A pointer is shorter than this.
pub(crate) const LIMIT: u64 = 1024;

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// A pointer.
    Pointer(LfsPointer),
    /// It begins as a pointer and breaks the rules. Says how.
    Broken(String),
    /// Something else.
    Other,
}

/// Looks at the first bytes of a file.
pub(crate) fn parse(bytes: &[u8]) -> Parsed {
    const VERSIONS: [&[u8]; 2] =
        [b"version https://git-lfs.github.com/spec/v1", b"version https://hawser.github.com/spec/v1"];
    if !VERSIONS.iter().any(|version| bytes.starts_with(version)) {
        return Parsed::Other;
    }
    if bytes.len() as u64 >= LIMIT {
        return Parsed::Broken("the file begins as a Git LFS pointer and is too long to be one".to_owned());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Parsed::Broken("the Git LFS pointer is not UTF-8".to_owned());
    };
    let mut sha256 = None;
    let mut size = None;
    for line in text.lines().skip(1) {
        match line.trim_end().split_once(' ') {
            Some(("oid", value)) => sha256 = value.strip_prefix("sha256:").and_then(Sha256::from_hex),
            Some(("size", value)) => size = value.parse().ok(),
            _ => {}
        }
    }
    match (sha256, size) {
        (Some(sha256), Some(size)) => Parsed::Pointer(LfsPointer { sha256, size }),
        (None, _) => Parsed::Broken("the Git LFS pointer has no valid `oid sha256:`".to_owned()),
        (_, None) => Parsed::Broken("the Git LFS pointer has no valid `size`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_from_broken_ones_and_other_files() {
        let oid = "6e4c38e1172f42fdbff13edf9a7a017679fb82b0fde415a3e8b3c31c6ed4a4e4";
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 4302350824\n");
        let Parsed::Pointer(pointer) = parse(text.as_bytes()) else { panic!("not a pointer") };
        assert_eq!((pointer.sha256.to_string().as_str(), pointer.size), (oid, 4_302_350_824));
        let longer = format!("{text}{}", "x".repeat(1024));
        for broken in [text.replace("size", "siz"), text.replace("6e4c", "zz4c"), longer] {
            assert!(matches!(parse(broken.as_bytes()), Parsed::Broken(_)), "{broken}");
        }
        assert_eq!(parse(b"MIT License"), Parsed::Other);
        assert_eq!(parse(b""), Parsed::Other);
    }
}
