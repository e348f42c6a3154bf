//! Python code that belongs to a model: whose classes it defines, what it was copied from, whose it says it is.
//!
//! The Hub loads `modeling_*.py`, `configuration_*.py` and `tokenization_*.py` of a repository (transformers
//! `dynamic_module_utils.py`); `inference/model.py` is where DeepSeek and those who follow it keep code that needs no library. The code
//! is read line by line, with its strings told apart, and never run.

use std::collections::BTreeSet;

use forebear_types::fact::{FactKind, Reading, SourceCode};
use forebear_types::{ByteSpan, Located, RepoPath};

use super::File;

/// How much of the file is kept, and how far its header may reach.
const HEAD: usize = 16 << 10;

/// Entries of each list that are kept; the longest file of transformers defines about a hundred classes.
const MOST: usize = 256;

/// Longest name of a class or module.
const NAME: usize = 256;

/// Beginnings of names of code that belongs to a model.
const PREFIXES: &[&str] = &["modeling_", "modelling_", "modular_", "configuration_", "tokenization_"];

/// Whether a file of this path and name (in lower case) is code of a model.
pub(crate) fn is_code(path: &RepoPath, name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".py") else { return false };
    PREFIXES.iter().any(|prefix| stem.starts_with(prefix))
        || (stem == "model" && path.parent().is_some_and(|folder| folder.file_name() == b"inference"))
}

/// Reads the header, the classes and the marks of copies.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else { return };
    let mut code = SourceCode::default();
    let mut seen = Seen::default();
    let mut header = None;
    let mut state = State::Code;
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let (start, number) = (offset, index as u32 + 1);
        offset += line.len();
        let before = state;
        state = after(line, state);
        let trimmed = line.trim();
        // The header: comments, blank lines and the first string, before any code.
        let open = before != State::Code || state != State::Code;
        let lead = trimmed.is_empty()
            || trimmed.starts_with('#')
            || open
            || ["\"\"\"", "'''", "r\"\"\""].iter().any(|mark| trimmed.starts_with(mark));
        if header.is_none() && !lead {
            header = Some(start);
        }
        if before != State::Code {
            continue;
        }
        let place = |value: &str| Located {
            value: value.to_owned(),
            line: number,
            span: ByteSpan { start, len: line.trim_end().len() },
        };
        if let Some(comment) = trimmed.strip_prefix('#') {
            if let Some(source) = copied(comment)
                && seen.copies.insert(module(source).to_owned())
                && code.copied_from.len() < MOST
            {
                code.copied_from.push(place(source));
            }
        } else if let Some(rest) = line.strip_prefix("class ") {
            let rest = rest.trim_start();
            let name = word(rest);
            if !name.is_empty() && code.classes.len() < MOST {
                // The class that it extends may stand on the next line.
                let behind = start + line.len() - rest.len() + name.len();
                code.classes.push((place(name), base(&text[behind..])));
            }
        } else if let Some(name) = assigned(trimmed, "model_type") {
            if seen.types.insert(name.to_owned()) && code.model_types.len() < MOST {
                code.model_types.push(place(name));
            }
        } else if let Some(module) = imported(trimmed)
            && seen.imports.insert(module.to_owned())
            && code.imports.len() < MOST
        {
            code.imports.push(place(module));
        }
    }
    let header = header.unwrap_or(text.len()).min(boundary(&text, HEAD));
    code.recognition = forebear_licenses::recognise(&text[..header]);
    code.head = text[..boundary(&text, HEAD)].into();
    reading.facts.push(file.fact(FactKind::SourceCode(code)));
}

#[derive(Default)]
struct Seen {
    copies: BTreeSet<String>,
    types: BTreeSet<String>,
    imports: BTreeSet<String>,
}

/// Whether a place lies in a string over lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    /// Between three of these quotes.
    Long(u8),
}

/// The state at the end of a line.
fn after(line: &str, mut state: State) -> State {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match state {
            State::Long(quote) => {
                if byte == b'\\' {
                    at += 1;
                } else if bytes[at..].starts_with(&[quote; 3]) {
                    state = State::Code;
                    at += 2;
                }
            }
            State::Code => match byte {
                b'#' => return state,
                b'"' | b'\'' if bytes[at..].starts_with(&[byte; 3]) => {
                    state = State::Long(byte);
                    at += 2;
                }
                b'"' | b'\'' => {
                    // To the end of the string, or of the line: a short string holds no line break.
                    at += 1;
                    while at < bytes.len() && bytes[at] != byte {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                }
                _ => {}
            },
        }
        at += 1;
    }
    state
}

/// The identifier that a text begins with, dots included.
fn word(text: &str) -> &str {
    let end =
        text.find(|one: char| !(one.is_alphanumeric() || one == '_' || one == '.')).unwrap_or(text.len());
    if end > NAME { "" } else { &text[..end] }
}

/// The first class in the parentheses behind a class's name, which may begin on a later line; empty where there is none.
fn base(tail: &str) -> String {
    let Some(inner) = tail.trim_start().strip_prefix('(') else { return String::new() };
    let inner = inner.trim_start();
    let name = word(inner);
    // `metaclass=…` is no class that is extended.
    let named = inner[name.len()..].trim_start().starts_with('=');
    if named { String::new() } else { name.rsplit('.').next().unwrap_or_default().to_owned() }
}

/// The text behind `key = "` or `key: str = "`.
fn assigned<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(key)?.trim_start();
    let rest = match rest.strip_prefix(':') {
        Some(typed) => &typed[typed.find('=')?..],
        None => rest,
    };
    let value = rest.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (inner, _) = value[1..].split_once(quote)?;
    (!inner.is_empty() && inner.len() <= NAME).then_some(inner)
}

/// What `Copied from …` or `Adapted from …` in a comment names, if that is a module.
fn copied(comment: &str) -> Option<&str> {
    let marks = ["copied from ", "adapted from ", "modified from ", "based on "];
    let lower = comment.to_ascii_lowercase();
    let at = marks.iter().find_map(|mark| Some(lower.find(mark)? + mark.len()))?;
    let source = word(comment[at..].trim_start().trim_start_matches('`')).trim_end_matches('.');
    source.contains('.').then_some(source)
}

/// The module of a copied thing: its path up to the first part that begins with a capital.
fn module(source: &str) -> &str {
    let mut end = 0;
    for part in source.split('.') {
        if part.starts_with(char::is_uppercase) {
            break;
        }
        end += part.len() + 1;
    }
    &source[..end.saturating_sub(1).min(source.len())]
}

/// The module of models or configurations that a line imports.
fn imported(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("from ").or_else(|| line.strip_prefix("import "))?;
    let module = word(rest.trim_start());
    let last = module.rsplit('.').next().unwrap_or_default();
    let of_model =
        PREFIXES.iter().any(|prefix| last.starts_with(prefix)) || module.starts_with("transformers.models.");
    of_model.then(|| module.trim_start_matches('.'))
}

/// The last character boundary at or before an offset.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn of(text: &str) -> SourceCode {
        match read_text("modeling_kaguya.py", text).facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::SourceCode(code)) => code,
            other => panic!("no code: {other:?}"),
        }
    }

    fn values(list: &[Located<String>]) -> Vec<(&str, u32)> {
        list.iter().map(|one| (one.value.as_str(), one.line)).collect()
    }

    #[test]
    fn names_decide() {
        for (path, wanted) in [
            ("modeling_deepseek.py", true),
            ("sub/configuration_x.py", true),
            ("tokenization_y.py", true),
            ("inference/model.py", true),
            ("model.py", false),
            ("modeling.py", false),
            ("modeling_x.pyc", false),
        ] {
            let path = RepoPath::new(path).unwrap();
            let name = String::from_utf8_lossy(path.file_name()).to_lowercase();
            assert_eq!(is_code(&path, &name), wanted, "{path}");
        }
    }

    #[test]
    fn classes_types_and_copies_are_read() {
        let code = of(
            "# coding=utf-8\n# Copyright 2023 DeepSeek-AI and The HuggingFace Inc. team. All rights reserved.\n#\n# Licensed under the Apache License, Version 2.0 (the \"License\");\n\"\"\" PyTorch model.\"\"\"\nimport torch\nfrom .configuration_deepseek import DeepseekV3Config\nfrom transformers.models.llama.modeling_llama import (\n    LlamaAttention,\n)\n\n# Copied from transformers.models.llama.modeling_llama.LlamaRMSNorm with Llama->DeepseekV3\nclass DeepseekV3RMSNorm(nn.Module):\n    \"\"\"\nclass Inside(str):\n    \"\"\"\n    model_type = \"deepseek_v3\"\n    # Copied from transformers.models.llama.modeling_llama.LlamaMLP\n\nclass DeepseekV3ForCausalLM(\n    DeepseekV3PreTrainedModel, GenerationMixin\n):\n    pass\nclass Plain:\n    model_type: str = 'deepseek_v3'\nclass Meta(metaclass=X): pass\n",
        );
        let classes: Vec<_> =
            code.classes.iter().map(|(name, base)| (name.value.as_str(), name.line, base.as_str())).collect();
        assert_eq!(
            classes,
            [
                ("DeepseekV3RMSNorm", 13, "Module"),
                ("DeepseekV3ForCausalLM", 20, "DeepseekV3PreTrainedModel"),
                ("Plain", 24, ""),
                ("Meta", 26, "")
            ]
        );
        assert_eq!(values(&code.model_types), [("deepseek_v3", 17)]);
        assert_eq!(
            values(&code.copied_from),
            [("transformers.models.llama.modeling_llama.LlamaRMSNorm", 12)]
        );
        assert_eq!(
            values(&code.imports),
            [("configuration_deepseek", 7), ("transformers.models.llama.modeling_llama", 8)]
        );
        assert_eq!(code.recognition.copyright[0].line, 2);
        assert!(!code.recognition.named.is_empty());
    }

    #[test]
    fn strings_hide_what_they_hold() {
        let code = of(
            "x = '''\nclass A(B): ...\n'''\ny = \"it's\"; z = '\"\"\"'\nclass C(D): pass\nw = \"\\\"\"\nclass E: pass\n",
        );
        let names: Vec<_> = code.classes.iter().map(|(name, _)| name.value.as_str()).collect();
        assert_eq!(names, ["C", "E"]);
    }

    #[test]
    fn hostile_code_is_read_within_bounds() {
        let open = of("# Copyright (c) 2024 Kaguya\n\"\"\"\nclass A: pass\n");
        assert!(open.classes.is_empty());
        assert_eq!(open.recognition.copyright.len(), 1);
        assert_eq!(of(&"class A(B): pass\n".repeat(10_000)).classes.len(), MOST);
        let long =
            format!("class {}(B): pass\n# Copied from {}\n", "A".repeat(300_000), "a.".repeat(200_000));
        let code = of(&long);
        assert!(code.classes.is_empty() && code.head.len() <= HEAD);
        for text in [
            "class",
            "class ",
            "class (",
            "class é(é",
            "class A(",
            "class A(\n",
            "model_type = \"",
            "model_type:",
            "'",
            "\\",
            "\"\\",
            "from . import x",
            "# Copied from",
            "# copied from .",
            "import ",
            "# İ copied from a.b",
        ] {
            of(text);
        }
        let wide = format!("#{}", "é".repeat(HEAD));
        assert!(of(&wide).head.len() <= HEAD);
        assert!(read_bytes("modeling_x.py", b"\0\x01\x02\xff\xfe\0\0").facts.is_empty());
        assert!(!read_bytes("modeling_x.py", b"class A: pass\n# \xff\0\n").problems.is_empty());
    }
}
