//! Recipes of merges: mergekit's configuration files, and recipes that cards show.
//!
//! Sources of the keys: mergekit `config.py` (`MergeConfiguration`: `models`, `slices`, `modules`, `base_model`, `merge_method`,
//! `tokenizer_source`, `tokenizer.source`), `common.py` (`ModelReference`: `model+adapter`, each `path@revision`, or a table),
//! `moe/config.py` (`experts[].source_model`, `shared_experts`, `gate_mode`), `scripts/evolve.py` (`genome`), and the README of
//! MLX-LM's merge tool (`models` and `method`).

use std::collections::BTreeSet;
use std::sync::Arc;

use forebear_types::Located;
use forebear_types::fact::{FactKind, MergeRecipe, Problem, ProblemKind, Reading};

use super::json::{Json, View};
use super::yaml::{self, Source};
use super::{FAULTS, File, located_text};

/// Models of one recipe that are kept. Merges of some thirty exist.
const MODELS: usize = 256;

/// Slices of one recipe that are kept. A frankenmerge that lists each layer of a 120-layer model has 240.
const SLICES: usize = 2_048;

/// Longest name of a model; the Hub allows 96 characters for each half of an id, and paths are not much longer.
const NAME: usize = 1_024;

/// The largest recipe in a card.
const BLOCK: usize = 64 << 10;

/// Recipes of one card that are read.
const BLOCKS: usize = 16;

/// Whether a file of this name (in lower case) is a recipe.
pub(crate) fn is_recipe(name: &str) -> bool {
    let Some((stem, "yml" | "yaml")) = name.rsplit_once('.') else { return false };
    let stem = stem.replace('-', "_");
    stem.starts_with("mergekit")
        || matches!(
            stem.as_str(),
            "merge_config" | "merge_recipe" | "merge" | "moe_merge_config" | "moe_config"
        )
}

/// Reads a file. A YAML file of another program that bears such a name gives nothing.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else { return };
    let documents = yaml::parse(Source { text: &text, offset: 0, line: 1 });
    let recipes = recipes(&documents, &text);
    let ours = file.path.file_name().to_ascii_lowercase().starts_with(b"mergekit");
    if recipes.is_empty() && !ours {
        reading.problems.clear();
        return;
    }
    faults(file, &documents, reading);
    if recipes.is_empty() && reading.problems.is_empty() {
        let what = "the file names no model that was merged".to_owned();
        reading.problems.push(file.problem(ProblemKind::Malformed, what, "restore the recipe of the merge"));
    }
    reading.facts.extend(recipes.into_iter().map(|recipe| file.fact(FactKind::MergeRecipe(recipe))));
}

/// Reads the recipes that the fenced blocks of a card show.
pub(crate) fn read_card(file: File<'_>, text: &Arc<str>, reading: &mut Reading) {
    for block in fenced(text).filter(|block| looks_like_recipe(block.text)).take(BLOCKS) {
        let documents = yaml::parse(block);
        let found = recipes(&documents, text);
        if !found.is_empty() {
            faults(file, &documents, reading);
        }
        reading.facts.extend(found.into_iter().map(|recipe| file.fact(FactKind::MergeRecipe(recipe))));
    }
}

fn faults(file: File<'_>, documents: &[Json], reading: &mut Reading) {
    for fault in documents.iter().flat_map(|one| &one.faults).take(FAULTS) {
        let remedy = "correct the recipe; what could be read was used";
        reading.problems.push(Problem {
            line: Some(fault.line),
            ..file.problem(ProblemKind::Malformed, fault.what.clone(), remedy)
        });
    }
}

/// A recipe for each document that is one. What one document of a file makes (`name`) and another uses is no model of its own.
fn recipes(documents: &[Json], text: &Arc<str>) -> Vec<MergeRecipe> {
    let made: BTreeSet<&str> = documents
        .iter()
        .filter(|_| documents.len() > 1)
        .filter_map(|one| one.root()?.get("name")?.text())
        .collect();
    documents
        .iter()
        .filter_map(|document| recipe(document.root()?))
        .map(|mut recipe| {
            recipe.models.retain(|model| !made.contains(model.value.as_str()));
            recipe.base = recipe.base.filter(|base| !made.contains(base.value.as_str()));
            recipe.text = Arc::clone(text);
            recipe
        })
        .filter(|recipe| !recipe.models.is_empty())
        .collect()
}

fn recipe(root: View<'_>) -> Option<MergeRecipe> {
    let genome = root.get("genome").filter(View::is_object).unwrap_or(root);
    let mut recipe = MergeRecipe {
        method: genome.get("merge_method").or_else(|| genome.get("method")).and_then(located_text),
        ..MergeRecipe::default()
    };
    let moe = genome.get("experts").is_some();
    if recipe.method.is_none() && !moe && genome.get("slices").is_none() {
        return None;
    }
    if recipe.method.is_none() && moe {
        recipe.method = genome.get("gate_mode").map(|mode| Located {
            value: "moe".to_owned(),
            line: mode.line(),
            span: mode.span(),
        });
    }
    let modules = genome.get("modules").into_iter().flat_map(|modules| {
        let parts: Vec<View<'_>> = modules.members().map(|(_, part)| part).collect();
        parts
    });
    for part in std::iter::once(genome).chain(modules) {
        for model in part.get("models").into_iter().flat_map(|list| list.items()) {
            add(&mut recipe, model.get("model").unwrap_or(model));
        }
        for slice in part.get("slices").into_iter().flat_map(|list| list.items()) {
            for source in slice.get("sources").into_iter().flat_map(|list| list.items()) {
                let model = source.get("model").and_then(|model| add(&mut recipe, model));
                let range: Vec<u64> = source
                    .get("layer_range")
                    .into_iter()
                    .flat_map(|range| range.items())
                    .filter_map(|bound| bound.number()?.parse().ok())
                    .collect();
                if let (Some(model), [first, behind]) = (model, range.as_slice())
                    && first <= behind
                    && recipe.slices.len() < SLICES
                {
                    recipe.slices.push((model, *first, *behind));
                }
            }
        }
        for key in ["experts", "shared_experts"] {
            for expert in part.get(key).into_iter().flat_map(|list| list.items()) {
                if let Some(model) = expert.get("source_model") {
                    add(&mut recipe, model);
                }
            }
        }
    }
    if let Some(base) = genome.get("base_model") {
        let parts = parts(base);
        recipe.base = parts.first().map(|(located, _)| located.clone());
        add(&mut recipe, base);
    }
    recipe.tokenizer = genome
        .get("tokenizer_source")
        .or_else(|| genome.get("tokenizer")?.get("source"))
        .and_then(|source| parts(source).into_iter().next())
        .map(|(located, _)| Located {
            value: located.value.strip_prefix("model:").unwrap_or(&located.value).to_owned(),
            ..located
        })
        .filter(|source| !matches!(source.value.as_str(), "union" | "base"));
    Some(recipe)
}

/// Adds the models of a reference; gives the first one's name.
fn add(recipe: &mut MergeRecipe, view: View<'_>) -> Option<String> {
    let mut first = None;
    for (located, revision) in parts(view) {
        if let Some(revision) = revision
            && recipe.revisions.len() < MODELS
        {
            recipe.revisions.entry(located.value.clone()).or_insert(revision);
        }
        first.get_or_insert_with(|| located.value.clone());
        if recipe.models.len() < MODELS && recipe.models.iter().all(|known| known.value != located.value) {
            recipe.models.push(located);
        }
    }
    first
}

/// The models of a reference, with their revisions: `a/b`, `a/b@revision`, `a/b+adapter`, or a table.
fn parts(view: View<'_>) -> Vec<(Located<String>, Option<String>)> {
    let located = |view: View<'_>, value: &str| Located {
        value: value.to_owned(),
        line: view.line(),
        span: view.span(),
    };
    if let Some(text) = view.text() {
        if text.len() > NAME {
            return Vec::new();
        }
        return text
            .split('+')
            .map(str::trim)
            .map(|part| match part.split_once('@') {
                Some((model, revision)) => (model.trim(), Some(revision.trim().to_owned())),
                None => (part, None),
            })
            .filter(|(model, _)| !model.is_empty())
            .map(|(model, revision)| (located(view, model), revision))
            .collect();
    }
    // `{model: {path, revision}, lora: {path, revision}}`; either may be a text, and `{path, revision}` may stand alone.
    let own = view.get("path").and_then(|path| {
        let text = path.text().filter(|text| !text.trim().is_empty() && text.len() <= NAME)?;
        let revision = view.get("revision").and_then(|revision| revision.text()).map(str::to_owned);
        Some((located(path, text.trim()), revision))
    });
    let mut found: Vec<_> = own.into_iter().collect();
    for key in ["model", "lora"] {
        let Some(inner) = view.get(key) else { continue };
        if inner.text().is_some() {
            found.extend(parts(inner));
        } else if let Some(path) = inner.get("path").filter(|path| path.text().is_some()) {
            let revision = inner.get("revision").and_then(|revision| revision.text()).map(str::to_owned);
            found.extend(
                parts(path).into_iter().map(|(model, own)| (model, own.or_else(|| revision.clone()))),
            );
        }
    }
    found
}

/// Whether a block can be a recipe, before it is read as YAML.
fn looks_like_recipe(text: &str) -> bool {
    let has = |key: &str| {
        text.lines().any(|line| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
    };
    has("merge_method") || ((has("slices") || has("experts")) && (has("- sources") || has("- source_model")))
}

/// The fenced blocks of a Markdown text that are YAML or do not say what they are.
///
/// Rules: CommonMark 0.31, section 4.5; a fence may be indented deeper here, as in lists, and its indentation is left in place.
fn fenced(text: &str) -> impl Iterator<Item = Source<'_>> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize, bool, usize, u32)> = None;
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        let Some(mark) = content.chars().next().filter(|mark| matches!(mark, '`' | '~')) else { continue };
        let length = content.chars().take_while(|one| *one == mark).count();
        if length < 3 {
            continue;
        }
        let info = content[length..].trim();
        match open {
            None => {
                let word = info.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                let yaml = matches!(word.as_str(), "" | "yaml" | "yml");
                open = Some((mark, length, yaml, offset, index as u32 + 2));
            }
            Some((opened, least, yaml, begin, line))
                if opened == mark && length >= least && info.is_empty() =>
            {
                open = None;
                if yaml && start - begin <= BLOCK {
                    found.push(Source { text: &text[begin..start], offset: begin, line });
                }
            }
            Some(_) => {}
        }
    }
    // A last block without an end reaches to the end of the text.
    if let Some((_, _, true, begin, line)) = open
        && text.len() - begin <= BLOCK
    {
        found.push(Source { text: &text[begin..], offset: begin, line });
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn merged(reading: &Reading) -> Vec<&MergeRecipe> {
        reading
            .facts
            .iter()
            .filter_map(|fact| match &fact.kind {
                FactKind::MergeRecipe(recipe) => Some(recipe),
                _ => None,
            })
            .collect()
    }

    fn names(recipe: &MergeRecipe) -> Vec<&str> {
        recipe.models.iter().map(|model| model.value.as_str()).collect()
    }

    #[test]
    fn models_slices_and_experts_take_part() {
        let text = "merge_method: ties\nbase_model: org/base@v1\nmodels:\n  - model: org/base@v1\n  - model: a/b+c/lora\n    parameters:\n      weight: 0.5\n  - model:\n      model:\n        path: d/e\n        revision: abc\n      lora: f/g\ntokenizer_source: union\n";
        let reading = read_text("mergekit_config.yml", text);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let recipe = merged(&reading)[0];
        assert_eq!(names(recipe), ["org/base", "a/b", "c/lora", "d/e", "f/g"]);
        assert_eq!(recipe.models[1].line, 5);
        let span = recipe.models[1].span;
        assert_eq!(&text[span.start..span.start + span.len], "model: a/b+c/lora");
        assert_eq!(recipe.base.as_ref().unwrap().value, "org/base");
        assert_eq!(recipe.revisions["org/base"], "v1");
        assert_eq!(recipe.revisions["d/e"], "abc");
        assert_eq!((recipe.method.as_ref().unwrap().value.as_str(), &recipe.tokenizer), ("ties", &None));

        let slices = "slices:\n- sources:\n  - model: a/b\n    layer_range: [0, 24]\n- sources:\n  - {model: a/b, layer_range: [8, 32]}\nmerge_method: passthrough\ntokenizer:\n  source: x/y\n";
        let reading = read_text("out/mergekit_config.yaml", slices);
        let recipe = merged(&reading)[0];
        assert_eq!(recipe.slices, [("a/b".to_owned(), 0, 24), ("a/b".to_owned(), 8, 32)]);
        assert_eq!((names(recipe), recipe.tokenizer.as_ref().unwrap().value.as_str()), (vec!["a/b"], "x/y"));

        let moe = "base_model: a/b\ngate_mode: hidden\nexperts:\n  - source_model: c/d\n    positive_prompts: [x]\n  - source_model: e/f\n";
        let reading = read_text("mergekit_moe_config.yml", moe);
        let recipe = merged(&reading)[0];
        assert_eq!(names(recipe), ["c/d", "e/f", "a/b"]);
        assert_eq!(recipe.method.as_ref().unwrap().value, "moe");
    }

    #[test]
    fn stages_and_modules_are_read() {
        let stages = "name: one\nmerge_method: slerp\nmodels: [{model: a/b}, {model: c/d}]\n---\nname: two\nmerge_method: linear\nbase_model: one\nmodels: [{model: one}, {model: e/f}]\n";
        let reading = read_text("mergekit.yml", stages);
        let recipes = merged(&reading);
        assert_eq!(
            (recipes.len(), names(recipes[0]), names(recipes[1])),
            (2, vec!["a/b", "c/d"], vec!["e/f"])
        );
        assert_eq!(recipes[1].base, None);
        let modules = "merge_method: linear\nmodules:\n  text_decoder:\n    models: [{model: a/b}]\n  vision:\n    slices: [{sources: [{model: c/d, layer_range: [0, 4]}]}]\n";
        assert_eq!(names(merged(&read_text("merge_config.yaml", modules))[0]), ["a/b", "c/d"]);
        let mlx = "models:\n  - a/b\n  - c/d\nmethod: slerp\n";
        assert_eq!(names(merged(&read_text("merge-config.yaml", mlx))[0]), ["a/b", "c/d"]);
    }

    #[test]
    fn recipes_in_cards_keep_the_lines_of_the_card() {
        let card = "---\nlicense: mit\n---\n# Merge\n\n```python\nmerge_method: no\n```\n\n```yaml\nslices:\n  - sources:\n      - model: a/b\n        layer_range: [0, 32]\n      - model: c/d\n        layer_range: [0, 32]\nmerge_method: slerp\n```\ntext\n";
        let reading = read_text("README.md", card);
        let recipes = merged(&reading);
        assert_eq!((recipes.len(), names(recipes[0])), (1, vec!["a/b", "c/d"]));
        assert_eq!(recipes[0].models[0].line, 13);
        assert!(matches!(reading.facts[0].kind, FactKind::ModelCard(_)), "the card comes first");
        let other = "```yaml\nmodels:\n  - a/b\n```\n\n~~~\nmerge_method: the words of a text\n~~~\n";
        assert!(merged(&read_text("README.md", other)).is_empty());
        let open = "```\nmerge_method: dare_ties\nmodels:\n  - model: a/b\n";
        assert_eq!(merged(&read_text("README.md", open)).len(), 1);
    }

    #[test]
    fn files_of_other_programs_are_left_alone() {
        for text in ["on: push\njobs: []\n", "a: [1", "- 1\n", ""] {
            let reading = read_text("merge.yml", text);
            assert!(reading.facts.is_empty() && reading.problems.is_empty(), "{text}");
        }
        assert_eq!(read_text("mergekit_config.yml", "merge_method: slerp\n").problems.len(), 1);
    }

    #[test]
    fn hostile_recipes_are_problems() {
        let broken = read_text(
            "mergekit_config.yml",
            "merge_method: slerp\nmodels:\n  - model: a/b\n  - model: \"c/d\n",
        );
        assert_eq!(names(merged(&broken)[0]), ["a/b"]);
        assert_eq!(broken.problems.len(), 1);
        let types = "merge_method: [1]\nmodels: {a: 1}\nslices:\n  - 1\n  - sources: x\n  - sources:\n    - model: a/b\n      layer_range: [9, 2]\n    - model: 7\n      layer_range: [-1, 99999999999999999999]\n";
        let reading = read_text("mergekit_config.yml", types);
        assert_eq!((names(merged(&reading)[0]), merged(&reading)[0].slices.len()), (vec!["a/b"], 0));
        let mut bomb = String::from("merge_method: ties\na0: &a0 [a/b]\n");
        for level in 1..40 {
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9)));
        }
        bomb.push_str("models: *a39\n");
        let reading = read_text("mergekit_config.yml", &bomb);
        assert!(reading.facts.is_empty() && reading.problems.len() <= FAULTS);
        let many = format!(
            "merge_method: ties\nmodels:\n{}",
            (0..5000).map(|n| format!("  - model: a/{n}\n")).collect::<String>()
        );
        assert_eq!(merged(&read_text("mergekit_config.yml", &many))[0].models.len(), MODELS);
        let long = format!("merge_method: ties\nmodels:\n  - model: {}\n", "a+".repeat(100_000));
        assert!(merged(&read_text("mergekit_config.yml", &long)).is_empty());
        assert!(!read_bytes("mergekit_config.yml", b"merge_method: ties\0\xff\n").problems.is_empty());
        let fences = "```\n".repeat(50_001);
        assert!(merged(&read_text("README.md", &fences)).is_empty());
    }
}
