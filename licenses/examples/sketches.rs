//! Makes the committed sketches from upstream sources; see `licenses/README.md`.
//!
//! ```text
//! cargo run --package forebear-licenses --example sketches -- models DIR      # DIR/manifest.toml and DIR/<id>.txt
//! cargo run --package forebear-licenses --example sketches -- templates DIR   # DIR/src/<id>.xml of spdx/license-list-XML
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for maintainers"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use forebear_licenses::internal::{hash, hashes, lower_words, write};
use roxmltree::{Document, Node};

type Line = (String, Vec<u64>);

/// Kind, from, to (bytes of a template, or words of a text), and the words that may stand there.
type Mark = (&'static str, usize, usize, Vec<u64>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, folder] = arguments.as_slice() else { panic!("usage: sketches models|templates DIR") };
    let (file, about, lines) = match what.as_str() {
        "models" => {
            ("models.sketch", "Licences of models, as hashed word sequences", models(Path::new(folder)))
        }
        "templates" => (
            "templates.sketch",
            "What may vary in SPDX texts (src/*.xml of spdx/license-list-XML), and their notices",
            templates(Path::new(folder)),
        ),
        _ => panic!("usage: sketches models|templates DIR"),
    };
    let text = format!("# {about}. Made by the example `sketches`; not for editing.\n{}", write(&lines));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(file);
    std::fs::write(&path, &text).unwrap();
    println!("{file}: {} lines, {} bytes", lines.len(), text.len());
}

/// A line for each text that is not on the SPDX list, and its title as a name.
fn models(folder: &Path) -> Vec<Line> {
    let manifest: toml::Table =
        toml::from_str(&std::fs::read_to_string(folder.join("manifest.toml")).unwrap()).unwrap();
    let mut lines = Vec::new();
    let mut titles: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for license in manifest["license"].as_array().unwrap() {
        let field =
            |name: &str| license.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let (name, id, title) = (field("id"), field("spdx"), field("title"));
        if !id.starts_with("LicenseRef-") {
            continue;
        }
        let text = std::fs::read(folder.join(format!("{name}.txt"))).unwrap();
        let text = forebear_licenses::decode(&text).text;
        lines.push((format!("text {id}"), hashes(&text)));
        let words = lower_words(&title);
        if words.len() >= 3 {
            titles.entry(words.join(" ")).or_default().insert((id, words.join(" ")));
        }
    }
    // A title that several texts bear names none of them.
    for (title, ids) in titles.into_iter().filter(|(_, ids)| ids.len() == 1) {
        let (id, _) = ids.into_iter().next().unwrap();
        lines.push((format!("name {id} {title}"), Vec::new()));
    }
    lines.sort();
    lines
}

/// Marks, notices and addresses of every text of the list.
fn templates(folder: &Path) -> Vec<Line> {
    let mut files: Vec<_> = ["src", "src/exceptions"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(folder.join(sub)).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .collect();
    files.sort();
    let mut lines = Vec::new();
    let mut addresses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut poor = Vec::new();
    for path in files {
        let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let Some(known) = text_of(&id) else { continue };
        let xml = std::fs::read_to_string(&path).unwrap();
        let document = Document::parse(&xml).unwrap();
        let Some(text) = document.descendants().find(|node| node.has_tag_name(tag("text"))) else { continue };
        let mut flat = Flat::default();
        flat.walk(text);
        let (marks, share) = transfer(&flat, known);
        if share < 0.95 {
            poor.push(format!("{id} {share:.2}"));
        }
        if share >= 0.8 {
            for (kind, from, to, words) in marks {
                lines.push((format!("{kind} {id} {from} {to}"), words));
            }
        }
        for header in document.descendants().filter(|node| node.has_tag_name(tag("standardLicenseHeader"))) {
            let mut flat = Flat::default();
            flat.walk(header);
            let words = hashes(&flat.text);
            if words.len() >= 10 && !id.ends_with("-or-later") {
                lines.push((format!("header {id}"), words));
            }
        }
        for address in document.descendants().filter(|node| node.has_tag_name(tag("crossRef"))) {
            if let Some(name) = address.text().and_then(address_words) {
                addresses
                    .entry(name)
                    .or_default()
                    .insert(id.trim_end_matches("-or-later").trim_end_matches("-only").to_owned());
            }
        }
    }
    // An address under which several texts stand names none of them.
    for (address, ids) in addresses.into_iter().filter(|(_, ids)| ids.len() == 1) {
        let id = ids.into_iter().next().unwrap();
        let id = if text_of(&id).is_some() { id } else { format!("{id}-only") };
        lines.push((format!("name {id} {address}"), Vec::new()));
    }
    println!("texts that differ from their template: {poor:?}");
    lines.sort();
    lines.dedup();
    lines
}

fn tag(name: &str) -> (&'static str, &str) {
    ("http://www.spdx.org/license", name)
}

fn text_of(id: &str) -> Option<&'static str> {
    if let Some(license) = spdx::license_id(id) {
        return (license.name == id && !license.is_deprecated()).then(|| license.text());
    }
    spdx::exception_id(id)
        .filter(|exception| exception.name == id && !exception.is_deprecated())
        .map(|id| id.text())
}

/// The words of an address after scheme and `www.`, without endings that a link may lack.
fn address_words(address: &str) -> Option<String> {
    let mut words = lower_words(address);
    while words
        .first()
        .is_some_and(|word| ["http", "https", "www", "web", "archive", "org"].contains(&word.as_str()))
    {
        words.remove(0);
    }
    while words
        .last()
        .is_some_and(|word| ["legalcode", "txt", "html", "htm", "php", "en"].contains(&word.as_str()))
    {
        words.pop();
    }
    let letters = words.iter().map(String::len).sum::<usize>();
    (words.len() >= 4 && words.len() <= 14 && letters >= 14).then(|| words.join(" "))
}

/// A template as plain text, with the places of what may vary.
#[derive(Default)]
struct Flat {
    text: String,
    marks: Vec<Mark>,
}

impl Flat {
    fn walk(&mut self, node: Node<'_, '_>) {
        for child in node.children() {
            if child.is_text() {
                self.text.push_str(child.text().unwrap_or_default());
                continue;
            }
            let name = child.tag_name().name();
            match name {
                "bullet" => continue,
                "p"
                | "list"
                | "item"
                | "br"
                | "titleText"
                | "copyrightText"
                | "standardLicenseHeader"
                | "crossRefs" => {
                    self.text.push('\n');
                }
                _ => {}
            }
            let from = self.text.len();
            self.walk(child);
            let to = self.text.len();
            match name {
                "optional" | "titleText" | "copyrightText" => {
                    self.marks.push(("optional", from, to, Vec::new()))
                }
                "alt" => {
                    let pattern = child.attribute("match").unwrap_or_default();
                    let wild = [".+", ".*", ".{"].iter().any(|any| pattern.contains(any));
                    self.marks.push((if wild { "wild" } else { "listed" }, from, to, pattern_words(pattern)));
                }
                _ => {}
            }
            if matches!(name, "p" | "item" | "br" | "titleText" | "copyrightText") {
                self.text.push('\n');
            }
        }
    }
}

/// The words that a pattern can match: every literal word, with and without what is optional in it.
fn pattern_words(pattern: &str) -> Vec<u64> {
    let spaced = ["\\s+", "\\s*", "\\s", "\\n", "\\r", "\\b", "\\d", "\\w"]
        .iter()
        .fold(pattern.to_owned(), |text, escape| text.replace(escape, " "));
    let mut words: BTreeSet<String> = BTreeSet::new();
    for piece in spaced.split([' ', '|', '\t', '\n']) {
        let letters =
            |text: &str| -> Vec<String> { lower_words(&format!("x {text}")).into_iter().skip(1).collect() };
        words.extend(letters(
            &piece.replace(['(', ')', '?', '+', '*', '.', '[', ']', '{', '}', '\\', '^', '$'], " "),
        ));
        // `names?`, `EXPRESS(ED)?`
        words.extend(letters(&piece.replace(['(', ')', '?', '\\'], "")));
        if let Some((before, _)) = piece.split_once('?') {
            let mut shorter = before.to_owned();
            shorter.pop();
            words.extend(letters(&shorter));
        }
    }
    words.iter().map(|word| hash(word)).collect()
}

/// The marks on the words of the text itself, and the share of its words that the template has in order.
fn transfer(flat: &Flat, known: &str) -> (Vec<Mark>, f64) {
    let (starts, theirs) = forebear_licenses::internal::places(&flat.text);
    let ours = hashes(known);
    let mut place: Vec<Option<usize>> = vec![None; theirs.len()];
    let mut equal = 0;
    for operation in similar::capture_diff_slices(similar::Algorithm::Patience, &theirs, &ours) {
        if let similar::DiffOp::Equal { old_index, new_index, len } = operation {
            equal += len;
            for step in 0..len {
                place[old_index + step] = Some(new_index + step);
            }
        }
    }
    let mut marks = Vec::new();
    for (kind, from, to, words) in &flat.marks {
        let first = starts.partition_point(|start| start < from);
        let last = starts.partition_point(|start| start < to);
        let inside: Vec<usize> = place[first..last].iter().flatten().copied().collect();
        let (start, end) = match (inside.first(), inside.last()) {
            (Some(start), Some(end)) => (*start, end + 1),
            _ => {
                // Nothing stands there in the text: a place where something may be put in.
                let next = place[last..].iter().flatten().next().copied().unwrap_or(ours.len());
                (next, next)
            }
        };
        if *kind == "optional" && start == end {
            // What may stand there are the words that the template has.
            marks.push(("listed", start, end, theirs[first..last].to_vec()));
        } else {
            marks.push((*kind, start, end, words.clone()));
        }
    }
    (marks, equal as f64 / ours.len().max(1) as f64)
}
