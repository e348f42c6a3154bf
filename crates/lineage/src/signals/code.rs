//! Whose code a model brings along: names of classes, of files and of configurations, and owners' lines.
//!
//! Code is renamed less carefully than a configuration: a model whose `config.json` says `kaguya` may still define
//! `DeepseekV3ForCausalLM`. It is a hint and no more. Code says how a model is built, not whose weights it holds, and anybody may train
//! anew with it: Kimi-K2 runs DeepSeek-V3's. What everybody builds upon (`LlamaForCausalLM`, whatever comes with the transformers library)
//! names an architecture and no base at all.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::fact::{Fact, FactKind, SourceCode};
use forebear_types::lineage::{Evidence, EvidenceKind, Hop, Strength};
use forebear_types::{LineSpan, Located, Location, RepoPath};

use crate::catalog::{Catalog, Model};
use crate::signals::prose::owner_names;

/// Code that belongs to a family of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CodeMatch {
    /// The family's releases that such code runs, by id; empty where the code names an architecture that unrelated models share.
    pub(crate) models: Vec<&'static str>,
    /// What was seen. Always circumstantial.
    pub(crate) evidence: Evidence,
}

/// Matches that a report needs.
const MOST: usize = 16;

/// Stems that unrelated models share whatever the catalog counts: architectures of the transformers library that other people's code is
/// made from.
const SHARED: &[&str] = &[
    "llama", "mistral", "mixtral", "gptneox", "gptneo", "gpt2", "gptj", "gptbigcode", "bert", "roberta",
    "xlmroberta", "deberta", "debertav2", "distilbert", "albert", "electra", "mpnet", "t5", "mt5", "bart",
    "clip", "siglip", "vit", "whisper", "opt", "mpt", "bloom",
];

/// Developers of an architecture above which its name says nothing of whose model it is.
const SHARED_BY: usize = 3;

/// Owners who stand in the headers of the libraries that all code is copied from.
const LIBRARY_OWNERS: &[&str] =
    &["hugging face", "huggingface", "google", "openai", "eleutherai", "nvidia", "meta", "microsoft"];

/// Ends of class names behind the stem of an architecture.
const CLASS_ENDS: &[&str] = &[
    "ForCausalLM",
    "ForConditionalGeneration",
    "LMHeadCustomModel",
    "LMHeadModel",
    "WithLMHeadModel",
    "ForMaskedLM",
    "ForPreTraining",
    "ForSequenceClassification",
    "ForTokenClassification",
    "ForQuestionAnswering",
    "ForImageClassification",
    "Model",
];

/// Names of files and modules before the stem.
const FILE_PREFIXES: &[&str] = &["modeling_", "modelling_", "modular_", "configuration_", "tokenization_"];

/// The families that code points to, the clearest trace first.
fn compare(catalog: &Catalog, codes: &[(&RepoPath, &SourceCode)]) -> Vec<CodeMatch> {
    if codes.is_empty() {
        return Vec::new();
    }
    let families = Families::of(catalog);
    let mut found = Found::default();
    for (path, code) in codes {
        classes(&families, path, code, &mut found);
        for kind in &code.model_types {
            if let Some(family) = families.by_stem.get(&plain(&kind.value)).filter(|family| !family.shared) {
                let detail = format!("{path} sets model_type `{}`, that of {}", kind.value, family.whose());
                found.add(Rank::Type, &family.developer, family, Location::of(path, kind), detail);
            }
        }
        names(&families, path, code, &mut found);
        architectures(&families, codes, path, code, &mut found);
        owners(catalog, &families, path, code, &mut found);
    }
    found.matches()
}

/// Adds what code says: to the best hop whose candidates run such code, and as a hint of its own where nothing names a base.
pub(crate) fn join(catalog: &Catalog, facts: &[Fact], hops: &mut Vec<Hop>) {
    let codes: Vec<(&RepoPath, &SourceCode)> = facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::SourceCode(code) => Some((&fact.path, code)),
            _ => None,
        })
        .collect();
    for found in compare(catalog, &codes) {
        let about = |hop: &&mut Hop| {
            hop.child.is_none() && hop.candidates.iter().any(|one| found.models.contains(&one.model.as_str()))
        };
        if let Some(hop) = hops.iter_mut().find(about) {
            hop.because.push(found.evidence);
        } else if hops.is_empty() && !found.models.is_empty() {
            hops.push(super::hint(&found.models, found.evidence));
        }
    }
}

/// How clear a trace is; the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Class,
    Type,
    Name,
    Owner,
    Architecture,
}

/// One match for each rank, family and file.
#[derive(Default)]
struct Found {
    kept: BTreeMap<(Rank, String), CodeMatch>,
}

impl Found {
    fn add(&mut self, rank: Rank, key: &str, family: &Family, location: Location, detail: String) {
        let models = if rank == Rank::Architecture { Vec::new() } else { family.models.clone() };
        let evidence = Evidence {
            kind: EvidenceKind::SourceCode,
            strength: Strength::Circumstantial,
            location: Some(location),
            detail,
            p: None,
        };
        self.kept.entry((rank, key.to_owned())).or_insert(CodeMatch { models, evidence });
    }

    fn matches(self) -> Vec<CodeMatch> {
        self.kept.into_values().take(MOST).collect()
    }
}

/// An architecture and the models of those who made it.
#[derive(Clone, Debug, Default)]
struct Family {
    /// As its classes are written: `DeepseekV3`.
    name: String,
    /// Who made it; empty where nobody in the catalog bears the name.
    developer: String,
    models: Vec<&'static str>,
    /// Whether unrelated models share it.
    shared: bool,
}

impl Family {
    fn whose(&self) -> String {
        if self.developer.is_empty() { self.name.clone() } else { format!("{}'s models", self.developer) }
    }
}

struct Families {
    /// By the stem of classes and model types: `deepseekv3`.
    by_stem: BTreeMap<String, Family>,
    /// By the first word of the names of models: `deepseek`.
    by_word: BTreeMap<String, Family>,
}

impl Families {
    fn of(catalog: &Catalog) -> Self {
        let mut stems: BTreeMap<String, (String, Vec<&'static Model>)> = BTreeMap::new();
        let mut words: BTreeMap<String, Vec<&'static Model>> = BTreeMap::new();
        for model in catalog.models() {
            let mut own = BTreeSet::new();
            let classes = model.architectures.iter().map(|class| stem(class)).map(|stem| (plain(stem), stem));
            let types = model.model_type.into_iter().map(|kind| (plain(kind), kind));
            for (key, name) in classes.chain(types) {
                if key.len() >= 2 && own.insert(key.clone()) {
                    stems.entry(key).or_insert_with(|| (name.to_owned(), Vec::new())).1.push(model);
                }
            }
            let word = first_word(model.id);
            if word.len() >= 2 {
                words.entry(word).or_default().push(model);
            }
        }
        let by_stem = stems
            .into_iter()
            .map(|(key, (name, models))| {
                let family = family(catalog, &key, name, &models);
                (key, family)
            })
            .collect();
        let by_word = words
            .into_iter()
            .map(|(key, models)| {
                let developers = independent(catalog, models.iter().copied());
                let family = Family {
                    name: key.clone(),
                    developer: developers.first().copied().unwrap_or_default().to_owned(),
                    models: made_by(&developers, &models),
                    shared: developers.len() > 1 || SHARED.contains(&key.as_str()),
                };
                (key, family)
            })
            .collect();
        Self { by_stem, by_word }
    }

    /// The family that a class bears in its name: `DeepseekV3` in `DeepseekV3RMSNorm`, with the stem as it is written there.
    fn of_class<'c>(&self, class: &'c str) -> Option<(&Family, &'c str)> {
        // Where a stem ends a part of the name ends: a capital follows, or nothing. The longest stem counts.
        let mut key = String::new();
        let mut best = None;
        let mut rest = class.char_indices().peekable();
        while let Some((_, character)) = rest.next() {
            key.extend(
                Some(character).filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()),
            );
            if key.len() > 40 {
                break;
            }
            let next = rest.peek().copied();
            let ends = next.is_none_or(|(_, next)| next.is_ascii_uppercase() || next == '_');
            if let Some(family) = self.by_stem.get(&key).filter(|_| ends) {
                best = Some((family, &class[..next.map_or(class.len(), |(at, _)| at)]));
            }
        }
        best
    }

    /// The family of a file or module: `modeling_deepseek`.
    fn of_module(&self, module: &str) -> Option<&Family> {
        let tail = FILE_PREFIXES.iter().find_map(|prefix| module.strip_prefix(prefix))?;
        let key = plain(tail);
        self.by_stem.get(&key).or_else(|| self.by_word.get(&key))
    }
}

/// The models of a stem that are of those who made the architecture: whose models begin with the name that the stem begins with.
fn family(catalog: &Catalog, key: &str, name: String, models: &[&'static Model]) -> Family {
    let developers = independent(catalog, models.iter().copied());
    let home = models.iter().copied().filter(|model| {
        let word = first_word(model.id);
        word.len() >= 2 && key.starts_with(&word)
    });
    let home = independent(catalog, home);
    let home = if home.is_empty() && developers.len() == 1 { developers.clone() } else { home };
    let own = made_by(&home, models);
    Family {
        name,
        developer: home.iter().next().filter(|_| home.len() == 1).copied().unwrap_or_default().to_owned(),
        shared: developers.len() >= SHARED_BY || SHARED.contains(&key) || own.is_empty(),
        models: own,
    }
}

/// The developers of models that go on from nobody else's: what somebody made of another's model has its architecture, and often
/// its name, from there. All of them, where each goes on from another's.
fn independent(
    catalog: &Catalog,
    models: impl Iterator<Item = &'static Model> + Clone,
) -> BTreeSet<&'static str> {
    let own: BTreeSet<&str> = models
        .clone()
        .filter(|model| catalog.root(model).developer == model.developer)
        .map(|model| model.developer)
        .collect();
    if own.is_empty() { models.map(|model| model.developer).collect() } else { own }
}

/// The ids of the models that these developers made themselves.
fn made_by(developers: &BTreeSet<&str>, models: &[&'static Model]) -> Vec<&'static str> {
    models.iter().filter(|model| developers.contains(model.developer)).map(|model| model.id).collect()
}

/// The first word of letters in the name of a model, in lower case.
fn first_word(id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or_default();
    name.chars().take_while(char::is_ascii_alphabetic).map(|one| one.to_ascii_lowercase()).collect()
}

fn stem(class: &str) -> &str {
    CLASS_ENDS.iter().find_map(|end| class.strip_suffix(end)).unwrap_or(class)
}

/// Letters and digits in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect()
}

/// Classes that a file defines under the name of a family.
fn classes(families: &Families, path: &RepoPath, code: &SourceCode, found: &mut Found) {
    let mut seen: BTreeMap<&str, (&Family, &Located<String>, usize)> = BTreeMap::new();
    for (class, _) in &code.classes {
        let Some((family, stem)) = families.of_class(&class.value) else { continue };
        let entry = seen.entry(stem).or_insert((family, class, 0));
        entry.2 += 1;
        // The class of the whole model is the one to show.
        if CLASS_ENDS[..2].iter().any(|end| class.value.ends_with(end)) {
            entry.1 = class;
        }
    }
    for (stem, (family, class, count)) in seen {
        let what = match count {
            1 => format!("{path} defines the class `{}`", class.value),
            _ => format!("{path} defines {count} classes called `{stem}…`, such as `{}`", class.value),
        };
        let place = Location::of(path, class);
        if family.shared {
            let detail = format!("{what}: an architecture that unrelated models share");
            found.add(Rank::Architecture, &plain(stem), family, place, detail);
        } else {
            let key = format!("{}/{stem}", family.developer);
            found.add(
                Rank::Class,
                &key,
                family,
                place,
                format!("{what}, as the code of {} does", family.whose()),
            );
        }
    }
}

/// Names of files and imports of a repository's own modules.
fn names(families: &Families, path: &RepoPath, code: &SourceCode, found: &mut Found) {
    let file = String::from_utf8_lossy(path.file_name()).to_lowercase();
    if let Some(family) = file.strip_suffix(".py").and_then(|module| families.of_module(module))
        && !family.shared
    {
        let detail = format!("{path} bears the name of the code of {}", family.whose());
        found.add(Rank::Name, &family.developer, family, Location::file(path.clone()), detail);
    }
    let copies = code.copied_from.iter().map(|place| (place, "says that it was copied from"));
    for (place, verb) in code.imports.iter().map(|place| (place, "imports")).chain(copies) {
        if place.value.starts_with("transformers.") {
            continue;
        }
        let family = place.value.split('.').find_map(|part| families.of_module(part));
        if let Some(family) = family.filter(|family| !family.shared) {
            let detail = format!("{path} {verb} `{}`, code of {}", place.value, family.whose());
            found.add(Rank::Name, &family.developer, family, Location::of(path, place), detail);
        }
    }
}

/// What the transformers library gives: classes that are extended, modules that are copied or imported.
fn architectures(
    families: &Families,
    codes: &[(&RepoPath, &SourceCode)],
    path: &RepoPath,
    code: &SourceCode,
    found: &mut Found,
) {
    let copies = code.copied_from.iter().map(|place| (place, "copies"));
    for (place, verb) in copies.chain(code.imports.iter().map(|place| (place, "imports"))) {
        let Some(rest) = place.value.strip_prefix("transformers.models.") else { continue };
        let key = plain(rest.split('.').next().unwrap_or_default());
        if let Some(family) = families.by_stem.get(&key) {
            let detail = format!(
                "{path} {verb} `{}` of the transformers library: that architecture, which says nothing of whose weights these are",
                place.value
            );
            found.add(Rank::Architecture, &key, family, Location::of(path, place), detail);
        }
    }
    for (class, base) in &code.classes {
        let Some((family, stem)) = families.of_class(base) else { continue };
        let here = |code: &SourceCode| code.classes.iter().any(|(other, _)| other.value == *base);
        let own = families.of_class(&class.value).is_some_and(|(_, own)| own == stem);
        if own || codes.iter().any(|(_, code)| here(code)) {
            continue;
        }
        let detail = format!(
            "{path} makes `{}` from `{base}`: that architecture, which says nothing of whose weights these are",
            class.value
        );
        found.add(Rank::Architecture, &plain(stem), family, Location::of(path, class), detail);
    }
}

/// Owners' lines in the header that name a developer of the catalog.
fn owners(catalog: &Catalog, families: &Families, path: &RepoPath, code: &SourceCode, found: &mut Found) {
    for line in code.recognition.copyright.iter().take(MOST) {
        let text = words(&line.text);
        let mut seen = BTreeSet::new();
        for model in catalog.models() {
            if seen.contains(model.developer) {
                continue;
            }
            let named = owner_names(model).any(|name| {
                let wanted = words(&name);
                let library = LIBRARY_OWNERS.iter().any(|owner| wanted.trim() == *owner);
                wanted.trim().len() >= 4 && !library && text.contains(&wanted)
            });
            if !named {
                continue;
            }
            seen.insert(model.developer);
            let own = |family: &&Family| family.developer == model.developer && !family.shared;
            let models: BTreeSet<&'static str> = families
                .by_stem
                .values()
                .filter(own)
                .flat_map(|family| family.models.iter().copied())
                .collect();
            let family = Family {
                name: model.developer.to_owned(),
                developer: model.developer.to_owned(),
                models: models.into_iter().collect(),
                shared: false,
            };
            let detail =
                format!("the header of {path} names {} as an owner: `{}`", model.developer, line.text);
            let place = Location::lines(path.clone(), LineSpan::line(line.line));
            found.add(Rank::Owner, model.developer, &family, place, detail);
        }
    }
}

/// The words of a text in lower case, with a space before, between and behind them.
fn words(text: &str) -> String {
    let mut out = String::from(" ");
    for word in text.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push_str(&word.to_lowercase());
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use forebear_types::ByteSpan;
    use forebear_types::license::{CopyrightLine, Recognition};

    use super::*;

    fn at(value: &str, line: u32) -> Located<String> {
        Located { value: value.to_owned(), line, span: ByteSpan { start: 0, len: 0 } }
    }

    fn code(classes: &[(&str, &str)]) -> SourceCode {
        SourceCode {
            classes: classes.iter().map(|(name, base)| (at(name, 7), (*base).to_owned())).collect(),
            ..SourceCode::default()
        }
    }

    fn compared(path: &str, code: &SourceCode) -> Vec<CodeMatch> {
        let path = RepoPath::new(path).unwrap();
        let found = compare(&Catalog::embedded(), &[(&path, code)]);
        assert!(found.iter().all(|one| one.evidence.strength == Strength::Circumstantial));
        found
    }

    #[test]
    fn classes_under_the_name_of_a_family_name_its_models() {
        let code = code(&[
            ("DeepseekV3RMSNorm", "Module"),
            ("DeepseekV3ForCausalLM", "DeepseekV3PreTrainedModel"),
            ("KaguyaHead", "Module"),
        ]);
        let found = compared("modeling_kaguya.py", &code);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].models.contains(&"deepseek-ai/DeepSeek-V3"));
        assert!(found[0].models.contains(&"deepseek-ai/DeepSeek-R1"));
        assert!(
            found[0].models.iter().all(|model| model.starts_with("deepseek-ai/")),
            "Kimi-K2 only runs the code"
        );
        assert_eq!(
            found[0].evidence.detail,
            "modeling_kaguya.py defines 2 classes called `DeepseekV3…`, such as `DeepseekV3ForCausalLM`, as the code of DeepSeek's models does"
        );
        assert_eq!(found[0].evidence.location.as_ref().unwrap().lines.unwrap().first, 7);
    }

    #[test]
    fn the_longest_stem_counts_and_ends_where_a_part_of_the_name_ends() {
        let families = Families::of(&Catalog::embedded());
        for (class, wanted) in [
            ("Qwen3MoeAttention", Some("Qwen3Moe")),
            ("Qwen2Attention", Some("Qwen2")),
            ("Qwen2_5_VLAttention", Some("Qwen2_5_VL")),
            ("QWenLMHeadModel", Some("QWen")),
            ("Llama4TextModel", Some("Llama4")),
            ("OptimizedAttention", None),
            ("PhilosopherModel", None),
            ("Philosopher", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(families.of_class(class).map(|(_, stem)| stem), wanted, "{class}");
        }
        assert!(families.of_class(&"A".repeat(100_000)).is_none());
    }

    #[test]
    fn shared_architectures_name_no_base() {
        for (class, base) in [
            ("KaguyaForCausalLM", "LlamaForCausalLM"),
            ("LlamaForCausalLM", "LlamaPreTrainedModel"),
            ("GPTNeoXModel", "Module"),
            ("KaguyaModel", "Qwen2Model"),
        ] {
            let found = compared("modeling_kaguya.py", &code(&[(class, base)]));
            assert_eq!(found.len(), 1, "{class}: {found:?}");
            assert!(found[0].models.is_empty(), "{class}");
        }
        let mut library = code(&[("KaguyaModel", "Module")]);
        library.copied_from = vec![at("transformers.models.llama.modeling_llama.LlamaMLP", 3)];
        library.imports = vec![at("transformers.models.deepseek_v3.modeling_deepseek_v3", 4)];
        let found = compared("modeling_kaguya.py", &library);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|one| one.models.is_empty()));
    }

    #[test]
    fn types_file_names_and_imports_name_the_family() {
        let mut code = code(&[("KaguyaConfig", "PretrainedConfig")]);
        code.model_types = vec![at("deepseek_v3", 9), at("kaguya", 10), at("llama", 11)];
        let found = compared("configuration_kaguya.py", &code);
        assert_eq!(found.len(), 1);
        assert!(found[0].evidence.detail.contains("model_type `deepseek_v3`"));
        let plain = SourceCode::default();
        let found = compared("modeling_deepseek.py", &plain);
        assert!(found[0].models.contains(&"deepseek-ai/DeepSeek-V3"), "{found:?}");
        for own in ["modeling_kaguya.py", "modeling_llama.py", "modeling_.py", "inference/model.py"] {
            assert!(compared(own, &plain).is_empty(), "{own}");
        }
        let imports = SourceCode { imports: vec![at("configuration_deepseek", 2)], ..SourceCode::default() };
        let found = compared("modeling_kaguya.py", &imports);
        assert_eq!(
            found[0].evidence.detail,
            "modeling_kaguya.py imports `configuration_deepseek`, code of DeepSeek's models"
        );
    }

    #[test]
    fn owners_in_the_header_name_the_developer() {
        let header = |text: &str| SourceCode {
            recognition: Recognition {
                copyright: vec![CopyrightLine { text: text.to_owned(), holder: None, years: None, line: 2 }],
                ..Recognition::default()
            },
            ..SourceCode::default()
        };
        let found = compared(
            "modeling_kaguya.py",
            &header("Copyright 2023 DeepSeek-AI and The HuggingFace Inc. team. All rights reserved."),
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].models.contains(&"deepseek-ai/DeepSeek-V3"));
        let found = compared(
            "modeling_kaguya.py",
            &header("Copyright 2024 The Qwen team, Alibaba Group and the HuggingFace Inc. team."),
        );
        assert!(found[0].models.contains(&"Qwen/Qwen2-7B") && found.len() == 1, "{found:?}");
        for library in [
            "Copyright 2022 EleutherAI and the HuggingFace Inc. team. All rights reserved.",
            "Copyright 2018 The Google AI Language Team Authors and The HuggingFace Inc. team.",
            "Copyright (c) 2018, NVIDIA CORPORATION. All rights reserved.",
            "Copyright 2024 Kaguya Inc.",
        ] {
            assert!(compared("modeling_kaguya.py", &header(library)).is_empty(), "{library}");
        }
    }
}
