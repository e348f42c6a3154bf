//! The pipeline: source → facts → lineage → obligations → findings, with the history beside it.

mod baseline;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use forebear_lineage::catalog::Catalog;
use forebear_rules::notice::Notice;
use forebear_rules::{Input, RULES, Rule, UpstreamCopy, Waiver};
use forebear_scanner::history::{Engine, Range};
use forebear_scanner::source::{self, EntryKind, GitHandle, Opened, Overlay, Source, What};
use forebear_scanner::{history, native, source::OpenError};
use forebear_types::fact::{Fact, FactKind, Problem, ProblemKind, Reading};
use forebear_types::finding::Finding;
use forebear_types::history::History;
use forebear_types::run::{
    Examined, LineExposure, Maker, Part, RuleInfo, Run, SourceInfo, SourceKind, StatedBase, WaiverUse,
};
use forebear_types::{ModelId, ObjectId, RepoPath, Snapshot, Time};

use crate::by_weights::{self, Here};
use crate::config;
use crate::error::Error;
use crate::evidence::hold_up;
use crate::prints::Print;
use crate::progress::Line;
use crate::upstream;

/// Commits that a check walks unless the whole history is asked for. Model repositories on the Hub have tens of commits;
/// the bound keeps a check instant when it is pointed at a large source repository. What is left out is reported.
const COMMITS: usize = 5_000;

/// The name of the configuration file, at the root of what is scanned.
pub const CONFIG_FILE: &str = "forebear.toml";

/// A configuration larger than this is a mistake.
const CONFIG_BYTES: u64 = 1 << 20;

/// What to examine, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder.
    pub path: PathBuf,
    /// Which state of it.
    pub what: What,
    /// How the history is walked.
    pub walk: Walk,
    /// The revision that findings are compared with.
    pub baseline: Option<String>,
    /// Bases stated on the command line.
    pub bases: Vec<StatedBase>,
    /// A local copy of the suspected base, to compare with.
    pub upstream: Option<PathBuf>,
    /// The configuration to use, with its text, instead of the one at the root.
    pub config: Option<(PathBuf, String)>,
    /// The base models that are known.
    pub catalog: Catalog,
    /// The fingerprints of bases that weights are compared with.
    pub fingerprints: Arc<[Print]>,
    /// The moment of the run.
    pub now: Time,
}

/// How a history is walked, and which part of it the report is about.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// Whether to walk all of it, whatever its length.
    pub whole: bool,
    /// Whether to walk all references.
    pub all_refs: bool,
    /// Whether to look at commits that no reference reaches.
    pub unreachable: bool,
    /// How objects are read.
    pub engine: Engine,
    /// The folder for what walks found out; `None` to keep nothing.
    pub cache: Option<PathBuf>,
    /// Only what this revision does not reach.
    pub after: Option<String>,
    /// Only commits of this moment or later.
    pub since: Option<Time>,
    /// Only commits of this moment or earlier.
    pub until: Option<Time>,
    /// Only these files and folders.
    pub paths: Vec<RepoPath>,
}

/// Examines one repository, and tells what stood at the baseline from what is new.
///
/// # Errors
/// If the source cannot be opened, a revision is not there, or the configuration is wrong. Everything else is a problem in the run.
pub fn examine(request: &Request) -> Result<Run, Error> {
    let examination = examine_over(request, &BTreeMap::new())?;
    match &request.baseline {
        None => Ok(examination.run),
        Some(revision) => baseline::compared(request, revision, examination),
    }
}

/// A run, with what the report does not show.
#[derive(Debug)]
pub struct Examination {
    /// The run.
    pub run: Run,
    /// The attribution notice for the whole chain.
    pub notice: Notice,
    /// The publisher's own copyright lines, from the configuration.
    pub own_copyright: Vec<String>,
    /// The configuration that was used: its name and its text, empty where there is none.
    pub config: (PathBuf, String),
    /// Use policies of the local copy of the base, byte for byte.
    pub upstream_files: BTreeMap<RepoPath, Vec<u8>>,
}

/// Examines one repository as it would be with some files added or changed.
///
/// # Errors
/// As [`examine`].
pub fn examine_over(request: &Request, files: &BTreeMap<RepoPath, Vec<u8>>) -> Result<Examination, Error> {
    let opened = source::open(&request.path, request.what.clone()).map_err(open_error)?;
    let source = Overlay { below: opened.source.as_ref(), files };
    let (name, text) = configuration(request, &source)?;
    let config = config::parse(&name, &text)?;
    let mut stated = request.bases.clone();
    stated.extend(config.upstreams);

    let (Reading { facts, mut problems }, files) = source::examine(&source);
    problems.extend(opened.problems.iter().cloned());

    let snapshot = opened.source.snapshot();
    let part = part(request, &opened)?;
    let history = walk(request, &part, &opened, &snapshot, &facts);
    problems.extend(history.problems.iter().cloned());

    let catalog = &request.catalog;
    let compared = match &request.upstream {
        None => None,
        Some(folder) => {
            let base = request.bases.iter().find_map(|base| base.model.as_ref());
            let compared = upstream::compare((&request.path, &opened, &facts), folder, base, catalog)?;
            upstream::fill(&mut stated, &compared.stated);
            Some(compared)
        }
    };
    let suspected = || suspected(catalog, &facts, &history, &stated);
    let here =
        Here { path: &request.path, what: &request.what, facts: &facts, catalog, suspected: &suspected };
    let by_weights = by_weights::compared(&here, &request.fingerprints);
    problems.extend(by_weights.problems);
    let mut traced = forebear_lineage::trace(catalog, &facts, &history, &stated, &by_weights.comparisons);
    if let Some(compared) = &compared {
        let unknown = forebear_lineage::upstream::join(catalog, &mut traced.lineage, &compared.comparison);
        traced.problems.extend(unknown);
        traced.problems.retain(|problem| !forebear_lineage::upstream::settles(&compared.comparison, problem));
        problems.extend(compared.problems.iter().cloned());
        // That somebody compares with a base does not state it as the base; what is in the copy tells what it asks.
        stated.push(compared.stated.clone());
    }
    problems.extend(traced.problems);

    let mut judgement = forebear_rules::judge(Input {
        snapshot: &snapshot,
        facts: &facts,
        catalog,
        lineage: &traced.lineage,
        stated: &stated,
        history: &history,
        waivers: &config.waivers,
        policy: &config.policy,
        today: &request.now.date(),
        own: &opened.own,
        upstream: compared
            .as_ref()
            .map(|compared| UpstreamCopy { model: &compared.comparison.model, facts: &compared.facts }),
    });
    problems.extend(judgement.problems);
    if let Some(handle) = &opened.repository {
        hold_up(handle, &mut judgement.findings, &mut problems);
    }
    problems.sort();
    problems.dedup();

    let models = forebear_lineage::parameters::sizes(catalog, &facts, &traced.lineage);
    let (comparison, upstream_files) = match compared {
        Some(compared) => (Some(compared.comparison), compared.files),
        None => (None, BTreeMap::new()),
    };
    let folder = opened.repository.as_ref().map(|handle| handle.folder().clone()).unwrap_or_default();
    let run = Run {
        maker: maker(request),
        name: title(&request.path, &opened.own, &folder),
        folder,
        source: SourceInfo {
            kind: if request.walk.whole { SourceKind::History } else { source.kind() },
            snapshot,
            head: opened.head,
            examined: examined(&facts, files, &history),
        },
        facts,
        problems,
        models,
        declared: judgement.declared,
        lineage: traced.lineage,
        upstream: comparison,
        weights: by_weights.comparisons,
        base_licenses: judgement.base_licenses,
        obligations: judgement.obligations,
        findings: judgement.findings,
        exposures: of_part(judgement.exposures, &part, &history),
        history,
        part: (part != Part::default()).then_some(part),
        baseline: None,
        waivers: config.waivers.into_iter().map(waiver_use).collect(),
        levels: config.policy.levels.into_iter().collect(),
    };
    Ok(Examination {
        run,
        notice: judgement.notice,
        own_copyright: config.policy.project.copyright,
        config: (native::path(name.as_bytes()), text),
        upstream_files,
    })
}

/// The bases that something else than weights points to.
fn suspected(catalog: &Catalog, facts: &[Fact], history: &History, stated: &[StatedBase]) -> Vec<ModelId> {
    let lineage = forebear_lineage::trace(catalog, facts, history, stated, &[]).lineage;
    lineage.hops.into_iter().flat_map(|hop| hop.candidates).map(|candidate| candidate.model).collect()
}

/// The run of a repository that could not be opened: nothing but that.
pub fn unopened(request: &Request, remedy: &str) -> Run {
    let problem = Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::Unreadable,
        // What the system said names the folder as it was given, and no absolute path gets into a report.
        what: "the repository could not be opened".to_owned(),
        remedy: remedy.to_owned(),
    };
    let name = title(&request.path, &[], &RepoPath::root());
    Run { problems: vec![problem], ..Run::of_nothing(maker(request), name) }
}

fn maker(request: &Request) -> Maker {
    let about = |rule: &&'static Rule| RuleInfo {
        id: rule.id,
        since: rule.since,
        severity: rule.severity,
        summary: rule.summary,
        docs: rule.docs,
    };
    Maker {
        version: env!("CARGO_PKG_VERSION"),
        catalog: request.catalog.version(),
        docs: docs(),
        rules: RULES.iter().map(about).collect(),
        time: request.now,
    }
}

/// Where the documentation of this build is, on the web or elsewhere: `FOREBEAR_DOCS_URL`, of the run or else of the build.
///
/// Forebear has no address of its own: whoever publishes a build names the place of its documentation, so that no report ever
/// points at a stranger's site.
fn docs() -> Option<String> {
    let named =
        std::env::var("FOREBEAR_DOCS_URL").ok().or(option_env!("FOREBEAR_DOCS_URL").map(str::to_owned));
    let docs = named?.trim_end_matches('/').to_owned();
    let known = ["https://", "http://", "file://"].iter().any(|scheme| docs.starts_with(scheme));
    let plain = docs.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`\\".contains(&byte));
    (known && plain).then_some(docs)
}

/// What reports call a repository, or a folder of one.
fn title(path: &Path, own: &[ModelId], folder: &RepoPath) -> String {
    match own.first() {
        Some(id) if folder.is_root() => id.to_string(),
        Some(id) => format!("{id}/{folder}"),
        None => {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            path.file_name()
                .map_or_else(|| "repository".to_owned(), |name| name.to_string_lossy().into_owned())
        }
    }
}

/// Whether the run found anything to judge.
pub fn found_nothing(run: &Run) -> bool {
    run.facts.is_empty()
}

/// The findings that count: unmet, not waived, and not known from the baseline.
pub fn counted(run: &Run) -> impl Iterator<Item = &Finding> {
    use forebear_types::obligation::Answer;
    run.findings
        .iter()
        .filter(|finding| finding.answer == Answer::Unmet && finding.waived.is_none() && !finding.known)
}

/// Whether a finding is about the past.
pub fn is_of_history(finding: &Finding) -> bool {
    let name = finding.rule.0;
    name == "license-added-late" || name.ends_with("-in-history") || finding.exposure.is_some()
}

/// The part of the history that was asked for, with its beginning as a commit.
fn part(request: &Request, opened: &Opened) -> Result<Part, Error> {
    let Walk { after, since, until, paths, .. } = &request.walk;
    let after = match after {
        None => None,
        Some(revision) => Some(range_start(request, opened, revision)?),
    };
    Ok(Part { after, since: *since, until: *until, paths: paths.clone() })
}

/// `A` of `A..B`, which does not come after `B`.
fn range_start(request: &Request, opened: &Opened, revision: &str) -> Result<ObjectId, Error> {
    let commit = commit(request, opened, revision)?;
    let reversed = |handle: &Rc<GitHandle>, head| commit != head && handle.reaches(commit, head);
    if let (Some(handle), Some(head)) = (&opened.repository, opened.head)
        && reversed(handle, head)
    {
        let to = match &request.what {
            What::Revision(to) => to,
            What::WorkTree | What::Index => "HEAD",
        };
        return Err(Error::Argument {
            message: format!("the range {revision}..{to} is empty: {to} comes before {revision}"),
            help: format!("write the earlier commit first: --rev {to}..{revision}"),
        });
    }
    Ok(commit)
}

/// The commit that a revision names.
fn commit(request: &Request, opened: &Opened, revision: &str) -> Result<ObjectId, Error> {
    let path = request.path.clone();
    let found = match &opened.repository {
        None => Err(OpenError::NoRepository { path, wanted: "history" }),
        Some(handle) => handle
            .commit(revision)
            .ok_or_else(|| OpenError::UnknownRevision { path, revision: revision.to_owned() }),
    };
    found.map_err(open_error)
}

/// The intervals that reach into a part of the history: they close in it or later, and do not begin after it.
fn of_part(mut exposures: Vec<LineExposure>, part: &Part, history: &History) -> Vec<LineExposure> {
    let later =
        |time: Option<Time>| time.zip(part.until).is_some_and(|(time, until)| time.seconds > until.seconds);
    exposures.retain(|one| {
        let closed_before = one.exposure.to.as_ref().is_some_and(|to| {
            to.commit.is_some_and(|commit| !history.is_in_range(commit)) && !later(to.time)
        });
        !closed_before && !later(one.exposure.from.time)
    });
    exposures
}

fn walk(request: &Request, part: &Part, opened: &Opened, snapshot: &Snapshot, facts: &[Fact]) -> History {
    let (Some(handle), Some(head)) = (&opened.repository, opened.head) else {
        return History::default();
    };
    let asked = &request.walk;
    // What a push brought is what the baseline does not reach, also where the whole timeline is shown.
    let baseline = request.baseline.as_deref().and_then(|revision| handle.commit(revision));
    let wanted = history::Request {
        commits: if asked.whole { usize::MAX } else { COMMITS },
        all_refs: asked.all_refs,
        unreachable: asked.unreachable,
        range: Range { after: part.after.or(baseline), since: part.since, until: part.until },
        engine: asked.engine,
        cache: asked.cache.clone(),
        ..history::Request::of(head)
    };
    history::walk(handle, &wanted, snapshot, facts, &Line::begin())
}

/// The configuration's name as reports have it, and its text.
fn configuration(request: &Request, source: &dyn Source) -> Result<(RepoPath, String), Error> {
    if let Some((file, text)) = &request.config {
        // The report shows the name as it would stand at the root: no absolute path gets into it.
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = RepoPath::new(name).unwrap_or_default();
        return Ok((path, text.clone()));
    }
    let listing = source.list();
    let entry = listing
        .entries
        .iter()
        .find(|entry| entry.path.as_bytes() == CONFIG_FILE.as_bytes() && entry.kind == EntryKind::File);
    let Some(entry) = entry else {
        return Ok((RepoPath::new(CONFIG_FILE).unwrap_or_default(), String::new()));
    };
    let unreadable = |message: String| Error::Source {
        message: format!("{CONFIG_FILE}: {message}"),
        help: "mend the file, or name another one with --config".to_owned(),
    };
    let content = source.read(entry, CONFIG_BYTES).map_err(|problem| unreadable(problem.what))?;
    if content.size > CONFIG_BYTES {
        return Err(unreadable(format!("the file is larger than {CONFIG_BYTES} bytes")));
    }
    let text =
        String::from_utf8(content.bytes).map_err(|_| unreadable("the file is not UTF-8".to_owned()))?;
    Ok((entry.path.clone(), text))
}

fn examined(facts: &[Fact], files: usize, history: &History) -> Examined {
    let count = |wanted: fn(&FactKind) -> bool| facts.iter().filter(|fact| wanted(&fact.kind)).count();
    Examined {
        files,
        legal_files: count(|kind| matches!(kind, FactKind::LegalFile(_))),
        cards: count(|kind| matches!(kind, FactKind::ModelCard(_))),
        configs: count(|kind| matches!(kind, FactKind::ModelConfig(_) | FactKind::AdapterConfig(_))),
        weights: count(|kind| matches!(kind, FactKind::Weights(_))),
        commits: history.head.map(|_| history.commits),
        history_complete: history.head.is_some() && history.complete,
    }
}

fn waiver_use(waiver: Waiver) -> WaiverUse {
    WaiverUse { reason: waiver.reason, owner: waiver.owner, until: waiver.until }
}

pub(crate) fn open_error(error: OpenError) -> Error {
    Error::Source { message: error.to_string(), help: error.help() }
}

/// Whether a problem means that something was not examined, for `--strict`.
pub fn is_incomplete(problem: &Problem) -> bool {
    match problem.kind {
        ProblemKind::Unreadable
        | ProblemKind::Oversized
        | ProblemKind::PointerOnly
        | ProblemKind::Conflicted
        | ProblemKind::Malformed
        | ProblemKind::Unsupported
        | ProblemKind::History
        | ProblemKind::Tables
        | ProblemKind::Listing => true,
    }
}
