//! `forebear rules`: the list.

use std::fmt::Write as _;

use forebear_rules::RULES;

use super::print_text;
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run() -> Result<Exit, Error> {
    let width = RULES.iter().map(|rule| rule.id.0.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in RULES {
        let _ = writeln!(text, "{:width$}  {:9}  {}", rule.id.0, rule.severity.name(), rule.summary);
    }
    text.push_str("\nThe severity is that of the best evidence. `forebear explain RULE` says more.\n");
    print_text(&text)?;
    Ok(Exit::Clean)
}
