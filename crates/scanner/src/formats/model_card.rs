//! Model cards: README files with or without YAML front matter.

use std::sync::Arc;

use forebear_types::fact::{FactKind, ModelCard, Problem, ProblemKind, Reading};
use forebear_types::license::Recognition;

use super::{File, front_matter, merge_recipe};

/// Whether a file of this name (in lower case) is a card.
pub(crate) fn is_card(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let prose = matches!(extension, "" | "md" | "markdown" | "mdx" | "rst" | "txt");
    let named = ["readme", "modelcard", "model_card", "model-card"].iter().any(|known| {
        stem.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.', ' ']))
    });
    prose && named
}

/// Reads the front matter, and recognises licences and owners' lines in the body.
pub(crate) fn read(file: File<'_>, known: Option<&Recognition>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else { return };
    let mut card = ModelCard { blob: file.blob, ..ModelCard::default() };
    let found = front_matter::find(&text);
    let mut faults = found.faults;
    for block in &found.blocks {
        let mut entries = front_matter::read(&text, *block);
        faults.append(&mut entries.faults);
        card.front_matter.get_or_insert(block.lines);
        let mut list = |key: &str| entries.keys.remove(key).unwrap_or_default();
        // Of two blocks the first one counts, key by key.
        let fill = |slot: &mut Vec<_>, values: Vec<_>| {
            if slot.is_empty() {
                *slot = values;
            }
        };
        fill(&mut card.license, list("license"));
        fill(&mut card.base_models, list("base_model"));
        fill(&mut card.datasets, list("datasets"));
        fill(&mut card.tags, list("tags"));
        for (slot, key) in [
            (&mut card.license_name, "license_name"),
            (&mut card.license_link, "license_link"),
            (&mut card.base_model_relation, "base_model_relation"),
            (&mut card.model_name, "model_name"),
        ] {
            if slot.is_none() {
                *slot = list(key).into_iter().next();
            }
        }
    }
    for (line, what) in faults {
        let remedy = "correct the front matter: the Hub reads it between two lines of `---` at the top";
        reading
            .problems
            .push(Problem { line: Some(line), ..file.problem(ProblemKind::Malformed, what, remedy) });
    }
    card.recognition =
        known.cloned().unwrap_or_else(|| forebear_licenses::recognise(&body(&text, &found.blocks)));
    card.text = Arc::clone(&text);
    reading.facts.push(file.fact(FactKind::ModelCard(card)));
    merge_recipe::read_card(file, &text, reading);
}

/// The text with its front matter blanked, so that lines keep their numbers.
fn body(text: &str, blocks: &[front_matter::Block]) -> String {
    let inside =
        |line: u32| blocks.iter().any(|block| (block.lines.first..=block.lines.last).contains(&line));
    let mut body = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if inside(index as u32 + 1) {
            body.push('\n');
        } else {
            body.push_str(line);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_text;
    use super::*;

    fn card(text: &str) -> ModelCard {
        match read_text("README.md", text).facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::ModelCard(card)) => card,
            other => panic!("no card: {other:?}"),
        }
    }

    #[test]
    fn declarations_are_read_with_their_lines() {
        let card = card(
            "---\nlicense: other\nlicense_name: kaguya\nlicense_link: LICENSE\nbase_model:\n- a/b\n- c/d\nbase_model_relation: merge\n---\n# Kaguya\n",
        );
        assert_eq!(card.license[0].value, "other");
        assert_eq!(card.base_models.iter().map(|base| base.line).collect::<Vec<_>>(), [6, 7]);
        assert_eq!(card.base_model_relation.unwrap().value, "merge");
        assert_eq!(card.front_matter.unwrap().last, 9);
    }

    #[test]
    fn of_two_blocks_the_first_counts() {
        let reading =
            read_text("README.md", "---\nbase_model: a/b\n---\n\n---\nlicense: mit\nbase_model: c/d\n---\n");
        let FactKind::ModelCard(card) = &reading.facts[0].kind else { panic!("no card") };
        assert_eq!((card.license[0].value.as_str(), card.base_models[0].value.as_str()), ("mit", "a/b"));
        assert_eq!(reading.problems.len(), 1);
    }

    #[test]
    fn every_prefix_of_a_card_gives_a_fact() {
        let text = "---\nlicense: [mit, 'x']\nbase_model: \"a/b\"\n---\n# Kaguya\n";
        for end in 0..text.len() {
            assert_eq!(read_text("README.md", &text[..end]).facts.len(), 1);
        }
    }
}
