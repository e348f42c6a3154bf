//! A finding as a result.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::Location;
use forebear_types::finding::Finding;
use forebear_types::obligation::Answer;
use forebear_types::run::{Run, WaiverUse};

use super::log::{Kind, Level, Result, ResultProperties, Suppression, Text};
use super::rules::{self, Rules};
use super::{chain, place};
use crate::anchor::Anchors;
use crate::{safe, tally, text};

/// Related places of one result; GitHub keeps 100.
const RELATED: usize = 20;

/// Related places that the message links to. GitHub shows no others.
const LINKS: usize = 3;

/// Makes results, each with a name of its own.
pub(super) struct Results<'a> {
    run: &'a Run,
    rules: &'a Rules<'a>,
    anchors: Anchors<'a>,
    /// What tells findings of this repository from those of others in the same report.
    prefix: String,
    names: BTreeMap<String, usize>,
}

impl<'a> Results<'a> {
    pub(super) fn new(run: &'a Run, rules: &'a Rules<'a>, prefix: String) -> Self {
        Self { run, rules, anchors: Anchors::of(run), prefix, names: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, finding: &Finding) -> Result {
        let run = self.run;
        let at = self.place_of(finding);
        let related = related(finding, &at);
        let kind = kind(finding.answer);
        let owed = finding.obligation.and_then(|index| run.obligations.get(index));
        Result {
            rule_id: rules::id(finding.rule),
            rule_index: self.rules.index(finding.rule).unwrap_or_default(),
            kind,
            // §3.27.10: whatever is not a failure has no level.
            level: if kind == Kind::Fail { rules::level(tally::severity(finding)) } else { Level::None },
            message: words(finding, &related),
            // A region, even for a whole file: GitHub asks for one.
            locations: vec![place::location(run, &with_line(&at), None, None)],
            related_locations: related
                .iter()
                .enumerate()
                .map(|(id, (location, label))| place::location(run, location, Some(id + 1), Some(label)))
                .collect(),
            partial_fingerprints: self.fingerprints(finding),
            code_flows: if kind == Kind::Pass { Vec::new() } else { chain::of(run, finding, &at) },
            suppressions: finding
                .waived
                .filter(|_| kind != Kind::Pass)
                .and_then(|index| run.waivers.get(index))
                .map(suppression)
                .into_iter()
                .collect(),
            baseline_state: run.baseline.map(|_| if finding.known { "unchanged" } else { "new" }),
            properties: ResultProperties {
                confidence: finding.confidence.name(),
                upstream: finding.upstream.iter().map(|model| safe::line(model.as_str())).collect(),
                license: owed.map(|owed| safe::line(owed.license.as_str())),
                clause: owed.map(|owed| safe::line(&owed.clause)),
                duty: owed.map(|owed| owed.duty.name()),
            },
        }
    }

    /// What is met points at what meets it.
    fn place_of(&self, finding: &Finding) -> Location {
        let owed = finding.obligation.and_then(|index| self.run.obligations.get(index));
        let met = owed.filter(|_| finding.answer == Answer::Met).and_then(|owed| owed.satisfied_by.first());
        met.filter(|location| !location.path.is_root())
            .cloned()
            .unwrap_or_else(|| self.anchors.somewhere(finding))
    }

    /// GitHub takes two results of one rule with the same `primaryLocationLineHash` for one alert, and looks at no other
    /// fingerprint. Its upload action would hash the line where that is missing: a missing text has no line of its own, so
    /// several findings would become one alert, and an edit of the card would close an alert and open another.
    ///
    /// Source: "SARIF support for code scanning", `partialFingerprints`, in GitHub's documentation.
    fn fingerprints(&mut self, finding: &Finding) -> BTreeMap<&'static str, String> {
        let name = format!("{}{}", self.prefix, finding.fingerprint);
        let count = self.names.entry(format!("{}\0{name}", finding.rule)).or_default();
        *count += 1;
        let unique = if *count == 1 { name } else { format!("{name}:{count}") };
        BTreeMap::from([
            ("forebear/v1", finding.fingerprint.to_string()),
            ("primaryLocationLineHash", unique),
        ])
    }
}

fn with_line(at: &Location) -> Location {
    let lines = at.lines.unwrap_or_else(|| forebear_types::LineSpan::line(1));
    Location { lines: Some(lines), ..at.clone() }
}

fn kind(answer: Answer) -> Kind {
    match answer {
        Answer::Met => Kind::Pass,
        Answer::Unmet => Kind::Fail,
        Answer::Unknown => Kind::Review,
    }
}

/// The places of a finding with what stands there, each once.
fn related(finding: &Finding, at: &Location) -> Vec<(Location, String)> {
    let mut seen = BTreeSet::new();
    let places = finding.places.iter().filter(|place| !place.location.path.is_root());
    places
        .map(|place| (place.location.clone(), place::label(place)))
        .filter(|(location, label)| !(location == at && label.is_empty()))
        .filter(|one| seen.insert(one.clone()))
        .take(RELATED)
        .collect()
}

/// What is wrong, what to do, and where it is seen. GitHub shows the first sentence where there is little room.
fn words(finding: &Finding, related: &[(Location, String)]) -> Text {
    let mut text = place::plain(&finding.message);
    if finding.answer != Answer::Met && !finding.help.is_empty() {
        text = format!("{text} {}", place::plain(&finding.help));
    }
    let links: Vec<String> = related
        .iter()
        .take(LINKS)
        .enumerate()
        .map(|(index, (location, label))| {
            let at = text::place(location);
            let words = if label.is_empty() { at } else { format!("{at}, {label}") };
            place::link(&safe::shorten(&words, 120), index + 1)
        })
        .collect();
    if !links.is_empty() {
        text = format!("{text} Seen at {}.", links.join("; "));
    }
    Text { text }
}

fn suppression(waiver: &WaiverUse) -> Suppression {
    let by = waiver.owner.as_ref().map(|owner| format!(" (accepted by {owner})")).unwrap_or_default();
    let until = waiver.until.as_ref().map(|until| format!(" (until {until})")).unwrap_or_default();
    Suppression {
        // §3.35.2: not a comment in the source, but a file of its own.
        kind: "external",
        status: "accepted",
        justification: safe::line(&format!("{}{by}{until}", waiver.reason)),
    }
}

/// The length of a result in the file, in bytes, but for indentation.
pub(super) fn length(result: &Result) -> usize {
    serde_json::to_string(result).map_or(0, |text| text.len())
}
