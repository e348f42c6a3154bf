//! JSON, one module for each version of the contract.

use std::io::{self, Write};

use serde::Serialize;

use crate::safe;

pub mod v1;

/// Writes a value with two spaces of indentation and a line end at the end.
///
/// Strings are as they are, but what a terminal could obey (`ESC`, C1 controls, marks that turn the direction of
/// writing) is written as `\uXXXX`, which every JSON reader turns back.
pub(crate) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
    // Outside of strings JSON has no unsafe character but the line feed, which strings hold only in escaped form.
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|one| one != '\n' && safe::is_unsafe(one)) {
        let (plain, from) = rest.split_at(start);
        out.write_all(plain.as_bytes())?;
        let mut characters = from.chars();
        for unit in characters.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = characters.as_str();
    }
    out.write_all(rest.as_bytes())?;
    out.write_all(b"\n")
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
