//! The shorter parts: what the legal files hold, the comparison with a copy of the base, waivers, and what was not examined.

use forebear_types::fact::FactKind;

use super::markup::{Html, class};
use super::page::{self, Page};
use crate::text::{count, not_examined, persona, upstream};

/// Entries of one list; JSON has all.
const MOST: usize = 400;

/// What licences and owners the legal files and cards hold.
pub(super) fn legal_files(page: &Page<'_>, html: &mut Html) {
    let held: Vec<_> = page.run.facts.iter().filter_map(|fact| Some((fact, persona::held(fact)?))).collect();
    if held.is_empty() {
        return;
    }
    let lead = "What each file really holds. A licence that is named is not a licence text that is there.";
    page.section(html, "legal-files", "Legal files and cards", lead, |html| {
        let columns = ["File", "Kind", "What it holds"];
        page::table(html, "Legal files and model cards", &columns, |html| {
            for (fact, words) in held.iter().take(MOST) {
                page::row(html, &[], |html| {
                    page::row_header(html, |html| html.leaf("code", &[], &fact.path.to_string()));
                    page::cell(html, columns[1], |html| {
                        html.text(match &fact.kind {
                            FactKind::LegalFile(_) => "legal file",
                            _ => "card",
                        });
                    });
                    page::cell(html, columns[2], |html| html.text(words));
                });
            }
        });
        more(held.len(), html);
    });
}

/// The comparison with a local copy of the suspected base.
pub(super) fn comparison(page: &Page<'_>, html: &mut Html) {
    let Some(comparison) = &page.run.upstream else { return };
    page.section(html, "comparison", "Compared with the local copy of the base", "", |html| {
        html.el("ul", &[class("plain")], |html| {
            for sentence in upstream::sentences(comparison) {
                html.leaf("li", &[], &super::verdict::capitalised(&sentence));
            }
        });
    });
}

/// All waivers of the configuration.
pub(super) fn waivers(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    if run.waivers.is_empty() {
        return;
    }
    let lead = "What the configuration accepts, by whom, until when and why.";
    page.section(html, "waivers", "Waivers", lead, |html| {
        let columns = ["Reason", "Owner", "Until", "Covers"];
        page::table(html, "Waivers of the configuration", &columns, |html| {
            for (index, waiver) in run.waivers.iter().enumerate().take(MOST) {
                let covers = run.findings.iter().filter(|finding| finding.waived == Some(index)).count();
                page::row(html, &[], |html| {
                    page::row_header(html, |html| html.text(&waiver.reason));
                    let optional =
                        |value: &Option<String>| value.clone().unwrap_or_else(|| "not stated".to_owned());
                    page::cell(html, columns[1], |html| html.text(&optional(&waiver.owner)));
                    page::cell(html, columns[2], |html| html.text(&optional(&waiver.until)));
                    page::cell(html, columns[3], |html| html.text(&count(covers, "finding")));
                });
            }
        });
        more(run.waivers.len(), html);
    });
}

/// What the verdict does not cover.
pub(super) fn not_examined(page: &Page<'_>, html: &mut Html) {
    let run = page.run;
    let history = not_examined::history(run);
    let lead = match (run.problems.is_empty(), history) {
        (true, None) => "Everything that was there to examine was examined.",
        _ => "The verdict does not cover what stands here. It never passes as fine.",
    };
    page.section(html, "not-examined", "Not examined", lead, |html| {
        if let Some(history) = history {
            html.el("ul", &[class("plain")], |html| {
                html.leaf("li", &[], &super::verdict::capitalised(history));
            });
        }
        if run.problems.is_empty() {
            return;
        }
        let columns = ["Where", "What", "What to do"];
        page::table(html, "What could not be examined", &columns, |html| {
            for problem in run.problems.iter().take(MOST) {
                page::row(html, &[], |html| {
                    page::row_header(html, |html| match (problem.path.is_root(), problem.line) {
                        (true, _) => html.text("the repository"),
                        (false, None) => html.leaf("code", &[], &problem.path.to_string()),
                        (false, Some(line)) => html.leaf("code", &[], &format!("{}:{line}", problem.path)),
                    });
                    page::cell(html, columns[1], |html| page::sentences(html, &problem.what));
                    page::cell(html, columns[2], |html| page::sentences(html, &problem.remedy));
                });
            }
        });
        more(run.problems.len(), html);
    });
}

fn more(number: usize, html: &mut Html) {
    if number > MOST {
        html.leaf("p", &[class("more")], &format!("{} more in the JSON report.", number - MOST));
    }
}
