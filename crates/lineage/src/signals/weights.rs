//! What comparisons of weights with fingerprints say of ancestors.
//!
//! A positive comparison proves that two models are not independent: one was made from the other, or both from a third. It does not
//! prove which. Three things turn it into a hop:
//!
//! - **The catalog's tree.** The base whose weights are nearest, by far, is the one next above; where its own ancestors were not
//!   compared, the model may have branched off at any of them, and only the highest is a sure ancestor.
//! - **Dates.** A model whose weights were public before a base was released is no descendant of it.
//! - **The publisher.** A declaration of the same line and the weights confirm each other.
//!
//! A negative comparison speaks against a declaration, and takes models out that only a shape had named.

use forebear_types::history::History;
use forebear_types::lineage::{
    Candidate, Confidence, Evidence, EvidenceKind, Hop, Probability, Relation, Strength,
};
use forebear_types::weights::{Verdict, WeightComparison};
use forebear_types::{Location, ModelId, RepoPath, Snapshot};

use crate::catalog::{Catalog, Model};

mod words;

/// Two bases of one line are told apart where their statistics are further apart than this, in standard deviations.
const CLEARLY: f64 = 4.0;

/// Adds what agrees: to hops that are about the same line, and as hops of their own.
pub(crate) fn join(
    catalog: &Catalog,
    comparisons: &[WeightComparison],
    history: &History,
    hops: &mut Vec<Hop>,
) {
    let first_day = first_day(history);
    for of_folder in comparisons.chunk_by(|one, two| one.subject == two.subject) {
        let lines = lines(catalog, of_folder);
        let bases = lines.len();
        for line in &lines {
            let found =
                Found { catalog, all: of_folder, line, several: bases > 1, first_day: first_day.as_deref() };
            found.join(hops);
        }
        for one in of_folder {
            let hint = matches!(one.verdict, Verdict::SharedEmbeddings | Verdict::SharedSeedPossible);
            let told = lines.iter().flatten().any(|other| is_kin(catalog, one, other));
            if hint && !told {
                join_hint(catalog, hops, &one.subject, &[&one.base], one);
            }
        }
    }
}

/// Takes out, or marks, what weights speak against.
///
/// A model that only its shape or a name suggests goes: a test that sees far weaker relations saw nothing. A declaration stays, with
/// the evidence against it.
pub(crate) fn contradict(catalog: &Catalog, comparisons: &[WeightComparison], hops: &mut Vec<Hop>) {
    for one in comparisons.iter().filter(|one| one.is_negative()) {
        let about = |candidate: &Candidate| is_related(catalog, &candidate.model, &one.base);
        for hop in hops.iter_mut().filter(|hop| hop.child.is_none() && concerns(hop, one)) {
            if hop.strength > Strength::Declared || !hop.candidates.iter().any(about) {
                continue;
            }
            hop.against.push(evidence(one, Strength::Weights, words::nothing(one), None));
            hop.confidence = hop.confidence.min(Confidence::Medium);
            if hop.strength < Strength::Declared {
                hop.candidates.retain(|candidate| !about(candidate));
            }
        }
    }
    hops.retain(|hop| !hop.candidates.is_empty());
}

/// Whether a hop is about the model of a comparison: of its folder, or of the whole repository.
fn concerns(hop: &Hop, one: &WeightComparison) -> bool {
    hop.subject == one.subject || hop.subject.is_root() || one.subject.is_root()
}

/// The models of a line at which another may have branched off, the lowest first.
struct Segment {
    models: Vec<ModelId>,
    /// Whether the next ancestor was compared, and is further away.
    closed: bool,
}

/// What one line of bases says of one model.
struct Found<'a> {
    catalog: &'a Catalog,
    /// All comparisons of the model.
    all: &'a [WeightComparison],
    /// The positive ones of the line, the nearest first.
    line: &'a [&'a WeightComparison],
    /// Whether other lines are positive, too: a merge.
    several: bool,
    first_day: Option<&'a str>,
}

impl Found<'_> {
    fn join(&self, hops: &mut Vec<Hop>) {
        let Some(nearest) = self.line.first().copied() else { return };
        let same: Vec<&WeightComparison> =
            self.line.iter().copied().filter(|one| !is_clearly_farther(nearest, one)).collect();
        if let Some(released) = self.released_later(nearest) {
            let mut hop = self.hop(nearest, &[&nearest.base], Strength::Circumstantial);
            hop.because = vec![evidence(
                nearest,
                Strength::Circumstantial,
                words::agreement(nearest),
                Some(p(nearest)),
            )];
            hop.against.push(Evidence {
                kind: EvidenceKind::Catalog,
                strength: Strength::Circumstantial,
                location: None,
                detail: format!(
                    "the release of {} is dated {released}, and weights were here before: it may come from this model, or both from a third",
                    nearest.base
                ),
                p: None,
            });
            hops.push(hop);
            return;
        }
        let strength =
            if nearest.verdict == Verdict::Identical { Strength::Identical } else { Strength::Weights };
        let because: Vec<Evidence> =
            same.iter().map(|one| evidence(one, strength, words::agreement(one), Some(p(one)))).collect();
        if self.join_declared(hops, nearest, strength, &because) {
            return;
        }
        let names: Vec<&ModelId> = same.iter().map(|one| &one.base).collect();
        let segment = self.segment(nearest);
        let sure = strength == Strength::Identical || self.is_sure(&segment);
        if !sure && let Some(parent) = self.declared_parent(hops, nearest) {
            let detail = format!("; both may come from {parent}, which is declared");
            let mut hop = self.hop(nearest, &names, Strength::Circumstantial);
            hop.because = because;
            hop.because.iter_mut().for_each(|reason| reason.strength = Strength::Circumstantial);
            hop.because[0].detail.push_str(&detail);
            hops.push(hop);
            return;
        }
        if self.join_shape(hops, nearest, strength, &because) {
            return;
        }
        // Equal bytes, several at one distance, or a base whose place is known: these are the candidates.
        if strength == Strength::Identical || same.len() > 1 || segment.models.len() == 1 {
            let unique = sure && (strength == Strength::Identical || same.len() == 1);
            hops.push(Hop { because, unique, ..self.hop(nearest, &names, strength) });
            return;
        }
        let (last, others) = segment.models.split_last().expect("a segment holds at least the base itself");
        let mut hop = self.hop(nearest, &[last], strength);
        hop.unique = sure;
        hop.because = because;
        hop.because[0].detail.push_str(&format!("; {} descends from {last}", nearest.base));
        hops.push(hop);
        join_hint(self.catalog, hops, &nearest.subject, &others.iter().collect::<Vec<_>>(), nearest);
    }

    /// Confirms declared bases of this line. A base that is nearer than the declared one, which was compared too, has a hop of its own.
    fn join_declared(
        &self,
        hops: &mut [Hop],
        nearest: &WeightComparison,
        strength: Strength,
        because: &[Evidence],
    ) -> bool {
        let catalog = self.catalog;
        let mut declared: Vec<&mut Hop> = hops
            .iter_mut()
            .filter(|hop| hop.strength >= Strength::Declared && hop.child.is_none() && concerns(hop, nearest))
            .filter(|hop| hop.candidates.iter().any(|one| catalog.same_line(&one.model, &nearest.base)))
            .collect();
        let names = |hop: &Hop, id: &ModelId| hop.candidates.iter().any(|one| one.model.same_as(id.as_str()));
        if let Some(hop) = declared.iter_mut().find(|hop| names(hop, &nearest.base)) {
            hop.strength = hop.strength.max(strength);
            hop.confidence = Confidence::High;
            if hop.relation == Relation::Unknown {
                hop.relation = relation(nearest);
            }
            hop.because.splice(0..0, because.iter().cloned());
            return true;
        }
        let Some(hop) = declared.into_iter().next() else { return false };
        // Equal bytes are those of that release, whatever relative of it is declared.
        if strength == Strength::Identical {
            return false;
        }
        let theirs = self.line.iter().find(|one| names(hop, &one.base));
        let nearer = theirs.is_some_and(|theirs| is_clearly_farther(nearest, theirs));
        hop.strength = hop.strength.max(Strength::Weights);
        hop.confidence = Confidence::High;
        let of_line = theirs.unwrap_or(&nearest);
        hop.because
            .insert(0, evidence(of_line, Strength::Weights, words::agreement(of_line), Some(p(of_line))));
        !nearer
    }

    /// Narrows what a shape allows to this line.
    fn join_shape(
        &self,
        hops: &mut [Hop],
        nearest: &WeightComparison,
        strength: Strength,
        because: &[Evidence],
    ) -> bool {
        let catalog = self.catalog;
        let of_line = |one: &Candidate| catalog.same_line(&one.model, &nearest.base);
        let hop = hops.iter_mut().find(|hop| {
            hop.child.is_none()
                && hop.strength < Strength::Declared
                && concerns(hop, nearest)
                && hop.candidates.iter().any(of_line)
        });
        let Some(hop) = hop else { return false };
        let is_nearest = |one: &Candidate| one.model.same_as(nearest.base.as_str());
        let segment = self.segment(nearest);
        let settled = strength == Strength::Identical || segment.models.len() == 1;
        let thought_of = hop.candidates.first().is_some_and(of_line);
        if hop.candidates.iter().any(is_nearest) && settled {
            hop.candidates.retain(is_nearest);
        } else if strength == Strength::Identical {
            return false;
        } else {
            hop.candidates.retain(of_line);
            hop.candidates.sort_by_key(|one| !is_nearest(one));
        }
        if !thought_of {
            // What the shape said was said of others.
            hop.because
                .retain(|reason| !matches!(reason.kind, EvidenceKind::Configuration | EvidenceKind::Tensors));
            hop.relation = Relation::Unknown;
        }
        // That others have this shape, too, does not matter any more.
        hop.against.clear();
        hop.subject = nearest.subject.clone();
        hop.strength = strength;
        hop.unique = strength == Strength::Identical || self.is_sure(&segment);
        hop.confidence = if hop.unique { Confidence::High } else { Confidence::Medium };
        if hop.relation == Relation::Unknown {
            hop.relation = relation(nearest);
        }
        hop.because.splice(0..0, because.iter().cloned());
        true
    }

    /// The base, and its ancestors up to the first that was compared as well: where the model may have branched off.
    fn segment(&self, nearest: &WeightComparison) -> Segment {
        let mut models = vec![nearest.base.clone()];
        let mut closed = false;
        if let Some(known) = self.catalog.find(nearest.base.as_str()) {
            for parent in self.catalog.ancestors(known) {
                closed = self.all.iter().any(|one| one.base.same_as(parent.id));
                if closed {
                    break;
                }
                models.push(ModelId::from(parent.id));
            }
        }
        Segment { models, closed }
    }

    /// Whether a model is known as one from which others are made, and of no parent of which anything is known. Of any other a sibling may
    /// be at hand, from a parent that the catalog does not know.
    fn is_origin(&self, model: &ModelId) -> bool {
        self.catalog.find(model.as_str()).is_some_and(|known| {
            let is_child = |other: &Model| {
                let parent = other.derived_from.and_then(|parent| self.catalog.find(parent));
                parent.is_some_and(|parent| parent.id == known.id)
            };
            known.derived_from.is_none() && self.catalog.models().any(is_child)
        })
    }

    /// Whether the lowest place of a segment is a sure ancestor.
    fn is_sure(&self, segment: &Segment) -> bool {
        segment.closed || segment.models.last().is_some_and(|last| self.is_origin(last))
    }

    /// A declared base that may be the parent of both, for all that is known.
    fn declared_parent<'h>(&self, hops: &'h [Hop], nearest: &WeightComparison) -> Option<&'h ModelId> {
        let refuted = |model: &ModelId| {
            self.all.iter().any(|one| one.is_negative() && is_related(self.catalog, model, &one.base))
        };
        hops.iter()
            .filter(|hop| hop.declared && hop.child.is_none() && concerns(hop, nearest))
            .flat_map(|hop| &hop.candidates)
            .map(|one| &one.model)
            .find(|model| !refuted(model))
    }

    /// The day of a base's release, if weights were in the repository before it.
    fn released_later(&self, nearest: &WeightComparison) -> Option<&'static str> {
        let released = self.catalog.find(nearest.base.as_str())?.released?;
        let day = self.first_day?;
        // Dates are written so that they sort; a month or a year comes before its own days.
        (day < released).then_some(released)
    }

    fn hop(&self, nearest: &WeightComparison, names: &[&ModelId], strength: Strength) -> Hop {
        Hop {
            subject: nearest.subject.clone(),
            child: None,
            candidates: names.iter().map(|id| candidate(self.catalog, nearest, id)).collect(),
            relation: if self.several { Relation::Merge } else { relation(nearest) },
            strength,
            unique: strength > Strength::Circumstantial,
            // Who was first, no test of weights can tell; equal bytes under another name are a copy either way.
            confidence: match strength {
                Strength::Identical => Confidence::High,
                Strength::Weights => Confidence::Medium,
                _ => Confidence::Low,
            },
            declared: false,
            because: Vec::new(),
            against: Vec::new(),
        }
    }
}

/// What agrees without showing that layers have a common origin, or whose origin is not settled: a hint.
fn join_hint(
    catalog: &Catalog,
    hops: &mut Vec<Hop>,
    subject: &RepoPath,
    names: &[&ModelId],
    one: &WeightComparison,
) {
    let reason = evidence(one, Strength::Circumstantial, words::agreement(one), Some(p(one)));
    let about = |hop: &&mut Hop| {
        concerns(hop, one)
            && hop.candidates.iter().any(|other| names.iter().any(|id| other.model.same_as(id.as_str())))
    };
    match hops.iter_mut().find(about) {
        Some(hop) if hop.because.contains(&reason) => {}
        Some(hop) => hop.because.push(reason),
        None => hops.push(Hop {
            subject: subject.clone(),
            child: None,
            candidates: names.iter().map(|id| candidate(catalog, one, id)).collect(),
            relation: Relation::Unknown,
            strength: Strength::Circumstantial,
            unique: false,
            confidence: Confidence::Low,
            declared: false,
            because: vec![reason],
            against: Vec::new(),
        }),
    }
}

fn candidate(catalog: &Catalog, one: &WeightComparison, id: &ModelId) -> Candidate {
    let revision = if id == &one.base { one.revision.clone() } else { None };
    Candidate { model: id.clone(), revision, known: catalog.find(id.as_str()).is_some() }
}

fn evidence(one: &WeightComparison, strength: Strength, detail: String, p: Option<f64>) -> Evidence {
    Evidence {
        kind: EvidenceKind::Weights,
        strength,
        location: Some(Location::file(one.file.clone())),
        detail,
        p: p.map(Probability::new),
    }
}

/// The least p-value of its tests.
fn p(one: &WeightComparison) -> f64 {
    one.tests.iter().map(|test| test.p).fold(1.0, f64::min)
}

/// The positive comparisons of one model by lines of bases, each with the nearest first.
fn lines<'a>(catalog: &Catalog, of_folder: &'a [WeightComparison]) -> Vec<Vec<&'a WeightComparison>> {
    let mut lines: Vec<Vec<&WeightComparison>> = Vec::new();
    for one in of_folder.iter().filter(|one| one.verdict.is_positive()) {
        // A base may join two lines that were apart.
        let (mut joined, apart): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| line.iter().any(|other| is_kin(catalog, one, other)));
        joined.push(vec![one]);
        lines = apart;
        lines.push(joined.into_iter().flatten().collect());
    }
    for line in &mut lines {
        line.sort_by(|one, two| {
            let identical = |one: &WeightComparison| one.verdict == Verdict::Identical;
            identical(two)
                .cmp(&identical(one))
                .then_with(|| closeness(two).total_cmp(&closeness(one)))
                .then_with(|| one.base.cmp(&two.base))
        });
    }
    lines
}

/// Whether two bases are of one line: by the catalog, or because their fingerprints share weights.
fn is_kin(catalog: &Catalog, one: &WeightComparison, other: &WeightComparison) -> bool {
    catalog.same_line(&one.base, &other.base)
        || one.kin.contains(&other.base)
        || other.kin.contains(&one.base)
}

/// Whether one of two models is the other, or descends from it by the catalog.
fn is_related(catalog: &Catalog, one: &ModelId, other: &ModelId) -> bool {
    let descends = |child: &ModelId, parent: &ModelId| {
        catalog
            .find(child.as_str())
            .is_some_and(|child| catalog.ancestors(child).any(|ancestor| parent.same_as(ancestor.id)))
    };
    one.same_as(other.as_str()) || descends(one, other) || descends(other, one)
}

/// The bits of the strongest test that both could have, and its statistic in units of what equal bits would give: a measure of distance
/// that does not grow with the size of the sketch.
fn closeness(one: &WeightComparison) -> f64 {
    test(one).map_or(0.0, |(z, bits)| z / bits.sqrt())
}

fn test(one: &WeightComparison) -> Option<(f64, f64)> {
    let test = one.test("weights").or_else(|| one.tests.iter().max_by(|one, two| one.z.total_cmp(&two.z)))?;
    Some((test.z, (test.features * test.dimensions).max(1) as f64))
}

/// Whether a base is further away than the nearest by more than chance.
fn is_clearly_farther(nearest: &WeightComparison, other: &WeightComparison) -> bool {
    let identical = |one: &WeightComparison| one.verdict == Verdict::Identical;
    if identical(nearest) != identical(other) {
        return identical(nearest);
    }
    let (Some((_, bits)), Some((_, others))) = (test(nearest), test(other)) else { return false };
    (closeness(nearest) - closeness(other)) * bits.min(others).sqrt() >= CLEARLY
}

/// How the weights came from the base, as far as they show it.
fn relation(one: &WeightComparison) -> Relation {
    if one.verdict == Verdict::Identical {
        return Relation::Rehost;
    }
    let matched: Vec<u16> = one.layer_map.iter().filter_map(|cell| cell.base).collect();
    let mut distinct = matched.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if matched.len() > distinct.len() {
        Relation::LayersDuplicated
    } else if matched.len() == one.layer_map.len() && distinct.len() < one.base_layers.len() {
        Relation::LayersDropped
    } else if one.quantised {
        Relation::Quantised
    } else {
        Relation::Unknown
    }
}

/// The day of the first commit with weights, where the whole history is known.
fn first_day(history: &History) -> Option<String> {
    if !history.complete {
        return None;
    }
    let point = history.line.iter().find(|point| history.states[point.state].weights)?;
    match &point.snapshot {
        Snapshot::Commit { time, .. } => Some(time.date()),
        _ => None,
    }
}
