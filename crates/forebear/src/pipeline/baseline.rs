//! What stood at an earlier commit already.

use std::collections::{BTreeMap, BTreeSet};

use forebear_scanner::source::What;
use forebear_types::Snapshot;
use forebear_types::finding::Finding;
use forebear_types::obligation::Answer;
use forebear_types::run::Run;

use super::{Examination, Request, Walk, examine_over, is_of_history};
use crate::error::Error;

/// Marks the findings that the baseline has too.
///
/// The baseline is judged with the configuration of now: a rule that is asked to be stricter says nothing new about what was there
/// before, and a waiver that is taken back counts.
pub(super) fn compared(request: &Request, revision: &str, examination: Examination) -> Result<Run, Error> {
    let Examination { mut run, config, .. } = examination;
    let before = examine_over(
        &Request {
            what: What::Revision(revision.to_owned()),
            walk: Walk { whole: request.walk.whole, engine: request.walk.engine, ..Walk::default() },
            baseline: None,
            config: Some(config),
            ..request.clone()
        },
        &BTreeMap::new(),
    )?;
    mark(&mut run, &before.run);
    run.baseline = match before.run.source.snapshot {
        Snapshot::Commit { id, .. } => Some(id),
        _ => before.run.source.head,
    };
    Ok(run)
}

/// A finding is known if one with its fingerprint stood before, as surely; one about the past only if none of its commits is new.
fn mark(run: &mut Run, before: &Run) {
    let stood = |answers: &[Answer]| -> BTreeSet<&str> {
        let open = before.findings.iter().filter(|finding| finding.waived.is_none());
        open.filter(|finding| answers.contains(&finding.answer))
            .map(|finding| finding.fingerprint.0.as_str())
            .collect()
    };
    let unmet = stood(&[Answer::Unmet]);
    let doubtful = stood(&[Answer::Unmet, Answer::Unknown]);
    let history = &run.history;
    let is_new = |finding: &Finding| {
        let mut commits = finding.places.iter().filter_map(|place| place.commit);
        history.ranged && is_of_history(finding) && commits.any(|commit| history.is_in_range(commit))
    };
    for finding in &mut run.findings {
        let known = match finding.answer {
            Answer::Unmet => unmet.contains(finding.fingerprint.0.as_str()),
            Answer::Unknown => doubtful.contains(finding.fingerprint.0.as_str()),
            Answer::Met => false,
        };
        finding.known = known && !is_new(finding);
    }
}
