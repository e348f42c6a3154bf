//! Commits and trees as git writes them (gitformat-pack, git-mktree, git-commit-tree).

use forebear_types::Time;
use git2::Oid;

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A file; whether it may be run does not matter here.
    File,
    /// A symbolic link: the blob is its target.
    Link,
    /// Another repository's commit.
    Module,
    /// A sub-folder.
    Folder,
}

impl Kind {
    /// From the mode of an entry: its upper digits say what it is. What is none of the others is a file, as for git.
    pub(crate) fn of_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o120_000 => Self::Link,
            0o160_000 => Self::Module,
            0o040_000 => Self::Folder,
            _ => Self::File,
        }
    }
}

/// A commit's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) tree: Oid,
    pub(crate) parents: Vec<Oid>,
    pub(crate) author_time: Time,
    pub(crate) time: Time,
}

/// Reads a commit's header; `None` if it is not one.
pub(crate) fn commit(bytes: &[u8]) -> Option<Header> {
    let mut rest = bytes;
    let tree = oid_line(take_line(&mut rest)?, b"tree ")?;
    let mut parents = Vec::new();
    let mut line = take_line(&mut rest)?;
    while let Some(parent) = oid_line(line, b"parent ") {
        parents.push(parent);
        line = take_line(&mut rest)?;
    }
    let author = line.strip_prefix(b"author ")?;
    let committer = take_line(&mut rest)?.strip_prefix(b"committer ")?;
    Some(Header { tree, parents, author_time: time(author), time: time(committer) })
}

fn take_line<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let line = &rest[..end];
    *rest = &rest[end + 1..];
    Some(line)
}

fn oid_line(line: &[u8], prefix: &[u8]) -> Option<Oid> {
    let hex = line.strip_prefix(prefix)?;
    (hex.len() == 40).then_some(())?;
    Oid::from_str(std::str::from_utf8(hex).ok()?).ok()
}

/// `Name <mail> 1700000000 +0100`. Where the time is broken it is 1970, as git shows it.
fn time(person: &[u8]) -> Time {
    let after = person.iter().rposition(|byte| *byte == b'>').map_or(0, |at| at + 1);
    let text = std::str::from_utf8(&person[after..]).unwrap_or_default();
    let mut words = text.split_ascii_whitespace();
    let seconds = words.next().and_then(|word| word.parse::<i64>().ok()).unwrap_or(0);
    let zone = words.next().and_then(|word| word.parse::<i32>().ok()).unwrap_or(0);
    let minutes = (zone / 100) * 60 + zone % 100;
    Time { seconds, offset_minutes: minutes.clamp(-6000, 6000) as i16 }
}

/// Entries of a tree: kind, name, object. Stops with an error at the first that is not one.
pub(crate) struct Entries<'b> {
    rest: &'b [u8],
}

impl<'b> Entries<'b> {
    pub(crate) fn of(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'b> Iterator for Entries<'b> {
    type Item = Result<(Kind, &'b [u8], Oid), ()>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match entry(self.rest) {
            Some((kind, name, id, rest)) => {
                self.rest = rest;
                Some(Ok((kind, name, id)))
            }
            None => {
                self.rest = &[];
                Some(Err(()))
            }
        }
    }
}

fn entry(bytes: &[u8]) -> Option<(Kind, &[u8], Oid, &[u8])> {
    let space = bytes.iter().take(8).position(|byte| *byte == b' ')?;
    let mut mode = 0u32;
    for digit in &bytes[..space] {
        mode = mode * 8 + u32::from(digit.checked_sub(b'0').filter(|digit| *digit < 8)?);
    }
    let rest = &bytes[space + 1..];
    let end = rest.iter().position(|byte| *byte == 0)?;
    let name = &rest[..end];
    let id = rest.get(end + 1..end + 21)?;
    (!name.is_empty() && space > 0).then_some(())?;
    Some((Kind::of_mode(mode), name, Oid::from_bytes(id).ok()?, &rest[end + 21..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_commit_has_its_header() {
        let text = format!(
            "tree {ID}\nparent {ID}\nparent {ID}\nauthor A > B <a@b> 1700000000 +0130\ncommitter C <c> 1700000001 -0800\n\nHi\n"
        );
        let header = commit(text.as_bytes()).unwrap();
        assert_eq!(header.parents.len(), 2);
        assert_eq!(header.author_time, Time { seconds: 1_700_000_000, offset_minutes: 90 });
        assert_eq!(header.time, Time { seconds: 1_700_000_001, offset_minutes: -480 });
        for broken in ["", "tree 12\n", "tree x", &text[..60], &text.replace("committer", "commit")] {
            assert_eq!(commit(broken.as_bytes()), None, "{broken}");
        }
        let timeless = text.replace("1700000000", "never");
        assert_eq!(commit(timeless.as_bytes()).unwrap().author_time.seconds, 0);
    }

    #[test]
    fn a_tree_has_its_entries() {
        let mut bytes = Vec::new();
        for (mode, name) in [("100755", "a"), ("120000", "b c"), ("160000", "d"), ("40000", "e")] {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend_from_slice(&[7; 20]);
        }
        let kinds: Vec<Kind> = Entries::of(&bytes).map(|entry| entry.unwrap().0).collect();
        assert_eq!(kinds, [Kind::File, Kind::Link, Kind::Module, Kind::Folder]);
        for cut in 1..bytes.len() {
            let whole = cut % 28 == 0 || Entries::of(&bytes[..cut]).all(|entry| entry.is_ok());
            let entries = Entries::of(&bytes[..cut]).filter(|entry| entry.is_ok()).count();
            assert!(entries <= 4 && (whole || Entries::of(&bytes[..cut]).any(|entry| entry.is_err())));
        }
        assert!(Entries::of(b"100644 \0aaaaaaaaaaaaaaaaaaaa").next().unwrap().is_err());
        assert!(Entries::of(b"900644 a\0aaaaaaaaaaaaaaaaaaaa").next().unwrap().is_err());
        assert_eq!(Kind::of_mode(0o644), Kind::File);
    }
}
