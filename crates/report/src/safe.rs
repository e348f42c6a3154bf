//! Text from a repository, made safe for a terminal.
//!
//! File names, cards and commit messages are written by strangers. An escape sequence in one of them could clear the
//! screen or forge a line of the report, a character that turns the direction of writing could show a path as another,
//! and a value of a megabyte could bury the verdict. Whatever comes from a [`Run`](forebear_types::run::Run) goes
//! through this module on its way out.

use std::fmt::Write as _;

use forebear_types::RepoPath;

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

/// The path as one word of a shell command, as a pathspec of git that matches this path and no other. With `ascii`, bytes
/// outside ASCII are escaped too.
pub(crate) fn shell_word(path: &RepoPath, ascii: bool) -> String {
    let magic =
        path.as_bytes().first() == Some(&b':') || path.as_bytes().iter().any(|byte| b"*?[\\".contains(byte));
    let mut bytes = if magic { b":(literal)".to_vec() } else { Vec::new() };
    bytes.extend_from_slice(path.as_bytes());
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.is_empty() && text.bytes().all(is_plain_in_shells) => text.to_owned(),
        Ok(text) if (!ascii || text.is_ascii()) && !text.chars().any(is_unsafe) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        // What cannot be shown is written as bytes; `$'…'` is understood by bash, zsh, ksh and POSIX.1-2024 shells.
        _ => {
            let mut word = String::from("$'");
            for byte in bytes {
                match byte {
                    b'\'' | b'\\' => {
                        word.push('\\');
                        word.push(char::from(byte));
                    }
                    b' '..=b'~' => word.push(char::from(byte)),
                    // Octal: three digits end by themselves, whatever follows.
                    _ => write!(word, "\\{byte:03o}").expect("writing to a string cannot fail"),
                }
            }
            word.push('\'');
            word
        }
    }
}

/// Control characters, characters that turn the direction of writing, and characters that nobody sees.
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width space.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'
            // Marks, embeddings, overrides and isolates of the direction; line and paragraph separators.
            | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            // Invisible operators, isolates, deprecated format characters; byte order mark; interlinear annotation.
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Tags.
            | '\u{e0000}'..='\u{e007f}')
}

fn is_plain_in_shells(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._/-+@,".contains(&byte)
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

    #[test]
    fn a_path_is_one_word_and_nothing_more() {
        let word = |bytes: &[u8]| shell_word(&RepoPath::new(bytes).unwrap(), false);
        assert_eq!(word(b"docs/LICENSE-1.txt"), "docs/LICENSE-1.txt");
        assert_eq!(word(b"my file"), "'my file'");
        assert_eq!(word(b"x'; rm -rf ~; '"), r"'x'\''; rm -rf ~; '\'''");
        assert_eq!(word(b"$(id)`id`"), "'$(id)`id`'");
        assert_eq!(word(b"a\x1b[0m'\\\xff1"), r"$':(literal)a\033[0m\'\\\3771'");
        assert_eq!(word(b":/LICENSE*"), "':(literal):/LICENSE*'");
        assert_eq!(word(b""), "''");
        assert_eq!(word("Modèle".as_bytes()), "'Modèle'");
        assert_eq!(shell_word(&RepoPath::new("Modèle").unwrap(), true), r"$'Mod\303\250le'");
    }
}
