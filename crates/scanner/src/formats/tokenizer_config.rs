//! `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`, as the transformers library writes them.
//!
//! Source of the keys: huggingface/transformers, `tokenization_utils_base.py`. A token is a text or an object with `content`;
//! `chat_template` is a text, or a list of `{name, template}`. `added_tokens.json` has nothing but tokens and their ids.

use forebear_types::Located;
use forebear_types::fact::{AddedToken, FactKind, Reading, TokenizerConfig};

use super::json::View;
use super::{File, chat_template, located_text};

/// The most bytes that are read. With every added token listed, the largest one seen has 1.2 MB.
pub(crate) const BUDGET: u64 = 16 << 20;

/// Most added tokens that a fact holds.
const ADDED: usize = 4096;

/// The file that slow tokenizers keep their added tokens in.
const ADDED_TOKENS: &str = "added_tokens.json";

/// Whether a name in lower case is one of the three.
pub(crate) fn is_config(name: &str) -> bool {
    matches!(name, "tokenizer_config.json" | "special_tokens_map.json" | ADDED_TOKENS)
}

/// Reads the settings, and the chat templates among them.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let remedy = "take the tokenizer's files from its publisher again";
    let Some((text, json)) = file.object(&mut reading.problems, remedy) else { return };
    let Some(root) = json.root() else { return };
    let written = |key: &str| {
        root.get(key).and_then(located_text).filter(|value: &Located<String>| !value.value.trim().is_empty())
    };
    let mut added: Vec<AddedToken> = root.get("added_tokens_decoder").map_or_else(Vec::new, |tokens| {
        tokens.members().filter_map(|(id, token)| added_token(id.parse().ok(), token)).collect()
    });
    if let Some(tokens) = root.get("additional_special_tokens") {
        let known = added.clone();
        added.extend(tokens.items().filter_map(content).filter_map(|token| {
            let known = known.iter().any(|one| one.text == token.value);
            (!known).then_some(AddedToken { id: None, text: token.value, special: true })
        }));
    }
    if file.path.file_name().eq_ignore_ascii_case(ADDED_TOKENS.as_bytes()) {
        added.extend(root.members().filter_map(|(token, id)| {
            let id: u64 = id.number()?.parse().ok()?;
            Some(AddedToken { id: Some(id), text: token.to_owned(), special: false })
        }));
    }
    // Those without an id, in the order of the file, come last.
    added.sort_by_key(|token| token.id.unwrap_or(u64::MAX));
    added.truncate(ADDED);
    let config = TokenizerConfig {
        class: written("tokenizer_class"),
        name_or_path: written("name_or_path"),
        bos: root.get("bos_token").and_then(content),
        eos: root.get("eos_token").and_then(content),
        pad: root.get("pad_token").and_then(content),
        added,
        text,
    };
    reading.facts.push(file.fact(FactKind::TokenizerConfig(config)));
    if let Some(template) = root.get("chat_template") {
        chat_template::from_json(file, template, reading);
    }
}

fn added_token(id: Option<u64>, token: View<'_>) -> Option<AddedToken> {
    let text = content(token)?.value;
    let special = token.get("special").and_then(|special| special.flag()).unwrap_or(false);
    Some(AddedToken { id, text, special })
}

/// A token as text, or the `content` of an object.
fn content(token: View<'_>) -> Option<Located<String>> {
    located_text(token).or_else(|| {
        let content = token.get("content")?;
        let value = content.text()?.to_owned();
        Some(Located { value, line: token.line(), span: token.span() })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_text;
    use super::*;

    fn config_of(name: &str, text: &str) -> TokenizerConfig {
        let reading = read_text(name, text);
        assert_eq!(reading.problems, []);
        match reading.facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::TokenizerConfig(config)) => config,
            other => panic!("no configuration: {other:?}"),
        }
    }

    #[test]
    fn tokens_are_texts_or_objects() {
        let text = "{\n\"bos_token\": {\"content\": \"<s>\", \"lstrip\": false},\n\"eos_token\": \"</s>\",\n\"pad_token\": null,\n\
            \"tokenizer_class\": \"LlamaTokenizer\", \"name_or_path\": \"NousResearch/Llama-2-7b-hf\",\n\
            \"added_tokens_decoder\": {\"32000\": {\"content\": \"<|end|>\", \"special\": true}, \"2\": {\"content\": \"</s>\"}},\n\
            \"additional_special_tokens\": [\"<|end|>\", {\"content\": \"<|new|>\"}]}";
        let config = config_of("tokenizer_config.json", text);
        assert_eq!(config.bos.map(|token| (token.value, token.line)), Some(("<s>".to_owned(), 2)));
        assert_eq!(config.eos.unwrap().value, "</s>");
        assert_eq!(config.pad, None);
        assert_eq!(config.class.unwrap().value, "LlamaTokenizer");
        assert_eq!(config.name_or_path.unwrap().line, 5);
        let added: Vec<_> =
            config.added.iter().map(|token| (token.id, token.text.as_str(), token.special)).collect();
        assert_eq!(
            added,
            [(Some(2), "</s>", false), (Some(32000), "<|end|>", true), (None, "<|new|>", true)]
        );
        let map = config_of("special_tokens_map.json", r#"{"bos_token": "<|begin_of_text|>"}"#);
        assert_eq!(map.bos.unwrap().value, "<|begin_of_text|>");
    }

    #[test]
    fn added_tokens_stand_in_a_file_of_their_own() {
        let config = config_of(
            "added_tokens.json",
            r#"{"<|im_end|>": 151645, "<|im_start|>": 151644, "x": "y", "z": -1}"#,
        );
        let added: Vec<_> = config.added.iter().map(|token| (token.id, token.text.as_str())).collect();
        assert_eq!(added, [(Some(151_644), "<|im_start|>"), (Some(151_645), "<|im_end|>")]);
    }

    #[test]
    fn templates_are_facts_of_their_own() {
        let one = read_text("tokenizer_config.json", "{\n\"chat_template\": \"{{ messages }}\"}");
        let FactKind::ChatTemplate(template) = &one.facts[1].kind else { panic!("no template") };
        assert_eq!((&*template.template, template.line, &template.name), ("{{ messages }}", 2, &None));
        let list = r#"{"chat_template": [{"name": "default", "template": "a"}, {"name": "rag", "template": "b"}, 3]}"#;
        let several = read_text("tokenizer_config.json", list);
        let names: Vec<_> = several
            .facts
            .iter()
            .filter_map(|fact| match &fact.kind {
                FactKind::ChatTemplate(template) => template.name.clone(),
                _ => None,
            })
            .collect();
        assert_eq!(names, ["default", "rag"]);
        assert_eq!(several.problems.len(), 1, "3 is no template");
    }

    #[test]
    fn what_is_broken_is_a_problem_and_hides_nothing() {
        let cut = read_text("tokenizer_config.json", "{\"bos_token\": \"<s>\",\n\"chat_template\": \"{{");
        assert_eq!((cut.facts.len(), cut.problems.len()), (1, 1));
        assert_eq!(cut.problems[0].line, Some(2));
        let odd = read_text(
            "tokenizer_config.json",
            r#"{"bos_token": 1, "added_tokens_decoder": {"-1": {"content": "a"}, "x": 3}, "chat_template": {"a": 1}}"#,
        );
        let FactKind::TokenizerConfig(config) = &odd.facts[0].kind else { panic!("no configuration") };
        assert_eq!((config.bos.as_ref(), config.added.len(), config.added[0].id), (None, 1, None));
        assert_eq!(odd.problems.len(), 1, "an object is no template");
    }
}
