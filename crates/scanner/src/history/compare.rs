//! What an edit did to a legal file.

use std::collections::BTreeSet;

use forebear_types::LicenseId;
use forebear_types::fact::LegalFile;
use forebear_types::history::{Detail, EventKind};
use forebear_types::license::MatchStatus;

use super::describe::whole;

/// What became of a text.
pub(crate) fn texts(old: &LegalFile, new: &LegalFile) -> (EventKind, Option<Detail>) {
    if !old.examined || !new.examined {
        // Nobody knows what one of them says.
        return (EventKind::Changed, None);
    }
    let (before, after) = (whole(old), whole(new));
    let lost = before.iter().any(|id| !after.contains(id));
    if lost && !after.is_empty() {
        return (EventKind::Relicensed, owners(old, new));
    }
    if lost && names_another(old, new) {
        return (EventKind::Relicensed, owners(old, new));
    }
    let much_shorter = words(new) * 2 < words(old);
    if after.is_empty() && (much_shorter || (!before.is_empty() && is_cut(new))) {
        return (EventKind::Truncated, owners(old, new));
    }
    let detail = owners(old, new).or_else(|| {
        if is_altered_anew(old, new) {
            Some(Detail::Altered)
        } else {
            let told =
                !after.is_empty() && new.recognition.unrecognised.len() <= old.recognition.unrecognised.len();
            (told && !lost).then_some(Detail::Harmless)
        }
    });
    (EventKind::Changed, detail)
}

/// Whether a file that held whole texts names another licence now, or holds a part of one, and nothing of those that it held.
fn names_another(old: &LegalFile, new: &LegalFile) -> bool {
    let held = whole(old);
    let parts = new.recognition.licenses.iter().map(|found| &found.id);
    let names = new.recognition.named.iter().filter(|named| named.stands_alone).map(|named| &named.id);
    let mut said = parts.chain(names).peekable();
    said.peek().is_some() && said.all(|id| !held.contains(id))
}

/// Whether owners' lines went, and whether others came.
fn owners(old: &LegalFile, new: &LegalFile) -> Option<Detail> {
    let (before, after) = (holders(old), holders(new));
    let kept =
        |holder: &String| after.iter().any(|other| other.contains(holder.as_str()) || holder.contains(other));
    if before.iter().all(kept) {
        return None;
    }
    let came = after
        .iter()
        .any(|holder| !before.iter().any(|other| other.contains(holder.as_str()) || holder.contains(other)));
    Some(if came { Detail::CopyrightReplaced } else { Detail::CopyrightRemoved })
}

/// The owners of a text: years and signs around a name do not matter, nor does its case.
fn holders(file: &LegalFile) -> BTreeSet<String> {
    let names = file.recognition.copyright.iter().filter_map(|line| line.holder.as_ref());
    names
        .map(|name| {
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// Whether a licence's words are changed now and were not, or were changed otherwise.
fn is_altered_anew(old: &LegalFile, new: &LegalFile) -> bool {
    let altered = |file: &LegalFile| -> BTreeSet<LicenseId> {
        let found = file.recognition.licenses.iter();
        found
            .filter(|found| matches!(found.status, MatchStatus::Altered { .. }))
            .map(|found| found.id.clone())
            .collect()
    };
    let (before, after) = (altered(old), altered(new));
    let was_whole = !whole(old).is_empty();
    after.iter().any(|id| !before.contains(id)) || (was_whole && whole(new).is_empty() && !is_cut(new))
        // One text with changed words before and after, and they are not the same words.
        || (!after.is_empty() && flat(old) != flat(new))
}

fn flat(file: &LegalFile) -> String {
    file.text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn words(file: &LegalFile) -> usize {
    file.text.split_whitespace().count()
}

fn is_cut(file: &LegalFile) -> bool {
    file.recognition.licenses.iter().any(|found| matches!(found.status, MatchStatus::Incomplete { .. }))
}
