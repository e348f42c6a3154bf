//! What a licence asks, and what is owed here.

use crate::{LicenseId, Location, ModelId};

/// A duty that a licence lays on those who pass a work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are spelled out in Duty::name and Duty::sentence")]
pub enum Duty {
    IncludeLicenseText,
    KeepCopyrightNotice,
    KeepNoticeFile,
    PrescribedNoticeLine,
    StateChanges,
    PassOnUseRestrictions,
    IncludeUsePolicy,
    DisplayPhrase,
    NamePrefix,
    SameLicense,
    NonCommercial,
    ScaleThreshold,
    TerritorialExclusion,
    OutputUseRestriction,
    DiscloseSource,
}

/// Duty, its name in data and reports, and what it asks in a few words.
const DUTIES: &[(Duty, &str, &str)] = &[
    (Duty::IncludeLicenseText, "include-license-text", "include the text of the licence"),
    (Duty::KeepCopyrightNotice, "keep-copyright-notice", "keep the copyright notice"),
    (Duty::KeepNoticeFile, "keep-notice-file", "carry on the NOTICE file, if the work came with one"),
    (
        Duty::PrescribedNoticeLine,
        "prescribed-notice-line",
        "carry the notice line that the licence prescribes",
    ),
    (Duty::StateChanges, "state-changes", "say in modified files that they were changed"),
    (Duty::PassOnUseRestrictions, "pass-on-use-restrictions", "pass on the use restrictions"),
    (Duty::IncludeUsePolicy, "include-use-policy", "include the use policy"),
    (Duty::DisplayPhrase, "display-phrase", "display the phrase that the licence prescribes"),
    (Duty::NamePrefix, "name-prefix", "begin the model's name as the licence prescribes"),
    (Duty::SameLicense, "same-license", "pass the work on under the same licence"),
    (Duty::NonCommercial, "non-commercial", "do not use it commercially"),
    (
        Duty::ScaleThreshold,
        "scale-threshold",
        "ask for a licence above a number of users or an amount of revenue",
    ),
    (Duty::TerritorialExclusion, "territorial-exclusion", "do not use it in the excluded territories"),
    (
        Duty::OutputUseRestriction,
        "output-use-restriction",
        "do not train other models on its outputs, except as allowed",
    ),
    (Duty::DiscloseSource, "disclose-source", "offer the source"),
];

impl Duty {
    /// All duties, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        DUTIES.iter().map(|(duty, ..)| *duty)
    }

    /// The name used in `terms.toml` and in reports.
    pub fn name(self) -> &'static str {
        DUTIES[self as usize].1
    }

    /// What the duty asks, for people: "keep the copyright notice".
    pub fn sentence(self) -> &'static str {
        DUTIES[self as usize].2
    }

    /// The duty of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        DUTIES.iter().find(|(_, known, _)| *known == name).map(|(duty, ..)| *duty)
    }
}

/// To which part of a release a licence applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Artefact {
    /// Weights and whatever comes with them.
    Weights,
    /// Code only.
    Code,
}

/// Whether a duty is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Done, and the report shows by which bytes.
    Met,
    /// Not done.
    Unmet,
    /// It could not be told.
    Unknown,
}

impl Answer {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::Unknown => "unknown",
        }
    }
}

/// To whom a duty is owed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Creditor {
    /// An ancestor: the hop of the lineage and the candidates of it under whose licence the duty arises.
    Ancestor {
        /// Index into [`Lineage::hops`](crate::lineage::Lineage::hops).
        hop: usize,
        /// The candidates to which this duty is owed if they are the base.
        candidates: Vec<ModelId>,
    },
    /// Nobody else: the repository's own declared licence asks those who pass it on for it, so recipients need it.
    Own,
}

/// One duty of one licence that applies to this repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Obligation {
    /// To whom.
    pub creditor: Creditor,
    /// The licence.
    pub license: LicenseId,
    /// To which part of the release.
    pub artefact: Artefact,
    /// The clause, as the licence numbers it.
    pub clause: String,
    /// What is to be done.
    pub duty: Duty,
    /// What exactly is to be kept: the owner's line, the prescribed sentence. Empty where the duty says all.
    pub subject: String,
    /// Whether it is owed for certain, or only if the base is one of the candidates named.
    pub certain: bool,
    /// Whether it is done.
    pub answer: Answer,
    /// The bytes that do it, best first; empty unless met.
    pub satisfied_by: Vec<Location>,
    /// Why, one sentence without a full stop.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_enum() {
        for (index, (duty, name, _)) in DUTIES.iter().enumerate() {
            assert_eq!(*duty as usize, index);
            assert_eq!(Duty::from_name(name), Some(*duty));
        }
    }
}
