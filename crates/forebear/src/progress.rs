//! How far a walk has come, for who waits at a terminal.

use std::cell::Cell;
use std::time::{Duration, Instant};

use forebear_report::printable;
use forebear_scanner::history::Progress;

use crate::interrupt::{can_show_lines, clear_line, show_line};

/// Work that takes less is not worth a line.
const PATIENCE: Duration = Duration::from_secs(1);

/// Between two lines.
const PAUSE: Duration = Duration::from_millis(100);

/// A line on standard error while work goes on, where that is a terminal. It is taken away at the end.
pub(crate) struct Line {
    started: Instant,
    last: Cell<Option<Instant>>,
    /// Columns of the terminal; `None` where nothing is shown.
    width: Option<usize>,
}

impl Line {
    pub(crate) fn begin() -> Self {
        let columns =
            || terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
        let width = can_show_lines().then(|| columns().unwrap_or(80));
        Self { started: Instant::now(), last: Cell::new(None), width }
    }
}

impl Progress for Line {
    fn at(&self, step: &str, done: usize, of: Option<usize>) {
        self.say(&format!("history: {step}"), done, of);
    }
}

impl Line {
    /// Shows how far something has come, if it takes long enough for somebody to wonder.
    pub(crate) fn say(&self, step: &str, done: usize, of: Option<usize>) {
        let Some(width) = self.width else { return };
        let now = Instant::now();
        let waits = now.duration_since(self.started) < PATIENCE
            || self.last.get().is_some_and(|last| now.duration_since(last) < PAUSE);
        if !waits {
            self.last.set(Some(now));
            show_line(&words(step, done, of, width));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        clear_line();
    }
}

/// "reading what changed, 42 %", no longer than a line.
fn words(step: &str, done: usize, of: Option<usize>, width: usize) -> String {
    let how_far = match of {
        Some(0) | None => format!("{done}"),
        Some(all) => format!("{} %", (done as u128 * 100 / all as u128).min(100)),
    };
    let line = format!("{}, {how_far}", printable(step));
    // The last column stays free: some terminals begin a new line after it.
    line.chars().take(width.saturating_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_done_and_how_far() {
        assert_eq!(words("comparing commits", 42, Some(100), 80), "comparing commits, 42 %");
        assert_eq!(words("comparing commits", 42, None, 80), "comparing commits, 42");
        assert_eq!(words("comparing commits", usize::MAX, Some(1), 80), "comparing commits, 100 %");
        assert_eq!(words("comparing commits", 0, Some(0), 12), "comparing c");
        assert_eq!(words("x", 0, None, 0), "");
    }
}
