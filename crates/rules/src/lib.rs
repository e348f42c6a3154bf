//! The obligation engine and the rules of forebear.
//!
//! [`judge`] takes what was seen (facts, history), who the model descends from (lineage), and says what is owed
//! ([`Obligation`]) and what that means ([`Finding`]). It reads nothing: everything comes in as values.
//!
//! A rule is a plain [`Rule`] value in its own folder under `rules/`, beside its prose (`docs.md`) and its literate
//! cases (`cases.md`); [`RULES`] is the visible list.

mod datasets;
mod declared;
mod deeds;
mod documents;
mod draft;
mod duty;
mod exposure;
mod fingerprint;
pub mod fix;
mod grants;
mod not_judged;
pub mod notice;
mod obligations;
mod own_words;
mod past;
mod policy;
mod presents;
mod rule;
mod rules;
mod satisfaction;
mod texts;
mod waivers;
mod words;

use forebear_lineage::catalog::Catalog;
use forebear_types::fact::{Fact, Problem};
use forebear_types::finding::Finding;
use forebear_types::history::History;
use forebear_types::lineage::Lineage;
use forebear_types::obligation::Obligation;
use forebear_types::run::{BaseLicense, Declared, LineExposure, StatedBase};
use forebear_types::{ModelId, Snapshot};

pub use declared::declared;
pub use deeds::is_made_with;
pub use policy::{AcceptedLicenses, List, ListedLicense, Policy, Project};
pub use rule::{Context, Rule, Stage};
pub use rules::{Judged, RULES, judged};
pub use waivers::Waiver;

/// Everything a judgement rests on.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The state of the repository that the facts were read from.
    pub snapshot: &'a Snapshot,
    /// What was seen.
    pub facts: &'a [Fact],
    /// The base models that are known.
    pub catalog: &'a Catalog,
    /// Who the model descends from.
    pub lineage: &'a Lineage,
    /// Bases that the user stated, with licences and owner lines where given.
    pub stated: &'a [StatedBase],
    /// The history that was walked; its last point is the examined snapshot.
    pub history: &'a History,
    /// The waivers of the configuration.
    pub waivers: &'a [Waiver],
    /// What the configuration decides besides.
    pub policy: &'a Policy,
    /// The day of the run, `2026-11-24`: a waiver's `until` is compared with it.
    pub today: &'a str,
    /// Ids under which this very repository is known (its remote, its cache folder), so that an official release is not
    /// taken for a derivative of itself.
    pub own: &'a [ModelId],
    /// The local copy of a base, if there is one.
    pub upstream: Option<UpstreamCopy<'a>>,
}

/// A local copy of a base: texts that forebear does not have are taken from it.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamCopy<'a> {
    /// Whose copy it is.
    pub model: &'a ModelId,
    /// What was seen in it.
    pub facts: &'a [Fact],
}

#[cfg(test)]
impl<'a> Input<'a> {
    /// A work tree with some facts and ancestors, and nothing stated, waived or configured.
    pub(crate) fn of_work_tree(
        facts: &'a [Fact],
        catalog: &'a Catalog,
        lineage: &'a Lineage,
        history: &'a History,
        policy: &'a Policy,
    ) -> Self {
        Self {
            snapshot: &Snapshot::WorkTree,
            facts,
            catalog,
            lineage,
            stated: &[],
            history,
            waivers: &[],
            policy,
            today: "2026-04-01",
            own: &[],
            upstream: None,
        }
    }
}

/// What follows from the input.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// What the publisher declares.
    pub declared: Declared,
    /// Under which licences the candidates' weights are, in the order of the hops.
    pub base_licenses: Vec<BaseLicense>,
    /// What is owed and whether it is done.
    pub obligations: Vec<Obligation>,
    /// What the rules say, worst first. *Met* is included.
    pub findings: Vec<Finding>,
    /// What could not be judged for want of tables.
    pub problems: Vec<Problem>,
    /// Since when what is owed was missing, on the line of every reference that was walked.
    pub exposures: Vec<LineExposure>,
    /// The attribution notice for the whole chain.
    pub notice: notice::Notice,
}

/// Derives the obligations and runs every rule.
pub fn judge(input: Input<'_>) -> Judgement {
    let declared = declared(input.facts);
    let derived = obligations::derive(&input, &declared);
    let mut context = Context::new(input, &declared, &derived);
    context.notice = notice::compose(&context);
    let mut findings = run(Stage::Repository, &context);
    // Waivers name findings by their fingerprints, so these are sealed first.
    findings = fingerprint::seal(findings);
    context.waivers = waivers::apply(input.waivers, input.today, &mut findings);
    findings.extend(run(Stage::Waivers, &context));
    let mut findings = fingerprint::seal(findings);
    policy::apply(&context, &mut findings);
    fingerprint::sort(&mut findings);
    let notice = std::mem::take(&mut context.notice);
    let exposures = std::mem::take(&mut context.line.exposures);
    Judgement {
        base_licenses: derived.base_licenses,
        obligations: derived.obligations,
        findings,
        problems: derived.problems,
        declared,
        exposures,
        notice,
    }
}

fn run(stage: Stage, context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let runs = |rule: &&&Rule| rule.stage == stage && !context.input.policy.is_off(rule.id);
    for rule in RULES.iter().filter(runs) {
        (rule.check)(context, &mut findings);
    }
    findings
}

/// The rule of a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id.0 == name)
}
