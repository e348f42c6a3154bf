//! JSON with places.
//!
//! Model repositories hold JSON written by Python, which allows `NaN` and `Infinity`; verdicts need the line and the bytes
//! of a key, and duplicate keys must not vanish. No library gives all of that within a budget of depth and nodes, so this
//! reader is our own. It is iterative, keeps what it read up to an error, and never panics.
//!
//! Grammar: RFC 8259, plus the three constants of Python's `json` module.

use forebear_types::ByteSpan;

/// Deepest nesting that is followed. Configurations nest less than ten levels.
const DEPTH: usize = 64;

/// Most values in one document: ten times the largest tokenizer configuration seen.
const NODES: usize = 200_000;

/// A document: values in an arena, the root first.
#[derive(Debug, Default)]
pub(crate) struct Json {
    pub(super) nodes: Vec<Node>,
    /// What was wrong, in order of the place.
    pub(crate) faults: Vec<Fault>,
}

/// Something wrong at a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line, from 1.
    pub(crate) line: u32,
    /// What, without a full stop.
    pub(crate) what: String,
    /// Whether reading stopped here.
    pub(crate) fatal: bool,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: ByteSpan,
    pub(super) line: u32,
}

#[derive(Debug)]
pub(super) enum Value {
    Null,
    Flag(bool),
    /// As written.
    Number(String),
    Text(String),
    Array(Vec<usize>),
    Object(Vec<Member>),
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    /// From the key's first byte to the value's last.
    pub(super) span: ByteSpan,
    pub(super) line: u32,
    pub(super) value: usize,
}

/// A value of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    json: &'a Json,
    node: usize,
    line: u32,
    span: ByteSpan,
}

impl Json {
    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Self {
        let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, line: 1, json: Self::default() };
        if let Err(what) = reader.document() {
            let line = reader.line;
            reader.json.faults.push(Fault { line, what, fatal: true });
        }
        reader.json
    }

    /// The root, if anything could be read.
    pub(crate) fn root(&self) -> Option<View<'_>> {
        let node = self.nodes.first()?;
        Some(View { json: self, node: 0, line: node.line, span: node.span })
    }
}

impl<'a> View<'a> {
    /// Line of the key, or of the value in an array.
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// The bytes of key and value.
    pub(crate) fn span(&self) -> ByteSpan {
        self.span
    }

    /// A member by its key; of duplicates the last, as Python's reader takes it.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.members().filter(|(name, _)| *name == key).map(|(_, view)| view).last()
    }

    /// The members of an object, in order, duplicates included.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let members: &'a [Member] = match self.value() {
            Value::Object(members) => members,
            _ => &[],
        };
        let json = self.json;
        members.iter().map(move |member| {
            (member.key.as_str(), View { json, node: member.value, line: member.line, span: member.span })
        })
    }

    /// Whether this is an object.
    pub(crate) fn is_object(&self) -> bool {
        matches!(self.value(), Value::Object(_))
    }

    /// Whether this is `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value(), Value::Null)
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> impl Iterator<Item = Self> + use<'a> {
        let items: &'a [usize] = match self.value() {
            Value::Array(items) => items,
            _ => &[],
        };
        let json = self.json;
        items.iter().map(move |node| {
            let Node { span, line, .. } = json.nodes[*node];
            View { json, node: *node, line, span }
        })
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.value() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number as written.
    pub(crate) fn number(&self) -> Option<&'a str> {
        match self.value() {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self.value() {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    fn value(&self) -> &'a Value {
        &self.json.nodes[self.node].value
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    line: u32,
    json: Json,
}

/// A container that is being read.
struct Open {
    node: usize,
    /// The key whose value comes next: text, offset, line.
    key: Option<(String, usize, u32)>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), String> {
        if self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        let mut stack: Vec<Open> = Vec::new();
        loop {
            self.space();
            // Inside an object a key comes first, or the end.
            if let Some(open) = stack.last()
                && open.key.is_none()
                && matches!(self.json.nodes[open.node].value, Value::Object(_))
            {
                if self.peek() == Some(b'}') && self.is_empty(open.node) {
                    self.at += 1;
                } else {
                    let (at, line) = (self.at, self.line);
                    let key = self.key()?;
                    if let Some(open) = stack.last_mut() {
                        open.key = Some((key, at, line));
                    }
                    continue;
                }
            } else if let Some(open) = stack.last()
                && self.peek() == Some(b']')
                && self.is_empty(open.node)
            {
                self.at += 1;
            } else {
                let node = self.begin_value()?;
                if matches!(self.json.nodes[node].value, Value::Array(_) | Value::Object(_)) {
                    if stack.len() >= DEPTH {
                        return Err(format!("the document nests deeper than {DEPTH} levels"));
                    }
                    stack.push(Open { node, key: None });
                    continue;
                }
                if stack.is_empty() {
                    return self.end();
                }
                self.attach(&mut stack, node);
                if self.more(&stack)? {
                    continue;
                }
            }
            // One or more containers end here.
            loop {
                let Some(done) = stack.pop() else {
                    return Err("the document ends in a wrong place".to_owned());
                };
                let start = self.json.nodes[done.node].span.start;
                self.json.nodes[done.node].span.len = self.at - start;
                if stack.is_empty() {
                    return self.end();
                }
                self.attach(&mut stack, done.node);
                if self.more(&stack)? {
                    break;
                }
            }
        }
    }

    /// After the root only white space may follow.
    fn end(&mut self) -> Result<(), String> {
        self.space();
        if self.at < self.bytes.len() {
            Err("there is text after the end of the document".to_owned())
        } else {
            Ok(())
        }
    }

    fn is_empty(&self, node: usize) -> bool {
        match &self.json.nodes[node].value {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        }
    }

    /// After a value in a container: a comma (more follows) or the end of the container.
    fn more(&mut self, stack: &[Open]) -> Result<bool, String> {
        self.space();
        let object =
            stack.last().is_some_and(|open| matches!(self.json.nodes[open.node].value, Value::Object(_)));
        let end = if object { b'}' } else { b']' };
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                if self.peek() == Some(end) {
                    return Err("a comma stands before the end of a list or object".to_owned());
                }
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(format!("expected `,` or `{}`", char::from(end))),
            None => Err("the document ends in the middle".to_owned()),
        }
    }

    fn attach(&mut self, stack: &mut [Open], node: usize) {
        let Some(open) = stack.last_mut() else { return };
        let end = self.json.nodes[node].span.start + self.json.nodes[node].span.len;
        match (&mut self.json.nodes[open.node].value, open.key.take()) {
            (Value::Array(items), _) => items.push(node),
            (Value::Object(members), Some((key, at, line))) => {
                if let Some(earlier) = members.iter().rev().take(512).find(|member| member.key == key) {
                    let what = format!(
                        "the key `{key}` stands twice (first on line {}); the last one counts",
                        earlier.line
                    );
                    self.json.faults.push(Fault { line, what, fatal: false });
                }
                members.push(Member {
                    key,
                    span: ByteSpan { start: at, len: end.saturating_sub(at) },
                    line,
                    value: node,
                });
            }
            _ => {}
        }
    }

    fn key(&mut self) -> Result<String, String> {
        if self.peek() != Some(b'"') {
            return Err(match self.peek() {
                None => "the document ends in the middle".to_owned(),
                Some(b'/' | b'#') => "JSON has no comments".to_owned(),
                Some(_) => "expected a key in double quotes".to_owned(),
            });
        }
        let key = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(format!("expected `:` after the key `{key}`"));
        }
        self.at += 1;
        Ok(key)
    }

    /// A scalar, or the opening of a container.
    fn begin_value(&mut self) -> Result<usize, String> {
        if self.json.nodes.len() >= NODES {
            return Err(format!("the document holds more than {NODES} values"));
        }
        let (start, line) = (self.at, self.line);
        let value = match self.peek() {
            None => return Err("the document ends in the middle".to_owned()),
            Some(b'{') => {
                self.at += 1;
                Value::Object(Vec::new())
            }
            Some(b'[') => {
                self.at += 1;
                Value::Array(Vec::new())
            }
            Some(b'"') => Value::Text(self.string()?),
            Some(b'0'..=b'9' | b'-' | b'N' | b'I') => Value::Number(self.number_text()?),
            Some(_) => self.word()?,
        };
        let span = ByteSpan { start, len: self.at - start };
        self.json.nodes.push(Node { value, span, line });
        Ok(self.json.nodes.len() - 1)
    }

    fn word(&mut self) -> Result<Value, String> {
        for (word, value) in
            [("true", Value::Flag(true)), ("false", Value::Flag(false)), ("null", Value::Null)]
        {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err("expected a value".to_owned())
    }

    fn number_text(&mut self) -> Result<String, String> {
        let rest = &self.bytes[self.at..];
        for constant in ["NaN", "Infinity", "-Infinity"] {
            if rest.starts_with(constant.as_bytes()) {
                self.at += constant.len();
                return Ok(constant.to_owned());
            }
        }
        let len = rest
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let text = &self.text[self.at..self.at + len];
        if text.parse::<f64>().is_err() {
            return Err("expected a number".to_owned());
        }
        self.at += len;
        Ok(text.to_owned())
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            // Both ends lie at ASCII bytes or the end, so this is a character boundary.
            out.push_str(&self.text[start..self.at]);
            match self.peek() {
                None => return Err("a string has no end".to_owned()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(_) => return Err("a string holds a line break or control character".to_owned()),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), String> {
        self.at += 1;
        let escaped = self.peek().ok_or("a string has no end")?;
        self.at += 1;
        out.push(match escaped {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex4()?;
                if (0xd800..0xdc00).contains(&high) && self.bytes[self.at..].starts_with(b"\\u") {
                    let before = self.at;
                    self.at += 2;
                    let low = self.hex4()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                    } else {
                        self.at = before;
                        char::REPLACEMENT_CHARACTER
                    }
                } else {
                    char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            _ => return Err("a string holds an unknown escape".to_owned()),
        });
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or("a string has no end")?;
        let mut code = 0;
        for digit in digits {
            code = code * 16 + char::from(*digit).to_digit(16).ok_or("a string holds a broken \\u escape")?;
        }
        self.at += 4;
        Ok(code)
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => break,
            }
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same document as `serde_json` sees it, for comparison.
    fn plain(view: View<'_>) -> serde_json::Value {
        match view.value() {
            Value::Null => serde_json::Value::Null,
            Value::Flag(flag) => (*flag).into(),
            Value::Number(text) => serde_json::from_str(text).unwrap_or(serde_json::Value::Null),
            Value::Text(text) => text.as_str().into(),
            Value::Array(_) => view.items().map(plain).collect(),
            Value::Object(_) => view.members().map(|(key, value)| (key.to_owned(), plain(value))).collect(),
        }
    }

    #[test]
    fn agrees_with_serde_json() {
        for text in [
            "{}",
            "[]",
            " [ [ ] , { } , [ { \"a\" : [ ] } ] ] ",
            r#"{"a": 1, "b": [1.5, -2e-3, true, false, null], "c": {"d": "\u00e9\ud83d\ude00\n\"\\\/"}}"#,
            "\"text\"",
            "12",
            r#"{"a":{"b":{"c":[1,[2,[3]]]}},"d":"é"}"#,
        ] {
            let json = Json::parse(text);
            assert_eq!(json.faults, [], "{text}");
            let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(plain(json.root().unwrap()), theirs, "{text}");
        }
    }

    #[test]
    fn refuses_what_serde_json_refuses() {
        for text in [
            "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[1 2]", "\"x", "tru", "{} x", "[1}",
            "\"\\u12\"", "\"\\q\"", "01x", "--1", "[\"a\nb\"]", "// no\n{}", "{\"a\": // no\n1}",
        ] {
            assert!(Json::parse(text).faults.iter().any(|fault| fault.fatal), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keeps_places_and_duplicates() {
        let text = "{\n  \"a\": 1,\n  \"b\": [true,\n    false],\n  \"a\": 2\n}";
        let json = Json::parse(text);
        let root = json.root().unwrap();
        let a = root.get("a").unwrap();
        assert_eq!((a.number(), a.line()), (Some("2"), 5));
        let span = a.span();
        assert_eq!(&text[span.start..span.start + span.len], "\"a\": 2");
        assert_eq!(json.faults.len(), 1);
        assert!(!json.faults[0].fatal && json.faults[0].what.contains("line 2"));
    }

    #[test]
    fn pythons_constants_are_numbers() {
        let json = Json::parse("{\"limit\": [0.0, Infinity, -Infinity, NaN]}");
        assert_eq!(json.faults, []);
        assert_eq!(
            json.root().unwrap().get("limit").unwrap().items().filter_map(|item| item.number()).count(),
            4
        );
    }

    #[test]
    fn hostile_documents_end_in_bounded_space() {
        for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000), format!("[{}", "1,".repeat(400_000))] {
            let json = Json::parse(&text);
            assert!(json.faults.iter().any(|fault| fault.fatal));
            assert!(json.nodes.len() <= NODES);
        }
    }

    #[test]
    fn no_prefix_of_a_document_panics() {
        let text = r#"{"a": [1, -2.5e3, "é\u00e9\ud83d\ude00"], "b": {"c": null, "d": true}, "e": NaN}"#;
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(Json::parse(&text[..end]).faults.iter().any(|fault| fault.fatal));
        }
    }
}
