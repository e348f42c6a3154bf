//! What each commit did to legal files and declarations.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use forebear_types::fact::{Fact, FactKind, LegalFile};
use forebear_types::history::{About, Event, EventKind, Reach, State};
use forebear_types::{RepoPath, Snapshot};
use git2::Oid;

use super::Seen;
use super::describe::{declaration, legal, whole};
use super::projection::{EMPTY, Item};
use super::states::States;
use crate::source::GitHandle;

/// The declarations that are followed.
const DECLARATIONS: &[&str] = &["license", "base_model"];

/// Events in the making.
pub(crate) struct Events {
    events: Vec<Event>,
    projections: BTreeMap<Oid, u32>,
    merge_bases: BTreeMap<(Oid, Oid), u32>,
    /// Paths, with the declaration, that were removed before.
    removed: BTreeSet<(RepoPath, String)>,
}

/// One document before and after.
struct Change {
    path: RepoPath,
    old: Option<Arc<Fact>>,
    new: Option<Arc<Fact>>,
}

/// To what the events of one commit belong.
struct Origin<'a> {
    snapshot: &'a Snapshot,
    commit: Option<&'a Seen>,
}

impl Events {
    pub(crate) fn new(commits: &[Seen]) -> Self {
        Self {
            events: Vec::new(),
            projections: commits.iter().map(|commit| (commit.id, commit.projection)).collect(),
            merge_bases: BTreeMap::new(),
            removed: BTreeSet::new(),
        }
    }

    /// Adds the events of a commit.
    pub(crate) fn commit(&mut self, handle: &GitHandle, commit: &Seen, states: &mut States<'_, '_>) {
        states.at = commit.snapshot.clone();
        let parents: Option<Vec<u32>> =
            commit.parents.iter().map(|parent| self.projections.get(parent).copied()).collect();
        // Where a parent is not here (shallow, or beyond the bound) nobody can say what this commit did.
        let Some(parents) = parents.filter(|_| !commit.cut) else { return };
        let changes = match parents.as_slice() {
            [] if commit.projection == EMPTY => return,
            [] => two_way(EMPTY, commit.projection, states),
            [only] if *only == commit.projection => return,
            [only] => two_way(*only, commit.projection, states),
            several if several.iter().all(|parent| *parent == commit.projection) => return,
            several => {
                let base = self.merge_base(handle, &commit.parents);
                three_way(several, base, commit.projection, states)
            }
        };
        self.record(&changes, &Origin { snapshot: &commit.snapshot, commit: Some(commit) });
    }

    /// Adds what the work tree or index changes against its commit.
    pub(crate) fn examined(
        &mut self,
        snapshot: &Snapshot,
        head: Option<u32>,
        current: &State,
        states: &mut States<'_, '_>,
    ) {
        let Some(head) = head else { return };
        let items = states.items(head);
        let mut before: BTreeMap<RepoPath, Arc<Fact>> = BTreeMap::new();
        for item in items.iter().filter(|item| item.interest.is_document()) {
            if let Some(fact) = document(states, item) {
                before.insert(item.path.clone(), fact);
            }
        }
        let after: BTreeMap<RepoPath, Arc<Fact>> = current
            .facts
            .iter()
            .filter(|fact| !matches!(fact.kind, FactKind::ModelConfig(_)))
            .map(|fact| (fact.path.clone(), Arc::clone(fact)))
            .collect();
        let paths: BTreeSet<&RepoPath> = before.keys().chain(after.keys()).collect();
        let changes: Vec<Change> = paths
            .into_iter()
            .map(|path| Change {
                path: path.clone(),
                old: before.get(path).cloned(),
                new: after.get(path).cloned(),
            })
            .filter(|change| match (&change.old, &change.new) {
                (Some(old), Some(new)) => !same_content(old, new),
                _ => true,
            })
            .collect();
        self.record(&changes, &Origin { snapshot, commit: None });
    }

    /// All events, oldest first.
    pub(crate) fn finish(self) -> Vec<Event> {
        self.events
    }

    /// The projection of the merge base: the empty one for unrelated histories.
    fn merge_base(&mut self, handle: &GitHandle, parents: &[Oid]) -> u32 {
        let (Some(first), Some(second)) = (parents.first(), parents.get(1)) else { return EMPTY };
        if let Some(base) = self.merge_bases.get(&(*first, *second)) {
            return *base;
        }
        let found = if parents.len() == 2 {
            handle.repository.merge_base(*first, *second)
        } else {
            handle.repository.merge_base_octopus(parents)
        };
        let base = found.ok().and_then(|base| self.projections.get(&base).copied()).unwrap_or(EMPTY);
        self.merge_bases.insert((*first, *second), base);
        base
    }

    fn record(&mut self, changes: &[Change], origin: &Origin<'_>) {
        let mut moved_to: BTreeSet<&RepoPath> = BTreeSet::new();
        let mut events = Vec::new();
        for change in changes {
            let Some(old) = change.old.as_deref().and_then(legal_file) else { continue };
            if change.new.is_none() {
                match destination(old, changes) {
                    Some(target) => {
                        // A text that was merged into a file that was there already leaves that file's own event.
                        if target.old.is_none() {
                            moved_to.insert(&target.path);
                        }
                        let (from, to) =
                            (change.path.to_string(), target.new.as_deref().and_then(legal_words));
                        let to = to.unwrap_or_else(|| target.path.to_string());
                        events.push(self.event(
                            origin,
                            &target.path,
                            EventKind::Renamed,
                            "",
                            Some(from),
                            Some(to),
                        ));
                    }
                    None => events.push(self.event(
                        origin,
                        &change.path,
                        EventKind::Removed,
                        "",
                        Some(legal(old)),
                        None,
                    )),
                }
            }
        }
        for change in changes {
            let old = change.old.as_deref().and_then(legal_file);
            let new = change.new.as_deref().and_then(legal_file);
            match (old, new) {
                (None, Some(new)) if !moved_to.contains(&change.path) => {
                    let kind = self.added(&change.path, "");
                    events.push(self.event(origin, &change.path, kind, "", None, Some(legal(new))));
                }
                (Some(old), Some(new)) => {
                    let kind = changed(old, new);
                    events.push(self.event(
                        origin,
                        &change.path,
                        kind,
                        "",
                        Some(legal(old)),
                        Some(legal(new)),
                    ));
                }
                _ => {}
            }
            for key in DECLARATIONS {
                let from = declaration(change.old.as_deref(), key);
                let to = declaration(change.new.as_deref(), key);
                let kind = match (&from, &to) {
                    (None, None) => continue,
                    (Some(from), Some(to)) if from == to => continue,
                    (None, Some(_)) => self.added(&change.path, key),
                    (Some(_), None) => EventKind::Removed,
                    (Some(_), Some(_)) if *key == "license" => EventKind::Relicensed,
                    (Some(_), Some(_)) => EventKind::Changed,
                };
                events.push(self.event(origin, &change.path, kind, key, from, to));
            }
        }
        events.sort_by(|one, two| (&one.path, &one.about, one.kind).cmp(&(&two.path, &two.about, two.kind)));
        for event in &events {
            if event.kind == EventKind::Removed {
                self.removed
                    .insert((event.path.clone(), event.about.declaration().unwrap_or_default().to_owned()));
            }
        }
        self.events.append(&mut events);
    }

    fn added(&self, path: &RepoPath, key: &str) -> EventKind {
        if self.removed.contains(&(path.clone(), key.to_owned())) {
            EventKind::Restored
        } else {
            EventKind::Added
        }
    }

    fn event(
        &self,
        origin: &Origin<'_>,
        path: &RepoPath,
        kind: EventKind,
        declaration: &str,
        from: Option<String>,
        to: Option<String>,
    ) -> Event {
        Event {
            snapshot: origin.snapshot.clone(),
            author_time: origin.commit.and_then(|commit| commit.author_time),
            author: origin.commit.map_or_else(String::new, |commit| commit.author.clone()),
            subject: origin.commit.map_or_else(String::new, |commit| commit.subject.clone()),
            path: path.clone(),
            kind,
            detail: None,
            about: match declaration {
                "" => About::LegalFile,
                key => About::Declaration(key.to_owned()),
            },
            parents: origin.commit.map_or(0, |commit| commit.parents.len()),
            reach: Reach::Head,
            reference: None,
            in_range: true,
            from,
            to,
        }
    }
}

fn legal_file(fact: &Fact) -> Option<&LegalFile> {
    match &fact.kind {
        FactKind::LegalFile(file) => Some(file),
        _ => None,
    }
}

fn legal_words(fact: &Fact) -> Option<String> {
    legal_file(fact).map(legal)
}

/// Where a removed text went in the same commit: a new file with the same content, or a document that was added or changed
/// and now holds every licence that was whole in it, and its owners.
fn destination<'c>(gone: &LegalFile, changes: &'c [Change]) -> Option<&'c Change> {
    let ids = whole(gone);
    let candidates = || changes.iter().filter(|change| change.new.is_some());
    let same = candidates().find(|change| {
        change.old.is_none()
            && change.new.as_deref().and_then(legal_file).is_some_and(|new| new.text == gone.text)
    });
    same.or_else(|| {
        candidates().find(|change| {
            let Some(recognition) = change.new.as_deref().and_then(Fact::recognition) else { return false };
            let holds = |id: &forebear_types::LicenseId| {
                recognition.licenses.iter().any(|found| found.id == *id && found.whole())
            };
            let owners = |holder: &String| {
                recognition
                    .copyright
                    .iter()
                    .any(|line| line.holder.as_ref().is_some_and(|other| other.contains(holder)))
            };
            let held_owners =
                gone.recognition.copyright.iter().filter_map(|line| line.holder.as_ref()).all(owners);
            !ids.is_empty() && ids.iter().all(holds) && held_owners
        })
    })
}

/// What an edit did to a legal file.
fn changed(old: &LegalFile, new: &LegalFile) -> EventKind {
    let (before, after) = (whole(old), whole(new));
    let words = |file: &LegalFile| file.text.split_whitespace().count();
    let much_shorter = words(new) * 2 < words(old);
    if !before.is_empty() && !after.is_empty() && before != after {
        EventKind::Relicensed
    } else if after.is_empty() && (much_shorter || (!before.is_empty() && is_cut(new))) {
        EventKind::Truncated
    } else {
        EventKind::Changed
    }
}

fn is_cut(file: &LegalFile) -> bool {
    use forebear_types::license::MatchStatus::Incomplete;
    file.recognition.licenses.iter().any(|found| matches!(found.status, Incomplete { .. }))
}

fn same_content(one: &Fact, two: &Fact) -> bool {
    match (&one.kind, &two.kind) {
        (FactKind::LegalFile(one), FactKind::LegalFile(two)) => {
            one.text == two.text && one.examined == two.examined
        }
        (FactKind::ModelCard(one), FactKind::ModelCard(two)) => one.text == two.text,
        (FactKind::AdapterConfig(one), FactKind::AdapterConfig(two)) => one.text == two.text,
        _ => false,
    }
}

fn document(states: &mut States<'_, '_>, item: &Item) -> Option<Arc<Fact>> {
    let read = states.facts(item);
    read.0
        .iter()
        .find(|fact| {
            matches!(fact.kind, FactKind::LegalFile(_) | FactKind::ModelCard(_) | FactKind::AdapterConfig(_))
        })
        .map(Arc::clone)
}

/// Documents by path.
fn by_path(items: &Rc<Vec<Item>>) -> BTreeMap<&RepoPath, &Item> {
    items.iter().filter(|item| item.interest.is_document()).map(|item| (&item.path, item)).collect()
}

fn two_way(old: u32, new: u32, states: &mut States<'_, '_>) -> Vec<Change> {
    let (before, after) = (states.items(old), states.items(new));
    let (before, after) = (by_path(&before), by_path(&after));
    let paths: BTreeSet<&RepoPath> = before.keys().chain(after.keys()).copied().collect();
    paths
        .into_iter()
        .filter(|path| before.get(path).map(|item| item.blob) != after.get(path).map(|item| item.blob))
        .map(|path| Change {
            path: path.clone(),
            old: before.get(path).and_then(|item| document(states, item)),
            new: after.get(path).and_then(|item| document(states, item)),
        })
        .collect()
}

/// The changes that a merge itself made.
fn three_way(parents: &[u32], base: u32, merge: u32, states: &mut States<'_, '_>) -> Vec<Change> {
    let parents: Vec<Rc<Vec<Item>>> = parents.iter().map(|parent| states.items(*parent)).collect();
    let parents: Vec<BTreeMap<&RepoPath, &Item>> = parents.iter().map(by_path).collect();
    let (base, merge) = (states.items(base), states.items(merge));
    let (base, merge) = (by_path(&base), by_path(&merge));
    let paths: BTreeSet<&RepoPath> =
        parents.iter().flat_map(|parent| parent.keys()).chain(merge.keys()).copied().collect();
    let mut changes = Vec::new();
    for path in paths {
        let blob = |side: &BTreeMap<&RepoPath, &Item>| side.get(path).map(|item| item.blob);
        let (original, result) = (blob(&base), blob(&merge));
        let sides: Vec<Option<Oid>> = parents.iter().map(blob).collect();
        let mut changed: Vec<usize> = (0..sides.len()).filter(|side| sides[*side] != original).collect();
        if sides.windows(2).all(|pair| pair[0] == pair[1]) {
            // All sides agree: whatever differs, the merge did it.
            changed = vec![0];
        }
        let expected = changed.first().map(|side| sides[*side]);
        let agree = changed.iter().all(|side| Some(sides[*side]) == expected);
        let event = match expected {
            None => result != original,
            Some(expected) if agree => result != expected,
            Some(_) => !sides.contains(&result),
        };
        if event {
            let from = changed.first().and_then(|side| parents[*side].get(path)).or_else(|| base.get(path));
            changes.push(Change {
                path: path.clone(),
                old: from.and_then(|item| document(states, item)),
                new: merge.get(path).and_then(|item| document(states, item)),
            });
        }
    }
    changes
}
