//! One line for each finding: for a terminal that shows much else, and for tools that read lines.

use forebear_types::run::Run;

use super::paint::Painter;
use super::place;
use crate::anchor::Anchors;
use crate::{safe, tally};

/// `README.md:3: violation missing-license-text: …`, worst first. Lines are not wrapped.
pub(super) fn lines(run: &Run, paint: &Painter) -> String {
    let (mut text, anchors) = (String::new(), Anchors::of(run));
    for finding in tally::listed(run).filter(|finding| !finding.known) {
        let at =
            anchors.anchor(finding).map_or_else(|| "the repository".to_owned(), |location| place(&location));
        let severity = paint.severity(tally::severity(finding));
        let rule = paint.rule(run, finding.rule);
        text.push_str(&format!("{at}: {severity} {rule}: {}\n", safe::line(&finding.message)));
    }
    text
}
