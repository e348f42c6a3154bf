//! `forebear models add`: a catalog entry from a local copy of a publisher's repository.
//!
//! Only what the folder says gets into the entry, with the file as its source. What it does not say stays absent, which the
//! catalog reads as unknown, and is named on standard error.

mod draft;
mod write;

use std::io::{self, Write as _};
use std::path::Path;

use forebear_scanner::native;
use forebear_scanner::source::{self, Opened, What};
use forebear_types::path::PathBytes;
use forebear_types::{ModelId, Snapshot};
use forebear_weights::fingerprint::Options as Asked;
use forebear_weights::sketch::Profile;

use crate::catalogs;
use crate::cli::{Catalogs, ModelsAdd};
use crate::commands::print_text;
use crate::config::model_id;
use crate::error::Error;
use crate::exit::Exit;
use crate::{weights, whole_file};
use draft::{Draft, Origin};

pub(super) fn run(options: &ModelsAdd) -> Result<Exit, Error> {
    let opened = open(options)?;
    let id = id(options, &opened)?;
    let (reading, _) = source::examine(opened.source.as_ref());
    let origin = Origin { id: id.clone(), snapshot: opened.source.snapshot() };
    let mut draft = Draft::of(&origin, &reading.facts);
    draft.developer = developer(options, &id, &mut draft.missing)?;
    let mut out = io::stderr().lock();
    for problem in opened.problems.iter().chain(&reading.problems) {
        // Nobody may be there to read it.
        let _ = writeln!(out, "{}: {}\n  help: {}", problem.path, problem.what, problem.remedy);
    }
    if draft.is_empty() {
        let _ = writeln!(
            out,
            "the folder says nothing of a model: no configuration, licence or weights were found"
        );
        return Ok(Exit::Nothing);
    }
    for what in &draft.missing {
        let _ = writeln!(out, "not found: {what}");
    }
    drop(out);
    let mut text = write::entry(&origin, &draft);
    if let Some(file) = &options.fingerprint {
        text.push_str(&fingerprint(options, &origin, file)?);
    }
    match &options.output {
        None => print_text(&text)?,
        Some(file) => whole_file::write(file, text.as_bytes())
            .map_err(|cause| Error::Write { target: file.display().to_string(), cause })?,
    }
    Ok(Exit::Clean)
}

/// Makes the fingerprint of the weights that lie in the folder, and gives the entry's words for it.
fn fingerprint(options: &ModelsAdd, origin: &Origin, file: &Path) -> Result<String, Error> {
    let asked = Asked { profile: Profile::FULL, ..Asked::default() };
    let mut made = weights::Model::open(&options.path)?.fingerprint(asked, true);
    let mut out = io::stderr().lock();
    let side = made.side(&options.path);
    for trouble in &side.problems {
        let _ = writeln!(out, "{}", trouble.sentence(&side));
    }
    if made.fingerprint.tensors == 0 {
        return Err(Error::Source {
            message: format!(
                "{} holds no weights that a fingerprint could be made of",
                options.path.display()
            ),
            help: "fetch them with `git lfs pull`, or leave --fingerprint out".to_owned(),
        });
    }
    let revision = origin.revision().map(|(revision, _)| format!("@{revision}")).unwrap_or_default();
    made.fingerprint.name = Some(format!("{}{revision}", origin.id));
    whole_file::write(file, &made.fingerprint.to_bytes())
        .map_err(|cause| Error::Write { target: file.display().to_string(), cause })?;
    // A catalog finds its fingerprints from where it lies.
    let folder = options.output.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let name = match file.strip_prefix(folder) {
        Ok(name) => name.to_owned(),
        Err(_) => std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
    };
    let name = PathBytes(&native::bytes(&name)).to_string();
    Ok(write::fingerprint(origin, &name))
}

/// Of a clone, the commit that is checked out: there the pointers of Git LFS stand, whatever was fetched since.
fn open(options: &ModelsAdd) -> Result<Opened, Error> {
    let failed = |error: source::OpenError| Error::Source { message: error.to_string(), help: error.help() };
    let opened = source::open(&options.path, What::WorkTree).map_err(failed)?;
    match (opened.head, opened.source.snapshot()) {
        (Some(_), Snapshot::WorkTree) => {
            source::open(&options.path, What::Revision("HEAD".to_owned())).map_err(failed)
        }
        _ => Ok(opened),
    }
}

fn id(options: &ModelsAdd, opened: &Opened) -> Result<ModelId, Error> {
    let help = "write --id organisation/name, as on the Hub".to_owned();
    if let Some(id) = &options.id {
        let message = format!("`{id}` is not a model id");
        return model_id(id).ok_or(Error::Argument { message, help });
    }
    match opened.own.as_slice() {
        [only] if model_id(only.as_str()).is_some() => Ok(only.clone()),
        [] => {
            Err(Error::Argument { message: "the folder does not say which model it holds".to_owned(), help })
        }
        several => {
            let names: Vec<&str> = several.iter().map(ModelId::as_str).collect();
            let message =
                format!("the folder may hold several models, or no model of the Hub: {}", names.join(", "));
            Err(Error::Argument { message, help })
        }
    }
}

/// The developer as the catalog writes it: how many independent ones share a shape is counted by these names.
fn developer(options: &ModelsAdd, id: &ModelId, missing: &mut Vec<String>) -> Result<String, Error> {
    if let Some(name) = options.developer.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        return Ok(name.to_owned());
    }
    let catalog = catalogs::load(&Catalogs::default())?;
    let same = |other: &str| {
        other
            .split_once('/')
            .is_some_and(|(organisation, _)| organisation.eq_ignore_ascii_case(id.organisation()))
    };
    let mut known: Vec<&str> =
        catalog.models().filter(|model| same(model.id)).map(|model| model.developer).collect();
    known.sort_unstable();
    known.dedup();
    if let [only] = known.as_slice() {
        return Ok((*only).to_owned());
    }
    missing.push(format!(
        "the developer; the organisation `{}` stands for it, unless --developer says otherwise",
        id.organisation()
    ));
    Ok(id.organisation().to_owned())
}
