//! The comparisons of weights with fingerprints of bases.

use forebear_types::ModelId;
use forebear_types::run::Run;
use forebear_types::weights::{Verdict, WeightComparison};

use super::count;
use super::paint::Painter;
use crate::safe;

/// Comparisons of one kind that are shown in full; JSON has all.
const MOST: usize = 8;

/// What was found, and with what nothing is shared. Nothing without a comparison.
pub(super) fn comparisons(run: &Run, paint: &Painter) -> String {
    if run.weights.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("Weights compared with fingerprints of bases");
    for line in sentences(run) {
        text.push_str(&paint.wrap(&format!("- {line}"), "  ", "    "));
    }
    text
}

/// A sentence for each comparison that says something, and one for the others.
pub(crate) fn sentences(run: &Run) -> Vec<String> {
    let (telling, rest) = split(run);
    let mut lines: Vec<String> = telling.iter().take(MOST).map(|one| sentence(one)).collect();
    if telling.len() > MOST {
        lines.push(format!("{} more; JSON has all", telling.len() - MOST));
    }
    if !rest.is_empty() {
        let names: Vec<&ModelId> = rest.iter().map(|one| &one.base).take(MOST).collect();
        let more = match rest.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let names: Vec<String> = names.iter().map(|id| safe::line(id.as_str())).collect();
        lines.push(format!("nothing is shared with {}{more}", names.join(", ")));
    }
    lines
}

/// The comparisons that say something, those of bases in the lineage among them; and the others, which found nothing of a base that nothing
/// else points to.
pub(crate) fn split(run: &Run) -> (Vec<&WeightComparison>, Vec<&WeightComparison>) {
    let candidates: Vec<&ModelId> =
        run.lineage.hops.iter().flat_map(|hop| &hop.candidates).map(|one| &one.model).collect();
    let in_lineage = |one: &WeightComparison| candidates.iter().any(|id| id.same_as(one.base.as_str()));
    run.weights.iter().partition(|one| one.verdict != Verdict::None || in_lineage(one))
}

fn sentence(one: &WeightComparison) -> String {
    let base = safe::line(one.base.as_str());
    let whose = match one.subject.is_root() {
        true => String::new(),
        false => format!("{}: ", safe::line(&one.subject.to_string())),
    };
    let what = match one.verdict {
        Verdict::Identical => format!("the tensors of {base}, byte for byte"),
        Verdict::SharedWeights => format!("weights shared with {base}"),
        Verdict::SharedEmbeddings => format!("embeddings shared with {base}; that layers are is not shown"),
        Verdict::SharedSeedPossible => {
            format!("weights agree with {base}, by a common training or a common random seed")
        }
        Verdict::Weak => format!("a weak agreement with {base}, from which nothing follows"),
        Verdict::None => format!("nothing is shared with {base}"),
        Verdict::Withheld => format!("could not tell of {base}"),
    };
    let mut words = format!("{whose}{what}");
    let tests: Vec<String> = one
        .tests
        .iter()
        .map(|test| {
            format!(
                "{} z {:.1} ({} \u{d7} {})",
                test.group.replace('-', " "),
                test.z,
                test.features,
                test.dimensions
            )
        })
        .collect();
    if !tests.is_empty() {
        words.push_str(&format!(": {}", tests.join(", ")));
    }
    if let Some(identical) = one.identical_tensors {
        words.push_str(&format!("; {identical} of {} equal", count(one.compared_tensors as usize, "tensor")));
    }
    if let (Verdict::None, Some(least)) = (one.verdict, one.sensitivity) {
        words.push_str(&format!("; a correlation of {least:.2} would have been seen"));
        if !one.robust {
            words.push_str(", had dimensions not been renumbered");
        }
    }
    if one.verdict == Verdict::Withheld && !one.caveats.is_empty() {
        words.push_str(&format!(". {}", safe::line(one.caveats.join(" ").trim_end_matches('.'))));
    }
    words.push_str(&format!(" [fingerprint: {}]", safe::line(&one.source)));
    words
}
