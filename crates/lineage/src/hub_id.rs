//! What people write where an id is wanted: ids, addresses, local paths.

use forebear_types::ModelId;

use crate::catalog::Catalog;

/// What a text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// An id on the Hub.
    Id(ModelId),
    /// A path on somebody's machine, or something that is no id.
    Local(String),
}

/// First parts of two-part paths that are folders, not organisations.
const FOLDERS: &[&str] = &[
    "models", "model", "checkpoints", "checkpoint", "output", "outputs", "data", "tmp", "mnt", "workspace",
    "results", "ckpt", "ckpts", "weights", "pretrained", "pretrained_models", "saves", "runs", "cache",
    "content", "root",
];

/// First parts of addresses on the Hub that lead to something other than a model.
const NOT_MODELS: &[&str] = &["datasets", "spaces", "collections", "papers", "docs", "blog"];

/// Addresses of the Hub, without the scheme.
const HOSTS: &[&str] = &["huggingface.co/", "www.huggingface.co/", "hf.co/"];

/// Reads an id. The catalog's spelling is used where it knows the model.
pub(crate) fn parse(catalog: &Catalog, text: &str) -> Named {
    let text = text.trim().trim_end_matches('/');
    if let Some(model) = catalog.find(text) {
        return Named::Id(ModelId::from(model.id));
    }
    let path = without_address(text);
    let is_url = path.len() != text.len();
    let mut parts = path.split('/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let local = text.starts_with(['.', '/', '~', '\\'])
        || text.contains('\\')
        || text.as_bytes().get(1) == Some(&b':')
        || third.is_some()
        || (is_url && NOT_MODELS.contains(&first))
        || (!is_url && FOLDERS.contains(&first.to_ascii_lowercase().as_str()));
    match second {
        Some(name) if !local && valid(first) && valid(name) => {
            Named::Id(ModelId::new(format!("{first}/{name}")))
        }
        _ => Named::Local(text.to_owned()),
    }
}

/// What follows the Hub's host in an address, cut to organisation and name; any other text without slashes at its end.
pub(crate) fn without_address(text: &str) -> &str {
    let text = text.trim().trim_end_matches('/');
    let bare = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    let Some(path) = HOSTS.iter().find_map(|host| bare.strip_prefix(host)) else {
        return ["/tree/main", "/blob/main", "/resolve/main"]
            .iter()
            .find_map(|suffix| text.strip_suffix(suffix))
            .unwrap_or(text);
    };
    let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches('/');
    let path = path.strip_prefix("models/").unwrap_or(path);
    path.match_indices('/').nth(1).map_or(path, |(at, _)| &path[..at])
}

fn valid(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_paths() {
        for (text, id) in [
            ("deepseek-ai/deepseek-v3", "deepseek-ai/DeepSeek-V3"),
            ("https://huggingface.co/Qwen/Qwen2.5-7B/tree/main", "Qwen/Qwen2.5-7B"),
            ("hf.co/some/model/", "some/model"),
            ("some-one/model.v2", "some-one/model.v2"),
            ("https://huggingface.co/some/model/blob/main/README.md", "some/model"),
            ("deepseek-ai/DeepSeek-V3/tree/main", "deepseek-ai/DeepSeek-V3"),
        ] {
            assert_eq!(parse(&Catalog::embedded(), text), Named::Id(ModelId::from(id)), "{text}");
        }
        for text in [
            "./output-32b/merged",
            "/data/models/llama",
            "C:\\models\\x",
            "checkpoints/final",
            "merged",
            "a b/c",
            "x/y/z",
            "https://example.com/org/name",
            "https://huggingface.co/datasets/org/name",
            "https://huggingface.co/spaces/org/name",
            "https://huggingface.co/",
            "Modèle/é",
            "",
        ] {
            assert!(matches!(parse(&Catalog::embedded(), text), Named::Local(_)), "{text}");
        }
    }
}
