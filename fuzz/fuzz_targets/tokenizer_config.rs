//! The readers of tokenizer settings, chat templates and generation settings over bytes of strangers. The first byte picks one.
#![no_main]

use forebear_scanner::formats::{File, interest, read};
use forebear_types::fact::FactKind;
use forebear_types::{Located, RepoPath, Snapshot};
use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.json",
    "chat_template.jinja",
    "generation_config.json",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let path = RepoPath::new(name).expect("a plain name");
    let interest = interest(&path).expect("a file of interest");
    let size = bytes.len() as u64;
    let reading =
        read(File { path: &path, bytes, size, blob: None, snapshot: &Snapshot::WorkTree }, interest);
    let inside = |value: &Option<Located<String>>, text: &str| {
        value.as_ref().is_none_or(|value| {
            let lines = text.matches('\n').count() as u32 + 1;
            (1..=lines).contains(&value.line) && value.span.start + value.span.len <= text.len()
        })
    };
    for fact in &reading.facts {
        match &fact.kind {
            FactKind::TokenizerConfig(config) => {
                for value in [&config.class, &config.name_or_path, &config.bos, &config.eos, &config.pad] {
                    assert!(inside(value, &config.text), "a place in the text");
                }
                assert!(config.added.len() <= 4096);
            }
            FactKind::GenerationConfig(config) => {
                assert!(inside(&config.transformers_version, &config.text));
                assert!(config.sampling.len() <= 256);
            }
            FactKind::ChatTemplate(template) => assert!(template.line > 0),
            FactKind::Pointer(_) => {}
            other => panic!("not asked for: {other:?}"),
        }
    }
});
