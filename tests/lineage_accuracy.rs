//! How often the base is found, on public models that were split before anything was tuned to them.
//!
//! `FOREBEAR_MODELS` names a folder with `set.jsonl` and a folder for each model, as `docs/lineage.md` describes; without it
//! the test says that it skips. The facts that the repository itself carries (`fixtures/lineage/`) are judged always.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads its set and prints a table"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use forebear_lineage::catalog::Catalog;
use forebear_lineage::trace;
use forebear_scanner::source::{self, What};
use forebear_types::fact::{Fact, FactKind};
use forebear_types::history::History;
use forebear_types::lineage::{Hop, Strength};
use serde_json::Value;

static CATALOG: Catalog = Catalog::embedded();

/// A model of the set.
struct Entry {
    model: String,
    positive: bool,
    bases: Vec<String>,
    /// Nearest ancestors that the catalog knows, by public statements.
    ancestors: Vec<String>,
    relation: String,
    /// Whether the configuration is the repository's own file, not values of a table that somebody keeps.
    own_file: bool,
    /// Whether the label is doubtful: such a model is not counted.
    doubtful: bool,
    folder: PathBuf,
}

impl Entry {
    fn of(line: &str, root: &Path) -> Self {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| -> Vec<String> {
            let items = value[key].as_array().into_iter().flatten();
            items.filter_map(|base| base.as_str().map(str::to_owned)).collect()
        };
        let folder = PathBuf::from(text("folder"));
        Self {
            model: text("model"),
            positive: text("kind") == "positive",
            bases: list("base"),
            ancestors: list("catalog_ancestor"),
            relation: text("relation"),
            own_file: text("evidence") != "value-table",
            doubtful: text("label_confidence") == "low",
            folder: root.join(folder.file_name().unwrap_or_default()),
        }
    }

    /// The half: by the parity of FNV-1a over the id in lower case, so that it is fixed before anybody looks.
    fn untouched(&self) -> bool {
        let hash = self.model.to_lowercase().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (hash >> 32) & 1 == 1
    }

    /// The catalog's ids of the bases, or of the nearest ancestor that it knows.
    fn truth(&self) -> BTreeSet<&'static str> {
        let known = |names: &[String]| -> BTreeSet<&'static str> {
            names.iter().filter_map(|base| CATALOG.find(base)).map(|model| model.id).collect()
        };
        let bases = known(&self.bases);
        if bases.is_empty() { known(&self.ancestors) } else { bases }
    }
}

/// What is left when the base and every name are blanked: configuration, tokenizer, tensors.
fn hidden(facts: &[Fact], renamed: bool) -> Vec<Fact> {
    let mut kept = Vec::new();
    for fact in facts {
        let mut fact = fact.clone();
        match &mut fact.kind {
            FactKind::ModelConfig(config) => {
                config.name_or_path = None;
                config.auto_map.clear();
                if renamed {
                    config.model_type = None;
                    config.architectures.clear();
                }
            }
            FactKind::TokenizerConfig(config) => config.name_or_path = None,
            FactKind::Gguf(gguf) => {
                gguf.name = None;
                gguf.bases.clear();
                gguf.source_repo_url = None;
                let folder = fact.path.parent().unwrap_or_default();
                fact.path = folder.join(b"model.gguf").unwrap();
            }
            FactKind::Tokenizer(_) | FactKind::Tensors(_) | FactKind::GenerationConfig(_) => {}
            FactKind::Pointer(_) => {}
            _ => continue,
        }
        kept.push(fact);
    }
    kept
}

fn names(hop: &Hop) -> BTreeSet<&str> {
    hop.candidates.iter().map(|one| one.model.as_str()).collect()
}

/// Whether the catalog derives a model from one of a set.
fn descends(name: &str, from: &BTreeSet<&str>) -> bool {
    let mut at = CATALOG.find(name);
    while let Some(model) = at {
        if from.contains(model.id) {
            return true;
        }
        at = model.derived_from.and_then(|parent| CATALOG.find(parent));
    }
    false
}

fn series(hop: &Hop) -> BTreeSet<&'static str> {
    hop.candidates
        .iter()
        .filter_map(|one| CATALOG.find(one.model.as_str()))
        .map(|model| CATALOG.series(model))
        .collect()
}

#[derive(Default)]
struct Half {
    declared: (usize, usize),
    found: (usize, usize),
    found_own: (usize, usize),
    renamed: (usize, usize),
    one_series: (usize, usize),
    outside: usize,
    nothing_left: usize,
    negatives: usize,
    named: usize,
    accused: usize,
    lines: Vec<String>,
}

impl Half {
    fn positive(&mut self, entry: &Entry, facts: &[Fact]) {
        let truth = entry.truth();
        // Of a base outside of the catalog the nearest ancestor is known: what descends from that is nearer still.
        let outside = entry.bases.iter().all(|base| CATALOG.find(base).is_none());
        let right = |hop: &Hop| {
            names(hop).iter().any(|name| truth.contains(name) || (outside && descends(name, &truth)))
        };
        let stated = trace(&CATALOG, facts, &History::default(), &[]).lineage.hops;
        let says_so = stated.iter().any(|hop| hop.declared || hop.strength >= Strength::Declared);
        if says_so {
            let declared = |hop: &Hop| {
                let wanted = |base: &String| names(hop).iter().any(|name| name.eq_ignore_ascii_case(base));
                hop.strength >= Strength::Declared && (right(hop) || entry.bases.iter().any(wanted))
            };
            self.declared.1 += 1;
            if stated.iter().any(declared) {
                self.declared.0 += 1;
            } else {
                self.lines.push(format!("declared, missed: {} of {:?}", entry.model, entry.bases));
            }
        }
        if truth.is_empty() {
            self.outside += 1;
            return;
        }
        let left = hidden(facts, false);
        if !left.iter().any(|fact| fact.is_of_model()) {
            self.nothing_left += 1;
            return;
        }
        let hops = trace(&CATALOG, &left, &History::default(), &[]).lineage.hops;
        self.found.1 += 1;
        self.found_own.1 += usize::from(entry.own_file);
        match hops.first() {
            Some(hop) if right(hop) => {
                self.found.0 += 1;
                self.found_own.0 += usize::from(entry.own_file);
                self.one_series.1 += 1;
                let series = series(hop);
                if series.len() == 1 {
                    self.one_series.0 += 1;
                } else {
                    self.lines.push(format!("several series: {}: {series:?}", entry.model));
                }
            }
            Some(hop) => self.lines.push(format!(
                "hidden, wrong: {} ({}) of {:?}: {} {:?}{}",
                entry.model,
                entry.relation,
                entry.bases,
                hop.strength.name(),
                names(hop),
                if hops.iter().skip(1).any(right) { "; the right one stands later" } else { "" }
            )),
            None => self
                .lines
                .push(format!("hidden, none: {} ({}) of {:?}", entry.model, entry.relation, entry.bases)),
        }
        self.renamed.1 += 1;
        if trace(&CATALOG, &hidden(facts, true), &History::default(), &[])
            .lineage
            .hops
            .first()
            .is_some_and(right)
        {
            self.renamed.0 += 1;
        }
    }

    fn negative(&mut self, entry: &Entry, facts: &[Fact]) {
        let own = CATALOG.find(&entry.model).map(|model| CATALOG.root(model).developer);
        let others = |hop: &&Hop| {
            hop.candidates.iter().any(|one| {
                let known = CATALOG.find(one.model.as_str());
                known.is_none_or(|model| Some(CATALOG.root(model).developer) != own)
            })
        };
        let hops = trace(&CATALOG, &hidden(facts, false), &History::default(), &[]).lineage.hops;
        self.negatives += 1;
        if let Some(hop) = hops.iter().filter(others).find(|hop| hop.strength > Strength::Circumstantial) {
            self.named += 1;
            self.lines.push(format!(
                "from scratch, named: {}: {} {:?}",
                entry.model,
                hop.strength.name(),
                names(hop)
            ));
        }
        if let Some(hop) = hops.iter().filter(others).find(|hop| hop.carries_violation()) {
            self.accused += 1;
            self.lines.push(format!("from scratch, ACCUSED: {}: {:?}", entry.model, names(hop)));
        }
    }
}

fn share((part, whole): (usize, usize)) -> String {
    if whole == 0 {
        "-".to_owned()
    } else {
        format!("{part} of {whole} ({:.1} %)", 100.0 * part as f64 / whole as f64)
    }
}

#[test]
fn public_models_and_their_bases() {
    let Some(root) = std::env::var_os("FOREBEAR_MODELS").map(PathBuf::from) else {
        println!("skipped: FOREBEAR_MODELS names no folder with models");
        return;
    };
    let text = std::fs::read_to_string(root.join("set.jsonl")).unwrap();
    let entries: Vec<Entry> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| Entry::of(line, &root.join("files")))
        .collect();
    let only = std::env::var("FOREBEAR_HALF").ok();
    let mut halves: BTreeMap<bool, Half> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.positive || !entry.doubtful) {
        let opened = source::open(&entry.folder, What::WorkTree).unwrap();
        let (reading, _) = source::examine(opened.source.as_ref());
        let half = halves.entry(entry.untouched()).or_default();
        if entry.positive {
            half.positive(entry, &reading.facts);
        } else {
            half.negative(entry, &reading.facts);
        }
    }
    for (untouched, half) in &halves {
        // Whoever tunes asks for one half only, and does not see the other.
        let wanted = match only.as_deref() {
            Some("tuned") => !untouched,
            Some("untouched") => *untouched,
            _ => true,
        };
        if !wanted {
            continue;
        }
        println!("== {}", if *untouched { "untouched half" } else { "tuned half" });
        println!("declared, right base            {}", share(half.declared));
        println!("hidden, in the first set        {}", share(half.found));
        println!("the same, of own files          {}", share(half.found_own));
        println!("hidden and renamed              {}", share(half.renamed));
        println!("sets of one series              {}", share(half.one_series));
        println!("base outside of the catalog     {}", half.outside);
        println!("neither configuration nor tensors {}", half.nothing_left);
        println!("from scratch, named             {}", share((half.named, half.negatives)));
        println!("from scratch, accused           {}", share((half.accused, half.negatives)));
        half.lines.iter().for_each(|line| println!("  {line}"));
    }
    assert!(!entries.is_empty());
    assert!(halves.values().all(|half| half.accused == 0), "a model trained from scratch is accused");
}
