//! What the configuration decides: severities of rules, licences that are accepted, and whose repository this is.

use std::collections::BTreeMap;

use forebear_licenses::expression::Expression;
use forebear_types::finding::{Finding, Level, Severity};
use forebear_types::lineage::Hop;
use forebear_types::obligation::Answer;
use forebear_types::{Location, RuleId};

use crate::rule::Context;

/// Everything that a configuration decides beside bases and waivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whose repository this is.
    pub project: Project,
    /// Rules with a severity of the configuration's own.
    pub levels: BTreeMap<RuleId, Level>,
    /// The licences that are accepted.
    pub licenses: AcceptedLicenses,
}

/// `[project]`: what the publisher says of the own work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// The name of the model.
    pub name: Option<String>,
    /// The publisher's own copyright lines, as they should stand in legal files.
    pub copyright: Vec<String>,
}

/// `[licenses]`: which licences may be used here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptedLicenses {
    /// The entries of all three lists.
    pub entries: Vec<ListedLicense>,
}

/// One entry of `allow`, `review` or `deny`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLicense {
    /// In which list it stands.
    pub list: List,
    /// What it stands for. `A OR B` stands for A and for B; `A AND B` for the two together.
    pub license: Expression,
    /// As the configuration writes it.
    pub written: String,
    /// Where it stands.
    pub location: Location,
}

/// A list of licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// May be used.
    Allow,
    /// Somebody has to look first.
    Review,
    /// May not be used.
    Deny,
}

impl List {
    /// The key in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Review => "review",
            Self::Deny => "deny",
        }
    }
}

/// What the lists say of a licence, from the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict<'p> {
    /// No list speaks against it: it is allowed, or only denials are listed and it is not among them.
    Accepted(Option<&'p ListedLicense>),
    /// It has to be looked at first.
    Review(&'p ListedLicense),
    /// There is a list of what is allowed, and no list has it.
    Unlisted,
    /// It is denied.
    Denied(&'p ListedLicense),
}

impl Verdict<'_> {
    /// How bad it is; 0 is accepted.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Accepted(_) => 0,
            Self::Review(_) => 1,
            Self::Unlisted => 2,
            Self::Denied(_) => 3,
        }
    }
}

impl AcceptedLicenses {
    /// Whether nothing is decided.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the lists say. An expression that is listed itself has that verdict; else of a choice the mildest part
    /// counts, because the recipient may choose it, and of licences that apply together the worst.
    pub(crate) fn verdict(&self, license: &Expression) -> Verdict<'_> {
        let listed = self.entries.iter().filter(|entry| stands_for(&entry.license, license));
        // The configuration is refused if two lists have one licence; should they overlap all the same, the strictest counts.
        if let Some(entry) = listed.max_by_key(|entry| entry.list) {
            return match entry.list {
                List::Allow => Verdict::Accepted(Some(entry)),
                List::Review => Verdict::Review(entry),
                List::Deny => Verdict::Denied(entry),
            };
        }
        let each = |parts: &[Expression]| parts.iter().map(|part| self.verdict(part)).collect::<Vec<_>>();
        let unlisted = match self.entries.iter().any(|entry| entry.list == List::Allow) {
            true => Verdict::Unlisted,
            false => Verdict::Accepted(None),
        };
        match license {
            Expression::License(_) => unlisted,
            Expression::Any(parts) => each(parts).into_iter().min_by_key(Verdict::rank).unwrap_or(unlisted),
            Expression::All(parts) => each(parts).into_iter().max_by_key(Verdict::rank).unwrap_or(unlisted),
        }
    }
}

/// Whether an entry covers a licence: both are the same, or the entry is a list of which it is one.
fn stands_for(entry: &Expression, license: &Expression) -> bool {
    match entry {
        Expression::Any(parts) => entry == license || parts.iter().any(|part| part == license),
        _ => entry == license,
    }
}

impl Policy {
    /// Whether a rule does not run.
    pub(crate) fn is_off(&self, rule: RuleId) -> bool {
        self.levels.get(&rule) == Some(&Level::Off)
    }
}

/// Gives findings the severities of the configuration. Fingerprints stay: they were made before.
pub(crate) fn apply(context: &Context<'_>, findings: &mut [Finding]) {
    for finding in findings {
        let level = context.input.policy.levels.get(&finding.rule).copied();
        let best = crate::rule(finding.rule.0).map(|rule| rule.severity);
        if let (Some(Level::At(level)), Some(best), Answer::Unmet) = (level, best, finding.answer) {
            finding.severity = levelled(context, finding, best, level);
        }
    }
}

/// The configured severity is that on the best evidence: weaker evidence still lowers it, and no configuration turns a
/// suspicion about a base into a violation.
fn levelled(context: &Context<'_>, finding: &Finding, best: Severity, level: Severity) -> Severity {
    if level <= best {
        return finding.severity.min(level);
    }
    if finding.severity < best {
        return finding.severity;
    }
    if proven(context, finding) { level } else { level.min(Severity::Warning) }
}

/// Whether a finding is about the repository alone, or about a base that is certain enough for a violation.
fn proven(context: &Context<'_>, finding: &Finding) -> bool {
    let holds = |hop: &Hop| {
        let named = |id: &forebear_types::ModelId| hop.candidates.iter().any(|one| one.model == *id);
        finding.upstream.iter().all(named)
    };
    finding.upstream.is_empty()
        || context.input.lineage.hops.iter().any(|hop| hop.carries_violation() && holds(hop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use forebear_types::RepoPath;

    fn lists(entries: &[(List, &str)]) -> AcceptedLicenses {
        let entries = entries.iter().map(|(list, text)| ListedLicense {
            list: *list,
            license: Expression::parse(text).unwrap(),
            written: (*text).to_owned(),
            location: Location::file(RepoPath::root()),
        });
        AcceptedLicenses { entries: entries.collect() }
    }

    fn rank(lists: &AcceptedLicenses, license: &str) -> u8 {
        lists.verdict(&Expression::parse(license).unwrap()).rank()
    }

    #[test]
    fn the_recipient_chooses_the_mildest_and_bears_the_worst() {
        let lists = lists(&[(List::Allow, "MIT"), (List::Review, "MPL-2.0"), (List::Deny, "AGPL-3.0-only")]);
        assert_eq!(rank(&lists, "MIT"), 0);
        assert_eq!(rank(&lists, "MPL-2.0"), 1);
        assert_eq!(rank(&lists, "Apache-2.0"), 2);
        assert_eq!(rank(&lists, "AGPL-3.0-only"), 3);
        assert_eq!(rank(&lists, "AGPL-3.0-only OR MIT"), 0);
        assert_eq!(rank(&lists, "AGPL-3.0-only AND MIT"), 3);
        assert_eq!(rank(&lists, "(AGPL-3.0-only OR MPL-2.0) AND MIT"), 1);
    }

    #[test]
    fn without_allow_what_is_not_denied_is_accepted() {
        let lists = lists(&[(List::Deny, "AGPL-3.0-only")]);
        assert_eq!(rank(&lists, "Apache-2.0"), 0);
        assert_eq!(rank(&lists, "AGPL-3.0-only"), 3);
    }

    #[test]
    fn entries_may_be_expressions() {
        let lists = lists(&[(List::Allow, "MIT OR Apache-2.0"), (List::Deny, "MIT AND CC-BY-NC-4.0")]);
        assert_eq!(rank(&lists, "Apache-2.0"), 0);
        assert_eq!(rank(&lists, "CC-BY-NC-4.0 AND MIT"), 3);
        assert_eq!(rank(&lists, "GPL-2.0-only WITH Classpath-exception-2.0"), 2);
    }
}
