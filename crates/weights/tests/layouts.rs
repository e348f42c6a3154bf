//! Matrices that are several in one: the same rows are found in the order of the family and in the order of a conversion.

mod common;

use common::{Memory, SMALL};
use forebear_types::weights::Attention;
use forebear_weights::compare::{Comparison, Draws, Options, TestGroup, compare};
use forebear_weights::fingerprint::{self, Fingerprint};
use forebear_weights::sketch::{Group, Profile};

const HEADS: usize = 8;
const HEAD: usize = SMALL.width / HEADS;

/// Rows of a matrix of `width` columns.
fn rows(values: &[f32], from: usize, count: usize, width: usize) -> Vec<f32> {
    values[from * width..(from + count) * width].to_vec()
}

/// The model with one tensor instead of several in each layer: `parts` by their names, joined by `join`.
fn fuse(
    model: &Memory,
    parts: &[&str],
    name: &str,
    join: impl Fn(&[&[f32]]) -> (Vec<u64>, Vec<f32>),
) -> Memory {
    let mut out =
        model.map(|name, _, _| (!parts.iter().any(|part| name.contains(part))).then(|| name.to_owned()));
    for layer in 0..SMALL.layers {
        let values: Vec<&[f32]> = parts
            .iter()
            .map(|part| {
                let folder = if part.ends_with("_proj") && part.len() == 6 { "self_attn" } else { "mlp" };
                model.values(&format!("model.layers.{layer}.{folder}.{part}.weight"))
            })
            .collect();
        let (shape, values) = join(&values);
        out.add(&format!("model.layers.{layer}.{name}"), &shape, values);
    }
    out
}

/// A model whose keys and values have `groups` heads.
fn grouped(seed: u64, groups: usize) -> Memory {
    common::llama(SMALL, seed).map(|name, shape, values| {
        if name.contains("k_proj") || name.contains("v_proj") {
            shape[0] = (groups * HEAD) as u64;
            values.truncate(groups * HEAD * SMALL.width);
        }
        Some(name.to_owned())
    })
}

/// Queries, keys and values for each head of keys.
fn by_head(parts: &[&[f32]], groups: usize) -> (Vec<u64>, Vec<f32>) {
    let shared = HEADS / groups * HEAD;
    let mut all = Vec::new();
    for group in 0..groups {
        all.extend(rows(parts[0], group * shared, shared, SMALL.width));
        all.extend(rows(parts[1], group * HEAD, HEAD, SMALL.width));
        all.extend(rows(parts[2], group * HEAD, HEAD, SMALL.width));
    }
    (vec![((HEADS + 2 * groups) * HEAD) as u64, SMALL.width as u64], all)
}

/// All queries, all keys, all values, as GGUF has them.
fn in_blocks(parts: &[&[f32]]) -> (Vec<u64>, Vec<f32>) {
    let all = parts.concat();
    (vec![(all.len() / SMALL.width) as u64, SMALL.width as u64], all)
}

fn with(mut model: Memory, heads: Option<u64>, family: &str) -> Memory {
    model.attention = Attention { heads, family: family.into() };
    model
}

fn compared(suspect: &Memory, base: &Memory) -> Comparison {
    let print = |model: &Memory| {
        let options = fingerprint::Options {
            profile: Profile::FULL,
            digests: false,
            ..fingerprint::Options::default()
        };
        let (print, problems) = Fingerprint::of(model, options);
        assert!(problems.is_empty(), "{problems:?}");
        print
    };
    let options = Options { draws: Draws { most: 2000, ..Draws::default() }, bases: 1, robust: false };
    compare(&print(suspect), &print(base), options)
}

/// Features and z of a group.
fn found(comparison: &Comparison, group: Group) -> (usize, f64) {
    let result = comparison.groups.iter().find(|result| result.group == TestGroup::Features(group));
    result.map_or((0, 0.0), |result| (result.features, result.z))
}

/// Both sides have all rows of all roles, and they are the same.
#[track_caller]
fn assert_same(suspect: &Memory, base: &Memory) {
    let comparison = compared(suspect, base);
    assert_eq!(found(&comparison, Group::Weights).0, SMALL.layers * 7 * 2);
    assert_eq!(found(&comparison, Group::ColumnNorms).0, SMALL.layers * 7);
    assert_equal_bits(&comparison, base);
}

/// As much is found as of the base in itself: with any row in another place it would be less.
#[track_caller]
fn assert_equal_bits(comparison: &Comparison, base: &Memory) {
    let own = compared(base, base);
    for group in [Group::Weights, Group::ColumnNorms] {
        let ((features, z), (own_features, own_z)) = (found(comparison, group), found(&own, group));
        assert_eq!(features, own_features, "{}", group.name());
        // Norms are sums in another order.
        let least = if group == Group::Weights { 1.0 - 1e-9 } else { 0.99 };
        assert!(z >= least * own_z && own_z > 15.0, "{}: {z} of {own_z}", group.name());
    }
}

const PARTS: [&str; 3] = ["q_proj", "k_proj", "v_proj"];

#[test]
fn heads_one_after_the_other_are_queries_keys_and_values() {
    // As many heads of keys as of queries (GPT-NeoX, BLOOM), fewer (Falcon-40B), one (Falcon-7B).
    for groups in [HEADS, 2, 1] {
        let model = grouped(21, groups);
        let plain = fuse(&model, &PARTS, "attn_qkv.weight", in_blocks);
        for name in ["attention.query_key_value.weight", "self_attention.query_key_value.weight"] {
            let fused = fuse(&model, &PARTS, name, |parts| by_head(parts, groups));
            let fused = with(fused, Some(HEADS as u64), "");
            assert_same(&fused, &model);
            assert_same(&fused, &plain);
        }
        let internlm = fuse(&model, &PARTS, "attention.wqkv.weight", |parts| by_head(parts, groups));
        assert_same(&with(internlm, Some(HEADS as u64), "internlm2"), &model);
    }
}

/// Without a configuration the order is not known: rows are compared with those of the same matrix only.
#[test]
fn without_the_number_of_heads_a_fused_matrix_stays_whole() {
    let model = grouped(22, HEADS);
    let fused = fuse(&model, &PARTS, "attention.query_key_value.weight", |parts| by_head(parts, HEADS));
    let (features, _) = found(&compared(&fused, &fused), Group::Weights);
    assert_eq!(features, SMALL.layers * 5 * 2);
    let (features, z) = found(&compared(&fused, &model), Group::Weights);
    assert_eq!(features, SMALL.layers * 4 * 2);
    assert!(z > 90.0, "{z}");
}

#[test]
fn blocks_of_four_processors_are_undone() {
    let model = common::llama(SMALL, 23);
    let (width, quarter) = (SMALL.width, SMALL.width / 4);
    let fused = fuse(&model, &PARTS, "attn.qkv_proj.weight", |parts| {
        let mut all = Vec::new();
        for processor in 0..4 {
            for part in [0, 2, 1] {
                all.extend(rows(parts[part], processor * quarter, quarter, width));
            }
        }
        (vec![3 * width as u64, width as u64], all)
    });
    assert_same(&with(fused, Some(HEADS as u64), "codegen"), &model);
}

/// ChatGLM from its second version on: queries, keys and values apart under the name that others have for heads, and a gate in the
/// matrix that others have without one.
#[test]
fn a_doubled_network_has_a_gate_and_its_attention_no_heads() {
    let model = grouped(24, 2);
    let fused = fuse(&model, &PARTS, "self_attention.query_key_value.weight", in_blocks);
    let fused = fuse(
        &fused.map(|name, _, _| Some(name.to_owned())),
        &["gate_proj", "up_proj"],
        "mlp.dense_h_to_4h.weight",
        in_blocks,
    );
    let fused = common::rename(&fused, |name| name.replace("down_proj", "dense_4h_to_h"));
    assert_same(&with(fused, Some(HEADS as u64), "chatglm"), &model);
    // Phi-3 in GGUF.
    let fused = fuse(&model, &["gate_proj", "up_proj"], "ffn_up.weight", in_blocks);
    assert_same(&common::rename(&fused, |name| name.replace("mlp.down_proj", "ffn_down")), &model);
}

const EXPERTS: usize = 3;

/// A model of experts in stacks, each the network of the layer with other noise.
fn experts(model: &Memory, each: impl Fn(&mut Memory, usize, [Vec<Vec<f32>>; 3])) -> Memory {
    let copies: Vec<Memory> =
        (0..EXPERTS as u64).map(|expert| common::noise(model, 0.3, 40 + expert)).collect();
    let mut out = model.map(|name, _, _| (!name.contains(".mlp.")).then(|| name.to_owned()));
    for layer in 0..SMALL.layers {
        let parts = ["gate_proj", "up_proj", "down_proj"].map(|part| {
            let name = format!("model.layers.{layer}.mlp.{part}.weight");
            copies.iter().map(|copy| copy.values(&name).to_vec()).collect()
        });
        each(&mut out, layer, parts);
    }
    out
}

fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|c| (0..rows).map(move |r| values[r * columns + c])).collect()
}

/// Rows of two matrices in turns.
fn in_turns(gate: &[f32], up: &[f32], width: usize) -> Vec<f32> {
    gate.chunks(width).zip(up.chunks(width)).flat_map(|(gate, up)| [gate, up].concat()).collect()
}

/// gpt-oss has gates and ups in turns: stacked the other way round in its 16-bit form, and as others in blocks of 4 bits. A GGUF file
/// has them apart.
#[test]
fn gates_and_ups_in_turns_are_told_apart() {
    // As in gpt-oss the inner width is the residual one: only the stack of gates says how a square stack lies.
    let shape = common::Shape { inner: SMALL.width, ..SMALL };
    let model = common::llama(shape, 25);
    let (width, inner) = (shape.width, shape.inner);
    let dims = |a: usize, b: usize| [EXPERTS as u64, a as u64, b as u64];
    let apart = experts(&model, |out, layer, [gate, up, down]| {
        let mut add = |part: &str, shape: &[u64], values: Vec<Vec<f32>>| {
            out.add(&format!("blk.{layer}.ffn_{part}_exps.weight"), shape, values.concat());
        };
        add("gate", &dims(inner, width), gate);
        add("up", &dims(inner, width), up);
        add("down", &dims(width, inner), down);
    });
    let apart = common::rename(&apart, |name| {
        let name = name.replace("model.layers.", "blk.");
        for (old, new) in [
            ("self_attn.q_proj", "attn_q"),
            ("self_attn.k_proj", "attn_k"),
            ("self_attn.v_proj", "attn_v"),
            ("self_attn.o_proj", "attn_output"),
            ("input_layernorm", "attn_norm"),
            ("post_attention_layernorm", "post_attention_norm"),
            ("model.embed_tokens", "token_embd"),
            ("model.norm", "output_norm"),
        ] {
            if name.contains(old) {
                return name.replace(old, new);
            }
        }
        name
    });
    let form = |turned: bool| {
        experts(&model, |out, layer, [gate, up, down]| {
            let name = |part: &str| format!("model.layers.{layer}.mlp.experts.{part}");
            let fused = gate.iter().zip(&up).map(|(gate, up)| {
                let all = in_turns(gate, up, width);
                if turned { transposed(&all, 2 * inner, width) } else { all }
            });
            let down = down.iter().map(|down| match turned {
                true => transposed(down, width, inner),
                false => down.clone(),
            });
            let shape = if turned { dims(width, 2 * inner) } else { dims(2 * inner, width) };
            out.add(&name("gate_up_proj"), &shape, fused.flatten().collect());
            out.add(
                &name("gate_up_proj_bias"),
                &[EXPERTS as u64, 2 * inner as u64],
                vec![0.5; 2 * inner * EXPERTS],
            );
            out.add(&name("down_proj"), &dims(width, inner), down.flatten().collect());
        })
    };
    for turned in [true, false] {
        let comparison = compared(&form(turned), &apart);
        assert_eq!(found(&comparison, Group::Weights).0, SMALL.layers * (4 + 3 * EXPERTS) * 2, "{turned}");
        assert_equal_bits(&comparison, &apart);
        assert_eq!(found(&comparison, Group::Norms).0, 2 * SMALL.layers + 1);
    }
}

/// A graph's own numbers, for norms too: two for each block and one at the end of a network with gates.
#[test]
fn norms_without_names_are_placed_by_order() {
    let model = common::llama(SMALL, 26);
    let graph = |model: &Memory| {
        common::rename(&common::transpose(model), |name| {
            let layer: usize = name.split('.').nth(2).and_then(|layer| layer.parse().ok()).unwrap_or(99);
            let parts = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
            if let Some(place) = parts.iter().position(|part| name.contains(part)) {
                return format!("onnx::MatMul_{}", 900 + layer * 70 + place * 7);
            }
            match name.split('.').rev().nth(1) {
                Some("input_layernorm") => format!("onnx::Mul_{}", 95 + layer * 20),
                Some("post_attention_layernorm") => format!("onnx::Mul_{}", 105 + layer * 20),
                Some("norm") => "onnx::Mul_999".to_owned(),
                _ => name.to_owned(),
            }
        })
    };
    let named = graph(&model);
    let (features, z) = found(&compared(&named, &model), Group::Norms);
    assert!(features == 2 * SMALL.layers + 1 && z > 30.0, "{features} {z}");
    // With a bias among them the order says nothing, and none is placed.
    let mut more = named.clone();
    more.add("onnx::Mul_96", &[SMALL.width as u64], common::Normal::new(3).many(SMALL.width, 0.1));
    assert_eq!(found(&compared(&more, &model), Group::Norms).0, 0);
}
