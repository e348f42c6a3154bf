//! A stranger's text in Markdown.
//!
//! Markdown of a comment is rendered by GitHub's or the Hub's own rules, which go beyond any specification: they link addresses,
//! people (`@name`), issues (`#1`, `GH-1`) and show `:name:` as pictures, after the Markdown was read, so that no backslash and no
//! entity stops them. A zero-width space in between does, as the comments of dependency bots do it.

use crate::safe;

/// Breaks what would be linked after rendering.
const BREAK: &str = "&#8203;";

/// Characters of a text, and of a value as code. Escaped, a character may take nine bytes, and one value must not take the room of
/// all others; the JSON report has all.
const LONGEST_TEXT: usize = 1000;
const LONGEST_CODE: usize = 300;

/// Text of one line in which nothing is Markdown, HTML, a link or a mention.
///
/// Source: CommonMark 0.31, sections 2.4 (backslash escapes) and 2.5 (entities); GitHub Flavored Markdown 0.29, section 6.9
/// (autolinks); "Basic writing and formatting syntax" in GitHub's documentation (mentions, references).
///
/// Words between two backquotes become code, as whoever wrote the sentence meant it; in code nothing is markup either.
pub(crate) fn text(text: &str) -> String {
    let line = safe::shorten(safe::line(text).trim(), LONGEST_TEXT);
    if line.matches('`').count() % 2 == 1 {
        return plain(&line, true);
    }
    let mut escaped = String::with_capacity(line.len() + line.len() / 4);
    for (index, part) in line.split('`').enumerate() {
        if index % 2 == 1 && !part.trim().is_empty() {
            escaped.push_str(&code(part));
        } else {
            escaped.push_str(&plain(part, index == 0));
        }
    }
    escaped
}

/// `first`: whether the text begins a line.
fn plain(line: &str, first: bool) -> String {
    let mut escaped = String::with_capacity(line.len() + line.len() / 4);
    let characters: Vec<char> = line.chars().collect();
    for (index, character) in characters.iter().enumerate() {
        let next = characters.get(index + 1).copied().unwrap_or(' ');
        match character {
            // As an entity: what a backslash means before a bracket differs between those who render formulas.
            '\\' => escaped.push_str("&#92;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '`' | '*' | '_' | '[' | ']' | '~' | '|' | '$' | '!' | '{' | '}' => {
                escaped.extend(['\\', *character]);
            }
            '#' => escaped.push_str(&format!("\\#{BREAK}")),
            '@' => escaped.push_str(&format!("@{BREAK}")),
            // An address, a picture, a command of a runner.
            ':' if !next.is_whitespace() && !next.is_ascii_digit() => {
                escaped.push_str(&format!(":{BREAK}"));
            }
            // Before the dot: an address that begins with `www.` goes on with whatever follows.
            '.' if ends_with(&characters[..index], "www") => escaped.push_str(&format!("{BREAK}.")),
            '-' if ends_with(&characters[..index], "gh") && next.is_ascii_digit() => {
                escaped.push_str(&format!("-{BREAK}"));
            }
            // At the beginning of a line: a list, a heading, a rule.
            '-' | '+' | '=' if first && index == 0 => escaped.extend(['\\', *character]),
            '.' | ')' if first && index > 0 && characters[..index].iter().all(char::is_ascii_digit) => {
                escaped.extend(['\\', *character]);
            }
            other => escaped.push(*other),
        }
    }
    escaped
}

/// A value as code, so that it can be copied: a path, an id, a command.
///
/// Source: CommonMark 0.31, section 6.1: more backquotes around than there are inside. What a runner would obey wherever it
/// stands (`##[`) cannot be written in code, and neither can nothing.
pub(crate) fn code(value: &str) -> String {
    let line = safe::shorten(&safe::line(value), LONGEST_CODE);
    if line.trim().is_empty() || line.contains("##[") {
        return plain(line.trim(), true);
    }
    let longest = line.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = line.starts_with(['`', ' ']) || line.ends_with(['`', ' ']);
    let pad = if space { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Whether the text ends with a word, whatever its case.
fn ends_with(characters: &[char], word: &str) -> bool {
    let length = word.chars().count();
    characters.len() >= length
        && characters[characters.len() - length..]
            .iter()
            .zip(word.chars())
            .all(|(one, other)| one.eq_ignore_ascii_case(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(text("**a** _b_ c` [d](e) ![f](g)"), r"\*\*a\*\* \_b\_ c\` \[d\](e) \!\[f\](g)");
        assert_eq!(text("use `a_b`, `<c>` or ``"), "use `a_b`, `<c>` or ");
        assert_eq!(text("`a` ``` b"), "\\`a\\` \\`\\`\\` b");
        assert_eq!(text("<script>&amp;\\"), "&lt;script&gt;&amp;amp;&#92;");
        assert_eq!(text("# a\n- b | ~~c~~"), "\\#&#8203; a - b \\| \\~\\~c\\~\\~");
        assert_eq!(text("- a"), "\\- a");
        assert_eq!(text("12. a 3. b"), "12\\. a 3. b");
    }

    #[test]
    fn nothing_in_a_text_is_linked_afterwards() {
        assert_eq!(
            text("@octocat #12 GH-12 a@b.example"),
            "@&#8203;octocat \\#&#8203;12 GH-&#8203;12 a@&#8203;b.example"
        );
        assert_eq!(
            text("https://evil.example WWW.evil.example"),
            "https:&#8203;//evil.example WWW&#8203;.evil.example"
        );
        assert_eq!(text(":rocket: config.json:6: x"), ":&#8203;rocket: config.json:6: x");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a/b"), "`a/b`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(" a"), "`  a `");
        assert_eq!(code("x##[add-mask]y"), "x\\#&#8203;\\#&#8203;\\[add-mask\\]y");
        assert_eq!(code(" "), "");
    }
}
