//! `synthetic-data-terms`.

use forebear_types::finding::{Finding, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RuleId};

use crate::datasets::{Dataset, Datasets, Text, Writer, declared};
use crate::draft::Draft;
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("synthetic-data-terms"),
    since: "0.1.0",
    severity: Severity::Note,
    summary: "a declared data set was written by a model whose provider's terms restrict training on it",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.holds_model() {
        return;
    }
    let Some((table, declared)) = declared(context) else { return };
    for (location, set) in table.known(&declared) {
        if let Some(text) = &set.text {
            findings.push(finding(&table, location, set, text));
        }
    }
}

fn finding(table: &Datasets, location: Location, set: &Dataset, text: &Text) -> Finding {
    let models = text.models.join(", ");
    let says: Vec<String> = table
        .terms_of(text)
        .iter()
        .map(|terms| {
            format!("{}'s terms say that {} ({}; {})", terms.provider, terms.says, terms.clause, terms.source)
        })
        .collect();
    let says = says.join("; ");
    let source = format!("[{}; as of {}]", text.source, table.as_of);
    let id = &set.id;
    let (answer, message) = match text.by {
        Writer::Model => (Answer::Unmet, format!("{id} was written by {models}, and {says}. {source}")),
        Writer::Mixed => (
            Answer::Unknown,
            format!(
                "Parts of {id} were written by {models}, and {says}. Could not tell which parts were used. {source}"
            ),
        ),
        Writer::Scored => (
            Answer::Unknown,
            format!(
                "{models} only judged {id}, and {says}. Could not tell whether that reaches a judgement. {source}"
            ),
        ),
        Writer::People => (Answer::Met, format!("{id} was written by people. {source}")),
    };
    let help = match answer {
        Answer::Met => String::new(),
        Answer::Unmet | Answer::Unknown => {
            "Such terms bind whoever accepted them; whether they reach a third party that trains on the data is disputed, and so is \
             what competes. Know the risk, and say in the card which parts were used."
                .to_owned()
        }
    };
    Draft {
        rule: RULE.id,
        answer,
        severity: Severity::Note,
        confidence: Confidence::Medium,
        places: vec![Place { location, commit: None, label: format!("datasets: {id}") }],
        message,
        help,
    }
    .finding()
}
