//! `--upstream DIR`: opens the local copy of a suspected base and compares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use forebear_licenses::hub;
use forebear_lineage::catalog::Catalog;
use forebear_lineage::upstream;
use forebear_scanner::source::{self, Opened, Source, What};
use forebear_types::fact::{Fact, FactKind, LegalRole, Problem, Reading, Scope};
use forebear_types::run::StatedBase;
use forebear_types::upstream::{NamedBy, UpstreamComparison};
use forebear_types::{LicenseId, ModelId, RepoPath};

use crate::error::Error;
use crate::pipeline::open_error;

/// Bytes of weights that are compared where no pointer of Git LFS tells: a minute of reading on a usual disk.
const BYTES: u64 = 32 << 30;

/// A policy larger than this is none.
const POLICY_BYTES: u64 = 1 << 20;

/// A comparison, what it lets the rules know of the base, and what could not be examined.
pub(crate) struct Compared {
    pub(crate) comparison: UpstreamComparison,
    /// Licence and owner lines of the base, as its copy has them.
    pub(crate) stated: StatedBase,
    pub(crate) problems: Vec<Problem>,
    /// What was seen in the copy.
    pub(crate) facts: Vec<Fact>,
    /// Its use policies, byte for byte: they may be copied.
    pub(crate) files: BTreeMap<RepoPath, Vec<u8>>,
}

/// Compares an opened repository with the copy in `folder`.
///
/// # Errors
/// If the copy cannot be opened, or is the repository itself.
pub(crate) fn compare(
    (path, opened, ours): (&Path, &Opened, &[Fact]),
    folder: &Path,
    base: Option<&ModelId>,
    catalog: &Catalog,
) -> Result<Compared, Error> {
    let theirs = source::open(folder, What::WorkTree).map_err(open_error)?;
    if let (Ok(here), Ok(there)) = (path.canonicalize(), folder.canonicalize())
        && here == there
    {
        return Err(Error::Argument {
            message: format!("{} is the repository that is checked", folder.display()),
            help: "name a clone of the suspected base with --upstream".to_owned(),
        });
    }
    let Reading { facts, problems: unread } = source::examine(theirs.source.as_ref()).0;
    let same = source::same_weights((opened.source.as_ref(), ours), (theirs.source.as_ref(), &facts), BYTES);
    let name = match base {
        Some(model) => Some((model.clone(), NamedBy::User)),
        None => upstream::name(catalog, &theirs.own, &facts),
    };
    let mut comparison = upstream::compare(ours, &facts, &same.pairs, name);
    comparison.license = comparison.license.take().or_else(|| declared_license(&comparison));

    let label = label(folder);
    let foreign = theirs.problems.into_iter().chain(unread).chain(same.theirs);
    let mut problems: Vec<Problem> = foreign.map(|problem| labelled(problem, &label)).collect();
    problems.extend(same.ours);
    let files = policies(theirs.source.as_ref(), &facts);
    Ok(Compared { stated: stated(&comparison, &facts), comparison, problems, facts, files })
}

/// The bytes of the copy's use policies.
fn policies(source: &dyn Source, facts: &[Fact]) -> BTreeMap<RepoPath, Vec<u8>> {
    let is_policy = |path: &RepoPath| {
        facts.iter().any(|fact| {
            fact.path == *path
                && matches!(&fact.kind, FactKind::LegalFile(file) if file.role == LegalRole::UsePolicy && file.examined)
        })
    };
    let entries = source.list().entries.into_iter().filter(|entry| is_policy(&entry.path));
    entries
        .filter_map(|entry| {
            let content = source.read(&entry, POLICY_BYTES).ok()?;
            (content.size <= POLICY_BYTES).then_some((entry.path, content.bytes))
        })
        .collect()
}

/// Fills in what the user left open about this very base.
pub(crate) fn fill(stated: &mut [StatedBase], copy: &StatedBase) {
    let Some(model) = &copy.model else { return };
    for base in stated {
        if base.license.is_none() && base.model.as_ref().is_some_and(|id| id.same_as(model.as_str())) {
            base.license.clone_from(&copy.license);
            if base.copyright.is_empty() {
                base.copyright.clone_from(&copy.copyright);
            }
            base.notice = base.notice.or(copy.notice);
        }
    }
}

/// The licence that the copy's card declares, if the name stands for one text.
fn declared_license(comparison: &UpstreamComparison) -> Option<LicenseId> {
    let declared = comparison.declared_license.as_deref()?;
    let meant = match declared.split_once(", ") {
        None => hub::from_hub(declared),
        // `license: other` beside a name; two licences beside each other say nothing of which is the model's.
        Some((license, name)) => match hub::from_hub(license) {
            hub::HubLicense::Other => hub::from_name(name, None),
            _ => return None,
        },
    };
    match meant.candidates() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn stated(comparison: &UpstreamComparison, facts: &[Fact]) -> StatedBase {
    let mut copyright: Vec<String> = Vec::new();
    // Lines of third parties' notices are owed to others.
    let own = |role| matches!(role, LegalRole::License | LegalRole::Notice | LegalRole::Copyright);
    let files = comparison.legal_files.iter().filter(|file| own(file.role));
    for line in files.flat_map(|file| &file.copyright) {
        if !copyright.contains(line) {
            copyright.push(line.clone());
        }
    }
    let notice = facts.iter().any(|fact| {
        matches!(&fact.kind, FactKind::LegalFile(file) if file.role == LegalRole::Notice && file.scope == Scope::Model)
    });
    StatedBase {
        model: Some(comparison.model.clone()),
        revision: None,
        license: comparison.license.clone(),
        copyright,
        notice: Some(notice),
        location: None,
    }
}

/// The name of the copy's folder, for problems: absolute paths stay out of reports.
fn label(folder: &Path) -> String {
    let named = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let whole = || folder.canonicalize().ok().as_deref().and_then(|path: &Path| named(path));
    named(folder).or_else(whole).unwrap_or_else(|| "upstream".to_owned())
}

/// A problem of the copy, under the name of its folder.
fn labelled(problem: Problem, label: &str) -> Problem {
    let mut path = PathBuf::from(label).into_os_string().into_encoded_bytes();
    if !problem.path.is_root() {
        path.push(b'/');
        path.extend_from_slice(problem.path.as_bytes());
    }
    Problem {
        path: RepoPath::new(path).unwrap_or(problem.path),
        what: format!("in the local copy of the base: {}", problem.what),
        ..problem
    }
}
