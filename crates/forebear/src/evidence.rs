//! Findings that stand up: what they say of commits is read again and hashed.

use forebear_scanner::history::verify;
use forebear_scanner::source::GitHandle;
use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::finding::{Finding, Severity};
use forebear_types::lineage::Confidence;
use forebear_types::obligation::Answer;
use forebear_types::{ObjectId, RepoPath};

/// Hashes again every commit, tree and file that supports an unmet finding. One that does not have the content of its id takes
/// the finding back to *could not tell*, with a problem that names it.
pub(crate) fn hold_up(handle: &GitHandle, findings: &mut [Finding], problems: &mut Vec<Problem>) {
    let mut statements: Vec<(ObjectId, RepoPath)> =
        findings.iter().filter(|finding| finding.answer == Answer::Unmet).flat_map(statements_of).collect();
    statements.sort();
    statements.dedup();
    let failed = verify(handle, &statements);
    for ((commit, path), why) in &failed {
        problems.push(Problem {
            path: path.clone(),
            line: None,
            kind: ProblemKind::History,
            what: format!("what commit {} says of it cannot be relied upon: {why}", commit.short()),
            remedy: "`git fsck` says what is broken; fetch the history again".to_owned(),
        });
    }
    for finding in findings.iter_mut().filter(|finding| finding.answer == Answer::Unmet) {
        let Some(why) = statements_of(finding).iter().find_map(|statement| failed.get(statement)) else {
            continue;
        };
        finding.answer = Answer::Unknown;
        finding.severity = Severity::Note;
        finding.confidence = Confidence::Low;
        finding.message = format!("{} Could not tell whether this is so: {why}.", finding.message);
        finding.help =
            "Fetch the history again and check once more; `git fsck` says what is broken.".to_owned();
        finding.fix = None;
        finding.edits.clear();
    }
}

/// What a finding says of paths in commits.
fn statements_of(finding: &Finding) -> Vec<(ObjectId, RepoPath)> {
    let mut statements: Vec<(ObjectId, RepoPath)> = finding
        .places
        .iter()
        .filter_map(|place| Some((place.commit?, place.location.path.clone())))
        .collect();
    if let (Some(exposure), Some(place)) = (&finding.exposure, finding.places.first()) {
        let ends = [exposure.from.commit, exposure.to.as_ref().and_then(|to| to.commit)];
        statements.extend(ends.into_iter().flatten().map(|commit| (commit, place.location.path.clone())));
    }
    statements
}
