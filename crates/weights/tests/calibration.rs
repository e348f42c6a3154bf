//! The null distribution: exact draws of strangers, by renumbering one model's residual dimensions at random.

mod common;

use common::Shape;
use forebear_weights::compare::{Draws, Table, p_values};
use forebear_weights::fingerprint::{Fingerprint, Options};
use forebear_weights::random::SplitMix64;
use forebear_weights::sketch::{Group, Profile, Sketch};

fn sketch(seed: u64) -> Sketch {
    let shape = Shape { width: 160, inner: 192, layers: 4, vocabulary: 300 };
    let options = Options { profile: Profile::DEFAULT, digests: false, ..Options::default() };
    Fingerprint::of(&common::llama(shape, seed), options).0.sketch.expect("a transformer")
}

/// Two thousand draws: mean, spread and tails are those of a normal distribution, and p-values are uniform.
#[test]
fn strangers_are_as_far_apart_as_the_normal_distribution_says() {
    let (left, right) = (sketch(1), sketch(2));
    let mut random = SplitMix64::new(99);
    for group in Group::ALL {
        let pairs: Vec<(usize, usize)> = (0..left.keys.len())
            .filter(|row| left.keys[*row].group == group)
            .map(|row| (row, right.keys.binary_search(&left.keys[row]).expect("equal shapes")))
            .collect();
        assert!(pairs.len() >= 9, "{group:?}");
        let (mut sum, mut squares, mut beyond, mut most) = (0.0, 0.0, 0u32, 0.0f64);
        let mut low = 0u32;
        let draws = 2000;
        for draw in 0..draws {
            let order: Vec<usize> = random.permutation(128).into_iter().map(|place| place as usize).collect();
            let table = Table::new(&left.bits, &right.bits.select(&order), &pairs);
            let z = table.z().expect("bits differ");
            sum += z;
            squares += z * z;
            beyond += u32::from(z > 2.0);
            most = most.max(z.abs());
            if draw < 400 {
                let few = Draws { most: 99, enough: 100, seed: draw, threads: 1 };
                low += u32::from(p_values(&[&table], few)[0].expect("one table").p <= 0.1);
            }
        }
        let n = f64::from(draws as u32);
        let deviation = (squares / n - (sum / n).powi(2)).sqrt();
        // Bounds of four standard errors: 0.089 for a mean, 0.063 for a deviation, 13 more or less of 46 beyond two.
        assert!((sum / n).abs() < 0.09, "{group:?} mean {}", sum / n);
        assert!((deviation - 1.0).abs() < 0.065, "{group:?} deviation {deviation}");
        assert!((19..=73).contains(&beyond), "{group:?} {beyond} beyond 2");
        assert!(most < 4.8, "{group:?} {most}");
        assert!((16..=64).contains(&low), "{group:?}: p <= 0.1 in {low} of 400");
    }
}
