//! Made-up vocabularies in known relations, and the known ones against each other.

use std::collections::BTreeSet;

use forebear_types::fact::TokenizerKind;

use super::*;

/// A sketch of tokens, each a number, with its id.
fn sketch(tokens: impl Iterator<Item = (u64, u32)>) -> TokenSketch {
    // SplitMix64, cut to 48 bits, in the place of SHA-256.
    let hash = |token: u64| {
        let mut word = token.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) >> 16
    };
    let mut all: Vec<(u64, u32)> = tokens.map(|(token, id)| (hash(token), id)).collect();
    let count = all.len() as u64;
    all.sort_unstable();
    all.truncate(TokenSketch::SAMPLE);
    TokenSketch { tokens: count, sample: all, ..TokenSketch::default() }
}

fn numbered(tokens: impl Iterator<Item = u64>) -> TokenSketch {
    sketch(tokens.zip(0..))
}

fn verdict(first: &TokenSketch, second: &TokenSketch) -> Verdict {
    sketches(first, second).unwrap().verdict()
}

fn tokenizer(sketch: Option<TokenSketch>) -> Tokenizer {
    Tokenizer {
        kind: TokenizerKind::TokenizerJson,
        tokens: sketch.as_ref().map(|sketch| sketch.tokens),
        added: Vec::new(),
        merges: None,
        first_merges: None,
        sketch,
        digest: None,
    }
}

fn known(title: &str) -> &'static Vocabulary {
    vocabularies::all().iter().find(|vocabulary| vocabulary.title == title).expect("a known title")
}

fn path() -> RepoPath {
    RepoPath::new("tokenizer.json").unwrap()
}

#[test]
fn relations_of_derived_vocabularies_are_told_apart() {
    use VocabularyRelation::*;
    let base = numbered(0..50_000);
    for (name, other, relation) in [
        ("the same", numbered(0..50_000), Same),
        ("a few more", numbered(0..50_100), Same),
        ("specials in front", sketch((0..50_000).map(|token| (token, token as u32 + 768))), Offset),
        ("20,000 more behind", numbered(0..70_000), Extended),
        ("20,000 more in front", numbered((100_000..120_000).chain(0..50_000)), Extended),
        ("two of five taken out", numbered((0..50_000).filter(|token| token % 5 > 1)), Pruned),
        ("the rarest half cut off", numbered(0..25_000), Pruned),
    ] {
        assert_eq!(verdict(&other, &base), Verdict::Derived(relation), "{name}");
    }
}

#[test]
fn the_same_tokens_in_another_order_are_independent() {
    let base = numbered(0..50_000);
    let shuffled = sketch((0..50_000).map(|token| (token, (token * 7919 % 50_000) as u32)));
    assert_eq!(verdict(&shuffled, &base), Verdict::Independent);
    // Two trainings on alike text: three tokens of five in common, roughly in order of their frequency.
    let own = sketch((0..50_000).map(|token| {
        let id = (token + token * 7919 % 20_000) as u32;
        (if token % 5 < 3 { token } else { token + 1_000_000 }, id)
    }));
    assert_eq!(verdict(&own, &base), Verdict::Independent);
    assert_eq!(verdict(&numbered(1_000_000..1_050_000), &base), Verdict::Independent);
}

#[test]
fn too_small_a_sample_is_unclear() {
    // Of a vocabulary of 3,000 tokens the sample of one with 250,000 shows but one.
    let small = numbered(0..3_000);
    assert_eq!(
        verdict(&numbered(0..45_000), &numbered(0..250_000)),
        Verdict::Unclear,
        "contained, as far as seen"
    );
    assert_eq!(
        verdict(&numbered(400_000..445_000), &numbered(0..250_000)),
        Verdict::Independent,
        "not contained"
    );
    assert_eq!(verdict(&small, &numbered(0..250_000)), Verdict::Unclear);
    assert_eq!(verdict(&numbered(0..15), &numbered(0..15)), Verdict::Unclear);
    assert_eq!(sketches(&small, &TokenSketch::default()), None);
    let one = sketches(&numbered(0..1), &numbered(0..1)).unwrap();
    assert_eq!((one.shared, one.rank_correlation), (1, 0.0));
}

/// The known vocabularies against each other: which are made from which is known from their publishers.
#[test]
fn the_known_vocabularies_are_told_apart() {
    use VocabularyRelation::*;
    let mut derived = BTreeSet::new();
    let all: Vec<&Vocabulary> = vocabularies::all().iter().filter(|one| !one.sample.is_empty()).collect();
    assert!(all.len() >= 20);
    for one in &all {
        for other in &all {
            let compared = sketches(&known_sketch(one).unwrap(), &known_sketch(other).unwrap()).unwrap();
            match compared.verdict() {
                Verdict::Derived(relation) if one.title == other.title => {
                    assert_eq!(relation, Same, "{}", one.title);
                }
                Verdict::Derived(relation) => {
                    derived.insert((one.title, relation, other.title));
                }
                _ => assert_ne!(one.title, other.title),
            }
        }
    }
    let expected = [
        ("DeepSeek Coder", Pruned, "DeepSeek LLM"),
        ("DeepSeek LLM", Extended, "DeepSeek Coder"),
        ("GPT-4 (cl100k)", Pruned, "Llama 3"),
        ("GPT-4 (cl100k)", Pruned, "Qwen"),
        ("LLM-jp v3.0", Extended, "Mistral v1"),
        ("LLM-jp v3.0", Extended, "Mistral v2 to v7 (sentencepiece)"),
        ("Llama 3", Extended, "GPT-4 (cl100k)"),
        ("Mistral v1", Offset, "Mistral v2 to v7 (sentencepiece)"),
        ("Mistral v1", Pruned, "LLM-jp v3.0"),
        ("Mistral v2 to v7 (sentencepiece)", Offset, "Mistral v1"),
        ("Mistral v2 to v7 (sentencepiece)", Pruned, "LLM-jp v3.0"),
        ("Qwen", Extended, "GPT-4 (cl100k)"),
        ("StarCoder", Offset, "StarCoder2"),
        ("StarCoder2", Offset, "StarCoder"),
    ];
    assert_eq!(derived, expected.into_iter().collect());
}

#[test]
fn a_vocabulary_names_those_who_ship_it_and_how_many_they_are() {
    let (catalog, path) = (Catalog::embedded(), path());
    let llama = tokenizer(known_sketch(known("Llama 3")));
    let found = compare(&catalog, &[(&path, &llama)]);
    assert_eq!(found.len(), 1, "what Llama 3's was made from is left out: {found:?}");
    assert_eq!((found[0].relation, found[0].vocabulary.title), (VocabularyRelation::Same, "Llama 3"));
    assert!(found[0].models.contains(&"meta-llama/Meta-Llama-3-8B"));
    assert_eq!(found[0].evidence.strength, Strength::Circumstantial);
    assert!(found[0].evidence.detail.contains("100 % of them equal"), "{}", found[0].evidence.detail);
    let neox = tokenizer(known_sketch(known("GPT-NeoX")));
    let found = compare(&catalog, &[(&path, &neox)]);
    assert!(
        found[0].developers >= 3,
        "EleutherAI, Together, Stability AI, MosaicML: {}",
        found[0].developers
    );
}

#[test]
fn a_digest_goes_before_a_sketch() {
    let (catalog, path) = (Catalog::embedded(), path());
    let file = known("Llama 2").files.iter().find(|file| file.name == "tokenizer.model").unwrap();
    let digest = Sha256::from_hex(file.sha256).unwrap();
    let pointer = by_digest(&catalog, &path, &digest).unwrap();
    assert_eq!(pointer.vocabulary.title, "Llama 2");
    assert!(file.models.contains(&pointer.models[0]));
    let whole = Tokenizer { digest: Some(digest), ..tokenizer(None) };
    let found = compare(&catalog, &[(&path, &whole)]);
    assert_eq!(found[0].evidence, pointer.evidence);
    assert!(by_digest(&catalog, &path, &Sha256([0; 32])).is_none());
}

#[test]
fn counts_of_merges_do_where_there_is_no_sketch() {
    let (catalog, path) = (Catalog::embedded(), path());
    let (count, first) = known("Yi").merges[0];
    let merges = Tokenizer {
        kind: TokenizerKind::Merges,
        merges: Some(count),
        first_merges: Sha256::from_hex(first),
        ..tokenizer(None)
    };
    let found = compare(&catalog, &[(&path, &merges)]);
    assert_eq!((found.len(), found[0].vocabulary.title), (1, "Yi"));
    let more = Tokenizer { merges: Some(count + 1), ..merges };
    assert!(compare(&catalog, &[(&path, &more)]).is_empty());
}

#[test]
fn another_vocabulary_speaks_against_a_candidate_and_doubt_does_not() {
    let (catalog, path) = (Catalog::embedded(), path());
    let candidate = |id: &str| catalog.find(id).unwrap();
    let qwen = tokenizer(known_sketch(known("Qwen")));
    let reason = against(&catalog, &[(&path, &qwen)], candidate("meta-llama/Llama-2-7b-hf")).unwrap();
    assert!(reason.detail.starts_with("the vocabulary is not that of Llama 2"), "{}", reason.detail);
    assert!(against(&catalog, &[(&path, &qwen)], candidate("Qwen/Qwen2.5-7B")).is_none());
    // Llama 3's and Qwen's are both made from GPT-4's; the samples alone leave open whether from each other, the catalog does not.
    assert!(against(&catalog, &[(&path, &qwen)], candidate("meta-llama/Meta-Llama-3-8B")).is_some());
    // A sibling's vocabulary stands for a release whose own is not on record.
    let sibling = against(&catalog, &[(&path, &qwen)], candidate("meta-llama/Llama-2-70b-hf"));
    assert!(sibling.is_some(), "by Llama-2-7b-hf");
    // One file of the candidate's among others is enough to say nothing.
    let llama = tokenizer(known_sketch(known("Llama 2")));
    let both = [(&path, &qwen), (&path, &llama)];
    assert!(against(&catalog, &both, candidate("meta-llama/Llama-2-7b-hf")).is_none());
    let unread = tokenizer(None);
    assert!(against(&catalog, &[(&path, &unread)], candidate("meta-llama/Llama-2-7b-hf")).is_none());
    assert!(against(&catalog, &[], candidate("meta-llama/Llama-2-7b-hf")).is_none());
    // Extended by 4,000 tokens: still Llama 2's.
    let mut extended = known_sketch(known("Llama 2")).unwrap();
    extended.tokens += 4_000;
    let extended = tokenizer(Some(extended));
    assert!(against(&catalog, &[(&path, &extended)], candidate("meta-llama/Llama-2-7b-hf")).is_none());
}
