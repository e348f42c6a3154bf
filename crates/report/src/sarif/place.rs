//! Places and messages as SARIF writes them.

use forebear_types::Location;
use forebear_types::finding::Place;
use forebear_types::run::Run;

use super::log::{self, ArtifactLocation, PhysicalLocation, Region, Text};
use crate::{safe, uri};

/// Characters of one message. A list of candidates or a stranger's text may have any length.
const MESSAGE: usize = 1000;

/// A message in which nothing is a link or a placeholder.
///
/// Source: SARIF 2.1.0, §3.11.5 (placeholders) and §3.11.6 (embedded links): what a stranger wrote must not become either.
pub(super) fn message(text: &str) -> Text {
    Text { text: plain(text) }
}

pub(super) fn plain(text: &str) -> String {
    let line = safe::shorten(&safe::line(text), MESSAGE);
    let link = line.contains("](");
    let bytes = line.as_bytes();
    let placeholder = bytes.windows(2).any(|pair| pair[0] == b'{' && pair[1].is_ascii_digit());
    let mut escaped = String::with_capacity(line.len());
    for character in line.chars() {
        match character {
            '[' | ']' | '\\' if link => escaped.extend(['\\', character]),
            // Readers show braces as they are unless a number is between them.
            '{' | '}' if placeholder => escaped.extend([character, character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A link to a related location of the same result.
pub(super) fn link(words: &str, id: usize) -> String {
    let mut escaped = String::with_capacity(words.len());
    for character in safe::line(words).chars() {
        if matches!(character, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    format!("[{escaped}]({id})")
}

/// A place with what stands there, as a path of the whole repository. The place is never the root.
pub(super) fn location(run: &Run, at: &Location, id: Option<usize>, words: Option<&str>) -> log::Location {
    let region = at.lines.map(|lines| Region { start_line: lines.first, end_line: lines.last });
    log::Location {
        id,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri::relative(&run.folder.join_path(&at.path)) },
            region,
        },
        message: words.filter(|words| !words.is_empty()).map(message),
    }
}

/// What stands at a place, with the commit if it stands in another state.
pub(super) fn label(place: &Place) -> String {
    match (place.commit, place.label.as_str()) {
        (None, label) => label.to_owned(),
        (Some(commit), "") => format!("in commit {}", commit.short()),
        (Some(commit), label) => format!("in commit {}: {label}", commit.short()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_a_link_or_a_placeholder() {
        assert_eq!(plain("an array[3] of {x} at C:\\"), "an array[3] of {x} at C:\\");
        assert_eq!(plain("[click](http://evil.example)"), "\\[click\\](http://evil.example)");
        assert_eq!(plain("\\[a](1)"), "\\\\\\[a\\](1)");
        assert_eq!(plain("{0}\nline"), "{{0}} line");
        assert_eq!(link("a]b\\", 3), "[a\\]b\\\\](3)");
    }
}
