//! The lineage as a Graphviz graph: `forebear lineage --format dot | dot -Tsvg`.
//!
//! Source: the DOT language and the attribute reference of Graphviz. Every text is a quoted string; in these a backslash begins
//! an escape, `&` an entity, and `"` ends the string, so these three are escaped; a candidate set is a record, a field a model, where
//! braces, bars and angle brackets are special besides. Node names are our own, never a stranger's.

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
    line(&mut text, 1, "graph [rankdir=TB, fontname=\"sans-serif\", tooltip=\" \"];");
    line(&mut text, 1, "node [shape=box, style=rounded, fontname=\"sans-serif\"];");
    line(&mut text, 1, "edge [fontname=\"sans-serif\", fontsize=11];");
    for (index, node) in graph.nodes.iter().enumerate() {
        write_node(&mut text, index, node);
    }
    for edge in &graph.edges {
        write_edge(&mut text, run, edge);
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
            let mut fields =
                vec![recorded(&std::iter::once(node.title()).chain(license).collect::<Vec<_>>())];
            for (member, model) in models.iter().take(MEMBERS).enumerate() {
                fields.push(format!("<m{member}> {}", recorded(std::slice::from_ref(model))));
            }
            if models.len() > MEMBERS {
                fields.push(format!("<more> and {} more", models.len() - MEMBERS));
            }
            let label = format!("\"{{{}}}\"", fields.join("|"));
            line(text, 1, &format!("n{index} [shape=Mrecord, label={label}, tooltip={tooltip}];"));
        }
        kind => {
            let pen = if matches!(kind, Kind::Subject(_)) { ", penwidth=2" } else { "" };
            let label: Vec<String> = std::iter::once(node.title()).chain(license).collect();
            line(text, 1, &format!("n{index} [label={}, tooltip={tooltip}{pen}];", quoted(&label)));
        }
    }
}

fn write_edge(text: &mut String, run: &Run, edge: &Edge) {
    let mut attributes = Vec::new();
    // From a single member of a set the edge starts at the member's field.
    let from = match edge.member {
        Some(member) if member < MEMBERS => format!("n{}:m{member}", edge.from),
        Some(_) => format!("n{}:more", edge.from),
        None => format!("n{}", edge.from),
    };
    let to = format!("n{}", edge.to);
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
    format!("\"{}\"", escaped(lines, false))
}

/// Lines as a field of a record, where braces, bars and angle brackets are special too.
fn recorded(lines: &[String]) -> String {
    escaped(lines, true)
}

fn escaped(lines: &[String], record: bool) -> String {
    let mut escaped = String::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            escaped.push_str("\\n");
        }
        for character in line.chars() {
            match character {
                '\\' => escaped.push_str("\\\\"),
                '"' => escaped.push_str("\\\""),
                '&' => escaped.push_str("&amp;"),
                '{' | '}' | '|' | '<' | '>' if record => {
                    escaped.push('\\');
                    escaped.push(character);
                }
                other => escaped.push(other),
            }
        }
    }
    escaped
}

fn line(text: &mut String, depth: usize, content: &str) {
    writeln!(text, "{:1$}{content}", "", depth * 2).expect("writing to a string cannot fail");
}
