//! Whether a card presents its repository as a known model: by its title, or by the sentence that it opens with.
//!
//! Official releases differ in how they do it: "# DeepSeek-R1", "# Model Card for Mixtral-8x22B", "# Meet MiniMax-M2", or no title
//! at all and "We present DeepSeek-V3, a strong …" below a logo. Derivatives name their base as well, in a longer name or in a
//! sentence about descent: neither counts.

/// Words that may stand before the name.
const BEFORE: &[&str] = &[
    "a", "about", "and", "announce", "announcing", "are", "card", "contains", "excited", "for", "happy",
    "introduce", "introducing", "introduction", "is", "latest", "meet", "model", "new", "of", "official",
    "open", "our", "overview", "present", "presenting", "proud", "release", "releasing", "repo",
    "repository", "source", "the", "this", "to", "today", "we", "welcome",
];

/// Words that may follow the name in a title.
const AFTER_IN_TITLE: &[&str] =
    &["card", "collection", "family", "llm", "model", "models", "repository", "series"];

/// Words that may follow the name in a sentence.
const AFTER_IN_SENTENCE: &[&str] =
    &["a", "an", "collection", "family", "has", "is", "language", "large", "models", "series", "which"];

/// Parts of sentences that tell of a base: the sentence is not about an own release.
const DESCENT: &[&str] = &[
    "adapt", "based on", "built on", "built upon", "continue", "convert", "deriv", "distil", "finetun",
    "fine-tun", "merg", "quantis", "quantiz", "variant of", "version of",
];

/// Lines of a card's body that are looked at for its opening sentence.
const OPENING_LINES: usize = 80;

/// Whether a card presents a model of one of the names: ids without their organisation, aliases. `body` is the card without its
/// front matter.
pub(crate) fn presents(body: &str, organisation: &str, names: &[&str]) -> bool {
    let owner: Vec<String> = words(organisation).into_iter().map(|word| word.text).collect();
    let named = |text: &str, ends_well: fn(&[Word], usize) -> bool| {
        let text = words(text);
        names.iter().any(|name| {
            let name: Vec<String> = words(name).into_iter().map(|word| word.text).collect();
            // Meta-Llama-3-8B is presented as "Llama 3" too.
            let short = match name.split_first() {
                Some((first, rest)) if owner.contains(first) => rest,
                _ => &[],
            };
            [name.as_slice(), short].into_iter().any(|name| stands_first(&text, name, &owner, ends_well))
        })
    };
    let in_title = |text: &[Word], from: usize| {
        text[from..].iter().all(|word| AFTER_IN_TITLE.contains(&word.text.as_str()))
    };
    let in_sentence = |text: &[Word], from: usize| {
        text[from - 1].ends
            || text.get(from).is_none_or(|next| AFTER_IN_SENTENCE.contains(&next.text.as_str()))
    };
    let opening = Opening::of(body);
    if opening.title.is_some_and(|title| named(title, in_title)) {
        return true;
    }
    opening.sentence.is_some_and(|sentence| {
        let lower = sentence.to_lowercase();
        !DESCENT.iter().any(|part| lower.contains(part)) && named(sentence, in_sentence)
    })
}

/// What a card opens with: its first title, and the first line of prose if it stands above every title.
struct Opening<'a> {
    title: Option<&'a str>,
    sentence: Option<&'a str>,
}

impl<'a> Opening<'a> {
    fn of(body: &'a str) -> Self {
        let mut opening = Self { title: None, sentence: None };
        let mut comment = false;
        for line in body.lines().map(str::trim).take(OPENING_LINES) {
            if comment || line.starts_with("<!--") {
                comment = !line.contains("-->");
            } else if let Some(title) = line.strip_prefix("# ") {
                opening.title = Some(title.trim());
                break;
            } else if opening.sentence.is_none()
                && line.contains(' ')
                && line.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '*' | '_' | '`'))
            {
                opening.sentence = Some(line.split_once(". ").map_or(line, |(first, _)| first));
            }
        }
        opening
    }
}

/// Whether a name, or its first words, stands in front, but for words that introduce it.
fn stands_first(
    text: &[Word],
    name: &[String],
    owner: &[String],
    ends_well: fn(&[Word], usize) -> bool,
) -> bool {
    for from in 0..text.len() {
        let equal = text[from..].iter().zip(name).take_while(|(word, part)| word.text == **part).count();
        // "Kimi K2" and "Qwen3" are a series; "Mistral" alone may be anything of the house.
        let says = equal >= 2 || (equal == 1 && name[0].contains(|letter: char| letter.is_ascii_digit()));
        if says && !text[from + equal - 1].glued && ends_well(text, from + equal) {
            return true;
        }
        let word = &text[from].text;
        if !BEFORE.contains(&word.as_str()) && !owner.contains(word) {
            return false;
        }
    }
    false
}

/// A word of a text or a part of a name.
struct Word {
    text: String,
    /// The name goes on behind a hyphen.
    glued: bool,
    /// Punctuation follows.
    ends: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for token in text.split_whitespace() {
        // The text of a link, not its address.
        let token = token.split_once("](").map_or(token, |(text, _)| text);
        let core = token.trim_matches(|letter: char| !letter.is_alphanumeric());
        let ends = token.ends_with(['.', ',', ';', ':', '!', ')']);
        let parts: Vec<&str> = core.split(['-', '_']).filter(|part| !part.is_empty()).collect();
        for (nth, part) in parts.iter().enumerate() {
            let last = nth + 1 == parts.len();
            words.push(Word { text: part.to_lowercase(), glued: !last, ends: last && ends });
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::presents;

    fn is(body: &str, id: &str) -> bool {
        let (organisation, name) = id.split_once('/').unwrap();
        presents(body, organisation, &[name])
    }

    #[test]
    fn titles_of_official_releases_present_them() {
        for (title, id) in [
            ("# DeepSeek-R1", "deepseek-ai/DeepSeek-R1"),
            ("# Model Card for Mixtral-8x22B", "mistralai/Mixtral-8x22B-v0.1"),
            ("# Meet MiniMax-M2", "MiniMaxAI/MiniMax-M2"),
            ("# **Llama 3**", "meta-llama/Meta-Llama-3-8B"),
            ("# The Qwen3 model family", "Qwen/Qwen3-235B-A22B"),
            ("<!-- x\n# Other\n-->\n<div>\n# GLM-4.5", "zai-org/GLM-4.5"),
        ] {
            assert!(is(title, id), "{title}");
        }
    }

    #[test]
    fn sentences_below_a_logo_present_them_too() {
        for (body, id) in [
            (
                "<div><img/></div>\n\n## 1. Introduction\n\nWe present DeepSeek-V3, a strong language model.",
                "deepseek-ai/DeepSeek-V3",
            ),
            ("## Introduction\n\nKimi K2 is a state-of-the-art model.", "moonshotai/Kimi-K2-Instruct"),
            ("Welcome to the gpt-oss series, OpenAI's models.\n\n# Highlights", "openai/gpt-oss-120b"),
            ("The Meta Llama 3.1 collection of models", "meta-llama/Llama-3.1-8B"),
        ] {
            assert!(is(body, id), "{body}");
        }
    }

    #[test]
    fn derivatives_that_name_their_base_do_not() {
        for (body, id) in [
            ("# Kaguya 700B\n\nDeepSeek-V3 is a strong model.", "deepseek-ai/DeepSeek-V3"),
            ("# DeepSeek-V3-Kaguya", "deepseek-ai/DeepSeek-V3"),
            ("# Qwen3-235B-A22B-FP8", "Qwen/Qwen3-235B-A22B"),
            ("# Kaguya, built on DeepSeek-V3", "deepseek-ai/DeepSeek-V3"),
            ("# Mistral", "mistralai/Mistral-7B-v0.1"),
            ("We present Kaguya. DeepSeek-V3 is a model.", "deepseek-ai/DeepSeek-V3"),
            ("This is DeepSeek-V3, fine-tuned on fairy tales.", "deepseek-ai/DeepSeek-V3"),
            ("DeepSeek-V3 with better manners.", "deepseek-ai/DeepSeek-V3"),
            ("This model is a merge of DeepSeek-V3 and another.", "deepseek-ai/DeepSeek-V3"),
            ("", "deepseek-ai/DeepSeek-V3"),
        ] {
            assert!(!is(body, id), "{body}");
        }
    }
}
