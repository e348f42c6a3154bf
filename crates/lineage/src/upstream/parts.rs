//! Configurations, vocabularies and chat templates side by side.

use std::collections::BTreeMap;

use forebear_types::config::ConfigField;
use forebear_types::fact::{ChatTemplate, Fact, FactKind, ModelConfig, TokenSketch, Tokenizer};
use forebear_types::upstream::{ConfigurationComparison, FieldDifference, Sameness};
use forebear_types::{Located, Location, RepoPath};

/// Equal shape fields from which on two configurations say anything.
pub(super) const ENOUGH: usize = 6;

/// Configurations of one side that are looked at.
const MOST: usize = 32;

/// The two main configurations that have most in common.
pub(super) fn configuration(ours: &[Fact], theirs: &[Fact]) -> Option<ConfigurationComparison> {
    let (ours, theirs) = (main_configurations(ours), main_configurations(theirs));
    let pairs = ours.iter().flat_map(|here| theirs.iter().map(move |upstream| (here, upstream)));
    let compared = pairs.map(|(here, upstream)| compare(*here, *upstream));
    compared
        .min_by_key(|one| (one.shape_differences(), std::cmp::Reverse(one.same_shape), one.differences.len()))
}

type Configuration<'a> = (&'a RepoPath, &'a ModelConfig);

/// The configurations least deep in the tree: deeper ones are parts.
fn main_configurations(facts: &[Fact]) -> Vec<Configuration<'_>> {
    let all: Vec<Configuration<'_>> = facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::ModelConfig(config) => Some((&fact.path, config)),
            _ => None,
        })
        .collect();
    let least = all.iter().map(|(path, _)| path.depth()).min().unwrap_or(0);
    all.into_iter().filter(|(path, _)| path.depth() == least).take(MOST).collect()
}

fn compare(here: Configuration<'_>, upstream: Configuration<'_>) -> ConfigurationComparison {
    let ((path, ours), (upstream, theirs)) = (here, upstream);
    let mut same_shape = 0;
    let (mut shapes, mut settings) = (Vec::new(), Vec::new());
    let mut place: Option<Location> = None;
    for field in ConfigField::all() {
        let (one, two) = (ours.fields.get(&field), theirs.fields.get(&field));
        match (one, two) {
            (None, None) => continue,
            (Some(one), Some(two)) if one.value.same_as(&two.value) => {
                if field.is_shape() {
                    same_shape += 1;
                    place.get_or_insert_with(|| Location::of(path, one));
                }
                continue;
            }
            _ => {}
        }
        let difference = FieldDifference {
            field: field.key().to_owned(),
            shape: field.is_shape(),
            here: one.map(|value| value.value.to_string()),
            upstream: two.map(|value| value.value.to_string()),
        };
        if field.is_shape() { shapes.push(difference) } else { settings.push(difference) }
    }
    let text = |values: &[Located<String>]| {
        let values: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let names = [
        (
            "model_type",
            ours.model_type.as_ref().map(|value| value.value.clone()),
            theirs.model_type.as_ref().map(|value| value.value.clone()),
        ),
        ("architectures", text(&ours.architectures), text(&theirs.architectures)),
    ];
    for (field, here, upstream) in names {
        if here != upstream {
            settings.push(FieldDifference { field: field.to_owned(), shape: false, here, upstream });
        }
    }
    shapes.append(&mut settings);
    ConfigurationComparison {
        here: place.unwrap_or_else(|| Location::file(path.clone())),
        upstream: upstream.clone(),
        same_text: !ours.text.is_empty() && ours.text == theirs.text,
        same_shape,
        differences: shapes,
    }
}

/// Whether the vocabularies are the same: by their files, else by samples of them.
pub(super) fn tokenizer(ours: &[Fact], theirs: &[Fact]) -> Option<Sameness> {
    let (ours, theirs) = (tokenizers(ours), tokenizers(theirs));
    let pairs = || ours.iter().flat_map(|here| theirs.iter().map(move |there| (here, there)));
    let equal_files = |(one, two): &(&(&RepoPath, &Tokenizer), &(&RepoPath, &Tokenizer))| {
        one.1.digest.is_some() && one.1.digest == two.1.digest
    };
    if let Some(((path, _), _)) = pairs().find(equal_files) {
        let detail = format!("{path} is byte for byte that of the local copy");
        return Some(Sameness { same: true, here: (*path).clone(), detail });
    }
    let mut best: Option<(u32, &RepoPath, u64, u64)> = None;
    for ((path, one), (_, two)) in pairs() {
        let (Some(one), Some(two)) = (&one.sketch, &two.sketch) else { continue };
        let Some(shared) = shared(one, two) else { continue };
        if best.is_none_or(|(most, ..)| shared > most) {
            best = Some((shared, path, one.tokens, two.tokens));
        }
    }
    let (shared, path, one, two) = best?;
    let detail = match (shared, one == two) {
        (100, true) => format!("the vocabulary has the {one} tokens of the local copy's, by a sample"),
        _ => format!(
            "of the tokens of both vocabularies ({one} here, {two} in the local copy) about {shared} % are in both, by a sample"
        ),
    };
    Some(Sameness { same: shared == 100 && one == two, here: path.clone(), detail })
}

/// The share of the tokens of both vocabularies that are in both, in percent: of the smallest hashes of the two samples together
/// those that both have. `None` without any.
fn shared(one: &TokenSketch, two: &TokenSketch) -> Option<u32> {
    let mut hashes: BTreeMap<u64, u32> = BTreeMap::new();
    for (hash, _) in one.sample.iter().chain(&two.sample) {
        *hashes.entry(*hash).or_default() += 1;
    }
    let number = one.sample.len().max(two.sample.len());
    let both = hashes.values().take(number).filter(|count| **count > 1).count();
    let number = number.min(hashes.len());
    (number > 0).then(|| u32::try_from(both * 100 / number).unwrap_or(100))
}

fn tokenizers(facts: &[Fact]) -> Vec<(&RepoPath, &Tokenizer)> {
    facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::Tokenizer(tokenizer) => Some((&fact.path, tokenizer)),
            _ => None,
        })
        .take(MOST)
        .collect()
}

/// Whether a chat template is one of theirs.
pub(super) fn chat_template(ours: &[Fact], theirs: &[Fact]) -> Option<Sameness> {
    let (ours, theirs) = (templates(ours), templates(theirs));
    let (first, _) = ours.first()?;
    theirs.first()?;
    let same = ours.iter().find(|(_, one)| theirs.iter().any(|(_, two)| one.digest == two.digest));
    Some(match same {
        Some((path, _)) => Sameness {
            same: true,
            here: (*path).clone(),
            detail: "the chat template is that of the local copy".to_owned(),
        },
        None => Sameness {
            same: false,
            here: (*first).clone(),
            detail: "the chat template is not that of the local copy".to_owned(),
        },
    })
}

fn templates(facts: &[Fact]) -> Vec<(&RepoPath, &ChatTemplate)> {
    facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::ChatTemplate(template) => Some((&fact.path, template)),
            _ => None,
        })
        .collect()
}
