//! Revisions, ranges and dates of the command line.

use forebear_types::{RepoPath, Time};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::Error;

/// What `--rev` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    /// One commit.
    One(String),
    /// What `to` reaches and `after` does not.
    Range {
        /// `A` of `A..B`.
        after: String,
        /// `B` of `A..B`.
        to: String,
    },
}

/// Reads the argument of `--rev`: a revision, or a range as git writes it, where a side that is left out is HEAD.
///
/// # Errors
/// If it is a range of another kind.
pub(crate) fn revision(text: &str) -> Result<Revision, Error> {
    // A search for a commit message may hold dots.
    let search = text.starts_with(":/") || text.contains("^{/");
    let Some((after, to)) = text.split_once("..").filter(|_| !search) else {
        return Ok(Revision::One(text.to_owned()));
    };
    let wrong = |message: String, help: &str| Error::Argument { message, help: help.to_owned() };
    if to.starts_with('.') {
        return Err(wrong(
            format!("`{text}` is no range with a beginning and an end"),
            "write --rev A..B: what B reaches and A does not",
        ));
    }
    if to.contains("..") {
        return Err(wrong(format!("`{text}` has more than two ends"), "write --rev A..B"));
    }
    if after.is_empty() && to.is_empty() {
        return Err(wrong("`..` names no commit".to_owned(), "write --rev A..B, or A.. for A..HEAD"));
    }
    let or_head = |side: &str| if side.is_empty() { "HEAD" } else { side }.to_owned();
    Ok(Revision::Range { after: or_head(after), to: or_head(to) })
}

/// The one commit of `--rev`, for commands that look at no range.
///
/// # Errors
/// If it is a range.
pub(crate) fn one(text: &str) -> Result<String, Error> {
    match revision(text)? {
        Revision::One(one) => Ok(one),
        Revision::Range { to, .. } => Err(Error::Argument {
            message: format!("`{text}` is a range, and this command looks at one commit"),
            help: format!("write --rev {to}; `forebear check` and `forebear history` take ranges"),
        }),
    }
}

/// The first moment of `--since`.
///
/// # Errors
/// If it is neither a day nor a moment.
pub(crate) fn since(text: &str) -> Result<Time, Error> {
    moment(text, "--since").map(|(first, _)| first)
}

/// The last moment of `--until`: of a day its last second.
///
/// # Errors
/// If it is neither a day nor a moment.
pub(crate) fn until(text: &str) -> Result<Time, Error> {
    moment(text, "--until").map(|(_, last)| last)
}

/// First and last second of a day in UTC, or a moment twice.
fn moment(text: &str, option: &str) -> Result<(Time, Time), Error> {
    const SECONDS: i64 = 24 * 60 * 60;
    let trimmed = text.trim();
    if let Ok(moment) = trimmed.parse::<Timestamp>() {
        let moment = Time::utc(moment.as_second());
        return Ok((moment, moment));
    }
    // The parser takes other forms of ISO 8601; one that people can compare at sight is enough.
    let day = trimmed.parse::<Date>().ok().filter(|day| day.to_string() == trimmed);
    let midnight = |day: Date| day.at(0, 0, 0, 0);
    let first = day.and_then(|day| jiff::tz::Offset::UTC.to_timestamp(midnight(day)).ok());
    match first {
        Some(first) => {
            let first = first.as_second();
            Ok((Time::utc(first), Time::utc(first + SECONDS - 1)))
        }
        None => Err(Error::Argument {
            message: format!("`{text}` is no date"),
            help: format!(
                "write a day, {option} 2026-01-31, or a moment with its offset, {option} 2026-01-31T12:00:00Z"
            ),
        }),
    }
}

/// A file or folder of `--path`, as the report names it.
///
/// # Errors
/// If it leads out of what is examined.
pub(crate) fn path(text: &str) -> Result<RepoPath, Error> {
    let trimmed = text.trim_start_matches("./").trim_end_matches('/');
    if trimmed.is_empty() || trimmed == "." {
        return Ok(RepoPath::root());
    }
    RepoPath::new(trimmed).map_err(|cause| Error::Argument {
        message: format!("`{text}` is no path in the repository: {cause}"),
        help: "write --path as the report does, from the folder that is examined: --path LICENSE, --path licenses"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(after: &str, to: &str) -> Revision {
        Revision::Range { after: after.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn ranges_are_read_as_git_reads_them() {
        for (text, expected) in [
            ("HEAD~3", Revision::One("HEAD~3".into())),
            ("main..topic", range("main", "topic")),
            ("main..", range("main", "HEAD")),
            ("..topic", range("HEAD", "topic")),
            (":/fix a..b", Revision::One(":/fix a..b".into())),
            ("HEAD^{/a..b}", Revision::One("HEAD^{/a..b}".into())),
        ] {
            assert_eq!(revision(text).unwrap(), expected, "{text}");
        }
        for text in ["a...b", "a..b..c", "..", "..."] {
            assert!(matches!(revision(text), Err(Error::Argument { .. })), "{text}");
        }
        assert_eq!(one("HEAD").unwrap(), "HEAD");
        assert!(one("a..b").is_err());
    }

    #[test]
    fn a_day_is_a_day_from_its_first_to_its_last_second() {
        assert_eq!(since("2026-01-31").unwrap().to_string(), "2026-01-31T00:00:00Z");
        assert_eq!(until("2026-01-31").unwrap().to_string(), "2026-01-31T23:59:59Z");
        for option in [since, until] {
            assert_eq!(option("2026-01-31T12:00:00+09:00").unwrap().to_string(), "2026-01-31T03:00:00Z");
            for wrong in ["yesterday", "2026-02-30", "20260131", "2026-01-31T12:00:00", "", "2026"] {
                assert!(option(wrong).is_err(), "{wrong}");
            }
        }
    }

    #[test]
    fn paths_stay_inside() {
        assert_eq!(path("licenses/").unwrap(), RepoPath::new("licenses").unwrap());
        assert_eq!(path("./LICENSE").unwrap(), RepoPath::new("LICENSE").unwrap());
        assert_eq!(path(".").unwrap(), RepoPath::root());
        assert!(path("../other").is_err() && path("/etc").is_err());
    }
}
