//! A scrubbed environment for running the program.

use std::path::Path;
use std::process::Command;

/// A command that sees nothing of the machine it runs on: no home, no configuration of git, a fixed width, no colour, and
/// 2026-04-01 as the day.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("SOURCE_DATE_EPOCH", "1775001600");
    command
}
