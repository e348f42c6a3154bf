//! What exactly a duty asks: one form for each kind of duty, so that no duty carries what belongs to another.

use forebear_types::LicenseId;
use forebear_types::obligation::Duty;
use serde::Deserialize;

use super::facts::optional_id;
use super::vocabulary::{
    Accepts, Commercial, Effect, FlowDown, LinePlace, Metric, OutputRights, PolicyKind, Reach, TrainModels,
    Unit,
};

/// What is asked, by kind of duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A copy of the licence goes with the work.
    LicenseText(LicenseText),
    /// Copyright and attribution notices are kept.
    CopyrightNotice,
    /// A notice file is carried on.
    NoticeFile(NoticeFile),
    /// A prescribed line goes with the work.
    NoticeLine(NoticeLine),
    /// Changes are stated.
    StateChanges,
    /// Restrictions of use are passed on.
    PassOnRestrictions(UsePolicy),
    /// A use policy goes with the work.
    IncludePolicy(UsePolicy),
    /// A phrase is displayed.
    Display(Display),
    /// The model's name begins with or contains a word.
    Name(NameRule),
    /// What is made from the work stays under its terms.
    SameLicense(SameLicense),
    /// Commercial use is withheld.
    NonCommercial(NonCommercial),
    /// Something happens above a size.
    Threshold(Threshold),
    /// Territories are excluded.
    Territory(Territory),
    /// The use of outputs is limited.
    Outputs(OutputUse),
    /// The source is offered.
    DiscloseSource,
}

impl Ask {
    /// The kind of duty.
    pub fn duty(&self) -> Duty {
        match self {
            Self::LicenseText(_) => Duty::IncludeLicenseText,
            Self::CopyrightNotice => Duty::KeepCopyrightNotice,
            Self::NoticeFile(_) => Duty::KeepNoticeFile,
            Self::NoticeLine(_) => Duty::PrescribedNoticeLine,
            Self::StateChanges => Duty::StateChanges,
            Self::PassOnRestrictions(_) => Duty::PassOnUseRestrictions,
            Self::IncludePolicy(_) => Duty::IncludeUsePolicy,
            Self::Display(_) => Duty::DisplayPhrase,
            Self::Name(_) => Duty::NamePrefix,
            Self::SameLicense(_) => Duty::SameLicense,
            Self::NonCommercial(_) => Duty::NonCommercial,
            Self::Threshold(_) => Duty::ScaleThreshold,
            Self::Territory(_) => Duty::TerritorialExclusion,
            Self::Outputs(_) => Duty::OutputUseRestriction,
            Self::DiscloseSource => Duty::DiscloseSource,
        }
    }

    /// The words that the licence prescribes, where it prescribes any: a line, a phrase, a part of a name.
    pub fn prescribed(&self) -> Option<&str> {
        match self {
            Self::NoticeLine(ask) => Some(&ask.line),
            Self::Display(ask) => match &ask.phrase {
                Phrase::Words(words) => Some(words),
                Phrase::AnyOf(words) => words.first().map(String::as_str),
                Phrase::Described(_) => None,
            },
            Self::Name(NameRule::BeginsWith(word) | NameRule::Contains(word)) => Some(word),
            _ => None,
        }
    }
}

/// How the licence has to be included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseText {
    /// The text only, or a link as well.
    #[serde(default = "text_only")]
    pub accepts: Accepts,
    /// Addresses under which the text is known, without scheme.
    #[serde(default)]
    pub links: Vec<String>,
}

fn text_only() -> Accepts {
    Accepts::Text
}

/// A notice file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeFile {
    /// How the licence calls it.
    pub file: String,
}

/// A line that the licence prescribes word for word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeLine {
    /// The words.
    pub line: String,
    /// Where they have to stand.
    #[serde(rename = "where")]
    pub place: LinePlace,
    /// How the licence calls the file, if it names one.
    pub file: Option<String>,
    /// The parts of the line that are to be filled in.
    #[serde(default)]
    pub blanks: Vec<String>,
}

/// Restrictions of use, and how they have to reach the next recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsePolicy {
    /// Where they are written.
    pub kind: PolicyKind,
    /// The attachment's name.
    pub attachment: Option<String>,
    /// The policy's id, if its text is known.
    pub policy: Option<LicenseId>,
    /// Where the policy is published, without scheme.
    pub url: Option<String>,
    /// How they have to be passed on.
    pub flow_down: FlowDown,
}

/// Something to display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// What.
    pub phrase: Phrase,
    /// Where, in the words of the licence.
    pub place: Option<String>,
    /// Whether it is required; else it is only asked for.
    pub must: bool,
    /// The parts of the phrase that are to be filled in.
    pub blanks: Vec<String>,
}

/// What is displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// These words.
    Words(String),
    /// One of these.
    AnyOf(Vec<String>),
    /// What this describes; the licence fixes no words.
    Described(String),
}

/// What the model's name has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// This at its beginning.
    BeginsWith(String),
    /// This somewhere.
    Contains(String),
}

/// Share-alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameLicense {
    /// How much stays under the same terms.
    pub reach: Reach,
}

/// A limit of commercial use.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonCommercial {
    /// What is withheld.
    pub kind: Commercial,
}

/// A size above which something else applies.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// What is counted.
    pub metric: Metric,
    /// Above which number.
    pub over: u64,
    /// In what it is counted.
    pub unit: Unit,
    /// Whether the number itself is above the threshold ("at least").
    #[serde(default)]
    pub inclusive: bool,
    /// What applies then.
    pub effect: Effect,
    /// When and over whom it is counted.
    pub as_of: Option<String>,
}

/// Territories for which there is no licence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// `EU`, `UK`, `KR`, `US`.
    pub excludes: Vec<String>,
    /// What is excluded there.
    pub scope: String,
    /// The text in which the clause stands, if it is not the licence itself.
    #[serde(default, deserialize_with = "optional_id")]
    pub in_text: Option<LicenseId>,
}

/// A limit of the use of outputs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputUse {
    /// Whether they may train other models.
    pub train_models: TrainModels,
    /// Who has which rights in them.
    pub rights: OutputRights,
}
