//! The reports for code hosts and their pipelines: as files to be read, within the limits of their readers, and with texts that
//! try to be more than text.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use std::collections::BTreeSet;

use forebear_report::text::{TextOptions, View};
use forebear_report::{Format, write};
use forebear_types::finding::Level;
use forebear_types::run::Run;
use forebear_types::{RuleId, Time};
use serde_json::Value;

const OPTIONS: TextOptions =
    TextOptions { color: false, width: 100, unicode: true, view: View::Check, links: false, today: None };

fn render(runs: &[Run], format: Format) -> String {
    let mut bytes = Vec::new();
    write(runs, format, &OPTIONS, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn sarif(runs: &[Run], format: Format) -> Value {
    serde_json::from_str(&render(runs, format)).unwrap()
}

fn results(log: &Value, run: usize) -> &Vec<Value> {
    log["runs"][run]["results"].as_array().unwrap()
}

/// Rules with pages of one paragraph: expected output should not change with every word of a page.
fn short_pages(mut run: Run) -> Run {
    run.maker.rules.truncate(2);
    for rule in &mut run.maker.rules {
        rule.docs = "# a rule\n\nWhat it is\nabout.\n\n## How to fix\n\nSo.\n";
    }
    run
}

#[test]
fn the_stories_read_well() {
    let mut known = stories::violation();
    known.baseline = Some(stories::commit(1));
    known.findings[1].known = true;
    known.levels = vec![(RuleId("base-undeclared"), Level::Off), (known.maker.rules[0].id, Level::Off)];
    for (name, run) in [("violation", stories::violation()), ("clean", stories::clean()), ("known", known)] {
        for (format, ending) in [
            (Format::Sarif, "sarif"),
            (Format::SarifAudit, "audit.sarif"),
            (Format::Github, "github.txt"),
            (Format::Gitlab, "codequality.json"),
            (Format::Junit, "junit.xml"),
            (Format::Markdown, "md"),
        ] {
            let report = render(&[short_pages(run.clone())], format);
            stories::compare(&format!("tests/snapshots/{name}.{ending}"), &report);
        }
    }
    let two =
        [short_pages(stories::violation()), short_pages(stories::life()), short_pages(stories::clean())];
    stories::compare("tests/snapshots/many.md", &render(&two, Format::Markdown));
    stories::compare("tests/snapshots/many.github.txt", &render(&two, Format::Github));
}

/// A model that is a folder of a repository: code hosts read paths from the root of the repository.
#[test]
fn paths_are_those_of_the_whole_repository() {
    let mut run = stories::violation();
    run.folder = stories::path("models/kaguya");
    let starts = |path: &str| path.starts_with("models/kaguya/");
    let log = sarif(&[run.clone()], Format::Sarif);
    for result in results(&log, 0) {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(starts(place.as_str().unwrap()), "{place}");
    }
    let issues: Value = serde_json::from_str(&render(&[run.clone()], Format::Gitlab)).unwrap();
    assert!(
        issues.as_array().unwrap().iter().all(|issue| starts(issue["location"]["path"].as_str().unwrap()))
    );
    assert!(render(&[run.clone()], Format::Junit).contains("file=\"models/kaguya/"));
    assert!(render(&[run.clone()], Format::Github).contains(",file=models/kaguya/"));
    // Two models of one checkout have places, two repositories have none.
    run.source.head = Some(stories::commit(1));
    let mut other = run.clone();
    other.folder = stories::path("models/other");
    let both = render(&[run.clone(), other.clone()], Format::Github);
    assert!(both.contains(",file=models/kaguya/") && both.contains(",file=models/other/"), "{both}");
    other.source.head = Some(stories::commit(2));
    assert!(!render(&[run, other], Format::Github).contains(",file="));
}

#[test]
fn code_scanning_gets_neither_what_is_met_nor_what_is_waived() {
    let run = [stories::violation()];
    let kinds = |format| -> Vec<(String, String)> {
        let log = sarif(&run, format);
        let of = |result: &Value, key: &str| result[key].as_str().unwrap().to_owned();
        results(&log, 0).iter().map(|result| (of(result, "kind"), of(result, "level"))).collect()
    };
    let pair = |kind: &str, level: &str| (kind.to_owned(), level.to_owned());
    let shown = [pair("fail", "error"), pair("fail", "error"), pair("review", "none")];
    assert_eq!(kinds(Format::Sarif), shown);
    let rest = [pair("fail", "warning"), pair("pass", "none")];
    assert_eq!(kinds(Format::SarifAudit), [shown.as_slice(), &rest].concat());
    let log = sarif(&run, Format::SarifAudit);
    let waived = &results(&log, 0)[3]["suppressions"][0];
    assert_eq!(waived["kind"], "external");
    assert!(waived["justification"].as_str().unwrap().contains("pushed late"));
}

#[test]
fn every_result_has_a_rule_a_place_and_a_name_of_its_own() {
    let runs =
        [stories::markup(), stories::violation(), stories::violation(), stories::empty(), stories::life()];
    for format in [Format::Sarif, Format::SarifAudit] {
        let log = sarif(&runs, format);
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for run in log["runs"].as_array().unwrap() {
            assert!(ids.insert(run["automationDetails"]["id"].to_string()), "two runs of one category");
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            for result in run["results"].as_array().unwrap() {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                let place = &result["locations"][0]["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains([':', ' ', '\\']), "{uri}");
                assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
                let name = (
                    result["ruleId"].to_string(),
                    result["partialFingerprints"]["primaryLocationLineHash"].to_string(),
                );
                assert!(names.insert(name), "two results would be one alert: {result:#}");
            }
        }
    }
}

#[test]
fn a_large_report_stays_within_the_limits() {
    let run = [stories::large(10_000)];
    let log = sarif(&run, Format::Sarif);
    let levels: Vec<&str> = results(&log, 0).iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels.len(), 5_000);
    let rank =
        |level: &str| ["error", "warning", "note", "none"].iter().position(|one| *one == level).unwrap();
    // What stood at the baseline comes after what is new.
    let new = results(&log, 0).iter().take_while(|result| result["baselineState"] == "new").count();
    assert!(levels[..new].is_sorted_by_key(|level| rank(level)), "not worst first");
    let notices = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notices.contains("2917 results left out"), "{notices:.300}");
    for result in results(&log, 0) {
        let steps = &result["codeFlows"][0]["threadFlows"][0]["locations"];
        assert!(steps.as_array().is_none_or(|steps| steps.len() <= 100));
    }

    let annotations = render(&run, Format::Github);
    for command in ["::error ", "::warning ", "::notice "] {
        assert_eq!(annotations.lines().filter(|line| line.starts_with(command)).count(), 10, "{command}");
    }

    for (format, room) in [(Format::Markdown, 65_536), (Format::GithubSummary, 1024 * 1024)] {
        let report = render(&run, format);
        assert!(report.len() <= room, "{}", report.len());
        assert!(report.len() > room * 9 / 10, "room was wasted: {}", report.len());
        assert!(report.contains("left out for want of room"));
        assert_eq!(report.matches("<details>").count(), report.matches("</details>").count());
        for heading in ["### Descends from", "### What is owed", "### Findings", "### Not examined"] {
            assert!(report.contains(heading), "{heading}");
        }
        assert!(report.ends_with("It is not legal advice.*\n"));
    }
}

#[test]
fn many_repositories_fit_too() {
    let mut runs = vec![stories::clean(); 300];
    runs.push(stories::violation());
    let log = sarif(&runs, Format::Sarif);
    assert_eq!(log["runs"].as_array().unwrap().len(), 20);
    assert_eq!(results(&log, 19).len(), 2 + 1, "the worst repository is among them");
    assert!(log.to_string().contains("281 repositories left out"));
    assert_eq!(sarif(&runs, Format::SarifAudit)["runs"].as_array().unwrap().len(), 301);
    let report = render(&runs, Format::Markdown);
    assert!(report.len() <= 65_536, "{}", report.len());
    assert!(report.contains("repositories left out for want of room"));
    for (number, target) in [(3, 65_536), (8, 65_536), (40, 65_536), (300, 65_536), (300, 1024 * 1024)] {
        let format = if target == 65_536 { Format::Markdown } else { Format::GithubSummary };
        let mut runs = vec![stories::markup(); number];
        runs[1] = stories::large(500);
        let report = render(&runs, format);
        assert!(report.len() <= target, "{number}: {}", report.len());
        assert!(report.ends_with("It is not legal advice.*\n"));
    }
}

#[test]
fn no_line_of_a_report_is_a_command_of_a_stranger() {
    let runs = [stories::markup(), stories::hostile()];
    for run in &runs {
        let one = std::slice::from_ref(run);
        let own = ["::error ", "::warning ", "::notice "];
        for line in render(one, Format::Github).lines() {
            assert!(own.iter().any(|command| line.starts_with(command)), "{line}");
            // The properties end at the second `::`; none of them holds one.
            let properties = line[2..].split("::").next().unwrap();
            assert!(properties.contains("title=forebear"), "{line}");
        }
        for format in [Format::Markdown, Format::GithubSummary] {
            for line in render(one, format).lines() {
                assert!(!line.trim_start().starts_with("::"), "{line}");
                assert!(!line.contains("##["), "{line}");
            }
        }
    }
}

#[test]
fn hostile_texts_stay_text() {
    for run in [stories::markup(), stories::hostile(), stories::large(50)] {
        for format in [
            Format::Sarif,
            Format::SarifAudit,
            Format::Github,
            Format::GithubSummary,
            Format::Gitlab,
            Format::Junit,
            Format::Markdown,
        ] {
            let report = render(std::slice::from_ref(&run), format);
            let raw = report.chars().find(|one| {
                (one.is_control() && *one != '\n')
                    || matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            assert_eq!(raw, None, "{format:?}");
            assert_eq!(report, render(std::slice::from_ref(&run), format), "two reports differ");
        }
        let junit = render(std::slice::from_ref(&run), Format::Junit);
        let document = roxmltree::Document::parse(&junit).unwrap();
        let own = ["testsuites", "testsuite", "testcase", "failure", "skipped", "system-out"];
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(own.contains(&node.tag_name().name()));
        }
        let issues: Value =
            serde_json::from_str(&render(std::slice::from_ref(&run), Format::Gitlab)).unwrap();
        let prints: BTreeSet<String> =
            issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].to_string()).collect();
        assert_eq!(prints.len(), issues.as_array().unwrap().len());
    }
}

#[test]
fn only_violations_fail_a_build() {
    let mut run = stories::violation();
    let suite = |run: &Run| {
        let junit = render(std::slice::from_ref(run), Format::Junit);
        let document = roxmltree::Document::parse(&junit).unwrap();
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
        let count = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        let elements = |name: &str| suite.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!(count("tests"), elements("testcase"));
        assert_eq!(count("failures"), elements("failure"));
        assert_eq!(count("skipped"), elements("skipped"));
        (count("failures"), count("skipped"))
    };
    // Skipped: what could not be told, what is waived, a duty that no finding judges, what was not examined.
    assert_eq!(suite(&run), (2, 4));
    run.findings[0].severity = forebear_types::finding::Severity::Warning;
    assert_eq!(suite(&run), (1, 5));
    run.findings[1].known = true;
    assert_eq!(suite(&run), (0, 6));
}

#[test]
fn the_moment_of_a_report_is_that_of_its_run() {
    let mut run = stories::clean();
    run.maker.time = Time { seconds: 1_775_001_600, offset_minutes: 540 };
    let log = sarif(std::slice::from_ref(&run), Format::Sarif);
    assert_eq!(log["runs"][0]["invocations"][0]["endTimeUtc"], "2026-04-01T00:00:00Z");
    assert!(render(&[run], Format::Junit).contains("timestamp=\"2026-04-01T00:00:00\""));
}
