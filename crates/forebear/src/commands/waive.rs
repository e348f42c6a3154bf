//! `forebear waive`: a finding is accepted, with a reason, in `forebear.toml`.

use std::path::{Path, PathBuf};

use forebear_scanner::source::{self, What};
use forebear_types::RepoPath;
use forebear_types::finding::Finding;
use forebear_types::obligation::Answer;
use forebear_types::run::SourceKind;

use super::{by_fingerprint, print_text, request, today};
use crate::cli::Waive;
use crate::config::edit::{self, Edit, Entry};
use crate::config::{self, Config};
use crate::error::Error;
use crate::exit::Exit;
use crate::pipeline::{CONFIG_FILE, examine, open_error};
use crate::report_file;
use crate::whole_file;

pub(super) fn run(options: &Waive) -> Result<Exit, Error> {
    let until = options.until.as_deref().map(day).transpose()?;
    let reason = sentence(&options.reason, "--reason")?;
    let owner = options.owner.as_deref().map(|owner| sentence(owner, "--owner")).transpose()?;
    let file = file(options)?;
    let name = name(&file);
    let text = read(&file)?;
    let config = config::parse(&name, &text)?;

    let (finding, reason_of_another) = found(options)?;
    let entry = Entry {
        fingerprint: finding.fingerprint.0.clone(),
        rule: finding.rule.0.to_owned(),
        reason,
        owner,
        until,
    };
    still_holds(&config, &entry)?;
    let has_entry =
        config.waivers.iter().any(|waiver| waiver.fingerprint.as_ref() == Some(&entry.fingerprint));
    if let Some(reason) = reason_of_another.filter(|_| !has_entry) {
        let rule = entry.rule;
        print_text(&format!(
            "{rule} is waived already, by another entry of {name}: {reason}\nNothing was changed.\n"
        ))?;
        return Ok(Exit::Clean);
    }
    let edit = edit::waive(&text, &entry).map_err(|what| Error::Source {
        message: format!("{name}: {what}"),
        help: "add the waiver by hand, as docs/configuration.md shows".to_owned(),
    })?;
    let (done, new) = match edit {
        Edit::Unchanged => ("is waived already, in these words, in", None),
        Edit::Added(new) => ("is waived now in", Some(new)),
        Edit::Changed(new) => ("has its entry changed in", Some(new)),
    };
    if let Some(new) = new {
        // What cannot be read back is not written.
        config::parse(&name, &new)?;
        whole_file::write(&file, new.as_bytes())
            .map_err(|cause| Error::Write { target: file.display().to_string(), cause })?;
    }
    print_text(&format!("{} ({}) {done} {name}\n", entry.rule, entry.fingerprint))?;
    Ok(Exit::Clean)
}

/// The finding, and the reason of the waiver that covers it already.
fn found(options: &Waive) -> Result<(Finding, Option<String>), Error> {
    let print = options.fingerprint.trim();
    let (finding, reason) = match &options.report {
        Some(file) => {
            let report = report_file::read(file)?;
            (by_fingerprint::find(&report.findings, print, &file.display().to_string())?.clone(), None)
        }
        None => {
            let run = examine(&request(&options.target)?)?;
            let place = options.target.path.display().to_string();
            let finding = by_fingerprint::find(&run.findings, print, &place)?.clone();
            let waiver = finding.waived.and_then(|index| run.waivers.get(index));
            let reason = waiver.map(|waiver| waiver.reason.clone());
            (finding, reason)
        }
    };
    let refuse = |message: String, help: &str| Err(Error::Argument { message, help: help.to_owned() });
    if finding.answer == Answer::Met {
        let message = format!("{} is met: there is nothing to waive", finding.rule);
        return refuse(message, "`forebear check` lists what is unmet with its fingerprints");
    }
    let about_waivers =
        forebear_rules::rule(finding.rule.0).is_some_and(|rule| rule.stage == forebear_rules::Stage::Waivers);
    if about_waivers {
        let at = finding.places.first().map(|place| place.location.path.to_string()).unwrap_or_default();
        let message = format!("{} is about a waiver in {at}, and no waiver covers another", finding.rule);
        return refuse(message, "renew, correct or remove that waiver");
    }
    Ok((finding, reason))
}

/// An entry of the finding that has expired needs a new day.
fn still_holds(config: &Config, entry: &Entry) -> Result<(), Error> {
    let today = today();
    let expired = config
        .waivers
        .iter()
        .filter(|waiver| waiver.fingerprint.as_ref() == Some(&entry.fingerprint) && entry.until.is_none())
        .find_map(|waiver| waiver.until.as_ref().filter(|until| **until < today));
    match expired {
        None => Ok(()),
        Some(until) => Err(Error::Argument {
            message: format!("the waiver of {} expired on {until}", entry.rule),
            help: "give it a new last day with --until YYYY-MM-DD".to_owned(),
        }),
    }
}

/// A day that is not past.
fn day(text: &str) -> Result<String, Error> {
    let wrong = |message: String| Error::Argument {
        message,
        help: "write the last day on which the waiver holds: --until 2027-01-31".to_owned(),
    };
    let parsed: jiff::civil::Date =
        text.trim().parse().map_err(|_| wrong(format!("`{text}` is no day of the form YYYY-MM-DD")))?;
    let day = parsed.to_string();
    // The parser takes other forms of ISO 8601; a date that is written as the file has it is what people can compare.
    if day != text.trim() {
        return Err(wrong(format!("`{text}` is no day of the form YYYY-MM-DD")));
    }
    if day < today() {
        return Err(wrong(format!("--until {day} is past: the waiver would hold on no day")));
    }
    Ok(day)
}

/// One line of text.
fn sentence(text: &str, option: &str) -> Result<String, Error> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().any(char::is_control) {
        return Err(Error::Argument {
            message: format!("{option} is empty or has several lines"),
            help: "say it in one line: reports show it beside the finding".to_owned(),
        });
    }
    Ok(trimmed.to_owned())
}

/// The configuration to write: the one that a check of the target reads.
fn file(options: &Waive) -> Result<PathBuf, Error> {
    match &options.target.state.config {
        Some(file) => Ok(file.clone()),
        None => in_folder(&options.target.path),
    }
}

/// `forebear.toml` of a folder that a person keeps: no bare repository, no model cache, no link out of it.
pub(super) fn in_folder(folder: &Path) -> Result<PathBuf, Error> {
    let kind = source::open(folder, What::WorkTree).map_err(open_error)?.source.kind();
    let refused = |what: &str| Error::Source {
        message: format!("{}: {what}", folder.display()),
        help: "name the configuration to write with --config FILE, and give it to `forebear check` too"
            .to_owned(),
    };
    match kind {
        SourceKind::WorkTree => {}
        SourceKind::Cache => return Err(refused("a model cache is no place for a configuration")),
        SourceKind::Index | SourceKind::Commit | SourceKind::History => {
            return Err(refused("a bare repository has no files to write"));
        }
    }
    let file = folder.join(CONFIG_FILE);
    let is_link = std::fs::symlink_metadata(&file).is_ok_and(|found| found.file_type().is_symlink());
    let inside = || Some(file.canonicalize().ok()?.starts_with(folder.canonicalize().ok()?));
    if is_link && inside() != Some(true) {
        return Err(refused("forebear.toml is a link that leaves the folder, which no check follows"));
    }
    Ok(file)
}

/// The file's name as reports have it: no folder of the machine.
fn name(file: &Path) -> RepoPath {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    RepoPath::new(name).unwrap_or_default()
}

/// The text of the configuration; empty where there is none yet.
fn read(file: &Path) -> Result<String, Error> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(cause) => Err(Error::Source {
            message: format!("cannot read the configuration {}: {cause}", file.display()),
            help: "mend the file, or name another one with --config".to_owned(),
        }),
    }
}
