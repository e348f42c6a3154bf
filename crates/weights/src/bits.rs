//! Rows of bits, one bit per sampled residual dimension.

/// Rows of equal length, packed into words; bits beyond the length are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitRows {
    columns: usize,
    words: usize,
    data: Vec<u64>,
}

impl BitRows {
    /// No rows yet.
    pub fn new(columns: usize) -> Self {
        Self { columns, words: columns.div_ceil(64), data: Vec::new() }
    }

    /// Bits in a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.data.len().checked_div(self.words).unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The words of a row.
    pub fn row(&self, index: usize) -> &[u64] {
        &self.data[index * self.words..(index + 1) * self.words]
    }

    /// Adds a row. Iterators that are too short leave zeros, what is too long is cut.
    pub fn push(&mut self, bits: impl IntoIterator<Item = bool>) {
        let start = self.data.len();
        self.data.resize(start + self.words, 0);
        for (index, bit) in bits.into_iter().take(self.columns).enumerate() {
            self.data[start + index / 64] |= u64::from(bit) << (index % 64);
        }
    }

    /// Whether a bit is set.
    pub fn get(&self, row: usize, column: usize) -> bool {
        self.row(row)[column / 64] >> (column % 64) & 1 == 1
    }

    /// How many bits of a row are set.
    pub fn count(&self, row: usize) -> u32 {
        self.row(row).iter().map(|word| word.count_ones()).sum()
    }

    /// The rows with these columns only, in the order given.
    pub fn select(&self, columns: &[usize]) -> Self {
        let mut out = Self::new(columns.len());
        for row in 0..self.len() {
            out.push(columns.iter().map(|column| self.get(row, *column)));
        }
        out
    }

    /// The chosen rows as columns: one row per column, a bit for each of `rows`.
    pub fn transpose(&self, rows: &[usize]) -> Self {
        let mut out = Self::new(rows.len());
        out.data.resize(self.columns * out.words, 0);
        let mut block = [0u64; 64];
        for (place, rows) in rows.chunks(64).enumerate() {
            for word in 0..self.words {
                block.fill(0);
                for (line, row) in block.iter_mut().zip(rows) {
                    *line = self.row(*row)[word];
                }
                turn(&mut block);
                for (column, line) in (word * 64..self.columns).zip(block) {
                    out.data[column * out.words + place] = line;
                }
            }
        }
        out
    }
}

/// Transposes a square of 64 by 64 bits: halves are exchanged, then quarters, and so on (Warren, "Hacker's Delight", 2nd edition, section 7-3).
fn turn(block: &mut [u64; 64]) {
    let (mut width, mut mask) = (32, u64::MAX >> 32);
    while width > 0 {
        for first in (0..64).step_by(2 * width) {
            for line in first..first + width {
                let swap = (block[line] >> width ^ block[line + width]) & mask;
                block[line] ^= swap << width;
                block[line + width] ^= swap;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

/// Bits that are set in both.
#[inline]
pub fn both(left: &[u64], right: &[u64]) -> u32 {
    left.iter().zip(right).map(|(left, right)| (left & right).count_ones()).sum()
}

/// One bit for each value: whether it is above the median. `None` where no value is.
/// Values are finite: the caller looks.
pub fn above_median(values: &[f32]) -> Option<Vec<bool>> {
    let mut sorted = values.to_vec();
    let middle = sorted.len().checked_sub(1)? / 2;
    // With an even number the mean of the two middle values separates the same values as the lower one does.
    let (_, median, _) = sorted.select_nth_unstable_by(middle, f32::total_cmp);
    let median = *median;
    let bits: Vec<bool> = values.iter().map(|value| *value > median).collect();
    bits.iter().any(|bit| *bit).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::{BitRows, above_median, both};

    #[test]
    fn rows_columns_and_counts() {
        let mut rows = BitRows::new(70);
        rows.push((0..70).map(|index| index % 3 == 0));
        rows.push((0..70).map(|index| index % 2 == 0));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows.count(0), 24);
        assert_eq!(both(rows.row(0), rows.row(1)), 12);
        let turned = rows.transpose(&[1, 0]);
        assert_eq!(turned.len(), 70);
        assert!(turned.get(66, 0) && turned.get(66, 1) && !turned.get(69, 0) && turned.get(69, 1));
        assert_eq!(rows.select(&[0, 69, 1]).count(0), 2);
    }

    #[test]
    fn the_median_splits_in_halves_and_constants_say_nothing() {
        assert_eq!(above_median(&[4.0, 1.0, 3.0, 2.0]), Some(vec![true, false, true, false]));
        assert_eq!(above_median(&[1.0, 1.0, 1.0]), None);
        assert_eq!(above_median(&[]), None);
        // Zeros of both signs are one value.
        assert_eq!(above_median(&[0.0, -0.0, 0.0, -0.0]), None);
    }
}
