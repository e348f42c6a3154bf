//! Applies the deltas of a pack from their roots outwards, so that every object is inflated once.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::commit::{Head, tagged};
use super::delta::apply;
use super::entries::{Kind, Pack};
use super::ids::Ids;
use super::inflate::Inflater;
use super::names::{Met, Names};
use super::part::{CommitRecord, Mark, Part, Record, since};
use super::tree::{Open, Sink};

/// Roots that a thread takes at a time.
const BLOCK: usize = 64;
/// Most bytes of the trees that are open in one thread. The deltas of a pack would have to be forged for that.
const OPEN: usize = 160 << 20;

/// The work at one pack, shared by threads.
pub(super) struct Job<'p> {
    pack: &'p Pack,
    ids: &'p Ids,
    /// The next root that nobody has taken.
    next: AtomicUsize,
    /// Bytes of all that was made so far, and of what was kept of it.
    made: AtomicU64,
    kept: AtomicU64,
    too_much: AtomicBool,
}

impl<'p> Job<'p> {
    pub(super) fn new(pack: &'p Pack, ids: &'p Ids) -> Self {
        Self {
            pack,
            ids,
            next: AtomicUsize::new(0),
            made: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            too_much: AtomicBool::new(false),
        }
    }

    /// Whether the pack unfolds to more than packs do that were not made for the purpose.
    pub(super) fn is_too_much(&self) -> bool {
        self.too_much.load(Ordering::Relaxed)
    }

    /// How many objects are no deltas: the work is divided by them.
    pub(super) fn roots(&self) -> usize {
        self.pack.roots.len()
    }

    fn count(&self, made: u64, kept: u64) {
        let made = made + self.made.fetch_add(made, Ordering::Relaxed);
        let kept = kept + self.kept.fetch_add(kept, Ordering::Relaxed);
        // The history of git unfolds to twelve times its pack, and 0.1 times its pack is kept of that.
        if made > (16 << 30) + 256 * self.pack.len || kept > (192 << 20) + self.pack.len / 2 {
            self.too_much.store(true, Ordering::Relaxed);
        }
    }
}

/// One thread, with all that it keeps from one object to the next.
pub(super) struct Worker<'n> {
    pub(super) part: Part,
    pub(super) met: Met<'n>,
    inflater: Inflater,
    delta: Vec<u8>,
    spare: Vec<Open>,
    stack: Vec<Frame>,
    before: Mark,
}

/// An object with the deltas of it that are still to be applied.
struct Frame {
    open: Open,
    node: u32,
    next: usize,
}

impl<'n> Worker<'n> {
    pub(super) fn new(names: Names<'n>) -> Self {
        Self {
            part: Part::default(),
            met: Met::new(names),
            inflater: Inflater::new(),
            delta: Vec::new(),
            spare: Vec::new(),
            stack: Vec::new(),
            before: Mark::default(),
        }
    }

    /// Works until no roots are left. `done` hears how many are.
    pub(super) fn work(&mut self, job: &Job<'_>, mut done: impl FnMut(usize)) {
        self.before = self.part.mark();
        let roots = &job.pack.roots;
        while !job.is_too_much() {
            let from = job.next.fetch_add(BLOCK, Ordering::Relaxed);
            let Some(block) =
                roots.get(from..roots.len().min(from + BLOCK)).filter(|block| !block.is_empty())
            else {
                break;
            };
            for root in block {
                let kept = self.part.bytes();
                let mut made = 0;
                self.family(job, *root, &mut made);
                job.count(made, self.part.bytes() - kept);
            }
            done(from + block.len());
        }
    }

    /// Forgets what was found in the last pack.
    pub(super) fn forget(&mut self) {
        self.part.done.clear();
        self.part.back_to(self.before);
    }

    /// A root and all that is built on it.
    fn family(&mut self, job: &Job<'_>, root: u32, made: &mut u64) {
        let pack = job.pack;
        let mut open = self.spare.pop().unwrap_or_default();
        let len = pack.nodes[root as usize].size as usize;
        open.len = len;
        *made += len as u64;
        if self.inflater.inflate(pack.packed(root), len, &mut open.bytes)
            && self.keep(job, root, &mut open, None)
        {
            self.push(pack, root, open);
        } else {
            self.release(open);
        }
        while let Some(top) = self.stack.last_mut() {
            let children = pack.children(top.node);
            let child = children[top.next];
            top.next += 1;
            let last = top.next == children.len();
            let len = pack.nodes[child as usize].size as usize;
            let mut open = self.spare.pop().unwrap_or_default();
            let mut base = std::mem::take(&mut top.open);
            let whole = self.inflater.inflate(pack.packed(child), len, &mut self.delta);
            let delta = std::mem::take(&mut self.delta);
            let good = whole && self.keep(job, child, &mut open, Some((&base, &delta[..len])));
            self.delta = delta;
            *made += (len + open.len) as u64;
            // The last is the one with most below it: at no time are more objects open than a number of that size has bits.
            if last {
                self.stack.pop();
                self.release(base);
            } else if let Some(top) = self.stack.last_mut() {
                std::mem::swap(&mut top.open, &mut base);
            }
            if good && !job.is_too_much() {
                self.push(pack, child, open);
            } else {
                self.release(open);
            }
        }
    }

    fn push(&mut self, pack: &Pack, node: u32, open: Open) {
        let room = || OPEN.checked_sub(self.stack.iter().map(|frame| frame.open.len).sum::<usize>());
        if pack.children(node).is_empty() || room().is_none_or(|room| room < open.len) {
            self.release(open);
        } else {
            self.stack.push(Frame { open, node, next: 0 });
        }
    }

    fn release(&mut self, open: Open) {
        // Few trees are large: their buffers need not be kept.
        if open.bytes.len() <= 4 << 20 {
            self.spare.push(open);
        }
    }

    /// Reads an object, which is in `open` or is made there of another one. Whether it is whole.
    fn keep(&mut self, job: &Job<'_>, node: u32, open: &mut Open, of: Option<(&Open, &[u8])>) -> bool {
        let node = &job.pack.nodes[node as usize];
        let before = self.part.mark();
        let record = if node.kind == Some(Kind::Tree) {
            let mut sink = Sink { part: &mut self.part, met: &mut self.met, ids: job.ids };
            let good = match of {
                None => open.read(&mut sink),
                Some((base, delta)) => open.read_delta(base, delta, &mut sink),
            };
            self.part.trees.push(open.record);
            good.then_some(Record::Tree(before.tree()))
        } else {
            if let Some((base, delta)) = of {
                let Some(len) = apply(&base.bytes[..base.len], delta, &mut open.bytes) else { return false };
                open.len = len;
            }
            self.other(job, node.kind, &open.bytes[..open.len], before)
        };
        match record {
            Some(record) => self.part.done.push((node.number, record)),
            None => self.part.back_to(before),
        }
        record.is_some()
    }

    fn other(&mut self, job: &Job<'_>, kind: Option<Kind>, bytes: &[u8], before: Mark) -> Option<Record> {
        let part = &mut self.part;
        if kind == Some(Kind::Tag) {
            let id = tagged(bytes)?;
            let target = part.target(&id, job.ids.find(&id))?;
            part.tags.push(target);
            return Some(Record::Tag(before.tag()));
        }
        let head = Head::new(bytes)?;
        let tree = part.target(&head.tree, job.ids.find(&head.tree))?;
        let from = part.parents.len();
        for parent in head.parents() {
            let target = part.target(&parent, job.ids.find(&parent))?;
            part.parents.push(target);
        }
        let parents = since(&part.parents, from)?;
        part.commits.push(CommitRecord { tree, parents, author: head.author, committer: head.committer });
        Some(Record::Commit(before.commit()))
    }
}
