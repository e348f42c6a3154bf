//! `forebear history`: the timeline, and since when what is owed was missing.

use forebear_report::text::View;
use forebear_types::finding::Finding;
use forebear_types::run::Run;

use super::{report, request_of_history};
use crate::cli::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{examine, found_nothing, is_incomplete, is_of_history};
use crate::revision;

pub(super) fn run(options: &Look) -> Result<Exit, Error> {
    let mut request = request_of_history(&options.target.path, &options.target.state, &options.reach, true)?;
    let walk = &mut request.walk;
    walk.since = options.since.as_deref().map(revision::since).transpose()?;
    walk.until = options.until.as_deref().map(revision::until).transpose()?;
    walk.paths = options.paths.iter().map(|path| revision::path(path)).collect::<Result<_, _>>()?;
    if let (Some(since), Some(until)) = (walk.since, walk.until)
        && since.seconds > until.seconds
    {
        return Err(Error::Argument {
            message: format!("--since {} is after --until {}", since.date(), until.date()),
            help: "write the earlier date after --since".to_owned(),
        });
    }
    let mut run = examine(&request)?;
    let kept: Vec<bool> = run.findings.iter().map(|finding| belongs(finding, &run)).collect();
    let mut kept = kept.into_iter();
    run.findings.retain(|_| kept.next().unwrap_or_default());
    report(std::slice::from_ref(&run), &options.reports, View::History)?;
    Ok(if options.strict && run.problems.iter().any(is_incomplete) {
        Exit::Incomplete
    } else if found_nothing(&run) && run.history.events.is_empty() {
        Exit::Nothing
    } else {
        Exit::Clean
    })
}

/// Whether a finding is about the past, and about the part of it that was asked for. One that cites no commit is about all of it.
fn belongs(finding: &Finding, run: &Run) -> bool {
    if !is_of_history(finding) {
        return false;
    }
    let Some(part) = &run.part else { return true };
    let mut commits = finding.places.iter().filter_map(|place| place.commit).peekable();
    let in_range = commits.peek().is_none() || commits.any(|commit| run.history.is_in_range(commit));
    in_range && finding.places.iter().any(|place| part.holds(&place.location.path))
}

#[cfg(test)]
mod tests {
    use forebear_types::finding::{Fingerprint, Place, Severity};
    use forebear_types::history::{History, Point};
    use forebear_types::lineage::Confidence;
    use forebear_types::obligation::Answer;
    use forebear_types::run::{Maker, Part, SourceKind};
    use forebear_types::{Location, ObjectId, RepoPath, RuleId, Snapshot, Time};

    use super::*;

    fn commit(number: u8) -> ObjectId {
        ObjectId::from_bytes(&[number; 20]).unwrap()
    }

    fn at(number: u8) -> Snapshot {
        Snapshot::Commit { id: commit(number), time: Time::utc(i64::from(number)) }
    }

    /// A history of two commits; the second one is in the range.
    fn run() -> Run {
        let point = |number: u8, in_range| Point {
            snapshot: at(number),
            last: at(number),
            author: String::new(),
            subject: String::new(),
            state: 0,
            commits: 1,
            in_range,
        };
        let maker =
            Maker { version: "0", catalog: String::new(), docs: None, rules: Vec::new(), time: Time::utc(0) };
        let mut run = Run::of_nothing(maker, String::new());
        run.source.kind = SourceKind::History;
        run.source.head = Some(commit(2));
        run.history =
            History { ranged: true, line: vec![point(1, false), point(2, true)], ..History::default() };
        run
    }

    fn finding(rule: &'static str, path: &str, commit: Option<ObjectId>) -> Finding {
        let location = Location::file(RepoPath::new(path).unwrap());
        Finding {
            rule: RuleId(rule),
            answer: Answer::Unmet,
            severity: Severity::Warning,
            confidence: Confidence::High,
            obligation: None,
            upstream: Vec::new(),
            places: vec![Place { location, commit, label: String::new() }],
            exposure: None,
            message: String::new(),
            help: String::new(),
            fix: None,
            edits: Vec::new(),
            fingerprint: Fingerprint(String::new()),
            waived: None,
            known: false,
        }
    }

    #[test]
    fn findings_belong_to_the_part_that_was_asked_for() {
        let mut run = run();
        let removed = |path, commit| finding("license-removed-in-history", path, commit);
        let (old, new) = (removed("LICENSE", Some(commit(1))), removed("LICENSE", Some(commit(2))));
        let (whole, present) = (removed("LICENSE", None), finding("missing-license-text", "LICENSE", None));
        let kept = |run: &Run| [&old, &new, &whole, &present].map(|finding| belongs(finding, run));
        assert_eq!(kept(&run), [true, true, true, false]);
        run.part = Some(Part { after: Some(commit(1)), ..Part::default() });
        assert_eq!(kept(&run), [false, true, true, false]);
        run.part = Some(Part { paths: vec![RepoPath::new("licenses").unwrap()], ..Part::default() });
        assert_eq!(kept(&run), [false, false, false, false]);
        assert!(belongs(&removed("licenses/MIT", Some(commit(2))), &run));
    }
}
