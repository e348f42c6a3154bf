//! What `forebear explain FINGERPRINT` is made of: the chain from bytes to verdict. The binary fills it, from a run or from a JSON
//! report; text writes it.

use forebear_types::RepoPath;
use forebear_types::finding::Finding;
use forebear_types::license::Recognition;
use forebear_types::lineage::Hop;
use forebear_types::obligation::Obligation;

/// The account of one finding.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// What is accounted for.
    pub finding: &'a Finding,
    /// When its rule fires, in one line.
    pub fires: &'static str,
    /// The steps of the lineage that it rests on.
    pub steps: Vec<&'a Hop>,
    /// Under which licences the ancestors were and are, with the days.
    pub periods: Vec<String>,
    /// By when the base was copied, where that is known.
    pub copied: Option<String>,
    /// The duty that it judges.
    pub owed: Option<&'a Obligation>,
    /// What the licence says of that duty; `None` where no table has it.
    pub law: Option<Law>,
    /// The documents in which the duty could have been met, with what they hold.
    pub documents: Vec<(&'a RepoPath, &'a Recognition)>,
    /// Documents that are there and could not be examined.
    pub unread: Vec<&'a RepoPath>,
    /// Why the verdict is as grave as it is, and no graver.
    pub weighed: Vec<String>,
    /// What would settle it.
    pub settles: Vec<String>,
}

/// A duty in the licence's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    /// When it applies: `whoever passes the work on`.
    pub when: String,
    /// Words of the licence by which the clause is found; empty where the table has none.
    pub cue: String,
    /// Words that the licence prescribes.
    pub prescribed: Option<String>,
    /// What a reader should know besides.
    pub note: Option<String>,
    /// Where the terms were read, and when.
    pub source: String,
}
