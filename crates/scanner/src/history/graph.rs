//! Commits in order, from where each can be reached, and where branches met.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::rc::Rc;

use forebear_types::Time;
use git2::Oid;

use super::Progress;
use super::objects::{Number, Objects, TreeOf};

/// The place of a commit in [`Graph::commits`].
pub(crate) type Position = u32;

/// No commit: a parent that is not here.
pub(crate) const NONE: Position = u32::MAX;

/// A commit.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) id: Oid,
    pub(crate) tree: TreeOf,
    pub(crate) parents: Box<[Position]>,
    pub(crate) author_time: Time,
    pub(crate) time: Time,
    /// Whether its parents are not here: a shallow clone is cut at it.
    pub(crate) cut: bool,
    /// The first of the tips from which it can be reached.
    pub(crate) tip: u32,
}

/// All commits of a walk.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Parents before children; otherwise oldest first.
    pub(crate) commits: Vec<Commit>,
    /// Of each object by number.
    place: Vec<Position>,
}

/// What a walk could not read.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    /// Commits that could not be read, with why.
    pub(crate) unread: Vec<(Oid, String)>,
    /// Whether older commits were left out because there are too many.
    pub(crate) bounded: bool,
    /// Commits that are their own ancestors: ids that do not belong to their content.
    pub(crate) circular: usize,
}

struct Raw {
    number: Number,
    tree: TreeOf,
    parents: Vec<Number>,
    author_time: Time,
    time: Time,
    cut: bool,
}

impl Graph {
    /// Walks from tips, the newest commits first, at most `most` of them. `boundary` holds the commits at which a shallow clone is
    /// cut.
    pub(crate) fn walk(
        objects: &mut Objects<'_>,
        tips: &[Oid],
        most: usize,
        boundary: &BTreeSet<Oid>,
        progress: &dyn Progress,
    ) -> (Self, Gaps) {
        let mut gaps = Gaps::default();
        let raws = collect(objects, tips, most, boundary, &mut gaps, progress);
        let order = order(objects, &raws, &mut gaps);
        let mut place = vec![NONE; objects.len()];
        for (position, raw) in order.iter().enumerate() {
            place[raws[*raw].number as usize] = position as Position;
        }
        let mut graph = Self::default();
        graph.commits.reserve_exact(order.len());
        for raw in &order {
            let raw = &raws[*raw];
            graph.commits.push(Commit {
                id: objects.id(raw.number),
                tree: raw.tree,
                parents: raw.parents.iter().map(|parent| place[*parent as usize]).collect(),
                author_time: raw.author_time,
                time: raw.time,
                cut: raw.cut,
                tip: u32::MAX,
            });
        }
        graph.place = place;
        graph.reach(objects, tips);
        (graph, gaps)
    }

    /// Where a commit is.
    pub(crate) fn position(&self, objects: &Objects<'_>, id: Oid) -> Option<Position> {
        let place = *self.place.get(objects.find(id)? as usize)?;
        (place != NONE).then_some(place)
    }

    pub(crate) fn commit(&self, position: Position) -> &Commit {
        &self.commits[position as usize]
    }

    /// Gives each commit the first tip that reaches it.
    fn reach(&mut self, objects: &Objects<'_>, tips: &[Oid]) {
        for (number, tip) in tips.iter().enumerate() {
            if let Some(position) = self.position(objects, *tip) {
                let commit = &mut self.commits[position as usize];
                commit.tip = commit.tip.min(number as u32);
            }
        }
        for position in (0..self.commits.len()).rev() {
            let tip = self.commits[position].tip;
            for index in 0..self.commits[position].parents.len() {
                let parent = self.commits[position].parents[index];
                if parent != NONE {
                    let parent = &mut self.commits[parent as usize];
                    parent.tip = parent.tip.min(tip);
                }
            }
        }
    }

    /// Which commits can be reached from one.
    pub(crate) fn ancestors(&self, of: Position) -> Vec<bool> {
        let mut reached = vec![false; self.commits.len()];
        reached[of as usize] = true;
        for position in (0..=of as usize).rev() {
            if reached[position] {
                for parent in &self.commits[position].parents {
                    if *parent != NONE {
                        reached[*parent as usize] = true;
                    }
                }
            }
        }
        reached
    }

    /// The line of first parents, oldest first.
    pub(crate) fn line(&self, tip: Position) -> Vec<Position> {
        let mut line = Vec::new();
        let mut next = Some(tip);
        while let Some(position) = next.filter(|position| *position != NONE) {
            line.push(position);
            next = self.commit(position).parents.first().copied();
        }
        line.reverse();
        line
    }
}

fn collect(
    objects: &mut Objects<'_>,
    tips: &[Oid],
    most: usize,
    boundary: &BTreeSet<Oid>,
    gaps: &mut Gaps,
    progress: &dyn Progress,
) -> Vec<Raw> {
    let mut raws: Vec<Raw> = Vec::new();
    let mut queue = Queue::default();
    for tip in tips {
        let number = objects.number(*tip);
        queue.push(objects, number, boundary, gaps);
    }
    while let Some((_, _, index)) = queue.newest.pop() {
        if raws.len() >= most {
            gaps.bounded = true;
            break;
        }
        let Some(raw) = queue.waiting[index].take() else { continue };
        if !raw.cut {
            for parent in &raw.parents {
                queue.push(objects, *parent, boundary, gaps);
            }
        }
        raws.push(raw);
        if raws.len().is_multiple_of(1024) {
            progress.at("reading commits", raws.len(), None);
        }
    }
    raws
}

/// Commits that were read and whose turn has not come.
#[derive(Default)]
struct Queue {
    seen: Vec<bool>,
    newest: BinaryHeap<(i64, Oid, usize)>,
    waiting: Vec<Option<Raw>>,
}

impl Queue {
    fn push(&mut self, objects: &mut Objects<'_>, number: Number, boundary: &BTreeSet<Oid>, gaps: &mut Gaps) {
        if self.seen.len() <= number as usize {
            self.seen.resize(objects.len(), false);
        }
        if std::mem::replace(&mut self.seen[number as usize], true) {
            return;
        }
        let id = objects.id(number);
        match objects.commit(number) {
            Ok(commit) => {
                self.newest.push((commit.time.seconds, id, self.waiting.len()));
                self.waiting.push(Some(Raw {
                    number,
                    tree: commit.tree,
                    parents: commit.parents,
                    author_time: commit.author_time,
                    time: commit.time,
                    cut: boundary.contains(&id),
                }));
            }
            Err(why) => gaps.unread.push((id, why)),
        }
    }
}

/// Parents before children; among those that are free to stand anywhere the oldest first. Gives places in `raws`.
fn order(objects: &Objects<'_>, raws: &[Raw], gaps: &mut Gaps) -> Vec<usize> {
    let mut at = vec![usize::MAX; objects.len()];
    for (index, raw) in raws.iter().enumerate() {
        at[raw.number as usize] = index;
    }
    let parents = |raw: &Raw| -> Vec<usize> {
        let cut = raw.cut;
        raw.parents.iter().map(|parent| at[*parent as usize]).filter(|at| !cut && *at != usize::MAX).collect()
    };
    let mut children = vec![0u32; raws.len()];
    for raw in raws {
        parents(raw).into_iter().for_each(|parent| children[parent] += 1);
    }
    let key = |index: usize| (raws[index].time.seconds, objects.id(raws[index].number));
    let mut free: BinaryHeap<(i64, Oid, usize)> = BinaryHeap::new();
    let offer = |free: &mut BinaryHeap<_>, index: usize| {
        let (time, id) = key(index);
        free.push((time, id, index));
    };
    (0..raws.len()).filter(|index| children[*index] == 0).for_each(|index| offer(&mut free, index));
    let mut order = Vec::with_capacity(raws.len());
    while let Some((_, _, index)) = free.pop() {
        order.push(index);
        for parent in parents(&raws[index]) {
            children[parent] -= 1;
            if children[parent] == 0 {
                offer(&mut free, parent);
            }
        }
    }
    gaps.circular = raws.len() - order.len();
    order.reverse();
    order
}

/// Where the sides of merges met, remembered.
pub(crate) struct Bases {
    known: HashMap<Box<[Position]>, Rc<[Position]>>,
    /// Sides by which a commit is reached, one bit each; the highest says that a better base is known.
    flags: Vec<u128>,
    touched: Vec<Position>,
}

/// More sides than this are not told apart.
const SIDES: usize = 127;

/// A commit that lies behind a base.
const STALE: u128 = 1 << 127;

impl Bases {
    pub(crate) fn new(graph: &Graph) -> Self {
        Self { known: HashMap::new(), flags: vec![0; graph.commits.len()], touched: Vec::new() }
    }

    /// The best common ancestors of all sides: none for unrelated histories, several where branches crossed.
    pub(crate) fn of(&mut self, graph: &Graph, sides: &[Position]) -> Rc<[Position]> {
        if let Some(known) = self.known.get(sides) {
            return Rc::clone(known);
        }
        let found: Rc<[Position]> = self.find(graph, &sides[..sides.len().min(SIDES)]).into();
        self.known.insert(sides.into(), Rc::clone(&found));
        found
    }

    /// Paints from each side down. Positions order parents before children, so that whoever is taken with the highest position
    /// has all its colours.
    fn find(&mut self, graph: &Graph, sides: &[Position]) -> Vec<Position> {
        let all = (1u128 << sides.len()) - 1;
        let mut heap: BinaryHeap<Position> = BinaryHeap::new();
        let mut open = 0usize;
        for (side, position) in sides.iter().enumerate() {
            if *position == NONE {
                continue;
            }
            self.paint(*position, 1 << side, &mut heap, &mut open);
        }
        let mut bases = Vec::new();
        while open > 0 {
            let Some(position) = heap.pop() else { break };
            let mut flags = self.flags[position as usize];
            if flags & STALE == 0 {
                open -= 1;
                if flags & all == all {
                    bases.push(position);
                    flags |= STALE;
                }
            }
            for parent in graph.commit(position).parents.iter().filter(|parent| **parent != NONE) {
                self.paint(*parent, flags, &mut heap, &mut open);
            }
        }
        for position in self.touched.drain(..) {
            self.flags[position as usize] = 0;
        }
        bases.sort_by_key(|base| Reverse(*base));
        bases
    }

    fn paint(&mut self, position: Position, colour: u128, heap: &mut BinaryHeap<Position>, open: &mut usize) {
        let flags = &mut self.flags[position as usize];
        let before = *flags;
        *flags |= colour;
        if before == 0 {
            self.touched.push(position);
            heap.push(position);
            *open += usize::from(colour & STALE == 0);
        } else if before & STALE == 0 && colour & STALE != 0 {
            *open -= 1;
        }
    }
}
