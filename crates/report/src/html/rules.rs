//! The pages of the rules that found something, each once: Markdown, read by `pulldown-cmark` and written through the builder, so that
//! raw HTML in a page is text.

use std::collections::BTreeSet;

use forebear_types::RuleId;
use forebear_types::obligation::Answer;
use forebear_types::run::{RuleInfo, Run};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::markup::{Html, Id, Url, class, id, link, ours, refers};
use super::page::{self, heading};

/// The rules of all findings that are listed or waived, in order of their names.
pub(super) fn used(runs: &[Run]) -> Vec<&RuleInfo> {
    let ids: BTreeSet<RuleId> = runs
        .iter()
        .flat_map(|run| &run.findings)
        .filter(|finding| finding.answer != Answer::Met)
        .map(|finding| finding.rule)
        .collect();
    ids.into_iter()
        .filter_map(|id| runs.iter().flat_map(|run| &run.maker.rules).find(|rule| rule.id == id))
        .collect()
}

/// The section; nothing if no rule found anything.
pub(super) fn section(runs: &[Run], html: &mut Html) {
    let used = used(runs);
    if used.is_empty() {
        return;
    }
    let (own, label) = (Id::of("rules"), Id::of("rules-title"));
    html.el("section", &[id(&own), class("rules"), refers("aria-labelledby", &label)], |html| {
        html.leaf("h2", &[id(&label), class("section")], "The rules behind the findings");
        html.leaf(
            "p",
            &[class("lead")],
            "What each rule checks, which clause asks for it, and what it cannot see.",
        );
        for rule in used {
            page(rule, html);
        }
    });
    html.line_end();
}

fn page(rule: &RuleInfo, html: &mut Html) {
    let own = Id::rule(rule.id);
    html.el("details", &[id(&own), class("fold rule")], |html| {
        html.el("summary", &[], |html| {
            html.leaf("h3", &[], rule.id.0);
            html.text(" ");
            html.leaf("span", &[class("quiet")], rule.summary);
        });
        html.el("div", &[class("prose")], |html| {
            html.el("p", &[class("quiet")], |html| {
                html.text("On the best evidence a ");
                page::tag(
                    html,
                    super::verdict::sign(page::severity_class(rule.severity)),
                    rule.severity.name(),
                );
                html.text(&format!(". Since forebear {}.", rule.since));
            });
            markdown(rule.docs, html);
        });
    });
    html.line_end();
}

/// Renders the page of a rule below a heading of the third level. Its own title, which stands there already, is left out.
fn markdown(source: &str, html: &mut Html) {
    // Depth of headings that are left out, and for every open link whether it became one.
    let mut hidden = false;
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(source, Options::empty()) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => hidden = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => hidden = false,
            _ if hidden => {}
            Event::Start(Tag::Link { dest_url, .. }) => {
                let url = Url::new(&dest_url);
                if let Some(url) = &url {
                    html.open("a", &[link(url), ours("rel", "noreferrer")]);
                }
                links.push(url.is_some());
            }
            Event::End(TagEnd::Link) if links.pop() == Some(true) => html.end("a"),
            Event::End(TagEnd::Link) => {}
            Event::Start(tag) => {
                if let Some(name) = element(&tag.to_end()) {
                    html.open(name, &[]);
                }
            }
            Event::End(tag) => {
                if let Some(name) = element(&tag) {
                    html.end(name);
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => html.lines(&text),
            Event::Code(code) => html.el("code", &[], |html| html.lines(&code)),
            Event::SoftBreak | Event::HardBreak => html.lines("\n"),
            Event::Rule => html.void("hr", &[]),
            _ => {}
        }
    }
}

/// The element of a part of a page; `None` for what has no element of its own.
fn element(tag: &TagEnd) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(level) => heading(*level as usize + 2),
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::CodeBlock => "pre",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_markdown_and_never_markup() {
        let mut html = Html::default();
        let page = "# title `x`\n\n## What *it* is\n\n- `a<b>` and <b>raw</b>\n- [x](javascript:alert) [y](https://e.org/\"z)\n\n\
                    <script>alert(1)</script>\n\n```yaml\na: <1>\n```\n<https://e.org>";
        markdown(page, &mut html);
        let text = html.take();
        assert!(
            text.starts_with(
                "<h4>What <em>it</em> is</h4><ul><li><code>a&lt;b&gt;</code> and &lt;b&gt;raw&lt;/b&gt;</li>"
            ),
            "{text}"
        );
        assert!(
            text.contains("<li>x <a href=\"https://e.org/%22z\" rel=\"noreferrer\">y</a></li></ul>"),
            "{text}"
        );
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script"), "{text}");
        assert!(text.contains("<pre>a: &lt;1&gt;\n</pre>"), "{text}");
    }
}
