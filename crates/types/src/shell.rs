//! Paths as words of a shell, and characters that must not reach a terminal.

use std::fmt::Write as _;

use crate::RepoPath;

/// The path as one word of a shell command, as a pathspec of git that matches this path and no other. With `ascii`, bytes
/// outside ASCII are escaped too.
pub fn shell_word(path: &RepoPath, ascii: bool) -> String {
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
                    _ => {
                        // Writing to a string cannot fail.
                        let _ = write!(word, "\\{byte:03o}");
                    }
                }
            }
            word.push('\'');
            word
        }
    }
}

/// Control characters, characters that turn the direction of writing, and characters that nobody sees.
pub fn is_unsafe(character: char) -> bool {
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
