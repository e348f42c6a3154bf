//! Legal files and owner lines of the copy, and what became of them.

use std::collections::BTreeSet;

use forebear_types::fact::{Fact, FactKind, LegalFile, LegalRole, Scope};
use forebear_types::license::{Change, LicenseMatch, MatchStatus, NoticeWords, Recognition};
use forebear_types::upstream::{Fate, LegalFileFate, LostLine};
use forebear_types::{LicenseId, Location, RepoPath};

/// Legal files and cards of one side that are looked at, and owner lines. Models have a handful of each; whoever has more wants to
/// keep us busy.
const FILES: usize = 200;
const LINES: usize = 4000;

/// What became of each legal file that speaks for their model.
pub(super) fn fates(ours: &[Fact], theirs: &[Fact]) -> Vec<LegalFileFate> {
    let here: Vec<Here<'_>> = ours.iter().filter_map(Here::of).take(FILES).collect();
    legal_files(theirs).take(FILES).map(|(path, file)| fate(path, file, &here)).collect()
}

/// Owner lines of their legal files whose holder no legal file and no card of ours names.
pub(super) fn lost_lines(ours: &[Fact], theirs: &[Fact]) -> Vec<LostLine> {
    let here: Vec<NoticeWords> = ours
        .iter()
        .filter_map(Fact::recognition)
        .flat_map(|recognition| &recognition.copyright)
        .take(LINES)
        .map(|line| NoticeWords::of(&line.text))
        .collect();
    let mut left = LINES;
    let mut said = BTreeSet::new();
    let mut lost = Vec::new();
    for (path, file) in legal_files(theirs) {
        for line in file.recognition.copyright.iter().take(left) {
            let wanted = NoticeWords::of(&line.text);
            let kept = here.iter().any(|words| words.names(&wanted));
            if !kept && !wanted.holder.is_empty() && said.insert((wanted.holder, wanted.years)) {
                lost.push(LostLine { path: path.clone(), line: line.line, text: line.text.clone() });
            }
        }
        left = left.saturating_sub(file.recognition.copyright.len());
    }
    lost
}

/// The licence of their model: the only one whose whole text their licence files hold; of several the one in a file whose name
/// says that it is the model's (`LICENSE-MODEL`).
pub(super) fn license(theirs: &[Fact]) -> Option<LicenseId> {
    let mut all: BTreeSet<&LicenseId> = BTreeSet::new();
    let mut of_model: BTreeSet<&LicenseId> = BTreeSet::new();
    for (path, file) in legal_files(theirs).filter(|(_, file)| file.role == LegalRole::License) {
        let whole = file.recognition.licenses.iter().filter(|found| found.whole()).map(|found| &found.id);
        let name = path.file_name().to_ascii_lowercase();
        let says = |word: &[u8]| name.windows(word.len()).any(|part| part == word);
        if says(b"model") || says(b"weight") {
            of_model.extend(whole.clone());
        }
        all.extend(whole);
    }
    let only = |set: &BTreeSet<&LicenseId>| match set.len() {
        1 => set.first().map(|id| (*id).clone()),
        _ => None,
    };
    only(&of_model).or_else(|| only(&all))
}

/// A legal file or a card here.
struct Here<'a> {
    path: &'a RepoPath,
    /// The text in [`folded_lines`].
    lines: Vec<String>,
    recognition: &'a Recognition,
    legal: bool,
    examined: bool,
}

impl<'a> Here<'a> {
    fn of(fact: &'a Fact) -> Option<Self> {
        let (legal, examined) = match &fact.kind {
            FactKind::LegalFile(file) => (true, file.examined),
            FactKind::ModelCard(_) => (false, true),
            _ => return None,
        };
        let recognition = fact.recognition()?;
        let lines = folded_lines(fact.text().unwrap_or_default());
        Some(Self { path: &fact.path, lines, recognition, legal, examined })
    }
}

fn legal_files(facts: &[Fact]) -> impl Iterator<Item = (&RepoPath, &LegalFile)> {
    facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::LegalFile(file) if file.scope == Scope::Model => Some((&fact.path, file)),
        _ => None,
    })
}

fn fate(path: &RepoPath, file: &LegalFile, here: &[Here<'_>]) -> LegalFileFate {
    let mut licenses: Vec<LicenseId> = Vec::new();
    for found in &file.recognition.licenses {
        if !licenses.contains(&found.id) {
            licenses.push(found.id.clone());
        }
    }
    let (fate, place, mut differences) =
        if file.examined { compared(path, file, here) } else { (Fate::Unknown, None, Vec::new()) };
    differences.truncate(LegalFileFate::DIFFERENCES);
    LegalFileFate {
        path: path.clone(),
        role: file.role,
        licenses,
        copyright: file.recognition.copyright.iter().map(|line| line.text.clone()).collect(),
        fate,
        here: place,
        differences,
    }
}

type Outcome = (Fate, Option<Location>, Vec<Change>);

fn compared(path: &RepoPath, file: &LegalFile, here: &[Here<'_>]) -> Outcome {
    let lines = folded_lines(&file.text);
    if lines.is_empty() {
        return (Fate::Copied, None, Vec::new());
    }
    if let Some(same) = here.iter().find(|other| other.lines == lines) {
        return (Fate::Copied, Some(Location::file(same.path.clone())), Vec::new());
    }
    // Texts of known licences compare by their words: owner lines, wrapping and the rest of the file do not matter.
    let whole: Vec<&LicenseMatch> = file.recognition.licenses.iter().filter(|found| found.whole()).collect();
    let outcome = if whole.is_empty() { by_lines(path, &lines, here) } else { by_license(&whole, here) };
    if outcome.0 == Fate::Missing && here.iter().any(|other| other.legal && !other.examined) {
        return (Fate::Unknown, None, Vec::new());
    }
    outcome
}

/// The worst outcome of the licences of a file; for several, the first of the worst.
fn by_license(licenses: &[&LicenseMatch], here: &[Here<'_>]) -> Outcome {
    let outcomes = licenses.iter().map(|wanted| {
        let mut best: Option<(&Here<'_>, &LicenseMatch)> = None;
        for other in here {
            let Some(found) = other.recognition.best(&wanted.id) else { continue };
            let better = best.is_none_or(|(_, known)| {
                let rank = |one: &LicenseMatch| (one.whole(), one.altered(), one.coverage);
                rank(found) > rank(known)
            });
            if better {
                best = Some((other, found));
            }
        }
        let Some((other, found)) = best else { return (Fate::Missing, None, Vec::new()) };
        let place = Some(Location::lines(other.path.clone(), found.lines));
        match &found.status {
            MatchStatus::Exact | MatchStatus::Complete => (Fate::Copied, place, Vec::new()),
            MatchStatus::Altered { changes } => (Fate::Altered, place, changes.clone()),
            MatchStatus::Incomplete { missing } => {
                let change = |words: &String| Change {
                    line: found.lines.last,
                    expected: words.clone(),
                    found: String::new(),
                };
                (Fate::Altered, place, missing.iter().map(change).collect())
            }
        }
    });
    let rank = |outcome: &Outcome| match outcome.0 {
        Fate::Missing => 0,
        Fate::Unknown => 1,
        Fate::Altered => 2,
        Fate::Copied => 3,
    };
    outcomes.min_by_key(rank).unwrap_or((Fate::Missing, None, Vec::new()))
}

/// Texts that are no known licence (notices, use policies) compare by their lines.
fn by_lines(path: &RepoPath, lines: &[String], here: &[Here<'_>]) -> Outcome {
    let wanted: BTreeSet<&str> = lines.iter().map(String::as_str).collect();
    let mut best: Option<(usize, bool, &Here<'_>)> = None;
    for other in here {
        let there: BTreeSet<&str> = other.lines.iter().map(String::as_str).collect();
        let kept = wanted.intersection(&there).count();
        let same_name = other.path.file_name().eq_ignore_ascii_case(path.file_name());
        if best.is_none_or(|(most, named, _)| (kept, same_name) > (most, named)) {
            best = Some((kept, same_name, other));
        }
    }
    let Some((kept, _, other)) = best else { return (Fate::Missing, None, Vec::new()) };
    let place = Some(Location::file(other.path.clone()));
    if kept == wanted.len() {
        return (Fate::Copied, place, Vec::new());
    }
    if kept * 2 < wanted.len() {
        return (Fate::Missing, None, Vec::new());
    }
    let there: BTreeSet<&str> = other.lines.iter().map(String::as_str).collect();
    let gone = lines.iter().filter(|line| !there.contains(line.as_str()));
    // Where in the file here a line is missing cannot be said: lines are compared as a set.
    let change =
        |line: &String| Change { line: 1, expected: line.chars().take(200).collect(), found: String::new() };
    (Fate::Altered, place, gone.take(LegalFileFate::DIFFERENCES).map(change).collect())
}

/// Lines with single spaces between their words, without empty ones.
fn folded_lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}
