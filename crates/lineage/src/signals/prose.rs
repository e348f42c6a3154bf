//! Bases named in prose: the body of a card, a notice, an owner's line.

use forebear_types::fact::{Fact, FactKind, LegalFile, ModelCard};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::{LineSpan, Location, RepoPath};

use crate::catalog::{self, Model};

/// Mentions that a report needs; more of them say nothing new.
const MOST: usize = 5;

/// Where any candidate of a hop, its family, or (in an owner's line) its developer is named.
///
/// A name counts as a whole word, whatever its case. A family's name counts if it is unmistakable: with a digit. A developer's
/// name alone counts only in the copyright line of a legal file.
pub fn named_in_prose(facts: &[Fact], hop: &Hop) -> Vec<Evidence> {
    let models: Vec<&Model> =
        hop.candidates.iter().filter_map(|candidate| catalog::find(candidate.model.as_str())).collect();
    let mut names: Vec<String> =
        hop.candidates.iter().map(|candidate| candidate.model.name().to_lowercase()).collect();
    for model in &models {
        names.extend(
            model.aliases.iter().map(|alias| alias.rsplit('/').next().unwrap_or(alias).to_lowercase()),
        );
        names.push(model.family.to_lowercase());
    }
    names.retain(|name| name.len() >= 4 && name.bytes().any(|byte| byte.is_ascii_digit()));
    names.extend(hop.candidates.iter().map(|candidate| candidate.model.as_str().to_lowercase()));
    names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.clone()));
    names.dedup();
    let mut owners: Vec<String> = models
        .iter()
        .map(|model| model.root().developer)
        .chain(models.iter().map(|model| model.developer))
        .map(|developer| developer.split(" (").next().unwrap_or(developer).to_lowercase())
        .collect();
    owners.sort();
    owners.dedup();

    let mut found = Vec::new();
    for fact in facts {
        match &fact.kind {
            FactKind::ModelCard(card) => in_card(&fact.path, card, &names, &mut found),
            FactKind::LegalFile(file) => in_legal_file(&fact.path, file, &names, &owners, &mut found),
            _ => {}
        }
    }
    found.truncate(MOST);
    found
}

fn in_card(path: &RepoPath, card: &ModelCard, names: &[String], found: &mut Vec<Evidence>) {
    let front = card.front_matter.unwrap_or(LineSpan { first: 0, last: 0 });
    for (index, line) in card.text.lines().enumerate() {
        let number = index as u32 + 1;
        if (front.first..=front.last).contains(&number) || found.len() >= MOST {
            continue;
        }
        let lower = line.to_lowercase();
        if let Some(name) = names.iter().find(|name| holds(&lower, name)) {
            found.push(mention(path, number, format!("{path}, line {number}, names {name}")));
        }
    }
}

fn in_legal_file(
    path: &RepoPath,
    file: &LegalFile,
    names: &[String],
    owners: &[String],
    found: &mut Vec<Evidence>,
) {
    for line in &file.recognition.copyright {
        let lower = line.text.to_lowercase();
        if owners.iter().any(|owner| holds(&lower, owner)) {
            found.push(mention(
                path,
                line.line,
                format!("{path}, line {}, holds the owner's line “{}”", line.line, line.text),
            ));
        }
    }
    for (index, line) in file.text.lines().enumerate() {
        if found.len() >= MOST {
            return;
        }
        let lower = line.to_lowercase();
        if let Some(name) = names.iter().find(|name| holds(&lower, name)) {
            let number = index as u32 + 1;
            found.push(mention(path, number, format!("{path}, line {number}, names {name}")));
        }
    }
}

fn mention(path: &RepoPath, line: u32, detail: String) -> Evidence {
    Evidence {
        kind: EvidenceKind::Prose,
        strength: Strength::Circumstantial,
        location: Some(Location::lines(path.clone(), LineSpan::line(line))),
        detail,
    }
}

/// Whether a text in lower case holds a name as a whole word.
fn holds(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let edge = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
        edge(text[..at].chars().next_back()) && edge(text[at + name.len()..].chars().next())
    })
}
