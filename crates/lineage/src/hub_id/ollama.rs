//! Names in the library of Ollama, as a `Modelfile` has them: `llama3.1:8b-instruct-q4_K_M`.
//!
//! Sources: the table "Model library" in README.md of ollama/ollama v0.9.4 for names and sizes; the Qwen documentation,
//! "Run locally, Ollama", for what they hold: tags without a suffix are the instruction-tuned models. Names whose content changed
//! over time (`mistral`, `qwq`, `deepseek-r1:8b`, the sizes of `qwen3` that were renewed) are left out: a tag does not tell the day.

use crate::catalog::{Catalog, Model};

/// Name in the library, and the models by size; the first is the one that the name without a tag stands for.
const LIBRARY: &[(&str, &[(&str, &str)])] = &[
    (
        "codellama",
        &[
            ("7b", "codellama/CodeLlama-7b-Instruct-hf"),
            ("13b", "codellama/CodeLlama-13b-Instruct-hf"),
            ("34b", "codellama/CodeLlama-34b-Instruct-hf"),
            ("70b", "codellama/CodeLlama-70b-Instruct-hf"),
        ],
    ),
    (
        "gemma2",
        &[("9b", "google/gemma-2-9b-it"), ("2b", "google/gemma-2-2b-it"), ("27b", "google/gemma-2-27b-it")],
    ),
    (
        "gemma3",
        &[("4b", "google/gemma-3-4b-it"), ("12b", "google/gemma-3-12b-it"), ("27b", "google/gemma-3-27b-it")],
    ),
    ("gpt-oss", &[("20b", "openai/gpt-oss-20b"), ("120b", "openai/gpt-oss-120b")]),
    (
        "llama2",
        &[
            ("7b", "meta-llama/Llama-2-7b-chat-hf"),
            ("13b", "meta-llama/Llama-2-13b-chat-hf"),
            ("70b", "meta-llama/Llama-2-70b-chat-hf"),
        ],
    ),
    (
        "llama3",
        &[("8b", "meta-llama/Meta-Llama-3-8B-Instruct"), ("70b", "meta-llama/Meta-Llama-3-70B-Instruct")],
    ),
    (
        "llama3.1",
        &[
            ("8b", "meta-llama/Llama-3.1-8B-Instruct"),
            ("70b", "meta-llama/Llama-3.1-70B-Instruct"),
            ("405b", "meta-llama/Llama-3.1-405B-Instruct"),
        ],
    ),
    ("llama3.2", &[("3b", "meta-llama/Llama-3.2-3B-Instruct"), ("1b", "meta-llama/Llama-3.2-1B-Instruct")]),
    (
        "llama3.2-vision",
        &[
            ("11b", "meta-llama/Llama-3.2-11B-Vision-Instruct"),
            ("90b", "meta-llama/Llama-3.2-90B-Vision-Instruct"),
        ],
    ),
    ("llama3.3", &[("70b", "meta-llama/Llama-3.3-70B-Instruct")]),
    ("phi4", &[("14b", "microsoft/phi-4")]),
    ("phi4-mini", &[("3.8b", "microsoft/Phi-4-mini-instruct")]),
    (
        "qwen2",
        &[
            ("7b", "Qwen/Qwen2-7B-Instruct"),
            ("0.5b", "Qwen/Qwen2-0.5B-Instruct"),
            ("1.5b", "Qwen/Qwen2-1.5B-Instruct"),
            ("72b", "Qwen/Qwen2-72B-Instruct"),
        ],
    ),
    (
        "qwen2.5",
        &[
            ("7b", "Qwen/Qwen2.5-7B-Instruct"),
            ("0.5b", "Qwen/Qwen2.5-0.5B-Instruct"),
            ("1.5b", "Qwen/Qwen2.5-1.5B-Instruct"),
            ("3b", "Qwen/Qwen2.5-3B-Instruct"),
            ("14b", "Qwen/Qwen2.5-14B-Instruct"),
            ("32b", "Qwen/Qwen2.5-32B-Instruct"),
            ("72b", "Qwen/Qwen2.5-72B-Instruct"),
        ],
    ),
];

/// Words in a tag that name another model than the size alone does.
const OTHERS: &[&str] = &["text", "base", "code", "python"];

/// The model that a name in the library stands for, tag and registry included; `None` where the table has none.
pub(crate) fn library_model(catalog: &Catalog, text: &str) -> Option<&'static Model> {
    let name = text.trim().to_ascii_lowercase();
    let name = name.strip_prefix("registry.ollama.ai/").unwrap_or(&name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let (name, tag) = name.split_once(':').unwrap_or((name, "latest"));
    let (_, sizes) = LIBRARY.iter().find(|(known, _)| *known == name)?;
    let mut words = tag.split('-');
    let size = words.next()?;
    if words.any(|word| OTHERS.contains(&word)) {
        return None;
    }
    let (_, id) = match size {
        "latest" => sizes.first(),
        size => sizes.iter().find(|(known, _)| *known == size),
    }?;
    catalog.find(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_library_lead_to_models_of_the_catalog() {
        let catalog = Catalog::embedded();
        for (name, sizes) in LIBRARY {
            for (size, id) in *sizes {
                let found = library_model(&catalog, &format!("{name}:{size}"));
                assert_eq!(found.map(|model| model.id), Some(*id), "{name}:{size}");
            }
        }
        for (text, id) in [
            ("llama3.1", Some("meta-llama/Llama-3.1-8B-Instruct")),
            (
                "registry.ollama.ai/library/llama3.1:70b-instruct-q4_K_M",
                Some("meta-llama/Llama-3.1-70B-Instruct"),
            ),
            ("Qwen2.5:latest", Some("Qwen/Qwen2.5-7B-Instruct")),
            ("llama2:7b-text", None),
            ("llama3.1:9b", None),
            ("mistral", None),
            ("somebody/llama3.1", None),
            ("./llama3.1", None),
            ("", None),
        ] {
            assert_eq!(library_model(&catalog, text).map(|model| model.id), id, "{text}");
        }
    }
}
