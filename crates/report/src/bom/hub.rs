//! Ids of the Hub as package URLs and addresses.

use std::fmt::Write as _;

use forebear_types::ModelId;
use forebear_types::lineage::Candidate;

/// The address of a model's page at the Hub; `None` for what is no id of the Hub's form.
pub(crate) fn page(model: &ModelId) -> Option<String> {
    is_id(model.as_str()).then(|| format!("https://huggingface.co/{model}"))
}

/// The address of a data set's page at the Hub; `None` for what is no id of the Hub's form.
pub(crate) fn dataset_page(name: &str) -> Option<String> {
    is_id(name).then(|| format!("https://huggingface.co/datasets/{name}"))
}

/// The package URL of a model: `pkg:huggingface/deepseek-ai/DeepSeek-V3@<commit>`.
///
/// Source: the type `huggingface` of the package URL specification. A version is a commit there, in lower case; a branch or a tag
/// as a revision gives none.
pub(crate) fn package_url(candidate: &Candidate) -> Option<String> {
    let model = &candidate.model;
    if !is_id(model.as_str()) {
        return None;
    }
    let mut url = format!("pkg:huggingface/{model}");
    let commit = candidate
        .revision
        .as_ref()
        .filter(|revision| revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if let Some(commit) = commit {
        write!(url, "@{}", commit.to_ascii_lowercase()).expect("writing to a string cannot fail");
    }
    Some(url)
}

/// `organisation/name` as two; `None` for other names.
pub(crate) fn group_and_name(name: &str) -> Option<(&str, &str)> {
    let (group, rest) = name.split_once('/')?;
    (is_part(group) && is_part(rest)).then_some((group, rest))
}

/// Whether it has the form `organisation/name`: what needs no escape in an address, and no folder of somebody's disk.
fn is_id(id: &str) -> bool {
    group_and_name(id).is_some()
}

fn is_part(part: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') && part.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(model: &str, revision: Option<&str>) -> Candidate {
        Candidate { model: ModelId::new(model), revision: revision.map(str::to_owned), known: false }
    }

    #[test]
    fn only_ids_of_the_hub_have_an_address() {
        let url = |model, revision| package_url(&candidate(model, revision));
        assert_eq!(url("a-b/C.d_2", None).as_deref(), Some("pkg:huggingface/a-b/C.d_2"));
        let commit = "ABCDEF0123456789ABCDEF0123456789ABCDEF01";
        assert_eq!(
            url("a/b", Some(commit)).as_deref(),
            Some("pkg:huggingface/a/b@abcdef0123456789abcdef0123456789abcdef01")
        );
        assert_eq!(url("a/b", Some("main")).as_deref(), Some("pkg:huggingface/a/b"));
        for wrong in ["gpt2", "./models/x", "a/b/c", "a/\u{202e}b", "a/b?x=y", "../b", "/b", "a/"] {
            assert_eq!(url(wrong, None), None, "{wrong}");
            assert_eq!(page(&ModelId::new(wrong)), None, "{wrong}");
            assert_eq!(dataset_page(wrong), None, "{wrong}");
        }
        assert_eq!(dataset_page("a/b").as_deref(), Some("https://huggingface.co/datasets/a/b"));
    }
}
