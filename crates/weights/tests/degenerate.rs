//! Models that are none, or broken: an error or a reason, never a panic.

mod common;

use common::{Memory, Normal, SMALL, Shape};
use forebear_types::weights::ModelWeights as _;
use forebear_weights::compare::{Caveat, Options as Asked, TestGroup, Verdict, compare};
use forebear_weights::fingerprint::{Fingerprint, Options};
use forebear_weights::sketch::{Group, Profile};
use forebear_weights::view::{Role, View};

const ONE: Shape = Shape { width: 64, inner: 96, layers: 1, vocabulary: 200 };

fn print(model: &Memory) -> Fingerprint {
    Fingerprint::of(model, Options::default()).0
}

fn asked() -> Asked {
    let mut asked = Asked::default();
    asked.draws.most = 5000;
    asked
}

#[test]
fn nothing_and_no_transformer() {
    let nothing = print(&Memory::default());
    assert!(nothing.sketch.is_none() && nothing.reason.is_some());
    let mut convolutions = Memory::default();
    let mut normal = Normal::new(1);
    for (index, (out, into)) in [(16, 1), (32, 16), (64, 32), (64, 64)].into_iter().enumerate() {
        convolutions.add(
            &format!("conv{index}.weight"),
            &[out, into, 3, 3],
            normal.many((out * into * 9) as usize, 1.0),
        );
    }
    let made = print(&convolutions);
    assert!(made.sketch.is_none() && made.reason.is_some());
    // Their tensors are still compared by bytes.
    let found = compare(&made, &made, asked());
    assert_eq!((found.verdict, found.identical_tensors), (Verdict::Identical, Some(4)));
    let found = compare(&made, &print(&common::llama(ONE, 1)), asked());
    assert_eq!(found.verdict, Verdict::Withheld);
    assert!(found.caveats.iter().any(|caveat| matches!(caveat, Caveat::NoSketch { which: "suspect", .. })));
    assert!(!found.caveats[0].sentence().is_empty());
}

#[test]
fn one_layer_is_enough() {
    let model = common::llama(ONE, 1);
    let base = print(&model);
    let found = compare(&print(&common::noise(&model, 0.3, 2)), &base, asked());
    assert!(found.groups.iter().all(|group| group.z > 4.0), "{found:?}");
    let found = compare(&print(&common::llama(ONE, 2)), &base, asked());
    assert_eq!(found.verdict, Verdict::None, "{:?}", found.groups);
}

#[test]
fn zeros_infinities_and_constant_gains() {
    let broken = common::llama(SMALL, 1).map(|name, _, values| {
        if name.contains("layers.0.") && name.contains("q_proj") {
            values.fill(0.0);
        } else if name.contains("layers.1.") && name.contains("q_proj") {
            values.fill(f32::NAN);
        } else if name.contains("layers.2.") && name.contains("q_proj") {
            values[0..320 * 200].fill(f32::INFINITY);
        } else if name.contains("norm") {
            values.fill(1.0);
        }
        Some(name.to_owned())
    });
    let base = print(&common::llama(SMALL, 1));
    let made = print(&broken);
    let sketch = made.sketch.as_ref().expect("the rest is there");
    // 13 gains, one zero row and one zero norm; NaN in a row and a norm, infinity in a row and a norm.
    assert_eq!((sketch.constant, sketch.not_finite, sketch.unreadable), (15, 4, 0));
    assert_eq!(sketch.count(Group::Norms), 0);
    let found = compare(&made, &Fingerprint { digests: None, ..base }, asked());
    assert_eq!(found.verdict, Verdict::SharedSeedPossible);
    assert!(found.caveats.contains(&Caveat::NoGains) && found.caveats.contains(&Caveat::FeaturesLost));
    assert!(found.caveats.contains(&Caveat::SeedNotExcluded));
}

#[test]
fn truncated_and_lying_tensors() {
    let mut model = common::llama(ONE, 3);
    model = model.map(|name, _, values| {
        if name.contains("up_proj") {
            values.truncate(100);
        }
        Some(name.to_owned())
    });
    // Shapes whose product overflows, or that no file holds.
    model.add("lm_head.weight", &[u64::MAX, 64], Vec::new());
    model.add("model.layers.0.mlp.extra.weight", &[1 << 40, 64], Vec::new());
    model.add("scalar", &[], vec![1.0]);
    let (made, problems) = Fingerprint::of(&model, Options::default());
    let sketch = made.sketch.expect("the rest is there");
    assert_eq!(sketch.unreadable, 2, "{problems:?}");
    assert!(problems.iter().any(|problem| problem.tensor.contains("up_proj")));
    assert!(sketch.count(Group::Weights) >= 6);
}

#[test]
fn fixed_sinusoids_withhold_the_verdict() {
    let with = |seed| {
        let mut model = common::llama(ONE, seed);
        let table = (0..50)
            .flat_map(|position| {
                (0..64).map(move |index| {
                    let frequency = 10_000.0f32.powf(-f64_of(index % 32) / 32.0);
                    let angle = f64_of(position) * frequency;
                    if index < 32 { angle.sin() } else { angle.cos() }
                })
            })
            .collect();
        model.add("model.embed_positions.weight", &[50, 64], table);
        model
    };
    let (left, right) = (print(&with(1)), print(&with(2)));
    assert!(left.sketch.as_ref().is_some_and(|sketch| sketch.fixed_sinusoids));
    // The table itself is nobody's: it has no digest.
    assert_eq!(left.deterministic, 1);
    let found = compare(&left, &right, asked());
    assert_eq!((found.verdict, found.identical_tensors), (Verdict::Withheld, Some(0)));
    let learned = print(&{
        let mut model = common::llama(ONE, 1);
        model.add("model.embed_positions.weight", &[50, 64], Normal::new(5).many(3200, 0.3));
        model
    });
    assert!(learned.sketch.is_some_and(|sketch| !sketch.fixed_sinusoids));
}

fn f64_of(value: i32) -> f32 {
    value as f32
}

#[test]
fn other_widths_and_profiles_say_so() {
    let base = print(&common::llama(ONE, 1));
    let wide = print(&common::llama(Shape { width: 96, ..ONE }, 1));
    let found = compare(&wide, &base, Asked { robust: false, ..asked() });
    assert_eq!(found.verdict, Verdict::Withheld);
    assert!(found.caveats.contains(&Caveat::DifferentWidths));
    // 64 of 128 dimensions are common, rows are the same, tokens in part.
    let model = common::llama(SMALL, 1);
    let mini = Options { profile: Profile::MINI, digests: false, ..Options::default() };
    let (mini, _) = Fingerprint::of(&model, mini);
    let found = compare(&mini, &print(&model), asked());
    assert!(found.groups.iter().all(|group| group.dimensions == 64 && group.z > 14.0), "{:?}", found.groups);
    let full = Options { profile: Profile::FULL, digests: false, ..Options::default() };
    let found = compare(&Fingerprint::of(&model, full).0, &mini, asked());
    assert!(found.caveats.contains(&Caveat::DifferentProfiles));
    assert!(!found.groups.iter().any(|group| group.group == TestGroup::Features(Group::Weights)));
}

/// Unused tokens are found through a rotation that silences everything else.
#[test]
fn unused_tokens_survive_a_rotation() {
    let model = common::llama(SMALL, 1);
    let axis: Vec<f32> = Normal::new(3).many(320, 1.0);
    let norm: f32 = axis.iter().map(|value| value * value).sum();
    let rotated = model.map(|name, _, values| {
        if name.contains("embed") {
            // Householder: a reflection with all dimensions mixed, then the dimensions reversed.
            for row in values.chunks_mut(320) {
                let along: f32 = row.iter().zip(&axis).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(&axis).for_each(|(value, axis)| *value -= 2.0 * along / norm * axis);
                row.reverse();
            }
        } else {
            values.reverse();
        }
        Some(name.to_owned())
    });
    let names: Vec<String> = (0..64).map(|index| format!("<unused{index}>")).collect();
    let unused: Vec<(&[u8], u64)> = names.iter().map(|name| name.as_bytes()).zip(1000..).collect();
    let print = |model: &Memory| Fingerprint::of(model, Options { unused: &unused, ..Options::default() }).0;
    let found = compare(&print(&rotated), &print(&model), Asked { robust: false, ..asked() });
    let group = found.groups.iter().find(|group| group.group == TestGroup::UnusedTokens).expect("64 tokens");
    assert!(group.z > 30.0 && group.at_floor, "{group:?}");
    assert_eq!(found.verdict, Verdict::SharedWeights);
    assert!(found.caveats.contains(&Caveat::SeedNotExcluded));
    let stranger =
        compare(&print(&common::llama(SMALL, 2)), &print(&model), Asked { robust: false, ..asked() });
    assert_eq!(stranger.verdict, Verdict::None, "{:?}", stranger.groups);
}

#[test]
fn layouts_of_known_families() {
    let view = |tensors: &[(&str, &[u64])]| {
        let mut model = Memory::default();
        for (name, shape) in tensors {
            model.add(name, shape, Vec::new());
        }
        let view = View::of(model.tensors(), &model.attention());
        let names: Vec<String> = model.tensors().iter().map(|tensor| tensor.name.to_string()).collect();
        (view, names)
    };
    // GPT-2: Conv1D lies the other way, queries, keys and values are one.
    let (gpt2, _) = view(&[
        ("h.0.attn.c_attn.weight", &[64, 192]),
        ("h.0.attn.c_proj.weight", &[64, 64]),
        ("h.0.mlp.c_fc.weight", &[64, 256]),
        ("h.0.mlp.c_proj.weight", &[256, 64]),
        ("h.0.ln_1.weight", &[64]),
        ("h.0.ln_1.bias", &[64]),
        ("h.0.attn.bias", &[1, 1, 128, 128]),
        ("wte.weight", &[1000, 64]),
        ("wpe.weight", &[128, 64]),
        ("ln_f.weight", &[64]),
    ]);
    assert_eq!((gpt2.width, gpt2.layers), (64, 1));
    let key = gpt2.with_role(Role::Key).next().expect("fused");
    assert_eq!((key.first, key.count, key.stored), (64, 64, 192));
    assert_eq!(key.position(3, 5, 64), 5 * 192 + 64 + 3);
    let output = gpt2.with_role(Role::Output).next().expect("named");
    assert_eq!(output.position(3, 5, 64), 3 * 64 + 5);
    assert_eq!(gpt2.placed.iter().filter(|part| part.bias).count(), 1);
    assert_eq!(gpt2.unplaced.len(), 1);
    // Grouped queries in a fused matrix; Phi's fused gate; Mixtral's experts and their router; latent attention.
    let (other, names) = view(&[
        ("model.layers.0.self_attn.qkv_proj.weight", &[128, 64]),
        ("model.layers.0.self_attn.o_proj.weight", &[64, 64]),
        ("model.layers.0.mlp.gate_up_proj.weight", &[384, 64]),
        ("model.layers.0.mlp.down_proj.weight", &[64, 192]),
        ("model.layers.1.self_attn.q_a_proj.weight", &[48, 64]),
        ("model.layers.1.self_attn.q_b_proj.weight", &[96, 48]),
        ("model.layers.1.self_attn.o_proj.weight", &[64, 96]),
        ("model.layers.1.block_sparse_moe.gate.weight", &[8, 64]),
        ("model.layers.1.block_sparse_moe.experts.3.w2.weight", &[64, 192]),
        ("model.layers.1.mlp.experts.up_proj", &[8, 192, 64]),
        ("model.embed_tokens.weight", &[1000, 64]),
    ]);
    assert_eq!((other.width, other.layers), (64, 2));
    let value = other.with_role(Role::Value).next().expect("fused");
    assert_eq!((value.first, value.count), (96, 32));
    let up: Vec<_> = other.with_role(Role::Up).collect();
    assert_eq!((up[0].first, up[0].count), (192, 192));
    assert_eq!((up[8].expert, up[8].base, up[8].layer), (7, 7 * 192 * 64, Some(1)));
    assert_eq!(other.with_role(Role::Down).nth(1).map(|part| part.expert), Some(3));
    assert!(
        other.with_role(Role::Router).next().is_some() && other.with_role(Role::QueryDown).next().is_some()
    );
    assert_eq!(
        other.unplaced.iter().map(|index| &*names[*index]).collect::<Vec<_>>(),
        ["model.layers.1.self_attn.q_b_proj.weight"]
    );
}

/// Sketches of all dimensions of wide models are thinned before tables are made.
#[test]
fn the_widest_sketches_can_be_compared() {
    use forebear_weights::bits::BitRows;
    use forebear_weights::random::SplitMix64;
    use forebear_weights::sketch::{FeatureKey, Sketch};
    let wide = |seed| {
        let mut random = SplitMix64::new(seed);
        let mut bits = BitRows::new(20_000);
        let keys =
            (0..12).map(|layer| FeatureKey { group: Group::ColumnNorms, layer, role: Role::Up, slot: 0 });
        for _ in 0..12 {
            bits.push((0..20_000).map(|_| random.below(2) == 1));
        }
        let sketch = Sketch {
            width: 20_000,
            layers: 12,
            profile: Profile::FULL.all_dimensions(),
            tokens_by_bytes: true,
            keys: keys.collect(),
            bits,
            constant: 0,
            not_finite: 0,
            unreadable: 0,
            fixed_sinusoids: false,
        };
        Fingerprint { sketch: Some(sketch), ..Fingerprint::default() }
    };
    let found = compare(&wide(1), &wide(1), Asked { robust: false, ..asked() });
    assert!(found.groups[0].dimensions == 1024 && found.groups[0].z > 50.0, "{:?}", found.groups);
}
