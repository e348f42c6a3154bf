//! The lines of a file that prove something, cut out of it.
//!
//! A card may have 2 MiB, a configuration may be one line of 100 KiB: what is shown is a window around the spans, with the
//! line numbers of the whole file.

use forebear_types::fact::Fact;
use forebear_types::finding::{Finding, Place};
use forebear_types::run::Run;
use forebear_types::{ByteSpan, RepoPath};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::safe;

/// Lines shown above and below a span.
pub(super) const CONTEXT: usize = 1;

/// Spans that are underlined in one excerpt.
const SPANS: usize = 6;

/// Spans further from the first one than this many bytes are not part of its excerpt.
const REACH: usize = 4096;

/// Lines and bytes of a span that are underlined: a licence text may span hundreds of lines.
const SPAN_LINES: usize = 6;
const SPAN_BYTES: usize = 400;

/// A line longer than this many bytes is cut: minified JSON has one line.
const LONG_LINE: usize = 240;

/// Bytes kept before and after a span in a line that is cut.
const AROUND: usize = 60;

/// A window of a file's text.
pub(super) struct Excerpt {
    name: String,
    text: String,
    /// Lines of the file before the window.
    lines_before: usize,
    /// Bytes of the window's first line before the window.
    bytes_before: usize,
}

/// An excerpt, its labels in its own offsets, and which places of the finding it shows.
pub(super) struct Shown {
    pub(super) excerpt: Excerpt,
    pub(super) labels: Vec<LabeledSpan>,
    pub(super) places: Vec<usize>,
}

impl Shown {
    /// What is equal for two excerpts that a reader cannot tell apart.
    pub(super) fn name(&self) -> String {
        let Excerpt { name, text, lines_before, bytes_before } = &self.excerpt;
        format!("{name}:{lines_before}:{bytes_before}:{text}:{:?}", self.labels)
    }
}

/// The excerpt around the first place of the finding that has a span in a file of the examined state.
pub(super) fn of(run: &Run, finding: &Finding, label_width: usize, ascii: bool) -> Option<Shown> {
    let candidates = || finding.places.iter().enumerate().filter(|(_, place)| place.commit.is_none());
    let (text, first) = candidates().find_map(|(_, place)| {
        let text = text_of(run, &place.location.path)?;
        underlined(text, place.location.span?).map(|_| (text, place))
    })?;
    let path = &first.location.path;
    let spans: Vec<(usize, &Place, Span)> = candidates()
        .filter(|(_, place)| place.location.path == *path)
        .filter_map(|(index, place)| Some((index, place, underlined(text, place.location.span?)?)))
        .collect();
    let anchor = spans.first()?.2;
    let near = |span: &Span| span.start.abs_diff(anchor.start) <= REACH;
    let mut kept: Vec<(usize, &Place, Span)> =
        spans.iter().filter(|(.., span)| near(span)).take(SPANS).copied().collect();
    let readable =
        |(from, to): &(usize, usize)| text[*from..*to].split('\n').all(|line| line.len() <= LONG_LINE);
    let lines = (window(text, &kept, CONTEXT), window(text, &kept, 0));
    let (from, to) = lines.0.filter(readable).or(lines.1.filter(readable)).unwrap_or_else(|| {
        kept.truncate(1);
        clip(text, anchor)
    });
    let labels = kept
        .iter()
        .map(|(_, place, span)| {
            let label = shorten(&safe::line(&place.label), label_width);
            LabeledSpan::new((!label.is_empty()).then_some(label), span.start - from, span.end - span.start)
        })
        .collect();
    let excerpt = Excerpt {
        name: safe::line(&path.to_string()),
        text: safe::same_length(&text[from..to], ascii),
        lines_before: text[..from].matches('\n').count(),
        bytes_before: from - line_start(text, from),
    };
    Some(Shown { excerpt, labels, places: kept.iter().map(|(index, ..)| *index).collect() })
}

/// Start and end, in bytes, on character boundaries.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

/// The part of a span that is underlined; `None` if it does not lie in the text.
fn underlined(text: &str, span: ByteSpan) -> Option<Span> {
    let covered = text.get(span.start..span.start.checked_add(span.len)?)?;
    let lines = covered.match_indices('\n').nth(SPAN_LINES - 1).map_or(covered.len(), |(end, _)| end);
    let end = boundary_below(text, span.start + lines.min(SPAN_BYTES));
    Some(Span { start: span.start, end })
}

/// The lines that the spans touch, with context.
fn window(text: &str, kept: &[(usize, &Place, Span)], context: usize) -> Option<(usize, usize)> {
    let mut from = line_start(text, kept.iter().map(|(.., span)| span.start).min()?);
    let mut to = line_end(text, kept.iter().map(|(.., span)| span.end).max()?);
    for _ in 0..context {
        from = line_start(text, from.saturating_sub(1));
        to = line_end(text, (to + 1).min(text.len()));
    }
    Some((from, to))
}

/// The span with a few bytes around it on its own lines.
fn clip(text: &str, span: Span) -> (usize, usize) {
    let from = boundary_below(text, span.start.saturating_sub(AROUND)).max(line_start(text, span.start));
    let to = boundary_below(text, span.end + AROUND).min(line_end(text, span.end));
    (from, to)
}

/// The last character boundary at or before `offset`.
fn boundary_below(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or(0)
}

/// Offset of the first byte of the line that holds `offset`, which may lie inside a character.
fn line_start(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Offset of the line feed that ends the line of `offset`, or of the end of the text.
fn line_end(text: &str, offset: usize) -> usize {
    text.as_bytes()[offset..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| offset + end)
}

/// A label stands beside the source and is not wrapped, so it has to be short.
fn shorten(label: &str, width: usize) -> String {
    if label.chars().count() <= width {
        return label.to_owned();
    }
    let kept: String = label.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn text_of<'a>(run: &'a Run, path: &RepoPath) -> Option<&'a str> {
    run.facts.iter().filter(|fact| fact.path == *path).find_map(Fact::text)
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let window = self.text.as_str().read_span(span, before, after)?;
        let column = if window.line() == 0 { self.bytes_before + window.column() } else { window.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            window.data(),
            *window.span(),
            self.lines_before + window.line(),
            column,
            window.line_count(),
        )))
    }
}
