//! What a licence asks: duties with their clauses.
//!
//! Each licence has a folder with a `terms.toml`, a table that a lawyer can review. A file is read when its licence occurs.

use forebear_types::LicenseId;
use forebear_types::obligation::Duty;
use serde::Deserialize;

/// The licences with a table, by id. The test below holds the list to the folders.
const TABLES: &[(&str, &str)] = &[
    ("Apache-2.0", include_str!("../Apache-2.0/terms.toml")),
    ("BSD-2-Clause", include_str!("../BSD-2-Clause/terms.toml")),
    ("BSD-3-Clause", include_str!("../BSD-3-Clause/terms.toml")),
    ("LicenseRef-deepseek-model-1.0", include_str!("../LicenseRef-deepseek-model-1.0/terms.toml")),
    ("MIT", include_str!("../MIT/terms.toml")),
];

/// What a licence asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which licence.
    pub id: LicenseId,
    /// Its title.
    pub title: String,
    /// `permissive`, `use-restricted` …
    pub class: String,
    /// Where the table comes from, and when it was read.
    pub source: String,
    /// The duties, in the order of [`Duty`].
    pub duties: Vec<Term>,
}

/// One duty of a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What is to be done.
    pub duty: Duty,
    /// The clause, as the licence numbers it.
    pub clause: String,
    /// When it applies: `redistribute`, `redistribute-modified`.
    pub trigger: String,
    /// A few words of the licence by which the clause is found.
    pub cue: String,
    /// Whether the duty is about something that the upstream may not have (a NOTICE file, further notices).
    pub when_present: bool,
    /// What a reader should know besides.
    pub note: Option<String>,
}

impl Terms {
    /// The term for a duty, if the licence has it.
    pub fn duty(&self, duty: Duty) -> Option<&Term> {
        self.duties.iter().find(|term| term.duty == duty)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    id: String,
    title: String,
    class: String,
    source: String,
    #[serde(default)]
    duty: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    clause: String,
    trigger: String,
    cue: String,
    #[serde(default)]
    when_present: bool,
    note: Option<String>,
}

/// The terms of a licence; `None` if it has no table: what it asks is then not known here, not nothing.
pub fn terms(id: &LicenseId) -> Option<Terms> {
    let (_, text) = TABLES.iter().find(|(known, _)| *known == id.as_str())?;
    parse(text).ok()
}

/// The licences with a table.
pub fn known() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(id, _)| *id)
}

fn parse(text: &str) -> Result<Terms, String> {
    let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut duties = Vec::new();
    for row in table.duty {
        let duty = Duty::from_name(&row.name).ok_or_else(|| format!("there is no duty `{}`", row.name))?;
        duties.push(Term {
            duty,
            clause: row.clause,
            trigger: row.trigger,
            cue: row.cue,
            when_present: row.when_present,
            note: row.note,
        });
    }
    duties.sort_by_key(|term| term.duty);
    Ok(Terms {
        id: LicenseId::new(table.id),
        title: table.title,
        class: table.class,
        source: table.source,
        duties,
    })
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the test compares the list with the folders")]
mod tests {
    use super::*;

    #[test]
    fn every_folder_is_listed_and_every_table_reads() {
        let mut folders: Vec<String> = std::fs::read_dir(env!("CARGO_MANIFEST_DIR"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("terms.toml").is_file())
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        folders.sort();
        assert_eq!(folders, known().collect::<Vec<_>>());
        for (id, text) in TABLES {
            let terms = parse(text).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert_eq!(terms.id.as_str(), *id);
            assert!(!terms.duties.is_empty() && !terms.source.is_empty(), "{id}");
            let names: Vec<Duty> = terms.duties.iter().map(|term| term.duty).collect();
            assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{id}: a duty stands twice");
            assert!(
                terms
                    .duties
                    .iter()
                    .all(|term| ["redistribute", "redistribute-modified"].contains(&term.trigger.as_str()))
            );
        }
    }

    /// Every clause is found by its cue in the text itself.
    #[test]
    fn every_cue_stands_in_the_text() {
        let shared = std::env::var("FOREBEAR_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
        let fold = |text: &str| {
            let lower = text.to_lowercase().replace(['“', '”'], "\"");
            lower.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        for id in known() {
            let id = LicenseId::from(id);
            let text = match crate::text(&id) {
                Some(text) => text.to_owned(),
                None => {
                    let name = id.as_str().trim_start_matches("LicenseRef-");
                    match std::fs::read_to_string(format!("{shared}/license-texts/{name}.txt")) {
                        Ok(text) => text,
                        Err(_) => {
                            println!(
                                "skipped: the text of {id} is not part of the project; set FOREBEAR_SHARED"
                            );
                            continue;
                        }
                    }
                }
            };
            let text = fold(&text);
            for term in terms(&id).unwrap().duties {
                assert!(
                    text.contains(&fold(&term.cue)),
                    "{id}, {}: “{}” is not in the text",
                    term.clause,
                    term.cue
                );
            }
        }
    }
}
