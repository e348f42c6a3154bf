//! Texts of the SPDX list with the owners' lines where the template has a place for them.

use forebear_types::LicenseId;

/// Lines within which the template's own notice stands; placeholders further down are instructions to licensors and stay.
const HEAD: usize = 6;

/// Lines longer than this are wrapped.
const WIDTH: usize = 80;

/// Lines shorter than this, other than the last of a paragraph, are those of a list or of an address.
const PROSE: usize = 60;

/// The text of a licence with these owners' lines; `None` if it is not on the SPDX list.
///
/// Without owners the template's place stays open where `keep` says so, and is left out otherwise. Words are those of the list; only
/// long lines are wrapped.
pub fn filled(id: &LicenseId, owners: &[String], keep: bool) -> Option<String> {
    let template = forebear_licenses::text(id)?;
    let mut text = String::new();
    let mut open = !owners.is_empty();
    let mut left_out = false;
    let mut lines: Vec<&str> = Vec::new();
    for (index, line) in template.lines().enumerate() {
        let is_place = index < HEAD && is_place(line);
        if !is_place && !line.trim().is_empty() {
            lines.push(line);
            continue;
        }
        paragraph(&mut text, &lines);
        lines.clear();
        if !is_place {
            // Without the place, one of the two empty lines around it is enough.
            if !text.ends_with("\n\n") || !left_out {
                text.push('\n');
            }
            continue;
        }
        left_out = owners.is_empty() && !keep;
        if owners.is_empty() && keep {
            push(&mut text, line);
        }
        for owner in owners.iter().filter(|_| open) {
            push(&mut text, owner);
        }
        open = false;
    }
    paragraph(&mut text, &lines);
    let text = format!("{}\n", text.trim_matches('\n'));
    Some(if open && takes_owners(id) { format!("{}\n\n{text}", owners.join("\n")) } else { text })
}

/// Whether the template of a licence has a place for owners.
pub fn has_place(id: &LicenseId) -> bool {
    forebear_licenses::text(id).is_some_and(|text| text.lines().take(HEAD).any(is_place))
}

/// Licences that ask for the owner's notice beside their text are given it on top where the template has no place for it.
fn takes_owners(id: &LicenseId) -> bool {
    use forebear_types::obligation::Duty;
    forebear_licenses::terms::terms(id).is_some_and(|terms| terms.duty(Duty::KeepCopyrightNotice).is_some())
        && !id.as_str().starts_with("Apache-")
}

/// `Copyright (c) <year> <copyright holders>` and its like.
fn is_place(line: &str) -> bool {
    let line = line.trim();
    line.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("copyright"))
        && (line.contains(['<', '[']) || line.contains("YEAR"))
}

fn push(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

/// Lines as they are, unless one is too long: then the paragraph is laid out anew, or, where its lines are a list, each by itself.
fn paragraph(text: &mut String, lines: &[&str]) {
    if lines.iter().all(|line| line.chars().count() <= WIDTH) {
        return lines.iter().for_each(|line| push(text, line));
    }
    let indent = |line: &str| line.chars().take_while(|one| *one == ' ').count();
    let prose =
        lines.windows(2).all(|pair| indent(pair[0]) == indent(pair[1]) && pair[0].chars().count() > PROSE);
    if prose {
        wrap(text, &lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join(" "));
    } else {
        lines.iter().for_each(|line| wrap(text, line));
    }
}

/// A line, at spaces, with the same indent on each part.
fn wrap(text: &mut String, line: &str) {
    let indent: String = line.chars().take_while(|one| *one == ' ').collect();
    let mut part = indent.clone();
    let mut empty = true;
    for word in line.split_whitespace() {
        if !empty && part.chars().count() + 1 + word.chars().count() > WIDTH {
            push(text, &part);
            part.clone_from(&indent);
            empty = true;
        }
        if !empty {
            part.push(' ');
        }
        part.push_str(word);
        empty = false;
    }
    push(text, &part);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn owners_stand_where_the_template_has_its_place() {
        let two = owners(&["Copyright (c) 2023 DeepSeek", "Copyright (c) 2026 Kaguya"]);
        let text = filled(&LicenseId::from("MIT"), &two, false).unwrap();
        assert!(
            text.starts_with("MIT License\n\nCopyright (c) 2023 DeepSeek\nCopyright (c) 2026 Kaguya\n\nPerm")
        );
        assert!(!text.contains("<year>"));
        let open = filled(&LicenseId::from("MIT"), &[], true).unwrap();
        assert!(open.contains("Copyright (c) <year> <copyright holders>"));
        assert!(!filled(&LicenseId::from("BSD-3-Clause"), &[], false).unwrap().contains("<year>"));
        assert_eq!(filled(&LicenseId::from("LicenseRef-x"), &[], false), None);
    }

    /// What is written is recognised, whole: for every licence of the tables that SPDX has a text of.
    #[test]
    fn every_text_is_recognised_as_itself() {
        let line = owners(&["Copyright (c) 2023 DeepSeek"]);
        for id in forebear_licenses::terms::known().map(LicenseId::from) {
            for owners in [&line[..], &[]] {
                let Some(text) = filled(&id, owners, true) else { continue };
                let found = forebear_licenses::recognise(&text);
                assert!(found.best(&id).is_some_and(|found| found.whole()), "{id}: {found:?}");
                assert!(
                    text.lines().all(|line| line.chars().count() <= WIDTH || !line.contains(' ')),
                    "{id}"
                );
            }
        }
    }

    /// An instruction to licensors is a part of the text.
    #[test]
    fn appendices_stay_as_they_are() {
        let text = filled(&LicenseId::from("Apache-2.0"), &owners(&["Copyright 2024 X"]), false).unwrap();
        assert!(text.contains("[yyyy] [name of copyright owner]"), "{text}");
        assert!(!text.contains("Copyright 2024 X"));
    }
}
