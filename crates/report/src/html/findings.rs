//! What the rules say: open findings worst first, then what stood at the baseline, what is waived, and what is met.
//!
//! It is a plain list that needs no script. The script adds filters, which read the `data-` attributes of the entries.

use forebear_types::Snapshot;
use forebear_types::edit::{Edit, Reach};
use forebear_types::finding::{Finding, Place};
use forebear_types::obligation::Answer;
use forebear_types::run::Run;

use super::markup::{Html, Id, Url, class, id, link, ours, to};
use super::page::{self, Page};
use super::{excerpt, obligations, timeline};
use crate::{safe, tally, text};

/// Findings whose details stand open from the beginning.
const FEW: usize = 8;

/// Lists longer than this are laid out by the browser where they are looked at.
const LONG: usize = 100;

/// Models that one finding names; the list of the lineage has all.
const MODELS: usize = 3;

/// Places of one finding; JSON has all.
const PLACES: usize = 20;

/// The section.
pub(super) fn section(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let numbered = || run.findings.iter().enumerate();
    let of = |keep: fn(&Finding) -> bool| -> Vec<(usize, &Finding)> {
        numbered().filter(|(_, finding)| keep(finding)).collect()
    };
    let groups = [
        ("Open", of(|one| one.answer != Answer::Met && one.waived.is_none() && !one.known)),
        ("Known at the baseline", of(|one| one.answer != Answer::Met && one.waived.is_none() && one.known)),
        ("Waived", of(|one| one.answer != Answer::Met && one.waived.is_some())),
        ("Met", of(|one| one.answer == Answer::Met)),
    ];
    let lead = match groups[0].1.len() {
        0 if run.findings.is_empty() => "No rule had anything to say.",
        0 => "Nothing is open.",
        _ => "Every finding with its evidence and with what mends it.",
    };
    let few = groups[0].1.len() <= FEW;
    page.section(html, "findings", "Findings", lead, |html| {
        for (title, group) in groups {
            if group.is_empty() {
                continue;
            }
            html.el("div", &[class("group")], |html| {
                html.el(page.heading(1), &[], |html| {
                    html.text(title);
                    html.text(" ");
                    html.leaf("span", &[class("count")], &group.len().to_string());
                });
                html.el("ul", &[class(if group.len() > LONG { "list long" } else { "list" })], |html| {
                    for (index, finding) in group {
                        entry(page, index, finding, few && title == "Open", html);
                    }
                });
            });
        }
    });
}

fn entry(page: &Page<'_>, index: usize, finding: &Finding, open: bool, html: &mut Html) {
    let own = page.id("finding", index);
    let (answer_sign, answer_word) = page::answer(finding.answer);
    let severity = tally::severity(finding);
    let status = match (finding.answer, finding.waived) {
        (Answer::Met, _) => "met",
        (_, Some(_)) => "waived",
        (Answer::Unknown, None) => "unknown",
        (Answer::Unmet, None) => "unmet",
    };
    let attributes = [
        id(&own),
        class("finding"),
        ours("tabindex", "-1"),
        ours("data-severity", if finding.answer == Answer::Met { "none" } else { severity.name() }),
        ours("data-answer", status),
        ours("data-rule", finding.rule.0),
        ours("data-confidence", finding.confidence.name()),
    ];
    html.el("li", &attributes, |html| {
        html.el("div", &[class("head")], |html| {
            if finding.answer == Answer::Unmet {
                let sign = super::verdict::sign(page::severity_class(severity));
                page::tag(html, sign, severity.name());
            } else {
                page::tag(html, answer_sign, answer_word);
            }
            html.el(page.heading(2), &[], |html| page::sentences(html, &finding.message));
            html.el("p", &[class("about")], |html| about(page, finding, html));
        });
        let mut attributes = vec![];
        if open {
            attributes.push(ours("open", ""));
        }
        html.el("details", &attributes, |html| {
            html.leaf(
                "summary",
                &[],
                if finding.answer == Answer::Met { "Where" } else { "Evidence and remedy" },
            );
            details(page, finding, html);
        });
    });
    html.line_end();
}

/// The rule, the confidence, the duty and the step to the base.
fn about(page: &Page<'_>, finding: &Finding, html: &mut Html) {
    if page.run.maker.rules.iter().any(|rule| rule.id == finding.rule) && finding.answer != Answer::Met {
        html.leaf("a", &[to(&Id::rule(finding.rule)), class("rule")], finding.rule.0);
    } else {
        html.leaf("span", &[class("rule")], finding.rule.0);
    }
    html.text(&format!(" · confidence {}", finding.confidence.name()));
    let owed = finding.obligation.and_then(|index| Some((index, page.run.obligations.get(index)?)));
    if let Some((index, owed)) = owed {
        html.text(" · ");
        let words = format!("{}{}", owed.license, obligations::clause(&owed.clause));
        html.leaf("a", &[to(&page.id("duty", index))], &words);
    }
    if !finding.upstream.is_empty() {
        html.text(" · concerns ");
        page::models(html, finding.upstream.iter(), MODELS);
    }
}

fn details(page: &Page<'_>, finding: &Finding, html: &mut Html) {
    let run = page.run;
    let shown = excerpt::of_finding(run, finding, html);
    let rest: Vec<&Place> = finding
        .places
        .iter()
        .enumerate()
        .filter(|(index, _)| !shown.contains(index))
        .map(|(_, one)| one)
        .collect();
    if !rest.is_empty() {
        html.el("ul", &[class("places")], |html| {
            for one in rest.iter().take(PLACES) {
                html.el("li", &[], |html| place(run, one, html));
            }
            if rest.len() > PLACES {
                html.leaf("li", &[], &format!("{} more in the JSON report", rest.len() - PLACES));
            }
        });
    }
    html.el("dl", &[class("more")], |html| {
        if let Some(exposure) = &finding.exposure {
            term(html, "Since when", |html| {
                html.text(&super::verdict::capitalised(&timeline::interval_words(exposure, run.maker.time)));
            });
        }
        if let Some(waiver) = finding.waived.and_then(|index| run.waivers.get(index)) {
            term(html, "Waived", |html| html.text(&waiver.reason));
        }
        if finding.answer != Answer::Met {
            remedy(finding, html);
        }
        let address = run.maker.rule_page(finding.rule).filter(|_| finding.answer != Answer::Met);
        if let Some((url, address)) = address.and_then(|address| Some((Url::new(&address)?, address))) {
            term(html, "Rule", |html| html.leaf("a", &[link(&url), ours("rel", "noreferrer")], &address));
        }
        term(html, "Fingerprint", |html| {
            html.el("code", &[class("copy")], |html| html.lines(&finding.fingerprint.0));
        });
    });
}

fn remedy(finding: &Finding, html: &mut Html) {
    if !finding.help.is_empty() {
        term(html, "Help", |html| page::sentences(html, &finding.help));
    }
    let said = |summary: &str| finding.help.contains(summary);
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !said(&fix.summary)) {
        term(html, "Fix", |html| page::sentences(html, &fix.summary));
    }
    if let Some(reach) = finding.edits.iter().map(Edit::reach).min() {
        term(html, "By command", |html| {
            page::command(
                html,
                match reach {
                    Reach::Safe => "forebear check --fix",
                    Reach::All => "forebear check --fix=all",
                },
            );
        });
    }
}

/// A place that no excerpt shows; in a commit with the command that shows it.
fn place(run: &Run, one: &Place, html: &mut Html) {
    page::place(html, &one.location);
    if !one.label.is_empty() {
        html.text(": ");
        html.text(&one.label);
    }
    let Some(commit) = one.commit else { return };
    html.text(" in commit ");
    html.leaf("code", &[], &commit.short());
    let path = &one.location.path;
    let here = |event: &&forebear_types::history::Event| {
        event.path == *path && matches!(event.snapshot, Snapshot::Commit { id, .. } if id == commit)
    };
    // A merge is shown in another way than other commits.
    let event = run.history.events.iter().find(here).and_then(|event| event.command(false));
    let command = match (event, path.is_root()) {
        (Some(command), _) => command,
        (None, true) => format!("git show {}", commit.short()),
        (None, false) => format!("git show {} -- {}", commit.short(), safe::shell_word(path, false)),
    };
    html.text(" ");
    page::command(html, &command);
}

fn term(html: &mut Html, name: &str, content: impl FnOnce(&mut Html)) {
    html.el("div", &[], |html| {
        html.leaf("dt", &[], name);
        html.el("dd", &[], content);
    });
}

/// How many findings a section lists, for the table of contents.
pub(super) fn count(run: &Run) -> String {
    text::count(tally::listed(run).count(), "finding")
}
