//! Projections as facts: each blob is read once, each distinct state is made once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use forebear_types::fact::{Fact, FactKind, Problem};
use forebear_types::history::State;
use forebear_types::license::Recognition;
use forebear_types::{RepoPath, Snapshot};
use git2::Oid;
use sha2::{Digest, Sha256};

use super::has_weights;
use super::objects::Objects;
use super::parse::Kind;
use super::projection::{Entry, Item, Projections};
use crate::formats::{self, File, Interest};
use crate::source::git::{history_problem, object_id};
use crate::source::{Found, GitHandle, blob_bytes, follow_link, model_folders};

/// What became of a blob at a path.
type Read = Rc<(Vec<Arc<Fact>>, Vec<Problem>)>;

/// A legal state in short, as a digest: whether weights are there, whether all could be read, and the files whose facts are kept.
type Key = [u8; 32];

/// Bytes of files whose facts are held for the next commits.
const HELD: u64 = 32 << 20;

/// The distinct states of a walk.
pub(crate) struct States<'h> {
    handle: &'h GitHandle,
    /// Facts of a file, by blob, path and whether it speaks for the model: those that were read last.
    reads: BTreeMap<(Option<Oid>, RepoPath, bool), Read>,
    /// The bytes of their files.
    held: u64,
    by_projection: HashMap<u32, usize>,
    by_key: BTreeMap<Key, usize>,
    states: Vec<State>,
    problems: Vec<Problem>,
    /// What was recognised in blobs, by how they are read; kept where it will be wanted again.
    recognised: Option<BTreeMap<(Oid, u8), Recognition>>,
    /// The commit that is being looked at: facts say that they were seen in the first one that has them.
    pub(crate) at: Snapshot,
}

impl<'h> States<'h> {
    /// With what an earlier walk recognised, where there is a cache.
    pub(crate) fn new(handle: &'h GitHandle, recognised: Option<BTreeMap<(Oid, u8), Recognition>>) -> Self {
        Self {
            handle,
            reads: BTreeMap::new(),
            held: 0,
            by_projection: HashMap::new(),
            by_key: BTreeMap::new(),
            states: Vec::new(),
            problems: Vec::new(),
            recognised,
            at: Snapshot::WorkTree,
        }
    }

    /// The state of a projection.
    pub(crate) fn of_projection(
        &mut self,
        projections: &mut Projections,
        objects: &Objects<'_>,
        projection: u32,
    ) -> usize {
        if let Some(state) = self.by_projection.get(&projection) {
            return *state;
        }
        let items = projections.items(objects, projection);
        let folders = model_folders(items.iter().map(|item| &item.path));
        let weights = items.iter().any(|item| matches!(item.interest, Interest::Weights(_)));
        let partial = projections.is_partial(projection);
        let kept: Vec<(&Item, Option<Oid>, bool)> = items
            .iter()
            .filter(|item| item.interest.is_kept() && item.entry.kind != Kind::Module)
            .map(|item| {
                let blob = self.blob(projections, objects, projection, item);
                (item, blob, is_beside_model(item, &folders))
            })
            .collect();
        let key = key(weights, partial, &kept);
        let number = match self.by_key.get(&key) {
            Some(number) => *number,
            None => {
                let mut state = State { weights, partial, facts: Vec::new(), problems: Vec::new() };
                for (item, blob, beside) in kept {
                    let read = self.read(item, blob, beside, &folders);
                    state.facts.extend(read.0.iter().map(Arc::clone));
                    if item.interest.is_document() {
                        state.problems.extend(read.1.iter().cloned());
                    }
                }
                let number = self.add(state);
                self.by_key.insert(key, number);
                number
            }
        };
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

    /// What a document of a projection says, whatever it speaks for.
    pub(crate) fn document(
        &mut self,
        projections: &Projections,
        objects: &Objects<'_>,
        projection: u32,
        item: &Item,
    ) -> Option<Arc<Fact>> {
        if item.entry.kind == Kind::Module {
            return None;
        }
        let blob = self.blob(projections, objects, projection, item);
        let read = self.read(item, blob, false, &BTreeSet::new());
        let document = |kind: &FactKind| {
            matches!(kind, FactKind::LegalFile(_) | FactKind::ModelCard(_) | FactKind::AdapterConfig(_))
        };
        read.0.iter().find(|fact| document(&fact.kind)).map(Arc::clone)
    }

    /// The blob that a file has: of a link the one that it leads to, if that lies in the same tree. `None` where it leads
    /// elsewhere, so that nobody knows what it says.
    fn blob(
        &self,
        projections: &Projections,
        objects: &Objects<'_>,
        projection: u32,
        item: &Item,
    ) -> Option<Oid> {
        let found = |entry: Entry| match entry.kind {
            Kind::File => Some(Found::File(entry.blob)),
            Kind::Link => object_id(entry.blob).map(Found::Link),
            Kind::Module | Kind::Folder => None,
        };
        match found(item.entry)? {
            Found::File(blob) => Some(blob),
            Found::Link(link) => follow_link(self.handle, &item.path, link, |path| {
                found(projections.at(objects, projection, path).ok()??)
            }),
        }
    }

    fn read(&mut self, item: &Item, blob: Option<Oid>, beside: bool, folders: &BTreeSet<RepoPath>) -> Read {
        let key = (blob, item.path.clone(), beside);
        if let Some(read) = self.reads.get(&key) {
            return Rc::clone(read);
        }
        let (mut facts, problems) = self.read_blob(item, blob);
        if self.held > HELD {
            // States keep what they need. The rest is read again in the rare case that it is wanted.
            self.reads.clear();
            self.held = 0;
        }
        for fact in &mut facts {
            formats::rescope(fact, folders);
        }
        let read: Read = Rc::new((facts.into_iter().map(Arc::new).collect(), problems));
        self.reads.insert(key, Rc::clone(&read));
        read
    }

    fn read_blob(&mut self, item: &Item, blob: Option<Oid>) -> (Vec<Fact>, Vec<Problem>) {
        let snapshot = self.at.clone();
        let unread = |blob| {
            let mut reading = forebear_types::fact::Reading::default();
            let file = File { path: &item.path, bytes: &[], size: 0, blob, snapshot: &snapshot };
            formats::note_unread(file, item.interest, &mut reading);
            (reading.facts, reading.problems)
        };
        let Some(oid) = blob else { return unread(None) };
        let blob = object_id(oid);
        let content = blob.ok_or_else(|| git2::Error::from_str("the object id is of an unknown kind"));
        match content.and_then(|id| blob_bytes(self.handle, id, formats::budget(item.interest))) {
            Ok((bytes, size)) => {
                self.held += bytes.len() as u64;
                let file = File { path: &item.path, bytes: &bytes, size, blob, snapshot: &snapshot };
                let way = match item.interest {
                    Interest::LegalFile(_) => 0,
                    _ => 1,
                };
                let known = self.recognised.as_ref().and_then(|known| known.get(&(oid, way)));
                let is_known = known.is_some();
                let reading = formats::read_knowing(file, item.interest, known);
                if let (Some(all), false) = (&mut self.recognised, is_known)
                    && let Some(found) = reading.facts.iter().find_map(recognition)
                {
                    all.insert((oid, way), found.clone());
                }
                (reading.facts, reading.problems)
            }
            Err(error) => {
                self.problems.push(history_problem(
                    format!(
                        "an earlier version of {} (object {oid}) cannot be read: {}",
                        item.path,
                        error.message()
                    ),
                    "in a partial clone, fetch all objects; else `git fsck` says what is broken",
                ));
                unread(blob)
            }
        }
    }

    /// What was recognised; taken away.
    pub(crate) fn take_recognised(&mut self) -> BTreeMap<(Oid, u8), Recognition> {
        self.recognised.take().unwrap_or_default()
    }

    pub(crate) fn finish(self) -> (Vec<State>, Vec<Problem>) {
        (self.states, self.problems)
    }
}

/// What was recognised in a legal file or a card, if it was examined.
fn recognition(fact: &Fact) -> Option<&Recognition> {
    match &fact.kind {
        FactKind::LegalFile(file) => file.examined.then_some(&file.recognition),
        FactKind::ModelCard(card) => Some(&card.recognition),
        _ => None,
    }
}

fn key(weights: bool, partial: bool, kept: &[(&Item, Option<Oid>, bool)]) -> Key {
    let mut digest = Sha256::new();
    digest.update([u8::from(weights), u8::from(partial)]);
    for (item, blob, beside) in kept {
        // No path holds a NUL, and ids have one length.
        digest.update(item.path.as_bytes());
        digest.update([0, u8::from(*beside), u8::from(blob.is_some())]);
        digest.update(blob.as_ref().map_or(&[][..], Oid::as_bytes));
    }
    digest.finalize().into()
}

fn is_beside_model(item: &Item, folders: &BTreeSet<RepoPath>) -> bool {
    item.path.parent().is_some_and(|folder| !folder.is_root() && folders.contains(&folder))
}
