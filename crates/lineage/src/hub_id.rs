//! What people write where an id is wanted: ids, addresses, local paths.

use forebear_types::ModelId;

use crate::catalog;

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
    "models",
    "model",
    "checkpoints",
    "checkpoint",
    "output",
    "outputs",
    "data",
    "tmp",
    "mnt",
    "workspace",
    "results",
    "ckpt",
    "ckpts",
    "weights",
    "pretrained",
    "pretrained_models",
    "saves",
    "runs",
    "cache",
    "content",
    "root",
];

/// Reads an id. The catalog's spelling is used where it knows the model.
pub(crate) fn parse(text: &str) -> Named {
    let text = text.trim().trim_end_matches('/');
    let bare = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    let path =
        ["huggingface.co/", "www.huggingface.co/", "hf.co/"].iter().find_map(|host| bare.strip_prefix(host));
    let is_url = path.is_some();
    let path = path.unwrap_or(bare).trim_start_matches("models/");
    let path = if is_url { path } else { text };
    let mut parts = path.split('/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if let Some(model) = catalog::find(path) {
        return Named::Id(ModelId::from(model.id));
    }
    let local = text.starts_with(['.', '/', '~', '\\'])
        || text.contains('\\')
        || text.as_bytes().get(1) == Some(&b':')
        || (!is_url && (third.is_some() || FOLDERS.contains(&first.to_ascii_lowercase().as_str())));
    match second {
        Some(name) if !local && valid(first) && valid(name) => {
            let id = format!("{first}/{name}");
            Named::Id(catalog::find(&id).map_or_else(|| ModelId::new(id), |model| ModelId::from(model.id)))
        }
        _ => Named::Local(text.to_owned()),
    }
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
        ] {
            assert_eq!(parse(text), Named::Id(ModelId::from(id)), "{text}");
        }
        for text in [
            "./output-32b/merged",
            "/data/models/llama",
            "C:\\models\\x",
            "checkpoints/final",
            "merged",
            "a b/c",
            "x/y/z",
            "",
        ] {
            assert!(matches!(parse(text), Named::Local(_)), "{text}");
        }
    }
}
