//! The only way into the page: a builder that escapes whatever passes through it.
//!
//! Names of elements and attributes, and classes, are `&'static str`: they are ours. Everything else is escaped for where it stands:
//! text, the value of an attribute, an id, an address. There is no way to write markup that is in a `String`.
//!
//! Source: HTML Living Standard, section 13.1 (writing HTML documents). What is written is well-formed XML besides, so that a test can
//! read it with a parser that forgives nothing.

use std::fmt::Write as _;

use crate::safe::{self, is_unsafe};

/// A piece of the page.
#[derive(Debug, Default)]
pub(crate) struct Html {
    out: String,
}

/// The id of an element: words of ours and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Id(String);

impl Id {
    /// A name of ours.
    pub(crate) fn of(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// What belongs to a repository: `r0-finding-12`.
    pub(crate) fn numbered(repository: usize, what: &'static str, number: usize) -> Self {
        Self(format!("r{repository}-{what}-{number}"))
    }

    /// A section of a repository: `r0-findings`.
    pub(crate) fn section(repository: usize, what: &'static str) -> Self {
        Self(format!("r{repository}-{what}"))
    }

    /// The page of a rule.
    pub(crate) fn rule(rule: forebear_types::RuleId) -> Self {
        Self(format!("rule-{}", rule.0))
    }
}

/// An address that a link may lead to: of the web, and of no other scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url(String);

impl Url {
    /// The address; `None` if it is not one of the web. What RFC 3986 does not allow in one is percent-encoded.
    pub(crate) fn new(address: &str) -> Option<Self> {
        let lower = address.to_ascii_lowercase();
        if !lower.starts_with("https://") && !lower.starts_with("http://") {
            return None;
        }
        let mut url = String::with_capacity(address.len());
        for byte in address.bytes() {
            if byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte) {
                url.push(char::from(byte));
            } else {
                write!(url, "%{byte:02X}").expect("writing to a string cannot fail");
            }
        }
        Some(Self(url))
    }
}

/// What a path draws: letters of ours and numbers. However long it is, it is not cut.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outline(String);

impl Outline {
    /// One command with its numbers: `M12 5`.
    pub(crate) fn draw(&mut self, command: char, numbers: &[f64]) {
        self.0.push(command);
        for (index, number) in numbers.iter().enumerate() {
            let between = if index > 0 && *number >= 0.0 { " " } else { "" };
            write!(self.0, "{between}{}", (number * 10.0).round() / 10.0)
                .expect("writing to a string cannot fail");
        }
    }

    /// Whether it draws nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An attribute.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'a> {
    name: &'static str,
    value: Value<'a>,
}

#[derive(Clone, Debug)]
enum Value<'a> {
    Ours(&'static str),
    Text(&'a str),
    Number(f64),
    Percent(f64),
    Id(&'a Id),
    Ids(&'a [Id]),
    To(&'a Id),
    Url(&'a Url),
    Outline(&'a Outline),
}

/// A class, or several.
pub(crate) fn class(names: &'static str) -> Attribute<'static> {
    ours("class", names)
}

/// A value of ours.
pub(crate) fn ours(name: &'static str, value: &'static str) -> Attribute<'static> {
    Attribute { name, value: Value::Ours(value) }
}

/// A value from anywhere.
pub(crate) fn value<'a>(name: &'static str, text: &'a str) -> Attribute<'a> {
    Attribute { name, value: Value::Text(text) }
}

/// A number, with one digit behind the point where it is not whole.
pub(crate) fn number(name: &'static str, number: f64) -> Attribute<'static> {
    Attribute { name, value: Value::Number(number) }
}

/// A share of a width, 0 to 100.
pub(crate) fn percent(name: &'static str, share: f64) -> Attribute<'static> {
    Attribute { name, value: Value::Percent(share) }
}

/// The id of the element.
pub(crate) fn id(id: &Id) -> Attribute<'_> {
    refers("id", id)
}

/// An attribute that names an element: `aria-labelledby`, `for`.
pub(crate) fn refers<'a>(name: &'static str, id: &'a Id) -> Attribute<'a> {
    Attribute { name, value: Value::Id(id) }
}

/// An attribute that names several elements.
pub(crate) fn refers_to_all<'a>(name: &'static str, ids: &'a [Id]) -> Attribute<'a> {
    Attribute { name, value: Value::Ids(ids) }
}

/// The `href` of a link to an element of the page.
pub(crate) fn to(id: &Id) -> Attribute<'_> {
    Attribute { name: "href", value: Value::To(id) }
}

/// The `href` of a link out of the page.
pub(crate) fn link(url: &Url) -> Attribute<'_> {
    Attribute { name: "href", value: Value::Url(url) }
}

/// The `d` of a path.
pub(crate) fn outline(outline: &Outline) -> Attribute<'_> {
    Attribute { name: "d", value: Value::Outline(outline) }
}

impl Html {
    /// An element with content.
    pub(crate) fn el(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        content: impl FnOnce(&mut Self),
    ) {
        self.start(name, attributes);
        self.out.push('>');
        content(self);
        self.end(name);
    }

    /// An element that holds text on one line.
    pub(crate) fn leaf(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.el(name, attributes, |html| html.text(text));
    }

    /// An element that never has content: `meta`, `wbr`.
    pub(crate) fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.start(name, attributes);
        self.out.push_str("/>");
    }

    /// The start of an element that spans several calls.
    pub(crate) fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.start(name, attributes);
        self.out.push('>');
    }

    /// The end of an element that spans several calls.
    pub(crate) fn end(&mut self, name: &'static str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Text on one line; a value of a megabyte is cut ([`safe::line`]).
    pub(crate) fn text(&mut self, text: &str) {
        escape(&safe::line(text), &mut self.out);
    }

    /// Text whose line ends and tabs stay, for `pre` and for what is copied. It is not cut.
    pub(crate) fn lines(&mut self, text: &str) {
        let shown: String = text
            .chars()
            .map(|one| if is_unsafe(one) && !matches!(one, '\n' | '\t') { '\u{fffd}' } else { one })
            .collect();
        escape(&shown, &mut self.out);
    }

    /// The style sheet or the script, of ours. Their content is not escaped by browsers, so it must not end its element.
    pub(crate) fn included(&mut self, name: &'static str, content: &'static str) {
        self.open(name, &[]);
        self.out.push_str(content);
        self.end(name);
    }

    /// Another piece of the page.
    pub(crate) fn append(&mut self, piece: Self) {
        self.out.push_str(&piece.out);
    }

    /// A line end, so that the file can be read and compared.
    pub(crate) fn line_end(&mut self) {
        self.out.push('\n');
    }

    /// What was written since the last call.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn start(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(name);
        for attribute in attributes {
            self.attribute(attribute).expect("writing to a string cannot fail");
        }
    }

    fn attribute(&mut self, attribute: &Attribute<'_>) -> std::fmt::Result {
        write!(self.out, " {}=\"", attribute.name)?;
        match &attribute.value {
            Value::Ours(text) => escape(text, &mut self.out),
            Value::Text(text) => escape(&safe::line(text), &mut self.out),
            Value::Number(number) if number.fract() == 0.0 => write!(self.out, "{number:.0}")?,
            Value::Number(number) => write!(self.out, "{number:.1}")?,
            Value::Percent(share) => write!(self.out, "{share:.2}%")?,
            Value::Id(id) => self.out.push_str(&id.0),
            Value::Ids(ids) => {
                let names: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
                self.out.push_str(&names.join(" "));
            }
            Value::To(id) => write!(self.out, "#{}", id.0)?,
            Value::Url(url) => escape(&url.0, &mut self.out),
            Value::Outline(outline) => self.out.push_str(&outline.0),
        }
        self.out.push('"');
        Ok(())
    }
}

/// Escapes for text and for values in double quotes.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // They may stand in no document, escaped or not.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "\"><script>alert(1)</script>&lt;'\u{1b}\u{202e}\u{ffff}\nx";

    #[test]
    fn text_and_values_stay_what_they_are() {
        let mut html = Html::default();
        html.el("p", &[value("title", EVIL)], |html| {
            html.text(EVIL);
            html.lines(EVIL);
        });
        let text = html.take();
        let safe = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;&#39;\u{fffd}\u{fffd}\u{fffd}";
        assert_eq!(text, format!("<p title=\"{safe} x\">{safe} x{safe}\nx</p>"));
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for evil in
            ["javascript:alert(1)", " https://a", "data:text/html,x", "//a", "file:///etc", "JAVASCRIPT:x"]
        {
            assert_eq!(Url::new(evil), None, "{evil}");
        }
        let url = Url::new("HTTPS://example.org/a b\"><script>\u{e9}").unwrap();
        assert_eq!(url.0, "HTTPS://example.org/a%20b%22%3E%3Cscript%3E%C3%A9");
    }

    #[test]
    fn numbers_are_short() {
        let mut html = Html::default();
        html.void("rect", &[number("x", 12.0), number("y", 1.25), percent("width", 33.333)]);
        assert_eq!(html.take(), "<rect x=\"12\" y=\"1.2\" width=\"33.33%\"/>");
        let mut path = Outline::default();
        path.draw('M', &[1.0, 2.25]);
        path.draw('l', &[3.0, -4.0]);
        html.void("path", &[outline(&path)]);
        assert_eq!(html.take(), "<path d=\"M1 2.3l3-4\"/>");
    }
}
