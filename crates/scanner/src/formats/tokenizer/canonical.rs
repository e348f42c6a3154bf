//! The bytes that a token stands for, so that formats compare.
//!
//! Sources: GPT-2's `encoder.py` (`bytes_to_unicode`) for the byte-level alphabet; sentencepiece's README and
//! `sentencepiece_model.proto` for `U+2581` and byte pieces; BERT's `tokenization.py` for `##`.

/// How the tokens of a vocabulary are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alphabet {
    /// GPT-2's: each byte is one of 256 printable characters, a space is `U+0120`.
    ByteLevel,
    /// Sentencepiece's: `U+2581` is a space, `<0xNN>` a byte.
    Pieces,
    /// BERT's: `##x` goes on with a word, everything else begins one. A beginning gets a space in front, because that is how the
    /// other alphabets write it.
    WordPiece,
}

/// The canonical bytes of a token; `buffer` holds them where they are not the token's own.
pub(crate) fn canonical<'a>(token: &'a [u8], alphabet: Alphabet, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    buffer.clear();
    match alphabet {
        Alphabet::ByteLevel => {
            if token.is_ascii() || !byte_level(token, buffer) {
                return token;
            }
        }
        Alphabet::Pieces => {
            if let [b'<', b'0', b'x', high, low, b'>'] = token
                && let (Some(high), Some(low)) = (digit(*high), digit(*low))
            {
                buffer.push(high << 4 | low);
                return buffer;
            }
            if token.is_ascii() {
                return token;
            }
            let mut rest = token;
            while let Some((first, after)) = rest.split_first() {
                if let Some(behind) = rest.strip_prefix(LOWER_BLOCK) {
                    buffer.push(b' ');
                    rest = behind;
                } else {
                    buffer.push(*first);
                    rest = after;
                }
            }
        }
        Alphabet::WordPiece => match token.strip_prefix(b"##") {
            Some(rest) if !rest.is_empty() => return rest,
            _ => {
                buffer.push(b' ');
                buffer.extend_from_slice(token);
            }
        },
    }
    buffer
}

/// Whether a token is a place for one to come: `[unused12]` of BERT, `<unused12>` of Gemma. No format marks all of them as special,
/// so they are left out by their text.
pub(crate) fn is_unused(token: &[u8]) -> bool {
    let within = |open: &[u8], close: &[u8]| {
        let number = token.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
    };
    within(b"[unused", b"]") || within(b"<unused", b">")
}

/// `U+2581` in UTF-8.
const LOWER_BLOCK: &[u8] = b"\xe2\x96\x81";

/// Whether a token holds sentencepiece's sign for a space.
pub(crate) fn has_lower_block(token: &[u8]) -> bool {
    token.windows(3).any(|window| window == LOWER_BLOCK)
}

/// Whether a token holds a character of the byte-level alphabet that stands for a space, control character or `0x7f` to `0xa0`.
pub(crate) fn has_byte_level_mark(token: &[u8]) -> bool {
    // U+0100 to U+0143 begin with these bytes in UTF-8 (0xc5 goes on to U+017F, which does no harm to a majority).
    token.iter().any(|byte| matches!(byte, 0xc4 | 0xc5))
}

/// Undoes the byte-level alphabet; `false` if the token holds anything outside of it.
fn byte_level(token: &[u8], out: &mut Vec<u8>) -> bool {
    let mut bytes = token.iter().copied();
    while let Some(first) = bytes.next() {
        let code = match first {
            0..0x80 => u32::from(first),
            0xc2..=0xc5 => match bytes.next() {
                Some(second @ 0x80..0xc0) => u32::from(first & 0x1f) << 6 | u32::from(second & 0x3f),
                _ => return false,
            },
            _ => return false,
        };
        match code {
            0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => out.push(code as u8),
            // The other bytes in their order: 0 to 0x20, 0x7f to 0xa0, 0xad.
            0x100..=0x120 => out.push((code - 0x100) as u8),
            0x121..=0x142 => out.push((code - 0x121 + 0x7f) as u8),
            0x143 => out.push(0xad),
            _ => return false,
        }
    }
    true
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(token: &str, alphabet: Alphabet) -> Vec<u8> {
        canonical(token.as_bytes(), alphabet, &mut Vec::new()).to_vec()
    }

    #[test]
    fn one_word_is_the_same_in_every_alphabet() {
        for (token, alphabet) in [
            ("\u{120}caf\u{c3}\u{a9}", Alphabet::ByteLevel),
            ("\u{2581}caf\u{e9}", Alphabet::Pieces),
            ("caf\u{e9}", Alphabet::WordPiece),
        ] {
            assert_eq!(of(token, alphabet), " caf\u{e9}".as_bytes(), "{token}");
        }
        assert_eq!(of("##s", Alphabet::WordPiece), b"s");
        assert_eq!(of("##", Alphabet::WordPiece), b" ##");
        assert_eq!(of("<0xE9>", Alphabet::Pieces), [0xe9]);
        assert_eq!(of("<0xG9>", Alphabet::Pieces), b"<0xG9>");
    }

    /// The table as `bytes_to_unicode` builds it.
    #[test]
    fn the_byte_level_alphabet_is_that_of_gpt_2() {
        let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
        let mut next = 256;
        for byte in 0..256_u32 {
            let code = if printable(byte) {
                byte
            } else {
                next += 1;
                next - 1
            };
            let token = char::from_u32(code).unwrap().to_string();
            assert_eq!(of(&token, Alphabet::ByteLevel), [byte as u8]);
        }
        assert_eq!(next, 0x144);
        for outside in ["\u{144}", "\u{2581}a", "\u{120} ", "\u{ad}", "\u{4e2d}"] {
            assert_eq!(of(outside, Alphabet::ByteLevel), outside.as_bytes(), "left as it is");
        }
        assert_eq!(canonical(b"a\xc4", Alphabet::ByteLevel, &mut Vec::new()), b"a\xc4");
    }
}
