//! Trees projected to what matters, each distinct tree once.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use forebear_types::RepoPath;
use forebear_types::fact::{LegalRole, Problem};
use git2::{ObjectType, Oid};

use crate::formats::{self, Interest};
use crate::source::GitHandle;
use crate::source::git::history_problem;

/// The projection without entries.
pub(crate) const EMPTY: u32 = 0;

/// As in git itself (`core.maxTreeDepth`).
const DEPTH: usize = 2048;

/// A file that matters, below the projected tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) path: RepoPath,
    pub(crate) interest: Interest,
    pub(crate) blob: Oid,
}

/// One tree's own entries that matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    /// Name, blob.
    files: Vec<(Vec<u8>, Oid)>,
    /// Name, projection of the sub-folder; only where it is not empty.
    folders: Vec<(Vec<u8>, u32)>,
}

/// Projections by number: equal numbers mean equal entries.
pub(crate) struct Projections<'h> {
    handle: &'h GitHandle,
    /// Legal files whose names do not say so: a card links to them.
    linked: BTreeSet<RepoPath>,
    /// What has been projected, by tree and by whether it lies in a folder whose files are licence texts by place.
    memo: BTreeMap<(Oid, bool), u32>,
    nodes: Vec<Node>,
    numbers: BTreeMap<Node, u32>,
    items: BTreeMap<u32, Rc<Vec<Item>>>,
    pub(crate) problems: Vec<Problem>,
}

/// A tree that is being projected.
struct Open {
    tree: Oid,
    in_licenses: bool,
    node: Node,
    /// Sub-folders still to do.
    left: Vec<(Vec<u8>, Oid)>,
    name: Vec<u8>,
}

impl<'h> Projections<'h> {
    pub(crate) fn new(handle: &'h GitHandle, linked: BTreeSet<RepoPath>) -> Self {
        let mut numbers = BTreeMap::new();
        numbers.insert(Node::default(), EMPTY);
        Self {
            handle,
            linked,
            memo: BTreeMap::new(),
            nodes: vec![Node::default()],
            numbers,
            items: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// The projection of a tree. No recursion: a forged tree may nest without end.
    pub(crate) fn of_tree(&mut self, tree: Oid) -> u32 {
        if let Some(number) = self.memo.get(&(tree, false)) {
            return *number;
        }
        let mut stack = vec![self.open(tree, false, Vec::new())];
        let mut done = EMPTY;
        while let Some(top) = stack.last_mut() {
            if let Some((name, child)) = top.left.pop() {
                let in_licenses = is_license_folder(&name);
                if let Some(number) = self.memo.get(&(child, in_licenses)) {
                    if *number != EMPTY {
                        top.node.folders.push((name, *number));
                    }
                } else if stack.len() >= DEPTH {
                    self.problems.push(history_problem(
                        format!(
                            "tree {child} nests deeper than {DEPTH} levels: what lies below is not examined"
                        ),
                        "git does not check out such a tree; look at who made it",
                    ));
                    self.memo.insert((child, in_licenses), EMPTY);
                } else {
                    let open = self.open(child, in_licenses, name);
                    stack.push(open);
                }
                continue;
            }
            let Some(Open { tree, in_licenses, mut node, name, .. }) = stack.pop() else { break };
            node.files.sort();
            node.folders.sort();
            let number = self.number(node);
            self.memo.insert((tree, in_licenses), number);
            match stack.last_mut() {
                Some(parent) if number != EMPTY => parent.node.folders.push((name, number)),
                Some(_) => {}
                None => done = number,
            }
        }
        done
    }

    /// The files of a projection, by path.
    pub(crate) fn items(&mut self, number: u32) -> Rc<Vec<Item>> {
        if let Some(items) = self.items.get(&number) {
            return Rc::clone(items);
        }
        let mut items = Vec::new();
        let mut stack = vec![(number, RepoPath::root())];
        while let Some((number, folder)) = stack.pop() {
            let node = &self.nodes[number as usize];
            for (name, blob) in &node.files {
                if let Ok(path) = folder.join(name)
                    && let Some(interest) = self.interest(&path)
                {
                    items.push(Item { path, interest, blob: *blob });
                }
            }
            for (name, child) in &node.folders {
                if let Ok(path) = folder.join(name) {
                    stack.push((*child, path));
                }
            }
        }
        items.sort();
        let items = Rc::new(items);
        self.items.insert(number, Rc::clone(&items));
        items
    }

    /// What the history looks at.
    fn interest(&self, path: &RepoPath) -> Option<Interest> {
        let linked = || self.linked.contains(path).then_some(Interest::LegalFile(LegalRole::License));
        formats::interest(path).or_else(linked).filter(|interest| interest.is_historic())
    }

    fn number(&mut self, node: Node) -> u32 {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len() as u32;
        self.nodes.push(node.clone());
        self.numbers.insert(node, number);
        number
    }

    fn open(&mut self, tree: Oid, in_licenses: bool, name: Vec<u8>) -> Open {
        let mut open = Open { tree, in_licenses, node: Node::default(), left: Vec::new(), name };
        let found = match self.handle.repository.find_tree(tree) {
            Ok(found) => found,
            Err(error) => {
                self.problems.push(history_problem(
                    format!("tree {tree} cannot be read: {}", error.message()),
                    "in a partial clone, fetch all objects; else `git fsck` says what is broken",
                ));
                return open;
            }
        };
        for entry in &found {
            let bytes = entry.name_bytes();
            match entry.kind() {
                Some(ObjectType::Tree) => open.left.push((bytes.to_vec(), entry.id())),
                Some(ObjectType::Blob) if entry.filemode() != 0o120_000 => {
                    // What a file is depends on its name, and on whether its folder is one of licence texts.
                    let path = if in_licenses { [b"licenses/", bytes].concat() } else { bytes.to_vec() };
                    let of_interest = RepoPath::new(path)
                        .ok()
                        .and_then(|path| formats::interest(&path))
                        .is_some_and(Interest::is_historic);
                    if of_interest || self.linked.iter().any(|path| path.file_name() == bytes) {
                        open.node.files.push((bytes.to_vec(), entry.id()));
                    }
                }
                _ => {}
            }
        }
        open
    }
}

fn is_license_folder(name: &[u8]) -> bool {
    [&b"licenses"[..], b"licences", b"license", b"licence"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}
