//! The notice as plain text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use forebear_types::lineage::Relation;
use forebear_types::obligation::{Artefact, Duty};

use super::section::{BEGIN, BLANK, CLOSE, END, OPEN};
use super::{Body, Entry, Notice, Terms, Text};
use crate::words::clause_words;

/// Every relation, so that a statement of forebear's own is told from a person's.
pub(super) const RELATIONS: &[Relation] = &[
    Relation::FineTune,
    Relation::ContinuedPreTraining,
    Relation::Quantised,
    Relation::Converted,
    Relation::Adapter,
    Relation::Merge,
    Relation::Pruned,
    Relation::LayersDropped,
    Relation::LayersDuplicated,
    Relation::ExpertsPruned,
    Relation::VocabularyExtended,
    Relation::ContextExtended,
    Relation::DistilledInto,
    Relation::Rehost,
    Relation::Unknown,
];

/// The part, marks included. `said` are statements of changes that a person wrote, by the title of the ancestor.
pub(super) fn render(notice: &Notice, said: &BTreeMap<String, String>) -> String {
    let mut text = format!("{BEGIN}\n\nThird-party notices\n\n");
    text.push_str("This model descends from the models below. The clauses that apply are listed with\n");
    text.push_str("what each is about; what it says stands in the text itself.\n");
    for (entry, number) in notice.entries.iter().zip(1..) {
        write_entry(number, entry, said, &mut text);
    }
    let known: Vec<String> = notice.entries.iter().map(Entry::title).collect();
    for (title, words) in said.iter().filter(|(title, _)| !known.contains(title)) {
        let _ = write!(text, "\nSaid earlier:\n  {OPEN}{title}\n{words}\n  {CLOSE}\n");
    }
    for one in &notice.texts {
        write_text(one, &mut text);
    }
    let _ = write!(text, "\n{END}\n");
    // Texts of strangers have the line ends of the part.
    text.replace("\r\n", "\n")
}

fn write_entry(number: usize, entry: &Entry, said: &BTreeMap<String, String>, text: &mut String) {
    let title = entry.title();
    let _ = write!(text, "\n{number}. {title}\n\n");
    if let [only] = entry.models.as_slice()
        && only.as_str().contains('/')
    {
        let _ = writeln!(text, "  https://huggingface.co/{only}");
    }
    if let Some(revision) = &entry.revision {
        let _ = writeln!(text, "  Revision: {revision}");
    }
    let relation = Some(entry.relation).filter(|relation| *relation != Relation::Unknown);
    let of = entry.through.as_ref().map(|child| format!("base of {child}"));
    let words: Vec<String> =
        relation.map(|relation| relation.name().to_owned()).into_iter().chain(of).collect();
    if !words.is_empty() {
        let _ = writeln!(text, "  Relation: {}", words.join(", "));
    }
    for terms in &entry.licenses {
        write_terms(terms, text);
    }
    if !entry.lines.is_empty() || !entry.copyright.is_empty() {
        text.push('\n');
    }
    for line in entry.lines.iter().chain(&entry.copyright) {
        let _ = writeln!(text, "  {line}");
    }
    if entry.through.is_none() {
        let words =
            said.get(&title).map_or_else(|| format!("  {}", entry.changes().unwrap_or(BLANK)), Clone::clone);
        let _ = write!(text, "\n  Changes:\n  {OPEN}{title}\n{words}\n  {CLOSE}\n");
    }
    for notice in &entry.notices {
        let _ = write!(text, "\n  Its {}:\n\n{}\n", notice.path, notice.text.trim_end());
    }
}

fn write_terms(terms: &Terms, text: &mut String) {
    let of = match terms.artefact {
        Artefact::Weights => "Under",
        Artefact::Code => "Its code under",
    };
    let _ = write!(text, "  {of}: {}", terms.id);
    if !terms.title.is_empty() && terms.title != terms.id.as_str() {
        let _ = write!(text, " ({})", terms.title);
    }
    text.push('\n');
    for (duty, clause) in &terms.asks {
        let _ = writeln!(text, "    {}: {}", clause_words(clause), short(*duty));
    }
}

/// What a duty is about, in words that cannot be taken for doing it.
fn short(duty: Duty) -> &'static str {
    match duty {
        Duty::IncludeLicenseText => "the text",
        Duty::KeepCopyrightNotice => "owners' notices",
        Duty::KeepNoticeFile => "notice file",
        Duty::PrescribedNoticeLine => "prescribed notice",
        Duty::StateChanges => "statement of changes",
        Duty::PassOnUseRestrictions => "use restrictions",
        Duty::IncludeUsePolicy => "use policy",
        Duty::DisplayPhrase => "displayed attribution",
        Duty::NamePrefix => "name of the model",
        Duty::SameLicense => "what is made from it",
        Duty::NonCommercial => "commercial use",
        Duty::ScaleThreshold => "size of the user",
        Duty::TerritorialExclusion => "territory",
        Duty::OutputUseRestriction => "use of outputs",
        Duty::DiscloseSource => "source",
    }
}

fn write_text(one: &Text, text: &mut String) {
    let models: Vec<&str> = one.models.iter().map(|model| model.as_str()).collect();
    let _ = write!(text, "\n---- {}, for {} ----\n\n", one.id, models.join(", "));
    match &one.body {
        Body::Full(words) => {
            let _ = writeln!(text, "{}", words.trim_matches('\n'));
        }
        Body::Here(path) => {
            let _ = writeln!(text, "The text is in the file {path}.");
        }
        Body::Link(address) => {
            let _ = writeln!(text, "{address}");
        }
        Body::Elsewhere(addresses) => {
            let _ = writeln!(text, "{}", one.title);
            for address in addresses {
                let _ = writeln!(text, "{address}");
            }
        }
    }
}
