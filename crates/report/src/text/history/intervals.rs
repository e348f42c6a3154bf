//! Since when, and until when, what is owed was missing while weights were there.

use forebear_types::finding::{Exposure, Moment};
use forebear_types::obligation::{Creditor, Duty, Obligation};
use forebear_types::run::Run;

use crate::safe;
use crate::text::paint::Painter;
use crate::text::{count, one_of};

/// References named below one duty; JSON has all.
const REFERENCES: usize = 20;

/// Tags named in one interval; JSON has all.
const TAGS: usize = 12;

/// Commit time is what git knows.
const CLOSING: &str = "Commit time is not publication time: on the Hub a commit to main is published at once, elsewhere a history may have \
                       been pushed long after it was written.";

/// Every interval: below its duty, for every reference.
pub(in crate::text) fn intervals(run: &Run, paint: &Painter) -> String {
    let mut text = String::new();
    for (index, obligation) in run.obligations.iter().enumerate() {
        let own = || run.exposures.iter().filter(|one| one.obligation == index);
        if own().next().is_none() {
            continue;
        }
        text.push_str(&paint.wrap(&owed(obligation, paint), "  ", "    "));
        // Branches that part from the line later have its intervals; they are told once.
        let mut told: Vec<(&Exposure, Vec<&str>)> = Vec::new();
        for one in own() {
            match told.iter_mut().find(|(exposure, _)| **exposure == one.exposure) {
                Some((_, references)) => references.push(&one.reference),
                None => told.push((&one.exposure, vec![&one.reference])),
            }
        }
        for (exposure, references) in told {
            let words = format!("{}: {}", names(&references), interval(exposure, paint));
            text.push_str(&paint.wrap(&words, "    ", "      "));
        }
    }
    if text.is_empty() {
        return text;
    }
    let closing = paint.wrap(&paint.dim(CLOSING), "  ", "  ");
    format!("{}{text}{closing}", paint.heading("Weights without what was owed"))
}

/// "the text of MIT, owed to deepseek-ai/DeepSeek-R1".
pub(in crate::text) fn owed(obligation: &Obligation, paint: &Painter) -> String {
    let license = safe::line(obligation.license.as_str());
    let what = match obligation.duty {
        Duty::KeepCopyrightNotice if !obligation.subject.is_empty() => {
            format!("the line “{}”", safe::line(&obligation.subject.replace('\n', "” and “")))
        }
        Duty::KeepCopyrightNotice => format!("the owner's line ({license})"),
        Duty::IncludeLicenseText => format!("the text of {license}"),
        other => format!("{} ({license})", other.sentence()),
    };
    match &obligation.creditor {
        Creditor::Own => format!("{}, the declared licence", paint.bold(&what)),
        Creditor::Ancestor { candidates, .. } => {
            format!("{}, owed to {}", paint.bold(&what), one_of(candidates.iter()))
        }
    }
}

fn names(references: &[&str]) -> String {
    let mut names: Vec<String> = references.iter().take(REFERENCES).map(|name| safe::line(name)).collect();
    if references.len() > REFERENCES {
        names.push(format!("{} more", references.len() - REFERENCES));
    }
    names.join(", ")
}

pub(in crate::text) fn interval(exposure: &Exposure, paint: &Painter) -> String {
    let earlier = if exposure.or_earlier { " or earlier" } else { "" };
    let mut words = format!("from {}{earlier}", moment(&exposure.from));
    match &exposure.to {
        Some(to) => words.push_str(&format!(" to {}", moment(to))),
        None => words.push_str(&format!(", {}", paint.alarm("still open"))),
    }
    let open_for = || paint.today.zip(exposure.from.time).map(|(today, from)| today.days_since(from));
    match (exposure.days(), exposure.to.is_none()) {
        (Some(0), _) => words.push_str(", less than a day"),
        (Some(days), _) => words.push_str(&format!(", {}", days_words(days))),
        (None, true) => {
            words.extend(
                open_for().filter(|days| *days > 0).map(|days| format!(" after {}", days_words(days))),
            );
        }
        (None, false) => {}
    }
    words.push_str(&format!(", {}", count(exposure.commits, "commit")));
    let tags: Vec<String> = exposure.tags.iter().take(TAGS).map(|tag| safe::line(tag)).collect();
    if !tags.is_empty() {
        let word = if exposure.tags.len() == 1 { "tag" } else { "tags" };
        words.push_str(&format!(", {word} {}", tags.join(", ")));
    }
    if exposure.tags.len() > TAGS {
        words.push_str(&format!(" and {} more", exposure.tags.len() - TAGS));
    }
    words
}

fn days_words(days: u64) -> String {
    count(usize::try_from(days).unwrap_or(usize::MAX), "day")
}

fn moment(moment: &Moment) -> String {
    match (moment.time, moment.commit) {
        (Some(time), Some(commit)) => format!("{} ({})", time.date(), commit.short()),
        _ => "the state that is not committed".to_owned(),
    }
}
