//! Chat templates: Jinja that turns a conversation into the text that a model was trained on.
//!
//! Source of the names: huggingface/transformers, `tokenization_utils_base.py` and `processing_utils.py`: `chat_template.jinja`,
//! `additional_chat_templates/*.jinja`, `chat_template.json`, and `chat_template` in `tokenizer_config.json`. Older tools write
//! `chat_templates/*.jinja`.

use forebear_types::fact::{ChatTemplate, FactKind, ProblemKind, Reading};
use forebear_types::{RepoPath, Sha256};
use sha2::Digest;

use super::File;
use super::json::View;

/// The most bytes that are read. The longest template seen has 30 KB.
pub(crate) const BUDGET: u64 = 1 << 20;

/// Most templates that one file gives.
const TEMPLATES: usize = 64;

/// Whether a path, whose name in lower case is `name`, is that of a template.
pub(crate) fn is_template(path: &RepoPath, name: &str) -> bool {
    if matches!(name, "chat_template.jinja" | "chat_template.json" | "chat_template.jinja2") {
        return true;
    }
    let folder = path.parent();
    let folder = folder.as_ref().map_or(&b""[..], |folder| folder.file_name());
    name.ends_with(".jinja") && matches!(folder, b"chat_templates" | b"additional_chat_templates")
}

/// Reads a file of its own.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let name = file.path.file_name();
    if name.to_ascii_lowercase().ends_with(b".json") {
        let remedy = "take the template from its publisher again";
        let Some((_, json)) = file.object(&mut reading.problems, remedy) else { return };
        let template = json.root().and_then(|root| root.get("chat_template"));
        match template {
            Some(template) => from_json(file, template, reading),
            None if reading.problems.is_empty() => {
                let what = "the file has no `chat_template`".to_owned();
                reading.problems.push(file.problem(ProblemKind::Malformed, what, remedy));
            }
            None => {}
        }
        return;
    }
    let Some(text) = file.text(&mut reading.problems) else { return };
    let name = (!name.to_ascii_lowercase().starts_with(b"chat_template."))
        .then(|| String::from_utf8_lossy(name.strip_suffix(b".jinja").unwrap_or(name)).into_owned());
    push(file, &text, 1, name, reading);
}

/// Reads the value of `chat_template`: a text, or a list of `{name, template}`.
pub(crate) fn from_json(file: File<'_>, value: View<'_>, reading: &mut Reading) {
    if let Some(text) = value.text() {
        push(file, text, value.line(), None, reading);
        return;
    }
    let mut broken = value.is_object() || value.number().is_some() || value.flag().is_some();
    for item in value.items().take(TEMPLATES) {
        let text = |key: &str| item.get(key).and_then(|view| view.text());
        match text("template") {
            Some(template) => {
                push(file, template, value.line(), text("name").map(str::to_owned), reading);
            }
            None => broken = true,
        }
    }
    if broken {
        let what = "`chat_template` is neither a text nor a list of names and templates".to_owned();
        let remedy = "take the template from its publisher again; what could be read was used";
        let problem = file.problem(ProblemKind::Malformed, what, remedy);
        reading.problems.push(forebear_types::fact::Problem { line: Some(value.line()), ..problem });
    }
}

fn push(file: File<'_>, template: &str, line: u32, name: Option<String>, reading: &mut Reading) {
    let digest = Sha256(sha2::Sha256::digest(template.as_bytes()).into());
    let template = ChatTemplate { template: template.into(), digest, line, name };
    reading.facts.push(file.fact(FactKind::ChatTemplate(template)));
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn template(reading: &Reading) -> &ChatTemplate {
        match reading.facts.first().map(|fact| &fact.kind) {
            Some(FactKind::ChatTemplate(template)) => template,
            other => panic!("no template: {other:?}"),
        }
    }

    #[test]
    fn a_template_has_one_digest_wherever_it_stands() {
        let alone = read_text("chat_template.jinja", "{{ bos_token }}");
        let processor = read_text("chat_template.json", "{\"chat_template\":\n\"{{ bos_token }}\"}");
        assert_eq!(template(&alone).digest, template(&processor).digest);
        assert_eq!(template(&alone).name, None);
        let more = read_text("additional_chat_templates/tool_use.jinja", "{{ tools }}");
        assert_eq!(template(&more).name.as_deref(), Some("tool_use"));
    }

    #[test]
    fn files_without_a_template_are_problems() {
        for text in ["{}", "[]", "{\"chat_template\": 1}", "{\"chat_template\": ", "nothing"] {
            let reading = read_text("chat_template.json", text);
            assert_eq!((reading.facts.len(), reading.problems.len()), (0, 1), "{text}");
        }
        let binary = read_bytes("chat_template.jinja", b"\x7fELF\x02\x01\x01\0\0\0\0\0\xff\xfe\xfd");
        assert_eq!((binary.facts.len(), binary.problems.len()), (0, 1));
    }
}
