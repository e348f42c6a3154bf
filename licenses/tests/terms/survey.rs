//! The survey of obligations, from which the tables were made: every fact of it arrived, and what was mended is listed.

use std::collections::BTreeSet;

use forebear_licenses::terms::{self, Ask, Fact, NameRule, Phrase, Terms};
use forebear_types::LicenseId;
use forebear_types::obligation::Duty;
use toml::{Table, Value};

use crate::texts::shared;

/// Facts of the survey that the tables state otherwise, with the reason. Licence (its beginning), field, reason.
const MENDED: &[(&str, &str, &str)] = &[
    ("BSD-", "retain_notices", "clauses 1 and 2: the same in both forms"),
    ("Apache-2.0", "notice_file", "the note in a sentence"),
    (
        "deepseek-code-mit",
        "include_license",
        "the code licence of DeepSeek is MIT; its table counts paragraphs as the SPDX text has them",
    ),
    ("deepseek-code-mit", "retain_notices", "the same"),
    ("deepseek-model-1.0", "use_restrictions", "the duty to pass them on stands in 4.a"),
    ("gemma-terms-2024-02-21", "include_license", "the items of 3.1 are numbered in this version"),
    ("gemma-terms-2024-02-21", "notice_file", "the items of 3.1 are numbered in this version"),
    ("gemma-terms-2024-02-21", "notice_line", "the items of 3.1 are numbered in this version"),
    ("gemma-terms-2024-02-21", "state_changes", "the items of 3.1 are numbered in this version"),
    ("gemma-terms-2024-02-21", "use_restrictions", "the items of 3.2 are numbered in this version"),
    ("health-ai-developer-foundations", "use_restrictions", "the nearer clause, 3.2(1)"),
    ("alphafold3-weights-terms", "use_restrictions", "the nearer clause, 3(1)"),
    ("bigscience-bloom-rail-1.0", "outputs", "the nearer clause, 1.5"),
    ("bigscience-bloom-rail-1.0", "hosting", "the nearer clause, 1.7"),
    ("bigscience-bloom-rail-1.0", "extra", "the nearer clause, Attachment A 5"),
    ("bigscience-openrail-m", "outputs", "the nearer clause, 1(e)"),
    ("bigscience-openrail-m", "hosting", "the nearer clause, 1(g)"),
    ("clay-openrail-m", "hosting", "the nearer clause, 1(f)"),
    ("ai-pubs-openrail-m-modified", "hosting", "the nearer clause, 1(f)"),
    ("ltx-video-0.9-rail-m", "outputs", "the nearer clause, 1.5"),
    ("ltx-video-0.9-rail-m", "hosting", "the nearer clause, 1.6"),
    (
        "bigcode-openrail-m-v1",
        "outputs",
        "1.i counts models made from outputs as modifications; the survey says silent",
    ),
    ("research-only-rail-m", "include_license", "the nearer clause, 6.2"),
    ("research-only-rail-m", "state_changes", "the nearer clause, 6.3"),
    ("research-only-rail-m", "retain_notices", "the nearer clause, 6.4"),
    ("qwen-community-1.0", "display", "the display is asked of commercial products only"),
    ("stability-community", "state_changes", "a cue of more than three words"),
    (
        "stability-community",
        "outputs",
        "section V counts models derived from outputs as derivative works: in the note",
    ),
    ("stability-nc", "state_changes", "a cue of more than three words"),
    ("stability-nc-2025-02-20", "include_license", "the nearer clause, III.a.1"),
    ("stability-nc-2025-02-20", "notice_file", "the nearer clause, III.a.2"),
    ("stability-nc-2025-02-20", "notice_line", "the nearer clause, III.a.2"),
    ("stability-nc-2025-02-20", "display", "the nearer clause, III.a.3"),
    ("stable-video-diffusion-nc", "state_changes", "a cue of more than three words"),
    (
        "flux-",
        "notice_line",
        "the notice stands alongside the distribution; a Notice file is one way, not the place",
    ),
    (
        "flux-",
        "notice_file",
        "the notice stands alongside the distribution; a Notice file is one way, not the place",
    ),
    ("flux-", "use_restrictions", "the note gives the clause by which own terms must not conflict"),
    ("falcon-", "include_license", "4.1(c), 4.1.2: the survey drops a level and so names another clause"),
    ("falcon-", "state_changes", "4.1(d), 4.1.3: the survey drops a level"),
    ("falcon-", "retain_notices", "4.1(e), 4.1.4: the survey drops a level"),
    ("falcon-", "notice_file", "4.1(f), 4.1.5: the survey drops a level"),
    ("falcon-", "redistribution", "the nearer clause, 4.1"),
    ("falcon-", "use_restrictions", "the duty to pass them on stands in 4.1(a), 4.1.1"),
    ("yi-series-", "non_commercial", "the cue of the survey stands in the definitions"),
    ("yi-series-", "outputs", "a cue of more than two words, and the name of the definition"),
    (
        "yi-series-",
        "redistribution",
        "the cue of the survey stands in the ban on military use; the grant is in 2",
    ),
    (
        "skywork-community",
        "outputs",
        "section I counts models trained on outputs as derivatives; the survey says silent",
    ),
    ("skywork-community", "use_restrictions", "the nearer clause, II.1"),
    ("cogagent", "use_restrictions", "the nearer clause, 3(1)"),
    ("hunyuan", "hosting", "the nearer clause, 3.d"),
    ("hunyuan", "extra", "the nearer clause, Exhibit A 12"),
    ("tencent-hy-mt1.5-community", "hosting", "the nearer clause, 3.d"),
    ("tencent-hy-mt1.5-community", "extra", "the nearer clause, Exhibit A 12"),
    ("exaone-1.0-nc", "outputs", "other models, competing or not; the survey says competing"),
    ("exaone-1.1-nc", "outputs", "other models, competing or not; the survey says competing"),
    ("nvidia-open-model-agreement", "include_license", "section 3, counted as the licence counts"),
    ("nvidia-open-model-agreement", "retain_notices", "section 3, counted as the licence counts"),
    ("nvidia-open-model-agreement", "notice_file", "section 3, counted as the licence counts"),
    ("nvidia-open-model-agreement", "notice_line", "section 3, counted as the licence counts"),
    ("databricks-open-model", "use_restrictions", "the nearer clause, 2.3(1)"),
    ("sarashina-nc-2.0", "outputs", "2.ii(c): no rights claimed in outputs; the survey says silent"),
    (
        "minicpm-model",
        "include_license",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
    (
        "minicpm-model",
        "notice_line",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
    (
        "minicpm-model",
        "display",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
    (
        "minicpm-model",
        "model_name",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
    (
        "minicpm-model",
        "use_restrictions",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
    (
        "minicpm-model",
        "non_commercial",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
    ("minicpm-model", "threshold", "numbers as above; “less than 1 million” excludes exactly one million"),
    (
        "minicpm-model",
        "outputs",
        "the sections have numbers; the headings that the survey names are not in the text",
    ),
];

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
