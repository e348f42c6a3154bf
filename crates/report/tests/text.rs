//! The report for people, as files to be read.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use std::sync::Arc;

use forebear_report::text::{self, TextOptions, View};
use forebear_types::fact::{FactKind, ModelCard};
use forebear_types::finding::Severity;
use forebear_types::obligation::Answer;
use forebear_types::run::Run;
use forebear_types::{ByteSpan, Location, Time};
use stories::{finding, here, path};

const PLAIN: TextOptions =
    TextOptions { color: false, width: 100, unicode: true, view: View::Check, links: false, today: None };

fn render(run: &Run, options: TextOptions) -> String {
    let mut bytes = Vec::new();
    text::write(run, &options, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_stories_read_well() {
    let violation = stories::violation();
    stories::compare("tests/snapshots/violation.txt", &render(&violation, PLAIN));
    stories::compare(
        "tests/snapshots/violation-history.txt",
        &render(&violation, TextOptions { view: View::History, ..PLAIN }),
    );
    stories::compare(
        "tests/snapshots/violation-lineage.txt",
        &render(&violation, TextOptions { view: View::Lineage, ..PLAIN }),
    );
    stories::compare(
        "tests/snapshots/violation-publisher.txt",
        &render(&violation, TextOptions { view: View::Publisher, ..PLAIN }),
    );
    stories::compare(
        "tests/snapshots/violation-auditor.txt",
        &render(&violation, TextOptions { view: View::Auditor, ..PLAIN }),
    );
    stories::compare(
        "tests/snapshots/violation-ascii.txt",
        &render(&violation, TextOptions { unicode: false, width: 60, ..PLAIN }),
    );
    stories::compare(
        "tests/snapshots/family-lineage.txt",
        &render(&stories::family(), TextOptions { view: View::Lineage, ..PLAIN }),
    );
    stories::compare("tests/snapshots/clean.txt", &render(&stories::clean(), PLAIN));
    stories::compare("tests/snapshots/weights.txt", &render(&stories::weights(), PLAIN));
}

/// The day on which the life of the files is read.
const TODAY: Option<Time> = Some(Time { seconds: 1_780_000_000, offset_minutes: 0 });

#[test]
fn rules_are_links_where_the_terminal_follows_them_and_an_address_is_known() {
    let run = stories::violation();
    let link = "\u{1b}]8;;https://forebear.example/docs/rules/base-undeclared.html\u{1b}\\base-undeclared\u{1b}]8;;\u{1b}\\";
    for view in [View::Check, View::Brief] {
        let linked = render(&run, TextOptions { links: true, view, ..PLAIN });
        assert!(linked.contains(link), "{linked}");
        // A link is no part of what is read.
        let read = linked.replace(link, "base-undeclared");
        assert!(
            read.contains("base-undeclared")
                && !render(&run, TextOptions { view, ..PLAIN }).contains('\u{1b}')
        );
    }
    let mut unknown = run;
    unknown.maker.docs = None;
    assert!(!render(&unknown, TextOptions { links: true, ..PLAIN }).contains('\u{1b}'));
}

#[test]
fn the_life_of_the_files_reads_well_at_every_width() {
    let life = stories::life();
    let history = TextOptions { view: View::History, today: TODAY, ..PLAIN };
    stories::compare("tests/snapshots/life.txt", &timeline(&render(&life, history)));
    stories::compare(
        "tests/snapshots/life-60.txt",
        &timeline(&render(&life, TextOptions { width: 60, unicode: false, ..history })),
    );
    for width in [60, 80, 100] {
        let shown = timeline(&render(&life, TextOptions { width, ..history }));
        let long = |line: &&str| line.chars().count() > width && !line.trim_start().starts_with("git ");
        assert_eq!(shown.lines().find(long), None);
    }
}

/// A report may lie about for years: only a reader of now is told how long ago something was.
#[test]
fn ages_are_for_readers_of_now() {
    let life = stories::life();
    let history = TextOptions { view: View::History, ..PLAIN };
    assert!(!render(&life, history).contains(" ago"));
    assert!(render(&life, TextOptions { today: TODAY, ..history }).contains("(4 months ago)"));
}

#[test]
fn what_the_baseline_has_is_listed_apart_and_does_not_count() {
    let mut run = stories::violation();
    run.baseline = Some(stories::commit(1));
    run.findings[1].known = true;
    let shown = render(&run, PLAIN);
    assert_eq!(
        shown.lines().next(),
        Some("1 violation, 1 note, 1 known at 0101010, 1 waived; not everything could be examined")
    );
    let (findings, known) = shown.split_once("Known at 0101010\n").unwrap();
    assert!(known.contains("- violation base-undeclared: The model is built on"), "{known}");
    assert!(!findings.contains("base-undeclared"), "{findings}");
    run.findings.iter_mut().for_each(|finding| finding.known = true);
    assert!(render(&run, PLAIN).starts_with("nothing new, 3 known at 0101010, 1 waived"));
    let publisher = render(&run, TextOptions { view: View::Publisher, ..PLAIN });
    assert!(publisher.contains("3 findings stood at 0101010 already"), "{publisher}");
}

#[test]
fn a_publisher_decides_on_the_base_before_what_hangs_on_it() {
    let mut run = stories::violation();
    let publisher = |run: &Run| render(run, TextOptions { view: View::Publisher, ..PLAIN });
    let fix = run.findings.iter_mut().find_map(|finding| finding.fix.take());
    assert!(!publisher(&run).contains("To decide first"), "nothing hangs on it");
    run.findings.iter_mut().find(|finding| finding.rule.0 == "license-removed-in-history").unwrap().fix = fix;
    let shown = publisher(&run);
    let (first, rest) = shown.split_once("\nTo fix\n").unwrap();
    assert!(first.contains("To decide first\n\nbase-undeclared"), "{shown}");
    assert!(rest.contains("\nlicense-removed-in-history\n") && !rest.contains("To decide"), "{shown}");
    assert!(rest.contains("`forebear check --base MODEL --fix` writes it"), "{shown}");
}

#[test]
fn a_merge_is_shown_with_what_git_would_have_made_of_it() {
    let mut run = stories::violation();
    run.history.events[1].parents = 2;
    let shown = render(&run, PLAIN);
    assert!(shown.contains("      git show --remerge-diff 0202020 -- LICENSE\n"), "{shown}");
}

/// The report from the timeline on to the findings.
fn timeline(report: &str) -> String {
    let start = report.find("Legal files and declarations").unwrap();
    let end = report.find("\nFindings\n").unwrap();
    report[start..end].to_owned()
}

#[test]
fn the_verdict_is_the_first_line() {
    let first = |run: &Run| render(run, PLAIN).lines().next().unwrap().to_owned();
    assert_eq!(
        first(&stories::violation()),
        "2 violations, 1 note, 1 waived; not everything could be examined"
    );
    assert_eq!(first(&stories::clean()), "nothing is missing");
    assert!(first(&stories::empty()).starts_with("nothing to check here"));
}

#[test]
fn colour_adds_attributes_and_nothing_else() {
    for run in [stories::violation(), stories::clean(), stories::life()] {
        let colored = render(&run, TextOptions { color: true, ..PLAIN });
        assert!(colored.contains('\u{1b}'));
        assert_eq!(without_attributes(&colored), render(&run, PLAIN));
    }
}

#[test]
fn nothing_of_a_hostile_repository_reaches_the_terminal() {
    let run = stories::hostile();
    for view in [View::Check, View::Publisher, View::Auditor, View::History, View::Lineage] {
        for (unicode, width) in [(true, 100), (false, 0), (true, 40)] {
            let options = TextOptions { unicode, width, view, ..PLAIN };
            let plain = render(&run, options);
            let bad = plain.chars().find(|one| (one.is_control() && *one != '\n') || *one == '\u{202e}');
            assert_eq!(bad, None, "{view:?}\n{plain}");
            assert!(
                plain.lines().all(|line| !line.starts_with("nothing is missing")),
                "a forged line:\n{plain}"
            );
            assert!(unicode || plain.is_ascii(), "{plain}");
            let colored = render(&run, TextOptions { color: true, ..options });
            assert!(!without_attributes(&colored).contains('\u{1b}'), "{view:?}");
        }
    }
    stories::compare("tests/snapshots/hostile.txt", &render(&run, PLAIN));
}

#[test]
fn a_large_file_gives_a_small_excerpt_with_the_right_line() {
    let line = "some prose that goes on and on\n";
    let mut text = line.repeat(70_000);
    let start = text.len();
    text.push_str("license: mit\n");
    text.push_str(&line.repeat(70_000));
    let shown = excerpt(&text, &[ByteSpan { start, len: "license: mit".len() }]);
    assert!(shown.contains("README.md:70001:1"), "{shown}");
    assert!(shown.contains("license: mit"));
    assert!(shown.len() < 4_000, "{} bytes", shown.len());
}

#[test]
fn a_minified_file_is_cut_within_its_line() {
    let text = format!("{{{}\"vocab_size\":129280{}}}", "\"a\":1,".repeat(50_000), ",\"b\":2".repeat(50_000));
    let start = text.find("\"vocab_size\"").unwrap();
    let shown = excerpt(&text, &[ByteSpan { start, len: 19 }, ByteSpan { start: 1, len: 3 }]);
    assert!(shown.contains(&format!("README.md:1:{}", start + 1)), "{shown}");
    assert!(shown.contains("\"vocab_size\":129280"));
    assert!(shown.len() < 4_000, "{} bytes", shown.len());
}

#[test]
fn no_span_makes_the_report_fail() {
    let text = "é\u{1b}[31m\r\n\n\t漢字\u{202e}\r\r\nlast\u{1f600}";
    let edges = [0, 1, 2, 3, 7, 9, 10, 11, 14, 20, text.len() - 1, text.len(), text.len() + 1, usize::MAX];
    for start in edges {
        for len in edges {
            let shown = excerpt(text, &[ByteSpan { start, len }, ByteSpan { start: 0, len: 2 }]);
            assert!(shown.contains("Something is wrong"), "{start} {len}\n{shown}");
            assert!(!shown.contains('\u{1b}'));
        }
    }
    assert!(excerpt("", &[ByteSpan { start: 0, len: 0 }]).contains("Something is wrong"));
}

#[test]
fn places_that_no_excerpt_shows_are_named() {
    let mut run = stories::violation();
    let shown = render(&run, PLAIN);
    assert!(shown.contains("at: README.md:2: the only declaration"), "{shown}");
    assert!(shown.contains("git show 0202020 -- LICENSE"), "{shown}");
    run.findings[0].places[0].location.path = path("a'; reboot; '");
    assert!(render(&run, PLAIN).contains(r"git show 0202020 -- 'a'\''; reboot; '\'''"));
}

#[test]
fn history_that_was_not_walked_is_told() {
    let mut run = stories::clean();
    assert!(render(&run, PLAIN).contains("no git history: nothing is known about earlier states"));
    run.source.examined.commits = Some(3);
    assert!(render(&run, PLAIN).contains("the history is not complete"));
    run.source.examined.history_complete = true;
    assert!(!render(&run, PLAIN).contains("Not examined"));
}

#[test]
fn duties_are_owed_in_groups() {
    let mut run = stories::clean();
    run.obligations.swap(1, 2);
    let shown = render(&run, PLAIN);
    assert_eq!(shown.matches("to the owners of").count(), 1, "{shown}");
    assert_eq!(shown.matches('✔').count(), 3, "{shown}");
}

#[test]
fn long_lists_are_cut() {
    let mut run = stories::violation();
    let candidate = run.lineage.hops[0].candidates[0].clone();
    run.lineage.hops[0].candidates = vec![candidate; 10_000];
    let problem = run.problems[0].clone();
    run.problems = vec![problem; 10_000];
    let shown = render(&run, PLAIN);
    assert!(shown.len() < 40_000, "{} bytes", shown.len());
    let words: Vec<&str> = shown.split_whitespace().collect();
    let words = words.join(" ");
    assert!(words.contains("or 9940 more") && words.contains("- 9960 more"), "{shown}");
}

/// The findings' part of a report on one card with these spans.
fn excerpt(text: &str, spans: &[ByteSpan]) -> String {
    let mut run = stories::empty();
    let card = ModelCard { text: Arc::from(text), ..ModelCard::default() };
    run.facts = vec![stories::fact("README.md", FactKind::ModelCard(card))];
    let places = spans
        .iter()
        .map(|span| here(Location { path: path("README.md"), lines: None, span: Some(*span) }, "this"))
        .collect();
    run.findings =
        vec![finding("base-undeclared", Answer::Unmet, Severity::Violation, "Something is wrong.", places)];
    let report = render(&run, PLAIN);
    let start = report.find("Findings").unwrap();
    report[start..].to_owned()
}

/// Drops `ESC [ digits and semicolons m`; any other escape stays.
fn without_attributes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|one: char| one.is_ascii_digit() || one == ';');
        match rest.strip_prefix('m') {
            Some(rest) => plain.push_str(rest),
            None => plain.push_str(&format!("\u{1b}[{part}")),
        }
    }
    plain
}
