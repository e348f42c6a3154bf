//! The YAML block of a model card.
//!
//! The block is read as events with byte spans: aliases are never expanded, so a "billion laughs" costs nothing. Where the
//! YAML is broken, the keys that matter are read line by line, beside the problem.

mod insert;

use std::collections::BTreeMap;

use forebear_types::{ByteSpan, LineSpan, Located};
use granit_parser::{Event, Parser};

pub use insert::with_keys;

/// A block longer than this is not front matter.
const BYTES: usize = 256 << 10;

/// More events than any card has; the largest blocks on the Hub list a few thousand evaluation results.
const EVENTS: usize = 200_000;

/// Lines within which a block that is not at the top may begin: below a heading, badges, an image.
const LEAD: usize = 60;

/// Keys of the Hub's model card specification, by which a block below the top is told from a pair of rules.
const HUB_KEYS: &[&str] = &[
    "license", "license_name", "license_link", "base_model", "tags", "language", "datasets", "library_name",
    "pipeline_tag", "model_name", "model-index", "metrics", "inference", "extra_gated_prompt",
    "quantized_by",
];

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The bytes between the delimiters.
    pub(crate) start: usize,
    /// See `start`.
    pub(crate) end: usize,
    /// Lines, delimiters included.
    pub(crate) lines: LineSpan,
}

/// Blocks of a card, and what is wrong with them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) blocks: Vec<Block>,
    /// Line and fault.
    pub(crate) faults: Vec<(u32, String)>,
}

/// Keys of a block: top-level scalars and lists of scalars.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) keys: BTreeMap<String, Vec<Located<String>>>,
    /// Line and fault.
    pub(crate) faults: Vec<(u32, String)>,
}

/// Finds the blocks. A second block directly after the first is one too (some tools prepend their own).
pub(crate) fn find(text: &str) -> Blocks {
    let mut found = Blocks::default();
    let lines: Vec<(usize, &str)> = line_offsets(text);
    let is_rule =
        |line: &str| line.trim_end() == "---" || line.trim_start_matches('\u{feff}').trim_end() == "---";
    let is_end = |line: &str| is_rule(line) || line.trim_end() == "...";
    let mut index = 0;
    while index < lines.len() {
        let first_block = found.blocks.is_empty();
        // Only blank lines may stand between two blocks, and only a short lead before the first.
        let begin = lines[index..].iter().position(|(_, line)| is_rule(line)).map(|offset| index + offset);
        let Some(begin) = begin.filter(|begin| *begin - index <= LEAD) else { break };
        let blank =
            lines[index..begin].iter().all(|(_, line)| line.trim_start_matches('\u{feff}').trim().is_empty());
        if !first_block && !blank {
            break;
        }
        let end = (begin + 1..lines.len()).find(|line| is_end(lines[*line].1));
        let Some(end) = end else {
            let says_hub = lines.get(begin + 1).is_some_and(|(_, line)| hub_key(line).is_some());
            if blank && first_block && says_hub {
                found.faults.push((begin as u32 + 1, "the front matter has no closing `---`".to_owned()));
            }
            break;
        };
        let start = lines[begin].0 + lines[begin].1.len();
        let block = Block {
            start: start.min(lines[end].0),
            end: lines[end].0,
            lines: LineSpan::new(begin as u32 + 1, end as u32 + 1),
        };
        if block.end - block.start > BYTES {
            found.faults.push((block.lines.first, "the front matter is too long to be examined".to_owned()));
            break;
        }
        let looks = lines[begin + 1..end].iter().any(|(_, line)| hub_key(line).is_some());
        if (blank && first_block) || looks {
            if !found.blocks.is_empty() {
                found.faults.push((
                    block.lines.first,
                    "the card has two front matter blocks; the first counts".to_owned(),
                ));
            }
            found.blocks.push(block);
            index = end + 1;
        } else if first_block {
            // A rule in the text; the next one may open the block.
            index = begin + 1;
            if index > LEAD {
                break;
            }
        } else {
            break;
        }
    }
    found
}

/// Reads the keys of a block.
pub(crate) fn read(text: &str, block: Block) -> Entries {
    let slice = &text[block.start..block.end];
    let lines = LineStarts::of(text);
    let mut entries = Entries::default();
    if let Err((line, what)) = read_events(slice, block, &lines, &mut entries) {
        entries.faults.push((line, format!("the front matter is not valid YAML: {what}")));
        for (offset, line) in line_offsets(slice) {
            if let Some(key) = hub_key(line)
                && !entries.keys.contains_key(key)
                && let Some(value) = plain_value(line)
            {
                let located = Located {
                    value: value.to_owned(),
                    line: lines.line(block.start + offset),
                    span: ByteSpan { start: block.start + offset, len: line.trim_end().len() },
                };
                entries.keys.insert(key.to_owned(), vec![located]);
            }
        }
    }
    entries
}

/// One top-level key that is being read.
struct Pending {
    name: String,
    start: usize,
    line: u32,
    values: Vec<Located<String>>,
}

fn read_events(
    slice: &str,
    block: Block,
    lines: &LineStarts,
    entries: &mut Entries,
) -> Result<(), (u32, String)> {
    let mut depth = 0usize;
    // Whether depth 2 is a list of scalars of a top-level key.
    let mut in_list = false;
    let mut pending: Option<Pending> = None;
    let mut anchors: BTreeMap<usize, String> = BTreeMap::new();
    for (count, event) in Parser::new_from_str(slice).enumerate() {
        if count > EVENTS {
            return Err((block.lines.first, format!("it holds more than {EVENTS} parts")));
        }
        let (event, span) = event.map_err(|error| {
            let offset = error.marker().byte_offset().unwrap_or(0).min(slice.len());
            (lines.line(block.start + offset), error.info().to_owned())
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        let at = |pending: &Pending, value: String, end: usize| Located {
            value,
            line: lines.line(block.start + range.start.min(slice.len())),
            span: ByteSpan { start: pending.start, len: (block.start + end).saturating_sub(pending.start) },
        };
        let scalar = match &event {
            Event::Scalar(value, style, anchor, _) => {
                let plain = matches!(style, granit_parser::ScalarStyle::Plain);
                let empty = plain && matches!(value.trim(), "" | "~" | "null" | "Null" | "NULL");
                if *anchor > 0 && anchors.len() < 1000 {
                    anchors.insert(*anchor, value.to_string());
                }
                Some(if empty { String::new() } else { value.trim().to_owned() })
            }
            Event::Alias(anchor) => Some(anchors.get(anchor).cloned().unwrap_or_default()),
            _ => None,
        };
        if let Some(value) = scalar {
            match depth {
                0 => return Err((block.lines.first, "it is not a list of `key: value`".to_owned())),
                1 => match pending.take() {
                    None => {
                        let start = block.start + range.start;
                        pending =
                            Some(Pending { name: value, start, line: lines.line(start), values: Vec::new() });
                    }
                    Some(mut key) => {
                        if !value.is_empty() {
                            let located = at(&key, value, range.end);
                            key.values.push(located);
                        }
                        finish(key, entries);
                    }
                },
                2 if in_list => {
                    if let Some(key) = pending.as_mut().filter(|_| !value.is_empty()) {
                        let mut located = at(key, value, range.end);
                        located.span =
                            ByteSpan { start: block.start + range.start, len: range.end - range.start };
                        key.values.push(located);
                    }
                }
                _ => {}
            }
            continue;
        }
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let list = matches!(event, Event::SequenceStart(..));
                if depth == 0 && list {
                    return Err((block.lines.first, "it is a list, not `key: value`".to_owned()));
                }
                depth += 1;
                if depth == 2 {
                    in_list = list;
                }
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                if depth == 1 {
                    in_list = false;
                    if let Some(key) = pending.take() {
                        finish(key, entries);
                    }
                }
            }
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(())
}

fn finish(key: Pending, entries: &mut Entries) {
    if entries.keys.contains_key(&key.name) {
        entries.faults.push((
            key.line,
            format!("the key `{}` stands twice in the front matter; the last one counts", key.name),
        ));
    }
    entries.keys.insert(key.name, key.values);
}

/// The Hub's key that a line at the left edge begins with.
fn hub_key(line: &str) -> Option<&str> {
    let key = line.split_once(':')?.0;
    HUB_KEYS.contains(&key).then_some(key)
}

/// The value of `key: value`, without quotes and comment.
fn plain_value(line: &str) -> Option<&str> {
    let value = line.split_once(':')?.1;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    (!value.is_empty() && !value.starts_with(['[', '{', '|', '>', '&', '*'])).then_some(value)
}

/// Lines with their offsets; the line end belongs to the line.
fn line_offsets(text: &str) -> Vec<(usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let start = offset;
            offset += line.len();
            (start, line)
        })
        .collect()
}

/// Where lines begin, so that the line of an offset is one look-up.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        Self(line_offsets(text).into_iter().map(|(start, _)| start).collect())
    }

    fn line(&self, offset: usize) -> u32 {
        self.0.partition_point(|start| *start <= offset).max(1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, key: &str) -> Vec<String> {
        let blocks = find(text);
        blocks
            .blocks
            .iter()
            .flat_map(|block| read(text, *block).keys.remove(key).unwrap_or_default())
            .map(|value| value.value)
            .collect()
    }

    #[test]
    fn blocks_are_found_where_people_put_them() {
        for lead in
            ["", "\n\n", "\u{feff}", "# Title\n\n", "<img src=\"x.png\">\n", "![](x.png)\n\n", "<!-- c -->\n"]
        {
            let text = format!("{lead}---\nlicense: mit\n---\ntext\n");
            assert_eq!(values(&text, "license"), ["mit"], "{lead:?}");
        }
        assert_eq!(values("---\nlicense: mit\n...\nbody", "license"), ["mit"]);
        assert_eq!(values("---\r\nlicense: mit\r\n---\r\nbody", "license"), ["mit"]);
    }

    #[test]
    fn rules_and_headings_are_no_blocks() {
        assert!(find("Title\n---\ntext\n\n---\nmore\n").blocks.is_empty());
        assert!(find("# A\n\n---\n\nsome prose: with a colon\n\n---\n").blocks.is_empty());
        assert!(find("text\n").blocks.is_empty());
    }

    #[test]
    fn values_come_as_scalars_and_lists_with_places() {
        let text = "---\nlicense:\n- llama3.1\n- gemma\nbase_model: [a/b, \"c/d\"]\nlicense_name: 'x' # why\ntags: ~\n---\n";
        assert_eq!(values(text, "license"), ["llama3.1", "gemma"]);
        assert_eq!(values(text, "base_model"), ["a/b", "c/d"]);
        assert_eq!(values(text, "license_name"), ["x"]);
        assert!(values(text, "tags").is_empty());
        let block = find(text).blocks[0];
        let entries = read(text, block);
        let base = &entries.keys["base_model"][1];
        assert_eq!((base.line, &text[base.span.start..base.span.start + base.span.len]), (5, "\"c/d\""));
        let name = &entries.keys["license_name"][0];
        assert_eq!(
            (name.line, &text[name.span.start..name.span.start + name.span.len]),
            (6, "license_name: 'x'")
        );
    }

    #[test]
    fn two_blocks_broken_yaml_and_a_missing_end_are_faults() {
        let two = find("---\nbase_model: a/b\n---\n---\nlicense: mit\n---\n");
        assert_eq!((two.blocks.len(), two.faults.len()), (2, 1));
        let text = "---\nlicense: mit\nbad: [1, 2\nbase_model: a/b\n---\n";
        let entries = read(text, find(text).blocks[0]);
        assert_eq!(entries.faults.len(), 1);
        assert_eq!(entries.keys["license"][0].value, "mit");
        assert_eq!(entries.keys["base_model"][0].value, "a/b");
        assert_eq!(find("---\nlicense: mit\n\n# Title\n").faults.len(), 1);
        let twice = "---\nlicense: mit\nlicense: apache-2.0\n---\n";
        let entries = read(twice, find(twice).blocks[0]);
        assert_eq!((entries.keys["license"][0].value.as_str(), entries.faults.len()), ("apache-2.0", 1));
        let list = "---\n- license\n---\n";
        assert_eq!(read(list, find(list).blocks[0]).faults.len(), 1);
    }

    #[test]
    fn bombs_cost_nothing() {
        let mut bomb = String::from("---\nlicense: mit\na0: &a0 x\n");
        for level in 1..40 {
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9)));
        }
        bomb.push_str("---\n");
        assert_eq!(values(&bomb, "license"), ["mit"]);
        let deep = format!("---\nlicense: mit\nx: {}\n---\n", "[".repeat(50_000));
        assert_eq!(values(&deep, "license"), ["mit"]);
        let wide = format!("---\nlicense: mit\nx: [{}]\n---\n", "a,".repeat(120_000));
        assert_eq!(values(&wide, "license"), ["mit"]);
    }
}
