//! Since when: every obligation judged over every distinct state of the first-parent line.

use forebear_types::fact::Fact;
use forebear_types::finding::{Exposure, Moment};
use forebear_types::history::History;
use forebear_types::obligation::{Answer, Duty, Obligation};
use forebear_types::run::Declared;

use crate::documents::documents;
use crate::obligations::Asked;
use crate::satisfaction::{self, Names, State};

/// The first-parent line as the obligations see it.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// For every obligation, its intervals, oldest first.
    pub(crate) spells: Vec<Vec<Spell>>,
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

/// Judges the obligations along the line.
///
/// A duty runs while weights, or pointers to them, are in the tree. A history that never held any (weights kept
/// elsewhere) is judged from its first commit on: what it distributes is what it holds.
pub(crate) fn line(history: &History, obligations: &[Obligation], asked: &[Asked]) -> Line {
    // Neither of the duties that are judged along the line asks for names or declarations.
    let (names, declared) = (Names::default(), Declared::default());
    let ever_weights = history.line.iter().any(|point| history.states[point.state].weights);
    let spells = obligations
        .iter()
        .zip(asked)
        .map(|(obligation, asked)| {
            let judged = matches!(obligation.duty, Duty::IncludeLicenseText | Duty::KeepCopyrightNotice);
            if !judged || !obligation.certain {
                return Vec::new();
            }
            let answers: Vec<Option<Answer>> = history
                .states
                .iter()
                .map(|state| {
                    if ever_weights && !state.weights {
                        return None;
                    }
                    let facts = state.facts.iter().map(AsRef::<Fact>::as_ref);
                    let documents = documents(facts);
                    let state = State { documents: &documents, names: &names, declared: &declared };
                    Some(satisfaction::judge(asked.question(), state).answer)
                })
                .collect();
            spells_of(history, &answers)
        })
        .collect();
    Line { spells }
}

fn spells_of(history: &History, answers: &[Option<Answer>]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    let mut open: Option<(usize, bool)> = None;
    let mut met_before = false;
    for (index, point) in history.line.iter().enumerate() {
        match (answers[point.state], open) {
            (Some(Answer::Unmet), None) => open = Some((index, met_before)),
            (Some(Answer::Met), Some((from, lost))) => {
                spells.push(spell(history, from, Some(index), lost));
                open = None;
            }
            _ => {}
        }
        met_before = match answers[point.state] {
            Some(answer) => answer == Answer::Met,
            // Without weights nothing was owed; whether the text was there still tells a loss from a late start.
            None => met_before,
        };
    }
    if let Some((from, lost)) = open {
        spells.push(spell(history, from, None, lost));
    }
    spells
}

fn spell(history: &History, from: usize, to: Option<usize>, lost: bool) -> Spell {
    let moment = |index: usize| Moment::of(&history.line[index].snapshot);
    let exposure = Exposure {
        from: moment(from),
        to: to.map(moment),
        commits: history.line[from..to.unwrap_or(history.line.len())].iter().map(|point| point.commits).sum(),
        tags: Vec::new(),
    };
    Spell { from, to, lost, exposure }
}
