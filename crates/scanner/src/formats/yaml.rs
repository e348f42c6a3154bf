//! YAML files as documents of the same form as JSON ones, with places.
//!
//! The text is read as events, so nothing is expanded: an alias of a scalar stands for its text, an alias of a list or table
//! is a fault and counts as empty. Scalars in quotes are texts; plain ones are numbers, truth values or empty where YAML 1.2's
//! core schema says so (`1e-5`, which Python's reader takes for a text, is a number).

use std::collections::BTreeMap;

use forebear_types::ByteSpan;
use granit_parser::{Event, Parser, ScalarStyle};

use super::json::{Fault, Json, Member, Node, Value};

/// Deepest nesting that is followed; recipes nest less than ten levels.
const DEPTH: usize = 48;

/// Most values in one file: a hundred times the longest recipe seen.
const NODES: usize = 100_000;

/// Anchors that are kept.
const ANCHORS: usize = 1_000;

/// Most documents of one file.
const DOCUMENTS: usize = 256;

/// A part of a file that holds YAML.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The YAML.
    pub(crate) text: &'a str,
    /// The offset of its first byte in the file.
    pub(crate) offset: usize,
    /// The line of its first byte in the file, from 1.
    pub(crate) line: u32,
}

/// Reads the documents of a file; what comes before a fault is kept. The faults of all documents stand in the last one, and
/// there is at least one document.
pub(crate) fn parse(source: Source<'_>) -> Vec<Json> {
    let mut reader = Reader { source, documents: vec![Json::default()], nodes: 0, ..Reader::default() };
    let fault = reader.events().err();
    reader.close_all(source.text.len());
    let mut documents = reader.documents;
    if documents.len() > 1 && documents.last().is_some_and(|last| last.nodes.is_empty()) {
        documents.pop();
    }
    if let Some(last) = documents.last_mut() {
        last.faults.append(&mut reader.faults);
        last.faults.extend(fault);
    }
    documents
}

/// A container that is being read.
struct Open {
    node: usize,
    /// Of a table: the key whose value comes next, its offset and line.
    key: Option<(String, usize, u32)>,
}

struct Reader<'a> {
    source: Source<'a>,
    documents: Vec<Json>,
    stack: Vec<Open>,
    nodes: usize,
    /// Text of scalars with an anchor, and whether they are plain; `None` for lists and tables.
    anchors: BTreeMap<usize, Option<(String, bool)>>,
    faults: Vec<Fault>,
}

impl Default for Reader<'_> {
    fn default() -> Self {
        Self {
            source: Source { text: "", offset: 0, line: 1 },
            documents: Vec::new(),
            stack: Vec::new(),
            nodes: 0,
            anchors: BTreeMap::new(),
            faults: Vec::new(),
        }
    }
}

impl Reader<'_> {
    fn events(&mut self) -> Result<(), Fault> {
        for event in Parser::new_from_str(self.source.text) {
            let (event, span) = event.map_err(|error| Fault {
                line: self.line(error.marker().line()),
                what: format!("this is not valid YAML: {}", error.info()),
                fatal: true,
            })?;
            let range = span.byte_range().unwrap_or(0..0);
            let (start, end) = (self.source.offset + range.start, self.source.offset + range.end);
            let line = self.line(span.start.line());
            match event {
                Event::Scalar(text, style, anchor, _) => {
                    let plain = matches!(style, ScalarStyle::Plain);
                    self.anchor(anchor, Some((text.to_string(), plain)));
                    self.scalar(text.into_owned(), plain, (start, end), line)?;
                }
                Event::Alias(anchor) => {
                    let known = self.anchors.get(&anchor).cloned().flatten();
                    if known.is_none() {
                        let what = "an alias of a list or table is not followed".to_owned();
                        self.fault(line, what);
                    }
                    let (text, plain) = known.unwrap_or((String::new(), true));
                    self.scalar(text, plain, (start, end), line)?;
                }
                Event::MappingStart(_, anchor, _) => {
                    self.anchor(anchor, None);
                    self.open(Value::Object(Vec::new()), start, line)?;
                }
                Event::SequenceStart(_, anchor, _) => {
                    self.anchor(anchor, None);
                    self.open(Value::Array(Vec::new()), start, line)?;
                }
                Event::MappingEnd | Event::SequenceEnd => self.close(end),
                Event::DocumentEnd => {
                    self.close_all(end);
                    self.anchors.clear();
                    if self.documents.len() >= DOCUMENTS {
                        let what = format!("the file holds more than {DOCUMENTS} documents");
                        return Err(Fault { line, what, fatal: true });
                    }
                    if self.documents.last().is_some_and(|last| !last.nodes.is_empty()) {
                        self.documents.push(Json::default());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The line in the file of a line of the YAML, both from 1.
    fn line(&self, line: usize) -> u32 {
        self.source.line.saturating_add(u32::try_from(line).unwrap_or(u32::MAX).saturating_sub(1))
    }

    fn fault(&mut self, line: u32, what: String) {
        if self.faults.len() < 100 {
            self.faults.push(Fault { line, what, fatal: false });
        }
    }

    fn anchor(&mut self, anchor: usize, value: Option<(String, bool)>) {
        // A long text under an anchor could be repeated by many aliases; names of models are short.
        let short = value.as_ref().is_none_or(|(text, _)| text.len() <= 1024);
        if anchor > 0 && short && self.anchors.len() < ANCHORS {
            self.anchors.insert(anchor, value);
        }
    }

    /// Whether the innermost container is a table that waits for a key.
    fn wants_key(&self) -> bool {
        let Some(open) = self.stack.last() else { return false };
        open.key.is_none() && self.node(open.node).is_some_and(|node| matches!(node.value, Value::Object(_)))
    }

    fn scalar(
        &mut self,
        text: String,
        plain: bool,
        (start, end): (usize, usize),
        line: u32,
    ) -> Result<(), Fault> {
        if self.wants_key() {
            if let Some(open) = self.stack.last_mut() {
                open.key = Some((text, start, line));
            }
            return Ok(());
        }
        let value = value(text, plain);
        let node =
            self.add(Node { value, span: ByteSpan { start, len: end.saturating_sub(start) }, line })?;
        self.attach(node, end);
        Ok(())
    }

    fn open(&mut self, value: Value, start: usize, line: u32) -> Result<(), Fault> {
        if self.stack.len() >= DEPTH {
            let what = format!("the file nests deeper than {DEPTH} levels");
            return Err(Fault { line, what, fatal: true });
        }
        // A list or table as a key: YAML allows it, no recipe uses it.
        if self.wants_key() {
            self.fault(line, "a list or table stands where a key is expected".to_owned());
            if let Some(open) = self.stack.last_mut() {
                open.key = Some((String::new(), start, line));
            }
        }
        let node = self.add(Node { value, span: ByteSpan { start, len: 0 }, line })?;
        self.stack.push(Open { node, key: None });
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.stack.pop() else { return };
        if let Some(node) = self.documents.last_mut().and_then(|json| json.nodes.get_mut(open.node)) {
            node.span.len = end.saturating_sub(node.span.start);
        }
        self.attach(open.node, end);
    }

    fn close_all(&mut self, end: usize) {
        while !self.stack.is_empty() {
            self.close(end);
        }
    }

    fn node(&self, node: usize) -> Option<&Node> {
        self.documents.last()?.nodes.get(node)
    }

    fn add(&mut self, node: Node) -> Result<usize, Fault> {
        self.nodes += 1;
        if self.nodes > NODES {
            let what = format!("the file holds more than {NODES} values");
            return Err(Fault { line: node.line, what, fatal: true });
        }
        let Some(json) = self.documents.last_mut() else {
            return Err(Fault { line: node.line, what: "there is no document".to_owned(), fatal: true });
        };
        json.nodes.push(node);
        Ok(json.nodes.len() - 1)
    }

    /// Puts a finished value into the container that is open around it.
    fn attach(&mut self, value: usize, end: usize) {
        let Some(open) = self.stack.last_mut() else { return };
        let key = open.key.take();
        let Some(parent) = self.documents.last_mut().and_then(|json| json.nodes.get_mut(open.node)) else {
            return;
        };
        match (&mut parent.value, key) {
            (Value::Array(items), _) => items.push(value),
            (Value::Object(members), Some((key, start, line))) => {
                let earlier = members.iter().rev().take(512).find(|member| member.key == key);
                let twice = earlier.map(|earlier| {
                    format!(
                        "the key `{key}` stands twice (first on line {}); the last one counts",
                        earlier.line
                    )
                });
                let span = ByteSpan { start, len: end.saturating_sub(start) };
                members.push(Member { key, span, line, value });
                if let Some(what) = twice {
                    self.fault(line, what);
                }
            }
            _ => {}
        }
    }
}

/// A scalar by the core schema of YAML 1.2, as far as readers ask for it.
fn value(text: String, plain: bool) -> Value {
    if !plain {
        return Value::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Flag(true),
        "false" | "False" | "FALSE" => return Value::Flag(false),
        _ => {}
    }
    let first = text.as_bytes().first().copied().unwrap_or_default();
    let number = (first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.parse::<f64>().is_ok();
    if number { Value::Number(text.trim_start_matches('+').to_owned()) } else { Value::Text(text) }
}

#[cfg(test)]
mod tests {
    use super::super::json::View;
    use super::*;

    fn read(text: &str) -> Vec<Json> {
        parse(Source { text, offset: 0, line: 1 })
    }

    fn plain(view: View<'_>) -> serde_json::Value {
        if view.is_object() {
            view.members().map(|(key, value)| (key.to_owned(), plain(value))).collect()
        } else if let Some(text) = view.text() {
            text.into()
        } else if let Some(number) = view.number() {
            serde_json::from_str(number).unwrap_or(serde_json::Value::Null)
        } else if let Some(flag) = view.flag() {
            flag.into()
        } else {
            let items: Vec<_> = view.items().map(plain).collect();
            if items.is_empty() { serde_json::Value::Null } else { items.into() }
        }
    }

    #[test]
    fn values_come_as_in_json_with_places() {
        let text = "slices:\n  - sources:\n      - model: a/b\n        layer_range: [0, 24]\nbase: 'x' # why\nnone: ~\neps: 1e-05\nflag: true\n";
        let read = read(text);
        assert!(read[0].faults.is_empty(), "{:?}", read[0].faults);
        let root = read[0].root().unwrap();
        let wanted = serde_json::json!({"slices": [{"sources": [{"model": "a/b", "layer_range": [0, 24]}]}], "base": "x",
            "none": null, "eps": 1e-5, "flag": true});
        assert_eq!(plain(root), wanted);
        let source = root.get("slices").unwrap().items().next().unwrap().get("sources").unwrap();
        let model = source.items().next().unwrap().get("model").unwrap();
        assert_eq!(model.line(), 3);
        assert_eq!(&text[model.span().start..][..model.span().len], "model: a/b");
        let shifted = parse(Source { text: "a: b", offset: 100, line: 7 });
        let member = shifted[0].root().unwrap().get("a").unwrap();
        assert_eq!((member.line(), member.span().start), (7, 100));
    }

    #[test]
    fn several_documents_are_kept_apart() {
        let read = read("name: one\n---\nname: two\n---\n");
        let names: Vec<_> = read.iter().filter_map(|one| one.root()?.get("name")?.text()).collect();
        assert_eq!(names, ["one", "two"]);
        assert_eq!(parse(Source { text: "", offset: 0, line: 1 }).len(), 1);
    }

    #[test]
    fn what_comes_before_a_fault_is_kept() {
        let read = read("a: 1\nb: [1, 2\nc: 3\n");
        assert!(read[0].faults.iter().any(|fault| fault.fatal));
        assert_eq!(read[0].root().unwrap().get("a").unwrap().number(), Some("1"));
        let twice = parse(Source { text: "a: 1\na: 2\n", offset: 0, line: 1 });
        assert_eq!((twice[0].faults.len(), twice[0].faults[0].line), (1, 2));
    }

    #[test]
    fn aliases_are_never_expanded() {
        let plain_alias = read("a: &x org/model\nb: *x\n");
        assert_eq!(plain_alias[0].root().unwrap().get("b").unwrap().text(), Some("org/model"));
        let mut bomb = String::from("a0: &a0 [x]\n");
        for level in 1..60 {
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9)));
        }
        let read = read(&bomb);
        assert!(read[0].nodes.len() < 1000 && read[0].faults.len() <= 101);
    }

    #[test]
    fn hostile_documents_end_in_bounded_space() {
        for text in [
            "[".repeat(60_000),
            "a: ".repeat(1_000),
            format!("[{}]", "1,".repeat(200_000)),
            "---\n1\n".repeat(10_000),
            "- ".repeat(5_000),
            "\"".to_owned() + &"x".repeat(100_000),
            "? [a]\n: b\n".to_owned(),
            "&a &b *c".to_owned(),
            "a: *undefined\n".to_owned(),
            "%YAML 9.9\n---\nx\n".to_owned(),
            "\u{feff}a: 1\n\t- b\n".to_owned(),
        ] {
            let read = parse(Source { text: &text, offset: 0, line: 1 });
            assert!(read.iter().map(|one| one.nodes.len()).sum::<usize>() <= NODES);
        }
    }
}
