//! What bills of materials say of a run: the models of the repository, their licences and their ancestors.
//!
//! [`cyclonedx`](crate::cyclonedx) and [`spdx`](crate::spdx) write the same inventory, so that the two never disagree. A licence is
//! *declared* if the card says so, and *concluded* if forebear found it: by its whole text, or because a proven base is under it.

mod hub;
mod license;
mod uuid;
mod words;

use std::collections::BTreeSet;

use forebear_types::fact::{Fact, FactKind, LegalRole, ModelCard, ModelConfig, QuantisationConfig, Scope};
use forebear_types::license::{LicenseMatch, Recognition};
use forebear_types::lineage::{Candidate, Hop};
use forebear_types::run::{ModelSize, Run};
use forebear_types::{LicenseId, Location, ModelId, RepoPath, Snapshot};

pub(crate) use hub::{dataset_page, group_and_name, package_url, page};
pub(crate) use license::{Declared, declared, is_expression, is_listed, joined, references};
pub(crate) use uuid::name_based;
pub(crate) use words::{evidence, finding, lineage_note, obligation, place, problem, standing};

/// A model of the repository: the one at its root, which stands for the repository as a whole, or one in a folder.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    /// Its folder.
    pub(crate) folder: RepoPath,
    /// What it is called: the repository's name, with the folder behind it.
    pub(crate) name: String,
    /// The configuration of its language model.
    pub(crate) config: Option<&'a ModelConfig>,
    /// How it was quantised.
    pub(crate) quantisation: Option<&'a QuantisationConfig>,
    /// How many parameters it has.
    pub(crate) size: Option<&'a ModelSize>,
    /// The data sets that its card names, without repeats.
    pub(crate) datasets: Vec<&'a str>,
    /// The licence texts that speak for it, each with its file.
    pub(crate) texts: Vec<(&'a RepoPath, &'a LicenseMatch)>,
    /// The owners' lines in the files that speak for it, without repeats.
    pub(crate) copyright: Vec<&'a str>,
    /// What was concluded, in order of the licences, each with the reasons.
    pub(crate) concluded: Vec<Concluded>,
    /// Whom it comes from: see [`Ancestor`].
    pub(crate) ancestors: Vec<Ancestor<'a>>,
}

/// A licence of which forebear found that it applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Concluded {
    pub(crate) license: LicenseId,
    /// Why, a clause each: "its whole text is in LICENSE:3-21".
    pub(crate) because: Vec<String>,
}

/// A model that one step of the lineage leads to.
#[derive(Debug)]
pub(crate) struct Ancestor<'a> {
    /// Index into the hops of the run.
    pub(crate) index: usize,
    /// The step that leads to it.
    pub(crate) hop: &'a Hop,
    /// The candidate.
    pub(crate) candidate: &'a Candidate,
    /// Whether it is an ancestor for certain: the only candidate of a step that carries a violation (design, section 4), below
    /// nothing weaker. Else it is a model that may be the base.
    pub(crate) sure: bool,
    /// Whether a violation may rest on every step to it, this one included.
    carried: bool,
    /// The licence of its weights, if one is known.
    pub(crate) license: Option<&'a LicenseId>,
    /// The licence of the base, whichever candidate of the step it is.
    agreed: Option<&'a LicenseId>,
    /// Its own ancestors.
    pub(crate) ancestors: Vec<Self>,
}

/// The models of a run, the repository as a whole first, then those in folders by path.
pub(crate) fn models(run: &Run) -> Vec<Model<'_>> {
    let folders: BTreeSet<RepoPath> = run
        .lineage
        .hops
        .iter()
        .map(|hop| hop.subject.clone())
        .chain(run.models.iter().filter_map(|model| model.location.path.parent()))
        .chain(std::iter::once(RepoPath::root()))
        .collect();
    folders.iter().map(|folder| model(run, folder, &folders)).collect()
}

/// The revision of what was examined: a commit, a revision of the Hub, or the commit that uncommitted files lie on.
pub(crate) fn revision(run: &Run) -> Option<String> {
    let on_top = |word: &str| run.source.head.map(|head| format!("{head}+{word}"));
    match &run.source.snapshot {
        Snapshot::WorkTree => on_top("worktree"),
        Snapshot::Index => on_top("index"),
        Snapshot::Commit { id, .. } => Some(id.to_string()),
        Snapshot::Cached { revision } => Some(revision.clone()),
    }
}

fn model<'a>(run: &'a Run, folder: &RepoPath, folders: &BTreeSet<RepoPath>) -> Model<'a> {
    // A file belongs to the nearest folder that holds a model.
    let own = |path: &RepoPath| {
        path.is_within(folder)
            && !folders
                .iter()
                .any(|other| other != folder && other.is_within(folder) && path.is_within(other))
    };
    let nearest = |wanted: fn(&FactKind) -> bool| {
        let of_kind = run.facts.iter().filter(|fact| own(&fact.path) && wanted(&fact.kind));
        of_kind.min_by_key(|fact| fact.path.depth()).map(|fact| &fact.kind)
    };
    let config = match nearest(|kind| matches!(kind, FactKind::ModelConfig(_))) {
        Some(FactKind::ModelConfig(config)) => Some(config),
        _ => None,
    };
    let quantisation = match nearest(|kind| matches!(kind, FactKind::Quantisation(_))) {
        Some(FactKind::Quantisation(config)) => Some(config),
        _ => None,
    };
    let sizes = run.models.iter().filter(|size| own(&size.location.path));
    let ancestors = Lineage { run, used: BTreeSet::new() }.of_model(folder);
    let texts = texts(run, own);
    Model {
        folder: folder.clone(),
        name: if folder.is_root() { run.name.clone() } else { format!("{}/{folder}", run.name) },
        config,
        quantisation,
        size: sizes.min_by_key(|size| size.location.path.depth()),
        datasets: datasets(run, own),
        copyright: copyright(run, own),
        concluded: concluded(&texts, &ancestors),
        texts,
        ancestors,
    }
}

fn cards(run: &Run, own: impl Fn(&RepoPath) -> bool) -> impl Iterator<Item = &ModelCard> {
    run.facts.iter().filter(move |fact| own(&fact.path)).filter_map(|fact| match &fact.kind {
        FactKind::ModelCard(card) => Some(card),
        _ => None,
    })
}

fn datasets(run: &Run, own: impl Fn(&RepoPath) -> bool) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in cards(run, own).flat_map(|card| &card.datasets).map(|name| name.value.trim()) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What a legal file or a card that speaks for the model holds. Files of bundled components and lists of third parties speak for
/// others.
fn speaking(fact: &Fact) -> Option<(&Recognition, Option<LegalRole>)> {
    match &fact.kind {
        FactKind::LegalFile(file) if file.scope == Scope::Model && file.role != LegalRole::ThirdParty => {
            Some((&file.recognition, Some(file.role)))
        }
        FactKind::ModelCard(card) => Some((&card.recognition, None)),
        _ => None,
    }
}

fn texts(run: &Run, own: impl Fn(&RepoPath) -> bool) -> Vec<(&RepoPath, &LicenseMatch)> {
    run.facts
        .iter()
        .filter(|fact| own(&fact.path))
        .filter_map(|fact| Some((&fact.path, speaking(fact)?)))
        .filter(|(_, (_, role))| role.is_none_or(|role| role == LegalRole::License))
        .flat_map(|(path, (recognition, _))| recognition.licenses.iter().map(move |text| (path, text)))
        .collect()
}

fn copyright(run: &Run, own: impl Fn(&RepoPath) -> bool) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    run.facts
        .iter()
        .filter(|fact| own(&fact.path))
        .filter_map(speaking)
        .flat_map(|(recognition, _)| &recognition.copyright)
        .map(|line| line.text.as_str())
        .filter(|line| seen.insert(*line))
        .collect()
}

/// The licences whose whole text speaks for the model, and those that every candidate for a base is under. None where a violation
/// may rest on a base whose licence is not known.
fn concluded(texts: &[(&RepoPath, &LicenseMatch)], ancestors: &[Ancestor<'_>]) -> Vec<Concluded> {
    let mut concluded: Vec<Concluded> = Vec::new();
    let mut note = |license: &LicenseId, because: String| match concluded
        .iter_mut()
        .find(|known| known.license == *license)
    {
        Some(known) if known.because.contains(&because) => {}
        Some(known) => known.because.push(because),
        None => concluded.push(Concluded { license: license.clone(), because: vec![because] }),
    };
    for (path, text) in texts.iter().filter(|(_, text)| text.whole()) {
        let at = Location::lines((*path).clone(), text.lines);
        note(&text.id, format!("its whole text is in {}", place(&at)));
    }
    let mut waiting: Vec<&Ancestor<'_>> = ancestors.iter().collect();
    while let Some(ancestor) = waiting.pop() {
        if ancestor.carried {
            match ancestor.agreed {
                Some(license) => note(license, format!("the base, {}, is under it", ancestor.hop.title())),
                // What the base's licence leaves of the own one is not known either.
                None => return Vec::new(),
            }
            waiting.extend(&ancestor.ancestors);
        }
    }
    concluded.sort();
    concluded
}

/// Puts the hops of a run in the order of descent. Each hop is used once, so that a wrong catalog leads in no circle.
struct Lineage<'a> {
    run: &'a Run,
    used: BTreeSet<usize>,
}

impl<'a> Lineage<'a> {
    fn of_model(&mut self, folder: &RepoPath) -> Vec<Ancestor<'a>> {
        let run = self.run;
        let of_folder = || run.lineage.hops.iter().enumerate().filter(|(_, hop)| hop.subject == *folder);
        let mut found = Vec::new();
        for (index, hop) in of_folder().filter(|(_, hop)| hop.child.is_none()) {
            found.extend(self.of_hop(index, hop, (true, true)));
        }
        // Steps from an ancestor that no other step leads to: the way to it is not known.
        for (index, hop) in of_folder() {
            found.extend(self.of_hop(index, hop, (false, false)));
        }
        found
    }

    /// The candidates of a step; `below` says of its child whether every step to it carries a violation, and whether it is sure.
    fn of_hop(&mut self, index: usize, hop: &'a Hop, below: (bool, bool)) -> Vec<Ancestor<'a>> {
        if !self.used.insert(index) {
            return Vec::new();
        }
        let carried = below.0 && hop.carries_violation();
        let sure = carried && below.1 && hop.candidates.len() == 1;
        let of_candidate = |candidate: &'a Candidate| Ancestor {
            index,
            hop,
            candidate,
            sure,
            carried,
            license: license_of(self.run, index, &candidate.model),
            agreed: agreed(self.run, index, hop),
            ancestors: self.of_ancestor(hop, &candidate.model, (carried, sure)),
        };
        hop.candidates.iter().map(of_candidate).collect()
    }

    fn of_ancestor(&mut self, below: &'a Hop, model: &ModelId, standing: (bool, bool)) -> Vec<Ancestor<'a>> {
        let hops = &self.run.lineage.hops;
        let is_next = |hop: &Hop| {
            hop.subject == below.subject
                && hop.child.as_ref().is_some_and(|child| child.same_as(model.as_str()))
        };
        let mut found = Vec::new();
        for (index, hop) in hops.iter().enumerate().filter(|(_, hop)| is_next(hop)) {
            found.extend(self.of_hop(index, hop, standing));
        }
        found
    }
}

/// The licence of a candidate's weights; `None` where none is sourced, and where it was under one of several.
fn license_of<'a>(run: &'a Run, hop: usize, model: &ModelId) -> Option<&'a LicenseId> {
    let mut known = run.base_licenses.iter().filter(|base| base.hop == hop && base.model == *model);
    known.next().filter(|_| known.next().is_none()).map(|base| &base.license)
}

/// The licence of a step's base, whichever of its candidates it is; `None` where they differ or one is not known.
fn agreed<'a>(run: &'a Run, index: usize, hop: &Hop) -> Option<&'a LicenseId> {
    let mut of_each = hop.candidates.iter().map(|candidate| license_of(run, index, &candidate.model));
    let first = of_each.next()??;
    of_each.all(|other| other == Some(first)).then_some(first)
}
