//! What people write where an id is wanted: ids, addresses, paths of caches, local paths, names of copies.

mod copies;
mod ollama;

use forebear_types::ModelId;

use crate::catalog::{Catalog, Model};

pub(crate) use copies::{Copier, Upstream, upstream};
pub(crate) use ollama::library_model;

/// What a text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// An id on the Hub.
    Id(ModelId),
    /// A path on somebody's machine, or something that is no id.
    Local(String),
}

/// What a text stands for, with the revision that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) named: Named,
    /// A commit, tag or branch other than `main`.
    pub(crate) revision: Option<String>,
    /// Whether the id was taken from a path in a cache of the Hub's library: what lies there was fetched under that id.
    pub(crate) cached: bool,
}

/// First parts of two-part paths that are folders, not organisations.
const FOLDERS: &[&str] = &[
    "models", "model", "checkpoints", "checkpoint", "output", "outputs", "data", "tmp", "mnt", "workspace",
    "results", "ckpt", "ckpts", "weights", "pretrained", "pretrained_models", "saves", "runs", "cache",
    "content", "root",
];

/// First parts of addresses on the Hub that lead to something other than a model.
const NOT_MODELS: &[&str] = &["datasets", "spaces", "collections", "papers", "docs", "blog"];

/// Addresses of the Hub, without the scheme, and of a mirror that shows the same repositories.
const HOSTS: &[&str] = &["huggingface.co/", "www.huggingface.co/", "hf.co/", "hf-mirror.com/"];

/// Schemes of addresses; `hf://` is that of the Hub's own libraries and names no host.
const SCHEMES: &[&str] = &["https://", "http://"];

/// What stands between the name of a repository and a revision in an address on the Hub.
const VIEWS: &[&str] = &["tree", "blob", "resolve", "raw", "commit"];

/// Organisations that were renamed with all their repositories: the Hub leads from the old name to the new one. The catalog has
/// the names that its sources use, which may be either.
///
/// Sources: xorbitsai/inference pull request 3870 of 2025-07-30; vllm-project/vllm pull request 30147 of 2025-12-05.
const RENAMED: &[[&str; 2]] = &[["THUDM", "zai-org"], ["CohereForAI", "CohereLabs"]];

/// Reads an id. The catalog's spelling is used where it knows the model.
pub(crate) fn parse(catalog: &Catalog, text: &str) -> Named {
    read(catalog, text).named
}

/// Reads an id with what stands around it.
pub(crate) fn read(catalog: &Catalog, text: &str) -> Reference {
    let text = text.trim().trim_end_matches('/');
    if let Some(model) = catalog.find(text) {
        let named = Named::Id(ModelId::from(model.id));
        return Reference { named, revision: revision(text), cached: false };
    }
    if let Some((id, revision)) = from_cache(text) {
        return Reference { named: Named::Id(known_or_as_written(catalog, id)), revision, cached: true };
    }
    let path = without_address(text);
    let is_url = SCHEMES.iter().any(|scheme| text.starts_with(scheme)) || host(text).is_some();
    let path = path.split('@').next().unwrap_or(path);
    // Tags of quantisations behind the name, as Ollama takes them: `hf.co/org/name:Q4_K_M`.
    let path = if host(text).is_some() { path.split(':').next().unwrap_or(path) } else { path };
    let mut parts = path.split('/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let local = text.starts_with(['.', '/', '~', '\\'])
        || text.contains('\\')
        || text.as_bytes().get(1) == Some(&b':')
        || third.is_some()
        || (is_url && (host(text).is_none() || NOT_MODELS.contains(&first)))
        || (!is_url && FOLDERS.contains(&first.to_ascii_lowercase().as_str()));
    match second {
        Some(name) if !local && valid(first) && valid(name) => Reference {
            named: Named::Id(known_or_as_written(catalog, format!("{first}/{name}"))),
            revision: revision(text),
            cached: false,
        },
        _ => Reference { named: Named::Local(text.to_owned()), revision: None, cached: false },
    }
}

/// Whether a text is an address on the Hub (`hf.co/org/name`), with or without a scheme.
pub(crate) fn is_address(text: &str) -> bool {
    host(text.trim()).is_some()
}

/// The model that the end of a local path names: `…/organisation/name` if the catalog has that id, else the last part if it is
/// the name of one model, or of a copy of one. Other people's folders: a hint.
pub(crate) fn at_end_of_path(catalog: &Catalog, text: &str) -> Option<&'static Model> {
    // The cache of ModelScope writes `.` in names as `___`.
    let text = text.trim().replace("___", ".");
    let mut parts = text.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let mut last = parts.next()?;
    let mut before = parts.next();
    // Training writes into folders below the one that bears the name.
    while last.starts_with("checkpoint-") || ["merged", "final", "latest"].contains(&last) {
        (last, before) = (before?, parts.next());
    }
    before
        .and_then(|organisation| catalog.find(&format!("{organisation}/{last}")))
        .or_else(|| catalog.find_by_name(last))
        .or_else(|| copies::by_name(catalog, last))
}

/// The id as the catalog has it: under its own name, an alias, or the other name of a renamed organisation.
fn known_or_as_written(catalog: &Catalog, id: String) -> ModelId {
    if let Some(model) = catalog.find(&id) {
        return ModelId::from(model.id);
    }
    let Some((organisation, name)) = id.split_once('/') else { return ModelId::new(id) };
    let other = RENAMED.iter().find_map(|names| {
        let at = names.iter().position(|known| known.eq_ignore_ascii_case(organisation))?;
        catalog.find(&format!("{}/{name}", names[1 - at]))
    });
    other.map_or_else(|| ModelId::new(id.as_str()), |model| ModelId::from(model.id))
}

/// Organisation, name and revision from a path in the cache of the Hub's library:
/// `…/models--<organisation>--<name>/snapshots/<commit>/…`.
fn from_cache(text: &str) -> Option<(String, Option<String>)> {
    let mut parts = text.split(['/', '\\']);
    let folder = parts.find_map(|part| part.strip_prefix("models--"))?;
    let (organisation, name) = folder.split_once("--")?;
    if !valid(organisation) || !valid(name) {
        return None;
    }
    let revision = (parts.next() == Some("snapshots")).then(|| parts.next()).flatten();
    let revision = revision.filter(|revision| valid(revision) && *revision != "main");
    Some((format!("{organisation}/{name}"), revision.map(str::to_owned)))
}

/// The revision in an address or behind an id: `/tree/<revision>`, `@<revision>`.
fn revision(text: &str) -> Option<String> {
    let found = match text.rsplit_once('@') {
        Some((_, revision)) => revision,
        None => {
            let mut parts = text.split('/');
            parts.find(|part| VIEWS.contains(part))?;
            parts.next()?.split(['?', '#']).next()?
        }
    };
    (valid(found) && found != "main").then(|| found.to_owned())
}

fn host(text: &str) -> Option<&str> {
    let bare = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    bare.strip_prefix("hf://").or_else(|| HOSTS.iter().find_map(|host| bare.strip_prefix(host)))
}

/// What follows the Hub's host in an address, cut to organisation and name; any other text without slashes at its end.
pub(crate) fn without_address(text: &str) -> &str {
    let text = text.trim().trim_end_matches('/');
    let Some(path) = host(text) else {
        let view = text.match_indices('/').nth(1).filter(|(at, _)| {
            let view = text[at + 1..].split('/').next();
            view.is_some_and(|view| VIEWS.contains(&view))
        });
        return view.map_or(text, |(at, _)| &text[..at]);
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

    static CATALOG: Catalog = Catalog::embedded();

    #[test]
    fn ids_are_told_from_paths() {
        for (text, id) in [
            ("deepseek-ai/deepseek-v3", "deepseek-ai/DeepSeek-V3"),
            ("https://huggingface.co/Qwen/Qwen2.5-7B/tree/main", "Qwen/Qwen2.5-7B"),
            ("hf.co/some/model/", "some/model"),
            ("hf.co/some/model:Q4_K_M", "some/model"),
            ("hf://some/model", "some/model"),
            ("some-one/model.v2", "some-one/model.v2"),
            ("https://huggingface.co/some/model/blob/main/README.md", "some/model"),
            ("deepseek-ai/DeepSeek-V3/tree/main", "deepseek-ai/DeepSeek-V3"),
            ("https://hf-mirror.com/Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B"),
            // Renamed organisations, whichever name the catalog has.
            ("THUDM/GLM-4.5", "zai-org/GLM-4.5"),
            ("zai-org/codegeex4-all-9b", "THUDM/codegeex4-all-9b"),
            ("CohereForAI/c4ai-command-r-v01", "CohereLabs/c4ai-command-r-v01"),
            ("THUDM/unheard-of", "THUDM/unheard-of"),
        ] {
            assert_eq!(parse(&CATALOG, text), Named::Id(ModelId::from(id)), "{text}");
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
            "https://github.com/org/name/tree/main",
            "https://huggingface.co/datasets/org/name",
            "https://huggingface.co/spaces/org/name",
            "https://huggingface.co/",
            "models--/snapshots/x",
            "Modèle/é",
            "é/",
            "@",
            "",
        ] {
            assert!(matches!(parse(&CATALOG, text), Named::Local(_)), "{text}");
        }
    }

    #[test]
    fn revisions_are_read_from_addresses_ids_and_caches() {
        for (text, id, revision, cached) in [
            ("Qwen/Qwen2.5-7B@a1b2c3", "Qwen/Qwen2.5-7B", Some("a1b2c3"), false),
            ("https://huggingface.co/Qwen/Qwen2.5-7B/tree/v1.0", "Qwen/Qwen2.5-7B", Some("v1.0"), false),
            (
                "https://huggingface.co/Qwen/Qwen2.5-7B/resolve/main/config.json",
                "Qwen/Qwen2.5-7B",
                None,
                false,
            ),
            ("some/model@main", "some/model", None, false),
            (
                "/data/.cache/huggingface/hub/models--meta-llama--Meta-Llama-3-8B/snapshots/62bd457b6fe961a4/",
                "meta-llama/Meta-Llama-3-8B",
                Some("62bd457b6fe961a4"),
                true,
            ),
            ("C:\\hub\\models--some--own--model\\snapshots\\ab", "some/own--model", Some("ab"), true),
            ("/x/models--some--model", "some/model", None, true),
        ] {
            let read = read(&CATALOG, text);
            assert_eq!(read.named, Named::Id(ModelId::from(id)), "{text}");
            assert_eq!((read.revision.as_deref(), read.cached), (revision, cached), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_path_names_a_model() {
        for (text, id) in [
            ("/data/llms/Qwen2.5-7B-Instruct", Some("Qwen/Qwen2.5-7B-Instruct")),
            ("/data/.cache/modelscope/hub/Qwen/Qwen2___5-7B-Instruct", Some("Qwen/Qwen2.5-7B-Instruct")),
            ("D:\\llm\\meta-llama\\Llama-2-7b-hf", Some("meta-llama/Llama-2-7b-hf")),
            ("./Qwen2.5-7B/checkpoint-500", Some("Qwen/Qwen2.5-7B")),
            ("/models/Meta-Llama-3-8B-Instruct-GPTQ", Some("meta-llama/Meta-Llama-3-8B-Instruct")),
            ("/models/our-own-7b", None),
            ("checkpoint-500", None),
            ("///", None),
        ] {
            assert_eq!(at_end_of_path(&CATALOG, text).map(|model| model.id), id, "{text}");
        }
    }
}
