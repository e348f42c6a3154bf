//! The tokens whose embeddings are sketched.

/// Tokens that most vocabularies have, by their bytes, in order of preference: common English words as one token with and without the
/// space before, then letters and digits. A sketch takes the first ones that the vocabulary has; the place in this list is the key
/// of the feature, so that vocabularies that lack some of them can still be compared. The list is part of version 1: it never changes.
pub const TOKENS: [&str; 96] = [
    "the", "of", "and", "to", "in", "is", "for", "that", "on", "with", "as", "by", "at", "from", "it", "be",
    "an", "are", "this", "was", "or", "not", "have", "which", "one", "all", "new", "more", "time", "other",
    " the", " of", " and", " to", " in", " is", " for", " that", " on", " with", " as", " by", " at",
    " from", " it", " be", " an", " are", " this", " was", " or", " not", " have", " which", " one", " all",
    " new", " more", " time", " other", "e", "t", "a", "o", "i", "n", "s", "h", "r", "d", "l", "u", "c", "m",
    "w", "f", "g", "y", "p", "b", "v", "k", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", ",", "-",
    ":",
];

/// Row `index` where there is no vocabulary: rows that every usual vocabulary has and that growth at the end leaves in place.
pub(super) fn fixed_row(index: u16, rows: u64) -> Option<u64> {
    // From 1,300: before come control tokens, bytes and BERT's unused tokens, which resemble each other. Small tables have only those.
    let row = if rows >= 8192 { 1300 + 211 * u64::from(index) } else { 8 + 3 * u64::from(index) };
    (row < rows).then_some(row)
}
