//! Signs that a history is not what it was: rewritten, squashed, replaced, partial.

use std::fs;

use forebear_types::Time;
use forebear_types::history::{Sign, SignKind};
use git2::Repository;

use super::graph::Graph;
use super::refs::Refs;
use crate::source::GitHandle;

/// Commits of which fewer say nothing about how a history was made.
const FEW: usize = 5;

/// Commits made anew are made within this many seconds: a thousand a minute is slow for `git filter-repo`.
const AT_ONCE: i64 = 3600;

/// Authors' days that a history has to cover before it can look rewritten.
const DAYS: i64 = 7;

/// Messages that tools write who make one commit of many: of the Hub's client
/// (`HfApi.super_squash_history`), `git merge --squash` and `git rebase` with `squash`.
const SQUASHED: &[(&str, &str)] = &[
    ("Super-squash branch", "the Hub's client squashes a branch with this message"),
    ("Squashed commit of the following", "`git merge --squash` writes this message"),
    ("This is a combination of", "`git rebase` writes this message for squashed commits"),
];

/// All signs, sorted.
pub(crate) fn of(handle: &GitHandle, graph: &Graph, refs: &Refs) -> Vec<Sign> {
    let repository = &handle.repository;
    let mut signs = Vec::new();
    signs.extend(rewritten(repository, graph, refs));
    signs.extend(squashed(repository, graph));
    signs.extend(replaced(repository, refs));
    signs.extend(partial(repository));
    signs.sort();
    signs.dedup();
    signs
}

fn sign(kind: SignKind, what: String, remedy: &str) -> Sign {
    Sign { kind, what, remedy: remedy.to_owned() }
}

fn rewritten(repository: &Repository, graph: &Graph, refs: &Refs) -> Vec<Sign> {
    let mut signs = Vec::new();
    let older =
        "ask for a clone from before; `forebear history --all-refs --unreachable` shows what is still here";
    if refs.originals > 0 {
        signs.push(sign(
            SignKind::Rewritten,
            "refs/original/ keeps commits from before `git filter-branch`".to_owned(),
            "forebear history --all-refs",
        ));
    }
    if repository.commondir().join("filter-repo").is_dir() {
        let what = "the folder filter-repo in the git folder says that `git filter-repo` rewrote commits";
        signs.push(sign(SignKind::Rewritten, what.to_owned(), older));
    }
    if let Some((from, to)) = made_at_once(graph) {
        let what = format!(
            "all {} commits were made within an hour on {}, while their authors' dates go from {} to {}",
            graph.commits.len(),
            graph.commits.last().map(|commit| commit.time.date()).unwrap_or_default(),
            from.date(),
            to.date()
        );
        signs.push(sign(SignKind::Rewritten, what, older));
    }
    signs
}

/// The authors' first and last day, if all commits were made in one go and their authors' dates say otherwise.
fn made_at_once(graph: &Graph) -> Option<(Time, Time)> {
    if graph.commits.len() < FEW {
        return None;
    }
    let range = |time: fn(&super::graph::Commit) -> Time| {
        let times = graph.commits.iter().map(time);
        Some((times.clone().min_by_key(|time| time.seconds)?, times.max_by_key(|time| time.seconds)?))
    };
    let (first, last) = range(|commit| commit.time)?;
    let (from, to) = range(|commit| commit.author_time)?;
    let at_once = last.seconds.saturating_sub(first.seconds) <= AT_ONCE;
    let authored = to.seconds.saturating_sub(from.seconds);
    (at_once && authored >= DAYS * 86_400).then_some((from, to))
}

/// The first commits, whose messages say that they were many. A squashed topic branch in the middle of a history hides
/// nothing of what was published before it.
fn squashed(repository: &Repository, graph: &Graph) -> Vec<Sign> {
    let roots = graph.commits.iter().filter(|commit| commit.parents.is_empty()).take(FEW);
    roots
        .filter_map(|root| {
            let commit = repository.find_commit(root.id).ok()?;
            let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
            let (_, why) = SQUASHED.iter().find(|(text, _)| message.contains(text))?;
            let id = root.id.to_string();
            let what = format!("the history begins with commit {}, which was many: {why}", &id[..7]);
            let remedy =
                "ask for a clone from before; `forebear history --unreachable` shows what is still here";
            Some(sign(SignKind::Squashed, what, remedy))
        })
        .collect()
}

fn replaced(repository: &Repository, refs: &Refs) -> Vec<Sign> {
    let mut signs = Vec::new();
    if refs.replaced > 0 {
        signs.push(sign(
            SignKind::Replaced,
            format!(
                "{} in refs/replace/ would show other objects than the commits name; the real ones were examined",
                match refs.replaced {
                    1 => "1 reference".to_owned(),
                    number => format!("{number} references"),
                }
            ),
            "`git replace -l` lists them; `git --no-replace-objects log` shows what forebear saw",
        ));
    }
    if repository.commondir().join("info/grafts").is_file() {
        signs.push(sign(
            SignKind::Replaced,
            "info/grafts would show other parents than the commits have; the real ones were examined"
                .to_owned(),
            "remove .git/info/grafts to see what forebear saw",
        ));
    }
    signs
}

/// A clone that was told to leave objects out (gitrepository-layout: `extensions.partialClone`, packs with `.promisor`).
fn partial(repository: &Repository) -> Option<Sign> {
    let config = repository.config().ok();
    let named = config.as_ref().and_then(|config| config.get_string("extensions.partialclone").ok());
    let filter = config.as_ref().and_then(|config| {
        let remote = named.as_deref().unwrap_or("origin");
        config.get_string(&format!("remote.{remote}.partialclonefilter")).ok()
    });
    let promised = || {
        let packs = fs::read_dir(repository.commondir().join("objects/pack")).ok()?;
        packs.flatten().any(|file| file.path().extension().is_some_and(|end| end == "promisor")).then_some(())
    };
    if named.is_none() && filter.is_none() && promised().is_none() {
        return None;
    }
    let how = filter.map(|filter| format!(" ({filter})")).unwrap_or_default();
    Some(sign(
        SignKind::Partial,
        format!("the clone is partial{how}: objects that are not here are named among what was not examined"),
        "git fetch --refetch --no-filter",
    ))
}
