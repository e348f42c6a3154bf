//! The HTML report: what it holds, and what it must never hold.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use std::collections::BTreeSet;
use std::sync::Arc;

use forebear_report::{Format, html};
use forebear_types::fact::{FactKind, ModelCard};
use forebear_types::finding::Fix;
use forebear_types::history::About;
use forebear_types::run::Run;
use forebear_types::{ModelId, Snapshot};
use roxmltree::{Document, Node, ParsingOptions};

fn rendered(runs: &[Run]) -> String {
    let mut bytes = Vec::new();
    html::write_all(runs, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn with_page(runs: &[Run], look: impl FnOnce(&Document<'_>)) {
    let page = stories::bare(&rendered(runs));
    let options = ParsingOptions { allow_dtd: true, nodes_limit: u32::MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&page, options).unwrap();
    look(&document);
}

fn all_stories() -> Vec<Vec<Run>> {
    let each = [
        stories::empty,
        stories::violation,
        stories::life,
        stories::clean,
        stories::family,
        stories::weights,
        stories::hostile,
        evil,
    ];
    let mut reports: Vec<Vec<Run>> = each.iter().map(|story| vec![story()]).collect();
    reports.push(each.iter().map(|story| story()).collect());
    reports.push(Vec::new());
    reports
}

/// What tries to be markup, to end what it stands in, and to run.
const EVIL: &str = "\"'><script>window.__owned=1</script></style></script><img src=x onerror=alert(1)><a href=javascript:alert(1)>`x` ]]>--><!--";

/// A repository whose every text is markup.
fn evil() -> Run {
    let mut run = stories::violation();
    let evil = || EVIL.to_owned();
    let evil_path = stories::path(&EVIL.replace('/', "\u{2215}"));
    run.name = evil();
    let card = ModelCard { text: Arc::from(EVIL), ..ModelCard::default() };
    run.facts.push(stories::fact("README.md", FactKind::ModelCard(card)));
    run.facts[0].path = evil_path.clone();
    run.declared.license = Some(evil());
    run.declared.license_name = Some(evil());
    run.declared.license_link = Some("javascript:alert(1)".into());
    run.declared.base_models = vec![evil()];
    for problem in &mut run.problems {
        problem.path = evil_path.clone();
        problem.what = evil();
        problem.remedy = evil();
    }
    for hop in &mut run.lineage.hops {
        hop.candidates[0].model = ModelId::new(EVIL);
        hop.candidates[0].revision = Some(evil());
        hop.subject = evil_path.clone();
        hop.because[0].detail = evil();
    }
    for obligation in &mut run.obligations {
        obligation.license = EVIL.into();
        obligation.clause = evil();
        obligation.subject = evil();
        obligation.reason = evil();
    }
    for finding in &mut run.findings {
        finding.message = evil();
        finding.help = evil();
        finding.fix = Some(Fix { summary: EVIL.repeat(2) });
        finding.upstream = vec![ModelId::new(EVIL)];
        for place in &mut finding.places {
            place.label = evil();
        }
        finding.places[..].iter_mut().take(1).for_each(|place| place.location.path = evil_path.clone());
    }
    for event in &mut run.history.events {
        event.path = evil_path.clone();
        event.author = evil();
        event.subject = evil();
        event.from = Some(evil());
        event.to = Some(evil());
        event.reference = Some(evil());
        event.about = About::Declaration(evil());
    }
    run.exposures[0].exposure.tags = vec![evil()];
    run.history.signs[0].what = evil();
    run.waivers[0].reason = evil();
    run.waivers[0].owner = Some(evil());
    run.source.snapshot = Snapshot::Cached { revision: evil() };
    run.weights = stories::weights().weights;
    for comparison in &mut run.weights {
        comparison.subject = evil_path.clone();
        comparison.file = evil_path.clone();
        comparison.base = ModelId::new(EVIL);
        comparison.revision = Some(evil());
        comparison.source = evil();
        comparison.caveats = vec![evil(); 100];
    }
    run.maker.docs = Some("javascript:alert(1)//".into());
    run
}

fn attribute_names(document: &Document<'_>) -> BTreeSet<String> {
    document
        .descendants()
        .flat_map(|node| node.attributes().map(|one| one.name().to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn small_stories_look_as_they_should() {
    for (name, story) in [
        ("clean", stories::clean as fn() -> Run),
        ("violation", stories::violation),
        ("weights", stories::weights),
    ] {
        stories::compare(&format!("tests/snapshots/{name}.html"), &stories::bare(&rendered(&[story()])));
    }
}

#[test]
fn every_page_is_well_formed_and_its_names_are_unique_and_lead_somewhere() {
    for runs in all_stories() {
        with_page(&runs, |document| {
            let mut ids = BTreeSet::new();
            for node in document.descendants() {
                if let Some(id) = node.attribute("id") {
                    assert!(ids.insert(id.to_owned()), "two are called {id}");
                }
            }
            let mut named = 0;
            for node in document.descendants() {
                let links = node.attribute("href").and_then(|to| to.strip_prefix('#'));
                let others = ["aria-labelledby", "aria-describedby", "data-tip"];
                let others = others.iter().filter_map(|name| node.attribute(*name));
                for name in links.into_iter().chain(others.flat_map(str::split_whitespace)) {
                    assert!(ids.contains(name), "nothing is called {name}");
                    named += 1;
                }
            }
            assert!(named > 3);
        });
    }
}

#[test]
fn nothing_comes_from_outside_and_nothing_runs_but_the_script() {
    for runs in all_stories() {
        with_page(&runs, |document| {
            let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
            assert_eq!((count("script"), count("style")), (1, 1));
            for name in
                ["img", "link", "iframe", "object", "embed", "base", "form", "image", "use", "foreignObject"]
            {
                assert_eq!(count(name), 0, "{name}");
            }
            let names = attribute_names(document);
            for name in &names {
                // Styles of single elements would need a weaker policy.
                assert!(
                    !name.starts_with("on") && !["src", "style", "srcset", "action"].contains(&name.as_str()),
                    "{name}"
                );
            }
            for node in document.descendants().filter(|node| node.attribute("href").is_some()) {
                let address = node.attribute("href").unwrap();
                assert!(node.has_tag_name("a"), "{address}");
                assert!(address.starts_with('#') || address.starts_with("https://"), "{address}");
            }
        });
        let page = rendered(&runs);
        let style = &page[page.find("<style>").unwrap()..page.find("</style>").unwrap()];
        assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
    }
}

#[test]
fn the_text_of_a_stranger_is_text() {
    with_page(&[evil()], |document| {
        let texts = document.descendants().filter(|node| node.is_text()).filter_map(|node| node.text());
        let shown = texts.filter(|text| text.contains("<script>window.__owned=1</script>")).count();
        assert!(shown > 20, "{shown}");
        assert!(document.descendants().all(|node| node.attribute("onerror").is_none()));
    });
    let hostile = rendered(&[stories::hostile()]);
    let control = |one: char| (one.is_control() && !matches!(one, '\n' | '\t')) || one == '\u{202e}';
    assert!(!hostile.chars().any(control));
}

#[test]
fn the_policy_names_the_style_sheet_and_the_script_and_nothing_else() {
    with_page(&[stories::clean()], |document| {
        let policy = document
            .descendants()
            .find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"))
            .and_then(|node| node.attribute("content"))
            .unwrap();
        let parts: Vec<&str> = policy.split("; ").collect();
        assert_eq!((parts.len(), parts[0]), (5, "default-src 'none'"));
        for (part, name) in [(parts[1], "style-src 'sha256-"), (parts[2], "script-src 'sha256-")] {
            // The digest of 32 bytes has 44 characters; whether it is the right one is tested beside its function and in a browser.
            assert_eq!(part.strip_prefix(name).unwrap().len(), 44 + 1, "{part}");
        }
        assert_eq!(parts[3..], ["base-uri 'none'", "form-action 'none'"]);
    });
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    for runs in all_stories() {
        assert_eq!(rendered(&runs), rendered(&runs));
    }
    assert_eq!(Format::of_file("a/report.HTM"), Some(Format::Html));
    assert!(Format::Html.holds_many());
}

/// The level of a heading.
fn level(node: &Node<'_, '_>) -> Option<u32> {
    let name = node.tag_name().name();
    name.strip_prefix('h').filter(|digits| digits.len() == 1).and_then(|digits| digits.parse().ok())
}

#[test]
fn headings_are_in_order_and_say_something() {
    for runs in all_stories() {
        with_page(&runs, |document| {
            let mut last = 0;
            for node in document.descendants() {
                let Some(level) = level(&node) else { continue };
                assert!(level <= last + 1, "h{level} after h{last}");
                assert!(node.descendants().any(|one| one.text().is_some_and(|text| !text.trim().is_empty())));
                last = level;
            }
            assert!(last > 0);
        });
    }
}

#[test]
fn every_rule_has_its_page_once_and_every_finding_leads_to_it() {
    with_page(&[stories::violation(), stories::life(), stories::hostile()], |document| {
        let pages: Vec<&str> = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("fold rule"))
            .filter_map(|node| node.attribute("id"))
            .collect();
        assert_eq!(
            pages,
            [
                "rule-base-undeclared",
                "rule-license-added-late",
                "rule-license-removed-in-history",
                "rule-missing-upstream-copyright"
            ]
        );
        let links = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("rule") && node.has_tag_name("a"));
        assert_eq!(links.count(), 3 * 4);
    });
}

#[test]
fn a_finding_shows_its_bytes_its_commit_and_its_remedy() {
    let page = rendered(&[stories::violation()]);
    for part in [
        "<mark>&quot;n_routed_experts&quot;: 256</mark>",
        "<span class=\"said\">256 routed experts</span>",
        "<code class=\"copy\">git show 0202020 -- LICENSE</code>",
        "from 2026-01-15 (0202020), open for 76 days, 2 commits",
        "<code class=\"copy\">00112233445566778899aabbccddeeff</code>",
        "Add <code>base_model:</code> to the front matter of README.md.",
        "https://forebear.example/docs/rules/base-undeclared.html",
        "pushed late",
        "docs/terms.pdf",
        "It is not legal advice.",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn ten_thousand_findings_are_a_page_that_a_browser_opens() {
    let page = rendered(&[stories::large(10_000)]);
    assert!(page.len() < 30_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("class=\"finding\"").count(), 10_000);
    assert_eq!(page.matches("<details id=\"rule-").count(), 5);
}
