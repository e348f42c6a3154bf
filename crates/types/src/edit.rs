//! Changes that mend a finding, as values: rules attach them, the binary carries them out.
//!
//! An edit says what is to be there afterwards. How a file is found, changed and written is for whoever carries it out.

use crate::{LicenseId, RepoPath};

/// How far edits may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Files are added, and keys that are not there to front matter. Nothing that somebody wrote is changed.
    Safe,
    /// Files that are there may get lines as well.
    All,
}

/// A key of a model card's front matter that forebear can fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the keys are those of the Hub's model card specification")]
pub enum CardKey {
    License,
    LicenseName,
    LicenseLink,
    BaseModel,
    BaseModelRelation,
}

impl CardKey {
    /// The key as it stands in the front matter.
    pub fn name(self) -> &'static str {
        match self {
            Self::License => "license",
            Self::LicenseName => "license_name",
            Self::LicenseLink => "license_link",
            Self::BaseModel => "base_model",
            Self::BaseModelRelation => "base_model_relation",
        }
    }
}

/// A key with its values: one stands behind the key, several as a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declaration {
    /// The key.
    pub key: CardKey,
    /// Its values. Never empty.
    pub values: Vec<String>,
}

impl Declaration {
    /// A key with one value.
    pub fn one(key: CardKey, value: impl Into<String>) -> Self {
        Self { key, values: vec![value.into()] }
    }
}

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edit {
    /// The attribution notice for the whole chain stands in the repository, as `forebear notice` makes it.
    WriteNotice,
    /// A file of its own holds the text of the repository's own licence, which is one of the SPDX list.
    AddLicenseFile {
        /// Which licence.
        license: LicenseId,
    },
    /// The front matter of the main card has these keys; a card is made where there is none.
    Declare(Vec<Declaration>),
    /// A file of the local copy of the base stands here, byte for byte.
    CopyFromUpstream {
        /// The file in the copy.
        from: RepoPath,
        /// Where it goes.
        to: RepoPath,
    },
    /// The main card says this, in a paragraph of its own at its end.
    AppendToCard {
        /// The paragraph.
        words: String,
    },
    /// A legal file has these owners' lines above the text of the licence that they belong to.
    InsertCopyright {
        /// The file.
        path: RepoPath,
        /// The licence whose text it holds.
        license: LicenseId,
        /// The lines, as upstream writes them.
        lines: Vec<String>,
    },
    /// A legal file that holds a part of a text of the SPDX list holds all of it.
    CompleteText {
        /// The file.
        path: RepoPath,
        /// The licence.
        license: LicenseId,
    },
}

impl Edit {
    /// How far one has to be allowed to go to make it.
    pub fn reach(&self) -> Reach {
        match self {
            Self::WriteNotice
            | Self::AddLicenseFile { .. }
            | Self::Declare(_)
            | Self::CopyFromUpstream { .. } => Reach::Safe,
            Self::AppendToCard { .. } | Self::InsertCopyright { .. } | Self::CompleteText { .. } => {
                Reach::All
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_a_file_that_is_there_is_not_safe() {
        let path = RepoPath::new("LICENSE").unwrap();
        let license = LicenseId::from("MIT");
        assert_eq!(Edit::CompleteText { path, license }.reach(), Reach::All);
        assert_eq!(Edit::WriteNotice.reach(), Reach::Safe);
        assert!(Reach::Safe < Reach::All);
    }
}
