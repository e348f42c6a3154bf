//! The test: are the residual dimensions of one model exchangeable with respect to the other's?
//!
//! `X` and `Y` are the bits of matched features (rows) in `n` common dimensions (columns), each row centred. If one model's dimensions
//! are numbered independently of the other's, every order of the columns of `Y` is as likely as the one at hand. With `G = X^T Y`,
//! whose rows and columns sum to zero, the statistic `T = trace(G)` then has mean 0 and variance `|G|^2 / (n - 1)` (Hoeffding, "A
//! combinatorial central limit theorem", 1951), so `z = T / sqrt(variance)`. The p-value is counted over random orders.

use crate::bits::{BitRows, both};
use crate::random::{SplitMix64, mix};

/// `C[i][j]`: in how many matched features both the suspect's dimension `i` and the base's dimension `j` are above the median. Centred
/// twice it is `G`; orders of columns change the trace of both by the same amount.
#[derive(Clone, Debug)]
pub struct Table {
    size: usize,
    features: usize,
    counts: Vec<u32>,
}

impl Table {
    /// Counts over matched rows: `pairs` of a row of the suspect and one of the base. Both have the same columns.
    pub fn new(suspect: &BitRows, base: &BitRows, pairs: &[(usize, usize)]) -> Self {
        let (left, right): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
        let (left, right) = (suspect.transpose(&left), base.transpose(&right));
        let size = if pairs.is_empty() { 0 } else { suspect.columns().min(base.columns()) };
        let mut counts = Vec::with_capacity(size * size);
        for i in 0..size {
            let row = left.row(i);
            counts.extend((0..size).map(|j| both(row, right.row(j))));
        }
        Self { size, features: pairs.len(), counts }
    }

    /// Common dimensions.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Matched features.
    pub fn features(&self) -> usize {
        self.features
    }

    fn trace(&self) -> u64 {
        (0..self.size).map(|index| u64::from(self.counts[index * self.size + index])).sum()
    }

    /// The statistic in units of its standard deviation over orders. `None` where there is nothing to compare.
    pub fn z(&self) -> Option<f64> {
        let size = self.size as i128;
        if size < 2 {
            return None;
        }
        let mut columns = vec![0i128; self.size];
        let (mut squares, mut row_squares, mut total) = (0i128, 0i128, 0i128);
        for row in self.counts.chunks_exact(self.size) {
            let mut sum = 0i128;
            for (column, count) in columns.iter_mut().zip(row) {
                let count = i128::from(*count);
                *column += count;
                sum += count;
                squares += count * count;
            }
            row_squares += sum * sum;
            total += sum;
        }
        let column_squares: i128 = columns.iter().map(|sum| sum * sum).sum();
        // n^2 |G|^2, exactly.
        let norm = size * size * squares - size * row_squares - size * column_squares + total * total;
        if norm <= 0 {
            return None;
        }
        let statistic = self.trace() as f64 - total as f64 / size as f64;
        Some(statistic / (norm as f64 / (size * size) as f64 / (size - 1) as f64).sqrt())
    }
}

/// How p-values are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// Random orders at most. The least p is `1 / (most + 1)`.
    pub most: u64,
    /// Counting stops where this many orders have reached the statistic: the p-value is then known well enough (Besag and Clifford,
    /// "Sequential Monte Carlo p-values", 1991).
    pub enough: u64,
    /// The seed of the orders.
    pub seed: u64,
    /// Threads. The result does not depend on them.
    pub threads: usize,
}

impl Default for Draws {
    fn default() -> Self {
        Self { most: 999_999, enough: 30, seed: 0x666f_7265_6265_6172, threads: 1 }
    }
}

/// A counted p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PValue {
    /// `(1 + reached) / (1 + draws)`.
    pub p: f64,
    /// Orders drawn.
    pub draws: u64,
    /// Those whose statistic was at least as large.
    pub reached: u64,
}

impl PValue {
    /// Whether no order reached the statistic, and all that were asked for were drawn.
    pub fn at_floor(&self, draws: Draws) -> bool {
        self.reached == 0 && self.draws == draws.most
    }
}

/// Orders in the first piece of work, and at most in a later one; each piece is twice as long as the one before.
const FIRST: u64 = 256;
const LONGEST: u64 = 16_384;

fn piece(chunk: u64) -> u64 {
    FIRST.checked_shl(chunk.min(16) as u32).unwrap_or(LONGEST).min(LONGEST)
}

/// One-sided p-values of several tables, from the same orders. Tables of other sizes than the first get none.
pub fn p_values(tables: &[&Table], draws: Draws) -> Vec<Option<PValue>> {
    let size = tables.iter().map(|table| table.size).max().unwrap_or(0);
    let chosen: Vec<usize> =
        (0..tables.len()).filter(|index| size >= 2 && tables[*index].size == size).collect();
    // Tables that are still counted, by place in `chosen`.
    let mut counted: Vec<usize> = (0..chosen.len()).collect();
    let pack = |counted: &[usize]| {
        Packed::new(size, &counted.iter().map(|place| tables[chosen[*place]]).collect::<Vec<_>>())
    };
    let mut packed = pack(&counted);
    let mut found = vec![PValue { p: 1.0, draws: 0, reached: 0 }; chosen.len()];
    let (mut done, mut chunk) = (0u64, 0u64);
    while done < draws.most && !counted.is_empty() {
        // A piece for each thread; results are taken in order, so that the number of threads changes nothing.
        let mut pieces = Vec::new();
        let mut planned = done;
        // Short pieces run alone: most strangers need no more, and a thread costs as much as one.
        let together = if piece(chunk) < LONGEST { 1 } else { draws.threads.max(1) };
        for _ in 0..together {
            let length = piece(chunk).min(draws.most - planned);
            if length > 0 {
                pieces.push((mix(draws.seed ^ mix(chunk)), length));
            }
            planned += length;
            chunk += 1;
        }
        let counts: Vec<Vec<u64>> = if let [(seed, length)] = pieces[..] {
            vec![packed.reached(seed, length)]
        } else {
            std::thread::scope(|scope| {
                let running: Vec<_> = pieces
                    .iter()
                    .map(|(seed, length)| {
                        let packed = &packed;
                        scope.spawn(move || packed.reached(*seed, *length))
                    })
                    .collect();
                running
                    .into_iter()
                    .map(|thread| thread.join().expect("counting indexes only what it allocated"))
                    .collect()
            })
        };
        let mut open = counted.clone();
        for ((_, length), reached) in pieces.iter().zip(counts) {
            done += length;
            for (place, reached) in counted.iter().zip(reached) {
                if open.contains(place) {
                    found[*place].draws += length;
                    found[*place].reached += reached;
                }
            }
            open.retain(|place| found[*place].reached < draws.enough);
        }
        if open.len() < counted.len() {
            counted = open;
            packed = pack(&counted);
        }
    }
    let mut all = vec![None; tables.len()];
    for (index, mut value) in chosen.into_iter().zip(found) {
        value.p = (1 + value.reached) as f64 / (1 + value.draws) as f64;
        all[index] = Some(value);
    }
    all
}

/// Several tables in one, so that one walk over an order sums them all: four lanes of 16 bits in each word, or two of 32 bits.
struct Packed {
    size: usize,
    lanes: usize,
    words: Vec<Vec<u64>>,
    thresholds: Vec<u64>,
}

impl Packed {
    fn new(size: usize, tables: &[&Table]) -> Self {
        // An order takes one count from each row, so that the least count of a row can be taken off all of it.
        let reduced: Vec<(Vec<u32>, u64, u64)> = tables
            .iter()
            .map(|table| {
                let mut counts = table.counts.clone();
                let (mut off, mut most) = (0u64, 0u64);
                for row in counts.chunks_exact_mut(size) {
                    let least = row.iter().copied().min().unwrap_or(0);
                    row.iter_mut().for_each(|count| *count -= least);
                    off += u64::from(least);
                    most += u64::from(row.iter().copied().max().unwrap_or(0));
                }
                (counts, off, most)
            })
            .collect();
        let lanes = if reduced.iter().all(|(_, _, most)| *most < 1 << 16) { 4 } else { 2 };
        let bits = 64 / lanes;
        let words = reduced
            .chunks(lanes)
            .map(|tables| {
                (0..size * size)
                    .map(|index| {
                        tables
                            .iter()
                            .rev()
                            .fold(0u64, |word, (counts, _, _)| word << bits | u64::from(counts[index]))
                    })
                    .collect()
            })
            .collect();
        let thresholds =
            tables.iter().zip(&reduced).map(|(table, (_, off, _))| table.trace() - off).collect();
        Self { size, lanes, words, thresholds }
    }

    /// For each table, in how many of `length` orders the sum reaches the threshold.
    fn reached(&self, seed: u64, length: u64) -> Vec<u64> {
        let mut reached = vec![0u64; self.thresholds.len()];
        // Two words in one walk; more of them take the same orders again.
        for (words, (thresholds, reached)) in self
            .words
            .chunks(2)
            .zip(self.thresholds.chunks(2 * self.lanes).zip(reached.chunks_mut(2 * self.lanes)))
        {
            let bits = 64 / self.lanes;
            let mask = u64::MAX >> (64 - bits);
            let mut count = |sums: &[u64]| {
                for (place, (threshold, reached)) in thresholds.iter().zip(reached.iter_mut()).enumerate() {
                    let sum = sums[place / self.lanes] >> (bits * (place % self.lanes)) & mask;
                    *reached += u64::from(sum >= *threshold);
                }
            };
            match words {
                [one, two] => self.walk(seed, length, [one, two], &mut count),
                [one] => self.walk(seed, length, [one], &mut count),
                _ => {}
            }
        }
        reached
    }

    /// Draws orders by Fisher and Yates, each from the one before, and sums the tables along them.
    fn walk<const N: usize>(
        &self,
        seed: u64,
        length: u64,
        tables: [&Vec<u64>; N],
        each: &mut impl FnMut(&[u64]),
    ) {
        let size = self.size;
        let mut random = SplitMix64::new(seed);
        let mut order: Vec<u32> = (0..size as u32).collect();
        let mut bits = random.next_u64();
        for _ in 0..length {
            let mut sums = [0u64; N];
            for index in (1..size).rev() {
                // Two numbers from each word of random bits.
                if index % 2 == 1 {
                    bits = random.next_u64();
                } else {
                    bits <<= 32;
                }
                let other = (((bits >> 32) * (index as u64 + 1)) >> 32) as usize;
                order.swap(index, other);
                let at = index * size + order[index] as usize;
                for (sum, table) in sums.iter_mut().zip(&tables) {
                    *sum += table[at];
                }
            }
            for (sum, table) in sums.iter_mut().zip(&tables) {
                *sum += table[order[0] as usize];
            }
            each(&sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Draws, Table, p_values};
    use crate::bits::BitRows;
    use crate::random::SplitMix64;

    fn rows(columns: usize, features: usize, random: &mut SplitMix64) -> BitRows {
        let mut rows = BitRows::new(columns);
        for _ in 0..features {
            rows.push((0..columns).map(|_| random.below(2) == 1).collect::<Vec<_>>());
        }
        rows
    }

    /// All orders of five columns, one by one: their mean and variance are those that `z` divides by, and their share is the p-value.
    #[test]
    fn z_and_p_are_those_of_all_orders() {
        let mut random = SplitMix64::new(5);
        let (suspect, base) = (rows(5, 7, &mut random), rows(5, 7, &mut random));
        let pairs: Vec<(usize, usize)> = (0..7).map(|index| (index, index)).collect();
        let statistic = |order: &[usize]| {
            let base = base.select(order);
            (0..7).map(|row| crate::bits::both(suspect.row(row), base.row(row))).sum::<u32>()
        };
        let mut all = Vec::new();
        for code in 0..5usize.pow(5) {
            let order: Vec<usize> = (0..5).map(|place| code / 5usize.pow(place) % 5).collect();
            if (0..5).all(|value| order.contains(&value)) {
                all.push(f64::from(statistic(&order)));
            }
        }
        assert_eq!(all.len(), 120);
        let mean = all.iter().sum::<f64>() / 120.0;
        let variance = all.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 120.0;
        let here = f64::from(statistic(&[0, 1, 2, 3, 4]));
        let table = Table::new(&suspect, &base, &pairs);
        let z = table.z().expect("bits differ");
        assert!((z - (here - mean) / variance.sqrt()).abs() < 1e-9, "{z}");
        let share = all.iter().filter(|value| **value >= here).count() as f64 / 120.0;
        let draws = Draws { most: 200_000, enough: u64::MAX, ..Draws::default() };
        let p = p_values(&[&table], draws)[0].expect("one table").p;
        assert!((p - share).abs() < 5e-3, "{p} for {share}");
    }

    #[test]
    fn threads_and_company_change_nothing() {
        let mut random = SplitMix64::new(6);
        let tables: Vec<Table> = (0..8)
            .map(|_| {
                let (suspect, base) = (rows(64, 9, &mut random), rows(64, 9, &mut random));
                Table::new(&suspect, &base, &(0..9).map(|index| (index, index)).collect::<Vec<_>>())
            })
            .collect();
        let all: Vec<&Table> = tables.iter().collect();
        let draws = Draws { most: 40_000, ..Draws::default() };
        let one = p_values(&all, draws);
        assert_eq!(one, p_values(&all, Draws { threads: 3, ..draws }));
        for (index, table) in all.iter().enumerate() {
            assert_eq!(p_values(&[table], draws)[0], one[index]);
        }
    }

    #[test]
    fn nothing_to_compare_is_no_verdict() {
        let empty = BitRows::new(0);
        assert_eq!(Table::new(&empty, &empty, &[]).z(), None);
        let mut ones = BitRows::new(8);
        ones.push([true; 8]);
        assert_eq!(Table::new(&ones, &ones, &[(0, 0)]).z(), None);
        assert_eq!(p_values(&[], Draws::default()), []);
    }
}
