//! `generation_config.json`, as the transformers library writes it.
//!
//! Source of the keys: huggingface/transformers, `generation/configuration_utils.py`.

use std::collections::BTreeMap;

use forebear_types::Located;
use forebear_types::fact::{FactKind, GenerationConfig, Reading};

use super::json::View;
use super::{File, located_text};

/// The most bytes that are read.
pub(crate) const BUDGET: u64 = 1 << 20;

/// Most settings that are kept: four times those that the library has.
const SETTINGS: usize = 256;

/// Reads ids of tokens and settings.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let remedy = "write the file again, or take it from the publisher of the base";
    let Some((text, json)) = file.object(&mut reading.problems, remedy) else { return };
    let Some(root) = json.root() else { return };
    let ids = |key: &str| root.get(key).map_or_else(Vec::new, ids);
    let mut sampling = BTreeMap::new();
    for (key, view) in root.members() {
        let other = key.ends_with("_token_id") || key.starts_with('_') || key == "transformers_version";
        if !other && let Some(value) = scalar(view) {
            sampling.insert(key.to_owned(), Located { value, line: view.line(), span: view.span() });
        }
    }
    let config = GenerationConfig {
        bos: ids("bos_token_id"),
        eos: ids("eos_token_id"),
        pad: ids("pad_token_id"),
        sampling: sampling.into_iter().take(SETTINGS).collect(),
        transformers_version: root.get("transformers_version").and_then(located_text),
        text,
    };
    reading.facts.push(file.fact(FactKind::GenerationConfig(config)));
}

fn ids(view: View<'_>) -> Vec<i64> {
    let one = view.number().and_then(|number| number.parse().ok());
    one.into_iter().chain(view.items().filter_map(|item| item.number()?.parse().ok())).collect()
}

fn scalar(view: View<'_>) -> Option<String> {
    let flag = |flag: bool| flag.to_string();
    view.number().or_else(|| view.text()).map(str::to_owned).or_else(|| view.flag().map(flag))
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_text;
    use super::*;

    #[test]
    fn ids_are_one_or_several_and_settings_stand_as_written() {
        let text = "{\n\"bos_token_id\": 128000,\n\"eos_token_id\": [128001, 128009],\n\"pad_token_id\": null,\n\
            \"top_p\": 0.90,\n\"do_sample\": true,\n\"_from_model_config\": true,\n\"transformers_version\": \"4.42.3\"\n}";
        let reading = read_text("generation_config.json", text);
        let FactKind::GenerationConfig(config) = &reading.facts[0].kind else { panic!("no configuration") };
        assert_eq!(
            (&config.bos[..], &config.eos[..], &config.pad[..]),
            (&[128_000][..], &[128_001, 128_009][..], &[][..])
        );
        let sampling: Vec<_> = config
            .sampling
            .iter()
            .map(|(key, value)| (key.as_str(), value.value.as_str(), value.line))
            .collect();
        assert_eq!(sampling, [("do_sample", "true", 6), ("top_p", "0.90", 5)]);
        assert_eq!(config.transformers_version.as_ref().unwrap().value, "4.42.3");
    }

    #[test]
    fn a_broken_file_keeps_what_came_before() {
        let reading = read_text("generation_config.json", "{\"eos_token_id\": 2,\n\"top_k\": ");
        assert_eq!((reading.facts.len(), reading.problems.len()), (1, 1));
        assert!(read_text("generation_config.json", "7").facts.is_empty());
    }
}
