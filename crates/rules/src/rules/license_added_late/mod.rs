//! `license-added-late`.

use forebear_types::finding::{Finding, Moment, Place, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::{Answer, Creditor, Duty, Obligation};
use forebear_types::{Location, RuleId};

use crate::draft::Draft;
use crate::exposure::Spell;
use crate::past::{FETCH_ALL, events};
use crate::words::exposure_words;
use crate::words::{capital, subject_words};
use crate::{Context, Rule, Stage};

pub(super) static RULE: Rule = Rule {
    id: RuleId("license-added-late"),
    since: "0.1.0",
    severity: Severity::Warning,
    summary: "weights were in the history before the licence text or the owner's line that they needed",
    docs: include_str!("docs.md"),
    stage: Stage::Repository,
    check,
};

/// Text and owner's line that came late together: one finding.
struct Late<'a> {
    obligation: &'a Obligation,
    index: usize,
    spell: &'a Spell,
    what: Vec<String>,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.input.history.head.is_none() {
        return;
    }
    let mut late: Vec<Late<'_>> = Vec::new();
    let mut in_time = None;
    let mut cut_short = None;
    for (index, obligation) in context.obligations.iter().enumerate() {
        let judged = matches!(obligation.duty, Duty::IncludeLicenseText | Duty::KeepCopyrightNotice);
        if !judged || !obligation.certain {
            continue;
        }
        let mut started_late = false;
        for spell in context.line.spells[index].iter().filter(|spell| !spell.lost && spell.to.is_some()) {
            started_late = true;
            let what = subject_words(obligation);
            match late.iter_mut().find(|one| one.same(obligation, spell)) {
                Some(one) => one.what.push(what),
                None => late.push(Late { obligation, index, spell, what: vec![what] }),
            }
        }
        if obligation.answer == Answer::Met && !started_late {
            let answer = if context.input.history.complete { &mut in_time } else { &mut cut_short };
            answer.get_or_insert((index, obligation));
        }
    }
    for one in &late {
        findings.push(one.finding(context));
    }
    if let Some((index, obligation)) = in_time.filter(|_| late.is_empty()) {
        let message = "What the weights needed was there from the first commit that holds them.".to_owned();
        findings.push(plain(context, Answer::Met, index, obligation, message));
    }
    if let Some((index, obligation)) = cut_short.filter(|_| late.is_empty()) {
        let message =
            "Could not tell since when the licence text is here: the history is not complete.".to_owned();
        findings.push(plain(context, Answer::Unknown, index, obligation, message));
    }
}

impl Late<'_> {
    fn same(&self, obligation: &Obligation, spell: &Spell) -> bool {
        let hop = |one: &Obligation| match one.creditor {
            Creditor::Ancestor { hop, .. } => Some(hop),
            Creditor::Own => None,
        };
        self.spell.exposure == spell.exposure && hop(self.obligation) == hop(obligation)
    }

    fn finding(&self, context: &Context<'_>) -> Finding {
        let interval = exposure_words(&self.spell.exposure);
        let upstream = context.upstream_title(self.obligation);
        let message = match self.obligation.creditor {
            Creditor::Own => {
                format!("{} came after the weights: missing {interval}.", capital(&self.what.join(" and ")))
            }
            Creditor::Ancestor { .. } => {
                format!(
                    "{}, owed to {upstream}, came after the weights: missing {interval}.",
                    capital(&self.what.join(" and "))
                )
            }
        };
        let severity = match self.obligation.creditor {
            // The licensor may add the own text at leisure.
            Creditor::Own => Severity::Note,
            Creditor::Ancestor { .. } => context.severity(self.obligation, Severity::Warning),
        };
        let mut finding = Draft {
            rule: RULE.id,
            answer: Answer::Unmet,
            severity,
            confidence: context.confidence(self.obligation),
            places: self.places(context),
            message,
            help: "Nothing in the repository can mend the past. Copies taken in the interval lack the text: tell those who \
                   took one. Commit time is not publication time; if the history was pushed only after the text was added, \
                   waive this with that reason."
                .to_owned(),
        }
        .finding();
        finding.obligation = Some(self.index);
        finding.upstream = context.upstream(self.obligation);
        finding.exposure = Some(self.spell.exposure.clone());
        finding
    }

    /// Where the text came in, then the first commit without it.
    fn places(&self, context: &Context<'_>) -> Vec<Place> {
        let history = context.input.history;
        let mut places = Vec::new();
        if let Some(to) = self.spell.to {
            let point = &history.line[to];
            let path =
                self.obligation.satisfied_by.first().map(|location| location.path.clone()).or_else(|| {
                    events(context)
                        .find(|event| event.snapshot == point.snapshot)
                        .map(|event| event.path.clone())
                });
            if let Some(path) = path {
                let commit = Moment::of(&point.snapshot).commit;
                let label = match commit {
                    Some(_) => format!("added by “{}”", point.subject),
                    None => "added in the state that is not committed yet".to_owned(),
                };
                places.push(Place { location: Location::file(path), commit, label });
            }
        }
        let first = &history.line[self.spell.from];
        let mut anchor = context.anchor(&format!("without it since “{}”", first.subject));
        anchor.commit = Moment::of(&first.snapshot).commit;
        places.push(anchor);
        places
    }
}

fn plain(
    context: &Context<'_>,
    answer: Answer,
    index: usize,
    obligation: &Obligation,
    message: String,
) -> Finding {
    let places = obligation
        .satisfied_by
        .iter()
        .map(|location| Place { location: location.clone(), commit: None, label: "it is here".to_owned() })
        .collect();
    let mut finding = Draft {
        rule: RULE.id,
        answer,
        severity: Severity::Note,
        confidence: Confidence::High,
        places,
        message,
        help: match answer {
            Answer::Unknown => FETCH_ALL.to_owned(),
            _ => String::new(),
        },
    }
    .finding();
    finding.obligation = Some(index);
    finding.upstream = context.upstream(obligation);
    finding
}
