//! What the reports of `forebear licenses` are made of. The binary fills these values; text and JSON write them.

use forebear_types::fact::Problem;
use forebear_types::license::Recognition;
use forebear_types::obligation::Duty;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// SPDX id or `LicenseRef-…`.
    pub id: String,
    /// Its title, where one is known.
    pub title: Option<String>,
    /// `permissive`, `use-restricted` …; `None` where no table says.
    pub class: Option<String>,
    /// Whether there is a table of what it asks.
    pub has_terms: bool,
    /// Whether its text is recognised.
    pub has_text: bool,
}

/// Everything that is known of one licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What the list says of it.
    pub entry: Entry,
    /// Where its terms were read, and when.
    pub source: Option<String>,
    /// What a reader should know about the text.
    pub note: Option<String>,
    /// Values of `license:` in model cards that stand for it.
    pub hub_names: Vec<String>,
    /// Values of `license_name:` in model cards, beside `license: other`, that stand for it.
    pub other_names: Vec<String>,
    /// What it asks; `None` if that is not known here.
    pub duties: Option<Vec<Asked>>,
    /// What it gives and withholds; `None` if that is not known here.
    pub withholds: Option<Vec<Withheld>>,
    /// What else it asks, in words.
    pub further: Vec<Furthermore>,
    /// What differs from other versions.
    pub differs: Vec<Differs>,
}

/// One thing that a licence asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The duty.
    pub duty: Duty,
    /// The clause, as the licence numbers it.
    pub clause: String,
    /// When it applies: `redistribute`, `service` …
    pub trigger: String,
    /// The same in words.
    pub when: String,
    /// Words of the licence by which the clause is found.
    pub cue: String,
    /// Whether it is about something that the upstream may not have.
    pub when_present: bool,
    /// Words that the licence prescribes; one of them has to be there.
    pub prescribed: Vec<String>,
    /// What exactly is asked, in short sentences.
    pub details: Vec<String>,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// One thing that a licence gives or withholds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// What, in a few words: `commercial use`.
    pub what: String,
    /// What the licence says of it, as a word of the tables: `research-only`.
    pub says: String,
    /// The same in words.
    pub meaning: String,
    /// The clause.
    pub clause: String,
    /// Words of the licence by which the clause is found.
    pub cue: String,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// Something else that a licence asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Furthermore {
    /// What.
    pub what: String,
    /// The clause.
    pub clause: String,
    /// Words of the licence by which the clause is found.
    pub cue: String,
}

/// What differs from another version or a sibling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// The id of the other licence.
    pub from: String,
    /// What differs.
    pub what: String,
    /// The clause, where one tells.
    pub clause: Option<String>,
}

/// What was recognised in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The file as named on the command line, made printable; `-` for standard input.
    pub path: String,
    /// What its text is.
    pub recognition: Recognition,
    /// In which encoding it was read; `None` if it was not.
    pub encoding: Option<&'static str>,
    /// What could not be examined.
    pub problems: Vec<Problem>,
}
