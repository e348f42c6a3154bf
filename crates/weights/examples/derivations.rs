//! Section 3.3 of the survey on a synthetic model: `cargo run --release -p forebear-weights --example derivations`.
//!
//! Prints z of each group for what people do to models; `direct` by number or map, `robust` after dimensions were assigned.
#![allow(clippy::print_stdout, unreachable_pub)] // An example prints.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Memory, SMALL};
use forebear_weights::compare::{Comparison, Draws, GroupResult, Options, TestGroup, compare};
use forebear_weights::fingerprint::{self, Fingerprint};
use forebear_weights::random::SplitMix64;
use forebear_weights::sketch::{Group, Profile};

fn print(model: &Memory) -> Fingerprint {
    let profile = Profile::FULL.all_dimensions();
    Fingerprint::of(
        model,
        fingerprint::Options { profile, digests: false, ..fingerprint::Options::default() },
    )
    .0
}

fn zs(groups: &[GroupResult]) -> String {
    let z = |group| {
        let found = groups.iter().find(|result| result.group == TestGroup::Features(group));
        found.map_or_else(|| "-".to_owned(), |result| format!("{:.1}", result.z))
    };
    [Group::Norms, Group::Weights, Group::Embeddings, Group::ColumnNorms].map(z).join(" / ")
}

fn line(what: &str, found: &Comparison) {
    let robust = found.robust.as_ref().map_or_else(|| "-".to_owned(), |robust| zs(&robust.groups));
    println!("| {what} | {} | {robust} | {} |", zs(&found.groups), found.verdict.name());
}

fn main() {
    let model = common::llama(SMALL, 1);
    let options =
        fingerprint::Options { profile: Profile::FULL, digests: false, ..fingerprint::Options::default() };
    let base = Fingerprint::of(&model, options).0;
    let asked =
        Options { draws: Draws { most: 99_999, threads: 2, ..Draws::default() }, ..Options::default() };
    println!("| derivation | zN / zW / zE / zC | robust | verdict |");
    println!("|---|---|---|---|");
    let show = |what: &str, suspect: &Memory| line(what, &compare(&print(suspect), &base, asked));
    show("copy", &model);
    for ratio in [0.5, 1.0, 2.0, 4.0, 8.0] {
        show(&format!("noise {ratio}"), &common::noise(&model, ratio, 3));
    }
    show("int8", &common::quantise(&model, 127.0, None));
    show("4 bits", &common::quantise(&model, 7.0, Some(32)));
    show("ternary", &common::ternary(&model));
    show("layers 0 2 3 5", &common::layers(&model, &[0, 2, 3, 5]));
    show("layers 0 1 2 3 2 3 4 5", &common::layers(&model, &[0, 1, 2, 3, 2, 3, 4, 5]));
    show("gains folded", &common::fold_gains(&model));
    show("300 more tokens", &common::grow(&model, 300, 4));
    let other = common::llama(SMALL, 2);
    for share in [0.5, 0.2, 0.1] {
        show(&format!("merge {share}"), &common::merge(&model, &other, share));
    }
    let order = SplitMix64::new(5).permutation(SMALL.width as u32);
    let permuted = common::residual(&model, SMALL.width, &order);
    show("residual permuted", &permuted);
    for ratio in [0.5, 1.0] {
        show(&format!("residual permuted, noise {ratio}"), &common::noise(&permuted, ratio, 6));
    }
    let mut kept = order[..240].to_vec();
    kept.sort_unstable();
    let pruned = common::residual(&model, SMALL.width, &kept);
    show("width 320 to 240", &pruned);
    show("width 320 to 240, noise 0.3", &common::noise(&pruned, 0.3, 7));
    for seed in 20..29 {
        show("stranger", &common::llama(SMALL, seed));
    }
}
