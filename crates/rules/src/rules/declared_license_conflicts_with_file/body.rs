//! Whether a sentence of a card says under which licence the model is.

use forebear_types::license::NamedLicense;

/// Words that the sentence is about the model itself.
const MODEL: &[&str] = &[
    "this model", "the model", "our model", "these models", "the models", "model weights", "the weights",
    "this repository", "this repo", "this work",
];

/// Words that the sentence is about something else: a base, data, code.
const OTHERS: &[&str] = &[
    "base", "dataset", "data set", "code", "script", "library", "framework", "built on", "based on",
    "derived from", "fine-tuned from", "original", "upstream", "tokenizer", "software", "parent",
    "subject to", "adapter",
];

/// Whether a name stands for the model's licence: the words put something under the licence, in a sentence about the model or in a
/// section on the licence, and nothing around speaks of a base, of data, or of code.
pub(super) fn of_the_model(text: &str, named: &NamedLicense) -> bool {
    if !named.stands_alone {
        return false;
    }
    let lines: Vec<&str> = text.lines().collect();
    let index = (named.line as usize).saturating_sub(1);
    let Some(line) = lines.get(index) else { return false };
    // A sentence is often broken over lines: one more on either side is looked at.
    let around = lines[index.saturating_sub(1)..(index + 2).min(lines.len())].join(" ").to_lowercase();
    if OTHERS.iter().any(|word| around.contains(word)) {
        return false;
    }
    let line = line.to_lowercase();
    MODEL.iter().any(|words| line.contains(words)) || in_section(&lines[..index])
}

/// Whether the last heading above is "License".
fn in_section(above: &[&str]) -> bool {
    let heading = above.iter().rev().find(|line| line.starts_with('#'));
    heading.is_some_and(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        ["license", "licence", "licensing"].contains(&words.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use forebear_types::LicenseId;

    fn says(text: &str, line: u32) -> bool {
        let named = NamedLicense { id: LicenseId::from("MIT"), line, stands_alone: true };
        of_the_model(text, &named)
    }

    #[test]
    fn only_sentences_about_the_model_count() {
        assert!(says("This model is released under the MIT License.", 1));
        assert!(says("# Kaguya\n\n## License\n\nMIT License", 5));
        assert!(!says("Our code is released under the MIT License, the model weights are not.", 1));
        assert!(!says("## License\n\nThe base model is released under the MIT License.", 3));
        assert!(!says("Qwen3 is released under the MIT License.", 1));
        assert!(!says("## License\n\n## Data\n\nMIT License", 5));
        assert!(!says("", 4));
    }
}
