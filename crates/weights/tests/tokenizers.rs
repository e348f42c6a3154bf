//! Vocabularies made from others, and strangers.

use forebear_weights::random::SplitMix64;
use forebear_weights::tokenizer::{Relation, TokenizerSketch, compare};

/// `count` words, the first of which are those of every vocabulary with the same seed.
fn words(seed: u64, count: usize) -> Vec<Vec<u8>> {
    (0..count as u64)
        .map(|index| format!("w{:x}", forebear_weights::random::mix(seed << 32 | index)).into_bytes())
        .collect()
}

fn sketch(words: &[Vec<u8>], offset: u32, controls: &[&str]) -> TokenizerSketch {
    TokenizerSketch::of(
        words.iter().zip(offset..).map(|(word, id)| (word.as_slice(), id)),
        controls.iter().zip(0..).map(|(word, id)| (word.as_bytes(), id)),
    )
}

#[test]
fn made_from_another() {
    let all = words(1, 40_000);
    let base = sketch(&all, 0, &["<s>", "</s>"]);
    let same = compare(&base, &base);
    assert_eq!((same.relation, same.jaccard, same.equal_ids), (Relation::Same, Some(1.0), 1.0));
    assert_eq!((same.shared, same.controls_shared, same.offset), (96, Some(1.0), Some((0, 1.0))));

    let mut more = all.clone();
    more.extend(words(2, 20_000));
    let extended = compare(&sketch(&more, 768, &["<s>", "[INST]"]), &base);
    assert_eq!(extended.relation, Relation::Extended);
    assert_eq!(extended.offset, Some((768, 1.0)));
    assert_eq!(extended.base_in_suspect, Some(1.0));
    assert!((extended.suspect_in_base.expect("shared") - 0.667).abs() < 0.15, "{extended:?}");
    assert!((extended.jaccard.expect("both") - 0.667).abs() < 0.12, "{extended:?}");
    assert_eq!(extended.controls_shared, Some(0.5));

    // Every third token kept, numbered anew.
    let fewer: Vec<Vec<u8>> = all.iter().step_by(3).cloned().collect();
    let pruned = compare(&sketch(&fewer, 0, &[]), &base);
    assert_eq!(pruned.relation, Relation::Pruned);
    assert_eq!(pruned.spearman, Some(1.0));
    assert_eq!(pruned.controls_shared, None);

    assert_eq!(compare(&sketch(&all, 5, &[]), &base).relation, Relation::Moved);
}

#[test]
fn not_made_from_another() {
    let all = words(1, 40_000);
    let base = sketch(&all, 0, &[]);
    assert_eq!(compare(&sketch(&words(9, 40_000), 0, &[]), &base).relation, Relation::Independent);
    // The same set in another order: the same texts, another training.
    let order = SplitMix64::new(4).permutation(40_000);
    let shuffled: Vec<Vec<u8>> = order.iter().map(|place| all[*place as usize].clone()).collect();
    let found = compare(&sketch(&shuffled, 0, &[]), &base);
    assert_eq!(found.relation, Relation::SharedTokens);
    assert!(found.spearman.expect("shared").abs() < 0.5);
    // A third in common, in order.
    let mut third = words(3, 40_000);
    third[..14_000].clone_from_slice(&all[..14_000]);
    let found = compare(&sketch(&third, 0, &[]), &base);
    assert_eq!(found.relation, Relation::Independent, "{found:?}");
}

/// A vocabulary that is a small part of another shares few sampled tokens with it: only an order without exception says that it comes from
/// there, and only a clear disorder that it does not.
#[test]
fn of_few_shared_tokens_only_extremes_are_judged() {
    let all = words(5, 200_000);
    let base = sketch(&all, 0, &[]);
    let part: Vec<Vec<u8>> = all.iter().step_by(6).cloned().collect();
    let pruned = compare(&sketch(&part, 0, &[]), &base);
    assert!((15..20).contains(&pruned.shared), "{pruned:?}");
    assert_eq!(pruned.relation, Relation::Pruned);
    // A few tokens of the part have changed places: neither.
    let mut moved = part.clone();
    moved.rotate_right(4_000);
    let found = compare(&sketch(&moved, 0, &[]), &base);
    assert!(found.spearman.is_some_and(|rho| rho < 1.0), "{found:?}");
    assert_ne!(found.relation, Relation::Pruned);
    let order = SplitMix64::new(7).permutation(part.len() as u32);
    let shuffled: Vec<Vec<u8>> = order.iter().map(|place| part[*place as usize].clone()).collect();
    assert_eq!(compare(&sketch(&shuffled, 0, &[]), &base).relation, Relation::SharedTokens);
    // An eighth shares too few for an order.
    let eighth: Vec<Vec<u8>> = all.iter().step_by(8).cloned().collect();
    let found = compare(&sketch(&eighth, 0, &[]), &base);
    assert_eq!((found.relation, found.spearman), (Relation::TooFew, Some(1.0)), "{found:?}");
    // Strangers of unequal size.
    assert_eq!(compare(&sketch(&words(6, 40_000), 0, &[]), &base).relation, Relation::Independent);
}

#[test]
fn too_little_to_judge() {
    let few = sketch(&words(1, 10), 0, &[]);
    assert_eq!(compare(&few, &few).relation, Relation::TooFew);
    let none = TokenizerSketch::default();
    assert_eq!(compare(&none, &few).relation, Relation::TooFew);
    // Duplicates count once, the lesser id wins; ids that need more than three bytes are left out.
    let twice = TokenizerSketch::of([(&b"a"[..], 7), (b"a", 3), (b"b", 1 << 24)], []);
    assert_eq!((twice.size, twice.sample[0].id), (1, 3));
}
