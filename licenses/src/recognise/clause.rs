//! Whether a sentence that no licence explains lays a duty or a ban on somebody: beside a licence such a sentence is one of its
//! terms, however short.
//!
//! A sentence counts for what it says to whom: words of duty ("must", "is prohibited"), people ("you", "companies"), and what
//! terms are about ("distribute", "royalty"). A description of a program has some of these, a clause has them together.

use super::index::Index;
use super::lexicon::{self, DUTY, LEGAL, OPERATIVE, WEIGHTY};
use super::words::Words;

/// Where a sentence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before a licence, where it is said what the licence is for: what can be read as a description is one.
    Preface,
    /// Within a licence or behind it.
    Body,
    /// Somewhere in a longer text: only what speaks of a licence itself is one of its terms.
    Elsewhere,
}

/// A sentence is cut behind so many words.
const LONGEST: usize = 80;

/// A clause has so many words, and of so many words one of weight.
const FEWEST: usize = 3;
const DENSE: usize = 8;

/// What speaks of a licence has so many words of the law.
const LEGAL_WORDS: usize = 2;

/// Words of duty that descriptions have as well: "does not need", "requires Python", "provided by".
const MILD: &[&str] = &[
    "not", "cannot", "without", "except", "unless", "provided", "required", "requires", "require", "allowed",
    "obtain", "commercial", "noncommercial", "neither", "never", "may", "inform", "inspect", "expires",
    "purchase", "pay",
];

/// Behind "not" (or "no") these forbid.
const DENIED: &[&str] = &[
    "allowed", "permitted", "granted", "extend", "authorized", "entitled", "transferable", "available",
    "apply", "rights", "sell", "copy", "distribute", "redistribute", "use", "modify", "reproduce",
];

/// What has to be given or got: with "requires", "need" or "have to" a duty.
const DEMANDED: &[&str] = &[
    "payment", "paid", "subscription", "royalty", "royalties", "consent", "permission", "approval", "fee",
    "fees", "agreement", "registration", "authorization", "license",
];

/// Those on whom duties are laid, in order.
const PEOPLE: &[&str] = &[
    "agencies", "agency", "anybody", "anyone", "companies", "company", "corporation", "corporations",
    "customer", "customers", "developer", "developers", "distributor", "distributors", "employees",
    "entities", "entity", "everybody", "everyone", "firm", "firms", "government", "individual",
    "individuals", "institution", "institutions", "licensee", "licensees", "member", "members",
    "organization", "organizations", "parties", "party", "people", "person", "persons", "product",
    "products", "provider", "providers", "publication", "recipient", "recipients", "subsidiaries", "user",
    "users", "whoever", "you", "your",
];

/// Sizes above which another rule holds.
const SIZES: &[&str] =
    &["million", "billion", "thousand", "dollars", "usd", "euro", "euros", "revenue", "employees", "users"];
const ABOVE: &[&str] = &[
    "more", "than", "over", "exceed", "exceeds", "exceeding", "exceeded", "above", "least", "fewer", "less",
];

/// What a grant is about: "only" and "solely" beside them narrow it.
const USES: &[&str] =
    &["use", "used", "uses", "using", "purposes", "purpose", "license", "distribution", "redistribute"];

/// "Except where otherwise noted, everything here is under …" says where a licence holds, and adds nothing to it.
const EXCEPT: &[&str] = &["except", "unless"];
const NOTED: &[&str] = &[
    "noted", "stated", "specified", "indicated", "mentioned", "marked", "listed", "documented", "compliance",
];

/// Whether one of the sentences of a stretch of words is a clause.
pub(crate) fn has_clause(index: &Index, words: &Words<'_>, (from, to): (usize, usize), place: Place) -> bool {
    let mut start = from;
    (from + 1..=to).any(|at| {
        if at < to && at - start < LONGEST && !words.ends_sentence(at) {
            return false;
        }
        let sentence = (start, at);
        start = at;
        Sentence::of(index, words, sentence, place).is_some_and(|sentence| sentence.is_clause(place))
    })
}

/// What a sentence has of a clause.
#[derive(Default)]
struct Sentence {
    words: usize,
    /// Words and pairs of words that hardly stand in a description.
    firm: usize,
    /// Words of duty, two each, and weaker ones, one each.
    points: usize,
    /// Words that terms are about.
    weighty: usize,
    people: usize,
    /// "Only" or "solely", "commercial", beside a use.
    narrows: bool,
}

impl Sentence {
    /// `None` for a sentence that is too short to be a clause in this place, or has too few words of weight: most are of that kind,
    /// and their words need not be looked at.
    fn of(index: &Index, words: &Words<'_>, (from, to): (usize, usize), place: Place) -> Option<Self> {
        let has = |at: usize, classes: u8| index.classes(words.ids[at]) & classes != 0;
        let weight = |at: usize| has(at, LEGAL | OPERATIVE | DUTY | WEIGHTY);
        if !(from..to).any(weight) {
            return None;
        }
        let mut places = Vec::with_capacity(to - from);
        let mut at = from;
        while at < to {
            // The name of a licence is no clause, whatever its words: "NonCommercial", "General Public License".
            match index.name(&words.ids[at..to]) {
                Some((name, _)) => at += name,
                None => {
                    places.push(at);
                    at += 1;
                }
            }
        }
        let weighty = places.iter().filter(|at| weight(**at)).count();
        let legal = places.iter().filter(|at| has(**at, LEGAL)).count();
        let speaks_of_it = place != Place::Elsewhere || legal >= LEGAL_WORDS;
        if places.len() < FEWEST || weighty * DENSE < places.len() || !speaks_of_it {
            return None;
        }
        let written: Vec<(String, u8)> =
            places.iter().map(|at| (words.lower(*at), index.classes(words.ids[*at]))).collect();
        let mut sentence = Self { words: written.len(), weighty, ..Self::default() };
        let has = |list: &[&str]| written.iter().any(|(word, _)| list.contains(&word.as_str()));
        let uses = has(USES);
        let (mut excepts, mut noted) = (0, false);
        for (at, (word, classes)) in written.iter().enumerate() {
            let word = word.as_str();
            let before = at.checked_sub(1).map_or("", |before| written[before].0.as_str());
            let follows = |list: &[&str], reach: usize| {
                written[at + 1..].iter().take(reach).any(|(word, _)| list.contains(&word.as_str()))
            };
            sentence.people += usize::from(PEOPLE.binary_search(&word).is_ok());
            let by = word == "provided" && follows(&["by", "in", "with", "at"], 1);
            let duty = classes & DUTY != 0 && !by;
            let firm = match word {
                "not" => before == "may" || follows(DENIED, 2),
                "no" => follows(DENIED, 3),
                "only" | "solely" | "exclusively" => uses,
                "limited" => matches!(before, "is" | "are" | "be"),
                "to" => matches!(before, "have" | "has"),
                // "Granted to everyone except …"
                "except" | "excluding" => {
                    has(PEOPLE) && has(&["granted", "grant", "grants", "permission", "permitted"])
                }
                "notwithstanding" | "belong" | "belongs" => true,
                "need" | "needs" | "needed" | "require" | "requires" | "required" => follows(DEMANDED, 5),
                "commercial" | "noncommercial" | "academic" => uses && written.len() <= 8,
                _ if SIZES.contains(&word) => has(ABOVE),
                _ => duty && !MILD.contains(&word),
            };
            sentence.firm += usize::from(firm);
            sentence.narrows |= firm
                && matches!(
                    word,
                    "only" | "solely" | "exclusively" | "commercial" | "noncommercial" | "academic"
                );
            if duty {
                sentence.points += 2;
                excepts += usize::from(EXCEPT.contains(&word));
            } else {
                sentence.points += usize::from(lexicon::is_weak(word) || firm);
            }
            noted |= excepts > 0 && NOTED.contains(&word);
        }
        if noted {
            sentence.points = sentence.points.saturating_sub(2 * excepts);
            sentence.firm = 0;
        }
        Some(sentence)
    }

    fn is_clause(&self, place: Place) -> bool {
        let firmly = self.firm >= 1 && (self.people >= 1 || self.narrows || self.weighty >= 2);
        match place {
            Place::Body => {
                let least = if self.words <= 10 { 2 } else { 3 };
                firmly || (self.words >= 4 && self.points >= 2 && self.weighty >= least)
            }
            Place::Elsewhere => firmly && self.people >= 1,
            Place::Preface => {
                let said = self.firm >= 1 && (self.people >= 1 || self.narrows || self.weighty >= 3);
                said || (self.people >= 1 && self.points >= 3 && self.weighty >= 4)
                    || (self.points >= 6 && self.weighty >= 6)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_people_is_in_order() {
        assert!(PEOPLE.is_sorted());
    }
}
