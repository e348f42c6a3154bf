//! The tokens whose embeddings are sketched.

pub use forebear_types::weights::ANCHORS as TOKENS;

/// Row `index` where there is no vocabulary: rows that every usual vocabulary has and that growth at the end leaves in place.
pub(super) fn fixed_row(index: u16, rows: u64) -> Option<u64> {
    // From 1,300: before come control tokens, bytes and BERT's unused tokens, which resemble each other. Small tables have only those.
    let row = if rows >= 8192 { 1300 + 211 * u64::from(index) } else { 8 + 3 * u64::from(index) };
    (row < rows).then_some(row)
}
