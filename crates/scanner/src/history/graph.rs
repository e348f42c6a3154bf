//! Commits in order, and from where each can be reached.

use std::collections::{BTreeSet, BinaryHeap};

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
    /// A graph of these commits; no object has a number.
    #[cfg(test)]
    pub(crate) fn of(commits: Vec<Commit>) -> Self {
        Self { commits, place: Vec::new() }
    }

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

/// Positions of which the highest is taken first; what is put in is always lower than what was taken last.
pub(crate) struct Bits {
    words: Vec<u64>,
    /// No word above this one has a bit.
    top: usize,
}

impl Bits {
    pub(crate) fn new(positions: usize) -> Self {
        Self { words: vec![0; positions.div_ceil(64)], top: 0 }
    }

    pub(crate) fn push(&mut self, position: Position) {
        let word = position as usize / 64;
        self.words[word] |= 1 << (position % 64);
        self.top = self.top.max(word);
    }

    pub(crate) fn pop(&mut self) -> Option<Position> {
        loop {
            let word = self.words.get_mut(self.top)?;
            if let Some(bit) = word.checked_ilog2() {
                *word &= !(1 << bit);
                return Some(self.top as Position * 64 + bit);
            }
            self.top = self.top.checked_sub(1)?;
        }
    }

    pub(crate) fn clear(&mut self) {
        while self.pop().is_some() {}
        self.top = 0;
    }
}
