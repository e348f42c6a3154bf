//! From bytes to text.

/// A file's bytes as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark; a lone carriage return (old Mac line end) is a line feed. Empty if binary.
    pub text: String,
    /// Whether the bytes are not text: they hold NULs and are not UTF-16.
    pub binary: bool,
    /// Whether the bytes are neither UTF-8 nor UTF-16 and were read as Windows-1252.
    pub lossy: bool,
}

/// Decodes UTF-8, UTF-16 with a byte order mark, and, for everything else without NULs, Windows-1252: licence files with a
/// Latin-1 copyright sign are common.
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Decoded { text: String::new(), binary: true, lossy: false };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: line_ends(text.to_owned()), binary: false, lossy: false },
        Err(_) => {
            let text = bytes.iter().map(|byte| windows_1252(*byte)).collect();
            Decoded { text: line_ends(text), binary: false, lossy: true }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text =
        char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Decoded { text: line_ends(text), binary: false, lossy: false }
}

/// A text whose lines end in a lone CR gets line feeds; CR LF stays, so that offsets do.
fn line_ends(text: String) -> String {
    if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n") } else { text }
}

/// Windows-1252 as the WHATWG Encoding Standard has it; the five unassigned bytes are control characters.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_real_licence_files() {
        assert_eq!(decode(b"\xef\xbb\xbfMIT").text, "MIT");
        assert_eq!(decode(b"\xff\xfeM\0I\0T\0").text, "MIT");
        assert_eq!(decode(b"\xfe\xff\0M\0I\0T").text, "MIT");
        assert_eq!(decode(b"Copyright \xa9 2020 \x93A\x94").text, "Copyright © 2020 “A”");
        assert_eq!(decode(b"a\rb").text, "a\nb");
        assert_eq!(decode(b"a\r\nb").text, "a\r\nb");
        assert!(decode(b"\x7fELF\0\0").binary);
        assert_eq!(decode(b"\xff\xfe\0\xd8x").text, "\u{fffd}");
        assert_eq!(decode(b"").text, "");
    }
}
