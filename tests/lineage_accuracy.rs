//! How often the base is found, on public models: a set that the rules were tuned on, and one that was gathered afterwards.
//!
//! The facts of the models stand in `fixtures/lineage/`, so that the figures of `docs/lineage.md` are shown by every run.
//! `FOREBEAR_SET=tuned` or `unseen` takes one set only: who tunes the rules does not look at the other. With it, `FOREBEAR_MODELS`
//! may name a folder with the set's models themselves (`set.jsonl`, and a folder for each below `files`): they are then read anew,
//! and with `FOREBEAR_UPDATE=1` the facts are written.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reads its set and prints a table"
)]

#[path = "lineage_accuracy/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use forebear_lineage::catalog::{Catalog, Model};
use forebear_lineage::trace;
use forebear_scanner::source::{self, What};
use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{Fact, FactKind, ModelCard};
use forebear_types::finding::Finding;
use forebear_types::history::History;
use forebear_types::lineage::{Hop, Strength};
use forebear_types::obligation::Answer;
use forebear_types::{ByteSpan, Located, RepoPath, Snapshot};
use serde_json::Value;

static CATALOG: Catalog = Catalog::embedded();

/// Hidden bases of a hundred that have to be in the first set: a run below it has lost something.
const FLOOR: usize = 85;

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
    facts: Vec<Fact>,
}

impl Entry {
    fn of(value: &Value, facts: Vec<Fact>) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| -> Vec<String> {
            let items = value[key].as_array().into_iter().flatten();
            items.filter_map(|base| base.as_str().map(str::to_owned)).collect()
        };
        Self {
            model: text("model"),
            positive: text("kind") == "positive",
            bases: list("base"),
            ancestors: list("catalog_ancestor"),
            relation: text("relation"),
            own_file: text("evidence") != "value-table",
            doubtful: text("label_confidence") == "low",
            facts,
        }
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

/// A card that declares bases.
fn card(bases: &[String]) -> Fact {
    let located =
        |value: &String| Located { value: value.clone(), line: 2, span: ByteSpan { start: 0, len: 0 } };
    let card = ModelCard { base_models: bases.iter().map(located).collect(), ..ModelCard::default() };
    Fact {
        path: RepoPath::new("README.md").unwrap(),
        snapshot: Snapshot::WorkTree,
        kind: FactKind::ModelCard(card),
    }
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

/// Candidates that differ in more than one dimension, or in what nobody changes. Vocabulary, layers and experts may differ by the
/// one change that a derivative makes.
fn ruled_out(hop: &Hop, facts: &[Fact]) -> usize {
    const LASTING: &[ConfigField] = &[
        ConfigField::HiddenSize,
        ConfigField::IntermediateSize,
        ConfigField::ExpertIntermediateSize,
        ConfigField::KeyValueLoraRank,
        ConfigField::NormEpsilon,
    ];
    const CHANGED: &[ConfigField] = &[ConfigField::VocabularySize, ConfigField::Layers, ConfigField::Experts];
    let configs = facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::ModelConfig(config) if fact.path.parent().unwrap_or_default() == hop.subject => {
            Some(config)
        }
        _ => None,
    });
    let configs: Vec<_> = configs.collect();
    let is_out = |model: &&Model| {
        configs.iter().all(|config| {
            // A mixture of which every layer has experts has no dense part, whatever width is written down for one.
            let dense = config
                .fields
                .get(&ConfigField::ExpertLayerStep)
                .is_none_or(|step| step.value != ConfigValue::Integer(1));
            let differs = |field: &&ConfigField| {
                if **field == ConfigField::IntermediateSize && !dense {
                    return false;
                }
                let value = config.fields.get(field).map(|found| &found.value);
                // What was read from another release's file is no fact about this one.
                let known = model.field(**field).is_some() && !model.is_borrowed(**field);
                value.is_some_and(|value| known && !model.accepts(**field, value))
            };
            LASTING.iter().any(|field| differs(&field)) || CHANGED.iter().filter(differs).count() > 1
        })
    };
    let known = hop.candidates.iter().filter_map(|one| CATALOG.find(one.model.as_str()));
    if configs.is_empty() { 0 } else { known.filter(is_out).count() }
}

/// What one set comes to.
#[derive(Default)]
struct Figures {
    declared: (usize, usize),
    /// The same with every base written into a card, as the Hub asks for it.
    carded: (usize, usize),
    found: (usize, usize),
    found_own: (usize, usize),
    renamed: (usize, usize),
    one_series: (usize, usize),
    /// Members of first sets that a fact of the configuration rules out.
    ruled_out: usize,
    outside: usize,
    nothing_left: usize,
    doubtful: usize,
    negatives: usize,
    named: usize,
    accused: usize,
    lines: Vec<String>,
}

impl Figures {
    fn positive(&mut self, entry: &Entry, facts: &[Fact]) {
        let truth = entry.truth();
        // Of a base outside of the catalog the nearest ancestor is known: what descends from that is nearer still. A model that the
        // catalog knows itself is right too: its parent is on record.
        let outside = entry.bases.iter().all(|base| CATALOG.find(base).is_none());
        let itself = CATALOG.find(&entry.model).map(|model| model.id);
        let right = |hop: &Hop| {
            let is = |name: &&str| {
                truth.contains(name) || ((outside || Some(*name) == itself) && descends(name, &truth))
            };
            names(hop).iter().any(is)
        };
        let stated = trace(&CATALOG, facts, &History::default(), &[], &[]).lineage.hops;
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
        let ids = entry.bases.iter().filter(|base| base.contains('/') && !base.contains(' '));
        if let ids = ids.cloned().collect::<Vec<_>>()
            && !ids.is_empty()
        {
            let mut with_card = hidden(facts, false);
            with_card.push(card(&ids));
            let best = trace(&CATALOG, &with_card, &History::default(), &[], &[]).lineage.hops;
            let stated = |hop: &&Hop| hop.declared && hop.strength >= Strength::Declared;
            self.carded.1 += 1;
            match best.first().filter(stated) {
                Some(hop)
                    if right(hop)
                        || ids
                            .iter()
                            .any(|id| names(hop).iter().any(|name| name.eq_ignore_ascii_case(id))) =>
                {
                    self.carded.0 += 1;
                }
                other => self.lines.push(format!(
                    "card, missed: {} of {ids:?}: {:?}",
                    entry.model,
                    other.map(names)
                )),
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
        let hops = trace(&CATALOG, &left, &History::default(), &[], &[]).lineage.hops;
        if let Some(hop) = hops.first() {
            self.ruled_out += ruled_out(hop, facts);
        }
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
        if trace(&CATALOG, &hidden(facts, true), &History::default(), &[], &[])
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
        let hops = trace(&CATALOG, &hidden(facts, false), &History::default(), &[], &[]).lineage.hops;
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

/// The facts of a line of the table.
const KEPT: &[&str] = &[
    "model", "kind", "base", "catalog_ancestor", "relation", "evidence", "label_confidence", "truth_source",
    "config_source",
];

/// The sets: what the rules were tuned on, and what was gathered after that.
const SETS: &[&str] = &["tuned", "unseen", "fresh"];

fn fixtures(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/lineage").join(set)
}

/// The set that is asked for, if one is.
fn only() -> Option<&'static str> {
    let wanted = std::env::var("FOREBEAR_SET").ok()?;
    let known = SETS.iter().find(|set| **set == wanted);
    Some(known.unwrap_or_else(|| panic!("FOREBEAR_SET is {wanted}: it may be one of {SETS:?}")))
}

/// The models of a table.
fn of_table(set: &str) -> Vec<Entry> {
    let sketches = table::sketches(&fixtures(set));
    let text = std::fs::read_to_string(fixtures(set).join("models.jsonl")).unwrap();
    text.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            Entry::of(&value, table::read(&value["facts"], &sketches))
        })
        .collect()
}

/// The models themselves, read as forebear reads a repository; with `update` their facts are written into the table of the set.
fn of_folders(root: &Path, update: Option<&str>) -> Vec<Entry> {
    let text = std::fs::read_to_string(root.join("set.jsonl")).unwrap();
    let (mut entries, mut lines, mut sketches) = (Vec::new(), Vec::new(), table::Sketches::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let value: Value = serde_json::from_str(line).unwrap();
        let folder = PathBuf::from(value["folder"].as_str().unwrap());
        let folder = root.join("files").join(folder.file_name().unwrap());
        let opened = source::open(&folder, What::WorkTree).unwrap();
        let (reading, _) = source::examine(opened.source.as_ref());
        let mut kept: serde_json::Map<String, Value> =
            KEPT.iter().map(|key| ((*key).to_owned(), value[*key].clone())).collect();
        kept.insert("facts".to_owned(), table::write(&reading.facts, &mut sketches));
        lines.push((kept["model"].as_str().unwrap().to_owned(), Value::Object(kept).to_string()));
        entries.push(Entry::of(&value, reading.facts));
    }
    if let Some(set) = update {
        lines.sort();
        let text: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        std::fs::write(fixtures(set).join("models.jsonl"), text).unwrap();
        table::write_sketches(&fixtures(set), &sketches);
    }
    entries
}

fn judge(entries: &[Entry]) -> Figures {
    let mut figures = Figures::default();
    for entry in entries {
        match entry.positive {
            true if entry.doubtful => figures.doubtful += 1,
            true => figures.positive(entry, &entry.facts),
            false => figures.negative(entry, &entry.facts),
        }
    }
    figures
}

fn print(set: &str, figures: &Figures) {
    println!("== {set}");
    println!("declared, right base            {}", share(figures.declared));
    println!("written into a card, first      {}", share(figures.carded));
    println!("hidden, in the first set        {}", share(figures.found));
    println!("the same, of own files          {}", share(figures.found_own));
    println!("hidden and renamed              {}", share(figures.renamed));
    println!("sets of one series              {}", share(figures.one_series));
    println!("members that the facts rule out {}", figures.ruled_out);
    println!("base outside of the catalog     {}", figures.outside);
    println!("no configuration and no tensors {}", figures.nothing_left);
    println!("doubtful labels, not counted    {}", figures.doubtful);
    println!("from scratch, named             {}", share((figures.named, figures.negatives)));
    println!("from scratch, accused           {}", share((figures.accused, figures.negatives)));
    figures.lines.iter().for_each(|line| println!("  {line}"));
}

#[test]
fn public_models_and_their_bases() {
    for set in SETS.iter().filter(|set| only().is_none_or(|wanted| wanted == **set)) {
        let figures = judge(&of_table(set));
        print(set, &figures);
        assert!(figures.found.1 > 50 && figures.negatives > 10, "{set} is too small to tell");
        assert_eq!(figures.accused, 0, "a model trained from scratch is accused");
        // The goals of the project, as far as the facts of the table show them; the figures stand in docs/lineage.md.
        assert!(figures.named * 20 <= figures.negatives, "{} of {} named", figures.named, figures.negatives);
        assert_eq!(figures.ruled_out, 0, "a candidate that the facts rule out");
        assert!(figures.declared.0 * 100 >= figures.declared.1 * 99, "{:?}", figures.declared);
        assert!(figures.carded.0 * 100 >= figures.carded.1 * 99, "{:?}", figures.carded);
        assert!(figures.found.0 * 100 >= figures.found.1 * FLOOR, "{:?}", figures.found);
    }
}

/// The models themselves give what their facts in the table give.
#[test]
fn the_models_themselves() {
    let Some(root) = std::env::var_os("FOREBEAR_MODELS").map(PathBuf::from) else {
        println!("skipped: FOREBEAR_MODELS names no folder with models");
        return;
    };
    let set = only().expect("FOREBEAR_SET says which set FOREBEAR_MODELS is");
    let update = std::env::var_os("FOREBEAR_UPDATE").is_some();
    let figures = judge(&of_folders(&root, update.then_some(set)));
    print(set, &figures);
    assert_eq!(figures.accused, 0, "a model trained from scratch is accused");
}

/// What `base-misdeclared` says of a model under a card: the answers that are more than *met*.
fn misdeclared(facts: &[Fact]) -> Vec<(Answer, String)> {
    let history = History::default();
    let lineage = trace(&CATALOG, facts, &history, &[], &[]).lineage;
    let judgement = forebear_rules::judge(forebear_rules::Input {
        snapshot: &Snapshot::WorkTree,
        facts,
        catalog: &CATALOG,
        lineage: &lineage,
        stated: &[],
        history: &history,
        waivers: &[],
        policy: &forebear_rules::Policy::default(),
        today: "2026-04-01",
        own: &[],
        upstream: None,
    });
    let of_rule = |finding: &Finding| finding.rule.0 == "base-misdeclared" && finding.answer != Answer::Met;
    judgement
        .findings
        .into_iter()
        .filter(of_rule)
        .map(|finding| (finding.answer, format!("{}: {}", finding.severity.name(), finding.message)))
        .collect()
}

/// Nobody who declares the true base is accused of declaring a wrong one; of those who declare an unrelated one, some are.
#[test]
fn true_declarations_are_believed_and_false_ones_are_not() {
    let decoy = ["google/gemma-2b".to_owned()];
    for set in SETS.iter().filter(|set| only().is_none_or(|wanted| wanted == **set)) {
        let (mut accused, mut open, mut all) = (0, 0, 0);
        for entry in of_table(set).iter().filter(|entry| entry.positive && !entry.doubtful) {
            let ids: Vec<String> = entry
                .bases
                .iter()
                .filter(|base| base.contains('/') && !base.contains(' '))
                .cloned()
                .collect();
            let mut declared = hidden(&entry.facts, false);
            declared.push(card(&ids));
            for facts in [&entry.facts, &declared] {
                for (answer, message) in misdeclared(facts) {
                    assert_ne!(answer, Answer::Unmet, "{} of {:?}: {message}", entry.model, entry.bases);
                }
            }
            let mut false_one = hidden(&entry.facts, false);
            false_one.push(card(&decoy));
            let said = misdeclared(&false_one);
            // An adapter without a configuration has no dimensions that could contradict anything.
            if !entry.facts.iter().any(|fact| matches!(fact.kind, FactKind::ModelConfig(_))) {
                continue;
            }
            all += 1;
            accused += usize::from(said.iter().any(|(answer, _)| *answer == Answer::Unmet));
            open += usize::from(said.iter().any(|(answer, _)| *answer == Answer::Unknown));
        }
        println!(
            "{set}: of {all} models under a card that declares {}, {accused} are accused, {open} open",
            decoy[0]
        );
        // Whoever declares a false base of one developer, or one without dimensions on record, is not seen: a floor against losing more.
        assert!(accused * 10 > all, "{set}: {accused} of {all}");
    }
}
