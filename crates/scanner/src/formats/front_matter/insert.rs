//! Adds keys to the front matter of a card, and touches nothing else: comments, the order of keys, quoting, line ends and a
//! byte order mark stay as they are.

use granit_parser::{Event, Parser, StructureStyle};

use super::{Block, Entries, find, line_offsets, read};

/// The card with keys added at the end of its front matter; front matter is made where there is none.
///
/// Each key comes with its values: one stands behind the key, several make a list.
///
/// # Errors
/// If a key is there already, if the front matter is broken or not written as lines of `key: value`, or if the result would
/// not read back as the old keys and the new ones. The text says why, without a full stop.
pub fn with_keys(text: &str, keys: &[(&str, &[String])]) -> Result<String, String> {
    let found = find(text);
    if let Some((line, fault)) = found.faults.first() {
        return Err(format!("line {line}: {fault}"));
    }
    let end = line_end(text);
    let added = match found.blocks.first() {
        Some(block) => {
            let entries = entries(text, *block)?;
            if let Some((key, _)) = keys.iter().find(|(key, _)| entries.keys.contains_key(*key)) {
                return Err(format!("the key `{key}` is there already, without a value that says anything"));
            }
            let indent = indent(&text[block.start..block.end])?;
            let lines = lines(keys, &indent, end);
            format!("{}{lines}{}", &text[..block.end], &text[block.end..])
        }
        None => {
            let from = text.len() - text.trim_start_matches('\u{feff}').len();
            let lines = lines(keys, "", end);
            format!("{}---{end}{lines}---{end}{}", &text[..from], &text[from..])
        }
    };
    agrees(text, &added, keys)?;
    Ok(added)
}

/// The line end that a text uses first.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

fn entries(text: &str, block: Block) -> Result<Entries, String> {
    let entries = read(text, block);
    match entries.faults.first() {
        Some((line, fault)) => Err(format!("line {line}: {fault}")),
        None => Ok(entries),
    }
}

/// What the keys of a block stand behind; keys in braces cannot be added to by a line.
fn indent(slice: &str) -> Result<String, String> {
    for event in Parser::new_from_str(slice) {
        match event {
            Ok((Event::MappingStart(StructureStyle::Flow, ..), _)) => {
                return Err("the front matter is written in braces".to_owned());
            }
            Ok((Event::Scalar(..), span)) => {
                let offset = span.byte_range().map_or(0, |range| range.start).min(slice.len());
                let before = slice[..offset].rsplit('\n').next().unwrap_or_default();
                return Ok(before.chars().take_while(|one| matches!(one, ' ' | '\t')).collect());
            }
            Ok((Event::MappingStart(..) | Event::StreamStart | Event::DocumentStart(..), _)) => {}
            _ => break,
        }
    }
    Ok(String::new())
}

fn lines(keys: &[(&str, &[String])], indent: &str, end: &str) -> String {
    let mut lines = String::new();
    for (key, values) in keys {
        match values {
            [only] => lines.push_str(&format!("{indent}{key}: {}{end}", scalar(only))),
            several => {
                lines.push_str(&format!("{indent}{key}:{end}"));
                for value in *several {
                    lines.push_str(&format!("{indent}- {}{end}", scalar(value)));
                }
            }
        }
    }
    lines
}

/// A value as YAML reads it back as a text: plain where nothing could be taken for anything else, else in single quotes.
fn scalar(value: &str) -> String {
    let plain = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        && !matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if plain { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

/// Whether the new text reads back as the old keys with their values, and the new ones.
fn agrees(old: &str, new: &str, keys: &[(&str, &[String])]) -> Result<(), String> {
    let unsure = || "the front matter is written in a way that forebear cannot add to".to_owned();
    let values = |text: &str| -> Result<_, String> {
        let found = find(text);
        if !found.faults.is_empty() {
            return Err(unsure());
        }
        let Some(block) = found.blocks.first() else { return Ok(Vec::new()) };
        let read = entries(text, *block).map_err(|_| unsure())?.keys.into_iter();
        Ok(read
            .map(|(key, values)| (key, values.into_iter().map(|value| value.value).collect::<Vec<_>>()))
            .collect())
    };
    let mut wanted = values(old)?;
    wanted.extend(keys.iter().map(|(key, values)| ((*key).to_owned(), values.to_vec())));
    wanted.sort();
    let lost = line_offsets(old).len() > line_offsets(new).len();
    if lost || values(new)? != wanted { Err(unsure()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, keys: &[(&str, &[&str])]) -> Result<String, String> {
        let owned: Vec<(&str, Vec<String>)> = keys
            .iter()
            .map(|(key, values)| (*key, values.iter().map(|value| (*value).to_owned()).collect()))
            .collect();
        let keys: Vec<(&str, &[String])> = owned.iter().map(|(key, values)| (*key, &values[..])).collect();
        with_keys(text, &keys)
    }

    fn base(text: &str) -> String {
        with(text, &[("base_model", &["a/b"])]).unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    #[test]
    fn comments_order_and_quoting_stay() {
        let text = "---\n# ours\nlicense: \"mit\"  # checked\ntags: [a,\n  'b']\n# end\n---\n# Kaguya\n";
        let expected = "---\n# ours\nlicense: \"mit\"  # checked\ntags: [a,\n  'b']\n# end\nbase_model: a/b\n---\n# Kaguya\n";
        assert_eq!(base(text), expected);
    }

    #[test]
    fn line_ends_a_mark_and_a_missing_last_line_end_stay() {
        assert_eq!(
            base("---\r\nlicense: mit\r\n---\r\n# K"),
            "---\r\nlicense: mit\r\nbase_model: a/b\r\n---\r\n# K"
        );
        assert_eq!(
            base("\u{feff}---\nlicense: mit\n---\n"),
            "\u{feff}---\nlicense: mit\nbase_model: a/b\n---\n"
        );
        assert_eq!(base("\u{feff}# Kaguya\n"), "\u{feff}---\nbase_model: a/b\n---\n# Kaguya\n");
        assert_eq!(base("---\nlicense: mit\n---"), "---\nlicense: mit\nbase_model: a/b\n---");
    }

    #[test]
    fn front_matter_is_made_where_there_is_none() {
        assert_eq!(base(""), "---\nbase_model: a/b\n---\n");
        assert_eq!(base("# Kaguya"), "---\nbase_model: a/b\n---\n# Kaguya");
        assert_eq!(base("# Kaguya\r\nx\r\n"), "---\r\nbase_model: a/b\r\n---\r\n# Kaguya\r\nx\r\n");
        assert_eq!(base("---\n---\n# Kaguya\n"), "---\nbase_model: a/b\n---\n# Kaguya\n");
    }

    #[test]
    fn blocks_and_indents_are_closed_by_the_new_key() {
        assert_eq!(
            base("---\nextra_gated_prompt: |\n  one\n\n  two\n\n---\n"),
            "---\nextra_gated_prompt: |\n  one\n\n  two\n\nbase_model: a/b\n---\n"
        );
        assert_eq!(base("---\n  license: mit\n---\n"), "---\n  license: mit\n  base_model: a/b\n---\n");
        assert_eq!(
            base("---\nmodel-index:\n- name: x\n  results: []\n...\n"),
            "---\nmodel-index:\n- name: x\n  results: []\nbase_model: a/b\n...\n"
        );
    }

    #[test]
    fn several_values_are_a_list_and_odd_ones_are_quoted() {
        let keys: &[(&str, &[&str])] = &[("base_model", &["a/b", "c/d"]), ("license_name", &["it's 1.0"])];
        assert_eq!(
            with("---\nlicense: mit\n---\n", keys).unwrap(),
            "---\nlicense: mit\nbase_model:\n- a/b\n- c/d\nlicense_name: 'it''s 1.0'\n---\n"
        );
        assert_eq!(with("", &[("license_name", &["No"])]).unwrap(), "---\nlicense_name: 'No'\n---\n");
    }

    /// Whatever stands there: lines are added, and the rest is as it was.
    #[test]
    fn every_prefix_of_a_card_keeps_its_bytes() {
        let text = "\u{feff}---\r\n# ours\nlicense: [mit, 'x']\na: &x |-\n  b\n\nc: *x\nbase_model_relation: >\n  q\n---\n# Kaguya\n---\nx: 1\n---\n";
        let mut added = 0;
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let Ok(new) = with(&text[..end], &[("base_model", &["a/b", "c d"])]) else { continue };
            added += 1;
            let lines = ["base_model:", "- a/b", "- 'c d'"];
            let rest: String =
                new.split_inclusive('\n').filter(|line| !lines.contains(&line.trim_end())).collect();
            let made = rest.replacen("---\r\n---\r\n", "", 1).replacen("---\n---\n", "", 1);
            assert!(rest == text[..end] || made == text[..end], "{:?}: {new:?}", &text[..end]);
        }
        assert!(added > 20, "{added}");
    }

    #[test]
    fn what_cannot_be_added_to_is_refused() {
        for text in [
            "---\nbase_model:\n---\n",
            "---\nbase_model: c/d\n---\n",
            "---\n{license: mit}\n---\n",
            "---\nlicense: [mit\n---\n",
            "---\nlicense: mit\n# no end\n",
            "---\n- license\n---\n",
            "---\nlicense: mit\n---\n---\nlicense: mit\n---\n",
        ] {
            assert!(with(text, &[("base_model", &["a/b"])]).is_err(), "{text:?}");
        }
    }
}
