//! The survey of obligations, from which the tables were made: every fact of it arrived, and what was mended is listed.

use std::collections::BTreeSet;

use forebear_licenses::terms::{self, Ask, Fact, NameRule, Phrase, Terms};
use forebear_types::LicenseId;
use forebear_types::obligation::Duty;
use toml::{Table, Value};

use crate::mended::MENDED;
use crate::texts::shared;

/// One licence of the survey beside its table.
struct Pair {
    id: String,
    terms: Terms,
}

#[test]
fn every_fact_of_the_survey_has_its_counterpart() {
    let file = format!("{}/license-texts/obligations.toml", shared());
    let Ok(survey) = std::fs::read_to_string(file) else {
        println!("skipped: the survey is not part of the project; set FOREBEAR_SHARED");
        return;
    };
    let survey: Table = toml::from_str(&survey).unwrap();
    let mut wrong = Vec::new();
    let mut unused: Vec<_> = MENDED.iter().collect();
    let (mut licenses, mut facts) = (0, 0);
    for license in survey["license"].as_array().unwrap() {
        let license = license.as_table().unwrap();
        let id = text(license, "id");
        let Some(terms) = terms::terms(&LicenseId::from(table_id(&id).as_str())) else {
            wrong.push(format!("{id}: no table"));
            continue;
        };
        licenses += 1;
        let pair = Pair { id, terms };
        for (field, value) in license {
            facts += value.as_array().map_or(1, Vec::len);
            for fault in pair.faults(field, value) {
                let mended = MENDED.iter().find(|(of, at, _)| pair.id.starts_with(of) && at == field);
                match mended {
                    Some(entry) => unused.retain(|other| *other != entry),
                    None => wrong.push(format!("{} {field}: {fault}", pair.id)),
                }
            }
        }
    }
    println!("{facts} facts of {licenses} licences, {} mended", MENDED.len());
    assert!(wrong.is_empty(), "{} facts:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unused.is_empty(), "not mended after all: {unused:?}");
}

/// The survey calls some licences by other names.
fn table_id(id: &str) -> String {
    match id {
        "GPL-3.0" | "AGPL-3.0" => format!("{id}-only"),
        "openmdw-1.0" => "OpenMDW-1.0".to_owned(),
        // The code licence of DeepSeek is MIT, word for word.
        "deepseek-code-mit" => "MIT".to_owned(),
        _ if forebear_licenses::text(&LicenseId::from(id)).is_some() => id.to_owned(),
        _ => format!("LicenseRef-{id}"),
    }
}

impl Pair {
    /// What of a field does not stand in the table.
    fn faults(&self, field: &str, value: &Value) -> Vec<String> {
        let rows: Vec<&Table> = match value {
            Value::Table(row) => vec![row],
            Value::Array(rows) => rows.iter().map(|row| row.as_table().unwrap()).collect(),
            _ => Vec::new(),
        };
        match field {
            "id" | "text_here" => Vec::new(),
            "family" => self.same(&self.terms.family, value.as_str().unwrap()),
            "class" => self.same(self.terms.class.name(), value.as_str().unwrap()),
            "note" => self.same(self.terms.note.as_deref().unwrap_or_default(), value.as_str().unwrap()),
            _ => rows.into_iter().flat_map(|row| self.row(field, row)).collect(),
        }
    }

    fn same(&self, here: &str, there: &str) -> Vec<String> {
        // One text, two entries of the survey.
        if here == there || self.id == "deepseek-code-mit" {
            Vec::new()
        } else {
            vec![format!("{here}, not {there}")]
        }
    }

    fn row(&self, field: &str, row: &Table) -> Vec<String> {
        let v = row.get("v").and_then(Value::as_str).unwrap_or_default();
        let withholds = &self.terms.withholds;
        let facts = &self.terms.facts;
        let mut faults = match field {
            "include_license" => self.duty(Duty::IncludeLicenseText, row, |ask| {
                matches!(ask, Ask::LicenseText(ask) if (v == "yes" && ask.accepts.name() == "text") || ask.accepts.name() == v)
            }),
            "retain_notices" => self.duty(Duty::KeepCopyrightNotice, row, |_| true),
            "notice_file" => self.notice_file(row, v),
            "notice_line" => self.duty(Duty::PrescribedNoticeLine, row, |ask| {
                matches!(ask, Ask::NoticeLine(ask)
                    if ask.line == text(row, "text") && ask.place.name() == text(row, "where") && list(row, "blanks") == ask.blanks)
            }),
            "state_changes" => self.duty(Duty::StateChanges, row, |_| true),
            "display" => self.display(row),
            "model_name" => self.duty(Duty::NamePrefix, row, |ask| match ask {
                Ask::Name(NameRule::BeginsWith(word)) => *word == text(row, "begins_with"),
                Ask::Name(NameRule::Contains(word)) => *word == text(row, "contains"),
                _ => false,
            }),
            "use_restrictions" => self.uses(row),
            "non_commercial" if v == "no" => fact(&withholds.commercial_use, row, |says| says.name() == "allowed"),
            "non_commercial" => {
                let mut faults = fact(&withholds.commercial_use, row, |says| says.name() == v);
                faults.extend(self.duty(Duty::NonCommercial, row, |ask| {
                    matches!(ask, Ask::NonCommercial(ask) if ask.kind.name() == v)
                }));
                faults
            }
            "threshold" => self.threshold(row),
            "territory" => self.duty(Duty::TerritorialExclusion, row, |ask| {
                let in_text = row.get("in_text").map(|id| format!("LicenseRef-{}", id.as_str().unwrap()));
                matches!(ask, Ask::Territory(ask) if ask.excludes == list(row, "excludes")
                    && ask.scope == text(row, "scope")
                    && ask.in_text.as_ref().map(ToString::to_string) == in_text)
            }),
            "outputs" => self.outputs(row),
            "hosting" => fact(&facts.hosting, row, |says| says.name() == v),
            "patent_grant" => {
                fact(&facts.patents, row, |says| says.name() == if v == "yes" { "granted" } else { "ruled-out" })
            }
            "litigation_termination" => fact(&facts.litigation, row, |says| says.name() == v),
            "termination" => fact(&facts.termination, row, |says| says.name() == v),
            "redistribution" => fact(&withholds.redistribution, row, |says| says.name() == v),
            "share_alike" => self.duty(Duty::SameLicense, row, |ask| {
                matches!(ask, Ask::SameLicense(ask) if ask.reach.name() == if v == "yes" { "whole" } else { "limits-only" })
            }),
            "disclose_source" => self.duty(Duty::DiscloseSource, row, |_| true),
            "extra" => {
                let found = self.terms.further.iter().any(|further| {
                    further.what == text(row, "what") && further.clause == text(row, "sec") && further.cue == text(row, "cue")
                });
                if found { Vec::new() } else { vec![text(row, "what")] }
            }
            _ => vec!["a field that this test does not know".to_owned()],
        };
        if let Some(note) = row.get("note").and_then(Value::as_str)
            && !self.notes().contains(note)
        {
            faults.push(format!("the note “{note}”"));
        }
        faults
    }

    /// A term of the duty with the clause, the cue and what is asked.
    fn duty(&self, duty: Duty, row: &Table, asks: impl Fn(&Ask) -> bool) -> Vec<String> {
        let found = self.terms.of(duty).any(|term| {
            let cue = row.get("cue").and_then(Value::as_str);
            term.clause == text(row, "sec") && cue.is_none_or(|cue| cue == term.cue) && asks(&term.ask)
        });
        if found { Vec::new() } else { vec![format!("no such {}", duty.name())] }
    }

    /// A notice file that is there to hold a prescribed line stands with that line.
    fn notice_file(&self, row: &Table, v: &str) -> Vec<String> {
        let file = text(row, "file");
        let kept = self.terms.of(Duty::KeepNoticeFile).any(|term| {
            matches!(&term.ask, Ask::NoticeFile(ask) if ask.file == file)
                && term.when_present == (v == "if-present")
                && term.clause == text(row, "sec")
                && term.cue == text(row, "cue")
        });
        let held = self.terms.of(Duty::PrescribedNoticeLine).any(|term| {
            matches!(&term.ask, Ask::NoticeLine(ask) if ask.file.as_ref() == Some(&file))
                && term.clause == text(row, "sec")
                && term.cue == text(row, "cue")
        });
        if kept || held { Vec::new() } else { vec![format!("no {file} file")] }
    }

    fn display(&self, row: &Table) -> Vec<String> {
        let flag = |key: &str| row.get(key).and_then(Value::as_bool).unwrap_or(true);
        let found = self.terms.of(Duty::DisplayPhrase).any(|term| {
            let Ask::Display(ask) = &term.ask else { return false };
            let phrase = match &ask.phrase {
                Phrase::Words(words) => flag("verbatim") && *words == text(row, "text"),
                Phrase::AnyOf(words) => *words == list(row, "any_of"),
                Phrase::Described(words) => !flag("verbatim") && *words == text(row, "text"),
            };
            phrase
                && term.clause == text(row, "sec")
                && term.trigger.name() == text(row, "trigger")
                && ask.place.as_deref() == row.get("where").and_then(Value::as_str)
                && ask.must == flag("must")
                && ask.blanks == list(row, "blanks")
        });
        if found { Vec::new() } else { vec![format!("no such phrase “{}”", text(row, "text"))] }
    }

    fn threshold(&self, row: &Table) -> Vec<String> {
        self.duty(Duty::ScaleThreshold, row, |ask| {
            let Ask::Threshold(ask) = ask else { return false };
            ask.metric.name() == text(row, "metric")
                && Some(ask.over as i64) == row["over"].as_integer()
                && ask.unit.name() == text(row, "unit")
                && ask.effect.name() == text(row, "effect")
                && ask.inclusive == row.get("inclusive").is_some()
                && ask.as_of.as_deref() == row.get("as_of").and_then(Value::as_str)
        })
    }

    fn uses(&self, row: &Table) -> Vec<String> {
        let optional = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
        let wanted = (
            text(row, "kind"),
            optional("attachment"),
            optional("policy_id").map(|id| format!("LicenseRef-{id}")),
            optional("policy_url"),
        );
        let Some(uses) = &self.terms.withholds.uses else { return vec!["uses are not withheld".to_owned()] };
        let same_place = uses.clause == text(row, "sec") && uses.cue == text(row, "cue");
        let here =
            |kind: &str, attachment: &Option<String>, policy: &Option<LicenseId>, url: &Option<String>| {
                (kind.to_owned(), attachment.clone(), policy.as_ref().map(ToString::to_string), url.clone())
                    == wanted
            };
        let flow_down = text(row, "flow_down");
        let found = if flow_down == "none" {
            here(uses.says.name(), &uses.attachment, &uses.policy, &uses.url)
        } else {
            self.terms.duties.iter().any(|term| match &term.ask {
                Ask::PassOnRestrictions(ask) | Ask::IncludePolicy(ask) => {
                    here(ask.kind.name(), &ask.attachment, &ask.policy, &ask.url)
                        && ask.flow_down.name() == flow_down
                }
                _ => false,
            })
        };
        if found && same_place { Vec::new() } else { vec!["no such restrictions".to_owned()] }
    }

    fn outputs(&self, row: &Table) -> Vec<String> {
        let found = self.terms.withholds.outputs.as_ref().is_some_and(|fact| {
            fact.train_models.name() == text(row, "train_models")
                && fact.rights.name() == text(row, "rights")
                && fact.clause == text(row, "sec")
                && fact.cue == text(row, "cue")
        });
        let mut faults = if found { Vec::new() } else { vec!["not withheld so".to_owned()] };
        if !["allowed", "silent"].contains(&text(row, "train_models").as_str()) {
            faults.extend(self.duty(Duty::OutputUseRestriction, row, |_| true));
        }
        faults
    }

    /// Every note of the table.
    fn notes(&self) -> BTreeSet<&str> {
        let withholds = &self.terms.withholds;
        let facts = &self.terms.facts;
        let mut notes: BTreeSet<&str> =
            self.terms.duties.iter().filter_map(|term| term.note.as_deref()).collect();
        macro_rules! note {
            ($($fact:expr),*) => {
                $(notes.extend($fact.as_ref().and_then(|fact| fact.note.as_deref()));)*
            };
        }
        note!(
            withholds.commercial_use,
            withholds.relicensing,
            withholds.outputs,
            withholds.redistribution,
            withholds.uses
        );
        note!(facts.hosting, facts.patents, facts.litigation, facts.termination);
        notes
    }
}

fn fact<T>(fact: &Option<Fact<T>>, row: &Table, says: impl Fn(&T) -> bool) -> Vec<String> {
    let found = fact.as_ref().is_some_and(|fact| {
        says(&fact.says) && fact.clause == text(row, "sec") && fact.cue == text(row, "cue")
    });
    if found { Vec::new() } else { vec!["no such fact".to_owned()] }
}

fn text(row: &Table, key: &str) -> String {
    row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list(row: &Table, key: &str) -> Vec<String> {
    let Some(values) = row.get(key).and_then(Value::as_array) else { return Vec::new() };
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}
