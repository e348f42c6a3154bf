//! Names that contain a known model's name: of files, folders and the model itself, in tags, and in sentences about descent.
//!
//! A name proves little: people name a model after the one that it imitates, or beats. It is a hint, and it tells members of a
//! candidate set apart.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::fact::{Fact, FactKind, ModelCard};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::{LineSpan, Location, RepoPath};

use crate::catalog::{Catalog, Model};
use crate::signals::prose;

/// Places at which one set of models is named that a report needs.
const MOST: usize = 3;

/// Hops that names alone make.
const MOST_OF_THEIR_OWN: usize = 5;

/// Names that are looked at: a repository with more holds many models, or worse.
const MOST_NAMES: usize = 2000;

/// Tokens of one name that are looked at.
const MOST_TOKENS: usize = 64;

/// Words after a size that say which release of a model is meant; without them a name stands for all releases of the size.
const RELEASE: &[&str] = &[
    "instruct", "chat", "it", "pt", "base", "hf", "thinking", "preview", "deduped", "pretrain", "sft", "dpo",
    "bf", "fp", "meta", "nvidia", "instruct",
];

/// Words that say the size where no number does.
const SIZES: &[&str] = &[
    "mini", "small", "medium", "large", "xl", "xxl", "tiny", "nano", "lite", "air", "flash", "pro", "moe",
    "nemo", "base", "maverick", "scout", "ultra",
];

/// Words before a name that make another family's name of it.
const OTHER_FAMILY: &[&str] = &["open", "tiny", "baby", "mini", "nano", "micro"];

/// Models whose name stands somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameMatch {
    /// Ids of the catalog, the one of that very name first; several where the name stands for several releases.
    pub(crate) models: Vec<&'static str>,
    /// Where it stands.
    pub(crate) evidence: Evidence,
}

/// The models of the catalog that names in a repository contain: its title and tags, its weight files and folders, what GGUF
/// files and pipelines call themselves, and what a card says in a sentence about descent.
///
/// A name has to have the family's word with its version, and the size where the family has several: `llama-3-8b`, not `llama` or
/// `phi`. The longest one counts: `Llama-3.1-8B` does not name Llama-3-8B, and `CodeLlama-7b` not LLaMA-7B.
pub(crate) fn named(catalog: &Catalog, facts: &[Fact]) -> Vec<NameMatch> {
    let names = Names::of(catalog);
    let mut found = Found::default();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for fact in facts {
        match &fact.kind {
            FactKind::ModelCard(card) => in_card(&names, &fact.path, card, &mut found),
            FactKind::Gguf(gguf) => {
                if let Some(name) = &gguf.name {
                    let what = format!("the file calls its model “{}”", short(name));
                    found.add(names.in_name(name), Location::file(fact.path.clone()), &what);
                }
            }
            FactKind::Pipeline(pipeline) => {
                if let Some(name) = &pipeline.name_or_path {
                    let what = format!("the pipeline was loaded from “{}”", short(&name.value));
                    found.add(names.in_name(&name.value), Location::of(&fact.path, name), &what);
                }
            }
            _ => {}
        }
        if is_of_weights(&fact.kind) && seen.len() < MOST_NAMES {
            in_path(&names, &fact.path, &fact.kind, &mut seen, &mut found);
        }
    }
    found.matches
}

/// Adds what names say: to the hops whose candidates they name, and as hints of their own where nothing stronger names a base.
pub(crate) fn join(catalog: &Catalog, facts: &[Fact], hops: &mut Vec<Hop>) {
    let strong = hops
        .iter()
        .any(|hop| hop.child.is_none() && (hop.declared || hop.strength > Strength::Circumstantial));
    let mut own = 0;
    for one in named(catalog, facts) {
        let among = |hop: &&mut Hop| {
            hop.child.is_none()
                && hop.candidates.iter().any(|candidate| one.models.contains(&candidate.model.as_str()))
        };
        if let Some(hop) = hops.iter_mut().find(among) {
            let known = hop.because.iter().any(|reason| reason.location == one.evidence.location);
            if !known {
                hop.because.push(one.evidence);
            }
        } else if !strong && own < MOST_OF_THEIR_OWN {
            own += 1;
            hops.push(super::hint(&one.models, one.evidence));
        }
    }
}

fn is_of_weights(kind: &FactKind) -> bool {
    matches!(
        kind,
        FactKind::Weights(_)
            | FactKind::Gguf(_)
            | FactKind::Tensors(_)
            | FactKind::ModelConfig(_)
            | FactKind::AdapterConfig(_)
    )
}

fn in_path(names: &Names, path: &RepoPath, kind: &FactKind, seen: &mut BTreeSet<String>, found: &mut Found) {
    let text = path.to_string();
    let (folders, file) = text.rsplit_once('/').unwrap_or(("", &text));
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        if seen.insert(format!("{folder}/")) {
            let what = format!("a folder is called “{}”", short(folder));
            found.add(names.in_name(folder), Location::file(path.clone()), &what);
        }
    }
    if matches!(kind, FactKind::Weights(_)) {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        // Of a sharded file, the shards are one name.
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let stem = match stem.rsplit_once("-of-").filter(|(_, count)| number(count)) {
            Some((before, _)) => {
                before.rsplit_once('-').filter(|(_, at)| number(at)).map_or(before, |(name, _)| name)
            }
            None => stem,
        };
        if seen.insert(stem.to_owned()) {
            let what = format!("a weight file is called “{}”", short(file));
            found.add(names.in_name(stem), Location::file(path.clone()), &what);
        }
    }
}

fn in_card(names: &Names, path: &RepoPath, card: &ModelCard, found: &mut Found) {
    let skip = card.front_matter.map_or(0, |front| front.last);
    let title = card
        .text
        .lines()
        .enumerate()
        .skip(skip as usize)
        .find_map(|(index, line)| Some((index as u32 + 1, line.trim_start().strip_prefix("# ")?.trim())));
    if let Some((line, title)) = title.filter(|(_, title)| !prose::compares(&title.to_lowercase())) {
        let location = Location::lines(path.clone(), LineSpan::line(line));
        found.add(names.in_name(title), location, &format!("the title is “{}”", short(title)));
    }
    for tag in &card.tags {
        let what = format!("a tag is “{}”", short(&tag.value));
        found.add(names.in_name(&tag.value), Location::of(path, tag), &what);
    }
    if let Some(name) = &card.model_name {
        let what = format!("model_name is “{}”", short(&name.value));
        found.add(names.in_name(&name.value), Location::of(path, name), &what);
    }
    for (at, line, text) in prose::descriptions(names, &card.text, skip) {
        let location = Location::lines(path.clone(), LineSpan::line(line));
        found.push(
            at,
            location,
            format!("{path}, line {line}, says in prose that it was made from {text}"),
            EvidenceKind::Prose,
        );
    }
}

/// A name for a message: without line ends, and not longer than a line.
fn short(name: &str) -> String {
    let mut text: String = name.chars().filter(|character| !character.is_control()).take(80).collect();
    if text.len() < name.len() {
        text.push('…');
    }
    text
}

/// What was found, without the places of one set that nobody needs.
#[derive(Default)]
struct Found {
    matches: Vec<NameMatch>,
    counts: BTreeMap<Vec<&'static str>, usize>,
}

impl Found {
    fn add(&mut self, all: Vec<Vec<&'static str>>, location: Location, what: &str) {
        for models in all {
            let detail = match models.as_slice() {
                [only] => format!("{what}: the name of {only}"),
                [first, rest @ ..] => {
                    format!("{what}: the name of {first} and {} other releases", rest.len())
                }
                [] => continue,
            };
            self.push(models, location.clone(), detail, EvidenceKind::Name);
        }
    }

    fn push(&mut self, models: Vec<&'static str>, location: Location, detail: String, kind: EvidenceKind) {
        let count = self.counts.entry(models.clone()).or_default();
        *count += 1;
        if *count <= MOST {
            let evidence = Evidence {
                kind,
                strength: Strength::Circumstantial,
                location: Some(location),
                detail,
                p: None,
            };
            self.matches.push(NameMatch { models, evidence });
        }
    }
}

/// The names of the catalog, normalised.
pub(crate) struct Names {
    by_key: BTreeMap<String, Vec<&'static str>>,
    /// The first words of keys: a name without any of them is done with at once.
    firsts: BTreeSet<String>,
}

impl Names {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut sizes: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for model in catalog.models() {
            let of_family = sizes.entry(model.family).or_default();
            let known = |size: f64| of_family.iter().any(|other| (other - size).abs() <= 0.1 * other);
            if let Some(size) = model.total_billion.filter(|size| !known(*size)) {
                of_family.push(size);
            }
        }
        let mut by_key: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        let mut add = |key: Vec<Token<'_>>, model: &'static Model, exact: bool| {
            let several = sizes.get(model.family).is_none_or(|sizes| sizes.len() != 1);
            if is_specific(&key, several) {
                let models = by_key.entry(joined(&key)).or_default();
                if !models.contains(&model.id) {
                    let at = if exact { 0 } else { models.len() };
                    models.insert(at, model.id);
                }
            }
        };
        for model in catalog.models() {
            for id in std::iter::once(model.id).chain(model.aliases.iter().copied()) {
                let name = id.rsplit('/').next().unwrap_or(id);
                let lower = name.to_ascii_lowercase();
                let tokens = tokens(&lower);
                add(of_release(&tokens), model, false);
                add(tokens, model, true);
            }
        }
        let firsts = by_key
            .keys()
            .map(|key| key.chars().take_while(|character| character.is_alphabetic()).collect())
            .collect();
        Self { by_key, firsts }
    }

    /// The sets of models that a name contains, each once, in the order in which they stand.
    pub(crate) fn in_name(&self, name: &str) -> Vec<Vec<&'static str>> {
        let mut found: Vec<Vec<&'static str>> = Vec::new();
        for (_, _, models) in self.places(name) {
            if !found.contains(models) {
                found.push(models.clone());
            }
        }
        found
    }

    /// Where names stand in a text: first byte, byte behind the last, models. Overlapping names give the longest one.
    pub(crate) fn places(&self, text: &str) -> Vec<(usize, usize, &Vec<&'static str>)> {
        let lower = text.to_ascii_lowercase();
        let mut found = Vec::new();
        for window in windows(&lower) {
            let tokens = tokens(&lower[window.clone()]);
            let mut at = 0;
            while at < tokens.len() {
                match self.longest(&tokens, at) {
                    Some((end, models)) => {
                        let last = tokens[end - 1];
                        found.push((
                            window.start + tokens[at].at,
                            window.start + last.at + last.text.len(),
                            models,
                        ));
                        at = end;
                    }
                    None => at += 1,
                }
            }
        }
        found
    }

    fn longest(&self, tokens: &[Token<'_>], at: usize) -> Option<(usize, &Vec<&'static str>)> {
        if tokens[at].is_number || (at > 0 && OTHER_FAMILY.contains(&tokens[at - 1].text)) {
            return None;
        }
        let mut key = String::new();
        let mut best = None;
        for end in at..tokens.len().min(at + 16) {
            push(&mut key, &tokens[at..=end]);
            let letters = key.chars().take_while(|character| character.is_alphabetic()).count();
            if end == at && !self.firsts.iter().any(|first| first.starts_with(&key[..letters])) {
                return None;
            }
            if let Some(models) = self.by_key.get(&key)
                && ends_here(&tokens[at..=end], &tokens[end + 1..])
            {
                best = Some((end + 1, models));
            }
        }
        best
    }
}

/// Whether a name may end where it does: `DeepSeek-V3` does not end before `.2`, what is distilled from a model is another one,
/// and so is `-turbo` or `-lite` of a name without a size.
fn ends_here(name: &[Token<'_>], rest: &[Token<'_>]) -> bool {
    let Some(next) = rest.first() else { return true };
    let other_size = next.text == "turbo" || SIZES.contains(&next.text);
    if next.text.starts_with("distil") || (other_size && !has_size(name)) {
        return false;
    }
    if next.is_number && name.last().is_some_and(|last| last.is_number) {
        let bits = rest.get(1).is_some_and(|after| matches!(after.text, "bit" | "bpw" | "bits"));
        return next.text.len() > 2 || bits;
    }
    true
}

/// The parts of a text that are looked at on their own: words that stand together, up to the bound of tokens.
fn windows(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut count = 0;
    let mut inside = false;
    for (at, character) in text.char_indices() {
        if character.is_ascii_alphanumeric() {
            if !inside {
                count += 1;
                // A bound between two words, with the last words of the window before it lost at worst.
                if count > MOST_TOKENS {
                    all.push(start..at);
                    (start, count) = (at, 1);
                }
            }
            inside = true;
        } else {
            inside = false;
            // What joins the parts of a name; everything else ends it.
            if !matches!(character, '-' | '_' | '.' | ' ' | ':' | '/' | '\u{a0}' | '\u{2010}'..='\u{2013}') {
                all.push(start..at);
                (start, count) = (at + character.len_utf8(), 0);
            }
        }
    }
    all.push(start..text.len());
    all.retain(|range| !range.is_empty());
    all
}

/// Letters, or digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token<'a> {
    text: &'a str,
    at: usize,
    is_number: bool,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let same: fn(&u8) -> bool = match bytes[at] {
            byte if byte.is_ascii_digit() => u8::is_ascii_digit,
            byte if byte.is_ascii_alphabetic() => u8::is_ascii_alphabetic,
            _ => {
                at += 1;
                continue;
            }
        };
        let length = bytes[at..].iter().take_while(|byte| same(byte)).count();
        all.push(Token { text: &text[at..at + length], at, is_number: bytes[at].is_ascii_digit() });
        at += length;
    }
    all
}

fn joined(tokens: &[Token<'_>]) -> String {
    let mut key = String::new();
    for end in 0..tokens.len() {
        push(&mut key, &tokens[..=end]);
    }
    key
}

/// Adds the last token. Two numbers stay two: `3.1-8b` is not `31-8b`.
fn push(key: &mut String, tokens: &[Token<'_>]) {
    if let [.., before, last] = tokens
        && before.is_number
        && last.is_number
    {
        key.push('.');
    }
    if let Some(last) = tokens.last() {
        key.push_str(last.text);
    }
}

/// A name without the words that say which release of a size it is.
fn of_release<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    if !has_size(tokens) {
        return tokens
            .iter()
            .copied()
            .filter(|token| !matches!(token.text, "instruct" | "chat" | "hf"))
            .collect();
    }
    let mut kept: Vec<Token<'a>> = Vec::new();
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        rest = after;
        let date = token.is_number && token.text.len() == 4;
        // `bf16`, `fp16`, and versions behind the size: `v0.1`.
        let precision = matches!(token.text, "bf" | "fp");
        let version = token.text == "v" && has_size(&kept);
        if precision || version {
            while let [number, after @ ..] = rest
                && number.is_number
            {
                rest = after;
            }
            continue;
        }
        if !date && !RELEASE.contains(&token.text) {
            kept.push(*token);
        }
    }
    kept
}

/// Whether a number stands before `b` or `m`: `7b`, `1.5b`, `560m`, `a22b`.
fn has_size(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|pair| pair[0].is_number && matches!(pair[1].text, "b" | "m"))
}

/// Whether a name is a model's and nothing else's: a family's word, a number, and a size where there are several.
fn is_specific(tokens: &[Token<'_>], several_sizes: bool) -> bool {
    let Some(first) = tokens.first().filter(|first| !first.is_number && first.text.len() >= 2) else {
        return false;
    };
    let number = tokens.iter().any(|token| token.is_number);
    let sized =
        has_size(tokens) || tokens.iter().skip(1).any(|token| SIZES.contains(&token.text)) || !several_sizes;
    number && sized && first.text != "v" && joined(tokens).len() >= 4
}

#[cfg(test)]
mod tests;
