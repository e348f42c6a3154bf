//! The lineage as a Graphviz graph: `forebear lineage --format dot | dot -Tsvg`.
//!
//! Source: the DOT language and the attribute reference of Graphviz. Every text is a quoted string; in these a backslash begins
//! an escape, `&` an entity, and `"` ends the string, so these three are escaped and nothing else is special. Node names are
//! our own, never a stranger's.

use std::fmt::Write as _;
use std::io::{self, Write};

use forebear_types::lineage::{Hop, Strength};
use forebear_types::run::Run;

use crate::graph::{self, Edge, Graph, Kind, Node};

/// Candidates of one set that are drawn.
const MEMBERS: usize = 12;

/// Writes the graph.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let graph = Graph::of(run);
    let mut text = String::from("digraph lineage {\n");
    line(&mut text, 1, "graph [rankdir=TB, compound=true, fontname=\"sans-serif\", tooltip=\" \"];");
    line(&mut text, 1, "node [shape=box, style=rounded, fontname=\"sans-serif\"];");
    line(&mut text, 1, "edge [fontname=\"sans-serif\", fontsize=11];");
    for (index, node) in graph.nodes.iter().enumerate() {
        write_node(&mut text, index, node);
    }
    for edge in &graph.edges {
        write_edge(&mut text, run, &graph, edge);
    }
    let note = match (run.lineage.hops.is_empty(), graph.left_out) {
        (true, _) => Some(
            "no base found: nothing declares one, and nothing that was examined points to one".to_owned(),
        ),
        (false, 0) => None,
        (false, number) => Some(format!("{number} more steps in the text report")),
    };
    if let Some(note) = note {
        line(&mut text, 1, &format!("note [shape=plaintext, label={}];", quoted(&[note])));
    }
    text.push_str("}\n");
    out.write_all(text.as_bytes())
}

fn write_node(text: &mut String, index: usize, node: &Node) {
    let license = graph::licenses(node).map(|licenses| format!("licence: {licenses}"));
    let tooltip: Vec<String> = std::iter::once(node.title()).chain(license.clone()).collect();
    let tooltip = quoted(&tooltip);
    match &node.kind {
        Kind::Models(models) if models.len() > 1 => {
            line(text, 1, &format!("subgraph cluster_{index} {{"));
            let label: Vec<String> = std::iter::once(node.title()).chain(license).collect();
            line(text, 2, &format!("graph [label={}, style=rounded, tooltip={tooltip}];", quoted(&label)));
            for (member, model) in models.iter().take(MEMBERS).enumerate() {
                let model = quoted(std::slice::from_ref(model));
                line(text, 2, &format!("n{index}_{member} [label={model}, tooltip={model}];"));
            }
            if models.len() > MEMBERS {
                let more = format!("and {} more", models.len() - MEMBERS);
                line(text, 2, &format!("n{index}_more [shape=plaintext, label={}];", quoted(&[more])));
            }
            line(text, 1, "}");
        }
        kind => {
            let pen = if matches!(kind, Kind::Subject(_)) { ", penwidth=2" } else { "" };
            let label: Vec<String> = std::iter::once(node.title()).chain(license).collect();
            line(text, 1, &format!("n{index} [label={}, tooltip={tooltip}{pen}];", quoted(&label)));
        }
    }
}

fn write_edge(text: &mut String, run: &Run, graph: &Graph, edge: &Edge) {
    let mut attributes = Vec::new();
    // An edge to or from a set ends at the frame of the set; of a single member it starts at the member.
    let mut end = |index: usize, member: Option<usize>, frame: &str| match &graph.nodes[index].kind {
        Kind::Models(models) if models.len() > 1 => {
            if member.is_none() {
                attributes.push(format!("{frame}=cluster_{index}"));
            }
            match member {
                Some(member) if member >= MEMBERS => format!("n{index}_more"),
                member => format!("n{index}_{}", member.unwrap_or_default()),
            }
        }
        _ => format!("n{index}"),
    };
    let (from, to) = (end(edge.from, edge.member, "ltail"), end(edge.to, None, "lhead"));
    match edge.hop.and_then(|hop| run.lineage.hops.get(hop)) {
        Some(hop) => {
            let tooltip = quoted(&graph::evidence(hop));
            attributes.push(format!("label={}", quoted(&graph::standing(hop))));
            attributes.push(format!("tooltip={tooltip}, labeltooltip={tooltip}"));
            attributes.push(style(hop).to_owned());
        }
        None => attributes.push("label=\"by way of\", style=dotted".to_owned()),
    }
    line(text, 1, &format!("{from} -> {to} [{}];", attributes.join(", ")));
}

fn style(hop: &Hop) -> &'static str {
    match hop.strength {
        Strength::Identical | Strength::Weights => "style=bold",
        Strength::Declared => "style=solid",
        Strength::Structural => "style=dashed",
        Strength::Circumstantial => "style=dotted",
    }
}

/// Lines as one quoted string.
fn quoted(lines: &[String]) -> String {
    let mut quoted = String::from("\"");
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            quoted.push_str("\\n");
        }
        for character in line.chars() {
            match character {
                '\\' => quoted.push_str("\\\\"),
                '"' => quoted.push_str("\\\""),
                '&' => quoted.push_str("&amp;"),
                other => quoted.push(other),
            }
        }
    }
    quoted.push('"');
    quoted
}

fn line(text: &mut String, depth: usize, content: &str) {
    writeln!(text, "{:1$}{content}", "", depth * 2).expect("writing to a string cannot fail");
}
