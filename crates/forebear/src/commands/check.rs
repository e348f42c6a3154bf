//! `forebear check`: the main job.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use forebear_report::text::View;
use forebear_types::edit::Reach;
use forebear_types::finding::Severity;
use forebear_types::run::Run;

use super::{deliver_as, for_reader, report, request_of_history, warn};
use crate::cli::{Check, FailOn, Fix, Persona};
use crate::error::Error;
use crate::exit::Exit;
use crate::fix;
use crate::pipeline::{Request, counted, examine, found_nothing, is_incomplete, unopened};
use crate::progress::Line;

pub(super) fn run(options: &Check) -> Result<Exit, Error> {
    let [path] = options.paths.as_slice() else { return several(options) };
    let request = request_for(path, options)?;
    if options.diff || options.fix.is_some() {
        return fixed(&request, options);
    }
    let run = examine(&request)?;
    report(std::slice::from_ref(&run), &options.reports, view(options))?;
    Ok(exit(&run, options))
}

fn request_for(path: &Path, options: &Check) -> Result<Request, Error> {
    let mut request = request_of_history(path, &options.state, &options.reach, options.history)?;
    request.upstream = options.upstream.clone();
    request.baseline = options.baseline.clone().or_else(|| request.walk.after.clone());
    Ok(request)
}

/// One report about several repositories. One that cannot be opened is said to be, in the report too, and the others are checked.
fn several(options: &Check) -> Result<Exit, Error> {
    if options.diff || options.fix.is_some() {
        return Err(Error::Argument {
            message: format!("--fix and --diff work on one folder, and {} were given", options.paths.len()),
            help: "run forebear once for each of them".to_owned(),
        });
    }
    let (mut runs, mut exits) = (Vec::with_capacity(options.paths.len()), BTreeSet::new());
    // What is asked is read once for all of them: configuration, catalogs, hints about what was asked.
    let asked = request_for(Path::new("."), options)?;
    let progress = Line::begin();
    for (index, path) in options.paths.iter().enumerate() {
        progress.say(&format!("checking {}", path.display()), index, Some(options.paths.len()));
        let request = Request { path: path.clone(), ..asked.clone() };
        let run = match examine(&request) {
            Ok(run) => {
                exits.insert(exit(&run, options));
                run
            }
            Err(Error::Source { message, help }) => {
                warn(&format!("not examined: {message}; {help}"));
                exits.insert(Exit::Usage);
                unopened(&request, &help)
            }
            Err(error) => return Err(error),
        };
        runs.push(run);
    }
    drop(progress);
    tell_apart(&options.paths, &mut runs);
    report(&runs, &options.reports, view(options))?;
    // The worst of them; and there is something to check here if there is in one of them.
    let order = [Exit::Findings, Exit::Usage, Exit::Incomplete, Exit::Clean, Exit::Nothing];
    Ok(order.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Nothing))
}

/// Repositories of one name get the path under which they were given; of an absolute one, what tells them apart.
fn tell_apart(paths: &[PathBuf], runs: &mut [Run]) {
    let full: Vec<PathBuf> =
        paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
    let common = |one: PathBuf, other: &PathBuf| -> PathBuf {
        one.components().zip(other.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    let shared = full.iter().fold(full.first().cloned().unwrap_or_default(), common);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    runs.iter().for_each(|run| *seen.entry(run.name.clone()).or_default() += 1);
    for (run, path) in runs.iter_mut().zip(&full).filter(|(run, _)| seen[&run.name] > 1) {
        let place = path.strip_prefix(&shared).unwrap_or(path).display().to_string();
        run.name = format!("{} ({})", run.name, if place.is_empty() { "." } else { place.as_str() });
    }
}

fn view(options: &Check) -> View {
    match options.persona {
        Some(Persona::Publisher) => View::Publisher,
        Some(Persona::Maintainer) | None => View::Check,
        Some(Persona::Auditor) => View::Auditor,
    }
}

/// Plans what would be changed; prints it, or writes it and checks again.
fn fixed(request: &Request, options: &Check) -> Result<Exit, Error> {
    let reach = match options.fix {
        Some(Fix::All) => Reach::All,
        Some(Fix::Safe) | None => Reach::Safe,
    };
    let before = examine(request)?;
    let folder = fix::folder(request, &before)?;
    let plan = fix::plan(request, reach)?;
    if options.diff {
        let mut patch = Vec::new();
        for (path, new) in &plan.files {
            let old = folder.read(path).ok().flatten();
            patch.extend(fix::unified(path, old.as_deref(), new));
        }
        let patch = for_reader(patch, options.reports.only_file());
        deliver_as(options.reports.only_file(), |_, out| out.write_all(&patch))?;
        plan.left.iter().for_each(|line| warn(&format!("not fixed: {line}")));
        return Ok(exit(&before, options));
    }
    fix::write(&folder, &plan.files)?;
    if !options.reports.quiet {
        plan.done.iter().for_each(|line| warn(&format!("fixed: {line}")));
    }
    plan.left.iter().for_each(|line| warn(&format!("not fixed: {line}")));
    let after = examine(request)?;
    report(std::slice::from_ref(&after), &options.reports, view(options))?;
    Ok(exit(&after, options))
}

fn exit(run: &Run, options: &Check) -> Exit {
    let threshold = match options.fail_on {
        FailOn::Violation => Some(Severity::Violation),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Never => None,
    };
    if threshold.is_some_and(|threshold| counted(run).any(|finding| finding.severity >= threshold)) {
        Exit::Findings
    } else if options.strict && run.problems.iter().any(is_incomplete) {
        Exit::Incomplete
    } else if found_nothing(run) && !options.allow_empty {
        Exit::Nothing
    } else {
        Exit::Clean
    }
}
