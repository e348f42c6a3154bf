//! Licences that are named without their text: in prose, by an address, by an SPDX tag, by the notice that a licence tells
//! authors to put into their files.

use forebear_types::LicenseId;

use super::index::Index;
use super::words::Words;

/// Mentions in one text that are reported; more of them say nothing new.
const MOST: usize = 100;

/// Words behind the name of a GNU licence within which its version stands ("as published by the Free Software Foundation,
/// either version 2 of the License").
const VERSION_REACH: usize = 22;

/// Words behind a version within which "any later version" stands.
const LATER_REACH: usize = 16;

/// Prefix of the entries of `data/names.txt` that are families, whose version stands elsewhere in the sentence.
const FAMILY: &str = "GNU:";

/// How a text speaks of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// In passing.
    SpokenOf,
    /// In a line of its own, or as a family without a version: it counts where nothing else is said.
    Headed,
    /// By a tag, by the notice that the licence prescribes, or by "licensed under".
    Applied,
}

/// A licence that is named.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) id: LicenseId,
    pub(crate) line: u32,
    pub(crate) strength: Strength,
    /// Whether no version was given.
    pub(crate) any_version: bool,
}

/// What a name stands for.
enum Meant {
    License(String),
    /// The id of "any version".
    AnyVersion(String),
}

/// The mentions outside the words that hold a text, one for each licence and line, in order of the line.
pub(crate) fn mentions(
    index: &Index,
    text: &str,
    words: &Words<'_>,
    covered: &[(usize, usize)],
) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut push = |meant: &Meant, line: u32, strength: Strength| {
        let (Meant::License(id) | Meant::AnyVersion(id)) = meant;
        let any_version = matches!(meant, Meant::AnyVersion(_));
        let id = LicenseId::from(id.as_str());
        if let Some(known) = found.iter_mut().find(|known| known.id == id && known.line == line) {
            known.strength = known.strength.max(strength);
        } else if found.len() < MOST {
            found.push(Mention { id, line, strength, any_version });
        }
    };
    for (line, id) in tags(text) {
        push(&Meant::License(id.to_owned()), line, Strength::Applied);
    }
    let mut covered = covered.to_vec();
    covered.sort_unstable();
    let mut covered = covered.into_iter().peekable();
    let mut at = 0;
    let mut last: Option<(usize, Strength)> = None;
    while at < words.len() {
        while covered.next_if(|(_, end)| *end <= at).is_some() {}
        if let Some((_, end)) = covered.peek().filter(|(start, _)| *start <= at) {
            at = *end;
            continue;
        }
        match index.name(&words.ids[at..]) {
            // "Modified MIT License" is the name of some other licence.
            Some((count, _)) if at > 0 && words.lower(at - 1) == "modified" => at += count,
            Some((count, id)) => {
                let (meant, end) = version(words, at, at + count, id);
                if let Some(meant) = meant {
                    let own = strength(words, (at, at + count), &meant);
                    // "Under the MIT license or Apache-2.0": what holds for one holds for the next.
                    let shared = last.filter(|(end, _)| at - end <= LIST).map(|(_, strength)| strength);
                    let shared = shared.filter(|_| matches!(meant, Meant::License(_)));
                    let strength = shared.map_or(own, |shared| shared.max(own));
                    last = Some((end, strength));
                    push(&meant, words.line(at), strength);
                }
                at = end;
            }
            None => at += 1,
        }
    }
    // "The GPL" behind "version 2 of the GNU General Public License" is the one that was named.
    let numbered: Vec<LicenseId> =
        found.iter().filter(|mention| !mention.any_version).map(|mention| mention.id.clone()).collect();
    found.retain(|mention| {
        let family = mention.id.as_str().split('-').next().unwrap_or_default();
        !mention.any_version || !numbered.iter().any(|id| id.as_str().split('-').next() == Some(family))
    });
    found.sort_by_key(|named| named.line);
    found
}

/// The licence that a name stands for, with the version that stands near it, and the word from which to go on.
fn version(words: &Words<'_>, from: usize, end: usize, id: &str) -> (Option<Meant>, usize) {
    if let Some(family) = id.strip_prefix(FAMILY) {
        return match numbered(words, end).or_else(|| numbered_before(words, from).map(|number| (number, end)))
        {
            Some((number, end)) => match gnu(family, &number) {
                Some(base) => (Some(Meant::License(later(words, end, &base))), end),
                None => (None, end),
            },
            None => (any_version(words, from, family).map(Meant::AnyVersion), end),
        };
    }
    match id.strip_suffix("-only") {
        Some(base) => (Some(Meant::License(later(words, end, base))), end),
        None => (Some(Meant::License(id.to_owned())), end),
    }
}

/// Words before a name by which something is put under the licence, not only spoken of.
const UNDER: &[&str] = &["under", "licensed", "terms", "conditions", "by", "released", "subject"];

/// The most words between the names of a list.
const LIST: usize = 4;

/// The most words beside a name in a line that is a heading.
const TITLE: usize = 10;

/// Words before a name within which one of [`UNDER`] stands.
const UNDER_REACH: usize = 8;

fn strength(words: &Words<'_>, (from, to): (usize, usize), meant: &Meant) -> Strength {
    let title = is_title(words, from, to);
    // "License: MIT" in a line of its own is the heading of a text as often as all that is said.
    let under = is_under(words, from) || (!title && cue(words, from, &["license", "licenses"]));
    match (under, title, meant) {
        (true, _, Meant::License(_)) => Strength::Applied,
        // A family without a version is spoken of more often than applied.
        (true, _, Meant::AnyVersion(_)) | (_, true, _) => Strength::Headed,
        (false, false, _) => Strength::SpokenOf,
    }
}

/// Whether something is put under the licence whose name begins at a word.
fn is_under(words: &Words<'_>, from: usize) -> bool {
    cue(words, from, UNDER)
}

fn cue(words: &Words<'_>, from: usize, cues: &[&str]) -> bool {
    (from.saturating_sub(UNDER_REACH)..from).any(|at| cues.contains(&words.lower(at).as_str()))
}

/// Whether the line of a name is a heading or an entry: "License: MIT".
fn is_title(words: &Words<'_>, from: usize, to: usize) -> bool {
    let line = words.line(from);
    let before = (0..from).rev().take_while(|at| words.line(*at) == line).take(TITLE + 1).count();
    let after = (to..words.len()).take_while(|at| words.line(*at) == line).take(TITLE + 1).count();
    before + after <= TITLE
}

/// What stands for "any version ever published"; the second of LGPL is that of the name "Library".
const ANY_VERSION: &[(&str, &str)] = &[
    ("GPL", "GPL-1.0-or-later"),
    ("LGPL", "LGPL-2.1-or-later"),
    ("LGPL", "LGPL-2.0-or-later"),
    ("AGPL", "AGPL-3.0-or-later"),
    ("GFDL", "GFDL-1.1-or-later"),
];

/// A GNU licence without a version: "you may choose any version ever published" (GPL-1.0 section 7, GPL-2.0 section 9, LGPL-2.1
/// section 13). The name "Lesser" came with LGPL-2.1, the GNU Affero licence with version 3.
fn any_version(words: &Words<'_>, from: usize, family: &str) -> Option<String> {
    if !is_under(words, from) {
        return None;
    }
    let library = (from..from + 4).any(|at| words.lower(at) == "library");
    let mut known = ANY_VERSION.iter().filter(|(known, _)| *known == family);
    let (_, id) = if library { known.next_back()? } else { known.next()? };
    Some((*id).to_owned())
}

/// The id without its ending, if there is such a version.
fn gnu(family: &str, number: &str) -> Option<String> {
    let base = format!("{family}-{number}");
    spdx::license_id(&format!("{base}-only")).map(|_| base)
}

/// The first version number behind a name, and the word after it.
fn numbered(words: &Words<'_>, end: usize) -> Option<(String, usize)> {
    let mut cue = false;
    for at in end..words.len().min(end + VERSION_REACH) {
        let word = words.lower(at);
        let digits = word.trim_start_matches('v');
        let near = at < end + 2;
        if matches!(digits, "1" | "2" | "3") && (cue || near || digits.len() < word.len()) {
            let minor = words.lower(at + 1);
            // `2.1`: the next word is the minor number if only a dot stands between.
            return if matches!(minor.as_str(), "0" | "1" | "2" | "3") && words.joined_by_dot(at) {
                Some((format!("{digits}.{minor}"), at + 2))
            } else {
                Some((format!("{digits}.0"), at + 1))
            };
        }
        cue = matches!(word.as_str(), "version" | "v" | "versions" | "ver" | "either");
    }
    None
}

/// "version 3 of the GNU General Public License".
fn numbered_before(words: &Words<'_>, from: usize) -> Option<String> {
    let start = from.saturating_sub(5);
    let before: Vec<String> = (start..from).map(|at| words.lower(at)).collect();
    let version = before.iter().rposition(|word| word == "version")?;
    let number = before.get(version + 1)?;
    let minor = before.get(version + 2).filter(|minor| minor.as_str() == "1");
    matches!(number.as_str(), "1" | "2" | "3")
        .then(|| format!("{number}.{}", minor.map_or("0", String::as_str)))
}

/// `-or-later` or `-only`, by what stands behind the version.
fn later(words: &Words<'_>, end: usize, base: &str) -> String {
    let plus = end > 0 && words.followed_by_plus(end - 1);
    let later = (end..words.len().min(end + LATER_REACH))
        .any(|at| matches!(words.lower(at).as_str(), "later" | "newer" | "above" | "greater"));
    let ending = if plus || later { "or-later" } else { "only" };
    let id = format!("{base}-{ending}");
    if spdx::license_id(&id).is_some() { id } else { format!("{base}-only") }
}

/// The ids in SPDX tags (`SPDX-License-Identifier: MIT OR Apache-2.0`), each with its line.
fn tags(text: &str) -> Vec<(u32, &'static str)> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut counted = 0;
    let lower = text.to_ascii_lowercase();
    for (at, tag) in lower.match_indices("spdx-license-identifier").take(MOST) {
        line += text[counted..at].bytes().filter(|byte| *byte == b'\n').count() as u32;
        counted = at;
        let rest = &text[at + tag.len()..];
        let rest = rest.lines().next().unwrap_or_default();
        found.extend(expression_ids(rest).map(|id| (line, id)));
    }
    found
}

/// The licence and exception ids of an SPDX expression.
fn expression_ids(text: &str) -> impl Iterator<Item = &'static str> {
    text.split(|character: char| !(character.is_ascii_alphanumeric() || "-.+".contains(character)))
        .take(20)
        .filter_map(|word| {
            if let Some(base) = word.strip_suffix('+') {
                let later = spdx::license_id(&format!("{base}-or-later")).or_else(|| spdx::license_id(base));
                return later.map(|license| license.name);
            }
            // `GPL-2.0` is the deprecated form of `GPL-2.0-only`.
            let license = spdx::license_id(word);
            let current = license
                .filter(|license| license.is_deprecated())
                .and_then(|_| spdx::license_id(&format!("{word}-only")));
            current
                .or(license)
                .map(|license| license.name)
                .or_else(|| spdx::exception_id(word).map(|exception| exception.name))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<(String, u32)> {
        let index = Index::embedded();
        let words = Words::of(text, &index);
        mentions(&index, text, &words, &[])
            .into_iter()
            .map(|named| (named.id.to_string(), named.line))
            .collect()
    }

    #[test]
    fn names_are_found_outside_texts() {
        for (text, ids) in [
            ("SPDX-License-Identifier: MIT OR Apache-2.0", &["MIT", "Apache-2.0"][..]),
            ("Licensed under the Apache License,\nVersion 2.0 (the \"License\");", &["Apache-2.0"]),
            ("**MIT licence**", &["MIT"]),
            ("summit licenses", &[]),
            ("http://www.apache.org/licenses/LICENSE-2.0", &["Apache-2.0"]),
            ("licensed under GPLv2 or later", &["GPL-2.0-or-later"]),
            (
                "the GNU Lesser General Public License as published by the Free Software Foundation; either\nversion 2.1 of the License, or (at your option) any later version.",
                &["LGPL-2.1-or-later"],
            ),
            ("under version 3 of the GNU General Public License", &["GPL-3.0-only"]),
            (
                "SPDX-License-Identifier: GPL-2.0+ WITH Classpath-exception-2.0",
                &["GPL-2.0-or-later", "Classpath-exception-2.0"],
            ),
        ] {
            let found: Vec<String> = named(text).into_iter().map(|(id, _)| id).collect();
            assert_eq!(found, ids, "{text}");
        }
        assert_eq!(named("\n\nMIT License\n"), [("MIT".to_owned(), 3)]);
    }
}
