//! From bytes to text.
//!
//! Nobody says in which encoding a licence file is: a byte order mark does, or the bytes themselves have to. What was
//! assumed is part of the answer, and bytes that are no text are never read as some.

/// A file's bytes as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark; a lone carriage return (old Mac line end) is a line feed. Empty unless
    /// `content` is [`Content::Text`].
    pub text: String,
    /// What the bytes are.
    pub content: Content,
    /// How many places of the text do not follow its encoding: stray NULs (read as spaces), unpaired surrogates and cut
    /// characters (read as U+FFFD), single bytes of Windows-1252 in UTF-8 (read as such).
    pub faults: usize,
}

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// Text, in the encoding that was found or assumed.
    Text(Encoding),
    /// A document whose text lies inside a format that is not read.
    Document(Document),
    /// No text, and no document that is known.
    Binary,
}

/// Encodings of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// UTF-8, ASCII included.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// UTF-32, low byte first.
    Utf32Le,
    /// UTF-32, high byte first.
    Utf32Be,
    /// Windows-1252, of which Latin-1 is a part: what bytes are assumed to be that are no UTF and mostly ASCII.
    Windows1252,
    /// None of these: bytes that are no UTF and mostly not ASCII (GBK, Shift JIS, KOI8 …). They are read as Windows-1252,
    /// which leaves the ASCII words right and the others wrong.
    Unknown,
}

/// Formats of documents that hold text, and are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are spelled out in Document::name")]
pub enum Document {
    Pdf,
    Docx,
    Doc,
    Odt,
    Rtf,
    PostScript,
}

impl Encoding {
    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Utf32Le => "UTF-32LE",
            Self::Utf32Be => "UTF-32BE",
            Self::Windows1252 => "Windows-1252",
            Self::Unknown => "unknown",
        }
    }
}

impl Document {
    /// What it is, for people: "a PDF document".
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF document",
            Self::Docx => "a Word document (DOCX)",
            Self::Doc => "an old Office document (DOC)",
            Self::Odt => "an OpenDocument text (ODT)",
            Self::Rtf => "a rich-text document (RTF)",
            Self::PostScript => "a PostScript document",
        }
    }
}

/// Decodes bytes.
///
/// In this order: documents by their first bytes; byte order marks; UTF-8; then, where there are NULs, UTF-8 with stray
/// NULs, UTF-32 and UTF-16 by where the NULs stand; then Windows-1252. Bytes among which control characters are common
/// are binary. Time and memory are linear; there is no input that is refused.
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some(document) = document(bytes) {
        return Decoded { text: String::new(), content: Content::Document(document), faults: 0 };
    }
    // The mark of UTF-32 begins like that of UTF-16.
    let marks: [(&[u8], Encoding); 4] = [
        (b"\xff\xfe\0\0", Encoding::Utf32Le),
        (b"\0\0\xfe\xff", Encoding::Utf32Be),
        (b"\xff\xfe", Encoding::Utf16Le),
        (b"\xfe\xff", Encoding::Utf16Be),
    ];
    for (mark, encoding) in marks {
        let Some(rest) = bytes.strip_prefix(mark) else { continue };
        if encoding == Encoding::Utf32Le && !rest.len().is_multiple_of(4) {
            continue;
        }
        let wide = Wide::of(rest, encoding);
        return if wide.is_garbage() { Decoded::binary() } else { wide.decoded(encoding) };
    }
    match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => with_nuls(rest, true),
        None => with_nuls(bytes, false),
    }
}

impl Decoded {
    fn text(text: String, encoding: Encoding, faults: usize) -> Self {
        Self { text: line_ends(text), content: Content::Text(encoding), faults }
    }

    fn binary() -> Self {
        Self { text: String::new(), content: Content::Binary, faults: 0 }
    }

    /// The encoding, if this is text.
    pub fn encoding(&self) -> Option<Encoding> {
        match self.content {
            Content::Text(encoding) => Some(encoding),
            Content::Document(_) | Content::Binary => None,
        }
    }
}

/// Documents by their first bytes.
fn document(bytes: &[u8]) -> Option<Document> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if start.starts_with(b"%PDF-") {
        return Some(Document::Pdf);
    }
    if start.starts_with(b"%!PS") {
        return Some(Document::PostScript);
    }
    if start.starts_with(b"{\\rtf") {
        return Some(Document::Rtf);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(Document::Doc);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        // OpenDocument asks for its type to be the first entry, and not to be compressed; Word has a folder `word/`.
        let holds = |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
        if holds(&bytes[..bytes.len().min(200)], b"application/vnd.oasis.opendocument.text") {
            return Some(Document::Odt);
        }
        return holds(bytes, b"word/").then_some(Document::Docx);
    }
    None
}

/// Bytes of at least this share are control characters: no text. Compressed data has a tenth.
const CONTROLS: usize = 50;

/// UTF-8, or an encoding with a byte for a character. `faults` are those that were mended before.
fn bytewise(bytes: &[u8], faults: usize) -> Decoded {
    let controls = bytes.iter().filter(|byte| is_odd_control(u32::from(**byte))).count();
    if let Ok(text) = std::str::from_utf8(bytes) {
        return match controls * 5 > bytes.len() {
            true => Decoded::binary(),
            false => Decoded::text(text.to_owned(), Encoding::Utf8, faults),
        };
    }
    if controls * CONTROLS > bytes.len() {
        return Decoded::binary();
    }
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    if valid > 0 && valid >= invalid {
        // UTF-8 into which a line of another encoding was pasted, or that was cut inside a character.
        let mut text = String::with_capacity(bytes.len());
        let mut rest = bytes.len();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            rest -= chunk.valid().len() + chunk.invalid().len();
            match chunk.invalid() {
                [byte] if *byte >= 0xa0 && rest > 0 => text.push(windows_1252(*byte)),
                [] => {}
                _ => text.push(char::REPLACEMENT_CHARACTER),
            }
        }
        return Decoded::text(text, Encoding::Utf8, faults + invalid);
    }
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    // German and French have a twentieth of them; every alphabet but the Latin one has more than half.
    let encoding = if high * 4 > bytes.len() { Encoding::Unknown } else { Encoding::Windows1252 };
    Decoded::text(bytes.iter().map(|byte| windows_1252(*byte)).collect(), encoding, faults)
}

/// Bytes that may hold NULs, without the mark of a wide encoding; `marked` if they had that of UTF-8.
fn with_nuls(bytes: &[u8], marked: bool) -> Decoded {
    if !bytes.contains(&0) {
        return bytewise(bytes, 0);
    }
    // Padding at the end, or a NUL here and there: the bytes are what they are without them. This goes first, because
    // pairs of ASCII letters are Chinese characters in UTF-16.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let inside = bytes[..end].iter().filter(|byte| **byte == 0).count();
    let mended: Vec<u8> = bytes[..end].iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect();
    // With other control characters besides, it was no text.
    let is_stray =
        end > 0 && inside * 8 <= end && !mended.iter().any(|byte| is_odd_control(u32::from(*byte)));
    let nuls = inside + bytes.len() - end;
    let ascii = mended.iter().filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).count();
    let is_plain = marked || ascii * 5 >= mended.len() * 4 || std::str::from_utf8(&mended).is_ok();
    if is_stray && is_plain {
        return bytewise(&mended, nuls);
    }
    if marked {
        return Decoded::binary();
    }
    let encodings = [Encoding::Utf32Le, Encoding::Utf32Be, Encoding::Utf16Le, Encoding::Utf16Be];
    let best = encodings
        .into_iter()
        .map(|encoding| (Wide::of(bytes, encoding), encoding))
        .filter(|(wide, _)| wide.is_plainly_text())
        .max_by_key(|(wide, _)| wide.usual * 1000 / wide.all.max(1));
    if let Some((wide, encoding)) = best {
        return wide.decoded(encoding);
    }
    if is_stray { bytewise(&mended, nuls) } else { Decoded::binary() }
}

/// Text in units of two or four bytes.
struct Wide {
    text: String,
    all: usize,
    /// Characters of scripts and signs that licences are written in.
    usual: usize,
    /// Units that are no character.
    faults: usize,
    controls: usize,
}

impl Wide {
    fn of(bytes: &[u8], encoding: Encoding) -> Self {
        let mut wide = Self { text: String::new(), all: 0, usual: 0, faults: 0, controls: 0 };
        let width = match encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => {
                let unit = match encoding {
                    Encoding::Utf16Le => u16::from_le_bytes,
                    _ => u16::from_be_bytes,
                };
                let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
                char::decode_utf16(units).for_each(|decoded| wide.push(decoded.ok()));
                2
            }
            _ => {
                let unit = match encoding {
                    Encoding::Utf32Le => u32::from_le_bytes,
                    _ => u32::from_be_bytes,
                };
                for four in bytes.chunks_exact(4) {
                    wide.push(char::from_u32(unit([four[0], four[1], four[2], four[3]])));
                }
                4
            }
        };
        if !bytes.len().is_multiple_of(width) {
            wide.push(None);
        }
        wide
    }

    fn push(&mut self, character: Option<char>) {
        self.all += 1;
        match character {
            None => {
                self.faults += 1;
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
            Some('\0') => {
                self.faults += 1;
                self.text.push(' ');
            }
            Some(character) => {
                self.controls += usize::from(is_odd_control(u32::from(character)));
                self.usual += usize::from(is_usual(character));
                self.text.push(character);
            }
        }
    }

    /// Whether the characters themselves show that the encoding is right. Random units pass for usual characters in every
    /// second case.
    fn is_plainly_text(&self) -> bool {
        self.usual * 100 >= self.all * 95
    }

    /// Whether this is no text in spite of its byte order mark.
    fn is_garbage(&self) -> bool {
        self.all > 16 && (self.faults + self.controls) * 5 > self.all
    }

    fn decoded(self, encoding: Encoding) -> Decoded {
        Decoded::text(self.text, encoding, self.faults)
    }
}

/// Latin, Greek, Cyrillic, Hebrew and Arabic letters, general punctuation, the signs of currencies and trade marks,
/// Chinese, Japanese and Korean.
fn is_usual(character: char) -> bool {
    match u32::from(character) {
        code if is_odd_control(code) => false,
        0x80..=0x9f => false,
        code => matches!(code,
            0x9..=0x24f | 0x370..=0x52f | 0x590..=0x6ff | 0x2000..=0x206f | 0x20a0..=0x20bf | 0x2100..=0x214f
            | 0x3000..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xff00..=0xffef | 0x20000..=0x2ffff),
    }
}

/// Control characters that no text holds: all but tabulators, line and page ends, ESC and the DOS end of file.
fn is_odd_control(code: u32) -> bool {
    matches!(code, 0..=0x8 | 0xe..=0x19 | 0x1c..=0x1f | 0x7f)
}

/// Lone CRs that outnumber the line feeds are line ends of an old Mac. CR LF stays, so that offsets do.
fn line_ends(text: String) -> String {
    let feeds = text.bytes().filter(|byte| *byte == b'\n').count();
    let returns = text.bytes().filter(|byte| *byte == b'\r').count();
    // Each CR LF has one of both.
    if returns <= feeds {
        return text;
    }
    let pairs = text.as_bytes().windows(2).filter(|pair| pair == b"\r\n").count();
    if returns - pairs <= feeds {
        return text;
    }
    let mut mended = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        mended.push(match character {
            '\r' if characters.peek() != Some(&'\n') => '\n',
            _ => character,
        });
    }
    mended
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

    const SAMPLE: &str =
        "Copyright © 2020 “A”, Zürich\n\nPermission is hereby granted, 特此免费授予任何人。\n";

    fn wide<const N: usize>(units: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
        units.flatten().collect()
    }

    fn encodings(text: &str) -> Vec<(Encoding, Vec<u8>, &'static [u8])> {
        vec![
            (Encoding::Utf8, text.as_bytes().to_vec(), b"\xef\xbb\xbf"),
            (Encoding::Utf16Le, wide(text.encode_utf16().map(u16::to_le_bytes)), b"\xff\xfe"),
            (Encoding::Utf16Be, wide(text.encode_utf16().map(u16::to_be_bytes)), b"\xfe\xff"),
            (Encoding::Utf32Le, wide(text.chars().map(|c| u32::from(c).to_le_bytes())), b"\xff\xfe\0\0"),
            (Encoding::Utf32Be, wide(text.chars().map(|c| u32::from(c).to_be_bytes())), b"\0\0\xfe\xff"),
        ]
    }

    #[test]
    fn every_encoding_is_told_with_and_without_its_mark() {
        for text in
            [SAMPLE, "MIT License\n", "本许可证\n特此免费授予任何人一份许可，条件如下。\n", "Лицензия\n"]
        {
            for (encoding, bytes, mark) in encodings(text) {
                let plain = decode(&bytes);
                assert_eq!(plain.content, Content::Text(encoding), "{text}");
                assert_eq!((plain.text.as_str(), plain.faults), (text, 0));
                assert_eq!(decode(&[mark, &bytes].concat()), plain);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_utf_are_assumed_to_be_windows_1252() {
        let decoded = decode(b"Copyright \xa9 2020 \x93A\x94");
        assert_eq!(decoded.text, "Copyright © 2020 “A”");
        assert_eq!((decoded.content, decoded.faults), (Content::Text(Encoding::Windows1252), 0));
        // "License agreement" in GBK.
        let gbk = decode(b"\xd0\xed\xbf\xc9\xd0\xad\xd2\xe9 MIT");
        assert_eq!(gbk.content, Content::Text(Encoding::Unknown));
        assert!(gbk.text.ends_with(" MIT"));
        // One line of Latin-1 in UTF-8.
        let mixed = decode(b"Z\xc3\xbcrich \xa9 2020");
        assert_eq!((mixed.text.as_str(), mixed.faults), ("Zürich © 2020", 1));
        assert_eq!(mixed.content, Content::Text(Encoding::Utf8));
    }

    #[test]
    fn line_ends_of_all_machines() {
        assert_eq!(decode(b"a\rb\rc").text, "a\nb\nc");
        assert_eq!(decode(b"a\r\nb\r\n").text, "a\r\nb\r\n");
        assert_eq!(decode(b"a\rb\rc\n").text, "a\nb\nc\n");
        assert_eq!(decode(b"a\r\r\nb\r\r\n").text, "a\r\r\nb\r\r\n");
        assert_eq!(decode(b"\xff\xfea\0\r\0b\0").text, "a\nb");
    }

    #[test]
    fn faults_are_counted_and_do_no_harm() {
        for (bytes, text, faults) in [
            (&b"MIT License\0\0\0"[..], "MIT License", 3),
            (b"Permission\0is hereby granted", "Permission is hereby granted", 1),
            (b"\xa9 2020 Permission\0is hereby granted", "© 2020 Permission is hereby granted", 1),
            (b"\xef\xbb\xbfas you want\0 and do \x88 not claim", "as you want  and do ˆ not claim", 1),
            (b"\xff\xfe\0\xd8x", "\u{fffd}\u{fffd}", 2),
            (b"\xff\xfe\0\xd8x\0", "\u{fffd}x", 1),
            (b"\xfe\xff\0M\0\0\0T", "M T", 1),
            (b"\xff\xfe", "", 0),
            (b"", "", 0),
            (b"\xc3\xa9\xc3", "é\u{fffd}", 1),
        ] {
            let decoded = decode(bytes);
            assert_eq!((decoded.text.as_str(), decoded.faults), (text, faults), "{bytes:?}");
            assert!(decoded.encoding().is_some());
        }
    }

    #[test]
    fn documents_and_binaries_are_no_text() {
        for (bytes, document) in [
            (&b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"[..], Document::Pdf),
            (b"\n%PDF-1.4 MIT License", Document::Pdf),
            (b"PK\x03\x04\x14\0\x06\0 [Content_Types].xml word/document.xml", Document::Docx),
            (b"PK\x03\x04\x14\0 mimetypeapplication/vnd.oasis.opendocument.textPK", Document::Odt),
            (b"{\\rtf1\\ansi MIT License}", Document::Rtf),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", Document::Doc),
            (b"%!PS-Adobe-3.0\n", Document::PostScript),
        ] {
            let decoded = decode(bytes);
            assert_eq!(decoded.content, Content::Document(document));
            assert_eq!((decoded.text.as_str(), decoded.encoding()), ("", None));
        }
        let random: Vec<u8> = (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let no_nuls: Vec<u8> = random.iter().copied().filter(|byte| *byte != 0).collect();
        for bytes in [
            &b"\x7fELF\0\0"[..],
            b"\0",
            b"\0\0\0\x01\0\0\xff\xfe\0",
            b"\x01",
            b"PK\x03\x04\0\0 other",
            &random,
            &no_nuls,
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        ] {
            assert_eq!(decode(bytes), Decoded::binary(), "{:?}", &bytes[..bytes.len().min(20)]);
        }
    }
}
