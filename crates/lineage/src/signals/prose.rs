//! Bases named in prose: the body of a card, a notice, an owner's line.

use forebear_types::fact::{Fact, FactKind, LegalFile, ModelCard};
use forebear_types::license::CopyrightLine;
use forebear_types::lineage::{Candidate, Confidence, Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::{LineSpan, Location, ModelId, RepoPath};

use crate::catalog::{Catalog, Model};
use crate::hub_id;
use crate::signals::declared::Declaration;
use crate::signals::name::Names as ModelNames;
use crate::signals::text::{Code, paragraphs};

/// Mentions that a report needs; more of them say nothing new.
const MOST: usize = 5;

/// Shorter names (`Yi`, `OPT`) are words of other meanings too.
const SHORTEST: usize = 4;

/// How far before an id, in bytes of the same sentence, a word may stand that makes it a base.
const REACH: usize = 80;

/// Words that make the id after them a base. They follow the sentence that training libraries write into the cards they
/// make ("This model is a fine-tuned version of …") and what people write instead of it.
const CUES: &[&str] = &[
    "fine-tuned version of",
    "finetuned version of",
    "fine tuned version of",
    "is a version of",
    "fine-tuned from",
    "finetuned from",
    "fine tuned from",
    "fine-tune of",
    "finetune of",
    "fine-tuning of",
    "quantized version of",
    "quantised version of",
    "merge of",
    "base model",
    "based on",
    "based upon",
    "built on",
    "built upon",
    "derived from",
    "initialized from",
    "initialised from",
    "trained on top of",
];

/// Further words before a name, in several languages. The full ids of [`CUES`] need less.
const BEFORE: &[&str] = &[
    "built on top of",
    "fine-tuned on top of",
    "starting from",
    "starts from",
    "initialized with",
    "initialised with",
    "continued pretraining of",
    "continued pre-training of",
    "continued pretraining from",
    "continually pre-trained from",
    "further trained from",
    "trained from",
    "an extension of",
    "adapter for",
    "ed version of",
    "bit version of",
    "gguf version of",
    "gguf of",
    "converted from",
    "conversion of",
    "distilled into",
    "base_model",
    "基于",
    "基於",
    "由",
    "ベースモデル",
    "베이스 모델",
    "기반 모델",
    "basiert auf",
    "basierend auf",
    "auf basis von",
    "basé sur",
    "basée sur",
    "à partir de",
    "basado en",
    "basada en",
    "basato su",
    "baseado em",
    "на основе",
    "на базе",
];

/// Words behind a name that make it a base.
const AFTER: &[&str] = &[
    "-based model",
    " fine-tune",
    " finetune",
    " backbone",
    " as a base",
    " as the base",
    " as its base",
    " as base model",
    " as the backbone",
    "をベース",
    "をファインチューニング",
    "のファインチューニング",
    "を元に",
    "をもとに",
    "を基に",
    "に追加学習",
    "に継続事前学習",
    "から継続事前学習",
    "を継続事前学習",
    "を量子化",
    "ベースの",
    "微调",
    "微調",
    "基础上",
    "基礎上",
    "为基座",
    "为底座",
    "为基础",
    "為基礎",
    "作为基座",
    "作为底座",
    "继续预训练",
    "增量预训练",
    "二次预训练",
    "기반으로",
    "기반의",
    "파인튜닝",
    "베이스로",
];

/// How far behind a name such a word may stand, in bytes.
const BEHIND: usize = 40;

/// Names of one card that are looked at closely.
const MOST_LOOKS: usize = 500;

/// The longest sentence that is looked at, in bytes.
const LONGEST: usize = 2000;

/// Words that deny or compare.
const COMPARISONS: &[&str] = &[
    "not ", "n't ", "unlike", "compar", " than ", "better", "outperform", "surpass", "beats", " vs ",
    " vs. ", "versus", "similar to", "comparable", "compatible", "inspired", "instead of", "rather than",
    "benchmark", "score", "超过", "超越", "优于", "相比", "对比", "兼容", "并非", "不是", "比較", "上回",
    "超え", "ではな", "비교", "능가", "호환", "im vergleich", "besser als",
];

/// Things that are made from a model, or after one, and are none.
const NOT_ITSELF: &[&str] = &[
    "architecture",
    "tokenizer",
    "tokeniser",
    "vocab",
    "structure",
    "format",
    "template",
    "license",
    "licence",
    "output",
    "generated",
    "data",
    "code",
    "implementation",
    "framework",
    "paper",
    "recipe",
    "prompt",
    "架构",
    "结构",
    "分词",
    "词表",
    "数据",
    "许可",
    "アーキテクチャ",
    "トークナイザ",
    "データ",
    "構造",
    "구조",
    "토크나이저",
    "데이터",
    "architektur",
    "api",
];

/// What a sentence is about, if not the model.
const NOT_THE_MODEL: &[&str] = &[
    "tokenizer", "tokeniser", "dataset", "data set", "vocabulary", "judge", "evaluat", "generated", "synthe",
    "reward model", "teacher", "other models", "many models", "distilled from", "thanks", "template",
    "数据集", "分词器", "评测", "评估", "データセット", "評価", "トークナイザ", "데이터셋", "평가",
    "previous", "earlier version", "draft model", "retriev", "embedding",
];

/// Headings of sections that speak of other models.
const OTHER_SECTIONS: &[&str] = &[
    "acknowledg", "thanks", "credits", "citation", "reference", "related", "benchmark", "evaluation",
    "results", "comparison", "performance", "leaderboard", "limitation", "faq", "news", "致谢", "感谢",
    "引用", "参考", "评测", "评估", "相关", "謝辞", "参考文献", "評価", "関連", "감사", "인용", "평가",
    "참고",
];

/// Where any candidate of a hop, its family, or (in an owner's line) its developer is named, or what was loaded is said to
/// bear its name.
///
/// A name counts as a whole word, whatever its case, and whether its parts are joined by `-`, `_`, a space or nothing: people
/// write `DeepSeek-V3`, `DeepSeek V3` and `deepseek_v3`. `DeepSeek-V3.2` does not name `DeepSeek-V3`. A developer's name alone
/// counts only in a copyright line: "Meta" or "Google" in a README says nothing about descent.
pub fn named_in_prose(catalog: &Catalog, facts: &[Fact], hop: &Hop) -> Vec<Evidence> {
    let wanted = Wanted::of(catalog, hop);
    let mut found: Vec<Evidence> = hop
        .because
        .iter()
        .filter(|reason| {
            matches!(
                reason.kind,
                EvidenceKind::ConfigName | EvidenceKind::AdapterDeclaration | EvidenceKind::Name
            ) || (reason.kind == EvidenceKind::CardDeclaration && reason.strength < Strength::Declared)
        })
        .take(MOST)
        .cloned()
        .collect();
    for fact in facts {
        match &fact.kind {
            FactKind::ModelCard(card) => wanted.in_card(&fact.path, card, &mut found),
            FactKind::LegalFile(file) => wanted.in_legal_file(&fact.path, file, &mut found),
            _ => {}
        }
        if found.len() >= MOST {
            break;
        }
    }
    // What is declared already is no second mention.
    let declared =
        |one: &Evidence| hop.because.iter().any(|known| known.kind != one.kind && overlap(known, one));
    found.retain(|one| one.kind != EvidenceKind::Prose || !declared(one));
    found.truncate(MOST);
    found
}

/// The bases that cards name in a sentence about descent, by full id, if the catalog knows them: a hint.
pub(crate) fn stated_in_prose(catalog: &Catalog, facts: &[Fact]) -> Vec<Declaration> {
    let mut found: Vec<Declaration> = Vec::new();
    for fact in facts {
        let FactKind::ModelCard(card) = &fact.kind else { continue };
        let body = card.front_matter.map_or(0, |front| front.last);
        for (index, line) in card.text.lines().enumerate().skip(body as usize) {
            // An id has a slash.
            if !line.contains('/') {
                continue;
            }
            for (at, word) in ids(line) {
                if found.len() >= MOST {
                    return found;
                }
                if !after_cue(line, at) {
                    continue;
                }
                let Some(model) = catalog.find(word) else { continue };
                if found.iter().all(|one| one.candidate.model.as_str() != model.id) {
                    found.push(statement(&fact.path, index as u32 + 1, model));
                }
            }
        }
    }
    found
}

fn statement(path: &RepoPath, number: u32, model: &Model) -> Declaration {
    Declaration {
        candidate: Candidate { model: ModelId::from(model.id), revision: None, known: true },
        relation: Relation::Unknown,
        evidence: mention(
            path,
            number,
            format!("{path}, line {number}, says in prose that the base is {}", model.id),
        ),
        confidence: Confidence::Low,
        by_publisher: false,
        license_stated: false,
        against: Vec::new(),
    }
}

/// The words of a line that have the form of an id, with their places.
fn ids(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + line[rest..].find(part)?;
        let end = line[start..].find(|character| !part(character)).map_or(line.len(), |len| start + len);
        rest = end;
        // Of an address, the scheme's colon ends the word before.
        let word = line[start..end].trim_end_matches(['.', '/']).trim_start_matches('/');
        Some((start, hub_id::without_address(word)))
    })
    .filter(|(_, word)| word.matches('/').count() == 1 && word.len() <= 200)
}

/// Whether a cue stands before a place, in the same sentence.
fn after_cue(line: &str, at: usize) -> bool {
    let mut from = at.saturating_sub(REACH);
    while !line.is_char_boundary(from) {
        from += 1;
    }
    let before = line[from..at].to_lowercase();
    let sentence = before.rsplit(". ").next().unwrap_or(&before);
    CUES.iter().any(|cue| sentence.contains(cue))
        && !["not based", "not derived", "not a ", "unlike", "compared"]
            .iter()
            .any(|word| sentence.contains(word))
}

/// What a card says that it was made from, by name: the models, the line, and the name as it stands there.
///
/// The name has to stand in a sentence about descent ("fine-tuned from …", …をベースに, 基于 … 微调) that is not about a tokenizer, an
/// architecture, data or other models. Tables, code, quotes, and sections of thanks, references and results are left out.
pub(crate) fn descriptions(
    names: &ModelNames,
    text: &str,
    skip: u32,
) -> Vec<(Vec<&'static str>, u32, String)> {
    let mut found: Vec<(Vec<&'static str>, u32, String)> = Vec::new();
    let mut elsewhere = false;
    let mut looks = 0;
    for paragraph in paragraphs(text, skip, Code::Kept) {
        if paragraph.heading {
            let title = paragraph.text.to_lowercase();
            elsewhere = OTHER_SECTIONS.iter().any(|word| title.contains(word));
        }
        if elsewhere {
            continue;
        }
        for (start, sentence) in paragraph.sentences() {
            if found.len() >= MOST || sentence.len() > LONGEST {
                break;
            }
            if sentence.trim_end().ends_with(['?', '？']) {
                continue;
            }
            let lower = sentence.to_ascii_lowercase();
            if !BEFORE.iter().chain(CUES).chain(AFTER).any(|cue| lower.contains(cue)) {
                continue;
            }
            for (from, to, models) in names.places(sentence) {
                looks += 1;
                if looks > MOST_LOOKS {
                    return found;
                }
                if describes(&lower, from, to) && found.iter().all(|(known, ..)| known != models) {
                    found.push((
                        models.clone(),
                        paragraph.line_at(start + from),
                        sentence[from..to].to_owned(),
                    ));
                }
            }
        }
    }
    found
}

/// Whether a sentence in lower case says of the name at a place that it is the base.
fn describes(lower: &str, from: usize, to: usize) -> bool {
    let mark = |character: char| matches!(character, ';' | '，' | '；' | '、' | '(' | ')' | '（' | '）');
    let clause_from =
        lower[..from].rfind(mark).map_or(0, |at| at + lower[at..].chars().next().map_or(0, char::len_utf8));
    let before = &lower[clause_from..from];
    let near = cut_front(before, REACH);
    let after = cut_back(&lower[to..], BEHIND);
    let cued = CUES.iter().chain(BEFORE).filter_map(|cue| near.rfind(cue).map(|at| at + cue.len())).max();
    let follows = AFTER.iter().filter_map(|cue| after.find(cue)).min();
    let between = match (cued, follows) {
        (Some(end), _) => near[end..].to_owned(),
        (None, Some(at)) => after[..at].to_owned(),
        (None, None) => return false,
    };
    // What stands between cue and name, or right behind the name, may make it a thing of the model's.
    let rest = cut_back(&lower[to..], 24);
    let thing = NOT_ITSELF.iter().any(|word| between.contains(word))
        || NOT_ITSELF
            .iter()
            .any(|word| rest.trim_start_matches([' ', '\'', '’', 's', '-', '的', 'の']).starts_with(word));
    !thing && !compares(before) && !NOT_THE_MODEL.iter().any(|word| before.contains(word))
}

/// Whether words in lower case deny or compare.
pub(crate) fn compares(lower: &str) -> bool {
    COMPARISONS.iter().any(|word| lower.contains(word))
}

fn cut_front(text: &str, most: usize) -> &str {
    let mut from = text.len().saturating_sub(most);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

fn cut_back(text: &str, most: usize) -> &str {
    let mut to = text.len().min(most);
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    &text[..to]
}

fn overlap(one: &Evidence, other: &Evidence) -> bool {
    let (Some(one), Some(other)) = (&one.location, &other.location) else { return false };
    one.path == other.path && one.lines.zip(other.lines).is_some_and(|(a, b)| a.overlaps(b))
}

/// The names that count for one hop.
struct Wanted {
    names: Names,
    owners: Names,
}

impl Wanted {
    fn of(catalog: &Catalog, hop: &Hop) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut owners: Vec<String> = Vec::new();
        for candidate in &hop.candidates {
            let id = &candidate.model;
            names.push(id.as_str().to_owned());
            match catalog.find(id.as_str()) {
                Some(model) => {
                    names.push(id.name().to_owned());
                    names.push(model.family.to_owned());
                    names.extend(
                        model.aliases.iter().filter_map(|alias| alias.rsplit('/').next()).map(str::to_owned),
                    );
                    owners.extend(owner_names(model).chain(owner_names(catalog.root(model))));
                }
                // A stranger's model may be called `base` or `model-final`.
                None if id.name().bytes().any(|byte| byte.is_ascii_digit()) => {
                    names.push(id.name().to_owned())
                }
                None => {}
            }
        }
        names.retain(|name| name.len() >= SHORTEST);
        Self { names: Names::new(names), owners: Names::new(owners) }
    }

    fn in_card(&self, path: &RepoPath, card: &ModelCard, found: &mut Vec<Evidence>) {
        self.in_owner_lines(path, &card.recognition.copyright, found);
        self.in_text(path, &card.text, found);
    }

    fn in_legal_file(&self, path: &RepoPath, file: &LegalFile, found: &mut Vec<Evidence>) {
        // A file for another component counts too: an upstream's licence is often kept in a folder of its own, and a line of
        // a bundled library by the same company only makes the verdict milder.
        self.in_owner_lines(path, &file.recognition.copyright, found);
        self.in_text(path, &file.text, found);
    }

    fn in_owner_lines(&self, path: &RepoPath, lines: &[CopyrightLine], found: &mut Vec<Evidence>) {
        for line in lines {
            if found.len() < MOST && self.owners.first_in(&line.text, 0).is_some() {
                let detail = format!("{path}, line {}, holds the owner's line “{}”", line.line, line.text);
                found.push(mention(path, line.line, detail));
            }
        }
    }

    fn in_text(&self, path: &RepoPath, text: &str, found: &mut Vec<Evidence>) {
        let (mut from, mut counted, mut number) = (0, 0, 1);
        while found.len() < MOST
            && let Some((at, name)) = self.names.first_in(text, from)
        {
            number += text.as_bytes()[counted..at].iter().filter(|byte| **byte == b'\n').count() as u32;
            counted = at;
            found.push(mention(path, number, format!("{path}, line {number}, names {name}")));
            // One mention a line.
            from = text[at..].find('\n').map_or(text.len(), |len| at + len + 1);
        }
    }
}

/// A developer as copyright lines write it: each name of the catalog's entry, and the holders of the recorded owner lines.
pub(crate) fn owner_names(model: &Model) -> impl Iterator<Item = String> {
    let named = model.developer.split(['/', '&', '(', ')', ',']).map(str::trim);
    let recorded = model.licenses.iter().flat_map(|period| period.copyright).filter_map(|line| holder(line));
    named.chain(recorded).filter(|name| name.len() >= 2).map(str::to_owned)
}

/// What follows word, sign and years in an owner line: `DeepSeek` in `Copyright (c) 2023 DeepSeek`.
fn holder(line: &str) -> Option<&str> {
    let at = line.to_ascii_lowercase().rfind("copyright")?;
    let rest = line[at + "copyright".len()..].trim_start();
    let rest = rest.strip_prefix("(c)").or_else(|| rest.strip_prefix("(C)")).unwrap_or(rest);
    let rest = rest.trim_start_matches(|character: char| character == '©' || character.is_whitespace());
    // Years, as in `2023-2024 01.AI`: a name may begin with digits too, so only whole words of digits go.
    let years = |word: &str| {
        word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b','))
    };
    let rest = match rest.split_once(' ') {
        Some((word, after)) if years(word) => after,
        None if years(rest) => return None,
        _ => rest,
    };
    let end = rest.find(['.', ',', ';']).filter(|end| *end >= SHORTEST).unwrap_or(rest.len());
    let name = rest[..end].trim();
    (name.len() >= SHORTEST && name.len() <= 60).then_some(name)
}

fn mention(path: &RepoPath, line: u32, detail: String) -> Evidence {
    Evidence {
        kind: EvidenceKind::Prose,
        strength: Strength::Circumstantial,
        location: Some(Location::lines(path.clone(), LineSpan::line(line))),
        detail,
    }
}

/// Names to look for, longest first, and the bytes that they begin with.
struct Names {
    names: Vec<String>,
    first: [bool; 256],
}

impl Names {
    fn new(mut names: Vec<String>) -> Self {
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.to_lowercase()));
        names.dedup_by(|one, two| one.eq_ignore_ascii_case(two));
        let mut first = [false; 256];
        for byte in names.iter().filter_map(|name| name.bytes().next()) {
            first[usize::from(byte.to_ascii_lowercase())] = true;
            first[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { names, first }
    }

    /// The first place from `from` on where one of the names stands, and that name.
    fn first_in(&self, text: &str, from: usize) -> Option<(usize, &str)> {
        let bytes = text.as_bytes();
        (from..bytes.len())
            .filter(|at| self.first[usize::from(bytes[*at])] && begins_word(text, *at))
            .find_map(|at| {
                self.names.iter().find(|name| stands_at(text, at, name)).map(|name| (at, name.as_str()))
            })
    }
}

/// Whether a word begins at a byte: no letter or digit before it.
fn begins_word(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
}

/// Whether a name stands at a place, as whole words: separators between its parts may be others, or none.
fn stands_at(text: &str, at: usize, name: &str) -> bool {
    let mut rest = text[at..].chars().peekable();
    let wanted = name.chars().filter(|character| !is_separator(*character));
    let mut begun = false;
    for expected in wanted {
        if begun {
            // A separator, or the end of a line with its indentation, between two parts; not the end of a paragraph.
            let (mut separators, mut line_ends) = (0, 0);
            while let Some(character) = rest.next_if(|character| is_separator(*character)) {
                separators += 1;
                line_ends += usize::from(character == '\n');
                if line_ends > 1 || separators > 8 {
                    return false;
                }
            }
        }
        begun = true;
        if !rest.next().is_some_and(|found| found.eq_ignore_ascii_case(&expected)) {
            return false;
        }
    }
    let next = rest.next();
    let continues = match next {
        Some('.') => {
            rest.peek().is_some_and(char::is_ascii_digit)
                && name.ends_with(|last: char| last.is_ascii_digit())
        }
        Some(character) => character.is_alphanumeric(),
        None => false,
    };
    !continues
}

fn is_separator(character: char) -> bool {
    matches!(character, '-' | '_' | ' ' | '\t' | '\r' | '\n' | '\u{a0}' | '\u{2010}'..='\u{2013}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, name: &str) -> bool {
        Names::new(vec![name.to_owned()]).first_in(text, 0).is_some()
    }

    #[test]
    fn a_name_is_found_however_its_parts_are_joined() {
        for text in [
            "DeepSeek-V3",
            "built on DeepSeek V3.",
            "deepseek_v3",
            "**DeepSeekV3**",
            "from DeepSeek\nV3 on",
            "DeepSeek\u{2011}V3",
            "`deepseek-ai/DeepSeek-V3-0324`",
            "é DeepSeek-V3",
        ] {
            assert!(names(text, "DeepSeek-V3"), "{text}");
        }
        for text in [
            "DeepSeek-V3.2", "DeepSeek-V31", "MyDeepSeek-V3", "DeepSeek", "DeepSeek\n\nV3", "éDeepSeek-V3",
            "",
        ] {
            assert!(!names(text, "DeepSeek-V3"), "{text}");
        }
        assert!(names("Llama 3.1 8B", "Llama-3.1") && !names("Llama 3.1 8B", "Llama-3"));
        assert!(!names("Metadata of the model", "Meta"));
    }

    #[test]
    fn holders_are_read_from_owner_lines() {
        for (line, wanted) in [
            ("Copyright (c) 2023 DeepSeek", Some("DeepSeek")),
            ("Copyright 2023-2024 01.AI", Some("01.AI")),
            ("Copyright © Meta Platforms, Inc. All Rights Reserved.", Some("Meta Platforms")),
            ("Copyright (c) Microsoft Corporation.", Some("Microsoft Corporation")),
            ("Copyright", None),
            ("Copyright 2024", None),
            ("Gemma is provided under and subject to the Gemma Terms of Use", None),
        ] {
            assert_eq!(holder(line), wanted, "{line}");
        }
    }

    #[test]
    fn ids_are_words_with_one_slash() {
        let line = "See [Qwen/Qwen2.5-7B](https://huggingface.co/Qwen/Qwen2.5-7B), a/b. /c and é/ü.";
        let found: Vec<&str> = ids(line).map(|(_, word)| word).collect();
        assert_eq!(found, ["Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B", "a/b"]);
    }

    #[test]
    fn a_cue_makes_an_id_a_base_within_its_sentence() {
        let at = |line: &str| after_cue(line, line.find("Qwen/").unwrap());
        assert!(at("This model is a fine-tuned version of [Qwen/Qwen2.5-7B](…)"));
        assert!(at("**Base model:** Qwen/Qwen2.5-7B"));
        assert!(!at("Training was based on our data. We compare with Qwen/Qwen2.5-7B"));
        assert!(!at("It is not based on Qwen/Qwen2.5-7B"));
        assert!(!at(&format!("based on {} Qwen/Qwen2.5-7B", "é".repeat(60))));
    }
}
