//! Where branches met: the best common ancestors of the sides of a merge.

use std::collections::HashMap;
use std::rc::Rc;

use super::graph::{Bits, Graph, NONE, Position};

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

#[cfg(test)]
mod tests {
    use forebear_types::Time;
    use git2::Oid;

    use super::super::graph::Commit;
    use super::super::objects::TreeOf;
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
        Graph::of(parents.iter().enumerate().map(commit).collect())
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
