//! Sentences of the text report without layout, for other formats that people read. Whatever comes from the repository is safe
//! for a terminal, and not yet escaped for the other format.

use forebear_types::fact::Problem;
use forebear_types::finding::Exposure;
use forebear_types::history::Event;
use forebear_types::obligation::Obligation;
use forebear_types::run::Run;

use super::paint::Painter;
use super::{history, not_examined};

/// No colour, no line breaks, and every day as a date: whoever reads it may do so years later.
const PLAIN: Painter = Painter { color: false, unicode: true, width: usize::MAX, links: false, today: None };

/// What was examined, in one sentence.
pub(crate) fn examined(run: &Run) -> String {
    one_line(&super::examined(run, &PLAIN))
}

/// What the publisher declares; empty where nothing was seen.
pub(crate) fn declared(run: &Run) -> String {
    one_line(&super::declared(run, &PLAIN))
}

/// "2026-02-10 2c373ea Tidy up (Ada <ada@example.org>)".
pub(crate) fn event_title(event: &Event) -> String {
    one_line(&history::title(event, true, &PLAIN))
}

/// "removed LICENSE, was MIT".
pub(crate) fn event(event: &Event) -> String {
    one_line(&history::change(event, &PLAIN))
}

/// "the text of MIT, owed to deepseek-ai/DeepSeek-R1".
pub(crate) fn owed(obligation: &Obligation) -> String {
    one_line(&history::owed(obligation, &PLAIN))
}

/// "from 2026-01-15 (0202020), still open, 2 commits".
pub(crate) fn interval(exposure: &Exposure) -> String {
    one_line(&history::interval(exposure, &PLAIN))
}

/// "docs/terms.pdf: the format PDF is not examined".
pub(crate) fn problem(problem: &Problem) -> String {
    not_examined::words(problem)
}

/// That the history was not there or not walked, where no problem says so.
pub(crate) fn history_not_examined(run: &Run) -> Option<&'static str> {
    not_examined::history(run)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}
