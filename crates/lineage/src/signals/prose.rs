//! Bases named in prose: the body of a card, a notice, an owner's line.

mod descent;
mod names;
mod words;

use forebear_types::fact::{Fact, FactKind, LegalFile, ModelCard};
use forebear_types::license::CopyrightLine;
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::{LineSpan, Location, RepoPath};

use crate::catalog::{Catalog, Model};
use names::Names;

pub(crate) use descent::{compares, descriptions, stated_in_prose};

/// Mentions that a report needs; more of them say nothing new.
const MOST: usize = 5;

/// Shorter names (`Yi`, `OPT`) are words of other meanings too.
const SHORTEST: usize = 4;

/// Where any candidate of a hop, its family, or (in an owner's line) its developer is named, or what was loaded is said to
/// bear its name.
///
/// A name counts as a whole word, whatever its case, and whether its parts are joined by `-`, `_`, a space or nothing: people
/// write `DeepSeek-V3`, `DeepSeek V3` and `deepseek_v3`. `DeepSeek-V3.2` does not name `DeepSeek-V3`. A developer's name alone
/// counts only in a copyright line: "Meta" or "Google" in a README says nothing about descent.
pub fn named_in_prose(catalog: &Catalog, facts: &[Fact], hop: &Hop) -> Vec<Evidence> {
    let wanted = Wanted::of(catalog, hop);
    let mut found: Vec<Evidence> = hop
        .because
        .iter()
        .filter(|reason| {
            matches!(
                reason.kind,
                EvidenceKind::ConfigName | EvidenceKind::AdapterDeclaration | EvidenceKind::Name
            ) || (reason.kind == EvidenceKind::CardDeclaration && reason.strength < Strength::Declared)
        })
        .take(MOST)
        .cloned()
        .collect();
    for fact in facts {
        match &fact.kind {
            FactKind::ModelCard(card) => wanted.in_card(&fact.path, card, &mut found),
            FactKind::LegalFile(file) => wanted.in_legal_file(&fact.path, file, &mut found),
            _ => {}
        }
        if found.len() >= MOST {
            break;
        }
    }
    // What is declared already is no second mention.
    let declared =
        |one: &Evidence| hop.because.iter().any(|known| known.kind != one.kind && overlap(known, one));
    found.retain(|one| one.kind != EvidenceKind::Prose || !declared(one));
    found.truncate(MOST);
    found
}

fn overlap(one: &Evidence, other: &Evidence) -> bool {
    let (Some(one), Some(other)) = (&one.location, &other.location) else { return false };
    one.path == other.path && one.lines.zip(other.lines).is_some_and(|(a, b)| a.overlaps(b))
}

/// The names that count for one hop.
struct Wanted {
    names: Names,
    owners: Names,
}

impl Wanted {
    fn of(catalog: &Catalog, hop: &Hop) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut owners: Vec<String> = Vec::new();
        for candidate in &hop.candidates {
            let id = &candidate.model;
            names.push(id.as_str().to_owned());
            match catalog.find(id.as_str()) {
                Some(model) => {
                    names.push(id.name().to_owned());
                    names.push(model.family.to_owned());
                    names.extend(
                        model.aliases.iter().filter_map(|alias| alias.rsplit('/').next()).map(str::to_owned),
                    );
                    owners.extend(owner_names(model).chain(owner_names(catalog.root(model))));
                }
                // A stranger's model may be called `base` or `model-final`.
                None if id.name().bytes().any(|byte| byte.is_ascii_digit()) => {
                    names.push(id.name().to_owned())
                }
                None => {}
            }
        }
        names.retain(|name| name.len() >= SHORTEST);
        Self { names: Names::new(names), owners: Names::new(owners) }
    }

    fn in_card(&self, path: &RepoPath, card: &ModelCard, found: &mut Vec<Evidence>) {
        self.in_owner_lines(path, &card.recognition.copyright, found);
        self.in_text(path, &card.text, found);
    }

    fn in_legal_file(&self, path: &RepoPath, file: &LegalFile, found: &mut Vec<Evidence>) {
        // A file for another component counts too: an upstream's licence is often kept in a folder of its own, and a line of
        // a bundled library by the same company only makes the verdict milder.
        self.in_owner_lines(path, &file.recognition.copyright, found);
        self.in_text(path, &file.text, found);
    }

    fn in_owner_lines(&self, path: &RepoPath, lines: &[CopyrightLine], found: &mut Vec<Evidence>) {
        for line in lines {
            if found.len() < MOST && self.owners.first_in(&line.text, 0).is_some() {
                let detail = format!("{path}, line {}, holds the owner's line “{}”", line.line, line.text);
                found.push(mention(path, line.line, detail));
            }
        }
    }

    fn in_text(&self, path: &RepoPath, text: &str, found: &mut Vec<Evidence>) {
        let (mut from, mut counted, mut number) = (0, 0, 1);
        while found.len() < MOST
            && let Some((at, name)) = self.names.first_in(text, from)
        {
            number += text.as_bytes()[counted..at].iter().filter(|byte| **byte == b'\n').count() as u32;
            counted = at;
            found.push(mention(path, number, format!("{path}, line {number}, names {name}")));
            // One mention a line.
            from = text[at..].find('\n').map_or(text.len(), |len| at + len + 1);
        }
    }
}

/// A developer as copyright lines write it: each name of the catalog's entry, and the holders of the recorded owner lines.
pub(crate) fn owner_names(model: &Model) -> impl Iterator<Item = String> {
    let named = model.developer.split(['/', '&', '(', ')', ',']).map(str::trim);
    let recorded = model.licenses.iter().flat_map(|period| period.copyright).filter_map(|line| holder(line));
    named.chain(recorded).filter(|name| name.len() >= 2).map(str::to_owned)
}

/// What follows word, sign and years in an owner line: `DeepSeek` in `Copyright (c) 2023 DeepSeek`.
fn holder(line: &str) -> Option<&str> {
    let at = line.to_ascii_lowercase().rfind("copyright")?;
    let rest = line[at + "copyright".len()..].trim_start();
    let rest = rest.strip_prefix("(c)").or_else(|| rest.strip_prefix("(C)")).unwrap_or(rest);
    let rest = rest.trim_start_matches(|character: char| character == '©' || character.is_whitespace());
    // Years, as in `2023-2024 01.AI`: a name may begin with digits too, so only whole words of digits go.
    let years = |word: &str| {
        word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b','))
    };
    let rest = match rest.split_once(' ') {
        Some((word, after)) if years(word) => after,
        None if years(rest) => return None,
        _ => rest,
    };
    let end = rest.find(['.', ',', ';']).filter(|end| *end >= SHORTEST).unwrap_or(rest.len());
    let name = rest[..end].trim();
    (name.len() >= SHORTEST && name.len() <= 60).then_some(name)
}

fn mention(path: &RepoPath, line: u32, detail: String) -> Evidence {
    Evidence {
        kind: EvidenceKind::Prose,
        strength: Strength::Circumstantial,
        location: Some(Location::lines(path.clone(), LineSpan::line(line))),
        detail,
        p: None,
    }
}

#[cfg(test)]
mod tests {
    use super::holder;

    #[test]
    fn holders_are_read_from_owner_lines() {
        for (line, wanted) in [
            ("Copyright (c) 2023 DeepSeek", Some("DeepSeek")),
            ("Copyright 2023-2024 01.AI", Some("01.AI")),
            ("Copyright © Meta Platforms, Inc. All Rights Reserved.", Some("Meta Platforms")),
            ("Copyright (c) Microsoft Corporation.", Some("Microsoft Corporation")),
            ("Copyright", None),
            ("Copyright 2024", None),
            ("Gemma is provided under and subject to the Gemma Terms of Use", None),
        ] {
            assert_eq!(holder(line), wanted, "{line}");
        }
    }
}
