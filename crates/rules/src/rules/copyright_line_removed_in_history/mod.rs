//! `copyright-line-removed-in-history`.

use std::collections::BTreeSet;
use std::sync::Arc;

use forebear_types::RuleId;
use forebear_types::fact::{Fact, FactKind, LegalFile, Scope};
use forebear_types::finding::{Finding, Moment, Place, Severity};
use forebear_types::history::Point;
use forebear_types::license::{CopyrightLine, NoticeWords};
use forebear_types::obligation::{Answer, Duty, Obligation};
use forebear_types::{Location, RepoPath};

use crate::past::{FETCH_ALL, finding, has_past};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("copyright-line-removed-in-history"),
    since: "0.1.0",
    severity: Severity::Violation,
    summary: "an owner's line was taken out of a legal text that stayed",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !has_past(context) {
        return;
    }
    let history = context.input.history;
    let mut told: BTreeSet<Vec<String>> = BTreeSet::new();
    for pair in history.line.windows(2).rev() {
        let [before, after] = pair else { continue };
        let (old, new) = (&history.states[before.state], &history.states[after.state]);
        // Where a part could not be read, what seems to be gone may be there.
        if before.state == after.state || old.partial || new.partial {
            continue;
        }
        let (old, new) = (&old.facts, &new.facts);
        for (path, file) in legal(old) {
            let Some((_, kept)) = legal(new).find(|(other, _)| *other == path) else { continue };
            if !same_text(file, kept) {
                continue;
            }
            for line in &file.recognition.copyright {
                let owner = NoticeWords::of(&line.text);
                let stands = |facts: &[Arc<Fact>]| legal(facts).any(|(_, file)| names(file, &owner));
                let here = context.documents.iter().any(|one| {
                    one.recognition().copyright.iter().any(|other| NoticeWords::of(&other.text).names(&owner))
                });
                if !stands(new) && !here && told.insert(owner.holder.clone()) {
                    findings.push(loss(context, path, line, &owner, after));
                }
            }
        }
    }
    if told.is_empty() {
        rest(context, findings);
    }
}

/// The legal files of a state that speak for the model.
fn legal(facts: &[Arc<Fact>]) -> impl Iterator<Item = (&RepoPath, &LegalFile)> {
    facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::LegalFile(file) if file.scope == Scope::Model && file.examined => Some((&fact.path, file)),
        _ => None,
    })
}

/// Whether a licence that was whole before still is.
fn same_text(old: &LegalFile, new: &LegalFile) -> bool {
    old.recognition
        .licenses
        .iter()
        .filter(|found| found.whole())
        .any(|found| new.recognition.licenses.iter().any(|other| other.id == found.id && other.whole()))
}

fn names(file: &LegalFile, owner: &NoticeWords) -> bool {
    file.recognition.copyright.iter().any(|line| NoticeWords::of(&line.text).names(owner))
}

fn loss(
    context: &Context<'_>,
    path: &RepoPath,
    line: &CopyrightLine,
    owner: &NoticeWords,
    after: &Point,
) -> Finding {
    let owed = context.obligations.iter().enumerate().find(|(_, obligation)| is_owed(obligation, owner));
    let commit = Moment::of(&after.snapshot).commit;
    let when = commit.map_or_else(
        || "in the state that is not committed yet".to_owned(),
        |id| format!("in commit {} “{}” by {}", id.short(), after.subject, after.author),
    );
    let place = Place {
        location: Location::file(path.clone()),
        commit,
        label: "the line was taken out here".to_owned(),
    };
    let (severity, whose) = match owed {
        Some((_, obligation)) => (
            context.severity(obligation, RULE.severity),
            format!("; it is owed to {} ({})", context.upstream_title(obligation), obligation.license),
        ),
        // Whose work the line covers is not known: it may have been a slip of the publisher's own.
        None => (Severity::Warning, String::new()),
    };
    let mut found = finding(
        RULE.id,
        Answer::Unmet,
        severity,
        vec![place],
        format!("“{}” was taken out of {path} {when}, and the text around it stayed{whose}.", line.text),
        format!("Put the line “{}” back.", line.text),
    );
    if let Some((index, obligation)) = owed {
        found.obligation = Some(index);
        found.upstream = context.upstream(obligation);
        found.confidence = context.confidence(obligation);
    }
    found
}

fn is_owed(obligation: &Obligation, owner: &NoticeWords) -> bool {
    obligation.duty == Duty::KeepCopyrightNotice
        && obligation.certain
        && obligation.answer != Answer::Met
        && obligation.subject.lines().any(|line| NoticeWords::of(line).names(owner))
}

/// Where nothing was taken out: that it was not, or that nobody can tell.
fn rest(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let lines = context.documents.iter().filter(|one| !one.is_card()).find_map(|one| {
        let line = one.recognition().copyright.first()?;
        Some(Place {
            location: Location::lines(one.path.clone(), forebear_types::LineSpan::line(line.line)),
            commit: None,
            label: "an owner's line".to_owned(),
        })
    });
    let complete = context.input.history.complete;
    let (answer, places, message, help) = match (lines, complete) {
        (Some(place), true) => {
            (Answer::Met, vec![place], "No owner's line was taken out of a text that stayed.", "")
        }
        (_, false) => (
            Answer::Unknown,
            vec![context.anchor("the history behind this is not complete")],
            "Could not tell whether an owner's line was taken out: the history is not complete.",
            FETCH_ALL,
        ),
        (None, true) => return,
    };
    findings.push(finding(RULE.id, answer, RULE.severity, places, message.to_owned(), help));
}
