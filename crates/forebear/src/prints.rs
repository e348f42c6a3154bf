//! Fingerprints of bases that weights are compared with: the embedded ones, those of `--fingerprints`, and those that a catalog file names.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use forebear_lineage::catalog::Catalog;
use forebear_lineage::fingerprints::EMBEDDED;
use forebear_scanner::native;
use forebear_types::ModelId;
use forebear_types::path::PathBytes;
use forebear_weights::Fingerprint;

use crate::config::model_id;
use crate::error::Error;
use crate::weights;

/// The fingerprint of a base.
#[derive(Clone, Debug)]
pub struct Print {
    /// The base, in the catalog's spelling where the catalog knows it.
    pub model: ModelId,
    /// The revision that its name gives.
    pub revision: Option<String>,
    /// `embedded`, or the name of its file.
    pub source: String,
    /// Whether the user named it: what then cannot be compared is said.
    pub named: bool,
    /// What is compared.
    pub fingerprint: Fingerprint,
}

/// A fingerprint file that a catalog names.
pub(crate) struct Named {
    pub(crate) model: String,
    pub(crate) file: PathBuf,
}

/// All fingerprints that are known: of the command line, of catalogs, and of those embedded the ones whose model none of the others is of.
///
/// # Errors
/// If a path cannot be read, holds no fingerprint, or one that does not name its model.
pub(crate) fn load(paths: &[PathBuf], named: &[Named], catalog: &Catalog) -> Result<Arc<[Print]>, Error> {
    let mut all: Vec<Print> = Vec::new();
    for path in paths {
        for file in files(path)? {
            let loaded = weights::read(&file)?.map(|loaded| loaded.fingerprint);
            match loaded {
                Some(fingerprint) => all.push(of_file(&file, fingerprint, catalog)?),
                None if file == *path => return Err(no_fingerprint(&file)),
                None => {}
            }
        }
    }
    if let (Some(first), true) = (paths.first(), all.is_empty()) {
        return Err(no_fingerprint(first));
    }
    for one in named {
        let loaded = weights::read(&one.file)?.ok_or_else(|| no_fingerprint(&one.file))?;
        let fingerprint = Fingerprint { name: Some(one.model.clone()), ..loaded.fingerprint };
        all.push(of_file(&one.file, fingerprint, catalog)?);
    }
    for one in EMBEDDED {
        if all.iter().any(|other| other.model.same_as(one.model)) {
            continue;
        }
        // A test reads every one of them.
        if let Ok(fingerprint) = Fingerprint::from_bytes(one.bytes) {
            let (model, revision) = (ModelId::from(one.model), None);
            all.push(Print { model, revision, source: "embedded".to_owned(), named: false, fingerprint });
        }
    }
    Ok(all.into())
}

/// The file itself, or those of a folder, in order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |cause: std::io::Error| Error::Source {
        message: format!("cannot read {}: {cause}", path.display()),
        help: "check the argument of --fingerprints".to_owned(),
    };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        files.push(entry.map_err(failed)?.path());
    }
    files.sort();
    Ok(files)
}

fn of_file(file: &Path, fingerprint: Fingerprint, catalog: &Catalog) -> Result<Print, Error> {
    let name = fingerprint.name.clone().unwrap_or_default();
    let (id, revision) = match name.split_once('@') {
        Some((id, revision)) => (id, Some(revision.to_owned()).filter(|revision| !revision.is_empty())),
        None => (name.as_str(), None),
    };
    let Some(id) = model_id(id) else {
        let message = match name.as_str() {
            "" => format!("the fingerprint {} does not say of which model it is", file.display()),
            name => format!("the fingerprint {} is of `{name}`, which is no model id", file.display()),
        };
        let help =
            "make it with `forebear fingerprint MODEL --name org/name@revision --output FILE`".to_owned();
        return Err(Error::Argument { message, help });
    };
    let known = catalog.find(id.as_str()).map(|model| ModelId::from(model.id));
    let source = file
        .file_name()
        .map_or_else(String::new, |name| PathBytes(&native::bytes(Path::new(name))).to_string());
    Ok(Print { model: known.unwrap_or(id), revision, source, named: true, fingerprint })
}

fn no_fingerprint(path: &Path) -> Error {
    Error::Source {
        message: format!("{} holds no fingerprint", path.display()),
        help: "make one with `forebear fingerprint MODEL --name org/name@revision --output FILE`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_fingerprint_can_be_read_and_is_of_a_known_model() {
        let catalog = Catalog::embedded();
        let prints = load(&[], &[], &catalog).unwrap();
        assert_eq!(prints.len(), EMBEDDED.len());
        for print in prints.iter() {
            assert!(catalog.find(print.model.as_str()).is_some(), "{}", print.model);
            assert!(print.fingerprint.sketch.is_some(), "{}", print.model);
        }
    }
}
