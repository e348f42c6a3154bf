//! Exact draws of the null distribution: `cargo run --release -p forebear-weights --example null_calibration -- DRAWS [LEFT RIGHT]`.
//!
//! Two independent models, made here or read as fingerprints; the residual dimensions of one (or its unused tokens) are renumbered at
//! random, which is what independence means. Prints as JSON, for each test: the moments of z, the shares beyond 2 and 3 (theory: .0228,
//! .00135), a histogram, quantiles, and a histogram of the p-values that the program counts.
#![allow(clippy::print_stdout, clippy::disallowed_methods, unreachable_pub)] // An example prints, and reads arguments and files.

#[path = "../tests/common/mod.rs"]
mod common;

use common::SMALL;
use forebear_weights::bits::BitRows;
use forebear_weights::compare::{Draws, Table, p_values};
use forebear_weights::fingerprint::{Fingerprint, Options};
use forebear_weights::random::SplitMix64;
use forebear_weights::sketch::{Group, Profile};
use forebear_weights::unused::{self, UnusedGram};
use serde_json::{Value, json};

/// Bins of the histogram of z: halves from -5 to 5; what is beyond is counted in the outermost.
const BINS: usize = 20;
/// Bins of the histogram of p.
const P_BINS: usize = 20;
/// How p-values are counted here: as the program does, with fewer orders.
const COUNTED: Draws = Draws { most: 9_999, enough: 30, seed: 0x666f_7265_6265_6172, threads: 1 };

fn main() -> Result<(), String> {
    let mut words = std::env::args().skip(1);
    let draws: u32 = words
        .next()
        .and_then(|draws| draws.parse().ok())
        .filter(|draws| *draws > 0)
        .ok_or("how many draws?")?;
    let (left, right) = match (words.next(), words.next()) {
        (Some(left), Some(right)) => (read(&left)?, read(&right)?),
        _ => (made(1), made(2)),
    };
    let mut random = SplitMix64::new(7);
    let mut found = Vec::new();
    if let (Some(left), Some(right)) = (&left.sketch, &right.sketch)
        && left.dimensions() == right.dimensions()
    {
        for group in Group::ALL {
            if group == Group::Embeddings && left.tokens_by_bytes != right.tokens_by_bytes {
                continue;
            }
            let pairs: Vec<(usize, usize)> = (0..left.keys.len())
                .filter(|row| left.keys[*row].group == group)
                .filter_map(|row| Some((row, right.keys.binary_search(&left.keys[row]).ok()?)))
                .collect();
            if pairs.is_empty() {
                continue;
            }
            let columns = left.bits.columns();
            let all = sample(draws, columns, &mut random, |order| {
                let table = Table::new(&left.bits, &right.bits.select(order), &pairs);
                Some((table.z()?, p_values(&[&table], COUNTED)[0]?.p))
            });
            found.push(described(group.name(), pairs.len(), columns, &all));
        }
    }
    if let (Some(left), Some(right)) = (&left.unused, &right.unused) {
        let tokens = right.tokens.len();
        // This test takes a tenth of the orders.
        let counted = Draws { most: 10 * COUNTED.most, ..COUNTED };
        let all = sample(draws, tokens, &mut random, |order| {
            let test = unused::compare(left, &renumbered(right, order), counted)?;
            Some((test.z, test.p.p))
        });
        found.push(described("unused-tokens", tokens, tokens, &all));
    }
    println!("{}", json!({ "draws": draws, "tests": found }));
    Ok(())
}

fn made(seed: u64) -> Fingerprint {
    let options = Options { profile: Profile::DEFAULT, digests: false, ..Options::default() };
    Fingerprint::of(&common::llama(SMALL, seed), options).0
}

fn read(path: &str) -> Result<Fingerprint, String> {
    let bytes = std::fs::read(path).map_err(|cause| format!("{path}: {cause}"))?;
    Fingerprint::from_bytes(&bytes).map_err(|cause| format!("{path}: {cause}"))
}

/// z and p for random orders of `length` things.
fn sample(
    draws: u32,
    length: usize,
    random: &mut SplitMix64,
    test: impl Fn(&[usize]) -> Option<(f64, f64)>,
) -> Vec<(f64, f64)> {
    (0..draws)
        .filter_map(|_| {
            let order = random.permutation(length as u32);
            test(&order.into_iter().map(|place| place as usize).collect::<Vec<_>>())
        })
        .collect()
}

/// The Gram bits after token `i` took the place of token `order[i]`.
fn renumbered(gram: &UnusedGram, order: &[usize]) -> UnusedGram {
    let tokens = order.len();
    let place = |a: usize, b: usize| {
        let (a, b) = (a.min(b), a.max(b));
        a * (2 * tokens - a - 1) / 2 + b - a - 1
    };
    let mut bits = BitRows::new(gram.bits.columns());
    bits.push((0..tokens).flat_map(|a| {
        (a + 1..tokens).map(move |b| (a, b)).map(|(a, b)| gram.bits.get(0, place(order[a], order[b])))
    }));
    UnusedGram { tokens: gram.tokens.clone(), bits }
}

fn described(name: &str, features: usize, columns: usize, all: &[(f64, f64)]) -> Value {
    let n = all.len() as f64;
    let mut zs: Vec<f64> = all.iter().map(|(z, _)| *z).collect();
    zs.sort_by(f64::total_cmp);
    let share = |of: &dyn Fn(f64) -> bool| zs.iter().filter(|z| of(**z)).count() as f64 / n;
    let mean = zs.iter().sum::<f64>() / n;
    let variance = zs.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / n;
    let mut histogram = [0u32; BINS];
    let mut p_histogram = [0u32; P_BINS];
    for (z, p) in all {
        histogram[(((z + 5.0) * BINS as f64 / 10.0).floor().max(0.0) as usize).min(BINS - 1)] += 1;
        // A p of just a bound belongs below it: p is at most x with probability x.
        p_histogram[((p * P_BINS as f64 - 1e-9).max(0.0) as usize).min(P_BINS - 1)] += 1;
    }
    // Quantiles at (k + 1/2) / 200, and the ten most extreme on both sides are in them where there are 2,000 draws or fewer.
    let quantiles: Vec<f64> =
        (0..200).map(|k| rounded(zs[(((f64::from(k) + 0.5) / 200.0) * n) as usize])).collect();
    let tail = |from: usize, to: usize| zs[from..to].iter().map(|z| rounded(*z)).collect::<Vec<_>>();
    let edge = 10.min(zs.len());
    json!({
        "name": name, "features": features, "columns": columns, "draws": all.len(),
        "mean": rounded(mean), "sd": rounded(variance.sqrt()),
        "above_2": share(&|z| z > 2.0), "above_3": share(&|z| z > 3.0), "below_minus_2": share(&|z| z < -2.0),
        "greatest": rounded(zs.iter().fold(0.0f64, |most, z| most.max(z.abs()))),
        "p_at_most_05": all.iter().filter(|(_, p)| *p <= 0.05).count() as f64 / n,
        "p_at_most_01": all.iter().filter(|(_, p)| *p <= 0.01).count() as f64 / n,
        "p_at_most_001": all.iter().filter(|(_, p)| *p <= 0.001).count() as f64 / n,
        "histogram": histogram.to_vec(), "p_histogram": p_histogram.to_vec(), "quantiles": quantiles,
        "lowest": tail(0, edge), "highest": tail(zs.len() - edge, zs.len()),
    })
}

fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
