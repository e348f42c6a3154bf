//! The table of names, read line by line when a name is looked up.

const NAMES: &str = include_str!("../../data/license-names.txt");

/// Which kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// A value of `license:`.
    Hub,
    /// A value of `license_name:`.
    Name,
    /// A part of `license_link:`.
    Link,
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) list: List,
    pub(super) name: &'a str,
    pub(super) ids: Vec<&'a str>,
    /// Whether no other text bears the name.
    pub(super) complete: bool,
    /// Where the name is documented, or which card uses it; read by the test.
    #[cfg_attr(not(test), allow(dead_code, reason = "for people, and for the test"))]
    pub(super) source: &'a str,
}

/// The entry of a name, without regard to case and punctuation.
pub(super) fn find(list: List, name: &str) -> Option<Entry<'static>> {
    let wanted = squash(name);
    if wanted.is_empty() {
        return None;
    }
    entries().find(|entry| entry.list == list && squash(entry.name) == wanted)
}

/// The entry whose address is the longest part of a link, given in lower case.
pub(super) fn find_link(link: &str) -> Option<Entry<'static>> {
    entries()
        .filter(|entry| entry.list == List::Link && link.contains(entry.name))
        .max_by_key(|entry| entry.name.len())
}

/// The names in a list that stand for a licence alone.
pub(super) fn of(list: List, id: &str) -> impl Iterator<Item = &'static str> {
    entries()
        .filter(move |entry| entry.list == list && entry.complete && entry.ids == [id])
        .map(|entry| entry.name)
}

fn entries() -> impl Iterator<Item = Entry<'static>> {
    NAMES.lines().filter_map(entry)
}

fn entry(line: &str) -> Option<Entry<'_>> {
    let (head, source) = line.split_once(" ; ")?;
    let (name, ids) = head.split_once(" : ")?;
    let (list, name) = name.split_once(' ')?;
    let list = match list {
        "hub" => List::Hub,
        "name" => List::Name,
        "link" => List::Link,
        _ => return None,
    };
    let ids: Vec<&str> = ids.split(' ').collect();
    let complete = !ids.contains(&"+");
    Some(Entry { list, name, ids: ids.into_iter().filter(|id| *id != "+").collect(), complete, source })
}

/// Letters and digits in lower case; `+` counts, for `openrail++`.
pub(super) fn squash(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric() || *character == '+')
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_entry_with_a_source_and_known_ids() {
        let lines = NAMES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut seen = Vec::new();
        for line in lines {
            let entry = entry(line).unwrap_or_else(|| panic!("{line}"));
            assert!(!entry.source.is_empty() && !entry.ids.is_empty(), "{line}");
            for id in &entry.ids {
                assert!(id.starts_with("LicenseRef-") || spdx::license_id(id).is_some(), "{line}");
            }
            assert!(!seen.contains(&(entry.list as u8, squash(entry.name))), "twice: {line}");
            seen.push((entry.list as u8, squash(entry.name)));
            assert!(entry.list != List::Link || entry.name == entry.name.to_ascii_lowercase(), "{line}");
        }
        assert!(seen.len() > 150);
    }
}
