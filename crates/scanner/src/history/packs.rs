//! All commits, trees and tags of git packs, read in the order in which they lie there.
//!
//! libgit2 finds objects one by one: it applies the deltas of each again, from their root. Here every object of a pack is inflated once,
//! each delta is applied once, to the object that was just made, and blobs are passed over. Only what a history asks is kept:
//! of a commit its tree, parents and times, of a tree its folders and those files whose names matter.
//!
//! That an object has the id which the index of its pack gives it is believed: nothing is digested here. Objects of which something
//! is reported are read by libgit2 too, which does.
//!
//! Nothing here is an error. What is damaged, or written in an unusual way, is not in [`Decoded`], and neither is what is a
//! delta of it: libgit2 is asked for that, and says what is wrong.

mod commit;
mod delta;
mod entries;
mod ids;
mod index;
mod inflate;
pub mod measure;
mod names;
mod part;
#[cfg(test)]
mod tests;
mod tree;
mod unfold;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use git2::Oid;

pub(crate) use commit::When;
pub(crate) use names::Names;

use super::Progress;
use super::parse::Kind;
use entries::{NONE, Pack};
use ids::Ids;
use index::Index;
use part::{Part, Record, Span, Target};
use unfold::{Job, Worker};

/// An id as packs have it. Repositories with SHA-256 ids have packs of another kind, which libgit2 does not open either.
type Id = [u8; 20];

/// What commits, trees and tags of packs say. Objects have numbers, from 0 on.
pub(crate) struct Decoded {
    ids: Ids,
    /// Where each object is; `None` if it cannot be read here.
    places: Vec<Option<Place>>,
    parts: Vec<Part>,
    /// The names, one after the other in the order of their bytes, and where each ends.
    names: Vec<u8>,
    name_ends: Vec<usize>,
    /// Packs that could not be used, and why.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a pack that is left to libgit2 is no fault; tests ask why it was")
    )]
    pub(crate) problems: Vec<String>,
}

#[derive(Clone, Copy)]
struct Place {
    part: u16,
    record: Record,
}

/// The number of a name. Numbers are in the order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NameId(pub(crate) u32);

/// An object that another one names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Object {
    /// It is a commit, tree or tag of a pack, with this number.
    Number(u32),
    /// It is something else, or in no pack.
    Id(Oid),
}

/// A commit.
#[derive(Clone, Copy)]
pub(crate) struct Commit<'d> {
    part: &'d Part,
    tree: Target,
    parents: Span,
    /// When its author wrote it.
    pub(crate) author: When,
    /// When it was committed.
    pub(crate) committer: When,
}

impl<'d> Commit<'d> {
    /// Its tree.
    pub(crate) fn tree(&self) -> Object {
        object(self.part, self.tree)
    }

    /// Its parents, in their order.
    pub(crate) fn parents(&self) -> impl ExactSizeIterator<Item = Object> + use<'d> {
        let part = self.part;
        self.parents.of(&part.parents).iter().map(|parent| object(part, *parent))
    }
}

/// A tree: all its folders, and its files whose names are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'d> {
    part: &'d Part,
    folders: Span,
    files: Span,
}

impl<'d> Tree<'d> {
    /// Its folders, in their order.
    pub(crate) fn folders(&self) -> impl ExactSizeIterator<Item = (NameId, Object)> + use<'d> {
        let part = self.part;
        let folders = self.folders.of(&part.folders).iter();
        folders.map(|(name, target)| (NameId(*name), object(part, *target)))
    }

    /// Its files, links and linked repositories whose names are wanted, in their order.
    pub(crate) fn files(&self) -> impl ExactSizeIterator<Item = (NameId, Kind, Oid)> + use<'d> {
        let files = self.files.of(&self.part.files).iter();
        files.map(|file| (NameId(file.name), file.kind, oid(&file.id)))
    }
}

impl Decoded {
    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of a commit, tree or tag. That it has one does not say that it could be read.
    pub(crate) fn find(&self, id: &Oid) -> Option<u32> {
        self.ids.find(id.as_bytes().first_chunk()?)
    }

    /// The id of an object.
    pub(crate) fn id(&self, number: u32) -> Oid {
        oid(self.ids.id(number))
    }

    /// The commit with this number; `None` if it is something else, or libgit2 must be asked for it.
    pub(crate) fn commit(&self, number: u32) -> Option<Commit<'_>> {
        let (part, Record::Commit(at)) = self.place(number)? else { return None };
        let commit = &part.commits[at as usize];
        Some(Commit {
            part,
            tree: commit.tree,
            parents: commit.parents,
            author: commit.author,
            committer: commit.committer,
        })
    }

    /// The tree with this number; `None` if it is something else, or libgit2 must be asked for it.
    pub(crate) fn tree(&self, number: u32) -> Option<Tree<'_>> {
        let (part, Record::Tree(at)) = self.place(number)? else { return None };
        let tree = part.trees[at as usize];
        Some(Tree { part, folders: tree.folders, files: tree.files })
    }

    #[cfg(test)]
    /// What the tag with this number is of; `None` if it is something else, or libgit2 must be asked for it.
    pub(crate) fn tag(&self, number: u32) -> Option<Object> {
        let (part, Record::Tag(at)) = self.place(number)? else { return None };
        Some(object(part, part.tags[at as usize]))
    }

    #[cfg(test)]
    /// The numbers of all commits, reachable or not.
    pub(crate) fn commits(&self) -> impl Iterator<Item = u32> {
        let commits = self.places.iter().zip(0..);
        commits.filter_map(|(place, number)| {
            matches!(place, Some(Place { record: Record::Commit(_), .. })).then_some(number)
        })
    }

    /// How many names there are.
    pub(crate) fn names(&self) -> usize {
        self.name_ends.len()
    }

    /// A name.
    pub(crate) fn name(&self, name: NameId) -> &[u8] {
        let at = name.0 as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.name_ends[before]);
        &self.names[from..self.name_ends[at]]
    }

    fn place(&self, number: u32) -> Option<(&Part, Record)> {
        let place = (*self.places.get(number as usize)?)?;
        Some((&self.parts[place.part as usize], place.record))
    }
}

/// Reads all packs of these folders of objects.
///
/// The answer is the same for any number of threads.
pub(crate) fn decode(
    folders: &[PathBuf],
    names: &Names<'_>,
    threads: usize,
    progress: &dyn Progress,
) -> Decoded {
    decode_within(folders, names, threads, progress, ROOM)
}

/// Most bytes that are kept of a pack, beside half its length.
const ROOM: u64 = 192 << 20;

fn decode_within(
    folders: &[PathBuf],
    names: &Names<'_>,
    threads: usize,
    progress: &dyn Progress,
    room: u64,
) -> Decoded {
    let mut problems = Vec::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        // As for git, a pack is one by its index.
        let mut here: Vec<_> = list(&folder.join("pack"), &mut problems);
        here.sort();
        paths.extend(here);
    }
    let (mut packs, ids) = number(&paths, progress, &mut problems);
    let mut workers: Vec<_> = (0..threads.clamp(1, 64)).map(|_| Worker::new(*names)).collect();
    let mut places: Vec<Option<Place>> = vec![None; ids.len()];
    for (path, pack) in packs.drain(..) {
        let job = Job::new(&pack, room);
        unfold(&job, &mut workers, progress);
        for (part, worker) in (0..).zip(&mut workers) {
            if job.is_too_much() {
                worker.forget();
            }
            for (number, record) in worker.part.done.drain(..) {
                places[number as usize].get_or_insert(Place { part, record });
            }
        }
        if job.is_too_much() {
            problems.push(problem(&path, "its trees unfold to far more than a history holds"));
        }
    }
    let (names, name_ends) = settle(&mut workers, &ids);
    let parts = workers.into_iter().map(|worker| worker.part).collect();
    Decoded { ids, places, parts, names, name_ends, problems }
}

/// How many objects the packs of these folders have, by their indexes.
pub(crate) fn count(folders: &[PathBuf]) -> u64 {
    let paths = folders.iter().flat_map(|folder| list(&folder.join("pack"), &mut Vec::new()));
    paths.map(|path| index::count(&path.with_extension("idx"))).sum()
}

/// The packs of a folder that have an index.
fn list(folder: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        // A repository without packs needs no folder for them.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            problems.push(format!("the packs cannot be listed: {error}"));
            return Vec::new();
        }
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let indexes = paths.filter(|path| path.extension().is_some_and(|extension| extension == "idx"));
    indexes.map(|index| index.with_extension("pack")).filter(|pack| pack.is_file()).collect()
}

/// Reads the headers of all packs, and gives numbers to what is a commit, a tree or a tag in any of them: in the order of
/// packs, and within a pack in the order of its bytes.
fn number(
    paths: &[PathBuf],
    progress: &dyn Progress,
    problems: &mut Vec<String>,
) -> (Vec<(PathBuf, Pack)>, Ids) {
    let mut packs = Vec::new();
    let mut sorted: Vec<(Id, u32)> = Vec::new();
    let mut count = 0_u32;
    for (done, path) in paths.iter().enumerate() {
        progress.at("finding the commits and trees of packs", done, Some(paths.len()));
        let index = std::fs::read(path.with_extension("idx"))
            .map_err(|error| format!("its index cannot be read: {error}"))
            .and_then(|bytes| Index::new(bytes).map_err(str::to_owned));
        let read = index.and_then(|index| Ok((entries::read(path, &index)?, index)));
        let (found, index) = match read {
            Ok(read) => read,
            Err(what) => {
                problems.push(problem(path, &what));
                continue;
            }
        };
        let (mut pack, of_rank) = entries::plan(found);
        if u64::from(count) + pack.steps.len() as u64 >= u64::from(Target::STRANGER) {
            problems.push(problem(path, "there are too many objects before it"));
            continue;
        }
        let mut own = Vec::with_capacity(pack.steps.len());
        for (rank, number) in (0..).zip(&of_rank).filter(|(_, number)| **number != NONE) {
            own.push((*index.id(rank), *number));
        }
        if sorted.is_empty() {
            count = own.len() as u32;
            sorted = own;
        } else {
            count = unite(&mut sorted, own, &mut pack, count);
        }
        packs.push((path.clone(), pack));
    }
    (packs, Ids::new(sorted, count as usize))
}

/// Merges the ids of a further pack with those of the packs before it. What these have already keeps its number; the rest are
/// numbered from `next` on. The next number after that.
fn unite(sorted: &mut Vec<(Id, u32)>, own: Vec<(Id, u32)>, pack: &mut Pack, mut next: u32) -> u32 {
    let mut numbers = vec![NONE; own.len()];
    let mut at = 0;
    for (id, number) in &own {
        at += sorted[at..].partition_point(|(other, _)| other < id);
        if let Some((_, earlier)) = sorted.get(at).filter(|(other, _)| other == id) {
            numbers[*number as usize] = *earlier;
        }
    }
    for number in numbers.iter_mut().filter(|number| **number == NONE) {
        *number = next;
        next += 1;
    }
    for step in &mut pack.steps {
        step.number = numbers[step.number as usize];
    }
    sorted.extend(own.into_iter().map(|(id, number)| (id, numbers[number as usize])));
    sorted.sort();
    sorted.dedup();
    next
}

/// Lets all workers work at a pack; the first of them on this thread, which alone may report.
fn unfold(job: &Job<'_>, workers: &mut [Worker<'_>], progress: &dyn Progress) {
    let Some((first, others)) = workers.split_first_mut() else { return };
    thread::scope(|scope| {
        for worker in others {
            let work = move || worker.work(job, |_| {});
            // Where the system has no thread left, the first does it all.
            let _: Result<_, _> = thread::Builder::new().spawn_scoped(scope, work);
        }
        let of = Some(job.roots());
        first.work(job, |done| progress.at("reading commits and trees of packs", done, of));
    });
}

/// Makes numbers of the ids that were met, and gives the names of all workers common numbers, in the order of names.
fn settle(workers: &mut [Worker<'_>], ids: &Ids) -> (Vec<u8>, Vec<usize>) {
    // Only names that are used: which others a thread has met depends on what it happened to do.
    let mut used: Vec<Vec<bool>> = Vec::new();
    for worker in workers.iter() {
        let mut own = vec![false; worker.met.len()];
        let part = &worker.part;
        let names = part.folders.iter().map(|(name, _)| name).chain(part.files.iter().map(|file| &file.name));
        for name in names {
            own[*name as usize] = true;
        }
        used.push(own);
    }
    let mut all: Vec<(&[u8], usize, u32)> = Vec::new();
    for (worker, used) in
        workers.iter().zip(&used).enumerate().map(|(at, (worker, used))| ((at, worker), used))
    {
        let (at, worker) = worker;
        let names = worker.met.all().zip(used).zip(0..).filter(|((_, used), _)| **used);
        all.extend(names.map(|((name, _), number)| (name, at, number)));
    }
    all.sort_unstable();
    let mut maps: Vec<Vec<u32>> = used.iter().map(|used| vec![NONE; used.len()]).collect();
    let (mut names, mut ends) = (Vec::new(), Vec::new());
    let mut before = None;
    for (name, worker, number) in all {
        if before != Some(name) {
            names.extend_from_slice(name);
            ends.push(names.len());
            before = Some(name);
        }
        maps[worker][number as usize] = ends.len() as u32 - 1;
    }
    let parts = workers.iter_mut().map(|worker| &mut worker.part);
    in_threads(parts.zip(&maps), |(part, map)| part.settle(ids, map));
    (names, ends)
}

/// Does something with each item in a thread of its own, or in this one where there is none left.
fn in_threads<T: Send>(items: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let items: Vec<Mutex<Option<T>>> = items.map(|item| Mutex::new(Some(item))).collect();
    let take = |item: &Mutex<Option<T>>| {
        item.lock().ok().and_then(|mut item| item.take()).into_iter().for_each(&work)
    };
    thread::scope(|scope| {
        for item in items.iter().skip(1) {
            let _: Result<_, _> = thread::Builder::new().spawn_scoped(scope, move || take(item));
        }
        // Those for which there was no thread are still there.
        items.iter().for_each(take);
    });
}

fn problem(path: &Path, what: &str) -> String {
    // The name without its folders: a report names no place of the machine.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("the pack {name} is read object by object: {what}")
}

fn object(part: &Part, target: Target) -> Object {
    match target.0.checked_sub(Target::STRANGER) {
        None => Object::Number(target.0),
        Some(stranger) => Object::Id(oid(&part.strangers[stranger as usize])),
    }
}

fn oid(id: &Id) -> Oid {
    Oid::from_bytes(id).expect("an id has as many bytes as libgit2 wants")
}
