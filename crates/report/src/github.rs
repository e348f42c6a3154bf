//! GitHub annotations: workflow commands that the runner turns into marks beside lines.
//!
//! The runner obeys any line of a step's output that begins with `::`, after spaces too, and in all other lines `##[command]`
//! anywhere (`ActionCommandManager` and `ActionCommand` of the runner). So every line written here is a command of ours, and
//! whatever comes from the repository is on such a line, escaped: it cannot begin another.

use std::io::{self, Write};

use forebear_types::finding::{Finding, Severity};
use forebear_types::run::Run;

use crate::anchor::Anchors;
use crate::safe;
use crate::tally::{self, Tally};
use crate::text::{count, verdict_words};

/// Annotations of each kind that GitHub shows for a step. More than these are dropped without a word.
///
/// Source: "Create a check run" in GitHub's documentation: Actions are limited to 10 errors and 10 warnings a step; notices are
/// counted in the same way. The last notice says how many more there are.
const SHOWN: usize = 10;

/// Characters of a message. The runner cuts one after 4,096 (`ExecutionContext`); nobody reads as many.
const MESSAGE: usize = 1500;

/// Writes the annotations of all repositories: the worst ten of each kind, then a notice with the verdict.
///
/// # Errors
/// What the writer says.
pub fn write_all(runs: &[Run], out: &mut dyn Write) -> io::Result<()> {
    let mut left = 0;
    let elsewhere = !are_one_checkout(runs);
    for severity in [Severity::Violation, Severity::Warning, Severity::Note] {
        let most = if severity == Severity::Note { SHOWN - 1 } else { SHOWN };
        let mut found: Vec<(&Run, &Finding)> = runs
            .iter()
            .flat_map(|run| tally::listed(run).map(move |finding| (run, finding)))
            .filter(|(_, finding)| !finding.known && tally::severity(finding) == severity)
            .collect();
        // Answers before doubts, in whatever repository.
        found.sort_by_key(|(_, finding)| finding.answer);
        left += found.len().saturating_sub(most);
        for (run, finding) in found.into_iter().take(most) {
            writeln!(out, "{}", annotation(run, finding, severity, runs.len() > 1, elsewhere))?;
        }
    }
    writeln!(out, "::notice title=forebear::{}", data(&closing(runs, left)))
}

/// Whether all of them lie in one repository, so that their paths do.
fn are_one_checkout(runs: &[Run]) -> bool {
    let [first, others @ ..] = runs else { return true };
    let beside = |run: &Run| run.source.head.is_some() && run.source.head == first.source.head;
    others.is_empty() || runs.iter().all(|run| beside(run) && !run.folder.is_root())
}

/// The verdict, and how many findings have no annotation.
fn closing(runs: &[Run], left: usize) -> String {
    let verdict = match runs {
        [run] => verdict_words(run, &Tally::of(run)),
        _ => {
            let sum =
                |number: fn(&Tally) -> usize| runs.iter().map(|run| number(&Tally::of(run))).sum::<usize>();
            format!(
                "{}: {}, {}, {}",
                count(runs.len(), "repository"),
                count(sum(|tally| tally.violations), "violation"),
                count(sum(|tally| tally.warnings), "warning"),
                count(sum(|tally| tally.notes), "note"),
            )
        }
    };
    match left {
        0 => format!("{verdict}."),
        _ => format!(
            "{verdict}. {} without an annotation: the job summary (`--format github-summary`) has all.",
            count(left, "finding")
        ),
    }
}

fn annotation(
    run: &Run,
    finding: &Finding,
    severity: Severity,
    among_others: bool,
    elsewhere: bool,
) -> String {
    let command = match severity {
        Severity::Violation => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    // In the order in which `@actions/core` writes them.
    let mut properties = vec![format!("title={}", property(&format!("forebear: {}", finding.rule)))];
    // Paths are those of the repository that is checked out.
    // Ten of a kind at most: places for all findings would be more work.
    if let Some(at) = Anchors::of(run).anchor(finding).filter(|_| !elsewhere) {
        let path = run.folder.join_path(&at.path).to_string();
        properties.push(format!("file={}", property(&safe::line(&path))));
        if let Some(lines) = at.lines {
            properties.push(format!("line={},endLine={}", lines.first, lines.last));
        }
    }
    let repository = if among_others { format!("{}: ", safe::line(&run.name)) } else { String::new() };
    let help =
        if finding.help.is_empty() { String::new() } else { format!("\n{}", safe::line(&finding.help)) };
    let message = safe::shorten(&format!("{repository}{}{help}", safe::line(&finding.message)), MESSAGE);
    format!("::{command} {}::{}", properties.join(","), data(&message))
}

/// What stands behind the second `::`.
///
/// Source: `escapeData` of `@actions/core`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
///
/// Source: `escapeProperty` of `@actions/core`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_is_that_of_the_runner() {
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
