//! Which licence files speak for the whole repository, and which licences they hold.

use forebear_types::fact::LegalRole;
use forebear_types::license::NamedLicense;
use forebear_types::{LicenseId, LineSpan, Location, RepoPath};

use crate::documents::Document;

/// Words in the name of a file that speaks for the model, not for a part of the repository (`LICENSE-MODEL`).
const OF_THE_MODEL: &[&str] = &["model", "models", "weights", "weight"];

/// Words of a file's name that say nothing about what it is for.
const EMPTY: &[&str] = &[
    "license", "licence", "licenses", "licences", "copying", "terms", "of", "use", "agreement", "the", "md",
    "txt", "rst", "html", "markdown", "en",
];

/// A licence that a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) id: LicenseId,
    pub(super) place: Location,
    /// Whether the whole text is there; else it is changed, cut, or only named.
    pub(super) whole: bool,
}

impl Held {
    /// A licence that a text names.
    pub(super) fn named(path: &RepoPath, named: &NamedLicense) -> Self {
        let place = Location::lines(path.clone(), LineSpan::line(named.line));
        Self { id: named.id.clone(), place, whole: false }
    }
}

/// Whether a document is a licence file at the root whose name does not restrict it to a part: `LICENSE.txt`, `LICENSE-MODEL`,
/// not `LICENSE-CODE` or `LICENSE.llama`.
pub(super) fn speaks_for_all(document: &Document<'_>) -> bool {
    let at_root = document.path.depth() == 1 && document.for_model();
    if !at_root || document.role() != Some(LegalRole::License) {
        return false;
    }
    let name = String::from_utf8_lossy(document.path.file_name()).to_lowercase();
    name.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| EMPTY.contains(&word) || OF_THE_MODEL.contains(&word))
}

/// The licences of a file: its texts, or without any the one that it names as its content.
pub(super) fn held(document: &Document<'_>) -> Vec<Held> {
    let recognition = document.recognition();
    let texts: Vec<Held> = recognition
        .licenses
        .iter()
        .map(|found| Held {
            id: found.id.clone(),
            place: Location::lines(document.path.clone(), found.lines),
            whole: found.whole(),
        })
        .collect();
    if !texts.is_empty() {
        return texts;
    }
    let mut named = recognition.named.iter().filter(|named| named.stands_alone);
    named.next().map(|named| Held::named(document.path, named)).into_iter().collect()
}
