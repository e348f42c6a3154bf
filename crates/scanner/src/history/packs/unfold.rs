//! Applies the deltas of a pack from their roots outwards, so that every object is inflated once.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::commit::{Head, tagged};
use super::delta::apply;
use super::entries::{Kind, Pack, Step};
use super::inflate::Inflater;
use super::names::{Met, Names};
use super::part::{CommitRecord, Mark, Part, Record, since};
use super::tree::{Open, Sink};

/// Roots that a thread takes at a time.
const BLOCK: usize = 64;
/// Most bytes of the trees that are open in one thread. The deltas of a pack would have to be forged for that.
const OPEN: usize = 160 << 20;
/// After so many bytes a thread tells the others how many it has made. What is kept of them is not more than they.
const TELL: u64 = 8 << 20;

/// The work at one pack, shared by threads.
pub(super) struct Job<'p> {
    pack: &'p Pack,
    /// Most bytes that may be kept, beside half the length of the pack.
    room: u64,
    /// The next root that nobody has taken.
    next: AtomicUsize,
    /// Bytes of all that was made so far, and of what was kept of it.
    made: AtomicU64,
    kept: AtomicU64,
    too_much: AtomicBool,
}

impl<'p> Job<'p> {
    pub(super) fn new(pack: &'p Pack, room: u64) -> Self {
        Self {
            pack,
            room,
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
        if made > (16 << 30) + 256 * self.pack.len || kept > self.room + self.pack.len / 2 {
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
    /// Objects of which deltas are still to be applied.
    stack: Vec<Open>,
    before: Mark,
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
            let (mut made, mut kept) = (0, self.part.bytes());
            for root in block {
                self.family(job, *root, &mut made, &mut kept);
            }
            self.tell(job, &mut made, &mut kept);
            done(from + block.len());
        }
    }

    /// Forgets what was found in the last pack.
    pub(super) fn forget(&mut self) {
        self.part.done.clear();
        self.part.back_to(self.before);
    }

    /// Tells how much was made and kept since it was told last.
    fn tell(&self, job: &Job<'_>, made: &mut u64, kept: &mut u64) {
        let bytes = self.part.bytes();
        job.count(std::mem::take(made), bytes - std::mem::replace(kept, bytes));
    }

    /// A root and all that is built on it.
    fn family(&mut self, job: &Job<'_>, root: u32, made: &mut u64, kept: &mut u64) {
        let steps = &job.pack.steps[root as usize..];
        let steps = &steps[..steps[0].all as usize];
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            let packed = job.pack.packed(step);
            let len = step.size as usize;
            let mut open = self.spare.pop().unwrap_or_default();
            let good = if at == 0 {
                open.len = len;
                self.inflater.inflate(packed, len, &mut open.bytes) && self.keep(step, &mut open, None)
            } else {
                let Some(base) = self.stack.pop() else { return };
                let whole = self.inflater.inflate(packed, len, &mut self.delta);
                let delta = std::mem::take(&mut self.delta);
                let good = whole && self.keep(step, &mut open, Some((&base, &delta[..len])));
                self.delta = delta;
                // The last is the one with most below it: at no time are more objects open than a number of that size has bits.
                if step.last {
                    self.release(base)
                } else {
                    self.stack.push(base)
                }
                good
            };
            *made += (len + open.len) as u64;
            if *made > TELL {
                self.tell(job, made, kept);
                if job.is_too_much() {
                    self.stack.clear();
                    return;
                }
            }
            if good && step.all > 1 && self.has_room(open.len) {
                self.stack.push(open);
                at += 1;
            } else {
                self.release(open);
                at += step.all as usize;
            }
        }
    }

    fn has_room(&self, len: usize) -> bool {
        self.stack.iter().map(|open| open.len).sum::<usize>() + len <= OPEN
    }

    fn release(&mut self, open: Open) {
        // Few trees are large: their buffers need not be kept.
        if open.bytes.len() <= 4 << 20 {
            self.spare.push(open);
        }
    }

    /// Reads an object, which is in `open` or is made there of another one. Whether it is whole.
    fn keep(&mut self, step: &Step, open: &mut Open, of: Option<(&Open, &[u8])>) -> bool {
        let before = self.part.mark();
        let record = if step.kind == Kind::Tree {
            let mut sink = Sink { part: &mut self.part, met: &mut self.met };
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
            self.other(step.kind, &open.bytes[..open.len], before)
        };
        match record {
            Some(record) => self.part.done.push((step.number, record)),
            None => self.part.back_to(before),
        }
        record.is_some()
    }

    fn other(&mut self, kind: Kind, bytes: &[u8], before: Mark) -> Option<Record> {
        let part = &mut self.part;
        if kind == Kind::Tag {
            let id = tagged(bytes)?;
            let target = part.target(&id)?;
            part.tags.push(target);
            return Some(Record::Tag(before.tag()));
        }
        let head = Head::new(bytes)?;
        let tree = part.target(&head.tree)?;
        let from = part.parents.len();
        for parent in head.parents() {
            let target = part.target(&parent)?;
            part.parents.push(target);
        }
        let parents = since(&part.parents, from)?;
        part.commits.push(CommitRecord { tree, parents, author: head.author, committer: head.committer });
        Some(Record::Commit(before.commit()))
    }
}
