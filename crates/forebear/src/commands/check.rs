//! `forebear check`: the main job.

use forebear_report::text::View;
use forebear_types::finding::Severity;
use forebear_types::run::Run;

use super::{report, request};
use crate::cli::{Check, FailOn, Persona};
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{counted, examine, found_nothing, is_incomplete};

pub(super) fn run(options: &Check) -> Result<Exit, Error> {
    let mut request = request(&options.target, options.history)?;
    request.upstream = options.upstream.clone();
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
