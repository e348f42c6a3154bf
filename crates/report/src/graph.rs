//! The lineage as a graph: what the pictures ([`dot`](crate::dot), [`svg`](crate::svg)) draw.
//!
//! A node is a model of the repository, or what one step to a base leads to: a known model, or a candidate set as a whole. An
//! edge is a hop, from the child to its base. Everything that a stranger wrote is made safe here ([`safe::line`]); what a
//! format needs besides is escaped by the format.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::obligation::Creditor;
use forebear_types::run::Run;
use forebear_types::{ModelId, RepoPath};

use crate::safe;
use crate::text::place;

/// Hops that a picture shows. Merges of thirty models exist; pictures of more are read by nobody.
const HOPS: usize = 48;

/// Reasons of one kind that a tooltip lists.
const REASONS: usize = 12;

/// Nodes and edges; nodes in order of their layers.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
    /// Hops that are not shown.
    pub(crate) left_out: usize,
}

/// One box.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Steps from a model of the repository, on the longest way.
    pub(crate) layer: usize,
    /// Licences under which something is owed to the owners, by the obligations of the run.
    pub(crate) licenses: Vec<String>,
}

/// What a box stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A model of the repository, by its folder.
    Subject(RepoPath),
    /// A model, or several among which the evidence cannot tell. With the revision, where one is known.
    Models(Vec<String>),
}

/// One line.
#[derive(Debug)]
pub(crate) struct Edge {
    /// The child.
    pub(crate) from: usize,
    /// Which of the child's candidates it starts from, if that node is a set.
    pub(crate) member: Option<usize>,
    /// The base.
    pub(crate) to: usize,
    /// The hop; `None` for the link to an ancestor of which no hop of its own tells.
    pub(crate) hop: Option<usize>,
}

impl Graph {
    /// The graph of a run. There is always at least one node.
    pub(crate) fn of(run: &Run) -> Self {
        let mut graph = Self { nodes: Vec::new(), edges: Vec::new(), left_out: 0 };
        let hops = &run.lineage.hops;
        graph.left_out = hops.len().saturating_sub(HOPS);
        let shown = &hops[..hops.len().min(HOPS)];
        let subjects: BTreeSet<&RepoPath> =
            shown.iter().filter(|hop| hop.child.is_none()).map(|hop| &hop.subject).collect();
        for subject in &subjects {
            graph.node(Kind::Subject((*subject).clone()));
        }
        if subjects.is_empty() {
            graph.node(Kind::Subject(RepoPath::root()));
        }
        let targets: Vec<usize> = shown.iter().map(|hop| graph.node(Kind::Models(models(hop)))).collect();
        for (index, (hop, to)) in shown.iter().zip(&targets).enumerate() {
            let (from, member) = match &hop.child {
                None => (graph.node(Kind::Subject(hop.subject.clone())), None),
                Some(child) => graph.child(shown, &targets, hop, child, *to),
            };
            // Only a wrong catalog makes a model its own base.
            if from != *to {
                graph.edges.push(Edge { from, member, to: *to, hop: Some(index) });
            }
        }
        graph.name_licenses(run, &targets);
        graph.set_layers();
        graph
    }

    /// The node of a kind, made if it is not there yet.
    fn node(&mut self, kind: Kind) -> usize {
        if let Some(found) = self.nodes.iter().position(|node| node.kind == kind) {
            return found;
        }
        self.nodes.push(Node { kind, layer: 0, licenses: Vec::new() });
        self.nodes.len() - 1
    }

    /// The node that holds a known ancestor: alone, else among candidates, else a new one, linked to the base of the same model
    /// of the repository.
    fn child(
        &mut self,
        hops: &[Hop],
        targets: &[usize],
        hop: &Hop,
        child: &ModelId,
        to: usize,
    ) -> (usize, Option<usize>) {
        let mut holders: Vec<(usize, usize, usize)> = Vec::new();
        for (other, node) in hops.iter().zip(targets) {
            let member = other.candidates.iter().position(|one| one.model.same_as(child.as_str()));
            if let Some(member) = member.filter(|_| *node != to) {
                holders.push((other.candidates.len(), *node, member));
            }
        }
        if let Some((size, node, member)) = holders.into_iter().min() {
            return (node, (size > 1).then_some(member));
        }
        let node = self.node(Kind::Models(vec![safe::line(child.as_str())]));
        if self.edges.iter().all(|edge| edge.to != node) {
            let mut direct = hops
                .iter()
                .zip(targets)
                .filter(|(other, node)| other.child.is_none() && other.subject == hop.subject && **node != to)
                .map(|(_, node)| *node);
            let from = match (direct.next(), direct.next()) {
                (Some(only), None) => only,
                _ => self.node(Kind::Subject(hop.subject.clone())),
            };
            if from != node {
                self.edges.push(Edge { from, member: None, to: node, hop: None });
            }
        }
        (node, None)
    }

    fn name_licenses(&mut self, run: &Run, targets: &[usize]) {
        for obligation in &run.obligations {
            let Creditor::Ancestor { hop, .. } = &obligation.creditor else { continue };
            let Some(node) = targets.get(*hop) else { continue };
            let license = safe::line(obligation.license.as_str());
            let licenses = &mut self.nodes[*node].licenses;
            if !licenses.contains(&license) {
                licenses.push(license);
            }
        }
    }

    /// Layers by the longest way from a node without a child, and nodes in their order. Circles, which only a wrong catalog can
    /// make, are cut where they would lead back.
    fn set_layers(&mut self) {
        let count = self.nodes.len();
        let mut waiting = vec![0_usize; count];
        for edge in &self.edges {
            waiting[edge.to] += 1;
        }
        let mut done = vec![false; count];
        let mut order = Vec::with_capacity(count);
        while order.len() < count {
            // Without a circle there is always a node that waits for none; with one the first that is left has to do.
            let next = (0..count)
                .filter(|node| !done[*node])
                .min_by_key(|node| (waiting[*node], *node))
                .unwrap_or_default();
            done[next] = true;
            order.push(next);
            for edge in self.edges.iter().filter(|edge| edge.from == next && !done[edge.to]) {
                waiting[edge.to] = waiting[edge.to].saturating_sub(1);
                let layer = self.nodes[next].layer + 1;
                let base = &mut self.nodes[edge.to].layer;
                *base = (*base).max(layer);
            }
        }
        order.sort_by_key(|node| (self.nodes[*node].layer, *node));
        let mut place_of = vec![0; count];
        for (place, node) in order.iter().enumerate() {
            place_of[*node] = place;
        }
        let mut nodes: Vec<(usize, Node)> =
            self.nodes.drain(..).enumerate().map(|(old, node)| (place_of[old], node)).collect();
        nodes.sort_by_key(|(place, _)| *place);
        self.nodes = nodes.into_iter().map(|(_, node)| node).collect();
        for edge in &mut self.edges {
            (edge.from, edge.to) = (place_of[edge.from], place_of[edge.to]);
        }
    }
}

impl Node {
    /// The heading: "this model", the id, or "one of 9 models".
    pub(crate) fn title(&self) -> String {
        match &self.kind {
            Kind::Subject(folder) if folder.is_root() => "this model".to_owned(),
            Kind::Subject(folder) => format!("the model in {}", safe::line(&folder.to_string())),
            Kind::Models(models) => match models.as_slice() {
                [only] => only.clone(),
                several => format!("one of {} models", several.len()),
            },
        }
    }
}

/// The candidates of a hop, each with its revision where one is stated.
fn models(hop: &Hop) -> Vec<String> {
    let name = |one: &forebear_types::lineage::Candidate| match &one.revision {
        Some(revision) => format!("{} at revision {}", safe::line(one.model.as_str()), safe::line(revision)),
        None => safe::line(one.model.as_str()),
    };
    hop.candidates.iter().map(name).collect()
}

/// How strong the evidence of a hop is, how the child came from the base, and how sure that is, in words.
pub(crate) fn standing(hop: &Hop) -> Vec<String> {
    let mut facts = vec![match (hop.strength, &hop.child, hop.declared) {
        // What the catalog says of an ancestor's own base.
        (strength, Some(_), _) => strength.name().to_owned(),
        (Strength::Declared, None, true) => "declared by the publisher".to_owned(),
        // On the command line or in the configuration: as strong as a declaration, and none by the publisher.
        (Strength::Declared, None, false) => "stated by you, not declared".to_owned(),
        (strength, None, true) => format!("{}, declared by the publisher", strength.name()),
        (strength, None, false) => format!("{}, not declared", strength.name()),
    }];
    if hop.strength == Strength::Structural && !hop.unique {
        facts.push("no proof: an independent model may have this shape".to_owned());
    }
    if hop.relation != Relation::Unknown {
        facts.push(hop.relation.name().to_owned());
    }
    facts.push(format!("confidence {}", hop.confidence.name()));
    facts
}

/// The evidence of a hop, a line each: what a tooltip holds.
pub(crate) fn evidence(hop: &Hop) -> Vec<String> {
    let mut lines = Vec::new();
    for (word, reasons) in [("for", &hop.because), ("against", &hop.against)] {
        for one in reasons.iter().take(REASONS) {
            lines.push(format!("{word}: {}{}", safe::line(&one.detail), source(one)));
        }
        if reasons.len() > REASONS {
            lines.push(format!("{word}: {} more", reasons.len() - REASONS));
        }
    }
    lines
}

fn source(evidence: &Evidence) -> String {
    match (&evidence.location, evidence.kind) {
        (Some(location), _) => format!(" [{}]", place(location)),
        (None, EvidenceKind::Catalog) => " [catalog]".to_owned(),
        (None, _) => String::new(),
    }
}

/// The licences of the run's obligations to a node, as "MIT" or "MIT or Apache-2.0".
pub(crate) fn licenses(node: &Node) -> Option<String> {
    const MOST: usize = 4;
    let shown = node.licenses.iter().take(MOST).cloned().collect::<Vec<_>>().join(" or ");
    match node.licenses.len() {
        0 => None,
        number if number > MOST => Some(format!("{shown} or {} more", number - MOST)),
        _ => Some(shown),
    }
}

/// How the edges of a strength are drawn, strongest first: for legends, and so that all pictures draw alike.
pub(crate) fn strengths(run: &Run) -> Vec<Strength> {
    let used: BTreeMap<Strength, ()> = run.lineage.hops.iter().map(|hop| (hop.strength, ())).collect();
    used.into_keys().rev().collect()
}
