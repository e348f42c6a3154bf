//! Names that a licence asks for: what the model is called.

use forebear_licenses::terms::NameRule;
use forebear_types::{LineSpan, Location};

use super::Satisfaction;
use crate::Input;
use crate::documents::Document;

/// Headings that say what a card is, not what the model is called.
const NO_NAMES: &[&str] = &[
    "about", "abstract", "contents", "description", "details", "getting", "how", "installation",
    "introduction", "model", "overview", "quick", "quickstart", "readme", "release", "summary", "table",
    "usage", "welcome",
];

/// Words of a title that is a name, at most.
const WORDS_OF_A_NAME: usize = 6;

/// Names under which the model goes, as far as the repository shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Names that it is published under: the repository's own ids, `model_name` of a card.
    published: Vec<(String, Option<Location>)>,
    /// The title of the main card.
    title: Option<(String, Location)>,
}

impl Names {
    pub(crate) fn of(input: &Input<'_>, documents: &[Document<'_>]) -> Self {
        let ids = input.own.iter().map(|id| (id.name().to_owned(), None));
        let cards = documents.iter().filter_map(|document| {
            let name = document.card()?.model_name.as_ref()?;
            Some((name.value.clone(), Some(Location::of(document.path, name))))
        });
        Self { published: ids.chain(cards).collect(), title: documents.iter().find_map(title) }
    }
}

#[cfg(test)]
impl Names {
    pub(super) fn published(name: &str) -> Self {
        Self { published: vec![(name.to_owned(), None)], title: None }
    }
}

/// The first heading of a main card, if it is one of the first order.
fn title(document: &Document<'_>) -> Option<(String, Location)> {
    let body = document.card_body()?;
    let skipped = document.text().lines().count() - body.lines().count();
    let (line, number) = body.lines().zip(skipped + 1..).find(|(line, _)| line.starts_with('#'))?;
    let title = line.strip_prefix("# ")?.trim();
    let place = LineSpan::line(u32::try_from(number).unwrap_or(u32::MAX));
    (!title.is_empty()).then(|| (title.to_owned(), Location::lines(document.path.clone(), place)))
}

/// Judges what the model is called.
pub(super) fn judge(rule: &NameRule, names: &Names) -> Satisfaction {
    let good = |name: &str| match rule {
        NameRule::BeginsWith(word) => letters(name).starts_with(&letters(word)),
        NameRule::Contains(word) => letters(name).contains(&letters(word)),
    };
    if let Some((name, place)) = names.published.iter().find(|(name, _)| good(name)) {
        return Satisfaction::met(place.iter().cloned().collect(), format!("the model is called {name}"));
    }
    let asked = match rule {
        NameRule::BeginsWith(word) => format!("does not begin with “{word}”"),
        NameRule::Contains(word) => format!("does not have “{word}” in it"),
    };
    if let Some((title, place)) = names.title.as_ref().filter(|(title, _)| good(bare(title))) {
        if names.published.is_empty() {
            return Satisfaction::met(
                vec![place.clone()],
                format!("the card calls the model {}", bare(title)),
            );
        }
        let (name, _) = &names.published[0];
        return Satisfaction::unknown(format!(
            "the card calls the model {}, and it is published as {name}, which {asked}",
            bare(title)
        ));
    }
    match (names.published.first(), &names.title) {
        (Some((name, _)), _) => Satisfaction::unmet(format!("the model is called {name}, which {asked}")),
        (None, Some((title, _))) if is_name(bare(title)) => {
            Satisfaction::unmet(format!("the card calls the model {}, which {asked}", bare(title)))
        }
        (None, _) => Satisfaction::unknown("under which name is the model published? Nothing here says it"),
    }
}

/// A title without decoration and the words that say that it is one.
fn bare(title: &str) -> &str {
    let mut rest = title.trim_start_matches(|character: char| !character.is_alphanumeric());
    for before in
        ["Model Card for ", "Model card for ", "Model Card: ", "Model card: ", "Introducing ", "Meet "]
    {
        rest = rest.strip_prefix(before).unwrap_or(rest);
    }
    rest.trim_end_matches(|character: char| !character.is_alphanumeric() && character != ')')
}

/// Whether a title can be nothing but a model's name: few words, of which one has a number ("Kaguya 8B", "Kaguya-v2").
fn is_name(title: &str) -> bool {
    let words: Vec<&str> = title.split_whitespace().collect();
    let first = words.first().map(|word| word.to_lowercase()).unwrap_or_default();
    !words.is_empty()
        && words.len() <= WORDS_OF_A_NAME
        && !NO_NAMES.contains(&first.as_str())
        && words.iter().any(|word| word.contains(|character: char| character.is_ascii_digit()))
}

/// Letters and digits in lower case: `Llama 3` and `llama-3` are one name.
fn letters(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use forebear_types::RepoPath;
    use forebear_types::obligation::Answer;

    use super::*;

    fn answer(word: &str, published: &[&str], title: Option<&str>) -> Answer {
        let place = Location::file(RepoPath::new("README.md").unwrap());
        let names = Names {
            published: published.iter().map(|name| ((*name).to_owned(), None)).collect(),
            title: title.map(|title| (title.to_owned(), place)),
        };
        judge(&NameRule::BeginsWith(word.to_owned()), &names).answer
    }

    #[test]
    fn what_it_is_published_as_counts_most() {
        assert_eq!(answer("Llama", &["Llama-3-Kaguya-8B"], None), Answer::Met);
        assert_eq!(answer("Llama 3", &["llama3-kaguya"], Some("Kaguya 8B")), Answer::Met);
        assert_eq!(answer("Llama", &["Kaguya-8B"], None), Answer::Unmet);
        assert_eq!(answer("Llama", &["Kaguya-8B"], Some("Llama 3 Kaguya 8B")), Answer::Unknown);
        assert_eq!(answer("Llama", &[], Some("🦙 Model Card for Llama-3-Kaguya")), Answer::Met);
        assert_eq!(answer("Llama", &[], Some("Kaguya 8B")), Answer::Unmet);
        assert_eq!(answer("Llama", &[], Some("Kaguya")), Answer::Unknown, "it may be called otherwise");
        assert_eq!(answer("Llama", &[], Some("Model Details")), Answer::Unknown);
        assert_eq!(answer("Llama", &[], Some("How to run 2 models")), Answer::Unknown);
        assert_eq!(answer("Llama", &[], None), Answer::Unknown);
    }

    #[test]
    fn a_word_may_stand_anywhere_where_the_licence_says_so() {
        let names = Names { published: vec![("Kaguya-Sarashina-7B".to_owned(), None)], title: None };
        assert_eq!(judge(&NameRule::Contains("Sarashina".to_owned()), &names).answer, Answer::Met);
        assert_eq!(judge(&NameRule::BeginsWith("Sarashina".to_owned()), &names).answer, Answer::Unmet);
    }
}
