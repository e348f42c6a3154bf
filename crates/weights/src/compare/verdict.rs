//! From tests to a verdict: the ladder, its thresholds, and what is said beside it.
//!
//! - identical bytes need no test;
//! - strong is z of at least 8 with no random order reaching it;
//! - weights from one training need strong weights *and* gains with z of at least 6: gains start as constants, so that they carry no seed;
//! - strong weights without that leave a shared seed possible;
//! - z from 5 to 8 is said, and concludes nothing.

pub use forebear_types::weights::Verdict;

use super::robust::Robust;
use super::{Alignment, GroupResult, Identical, TestGroup};
use crate::sketch::{Group, Sketch};

/// From here, with the p-value at its floor, a test is strong.
pub const STRONG_Z: f64 = 8.0;
/// Gains are witnesses of shared training from here.
pub const WITNESS_Z: f64 = 6.0;
/// From here a test is worth saying.
pub const WEAK_Z: f64 = 5.0;
/// Weights below are silent.
pub const SILENT_Z: f64 = 4.0;
/// Fewer common dimensions have too few orders to conclude anything.
pub const FEWEST_DIMENSIONS: usize = 32;

/// What a verdict rests on or cannot see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caveat {
    /// There is no sketch of one side.
    NoSketch {
        /// `suspect` or `base`.
        which: &'static str,
        /// Why: a clause without a full stop.
        reason: String,
    },
    /// The widths differ.
    DifferentWidths,
    /// Widths differ, and only a sketch of all the suspect's dimensions could be assigned.
    AllDimensionsNeeded,
    /// The sketches take other rows: the test of weights has nothing to compare.
    DifferentProfiles,
    /// No gain varies, so that nothing can tell shared training from a shared seed.
    NoGains,
    /// Both add fixed sinusoids to the residual stream: dimensions are numbered alike in strangers.
    FixedSinusoids,
    /// Fewer than [`FEWEST_DIMENSIONS`] common dimensions.
    FewDimensions,
    /// Embeddings were chosen by row number for want of a vocabulary.
    TokensByNumber,
    /// Embeddings were chosen by bytes on one side only: they were not compared.
    TokensNotComparable,
    /// Some roles were guessed from shapes and order.
    GuessedRoles,
    /// Some features could not be read or are not numbers.
    FeaturesLost,
    /// Weights are strong, and gains do not witness shared training.
    SeedNotExcluded,
    /// Blocks are silent although column norms agree: rows may be permuted.
    RowsMayBePermuted,
    /// Dimensions were assigned to each other; gains and column norms decided which.
    DimensionsAssigned,
    /// Only tensors without a known role are equal.
    OnlyUnplacedIdentical,
}

impl Caveat {
    /// The name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoSketch { .. } => "no-sketch",
            Self::DifferentWidths => "different-widths",
            Self::AllDimensionsNeeded => "all-dimensions-needed",
            Self::DifferentProfiles => "different-profiles",
            Self::NoGains => "no-gains",
            Self::FixedSinusoids => "fixed-sinusoids",
            Self::FewDimensions => "few-dimensions",
            Self::TokensByNumber => "tokens-by-number",
            Self::TokensNotComparable => "tokens-not-comparable",
            Self::GuessedRoles => "guessed-roles",
            Self::FeaturesLost => "features-lost",
            Self::SeedNotExcluded => "seed-not-excluded",
            Self::RowsMayBePermuted => "rows-may-be-permuted",
            Self::DimensionsAssigned => "dimensions-assigned",
            Self::OnlyUnplacedIdentical => "only-unplaced-identical",
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSketch { which, reason } => format!("There is no sketch of the {which}: {reason}."),
            Self::DifferentWidths => "The residual widths differ, so dimensions cannot be compared by number.".to_owned(),
            Self::AllDimensionsNeeded => {
                "A pruned or permuted copy could only be found with a sketch of all of the suspect's dimensions.".to_owned()
            }
            Self::DifferentProfiles => "The sketches were made with different profiles and share no rows of matrices.".to_owned(),
            Self::NoGains => "No gain of a norm varies, so a shared seed cannot be told from shared training.".to_owned(),
            Self::FixedSinusoids => {
                "Both add fixed sinusoids to the residual stream, which numbers dimensions alike in strangers.".to_owned()
            }
            Self::FewDimensions => format!("Fewer than {FEWEST_DIMENSIONS} residual dimensions are common to both."),
            Self::TokensByNumber => "Embeddings were chosen by row, not by token, for want of a vocabulary.".to_owned(),
            Self::TokensNotComparable => "Embeddings were chosen by token on one side only and were not compared.".to_owned(),
            Self::GuessedRoles => "Some roles of tensors were guessed from shapes and order.".to_owned(),
            Self::FeaturesLost => "Some tensors could not be read or hold values that are no numbers.".to_owned(),
            Self::SeedNotExcluded => "A shared random seed cannot be excluded.".to_owned(),
            Self::RowsMayBePermuted => {
                "Column norms of the blocks agree although their rows do not: rows may be permuted, or blocks siblings.".to_owned()
            }
            Self::DimensionsAssigned => {
                "Residual dimensions were assigned to each other before the test; what assigned them was not tested.".to_owned()
            }
            Self::OnlyUnplacedIdentical => "Only tensors whose role is not known are equal.".to_owned(),
        }
    }
}

/// The correlation of raw weights at which the expected z is 6: two normal values with correlation `r` are on the same side of their
/// medians with excess `(2 / pi) asin(r)` (Sheppard 1899), and z grows with the root of the number of bits.
pub fn sensitivity(dimensions: usize, features: usize) -> f64 {
    let bits = (dimensions * features) as f64;
    let share = if bits > 0.0 { 6.0 / bits.sqrt() } else { 1.0 };
    (std::f64::consts::FRAC_PI_2 * share.min(1.0)).sin()
}

/// Caveats that two sketches bring with them.
pub(super) fn assumptions(suspect: &Sketch, base: &Sketch, caveats: &mut Vec<Caveat>) {
    if suspect.width != base.width {
        caveats.push(Caveat::DifferentWidths);
    }
    if suspect.profile.rows != base.profile.rows {
        caveats.push(Caveat::DifferentProfiles);
    }
    if suspect.count(Group::Norms) == 0 || base.count(Group::Norms) == 0 {
        caveats.push(Caveat::NoGains);
    }
    if suspect.fixed_sinusoids && base.fixed_sinusoids {
        caveats.push(Caveat::FixedSinusoids);
    }
    match (suspect.tokens_by_bytes, base.tokens_by_bytes) {
        (true, true) => {}
        (false, false) => caveats.push(Caveat::TokensByNumber),
        _ => caveats.push(Caveat::TokensNotComparable),
    }
    if suspect.unreadable + suspect.not_finite + base.unreadable + base.not_finite > 0 {
        caveats.push(Caveat::FeaturesLost);
    }
}

/// The ladder.
pub(super) fn verdict(
    groups: &[GroupResult],
    identical: &Identical,
    robust: Option<&Robust>,
    caveats: &mut Vec<Caveat>,
) -> Verdict {
    if identical.all {
        return Verdict::Identical;
    }
    if identical.in_layers > 0 {
        return Verdict::SharedWeights;
    }
    let z = |group| groups.iter().find(|result| result.group == group).map(|result| result.z);
    let strong =
        |group| groups.iter().any(|result| result.group == group && result.z >= STRONG_Z && result.at_floor);
    let unused = strong(TestGroup::UnusedTokens);
    let of = |group| z(TestGroup::Features(group)).unwrap_or(0.0);
    let is_strong = |group| strong(TestGroup::Features(group));
    let features: Vec<&GroupResult> =
        groups.iter().filter(|result| result.group != TestGroup::UnusedTokens).collect();
    let few = features.iter().all(|result| result.dimensions < FEWEST_DIMENSIONS);
    if few && !features.is_empty() {
        caveats.push(Caveat::FewDimensions);
    }
    let broken = few || caveats.contains(&Caveat::FixedSinusoids);
    let assigned = groups.iter().any(|result| result.alignment == Alignment::Assigned);
    if assigned {
        caveats.push(Caveat::DimensionsAssigned);
    }
    let by_tests = if broken {
        Verdict::Withheld
    } else if is_strong(Group::Weights) && of(Group::Norms) >= WITNESS_Z {
        Verdict::SharedWeights
    } else if is_strong(Group::Weights) {
        caveats.push(Caveat::SeedNotExcluded);
        Verdict::SharedSeedPossible
    } else if is_strong(Group::Embeddings) {
        if of(Group::ColumnNorms) >= STRONG_Z && of(Group::Weights) < SILENT_Z {
            caveats.push(Caveat::RowsMayBePermuted);
        }
        if of(Group::Norms) < WITNESS_Z {
            caveats.push(Caveat::SeedNotExcluded);
        }
        Verdict::SharedEmbeddings
    } else if groups.iter().any(|result| result.z >= WEAK_Z) {
        Verdict::Weak
    } else {
        Verdict::None
    };
    match by_tests {
        // Rows that no training touches are those of the initialisation: beside strong weights they carry the seed and add nothing.
        // Alone they survive what silences every other test, a rotation of the residual stream.
        Verdict::None | Verdict::Weak | Verdict::Withheld if unused => {
            if of(Group::Norms) < WITNESS_Z {
                caveats.push(Caveat::SeedNotExcluded);
            }
            Verdict::SharedWeights
        }
        Verdict::None | Verdict::Weak | Verdict::Withheld if identical.tables > 0 => {
            Verdict::SharedEmbeddings
        }
        Verdict::None | Verdict::Weak | Verdict::Withheld if identical.unplaced > 0 => {
            caveats.push(Caveat::OnlyUnplacedIdentical);
            Verdict::SharedWeights
        }
        Verdict::None if features.is_empty() && robust.is_none() && groups.is_empty() => {
            // Digests that were compared and share nothing say something, but not that nothing is shared.
            Verdict::Withheld
        }
        other => other,
    }
}
