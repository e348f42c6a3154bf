//! One legal file by itself: a file named on the command line, or standard input.
//!
//! It goes through the same reader as the legal files of a repository, so that both are judged alike.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use forebear_licenses::Content;
use forebear_types::fact::{FactKind, LegalRole, Problem, ProblemKind, Reading};
use forebear_types::license::Recognition;
use forebear_types::{RepoPath, Snapshot};

use crate::formats::{self, Interest};
use crate::source::unreadable;

const INTEREST: Interest = Interest::LegalFile(LegalRole::License);

/// What one file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Single {
    /// What its text is; nothing where it was not examined.
    pub recognition: Recognition,
    /// What its bytes are; `None` where they could not be read.
    pub content: Option<Content>,
    /// What could not be examined. The paths are empty: the caller knows the name.
    pub problems: Vec<Problem>,
}

/// A name on the command line that is not that of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFile {
    /// There is nothing.
    Missing,
    /// A link that leads nowhere or in a circle.
    DanglingLink,
    /// A folder.
    Folder,
}

impl NoFile {
    /// What is wrong, one sentence without a full stop.
    pub fn what(self) -> &'static str {
        match self {
            Self::Missing => "there is no such file",
            Self::DanglingLink => "this link leads nowhere",
            Self::Folder => "this is a folder",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Missing => "check the name; it is taken from the folder you are in",
            Self::DanglingLink => "name the file itself, or mend the link",
            Self::Folder => "name its files, or check the whole folder with `forebear check`",
        }
    }
}

/// Reads a file. A pipe, socket or device is never opened, since that could wait for ever; links are followed.
///
/// # Errors
/// If the path is not that of a file. What is wrong with a file that is there is a problem in the answer.
pub fn file(path: &Path) -> Result<Single, NoFile> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(_) if fs::symlink_metadata(path).is_ok_and(|link| link.is_symlink()) => {
            return Err(NoFile::DanglingLink);
        }
        Err(cause) => {
            return match cause.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Err(NoFile::Missing),
                _ => Ok(Single::unread(cause)),
            };
        }
    };
    if metadata.is_dir() {
        return Err(NoFile::Folder);
    }
    if !metadata.is_file() {
        let mut single = Single::default();
        single.problems.push(problem(
            ProblemKind::Unreadable,
            "this is a pipe, socket or device: it is not opened".to_owned(),
            "name a plain file, or send the text to standard input",
        ));
        return Ok(single);
    }
    Ok(match File::open(path) {
        Ok(mut file) => stream(&mut file, Some(metadata.len())),
        Err(cause) => Single::unread(cause),
    })
}

/// Reads a stream, of which the size may be known.
pub fn stream(stream: &mut dyn Read, size: Option<u64>) -> Single {
    let limit = formats::budget(INTEREST);
    let mut bytes = Vec::new();
    if let Err(cause) = stream.take(limit + 1).read_to_end(&mut bytes) {
        return Single::unread(cause);
    }
    let mut cut = None;
    if bytes.len() as u64 > limit {
        bytes.truncate(limit as usize);
        let whole = size.map_or_else(|| format!("more than {limit} bytes"), |size| format!("{size} bytes"));
        cut = Some(problem(
            ProblemKind::Oversized,
            format!("the file has {whole}: only the first {limit} are examined"),
            "split the file, or check the rest by hand",
        ));
    }
    let file = formats::File {
        path: &RepoPath::root(),
        bytes: &bytes,
        size: bytes.len() as u64,
        blob: None,
        snapshot: &Snapshot::WorkTree,
    };
    let Reading { facts, mut problems } = formats::read(file, INTEREST);
    problems.extend(cut);
    problems.sort();
    let recognition = facts.into_iter().find_map(|fact| match fact.kind {
        FactKind::LegalFile(legal) => Some(legal.recognition),
        _ => None,
    });
    let content = Some(forebear_licenses::decode(&bytes).content);
    Single { recognition: recognition.unwrap_or_default(), content, problems }
}

impl Single {
    fn unread(cause: io::Error) -> Self {
        Self { problems: vec![unreadable(&RepoPath::root(), cause)], ..Self::default() }
    }
}

fn problem(kind: ProblemKind, what: String, remedy: &str) -> Problem {
    Problem { path: RepoPath::root(), line: None, kind, what, remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Single {
        let mut rest = bytes;
        stream(&mut rest, None)
    }

    #[test]
    fn a_text_is_recognised_and_a_document_is_not_examined() {
        let mit = forebear_testkit::spdx_text("MIT", &["Copyright (c) 2024 Kaguya"]);
        let single = read(mit.as_bytes());
        assert_eq!(single.recognition.licenses[0].id.as_str(), "MIT");
        assert!(single.problems.is_empty());
        for bytes in [&b"%PDF-1.7\n"[..], b"{\\rtf1 MIT License}", b"\x7fELF\0\0\0", b""] {
            let single = read(bytes);
            assert_eq!(single.problems.len(), 1, "{bytes:?}");
            assert_eq!(single.recognition, Recognition::default());
        }
    }

    #[test]
    fn of_a_long_file_the_beginning_is_examined_and_that_is_said() {
        let mit = forebear_testkit::spdx_text("MIT", &["Copyright (c) 2024 Kaguya"]);
        let single = read(format!("{mit}\n{}", "x ".repeat(1 << 20)).as_bytes());
        assert_eq!(single.recognition.licenses[0].id.as_str(), "MIT");
        assert_eq!(single.problems[0].kind, ProblemKind::Oversized);
    }
}
