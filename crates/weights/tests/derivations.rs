//! Planted relations are found, and strangers stay silent: section 3.3 of the survey on synthetic transformers.

mod common;

use common::{Memory, SMALL};
use forebear_weights::compare::{Caveat, Comparison, Draws, Options, TestGroup, Verdict, compare};
use forebear_weights::fingerprint::{self, Fingerprint};
use forebear_weights::random::SplitMix64;
use forebear_weights::sketch::{Group, Profile, TOKENS, Vocabulary};

fn print(model: &Memory, profile: Profile) -> Fingerprint {
    let options = fingerprint::Options { profile, ..fingerprint::Options::default() };
    let (made, problems) = Fingerprint::of(model, options);
    assert!(problems.is_empty(), "{problems:?}");
    made
}

fn against(base: &Fingerprint, suspect: &Memory) -> Comparison {
    let draws = Draws { most: 20_000, threads: 2, ..Draws::default() };
    let mut direct =
        compare(&print(suspect, Profile::FULL), base, Options { draws, bases: 1, robust: false });
    if direct.verdict == Verdict::None || direct.verdict == Verdict::Withheld {
        direct = compare(
            &print(suspect, Profile::FULL.all_dimensions()),
            base,
            Options { draws, bases: 1, robust: true },
        );
    }
    direct
}

fn z(comparison: &Comparison, group: Group) -> f64 {
    let group = TestGroup::Features(group);
    comparison.groups.iter().find(|result| result.group == group).map_or(0.0, |result| result.z)
}

fn zs(comparison: &Comparison) -> [f64; 4] {
    [Group::Norms, Group::Weights, Group::Embeddings, Group::ColumnNorms].map(|group| z(comparison, group))
}

/// The expected z of `features` independent features in `dimensions`, whose values have that correlation: bits agree with excess
/// `b = (2 / pi) asin(r)`, and the expected squared norm of `G` has a part from its own trace, so that
/// `z = b sqrt(n F) / sqrt(1 + b^2 F / n)`.
fn expected(correlation: f64, dimensions: f64, features: f64) -> f64 {
    let excess = correlation.asin() / std::f64::consts::FRAC_PI_2;
    excess * (dimensions * features).sqrt() / (1.0 + excess * excess * features / dimensions).sqrt()
}

#[test]
fn copies_with_noise_are_found_as_theory_says() {
    let model = common::llama(SMALL, 1);
    let base = print(&model, Profile::FULL);
    let same = compare(
        &base,
        &base,
        Options { draws: Draws { most: 2000, ..Draws::default() }, ..Options::default() },
    );
    assert_eq!(same.verdict, Verdict::Identical);
    for (ratio, verdict) in [
        (0.5, Verdict::SharedWeights),
        (1.0, Verdict::SharedWeights),
        (2.0, Verdict::SharedWeights),
        (8.0, Verdict::SharedSeedPossible),
    ] {
        let found = against(&base, &common::noise(&model, ratio, 77));
        assert_eq!(found.verdict, verdict, "{ratio}: {:?}", zs(&found));
        let theory = expected(1.0 / f64::from(1.0 + ratio * ratio).sqrt(), 256.0, 6.0 * 7.0 * 2.0);
        let weights = z(&found, Group::Weights);
        assert!((weights / theory - 1.0).abs() < 0.1, "{ratio}: {weights} where theory says {theory}");
        assert_eq!(found.identical_tensors, Some(0));
    }
}

#[test]
fn quantised_copies_are_found() {
    let model = common::llama(SMALL, 2);
    let base = print(&model, Profile::FULL);
    for (what, copy, least) in [
        ("int8", common::quantise(&model, 127.0, None), 120.0),
        ("4 bits", common::quantise(&model, 7.0, Some(32)), 110.0),
        ("2 bits", common::quantise(&model, 1.5, Some(32)), 60.0),
        ("ternary", common::ternary(&model), 90.0),
    ] {
        // Gains are equal bytes in a quantised copy; without digests the tests alone must find it.
        let without = Fingerprint { digests: None, ..base.clone() };
        let found = against(&without, &copy);
        assert_eq!(found.verdict, Verdict::SharedWeights, "{what}: {:?}", zs(&found));
        assert!(z(&found, Group::Weights) > least, "{what}: {:?}", zs(&found));
        assert!(found.groups.iter().all(|group| group.at_floor), "{what}");
        let found = against(&base, &copy);
        assert_eq!(found.identical_tensors, Some(13), "{what}");
        assert_eq!(found.verdict, Verdict::SharedWeights);
    }
}

fn map(comparison: &Comparison) -> Vec<Option<u16>> {
    comparison.layer_map.iter().map(|cell| cell.base).collect()
}

#[test]
fn dropped_doubled_and_moved_layers_are_mapped() {
    let model = common::llama(SMALL, 3);
    let base = print(&model, Profile::FULL);
    for order in [&[0usize, 2, 3, 5][..], &[0, 1, 2, 3, 2, 3, 4, 5], &[5, 4, 3, 2, 1, 0], &[3, 4, 5]] {
        let copy = common::noise(&common::layers(&model, order), 0.3, 5);
        let found = against(&base, &copy);
        let expected: Vec<Option<u16>> = order.iter().map(|layer| Some(*layer as u16)).collect();
        assert_eq!(map(&found), expected);
        assert_eq!(found.verdict, Verdict::SharedWeights, "{order:?} {:?}", zs(&found));
    }
}

#[test]
fn merges_foldings_and_vocabularies() {
    let (model, other) = (common::llama(SMALL, 4), common::llama(SMALL, 5));
    let base = print(&model, Profile::FULL);
    let half = against(&base, &common::merge(&model, &other, 0.5));
    assert_eq!(half.verdict, Verdict::SharedWeights, "{:?}", zs(&half));
    let tenth = against(&base, &common::merge(&model, &other, 0.1));
    assert!(
        z(&tenth, Group::Weights) > 8.0 && tenth.verdict == Verdict::SharedSeedPossible,
        "{:?}",
        zs(&tenth)
    );
    // Folded gains are gone as witnesses: what is left says weights, and that a seed would look alike.
    let folded = against(&base, &common::fold_gains(&model));
    assert!(z(&folded, Group::Weights) > 120.0, "{:?}", zs(&folded));
    let grown = against(&base, &common::grow(&common::noise(&model, 0.2, 9), 300, 6));
    assert_eq!(grown.verdict, Verdict::SharedWeights);
    assert!(z(&grown, Group::Embeddings) > 60.0, "{:?}", zs(&grown));
}

#[test]
fn permuted_and_pruned_residual_streams_are_found_by_assignment() {
    let model = common::llama(SMALL, 6);
    let base = print(&model, Profile::FULL);
    let order = SplitMix64::new(8).permutation(SMALL.width as u32);
    let permuted = against(&base, &common::noise(&common::residual(&model, SMALL.width, &order), 0.2, 3));
    let robust = permuted.robust.as_ref().expect("the direct test is silent");
    assert!(robust.in_place < 20, "{robust:?}");
    assert!(z(&permuted, Group::Weights) > 60.0, "{:?}", zs(&permuted));
    assert_eq!(permuted.verdict, Verdict::SharedWeights, "{:?}", zs(&permuted));
    let mut kept = order[..240].to_vec();
    kept.sort_unstable();
    let pruned = against(&base, &common::residual(&model, SMALL.width, &kept));
    assert!(z(&pruned, Group::Weights) > 40.0, "{:?}", zs(&pruned));
    assert_eq!(pruned.verdict, Verdict::SharedWeights, "{:?} {:?}", zs(&pruned), pruned.caveats);
}

#[test]
fn strangers_are_silent_in_every_mode() {
    let base = print(&common::llama(SMALL, 100), Profile::FULL);
    for seed in 101..107 {
        let stranger = common::llama(SMALL, seed);
        let found = against(&base, &stranger);
        assert!(found.robust.is_some());
        assert_eq!(found.verdict, Verdict::None, "{:?}", zs(&found));
        assert!(zs(&found).iter().all(|z| z.abs() < 4.0), "{:?}", zs(&found));
        let robust = found.robust.as_ref().expect("tried");
        assert!(robust.groups.iter().all(|group| group.z < 4.0), "{robust:?}");
        assert!(map(&found).iter().all(Option::is_none));
        assert!(found.sensitivity.is_some_and(|least| least < 0.1));
    }
}

/// In real models a dimension with large weights has an unusual gain. Assigned by column norms, strangers' gains then agree: that says
/// nothing, and no test may be made of it.
#[test]
fn gains_that_follow_column_norms_make_no_relatives() {
    let follow = |model: &Memory| {
        let columns = model.values("model.embed_tokens.weight").to_vec();
        model.map(|name, _, values| {
            if name.contains("norm") {
                for (dimension, gain) in values.iter_mut().enumerate() {
                    let squares: f32 = columns[dimension..].iter().step_by(SMALL.width).map(|x| x * x).sum();
                    *gain = 0.2 * *gain + squares.sqrt();
                }
            }
            Some(name.to_owned())
        })
    };
    let base = follow(&common::llama(SMALL, 110));
    let order = SplitMix64::new(9).permutation(SMALL.width as u32);
    let base_print = print(&base, Profile::FULL);
    for seed in 111..114 {
        let found = against(&base_print, &follow(&common::llama(SMALL, seed)));
        assert_eq!(found.verdict, Verdict::None, "{:?}", zs(&found));
        let robust = found.robust.as_ref().expect("tried");
        assert!(robust.groups.iter().all(|group| group.z.abs() < 4.0), "{robust:?}");
    }
    // A permuted copy keeps its witness.
    let permuted =
        against(&base_print, &common::noise(&common::residual(&base, SMALL.width, &order), 0.2, 3));
    assert!(z(&permuted, Group::Norms) > 8.0, "{:?}", zs(&permuted));
    assert_eq!(permuted.verdict, Verdict::SharedWeights);
}

#[test]
fn other_names_and_layouts_of_one_model_are_one_model() {
    let model = common::llama(SMALL, 7);
    let base = Fingerprint { digests: None, ..print(&model, Profile::DEFAULT) };
    let gguf = |name: &str| {
        let words: Vec<&str> = name.split('.').collect();
        let part = match name {
            "model.embed_tokens.weight" => return "token_embd.weight".to_owned(),
            "model.norm.weight" => return "output_norm.weight".to_owned(),
            _ => words[words.len() - 2],
        };
        let part = match part {
            "input_layernorm" => "attn_norm",
            "post_attention_layernorm" => "ffn_norm",
            "q_proj" => "attn_q",
            "k_proj" => "attn_k",
            "v_proj" => "attn_v",
            "o_proj" => "attn_output",
            "gate_proj" => "ffn_gate",
            "up_proj" => "ffn_up",
            _ => "ffn_down",
        };
        format!("blk.{}.{part}.weight", words[2])
    };
    // A graph's own numbering: layer by layer, in the order of evaluation.
    let onnx = |name: &str| {
        let layer: usize = name.split('.').nth(2).and_then(|layer| layer.parse().ok()).unwrap_or(99);
        let place = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
            .iter()
            .position(|part| name.contains(part));
        match place {
            Some(place) => format!("onnx::MatMul_{}", 900 + layer * 70 + place * 7),
            None => name.to_owned(),
        }
    };
    let options = Options { draws: Draws { most: 2000, ..Draws::default() }, bases: 1, robust: false };
    for (what, copy) in [
        ("gguf", common::rename(&model, gguf)),
        ("transposed", common::transpose(&model)),
        ("anonymous", common::rename(&common::transpose(&model), onnx)),
        ("renamed prefix", common::rename(&model, |name| name.replace("model.layers", "net.backbone.parts"))),
    ] {
        let copy = Fingerprint { digests: None, ..print(&copy, Profile::DEFAULT) };
        let found = compare(&copy, &base, options);
        assert!(
            z(&found, Group::Weights) > 0.95 * expected(1.0, 128.0, 6.0 * 7.0),
            "{what}: {:?}",
            zs(&found)
        );
        assert!(z(&found, Group::Norms) > 30.0, "{what}: {:?}", zs(&found));
    }
}

/// A vocabulary that was pruned and numbered anew: embeddings are found by the bytes of their tokens.
#[test]
fn embeddings_are_found_by_the_bytes_of_tokens() {
    let model = common::llama(SMALL, 9);
    let rows = SMALL.vocabulary as u64;
    let old =
        |token: &[u8]| TOKENS.iter().position(|known| known.as_bytes() == token).map(|at| at as u64 * 11);
    // Every row moved by 500, and half of the tokens gone.
    let new = |token: &[u8]| old(token).filter(|row| row % 2 == 0).map(|row| (row + 500) % rows);
    let moved = model.map(|name, _, values| {
        if name.contains("embed") {
            values.rotate_right(500 * SMALL.width);
        }
        Some(name.to_owned())
    });
    let print = |model: &Memory, vocabulary: Option<Vocabulary<'_>>| {
        let options = fingerprint::Options { vocabulary, digests: false, ..fingerprint::Options::default() };
        Fingerprint::of(model, options).0
    };
    let options = Options { draws: Draws { most: 2000, ..Draws::default() }, ..Options::default() };
    let base = print(&model, Some(&old));
    let found = compare(&print(&moved, Some(&new)), &base, options);
    let embeddings = found.groups.iter().find(|group| group.group == TestGroup::Features(Group::Embeddings));
    let embeddings = embeddings.expect("eight common tokens");
    assert!(embeddings.features == 8 && embeddings.z > 25.0, "{embeddings:?}");
    // By number the rows are other tokens', and that one side goes by bytes is said.
    let found = compare(&print(&moved, None), &base, options);
    assert!(found.caveats.contains(&Caveat::TokensNotComparable));
    assert_eq!(z(&found, Group::Embeddings), 0.0);
    let found = compare(&print(&moved, None), &print(&model, None), options);
    assert!(z(&found, Group::Embeddings) < 4.0 && found.caveats.contains(&Caveat::TokensByNumber));
}

/// A dense network copied into experts is compared with the first of them; routers are new.
#[test]
fn experts_made_from_a_dense_network_are_found() {
    let model = common::llama(SMALL, 10);
    let base = Fingerprint { digests: None, ..print(&model, Profile::DEFAULT) };
    let mut upcycled = Memory::default();
    common::noise(&model, 0.2, 4).map(|name, shape, values| {
        match name.split_once(".mlp.") {
            Some((layer, part)) => {
                for expert in 0..4 {
                    upcycled.add(&format!("{layer}.mlp.experts.{expert}.{part}"), shape, values.clone());
                }
            }
            None => upcycled.add(name, shape, values.clone()),
        }
        None
    });
    let suspect = print(&upcycled, Profile::DEFAULT);
    assert_eq!(suspect.sketch.as_ref().map(|sketch| sketch.count(Group::Weights)), Some(6 * (4 + 3 * 4)));
    let found = compare(
        &suspect,
        &base,
        Options { draws: Draws { most: 5000, ..Draws::default() }, ..Options::default() },
    );
    assert_eq!(found.verdict, Verdict::SharedWeights);
    let weights = found.groups.iter().find(|group| group.group == TestGroup::Features(Group::Weights));
    assert_eq!(weights.map(|group| group.features), Some(42));
    assert!(z(&found, Group::ColumnNorms) > 15.0, "{:?}", zs(&found));
}

/// Units and heads renumbered: sampled rows are other rows, norms along residual dimensions are the same.
#[test]
fn renumbered_units_and_heads_are_said() {
    let model = common::llama(SMALL, 11);
    let base = Fingerprint { digests: None, ..print(&model, Profile::FULL) };
    let renumbered = model.map(|name, shape, values| {
        if let ([_, columns], true) = (&shape[..], name.contains("layers")) {
            let columns = *columns as usize;
            let writes = name.contains("o_proj") || name.contains("down_proj");
            if writes {
                values.chunks_mut(columns).for_each(|row| row.rotate_left(37));
            } else {
                values.rotate_left(37 * columns);
            }
        }
        Some(name.to_owned())
    });
    let found = against(&base, &renumbered);
    assert!(
        z(&found, Group::Weights).abs() < 4.0 && z(&found, Group::ColumnNorms) > 20.0,
        "{:?}",
        zs(&found)
    );
    assert_eq!(found.verdict, Verdict::SharedEmbeddings);
    assert!(found.caveats.contains(&Caveat::RowsMayBePermuted));
}
