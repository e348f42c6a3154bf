//! Since when: every obligation judged over every distinct state of the first-parent lines.

use std::collections::BTreeMap;

use forebear_types::Snapshot;
use forebear_types::fact::Fact;
use forebear_types::finding::{Exposure, Moment};
use forebear_types::history::{History, Point, Tag};
use forebear_types::obligation::{Answer, Duty, Obligation};
use forebear_types::run::{Declared, LineExposure};

use crate::documents::documents;
use crate::obligations::Asked;
use crate::satisfaction::{self, Names, State};

#[cfg(test)]
mod tests;

/// What the examined commit's line is called in reports.
const HEAD: &str = "HEAD";

/// The first-parent lines as the obligations see them.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// For every obligation, its intervals on the line of the examined commit, oldest first.
    pub(crate) spells: Vec<Vec<Spell>>,
    /// The intervals of all references: of the examined commit first, in order of the obligations.
    pub(crate) exposures: Vec<LineExposure>,
}

/// A run of states in which weights were there and a duty was unmet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spell {
    /// First point of the line in the run.
    pub(crate) from: usize,
    /// The point that met the duty; `None` while it is open.
    pub(crate) to: Option<usize>,
    /// Whether the duty was met right before: something was taken away.
    pub(crate) lost: bool,
    /// The interval as findings carry it.
    pub(crate) exposure: Exposure,
}

/// Judges the obligations along the line of the examined commit, and along those of other references.
///
/// A duty runs while weights, or pointers to them, are in the tree. A history that never held any (weights kept
/// elsewhere) is judged from its first commit on: what it distributes is what it holds. Another reference is judged so only if
/// nothing that was walked ever held weights: a branch for the documentation of a model distributes none.
///
/// A state that could not be read in full neither opens an interval nor closes one.
pub(crate) fn line(history: &History, obligations: &[Obligation], asked: &[Asked]) -> Line {
    let judged: Vec<usize> = obligations.iter().enumerate().filter_map(is_judged).collect();
    let answers = answers(history, &judged, asked);
    let holds = |point: &Point| history.states[point.state].weights;
    let on_head = history.line.iter().any(holds);
    let anywhere = on_head || history.others.iter().any(|other| other.points.iter().any(holds));
    let head: Vec<&Point> = history.line.iter().collect();

    let mut line = Line { spells: vec![Vec::new(); obligations.len()], exposures: Vec::new() };
    let mut add = |reference: &str, spells: &[Spell], obligation| {
        line.exposures.extend(spells.iter().map(|spell| LineExposure {
            reference: reference.to_owned(),
            obligation,
            exposure: spell.exposure.clone(),
        }));
    };
    for (place, index) in judged.iter().enumerate() {
        let one = Judged { history, answers: &answers, obligation: place, weights: on_head };
        line.spells[*index] = one.spells(&head);
        add(HEAD, &line.spells[*index], *index);
    }
    for other in &history.others {
        let points: Vec<&Point> = history.points_of(other).collect();
        for (place, index) in judged.iter().enumerate() {
            let one = Judged { history, answers: &answers, obligation: place, weights: anywhere };
            add(&other.reference, &one.spells(&points), *index);
        }
    }
    line
}

/// Only what a licence asks of every copy can be followed through time: the text, and the owner's line.
fn is_judged((index, obligation): (usize, &Obligation)) -> Option<usize> {
    let followed = matches!(obligation.duty, Duty::IncludeLicenseText | Duty::KeepCopyrightNotice);
    (followed && obligation.certain).then_some(index)
}

/// For every state that lies on a line or bears a tag, the answers of the judged obligations.
fn answers(history: &History, judged: &[usize], asked: &[Asked]) -> BTreeMap<usize, Vec<Answer>> {
    let mut answers = BTreeMap::new();
    if judged.is_empty() {
        return answers;
    }
    // Neither of the duties that are judged along the line asks for names or declarations.
    let (names, declared) = (Names::default(), Declared::default());
    let others = history.others.iter().flat_map(|other| &other.points);
    let tags = history.tags.iter().map(|tag| tag.state);
    for index in history.line.iter().chain(others).map(|point| point.state).chain(tags) {
        answers.entry(index).or_insert_with(|| {
            let state = &history.states[index];
            let documents = documents(state.facts.iter().map(AsRef::<Fact>::as_ref));
            let seen = State { documents: &documents, names: &names, declared: &declared };
            judged.iter().map(|index| satisfaction::judge(asked[*index].question(), seen).answer).collect()
        });
    }
    answers
}

/// One obligation, along any line.
struct Judged<'a> {
    history: &'a History,
    answers: &'a BTreeMap<usize, Vec<Answer>>,
    /// Its place among the judged ones.
    obligation: usize,
    /// Whether it runs only while weights are there.
    weights: bool,
}

impl Judged<'_> {
    /// The answer in a state; `None` where nothing was owed, or where nobody can tell because a part could not be read.
    fn answer(&self, index: usize) -> Option<Answer> {
        let state = &self.history.states[index];
        if state.partial || (self.weights && !state.weights) {
            return None;
        }
        self.answers.get(&index).and_then(|answers| answers.get(self.obligation)).copied()
    }

    fn spells(&self, line: &[&Point]) -> Vec<Spell> {
        let mut spells: Vec<Spell> = Vec::new();
        let mut open: Option<(usize, bool)> = None;
        let mut met_before = false;
        for (index, point) in line.iter().enumerate() {
            let answer = self.answer(point.state);
            match (answer, open) {
                (Some(Answer::Unmet), None) => open = Some((index, met_before)),
                (Some(Answer::Met), Some((from, lost))) => {
                    spells.push(self.spell(line, from, Some(index), lost));
                    open = None;
                }
                _ => {}
            }
            met_before = match answer {
                Some(answer) => answer == Answer::Met,
                // Whether the text was there before weights were still tells a loss from a late start.
                None => met_before,
            };
        }
        if let Some((from, lost)) = open {
            spells.push(self.spell(line, from, None, lost));
        }
        spells
    }

    fn spell(&self, line: &[&Point], from: usize, to: Option<usize>, lost: bool) -> Spell {
        let moment = |index: usize| Moment::of(&line[index].snapshot);
        let points = &line[from..to.unwrap_or(line.len())];
        let (from_at, to_at) = (moment(from), to.map(moment));
        let within = |tag: &&Tag| self.lies_in(tag, points, &from_at, to_at.as_ref());
        let exposure = Exposure {
            or_earlier: from == 0 && !self.history.complete,
            commits: points.iter().map(|point| point.commits).sum(),
            tags: self.history.tags.iter().filter(within).map(|tag| tag.name.clone()).collect(),
            from: from_at,
            to: to_at,
        };
        Spell { from, to, lost, exposure }
    }

    /// Whether a tag names a commit of the interval, or one on a side of it, at a time within, that lacks the same.
    fn lies_in(&self, tag: &Tag, points: &[&Point], from: &Moment, to: Option<&Moment>) -> bool {
        if self.answer(tag.state) != Some(Answer::Unmet) {
            return false;
        }
        if let Some(on_line) = tag.point.and_then(|index| self.history.line.get(index)) {
            // Lines that part have their first points in common.
            return points.iter().any(|point| point.snapshot == on_line.snapshot);
        }
        let Snapshot::Commit { time, .. } = &tag.commit else { return false };
        let after = from.time.is_some_and(|from| from.seconds <= time.seconds);
        let before = to.and_then(|to| to.time).is_none_or(|to| time.seconds < to.seconds);
        after && before
    }
}
