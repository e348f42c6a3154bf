//! What earlier commits said of the base, and the examined state no longer says.
//!
//! A commit is proof that something was said, not that it was right: a declaration may have been a mistake that was corrected.
//! So a removed declaration counts as one only where no base is declared now and the configuration does not speak against it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use forebear_types::fact::Fact;
use forebear_types::history::{History, Point};
use forebear_types::lineage::{Candidate, Confidence, Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::{Location, ModelId, ObjectId, RepoPath, Snapshot};

use crate::catalog::{Catalog, Model};
use crate::signals::declared::{self, Declaration};
use crate::signals::{prose, structural};
use crate::subject::Subject;

/// Removed statements that a report needs.
const MOST: usize = 16;

/// Distinct owner's lines and licences of a history that are looked at.
const MOST_MARKS: usize = 256;

/// Something that was said of the base once, and is not said any more.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RemovedEvidence {
    /// The base, or for an owner's line or a licence the models that it may be about.
    pub(crate) candidates: Vec<Candidate>,
    /// How the statement says that the model came from it.
    pub(crate) relation: Relation,
    /// Of the kind [`EvidenceKind::History`]; its location has no line, for the file may say something else now.
    pub(crate) evidence: Evidence,
    /// The last commit of the line in which it stood.
    pub(crate) commit: ObjectId,
    /// Whether it names a base. An owner's line or a licence text only supports what other evidence names.
    pub(crate) names_base: bool,
}

/// What the first-parent line of a history said, the last time that it was said, oldest first.
///
/// # Strength
/// A base in front matter or an adapter configuration is [`Strength::Declared`] if the present state declares no base and its
/// configuration fits. Everything else is circumstantial: a declaration in place of which another stands now, `_name_or_path`, a
/// sentence, an owner's line or a licence text that was taken away.
fn removed(
    catalog: &Catalog,
    history: &History,
    facts: &[Fact],
    subjects: &[Subject<'_>],
) -> Vec<RemovedEvidence> {
    let Some((_, earlier)) = history.line.split_last() else { return Vec::new() };
    let now = Now::of(catalog, facts, subjects);
    let mut reader = Reader { catalog, read: BTreeMap::new() };
    let mut states: BTreeMap<usize, Vec<Said>> = BTreeMap::new();
    let mut last: BTreeMap<Key, (usize, Said)> = BTreeMap::new();
    for (index, point) in earlier.iter().enumerate() {
        let Some(state) = history.states.get(point.state) else { continue };
        let said = states.entry(point.state).or_insert_with(|| {
            let all = state.facts.iter().flat_map(|fact| reader.of_fact(fact));
            all.filter(|said| !now.says(&said.key)).collect()
        });
        for one in said {
            if last.contains_key(&one.key) || last.len() < MOST_MARKS {
                last.insert(one.key.clone(), (index, one.clone()));
            }
        }
    }
    let mut found: Vec<(usize, RemovedEvidence)> = last
        .into_values()
        .filter_map(|(index, said)| Some((index, evidence(catalog, history, index, &said, &now)?)))
        .collect();
    found.sort_by_key(|(index, one)| (*index, one.evidence.location.clone(), one.evidence.detail.clone()));
    found.into_iter().map(|(_, one)| one).take(MOST).collect()
}

/// Adds what was removed: to the hops that it is about, and as a hop of its own where it names a base that nothing else does.
///
/// A removed declaration picks the one that it names from a set of candidates.
pub(crate) fn join(
    catalog: &Catalog,
    history: &History,
    facts: &[Fact],
    subjects: &[Subject<'_>],
    hops: &mut Vec<Hop>,
) {
    for one in removed(catalog, history, facts, subjects) {
        let alone = hops.is_empty();
        let about = |hop: &&mut Hop| {
            hop.child.is_none()
                && hop.candidates.iter().any(|known| {
                    one.candidates.iter().any(|candidate| known.model.same_as(candidate.model.as_str()))
                })
        };
        match hops.iter_mut().find(about) {
            Some(hop) => {
                if one.evidence.strength == Strength::Declared && hop.strength < Strength::Declared {
                    hop.strength = Strength::Declared;
                    hop.unique = true;
                    hop.confidence = Confidence::Medium;
                    hop.candidates = one.candidates;
                }
                if hop.relation == Relation::Unknown && one.names_base {
                    hop.relation = one.relation;
                }
                hop.because.push(one.evidence);
            }
            None if one.names_base && (one.evidence.strength == Strength::Declared || alone) => {
                hops.push(own_hop(one));
            }
            None => {}
        }
    }
}

fn own_hop(one: RemovedEvidence) -> Hop {
    let declared = one.evidence.strength == Strength::Declared;
    Hop {
        subject: RepoPath::root(),
        child: None,
        candidates: one.candidates,
        relation: one.relation,
        strength: one.evidence.strength,
        unique: declared,
        confidence: if declared { Confidence::Medium } else { Confidence::Low },
        declared: false,
        because: vec![one.evidence],
        against: Vec::new(),
    }
}

/// What a statement is about, so that the same one in two files, or in two versions of a file, is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// A base that is named, by lower-case id, and by what kind of statement.
    Base(String, EvidenceKind),
    /// An owner's line, without spaces and case.
    Owner(String),
    /// A licence text.
    License(String),
}

/// A statement in one version of a file.
#[derive(Clone, Debug)]
struct Said {
    key: Key,
    path: RepoPath,
    candidates: Vec<Candidate>,
    relation: Relation,
    strength: Strength,
    /// What was said, to be followed by "until commit …".
    what: String,
}

/// The statements of facts, each distinct fact read once.
struct Reader<'c> {
    catalog: &'c Catalog,
    read: BTreeMap<usize, Vec<Said>>,
}

impl Reader<'_> {
    fn of_fact(&mut self, fact: &Arc<Fact>) -> Vec<Said> {
        // States share the facts of equal blobs; the history holds them as long as this lives.
        let identity = Arc::as_ptr(fact) as usize;
        let catalog = self.catalog;
        self.read.entry(identity).or_insert_with(|| statements(catalog, fact)).clone()
    }
}

/// What one fact says of a base.
fn statements(catalog: &Catalog, fact: &Fact) -> Vec<Said> {
    let alone = std::slice::from_ref(fact);
    let mut not_ids = Vec::new();
    let mut declarations = declared::declarations(catalog, alone, &[], &mut not_ids);
    declarations.extend(prose::stated_in_prose(catalog, alone));
    let mut all: Vec<Said> = declarations.into_iter().map(|one| base(&fact.path, one)).collect();
    all.extend(marks(fact));
    all
}

fn base(path: &RepoPath, one: Declaration) -> Said {
    let line = one.evidence.location.and_then(|location| location.lines).map(|lines| lines.first);
    let place = line.map_or_else(|| path.to_string(), |line| format!("{path}, line {line},"));
    let model = one.candidate.model.clone();
    let what = match one.evidence.kind {
        EvidenceKind::CardDeclaration => format!("{place} declared base_model {model}"),
        EvidenceKind::AdapterDeclaration => format!("{place} named {model} as the base of the adapter"),
        EvidenceKind::ConfigName => format!("{place} said that it was saved from {model} (_name_or_path)"),
        _ => format!("{place} said in prose that the base is {model}"),
    };
    Said {
        key: Key::Base(model.as_str().to_ascii_lowercase(), one.evidence.kind),
        path: path.clone(),
        candidates: vec![one.candidate],
        relation: one.relation,
        strength: one.evidence.strength,
        what,
    }
}

/// Owners and licences that a legal file or a card holds. Whose they are is looked up when they turn out to be gone.
fn marks(fact: &Fact) -> Vec<Said> {
    let Some(recognition) = fact.recognition() else { return Vec::new() };
    let said = |key: Key, what: String| Said {
        key,
        path: fact.path.clone(),
        candidates: Vec::new(),
        relation: Relation::Unknown,
        strength: Strength::Circumstantial,
        what,
    };
    let owners = recognition.copyright.iter().map(|line| {
        let what = format!("{}, line {}, held the owner's line “{}”", fact.path, line.line, line.text);
        said(Key::Owner(squeezed(&line.text)), what)
    });
    let licenses = recognition
        .licenses
        .iter()
        .filter(|found| found.id.as_str().starts_with("LicenseRef-"))
        .map(|found| {
            let what = format!("{}, line {}, held the text of {}", fact.path, found.lines.first, found.id);
            said(Key::License(found.id.as_str().to_owned()), what)
        });
    owners.chain(licenses).collect()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What the examined state says.
struct Now<'f> {
    bases: BTreeSet<String>,
    owners: BTreeSet<String>,
    licenses: BTreeSet<String>,
    /// Whether the publisher declares a base, whichever.
    declares: bool,
    subjects: &'f [Subject<'f>],
}

impl<'f> Now<'f> {
    fn of(catalog: &Catalog, facts: &[Fact], subjects: &'f [Subject<'f>]) -> Self {
        let mut not_ids = Vec::new();
        let mut declarations = declared::declarations(catalog, facts, &[], &mut not_ids);
        let declares =
            declarations.iter().any(|one| one.by_publisher && one.evidence.strength == Strength::Declared);
        declarations.extend(prose::stated_in_prose(catalog, facts));
        let marks: Vec<Said> = facts.iter().flat_map(marks).collect();
        Self {
            bases: declarations.iter().map(|one| one.candidate.model.as_str().to_ascii_lowercase()).collect(),
            owners: marks
                .iter()
                .filter_map(|said| if let Key::Owner(key) = &said.key { Some(key.clone()) } else { None })
                .collect(),
            licenses: marks
                .iter()
                .filter_map(|said| if let Key::License(key) = &said.key { Some(key.clone()) } else { None })
                .collect(),
            declares,
            subjects,
        }
    }

    /// Whether it still says so, wherever.
    fn says(&self, key: &Key) -> bool {
        match key {
            Key::Base(model, _) => self.bases.contains(model),
            Key::Owner(line) => self.owners.contains(line),
            Key::License(id) => self.licenses.contains(id),
        }
    }

    /// Whether every model here has another shape.
    fn contradicts(&self, model: &'static Model) -> bool {
        let mut models = self.subjects.iter().filter(|subject| !subject.part).peekable();
        models.peek().is_some() && models.all(|subject| structural::contradicts(subject, model).is_some())
    }
}

fn evidence(
    catalog: &Catalog,
    history: &History,
    index: usize,
    said: &Said,
    now: &Now<'_>,
) -> Option<RemovedEvidence> {
    let point = history.line.get(index)?;
    let Snapshot::Commit { id: commit, time } = &point.last else { return None };
    let mut detail = format!("{} until commit {} of {}", said.what, commit.short(), time.date());
    if let Some(by) = history.line.get(index + 1) {
        detail.push_str(&format!(", and no longer in {}", point_words(by)));
    }
    let names_base = matches!(said.key, Key::Base(..));
    let mut strength = said.strength;
    if strength == Strength::Declared {
        let known = catalog.find(said.candidates.first()?.model.as_str());
        if now.declares {
            strength = Strength::Circumstantial;
            detail.push_str("; another base is declared now");
        } else if known.is_some_and(|model| now.contradicts(model)) {
            strength = Strength::Circumstantial;
            detail.push_str("; the configuration now is of another shape");
        }
    }
    let candidates = match &said.key {
        Key::Base(..) => said.candidates.clone(),
        Key::Owner(line) => candidates(catalog, |model| is_owner(model, line)),
        Key::License(id) => candidates(catalog, |model| {
            model.licenses.iter().any(|period| period.weights == Some(id.as_str()))
        }),
    };
    let evidence = Evidence {
        kind: EvidenceKind::History,
        strength,
        location: Some(Location::file(said.path.clone())),
        detail,
        p: None,
    };
    (!candidates.is_empty()).then_some(RemovedEvidence {
        candidates,
        relation: said.relation,
        evidence,
        commit: *commit,
        names_base,
    })
}

fn point_words(point: &Point) -> String {
    match &point.snapshot {
        Snapshot::Commit { id, time } => format!("commit {} of {}", id.short(), time.date()),
        Snapshot::Index => "what is staged".to_owned(),
        _ => "the work tree".to_owned(),
    }
}

/// Whether an owner's line, squeezed, ends in one of a developer's names: `Copyright (c) 2023 DeepSeek`.
fn is_owner(model: &Model, line: &str) -> bool {
    prose::owner_names(model)
        .map(|name| squeezed(&name))
        // `Meta` or `xAI` may be the end of another word.
        .any(|name| name.len() > 4 && line.contains(&name))
}

fn candidates(catalog: &Catalog, fits: impl Fn(&Model) -> bool) -> Vec<Candidate> {
    catalog
        .models()
        .filter(|model| fits(model))
        .map(|model| Candidate { model: ModelId::from(model.id), revision: None, known: true })
        .collect()
}

#[cfg(test)]
mod tests;
