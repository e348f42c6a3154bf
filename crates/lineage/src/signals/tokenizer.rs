//! Vocabularies: whose a repository's is, and whose it is not.
//!
//! A vocabulary is shared far more freely than weights are: GPT-2's, Llama 2's, Llama 3's and Qwen's are used by models that
//! have nothing else in common. Equal vocabularies are therefore a hint, [`Strength::Circumstantial`], however equal they are.
//! A vocabulary that is *not* a candidate's speaks louder: a fine-tune keeps it, or extends or prunes it, because the embeddings
//! are bound to it.
//!
//! Two sketches are the tokens with the smallest hashes of each vocabulary. Below the smaller of the two largest hashes both samples
//! are complete, so what they share there estimates the containment of either in the other, and the ids of the shared tokens tell
//! whether one came from the other. Measured on the pairs of the known vocabularies: derived ones reach a containment of the smaller
//! of at least 0.95 *and* a rank correlation of ids of at least 0.99; independent ones stay below 0.92 in the latter, although
//! containment alone reaches 1.00 (Llama 2 in Gemma 3).

use std::collections::BTreeSet;
use std::fmt;

use forebear_types::fact::{TokenSketch, Tokenizer};
use forebear_types::lineage::{Evidence, EvidenceKind, Strength};
use forebear_types::{Location, RepoPath, Sha256};

use crate::catalog::{Catalog, Model};
use crate::signals::control_tokens;
use crate::vocabularies::{self, Vocabulary};

/// Containment of the smaller vocabulary from which on one is derived from the other.
const CONTAINED: f64 = 0.95;

/// Rank correlation of ids from which on one is derived from the other.
const ORDERED: f64 = 0.99;

/// Shared sampled tokens that a statement about order needs.
const ENOUGH: usize = 20;

/// Shared tokens and the rank correlation of their ids below which two vocabularies are independent; between this and [`ORDERED`]
/// nothing is said. Of few tokens the correlation varies more.
const NOT_ORDERED: [(usize, f64); 2] = [(20, 0.95), (10, 0.90)];

/// Two vocabularies are independent if as few shared tokens as there are had this chance, were the smaller one contained.
const CHANCE: f64 = 1e-3;

/// Vocabularies that differ in size by less than this share are of one size: conversions add and drop a few tokens.
const SAME_SIZE: f64 = 0.005;

/// How a repository's vocabulary comes from a known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VocabularyRelation {
    /// The same tokens with the same ids.
    Same,
    /// The same tokens in the same order, ids moved: special tokens were inserted.
    Offset,
    /// Tokens were added.
    Extended,
    /// Tokens were taken out.
    Pruned,
}

/// A known vocabulary that a repository's comes from.
#[derive(Clone, Debug)]
pub(crate) struct TokenizerMatch {
    pub(crate) vocabulary: &'static Vocabulary,
    pub(crate) relation: VocabularyRelation,
    /// Models known to ship it, those with the very file first.
    pub(crate) models: Vec<&'static str>,
    /// How many developers ship it in models that are not made from each other's.
    pub(crate) developers: usize,
    pub(crate) evidence: Evidence,
}

/// What two sketches say about two vocabularies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// Share of the first vocabulary's tokens that the second has.
    pub(crate) first_in_second: f64,
    /// Share of the second vocabulary's tokens that the first has.
    pub(crate) second_in_first: f64,
    /// Sampled tokens that both have.
    pub(crate) shared: usize,
    /// Share of those with equal ids.
    pub(crate) equal_ids: f64,
    /// The commonest difference of ids (first minus second), and the share of tokens with it.
    pub(crate) offset: (i64, f64),
    /// Spearman's rank correlation of the ids; 0 with fewer than two shared tokens.
    pub(crate) rank_correlation: f64,
    /// Sampled tokens of the smaller vocabulary.
    sampled: usize,
    first_tokens: u64,
    second_tokens: u64,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Derived(VocabularyRelation),
    Independent,
    /// Too few tokens in common to the samples, or between the bounds.
    Unclear,
}

/// Compares the vocabularies of a folder with the known ones: best first, each known one once.
///
/// Where one is the folder's own ([`VocabularyRelation::Same`]), those that it was once made from are left out.
pub(crate) fn compare(catalog: &Catalog, tokenizers: &[(&RepoPath, &Tokenizer)]) -> Vec<TokenizerMatch> {
    let mut matches: Vec<TokenizerMatch> = Vec::new();
    for (path, tokenizer) in tokenizers {
        for vocabulary in vocabularies::all() {
            let Some(found) = one(catalog, path, tokenizer, vocabulary) else { continue };
            match matches.iter_mut().find(|known| known.vocabulary.title == vocabulary.title) {
                Some(known) if found.relation < known.relation => *known = found,
                Some(_) => {}
                None => matches.push(found),
            }
        }
    }
    matches
        .sort_by(|one, two| (one.relation, one.vocabulary.title).cmp(&(two.relation, two.vocabulary.title)));
    if matches.first().is_some_and(|best| best.relation == VocabularyRelation::Same) {
        matches.retain(|one| one.relation == VocabularyRelation::Same);
    }
    matches
}

/// The same for a file of which only the digest is known: an LFS pointer.
pub(crate) fn by_digest(catalog: &Catalog, path: &RepoPath, digest: &Sha256) -> Option<TokenizerMatch> {
    let (vocabulary, file) = vocabularies::by_digest(digest)?;
    Some(known_file(catalog, path, vocabulary, file))
}

/// A reason against a candidate: the repository's vocabularies are not the one that the candidate ships, and not made from it.
///
/// `None` if they are, or if it cannot be told: no readable vocabulary, none known for the candidate, samples too small.
pub(crate) fn against(
    catalog: &Catalog,
    tokenizers: &[(&RepoPath, &Tokenizer)],
    candidate: &'static Model,
) -> Option<Evidence> {
    let (shipper, shipped) = vocabularies::of_model(catalog, candidate)?;
    let mut found: Option<(&RepoPath, &Vocabulary, Comparison)> = None;
    for (path, tokenizer) in tokenizers {
        // A known vocabulary is compared with the candidate's by what the catalog knows of the two: it would say if one were made
        // from the other.
        let is_another = vocabularies::all().iter().any(|vocabulary| {
            let is = |one: TokenizerMatch| one.relation == VocabularyRelation::Same;
            one(catalog, path, tokenizer, vocabulary).is_some_and(is)
        });
        for vocabulary in &shipped {
            if one(catalog, path, tokenizer, vocabulary).is_some() {
                return None;
            }
            let Some(sketch) = &tokenizer.sketch else { continue };
            let compared = sketches(sketch, &known_sketch(vocabulary)?)?;
            if compared.verdict() != Verdict::Independent && !is_another {
                return None;
            }
            found.get_or_insert((path, vocabulary, compared));
        }
    }
    let (path, vocabulary, compared) = found?;
    let detail = format!(
        "the vocabulary is not that of {}, which {} ships, nor made from it: {compared}",
        vocabulary.title, shipper.id
    );
    Some(evidence(path, detail))
}

fn one(
    catalog: &Catalog,
    path: &RepoPath,
    tokenizer: &Tokenizer,
    vocabulary: &'static Vocabulary,
) -> Option<TokenizerMatch> {
    if let Some(digest) = &tokenizer.digest
        && let digest = digest.to_string()
        && let Some(file) = vocabulary.files.iter().find(|file| file.sha256 == digest)
    {
        return Some(known_file(catalog, path, vocabulary, file));
    }
    if let Some(sketch) = &tokenizer.sketch
        && let Some(known) = known_sketch(vocabulary)
    {
        let compared = sketches(sketch, &known)?;
        let Verdict::Derived(relation) = compared.verdict() else { return None };
        let verb = match relation {
            VocabularyRelation::Same => "is",
            VocabularyRelation::Offset => "is, with other ids,",
            VocabularyRelation::Extended => "extends",
            VocabularyRelation::Pruned => "is a part of",
        };
        let mut detail = format!("the vocabulary {verb} that of {}: {compared}", vocabulary.title);
        let added: BTreeSet<&str> = tokenizer.added.iter().map(|token| token.text.as_str()).collect();
        if let Some(found) = control_tokens::foreign(&added, vocabulary) {
            let ((here, all), (own, all_own)) = (found.of_theirs, found.of_own);
            detail += &format!(
                "; control tokens of {} were added to it ({here} of {all} that are known, beside {own} of {all_own} of {})",
                found.title, vocabulary.title
            );
        }
        return Some(joined(catalog, path, vocabulary, relation, vocabulary.models.to_vec(), detail));
    }
    let merges = by_merges(tokenizer, vocabulary)?;
    let detail =
        format!("the {merges} merges are as many as those of {}, and begin the same", vocabulary.title);
    let models = vocabulary.models.to_vec();
    Some(joined(catalog, path, vocabulary, VocabularyRelation::Same, models, detail))
}

/// Counts alone, where one side has no sketch: as many merges, and the same first ones.
fn by_merges(tokenizer: &Tokenizer, vocabulary: &Vocabulary) -> Option<u64> {
    let merges = tokenizer.merges?;
    let first = tokenizer.first_merges?.to_string();
    vocabulary.merges.contains(&(merges, first.as_str())).then_some(merges)
}

fn known_file(
    catalog: &Catalog,
    path: &RepoPath,
    vocabulary: &'static Vocabulary,
    file: &'static vocabularies::KnownFile,
) -> TokenizerMatch {
    let others = vocabulary.models.iter().filter(|model| !file.models.contains(model));
    let models: Vec<&str> = file.models.iter().chain(others).copied().collect();
    let detail = match file.models {
        [] => format!(
            "the file is byte for byte a known {} of the vocabulary of {}",
            file.name, vocabulary.title
        ),
        [first, ..] => format!("the file is byte for byte the {} of {first}", file.name),
    };
    joined(catalog, path, vocabulary, VocabularyRelation::Same, models, detail)
}

fn joined(
    catalog: &Catalog,
    path: &RepoPath,
    vocabulary: &'static Vocabulary,
    relation: VocabularyRelation,
    models: Vec<&'static str>,
    detail: String,
) -> TokenizerMatch {
    let developers = vocabularies::developers(catalog, vocabulary.models).len();
    let detail = match developers {
        0 => detail,
        1 => format!("{detail}; in the catalog one developer ships it"),
        several => format!("{detail}; {several} independent developers ship it"),
    };
    TokenizerMatch { vocabulary, relation, models, developers, evidence: evidence(path, detail) }
}

fn evidence(path: &RepoPath, detail: String) -> Evidence {
    Evidence {
        kind: EvidenceKind::Tokenizer,
        strength: Strength::Circumstantial,
        location: Some(Location::file(path.clone())),
        detail,
        p: None,
    }
}

fn known_sketch(vocabulary: &Vocabulary) -> Option<TokenSketch> {
    let tokens = vocabulary.tokens.filter(|_| !vocabulary.sample.is_empty())?;
    Some(TokenSketch { tokens, sample: vocabulary.sample.to_vec(), ..TokenSketch::default() })
}

/// Compares two sketches; `None` if one of them is empty.
pub(crate) fn sketches(first: &TokenSketch, second: &TokenSketch) -> Option<Comparison> {
    // A sample that holds the whole vocabulary is complete everywhere.
    let reach = |sketch: &TokenSketch| match sketch.sample.last() {
        Some((largest, _)) if sketch.tokens > sketch.sample.len() as u64 => Some(*largest),
        Some(_) => Some(u64::MAX),
        None => None,
    };
    let reach = reach(first)?.min(reach(second)?);
    let within = |sketch: &TokenSketch| sketch.sample.iter().filter(|(hash, _)| *hash <= reach).count();
    let ids: Vec<(u32, u32)> = first
        .sample
        .iter()
        .filter(|(hash, _)| *hash <= reach)
        .filter_map(|(hash, id)| {
            let place = second.sample.binary_search_by_key(hash, |(hash, _)| *hash).ok()?;
            Some((*id, second.sample[place].1))
        })
        .collect();
    let (from_first, from_second) = (within(first), within(second));
    let share = |part: usize, all: usize| if all == 0 { 0.0 } else { part as f64 / all as f64 };
    let equal = ids.iter().filter(|(one, two)| one == two).count();
    let mut offsets: Vec<i64> = ids.iter().map(|(one, two)| i64::from(*one) - i64::from(*two)).collect();
    offsets.sort_unstable();
    // Of equally common differences the smallest.
    let (count, offset) = offsets
        .chunk_by(|one, two| one == two)
        .map(|run| (run.len(), run[0]))
        .fold((0, 0), |best, run| if run.0 > best.0 { run } else { best });
    Some(Comparison {
        first_in_second: share(ids.len(), from_first),
        second_in_first: share(ids.len(), from_second),
        shared: ids.len(),
        equal_ids: share(equal, ids.len()),
        offset: (offset, share(count, ids.len())),
        rank_correlation: rank_correlation(&ids),
        sampled: if first.tokens <= second.tokens { from_first } else { from_second },
        first_tokens: first.tokens,
        second_tokens: second.tokens,
    })
}

impl Comparison {
    /// Share of the smaller vocabulary's tokens that the larger has.
    fn contained(&self) -> f64 {
        if self.first_tokens <= self.second_tokens { self.first_in_second } else { self.second_in_first }
    }

    /// Whether the first vocabulary comes from the second, and how.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.contained() >= CONTAINED && self.rank_correlation >= ORDERED && self.shared >= ENOUGH {
            return Verdict::Derived(self.relation());
        }
        let disordered = NOT_ORDERED
            .iter()
            .any(|(shared, bound)| self.shared >= *shared && self.rank_correlation < *bound);
        if disordered || self.chance() < CHANCE {
            return Verdict::Independent;
        }
        Verdict::Unclear
    }

    /// The chance of sharing no more tokens than these, were [`CONTAINED`] of the smaller vocabulary in the larger one: the lower tail
    /// of the binomial distribution.
    fn chance(&self) -> f64 {
        let sampled = self.sampled as f64;
        let mut term = (1.0 - CONTAINED).powi(i32::try_from(self.sampled).unwrap_or(i32::MAX));
        let mut sum = term;
        for shared in 0..self.shared {
            let shared = shared as f64;
            term *= (sampled - shared) / (shared + 1.0) * CONTAINED / (1.0 - CONTAINED);
            sum += term;
        }
        sum
    }

    fn relation(&self) -> VocabularyRelation {
        let (first, second) = (self.first_tokens as f64, self.second_tokens as f64);
        let size = first.max(second);
        if (first - second).abs() > SAME_SIZE * size {
            return if first > second { VocabularyRelation::Extended } else { VocabularyRelation::Pruned };
        }
        // Special tokens were put in front, or in between.
        if self.equal_ids < 0.5 {
            return VocabularyRelation::Offset;
        }
        VocabularyRelation::Same
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| (share * 100.0).round();
        write!(
            f,
            "{} tokens beside {}, {} % of the smaller vocabulary in the larger one by {} sampled tokens",
            self.first_tokens,
            self.second_tokens,
            percent(self.contained()),
            self.sampled
        )?;
        if self.shared >= ENOUGH {
            write!(f, ", ids in the same order by {:.2}", self.rank_correlation)?;
        }
        if self.offset.0 != 0 && self.offset.1 > 0.5 {
            write!(f, ", {} % of them moved by {:+}", percent(self.offset.1), self.offset.0)?;
        } else if self.equal_ids > 0.5 {
            write!(f, ", {} % of them equal", percent(self.equal_ids))?;
        }
        Ok(())
    }
}

/// Spearman's rank correlation of pairs of ids. Equal ids on one side (only a broken file has them) keep their order.
fn rank_correlation(ids: &[(u32, u32)]) -> f64 {
    let count = ids.len();
    if count < 2 {
        return 0.0;
    }
    let ranks = |of: fn(&(u32, u32)) -> u32| {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|place| of(&ids[*place]));
        let mut ranks = vec![0_usize; count];
        for (rank, place) in order.into_iter().enumerate() {
            ranks[place] = rank;
        }
        ranks
    };
    let squares: f64 = ranks(|pair| pair.0)
        .into_iter()
        .zip(ranks(|pair| pair.1))
        .map(|(one, two)| (one as f64 - two as f64).powi(2))
        .sum();
    let count = count as f64;
    1.0 - 6.0 * squares / (count * (count * count - 1.0))
}

#[cfg(test)]
mod tests;
