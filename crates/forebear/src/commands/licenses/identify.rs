//! `forebear licenses identify`: which licence texts files hold.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use forebear_report::json::v1::licenses as json;
use forebear_report::license::Identified;
use forebear_report::text::licenses as text;
use forebear_scanner::native;
use forebear_scanner::single::{self, NoFile, Single};
use forebear_types::RepoPath;
use forebear_types::fact::{Problem, ProblemKind};
use forebear_types::path::PathBytes;

use crate::cli::{Format, LicensesIdentify};
use crate::commands::deliver;
use crate::error::Error;
use crate::exit::Exit;

/// By this name a file is standard input.
const STANDARD_INPUT: &str = "-";

pub(super) fn run(options: &LicensesIdentify) -> Result<Exit, Error> {
    let standard_input = [PathBuf::from(STANDARD_INPUT)];
    let paths = if options.files.is_empty() { &standard_input } else { options.files.as_slice() };
    let mut files = Vec::new();
    let mut not_files = false;
    for path in paths {
        let (file, is_file) = read(path);
        not_files |= !is_file;
        files.push(file);
    }
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_legal_files(&files, out),
        Format::Text => text::write_legal_files(&files, look, out),
    })?;
    if options.reporting.format == Format::Json {
        complain(&files);
    }
    Ok(exit(&files, not_files, options.strict))
}

/// One file, and whether its name is that of a file.
fn read(path: &Path) -> (Identified, bool) {
    let (single, is_file) = if path.as_os_str() == STANDARD_INPUT {
        (single::stream(&mut io::stdin().lock(), None), true)
    } else {
        match single::file(path) {
            Ok(single) => (single, true),
            Err(no_file) => (none(no_file), false),
        }
    };
    let encoding = match single.content {
        Some(forebear_licenses::Content::Text(encoding)) => Some(encoding.name()),
        _ => None,
    };
    let path = PathBytes(&native::bytes(path)).to_string();
    (Identified { path, recognition: single.recognition, encoding, problems: single.problems }, is_file)
}

fn none(no_file: NoFile) -> Single {
    let problem = Problem {
        path: RepoPath::root(),
        line: None,
        kind: ProblemKind::Unreadable,
        what: no_file.what().to_owned(),
        remedy: no_file.remedy().to_owned(),
    };
    Single { problems: vec![problem], ..Single::default() }
}

/// The JSON has no place for problems: it is a list of what was found. They go where messages go.
fn complain(files: &[Identified]) {
    let mut out = io::stderr().lock();
    for file in files {
        for problem in &file.problems {
            let line = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            // Nobody may be there to read it.
            let _ = writeln!(out, "{}: {line}{}\n  help: {}", file.path, problem.what, problem.remedy);
        }
    }
}

fn exit(files: &[Identified], not_files: bool, strict: bool) -> Exit {
    let found =
        |file: &Identified| !file.recognition.licenses.is_empty() || !file.recognition.named.is_empty();
    if not_files {
        Exit::Usage
    } else if strict && files.iter().any(|file| !file.problems.is_empty()) {
        Exit::Incomplete
    } else if files.iter().any(found) {
        Exit::Clean
    } else {
        Exit::Nothing
    }
}
