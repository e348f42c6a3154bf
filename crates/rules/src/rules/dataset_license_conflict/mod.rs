//! `dataset-license-conflict`.

use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RuleId};

use crate::datasets::{CommercialUse, Dataset, SetLicense, declared};
use crate::declared::{DeclaredLicense, declared_license};
use crate::draft::Draft;
use crate::grants::{Level, commercial_level};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("dataset-license-conflict"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "a declared data set's licence withholds commercial use, which the declared model licence allows",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

/// What the declared licence of the model says of commercial use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    Allows,
    Withholds,
    Unclear,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    let Some(license) = declared_license(context.input.facts) else { return };
    let Some((table, declared)) = declared(context) else { return };
    let model = model(&license);
    for (location, set) in table.known(&declared) {
        if let Some(own) = &set.license {
            findings.push(finding(&license, model, location, set, own, &table.as_of));
        }
    }
}

/// What all values together say: only if they agree is it known.
fn model(license: &DeclaredLicense<'_>) -> Model {
    let levels: Vec<Option<Level>> = license
        .values
        .iter()
        .flat_map(|(_, value)| match value.candidates() {
            [] => vec![None],
            ids => ids.iter().map(commercial_level).collect(),
        })
        .collect();
    if levels.iter().all(|level| *level == Some(Level::All)) {
        Model::Withholds
    } else if levels.iter().all(|level| matches!(level, Some(Level::Nothing | Level::Some))) {
        Model::Allows
    } else {
        Model::Unclear
    }
}

fn finding(
    license: &DeclaredLicense<'_>,
    model: Model,
    location: Location,
    set: &Dataset,
    own: &SetLicense,
    as_of: &str,
) -> Finding {
    let (id, name) = (&set.id, &own.name);
    let words = license.words();
    let source = format!("[{}; as of {as_of}]", own.source);
    let (answer, message) = match (own.commercial, model) {
        (CommercialUse::Allowed, _) => {
            (Answer::Met, format!("{id} is under {name}, which allows commercial use. {source}"))
        }
        (_, Model::Withholds) => (
            Answer::Met,
            format!("{id} is under {name}, and {words} withholds commercial use as well. {source}"),
        ),
        (CommercialUse::Withheld, Model::Allows) => (
            Answer::Unmet,
            format!(
                "{id} is under {name}, which withholds commercial use, and the model is declared {words}. {source}"
            ),
        ),
        (CommercialUse::Withheld, Model::Unclear) => (
            Answer::Unknown,
            format!(
                "{id} is under {name}, which withholds commercial use. Could not tell whether {words} allows it. {source}"
            ),
        ),
        (CommercialUse::Parts, Model::Allows | Model::Unclear) => (
            Answer::Unknown,
            format!(
                "Parts of {id} ({name}) withhold commercial use. Could not tell which parts were used. {source}"
            ),
        ),
        (CommercialUse::Disputed, Model::Allows | Model::Unclear) => (
            Answer::Unknown,
            format!(
                "Could not tell whether {id} ({name}) may be used commercially: its sources disagree. {source}"
            ),
        ),
    };
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unmet | Answer::Unknown => {
            "Whether a licence of data reaches a model that was trained on it is disputed. Say in the card how the set was used, ask \
             its publisher, or leave the set out."
                .to_owned()
        }
    };
    let places = vec![
        Place { location, commit: None, label: format!("datasets: {id}") },
        Place { location: license.location(), commit: None, label: format!("license: {words}") },
    ];
    Draft {
        rule: RULE.id,
        answer,
        severity: Severity::Note,
        confidence: Confidence::Medium,
        places,
        message,
        help,
    }
    .finding()
}
