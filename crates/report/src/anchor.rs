//! Where a machine format points for a finding.
//!
//! Code scanning, annotations and code quality reports show a result beside a line of a file of the examined state: one without a
//! place, or with the place of a file that is gone, is not shown at all. What is missing has no line, so such a finding points at
//! the line that creates the duty.

use std::collections::BTreeSet;

use forebear_types::fact::{FactKind, ProblemKind};
use forebear_types::finding::Finding;
use forebear_types::lineage::Hop;
use forebear_types::obligation::Creditor;
use forebear_types::run::Run;
use forebear_types::{Location, RepoPath};

/// The places that a run has for its findings. Made once for all of them: a large repository has as many files as findings.
pub(crate) struct Anchors<'a> {
    run: &'a Run,
    /// The files of the examined state.
    here: BTreeSet<&'a RepoPath>,
    /// Where everything points that has no better place.
    any: Option<&'a RepoPath>,
}

impl<'a> Anchors<'a> {
    pub(crate) fn of(run: &'a Run) -> Self {
        let seen = run.facts.iter().map(|fact| &fact.path);
        let unread =
            run.problems.iter().filter(|problem| is_of_file(problem.kind)).map(|problem| &problem.path);
        let here = seen.chain(unread).filter(|path| !path.is_root()).collect();
        Self { run, here, any: any_file(run) }
    }

    /// A file of the examined state for a finding, the most telling first:
    ///
    /// 1. a place of the finding itself;
    /// 2. the evidence of the step to the base to whom the duty is owed, or to which the finding belongs;
    /// 3. where the licence or the base is declared;
    /// 4. the main card, a configuration, any other file that was read.
    ///
    /// `None` where the examined state has no file that was read (a history whose files are gone). The path is never the root.
    pub(crate) fn anchor(&self, finding: &Finding) -> Option<Location> {
        let of_finding =
            finding.places.iter().filter(|place| place.commit.is_none()).map(|place| &place.location);
        let of_history =
            finding.places.iter().filter(|place| place.commit.is_some()).map(|place| &place.location.path);
        let of_hop = hop(self.run, finding)
            .into_iter()
            .flat_map(|hop| &hop.because)
            .filter_map(|one| one.location.as_ref());
        let here = |location: &&Location| self.here.contains(&location.path);
        // Lines were read, also of files that no fact is about: the configuration.
        let was_read =
            |location: &&Location| !location.path.is_root() && (location.lines.is_some() || here(location));
        of_finding
            .filter(was_read)
            .cloned()
            // The file as it is now; the lines were those of another state of it.
            .chain(of_history.filter(|path| self.here.contains(path)).cloned().map(Location::file))
            .chain(of_hop.filter(here).cloned())
            .chain(self.run.declared.source.iter().filter(here).cloned())
            .chain(self.any.cloned().map(Location::file))
            .next()
    }

    /// [`Self::anchor`] for formats in which everything has a place: where the examined state has no file for a finding, the
    /// file that it was about, else `README.md`, where a card belongs.
    pub(crate) fn somewhere(&self, finding: &Finding) -> Location {
        let gone = || {
            let mut paths = finding.places.iter().map(|place| &place.location.path);
            paths.find(|path| !path.is_root()).cloned().map(Location::file)
        };
        self.anchor(finding).or_else(gone).unwrap_or_else(|| {
            Location::file(RepoPath::new("README.md").expect("a plain name is a path inside a repository"))
        })
    }
}

/// The step to a base that a finding is about.
pub(crate) fn hop<'a>(run: &'a Run, finding: &Finding) -> Option<&'a Hop> {
    let obligation = finding.obligation.and_then(|index| run.obligations.get(index));
    let owed = obligation.and_then(|obligation| match obligation.creditor {
        Creditor::Ancestor { hop, .. } => run.lineage.hops.get(hop),
        Creditor::Own => None,
    });
    owed.or_else(|| {
        let about =
            |hop: &&Hop| hop.candidates.iter().any(|candidate| finding.upstream.contains(&candidate.model));
        run.lineage.hops.iter().find(about)
    })
}

/// Whether a problem is about a file that is there and could not be read.
fn is_of_file(kind: ProblemKind) -> bool {
    match kind {
        ProblemKind::Unreadable
        | ProblemKind::Oversized
        | ProblemKind::PointerOnly
        | ProblemKind::Conflicted
        | ProblemKind::Malformed
        | ProblemKind::Unsupported => true,
        ProblemKind::History | ProblemKind::Tables | ProblemKind::Listing => false,
    }
}

fn any_file(run: &Run) -> Option<&RepoPath> {
    let rank = |kind: &FactKind| match kind {
        FactKind::ModelCard(_) => 0,
        FactKind::ModelConfig(_) | FactKind::AdapterConfig(_) => 1,
        FactKind::LegalFile(_) => 2,
        _ => 3,
    };
    let facts = run.facts.iter().filter(|fact| !fact.path.is_root());
    facts.min_by_key(|fact| (rank(&fact.kind), fact.path.depth())).map(|best| &best.path)
}

#[cfg(test)]
mod tests {
    use forebear_types::finding::{Place, Severity};
    use forebear_types::obligation::Answer;
    use forebear_types::{LineSpan, RepoPath};

    use super::*;
    use crate::stories::{self, commit, finding, here, path};

    fn at(run: &Run, places: Vec<Place>) -> Option<String> {
        let finding = finding("a-rule", Answer::Unmet, Severity::Violation, "", places);
        Anchors::of(run).anchor(&finding).map(|location| crate::text::place(&location))
    }

    fn past(file: &str) -> Place {
        let location = Location::lines(path(file), LineSpan::line(9));
        Place { location, commit: Some(commit(2)), label: String::new() }
    }

    #[test]
    fn what_is_there_is_pointed_at() {
        let run = stories::violation();
        let line = Location::lines(path("README.md"), LineSpan::line(2));
        assert_eq!(at(&run, vec![past("LICENSE"), here(line, "")]).unwrap(), "README.md:2");
        // The configuration of forebear is no fact, but its lines were read.
        let own = Location::lines(path("forebear.toml"), LineSpan::line(7));
        assert_eq!(at(&run, vec![here(own, "")]).unwrap(), "forebear.toml:7");
        // What could not be read is there too.
        let unread = Location::file(path("docs/terms.pdf"));
        assert_eq!(at(&run, vec![here(unread, "")]).unwrap(), "docs/terms.pdf");
        // The file of a state that is past is pointed at without the line that it had.
        assert_eq!(at(&run, vec![past("README.md")]).unwrap(), "README.md");
    }

    #[test]
    fn what_is_missing_is_seen_where_the_duty_comes_from() {
        let mut run = stories::violation();
        let missing = || vec![past("LICENSE"), here(Location::file(path("LICENSE")), "")];
        assert_eq!(at(&run, missing()).unwrap(), "config.json", "the evidence of the step to the base");
        run.lineage.hops.clear();
        assert_eq!(at(&run, missing()).unwrap(), "README.md:2", "where the licence is declared");
        run.declared.source = None;
        assert_eq!(at(&run, missing()).unwrap(), "README.md", "the card");
        run.facts.remove(0);
        assert_eq!(at(&run, missing()).unwrap(), "config.json", "a configuration");
    }

    #[test]
    fn the_root_and_what_is_gone_are_no_places() {
        let run = stories::empty();
        let root = || here(Location::file(RepoPath::root()), "");
        assert_eq!(at(&run, vec![root(), past("LICENSE")]), None);
        let somewhere = |places| {
            let finding = finding("a-rule", Answer::Unmet, Severity::Violation, "", places);
            Anchors::of(&run).somewhere(&finding).path.to_string()
        };
        assert_eq!(somewhere(vec![root(), past("old/LICENSE")]), "old/LICENSE");
        assert_eq!(somewhere(vec![root()]), "README.md");
    }

    #[test]
    fn a_duty_leads_to_its_own_step() {
        let mut run = stories::family();
        let mut finding = finding("a-rule", Answer::Unmet, Severity::Violation, "", Vec::new());
        finding.upstream = vec!["Qwen/Qwen2.5-72B-Instruct".into()];
        assert_eq!(hop(&run, &finding).unwrap().candidates[0].model.as_str(), "Qwen/Qwen2.5-72B-Instruct");
        finding.obligation = Some(0);
        assert_eq!(hop(&run, &finding).unwrap().candidates[0].model, run.lineage.hops[0].candidates[0].model);
        run.lineage.hops.clear();
        assert_eq!(hop(&run, &finding), None);
    }
}
