//! Chat templates: whose a repository's is.
//!
//! The weakest of hints: ChatML is everybody's, and whoever fine-tunes may take any template. A template that is byte for byte a
//! known one, or writes marks that only one or two known ones write, names models worth a look, and proves nothing.

use forebear_types::fact::ChatTemplate;
use forebear_types::lineage::{Evidence, EvidenceKind, Strength};
use forebear_types::{LineSpan, Location, RepoPath};

use crate::vocabularies::{self, Template};

/// Rare marks that a template must write to be taken for one made from a known template.
const ENOUGH: usize = 2;

/// A known template that a repository's equals or was made from.
#[derive(Clone, Debug)]
pub(crate) struct TemplateMatch {
    /// Models known to ship it.
    pub(crate) models: &'static [&'static str],
    /// Whether it is the same text; else the marks agree.
    pub(crate) identical: bool,
    pub(crate) evidence: Evidence,
}

/// Compares templates with the known ones: identical ones first, then those with rare marks in common.
pub(crate) fn compare(templates: &[(&RepoPath, &ChatTemplate)]) -> Vec<TemplateMatch> {
    let mut matches = Vec::new();
    for (path, template) in templates {
        let digest = template.digest.to_string();
        let identical: Vec<&Template> = vocabularies::templates()
            .iter()
            .filter(|known| known.digests.contains(&digest.as_str()))
            .collect();
        if identical.is_empty() {
            matches
                .extend(vocabularies::templates().iter().filter_map(|known| by_marks(path, template, known)));
            continue;
        }
        matches.extend(identical.into_iter().map(|known| {
            let detail = format!("the chat template is that of {}", known.title);
            TemplateMatch {
                models: known.models,
                identical: true,
                evidence: evidence(path, template, detail),
            }
        }));
    }
    matches.sort_by(|one, two| (!one.identical, &one.evidence).cmp(&(!two.identical, &two.evidence)));
    matches.dedup_by(|one, two| one.identical == two.identical && one.models == two.models);
    matches
}

/// All rare marks of a known template, and at least [`ENOUGH`] of them.
fn by_marks(path: &RepoPath, template: &ChatTemplate, known: &'static Template) -> Option<TemplateMatch> {
    let marks = known.rare_marks;
    if marks.len() < ENOUGH || !marks.iter().all(|mark| template.template.contains(mark)) {
        return None;
    }
    let shown = marks.iter().take(3).map(|mark| format!("`{mark}`")).collect::<Vec<_>>().join(", ");
    let detail = format!(
        "the chat template writes {shown}, which of known ones only that of {} and its like do",
        known.title
    );
    Some(TemplateMatch { models: known.models, identical: false, evidence: evidence(path, template, detail) })
}

fn evidence(path: &RepoPath, template: &ChatTemplate, detail: String) -> Evidence {
    let mut location = Location::file(path.clone());
    location.lines = (template.line > 0).then(|| LineSpan::line(template.line));
    Evidence {
        kind: EvidenceKind::ChatTemplate,
        strength: Strength::Circumstantial,
        location: Some(location),
        detail,
        p: None,
    }
}

#[cfg(test)]
mod tests {
    use forebear_types::Sha256;

    use super::*;

    fn template(text: &str, digest: &str) -> ChatTemplate {
        ChatTemplate { template: text.into(), digest: Sha256::from_hex(digest).unwrap(), line: 3, name: None }
    }

    #[test]
    fn the_same_text_goes_before_common_marks() {
        let known = vocabularies::templates().iter().find(|known| known.rare_marks.len() >= ENOUGH).unwrap();
        let path = RepoPath::new("chat_template.jinja").unwrap();
        let same = template("{{ x }}", known.digests[0]);
        let found = compare(&[(&path, &same)]);
        assert!(found[0].identical && found[0].models == known.models);
        assert_eq!(found[0].evidence.strength, Strength::Circumstantial);
        let none = "00".repeat(32);
        let marked = template(&known.rare_marks.join(" {{ m }} "), &none);
        let found = compare(&[(&path, &marked)]);
        assert!(found.iter().any(|one| !one.identical && one.models == known.models), "{found:?}");
        let chatml = template("<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>", &none);
        assert!(compare(&[(&path, &chatml)]).is_empty(), "ChatML is everybody's");
        assert!(compare(&[]).is_empty());
    }
}
