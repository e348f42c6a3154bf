//! The account of a finding, from a check or from a JSON report.

use forebear_licenses::terms;
use forebear_lineage::catalog::{Catalog, Period};
use forebear_report::account::{Account, Law};
use forebear_report::text::account::write_account;
use forebear_types::fact::FactKind;
use forebear_types::finding::{Finding, Level};
use forebear_types::license::Recognition;
use forebear_types::lineage::Hop;
use forebear_types::obligation::{Creditor, Obligation};
use forebear_types::run::{Run, WaiverUse};
use forebear_types::{ModelId, RepoPath, RuleId, Snapshot};

use super::weigh;
use crate::cli::Explain;
use crate::commands::{by_fingerprint, request, text_options};
use crate::error::Error;
use crate::pipeline::examine;
use crate::report_file;

/// What is known where the finding was found.
pub(super) struct Known<'a> {
    findings: &'a [Finding],
    obligations: &'a [Obligation],
    hops: &'a [Hop],
    documents: Vec<(&'a RepoPath, &'a Recognition)>,
    unread: Vec<&'a RepoPath>,
    copied: Option<String>,
    pub(super) levels: &'a [(RuleId, Level)],
    pub(super) waivers: &'a [WaiverUse],
}

/// The account as text.
pub(super) fn account(options: &Explain, catalog: &Catalog, print: &str) -> Result<String, Error> {
    match &options.report {
        Some(file) => {
            let report = report_file::read(file)?;
            let known = Known {
                findings: &report.findings,
                obligations: &report.obligations,
                hops: &report.hops,
                documents: report.documents.iter().map(|(path, held)| (path, held)).collect(),
                unread: Vec::new(),
                copied: None,
                levels: &[],
                waivers: &[],
            };
            text(&known, by_fingerprint::find(known.findings, print, &file.display().to_string())?, catalog)
        }
        None => {
            let run = examine(&request(&options.target)?)?;
            let known = of_run(&run);
            let place = options.target.path.display().to_string();
            text(&known, by_fingerprint::find(known.findings, print, &place)?, catalog)
        }
    }
}

fn of_run(run: &Run) -> Known<'_> {
    let (mut documents, mut unread) = (Vec::new(), Vec::new());
    for fact in &run.facts {
        match &fact.kind {
            FactKind::LegalFile(file) if !file.examined => unread.push(&fact.path),
            FactKind::LegalFile(file) => documents.push((&fact.path, &file.recognition)),
            FactKind::ModelCard(card) => documents.push((&fact.path, &card.recognition)),
            _ => {}
        }
    }
    let with_weights = |point: &&forebear_types::history::Point| run.history.states[point.state].weights;
    let copied = run.history.line.iter().find(with_weights).and_then(|point| match &point.snapshot {
        Snapshot::Commit { id, time } => {
            Some(format!("{}: the first commit with weights, {}", time.date(), id.short()))
        }
        _ => None,
    });
    Known {
        findings: &run.findings,
        obligations: &run.obligations,
        hops: &run.lineage.hops,
        documents,
        unread,
        copied,
        levels: &run.levels,
        waivers: &run.waivers,
    }
}

fn text(known: &Known<'_>, finding: &Finding, catalog: &Catalog) -> Result<String, Error> {
    let owed = finding.obligation.and_then(|index| known.obligations.get(index));
    let steps = steps(known.hops, finding, owed);
    let account = Account {
        finding,
        fires: forebear_rules::rule(finding.rule.0).map_or("", |rule| rule.summary),
        periods: periods(catalog, finding, owed),
        copied: known.copied.clone(),
        owed,
        law: owed.and_then(law),
        documents: known.documents.clone(),
        unread: known.unread.clone(),
        weighed: weigh::weighed(known, finding, owed, &steps),
        settles: weigh::settles(finding, owed, &steps),
        steps,
    };
    let mut bytes = Vec::new();
    write_account(&account, &text_options(None), &mut bytes)
        .map_err(|cause| Error::Write { target: "standard output".to_owned(), cause })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The steps that a finding rests on: from the repository's own model up to the ancestor to whom something is owed.
fn steps<'a>(hops: &'a [Hop], finding: &Finding, owed: Option<&Obligation>) -> Vec<&'a Hop> {
    let names = |hop: &Hop, id: &ModelId| hop.candidates.iter().any(|one| one.model == *id);
    let concerned: Vec<&Hop> = match owed.map(|owed| &owed.creditor) {
        Some(Creditor::Ancestor { hop, .. }) => hops.get(*hop).into_iter().collect(),
        Some(Creditor::Own) => Vec::new(),
        None if finding.upstream.is_empty() => Vec::new(),
        None => hops.iter().filter(|hop| finding.upstream.iter().all(|id| names(hop, id))).collect(),
    };
    let mut chain: Vec<&Hop> = Vec::new();
    for hop in concerned {
        let mut way = vec![hop];
        // Each hop of an ancestor has a hop that leads to that ancestor; a list that a stranger wrote may go in circles.
        while let Some(child) = way.last().and_then(|hop| hop.child.as_ref())
            && let Some(below) = hops
                .iter()
                .find(|other| names(other, child) && !way.iter().any(|seen| std::ptr::eq(*seen, *other)))
        {
            way.push(below);
        }
        for step in way.into_iter().rev() {
            if !chain.iter().any(|seen| std::ptr::eq(*seen, step)) {
                chain.push(step);
            }
        }
    }
    chain
}

/// The licence states of the ancestors concerned, and for which of them no source gives one.
fn periods(catalog: &Catalog, finding: &Finding, owed: Option<&Obligation>) -> Vec<String> {
    let models: &[ModelId] = match owed.map(|owed| &owed.creditor) {
        Some(Creditor::Ancestor { candidates, .. }) => candidates,
        Some(Creditor::Own) => &[],
        None => &finding.upstream,
    };
    let mut lines = Vec::new();
    for id in models {
        match catalog.find(id.as_str()) {
            None => lines.push(format!("{id}: not in the catalog")),
            Some(model) if model.licenses.is_empty() => {
                lines.push(format!("{id}: no source for its licence is in the catalog"));
            }
            Some(model) => lines.extend(model.licenses.iter().map(|period| words(id, period))),
        }
    }
    lines
}

/// "deepseek-ai/DeepSeek-V3: weights MIT from 2025-03-24 until 2025-08-21 (primary source: …)".
fn words(id: &ModelId, period: &Period) -> String {
    let weights = period.weights.unwrap_or("unknown");
    let code = period.code.map(|code| format!(", code {code}")).unwrap_or_default();
    let span = match (period.from, period.until) {
        (Some(from), Some(until)) => format!("from {from} until {until}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "always, as far as known".to_owned(),
    };
    // Sources of the second kind say so themselves, with the reason.
    let confidence = period.confidence.name();
    let source = period
        .source
        .strip_prefix(confidence)
        .map_or(period.source, |rest| rest.trim_start_matches([':', ' ']));
    format!("{id}: weights {weights}{code}, {span} ({confidence} source: {source})")
}

/// What the tables say of the duty.
fn law(owed: &Obligation) -> Option<Law> {
    let terms = terms::terms(&owed.license)?;
    let term =
        terms.of(owed.duty).find(|term| term.clause == owed.clause).or_else(|| terms.duty(owed.duty))?;
    Some(Law {
        when: term.trigger.meaning().to_owned(),
        cue: term.cue.clone(),
        prescribed: term.ask.prescribed().map(str::to_owned),
        note: term.note.clone(),
        source: terms.source.clone(),
    })
}
