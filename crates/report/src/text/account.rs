//! The account of a finding for people: from bytes to verdict, one function a step.

use std::io::{self, Write};

use forebear_types::obligation::{Answer, Creditor, Duty};

use super::licenses::finish;
use super::paint::Painter;
use super::{TextOptions, checklist, count, findings, lineage, one_of, persona};
use crate::account::Account;
use crate::{safe, tally};

/// Documents and licence periods that are listed.
const MOST: usize = 12;

/// Writes the account.
///
/// # Errors
/// What the writer says.
pub fn write_account(account: &Account<'_>, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(options);
    let mut text = verdict(account, &paint);
    text.push_str(&bytes(account, &paint));
    text.push_str(&base(account, &paint));
    text.push_str(&license(account, &paint));
    text.push_str(&clause(account, &paint));
    text.push_str(&looked_for(account, &paint));
    text.push_str(&list("Why it weighs as much as it does", &account.weighed, &paint));
    text.push_str(&list("What would settle it", &account.settles, &paint));
    finish(text, options, out)
}

fn verdict(account: &Account<'_>, paint: &Painter) -> String {
    let finding = account.finding;
    let word = match finding.answer {
        Answer::Met => "met".to_owned(),
        Answer::Unmet => paint.severity(tally::severity(finding)),
        Answer::Unknown => format!("could not tell, a {}", paint.severity(tally::severity(finding))),
    };
    let head = format!("{}: {word}, confidence {}", paint.bold(finding.rule.0), finding.confidence.name());
    let mut text = paint.wrap(&head, "", "  ");
    text.push_str(&paint.wrap(&safe::line(&finding.message), "", "  "));
    let about = format!("fingerprint {}; the rule fires when {}", finding.fingerprint, account.fires);
    text.push_str(&paint.wrap(&paint.dim(&safe::line(&about)), "", "  "));
    text
}

/// The files and lines.
fn bytes(account: &Account<'_>, paint: &Painter) -> String {
    let mut text = paint.heading("Which bytes");
    for one in account.finding.places.iter().take(MOST) {
        text.push_str(&findings::place_line(&[], one, paint));
    }
    text.push_str(&more(account.finding.places.len(), "place", paint));
    text
}

/// The ancestors that it rests on, with the evidence.
fn base(account: &Account<'_>, paint: &Painter) -> String {
    if account.steps.is_empty() {
        return String::new();
    }
    let mut text = paint.heading("Which base, and how that is known");
    for hop in &account.steps {
        text.push_str(&lineage::one(hop, paint));
    }
    text
}

/// The licence, and the time in which it held.
fn license(account: &Account<'_>, paint: &Painter) -> String {
    let mut text = String::new();
    if let Some(owed) = account.owed {
        let whose = match &owed.creditor {
            Creditor::Own => "the repository's own declared licence".to_owned(),
            Creditor::Ancestor { candidates, .. } if candidates.len() > 1 => {
                format!(
                    "it stands for {} candidates, each under the licence that is listed for it",
                    candidates.len()
                )
            }
            Creditor::Ancestor { candidates, .. } => format!("the licence of {}", one_of(candidates.iter())),
        };
        text.push_str(&paint.wrap(&format!("{}: {whose}", safe::line(owed.license.as_str())), "  ", "    "));
    }
    for period in account.periods.iter().take(MOST) {
        text.push_str(&paint.wrap(&format!("- {}", safe::line(period)), "  ", "    "));
    }
    text.push_str(&more(account.periods.len(), "licence state", paint));
    if let Some(copied) = account.copied.as_ref().filter(|_| !account.steps.is_empty()) {
        text.push_str(&paint.wrap(&format!("copied by {}", safe::line(copied)), "  ", "    "));
    }
    if text.is_empty() { text } else { format!("{}{text}", paint.heading("Which licence, and when")) }
}

/// What the licence asks.
fn clause(account: &Account<'_>, paint: &Painter) -> String {
    let Some(owed) = account.owed else { return String::new() };
    let mut text = paint.heading("Which clause asks for it");
    let clause = match owed.clause.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("clause {}", owed.clause),
        _ => owed.clause.clone(),
    };
    let condition = if owed.certain { "" } else { ", if this is the base" };
    let words = format!("{}, {clause}: {}{condition}", owed.license, owed.duty.sentence());
    text.push_str(&paint.wrap(&safe::line(&words), "  ", "    "));
    let Some(law) = &account.law else { return text };
    let mut line = |words: String| text.push_str(&paint.wrap(&safe::line(&words), "    ", "    "));
    line(format!("it applies {}", law.when));
    if let Some(prescribed) = &law.prescribed {
        line(format!("the words are “{prescribed}”"));
    }
    if let Some(note) = &law.note {
        line(note.clone());
    }
    if !law.cue.is_empty() {
        line(format!("in the text: “{}”", law.cue));
    }
    line(format!("source: {}", law.source));
    text
}

/// What would have met it, where it was looked for, and what was found.
fn looked_for(account: &Account<'_>, paint: &Painter) -> String {
    let Some(owed) = account.owed else { return String::new() };
    let mut text = paint.heading("What was looked for, and what was found");
    let wanted = match owed.duty {
        Duty::IncludeLicenseText => format!("the whole text of {}", owed.license),
        Duty::KeepCopyrightNotice if !owed.subject.is_empty() => {
            format!("“{}”", owed.subject.replace('\n', "” or “"))
        }
        duty => format!("what tells whether the repository does this: {}", duty.sentence()),
    };
    text.push_str(&paint.wrap(&format!("wanted: {}", safe::line(&wanted)), "  ", "    "));
    for (path, recognition) in account.documents.iter().take(MOST) {
        let words = format!("- in {}: {}", safe::line(&path.to_string()), persona::recognised(recognition));
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    text.push_str(&more(account.documents.len(), "document", paint));
    for path in account.unread.iter().take(MOST) {
        let words = format!("- in {}: could not be examined", safe::line(&path.to_string()));
        text.push_str(&paint.wrap(&words, "  ", "    "));
    }
    if account.documents.is_empty() && account.unread.is_empty() {
        text.push_str(&paint.wrap("no legal file holds a licence or an owner's line", "  ", "    "));
    }
    text.push_str(&checklist::duty(owed, paint));
    text
}

fn list(heading: &str, sentences: &[String], paint: &Painter) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let mut text = paint.heading(heading);
    for sentence in sentences {
        text.push_str(&paint.wrap(&format!("- {}", safe::line(sentence)), "  ", "    "));
    }
    text
}

fn more(number: usize, what: &str, paint: &Painter) -> String {
    match number.checked_sub(MOST) {
        Some(rest) if rest > 0 => paint.wrap(&format!("and {} more", count(rest, what)), "  ", "    "),
        _ => String::new(),
    }
}
