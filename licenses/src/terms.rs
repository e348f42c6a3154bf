//! What a licence asks: duties with their clauses, what it withholds, and what differs between its versions.
//!
//! Each licence has a folder with a `terms.toml`, a table that a lawyer can review; `licenses/README.md` describes its keys.
//! A table is read when its licence occurs, never all of them.

mod ask;
mod facts;
mod read;
mod tables;
mod vocabulary;

use forebear_types::LicenseId;
use forebear_types::obligation::Duty;

pub use ask::{
    Ask, Display, LicenseText, NameRule, NonCommercial, NoticeFile, NoticeLine, OutputUse, Phrase,
    SameLicense, Territory, Threshold, UsePolicy,
};
pub use facts::{Difference, ExcludedTerritory, Fact, Facts, Further, OutputFact, UseFact, Withholds};
pub use vocabulary::{
    Accepts, Class, Commercial, Effect, FlowDown, Hosting, LinePlace, Litigation, Metric, OutputRights,
    Patents, PolicyKind, Reach, Redistribution, Relicensing, Termination, TrainModels, Trigger, Unit,
};

use tables::{SAME_TEXT, TABLES};

/// What a licence asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which licence.
    pub id: LicenseId,
    /// Its title, as the text gives it.
    pub title: String,
    /// What kind of licence it is.
    pub class: Class,
    /// The family of texts to which it belongs: `llama`, `ordinary`.
    pub family: String,
    /// Version or date of the text.
    pub version: Option<String>,
    /// Where the text was read, and when.
    pub source: String,
    /// What a reader should know about the text.
    pub note: Option<String>,
    /// The duties, in the order of [`Duty`]; a duty with two forms (two prescribed lines) has two terms.
    pub duties: Vec<Term>,
    /// What it gives or withholds.
    pub withholds: Withholds,
    /// Other facts.
    pub facts: Facts,
    /// What else it asks, in words.
    pub further: Vec<Further>,
    /// What differs from other versions.
    pub differs: Vec<Difference>,
}

/// One duty of a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What is to be done.
    pub ask: Ask,
    /// The clause, as the licence numbers it.
    pub clause: String,
    /// When it applies.
    pub trigger: Trigger,
    /// A few words of the licence by which the clause is found.
    pub cue: String,
    /// Whether the duty is about something that the upstream may not have (a NOTICE file, further notices).
    pub when_present: bool,
    /// What a reader should know besides.
    pub note: Option<String>,
}

impl Terms {
    /// The first term for a duty, if the licence has it.
    pub fn duty(&self, duty: Duty) -> Option<&Term> {
        self.of(duty).next()
    }

    /// All terms for a duty.
    pub fn of(&self, duty: Duty) -> impl Iterator<Item = &Term> {
        self.duties.iter().filter(move |term| term.duty() == duty)
    }
}

impl Term {
    /// The kind of duty.
    pub fn duty(&self) -> Duty {
        self.ask.duty()
    }
}

/// The terms of a licence; `None` if it has no table: what it asks is then not known here, not nothing.
///
/// `GPL-3.0-or-later` has the terms of `GPL-3.0-only`, under its own id.
pub fn terms(id: &LicenseId) -> Option<Terms> {
    let name = text_id(id.as_str());
    let index = TABLES.binary_search_by_key(&name, |(known, _)| known).ok()?;
    let mut terms = read::read(TABLES[index].1).ok()?;
    terms.id = id.clone();
    Some(terms)
}

/// The licences with a table.
pub fn known() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(id, _)| *id)
}

/// Whether two ids stand for the same text, word for word.
pub fn same_text(one: &LicenseId, two: &LicenseId) -> bool {
    text_id(one.as_str()) == text_id(two.as_str())
}

fn text_id(id: &str) -> &str {
    SAME_TEXT.iter().find(|(other, _)| *other == id).map_or(id, |(_, id)| *id)
}
