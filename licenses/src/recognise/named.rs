//! Licences that are named without their text.

use forebear_types::license::NamedLicense;
use forebear_types::{LicenseId, LineSpan};

/// Ways in which prose names a licence, in lower case with single spaces, longest first where one holds another.
const NAMES: &[(&str, &str)] = &[
    ("apache license, version 2.0", "Apache-2.0"),
    ("apache license version 2.0", "Apache-2.0"),
    ("apache license 2.0", "Apache-2.0"),
    ("apache 2.0 license", "Apache-2.0"),
    ("apache-2.0", "Apache-2.0"),
    ("mit license", "MIT"),
    ("mit-license", "MIT"),
    ("bsd 3-clause", "BSD-3-Clause"),
    ("bsd-3-clause", "BSD-3-Clause"),
    ("bsd 2-clause", "BSD-2-Clause"),
    ("bsd-2-clause", "BSD-2-Clause"),
    ("isc license", "ISC"),
    ("gnu affero general public license version 3", "AGPL-3.0-only"),
    ("gnu lesser general public license version 3", "LGPL-3.0-only"),
    ("gnu general public license version 3", "GPL-3.0-only"),
    ("gnu general public license version 2", "GPL-2.0-only"),
    ("mozilla public license 2.0", "MPL-2.0"),
    ("mozilla public license, version 2.0", "MPL-2.0"),
    ("cc by-nc-sa 4.0", "CC-BY-NC-SA-4.0"),
    ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
    ("cc by-nc 4.0", "CC-BY-NC-4.0"),
    ("cc-by-nc-4.0", "CC-BY-NC-4.0"),
    ("cc by-sa 4.0", "CC-BY-SA-4.0"),
    ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
    ("cc by 4.0", "CC-BY-4.0"),
    ("cc-by-4.0", "CC-BY-4.0"),
    ("cc0 1.0", "CC0-1.0"),
];

/// Mentions in one text that are reported; more of them say nothing new.
const MOST: usize = 100;

/// The mentions outside the lines that hold a text, one for each licence and line.
pub(crate) fn mentions(text: &str, covered: &[LineSpan]) -> Vec<NamedLicense> {
    let mut found: Vec<NamedLicense> = Vec::new();
    let mut push = |id: &str, line: u32| {
        let known = NamedLicense { id: LicenseId::from(id), line };
        if found.len() < MOST && !found.contains(&known) {
            found.push(known);
        }
    };
    for (index, line) in text.lines().enumerate() {
        let number = index as u32 + 1;
        if covered.iter().any(|lines| (lines.first..=lines.last).contains(&number)) {
            continue;
        }
        if let Some((_, expression)) = line.split_once("SPDX-License-Identifier:") {
            for id in expression_ids(expression) {
                push(id, number);
            }
        }
        // A whole text on one line is no mention; and a long line is looked at only at its beginning.
        let mut end = line.len().min(2_000);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let lower =
            line[..end].to_lowercase().replace("licence", "license").replace(['*', '_', '`', '['], "");
        let lower = lower.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut rest = lower.clone();
        for (name, id) in NAMES {
            if contains_word(&rest, name) {
                push(id, number);
                rest = rest.replace(name, " ");
            }
        }
    }
    found
}

/// The licence ids of an SPDX expression, as written in a source file's tag.
fn expression_ids(text: &str) -> impl Iterator<Item = &'static str> {
    text.split(|character: char| !(character.is_ascii_alphanumeric() || "-.+".contains(character)))
        .take(20)
        .filter_map(|word| spdx::license_id(word.trim_end_matches('+')).map(|license| license.name))
}

fn contains_word(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let edge = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
        edge(text[..at].chars().next_back()) && edge(text[at + phrase.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_outside_texts() {
        let text = "SPDX-License-Identifier: MIT OR Apache-2.0\nLicensed under the Apache License, Version 2.0 (the \"License\");\n**MIT licence**\nsummit licenses";
        let ids: Vec<(String, u32)> =
            mentions(text, &[]).into_iter().map(|named| (named.id.to_string(), named.line)).collect();
        let wanted = [("MIT", 1), ("Apache-2.0", 1), ("Apache-2.0", 2), ("MIT", 3)];
        for (id, line) in wanted {
            assert!(ids.contains(&(id.to_owned(), line)), "{id} on line {line}: {ids:?}");
        }
        assert!(ids.iter().all(|(_, line)| *line < 4));
        assert!(mentions(text, &[LineSpan::new(1, 4)]).is_empty());
    }
}
