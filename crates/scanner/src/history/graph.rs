//! Commits in order, from where each can be reached, and where branches met.

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

    /// Whether a commit is another one, or comes from it.
    pub(crate) fn reaches(&self, from: Position, to: Position) -> bool {
        let mut queue = Bits::new(self.commits.len());
        if from != NONE {
            queue.push(from);
        }
        while let Some(position) = queue.pop() {
            if position <= to {
                return position == to;
            }
            for parent in self.commit(position).parents.iter().filter(|parent| **parent != NONE) {
                queue.push(*parent);
            }
        }
        false
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

/// The places of the parents that were walked.
fn walked(raw: &Raw, at: &[usize]) -> impl Iterator<Item = usize> {
    let known: &[Number] = if raw.cut { &[] } else { &raw.parents };
    known.iter().map(|parent| at[*parent as usize]).filter(|at| *at != usize::MAX)
}

/// Parents before children; among those that are free to stand anywhere the oldest first. Gives places in `raws`.
fn order(objects: &Objects<'_>, raws: &[Raw], gaps: &mut Gaps) -> Vec<usize> {
    let mut at = vec![usize::MAX; objects.len()];
    for (index, raw) in raws.iter().enumerate() {
        at[raw.number as usize] = index;
    }
    let mut children = vec![0u32; raws.len()];
    for raw in raws {
        walked(raw, &at).for_each(|parent| children[parent] += 1);
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
        for parent in walked(&raws[index], &at) {
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
    flags: Vec<u8>,
    touched: Vec<Position>,
    queue: Bits,
}

/// Of a merge of more sides, the bases of the first ones are taken.
const SIDES: usize = 7;

/// A commit that lies behind a base.
const STALE: u8 = 1 << 7;

impl Bases {
    pub(crate) fn new(graph: &Graph) -> Self {
        Self {
            known: HashMap::new(),
            flags: vec![0; graph.commits.len()],
            touched: Vec::new(),
            queue: Bits::new(graph.commits.len()),
        }
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
        let all = (1u8 << sides.len()) - 1;
        // How many of those in the queue lie behind no base.
        let mut open = 0usize;
        for (side, position) in sides.iter().enumerate() {
            if *position != NONE {
                self.paint(*position, 1 << side, &mut open);
            }
        }
        let mut bases = Vec::new();
        while open > 0 {
            let Some(position) = self.queue.pop() else { break };
            let mut flags = self.flags[position as usize];
            if flags & STALE == 0 {
                open -= 1;
                if flags == all {
                    bases.push(position);
                    flags |= STALE;
                }
            }
            for parent in graph.commit(position).parents.iter().filter(|parent| **parent != NONE) {
                self.paint(*parent, flags, &mut open);
            }
        }
        for position in self.touched.drain(..) {
            self.flags[position as usize] = 0;
        }
        self.queue.clear();
        bases
    }

    fn paint(&mut self, position: Position, colour: u8, open: &mut usize) {
        let flags = &mut self.flags[position as usize];
        let before = *flags;
        *flags |= colour;
        if before == 0 {
            self.touched.push(position);
            self.queue.push(position);
            *open += usize::from(colour & STALE == 0);
        } else if before & STALE == 0 && colour & STALE != 0 {
            *open -= 1;
        }
    }
}

/// Positions of which the highest is taken first; what is put in is always lower than what was taken last.
struct Bits {
    words: Vec<u64>,
    /// No word above this one has a bit.
    top: usize,
}

impl Bits {
    fn new(positions: usize) -> Self {
        Self { words: vec![0; positions.div_ceil(64)], top: 0 }
    }

    fn push(&mut self, position: Position) {
        let word = position as usize / 64;
        self.words[word] |= 1 << (position % 64);
        self.top = self.top.max(word);
    }

    fn pop(&mut self) -> Option<Position> {
        loop {
            let word = self.words.get_mut(self.top)?;
            if let Some(bit) = word.checked_ilog2() {
                *word &= !(1 << bit);
                return Some(self.top as Position * 64 + bit);
            }
            self.top = self.top.checked_sub(1)?;
        }
    }

    fn clear(&mut self) {
        while self.pop().is_some() {}
        self.top = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of these parents, by position.
    fn graph(parents: &[&[Position]]) -> Graph {
        let commit = |(position, parents): (usize, &&[Position])| Commit {
            id: Oid::from_bytes(&[position as u8; 20]).unwrap(),
            tree: TreeOf::Projected(0),
            parents: (*parents).into(),
            author_time: Time::utc(0),
            time: Time::utc(0),
            cut: false,
            tip: 0,
        };
        Graph { commits: parents.iter().enumerate().map(commit).collect(), place: Vec::new() }
    }

    #[test]
    fn sides_meet_at_the_best_ancestors() {
        // 0 ← 1 ← 2 ← 3, and 1 ← 4 ← 5; 6 and 7 cross: each merges 3 and 5.
        let graph = graph(&[&[], &[0], &[1], &[2], &[1], &[4], &[3, 5], &[5, 3], &[]]);
        let mut bases = Bases::new(&graph);
        let mut of = |sides: &[Position]| bases.of(&graph, sides).to_vec();
        assert_eq!(of(&[3, 5]), [1]);
        assert_eq!(of(&[3, 2]), [2], "one side is an ancestor of the other");
        assert_eq!(of(&[6, 7]), [5, 3], "branches that crossed have two");
        assert_eq!(of(&[3, 5, 0]), [0]);
        assert!(of(&[3, 8]).is_empty(), "histories of their own have none");
        assert!(of(&[3, NONE]).is_empty());
        assert_eq!(of(&[3, 5]), [1], "the same again");
        let reaches = |from, to| graph.reaches(from, to);
        assert!(reaches(3, 1) && reaches(6, 4) && reaches(3, 3));
        assert!(!reaches(1, 3) && !reaches(3, 4) && !reaches(8, 0) && !reaches(NONE, 0));
    }

    /// Against the slow way: the common ancestors of which no other common ancestor descends.
    #[test]
    fn random_graphs_agree_with_the_definition() {
        let mut seed = 7u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..200 {
            let count = 2 + random(150);
            let parents: Vec<Vec<Position>> = (0..count)
                .map(|position| match position {
                    0 => Vec::new(),
                    _ => {
                        let near = position.min(12);
                        let mut parents: Vec<Position> =
                            (0..random(3)).map(|_| (position - 1 - random(near)) as Position).collect();
                        parents.sort_unstable();
                        parents.dedup();
                        parents
                    }
                })
                .collect();
            let slices: Vec<&[Position]> = parents.iter().map(Vec::as_slice).collect();
            let graph = graph(&slices);
            let mut bases = Bases::new(&graph);
            for _ in 0..20 {
                let sides = [random(count) as Position, random(count) as Position];
                let reached = sides.map(|side| graph.ancestors(side));
                let common: Vec<Position> = (0..count as Position)
                    .filter(|at| reached.iter().all(|reached| reached[*at as usize]))
                    .collect();
                let best: Vec<Position> = common
                    .iter()
                    .rev()
                    .filter(|at| {
                        !common.iter().any(|other| other != *at && graph.ancestors(*other)[**at as usize])
                    })
                    .copied()
                    .collect();
                assert_eq!(bases.of(&graph, &sides).to_vec(), best, "{parents:?} {sides:?}");
            }
        }
    }
}
