//! What must hold of the facts and problems of any file: shared by the targets that read files.

use forebear_scanner::source::{Memory, examine};
use forebear_types::fact::{Fact, FactKind, Reading};
use forebear_types::{Located, RepoPath};

/// Reads a file as the program does, twice, and checks what is said of it.
pub fn examined(path: &str, bytes: &[u8]) -> Reading {
    let mut memory = Memory::new();
    memory.insert(RepoPath::new(path).expect("a path of ours"), bytes);
    let (reading, _) = examine(&memory);
    assert_eq!(examine(&memory).0, reading, "the same file gives the same facts");
    for problem in &reading.problems {
        assert!(!problem.what.is_empty() && !problem.remedy.is_empty(), "{problem:?}");
        assert!(problem.line.is_none_or(|line| line >= 1), "{problem:?}");
    }
    assert!(reading.problems.len() <= 64, "a broken file is a few problems: {}", reading.problems.len());
    reading.facts.iter().for_each(hold);
    reading
}

fn hold(fact: &Fact) {
    let text = fact.text().unwrap_or_default();
    let lines = text.split('\n').count() as u32;
    let inside = |line: u32, start: usize, len: usize| {
        assert!(1 <= line && line <= lines, "line {line} of {lines}");
        assert!(text.get(start..start + len).is_some(), "{start}+{len} of {}", text.len());
    };
    let place = |one: &Located<String>| inside(one.line, one.span.start, one.span.len);
    match &fact.kind {
        FactKind::AdapterConfig(adapter) => {
            for one in [&adapter.base_model, &adapter.revision, &adapter.peft_type, &adapter.base_class] {
                one.iter().for_each(place);
            }
            adapter.target_modules.iter().for_each(place);
            assert!(adapter.target_modules.len() <= 256);
        }
        FactKind::MergeRecipe(recipe) => {
            recipe
                .models
                .iter()
                .chain(&recipe.base)
                .chain(&recipe.method)
                .chain(&recipe.tokenizer)
                .for_each(place);
            assert!(!recipe.models.is_empty() && recipe.models.len() <= 256 && recipe.slices.len() <= 2048);
            assert!(recipe.slices.iter().all(|(_, first, behind)| first <= behind));
        }
        FactKind::Quantisation(config) => {
            config
                .method
                .iter()
                .chain(&config.model)
                .chain(&config.format)
                .chain(&config.tool)
                .for_each(place);
            if let Some(bits) = &config.bits {
                inside(bits.line, bits.span.start, bits.span.len);
                assert!((1..=64).contains(&bits.value));
            }
        }
        FactKind::Pipeline(pipeline) => {
            pipeline.class.iter().chain(&pipeline.name_or_path).for_each(place);
            assert!(pipeline.parts.len() <= 256);
            pipeline.parts.iter().for_each(|part| inside(part.line, 0, 0));
        }
        FactKind::Modelfile(file) => {
            file.from.iter().chain(&file.adapters).for_each(place);
            for license in &file.recognition.licenses {
                inside(license.lines.last, 0, 0);
            }
        }
        FactKind::ModelConfig(config) => {
            config.architectures.iter().chain(&config.model_type).chain(&config.name_or_path).for_each(place);
            config.quantisation.iter().chain(&config.activation).for_each(place);
            for value in config.fields.values() {
                inside(value.line, value.span.start, value.span.len);
            }
        }
        FactKind::SourceCode(code) => {
            assert!(code.head.len() <= 16 << 10);
            for one in code.classes.iter().map(|(name, _)| name).chain(&code.model_types).chain(&code.imports)
            {
                assert!(one.line >= 1 && !one.value.is_empty());
            }
            for line in &code.recognition.copyright {
                inside(line.line, 0, 0);
            }
        }
        _ => {}
    }
}
