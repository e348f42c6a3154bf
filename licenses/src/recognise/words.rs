//! A text as words that can be compared.
//!
//! Case, punctuation, quotes, white space, HTML and comment leaders do not matter; list marks at the beginning of a line and
//! copyright lines are left out, as the SPDX matching guidelines have it.

use super::copyright;
use super::index::Index;

/// The id of a word that no licence of the index uses.
pub(crate) const UNKNOWN: u16 = u16::MAX;

/// One word as found in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// Hash of the word in lower case.
    pub(crate) hash: u64,
    pub(crate) line: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A word's place.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: u32,
    start: u32,
    end: u32,
}

/// The words of a text, without its copyright lines, as ids of the index.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    text: &'a str,
    /// Ids in order of the text.
    pub(crate) ids: Vec<u16>,
    places: Vec<Place>,
}

impl<'a> Words<'a> {
    /// Splits a text.
    pub(crate) fn of(text: &'a str, index: &Index) -> Self {
        let room = text.len() / 6;
        let mut words = Self { text, ids: Vec::with_capacity(room), places: Vec::with_capacity(room) };
        tokens(text, |token| {
            words.ids.push(index.word(token.hash));
            words.places.push(Place { line: token.line, start: token.start, end: token.end });
        });
        words
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Line of a word, from 1.
    pub(crate) fn line(&self, index: usize) -> u32 {
        self.places.get(index).map_or(1, |place| place.line)
    }

    /// The word itself, as written.
    pub(crate) fn written(&self, index: usize) -> &'a str {
        self.places.get(index).map_or("", |place| &self.text[place.start as usize..place.end as usize])
    }

    /// The word in lower case.
    pub(crate) fn lower(&self, index: usize) -> String {
        self.written(index).to_lowercase()
    }

    /// Whether nothing but a dot stands between a word and the next: `2.1`.
    pub(crate) fn joined_by_dot(&self, index: usize) -> bool {
        match (self.places.get(index), self.places.get(index + 1)) {
            (Some(one), Some(two)) => self.text.get(one.end as usize..two.start as usize) == Some("."),
            _ => false,
        }
    }

    /// Whether a plus sign follows a word: `GPL-2.0+`.
    pub(crate) fn followed_by_plus(&self, index: usize) -> bool {
        self.places.get(index).is_some_and(|place| self.text[place.end as usize..].starts_with('+'))
    }

    /// What stands between a word and the one before it: white space, marks, a copyright notice that was set apart.
    pub(crate) fn before(&self, index: usize) -> &'a str {
        let start =
            index.checked_sub(1).and_then(|before| self.places.get(before)).map_or(0, |place| place.end);
        let end = self.places.get(index).map_or(self.text.len(), |place| place.start as usize);
        self.text.get(start as usize..end).unwrap_or_default()
    }

    /// Whether a word is the first of its line.
    pub(crate) fn starts_line(&self, index: usize) -> bool {
        index == 0 || self.line(index) != self.line(index - 1)
    }

    /// What stands behind a word, up to the next one.
    pub(crate) fn after(&self, index: usize) -> &'a str {
        self.before(index + 1)
    }

    /// Whether a sentence or paragraph ends before a word.
    pub(crate) fn ends_sentence(&self, index: usize) -> bool {
        let before = self.before(index);
        let stop = before.starts_with(['.', '!', '?', ':']) && before.len() > 1;
        stop || before.bytes().filter(|byte| *byte == b'\n').count() > 1
    }

    /// Words `from..to` as written, at most `most` of them.
    pub(crate) fn phrase(&self, from: usize, to: usize, most: usize) -> String {
        let end = to.min(from + most);
        let mut phrase: Vec<&str> = (from..end).map(|index| self.written(index)).collect();
        if end < to {
            phrase.push("…");
        }
        phrase.join(" ")
    }
}

/// Hands out the words of a text in order.
pub(crate) fn tokens(text: &str, mut take: impl FnMut(Token)) {
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    let mut number = 0;
    let (mut after_notice, mut in_tag) = (false, false);
    while let Some(line) = lines.next() {
        number += 1;
        // An HTML tag that was begun on the line before.
        let from = if in_tag { line.find('>').map_or(0, |end| end + 1) } else { 0 };
        let (line, at) = (&line[from..], offset + from);
        offset = at + line.len();
        let notice = copyright::notice_in(line);
        let (start, end) = match notice {
            Some((start, end)) => (start, end),
            // A notice that was wrapped goes on in a short line before a blank one.
            None if after_notice
                && lines.peek().is_none_or(|next| !next.contains(char::is_alphanumeric))
                && line.split_whitespace().count() <= 6 =>
            {
                (0, line.len())
            }
            None => (0, 0),
        };
        in_tag = false;
        if start > 0 {
            line_tokens(&line[..start], at, number, &mut take);
        }
        if end < line.len() {
            in_tag = line_tokens(&line[end..], at + end, number, &mut take);
        }
        after_notice =
            notice.is_some_and(|(_, end)| end == line.len()) && !line.trim_end().ends_with(['.', '"', '”']);
    }
}

/// The hashes of all words, those of copyright notices too.
pub(crate) fn all(text: &str) -> Vec<u64> {
    let mut hashes = Vec::new();
    for line in text.lines() {
        line_tokens(line, 0, 0, &mut |token: Token| hashes.push(token.hash));
    }
    hashes
}

/// The words of a text in lower case.
pub fn lower_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    tokens(text, |token| words.push(fold(&text[token.start as usize..token.end as usize])));
    words
}

/// Where each word of a text begins, in bytes, and its hash.
pub fn places(text: &str) -> (Vec<usize>, Vec<u64>) {
    let (mut starts, mut hashes) = (Vec::new(), Vec::new());
    tokens(text, |token| {
        starts.push(token.start as usize);
        hashes.push(token.hash);
    });
    (starts, hashes)
}

/// The words of a line. Returns whether the line ends inside an HTML tag.
fn line_tokens(line: &str, offset: usize, number: u32, take: &mut impl FnMut(Token)) -> bool {
    let bytes = line.as_bytes();
    let mut at = line_start(line);
    while at < bytes.len() {
        let byte = bytes[at];
        let escape = if byte == b'\\' { escaped(&line[at..]) } else { None };
        let begins = escape.is_some_and(|letter| letter.is_alphabetic() && !is_ideograph(letter));
        if byte.is_ascii_alphanumeric() || byte >= 0x80 || begins {
            let (end, hash) = word(line, at);
            if end == at {
                // A character that is no letter, or one that joins.
                at += line[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            take(Token { hash, line: number, start: (offset + at) as u32, end: (offset + end) as u32 });
            at = end;
        } else if let Some(letter) = escape.filter(|letter| is_ideograph(*letter)) {
            let hash = lower_step(SEED, letter);
            take(Token {
                hash,
                line: number,
                start: (offset + at) as u32,
                end: (offset + at + ESCAPE) as u32,
            });
            at += ESCAPE;
        } else if byte == b'<' && opens_tag(&line[at..]) {
            return true;
        } else {
            at += separator(line, at);
        }
    }
    false
}

/// Whether a tag with attributes begins here and does not end on this line: `<span style="text-decoration:`.
fn opens_tag(text: &str) -> bool {
    let inner = &text[1..];
    let name = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    (1..=10).contains(&name)
        && inner[name..].starts_with(' ')
        && inner.contains('=')
        && !inner.contains('>')
        && TAGS.contains(&inner[..name].to_ascii_lowercase().as_str())
}

/// The length of an escaped character: `\u8bb8`.
const ESCAPE: usize = 6;

/// A character escaped as in JSON (RFC 8259, section 7): `\u8bb8`.
fn escaped(text: &str) -> Option<char> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// The length of what stands between words at a place: an HTML tag or entity, an escape, the target of a link, a mark.
fn separator(line: &str, at: usize) -> usize {
    let rest = &line[at..];
    let bytes = rest.as_bytes();
    match bytes[0] {
        b'<' => tag_len(rest),
        b'&' => {
            let end = bytes.iter().take(10).position(|byte| *byte == b';');
            let entity =
                |end: &usize| bytes[1..*end].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
            end.filter(entity).map_or(1, |end| end + 1)
        }
        // A text inside a JSON string: `\n` is a line end, not a letter.
        b'\\' => match bytes.get(1) {
            Some(b'n' | b'r' | b't' | b'\\' | b'"') => 2,
            Some(b'u') if bytes.len() >= 6 && bytes[2..6].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => 1,
        },
        b']' if bytes.get(1) == Some(&b'(') => {
            let end = bytes.iter().take(300).position(|byte| *byte == b')' || byte.is_ascii_whitespace());
            end.filter(|end| bytes[*end] == b')').map_or(1, |end| end + 1)
        }
        _ => 1,
    }
}

/// End and hash of the word at a place; the place itself if no word begins there.
///
/// `non-` and `sub-` are written with and without the hyphen: both are one word. Every character of a script without
/// spaces between words is a word of its own.
fn word(line: &str, start: usize) -> (usize, u64) {
    let bytes = line.as_bytes();
    let mut hash = SEED;
    let mut at = start;
    let mut joined = false;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_alphanumeric() {
            hash = step(hash, byte.to_ascii_lowercase());
            at += 1;
        } else if byte < 0x80 {
            let prefix = !joined && at == start + 3 && byte == b'-';
            if prefix
                && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
                && (line[start..at].eq_ignore_ascii_case("non")
                    || line[start..at].eq_ignore_ascii_case("sub"))
            {
                joined = true;
                at += 1;
            } else if let Some(letter) = escaped(&line[at..]).filter(|letter| letter.is_alphabetic())
                && !is_ideograph(letter)
            {
                hash = letter_step(hash, letter);
                at += ESCAPE;
            } else {
                break;
            }
        } else {
            let character = line[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
            if matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') && at > start
            {
                at += character.len_utf8();
                continue;
            }
            if !character.is_alphanumeric() {
                break;
            }
            if is_ideograph(character) {
                if at == start {
                    hash = lower_step(hash, character);
                    at += character.len_utf8();
                }
                break;
            }
            hash = letter_step(hash, character);
            at += character.len_utf8();
        }
    }
    (at, hash)
}

/// Chinese, Japanese and Korean characters (Unicode blocks Kana to Hangul, and the planes of rarer ideographs).
fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// A letter, those that are written as two in upper case or in another font as two.
fn letter_step(hash: u64, character: char) -> u64 {
    let two: &[u8] = match character {
        'ß' | 'ẞ' => b"ss",
        '\u{fb00}' => b"ff",
        '\u{fb01}' => b"fi",
        '\u{fb02}' => b"fl",
        _ => return lower_step(hash, character),
    };
    two.iter().fold(hash, |hash, byte| step(hash, *byte))
}

fn lower_step(hash: u64, character: char) -> u64 {
    let mut buffer = [0; 4];
    character.to_lowercase().fold(hash, |hash, lower| lower.encode_utf8(&mut buffer).bytes().fold(hash, step))
}

/// Where the words of a line begin: behind comment leaders and list marks.
fn line_start(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut at = skip_marks(bytes, 0);
    for leader in ["dnl ", "rem ", "REM ", "Rem "] {
        if line.get(at..).is_some_and(|rest| rest.starts_with(leader)) {
            at = skip_marks(bytes, at + leader.len());
        }
    }
    // At most three marks in a row: "1. (a)".
    for _ in 0..3 {
        match list_mark(line, at) {
            Some(end) => at = skip_marks(bytes, end),
            None => break,
        }
    }
    at
}

/// Skips what no word, tag, entity or escape begins with.
fn skip_marks(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len()
        && !bytes[at].is_ascii_alphanumeric()
        && bytes[at] < 0x80
        && !matches!(bytes[at], b'<' | b'&' | b'\\' | b'(' | b'[')
    {
        at += 1;
    }
    at
}

/// The end of a list mark: `1.`, `a)`, `(iv)`, `[2]`, `1.1` before a heading.
fn list_mark(line: &str, start: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let open = matches!(bytes.get(start), Some(b'(' | b'['));
    let mut at = start + usize::from(open);
    let from = at;
    while at < bytes.len() && bytes[at].is_ascii_alphanumeric() && at - from < 5 {
        at += 1;
    }
    let label = &bytes[from..at];
    let digits = label.iter().all(u8::is_ascii_digit);
    let roman = label.iter().all(|byte| matches!(byte.to_ascii_lowercase(), b'i' | b'v' | b'x'));
    let is_label = match label.len() {
        0 => false,
        1 => true,
        2 => digits || roman,
        3 | 4 => roman,
        _ => false,
    };
    if !is_label {
        return None;
    }
    let space = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
    match bytes.get(at) {
        Some(b')' | b']') if open => Some(at + 1),
        Some(b')') if space(at + 1) => Some(at + 1),
        Some(b'.') if !open && space(at + 1) => Some(at + 1),
        // `1.1 Definitions`, but not `2.0 of the License`.
        Some(b'.') if !open && digits => {
            let second = at + 1;
            let mut end = second;
            while bytes.get(end).is_some_and(u8::is_ascii_digit) && end - second < 2 {
                end += 1;
            }
            let dot = usize::from(bytes.get(end) == Some(&b'.'));
            let heading = line[(end + dot).min(line.len())..]
                .trim_start()
                .starts_with(|next: char| next.is_uppercase() || matches!(next, '"' | '“' | '\'' | '*'));
            (end > second && space(end + dot) && (dot == 1 || heading)).then_some(end + dot)
        }
        _ => None,
    }
}

/// The length of an HTML tag or comment mark at the start of a text, or 1 for a mere `<`.
fn tag_len(text: &str) -> usize {
    match text.bytes().take(200).position(|byte| byte == b'>') {
        Some(end) if !text[..end].contains('\n') => {
            let inner = text[1..end].trim_start_matches('/');
            // `<http://…>`, `<name@example.org>` and a template's blank `<year>` are text.
            let name = inner.split([' ', '/']).next().unwrap_or_default().to_ascii_lowercase();
            let is_tag = TAGS.contains(&name.as_str()) || inner.starts_with("!--");
            if is_tag { end + 1 } else { 1 }
        }
        _ => 1,
    }
}

/// Elements of HTML (WHATWG, HTML Living Standard) that licence texts are written with.
const TAGS: &[&str] = &[
    "a", "abbr", "address", "article", "b", "blockquote", "body", "br", "center", "cite", "code", "dd",
    "div", "dl", "dt", "em", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr",
    "html", "i", "img", "li", "link", "main", "meta", "nav", "ol", "p", "pre", "s", "section", "small",
    "span", "strong", "style", "sub", "sup", "table", "tbody", "td", "th", "thead", "title", "tr", "tt", "u",
    "ul",
];

/// Offset basis of FNV-1a, 64 bits (Fowler, Noll, Vo): stable across machines and versions, which the index needs.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// The word in lower case, without the hyphen of `non-` and `sub-`.
fn fold(word: &str) -> String {
    word.to_lowercase().replace(['-', '\u{ad}'], "").replace('ß', "ss")
}

/// The hash of a word that is in lower case.
pub fn hash(word: &str) -> u64 {
    word.bytes().fold(SEED, step)
}

/// The hash of a word in lower case, letter by letter.
pub(crate) fn hash_of(letters: &[char]) -> u64 {
    let mut buffer = [0; 4];
    letters.iter().fold(SEED, |hash, letter| letter.encode_utf8(&mut buffer).bytes().fold(hash, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_does_not_matter() {
        let plain = lower_words("The License, \"as is\" - see http://x.org");
        for variant in [
            "// THE LICENSE, ‘as is’\n// see http://x.org",
            "<p>The <b>license</b> &mdash; as is: see\nhttp://x.org</p>",
            "\"The license\\nas is\\n\\nsee http://x.org\"",
            "dnl The li\u{ad}cense\ndnl as is\ndnl see http://x.org",
            "1. The License as is\n   (b) see http://x.org",
        ] {
            assert_eq!(lower_words(variant), plain, "{variant}");
        }
    }

    #[test]
    fn every_word_has_its_own_hash_and_variants_of_layout_have_one() {
        let hashes = |text: &str| {
            let mut hashes = Vec::new();
            tokens(text, |token| hashes.push(token.hash));
            hashes
        };
        assert_eq!(hashes("non-infringement ﬁle É"), hashes("NONINFRINGEMENT file é"));
        assert_eq!(hashes("许可证").len(), 3);
        assert_eq!(hashes("one"), [hash("one")]);
        assert_ne!(hashes("one"), hashes("two"));
    }

    #[test]
    fn list_marks_go_and_numbers_stay() {
        assert_eq!(lower_words("1.1 \"Contributor\" means"), ["contributor", "means"]);
        assert_eq!(lower_words("2.0 of the"), ["2", "0", "of", "the"]);
        assert_eq!(lower_words("(iv) the"), ["the"]);
        assert_eq!(lower_words("a. You"), ["you"]);
        assert_eq!(lower_words("You (a) may 100. Then"), ["you", "a", "may", "100", "then"]);
        assert_eq!(lower_words("[text](https://example.org/x) after"), ["text", "after"]);
    }

    #[test]
    fn copyright_lines_are_set_apart_and_lines_are_kept() {
        let mut lines = Vec::new();
        tokens("MIT License\n\nCopyright (c) 2023 DeepSeek\n\nPermission is", |token| lines.push(token.line));
        assert_eq!(lines, [1, 1, 5, 5]);
    }
}
