//! The assignment of rows to columns with the greatest total score.
//!
//! Shortest augmenting paths with dual variables, for matrices with no more rows than columns (Jonker and Volgenant, "A shortest
//! augmenting path algorithm for dense and sparse linear assignment problems", Computing 38, 1987; the rectangular form as in Crouse,
//! "On implementing 2D rectangular assignment algorithms", 2016). Scores are integers: no rounding, no dependence on a machine.

/// For each row its column. `scores` is row-major, `rows` by `columns`; with more rows than columns, or a length that does not fit,
/// there is no assignment and the result is empty.
pub fn assign(rows: usize, columns: usize, scores: &[i32]) -> Vec<usize> {
    if rows > columns || rows.checked_mul(columns) != Some(scores.len()) || rows == 0 {
        return Vec::new();
    }
    let none = usize::MAX;
    let mut row_dual = vec![0i64; rows];
    let mut column_dual = vec![0i64; columns];
    let mut row_of = vec![none; columns];
    let mut column_of = vec![none; rows];
    let mut shortest = vec![i64::MAX; columns];
    let mut before = vec![none; columns];
    let mut remaining: Vec<usize> = Vec::with_capacity(columns);
    for start in 0..rows {
        shortest.fill(i64::MAX);
        remaining.clear();
        remaining.extend(0..columns);
        let mut visited_rows = vec![start];
        let mut visited_columns = Vec::new();
        let (mut row, mut least) = (start, 0i64);
        let sink = loop {
            let scores = &scores[row * columns..(row + 1) * columns];
            let offset = least - row_dual[row];
            let (mut best, mut best_at) = (i64::MAX, 0);
            for (at, column) in remaining.iter().enumerate() {
                // Costs are negative scores.
                let reduced = offset - i64::from(scores[*column]) - column_dual[*column];
                if reduced < shortest[*column] {
                    shortest[*column] = reduced;
                    before[*column] = row;
                }
                let length = shortest[*column];
                // Among equals a free column ends the search.
                if length < best
                    || (length == best && row_of[*column] == none && row_of[remaining[best_at]] != none)
                {
                    best = length;
                    best_at = at;
                }
            }
            least = best;
            let column = remaining.swap_remove(best_at);
            visited_columns.push(column);
            if row_of[column] == none {
                break column;
            }
            row = row_of[column];
            visited_rows.push(row);
        };
        for row in visited_rows {
            row_dual[row] += if row == start { least } else { least - shortest[column_of[row]] };
        }
        for column in visited_columns {
            column_dual[column] -= least - shortest[column];
        }
        let mut column = sink;
        loop {
            let row = before[column];
            row_of[column] = row;
            std::mem::swap(&mut column_of[row], &mut column);
            if row == start {
                break;
            }
        }
    }
    column_of
}

#[cfg(test)]
mod tests {
    use super::assign;
    use crate::random::SplitMix64;

    /// Every assignment of small matrices, one by one.
    #[test]
    fn no_assignment_is_better() {
        let mut random = SplitMix64::new(3);
        for trial in 0..300 {
            let rows = 1 + trial % 5;
            let columns = rows + (trial / 5) % 3;
            let scores: Vec<i32> = (0..rows * columns).map(|_| random.below(7) as i32 - 3).collect();
            let found = assign(rows, columns, &scores);
            let mut used = found.clone();
            used.sort_unstable();
            used.dedup();
            assert_eq!(used.len(), rows);
            let total: i32 =
                found.iter().enumerate().map(|(row, column)| scores[row * columns + column]).sum();
            assert_eq!(total, best(rows, columns, &scores, 0, 0), "{rows}x{columns} {scores:?}");
        }
    }

    fn best(rows: usize, columns: usize, scores: &[i32], row: usize, used: u32) -> i32 {
        if row == rows {
            return 0;
        }
        (0..columns)
            .filter(|column| used >> column & 1 == 0)
            .map(|column| {
                scores[row * columns + column] + best(rows, columns, scores, row + 1, used | 1 << column)
            })
            .max()
            .expect("no fewer columns than rows")
    }

    #[test]
    fn shapes_that_do_not_fit_have_none() {
        assert!(assign(2, 1, &[1, 2]).is_empty());
        assert!(assign(1, 2, &[1]).is_empty());
        assert!(assign(0, 0, &[]).is_empty());
    }
}
