//! Text from a repository, made safe for a terminal.
//!
//! File names, cards and commit messages are written by strangers. An escape sequence in one of them could clear the
//! screen or forge a line of the report, a character that turns the direction of writing could show a path as another,
//! and a value of a megabyte could bury the verdict. Whatever comes from a [`Run`](forebear_types::run::Run) goes
//! through this module on its way out.

pub(crate) use forebear_types::shell::{is_unsafe, shell_word};

/// Characters of one value that a report for people shows. Machine formats show all.
const LONGEST: usize = 2000;

/// The text on one line, every unsafe character replaced by `�`, and cut after [`LONGEST`] characters.
pub(crate) fn line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(LONGEST)
        .map(|character| match character {
            '\n' | '\t' => ' ',
            other if is_unsafe(other) => '\u{fffd}',
            other => other,
        })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// The text, cut to `most` characters, the last of them `…` if something is missing.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The text with every byte offset kept: each unsafe character becomes as many `?` as it has bytes. Line feeds and tabs
/// stay; a carriage return before a line feed becomes a space. With `ascii`, all other characters outside ASCII go too.
pub(crate) fn same_length(text: &str, ascii: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\r' && characters.peek() == Some(&'\n') {
            safe.push(' ');
        } else if (is_unsafe(character) && !matches!(character, '\n' | '\t'))
            || (ascii && !character.is_ascii())
        {
            safe.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// The text in ASCII: the signs that reports use by their usual stand-ins, every other character as `\u{…}`.
pub(crate) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            _ if character.is_ascii() => plain.push(character),
            '“' | '”' => plain.push('"'),
            '‘' | '’' => plain.push('\''),
            '…' => plain.push_str("..."),
            '→' => plain.push_str("->"),
            '–' | '—' => plain.push('-'),
            '\u{fffd}' => plain.push('?'),
            _ => plain.extend(character.escape_unicode()),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_forged_lines_do_not_get_through() {
        assert_eq!(line("a\u{1b}[31mb\u{202e}c\nd\te"), "a\u{fffd}[31mb\u{fffd}c d e");
        let long = line(&"x".repeat(1_000_000));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
        assert_eq!(line(&"x".repeat(LONGEST)).len(), LONGEST);
        assert_eq!((shorten("abc", 3), shorten("abcd", 3)), ("abc".into(), "ab…".into()));
    }

    #[test]
    fn offsets_stay_where_they_are() {
        let hostile = "é\u{9b}x\u{1b}\r\n\ry\u{202e}\t";
        assert_eq!(same_length(hostile, false), "é??x? \n?y???\t");
        assert_eq!(same_length(hostile, true), "????x? \n?y???\t");
        assert_eq!(same_length(hostile, false).len(), hostile.len());
    }

    #[test]
    fn ascii_keeps_what_a_reader_needs() {
        assert_eq!(ascii("“a” → b… é"), "\"a\" -> b... \\u{e9}");
    }
}
