//! JSON, one module for each version of the contract.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::safe;

pub mod v1;

/// Writes a value with two spaces of indentation and a line end at the end.
///
/// Strings are as they are, but what a terminal could obey (`ESC`, C1 controls, marks that turn the direction of
/// writing) is written as `\uXXXX`, which every JSON reader turns back.
pub(crate) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let plain = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
    let mut text = String::with_capacity(plain.len() + 1);
    for character in plain.chars() {
        // Outside of strings JSON has no unsafe character but the line feed, which strings hold only in escaped form.
        if safe::is_unsafe(character) && character != '\n' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(text, "\\u{unit:04x}").expect("writing to a string cannot fail");
            }
        } else {
            text.push(character);
        }
    }
    text.push('\n');
    out.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_and_nothing_reaches_the_terminal() {
        let hostile = "a\u{1b}[2J\n\u{9b}\u{202e}\u{e0041}é\u{7f}\"\\";
        let mut bytes = Vec::new();
        write_pretty(&hostile, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "\"a\\u001b[2J\\n\\u009b\\u202e\\udb40\\udc41é\\u007f\\\"\\\\\"\n");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
