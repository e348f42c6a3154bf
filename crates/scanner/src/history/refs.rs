//! Where a walk begins: references, the HEADs of linked work trees, and commits that nothing reaches any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use forebear_types::history::Reach;
use git2::{ErrorCode, ObjectType, Odb, Oid, Repository};
use walkdir::WalkDir;

use super::graph::Graph;
use super::objects::Objects;
use crate::source::git::header;
use crate::source::indexes::object_folders;

/// A commit from which to walk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tip {
    pub(crate) reach: Reach,
    /// `refs/heads/main`, `worktrees/<name>/HEAD`; empty for the examined commit.
    pub(crate) reference: String,
    pub(crate) commit: Oid,
}

impl Tip {
    /// Whether the first-parent line of the reference is one that was published as such: a branch, a remote's branch, a work tree.
    pub(crate) fn has_line(&self) -> bool {
        self.reach == Reach::Own
            && !["refs/tags/", "refs/stash", "refs/notes/"]
                .iter()
                .any(|prefix| self.reference.starts_with(prefix))
    }
}

/// Everything that references of the repository lead to.
#[derive(Debug, Default)]
pub(crate) struct Refs {
    /// In order of their names.
    pub(crate) tips: Vec<Tip>,
    /// Tags with the commits that they name, by short name.
    pub(crate) tags: Vec<(String, Oid)>,
    /// References that lead nowhere: "refs/heads/x: …".
    pub(crate) broken: Vec<String>,
    /// Whether there are replace references.
    pub(crate) replaced: usize,
    /// Whether `git filter-branch` left its copies.
    pub(crate) originals: usize,
}

/// Reads all references, or only those that tell of tags and of rewriting.
pub(crate) fn read(repository: &Repository, all: bool, objects: &Objects<'_>) -> Refs {
    let mut refs = Refs::default();
    let patterns: &[&str] = if all { &["*"] } else { &["refs/tags/*", "refs/replace/*", "refs/original/*"] };
    for pattern in patterns {
        match repository.references_glob(pattern) {
            Ok(references) => take(references, objects, &mut refs),
            Err(error) => refs.broken.push(format!("the references cannot be listed: {}", error.message())),
        }
    }
    if all {
        worktrees(repository, &mut refs);
        unreadable(repository, &mut refs);
    }
    refs.tips.sort();
    refs.tags.sort();
    refs
}

fn take(references: git2::References<'_>, objects: &Objects<'_>, refs: &mut Refs) {
    for reference in references {
        let reference = match reference {
            Ok(reference) => reference,
            Err(error) => {
                refs.broken.push(format!("a reference cannot be read: {}", error.message()));
                continue;
            }
        };
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        if name.starts_with("refs/replace/") {
            refs.replaced += 1;
            continue;
        }
        if name.starts_with("refs/original/") {
            refs.originals += 1;
        }
        // What the packs say need not be looked for again.
        let known =
            reference.target_peel().or_else(|| reference.target()).filter(|id| objects.is_commit(*id));
        let target = match known {
            Some(id) => Ok((id, Some(ObjectType::Commit))),
            None => reference.peel(ObjectType::Any).map(|object| (object.id(), object.kind())),
        };
        match target {
            Ok((commit, Some(ObjectType::Commit))) => {
                if let Some(short) = name.strip_prefix("refs/tags/") {
                    refs.tags.push((short.to_owned(), commit));
                }
                refs.tips.push(Tip { reach: reach(&name), reference: name, commit });
            }
            // A tag may name a tree or a file: nothing was committed there.
            Ok(_) => {}
            // `HEAD` of a remote whose branch is not here.
            Err(error) if error.code() == ErrorCode::NotFound && is_symbolic(&reference) => {}
            Err(error) => refs.broken.push(format!("{name} leads nowhere: {}", error.message())),
        }
    }
}

fn is_symbolic(reference: &git2::Reference<'_>) -> bool {
    reference.kind() == Some(git2::ReferenceType::Symbolic)
}

/// Whether a reference is the repository's own, or somebody's proposal or a bot's conversion.
fn reach(name: &str) -> Reach {
    const FOREIGN: &[&str] = &[
        "refs/pull/",
        "refs/pr/",
        "refs/convert/",
        "refs/merge-requests/",
        "refs/changes/",
        "refs/pull-requests/",
        "refs/remotes/pull/",
    ];
    // A clone that fetched them keeps them below its remote's name.
    let below_remote = name.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/'));
    let proposal = |rest: &str| {
        ["pull/", "pr/", "convert/", "merge-requests/"].iter().any(|prefix| rest.starts_with(prefix))
    };
    if FOREIGN.iter().any(|prefix| name.starts_with(prefix))
        || below_remote.is_some_and(|(_, rest)| proposal(rest))
    {
        Reach::Foreign
    } else {
        Reach::Own
    }
}

/// References in files of their own that libgit2 passes over without a word, because what is in them is none.
fn unreadable(repository: &Repository, refs: &mut Refs) {
    let root = repository.commondir();
    let files =
        WalkDir::new(root.join("refs")).into_iter().flatten().filter(|file| file.file_type().is_file());
    for file in files {
        let Some(name) = file.path().strip_prefix(root).ok().and_then(|name| name.to_str()) else { continue };
        // A lock of somebody who writes it now is no reference.
        if name.ends_with(".lock") {
            continue;
        }
        if let Err(error) = repository.find_reference(name)
            && error.code() != ErrorCode::InvalidSpec
        {
            refs.broken.push(format!("{name}: {}", error.message()));
        }
    }
    refs.broken.sort();
    refs.broken.dedup();
}

/// The HEADs of linked work trees (`worktrees/<name>/HEAD`, gitrepository-layout), which may be detached, and so on no branch; and
/// the main work tree's own, where the examined one is another.
fn worktrees(repository: &Repository, refs: &mut Refs) {
    let mut heads: BTreeSet<(String, std::path::PathBuf)> = BTreeSet::new();
    heads.insert(("HEAD".to_owned(), repository.commondir().join("HEAD")));
    if let Ok(folders) = fs::read_dir(repository.commondir().join("worktrees")) {
        for folder in folders.flatten() {
            let name = folder.file_name().to_string_lossy().into_owned();
            heads.insert((format!("worktrees/{name}/HEAD"), folder.path().join("HEAD")));
        }
    }
    for (name, file) in heads {
        match detached(&file) {
            None => {}
            Some(Ok(id)) if repository.find_commit(id).is_ok() => {
                refs.tips.push(Tip { reach: Reach::Own, reference: name, commit: id });
            }
            Some(_) => refs.broken.push(format!("{name} leads nowhere")),
        }
    }
}

/// The commit in a HEAD that names one; `None` for a HEAD that names a branch, or none.
fn detached(file: &Path) -> Option<Result<Oid, git2::Error>> {
    let text = fs::read_to_string(file).ok()?;
    let text = text.trim();
    (!text.starts_with("ref:")).then(|| Oid::from_str(text))
}

/// Commits of the object store that no reference reaches: the newest of each line of them.
pub(crate) fn unreachable(
    repository: &Repository,
    reachable: &Graph,
    objects: &Objects<'_>,
) -> Result<Vec<Oid>, String> {
    // A handle of its own: the repository's has a store in memory (see `source::open`) that libgit2 cannot list.
    let listed = Odb::new().and_then(|odb| {
        for folder in object_folders(repository.commondir()) {
            // A folder whose name is not text cannot be handed over; libgit2 does not see its objects either.
            odb.add_disk_alternate(&folder.to_string_lossy())?;
        }
        Ok(odb)
    });
    let odb = listed.map_err(|error| error.message().to_owned())?;
    let mut found: Vec<Oid> = Vec::new();
    odb.foreach(|id| {
        let is_commit =
            || objects.is_commit(*id) || header(&odb, *id).is_ok_and(|(_, kind)| kind == ObjectType::Commit);
        if reachable.position(objects, *id).is_none() && is_commit() {
            found.push(*id);
        }
        true
    })
    .map_err(|error| error.message().to_owned())?;
    found.sort();
    found.dedup();
    let mut parents: Vec<Oid> = found
        .iter()
        .filter_map(|id| repository.find_commit(*id).ok())
        .flat_map(|commit| commit.parent_ids().collect::<Vec<_>>())
        .collect();
    parents.sort();
    found.retain(|id| parents.binary_search(id).is_err());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposals_are_foreign() {
        for name in ["refs/pull/3/head", "refs/pr/7", "refs/convert/parquet", "refs/remotes/origin/pr/2"] {
            assert_eq!(reach(name), Reach::Foreign, "{name}");
        }
        for name in
            ["refs/heads/pr/2", "refs/heads/main", "refs/tags/v1", "refs/remotes/origin/main", "refs/stash"]
        {
            assert_eq!(reach(name), Reach::Own, "{name}");
        }
    }
}
