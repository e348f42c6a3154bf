//! Sections of Markdown, and how they are made to fit.

use crate::text::count;

/// A part of a report under a heading of its own.
pub(super) struct Section {
    /// With its marks: `### Base`.
    pub(super) heading: String,
    /// Pieces that stand by themselves: a cut falls between two of them.
    pub(super) blocks: Vec<String>,
    /// Blocks that were not made, as the others take all the room.
    pub(super) more: usize,
    /// What one block is about, to count those that are left out: `finding`.
    pub(super) unit: &'static str,
    /// Which section gets room first: 0 before 1.
    pub(super) rank: usize,
    /// The words by which a folded section is opened; `None` for one that is open.
    pub(super) folded: Option<String>,
}

/// Part of the room that a section may claim before those of better rank have all.
const SHARE: usize = 12;

/// Bytes for the line that says what is left out.
const NOTE: usize = 120;

/// The sections in their order within `room` bytes. Those of better rank get room first, and none loses all of it.
pub(super) fn fit(sections: &[Section], room: usize) -> String {
    let sections: Vec<&Section> = sections.iter().filter(|section| !section.blocks.is_empty()).collect();
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|index| sections[*index].rank);
    let reserved = |index: &usize| size(sections[*index]).min(room / SHARE);
    let mut left = room.saturating_sub(NOTE);
    let mut texts = vec![String::new(); sections.len()];
    for (position, index) in order.iter().enumerate() {
        let others: usize = order[position + 1..].iter().map(reserved).sum();
        let text = write(sections[*index], left.saturating_sub(others));
        left -= text.len();
        texts[*index] = text;
    }
    let mut report = texts.concat();
    let dropped = texts.iter().filter(|text| text.is_empty()).count();
    if dropped > 0 && report.len() + NOTE <= room {
        report.push_str(&format!(
            "\n*{} left out for want of room; the JSON report has all.*\n",
            count(dropped, "part")
        ));
    }
    report
}

fn opening(section: &Section) -> String {
    match &section.folded {
        None => format!("\n{}\n\n", section.heading),
        Some(words) => {
            format!("\n{}\n\n<details><summary>{words}</summary>\n\n", section.heading)
        }
    }
}

fn closing(section: &Section) -> &'static str {
    if section.folded.is_some() { "\n</details>\n" } else { "" }
}

fn size(section: &Section) -> usize {
    let blocks: usize = section.blocks.iter().map(String::len).sum();
    opening(section).len() + blocks + closing(section).len()
}

/// A section within `room` bytes; nothing if not even its heading fits.
fn write(section: &Section, room: usize) -> String {
    let mut text = opening(section);
    let closing = closing(section);
    let whole = size(section) <= room;
    // A section that is cut says so, so it needs room for that.
    let most = if whole { room } else { room.saturating_sub(NOTE) };
    if text.len() + closing.len() > most {
        return String::new();
    }
    let mut kept = 0;
    for block in &section.blocks {
        if text.len() + block.len() + closing.len() > most {
            break;
        }
        text.push_str(block);
        kept += 1;
    }
    let cut = section.blocks.len() - kept + section.more;
    if cut > 0 {
        text.push_str(&format!(
            "\n*{} left out for want of room; the JSON report has all.*\n",
            count(cut, section.unit)
        ));
    }
    text.push_str(closing);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(rank: usize, blocks: usize, folded: bool) -> Section {
        Section {
            heading: format!("### {rank}"),
            blocks: vec!["- é block\n".to_owned(); blocks],
            more: 0,
            unit: "block",
            rank,
            folded: folded.then(|| "more".to_owned()),
        }
    }

    #[test]
    fn a_report_fits_and_says_what_is_missing() {
        for room in [0, 100, 300, 1000, 5000, 20_000] {
            let text = fit(&[section(1, 90, true), section(0, 1000, false), section(2, 3, false)], room);
            assert!(text.len() <= room, "{room}: {}", text.len());
            assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        }
        let text = fit(&[section(1, 90, true), section(0, 1000, false), section(2, 3, false)], 5000);
        assert!(text.find("### 1") < text.find("### 0"), "{text}");
        assert!(text.contains("### 2\n\n- é block\n- é block\n- é block\n"), "{text}");
        assert_eq!(text.matches("left out for want of room").count(), 2, "{text}");
        let text = fit(&[section(1, 90, true), section(0, 1000, false), section(2, 3, false)], 500);
        assert!(text.ends_with("\n*1 part left out for want of room; the JSON report has all.*\n"), "{text}");
        let whole = fit(&[section(0, 2, false)], 200);
        assert_eq!(whole, "\n### 0\n\n- é block\n- é block\n");
    }
}
