//! The map of layers as a picture, and the page of a comparison.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "expected output is in files, and a test may stop"
)]

mod compared;
#[path = "stories/mod.rs"]
mod stories;

use std::collections::BTreeSet;

use compared::Built;
use forebear_report::html;
use forebear_report::layer_map::LayerMap;
use roxmltree::{Document, Node, ParsingOptions};

/// What tries to be markup, to end what it stands in, and to run.
const EVIL: &str = "\"'><script>window.__owned=1</script></style></svg></script><img src=x onerror=alert(1)>]]>--><!--\u{1b}[2J\u{202e}\n";

fn picture(built: &Built) -> String {
    let map = LayerMap::of(&built.result).unwrap();
    let mut bytes = Vec::new();
    map.write(&built.suspect.path, &built.base.path, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn page(built: &Built) -> String {
    let mut bytes = Vec::new();
    html::comparison::write(built.compared(), "0.1.0", &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn with_page(built: &Built, look: impl FnOnce(&Document<'_>)) {
    let page = stories::bare(&page(built));
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    look(&Document::parse_with_options(&page, options).unwrap());
}

fn all() -> [Built; 5] {
    [
        compared::dropped(),
        compared::deep(32, true),
        compared::deep(1, false),
        compared::deep(300, false),
        compared::withheld(EVIL),
    ]
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn elements<'a>(document: &'a Document<'_>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.tag_name().name() == name)
}

#[test]
fn pictures_and_pages_are_as_expected() {
    stories::compare("tests/snapshots/layers-dropped.svg", &picture(&compared::dropped()));
    stories::compare("tests/snapshots/layers-backwards.svg", &picture(&compared::deep(12, true)));
    stories::compare("tests/snapshots/compared-dropped.html", &stories::bare(&page(&compared::dropped())));
    let withheld = compared::withheld("a\"><b>name</b>\u{202e}");
    stories::compare("tests/snapshots/compared-withheld.html", &stories::bare(&page(&withheld)));
}

#[test]
fn a_picture_needs_nothing_from_outside_and_speaks_to_screen_readers() {
    for built in all() {
        let picture = picture(&built);
        let document = Document::parse(&picture).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        for name in ["aria-labelledby", "aria-describedby"] {
            let id = root.attribute(name);
            let named = document.descendants().find(|node| node.attribute("id") == id).unwrap();
            assert!(!named.text().unwrap().is_empty());
        }
        for node in document.descendants().filter(Node::is_element) {
            let known = ["svg", "title", "desc", "style", "rect", "text", "path"];
            assert!(known.contains(&node.tag_name().name()), "{:?}", node.tag_name());
            for attribute in node.attributes() {
                assert!(!attribute.name().starts_with("on") && attribute.name() != "href");
            }
        }
        let style = elements(&document, "style").next().unwrap().text().unwrap();
        assert!(!style.contains("url(") && style.contains("prefers-color-scheme"));
        // Every class has a style, but for those that look like the rest.
        for class in document.descendants().filter_map(|node| node.attribute("class")) {
            for class in class.split(' ').filter(|class| *class != "plain") {
                assert!(style.contains(&format!(".{class}{{")), "{class}");
            }
        }
        assert!(!picture.chars().any(|one| (one.is_control() && one != '\n') || one == '\u{202e}'));
        assert_eq!(picture, self::picture(&built));
    }
}

#[test]
fn everything_is_inside_of_the_picture() {
    for built in all() {
        let picture = picture(&built);
        let document = Document::parse(&picture).unwrap();
        let view = document.root_element().attribute("viewBox").unwrap();
        let view: Vec<f64> = view.split(' ').map(|part| part.parse().unwrap()).collect();
        for node in elements(&document, "rect").filter(|node| node.attribute("x").is_some()) {
            let right = number(node, "x") + number(node, "width");
            let bottom = number(node, "y") + number(node, "height");
            assert!(right <= view[2] && bottom <= view[3], "{picture}");
        }
        let mut numbers: Vec<(f64, f64)> = Vec::new();
        for node in elements(&document, "text") {
            let (x, y) = (number(node, "x"), number(node, "y"));
            let words = node.text().unwrap();
            // No character is narrower than a third of the size, and none of these is wider than the size.
            let room = if node.attribute("text-anchor") == Some("end") { x } else { view[2] - x };
            assert!(room >= words.len() as f64 * 4.0 && y <= view[3], "{words}");
            if words.bytes().all(|byte| byte.is_ascii_digit()) {
                assert!(
                    numbers.iter().all(|(left, top)| (x - left).abs() >= 22.0 || (y - top).abs() >= 12.0),
                    "{words}"
                );
                numbers.push((x, y));
            }
        }
        assert!(numbers.len() >= 2 && numbers.len() <= 100, "{}", numbers.len());
    }
}

#[test]
fn the_most_similar_layers_are_outlined_and_named() {
    let picture = picture(&compared::dropped());
    let document = Document::parse(&picture).unwrap();
    let notes: Vec<&str> = elements(&document, "rect")
        .filter(|node| node.attribute("class") == Some("best"))
        .filter_map(|node| node.first_element_child())
        .filter_map(|title| title.text())
        .collect();
    assert_eq!(notes.len(), 6);
    assert_eq!(notes[3], "layer 3 of the suspect: layer 5 of the base, z 26.9");
    let words = elements(&document, "desc").next().unwrap().text().unwrap();
    assert!(
        words.contains("layers 3 to 5 of the suspect: layers 5 to 7 of the base (z 9.9 to 26.9)"),
        "{words}"
    );
    // The least sure one is of the second shade, the surest of the last; what is unknown is in the legend, too.
    for (class, count) in [("z1", 1), ("z4", 1), ("unknown", 2)] {
        let paths = elements(&document, "path").filter(|node| node.attribute("class") == Some(class));
        assert_eq!(paths.count(), count, "{class}");
    }
}

#[test]
fn pictures_of_many_layers_stay_small() {
    for (layers, cells) in [(80, 80), (128, 128), (129, 65), (3_000, 125)] {
        let picture = picture(&compared::deep(layers, false));
        assert!(picture.len() < 60_000, "{layers}: {} bytes", picture.len());
        let document = Document::parse(&picture).unwrap();
        let outlines = elements(&document, "rect").filter(|node| {
            node.first_element_child().is_some_and(|child| child.tag_name().name() == "title")
        });
        assert_eq!(outlines.count(), cells);
        let width = number(document.root_element(), "width");
        assert!((300.0..800.0).contains(&width), "{width}");
    }
}

#[test]
fn without_common_layers_there_is_no_picture() {
    let mut built = compared::dropped();
    built.result.layer_matrix = Default::default();
    built.result.layer_map.clear();
    assert_eq!(LayerMap::of(&built.result), None);
    with_page(&built, |document| {
        assert!(document.descendants().all(|node| node.attribute("class") != Some("map")));
        let links = document.descendants().filter_map(|node| node.attribute("href"));
        assert!(links.into_iter().all(|href| href != "#r0-layers"));
    });
}

#[test]
fn the_page_begins_with_what_is_shown_and_what_is_not() {
    let page = page(&compared::dropped());
    let places: Vec<usize> = [
        "come from one training: one is made from the other, or both from a third.",
        "It does not show who was first",
        "an-organisation/A-Base@9b4d1c5a",
        "0 of 999999 reached it",
        "<svg ",
        "The layers as a table",
        "vocabulary is the base&#39;s with more tokens",
        "would have seen weight cosine &gt;= 0.07",
        "with a probability of at most 8e-6",
        "Made by forebear 0.1.0.",
    ]
    .map(|words| page.find(words).unwrap_or_else(|| panic!("{words}")))
    .to_vec();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_page_is_well_formed_needs_nothing_from_outside_and_shows_texts_as_texts() {
    for built in all() {
        with_page(&built, |document| {
            let mut ids = BTreeSet::new();
            for id in document.descendants().filter_map(|node| node.attribute("id")) {
                assert!(ids.insert(id.to_owned()), "two are called {id}");
            }
            let mut level = 0;
            for node in document.descendants().filter(Node::is_element) {
                let links = node.attribute("href").and_then(|to| to.strip_prefix('#'));
                let others = ["aria-labelledby", "aria-describedby"];
                let others = others.iter().filter_map(|name| node.attribute(*name));
                for name in links.into_iter().chain(others) {
                    assert!(ids.contains(name), "nothing is called {name}");
                }
                for attribute in node.attributes() {
                    let name = attribute.name();
                    assert!(!name.starts_with("on") && !["src", "style"].contains(&name), "{name}");
                }
                let name = node.tag_name().name();
                assert!(!["img", "link", "iframe", "form", "image", "use"].contains(&name), "{name}");
                if let Some(found) = name.strip_prefix('h').and_then(|digits| digits.parse::<u32>().ok()) {
                    assert!(found <= level + 1, "h{found} after h{level}");
                    level = found;
                }
            }
            assert_eq!(elements(document, "script").count(), 1);
        });
        let page = page(&built);
        assert!(!page.chars().any(|one| (one.is_control() && !"\n\t".contains(one)) || one == '\u{202e}'));
        assert_eq!(page, self::page(&built));
    }
    with_page(&compared::withheld(EVIL), |document| {
        let texts = document.descendants().filter(|node| node.is_text()).filter_map(|node| node.text());
        let shown = texts.filter(|text| text.contains("<script>window.__owned=1</script>")).count();
        assert!(shown >= 8, "{shown}");
    });
}

/// The report of a check shows what says something in full, and counts the rest.
#[test]
fn a_check_shows_what_is_found_and_counts_the_rest() {
    let mut run = stories::weights();
    let strangers = (0..50).map(|number| {
        stories::weighed(
            &format!("an-organisation/Stranger-{number}"),
            forebear_types::weights::Verdict::None,
            &[],
        )
    });
    run.weights.extend(strangers);
    let mut bytes = Vec::new();
    html::write_all(&[run], &mut bytes).unwrap();
    let page = String::from_utf8(bytes).unwrap();
    // Positive, declared without a trace, withheld.
    assert_eq!(page.matches("class=\"weighed\"").count(), 3);
    assert_eq!(page.matches("class=\"map\"").count(), 2);
    assert!(page.contains("No common origin is shown with 52 other bases: "), "{page}");
    assert!(page.contains(" and 32 more."));
    assert!(page.contains("<a href=\"#r0-weights\">Weights</a>"));
}
