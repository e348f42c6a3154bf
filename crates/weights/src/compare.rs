//! Compares two fingerprints: identical tensors, tests for each group, the layer map, robust mode, unused tokens, and the verdict.
//!
//! A test asks whether one model's residual dimensions are exchangeable with respect to the other's; section "The test" of
//! `docs/weights.md`. What a small p-value shows: not two independent initialisations and trainings. It shows neither who was first nor
//! by which way, and the same random seed looks alike (see [`verdict`]).

mod alignment;
pub mod assign;
pub mod exchange;
pub mod layers;
mod robust;
pub mod verdict;

use crate::bits::BitRows;
use crate::digest::TensorDigest;
use crate::fingerprint::Fingerprint;
use crate::sketch::{Group, Sketch};
use crate::tokenizer::{self, TokenizerComparison};
use crate::unused;

pub use exchange::{Draws, PValue, Table, p_values};
pub use layers::{LayerMatch, LayerMatrix};
pub use robust::Robust;
pub use verdict::{Caveat, Verdict};

/// What is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TestGroup {
    /// Features of a sketch.
    Features(Group),
    /// The Gram bits of unused tokens.
    UnusedTokens,
}

impl TestGroup {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Features(group) => group.name(),
            Self::UnusedTokens => "unused-tokens",
        }
    }
}

/// How layers were matched for a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alignment {
    /// Layer by layer, by number.
    Number,
    /// By the layer map that one half of the dimensions shows, tested on the other half.
    Map,
    /// By number, after dimensions were assigned to each other.
    Assigned,
}

/// The test of one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupResult {
    /// Which.
    pub group: TestGroup,
    /// The statistic in standard deviations.
    pub z: f64,
    /// Its p-value, counted, of this test alone.
    pub p: PValue,
    /// The p-value times the tests made (groups, alignments, bases), at most 1.
    pub corrected: f64,
    /// Whether no random order reached the statistic.
    pub at_floor: bool,
    /// Matched features, or common unused tokens.
    pub features: usize,
    /// Common dimensions.
    pub dimensions: usize,
    /// How layers were matched.
    pub alignment: Alignment,
}

/// What is asked of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How p-values are counted.
    pub draws: Draws,
    /// How many bases the suspect is compared with in all, this one included: p-values are multiplied by it.
    pub bases: u32,
    /// Whether dimensions may be assigned to each other, where the direct test is silent or impossible. The suspect's sketch must have
    /// every dimension ([`crate::sketch::Profile::all_dimensions`]).
    pub robust: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { draws: Draws::default(), bases: 1, robust: true }
    }
}

/// The result.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What it comes to.
    pub verdict: Verdict,
    /// The tests, in order of their groups.
    pub groups: Vec<GroupResult>,
    /// The best base layer for each of the suspect's.
    pub layer_map: Vec<LayerMatch>,
    /// All pairs of layers, for a picture.
    pub layer_matrix: LayerMatrix,
    /// Tensors of the suspect whose bytes the base has. `None` where one fingerprint has no digests.
    pub identical_tensors: Option<u32>,
    /// Tensors of the suspect with a digest.
    pub compared_tensors: u32,
    /// Robust mode, where it was tried.
    pub robust: Option<Robust>,
    /// The vocabularies: a hint, which decides nothing.
    pub tokenizer: Option<TokenizerComparison>,
    /// What the verdict rests on and cannot see.
    pub caveats: Vec<Caveat>,
    /// The probability that unrelated models get a positive verdict by a test, at most: tests made times the least p-value.
    pub false_positives_at_most: f64,
    /// The least correlation of raw weights that the test of weights would have seen with z of 6; `None` without such a test.
    pub sensitivity: Option<f64>,
}

/// Two sketches of one width in their common dimensions. Rows are as in the sketches.
#[derive(Clone, Debug)]
pub(crate) struct Matched {
    pub(crate) suspect: BitRows,
    pub(crate) base: BitRows,
}

impl Matched {
    fn of(suspect: &Sketch, base: &Sketch) -> Self {
        let (left, right) = (suspect.dimensions(), base.dimensions());
        let (mut of_left, mut of_right) = (Vec::new(), Vec::new());
        for (index, dimension) in left.iter().enumerate() {
            if let Ok(other) = right.binary_search(dimension) {
                of_left.push(index);
                of_right.push(other);
            }
        }
        let (of_left, of_right) = (thin(&of_left), thin(&of_right));
        let select = |bits: &BitRows, kept: &[usize]| {
            if kept.len() == bits.columns() { bits.clone() } else { bits.select(kept) }
        };
        Self { suspect: select(&suspect.bits, &of_left), base: select(&base.bits, &of_right) }
    }
}

/// More common dimensions are not tested: tables grow with the square, and the power is there long before.
const MOST_DIMENSIONS: usize = 1024;

/// At most [`MOST_DIMENSIONS`] of them, evenly spaced.
pub(crate) fn thin(columns: &[usize]) -> Vec<usize> {
    let count = columns.len().min(MOST_DIMENSIONS);
    (0..count).map(|index| columns[index * columns.len() / count]).collect()
}

/// Compares a suspect with a base.
pub fn compare(suspect: &Fingerprint, base: &Fingerprint, options: Options) -> Comparison {
    let mut groups: Vec<GroupResult> = Vec::new();
    let mut caveats = Vec::new();
    let mut layer_matrix = LayerMatrix::default();
    let mut robust = None;
    let mut alignments = 1;
    if let (Some(left), Some(right)) = (&suspect.sketch, &base.sketch) {
        verdict::assumptions(left, right, &mut caveats);
        let mut silent = true;
        if left.width == right.width {
            let direct = alignment::direct(left, right, options.draws);
            silent = !direct.groups.iter().any(|result| result.z >= verdict::WEAK_Z);
            alignments = direct.alignments;
            groups = direct.groups;
            layer_matrix = direct.layers;
        }
        if options.robust && silent {
            if robust::possible(left, right) {
                let found = robust::robust(left, right, options.draws);
                alignments += 1;
                if found.groups.iter().any(|result| result.z >= verdict::STRONG_Z && result.at_floor)
                    || groups.is_empty()
                {
                    groups.clone_from(&found.groups);
                }
                robust = Some(found);
            } else if left.width != right.width {
                caveats.push(Caveat::AllDimensionsNeeded);
            }
        }
    } else {
        for (which, print) in [("suspect", suspect), ("base", base)] {
            if print.sketch.is_none() {
                let reason = print.reason.clone().unwrap_or_else(|| "it was not sketched".to_owned());
                caveats.push(Caveat::NoSketch { which, reason });
            }
        }
    }
    if let (Some(left), Some(right)) = (&suspect.unused, &base.unused)
        && let Some(test) = unused::compare(left, right, options.draws)
    {
        groups.push(GroupResult {
            group: TestGroup::UnusedTokens,
            z: test.z,
            p: test.p,
            corrected: 1.0,
            at_floor: test.p.reached == 0 && test.p.draws >= options.draws.most / 10,
            features: test.tokens,
            dimensions: test.tokens,
            alignment: Alignment::Number,
        });
    }
    let tests = f64::from(options.bases.max(1)) * groups.len().max(1) as f64 * f64::from(alignments);
    for result in &mut groups {
        result.corrected = (result.p.p * tests).min(1.0);
    }
    if suspect.guessed > 0 || base.guessed > 0 {
        caveats.push(Caveat::GuessedRoles);
    }
    let identical = identical(suspect, base);
    let sensitivity = groups
        .iter()
        .find(|result| result.group == TestGroup::Features(Group::Weights))
        .map(|result| verdict::sensitivity(result.dimensions, result.features));
    // A positive verdict needs a test at its floor; the floor of unused tokens is ten times higher.
    let floors: f64 = groups
        .iter()
        .map(|result| match result.group {
            TestGroup::Features(_) => 1.0 / (options.draws.most + 1) as f64,
            TestGroup::UnusedTokens => 1.0 / (options.draws.most / 10 + 1) as f64,
        })
        .sum();
    // The sum of nothing is a negative zero.
    let false_positives_at_most =
        (floors * f64::from(options.bases.max(1)) * f64::from(alignments)).min(1.0) + 0.0;
    let verdict = verdict::verdict(&groups, &identical, robust.as_ref(), &mut caveats);
    Comparison {
        verdict,
        layer_map: layer_matrix.best(),
        layer_matrix,
        identical_tensors: identical.count,
        compared_tensors: identical.compared,
        robust,
        tokenizer: match (&suspect.tokenizer, &base.tokenizer) {
            (Some(left), Some(right)) => Some(tokenizer::compare(left, right)),
            _ => None,
        },
        caveats,
        false_positives_at_most,
        sensitivity,
        groups,
    }
}

/// Robust mode by itself, whatever the direct tests say: `None` where the suspect's sketch has not all dimensions, or the two share too
/// few features to assign dimensions by. Its p-values are not corrected.
pub fn assigned(suspect: &Fingerprint, base: &Fingerprint, draws: Draws) -> Option<Robust> {
    let (left, right) = (suspect.sketch.as_ref()?, base.sketch.as_ref()?);
    robust::possible(left, right).then(|| robust::robust(left, right, draws))
}

/// Compares a suspect with many bases, on several threads. Results are in the order of the bases and do not depend on the threads.
/// P-values are corrected for the number of bases, or for more if `options` says so.
pub fn compare_many(suspect: &Fingerprint, bases: &[&Fingerprint], options: Options) -> Vec<Comparison> {
    let count = u32::try_from(bases.len()).unwrap_or(u32::MAX);
    let options = Options { bases: options.bases.max(count), ..options };
    let threads = options.draws.threads.clamp(1, bases.len().max(1));
    if threads == 1 || bases.len() < 8 {
        return bases.iter().map(|base| compare(suspect, base, options)).collect();
    }
    let alone = Options { draws: Draws { threads: 1, ..options.draws }, ..options };
    let mut found: Vec<Vec<Comparison>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|first| {
                let mine = bases.iter().skip(first).step_by(threads);
                scope.spawn(move || mine.map(|base| compare(suspect, base, alone)).collect())
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("a comparison has no input that panics"))
            .collect()
    });
    // Every thread took each `threads`-th base: deal them back.
    found.iter_mut().for_each(|found| found.reverse());
    (0..bases.len()).filter_map(|index| found[index % threads].pop()).collect()
}

/// What the digests say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identical {
    pub(crate) count: Option<u32>,
    pub(crate) compared: u32,
    /// Both have the same digests, and some.
    pub(crate) all: bool,
    /// Parts of layers among the common ones, or norms.
    pub(crate) in_layers: u32,
    /// Tables of tokens, positions, segments, heads.
    pub(crate) tables: u32,
    /// Without a place.
    pub(crate) unplaced: u32,
}

fn identical(suspect: &Fingerprint, base: &Fingerprint) -> Identical {
    let (Some(left), Some(right)) = (&suspect.digests, &base.digests) else { return Identical::default() };
    let sorted = |digests: &[TensorDigest]| {
        let mut all: Vec<[u8; 16]> = digests.iter().map(|tensor| tensor.digest).collect();
        all.sort_unstable();
        all
    };
    let (of_left, of_right) = (sorted(left), sorted(right));
    let mut found = Identical {
        compared: u32::try_from(left.len()).unwrap_or(u32::MAX),
        all: !of_left.is_empty() && of_left == of_right,
        ..Identical::default()
    };
    let mut count = 0;
    for tensor in left.iter().filter(|tensor| of_right.binary_search(&tensor.digest).is_ok()) {
        count += 1;
        match tensor.role {
            Some(role) if role.is_matrix() || role.is_norm() => found.in_layers += 1,
            Some(_) => found.tables += 1,
            None => found.unplaced += 1,
        }
    }
    found.count = Some(count);
    found
}
