//! What `forebear licenses` prints.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::LegalFile;
use crate::json::write_pretty;
use crate::license::{Asked, Differs, Entry, Furthermore, Identified, Page, Withheld};

/// One licence of the list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedLicense {
    /// SPDX id or `LicenseRef-…`.
    pub id: String,
    /// Its title; `null` where none is known.
    pub title: Option<String>,
    /// `permissive`, `use-restricted` …; `null` where no table says.
    pub class: Option<String>,
    /// Whether its duties are known.
    pub terms_known: bool,
    /// Whether its text is recognised.
    pub text_recognised: bool,
}

/// Everything that is known of one licence.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "forebear licenses show, schema version 1")]
#[serde(deny_unknown_fields)]
pub struct License {
    /// Version of this contract.
    #[schemars(extend("const" = 1))]
    pub schema_version: u8,
    /// SPDX id or `LicenseRef-…`.
    pub id: String,
    /// Its title; `null` where none is known.
    pub title: Option<String>,
    /// `permissive`, `use-restricted` …; `null` where no table says.
    pub class: Option<String>,
    /// Whether its text is recognised.
    pub text_recognised: bool,
    /// Where its terms were read, and when; `null` where they are not known.
    pub source: Option<String>,
    /// What a reader should know about the text.
    pub note: Option<String>,
    /// Values of `license:` in model cards that stand for it.
    pub hub_names: Vec<String>,
    /// Values of `license_name:` in model cards, beside `license: other`, that stand for it.
    pub other_names: Vec<String>,
    /// What it asks; `null` where that is not known, which is not the same as nothing.
    pub duties: Option<Vec<LicenseDuty>>,
    /// What it gives and withholds; `null` where that is not known.
    pub withholds: Option<Vec<LicenseWithholds>>,
    /// What else it asks, in words.
    pub further: Vec<LicenseFurther>,
    /// What differs from other versions.
    pub differs: Vec<LicenseDiffers>,
}

/// One thing that a licence asks.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseDuty {
    /// Name of the duty, as in the obligations of a report.
    pub duty: String,
    /// The duty in words.
    pub asks: String,
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
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseWithholds {
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
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseFurther {
    /// What.
    pub what: String,
    /// The clause.
    pub clause: String,
    /// Words of the licence by which the clause is found.
    pub cue: String,
}

/// What differs from another version or a sibling.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseDiffers {
    /// The id of the other licence.
    pub from: String,
    /// What differs.
    pub what: String,
    /// The clause, where one tells.
    pub clause: Option<String>,
}

/// Writes the list.
///
/// # Errors
/// What the writer says.
pub fn write_list(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&entries.iter().map(ListedLicense::of).collect::<Vec<_>>(), out)
}

/// Writes one licence.
///
/// # Errors
/// What the writer says.
pub fn write_license(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&License::of(page), out)
}

/// Writes what was recognised in files: the same objects as the `legal_files` of a report.
///
/// # Errors
/// What the writer says.
pub fn write_legal_files(files: &[Identified], out: &mut dyn Write) -> io::Result<()> {
    let list: Vec<LegalFile> =
        files.iter().map(|file| LegalFile::new(file.path.clone(), &file.recognition)).collect();
    write_pretty(&list, out)
}

/// The published schemas of these documents, by name (draft 2020-12).
pub fn schemas() -> [(&'static str, serde_json::Value); 3] {
    fn of<T: JsonSchema>(title: &str) -> serde_json::Value {
        let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut schema = generator.into_root_schema_for::<T>();
        schema.insert("title".to_owned(), title.into());
        schema.to_value()
    }
    [
        ("forebear-license-1", of::<License>("forebear licenses show, schema version 1")),
        ("forebear-licenses-1", of::<Vec<ListedLicense>>("forebear licenses, schema version 1")),
        ("forebear-legal-files-1", of::<Vec<LegalFile>>("forebear licenses identify, schema version 1")),
    ]
}

impl ListedLicense {
    fn of(entry: &Entry) -> Self {
        Self {
            id: entry.id.clone(),
            title: entry.title.clone(),
            class: entry.class.clone(),
            terms_known: entry.has_terms,
            text_recognised: entry.has_text,
        }
    }
}

impl License {
    fn of(page: &Page) -> Self {
        Self {
            schema_version: 1,
            id: page.entry.id.clone(),
            title: page.entry.title.clone(),
            class: page.entry.class.clone(),
            text_recognised: page.entry.has_text,
            source: page.source.clone(),
            note: page.note.clone(),
            hub_names: page.hub_names.clone(),
            other_names: page.other_names.clone(),
            duties: page.duties.as_ref().map(|duties| duties.iter().map(LicenseDuty::of).collect()),
            withholds: page.withholds.as_ref().map(|list| list.iter().map(LicenseWithholds::of).collect()),
            further: page.further.iter().map(LicenseFurther::of).collect(),
            differs: page.differs.iter().map(LicenseDiffers::of).collect(),
        }
    }
}

impl LicenseDuty {
    fn of(ask: &Asked) -> Self {
        Self {
            duty: ask.duty.name().to_owned(),
            asks: ask.duty.sentence().to_owned(),
            clause: ask.clause.clone(),
            trigger: ask.trigger.clone(),
            when: ask.when.clone(),
            cue: ask.cue.clone(),
            when_present: ask.when_present,
            prescribed: ask.prescribed.clone(),
            details: ask.details.clone(),
            note: ask.note.clone(),
        }
    }
}

impl LicenseWithholds {
    fn of(withheld: &Withheld) -> Self {
        Self {
            what: withheld.what.clone(),
            says: withheld.says.clone(),
            meaning: withheld.meaning.clone(),
            clause: withheld.clause.clone(),
            cue: withheld.cue.clone(),
            note: withheld.note.clone(),
        }
    }
}

impl LicenseFurther {
    fn of(further: &Furthermore) -> Self {
        Self { what: further.what.clone(), clause: further.clause.clone(), cue: further.cue.clone() }
    }
}

impl LicenseDiffers {
    fn of(difference: &Differs) -> Self {
        Self {
            from: difference.from.clone(),
            what: difference.what.clone(),
            clause: difference.clause.clone(),
        }
    }
}
