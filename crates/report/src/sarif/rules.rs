//! Rules as SARIF describes them.

use forebear_types::RuleId;
use forebear_types::finding::{Level as Configured, Severity};
use forebear_types::run::{RuleInfo, Run};

use super::log;
use super::log::{Configuration, Descriptor, Help, Level, Override, Reference, RuleProperties, Text};
use crate::safe;

/// GitHub shows at most ten tags and refuses more than twenty.
const TAGS: &[&str] = &["compliance", "license", "machine-learning"];

/// Characters of a description that GitHub keeps.
const DESCRIPTION: usize = 1024;

/// The rules of a run in the order of the report: those that ran, then those that only a finding names.
pub(super) struct Rules<'a> {
    run: &'a Run,
    others: Vec<RuleId>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(run: &'a Run) -> Self {
        let mut others: Vec<RuleId> = run.findings.iter().map(|finding| finding.rule).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|rule| run.maker.rules.iter().all(|info| info.id != *rule));
        Self { run, others }
    }

    /// Where a rule stands in the list.
    pub(super) fn index(&self, rule: RuleId) -> Option<usize> {
        let known = &self.run.maker.rules;
        let other = || self.others.iter().position(|other| *other == rule).map(|index| known.len() + index);
        known.iter().position(|info| info.id == rule).or_else(other)
    }

    pub(super) fn descriptors(&self) -> Vec<Descriptor> {
        let known = self.run.maker.rules.iter().map(|info| descriptor(self.run, info));
        // A run tells of every rule that ran; one that it does not tell of has its name, and nothing else is known of it.
        let bare = |rule: &RuleId| RuleInfo {
            id: *rule,
            since: "",
            severity: Severity::Warning,
            summary: rule.0,
            docs: rule.0,
        };
        known.chain(self.others.iter().map(|rule| descriptor(self.run, &bare(rule)))).collect()
    }

    /// What the configuration makes of rules.
    pub(super) fn overrides(&self) -> Vec<Override> {
        let one = |(rule, configured): &(RuleId, Configured)| {
            let configuration = match configured {
                Configured::Off => log::Configured { enabled: false, level: None },
                Configured::At(severity) => log::Configured { enabled: true, level: Some(level(*severity)) },
            };
            let descriptor = Reference { id: id(*rule), index: self.index(*rule)? };
            Some(Override { descriptor, configuration })
        };
        self.run.levels.iter().filter_map(one).collect()
    }
}

/// The id of a rule beside those of other tools.
pub(super) fn id(rule: RuleId) -> String {
    format!("forebear/{rule}")
}

pub(super) fn level(severity: Severity) -> Level {
    match severity {
        Severity::Violation => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    }
}

fn descriptor(run: &Run, info: &RuleInfo) -> Descriptor {
    Descriptor {
        id: id(info.id),
        name: pascal(info.id.0),
        short_description: Text { text: sentence(info.summary) },
        full_description: Text { text: safe::shorten(&opening(info), DESCRIPTION) },
        help: Help { text: info.docs.to_owned(), markdown: info.docs.to_owned() },
        help_uri: run.maker.rule_page(info.id),
        default_configuration: Configuration { level: level(info.severity) },
        properties: Some(RuleProperties {
            tags: TAGS,
            // Of the rule, not of a finding: what is not certain is not judged, and each result has a confidence of its own.
            precision: "high",
            // Not `security-severity`: a missing licence is no security problem, and would be counted as one.
            problem_severity: match info.severity {
                Severity::Violation => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
        }),
    }
}

/// The first paragraph of a rule's page, on one line.
fn opening(info: &RuleInfo) -> String {
    let body = info.docs.lines().skip_while(|line| line.starts_with('#') || line.trim().is_empty());
    let paragraph: Vec<&str> = body.take_while(|line| !line.trim().is_empty()).collect();
    if paragraph.is_empty() { sentence(info.summary) } else { paragraph.join(" ") }
}

/// "a licence applies" as a sentence.
fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}

/// `missing-license-text` as `MissingLicenseText`, as SARIF writes names.
fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut characters = word.chars();
        characters.next().map(|first| first.to_uppercase().chain(characters).collect::<String>())
    };
    name.split('-').filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_of_a_page_is_its_first_paragraph() {
        let info = |docs| RuleInfo {
            id: RuleId("a-rule"),
            since: "0.1.0",
            severity: Severity::Note,
            summary: "a thing is missing",
            docs,
        };
        assert_eq!(opening(&info("# a-rule\n\nOne\ntwo.\n\n## More\n")), "One two.");
        assert_eq!(opening(&info("# a-rule\n")), "A thing is missing.");
        assert_eq!(pascal("missing-license-text"), "MissingLicenseText");
    }
}
