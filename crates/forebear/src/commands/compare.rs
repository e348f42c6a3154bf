//! `forebear compare`: whether one model's weights come from another's.

use forebear_report::json::v1::weights as json;
use forebear_report::text::weights as text;
use forebear_report::weights::Compared;
use forebear_weights::compare::{Draws, Options, assigned, compare};
use forebear_weights::fingerprint::Options as Asked;
use forebear_weights::sketch::{Group, Profile};

use super::{deliver, warn};
use crate::cli::{self, Compare, Format};
use crate::error::Error;
use crate::exit::Exit;
use crate::weights::{self, Loaded, Model};

/// More threads do not help: the draws are done before they have begun.
const THREADS: usize = 8;

pub(super) fn run(options: &Compare) -> Result<Exit, Error> {
    let (suspect, base) = load(options)?;
    let (left, right) = (suspect.side(&options.suspect), base.side(&options.base));
    if options.reporting.format == Format::Json {
        // The text report says them itself.
        for side in [&left, &right] {
            side.problems.iter().for_each(|trouble| warn(&trouble.sentence(side)));
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(THREADS));
    let draws = Draws { most: options.draws, threads, ..Draws::default() };
    let asked = Options { draws, bases: 1, robust: options.robust != cli::Robust::Never };
    let mut result = compare(&suspect.fingerprint, &base.fingerprint, asked);
    if options.robust == cli::Robust::Always && result.robust.is_none() {
        result.robust = assigned(&suspect.fingerprint, &base.fingerprint, draws);
        if result.robust.is_none() {
            warn(
                "residual dimensions were not assigned: the suspect must be a model, and share gains or column norms with the base",
            );
        }
    }
    let compared = Compared { suspect: &left, base: &right, result: &result };
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_comparison(compared, out),
        Format::Text => text::write_comparison(compared, look, out),
    })?;
    let nothing = result.groups.is_empty()
        && result.robust.is_none()
        && result.tokenizer.is_none()
        && (result.identical_tensors.is_none() || result.compared_tensors == 0);
    Ok(if nothing { Exit::Nothing } else { Exit::Clean })
}

/// Both sides. A model is fingerprinted as its counterpart was: other rows, other tokens, or digests that only one side has, are read
/// for nothing.
fn load(options: &Compare) -> Result<(Loaded, Loaded), Error> {
    let robust = options.robust != cli::Robust::Never;
    let as_suspect = |asked: Asked<'static>| {
        // Only a sketch of all of the suspect's dimensions can be assigned to those of the base.
        let profile = if robust { asked.profile.all_dimensions() } else { asked.profile };
        Asked { profile, ..asked }
    };
    let by_bytes =
        |other: &Loaded| other.fingerprint.sketch.as_ref().is_none_or(|sketch| sketch.tokens_by_bytes);
    Ok(match (weights::read(&options.suspect)?, weights::read(&options.base)?) {
        (Some(suspect), Some(base)) => (suspect, base),
        (Some(suspect), None) => {
            let base = Model::open(&options.base)?.fingerprint(asked(Some(&suspect)), by_bytes(&suspect));
            (suspect, base)
        }
        (None, Some(base)) => {
            let suspect = Model::open(&options.suspect)?;
            (suspect.fingerprint(as_suspect(asked(Some(&base))), by_bytes(&base)), base)
        }
        (None, None) => {
            let (suspect, base) = (Model::open(&options.suspect)?, Model::open(&options.base)?);
            let by_bytes = suspect.has_tokens() && base.has_tokens();
            (suspect.fingerprint(as_suspect(asked(None)), by_bytes), base.fingerprint(asked(None), by_bytes))
        }
    })
}

/// What to take of a model that is compared with `other`; with `None`, with another model.
fn asked(other: Option<&Loaded>) -> Asked<'static> {
    let all = Asked { profile: Profile::FULL, ..Asked::default() };
    let Some(other) = other.map(|loaded| &loaded.fingerprint) else { return all };
    let digests = other.digests.is_some();
    match &other.sketch {
        Some(sketch) => Asked {
            profile: sketch.profile,
            column_norms: sketch.count(Group::ColumnNorms) > 0,
            digests,
            ..all
        },
        None => Asked { column_norms: false, digests, ..all },
    }
}
