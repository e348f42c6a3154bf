//! The commands, and what they share.

mod by_fingerprint;
mod check;
mod compare;
mod completions;
mod explain;
mod fingerprint;
mod history;
mod init;
mod licenses;
mod lineage;
mod man;
mod models;
mod notice;
mod rules;
mod waive;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use forebear_report::text::{TextOptions, View};
use forebear_report::{self as reports, printable};
use forebear_scanner::history::Engine;
use forebear_scanner::source::What;
use forebear_types::Time;
use forebear_types::run::{Run, StatedBase};

use crate::cli::{self, Arguments, Command, Format, Reach, Reporting, Reports, State, Target};
use crate::config::model_id;
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{Request, Walk};
use crate::revision::{self, Revision};
use crate::whole_file;
use crate::{cache, catalogs, prints};

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
        Command::Fingerprint(options) => fingerprint::run(options),
        Command::Compare(options) => compare::run(options),
        Command::Completions(options) => completions::run(options),
        Command::Man(options) => man::run(options),
    }
}

/// The request that a target asks for.
fn request(target: &Target) -> Result<Request, Error> {
    let revision = target.state.rev.as_deref().map(revision::one).transpose()?;
    request_of(&target.path, &target.state, revision, Walk::default())
}

/// The request of a command that follows the history, and the range's beginning where one was asked for.
fn request_of_history(path: &Path, state: &State, reach: &Reach, whole: bool) -> Result<Request, Error> {
    let (revision, after) = match state.rev.as_deref().map(revision::revision).transpose()? {
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
    request_of(path, state, revision, walk)
}

fn request_of(path: &Path, state: &State, revision: Option<String>, walk: Walk) -> Result<Request, Error> {
    let what = match (revision, state.staged) {
        (Some(revision), _) => What::Revision(revision),
        (None, true) => What::Index,
        (None, false) => What::WorkTree,
    };
    let config = match &state.config {
        None => None,
        Some(file) => Some((file.clone(), read_config(file)?)),
    };
    let (catalog, named) = catalogs::load_all(&state.catalogs)?;
    let fingerprints = prints::load(&state.fingerprints, &named, &catalog)?;
    let bases: Vec<StatedBase> = state.bases.iter().map(|base| stated(base)).collect::<Result<_, _>>()?;
    for model in
        bases.iter().filter_map(|base| base.model.as_ref()).filter(|id| catalog.find(id.as_str()).is_none())
    {
        // It may well exist: the report says what follows, and this is only a hint.
        if let Some(near) = models::near(&catalog, model.as_str()) {
            warn(&format!("the catalog does not know {model}; did you mean `{near}`?"));
        }
    }
    Ok(Request {
        path: path.to_owned(),
        what,
        walk,
        baseline: None,
        bases,
        upstream: None,
        config,
        catalog,
        fingerprints,
        now: now(),
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

/// Writes the reports of one repository or several, in every format and to every place that was asked for.
fn report(runs: &[Run], reports: &Reports, view: View) -> Result<(), Error> {
    let wanted = reports.wanted()?;
    if let Some(format) =
        wanted.iter().map(|(format, _)| format).find(|format| runs.len() > 1 && !format.holds_many())
    {
        return Err(Error::Argument {
            message: format!(
                "a {} report is about one repository, and {} were given",
                format.name(),
                runs.len()
            ),
            help: "run forebear once for each of them".to_owned(),
        });
    }
    let view = match (reports.quiet, reports.verbose, view) {
        (true, ..) => View::Brief,
        (_, true, View::Check) => View::Auditor,
        _ => view,
    };
    if reports.verbose {
        runs.iter().for_each(|run| used(run).iter().for_each(|line| warn(line)));
    }
    for (format, place) in &wanted {
        deliver_as(place.file(), |look, out| {
            reports::write(runs, *format, &TextOptions { view, ..*look }, out)
        })?;
    }
    Ok(())
}

/// What a run used, for who asks.
fn used(run: &Run) -> Vec<String> {
    let examined = &run.source.examined;
    let commits = match examined.commits {
        None => "no git history".to_owned(),
        Some(commits) if examined.history_complete => format!("{commits} commits, all that were asked for"),
        Some(commits) => format!("{commits} commits, not all that there are"),
    };
    let settings = match (run.levels.len(), run.waivers.len()) {
        (0, 0) => "no severities or waivers from a configuration".to_owned(),
        (levels, waivers) => format!("{levels} severities and {waivers} waivers from the configuration"),
    };
    let (name, maker, kind) = (&run.name, &run.maker, run.source.kind.name());
    vec![
        format!("{name}: forebear {}, catalog {}", maker.version, maker.catalog),
        format!("{name}: {} files of the {kind}; {commits}; {settings}", examined.files),
    ]
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
    eprintln!("{}", printable(line));
}

/// What strangers wrote, as it is; a terminal gets it without what it could obey.
fn for_reader(bytes: Vec<u8>, output: Option<&Path>) -> Vec<u8> {
    if output.is_some() || !io::stdout().is_terminal() {
        return bytes;
    }
    let text = String::from_utf8_lossy(&bytes);
    text.lines().flat_map(|line| format!("{}\n", printable(line)).into_bytes()).collect()
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
        links: terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        // A file is read later, and a pipe by programs.
        today: terminal.then(now),
    }
}
