//! Names in running text, however their parts are joined.

/// Names to look for, longest first, and the bytes that they begin with.
pub(super) struct Names {
    names: Vec<String>,
    first: [bool; 256],
}

impl Names {
    pub(super) fn new(mut names: Vec<String>) -> Self {
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.to_lowercase()));
        names.dedup_by(|one, two| one.eq_ignore_ascii_case(two));
        let mut first = [false; 256];
        for byte in names.iter().filter_map(|name| name.bytes().next()) {
            first[usize::from(byte.to_ascii_lowercase())] = true;
            first[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { names, first }
    }

    /// The first place from `from` on where one of the names stands, and that name.
    pub(super) fn first_in(&self, text: &str, from: usize) -> Option<(usize, &str)> {
        let bytes = text.as_bytes();
        (from..bytes.len())
            .filter(|at| self.first[usize::from(bytes[*at])] && begins_word(text, *at))
            .find_map(|at| {
                self.names.iter().find(|name| stands_at(text, at, name)).map(|name| (at, name.as_str()))
            })
    }
}

/// Whether a word begins at a byte: no letter or digit before it.
fn begins_word(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
}

/// Whether a name stands at a place, as whole words: separators between its parts may be others, or none.
fn stands_at(text: &str, at: usize, name: &str) -> bool {
    let mut rest = text[at..].chars().peekable();
    let wanted = name.chars().filter(|character| !is_separator(*character));
    let mut begun = false;
    for expected in wanted {
        if begun {
            // A separator, or the end of a line with its indentation, between two parts; not the end of a paragraph.
            let (mut separators, mut line_ends) = (0, 0);
            while let Some(character) = rest.next_if(|character| is_separator(*character)) {
                separators += 1;
                line_ends += usize::from(character == '\n');
                if line_ends > 1 || separators > 8 {
                    return false;
                }
            }
        }
        begun = true;
        if !rest.next().is_some_and(|found| found.eq_ignore_ascii_case(&expected)) {
            return false;
        }
    }
    let next = rest.next();
    let continues = match next {
        Some('.') => {
            rest.peek().is_some_and(char::is_ascii_digit)
                && name.ends_with(|last: char| last.is_ascii_digit())
        }
        Some(character) => character.is_alphanumeric(),
        None => false,
    };
    !continues
}

fn is_separator(character: char) -> bool {
    matches!(character, '-' | '_' | ' ' | '\t' | '\r' | '\n' | '\u{a0}' | '\u{2010}'..='\u{2013}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, name: &str) -> bool {
        Names::new(vec![name.to_owned()]).first_in(text, 0).is_some()
    }

    #[test]
    fn a_name_is_found_however_its_parts_are_joined() {
        for text in [
            "DeepSeek-V3",
            "built on DeepSeek V3.",
            "deepseek_v3",
            "**DeepSeekV3**",
            "from DeepSeek\nV3 on",
            "DeepSeek\u{2011}V3",
            "`deepseek-ai/DeepSeek-V3-0324`",
            "é DeepSeek-V3",
        ] {
            assert!(names(text, "DeepSeek-V3"), "{text}");
        }
        for text in [
            "DeepSeek-V3.2", "DeepSeek-V31", "MyDeepSeek-V3", "DeepSeek", "DeepSeek\n\nV3", "éDeepSeek-V3",
            "",
        ] {
            assert!(!names(text, "DeepSeek-V3"), "{text}");
        }
        assert!(names("Llama 3.1 8B", "Llama-3.1") && !names("Llama 3.1 8B", "Llama-3"));
        assert!(!names("Metadata of the model", "Meta"));
    }
}
