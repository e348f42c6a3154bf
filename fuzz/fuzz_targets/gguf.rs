//! The header of a GGUF file by a stranger: no panic, memory bounded by the bytes that are there, and nothing unread in silence.
#![no_main]

use forebear_scanner::source::{Memory, examine};
use forebear_types::RepoPath;
use forebear_types::fact::FactKind;
use libfuzzer_sys::fuzz_target;

/// 20 faults, the line that there are more, and what other readers say.
const MOST_PROBLEMS: usize = 32;

fuzz_target!(|bytes: &[u8]| {
    let Ok(path) = RepoPath::new("model.gguf") else { return };
    let mut memory = Memory::new();
    memory.insert(path, bytes);
    let (reading, _) = examine(&memory);
    assert!(reading.problems.len() <= MOST_PROBLEMS, "{}", reading.problems.len());
    for problem in &reading.problems {
        let place = problem.what.strip_prefix("byte ").and_then(|rest| rest.split_once(':'));
        if let Some((at, _)) = place {
            let at: usize = at.parse().expect("a number");
            // The weights begin at a multiple of the alignment, which may lie behind the end.
            assert!(at <= bytes.len() + (1 << 20), "{}", problem.what);
        }
    }
    let mut kept = 0;
    for fact in &reading.facts {
        match &fact.kind {
            FactKind::Tensors(list) => {
                assert!(
                    list.tensors.windows(2).all(|pair| pair[0].name < pair[1].name),
                    "in order, named once"
                );
                assert!(list.complete || !reading.problems.is_empty(), "an unread rest is said");
                kept += list
                    .tensors
                    .iter()
                    .map(|one| one.shape.as_ref().map_or(0, |s| s.len() * 8))
                    .sum::<usize>();
            }
            FactKind::Tokenizer(tokenizer) => {
                assert!(tokenizer.tokens.unwrap_or(0) <= bytes.len() as u64, "a token takes bytes");
                kept += tokenizer.added.len() * 8;
            }
            FactKind::ChatTemplate(template) => kept += template.template.len() / 3,
            FactKind::Gguf(gguf) => {
                assert!((1..=3).contains(&gguf.version));
                let texts = [&gguf.architecture, &gguf.name, &gguf.license, &gguf.source_repo_url];
                // Broken UTF-8 grows when it is replaced.
                kept += texts.into_iter().flatten().map(|text| text.len() / 3).sum::<usize>();
            }
            _ => {}
        }
    }
    assert!(kept <= bytes.len(), "{kept} kept of {}", bytes.len());
});
