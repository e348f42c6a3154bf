//! `check --fix`: carries out the edits that rules attach to findings.
//!
//! A plan is made in memory first: the repository is examined as it would look with the edits made, until nothing is left to edit.
//! Only a whole plan is written. What an edit may touch is checked here: nothing through a link, nothing outside of the repository,
//! no file that could not be read in full.

mod apply;
mod diff;
mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use forebear_rules::notice::has_open_statement;
use forebear_types::RepoPath;
use forebear_types::edit::{CardKey, Declaration, Edit, Reach};
use forebear_types::finding::Finding;
use forebear_types::obligation::Answer;
use forebear_types::run::{Run, SourceKind};

use crate::error::Error;
use crate::pipeline::{Examination, Request, examine_over};

pub(crate) use apply::notice_into;
pub(crate) use diff::unified;
pub(crate) use files::{Folder, write};

/// Passes over the repository. An edit may bring about another duty (a base that is declared), which the next pass sees; a plan
/// that does not come to rest is left as it is then, and the report shows what remains.
const PASSES: usize = 4;

/// Files as they would be, and what was done to them.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The new content of each file that is added or changed.
    pub(crate) files: BTreeMap<RepoPath, Vec<u8>>,
    /// What is done, a line each: file and words.
    pub(crate) done: Vec<String>,
    /// What is left to a person and why, a line each.
    pub(crate) left: BTreeSet<String>,
    /// Whether the notice is written: it then follows what else is changed.
    notice: bool,
}

/// Makes the plan. Nothing is written.
///
/// # Errors
/// If the source is none that can be written to, or cannot be examined.
pub(crate) fn plan(request: &Request, reach: Reach) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    for _ in 0..PASSES {
        let examination = examine_over(request, &plan.files)?;
        let folder = folder(request, &examination.run)?;
        let before = plan.files.clone();
        // What the last pass leaves is left; an earlier one may not have seen all.
        plan.left = examination.notice.left_out.iter().cloned().collect();
        pass(&folder, &examination, reach, &mut plan);
        if plan.files == before {
            break;
        }
    }
    plan.left.extend(plan.files.iter().filter_map(|(path, bytes)| open_statement(path, bytes)));
    Ok(plan)
}

/// What a person has to say in a notice, if anything.
pub(crate) fn open_statement(path: &RepoPath, bytes: &[u8]) -> Option<String> {
    let open = std::str::from_utf8(bytes).is_ok_and(has_open_statement);
    open.then(|| format!("{path} has a place, between >>> and <<<, for you to say what was done to the base"))
}

/// The folder that may be written to.
///
/// # Errors
/// If what was examined is the index, a commit or a model cache.
pub(crate) fn folder(request: &Request, run: &Run) -> Result<Folder, Error> {
    let refused = |what: &str, help: &str| {
        Err(Error::Argument { message: format!("{what} cannot be written to"), help: help.to_owned() })
    };
    match run.source.kind {
        SourceKind::WorkTree | SourceKind::History
            if matches!(run.source.snapshot, forebear_types::Snapshot::WorkTree) => {}
        SourceKind::Index => {
            return refused("the staged index", "leave out --staged, fix the files, and stage them");
        }
        SourceKind::Cache => return refused("a model cache", "fix a clone of the repository itself"),
        SourceKind::Commit | SourceKind::History | SourceKind::WorkTree => {
            return refused(
                "a commit",
                "leave out --rev, or name a work tree: fix the files, and commit them",
            );
        }
    }
    let root: PathBuf = request.path.canonicalize().map_err(|cause| Error::Source {
        message: format!("{} cannot be read: {cause}", request.path.display()),
        help: "check the path".to_owned(),
    })?;
    Ok(Folder::new(root, run))
}

fn pass(folder: &Folder, examination: &Examination, reach: Reach, plan: &mut Plan) {
    let run = &examination.run;
    let maker = apply::Maker { folder, examination, reach };
    let mut declared: Vec<Declaration> = Vec::new();
    let mut tried: BTreeMap<&Edit, Result<(), String>> = BTreeMap::new();
    for finding in run.findings.iter().filter(|finding| is_open(finding)) {
        let mut refused = Vec::new();
        let mut made = false;
        for edit in finding.edits.iter().filter(|edit| edit.reach() <= reach) {
            if let Edit::Declare(keys) = edit {
                keys.iter().for_each(|key| join(&mut declared, key));
                made = true;
                break;
            }
            match tried.entry(edit).or_insert_with(|| maker.make(edit, plan)) {
                Ok(()) => {
                    made = true;
                    break;
                }
                Err(why) => refused.push(why.clone()),
            }
        }
        if !made {
            plan.left.extend(refused);
        }
    }
    if plan.notice
        && !tried.contains_key(&Edit::WriteNotice)
        && let Err(why) = maker.make(&Edit::WriteNotice, plan)
    {
        plan.left.insert(why);
    }
    declared.sort();
    if !declared.is_empty()
        && let Err(why) = maker.declare(&declared, plan)
    {
        plan.left.insert(why);
    }
}

/// Unmet and not accepted; what is met may be told in a better place.
fn is_open(finding: &Finding) -> bool {
    finding.waived.is_none() && finding.answer != Answer::Unknown
}

/// Several bases make one list; of two words for one relation neither is right.
fn join(declared: &mut Vec<Declaration>, more: &Declaration) {
    let Some(known) = declared.iter_mut().find(|known| known.key == more.key) else {
        declared.push(more.clone());
        return;
    };
    match known.key {
        CardKey::BaseModel => {
            for value in &more.values {
                if !known.values.contains(value) {
                    known.values.push(value.clone());
                }
            }
        }
        CardKey::BaseModelRelation if known.values != more.values => {
            declared.retain(|one| one.key != CardKey::BaseModelRelation);
        }
        _ => {}
    }
}
