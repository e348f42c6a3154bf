//! The life of legal files and declarations, reachable from one commit or from all references.
//!
//! A commit's tree is projected to the entries that matter: legal files, cards, configurations, adapters, tokenizers, weights.
//! Equal subtrees are projected once (trees are named by their content), and equal projections share one number, so that a
//! commit that touches nothing of interest costs one comparison with its parent. Every blob is read and recognised once.
//! `docs/history.md` says how it works and how fast.

mod bases;
mod cache;
mod compare;
mod describe;
mod events;
mod graph;
mod merges;
mod names;
mod objects;
mod packs;
mod parse;
mod projection;
mod raw;
mod refs;
mod request;
mod signs;
mod states;
mod verify;

use std::collections::{BTreeSet, HashMap};

use forebear_types::fact::{Fact, FactKind};
use forebear_types::history::{History, Line, Point, Reach, Tag};
use forebear_types::{RepoPath, Snapshot};
use git2::Oid;

use crate::formats;
use crate::source::GitHandle;
use crate::source::git::{history_problem, object_id};
use bases::Bases;
use cache::{Cache, Content, Known};
use events::{Events, Origin};
use graph::{Gaps, Graph, NONE, Position};
use merges::{Anew, Meeting};
use names::Wanted;
use objects::Objects;
use projection::{EMPTY, Projections, UNKNOWN};
use refs::{Refs, Tip};
use states::States;

#[doc(hidden)]
pub use packs::measure;
pub use raw::{RawChange, RawEntry, raw_changes};
pub use request::{Engine, Progress, Range, Request, Silent};
pub use verify::verify;

/// Walks the history reachable from the requested commit, and ends it with the examined snapshot if that is not a commit.
///
/// Merges are judged by the three-way rule, per path: a change that one side made and the merge kept is no event of the
/// merge. Where both sides changed a path, the merge is an event unless joining the two texts gives what it holds.
pub fn walk(
    handle: &GitHandle,
    request: &Request,
    examined: &Snapshot,
    facts: &[Fact],
    progress: &dyn Progress,
) -> History {
    let mut history = History { head: Some(request.head), complete: true, ..History::default() };
    history.ranged = !request.range.is_all();
    note_gaps(handle, &mut history);
    let Ok(head) = Oid::from_bytes(request.head.as_bytes()) else { return history };
    let mut walk = Walk::begin(handle, request, head, linked(facts), &mut history, progress);
    let events = walk.events(&mut history, progress);
    walk.finish(head, examined, facts, events, history)
}

/// Legal files whose names do not say so: a card links to them.
fn linked(facts: &[Fact]) -> BTreeSet<RepoPath> {
    facts
        .iter()
        .filter(|fact| matches!(fact.kind, FactKind::LegalFile(_)) && formats::interest(&fact.path).is_none())
        .map(|fact| fact.path.clone())
        .collect()
}

/// A walk under way.
pub(crate) struct Walk<'h> {
    handle: &'h GitHandle,
    cache: Cache,
    objects: Objects<'h>,
    graph: Graph,
    /// Of each commit, by position.
    projected: Vec<u32>,
    projections: Projections,
    states: States<'h>,
    /// The examined commit first, then the repository's own references, others', and what none reaches; last, where only a range
    /// was asked for, the commit after which it begins.
    tips: Vec<Tip>,
    refs: Refs,
    /// Merges that did nothing of their own.
    quiet: BTreeSet<Oid>,
    /// The commit that is being looked at; the examined one at the end.
    at: Position,
    /// Which commits lie in the range that was asked for; empty if all do.
    in_range: Vec<bool>,
    /// The tip that only marks the beginning of a range.
    hidden: Option<u32>,
}

impl<'h> Walk<'h> {
    fn begin(
        handle: &'h GitHandle,
        request: &Request,
        head: Oid,
        linked: BTreeSet<RepoPath>,
        history: &mut History,
        progress: &dyn Progress,
    ) -> Self {
        let paths: Vec<&RepoPath> = linked.iter().collect();
        let folder = handle.repository.commondir();
        let mut cache = Cache::read(request.cache.as_deref(), folder, &handle.prefix, &paths);
        let Content { names, nodes, commits, recognised, quiet } = std::mem::take(&mut cache.content);
        let mut objects = Objects::new(handle, Wanted::new(linked), names, commits);
        if !cache.was_there() {
            objects.prepare(request, progress);
        }
        let refs = refs::read(&handle.repository, request.all_refs, &objects);
        let mut tips = vec![Tip { reach: Reach::Head, reference: String::new(), commit: head }];
        if request.all_refs {
            tips.extend(refs.tips.iter().cloned());
            for broken in &refs.broken {
                gap(history, format!("a reference cannot be followed: {broken}"), FSCK);
            }
        }
        let boundary = shallow_boundary(handle);
        let collect = |objects: &mut Objects<'_>, tips: &[Tip], most: usize| {
            let commits: Vec<Oid> = tips.iter().map(|tip| tip.commit).collect();
            Graph::walk(objects, &commits, most, &boundary, progress)
        };
        if request.unreachable {
            let mut known = tips.clone();
            known.extend(refs.tips.iter().cloned());
            let reachable = collect(&mut objects, &known, usize::MAX).0;
            match refs::unreachable(&handle.repository, &reachable, &objects) {
                Ok(found) => tips.extend(found.into_iter().map(|commit| Tip {
                    reach: Reach::Unreachable,
                    reference: String::new(),
                    commit,
                })),
                Err(why) => gap(history, format!("the object store cannot be listed: {why}"), FSCK),
            }
        }
        let after = request.range.after.and_then(|after| Oid::from_bytes(after.as_bytes()).ok());
        let hidden = after.map(|commit| {
            tips.push(Tip { reach: Reach::Unreachable, reference: String::new(), commit });
            tips.len() as u32 - 1
        });
        let (graph, gaps) = collect(&mut objects, &tips, request.commits);
        note_unread(&gaps, request, history);
        let mut projections = Projections::new(nodes);
        let mut projected = Vec::with_capacity(graph.commits.len());
        for (position, commit) in graph.commits.iter().enumerate() {
            projected.push(projections.of_commit(&mut objects, commit.tree, &handle.prefix));
            if position.is_multiple_of(1024) {
                progress.at("comparing commits", position, Some(graph.commits.len()));
            }
        }
        let in_range = range(&graph, &objects, request, after);
        let states = States::new(handle, request.cache.is_some().then_some(recognised));
        Self {
            at: NONE,
            quiet,
            handle,
            cache,
            objects,
            graph,
            projected,
            projections,
            states,
            tips,
            refs,
            in_range,
            hidden,
        }
    }

    /// What every commit did.
    fn events(&mut self, history: &mut History, progress: &dyn Progress) -> Events {
        let mut events = Events::default();
        let mut bases = Bases::new(&self.graph);
        for position in 0..self.graph.commits.len() {
            if position.is_multiple_of(4096) {
                progress.at("reading what changed", position, Some(self.graph.commits.len()));
            }
            if self.is_hidden(position) {
                continue;
            }
            history.commits += 1;
            self.commit(position as Position, &mut bases, &mut events);
        }
        events
    }

    fn commit(&mut self, position: Position, bases: &mut Bases, events: &mut Events) {
        let commit = self.graph.commit(position);
        let own = self.projected[position as usize];
        // Where a parent is not here (shallow, or beyond the bound) nobody can say what this commit did.
        if commit.cut || commit.parents.contains(&NONE) {
            return;
        }
        let parents: Vec<u32> =
            commit.parents.iter().map(|parent| self.projected[*parent as usize]).collect();
        if parents.iter().all(|parent| *parent == own) && !(parents.is_empty() && own != EMPTY) {
            return;
        }
        self.at = position;
        self.states.at = self.snapshot(position);
        let origin = move |walk: &Walk<'_>| walk.origin(position);
        match parents.as_slice() {
            [] => events.between(self, EMPTY, own, origin),
            [only] => events.between(self, *only, own, origin),
            several => {
                let made = self.merge(position, several, own, bases);
                events.add(self, made, own, origin);
            }
        }
    }

    /// What a merge itself did, each change with the projection of the side against which it is one.
    fn merge(
        &mut self,
        position: Position,
        parents: &[u32],
        own: u32,
        bases: &mut Bases,
    ) -> Vec<(projection::Difference, u32)> {
        let merge = self.graph.commit(position).id;
        if self.quiet.contains(&merge) {
            return Vec::new();
        }
        let sides: Vec<Position> = self.graph.commit(position).parents.to_vec();
        let found = bases.of(&self.graph, &sides);
        let base: Vec<u32> = found.iter().map(|base| self.projected[*base as usize]).collect();
        let meeting = Meeting { parents, bases: &base, result: own };
        let made = merges::made(&self.projections, &self.objects, &meeting);
        let handle = self.handle;
        let at = |projection: u32, path: &RepoPath| {
            self.projections.at(&self.objects, projection, path).ok().flatten()
        };
        let of_sides = |path: &RepoPath| parents.iter().map(|parent| at(*parent, path)).collect::<Vec<_>>();
        // What joining the texts gives is no event.
        let joined = |path: &RepoPath| {
            let (sides, result) = (of_sides(path), at(own, path));
            base.iter().take(BASES).any(|base| merges::joins(handle, at(*base, path), &sides, result))
        };
        let mut left: Vec<merges::Made> =
            made.into_iter().filter(|one| !(one.of_two_sides && joined(&one.difference.path))).collect();
        // Where the file is missing on one side, one side may have moved it: what git's own merge gives is no event either. It sees
        // whole trees, so it is asked last.
        let is_moved = |one: &merges::Made| {
            let path = &one.difference.path;
            of_sides(path).iter().chain([&at(own, path)]).any(Option::is_none)
        };
        if let ([ours, theirs], true) = (sides.as_slice(), left.iter().any(is_moved)) {
            let id = |side: Position| self.graph.commit(side).id;
            for base in found.iter().take(BASES) {
                if left.is_empty() {
                    break;
                }
                let Some(anew) = Anew::of(&handle.repository, id(*base), id(*ours), id(*theirs)) else {
                    continue;
                };
                let gone = left.iter().any(|one| one.of_two_sides && one.difference.new.is_none());
                left.retain(|one| {
                    let path = &one.difference.path;
                    !anew.gives(handle.prefix.join_path(path).as_bytes(), at(own, path))
                });
                if gone && found.len() == 1 {
                    // One side moved what the other one edited: the edit may have been lost on the way.
                    left.extend(self.lost_on_the_way(&anew, own));
                }
            }
        }
        if left.is_empty() {
            self.quiet.insert(merge);
        }
        left.into_iter().map(|one| (one.difference, parents[one.side])).collect()
    }

    /// Legal files that git's own merge moved and joined, and the merge holds otherwise.
    fn lost_on_the_way(&self, anew: &Anew, own: u32) -> Vec<merges::Made> {
        let made = anew.files().filter_map(|(path, expected)| {
            let path = self.handle.below_prefix(&path)?;
            self.objects.wanted().interest(&path).filter(|interest| interest.is_document())?;
            let found = self.projections.at(&self.objects, own, &path).ok()?;
            let difference = projection::Difference { path, old: Some(expected), new: found };
            (found != Some(expected)).then_some(merges::Made { difference, of_two_sides: true, side: 0 })
        });
        made.collect()
    }

    fn is_hidden(&self, position: usize) -> bool {
        self.hidden.is_some_and(|hidden| self.graph.commits[position].tip == hidden)
    }

    fn is_in_range(&self, position: Position) -> bool {
        self.in_range.get(position as usize).copied().unwrap_or(true)
    }

    fn snapshot(&self, position: Position) -> Snapshot {
        let commit = self.graph.commit(position);
        match object_id(commit.id) {
            Some(id) => Snapshot::Commit { id, time: commit.time },
            None => Snapshot::WorkTree,
        }
    }

    fn origin(&self, position: Position) -> Origin {
        let commit = self.graph.commit(position);
        let (author, subject) = self.words(position);
        let tip = self.tips.get(commit.tip as usize);
        let reach = tip.map_or(Reach::Unreachable, |tip| tip.reach);
        Origin {
            snapshot: self.snapshot(position),
            author_time: Some(commit.author_time),
            author,
            subject,
            parents: commit.parents.len(),
            reach,
            reference: tip.map(|tip| tip.reference.clone()).filter(|reference| !reference.is_empty()),
            in_range: self.is_in_range(position),
        }
    }

    /// Author and first line of the message.
    fn words(&self, position: Position) -> (String, String) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self.handle.repository.find_commit(self.graph.commit(position).id) {
            Ok(commit) => {
                let author = commit.author();
                let name = format!("{} <{}>", text(author.name_bytes()), text(author.email_bytes()));
                let subject = commit.message_bytes().split(|byte| *byte == b'\n').next().map(text);
                (name, subject.unwrap_or_default())
            }
            Err(_) => (String::new(), String::new()),
        }
    }

    /// Lines, tags and what could not be examined.
    fn finish(
        mut self,
        head: Oid,
        examined: &Snapshot,
        facts: &[Fact],
        mut events: Events,
        mut history: History,
    ) -> History {
        let tip = self.graph.position(&self.objects, head);
        let line = tip.map(|tip| self.graph.line(tip)).unwrap_or_default();
        let (points, runs) = self.points(&line);
        history.line = points;
        for index in 0..self.tips.len() {
            if self.tips[index].has_line()
                && let Some(position) = self.graph.position(&self.objects, self.tips[index].commit)
            {
                let own = self.graph.line(position);
                let reference = self.tips[index].reference.clone();
                let common = own.iter().zip(&line).take_while(|(one, two)| one == two).count();
                // Whole runs of the examined commit's line; the one in which they part is the other line's own.
                let shared = runs
                    .iter()
                    .skip(1)
                    .chain([&line.len()])
                    .take_while(|end| **end <= common)
                    .count()
                    .min(runs.len());
                let from = runs.get(shared).copied().unwrap_or(common);
                let points = self.points(&own[from..]).0;
                history.others.push(Line { reference, shared, points });
            }
        }
        self.tags(&line, &runs, &mut history);
        history.signs = signs::of(self.handle, &self.graph, &self.refs);
        if !matches!(examined, Snapshot::Commit { .. }) {
            let current = self.states.of_snapshot(facts);
            if let Some(tip) = tip {
                self.at = tip;
                let before = self.projected[tip as usize];
                if before != UNKNOWN {
                    events.examined(&mut self, examined, before, &current);
                }
            }
            let state = self.states.add(current);
            history.line.push(Point {
                snapshot: examined.clone(),
                last: examined.clone(),
                author: String::new(),
                subject: String::new(),
                state,
                commits: 0,
                in_range: true,
            });
        }
        history.events = events.finish();
        self.keep();
        let (all, problems) = self.states.finish();
        history.states = all;
        history.problems.extend(problems);
        history.problems.append(&mut self.projections.problems);
        history.complete &= history.problems.is_empty();
        history.problems.sort();
        history.problems.dedup();
        history
    }

    /// Writes the cache, where that saves more than it costs.
    fn keep(&mut self) {
        if !self.cache.is_worth(self.objects.fresh()) {
            return;
        }
        let (nodes, whole) = self.projections.known();
        // Where anything is missing, what a merge did may be told otherwise once it is here.
        let is_whole = whole.iter().skip(UNKNOWN as usize + 1).all(|whole| *whole)
            && self.graph.commits.iter().all(|commit| !commit.cut && !commit.parents.contains(&NONE));
        let quiet = if is_whole { std::mem::take(&mut self.quiet) } else { BTreeSet::new() };
        let recognised = self.states.take_recognised();
        let empty = Objects::new(self.handle, Wanted::default(), Vec::new(), HashMap::new());
        let (names, mut commits) = std::mem::replace(&mut self.objects, empty).into_known();
        for (position, commit) in self.graph.commits.iter().enumerate() {
            let projection = self.projected[position];
            let parents = commit
                .parents
                .iter()
                .map(|parent| self.graph.commits.get(*parent as usize).map(|parent| parent.id));
            // A commit whose parents are not here is read again, when they may be.
            let Some(parents) = parents.collect::<Option<Vec<Oid>>>().filter(|_| !commit.cut) else {
                continue;
            };
            if whole.get(projection as usize).copied().unwrap_or(false) {
                let (author_time, time) = (commit.author_time, commit.time);
                commits.insert(commit.id, Known { parents, author_time, time, projection });
            }
        }
        self.cache.write(&Content { names: names.into_list(), nodes, commits, recognised, quiet });
    }

    /// A line as runs of commits with one state, and of each run where in the line it begins.
    fn points(&mut self, line: &[Position]) -> (Vec<Point>, Vec<usize>) {
        let (mut points, mut runs): (Vec<Point>, Vec<usize>) = (Vec::new(), Vec::new());
        for (index, position) in line.iter().enumerate() {
            let state = self.state(*position);
            let snapshot = self.snapshot(*position);
            match points.last_mut() {
                Some(point) if point.state == state => {
                    point.commits += 1;
                    point.last = snapshot;
                }
                _ => {
                    let (author, subject) = self.words(*position);
                    runs.push(index);
                    points.push(Point {
                        last: snapshot.clone(),
                        snapshot,
                        author,
                        subject,
                        state,
                        commits: 1,
                        in_range: self.is_in_range(*position),
                    });
                }
            }
        }
        (points, runs)
    }

    fn state(&mut self, position: Position) -> usize {
        self.states.at = self.snapshot(position);
        self.states.of_projection(&mut self.projections, &self.objects, self.projected[position as usize])
    }

    fn tags(&mut self, line: &[Position], runs: &[usize], history: &mut History) {
        let mut place: Vec<(Position, usize)> = line.iter().copied().zip(0..).collect();
        place.sort_unstable();
        for (name, commit) in self.refs.tags.clone() {
            let Some(position) = self.graph.position(&self.objects, commit) else { continue };
            let own = self.tips.get(self.graph.commit(position).tip as usize);
            if own.is_none_or(|tip| tip.reach > Reach::Own) {
                continue;
            }
            let on_line = place.binary_search_by_key(&position, |(position, _)| *position).ok();
            let point = on_line.map(|at| runs.partition_point(|begin| *begin <= place[at].1) - 1);
            let state = self.state(position);
            history.tags.push(Tag { name, commit: self.snapshot(position), state, point });
        }
    }
}

/// Which commits were asked for; empty if all were.
fn range(graph: &Graph, objects: &Objects<'_>, request: &Request, after: Option<Oid>) -> Vec<bool> {
    if request.range.is_all() {
        return Vec::new();
    }
    let before = after.and_then(|after| graph.position(objects, after)).map(|after| graph.ancestors(after));
    let range = &request.range;
    let within = |(position, commit): (usize, &graph::Commit)| {
        before.as_ref().is_none_or(|before| !before[position])
            && range.since.is_none_or(|since| commit.time.seconds >= since.seconds)
            && range.until.is_none_or(|until| commit.time.seconds <= until.seconds)
    };
    graph.commits.iter().enumerate().map(within).collect()
}

/// Of branches that crossed, so many bases are tried.
const BASES: usize = 4;

const FSCK: &str = "`git fsck` says what is broken; fetch the history again";

fn gap(history: &mut History, what: String, remedy: &str) {
    history.complete = false;
    history.problems.push(history_problem(what, remedy));
}

/// Whether weights are among facts.
pub(crate) fn has_weights(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact.kind, FactKind::Weights(_)))
}

/// What is known to be missing before the walk begins.
fn note_gaps(handle: &GitHandle, history: &mut History) {
    if handle.repository.is_shallow() {
        let what = "the clone is shallow: older history is not here".to_owned();
        gap(history, what, "git fetch --unshallow");
    }
}

/// What the walk could not read.
fn note_unread(gaps: &Gaps, request: &Request, history: &mut History) {
    const NAMED: usize = 3;
    if gaps.bounded {
        let what =
            format!("only the newest {} commits were examined (--history examines all)", request.commits);
        gap(history, what, "forebear check --history");
    }
    for (id, why) in gaps.unread.iter().take(NAMED) {
        let what = format!("commit {id} cannot be read, and what lies before it is not examined: {why}");
        gap(history, what, FSCK);
    }
    if gaps.unread.len() > NAMED {
        gap(history, format!("{} more commits cannot be read", gaps.unread.len() - NAMED), FSCK);
    }
    if gaps.circular > 0 {
        let what = format!(
            "{} commits are their own ancestors: content does not belong to its id. They were not examined",
            gaps.circular
        );
        gap(history, what, FSCK);
    }
}

/// The commits at which a shallow clone is cut: one id a line (gitrepository-layout, `shallow`).
fn shallow_boundary(handle: &GitHandle) -> BTreeSet<Oid> {
    let file = handle.repository.commondir().join("shallow");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| Oid::from_str(line.trim()).ok()).collect()
}
