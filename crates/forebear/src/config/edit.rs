//! Writes a `[[waiver]]` into `forebear.toml`.
//!
//! A new entry is put at the end, and not a byte before it changes. An entry that is there is changed in its place; comments, order and
//! line ends stay.

use toml_edit::{Datetime, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) fingerprint: String,
    pub(crate) rule: String,
    pub(crate) reason: String,
    /// Whose decision it is; `None` leaves what is there.
    pub(crate) owner: Option<String>,
    /// The last day; `None` leaves what is there.
    pub(crate) until: Option<String>,
}

/// What became of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The file says this already.
    Unchanged,
    /// An entry was added: the new text.
    Added(String),
    /// The entry of the finding was changed: the new text.
    Changed(String),
}

/// Writes an entry into the text of a configuration, which has to be one that [`parse`](super::parse) accepts.
///
/// # Errors
/// What is in the way, if the text is no TOML or holds something else under `waiver`.
pub(crate) fn waive(text: &str, entry: &Entry) -> Result<Edit, String> {
    let plain = text.replace("\r\n", "\n");
    let mut document: DocumentMut =
        plain.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    let mut added_inline = false;
    let changed = match document.get_mut("waiver") {
        None => None,
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter_mut().find(|table| is_of(*table, entry)).map(|table| fill(table, entry))
        }
        Some(Item::Value(Value::Array(array))) => {
            let changed = array
                .iter_mut()
                .filter_map(Value::as_inline_table_mut)
                .find(|table| is_of(*table, entry))
                .map(|table| fill(table, entry));
            if changed.is_none() {
                array.push(inline(entry));
                added_inline = true;
            }
            changed
        }
        Some(_) => return Err("`waiver` is no list of tables".to_owned()),
    };
    Ok(match changed {
        Some(false) => Edit::Unchanged,
        Some(true) => Edit::Changed(with_line_ends_of(text, document.to_string())),
        None if added_inline => Edit::Added(with_line_ends_of(text, document.to_string())),
        None => Edit::Added(appended(text, entry)),
    })
}

/// Whether an entry is about the finding.
fn is_of(table: &dyn TableLike, entry: &Entry) -> bool {
    table.get("fingerprint").and_then(Item::as_str) == Some(entry.fingerprint.as_str())
}

/// Gives an entry the values that it should have; whether one was another.
fn fill(table: &mut dyn TableLike, entry: &Entry) -> bool {
    let mut changed = set(table, "reason", Value::from(entry.reason.as_str()));
    if let Some(owner) = &entry.owner {
        changed |= set(table, "owner", Value::from(owner.as_str()));
    }
    if let Some(until) = day(entry) {
        changed |= set(table, "until", Value::from(until));
    }
    changed
}

/// Sets a value; what surrounds the old one (a comment behind it) stays.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) -> bool {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) if plain(old) == plain(&value) => false,
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
            true
        }
        None => {
            table.insert(key, Item::Value(value));
            true
        }
    }
}

/// A value without the way in which it is written.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string().trim().to_owned(), |text| format!("“{text}”"))
}

fn day(entry: &Entry) -> Option<Datetime> {
    entry.until.as_deref().and_then(|day| day.parse().ok())
}

/// The text with the entry behind its last line.
fn appended(text: &str, entry: &Entry) -> String {
    let mut table = Table::new();
    for (key, value) in values(entry) {
        table.insert(key, Item::Value(value));
    }
    let mut tail = String::new();
    if !text.is_empty() {
        tail.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    tail.push_str("[[waiver]]\n");
    tail.push_str(&table.to_string());
    if is_crlf(text) {
        tail = tail.replace('\n', "\r\n");
    }
    format!("{text}{tail}")
}

fn inline(entry: &Entry) -> InlineTable {
    let mut table = InlineTable::new();
    for (key, value) in values(entry) {
        table.insert(key, value);
    }
    table
}

fn values(entry: &Entry) -> Vec<(&'static str, Value)> {
    let mut values = vec![
        ("fingerprint", Value::from(entry.fingerprint.as_str())),
        ("rule", Value::from(entry.rule.as_str())),
        ("reason", Value::from(entry.reason.as_str())),
    ];
    values.extend(entry.owner.as_deref().map(|owner| ("owner", Value::from(owner))));
    values.extend(day(entry).map(|day| ("until", Value::from(day))));
    values
}

fn is_crlf(text: &str) -> bool {
    text.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r'))
}

/// The editor knows line feeds only.
fn with_line_ends_of(original: &str, edited: String) -> String {
    if is_crlf(original) { edited.replace('\n', "\r\n") } else { edited }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINT: &str = "0123456789abcdef0123456789abcdef";

    fn entry(reason: &str, until: Option<&str>) -> Entry {
        Entry {
            fingerprint: PRINT.to_owned(),
            rule: "base-undeclared".to_owned(),
            reason: reason.to_owned(),
            owner: None,
            until: until.map(str::to_owned),
        }
    }

    fn added(text: &str, entry: &Entry) -> String {
        match waive(text, entry).unwrap() {
            Edit::Added(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_new_entry_changes_nothing_before_it() {
        for text in
            ["", "# Ours.\n", "[rules] # why\nbase-undeclared = 'note'\n\n# the end", "# a\r\n[project]\r\n"]
        {
            let edited = added(text, &entry("It \"is\" ours.", Some("2027-01-31")));
            assert!(edited.starts_with(text), "{edited}");
            assert!(edited.ends_with('\n'));
            let tail = edited[text.len()..].replace("\r\n", "\n");
            assert!(tail.contains("[[waiver]]\n") && tail.contains("\nuntil = 2027-01-31\n"), "{tail}");
            let bare = edited.matches('\n').count() - edited.matches("\r\n").count();
            assert!(bare == 0 || !text.contains('\r'), "mixed line ends: {edited:?}");
            assert_eq!(waive(&edited, &entry("It \"is\" ours.", None)), Ok(Edit::Unchanged));
        }
    }

    #[test]
    fn an_entry_is_changed_in_its_place() {
        let text = format!(
            "# first\n[[waiver]] # w\nfingerprint = \"{PRINT}\" # f\nreason = 'old' # r\n\n[rules]\nbase-undeclared = 'note'\n"
        );
        let Ok(Edit::Changed(edited)) = waive(&text, &entry("new", Some("2027-01-31"))) else { panic!() };
        let expected = text.replace("'old'", "\"new\"").replace("# r\n", "# r\nuntil = 2027-01-31\n");
        assert_eq!(edited, expected);
        let Ok(Edit::Changed(crlf)) = waive(&text.replace('\n', "\r\n"), &entry("new", None)) else {
            panic!()
        };
        assert_eq!(crlf, text.replace("'old'", "\"new\"").replace('\n', "\r\n"));
    }

    #[test]
    fn entries_may_be_inline() {
        let text = "waiver = [{ path = 'NOTICE', reason = 'x' }] # all\n";
        let edited = added(text, &entry("y", None));
        assert!(edited.starts_with("waiver = [{ path = 'NOTICE', reason = 'x' }, {"), "{edited}");
        assert!(edited.ends_with("] # all\n"), "{edited}");
        assert_eq!(waive(&edited, &entry("y", None)), Ok(Edit::Unchanged));
    }
}
