//! `--catalog FILE`: entries of the user's beside the embedded ones.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use forebear_lineage::catalog::{Catalog, file};
use miette::{NamedSource, SourceSpan};

use crate::cli::Catalogs;
use crate::error::Error;
use crate::prints::Named;

/// A file larger than this is no catalog: the embedded one has less than 1 MiB.
const LIMIT: u64 = 16 << 20;

/// The embedded models, and those of the files that were named.
///
/// # Errors
/// If a file cannot be read, is not as `crates/lineage/catalog/README.md` says, or describes a model that another one describes.
pub(crate) fn load(options: &Catalogs) -> Result<Catalog, Error> {
    load_all(options).map(|(catalog, _)| catalog)
}

/// As [`load`], with the fingerprint files that catalogs name.
pub(crate) fn load_all(options: &Catalogs) -> Result<(Catalog, Vec<Named>), Error> {
    let mut prints = Vec::new();
    let mut all = file::Entries::default();
    let mut first: BTreeMap<String, &Path> = BTreeMap::new();
    for path in &options.files {
        let text = read(path)?;
        let mut entries = file::parse(&text).map_err(|error| Error::Config {
            message: format!("{}: {}", path.display(), error.message),
            help: error.help,
            span: error.span.map(|span| SourceSpan::from((span.start, span.end.saturating_sub(span.start)))),
            source_code: Arc::new(NamedSource::new(path.display().to_string(), text)),
        })?;
        for model in &entries.models {
            if let Some(other) = first.insert(model.id.to_ascii_lowercase(), path) {
                return Err(Error::Argument {
                    message: format!(
                        "{} is described in {} and in {}",
                        model.id,
                        other.display(),
                        path.display()
                    ),
                    help: "leave one of the two out".to_owned(),
                });
            }
        }
        all.models.append(&mut entries.models);
        all.files.append(&mut entries.files);
        let folder = path.parent().unwrap_or(Path::new(""));
        prints.extend(
            entries
                .fingerprints
                .into_iter()
                .map(|one| Named { model: one.model.to_owned(), file: folder.join(one.file) }),
        );
    }
    if options.files.is_empty() {
        return Ok((Catalog::embedded(), prints));
    }
    Ok((Catalog::with(all.models).and_files(all.files), prints))
}

fn read(path: &Path) -> Result<String, Error> {
    let failed = |cause: String| Error::Source {
        message: format!("cannot read the catalog {}: {cause}", path.display()),
        help: "check the argument of --catalog".to_owned(),
    };
    // A pipe could make the run wait for ever.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(failed("it is no plain file".to_owned()));
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(|cause| failed(cause.to_string()))?;
    file.take(LIMIT + 1).read_to_end(&mut text).map_err(|cause| failed(cause.to_string()))?;
    if text.len() as u64 > LIMIT {
        return Err(failed(format!("it has more than {LIMIT} bytes")));
    }
    String::from_utf8(text).map_err(|_| failed("it is not UTF-8".to_owned()))
}
