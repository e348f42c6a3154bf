//! `forebear init`: a commented `forebear.toml`, and what was found.

use std::fmt::Write as _;

use forebear_report::printable;
use forebear_scanner::source::What;
use forebear_types::fact::FactKind;
use forebear_types::lineage::{Hop, Strength};
use forebear_types::run::Run;

use super::waive::in_folder;
use super::{now, print_text, today};
use crate::cli::Init;
use crate::config::{license_id, model_id};
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{CONFIG_FILE, Request, Walk, counted, examine};
use crate::whole_file;
use crate::{catalogs, prints};

pub(super) fn run(options: &Init) -> Result<Exit, Error> {
    let file = in_folder(&options.path)?;
    let there = |message: String| Error::Source {
        message,
        help: "edit it, or remove it first; docs/configuration.md lists its keys".to_owned(),
    };
    if std::fs::symlink_metadata(&file).is_ok() {
        return Err(there(format!("{} is there already; nothing was written", file.display())));
    }
    let (catalog, named) = catalogs::load_all(&options.catalogs)?;
    let run = examine(&Request {
        path: options.path.clone(),
        what: What::WorkTree,
        walk: Walk::default(),
        baseline: None,
        bases: Vec::new(),
        upstream: None,
        config: None,
        fingerprints: prints::load(&[], &named, &catalog)?,
        catalog,
        now: now(),
    })?;
    let failed = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::AlreadyExists => {
            there(format!("{} is there already; nothing was written", file.display()))
        }
        _ => Error::Write { target: file.display().to_string(), cause },
    };
    // Whoever wrote the file in the meantime keeps it.
    whole_file::create(&file, text(&run).as_bytes()).map_err(failed)?;
    let found: String = found(&run).iter().fold(String::new(), |text, line| text + "- " + line + "\n");
    print_text(&format!("{CONFIG_FILE} was written; every setting in it is commented out. Found:\n{found}"))?;
    Ok(Exit::Clean)
}

/// Things of one kind that are listed.
const MOST: usize = 5;

/// What was found, a line each.
fn found(run: &Run) -> Vec<String> {
    let mut lines = licenses_found(run);
    let steps = || run.lineage.hops.iter().filter(|hop| hop.child.is_none());
    let proven: Vec<&Hop> = steps().filter(|hop| hop.strength > Strength::Circumstantial).collect();
    for hop in proven.iter().take(MOST) {
        let how = match (hop.declared, hop.carries_violation()) {
            (true, _) if hop.strength == Strength::Declared => "",
            (true, _) => ", declared",
            (false, true) => ", not declared",
            (false, false) => ", not declared, and no proof: an independent model may have this shape",
        };
        lines.push(format!("base: {} ({}{how})", hop.title(), hop.strength.name()));
    }
    if proven.len() > MOST {
        lines.push(format!("{} more bases: `forebear lineage` lists them", proven.len() - MOST));
    }
    if proven.is_empty() {
        let hints = steps().count();
        lines.push(match hints {
            0 => "no base".to_owned(),
            1 => "no base; 1 hint, which proves nothing: see `forebear lineage`".to_owned(),
            hints => format!("no base; {hints} hints, which prove nothing: see `forebear lineage`"),
        });
    }
    let open = counted(run).count();
    lines.push(match open {
        0 => "nothing is missing".to_owned(),
        1 => "1 finding: see `forebear check`".to_owned(),
        open => format!("{open} findings: see `forebear check`"),
    });
    lines.iter().map(|line| printable(line)).collect()
}

fn licenses_found(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    lines.push(match (&run.declared.license, &run.declared.source) {
        (Some(license), Some(at)) => format!("licence: {license}, declared in {}", at.path),
        (Some(license), None) => format!("licence: {license}"),
        (None, _) => "no declared licence".to_owned(),
    });
    let held = run.facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::LegalFile(file) => {
            let ids: Vec<&str> = file.recognition.licenses.iter().map(|found| found.id.as_str()).collect();
            (!ids.is_empty()).then(|| format!("{} holds text of {}", fact.path, ids.join(", ")))
        }
        _ => None,
    });
    lines.extend(held.take(MOST));
    lines
}

/// The file. Settings begin with `#` and no space, so that they are told from prose.
fn text(run: &Run) -> String {
    let mut text = String::from(
        "# What forebear should know about this repository. All settings are commented out: take the `#` away to use one.\n#\n\
         # Found when this file was written:\n",
    );
    for line in found(run) {
        let _ = writeln!(text, "# - {line}");
    }
    let year = today().chars().take(4).collect::<String>();
    let _ = write!(
        text,
        "
# Whose work this is. Messages about the own licence show these lines.
#[project]
#name = \"organisation/name\"
#copyright = [\"Copyright (c) {year} Somebody\"]

# Severities of single rules: \"off\", \"note\", \"warning\" or \"violation\". Weaker evidence still lowers them.
# `forebear rules` lists the rules.
#[rules]
#unused-waiver = \"note\"

# Licences that may be used here, that somebody has to look at first, and that may not be used: of the model itself and of
# every base. SPDX identifiers and expressions, LicenseRef-…, or the Hub's names.
#[licenses]
#allow = [{}]
#review = []
#deny = []

# A base that no card declares, or whose licence forebear does not know.
#[[upstream]]
#model = \"{}\"
#license = \"MIT\"

# Findings that somebody accepts. `forebear waive FINGERPRINT --reason \"…\"` writes such an entry.
#[[waiver]]
#rule = \"license-added-late\"
#reason = \"The history was pushed after the notice had been added.\"
#owner = \"legal@example.org\"
#until = {}-12-31
",
        quoted(&licenses(run)),
        upstream(run),
        year
    );
    text
}

/// The licences that stand here, by their ids.
fn licenses(run: &Run) -> Vec<String> {
    let declared = run.declared.license.iter().flat_map(|values| values.split(", ")).filter_map(license_id);
    let owed = run.obligations.iter().filter(|owed| owed.certain).map(|owed| owed.license.clone());
    let mut ids: Vec<String> = declared
        .chain(owed)
        .map(|id| id.to_string())
        // A name from a card stays out of the file unless it is an id.
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte)))
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

fn quoted(ids: &[String]) -> String {
    ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
}

/// The base that was found, where it is one and its id could stand in a configuration.
fn upstream(run: &Run) -> String {
    let only = |hop: &Hop| match hop.candidates.as_slice() {
        [only] => model_id(only.model.as_str()).map(|id| id.to_string()),
        _ => None,
    };
    let proven = run.lineage.hops.iter().filter(|hop| hop.child.is_none() && hop.carries_violation());
    proven.filter_map(only).next().unwrap_or_else(|| "organisation/name".to_owned())
}
