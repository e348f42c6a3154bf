//! Makes the index from the texts of the `spdx` crate and the committed sketches.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{
    BUCKETS, Kind, MAGIC, MarkKind, SECTIONS, SLOTS, Section, sequence_hash, tag, triple_hash,
};
use super::lexicon;
use super::sketch::{self, Sketches};
use super::words;

/// A text with fewer words is not recognised as a text: it could not be told from a sentence.
const SHORTEST: usize = 10;

/// Triples of which one is a seed: the one that the fewest texts share.
const BLOCK: usize = 8;

/// The same for short texts.
const SHORT_BLOCK: usize = 4;

/// Below this number of words a text is short.
const SHORT: usize = 60;

/// Licences that go before others with the same words, most used first; the rest goes by name.
const COMMON: &[&str] = &[
    "MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "ISC", "0BSD", "GPL-3.0-only", "GPL-2.0-only",
    "LGPL-2.1-only", "LGPL-3.0-only", "AGPL-3.0-only", "LGPL-2.0-only", "GPL-1.0-only", "AGPL-1.0-only",
    "MPL-2.0", "CC0-1.0", "CC-BY-4.0", "GFDL-1.3-only", "GFDL-1.2-only", "GFDL-1.1-only",
];

struct Entry {
    id: String,
    kind: Kind,
    order: u8,
    words: Vec<u16>,
    marks: Vec<(usize, usize, MarkKind, Vec<u16>)>,
}

/// The words of all texts, numbered.
struct Vocabulary {
    ids: BTreeMap<u64, u16>,
}

impl Vocabulary {
    fn of(hashes: BTreeSet<u64>) -> Self {
        let variants: BTreeMap<u64, u64> = lexicon::VARIANTS
            .iter()
            .map(|(variant, spelling)| (words::hash(variant), words::hash(spelling)))
            .collect();
        let spellings = hashes.iter().copied().chain(variants.values().copied());
        let numbered: BTreeSet<u64> = spellings.filter(|hash| !variants.contains_key(hash)).collect();
        let mut ids: BTreeMap<u64, u16> =
            numbered.into_iter().enumerate().map(|(number, hash)| (hash, number as u16)).collect();
        for (variant, spelling) in variants {
            ids.insert(variant, ids[&spelling]);
        }
        Self { ids }
    }

    fn sequence(&self, hashes: &[u64]) -> Vec<u16> {
        hashes.iter().map(|hash| self.ids[hash]).collect()
    }

    fn size(&self) -> usize {
        self.ids.values().copied().max().map_or(0, |last| usize::from(last) + 1)
    }
}

/// The index of all texts.
pub fn generate() -> Vec<u8> {
    let sketches = sketch::committed();
    let mut texts: Vec<(String, Kind, Vec<u64>)> = spdx_texts();
    texts.extend(sketches.texts.iter().map(|text| (text.id.clone(), text.kind, text.words.clone())));
    texts.retain(|(_, _, hashes)| hashes.len() >= SHORTEST);
    texts.sort_by_key(|(id, kind, _)| (order(id, *kind), id.clone()));
    let names = names(&sketches);

    let used = texts
        .iter()
        .flat_map(|(_, _, hashes)| hashes.iter().copied())
        .chain(sketches.marks.iter().flat_map(|mark| mark.words.iter().copied()))
        .chain(names.iter().flat_map(|(_, hashes)| hashes.iter().copied()))
        .chain(lexicon::words().map(words::hash));
    let vocabulary = Vocabulary::of(used.collect());
    let proper = proper_names();

    let mut seen = BTreeSet::new();
    let mut entries: Vec<Entry> = Vec::new();
    for (id, kind, hashes) in texts {
        let words = vocabulary.sequence(&hashes);
        // Of ids with one text the first stays: the text cannot tell which is meant.
        if seen.insert(words.clone()) {
            let mut marks = marks(&sketches, &id, kind, words.len(), &vocabulary);
            if kind == Kind::License {
                marks.extend(blanks(&id, &proper));
                marks.extend(words_of_the_publisher(&id, &hashes));
                marks.sort_by_key(|(from, to, kind, words)| {
                    (*from, std::cmp::Reverse(*to), *kind as u8, words.clone())
                });
            }
            entries.push(Entry { order: order(&id, kind), id, kind, words, marks });
        }
    }
    write(&entries, &names, &vocabulary)
}

fn spdx_texts() -> Vec<(String, Kind, Vec<u64>)> {
    let licenses = spdx::identifiers::LICENSES.iter().filter_map(|license| {
        let id = spdx::license_id(license.name)?;
        let kept = !id.is_deprecated() && !license.name.ends_with("-or-later");
        kept.then(|| (license.name.to_owned(), Kind::License, sketch::hashes(id.text())))
    });
    let exceptions = spdx::identifiers::EXCEPTIONS.iter().filter_map(|exception| {
        let id = spdx::exception_id(exception.name)?;
        (!id.is_deprecated()).then(|| (exception.name.to_owned(), Kind::License, sketch::hashes(id.text())))
    });
    licenses.chain(exceptions).collect()
}

/// A name that more texts have is no name of one owner or product.
const NAME_IN: usize = 6;

/// Words that the texts of the list write with a capital only, and that few of them have: names of owners, of products, of
/// people. Somebody who takes a licence over puts an own name there.
fn proper_names() -> BTreeSet<u64> {
    let mut lower: BTreeSet<u64> = BTreeSet::new();
    let mut texts: BTreeMap<u64, usize> = BTreeMap::new();
    for license in spdx::identifiers::LICENSES {
        let Some(id) = spdx::license_id(license.name).filter(|id| !id.is_deprecated()) else { continue };
        let text = id.text();
        let mut capital: BTreeSet<u64> = BTreeSet::new();
        words::tokens(text, |token| {
            let word = &text[token.start as usize..token.end as usize];
            if word.starts_with(char::is_uppercase) && word.len() >= 3 {
                capital.insert(token.hash);
            } else {
                lower.insert(token.hash);
            }
        });
        for hash in capital {
            *texts.entry(hash).or_default() += 1;
        }
    }
    let plain: BTreeSet<u64> = lexicon::words().map(words::hash).collect();
    texts
        .into_iter()
        .filter(|(hash, count)| *count <= NAME_IN && !lower.contains(hash) && !plain.contains(hash))
        .map(|(hash, _)| hash)
        .collect()
}

/// Where a text of the list has a name, an address of the net, or a blank in brackets: `[insert your name]`.
fn blanks(id: &str, proper: &BTreeSet<u64>) -> Vec<(usize, usize, MarkKind, Vec<u16>)> {
    let text = match (spdx::license_id(id), spdx::exception_id(id)) {
        (Some(id), _) => id.text(),
        (None, Some(id)) => id.text(),
        (None, None) => return Vec::new(),
    };
    let mut tokens = Vec::new();
    words::tokens(text, |token| tokens.push(token));
    let before = |at: usize| -> &str {
        let start = if at == 0 { 0 } else { tokens[at - 1].end as usize };
        text.get(start..tokens[at].start as usize).unwrap_or_default()
    };
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let bracket = before(at).trim_start().ends_with(['[', '<']);
        if bracket {
            let end = (at..tokens.len().min(at + 12)).find(|end| {
                let after = text.get(tokens[*end].end as usize..).unwrap_or_default();
                after.starts_with([']', '>'])
            });
            if let Some(end) = end {
                found.push((at, end + 1, MarkKind::Wild, Vec::new()));
            }
        }
        let mail = at > 0 && before(at) == "@" || at + 1 < tokens.len() && before(at + 1) == "@";
        if mail || proper.contains(&token.hash) {
            found.push((at, at + 1, MarkKind::Wild, Vec::new()));
        }
    }
    found
}

/// What Creative Commons puts before and behind its licences, which is no part of them and which many leave out: from version
/// 4.0 on the considerations for licensors and the public (legal code 4.0, "Using Creative Commons Public Licenses"), and the
/// notice "Creative Commons is not a party to this License" (legal code 3.0, last paragraph).
fn words_of_the_publisher(id: &str, hashes: &[u64]) -> Vec<(usize, usize, MarkKind, Vec<u16>)> {
    if !id.starts_with("CC-") {
        return Vec::new();
    }
    let place = |words: &str| {
        let words = sketch::hashes(words);
        hashes.windows(words.len()).rposition(|window| window == words)
    };
    let mut found = Vec::new();
    if let Some(first) = place("By exercising the Licensed Rights defined below You accept") {
        found.push((0, first, MarkKind::Optional, Vec::new()));
    }
    let heading = sketch::hashes("Creative Commons Notice");
    if let Some(at) = place("Creative Commons is not a party to") {
        let start = if hashes[..at].ends_with(&heading) { at - heading.len() } else { at };
        found.push((start, hashes.len(), MarkKind::Optional, Vec::new()));
    }
    found
}

fn order(id: &str, kind: Kind) -> u8 {
    let common = COMMON.iter().position(|known| *known == id).map(|place| place as u8);
    match kind {
        Kind::Header => 200,
        Kind::License if spdx::exception_id(id).is_some() => 150,
        Kind::License => common.unwrap_or(100),
    }
}

fn marks(
    sketches: &Sketches,
    id: &str,
    kind: Kind,
    length: usize,
    vocabulary: &Vocabulary,
) -> Vec<(usize, usize, MarkKind, Vec<u16>)> {
    if kind == Kind::Header {
        return Vec::new();
    }
    let mut marks: Vec<_> = sketches
        .marks
        .iter()
        .filter(|mark| mark.id == id && mark.from <= mark.to && mark.to <= length)
        .map(|mark| (mark.from, mark.to, mark.kind, vocabulary.sequence(&mark.words)))
        .collect();
    marks.sort_by_key(|(from, to, kind, words)| (*from, std::cmp::Reverse(*to), *kind as u8, words.clone()));
    marks
}

/// A name that ends in a number, with each way to write a version: `v2.0`, `version 2.0`, `2.0`.
fn versions(name: &str) -> Vec<String> {
    let Some((title, number)) = name.rsplit_once(' ') else { return Vec::new() };
    let number = number.trim_start_matches(['v', 'V']);
    let title = title.trim_end_matches([' ', ',']).trim_end_matches("Version").trim_end_matches("version");
    let title = title.trim_end_matches([' ', ',']);
    if !number.starts_with(|first: char| first.is_ascii_digit()) || !number.contains('.') || title.len() < 3 {
        return Vec::new();
    }
    ["v", "version ", "", "v "].iter().map(|mark| format!("{title} {mark}{number}")).collect()
}

/// Words of full names that are written as one as well.
const JOINED: &[(&str, &str)] = &[
    ("Non Commercial", "NonCommercial"),
    ("Share Alike", "ShareAlike"),
    ("No Derivatives", "NoDerivs"),
    ("No Derivs", "NoDerivs"),
];

/// Names of licences as word hashes: those of the sketches, the full names of the SPDX list, ids that are no common words, and
/// the addresses of their texts.
fn names(sketches: &Sketches) -> BTreeSet<(String, Vec<u64>)> {
    let mut by_words: BTreeMap<Vec<u64>, BTreeSet<String>> = BTreeMap::new();
    let mut add = |id: &str, text: &str| {
        let hashes = sketch::hashes(text);
        if hashes.len() >= 2 || text == "0BSD" {
            by_words.entry(hashes).or_default().insert(id.to_owned());
        }
    };
    for license in spdx::identifiers::LICENSES {
        let Some(id) = spdx::license_id(license.name) else { continue };
        if id.is_deprecated() {
            continue;
        }
        add(license.name, license.full_name);
        add(
            license.name,
            &JOINED.iter().fold(license.full_name.to_owned(), |name, (two, one)| name.replace(two, one)),
        );
        for variant in
            versions(license.full_name).into_iter().chain(versions(&license.name.replace('-', " ")))
        {
            add(license.name, &variant);
        }
        let plain = license.name.trim_end_matches("-only").trim_end_matches("-or-later");
        let named =
            license.name.bytes().any(|byte| byte.is_ascii_digit()) || license.name.matches('-').count() >= 2;
        if named {
            add(license.name, license.name);
        }
        for site in [
            "opensource.org/licenses",
            "opensource.org/license",
            "spdx.org/licenses",
            "choosealicense.com/licenses",
        ] {
            add(license.name, &format!("{site}/{}", license.name));
            if plain != license.name && license.name.ends_with("-only") {
                add(license.name, &format!("{site}/{plain}"));
            }
        }
        if plain != license.name && license.name.ends_with("-only") {
            add(license.name, plain);
        }
    }
    for exception in spdx::identifiers::EXCEPTIONS {
        add(exception.name, exception.name);
    }
    let mut names: BTreeSet<(String, Vec<u64>)> = by_words
        .into_iter()
        .filter(|(_, ids)| ids.len() == 1)
        .flat_map(|(words, ids)| ids.into_iter().map(move |id| (id, words.clone())))
        .collect();
    // What was written by hand goes before what follows from a rule.
    let by_hand: BTreeSet<&Vec<u64>> = sketches.names.iter().map(|(_, words)| words).collect();
    names.retain(|(_, words)| !by_hand.contains(words));
    names.extend(sketches.names.iter().filter(|(_, words)| !words.is_empty()).cloned());
    names
}

/// The triples of a text that lead to it, by place: of each block the rarest.
fn seeds(words: &[u16], shared: &BTreeMap<[u16; 3], u32>) -> Vec<usize> {
    let block = if words.len() < SHORT { SHORT_BLOCK } else { BLOCK };
    let places: Vec<usize> = (0..words.len().saturating_sub(2)).collect();
    places
        .chunks(block)
        .filter_map(|block| {
            block.iter().copied().min_by_key(|place| {
                let triple = triple(words, *place);
                (shared.get(&triple).copied().unwrap_or(0), triple_hash(triple))
            })
        })
        .collect()
}

fn triple(words: &[u16], place: usize) -> [u16; 3] {
    [words[place], words[place + 1], words[place + 2]]
}

fn write(entries: &[Entry], names: &BTreeSet<(String, Vec<u64>)>, vocabulary: &Vocabulary) -> Vec<u8> {
    let mut sections: Vec<Vec<u8>> = vec![Vec::new(); SECTIONS];
    let mut shared: BTreeMap<[u16; 3], u32> = BTreeMap::new();
    // Every place counts, those within one text too: a product's name that a text repeats says little about the place.
    for entry in entries {
        for place in 0..entry.words.len().saturating_sub(2) {
            *shared.entry(triple(&entry.words, place)).or_default() += 1;
        }
    }
    let mut postings: BTreeMap<u32, Vec<(u16, u16)>> = BTreeMap::new();
    let mut whole: Vec<(u64, u16)> = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        let seeds = seeds(&entry.words, &shared);
        let optional = |place: usize| {
            entry
                .marks
                .iter()
                .any(|(from, to, kind, _)| *kind == MarkKind::Optional && (*from..*to).contains(&place))
        };
        let needed = seeds.iter().filter(|place| !optional(**place)).count();
        for place in seeds {
            postings
                .entry(triple_hash(triple(&entry.words, place)))
                .or_default()
                .push((number as u16, place as u16));
        }
        let (id, length) = put_id(&mut sections, &entry.id);
        let (words, marks) =
            (sections[Section::Words as usize].len() / 2, sections[Section::Marks as usize].len() / 2);
        put_u16s(&mut sections[Section::Words as usize], &entry.words);
        for (from, to, kind, listed) in &entry.marks {
            let row = [*from as u16, *to as u16, *kind as u16, listed.len() as u16];
            put_u16s(&mut sections[Section::Marks as usize], &row);
            put_u16s(&mut sections[Section::Marks as usize], listed);
        }
        let marks_length = sections[Section::Marks as usize].len() / 2 - marks;
        let docs = &mut sections[Section::Docs as usize];
        docs.extend(id.to_le_bytes());
        docs.extend(length.to_le_bytes());
        docs.extend([u8::from(entry.kind == Kind::Header), entry.order]);
        for figure in [words, entry.words.len(), marks, marks_length, needed] {
            docs.extend((figure as u32).to_le_bytes());
        }
        let hash = sequence_hash(&entry.words);
        docs.extend(hash.to_le_bytes());
        if entry.kind == Kind::License {
            whole.push((hash, number as u16));
        }
    }
    whole.sort_unstable();
    for (hash, number) in whole {
        sections[Section::Whole as usize].extend(hash.to_le_bytes());
        sections[Section::Whole as usize].extend(number.to_le_bytes());
    }
    put_postings(&mut sections, &postings);
    let first_words = put_names(&mut sections, names, vocabulary);
    put_vocabulary(&mut sections, vocabulary, &first_words);

    let mut file = MAGIC.to_vec();
    let mut offset = MAGIC.len() + 4 * (SECTIONS + 1);
    for section in &sections {
        file.extend((offset as u32).to_le_bytes());
        offset += section.len();
    }
    file.extend((offset as u32).to_le_bytes());
    file.extend(sections.concat());
    file
}

fn put_id(sections: &mut [Vec<u8>], id: &str) -> (u32, u16) {
    let ids = &mut sections[Section::Ids as usize];
    let at = ids.windows(id.len().max(1)).position(|known| known == id.as_bytes()).unwrap_or_else(|| {
        ids.extend(id.as_bytes());
        ids.len() - id.len()
    });
    (at as u32, id.len() as u16)
}

fn put_u16s(section: &mut Vec<u8>, numbers: &[u16]) {
    section.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put_postings(sections: &mut [Vec<u8>], postings: &BTreeMap<u32, Vec<(u16, u16)>>) {
    let mut count = 0u32;
    let mut buckets = vec![0u32; BUCKETS + 1];
    for (row, (hash, places)) in postings.iter().enumerate() {
        let bucket = (hash >> 20) as usize;
        buckets[bucket + 1..].fill(row as u32 + 1);
        sections[Section::Triples as usize].extend(hash.to_le_bytes());
        sections[Section::Offsets as usize].extend(count.to_le_bytes());
        for (number, place) in places {
            put_u16s(&mut sections[Section::Postings as usize], &[*number, *place]);
        }
        count += places.len() as u32;
    }
    sections[Section::Offsets as usize].extend(count.to_le_bytes());
    sections[Section::Buckets as usize].extend(buckets.iter().flat_map(|row| row.to_le_bytes()));
}

/// Writes the names and returns their first words.
fn put_names(
    sections: &mut [Vec<u8>],
    names: &BTreeSet<(String, Vec<u64>)>,
    vocabulary: &Vocabulary,
) -> BTreeSet<u16> {
    let mut rows: Vec<(Vec<u16>, &str)> =
        names.iter().map(|(id, hashes)| (vocabulary.sequence(hashes), id.as_str())).collect();
    rows.sort();
    rows.dedup_by(|one, two| one.0 == two.0);
    for (words, id) in &rows {
        let (offset, length) = put_id(sections, id);
        let at = sections[Section::NameWords as usize].len() as u32 / 2;
        put_u16s(&mut sections[Section::NameWords as usize], words);
        let table = &mut sections[Section::Names as usize];
        table.extend(offset.to_le_bytes());
        table.extend(length.to_le_bytes());
        table.extend((words.len() as u16).to_le_bytes());
        table.extend(at.to_le_bytes());
    }
    rows.iter().map(|(words, _)| words[0]).collect()
}

fn put_vocabulary(sections: &mut [Vec<u8>], vocabulary: &Vocabulary, first_words: &BTreeSet<u16>) {
    let mut tags = vec![0u32; SLOTS];
    let mut ids = vec![0u16; SLOTS];
    for (hash, id) in &vocabulary.ids {
        let mut slot = *hash as usize & (SLOTS - 1);
        while tags[slot] != 0 {
            slot = (slot + 1) & (SLOTS - 1);
        }
        tags[slot] = tag(*hash);
        ids[slot] = *id;
    }
    sections[Section::Tags as usize] = tags.iter().flat_map(|tag| tag.to_le_bytes()).collect();
    sections[Section::TagIds as usize] = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    let mut classes = vec![0u8; vocabulary.size()];
    for word in lexicon::words() {
        if let Some(id) = vocabulary.ids.get(&words::hash(word)) {
            classes[usize::from(*id)] |= lexicon::classes(word);
        }
    }
    // Every short number and mark that the texts use, by form: letters, numbers of up to five digits, Roman numerals.
    let letters = (b'a'..=b'z').map(|letter| char::from(letter).to_string());
    let numbers = (0..100_000).flat_map(|number| [number.to_string(), format!("{number:05}")]);
    let romans = ["ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii", "xiii", "xiv", "xv", "xvi"];
    for word in letters.chain(numbers).chain(romans.map(str::to_owned)) {
        if let Some(id) = vocabulary.ids.get(&words::hash(&word)) {
            classes[usize::from(*id)] |= lexicon::shape(&word);
        }
    }
    for id in first_words {
        classes[usize::from(*id)] |= lexicon::NAME;
    }
    sections[Section::Classes as usize] = classes;
}
