//! `forebear compare`: whether one model's weights come from another's.

use forebear_report::html::comparison as html;
use forebear_report::json::v1::weights as json;
use forebear_report::layer_map::LayerMap;
use forebear_report::text::weights as text;
use forebear_report::weights::Compared;
use forebear_weights::compare::{Draws, Options, assigned, compare};
use forebear_weights::fingerprint::Options as Asked;
use forebear_weights::sketch::Profile;

use super::{deliver_as, warn};
use crate::cli::{self, Compare, CompareFormat};
use crate::error::Error;
use crate::exit::Exit;
use crate::weights::{self, Loaded, Model};

pub(super) fn run(options: &Compare) -> Result<Exit, Error> {
    let (suspect, base) = load(options)?;
    let (left, right) = (suspect.side(&options.suspect), base.side(&options.base));
    if matches!(options.format, CompareFormat::Json | CompareFormat::Svg) {
        // The other reports say them themselves.
        for side in [&left, &right] {
            side.problems.iter().for_each(|trouble| warn(&trouble.sentence(side)));
        }
    }
    let draws = Draws { most: options.draws, threads: weights::threads(), ..Draws::default() };
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
    let nothing = result.groups.is_empty()
        && result.robust.is_none()
        && result.tokenizer.is_none()
        && (result.identical_tensors.is_none() || result.compared_tensors == 0);
    let compared = Compared { suspect: &left, base: &right, result: &result };
    if options.format == CompareFormat::Svg {
        let Some(map) = LayerMap::of(&result) else {
            if nothing {
                warn("there is nothing to compare, so no picture was made");
                return Ok(Exit::Nothing);
            }
            return Err(no_map(compared));
        };
        deliver_as(options.output.as_deref(), |_, out| map.write(&left.path, &right.path, out))?;
    } else {
        deliver_as(options.output.as_deref(), |look, out| match options.format {
            CompareFormat::Json => json::write_comparison(compared, out),
            CompareFormat::Html => html::write(compared, env!("CARGO_PKG_VERSION"), out),
            CompareFormat::Text | CompareFormat::Svg => text::write_comparison(compared, look, out),
        })?;
    }
    Ok(if nothing { Exit::Nothing } else { Exit::Clean })
}

fn no_map(compared: Compared<'_>) -> Error {
    Error::Argument {
        message: format!(
            "there is no layer map of {} and {}: no layer of one was compared with one of the other",
            compared.suspect.path, compared.base.path
        ),
        help: "see with `--format text` what was compared; layers need a sketch on both sides, residual streams of one width, and the same \
               rows (--dimensions 64 and 128 take the same, 256 takes others)"
            .to_owned(),
    }
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
    let asked_as = |other: &Loaded| weights::asked_as(&other.fingerprint);
    let by_bytes = |other: &Loaded| weights::by_bytes_as(&other.fingerprint);
    let all = Asked { profile: Profile::FULL, ..Asked::default() };
    Ok(match (weights::read(&options.suspect)?, weights::read(&options.base)?) {
        (Some(suspect), Some(base)) => (suspect, base),
        (Some(suspect), None) => {
            let base = Model::open(&options.base)?.fingerprint(asked_as(&suspect), by_bytes(&suspect));
            (suspect, base)
        }
        (None, Some(base)) => {
            let suspect = Model::open(&options.suspect)?;
            (suspect.fingerprint(as_suspect(asked_as(&base)), by_bytes(&base)), base)
        }
        (None, None) => {
            let (suspect, base) = (Model::open(&options.suspect)?, Model::open(&options.base)?);
            let by_bytes = suspect.has_tokens() && base.has_tokens();
            (suspect.fingerprint(as_suspect(all), by_bytes), base.fingerprint(all, by_bytes))
        }
    })
}
