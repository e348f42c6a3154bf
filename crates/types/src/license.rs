//! What licence recognition says about a text.
//!
//! A licence *named* and a licence *text present* are different facts: [`LicenseMatch`] is a text that is there,
//! [`NamedLicense`] is a mention.

use crate::{LicenseId, LineSpan};

/// Everything recognised in one text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recognition {
    /// Licence texts found, in order of their first line.
    pub licenses: Vec<LicenseMatch>,
    /// Copyright lines, verbatim, in order of their line.
    pub copyright: Vec<CopyrightLine>,
    /// Licences that are named without their text (`SPDX-License-Identifier: MIT`, "licensed under Apache-2.0").
    pub named: Vec<NamedLicense>,
    /// Runs of legal-looking lines that no known text explains: another licence, or terms that were added.
    pub unrecognised: Vec<LineSpan>,
}

impl Recognition {
    /// The best match of one licence: complete before altered before incomplete, then by coverage.
    pub fn best(&self, id: &LicenseId) -> Option<&LicenseMatch> {
        self.licenses
            .iter()
            .filter(|found| found.id == *id)
            .max_by_key(|found| (std::cmp::Reverse(found.status.rank()), found.coverage))
    }
}

/// One licence text found in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LicenseMatch {
    /// Which licence.
    pub id: LicenseId,
    /// How much of the licence's words are there, in order.
    pub coverage: Coverage,
    /// What kind of match it is.
    pub status: MatchStatus,
    /// The lines that hold the text.
    pub lines: LineSpan,
}

impl LicenseMatch {
    /// Whether operative words differ from the known text.
    pub fn altered(&self) -> bool {
        matches!(self.status, MatchStatus::Altered { .. })
    }

    /// Whether the whole licence is there, word for word up to harmless differences.
    pub fn whole(&self) -> bool {
        matches!(self.status, MatchStatus::Exact | MatchStatus::Complete)
    }
}

/// The share of a licence's words that were found in order, in thousandths (0 to 1000).
///
/// Whole numbers keep the order total and the output equal on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coverage(u16);

impl Coverage {
    /// All words found.
    pub const FULL: Self = Self(1000);

    /// `found` of `all` words, rounded down, so that only a full text reads as 1.
    pub fn of(found: usize, all: usize) -> Self {
        let thousandths = (found.min(all) * 1000).checked_div(all).unwrap_or(0);
        Self(thousandths as u16)
    }

    /// Thousandths, 0 to 1000.
    pub fn thousandths(self) -> u16 {
        self.0
    }

    /// The share, 0.0 to 1.0.
    pub fn ratio(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

/// How a text compares with the known text of the licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchStatus {
    /// The same words, nothing else in the file but copyright lines and white space.
    Exact,
    /// All operative words; only harmless differences (optional parts, spelling variants, list markers), or other
    /// text around it.
    Complete,
    /// Operative words were added, removed or replaced inside the text.
    Altered {
        /// What differs, in order of the line.
        changes: Vec<Change>,
    },
    /// Only a part of the text is there.
    Incomplete {
        /// The opening words of each missing part, at most 12 words each.
        missing: Vec<String>,
    },
}

impl MatchStatus {
    /// `exact`, `complete`, `altered` or `incomplete`, as in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Complete => "complete",
            Self::Altered { .. } => "altered",
            Self::Incomplete { .. } => "incomplete",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Exact => 0,
            Self::Complete => 1,
            Self::Altered { .. } => 2,
            Self::Incomplete { .. } => 3,
        }
    }
}

/// One operative difference from the known text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// Line of the examined file where it is, or before which words are missing.
    pub line: u32,
    /// The words of the known text that are not there; empty for an addition. At most 24 words.
    pub expected: String,
    /// The words that stand there instead; empty for a removal. At most 24 words.
    pub found: String,
}

/// A copyright line as it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyrightLine {
    /// The line, verbatim, without surrounding white space and comment leaders.
    pub text: String,
    /// Who holds the copyright, as far as the line says: `DeepSeek`.
    pub holder: Option<String>,
    /// The years, as written: `2023`, `2019-2024`.
    pub years: Option<String>,
    /// Line number, from 1.
    pub line: u32,
}

/// A licence that is named without its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedLicense {
    /// Which licence.
    pub id: LicenseId,
    /// Line of the mention, from 1.
    pub line: u32,
    /// Whether the name stands for the text: the words put something under the licence ("licensed under …", a tag, a line of its
    /// own), and the text has no terms besides, neither those of a known licence (an exception to one apart) nor long unknown
    /// ones.
    pub stands_alone: bool,
}

/// A copyright line in words, folded so that lines of the same owner compare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeWords {
    /// The words that name the holder.
    pub holder: Vec<String>,
    /// Its years, each by itself.
    pub years: Vec<String>,
}

impl NoticeWords {
    /// The words of a line.
    pub fn of(line: &str) -> Self {
        let mut words = Self::default();
        let folded = line.to_lowercase();
        for word in
            folded.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
        {
            match word {
                // What varies between equal notices: the mark, "all rights reserved", legal forms' dots.
                "copyright" | "c" | "all" | "rights" | "reserved" | "by" | "the" => {}
                _ if word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                    words.years.push(word.to_owned());
                }
                _ => words.holder.push(word.to_owned()),
            }
        }
        words
    }

    /// Whether the holder of `wanted` stands in this line as consecutive words. A line without a holder is in none.
    pub fn names(&self, wanted: &Self) -> bool {
        !wanted.holder.is_empty()
            && self.holder.windows(wanted.holder.len()).any(|window| window == wanted.holder)
    }

    /// Whether all years of `wanted` stand in this line.
    pub fn has_years(&self, wanted: &Self) -> bool {
        wanted.years.iter().all(|year| self.years.contains(year))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_text_has_full_coverage() {
        assert_eq!(Coverage::of(9999, 10_000).thousandths(), 999);
        assert_eq!(Coverage::of(7, 7), Coverage::FULL);
        assert_eq!(Coverage::of(1, 0), Coverage::default());
    }

    fn same_owner(one: &str, two: &str) -> bool {
        NoticeWords::of(one).names(&NoticeWords::of(two))
    }

    #[test]
    fn owner_lines_compare_by_holder() {
        assert!(same_owner("Copyright (c) 2023 DeepSeek", "Copyright © 2023 DeepSeek."));
        assert!(same_owner("(C) 2023-2025 DeepSeek. All rights reserved", "Copyright (c) 2023 DeepSeek"));
        assert!(!same_owner("Copyright (c) 2026 Deep Seekers", "Copyright (c) 2023 DeepSeek"));
        assert!(!same_owner("Copyright (c) 2026 Kaguya AI", "Copyright (c) 2023 DeepSeek"));
        assert!(same_owner("Copyright 2024 Alibaba Cloud, Inc.", "Copyright 2024 Alibaba Cloud"));
    }

    #[test]
    fn years_are_kept_apart_from_the_holder() {
        let words = NoticeWords::of("Copyright (c) 2019, 2023 The DeepSeek Team");
        assert_eq!(words.years, ["2019", "2023"]);
        assert_eq!(words.holder, ["deepseek", "team"]);
    }
}
