//! The signals: each looks at facts in its own way. To add one, add a module and a line here, and join it in `trace.rs`.

pub(crate) mod chat_template;
pub(crate) mod claims;
pub(crate) mod code;
pub(crate) mod control_tokens;
pub(crate) mod declared;
pub(crate) mod identical;
pub(crate) mod name;
pub(crate) mod opinion;
pub(crate) mod prose;
pub(crate) mod removed;
pub(crate) mod structural;
mod text;
pub(crate) mod tokenizer;
pub(crate) mod weights;

use forebear_types::lineage::{Candidate, Confidence, Evidence, Hop, Relation, Strength};
use forebear_types::{ModelId, RepoPath};

/// A hop that rests on one hint.
pub(crate) fn hint(models: &[&'static str], evidence: Evidence) -> Hop {
    let candidate = |id: &&'static str| Candidate { model: ModelId::from(*id), revision: None, known: true };
    Hop {
        subject: RepoPath::root(),
        child: None,
        candidates: models.iter().map(candidate).collect(),
        relation: Relation::Unknown,
        strength: Strength::Circumstantial,
        unique: false,
        confidence: Confidence::Low,
        declared: false,
        because: vec![evidence],
        against: Vec::new(),
    }
}
