//! `forebear check`: the main job.

use forebear_report::text::View;
use forebear_types::edit::Reach;
use forebear_types::finding::Severity;
use forebear_types::run::Run;

use super::{deliver_as, for_reader, report, request_of_history, warn};
use crate::cli::{Check, FailOn, Fix, Persona};
use crate::error::Error;
use crate::exit::Exit;
use crate::fix;
use crate::pipeline::{Request, counted, examine, found_nothing, is_incomplete};

pub(super) fn run(options: &Check) -> Result<Exit, Error> {
    let mut request = request_of_history(&options.target, &options.reach, options.history)?;
    request.upstream = options.upstream.clone();
    request.baseline = options.baseline.clone().or_else(|| request.walk.after.clone());
    if options.diff || options.fix.is_some() {
        return fixed(&request, options);
    }
    let run = examine(&request)?;
    report(&run, &options.reporting, view(options.persona))?;
    Ok(exit(&run, options))
}

fn view(persona: Persona) -> View {
    match persona {
        Persona::Publisher => View::Publisher,
        Persona::Maintainer => View::Check,
        Persona::Auditor => View::Auditor,
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
        let patch = for_reader(patch, options.reporting.output.as_deref());
        deliver_as(options.reporting.output.as_deref(), |_, out| out.write_all(&patch))?;
        plan.left.iter().for_each(|line| warn(&format!("not fixed: {line}")));
        return Ok(exit(&before, options));
    }
    fix::write(&folder, &plan.files)?;
    plan.done.iter().for_each(|line| warn(&format!("fixed: {line}")));
    plan.left.iter().for_each(|line| warn(&format!("not fixed: {line}")));
    let after = examine(request)?;
    report(&after, &options.reporting, view(options.persona))?;
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
    } else if found_nothing(run) {
        Exit::Nothing
    } else {
        Exit::Clean
    }
}
