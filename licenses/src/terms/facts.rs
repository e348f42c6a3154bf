//! What a licence withholds, and other facts of it that are no duties.

use forebear_types::LicenseId;
use serde::{Deserialize, Deserializer};

use super::vocabulary::{
    Commercial, Effect, Hosting, Litigation, OutputRights, Patents, PolicyKind, Redistribution, Relicensing,
    Termination, TrainModels,
};

/// What a licence gives or withholds: the facts by which two licences are compared. `None` means that nothing was
/// recorded, never "no".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Withholds {
    /// Commercial use.
    pub commercial_use: Option<Fact<Commercial>>,
    /// The choice of terms for what is made from the work.
    pub relicensing: Option<Fact<Relicensing>>,
    /// Territories.
    pub territory: Option<ExcludedTerritory>,
    /// Large users.
    pub scale: Option<Fact<Effect>>,
    /// The use of outputs.
    pub outputs: Option<OutputFact>,
    /// Passing the work on.
    pub redistribution: Option<Fact<Redistribution>>,
    /// Some uses.
    pub uses: Option<UseFact>,
}

/// Other facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// Offering the work as a service.
    pub hosting: Option<Fact<Hosting>>,
    /// Patents.
    pub patents: Option<Fact<Patents>>,
    /// Lawsuits that end the licence.
    pub litigation: Option<Fact<Litigation>>,
    /// How the licence ends.
    pub termination: Option<Fact<Termination>>,
}

/// A fact with the place where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact<T> {
    /// What the licence says.
    pub says: T,
    /// The clause, as the licence numbers it.
    pub clause: String,
    /// A few words of the licence by which the clause is found.
    pub cue: String,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// Territories for which there is no licence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludedTerritory {
    /// `EU`, `UK`, `KR`, `US`.
    pub excludes: Vec<String>,
    /// The text in which the clause stands, if it is not the licence itself.
    #[serde(default, deserialize_with = "optional_id")]
    pub in_text: Option<LicenseId>,
    /// The clause.
    pub clause: String,
    /// Words by which it is found.
    pub cue: String,
}

/// What is said of outputs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFact {
    /// Whether they may train other models.
    pub train_models: TrainModels,
    /// Who has which rights in them.
    pub rights: OutputRights,
    /// The clause.
    pub clause: String,
    /// Words by which it is found.
    pub cue: String,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// Uses that are forbidden.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseFact {
    /// Where they are listed.
    pub says: PolicyKind,
    /// The attachment's name.
    pub attachment: Option<String>,
    /// The policy's id, if its text is known.
    #[serde(default, deserialize_with = "optional_id")]
    pub policy: Option<LicenseId>,
    /// Where the policy is published, without scheme.
    pub url: Option<String>,
    /// The clause.
    pub clause: String,
    /// Words by which it is found.
    pub cue: String,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// Something else that the licence asks or says, in words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Further {
    /// What.
    pub what: String,
    /// The clause.
    pub clause: String,
    /// Words by which it is found.
    pub cue: String,
}

/// What differs from the version before, or from a sibling.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The id of the other licence.
    #[serde(deserialize_with = "id")]
    pub from: LicenseId,
    /// What differs.
    pub what: String,
    /// The clause of this licence, or of the other where this one has none.
    pub clause: Option<String>,
    /// Words of this licence by which the clause is found; none where something was dropped.
    pub cue: Option<String>,
}

/// An id; the types of the vocabulary crate know no data format.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LicenseId, D::Error> {
    String::deserialize(deserializer).map(LicenseId::new)
}

/// An id that may be missing.
pub(super) fn optional_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<LicenseId>, D::Error> {
    id(deserializer).map(Some)
}
