//! The same bytes: weight files whose digest the catalog knows.
//!
//! A Git LFS pointer states the SHA-256 of the file that it stands for, so that a copy is recognised without its content. Equal
//! bytes prove that a file was copied; a fine-tune changes nearly every tensor, so that what is equal was not trained further.
//! Three things limit what a digest says:
//!
//! - Parts that many pipelines ship (an image decoder, a text encoder) prove that the part was copied, not from where.
//! - One digest may belong to several releases. They all stay candidates; between unrelated ones it proves nothing.
//! - Of a file that is here in full no digest is known unless it was hashed, which for weights takes long. Its size is known:
//!   an equal size is a hint that the file should be compared.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::fact::{Fact, FactKind, LfsPointer};
use forebear_types::lineage::{Candidate, Confidence, Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::{Location, ModelId, RepoPath};

use crate::catalog::{Catalog, KnownFile};

/// What equal bytes say about the models of one folder.
#[derive(Clone, Debug)]
struct IdenticalMatch {
    /// The folder that holds all files that were compared.
    pub(crate) subject: RepoPath,
    /// The releases whose files these are; several where the same bytes were released more than once.
    pub(crate) candidates: Vec<Candidate>,
    /// [`Relation::Rehost`] if every weight file of the folder is theirs.
    pub(crate) relation: Relation,
    /// [`Strength::Identical`]; [`Strength::Circumstantial`] for parts that unrelated models share, and for sizes.
    pub(crate) strength: Strength,
    /// Whether all candidates are releases of one line.
    pub(crate) unique: bool,
    /// The files, and how many of how many they are.
    pub(crate) because: Vec<Evidence>,
}

/// Files that one piece of evidence lists by name.
const LISTED: usize = 3;

/// Compares the weight files of a repository with the digests that the catalog knows.
fn compare(catalog: &Catalog, facts: &[Fact]) -> Vec<IdenticalMatch> {
    let weights: Vec<(&RepoPath, Weights)> = facts.iter().filter_map(|fact| weights(catalog, fact)).collect();
    // One entry for each set of models that the same digests belong to.
    let mut found: BTreeMap<Vec<&'static str>, Vec<Hit<'_>>> = BTreeMap::new();
    for (path, one) in &weights {
        let Weights::Pointer(pointer) = one else { continue };
        let known: Vec<&KnownFile> =
            catalog.files_with(&pointer.sha256).filter(|file| file.bytes == pointer.size).collect();
        let models: BTreeSet<&'static str> = known.iter().map(|file| file.model).collect();
        if let Some(first) = known.first() {
            let component = known.iter().all(|file| file.component);
            let hit = Hit { path, known: first, component };
            found.entry(models.into_iter().collect()).or_default().push(hit);
        }
    }
    let mut matches: Vec<IdenticalMatch> =
        found.into_iter().map(|(models, hits)| identical(catalog, &models, &hits, &weights)).collect();
    if matches.is_empty() {
        matches.extend(equal_sizes(catalog, &weights));
    }
    matches
}

/// Adds what equal bytes say: to the hops that are about these releases, and as hops of their own.
///
/// Equal bytes tell members of a candidate set apart; only those whose files these are stay.
pub(crate) fn join(catalog: &Catalog, facts: &[Fact], hops: &mut Vec<Hop>) {
    for found in compare(catalog, facts) {
        let is_of = |model: &ModelId| found.candidates.iter().any(|one| one.model == *model);
        let about = |hop: &&mut Hop| hop.candidates.iter().any(|one| is_of(&one.model));
        let proven = found.strength > Strength::Circumstantial;
        let Some(hop) = hops.iter_mut().find(about) else {
            hops.push(Hop {
                subject: found.subject,
                child: None,
                candidates: found.candidates,
                relation: found.relation,
                strength: found.strength,
                unique: found.unique && proven,
                confidence: if proven { Confidence::High } else { Confidence::Low },
                declared: false,
                because: found.because,
                against: Vec::new(),
            });
            continue;
        };
        if proven && found.strength > hop.strength {
            hop.candidates.retain(|one| is_of(&one.model));
            hop.strength = found.strength;
            hop.unique = found.unique;
            hop.confidence = Confidence::High;
        }
        if hop.relation == Relation::Unknown {
            hop.relation = found.relation;
        }
        hop.because.splice(0..0, found.because);
    }
}

/// A weight file of the repository.
enum Weights {
    Pointer(LfsPointer),
    /// The file itself, with its size.
    Here(u64),
}

struct Hit<'a> {
    path: &'a RepoPath,
    known: &'static KnownFile,
    component: bool,
}

fn weights<'a>(catalog: &Catalog, fact: &'a Fact) -> Option<(&'a RepoPath, Weights)> {
    match &fact.kind {
        FactKind::Weights(file) => match file.pointer {
            Some(pointer) => Some((&fact.path, Weights::Pointer(pointer))),
            None => Some((&fact.path, Weights::Here(file.size))),
        },
        // A pointer under a name that no weights have: it stands for weights if the digest is known to be some.
        FactKind::Pointer(pointer) => {
            catalog.files_with(&pointer.sha256).next().map(|_| (&fact.path, Weights::Pointer(*pointer)))
        }
        _ => None,
    }
}

fn identical(
    catalog: &Catalog,
    models: &[&'static str],
    hits: &[Hit<'_>],
    weights: &[(&RepoPath, Weights)],
) -> IdenticalMatch {
    let subject = common_folder(hits.iter().map(|hit| hit.path));
    let all = weights.iter().filter(|(path, _)| path.is_within(&subject)).count();
    let whole = hits.len() == all;
    let component = hits.iter().all(|hit| hit.component);
    let unique = catalog.is_one_line(models.iter().copied());
    let strength = if component { Strength::Circumstantial } else { Strength::Identical };
    let whose = models.join(" and of ");
    let mut because = Vec::new();
    let mut detail = format!("{} of {} are those of {whose}, byte for byte", hits.len(), count(all));
    if component {
        detail.push_str(": parts that unrelated models ship too");
    } else if !unique {
        detail.push_str(": the same bytes were released as unrelated models");
    }
    because.push(Evidence {
        kind: EvidenceKind::FileDigest,
        strength,
        location: hits.first().map(|hit| Location::file(hit.path.clone())),
        detail,
        p: None,
    });
    for hit in hits.iter().take(LISTED) {
        because.push(Evidence {
            kind: EvidenceKind::FileDigest,
            strength,
            location: Some(Location::file(hit.path.clone())),
            detail: format!(
                "its SHA-256 {} is that of {} of {}",
                hit.known.sha256, hit.known.file, hit.known.model
            ),
            p: None,
        });
    }
    IdenticalMatch {
        subject,
        candidates: candidates(models),
        relation: if whole && !component { Relation::Rehost } else { Relation::Unknown },
        strength,
        unique,
        because,
    }
}

/// Files that are here in full and have the sizes of the known files of one line: a hint. Fine-tunes keep the sizes of their
/// base's files, and so do independent models of one shape and layout.
fn equal_sizes(catalog: &Catalog, weights: &[(&RepoPath, Weights)]) -> Option<IdenticalMatch> {
    let here: Vec<(&RepoPath, u64)> = weights
        .iter()
        .filter_map(|(path, one)| match one {
            Weights::Here(size) if *size > 0 => Some((*path, *size)),
            _ => None,
        })
        .collect();
    if here.is_empty() {
        return None;
    }
    let mut sizes: BTreeMap<u64, BTreeSet<&'static str>> = BTreeMap::new();
    for file in catalog.files().filter(|file| !file.component) {
        sizes.entry(file.bytes).or_default().insert(file.model);
    }
    let first = sizes.get(&here[0].1)?.clone();
    let every = here.iter().try_fold(first, |models, (_, size)| {
        let both: BTreeSet<&str> = models.intersection(sizes.get(size)?).copied().collect();
        (!both.is_empty()).then_some(both)
    })?;
    let models: Vec<&'static str> = every.into_iter().collect();
    let detail = format!(
        "{} as large as those of {}; the bytes were not compared",
        if here.len() == 1 {
            "the weight file is".to_owned()
        } else {
            format!("all {} are", count(here.len()))
        },
        models.join(" and of ")
    );
    Some(IdenticalMatch {
        subject: common_folder(here.iter().map(|(path, _)| *path)),
        candidates: candidates(&models),
        relation: Relation::Unknown,
        strength: Strength::Circumstantial,
        unique: catalog.is_one_line(models.iter().copied()),
        because: vec![Evidence {
            kind: EvidenceKind::FileDigest,
            strength: Strength::Circumstantial,
            location: Some(Location::file(here[0].0.clone())),
            detail,
            p: None,
        }],
    })
}

fn candidates(models: &[&'static str]) -> Vec<Candidate> {
    let candidate = |id: &&'static str| Candidate { model: ModelId::from(*id), revision: None, known: true };
    models.iter().map(candidate).collect()
}

/// The deepest folder that holds all paths.
fn common_folder<'a>(mut paths: impl Iterator<Item = &'a RepoPath>) -> RepoPath {
    let Some(first) = paths.next() else { return RepoPath::root() };
    let mut folder = first.parent().unwrap_or_default();
    for path in paths {
        while !path.is_within(&folder) {
            folder = folder.parent().unwrap_or_default();
        }
    }
    folder
}

fn count(files: usize) -> String {
    if files == 1 { "1 weight file".to_owned() } else { format!("{files} weight files") }
}

#[cfg(test)]
mod tests;
