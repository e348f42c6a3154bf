//! The tokens whose embeddings are sketched.

pub use forebear_types::weights::ANCHORS as TOKENS;

/// Row `index` where there is no vocabulary: rows that every usual vocabulary has and that growth at the end leaves in place.
pub(super) fn fixed_row(index: u16, rows: u64) -> Option<u64> {
    // Below 4,096 rows the numbers must lie closer to exist at all.
    let row = if rows >= 4096 { 300 + 97 * u64::from(index) } else { 8 + 3 * u64::from(index) };
    (row < rows).then_some(row)
}
