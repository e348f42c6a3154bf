//! Comparisons of weights with fingerprints of bases, and what the page of a single comparison shares with them.

use forebear_types::weights::{WeightComparison, WeightTest};

use super::markup::{Html, class, id, ours};
use super::page::{self, Page};
use super::verdict::capitalised;
use crate::layer_map::{self, LayerMap, Names};
use crate::text::{count, fingerprints};
use crate::weights::words;

/// Comparisons that are shown in full; JSON has all.
const MOST: usize = 20;

/// Bases without a trace that are named; JSON has all.
const NAMED: usize = 20;

/// Layers that the table beside a picture lists; JSON has all.
const LAYERS: usize = 256;

/// Lines beside a picture; the table has every layer.
const RUNS: usize = 12;

/// Caveats that are listed; JSON has all.
const CAVEATS: usize = 40;

/// The section; nothing where no weights were compared.
pub(super) fn section(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    if run.weights.is_empty() {
        return;
    }
    let (telling, rest) = fingerprints::split(run);
    let lead = "What a statistical test on the weights says of bases whose fingerprint is known. It shows a common origin, never who was first. \
                The suspect is the model of this repository.";
    page.section(html, "weights", "Weights compared with fingerprints of bases", lead, |html| {
        for (number, one) in telling.iter().enumerate().take(MOST) {
            entry(page, number, one, html);
        }
        if telling.len() > MOST {
            html.leaf("p", &[class("more")], &format!("{} more in the JSON report.", telling.len() - MOST));
        }
        others(&rest, if telling.is_empty() { "base" } else { "other base" }, html);
    });
}

fn others(rest: &[&WeightComparison], noun: &str, html: &mut Html) {
    if rest.is_empty() {
        return;
    }
    html.el("p", &[class("more")], |html| {
        html.text(&format!("No common origin is shown with {}: ", count(rest.len(), noun)));
        for (index, one) in rest.iter().take(NAMED).enumerate() {
            html.text(if index == 0 { "" } else { ", " });
            html.leaf("span", &[class("model")], one.base.as_str());
        }
        if rest.len() > NAMED {
            html.text(&format!(" and {} more", rest.len() - NAMED));
        }
        html.text(".");
    });
}

fn entry(page: &Page<'_>, number: usize, one: &WeightComparison, html: &mut Html) {
    let own = page.id("compared", number);
    html.el("div", &[id(&own), class("weighed")], |html| {
        html.el(page.heading(1), &[], |html| {
            html.leaf("span", &[class("model")], one.base.as_str());
        });
        let subject = match one.subject.is_root() {
            true => "this model".to_owned(),
            false => format!("the model in {}", one.subject),
        };
        let words = words::verdict(one.verdict, &subject, one.base.as_str());
        html.leaf("p", &[class("asks")], &capitalised(&words));
        html.leaf("p", &[class("quiet")], words::limit(one.verdict));
        html.el("p", &[class("standing")], |html| chips(one, html));
        if !one.tests.is_empty() {
            tests(&one.tests, html);
        }
        html.el("ul", &[class("plain")], |html| {
            for sentence in rests_on(one) {
                html.leaf("li", &[], &sentence);
            }
        });
        if let Some(map) = LayerMap::of_check(one) {
            let names = Names { title: page.id("map-title", number), words: page.id("map-words", number) };
            figure(&map, &names, html);
        }
    });
    html.line_end();
}

/// The verdict's name, where the fingerprint is from, and what was read.
fn chips(one: &WeightComparison, html: &mut Html) {
    let mut facts = vec![one.verdict.name().replace('-', " ")];
    if let Some(revision) = &one.revision {
        facts.push(format!("base at revision {revision}"));
    }
    facts.push(match one.source.as_str() {
        "embedded" => "embedded fingerprint".to_owned(),
        file => format!("fingerprint {file}"),
    });
    facts.push(format!("read from {}", one.file));
    if one.quantised {
        facts.push("quantised".to_owned());
    }
    for fact in facts {
        html.leaf("span", &[class("chip")], &fact);
        html.text(" ");
    }
}

fn tests(tests: &[WeightTest], html: &mut Html) {
    let columns = ["Test", "z", "p", "Features", "Dimensions"];
    page::table(html, "Tests; p is multiplied by the number of tests made", &columns, |html| {
        for test in tests {
            page::row(html, &[], |html| {
                page::row_header(html, |html| html.text(&test.group.replace('-', " ")));
                let cells = [words::statistic(test.z), words::short(test.p), test.features.to_string()];
                for (column, cell) in columns[1..4].iter().zip(&cells) {
                    number(html, column, cell);
                }
                number(html, columns[4], &test.dimensions.to_string());
            });
        }
    });
}

/// A cell with a number.
pub(super) fn number(html: &mut Html, column: &'static str, number: &str) {
    html.leaf("td", &[ours("role", "cell"), ours("data-label", column), class("digits")], number);
}

/// What the verdict rests on and cannot see, in sentences.
fn rests_on(one: &WeightComparison) -> Vec<String> {
    let mut lines = vec![match one.identical_tensors {
        Some(identical) => {
            format!("Identical tensors: {identical} of {} that were compared.", one.compared_tensors)
        }
        None => "Tensors were not compared byte by byte.".to_owned(),
    }];
    if one.robust {
        lines.push("Copies with permuted or pruned residual dimensions were looked for, too.".to_owned());
    }
    lines.extend(one.caveats.iter().take(CAVEATS).cloned());
    if one.caveats.len() > CAVEATS {
        lines.push(format!("{} more in the JSON report.", one.caveats.len() - CAVEATS));
    }
    if let Some(sensitivity) = one.sensitivity {
        lines.push(format!(
            "The test of weights would have seen a correlation of {} or more.",
            words::least(sensitivity)
        ));
    }
    lines
}

/// The picture of the layers, and the same as a table.
pub(super) fn figure(map: &LayerMap, names: &Names, html: &mut Html) {
    html.el("figure", &[class("matched")], |html| {
        layer_map::picture(map, names, html);
        html.el("figcaption", &[], |html| {
            let runs = words::layers(map.best(), map.of_base());
            for line in runs.iter().take(RUNS) {
                html.leaf("p", &[], &capitalised(&format!("{line}.")));
            }
            if runs.len() > RUNS {
                html.leaf("p", &[], &format!("{} more lines; the table has every layer.", runs.len() - RUNS));
            }
            html.el("details", &[class("fold")], |html| {
                html.leaf("summary", &[], "The layers as a table");
                table(map, html);
            });
        });
    });
    html.line_end();
}

fn table(map: &LayerMap, html: &mut Html) {
    let columns =
        ["Layer of the suspect", "Layer of the base that it is most like", "z", "z of the next one"];
    page::table(html, "The most similar layer of the base for each layer of the suspect", &columns, |html| {
        for one in map.best().iter().take(LAYERS) {
            page::row(html, &[], |html| {
                page::row_header(html, |html| html.text(&one.suspect.to_string()));
                let base = one.base.map_or_else(|| "none".to_owned(), |base| base.to_string());
                let next = map.next_best(one).map(|z| words::statistic(f64::from(z)));
                number(html, columns[1], &base);
                number(html, columns[2], &words::statistic(one.z));
                number(html, columns[3], next.as_deref().unwrap_or("–"));
            });
        }
    });
    if map.best().len() > LAYERS {
        let more = format!("{} more in the JSON report.", map.best().len() - LAYERS);
        html.leaf("p", &[class("more")], &more);
    }
}
