//! Edits of legal files, from text to text. What comes out is recognised again: a file that would lose anything is not changed.

use forebear_licenses::recognise;
use forebear_licenses::terms::same_text;
use forebear_types::LicenseId;
use forebear_types::license::{MatchStatus, NoticeWords, Recognition};

use crate::notice::{filled, line_end};

/// Lines between an owner's line and the text that it belongs to, at most.
const NEAR: u32 = 6;

/// A legal file with owners' lines above the text of a licence: over the first owner that stands there, else over the text.
///
/// # Errors
/// If the file does not hold the text, or would not hold it afterwards. The text says so, without a full stop.
pub fn insert_copyright(text: &str, license: &LicenseId, lines: &[String]) -> Result<String, String> {
    let before = recognise(text);
    let found = before.licenses.iter().find(|found| found.whole() && same_text(&found.id, license));
    let found = found.ok_or_else(|| format!("the text of {license} is not in it"))?;
    let near = found.lines.first.saturating_sub(NEAR)..=found.lines.last;
    let owner = before.copyright.iter().map(|line| line.line).find(|line| near.contains(line));
    let at = owner.unwrap_or(found.lines.first) as usize - 1;
    let end = line_end(text);
    let mut inserted: String = lines.iter().map(|line| format!("{line}{end}")).collect();
    if owner.is_none() {
        inserted.push_str(end);
    }
    let offset: usize = text.split_inclusive('\n').take(at).map(str::len).sum();
    let added = format!("{}{inserted}{}", &text[..offset], &text[offset..]);
    let after = recognise(&added);
    let kept = after.licenses.iter().any(|found| found.whole() && same_text(&found.id, license));
    if !kept || lines.iter().any(|line| !holds_owner(&after, line)) || lost_owner(&before, &after) {
        return Err(format!("the text of {license} is laid out in a way that forebear cannot add a line to"));
    }
    Ok(added)
}

/// A legal file that holds a part of a text of the SPDX list, with the whole text in its place. Owners' lines stay.
///
/// # Errors
/// If the part holds words that are not the licence's, or the result would not hold the text. The text says so, without a full stop.
pub fn complete_text(text: &str, license: &LicenseId) -> Result<String, String> {
    let before = recognise(text);
    let part = before.licenses.iter().find(|found| {
        same_text(&found.id, license) && matches!(found.status, MatchStatus::Incomplete { .. })
    });
    let part = part.ok_or_else(|| format!("there is no part of {license} in it"))?;
    let (first, last) = (part.lines.first, part.lines.last);
    let inside = |line: u32| (first..=last).contains(&line);
    let owners: Vec<String> =
        before.copyright.iter().filter(|line| inside(line.line)).map(|line| line.text.clone()).collect();
    let whole = filled(license, &owners, true).ok_or_else(|| format!("SPDX has no text of {license}"))?;
    let foreign = || Err(format!("the part of {license} in it has words of its own between"));
    if before.unrecognised.iter().any(|lines| lines.overlaps(part.lines)) {
        return foreign();
    }
    let end = line_end(text);
    let mut out = String::new();
    let mut old = String::new();
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        if inside(number) {
            old.push_str(line);
            if number == last {
                out.push_str(&whole.replace('\n', end));
            }
        } else {
            out.push_str(line);
        }
    }
    if !within(&old, &whole) {
        return foreign();
    }
    let after = recognise(&out);
    let kept = after.licenses.iter().any(|found| found.whole() && same_text(&found.id, license));
    if !kept || lost_owner(&before, &after) {
        return Err(format!("the part of {license} in it stands among other words, so it is left as it is"));
    }
    Ok(out)
}

/// Whether all words of a part stand in a text, in their order.
fn within(part: &str, whole: &str) -> bool {
    let mut rest = words(whole).into_iter();
    words(part).into_iter().all(|word| rest.any(|other| other == word))
}

fn words(text: &str) -> Vec<String> {
    text.split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn holds_owner(recognition: &Recognition, line: &str) -> bool {
    let wanted = NoticeWords::of(line);
    recognition.copyright.iter().any(|known| NoticeWords::of(&known.text).names(&wanted))
}

fn lost_owner(before: &Recognition, after: &Recognition) -> bool {
    before.copyright.iter().any(|line| !after.copyright.iter().any(|other| other.text == line.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "Copyright (c) 2023 DeepSeek";

    fn mit(owners: &[&str]) -> String {
        let owners: Vec<String> = owners.iter().map(|line| (*line).to_owned()).collect();
        filled(&LicenseId::from("MIT"), &owners, false).unwrap()
    }

    fn insert(text: &str) -> Result<String, String> {
        insert_copyright(text, &LicenseId::from("MIT"), &[LINE.to_owned()])
    }

    #[test]
    fn a_line_goes_above_the_owner_that_is_there() {
        let text = insert(&mit(&["Copyright (c) 2026 Kaguya"])).unwrap();
        assert_eq!(text, mit(&[LINE, "Copyright (c) 2026 Kaguya"]));
        let windows = mit(&["Copyright (c) 2026 Kaguya"]).replace('\n', "\r\n");
        assert_eq!(insert(&windows).unwrap(), text.replace('\n', "\r\n"));
        let bare = insert(&mit(&[])).unwrap();
        assert!(bare.contains(LINE) && bare.ends_with(&mit(&[])[20..]), "{bare}");
        assert!(insert("Kaguya\n").is_err());
    }

    #[test]
    fn a_part_is_completed_and_its_owner_stays() {
        let whole = mit(&["Copyright (c) 2026 Kaguya"]);
        let cut: String = whole.split_inclusive('\n').take(12).collect();
        let license = LicenseId::from("MIT");
        assert_eq!(complete_text(&cut, &license).unwrap(), whole);
        let led = format!("Kaguya's licence\n\n{cut}");
        assert!(complete_text(&led, &license).unwrap().starts_with("Kaguya's licence\n\nMIT License"));
        assert!(complete_text(&whole, &license).is_err(), "nothing is missing");
        let own = cut.replace("free of charge", "free of charge to friends");
        assert!(complete_text(&own, &license).is_err(), "{own}");
    }
}
