//! The models of a repository against the fingerprints of bases.
//!
//! Every model is sketched, which reads a small part of its weights, and tested against the fingerprints of its width. Only where that
//! finds something are digests of all tensors taken; only where a base is suspected for another reason and its test is silent are
//! dimensions assigned to each other, which reads all weights, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use forebear_lineage::catalog::Catalog;
use forebear_scanner::source::What;
use forebear_scanner::weights::{open_in, vocabulary_among};
use forebear_types::fact::{Fact, FactKind, Problem, ProblemKind};
use forebear_types::weights::{LayerOf, Verdict, WeightComparison, WeightTensor, WeightTest};
use forebear_types::{ModelId, RepoPath};
use forebear_weights::Fingerprint;
use forebear_weights::compare::{Caveat, Comparison, Draws, Options, compare, compare_many};
use forebear_weights::fingerprint::Options as Asked;
use forebear_weights::sketch::Profile;

use crate::prints::Print;
use crate::weights::{self, Loaded, Model};

/// Folders whose models are compared. A repository with more holds checkpoints of one training.
const FOLDERS: usize = 16;

/// What was found, and what could not be compared.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) comparisons: Vec<WeightComparison>,
    pub(crate) problems: Vec<Problem>,
}

/// What is compared.
pub(crate) struct Here<'a> {
    pub(crate) path: &'a Path,
    pub(crate) what: &'a What,
    pub(crate) facts: &'a [Fact],
    pub(crate) catalog: &'a Catalog,
    /// The bases that something else than weights points to; asked once, and only where it matters.
    pub(crate) suspected: &'a dyn Fn() -> Vec<ModelId>,
}

/// Compares the models of a repository with the fingerprints.
pub(crate) fn compared(here: &Here<'_>, prints: &[Print]) -> Found {
    let mut found = Found::default();
    let named = prints.iter().any(|print| print.named);
    let weights: Vec<(&RepoPath, bool)> = here
        .facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::Weights(file) if !file.adapter => Some((&fact.path, file.pointer.is_some())),
            _ => None,
        })
        .collect();
    if prints.is_empty() || weights.is_empty() {
        return found;
    }
    let unread = |kind, path: &RepoPath, what: &str, remedy: &str| Problem {
        path: path.clone(),
        line: None,
        kind,
        what: format!("{what}: the weights were not compared with the fingerprints"),
        remedy: remedy.to_owned(),
    };
    if *here.what != What::WorkTree {
        if named {
            let what = "a commit or the index is examined";
            let remedy = "check the work tree, without --rev and --staged, to have them compared";
            found.problems.push(unread(ProblemKind::Unsupported, weights[0].0, what, remedy));
        }
        return found;
    }
    if let (Some((path, _)), true) = (weights.iter().find(|(_, pointer)| *pointer), named) {
        let what = "the file is a pointer of Git LFS";
        found.problems.push(unread(ProblemKind::PointerOnly, path, what, "fetch them with `git lfs pull`"));
    }
    let folders: BTreeSet<RepoPath> = weights
        .iter()
        .filter(|(_, pointer)| !pointer)
        .map(|(path, _)| path.parent().unwrap_or_default())
        .collect();
    if let (Some(next), true) = (folders.iter().nth(FOLDERS), named) {
        let what = format!("{} folders hold weights, and the first {FOLDERS} were compared", folders.len());
        let remedy = "check the folders of the other models one by one";
        found.problems.push(unread(ProblemKind::Oversized, next, &what, remedy));
    }
    for folder in folders.iter().take(FOLDERS) {
        model(here, folder, prints, &mut found);
    }
    found
}

/// Fingerprints, each with what came of it.
type Results<'p> = Vec<(&'p Print, Comparison)>;

/// One model: its weights, and what is known of it so far.
struct Suspect<'a> {
    model: Model,
    /// The weight file that evidence points at.
    file: RepoPath,
    quantised: bool,
    folder: &'a RepoPath,
}

fn model(here: &Here<'_>, folder: &RepoPath, prints: &[Print], found: &mut Found) {
    // What cannot be opened or read the scanner has said already.
    let Ok(opened) = open_in(here.path, folder) else { return };
    let tensors = opened.model.tensors();
    let Some(first) = tensors.first() else { return };
    let file = folder.join_path(&first.path);
    let quantised = tensors.iter().any(is_quantised);
    let width = forebear_weights::view::View::of(tensors, &opened.model.attention()).width;
    let tokenizer = vocabulary_among(here.facts, folder);
    let suspect = Suspect { model: Model::of(opened, tokenizer), file, quantised, folder };
    let draws = Draws { threads: weights::threads(), ..Draws::default() };

    let alike = |print: &&Print| {
        width > 0 && print.fingerprint.sketch.as_ref().is_some_and(|sketch| sketch.width == width)
    };
    let direct: Vec<&Print> = prints.iter().filter(alike).collect();
    let mut results: Results<'_> = direct_tests(&suspect, &direct, draws, found);
    by_digests(&suspect, prints, width, draws, (&mut results, found));
    if width > 0 {
        seek(here, &suspect, prints, draws, (&mut results, found));
    }
    let kin = kin(&results);
    let mut comparisons: Vec<WeightComparison> = results
        .into_iter()
        .zip(kin)
        .map(|((print, result), kin)| told(&suspect, print, result, kin))
        .collect();
    comparisons.sort_by(|one, two| (one.verdict, &one.base).cmp(&(two.verdict, &two.base)));
    found.comparisons.append(&mut comparisons);
}

/// Says of what agrees whether it is equal, and of models without a sketch whether they hold tensors of a base that the user names. Reads
/// every byte, once, if there is anything to compare.
fn by_digests<'p>(
    suspect: &Suspect<'_>,
    prints: &'p [Print],
    width: u32,
    draws: Draws,
    (results, found): (&mut Results<'p>, &mut Found),
) {
    let without_sketch = |print: &&Print| {
        print.named
            && print.fingerprint.digests.is_some()
            && (width == 0 || print.fingerprint.sketch.is_none())
    };
    let unsketched: Vec<&Print> = prints.iter().filter(without_sketch).collect();
    let agrees = |(print, result): &&mut (&Print, Comparison)| {
        result.verdict.is_positive() && print.fingerprint.digests.is_some()
    };
    if unsketched.is_empty() && results.iter_mut().find(agrees).is_none() {
        return;
    }
    let asked = Asked { profile: Profile::MINI, column_norms: false, digests: true, ..Asked::default() };
    let made = suspect.fingerprint(asked, false, found);
    for (print, result) in results.iter_mut().filter(agrees) {
        let identical = compare_digests(&made, &print.fingerprint, draws);
        result.identical_tensors = identical.identical_tensors;
        result.compared_tensors = identical.compared_tensors;
        if identical.verdict == Verdict::Identical {
            result.verdict = identical.verdict;
        }
    }
    results.extend(
        unsketched.into_iter().map(|print| (print, compare_digests(&made, &print.fingerprint, draws))),
    );
}

/// Seeks bases that are suspected for another reason, and silent so far, in other dimensions: a copy whose dimensions are permuted or pruned
/// would be silent.
fn seek<'p>(
    here: &Here<'_>,
    suspect: &Suspect<'_>,
    prints: &'p [Print],
    draws: Draws,
    (results, found): (&mut Results<'p>, &mut Found),
) {
    let known: Vec<&Print> = prints.iter().filter(|print| print.fingerprint.sketch.is_some()).collect();
    let suspected = if known.is_empty() { Vec::new() } else { (here.suspected)() };
    let bases = u32::try_from(results.len()).unwrap_or(u32::MAX);
    for print in known {
        let told = |(other, result): &(&Print, Comparison)| {
            result.verdict.is_positive() && here.catalog.same_line(&other.model, &print.model)
        };
        let points_to = suspected.iter().any(|id| here.catalog.same_line(id, &print.model));
        if points_to && !results.iter().any(told) {
            let result = with_assignment(suspect, print, bases, draws, found);
            results.retain(|(other, _)| !std::ptr::eq(*other, print));
            results.push((print, result));
        }
    }
}

/// Whether a tensor's values went through few bits. Codes whose scales are applied by nodes of a graph are integers to a reader of tensors.
fn is_quantised(tensor: &WeightTensor) -> bool {
    let codes = ["I8", "U8", "INT8", "UINT8", "INT4", "UINT4"].contains(&&*tensor.element);
    tensor.quantised || (codes && tensor.shape.len() > 1)
}

/// The tests by number. Sketches that were made alike share one of the suspect.
fn direct_tests<'p>(
    suspect: &Suspect<'_>,
    prints: &[&'p Print],
    draws: Draws,
    found: &mut Found,
) -> Results<'p> {
    let mut groups: BTreeMap<(Profile, bool), Vec<&'p Print>> = BTreeMap::new();
    for print in prints {
        if let Some(sketch) = &print.fingerprint.sketch {
            groups.entry((sketch.profile, sketch.tokens_by_bytes)).or_default().push(print);
        }
    }
    let bases = u32::try_from(prints.len()).unwrap_or(u32::MAX);
    let mut results = Vec::new();
    for ((profile, by_bytes), prints) in groups {
        let asked = Asked { profile, column_norms: false, digests: false, ..Asked::default() };
        let made = suspect.fingerprint(asked, by_bytes, found);
        let others: Vec<&Fingerprint> = prints.iter().map(|print| &print.fingerprint).collect();
        let options = Options { draws, bases, robust: false };
        results.extend(prints.into_iter().zip(compare_many(&made, &others, options)));
    }
    results
}

/// The test after dimensions were assigned to each other, where the direct one is silent.
fn with_assignment(
    suspect: &Suspect<'_>,
    print: &Print,
    bases: u32,
    draws: Draws,
    found: &mut Found,
) -> Comparison {
    let base = &print.fingerprint;
    let asked = weights::asked_as(base);
    let asked = Asked { profile: asked.profile.all_dimensions(), digests: false, ..asked };
    let made = suspect.fingerprint(asked, weights::by_bytes_as(base), found);
    compare(&made, base, Options { draws, bases: bases.max(1), robust: true })
}

/// Only the digests of both.
fn compare_digests(suspect: &Fingerprint, base: &Fingerprint, draws: Draws) -> Comparison {
    let only = |print: &Fingerprint| Fingerprint {
        digests: print.digests.clone(),
        tensors: print.tensors,
        ..Fingerprint::default()
    };
    compare(&only(suspect), &only(base), Options { draws, bases: 1, robust: false })
}

impl Suspect<'_> {
    fn fingerprint(&self, asked: Asked<'static>, by_bytes: bool, found: &mut Found) -> Fingerprint {
        let Loaded { fingerprint, problems, .. } = self.model.fingerprint(asked, by_bytes);
        for trouble in problems {
            // What opening said is about files that the scanner has described; a tensor that cannot be read is news.
            let Some(tensor) = trouble.tensor else { continue };
            let path = RepoPath::new(trouble.path.as_bytes()).unwrap_or_default();
            found.problems.push(Problem {
                path: self.folder.join_path(&path),
                line: None,
                kind: ProblemKind::Malformed,
                what: format!("the tensor {tensor} was left out of comparisons of weights: {}", trouble.what),
                remedy: "fetch the file again, or check how it was written".to_owned(),
            });
        }
        fingerprint
    }
}

/// For each result, the other positive ones whose fingerprints share weights with its own.
fn kin(results: &[(&Print, Comparison)]) -> Vec<Vec<ModelId>> {
    // Kinship decides how results are grouped, not whether there is one: a thousandth is small enough.
    let draws = Draws { most: 999, ..Draws::default() };
    let options = Options { draws, bases: 1, robust: false };
    let mut kin: Vec<Vec<ModelId>> = vec![Vec::new(); results.len()];
    for (at, (one, result)) in results.iter().enumerate() {
        for (other_at, (other, other_result)) in results.iter().enumerate().skip(at + 1) {
            if result.verdict.is_positive()
                && other_result.verdict.is_positive()
                && compare(&one.fingerprint, &other.fingerprint, options).verdict.is_positive()
            {
                kin[at].push(other.model.clone());
                kin[other_at].push(one.model.clone());
            }
        }
    }
    kin
}

fn told(suspect: &Suspect<'_>, print: &Print, result: Comparison, kin: Vec<ModelId>) -> WeightComparison {
    let row = result.layer_matrix.base.len().max(1);
    WeightComparison {
        subject: suspect.folder.clone(),
        file: suspect.file.clone(),
        quantised: suspect.quantised,
        base: print.model.clone(),
        revision: print.revision.clone(),
        source: print.source.clone(),
        verdict: result.verdict,
        tests: result
            .groups
            .iter()
            .map(|test| WeightTest {
                group: test.group.name(),
                z: test.z,
                p: test.corrected,
                features: test.features,
                dimensions: test.dimensions,
            })
            .collect(),
        layer_map: result
            .layer_map
            .iter()
            .map(|cell| LayerOf { suspect: cell.suspect, base: cell.base, z: cell.z })
            .collect(),
        // As the map: layers that share no feature with any of the base's are left out.
        layer_z: result
            .layer_matrix
            .z
            .chunks(row)
            .filter(|row| row.iter().any(|z| !z.is_nan()))
            .map(<[f32]>::to_vec)
            .collect(),
        base_layers: result.layer_matrix.base.clone(),
        identical_tensors: result.identical_tensors,
        compared_tensors: result.compared_tensors,
        same_width: !result.caveats.contains(&Caveat::DifferentWidths),
        robust: result.robust.is_some(),
        caveats: result.caveats.iter().map(Caveat::sentence).collect(),
        sensitivity: result.sensitivity,
        kin,
    }
}
