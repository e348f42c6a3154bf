//! What each commit did to legal files, declarations and the evidence of descent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use forebear_types::fact::{Fact, FactKind, LegalFile};
use forebear_types::history::{About, Detail, Event, EventKind, Reach, State};
use forebear_types::{RepoPath, Snapshot, Time};
use git2::Oid;

use super::describe::{declaration, legal, whole};
use super::graph::Position;
use super::projection::{Difference, Entry, Item, UNKNOWN};
use super::{Walk, compare};
use crate::formats::Interest;

/// The declarations that are followed.
const DECLARATIONS: &[&str] = &["license", "base_model"];

/// Events in the making.
#[derive(Default)]
pub(crate) struct Events {
    events: Vec<Event>,
    /// By paths, with what they are about: the commits that removed them.
    removed: BTreeMap<(RepoPath, About), Vec<Position>>,
    /// By legal texts: where they stood, and the commits that removed them.
    gone: BTreeMap<Oid, Vec<(Position, RepoPath)>>,
}

/// One path before and after.
struct Change {
    path: RepoPath,
    interest: Interest,
    old: Option<Side>,
    new: Option<Side>,
}

/// What stands at a path.
struct Side {
    entry: Option<Entry>,
    /// Of a document, what it says.
    fact: Option<Arc<Fact>>,
}

impl Change {
    fn old_fact(&self) -> Option<&Fact> {
        self.old.as_ref()?.fact.as_deref()
    }

    fn new_fact(&self) -> Option<&Fact> {
        self.new.as_ref()?.fact.as_deref()
    }

    fn old_legal(&self) -> Option<&LegalFile> {
        self.old_fact().and_then(legal_file)
    }

    fn new_legal(&self) -> Option<&LegalFile> {
        self.new_fact().and_then(legal_file)
    }

    fn new_blob(&self) -> Option<Oid> {
        self.new.as_ref()?.entry.map(|entry| entry.blob)
    }

    fn old_blob(&self) -> Option<Oid> {
        self.old.as_ref()?.entry.map(|entry| entry.blob)
    }
}

/// To what the events of one commit belong.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) snapshot: Snapshot,
    pub(crate) author_time: Option<Time>,
    pub(crate) author: String,
    pub(crate) subject: String,
    pub(crate) parents: usize,
    pub(crate) reach: Reach,
    pub(crate) reference: Option<String>,
    pub(crate) in_range: bool,
}

impl Origin {
    /// Of a state that is not committed.
    fn examined(snapshot: &Snapshot) -> Self {
        Self {
            snapshot: snapshot.clone(),
            author_time: None,
            author: String::new(),
            subject: String::new(),
            parents: 0,
            reach: Reach::Head,
            reference: None,
            in_range: true,
        }
    }

    fn event(&self, path: &RepoPath, about: About, happened: Happened) -> Event {
        Event {
            snapshot: self.snapshot.clone(),
            author_time: self.author_time,
            author: self.author.clone(),
            subject: self.subject.clone(),
            path: path.clone(),
            kind: happened.kind,
            detail: happened.detail,
            about,
            parents: self.parents,
            reach: self.reach,
            reference: self.reference.clone(),
            in_range: self.in_range,
            from: happened.from,
            to: happened.to,
        }
    }
}

/// What happened, and what was there before and after.
struct Happened {
    kind: EventKind,
    detail: Option<Detail>,
    from: Option<String>,
    to: Option<String>,
}

impl Happened {
    fn new(kind: EventKind, from: Option<String>, to: Option<String>) -> Self {
        Self { kind, detail: None, from, to }
    }

    fn more(self, detail: Option<Detail>) -> Self {
        Self { detail, ..self }
    }
}

impl Events {
    /// Adds what a commit did between a projection and its own.
    pub(crate) fn between(
        &mut self,
        walk: &mut Walk<'_>,
        old: u32,
        new: u32,
        origin: impl FnOnce(&Walk<'_>) -> Origin,
    ) {
        let differences = walk.projections.differences(&walk.objects, old, new);
        let sided = differences.into_iter().map(|difference| (difference, old)).collect();
        self.add(walk, sided, new, origin);
    }

    /// Adds what a commit did, each difference with the projection that its old side is of.
    pub(crate) fn add(
        &mut self,
        walk: &mut Walk<'_>,
        differences: Vec<(Difference, u32)>,
        new: u32,
        origin: impl FnOnce(&Walk<'_>) -> Origin,
    ) {
        // Weights alone are no event: they decide when a duty runs.
        let changes: Vec<(Change, u32)> = differences
            .into_iter()
            .filter_map(|(difference, old)| Some((change(walk, difference, old, new)?, old)))
            .collect();
        if changes.is_empty() {
            return;
        }
        let before = changes.first().map_or(UNKNOWN, |(_, old)| *old);
        let changes: Vec<Change> = changes.into_iter().map(|(change, _)| change).collect();
        let copies = copies(walk, &changes, before);
        self.record(walk, &changes, &copies, || origin(walk));
    }

    /// Adds what the work tree or index changes against its commit.
    pub(crate) fn examined(&mut self, walk: &mut Walk<'_>, snapshot: &Snapshot, head: u32, current: &State) {
        let items = walk.projections.items(&walk.objects, head);
        let mut before: BTreeMap<RepoPath, (Interest, Arc<Fact>)> = BTreeMap::new();
        for item in items.iter().filter(|item| item.interest.is_document()) {
            if let Some(fact) = walk.states.document(&walk.projections, &walk.objects, head, item) {
                before.insert(item.path.clone(), (item.interest, fact));
            }
        }
        let after: BTreeMap<RepoPath, Arc<Fact>> = current
            .facts
            .iter()
            .filter(|fact| !matches!(fact.kind, FactKind::ModelConfig(_)))
            .map(|fact| (fact.path.clone(), Arc::clone(fact)))
            .collect();
        let paths: BTreeSet<&RepoPath> = before.keys().chain(after.keys()).collect();
        let side = |fact: &Arc<Fact>| Side { entry: None, fact: Some(Arc::clone(fact)) };
        let changes: Vec<Change> = paths
            .into_iter()
            .filter_map(|path| {
                let (old, new) = (before.get(path), after.get(path));
                if let (Some((_, old)), Some(new)) = (old, new)
                    && same_content(old, new)
                {
                    return None;
                }
                let interest =
                    old.map(|(interest, _)| *interest).or_else(|| walk.objects.wanted().interest(path))?;
                Some(Change {
                    path: path.clone(),
                    interest,
                    old: old.map(|(_, fact)| side(fact)),
                    new: new.map(side),
                })
            })
            .collect();
        if !changes.is_empty() {
            self.record(walk, &changes, &BTreeMap::new(), || Origin::examined(snapshot));
        }
    }

    /// All events, oldest first.
    pub(crate) fn finish(self) -> Vec<Event> {
        self.events
    }

    fn record(
        &mut self,
        walk: &Walk<'_>,
        changes: &[Change],
        copies: &BTreeMap<RepoPath, RepoPath>,
        origin: impl FnOnce() -> Origin,
    ) {
        let mut happened: Vec<(RepoPath, About, Happened)> = Vec::new();
        self.legal_texts(walk, changes, copies, &mut happened);
        for change in changes {
            self.declarations(walk, change, &mut happened);
            self.evidence(walk, change, changes, &mut happened);
        }
        if happened.is_empty() {
            return;
        }
        let origin = origin();
        let mut events: Vec<Event> = happened
            .into_iter()
            .map(|(path, about, happened)| origin.event(&path, about, happened))
            .collect();
        events.sort_by(|one, two| (&one.path, &one.about, one.kind).cmp(&(&two.path, &two.about, two.kind)));
        for event in &events {
            if event.kind == EventKind::Removed {
                let removed = self.removed.entry((event.path.clone(), event.about.clone())).or_default();
                removed.push(walk.at);
            }
        }
        self.events.append(&mut events);
    }

    fn legal_texts(
        &mut self,
        walk: &Walk<'_>,
        changes: &[Change],
        copies: &BTreeMap<RepoPath, RepoPath>,
        happened: &mut Vec<(RepoPath, About, Happened)>,
    ) {
        let mut moved_to: BTreeSet<&RepoPath> = BTreeSet::new();
        for change in changes.iter().filter(|change| change.new_legal().is_none()) {
            let Some(old) = change.old_legal() else { continue };
            match destination(old, changes) {
                Some(target) => {
                    // A text that was merged into a file that was there already leaves that file's own event.
                    let joined = target.old.is_some();
                    if !joined {
                        moved_to.insert(&target.path);
                    }
                    let to = target.new_legal().map_or_else(|| target.path.to_string(), legal);
                    let renamed = Happened::new(EventKind::Renamed, Some(change.path.to_string()), Some(to))
                        .more(joined.then_some(Detail::MergedInto));
                    happened.push((target.path.clone(), About::LegalFile, renamed));
                }
                None => {
                    if let Some(blob) = change.old_blob() {
                        self.gone.entry(blob).or_default().push((walk.at, change.path.clone()));
                    }
                    let removed = Happened::new(EventKind::Removed, Some(legal(old)), None);
                    happened.push((change.path.clone(), About::LegalFile, removed));
                }
            }
        }
        for change in changes {
            match (change.old_legal(), change.new_legal()) {
                (None, Some(new)) if !moved_to.contains(&change.path) => {
                    let added = self.added_text(walk, change, copies, legal(new));
                    happened.push((change.path.clone(), About::LegalFile, added));
                }
                (Some(old), Some(new)) => {
                    let (kind, detail) = compare::texts(old, new);
                    let changed = Happened::new(kind, Some(legal(old)), Some(legal(new))).more(detail);
                    happened.push((change.path.clone(), About::LegalFile, changed));
                }
                _ => {}
            }
        }
    }

    /// A legal file that was not there: new, back at its place, back elsewhere, or a copy.
    fn added_text(
        &self,
        walk: &Walk<'_>,
        change: &Change,
        copies: &BTreeMap<RepoPath, RepoPath>,
        to: String,
    ) -> Happened {
        let to = Some(to);
        if self.was_removed(walk, &change.path, &About::LegalFile) {
            return Happened::new(EventKind::Restored, None, to);
        }
        if let Some(of) = copies.get(&change.path) {
            return Happened::new(EventKind::Added, Some(of.to_string()), to).more(Some(Detail::Copied));
        }
        let gone = change.new_blob().and_then(|blob| self.gone.get(&blob));
        match gone.and_then(|gone| gone.iter().rfind(|(at, _)| walk.graph.reaches(walk.at, *at))) {
            Some((_, was)) => {
                Happened::new(EventKind::Restored, Some(was.to_string()), to).more(Some(Detail::ReAdded))
            }
            None => Happened::new(EventKind::Added, None, to),
        }
    }

    fn declarations(
        &self,
        walk: &Walk<'_>,
        change: &Change,
        happened: &mut Vec<(RepoPath, About, Happened)>,
    ) {
        for key in DECLARATIONS {
            let from = declaration(change.old_fact(), key);
            let to = declaration(change.new_fact(), key);
            let about = About::Declaration((*key).to_owned());
            let kind = match (&from, &to) {
                (None, None) => continue,
                (Some(from), Some(to)) if from == to => continue,
                (None, Some(_)) => self.added(walk, &change.path, &about),
                (Some(_), None) => EventKind::Removed,
                (Some(_), Some(_)) if *key == "license" => EventKind::Relicensed,
                (Some(_), Some(_)) => EventKind::Changed,
            };
            happened.push((change.path.clone(), about, Happened::new(kind, from, to)));
        }
    }

    /// Files that tell of the descent: gone, or back.
    fn evidence(
        &self,
        walk: &Walk<'_>,
        change: &Change,
        changes: &[Change],
        happened: &mut Vec<(RepoPath, About, Happened)>,
    ) {
        if !change.interest.is_evidence() {
            return;
        }
        let words = || Some(change.interest.name().to_owned());
        match (&change.old, &change.new) {
            (Some(_), None) if speaks(change) && !is_moved(change, changes) => {
                let removed = Happened::new(EventKind::Removed, words(), None);
                happened.push((change.path.clone(), About::Evidence, removed));
            }
            (None, Some(_)) if self.was_removed(walk, &change.path, &About::Evidence) => {
                let restored = Happened::new(EventKind::Restored, None, words());
                happened.push((change.path.clone(), About::Evidence, restored));
            }
            _ => {}
        }
    }

    /// Whether a commit from which the present one comes removed it.
    fn was_removed(&self, walk: &Walk<'_>, path: &RepoPath, about: &About) -> bool {
        let removed = self.removed.get(&(path.clone(), about.clone()));
        removed.is_some_and(|by| by.iter().any(|by| walk.graph.reaches(walk.at, *by)))
    }

    fn added(&self, walk: &Walk<'_>, path: &RepoPath, about: &About) -> EventKind {
        if self.was_removed(walk, path, about) { EventKind::Restored } else { EventKind::Added }
    }
}

/// A README speaks for the model at the root, or where it declares something; the other files wherever they lie.
fn speaks(change: &Change) -> bool {
    change.interest != Interest::ModelCard
        || change.path.depth() == 1
        || DECLARATIONS.iter().any(|key| declaration(change.old_fact(), key).is_some())
}

/// Whether the same content, or a file of the same kind in the same folder, came in its place.
fn is_moved(gone: &Change, changes: &[Change]) -> bool {
    changes.iter().filter(|change| change.old.is_none() && change.new.is_some()).any(|change| {
        let same_place = change.interest == gone.interest && change.path.parent() == gone.path.parent();
        same_place || (gone.old_blob().is_some() && change.new_blob() == gone.old_blob())
    })
}

/// A difference with what its sides say; `None` for weights and what is no document and no evidence.
fn change(walk: &mut Walk<'_>, difference: Difference, old: u32, new: u32) -> Option<Change> {
    let interest = walk.objects.wanted().interest(&difference.path)?;
    if !interest.is_document() && !interest.is_evidence() {
        return None;
    }
    let mut side = |entry: Option<Entry>, projection: u32| {
        let entry = entry?;
        let item = Item { path: difference.path.clone(), interest, entry };
        let fact = interest
            .is_document()
            .then(|| walk.states.document(&walk.projections, &walk.objects, projection, &item))
            .flatten();
        Some(Side { entry: Some(entry), fact })
    };
    let (old, new) = (side(difference.old, old), side(difference.new, new));
    Some(Change { path: difference.path, interest, old, new })
}

/// Of each new legal file the file that had, and keeps, the same content.
fn copies(walk: &mut Walk<'_>, changes: &[Change], old: u32) -> BTreeMap<RepoPath, RepoPath> {
    let added = || changes.iter().filter(|change| change.old.is_none() && change.new_legal().is_some());
    if added().next().is_none() || old == UNKNOWN {
        return BTreeMap::new();
    }
    let items = walk.projections.items(&walk.objects, old);
    let changed: BTreeSet<&RepoPath> = changes.iter().map(|change| &change.path).collect();
    added()
        .filter_map(|change| {
            let blob = change.new_blob()?;
            let source = items.iter().find(|item| {
                item.entry.blob == blob && item.interest.is_document() && !changed.contains(&item.path)
            })?;
            Some((change.path.clone(), source.path.clone()))
        })
        .collect()
}

fn legal_file(fact: &Fact) -> Option<&LegalFile> {
    match &fact.kind {
        FactKind::LegalFile(file) => Some(file),
        _ => None,
    }
}

/// Where a removed text went in the same commit: a new file with the same content, or a document that was added or changed
/// and now holds every licence that was whole in it, and its owners.
fn destination<'c>(gone: &LegalFile, changes: &'c [Change]) -> Option<&'c Change> {
    let ids = whole(gone);
    let candidates = || changes.iter().filter(|change| change.new.is_some());
    let same = candidates()
        .find(|change| change.old.is_none() && change.new_legal().is_some_and(|new| new.text == gone.text));
    same.or_else(|| {
        candidates().find(|change| {
            let Some(recognition) = change.new_fact().and_then(Fact::recognition) else { return false };
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
