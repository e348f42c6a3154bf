//! Which entries of a tree the history looks at, and their names by number.

use std::collections::{BTreeSet, HashMap};

use forebear_types::RepoPath;
use forebear_types::fact::LegalRole;

use crate::formats::{self, Interest};

/// The number of a name.
pub(crate) type NameId = u32;

/// Names that are remembered with their answer; a repository with more pays for asking again.
const REMEMBERED: usize = 1 << 17;

/// What a history looks at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Legal files whose names do not say so: a card links to them.
    linked: BTreeSet<RepoPath>,
}

impl Wanted {
    pub(crate) fn new(linked: BTreeSet<RepoPath>) -> Self {
        Self { linked }
    }

    /// What a file is to a history; `None` for what it does not look at.
    pub(crate) fn interest(&self, path: &RepoPath) -> Option<Interest> {
        let linked = || self.linked.contains(path).then_some(Interest::LegalFile(LegalRole::License));
        formats::interest(path).or_else(linked).filter(|interest| interest.is_historic())
    }

    /// Whether a file of this name may be of interest. What a file is depends on its name, and on whether its folder is one of
    /// licence texts.
    pub(crate) fn name(&self, name: &[u8], in_licenses: bool) -> bool {
        let path = if in_licenses { [b"licenses/", name].concat() } else { name.to_vec() };
        let by_name = RepoPath::new(path)
            .ok()
            .and_then(|path| formats::interest(&path))
            .is_some_and(Interest::is_historic);
        by_name || self.linked.iter().any(|path| path.file_name() == name)
    }
}

/// Whether everything in a folder of this name is a licence text.
pub(crate) fn is_license_folder(name: &[u8]) -> bool {
    [&b"licenses"[..], b"licences", b"license", b"licence"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Names by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    names: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, NameId>,
    /// Whether a name is wanted outside folders of licences.
    wanted: HashMap<Box<[u8]>, bool>,
}

impl Names {
    /// Names that have the numbers of their places.
    pub(crate) fn of(names: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut all = Self::default();
        for name in names {
            all.number(&name);
        }
        all
    }

    /// Names in order of their numbers.
    pub(crate) fn into_list(self) -> Vec<Vec<u8>> {
        self.names.into_iter().map(Vec::from).collect()
    }

    /// The number of a name.
    pub(crate) fn number(&mut self, name: &[u8]) -> NameId {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as NameId;
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// The number of a name that was seen before.
    pub(crate) fn find(&self, name: &[u8]) -> Option<NameId> {
        self.numbers.get(name).copied()
    }

    /// The name of a number.
    pub(crate) fn name(&self, number: NameId) -> &[u8] {
        &self.names[number as usize]
    }

    /// Whether a name is wanted.
    pub(crate) fn is_wanted(&mut self, name: &[u8], in_licenses: bool, wanted: &Wanted) -> bool {
        if in_licenses {
            return wanted.name(name, true);
        }
        if let Some(known) = self.wanted.get(name) {
            return *known;
        }
        let answer = wanted.name(name, false);
        if self.wanted.len() < REMEMBERED {
            self.wanted.insert(name.into(), answer);
        }
        answer
    }
}
