//! Literate cases: a repository told in Markdown, and what is expected of it. The format is described in
//! `crates/testkit/README.md`.

use std::fmt;
use std::path::Path;

use crate::parse::{Block, Case, EXPECTATIONS, cases};
use crate::repo::Repo;

/// The block of which all lines have to be observed, but not the other way round.
const EVIDENCE: &str = "evidence";

/// A case's repository, ready to be examined.
pub struct CaseRepo {
    repo: Repo,
    options: Vec<String>,
}

impl CaseRepo {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.repo.path()
    }

    /// Options for the program.
    pub fn options(&self) -> &[String] {
        &self.options
    }
}

/// What was observed, a line each; only the parts that a case expects are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// `severity|met|unknown rule upstream place [key=value…]`.
    pub findings: Vec<String>,
    /// `answer duty licence place [conditional]`.
    pub obligations: Vec<String>,
    /// `strength[ unique] declared|undeclared[ relation] candidates[ in subject/]`.
    pub lineage: Vec<String>,
    /// `for|against kind: detail`, of the first hop; a case gives those that it is about.
    pub evidence: Vec<String>,
    /// `path what`.
    pub problems: Vec<String>,
    /// `event path [declaration]`, in order.
    pub history: Vec<String>,
    /// The exit code.
    pub exit: i32,
}

/// The outcome of a file of cases.
#[derive(Debug, Default)]
pub struct Report {
    failures: Vec<String>,
}

impl Report {
    /// Whether everything came out as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failures.iter().try_for_each(|failure| writeln!(f, "{failure}"))
    }
}

/// Runs the cases of a Markdown file. With `FOREBEAR_UPDATE=1` the expectations in the file `origin` are rewritten to what
/// was observed; read the difference before you commit it.
pub fn run_cases(markdown: &str, origin: &str, run: &mut dyn FnMut(&CaseRepo) -> Observed) -> Report {
    let mut report = Report::default();
    let cases = match cases(markdown) {
        Ok(cases) => cases,
        Err(error) => {
            report.failures.push(format!("{origin}: {error}"));
            return report;
        }
    };
    let mut updates: Vec<(usize, Vec<String>)> = Vec::new();
    for case in &cases {
        let built = match build(case) {
            Ok(built) => built,
            Err(error) => {
                report.failures.push(format!("{origin}: {}: {error}", case.name));
                continue;
            }
        };
        let observed = run(&built);
        for block in case.blocks.iter().filter(|block| EXPECTATIONS.contains(&block.kind.as_str())) {
            let seen = lines_of(&observed, &block.kind);
            if !agrees(block, &seen) {
                report.failures.push(difference(origin, case, block, &seen));
            }
            // What a case leaves out of the evidence it leaves out on purpose.
            if block.kind != EVIDENCE {
                updates.push((block.line, seen));
            }
        }
    }
    if std::env::var_os("FOREBEAR_UPDATE").is_some() && Path::new(origin).is_file() {
        std::fs::write(origin, updated(markdown, &updates)).unwrap();
        let kept = format!(": {EVIDENCE} differ\n");
        report.failures.retain(|failure| failure.contains(&kept));
    }
    report
}

/// Builds the repositories of a Markdown file's cases, by name.
///
/// # Errors
/// Line and reason, if the file is not well-formed.
pub fn build_all(markdown: &str) -> Result<Vec<(String, CaseRepo)>, String> {
    cases(markdown)?.iter().map(|case| Ok((case.name.clone(), build(case)?))).collect()
}

fn build(case: &Case) -> Result<CaseRepo, String> {
    let mut repo = Repo::plain();
    let mut options = Vec::new();
    let mut last_commit = String::new();
    for block in &case.blocks {
        let (first, rest) = block.argument.split_once(' ').unwrap_or((block.argument.as_str(), ""));
        match block.kind.as_str() {
            "file" => drop(repo.write(&block.argument, &block.body)),
            "pointer" => drop(repo.write(first, crate::pointer(first))),
            "snippet" => drop(repo.write(first, crate::snippet(rest))),
            "safetensors" => repo.write_weights(&block.argument, &crate::weights::safetensors(&block.body)),
            "gguf" => repo.write_weights(&block.argument, &crate::weights::gguf(&block.body)),
            "vocabulary" => {
                let count = rest.trim().parse().map_err(|_| format!("line {}: how many?", block.line))?;
                drop(repo.write(first, crate::invented_vocabulary(count)));
            }
            "spdx" => {
                let (id, owners) = rest.split_once(' ').unwrap_or((rest, ""));
                let owners =
                    owners.trim().strip_prefix("copyright=\"").and_then(|text| text.strip_suffix('"'));
                let owners: Vec<&str> = owners.map_or_else(Vec::new, |text| text.split("\\n").collect());
                repo.write(first, format!("{}{}", crate::spdx_text(id, &owners), block.body));
            }
            "remove" => block.body.lines().for_each(|path| repo.remove(path.trim())),
            "rename" => {
                for line in block.body.lines() {
                    let (from, to) = line
                        .split_once(" -> ")
                        .ok_or_else(|| format!("line {}: write `old -> new`", block.line))?;
                    repo.rename(from.trim(), to.trim());
                }
            }
            "commit" => {
                repo.stage_all();
                last_commit = repo.commit(block.body.trim_end(), &block.argument);
            }
            "stage" => repo.stage_all(),
            "shallow" => repo.shallow(&last_commit),
            "options" => options.extend(block.body.split_whitespace().map(str::to_owned)),
            _ => {}
        }
    }
    Ok(CaseRepo { repo, options })
}

fn lines_of(observed: &Observed, kind: &str) -> Vec<String> {
    match kind {
        "findings" => sorted(&observed.findings),
        "obligations" => sorted(&observed.obligations),
        "lineage" => observed.lineage.clone(),
        EVIDENCE => observed.evidence.clone(),
        "problems" => sorted(&observed.problems),
        "history" => observed.history.clone(),
        _ => vec![observed.exit.to_string()],
    }
}

fn sorted(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    lines.sort();
    lines
}

/// Findings, obligations, problems: the same set. Lineage and history: the same order. Evidence: at least these.
fn agrees(block: &Block, seen: &[String]) -> bool {
    let mut expected: Vec<&str> = block.body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut seen: Vec<&str> = seen.iter().map(|line| line.trim()).collect();
    if block.kind == EVIDENCE {
        return expected.iter().all(|line| seen.contains(line));
    }
    if !matches!(block.kind.as_str(), "lineage" | "history") {
        expected.sort_unstable();
        seen.sort_unstable();
    }
    expected == seen
}

fn difference(origin: &str, case: &Case, block: &Block, seen: &[String]) -> String {
    let mut text = format!("{origin}:{}: {}: {} differ\n", block.line, case.name, block.kind);
    let expected: Vec<&str> = block.body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for line in &expected {
        if !seen.iter().any(|other| other.trim() == *line) {
            text.push_str(&format!("  expected: {line}\n"));
        }
    }
    for line in seen {
        if !expected.contains(&line.trim()) {
            text.push_str(&format!("  observed: {line}\n"));
        }
    }
    text
}

fn updated(markdown: &str, updates: &[(usize, Vec<String>)]) -> String {
    let mut out = String::new();
    let mut skipping: Option<String> = None;
    for (index, line) in markdown.lines().enumerate() {
        if let Some(fence) = &skipping {
            if line.trim_end() != fence {
                continue;
            }
            skipping = None;
        }
        out.push_str(line);
        out.push('\n');
        if let Some((_, lines)) = updates.iter().find(|(number, _)| *number == index + 1) {
            for line in lines {
                out.push_str(line.trim_end());
                out.push('\n');
            }
            skipping = Some(line.chars().take_while(|character| *character == '`').collect());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# T\n\n## One\n\n```file LICENSE\nx\n```\n\n```commit 2026-03-01T00:00:00Z\nRelease\n```\n\n```remove\nLICENSE\n```\n\n```findings\nwarning a - LICENSE\n```\n";

    #[test]
    fn a_case_is_built_and_compared() {
        let mut seen = None;
        let mut run = |case: &CaseRepo| {
            seen = Some((case.path().join(".git").is_dir(), case.path().join("LICENSE").exists()));
            Observed { findings: vec!["warning a - LICENSE".to_owned()], ..Observed::default() }
        };
        assert!(run_cases(TEXT, "memory", &mut run).passed());
        assert_eq!(seen, Some((true, false)));
        let report = run_cases(TEXT, "memory", &mut |_| Observed::default());
        assert!(
            report.to_string().contains("memory:17: One: findings differ\n  expected: warning a - LICENSE"),
            "{report}"
        );
    }

    #[test]
    fn of_the_evidence_only_what_a_case_gives_has_to_be_there() {
        let text = "## One\n\n```evidence\nfor tensors: a\n```\n";
        let observed = |lines: &[&str]| Observed {
            evidence: lines.iter().map(|line| (*line).to_owned()).collect(),
            ..Observed::default()
        };
        assert!(run_cases(text, "memory", &mut |_| observed(&["for name: b", "for tensors: a"])).passed());
        assert!(!run_cases(text, "memory", &mut |_| observed(&["against tensors: a"])).passed());
    }

    #[test]
    fn expectations_are_rewritten_in_place() {
        let new = updated(TEXT, &[(17, vec!["met b".to_owned(), "met c".to_owned()])]);
        assert!(new.ends_with("```findings\nmet b\nmet c\n```\n"));
        assert_eq!(new.lines().count(), TEXT.lines().count() + 1);
    }
}
