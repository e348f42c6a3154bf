//! Exact draws of the null distribution: `cargo run --release -p forebear-weights --example null_calibration [DRAWS]`.
//!
//! Two independent models; the residual dimensions of one are renumbered at random, which is what independence means. Prints for each
//! group the standard deviation of z, the shares beyond 2 and 3 (theory: .0228, .00135) and the greatest.
#![allow(clippy::print_stdout, clippy::disallowed_methods, unreachable_pub)] // An example prints and reads its arguments.

#[path = "../tests/common/mod.rs"]
mod common;

use common::SMALL;
use forebear_weights::compare::Table;
use forebear_weights::fingerprint::{Fingerprint, Options};
use forebear_weights::random::SplitMix64;
use forebear_weights::sketch::{Group, Profile, Sketch};

fn sketch(seed: u64) -> Option<Sketch> {
    let options = Options { profile: Profile::DEFAULT, digests: false, ..Options::default() };
    Fingerprint::of(&common::llama(SMALL, seed), options).0.sketch
}

fn main() {
    let draws: u32 = std::env::args().nth(1).and_then(|draws| draws.parse().ok()).unwrap_or(12_400);
    let (Some(left), Some(right)) = (sketch(1), sketch(2)) else { return };
    let mut random = SplitMix64::new(7);
    println!("| group | features | draws | mean | sd | P(z>2) | P(z>3) | P(z<-2) | max |z| |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for group in Group::ALL {
        let pairs: Vec<(usize, usize)> = (0..left.keys.len())
            .filter(|row| left.keys[*row].group == group)
            .filter_map(|row| Some((row, right.keys.binary_search(&left.keys[row]).ok()?)))
            .collect();
        let (mut sum, mut squares, mut two, mut three, mut below, mut most) =
            (0.0, 0.0, 0u32, 0u32, 0u32, 0.0f64);
        for _ in 0..draws {
            let order: Vec<usize> = random
                .permutation(left.bits.columns() as u32)
                .into_iter()
                .map(|place| place as usize)
                .collect();
            let z = Table::new(&left.bits, &right.bits.select(&order), &pairs).z().unwrap_or(0.0);
            sum += z;
            squares += z * z;
            two += u32::from(z > 2.0);
            three += u32::from(z > 3.0);
            below += u32::from(z < -2.0);
            most = most.max(z.abs());
        }
        let n = f64::from(draws);
        println!(
            "| {} | {} | {draws} | {:.3} | {:.3} | {:.4} | {:.5} | {:.4} | {most:.2} |",
            group.name(),
            pairs.len(),
            sum / n,
            (squares / n - (sum / n).powi(2)).sqrt(),
            f64::from(two) / n,
            f64::from(three) / n,
            f64::from(below) / n,
        );
    }
}
