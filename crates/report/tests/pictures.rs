//! The lineage as DOT and as SVG.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod stories;

use forebear_report::{dot, svg};
use forebear_types::ModelId;
use forebear_types::lineage::{Confidence, Strength};
use forebear_types::run::Run;
use roxmltree::{Document, Node};

fn rendered(write: fn(&Run, &mut dyn std::io::Write) -> std::io::Result<()>, run: &Run) -> String {
    let mut bytes = Vec::new();
    write(run, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A chain, a star and a comb of this many ancestors.
fn shapes(ancestors: usize) -> [Run; 3] {
    let name = |index: usize| ModelId::new(format!("organisation-{index}/Model-{index}-Instruct"));
    let made = |child: &dyn Fn(usize) -> Option<usize>| {
        let mut run = stories::family();
        let hop = run.lineage.hops[0].clone();
        run.obligations.clear();
        run.lineage.hops = (0..ancestors)
            .map(|index| {
                let mut hop = hop.clone();
                hop.candidates[0].model = name(index);
                hop.child = child(index).map(name);
                hop.strength =
                    [Strength::Declared, Strength::Structural, Strength::Circumstantial][index % 3];
                hop.confidence = [Confidence::High, Confidence::Low][index % 2];
                hop
            })
            .collect();
        run
    };
    [
        made(&|index| index.checked_sub(1)),
        made(&|_| None),
        made(&|index| if index % 2 == 0 { None } else { index.checked_sub(1) }),
    ]
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// `x`, `y`, width and height of every box.
fn boxes(document: &Document<'_>) -> Vec<[f64; 4]> {
    document
        .descendants()
        .filter(|node| {
            node.has_tag_name(("http://www.w3.org/2000/svg", "rect")) && node.attribute("x").is_some()
        })
        .map(|node| ["x", "y", "width", "height"].map(|name| number(node, name)))
        .collect()
}

#[test]
fn the_pictures_of_the_stories_are_as_expected() {
    for (name, run) in [
        ("violation", stories::violation()),
        ("family", stories::family()),
        ("empty", stories::empty()),
        ("hostile", stories::hostile()),
    ] {
        stories::compare(&format!("tests/snapshots/{name}.dot"), &rendered(dot::write, &run));
        stories::compare(&format!("tests/snapshots/{name}.svg"), &rendered(svg::write, &run));
    }
}

#[test]
fn boxes_do_not_overlap_and_text_stays_inside() {
    for run in (0..=12).flat_map(shapes) {
        let picture = rendered(svg::write, &run);
        let document = Document::parse(&picture).unwrap();
        let boxes = boxes(&document);
        assert_eq!(boxes.len(), run.lineage.hops.len() + 1);
        for (index, [x, y, width, height]) in boxes.iter().enumerate() {
            for [other_x, other_y, other_width, other_height] in &boxes[index + 1..] {
                let apart = x + width <= *other_x
                    || other_x + other_width <= *x
                    || y + height <= *other_y
                    || other_y + other_height <= *y;
                assert!(apart, "{picture}");
            }
        }
        let view: Vec<f64> = document
            .root_element()
            .attribute("viewBox")
            .unwrap()
            .split(' ')
            .map(|part| part.parse().unwrap())
            .collect();
        for text in document.descendants().filter(|node| node.tag_name().name() == "text") {
            let (x, y) = (number(text, "x"), number(text, "y"));
            assert!(x >= 0.0 && x < view[2] && y >= 0.0 && y <= view[3], "{picture}");
        }
    }
}

#[test]
fn a_base_stands_below_what_descends_from_it() {
    for run in shapes(12) {
        let picture = rendered(svg::write, &run);
        let at = |model: &str| picture.find(&format!(">{model}</text>")).unwrap();
        for hop in &run.lineage.hops {
            let base = at(hop.candidates[0].model.as_str());
            assert!(base > hop.child.as_ref().map_or(0, |child| at(child.as_str())));
        }
    }
}

#[test]
fn a_picture_needs_nothing_from_outside_and_speaks_to_screen_readers() {
    for run in [stories::violation(), stories::family(), stories::empty(), stories::hostile()] {
        let picture = rendered(svg::write, &run);
        let document = Document::parse(&picture).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        for id in root.attribute("aria-labelledby").unwrap().split(' ') {
            assert!(document.descendants().any(|node| node.attribute("id") == Some(id)), "{id}");
        }
        for node in document.descendants().filter(Node::is_element) {
            let known = ["svg", "title", "desc", "style", "rect", "g", "text", "path"];
            assert!(known.contains(&node.tag_name().name()), "{:?}", node.tag_name());
            for attribute in node.attributes() {
                let name = attribute.name();
                assert!(!name.starts_with("on") && name != "href", "{name}");
            }
        }
        let style = document.descendants().find(|node| node.tag_name().name() == "style").unwrap();
        assert!(
            !style.text().unwrap().contains("url(") && style.text().unwrap().contains("prefers-color-scheme")
        );
    }
}

#[test]
fn the_evidence_is_in_the_tooltips_of_lines_and_boxes() {
    let run = stories::violation();
    let picture = rendered(svg::write, &run);
    let document = Document::parse(&picture).unwrap();
    let titles: Vec<&str> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "title")
        .filter_map(|node| node.text())
        .collect();
    for words in ["for: 256 routed experts [config.json:4]", "against: no tokenizer was compared [catalog]"] {
        assert!(titles.iter().filter(|title| title.contains(words)).count() >= 2, "{titles:?}");
        assert!(rendered(dot::write, &run).contains(words));
    }
}

/// What stands in quotes in a graph, unescaped; panics where a string does not end.
fn strings(graph: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut characters = graph.chars();
    while let Some(character) = characters.next() {
        if character != '"' {
            continue;
        }
        let mut text = String::new();
        loop {
            match characters.next().expect("a string ends") {
                '"' => break,
                '\\' => match characters.next().unwrap() {
                    'n' => text.push('\n'),
                    escaped @ ('"' | '\\' | '{' | '}' | '|' | '<' | '>') => text.push(escaped),
                    other => panic!("an escape `\\{other}`"),
                },
                other => text.push(other),
            }
        }
        strings.push(text.replace("&amp;", "&"));
    }
    strings
}

#[test]
fn a_hostile_name_stays_inside_its_string() {
    let evil = "x\"]; evil [label=<b>];}\\N\\\" & <script>alert(1)</script> ]]> --> \u{1b}[2J\u{202e}\n{a|b}\u{ffff}";
    let mut run = stories::family();
    for hop in &mut run.lineage.hops {
        for candidate in &mut hop.candidates {
            candidate.model = ModelId::new(format!("{}{evil}", candidate.model));
        }
        hop.because[0].detail = evil.into();
        hop.child = hop.child.take().map(|child| ModelId::new(format!("{child}{evil}")));
    }
    run.declared.license = Some(evil.into());
    run.obligations[0].license = evil.into();
    let graph = rendered(dot::write, &run);
    let found = strings(&graph);
    assert!(found.iter().any(|text| text.contains("<script>alert(1)</script> ]]>")), "{graph}");
    // Outside of strings there is only what is ours.
    let mut outside = graph.clone();
    while let Some(start) = outside.find('"') {
        let mut end = start + 1;
        while !outside[end..].starts_with('"') {
            end += if outside[end..].starts_with('\\') {
                2
            } else {
                outside[end..].chars().next().unwrap().len_utf8()
            };
        }
        outside.replace_range(start..=end, "S");
    }
    assert!(!outside.contains("evil") && !outside.contains('<') && !outside.contains('\\'), "{outside}");
    assert_eq!(outside.matches('{').count(), outside.matches('}').count());

    let picture = rendered(svg::write, &run);
    let document = Document::parse(&picture).unwrap();
    assert!(document.descendants().all(|node| !["script", "b"].contains(&node.tag_name().name())));
    assert!(!picture.chars().any(|one| (one.is_control() && one != '\n') || one == '\u{202e}'), "{picture}");
}

#[test]
fn circles_and_huge_lineages_come_to_an_end() {
    let mut run = stories::family();
    run.lineage.hops[0].child = Some("meta-llama/Llama-3.3-70B-Instruct".into());
    run.lineage.hops[1].child = Some(run.lineage.hops[1].candidates[0].model.clone());
    let mut many = shapes(3000)[1].clone();
    many.lineage.hops[0].candidates = vec![many.lineage.hops[0].candidates[0].clone(); 5000];
    many.lineage.hops[1].because = vec![many.lineage.hops[1].because[0].clone(); 5000];
    many.lineage.hops[2].candidates[0].model = ModelId::new("x".repeat(1_000_000));
    for run in [run, many] {
        for write in [dot::write as fn(&Run, &mut dyn std::io::Write) -> _, svg::write] {
            let picture = rendered(write, &run);
            assert!(picture.len() < 200_000, "{} bytes", picture.len());
        }
        Document::parse(&rendered(svg::write, &run)).unwrap();
    }
    assert!(rendered(svg::write, &shapes(3000)[1]).contains("2952 more steps"));
}
