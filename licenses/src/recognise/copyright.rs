//! Copyright lines: which lines are notices, and what they say.

use forebear_types::license::CopyrightLine;

/// A notice is short; a longer line is a whole text on one line.
const LONG: usize = 240;

/// Words after "copyright" that make it a sentence about copyright.
const NOT_NOTICE: &[&str] = &[
    "notice", "notices", "holder", "holders", "owner", "owners", "law", "laws", "license", "licence",
    "licenses", "statement", "statements", "interest", "interests", "infringement", "act", "protection",
    "protected", "rights", "right", "and", "or", "is", "in", "to", "on", "of", "the", "for", "disclaimer",
    "information", "claim", "claims", "treaty", "treaties", "ownership", "status", "years", "date", "dates",
    "line", "lines", "file", "header", "headers", "permission", "applies",
];

/// Marks of a template whose blanks were not filled in.
const BLANKS: &[&str] = &[
    "<year",
    "[yyyy",
    "{yyyy",
    "[year",
    "{year",
    "<copyright holder",
    "[name of",
    "<name of",
    "{name of",
    "<owner",
    "[fullname",
    "{{",
    "yyyy name of",
    "<dates>",
    "<date>",
    "<holder",
    "[copyright holder",
    "year copyright holder",
    "<author",
    "[owner",
    "xxxx",
    "<organization",
    "[various]",
    "[dates of",
];

/// Sentences that follow a notice on one line: with them the licence begins or goes on.
const STOPS: &[&str] = &[
    "permission is", "permission to", "redistribution and", "licensed under", "licensed to", "this software",
    "this program", "this library", "this file", "this work", "this license", "everyone is", "the above",
    "you may", "you can", "hereby granted", "this module", "this code", "this configure", " grants ",
    "by obtaining", "by using", "use of", "\\n",
];

/// The part of a line that is a copyright notice (filled in or not), or the "all rights reserved" that goes with one, from
/// and to in bytes: such a part is none of a licence's words.
pub(crate) fn notice_in(line: &str) -> Option<(usize, usize)> {
    // A whole text on one line: where its notice ends is not sure. Its words are judged like any that were put in.
    if line.len() > LONG || !has_mark(line) {
        return None;
    }
    let bare = bare(line);
    let lower = bare.to_lowercase();
    let reserved = lower.trim_end_matches(['.', '!', ' ']) == "all rights reserved";
    if !(reserved || begins_notice(&lower) || bare_name(bare)) {
        return None;
    }
    // `to_ascii_lowercase` keeps every offset.
    let lower = line.to_ascii_lowercase();
    let stop = STOPS.iter().filter_map(|stop| lower.find(stop)).min();
    // "All rights reserved." is the end of a notice; what follows on the line is a sentence of its own.
    let reserved = lower.find("all rights reserved").map(|at| at + "all rights reserved".len());
    let end = stop.into_iter().chain(reserved).min();
    Some((0, end.unwrap_or(line.len())))
}

/// Whether a piece of running text that starts with "copyright" is a notice: a name, a year or a sign comes next. "Copyright
/// resulting from a directive of 1996" is none.
fn starts_notice(piece: &str, mark: usize) -> bool {
    let next = piece[mark..].trim_start().chars().next();
    next.is_some_and(|next| !next.is_lowercase()) && begins_notice(&piece.to_lowercase())
}

/// Whether a line holds a word or sign of copyright at all: most do not, and need no closer look.
pub(crate) fn has_mark(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'c' | b'C' => {
            let word = |word: &[u8]| {
                bytes.len() - at >= word.len() && bytes[at..at + word.len()].eq_ignore_ascii_case(word)
            };
            word(b"copyright")
                || (at > 0 && bytes[at - 1] == b'(' && bytes.get(at + 1) == Some(&b')'))
                || word(b"copy;")
        }
        b'r' | b'R' => bytes.len() - at >= 15 && bytes[at..at + 15].eq_ignore_ascii_case(b"rights reserved"),
        // The sign in UTF-8, and as an escape in JSON.
        0xa9 => at > 0 && bytes[at - 1] == 0xc2,
        b'\\' => bytes[at..].starts_with(b"\\u00a9"),
        _ => false,
    })
}

/// The owner lines of a text, verbatim. Template lines are none.
pub(crate) fn lines(text: &str) -> Vec<CopyrightLine> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if !has_mark(line) {
            continue;
        }
        let number = index as u32 + 1;
        for notice in notices(line) {
            if let Some(line) = owner_line(notice, number) {
                found.push(line);
            }
        }
    }
    found
}

/// The notices within a line: usually the line itself; in a licence on one line, the part before the terms; in a sentence
/// ("Llama 2 is licensed under …, Copyright (c) Meta Platforms, Inc."), the whole sentence.
fn notices(line: &str) -> Vec<&str> {
    if line.len() <= LONG {
        let bare = bare(line);
        let lower = bare.to_lowercase();
        // Marked copyright in the middle of a line is a notice too, but only with the sign: prose speaks of copyright.
        let inside = || {
            let at = ["copyright (c)", "copyright ©"]
                .iter()
                .find_map(|mark| lower.find(mark))
                .filter(|at| *at > 0)?;
            Some(begins_notice(&lower[at..]))
        };
        return if begins_notice(&lower) || bare_name(bare) || inside().unwrap_or(false) {
            vec![bare]
        } else {
            Vec::new()
        };
    }
    // `to_ascii_lowercase` keeps every offset. Each mark is looked at once, and only a short piece behind it.
    let lower = line.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    for (at, mark) in lower.match_indices("copyright ") {
        if at < from || found.len() >= 64 {
            continue;
        }
        let piece = &line[at..floor(line, at + 120)];
        if !starts_notice(piece, mark.len()) {
            continue;
        }
        let folded = piece.to_ascii_lowercase();
        let reserved = folded.find("all rights reserved");
        let stop = STOPS.iter().filter_map(|stop| folded.find(stop)).chain(reserved).min();
        let end = stop.unwrap_or(piece.len());
        found.push(piece[..end].trim_end_matches([' ', ',', '-', ';']));
        from = at + end.max(mark.len());
    }
    found
}

/// Whether a text in lower case begins as a notice: the mark or the word, then something that is no sentence.
fn begins_notice(lower: &str) -> bool {
    let mut rest = lower.trim_start();
    let mut marked = false;
    loop {
        let before = rest;
        for mark in ["copyright", "copyrights", "(c)", "©", "&copy;", "\\u00a9", ":", "(©)", "c "] {
            if mark == "c " && !marked {
                continue;
            }
            if let Some(after) = rest.strip_prefix(mark) {
                // "copyrightable", "copyright-like": the word must end.
                let ends = !after.starts_with(|next: char| next.is_alphanumeric() || next == '-');
                if mark.starts_with("copyright") && !ends {
                    continue;
                }
                marked |= mark != ":";
                rest = after.trim_start();
            }
        }
        if rest == before {
            break;
        }
    }
    if !marked || rest.is_empty() {
        return false;
    }
    let only_sign = lower.trim_start().starts_with("(c)");
    let has_year = years(rest).next().is_some();
    if only_sign && !has_year {
        // "(c) You must retain …" is an item of a list.
        return false;
    }
    let first: String = rest.chars().take_while(|character| character.is_alphanumeric()).collect();
    let sign = lower.contains("(c)") || lower.contains('©') || lower.contains("&copy;");
    if NOT_NOTICE.contains(&first.as_str()) {
        return sign && first == "the";
    }
    sign || has_year || rest.starts_with(['<', '[', '{'])
}

/// `Copyright Meta Platforms`: without sign and year the word must begin the line and a short name must follow, all in
/// capitals as names are.
fn bare_name(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("Copyright ").or_else(|| line.strip_prefix("COPYRIGHT ")) else {
        return false;
    };
    let first =
        rest.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let small = [
        "and", "of", "the", "for", "by", "inc.", "de", "contributors", "authors", "all", "rights",
        "reserved", "reserved.",
    ];
    !NOT_NOTICE.contains(&first.as_str())
        && rest.split_whitespace().count() <= 6
        && rest.split_whitespace().all(|word| word.starts_with(char::is_uppercase) || small.contains(&word))
}

/// What a notice says; `None` for a template that was not filled in.
fn owner_line(notice: &str, line: u32) -> Option<CopyrightLine> {
    let text = notice.trim();
    let lower = text.to_lowercase();
    if BLANKS.iter().any(|blank| lower.contains(blank)) {
        return None;
    }
    let year_list: Vec<&str> = years(text).collect();
    let holder = holder(text);
    if holder.is_none() && year_list.is_empty() {
        return None;
    }
    let years = match (year_list.first(), year_list.last()) {
        (Some(first), Some(last)) => {
            // Both are slices of the text: what stands between them is how the years were written.
            let start = first.as_ptr() as usize - text.as_ptr() as usize;
            let end = last.as_ptr() as usize - text.as_ptr() as usize + last.len();
            let mut written = text[start..end].to_owned();
            if lower[floor(&lower, end)..].trim_start_matches([' ', '-', '–']).starts_with("present") {
                written.push_str("-present");
            }
            Some(written)
        }
        _ => None,
    };
    Some(CopyrightLine { text: text.to_owned(), holder, years, line })
}

/// The name in a notice: what is left without mark, years and "all rights reserved".
fn holder(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let from = lower.rfind("copyright").map_or(0, |at| at + "copyright".len());
    let mut rest = &text[from..];
    if let Some(at) = rest.to_ascii_lowercase().find("all rights reserved") {
        rest = &rest[..at];
    }
    let name: Vec<&str> = rest
        .split_whitespace()
        .filter(|word| {
            let bare = word.trim_matches(|character: char| !character.is_alphanumeric());
            let lower = bare.to_lowercase();
            let mark = matches!(lower.as_str(), "" | "by" | "present" | "copyright")
                || word.eq_ignore_ascii_case("(c)");
            let year = bare.split(['-', '–', ',', '/']).all(|part| {
                (part.len() == 4 || part.len() == 2) && part.bytes().all(|byte| byte.is_ascii_digit())
            });
            !(mark || year)
        })
        .collect();
    let name = name.join(" ");
    let name = name
        .trim_matches(|character: char| matches!(character, ' ' | ',' | ';' | '.' | ':' | '-' | '*' | '"'));
    let name =
        if name.ends_with("Inc") || name.ends_with("Ltd") || name.ends_with("Co") || name.ends_with("Corp") {
            // The dot belongs to the abbreviation if the text has it.
            let dotted = format!("{name}.");
            if rest.contains(&dotted) { dotted } else { name.to_owned() }
        } else {
            name.to_owned()
        };
    name.chars().any(char::is_alphabetic).then_some(name)
}

/// Years 1950 to 2099, as slices of the text.
fn years(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_digit())
        .filter(|digits| digits.len() == 4 && ("1950".."2100").contains(digits))
}

/// The line without comment leaders, quotes, emphasis and table marks.
fn bare(line: &str) -> &str {
    let line = line.trim().trim_start_matches(|character: char| {
        character.is_whitespace()
            || matches!(
                character,
                '/' | '*' | '#' | ';' | '>' | '-' | '%' | '!' | '|' | '"' | '\'' | '_' | '`' | '•'
            )
    });
    let line = line.strip_prefix("<p>").unwrap_or(line);
    line.trim_end_matches(|character: char| {
        character.is_whitespace() || matches!(character, '*' | '|' | '"' | '\'' | '_' | '`' | '\\')
    })
    .trim_end_matches("</p>")
    .trim_end_matches("<br>")
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_lines_are_taken_verbatim() {
        for (line, text, holder, years) in [
            ("Copyright (c) 2023 DeepSeek", "Copyright (c) 2023 DeepSeek", "DeepSeek", Some("2023")),
            (
                " * Copyright © 2019-2024 The X Team. All rights reserved.",
                "Copyright © 2019-2024 The X Team. All rights reserved.",
                "The X Team",
                Some("2019-2024"),
            ),
            ("Copyright 2023 Baichuan Inc.", "Copyright 2023 Baichuan Inc.", "Baichuan Inc.", Some("2023")),
            ("(C) 2020 Y", "(C) 2020 Y", "Y", Some("2020")),
            (
                "# Copyright (c) Meta Platforms, Inc. and affiliates.",
                "Copyright (c) Meta Platforms, Inc. and affiliates.",
                "Meta Platforms, Inc. and affiliates",
                None,
            ),
            (
                "Llama 2 is licensed under the LLAMA 2 Community License, Copyright (c) Meta Platforms, Inc. All Rights Reserved.",
                "Llama 2 is licensed under the LLAMA 2 Community License, Copyright (c) Meta Platforms, Inc. All Rights Reserved.",
                "Meta Platforms, Inc.",
                None,
            ),
            (
                "Copyright (c) 2018, 2020 A, B and C",
                "Copyright (c) 2018, 2020 A, B and C",
                "A, B and C",
                Some("2018, 2020"),
            ),
        ] {
            let found = lines(line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!(found[0].text, text);
            assert_eq!(found[0].holder.as_deref(), Some(holder), "{line}");
            assert_eq!(found[0].years.as_deref(), years, "{line}");
        }
    }

    #[test]
    fn sentences_and_templates_are_no_owner_lines() {
        for line in [
            "The above copyright notice and this permission notice shall be included in all",
            "Copyright (c) <year> <copyright holders>",
            "Copyright [yyyy] [name of copyright owner]",
            "copyright license to reproduce, prepare Derivative Works of,",
            "copyright owner or entity authorized by the copyright owner",
            "(c) You must retain, in the Source form of any Derivative Works",
            "COPYRIGHT HOLDERS AND CONTRIBUTORS \"AS IS\"",
            "Copyright notices and licences are listed below",
            "All rights reserved.",
            "We respect copyright and ask you to do so.",
        ] {
            assert_eq!(lines(line), [], "{line}");
        }
        let is_notice = |line: &str| notice_in(line) == Some((0, line.len()));
        assert!(is_notice("Copyright (c) <year> <copyright holders>"));
        assert!(notice_in("All rights reserved.").is_some());
        assert!(notice_in("copyright license to reproduce, prepare Derivative Works of,").is_none());
        let joined = "Copyright [yyyy] [name] Licensed under the License";
        assert_eq!(notice_in(joined), joined.find("Licensed").map(|end| (0, end)));
    }

    #[test]
    fn a_licence_on_one_line_gives_its_owner() {
        let text = format!(
            "MIT License Copyright (c) 2020 Jane Doe Permission is hereby granted, {}",
            "free ".repeat(60)
        );
        let found = lines(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].holder.as_deref(), Some("Jane Doe"));
    }
}
