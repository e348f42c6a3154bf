//! The prose of a Markdown file: paragraphs without code, tables, quotes and marks, with the lines that their bytes come from.

/// One paragraph, list item or heading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paragraph {
    /// The text on one line, without emphasis, links and quoted words, and without inline code where that is dropped.
    pub(crate) text: String,
    /// Whether it is a heading.
    pub(crate) heading: bool,
    /// Where the text of each line begins, and the line's number.
    starts: Vec<(usize, u32)>,
}

impl Paragraph {
    /// The line that a byte of the text comes from.
    pub(crate) fn line_at(&self, at: usize) -> u32 {
        let after = self.starts.partition_point(|(start, _)| *start <= at);
        self.starts.get(after.saturating_sub(1)).map_or(1, |(_, line)| *line)
    }

    /// The sentences with their places.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = self.text.get(from..).filter(|rest| !rest.is_empty())?;
            let length = end_of_sentence(rest);
            let start = from;
            from += length;
            Some((start, &rest[..length]))
        })
    }

    fn push(&mut self, line: &str, number: u32, code: Code) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.starts.push((self.text.len(), number));
        clean(line, code, &mut self.text);
    }
}

/// What becomes of inline code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// It leaves a gap: what it says is no prose.
    Dropped,
    /// It stays: names of models are often set so.
    Kept,
}

/// The paragraphs behind the front matter, whose last line is `skip`.
pub(crate) fn paragraphs(text: &str, skip: u32, code: Code) -> Vec<Paragraph> {
    let mut all = Vec::new();
    let mut open = Paragraph::default();
    let mut fence: Option<(char, usize)> = None;
    let mut comment = false;
    for (index, raw) in text.lines().enumerate().skip(skip as usize) {
        let number = index as u32 + 1;
        let line = raw.trim();
        if let Some((mark, length)) = fence {
            let closes = line.chars().take_while(|character| *character == mark).count() >= length
                && line.trim_start_matches(mark).is_empty();
            if closes {
                fence = None;
            }
            continue;
        }
        if comment {
            comment = !line.contains("-->");
            continue;
        }
        if let Some(rest) = line.strip_prefix("<!--") {
            comment = !rest.contains("-->");
            continue;
        }
        let mark = line.chars().next().filter(|first| matches!(first, '`' | '~'));
        let length = mark.map_or(0, |mark| line.chars().take_while(|character| *character == mark).count());
        if let Some(mark) = mark.filter(|_| length >= 3) {
            fence = Some((mark, length));
            finish(&mut open, &mut all);
            continue;
        }
        let table = line.starts_with('|') || line.matches('|').count() >= 3;
        if line.is_empty() || line.starts_with('>') || table {
            finish(&mut open, &mut all);
            continue;
        }
        let (item, content) = block_mark(line);
        if item {
            finish(&mut open, &mut all);
        }
        open.push(content, number, code);
        if line.starts_with('#') {
            open.heading = true;
            finish(&mut open, &mut all);
        }
    }
    finish(&mut open, &mut all);
    all
}

fn finish(open: &mut Paragraph, all: &mut Vec<Paragraph>) {
    let done = std::mem::take(open);
    if !done.text.trim().is_empty() {
        all.push(done);
    }
}

/// Whether a line begins a heading or an item of a list, and what it says.
fn block_mark(line: &str) -> (bool, &str) {
    if line.starts_with('#') {
        return (true, line.trim_start_matches('#').trim_start());
    }
    if let Some(rest) = ["- ", "* ", "+ ", "• "].iter().find_map(|mark| line.strip_prefix(mark)) {
        return (true, rest);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line[digits..].strip_prefix(['.', ')']) {
        Some(rest) if digits > 0 && digits < 4 && rest.starts_with(' ') => (true, rest.trim_start()),
        _ => (false, line),
    }
}

/// How a sentence ends. A full stop ends one before a space; marks of full width always do.
fn end_of_sentence(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        match character {
            '。' | '！' | '？' => return end,
            '.' | '!' | '?' if characters.peek().is_none_or(|(_, next)| next.is_whitespace()) => return end,
            _ => {}
        }
    }
    text.len()
}

/// Appends a line without marks: emphasis goes, a link leaves its words (none where it leads to a paper), inline code, quoted
/// words, tags and addresses leave a gap.
fn clean(line: &str, code: Code, into: &mut String) {
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (skipped, kept) = match first {
            '*' => (1, ""),
            // Inside a word it is no emphasis.
            '_' if !(into.ends_with(char::is_alphanumeric)
                && rest[1..].starts_with(char::is_alphanumeric)) =>
            {
                (1, "")
            }
            '`' if code == Code::Kept => (1, ""),
            '`' => (closing(rest, '`').unwrap_or(1), " … "),
            '"' => match closing(rest, '"').filter(|length| *length > 2) {
                Some(length) => (length, " … "),
                None => (1, " "),
            },
            '“' | '「' | '『' | '《' => {
                let close = match first {
                    '“' => '”',
                    '「' => '」',
                    '『' => '』',
                    _ => '》',
                };
                match closing(rest, close) {
                    Some(length) => (length, " … "),
                    None => (first.len_utf8(), " "),
                }
            }
            '<' => match rest.find('>') {
                Some(end) => (end + 1, " "),
                None => (1, " "),
            },
            '!' if rest.starts_with("![") => match link(&rest[1..]) {
                Some((length, ..)) => (1 + length, " "),
                None => (1, "!"),
            },
            '[' => match link(rest) {
                Some((length, words, address)) => {
                    if is_paper(address) {
                        (length, " … ")
                    } else {
                        // The words of a link may have marks of their own, but no further link.
                        into.extend(words.chars().filter(|character| !matches!(character, '*' | '`')));
                        (length, "")
                    }
                }
                None => (1, ""),
            },
            'h' if rest.starts_with("http://") || rest.starts_with("https://") => {
                let end = rest.find(|character: char| character.is_whitespace() || character == ')');
                (end.unwrap_or(rest.len()), " … ")
            }
            _ => {
                into.push(first);
                (first.len_utf8(), "")
            }
        };
        into.push_str(kept);
        rest = &rest[skipped..];
    }
}

/// The length of a text up to and with a closing mark behind its first character.
fn closing(text: &str, mark: char) -> Option<usize> {
    let from = text.chars().next()?.len_utf8();
    text[from..].find(mark).map(|at| from + at + mark.len_utf8())
}

/// The length, the words and the address of an inline link at the start of a text.
fn link(text: &str) -> Option<(usize, &str, &str)> {
    let words_end = text.find("](")?;
    let words = &text[1..words_end];
    if words.contains(']') {
        return None;
    }
    let address_end = words_end + 2 + text[words_end + 2..].find(')')?;
    Some((address_end + 1, words, &text[words_end + 2..address_end]))
}

fn is_paper(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    ["arxiv.org", "doi.org", "aclanthology", "openreview", "/papers/", ".pdf", "semanticscholar"]
        .iter()
        .any(|part| address.contains(part))
}
