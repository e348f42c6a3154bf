//! Where a reference leads.

use forebear_types::fact::FactKind;
use forebear_types::{ModelId, RepoPath};

use crate::Context;

/// Where a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To another site, another repository, or out of this one.
    Elsewhere,
    /// To a file that is here.
    To(RepoPath),
    /// To a file that is not here; with the file whose name differs only in its case, if there is one.
    Nowhere(Option<RepoPath>),
    /// To a file of a kind that leaves no fact, so that nobody knows.
    Unknown,
}

/// Endings of texts; a file of another kind that is called after a licence (`LICENSE.png`) leaves no fact.
const PROSE: &[&str] = &["", "txt", "md", "markdown", "rst", "pdf", "html", "docx"];

/// Whether a target is called as legal files are: `LICENSE`, `docs/LICENSE.txt`, `MODEL_LICENSE`, `NOTICE`.
pub(super) fn is_legal(target: &str) -> bool {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name.as_str(), ""));
    let words: Vec<&str> = stem.split(|character: char| !character.is_ascii_alphanumeric()).collect();
    let begins = ["license", "licence", "copying", "notice"].iter().any(|word| words.first() == Some(word));
    let ends = ["license", "licence"].iter().any(|word| words.last() == Some(word));
    (begins || ends) && PROSE.contains(&ending)
}

/// Where a reference of a card leads.
pub(super) fn leads(context: &Context<'_>, card: &RepoPath, link: &str) -> Leads {
    let Some(path) = path_here(&context.input, card, link) else { return Leads::Elsewhere };
    if path.is_root() {
        return Leads::Elsewhere;
    }
    let here = |fact: &&forebear_types::fact::Fact| fact.path == path;
    if context.input.facts.iter().any(|fact| here(&fact)) {
        return Leads::To(path);
    }
    let lower = path.as_bytes().to_ascii_lowercase();
    let near = context.input.facts.iter().find(|fact| {
        matches!(fact.kind, FactKind::LegalFile(_)) && fact.path.as_bytes().to_ascii_lowercase() == lower
    });
    match near {
        Some(near) => Leads::Nowhere(Some(near.path.clone())),
        None if is_legal(&path.to_string()) => Leads::Nowhere(None),
        None => Leads::Unknown,
    }
}

/// The path in this repository that a reference stands for; `None` where it leads out of it.
fn path_here(input: &crate::Input<'_>, card: &RepoPath, link: &str) -> Option<RepoPath> {
    let link = link.trim().split(['#', '?']).next().unwrap_or_default();
    let link = link.replace("%20", " ");
    let inside = match link.split_once("://") {
        Some((_, address)) => on_hub(address, input.own)?,
        // `mailto:` and its like.
        None if link.split('/').next().is_some_and(|first| first.contains(':')) => return None,
        None => match link.strip_prefix('/') {
            Some(from_root) => from_root.to_owned(),
            None => {
                let folder = card.parent().unwrap_or_default();
                if folder.is_root() { link.clone() } else { format!("{folder}/{link}") }
            }
        },
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in inside.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            // Above the root lies the site, not the repository.
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    RepoPath::new(parts.join("/")).ok()
}

/// The path of an address on the Hub that leads into this very repository.
fn on_hub(address: &str, own: &[ModelId]) -> Option<String> {
    let rest = address.trim_start_matches("www.").strip_prefix("huggingface.co/")?;
    let mut parts = rest.splitn(5, '/');
    let id = format!("{}/{}", parts.next()?, parts.next()?);
    let view = parts.next()?;
    let revision = parts.next()?;
    let shown = ["blob", "resolve", "raw"].contains(&view) && revision == "main";
    let path = parts.next().filter(|_| shown && own.iter().any(|own| own.same_as(&id)))?;
    Some(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_legal_files_are_told() {
        for target in ["LICENSE", "./LICENSE.md", "docs/MODEL_LICENSE", "LICENSE-MODEL#x", "NOTICE.txt"] {
            assert!(is_legal(target), "{target}");
        }
        for target in
            ["https://x.org/licenses", "LICENSE.png", "README.md", "#license", "license.py", "noticed.md"]
        {
            assert!(!is_legal(target), "{target}");
        }
    }

    #[test]
    fn addresses_on_the_hub_lead_here_only_under_an_own_id() {
        let own = [ModelId::from("kaguya/Kaguya")];
        let address = "huggingface.co/Kaguya/kaguya/blob/main/LICENSE";
        assert_eq!(on_hub(address, &own).as_deref(), Some("LICENSE"));
        assert_eq!(on_hub(address, &[]), None);
        assert_eq!(on_hub("huggingface.co/kaguya/Kaguya/blob/v1/LICENSE", &own), None);
        assert_eq!(on_hub("huggingface.co/kaguya/Kaguya", &own), None);
    }
}
