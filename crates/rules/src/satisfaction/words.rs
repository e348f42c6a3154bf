//! Prescribed lines, displayed phrases, and statements of change: words that the repository has to say itself.

use forebear_licenses::terms::{Display, LinePlace, NoticeLine, Phrase};
use forebear_types::fact::LegalRole;

use super::{Satisfaction, place_words};
use crate::documents::Document;
use crate::own_words::{Wanted, says, stated_where};

/// Parts of words that say that something was changed, in lower case: English, Chinese, Japanese, Korean.
const CHANGED: &[&str] = &[
    "finetun",
    "fine-tun",
    "fine tun",
    "modified",
    "modification",
    "changes made",
    "we changed",
    "was changed",
    "were changed",
    "quantiz",
    "quantis",
    "converted",
    "merged",
    "pruned",
    "distill",
    "continued pre",
    "continual pre",
    "further trained",
    "further pre-trained",
    "trained on top of",
    "adapted from",
    "derived from",
    "derivative of",
    "post-trained",
    "instruction-tuned",
    "lora",
    "微调",
    "量化",
    "修改",
    "继续预训练",
    "增量预训练",
    "ファインチューニング",
    "改変",
    "量子化",
    "継続事前学習",
    "追加学習",
    "파인튜닝",
    "미세 조정",
    "양자화",
];

/// A line that the licence prescribes word for word.
pub(super) fn notice_line(ask: &NoticeLine, when_present: bool, documents: &[Document<'_>]) -> Satisfaction {
    if let Some(place) = says(documents, &[Wanted::new(&ask.line, &ask.blanks)]) {
        let reason = format!("the prescribed line is in {}", place_words(&place));
        return Satisfaction::met(vec![place], reason);
    }
    if let Some(open) = not_seen(documents.iter()) {
        return open;
    }
    if when_present || ask.place == LinePlace::NoticeFileIfAny {
        return Satisfaction::unknown("did the work come with a notice file? Without one no line is owed");
    }
    Satisfaction::unmet(format!("no notice, legal file or card says “{}”", ask.line))
}

/// A phrase that has to be displayed: the card is the page of the model.
pub(super) fn display(ask: &Display, documents: &[Document<'_>]) -> Satisfaction {
    let phrases: Vec<Wanted> = match &ask.phrase {
        Phrase::Words(words) => vec![Wanted::new(words, &ask.blanks)],
        Phrase::AnyOf(several) => several.iter().map(|words| Wanted::new(words, &ask.blanks)).collect(),
        Phrase::Described(what) => {
            return Satisfaction::unknown(format!("is this displayed: {what}? The licence fixes no words"));
        }
    };
    if let Some(place) = says(documents, &phrases) {
        let reason = format!("the phrase is displayed in {}", place_words(&place));
        return Satisfaction::met(vec![place], reason);
    }
    if let Some(open) = not_seen(documents.iter().filter(|document| !is_license(document))) {
        return open;
    }
    if !documents.iter().any(Document::is_card) {
        return Satisfaction::unknown("there is no card here: does the page of the model display it?");
    }
    let words = match &ask.phrase {
        Phrase::Words(words) => words.as_str(),
        Phrase::AnyOf(several) => several.first().map_or("", String::as_str),
        Phrase::Described(_) => "",
    };
    Satisfaction::unmet(format!("neither a card nor a notice displays “{words}”"))
}

/// Whether it is said that something was changed.
pub(super) fn changes(documents: &[Document<'_>]) -> Satisfaction {
    let relation = documents.iter().find_map(|document| {
        let relation = document.card()?.base_model_relation.as_ref()?;
        Some((forebear_types::Location::of(document.path, relation), relation.value.clone()))
    });
    if let Some((place, relation)) = relation {
        let reason = format!("{} declares what was done: {relation}", place_words(&place));
        return Satisfaction::met(vec![place], reason);
    }
    if let Some(place) = stated_where(documents, |line| CHANGED.iter().any(|word| line.contains(word))) {
        let reason = format!("{} says that it was changed", place_words(&place));
        return Satisfaction::met(vec![place], reason);
    }
    not_seen(documents.iter().filter(|document| !is_license(document)))
        .unwrap_or_else(|| Satisfaction::unmet("no card or notice says that upstream's files were changed"))
}

/// A licence file holds terms, and neither a display nor an account of what was done.
fn is_license(document: &Document<'_>) -> bool {
    document.role() == Some(LegalRole::License)
}

/// The answer where one of the documents could not be read.
fn not_seen<'d, 'a: 'd>(mut documents: impl Iterator<Item = &'d Document<'a>>) -> Option<Satisfaction> {
    let document = documents.find(|document| document.for_model() && !document.examined())?;
    Some(Satisfaction::unknown(format!("{} could not be examined", document.path)))
}
