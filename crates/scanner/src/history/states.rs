//! Projections as facts: each blob is read once, each distinct state is made once.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use forebear_types::fact::{Fact, FactKind, Problem};
use forebear_types::history::State;
use forebear_types::{RepoPath, Snapshot};
use git2::Oid;

use super::has_weights;
use super::projection::{Item, Projections};
use crate::formats::{self, File, Interest};
use crate::source::git::{history_problem, object_id};
use crate::source::{GitHandle, blob_bytes, model_folders};

/// What became of a blob at a path.
type Read = Rc<(Vec<Arc<Fact>>, Vec<Problem>)>;

/// The distinct states of a walk.
pub(crate) struct States<'h, 'p> {
    handle: &'h GitHandle,
    projections: &'p mut Projections<'h>,
    /// Facts of a file, by blob, path and whether it speaks for the model.
    reads: BTreeMap<(Oid, RepoPath, bool), Read>,
    by_projection: BTreeMap<u32, usize>,
    states: Vec<State>,
    problems: Vec<Problem>,
    /// The commit that is being looked at: facts say that they were seen in the first one that has them.
    pub(crate) at: Snapshot,
}

impl<'h, 'p> States<'h, 'p> {
    pub(crate) fn new(handle: &'h GitHandle, projections: &'p mut Projections<'h>) -> Self {
        Self {
            handle,
            projections,
            reads: BTreeMap::new(),
            by_projection: BTreeMap::new(),
            states: Vec::new(),
            problems: Vec::new(),
            at: Snapshot::WorkTree,
        }
    }

    /// The files of a projection.
    pub(crate) fn items(&mut self, projection: u32) -> Rc<Vec<Item>> {
        self.projections.items(projection)
    }

    /// The state of a projection.
    pub(crate) fn of_projection(&mut self, projection: u32) -> usize {
        if let Some(state) = self.by_projection.get(&projection) {
            return *state;
        }
        let items = self.items(projection);
        let folders = model_folders(items.iter().map(|item| &item.path));
        let mut state = State { weights: false, partial: false, facts: Vec::new(), problems: Vec::new() };
        for item in items.iter() {
            state.weights |= matches!(item.interest, Interest::Weights(_));
            if !item.interest.is_kept() {
                continue;
            }
            let read = self.read_scoped(item, &folders);
            state.facts.extend(read.0.iter().map(Arc::clone));
            if item.interest.is_document() {
                state.problems.extend(read.1.iter().cloned());
            }
        }
        let number = self.add(state);
        self.by_projection.insert(projection, number);
        number
    }

    /// The state of the examined snapshot.
    pub(crate) fn of_snapshot(&self, facts: &[Fact]) -> State {
        let documents = facts
            .iter()
            .filter(|fact| {
                matches!(
                    fact.kind,
                    FactKind::LegalFile(_)
                        | FactKind::ModelCard(_)
                        | FactKind::AdapterConfig(_)
                        | FactKind::ModelConfig(_)
                )
            })
            .map(|fact| Arc::new(fact.clone()))
            .collect();
        State { weights: has_weights(facts), partial: false, facts: documents, problems: Vec::new() }
    }

    pub(crate) fn add(&mut self, state: State) -> usize {
        self.states.push(state);
        self.states.len() - 1
    }

    /// The facts of one file, whatever its scope.
    pub(crate) fn facts(&mut self, item: &Item) -> Read {
        self.read_scoped(item, &std::collections::BTreeSet::new())
    }

    fn read_scoped(&mut self, item: &Item, folders: &std::collections::BTreeSet<RepoPath>) -> Read {
        let beside_model =
            item.path.parent().is_some_and(|folder| !folder.is_root() && folders.contains(&folder));
        let key = (item.blob, item.path.clone(), beside_model);
        if let Some(read) = self.reads.get(&key) {
            return Rc::clone(read);
        }
        let mut reading = self.read(item);
        for fact in &mut reading.0 {
            formats::rescope(fact, folders);
        }
        let read: Read = Rc::new((reading.0.into_iter().map(Arc::new).collect(), reading.1));
        self.reads.insert(key, Rc::clone(&read));
        read
    }

    fn read(&mut self, item: &Item) -> (Vec<Fact>, Vec<Problem>) {
        let blob = object_id(item.blob);
        let snapshot = self.at.clone();
        let content = blob.ok_or_else(|| git2::Error::from_str("the object id is of an unknown kind"));
        let content = content.and_then(|id| blob_bytes(self.handle, id, formats::budget(item.interest)));
        match content {
            Ok((bytes, size)) => {
                let file = File { path: &item.path, bytes: &bytes, size, blob, snapshot: &snapshot };
                let reading = formats::read(file, item.interest);
                (reading.facts, reading.problems)
            }
            Err(error) => {
                self.problems.push(history_problem(
                    format!(
                        "an earlier version of {} (object {}) cannot be read: {}",
                        item.path,
                        item.blob,
                        error.message()
                    ),
                    "in a partial clone, fetch all objects; else `git fsck` says what is broken",
                ));
                let mut reading = forebear_types::fact::Reading::default();
                let file = File { path: &item.path, bytes: &[], size: 0, blob, snapshot: &snapshot };
                formats::note_unread(file, item.interest, &mut reading);
                (reading.facts, reading.problems)
            }
        }
    }

    pub(crate) fn finish(self) -> (Vec<State>, Vec<Problem>) {
        (self.states, self.problems)
    }
}
