//! Literate cases as text: headings, prose, fenced blocks.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The word after the fence: `file`, `commit`, `findings` …
    pub(crate) kind: String,
    /// The rest of that line.
    pub(crate) argument: String,
    /// The lines between the fences.
    pub(crate) body: String,
    /// Line of the opening fence, from 1.
    pub(crate) line: usize,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) blocks: Vec<Block>,
}

/// Blocks that say what is expected.
pub(crate) const EXPECTATIONS: &[&str] =
    &["findings", "obligations", "lineage", "evidence", "problems", "history", "exit"];

/// Blocks that build the repository.
pub(crate) const STEPS: &[&str] = &[
    "file", "spdx", "pointer", "snippet", "safetensors", "gguf", "vocabulary", "remove", "rename", "commit",
    "stage", "shallow", "options",
];

/// Splits a file into cases.
///
/// # Errors
/// Line and reason, for a fence without an end, an unknown block, a block outside a case, or two cases of one name.
pub(crate) fn cases(markdown: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<(String, Block)> = None;
    for (index, line) in markdown.lines().enumerate() {
        let number = index + 1;
        if let Some((fence, block)) = &mut open {
            if line.trim_end() == fence {
                let (_, block) = open.take().expect("a block is open");
                let case = cases
                    .last_mut()
                    .ok_or_else(|| format!("line {number}: a block stands outside a case"))?;
                case.blocks.push(block);
            } else {
                block.body.push_str(line);
                block.body.push('\n');
            }
            continue;
        }
        if let Some(name) = line.strip_prefix("## ") {
            if cases.iter().any(|case| case.name == name) {
                return Err(format!("line {number}: there are two cases “{name}”"));
            }
            cases.push(Case { name: name.to_owned(), blocks: Vec::new() });
        } else if line.starts_with("```") {
            let fence: String = line.chars().take_while(|character| *character == '`').collect();
            let info = line[fence.len()..].trim();
            let (kind, argument) = info.split_once(' ').unwrap_or((info, ""));
            if !EXPECTATIONS.contains(&kind) && !STEPS.contains(&kind) {
                return Err(format!("line {number}: `{kind}` is no kind of block"));
            }
            let block = Block {
                kind: kind.to_owned(),
                argument: argument.to_owned(),
                body: String::new(),
                line: number,
            };
            open = Some((fence, block));
        }
    }
    match open {
        Some((_, block)) => Err(format!("line {}: the fence has no end", block.line)),
        None => Ok(cases),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_have_names_and_blocks() {
        let text = "# T\n\n## One\n\nWhy.\n\n```file a/b.txt\nx\n```\n\n````findings\n```\n````\n## Two\n```exit\n0\n```\n";
        let cases = cases(text).unwrap();
        assert_eq!(cases.len(), 2);
        assert_eq!(
            (cases[0].blocks[0].kind.as_str(), cases[0].blocks[0].argument.as_str()),
            ("file", "a/b.txt")
        );
        assert_eq!(cases[0].blocks[0].body, "x\n");
        assert_eq!(cases[0].blocks[1].body, "```\n");
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, words) in [
            ("## A\n```file x\n", "line 2: the fence has no end"),
            ("## A\n```nonsense\n```\n", "line 2: `nonsense`"),
            ("```exit\n0\n```\n", "line 3: a block stands outside"),
            ("## A\n## A\n", "line 2: there are two"),
        ] {
            let error = cases(text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
