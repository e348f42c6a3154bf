//! How wide a text is, without the font: an estimate on the wide side, from the advances of common sans-serif fonts.

/// Sizes of the two kinds of text, in units of the picture.
pub(super) const BODY: f64 = 13.0;
/// Headings are larger, and bold letters wider.
pub(super) const HEADING: f64 = 15.2;

/// The estimated width at a size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// Wraps at a width, and cuts after a number of lines.
///
/// Lines break at spaces, and in ids and paths after `/`, `-`, `_`, `.` and `,`; a part that is too long even so is broken
/// anywhere. There is always at least one line.
pub(super) fn wrap(text: &str, room: f64, size: f64, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for part in parts(text) {
        if used + width(part.trim_end(), size) > room && used > 0.0 {
            lines.push(String::new());
            used = 0.0;
        }
        for character in part.chars() {
            let one = advance(character) * size;
            if used + one > room && used > 0.0 && character != ' ' {
                lines.push(String::new());
                used = 0.0;
            }
            if lines.len() > most {
                break;
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            used += one;
        }
        if lines.len() > most {
            break;
        }
    }
    if lines.len() > most {
        lines.truncate(most.max(1));
        if let Some(last) = lines.last_mut() {
            while width(last, size) + size > room && last.pop().is_some() {}
            last.truncate(last.trim_end().len());
            last.push('…');
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// A text in parts between which a line may break.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '/', '-', '_', '.', ','])
}

/// The advance of a character, in parts of the size of the font.
fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.31,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' => 0.40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 0.95,
        'A'..='Z' | '&' => 0.70,
        other if other.is_ascii() => 0.60,
        // What stands for a character that must not be shown.
        '\u{fffd}' => 1.05,
        // Letters of other scripts are wider on average than those of ASCII; a column of a wide character is half its size.
        other => match textwrap::core::display_width(other.encode_utf8(&mut [0; 4])) {
            0 | 1 => 0.75,
            columns => columns as f64 * 0.55,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        let ids = [
            "deepseek-ai/DeepSeek-R1-Distill-Llama-70B and some words behind it that go on",
            "x".repeat(300).as_str(),
            "漢字".repeat(60).as_str(),
            "",
        ]
        .map(str::to_owned);
        for text in &ids {
            let lines = wrap(text, 200.0, BODY, usize::MAX);
            assert!(lines.iter().all(|line| width(line, BODY) <= 200.0), "{lines:?}");
            let joined: String = lines.concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""));
        }
    }

    #[test]
    fn long_texts_are_cut_with_a_mark() {
        let lines = wrap(&"word ".repeat(1000), 200.0, BODY, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines[2].ends_with('…') && width(&lines[2], BODY) <= 200.0, "{lines:?}");
        assert_eq!(wrap(&"W".repeat(5000), 100.0, BODY, 1).len(), 1);
    }
}
