//! The commands, and what they share.

mod check;
mod explain;
mod fingerprint;
mod history;
mod init;
mod licenses;
mod lineage;
mod models;
mod notice;
mod rules;
mod waive;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use forebear_report::safe_line;
use forebear_report::text::{self, TextOptions, View};
use forebear_scanner::history::Engine;
use forebear_scanner::source::What;
use forebear_types::Time;
use forebear_types::run::{Run, StatedBase};

use crate::cli::{self, Arguments, Command, Format, Reach, Reporting, Target};
use crate::config::model_id;
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{Request, Walk};
use crate::revision::{self, Revision};
use crate::whole_file;
use crate::{cache, catalogs};

/// Runs a command.
///
/// # Errors
/// See [`Error`].
pub fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match &arguments.command {
        Command::Check(options) => check::run(options),
        Command::History(options) => history::run(options),
        Command::Lineage(options) => lineage::run(options),
        Command::Notice(options) => notice::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Waive(options) => waive::run(options),
        Command::Init(options) => init::run(options),
        Command::Rules => rules::run(),
        Command::Licenses(options) => licenses::run(options),
        Command::Models(options) => models::run(options),
    }
}

/// The request that a target asks for.
fn request(target: &Target) -> Result<Request, Error> {
    let revision = target.rev.as_deref().map(revision::one).transpose()?;
    request_of(target, revision, Walk::default())
}

/// The request of a command that follows the history, and the range's beginning where one was asked for.
fn request_of_history(target: &Target, reach: &Reach, whole: bool) -> Result<Request, Error> {
    let (revision, after) = match target.rev.as_deref().map(revision::revision).transpose()? {
        None => (None, None),
        Some(Revision::One(one)) => (Some(one), None),
        Some(Revision::Range { after, to }) => (Some(to), Some(after)),
    };
    let engine = match reach.engine {
        cli::Engine::Fitting => Engine::Fitting,
        cli::Engine::Objects => Engine::Objects,
        cli::Engine::Packs => Engine::Packs,
    };
    let (all_refs, unreachable) = (reach.all_refs, reach.unreachable);
    let cache = if reach.no_cache { None } else { cache::folder() };
    let walk = Walk { whole, all_refs, unreachable, engine, cache, after, ..Walk::default() };
    request_of(target, revision, walk)
}

fn request_of(target: &Target, revision: Option<String>, walk: Walk) -> Result<Request, Error> {
    let what = match (revision, target.staged) {
        (Some(revision), _) => What::Revision(revision),
        (None, true) => What::Index,
        (None, false) => What::WorkTree,
    };
    let config = match &target.config {
        None => None,
        Some(file) => Some((file.clone(), read_config(file)?)),
    };
    Ok(Request {
        path: target.path.clone(),
        what,
        walk,
        baseline: None,
        bases: target.bases.iter().map(|base| stated(base)).collect::<Result<_, _>>()?,
        upstream: None,
        config,
        catalog: catalogs::load(&target.catalogs)?,
        today: today(),
    })
}

fn read_config(file: &Path) -> Result<String, Error> {
    std::fs::read_to_string(file).map_err(|cause| Error::Source {
        message: format!("cannot read the configuration {}: {cause}", file.display()),
        help: "check the argument of --config".to_owned(),
    })
}

/// `MODEL[@REV]`.
fn stated(argument: &str) -> Result<StatedBase, Error> {
    let (model, revision) = match argument.split_once('@') {
        Some((model, revision)) => (model, Some(revision.to_owned())),
        None => (argument, None),
    };
    let model = model_id(model).ok_or_else(|| Error::Argument {
        message: format!("`{model}` is not a model id"),
        help: "write --base organisation/name, or --base organisation/name@revision".to_owned(),
    })?;
    Ok(StatedBase { model: Some(model), revision, ..StatedBase::default() })
}

/// The day of the run.
fn today() -> String {
    now().date()
}

/// The moment of the run: `SOURCE_DATE_EPOCH` where it is set, so that a run can be repeated, else the clock.
fn now() -> Time {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let seconds = fixed.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |elapsed| elapsed.as_secs() as i64)
    });
    Time::utc(seconds)
}

/// Writes a report where it is wanted.
fn report(run: &Run, reporting: &Reporting, view: View) -> Result<(), Error> {
    deliver(reporting, |format, look, out| match format {
        Format::Json => forebear_report::json::v1::write(run, out),
        Format::Text => text::write(run, &TextOptions { view, ..*look }, out),
    })
}

/// Writes what a renderer makes to the place that the options name: wholly made first, so that nothing half-written stays.
fn deliver(
    reporting: &Reporting,
    render: impl FnOnce(Format, &TextOptions, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    deliver_as(reporting.output.as_deref(), |look, out| render(reporting.format, look, out))
}

/// As [`deliver`], for commands with formats of their own.
fn deliver_as(
    output: Option<&Path>,
    render: impl FnOnce(&TextOptions, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let target = output.map_or_else(|| "standard output".to_owned(), |file| file.display().to_string());
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::BrokenPipe => Error::ClosedPipe,
        _ => Error::Write { target: target.clone(), cause },
    };
    let mut bytes = Vec::new();
    render(&text_options(output), &mut bytes).map_err(failed)?;
    match output {
        Some(file) => whole_file::write(file, &bytes).map_err(failed),
        None => print(&bytes).map_err(failed),
    }
}

/// Writes to standard output; a closed pipe is [`io::ErrorKind::BrokenPipe`].
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Says something beside the report.
#[allow(clippy::print_stderr, reason = "reports go to standard output, everything else to standard error")]
fn warn(line: &str) {
    eprintln!("{}", safe_line(line));
}

/// What strangers wrote, as it is; a terminal gets it without what it could obey.
fn for_reader(bytes: Vec<u8>, output: Option<&Path>) -> Vec<u8> {
    if output.is_some() || !io::stdout().is_terminal() {
        return bytes;
    }
    let text = String::from_utf8_lossy(&bytes);
    text.lines().flat_map(|line| format!("{}\n", safe_line(line)).into_bytes()).collect()
}

/// Prints a text of our own (rules, explanations).
fn print_text(text: &str) -> Result<(), Error> {
    print(text.as_bytes()).map_err(|cause| match cause.kind() {
        io::ErrorKind::BrokenPipe => Error::ClosedPipe,
        _ => Error::Write { target: "standard output".to_owned(), cause },
    })
}

/// Colour on a terminal unless `NO_COLOR` is set, and elsewhere if `CLICOLOR_FORCE` asks for it; the width is that of the terminal, or `COLUMNS`, or 100.
fn text_options(output: Option<&Path>) -> TextOptions {
    let terminal = output.is_none() && io::stdout().is_terminal();
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let forced = is_set("CLICOLOR_FORCE") && output.is_none();
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let width = columns.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
    TextOptions {
        color: (terminal || forced) && !is_set("NO_COLOR"),
        width: width.unwrap_or(100).clamp(40, 120),
        unicode: true,
        view: View::Check,
        // A file is read later, and a pipe by programs.
        today: terminal.then(now),
    }
}
