//! Links in the prose of a card.

/// The targets of inline links and of `href`s, with their lines, below the first `skip` lines. What stands in code is no link.
pub(super) fn links(text: &str, skip: u32) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (line, words) in (1_u32..).zip(text.lines()) {
        let start = words.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if line <= skip || fence.is_some() || mark.is_some() || words.starts_with("    ") {
            continue;
        }
        let words = without_code(words);
        for target in between(&words, "](", ')').chain(between(&words, "href=\"", '"')) {
            // `](target "title")`, `](<target>)`
            let target = target.split_whitespace().next().unwrap_or_default();
            let target = target.trim_start_matches('<').trim_end_matches('>');
            if !target.is_empty() {
                found.push((line, target.to_owned()));
            }
        }
    }
    found
}

/// A line without what stands between single back-quotes.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<&str>>().join(" ")
}

fn between<'a>(line: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    line.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(target, _)| target))
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn links_are_found_with_their_lines_and_code_is_left_out() {
        let text = "---\nx: [a](b)\n---\nSee [the licence](LICENSE \"x\") and <a href=\"NOTICE\">this</a>.\n\
                    ```\n[a](CODE)\n```\n`[b](CODE)` [c](<D>)\n";
        let expected = [(4, "LICENSE"), (4, "NOTICE"), (8, "D")];
        assert_eq!(links(text, 3), expected.map(|(line, target)| (line, target.to_owned())));
        assert!(links("", 0).is_empty());
        assert!(links("](", 0).is_empty());
    }
}
