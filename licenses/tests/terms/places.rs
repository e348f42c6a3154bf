//! Every claim of a table that a text can prove, and the test that it does.

use forebear_licenses::terms::{self, Ask, Phrase, Terms};
use forebear_types::LicenseId;

use crate::texts::{fold, text_of};

/// Words that have to stand in a text, and the clause that is cited for them.
pub(crate) struct Place {
    /// In which table, under which key.
    pub(crate) key: String,
    pub(crate) clause: Option<String>,
    pub(crate) words: String,
    /// The text, if it is not the licence itself.
    pub(crate) text: Option<LicenseId>,
}

/// All places of one table.
pub(crate) fn places(terms: &Terms) -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |key: &str, clause: &str, words: &str, text: Option<&LicenseId>| {
        places.push(Place {
            key: key.to_owned(),
            clause: Some(clause.to_owned()),
            words: words.to_owned(),
            text: text.cloned(),
        });
    };
    for term in &terms.duties {
        let text = match &term.ask {
            Ask::Territory(territory) => territory.in_text.as_ref(),
            _ => None,
        };
        let described =
            matches!(&term.ask, Ask::Display(display) if matches!(display.phrase, Phrase::Described(_)));
        if !(described && term.cue.is_empty()) {
            add(term.duty().name(), &term.clause, &term.cue, text);
        }
        match &term.ask {
            Ask::NoticeLine(line) => {
                add("line", &term.clause, &line.line, None);
                line.blanks.iter().for_each(|blank| assert!(line.line.contains(blank), "{blank}"));
            }
            Ask::Display(display) => match &display.phrase {
                Phrase::Words(words) => add("phrase", &term.clause, words, None),
                Phrase::AnyOf(words) => {
                    words.iter().for_each(|words| add("any_of", &term.clause, words, None))
                }
                Phrase::Described(_) => {}
            },
            _ => {}
        }
    }
    let withholds = &terms.withholds;
    macro_rules! fact {
        ($key:literal, $fact:expr) => {
            if let Some(fact) = &$fact {
                add($key, &fact.clause, &fact.cue, None);
            }
        };
    }
    fact!("commercial-use", withholds.commercial_use);
    fact!("relicensing", withholds.relicensing);
    fact!("scale", withholds.scale);
    fact!("outputs", withholds.outputs);
    fact!("redistribution", withholds.redistribution);
    fact!("uses", withholds.uses);
    fact!("hosting", terms.facts.hosting);
    fact!("patents", terms.facts.patents);
    fact!("litigation", terms.facts.litigation);
    fact!("termination", terms.facts.termination);
    if let Some(territory) = &withholds.territory {
        add("territory", &territory.clause, &territory.cue, territory.in_text.as_ref());
    }
    for further in &terms.further {
        add("further", &further.clause, &further.cue, None);
    }
    for difference in &terms.differs {
        if let Some(cue) = &difference.cue {
            places.push(Place {
                key: "differs".to_owned(),
                clause: difference.clause.clone(),
                words: cue.clone(),
                text: None,
            });
        }
    }
    places
}

/// All tables.
pub(crate) fn tables() -> Vec<Terms> {
    terms::known().map(|id| terms::terms(&LicenseId::from(id)).unwrap()).collect()
}

#[test]
fn every_cue_line_and_phrase_stands_in_its_text() {
    let mut missing = Vec::new();
    let mut found = 0;
    for terms in tables() {
        let Some(text) = text_of(&terms.id) else { continue };
        let text = fold(&text);
        for place in places(&terms) {
            let other = place.text.as_ref().map(|id| text_of(id).map(|text| fold(&text)));
            let text = match &other {
                Some(None) => continue,
                Some(Some(text)) => text,
                None => &text,
            };
            if text.contains(&fold(&place.words)) {
                found += 1;
            } else {
                missing.push(format!("{} {}: “{}”", terms.id, place.key, place.words));
            }
        }
    }
    println!("{found} places found");
    assert!(missing.is_empty(), "not in their texts:\n{}", missing.join("\n"));
}

/// A rule that looks for the text of a table's licence can only find it if the text is recognised under the table's id.
#[test]
fn every_text_is_recognised_under_the_id_of_its_table() {
    let mut wrong = Vec::new();
    for terms in tables() {
        let Some(text) = text_of(&terms.id) else { continue };
        let found = forebear_licenses::recognise(&text);
        let whole = |id: &LicenseId| terms::same_text(id, &terms.id);
        if !found.licenses.iter().any(|license| license.whole() && whole(&license.id)) {
            let ids: Vec<String> = found
                .licenses
                .iter()
                .map(|license| format!("{} {}", license.id, license.status.name()))
                .collect();
            wrong.push(format!("{}: {ids:?}", terms.id));
        }
    }
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong.join("\n"));
}
