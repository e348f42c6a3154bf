//! `forebear fingerprint`: what is kept of a model's weights.

use forebear_report::json::v1::weights as json;
use forebear_report::text::weights as text;
use forebear_weights::fingerprint::Options;
use forebear_weights::sketch::Profile;

use super::{deliver, warn};
use crate::cli::{Fingerprint, Format, Reporting};
use crate::error::Error;
use crate::exit::Exit;
use crate::{weights, whole_file};

pub(super) fn run(options: &Fingerprint) -> Result<Exit, Error> {
    let mut loaded = match weights::read(&options.path)? {
        Some(loaded) => loaded,
        None => {
            let profile = profile(&options.dimensions);
            let (column_norms, digests) = (options.column_norms, !options.no_digests);
            let asked = Options { profile, column_norms, digests, ..Options::default() };
            weights::Model::open(&options.path)?.fingerprint(asked, true)
        }
    };
    if let Some(name) = &options.name {
        loaded.fingerprint.name = Some(name.clone());
    }
    let side = loaded.side(&options.path);
    side.problems.iter().for_each(|trouble| warn(&trouble.sentence(&side)));
    let nothing = loaded.is_empty();
    if nothing {
        warn(&format!("{}: no tensors were found", side.path));
    } else if loaded.fingerprint.tensors == 0 {
        warn(&format!("{}: no tensors were found: this is a vocabulary alone", side.path));
    }
    if let (Some(file), false) = (&options.output, nothing) {
        whole_file::write(file, &loaded.fingerprint.to_bytes())
            .map_err(|cause| Error::Write { target: file.display().to_string(), cause })?;
    }
    let format = match (options.format, &options.output) {
        (None, Some(_)) => None,
        (asked, _) => Some(asked.unwrap_or_default()),
    };
    if let Some(format) = format {
        deliver(&Reporting { format, output: None }, |format, look, out| match format {
            Format::Json => json::write_fingerprint(&side, out),
            Format::Text => text::write_fingerprint(&side, look, out),
        })?;
    }
    Ok(if nothing { Exit::Nothing } else { Exit::Clean })
}

fn profile(dimensions: &str) -> Profile {
    match dimensions {
        "64" => Profile::MINI,
        "256" => Profile::FULL,
        _ => Profile::DEFAULT,
    }
}
