//! The page of `forebear compare --format html`: two models, and what their weights say.
//!
//! It is built, styled and guarded as the report of a check is; see the [module above](super).

use std::io::{self, Write};

use forebear_types::weights::Verdict;
use forebear_weights::compare::{GroupResult, TestGroup};
use forebear_weights::tokenizer::TokenizerComparison;

use super::markup::{Html, Id, class, ours};
use super::verdict::{fact, sign};
use super::{page, weights};
use crate::layer_map::{LayerMap, Names};
use crate::text::count;
use crate::weights::{Compared, Side, Trouble, words};

/// Problems that are listed; JSON has all.
const MOST: usize = 400;

/// What stands at the end of the page.
const CLOSING: &str = "forebear reports what tests say of weights. It is not legal advice.";

/// Writes the page. `version` is that of forebear.
///
/// # Errors
/// What the writer says.
pub fn write(compared: Compared<'_>, version: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut html = Html::default();
    let (suspect, base) = names(compared);
    let title = format!("{suspect} compared with {base}");
    super::begin(&format!("Weights: {title}"), "weights compared", &contents(compared), &mut html);
    html.el("div", &[class("opening")], |html| {
        html.leaf("p", &[class("kicker")], "Weights compared");
        html.leaf("h1", &[], &title);
        verdict(compared, html);
        html.el("dl", &[class("facts")], |html| {
            side("Suspect", compared.suspect, html);
            side("Base", compared.base, html);
        });
    });
    html.line_end();
    tests(compared, &mut html);
    layers(compared, &mut html);
    if let Some(vocabularies) = &compared.result.tokenizer {
        section("vocabularies", "Vocabularies", "A hint, which decides nothing.", &mut html, |html| {
            vocabulary(vocabularies, html);
        });
    }
    let lead = "The verdict does not reach beyond this.";
    section("limits", "What this rests on, and what it cannot see", lead, &mut html, |html| {
        html.el("ul", &[class("plain")], |html| {
            for sentence in words::rests_on(compared) {
                html.leaf("li", &[], &sentence);
            }
        });
    });
    troubles(compared, &mut html);
    html.end("main");
    html.el("footer", &[], |html| {
        html.leaf("p", &[class("closing")], CLOSING);
        let made = "The file holds everything that it shows and fetches nothing.";
        html.leaf("p", &[], &format!("Made by forebear {version}. {made}"));
    });
    html.line_end();
    out.write_all(b"<!DOCTYPE html>\n")?;
    super::end(&mut html);
    out.write_all(html.take().as_bytes())
}

/// What the page calls the two: the last parts of their paths, where these tell them apart. The whole paths stand below.
fn names(compared: Compared<'_>) -> (&str, &str) {
    let (suspect, base) = (compared.suspect.path.as_str(), compared.base.path.as_str());
    let short = (last_part(suspect), last_part(base));
    let says = |name: &str| name.chars().any(char::is_alphanumeric);
    if short.0 != short.1 && says(short.0) && says(short.1) { short } else { (suspect, base) }
}

fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn section(name: &'static str, title: &str, lead: &str, html: &mut Html, content: impl FnOnce(&mut Html)) {
    page::section(html, (0, 2), name, title, lead, content);
}

fn contents(compared: Compared<'_>) -> Vec<(Id, String)> {
    let result = compared.result;
    let parts = [
        ("tests", "Tests", true),
        ("layers", "Layers", LayerMap::of(result).is_some()),
        ("vocabularies", "Vocabularies", result.tokenizer.is_some()),
        ("limits", "Limits", true),
        ("not-read", "Not read", !troubled(compared).is_empty()),
    ];
    let shown = parts.into_iter().filter(|(.., shown)| *shown);
    shown.map(|(name, title, _)| (Id::section(0, name), title.to_owned())).collect()
}

/// What it shows and what it does not: the first thing on the page.
fn verdict(compared: Compared<'_>, html: &mut Html) {
    let verdict = compared.result.verdict;
    // No verdict is a fault: what is shown is a fact, what is not is a question.
    let kind = match verdict {
        Verdict::Identical | Verdict::SharedWeights => "note",
        Verdict::SharedEmbeddings | Verdict::SharedSeedPossible | Verdict::Weak | Verdict::Withheld => {
            "unknown"
        }
        Verdict::None => "nothing",
    };
    html.el("div", &[class("verdict"), ours("data-worst", kind)], |html| {
        html.el("p", &[class("ruling")], |html| {
            html.el("span", &[ours("class", sign(kind)), ours("aria-hidden", "true")], |_| ());
            let (suspect, base) = names(compared);
            html.leaf("span", &[], &words::verdict(verdict, suspect, base));
        });
        html.el("p", &[class("limit")], |html| {
            html.leaf("span", &[class("chip")], &verdict.name().replace('-', " "));
            html.text(" ");
            html.text(words::limit(verdict));
        });
    });
    html.line_end();
}

/// One of the two models.
fn side(name: &str, side: &Side, html: &mut Html) {
    let about = &side.description;
    fact(html, name, |html| {
        html.leaf("code", &[], &side.path);
        html.text(if side.is_fingerprint { ", a fingerprint file" } else { ", a model" });
        if let Some(named) = &about.name {
            html.text(" of ");
            html.leaf("span", &[class("model")], named);
        }
    });
    fact(html, &format!("{name}: what was read"), |html| {
        html.text(&count(about.tensors.count as usize, "tensor"));
        if let Some(sketch) = &about.sketch {
            html.text(&format!(
                ", {}, residual width {}, {} sampled residual dimensions",
                count(usize::from(sketch.layers), "layer"),
                sketch.width,
                sketch.dimensions
            ));
        }
        if let Some(reason) = &about.reason {
            html.text(", no sketch of the weights: ");
            html.text(reason);
        }
    });
}

fn tests(compared: Compared<'_>, html: &mut Html) {
    let result = compared.result;
    let lead = "Each asks whether the numbering of residual dimensions agrees more than chance explains. z counts standard deviations; p is \
                the share of random orders that reach it.";
    section("tests", "Tests", lead, html, |html| {
        html.el("ul", &[class("plain")], |html| {
            html.leaf(
                "li",
                &[],
                &match result.identical_tensors {
                    Some(identical) => {
                        format!(
                            "Identical tensors: {identical} of {} that have a digest.",
                            result.compared_tensors
                        )
                    }
                    None => "Tensors were not compared byte by byte: one side has no digests.".to_owned(),
                },
            );
        });
        if result.groups.is_empty() {
            html.leaf("p", &[], "There was nothing to test.");
        } else {
            groups("Tests of the comparison", &result.groups, true, html);
        }
        if let Some(robust) = &result.robust {
            html.leaf("h3", &[], "With residual dimensions assigned to each other");
            let words = format!(
                "{} of the base were assigned dimensions of the suspect by {}; {} of them got those of the same number. This finds copies \
                 whose dimensions were permuted or pruned.",
                count(robust.dimensions, "residual dimension"),
                count(robust.features, "feature"),
                robust.in_place
            );
            html.leaf("p", &[class("lead")], &words);
            groups("Tests after the assignment", &robust.groups, false, html);
        }
    });
}

/// A table of tests. Those of robust mode by itself are not corrected.
fn groups(caption: &str, groups: &[GroupResult], corrected: bool, html: &mut Html) {
    let all =
        ["Test", "z", "p", "Random orders", "Features", "Dimensions", "Matched", "p, times the tests made"];
    let columns = if corrected { &all[..] } else { &all[..7] };
    page::table(html, caption, columns, |html| {
        for test in groups {
            page::row(html, &[], |html| {
                page::row_header(html, |html| html.text(&test.group.name().replace('-', " ")));
                // Without draws there is a statistic and no p-value.
                let counted = test.p.draws > 0;
                let p = |p| if counted { words::short(p) } else { "not counted".to_owned() };
                let reached = format!("{} of {} reached it", test.p.reached, test.p.draws);
                let dimensions = match test.group {
                    TestGroup::UnusedTokens => "–".to_owned(),
                    TestGroup::Features(_) => test.dimensions.to_string(),
                };
                let features = match test.group {
                    TestGroup::UnusedTokens => count(test.features, "token"),
                    TestGroup::Features(_) => test.features.to_string(),
                };
                let how = match words::matched(test.alignment) {
                    "" => "by number",
                    how => how,
                };
                let cells = [
                    words::statistic(test.z),
                    p(test.p.p),
                    reached,
                    features,
                    dimensions,
                    how.to_owned(),
                    p(test.corrected),
                ];
                for (column, cell) in columns[1..].iter().zip(&cells) {
                    weights::number(html, column, cell);
                }
            });
        }
    });
}

fn layers(compared: Compared<'_>, html: &mut Html) {
    let Some(map) = LayerMap::of(compared.result) else { return };
    let lead = "Which layer of the base each layer of the suspect is most like, by the rows and columns of their matrices. Layers that were \
                dropped, repeated or put into another order show here.";
    section("layers", "Layers", lead, html, |html| {
        if !map.shows_something() && compared.result.robust.is_some() {
            let words = "The map compares dimensions by number: it cannot show a copy whose dimensions were permuted.";
            html.leaf("p", &[class("quiet")], words);
        }
        let names = Names { title: Id::of("map-title"), words: Id::of("map-words") };
        html.el("div", &[class("weighed")], |html| weights::figure(&map, &names, html));
    });
}

fn vocabulary(found: &TokenizerComparison, html: &mut Html) {
    html.leaf("p", &[], &words::vocabulary(found));
}

fn troubled(compared: Compared<'_>) -> Vec<(&Side, &Trouble)> {
    let sides = [compared.suspect, compared.base];
    sides.into_iter().flat_map(|side| side.problems.iter().map(move |trouble| (side, trouble))).collect()
}

fn troubles(compared: Compared<'_>, html: &mut Html) {
    let all = troubled(compared);
    if all.is_empty() {
        return;
    }
    let lead = "What is missing here was not compared.";
    section("not-read", "Not read, or not wholly", lead, html, |html| {
        let columns = ["What", "What to do"];
        page::table(html, "What could not be read", &columns, |html| {
            for (side, trouble) in all.iter().take(MOST) {
                page::row(html, &[], |html| {
                    page::row_header(html, |html| html.text(&trouble.sentence(side)));
                    page::cell(html, columns[1], |html| {
                        page::sentences(html, trouble.remedy.as_deref().unwrap_or("–"));
                    });
                });
            }
        });
        if all.len() > MOST {
            html.leaf("p", &[class("more")], &format!("{} more in JSON.", all.len() - MOST));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_where_they_tell_the_two_apart() {
        let description =
            forebear_weights::describe::Description::of(&forebear_weights::Fingerprint::default());
        let result = forebear_weights::compare::compare(
            &forebear_weights::Fingerprint::default(),
            &forebear_weights::Fingerprint::default(),
            forebear_weights::compare::Options::default(),
        );
        for (suspect, base, expected) in [
            ("/models/kaguya/", "bases/llama.print", ("kaguya", "llama.print")),
            ("a/model.gguf", "b/model.gguf", ("a/model.gguf", "b/model.gguf")),
            (".", "../..", (".", "../..")),
            ("/", "base", ("/", "base")),
        ] {
            let side = |path: &str| Side {
                path: path.to_owned(),
                is_fingerprint: false,
                description: description.clone(),
                problems: Vec::new(),
            };
            let (suspect, base) = (side(suspect), side(base));
            let compared = Compared { suspect: &suspect, base: &base, result: &result };
            assert_eq!(names(compared), expected);
        }
    }
}
