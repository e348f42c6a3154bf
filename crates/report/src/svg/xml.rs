//! Text in XML.

use std::fmt::Write as _;

/// A text as character data or as the value of an attribute.
///
/// Source: XML 1.0, sections 2.2 (which characters may occur at all) and 2.4.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Lines of text below each other; `top` is the base line of the first.
pub(super) fn wrapped_text(body: &mut String, class: &str, x: f64, top: f64, line: f64, lines: &[String]) {
    for (index, text) in lines.iter().enumerate() {
        let y = top + index as f64 * line;
        writeln!(body, "<text class=\"{class}\" x=\"{x:.0}\" y=\"{y:.1}\">{}</text>", escape(text))
            .expect("writing to a string cannot fail");
    }
}
