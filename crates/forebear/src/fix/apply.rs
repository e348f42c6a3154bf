//! One edit, made in memory.

use forebear_rules::fix::{complete_text, insert_copyright};
use forebear_rules::notice::{self, Notice, filled, has_place, holds_section};
use forebear_scanner::formats::with_keys;
use forebear_types::edit::{Declaration, Edit, Reach};
use forebear_types::fact::{FactKind, LegalRole};
use forebear_types::run::Run;
use forebear_types::{LicenseId, RepoPath};

use super::Plan;
use super::files::Folder;
use crate::pipeline::Examination;

/// Files that the notice goes into where no file has it yet.
const NOTICE: &str = "NOTICE";
const THIRD_PARTY: &str = "THIRD_PARTY_NOTICES.txt";

/// The card of the repository.
const CARD: &str = "README.md";

/// Makes edits into a plan.
pub(super) struct Maker<'a> {
    pub(super) folder: &'a Folder,
    pub(super) examination: &'a Examination,
    pub(super) reach: Reach,
}

impl Maker<'_> {
    /// Makes one edit.
    ///
    /// # Errors
    /// Why it was not made: the file, and a reason without a full stop.
    pub(super) fn make(&self, edit: &Edit, plan: &mut Plan) -> Result<(), String> {
        match edit {
            Edit::WriteNotice => {
                let add_to = self.reach == Reach::All;
                let (path, bytes) =
                    notice_into(self.folder, &self.examination.run, &self.examination.notice, plan, add_to)?;
                self.put(plan, path, bytes, "the notice of what is owed to the ancestors");
                plan.notice = true;
                Ok(())
            }
            Edit::AddLicenseFile { license } => self.license(license, plan),
            Edit::Declare(keys) => self.declare(keys, plan),
            Edit::CopyFromUpstream { from, to } => self.copy(from, to, plan),
            Edit::AppendToCard { words } => {
                let path = self.card();
                let text = self.text(&path, plan)?.ok_or_else(|| format!("{path}: there is no such file"))?;
                let added = appended(&text, words);
                self.put(plan, path, added.into_bytes(), &format!("“{words}”"));
                Ok(())
            }
            Edit::InsertCopyright { path, license, lines } => {
                let text = self.text(path, plan)?.ok_or_else(|| format!("{path}: there is no such file"))?;
                let added =
                    insert_copyright(&text, license, lines).map_err(|why| format!("{path}: {why}"))?;
                self.put(plan, path.clone(), added.into_bytes(), &lines.join("; "));
                Ok(())
            }
            Edit::CompleteText { path, license } => {
                let text = self.text(path, plan)?.ok_or_else(|| format!("{path}: there is no such file"))?;
                let whole = complete_text(&text, license).map_err(|why| format!("{path}: {why}"))?;
                self.put(plan, path.clone(), whole.into_bytes(), &format!("the whole text of {license}"));
                Ok(())
            }
        }
    }

    /// Adds keys to the front matter of the card.
    ///
    /// # Errors
    /// As [`Maker::make`].
    pub(super) fn declare(&self, keys: &[Declaration], plan: &mut Plan) -> Result<(), String> {
        let path = self.card();
        let text = self.text(&path, plan)?.unwrap_or_default();
        let pairs: Vec<(&str, &[String])> =
            keys.iter().map(|key| (key.key.name(), key.values.as_slice())).collect();
        let added = with_keys(&text, &pairs).map_err(|why| format!("{path}: {why}"))?;
        let words: Vec<String> =
            keys.iter().map(|key| format!("{}: {}", key.key.name(), key.values.join(", "))).collect();
        self.put(plan, path, added.into_bytes(), &words.join("; "));
        Ok(())
    }

    /// The text of the own licence, in a new file.
    fn license(&self, license: &LicenseId, plan: &mut Plan) -> Result<(), String> {
        let text = filled(license, &self.examination.own_copyright, true)
            .ok_or_else(|| format!("{license}: forebear does not have its text"))?;
        let at_root = |role: LegalRole| {
            self.examination.run.facts.iter().any(|fact| {
                fact.path.depth() == 1 && matches!(&fact.kind, FactKind::LegalFile(file) if file.role == role)
            })
        };
        let first = if at_root(LegalRole::License) { None } else { Some("LICENSE".to_owned()) };
        let second = format!("LICENSE-{license}");
        for name in first.into_iter().chain([second]) {
            let path = RepoPath::new(&name).map_err(|cause| format!("{name}: {cause}"))?;
            if self.is_free(&path, plan)? {
                let open = self.examination.own_copyright.is_empty() && has_place(license);
                let words = match open {
                    true => format!("the text of {license}; fill in the year and your name"),
                    false => format!("the text of {license}"),
                };
                self.put(plan, path, text.into_bytes(), &words);
                return Ok(());
            }
        }
        Err(format!("LICENSE: the file is there already; add the text of {license} by hand"))
    }

    fn copy(&self, from: &RepoPath, to: &RepoPath, plan: &mut Plan) -> Result<(), String> {
        let bytes = self
            .examination
            .upstream_files
            .get(from)
            .ok_or_else(|| format!("{from}: it cannot be read in the local copy of the base"))?;
        if !self.is_free(to, plan)? {
            return Err(format!("{to}: the file is there already; compare it with the one of the base"));
        }
        self.put(plan, to.clone(), bytes.clone(), "copied from the local copy of the base");
        Ok(())
    }

    fn put(&self, plan: &mut Plan, path: RepoPath, bytes: Vec<u8>, words: &str) {
        let same = match plan.files.get(&path) {
            Some(planned) => *planned == bytes,
            None => self.folder.read(&path).ok().flatten().is_some_and(|old| old == bytes),
        };
        if !same {
            let line = format!("{path}: {words}");
            if !plan.done.contains(&line) {
                plan.done.push(line);
            }
            plan.files.insert(path, bytes);
        }
    }

    /// The card at the root, in whatever case it is written.
    fn card(&self) -> RepoPath {
        let known = self.examination.run.facts.iter().find(|fact| {
            fact.path.depth() == 1
                && matches!(fact.kind, FactKind::ModelCard(_))
                && fact.path.file_name().eq_ignore_ascii_case(CARD.as_bytes())
        });
        known.map(|fact| fact.path.clone()).or_else(|| RepoPath::new(CARD).ok()).unwrap_or_default()
    }

    fn text(&self, path: &RepoPath, plan: &Plan) -> Result<Option<String>, String> {
        text(self.folder, path, plan)
    }

    fn is_free(&self, path: &RepoPath, plan: &Plan) -> Result<bool, String> {
        is_free(self.folder, path, plan)
    }
}

/// The file that the notice goes into, and its bytes: the file that has it, else a new one. Where a file that is there may get lines,
/// the end of it comes before a new one of another name.
///
/// # Errors
/// The file, and why it cannot be written.
pub(crate) fn notice_into(
    folder: &Folder,
    run: &Run,
    notice: &Notice,
    plan: &Plan,
    add_to: bool,
) -> Result<(RepoPath, Vec<u8>), String> {
    let placed = |path: RepoPath| {
        let existing = text(folder, &path, plan)?;
        let text = notice::place(existing.as_deref(), notice).map_err(|why| format!("{path}: {why}"))?;
        Ok((path, text.into_bytes()))
    };
    // A notice of a component that lies below was written for that component.
    let mut at_root = run.facts.iter().filter(|fact| fact.path.depth() == 1);
    let holds = |kind: &FactKind| matches!(kind, FactKind::LegalFile(file) if holds_section(&file.text));
    if let Some(fact) = at_root.find(|fact| holds(&fact.kind)) {
        return placed(fact.path.clone());
    }
    let wanted = if notice.wants_notice_file() { [NOTICE, THIRD_PARTY] } else { [THIRD_PARTY, NOTICE] };
    for name in wanted {
        let path = RepoPath::new(name).map_err(|cause| format!("{name}: {cause}"))?;
        if is_free(folder, &path, plan)? {
            return placed(path);
        }
        if add_to {
            let known = folder.names().into_iter().find(|other| other.eq_ignore_ascii_case(name));
            return placed(known.and_then(|known| RepoPath::new(known).ok()).unwrap_or(path));
        }
    }
    Err(format!(
        "{}: the files are there already; `forebear notice --write` or --fix=all adds to the first",
        wanted.join(" and ")
    ))
}

/// Whether a new file may be made: nothing is there, whatever the case of its letters.
fn is_free(folder: &Folder, path: &RepoPath, plan: &Plan) -> Result<bool, String> {
    if plan.files.contains_key(path) || folder.read(path)?.is_some() {
        return Ok(false);
    }
    let name = String::from_utf8_lossy(path.file_name()).to_lowercase();
    Ok(!folder.names().iter().any(|other| other.to_lowercase() == name))
}

fn text(folder: &Folder, path: &RepoPath, plan: &Plan) -> Result<Option<String>, String> {
    let bytes = match plan.files.get(path) {
        Some(bytes) => Some(bytes.clone()),
        None => folder.read(path)?,
    };
    let Some(bytes) = bytes else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| format!("{path}: the file is not UTF-8"))
}

/// A paragraph at the end of a text; a last line without an end stays without one.
fn appended(text: &str, words: &str) -> String {
    let first = text.find('\n').map_or("", |at| &text[..at]);
    let end = if first.ends_with('\r') { "\r\n" } else { "\n" };
    match text {
        "" => format!("{words}{end}"),
        text if text.ends_with('\n') => format!("{text}{end}{words}{end}"),
        text => format!("{text}{end}{end}{words}"),
    }
}
