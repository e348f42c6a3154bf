//! What a difference between a licence and a text means.
//!
//! *Harmless*: the licence says so itself (its template marks a part as optional or replaceable), or the difference is one of
//! names, list marks, spelling. *A change*: everything else; nothing is harmless unless a reason is known. *Missing*: a
//! long part, or an end, that is not there.

use forebear_types::license::Change;

use super::align::{Aligned, Difference};
use super::clause::{self, Place};
use super::copyright;
use super::index::{Doc, Index, Kind, Mark, MarkKind};
use super::lexicon::{self, DUTY, MARK, NEUTRAL, NUMBER, OPERATIVE};
use super::words::{self, UNKNOWN, Words};

/// A piece of at most this many words that is gone from within is a change; a longer one may be a missing part.
const PIECE: usize = 40;

/// The most words of a heading that may lack.
const HEADING: usize = 15;

/// The most words at an end that may lack: "end of terms", a link.
const ENDING: usize = 6;

/// Below this share of its words a licence is not reported, not even as incomplete: shared boilerplate (a disclaimer, a
/// grant) is no licence.
const LEAST: f64 = 0.35;

/// A licence with operative changes needs this share of its words to be called that licence, changed.
const LEAST_ALTERED: f64 = 0.75;

/// From so many letters on, a word that is one letter away from another is that word written wrong, or a form of it.
const LONG_WORD: usize = 9;

/// A missing end counts at most as so many words when licences are compared.
const TAIL: usize = 30;

/// Insertions that say nothing, because what they announce does not follow or stands there anyway.
const EMPTY_PHRASES: &[&str] = &[
    "subject to the following conditions",
    "including the next paragraph",
    "and the below disclaimer",
    "and the following disclaimer",
    "and without limitation",
    "in whole or in part",
];

/// Words that mean the same in a licence.
const SYNONYMS: &[&[&str]] = &[
    &["shall", "must", "will"],
    &["provided", "providing"],
    &["author", "authors", "holder", "holders", "owner", "owners"],
    &["notice", "notices"],
    &["is", "are"],
    &["appear", "appears"],
    &["disclaim", "disclaims"],
    &["tortious", "tortuous"],
];

/// Words of which one stands in every grant.
const GRANTS: &[&str] = &[
    "permission", "permitted", "granted", "grant", "grants", "license", "licensed", "may", "redistribution",
    "dedicates", "dedicate", "domain",
];

/// Words of addresses of the post.
const POSTAL: &[&str] = &[
    "street", "st", "franklin", "temple", "place", "floor", "fifth", "boston", "cambridge", "mass", "ma",
    "avenue", "ave", "usa", "suite", "road", "box", "fl", "massachusetts", "inc", "foundation", "free",
    "software", "cygnus",
];

/// One occurrence of a licence in a text, judged.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) doc: Doc,
    /// Words of the text, from and to.
    pub(crate) span: (usize, usize),
    /// Words of the licence that were found in order.
    pub(crate) matched: usize,
    /// Words of the licence that are not there and need not be.
    pub(crate) excused: usize,
    /// Words that differ without weight, on either side.
    pub(crate) harmless: usize,
    /// Differences that have weight.
    pub(crate) changes: Vec<Difference>,
    /// Missing parts: words of the licence, from and to.
    pub(crate) missing: Vec<(usize, usize)>,
    /// Whether one of the changes lays a duty or ban on somebody.
    pub(crate) adds: bool,
    /// What the changes weigh, in words: what is gone counts three times what is new, because a licence that is all there
    /// with an addition explains a text better than one of which words are replaced.
    weight: usize,
}

impl Judged {
    /// Judges what was laid side by side.
    pub(crate) fn of(index: &Index, aligned: Aligned, text: &Words<'_>) -> Self {
        let marks: Vec<Mark> = aligned.doc.marks().collect();
        let judge = Judge { index, doc: aligned.doc, text, optional: optional_parts(&marks), marks };
        let mut judged = Self {
            doc: aligned.doc,
            span: aligned.span,
            matched: aligned.matched,
            excused: 0,
            harmless: 0,
            changes: Vec::new(),
            missing: Vec::new(),
            adds: false,
            weight: 0,
        };
        judged.end(&judge, (0, aligned.doc_span.0), HEADING.min(aligned.doc.len() / 6));
        for difference in &aligned.differences {
            judged.inside(&judge, *difference);
        }
        judged.end(&judge, (aligned.doc_span.1, aligned.doc.len()), ENDING.min(aligned.doc.len() / 10));
        if aligned.doc_span.1 == aligned.doc.len() {
            judged.span.1 = judge.appended(aligned.span.1);
        }
        judged
    }

    /// A text that is word for word the licence.
    pub(crate) fn exact(doc: Doc) -> Self {
        let len = doc.len();
        let (changes, missing) = (Vec::new(), Vec::new());
        Self {
            doc,
            span: (0, len),
            matched: len,
            excused: 0,
            harmless: 0,
            changes,
            missing,
            adds: false,
            weight: 0,
        }
    }

    /// The share of the licence's words that are there or need not be.
    pub(crate) fn coverage(&self) -> f64 {
        (self.matched + self.excused) as f64 / self.doc.len().max(1) as f64
    }

    /// How well this explains the text: words explained, less what differs.
    pub(crate) fn score(&self) -> i64 {
        // How much of an end is missing says nothing: of several that begin alike the more common one is meant.
        let missing: usize = self
            .missing
            .iter()
            .map(|(from, to)| if *to == self.doc.len() { (to - from).min(TAIL) } else { to - from })
            .sum();
        4 * self.matched as i64 - self.harmless as i64 - 4 * self.weight as i64 - 4 * missing as i64
    }

    pub(crate) fn whole(&self) -> bool {
        self.changes.is_empty() && self.missing.is_empty()
    }

    pub(crate) fn worth_reporting(&self, index: &Index) -> bool {
        let coverage = self.coverage();
        let inside = self.span.1 - self.span.0;
        let dense = self.matched as f64 / inside.max(1) as f64;
        if self.doc.kind == Kind::Header {
            return coverage >= 0.85 && dense >= 0.75;
        }
        if !self.missing.is_empty() && !self.grants(index) {
            return false;
        }
        match (self.changes.is_empty(), self.missing.is_empty()) {
            (true, true) => coverage >= 0.9 && dense >= 0.7,
            (false, true) => coverage >= LEAST_ALTERED && dense >= 0.6,
            // What is shared by many licences stands at their end (disclaimers): a text that lacks the beginning of a licence
            // is some other one, unless nearly all is there.
            _ => {
                let headless = self.missing.iter().any(|(from, _)| *from == 0);
                let least = if headless { 0.8 } else { LEAST };
                coverage >= least && self.matched >= 40 && dense >= 0.8
            }
        }
    }

    /// Whether what is there of the licence grants anything: a disclaimer alone is shared by many licences.
    fn grants(&self, index: &Index) -> bool {
        let words: Vec<u16> = GRANTS.iter().map(|word| index.word(words::hash(word))).collect();
        (0..self.doc.len())
            .filter(|place| !self.missing.iter().any(|(from, to)| (from..to).contains(&place)))
            .any(|place| words.contains(&self.doc.word(place)))
    }

    /// Words at an end of the licence that are not in the text.
    fn end(&mut self, judge: &Judge<'_>, (from, to): (usize, usize), excused: usize) {
        let needed = (from..to).filter(|place| !judge.optional(*place)).count();
        if needed <= excused {
            self.excused += to - from;
            self.harmless += to - from;
        } else {
            self.missing.push((from, to));
        }
    }

    fn inside(&mut self, judge: &Judge<'_>, difference: Difference) {
        let gone = difference.doc.1 - difference.doc.0;
        let new = difference.text.1 - difference.text.0;
        if judge.harmless(difference) {
            self.excused += gone;
            self.harmless += gone + new;
        } else if gone > PIECE && new < gone / 4 && gone * 4 > self.doc.len() {
            self.missing.push(difference.doc);
            if new > 0 && judge.adds_clause(difference) {
                self.adds = true;
                self.changes.push(Difference { doc: (difference.doc.0, difference.doc.0), ..difference });
            }
        } else {
            self.adds = self.adds || judge.adds_clause(difference);
            self.weight += 3 * gone + new;
            self.changes.push(difference);
        }
    }
}

/// The words of a known text as written, for people: those of an SPDX text. Of others the project carries no words, and
/// their number has to do.
pub(crate) struct Written {
    words: Option<Vec<&'static str>>,
}

impl Written {
    /// The words of the judged licence, if any are to be shown.
    pub(crate) fn of(judged: &Judged) -> Self {
        let doc = judged.doc;
        let shown = doc.kind == Kind::License && !judged.whole();
        let words = known_text(doc.id).filter(|_| shown).map(|text| {
            let mut words = Vec::with_capacity(doc.len());
            words::tokens(text, |token| words.push(&text[token.start as usize..token.end as usize]));
            words
        });
        Self { words }
    }

    /// Words `from..to`, at most `most` of them.
    pub(crate) fn phrase(&self, from: usize, to: usize, most: usize) -> String {
        if from == to {
            return String::new();
        }
        let Some(words) = &self.words else {
            return format!("[{} words of the known text]", to - from);
        };
        let mut phrase = words.get(from..to.min(from + most)).unwrap_or_default().to_vec();
        if to > from + most {
            phrase.push("…");
        }
        phrase.join(" ")
    }
}

fn known_text(id: &str) -> Option<&'static str> {
    spdx::license_id(id)
        .map(|license| license.text())
        .or_else(|| spdx::exception_id(id).map(|exception| exception.text()))
}

/// A change as reports show it.
pub(crate) fn change(written: &Written, text: &Words<'_>, difference: &Difference) -> Change {
    let (from, to) = difference.text;
    Change {
        line: text.line(from.min(text.len().saturating_sub(1))),
        expected: written.phrase(difference.doc.0, difference.doc.1, 24),
        found: text.phrase(from, to, 24),
    }
}

struct Judge<'a> {
    index: &'a Index,
    doc: Doc,
    text: &'a Words<'a>,
    marks: Vec<Mark>,
    /// Words of the licence, from and to, that may be left out: marks that touch each other are one part.
    optional: Vec<(usize, usize)>,
}

/// The optional marks, those that touch each other joined.
fn optional_parts(marks: &[Mark]) -> Vec<(usize, usize)> {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for mark in marks.iter().filter(|mark| mark.kind == MarkKind::Optional) {
        match parts.last_mut() {
            Some(part) if mark.from <= part.1 => part.1 = part.1.max(mark.to),
            _ => parts.push((mark.from, mark.to)),
        }
    }
    parts
}

impl Judge<'_> {
    /// Whether a word of the licence may be left out, by its template.
    fn optional(&self, place: usize) -> bool {
        self.optional.iter().any(|(from, to)| (*from..*to).contains(&place))
    }

    /// Where the text ends with what the template lets stand behind the licence: the text of the list lacks the last paragraph of
    /// GPL-2.0, and files have it.
    fn appended(&self, end: usize) -> usize {
        let at_end = |mark: &&Mark| mark.from == self.doc.len() && mark.kind == MarkKind::Listed;
        for mark in self.marks.iter().filter(at_end) {
            let wanted = mark.words();
            let (mut at, mut found) = (end, 0);
            for word in &wanted {
                let near = (at..self.text.len().min(at + 3)).find(|near| self.text.ids[*near] == *word);
                if let Some(near) = near {
                    at = near + 1;
                    found += 1;
                }
            }
            if wanted.len() >= HEADING && found * 10 >= wanted.len() * 9 && at - end <= wanted.len() * 11 / 10
            {
                return at;
            }
        }
        end
    }

    fn gone_classes(&self, place: usize) -> u8 {
        self.index.classes(self.doc.word(place))
    }

    fn new_classes(&self, at: usize) -> u8 {
        match self.text.ids[at] {
            UNKNOWN => lexicon::shape(&self.text.lower(at)),
            id => self.index.classes(id),
        }
    }

    fn harmless(&self, difference: Difference) -> bool {
        let (gone, new) = self.net(difference);
        (gone.is_empty() && new.is_empty())
            || self.by_template(difference, &gone, &new)
            || self.within_optional(difference, &new)
            || self.joined(difference)
            || self.notice(&gone, difference)
            || self.own_notice(&gone, &new, difference)
            || self.title(&gone, &new)
            || self.address(&gone, &new)
            || self.place(&gone, &new)
            || self.year(&gone, &new)
            || self.phrase(&gone, &new)
            || self.holder(&gone, &new)
            || self.names(&gone, &new)
            || self.typing_error(&gone, &new)
    }

    /// The words on each side without those that stand on both: moving a word about changes nothing.
    fn net(&self, difference: Difference) -> (Vec<usize>, Vec<usize>) {
        let mut new: Vec<usize> = (difference.text.0..difference.text.1).collect();
        let mut gone: Vec<usize> = (difference.doc.0..difference.doc.1).collect();
        if gone.len() * new.len() > 4096 {
            return (gone, new);
        }
        gone.retain(|place| match new.iter().position(|at| self.text.ids[*at] == self.doc.word(*place)) {
            Some(at) => {
                new.remove(at);
                false
            }
            None => true,
        });
        (gone, new)
    }

    /// The template allows it: what is gone may be left out or replaced, and what stands there instead may stand there.
    fn by_template(&self, difference: Difference, gone: &[usize], new: &[usize]) -> bool {
        let (from, to) = difference.doc;
        let touched: Vec<&Mark> =
            self.marks.iter().filter(|mark| mark.from <= to && mark.to >= from).collect();
        if touched.is_empty() {
            return false;
        }
        let replaceable = |place: usize| {
            touched.iter().any(|mark| (mark.from..mark.to).contains(&place))
                || self.gone_classes(place) & (NEUTRAL | MARK) != 0
        };
        if !gone.iter().all(|place| replaceable(*place)) {
            return false;
        }
        let marked = |place: &usize| touched.iter().any(|mark| (mark.from..mark.to).contains(place));
        if self.other_number(gone, new) && !gone.iter().all(marked) {
            return false;
        }
        let wild = touched.iter().any(|mark| mark.kind == MarkKind::Wild) && new.len() <= 40;
        new.iter().all(|at| {
            let word = self.text.ids[*at];
            let classes = self.new_classes(*at);
            touched.iter().any(|mark| mark.kind != MarkKind::Optional && mark.lists(word))
                || (wild && classes & OPERATIVE == 0)
                || classes & (NEUTRAL | MARK) != 0 && classes & OPERATIVE == 0
        })
    }

    /// Inside a part that may be left out as a whole (a preamble, how to apply the licence) other words have no weight,
    /// unless they lay duties on somebody.
    fn within_optional(&self, difference: Difference, new: &[usize]) -> bool {
        let (from, to) = difference.doc;
        let long = |(first, last): &(usize, usize)| last - first > 20;
        let heading = |(first, last): &(usize, usize)| *first == 0 && last - first <= 20;
        let part = |kind: &dyn Fn(&(usize, usize)) -> bool| {
            self.optional.iter().any(|part| kind(part) && part.0 <= from && part.1 >= to)
        };
        // "This project is free software released under the MIT License" is a heading too.
        let plain = || new.iter().all(|at| self.new_classes(*at) & DUTY == 0);
        (part(&long) && (new.is_empty() || !self.adds_clause(difference))) || (part(&heading) && plain())
    }

    fn adds_clause(&self, difference: Difference) -> bool {
        let (first, end) = difference.text;
        first < end && clause::has_clause(self.index, self.text, (first, end), Place::Body)
    }

    /// "sub license" and "sublicense", "modifi-cation".
    fn joined(&self, difference: Difference) -> bool {
        let ((from, to), (mut first, end)) = (difference.doc, difference.text);
        // A list mark in running text goes before them.
        first += usize::from(end - first > 1 && self.new_classes(first) & MARK != 0);
        if to - from == 1 && (2..=3).contains(&(end - first)) {
            let whole: String = (first..end).map(|at| self.text.lower(at)).collect();
            return self.index.word(words::hash(&whole)) == self.doc.word(from);
        }
        if end - first == 1 && to - from == 2 {
            let whole = self.text.lower(first);
            return (1..whole.len()).filter(|at| whole.is_char_boundary(*at)).any(|at| {
                let part = |text: &str| self.index.word(words::hash(text));
                part(&whole[..at]) == self.doc.word(from) && part(&whole[at..]) == self.doc.word(from + 1)
            });
        }
        false
    }

    /// A copyright notice in the middle of a text that stands on one line.
    fn notice(&self, gone: &[usize], difference: Difference) -> bool {
        let (from, to) = difference.text;
        if !gone.is_empty() || to == from || to - from > 40 {
            return false;
        }
        let first = self.text.lower(from);
        let before = self.text.before(from).trim_end();
        let sign = before.ends_with('©') || before.ends_with("\\u00a9");
        let year = (from..to).any(|at| {
            let word = self.text.written(at);
            word.len() == 4 && ("1950".."2100").contains(&word)
        });
        // "Free Software Foundation", "Open Source Initiative" are names; duties and bans are not.
        let duties = (from..to).filter(|at| self.new_classes(*at) & DUTY != 0).count();
        let operative = (from..to).filter(|at| self.new_classes(*at) & OPERATIVE != 0).count();
        // The rest of one that was wrapped.
        let goes_on = copyright::has_mark(before) && to - from <= 14;
        (sign || goes_on || first == "copyright" || first == "c" || first == "portions")
            && (year || to - from <= 14)
            && duties == 0
            && operative <= 2
    }

    /// The notice of the licence's own author, which was filled in, moved or left out: "Copyright (c) 2005 Lawrence Rosen".
    /// One inside a sentence that a line break sets apart from it is not left out.
    fn own_notice(&self, gone: &[usize], new: &[usize], difference: Difference) -> bool {
        let year =
            |place: &usize| self.gone_classes(*place) & NUMBER != 0 && self.gone_classes(*place) & MARK == 0;
        let weighty =
            gone.iter().filter(|place| self.gone_classes(**place) & (OPERATIVE | DUTY) != 0).count();
        let marks = new.iter().all(|at| self.new_classes(*at) & MARK != 0);
        let short = gone.len() <= 14 || gone.iter().all(year);
        let moved = short && weighty == 0 && gone.iter().any(year);
        marks && (moved || self.set_apart(gone, difference))
    }

    /// Whether what is gone stands in a line that was taken for a copyright notice.
    fn set_apart(&self, gone: &[usize], difference: Difference) -> bool {
        let (from, to) = difference.text;
        let apart: Vec<u16> = (from..=to)
            .filter(|at| copyright::has_mark(self.text.before(*at)))
            .flat_map(|at| words::all(self.text.before(at)))
            .map(|hash| self.index.word(hash))
            .collect();
        !gone.is_empty() && gone.iter().all(|place| apart.contains(&self.doc.word(*place)))
    }

    /// The licence's title, once more or not at all.
    fn title(&self, gone: &[usize], new: &[usize]) -> bool {
        // The template says how long it is; of texts that have none the first words are taken.
        let marked = self.optional.iter().find(|(from, _)| *from == 0).map(|(_, to)| (*to).min(20));
        let length = match marked {
            Some(length) => length,
            None if self.doc.id.starts_with("LicenseRef-") => 10,
            None => 0,
        };
        let title: Vec<u16> = (0..self.doc.len().min(length)).map(|place| self.doc.word(place)).collect();
        let count = gone.len() + new.len();
        (2..=12).contains(&count)
            && gone.iter().all(|place| title.contains(&self.doc.word(*place)))
            && new.iter().all(|at| title.contains(&self.text.ids[*at]))
    }

    /// An address on the web that was put in or left out.
    fn address(&self, gone: &[usize], new: &[usize]) -> bool {
        let begins = |word: u16| {
            word == self.index.word(words::hash("http")) || word == self.index.word(words::hash("www"))
        };
        let puts_in = new.first().is_some_and(|at| begins(self.text.ids[*at]));
        let leaves_out = gone.first().is_some_and(|place| begins(self.doc.word(*place)));
        let weight = new.iter().filter(|at| self.new_classes(**at) & DUTY != 0).count();
        // A long one is one run of characters, which may be wrapped once.
        let spaces =
            new.iter().skip(1).filter(|at| self.text.before(**at).contains(char::is_whitespace)).count();
        let mail = new.iter().skip(1).any(|at| self.text.before(*at) == "@")
            && gone.len() <= 6
            && gone.iter().all(|place| self.gone_classes(*place) & (OPERATIVE | DUTY) == 0);
        if mail && new.len() <= 8 && weight == 0 {
            return true;
        }
        (puts_in || new.is_empty())
            && (leaves_out || gone.is_empty())
            && (new.len() <= 12 && weight == 0 || new.len() <= 120 && spaces <= 1)
            && gone.len() <= 24
    }

    /// An address of the post: "51 Franklin Street, Fifth Floor, Boston".
    fn place(&self, gone: &[usize], new: &[usize]) -> bool {
        if gone.len() + new.len() < 3 {
            return false;
        }
        let number = |classes: u8| classes & (NUMBER | MARK) != 0;
        let known: Vec<u16> = POSTAL.iter().map(|word| self.index.word(words::hash(word))).collect();
        let mut places = 0;
        let mut postal = |word: u16, classes: u8| {
            let is = word != UNKNOWN && known.contains(&word);
            places += usize::from(is);
            is || number(classes)
        };
        let all = gone.iter().all(|place| postal(self.doc.word(*place), self.gone_classes(*place)))
            && new.iter().all(|at| postal(self.text.ids[*at], self.new_classes(*at)));
        all && places >= 3
    }

    /// The years of a copyright notice within the text.
    fn year(&self, gone: &[usize], new: &[usize]) -> bool {
        let years = |classes: u8| classes & NUMBER != 0 && classes & MARK == 0;
        let first = new.first().copied().unwrap_or(0);
        let after_sign = (first.saturating_sub(4)..first)
            .any(|at| matches!(self.text.lower(at).as_str(), "copyright" | "copr"));
        after_sign
            && !new.is_empty()
            && gone.iter().all(|place| years(self.gone_classes(*place)))
            && new.iter().all(|at| {
                self.text.written(*at).len() == 4 && ("1950".."2100").contains(&self.text.written(*at))
            })
    }

    /// Words that say nothing where they stand, and synonyms.
    fn phrase(&self, gone: &[usize], new: &[usize]) -> bool {
        let written = |new: &[usize]| new.iter().map(|at| self.text.lower(*at)).collect::<Vec<_>>().join(" ");
        if gone.is_empty() {
            return EMPTY_PHRASES.contains(&written(new).as_str());
        }
        let is = |word: &str, place: usize| self.index.word(words::hash(word)) == self.doc.word(place);
        gone.len() == new.len()
            && gone.iter().zip(new).all(|(place, at)| {
                let found = self.text.lower(*at);
                SYNONYMS
                    .iter()
                    .any(|group| group.contains(&found.as_str()) && group.iter().any(|word| is(word, *place)))
            })
    }

    /// A name in place of "the copyright holder": written as names are.
    fn holder(&self, gone: &[usize], new: &[usize]) -> bool {
        let neutral = |place: &usize| self.gone_classes(*place) & (NEUTRAL | MARK) != 0;
        let name = |at: &usize| {
            let word = self.text.written(*at);
            let classes = self.new_classes(*at);
            word.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit())
                && word.chars().any(char::is_lowercase)
                && classes & DUTY == 0
                || classes & (NEUTRAL | MARK) != 0 && classes & OPERATIVE == 0
                || word.len() <= 2 && classes & (OPERATIVE | DUTY) == 0
        };
        if self.other_number(gone, new) {
            return false;
        }
        !gone.is_empty() && gone.iter().all(neutral) && new.len() <= 8 && new.iter().all(name)
            || gone.is_empty() && new.len() <= 4 && new.iter().all(name)
    }

    /// Names of holders and products, list marks, links.
    fn names(&self, gone: &[usize], new: &[usize]) -> bool {
        if self.other_number(gone, new) {
            return false;
        }
        if gone.iter().any(|place| self.gone_classes(*place) & OPERATIVE != 0)
            || new.iter().any(|at| self.new_classes(*at) & OPERATIVE != 0)
        {
            return false;
        }
        let weak = |classes: u8| classes & (NEUTRAL | MARK) != 0;
        if !gone.iter().all(|place| weak(self.gone_classes(*place))) {
            return false;
        }
        // A name in place of "the copyright holder", or a short insertion such as a product's name.
        let named = !gone.is_empty() && new.len() <= 12;
        // A word that no licence uses, or one written as a name; any other word says something.
        let name = |at: &usize| {
            self.text.ids[*at] == UNKNOWN || self.text.written(*at).starts_with(char::is_uppercase)
        };
        named || new.iter().all(|at| weak(self.new_classes(*at))) || (new.len() <= 2 && new.iter().all(name))
    }

    /// Whether a number stands where another one was: another version, section, term or threshold. Marks of a list are none.
    fn other_number(&self, gone: &[usize], new: &[usize]) -> bool {
        let counted = |at: &&usize| {
            let mark = self.text.after(**at).starts_with(['.', ')', ':', ']'])
                || self.text.before(**at).ends_with(['(', '[', '#', '.']);
            self.new_classes(**at) & NUMBER != 0 && !mark
        };
        gone.iter().any(|place| self.gone_classes(*place) & NUMBER != 0) && new.iter().any(|at| counted(&at))
    }

    /// One word for another that is nearly the same: a typing error, a plural.
    fn typing_error(&self, gone: &[usize], new: &[usize]) -> bool {
        gone.len() == new.len()
            && gone.len() <= 3
            && gone.iter().zip(new).all(|(place, at)| self.nearly(*place, *at))
    }

    /// Whether one edit (a letter more, less, other, or two swapped) makes the text's word the licence's.
    fn nearly(&self, place: usize, at: usize) -> bool {
        let wanted = self.doc.word(place);
        let word = self.text.lower(at);
        let letters: Vec<char> = word.chars().collect();
        if !(4..=24).contains(&letters.len()) || !letters.iter().all(|letter| letter.is_lowercase()) {
            return false;
        }
        // Of two words that both exist, one with weight is no slip of the pen.
        let exists = self.text.ids[at] != UNKNOWN && letters.len() < LONG_WORD;
        if exists && (self.new_classes(at) | self.gone_classes(place)) & OPERATIVE != 0 {
            return false;
        }
        let is = |letters: &[char]| self.index.word(words::hash_of(letters)) == wanted;
        for spot in 0..=letters.len() {
            let mut other = letters.clone();
            if spot + 1 < letters.len() {
                other.swap(spot, spot + 1);
                if is(&other) {
                    return true;
                }
                other.swap(spot, spot + 1);
            }
            if spot < letters.len() {
                other.remove(spot);
                if is(&other) {
                    return true;
                }
                other.insert(spot, letters[spot]);
            }
            for letter in 'a'..='z' {
                if spot < letters.len() {
                    other[spot] = letter;
                    if is(&other) {
                        return true;
                    }
                    other[spot] = letters[spot];
                }
                other.insert(spot, letter);
                if is(&other) {
                    return true;
                }
                other.remove(spot);
            }
        }
        false
    }
}
