//! Exit codes: a documented type, because scripts depend on them.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// Wrong arguments or configuration, or a source that cannot be opened.
    Usage = 2,
    /// Nothing to check here: no legal file, no card, no configuration, no weights.
    Nothing = 3,
    /// `--strict`, and something could not be examined.
    Incomplete = 4,
    /// A bug in forebear.
    Bug = 70,
    /// Ctrl-C, or a request to end: nothing that was not finished is left behind.
    Interrupted = 130,
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
