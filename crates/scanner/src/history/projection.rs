//! Trees projected to what matters, each distinct tree once.
//!
//! A projection is a tree without everything that the history does not look at. Equal projections have one number, so that
//! "nothing of interest changed" is one comparison, and every question about a projection is answered once.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use forebear_types::RepoPath;
use forebear_types::fact::Problem;
use git2::Oid;

use super::cache::KnownNode;
use super::names::{NameId, is_license_folder};
use super::objects::{Number, Objects, TreeOf};
use super::parse::Kind;
use crate::formats::Interest;
use crate::source::git::history_problem;

/// The projection without entries.
pub(crate) const EMPTY: u32 = 0;

/// The projection of a tree that cannot be read: nobody knows what is in it.
pub(crate) const UNKNOWN: u32 = 1;

/// As in git itself (`core.maxTreeDepth`).
const DEPTH: usize = 2048;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) blob: Oid,
}

/// A file that matters, below the projected tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) path: RepoPath,
    pub(crate) interest: Interest,
    pub(crate) entry: Entry,
}

/// A path whose entry is not the same in two projections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    pub(crate) path: RepoPath,
    pub(crate) old: Option<Entry>,
    pub(crate) new: Option<Entry>,
}

/// One tree's own entries that matter, in order of the numbers of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Node {
    files: Box<[(NameId, Entry)]>,
    /// Name, projection of the sub-folder; only where it is not empty.
    folders: Box<[(NameId, u32)]>,
}

/// Projections by number.
pub(crate) struct Projections {
    /// By the number of the tree; `NOT_YET` where it was not projected.
    memo: Vec<u32>,
    /// The same for folders whose files are licence texts by place.
    memo_licenses: HashMap<Number, u32>,
    nodes: Vec<Rc<Node>>,
    numbers: HashMap<Rc<Node>, u32>,
    pub(crate) problems: Vec<Problem>,
}

const NOT_YET: u32 = u32::MAX;

/// A tree that is being projected.
struct Open {
    tree: Number,
    in_licenses: bool,
    files: Vec<(NameId, Entry)>,
    folders: Vec<(NameId, u32)>,
    /// Sub-folders still to do.
    left: Vec<(NameId, Number)>,
    name: NameId,
    unknown: bool,
}

impl Projections {
    /// Those that an earlier walk knew, by number; none is as good as the two that are always there.
    pub(crate) fn new(known: Vec<KnownNode>) -> Self {
        let mut projections = Self {
            memo: Vec::new(),
            memo_licenses: HashMap::new(),
            nodes: vec![Rc::new(Node::default()), Rc::new(Node::default())],
            numbers: HashMap::new(),
            problems: Vec::new(),
        };
        projections.numbers.insert(Rc::new(Node::default()), EMPTY);
        for node in known.into_iter().skip(projections.nodes.len()) {
            let node = Rc::new(Node { files: node.files.into(), folders: node.folders.into() });
            projections.numbers.insert(Rc::clone(&node), projections.nodes.len() as u32);
            projections.nodes.push(node);
        }
        projections
    }

    /// All projections by number, and which of them could be read wholly.
    pub(crate) fn known(&self) -> (Vec<KnownNode>, Vec<bool>) {
        let mut whole: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for (number, node) in self.nodes.iter().enumerate() {
            // Children have smaller numbers than their folders.
            let children =
                node.folders.iter().all(|(_, child)| whole.get(*child as usize).copied().unwrap_or(false));
            whole.push(number as u32 != UNKNOWN && children);
        }
        let nodes = self
            .nodes
            .iter()
            .map(|node| KnownNode { files: node.files.to_vec(), folders: node.folders.to_vec() });
        (nodes.collect(), whole)
    }

    /// The projection of the folder at `prefix` in a commit's tree.
    pub(crate) fn of_commit(&mut self, objects: &mut Objects<'_>, tree: TreeOf, prefix: &RepoPath) -> u32 {
        let mut tree = match tree {
            TreeOf::Projected(known) => return known,
            TreeOf::Tree(tree) => tree,
        };
        for part in prefix.components() {
            let folders = match objects.tree(tree, false) {
                Ok(data) => data.folders,
                Err(why) => {
                    self.unreadable(objects, tree, &why);
                    return UNKNOWN;
                }
            };
            let found = objects
                .names()
                .find(part)
                .and_then(|name| folders.iter().find(|(folder, _)| *folder == name));
            match found {
                Some((_, child)) => tree = *child,
                None => return EMPTY,
            }
        }
        self.of_tree(objects, tree)
    }

    /// The projection of a tree. No recursion: a forged tree may nest without end.
    fn of_tree(&mut self, objects: &mut Objects<'_>, tree: Number) -> u32 {
        if let Some(number) = self.of_known_tree(tree, false) {
            return number;
        }
        let mut stack = vec![self.open(objects, tree, false, 0)];
        let mut done = EMPTY;
        while let Some(depth) = stack.len().checked_sub(1) {
            let top = &mut stack[depth];
            if let Some((name, child)) = top.left.pop() {
                let in_licenses = is_license_folder(objects.names().name(name));
                if let Some(number) = self.of_known_tree(child, in_licenses) {
                    top.add(name, number);
                } else if depth + 1 >= DEPTH {
                    self.problems.push(history_problem(
                        format!(
                            "tree {} nests deeper than {DEPTH} levels: what lies below is not examined",
                            objects.id(child)
                        ),
                        "git does not check out such a tree; look at who made it",
                    ));
                    top.add(name, UNKNOWN);
                    self.remember(child, in_licenses, UNKNOWN);
                } else {
                    let open = self.open(objects, child, in_licenses, name);
                    stack.push(open);
                }
                continue;
            }
            let Some(open) = stack.pop() else { break };
            let (tree, in_licenses, name) = (open.tree, open.in_licenses, open.name);
            let number = if open.unknown { UNKNOWN } else { self.number(open) };
            self.remember(tree, in_licenses, number);
            match stack.last_mut() {
                Some(parent) => parent.add(name, number),
                None => done = number,
            }
        }
        done
    }

    fn of_known_tree(&self, tree: Number, in_licenses: bool) -> Option<u32> {
        match in_licenses {
            true => self.memo_licenses.get(&tree).copied(),
            false => self.memo.get(tree as usize).copied().filter(|number| *number != NOT_YET),
        }
    }

    fn remember(&mut self, tree: Number, in_licenses: bool, number: u32) {
        if in_licenses {
            self.memo_licenses.insert(tree, number);
            return;
        }
        if self.memo.len() <= tree as usize {
            // Trees get their numbers as they are met: room for those that come next.
            self.memo.resize((tree as usize + 1).max(self.memo.len() * 2), NOT_YET);
        }
        self.memo[tree as usize] = number;
    }

    fn open(&mut self, objects: &mut Objects<'_>, tree: Number, in_licenses: bool, name: NameId) -> Open {
        let mut open = Open {
            tree,
            in_licenses,
            files: Vec::new(),
            folders: Vec::new(),
            left: Vec::new(),
            name,
            unknown: false,
        };
        match objects.tree(tree, in_licenses) {
            Ok(data) => {
                open.files = data.files;
                open.left = data.folders;
            }
            Err(why) => {
                self.unreadable(objects, tree, &why);
                open.unknown = true;
            }
        }
        open
    }

    fn unreadable(&mut self, objects: &Objects<'_>, tree: Number, why: &str) {
        self.problems.push(history_problem(
            format!("tree {} cannot be read: {why}", objects.id(tree)),
            "in a partial clone, fetch all objects; else `git fsck` says what is broken",
        ));
    }

    fn number(&mut self, open: Open) -> u32 {
        let (mut files, mut folders) = (open.files, open.folders);
        if files.is_empty() && folders.is_empty() {
            return EMPTY;
        }
        files.sort_unstable();
        folders.sort_unstable();
        // A forged tree may name an entry twice; the first one counts.
        files.dedup_by_key(|(name, _)| *name);
        folders.dedup_by_key(|(name, _)| *name);
        let node = Node { files: files.into(), folders: folders.into() };
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len() as u32;
        let node = Rc::new(node);
        self.nodes.push(Rc::clone(&node));
        self.numbers.insert(node, number);
        number
    }

    /// The files of a projection, by path, where they lie at paths of interest.
    pub(crate) fn items(&self, objects: &Objects<'_>, number: u32) -> Vec<Item> {
        let mut items = Vec::new();
        let mut stack = vec![(number, RepoPath::root())];
        while let Some((number, folder)) = stack.pop() {
            let node = Rc::clone(&self.nodes[number as usize]);
            for (name, entry) in &node.files {
                if let Ok(path) = folder.join(objects.names().name(*name))
                    && let Some(interest) = objects.wanted().interest(&path)
                {
                    items.push(Item { path, interest, entry: *entry });
                }
            }
            for (name, child) in &node.folders {
                if let Ok(path) = folder.join(objects.names().name(*name)) {
                    stack.push((*child, path));
                }
            }
        }
        items.sort();
        items
    }

    /// Whether a part of a projection could not be read.
    pub(crate) fn is_partial(&self, number: u32) -> bool {
        let mut seen = BTreeSet::new();
        let mut stack = vec![number];
        while let Some(number) = stack.pop() {
            if number == UNKNOWN {
                return true;
            }
            if seen.insert(number) {
                stack.extend(self.nodes[number as usize].folders.iter().map(|(_, child)| *child));
            }
        }
        false
    }

    /// What stands at a path of a projection; an error where a folder on the way could not be read.
    pub(crate) fn at(
        &self,
        objects: &Objects<'_>,
        number: u32,
        path: &RepoPath,
    ) -> Result<Option<Entry>, ()> {
        let mut number = number;
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            if number == UNKNOWN {
                return Err(());
            }
            let Some(name) = objects.names().find(part) else { return Ok(None) };
            let node = &self.nodes[number as usize];
            if parts.peek().is_none() {
                return Ok(find(&node.files, name));
            }
            match find(&node.folders, name) {
                Some(child) => number = child,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The paths at which two projections differ. What could not be read on either side is left out.
    pub(crate) fn differences(&self, objects: &Objects<'_>, old: u32, new: u32) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut stack = vec![(old, new, RepoPath::root())];
        while let Some((old, new, folder)) = stack.pop() {
            if old == new || old == UNKNOWN || new == UNKNOWN {
                continue;
            }
            let (before, after) = (&self.nodes[old as usize], &self.nodes[new as usize]);
            for (name, old, new) in joined(&before.files, &after.files) {
                if old != new
                    && let Ok(path) = folder.join(objects.names().name(name))
                    && objects.wanted().interest(&path).is_some()
                {
                    found.push(Difference { path, old, new });
                }
            }
            for (name, old, new) in joined(&before.folders, &after.folders) {
                if old != new
                    && let Ok(path) = folder.join(objects.names().name(name))
                {
                    stack.push((old.unwrap_or(EMPTY), new.unwrap_or(EMPTY), path));
                }
            }
        }
        found.sort();
        found
    }
}

impl Open {
    fn add(&mut self, name: NameId, number: u32) {
        if number != EMPTY {
            self.folders.push((name, number));
        }
    }
}

fn find<T: Copy>(entries: &[(NameId, T)], name: NameId) -> Option<T> {
    entries.binary_search_by_key(&name, |(name, _)| *name).ok().map(|at| entries[at].1)
}

/// Two lists in order of their names, side by side.
fn joined<'a, T: Copy>(
    one: &'a [(NameId, T)],
    two: &'a [(NameId, T)],
) -> impl Iterator<Item = (NameId, Option<T>, Option<T>)> + 'a {
    let (mut one, mut two) = (one.iter().peekable(), two.iter().peekable());
    std::iter::from_fn(move || {
        let (first, second) = (one.peek().map(|(name, _)| *name), two.peek().map(|(name, _)| *name));
        let name = match (first, second) {
            (Some(first), Some(second)) => first.min(second),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        let left = one.next_if(|(next, _)| *next == name).map(|(_, value)| *value);
        let right = two.next_if(|(next, _)| *next == name).map(|(_, value)| *value);
        Some((name, left, right))
    })
}
