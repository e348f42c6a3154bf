//! Markdown for a comment of a pull request, a discussion on the Hub, or a job summary.
//!
//! The verdict comes first, then the base with its evidence, the duties as a checklist, the findings with what mends them, the
//! history, and what was not examined. It is plain Markdown; the only HTML is `<details>`, without which the text reads as well.

mod escape;
mod fit;
mod sections;

use std::io::{self, Write};

use forebear_types::run::Run;

use crate::safe;
use crate::tally::Tally;
use crate::text::{count, plain, verdict_words};
use escape::{code, text};

/// Where the Markdown goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Bytes that fit.
    room: usize,
}

/// A comment. GitHub takes 65,536 characters (`Body is too long`); bytes are never fewer than characters, and something is
/// left for whoever adds a line.
pub const COMMENT: Target = Target { room: 65_000 };

/// A job summary. GitHub takes 1 MiB for a step ("Workflow commands", "Step isolation and limits"), which may hold what others
/// wrote to it.
pub const SUMMARY: Target = Target { room: 1_000_000 };

/// Bytes below which the report of one repository among others is its verdict alone: the heading of every part has room in them.
const SMALLEST: usize = 5_000;

/// Repositories in the list of verdicts.
const LISTED: usize = 200;

const CLOSING: &str = "\n*forebear reports facts and duties with their clauses. It is not legal advice.*\n";

/// Writes one text about all repositories, in the room that there is.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], target: Target, out: &mut dyn Write) -> io::Result<()> {
    let mut report = match runs {
        [run] => one(run, "##", target.room - CLOSING.len()),
        _ => many(runs, target.room - CLOSING.len()),
    };
    report.push_str(CLOSING);
    out.write_all(report.as_bytes())
}

/// One repository in `room` bytes, which are [`SMALLEST`] or more. `level` is the heading's marks.
fn one(run: &Run, level: &str, room: usize) -> String {
    let verdict = text(&verdict_words(run, &Tally::of(run)));
    let name = code(&safe::shorten(&run.name, 100));
    let mut report = format!("{level} {} forebear: {verdict}\n\n{name}", mark(run));
    let mut examined = format!(": {}.\n", text(&plain::examined(run)));
    let declared = text(&plain::declared(run));
    if !declared.is_empty() {
        examined.push_str(&format!("{declared}.\n"));
    }
    // Names that a stranger made long must not take the room of the findings.
    report.push_str(if report.len() + examined.len() <= room / 3 { &examined } else { "\n" });
    let left = room.saturating_sub(report.len());
    let sections = sections::all(run, &format!("{level}#"), left);
    report.push_str(&fit::fit(&sections, left));
    report
}

/// A list of verdicts, then each repository with an equal share of what is left.
fn many(runs: &[Run], room: usize) -> String {
    let mut report = format!("## forebear: {}\n\n", count(runs.len(), "repository"));
    for run in runs.iter().take(LISTED) {
        let verdict = text(&verdict_words(run, &Tally::of(run)));
        let line = format!("- {} {}: {verdict}\n", mark(run), code(&safe::shorten(&run.name, 100)));
        if report.len() + line.len() > room / 2 {
            break;
        }
        report.push_str(&line);
    }
    let listed = report.lines().filter(|line| line.starts_with("- ")).count();
    if listed < runs.len() {
        let more = count(runs.len() - listed, "repository");
        report.push_str(&format!("- {more} left out for want of room; the JSON report has all.\n"));
    }
    for (index, run) in runs.iter().enumerate() {
        let share = room.saturating_sub(report.len()) / (runs.len() - index);
        if share < SMALLEST {
            break;
        }
        let part = one(run, "##", share - 1);
        report.push_str(&format!("\n{part}"));
    }
    report
}

/// Whether something is wrong, for the eye; the words beside it say the same.
fn mark(run: &Run) -> &'static str {
    let tally = Tally::of(run);
    match (tally.violations, tally.warnings, run.problems.is_empty()) {
        (1.., ..) => "✘",
        (0, 1.., _) => "!",
        (0, 0, true) => "✔",
        (0, 0, false) => "?",
    }
}
