//! How long comparisons take: `cargo run --release -p forebear-weights --example compare_speed [FOLDER]`.
//!
//! Two related fingerprints of 80 layers with p-values to 1e-6, and one against 500 strangers and its base. With a folder, the two are
//! written into it (`suspect.print`, `base.print`), for whole runs of the program.
#![allow(clippy::print_stdout, clippy::disallowed_methods)] // An example prints and reads the clock.

use std::time::Instant;

use forebear_weights::bits::BitRows;
use forebear_weights::compare::assign::assign;
use forebear_weights::compare::{Draws, Options, compare, compare_many};
use forebear_weights::fingerprint::Fingerprint;
use forebear_weights::random::SplitMix64;
use forebear_weights::sketch::{FeatureKey, Group, Profile, Sketch};
use forebear_weights::view::Role;

/// A sketch of random bits with the keys of a Llama of 80 layers; `of` is copied with a fifth of its bits turned at random.
fn fingerprint(seed: u64, of: Option<&Sketch>) -> Fingerprint {
    let mut random = SplitMix64::new(seed);
    let key = |group, layer, role, slot| FeatureKey { group, layer, role, slot };
    let matrices = [Role::Query, Role::Key, Role::Value, Role::Output, Role::Gate, Role::Up, Role::Down];
    let mut keys = vec![key(Group::Norms, 0, Role::NormFinal, 0)];
    for layer in 1..=80 {
        keys.push(key(Group::Norms, layer, Role::NormAttention, 0));
        keys.push(key(Group::Norms, layer, Role::NormFeedForward, 0));
        for role in matrices {
            keys.push(key(Group::Weights, layer, role, 0));
            keys.push(key(Group::ColumnNorms, layer, role, 0));
        }
    }
    keys.extend((0..16).map(|slot| key(Group::Embeddings, 0, Role::Embedding, slot)));
    keys.sort_unstable();
    let mut bits = BitRows::new(128);
    for row in 0..keys.len() {
        bits.push((0..128).map(|column| {
            let fresh = random.below(2) == 1;
            match of {
                Some(of) if random.below(5) > 0 => of.bits.get(row, column),
                _ => fresh,
            }
        }));
    }
    let sketch = Sketch {
        width: 8192,
        layers: 80,
        profile: Profile::DEFAULT,
        tokens_by_bytes: true,
        keys,
        bits,
        constant: 0,
        not_finite: 0,
        unreadable: 0,
        fixed_sinusoids: false,
    };
    Fingerprint { sketch: Some(sketch), tensors: 723, ..Fingerprint::default() }
}

fn main() {
    let base = fingerprint(1, None);
    let suspect = fingerprint(2, base.sketch.as_ref());
    println!("fingerprint file: {} bytes", base.to_bytes().len());
    if let Some(folder) = std::env::args_os().nth(1) {
        let folder = std::path::Path::new(&folder);
        for (name, print) in [("suspect.print", &suspect), ("base.print", &base)] {
            std::fs::write(folder.join(name), print.to_bytes())
                .expect("the folder is there and can be written to");
        }
    }
    for threads in [1, 2] {
        let options = Options { draws: Draws { threads, ..Draws::default() }, ..Options::default() };
        let start = Instant::now();
        let found = compare(&suspect, &base, options);
        println!(
            "two fingerprints, {threads} thread(s): {:.3} s, {}",
            start.elapsed().as_secs_f64(),
            found.verdict.name()
        );
        for group in &found.groups {
            println!(
                "    {}: z {:.1}, p {:.2e} after {} draws",
                group.group.name(),
                group.z,
                group.p.p,
                group.p.draws
            );
        }
    }
    let mut all: Vec<Fingerprint> = (10..510).map(|seed| fingerprint(seed, None)).collect();
    all[250] = base;
    let mut random = SplitMix64::new(3);
    let scores: Vec<i32> =
        (0..256 * 8192).map(|_| (0..8).map(|_| random.next_u64().count_ones() as i32).sum()).collect();
    let start = Instant::now();
    let assigned = assign(256, 8192, &scores);
    println!(
        "assignment of 256 dimensions to 8192: {:.3} s, {} assigned",
        start.elapsed().as_secs_f64(),
        assigned.len()
    );
    let all: Vec<&Fingerprint> = all.iter().collect();
    for threads in [1, 2] {
        many(&suspect, &all, threads);
    }
}

fn many(suspect: &Fingerprint, all: &[&Fingerprint], threads: usize) {
    let options = Options { draws: Draws { threads, ..Draws::default() }, ..Options::default() };
    let start = Instant::now();
    let found = compare_many(suspect, all, options);
    let seconds = start.elapsed().as_secs_f64();
    let positive = found.iter().filter(|found| found.verdict.name() != "none").count();
    let most = found
        .iter()
        .flat_map(|found| &found.groups)
        .map(|group| group.z)
        .filter(|z| *z < 8.0)
        .fold(0.0, f64::max);
    println!(
        "one against 500, {threads} thread(s): {seconds:.3} s, {positive} not silent, greatest z of a stranger {most:.2}"
    );
}
