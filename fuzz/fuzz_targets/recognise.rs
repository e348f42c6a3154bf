//! `recognise` over texts of strangers: no panic, and what it says holds of the text.
//!
//! An input whose first byte is even is the text itself. Of any other input each six bytes are an order that builds a text
//! from pieces of known licences: bytes alone seldom become a licence that is nearly right.
#![no_main]

use forebear_licenses::{recognise, text};
use forebear_types::license::{MatchStatus, Recognition};
use forebear_types::{LicenseId, LineSpan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((kind, rest)) = input.split_first() else {
        hold("", &recognise(""));
        return;
    };
    let text = if kind % 2 == 0 { String::from_utf8_lossy(rest).into_owned() } else { composed(rest) };
    let found = recognise(&text);
    hold(&text, &found);
    assert_eq!(found, recognise(&text), "the same text gives the same answer");
});

/// What must hold whatever the text is.
fn hold(text: &str, found: &Recognition) {
    let lines = text.split('\n').count() as u32;
    let inside = |span: &LineSpan| {
        assert!(
            1 <= span.first && span.first <= span.last && span.last <= lines.max(1),
            "{span:?} of {lines}"
        );
    };
    for license in &found.licenses {
        assert!(license.coverage.thousandths() <= 1000);
        assert!((0.0..=1.0).contains(&license.coverage.ratio()));
        inside(&license.lines);
        match &license.status {
            MatchStatus::Exact | MatchStatus::Complete => assert!(license.coverage.thousandths() > 0),
            MatchStatus::Altered { changes } => {
                assert!(!changes.is_empty(), "altered, and nothing says what");
                for change in changes {
                    inside(&LineSpan { first: change.line, last: change.line });
                    // A phrase that was cut ends in an ellipsis.
                    let words = |phrase: &str| phrase.split_whitespace().filter(|word| *word != "…").count();
                    assert!(words(&change.expected) <= 24 && words(&change.found) <= 24, "{change:?}");
                }
            }
            MatchStatus::Incomplete { missing } => {
                assert!(!missing.is_empty(), "incomplete, and nothing is missing");
            }
        }
    }
    assert!(found.licenses.windows(2).all(|pair| pair[0].lines.first <= pair[1].lines.first), "in order");
    assert!(found.copyright.windows(2).all(|pair| pair[0].line <= pair[1].line), "in order");
    assert!(found.named.windows(2).all(|pair| pair[0].line <= pair[1].line), "in order");
    assert!(found.unrecognised.windows(2).all(|pair| pair[0].last <= pair[1].first), "in order, apart");
    found.unrecognised.iter().for_each(inside);
    for line in &found.copyright {
        inside(&LineSpan { first: line.line, last: line.line });
    }
    for named in &found.named {
        inside(&LineSpan { first: named.line, last: named.line });
    }
}

/// Licences of which pieces are taken: short and long ones, and near twins.
const KNOWN: &[&str] = &[
    "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "MIT-0", "CC0-1.0", "CC-BY-4.0",
    "CC-BY-NC-4.0", "GPL-2.0-only", "LGPL-2.1-only", "MPL-2.0", "Unlicense", "Zlib", "BSL-1.0", "Pixar",
    "ECL-2.0", "JSON", "X11", "OFL-1.1", "OpenMDW-1.0", "PostgreSQL", "NCSA", "HPND", "WTFPL",
];

/// Words that turn a licence into another one, and marks that readers stumble over.
const WORDS: &[&str] = &[
    "not",
    "except",
    "commercial",
    "non-commercial",
    "only",
    "shall",
    "may",
    "must",
    "without",
    "Copyright (c) 2024 A",
    "SPDX-License-Identifier: MIT OR Apache-2.0",
    "Licensed under the Apache License, Version 2.0",
    "<p>",
    "* ",
    "// ",
    "# ",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\r\n",
    "\t",
    "1.",
    "(a)",
    "©",
    "\u{301}",
];

/// Most bytes of a text: known texts have 110 KiB at most, and speed is part of what is looked for.
const MOST: usize = 60_000;

fn composed(orders: &[u8]) -> String {
    let mut out = String::new();
    for order in orders.chunks_exact(6) {
        let (which, from, length) =
            (order[1], u16::from_le_bytes([order[2], order[3]]), u16::from_le_bytes([order[4], order[5]]));
        let known = KNOWN[usize::from(which) % KNOWN.len()];
        let source = text(&LicenseId::from(known)).unwrap_or_default();
        match order[0] % 8 {
            0 => out.push_str(source),
            1 | 2 => out.push_str(piece(source, usize::from(from), usize::from(length))),
            3 => out.push_str(&piece(source, usize::from(from), usize::from(length)).to_uppercase()),
            4 => {
                // In the middle of what stands there: an addition.
                let mut at = usize::from(from) % (out.len() + 1);
                while !out.is_char_boundary(at) {
                    at -= 1;
                }
                let word = WORDS[usize::from(which) % WORDS.len()];
                out.insert_str(at, &format!(" {word} "));
            }
            5 => {
                // A cut.
                let mut at = usize::from(from) % (out.len() + 1);
                while !out.is_char_boundary(at) {
                    at -= 1;
                }
                let mut end = (at + usize::from(length) % 400).min(out.len());
                while !out.is_char_boundary(end) {
                    end -= 1;
                }
                out.replace_range(at..end, "");
            }
            6 => {
                let word = WORDS[usize::from(which) % WORDS.len()];
                for _ in 0..length % 300 {
                    out.push_str(word);
                    out.push(' ');
                }
            }
            _ => out.push('\n'),
        }
        if out.len() > MOST {
            break;
        }
    }
    out
}

fn piece(source: &str, from: usize, length: usize) -> &str {
    let mut start = from % (source.len() + 1);
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (start + length % 12_000).min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    &source[start..end]
}
